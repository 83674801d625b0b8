"""A stack from its first deployment to its removal, beside another of the same account.

The emulator knows no receipt rules, custom domains of Route 53 or CodeDeploy: what it lacks is in `NOT_EMULATED`.
"""

import os

import pytest

from harness.ministack import Deployment
from harness.parameters import ALL_CHANGED

ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}[os.uname().machine]
# Parameters whose resources the emulator does not have, and the one that its functions would not run with.
NOT_EMULATED = {"Architecture", "CreateReceiptRule", "HostedZoneId"}
FIRST = {
    "Architecture": ARCHITECTURE,
    "JwtIssuer": "https://issuer.example.com",
    "JwtAudience": "client",
    "MailIdentity": "staging@example.com",
    "CreateMailIdentity": "address",
    "MailFrom": "staging@example.com",
    "CreateReceiptRule": "none",
}
CHANGED = ALL_CHANGED | {
    "MailIdentity": "other@example.com",
    "CreateMailIdentity": "none",
    "MailFrom": "other@example.com",
    "MailFromDomain": "bounce.example.com",
    "ReplyDomain": "staging.example.com",
    "AlarmTopicArn": "arn:aws:sns:us-east-1:000000000000:alarms",
    "PermissionsBoundaryArn": "arn:aws:iam::000000000000:policy/boundary",
    "KmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/1",
}
# What outlives its stack.
KEPT = {"Table", "DeadLetters", "Files"}


@pytest.fixture(scope="module")
def second(ministack, stack, built, logs):
    """A second stack of the account, beside the one of the suite."""
    return Deployment(ministack, built, "staging", logs).deploy(FIRST)


def test_every_parameter_is_changed_but_those_that_the_emulator_lacks(stack):
    assert set(CHANGED) | NOT_EMULATED == set(stack.template.document["Parameters"])


def test_a_second_stack_of_the_account_is_made_and_shares_nothing(stack, second):
    assert second.status == "CREATE_COMPLETE"
    shared = {name for name, physical in second.resources.items() if physical == stack.resources.get(name)}
    # A stage's name is below its API.
    assert shared == {"ApiApiGatewayDefaultStage"}


def test_an_update_that_changes_every_parameter_is_taken(ministack, second):
    table = second.resources["Table"]
    second.deploy(FIRST | CHANGED)
    assert second.status == "UPDATE_COMPLETE"
    assert second.resources["Table"] == table
    sender = ministack.client("lambda").get_function_configuration(FunctionName=second.resources["SenderFunction"])
    assert sender["MemorySize"] == 1024
    assert sender["Environment"]["Variables"]["MAIL_FROM"] == "other@example.com"
    assert second.outputs["EventBus"] == "default" and second.outputs["AlarmTopic"] == CHANGED["AlarmTopicArn"]


def test_what_is_deleted_leaves_what_people_need_and_the_other_stack(ministack, stack, second):
    second.delete()
    formation = ministack.client("cloudformation")
    assert "staging" not in {one["StackName"] for one in formation.describe_stacks()["Stacks"]}
    assert ministack.client("dynamodb").describe_table(TableName=second.resources["Table"])["Table"]["TableName"]
    left = {function["FunctionName"] for function in ministack.client("lambda").list_functions()["Functions"]}
    assert stack.resources["SenderFunction"] in left and second.resources["SenderFunction"] not in left
    assert stack.request("GET", "/health").status_code == 200
