"""The functions as they are deployed by default, for arm64: each is started under qemu and takes one event.

What is built here is linked as the release is (at a fixed address, by zig against an old C library), without
its link-time optimization, which is the same for both instruction sets and takes most of the time.
"""

import json
import os
import shutil
import struct
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conftest import REPO
from harness.template import sample_settings

BUILT = Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target")) / "lambda"
EVENTS = REPO / "tests/events"
HTTP = json.loads((Path(__file__).parent / "health.json").read_text())
KEY = "a:bG9jYWwta2V5LWZvci10ZXN0cy1vbmx5LWxvY2FsLWs="
SETTINGS = sample_settings(REPO)


def request(method, path):
    """A request of the API without a token's claims."""
    context = HTTP["requestContext"] | {"http": HTTP["requestContext"]["http"] | {"method": method, "path": path}}
    return HTTP | {"rawPath": path, "requestContext": context, "routeKey": f"{method} {path}"}


# What each is asked, and the status of its answer; none for what answers nothing.
ASKED = {
    "parameters": (request("GET", "/health"), 200),
    "console": (request("GET", "/app/config.json"), 200),
    "templates": (request("GET", "/templates"), 401),
    "tickets": (request("GET", "/tickets"), 401),
    "inbound": (request("GET", "/quarantine"), 401),
    "events": (json.loads((EVENTS / "events/future-version.json").read_text()), "error"),
    "feedback": (json.loads((EVENTS / "feedback/not-about-a-mail.json").read_text()), "error"),
    "sender": ({"Records": []}, None),
}


class Runtime:
    """The runtime API of Lambda with one event to give."""

    def __init__(self, event):
        self.answers, self.answered = [], threading.Event()
        left, runtime = [event], self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                if not left:
                    # The next one never comes; the function is ended meanwhile.
                    runtime.answered.wait(60)
                    return
                body = json.dumps(left.pop()).encode()
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
                self.send_header("Lambda-Runtime-Deadline-Ms", "9999999999999")
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:x")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    content = self._chunks()
                runtime.answers.append((self.path.rsplit("/", 1)[1], content))
                runtime.answered.set()
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def _chunks(self):
                content = b""
                while size := int(self.rfile.readline(), 16):
                    content += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return content

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self):
        """Stops listening."""
        self.answered.set()
        self._server.shutdown()
        self._server.server_close()


def logical_id(name):
    """Name of the function in the template."""
    return f"{name.capitalize()}Function"


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_function_is_asked_something(name):
    assert name in {logical_id(asked) for asked in ASKED}


@pytest.mark.parametrize("name", ASKED)
def test_a_bootstrap_is_linked_for_arm64_at_a_fixed_address(name):
    head = (BUILT / name / "bootstrap").read_bytes()[:20]
    kind, machine = struct.unpack("<HH", head[16:20])
    assert (head[:4], machine) == (b"\x7fELF", 183), "not for aarch64"
    assert kind == 2, "its pointers are adjusted at each start: ET_EXEC is wanted"


@pytest.mark.parametrize("name", ASKED)
def test_a_bootstrap_takes_an_event(name, tmp_path):
    event, wanted = ASKED[name]
    runtime = Runtime(event)
    environment = SETTINGS[logical_id(name)] | {
        "AWS_LAMBDA_RUNTIME_API": runtime.address,
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_LOG_STREAM_NAME": "log",
        "AWS_LAMBDA_LOG_GROUP_NAME": "group",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        # Nothing listens there: what is asked needs no call.
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }
    program = BUILT / name / "bootstrap"
    emulator = [] if os.uname().machine == "aarch64" else [shutil.which("qemu-aarch64"), "-L", str(sysroot())]
    with open(tmp_path / "log", "wb") as log:
        child = subprocess.Popen([*emulator, program], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            assert runtime.answered.wait(60), (tmp_path / "log").read_text()
        finally:
            child.kill()
            child.wait()
            runtime.end()
    (how, content), *_ = runtime.answers
    assert how == ("error" if wanted == "error" else "response"), content
    if isinstance(wanted, int):
        assert json.loads(content)["statusCode"] == wanted, content


def sysroot():
    """The C library of arm64, from Debian's cross package."""
    return Path("/usr/aarch64-linux-gnu")
