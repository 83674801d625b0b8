"""What SES tells about a mail, through the deployed stack.

An emulator takes no event whose source is `aws.ses`, as AWS takes none: the function is invoked with
it, as EventBridge would.
"""

import json
import uuid

import pytest

from conftest import REPO
from harness.process import wait_for

ELZA, IVO = "elza@example.com", "ivo@example.com"
TICKET = "20377"
BOUNCE = REPO / "tests/events/feedback/bounce-of-an-unknown-mail.json"


@pytest.fixture(scope="module")
def admin(stack, people):
    """Requests as an administrator."""
    token = people.token("lia@example.com", "Lia Reis", "admin")

    def send(method, path, body=None, **headers):
        options = {} if body is None else {"json": body}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return stack.request(method, path, token, headers=named, **options)

    return send


@pytest.fixture(scope="module")
def post(stack, people, admin):
    """Posts a message to Elza, and gives its path."""
    draft = {"identifier": "resultados", "title": "[#${IDSOLICITACAOSERVICO}]", "html": "<p>${COMMENTTEXT}</p>"}
    template = admin("POST", "/templates", draft | {"status": "active"}).json()["id"]
    set_251 = admin("PUT", "/parameters/251", {"value": str(template)})
    assert set_251.status_code == 200, set_251.text
    snapshot = {"requester": {"name": "Elza", "email": ELZA}, "responsible": {"name": "Ivo", "email": IVO}}
    assert admin("PUT", f"/tickets/{TICKET}", snapshot).status_code == 201
    token = people.token(IVO, "Ivo", "technician")

    def send(text):
        posted = stack.request("POST", f"/tickets/{TICKET}/messages", token, json={"text": text})
        assert posted.status_code == 202, posted.text
        return f"/tickets/{TICKET}/messages/{posted.json()['id']}"

    yield send
    admin("DELETE", "/parameters/251", if_match=set_251.headers["ETag"])


def delivery_in(admin, path, status, seconds=60):
    """The message's delivery, once it is in this state."""

    def found():
        deliveries = admin("GET", path).json()["deliveries"]
        return [delivery for delivery in deliveries if delivery["status"] == status]

    return wait_for(f"{status} delivery", found, seconds=seconds, every=0.5)[0]


@pytest.fixture(scope="module")
def bounce(ministack, stack):
    """Tells the function of a permanent bounce."""

    def tell(tags):
        event = json.loads(BOUNCE.read_text())
        event["detail"]["mail"] |= {"messageId": str(uuid.uuid4()), "tags": {name: [value] for name, value in tags.items()}}
        arn = stack.function_arn("FeedbackFunction")
        answer = ministack.client("lambda").invoke(FunctionName=arn, Payload=json.dumps(event))
        assert "FunctionError" not in answer, answer["Payload"].read()

    return tell


def test_a_bounce_shows_on_the_ticket_and_suppresses_the_address(admin, post, bounce):
    path = post("primeira")
    delivery = delivery_in(admin, path, "accepted")
    tags = {"delivery_id": delivery["id"], "message_id": path.rsplit("/", 1)[1], "ticket_id": TICKET, "attempt": "1"}
    bounce(tags)
    bounce(tags)
    assert delivery_in(admin, path, "bounced")["reason"] == "BOUNCED"

    notices = [m for m in admin("GET", f"/tickets/{TICKET}/messages").json()["items"] if m["source"] == "system"]
    assert len(notices) == 1
    assert "550 5.1.1" in notices[0]["text"]
    delivery_in(admin, f"/tickets/{TICKET}/messages/{notices[0]['id']}", "accepted")

    explained = admin("GET", f"{path}/explain").json()["recipients"]
    assert [one["delivery"]["status"] for one in explained] == ["bounced"]
    assert ELZA in [one["address"] for one in admin("GET", "/suppressions?limit=100").json()["items"]]

    held = post("segunda")
    assert delivery_in(admin, held, "held")["reason"] == "SUPPRESSED"
    assert admin("DELETE", f"/suppressions/{ELZA}", {"reason": "novo endereço"}).status_code == 204
    again = admin("POST", f"{path}/deliveries/{delivery['id']}/resend", idempotency_key="outra-vez")
    assert again.status_code == 202, again.text
    delivery_in(admin, held, "accepted", seconds=150)
    assert delivery_in(admin, path, "accepted", seconds=150)["attempts"] == 2


def test_an_event_about_no_mail_of_ours_is_passed_over(bounce):
    bounce({"delivery_id": str(uuid.uuid4()), "ticket_id": TICKET})
