"""A Docker daemon of the suite's own, and the base image that `sam local invoke` runs functions in.

The daemon has its own socket, data and state folders, a bridge of its own that goes with it, and
makes no firewall rule. The SAM CLI reaches a function through a port that the daemon's proxy opens
on 127.0.0.1; a function reaches what listens on the bridge's address (`GATEWAY`), and nothing else.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .process import Process, wait_for

ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}[os.uname().machine]
# The name that the SAM CLI looks for. Where a registry is in reach it would be pulled.
IMAGE = f"public.ecr.aws/lambda/provided:al2023-{ARCHITECTURE}"
# A C library no newer than the runtime's own would be ideal; cargo-lambda links against an older one.
DEBIAN_RELEASE = "bookworm"
BRIDGE = "mensageria0"
GATEWAY = "172.30.253.1"


class Docker:
    """The daemon, running until `end`."""

    def __init__(self, logs):
        cache = Path(os.environ["MENSAGERIA_CACHE"])
        # A socket's path may have 107 characters: not below the cache.
        self.state = Path(tempfile.mkdtemp(prefix="mensageria-docker-"))
        host = f"unix://{self.state}/docker.sock"
        self.environment = os.environ | {"DOCKER_HOST": host}
        self._remove_bridge()
        for command in (
            ["add", "name", BRIDGE, "type", "bridge"],
            ["set", BRIDGE, "up"],
        ):
            subprocess.run(["ip", "link", *command], check=True, timeout=10)
        subprocess.run(["ip", "address", "add", f"{GATEWAY}/24", "dev", BRIDGE], check=True, timeout=10)
        self.process = Process(
            [
                shutil.which("dockerd"), "--host", host, "--data-root", cache / "docker", "--exec-root", self.state / "exec",
                "--pidfile", self.state / "docker.pid", "--bridge", BRIDGE, "--iptables=false", "--ip6tables=false",
            ],
            Path(logs) / "dockerd.log",
        )  # fmt: skip

        def ready():
            assert self.process.child.poll() is None, self.process.text()[-4000:]
            return self.run("info", check=False).returncode == 0

        wait_for("Docker daemon", ready, seconds=60, every=0.5)
        self._base_image(cache)

    @staticmethod
    def _remove_bridge():
        subprocess.run(["ip", "link", "delete", BRIDGE], stderr=subprocess.DEVNULL, check=False, timeout=10)

    def run(self, *arguments, check=True, **options):
        """One `docker` command."""
        return subprocess.run(
            ["docker", *map(str, arguments)], env=self.environment, capture_output=True, check=check, timeout=600, **options
        )

    def _base_image(self, cache):
        """A minimal Debian with the folders of a Lambda runtime, kept as an archive in the cache."""
        if self.run("image", "inspect", IMAGE, check=False).returncode == 0:
            return
        archive = cache / f"lambda-base-{DEBIAN_RELEASE}.tar"
        if not archive.exists():
            with tempfile.TemporaryDirectory(prefix="mensageria-base-") as root:
                done = subprocess.run(
                    ["debootstrap", "--variant=minbase", DEBIAN_RELEASE, root],
                    stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=900,
                )  # fmt: skip
                assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
                for folder in ("var/task", "var/runtime", "opt"):
                    Path(root, folder).mkdir(parents=True, exist_ok=True)
                partial = archive.with_suffix(".partial")
                subprocess.run(
                    ["tar", "-C", root, "--exclude=./var/cache/apt/archives/*", "-cf", partial, "."], check=True, timeout=300
                )
                partial.rename(archive)
        self.run("import", archive, IMAGE)

    def end(self):
        """Ends the daemon and what it runs."""
        running = self.run("ps", "--quiet", check=False).stdout.split()
        if running:
            self.run("kill", *(container.decode() for container in running), check=False)
        self.process.end(seconds=30)
        self._remove_bridge()
        shutil.rmtree(self.state, ignore_errors=True)
