"""Data that somebody made to break the page: markup, marks of direction, far too long texts and words."""

import re

import pytest
from playwright.sync_api import expect

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
