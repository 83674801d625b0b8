"""The page behind the links of a mail, in a real browser: looking does nothing, a click acts once."""

import base64
import hmac
import itertools
import time

import pytest

from conftest import SECRET
from harness.process import wait_for

TICKETS = itertools.count(20001)
TEMPLATE = """<p>${COMMENTTEXT}</p>
<a href="{TOKEN(s, ${IDSOLICITACAOSERVICO}, VIEW, 60)}">ver</a>
<a href="{TOKEN(s, ${IDSOLICITACAOSERVICO}, APPROVE, 60)}">sim</a>
<a href="{TOKEN(s, ${IDSOLICITACAOSERVICO}, REJECT, 60)}">não</a>"""
BASE = "https://desk.example.com"
LANGUAGES = {
    "pt-BR": ("pt-BR", "Chamado", "Aprovar", "Aprovado.", "Link já usado", "Link expirado", "Link inválido"),
    "en-GB": ("en", "Ticket", "Approve", "Approved.", "Link used already", "Link expired", "Link not valid"),
    "es-AR": ("es", "Ticket", "Aprobar", "Aprobado.", "Enlace ya usado", "Enlace vencido", "Enlace no válido"),
}


@pytest.fixture(scope="session")
def desk(local):
    """An administrator's token, with a template whose mails hold a link of each kind."""
    admin = local.token("admin", "ana@example.com")
    draft = {"identifier": "links", "title": "[#${IDSOLICITACAOSERVICO}]", "html": TEMPLATE, "status": "active"}
    template = local.call(admin, "POST", "/templates", draft)["id"]
    local.call(admin, "PUT", "/parameters/417", {"value": str(template)}, {"If-Match": "*"})
    local.call(admin, "PUT", "/parameters/33", {"value": BASE})
    return admin


@pytest.fixture
def mail(local, desk):
    """A ticket of its own, and the links of the mail that its requester got."""
    ticket = str(next(TICKETS))
    people = {"requester": {"name": "Maria", "email": "maria@example.com"}, "responsible": {"name": "Bia", "email": "bia@example.com"}}
    local.call(desk, "PUT", f"/tickets/{ticket}", people | {"activity": "Compra <b>de</b> monitor", "status": "Pendente"})
    bia = local.token("technician", "bia@example.com")
    local.call(bia, "POST", f"/tickets/{ticket}/messages", {"text": "Aprova a compra? <script>alert(1)</script>"})

    def arrived():
        mails = local.call(desk, "GET", "/local/outbox?limit=100")["items"]
        return next((mail for mail in mails if f"[#{ticket}]" in mail["subject"]), None)

    found = wait_for("mail", arrived)
    html = local.call(desk, "GET", f"/local/outbox/{found['number']}")["html"]
    paths = [part.split('"')[0] for part in html.split(f'href="{BASE}')[1:]]
    assert len(paths) == 3
    return Mail(local, desk, ticket, *paths)


class Mail:
    """What a mail offers, and what became of its ticket."""

    def __init__(self, local, admin, ticket, view, approve, reject):
        self.local, self.admin, self.ticket = local, admin, ticket
        self.view, self.approve, self.reject = view, approve, reject

    def messages(self):
        """The ticket's conversation."""
        return self.local.call(self.admin, "GET", f"/tickets/{self.ticket}/messages")["items"]

    def url(self, path):
        """Where a link of the mail is here."""
        return self.local.address + path


def heading(page):
    """What a page is about: its title and its heading say the same."""
    text = page.locator("h1").inner_text()
    assert page.title() == text
    return text


def press(page, act):
    """Does something that loads another page, and waits for that."""
    with page.expect_navigation():
        act()


def complaints(page):
    """What the browser's console says, but for the status of a page that is an error on purpose."""
    return [entry for entry in page.complaints if "Failed to load resource: the server responded with a status of 4" not in entry]


def resealed(path, expires):
    """The link with another expiry, sealed as docs/decisions/0013 and `mail/token` say."""

    def mac(label, data):
        return hmac.digest(hmac.digest(SECRET, label, "sha256"), data, "sha256")

    token = path.removeprefix("/links/")
    sealed = token[:1].encode() + base64.urlsafe_b64decode(token[1:] + "=" * (-len(token[1:]) % 4))
    payload = sealed[:-18]
    assert mac(b"mensageria link 1", payload)[:16] == sealed[-18:-2]
    payload = payload[:3] + expires.to_bytes(8, "big") + payload[11:]
    seal = mac(b"mensageria link 1", payload)[:16]
    sealed = payload + seal + mac(b"mensageria link seal 1", seal)[:2]
    return f"/links/{token[0]}{base64.urlsafe_b64encode(sealed[1:]).decode().rstrip('=')}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_decision_is_taken_by_a_click_and_once(browser, mail, language):
    tag, ticket, button, done, used, _, _ = LANGUAGES[language]
    page = browser(language)
    for _ in range(2):
        page.goto(mail.url(mail.approve))
    assert len(mail.messages()) == 1, "looking acted"
    assert page.locator("html").get_attribute("lang") == tag
    assert heading(page) == f"{ticket} {mail.ticket}"
    assert "Compra <b>de</b> monitor" in page.locator("main").inner_text()
    assert "Aprova a compra" not in page.content(), "a GET shows no message"
    press(page, page.get_by_role("button").click)
    assert done in page.locator("main").inner_text()
    assert page.get_by_role("button").count() == 0
    first, decision = mail.messages()
    assert decision["author"]["email"] == "maria@example.com"
    assert decision["text"] != first["text"]
    for path in (mail.approve, mail.reject):
        page.goto(mail.url(path))
        assert heading(page) == used
        assert page.get_by_role("button").count() == 0
    assert len(mail.messages()) == 2
    assert complaints(page) == []


def test_a_page_that_is_loaded_again_after_the_click_does_nothing_more(browser, mail):
    page = browser("pt-BR")
    page.goto(mail.url(mail.reject))
    button = page.get_by_role("button")
    assert button.inner_text() == "Reprovar"
    page.keyboard.press("Tab")
    assert button.evaluate("(it) => it === document.activeElement"), "the keyboard reaches the button"
    press(page, lambda: page.keyboard.press("Enter"))
    assert "Reprovado." in page.locator("main").inner_text()
    for again in (page.reload, page.go_back):
        press(page, again)
        assert heading(page) == "Link já usado"
    assert len(mail.messages()) == 2
    assert complaints(page) == []


def test_a_view_shows_what_is_public_as_text_and_works_again(browser, mail):
    page = browser("pt-BR")
    for _ in range(2):
        page.goto(mail.url(mail.view))
        press(page, page.get_by_role("button").click)
        assert "Aprova a compra? <script>alert(1)</script>" in page.locator("article").inner_text()
        assert page.evaluate("document.scripts.length") == 0
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], "the page is wider than a phone"
    assert len(mail.messages()) == 1
    assert complaints(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_expired_and_an_altered_link_say_so_and_do_nothing(browser, mail, language):
    tag, *_, expired, altered = LANGUAGES[language]
    page = browser(language)
    late = resealed(mail.approve, int(time.time()) - 3600)
    # In the middle, where every bit of a character counts.
    other = mail.approve[:30] + ("B" if mail.approve[30] == "A" else "A") + mail.approve[31:]
    for path, words in ((late, expired), (other, altered), (mail.approve[:-9], altered), ("/links/none", altered)):
        page.goto(mail.url(path))
        assert heading(page) == words
        assert page.locator("html").get_attribute("lang") == tag
        assert page.get_by_role("button").count() == 0
    assert len(mail.messages()) == 1
    assert complaints(page) == []
