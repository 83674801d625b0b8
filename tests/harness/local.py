"""The local runner as a process of a suite."""

import functools
import json
import subprocess
from pathlib import Path

import requests

from harness.process import Process, free_port

REPO = Path(__file__).resolve().parents[2]


@functools.cache
def programs():
    """Name → program of the local runner and of the functions that suites run, built when they are not as the code is.

    One call builds all: two would choose features that differ, and build what they share again each time.
    """
    packages = ("local", "console@0.1.0", "tickets", "inbound")
    built = subprocess.run(
        ["cargo", "build", "--quiet", *(f"-p={package}" for package in packages), "--message-format", "json"],
        cwd=REPO, capture_output=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    artifacts = [json.loads(line) for line in built.stdout.splitlines()]
    return {artifact["target"]["name"]: artifact["executable"] for artifact in artifacts if artifact.get("executable")}


def program():
    """The local runner."""
    return programs()["mensageria"]


class Local:
    """A running server over a data folder of its own."""

    def __init__(self, data, environment=None):
        self.data, self.port = Path(data), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        command = [program(), "serve", "--port", str(self.port), "--data", self.data]
        self.process = Process(command, self.data.parent / "local.log", environment, cwd=self.data.parent)
        try:
            self.process.wait_until_listening(self.port)
        except AssertionError:
            self.end()
            raise

    def token(self, role, email):
        """A token for somebody."""
        command = [program(), "token", "--role", role, "--email", email, "--name", role, "--data", self.data]
        done = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
        return done.stdout.strip()

    def request(self, token, method, path, body=None, headers=None):
        """The answer of one call of the API."""
        headers = {"Authorization": f"Bearer {token}"} | (headers or {})
        return requests.request(method, self.address + path, json=body, headers=headers, timeout=20)

    def call(self, token, method, path, body=None, headers=None):
        """One call of the API that has to go well; what it answers."""
        answer = self.request(token, method, path, body, headers)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def lives(self):
        """Whether it still runs."""
        return self.process.child.poll() is None

    def end(self):
        """Ends it."""
        self.process.end()
