"""What the suites with a real browser share: the browser, and the local server in front of it."""

import os
import re
import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

from harness.local import Local

# The first screens of the roles.
HOMES = re.compile("/app/(solicitacoes|chamados|inicio)$")


@contextmanager
def debians_chromium():
    """Debian's browser."""
    with sync_playwright() as playwright:
        # The browser's own sandbox refuses root.
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=sandbox)
        yield browser
        browser.close()


@contextmanager
def running(data, **environment):
    """A local server over this folder, which must live as long as it is used."""
    server = Local(data, os.environ | environment)
    try:
        yield server
        assert server.lives(), "the server ended"
    finally:
        server.end()


def sign_in(page, person):
    """Opens the console and enters as a person of the demo."""
    page.goto("/")
    page.get_by_role("button", name=person).click()
    # The sign-in has a heading too: the first screen of the role has another address.
    page.wait_for_url(HOMES)


def show(page, path, there, opens):
    """Opens a screen, and on it the dialog behind a button; waits until nothing loads any more."""
    page.goto(path)
    page.locator(there).first.wait_for()
    if opens:
        page.get_by_role("button", name=opens).first.click()
        page.locator("dialog").wait_for()
    page.wait_for_load_state("networkidle")
