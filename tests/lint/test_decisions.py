"""Every decision has a status, a date, its alternatives, and a row in the index."""

import re

import pytest

from conftest import REPO

FOLDER = REPO / "docs/decisions"
PAGES = {path.name: path.read_text() for path in sorted(FOLDER.glob("[0-9]*.md"))}
STATUS = re.compile(r"^\*\*Status\.\*\* (Accepted|Superseded by \[\d+\]\(\d{4}-[\w-]+\.md\)), (\d{4}-\d{2}-\d{2})\.", re.MULTILINE)


def row(name):
    """The row of the index that a page asks for."""
    number, title = re.match(r"# (\d+)\. (.+)", PAGES[name]).groups()
    status = STATUS.search(PAGES[name])
    assert status, f"{name} lacks a line such as: **Status.** Accepted, 2026-11-26."
    return f"| {number} | [{title}]({name}) | {status[1][0].lower()}{status[1][1:]} | {status[2]} |"


def test_the_index_has_a_row_for_each_decision_and_no_other():
    rows = [line for line in (FOLDER / "README.md").read_text().splitlines() if re.match(r"\| \d+ \|", line)]
    assert rows == [row(name) for name in PAGES]


def test_a_number_is_that_of_one_decision():
    numbers = [int(name[:4]) for name in PAGES]
    assert numbers == sorted(set(numbers))
    assert [int(re.match(r"# (\d+)\.", text)[1]) for text in PAGES.values()] == numbers


@pytest.mark.parametrize("name", PAGES)
def test_a_decision_says_what_it_was_about_what_was_decided_and_what_else_was_possible(name):
    places = [PAGES[name].find(f"\n**{part}.**") for part in ("Status", "Context", "Decision", "Alternatives")]
    assert -1 not in places and places == sorted(places)
