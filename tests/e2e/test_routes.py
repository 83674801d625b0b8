"""Every route of the OpenAPI document, through the deployed API.

The walk also makes each function do all that it does with the table, for `test_permissions.py`.
"""

import hashlib
import json
import uuid

import pytest

from conftest import REPO

DOCUMENT = json.loads((REPO / "infra/openapi.json").read_text())
# On AWS an upload goes to the bucket itself: that route is of one machine alone.
OPERATIONS = [
    (method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item
    if method != "parameters" and path != "/uploads/{token}"
]
EXAMPLES = {
    "number": "417", "id": "20177", "message": str(uuid.uuid4()), "delivery": str(uuid.uuid4()), "version": "1", "address": "maria@example.com",
    "mail": "unknown", "token": "unknown",
}
# Routes that ask for no token, and what they answer.
OPEN = {"/health": 200, "/files/unknown": 404, "/links/unknown": 404}


@pytest.fixture(scope="module")
def admin(stack, people):
    """Requests as an administrator, who must get the status that is named."""
    token = people.token("rita@example.com", "Rita Alves", "admin")

    def send(method, path, status, body=None, **headers):
        options = {} if body is None else {"json": body}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = stack.request(method, path, token, headers=named, **options)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    return send


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_route_is_there_and_asks_for_a_token(stack, method, path):
    """The gateway answers 404 to a route that it does not have, whoever asks."""
    for name, value in EXAMPLES.items():
        path = path.replace(f"{{{name}}}", value)
    answer = stack.request(method, path)
    assert answer.status_code == OPEN.get(path, 401)
    ours = "text/html; charset=utf-8" if path.startswith("/links/") else "application/problem+json"
    assert answer.status_code != 404 or answer.headers["Content-Type"] == ours


def test_templates_are_written_published_and_removed(admin):
    draft = {"identifier": "rota", "title": "${SERVICO}", "html": "<p>${COMMENTTEXT}</p>", "status": "active"}
    created = admin("POST", "/templates", 201, draft, idempotency_key="rota")
    path = f"/templates/{created.json()['id']}"
    assert admin("POST", "/templates", 201, draft, idempotency_key="rota").json()["id"] == created.json()["id"]
    admin("PUT", path, 428, draft)
    second = admin("PUT", path, 200, draft | {"identifier": "rota-2"}, if_match=created.headers["ETag"])
    admin("PUT", path, 412, draft, if_match=created.headers["ETag"])
    assert second.json()["version"] == 2
    assert [t["identifier"] for t in admin("GET", "/templates?q=rota", 200).json()["items"]] == ["rota-2"]
    assert len(admin("GET", f"{path}/versions", 200).json()["items"]) == 2
    assert admin("GET", f"{path}/versions/1", 200).json()["identifier"] == "rota"
    assert admin("POST", "/templates/validate", 200, {"title": "${X}", "html": "x"}).json()["valid"] is False
    shown = admin("POST", "/templates/preview", 200, {"template_id": created.json()["id"], "sample": True}).json()
    assert hashlib.sha256(shown["mime"].encode()).hexdigest() == shown["sha256"]
    sent = admin("POST", f"{path}/test", 200, {"to": "rita@example.com"}, idempotency_key="ensaio").json()
    assert (sent["status"], sent["subject"][:8]) == ("accepted", "[TESTE] ")
    back = admin("POST", f"{path}/rollback", 200, {"version": 1}, if_match=second.headers["ETag"])
    admin("DELETE", path, 204, if_match=back.headers["ETag"])
    admin("GET", path, 404)
    assert admin("GET", "/keys", 200).json()


def test_parameters_are_set_and_told(admin):
    template = {"identifier": "padrao", "title": "${SERVICO}", "html": "<p>${COMMENTTEXT}</p>", "status": "active"}
    created = admin("POST", "/templates", 201, template).json()["id"]
    first = admin("PUT", "/parameters/251", 200, {"value": str(created)})
    assert admin("GET", "/parameters/251", 200).json()["value"] == str(created)
    admin("DELETE", f"/templates/{created}", 409, if_match=admin("GET", f"/templates/{created}", 200).headers["ETag"])
    assert admin("GET", "/parameters/251/history", 200).json()["items"][0]["after"] == str(created)
    admin("DELETE", "/parameters/251", 200, if_match=first.headers["ETag"])
    checks = admin("GET", "/health/config", 200).json()["checks"]
    assert {"parameter_417", "template", "sender", "kill_switch"} <= {check["id"] for check in checks}
    assert admin("GET", "/parameters", 200).json()
    admin("PUT", "/parameters/253", 422, {"value": "987654"})


def test_tickets_change_hands(admin):
    people = [{"name": "Rui", "email": "rui@example.com"}, {"name": "Lia", "email": "lia@example.com"}]
    snapshot = {"requester": people[0], "followers": people[1:], "responsible": {"name": "Bia", "email": "bia@example.com"}}
    admin("PUT", "/tickets/20177", 201, snapshot | {"updated_at": "2026-03-12T10:00:00-03:00"})
    admin("PUT", "/tickets/20177", 200, {"requester": people[0], "updated_at": "2026-03-12T11:00:00-03:00"})
    older = admin("PUT", "/tickets/20177", 200, snapshot | {"updated_at": "2026-03-12T09:00:00-03:00"}).json()
    assert not older.get("followers"), "an older snapshot overwrote a newer one"
    assert "20177" in {ticket["id"] for ticket in admin("GET", "/tickets?limit=100", 200).json()["items"]}
    assert admin("GET", "/tickets/20177/messages", 200).json()["items"] == []


def test_the_console_is_served_and_says_how_to_sign_in(stack, people):
    for path in ("/", "/app"):
        start = stack.request("GET", path, allow_redirects=False)
        assert (start.status_code, start.headers["Location"]) == (302, "/app/"), path
    page = stack.request("GET", "/app/chamados/4711")
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    assert people.issuer.rsplit("/", 1)[0] in page.headers["Content-Security-Policy"]
    login = stack.request("GET", "/app/config.json").json()["login"]
    assert (login["kind"], login["issuer"], login["client_id"]) == ("oidc", people.issuer, people.audience)
