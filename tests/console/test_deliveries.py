"""Mails that do not arrive: found in one list, understood, sent again or taken off it, one and many."""

import itertools
import os
import re
import socketserver
import threading
import time

import pytest
from playwright.sync_api import expect

from conftest import Window
from harness.local import Local
from talk import BIA, MARIA, findings, is_as_wide_as_the_window, short_pages, texts

NUMBERS = itertools.count(50001)
GONE = "bounce@simulator.amazonses.com"


def write_to(local, address, name, text="Olá"):
    """A ticket of somebody at this address on which Bia has written."""
    number = str(next(NUMBERS))
    body = {"requester": {"name": name, "email": address}, "responsible": BIA, "activity": f"Impressora {number}"}
    local.call(local.token("admin", "ana@example.com"), "PUT", f"/tickets/{number}", body)
    local.call(local.token("technician", BIA["email"]), "POST", f"/tickets/{number}/messages", {"text": text})
    return number


def until_listed(local, *tickets):
    """Waits until a mail of each of these tickets needs somebody."""
    bia = local.token("technician", BIA["email"])
    deadline = time.monotonic() + 40
    while True:
        listed = {row["ticket_id"] for row in local.call(bia, "GET", "/deliveries?limit=100")["items"]}
        if listed.issuperset(tickets):
            return
        assert time.monotonic() < deadline, f"no mail of {set(tickets) - listed} needs anybody"
        time.sleep(0.2)


def until_taken(smtp, mails):
    """Waits until the mail server has taken so many mails."""
    deadline = time.monotonic() + 20
    while smtp.taken < mails:
        assert time.monotonic() < deadline, f"{smtp.taken} of {mails} mails were taken"
        time.sleep(0.05)
    assert smtp.taken == mails


def row_of(page, ticket):
    """The entries of this ticket in the list."""
    return page.locator(".delivery-row").filter(has_text=f"Impressora {ticket}")


def test_a_bounce_is_seen_understood_and_sent_again_to_a_right_address(window, local):
    ticket = write_to(local, GONE, "Rui")
    opened = window(permissions=["clipboard-read", "clipboard-write"])
    page = opened.sign_in("Bia")
    badge = page.get_by_role("row").filter(has_text=f"Impressora {ticket}")
    expect(badge).to_contain_text("e-mail não entregue", timeout=40_000)
    page.keyboard.press("g")
    page.keyboard.press("e")
    row = row_of(page, ticket)
    expect(row).to_contain_text("Voltou")
    expect(row).to_contain_text("550 5.1.1 user unknown")
    row.get_by_role("button", name="Detalhes do e-mail para Rui").click()
    expect(page.get_by_role("dialog")).to_contain_text("1ª tentativa")
    page.get_by_role("button", name="Copiar").click()
    expect(page.get_by_text("Copiado.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith("550 5.1.1 user unknown")
    page.get_by_role("button", name="Ver e-mail").click()
    expect(page.get_by_role("dialog").frame_locator("iframe").locator("body")).to_contain_text("Olá")
    page.keyboard.press("Escape")
    row.get_by_role("button", name="Enviar de novo para Rui").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("Enviar 1 e-mail de novo?")
    assert "duas vezes" not in asked.inner_text()
    asked.get_by_role("button", name="Enviar de novo").click()
    # The address is suppressed by now: it waits, and says for what.
    expect(row_of(page, ticket)).to_contain_text("bloqueado")
    row_of(page, ticket).get_by_role("link").click()
    expect(page.locator(".message .mails").first).to_contain_text("Retido")
    opened.check()


@pytest.mark.parametrize(
    "told, shown",
    [("Voltou", "Voltou"), ("Marcado como spam", "spam"), ("Foi entregue", "Entregue")],
)
def test_what_is_said_of_a_mail_in_the_outbox_stands_under_its_message(window, local, told, shown):
    ticket = write_to(local, f"rui{next(NUMBERS)}@example.com", "Rui")
    opened = window()
    page = opened.sign_in("Administração")
    page.goto("/app/caixa-de-saida")
    mail = page.locator(".rows a").filter(has_text=ticket)
    mail.first.click(timeout=30_000)
    page.get_by_role("button", name=told, exact=True).click()
    expect(page.get_by_text("O resultado foi registrado.")).to_be_visible()
    page.goto(f"/app/chamados/{ticket}")
    expect(page.locator(".message .mails").first).to_contain_text(shown)
    opened.check()


def test_the_list_is_filtered_and_entries_are_taken_off_it(window, local):
    tickets = [write_to(local, GONE, f"Pessoa {at}") for at in range(3)]
    until_listed(local, *tickets)
    opened = window(viewport={"width": 400, "height": 800})
    page = opened.sign_in("Bia")
    page.goto("/app/entregas")
    for ticket in tickets:
        expect(row_of(page, ticket)).to_have_count(1)
    assert is_as_wide_as_the_window(page)
    page.get_by_role("searchbox", name="Chamado").fill(tickets[0])
    expect(page.locator(".delivery-row")).to_have_count(1)
    page.reload()
    expect(page.locator(".delivery-row")).to_have_count(1)
    row_of(page, tickets[0]).get_by_role("button", name="Visto: Pessoa 0").click()
    page.get_by_label("Motivo", exact=True).last.fill("avisado por telefone")
    page.get_by_role("dialog").get_by_role("button", name="Visto").click()
    expect(page.get_by_text("Nada encontrado")).to_be_visible()
    page.get_by_role("link", name="Todas").last.click()
    expect(row_of(page, tickets[0])).to_have_count(0)
    expect(row_of(page, tickets[1])).to_have_count(1)
    for ticket in tickets[1:]:
        row_of(page, ticket).get_by_role("checkbox").check()
    expect(page.get_by_text("2 escolhidas")).to_be_visible()
    page.get_by_role("button", name="Visto", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 entregas saem da lista.")
    dialog.get_by_role("button", name="Visto").click()
    expect(page.get_by_text("2 entregas tiradas da lista.")).to_be_visible()
    for ticket in tickets[1:]:
        expect(row_of(page, ticket)).to_have_count(0)
    opened.check()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_list_and_its_questions(window, local, scheme):
    ticket = write_to(local, GONE, "Rui")
    until_listed(local, ticket)
    page = window(color_scheme=scheme).sign_in("Bia")
    page.goto("/app/entregas")
    row = row_of(page, ticket)
    expect(row).to_have_count(1)
    row.get_by_role("checkbox").check()
    assert findings(page) == [], "the list"
    page.get_by_role("button", name="Visto", exact=True).first.click()
    assert findings(page) == [], "taking off the list"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Enviar de novo as escolhidas").click()
    page.get_by_role("dialog").wait_for()
    assert findings(page) == [], "sending again"


class Refusing(socketserver.StreamRequestHandler):
    """A mail server that refuses every mail for good until it is put right, and counts what it takes."""

    def handle(self):
        self.say("220 here")
        for line in self.rfile:
            word = line.strip().upper()[:4]
            if word == b"DATA":
                self.say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.server.taken += not self.server.is_wrong
                self.say("554 5.3.5 misconfigured" if self.server.is_wrong else "250 taken")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


@pytest.fixture
def refusing(tmp_path):
    """A mail server that refuses everything, and a local server that sends through it."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refusing) as smtp:
        smtp.daemon_threads, smtp.is_wrong, smtp.taken = True, True, 0
        threading.Thread(target=smtp.serve_forever, daemon=True).start()
        url = f"smtp://127.0.0.1:{smtp.server_address[1]}?tls=none"
        environment = os.environ | {"MAIL_TRANSPORT": "smtp", "SMTP_URL": url, "MAIL_FROM": "desk@example.com"}
        server = Local(tmp_path / "data", environment)
        try:
            yield smtp, server
        finally:
            server.end()
            smtp.shutdown()


def test_all_that_a_wrong_server_refused_is_sent_again_at_once(chromium, refusing):
    smtp, local = refusing
    tickets = [write_to(local, MARIA["email"], "Maria Conceição", f"mensagem {at}") for at in range(3)]
    until_listed(local, *tickets)
    opened = Window(chromium, local, {})
    page = opened.sign_in("Bia")
    page.goto("/app/entregas")
    for ticket in tickets:
        expect(row_of(page, ticket)).to_have_count(1)
    smtp.is_wrong = False
    page.get_by_label("Escolher todas").check()
    page.get_by_role("button", name="Enviar de novo as escolhidas").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("Enviar 3 e-mails de novo?")
    assert "duas vezes" not in asked.inner_text()
    asked.get_by_role("button", name="Cancelar").click()
    assert smtp.taken == 0
    page.get_by_role("button", name="Enviar de novo as escolhidas").click()
    asked.get_by_role("button", name="Enviar de novo").click()
    expect(page.get_by_text("Nada aqui precisa de você")).to_be_visible()
    page.goto(f"/app/chamados/{tickets[0]}")
    expect(page.locator(".message .mails")).to_contain_text("Aceito")
    assert [texts(local, ticket) for ticket in tickets] == [["mensagem 0"], ["mensagem 1"], ["mensagem 2"]]
    until_taken(smtp, 3)
    opened.context.close()


def make_unknown(page):
    """A mail is unknown for good only after a quarter of an hour: the answer of the list is changed to say so."""

    def change(route):
        answer = route.fetch()
        body = answer.json()
        for row in body["items"]:
            row |= {"status": "unknown", "send_again": True}
        route.fulfill(response=answer, json=body)

    page.route(re.compile(r"/deliveries\?"), change)


def test_what_may_arrive_twice_is_said_before_it_is_sent_again(window, local):
    tickets = [write_to(local, GONE, f"Pessoa {at}") for at in range(2)]
    until_listed(local, *tickets)
    page = window().sign_in("Bia")
    make_unknown(page)
    page.goto("/app/entregas")
    for ticket in tickets:
        row_of(page, ticket).get_by_role("checkbox").check()
    page.get_by_role("button", name="Enviar de novo as escolhidas").click()
    expect(page.get_by_role("dialog")).to_contain_text("2 deles podem já ter chegado: quem os recebeu receberia duas vezes.")
    page.keyboard.press("Escape")
    row_of(page, tickets[0]).get_by_role("button", name="Enviar de novo").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 deles pode já ter chegado: quem o recebeu receberia duas vezes.")


def test_an_administrator_sends_everything_of_a_filter_again(chromium, refusing):
    smtp, local = refusing
    tickets = [write_to(local, MARIA["email"], "Maria Conceição", f"mensagem {at}") for at in range(3)]
    until_listed(local, *tickets)
    opened = Window(chromium, local, {})
    page = opened.sign_in("Administração")
    page.goto("/app/entregas?estado=failed")
    expect(page.locator(".delivery-row")).to_have_count(3)
    smtp.is_wrong = False
    page.get_by_role("button", name="Enviar de novo tudo o que o filtro escolhe").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("Enviar 3 e-mails de novo?")
    assert findings(page) == []
    assert smtp.taken == 0
    asked.get_by_role("button", name="Enviar de novo").click()
    expect(page.get_by_text("Nada encontrado")).to_be_visible()
    until_taken(smtp, 3)
    opened.context.close()


def test_closing_the_dialog_stops_what_was_not_yet_sent_again(window, local):
    tickets = [write_to(local, GONE, f"Pessoa {at}") for at in range(3)]
    until_listed(local, *tickets)
    page = window().sign_in("Bia")
    make_unknown(page)
    page.goto("/app/entregas")
    held = []
    page.route("**/resend", lambda route: held.append(route))
    for close in ("Cancelar", "Fechar", "Escape"):
        for ticket in tickets:
            row_of(page, ticket).get_by_role("checkbox").check()
        page.get_by_role("button", name="Enviar de novo as escolhidas").click()
        asked = page.get_by_role("dialog")
        with page.expect_request("**/resend"):
            asked.get_by_role("button", name="Enviar de novo").click()
        if close == "Escape":
            page.keyboard.press(close)
        else:
            asked.get_by_role("button", name=close).click()
        expect(asked).to_have_count(0)
        [sending] = held
        held.clear()
        with page.expect_response("**/deliveries?*"):
            sending.fulfill(status=409, json={"code": "CONFLICT", "title": "Não", "detail": "Já saiu."})
        told = page.get_by_role("status").filter(has_text="2 não foram enviados, porque você cancelou.")
        expect(told).to_contain_text("1 não pôde ser enviado.")
        told.get_by_role("button", name="Fechar").click()
        assert held == [], "what was cancelled was sent again"


@pytest.fixture
def everything(window, local):
    """An administrator's window that sends everything again, of which the first part is held."""
    ticket = write_to(local, GONE, "Rui")
    until_listed(local, ticket)
    page = window().sign_in("Administração")
    page.goto("/app/entregas?estado=bounced")
    held = []
    page.route("**/deliveries/resend", lambda route: route.continue_() if route.request.post_data_json["dry_run"] else held.append(route))
    page.get_by_role("button", name="Enviar de novo tudo o que o filtro escolhe").click()
    with page.expect_request(lambda request: request.url.endswith("/resend") and not request.post_data_json["dry_run"]):
        page.get_by_role("dialog").get_by_role("button", name="Enviar de novo").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancelar").click()
    return page, held


def test_closing_the_dialog_stops_the_further_parts_of_everything(everything):
    page, held = everything
    part = {"matched": 1, "resent": 1, "may_arrive_twice": 0, "too_early": 0, "changed": 0, "next_cursor": "further"}
    with page.expect_response("**/deliveries?*"):
        held[0].fulfill(json=part)
    expect(page.get_by_text("1 e-mail na fila de novo.")).to_be_visible()
    assert len(held) == 1, "a further part was sent after it was cancelled"


def test_what_fails_after_its_dialog_was_closed_is_said(everything):
    page, held = everything
    held[0].fulfill(status=500, json={"code": "INTERNAL", "title": "Algo falhou", "detail": "Tente de novo."})
    expect(page.get_by_text("Algo falhou. Tente de novo.")).to_be_visible()


@pytest.fixture
def long_list(window, local):
    """The deliveries, of more than one page, and the tickets of three."""
    tickets = [write_to(local, GONE, f"Pessoa {at}") for at in range(3)]
    until_listed(local, *tickets)
    page = window().sign_in("Bia")
    short_pages(page, "/deliveries")
    page.goto("/app/entregas")
    return page, tickets


def test_a_refresh_keeps_the_rows_that_were_loaded_further_down_with_their_ticks(long_list):
    page, _ = long_list
    rows = page.locator(".delivery-row")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Carregar mais").click()
    expect(rows.nth(2)).to_be_visible()
    shown = rows.count()
    rows.nth(2).get_by_role("checkbox").check()
    with page.expect_response(re.compile(r"/deliveries\?.*cursor=")):
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(rows).to_have_count(shown)
    expect(rows.nth(2).get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_text("1 escolhida")).to_be_visible()


def test_a_further_page_of_one_filter_does_not_come_into_the_list_of_another(long_list):
    page, tickets = long_list
    held = []
    page.route(re.compile(r"/deliveries\?.*cursor="), lambda route: held.append(route))
    with page.expect_request(re.compile("cursor=")):
        page.get_by_role("button", name="Carregar mais").click()
    late = held[0].fetch(url=held[0].request.url.replace("limit=100", "limit=2"))
    rows = page.locator(".delivery-row")
    page.get_by_role("searchbox", name="Chamado").fill(tickets[2])
    expect(rows).to_have_count(1)
    held[0].fulfill(response=late)
    page.wait_for_load_state("networkidle")
    expect(rows).to_have_count(1)
    expect(row_of(page, tickets[2])).to_have_count(1)


def test_a_change_keeps_the_tickets_that_were_loaded_further_down(window, local):
    tickets = [write_to(local, MARIA["email"], MARIA["name"]) for _ in range(4)]
    page = window().sign_in("Bia")
    short_pages(page, "/tickets")
    page.goto("/app/chamados")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Carregar mais").click()
    expect(rows).to_have_count(4)
    local.call(local.token("requester", MARIA["email"]), "POST", f"/tickets/{tickets[0]}/messages", {"text": "E agora?"})
    with page.expect_response(re.compile(r"/tickets\?.*cursor=")):
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(rows.first).to_contain_text("E agora?")
    expect(rows).to_have_count(4)
