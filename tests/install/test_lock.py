"""The lock files are complete, agree, and have hashes for every supported platform and Python version."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import canonicalize_name, parse_wheel_filename

from tests.install.packages import ARIADNE, LOCKS, ROOT, Pin, installed, pins
from tests.pythons import supported

pytestmark = pytest.mark.slow

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def _linux(machine: str) -> Sequence[str]:
    """Return the platform tags of Debian 12, Ubuntu 22.04, RHEL 9, and newer releases."""
    return [f"manylinux_2_{minor}_{machine}" for minor in range(34, 4, -1)] + [
        f"manylinux{year}_{machine}" for year in ("2014", "2010", "1")
    ]


# A platform in markers (sys_platform, platform_system, os_name, platform_machine), and in wheels.
PLATFORMS: Mapping[str, tuple[tuple[str, str, str, str], Sequence[str]]] = {
    "Linux x86-64": (("linux", "Linux", "posix", "x86_64"), _linux("x86_64")),
    "Linux arm64": (("linux", "Linux", "posix", "aarch64"), _linux("aarch64")),
    "macOS arm64": (("darwin", "Darwin", "posix", "arm64"), list(mac_platforms((14, 0), "arm64"))),
    "macOS x86-64": (("darwin", "Darwin", "posix", "x86_64"), list(mac_platforms((14, 0), "x86_64"))),
    "Windows x86-64": (("win32", "Windows", "nt", "AMD64"), ["win_amd64"]),
}
everywhere = pytest.mark.parametrize("python", PYTHONS)
on_each = pytest.mark.parametrize("platform", PLATFORMS)


def environment(platform: str, python: str) -> dict[str, str]:
    """Return the environment in which markers are evaluated."""
    system, name, os_name, machine = PLATFORMS[platform][0]
    return {
        "sys_platform": system,
        "platform_system": name,
        "os_name": os_name,
        "platform_machine": machine,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
    }


def tags(platform: str, python: str) -> set[Tag]:
    """Return the tags of the wheels that can be installed."""
    number, platforms = tuple(map(int, python.split("."))), PLATFORMS[platform][1]
    return {*cpython_tags(number, platforms=platforms), *compatible_tags(number, f"cp{number[1]}", platforms)}


# ---- Completeness -----------------------------------------------------------------------------------


def asked_for(lock: Path) -> Sequence[Requirement]:
    """Return the requirements from which a lock file was made."""
    groups, project = PROJECT["dependency-groups"], PROJECT["project"]["dependencies"]
    build = [one for one in groups["build"] if isinstance(one, str)]
    dev = [one for one in groups["dev"] if isinstance(one, str)]
    wanted = {
        "requirements.lock": project,
        "requirements-dev.lock": [*project, *build, *dev],
        "requirements-build.lock": build,
    }
    return [Requirement(one) for one in wanted[lock.name]]


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if lock != ARIADNE], ids=lambda lock: lock.stem)
@everywhere
@on_each
def test_a_lock_has_everything_that_it_needs_and_nothing_else(lock: Path, platform: str, python: str) -> None:
    place = environment(platform, python)
    locked = {pin.name: pin for pin in pins(lock) if pin.applies(place)}
    needed: set[str] = set()
    seen: set[tuple[str, str]] = set()
    to_do = [(requirement, "") for requirement in asked_for(lock)]
    while to_do:
        requirement, extra = to_do.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({**place, "extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        assert name in locked, f"{lock.name} lacks {requirement} on {platform} with Python {python}"
        assert requirement.specifier.contains(locked[name].version), f"{locked[name].requirement} is not {requirement}"
        needed.add(name)
        for wanted in ("", *requirement.extras):
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                to_do += [(one, wanted) for one in requires(locked[name])]
    assert needed == set(locked)


@cache
def _installed() -> Mapping[str, Any]:
    return installed()


def requires(pin: Pin) -> Sequence[Requirement]:
    """Return the requirements of a package. Those in `FOREIGN`, which other platforms need, have none."""
    if pin.name in FOREIGN:
        return []
    assert version(pin.name) == pin.version
    return [Requirement(one) for one in _installed()[pin.name].requires or ()]


FOREIGN = {"colorama"} if sys.platform != "win32" else {"uvloop"}


def test_the_lock_files_agree() -> None:
    """`make serve` installs two of them, and `make setup` then adds the third."""
    dev = {pin.name: pin for pin in pins(ROOT / "requirements-dev.lock")}
    for lock in ("requirements.lock", "requirements-build.lock"):
        for pin in pins(ROOT / lock):
            assert dev[pin.name].version == pin.version
            assert dev[pin.name].hashes == pin.hashes


# ---- Hashes -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """The names of the files that the package index has for each locked release, by hash."""
    wanted = {(pin.name, pin.version) for lock in LOCKS for pin in pins(lock)}
    context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT"))
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    with httpx.Client(headers=accept, verify=context, follow_redirects=True, timeout=30) as client:

        def files(release: tuple[str, str]) -> Mapping[str, str]:
            answer = client.get(f"{index_address()}/{release[0]}/").raise_for_status().json()
            return {one["hashes"].get("sha256", ""): one["filename"] for one in answer["files"]}

        try:
            with ThreadPoolExecutor(8) as pool:
                return dict(zip(wanted, pool.map(files, wanted), strict=True))
        except (httpx.HTTPError, ValueError) as error:
            pytest.skip(f"the package index does not support JSON: {error!r}")


@cache
def index_address() -> str:
    """Return the index that pip uses here."""
    command = [sys.executable, "-m", "pip", "download", "--help"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Base\s+URL.*?\(default\s+(?P<address>[^\s)]+)\)", text, re.DOTALL)
    assert found
    return found["address"].rstrip("/")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
@everywhere
@on_each
def test_each_pin_has_the_hash_of_a_wheel(
    lock: Path, platform: str, python: str, published: Mapping[tuple[str, str], Mapping[str, str]]
) -> None:
    place, fitting = environment(platform, python), tags(platform, python)
    lacking = [
        str(pin.requirement)
        for pin in pins(lock)
        if pin.applies(place) and not any(fits(name, fitting) for name in wheels(pin, published))
    ]
    assert lacking == []


def wheels(pin: Pin, published: Mapping[tuple[str, str], Mapping[str, str]]) -> Iterator[str]:
    files = published[pin.name, pin.version]
    return (name for hash_, name in files.items() if hash_ in pin.hashes and name.endswith(".whl"))


def fits(wheel: str, fitting: set[Tag]) -> bool:
    return not fitting.isdisjoint(parse_wheel_filename(wheel)[3])


def test_the_supported_versions_are_those_of_the_classifiers() -> None:
    assert supported() == list(PYTHONS)
    assert PROJECT["project"]["requires-python"] == f">={PYTHONS[0]}"
