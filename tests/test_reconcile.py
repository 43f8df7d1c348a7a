"""Reconciliation of in-doubt operations: at the right times, and by one process at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from ordergraph.domain import Order, Origin, WriteStatus
from ordergraph.domain.errors import LedgerUnavailable, UserError, UserErrorCode, VendorUnavailable
from ordergraph.domain.paging import Window
from ordergraph.ledger import Ledger
from ordergraph.ledger.operations import Finding, OperationQuery, WriteOperation, lease
from ordergraph.ledger.reconcile import CANNOT_ASK, LAST_SECONDS, Probe, Reconciler, judged
from ordergraph.ledger.store import Store
from ordergraph.upstream.request_scope import current_request

NOON = datetime(2026, 1, 30, 12, tzinfo=UTC)
SETTLE = 60.0
DOWN = VendorUnavailable("acme", "a", "get_order")
DOUBTFUL = UserError(UserErrorCode.OUTCOME_IN_DOUBT, "Who knows.")


class Ordered(Order):
    """An order of which only the ID matters."""

    def __init__(self) -> None:
        super().__init__(Origin("a", "acme", NOON))

    @property
    def key(self) -> tuple[str, ...]:
        return ("7",)


def operation(id_: str = "1", *, at: datetime = NOON, account: str = "a", key: str | None = None) -> WriteOperation:
    """Return an in-doubt operation."""
    made = WriteOperation(
        id=id_,
        caller="web",
        account=account,
        mutation="placeOrder",
        idempotency_key=key or id_,
        fingerprint="f",
        created_at=at,
        owner="gone",
        lease_until=at,
    )
    return replace(made.doubted("It was lost.", at), reasons=[DOUBTFUL])


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_what_the_vendor_has_is_confirmed() -> None:
    after = judged(operation(), Finding(True, [Ordered()]), SETTLE, later(1))
    assert (after.status, after.objects, after.reasons) == (WriteStatus.CONFIRMED, ["Order:a:7"], ())
    assert (after.settled_at, after.next_check_at, after.binds) == (later(1), None, True)


def test_one_empty_look_up_proves_nothing() -> None:
    after = judged(operation(), Finding(False), SETTLE, later(SETTLE - 1))
    assert (after.status, after.reasons, after.binds) == (WriteStatus.IN_DOUBT, [DOUBTFUL], True)
    assert after.next_check_at == later(SETTLE)  # exactly when it counts


def test_what_the_vendor_has_not_after_the_settle_time_was_not_done() -> None:
    after = judged(operation(), Finding(False), SETTLE, later(SETTLE))
    assert (after.status, after.binds) == (WriteStatus.REJECTED, False)
    assert [(one.code, one.retryable) for one in after.reasons] == [(UserErrorCode.NOT_SENT, True)]


def test_what_cannot_be_done_any_more_need_not_wait() -> None:
    assert judged(operation(), Finding(False, final=True), SETTLE, later(0)).status is WriteStatus.REJECTED


@pytest.mark.parametrize("error", [DOWN, ZeroDivisionError()])
def test_a_vendor_that_does_not_answer_is_asked_again_in_growing_pauses(error: Exception) -> None:
    found, now, pauses = operation(), NOON, list[float]()
    for _ in range(14):
        found = judged(found, error, SETTLE, now)
        assert found.status is WriteStatus.IN_DOUBT
        assert found.next_check_at is not None
        pauses.append((found.next_check_at - now).total_seconds())
        now = found.next_check_at
    assert pauses[:6] == [1, 2, 4, 8, 16, 29]  # the last look-up is at the end of the settle time
    assert pauses[-1] == LAST_SECONDS
    assert found.checks == 14


def test_a_vendor_that_cannot_be_asked_is_not_asked_again() -> None:
    after = judged(operation(), None, SETTLE, later(1))
    assert (after.status, after.next_check_at) == (WriteStatus.IN_DOUBT, None)
    assert after.status_reason == f"Who knows. {CANNOT_ASK}"
    assert judged(after, None, SETTLE, later(2)).status_reason == after.status_reason


@pytest.fixture
async def store(ledger_url: str) -> AsyncIterator[Store]:
    made = Store(ledger_url)
    yield made
    await made.aclose()


class Vendor:
    """Answers look-ups and counts how many run at the same time."""

    def __init__(self, answer: Finding | Exception | None = None) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.now = self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def find_outcome(self, operation: WriteOperation) -> Finding | None:
        assert current_request().probing
        self.asked.append(operation.id)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.gate.wait()
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer
        finally:
            self.now -= 1


def reconciler(store: Store, vendor: Vendor, account: str = "a") -> Reconciler:
    return Reconciler(Ledger(store), {account: Probe(vendor.find_outcome, SETTLE)}, timedelta(days=30))


async def until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not check():  # noqa: ASYNC110 - what it waits for is in a database
            await asyncio.sleep(0.01)


async def settled(store: Store, count: int, account: str = "a") -> None:
    record, query = Ledger(store).operations, OperationQuery(statuses=frozenset({WriteStatus.CONFIRMED}))
    async with asyncio.timeout(20):
        while await record.count(account, query) < count:  # noqa: ASYNC110 - what it waits for is in a database
            await asyncio.sleep(0.01)


async def test_two_processes_ask_about_each_once(store: Store) -> None:
    record = Ledger(store).operations
    for number in range(30):
        await record.begin(operation(f"{number:02}"))
    vendor = Vendor(Finding(True, [Ordered()]))
    workers = [asyncio.create_task(reconciler(store, vendor).run()) for _ in range(2)]
    await settled(store, 30)
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    assert sorted(vendor.asked) == [f"{number:02}" for number in range(30)]
    assert vendor.most <= 8  # four per process


async def test_a_slow_vendor_holds_up_no_other(store: Store) -> None:
    record, slow, quick = Ledger(store).operations, Vendor(), Vendor(Finding(True, [Ordered()]))
    slow.gate.clear()
    for number in range(20):
        await record.begin(operation(f"{number:02}"))
    await record.begin(operation("quick", account="b", at=datetime.now(UTC) - timedelta(seconds=1)))
    probes = {"a": Probe(slow.find_outcome, SETTLE), "b": Probe(quick.find_outcome, SETTLE)}
    worker = asyncio.create_task(Reconciler(Ledger(store), probes, timedelta(days=30)).run())
    await settled(store, 1, "b")
    await until(lambda: slow.now == 4)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert quick.asked == ["quick"]
    assert slow.most == 4


async def test_what_comes_into_doubt_is_asked_about_at_once(store: Store) -> None:
    vendor = Vendor(Finding(True, [Ordered()]))
    made = reconciler(store, vendor)
    worker = asyncio.create_task(made.run())
    await asyncio.sleep(0)
    ledger = made._ledger  # pyright: ignore[reportPrivateUsage]
    await ledger.operations.begin(operation(at=datetime.now(UTC)))
    ledger.doubtful.set()
    await settled(store, 1)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


async def test_an_answer_tells_nothing_of_what_was_done_after_the_question(store: Store) -> None:
    vendor = Vendor(Finding(False))
    vendor.gate.clear()
    certain = datetime.now(UTC) + timedelta(seconds=2)
    await Ledger(store).operations.begin(operation(at=certain - timedelta(seconds=SETTLE)))
    worker = asyncio.create_task(reconciler(store, vendor).run())
    await until(lambda: vendor.asked == ["1"])
    await until(lambda: datetime.now(UTC) > certain)
    vendor.gate.set()
    await until(lambda: vendor.asked == ["1", "1"])
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


async def test_what_a_dead_process_left_is_taken_over_when_its_lease_ends(store: Store) -> None:
    left = replace(operation(), status=WriteStatus.SENDING, doubted_at=None, reasons=(), lease_until=lease(0.3))
    await Ledger(store).operations.begin(left)
    vendor = Vendor(Finding(True, [Ordered()]))
    worker = asyncio.create_task(reconciler(store, vendor).run())
    await settled(store, 1)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert datetime.now(UTC) > left.lease_until


async def test_what_could_not_be_asked_is_asked_again_after_a_restart(store: Store) -> None:
    record = Ledger(store).operations
    await record.begin(replace(operation(), next_check_at=None))
    vendor = Vendor(Finding(True, [Ordered()]))
    worker = asyncio.create_task(reconciler(store, vendor).run())
    await settled(store, 1)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert vendor.asked == ["1"]


async def test_a_fault_of_ours_ends_no_reconciler(store: Store) -> None:
    record = Ledger(store).operations
    await record.begin(operation())
    vendor = Vendor(ZeroDivisionError())
    with capture_logs() as logs:
        worker = asyncio.create_task(reconciler(store, vendor).run())
        await until(lambda: len(vendor.asked) == 2)
        assert not worker.done()
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    assert {one["event"] for one in logs} == {"unexpected error"}


async def test_a_database_that_is_away_is_told_once_and_found_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Ledger(store).operations.begin(operation())
    vendor = Vendor(Finding(True, [Ordered()]))
    made, rounds = reconciler(store, vendor), 0
    recover = made._ledger.recover  # pyright: ignore[reportPrivateUsage]

    async def away() -> list[WriteOperation]:
        nonlocal rounds
        rounds += 1
        if rounds <= 2:
            made._ledger.doubtful.set()  # pyright: ignore[reportPrivateUsage] - without a pause
            raise LedgerUnavailable("disk I/O error")
        return [*await recover()]

    monkeypatch.setattr(made._ledger, "recover", away)  # pyright: ignore[reportPrivateUsage]
    with capture_logs() as logs:
        worker = asyncio.create_task(made.run())
        await settled(store, 1)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    assert [one["event"] for one in logs].count("operations not reconciled") == 1


async def test_old_operations_are_forgotten_and_doubts_are_not(store: Store) -> None:
    record, now = Ledger(store).operations, datetime.now(UTC)
    await record.begin(operation("doubtful", account="z"))
    for id_, days in (("old", 31), ("new", 29)):
        await record.begin(operation(id_).settled(WriteStatus.CONFIRMED, now - timedelta(days=days)))
    worker = asyncio.create_task(reconciler(store, Vendor(None)).run())
    async with asyncio.timeout(20):
        while await record.by_id("a", "old"):  # noqa: ASYNC110 - what it waits for is in a database
            await asyncio.sleep(0.01)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert await record.by_id("a", "new")
    assert await record.by_id("z", "doubtful")


async def test_list_goes_both_ways_and_counts(store: Store) -> None:
    record = Ledger(store).operations
    for number in range(7):  # three share a moment
        at = later(number if number < 4 else 4)
        one = replace(operation(str(number), at=at), mutation="cancelOrder" if number % 2 else "placeOrder")
        await record.begin(one)
    everything = OperationQuery()
    for descending in (False, True):
        seen: list[str] = []
        window = Window(2, descending)
        while True:
            found = await record.listed("a", everything, window)
            seen += [one.id for one in found.items]
            if not found.more:
                break
            window = replace(window, after=found.items[-1].place)
        assert seen == sorted("0123456", reverse=descending)
    assert await record.count("a", everything) == 7
    assert await record.count("a", OperationQuery(mutations=frozenset({"cancelOrder"}))) == 3
    assert await record.count("a", OperationQuery(statuses=frozenset({WriteStatus.SENDING}))) == 0
    assert await record.count("b", everything) == 0
