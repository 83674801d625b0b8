"""Writing: marks, files, who gets it, undo, and what stays when something is in the way."""

import re

import pytest
from playwright.sync_api import expect

from talk import BIA, MARIA, editor, messages, texts, write

SEND = re.compile("^Responder a Maria")


@pytest.fixture
def desk(local):
    """A token of the desk."""
    return local.token("technician", BIA["email"])


def paste(page, **kinds):
    """Pastes into the editor what another program put into the clipboard, or a file."""
    page.evaluate(
        """({html, text, file}) => {
            const data = new DataTransfer();
            if (html) data.setData('text/html', html);
            if (text) data.setData('text/plain', text);
            if (file) data.items.add(new File(['picture'], file, {type: 'image/png'}));
            const event = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
            document.querySelector('.rich-text').dispatchEvent(event);
        }""",
        kinds,
    )


def test_marks_lists_and_links_by_keyboard_alone(bia, local, ticket):
    editor(bia).focus()
    keys = bia.keyboard
    keys.type("Veja ")
    keys.press("Control+b")
    keys.type("isto")
    keys.press("Control+b")
    keys.press("Enter")
    keys.type("- um")
    keys.press("Enter")
    keys.type("dois ")
    keys.press("Control+k")
    expect(bia.get_by_label("Endereço do link")).to_be_focused()
    keys.type("javascript:alert(1)")
    keys.press("Enter")
    expect(bia.get_by_role("dialog")).to_contain_text("Escreva um endereço")
    bia.get_by_label("Endereço do link").fill("example.com/ajuda")
    keys.press("Enter")
    expect(bia.get_by_role("dialog")).to_have_count(0)
    expect(editor(bia)).to_be_focused()
    # Before the editor come the canned answers and the toolbar, which is one stop of Tab with arrows within.
    keys.press("Shift+Tab")
    expect(bia.get_by_role("button", name="Respostas prontas")).to_be_focused()
    keys.press("Shift+Tab")
    expect(bia.get_by_role("button", name="Negrito")).to_be_focused()
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    expect(bia.get_by_role("button", name="Lista", exact=True)).to_be_focused()
    expect(bia.get_by_role("button", name="Lista", exact=True)).to_have_attribute("aria-pressed", "true")
    # Tab leaves the editor.
    editor(bia).focus()
    keys.press("Tab")
    expect(editor(bia)).not_to_be_focused()
    editor(bia).focus()
    keys.press("Control+Enter")
    expect(bia.locator(".message strong")).to_have_text("isto")
    [message] = messages(local, ticket)
    link = '<a href="https://example.com/ajuda" rel="noopener noreferrer">https://example.com/ajuda</a>'
    assert message["html"].replace(' target="_blank"', "") == f"<p>Veja <strong>isto</strong></p><ul><li>um</li><li>dois {link}</li></ul>"
    assert message["text"] == "Veja isto\n\n- um\n- dois https://example.com/ajuda"


def test_a_text_without_marks_is_sent_as_text(bia, local, ticket):
    editor(bia).focus()
    bia.keyboard.type("um")
    bia.keyboard.press("Enter")
    bia.keyboard.type("dois")
    bia.keyboard.press("Shift+Enter")
    bia.keyboard.type("<b>três</b>")
    bia.get_by_role("button", name=SEND).click()
    expect(bia.locator(".message")).to_have_count(1)
    [message] = messages(local, ticket)
    assert message.get("html") is None
    assert message["text"] == "um\n\ndois\n<b>três</b>"


WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {margin:0cm} --></style></head>
<body style='tab-interval:35.4pt'><h1 style='color:red'>Título<o:p></o:p></h1>
<p class=MsoNormal><span style='font-family:"Calibri"'>Texto <b>forte</b> e <i>itálico</i><o:p></o:p></span></p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='font-family:Symbol'><span
style='mso-list:Ignore'>·<span>&nbsp;&nbsp;</span></span></span><![endif]>um</p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o&nbsp;</span>dentro</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·&nbsp;</span>dois</p>
<p class=MsoNormal>Números:</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>1.&nbsp;</span>primeiro</p>
<table border=1><tr><td><p class=MsoNormal>Host</p></td><td><p class=MsoNormal>IP</p></td></tr></table>
<p class=MsoNormal><a href="javascript:alert(1)">mau</a><img src="file:///C:/x.png"><script>alert(1)</script></p></body></html>"""
CLEAN = (
    "<p>Título</p><p>Texto <strong>forte</strong> e <em>itálico</em></p>"
    "<ul><li><p>um</p><ul><li><p>dentro</p></li></ul></li><li><p>dois</p></li></ul>"
    "<p>Números:</p><ol><li><p>primeiro</p></li></ol><p>Host | IP</p><p>mau</p>"
)
DOCS = """<b style="font-weight:normal" id="docs-internal-guid-1"><p style="line-height:1.38"><span
style="font-weight:700">negrito</span><span style="font-weight:400"> não</span><span style="font-style:italic"> itálico</span></p></b>"""


@pytest.mark.parametrize(
    ("html", "clean"),
    [(WORD, CLEAN), (DOCS, "<p><strong>negrito</strong> não<em> itálico</em></p>")],
    ids=["word", "google-docs"],
)
def test_what_other_programs_paste_comes_in_clean(bia, html, clean):
    editor(bia).focus()
    paste(bia, html=html, text="x")
    bia.wait_for_function("document.querySelector('.rich-text').textContent !== ''")
    assert editor(bia).inner_html() == clean


@pytest.mark.parametrize("editor_file", ["fails", "late"])
def test_one_can_write_before_the_editor_is_there_and_without_it(window, local, ticket, editor_file):
    page = window().sign_in("Bia")
    held = []
    page.route("**/composer.js", lambda route: route.abort() if editor_file == "fails" else held.append(route))
    page.goto(f"/app/chamados/{ticket}")
    area = page.get_by_role("textbox", name="Resposta pública")
    area.click()
    page.keyboard.type("um dois")
    page.keyboard.press("ArrowLeft")
    if editor_file == "late":
        held[0].continue_()
        editor(page).wait_for()
    # The caret stays where it was.
    page.keyboard.type("X")
    page.get_by_role("button", name=SEND).click()
    expect(page.locator(".message")).to_have_count(1)
    assert texts(local, ticket) == ["um doiXs"]


def test_files_are_chosen_dropped_and_pasted_and_survive_a_reload(bia, window, local, ticket):
    screen = {"name": "tela \u202e.png", "mimeType": "image/png", "buffer": b"x" * 2000}
    wrong = {"name": "virus.exe", "mimeType": "application/octet-stream", "buffer": b"1"}
    bia.set_input_files("input[type=file]", [screen, wrong])
    expect(bia.get_by_role("alert")).to_contain_text("virus.exe não são aceitos")
    editor(bia).fill("Segue")
    paste(bia, file="image.png")
    bia.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(['log'], 'log.txt'));
            for (const kind of ['dragover', 'drop'])
                document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
        }"""
    )
    chosen = bia.get_by_role("list", name="Arquivos escolhidos").get_by_role("listitem")
    expect(chosen).to_have_count(3)
    expect(chosen.filter(has_text="pronto")).to_have_count(3)
    expect(chosen.first).to_contain_text("não verificado contra vírus")
    expect(bia.get_by_text("rascunho salvo")).to_be_visible()
    bia.reload()
    expect(chosen.filter(has_text="pronto")).to_have_count(3)
    expect(editor(bia)).to_have_text("Segue")
    bia.get_by_role("button", name="Tirar log.txt").click()
    bia.get_by_role("button", name=SEND).click()
    expect(bia.locator(".message .files li")).to_have_count(2)
    [message] = messages(local, ticket)
    assert [file["size"] for file in message["attachments"]] == [2000, 7]
    assert re.match(r"imagem colada .*\.png", message["attachments"][1]["name"])

    maria = window().sign_in("Maria")
    maria.goto(f"/app/solicitacoes/{ticket}")
    expect(maria.locator(".message .files li").first).to_contain_text("não verificado contra vírus")
    with maria.expect_download() as download:
        maria.get_by_role("button", name=re.compile("^Baixar imagem colada")).click()
    assert download.value.path().read_bytes() == b"picture"


def test_an_upload_is_cancelled_and_tried_again(bia, local, ticket):
    tries, held = [], []

    def at_first(route):
        tries.append(route.request.url)
        if len(tries) == 1:
            route.fulfill(status=503, json={"message": "Service Unavailable"})
        elif len(tries) == 2:
            held.append(route)
        else:
            route.continue_()

    bia.route("**/uploads/*", lambda route: at_first(route) if route.request.method == "PUT" else route.continue_())
    file = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"abc"}
    bia.set_input_files("input[type=file]", [file])
    expect(bia.get_by_text("não subiu", exact=True)).to_be_visible()
    write(bia, "Segue", SEND)
    expect(bia.get_by_text("ou tire os que não subiram")).to_be_visible()
    assert texts(local, ticket) == []
    bia.get_by_role("button", name="Tentar de novo").click()
    bia.get_by_role("button", name="Cancelar o envio de a.txt").click()
    expect(bia.locator(".chosen")).to_have_count(0)
    bia.set_input_files("input[type=file]", [file])
    expect(bia.get_by_text("pronto", exact=True)).to_be_visible()
    bia.get_by_role("button", name=SEND).click()
    expect(bia.locator(".message .files li")).to_have_count(1)
    for route in held:
        route.abort()


def test_it_is_said_who_gets_it_and_the_mail_is_shown_before_sending(bia, local, ticket):
    people = {"requester": MARIA, "responsible": BIA, "activity": "VPN", "status": "Novo"}
    followers = [{"name": "João Lima", "email": "joao@example.com"}, {"name": "Sem Endereço", "email": ""}]
    local.call(local.token("admin", "ana@example.com"), "PUT", f"/tickets/{ticket}", people | {"followers": followers})
    bia.reload()
    gets = bia.locator(".composer .recipients")
    expect(gets).to_contain_text("Recebem por e-mail: Maria Conceição e João Lima")
    bia.get_by_text("1 pessoa não recebe").click()
    expect(gets).to_contain_text("Sem Endereço")
    expect(bia.get_by_role("button", name="Responder a Maria Conceição e mais 1")).to_be_visible()
    editor(bia).fill("Pode testar?")
    bia.get_by_role("button", name="Prévia do e-mail").click()
    mail = bia.get_by_role("dialog").frame_locator("iframe")
    expect(mail.locator("body")).to_contain_text("Pode testar?")
    bia.keyboard.press("Escape")
    bia.get_by_label("E-mail", exact=True).uncheck()
    expect(bia.get_by_role("button", name="Gravar sem e-mail")).to_be_visible()
    bia.get_by_label("Nota interna").check()
    expect(gets).to_contain_text("Ninguém recebe e-mail")
    expect(bia.get_by_role("button", name="Gravar nota interna")).to_be_visible()
    assert texts(local, ticket) == []


@pytest.mark.parametrize("answer", ["arrives", "is lost"])
def test_a_message_is_taken_back(bia, local, ticket, answer):
    lost = []

    def lose_once(route):
        if route.request.method != "DELETE" or answer == "arrives" or lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    bia.route("**/messages/*", lose_once)
    editor(bia).focus()
    bia.keyboard.press("Control+b")
    bia.keyboard.type("Errado")
    bia.get_by_role("button", name=SEND).click()
    expect(bia.locator(".message")).to_have_count(1)
    editor(bia).fill("já outra")
    bia.get_by_role("button", name="Desfazer envio").click()
    expect(editor(bia).locator("strong")).to_have_text("Errado")
    expect(editor(bia)).to_contain_text("já outra")
    expect(bia.locator(".message")).to_have_count(0)
    assert texts(local, ticket) == []
    write(bia, "Certo", SEND)
    expect(bia.locator(".message")).to_have_count(1)
    assert texts(local, ticket) == ["Certo"]


def test_a_message_that_cannot_be_taken_back_stays_once(bia, local, ticket, desk):
    write(bia, "Fica", SEND)
    expect(bia.get_by_role("button", name="Desfazer envio")).to_be_visible()
    local.call(local.token("requester", MARIA["email"]), "POST", f"/tickets/{ticket}/messages", {"text": "Depois"})
    bia.get_by_role("button", name="Desfazer envio").click()
    expect(bia.locator(".composer").get_by_role("alert")).to_contain_text("Alguém escreveu depois")
    expect(editor(bia)).to_have_text("")
    assert texts(local, ticket) == ["Fica", "Depois"]


def test_whoever_reads_along_sees_that_it_was_taken_back(bia, window, ticket):
    maria = window().sign_in("Maria")
    write(bia, "Errado", SEND)
    expect(bia.get_by_role("button", name="Desfazer envio")).to_be_visible()
    maria.goto(f"/app/solicitacoes/{ticket}")
    expect(maria.locator(".message")).to_have_count(1)
    bia.get_by_role("button", name="Desfazer envio").click()
    expect(maria.locator(".message")).to_have_count(0, timeout=30_000)


def test_somebody_wrote_meanwhile_is_asked_once(bia, local, ticket):
    editor(bia).fill("Resposta velha")
    local.call(local.token("requester", MARIA["email"]), "POST", f"/tickets/{ticket}/messages", {"text": "Já funciona"})
    bia.get_by_role("button", name=SEND).click()
    asked = bia.get_by_role("dialog")
    expect(asked).to_contain_text("Já funciona")
    assert texts(local, ticket) == ["Já funciona"]
    asked.get_by_role("button", name="Ver antes").click()
    expect(editor(bia)).to_have_text("Resposta velha")
    bia.get_by_role("button", name=SEND).click()
    expect(bia.locator(".message")).to_have_count(2)
    assert texts(local, ticket) == ["Já funciona", "Resposta velha"]


def test_an_internal_note_is_a_note_again_after_a_reload(bia, local, ticket):
    bia.get_by_label("Nota interna").check()
    editor(bia).fill("só nosso")
    expect(bia.get_by_text("rascunho salvo")).to_be_visible()
    bia.reload()
    expect(bia.locator(".composer.note")).to_be_visible()
    expect(editor(bia)).to_have_text("só nosso")
    bia.get_by_role("button", name="Gravar nota interna").click()
    expect(bia.locator(".message.internal")).to_have_count(1)
    assert [message["visibility"] for message in messages(local, ticket)] == ["internal"]
