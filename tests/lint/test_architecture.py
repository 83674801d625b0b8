"""`docs/ARCHITECTURE.md` says what is there: the functions of its walks, and the keys of the table."""

import re

import pytest

from conftest import REPO
from harness import crates
from harness.program import facts

PAGE = REPO / "docs/ARCHITECTURE.md"
TEXT = PAGE.read_text()
BEGIN, END = "<!-- keys -->\n", "<!-- end -->\n"
STEPS = re.findall(r"^\|[^|]+\| `([^`|]+\.rs)` \| `(\w+)` \|$", TEXT, flags=re.MULTILINE)


def keys():
    """The table of keys as the page shows it."""
    rows = ["| item | pk | sk | index partition · sorted by |", "|---|---|---|---|"]
    for row in facts()["keys"]:
        index = f"`{row['index_pk']}` · {row['index_sk']}" if row["index_pk"] else "–"
        rows.append(f"| {row['entity']} | `{row['pk']}` | `{row['sk']}` | {index} |")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(("path", "function"), STEPS, ids=lambda part: part.rsplit("/", 1)[-1])
def test_a_step_of_a_walk_is_where_the_page_says(path, function):
    assert f"fn {function}" in (REPO / path).read_text()


def test_the_crates_are_those_of_the_workspace():
    shown = TEXT[TEXT.index(crates.BEGIN) + len(crates.BEGIN) : TEXT.index(crates.END)]
    assert shown == crates.document(), "tests/harness/crates.py --write"


def test_the_walks_are_whole():
    assert len(STEPS) > 25


def test_the_table_of_keys_is_what_the_code_makes():
    shown = TEXT[TEXT.index(BEGIN) + len(BEGIN) :]
    assert shown[: shown.index(END)] == keys(), f"put this there:\n{keys()}"
