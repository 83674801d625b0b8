"""`make smoke` against the emulator: the mailbox simulator's part, telling what became of a mail, is the suite's."""

import json
import subprocess
import threading
import uuid

import pytest

from conftest import REPO
from harness.ministack import STACK

BOUNCE = json.loads((REPO / "tests/events/feedback/bounce-of-an-unknown-mail.json").read_text())
TAKEN = {"timestamp": "2026-03-12T19:09:08.010Z", "processingTimeMillis": 1010, "smtpResponse": "250 2.6.0 Message received"}
# What becomes of a mail to these addresses, as the event tells it.
ENDS = {
    "success": {"eventType": "Delivery", "delivery": TAKEN},
    "bounce": {name: BOUNCE["detail"][name] for name in ("eventType", "bounce")},
}


@pytest.fixture(scope="module")
def token(stack, people):
    """The ID token of an administrator who is a technician, too, on a stack whose configuration is whole."""
    token = people.token("smoke@example.com", "Smoke", "admin", "technician")
    draft = {"identifier": "smoke", "title": "[#${IDSOLICITACAOSERVICO}]", "html": "<p>${COMMENTTEXT}</p>", "status": "active"}
    template = stack.request("POST", "/templates", token, json=draft).json()["id"]
    for number in (417, 251, 253):
        answer = stack.request("PUT", f"/parameters/{number}", token, json={"value": str(template)}, headers={"If-Match": "*"})
        assert answer.status_code == 200, answer.text
    return token


class Simulator:
    """Answers mails to the simulator's addresses with the events that SES would send."""

    def __init__(self, ministack, stack):
        self._ministack, self._arn = ministack, stack.function_arn("FeedbackFunction")
        self._told, self._over = set(), threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self):
        while not self._over.wait(0.3):
            for mail in list(self._ministack.recorder.mails):
                tags = {tag["Name"]: tag["Value"] for tag in mail.get("EmailTags", [])}
                (address,) = mail["Destination"]["ToAddresses"]
                kind, _, domain = address.partition("+")
                if domain.endswith("@simulator.amazonses.com") and tags["delivery_id"] not in self._told:
                    self._told.add(tags["delivery_id"])
                    self._tell(kind, tags)

    def _tell(self, kind, tags):
        mail = BOUNCE["detail"]["mail"] | {"messageId": str(uuid.uuid4()), "tags": {name: [value] for name, value in tags.items()}}
        event = BOUNCE | {"detail": ENDS[kind] | {"mail": mail}}
        self._ministack.client("lambda").invoke(FunctionName=self._arn, Payload=json.dumps(event))

    def end(self):
        """Tells nothing more."""
        self._over.set()
        self._thread.join(10)


def smoke(ministack, stack, token, **more):
    """Runs the script as a deployer would; the emulator has the API under another address."""
    api = f"{ministack.url}/_aws/execute-api/{stack.api_id}/$default"
    environment = ministack.environment() | {"TOKEN": token, "API_URL": api, "PYTHONWARNINGS": "ignore"} | more
    return subprocess.run(
        ["make", "-s", "smoke", f"STACK={STACK}"], cwd=REPO, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip


def test_a_stack_that_works_is_seen_to_work(ministack, stack, token):
    simulator = Simulator(ministack, stack)
    try:
        done = smoke(ministack, stack, token)
    finally:
        simulator.end()
    said = done.stdout + done.stderr
    for line in ("ok     health\n", "ok     preflight", "ok     mail to success: delivered", "ok     mail to bounce: bounced"):
        assert line in said, said
    assert done.stdout.endswith("the stack works\n") and done.returncode == 0, said


def test_events_that_do_not_come_are_told(ministack, stack, token):
    done = smoke(ministack, stack, token, WAIT="5")
    assert done.returncode != 0
    assert "failed mail to success: it is " in done.stderr and "not delivered" in done.stderr


def test_a_token_that_is_not_one_is_told(ministack, stack):
    done = smoke(ministack, stack, "nobody")
    assert done.returncode != 0 and "failed health/config: 401" in done.stderr
