"""The wheel is built and installed as in docs/installation.md, and the gateway runs from there."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from shutil import copy

import httpx
import pytest

from tests.documents import ROOT
from tests.install.commands import documented, run
from tests.install.promised import LIST, check_first_query, check_locked, check_pages

pytestmark = pytest.mark.slow

PLACE = "/opt/ordergraph"
CLEAN = {"PATH": "/usr/bin:/bin"}
"""An environment without access to the checkout."""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A virtual environment outside the checkout, created by the documented commands."""
    place = tmp_path / "installed"
    copy(ROOT / "requirements.lock", tmp_path)
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path / "dist", cwd=ROOT)
    for command in (*documented("python3 -m venv"), *documented(f"{PLACE}/bin/pip")):
        here = command.replace("python3", sys.executable).replace(PLACE, str(place))
        run("sh", "-c", here, cwd=tmp_path)
    return place


@contextmanager
def serving(program: Path, folder: Path) -> Generator[str]:
    """Run `ordergraph serve --sandbox` and yield its URL. SIGTERM must stop it gracefully."""
    words = [program, "serve", "--sandbox", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=folder, env=CLEAN) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().split()[-1]
            process.terminate()
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()


@pytest.mark.timeout(400)
def test_the_package_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    check_locked(run(installed / "bin/python", "-c", LIST), "pip", "setuptools")
    empty = tmp_path / "empty"
    empty.mkdir()
    with (
        serving(installed / "bin/ordergraph", empty) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=60, verify=False) as client,
    ):
        check_first_query(client)
        check_pages(client)
