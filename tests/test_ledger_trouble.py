"""A gateway whose ledger fails sends no writes, still serves reads, and recovers without a restart."""

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from ordergraph.vendors.palmetto.vendor import vendor as palmetto
from tests import postgres
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway
from tests.waiting import eventually

pytestmark = pytest.mark.slow

Json = dict[str, Any]
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""
LIST = """{ orders(first: 5) { nodes { account { name } }
    sources { account { name } state coverage code message retryAfter } } }"""


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, FakeVendor]]:
    with serving(nuvias, orders=20) as hub, serving(palmetto, orders=5) as portal:
        yield {"nuvias": hub, "palmetto": portal}


@pytest.fixture
def served(vendors: dict[str, FakeVendor]) -> dict[str, FakeVendor]:
    for fake in vendors.values():
        fake.reset()
        fake.end_faults()
    return vendors


@contextmanager
def started(served: dict[str, FakeVendor], url: str, monkeypatch: pytest.MonkeyPatch) -> Generator[Gateway]:
    monkeypatch.setenv("ORDERGRAPH_LEDGER__URL", url)
    with gateway({code: fake.table() for code, fake in served.items()}) as asked:
        yield asked


def place(asked: Gateway, key: str = "one") -> Json:
    lines = [{"product": {"id": "Product:nuvias:3"}}]
    fields = "order { id } operation { id status }"
    return asked.do("placeOrder", fields, accountId="Account:nuvias", idempotencyKey=key, lineItems=lines)


def assert_refused(asked: Gateway, served: dict[str, FakeVendor]) -> None:
    """Assert that mutations with and without an idempotency key fail quickly, and that nothing is sent."""
    served["nuvias"].forget_calls()
    began = time.monotonic()
    cancelled = asked.do("cancelOrder", "operation { id }", orderId=cancellable(asked))
    for payload in (place(asked), cancelled):
        (error,) = payload["userErrors"]
        assert (error["code"], error["isRetryable"], payload["operation"]) == ("NOT_SENT", True, None)
        assert error["message"].startswith("The gateway's ledger is unavailable. Nothing was sent to the vendor.")
    assert time.monotonic() - began < 25
    assert served["nuvias"].writes() == []


def cancellable(asked: Gateway) -> str:
    query = "{ orders(first: 50, filter: {vendors: [NUVIAS]}) { nodes { id availableActions { action isAllowed } } } }"
    found = asked.get(query)["orders"]["nodes"]
    able = {"action": "CANCEL_ORDER", "isAllowed": True}
    return next(one["id"] for one in found if able in one["availableActions"])


def assert_list_goes_on(asked: Gateway) -> None:
    """Assert that lists have the vendor's orders and report the kept orders as missing."""
    found = asked.get(LIST)["orders"]
    assert {one["account"]["name"] for one in found["nodes"]} == {"nuvias"}
    sources = {one["account"]["name"]: one for one in found["sources"]}
    assert sources["nuvias"]["state"] == "OK"
    failed = sources["palmetto"]
    assert (failed["state"], failed["coverage"], failed["code"]) == ("FAILED", "NONE", "LEDGER_UNAVAILABLE")
    assert failed["message"] == "The gateway's ledger is unavailable."
    assert failed["retryAfter"] == 5


def assert_works(asked: Gateway, key: str = "one") -> None:
    payload = place(asked, key)
    assert (payload["userErrors"], payload["operation"]["status"]) == ([], "CONFIRMED")


# ---- SQLite -----------------------------------------------------------------------------------------


@contextmanager
def locked(file: Path) -> Generator[None]:
    """Hold a write lock, as another process would."""
    command = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        try:
            yield
        finally:
            process.communicate("")


@contextmanager
def full() -> Generator[None]:
    """Make this process unable to create files."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_locked_file(served: dict[str, FakeVendor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "ledger.db"
    with started(served, f"sqlite:///{file}", monkeypatch) as asked:
        with locked(file):
            assert_refused(asked, served)
        assert_works(asked)


def test_files_that_cannot_grow(served: dict[str, FakeVendor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with started(served, f"sqlite:///{tmp_path}/ledger.db", monkeypatch) as asked:
        with full():
            assert_refused(asked, served)
        assert_works(asked)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a file system")
def test_full_disk(served: dict[str, FakeVendor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"cannot mount a file system: {mounted.stderr.decode().strip()}")
    try:
        with started(served, f"sqlite:///{disk}/ledger.db", monkeypatch) as asked:
            filler = disk / "filler"
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(bytes(4096))
            assert_refused(asked, served)
            filler.unlink()
            assert_works(asked)
    finally:
        subprocess.run(["umount", disk], check=True)


def test_files_that_were_overwritten(
    served: dict[str, FakeVendor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with started(served, f"sqlite:///{tmp_path}/ledger.db", monkeypatch) as asked:
        assert_works(asked, "before")
        files = {path: path.read_bytes() for path in tmp_path.glob("ledger.db*")}
        for path, content in files.items():
            overwrite(path, b"\xff" * len(content))
        assert_refused(asked, served)
        assert_list_goes_on(asked)
        for path, content in files.items():
            overwrite(path, content)
        assert_works(asked)
        assert place(asked, "before")["operation"]["status"] == "CONFIRMED"


def overwrite(path: Path, content: bytes) -> None:
    """Overwrite the file in place, because the gateway has it open."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT), "wb") as file:
        file.write(content)


# ---- PostgreSQL -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.OwnServer]:
    """A server of the tests' own, because it is stopped."""
    with postgres.running() as made:
        yield made


def test_server_that_is_stopped(
    served: dict[str, FakeVendor], server: postgres.OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with started(served, server.database(), monkeypatch) as asked:
        assert_works(asked, "before")
        server.stop()
        try:
            assert_refused(asked, served)
            assert_list_goes_on(asked)
        finally:
            server.start()
        assert_works(asked)


def test_server_that_stands_still(
    served: dict[str, FakeVendor], server: postgres.OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with started(served, server.database(), monkeypatch) as asked:
        assert_works(asked, "before")
        with server.standing_still():
            assert_refused(asked, served)
        assert_works(asked)


def test_connections_that_are_cut(
    served: dict[str, FakeVendor], server: postgres.OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.database()
    with started(served, url, monkeypatch) as asked:
        assert_works(asked, "before")
        server.cut(url)
        assert_works(asked)


def test_table_that_another_has_locked(
    served: dict[str, FakeVendor], server: postgres.OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.database()
    with started(served, url, monkeypatch) as asked:
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE write_operations")
            assert_refused(asked, served)
        assert_works(asked)


# ---- Recovery ---------------------------------------------------------------------------------------


def test_outcome_that_could_not_be_written_is_written_when_the_ledger_works_again(
    served: dict[str, FakeVendor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ledger.db"
    served["nuvias"].faults({"fault": "slow", "seconds": 1.0, "method": "POST", "path": "/baskets/{id}/submit"})
    submit = ("POST", "/baskets/{id}/submit")
    with started(served, f"sqlite:///{file}", monkeypatch) as asked:
        found: list[Json] = []
        thread = threading.Thread(target=lambda: found.append(place(asked)))
        thread.start()
        eventually(lambda: submit in served["nuvias"].calls())
        with locked(file):
            thread.join()
            assert found[0]["userErrors"] == []
            assert found[0]["operation"]["status"] == "SENDING"
        query = "query($id: ID!) { operation(id: $id) { status objectIds settledAt } }"
        id_ = found[0]["operation"]["id"]
        eventually(lambda: asked.get(query, id=id_)["operation"]["status"] != "SENDING")
        after = asked.get(query, id=id_)["operation"]
        assert (after["status"], after["objectIds"]) == ("CONFIRMED", [found[0]["order"]["id"]])
