#!/usr/bin/env python3
"""Draws the crates of the workspace and what each uses, from `cargo metadata`.

    python3 tests/harness/crates.py --write   puts the diagram into docs/ARCHITECTURE.md
"""

import json
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
DOCUMENT = REPO / "docs/ARCHITECTURE.md"
BEGIN, END = "<!-- crates: written by tests/harness/crates.py --write -->\n", "<!-- end of crates -->\n"


def packages():
    """Folder of each crate that ships → what Cargo says of it."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1", "--offline"]
    told = subprocess.run(command, cwd=REPO, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
    found = {Path(one["manifest_path"]).parent.relative_to(REPO).as_posix(): one for one in json.loads(told)["packages"]}
    return {folder: one for folder, one in found.items() if folder.split("/")[0] in ("shared", "functions", "infra")}


def used(package):
    """Folders of the crates of ours that a crate uses; those of its tests do not count."""
    ours = [other for other in package["dependencies"] if other["kind"] is None and "path" in other]
    return {Path(other["path"]).relative_to(REPO).as_posix() for other in ours}


def reach(graph, start):
    """Everything that a crate uses, by whatever way."""
    found, left = set(), [start]
    while left:
        for other in graph.get(left.pop(), ()):
            if other not in found:
                found.add(other)
                left.append(other)
    return found


def diagram(crates):
    """The crates as a Mermaid flowchart, without arrows that others imply; functions are drawn as one."""
    graph = {}
    for folder, others in crates.items():
        name = "functions" if folder.startswith("functions/") else folder
        graph.setdefault(name, set()).update("functions" if other.startswith("functions/") else other for other in others)
    graph["functions"].discard("functions")
    lines = ["```mermaid", "flowchart TB"]
    for folder in sorted(graph):
        shown = "functions/*" if folder == "functions" else folder
        lines.append(f"    {folder.replace('/', '_')}[{shown}]")
    for folder in sorted(graph):
        for other in sorted(graph[folder]):
            if not any(other in reach(graph, between) for between in graph[folder] - {other}):
                lines.append(f"    {folder.replace('/', '_')} --> {other.replace('/', '_')}")
    return "\n".join([*lines, "```"])


def table(found, crates):
    """What each crate is, and what it uses itself."""
    rows = ["| crate | what it is | uses of ours |", "|---|---|---|"]
    for folder in sorted(crates, key=lambda folder: (folder.split("/")[0] != "shared", folder)):
        others = ", ".join(f"`{other.rsplit('/', 1)[-1]}`" for other in sorted(crates[folder]))
        rows.append(f"| `{folder}` | {found[folder]['description']} | {others or '–'} |")
    return "\n".join(rows)


def document():
    """What stands in docs/ARCHITECTURE.md."""
    found = packages()
    crates = {folder: used(package) for folder, package in found.items()}
    return f"{diagram(crates)}\n\n{table(found, crates)}\n"


if __name__ == "__main__":
    written = document()
    if "--write" in sys.argv:
        text = DOCUMENT.read_text()
        before, rest = text.split(BEGIN)
        DOCUMENT.write_text(f"{before}{BEGIN}{written}{END}{rest.split(END)[1]}")
    else:
        print(written)
