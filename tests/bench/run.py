#!/usr/bin/env python3
"""Builds what the benchmark measures, as it is deployed, and runs it: `make bench`.

The functions are what `sam build` makes, zipped as SAM zips them. What is given on the command line
goes to the program, see `--help`: `make bench FIGURES="cold --runs 100"`. `render` is a benchmark of
its own, beside other engines, and `console` one in a browser. `--before COMMIT` builds another commit,
too, and measures its cold path in turn with this one: `make bench FIGURES="cold --before HEAD~1"`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests"))
from harness import setup  # noqa: E402

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target"))
PLACE = TARGET / "bench"
MACHINE = os.uname().machine
SAM_ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}[MACHINE]


def run(tools, *command, cwd=REPO):
    """Runs a command that must succeed."""
    setup.say(" ".join(command))
    subprocess.run(command, cwd=cwd, env=tools.environment, check=True, stdin=subprocess.DEVNULL)


def functions(tools, repo):
    """Builds the functions of a working copy as they are deployed: name → binary."""
    run(tools, "sam", "build", "--parameter-overrides", f"Architecture={SAM_ARCHITECTURE}", cwd=repo)
    # SenderFunction → sender
    return {path.parent.name.removesuffix("Function").lower(): path for path in (repo / ".aws-sam/build").glob("*Function/bootstrap")}


def put(built, place):
    """Puts binaries and their zips into one folder."""
    place.mkdir(parents=True, exist_ok=True)
    for name, binary in built.items():
        shutil.copy2(binary, place / name)
        with zipfile.ZipFile(place / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(binary, "bootstrap")


def build(tools):
    """The functions and programs of this working copy."""
    built = functions(tools, REPO)
    target = f"{MACHINE}-unknown-linux-gnu"
    compared = ("hello", "floor")
    packages = [f"-p={name}" for name in compared]
    run(tools, "cargo", "lambda", "build", "--release", "--target", target, *packages, "--lambda-dir", str(PLACE / "lambda"))
    built |= {name: PLACE / "lambda" / name / "bootstrap" for name in compared}
    run(tools, "cargo", "build", "--quiet", "--release", "-p", "local", "-p", "bench")
    built |= {name: TARGET / "release" / name for name in ("mensageria", "bench")}
    put(built, PLACE)


def build_before(tools, commit):
    """The functions of another commit, built in a working copy of their own; the folder of their binaries."""
    copy, place = PLACE / "before-source", PLACE / "before"
    shutil.rmtree(copy, ignore_errors=True)
    run(tools, "git", "worktree", "prune")
    run(tools, "git", "worktree", "add", "--detach", str(copy), commit)
    put(functions(tools, copy), place)
    run(tools, "git", "worktree", "remove", "--force", str(copy))
    return place


def render(tools):
    """Rendering beside Tera alone, minijinja, handlebars and, where its Python is, Jinja2."""
    peer = {} if tools.missing("peer") else {"PEER_PYTHON": str(REPO / ".venv-peer/bin/python")}
    command = ["cargo", "bench", "--quiet", "-p", "mensageria-render", "--bench", "render"]
    return subprocess.run(command, cwd=REPO, env=tools.environment | peer, check=False).returncode


def console(tools):
    """The first list in a browser, in front of the local server as it is released."""
    missing = tools.missing("venvs")
    if missing:
        setup.say(f"left out: {missing}")
        return 0
    subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "local"], cwd=REPO, env=tools.environment, check=True)
    command = [REPO / ".venv/bin/python", REPO / "tests/bench/console.py", TARGET / "release/mensageria"]
    return subprocess.run(command, cwd=REPO, env=tools.environment, check=False).returncode


def main():
    """Builds, makes the peer and the emulators, measures."""
    tools = setup.Tools(REPO)
    if sys.argv[1:] == ["render"]:
        return render(tools)
    if sys.argv[1:] == ["console"]:
        return console(tools)
    command = [str(PLACE / "bench"), "--binaries", str(PLACE), "--zips", str(PLACE)]
    for need, use in (("venvs", []), ("peer", ["--python", str(REPO / ".venv-peer/bin/python")])):
        missing = tools.missing(need)
        if missing:
            setup.say(f"left out: {missing}")
        else:
            command += use
    given = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    given.add_argument("--before", metavar="COMMIT")
    own, others = given.parse_known_args()
    if own.before:
        command += ["--before", str(build_before(tools, own.before))]
    build(tools)
    measured = subprocess.run([*command, *others], cwd=REPO, env=tools.environment, check=False).returncode
    return measured if sys.argv[1:] else measured or render(tools) or console(tools)


if __name__ == "__main__":
    sys.exit(main())
