"""The cache: lifetimes, shared loads and invalidation."""

import asyncio
import gc
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from ordergraph.domain.errors import (
    VendorBadReply,
    VendorError,
    VendorForbidden,
    VendorLoginFailed,
    VendorNotFound,
    VendorRateLimited,
    VendorTimeout,
    VendorUnavailable,
    VendorUnreachable,
)
from ordergraph.upstream.cache import ENTRY_BYTES, Cache
from ordergraph.upstream.request_scope import MaxAge, current_request, fallback, set_request

T = TypeVar("T")
KEY = ("orders", "GET", "/orders")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Source:
    """A slow source: each load waits until the test lets it finish."""

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


# ---- Shared loads -----------------------------------------------------------------------------------


def failure(kind: type[VendorError] = VendorUnavailable) -> VendorError:
    return kind("acme", "acme-uk", "read")


async def test_followers_of_a_failed_load_try_once_more_together() -> None:
    cache, loads = Cache(), 0

    async def load() -> tuple[int, int]:
        nonlocal loads
        loads += 1
        number = loads
        await asyncio.sleep(0)
        if number == 1:  # the first load has expired
            raise failure(VendorTimeout)
        return number, 1

    results = await asyncio.gather(*(cache.get(KEY, 10, load) for _ in range(50)), return_exceptions=True)
    assert isinstance(results[0], VendorTimeout)
    assert results[1:] == [2] * 49
    assert loads == 2


async def test_second_failure_is_everybodys_and_each_has_its_own_error() -> None:
    cache, source = Cache(), Source()
    source.gate.clear()
    source.error = failure()
    waiters = [asyncio.create_task(cache.get(KEY, 10, source.load)) for _ in range(5)]
    await spin()
    source.gate.set()
    results = await asyncio.gather(*waiters, return_exceptions=True)
    assert [type(one) for one in results] == [VendorUnavailable] * 5
    assert len({id(one) for one in results}) == 5
    assert source.loads == 2


async def test_refusal_is_an_answer_for_all_who_asked() -> None:
    cache, source = Cache(), Source()
    source.gate.clear()
    source.error = failure(VendorNotFound)
    waiters = [asyncio.create_task(cache.get(KEY, 10, source.load)) for _ in range(5)]
    await spin()
    source.gate.set()
    results = await asyncio.gather(*waiters, return_exceptions=True)
    assert [type(one) for one in results] == [VendorNotFound] * 5
    assert source.loads == 1


# ---- Requests with no-cache -------------------------------------------------------------------------


async def as_new_as(moment: float, asking: Callable[[], Awaitable[T]]) -> T:
    """Load in the name of a caller who accepts nothing older than this moment."""

    async def ask() -> T:
        set_request(replace(current_request(), not_before=moment))
        return await asking()

    return await asyncio.create_task(ask())


async def test_value_asked_for_before_is_not_good_enough() -> None:
    clock, source = Clock(), Source()
    cache = Cache(timer=clock)
    clock.now = 5
    await cache.get(KEY, 10, source.load)
    assert await as_new_as(5, lambda: cache.get(KEY, 10, source.load)) == 1
    clock.now = 6
    assert await as_new_as(6, lambda: cache.get(KEY, 10, source.load)) == 2
    assert await cache.get(KEY, 10, source.load) == 2, "the new value is cached for others"


async def test_load_that_began_before_is_not_joined_and_does_not_win_in_the_end() -> None:
    clock = Clock()
    cache = Cache(timer=clock)
    old, new = asyncio.Event(), asyncio.Event()

    async def load(gate: asyncio.Event, value: str) -> tuple[str, int]:
        await gate.wait()
        return value, 3

    first = asyncio.create_task(cache.get(KEY, 10, lambda: load(old, "old")))
    await spin()
    clock.now = 1
    second = asyncio.create_task(as_new_as(1, lambda: cache.get(KEY, 10, lambda: load(new, "new"))))
    await spin()
    third = asyncio.create_task(cache.get(KEY, 10, lambda: load(new, "third")))
    await spin()
    new.set()
    assert (await second, await third) == ("new", "new")
    old.set()
    assert await first == "old"
    assert cache.peek(KEY) == "new"


async def test_value_that_came_along_is_as_new_as_its_reader_wanted() -> None:
    cache = Cache()

    async def put_and_peek() -> object:
        cache.put(KEY, "new", 10)
        return cache.peek(KEY)

    async def peek() -> object:
        return cache.peek(KEY)

    cache.put(KEY, "old", 10)
    assert await as_new_as(0, peek) is None
    assert await as_new_as(0, put_and_peek) == "new"
    assert cache.peek(KEY) == "new"
    assert await as_new_as(1, peek) is None


# ---- Reference data ---------------------------------------------------------------------------------


async def test_reference_data_is_good_enough_however_new_it_is_to_be_until_its_time_is_over() -> None:
    clock, source = Clock(), Source()
    cache = Cache(timer=clock)
    assert await cache.known(KEY, 10, source.load) == 1
    clock.now = 9
    assert await as_new_as(9, lambda: cache.known(KEY, 10, source.load)) == 1
    assert await as_new_as(9, lambda: cache.get(KEY, 10, source.load)) == 2, "an explicit request gets a new value"
    assert await cache.known(KEY, 10, source.load) == 2
    clock.now = 19
    assert await cache.known(KEY, 10, source.load) == 3


async def test_load_of_reference_data_is_joined_however_new_it_is_to_be() -> None:
    clock, source = Clock(), Source()
    cache = Cache(timer=clock)
    source.gate.clear()
    first = asyncio.create_task(cache.known(KEY, 10, source.load))
    await spin()
    second = asyncio.create_task(as_new_as(1, lambda: cache.known(KEY, 10, source.load)))
    await spin()
    source.gate.set()
    assert await asyncio.gather(first, second) == [1, 1]


async def test_load_of_reference_data_goes_on_when_every_waiter_has_gone() -> None:
    cache, source = Cache(), Source()
    source.gate.clear()
    waiter = asyncio.create_task(cache.known(KEY, 10, source.load))
    await spin()
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    source.gate.set()
    await spin()
    assert cache.peek(KEY) == 1


async def test_older_reference_data_stands_in_everywhere_and_nobody_is_told() -> None:
    clock = Clock()
    cache = Cache(300, timer=clock)
    source = await kept_then_failing(cache, 10, VendorUnavailable)
    clock.now = 309
    with fallback() as errors:
        assert await cache.known(KEY, 10, source.load) == 1
    assert errors == []
    with fallback(allowed=False):
        assert await cache.known(KEY, 10, source.load) == 1
        with pytest.raises(VendorUnavailable):
            await cache.get(KEY, 10, source.load)
    clock.now = 310
    with pytest.raises(VendorUnavailable):
        await cache.known(KEY, 10, source.load)


# ---- Failing vendors --------------------------------------------------------------------------------


async def kept_then_failing(cache: Cache, seconds: float, kind: type[VendorError]) -> Source:
    source = Source()
    set_request(replace(current_request(), fallbacks=[]))
    assert await cache.get(KEY, seconds, source.load) == 1
    source.error = failure(kind)
    return source


@pytest.mark.parametrize("seconds", [0, 10])
@pytest.mark.parametrize("kind", [VendorUnreachable, VendorUnavailable, VendorTimeout, VendorRateLimited])
async def test_older_value_stands_in_for_a_vendor_in_trouble(seconds: float, kind: type[VendorError]) -> None:
    clock = Clock()
    cache = Cache(300, timer=clock)
    source = await kept_then_failing(cache, seconds, kind)
    clock.now = seconds + 299
    with fallback() as errors:
        assert await cache.get(KEY, seconds, source.load) == 1
        assert [type(one) for one in errors] == [kind]
    assert cache.peek(KEY) is None
    clock.now = seconds + 300
    with pytest.raises(kind):
        await cache.get(KEY, seconds, source.load)


@pytest.mark.parametrize("kind", [VendorLoginFailed, VendorForbidden, VendorNotFound, VendorBadReply])
async def test_older_value_does_not_stand_in_for_an_answer(kind: type[VendorError]) -> None:
    cache = Cache(300)
    source = await kept_then_failing(cache, 0, kind)
    with fallback() as errors, pytest.raises(kind):
        await cache.get(KEY, 0, source.load)
    assert errors == []


async def test_older_value_does_not_stand_in_where_it_must_be_true() -> None:
    cache = Cache(300)
    source = await kept_then_failing(cache, 0, VendorUnavailable)
    with fallback(allowed=False), fallback() as errors:
        with pytest.raises(VendorUnavailable):
            await cache.get(KEY, 0, source.load)
        assert errors == []
    assert await cache.get(KEY, 0, source.load) == 1


async def test_older_value_is_forgotten_with_its_kind() -> None:
    cache = Cache(300)
    source = await kept_then_failing(cache, 0, VendorUnavailable)
    cache.forget("orders")
    with pytest.raises(VendorUnavailable):
        await cache.get(KEY, 0, source.load)


# ---- Size -------------------------------------------------------------------------------------------


async def test_bytes_are_bounded() -> None:
    cache = Cache(max_bytes=10 * ENTRY_BYTES)

    async def load(value: int, size: int) -> tuple[int, int]:
        return value, size

    sizes = [4 * ENTRY_BYTES, 4 * ENTRY_BYTES, 4 * ENTRY_BYTES, 11 * ENTRY_BYTES, 1]
    for number, size in enumerate(sizes):
        assert await cache.get(("orders", number), 10, lambda n=number, s=size: load(n, s)) == number
    assert [number for number in range(5) if cache.peek(("orders", number)) is not None] == [1, 2, 4]


class TickingClock:
    """A clock that advances by one with every call."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.mark.parametrize("seconds", range(1, 12))
def test_value_whose_time_ends_at_this_moment_is_gone_and_no_error(seconds: int) -> None:
    cache = Cache(timer=TickingClock())
    cache.put(KEY, 1, seconds)
    cache.peek(KEY)
    cache.put(KEY, 2, seconds)
    cache.forget("orders")
    assert cache.peek(KEY) is None


async def test_lifetime_is_what_is_left_of_the_oldest_value_read() -> None:
    clock, source = Clock(), Source()
    cache = Cache(timer=clock)
    noted = MaxAge()
    set_request(replace(current_request(), max_age=noted))
    assert noted.seconds == math.inf
    await cache.get(KEY, 10, source.load)
    assert noted.seconds == 10
    clock.now = 4
    await cache.get(("products",), 300, source.load)
    assert noted.seconds == 10
    await cache.get(KEY, 10, source.load)
    assert noted.seconds == 6
    clock.now = 5
    assert cache.peek(KEY) == 1
    assert noted.seconds == 5


async def test_lifetime_ends_at_once_where_nothing_is_kept() -> None:
    cache, source = Cache(), Source()
    noted = MaxAge()
    set_request(replace(current_request(), max_age=noted))
    await cache.get(KEY, 0, source.load)
    assert noted.seconds == 0


async def test_lifetime_is_told_to_who_joined_a_load_as_well() -> None:
    cache, source = Cache(), Source()
    source.gate.clear()
    both = MaxAge(), MaxAge()

    async def read(noted: MaxAge) -> None:
        set_request(replace(current_request(), max_age=noted))
        await cache.get(KEY, 10, source.load)

    readers = [asyncio.create_task(read(noted)) for noted in both]
    await spin()
    source.gate.set()
    await asyncio.gather(*readers)
    assert source.loads == 1
    assert [noted.seconds for noted in both] == [10, 10]


async def test_lifetime_of_what_stands_in_is_over() -> None:
    clock, source = Clock(), Source()
    cache = Cache(stale=100, timer=clock)
    await cache.get(KEY, 10, source.load)
    clock.now = 20
    source.error = VendorUnreachable("acme", "acme", "read")
    noted = MaxAge()
    set_request(replace(current_request(), max_age=noted))
    set_request(replace(current_request(), fallbacks=[]))
    assert await cache.get(KEY, 10, source.load) == 1
    assert noted.seconds == 0
