"""What axe finds on every state of writing and of the deliveries that need somebody, in both themes."""

import re

import pytest
from playwright.sync_api import expect

from talk import BIA, MARIA, editor, findings

SEND = re.compile("^Responder a Maria")
SCREEN = {"name": "tela.png", "mimeType": "image/png", "buffer": b"x"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_somebody_writes(window, local, ticket, scheme):
    page = window(color_scheme=scheme).sign_in("Bia")
    page.route("**/uploads/*", lambda route: route.fulfill(status=503, json={}) if route.request.method == "PUT" else route.continue_())
    page.goto(f"/app/chamados/{ticket}")
    editor(page).fill("Pode testar?")
    page.set_input_files("input[type=file]", [SCREEN])
    expect(page.get_by_text("não subiu", exact=True)).to_be_visible()
    page.get_by_text("Categoria e tempo").click()
    assert findings(page) == [], "a public reply with a file that failed"
    page.unroute("**/uploads/*")
    page.get_by_role("button", name="Tentar de novo").click()
    expect(page.get_by_text("pronto", exact=True)).to_be_visible()
    page.get_by_role("button", name="Link").click()
    page.get_by_label("Endereço do link").fill("nada")
    page.get_by_role("button", name="Aplicar").click()
    assert findings(page) == [], "the dialog of a link"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Prévia do e-mail").click()
    page.locator("dialog iframe").wait_for()
    assert findings(page) == [], "the preview of the mail"
    page.keyboard.press("Escape")
    local.call(local.token("requester", MARIA["email"]), "POST", f"/tickets/{ticket}/messages", {"text": "Olá"})
    page.get_by_role("button", name=SEND).click()
    page.get_by_role("button", name="Enviar assim mesmo").wait_for()
    assert findings(page) == [], "somebody wrote meanwhile"
    page.get_by_role("button", name="Enviar assim mesmo").click()
    page.get_by_role("button", name="Desfazer envio").wait_for()
    assert findings(page) == [], "a message that may be taken back"
    page.get_by_label("Nota interna").check()
    assert findings(page) == [], "an internal note"
    page.get_by_role("button", name="Gravar nota interna").click()
    expect(page.get_by_text("Escreva uma mensagem.")).to_be_visible()
    assert findings(page) == [], "an empty message"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_a_requester_writes(window, local, ticket, scheme):
    local.call(local.token("technician", BIA["email"]), "POST", f"/tickets/{ticket}/messages", {"html": "<p>a <code>b</code></p>"})
    page = window(color_scheme=scheme, viewport={"width": 400, "height": 800}).sign_in("Maria")
    page.goto(f"/app/solicitacoes/{ticket}")
    editor(page).fill("Olá")
    page.set_input_files("input[type=file]", [SCREEN, SCREEN | {"name": "x.exe"}])
    expect(page.get_by_text("pronto", exact=True)).to_be_visible()
    page.get_by_text("Dados do chamado").click()
    assert findings(page) == []
