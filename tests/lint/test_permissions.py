"""No function may do more than it does.

What a function does with the table and with SES is in `tests/permissions.json`; the end-to-end
suite records every call of the deployed functions and holds that file to it. What the platform does
in a function's name (logs, traces, reading the stream, dead letters) follows from the template.
"""

import json
import tomllib

import pytest

from conftest import REPO
from harness.program import facts
from harness.template import Template, as_list

DONE = json.loads((REPO / "tests/permissions.json").read_text())
FUNCTIONS = Template.read(REPO / "template.yaml").functions
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)

TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
INDEX = {"Fn::Sub": "${Table.Arn}/index/by_index"}
STREAM = {"Fn::GetAtt": ["Table", "StreamArn"]}
STREAMS = {"Fn::Sub": "${Table.Arn}/stream/*"}
DEAD_LETTERS = {"Fn::GetAtt": ["DeadLetters", "Arn"]}
RAW_MAILS = {"Fn::Sub": "${Files.Arn}/inbound/*"}
ATTACHMENTS = {"Fn::Sub": "${Files.Arn}/attachments/*"}
# Files of a mail in the quarantine, put there while somebody looks.
LOOKED_AT = {"Fn::Sub": "${Files.Arn}/quarantine/*"}
UPLOADS = {"Fn::Sub": "${Files.Arn}/uploads/*"}
BUCKET = {"Fn::GetAtt": ["Files", "Arn"]}
# A browser puts a file with the right of the function that signed the place; the function copies it
# when its message is stored, and tells a missing one from a forbidden one.
SIGNED = {
    "tickets": [
        ("s3:GetObject", UPLOADS),
        ("s3:PutObject", UPLOADS),
        ("s3:PutObject", ATTACHMENTS),
        ("s3:PutObjectTagging", ATTACHMENTS),
        ("s3:ListBucket", BUCKET),
    ],
}
SES = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:"
# A raw SendEmail of SES v2 is authorised as SendRawEmail.
MAIL_ACTIONS = {"SendEmail": {"ses:SendEmail", "ses:SendRawEmail"}}
# What is asked of SES, about what; sending is about both.
ASKED = {
    "DeleteSuppressedDestination": "*",
    "GetAccount": "*",
    "GetConfigurationSet": {"Fn::Sub": SES + "configuration-set/${MailEvents}"},
    "GetEmailIdentity": {"Fn::Sub": SES + "identity/${MailIdentity}"},
}
MAIL_RESOURCES = [
    {"Fn::Sub": SES + "configuration-set/${MailEvents}"},
    # The condition on the sender is held by a test of its own.
    {"Fn::Sub": SES + "identity/*"},
]


def grant(action, resource):
    """One allowed action on one resource, comparable."""
    return (action, json.dumps(resource, sort_keys=True))


def allowed(function):
    """Everything that the function's role allows."""
    for statement in function.statements:
        assert statement["Effect"] == "Allow"
        assert "NotAction" not in statement and "NotResource" not in statement
    return {
        grant(action, resource)
        for statement in function.statements
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


# What an organisation's rules may ask for: a key of its own, and subnets. A stack without them has none of it.
KEY = {grant(f"kms:{action}", {"Ref": "KmsKeyArn"}) for action in ("Decrypt", "GenerateDataKey")}
# What was written under another key is read with that one.
FORMER_KEYS = {grant("kms:Decrypt", {"Ref": "FormerKmsKeyArns"})}
SUBNETS = {
    grant(f"ec2:{action}", "*")
    for action in (
        "CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets", "DeleteNetworkInterface",
        "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses",
    )
}  # fmt: skip


def needed(function):
    """Everything that the function does, or the platform for it."""
    done = DONE[function.name]
    logs = function.properties["LoggingConfig"]["LogGroup"]["Ref"]
    wanted = {grant(f"logs:{a}", {"Fn::GetAtt": [logs, "Arn"]}) for a in ("CreateLogStream", "PutLogEvents")}
    wanted |= KEY | SUBNETS
    wanted |= {grant(f"dynamodb:{a}", TABLE) for a in done["table"]}
    wanted |= {grant(f"dynamodb:{a}", INDEX) for a in done["index"]}
    wanted |= {
        grant(action, resource)
        for a in done["mail"]
        for action in MAIL_ACTIONS.get(a, {f"ses:{a}"})
        for resource in (MAIL_RESOURCES if a in MAIL_ACTIONS else [ASKED[a]])
    }
    if done["files"]:
        wanted |= {grant(f"s3:{a}", ATTACHMENTS) for a in done["files"]}
    if "PutObject" in done["files"]:
        # It reads the mails that SES put there, and tells a missing one from a forbidden one.
        wanted |= {grant("s3:GetObject", RAW_MAILS), grant("s3:ListBucket", BUCKET)}
        # What it puts there is tagged with the days that it is kept.
        wanted |= {grant("s3:PutObjectTagging", ATTACHMENTS)}
        # Files of mails in the quarantine are put beside them for those who look.
        wanted |= {grant(f"s3:{a}", LOOKED_AT) for a in done["files"]}
    if "DeleteObject" in done["files"]:
        # Whoever erases a person removes their raw mails, and what they uploaded for no message yet.
        wanted |= {grant("s3:DeleteObject", RAW_MAILS)}
        wanted |= {grant(f"s3:{a}", UPLOADS) for a in ("GetObject", "DeleteObject")}
    wanted |= {grant(action, resource) for action, resource in SIGNED.get(function.name, [])}
    if any(action == "s3:GetObject" for action, _ in wanted):
        wanted |= FORMER_KEYS
    if any(event["Type"] == "DynamoDB" for event in function.events.values()):
        wanted |= {grant(f"dynamodb:{a}", STREAM) for a in ("DescribeStream", "GetRecords", "GetShardIterator")}
        wanted.add(grant("dynamodb:ListStreams", STREAMS))
    if "EventInvokeConfig" in function.properties:
        wanted.add(grant("sqs:SendMessage", DEAD_LETTERS))
    return wanted


@each_function
def test_a_role_allows_what_its_function_does_and_nothing_else(function):
    assert allowed(function) == needed(function)


@each_function
def test_no_role_is_shared_or_attached_to_a_managed_policy(function):
    users = [f.name for f in FUNCTIONS if f.properties["Role"] == function.properties["Role"]]
    assert users == [function.name]
    role = function.template.resources[function.properties["Role"]["Fn::GetAtt"][0]]["Properties"]
    assert "ManagedPolicyArns" not in role
    assert "Policies" not in function.properties, "SAM would make a second role"
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]


@each_function
def test_no_action_has_a_wildcard(function):
    actions = [action for statement in function.statements for action in as_list(statement["Action"])]
    assert [action for action in actions if "*" in action] == []


@each_function
def test_whoever_sends_sends_only_as_the_identity(function):
    for statement in function.statements:
        if any(action.startswith("ses:Send") for action in as_list(statement["Action"])):
            condition, further, senders = statement["Condition"]["StringLike"]["ses:FromAddress"]["Fn::If"]
            assert senders == [{"Ref": "MailIdentity"}, {"Fn::Sub": "*@${MailIdentity}"}]
            # Each name as an address, and as a domain.
            own, others = {"Ref": "MailIdentity"}, {"Ref": "FurtherIdentities"}
            addresses = {"Fn::Join": [",", [own, others]]}
            domains = {"Fn::Join": [",*@", {"Fn::Split": [",", others]}]}
            assert condition == "HasFurtherIdentities"
            assert further == {"Fn::Split": [",", {"Fn::Join": [",*@", [addresses, own, domains]]}]}


def test_who_keeps_parameters_reaches_no_ticket():
    """Every statement about the table names its partitions; each is one that the code makes."""
    (parameters,) = [function for function in FUNCTIONS if function.name == "parameters"]
    about_table = [one for one in parameters.statements if any(a.startswith("dynamodb:") for a in as_list(one["Action"]))]
    keys = {a: one["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for one in about_table for a in as_list(one["Action"])}
    assert keys["dynamodb:PutItem"] == ["CONFIG"]
    assert {key for allowed in keys.values() for key in allowed} <= {row["pk"] for row in facts()["keys"]}


@each_function
def test_a_function_has_permissions_only_for_what_is_compiled_into_it(function):
    manifest = tomllib.loads((REPO / function.properties["CodeUri"] / "Cargo.toml").read_text())
    declared = set(manifest["features"]["lambda"])
    prefixes = {action.split(":")[0] for action, _ in allowed(function)}
    for prefix, feature in (("dynamodb", "storage/dynamodb"), ("ses", "transport/ses"), ("s3", "storage/s3")):
        assert (prefix in prefixes) == (feature in declared), prefix


@each_function
def test_whoever_stores_files_of_messages_tags_them_with_their_days(function):
    main = (REPO / function.properties["CodeUri"] / "src/main.rs").read_text()
    stores = grant("s3:PutObject", ATTACHMENTS) in allowed(function)
    assert stores == (grant("s3:PutObjectTagging", ATTACHMENTS) in allowed(function)) == (".keeping(" in main)


def test_every_folder_under_functions_is_deployed(repo):
    assert {f.name for f in FUNCTIONS} == {path.parent.name for path in (repo / "functions").glob("*/Cargo.toml")}
    assert {f.name for f in FUNCTIONS} == set(DONE)
