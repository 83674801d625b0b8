"""`docs/OPERATIONS.md` has a page for each alarm, and what the pages quote is there."""

import json
import re
import subprocess

import pytest

from conftest import REPO
from harness.fake_aws import commands as aws_commands
from harness.program import facts
from harness.template import as_list

TEXT = (REPO / "docs/OPERATIONS.md").read_text()
ALARMS = TEXT[TEXT.index("\n## Alarms\n") : TEXT.index("\n## ", TEXT.index("\n## Alarms\n") + 5)]
NAMESPACE = "Mensageria"
DIMENSION = "Stack"


def pages():
    """The text of each page by the alarms in its heading."""
    _, *parts = re.split(r"^### ", ALARMS, flags=re.MULTILINE)
    return {tuple(re.findall(r"`(\w+)`", part.splitlines()[0])): part for part in parts}


def commands():
    """Every block of commands."""
    return re.findall(r"```sh\n(.*?)```", ALARMS, flags=re.DOTALL)


def test_every_alarm_has_its_page_and_every_page_its_alarm(template):
    named = [name for names in pages() for name in names]
    assert sorted(named) == sorted(template.of_type("AWS::CloudWatch::Alarm"))


@pytest.mark.parametrize("names", pages(), ids=lambda names: names[0])
def test_a_page_says_what_it_means_what_to_look_at_and_what_to_do(names):
    page = pages()[names]
    places = [page.index(f"**{part}.**") for part in ("Means", "Look", "Do")]
    assert places == sorted(places)
    assert "```sh\n" in page


def test_commands_are_ones_of_the_shell():
    assert len(commands()) > len(pages())
    for block in commands():
        checked = subprocess.run(["bash", "-n"], input=block, text=True, capture_output=True, check=False)
        assert checked.returncode == 0, f"{checked.stderr}\n{block}"


def blocks():
    """Every block of the whole page that is typed into a shell."""
    found = re.findall(r"^ *```(\w*)\n(.*?)^ *```", TEXT, flags=re.DOTALL | re.MULTILINE)
    return [block for language, block in found if language != "json"]


def test_whatever_is_typed_is_of_the_shell_and_of_the_aws_cli():
    assert len(blocks()) > len(commands())
    looked = set()
    for block in blocks():
        checked = subprocess.run(["bash", "-n"], input=block, text=True, capture_output=True, check=False)
        assert checked.returncode == 0, f"{checked.stderr}\n{block}"
    # In the text, too. Options stand outside of quotation marks, and before what is of another command.
    inline = [command.replace("\n", " ") for command in re.findall(r"`(aws [^`]+)`", TEXT)]
    typed = "\n".join([*blocks(), *inline]).replace("\\\n", " ")
    typed = re.sub(r"(?m)(?:^|\s)#.*$", "", typed)
    typed = re.sub(r"'[^'\n]*'|\"(?:\\\\.|\$\([^()]*\)|[^\"\n])*\"", "TEXT", typed)
    for service, command, rest in re.findall(r"\baws ([a-z0-9-]+) ([a-z0-9-]+)([^|;&\n]*)", typed):
        if service in ("s3", "configure"):
            continue
        assert command in aws_commands(service), f"aws {service} {command}"
        takes, needs = aws_commands(service)[command]
        given = set(re.findall(r"(?<=\s)--[a-z][a-z-]*", rest))
        assert given <= set(takes) and set(needs) <= given, f"aws {service} {command}: {given} of {takes}, with {needs}"
        looked.add(command)
    assert len(looked) > 30


def test_functions_outputs_and_parameters_that_are_named_are_there(template):
    functions = {path.parent.name for path in (REPO / "functions").glob("*/Cargo.toml")}
    assert set(re.findall(r"^lines (\w+)", ALARMS, flags=re.MULTILINE)) <= functions
    outputs = set(re.findall(r"\(output (\w+)\)", ALARMS))
    assert outputs and outputs <= set(template.document["Outputs"])
    parameters = {"StormLimits", "ReputationLimits", "SenderConcurrency"}
    assert parameters <= set(template.document["Parameters"])
    assert all(f"`{name}`" in ALARMS for name in parameters)


def test_lines_are_looked_for_by_fields_that_they_have():
    """What the lines of one run share is the id in their span. `request_id` is in those of a refused or failed call alone."""
    ours = {"level", "message", "ticket_id", "span.requestId"}
    of_lambda = {"type", "record.requestId", "record.status", "record.metrics.maxMemoryUsedMB"}
    filters = re.findall(r"\blines \S+ ['\"]({.*?})['\"]", TEXT)
    assert {field for one in filters for field in re.findall(r"\$\.([\w.]+)", one)} == ours | of_lambda
    sources = [path for folder in ("functions", "shared") for path in (REPO / folder).rglob("src/**/*.rs")]
    assert [path.name for path in sources if re.search(r"request_id = %", path.read_text())] == ["problem.rs"]
    for paragraph in TEXT.split("\n\n"):
        assert "`request_id`" not in paragraph or "that of API Gateway for one call" in paragraph, paragraph


def test_a_trail_is_in_the_order_of_time_whatever_function_wrote_it():
    """A line begins as shared/platform writes it, and a test there holds it to that."""
    (trail,) = re.findall(r"^trail\(\) \{\n.*?^\}\n", ALARMS, flags=re.DOTALL | re.MULTILINE)
    line = '{{"service":"%s","timestamp":"2026-11-26T10:00:0{}.000000Z","level":"INFO","message":"m","ticket_id":"4711"}}'
    written = {"tickets": [1, 4], "sender": [2, 5], "feedback": [3]}
    cases = "".join(f"{name}) printf '%s\\t' {' '.join(repr((line % name).format(at)) for at in ats)};;\n" for name, ats in written.items())
    script = f"lines() {{ case $1 in\n{cases}esac; }}\n{trail}trail 4711"
    printed = subprocess.run(["bash", "-c", script], text=True, capture_output=True, check=True).stdout
    assert re.findall(r"10:00:0(\d)", printed) == ["1", "2", "3", "4", "5"]


def test_memory_and_time_of_the_functions_are_as_the_page_says(template):
    line = TEXT.split("**Memory and time.**")[1].split("\n- ")[0].split("\n\n")[0]
    said = {}
    for names, seconds in re.findall(r"((?:`\w+`(?: and )?)+)(?: \d+ MB and)? (\d+) s", line):
        said |= {name: int(seconds) for name in re.findall(r"`(\w+)`", names)}
    shared = template.document["Globals"]["Function"]
    assert f"{shared['MemorySize']} MB" in line and f"{shared['Timeout']} s" in line
    assert said == {function.name: function.properties["Timeout"] for function in template.functions if "Timeout" in function.properties}


def test_every_parameter_and_every_output_is_explained(template):
    assert [name for name in template.document["Parameters"] if f"`{name}`" not in TEXT] == []
    assert [name for name in template.document["Outputs"] if not re.search(rf"\b{name}\b", TEXT)] == []


def test_the_rollback_triggers_see_the_errors_of_every_function(template):
    """CloudFormation takes five alarms: that of the API for the functions behind it, and one for each that events wake."""
    triggers = re.search(r"\?contains\(\[([^\]]+)\], LogicalResourceId\)", TEXT).group(1)
    triggers = set(re.findall(r"'(\w+)'", triggers))
    assert triggers <= set(template.of_type("AWS::CloudWatch::Alarm")) and len(triggers) <= 5
    assert "ApiErrorsAlarm" in triggers
    for function in template.functions:
        by_events = any(event["Type"] != "HttpApi" for event in function.events.values())
        own = function.logical_id.replace("Function", "ErrorsAlarm")
        assert by_events == (own in triggers), function.name


def test_metrics_of_alarms_are_ones_that_the_code_writes(template):
    written = set(facts()["metrics"]["names"])
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    own = {a["Properties"]["MetricName"] for a in alarms if a["Properties"]["Namespace"] == NAMESPACE}
    assert own and own <= written


def test_metrics_are_those_of_one_stack(template):
    """Alarms and dashboards look at the dimension that the code writes: its own stack's."""
    assert (facts()["metrics"]["namespace"], facts()["metrics"]["dimension"]) == (NAMESPACE, DIMENSION)
    of_stack = [{"Name": DIMENSION, "Value": {"Ref": "AWS::StackName"}}]
    for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items():
        if alarm["Properties"]["Namespace"] == NAMESPACE:
            assert alarm["Properties"]["Dimensions"] == of_stack, name
    shown = 0
    for dashboard in template.of_type("AWS::CloudWatch::Dashboard").values():
        for widget in json.loads(dashboard["Properties"]["DashboardBody"]["Fn::Sub"])["widgets"]:
            for metric in widget["properties"].get("metrics", []):
                if metric[0] == NAMESPACE:
                    assert metric[2:4] == [DIMENSION, "${AWS::StackName}"]
                    shown += 1
    assert shown
    variables = template.document["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["STACK_NAME"] == {"Ref": "AWS::StackName"}


def test_the_dashboards_show_the_figures_behind_the_alarms(template):
    shown = set()
    for dashboard in template.of_type("AWS::CloudWatch::Dashboard").values():
        shown |= set(re.findall(r'\["(?:Mensageria|\.)", "(\w+)"', dashboard["Properties"]["DashboardBody"]["Fn::Sub"]))
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    own = {a["Properties"]["MetricName"] for a in alarms if a["Properties"]["Namespace"] == NAMESPACE}
    assert own - shown == set()


def test_a_key_is_for_every_service_that_uses_it_under_what_that_service_sends():
    """Under a condition on `aws:SourceAccount`, EventBridge and CloudWatch Logs could not use the key."""
    section = TEXT.split("### A key of your own\n")[1].split("\n### ")[0]
    read = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", section, flags=re.DOTALL)]
    conditions = {
        service: set(statement.get("Condition", {}).get("StringEquals", {}))
        for statement in (one for block in read for one in as_list(block))
        for service in as_list(statement["Principal"]["Service"])
    }
    unconditional = {service for service, keys in conditions.items() if "aws:SourceAccount" not in keys}
    assert unconditional == {"events.amazonaws.com", "logs.REGION.amazonaws.com"}
    assert len(conditions) == 7


def test_what_is_blocked_rings_once_until_it_is_fixed_and_each_reason_has_its_remedy(template):
    alarm = template.resources["BlockedAlarm"]["Properties"]
    assert alarm["DatapointsToAlarm"] == 1
    hours = facts()["limits"]["hours_between_checks"]
    # Up to a quarter more is jitter.
    assert alarm["Period"] * alarm["EvaluationPeriods"] > hours * 3600 * 1.25
    page = pages()[("BlockedAlarm",)]
    codes = facts()["faults"]
    assert codes and [code for code in codes if f"`{code}`" not in page] == []
