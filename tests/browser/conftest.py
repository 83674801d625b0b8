"""Fixtures of the browser suite: the local runner, and a real browser in front of it."""

import os
import shutil
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.local import Local  # noqa: E402

# 32 bytes that sign the links, so that a test can make one that is past its time.
SECRET = b"a key of the browser suite, only"


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """The running server."""
    keys = "b:" + b64encode(SECRET).decode()
    server = Local(tmp_path_factory.mktemp("local") / "data", os.environ | {"REPLY_TOKEN_KEYS": keys})
    try:
        yield server
        assert server.lives(), "the server ended"
    finally:
        server.end()


@pytest.fixture(scope="session")
def chromium():
    """Debian's browser."""
    with sync_playwright() as playwright:
        # The browser's own sandbox refuses root.
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=sandbox)
        yield browser
        browser.close()


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
