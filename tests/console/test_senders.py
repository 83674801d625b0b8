"""An administrator says who mail of a contract is from and how it is signed."""

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from harness.process import wait_for
from talk import findings_in_both_themes, is_as_wide_as_the_window, reach

CONTRACT = "ACME / São Paulo"


@pytest.fixture
def admin(local):
    """A token of the person that signs in as Administração; no contract has a sender before and after."""
    token = local.token("admin", "admin@example.com")
    yield token
    for one in local.call(token, "GET", "/identities")["items"]:
        answer = local.request(token, "DELETE", path_of(one["contract"]), headers={"If-Match": "*"})
        assert answer.status_code == 204, answer.text


def path_of(contract):
    """Where the API has it."""
    return f"/identities/{quote(contract, safe='*')}"


def put(local, admin, contract=CONTRACT, **identity):
    """Somebody saves it by the API."""
    return local.call(admin, "PUT", path_of(contract), identity, {"If-Match": "*"} if exists(local, admin, contract) else None)


def exists(local, admin, contract):
    """Whether a contract has a sender."""
    return any(one["contract"] == contract for one in local.call(admin, "GET", "/identities")["items"])


def open_screen(window, path="/app/remetentes", **options):
    """A screen of the administrator."""
    desk = window(**options)
    page = desk.sign_in("Administração")
    page.goto(path)
    page.get_by_role("heading", level=1).wait_for()
    return desk, page


def open_contract(window, **options):
    """The screen of the contract."""
    desk, page = open_screen(window, f"/app/remetentes/contrato/{quote(CONTRACT, safe='')}", **options)
    page.get_by_label("Remetente", exact=True).wait_for()
    return desk, page


def save(page):
    """Presses the button."""
    page.get_by_role("button", name="Salvar").click()


def test_a_sender_of_a_contract_is_made_by_keyboard_and_its_mail_leaves_with_it(window, local, admin, ticket):
    desk, page = open_screen(window)
    expect(page.get_by_text("Nenhum remetente por contrato")).to_be_visible()
    assert findings_in_both_themes(page) == [], "the empty list"
    new = page.get_by_role("link", name="Novo remetente")
    reach(page, new)
    page.keyboard.press("Enter")
    for label, text in {"Contrato": CONTRACT, "Remetente": "ACME Atende <acme@example.com>", "Assinatura": "Equipe ACME"}.items():
        reach(page, page.get_by_label(label, exact=True))
        page.keyboard.type(text)
    reach(page, page.get_by_role("button", name="Salvar"))
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has_text=CONTRACT)
    expect(row).to_contain_text("ACME Atende <acme@example.com>")
    expect(row).to_contain_text("por Administração")
    stored = local.call(admin, "GET", path_of(CONTRACT))
    assert (stored["from"], stored["signature"], stored["reply_domain"]) == ("ACME Atende <acme@example.com>", "Equipe ACME", None)
    known = local.call(admin, "GET", f"/tickets/{ticket}")
    people = {name: known[name] for name in ("requester", "responsible", "activity", "status")}
    local.call(admin, "PUT", f"/tickets/{ticket}", people | {"contract": CONTRACT})
    local.call(local.token("technician", "bia@example.com"), "POST", f"/tickets/{ticket}/messages", {"text": "Pode testar?"})

    def left():
        mails = local.call(admin, "GET", "/local/outbox?order=desc&limit=100")["items"]
        return next((mail for mail in mails if f"[{ticket}]" in mail["subject"]), None)

    mail = local.call(admin, "GET", f"/local/outbox/{wait_for('mail', left)['number']}")
    assert "acme@example.com" in mail["from"]
    desk.check()


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(window, local, admin):
    desk, page = open_screen(window, "/app/remetentes/novo")
    page.get_by_label("Contrato", exact=True).fill(CONTRACT)
    save(page)
    sender = page.get_by_label("Remetente", exact=True)
    expect(sender).to_have_attribute("aria-invalid", "true")
    expect(sender).to_be_focused()
    sender.fill("não é endereço")
    domain, signature = page.get_by_label("Domínio das respostas"), page.get_by_label("Assinatura")
    domain.fill("outro.example")
    signature.fill("x" * 1001)
    save(page)
    for field, words in ((sender, "um endereço"), (domain, "domínio de respostas"), (signature, "1000")):
        expect(field).to_have_attribute("aria-invalid", "true")
        described = field.get_attribute("aria-describedby").split()
        expect(page.locator(f"[id='{described[-1]}']")).to_contain_text(words)
    expect(sender).to_have_value("não é endereço")
    assert findings_in_both_themes(page) == [], "findings at the fields"
    page.reload()
    expect(page.get_by_label("Contrato", exact=True)).to_have_value(CONTRACT)
    expect(domain).to_have_value("outro.example")
    page.get_by_role("button", name="Desfazer alterações").click()
    expect(domain).to_have_value("")
    assert not exists(local, admin, CONTRACT)
    desk.complaints = [text for text in desk.complaints if "422" not in text]
    desk.check()


@pytest.mark.parametrize("again", [False, True], ids=["while the page is open", "before the page is opened again"])
def test_what_somebody_saved_meanwhile_stands_beside_what_was_written(window, local, admin, again):
    put(local, admin, **{"from": "acme@example.com", "signature": "antes"})
    desk, page = open_contract(window)
    sender, signature = page.get_by_label("Remetente", exact=True), page.get_by_label("Assinatura")
    signature.fill("a minha")
    put(local, admin, **{"from": "nova@example.com", "signature": "a dela"})
    page.reload() if again else save(page)
    expect(page.get_by_role("alert")).to_contain_text("admin salvou este contrato")
    # What only the other changed is theirs; where both did, both are there.
    expect(sender).to_have_value("nova@example.com")
    expect(signature).to_have_value("a minha")
    expect(page.locator(".theirs")).to_have_count(1)
    expect(page.locator(".theirs")).to_contain_text("a dela")
    assert findings_in_both_themes(page) == [], "both versions"
    page.locator(".theirs").get_by_role("button").click()
    expect(signature).to_have_value("a dela")
    expect(page.locator(".theirs")).to_have_count(0)
    signature.fill("as duas")
    save(page)
    expect(page.get_by_role("table")).to_contain_text("as duas")
    stored = local.call(admin, "GET", path_of(CONTRACT))
    assert (stored["from"], stored["signature"]) == ("nova@example.com", "as duas")
    desk.complaints = [text for text in desk.complaints if "412" not in text]
    desk.check()


def test_a_new_sender_of_a_contract_that_has_one_meanwhile_overwrites_nothing(window, local, admin):
    desk, page = open_screen(window, "/app/remetentes/novo")
    put(local, admin, **{"from": "acme@example.com"})
    page.get_by_label("Contrato", exact=True).fill(CONTRACT)
    page.get_by_label("Assinatura").fill("a minha")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("salvou este contrato")
    expect(page.get_by_label("Remetente", exact=True)).to_have_value("acme@example.com")
    save(page)
    page.get_by_role("table").wait_for()
    stored = local.call(admin, "GET", path_of(CONTRACT))
    assert (stored["from"], stored["signature"]) == ("acme@example.com", "a minha")
    desk.complaints = [text for text in desk.complaints if "428" not in text]
    desk.check()


def test_a_sender_is_removed_after_a_question_and_its_history_stays(window, local, admin):
    put(local, admin, "*", **{"from": "Central <central@example.com>"})
    put(local, admin, **{"from": "acme@example.com", "signature": "antes"})
    put(local, admin, **{"from": "acme@example.com", "signature": "depois"})
    desk, page = open_contract(window, viewport={"width": 400, "height": 800})
    expect(page.get_by_text("Se ficar vazio, vale o de todos os contratos: Central <central@example.com>")).to_be_visible()
    assert is_as_wide_as_the_window(page)
    page.get_by_role("button", name="Remover").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("como os de todos os contratos")
    assert findings_in_both_themes(page) == [], "the question"
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Remover")).to_be_focused()
    page.get_by_role("button", name="Remover").click()
    question.get_by_role("button", name="Remover").click()
    expect(page.get_by_role("row").filter(has_text="Todos os contratos")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=CONTRACT)).to_have_count(0)
    assert not exists(local, admin, CONTRACT)
    desk.check()
    page.goto(f"/app/remetentes/contrato/{quote(CONTRACT, safe='')}")
    page.get_by_role("button", name="Histórico").click()
    changes = page.get_by_role("dialog").get_by_role("listitem")
    expect(changes.first).to_contain_text("Removido por Administração")
    expect(changes.nth(1)).to_contain_text("Alterado por admin")
    expect(changes.nth(1).locator("del")).to_contain_text("antes")
    expect(changes.nth(1).locator("ins")).to_contain_text("depois")
    assert findings_in_both_themes(page) == [], "the history"


def test_older_changes_are_shown_on_demand(window, local, admin):
    for turn in range(28):
        put(local, admin, signature=f"assinatura {turn}")
    desk, page = open_contract(window)
    page.get_by_role("button", name="Histórico").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem").first).to_contain_text("assinatura 27")
    count = dialog.get_by_role("listitem").count()
    assert count == 25
    dialog.get_by_role("button", name="Carregar mais").click()
    expect(dialog.get_by_role("listitem").nth(27)).to_contain_text("assinatura 0")
    expect(dialog.get_by_role("button", name="Carregar mais")).to_have_count(0)
    desk.check()


def test_nothing_can_be_typed_that_saving_would_lose(window, local, admin):
    put(local, admin, signature="Equipe")
    desk, page = open_contract(window)
    held = []
    page.route("**/identities/*", lambda route: held.append(route) if route.request.method == "PUT" else route.continue_())
    signature = page.get_by_label("Assinatura")
    signature.fill("Equipe ACME")
    for at, answer in enumerate((lambda write: write.fulfill(status=500, json={"code": "INTERNAL", "title": "Não"}), lambda write: write.continue_())):
        with page.expect_request(lambda request: request.method == "PUT"):
            signature.press("Tab")
            save(page)
        for label in ("Remetente", "Domínio das respostas", "Assinatura"):
            expect(page.get_by_label(label, exact=True)).not_to_be_editable()
        signature.focus()
        page.keyboard.type("perdido")
        expect(signature).to_have_value("Equipe ACME")
        answer(held[at])
        if at == 0:
            expect(signature).to_be_editable()
    page.wait_for_url("**/app/remetentes")
    assert local.call(admin, "GET", path_of(CONTRACT))["signature"] == "Equipe ACME"


def test_a_save_that_fails_after_its_screen_was_left_is_said_and_its_text_is_kept(window, local, admin):
    put(local, admin, signature="Equipe")
    desk, page = open_contract(window)
    held = []
    page.route("**/identities/*", lambda route: held.append(route) if route.request.method == "PUT" else route.continue_())
    page.get_by_label("Assinatura").fill("Equipe ACME")
    with page.expect_request(lambda request: request.method == "PUT"):
        save(page)
    page.get_by_role("link", name="Parâmetros").click()
    page.wait_for_url("**/app/parametros")
    held[0].fulfill(status=500, json={"code": "INTERNAL", "title": "Algo falhou", "detail": "Tente de novo."})
    expect(page.get_by_text("Algo falhou. Tente de novo.")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Assinatura")).to_have_value("Equipe ACME")
