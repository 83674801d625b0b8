"""`infra/redrive.sh` with an AWS CLI that only remembers what it was asked."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from conftest import REPO

AWS = """#!{python}
import json, pathlib, sys
state = pathlib.Path({state!r})
known = json.loads(state.read_text())
words = sys.argv[1:]
after = lambda name: words[words.index(name) + 1]
match words[1]:
    case "describe-stacks":
        print("https://queue")
    case "describe-stack-resource":
        print("stack-" + after("--logical-resource-id"))
    case "receive-message" if known["queue"]:
        print(json.dumps({{"Messages": [dict(ReceiptHandle=str(len(known["queue"])), Body=known["queue"].pop(0))]}}))
    case "invoke":
        known["invoked"].append([after("--function-name"), json.loads(after("--payload"))])
        print("Unhandled" if "poison" in after("--payload") else "None")
    case "delete-message":
        known["deleted"].append(after("--receipt-handle"))
state.write_text(json.dumps(known))
"""

BOUNCE = {"source": "aws.ses", "detail-type": "Email Bounced", "detail": {"said": "it's \"gone\", não existe"}}
POISON = {"source": "itsm.tickets", "detail-type": "TicketUpdated", "detail": {"poison": True}}
MAIL = {"source": "aws.s3", "detail-type": "Object Created", "detail": {"object": {"key": "inbound/1"}}}
SCHEDULE = {"source": "mensageria.schedule"}
QUEUE = [
    {"requestContext": {"functionArn": "arn:feedback"}, "requestPayload": BOUNCE},
    BOUNCE,
    POISON,
    {"requestContext": {"functionArn": "arn:sender"}, "DDBStreamBatchInfo": {"shardId": "1"}},
    SCHEDULE,
    {"requestContext": {"functionArn": "arn:sender"}, "requestPayload": SCHEDULE},
    MAIL,
    {"requestContext": {"functionArn": "arn:inbound"}, "requestPayload": MAIL},
    {"what": "is this"},
]


@pytest.mark.skipif(not shutil.which("jq"), reason="no jq")
def test_what_can_be_given_back_is_and_the_rest_stays(tmp_path):
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"queue": [json.dumps(body) for body in QUEUE], "invoked": [], "deleted": []}))
    aws = tmp_path / "aws"
    aws.write_text(AWS.format(python=sys.executable, state=str(state)))
    aws.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = ["sh", str(REPO / "infra/redrive.sh"), "stack"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "given back: 4, nothing to give back: 3, left in the queue: 2\n", done.stderr
    assert done.returncode == 1
    known = json.loads(state.read_text())
    assert known["invoked"] == [
        ["arn:feedback", BOUNCE],
        ["stack-FeedbackFunction", BOUNCE],
        ["stack-EventsFunction", POISON],
        ["stack-InboundFunction", MAIL],
        ["arn:inbound", MAIL],
    ]
    assert known["deleted"] == ["9", "8", "6", "5", "4", "3", "2"]
