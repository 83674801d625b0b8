"""Every screen of every role: what axe finds, in both themes and all languages; and what the newer ones do."""

import re

import pytest
from playwright.sync_api import expect

from harness.browser import running, show, sign_in
from pictures import fill, screens
from talk import BIA, MARIA, findings

LANGUAGES = ("pt-BR", "en", "es")


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A server of its own with something on every screen."""
    with running(tmp_path_factory.mktemp("filled") / "data") as server:
        fill(server)
        yield server


# Words do not change colours: one language in the dark is enough.
@pytest.mark.parametrize(("scheme", "language"), [("dark", LANGUAGES[0]), *(("light", language) for language in LANGUAGES)])
def test_axe_finds_nothing_on_any_screen_or_dialog(chromium, filled, scheme, language):
    for person, (_, shown) in screens(filled).items():
        context = chromium.new_context(base_url=filled.address, color_scheme=scheme, locale=language)
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto("/")
        assert findings(page) == [], "the sign-in"
        sign_in(page, person)
        for name, path, there, opens in shown:
            show(page, path, there, opens)
            assert findings(page) == [], f"{person}: {name}"
        page.goto("/app/preferencias")
        page.locator("select").first.wait_for()
        page.keyboard.press("?")
        page.locator("dialog").wait_for()
        assert findings(page) == [], f"{person}: the shortcuts"
        context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_navigation_of_an_administrator_is_one_row_and_reaches_every_screen(chromium, filled, language):
    context = chromium.new_context(base_url=filled.address, viewport={"width": 1280, "height": 800}, locale=language)
    page = context.new_page()
    sign_in(page, "Administração")
    bar = page.locator("header.top")
    expect(bar.locator("nav a").first).to_be_visible()
    assert bar.bounding_box()["height"] < 64
    more = bar.locator("nav button")
    more.click()
    hidden = bar.locator("nav .menu-box a")
    addresses = [link.get_attribute("href") for link in hidden.all()]
    assert {"/app/conta-de-email", "/app/enderecos-bloqueados", "/app/estatisticas"} <= set(addresses)
    assert findings(page) == [], "the rest of the navigation"
    hidden.filter(has_text="").first.click()
    page.wait_for_url("**/app/conta-de-email")
    expect(hidden.first).to_be_hidden()
    expect(more).to_have_class("button quiet here")
    context.close()


def test_preferences_are_kept_with_the_person_and_followed_in_another_browser(window, local):
    token = local.token("requester", MARIA["email"])
    page = window().sign_in("Maria")
    page.goto("/app/preferencias")
    page.get_by_label("Idioma dos e-mails").select_option("es")
    page.get_by_label("Fuso horário").select_option("Asia/Tokyo")
    page.get_by_label("Não me enviar e-mails automáticos").check()
    page.get_by_role("button", name="Salvar").click()
    expect(page.get_by_text("Preferências salvas.")).to_be_visible()
    kept = {"locale": "es", "time_zone": "Asia/Tokyo", "mute_automatic": True}
    assert local.call(token, "GET", "/me/preferences") == kept
    other = window(locale="en", timezone_id="America/Sao_Paulo").sign_in("Maria")
    try:
        expect(other.get_by_role("heading", name="Mis solicitudes")).to_be_visible()
    finally:
        local.call(token, "PUT", "/me/preferences", {})


def test_one_goes_from_a_ticket_of_the_list_to_the_next(window, local, ticket):
    bia = local.token("technician", BIA["email"])
    local.call(bia, "POST", f"/tickets/{ticket}/messages", {"text": "Olá"})
    desk = window()
    page = desk.sign_in("Bia")
    # Who comes by an address of their own came from no list.
    page.goto(f"/app/chamados/{ticket}")
    page.locator(".message").first.wait_for()
    expect(page.locator(".neighbours")).to_have_count(0)
    page.get_by_role("link", name="‹ Chamados").click()
    page.locator("table a").first.wait_for()
    listed = [link.get_attribute("href") for link in page.locator("tbody th a").all()]
    page.locator("tbody th a").first.click()
    page.wait_for_url(f"**{listed[0]}")
    page.get_by_role("link", name="Próximo chamado").click()
    page.wait_for_url(f"**{listed[1]}")
    expect(page.get_by_text(f"2 de {len(listed)}")).to_be_visible()
    page.get_by_role("link", name="Chamado anterior").click()
    page.wait_for_url(f"**{listed[0]}")
    desk.check()


def test_what_has_no_room_in_the_navigation_stands_on_its_line(window):
    page = window(viewport={"width": 400, "height": 800}).sign_in("Administração")
    page.goto("/app/modelos")
    page.locator("nav .menu > button").wait_for()
    middles = [
        box["y"] + box["height"] / 2
        for each in page.locator("nav .row a, nav .menu > button").all()
        for box in [each.bounding_box()]
    ]
    assert max(middles) - min(middles) < 1, middles


def test_the_start_counts_what_needs_somebody(chromium, filled):
    context = chromium.new_context(base_url=filled.address, locale="pt-BR")
    page = context.new_page()
    sign_in(page, "Administração")
    admin = filled.token("admin", "admin@example.com")
    stuck, waiting = (filled.call(admin, "GET", f"/{what}/counts") for what in ("deliveries", "quarantine"))
    assert stuck["total"] > 0 and waiting["quarantined"] > 0
    needs = page.locator(".links li")
    expect(needs.filter(has_text="Entregas")).to_have_text(f"Entregas {stuck['total']}")
    expect(needs.filter(has_text="Quarentena")).to_have_text(f"Quarentena {waiting['quarantined']}")
    context.close()


def test_tickets_are_filtered_by_a_status_that_was_seen(window, local, ticket):
    other = str(int(ticket) + 500_000)
    body = {"requester": {"name": "Maria Conceição", "email": "maria@example.com"}, "activity": f"Outro {other}"}
    local.call(local.token("admin", "ana@example.com"), "PUT", f"/tickets/{other}", body | {"status": "Suspenso pelo cliente"})
    opened = window()
    page = opened.sign_in("Administração")
    page.goto("/app/chamados?fila=todos")
    rows = page.locator(".tickets tbody tr")
    expect(rows.filter(has_text=f"Acesso {ticket}")).to_have_count(1)
    page.get_by_label("Situação").select_option("Suspenso pelo cliente")
    expect(page).to_have_url(re.compile("situacao=Suspenso"))
    expect(rows.filter(has_text=f"Acesso {ticket}")).to_have_count(0)
    expect(rows.filter(has_text=f"Outro {other}")).to_have_count(1)
    page.reload()
    expect(rows.filter(has_text=f"Outro {other}")).to_have_count(1)
    page.get_by_label("Situação").select_option("")
    expect(rows.filter(has_text=f"Acesso {ticket}")).to_have_count(1)
    opened.check()


def test_a_desk_without_a_template_is_led_through_three_steps(chromium, tmp_path):
    with running(tmp_path / "data") as server:
        admin = server.token("admin", "ana@example.com")
        context = chromium.new_context(base_url=server.address, locale="pt-BR")
        page = context.new_page()
        sign_in(page, "Administração")
        steps = page.locator("ol.checks li")
        expect(page.get_by_role("heading", name="Uma mensagem enviada agora chegaria?")).to_be_visible()
        expect(steps).to_have_count(0)
        erased = server.request(admin, "DELETE", "/parameters/417", headers={"If-Match": "*"})
        assert erased.ok, erased.text
        page.reload()
        expect(steps).to_have_text(["1. Criar o modelo feito", "2. Escolher o modelo no parâmetro 417 a fazer", "3. Enviar um teste a partir do modelo a fazer"])
        assert findings(page) == []
        steps.get_by_role("link", name="2. Escolher").click()
        expect(page.get_by_role("heading", name="Parâmetros")).to_be_visible()
        server.call(admin, "PUT", "/parameters/417", {"value": "1"}, {"If-Match": "*"})
        page.get_by_role("link", name="Início").click()
        expect(steps.nth(1)).to_have_text("2. Escolher o modelo no parâmetro 417 feito")
        expect(steps.nth(2)).to_have_text("3. Enviar um teste a partir do modelo a fazer")
        page.reload()
        expect(page.get_by_role("heading", name="Uma mensagem enviada agora chegaria?")).to_be_visible()
        expect(steps).to_have_count(0)
        context.close()
