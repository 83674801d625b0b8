"""What must hold of the template *after* SAM's transform, with the defaults and with every parameter set.

The API's body, the schedule and the roles that SAM writes are in no other file; emulators drop or rename them.
"""

import json
import re

import pytest

from conftest import REPO
from harness.parameters import ALL_CHANGED
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
OTHER = ALL_CHANGED | {
    "Architecture": "x86_64",
    "MailIdentity": "desk@example.org",
    "CreateMailIdentity": "address",
    "MailFrom": "desk@example.org",
    "MailFromDomain": "bounce.example.org",
    "ReplyDomain": "reply.example.com",
    "CreateReceiptRule": "none",
    "HostedZoneId": "Z0123456789",
    "AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:alarms",
    "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/boundary",
    "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1",
}
CONSOLE = {"GET /", "GET /app", "GET /app/{proxy+}"}
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
    assert is_open == (OPEN | CONSOLE) & set(routes(stack))
    assert len(routes(stack)) > 20


@each_set
def test_open_routes_have_a_throttle_of_their_own_and_no_other_route_has_settings(stack):
    """A route that is in the settings and not in the API fails the deployment."""
    (stage,) = stack.of_type("AWS::ApiGatewayV2::Stage").values()
    settings = stage["Properties"]["RouteSettings"]
    assert set(settings) == OPEN <= set(routes(stack))
    for route in settings.values():
        assert route["ThrottlingRateLimit"] == stack.parameters["OpenThrottleRate"]
        assert route["ThrottlingBurstLimit"] == stack.parameters["OpenThrottleBurst"]


def test_no_parameter_takes_settings_of_a_route_away():
    """An update of a stage keeps the settings that are not named any more, and fails where their route is gone."""
    assert "Fn::If" not in json.dumps(TEMPLATE.resources["Api"]["Properties"]["RouteSettings"])


@each_set
def test_no_metric_is_bought_for_each_route_and_no_trace_for_each_run(stack):
    (stage,) = stack.of_type("AWS::ApiGatewayV2::Stage").values()
    all_settings = [stage["Properties"]["DefaultRouteSettings"], *stage["Properties"]["RouteSettings"].values()]
    assert [one["DetailedMetricsEnabled"] for one in all_settings] == [False] * len(all_settings)
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        assert "TracingConfig" not in function["Properties"], name


# Properties that are a resource's physical name, and so must differ between stacks of one account.
NAMES = re.compile(r"^(.*Name|Name|TopicName|AlarmName|Id)$")
# Those that are names of something else.
NAME_OF_ANOTHER = {
    "RuleSetName", "ConfigurationSetName", "QueueName", "IndexName", "TableName", "MetricName", "FunctionName",
    "EventBusName", "ApplicationName", "DeploymentConfigName",
}  # fmt: skip
# Resources whose names lie below a parent with a name of the stack's, and a domain, which is given.
BELOW_ANOTHER = {
    "AWS::Lambda::Permission", "AWS::Lambda::Alias", "AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName", "AWS::Route53::RecordSet", "AWS::Cognito::UserPoolGroup",
}  # fmt: skip


def physical_names(stack):
    """Every name that the template chooses itself, by type."""
    for logical_id, resource in stack.resources.items():
        for key, value in resource.get("Properties", {}).items():
            is_own = key not in NAME_OF_ANOTHER or key == "RuleSetName" and resource["Type"].endswith("ReceiptRuleSet")
            if NAMES.match(key) and is_own and resource["Type"] not in BELOW_ANOTHER:
                yield logical_id, resource["Type"], key, json.dumps(value, sort_keys=True)


@each_set
def test_schedules_invoke_their_functions_under_a_role_that_may_do_nothing_else(stack):
    schedules = {name: one["Properties"] for name, one in stack.resources.items() if one["Type"] == "AWS::Scheduler::Schedule"}
    rates = {name: one["ScheduleExpression"] for name, one in schedules.items()}
    assert rates == {"SenderFunctionEveryMinute": "rate(1 minute)", "InboundFunctionEveryDay": "rate(1 day)"}
    for name, schedule in schedules.items():
        target = schedule["Target"]
        assert target["Arn"] == {"Fn::GetAtt": [name.split("Every")[0], "Arn"]}
        assert target["RoleArn"] == {"Fn::GetAtt": ["ScheduleRole", "Arn"]}
        # What was never run is removed by redrive.sh: the next run does the same.
        assert json.loads(target["Input"])["source"] == "mensageria.schedule"
        assert "DeadLetterConfig" in target
    (policy,) = stack.resources["ScheduleRole"]["Properties"]["Policies"]
    invokes = [one for one in policy["PolicyDocument"]["Statement"] if one.get("Action") == "lambda:InvokeFunction"]
    assert [one["Resource"] for one in invokes] == [[{"Fn::GetAtt": [name, "Arn"]} for name in ("SenderFunction", "InboundFunction")]]
    ages = json.loads(schedules["InboundFunctionEveryDay"]["Target"]["Input"])["look"]
    assert ages == {"least_minutes": 60, "most_days": 30}


@each_set
def test_every_rule_may_park_what_it_cannot_hand_over(stack):
    rules = {name for name, rule in stack.of_type("AWS::Events::Rule").items() if "DeadLetterConfig" in json.dumps(rule)}
    (statement,) = [
        one
        for one in stack.resources["DeadLettersPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        if one["Principal"] == {"Service": "events.amazonaws.com"}
    ]
    assert {arn["Fn::GetAtt"][0] for arn in statement["Condition"]["ArnEquals"]["aws:SourceArn"]} == rules


@each_set
def test_two_stacks_of_one_account_share_no_physical_name(stack):
    kinds = set(physical_names(stack))
    again = Transformed(TEMPLATE, {k: v for k, v in stack.parameters.items()}, "staging")
    assert {name[:3] for name in kinds} >= {
        ("SenderFunctionEveryMinute", "AWS::Scheduler::Schedule", "Name"),
        ("InboundFunctionEveryDay", "AWS::Scheduler::Schedule", "Name"),
        ("MailEvents", "AWS::SES::ConfigurationSet", "Name"),
    }
    shared = kinds & set(physical_names(again))
    # A name that holds the stack's own id differs, too.
    assert {name for name in shared if "AWS::StackId" not in name[3]} == set()


@each_set
def test_every_log_group_and_role_of_a_function_is_one_of_the_template(stack):
    written = {name for name, resource in TEMPLATE.resources.items() if resource["Type"] == "AWS::IAM::Role"}
    # None that SAM makes: it would have neither the path nor the boundary of the organisation.
    assert set(stack.of_type("AWS::IAM::Role")) <= written
    for name, role in stack.of_type("AWS::IAM::Role").items():
        assert role["Properties"]["Path"] == stack.parameters["RolePath"], name
        assert role["Properties"].get("PermissionsBoundary", "") == stack.parameters["PermissionsBoundaryArn"], name
    groups = stack.of_type("AWS::Logs::LogGroup")
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        assert function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"] in groups, name
        assert function["Properties"]["Role"]["Fn::GetAtt"][0] in written, name
    assert all(group["Properties"]["RetentionInDays"] for group in groups.values())


# Actions that know no resource.
WITHOUT_RESOURCE = {"ses:GetAccount", "ses:DeleteSuppressedDestination"}
SUBNETS = {
    f"ec2:{action}"
    for action in (
        "CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets", "DeleteNetworkInterface",
        "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses",
    )
}  # fmt: skip


@each_set
def test_policies_are_no_wider_than_what_is_listed(stack):
    """No action has a wildcard, and `*` stands as a resource for actions alone that know no other."""
    bare = WITHOUT_RESOURCE | (SUBNETS if stack.parameters["VpcSubnetIds"] else set())
    for name, role in stack.of_type("AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in role["Properties"], name
        for policy in role["Properties"].get("Policies", []):
            for statement in as_list(policy["PolicyDocument"]["Statement"]):
                actions = as_list(statement["Action"])
                assert not [action for action in actions if "*" in action], name
                if "*" in as_list(statement["Resource"]):
                    assert set(actions) <= bare, name


@each_set
def test_mail_leaves_under_the_identity_alone_whoever_the_recipient_is(stack):
    identity = stack.parameters["MailIdentity"]
    found = 0
    roles = [role["Properties"] for role in stack.of_type("AWS::IAM::Role").values()]
    for policy in (policy for role in roles for policy in role.get("Policies", [])):
        for statement in policy["PolicyDocument"]["Statement"]:
            if "ses:SendEmail" in as_list(statement["Action"]):
                (everyone,) = [one for one in statement["Resource"] if one["Fn::Sub"].endswith("identity/*")]
                assert everyone
                further = [name for name in stack.parameters["FurtherIdentities"].split(",") if name]
                wanted = [identity, {"Fn::Sub": f"*@{identity}"}]
                if further:
                    wanted = [identity, *further, f"*@{identity}", *(f"*@{name}" for name in further)]
                assert statement["Condition"] == {"StringLike": {"ses:FromAddress": wanted}}
                found += 1
    assert found == 2


@each_set
def test_what_people_need_after_the_stack_outlives_it(stack):
    kept = {"Table", "DeadLetters", "Identity", "Files"}
    kept |= {"UserPool"} if stack.parameters["CreateUserPool"] == "true" else set()
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


def platform(stack):
    """What a key of one's own, subnets and an existing topic are given to, by logical id."""
    found = {}
    for name, resource in stack.resources.items():
        text = json.dumps(resource)
        found[name] = {word for word in ("key/1", "subnet-1", "sns:us-east-1:123456789012:alarms") if word in text}
    return found


def test_a_key_of_ones_own_guards_everything_that_is_kept():
    found = platform(SETS["every"])
    encrypted = {
        "AWS::DynamoDB::Table", "AWS::Logs::LogGroup", "AWS::SecretsManager::Secret", "AWS::S3::Bucket", "AWS::SQS::Queue",
        "AWS::Lambda::Function",
    }  # fmt: skip
    for name, resource in SETS["every"].resources.items():
        assert ("key/1" in found[name]) == (resource["Type"] in encrypted or name.endswith("Role")), name
    assert not any("Kms" in json.dumps(one.get("Properties", {})) for one in SETS["defaults"].resources.values())


def test_a_key_that_was_ones_own_before_decrypts_for_whoever_reads_files_and_does_nothing_else():
    """A file keeps the key that it was written with."""
    former = OTHER["FormerKmsKeyArns"].split(",")
    for name, role in SETS["every"].of_type("AWS::IAM::Role").items():
        statements = [one for policy in role["Properties"]["Policies"] for one in policy["PolicyDocument"]["Statement"]]
        reads = any("s3:GetObject" in as_list(one["Action"]) for one in statements)
        about = [one for one in statements if "key/2" in json.dumps(one)]
        assert about == ([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": former}] if reads else []), name
    assert sum("key/2" in json.dumps(one) for one in SETS["every"].resources.values()) == 3


def test_functions_run_in_subnets_only_where_they_are_given():
    for name, function in SETS["every"].of_type("AWS::Lambda::Function").items():
        assert function["Properties"]["VpcConfig"] == {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}, name
    for name, function in SETS["defaults"].of_type("AWS::Lambda::Function").items():
        assert "VpcConfig" not in function["Properties"], name


def test_alarms_go_to_the_topic_of_the_organisation_where_one_is_given():
    every = SETS["every"]
    assert "AlarmTopic" not in every.resources and "AlarmSubscription" not in every.resources
    for name, alarm in every.of_type("AWS::CloudWatch::Alarm").items():
        assert alarm["Properties"]["AlarmActions"] == [OTHER["AlarmTopicArn"]], name


@each_set
def test_requests_go_to_the_functions_and_to_no_version_of_them(stack):
    """An alias would keep the settings of its version when a parameter changes: docs/decisions says why."""
    for route, operation in routes(stack).items():
        uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
        assert re.search(r"functions/\$\{\w+Function\.Arn\}/invocations$", uri), route
    assert not stack.of_type("AWS::Lambda::Version")


def test_every_path_of_the_openapi_document_has_its_route():
    """Paths of the document, which has a name for each part, against the routes, some of which take all that follows."""
    known = routes(SETS["replies"])
    document = json.loads((REPO / "infra/openapi.json").read_text())
    lacking = []
    for path, item in document["paths"].items():
        for method in set(item) & {"get", "put", "post", "delete", "patch"}:
            sample = re.sub(r"\{\w+\}", "x", path)
            patterns = [key.split(" ")[1] for key in known if key.startswith(f"{method.upper()} ")]
            shapes = [re.sub(r"\{\w+\}", "[^/]+", pattern.replace("{proxy+}", ".+")) for pattern in patterns]
            if not any(re.fullmatch(shape, sample) for shape in shapes):
                lacking.append(f"{method} {path}")
    # On AWS an upload goes to the bucket itself: the route is that of one machine.
    assert lacking == ["put /uploads/{token}"]


def test_the_console_is_there_with_a_client_or_a_user_pool_of_the_stack_and_has_no_permission_but_its_log():
    assert not any(name.startswith(("Console", "UserPool")) for name in SETS["defaults"].resources)
    assert not CONSOLE & set(routes(SETS["defaults"]))
    with_client = deployed(ConsoleClientId="client")
    variables = with_client.resources["ConsoleFunction"]["Properties"]["Environment"]["Variables"]
    assert (variables["LOGIN_ISSUER"], variables["LOGIN_CLIENT_ID"]) == (REQUIRED["JwtIssuer"], "client")
    assert CONSOLE <= set(routes(with_client))
    (policy,) = with_client.resources["ConsoleRole"]["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]


def test_audiences_are_a_list_however_many_there_are():
    for given, wanted in (("client", ["client"]), ("client,another", ["client", "another"])):
        token = body(deployed(JwtAudience=given))["components"]["securitySchemes"]["Token"]["x-amazon-apigateway-authorizer"]
        assert token["jwtConfiguration"]["audience"] == wanted


def test_a_user_pool_of_the_stack_is_the_issuer_of_its_own_tokens():
    stack = SETS["every"]
    token = body(stack)["components"]["securitySchemes"]["Token"]["x-amazon-apigateway-authorizer"]["jwtConfiguration"]
    variables = stack.resources["ConsoleFunction"]["Properties"]["Environment"]["Variables"]
    assert token["issuer"] == variables["LOGIN_ISSUER"] and "${UserPool}" in token["issuer"]["Fn::Sub"]
    assert token["audience"] == [variables["LOGIN_CLIENT_ID"]] == [{"Ref": "UserPoolClient"}]
    host, named = variables["LOGIN_DOMAIN"]["Fn::Sub"]
    assert host == "${UserPoolDomain}.${Auth}.${AWS::Region}.amazoncognito.com" and named == {"Auth": "auth"}
    # In GovCloud there is the host of FIPS alone.
    written = TEMPLATE.resources["ConsoleFunction"]["Properties"]["Environment"]["Variables"]["LOGIN_DOMAIN"]["Fn::If"][1]
    assert written["Fn::Sub"][1] == {"Auth": {"Fn::If": ["IsGovCloud", "auth-fips", "auth"]}}
    assert TEMPLATE.document["Conditions"]["IsGovCloud"] == {"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-us-gov"]}
    client = stack.resources["UserPoolClient"]["Properties"]
    assert client["CallbackURLs"] == [{"Fn::Sub": "https://desk.example.com/app/entrar/volta"}] and client["GenerateSecret"] is False
    groups = {one["Properties"]["GroupName"] for one in stack.of_type("AWS::Cognito::UserPoolGroup").values()}
    assert groups == {OTHER[f"{role}Group"] for role in ("Requester", "Technician", "Admin", "Integration")}
