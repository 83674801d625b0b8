#!/usr/bin/env python3
"""Checks each crate of the workspace alone: with the features that it asks for itself, and no warning.

A build of the workspace gives a dependency every feature that any crate asks for, and so hides what a
crate fails to ask for.
"""

import json
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def members():
    """Names of the crates."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    told = subprocess.run(command, cwd=REPO, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout
    return sorted(package["name"] for package in json.loads(told)["packages"])


def check(name):
    """What is wrong with a crate; nothing when nothing is."""
    command = ["cargo", "check", "--quiet", "--package", name]
    done = subprocess.run(command, cwd=REPO, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    # Of dependencies, Cargo shows no warnings.
    return done.stderr.strip() or ("" if done.returncode == 0 else f"exit code {done.returncode}")


def main():
    """Checks one after the other; they share what they build."""
    wrong = 0
    for name in members():
        problem = check(name)
        print(f"crate {name} {'FAILED' if problem else 'ok'}", flush=True)
        if problem:
            print(problem, flush=True)
            wrong += 1
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
