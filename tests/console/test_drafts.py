"""What is written outlives the slow line on which it is sent, a second tab, and keys that are not for sending."""

import re

import pytest
from playwright.sync_api import expect

from harness.browser import sign_in
from talk import editor, texts, write
from test_faults import posts

SEND = re.compile("^Responder a Maria")
FILE = {"name": "depois.txt", "mimeType": "text/plain", "buffer": b"abc"}
STORED = "Mensagem gravada."


def held_post(page, ticket):
    """Holds the first post of a message."""
    held = []
    posts(page, ticket, lambda route, count: held.append(route) if count == 1 else route.continue_())
    return held


def sends_slowly(page, ticket, text):
    """Sends a message on a line so slow that its post is under way; returns what holds it."""
    held = held_post(page, ticket)
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/messages")):
        write(page, text, SEND)
    return held[0]


@pytest.fixture
def tab(bia, ticket):
    """Another tab of Bia's with the same ticket; its keys are kept only when it is let."""
    page = bia.context.new_page()
    sign_in(page, "Bia")
    page.goto(f"/app/chamados/{ticket}")
    editor(page).wait_for()
    page.evaluate(
        """() => {
            window.kept = 0;
            window.told = 0;
            window.due = [];
            const set = Storage.prototype.setItem;
            Storage.prototype.setItem = function (...value) { window.kept += 1; return set.apply(this, value); };
            addEventListener('storage', () => { window.told += 1; });
            const later = window.setTimeout;
            window.setTimeout = (act, ms, ...rest) => ms === 300 ? window.due.push(act) : later(act, ms, ...rest);
        }"""
    )
    yield page
    page.close()


KEEP = "() => { for (const act of window.due.splice(0)) act(); }"


def test_a_tab_that_follows_a_draft_writes_nothing_of_its_own(bia, tab):
    bia.get_by_label("Nota interna").check()
    editor(bia).fill("só nosso")
    expect(editor(tab)).to_have_text("só nosso")
    expect(tab.locator(".composer.note")).to_be_visible()
    # What the other tab would keep by itself some time after it showed the draft.
    tab.wait_for_function("() => window.told > 0")
    tab.evaluate(KEEP)
    assert tab.evaluate("window.kept") == 0
    tab.get_by_label("Resposta pública").first.check()
    tab.wait_for_function("() => window.due.length > 0")
    tab.evaluate(KEEP)
    expect(bia.locator(".composer.note")).to_have_count(0)
    assert tab.evaluate("window.kept") == 1


def test_what_is_typed_is_not_replaced_by_the_text_of_another_tab(bia, tab):
    editor(tab).fill("o mais novo")
    editor(bia).fill("o mais velho")
    expect(bia.get_by_text("rascunho salvo")).to_be_visible()
    tab.wait_for_function("() => window.told > 0")
    expect(editor(tab)).to_have_text("o mais novo")
    tab.evaluate(KEEP)
    expect(editor(bia)).to_have_text("o mais novo")


def test_a_message_that_another_tab_sent_is_gone_here_with_what_stood_beside_it(bia, tab, local, ticket):
    bia.locator(".extras summary").first.click()
    bia.get_by_label("Categoria").fill("VPN")
    editor(bia).fill("Uma vez")
    expect(editor(tab)).to_have_text("Uma vez")
    expect(tab.get_by_label("Categoria")).to_have_value("VPN")
    bia.get_by_role("button", name=SEND).click()
    expect(editor(tab)).to_have_text("")
    expect(tab.get_by_label("Categoria")).to_have_value("")
    expect(tab.locator(".message").filter(has_text="Uma vez")).to_be_visible()
    assert texts(local, ticket) == ["Uma vez"]


@pytest.mark.parametrize("place", ["Buscar respostas prontas", "Título", "Categoria"])
def test_enter_in_a_field_beside_the_text_sends_nothing(bia, local, ticket, place):
    editor(bia).fill("Pela metade")
    if place == "Categoria":
        bia.locator(".extras summary").first.click()
    else:
        bia.get_by_role("button", name="Respostas prontas").click()
    if place == "Título":
        bia.get_by_role("button", name="Nova resposta pronta").click()
    bia.get_by_label(place).fill("VPN")
    bia.get_by_label(place).press("Enter")
    expect(bia.get_by_label(place)).to_have_value("VPN")
    for _ in range({"Buscar respostas prontas": 1, "Título": 2}.get(place, 0)):
        bia.get_by_role("dialog").get_by_role("button", name="Fechar").click()
    expect(bia.get_by_role("dialog")).to_have_count(0)
    editor(bia).focus()
    bia.keyboard.press("Control+End")
    bia.keyboard.type(", e o resto")
    bia.keyboard.press("Control+Enter")
    expect(bia.locator(".message").filter(has_text="e o resto")).to_be_visible()
    assert texts(local, ticket) == ["Pela metade, e o resto"]


@pytest.mark.parametrize("field", ["editor", "plain text"])
def test_what_is_typed_and_chosen_while_a_message_is_sent_does_not_go_with_it(window, local, ticket, field):
    page = window().sign_in("Bia")
    if field == "plain text":
        page.route("**/composer.js", lambda route: route.abort())
    page.goto(f"/app/chamados/{ticket}")
    area = editor(page) if field == "editor" else page.get_by_role("textbox", name="Resposta pública")
    shows = (lambda text: expect(area).to_have_text(text)) if field == "editor" else (lambda text: expect(area).to_have_value(text))
    area.fill("Primeira")
    held = held_post(page, ticket)
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/messages")):
        area.press("Control+Enter")
    expect(area).to_have_attribute("aria-readonly" if field == "editor" else "readonly", re.compile("true|^$"))
    page.keyboard.type("X")
    page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    shows("Primeira")
    expect(page.get_by_role("button", name="Respostas prontas")).to_be_disabled()
    page.set_input_files("input[type=file]", [FILE])
    expect(page.get_by_text("pronto", exact=True)).to_be_visible()
    held[0].continue_()
    shows("")
    expect(page.locator(".chosen")).to_contain_text("depois.txt")
    # The focus is where it was, and the field takes keys again.
    page.keyboard.type("Segunda")
    shows("Segunda")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message")).to_have_count(2)
    messages = local.call(local.token("admin", "ana@example.com"), "GET", f"/tickets/{ticket}/messages")["items"]
    assert [(one["text"], len(one.get("attachments") or [])) for one in messages] == [("Primeira", 0), ("Segunda", 1)]


def test_a_second_message_leaves_before_the_page_has_read_the_first(bia, local, ticket):
    write(bia, "Primeira", SEND)
    expect(bia.locator(".message")).to_have_count(1)
    bia.route(re.compile(r"/messages\?"), lambda route: route.abort())
    write(bia, "Segunda", SEND)
    expect(editor(bia)).to_have_text("")
    write(bia, "Terceira", SEND)
    expect(editor(bia)).to_have_text("")
    assert texts(local, ticket) == ["Primeira", "Segunda", "Terceira"]


def leave_and_come_back(page, ticket):
    """To the list and back, in the same tab."""
    page.keyboard.press("u")
    page.get_by_role("link", name=f"Acesso {ticket}").click()
    editor(page).wait_for()


def test_a_message_that_is_stored_after_one_left_is_no_draft_again(bia, local, ticket):
    post = sends_slowly(bia, ticket, "Devagar")
    leave_and_come_back(bia, ticket)
    expect(editor(bia)).to_have_text("Devagar")
    post.continue_()
    expect(bia.get_by_text(STORED)).to_be_visible()
    expect(editor(bia)).to_have_text("")
    expect(bia.locator(".message").filter(has_text="Devagar")).to_be_visible()
    write(bia, "Outra", SEND)
    expect(bia.locator(".message")).to_have_count(2)
    assert texts(local, ticket) == ["Devagar", "Outra"]


def test_a_draft_that_is_typed_on_while_it_is_sent_is_asked_about(bia, local, ticket):
    post = sends_slowly(bia, ticket, "Devagar")
    leave_and_come_back(bia, ticket)
    editor(bia).fill("Devagar, e mais")
    expect(bia.get_by_text("rascunho salvo")).to_be_visible()
    post.continue_()
    expect(bia.get_by_text(STORED)).to_be_visible()
    expect(editor(bia)).to_have_text("Devagar, e mais")
    bia.get_by_role("button", name=SEND).click()
    expect(bia.get_by_role("dialog")).to_contain_text("já foi gravada")
    assert texts(local, ticket) == ["Devagar"]


def test_a_message_that_fails_after_one_left_is_told_and_stays_a_draft(bia, local, ticket):
    post = sends_slowly(bia, ticket, "Devagar")
    bia.keyboard.press("u")
    bia.get_by_role("heading", name="Chamados").wait_for()
    expect(editor(bia)).to_have_count(0)
    post.abort()
    expect(bia.get_by_text(f"O envio no chamado {ticket} não deu certo")).to_be_visible()
    bia.get_by_role("link", name=f"Acesso {ticket}").click()
    expect(editor(bia)).to_have_text("Devagar")
    bia.get_by_role("button", name=SEND).click()
    expect(editor(bia)).to_have_text("")
    assert texts(local, ticket) == ["Devagar"]


def test_drafts_that_are_too_old_are_taken_away_at_the_start(bia):
    kept = "() => Object.keys(localStorage).filter((key) => key.startsWith('mensageria.draft.'))"
    bia.evaluate(
        """() => {
            const day = 86_400_000;
            for (const [name, days] of [['somebody.1', 31], ['somebody.2', 29]])
                localStorage.setItem(`mensageria.draft.${name}`, JSON.stringify({text: 'x', at: Date.now() - days * day}));
            localStorage.setItem('mensageria.draft.somebody.3', '{');
        }"""
    )
    bia.reload()
    editor(bia).wait_for()
    assert bia.evaluate(kept) == ["mensageria.draft.somebody.2"]
