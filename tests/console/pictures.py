#!/usr/bin/env python3
"""Takes pictures of every screen of the console: the real local server with its demo, each person, a phone and a desk,
light and dark.

`make pictures` calls it. All pictures are in `target/pictures`, to be looked at; those that the READMEs show are made
small and written to `docs/pictures`.
"""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.browser import debians_chromium, running, show, sign_in  # noqa: E402
from harness.process import wait_for  # noqa: E402

REPO = Path(__file__).resolve().parents[2]
ALL = Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target")) / "pictures"
SHOWN = REPO / "docs/pictures"
SIZES = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 400, "height": 800}}
# Picture → how it is called where the READMEs show it.
CHOSEN = {
    "technician-conversation-desk-light": "conversation",
    "requester-request-phone-light": "request",
    "admin-template-desk-light": "template",
}
LONG = "Substituir a impressora multifuncional do segundo andar do prédio da administração central de Florianópolis"


def fill(local):
    """Gives the demo something to show: answers, a bounce, a note, a mail in quarantine, a changed template."""
    admin = local.token("admin", "admin@example.com")
    bia, maria = local.token("technician", "bia@example.com"), local.token("requester", "maria@example.com")
    starter = local.call(admin, "GET", "/templates/starters")["items"][3]["template"]
    made = local.call(admin, "POST", "/templates", starter)
    local.call(admin, "PUT", "/parameters/1001", {"value": str(made["id"])})
    local.call(bia, "POST", "/tickets/4711/messages", {"text": "Olá! A VPN voltou. Pode testar?"})
    local.call(maria, "POST", "/tickets/4711/messages", {"text": "Não funcionou: aparece o erro 619."})
    local.call(bia, "POST", "/tickets/4711/messages", {"text": "falta licença para mais um acesso", "visibility": "internal"})
    local.call(bia, "POST", "/tickets/4711/messages", {"html": "<p>Reinstalei o cliente. <b>Pode testar</b> de novo?</p>"})
    people = {"responsible": {"name": "Bia Araújo", "email": "bia@example.com"}, "group": {"name": "Suporte-N1", "addresses": []}}
    rui = {"name": "Rui Vasconcelos de Albuquerque Cavalcanti", "email": "bounce@simulator.amazonses.com"}
    local.call(admin, "PUT", "/tickets/9001", people | {"requester": rui, "activity": LONG, "status": "Em andamento", "priority": "Baixa"})
    local.call(bia, "POST", "/tickets/9001/messages", {"text": "A impressora chegou?"})
    own = {"from": "Atendimento ACME <acme@mensageria.example>", "signature": "Atendimento ACME\nSegunda a sexta, das 8h às 18h"}
    local.call(admin, "PUT", "/identities/*", {"from": "Central de Serviços <desk@mensageria.example>", "signature": "Central de Serviços"})
    for contract in ("ACME", "Secretaria Municipal de Administração, Orçamento e Modernização"):
        local.call(admin, "PUT", f"/identities/{contract}", own)
    local.call(admin, "PUT", "/identities/ACME", own | {"signature": "Atendimento ACME\nTodos os dias, das 7h às 22h"}, {"If-Match": "*"})
    maria_too = {"name": "Maria Conceição", "email": "maria@example.com"}
    local.call(admin, "PUT", "/tickets/4690", people | {"requester": maria_too, "activity": "Troca de teclado", "status": "Encerrado"})

    def bounced():
        found = local.call(admin, "GET", "/suppressions")["items"]
        return found or None

    wait_for("bounce", bounced)
    stranger = "From: Estranho <x@outro.example>\r\nTo: desk@mensageria.example\r\nSubject: RES: VPN\r\nMessage-ID: <1@outro.example>\r\n\r\nFunciona!\r\n"
    answer = requests.post(
        f"{local.address}/local/inbound", data=stranger.encode(), headers={"Authorization": f"Bearer {admin}"}, timeout=20
    )
    assert answer.ok, answer.text


def screens(local):
    """Person → name of a picture, address, and what is there when it can be taken; the last opens something first."""
    return {
        "Maria": ("requester", [
            ("requests", "/app/solicitacoes", "h1", None),
            ("request", "/app/solicitacoes/4711", ".message", None),
            ("preferences", "/app/preferencias", "select", None),
            ("nothing", "/app/solicitacoes/99999", "h1", None),
        ]),
        "Bia": ("technician", [
            ("tickets", "/app/chamados", "table", None),
            ("conversation", "/app/chamados/4711", ".message .mails", None),
            ("bounced", "/app/chamados/9001", ".message .mails", None),
            ("delivery", "/app/chamados/9001", ".message .mails", re.compile("^(Detalhes|Details|Detalles)")),
            ("deliveries", "/app/entregas", ".deliveries li", None),
            ("quarantine", "/app/quarentena", "h1", None),
            ("statistics", "/app/estatisticas", ".tiles", None),
            ("preferences", "/app/preferencias", "form", None),
        ]),
        "Administração": ("admin", [
            ("start", "/app/inicio", ".verdict", None),
            ("templates", "/app/modelos", "table", None),
            ("starters", "/app/modelos/novo", ".starters", None),
            ("template", "/app/modelos/1", ".mail-frame", None),
            ("versions", "/app/modelos/1", ".mail-frame", re.compile("^(Versão|Version|Versión) 1")),
            ("test", "/app/modelos/1", ".mail-frame", re.compile("^(Enviar teste|Send a test|Enviar prueba)")),
            ("import", "/app/modelos/importar", ".drop", None),
            ("parameters", "/app/parametros", ".parameter", None),
            ("account", "/app/conta-de-email", ".checks", None),
            ("senders", "/app/remetentes", "table", None),
            ("sender", "/app/remetentes/contrato/ACME", "form", None),
            ("sender-history", "/app/remetentes/contrato/ACME", "form", re.compile("^(Histórico|History|Historial)")),
            ("sender-new", "/app/remetentes/novo", "form", None),
            ("blocked", "/app/enderecos-bloqueados", "table", None),
            ("lift", "/app/enderecos-bloqueados", "table", re.compile("^(Liberar|Unblock)")),
            ("deliveries", "/app/entregas", ".deliveries li", None),
            ("quarantine", "/app/quarentena", "h1", None),
            ("statistics", "/app/estatisticas?dias=31", ".tiles", None),
            ("outbox", "/app/caixa-de-saida", ".mail-frame", None),
            ("missing", "/app/nada", "h1", None),
        ]),
    }  # fmt: skip


def take(browser, local, size, scheme):
    """Every screen of every person, in one size and theme."""
    for person, (role, shown) in screens(local).items():
        context = browser.new_context(
            base_url=local.address, viewport=SIZES[size], color_scheme=scheme, locale="pt-BR", reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto("/")
        page.get_by_role("button", name=person).wait_for()
        if role == "requester":
            page.screenshot(path=ALL / f"sign-in-{size}-{scheme}.png")
        sign_in(page, person)
        for name, path, there, opens in shown:
            show(page, path, there, opens)
            picture = f"{role}-{name}-{size}-{scheme}"
            if picture in CHOSEN:
                page.screenshot(path=SHOWN / f"{CHOSEN[picture]}.png")
            # A dialog covers the window, whatever is below it. Else the window grows to its page: a picture of more
            # than the window shows frames half painted.
            if not opens:
                height = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size(SIZES[size] | {"height": max(height, SIZES[size]["height"])})
                page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            page.screenshot(path=ALL / f"{picture}.png")
            page.set_viewport_size(SIZES[size])
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                print(f"{picture}: {wide} pixels wider than the window")
        context.close()


def main():
    """Takes them all."""
    shutil.rmtree(ALL, ignore_errors=True)
    for folder in (ALL, SHOWN):
        folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "data") as local,
        debians_chromium() as browser,
    ):
        fill(local)
        for size in SIZES:
            for scheme in ("light", "dark"):
                take(browser, local, size, scheme)
    print(f"{len(list(ALL.iterdir()))} pictures in {ALL}")


if __name__ == "__main__":
    main()
