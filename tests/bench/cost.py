#!/usr/bin/env python3
"""Dollars for a million messages, from measured figures and a dated list of prices (`cost.toml`).

    tests/bench/cost.py           prints the tables with their arithmetic
    tests/bench/cost.py --write   puts them into docs/COST.md, and the comparison with Python into docs/PERFORMANCE.md
"""

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "docs/COST.md"
COMPARED = HERE.parents[1] / "docs/PERFORMANCE.md"
BEGIN, END = "<!-- written by tests/bench/cost.py --write -->\n", "<!-- end -->\n"
MILLION = 1_000_000


def figures():
    """The figures and prices."""
    return tomllib.loads((HERE / "cost.toml").read_text())


def duration(step, side, waits, mails=1):
    """Milliseconds that a run is billed: what it waits, and its work on the part of a processor that it has."""
    together = step.get("side_by_side", False)
    times = 1 if together else mails
    ses = waits["ses_ms"] if "side_by_side" in step else 0
    waited = times * (step["storage"] * waits["storage_ms"] + ses)
    worked = mails * step["cpu_ms"] * waits["mb_of_a_cpu"] / side["memory_mb"]
    return waited, worked


def function(name, step, side, data, runs, mails=1):
    """One row: a function's runs for a million messages."""
    prices = data["prices"]
    waited, worked = duration(step, side, data["waits"], mails)
    gb_seconds = runs * (waited + worked) / 1000 * side["memory_mb"] / 1024
    dollars = gb_seconds * prices["lambda_gb_second"] + runs / MILLION * prices["lambda_million_requests"]
    how = (
        f"{runs:,} runs × ({waited:.0f} ms waiting + {worked:.1f} ms working) × {side['memory_mb']} MB"
        f" = {gb_seconds:,.0f} GB-s × {prices['lambda_gb_second']} + requests"
    )
    return name, how, dollars


def functions(side, data, mails):
    """The rows of the functions."""
    events = data["message"]["events"]
    return [
        function("`tickets`: message posted", side["post"], side, data, MILLION),
        function(f"`sender`: batches of {mails}", side["send"], side, data, MILLION // mails, mails),
        function("`feedback`: events of SES", side["event"], side, data, MILLION * events),
    ]


def common(data):
    """The rows that do not depend on the language."""
    prices, units = data["prices"], data["units"].values()
    rows = [("API", f"{MILLION:,} requests × {prices['http_api_million_requests']} a million", prices["http_api_million_requests"])]
    for kind, name in (("write", "writes"), ("read", "reads")):
        parts = [unit[kind] for unit in units]
        price = prices[f"dynamodb_million_{name}"]
        how = f"({' + '.join(f'{part:g}' for part in parts)}) units × {price}"
        rows.append((f"Table, {name}", how, sum(parts) * price))
    return [*rows, ("SES", f"{MILLION:,} mails × {prices['ses_million_mails'] / 1000:.2f} a thousand", prices["ses_million_mails"])]


def logs(side, data):
    """The row of the logs."""
    gb = side["log_bytes"] * MILLION / 1e9
    return "Logs", f"{side['log_bytes']:,} bytes a message = {gb:g} GB × {data['prices']['logs_gb']:.2f}", gb * data["prices"]["logs_gb"]


def fixed(data):
    """The rows of what is paid each month, whatever is sent."""
    prices, counts, ours = data["prices"], data["fixed"], data["ours"]
    rows = [
        (name, f"{counts[name]} × {prices[price]:.2f}", counts[name] * prices[price])
        for name, price in (("metrics", "metric_month"), ("alarms", "alarm_month"), ("secrets", "secret_month"))
    ]
    sweeps, queries = counts["sweeps"], counts["queries_of_a_sweep"]
    seconds = queries * data["waits"]["storage_ms"] / 1000
    gb_seconds = sweeps * seconds * ours["memory_mb"] / 1024
    rows.append(
        (
            "`sender`: a sweep each minute",
            f"{sweeps:,} runs × {seconds:.1f} s × {ours['memory_mb']} MB = {gb_seconds:,.0f} GB-s × {prices['lambda_gb_second']} + requests",
            gb_seconds * prices["lambda_gb_second"] + sweeps / MILLION * prices["lambda_million_requests"],
        )
    )
    # A query of an index that finds nothing costs half a unit.
    reads = sweeps * queries / 2
    how = f"{sweeps:,} × {queries} queries × 0.5 units × {prices['dynamodb_million_reads']} a million"
    return [*rows, ("Table, reads of the sweeps", how, reads / MILLION * prices["dynamodb_million_reads"])]


def looking(data):
    """The rows of technicians who look at lists all day, and what the same would be without the check for changes."""
    prices, desk, ours = data["prices"], data["polling"], data["ours"]
    looks = desk["people"] * desk["hours"] * 3600 * desk["days"] // desk["every_s"]
    news = round(looks * desk["with_news"])

    def rows(kind, requests, units):
        step = {"cpu_ms": ours["post"]["cpu_ms"], "storage": desk["storage"]}
        reads = sum(count * each for count, each in units)
        arithmetic = " + ".join(f"{count:,} × {each:g}" for count, each in units)
        return [
            (f"{kind}: API", f"{requests:,} requests × {prices['http_api_million_requests']} a million",
             requests / MILLION * prices["http_api_million_requests"]),
            function(f"{kind}: `tickets`", step, ours, data, requests),
            (f"{kind}: table, reads", f"({arithmetic}) units × {prices['dynamodb_million_reads']} a million",
             reads / MILLION * prices["dynamodb_million_reads"]),
        ]  # fmt: skip

    # Where something changed, the list is asked for too, with the place from which changes are told next.
    checks = rows("check", looks + 2 * news, [(looks - news, desk["quiet"]), (news, desk["news"] + desk["list"])])
    return checks, rows("whole list", looks, [(looks, desk["list"])])


def table(title, rows):
    """Rows as Markdown, with their sum."""
    lines = [f"### {title}", "", "| | arithmetic | $ |", "|---|---|---|"]
    lines += [f"| {name} | {how} | {dollars:.2f} |" for name, how, dollars in rows]
    return [*lines, f"| **together** | | **{sum(dollars for _, _, dollars in rows):.2f}** |", ""]


def document(data):
    """The tables."""
    mails = data["message"]["mails_of_batch"]
    ours = data["ours"]
    lines = [f"Prices of {data['prices']['date']}, us-east-1, in dollars; no free tier, no discount.", ""]
    for batch, when in ((mails, f"busy, batches of {mails}"), (1, "quiet, each mail a batch of its own")):
        rows = [*functions(ours, data, batch), *common(data), logs(ours, data)]
        lines += table(f"A million messages, {when}", rows)
    lines += table("A month, whatever is sent", fixed(data))
    desk = data["polling"]
    title = (
        f"{desk['people']} technicians looking at lists all day: every {desk['every_s']} s, "
        f"{desk['hours']} hours, {desk['days']} days, something new in {desk['with_news']:.0%} of looks"
    )
    checks, whole = looking(data)
    lines += table(title, checks)
    lines += table("The same if each look asked for the whole list", whole)
    return "\n".join(lines[:-1]) + "\n"


def comparison(data):
    """The functions beside the same flow in the peer's language."""
    mails = data["message"]["mails_of_batch"]
    ours, peer = data["ours"], data["peer"]
    lines = [f"| | {ours['name']} $ | {peer['name']} $ | × |", "|---|---|---|---|"]
    for batch, when in ((mails, "busy"), (1, "quiet")):
        pairs = zip(functions(ours, data, batch), functions(peer, data, batch), strict=True)
        sums = [0.0, 0.0]
        for (name, _, own), (_, _, other) in pairs:
            sums = [sums[0] + own, sums[1] + other]
            lines.append(f"| {when}, {name} | {own:.2f} | {other:.2f} | {other / own:.1f} |")
        lines.append(f"| **{when}, together** | **{sums[0]:.2f}** | **{sums[1]:.2f}** | **{sums[1] / sums[0]:.1f}** |")
    lines.append("")
    for batch, when in ((mails, "busy"), (1, "quiet")):
        for name, how, _ in functions(peer, data, batch):
            lines.append(f"- {peer['name']}, {when}, {name}: {how}")
    return "\n".join(lines) + "\n"


def main():
    """Prints or writes."""
    data = figures()
    for path, made in ((DOCUMENT, document(data)), (COMPARED, comparison(data))):
        if sys.argv[1:] == ["--write"]:
            text = path.read_text()
            path.write_text(text[: text.index(BEGIN)] + BEGIN + made + text[text.index(END) :])
        else:
            sys.stdout.write(f"{made}\n")


if __name__ == "__main__":
    main()
