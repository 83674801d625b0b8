"""An AWS CLI that remembers what it was asked, for the scripts under `infra`.

It takes the options of the real command alone, read from the service's own description: one that only a version of
the CLI knows, or that nobody knows, is refused as the real one does.
"""

import functools
import json
import os
import subprocess
import sys

from botocore import xform_name
from botocore.loaders import Loader

SERVICES = ["cloudformation", "lambda", "s3api", "ses", "sesv2", "sqs"]
# What is in every stack.
FUNCTIONS = {f"{name}Function": "CREATE_COMPLETE" for name in ("Feedback", "Inbound", "Events")}
# What both versions of the AWS CLI take with every command. `--cli-binary-format` is of version 2 alone.
EVERYWHERE = [
    "--ca-bundle", "--cli-connect-timeout", "--cli-read-timeout", "--color", "--endpoint-url", "--output", "--profile", "--query",
    "--region", "--max-items", "--page-size", "--starting-token",
]  # fmt: skip

_PROGRAM = """#!{python}
import jmespath, json, os, pathlib, signal, sys
state = pathlib.Path({state!r})
known = json.loads(state.read_text())
words = sys.argv[1:]
after = lambda name: words[words.index(name) + 1]

def refuse(what):
    print("aws: " + what, file=sys.stderr)
    sys.exit(254)

takes, needs = json.loads(pathlib.Path({options!r}).read_text())[words[0]][words[1]]
given = [word for word in words[2:] if word.startswith("--")]
if unknown := [name for name in given if name not in takes]:
    refuse("Unknown options: " + ", ".join(unknown))
if missing := [name for name in needs if name not in given]:
    refuse("the following arguments are required: " + ", ".join(missing))
known["asked"].append(words[1])
if words[1] in known["fails"]:
    state.write_text(json.dumps(known))
    refuse("An error occurred (ServiceUnavailable)")
answer = {{}}
match words[1]:
    case "describe-stacks":
        answer = {{
            "Stacks": [
                dict(
                    Outputs=[dict(OutputKey=key, OutputValue=value) for key, value in known["outputs"].items()] or None,
                    Parameters=[dict(ParameterKey=key, ParameterValue=value) for key, value in known["parameters"].items()],
                )
            ]
        }}
    case "describe-stack-resource":
        if after("--logical-resource-id") not in known["resources"]:
            refuse("An error occurred (ValidationError): Resource does not exist for stack")
        answer = {{"StackResourceDetail": {{"PhysicalResourceId": "stack-" + after("--logical-resource-id")}}}}
    case "list-stack-resources":
        answer = {{
            "StackResourceSummaries": [
                dict(LogicalResourceId=name, PhysicalResourceId="stack-" + name, ResourceStatus=status)
                for name, status in known["resources"].items()
            ]
        }}
    case "receive-message":
        if known["queue"]:
            answer = {{"Messages": [dict(ReceiptHandle=str(len(known["queue"])), Body=known["queue"].pop(0))]}}
    case "list-objects-v2":
        answer = {{"Contents": known["objects"]}} if known["objects"] else {{}}
    case "invoke":
        if not after("--payload").startswith("fileb://"):
            refuse("Invalid base64")
        payload = json.loads(pathlib.Path(after("--payload").removeprefix("fileb://")).read_bytes())
        known["invoked"].append([after("--function-name"), payload])
        known["patience"].append(int(after("--cli-read-timeout")))
        if "interrupt" in json.dumps(payload):
            os.kill(os.getppid(), signal.SIGTERM)
        answer = {{"StatusCode": 200}} | ({{"FunctionError": "Unhandled"}} if "poison" in json.dumps(payload) else {{}})
    case "describe-active-receipt-rule-set":
        answer = {{"Metadata": {{"Name": known["active"]}}}} if known["active"] else {{}}
    case "set-active-receipt-rule-set":
        known["active"] = after("--rule-set-name") if "--rule-set-name" in words else None
    case "get-email-identity":
        if after("--email-identity") not in known["identities"]:
            refuse("An error occurred (NotFoundException) when calling the GetEmailIdentity operation")
        answer = {{"ConfigurationSetName": known["identities"][after("--email-identity")]}}
    case "put-email-identity-configuration-set-attributes":
        known["identities"][after("--email-identity")] = after("--configuration-set-name") if "--configuration-set-name" in words else None
    case "list-object-versions":
        at_once = int(after("--max-items"))
        versions = known["versions"][:at_once]
        answer = {{"Versions": versions or None, "DeleteMarkers": known["markers"][: at_once - len(versions)] or None}}
    case "delete-objects":
        gone = json.loads(pathlib.Path(after("--delete").removeprefix("file://")).read_text())["Objects"]
        assert 0 < len(gone) <= 1000
        for kind in ("versions", "markers"):
            known[kind] = [one for one in known[kind] if one not in gone or one["Key"] in known["locked"]]
        locked = [dict(Key=one["Key"]) for one in gone if one["Key"] in known["locked"]]
        answer = {{"Errors": locked}} if locked else {{}}
    case "delete-message":
        known["deleted"].append(after("--receipt-handle"))

# As the CLI prints it: nothing for an empty list, `None` for what is not there; an empty answer is not a document.
if "--query" in words:
    answer = jmespath.search(after("--query"), answer)
if "--output" in words and after("--output") == "text":
    for row in answer if isinstance(answer, list) and answer and isinstance(answer[0], dict) else [answer]:
        cells = list(row.values()) if isinstance(row, dict) else row if isinstance(row, list) else [row]
        if cells:
            print("\\t".join(map(str, cells)))
elif answer != {{}}:
    print(json.dumps(answer))
state.write_text(json.dumps(known))
"""


@functools.cache
def commands(service):
    """By command of a service: the options that it takes, and those that it needs."""
    model = Loader().load_service_model("s3" if service == "s3api" else service, "service-2")
    found = {}
    for operation, described in model["operations"].items():
        shape = model["shapes"].get(described.get("input", {}).get("shape"), {})
        takes = [f"--{xform_name(member, '-')}" for member in shape.get("members", [])]
        switches = [name for name, member in shape.get("members", {}).items() if model["shapes"][member["shape"]]["type"] == "boolean"]
        takes += [f"--no-{xform_name(name, '-')}" for name in switches]
        needs = [f"--{xform_name(member, '-')}" for member in shape.get("required", [])]
        found[xform_name(operation, "-")] = [takes + EVERYWHERE, needs]
    return found


def run_script(script, folder, *arguments, **state):
    """Runs a script with that CLI; gives what it printed, its exit code, and what the CLI was asked."""
    kept = folder / "state.json"
    empty = {
        "outputs": {}, "parameters": {}, "resources": FUNCTIONS, "queue": [], "objects": [], "invoked": [], "patience": [], "deleted": [],
        "active": None, "identities": {}, "fails": [], "asked": [], "versions": [], "markers": [], "locked": [],
    }  # fmt: skip
    assert set(state) <= set(empty), state
    kept.write_text(json.dumps(empty | state))
    options = folder / "options.json"
    options.write_text(json.dumps({service: commands(service) for service in SERVICES}))
    program = folder / "aws"
    program.write_text(_PROGRAM.format(python=sys.executable, state=str(kept), options=str(options)))
    program.chmod(0o755)
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "TMPDIR": str(temporary)}
    command = ["sh", str(script), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)
    # What the scripts write down for a while holds mails and events of people.
    assert list(temporary.iterdir()) == []
    return done, json.loads(kept.read_text())
