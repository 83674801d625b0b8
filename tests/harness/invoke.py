"""Runs one function with one event: by the runtime interface emulator alone, or by `sam local invoke`."""

import json
import os
import subprocess
from pathlib import Path

import requests

from .docker import ARCHITECTURE, GATEWAY, Docker
from .process import Process, free_port
from .recorder import Recorder
from .template import Template, sample_settings


class Emulated:
    """The runtime interface emulator that the SAM CLI ships, one process a function."""

    def __init__(self, repo, built, moto, logs):
        self.built = built
        self.logs = logs
        self.moto = moto
        self.settings = sample_settings(repo)
        self.rie = next((repo / ".venv-sam").glob(f"lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{ARCHITECTURE}"))
        self.running = {}

    def invoke(self, function, path):
        """The function's answer to the event in a file."""
        if function.name not in self.running:
            self.running[function.name] = self._start(function)
        url = f"http://127.0.0.1:{self.running[function.name][1]}/2015-03-31/functions/function/invocations"
        return requests.post(url, data=path.read_bytes(), timeout=60).json()

    def _start(self, function):
        port, runtime_port = free_port(), free_port()
        environment = os.environ | self.settings[function.logical_id] | {
            "AWS_ENDPOINT_URL": self.moto.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }
        program = self.built.parent / function.logical_id / "bootstrap"
        command = [
            self.rie,
            "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
            "--runtime-api-address", f"127.0.0.1:{runtime_port}",
            program,
        ]  # fmt: skip
        process = Process(command, Path(self.logs) / f"rie-{function.name}.log", environment, cwd=program.parent)
        process.wait_until_listening(port)
        return process, port

    def end(self):
        """Ends every function."""
        for process, _ in self.running.values():
            process.end()


class InDocker:
    """Containers of the SAM CLI: a function's first event by `sam local invoke`, and those after it by
    `sam local start-lambda`, whose containers stay: starting one takes longer than anything else here.
    """

    def __init__(self, repo, built, moto, logs):
        self.repo = repo
        self.logs = logs
        self.docker = Docker(logs)
        self.port = free_port()
        self.kept = None
        self.invoked = set()
        # Containers cannot see 127.0.0.1 of the machine; this door leads there.
        self.door = Recorder(moto.port, address=GATEWAY)
        # The SAM CLI passes on only variables that the template names, so name the endpoint in a copy.
        document = Template.read(built).document
        document["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = f"http://{GATEWAY}:{self.door.port}"
        self.template = built.parent / "local.json"
        self.template.write_text(json.dumps(document))

    def invoke(self, function, path):
        """The function's answer to the event in a file."""
        if function.name not in self.invoked:
            self.invoked.add(function.name)
            return self._invoke_once(function, path)
        if not self.kept:
            self.kept = Process(
                self._local("start-lambda", "--port", str(self.port), "--warm-containers", "LAZY"),
                Path(self.logs) / "start-lambda.log", self.docker.environment, cwd=self.repo,
            )  # fmt: skip
            self.kept.wait_until_listening(self.port)
        url = f"http://127.0.0.1:{self.port}/2015-03-31/functions/{function.logical_id}/invocations"
        return requests.post(url, data=path.read_bytes(), timeout=120).json()

    def _invoke_once(self, function, path):
        done = subprocess.run(
            self._local("invoke", function.logical_id, "--event", path),
            cwd=self.repo, env=self.docker.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        assert done.stdout.strip(), done.stderr[-4000:]
        return json.loads(done.stdout)

    def _local(self, *command):
        return [
            "sam", "local", *command, "--template", self.template, "--env-vars", self.repo / "env.json",
            "--skip-pull-image", "--parameter-overrides", f"Architecture={ARCHITECTURE}",
        ]  # fmt: skip

    def end(self):
        """Ends the daemon and the door."""
        if self.kept:
            self.kept.end()
        self.door.end()
        self.docker.end()
        self.template.unlink()
