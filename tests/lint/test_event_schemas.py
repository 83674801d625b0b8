"""The schemas of the events that an ITSM system sends: what they let through is what the code reads."""

import json

import jsonschema
import pytest

from conftest import REPO

KINDS = ("TicketUpdated", "MessageCreated")
COMPONENTS = json.loads((REPO / "infra/openapi.json").read_text())["components"]["schemas"]
EVENTS = {path.stem: json.loads(path.read_text()) for path in sorted((REPO / "tests/events/events").glob("*.json"))}
REFUSED = {"future-version"}


def schema(kind):
    """The published schema."""
    return json.loads((REPO / f"infra/events/{kind}.v1.schema.json").read_text())


def fields(part):
    """Names of the fields of an object."""
    return set(part["properties"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one(kind):
    jsonschema.Draft202012Validator.check_schema(schema(kind))


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_that_is_taken_fits_and_one_that_is_refused_does_not(name):
    event = EVENTS[name]
    fits = jsonschema.Draft202012Validator(schema(event["detail-type"])).is_valid(event)
    assert fits == (name not in REFUSED)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_has_the_fields_of_the_code(kind):
    """The OpenAPI document is made from the code; these files are written by hand."""
    written = schema(kind)
    detail = written["properties"]["detail"]["properties"]
    assert fields(detail["ticket"]) == fields(COMPONENTS["Ticket"])
    assert fields(written["$defs"]["person"]) == fields(COMPONENTS["Person"])
    assert fields(written["$defs"]["group"]) == fields(COMPONENTS["Group"])
    if "message" in detail:
        legacy = {"description"}
        # What only somebody who writes at a screen can mean is refused in an event.
        of_a_screen = {"attachments", "if_seen", "delay_s"}
        assert fields(detail["message"]) == fields(COMPONENTS["NewMessage"]) - of_a_screen | legacy
        assert fields(detail["message"]["properties"]["author"]) == fields(COMPONENTS["Author"])
