"""Links between the documents lead somewhere, and both languages say the same."""

import re
import subprocess

import pytest

from conftest import REPO

FILES = subprocess.run(["git", "ls-files", "*.md"], cwd=REPO, capture_output=True, text=True, check=True).stdout.split()
TRANSLATED = {"README.md": "README.pt-BR.md", "docs/TOUR.md": "docs/TOUR.pt-BR.md"}


def prose(path):
    """A document without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", (REPO / path).read_text(), flags=re.DOTALL | re.MULTILINE)


def anchors(path):
    """Anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(path), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", FILES)
def test_every_link_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        place = (REPO / path).parent / name if name else REPO / path
        assert place.exists(), target
        if anchor:
            assert anchor in anchors(place.resolve().relative_to(REPO)), target


# The READMEs of crates hold Rust.
@pytest.mark.parametrize("path", [path for path in FILES if not path.startswith(("shared/", "infra/import/"))])
def test_whatever_is_pasted_is_of_any_shell(path):
    """zsh, the shell of macOS, reads a comment that is typed as words, and gives some names to nobody."""
    blocks = re.findall(r"^ *```(\w*)\n(.*?)^ *```", (REPO / path).read_text(), flags=re.DOTALL | re.MULTILINE)
    for block in (block for language, block in blocks if language in ("", "sh")):
        assert not re.search(r"(?:^|[\s;])#", block, flags=re.MULTILINE), block
        assert not re.search(r"(?:^|[\s;(])(?:status|path|argv)=|\bfor (?:status|path|argv) in\b", block, flags=re.MULTILINE), block


def shape(path):
    """What a translation keeps: headings and tables by their number, code and links as they are."""
    text = (REPO / path).read_text()
    # Words of a picture are translated, commands are not.
    blocks = [block for block in text.split("```")[1::2] if not block.startswith("mermaid")]
    links = [target.replace(".pt-BR", "") for target in re.findall(r"\]\(([^)#\s]+)", text)]
    return {
        "headings": [len(marks) for marks in re.findall(r"^(#+) ", text, flags=re.MULTILINE)],
        "rows": len(re.findall(r"^\|", text, flags=re.MULTILINE)),
        "points": len(re.findall(r"^- ", text, flags=re.MULTILINE)),
        "code": blocks,
        "links": links,
    }


@pytest.mark.parametrize(("english", "portuguese"), TRANSLATED.items())
def test_both_languages_have_the_same_parts(english, portuguese):
    ours, theirs = shape(english), shape(portuguese)
    # Each names the other.
    for one in (ours, theirs):
        one["links"] = [target for target in one["links"] if target not in (english, portuguese, "TOUR.md", "README.md")]
    assert ours == theirs


def rows_of_the_glossary():
    """The cells of each row that has a Portuguese word."""
    rows = [line.strip("|").split(" | ") for line in (REPO / "docs/GLOSSARY.md").read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows if len(row) == 4 and row[1].strip() != "Português"]


def test_portuguese_words_of_the_glossary_are_those_of_screens_and_texts():
    places = ["locales/pt-BR", "console/src/words/pt", "*.pt-BR.md"]
    files = subprocess.run(["git", "ls-files", *places], cwd=REPO, capture_output=True, text=True, check=True).stdout.split()
    texts = " ".join((REPO / file).read_text() for file in files).lower()
    words = [word.strip(' "').lower() for row in rows_of_the_glossary() for word in re.split(r"[,;:]| ou ", row[1].replace("na tela", ""))]
    assert len(words) > 40
    assert [word for word in words if word not in ("", "–") and word not in texts] == []
