"""Which settings the code of a function reads, found in the sources.

Looked at are a function's own files and the modules of the crate `service` that they name: its use cases. What those
call in turn is left out, because nearly every module reaches every other, and no function calls all of it.
"""

import re
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
SERVICE = REPO / "shared/service/src"
# Methods of the settings that read several.
METHODS = {
    "reply_domains": ("reply_domain", "further_reply_domains"),
    "takes_replies": ("reply_domain", "reply_token_keys"),
    "kept_until": ("retention",),
}


def _source(path):
    """A file without its comments and its unit tests, each chain of calls on one line."""
    text = re.sub(r"//[^\n]*", "", path.read_text())
    return re.sub(r"\s*\n\s*\.", ".", text.split("#[cfg(test)]\nmod tests {")[0])


def _leaves(tree):
    """The paths of what `use` names: `a::{b, c::{d, e}}` gives `a::b`, `a::c::d`, `a::c::e`."""
    head, brace, rest = tree.partition("{")
    if not brace:
        return [re.sub(r"\s+as\s+\w+", "", tree).strip()]
    parts, depth = [""], 0
    for letter in rest.rstrip().removesuffix("}"):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [head.strip() + leaf for part in parts if part.strip() for leaf in _leaves(part.strip())]


def _modules(text):
    """Files of `service` whose modules a source names, by `use` or in full."""
    named = [leaf for tree in re.findall(r"\buse\s+([^;]+);", text) for leaf in _leaves(tree)]
    by_last = {path.split("::")[-1]: path for path in named}
    inline = re.findall(r"(?<![:\w])(\w+)((?:::\w+)+)", text)
    named += [by_last.get(head, head) + rest for head, rest in inline]
    for path in {path for path in named if path.startswith("service::")}:
        parts = path.split("::")[1:]
        # The longest beginning that is a module: what follows is an item of it. A folder counts whole.
        for place in (SERVICE.joinpath(*parts[:end]) for end in range(len(parts), 0, -1)):
            if files := [file for file in (place.with_suffix(".rs"), *place.rglob("*.rs")) if file.is_file()]:
                yield from files
                break


def variables():
    """The environment variables of each field of the settings, as its documentation names them."""
    struct = re.search(r"pub struct Settings \{\n(.*?)\n\}", (SERVICE / "settings.rs").read_text(), re.DOTALL).group(1)
    fields = re.findall(r"((?: +///[^\n]*\n)+) +pub (\w+):", struct)
    # Names stand before the colon; an example may follow it.
    return {field: re.findall(r"`([A-Z_]+)`", re.split(r":|, `pt", text, maxsplit=1)[0]) for text, field in fields}


def read_by(function):
    """The variables that the code of the function in this folder of `functions` reads."""
    own = sorted((REPO / "functions" / function / "src").glob("**/*.rs"))
    texts = [_source(path) for path in own if path.name != "tests.rs"]
    texts += [_source(path) for path in {module for text in texts for module in _modules(text)}]
    names = {name for text in texts for name in re.findall(r"\bsettings\.(\w+)", text)}
    fields = {field for name in names for field in METHODS.get(name, (name,))}
    known = variables()
    return {variable for field in fields & set(known) for variable in known[field]}
