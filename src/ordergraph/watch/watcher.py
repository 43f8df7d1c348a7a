"""Who watches: what is told waits here until it is taken."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Hashable
from typing import Generic, TypeVar

from ordergraph.domain.errors import OrdergraphError, SlowConsumer

T = TypeVar("T")

ROOM = 64
"""How much is kept of each thing that is watched, for who does not take it."""


class Watcher(Generic[T]):
    """Takes news of some things, ``of``, until each of them has ended. Who does not keep up is told so, and dropped."""

    def __init__(self, of: set[Hashable]) -> None:
        self._open = of
        self._room = ROOM * len(of)
        self._news: deque[T] = deque()
        self._error: OrdergraphError | None = None
        self._ready = asyncio.Event()

    @property
    def has_failed(self) -> bool:
        """Whether nothing more can be told."""
        return self._error is not None

    def tell(self, news: T) -> None:
        """Take news."""
        if len(self._news) >= self._room:
            self.fail(SlowConsumer())
        if self._error is None:
            self._news.append(news)
            self._ready.set()

    def end(self, one: Hashable) -> None:
        """There will be no more news of one thing."""
        self._open.discard(one)
        self._ready.set()

    def fail(self, error: OrdergraphError) -> None:
        """There will be no more news at all, and what was not taken is lost."""
        self._news.clear()
        self._error = error
        self._ready.set()

    async def news(self) -> AsyncGenerator[T]:
        """What is told, until everything has ended; raises the error that it fails with."""
        while self._news or self._open or self._error:
            if self._error is not None:
                raise self._error
            if self._news:
                yield self._news.popleft()
            else:
                self._ready.clear()
                await self._ready.wait()
