"""Fixtures of the console's suite: the local server, and windows of a real browser in front of it."""

import itertools
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.local import Local  # noqa: E402

expect.set_options(timeout=20_000)

REPO = Path(__file__).resolve().parents[2]
# The first screens of the roles.
HOMES = re.compile("/app/(solicitacoes|chamados|inicio)$")
AXE = REPO / "console/node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """The running server with the demo's people."""
    server = Local(tmp_path_factory.mktemp("local") / "data", os.environ.copy())
    try:
        yield server
        assert server.lives(), "the server ended"
    finally:
        server.end()


@pytest.fixture(scope="session")
def chromium():
    """Debian's browser."""
    with sync_playwright() as playwright:
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=sandbox)
        yield browser
        browser.close()


class Window:
    """One person's window, with all that its browser asked for and complained about."""

    def __init__(self, chromium, local, options):
        self.local = local
        self.context = chromium.new_context(base_url=local.address, **({"locale": "pt-BR"} | options))
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.asked, self.complaints = [], []
        self.page.on("request", lambda request: self.asked.append((request.method, request.url)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, name):
        """Opens the console and enters as a person of the demo."""
        self.page.goto("/")
        self.page.get_by_role("button", name=name).click()
        # The sign-in has a heading too: the first screen of the role has another address.
        self.page.wait_for_url(HOMES)
        return self.page

    def paths(self):
        """The paths of the server that were asked for."""
        return [url.removeprefix(self.local.address).split("?")[0] for _, url in self.asked if url.startswith(self.local.address)]

    def check(self):
        """Nothing was asked of another host, and the browser had nothing to complain about."""
        foreign = [url for _, url in self.asked if not url.startswith((self.local.address, "data:", "blob:"))]
        assert foreign == []
        assert self.complaints == []


@pytest.fixture
def window(chromium, local):
    """Opens windows; each is looked at and closed at the end."""
    opened = []

    def open_window(**options):
        opened.append(Window(chromium, local, options))
        return opened[-1]

    yield open_window
    for each in opened:
        each.context.close()


TICKETS = itertools.count(30001)


@pytest.fixture
def ticket(local):
    """A ticket of Maria's on which Bia works."""
    number = str(next(TICKETS))
    people = {
        "requester": {"name": "Maria Conceição", "email": "maria@example.com"},
        "responsible": {"name": "Bia Araújo", "email": "bia@example.com"},
    }
    body = people | {"activity": f"Acesso {number}", "status": "Em andamento"}
    local.call(local.token("admin", "ana@example.com"), "PUT", f"/tickets/{number}", body)
    return number
