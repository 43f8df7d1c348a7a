"""The rules of idempotency."""

import asyncio
import dataclasses
import gc
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from ordergraph.domain import OrderStatus
from ordergraph.errors import ActionRefused, UserErrorCode
from ordergraph.ledger import Ledger, fingerprint
from ordergraph.requests import OMITTED, AddressRequest


class Shop:
    """Something that must not be done twice."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.done = 0
        self.replayed = 0
        self.binds = True
        self.outcome: Any = "order 1"
        self.error: BaseException | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def _do(self) -> tuple[Any, bool]:
        self.done += 1
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.outcome, self.binds

    async def _replay(self, outcome: Any) -> Any:
        self.replayed += 1
        return f"{outcome} again"

    async def order(self, request: object = "one", key: str = "k", account: str = "a") -> Any:
        return await self.ledger.run(account, key, request, self._do, self._replay)


async def spin() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_repeat_does_not_act_again() -> None:
    shop = Shop()
    assert await shop.order() == "order 1"
    assert await shop.order() == "order 1 again"
    assert await shop.order() == "order 1 again"
    assert (shop.done, shop.replayed) == (1, 2)


async def test_repeats_at_once_wait_for_the_first() -> None:
    shop = Shop()
    shop.gate.clear()
    calls = [asyncio.create_task(shop.order()) for _ in range(20)]
    await spin()
    assert shop.done == 1
    shop.gate.set()
    assert sorted(await asyncio.gather(*calls)) == ["order 1"] + ["order 1 again"] * 19
    assert shop.done == 1


async def test_outcome_may_be_nothing() -> None:
    shop = Shop()
    shop.outcome = None
    assert await shop.order() is None
    async with asyncio.timeout(5):
        assert await shop.order() == "None again"
    assert shop.done == 1


@pytest.mark.parametrize("under_way", [True, False])
async def test_other_input_is_a_conflict(*, under_way: bool) -> None:
    shop = Shop()
    if under_way:
        shop.gate.clear()
    first = asyncio.create_task(shop.order())
    await spin()
    with pytest.raises(ActionRefused) as caught:
        await shop.order("two")
    assert [error.code for error in caught.value.errors] == [UserErrorCode.IDEMPOTENCY_CONFLICT]
    assert caught.value.errors[0].field == ("input", "idempotencyKey")
    shop.gate.set()
    await first
    assert shop.done == 1


async def test_key_is_free_when_nothing_was_done() -> None:
    shop = Shop()
    shop.binds = False
    assert await shop.order() == "order 1"
    shop.binds = True
    assert await shop.order("two") == "order 1"
    assert (shop.done, shop.replayed) == (2, 0)


async def test_waiting_repeats_act_one_after_the_other_while_nothing_is_done() -> None:
    shop = Shop()
    shop.binds = False
    shop.gate.clear()
    calls = [asyncio.create_task(shop.order()) for _ in range(3)]
    await spin()
    assert shop.done == 1
    shop.gate.set()
    assert await asyncio.gather(*calls) == ["order 1"] * 3
    assert shop.done == 3


async def test_key_is_free_after_an_exception() -> None:
    shop = Shop()
    shop.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await shop.order()
    shop.error = None
    assert await shop.order("two") == "order 1"


async def test_mutation_goes_on_when_its_caller_is_cancelled() -> None:
    shop = Shop()
    shop.gate.clear()
    caller = asyncio.create_task(shop.order())
    await spin()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    del caller
    gc.collect()
    repeat = asyncio.create_task(shop.order())
    await spin()
    shop.gate.set()
    assert await repeat == "order 1 again"
    assert shop.done == 1


async def test_mutation_without_a_key_goes_on_when_its_caller_is_cancelled() -> None:
    ledger, gate, ended = Ledger(), asyncio.Event(), asyncio.Event()

    async def do() -> None:
        await gate.wait()
        ended.set()

    caller = asyncio.create_task(ledger.finish(do()))
    await spin()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    gc.collect()
    gate.set()
    async with asyncio.timeout(5):
        await ended.wait()


async def test_failure_is_quiet_when_the_caller_has_gone() -> None:
    complaints: list[Mapping[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    shop = Shop()
    shop.gate.clear()
    shop.error = ZeroDivisionError()
    caller = asyncio.create_task(shop.order())
    await spin()
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    shop.gate.set()
    await spin()
    del caller
    gc.collect()
    assert not complaints


async def test_waiting_repeat_may_be_cancelled() -> None:
    shop = Shop()
    shop.gate.clear()
    first, second = (asyncio.create_task(shop.order()) for _ in range(2))
    await spin()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    shop.gate.set()
    assert await first == "order 1"


async def test_keys_are_those_of_an_account() -> None:
    shop = Shop()
    assert await shop.order(account="a") == "order 1"
    assert await shop.order("two", account="b") == "order 1"
    assert await shop.order("three", key="other") == "order 1"
    assert shop.done == 3


# ---- Equal requests --------------------------------------------------------------------------------

NOON = datetime(2026, 1, 30, 12, tzinfo=UTC)


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
