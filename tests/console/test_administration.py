"""An administrator keeps parameters, the quarantine and blocked addresses; every screen is usable by everyone."""

import itertools
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
import requests
from playwright.sync_api import expect

from harness.process import wait_for
from talk import findings, findings_in_both_themes

SCREENS = {
    "/app/inicio": ".verdict",
    "/app/modelos": "table",
    "/app/modelos/novo": ".starters",
    "/app/modelos/novo?de=technician": ".mail-frame",
    "/app/modelos/1": ".mail-frame",
    "/app/modelos/importar": ".drop",
    "/app/parametros": ".parameter",
    "/app/conta-de-email": ".checks",
    "/app/remetentes": "h1",
    "/app/remetentes/novo": "form",
    "/app/enderecos-bloqueados": "h1",
    "/app/quarentena": "h1",
    "/app/entregas": "h1",
    "/app/caixa-de-saida": "h1",
}
NUMBERS = itertools.count(60001)


@pytest.fixture(scope="session")
def admin(local):
    """A token of the person that signs in as Administração."""
    return local.token("admin", "admin@example.com")


def open_screen(window, path, **options):
    """A screen of the administrator."""
    desk = window(**options)
    page = desk.sign_in("Administração")
    page.goto(path)
    page.locator(SCREENS.get(path, "h1")).first.wait_for()
    return desk, page


def stop(page, choice):
    """Chooses a value of parameter 297 and presses its button."""
    page.get_by_role("group", name="297").get_by_label(choice, exact=True).check()
    page.get_by_role("button", name="Salvar: 297").click()


def test_what_stops_all_mail_asks_first_and_is_shown_to_everyone(window, local, admin):
    desk, page = open_screen(window, "/app/parametros")
    stop(page, "Sim")
    expect(page.get_by_role("dialog")).to_contain_text("Nenhum e-mail sai")
    assert findings_in_both_themes(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Cancelar").click()
    assert local.call(admin, "GET", "/parameters/297")["value"] in (None, "N")
    try:
        stop(page, "Sim")
        page.get_by_role("dialog").get_by_role("button", name="Alterar assim mesmo").click()
        expect(page.get_by_text("Parâmetro salvo.")).to_be_visible()
        assert local.call(admin, "GET", "/parameters/297")["value"] == "S"
        bia = window()
        bia.sign_in("Bia")
        expect(bia.page.get_by_role("status").filter(has_text="interrompido")).to_be_visible()
        with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.url.endswith("/parameters/297")):
            stop(page, "Não")
        expect(page.get_by_role("button", name="Salvar: 297")).to_be_disabled()
    finally:
        local.call(admin, "PUT", "/parameters/297", {"value": "N"}, {"If-Match": "*"})
    page.get_by_role("button", name="Histórico: 297").click()
    expect(page.get_by_role("dialog").get_by_role("listitem").filter(has_text="de S para N")).to_be_visible()
    desk.check()


def test_a_wrong_value_is_refused_in_words_and_stays_on_the_page(window):
    desk, page = open_screen(window, "/app/conta-de-email")
    field = page.get_by_role("textbox", name="33 URL")
    field.fill("não é endereço")
    page.get_by_role("button", name="Salvar: 33").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(field).to_have_value("não é endereço")
    desk.complaints = [text for text in desk.complaints if "422" not in text]
    desk.check()


def test_a_blocked_address_is_lifted_with_a_reason(window, local, admin):
    number = str(next(NUMBERS))
    address = f"bounce+{number}@simulator.amazonses.com"
    people = {"requester": {"name": "Rui", "email": address}, "responsible": {"name": "Bia", "email": "bia@example.com"}}
    local.call(admin, "PUT", f"/tickets/{number}", people | {"activity": "Impressora"})
    local.call(local.token("technician", "bia@example.com"), "POST", f"/tickets/{number}/messages", {"text": "Chegou?"})

    def blocked():
        return [one for one in local.call(admin, "GET", "/suppressions?limit=100")["items"] if one["address"] == address]

    wait_for("suppression", blocked)
    desk, page = open_screen(window, "/app/enderecos-bloqueados")
    row = page.get_by_role("row").filter(has_text=address)
    expect(row).to_contain_text("550")
    row.get_by_role("button", name="Liberar").click()
    lift = page.get_by_role("dialog")
    expect(lift.get_by_role("button", name="Liberar")).to_be_disabled()
    assert findings_in_both_themes(page) == []
    lift.get_by_label("Motivo").fill("endereço corrigido")
    lift.get_by_role("button", name="Liberar").click()
    expect(page.get_by_text("Endereço liberado.")).to_be_visible()
    expect(row.get_by_role("button", name="Liberar")).to_have_count(0)
    desk.check()


def mail_of(local, admin, ticket, word):
    """The mail of a ticket whose subject has a word, once it is in the outbox."""

    def arrived():
        mails = local.call(admin, "GET", "/local/outbox?order=desc&limit=100")["items"]
        return next((mail for mail in mails if f"[{ticket}]" in mail["subject"] and word in mail["subject"]), None)

    return local.call(admin, "GET", f"/local/outbox/{wait_for('mail', arrived)['number']}")


def test_a_mail_leads_to_the_console_and_says_that_one_may_answer(local, admin, ticket):
    local.call(local.token("technician", "bia@example.com"), "POST", f"/tickets/{ticket}/messages", {"text": "Pode testar?"})
    mail = mail_of(local, admin, ticket, "mensagem")
    for part in (mail["html"], mail["text"]):
        assert f"{local.address}/app/tickets/{ticket}" in part
        assert "basta responder a este e-mail" in part


def test_a_notice_of_a_bounce_has_a_template_of_its_own(local, admin):
    starters = {one["id"]: one for one in local.call(admin, "GET", "/templates/starters")["items"]}
    made = local.call(admin, "POST", "/templates", starters["bounce"]["template"] | {"identifier": "aviso-teste"})
    local.call(admin, "PUT", "/parameters/1001", {"value": str(made["id"])})
    try:
        number = str(next(NUMBERS))
        rui = {"name": "Rui", "email": f"bounce+{number}@simulator.amazonses.com"}
        people = {"requester": rui, "responsible": {"name": "Bia", "email": "bia@example.com"}}
        local.call(admin, "PUT", f"/tickets/{number}", people | {"activity": "Impressora"})
        local.call(local.token("technician", "bia@example.com"), "POST", f"/tickets/{number}/messages", {"text": "Chegou?"})
        mail = mail_of(local, admin, number, "não foi entregue")
        assert "Um e-mail não foi entregue" in mail["html"]
        assert "550" in mail["html"]
    finally:
        local.call(admin, "DELETE", "/parameters/1001", None, {"If-Match": "*"})


def arrive(local, admin, subject):
    """A mail of a stranger about nothing that is known."""
    mail = f"From: Estranho <x@outro.example>\r\nTo: desk@mensageria.example\r\nSubject: {subject}\r\nMessage-ID: <{subject}@outro.example>\r\n\r\nFunciona!\r\n"
    answer = requests.post(
        f"{local.address}/local/inbound", data=mail.encode(), headers={"Authorization": f"Bearer {admin}"}, timeout=20
    )
    assert answer.ok, answer.text


@pytest.mark.parametrize("accept", [True, False])
def test_a_mail_in_quarantine_is_let_in_or_dismissed(window, local, admin, ticket, accept):
    subject = f"quarentena-{accept}-{ticket}"
    arrive(local, admin, subject)
    desk, page = open_screen(window, "/app/quarentena")
    page.get_by_text(subject).click()
    if accept:
        page.get_by_label("Chamado").fill(ticket)
        page.get_by_role("button", name="Aceitar").click()
    else:
        page.get_by_role("button", name="Descartar").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("textbox").fill("propaganda")
        dialog.get_by_role("button", name="Descartar").click()
    expect(page.locator(".mail-list").get_by_text(subject)).to_have_count(0)
    texts = [message["text"] for message in local.call(admin, "GET", f"/tickets/{ticket}/messages")["items"]]
    assert texts == (["Funciona!"] if accept else [])
    desk.check()


def test_a_mail_in_quarantine_shows_its_files_who_would_be_told_and_who_decided(window, local, admin, ticket):
    local.call(local.token("technician", "bia@example.com"), "POST", f"/tickets/{ticket}/messages", {"text": "Pode testar?"})
    place = mail_of(local, admin, ticket, "mensagem")["reply_to"]
    subject = f"anexo-{ticket}"
    mail = MIMEMultipart()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = "Estranho <x@outro.example>", place, subject, f"<{subject}@outro.example>"
    mail.attach(MIMEText("Segue o log", "plain", "utf-8"))
    file = MIMEApplication(b"linha 1\nlinha 2")
    file.add_header("Content-Disposition", "attachment", filename="relatório.log")
    mail.attach(file)
    headers = {"Authorization": f"Bearer {admin}"}
    assert requests.post(f"{local.address}/local/inbound", data=mail.as_bytes(), headers=headers, timeout=20).ok
    desk, page = open_screen(window, "/app/quarentena")
    page.get_by_text(subject).click()
    shown = page.get_by_role("region", name=subject)
    expect(shown.get_by_role("list", name="Arquivos")).to_contain_text("relatório.log")
    with page.expect_download() as download:
        shown.get_by_role("button", name="Baixar relatório.log").click()
    assert download.value.path().read_bytes() == b"linha 1\nlinha 2"
    expect(shown).to_contain_text("Entra como mensagem pública de Estranho. Recebem: ")
    expect(shown).to_contain_text("Bia Araújo")
    assert findings_in_both_themes(page) == []
    # Of another ticket it is not known who would be told.
    shown.get_by_label("Entra no chamado").fill("4711")
    expect(shown).not_to_contain_text("Recebem: ")
    shown.get_by_role("button", name="Descartar").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("propaganda")
    page.get_by_role("dialog").get_by_role("button", name="Descartar").click()
    page.get_by_role("link", name="Descartadas").click()
    page.get_by_text(subject).click()
    expect(shown).to_contain_text("por Administração")
    expect(shown).to_contain_text("propaganda")
    desk.check()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_screen(window, scheme):
    desk = window(color_scheme=scheme)
    page = desk.sign_in("Administração")
    for path, there in SCREENS.items():
        page.goto(path)
        page.locator(there).first.wait_for()
        page.wait_for_load_state("networkidle")
        assert findings(page) == [], path
    desk.check()


DIALOGS = [
    ("/app/modelos/1", "Versão 1"),
    ("/app/modelos/1", "Enviar teste"),
    ("/app/modelos/1", "Acrescentar idioma"),
    ("/app/parametros", "Histórico: 417"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_dialog(window, scheme):
    desk = window(color_scheme=scheme)
    page = desk.sign_in("Administração")
    for path, button in DIALOGS:
        page.goto(path)
        page.locator(SCREENS[path]).first.wait_for()
        opener = page.get_by_role("button", name=button).first
        opener.click()
        page.get_by_role("dialog").wait_for()
        page.wait_for_load_state("networkidle")
        assert findings(page) == [], (path, button)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(opener).to_be_focused()
    desk.check()


@pytest.mark.parametrize(("locale", "tag", "headings"), [
    ("en-GB", "en", ["Home", "Templates", "Parameters", "Senders", "Blocked addresses", "Import"]),
    ("es-AR", "es", ["Inicio", "Plantillas", "Parámetros", "Remitentes", "Direcciones bloqueadas", "Importar"]),
])  # fmt: skip
def test_screens_speak_the_language_of_the_browser(window, locale, tag, headings):
    desk = window(locale=locale)
    page = desk.page
    page.goto("/")
    page.get_by_role("button", name="Administração").click()
    page.wait_for_url("**/inicio")
    paths = ["inicio", "modelos", "parametros", "remetentes", "enderecos-bloqueados", "modelos/importar"]
    for path, heading in zip(paths, headings, strict=True):
        page.goto(f"/app/{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert page.locator("html").get_attribute("lang").startswith(tag)
    desk.check()


@pytest.mark.parametrize("path", SCREENS)
def test_a_screen_fits_a_phone(window, path):
    _, page = open_screen(window, path, viewport={"width": 400, "height": 800})
    page.wait_for_load_state("networkidle")
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], "the page is wider than the window"


def test_a_link_of_a_mail_opens_the_ticket_for_whoever_follows_it(window, ticket):
    for person, path in (("Maria", "solicitacoes"), ("Bia", "chamados")):
        page = window().sign_in(person)
        page.goto(f"/app/tickets/{ticket}")
        page.wait_for_url(f"**/app/{path}/{ticket}")
        expect(page.get_by_role("heading", level=1)).to_contain_text(ticket)
