"""Fixtures of the end-to-end suite. It runs what `sam build` made: see `tests/run.py`."""

import os
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests"))
os.environ.setdefault("MENSAGERIA_VENV", str(REPO / ".venv"))
os.environ.setdefault("MENSAGERIA_CACHE", str(REPO / ".cache"))

from harness.ministack import Ministack, People, Stack  # noqa: E402

# Modules that look at what the others made the deployed functions do.
LATE = ("test_permissions", "test_logs")


def pytest_collection_modifyitems(items):
    """The late modules go to the end, the others stay in their order."""
    items.sort(key=lambda item: item.path.stem in LATE)


@pytest.fixture(scope="session")
def built():
    """The template that `sam build` wrote, with the functions beside it."""
    path = REPO / ".aws-sam/build/template.yaml"
    assert path.exists(), "run `sam build` first"
    return path


@pytest.fixture(scope="session")
def logs(tmp_path_factory):
    """A folder for what the processes of the suite print."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def ministack(logs):
    """The emulator."""
    emulator = Ministack(logs)
    yield emulator
    emulator.end()


@pytest.fixture(scope="session")
def people(ministack):
    """Who signs in."""
    return People(ministack)


@pytest.fixture(scope="session")
def stack(ministack, people, built, logs):
    """The real template, deployed with the functions as they were built."""
    parameters = {
        "Architecture": {"x86_64": "x86_64", "aarch64": "arm64"}[os.uname().machine],
        "JwtIssuer": people.issuer,
        "JwtAudience": people.audience,
        "ConsoleClientId": people.audience,
        "MailIdentity": "desk@example.com",
        "CreateMailIdentity": "address",
        "MailFrom": "desk@example.com",
        "ReplyDomain": "reply.example.com",
        # The emulator knows no receipt rules: the suite puts mails into the bucket itself.
        "CreateReceiptRule": "none",
        "TestRecipients": "@example.com",
        "EventSource": "itsm.tickets",
    }
    return Stack(ministack, built, parameters, logs)
