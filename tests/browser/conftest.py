"""Fixtures of the browser suite: the local runner, and a real browser in front of it."""

import os
import shutil
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

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


@pytest.fixture
def browser(tmp_path):
    """Opens browsers that prefer a language; all are closed at the end."""
    opened = []

    def open_browser(language):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        options.add_argument("--headless=new")
        options.add_argument(f"--user-data-dir={tmp_path / str(len(opened))}")
        options.add_argument("--disable-dev-shm-usage")
        # A phone in the hand.
        options.add_argument("--window-size=400,800")
        if os.geteuid() == 0:
            # The browser's own sandbox refuses root.
            options.add_argument("--no-sandbox")
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
        driver.set_page_load_timeout(30)
        opened.append(driver)
        return driver

    yield open_browser
    for driver in opened:
        driver.quit()
