"""The image is built from the Dockerfile and run with the commands in docs/installation.md."""

import re
import shlex
from collections.abc import Generator, Sequence
from pathlib import Path

import httpx
import pytest

from tests.documents import ROOT
from tests.install.commands import documented
from tests.install.containers import BASE, IMAGE, Container, Engine, engine, missing
from tests.install.promised import LIST, check_first_query, check_locked, check_pages

pytestmark = pytest.mark.slow

CONTEXT = {"LICENSE", "README.md", "pyproject.toml", "requirements-build.lock", "requirements.lock", "src"}
OURS = ("opt/ordergraph/", "var/lib/ordergraph/")
MEGABYTES = 200
"""The most megabytes that the image may add to its base."""
STOP_SECONDS = 10
"""The default timeout of `docker stop`, in seconds."""

RESTRICTIONS = """
import errno, os
print(os.getuid(), os.getgid(), os.getgroups())
for folder in '/', '/opt/ordergraph', '.', '/tmp':
    try:
        open(f'{folder}/file', 'w').close()
        print(os.path.abspath(folder), 'is written to')
    except OSError as error:
        print(os.path.abspath(folder), errno.errorcode[error.errno])
"""
SETTINGS = """[accounts.nuvias]
vendor = "nuvias"
client_id = "123e4567-e89b-12d3-a456-426614174000"
currency = "GBP"
"""
SECRETS = "ORDERGRAPH_ACCOUNTS__NUVIAS__CLIENT_SECRET=nothing\n"


@pytest.fixture(name="engine")
def own_engine() -> Generator[Engine]:
    if reason := missing():
        pytest.skip(reason)
    with engine() as made:
        yield made


def run_words(word: str) -> Sequence[str]:
    """Return the arguments of the documented `docker run` with this word, with free ports and without `--rm`."""
    (line,) = [line for line in documented("docker run") if word in line]
    return shlex.split(re.sub(r"\b(\d+):\1\b", r"127.0.0.1::\1", line).replace("--rm", "--cap-drop all"))[2:]


def test_the_build_gets_nothing_but_what_the_package_is_made_of(engine: Engine) -> None:
    probe = engine.folder / "Dockerfile"
    probe.write_text("FROM scratch\nCOPY . /\n")
    engine.buildah("build", "--isolation", "chroot", "--file", probe, "--tag", "context", ROOT)
    sources = {path.relative_to(ROOT) for path in (ROOT / "src").rglob("*") if "__pycache__" not in path.parts}
    assert engine.paths("context") == CONTEXT | {str(path) for path in sources}


@pytest.mark.timeout(900)
def test_the_image(engine: Engine, subtests: pytest.Subtests) -> None:
    paths = engine.make_base()
    engine.build(python=max(re.findall(r"^usr/bin/python(3\.\d+)$", "\n".join(paths), re.MULTILINE)))
    with subtests.test("adds only the package to its base"):
        added = engine.paths(IMAGE) - paths
        assert [path for path in sorted(added) if not f"{path}/".startswith(OURS)] == []
        assert engine.size(IMAGE) - engine.size(BASE) < MEGABYTES * 1_000_000
    with engine.container(*run_words("--sandbox")) as container:
        for check in (answers, is_healthy, is_confined, has_what_is_locked, stops):
            with subtests.test(f"with the fake vendors: {check.__name__}"):
                check(container)
    (engine.folder / "ordergraph.toml").write_text(SETTINGS)
    (engine.folder / "secrets.env").write_text(SECRETS)
    with engine.container(*run_words("secrets.env")) as container:
        for check in (is_healthy, keeps_its_ledger_in_the_volume, stops):
            with subtests.test(f"with accounts of one's own: {check.__name__}"):
                check(container)


def answers(container: Container) -> None:
    with httpx.Client(base_url=container.url, trust_env=False, timeout=60, verify=False) as client:
        check_first_query(client)
        check_pages(client)


def is_healthy(container: Container) -> None:
    container.engine.podman("healthcheck", "run", container.name)


def is_confined(container: Container) -> None:
    assert container.python(RESTRICTIONS).splitlines() == [
        "10001 10001 []",
        "/ EROFS",
        "/opt/ordergraph EROFS",
        "/var/lib/ordergraph is written to",
        "/tmp is written to",
    ]


def has_what_is_locked(container: Container) -> None:
    check_locked(container.python(LIST))


def keeps_its_ledger_in_the_volume(container: Container) -> None:
    volume = container.engine.podman("volume", "inspect", "--format", "{{.Mountpoint}}", "ordergraph").strip()
    assert (Path(volume) / "ordergraph.db").stat().st_uid == 10001


def stops(container: Container) -> None:
    assert container.exit_code(STOP_SECONDS) == 0
