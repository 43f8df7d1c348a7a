"""The ledger of writes and the rules of idempotency, with each kind of database."""

import asyncio
import dataclasses
import gc
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ordergraph import domain
from ordergraph.domain import OrderStatus, Origin, WriteStatus
from ordergraph.domain.commands import OMITTED, AddressRequest
from ordergraph.domain.errors import ActionRefused, UserError, UserErrorCode
from ordergraph.ledger import Ledger, Outcome, Use
from ordergraph.ledger.fingerprint import fingerprint
from ordergraph.ledger.operations import Response, WriteOperation
from ordergraph.ledger.store import Store
from ordergraph.upstream.calls import Call
from ordergraph.upstream.request_scope import current_request, set_request

NOON = datetime(2026, 1, 30, 12, tzinfo=UTC)
CALL = Call("place_order", "POST", "/orders", content=b'{"sku": "T650P", "password": "hunter2"}')
REFUSED = UserError(UserErrorCode.REJECTED_BY_VENDOR, "No.")
DOUBTFUL = UserError(UserErrorCode.OUTCOME_IN_DOUBT, "Who knows.")


class Ordered(domain.Order):
    """An order of which only the ID matters."""

    def __init__(self) -> None:
        super().__init__(Origin("a", "acme", NOON))

    @property
    def key(self) -> tuple[str, ...]:
        return ("1",)


class Shop:
    """An action that must not be repeated. Its result is the recorded status, or `again` for a replay."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ledger = Ledger(store)
        self.done = 0
        self.replayed = 0
        self.sends = True
        self.call = CALL
        self.value: Any = Ordered()
        self.reasons: list[UserError] = []
        self.error: BaseException | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.act = self._do

    async def _do(self) -> Outcome:
        if self.sends:
            told = current_request().recorder
            assert told is not None
            await told.sending(self.call)
        self.done += 1
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return Outcome(self.value, self.reasons)

    async def _replay(self, operation: WriteOperation) -> Outcome:
        self.replayed += 1
        return Outcome("again", operation.reasons, operation)

    async def order(self, request: object = "one", key: str | None = "k", account: str = "a") -> Any:
        use = Use(caller="c", account=account, mutation="placeOrder", request=request, told=request, key=key)
        outcome = await self.ledger.run(use, self.act, self._replay)
        return "again" if outcome.value == "again" else outcome.status.name

    async def recorded(self, key: str = "k", account: str = "a") -> WriteOperation | None:
        return await self.ledger.operations.by_key("c", account, key)


@pytest.fixture
async def store(ledger_url: str) -> AsyncIterator[Store]:
    made = Store(ledger_url)
    yield made
    await made.aclose()


@pytest.fixture
def shop(store: Store) -> Shop:
    return Shop(store)


async def until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not check():  # noqa: ASYNC110 - what it waits for is in a database
            await asyncio.sleep(0.001)


async def lose_the_table(store: Store) -> None:
    async with store.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE write_operations")


async def test_repeat_does_not_act_again(shop: Shop) -> None:
    assert [await shop.order() for _ in range(3)] == ["CONFIRMED", "again", "again"]
    assert (shop.done, shop.replayed) == (1, 2)


async def test_record_says_what_was_sent_and_what_came_of_it(shop: Shop) -> None:
    await shop.order({"quantity": Decimal(2), "password": "hunter2"})
    found = await shop.recorded()
    assert found is not None
    assert (found.status, found.mutation, found.objects) == (WriteStatus.CONFIRMED, "placeOrder", ["Order:a:1"])
    assert found.request == {"quantity": "2", "password": "(removed)"}
    (call,) = found.calls
    assert (call.method, call.target, call.body) == ("POST", "/orders", {"sku": "T650P", "password": "(removed)"})
    assert found.created_at <= (found.settled_at or NOON)
    assert await shop.ledger.operations.by_id("a", found.id) == found
    assert await shop.ledger.operations.by_id("b", found.id) is None


@pytest.mark.parametrize("header", ["x-request-id", "x-correlation-id", "request-id"])
async def test_record_has_the_answer_and_the_vendors_word_for_the_request(shop: Shop, header: str) -> None:
    async def answered() -> Outcome:
        told = current_request().recorder
        assert told is not None
        await told.sending(CALL)
        told.answered(CALL, 201, {header: "v-7"}, b'{"id": 1, "token": "hunter2"}')
        return Outcome()

    use = Use(caller="c", account="a", mutation="placeOrder", request="one", key="k")
    await shop.ledger.run(use, answered, Mock(side_effect=AssertionError))
    found = await shop.recorded()
    assert found is not None
    assert found.response == Response(201, "v-7", {"id": 1, "token": "(removed)"})


@pytest.mark.parametrize("key", ["k", None])
async def test_the_fingerprint_is_computed_once(shop: Shop, monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    computed = Mock(wraps=fingerprint)
    monkeypatch.setattr("ordergraph.ledger.fingerprint", computed)
    assert await shop.order(key=key) == "CONFIRMED"
    assert computed.call_count == 1


async def test_it_is_on_disk_before_it_is_sent(shop: Shop, store: Store) -> None:
    shop.gate.clear()
    first = asyncio.create_task(shop.order())
    await until(lambda: shop.done == 1)
    found = await Ledger(store).operations.by_key("c", "a", "k")
    assert found is not None
    assert (found.status, found.settled_at) == (WriteStatus.SENDING, None)
    shop.gate.set()
    assert await first == "CONFIRMED"


async def test_repeats_at_once_wait_for_the_first(shop: Shop) -> None:
    shop.gate.clear()
    calls = [asyncio.create_task(shop.order()) for _ in range(20)]
    await until(lambda: shop.done == 1)
    shop.gate.set()
    assert sorted(await asyncio.gather(*calls)) == ["CONFIRMED"] + ["again"] * 19
    assert shop.done == 1


async def test_refusal_because_of_what_another_process_made_under_the_key_is_a_repeat(shop: Shop, store: Store) -> None:
    other = Shop(store)

    async def too_late() -> Outcome:
        await shop.order()
        return Outcome(reasons=[UserError(UserErrorCode.INVALID, "Order 1 has this reference already.")])

    other.act = too_late
    assert await other.order() == "again"
    assert (shop.done, other.replayed) == (1, 1)


async def test_repeats_in_another_process_wait_for_the_first(shop: Shop, store: Store) -> None:
    other = Shop(store)
    shop.gate.clear()
    first = asyncio.create_task(shop.order())
    await until(lambda: shop.done == 1)
    second = asyncio.create_task(other.order())
    await asyncio.sleep(0.05)
    assert not second.done()
    shop.gate.set()
    assert (await first, await second) == ("CONFIRMED", "again")
    assert other.done == 0


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_repeat_waits_only_until_its_deadline(shop: Shop, store: Store, *, elsewhere: bool) -> None:
    shop.gate.clear()
    first = asyncio.create_task(shop.order())
    await until(lambda: shop.done == 1)
    set_request(replace(current_request(), deadline=time.monotonic() + 0.2))
    ledger = Ledger(store) if elsewhere else shop.ledger
    use = Use(caller="c", account="a", mutation="placeOrder", request="one", key="k")
    found = await ledger.run(use, Mock(side_effect=AssertionError), Mock(side_effect=AssertionError))
    assert [(one.code, one.retryable) for one in found.reasons] == [(UserErrorCode.IN_PROGRESS, True)]
    assert found.operation is not None
    assert found.operation.status is WriteStatus.SENDING
    shop.gate.set()
    assert await first == "CONFIRMED"


async def test_key_is_its_callers_own(shop: Shop) -> None:
    assert await shop.order() == "CONFIRMED"
    use = Use(caller="other", account="a", mutation="placeOrder", request="two", key="k")
    assert (await shop.ledger.run(use, shop._do, shop._replay)).status is WriteStatus.CONFIRMED  # pyright: ignore[reportPrivateUsage]
    assert (shop.done, shop.replayed) == (2, 0)


async def test_reference_is_one_orders_own(shop: Shop, store: Store) -> None:
    shop.call = dataclasses.replace(CALL, reference="WEB-1")
    assert await shop.order() == "CONFIRMED"
    for ledger in (shop.ledger, Ledger(store)):
        use = Use(caller="c", account="a", mutation="placeOrder", request="two", key="k2")
        with pytest.raises(ActionRefused) as caught:
            await ledger.run(use, shop._do, shop._replay)  # pyright: ignore[reportPrivateUsage]
        (reason,) = caught.value.errors
        assert (reason.code, reason.field) == (UserErrorCode.INVALID, ("input", "clientReference"))
        assert "Order:a:1" in reason.message
    assert shop.done == 1
    shop.call = dataclasses.replace(CALL, reference="WEB-2")
    assert await shop.order("three", key="k3") == "CONFIRMED"


async def test_lease_is_renewed_while_it_is_being_sent(store: Store) -> None:
    shop = Shop(store)
    shop.ledger = Ledger(store, lease_seconds=0.3)
    shop.gate.clear()
    first = asyncio.create_task(shop.order())
    await until(lambda: shop.done == 1)
    found = await shop.recorded()
    assert found is not None
    begun = found.lease_until
    async with asyncio.timeout(5):
        while datetime.now(UTC) < begun + timedelta(seconds=0.3):
            assert await Ledger(store).recover() == []
            await asyncio.sleep(0.02)
    shop.gate.set()
    assert await first == "CONFIRMED"
    await shop.ledger.aclose()


async def test_a_clear_answer_counts_whatever_others_made_of_it(shop: Shop, store: Store) -> None:
    """A process that stalled has lost its lease when the vendor responds."""
    shop.gate.clear()
    first = asyncio.create_task(shop.order())
    await until(lambda: shop.done == 1)
    found = await shop.recorded()
    assert found is not None
    other = Ledger(store)
    await other.operations.change(dataclasses.replace(found, lease_until=NOON))
    assert len(await other.recover()) == 1
    shop.gate.set()
    assert await first == "CONFIRMED"
    found = await shop.recorded()
    assert found is not None
    assert found.status is WriteStatus.CONFIRMED


async def test_a_doubt_does_not_count_against_what_others_found_out(shop: Shop, store: Store) -> None:
    shop.gate.clear()
    shop.reasons, shop.value = [DOUBTFUL], None
    first = asyncio.create_task(shop.order())
    await until(lambda: shop.done == 1)
    found = await shop.recorded()
    assert found is not None
    other = Ledger(store)
    await other.operations.change(dataclasses.replace(found, lease_until=NOON))
    (lost,) = await other.recover()
    await other.operations.change(lost.settled(WriteStatus.CONFIRMED, NOON, ["Order:a:1"]))
    shop.gate.set()
    await first
    found = await shop.recorded()
    assert found is not None
    assert (found.status, found.objects) == (WriteStatus.CONFIRMED, ["Order:a:1"])


async def test_nothing_more_is_sent_by_who_was_given_up(shop: Shop, store: Store) -> None:
    async def two_steps() -> Outcome:
        told = current_request().recorder
        assert told is not None
        await told.sending(CALL)
        found = await shop.recorded()
        assert found is not None
        other = Ledger(store)
        await other.operations.change(dataclasses.replace(found, lease_until=NOON))
        await other.recover()
        await told.sending(CALL)
        raise AssertionError

    use = Use(caller="c", account="a", mutation="placeOrder", request="one", key="k")
    with pytest.raises(ActionRefused) as caught:
        await shop.ledger.run(use, two_steps, Mock(side_effect=AssertionError))
    assert [one.code for one in caught.value.errors] == [UserErrorCode.OUTCOME_IN_DOUBT]


async def test_nothing_leaves_a_process_that_stood_still_beyond_its_lease(store: Store) -> None:
    shop = Shop(store)
    shop.ledger = Ledger(store, lease_seconds=0.3)

    async def still() -> Outcome:
        told = current_request().recorder
        assert told is not None
        await told.sending(CALL)
        told.leaving(CALL)  # permitted while the lease is valid
        time.sleep(0.4)  # noqa: ASYNC251 - the whole process stands still, and renews nothing
        told.leaving(CALL)
        raise AssertionError

    use = Use(caller="c", account="a", mutation="placeOrder", request="one", key="k")
    with pytest.raises(ActionRefused) as caught:
        await shop.ledger.run(use, still, Mock(side_effect=AssertionError))
    assert [one.code for one in caught.value.errors] == [UserErrorCode.OUTCOME_IN_DOUBT]
    await shop.ledger.aclose()


async def test_two_processes_that_begin_at_once_send_once(store: Store) -> None:
    shops = [Shop(store) for _ in range(5)]
    found = await asyncio.gather(*(one.order() for one in shops))
    assert sorted(found) == ["CONFIRMED", *["again"] * 4]
    assert sum(one.done for one in shops) == 1


async def test_key_outlives_the_process(shop: Shop, store: Store) -> None:
    assert await shop.order() == "CONFIRMED"
    later = Shop(store)
    assert await later.order() == "again"
    with pytest.raises(ActionRefused):
        await later.order("two")
    assert later.done == 0


@pytest.mark.parametrize("under_way", [True, False])
async def test_other_input_is_a_conflict(shop: Shop, *, under_way: bool) -> None:
    if under_way:
        shop.gate.clear()
    first = asyncio.create_task(shop.order())
    await until(lambda: shop.done == 1)
    if not under_way:
        await first
    with pytest.raises(ActionRefused) as caught:
        await shop.order("two")
    assert [error.code for error in caught.value.errors] == [UserErrorCode.IDEMPOTENCY_CONFLICT]
    assert caught.value.errors[0].field == ("input", "idempotencyKey")
    shop.gate.set()
    await first
    assert shop.done == 1


async def test_key_is_free_when_the_vendor_said_no(shop: Shop) -> None:
    shop.reasons = [REFUSED]
    assert await shop.order() == "REJECTED"
    assert await shop.recorded() is None
    shop.reasons = []
    assert await shop.order("two") == "CONFIRMED"
    assert (shop.done, shop.replayed) == (2, 0)


async def test_what_was_refused_before_sending_has_no_record(shop: Shop) -> None:
    shop.sends = False
    shop.reasons = [REFUSED]
    use = Use(caller="c", account="a", mutation="placeOrder", request=1, key="k")
    outcome = await shop.ledger.run(use, shop._do, shop._replay)  # pyright: ignore[reportPrivateUsage]
    assert outcome.operation is None
    assert await shop.recorded() is None


async def test_doubt_uses_the_key_up(shop: Shop, store: Store) -> None:
    shop.reasons = [DOUBTFUL]
    shop.value = None
    assert await shop.order() == "IN_DOUBT"
    assert await Shop(store).order() == "again"
    found = await shop.recorded()
    assert found is not None
    assert (found.status, found.reasons, found.objects) == (WriteStatus.IN_DOUBT, [DOUBTFUL], [])


async def test_what_a_process_left_is_in_doubt_when_its_lease_ends(shop: Shop, store: Store) -> None:
    shop.error = asyncio.CancelledError()  # the same as a kill: nothing is written after it
    with pytest.raises(asyncio.CancelledError):
        await shop.order()
    later = Shop(store)
    assert await later.ledger.recover() == []
    left = await shop.recorded()
    assert left is not None
    await shop.ledger.operations.change(dataclasses.replace(left, lease_until=NOON))
    (found,) = await later.ledger.recover()
    assert (found.id, found.status) == (left.id, WriteStatus.IN_DOUBT)
    assert await later.order() == "again"
    assert await later.ledger.recover() == []


async def test_a_repeat_finds_what_a_process_left(shop: Shop, store: Store) -> None:
    shop.error = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await shop.order()
    left = await shop.recorded()
    assert left is not None
    await shop.ledger.operations.change(dataclasses.replace(left, lease_until=NOON))
    assert await Shop(store).order() == "again"
    found = await shop.recorded()
    assert found is not None
    assert found.status is WriteStatus.IN_DOUBT


async def test_nothing_is_sent_that_cannot_be_put_on_record(shop: Shop) -> None:
    await shop.store.open()
    await lose_the_table(shop.store)
    for key in ("k", None):
        with pytest.raises(ActionRefused) as caught:
            await shop.order(key=key)
        (reason,) = caught.value.errors
        assert (reason.code, reason.retryable) == (UserErrorCode.NOT_SENT, True)
        assert "write_operations" not in reason.message
    assert shop.done == 0


async def test_what_came_of_it_is_told_also_when_it_cannot_be_put_on_record(shop: Shop) -> None:
    shop.gate.clear()
    first = asyncio.create_task(shop.order())
    await until(lambda: shop.done == 1)
    await lose_the_table(shop.store)
    shop.gate.set()
    with capture_logs() as logs:
        assert await first == "CONFIRMED"
    assert [one["event"] for one in logs] == ["outcome not recorded"]


async def test_mutation_goes_on_when_its_caller_is_cancelled(shop: Shop) -> None:
    shop.gate.clear()
    caller = asyncio.create_task(shop.order())
    await until(lambda: shop.done == 1)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    del caller
    gc.collect()
    repeat = asyncio.create_task(shop.order())
    shop.gate.set()
    assert await repeat == "again"
    assert shop.done == 1


async def test_failure_is_quiet_when_the_caller_has_gone(shop: Shop) -> None:
    complaints: list[Mapping[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    shop.gate.clear()
    shop.error = ZeroDivisionError()
    caller = asyncio.create_task(shop.order())
    await until(lambda: shop.done == 1)
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    shop.gate.set()
    await asyncio.sleep(0.05)
    del caller
    gc.collect()
    assert not complaints


async def test_keys_are_those_of_an_account(shop: Shop) -> None:
    assert await shop.order(account="a") == "CONFIRMED"
    assert await shop.order("two", account="b") == "CONFIRMED"
    assert await shop.order("three", key="other") == "CONFIRMED"
    assert await shop.order("four", key=None) == "CONFIRMED"
    assert await shop.order("four", key=None) == "CONFIRMED"
    assert shop.done == 5


# ---- Equal requests ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("1.0"), Decimal("1.00")),
        (Decimal("100"), Decimal("1E+2")),
        (Decimal("0.00"), Decimal("-0")),
        (Decimal("0012"), Decimal("12")),
        (NOON, NOON.astimezone(timezone(timedelta(hours=5)))),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1, 2], (1, 2)),
        (frozenset("abc"), frozenset("cba")),
        (AddressRequest(city="x"), AddressRequest(city="x", lines=())),
        (strawberry.UNSET, strawberry.UNSET),
    ],
)
def test_equal_requests_are_the_same(one: object, other: object) -> None:
    assert fingerprint({"x": one}) == fingerprint({"x": other})


DIFFERENT: list[Any] = [
    None,
    OMITTED,
    strawberry.UNSET,
    "",
    "None",
    "1",
    1,
    True,
    Decimal("1"),
    Decimal("1.1"),
    Decimal("-1"),
    Decimal("10"),
    Decimal("NaN"),
    Decimal("Infinity"),
    Decimal("12345678901234567890123456789012345678"),
    Decimal("12345678901234567890123456789012345679"),
    1.5,
    float("nan"),
    NOON,
    NOON.replace(tzinfo=None),
    NOON + timedelta(microseconds=1),
    date(2026, 1, 30),
    OrderStatus.DRAFT,
    OrderStatus.FAILED,
    [],
    [[]],
    ["a", "b"],
    ["a,b"],
    ["b", "a"],
    {},
    {"a": None},
    {"a": {}},
    AddressRequest(),
    AddressRequest(city="x"),
    AddressRequest(region="x"),
    "\ud800",
    b"",
    10**100,
    datetime.min.replace(tzinfo=timezone(timedelta(hours=5))),
]


def test_different_requests_differ() -> None:
    assert len({fingerprint(value) for value in DIFFERENT}) == len(DIFFERENT)


@dataclasses.dataclass
class Thing:
    value: Any


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(st.characters(codec=None))
    | st.binary()
    | st.datetimes()
    | st.datetimes(timezones=st.timezones())
    | st.dates()
    | st.times()
    | st.uuids()
    | st.timedeltas()
    | st.sampled_from(OrderStatus)
    | st.just(object())
    | st.just(strawberry.UNSET)
    | st.complex_numbers()
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.none(), inner) | st.builds(Thing, inner)
    ),
    max_leaves=20,
)


@given(values)
def test_any_value_has_a_fingerprint_and_always_the_same(value: object) -> None:
    assert fingerprint(value) == fingerprint(value)
    assert len(fingerprint(value)) == 32


@given(st.decimals(allow_nan=False), st.decimals(allow_nan=False))
def test_numbers_have_the_same_fingerprint_exactly_when_they_are_equal(one: Decimal, other: Decimal) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (one == other)
