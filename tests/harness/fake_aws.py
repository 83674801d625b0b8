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
match words[1]:
    case "describe-stacks":
        output = next((name for name in known["outputs"] if f"=='{{name}}'" in after("--query")), None)
        print(known["parameters"] if "Parameters" in after("--query") else known["outputs"].get(output, ""))
    case "describe-stack-resource":
        print("stack-" + after("--logical-resource-id"))
    case "list-stack-resources":
        print("".join("stack-" + name for name in known["resources"] if f"=='{{name}}'" in after("--query")))
    case "receive-message" if known["queue"]:
        print(json.dumps({{"Messages": [dict(ReceiptHandle=str(len(known["queue"])), Body=known["queue"].pop(0))]}}))
    case "list-objects-v2":
        print(json.dumps(known["objects"]))
    case "invoke":
        if not after("--payload").startswith("fileb://"):
            refuse("Invalid base64")
        payload = json.loads(pathlib.Path(after("--payload").removeprefix("fileb://")).read_bytes())
        known["invoked"].append([after("--function-name"), payload])
        known["patience"].append(int(after("--cli-read-timeout")))
        if "interrupt" in json.dumps(payload):
            os.kill(os.getppid(), signal.SIGTERM)
        print("Unhandled" if "poison" in json.dumps(payload) else "None")
    case "describe-active-receipt-rule-set":
        print(known["active"])
    case "set-active-receipt-rule-set":
        if "--rule-set-name" not in words:
            known["active"] = None
    case "get-email-identity":
        if after("--email-identity") not in known["identities"]:
            refuse("An error occurred (NotFoundException) when calling the GetEmailIdentity operation")
        print(known["identities"][after("--email-identity")])
    case "put-email-identity-configuration-set-attributes":
        known["identities"][after("--email-identity")] = after("--configuration-set-name") if "--configuration-set-name" in words else "None"
    case "list-object-versions":
        at_once = int(after("--max-items"))
        page = dict(Versions=known["versions"][:at_once] or None, DeleteMarkers=known["markers"][: at_once - len(known["versions"])] or None)
        print(json.dumps(jmespath.search(after("--query"), page)))
    case "delete-objects":
        gone = json.loads(pathlib.Path(after("--delete").removeprefix("file://")).read_text())["Objects"]
        assert 0 < len(gone) <= 1000
        for kind in ("versions", "markers"):
            known[kind] = [one for one in known[kind] if one not in gone or one["Key"] in known["locked"]]
        print("\\t".join(one["Key"] for one in gone if one["Key"] in known["locked"]))
    case "delete-message":
        known["deleted"].append(after("--receipt-handle"))
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
        "outputs": {}, "parameters": "", "resources": [], "queue": [], "objects": None, "invoked": [], "patience": [], "deleted": [],
        "active": "None", "identities": {}, "fails": [], "asked": [], "versions": [], "markers": [], "locked": [],
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
