#!/usr/bin/env python3
"""Checks each library alone: with the features that it asks for itself, and no warning.

A build of the workspace gives a dependency every feature that any crate asks for, and so hides what a
crate fails to ask for. The functions are built one by one anyway (`sam build`), and so is the runner.
"""

import json
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


# Folders of the libraries.
PLACES = ("shared", "locales", "infra/import")


def libraries():
    """Names of the crates in these folders."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    told = subprocess.run(command, cwd=REPO, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout
    folders = {package["name"]: Path(package["manifest_path"]).parent.relative_to(REPO) for package in json.loads(told)["packages"]}
    return sorted(name for name, folder in folders.items() if any(folder.is_relative_to(place) for place in PLACES))


def check(name):
    """What is wrong with a crate; nothing when nothing is."""
    command = ["cargo", "check", "--quiet", "--package", name]
    done = subprocess.run(command, cwd=REPO, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    # Of dependencies, Cargo shows no warnings.
    return done.stderr.strip() or ("" if done.returncode == 0 else f"exit code {done.returncode}")


def main():
    """Checks one after the other; they share what they build."""
    wrong = 0
    for name in libraries():
        problem = check(name)
        print(f"crate {name} {'FAILED' if problem else 'ok'}", flush=True)
        if problem:
            print(problem, flush=True)
            wrong += 1
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
