"""The cache: times to live, one load for many, forgetting."""

import asyncio
import gc
from collections.abc import Mapping
from typing import Any

import pytest

from ordergraph.cache import ENTRY_BYTES, Cache

KEY = ("orders", "GET", "/orders")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Something slow: each load waits until it is let go."""

    def __init__(self) -> None:
        self.loads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def load(self) -> tuple[int, int]:
        self.loads += 1
        number = self.loads
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return number, 1


async def spin() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_value_is_kept_for_its_time() -> None:
    clock, source = Clock(), Source()
    cache = Cache(timer=clock)
    assert [await cache.get(KEY, 10, source.load) for _ in range(3)] == [1, 1, 1]
    clock.now = 9.99
    assert cache.peek(KEY) == 1
    clock.now = 10
    assert cache.peek(KEY) is None
    assert await cache.get(KEY, 10, source.load) == 2


async def test_value_of_no_time_is_not_kept_and_still_loaded_once_for_many() -> None:
    cache, source = Cache(), Source()
    source.gate.clear()
    waiters = [asyncio.create_task(cache.get(KEY, 0, source.load)) for _ in range(50)]
    await spin()
    source.gate.set()
    assert await asyncio.gather(*waiters) == [1] * 50
    assert await cache.get(KEY, 0, source.load) == 2


async def test_nothing_is_a_value() -> None:
    cache = Cache()
    loads = 0

    async def load() -> tuple[None, int]:
        nonlocal loads
        loads += 1
        return None, 4

    for _ in range(3):
        await cache.get(KEY, 10, load)
    assert loads == 1


async def test_failed_load_fails_its_waiters_and_is_not_kept() -> None:
    cache, source = Cache(), Source()
    source.gate.clear()
    source.error = ValueError("down")
    waiters = [asyncio.create_task(cache.get(KEY, 10, source.load)) for _ in range(5)]
    await spin()
    source.gate.set()
    results = await asyncio.gather(*waiters, return_exceptions=True)
    assert [type(result) for result in results] == [ValueError] * 5
    source.error = None
    assert await cache.get(KEY, 10, source.load) == 2


async def test_load_goes_on_when_the_waiter_who_began_it_is_cancelled() -> None:
    cache, source = Cache(), Source()
    source.gate.clear()
    first, second = (asyncio.create_task(cache.get(KEY, 10, source.load)) for _ in range(2))
    await spin()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    source.gate.set()
    assert await second == 1


async def test_load_is_cancelled_when_every_waiter_has_gone() -> None:
    cache, source = Cache(), Source()
    source.gate.clear()
    waiter = asyncio.create_task(cache.get(KEY, 10, source.load))
    await spin()
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    assert source.loads == 1
    source.gate.set()
    await spin()
    assert cache.peek(KEY) is None
    assert await cache.get(KEY, 10, source.load) == 2


async def test_failed_load_is_quiet_when_every_waiter_has_gone() -> None:
    complaints: list[Mapping[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    cache, source = Cache(), Source()
    source.gate.clear()
    source.error = ValueError("down")
    waiter = asyncio.create_task(cache.get(KEY, 10, source.load))
    await spin()
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    source.gate.set()
    await spin()
    gc.collect()
    assert not complaints


async def test_load_that_is_forgotten_serves_its_waiters_only() -> None:
    cache, source = Cache(), Source()
    source.gate.clear()
    before = asyncio.create_task(cache.get(KEY, 10, source.load))
    await spin()
    cache.forget("orders")
    after = asyncio.create_task(cache.get(KEY, 10, source.load))
    await spin()
    source.gate.set()
    assert await before == 1
    assert await after == 2
    assert cache.peek(KEY) == 2


async def test_old_load_that_ends_last_does_not_replace_the_new_value() -> None:
    cache = Cache()
    old, new = asyncio.Event(), asyncio.Event()

    async def load(gate: asyncio.Event, value: str) -> tuple[str, int]:
        await gate.wait()
        return value, 3

    first = asyncio.create_task(cache.get(KEY, 10, lambda: load(old, "old")))
    await spin()
    cache.forget("orders")
    second = asyncio.create_task(cache.get(KEY, 10, lambda: load(new, "new")))
    await spin()
    new.set()
    assert await second == "new"
    old.set()
    assert await first == "old"
    assert cache.peek(KEY) == "new"


async def test_forgetting_one_kind_leaves_the_others() -> None:
    cache, source = Cache(), Source()
    cache.put(("products", 1), "kept", 10)
    cache.put(("orders", 1), "gone", 10)
    source.gate.clear()
    loading = asyncio.create_task(cache.get(("products", 2), 10, source.load))
    await spin()
    cache.forget("orders", "invoices")
    source.gate.set()
    await loading
    assert cache.peek(("products", 1)) == "kept"
    assert cache.peek(("orders", 1)) is None
    assert cache.peek(("products", 2)) == 1


async def test_size_is_bounded() -> None:
    cache = Cache(max_bytes=3 * ENTRY_BYTES)
    for number in range(10):
        cache.put(("orders", number), number, 10)
    assert [number for number in range(10) if cache.peek(("orders", number)) is not None] == [7, 8, 9]


def test_value_put_for_no_time_is_not_kept() -> None:
    cache = Cache()
    cache.put(KEY, 1, 0)
    assert cache.peek(KEY) is None
