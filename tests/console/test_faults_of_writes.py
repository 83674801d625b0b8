"""Whatever fails while somebody writes, on every screen that writes: nothing typed is lost, and it is done once.

One walk a write: every fault in turn, then a session that ends, then an impatient person whose answer is lost; what the
server has is counted after each.
"""

import itertools
import re

import pytest
from playwright.sync_api import expect

from harness.browser import running
from test_administration import arrive
from test_deliveries import GONE, until_listed, write_to
from test_faults import FAULTS
from test_templates import HTML
from test_templates import editor as body_of

NUMBERS = itertools.count(1)
ADMIN, BIA, MARIA = ("Administração", "admin", "admin@example.com"), ("Bia", "technician", "bia@example.com"), ("Maria", "requester", "maria@example.com")


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A server of its own: other tests begin with empty lists."""
    with running(tmp_path_factory.mktemp("writes") / "data") as server:
        yield server


class Write:
    """One write: who does it, its call, and what is there before and after. A subclass says how."""

    who = ADMIN
    method, path = "POST", ""
    # What the person reads when it went well.
    done = None

    def __init__(self, local):
        self.local = local
        self.token = local.token(self.who[1], self.who[2])
        self.admin = local.token("admin", "admin@example.com")
        self.name = f"escrita-{next(NUMBERS)}"

    def prepare(self):
        """Makes what the write is about."""

    def open(self, page):
        """Opens the screen and types."""
        raise NotImplementedError

    def press(self, page):
        """Presses the button, as often as it can be pressed."""
        raise NotImplementedError

    def kept(self, page):
        """What was typed is still there."""

    def times(self):
        """How often it was done."""
        raise NotImplementedError

    def restore(self):
        """Takes back what others would notice."""

    def items(self, path):
        """What a list of the API has."""
        return self.local.call(self.admin, "GET", path)["items"]


class NewTemplate(Write):
    path = r"/templates$"
    done = "Modelo publicado."

    def open(self, page):
        page.goto("/app/modelos/novo?de=technician")
        page.locator(".mail-frame").wait_for()
        page.get_by_label("Identificador").fill(self.name)
        page.get_by_label("Assunto").fill("[${IDSOLICITACAOSERVICO}] meu assunto")

    def press(self, page):
        page.get_by_role("button", name="Publicar", exact=True).click()

    def kept(self, page):
        expect(page.get_by_label("Assunto")).to_have_value("[${IDSOLICITACAOSERVICO}] meu assunto")

    def times(self):
        return sum(one["identifier"].startswith(self.name) for one in self.items("/templates?limit=100"))


class OwnTemplate(Write):
    """Something with a template of its own."""

    def prepare(self):
        body = {"identifier": self.name, "title": "[${IDSOLICITACAOSERVICO}] um", "html": HTML}
        self.template = self.local.call(self.admin, "POST", "/templates", body)

    def show(self, page):
        page.goto(f"/app/modelos/{self.template['id']}")
        page.locator(".cm-content").wait_for()
        page.locator(".mail-frame").wait_for()

    def times(self):
        return len(self.items(f"/templates/{self.template['id']}/versions")) - 1


class ChangedTemplate(OwnTemplate):
    method, path, done = "PUT", r"/templates/\d+$", "Modelo publicado."

    def open(self, page):
        self.show(page)
        body_of(page, HTML.replace("fim", "outro fim"))
        expect(page.get_by_role("button", name="Publicar versão 2")).to_be_enabled()

    def press(self, page):
        page.get_by_role("button", name="Publicar versão 2").click()

    def kept(self, page):
        expect(page.locator(".cm-content")).to_contain_text("outro fim")


class BackToVersion(OwnTemplate):
    path, done = "/rollback$", "Modelo publicado."

    def prepare(self):
        super().prepare()
        body = {"identifier": self.name, "title": "[${IDSOLICITACAOSERVICO}] dois", "html": HTML}
        self.local.call(self.admin, "PUT", f"/templates/{self.template['id']}", body, {"If-Match": "*"})

    def open(self, page):
        self.show(page)
        page.get_by_role("button", name="Versão 2", exact=True).click()

    def press(self, page):
        page.get_by_role("button", name="Voltar à versão 1").click()
        page.get_by_role("dialog", name="Publicar a nova versão?").get_by_label("O que mudou").fill("de volta")
        page.get_by_role("dialog", name="Publicar a nova versão?").get_by_role("button", name="Publicar").click()

    def times(self):
        return super().times() - 1


class SentTest(OwnTemplate):
    path = "/templates/test$"

    def open(self, page):
        self.show(page)
        page.get_by_label("Assunto").fill(f"[${{IDSOLICITACAOSERVICO}}] {self.name}")
        page.get_by_role("button", name="Enviar teste").click()

    def press(self, page):
        page.get_by_role("dialog").get_by_role("button", name="Enviar").click()

    def kept(self, page):
        expect(page.get_by_label("Assunto")).to_have_value(f"[${{IDSOLICITACAOSERVICO}}] {self.name}")

    def times(self):
        return sum(self.name in one["subject"] for one in self.items("/local/outbox?order=desc&limit=50"))


class Imported(Write):
    # What came in is known the second time.
    path, done = "/templates/import$", "já está aqui, igual"

    def open(self, page):
        page.goto("/app/modelos/importar")
        file = {"name": f"{self.name}.html", "mimeType": "text/html", "buffer": b"<title>Importado</title><p>${IDSOLICITACAOSERVICO}</p>"}
        page.locator("input[type=file]").set_input_files([file])
        expect(page.get_by_role("button", name="Importar 1 modelo")).to_be_enabled()

    def press(self, page):
        page.get_by_role("button", name="Importar 1 modelo").click()

    def kept(self, page):
        expect(page.get_by_role("table")).to_contain_text("Importado")

    def times(self):
        return sum(one["identifier"].startswith(self.name) for one in self.items("/templates?limit=100"))


class Parameter(Write):
    method, path, done = "PUT", r"/parameters/278$", "Parâmetro salvo."

    def prepare(self):
        self.before = len(self.items("/parameters/278/history?limit=100"))

    def open(self, page):
        page.goto("/app/parametros")
        self.field(page).fill(self.value())

    def value(self):
        return str(10_000_000 + int(self.name.split("-")[1]))

    def field(self, page):
        return page.get_by_role("textbox", name=re.compile("^278 "))

    def press(self, page):
        page.get_by_role("button", name=re.compile("^Salvar: 278 ")).click()

    def kept(self, page):
        expect(self.field(page)).to_have_value(self.value())

    def times(self):
        return len(self.items("/parameters/278/history?limit=100")) - self.before


class ConfirmedParameter(Write):
    """One that stops the mails: a question comes first."""

    method, path, done = "PUT", r"/parameters/297$", "Parâmetro salvo."

    def prepare(self):
        self.before = self.changes()

    def open(self, page):
        page.goto("/app/parametros")
        self.field(page).check()

    def field(self, page):
        return page.get_by_role("group", name=re.compile("^297 ")).get_by_label("Sim")

    def press(self, page):
        page.get_by_role("button", name=re.compile("^Salvar: 297 ")).click()
        page.get_by_role("dialog", name=re.compile("^297 ")).get_by_role("button", name="Alterar assim mesmo").click()

    def kept(self, page):
        expect(self.field(page)).to_be_checked()

    def changes(self):
        return len(self.items("/parameters/297/history?limit=100"))

    def times(self):
        return self.changes() - self.before

    def restore(self):
        self.local.call(self.admin, "DELETE", "/parameters/297", None, {"If-Match": "*"})


class Sender(Write):
    method, path, done = "PUT", "/identities/", "Remetente salvo."

    def open(self, page):
        page.goto("/app/remetentes/novo")
        page.get_by_label("Contrato").fill(self.name)
        page.get_by_label("Assinatura").fill("Uma assinatura")

    def press(self, page):
        page.get_by_role("button", name="Salvar").click()

    def kept(self, page):
        expect(page.get_by_label("Assinatura")).to_have_value("Uma assinatura")

    def times(self):
        return sum(one["contract"] == self.name for one in self.items("/identities?limit=100"))


class SenderRemoved(Write):
    method, path = "DELETE", "/identities/"

    def prepare(self):
        self.local.call(self.admin, "PUT", f"/identities/{self.name}", {"signature": "x"})

    def open(self, page):
        page.goto(f"/app/remetentes/contrato/{self.name}")
        page.get_by_label("Assinatura").wait_for()

    def press(self, page):
        page.get_by_role("button", name=re.compile("^(Remover|Excluir)")).first.click()
        page.get_by_role("dialog").get_by_role("button", name=re.compile("^(Remover|Excluir)")).click()

    def times(self):
        return int(not any(one["contract"] == self.name for one in self.items("/identities?limit=100")))


class Lifted(Write):
    method, path, done = "DELETE", "/suppressions/", "Endereço liberado."

    def prepare(self):
        self.address = f"{self.name}@example.com"
        self.local.call(self.admin, "POST", "/suppressions", {"address": self.address, "reason": "teste"})

    def open(self, page):
        page.goto("/app/enderecos-bloqueados")
        page.get_by_role("row").filter(has_text=self.address).get_by_role("button", name="Liberar").click()
        page.get_by_role("dialog").get_by_label("Motivo").fill("corrigido")

    def press(self, page):
        page.get_by_role("dialog").get_by_role("button", name="Liberar").click()

    def kept(self, page):
        expect(page.get_by_role("dialog").get_by_label("Motivo")).to_have_value("corrigido")

    def times(self):
        return int(all(one.get("lifted") for one in self.items("/suppressions?limit=100") if one["address"] == self.address))


class Quarantined(Write):
    who = BIA

    def prepare(self):
        self.ticket = str(70000 + int(self.name.split("-")[1]))
        people = {"requester": {"name": "Maria", "email": "maria@example.com"}, "responsible": {"name": "Bia", "email": "bia@example.com"}}
        self.local.call(self.admin, "PUT", f"/tickets/{self.ticket}", people | {"activity": "VPN"})
        arrive(self.local, self.admin, self.name)

    def messages(self):
        return len(self.items(f"/tickets/{self.ticket}/messages"))

    def status(self, status):
        return sum(one["subject"] == self.name for one in self.items(f"/quarantine?status={status}&limit=100"))


class Accepted(Quarantined):
    who, path, done = ADMIN, "/accept$", None

    def open(self, page):
        page.goto("/app/quarentena")
        page.get_by_text(self.name).click()
        page.get_by_label("Chamado").fill(self.ticket)

    def press(self, page):
        page.get_by_role("button", name="Aceitar").click()

    def kept(self, page):
        expect(page.get_by_label("Chamado")).to_have_value(self.ticket)

    def times(self):
        return self.messages()


class Dismissed(Quarantined):
    who, path = ADMIN, "/quarantine/[^/]+/dismiss$"

    def open(self, page):
        page.goto("/app/quarentena")
        page.get_by_text(self.name).click()
        page.get_by_role("button", name="Descartar").click()
        page.get_by_role("dialog").get_by_role("textbox").fill("propaganda")

    def press(self, page):
        page.get_by_role("dialog").get_by_role("button", name="Descartar").click()

    def kept(self, page):
        expect(page.get_by_role("dialog").get_by_role("textbox")).to_have_value("propaganda")

    def times(self):
        return self.status("dismissed")


class Bounced(Write):
    who = BIA

    def prepare(self):
        self.ticket = write_to(self.local, GONE, "Rui")
        until_listed(self.local, self.ticket)

    def delivery(self):
        [message] = [one for one in self.local.call(self.token, "GET", f"/tickets/{self.ticket}/messages")["items"] if one["text"] == "Olá"]
        return self.local.call(self.token, "GET", f"/tickets/{self.ticket}/messages/{message['id']}")["deliveries"][0]


class SentAgain(Bounced):
    path, done = "/resend$", None

    def open(self, page):
        page.goto(f"/app/chamados/{self.ticket}")
        page.get_by_role("button", name=re.compile("^Detalhes")).first.click()

    def press(self, page):
        page.get_by_role("dialog").get_by_role("button", name="Enviar de novo").click()

    def times(self):
        return sum(entry["step"] == "resent" for entry in self.delivery()["timeline"])


class TakenOffTheList(Bounced):
    path = "/deliveries/dismiss$"

    def open(self, page):
        page.goto("/app/entregas")
        page.locator(".delivery-row").filter(has_text=self.ticket).get_by_role("button", name=re.compile("^Visto")).click()
        page.get_by_role("dialog").get_by_label("Motivo").fill("avisado")

    def press(self, page):
        page.get_by_role("dialog").get_by_role("button", name="Visto").click()

    def kept(self, page):
        expect(page.get_by_role("dialog").get_by_label("Motivo")).to_have_value("avisado")

    def times(self):
        listed = self.local.call(self.token, "GET", "/deliveries?limit=100")["items"]
        return int(self.ticket not in {row["ticket_id"] for row in listed})


class Snippet(Write):
    who = BIA
    path = "/snippets$"

    def open(self, page):
        page.goto("/app/chamados/4711")
        page.get_by_role("button", name="Respostas prontas").click()
        page.get_by_role("button", name="Nova resposta pronta").click()
        page.get_by_label("Título").fill(self.name)
        page.get_by_label("Texto", exact=True).fill("Olá ${NOMECONTATO}")

    def press(self, page):
        page.get_by_role("dialog").get_by_role("button", name="Salvar").last.click()

    def kept(self, page):
        expect(page.get_by_label("Texto", exact=True)).to_have_value("Olá ${NOMECONTATO}")

    def times(self):
        return sum(one["title"] == self.name for one in self.local.call(self.token, "GET", "/snippets?limit=100")["items"])


class OwnSnippet(Snippet):
    """Something with a canned answer of one's own."""

    def prepare(self):
        body = {"title": self.name, "text": "Olá"}
        self.snippet = self.local.call(self.token, "POST", "/snippets", body)

    def open(self, page):
        page.goto("/app/chamados/4711")
        page.get_by_role("button", name="Respostas prontas").click()
        page.get_by_role("button", name=f"Mudar “{self.name}”").click()
        page.get_by_label("Texto", exact=True).fill("Olá ${NOMECONTATO}")


class SnippetChanged(OwnSnippet):
    method, path = "PUT", "/snippets/"

    def times(self):
        mine = self.local.call(self.token, "GET", "/snippets?limit=100")["items"]
        return sum(one["title"] == self.name and one["text"] != "Olá" for one in mine)


class SnippetDeleted(OwnSnippet):
    method, path = "DELETE", "/snippets/"

    def press(self, page):
        page.get_by_role("dialog").get_by_role("button", name="Excluir").last.click()

    def times(self):
        return 1 - super().times()


class ToldOfABounce(Bounced):
    path, done = "/local/ses-events$", "O resultado foi registrado."

    def prepare(self):
        self.ticket = write_to(self.local, f"{self.name}@example.com", "Rui")

    def open(self, page):
        page.goto("/app/caixa-de-saida")
        page.get_by_role("link", name=re.compile(self.ticket)).first.click(timeout=40_000)

    def press(self, page):
        page.get_by_role("button", name="Voltou", exact=True).click()

    def times(self):
        return sum(entry["step"] == "bounced" for entry in self.delivery()["timeline"])


class Preferences(Write):
    who, method, path, done = MARIA, "PUT", "/me/preferences$", "Preferências salvas."

    def prepare(self):
        self.local.call(self.token, "PUT", "/me/preferences", {"mute_automatic": False})

    def open(self, page):
        page.goto("/app/preferencias")
        page.get_by_role("checkbox").last.check()

    def press(self, page):
        page.get_by_role("button", name="Salvar").click()

    def kept(self, page):
        expect(page.get_by_role("checkbox").last).to_be_checked()

    def times(self):
        return int(self.local.call(self.token, "GET", "/me/preferences")["mute_automatic"])


class ReplyByMail(Bounced):
    who, path = BIA, "/local/inbound$"

    def prepare(self):
        self.ticket = write_to(self.local, "maria@example.com", "Maria", f"pergunta {self.name}")

    def open(self, page):
        page.goto("/app/caixa-de-saida")
        page.get_by_role("button", name=re.compile(self.ticket)).or_(page.get_by_role("link", name=re.compile(self.ticket))).first.click()
        page.get_by_label("Resposta").fill("pelo e-mail")

    def press(self, page):
        page.get_by_role("button", name=re.compile("^(Enviar|Mandar) a? ?resposta|^Responder")).last.click()

    def kept(self, page):
        expect(page.get_by_label("Resposta")).to_have_value("pelo e-mail")

    def times(self):
        return len(self.items(f"/tickets/{self.ticket}/messages")) - 1


WRITES = [
    NewTemplate, ChangedTemplate, BackToVersion, SentTest, Imported, Parameter, ConfirmedParameter, Sender, SenderRemoved, Lifted, Accepted, Dismissed,
    SentAgain, TakenOffTheList, Snippet, SnippetChanged, SnippetDeleted, ToldOfABounce, Preferences, ReplyByMail,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__)
def test_whatever_fails_nothing_typed_is_lost_and_it_is_done_once(request, window, local, write):
    it = write(local)
    request.addfinalizer(it.restore)
    it.prepare()
    opened = window()
    page = opened.sign_in(it.who[0])
    asked, fault = [], [None]

    def take(route):
        if route.request.method != it.method:
            return route.fallback()
        asked.append(route.request)
        return fault[0](route)

    def is_it(request):
        return request.method == it.method and re.search(it.path, request.url.split("?")[0])

    it.open(page)
    page.route(re.compile(it.path), take)
    alert = page.get_by_role("alert").filter(visible=True)
    for name, one in FAULTS.items():
        fault[0] = one
        before = len(asked)
        ends = "requestfailed" if name in ("offline", "no answer") else "requestfinished"
        with page.expect_event(ends, is_it):
            it.press(page)
        assert len(asked) == before + 1, f"{name}: a write is not made again by itself"
        expect(alert.first, name).to_be_visible()
        it.kept(page)
        assert it.times() == 0, name

    fault[0] = lambda route: route.fulfill(status=401, json={"message": "Unauthorized"})
    it.press(page)
    over = page.get_by_role("dialog").filter(has_text="Sua sessão terminou")
    expect(over).to_be_visible()
    over.get_by_role("button", name=it.who[0]).click()
    expect(over).to_have_count(0)
    it.kept(page)
    assert it.times() == 0

    held = []
    fault[0] = lambda route: held.append(route)
    with page.expect_request(is_it):
        it.press(page)
    busy = page.locator("[aria-busy=true]")
    expect(busy.first).to_be_visible()
    busy.first.click(force=True)
    assert len(held) == 1, "an impatient person does it twice"
    assert held[0].fetch().ok
    held[0].abort()
    expect(busy).to_have_count(0)
    it.kept(page)
    fault[0] = lambda route: route.continue_()
    it.press(page)
    if it.done:
        expect(page.get_by_text(it.done).first).to_be_visible()
    expect(busy).to_have_count(0)
    assert it.times() == 1
