#!/usr/bin/env python3
"""Builds what the benchmark measures, as it is deployed, and runs it: `make bench`.

Each function is built by itself, as `sam build` does, so that none gets a dependency of another,
and zipped as SAM zips it. What is given on the command line goes to the program, see `--help`:
`make bench FIGURES="cold --runs 100"`. `render` is a benchmark of its own, beside other engines.
"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests"))
from harness import setup  # noqa: E402

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target"))
BINARIES = TARGET / "release"
ZIPS = TARGET / "bench"
# Package → its binary.
BUILT = {
    "hello": "hello",
    "parameters": "parameters",
    "templates": "templates",
    "tickets": "tickets",
    "events": "events",
    "sender": "sender",
    "local": "mensageria",
    "bench": "bench",
}


def build():
    """Builds and zips the binaries."""
    ZIPS.mkdir(parents=True, exist_ok=True)
    for package, binary in BUILT.items():
        setup.say(f"building {package}")
        subprocess.run(["cargo", "build", "--quiet", "--release", "-p", package, "--bin", binary], cwd=REPO, check=True)
        with zipfile.ZipFile(ZIPS / f"{binary}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(BINARIES / binary, "bootstrap")


def render(tools):
    """Rendering beside Tera alone, minijinja, handlebars and, where its Python is, Jinja2."""
    peer = {} if tools.missing("peer") else {"PEER_PYTHON": str(REPO / ".venv-peer/bin/python")}
    command = ["cargo", "bench", "--quiet", "-p", "shared", "--bench", "render"]
    return subprocess.run(command, cwd=REPO, env=tools.environment | peer, check=False).returncode


def main():
    """Builds, makes the peer and the emulators, measures."""
    tools = setup.Tools(REPO)
    if sys.argv[1:] == ["render"]:
        return render(tools)
    command = [str(BINARIES / "bench"), "--binaries", str(BINARIES), "--zips", str(ZIPS)]
    for need, use in (("venvs", []), ("peer", ["--python", str(REPO / ".venv-peer/bin/python")])):
        missing = tools.missing(need)
        if missing:
            setup.say(f"left out: {missing}")
        else:
            command += use
    build()
    measured = subprocess.run([*command, *sys.argv[1:]], cwd=REPO, env=tools.environment, check=False).returncode
    return measured if sys.argv[1:] else measured or render(tools)


if __name__ == "__main__":
    sys.exit(main())
