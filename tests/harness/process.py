"""Processes of the suites: each in a group of its own, ended by that group's id."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path


def free_port():
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, seconds=60, every=0.1):
    """The first true answer of `condition`, asked until `seconds` are over."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"no {what} within {seconds} s")
        time.sleep(every)


def listens(port):
    """Whether something takes connections on a port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A program in a process group of its own, with its output in a file."""

    def __init__(self, command, log, environment=None, cwd=None):
        self.log = Path(log)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "wb") as out:
            self.child = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_listening(self, port, seconds=60):
        """Returns when the program takes connections; fails with its output when it ends before."""

        def ready():
            if self.child.poll() is not None:
                raise AssertionError(f"ended with {self.child.returncode}:\n{self.text()[-4000:]}")
            return listens(port)

        wait_for(f"listener on port {port}", ready, seconds)

    def text(self):
        """What the program printed so far."""
        return self.log.read_text(errors="replace")

    def end(self, seconds=10):
        """Ends the whole group, whatever the program started included."""
        group = self.child.pid
        for name, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, seconds)):
            try:
                os.killpg(group, name)
            except ProcessLookupError:
                break
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline and _group_lives(group, self.child):
                time.sleep(0.05)
        self.child.wait(timeout=seconds)


def _group_lives(group, child):
    child.poll()
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
