"""The local server against its own OpenAPI document, with requests that schemathesis makes up.

No answer may be a 5xx, and none may be undocumented: status, media type, headers and body are held
to the document, for each role.
"""

import json
import subprocess

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from conftest import REPO
from harness.local import Local, program

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROLES = {
    "admin": "ana@example.com",
    "technician": "bia@example.com",
    "requester": "maria@example.com",
    "integration": "itsm@example.com",
}
# What the demo data has, so that not every made-up path ends in a 404.
KNOWN = {"number": ["417", "297", "10"], "id": ["1", "10042"]}

SCHEMA = schemathesis.openapi.from_path(REPO / "infra/openapi.json")


@SCHEMA.hook
def map_path_parameters(_, path_parameters):
    """Every other made-up id becomes one that exists."""
    for name, known in KNOWN.items():
        value = str((path_parameters or {}).get(name, ""))
        if value and len(value) % 2:
            path_parameters[name] = known[len(value) % len(known)]
    return path_parameters


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """The running server's address and a token for each role."""
    server = Local(tmp_path_factory.mktemp("local") / "data")
    try:
        yield server.address, {role: server.token(role, address) for role, address in ROLES.items()}
        assert server.lives(), "the server ended"
    finally:
        server.end()


@pytest.mark.parametrize("role", ROLES)
@SCHEMA.parametrize()
@hypothesis.settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)
def test_no_answer_is_undocumented(case, local, role):
    address, tokens = local
    headers = {"Authorization": f"Bearer {tokens[role]}"}
    case.call_and_validate(base_url=address, headers=headers, checks=CHECKS, timeout=20)


def test_the_server_tells_its_own_document(local):
    printed = subprocess.run([program(), "openapi"], capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout
    assert json.loads(printed) == json.loads((REPO / "infra/openapi.json").read_text())
    assert requests.get(f"{local[0]}/health", timeout=5).status_code == 200
