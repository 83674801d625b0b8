"""A reply by mail comes back to the ticket, through the deployed stack.

The suite does what SES does: it puts the raw mail into the bucket under `inbound/`. The bucket tells
EventBridge, the rule wakes the function, and the message wakes the sender for the other side's mail.
"""

import email
import email.policy
import json
import uuid
from email.message import EmailMessage

import pytest

from harness.process import wait_for

MARIA, BIA, JOSE = "maria@example.com", "bia@example.com", "jose@example.com"
TICKET = "20277"
# What SES puts on top of a mail that it received and found to be in order.
SEAL = (
    b"X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n"
    b"Authentication-Results: amazonses.com; spf=pass; dkim=pass; dmarc=pass header.from=example.com\r\n"
    b"X-SES-RECEIPT: AEFBQUFBQUFBQUFF\r\n"
)


@pytest.fixture(scope="module")
def call(stack, people):
    """A request as one of them, who must get the status that is named."""
    tokens = {
        "admin": people.token("ines@example.com", "Inês Prado", "admin"),
        "technician": people.token("bia.two@example.com", "Bia Lima", "technician"),
        "integration": people.token("itsm.two@example.com", "ITSM", "integration"),
    }

    def send(who, method, path, status, body=None, **headers):
        options = {} if body is None else {"json": body}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = stack.request(method, path, tokens.get(who), headers=named, **options)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    send.tokens = tokens
    return send


@pytest.fixture(scope="module")
def ticket(call):
    """A ticket, and a template that parameters 251 and 253 name."""
    draft = {
        "identifier": "respostas",
        "title": "[#${IDSOLICITACAOSERVICO}] ${SERVICO}",
        "html": "<p>${COMMENTTEXT}</p>",
        "status": "active",
    }
    template = call("admin", "POST", "/templates", 201, draft, idempotency_key=str(uuid.uuid4()))["id"]
    for number in (251, 253):
        call("admin", "PUT", f"/parameters/{number}", 200, {"value": str(template)})
    snapshot = {
        "updated_at": "2026-03-12T16:00:00-03:00",
        "requester": {"name": "Maria Conceição", "email": MARIA},
        "responsible": {"name": "Bia Lima", "email": "bia.two@example.com"},
        "activity": "Impressora",
    }
    call("integration", "PUT", f"/tickets/{TICKET}", 201, snapshot)
    yield TICKET
    for number in (251, 253):
        call("admin", "DELETE", f"/parameters/{number}", 200, if_match="*")


def mail_with(ministack, marker):
    """The mail that holds `marker`, as SES took it."""

    def found():
        mails = [email.message_from_bytes(raw, policy=email.policy.default) for raw in ministack.recorder.raw_mails()]
        return [mail for mail in mails if marker in mail.get_body(("plain",)).get_content()]

    return wait_for(f"mail about {marker}", found, seconds=90)[0]


def receive(ministack, stack, mail, name=None):
    """What SES does with a mail to the reply domain."""
    name = name or f"e2e{uuid.uuid4().hex}"
    raw = SEAL + bytes(mail)
    ministack.client("s3").put_object(Bucket=stack.resources["Files"], Key=f"inbound/{name}", Body=raw)
    return name


def answer(mail, sender, text):
    """An answer to a mail, as a mail program makes it."""
    reply = EmailMessage(policy=email.policy.SMTP)
    reply["From"] = sender
    reply["To"] = mail["Reply-To"].addresses[0].addr_spec
    reply["Subject"] = "RES: " + mail["Subject"]
    reply["Message-ID"] = f"<{uuid.uuid4()}@example.com>"
    reply["References"] = mail["References"]
    quoted = "\n".join("> " + line for line in mail.get_body(("plain",)).get_content().splitlines())
    reply.set_content(f"{text}\n\nEm 12/03/2026 16:05, Bia Lima escreveu:\n{quoted}\n")
    return reply


def conversation(call, ticket):
    """The texts of the ticket's messages."""
    return call("admin", "GET", f"/tickets/{ticket}/messages?limit=100", 200)["items"]


def test_a_reply_becomes_a_message_and_the_other_side_gets_mail(call, ministack, stack, ticket):
    call("technician", "POST", f"/tickets/{ticket}/messages", 202, {"text": "Troquei o cartucho. correio-um"})
    mail = mail_with(ministack, "correio-um")
    reply = answer(mail, f"Maria <{MARIA}>", "Imprimiu, obrigada! correio-dois")
    reply.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="página de teste.pdf")
    name = receive(ministack, stack, reply)

    def came():
        return [message for message in conversation(call, ticket) if message["text"] == "Imprimiu, obrigada! correio-dois"]

    message = wait_for("the message", came, seconds=90)[0]
    assert message["source"] == "email"
    assert message["author"] == {"name": "Maria Conceição", "email": MARIA, "role": "requester"}
    told = mail_with(ministack, "correio-dois")
    assert [address.addr_spec for address in told["To"].addresses] == ["bia.two@example.com"]
    assert told["In-Reply-To"] == reply["Message-ID"]
    assert "correio-um" not in told.get_body(("plain",)).get_content(), "the quotation is not sent on"

    call("admin", "PUT", "/parameters/446", 200, {"value": "S"})
    again = EmailMessage(policy=email.policy.SMTP)
    for header in ("From", "To", "Subject", "References"):
        again[header] = reply[header]
    again["Message-ID"] = f"<{uuid.uuid4()}@example.com>"
    again.set_content("Com anexo. correio-seis")
    again.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="outra.pdf")
    receive(ministack, stack, again)
    carried = mail_with(ministack, "correio-seis")
    assert [part.get_filename() for part in carried.iter_attachments()] == ["outra.pdf"]
    call("admin", "DELETE", "/parameters/446", 200, if_match="*")
    assert "https://" in told.get_body(("plain",)).get_content(), "without parameter 446 a file is linked"

    link = call("technician", "GET", f"/tickets/{ticket}/messages/{message['id']}/attachments/0", 200)
    assert link["name"] == "página de teste.pdf"
    followed = stack.request("GET", link["url"], allow_redirects=False)
    assert followed.status_code == 302
    assert "X-Amz-Signature=" in followed.headers["Location"]
    assert "response-content-disposition=attachment" in followed.headers["Location"]

    receive(ministack, stack, reply, name)
    receive(ministack, stack, reply)
    receive(ministack, stack, answer(mail, f"Maria <{MARIA}>", "Mais uma coisa. correio-três"))
    wait_for("the next message", lambda: [m for m in conversation(call, ticket) if "correio-três" in m["text"]], seconds=90)
    assert len(came()) == 1, "the same mail twice is one message"


@pytest.fixture
def silent_bucket(ministack):
    """Meanwhile nobody tells of new objects."""
    events = ministack.client("events")
    rules = [rule["Name"] for rule in events.list_rules()["Rules"] if "Object Created" in rule.get("EventPattern", "")]
    assert rules
    for rule in rules:
        events.disable_rule(Name=rule)
    yield
    for rule in rules:
        events.enable_rule(Name=rule)


def test_a_mail_of_which_no_event_came_is_taken_in_by_the_daily_look(call, ministack, stack, ticket, silent_bucket):
    call("technician", "POST", f"/tickets/{ticket}/messages", 202, {"text": "Chegou o toner. correio-sete"})
    mail = mail_with(ministack, "correio-sete")
    receive(ministack, stack, answer(mail, f"Maria <{MARIA}>", "Já troquei. correio-oito"))
    schedules = ministack.client("scheduler")
    named = [one["Name"] for one in schedules.list_schedules()["Schedules"] if one["Name"].endswith("-overlooked-mails")]
    asked = json.loads(schedules.get_schedule(Name=named[0])["Target"]["Input"])
    # What the schedule leaves alone because its event may still come.
    asked["look"]["least_minutes"] = 0

    def came():
        return [message for message in conversation(call, ticket) if "correio-oito" in message["text"]]

    assert not came()
    for _ in range(2):
        arn = stack.function_arn("InboundFunction")
        answered = ministack.client("lambda").invoke(FunctionName=arn, Payload=json.dumps(asked))
        assert "FunctionError" not in answered, answered["Payload"].read()
        assert len(came()) == 1


def test_a_stranger_waits_in_the_quarantine_until_somebody_lets_them_in(call, ministack, stack, ticket):
    call("technician", "POST", f"/tickets/{ticket}/messages", 202, {"text": "Ainda está aí? correio-quatro"})
    mail = mail_with(ministack, "correio-quatro")
    name = receive(ministack, stack, answer(mail, JOSE, "Sou do mesmo andar. correio-cinco"))

    def waiting():
        items = call("technician", "GET", "/quarantine", 200)["items"]
        return [item for item in items if item["id"] == name]

    item = wait_for("the mail in the quarantine", waiting, seconds=90)[0]
    assert item["reason"] == "SENDER_NOT_KNOWN"
    assert all("correio-cinco" not in message["text"] for message in conversation(call, ticket))
    accepted = call("technician", "POST", f"/quarantine/{name}/accept", 202)
    assert accepted["ticket_id"] == ticket
    assert not waiting()
    assert any(m["author"]["email"] == JOSE and "correio-cinco" in m["text"] for m in conversation(call, ticket))


def test_a_person_who_wrote_is_erased(call, stack, ticket):
    body = {"address": JOSE, "reason": "pedido do titular"}

    def erase():
        answer = stack.request("POST", "/erasures", call.tokens["admin"], json=body)
        assert answer.status_code in (200, 202), answer.text
        return answer.status_code == 200 and answer.json()

    record = wait_for("the end of the erasure", erase, seconds=90)
    assert record["erased"]["mails"] >= 1
    assert record["erased"]["messages"] >= 1
    assert all(m["author"].get("email") != JOSE and "correio-cinco" not in m["text"] for m in conversation(call, ticket))
    assert record["id"] in [one["id"] for one in call("admin", "GET", "/erasures", 200)["items"]]


def test_nothing_of_it_is_in_the_dead_letter_queue(ministack, ticket):
    assert ministack.dead_letters() == []
