#!/usr/bin/env python3
"""Runs every suite of the project and counts what it ran.

`make test` calls it. It makes the virtual environments and tools that the suites need, runs the
suites one after the other and the builds of the functions beside them, prints what each counted, and
ends with `N passed, N failed[, N skipped]` alone on a line. The exit code is 1 when anything failed. A
suite whose tools cannot be had here is skipped with its reason; on Debian as root nothing is.

Logs of the suites are in `target/suites` (below `CARGO_TARGET_DIR` when that is set).
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import setup  # noqa: E402
from harness.counts import Counts, of_cargo, of_crates, of_deny, of_junit  # noqa: E402

REPO = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target"))
LOGS = TARGET / "suites"
SAM_ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}[os.uname().machine]
# What is deployed is smaller, and takes much longer to link: decision 41. `make bench` builds that.
QUICKLY_LINKED = {"CARGO_PROFILE_RELEASE_LTO": "off", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16"}


@dataclass
class Suite:
    """One command and how its output is counted."""

    name: str
    command: list
    count: object = None
    needs: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    # It compiles before it tests: nothing is built beside it.
    compiles: bool = False
    # It only builds, and runs beside the suites in front of it, to which it gives way.
    beside: bool = False
    # What it makes itself on the way: only announced here.
    makes: list = field(default_factory=list)
    # A need → a part of the names of the tests that are left out where it cannot be had.
    without: dict = field(default_factory=dict)


def pytest(folder, venv, *more):
    """A pytest suite in one of the virtual environments, counted by its JUnit report."""
    report = LOGS / f"{Path(folder).name}.xml"
    command = [str(REPO / venv / "bin/pytest"), "-q", "-rs", "-p", "no:cacheprovider", f"--junitxml={report}", folder, *more]
    return command, lambda log, code: of_junit(report, code)


def functions():
    """The packages of the functions."""
    return sorted(path.parent.name for path in (REPO / "functions").glob("*/Cargo.toml"))


def suites():
    """All suites, cheap ones first."""
    lint, lint_count = pytest("tests/lint", ".venv-sam")
    browser, browser_count = pytest("tests/browser", ".venv")
    console, console_count = pytest("tests/console", ".venv")
    e2e, e2e_count = pytest("tests/e2e", ".venv")
    arm64, arm64_count = pytest("tests/arm64", ".venv")
    return [
        Suite("format", ["cargo", "fmt", "--all", "--check"]),
        Suite(
            "clippy",
            ["cargo", "clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"],
            compiles=True,
        ),
        Suite("crates", [sys.executable, "tests/harness/alone.py"], of_crates, compiles=True),
        Suite("deny", ["cargo-deny", "check", "bans", "licenses", "sources"], of_deny, needs=["cargo-deny"]),
        Suite("unused", ["cargo-machete"], needs=["cargo-machete"]),
        Suite("advisories", ["cargo-deny", "check", "advisories"], of_deny, needs=["cargo-deny", "advisories"]),
        Suite("lint", lint, lint_count, needs=["venvs"]),
        # Tests that need more than Rust are ignored by a plain `cargo test`, each with its reason.
        Suite(
            "cargo",
            ["cargo", "test", "--workspace", "--no-fail-fast", "--", "--include-ignored"],
            of_cargo,
            needs=["venvs"],
            without={"corpus": "corpus", "curl": "readme"},
            compiles=True,
        ),
        Suite("browser", browser, browser_count, needs=["venvs", "browser"]),
        Suite("console", console, console_count, needs=["venvs", "browser", "console"]),
        Suite(
            "build",
            ["sam", "build", "--parameter-overrides", f"Architecture={SAM_ARCHITECTURE}"],
            needs=["venvs"],
            environment=QUICKLY_LINKED,
            beside=True,
        ),
        Suite("e2e", e2e, e2e_count, needs=["venvs"], makes=["docker"]),
        # The default of the template.
        Suite(
            "build-arm64",
            ["cargo", "lambda", "build", "--release", "--arm64", *(f"-p={name}" for name in functions())],
            needs=["venvs", "arm64"],
            environment=QUICKLY_LINKED,
            beside=True,
        ),
        Suite("arm64", arm64, arm64_count, needs=["venvs", "arm64"]),
    ]


def execute(suite, command, tools):
    """Runs the command of a suite with its output in a log; its exit code and seconds."""
    started = time.monotonic()
    with open(LOGS / f"{suite.name}.log", "wb") as log:
        code = subprocess.run(
            command,
            cwd=REPO,
            env=tools.environment | suite.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    return code, time.monotonic() - started


class Beside:
    """The suites that only build, one after the other, while others are run."""

    def __init__(self, suites, tools):
        self._suites, self._tools = suites, tools
        self._done = {}
        self._ended = {suite.name: threading.Event() for suite in suites}
        setup.say(f"beside what follows: {', '.join(self._ended) or 'nothing'}")
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        for suite in self._suites:
            try:
                self._done[suite.name] = execute(suite, ["nice", "-n", "10", *suite.command], self._tools)
            finally:
                self._ended[suite.name].set()

    def wait(self, suite):
        """Exit code and seconds of one of them."""
        self._ended[suite.name].wait()
        return self._done.get(suite.name, (1, 0.0))


def run(suite, tools, beside):
    """Runs one suite; shows the end of its log when it fails."""
    lacking = {part: why for need, part in suite.without.items() if (why := tools.missing(need))}
    command = [*suite.command, *(word for part in lacking for word in ("--skip", part))]
    print(f"== {suite.name}: {' '.join(map(str, command))}", flush=True)
    code, seconds = beside.wait(suite) if suite.beside else execute(suite, command, tools)
    text = (LOGS / f"{suite.name}.log").read_text(errors="replace")
    counts = suite.count(text, code) if suite.count else Counts(passed=int(code == 0), failed=int(code != 0))
    if code != 0 and counts.failed == 0:
        counts.failed = 1
    if counts.failed:
        print(text[-20_000:])
    for reason in [*lacking.values(), *counts.reasons]:
        print(f"   skipped: {reason}")
    print(f"   {suite.name}: {counts} in {seconds:.0f} s", flush=True)
    return counts


def missing(suite, tools):
    """Why a suite cannot be run here, if it cannot."""
    return next((why for need in suite.needs if (why := tools.missing(need))), None)


def main():
    """Makes what is needed, runs the suites asked for, prints the sum."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("names", nargs="*", help="suites to run; all of them when none is named")
    chosen = arguments.parse_args().names
    todo = suites()
    unknown = set(chosen) - {suite.name for suite in todo}
    if unknown:
        arguments.error(f"no such suite: {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in todo)}")
    LOGS.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    tools = setup.Tools(REPO)
    total = Counts()
    wanted = [suite for suite in todo if suite.name in chosen or not chosen]
    needs = {need for suite in wanted for need in (*suite.needs, *suite.makes, *suite.without)}
    plan = tools.plan(needs)
    setup.say("will be made or installed:" if plan else "everything that the suites need is here")
    for line in plan:
        print(f"   {line}", flush=True)
    beside = None
    for at, suite in enumerate(wanted):
        if beside is None and not any(later.compiles for later in wanted[at:]):
            beside = Beside([one for one in wanted[at:] if one.beside and not missing(one, tools)], tools)
        if why := missing(suite, tools):
            print(f"== {suite.name}\n   skipped: {why}", flush=True)
            total += Counts(skipped=1)
            continue
        total += run(suite, tools, beside)
    print(f"all suites in {time.monotonic() - started:.0f} s")
    print(total, flush=True)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
