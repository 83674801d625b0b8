"""Every row of a list can be reached, however many there are."""

import re
import uuid

import requests
from playwright.sync_api import expect

from talk import short_pages

ADMIN = "admin@example.com"


def whole(page, rows, count):
    """Loads a list to its end."""
    more = page.get_by_role("button", name="Carregar mais")
    expect(rows).to_have_count(2)
    for _ in range((count - 1) // 2):
        shown = rows.count()
        more.click()
        expect(rows).not_to_have_count(shown)
    expect(rows).to_have_count(count)
    expect(more).to_have_count(0)


def make_templates(local, admin, count):
    """So many templates more; how many there are."""
    for _ in range(count):
        draft = {"identifier": uuid.uuid4().hex[:12], "title": "[${IDSOLICITACAOSERVICO}] x", "html": "<p>${COMMENTTEXT}</p>"}
        local.call(admin, "POST", "/templates", draft)
    return local.call(admin, "GET", "/templates?limit=100")["items"]


def test_templates_are_all_listed_and_all_offered_to_a_parameter(window, local):
    admin = local.token("admin", ADMIN)
    stored = make_templates(local, admin, 4)
    page = window().sign_in("Administração")
    short_pages(page, "/templates")
    page.goto("/app/modelos")
    whole(page, page.locator("tbody tr"), len(stored))
    page.goto("/app/parametros")
    choice = page.get_by_label(re.compile("^417 "))
    for template in stored:
        expect(choice.locator(f"option[value='{template['id']}']")).to_have_count(1)


def test_blocked_addresses_are_all_listed(window, local):
    admin = local.token("admin", ADMIN)
    for _ in range(3):
        blocked = {"address": f"{uuid.uuid4().hex}@example.com", "reason": "teste"}
        local.call(admin, "POST", "/suppressions", blocked)
    count = len(local.call(admin, "GET", "/suppressions?limit=100")["items"])
    page = window().sign_in("Administração")
    short_pages(page, "/suppressions")
    page.goto("/app/enderecos-bloqueados")
    whole(page, page.locator("tbody tr"), count)


def test_the_quarantine_is_listed_to_its_end_and_stays_so_when_it_is_refreshed(window, local):
    admin = local.token("admin", ADMIN)
    for _ in range(5):
        name = uuid.uuid4()
        headers = f"From: x@outro.example\r\nTo: desk@mensageria.example\r\nSubject: {name}\r\nMessage-ID: <{name}@outro.example>"
        mail, sign = f"{headers}\r\n\r\nOi\r\n".encode(), {"Authorization": f"Bearer {admin}"}
        assert requests.post(f"{local.address}/local/inbound", data=mail, headers=sign, timeout=20).ok
    count = len(local.call(admin, "GET", "/quarantine?status=quarantined&limit=100")["items"])
    assert count >= 5
    page = window().sign_in("Administração")
    short_pages(page, "/quarantine")
    page.goto("/app/quarentena")
    rows = page.locator(".mail-list li")
    whole(page, rows, count)
    with page.expect_response(re.compile(r"/quarantine\?.*cursor=")):
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(rows).to_have_count(count)
