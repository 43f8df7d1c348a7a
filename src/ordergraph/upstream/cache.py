"""A cache with a time to live. Each value is loaded once, however many callers request it at the same time.

Values are kept after they become stale. While the vendor is unavailable, a stale value may be returned, and the
request is told so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from cachetools import TLRUCache

from ordergraph.domain.errors import VendorError, VendorRateLimited, VendorTimeout, VendorUnavailable, VendorUnreachable
from ordergraph.upstream.request_scope import current_request, of_any_age

T = TypeVar("T")
Key = tuple[Hashable, ...]

MAX_BYTES = 32 * 1024 * 1024
ENTRY_BYTES = 8 * 1024
"""The minimum size that a value counts as, so that the number of values is bounded too."""

IN_TROUBLE = (VendorUnreachable, VendorUnavailable, VendorTimeout, VendorRateLimited)
"""The errors for which a stale value may be returned. A rejection is an answer, so it is not one of them."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A value, with the times until which it is fresh and kept, and the time at which it was requested."""

    value: Any
    fresh: float
    kept: float
    asked: float
    size: int


@dataclass(slots=True)
class _Loading:
    """A load in progress. ``waiters`` is the number of callers that wait for it."""

    task: asyncio.Task[Any]
    asked: float
    waiters: int = 0


def _expires(_key: Key, entry: _Entry, _now: float) -> float:
    return entry.kept


def _size(entry: _Entry) -> int:
    return entry.size


class Cache:
    """The cache of one account. It keeps values ``stale`` seconds longer, for when the vendor is unavailable.

    Keys are tuples whose first item is the kind of object (``"products"``). A kind is invalidated as a whole. Each
    account has its own cache, so that keys cannot mix up accounts or credentials.
    """

    def __init__(
        self, stale: float = 0.0, max_bytes: int = MAX_BYTES, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._stale = stale
        self._timer = timer
        self._entries: TLRUCache[Key, _Entry] = TLRUCache(max_bytes, ttu=_expires, timer=timer, getsizeof=_size)
        self._loading: dict[Key, _Loading] = {}
        self._reference: set[Key] = set()  # the keys requested with `known`

    def peek(self, key: Key) -> Any | None:
        """Return the value if it is cached and fresh, else None."""
        entry = self._fresh(key)
        return None if entry is None else entry.value

    def put(self, key: Key, value: object, seconds: float) -> None:
        """Cache a value that was part of another response. ``seconds`` 0 caches nothing."""
        # the other response was new enough for the current request
        self._keep(key, value, seconds, stale=0.0, asked=current_request().not_before, size=0)

    async def get(self, key: Key, seconds: float, load: Callable[[], Awaitable[tuple[T, int]]]) -> T:
        """Return the value of ``key``: cached, from a load in progress, or loaded now.

        ``load`` returns the value and its size in bytes. It runs in its own task, so a caller that goes away does not
        affect the others. When all callers have gone, it is cancelled. If it fails, the callers that had joined it try
        once more together, since its deadline may have been earlier than theirs. Errors are not cached.
        """
        entry = self._fresh(key)
        if entry is not None:
            return entry.value
        current_request().max_age.limit(seconds)
        try:
            return await self._loaded(key, seconds, load)
        except IN_TROUBLE as error:
            errors, older = current_request().fallbacks, self._entry(key)
            if errors is None or older is None:
                raise
            errors.append(error)
            current_request().max_age.limit(0.0)
            return older.value

    async def known(self, key: Key, seconds: float, load: Callable[[], Awaitable[tuple[T, int]]]) -> T:
        """Return the value of ``key`` like `get`, for reference data that is needed to read other values.

        Neither `refetching` nor ``fallback(allowed=False)`` applies to it. Its load continues when all callers have
        gone, since the next one needs it too.
        """
        self._reference.add(key)
        with of_any_age():
            return await self.get(key, seconds, load)

    def forget(self, *kinds: str) -> None:
        """Drop all values of these kinds. Values that are being loaded are not cached either."""
        for key in [key for key in self._entries if key[0] in kinds]:
            with suppress(KeyError):  # it has just expired
                del self._entries[key]
        for key in [key for key in self._loading if key[0] in kinds]:
            del self._loading[key]

    def _entry(self, key: Key) -> _Entry | None:
        try:
            return self._entries[key]  # `get` looks twice, and the value may expire in between
        except KeyError:
            return None

    def _fresh(self, key: Key) -> _Entry | None:
        entry = self._entry(key)
        now = self._timer()
        if entry is None or now >= entry.fresh or entry.asked < current_request().not_before:
            return None
        current_request().max_age.limit(entry.fresh - now)
        return entry

    def _keep(self, key: Key, value: object, seconds: float, *, stale: float, asked: float, size: int) -> None:
        now = self._timer()
        entry = _Entry(value, now + seconds, now + seconds + stale, asked, max(size, ENTRY_BYTES))
        if entry.size <= self._entries.maxsize:
            self._entries[key] = entry

    async def _loaded(self, key: Key, seconds: float, load: Callable[[], Awaitable[tuple[T, int]]]) -> T:
        joined = self._under_way(key)
        if joined is not None:
            try:
                return await self._wait(key, joined)
            except VendorError as error:
                if not error.retryable:
                    raise
        return await self._wait(key, self._under_way(key) or self._begin(key, seconds, load))

    def _under_way(self, key: Key) -> _Loading | None:
        """Return a load in progress that started late enough for the current request."""
        loading = self._loading.get(key)
        return loading if loading is not None and loading.asked >= current_request().not_before else None

    def _begin(self, key: Key, seconds: float, load: Callable[[], Awaitable[tuple[T, int]]]) -> _Loading:
        asked = self._timer()

        async def run() -> T:
            value, size = await load()
            if self._loading.get(key) is loading:  # not invalidated meanwhile
                self._keep(key, value, seconds, stale=self._stale, asked=asked, size=size)
            return value

        loading = self._loading[key] = _Loading(asyncio.create_task(run()), asked)
        loading.task.add_done_callback(lambda _: self._finished(key, loading))
        return loading

    async def _wait(self, key: Key, loading: _Loading) -> Any:
        loading.waiters += 1
        try:
            return await asyncio.shield(loading.task)
        except VendorError as error:
            raise error.again() from error  # a copy, since each caller may change its own
        finally:
            loading.waiters -= 1
            if loading.waiters == 0 and key not in self._reference and not loading.task.done():
                loading.task.cancel()
                self._drop(key, loading)

    def _finished(self, key: Key, loading: _Loading) -> None:
        self._drop(key, loading)
        if not loading.task.cancelled():
            loading.task.exception()  # if every caller has gone, nothing else retrieves it, and asyncio would log it

    def _drop(self, key: Key, loading: _Loading) -> None:
        if self._loading.get(key) is loading:
            del self._loading[key]
