"""What the deployed functions logged while the rest of the suite used them."""

import json
import re

import pytest

from conftest import REPO
from harness.template import Template

FUNCTIONS = [function.name for function in Template.read(REPO / "template.yaml").functions]
# Everybody in the suite has such an address; a message text ends in such a word; such words are in subjects and names.
PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+|(pedido|resposta|interno|evento|retido)-um|Caixa postal|Concei|Impressora|Não recebo", re.IGNORECASE
)


@pytest.fixture(scope="module")
def logged(stack):
    """Lines by function."""
    return {name: stack.logs(name) for name in FUNCTIONS}


def events(lines):
    """The lines that are JSON objects."""
    read = []
    for line in lines:
        try:
            read.append(json.loads(line))
        except ValueError:
            continue
    return [event for event in read if isinstance(event, dict)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_line_holds_an_address_a_name_a_subject_or_a_text(logged, name):
    assert logged[name], "nothing was logged: the test looks in the wrong place"
    assert [line for line in logged[name] if PERSONAL.search(line)] == []


def test_the_sender_logs_ids(logged):
    assert any({"requestId", "delivery_id"} <= ids(event) for event in events(logged["sender"]))


def ids(event):
    """Names of the fields of an event and of its span."""
    return set(event) | set(event.get("span", {}))


def test_metrics_are_written_in_the_embedded_format(logged):
    written = [event for lines in logged.values() for event in events(lines) if "_aws" in event]
    directives = [directive for event in written for directive in event["_aws"]["CloudWatchMetrics"]]
    names = {metric["Name"] for directive in directives for metric in directive["Metrics"]}
    assert all(directive["Dimensions"] == [["Stack"]] for directive in directives)
    assert all(event["Stack"] for event in written)
    assert names >= {"MessagesAccepted", "Sent", "Held", "TimeToAccepted"}
