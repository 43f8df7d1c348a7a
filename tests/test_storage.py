"""The ledger's database: creation, upgrades, and failures."""

import asyncio
import json
import os
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import Mock

import psycopg
import pytest
from sqlalchemy import insert, inspect, select

from ordergraph.cli.export import exported
from ordergraph.domain import WriteStatus
from ordergraph.domain.commands import Range
from ordergraph.domain.errors import ActionRefused, LedgerUnavailable, StartError, UserError, UserErrorCode
from ordergraph.ledger import Ledger, Outcome, Use, operations, upgrades
from ordergraph.ledger.operations import Finding, OperationQuery, Operations, WriteOperation
from ordergraph.ledger.placed import PlacedOrders
from ordergraph.ledger.reconcile import Probe, Reconciler
from ordergraph.ledger.store import Store
from ordergraph.ledger.tables import EPOCH, ORDERS, SCHEMA
from ordergraph.upstream.calls import Call
from ordergraph.upstream.request_scope import current_request
from tests import postgres

pytestmark = pytest.mark.slow

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "samples" / "ledger"
OLD = SAMPLES / "version-1.sql"
DOUBTFUL = UserError(UserErrorCode.OUTCOME_IN_DOUBT, "Who knows.")


@pytest.fixture
async def store(ledger_url: str) -> AsyncIterator[Store]:
    made = Store(ledger_url)
    yield made
    await made.aclose()


def operation(number: int, **more: Any) -> WriteOperation:
    made = WriteOperation(
        id=f"{number:032x}",
        caller="ann",
        account="acme",
        mutation="placeOrder",
        idempotency_key=f"key-{number}",
        fingerprint="f" * 32,
        created_at=NOON + timedelta(minutes=number),
        owner="o" * 32,
        lease_until=NOON,
    )
    return replace(made, **more)


ORDER = "Order:acme:c-1"


def renaming(number: int, former: str | None, reference: str | None) -> WriteOperation:
    """Return a change of an order's reference."""
    asked = {"orderId": ORDER, "clientReference": reference}
    return operation(number, mutation="updateOrder", reference=reference, former_reference=former, request=asked)


def settled(number: int, status: WriteStatus, at: datetime) -> WriteOperation:
    return operation(number).settled(status, at)


# ---- Creation ---------------------------------------------------------------------------------------


async def unusable(store: Store) -> str:
    try:
        with pytest.raises(StartError) as caught:
            await store.open()
    finally:
        await store.aclose()
    for thread in threading.enumerate():  # threads of failed connections may still be ending
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5)
    return str(caught.value)


async def test_file_that_cannot_be_used_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "garbage.db").write_bytes(b"not a database at all, but long enough to be looked at" * 20)
    assert "file is not a database" in await unusable(Store(f"sqlite:///{tmp_path}/garbage.db"))
    assert "unable to open database file" in await unusable(Store(f"sqlite:///{tmp_path}/missing/ledger.db"))


async def test_file_that_cannot_be_written_is_told_at_the_start() -> None:
    with TemporaryDirectory(prefix="ordergraph-") as made:  # with permissions for other users
        folder, file = Path(made), Path(made, "ledger.db")
        store = Store(f"sqlite:///{file}")
        await store.open()
        await store.aclose()
        os.chmod(file, 0o444)
        os.chmod(folder, 0o555)
        with nobody():
            assert "attempt to write a readonly database" in await unusable(Store(f"sqlite:///{file}"))
            with pytest.raises(LedgerUnavailable):
                await Store(f"sqlite:///{file}").check()
        os.chmod(folder, 0o755)


@contextmanager
def nobody() -> Generator[None]:
    """Run as an unprivileged user, because root can write anywhere."""
    if os.getuid() == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(os.getuid())


async def test_server_that_cannot_be_used_is_told_without_the_password(postgresql: postgres.Server) -> None:
    where = postgresql.url.partition("@")[2]
    for store in (Store(f"postgresql://nobody:hunter2@{where}"), Store(f"postgresql://nobody@{where}", "hunter2")):
        said = await unusable(store)
        assert 'authentication failed for user "nobody"' in said
        assert "hunter2" not in said + str(store)


async def test_password_beside_the_url_is_used(postgresql: postgres.Server) -> None:
    store = Store(postgresql.database().replace(postgres.PASSWORD, "wrong"), postgres.PASSWORD)
    await store.open()
    await store.aclose()


async def test_database_of_a_newer_ordergraph_is_left_alone(store: Store, ledger_url: str) -> None:
    await store.open()
    async with store.begin() as connection:
        await connection.execute(SCHEMA.update().values(version=7))
    expected = "its tables have version 7, and this ordergraph supports at most version 3"
    assert expected in await unusable(Store(ledger_url))
    with pytest.raises(LedgerUnavailable) as caught:
        await Store(ledger_url).check()
    assert caught.value.reason == expected


async def test_writes_are_durable(store: Store, ledger_url: str) -> None:
    async with store.begin() as connection:
        if ledger_url.startswith("sqlite"):
            asked = {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": 2}
        else:
            asked = {"SHOW synchronous_commit": "on"}
        for statement, expected in asked.items():
            assert (await connection.exec_driver_sql(statement)).scalar() == expected


# ---- Versions ---------------------------------------------------------------------------------------


def make_old(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(OLD.read_text())


async def test_database_of_version_1_is_brought_up_to_date_and_loses_nothing(tmp_path: Path) -> None:
    make_old(tmp_path / "old.db")
    stores = [Store(f"sqlite:///{tmp_path}/old.db") for _ in range(4)]
    await asyncio.gather(*(one.open() for one in stores))
    (kept,) = await PlacedOrders(stores[0], "palmetto").by_reference("R-1")
    assert (kept.key, kept.body, kept.about) == ("c-1", b"body", {"notes": ["Ring twice."]})
    record = Operations(stores[0])
    found = [await record.by_id("palmetto", str(number) * 32) for number in range(4)]
    assert [one and one.status.name for one in found] == ["CONFIRMED", "REJECTED", "IN_DOUBT", "SENDING"]
    done, refused, doubtful, left = (one for one in found if one is not None)
    assert (done.objects, done.settled_at, done.response) == (["Order:palmetto:c-1"], NOON, None)
    assert (done.calls[0].body, done.calls[0].parts, done.request) == ({"sku": 1}, (), {"notes": ["Ring twice."]})
    assert (refused.status_reason, refused.binds) == ("No.", False)
    assert (doubtful.settled_at, doubtful.doubted_at, doubtful.checks) == (None, NOON, 0)
    assert await record.due(NOON, ["palmetto"], 9) == [doubtful]
    assert await record.abandoned(datetime.now(UTC)) == [left]
    assert await record.by_key("", "palmetto", "key-CONFIRMED") == done
    await record.begin(operation(9))
    for one in stores:
        await one.aclose()


async def made_by_version_2(url: str) -> None:
    """Turn an empty database into one that version 2 has used."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.executescript((SAMPLES / "version-2-sqlite.sql").read_text())
    else:
        async with await psycopg.AsyncConnection[Any].connect(url) as connection:
            await connection.execute((SAMPLES / "version-2-postgresql.sql").read_bytes())


async def test_tables_brought_up_to_date_are_those_that_are_made(
    ledger_url: str, request: pytest.FixtureRequest
) -> None:
    old = f"{ledger_url}-old" if ledger_url.startswith("sqlite") else request.getfixturevalue("postgresql").database()
    await made_by_version_2(old)
    assert await shape_of(old) == await shape_of(ledger_url)


async def test_tables_of_version_1_brought_up_to_date_are_those_that_are_made(tmp_path: Path) -> None:
    make_old(tmp_path / "old.db")
    assert await shape_of(f"sqlite:///{tmp_path}/old.db") == await shape_of(f"sqlite:///{tmp_path}/new.db")


async def test_database_of_version_2_is_brought_up_to_date_and_loses_nothing(ledger_url: str) -> None:
    await made_by_version_2(ledger_url)
    stores = [Store(ledger_url) for _ in range(4)]
    await asyncio.gather(*(one.open() for one in stores))
    (kept,) = await PlacedOrders(stores[0], "acme").by_reference("R-0")
    assert (kept.key, kept.about) == ("c-1", {"notes": ["Ring twice."]})
    record = Operations(stores[0])
    found = [await record.latest_by_key("ann", "acme", f"key-{number}") for number in range(4)]
    assert [(one.status.name, one.is_key_reusable, one.former_reference) for one in found if one is not None] == [
        ("CONFIRMED", False, None),
        ("REJECTED", True, None),
        ("IN_DOUBT", False, None),
        ("SENDING", False, None),
    ]
    assert await record.by_reference("acme", "R-0") == found[0]
    await record.begin(renaming(9, "R-0", "R-9"))
    await record.change(renaming(9, "R-0", "R-9").settled(WriteStatus.CONFIRMED, NOON, [ORDER]))
    await record.begin(operation(10, reference="R-0"))
    for one in stores:
        await one.aclose()


async def shape_of(url: str) -> Any:
    store = Store(url)
    async with store.begin() as connection:
        found = await connection.run_sync(shape)
    await store.aclose()
    return found


def shape(connection: Any) -> Any:
    found = inspect(connection)
    return {
        table: (
            {column["name"]: (str(column["type"]), column["nullable"]) for column in found.get_columns(table)},
            sorted((index["name"] or "", index["column_names"], index["unique"]) for index in found.get_indexes(table)),
        )
        for table in found.get_table_names()
    }


async def test_some_that_bring_it_up_to_date_at_once_do_it_once(
    store: Store, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.open()
    step = ("ALTER TABLE kept_orders ADD COLUMN colour INTEGER", "CREATE INDEX by_colour ON kept_orders (colour)")
    monkeypatch.setattr(upgrades, "UPGRADES", (*upgrades.UPGRADES, step))
    monkeypatch.setattr(upgrades, "VERSION", 4)
    stores = [Store(ledger_url) for _ in range(4)]
    await asyncio.gather(*(one.open() for one in stores))
    for one in stores:
        await one.aclose()
    async with store.begin() as connection:
        assert (await connection.execute(select(SCHEMA.c.version))).scalars().all() == [4]
        assert (await connection.exec_driver_sql("SELECT colour FROM kept_orders")).all() == []


async def test_step_that_fails_leaves_the_database_as_it_was(
    store: Store, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.open()
    step = ("ALTER TABLE kept_orders ADD COLUMN colour INTEGER", "CREATE INDEX by_colour ON nothing (colour)")
    monkeypatch.setattr(upgrades, "UPGRADES", (*upgrades.UPGRADES, step))
    monkeypatch.setattr(upgrades, "VERSION", 4)
    assert "nothing" in await unusable(Store(ledger_url))
    async with store.begin() as connection:
        assert (await connection.execute(select(SCHEMA.c.version))).scalar() == 3
        columns = await connection.run_sync(lambda one: inspect(one).get_columns("kept_orders"))
    assert "colour" not in [column["name"] for column in columns]


async def test_check_says_what_is_there_and_makes_nothing(ledger_url: str, tmp_path: Path) -> None:
    store = Store(ledger_url)
    for _ in range(2):
        assert await store.check() == f"{store} is empty. The gateway creates the tables when it starts."
    assert os.listdir(tmp_path) == []
    with pytest.raises(StartError, match=r"is empty\. Start the gateway first"):
        await store.open_existing()
    await store.open()
    assert await store.check() == f"{store} works and has version 3."
    await store.aclose()
    with pytest.raises(LedgerUnavailable, match="is unavailable") as caught:
        await Store(f"sqlite:///{tmp_path}/missing/ledger.db").check()
    assert "is not writable" in caught.value.reason


async def test_check_leaves_an_old_database_as_it_is(tmp_path: Path) -> None:
    make_old(tmp_path / "old.db")
    store = Store(f"sqlite:///{tmp_path}/old.db")
    for _ in range(2):
        assert await store.check() == f"{store} has version 1. The gateway upgrades it to version 3 when it starts."
    with pytest.raises(StartError, match=r"has version 1 of the tables\. Start the gateway first"):
        await store.open_existing()
    await store.aclose()


# ---- Failures ---------------------------------------------------------------------------------------


async def test_transaction_of_a_cut_connection_is_told_and_the_next_one_works(postgresql: postgres.Server) -> None:
    url = postgresql.database()
    store = Store(url)
    kept = PlacedOrders(store, "acme")
    row: dict[str, Any] = {
        "account": "acme",
        "key": "1",
        "placed_at": EPOCH,
        "retrieved_at": EPOCH,
        "body": b"",
        "about": {},
    }

    async def write(*, cut_first: bool) -> None:
        async with store.begin() as connection:
            if cut_first:
                postgresql.cut(url)
            await connection.execute(insert(ORDERS).values(row))
            postgresql.cut(url)

    for cut_first in (True, False):
        with pytest.raises(LedgerUnavailable) as caught:
            await write(cut_first=cut_first)
        assert caught.value.perhaps_kept is not cut_first
        assert await kept.count() == 0
    postgresql.cut(url)
    assert await kept.count() == 0
    await store.aclose()


async def test_server_that_stands_still_is_given_up_soon() -> None:
    with postgres.running() as server:
        store = Store(server.database())
        kept = PlacedOrders(store, "acme")
        assert await kept.count() == 0
        with server.standing_still():
            for _ in range(2):
                began = time.monotonic()
                with pytest.raises(LedgerUnavailable):
                    await kept.count()
                assert time.monotonic() - began < 8
        assert await kept.count() == 0
        await store.aclose()


async def test_message_holds_no_values(store: Store) -> None:
    async def write() -> None:
        async with store.begin() as connection:
            await connection.exec_driver_sql("DROP TABLE kept_orders")
            await connection.execute(insert(ORDERS).values(account="acme", key="hunter2"))

    with pytest.raises(LedgerUnavailable) as caught:
        await write()
    cause = caught.value.__cause__
    assert "hunter2" not in f"{caught.value} {caught.value.reason} {cause}"


class Lost(Store):
    """A database that commits, but whose response to the next commits is lost."""

    losses = 0

    def begin(self) -> Any:
        return self._losing(super().begin())

    def _losing(self, transaction: Any) -> Any:
        outer = self

        class Losing:
            async def __aenter__(self) -> Any:
                return await transaction.__aenter__()

            async def __aexit__(self, *raised: Any) -> Any:
                await transaction.__aexit__(*raised)
                if outer.losses and raised[0] is None:
                    outer.losses -= 1
                    raise LedgerUnavailable("it does not answer", perhaps_kept=True)

        return Losing()


async def test_commit_whose_answer_was_lost_leaves_no_doubt_about_what_was_not_sent(ledger_url: str) -> None:
    store = Lost(ledger_url)
    ledger = Ledger(store)
    sent: list[Call] = []
    call = Call("place_order", "POST", "/orders")

    async def do() -> Outcome:
        told = current_request().recorder
        assert told is not None
        await told.sending(call)
        sent.append(call)
        return Outcome()

    async def replay(operation: WriteOperation) -> Outcome:
        return Outcome(operation=operation)

    use = Use(caller="ann", account="acme", mutation="cancelOrder", request=1)
    store.losses = 1
    with suppress(Exception):
        await ledger.run(use, do, replay)
    assert sent == []
    (left,) = (await ledger.operations.listed("acme", OperationQuery(), window())).items
    assert left.status is WriteStatus.SENDING
    await ledger.recover()
    (after,) = (await ledger.operations.listed("acme", OperationQuery(), window())).items
    assert (after.status, after.binds, after.reasons[0].code) == (WriteStatus.REJECTED, False, UserErrorCode.NOT_SENT)
    await ledger.aclose()
    await store.aclose()


def window() -> Any:
    return operations.Window(100, descending=False)


# ---- Retention --------------------------------------------------------------------------------------


async def test_only_what_is_settled_and_old_is_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "STEP", 2)
    record = Operations(store)
    for number in range(5):
        await record.begin(settled(number, WriteStatus.CONFIRMED, NOON))
    await record.begin(settled(5, WriteStatus.REJECTED, NOON))
    stays = [
        settled(6, WriteStatus.CONFIRMED, NOON + timedelta(seconds=1)),
        operation(7).doubted("", NOON),
        operation(8),
    ]
    for one in stays:
        await record.begin(one)
    assert await record.forget(NOON) == 0
    assert await record.forget(NOON + timedelta(seconds=1)) == 6
    left = await record.listed("acme", OperationQuery(), window())
    assert [one.id for one in left.items] == [one.id for one in stays]
    await record.begin(operation(1))  # its key is free again


# ---- Several processes ------------------------------------------------------------------------------


async def test_two_reconcilers_ask_about_each_operation_once_at_a_time(store: Store, ledger_url: str) -> None:
    count = 50
    record = Operations(store)
    for number in range(count):
        await record.begin(operation(number).doubted("", NOON))
    asking: set[str] = set()
    asked: dict[str, int] = {}

    async def find(one: WriteOperation) -> Finding:
        assert one.id not in asking, "looked up twice at the same time"
        asking.add(one.id)
        asked[one.id] = asked.get(one.id, 0) + 1
        await asyncio.sleep(0.002)
        asking.discard(one.id)
        return Finding(done=True)

    probes = {"acme": Probe(find, 60)}
    stores = [Store(ledger_url), Store(ledger_url)]
    ledgers = [Ledger(one) for one in stores]
    tasks = [asyncio.create_task(Reconciler(one, probes, timedelta(days=3650)).run()) for one in ledgers]
    confirmed = OperationQuery(statuses=frozenset({WriteStatus.CONFIRMED}))
    async with asyncio.timeout(30):
        while await record.count("acme", confirmed) < count:  # noqa: ASYNC110 - what it waits for is in a database
            await asyncio.sleep(0.02)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(asked) == [f"{number:032x}" for number in range(count)]
    assert set(asked.values()) == {1}
    for ledger, one in zip(ledgers, stores, strict=True):
        await ledger.aclose()
        await one.aclose()


# ---- References and free keys -----------------------------------------------------------------------


async def confirmed(record: Operations, one: WriteOperation) -> None:
    await record.begin(one)
    await record.change(one.settled(WriteStatus.CONFIRMED, NOON, [ORDER]))


async def holder(record: Operations, reference: str) -> int | None:
    """Return the number of the operation that holds a reference."""
    found = await record.by_reference("acme", reference)
    return int(found.id, 16) if found else None


async def test_a_reference_is_free_when_its_order_has_another(store: Store) -> None:
    record = Operations(store)
    await confirmed(record, operation(1, reference="R"))
    await record.begin(renaming(2, "R", "S"))
    assert (await holder(record, "R"), await holder(record, "S")) == (1, 2)
    await record.change(renaming(2, "R", "S").settled(WriteStatus.CONFIRMED, NOON, [ORDER]))
    assert (await holder(record, "R"), await holder(record, "S")) == (None, 2)
    await confirmed(record, operation(3, reference="R"))
    await confirmed(record, renaming(4, "S", None))
    assert (await holder(record, "R"), await holder(record, "S")) == (3, None)


async def test_both_references_are_safe_until_it_is_known_which_the_order_has(store: Store) -> None:
    record = Operations(store)
    await confirmed(record, operation(1, reference="R"))
    change = renaming(2, "R", "S")
    await record.begin(change)
    await record.change(change.doubted("Who knows.", NOON))
    for reference in ("R", "S"):
        with pytest.raises(operations.ReferenceTaken):
            await record.begin(operation(3, reference=reference))
    await record.change(change.settled(WriteStatus.REJECTED, NOON))
    assert (await holder(record, "R"), await holder(record, "S")) == (1, None)
    with pytest.raises(operations.ReferenceTaken):
        await record.begin(operation(3, reference="R"))
    await record.begin(operation(4, reference="S"))


async def test_a_change_without_a_key_is_refused_a_taken_reference(store: Store) -> None:
    record = Operations(store)
    await confirmed(record, operation(1, reference="R"))
    for caller in ("ann", "bob"):
        with pytest.raises(operations.ReferenceTaken):
            await record.begin(replace(renaming(2, "S", "R"), idempotency_key=None, caller=caller, request={}))


async def test_an_order_may_take_its_own_reference_back(store: Store) -> None:
    """Staff at the vendor had changed the reference in the meantime."""
    record = Operations(store)
    await confirmed(record, operation(1, reference="R"))
    back = renaming(2, "X", "R")
    await confirmed(record, back)
    assert await holder(record, "R") == 2
    late = replace(renaming(3, "R", "S"), created_at=NOON)  # sent earlier, and confirmed only now
    await confirmed(record, late)
    assert await holder(record, "R") == 2
    other = {"orderId": "Order:acme:c-2"}
    with pytest.raises(operations.ReferenceTaken):
        await record.begin(replace(renaming(4, "Y", "R"), request=other))


async def test_of_a_reference_that_is_given_up_one_of_two_orders_gets_it(store: Store, ledger_url: str) -> None:
    other = Store(ledger_url)
    records = (Operations(store), Operations(other))
    await confirmed(records[0], operation(1, reference="R"))
    change = renaming(2, "R", "S")
    await records[0].begin(change)
    done = change.settled(WriteStatus.CONFIRMED, NOON, [ORDER])
    tries = [one.begin(operation(3 + number, reference="R")) for number, one in enumerate(records * 3)]
    _, *found = await asyncio.gather(records[1].change(done), *tries, return_exceptions=True)
    assert {type(one) for one in found} <= {type(None), operations.ReferenceTaken}
    assert len([one for one in found if one is None]) <= 1
    with suppress(operations.ReferenceTaken):
        await records[1].begin(operation(20, reference="R"))
    assert await holder(records[0], "R") not in (None, 1)
    await other.aclose()


async def test_a_reference_that_is_given_up_while_it_is_looked_for_is_free(store: Store) -> None:
    change = renaming(2, "R", "S")

    class Late(Operations):
        """The order gives up its reference between the failed insert and the look-up of the reference's holder."""

        async def by_reference(self, account: str, reference: str | None) -> operations.WriteOperation | None:
            await self.change(change.settled(WriteStatus.CONFIRMED, NOON, [ORDER]))
            return await super().by_reference(account, reference)

    late = Late(store)
    await confirmed(late, operation(1, reference="R"))
    await late.begin(change)
    await late.begin(operation(3, reference="R"))
    assert await holder(Operations(store), "R") == 3


async def test_the_reference_of_an_order_that_is_looked_for_cannot_be_given_up(store: Store) -> None:
    ledger = Ledger(store)
    lost = operation(1, reference="R")
    await ledger.operations.begin(lost)
    await ledger.operations.change(lost.doubted("Who knows.", NOON))

    async def rename() -> Outcome:
        told = current_request().recorder
        assert told is not None
        await told.sending(Call("edit_order", "PUT", "/orders/1", reference="S", former_reference="R"))
        return Outcome()

    use = Use(caller="ann", account="acme", mutation="updateOrder", request={}, told={"orderId": ORDER})
    with pytest.raises(ActionRefused) as caught:
        await ledger.run(use, rename, Mock(side_effect=AssertionError))
    (reason,) = caught.value.errors
    assert (reason.code, reason.field) == (UserErrorCode.INVALID, ("input", "clientReference"))
    await ledger.operations.change(lost.settled(WriteStatus.CONFIRMED, NOON, [ORDER]))
    assert (await ledger.run(use, rename, Mock(side_effect=AssertionError))).status is WriteStatus.CONFIRMED
    assert await holder(ledger.operations, "R") is None
    await ledger.aclose()


async def test_a_key_that_is_free_names_its_latest_operation(store: Store) -> None:
    record = Operations(store)

    async def named(caller: str = "ann") -> tuple[int, bool | None] | None:
        found = await record.latest_by_key(caller, "acme", "k")
        return (int(found.id, 16), found.is_key_reusable) if found else None

    first, second, third = (operation(number, idempotency_key="k") for number in (1, 2, 3))
    assert await named() is None
    await record.begin(first)
    assert await named() == (1, False)
    await record.change(first.settled(WriteStatus.REJECTED, NOON))
    assert (await named(), await record.by_key("ann", "acme", "k")) == ((1, True), None)
    await record.begin(second)
    await record.change(second.settled(WriteStatus.REJECTED, NOON))
    assert await named() == (2, True)
    await record.begin(third)
    assert await named() == (3, False)
    assert [one["isKeyReusable"] for one in await lines(store)] == [False, False, False]
    await record.change(third.settled(WriteStatus.REJECTED, NOON))
    await record.change(first.settled(WriteStatus.CONFIRMED, NOON))  # the earlier change was confirmed after all
    assert await named() == (1, False)
    assert await named("bob") is None
    assert await record.latest_by_key("ann", "acme", "\0") is None


# ---- Export -----------------------------------------------------------------------------------------


async def lines(store: Store, accounts: Sequence[str] | None = None, **query: Any) -> list[Any]:
    return [json.loads(line) async for line in exported(Operations(store), accounts, OperationQuery(**query))]


async def test_export_has_every_operation_once_account_by_account(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ordergraph.cli.export.PAGE", 3)
    record = Operations(store)
    for number in range(20):
        one = settled(number, WriteStatus.CONFIRMED, NOON) if number % 3 else operation(number)
        one = replace(one, account=("beta", "acme")[number % 2])
        await record.begin(replace(one, created_at=NOON) if number < 8 else one)
    found = await lines(store)
    places = [(one["account"], one["createdAt"], one["id"]) for one in found]
    assert places == sorted(places)
    assert len(set(places)) == 20
    assert {one["account"] for one in await lines(store, ["beta"])} == {"beta"}
    assert await lines(store, ["nobody"]) == []
    sending = await lines(store, statuses=frozenset({WriteStatus.SENDING}))
    assert {one["status"] for one in sending} == {"SENDING"}
    later = await lines(store, created_at=Range(NOON + timedelta(minutes=10), NOON + timedelta(minutes=12)))
    assert sorted(one["idempotencyKey"] for one in later) == ["key-10", "key-11"]


async def test_export_tells_an_operation_as_the_graph_does(store: Store) -> None:
    call = operations.SentCall("place_order", "POST", "/orders", {"sku": 1}, ("x",), "note")
    await Operations(store).begin(
        replace(
            operation(1, caller="", calls=[call], request={"notes": ["Ring twice."]}, request_id="r-1"),
            response=operations.Response(201, "v-1", {"id": 7}),
            settlement=operations.Settlement("ann", "by phone"),
        ).settled(WriteStatus.CONFIRMED, NOON, ["Order:acme:7"])
    )
    (found,) = await lines(store)
    assert found == {
        "id": f"WriteOperation:acme:{1:032x}",
        "account": "acme",
        "caller": None,
        "mutation": "placeOrder",
        "action": "PLACE_ORDER",
        "idempotencyKey": "key-1",
        "isKeyReusable": False,
        "status": "CONFIRMED",
        "statusReason": None,
        "objectIds": ["Order:acme:7"],
        "createdAt": "2026-11-01T12:01:00Z",
        "settledAt": "2026-11-01T12:00:00Z",
        "nextCheckAt": None,
        "requestId": "r-1",
        "vendorRequestId": "v-1",
        "request": {"notes": ["Ring twice."]},
        "calls": [{"operation": "place_order", "method": "POST", "target": "/orders", "body": {"sku": 1}}],
        "response": {"status": 201, "body": {"id": 7}},
        "settlement": {"caller": "ann", "note": "by phone"},
    }
