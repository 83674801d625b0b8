"""Deliveries from the table's stream: claimed, rendered with Jinja2, sent by SES, recorded."""

import os
import re
from datetime import datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import boto3
import desk
from jinja2 import Environment
from markupsafe import Markup

ses = boto3.client("sesv2", config=desk.ONCE)
BODY = Environment(autoescape=True)
TITLE = Environment(autoescape=False)
ZONE = ZoneInfo(os.environ["DEFAULT_TIME_ZONE"])


class Text(HTMLParser):
    """The text of HTML."""

    def __init__(self):
        super().__init__()
        self.parts = []

    def handle_data(self, data):
        self.parts.append(data)


def translated(source):
    """`${KEY}` in Jinja2's spelling."""
    return re.sub(r"\$\{([A-Z0-9]+)\}", r"{{ \1 }}", source)


def values(ticket, message):
    """What the keys stand for."""
    spent = message.get("time_spent") or {}
    return {
        "IDSOLICITACAOSERVICO": ticket["id"],
        "NOMECONTATO": ticket["requester"]["name"],
        "REGISTRADOPOR": message["author"]["name"],
        "DATAHORA": datetime.fromisoformat(message["created_at"]).astimezone(ZONE).strftime("%d/%m/%Y %H:%M"),
        "DEMANDA": ticket.get("demand", ""),
        "SERVICO": ticket.get("activity", ""),
        "SERVICORELACIONADO": ticket.get("service", ""),
        "PORTFOLIO": ticket.get("portfolio", ""),
        "CATEGORIA": message.get("category", ""),
        "TEMPOGASTODATA": spent.get("date", ""),
        "TEMPOGASTOHORA": spent.get("hours", ""),
        "COMMENTTEXT": Markup(message["html"]) if message.get("html") else message["text"],
    }


def mail(template, ticket, message, delivery):
    """The mail as bytes."""
    keys = values(ticket, message)
    html = BODY.from_string(translated(template["html"])).render(keys)
    text = Text()
    text.feed(html)
    out = EmailMessage()
    out["From"] = os.environ["MAIL_FROM"]
    out["To"] = delivery["to"]["address"]
    out["Subject"] = TITLE.from_string(translated(template["title"])).render(keys)
    out["References"] = f"<t.{ticket['id']}@{os.environ['REPLY_DOMAIN']}>"
    out["Auto-Submitted"] = "auto-generated"
    out.set_content("".join(text.parts))
    out.add_alternative(html, subtype="html")
    return bytes(out)


def send(record):
    """One delivery."""
    image = desk.decode(record["dynamodb"]["NewImage"])
    delivery = image["data"]
    if delivery["status"] != "queued":
        return
    ticket_id = delivery["ticket_id"]
    found = desk.get_all(
        desk.ticket_key(ticket_id), desk.key(f"T#{ticket_id}", f"M#{delivery['message_id']}"), desk.PARAMETERS
    )
    number = int(found["CONFIG", "PARAMETERS"]["data"]["values"]["417"]["value"])
    pointer = desk.get(desk.key("TEMPLATES", f"{number:020}"))
    template = desk.get(desk.key(f"TEMPLATE#{number}", f"V#{int(pointer['data']['version']):010}"))["data"]
    key = desk.key(image["pk"], image["sk"])
    claim = desk.item(key, "delivery", delivery | {"status": "sending", "attempts": delivery["attempts"] + 1})
    desk.dynamodb.put_item(**desk.put(claim, image["version"])["Put"])
    ticket = found[f"T#{ticket_id}", "TICKET"]["data"]["ticket"]
    message = found[f"T#{ticket_id}", f"M#{delivery['message_id']}"]["data"]
    sent = ses.send_email(
        FromEmailAddress=os.environ["MAIL_FROM"],
        Destination={"ToAddresses": [delivery["to"]["address"]]},
        Content={"Raw": {"Data": mail(template, ticket, message, delivery)}},
        EmailTags=[{"Name": "delivery_id", "Value": delivery["id"]}],
        ConfigurationSetName=os.environ["CONFIGURATION_SET"],
    )
    done = delivery | {"status": "accepted", "mail": {"id": sent["MessageId"]}, "updated_at": desk.now()}
    desk.dynamodb.put_item(**desk.put(desk.item(key, "delivery", done), claim["version"]["S"])["Put"])


def handler(event, _context):
    """A batch of stream records; each one that fails is reported alone."""
    failures = []
    for record in event["Records"]:
        try:
            send(record)
        except Exception:  # noqa: BLE001 - one record must not take the batch with it
            failures.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
    return {"batchItemFailures": failures}
