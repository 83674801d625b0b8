"""Signing in by OpenID Connect: the console as AWS serves it, in front of a strict provider."""

import os
import re
from urllib.parse import parse_qs

import pytest
import requests
from playwright.sync_api import expect

from harness.gateway import LocalApi
from harness.local import Local
from harness.oidc import CLIENT, ENTRA
from harness.process import wait_for
from signing import Signing
from talk import editor, texts, write

GROUPS = {"TECHNICIAN_GROUP": ENTRA["technician"], "REQUESTER_GROUP": ENTRA["requester"]}


@pytest.fixture
def signing(chromium, local, tmp_path):
    """Starts a provider of a kind, and the console that knows it."""
    begun = []

    def begin(kind="cognito", server=local):
        folder = tmp_path / str(len(begun))
        folder.mkdir()
        begun.append(Signing(kind, LocalApi(server), folder, chromium))
        return begun[-1]

    yield begin
    for each in begun:
        each.end()


def test_one_comes_to_the_page_that_was_asked_for_and_works_there(signing, local, ticket):
    desk = signing()
    page = desk.page()
    desk.enter(page, f"/app/chamados/{ticket}?x=1#nada", "Bia Araújo")
    page.wait_for_url(f"**/app/chamados/{ticket}?x=1#nada")
    write(page, "Pode testar?", re.compile("^Responder a Maria"))
    expect(page.locator(".message").filter(has_text="Pode testar?")).to_be_visible()
    assert texts(local, ticket) == ["Pode testar?"]
    # Neither the code nor anything else of the provider stays in an address that one may copy.
    page.go_back()
    assert "code=" not in page.url
    page.go_forward()
    expect(page.locator(".message").filter(has_text="Pode testar?")).to_be_visible()
    page.reload()
    expect(page.locator(".message").filter(has_text="Pode testar?")).to_be_visible()
    assert desk.provider.refusals == []
    assert desk.gateway.refusals == []
    assert desk.complaints == []


@pytest.mark.parametrize("kind", ["cognito", "entra", "keycloak"])
def test_each_kind_of_provider_tells_the_role(signing, tmp_path, local, kind):
    server = Local(tmp_path / "data", os.environ | GROUPS) if kind == "entra" else local
    try:
        desk = signing(kind, server)
        for name, home in (("Maria Conceição", "solicitacoes"), ("Bia Araújo", "chamados")):
            page = desk.page()
            desk.enter(page, "/", name)
            page.wait_for_url(f"**/app/{home}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert desk.complaints == []
    finally:
        if server is not local:
            server.end()


def test_somebody_without_a_group_of_a_role_is_told_what_to_ask_for(signing):
    desk = signing("realm")
    page = desk.page()
    desk.enter(page, "/app/chamados", "Bia Araújo")
    expect(page.get_by_role("heading", name="Seu usuário ainda não tem acesso")).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text="bia@example.com")).to_be_visible()


def answering_past_the_session(desk, ticket, text):
    """Bia's page, when her session ended before she sent what she wrote, and cannot be renewed."""
    desk.provider.gives_refresh = False
    page = desk.page()
    desk.enter(page, f"/app/chamados/{ticket}", "Bia Araújo")
    editor(page).fill(text)
    desk.gateway.ahead = 7200
    page.get_by_role("button", name=re.compile("^Responder a Maria")).click()
    return page


def test_a_session_that_ends_while_somebody_writes_loses_nothing_and_sends_once(signing, local, ticket):
    desk = signing()
    page = answering_past_the_session(desk, ticket, "Escrevi muito, e não quero escrever de novo")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Sua sessão terminou")
    assert texts(local, ticket) == []
    desk.gateway.ahead = 0
    dialog.get_by_role("button", name="Entrar com a conta da organização").click()
    page.get_by_role("button", name="Bia Araújo").click()
    page.wait_for_url(f"**/app/chamados/{ticket}")
    expect(editor(page)).to_have_text("Escrevi muito, e não quero escrever de novo")
    page.get_by_role("button", name=re.compile("^Responder a Maria")).click()
    expect(page.locator(".message").filter(has_text="Escrevi muito")).to_be_visible()
    assert texts(local, ticket) == ["Escrevi muito, e não quero escrever de novo"]


def test_what_was_typed_is_not_shown_to_somebody_else_who_signs_in(signing, local, ticket):
    desk = signing()
    page = answering_past_the_session(desk, ticket, "só para a Bia")
    desk.provider.people["rui@example.com"] = ("Rui", "technician")
    expect(page.get_by_role("dialog")).to_be_visible()
    desk.gateway.ahead = 0
    page.get_by_role("dialog").get_by_role("button", name="Entrar com a conta da organização").click()
    page.get_by_role("button", name="Rui").click()
    page.wait_for_url(f"**/app/chamados/{ticket}")
    # Rui has nothing to do with the ticket.
    expect(page.get_by_role("alert")).to_be_visible()
    assert "só para a Bia" not in page.content()
    assert texts(local, ticket) == []


def test_a_token_that_ends_is_renewed_without_a_word(signing, local, ticket):
    desk = signing()
    page = desk.page()
    desk.enter(page, f"/app/chamados/{ticket}", "Bia Araújo")
    editor(page).fill("Pode testar?")
    # The token of the start has ended for the authorizer; the one that comes is good for longer.
    desk.gateway.ahead, desk.provider.lifetime = 3700, 10_000
    page.get_by_role("button", name=re.compile("^Responder a Maria")).click()
    expect(page.locator(".message").filter(has_text="Pode testar?")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert texts(local, ticket) == ["Pode testar?"]
    assert "expired" in desk.gateway.refusals
    assert desk.provider.calls.count("POST /oauth2/token") == 2


def renewing(desk, page, path):
    """Loads an address again and leaves the page in the middle of its renewal: the token is used up, the answer lost."""
    before = desk.provider.renewals
    desk.provider.answers.clear()
    page.goto(path, wait_until="commit")
    wait_for("renewal", lambda: desk.provider.renewals > before)


def test_a_reload_in_the_middle_of_a_renewal_does_not_end_the_session(signing, local, ticket):
    desk = signing()
    page = desk.page()
    desk.enter(page, f"/app/chamados/{ticket}", "Bia Araújo")
    editor(page).fill("Ainda aqui")
    expect(page.get_by_text("rascunho salvo")).to_be_visible()
    renewing(desk, page, f"/app/chamados/{ticket}?x=1#nada")
    page.reload()
    desk.provider.answers.set()
    page.wait_for_url(f"**/app/chamados/{ticket}?x=1#nada")
    expect(editor(page)).to_have_text("Ainda aqui")
    page.get_by_role("button", name=re.compile("^Responder a Maria")).click()
    expect(page.locator(".message").filter(has_text="Ainda aqui")).to_be_visible()
    assert texts(local, ticket) == ["Ainda aqui"]
    # The browser itself writes down that the token was refused.
    assert [text for text in desk.complaints if "oauth2/token" not in text] == []


def test_somebody_whom_the_provider_forgot_meanwhile_signs_in_as_ever(signing):
    desk = signing()
    page = desk.page()
    desk.enter(page, "/app/chamados", "Bia Araújo")
    page.wait_for_url("**/app/chamados")
    renewing(desk, page, "/app/chamados")
    page.context.clear_cookies()
    page.reload()
    desk.provider.answers.set()
    expect(page.get_by_role("button", name="Entrar com a conta da organização")).to_be_visible()
    # Nothing failed: nobody asked for anything yet.
    expect(page.get_by_role("alert")).to_have_count(0)
    desk.enter(page, "/app/chamados", "Bia Araújo")
    page.wait_for_url("**/app/chamados")


def test_two_tabs_that_began_as_one_renew_one_after_the_other(signing, ticket):
    desk = signing()
    page = desk.page()
    desk.enter(page, f"/app/chamados/{ticket}", "Bia Araújo")
    editor(page).wait_for()
    # As a browser copies a tab: with all that the tab had kept for itself.
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    copy = desk.tab(page.context)
    copy.add_init_script(f"if (!sessionStorage.length) for (const [name, value] of Object.entries({kept})) sessionStorage.setItem(name, value)")
    copy.goto(f"/app/chamados/{ticket}")
    editor(copy).wait_for()
    for screen in ("Entregas", "Chamados", "Entregas"):
        desk.gateway.ahead += 4000
        desk.provider.lifetime = desk.gateway.ahead + 2000
        # Both at once, with tokens that have ended.
        for tab in (page, copy):
            tab.evaluate("(name) => [...document.querySelectorAll('nav a')].find((a) => a.textContent === name).click()", screen)
        for tab in (page, copy):
            expect(tab.get_by_role("heading", level=1)).to_contain_text(screen)
            expect(tab.get_by_role("status").filter(has_text="Carregando")).to_have_count(0)
            expect(tab.get_by_role("dialog")).to_have_count(0)
    assert desk.provider.refusals == []
    assert desk.provider.renewals == 7


@pytest.mark.parametrize("slow", [re.compile("/me$"), re.compile(r"/tickets\?")])
def test_signing_out_while_the_first_list_loads_asks_nothing_more_without_a_token(window, slow):
    desk, held, without = window(), [], []
    page = desk.page
    page.clock.install()
    page.goto("/")
    page.route(slow, lambda route: held.append(route))
    with page.expect_request(slow):
        page.get_by_role("button", name="Bia").click()
    page.get_by_role("button", name=re.compile("Bia Araújo")).click()
    page.on("request", lambda request: "authorization" in request.headers or without.append(request.url))
    page.get_by_role("button", name="Sair").click()
    for route in held:
        route.fulfill(status=503, json={"message": "Service Unavailable"})
    expect(page.get_by_role("button", name="Bia")).to_be_visible()
    # Longer than a call that failed waits before it is made again.
    page.clock.run_for(5000)
    assert [url for url in without if "/local/" not in url and "/app/" not in url] == []
    assert [text for text in desk.complaints if "503" not in text] == []


@pytest.mark.parametrize("kind", ["cognito", "keycloak"])
def test_signing_out_ends_the_session_here_and_at_the_provider(signing, kind):
    desk = signing(kind)
    page = desk.page()
    desk.enter(page, "/app/chamados", "Bia Araújo")
    page.locator("tbody tr").first.wait_for()
    page.get_by_role("button", name="Bia Araújo").click()
    page.get_by_role("button", name="Sair").click()
    page.wait_for_url("**/app/")
    expect(page.get_by_role("button", name="Entrar com a conta da organização")).to_be_visible()
    assert "GET /logout" in desk.provider.calls
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => name.includes('oidc'))") == []
    # Nothing of the session is left: the list asks to sign in.
    page.goto("/app/chamados")
    expect(page.get_by_role("button", name="Entrar com a conta da organização")).to_be_visible()
    assert desk.complaints == []


def test_a_renewal_that_is_answered_after_signing_out_signs_nobody_in(signing):
    desk = signing()
    page = desk.page()
    desk.enter(page, "/app/chamados", "Bia Araújo")
    page.locator("tbody tr").first.wait_for()
    # The way to the provider takes a while: the page is still there when the renewal is answered.
    page.route("**/logout?*", lambda route: route.fulfill(status=204))
    before = desk.provider.renewals
    desk.provider.answers.clear()
    desk.gateway.ahead = 3700
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_for("renewal", lambda: desk.provider.renewals > before)
    page.get_by_role("button", name="Bia Araújo").click()
    page.get_by_role("button", name="Sair").click()
    expect(page.get_by_role("button", name="Entrar com a conta da organização")).to_be_visible()
    desk.provider.answers.set()
    # A renewal holds this lock until its answer has been worked through.
    page.evaluate("navigator.locks.request('mensageria.oidc.renewal', () => {})")
    expect(page.get_by_role("button", name="Entrar com a conta da organização")).to_be_visible()
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => name.includes('oidc'))") == []


def refused(desk, page):
    """The sign-in page says that it was not possible, and nobody is signed in."""
    expect(page.get_by_role("alert")).to_contain_text("Não foi possível entrar")
    expect(page.get_by_role("button", name="Entrar com a conta da organização")).to_be_visible()
    assert not any(call.startswith("GET /me") for call in desk.provider.calls)
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => /oidc.(id|refresh)/.test(name))") == []


@pytest.mark.parametrize("what", ["wrong_state", "wrong_nonce"])
def test_an_answer_to_another_question_is_refused(signing, what):
    desk = signing()
    setattr(desk.provider, what, "x" * 43)
    page = desk.page()
    desk.enter(page, "/app/chamados", "Bia Araújo")
    refused(desk, page)
    # An answer that is not ours is not even redeemed.
    assert desk.provider.calls.count("POST /oauth2/token") == (0 if what == "wrong_state" else 1)
    setattr(desk.provider, what, None)
    desk.enter(page, "/app/chamados", "Bia Araújo")
    page.wait_for_url("**/app/chamados")


def test_who_turns_back_at_the_provider_may_try_again(signing):
    desk = signing()
    page = desk.page()
    desk.enter(page, "/app/chamados", "Cancel")
    refused(desk, page)


def test_a_code_with_a_verifier_that_is_not_its_own_is_refused(signing):
    desk = signing()
    page = desk.page()

    def another(route):
        route.continue_(post_data=re.sub("code_verifier=[^&]*", f"code_verifier={'x' * 43}", route.request.post_data))

    page.route("**/oauth2/token", another)
    desk.enter(page, "/app/chamados", "Bia Araújo")
    refused(desk, page)
    assert desk.provider.refusals == ["the verifier does not match"]


def test_the_provider_of_the_suite_is_as_strict_as_real_ones(signing):
    """What the other tests rest on."""
    desk = signing()
    redeemed = []
    page = desk.page()
    page.on("request", lambda request: redeemed.append(request.post_data) if request.url.endswith("/token") else None)
    desk.enter(page, "/app/chamados", "Bia Araújo")
    page.wait_for_url("**/app/chamados")
    token = f"{desk.provider.issuer}/oauth2/token"
    form = {name: values[0] for name, values in parse_qs(redeemed[0]).items()}
    again = requests.post(token, data=form, verify=False, timeout=20)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    asked = {"client_id": CLIENT, "redirect_uri": form["redirect_uri"], "response_type": "code", "scope": "openid", "state": "s", "nonce": "n"}
    for changed in (
        {},
        {"code_challenge": "x", "code_challenge_method": "plain"},
        {"code_challenge": "x", "code_challenge_method": "S256", "redirect_uri": "https://elsewhere.example/app/entrar/volta"},
        {"code_challenge": "x", "code_challenge_method": "S256", "client_id": "another"},
    ):
        answer = requests.get(f"{desk.provider.issuer}/oauth2/authorize", params=asked | changed, verify=False, timeout=20)
        assert answer.status_code == 400, changed
    for changed in ({"iss": "https://elsewhere.example"}, {"aud": "another"}, {"exp": 1}):
        forged = desk.provider.id_token("bia@example.com", **changed)
        answer = requests.get(f"{desk.gateway.address}/me", headers={"Authorization": f"Bearer {forged}"}, timeout=20)
        assert answer.status_code == 401, changed
    other = signing()
    foreign = other.provider.id_token("bia@example.com", iss=desk.provider.issuer)
    answer = requests.get(f"{desk.gateway.address}/me", headers={"Authorization": f"Bearer {foreign}"}, timeout=20)
    assert answer.status_code == 401


def test_a_provider_that_is_not_there_is_told_and_nothing_typed_is_lost(signing, ticket):
    desk = signing()
    desk.provider.gives_refresh = False
    page = desk.page()
    desk.enter(page, f"/app/chamados/{ticket}", "Bia Araújo")
    editor(page).fill("Escrevi muito")
    # Another page load than the one that signed in: what the provider says of itself is asked again.
    desk.gateway.ahead = 7200
    page.route(f"{desk.provider.issuer}/**", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("button", name="Entrar com a conta da organização")).to_be_visible()
    page.get_by_role("button", name="Entrar com a conta da organização").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.unroute(f"{desk.provider.issuer}/**")
    desk.gateway.ahead = 0
    desk.enter(page, f"/app/chamados/{ticket}", "Bia Araújo")
    expect(editor(page)).to_have_text("Escrevi muito")


def test_the_pages_may_call_the_provider_and_nobody_else(signing):
    desk = signing()
    answer = requests.get(f"{desk.gateway.address}/app/", timeout=20)
    policy = answer.headers["Content-Security-Policy"]
    connect = re.search("connect-src ([^;]*)", policy)[1].split()
    assert connect == ["'self'", desk.provider.issuer]
