"""A watcher: a queue of events for one client."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Hashable
from typing import Generic, TypeVar

from ordergraph.domain.errors import OrdergraphError, SlowConsumer

T = TypeVar("T")

ROOM = 64
"""The number of undelivered events that are kept for each watched object."""


class Watcher(Generic[T]):
    """Queues events about the objects ``of`` until all have ended. A slow client gets SlowConsumer and is dropped."""

    def __init__(self, of: set[Hashable]) -> None:
        self._open = of
        self._room = ROOM * len(of)
        self._news: deque[T] = deque()
        self._error: OrdergraphError | None = None
        self._ready = asyncio.Event()

    @property
    def has_failed(self) -> bool:
        """Whether the watcher has failed and accepts no more events."""
        return self._error is not None

    def tell(self, news: T) -> None:
        """Queue an event."""
        if len(self._news) >= self._room:
            self.fail(SlowConsumer())
        if self._error is None:
            self._news.append(news)
            self._ready.set()

    def end(self, one: Hashable) -> None:
        """End the events about one object."""
        self._open.discard(one)
        self._ready.set()

    def fail(self, error: OrdergraphError) -> None:
        """End all events with an error; undelivered events are lost."""
        self._news.clear()
        self._error = error
        self._ready.set()

    async def news(self) -> AsyncGenerator[T]:
        """Yield the events until all objects have ended; raise the error if the watcher fails."""
        while self._news or self._open or self._error:
            if self._error is not None:
                raise self._error
            if self._news:
                yield self._news.popleft()
            else:
                self._ready.clear()
                await self._ready.wait()
