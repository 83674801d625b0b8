"""`docs/ARCHITECTURE.md` says what is there: the crates, and the keys of the table."""

import subprocess

from conftest import REPO
from harness import crates, keys

TEXT = (REPO / "docs/ARCHITECTURE.md").read_text()


def test_the_crates_are_those_of_the_workspace():
    shown = TEXT[TEXT.index(crates.BEGIN) + len(crates.BEGIN) : TEXT.index(crates.END)]
    assert shown == crates.document(), "tests/harness/crates.py --write"


def test_the_table_of_keys_is_what_the_code_makes():
    assert keys.shown() == keys.document(), "tests/harness/keys.py --write"


def test_the_importer_links_no_library_of_mail_or_of_a_web_server():
    tree = ["cargo", "tree", "--offline", "-p", "import", "--edges", "normal", "--prefix", "none", "--format", "{p}"]
    lines = subprocess.run(tree, cwd=REPO, stdin=subprocess.DEVNULL, capture_output=True, check=True, text=True).stdout.splitlines()
    linked = {line.split()[0] for line in lines if line.strip()}
    assert {"import", "mensageria-domain"} <= linked
    assert linked.isdisjoint({"lettre", "mail-parser", "axum", "hyper", "tokio", "redb"})
    assert not any(name.startswith("aws-") for name in linked)
