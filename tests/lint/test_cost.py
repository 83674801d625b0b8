"""`docs/COST.md` and `docs/PERFORMANCE.md` say what the script works out from the figures of today."""

import sys

import pytest

from conftest import REPO

sys.path.insert(0, str(REPO / "tests/bench"))
import cost  # noqa: E402
from harness.program import facts  # noqa: E402


@pytest.mark.parametrize(("page", "made"), [(cost.DOCUMENT, cost.document), (cost.COMPARED, cost.comparison)])
def test_the_pages_are_what_the_script_writes(page, made):
    text = page.read_text()
    assert text[text.index(cost.BEGIN) + len(cost.BEGIN) : text.index(cost.END)] == made(cost.figures())


def test_every_figure_is_given():
    data = cost.figures()
    for side in (data["ours"], data["peer"]):
        assert all(side[step]["cpu_ms"] > 0 and side[step]["storage"] > 0 for step in ("post", "send", "event"))
    assert all(unit["read"] > 0 and (unit["write"] > 0 or name == "counted") for name, unit in data["units"].items())


def test_mails_of_a_batch_wait_together_only_side_by_side():
    waits = {"storage_ms": 5, "ses_ms": 30, "mb_of_a_cpu": 1769}
    side = {"memory_mb": 1769}
    step = {"cpu_ms": 1.0, "storage": 4}
    assert cost.duration(step | {"side_by_side": True}, side, waits, 10) == (50, 10.0)
    assert cost.duration(step | {"side_by_side": False}, side, waits, 10) == (500, 10.0)
    assert cost.duration(step, side, waits) == (20, 1.0)


def test_fixed_costs_count_what_the_stack_makes(template):
    counts = cost.figures()["fixed"]
    assert counts["alarms"] == len(template.of_type("AWS::CloudWatch::Alarm"))
    assert counts["secrets"] == len(template.of_type("AWS::SecretsManager::Secret"))
    assert counts["metrics"] == len(facts()["metrics"]["names"])
    limits = facts()["limits"]
    assert counts["queries_of_a_sweep"] == limits["due_shards"] * limits["due_kinds"]
    assert counts["sweeps"] == 30 * 24 * 60
