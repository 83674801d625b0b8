"""What must hold of `template.yaml` beside permissions."""

import json
import re

import pytest

from conftest import REPO
from harness.program import facts
from harness.template import Template, sample_settings

FUNCTIONS = Template.read(REPO / "template.yaml").functions
DASHBOARD = "AWS::CloudWatch::Dashboard"
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)


def settings():
    """Environment variables that the functions read, but those that Lambda sets."""
    return {name for name in facts()["settings"] if not name.startswith("AWS_")}


@each_function
def test_environment_variables_are_ones_that_the_settings_read(function):
    known = settings() | (set(facts()["console_settings"]) if function.name == "console" else set())
    assert function.environment <= known, function.environment - known


# Settings that not every function is given, and which are. No code is read to find out who needs what: each has all.
GIVEN_TO_SOME = {
    # A secret, for those that sign or read tokens.
    "REPLY_TOKEN_KEYS": {"templates", "tickets", "sender", "inbound"},
    # The address of the API is made of the routes of its functions, so none with a route can be told it.
    "API_URL": {"sender"},
    # For SMTP. The stack sends through SES alone, and its parameters say how many functions send at once.
    "SMTP_URL": set(),
    "MAIL_CONNECTIONS": set(),
}


def test_every_function_gets_every_setting():
    for function in FUNCTIONS:
        withheld = {name for name, given in GIVEN_TO_SOME.items() if function.name not in given}
        assert settings() - function.environment == withheld, function.name


def test_the_console_gets_its_own_settings():
    (console,) = (function for function in FUNCTIONS if function.name == "console")
    # The usual scopes suit every provider.
    assert set(facts()["console_settings"]) - console.environment == {"LOGIN_SCOPES"}


def test_pages_may_put_files_into_the_bucket_that_offers_name(template):
    """The policy of the console's page lets it, and so do the rules of the bucket, for every kind of page."""
    console = next(function for function in FUNCTIONS if function.name == "console")
    (bucket,) = template.of_type("AWS::S3::Bucket")
    origin = console.properties["Environment"]["Variables"]["UPLOAD_ORIGIN"]["Fn::Sub"]
    assert origin.startswith(f"https://${{{bucket}}}.s3.")
    condition, rules, _ = template.resources[bucket]["Properties"]["CorsConfiguration"]["Fn::If"]
    kinds = template.document["Conditions"][condition]["Fn::Or"]
    assert [rule["Fn::If"][0] for rule in rules["CorsRules"]] == [kind["Condition"] for kind in kinds] == ["HasOrigins", "HasConsole"]
    for rule in rules["CorsRules"]:
        assert rule["Fn::If"][1]["AllowedMethods"] == ["PUT"]
        assert rule["Fn::If"][1]["AllowedHeaders"] == ["content-type", "x-amz-*"]


def test_mail_leaves_through_ses(template):
    assert template.document["Globals"]["Function"]["Environment"]["Variables"]["MAIL_TRANSPORT"] == "ses"


def test_every_log_group_has_a_retention(template):
    groups = template.of_type("AWS::Logs::LogGroup")
    assert groups
    for name, group in groups.items():
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}, name


@each_function
def test_a_function_logs_json_to_a_group_of_the_stack(function):
    logs = function.properties["LoggingConfig"]["LogGroup"]["Ref"]
    assert function.template.resources[logs]["Type"] == "AWS::Logs::LogGroup"
    shared = function.template.document["Globals"]["Function"]["LoggingConfig"]
    # The report of each run is a line of the level INFO: memory is watched by it.
    assert (shared["LogFormat"], shared["SystemLogLevel"]) == ("JSON", "INFO")


def test_lambda_drops_no_metric(template):
    """A line without a level, as each of the embedded metric format is, counts as INFO."""
    assert template.document["Globals"]["Function"]["LoggingConfig"]["ApplicationLogLevel"] == "INFO"
    for function in FUNCTIONS:
        assert "ApplicationLogLevel" not in function.properties["LoggingConfig"], function.name


def test_access_logs_hold_who_called_from_where_and_nothing_else_of_a_person(template):
    line = json.loads(template.resources["Api"]["Properties"]["AccessLogSettings"]["Format"])
    for value in line.values():
        assert re.fullmatch(r"\$context\.[A-Za-z.]+", value)
    assert line.pop("sub") == "$context.authorizer.claims.sub"
    assert line.pop("source_ip") == "$context.identity.sourceIp"
    for value in line.values():
        assert not re.search(r"identity|authorizer|\$context\.path|sourceIp|userAgent|domainName", value)


def test_access_logs_tell_what_lambda_answered_from_what_the_function_did(template):
    """Of a function, `integration.status` is what its own code answered, and `integrationStatus` what Lambda did."""
    line = json.loads(template.resources["Api"]["Properties"]["AccessLogSettings"]["Format"])
    assert line["integration_status"] == "$context.integrationStatus"
    assert line["function_status"] == "$context.integration.status"
    page = (REPO / "docs/OPERATIONS.md").read_text().split("### `ApiErrorsAlarm`")[1].split("\n## ")[0]
    assert {name for name in re.findall(r"`(\w+_status)`", page)} == {"integration_status", "function_status"}


def test_another_class_of_the_access_log_makes_another_group(template):
    """CloudFormation refuses to change the class of a group that is there."""
    group = template.resources["ApiLogs"]["Properties"]
    condition, other, usual = group["LogGroupName"]["Fn::If"]
    assert template.document["Conditions"][condition] == {"Fn::Equals": [group["LogGroupClass"], "INFREQUENT_ACCESS"]}
    assert other != usual and group["LogGroupClass"] == {"Ref": "ApiLogClass"}


def test_rules_ask_for_every_parameter_that_they_say_is_needed(template):
    for name, rule in template.document["Rules"].items():
        for assertion in rule["Assertions"]:
            said = {word for word in re.findall(r"\w+", assertion["AssertDescription"]) if word in template.document["Parameters"]}
            asked = set(re.findall(r"'Ref': '(\w+)'", f"{assertion['Assert']} {rule['RuleCondition']}"))
            assert said == asked, name


def test_only_health_and_signed_links_are_open(template):
    open_routes = [
        event["Properties"]["Path"]
        for function in FUNCTIONS
        for event in function.events.values()
        if event["Type"] == "HttpApi" and event["Properties"].get("Auth") != {"Authorizer": "Token"}
    ]
    assert open_routes == ["/health", "/", "/app", "/app/{proxy+}", "/links/{token}", "/links/{token}", "/files/{token}"]
    assert set(template.resources["Api"]["Properties"]["Auth"]) == {"Authorizers"}


def test_the_table_keeps_what_it_holds(template):
    table = template.resources["Table"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    properties = table["Properties"]
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert properties["SSESpecification"]["SSEEnabled"] is True
    assert properties["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_stream_wakes_the_sender_for_new_deliveries_alone(template):
    sender = next(function for function in FUNCTIONS if function.name == "sender")
    stream = next(event["Properties"] for event in sender.events.values() if event["Type"] == "DynamoDB")
    pattern = json.loads(stream["FilterCriteria"]["Filters"][0]["Pattern"])
    assert pattern == {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"entity": {"S": ["delivery"]}}}}
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BisectBatchOnFunctionError"] is True
    # As long as a stream keeps its records: a burst waits for hours, and nothing of it has failed.
    assert stream["MaximumRecordAgeInSeconds"] == 24 * 60 * 60
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}


def test_a_run_of_the_sender_lasts_for_the_calls_that_are_under_way_when_its_time_is_up():
    sender = next(function for function in FUNCTIONS if function.name == "sender")
    # The sender does not compile unless its longest run, a call and its record fit into this.
    assert sender.properties["Timeout"] == facts()["limits"]["sender_seconds"]


@each_function
def test_alarms_and_dashboard_watch_every_function(function, template):
    watched = {
        (alarm["Properties"]["MetricName"], json.dumps(alarm["Properties"].get("Dimensions")))
        for alarm in template.of_type("AWS::CloudWatch::Alarm").values()
    }
    itself = json.dumps([{"Name": "FunctionName", "Value": {"Ref": function.logical_id}}])
    assert {("Errors", itself), ("Throttles", itself)} <= watched
    dashboards = [dashboard["Properties"]["DashboardBody"]["Fn::Sub"] for dashboard in template.of_type(DASHBOARD).values()]
    # The console is there under a condition, and a dashboard for it alone would cost more than it does.
    assert function.name == "console" or any(f"${{{function.logical_id}}}" in dashboard for dashboard in dashboards)


def test_every_alarm_reaches_the_topic(template):
    for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items():
        topic = {"Fn::If": ["MakesAlarmTopic", {"Ref": "AlarmTopic"}, {"Ref": "AlarmTopicArn"}]}
        assert alarm["Properties"]["AlarmActions"] == alarm["Properties"]["OKActions"] == [topic], name


def test_dashboards_are_json(template):
    for dashboard in template.of_type(DASHBOARD).values():
        for widget in json.loads(dashboard["Properties"]["DashboardBody"]["Fn::Sub"])["widgets"]:
            assert widget["x"] + widget["width"] <= 24


def test_nothing_of_inbound_mail_is_there_without_a_reply_domain(template):
    parts = [name for name in template.resources if re.match(r"Inbound|Files|Receipt", name)]
    assert len(parts) == 10, parts
    # Files go with messages of the portal and the desk too: the bucket, and the function that serves it.
    always = {"InboundFunction", "InboundRole", "InboundLogs", "InboundErrorsAlarm", "InboundThrottlesAlarm", "Files", "FilesPolicy"}
    for name in parts:
        condition = template.resources[name].get("Condition")
        assert condition in ({None} if name in always else {"HasReplyDomain", "MakesReceiptRule"}), name


def test_the_bucket_of_mails_is_closed_and_kept_as_long_as_their_records(template):
    bucket = template.resources["Files"]
    assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"
    properties = bucket["Properties"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    rules = {rule["Id"]: rule for rule in properties["LifecycleConfiguration"]["Rules"]}
    # Files of messages end with their messages: by the days that each was tagged with when it was written, whatever
    # the parameter says now.
    ends = set(template.document["Parameters"]["RetentionDays"]["AllowedValues"]) - {0}
    for days in ends:
        by_tag = {"Prefix": "attachments/", "TagFilters": [{"Key": "keep", "Value": str(days)}], "ExpirationInDays": days}
        assert rules.pop(f"keep-{days}") == {"Id": f"keep-{days}", "Status": "Enabled"} | by_tag
    assert not [name for name, rule in rules.items() if rule.get("Prefix") == "attachments/"]
    assert rules["raw-mails"]["ExpirationInDays"] == facts()["limits"]["raw_mail_days"]
    # A file that somebody looks at in the quarantine is a copy of a part of its mail; an upload waits for its message.
    for name, prefix in (("looked-at", "quarantine/"), ("uploads", "uploads/")):
        assert rules[name] == {"Id": name, "Status": "Enabled", "Prefix": prefix, "ExpirationInDays": 1}
    kept = rules.keys() - {"raw-mails", "looked-at", "uploads"}
    assert all("ExpirationInDays" not in rules[name] for name in kept)
    statements = {s["Sid"]: s for s in template.resources["FilesPolicy"]["Properties"]["PolicyDocument"]["Statement"]}
    assert [sid for sid, s in statements.items() if s["Effect"] == "Allow"] == ["MailsThatSesReceived"]
    others = statements["OnlySesBringsMails"]
    assert (others["Effect"], others["Principal"], others["Action"]) == ("Deny", "*", "s3:PutObject")
    assert others["Resource"] == statements["MailsThatSesReceived"]["Resource"]
    assert others["Condition"] == {"StringNotEquals": {"aws:PrincipalServiceName": "ses.amazonaws.com"}}
    assert statements["MailsThatSesReceived"]["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


@each_function
def test_a_function_is_built_by_cargo_lambda(function):
    assert function.metadata["BuildMethod"] == "rust-cargolambda"
    assert function.properties["CodeUri"] == f"functions/{function.name}"


def test_the_sample_of_local_settings_names_what_the_template_gives():
    sample = sample_settings(REPO)
    assert set(sample) == {function.logical_id for function in FUNCTIONS}
    for function in FUNCTIONS:
        assert set(sample[function.logical_id]) == function.environment, function.name
