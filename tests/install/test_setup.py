"""Installations have exactly the versions in the lock files, whatever has been released since.

The commands of the Makefile and the Dockerfile run against an index in which every package has a newer release that
cannot be installed.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.install.packages import ARIADNE, LOCKS, ROOT, installed, make_index, only_from, pinned_to, pins

pytestmark = pytest.mark.slow

BUILD = ROOT / "requirements-build.lock"
COMMAND_FILES = ("Makefile", "Dockerfile", "README.md", "docs", ".ci/run")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module")
def checkout(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that are needed for the setup, with the hashes of the packages in the index."""
    wanted = {(pin.name, pin.version) for lock in LOCKS for pin in pins(lock)}
    here = [*installed().items(), *installed(*ariadne_packages()).items()]
    known = {(name, one.version): one for name, one in here if (name, one.version) in wanted}
    digests = make_index(index, known.values(), {pin.name for pin in pins(BUILD)})
    made = tmp_path_factory.mktemp("checkout")
    for name in ("Makefile", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, made)
    shutil.copytree(ROOT / "src", made / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for lock in LOCKS:
        copy = made / lock.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(pinned_to(lock.read_text(), digests))
    return made


def ariadne_packages() -> list[Path]:
    """Return the folders in which `make clients` has installed packages that conflict with ours."""
    return list((ARIADNE.parent / ".ariadne").glob("lib/python*/site-packages"))


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def versions(python: Path) -> dict[str, str]:
    listed = subprocess.run(
        [sys.executable, "-m", "pip", f"--python={python}", "list", "--format=json"],
        capture_output=True,
        check=True,
    )
    return {one["name"].lower().replace("_", "-"): one["version"] for one in json.loads(listed.stdout)}


def locked(*locks: str) -> dict[str, str]:
    return {pin.name: pin.version for lock in locks for pin in pins(ROOT / lock) if pin.applies()}


@pytest.fixture(scope="module")
def set_up(checkout: Path, index: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The packages after the setup for `make serve`, by name. Afterwards, the rest of `make setup` is installed."""
    environment = only_from(index, tmp_path_factory.mktemp("home"))
    run(["make", ".venv/serve-ready", f"PYTHON={sys.executable}"], checkout, environment)
    found = versions(checkout / ".venv/bin/python")
    run(["make", "setup"], checkout, environment)
    return found


def test_make_serve_installs_the_locked_versions_of_the_gateway_alone(set_up: Mapping[str, str]) -> None:
    wanted = {*locked("requirements.lock", "requirements-build.lock").items()}
    assert {name for name, _ in set_up.items() ^ wanted} == {"pip", "setuptools", "ordergraph"}


def test_make_setup_installs_the_locked_versions(set_up: Mapping[str, str], checkout: Path) -> None:
    assert set_up
    found, wanted = versions(checkout / ".venv/bin/python"), locked("requirements-dev.lock")
    assert {name: found.get(name) for name in wanted} == wanted


def test_the_environment_of_ariadne_codegen_has_the_locked_versions(
    set_up: Mapping[str, str], checkout: Path, index: Path, tmp_path: Path
) -> None:
    if not ariadne_packages():
        pytest.skip("ariadne-codegen is not installed: run `make clients`")
    assert set_up
    run(["make", "ariadne"], checkout, only_from(index, tmp_path))
    lock = str(ARIADNE.relative_to(ROOT))
    found = versions(checkout / ARIADNE.relative_to(ROOT).parent / ".ariadne/bin/python")
    assert {name: found.get(name) for name in locked(lock)} == locked(lock)


def test_the_image_gets_the_locked_versions(checkout: Path, index: Path, tmp_path: Path) -> None:
    environment = only_from(index, tmp_path)
    environment |= {"PATH": f"{tmp_path}/opt/build/bin:{Path(sys.executable).parent}:{environment['PATH']}"}
    for command in build_commands((ROOT / "Dockerfile").read_text()):
        run(["sh", "-ec", command.replace("/opt/", f"{tmp_path}/opt/")], checkout, environment)
    found = versions(tmp_path / "opt/ordergraph/bin/python")
    assert {name: version for name, version in found.items() if name != "ordergraph"} == locked("requirements.lock")
    assert found["ordergraph"]


def build_commands(dockerfile: str) -> list[str]:
    """Return the commands of the first stage."""
    first = dockerfile.replace("\\\n", "").split("\nFROM ")[1]
    found = re.findall(r"^RUN (.*)$", first, re.MULTILINE)
    assert any("requirements.lock" in command for command in found)
    return found


def test_whatever_installs_a_lock_resolves_nothing() -> None:
    """This includes the commands in the documentation, which people copy."""
    found: list[str] = []
    for path in COMMAND_FILES:
        place = ROOT / path
        for file in [place] if place.is_file() else sorted(place.rglob("*.md")):
            text = file.read_text().replace("\\\n", " ")
            text = text.replace("$(INSTALL)", makefile_variable(text, "INSTALL"))
            found += [line for line in text.splitlines() if re.search(r"\binstall\b.*-r\s*\S+\.lock", line)]
    assert len(found) >= 4
    for command in [part for line in found for part in re.split("&&|;", line) if ".lock" in part]:
        assert {"--no-deps", "--require-hashes"} <= set(shlex.split(command, comments=False)), command


def makefile_variable(text: str, name: str) -> str:
    assigned = re.search(rf"^{name} := (.*)$", text, re.MULTILINE)
    return assigned[1] if assigned else ""
