"""Mails that SES put into the bucket: read, the token checked, the reply stored as a message."""

import base64
import email
import email.policy
import hashlib
import hmac
import os
import re
import time

import boto3
import desk
import tickets

s3 = boto3.client("s3", config=desk.ONCE)
KEYS = dict(pair.split(":") for pair in os.environ["REPLY_TOKEN_KEYS"].split(","))
SEALED, RECIPIENT = 10, 6
QUOTATION = re.compile(r"^(De: .*|Em .* escreveu:|On .* wrote:|-+ ?Mensagem original ?-+)$", re.MULTILINE)
SIGNATURE = re.compile(r"^(-- ?|Atenciosamente,|Enviado do meu .*)$", re.MULTILINE)


def mac(key, label, text):
    """An HMAC with the key of one use."""
    derived = hmac.digest(base64.b64decode(KEYS[key]), label, hashlib.sha256)
    return hmac.digest(derived, text, hashlib.sha256)


def ticket_of(token, sender):
    """The ticket that a token is for; None when it is not good, or not for this sender."""
    key, text = token[0], token[1:].upper()
    if key not in KEYS:
        return None
    sealed = key.encode() + base64.b32decode(text + "=" * (-len(text) % 8))
    payload, seal = sealed[: -SEALED - 2], sealed[-SEALED - 2 : -2]
    if not hmac.compare_digest(mac(key, b"mensageria reply 1", payload)[:SEALED], seal):
        return None
    if int.from_bytes(payload[1:4]) & 0xFFFFF < time.time() / 3600:
        return None
    mark = mac(key, b"mensageria recipient 1", sender.encode())[:RECIPIENT]
    if not hmac.compare_digest(mark, payload[4 : 4 + RECIPIENT]):
        return None
    return payload[4 + RECIPIENT :].decode()


def reply_text(mail):
    """What the sender wrote, without quotation and signature."""
    text = mail.get_body(("plain", "html")).get_content().replace("\r\n", "\n")
    for end in (QUOTATION, SIGNATURE):
        text = end.split(text)[0].strip() or text
    return text


def handler(event, _context):
    """Takes in the mail that an event tells of."""
    name = event["detail"]["object"]["key"]
    found = s3.get_object(Bucket=os.environ["FILES_BUCKET"], Key=name)
    mail = email.message_from_bytes(found["Body"].read(), policy=email.policy.default)
    mail_id = name.removeprefix("inbound/")
    sender = mail["From"].addresses[0]
    address = sender.addr_spec.lower()
    known = desk.key(f"INBOUND#{mail_id}", "INBOUND")
    once = hashlib.sha256(f"{address} {mail['Message-ID']}".encode()).hexdigest()
    once = desk.key(f"I#{once}", "IDEMPOTENCY")
    if desk.get_all(known, once):
        return
    domain = os.environ["REPLY_DOMAIN"]
    local = next(a.username for a in mail["To"].addresses if a.domain == domain and a.username.startswith("reply+"))
    ticket = ticket_of(local.removeprefix("reply+"), address)
    proven = mail["X-SES-Virus-Verdict"] == "PASS" and "dmarc=pass" in mail["Authentication-Results"]
    automatic = mail.get("Auto-Submitted", "no") != "no"
    if ticket is None or not proven or automatic:
        raise ValueError("not let in")
    at = desk.now()
    record = {"id": mail_id, "status": "accepted", "received_at": at, "subject": mail["Subject"], "ticket_id": ticket}
    place = desk.key(f"T#{ticket}", f"W#{address}")
    earlier = desk.get(place)
    wire = {"ids": [*(earlier["data"]["ids"] if earlier else []), mail["Message-ID"]]}
    also = (
        desk.put(desk.item(known, "inbound", record, index_pk="INBOUND#accepted", index_sk=f"{at}#{mail_id}")),
        desk.put(desk.item(once, "idempotency", {"mail": mail_id})),
        desk.put(desk.item(place, "wire", wire), earlier and earlier["version"]),
    )
    message = {"text": reply_text(mail)}
    author = {"name": sender.display_name, "email": address, "role": "requester"}
    status, _ = tickets.post(ticket, message, author, None, "email", also)
    if status != 202:
        raise ValueError(f"refused with {status}")
