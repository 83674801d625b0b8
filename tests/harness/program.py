"""What the program prints about itself: names of settings, limits, metrics, keys."""

import functools
import json
import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


@functools.cache
def facts():
    """The document of `mensageria settings --json`, built from the sources as they are."""
    command = ["cargo", "run", "--quiet", "--package", "local", "--", "settings", "--json"]
    return json.loads(subprocess.run(command, cwd=REPO, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout)
