"""The event MessageCreated: the ticket's snapshot, then the message."""

import desk
import tickets


def handler(event, _context):
    """Stores what an event tells."""
    detail = event["detail"]
    ticket = detail["ticket"]
    key = desk.ticket_key(ticket["id"])
    stored = desk.get(key)
    record = stored["data"] if stored else {"messages": 0, "public_messages": 0}
    record |= {"ticket": ticket, "activity_at": desk.now()}
    desk.commit(desk.put(desk.item(key, "ticket", record), stored and stored["version"]))
    message = dict(detail["message"])
    author = message.pop("author")
    status, _ = tickets.post(ticket["id"], message, author, None)
    if status != 202:
        raise ValueError(f"refused with {status}")
