#!/usr/bin/env python3
"""Kills the real sender at every moment and at random, and counts what became of every mail.

`make faults` calls it. It prints how many mails ended in which state, and ends with 1 unless none
was accepted twice and none was lost. `tests/tests/it/kills` is what it runs.
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import setup  # noqa: E402

REPO = Path(__file__).resolve().parent.parent
MAILS = "10000"


def main():
    """Makes the emulator, then runs the one test with so many mails."""
    tools = setup.Tools(REPO)
    if missing := tools.missing("emulators"):
        sys.exit(missing)
    mails = sys.argv[1] if len(sys.argv) > 1 else MAILS
    command = ["cargo", "test", "--workspace", "--test", "it", "--", "kills", "--include-ignored", "--nocapture"]
    sys.exit(subprocess.run(command, cwd=REPO, env=tools.environment | {"FAULT_MAILS": mails}, check=False).returncode)


if __name__ == "__main__":
    main()
