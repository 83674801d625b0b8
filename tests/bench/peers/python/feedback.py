"""Events of SES about mails: the delivery found by the mail's tags, the result recorded."""

import desk

STATUS = {
    "Send": "accepted",
    "Delivery": "delivered",
    "DeliveryDelay": "delayed",
    "Bounce": "bounced",
    "Complaint": "complained",
    "Reject": "rejected",
}


def handler(event, _context):
    """Records what SES tells."""
    detail = event["detail"]
    status = STATUS.get(detail["eventType"])
    tags = detail["mail"]["tags"]
    if status is None or "delivery_id" not in tags:
        return
    message, delivery, ticket = (tags[name][0] for name in ("message_id", "delivery_id", "ticket_id"))
    mail = desk.key(f"MAIL#{detail['mail']['messageId']}", "MAIL")
    place = desk.key(f"T#{ticket}", f"D#{message}#{delivery}")
    found = desk.get_all(mail, place)
    stored = found.get((f"T#{ticket}", f"D#{message}#{delivery}"))
    if stored is None:
        return
    at = desk.now()
    entry = {"at": at, "status": status, "detail": detail.get("delivery", {}).get("smtpResponse", "")}
    record = stored["data"]
    record |= {"status": status, "updated_at": at, "timeline": [*record.get("timeline", []), entry]}
    writes = [desk.put(desk.item(place, "delivery", record), stored["version"])]
    if (mail["pk"]["S"], "MAIL") not in found:
        told = {"ticket_id": ticket, "message_id": message, "delivery_id": delivery}
        writes.append(desk.put(desk.item(mail, "mail", told)))
    desk.commit(*writes)
