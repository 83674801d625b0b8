#!/usr/bin/env python3
"""Builds what the benchmark measures, as it is deployed, and runs it: `make bench`.

The functions are what `sam build` makes, zipped as SAM zips them. What is given on the command line
goes to the program, see `--help`: `make bench FIGURES="cold --runs 100"`. `render` is a benchmark of
its own, beside other engines, and `console` one in a browser.
"""

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


def build(tools):
    """Puts the binaries and the zips of the functions into one folder."""
    PLACE.mkdir(parents=True, exist_ok=True)

    def run(*command):
        setup.say(" ".join(command))
        subprocess.run(command, cwd=REPO, env=tools.environment, check=True, stdin=subprocess.DEVNULL)

    run("sam", "build", "--parameter-overrides", f"Architecture={SAM_ARCHITECTURE}")
    # SenderFunction → sender
    built = {
        path.parent.name.removesuffix("Function").lower(): path for path in (REPO / ".aws-sam/build").glob("*Function/bootstrap")
    }
    target = f"{MACHINE}-unknown-linux-gnu"
    run("cargo", "lambda", "build", "--release", "--target", target, "-p", "hello", "--lambda-dir", str(PLACE / "lambda"))
    built["hello"] = PLACE / "lambda/hello/bootstrap"
    run("cargo", "build", "--quiet", "--release", "-p", "local", "-p", "bench")
    built |= {name: TARGET / "release" / name for name in ("mensageria", "bench")}
    for name, binary in built.items():
        shutil.copy2(binary, PLACE / name)
        with zipfile.ZipFile(PLACE / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(binary, "bootstrap")


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
    build(tools)
    measured = subprocess.run([*command, *sys.argv[1:]], cwd=REPO, env=tools.environment, check=False).returncode
    return measured if sys.argv[1:] else measured or render(tools) or console(tools)


if __name__ == "__main__":
    sys.exit(main())
