#!/usr/bin/env python3
"""The keys of the table, as the program prints them.

    python3 tests/harness/keys.py --write   puts them into docs/ARCHITECTURE.md
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.program import facts

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/ARCHITECTURE.md"
BEGIN, END = "<!-- keys -->\n", "<!-- end -->\n"


def shown():
    """What stands in docs/ARCHITECTURE.md."""
    text = DOCUMENT.read_text()
    return text[text.index(BEGIN) + len(BEGIN) :].split(END)[0]


def document():
    """What should stand there."""
    rows = ["| item | pk | sk | index partition · sorted by |", "|---|---|---|---|"]
    for row in facts()["keys"]:
        index = f"`{row['index_pk']}` · {row['index_sk']}" if row["index_pk"] else "–"
        rows.append(f"| {row['entity']} | `{row['pk']}` | `{row['sk']}` | {index} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        DOCUMENT.write_text(DOCUMENT.read_text().replace(shown(), document()))
    else:
        print(document())
