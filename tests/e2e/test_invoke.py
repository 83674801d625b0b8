"""Every event file of `tests/events`, on the built functions.

Twice: on the runtime interface emulator alone, and in the SAM CLI's containers. The cases run in the
order of `expected.json`: later ones read what earlier ones wrote.
"""

import json

import pytest

from conftest import REPO
from harness import setup
from harness.invoke import Emulated, InDocker
from harness.moto import Moto
from harness.template import Template

EVENTS = REPO / "tests/events"
CASES = json.loads((EVENTS / "expected.json").read_text())
TEMPLATE = Template.read(REPO / "template.yaml")
FUNCTIONS = {function.name: function for function in TEMPLATE.functions}


@pytest.fixture(scope="module", params=["rie", "docker"])
def runner(request, built, logs):
    """What invokes, with an emulator of its own behind it."""
    if request.param == "docker" and (lacking := setup.Tools(REPO).missing("docker")):
        pytest.skip(lacking)
    moto = Moto(TEMPLATE, logs)
    try:
        invoker = {"rie": Emulated, "docker": InDocker}[request.param](REPO, built, moto, logs)
        yield invoker
        invoker.end()
    finally:
        moto.end()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["event"])
def test_event(runner, case):
    name = case["event"].split("/")[0]
    answer = runner.invoke(FUNCTIONS[name], EVENTS / f"{case['event']}.json")
    if "fails" in case:
        assert case["fails"] in json.dumps(answer)
        assert set(answer) >= {"errorType", "errorMessage"}
        return
    assert not isinstance(answer, dict) or "errorType" not in answer, answer
    if "result" in case:
        assert answer == case["result"]
    if "status" in case:
        assert answer["statusCode"] == case["status"], answer
        body = json.loads(answer["body"])
        assert {name: body.get(name) for name in case.get("body", {})} == case.get("body", {})
        if case["status"] >= 400:
            assert answer["headers"]["content-type"] == "application/problem+json"
            assert body["code"]


def test_every_event_file_has_an_expectation():
    files = {str(path.relative_to(EVENTS).with_suffix("")) for path in EVENTS.glob("*/*.json")}
    assert files == {case["event"] for case in CASES}
    # The console answers with files alone: its own suites ask it.
    assert {name.split("/")[0] for name in files} == set(FUNCTIONS) - {"console"}
