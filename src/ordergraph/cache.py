"""A cache with times to live in which each value is loaded once, however many ask for it at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar, cast

from cachetools import TLRUCache

T = TypeVar("T")


class _Entry:
    """A value and how long it may be used."""

    __slots__ = ("seconds", "value")

    def __init__(self, value: object, seconds: float) -> None:
        self.value = value
        self.seconds = seconds


_MISSING = _Entry(None, 0)


def _expires(_key: Hashable, entry: _Entry, now: float) -> float:
    return now + entry.seconds


class Cache:
    """What one account's vendor said lately.

    Keys are tuples whose first part is the kind of thing (``"products"``); a kind is forgotten as a
    whole. One cache belongs to one account, so that no key can mix up accounts or credentials.
    """

    def __init__(self, size: int = 4096, timer: Callable[[], float] = time.monotonic) -> None:
        self._entries: TLRUCache[tuple[Hashable, ...], _Entry] = TLRUCache(size, ttu=_expires, timer=timer)
        self._loading: dict[tuple[Hashable, ...], asyncio.Task[Any]] = {}
        self._waiting: dict[asyncio.Task[Any], int] = {}

    def peek(self, key: tuple[Hashable, ...]) -> Any | None:
        """The value if it is there and fresh, else None."""
        entry = self._entries.get(key)
        return None if entry is None else entry.value

    def put(self, key: tuple[Hashable, ...], value: object, seconds: float) -> None:
        """Keep a value that came along with another; ``seconds`` 0 keeps nothing."""
        if seconds > 0:
            self._entries[key] = _Entry(value, seconds)

    async def get(self, key: tuple[Hashable, ...], seconds: float, load: Callable[[], Awaitable[T]]) -> T:
        """The value of ``key``: kept, or from the load that is under way, or loaded now.

        The load runs in a task of its own, so a caller that goes away takes nothing from the others; when
        all have gone, it is cancelled. Errors are not kept.
        """
        found = self._entries.get(key, _MISSING)
        if found is not _MISSING:
            return cast("T", found.value)
        task = self._loading.get(key)
        if task is None:
            task = asyncio.create_task(self._load(key, seconds, load))
            self._loading[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        self._waiting[task] = self._waiting.get(task, 0) + 1
        try:
            return await asyncio.shield(task)
        finally:
            self._gone(key, task)

    def forget(self, *kinds: str) -> None:
        """Drop all values of these kinds; what is being loaded at this moment is not kept either."""
        for key in [key for key in self._entries if key[0] in kinds]:
            del self._entries[key]
        for key in [key for key in self._loading if key[0] in kinds]:
            del self._loading[key]

    async def _load(self, key: tuple[Hashable, ...], seconds: float, load: Callable[[], Awaitable[T]]) -> T:
        value = await load()
        if self._loading.get(key) is asyncio.current_task():  # not forgotten meanwhile
            self.put(key, value, seconds)
        return value

    def _gone(self, key: tuple[Hashable, ...], task: asyncio.Task[Any]) -> None:
        self._waiting[task] -= 1
        if self._waiting[task] == 0:
            del self._waiting[task]
            if not task.done():
                task.cancel()
                if self._loading.get(key) is task:
                    del self._loading[key]

    def _finished(self, key: tuple[Hashable, ...], task: asyncio.Task[Any]) -> None:
        if self._loading.get(key) is task:
            del self._loading[key]
        if not task.cancelled():
            task.exception()  # seen: when every caller has gone, nobody else looks at it
