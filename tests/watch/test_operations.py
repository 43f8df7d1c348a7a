"""Watchers are notified when an operation's status changes, whichever process has settled it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest

from ordergraph import watch
from ordergraph.domain import Ref, WriteStatus
from ordergraph.domain.errors import LedgerUnavailable, TooManyWatches
from ordergraph.ledger.operations import Operations, WriteOperation
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.settings.callers import Caller
from ordergraph.watch import ChangeSource, Watches, orders_of
from tests.watch.orders import ACCOUNT, Account, Order

ME = Caller("me", frozenset({ACCOUNT}), frozenset())
REF = Ref("WriteOperation", ACCOUNT, ("1",))
NOW = datetime.now(UTC)
SENDING = WriteOperation(
    id="1",
    caller="me",
    account=ACCOUNT,
    mutation="cancelOrder",
    idempotency_key=None,
    fingerprint="",
    created_at=NOW,
    owner="me",
    lease_until=NOW,
)
DOUBTFUL = SENDING.doubted("Nobody knows.", NOW)


@pytest.fixture
async def store() -> AsyncGenerator[Store]:
    made = Store(MEMORY)
    yield made
    await made.aclose()


async def statuses(watches: Watches, *after: WriteOperation, record: Operations) -> list[str | None]:
    """Watch an operation while it goes through these states. Return the reported statuses."""
    told: list[str | None] = []
    steps = iter(after)
    async with asyncio.timeout(10), aclosing(watches.operation(ME, REF)) as news:
        async for one in news:
            told.append(one.status.name if one else None)
            if (step := next(steps, None)) is not None:
                await record.change(step)
    return told


async def test_it_is_told_at_once_and_until_it_is_settled(store: Store) -> None:
    record = Operations(store)
    watches = Watches({}, record, 1)
    await record.begin(SENDING)
    confirmed = DOUBTFUL.settled(WriteStatus.CONFIRMED, NOW)
    with patch.object(watch, "FASTEST", 600.0), patch.object(watch, "SLOWEST", 600.0):  # so that only the signal counts
        assert await statuses(watches, DOUBTFUL, confirmed, record=record) == ["SENDING", "IN_DOUBT", "CONFIRMED"]
        assert await statuses(watches, record=record) == ["CONFIRMED"]


async def test_what_another_process_settles_is_seen(store: Store) -> None:
    record, other = Operations(store), Operations(store)
    watches = Watches({}, record, 1)
    await record.begin(SENDING)
    with patch.object(watch, "FASTEST", 0.01):
        rejected = SENDING.settled(WriteStatus.REJECTED, NOW)
        assert await statuses(watches, rejected, record=other) == ["SENDING", "REJECTED"]


async def test_what_does_not_change_the_status_is_not_told(store: Store) -> None:
    record = Operations(store)
    watches = Watches({}, record, 1)
    await record.begin(DOUBTFUL)
    asked = replace(DOUBTFUL, checks=1, next_check_at=None)
    rejected = DOUBTFUL.settled(WriteStatus.REJECTED, NOW)

    async def later() -> None:
        await asyncio.sleep(0.05)
        await record.change(rejected)

    settling = asyncio.create_task(later())
    assert await statuses(watches, asked, record=record) == ["IN_DOUBT", "REJECTED"]
    await settling


async def test_an_unknown_operation_or_that_of_another_caller_is_null(store: Store) -> None:
    record = Operations(store)
    await record.begin(SENDING)
    watches = Watches({}, record, 1)
    for caller, ref in ((ME, REF._replace(key=("2",))), (Caller("you", frozenset(), frozenset()), REF)):
        assert [one async for one in watches.operation(caller, ref)] == [None]


async def test_it_counts_as_a_watch(store: Store) -> None:
    record = Operations(store)
    watches = Watches({}, record, 1)
    await record.begin(SENDING)
    async with aclosing(watches.operation(ME, REF)) as first, aclosing(watches.operation(ME, REF)) as second:
        await anext(first)
        with pytest.raises(TooManyWatches):
            await anext(second)
    async with aclosing(watches.operation(ME, REF)) as third:
        await anext(third)


async def test_a_ledger_that_does_not_work_ends_it(store: Store) -> None:
    record = Operations(store)
    watches = Watches({}, record, 1)
    with patch.object(record, "by_id", side_effect=LedgerUnavailable("full")), pytest.raises(LedgerUnavailable):
        await anext(watches.operation(ME, REF))


# ---- The orders of an operation ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "objects", "orders"),
    [
        ({"orderId": "Order:acme:1"}, (), ["1"]),
        ({"lineItemId": "LineItem:acme:1:7"}, ("Order:acme:1",), ["1", "1"]),
        ({"accountId": "Account:acme"}, ("Order:acme:a%3Ab", "LineItem:acme:a%3Ab:1"), ["a:b", "a:b"]),
        ({"subscriptionId": "Subscription:acme:1"}, ("Subscription:acme:1", ""), []),
        ({"chargeId": "Charge:acme:1"}, ("Charge:acme:1",), None),
        (None, (), []),
    ],
)
def test_an_operation_names_its_orders(request_: Any, objects: tuple[str, ...], orders: list[str] | None) -> None:
    assert orders_of(replace(SENDING, request=request_, objects=objects)) == orders


async def test_orders_are_looked_at_when_an_operation_on_them_is_over_and_not_before(store: Store) -> None:
    record, account = Operations(store), Account(seconds=0, fastest=600, slowest=600)
    account.orders["1"] = Order()
    watches = Watches({ACCOUNT: account.connector}, record, 1)
    operation = replace(SENDING, request={"orderId": f"Order:{ACCOUNT}:1"})
    async with asyncio.timeout(10), aclosing(watches.orders(ME, [Ref("Order", ACCOUNT, ("1",))])) as changes:
        await anext(changes)
        await record.begin(operation)
        await asyncio.sleep(0)
        assert len(account.calls) == 1
        account.orders["1"] = Order(word="b")
        await record.change(operation.settled(WriteStatus.CONFIRMED, NOW))
        assert (await anext(changes)).source is ChangeSource.GATEWAY
    await watches.aclose()
