"""Fixtures of the console's suite: the local server, and windows of a real browser in front of it."""

import itertools
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.browser import debians_chromium, running, sign_in  # noqa: E402

expect.set_options(timeout=20_000)

REPO = Path(__file__).resolve().parents[2]
AXE = REPO / "console/node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """The running server with the demo's people."""
    with running(tmp_path_factory.mktemp("local") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def chromium():
    """Debian's browser."""
    with debians_chromium() as browser:
        yield browser


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
        sign_in(self.page, name)
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


@pytest.fixture
def bia(window, ticket):
    """Bia's window with the ticket open, looked at at the end."""
    opened = window()
    page = opened.sign_in("Bia")
    page.goto(f"/app/chamados/{ticket}")
    page.locator(".composer .rich-text").wait_for()
    yield page
    # The browser itself writes down an answer that says what is wrong with a text, and one that a test makes fail.
    opened.complaints = [text for text in opened.complaints if not text.startswith("Failed to load resource")]
    opened.check()
