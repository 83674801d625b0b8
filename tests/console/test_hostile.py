"""Data that somebody made to break the page: markup, marks of direction, far too long texts and words."""

import re
from base64 import b64encode
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import expect

from conftest import Window
from harness.browser import running, show
from harness.process import wait_for
from pictures import fill, screens
from talk import BIA, MARIA, editor, is_as_wide_as_the_window, texts, write

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e\u2066"
WORD = "palavrasemespaço" * 11
SEND = re.compile("^Responder a")


@pytest.fixture
def phone(window):
    """Bia's window, as narrow as a phone, looked at at the end."""
    opened = window(viewport={"width": 400, "height": 800})
    yield opened.sign_in("Bia")
    opened.check()


@pytest.fixture
def bia(local):
    """A token of the desk."""
    return local.token("technician", BIA["email"])


def is_whole(page):
    """Nothing of the data became part of the page or moved it."""
    assert page.locator("main script, main img, main style, main iframe, main form:not(.composer)").count() == 0
    assert is_as_wide_as_the_window(page), page.url


def test_hostile_fields_of_a_ticket_are_text_everywhere(phone, local, ticket, bia):
    person = {"name": HOSTILE + WORD, "email": "rui@example.com"}
    fields = {"activity": HOSTILE + WORD, "status": WORD, "priority": HOSTILE, "service": WORD, "contract": WORD}
    description = f"<style>body{{display:none}}</style><p style='position:fixed;color:red' onclick='x()'>{WORD}</p><form><input></form>{HOSTILE}"
    body = {"requester": person, "responsible": BIA, "group": {"name": WORD}, "followers": [person | {"email": "eva@example.com"}]}
    local.call(local.token("admin", "ana@example.com"), "PUT", f"/tickets/{ticket}", body | fields | {"description": description})
    local.call(bia, "POST", f"/tickets/{ticket}/messages", {"text": HOSTILE + WORD, "category": WORD[:100]})
    for path, there in (("/app/chamados?fila=todos", "table"), (f"/app/chamados/{ticket}", ".message")):
        phone.goto(path)
        phone.locator(there).first.wait_for()
        is_whole(phone)
    phone.get_by_text("Pessoas e dados", exact=True).click()
    phone.get_by_text("Descrição", exact=True).click()
    expect(phone.locator("aside .rich")).to_contain_text(WORD)
    is_whole(phone)
    phone.get_by_role("button", name="Detalhes").first.click()
    phone.locator("dialog .delivery").first.wait_for()
    is_whole(phone)


def test_hostile_html_of_a_message_shows_its_text_and_breaks_no_policy(phone, local, ticket, bia):
    html = (
        f'<p style="color:red;position:fixed" onclick="x()">Texto <b style="font-weight:900">forte</b> {WORD}</p>'
        '<style>*{display:none}</style><img src="https://elsewhere.example/x.png" alt="foto">'
        '<a href="javascript:alert(1)">mau</a><a href="https://example.com">bom</a>'
        f"<table><tr><td>{WORD}</td><td>{WORD}</td></tr></table><pre>{WORD}</pre><svg><script>alert(1)</script></svg>"
    )
    local.call(bia, "POST", f"/tickets/{ticket}/messages", {"html": html})
    phone.goto(f"/app/chamados/{ticket}")
    message = phone.locator(".message .rich")
    expect(message).to_contain_text("Texto forte")
    expect(message.get_by_role("link")).to_have_count(1)
    expect(message.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer")
    assert message.locator("[style], [onclick]").count() == 0
    is_whole(phone)


def test_a_message_of_a_hundred_thousand_characters_is_folded_and_shown_whole(phone, local, ticket, bia):
    most = local.call(bia, "GET", "/me")["limits"]["message_chars"]
    long = ("linha de texto " * 7000)[: min(100_000, most)].strip()
    local.call(bia, "POST", f"/tickets/{ticket}/messages", {"text": long})
    local.call(bia, "POST", f"/tickets/{ticket}/messages", {"html": f"<p><b>{long[:-20]}</b></p>"})
    phone.goto(f"/app/chamados/{ticket}")
    expect(phone.locator(".message")).to_have_count(2)
    for button in phone.get_by_role("button", name="Mostrar a mensagem toda").all():
        assert button.evaluate("button => button.closest('.message').offsetHeight") < 2500
    phone.get_by_role("button", name="Mostrar a mensagem toda").first.click()
    assert len(phone.locator(".message .body").first.inner_text()) >= len(long) - 10
    is_whole(phone)


def test_a_text_over_the_limit_stays_and_is_told(phone, local, ticket, bia):
    most = local.call(bia, "GET", "/me")["limits"]["message_chars"]
    phone.goto(f"/app/chamados/{ticket}")
    editor(phone).focus()
    phone.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData('text/plain', text);
            const event = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
            document.querySelector('.rich-text').dispatchEvent(event);
        }""",
        "a" * (most + 1),
    )
    phone.get_by_role("button", name=SEND).click()
    expect(phone.locator(".composer").get_by_role("alert")).to_contain_text("passa de")
    assert len(editor(phone).inner_text()) == most + 1
    assert texts(local, ticket) == []
    phone.keyboard.press("Control+End")
    phone.keyboard.press("Backspace")
    phone.get_by_role("button", name=SEND).click()
    expect(editor(phone)).to_have_text("")
    assert texts(local, ticket) == ["a" * most]
    is_whole(phone)


def test_what_is_typed_arrives_as_it_is(phone, local, ticket):
    phone.goto(f"/app/chamados/{ticket}")
    write(phone, HOSTILE + WORD, SEND)
    expect(phone.locator(".message .text")).to_contain_text("<script>")
    assert texts(local, ticket)[0].startswith("<script>alert(1)</script><img src=x onerror=alert(1)>")
    is_whole(phone)


def test_a_hostile_requester_and_file_name_in_the_portal(window, local, ticket, bia):
    local.call(bia, "POST", f"/tickets/{ticket}/messages", {"text": HOSTILE + WORD})
    opened = window(viewport={"width": 400, "height": 800})
    maria = opened.sign_in("Maria")
    maria.goto(f"/app/solicitacoes/{ticket}")
    editor(maria).wait_for()
    name = f"{WORD[:60]}<img src=x onerror=alert(1)>\u202egpj.txt"
    maria.set_input_files("input[type=file]", [{"name": name, "mimeType": "text/html", "buffer": b"x"}])
    expect(maria.get_by_text("pronto", exact=True)).to_be_visible()
    is_whole(maria)
    write(maria, WORD, "Enviar")
    expect(maria.locator(".message .files li")).to_have_count(1)
    assert MARIA["email"] not in maria.locator(".message .files").inner_text()
    is_whole(maria)
    opened.check()


def fill_with_hostile(server):
    """Gives every list of the desk and of administration something hostile, beside what `fill` gives."""
    admin, bia = server.token("admin", "admin@example.com"), server.token("technician", BIA["email"])
    rui = {"name": HOSTILE + WORD, "email": "bounce+hostil@simulator.amazonses.com"}
    ticket = {"requester": rui, "responsible": BIA, "activity": HOSTILE + WORD, "status": WORD, "priority": HOSTILE, "contract": WORD}
    server.call(admin, "PUT", "/tickets/H-1", ticket)
    server.call(admin, "PUT", "/tickets/H-2", ticket | {"requester": MARIA | {"name": HOSTILE}})
    for number in ("H-1", "H-2"):
        server.call(bia, "POST", f"/tickets/{number}/messages", {"text": HOSTILE + WORD})
    body = {"identifier": "hostil", "title": f"[${{IDSOLICITACAOSERVICO}}] <b>{WORD}", "html": f"<p>{WORD} ${{COMMENTTEXT}}</p>{HOSTILE}"}
    server.call(admin, "POST", "/templates", body)
    server.call(bia, "POST", "/snippets", {"title": (HOSTILE + WORD)[:80], "text": HOSTILE + WORD, "of": "me"})
    own = {"from": f'"{WORD}" <acme@mensageria.example>', "signature": HOSTILE + WORD}
    server.call(admin, "PUT", f"/identities/{quote('<b>' + WORD[:80], safe='')}", own)
    server.call(admin, "POST", "/suppressions", {"address": f"{'x' * 60}@{'y' * 60}.example.com", "reason": HOSTILE + WORD})
    name = "=?UTF-8?B?" + b64encode(HOSTILE.encode()).decode() + "?="
    mail = f"From: {name} <x@outro.example>\r\nTo: desk@mensageria.example\r\nSubject: {WORD}{name}\r\nMessage-ID: <h@outro.example>\r\n\r\n{HOSTILE}{WORD}\r\n"
    sent = {"Authorization": f"Bearer {admin}"}
    assert requests.post(f"{server.address}/local/inbound", data=mail.encode(), headers=sent, timeout=20).ok
    wait_for("bounce", lambda: any("hostil" in one["address"] for one in server.call(admin, "GET", "/suppressions?limit=100")["items"]))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A server of its own, with something hostile in every list."""
    with running(tmp_path_factory.mktemp("hostile") / "data") as server:
        fill(server)
        fill_with_hostile(server)
        yield server


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("person", ["Maria", "Bia", "Administração"])
def test_no_screen_is_broken_by_what_somebody_wrote(chromium, hostile, person, width):
    opened = Window(chromium, hostile, {"viewport": {"width": width, "height": 800}})
    page = opened.sign_in(person)
    page.on("dialog", lambda dialog: opened.complaints.append(dialog.message) or dialog.dismiss())
    more = {
        "Maria": [("/app/solicitacoes/H-2", ".message", None)],
        "Bia": [
            ("/app/chamados/H-1", ".message .mails", re.compile("^Detalhes")),
            ("/app/chamados/H-2", ".message .mails", re.compile("^Respostas prontas")),
            ("/app/entregas", ".delivery-row", re.compile("^Visto: ")),
        ],
        "Administração": [("/app/modelos/3", ".mail-frame", None)],
    }[person]
    shown = [(path, there, opens) for _, path, there, opens in screens(hostile)[person][1]]
    broken = []
    for path, there, opens in shown + more:
        show(page, path, there, opens)
        if path == "/app/quarentena" and person == "Administração":
            page.get_by_text(re.compile("^palavrasemespaço")).first.click()
            page.locator(".mail-text").wait_for()
        if page.locator("main script, main img, main style, main object, main iframe:not(.mail-frame)").count():
            broken.append(f"{path}: something of the data became part of the page")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            broken.append(f"{path} {opens}: {wide} pixels wider than the window")
    assert broken == []
    opened.complaints = [text for text in opened.complaints if "404" not in text]
    opened.check()
    opened.context.close()
