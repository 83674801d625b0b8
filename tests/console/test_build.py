"""What is committed of the console is what its sources make, and no larger than a phone should load."""

import subprocess

import pytest

from conftest import REPO

CONSOLE = REPO / "console"
DIST = CONSOLE / "dist"
# Kilobytes after compression: what a requester loads before the first list, and any role.
FIRST = ["vendor.js", "app.js", "pt.js"]


def node(*arguments):
    """Runs a program of Node that has to go well."""
    done = subprocess.run(["node", *arguments], cwd=CONSOLE, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_fresh_build_is_what_is_committed(tmp_path):
    node("build.mjs", f"--out={tmp_path}")
    fresh = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    kept = {file.name: file.read_bytes() for file in DIST.iterdir()}
    assert sorted(fresh) == sorted(kept)
    assert [name for name in fresh if fresh[name] != kept[name]] == [], "run `make console`"


def test_types_and_style_are_right():
    node("node_modules/typescript/bin/tsc", "--noEmit")
    node("node_modules/@biomejs/biome/bin/biome", "check", ".")


def test_the_parts_without_a_page_work():
    node("build.mjs", "--tests")


def brotli(names):
    """Bytes of the files as they are downloaded."""
    script = "const z=require('zlib'),f=require('fs');console.log(process.argv.slice(1).reduce((n,p)=>n+z.brotliCompressSync(f.readFileSync(p)).length,0))"
    done = subprocess.run(["node", "-e", script, *[str(DIST / name) for name in names]], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.parametrize(
    ("chunks", "most"),
    [([*FIRST, "requester.js"], 45_000), ([*FIRST, "desk.js", "admin.js", "local.js", "requester.js"], 90_000),
     (["composer.js"], 65_000), (["style.css"], 15_000)],
)  # fmt: skip
def test_what_is_loaded_stays_small(chunks, most):
    size = brotli(chunks)
    assert size <= most, f"{chunks}: {size} bytes"
