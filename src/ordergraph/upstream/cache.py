"""A cache with times to live in which each value is loaded once, however many ask for it at once.

What is kept outlives its time: where the vendor does not answer, an older value may, and who asked is told.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Generator, Hashable
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from cachetools import TLRUCache

from ordergraph.domain.errors import VendorError, VendorRateLimited, VendorTimeout, VendorUnavailable, VendorUnreachable

T = TypeVar("T")
Key = tuple[Hashable, ...]

MAX_BYTES = 32 * 1024 * 1024
ENTRY_BYTES = 8 * 1024
"""What the smallest value counts for, so that the number of values is bounded as well."""

IN_TROUBLE = (VendorUnreachable, VendorUnavailable, VendorTimeout, VendorRateLimited)
"""The errors for which an older value may stand in. A refusal is an answer, and has to be heard."""

not_before: ContextVar[float] = ContextVar("not_before", default=-math.inf)
"""From when on (time.monotonic) a value must have been asked for to be good enough for who reads now."""

lifetime: ContextVar[Lifetime | None] = ContextVar("lifetime", default=None)
"""Who is told how long what is read now may be used again."""

_stood_in: ContextVar[list[VendorError] | None] = ContextVar("stood_in", default=None)


@contextmanager
def standing_in(*, allowed: bool = True) -> Generator[list[VendorError]]:
    """Let older values answer while the vendor is in trouble, or not; yields the errors for which they did.

    What is not allowed outside is not allowed inside either.
    """
    errors: list[VendorError] = []
    token = _stood_in.set(errors if allowed and _stood_in.get() is not None else None)
    try:
        yield errors
    finally:
        _stood_in.reset(token)


@contextmanager
def anew() -> Generator[None]:
    """Let no value answer that was asked for before now."""
    token = not_before.set(time.monotonic())
    try:
        yield
    finally:
        not_before.reset(token)


@contextmanager
def _of_any_age() -> Generator[None]:
    """Let every value answer that is kept, and an older one while the vendor is in trouble; nobody is told of that."""
    new, older = not_before.set(-math.inf), _stood_in.set([])
    try:
        yield
    finally:
        not_before.reset(new)
        _stood_in.reset(older)


def let_older_stand_in() -> None:
    """Let older values answer while the vendor is in trouble, from now on in this request."""
    _stood_in.set([])


@dataclass(slots=True)
class Lifetime:
    """For how many seconds everything that a request has read may be used again."""

    seconds: float = math.inf


def lasts(seconds: float) -> None:
    """What was read just now may be used again for so long."""
    noted = lifetime.get()
    if noted is not None:
        noted.seconds = min(noted.seconds, max(0.0, seconds))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A value, until when it is fresh and until when it is kept, and when it was asked for."""

    value: Any
    fresh: float
    kept: float
    asked: float
    size: int


@dataclass(slots=True)
class _Loading:
    """A load under way. ``waiters`` is how many it has."""

    task: asyncio.Task[Any]
    asked: float
    waiters: int = 0


def _expires(_key: Key, entry: _Entry, _now: float) -> float:
    return entry.kept


def _size(entry: _Entry) -> int:
    return entry.size


class Cache:
    """What one account's vendor said lately, and ``stale`` seconds longer in case the vendor is in trouble.

    Keys are tuples whose first part is the kind of thing (``"products"``); a kind is forgotten as a
    whole. One cache belongs to one account, so that no key can mix up accounts or credentials.
    """

    def __init__(
        self, stale: float = 0.0, max_bytes: int = MAX_BYTES, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._stale = stale
        self._timer = timer
        self._entries: TLRUCache[Key, _Entry] = TLRUCache(max_bytes, ttu=_expires, timer=timer, getsizeof=_size)
        self._loading: dict[Key, _Loading] = {}
        self._reference: set[Key] = set()  # what was asked for by `known`

    def peek(self, key: Key) -> Any | None:
        """The value if it is there and fresh, else None."""
        entry = self._fresh(key)
        return None if entry is None else entry.value

    def put(self, key: Key, value: object, seconds: float) -> None:
        """Keep a value that came along with another; ``seconds`` 0 keeps nothing."""
        # what it came with was good enough for who puts it here
        self._keep(key, value, seconds, stale=0.0, asked=not_before.get(), size=0)

    async def get(self, key: Key, seconds: float, load: Callable[[], Awaitable[tuple[T, int]]]) -> T:
        """The value of ``key``: kept, or from the load that is under way, or loaded now.

        ``load`` returns the value and how many bytes it was made of. It runs in a task of its own, so a caller that
        goes away takes nothing from the others; when all have gone, it is cancelled. Where it fails, those who had
        joined it try once more together: its time may have been shorter than theirs. Errors are not kept.
        """
        entry = self._fresh(key)
        if entry is not None:
            return entry.value
        lasts(seconds)
        try:
            return await self._loaded(key, seconds, load)
        except IN_TROUBLE as error:
            errors, older = _stood_in.get(), self._entry(key)
            if errors is None or older is None:
                raise
            errors.append(error)
            lasts(0.0)
            return older.value

    async def known(self, key: Key, seconds: float, load: Callable[[], Awaitable[tuple[T, int]]]) -> T:
        """The same for reference data that other values are read with, however new and certain those have to be.

        Neither `anew` nor ``standing_in(allowed=False)`` applies to it. Its load goes on when all callers have gone:
        the next one needs it too.
        """
        self._reference.add(key)
        with _of_any_age():
            return await self.get(key, seconds, load)

    def forget(self, *kinds: str) -> None:
        """Drop all values of these kinds; what is being loaded at this moment is not kept either."""
        for key in [key for key in self._entries if key[0] in kinds]:
            with suppress(KeyError):  # its time is over since a moment ago
                del self._entries[key]
        for key in [key for key in self._loading if key[0] in kinds]:
            del self._loading[key]

    def _entry(self, key: Key) -> _Entry | None:
        try:
            return self._entries[key]  # `get` looks twice, and its time may be over in between
        except KeyError:
            return None

    def _fresh(self, key: Key) -> _Entry | None:
        entry = self._entry(key)
        now = self._timer()
        if entry is None or now >= entry.fresh or entry.asked < not_before.get():
            return None
        lasts(entry.fresh - now)
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
        """A load that began late enough for who asks now."""
        loading = self._loading.get(key)
        return loading if loading is not None and loading.asked >= not_before.get() else None

    def _begin(self, key: Key, seconds: float, load: Callable[[], Awaitable[tuple[T, int]]]) -> _Loading:
        asked = self._timer()

        async def run() -> T:
            value, size = await load()
            if self._loading.get(key) is loading:  # not forgotten meanwhile
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
            raise error.again() from error  # each caller may add to its own
        finally:
            loading.waiters -= 1
            if loading.waiters == 0 and key not in self._reference and not loading.task.done():
                loading.task.cancel()
                self._drop(key, loading)

    def _finished(self, key: Key, loading: _Loading) -> None:
        self._drop(key, loading)
        if not loading.task.cancelled():
            loading.task.exception()  # seen: when every caller has gone, nobody else looks at it

    def _drop(self, key: Key, loading: _Loading) -> None:
        if self._loading.get(key) is loading:
            del self._loading[key]
