"""Whatever fails while something is written: nothing typed is lost, and no message is there twice."""

import re

import pytest
from playwright.sync_api import expect

from talk import editor, texts, write

SEND = re.compile("^Responder a Maria")
GATEWAY = {"message": "Service Unavailable"}
PROBLEM = {"type": "about:blank", "title": "Algo falhou", "status": 500, "code": "INTERNAL", "detail": "x", "request_id": "r1"}
FAULTS = {
    "500": lambda route: route.fulfill(status=500, json=PROBLEM, content_type="application/problem+json"),
    "503": lambda route: route.fulfill(status=503, json=GATEWAY, headers={"Retry-After": "1"}),
    "429": lambda route: route.fulfill(status=429, json={"message": "Too Many Requests"}, headers={"Retry-After": "1"}),
    "offline": lambda route: route.abort("internetdisconnected"),
    "no answer": lambda route: route.abort("timedout"),
    "no JSON": lambda route: route.fulfill(status=502, body="<html>Bad gateway</html>", content_type="text/html"),
}


@pytest.fixture
def bia(window, ticket):
    """Bia's window with the ticket open."""
    page = window().sign_in("Bia")
    page.goto(f"/app/chamados/{ticket}")
    editor(page).wait_for()
    return page


def posts(page, ticket, act):
    """Sends each post of a message to `act`, and returns their idempotency keys."""
    keys = []

    def take(route):
        if route.request.method != "POST":
            return route.continue_()
        keys.append(route.request.headers["idempotency-key"])
        return act(route, len(keys))

    page.route(f"**/tickets/{ticket}/messages", take)
    return keys


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_post_loses_nothing_and_posts_once(bia, local, ticket, fault, moment):
    def fail_first(route, count):
        if count > 1:
            return route.continue_()
        if moment == "after":
            assert route.fetch().status == 202
        return FAULTS[fault](route)

    keys = posts(bia, ticket, fail_first)
    write(bia, "Uma vez só", SEND)
    expect(bia.locator(".composer").get_by_role("alert")).to_be_visible()
    expect(editor(bia)).to_have_text("Uma vez só")
    assert texts(local, ticket) == (["Uma vez só"] if moment == "after" else [])
    button = bia.get_by_role("button", name=SEND)
    expect(button).to_be_enabled()
    button.click()
    expect(editor(bia)).to_have_text("")
    assert texts(local, ticket) == ["Uma vez só"]
    assert len(keys) == 2 and keys[0] == keys[1]


def test_a_text_that_changed_after_a_lost_answer_is_asked_about(bia, local, ticket):
    def lose_first(route, count):
        if count > 1:
            return route.continue_()
        route.fetch()
        return route.abort()

    posts(bia, ticket, lose_first)
    write(bia, "Primeiro", SEND)
    expect(bia.locator(".composer").get_by_role("alert")).to_be_visible()
    write(bia, "Primeiro, mudado", SEND)
    asked = bia.get_by_role("dialog")
    expect(asked).to_contain_text("já foi gravada")
    assert texts(local, ticket) == ["Primeiro"]
    asked.get_by_role("button", name="Enviar como outra mensagem").click()
    expect(editor(bia)).to_have_text("")
    assert texts(local, ticket) == ["Primeiro", "Primeiro, mudado"]


def test_a_slow_answer_and_an_impatient_person_post_once(bia, local, ticket):
    held = []
    posts(bia, ticket, lambda route, _: held.append(route))
    write(bia, "Devagar", SEND)
    button = bia.get_by_role("button", name=SEND)
    expect(button).to_have_attribute("aria-busy", "true")
    button.click(force=True)
    editor(bia).press("Control+Enter")
    assert len(held) == 1
    held[0].continue_()
    expect(editor(bia)).to_have_text("")
    assert texts(local, ticket) == ["Devagar"]


def test_a_session_that_ends_in_the_middle_keeps_the_text_for_its_author(bia, local, ticket):
    ended = []

    def refuse_first(route, count):
        if count > 1:
            return route.continue_()
        ended.append(True)
        return route.fulfill(status=401, json={"message": "Unauthorized"})

    posts(bia, ticket, refuse_first)
    write(bia, "Escrito por Bia", SEND)
    over = bia.get_by_role("dialog")
    expect(over).to_contain_text("Sua sessão terminou")
    # Somebody else signs in at the same browser: what Bia typed is not theirs.
    over.get_by_role("button", name="Maria").click()
    expect(bia.locator("header.top")).to_contain_text("Maria")
    bia.goto(f"/app/solicitacoes/{ticket}")
    expect(editor(bia)).to_have_text("")
    assert texts(local, ticket) == []
    bia.get_by_role("button", name=re.compile("Maria Conceição")).click()
    bia.get_by_role("button", name="Sair").click()
    bia.get_by_role("button", name="Bia").click()
    bia.get_by_role("heading", level=1).wait_for()
    bia.goto(f"/app/chamados/{ticket}")
    expect(editor(bia)).to_have_text("Escrito por Bia")
    bia.get_by_role("button", name=SEND).click()
    expect(editor(bia)).to_have_text("")
    assert texts(local, ticket) == ["Escrito por Bia"]


def test_a_session_that_ends_is_taken_up_again_where_it_was(bia, local, ticket):
    def refuse_first(route, count):
        return route.continue_() if count > 1 else route.fulfill(status=401, json={"message": "Unauthorized"})

    posts(bia, ticket, refuse_first)
    write(bia, "Continua", SEND)
    bia.get_by_role("dialog").get_by_role("button", name="Bia").click()
    expect(bia.get_by_role("dialog")).to_have_count(0)
    expect(editor(bia)).to_have_text("Continua")
    bia.get_by_role("button", name=SEND).click()
    expect(editor(bia)).to_have_text("")
    assert texts(local, ticket) == ["Continua"]


def test_escape_does_not_close_the_question_to_sign_in_again(bia, local, ticket):
    posts(bia, ticket, lambda route, count: route.continue_() if count > 1 else route.fulfill(status=401, json={"message": "Unauthorized"}))
    write(bia, "Continua", SEND)
    over = bia.get_by_role("dialog")
    expect(over).to_contain_text("Sua sessão terminou")
    # A browser closes a dialog at the second, whatever the page says to the first.
    for _ in range(3):
        bia.keyboard.press("Escape")
    over.get_by_role("button", name="Bia").click()
    expect(over).to_have_count(0)
    bia.get_by_role("button", name=SEND).click()
    expect(editor(bia)).to_have_text("")
    assert texts(local, ticket) == ["Continua"]


def test_an_upload_that_expired_is_put_again_before_its_message(bia, local, ticket):
    def forget_first(route, count):
        if count > 1:
            return route.continue_()
        error = {"code": "UPLOAD_UNKNOWN", "message": "expirou", "field": "attachments[0]"}
        problem = PROBLEM | {"status": 422, "code": "INVALID", "errors": [error]}
        return route.fulfill(status=422, json=problem, content_type="application/problem+json")

    posts(bia, ticket, forget_first)
    bia.set_input_files("input[type=file]", [{"name": "a.txt", "mimeType": "text/plain", "buffer": b"abc"}])
    expect(bia.get_by_text("pronto", exact=True)).to_be_visible()
    write(bia, "Segue", SEND)
    expect(bia.locator(".composer")).to_contain_text("Arquivos precisam ser enviados de novo")
    expect(bia.get_by_text("pronto", exact=True)).to_be_visible()
    bia.get_by_role("button", name=SEND).click()
    expect(bia.locator(".message .files li")).to_have_count(1)
    assert texts(local, ticket) == ["Segue"]
