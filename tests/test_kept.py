"""Orders that the ledger keeps, with each kind of database."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordergraph.domain import Order, OrderStatus, Origin
from ordergraph.domain.commands import OrderQuery, Range
from ordergraph.domain.errors import ActionRefused, LedgerUnavailable, UserErrorCode
from ordergraph.domain.paging import Slice, Window, order_key
from ordergraph.ledger.placed import PlacedOrder, PlacedOrders
from ordergraph.ledger.store import Store

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)


class Shown(Order):
    """A kept order as a view. Its body is its status."""

    def __init__(self, kept: PlacedOrder) -> None:
        super().__init__(Origin("acme", "acme", kept.retrieved_at))
        self.kept = kept

    @property
    def key(self) -> tuple[str, ...]:
        return (self.kept.key,)

    @property
    def status(self) -> OrderStatus:
        return OrderStatus[self.kept.body.decode()]

    @property
    def placed_at(self) -> datetime:
        return self.kept.placed_at


async def show(kept: PlacedOrder) -> Order | None:
    return None if kept.key.startswith("broken") else Shown(kept)


def order(key: str, minutes: int = 0, body: bytes = b"SUBMITTED", **more: object) -> PlacedOrder:
    at = NOON + timedelta(minutes=minutes)
    return PlacedOrder(key, at, at, body, **more)  # pyright: ignore[reportArgumentType]


@pytest.fixture
async def store(ledger_url: str) -> AsyncIterator[Store]:
    made = Store(ledger_url)
    yield made
    await made.aclose()


@pytest.fixture
def kept(store: Store) -> PlacedOrders:
    return PlacedOrders(store, "acme")


async def test_order_comes_back_as_it_was_kept(kept: PlacedOrders) -> None:
    one = order("1:ü", reference="R-1", about={"notes": ["Ring twice."], "contact": {"name": "Jo"}})
    await kept.keep(one)
    assert await kept.get("1:ü") == one
    assert await kept.by_reference("R-1") == [one]
    assert await kept.get("2") is None
    assert await kept.by_reference("R-2") == []


async def test_accounts_do_not_see_each_others(store: Store, kept: PlacedOrders) -> None:
    await kept.keep(order("1", reference="R-1"))
    other = PlacedOrders(store, "other")
    assert (await other.get("1"), await other.count(), await other.by_reference("R-1")) == (None, 0, [])
    assert await other.page(Range(), descending=True, offset=0, limit=9) == []


async def test_what_is_kept_side_by_side_is_all_kept(kept: PlacedOrders) -> None:
    for body in (b"SUBMITTED", b"SHIPPED"):
        await asyncio.gather(*(kept.keep(order(str(number), body=body)) for number in range(20)), kept.count())
        found = await asyncio.gather(*(kept.get(str(number)) for number in range(20)))
        assert [one and one.body for one in found] == [body] * 20


async def test_newer_state_replaces_the_older_and_not_the_other_way_round(kept: PlacedOrders) -> None:
    await kept.keep(order("1", about={"notes": ["Ring twice."]}))
    later = PlacedOrder("1", NOON, NOON + timedelta(seconds=1), b"SHIPPED")
    await kept.keep(later)
    await kept.keep(order("1", body=b"REJECTED"))
    found = await kept.get("1")
    assert found is not None
    assert (found.body, found.retrieved_at) == (b"SHIPPED", later.retrieved_at)
    assert found.about == {"notes": ["Ring twice."]}, "values stay unless they are sent again"
    await kept.keep(PlacedOrder("1", NOON, NOON + timedelta(seconds=2), b"SHIPPED", about={"notes": []}))
    found = await kept.get("1")
    assert found is not None
    assert found.about == {"notes": []}


async def test_orders_outlive_the_process(ledger_url: str) -> None:
    for expected in (0, 1):
        store = Store(ledger_url)
        kept = PlacedOrders(store, "acme")
        assert await kept.count() == expected
        await kept.keep(order("1"))
        await store.aclose()


async def test_some_that_open_the_same_database_share_it(ledger_url: str) -> None:
    stores = [Store(ledger_url) for _ in range(4)]
    await asyncio.gather(*(store.open() for store in stores))
    await asyncio.gather(*(PlacedOrders(one, "acme").keep(order(str(place))) for place, one in enumerate(stores)))
    assert [await PlacedOrders(one, "acme").count() for one in stores] == [4] * 4
    for one in stores:
        await one.aclose()


# ---- Lists ------------------------------------------------------------------------------------------


async def walk(kept: PlacedOrders, query: OrderQuery, limit: int, *, descending: bool) -> list[str]:
    found: list[str] = []
    window = Window(limit, descending)
    for _ in range(1000):
        part: Slice[Order] = await kept.listed(query, window, show)
        assert part.placed_here
        found += [one.id for one in part.items]
        if not part.more:
            return found
        after = order_key(part.items[-1]) if part.items and part.scanned_to is None else part.scanned_to
        assert after is not None
        window = Window(limit, descending, after)
    raise AssertionError("the walk does not end")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    minutes=st.lists(st.integers(0, 20), max_size=60),
    limit=st.integers(1, 9),
    descending=st.booleans(),
    span=st.tuples(st.none() | st.integers(0, 20), st.none() | st.integers(0, 20)),
    shipped=st.booleans(),
)
def test_walk_finds_the_sorted_truth(
    *,
    ledger_url: str,
    minutes: list[int],
    limit: int,
    descending: bool,
    span: tuple[int | None, int | None],
    shipped: bool,
) -> None:
    words = (b"SHIPPED", b"SUBMITTED")
    orders = [order(f"{'aBc'[row % 3]}{row}", minute, words[row % 2]) for row, minute in enumerate(minutes)]
    start, end = (None if edge is None else NOON + timedelta(minutes=edge) for edge in span)
    query = OrderQuery(placed_at=Range(start, end), statuses=frozenset({OrderStatus.SHIPPED}) if shipped else None)

    async def found() -> list[str]:
        store = Store(ledger_url)
        kept = PlacedOrders(store, uuid.uuid4().hex)  # examples share the database
        await kept.keep(*orders)
        try:
            return await walk(kept, query, limit, descending=descending)
        finally:
            await store.aclose()

    wanted = [
        Shown(one)
        for one in orders
        if (start is None or one.placed_at >= start)
        and (end is None or one.placed_at < end)
        and (not shipped or one.body == b"SHIPPED")
    ]
    truth = sorted(wanted, key=order_key, reverse=descending)
    assert asyncio.run(found()) == [one.id for one in truth]


async def test_slice_is_as_old_as_its_oldest_order_and_counts_by_time_alone(kept: PlacedOrders) -> None:
    await kept.keep(order("1", 1), order("2", 2), order("3", 3))
    part = await kept.listed(OrderQuery(), Window(2, descending=True), show)
    assert [one.key for one in part.items] == [("3",), ("2",)]
    assert part.fetched_at == NOON + timedelta(minutes=2)
    assert part.total == 3
    since = OrderQuery(placed_at=Range(NOON + timedelta(minutes=3)))
    assert (await kept.listed(since, Window(2, descending=True), show)).total == 1
    some = OrderQuery(statuses=frozenset({OrderStatus.SUBMITTED}))
    assert (await kept.listed(some, Window(2, descending=True), show)).total is None


async def test_order_that_cannot_be_shown_is_left_out_and_counted(kept: PlacedOrders) -> None:
    await kept.keep(order("1"), order("broken", 1))
    part = await kept.listed(OrderQuery(), Window(5, descending=True), show)
    assert ([one.key for one in part.items], part.skipped) == ([("1",)], 1)


# ---- Database errors --------------------------------------------------------------------------------


async def test_order_is_not_sent_that_could_not_be_kept(store: Store, kept: PlacedOrders) -> None:
    await kept.ready()
    async with store.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE kept_orders")
    with pytest.raises(ActionRefused) as caught:
        await kept.ready()
    (reason,) = caught.value.errors
    assert (reason.code, reason.retryable) == (UserErrorCode.NOT_SENT, True)
    assert "kept_orders" not in reason.message
    with pytest.raises(LedgerUnavailable) as found:
        await kept.keep(order("1"))
    assert "kept_orders" not in str(found.value)


async def test_nothing_to_keep_is_no_statement(kept: PlacedOrders) -> None:
    await kept.keep()
    assert await kept.count() == 0


@pytest.mark.parametrize("text", ["\0", "1\0", "\ud800"])
async def test_what_no_database_can_hold_is_not_there(kept: PlacedOrders, text: str) -> None:
    await kept.keep(order("1", reference="1"))
    assert await kept.get(text) is None
    assert await kept.by_reference(text) == []
