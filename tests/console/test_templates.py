"""An administrator makes, changes, compares and imports templates; nothing that somebody wrote is lost."""

import itertools
import re
import time

import pytest
from playwright.sync_api import expect

from conftest import REPO
from harness.browser import sign_in
from talk import findings_in_both_themes, reach

NAMES = (f"teste-{number}" for number in itertools.count(1))
HTML = "<p>${NOMECONTATO}</p>\n<p>${COMMENTTEXT}</p>\n<p>fim</p>"


@pytest.fixture(scope="session")
def admin(local):
    """A token of the person that signs in as Administração."""
    return local.token("admin", "admin@example.com")


@pytest.fixture
def template(local, admin):
    """A template of its own."""
    body = {"identifier": next(NAMES), "title": "[${IDSOLICITACAOSERVICO}] ${SERVICO}", "html": HTML}
    return local.call(admin, "POST", "/templates", body)


@pytest.fixture
def in_use(local, admin, template):
    """A template that parameter 251 names while a test runs."""
    local.call(admin, "PUT", "/parameters/251", {"value": str(template["id"])}, {"If-Match": "*"})
    yield template
    local.call(admin, "DELETE", "/parameters/251", None, {"If-Match": "*"})


def editor(page, text):
    """Writes the whole body of what is open."""
    area = page.locator(".code-host .cm-content")
    area.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def published(page):
    """Waits until the page says so."""
    expect(page.get_by_text("Modelo publicado.")).to_be_visible()


def open_template(window, template):
    """The editor of a template, loaded."""
    desk = window()
    page = desk.sign_in("Administração")
    page.goto(f"/app/modelos/{template['id']}")
    page.locator(".cm-content").wait_for()
    page.locator(".mail-frame").wait_for()
    return desk, page


def test_single_keys_are_no_shortcuts_while_a_template_is_typed(window, template):
    desk, page = open_template(window, template)
    page.locator(".code-host .cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("gerente?")
    expect(page.locator(".code-host .cm-content")).to_contain_text("gerente?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.endswith(f"/app/modelos/{template['id']}")
    desk.check()


def test_a_link_of_a_mail_that_is_shown_says_where_it_leads_and_leads_nowhere(window, template):
    desk, page = open_template(window, template)
    links = "".join(f'<p><a href="https://example.com/{target}" target="{target}">{target}</a></p>' for target in ("_self", "_top", "_blank"))
    editor(page, HTML + links)
    mail = page.frame_locator(".mail-frame")
    for target in ("_self", "_top", "_blank"):
        link = mail.get_by_role("link", name=target)
        link.click()
        expect(link).to_have_attribute("title", f"https://example.com/{target}")
    assert page.context.pages == [page]
    assert page.url.endswith(f"/app/modelos/{template['id']}")
    # Nothing was asked of where they lead, and the browser had nothing to refuse.
    desk.check()


def test_a_new_template_begins_as_a_starter(window, local, admin):
    desk = window()
    page = desk.sign_in("Administração")
    page.get_by_role("link", name="Modelos").click()
    page.get_by_role("link", name="Novo modelo").click()
    page.get_by_role("listitem").filter(has_text="Aviso de não entrega").get_by_role("link").click()
    expect(page.frame_locator(".mail-frame").get_by_role("heading")).to_have_text("Um e-mail não foi entregue")
    expect(page.get_by_text("Nenhum problema.")).to_be_visible()
    name = next(NAMES)
    page.get_by_label("Identificador").fill(name)
    page.get_by_role("button", name="Publicar").click()
    published(page)
    page.wait_for_url(re.compile(r"/modelos/\d+$"))
    made = local.call(admin, "GET", f"/templates/{page.url.rsplit('/', 1)[1]}")
    assert (made["identifier"], sorted(made["locales"])) == (name, ["en", "es"])
    assert "not delivered" in made["locales"]["en"]["html"]
    desk.check()


def test_a_template_is_made_by_keyboard_alone(window, local, admin):
    desk = window()
    page = desk.page
    page.goto("/")
    page.get_by_role("button", name="Administração").wait_for()
    reach(page, page.get_by_role("button", name="Administração"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/inicio")
    for name, address in (("Modelos", "**/modelos"), ("Novo modelo", "**/modelos/novo")):
        reach(page, page.get_by_role("link", name=name))
        page.keyboard.press("Enter")
        page.wait_for_url(address)
    choice = page.get_by_role("listitem").filter(has_text="Mensagem ao técnico").get_by_role("link")
    choice.wait_for()
    reach(page, choice)
    page.keyboard.press("Enter")
    page.locator(".cm-content").wait_for()
    expect(page.get_by_text("Nenhum problema.")).to_be_visible()
    # Past the editor, which lets Tab out, to the preview and round to the fields again.
    reach(page, page.get_by_label("Chamado", exact=True))
    reach(page, page.get_by_label("Identificador"))
    page.keyboard.press("Control+a")
    name = next(NAMES)
    page.keyboard.type(name)
    reach(page, page.get_by_role("button", name="Publicar"))
    page.keyboard.press("Enter")
    published(page)
    assert name in [one["identifier"] for one in local.call(admin, "GET", "/templates?limit=100")["items"]]
    desk.check()


def test_languages_are_tabs_that_the_keyboard_moves_between(window, local, admin, template):
    desk, page = open_template(window, template)
    page.get_by_role("button", name="Acrescentar idioma").click()
    page.get_by_role("textbox", name="Idioma").fill("nada disso")
    expect(page.get_by_role("dialog")).to_contain_text("Não é um idioma")
    page.get_by_role("textbox", name="Idioma").fill("EN-us")
    page.get_by_role("dialog").get_by_role("button", name="Acrescentar idioma").click()
    expect(page.get_by_role("tab", name="en-US")).to_have_attribute("aria-selected", "true")
    page.get_by_label("Assunto").fill("[${IDSOLICITACAOSERVICO}] in English")
    page.get_by_role("tab", name="en-US").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="pt-BR")).to_be_focused()
    expect(page.get_by_label("Assunto")).to_have_value("[${IDSOLICITACAOSERVICO}] ${SERVICO}")
    page.get_by_role("button", name="Publicar").click()
    published(page)
    assert local.call(admin, "GET", f"/templates/{template['id']}")["locales"]["en-US"]["title"].endswith("in English")
    page.get_by_role("tab", name="en-US").click()
    page.get_by_role("button", name="Remover en-US").click()
    assert findings_in_both_themes(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Remover en-US").click()
    expect(page.get_by_role("tab", name="en-US")).to_have_count(0)
    desk.check()


def test_what_is_published_as_soon_as_it_is_typed_is_nobody_elses(window, template):
    desk, page = open_template(window, template)

    def late(route):
        # Longer than a draft waits before it is kept.
        if route.request.method == "GET":
            time.sleep(1)
        route.continue_()

    page.route(f"**/templates/{template['id']}", late)
    page.get_by_label("Assunto").fill("[${IDSOLICITACAOSERVICO}] depressa")
    page.get_by_role("button", name="Publicar").click()
    published(page)
    expect(page.get_by_role("button", name="Versão 2")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    desk.check()


def test_a_template_in_use_asks_before_it_changes_and_goes_back(window, local, admin, in_use, ticket):
    desk, page = open_template(window, in_use)
    editor(page, HTML.replace("fim", "novo fim").replace("${NOMECONTATO}", "${SITUACAO}"))
    page.get_by_role("button", name="Publicar versão 2").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("251 Modelo de e-mail para o solicitante")
    expect(question).to_contain_text("Deixam de aparecer: NOMECONTATO.")
    expect(question).to_contain_text("Passam a aparecer: SITUACAO.")
    expect(question.locator("del")).to_have_text(["saiu: <p>${NOMECONTATO}</p>", "saiu: <p>fim</p>"])
    expect(question.locator("ins")).to_have_text(["entrou: <p>${SITUACAO}</p>", "entrou: <p>novo fim</p>"])
    # The mail as the ticket makes it on which something happened last.
    expect(question.get_by_role("region", name=f"O e-mail no chamado {ticket}").locator("iframe")).to_be_visible()
    assert local.call(admin, "GET", f"/templates/{in_use['id']}")["version"] == 1, "the question changed it"
    assert findings_in_both_themes(page) == []
    question.get_by_label("O que mudou").fill("fim novo")
    question.get_by_role("button", name="Publicar").click()
    published(page)
    versions = local.call(admin, "GET", f"/templates/{in_use['id']}/versions")["items"]
    assert [(one["version"], one.get("comment", "")) for one in versions] == [(2, "fim novo"), (1, "")]

    page.get_by_role("button", name="Versão 2", exact=True).click()
    shown = page.get_by_role("dialog")
    expect(shown.locator("ins")).to_have_count(2)
    shown.get_by_role("button", name="Voltar à versão 1").click()
    page.get_by_role("dialog", name="Publicar a nova versão?").get_by_role("button", name="Publicar").click()
    expect(page.get_by_role("button", name="Versão 3", exact=True)).to_be_visible()
    assert local.call(admin, "GET", f"/templates/{in_use['id']}")["html"] == HTML
    desk.check()


@pytest.mark.parametrize("side", ["Publicada", "Sua"])
def test_two_who_change_one_template_lose_neither_text(window, local, admin, template, side):
    desk, page = open_template(window, template)
    editor(page, HTML.replace("fim", "meu"))
    path = f"/templates/{template['id']}"
    theirs = {"identifier": template["identifier"], "title": "[${IDSOLICITACAOSERVICO}] deles", "html": HTML.replace("fim", "deles")}
    local.call(admin, "PUT", path, theirs, {"If-Match": "*"})
    page.get_by_role("button", name="Publicar versão 2").click()
    shown = page.get_by_role("dialog")
    expect(shown).to_contain_text("A versão 2 foi publicada")
    expect(shown.locator("pre")).to_have_text([theirs["html"], HTML.replace("fim", "meu")])
    assert findings_in_both_themes(page) == []
    shown.get_by_role("button", name=f"Usar: {side}").click()
    result = shown.get_by_role("textbox", name="Resultado")
    expect(result).to_have_value(HTML.replace("fim", "deles" if side == "Publicada" else "meu"))
    result.fill(HTML.replace("fim", "nosso"))
    shown.get_by_role("button", name="Continuar com o resultado").click()
    page.get_by_role("button", name="Publicar versão 3").click()
    published(page)
    now = local.call(admin, "GET", path)
    assert (now["title"], now["html"]) == (theirs["title"], HTML.replace("fim", "nosso"))
    desk.complaints = [text for text in desk.complaints if "412" not in text]
    desk.check()


def test_a_draft_survives_leaving_and_coming_back(window, template):
    desk, page = open_template(window, template)
    editor(page, HTML + "rascunho")
    page.get_by_role("link", name="Parâmetros").click()
    page.get_by_role("heading", name="Parâmetros").wait_for()
    page.goto(f"/app/modelos/{template['id']}")
    expect(page.locator(".cm-content")).to_contain_text("rascunho")
    page.get_by_role("button", name="Desfazer alterações").click()
    expect(page.locator(".cm-content")).not_to_contain_text("rascunho")
    desk.check()


def test_a_draft_of_an_earlier_version_overwrites_nothing(window, local, admin, template):
    desk, page = open_template(window, template)
    editor(page, HTML.replace("fim", "meu"))
    page.get_by_role("link", name="Parâmetros").click()
    page.get_by_role("heading", name="Parâmetros").wait_for()
    path = f"/templates/{template['id']}"
    theirs = {"identifier": template["identifier"], "title": template["title"], "html": HTML.replace("fim", "deles")}
    local.call(admin, "PUT", path, theirs, {"If-Match": "*"})
    page.goto(f"/app/modelos/{template['id']}")
    shown = page.get_by_role("dialog")
    expect(shown.locator("pre")).to_have_text([theirs["html"], HTML.replace("fim", "meu")])
    # Put off, it is asked again before anything is published.
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Publicar versão 3").click()
    assert local.call(admin, "GET", path)["html"] == theirs["html"]
    shown.get_by_role("button", name="Usar: Sua").click()
    shown.get_by_role("button", name="Continuar com o resultado").click()
    expect(page.locator(".cm-content")).to_contain_text("meu")
    page.get_by_role("button", name="Publicar versão 3").click()
    published(page)
    assert local.call(admin, "GET", path)["html"] == HTML.replace("fim", "meu")
    desk.check()


def test_going_back_to_a_version_asks_again_when_somebody_published_meanwhile(window, local, admin, template):
    path = f"/templates/{template['id']}"
    change = {"identifier": template["identifier"], "title": template["title"]}
    local.call(admin, "PUT", path, {**change, "html": HTML.replace("fim", "dois")}, {"If-Match": "*"})
    desk, page = open_template(window, template)
    page.get_by_role("button", name="Versão 2", exact=True).click()
    shown = page.get_by_role("dialog")
    expect(shown.locator("ins")).to_have_count(1)
    local.call(admin, "PUT", path, {**change, "html": HTML.replace("fim", "três")}, {"If-Match": "*"})
    again = page.get_by_role("dialog", name="Publicar a nova versão?")
    shown.get_by_role("button", name="Voltar à versão 1").click()
    again.get_by_role("button", name="Publicar").click()
    expect(page.get_by_role("alert")).to_contain_text("3")
    assert local.call(admin, "GET", path)["version"] == 3, "what the other one published is lost"
    expect(shown.locator("ins")).to_have_text(["entrou: <p>três</p>"])
    shown.get_by_role("button", name="Voltar à versão 1").click()
    again.get_by_role("button", name="Publicar").click()
    expect(page.get_by_role("button", name="Versão 4", exact=True)).to_be_visible()
    assert local.call(admin, "GET", path)["html"] == HTML
    desk.complaints = [text for text in desk.complaints if "412" not in text]
    desk.check()


def test_a_wrong_key_is_named_and_put_right_by_one_press(window, template):
    desk, page = open_template(window, template)
    editor(page, "<p>${NOMECONTATTO}</p><p>${COMMENTTEXT}</p>")
    expect(page.get_by_role("region", name="Problemas")).to_contain_text("HTML, linha 1, coluna 4")
    expect(page.get_by_role("button", name="Publicar versão 2")).to_be_disabled()
    page.get_by_role("button", name="Trocar por").click()
    expect(page.locator(".cm-content")).to_contain_text("${NOMECONTATO}")
    expect(page.get_by_role("button", name="Publicar versão 2")).to_be_enabled()
    desk.check()


def test_keys_and_links_go_where_the_cursor_is(window, template):
    desk, page = open_template(window, template)
    subject = page.get_by_label("Assunto")
    subject.fill("a b")
    subject.press("Home")
    page.get_by_label("Inserir chave").fill("situacao")
    page.get_by_label("Inserir chave").press("Enter")
    expect(subject).to_have_value("${SITUACAO}a b")
    editor(page, "<p>x</p>")
    page.get_by_label("Inserir link").select_option(label="Aprovar")
    expect(page.locator(".cm-content")).to_contain_text("APPROVE")
    desk.check()


def test_the_text_part_is_written_or_derived(window, local, admin, template):
    desk, page = open_template(window, template)
    page.get_by_role("tab", name="Texto").click()
    page.get_by_label("Derivar o texto do HTML").uncheck()
    editor(page, "só texto ${COMMENTTEXT}")
    page.get_by_role("button", name="Publicar versão 2").click()
    published(page)
    assert local.call(admin, "GET", f"/templates/{template['id']}")["text"] == "só texto ${COMMENTTEXT}"
    desk.check()


def test_a_test_mail_is_of_what_is_being_written(window, local, admin, template):
    desk, page = open_template(window, template)
    page.get_by_label("Assunto").fill("[${IDSOLICITACAOSERVICO}] ainda não publicado")
    page.get_by_role("button", name="Enviar teste").click()
    page.get_by_role("dialog").get_by_role("button", name="Enviar").click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("ainda não publicado")
    newest = local.call(admin, "GET", "/local/outbox/latest")
    assert "ainda não publicado" in newest["subject"]
    assert local.call(admin, "GET", f"/templates/{template['id']}")["version"] == 1
    desk.check()


def test_files_are_read_and_only_what_is_chosen_comes_in(window, local, admin):
    desk = window()
    page = desk.sign_in("Administração")
    page.goto("/app/modelos/importar")
    before = len(local.call(admin, "GET", "/templates?limit=100")["items"])
    page.locator("input[type=file]").set_input_files([REPO / "tests/import/mysql.sql", REPO / "tests/import/broken.sql"])
    choices = page.get_by_role("checkbox")
    expect(choices.first).to_be_visible()
    expect(page.get_by_role("heading", name="O que não entra como está")).to_be_visible()
    assert findings_in_both_themes(page) == []
    assert len(local.call(admin, "GET", "/templates?limit=100")["items"]) == before, "looking stored something"
    count = choices.count()
    assert count > 1
    for at in range(1, count):
        choices.nth(at).uncheck()
    page.get_by_role("button", name="Importar 1 modelo").click()
    expect(page.get_by_text("1 modelo importado.")).to_be_visible()
    assert len(local.call(admin, "GET", "/templates?limit=100")["items"]) == before + 1
    # The same file again: what came in is known.
    page.locator("input[type=file]").set_input_files(REPO / "tests/import/mysql.sql")
    expect(page.get_by_text("já está aqui, igual")).to_be_visible()
    desk.check()


def test_a_dropped_file_is_read(window):
    desk = window()
    page = desk.sign_in("Administração")
    page.goto("/app/modelos/importar")
    drop = page.locator(".drop")
    drop.wait_for()
    files = page.evaluate_handle(
        """() => {
          const all = new DataTransfer();
          all.items.add(new File(["<title>Solto</title><p>${IDSOLICITACAOSERVICO}</p>"], "solto.html", {type: "text/html"}));
          return all;
        }"""
    )
    drop.dispatch_event("drop", {"dataTransfer": files})
    expect(page.get_by_role("table")).to_contain_text("Solto")
    desk.check()


def test_pictures_of_other_servers_are_loaded_when_somebody_wants_them(window, local, admin):
    picture = "https://elsewhere.example/logo.png"
    html = f'<p style="background:url({picture})">${{COMMENTTEXT}}</p><img src="{picture}" alt=""><img src="x"><table background="{picture}"></table>'
    body = {"identifier": next(NAMES), "title": "[${IDSOLICITACAOSERVICO}]", "html": html}
    made = local.call(admin, "POST", "/templates", body)
    desk, page = open_template(window, made)
    mail = page.frame_locator(".mail-frame")
    expect(mail.locator("img").first).to_have_attribute("alt", "imagem externa não carregada")
    expect(page.get_by_text("Imagens de outros servidores não foram carregadas.")).to_be_visible()
    assert findings_in_both_themes(page) == []
    # Nothing was asked of anybody, and the policy had nothing to refuse.
    desk.check()
    page.route(picture, lambda route: route.fulfill(status=200, content_type="image/png", body=b""))
    with page.expect_request(picture):
        page.get_by_role("button", name="Carregar imagens externas").click()
    expect(mail.locator("img").first).to_have_attribute("src", picture)
    assert {url for _, url in desk.asked if not url.startswith(local.address)} == {picture}
    assert desk.complaints == []


def test_nothing_can_be_typed_that_publishing_would_lose(window, local, admin, template):
    desk, page = open_template(window, template)
    editor(page, HTML.replace("fim", "outro fim"))
    body, subject = page.locator(".cm-content"), page.get_by_label("Assunto")
    held = []
    page.route(f"**/templates/{template['id']}", lambda route: held.append(route) if route.request.method == "PUT" else route.continue_())
    for at, answer in enumerate((lambda put: put.fulfill(status=500, json={"code": "INTERNAL", "title": "Não"}), lambda put: put.continue_())):
        with page.expect_request(lambda request: request.method == "PUT"):
            page.get_by_role("button", name="Publicar versão 2").click()
        for field in (subject, body, page.get_by_label("Identificador")):
            expect(field).not_to_be_editable()
        expect(page.get_by_role("button", name="Desfazer alterações")).to_be_disabled()
        body.click(force=True)
        page.keyboard.press("Control+End")
        page.keyboard.type(" perdido")
        expect(body).not_to_contain_text("perdido")
        answer(held[at])
        if at == 0:
            expect(subject).to_be_editable()
            expect(body).to_be_editable()
            body.click()
            page.keyboard.press("Control+End")
            page.keyboard.type(" mais")
    published(page)
    expect(body).to_contain_text("outro fim</p> mais")
    stored = local.call(admin, "GET", f"/templates/{template['id']}")
    assert (stored["version"], stored["html"]) == (2, HTML.replace("fim", "outro fim") + " mais")


def test_publishing_does_not_bring_back_somebody_who_went_on(window, local, admin):
    page = window().sign_in("Administração")
    page.goto("/app/modelos/novo?de=technician")
    page.locator(".mail-frame").wait_for()
    page.get_by_label("Identificador").fill(next(NAMES))
    held = []
    page.route("**/templates", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/templates")):
        page.get_by_role("button", name="Publicar", exact=True).click()
    page.get_by_role("link", name="Parâmetros").click()
    page.wait_for_url("**/app/parametros")
    held[0].continue_()
    published(page)
    assert page.url.endswith("/app/parametros")


@pytest.mark.parametrize("what", ["template", "sender"])
def test_the_next_administrator_of_a_browser_does_not_get_what_another_wrote(window, local, template, what):
    page = window().sign_in("Administração")
    path, label = (f"/app/modelos/{template['id']}", "Assunto") if what == "template" else ("/app/remetentes/contrato/ACME", "Assinatura")
    page.goto(path)
    field = page.get_by_label(label)
    before = field.input_value()
    field.fill("só meu")
    page.get_by_role("link", name="Parâmetros").click()
    page.get_by_role("button", name=re.compile("Administração")).click()
    page.get_by_role("button", name="Sair").click()
    other = local.token("admin", "ana@example.com")
    page.get_by_label("token").fill(other)
    page.get_by_role("button", name="Entrar com o token").click()
    page.get_by_role("button", name=re.compile("^admin")).wait_for()
    page.goto(path)
    expect(field).to_have_value(before)
    page.get_by_role("button", name=re.compile("^admin")).click()
    page.get_by_role("button", name="Sair").click()
    sign_in(page, "Administração")
    page.goto(path)
    expect(field).to_have_value("só meu")


def test_one_and_many_have_words_of_their_own(window, local, admin, in_use):
    _, page = open_template(window, in_use)
    expect(page.get_by_text("Em uso: parâmetro 251", exact=True)).to_be_visible()
    local.call(admin, "PUT", "/parameters/253", {"value": str(in_use["id"])}, {"If-Match": "*"})
    page.reload()
    expect(page.get_by_text("Em uso: parâmetros 251 e 253", exact=True)).to_be_visible()
    local.call(admin, "DELETE", "/parameters/253", None, {"If-Match": "*"})

    def count_one(route):
        answer = route.fetch()
        body = answer.json()
        body["total"] |= {"messages": 1, "mails": {"accepted": 1}}
        route.fulfill(response=answer, json=body)

    page.route("**/statistics?*", count_one)
    page.goto("/app/inicio")
    expect(page.get_by_text("Últimos 7 dias: 1 mensagem, 1 e-mail, 0 com problema.")).to_be_visible()
