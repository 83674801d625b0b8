"""A message on a ticket arrives as an e-mail, through the deployed stack.

The requests go through the HTTP API with ID tokens of a user pool; the stream of the table wakes the
sender; the mail is read where SES took it.
"""

import email
import email.policy
import json
import re
import uuid

import pytest

from harness.process import wait_for

MARIA, BIA, JOSE = "maria@example.com", "bia@example.com", "jose@example.com"
TICKET = "20077"


@pytest.fixture(scope="module")
def tokens(people):
    """An ID token for each person."""
    return {
        "admin": people.token("ana@example.com", "Ana Souza", "admin"),
        "technician": people.token(BIA, "Bia Lima", "technician"),
        "requester": people.token(MARIA, "Maria Conceição", "requester"),
        "stranger": people.token(JOSE, "José Silva", "requester"),
        "integration": people.token("itsm@example.com", "ITSM", "integration"),
    }


@pytest.fixture(scope="module")
def call(stack, tokens):
    """A request as one of them: the status and the body."""

    def send(who, method, path, body=None, **headers):
        options = {} if body is None else {"json": body}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return stack.request(method, path, tokens.get(who), headers=named, **options)

    return send


@pytest.fixture(scope="module")
def ticket(call):
    """A ticket, with a template that parameter 417 names."""
    created = call(
        "admin",
        "POST",
        "/templates",
        {
            "identifier": "mensageria",
            "title": "[#${IDSOLICITACAOSERVICO}] ${SERVICO} — ${NOMECONTATO}",
            "html": "<p>Olá ${NOMECONTATO},</p><p><b>${REGISTRADOPOR}</b> escreveu em ${DATAHORA}:</p>"
            "<div>${COMMENTTEXT}</div><p>${DEMANDA} · ${SERVICO} · ${SERVICORELACIONADO} · ${PORTFOLIO}</p>",
            "status": "active",
        },
        idempotency_key=str(uuid.uuid4()),
    )
    assert created.status_code == 201, created.text
    set_417 = call("admin", "PUT", "/parameters/417", {"value": str(created.json()["id"])})
    assert set_417.status_code == 200, set_417.text
    snapshot = {
        "type": "Incidente",
        "status": "Em andamento",
        "updated_at": "2026-03-12T16:00:00-03:00",
        "requester": {"name": "Maria Conceição", "email": MARIA, "locale": "pt-BR"},
        "responsible": {"name": "Bia Lima", "email": BIA},
        "portfolio": "TI",
        "service": "Correio",
        "activity": "Caixa postal cheia",
        "demand": "Incidente",
        "description": "<p>Não recebo mensagens.</p>",
    }
    put = call("integration", "PUT", f"/tickets/{TICKET}", snapshot)
    assert put.status_code == 201, put.text
    return TICKET


def mail_about(ministack, marker):
    """The one mail that holds `marker`, as SES took it, read by Python's `email`."""

    def found():
        mails = [email.message_from_bytes(raw, policy=email.policy.default) for raw in ministack.recorder.raw_mails()]
        return [mail for mail in mails if marker in mail.get_body(("plain",)).get_content()]

    mails = wait_for(f"mail about {marker}", found, seconds=60)
    assert len(mails) == 1
    return mails[0]


def test_health_needs_no_token(stack):
    answer = stack.request("GET", "/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


@pytest.mark.parametrize("path", ["/parameters", "/templates", "/tickets", "/keys", "/suppressions"])
def test_everything_else_needs_one(stack, path):
    assert stack.request("GET", path).status_code == 401
    assert stack.request("GET", path, "e30.e30.e30").status_code == 401


def test_a_requesters_message_reaches_the_technician(call, ministack, ticket):
    body = {"text": "Ainda não recebo nada <script>alert('x')</script> 😟 pedido-um"}
    posted = call("requester", "POST", f"/tickets/{ticket}/messages", body, idempotency_key="pedido-um")
    assert posted.status_code == 202, posted.text
    again = call("requester", "POST", f"/tickets/{ticket}/messages", body, idempotency_key="pedido-um")
    assert again.json() == posted.json()
    assert again.headers["Idempotent-Replayed"] == "true"

    mail = mail_about(ministack, "pedido-um")
    assert [address.addr_spec for address in mail["To"].addresses] == [BIA]
    assert mail["From"].addresses[0].addr_spec == "desk@example.com"
    assert mail["Subject"] == f"[#{ticket}] Caixa postal cheia — Maria Conceição"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert re.search(rf"<t\.{ticket}@[^>]+>", mail["References"])
    assert mail["Reply-To"].addresses[0].addr_spec.startswith("reply+")
    assert mail["Reply-To"].addresses[0].domain == "reply.example.com"
    html = mail.get_body(("html",)).get_content()
    assert "<script" not in html
    assert "Maria Conceição" in html
    assert "😟" in mail.get_body(("plain",)).get_content()
    wait_for("mail in the emulator's SES", lambda: [m for m in ministack.sent_mails() if m["To"] == [BIA]])


def test_a_technicians_message_reaches_the_requester(call, ministack, ticket):
    body = {"html": "<p>Limpei a <b>caixa</b>. resposta-um</p>", "notify": True, "category": "Atendimento"}
    posted = call("technician", "POST", f"/tickets/{ticket}/messages", body, idempotency_key="resposta-um")
    assert posted.status_code == 202, posted.text
    mail = mail_about(ministack, "resposta-um")
    assert [address.addr_spec for address in mail["To"].addresses] == [MARIA]
    assert "<b>caixa</b>" in mail.get_body(("html",)).get_content()

    def accepted():
        message = call("technician", "GET", f"/tickets/{ticket}/messages/{posted.json()['id']}").json()
        return [delivery for delivery in message["deliveries"] if delivery["status"] == "accepted"]

    assert len(wait_for("accepted delivery", accepted)) == 1


def test_an_internal_message_is_nobodys_mail(call, ministack, ticket):
    posted = call(
        "technician", "POST", f"/tickets/{ticket}/messages", {"text": "interno-um", "visibility": "internal", "notify": True}
    )
    assert posted.status_code == 202, posted.text
    assert posted.json()["deliveries"] == []
    conversation = call("requester", "GET", f"/tickets/{ticket}/messages").json()["items"]
    assert all("interno-um" not in json.dumps(message) for message in conversation)


def test_events_of_the_itsm_system_do_the_same(ministack, stack, ticket):
    detail = {
        "version": 1,
        "ticket": {
            "id": "20078",
            "updated_at": "2026-03-12T17:00:00-03:00",
            "requester": {"name": "Maria Conceição", "email": MARIA},
            "responsible": {"name": "Bia Lima", "email": BIA},
            "activity": "Impressora",
        },
        "message": {
            "text": "Aberto por telefone. evento-um",
            "author": {"name": "Maria Conceição", "email": MARIA, "role": "requester"},
        },
    }
    entry = {"Source": "itsm.tickets", "DetailType": "MessageCreated", "Detail": json.dumps(detail)}
    entry["EventBusName"] = stack.outputs["EventBus"]
    assert ministack.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    mail = mail_about(ministack, "evento-um")
    assert [address.addr_spec for address in mail["To"].addresses] == [BIA]
    assert mail["Subject"].startswith("[#20078] Impressora")


def test_a_held_delivery_flows_when_its_obstacle_is_gone(call, ministack, ticket):
    """The kill switch holds a mail; the schedule, which starts the sender every minute, lets it go."""
    assert call("admin", "PUT", "/parameters/297", {"value": "S"}).status_code == 200
    posted = call("requester", "POST", f"/tickets/{ticket}/messages", {"text": "retido-um"})
    assert posted.status_code == 202, posted.text

    def held():
        message = call("technician", "GET", f"/tickets/{ticket}/messages/{posted.json()['id']}").json()
        return [delivery for delivery in message["deliveries"] if delivery["status"] == "held"]

    wait_for("held delivery", held)
    etag = call("admin", "GET", "/parameters/297").headers["ETag"]
    assert call("admin", "PUT", "/parameters/297", {"value": "N"}, if_match=etag).status_code == 200
    wait_for(
        "mail that was held",
        lambda: [raw for raw in ministack.recorder.raw_mails() if b"retido-um" in raw],
        seconds=150,
        every=0.5,
    )


@pytest.mark.parametrize(
    ("who", "method", "path", "status"),
    [
        ("stranger", "GET", "/tickets/{ticket}", 404),
        ("stranger", "GET", "/tickets/{ticket}/messages", 404),
        ("stranger", "POST", "/tickets/{ticket}/messages", 404),
        ("stranger", "GET", "/tickets/no-such-ticket", 404),
        ("requester", "PUT", "/tickets/{ticket}", 403),
        ("requester", "GET", "/parameters", 403),
        ("requester", "GET", "/templates", 403),
        ("technician", "PUT", "/parameters/417", 403),
        ("technician", "POST", "/templates", 403),
    ],
)
def test_who_may_not_is_refused(call, ticket, who, method, path, status):
    # A body that the route would take: what it does not know is refused before it looks for the ticket.
    bodies = {"/messages": {"text": "x"}, "/417": {"value": "1"}, "/templates": {"identifier": "x", "title": "x", "html": "x"}}
    body = next((body for end, body in bodies.items() if path.endswith(end)), {}) if method != "GET" else None
    answer = call(who, method, path.format(ticket=ticket), body)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert MARIA not in answer.text and "Conceição" not in answer.text


def test_nothing_is_in_the_dead_letter_queue(ministack, stack, ticket):
    assert ministack.dead_letters() == []
