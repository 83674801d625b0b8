"""Fixtures of the browser suite: the local runner, and a real browser in front of it."""

import sys
from base64 import b64encode
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.browser import debians_chromium, running  # noqa: E402

# 32 bytes that sign the links, so that a test can make one that is past its time.
SECRET = b"a key of the browser suite, only"


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """The running server."""
    keys = "b:" + b64encode(SECRET).decode()
    with running(tmp_path_factory.mktemp("local") / "data", REPLY_TOKEN_KEYS=keys) as server:
        yield server


@pytest.fixture(scope="session")
def chromium():
    """Debian's browser."""
    with debians_chromium() as browser:
        yield browser


@pytest.fixture
def browser(chromium):
    """Opens pages of people who prefer a language; all are closed at the end."""
    opened = []

    def open_page(language):
        # A phone in the hand.
        context = chromium.new_context(locale=language, viewport={"width": 400, "height": 800})
        context.set_default_timeout(20_000)
        opened.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        return page

    yield open_page
    for context in opened:
        context.close()
