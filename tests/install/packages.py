"""Lock files, and a local package index whose newest releases are broken.

The index is made of the packages that are installed here. A package that builds ordergraph is packed again as it is;
of the others, only the metadata is packed: that is all that pip looks at to decide what to install. Each package also
has a release 99.0 that cannot be installed, so an installation that takes anything but what the lock file pins fails.
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
"""A normalized name, and a version."""

PIN = re.compile(r"^(?P<requirement>[^\s#-].*?)(?P<hashes>(?: \\\n +--hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)


@dataclass(frozen=True)
class Pin:
    """A package that a lock file names."""

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
        """Whether it is installed in an environment; by default, in this one."""
        marker = self.requirement.marker
        return marker is None or marker.evaluate(dict(environment) if environment else None)


@cache
def pins(lock: Path) -> Sequence[Pin]:
    """All that a lock file names."""
    return [
        Pin(Requirement(found["requirement"]), frozenset(re.findall("[0-9a-f]{64}", found["hashes"])))
        for found in PIN.finditer(lock.read_text())
    ]


def installed(*paths: Path) -> Mapping[str, Distribution]:
    """The packages of this environment, or of others' site-packages, by normalized name."""
    found = distributions(path=[str(path) for path in paths]) if paths else distributions()
    return {canonicalize_name(one.metadata["Name"]): one for one in found}


# ---- An index ---------------------------------------------------------------------------------------


def make_index(folder: Path, known: Iterable[Distribution], whole: Iterable[str]) -> Mapping[Release, str]:
    """Make an index (PEP 503) of these packages in a folder; return the hash of each release.

    ``whole`` are the names of those that are packed with their code.
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
    """Write the page of a package."""
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
    """Its files in site-packages, without what belongs to this environment."""
    return {
        path.as_posix(): Path(str(path.locate())).read_bytes()
        for path in package.files or ()
        if path.suffix != ".pyc" and ".." not in path.parts and not path.parts[0].endswith(".dist-info")
    }


def pinned_to(lock: str, digests: Mapping[Release, str]) -> str:
    """The text of a lock file with the same versions, as an index of ours has them."""

    def pin(found: re.Match[str]) -> str:
        one = Pin(Requirement(found["requirement"]), frozenset())
        digest = digests.get((one.name, one.version))
        return f"{found['requirement']} --hash=sha256:{digest}" if digest else found[0]

    return PIN.sub(pin, lock)


def only_from(index: Path, home: Path) -> dict[str, str]:
    """An environment in which pip knows no index but this one, and nobody's settings or cache."""
    others = ("PIP_", "UV_", "MAKE", "VIRTUAL", "COV")  # what pip executes is of no interest to a measurement
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {
        **kept,
        "HOME": str(home),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": index.as_uri(),
        "PIP_NO_CACHE_DIR": "1",
        "PIP_COMPILE": "0",  # no more than an import needs
    }
