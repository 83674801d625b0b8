"""The scripts under `infra` with an AWS CLI that only remembers what it was asked."""

import json
import os
import re
import shutil
import subprocess
import tomllib

import pytest
from samcli.yamlhelper import yaml_dump, yaml_parse

from conftest import REPO
from harness.fake_aws import run_script
from harness.template import Template

pytestmark = pytest.mark.skipif(not shutil.which("jq"), reason="no jq")
TEMPLATE = Template.read(REPO / "template.yaml")
PARAMETERS = TEMPLATE.document["Parameters"]
LONGEST = max(function.properties.get("Timeout", 0) for function in TEMPLATE.functions)

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




def mail_of(name):
    """A new mail of the bucket."""
    return {"Key": f"inbound/{name}", "Size": 1, "LastModified": "2099-01-01T00:00:00+00:00"}


REPLIES = {"FilesBucket": "bucket", "ReplyMxRecord": "reply.example.com MX 10 inbound-smtp"}
QUEUE_URL = {"DeadLetterQueue": "https://queue"}


OWN_RULES = {"resources": {"ReceiptRules": "CREATE_COMPLETE"}}


def test_what_can_be_given_back_is_and_the_rest_stays(tmp_path):
    queue = [*map(json.dumps, QUEUE), "no JSON", "[]"]
    done, known = run_script(REPO / "infra/redrive.sh", tmp_path, "stack", outputs=QUEUE_URL, queue=queue)
    assert done.stdout == "given back: 4, nothing to give back: 3, left in the queue: 4\n", done.stderr
    assert done.returncode == 1
    assert known["invoked"] == [
        ["arn:feedback", BOUNCE],
        ["stack-FeedbackFunction", BOUNCE],
        ["stack-EventsFunction", POISON],
        ["stack-InboundFunction", MAIL],
        ["arn:inbound", MAIL],
    ]
    assert known["deleted"] == ["11", "10", "8", "7", "6", "5", "4"]


def test_mails_of_the_bucket_are_handed_over_and_what_fails_is_named(tmp_path):
    objects = [mail_of(name) for name in ("aaa", "poison", "ccc")]
    old = mail_of("old") | {"LastModified": "2020-01-01T00:00:00+00:00"}
    done, known = run_script(REPO / "infra/reinbound.sh", tmp_path, "stack", "24", outputs=REPLIES, objects=[old, *objects])
    assert done.stdout == "handed over: 2, failed: 1\n", done.stderr
    assert (done.stderr, done.returncode) == ("not taken in: inbound/poison\n", 1)
    assert known["invoked"] == [
        ["stack-InboundFunction", MAIL | {"detail": {"object": {"key": one["Key"], "size": 1}}}] for one in objects
    ]


def test_a_bucket_without_new_mails_and_a_stack_without_a_reply_domain_are_told_apart(tmp_path):
    script = REPO / "infra/reinbound.sh"
    done, known = run_script(script, tmp_path, "stack", outputs=REPLIES)
    assert (done.stdout, done.returncode, known["invoked"]) == ("handed over: 0, failed: 0\n", 0, [])
    # The bucket is there in every stack: people's files are in it.
    done, known = run_script(script, tmp_path, "stack", outputs={"FilesBucket": "bucket"}, objects=[mail_of("a")])
    assert "ReplyDomain" in done.stderr and (done.returncode, known["invoked"]) == (1, [])


def test_an_event_that_is_larger_than_an_argument_may_be_is_given_back(tmp_path):
    large = BOUNCE | {"detail": {"said": "é" * 120_000}}
    done, known = run_script(REPO / "infra/redrive.sh", tmp_path, "stack", outputs=QUEUE_URL, queue=[json.dumps(large, ensure_ascii=False)])
    assert (done.returncode, known["invoked"], known["deleted"]) == (0, [["stack-FeedbackFunction", large]], ["1"]), done.stderr


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ("redrive.sh", {"outputs": QUEUE_URL, "queue": [json.dumps(BOUNCE | {"detail": "interrupt"})]}),
        ("reinbound.sh", {"outputs": REPLIES, "objects": [mail_of("interrupt")]}),
    ],
)
def test_a_script_that_is_ended_leaves_no_mail_behind(tmp_path, script, state):
    """The harness looks for what is left: here only that the script ended where it was told to."""
    done, known = run_script(REPO / "infra" / script, tmp_path, "stack", **state)
    assert (done.returncode, done.stdout, len(known["invoked"]), known["deleted"]) == (1, "", 1, [])


def test_a_call_that_fails_is_no_run_without_work(tmp_path):
    """Nothing reads an answer that did not come as an empty one: each call of each script, one after the other."""
    states = {
        "redrive.sh": {"outputs": QUEUE_URL, "queue": [json.dumps(BOUNCE)]},
        "reinbound.sh": {"outputs": REPLIES, "objects": [mail_of("a")]},
        "deactivate.sh": OWN_RULES | {"active": "stack-ReceiptRules"},
        "detach.sh": {"parameters": {"MailIdentity": "example.com"}, "identities": {"example.com": "stack"}},
    }
    for script, state in states.items():
        whole, known = run_script(REPO / "infra" / script, tmp_path, "stack", **state)
        assert whole.returncode == 0 and known["asked"], whole.stderr
        for call in set(known["asked"]):
            done, _ = run_script(REPO / "infra" / script, tmp_path, "stack", fails=[call], **state)
            assert done.returncode != 0, (script, call, done.stdout)


def test_scripts_wait_as_long_as_the_functions_run(tmp_path):
    _, known = run_script(REPO / "infra/redrive.sh", tmp_path, "stack", outputs=QUEUE_URL, queue=[json.dumps(MAIL)])
    _, again = run_script(REPO / "infra/reinbound.sh", tmp_path, "stack", outputs=REPLIES, objects=[mail_of("a")])
    assert min(known["patience"] + again["patience"]) > LONGEST


@pytest.mark.parametrize("script", ["deactivate.sh", "detach.sh"])
@pytest.mark.parametrize(("active", "left"), [("stack-ReceiptRules", None), ("another", "another"), (None, None)])
def test_no_other_rule_set_than_the_stacks_own_is_taken_out_of_use(tmp_path, script, active, left):
    done, known = run_script(REPO / "infra" / script, tmp_path, "stack", active=active, **OWN_RULES)
    assert (done.returncode, known["active"]) == (0, left), done.stderr


@pytest.mark.parametrize("script", ["deactivate.sh", "detach.sh"])
@pytest.mark.parametrize("resources", [{}, {"ReceiptRules": "DELETE_COMPLETE"}, {"Files": "CREATE_COMPLETE"}])
def test_a_stack_without_a_rule_set_has_none_to_take_out_of_use(tmp_path, script, resources):
    done, known = run_script(REPO / "infra" / script, tmp_path, "stack", active="another", resources=resources)
    assert (done.returncode, known["active"]) == (0, "another"), done.stderr
    assert "nothing to do" in done.stdout


def test_no_identity_is_left_with_the_configuration_set_of_a_stack_that_goes(tmp_path, template):
    # The script compares with the stack's name, also when the set is gone already.
    assert template.resources["MailEvents"]["Properties"]["Name"] == {"Ref": "AWS::StackName"}
    identities = {"example.com": "stack", "desk@example.net": "stack", "example.org": "another", "example.edu": None, "other.example": "stack"}
    further = "desk@example.net,example.org,example.edu,gone.example.com"
    parameters = {"MailIdentity": "example.com", "MailFrom": "other.example", "FurtherIdentities": further}
    done, known = run_script(REPO / "infra/detach.sh", tmp_path, "stack", parameters=parameters, identities=identities)
    assert done.returncode == 0, done.stderr
    assert known["identities"] == identities | {"example.com": None, "desk@example.net": None}
    assert "gone.example.com is not an identity of SES" in done.stdout


def test_a_bucket_is_emptied_of_every_version_or_says_what_stays(tmp_path, repo):
    text = (repo / "docs/OPERATIONS.md").read_text()
    script = tmp_path / "script"
    script.write_text(text[text.index("all='{Objects") :].split("```")[0].replace("BUCKET", "bucket"))
    versions = [{"Key": f"attachments/é {number}", "VersionId": str(number)} for number in range(1500)]
    markers = [{"Key": "inbound/1", "VersionId": "m"}]
    done, known = run_script(script, tmp_path, versions=versions, markers=markers)
    assert (done.returncode, known["versions"], known["markers"]) == (0, [], []), done.stderr
    done, known = run_script(script, tmp_path, versions=versions[:2], locked=["attachments/é 1"])
    assert (done.stdout, known["versions"]) == ("not deleted: attachments/é 1\n", versions[1:2])
    done, known = run_script(script, tmp_path, versions=versions[:2], fails=["list-object-versions"])
    assert (known["versions"], "ServiceUnavailable" in done.stderr) == (versions[:2], True)


def test_options_that_the_aws_cli_does_not_know_are_refused_here_too(tmp_path):
    script = tmp_path / "script"
    for call, said in (
        ("lambda invoke --function-name f --cli-binary-format raw-in-base64-out out", "Unknown options: --cli-binary-format"),
        ("lambda invoke out", "required: --function-name"),
        ("sqs receive-message --queue https://queue", "Unknown options: --queue"),
    ):
        script.write_text(f"aws {call}")
        done, _ = run_script(script, tmp_path)
        assert done.returncode != 0 and said in done.stderr, done.stderr


def test_the_address_of_the_console_is_put_into_the_answers_that_are_kept(tmp_path, repo):
    text = (repo / "docs/OPERATIONS.md").read_text()
    (command,) = re.findall(r"^ *(sed -i.bak .* samconfig.toml)$", text, flags=re.MULTILINE)
    answers = 'MailFrom=\\"desk@example.com\\" ConsoleUrl=\\"{}\\" Architecture=\\"arm64\\"'
    for before in ("", "https://old.example.com"):
        (tmp_path / "samconfig.toml").write_text(f'stack_name = "s"\nparameter_overrides = "{answers.format(before)}"\n')
        script = f"output() {{ echo https://new.example.com; }}\n{command}"
        subprocess.run(["sh", "-c", script], cwd=tmp_path, check=True)
        kept = tomllib.loads((tmp_path / "samconfig.toml").read_text())
        assert kept["parameter_overrides"] == answers.format("https://new.example.com").replace("\\", "")


def checkout(folder, answers=""):
    """A checkout of what the deploy script reads, with these answers kept, and the template as `sam build` writes it."""
    for name in ("infra", "built", "bin"):
        (folder / name).mkdir()
    shutil.copy(REPO / "infra/deploy.sh", folder / "infra")
    (folder / "samconfig.toml").write_text((REPO / "samconfig.toml").read_text() + answers)
    (folder / "built/template.yaml").write_text(yaml_dump(yaml_parse((REPO / "template.yaml").read_text())))
    return folder


def deploy(folder, *options, **printed):
    """Runs the deploy script of a checkout with programs that print these versions, and an AWS CLI that knows who calls."""
    answers = {
        "sam": "SAM CLI, version 1.170.0",
        "cargo": "cargo-lambda 1.9.2 (2026-01-01Z)",
        "rustc": "rustc 1.95.0",
        "zig": "0.15.1",
        "aws": "aws-cli/2.31.0 Python/3.13",
        "jq": "jq-1.7.1",
        "curl": "curl 8.14.1 (x86_64-pc-linux-gnu)",
    } | printed
    calls = folder / "calls"
    calls.write_text("")
    for name, answer in answers.items():
        program = folder / "bin" / name
        lines = [f'echo "{name} $*" >> {calls}', f"echo '{answer}'"]
        if name == "aws" and "anonymous" in printed.get("aws", ""):
            lines.append('[ "$1" != sts ]')
        if name == "sam":
            lines.append('[ "$1" != build ] || { mkdir -p .aws-sam/build && cp built/template.yaml .aws-sam/build; }')
        program.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
        program.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    command = ["sh", str(folder / "infra/deploy.sh"), *options]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done, [call for call in calls.read_text().splitlines() if call.startswith(("sam build", "sam deploy"))]


ANSWERS = """
[staging.deploy.parameters]
stack_name = "staging"
parameter_overrides = "Architecture=\\"x86_64\\" MailIdentity=\\"example.com\\""
# stack_name = "other", Architecture=arm64

[listed.deploy.parameters]
stack_name = "listed"
parameter_overrides = [
    "Architecture=x86_64",
    "MailIdentity=example.com",
]
"""
OWN = ["--config-env", "staging"]


@pytest.mark.parametrize(
    ("options", "architecture", "asks"),
    [
        ([], "arm64", True),
        # What has nothing to do with the answers changes nothing of whether they are asked for.
        (["--tags", "cost-center=4711"], "arm64", True),
        (["--tags", "Architecture=odd"], "arm64", True),
        (["--config-env", "other", "--stack-name", "other"], "arm64", True),
        (["--parameter-overrides", "Architecture=x86_64", "MailIdentity=example.com"], "x86_64", False),
        (["--parameter-overrides", "ParameterKey=Architecture,ParameterValue=x86_64"], "x86_64", False),
        (["--guided", "--parameter-overrides", "Architecture=x86_64"], "x86_64", False),
        (OWN, "x86_64", False),
        (["--config-env=staging", "--stack-name=staging"], "x86_64", False),
        ([*OWN, "--parameter-overrides", "MailIdentity=example.org"], "arm64", False),
        (["--config-env", "listed"], "x86_64", False),
    ],
)
def test_the_deploy_script_asks_where_there_are_no_answers_and_builds_what_it_deploys(tmp_path, options, architecture, asks):
    done, calls = deploy(checkout(tmp_path, ANSWERS), *options)
    assert done.returncode == 0, done.stderr
    assert calls == [
        f"sam build --parameter-overrides Architecture={architecture}",
        " ".join(["sam deploy", *(["--guided"] if asks else []), *options]),
    ]
    built = yaml_parse((tmp_path / ".aws-sam/build/template.yaml").read_text())
    parameter = built["Parameters"]["Architecture"]
    # CloudFormation refuses another answer, however it is given.
    assert (parameter["AllowedValues"], parameter["Default"]) == ([architecture], architecture)
    parameter.update({name: PARAMETERS["Architecture"][name] for name in ("AllowedValues", "Default")})
    assert built == yaml_parse((tmp_path / "built/template.yaml").read_text())


@pytest.mark.parametrize("options", [["--stack-name", "other"], ["--guided", "--stack-name=other"]], ids=" ".join)
def test_answers_of_one_stack_are_not_taken_for_another(tmp_path, options):
    done, calls = deploy(checkout(tmp_path, ANSWERS), *OWN, *options)
    assert (done.returncode, calls) == (1, [])
    assert 'DEPLOY="--config-env other --stack-name other"' in done.stderr


@pytest.mark.parametrize(
    ("tool", "answer", "said"),
    [
        ("sam", "SAM CLI, version 1.155.2", "SAM CLI is 1.155.2: version 1.165 or later is needed"),
        ("cargo", "cargo-lambda 1.8.9", "cargo-lambda is 1.8.9: version 1.9 or later is needed"),
        ("rustc", "rustc 1.80.1", "Rust is 1.80.1: version 1.95 or later is needed"),
        ("sam", "", "SAM CLI is not here: version 1.165 or later is needed"),
        ("aws", "aws-cli/1.27.100 Python/3.13", "AWS CLI is 1.27.100: version 1.36 or later is needed"),
        ("aws", "aws-cli/2.15.0 Python/3.11", "AWS CLI is 2.15.0: version 2.22 or later is needed"),
        ("jq", "", "jq is not here: version 1.5 or later is needed"),
        ("curl", "", "curl is not here: version 7.58 or later is needed"),
        ("aws", "aws-cli/2.31.0 anonymous", "AWS takes no credentials from this shell"),
    ],
)
def test_the_deploy_script_says_what_is_missing_before_it_builds(tmp_path, tool, answer, said):
    done, calls = deploy(checkout(tmp_path), **{tool: answer})
    assert done.returncode == 1
    assert said in done.stderr and calls == []
