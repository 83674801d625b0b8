"""The linters that others wrote."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(sys.executable).parent
CHECKOV = "../../.venv-checkov/bin/checkov"


@pytest.mark.parametrize(
    "command",
    [
        pytest.param([TOOLS / "cfn-lint"], id="cfn-lint"),
        pytest.param([TOOLS / "sam", "validate", "--lint"], id="sam-validate"),
        pytest.param([Path(__file__).parent / CHECKOV, "--config-file", ".checkov.yaml"], id="checkov"),
    ],
)
def test_linter_finds_nothing(repo, command):
    done = subprocess.run(
        [str(part) for part in command],
        cwd=repo,
        env=os.environ | {"AWS_DEFAULT_REGION": "us-east-1", "SAM_CLI_TELEMETRY": "0", "BC_SKIP_MAPPING": "TRUE"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
