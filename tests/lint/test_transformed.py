"""What must hold of the template *after* SAM's transform, with the defaults and with every parameter set.

The API's body, the schedule and the roles that SAM writes are in no other file; emulators drop or rename them.
"""

import json
import re

import pytest

from conftest import REPO
from harness.template import Template, as_list
from harness.transformed import Transformed

TEMPLATE = Template.read(REPO / "template.yaml")
PARAMETERS = TEMPLATE.document["Parameters"]
REQUIRED = {
    "JwtIssuer": "https://issuer.example.com",
    "JwtAudience": "client",
    "MailIdentity": "example.com",
    "MailFrom": "desk@example.com",
}
# Another value for each parameter than the one above or the default: an update that changes everything.
OTHER = {
    "Architecture": "x86_64",
    "JwtIssuer": "https://other.example.com",
    "JwtAudience": "client,another",
    "AllowedOrigins": "https://a.example.com,https://b.example.com",
    "ThrottleRate": "50",
    "ThrottleBurst": "60",
    "OpenThrottleRate": "5",
    "OpenThrottleBurst": "6",
    "MailIdentity": "desk@example.org",
    "CreateMailIdentity": "address",
    "MailFrom": "desk@example.org",
    "MailTls": "OPTIONAL",
    "ReplyDomain": "reply.example.com",
    "CreateReceiptRule": "none",
    "TestRecipients": "@example.com",
    "ActiveTokenKey": "b",
    "TokenKeyAGeneration": "2",
    "TokenKeyBGeneration": "3",
    "EventSource": "other.tickets",
    "EventBusName": "default",
    "StormLimits": "5/10",
    "CoalesceMinutes": "0",
    "ReputationLimits": "3/0.05",
    "DefaultLocale": "en",
    "DefaultTimeZone": "Europe/Lisbon",
    "LogRetentionDays": "90",
    "AlarmEmail": "alarms@example.com",
    "SenderConcurrency": "5",
}
OPEN = {"GET /health", "GET /links/{token}", "POST /links/{token}", "GET /files/{token}"}


def deployed(stack="mensageria", **changed):
    """The template as it is deployed."""
    return Transformed(TEMPLATE, REQUIRED | changed, stack)


SETS = {"defaults": deployed(), "replies": deployed(ReplyDomain="reply.example.com"), "every": deployed(**OTHER)}
each_set = pytest.mark.parametrize("stack", SETS.values(), ids=SETS)


def body(stack):
    """The OpenAPI body of the HTTP API."""
    (api,) = stack.of_type("AWS::ApiGatewayV2::Api").values()
    return api["Properties"]["Body"]


def routes(stack):
    """The operations of the body by `METHOD /path`."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in body(stack)["paths"].items()
        for method, operation in methods.items()
    }


def test_every_parameter_has_another_value_here_than_its_default():
    assert set(OTHER) == set(PARAMETERS)
    for name, value in OTHER.items():
        declared = PARAMETERS[name]
        assert value != str(declared.get("Default", REQUIRED.get(name))), name
        assert re.fullmatch(declared.get("AllowedPattern", ".*"), value), name
        assert value in map(str, declared.get("AllowedValues", [value])), name


@each_set
def test_cors_is_absent_or_a_whole_object(stack):
    cors = body(stack).get("x-amazon-apigateway-cors")
    if not stack.parameters["AllowedOrigins"]:
        assert cors is None
        return
    assert cors["allowOrigins"] == stack.parameters["AllowedOrigins"].split(",")
    assert {"authorization", "content-type", "if-match", "idempotency-key"} <= set(cors["allowHeaders"])
    assert set(cors["allowMethods"]) == {key.split()[0] for key in routes(stack)}
    assert isinstance(cors["maxAge"], int)


@each_set
def test_every_security_scheme_that_is_named_is_defined(stack):
    schemes = set(body(stack)["components"]["securitySchemes"])
    named = {name for operation in routes(stack).values() for one in operation.get("security", []) for name in one}
    assert named == schemes


@each_set
def test_every_route_but_the_open_ones_needs_a_token(stack):
    is_open = {key for key, operation in routes(stack).items() if not operation.get("security")}
    assert is_open == OPEN & set(routes(stack))
    assert len(routes(stack)) > 20


@each_set
def test_open_routes_have_a_throttle_of_their_own_and_no_other_route_has_settings(stack):
    """A route that is in the settings and not in the API fails the deployment."""
    (stage,) = stack.of_type("AWS::ApiGatewayV2::Stage").values()
    settings = stage["Properties"]["RouteSettings"]
    assert set(settings) == OPEN & set(routes(stack))
    for route in settings.values():
        assert route["ThrottlingRateLimit"] == stack.parameters["OpenThrottleRate"]
        assert route["ThrottlingBurstLimit"] == stack.parameters["OpenThrottleBurst"]


@each_set
def test_no_metric_is_bought_for_each_route_and_no_trace_for_each_run(stack):
    (stage,) = stack.of_type("AWS::ApiGatewayV2::Stage").values()
    all_settings = [stage["Properties"]["DefaultRouteSettings"], *stage["Properties"]["RouteSettings"].values()]
    assert [one["DetailedMetricsEnabled"] for one in all_settings] == [False] * len(all_settings)
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        assert "TracingConfig" not in function["Properties"], name


# Properties that are a resource's physical name, and so must differ between stacks of one account.
NAMES = re.compile(r"^(.*Name|Name|TopicName|AlarmName|Id)$")
# Those that are names of something else, or lie below a parent that has a name of the stack's.
NAME_OF_ANOTHER = {
    "RuleSetName", "ConfigurationSetName", "QueueName", "IndexName", "StageName", "TableName", "MetricName", "FunctionName",
    "EventBusName", "EventSourceName",
}  # fmt: skip


def physical_names(stack):
    """Every name that the template chooses itself, by type."""
    for logical_id, resource in stack.resources.items():
        for key, value in resource.get("Properties", {}).items():
            is_own = key not in NAME_OF_ANOTHER or key == "RuleSetName" and resource["Type"].endswith("ReceiptRuleSet")
            if NAMES.match(key) and is_own and resource["Type"] not in ("AWS::Lambda::Permission",):
                yield logical_id, resource["Type"], key, json.dumps(value, sort_keys=True)


@each_set
def test_two_stacks_of_one_account_share_no_physical_name(stack):
    # A stage's name is below its API.
    kinds = {name for name in physical_names(stack) if name[1] != "AWS::ApiGatewayV2::Stage"}
    again = Transformed(TEMPLATE, {k: v for k, v in stack.parameters.items()}, "staging")
    assert {name[:3] for name in kinds} >= {
        ("SenderFunctionEveryMinute", "AWS::Scheduler::Schedule", "Name"),
        ("MailEvents", "AWS::SES::ConfigurationSet", "Name"),
    }
    shared = kinds & set(physical_names(again))
    # A name that holds the stack's own id differs, too.
    assert {name for name in shared if "AWS::StackId" not in name[3]} == set()


@each_set
def test_every_log_group_and_role_of_a_function_is_one_of_the_template(stack):
    written = {name for name, resource in TEMPLATE.resources.items() if resource["Type"] == "AWS::IAM::Role"}
    by_sam = {"SenderFunctionEveryMinuteRole"}
    assert set(stack.of_type("AWS::IAM::Role")) - by_sam <= written
    groups = stack.of_type("AWS::Logs::LogGroup")
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        assert function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"] in groups, name
        assert function["Properties"]["Role"]["Fn::GetAtt"][0] in written, name
    assert all(group["Properties"]["RetentionInDays"] for group in groups.values())


# Actions that know no resource.
WITHOUT_RESOURCE = {"ses:GetAccount", "ses:DeleteSuppressedDestination"}


@each_set
def test_policies_are_no_wider_than_what_is_listed(stack):
    """No action has a wildcard, and `*` stands as a resource for actions alone that know no other."""
    for name, role in stack.of_type("AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", []):
            for statement in as_list(policy["PolicyDocument"]["Statement"]):
                actions = as_list(statement["Action"])
                assert not [action for action in actions if "*" in action], name
                if "*" in as_list(statement["Resource"]):
                    assert set(actions) <= WITHOUT_RESOURCE, name


@each_set
def test_mail_leaves_under_the_identity_alone_whoever_the_recipient_is(stack):
    identity = stack.parameters["MailIdentity"]
    found = 0
    for role in stack.of_type("AWS::IAM::Role").values():
        for statement in role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]:
            if "ses:SendEmail" in as_list(statement["Action"]):
                (everyone,) = [one for one in statement["Resource"] if one["Fn::Sub"].endswith("identity/*")]
                assert everyone
                assert statement["Condition"] == {
                    "StringLike": {"ses:FromAddress": [identity, {"Fn::Sub": f"*@{identity}"}]}
                }
                found += 1
    assert found == 2


@each_set
def test_what_people_need_after_the_stack_outlives_it(stack):
    kept = {"Table", "DeadLetters", "Identity"} | ({"Files"} if stack.parameters["ReplyDomain"] else set())
    for name in kept:
        assert stack.resources[name]["DeletionPolicy"] == stack.resources[name]["UpdateReplacePolicy"] == "Retain", name
    assert {name for name, one in stack.resources.items() if one.get("DeletionPolicy") == "Retain"} == kept


def test_only_the_account_puts_events_on_a_bus_of_its_own_unless_another_is_named():
    rule = "EventsFunctionTickets"
    ours, named = SETS["defaults"], SETS["every"]
    assert ours.resources[rule]["Properties"]["EventBusName"] == {"Ref": "EventBus"}
    assert named.resources[rule]["Properties"]["EventBusName"] == "default"
    assert "EventBus" not in named.resources
    for stack in (ours, named):
        assert stack.resources[rule]["Properties"]["EventPattern"]["account"] == [{"Ref": "AWS::AccountId"}]


def test_capitals_are_refused_where_policies_would_compare_them():
    for name, value in (("MailIdentity", "Example.com"), ("MailFrom", "Desk@example.com"), ("ReplyDomain", "Reply.example.com")):
        pattern = PARAMETERS[name]["AllowedPattern"]
        assert re.fullmatch(pattern, value.lower()) and not re.fullmatch(pattern, value), name
