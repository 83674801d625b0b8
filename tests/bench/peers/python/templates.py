"""GET /templates/{id}."""

import desk


def handler(event, _context):
    """The published version of a template, for an administrator."""
    _, groups = desk.caller(event)
    if "admin" not in groups:
        return desk.problem(403, "FORBIDDEN")
    number = int(event["rawPath"].rsplit("/", 1)[-1])
    pointer = desk.get(desk.key("TEMPLATES", f"{number:020}"))
    if pointer is None:
        return desk.problem(404, "NOT_FOUND")
    version = desk.get(desk.key(f"TEMPLATE#{number}", f"V#{int(pointer['data']['version']):010}"))
    return desk.answer(200, version["data"])
