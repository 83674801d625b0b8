"""Fixtures of the template tests."""

import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests"))

from harness.template import Template  # noqa: E402


@pytest.fixture(scope="session")
def repo():
    """The repository."""
    return REPO


@pytest.fixture(scope="session")
def template():
    """`template.yaml`, read."""
    return Template.read(REPO / "template.yaml")
