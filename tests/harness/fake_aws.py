"""An AWS CLI that only remembers what it was asked, for the scripts under `infra`."""

import json
import os
import subprocess
import sys

_PROGRAM = """#!{python}
import json, pathlib, sys
state = pathlib.Path({state!r})
known = json.loads(state.read_text())
words = sys.argv[1:]
after = lambda name: words[words.index(name) + 1]
match words[1]:
    case "describe-stacks":
        print(known["output"])
    case "describe-stack-resource":
        print("stack-" + after("--logical-resource-id"))
    case "receive-message" if known["queue"]:
        print(json.dumps({{"Messages": [dict(ReceiptHandle=str(len(known["queue"])), Body=known["queue"].pop(0))]}}))
    case "list-objects-v2":
        print(json.dumps(known["objects"]))
    case "invoke":
        known["invoked"].append([after("--function-name"), json.loads(after("--payload"))])
        known["patience"].append(int(after("--cli-read-timeout")))
        print("Unhandled" if "poison" in after("--payload") else "None")
    case "describe-active-receipt-rule-set":
        print(known["active"])
    case "set-active-receipt-rule-set":
        assert words[2:] == []
        known["active"] = None
    case "delete-message":
        known["deleted"].append(after("--receipt-handle"))
state.write_text(json.dumps(known))
"""


def run_script(script, folder, *arguments, **state):
    """Runs a script with that CLI; gives what it printed, its exit code, and what the CLI was asked."""
    kept = folder / "state.json"
    empty = {"output": "None", "queue": [], "objects": None, "invoked": [], "patience": [], "deleted": [], "active": "None"}
    kept.write_text(json.dumps(empty | state))
    program = folder / "aws"
    program.write_text(_PROGRAM.format(python=sys.executable, state=str(kept)))
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    command = ["sh", str(script), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    return done, json.loads(kept.read_text())
