"""Canned answers: written once, found by a word, filled with the ticket, put where the caret is."""

from playwright.sync_api import expect

from talk import editor, findings, texts


def add(page, title, text):
    """Writes a canned answer."""
    page.get_by_role("button", name="Respostas prontas").click()
    page.get_by_role("button", name="Nova resposta pronta").click()
    page.get_by_label("Título").fill(title)
    page.get_by_label("Texto", exact=True).fill(text)
    page.get_by_role("button", name="Salvar").click()
    expect(page.locator(".snippet").filter(has_text=title)).to_be_visible()
    expect(page.get_by_label("Buscar respostas prontas")).to_be_focused()


def leave(page):
    """Closes the list, which gives the focus back."""
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Respostas prontas")).to_be_focused()


def test_a_canned_answer_is_filled_and_put_at_the_caret(bia, local, ticket):
    add(bia, "Saudação inicial", "Olá ${NOMECONTATO}, sobre o chamado ${IDSOLICITACAOSERVICO}:")
    leave(bia)
    add(bia, "Despedida", "Abraço,\n<b>Bia</b>")
    leave(bia)
    editor(bia).focus()
    bia.keyboard.type("antes ")
    bia.keyboard.type("depois")
    for _ in "depois":
        bia.keyboard.press("ArrowLeft")
    bia.get_by_role("button", name="Respostas prontas").click()
    expect(bia.get_by_label("Buscar respostas prontas")).to_be_focused()
    bia.keyboard.type("saudacao")
    expect(bia.locator(".snippet")).to_have_count(1)
    assert findings(bia) == []
    bia.keyboard.press("Tab")
    bia.keyboard.press("Enter")
    expect(editor(bia)).to_have_text(f"antes Olá Maria Conceição, sobre o chamado {ticket}:depois")
    expect(editor(bia)).to_be_focused()
    bia.keyboard.press("Control+End")
    bia.get_by_role("button", name="Respostas prontas").click()
    bia.get_by_role("button", name="Despedida").first.click()
    bia.get_by_role("button", name="Responder a Maria").click()
    expect(bia.locator(".message")).to_have_count(1)
    assert texts(local, ticket) == [f"antes Olá Maria Conceição, sobre o chamado {ticket}:depoisAbraço,\n<b>Bia</b>"]


def test_the_list_stays_open_when_the_editor_arrives(window, ticket):
    page = window().sign_in("Bia")
    held = []
    page.route("**/composer.js", lambda route: held.append(route))
    page.goto(f"/app/chamados/{ticket}")
    page.get_by_role("textbox", name="Resposta pública").fill("antes depois")
    for _ in "depois":
        page.keyboard.press("ArrowLeft")
    add(page, "Meio", "[no meio]")
    held[0].continue_()
    expect(page.locator(".rich-text")).to_be_attached()
    expect(page.get_by_label("Buscar respostas prontas")).to_be_focused()
    page.locator(".snippet").filter(has_text="Meio").click()
    expect(editor(page)).to_have_text("antes [no meio]depois")
    expect(editor(page)).to_be_focused()


def test_a_canned_answer_is_changed_and_deleted_and_is_its_authors_alone(bia, window, local):
    add(bia, "Segredo", "Texto")
    bia.get_by_role("button", name="Mudar “Segredo”").click()
    assert findings(bia) == []
    bia.get_by_label("Texto", exact=True).fill("Texto novo")
    bia.get_by_role("button", name="Salvar").click()
    expect(bia.locator(".snippet").filter(has_text="Texto novo")).to_have_count(1)
    others = local.call(local.token("technician", "rui@example.com"), "GET", "/snippets")["items"]
    assert [each["title"] for each in others] == []
    bia.get_by_role("button", name="Mudar “Segredo”").click()
    bia.get_by_role("button", name="Excluir").click()
    expect(bia.locator(".snippet").filter(has_text="Texto novo")).to_have_count(0)
    # A key that does not exist is told before anybody gets it.
    bia.get_by_role("button", name="Nova resposta pronta").click()
    bia.get_by_label("Título").fill("Com erro")
    bia.get_by_label("Texto", exact=True).fill("Olá ${NOMECONTATTO}")
    bia.get_by_role("button", name="Salvar").click()
    expect(bia.get_by_role("alert")).to_contain_text("NOMECONTATTO")
    bia.keyboard.press("Escape")
    expect(bia.get_by_role("dialog")).to_have_count(1)
    leave(bia)


def test_more_canned_answers_than_a_page_holds_are_all_found(bia, local):
    """A list ends its pages at a hundred: what is looked through by typing is read to its end."""
    token = local.token("technician", "bia@example.com")
    made = [
        local.call(token, "POST", "/snippets", {"title": f"Resposta {number:03}", "text": "Olá", "of": "me"})
        for number in range(105)
    ]
    try:
        bia.get_by_role("button", name="Respostas prontas").click()
        expect(bia.locator(".snippet").filter(has_text="Resposta 104")).to_be_visible()
        assert bia.locator(".snippet").filter(has_text="Resposta ").count() == len(made)
        bia.keyboard.type("104")
        expect(bia.locator(".snippet")).to_have_count(1)
        bia.locator(".snippet").click()
        expect(editor(bia)).to_have_text("Olá")
    finally:
        for one in made:
            assert local.request(token, "DELETE", f"/snippets/{one['id']}", headers={"If-Match": "*"}).ok
