"""`docs/SCALE.md` says what its model works out from the figures and the code of today."""

import re
import sys

from conftest import REPO

sys.path.insert(0, str(REPO / "tests/bench"))
import cost  # noqa: E402
import scale  # noqa: E402
from harness.program import facts  # noqa: E402

DATA, MONEY = scale.figures(), cost.figures()
LARGEST = DATA["tier"][-1]


def test_the_page_is_what_the_script_writes():
    text = scale.DOCUMENT.read_text()
    assert text[text.index(scale.BEGIN) + len(scale.BEGIN) : text.index(scale.END)] == scale.document()


def test_at_ten_million_a_day_the_first_limit_is_the_quota_of_ses():
    for tier in DATA["tier"]:
        found = scale.capacities(DATA, MONEY, tier)
        assert next(iter(found)) == "SES, the account's rate"
        assert found["SES, the account's rate"] > scale.peak(DATA, tier), tier
    assert (LARGEST["messages"], DATA["traffic"]["peak"]) == (10_000_000, 10)


def test_the_model_has_the_shards_of_the_code():
    """Each partition that the code spreads is a place in the model, and none that it does not spread is."""
    partitions = {part for row in facts()["keys"] for part in (row["pk"], row["index_pk"]) if part}
    assert set(scale.shards()) == {hot["sharded"] for hot in DATA["hot"] if "sharded" in hot}
    for hot in DATA["hot"]:
        prefix = re.search(r"`([A-Z]+)", hot["name"]).group(1)
        assert any(re.match(rf"{prefix}(#|$)", part) for part in partitions), hot["name"]
    fewer = scale.capacities(DATA, MONEY, LARGEST)
    (waiting,) = (hot for hot in DATA["hot"] if "DUE#SENDING" in hot["name"])
    assert fewer[waiting["name"]] == 1000 / waiting["units"] * scale.shards()["DUE_SHARDS"]


def test_a_batch_is_one_of_the_template(template):
    stream = template.resources["SenderFunction"]["Properties"]["Events"]["Stream"]["Properties"]
    assert stream["BatchSize"] == MONEY["message"]["mails_of_batch"]


def test_defaults_are_those_of_the_template(template):
    names = {"parallelism": "SenderParallelism", "memory": "SenderMemory", "throttle_rate": "ThrottleRate"}
    names |= {"batch_window": "SenderBatchWindow", "warm_writes": "WarmWrites", "warm_reads": "WarmReads"}
    for name, parameter in names.items():
        assert scale.DEFAULTS[name] == template.document["Parameters"][parameter]["Default"], name


def test_parameters_of_the_page_are_ones_of_the_stack_with_the_values_of_the_model(template):
    row = next(line for line in scale.DOCUMENT.read_text().splitlines() if line.startswith("| 10,000,000 |"))
    given = dict(re.findall(r"(\w+)=(\d+)", row))
    assert set(given) <= set(template.document["Parameters"])
    assert {given["WarmWrites"], given["SenderParallelism"], given["SenderMemory"], given["ThrottleRate"]} == {
        str(LARGEST[name]) for name in ("warm_writes", "parallelism", "memory", "throttle_rate")
    }


def test_quotas_of_the_page_are_those_of_the_model():
    row = next(line for line in scale.DOCUMENT.read_text().splitlines() if line.startswith("| 10,000,000 |"))
    asked = {"ses_rate": r"SES: ([\d,]+) a second", "table_writes": r"DynamoDB: ([\d,]+) writes a second"}
    asked |= {"concurrency": r"Lambda: ([\d,]+) concurrent", "rule_invocations": r"EventBridge: ([\d,]+) invocations a second"}
    for name, pattern in asked.items():
        assert int(re.search(pattern, row).group(1).replace(",", "")) == LARGEST[name], name
    # What is asked for is needed: with the quota of most regions the results of mails would be late.
    without = {name: value for name, value in LARGEST.items() if name != "rule_invocations"}
    assert scale.capacities(DATA, MONEY, without)["events of EventBridge"] < scale.peak(DATA, LARGEST)
    assert f"the {DATA['limits']['rule_invocations']:,} that most have" in scale.DOCUMENT.read_text()


def test_more_units_a_message_mean_a_lower_limit():
    dearer = MONEY | {"units": {step: {kind: 2 * n for kind, n in one.items()} for step, one in MONEY["units"].items()}}
    name = "write quota of the table"
    assert scale.capacities(DATA, dearer, LARGEST)[name] * 2 == scale.capacities(DATA, MONEY, LARGEST)[name]
