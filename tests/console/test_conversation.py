"""Two people in two windows talk, and a broken connection loses nothing and posts nothing twice."""

import re

import pytest
from playwright.sync_api import expect

from talk import BIA, MARIA, editor, findings, is_as_wide_as_the_window, messages, texts, write


def test_two_people_talk_in_two_windows(window, local, ticket):
    desk, portal = window(), window(viewport={"width": 400, "height": 800})
    bia, maria = desk.sign_in("Bia"), portal.sign_in("Maria")
    bia.goto(f"/app/chamados/{ticket}")
    write(bia, "Pode testar?", "Responder a Maria")
    expect(bia.locator(".message .mails")).to_contain_text("Entregue ao servidor")
    bia.get_by_label("Nota interna").check()
    write(bia, "falta licença", "Gravar nota interna")
    expect(bia.locator(".message.internal")).to_contain_text("Nota interna")

    maria.goto("/app/solicitacoes")
    row = maria.get_by_role("listitem").filter(has_text=f"Acesso {ticket}")
    expect(row).to_contain_text("1 mensagem nova")
    row.get_by_role("link").click()
    expect(maria.locator(".message")).to_have_count(1)
    expect(maria.locator(".new-line")).to_have_text("1 mensagem nova")
    write(maria, "Funciona!", "Enviar")
    expect(maria.locator(".message")).to_have_count(2)

    expect(bia.locator(".message").filter(has_text="Funciona!")).to_be_visible(timeout=30_000)
    assert [message["text"] for message in messages(local, ticket)] == ["Pode testar?", "falta licença", "Funciona!"]
    of_desk = re.compile(r"^/(quarantine|deliveries|parameters|templates|suppressions)|/explain$")
    assert [path for path in portal.paths() if of_desk.search(path)] == []
    for each in (desk, portal):
        each.check()


def test_a_technician_works_through_the_list_by_keyboard_alone(window, local, ticket):
    local.call(local.token("requester", MARIA["email"]), "POST", f"/tickets/{ticket}/messages", {"text": "Não funciona"})
    opened = window()
    page = opened.sign_in("Bia")
    page.get_by_role("row").filter(has_text=f"Acesso {ticket}").wait_for()
    keys = page.keyboard
    keys.press("/")
    keys.type(ticket)
    expect(page.locator("tbody tr")).to_have_count(1)
    # A shortcut is not a shortcut where somebody types or chooses: out of the field and past the status first.
    keys.press("Tab")
    expect(page.get_by_label("Situação")).to_be_focused()
    keys.press("Tab")
    keys.press("j")
    expect(page.get_by_role("link", name=f"Acesso {ticket}")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.locator(".message")).to_have_count(1)
    editor(page).wait_for()
    keys.press("n")
    expect(page.locator(".composer.note")).to_be_visible()
    keys.press("r")
    expect(editor(page)).to_be_focused()
    keys.type("falta licença")
    keys.press("Control+Enter")
    expect(page.locator(".message.internal")).to_have_count(1)
    keys.press("Tab")
    keys.press("e")
    expect(page.get_by_role("dialog")).to_contain_text("O que houve com esta mensagem")
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    keys.press("u")
    expect(page.get_by_role("heading", name="Chamados")).to_be_visible()
    assert texts(local, ticket) == ["Não funciona", "falta licença"]
    opened.check()


@pytest.mark.parametrize("lost", ["before", "after"])
def test_a_broken_connection_loses_no_text_and_posts_one_message(window, local, ticket, lost):
    portal = window()
    page = portal.sign_in("Maria")
    page.goto(f"/app/solicitacoes/{ticket}")
    tries = []

    def break_once(route):
        if route.request.method != "POST" or tries:
            return route.continue_()
        tries.append(route.request.headers["idempotency-key"])
        if lost == "after":
            route.fetch()
        return route.abort()

    page.route(f"**/tickets/{ticket}/messages", break_once)
    write(page, "Ainda não funciona", "Enviar")
    expect(page.get_by_role("alert")).to_contain_text("Sem conexão")
    page.reload()
    expect(editor(page)).to_have_text("Ainda não funciona")
    page.get_by_role("button", name="Enviar").click()
    expect(editor(page)).to_have_text("")
    assert [message["text"] for message in messages(local, ticket)] == ["Ainda não funciona"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_screens(window, local, ticket, scheme):
    local.call(local.token("technician", "bia@example.com"), "POST", f"/tickets/{ticket}/messages", {"text": "Olá"})
    desk = window(color_scheme=scheme)
    page = desk.sign_in("Bia")
    for path, there in (
        ("/app/chamados", "table"),
        ("/app/entregas", ".deliveries, .empty"),
        (f"/app/chamados/{ticket}", ".message"),
        ("/app/quarentena", ".empty"),
        ("/app/preferencias", "select"),
    ):
        page.goto(path)
        page.locator(there).first.wait_for()
        assert findings(page) == [], path
    page.goto(f"/app/chamados/{ticket}")
    page.get_by_role("button", name="Detalhes").click()
    page.locator("dialog .delivery").wait_for()
    assert findings(page) == []
    desk.check()


def test_markup_of_others_is_text(window, local, ticket):
    admin = local.token("admin", "ana@example.com")
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e"
    people = {"requester": MARIA | {"name": hostile}, "responsible": BIA}
    local.call(admin, "PUT", f"/tickets/{ticket}", people | {"activity": hostile, "description": hostile})
    local.call(local.token("technician", "bia@example.com"), "POST", f"/tickets/{ticket}/messages", {"text": hostile + "a" * 255})
    desk = window(viewport={"width": 400, "height": 800})
    page = desk.sign_in("Bia")
    page.goto(f"/app/chamados/{ticket}")
    expect(page.locator(".message .text")).to_contain_text("<script>alert(1)</script>")
    assert page.locator("main script, main img").count() == 0
    assert is_as_wide_as_the_window(page)
    desk.check()


ASK_AGAIN = "dispatchEvent(new Event('online'))"


def read_slowly(page, ticket):
    """The next time that the messages are asked for, their answer is read and held; returns what gives it."""
    held = []

    def hold(route):
        if route.request.method != "GET" or held:
            return route.fallback()
        held.append((route, route.fetch()))
        return None

    page.route(re.compile(rf"/tickets/{ticket}/messages\?"), hold)
    with page.expect_request(lambda request: request.method == "GET" and f"/tickets/{ticket}/messages?" in request.url):
        page.evaluate(ASK_AGAIN)

    def give():
        route, answer = held[0]
        with page.expect_event("requestfinished", lambda request: request == route.request):
            route.fulfill(response=answer)
        # The page has dealt with it before it has another answer.
        page.evaluate("fetch('/app/config.json').then((answer) => answer.text())")

    return give


def test_an_answer_that_was_read_before_a_message_was_sent_does_not_take_it_away(bia, ticket):
    give = read_slowly(bia, ticket)
    write(bia, "Pode testar?", "Responder a Maria")
    expect(bia.locator(".message")).to_have_count(1)
    give()
    expect(bia.locator(".message")).to_have_count(1)


def test_an_answer_that_was_read_before_a_message_was_taken_back_does_not_bring_it_again(bia, ticket):
    write(bia, "Errado", "Responder a Maria")
    expect(bia.locator(".message")).to_have_count(1)
    give = read_slowly(bia, ticket)
    bia.get_by_role("button", name="Desfazer envio").click()
    expect(bia.locator(".message")).to_have_count(0)
    give()
    expect(bia.locator(".message")).to_have_count(0)


def test_what_has_the_focus_in_a_long_conversation_keeps_it_when_a_message_arrives(window, local, ticket):
    desk, maria = (local.token(role, email) for role, email in (("technician", BIA["email"]), ("requester", MARIA["email"])))
    for number in range(22):
        local.call(desk, "POST", f"/tickets/{ticket}/messages", {"text": f"Resposta {number}", "notify": False})
    page = window().sign_in("Bia")
    page.goto(f"/app/chamados/{ticket}")
    # The oldest are folded to one line.
    expect(page.locator(".message")).to_have_count(20)
    details = page.get_by_role("button", name=re.compile("^Detalhes")).last.element_handle()
    details.focus()
    local.call(maria, "POST", f"/tickets/{ticket}/messages", {"text": "Chegou"})
    page.evaluate(ASK_AGAIN)
    expect(page.locator(".message").filter(has_text="Chegou")).to_be_visible()
    assert details.evaluate("(it) => it === document.activeElement")
