"""GET /parameters/{number}."""

import desk


def handler(event, _context):
    """One parameter, for an administrator."""
    _, groups = desk.caller(event)
    if "admin" not in groups:
        return desk.problem(403, "FORBIDDEN")
    number = event["rawPath"].rsplit("/", 1)[-1]
    stored = desk.get(desk.PARAMETERS)
    values = stored["data"]["values"] if stored else {}
    return desk.answer(200, {"number": int(number), **values.get(number, {"value": None})})
