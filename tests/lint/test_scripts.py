"""The scripts under `infra` with an AWS CLI that only remembers what it was asked."""

import json
import os
import shutil
import subprocess

import pytest

from conftest import REPO
from harness.fake_aws import run_script
from harness.template import Template

pytestmark = pytest.mark.skipif(not shutil.which("jq"), reason="no jq")
LONGEST = max(function.properties.get("Timeout", 0) for function in Template.read(REPO / "template.yaml").functions)

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


def test_what_can_be_given_back_is_and_the_rest_stays(tmp_path):
    queue = [json.dumps(body) for body in QUEUE]
    done, known = run_script(REPO / "infra/redrive.sh", tmp_path, "stack", output="https://queue", queue=queue)
    assert done.stdout == "given back: 4, nothing to give back: 3, left in the queue: 2\n", done.stderr
    assert done.returncode == 1
    assert known["invoked"] == [
        ["arn:feedback", BOUNCE],
        ["stack-FeedbackFunction", BOUNCE],
        ["stack-EventsFunction", POISON],
        ["stack-InboundFunction", MAIL],
        ["arn:inbound", MAIL],
    ]
    assert known["deleted"] == ["9", "8", "6", "5", "4", "3", "2"]


def test_mails_of_the_bucket_are_handed_over_and_what_fails_is_named(tmp_path):
    objects = [{"key": "inbound/aaa", "size": 7}, {"key": "inbound/poison", "size": 8}, {"key": "inbound/ccc", "size": 9}]
    done, known = run_script(REPO / "infra/reinbound.sh", tmp_path, "stack", "24", output="bucket", objects=objects)
    assert done.stdout == "handed over: 2, failed: 1\n", done.stderr
    assert (done.stderr, done.returncode) == ("not taken in: inbound/poison\n", 1)
    assert known["invoked"] == [["stack-InboundFunction", MAIL | {"detail": {"object": one}}] for one in objects]


def test_a_bucket_without_new_mails_and_a_stack_without_a_bucket_are_told_apart(tmp_path):
    script = REPO / "infra/reinbound.sh"
    done, known = run_script(script, tmp_path, "stack", output="bucket", objects=None)
    assert (done.stdout, done.returncode, known["invoked"]) == ("handed over: 0, failed: 0\n", 0, [])
    done, known = run_script(script, tmp_path, "stack", output="None")
    assert "ReplyDomain" in done.stderr and done.returncode == 1


def test_scripts_wait_as_long_as_the_functions_run(tmp_path):
    _, known = run_script(REPO / "infra/redrive.sh", tmp_path, "stack", output="https://queue", queue=[json.dumps(MAIL)])
    _, again = run_script(REPO / "infra/reinbound.sh", tmp_path, "stack", output="b", objects=[{"key": "inbound/a", "size": 1}])
    assert min(known["patience"] + again["patience"]) > LONGEST


@pytest.mark.parametrize(("active", "left"), [("stack-ReceiptRules", None), ("another", "another"), ("None", "None")])
def test_no_other_rule_set_than_the_stacks_own_is_taken_out_of_use(tmp_path, active, left):
    done, known = run_script(REPO / "infra/deactivate.sh", tmp_path, "stack", active=active)
    assert (done.returncode, known["active"]) == (0, left), done.stderr


def tools(folder, **printed):
    """Programs that print these versions, and an AWS CLI that knows who calls."""
    answers = {
        "sam": "SAM CLI, version 1.170.0",
        "cargo": "cargo-lambda 1.9.2 (2026-01-01Z)",
        "rustc": "rustc 1.95.0",
        "zig": "0.15.1",
        "aws": "aws-cli/2.31.0 Python/3.13",
    } | printed
    for name, answer in answers.items():
        program = folder / name
        lines = [f'echo "$0 $*" >> {folder}/calls', f"echo '{answer}'"]
        if name == "aws" and "anonymous" in printed.get("aws", ""):
            lines.append('[ "$1" != sts ]')
        program.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
        program.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", str(REPO / "infra/deploy.sh")], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    calls = (folder / "calls").read_text().replace(f"{folder}/", "").splitlines()
    return done, [call for call in calls if call.startswith(("sam build", "sam deploy"))]


def test_the_deploy_script_builds_and_asks_for_the_parameters_the_first_time(tmp_path):
    done, calls = tools(tmp_path)
    assert done.returncode == 0, done.stderr
    assert calls == ["sam build --parameter-overrides Architecture=arm64", "sam deploy --guided"]


@pytest.mark.parametrize(
    ("tool", "answer", "said"),
    [
        ("sam", "SAM CLI, version 1.155.2", "SAM CLI is 1.155.2: version 1.165 or later is needed"),
        ("cargo", "cargo-lambda 1.8.9", "cargo-lambda is 1.8.9: version 1.9 or later is needed"),
        ("rustc", "rustc 1.80.1", "Rust is 1.80.1: version 1.95 or later is needed"),
        ("sam", "", "SAM CLI is not here: version 1.165 or later is needed"),
        ("aws", "aws-cli/2.31.0 anonymous", "AWS takes no credentials from this shell"),
    ],
)
def test_the_deploy_script_says_what_is_missing_before_it_builds(tmp_path, tool, answer, said):
    done, calls = tools(tmp_path, **{tool: answer})
    assert done.returncode == 1
    assert said in done.stderr and calls == []
