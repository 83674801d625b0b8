"""Counts of a suite, read from what it printed or reported."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field


@dataclass
class Counts:
    """How many tests passed, failed and were skipped, and why they were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    reasons: list = field(default_factory=list)

    def __add__(self, other):
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.reasons + other.reasons,
        )

    def __str__(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


_CARGO = re.compile(
    r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored; \d+ measured; (\d+) filtered out;", re.MULTILINE
)


def of_cargo(log, code):
    """`cargo test`: the sum of its result lines.

    What was ignored, or left out by `--skip`, was not run. A build that failed has no result line and
    counts as one failure.
    """
    total = Counts()
    for passed, failed, ignored, left_out in _CARGO.findall(log):
        total += Counts(int(passed), int(failed), int(ignored) + int(left_out))
    if code != 0 and total.failed == 0:
        total.failed = 1
    return total


def of_junit(report, code):
    """A pytest run with `--junitxml`; a run that wrote no report counts as one failure."""
    if not report.exists():
        return Counts(failed=1)
    total = Counts()
    for case in ElementTree.parse(report).iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            total.failed += 1
        elif skipped is not None:
            total += Counts(skipped=1, reasons=[f"{case.get('name')}: {skipped.get('message')}"])
        else:
            total.passed += 1
    # Exit code 5 is pytest's "no test was run": a suite that runs nothing proves nothing.
    if code != 0 and total.failed == 0:
        total.failed = 1
    return total


def of_deny(log, code):
    """`cargo deny check`: its closing line names each check, `bans ok, licenses FAILED`."""
    results = re.findall(r"\b(?:advisories|bans|licenses|sources) (ok|FAILED)", log)
    failed = results.count("FAILED") or int(code != 0)
    return Counts(results.count("ok"), failed)


def of_crates(log, code):
    """`alone.py`: a line for each crate, `crate domain ok`."""
    results = re.findall(r"^crate \S+ (ok|FAILED)$", log, re.MULTILINE)
    failed = results.count("FAILED") or int(code != 0)
    return Counts(results.count("ok"), failed)
