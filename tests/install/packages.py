"""Lock files, and a local package index in which the newest releases are broken.

The index has the installed packages. Those that build ordergraph include their code. The others have only metadata,
which is all that pip needs to select versions. Each package also has a release 99.0 that cannot be installed, so that
an installation fails if it uses any version other than the pinned one.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
ARIADNE = ROOT / "tests/clients/requirements-ariadne.lock"
LOCKS = (*sorted(ROOT.glob("requirements*.lock")), ARIADNE)
BROKEN = "99.0"
Release = tuple[str, str]
"""A normalized name and a version."""

PIN = re.compile(r"^(?P<requirement>[^\s#-].*?)(?P<hashes>(?: \\\n +--hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)


@dataclass(frozen=True)
class Pin:
    """A pinned package in a lock file."""

    requirement: Requirement
    hashes: frozenset[str]

    @property
    def name(self) -> str:
        """The normalized name."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The pinned version."""
        (specifier,) = self.requirement.specifier
        return specifier.version

    def applies(self, environment: Mapping[str, str] | None = None) -> bool:
        """Whether the package is installed in an environment. Defaults to this one."""
        marker = self.requirement.marker
        return marker is None or marker.evaluate(dict(environment) if environment else None)


@cache
def pins(lock: Path) -> Sequence[Pin]:
    """Return all pins in a lock file."""
    return [
        Pin(Requirement(found["requirement"]), frozenset(re.findall("[0-9a-f]{64}", found["hashes"])))
        for found in PIN.finditer(lock.read_text())
    ]


def installed(*paths: Path) -> Mapping[str, Distribution]:
    """Return the packages in this environment, or in other site-packages folders, by normalized name."""
    found = distributions(path=[str(path) for path in paths]) if paths else distributions()
    return {canonicalize_name(one.metadata["Name"]): one for one in found}


# ---- Package index ----------------------------------------------------------------------------------


def make_index(folder: Path, known: Iterable[Distribution], whole: Iterable[str]) -> Mapping[Release, str]:
    """Create an index (PEP 503) of these packages in a folder. Return the hash of each release.

    ``whole`` has the names of the packages that include their code.
    """
    digests: dict[Release, str] = {}
    for package in known:
        name = canonicalize_name(package.metadata["Name"])
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        plain = name.replace("-", "_")
        good = place / f"{plain}-{package.version}-py3-none-any.whl"
        _pack(good, package, plain, with_code=name in whole)
        (place / f"{plain}-{BROKEN}-py3-none-any.whl").write_bytes(b"this is no wheel")
        digests[name, package.version] = sha256(good.read_bytes()).hexdigest()
        _list(place)
    return digests


def _list(place: Path) -> None:
    """Write the index page of a package."""
    links = [f'<a href="{one.name}#sha256={sha256(one.read_bytes()).hexdigest()}">.</a>' for one in place.glob("*.whl")]
    (place / "index.html").write_text("<!DOCTYPE html>\n" + "\n".join(links))


def _pack(wheel: Path, package: Distribution, plain: str, *, with_code: bool) -> None:
    info = f"{plain}-{package.version}.dist-info"
    files = _code(package) if with_code else {}
    files[f"{info}/METADATA"] = (package.read_text("METADATA") or "").encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = (package.read_text("entry_points.txt") or "").encode() if with_code else b""
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD")).encode()
    with zipfile.ZipFile(wheel, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)


def _code(package: Distribution) -> dict[str, bytes]:
    """Return the package's files in site-packages, without those that are specific to this environment."""
    return {
        path.as_posix(): Path(str(path.locate())).read_bytes()
        for path in package.files or ()
        if path.suffix != ".pyc" and ".." not in path.parts and not path.parts[0].endswith(".dist-info")
    }


def pinned_to(lock: str, digests: Mapping[Release, str]) -> str:
    """Return a lock file with the same versions and the hashes of the local index."""

    def pin(found: re.Match[str]) -> str:
        one = Pin(Requirement(found["requirement"]), frozenset())
        digest = digests.get((one.name, one.version))
        return f"{found['requirement']} --hash=sha256:{digest}" if digest else found[0]

    return PIN.sub(pin, lock)


def only_from(index: Path, home: Path) -> dict[str, str]:
    """Return an environment in which pip uses only this index, without the user's settings or cache."""
    others = ("PIP_", "UV_", "MAKE", "VIRTUAL", "COV")  # coverage of pip is not needed
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {
        **kept,
        "HOME": str(home),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": index.as_uri(),
        "PIP_NO_CACHE_DIR": "1",
        "PIP_COMPILE": "0",  # compiles only what is imported
    }
