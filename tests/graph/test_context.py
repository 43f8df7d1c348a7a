"""Loaders: one call for many callers, even if some are cancelled."""

import asyncio
import gc
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from ordergraph.connector import Connector, Fetched
from ordergraph.domain.errors import InputError, VendorError, VendorNotFound, VendorUnavailable
from ordergraph.graph.context import Context, Loaders
from ordergraph.ledger import Ledger
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.settings.callers import Caller, Scope
from ordergraph.upstream.request_scope import RequestScope
from ordergraph.watch import Watches


class Account:
    """The part of a Connector that a loader needs."""

    def __init__(self, name: str = "a") -> None:
        self.name = name
        self.calls: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: BaseException | None = None
        self.found: dict[str, str | VendorError] = {}

    async def fetch_orders(self, keys: Sequence[str]) -> Fetched[str]:
        self.calls.append(list(keys))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return [self.found.get(key, f"{self.name} order {key}") if key != "missing" else None for key in keys]

    async def fetch_products(self, keys: Sequence[str]) -> Fetched[str]:
        self.calls.append(list(keys))
        return [f"product {key}" for key in keys]


async def spin() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_loads_of_one_moment_are_one_call() -> None:
    account, loaders = Account(), Loaders()
    loads = [loaders.load(account.fetch_orders, key) for key in ("1", "2", "1", "3", "2")]
    assert await asyncio.gather(*loads) == [f"a order {key}" for key in "12132"]
    assert account.calls == [["1", "2", "3"]]
    assert await loaders.load(account.fetch_orders, "2") == "a order 2"
    assert len(account.calls) == 1


async def test_accounts_and_kinds_are_apart() -> None:
    one, other, loaders = Account("a"), Account("b"), Loaders()
    found = await asyncio.gather(
        loaders.load(one.fetch_orders, "1"),
        loaders.load(other.fetch_orders, "1"),
        loaders.load(one.fetch_products, "1"),
    )
    assert found == ["a order 1", "b order 1", "product 1"]
    assert (one.calls, other.calls) == ([["1"], ["1"]], [["1"]])


async def test_error_costs_its_own_key() -> None:
    account, loaders = Account(), Loaders()
    account.found["bad"] = VendorNotFound("acme", "a", "get_order")
    keys = ("1", "bad", "missing")
    found = await asyncio.gather(*(loaders.load(account.fetch_orders, key) for key in keys), return_exceptions=True)
    assert found == ["a order 1", account.found["bad"], None]
    assert len(account.calls) == 1


async def test_error_of_the_fetch_is_that_of_all_its_keys_and_not_kept() -> None:
    account, loaders = Account(), Loaders()
    account.error = VendorUnavailable("acme", "a", "get_order")
    loads = (loaders.load(account.fetch_orders, key) for key in "12")
    found = await asyncio.gather(*loads, return_exceptions=True)
    assert found == [account.error] * 2
    account.error = None
    assert await loaders.load(account.fetch_orders, "1") == "a order 1"


async def test_key_is_not_poisoned_when_its_first_caller_is_cancelled() -> None:
    """aiodataloader 0.4.3 keeps a cancelled future and returns it to later callers."""
    account, loaders = Account(), Loaders()
    account.gate.clear()
    first, second = (asyncio.create_task(loaders.load(account.fetch_orders, "1")) for _ in range(2))
    await spin()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    account.gate.set()
    assert await second == "a order 1"
    assert await loaders.load(account.fetch_orders, "1") == "a order 1"
    assert account.calls == [["1"]]


async def test_caller_does_not_wait_for_ever_when_the_fetch_is_cancelled() -> None:
    account, loaders = Account(), Loaders()
    account.error = asyncio.CancelledError()
    async with asyncio.timeout(5):
        with pytest.raises(RuntimeError):
            await loaders.load(account.fetch_orders, "1")


async def test_failed_load_is_quiet_when_its_caller_has_gone() -> None:
    complaints: list[Mapping[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    account, loaders = Account(), Loaders()
    account.gate.clear()
    account.error = VendorUnavailable("acme", "a", "get_order")
    caller = asyncio.create_task(loaders.load(account.fetch_orders, "1"))
    await spin()
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    account.gate.set()
    await spin()
    del caller
    loaders.forget()
    gc.collect()
    assert not complaints


async def test_forgotten_loads_serve_their_callers_only() -> None:
    account, loaders = Account(), Loaders()
    account.gate.clear()
    before = asyncio.create_task(loaders.load(account.fetch_orders, "1"))
    await spin()
    loaders.forget()
    account.found["1"] = "changed"
    after = asyncio.create_task(loaders.load(account.fetch_orders, "1"))
    await spin()
    account.gate.set()
    assert await asyncio.gather(before, after) == ["changed", "changed"]
    assert account.calls == [["1"], ["1"]]


async def test_account_is_found_by_id() -> None:
    connector = cast("Connector", Account("a"))
    ledger = Ledger(Store(MEMORY))
    watches = Watches({}, ledger.operations, 1)
    context = Context(
        Caller("me", frozenset({"a"}), frozenset(Scope)), {"a": connector}, ledger, watches, RequestScope("id")
    )
    assert context.account("a") is connector
    assert context.account("b") is None
    assert context.by_id("Account:a") is connector
    for text in ("Account:b", "a", "Order:a:1", ""):
        with pytest.raises(InputError):
            context.by_id(text)
