#!/usr/bin/env python3
"""Works out which limit a load meets first, and at what rate each falls.

    python3 tests/bench/scale.py [RATE …] [--write]

Without rates it prints the peaks of the tiers in scale.toml; a rate is in messages a second, on a stack as the
largest tier sets it. `--write` puts the tables into docs/SCALE.md.
"""

import argparse
import sys
import tomllib
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPO / "tests/bench"), str(REPO / "tests")]
import cost  # noqa: E402
from harness.program import facts  # noqa: E402

FIGURES = REPO / "tests/bench/scale.toml"
DOCUMENT = REPO / "docs/SCALE.md"
BEGIN, END = "<!-- written by tests/bench/scale.py --write -->\n", "<!-- end -->"
DEFAULTS = {
    "concurrency": 10, "parallelism": 1, "memory": 256, "batch_window": 0, "throttle_rate": 100,
    "warm_writes": 0, "warm_reads": 0,
}  # fmt: skip


def shards():
    """How many shards the code spreads its partitions over, by the name of the constant."""
    limits = facts()["limits"]
    return {name: limits[name.lower()] for name in ("SHARDS", "DUE_SHARDS", "LIST_SHARDS")}


def figures():
    """Limits, traffic and tiers."""
    return tomllib.loads(FIGURES.read_text())


def units(data, kind):
    """Units of the table that a message costs: posted, sent, and told of as often as SES tells."""
    # cost.toml counts both events of a message together.
    return sum(step[kind] for step in data["units"].values())


def capacities(data, money, tier):
    """What each limit takes, in messages a second, by name."""
    limits, traffic = data["limits"], data["traffic"]
    given = DEFAULTS | tier
    batch = money["message"]["mails_of_batch"]
    table_writes = given.get("table_writes", limits["table_writes"])
    found = {"SES, the account's rate": given["ses_rate"]}
    found["writes that the table takes at once"] = max(limits["fresh_table_writes"], given["warm_writes"]) / units(money, "write")
    found["reads that the table takes at once"] = max(limits["fresh_table_reads"], given["warm_reads"]) / units(money, "read")
    found["write quota of the table"] = table_writes / units(money, "write")
    found["read quota of the table"] = limits["table_reads"] / units(money, "read")
    for hot in data["hot"]:
        count = shards()[hot["sharded"]] if "sharded" in hot else 1
        share = traffic[hot["share"]] if "share" in hot else 1
        each = hot.get("units", hot.get("reads")) * share / count
        found[hot["name"]] = limits["partition_writes" if "units" in hot else "partition_reads"] / each
    # Places in the provider's rate are taken for a batch at once, and one write waits for the one before.
    found["the schedule of the provider's rate (`SENDING`)"] = batch * 1000 / money["waits"]["storage_ms"]
    side = money["ours"] | {"memory_mb": given["memory"]}
    waited, worked = cost.duration(money["ours"]["send"], side, money["waits"], batch)
    batch_seconds = (waited + worked) / 1000
    # A table has a partition, and so a shard of the stream, for each thousand writes that it takes at once; four when new.
    streams = max(4, max(limits["fresh_table_writes"], given["warm_writes"]) / limits["partition_writes"])
    found["senders of the stream"] = streams * given["parallelism"] * batch / batch_seconds
    busy = batch_seconds / batch
    for step, times in (("post", 1), ("event", money["message"]["events"])):
        busy += sum(cost.duration(money["ours"][step], money["ours"], money["waits"])) / 1000 * times
    found["concurrent executions"] = given["concurrency"] / busy
    found["requests that the API lets in (`ThrottleRate`)"] = given["throttle_rate"]
    found["requests of the account's APIs"] = limits["api_requests"]
    # Those of SES, and one for each mail that comes in.
    invocations = given.get("rule_invocations", limits["rule_invocations"])
    found["events of EventBridge"] = invocations / (money["message"]["events"] + traffic["reply_share"])
    return dict(sorted(found.items(), key=lambda one: one[1]))


def peak(data, tier):
    """Messages a second at the peak of a tier."""
    return tier["messages"] / data["traffic"]["seconds_of_a_day"] * data["traffic"]["peak"]


def number(value):
    """A rate, readable."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def document():
    """What stands in docs/SCALE.md: the limits by tier, those of the largest in their order."""
    data, money = figures(), cost.figures()
    tiers = [(peak(data, tier), capacities(data, money, tier)) for tier in data["tier"]]
    heads = [f"{tier['messages']:,} a day" for tier in data["tier"]]
    lines = [
        f"Messages a second that each limit takes, as of {data['limits']['date']}; what is below the peak is bold.\n",
        f"| limit | {' | '.join(heads)} |",
        "|---" * (1 + len(heads)) + "|",
        f"| **the peak** | {' | '.join(number(wanted) for wanted, _ in tiers)} |",
    ]
    for name in tiers[-1][1]:
        rates = [number(found[name]) if found[name] >= wanted else f"**{number(found[name])}**" for wanted, found in tiers]
        lines.append(f"| {name} | {' | '.join(rates)} |")
    return "\n".join(lines) + "\n"


def main():
    """Prints, or writes."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("rates", nargs="*", type=float, help="messages a second")
    arguments.add_argument("--write", action="store_true", help="write docs/SCALE.md")
    given = arguments.parse_args()
    data, money = figures(), cost.figures()
    if given.write:
        text = DOCUMENT.read_text()
        begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
        DOCUMENT.write_text(text[:begin] + document() + text[end:])
    elif given.rates:
        for rate in given.rates:
            found = capacities(data, money, data["tier"][-1])
            fallen = [f"{name} ({number(at)})" for name, at in found.items() if at < rate]
            first = next(iter(found.items()))
            told = "; ".join(fallen) if fallen else f"nothing; the first limit is {first[0]} at {number(first[1])}"
            print(f"{number(rate)} messages a second: {told}")
    else:
        print(document())


if __name__ == "__main__":
    main()
