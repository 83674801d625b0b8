"""POST /tickets/{id}/messages."""

import html
import json
import re

import desk


def post(ticket_id, message, author, groups, source="desk", also=()):
    """Stores a message with its deliveries, and `also` more writes, in one commit: (status, body)."""
    found = desk.get_all(desk.ticket_key(ticket_id), desk.PARAMETERS)
    stored = found.get((f"T#{ticket_id}", "TICKET"))
    if stored is None:
        return 404, None
    record = stored["data"]
    ticket = record["ticket"]
    if groups is not None and "technician" not in groups:
        return 403, None
    at, message_id = desk.now(), desk.new_id()
    text = message.get("text") or html.unescape(re.sub(r"<[^>]+>", "", message["html"]))
    if not text.strip():
        return 422, None
    stored_message = message | {
        "id": message_id,
        "ticket_id": ticket_id,
        "text": text,
        "author": author,
        "visibility": "public",
        "notify": True,
        "source": source,
        "created_at": at,
    }
    people = [(ticket["requester"], "requester"), *((person, "follower") for person in ticket.get("followers", []))]
    if author["role"] == "requester":
        people.append((ticket["responsible"], "responsible"))
    deliveries = [
        {
            "id": desk.new_id(),
            "message_id": message_id,
            "ticket_id": ticket_id,
            "to": {"name": person["name"], "address": person["email"], "capacity": capacity},
            "status": "queued",
            "attempts": 0,
            "created_at": at,
            "updated_at": at,
        }
        for person, capacity in people
        if person.get("email") and person["email"] != author.get("email")
    ]
    counts = {name: record[name] + 1 for name in ("messages", "public_messages")}
    writes = [
        desk.put(desk.item(desk.ticket_key(ticket_id), "ticket", record | counts | {"activity_at": at}), stored["version"]),
        desk.put(desk.item(desk.key(f"T#{ticket_id}", f"M#{message_id}"), "message", stored_message)),
        *also,
    ]
    for delivery in deliveries:
        place = desk.key(f"T#{ticket_id}", f"D#{message_id}#{delivery['id']}")
        due = {"index_pk": "DUE#QUEUED#0", "index_sk": f"{at}#{delivery['id']}"}
        writes.append(desk.put(desk.item(place, "delivery", delivery, **due)))
    desk.commit(*writes)
    answered = [{"id": d["id"], "to": d["to"]["address"], "status": d["status"]} for d in deliveries]
    return 202, {"id": message_id, "ticket_id": ticket_id, "created_at": at, "deliveries": answered}


def handler(event, _context):
    """Posts a message as the caller."""
    claims, groups = desk.caller(event)
    author = {"name": claims.get("name", ""), "email": claims.get("email"), "role": "technician"}
    status, body = post(event["rawPath"].split("/")[2], json.loads(event["body"]), author, groups)
    if body is None:
        return desk.problem(status, "REFUSED")
    return desk.answer(status, body)
