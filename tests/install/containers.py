"""Images and containers without a Docker engine: built by buildah, run by podman, based on Debian packages."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.documents import ROOT
from tests.install.commands import run

TOOLS = ("apt-get", "buildah", "mmdebstrap", "podman", "runc", "unshare")
BASE, IMAGE = "localhost/base", "ordergraph"
LOCKS = ("requirements.lock", "requirements-build.lock")
PATIENCE, PAUSE = 120.0, 0.3
WHEELS = "/mnt"
"""The folder in which the build finds the packages of the lock files. Every Debian system has it."""

# vfs and cgroupfs work everywhere. Podman's default limit of open files may exceed the machine's.
STORAGE = """[storage]
driver = "vfs"
graphroot = "{folder}/store"
runroot = "{folder}/run"
"""
CONTAINERS = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
PIP = f"""[install]
no-index = true
find-links = {WHEELS}
"""


def missing() -> str | None:
    """Return the reason why images cannot be built here, or None."""
    if os.geteuid() != 0:
        return "images are built as root"
    if absent := [tool for tool in TOOLS if not shutil.which(tool)]:
        return f"not installed: {', '.join(absent)}"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        return "mounting is not permitted"
    return None if debian_sources() else "this machine has no sources of Debian packages"


def codename() -> str:
    """Return the code name of this machine's Debian release."""
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "")


def debian_sources() -> Sequence[str]:
    """Return this machine's sources of Debian packages, as lines of a sources.list."""
    suites = [codename(), f"{codename()}-updates", f"{codename()}-security"]
    line = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    listed = run("apt-get", "indextargets", "--no-release-info", "--format", line, "Created-By: Packages")
    return [one for one in dict.fromkeys(listed.splitlines()) if one.split()[2] in suites and one.endswith(" main")]


@dataclass(frozen=True)
class Container:
    """A running container."""

    engine: Engine
    name: str

    @property
    def url(self) -> str:
        """The URL of its published port 8000."""
        return f"http://{self.engine.podman('port', self.name, '8000').strip()}"

    def wait_until_ready(self) -> None:
        """Wait until /readyz responds with success."""
        deadline = time.monotonic() + PATIENCE
        with httpx.Client(base_url=self.url, trust_env=False, verify=False) as client:
            while not _ready(client):
                state = self.engine.podman("inspect", "--format", "{{.State.Status}}", self.name).strip()
                assert state == "running", self.engine.podman("logs", self.name)
                assert time.monotonic() < deadline, f"not ready within {PATIENCE} s"
                time.sleep(PAUSE)

    def python(self, program: str) -> str:
        """Run a Python program in the container and return its output."""
        return self.engine.podman("exec", self.name, "python", "-c", program)

    def exit_code(self, seconds: int) -> int:
        """Stop the container with SIGTERM, and after some seconds with SIGKILL. Return its exit code."""
        self.engine.podman("stop", "--time", str(seconds), self.name)
        return int(self.engine.podman("inspect", "--format", "{{.State.ExitCode}}", self.name))


def _ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").is_success
    except httpx.TransportError:
        return False


class Engine:
    """buildah and podman with their own storage for images and containers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._environment = {
            "CONTAINERS_STORAGE_CONF": self._written("storage.conf", STORAGE.format(folder=folder)),
            "CONTAINERS_CONF": self._written("containers.conf", CONTAINERS),
            "DISABLE_HC_SYSTEMD": "true",  # tests run the health check when they need it
        }

    def _written(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def buildah(self, *words: str | Path) -> str:
        return run("buildah", *words, environment=self._environment)

    def podman(self, *words: str | Path) -> str:
        return run("podman", *words, cwd=self.folder, environment=self._environment)

    def make_base(self) -> set[str]:
        """Build an image with Debian's Python, whose pip finds the wheels. Return the paths in the image."""
        tar = self.folder / "base.tar"  # minbase consists of essential packages and apt, which needs libstdc++
        pip = f"upload {self._written('pip.conf', PIP)} /etc/pip.conf"
        hosts = 'touch "$1/etc/hosts"'  # otherwise buildah adds it
        words = ("--variant=minbase", "--include=python3,python3-venv", f"--customize-hook={pip}")
        run("mmdebstrap", *words, f"--customize-hook={hosts}", codename(), tar, "-", stdin="\n".join(debian_sources()))
        self.podman("import", tar, BASE)
        with tarfile.open(tar) as packed:
            return {str(Path(name)) for name in packed.getnames()}

    def build(self, python: str) -> None:
        """Build the image for this version of Python. The packages of the lock files are downloaded first."""
        wheels = self.folder / "wheels"
        for lock in LOCKS:
            words = ("--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", python)
            run(sys.executable, "-m", "pip", "download", *words, "--dest", wheels, "-r", ROOT / lock)
        how = ("--isolation", "chroot", "--network", "host", "--format", "docker", "--pull-never")
        given = ("--volume", f"{wheels}:{WHEELS}:ro", "--build-arg", f"BASE={BASE}")
        self.buildah("build", *how, *given, "--tag", IMAGE, ROOT)

    def size(self, image: str) -> int:
        """Return the size of an image in bytes."""
        return int(self.podman("image", "inspect", "--format", "{{.Size}}", image))

    def paths(self, image: str) -> set[str]:
        """Return all paths in an image."""
        container = self.buildah("from", "--pull-never", image).strip()
        try:
            root = Path(self.buildah("mount", container).strip())
            return {str(path.relative_to(root)) for path in root.rglob("*")}
        finally:
            self.buildah("rm", container)

    @contextmanager
    def container(self, *words: str) -> Generator[Container]:
        """Run the image with these arguments and yield the container once it is ready."""
        container = Container(self, self.podman("run", "--detach", *words).strip())
        try:
            container.wait_until_ready()
            yield container
        finally:
            self.podman("rm", "--force", container.name)


@contextmanager
def engine() -> Generator[Engine]:
    """An engine that deletes its images at the end. Its folder has a short path, because it contains sockets."""
    with TemporaryDirectory(prefix="ordergraph-") as folder:
        yield Engine(Path(folder))
