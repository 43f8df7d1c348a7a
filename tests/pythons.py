"""Prints the other supported versions of Python on this machine, with their paths.

One line each, such as `3.13 /usr/bin/python3.13`. `make pythons` creates an environment for each and runs the quick
tests.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
CHECK = "import ensurepip, sqlite3, ssl, sys, venv; print('%d.%d' % sys.version_info[:2])"


def supported() -> list[str]:
    """Return the versions listed in pyproject.toml."""
    return re.findall(r"Programming Language :: Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text())


def found(version: str) -> Path | None:
    """Return an interpreter of this version that can create environments, or None."""
    return next((one for one in _candidates(f"python{version}") if _version(one) == version), None)


def _candidates(name: str) -> Iterator[Path]:
    """Yield interpreters on the path, and those that pyenv and uv have installed."""
    yield from (Path(folder) / name for folder in os.get_exec_path())
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR", Path.home() / ".local/share/uv/python"))
    yield from (pyenv / "versions").glob(f"*/bin/{name}")
    yield from uv.glob(f"*/bin/{name}")


def _version(python: Path) -> str | None:
    if not python.is_file():
        return None
    done = subprocess.run([str(python), "-c", CHECK], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def main() -> None:
    """Print the interpreters."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    for version in supported():
        python = found(version) if version != here else None
        if python is not None:
            sys.stdout.write(f"{version} {python}\n")


if __name__ == "__main__":
    main()
