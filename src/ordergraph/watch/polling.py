"""Polls the watched orders of one account: which order is next, and when."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

import structlog

from ordergraph.connector import Connector, only
from ordergraph.domain import Ref
from ordergraph.domain.errors import OrdergraphError, VendorError
from ordergraph.upstream.request_scope import refetching
from ordergraph.watch.changes import Change, ChangeSource
from ordergraph.watch.order import WatchedOrder
from ordergraph.watch.watcher import Watcher

log = structlog.get_logger(__name__)

KEPT_SECONDS = 60.0
"""How long the state of an order is kept after its last watcher has left."""
MOST_OWED = 60.0
"""Urgent polls count toward the account's quota as well. They delay other polls by at most this many seconds."""


class _Due(NamedTuple):
    """When a poll is due, and what triggered it. An ``urgent`` poll does not wait for the quota."""

    urgent: bool
    at: float
    source: ChangeSource = ChangeSource.POLL

    @property
    def rank(self) -> tuple[bool, float]:
        """The sort key: the smallest is next."""
        return (not self.urgent, self.at)


class Rounds:
    """Polls the watched orders of one account, each at its own interval and all within the quota."""

    def __init__(self, connector: Connector, timer: Callable[[], float] = time.monotonic) -> None:
        self._connector = connector
        self._settings = connector.account.watch
        self._timer = timer
        self._places = max(1, connector.account.concurrency // 2)  # leaves half of the concurrent calls to callers
        self._orders: dict[str, WatchedOrder] = {}
        self._due: dict[WatchedOrder, _Due] = {}
        self._queue: list[tuple[tuple[bool, float], int, WatchedOrder, _Due]] = []  # by rank; some entries are outdated
        self._numbers = count()
        self._free_at = float("-inf")  # when the quota allows the next poll that is not urgent
        self._rest_until = float("-inf")
        self._reason: VendorError | None = None  # why there are no calls until then
        self._looking: dict[WatchedOrder, asyncio.Task[None]] = {}
        self._awake = asyncio.Event()
        self._going: asyncio.Task[None] | None = None

    def join(self, ref: Ref, watcher: Watcher[Change], since: str | None) -> None:
        """Add a watcher to an order."""
        order = self._orders.get(ref.joined)
        if order is None:
            order = self._orders[ref.joined] = WatchedOrder(str(ref), ref.joined, self._settings, self._timer)
        order.join(watcher, since)
        if order.is_fresh:
            self._again(order, ChangeSource.POLL)
        elif order not in self._looking:
            self._ask(order, _Due(True, self._timer()))
        if self._going is None or self._going.done():
            self._going = asyncio.create_task(self._go(), context=Context())

    def leave(self, ref: Ref, watcher: Watcher[Change]) -> None:
        """Remove a watcher from an order."""
        order = self._orders.get(ref.joined)
        if order is not None:
            order.leave(watcher)
            if not order.is_watched:
                self._put(order, _Due(False, self._timer() + KEPT_SECONDS))

    def look(self, keys: list[str] | None, source: ChangeSource) -> None:
        """Poll these orders at once if they are watched; None polls all of them as fast as the quota allows."""
        for order in self._orders.values():
            if order.is_watched and (keys is None or order.is_one_of(keys)):
                self._ask(order, _Due(keys is not None, self._timer(), source))

    async def aclose(self) -> None:
        """Stop polling."""
        left = [*self._looking.values(), *([self._going] if self._going else [])]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _ask(self, order: WatchedOrder, due: _Due) -> None:
        """Schedule a poll unless an earlier one is due; keep the source of a signal."""
        waiting = self._due.get(order)
        if waiting is not None and waiting.source is not ChangeSource.POLL and due.source is ChangeSource.POLL:
            due = due._replace(source=waiting.source)
        if waiting is None or due.rank < waiting.rank:
            self._put(order, due)

    def _put(self, order: WatchedOrder, due: _Due) -> None:
        """Put an order into the queue; if it is being polled, wait until that ends."""
        self._due[order] = due
        if order not in self._looking:
            heappush(self._queue, (due.rank, next(self._numbers), order, due))
            self._awake.set()

    def _next(self) -> WatchedOrder | None:
        """Return the order to be polled next."""
        while self._queue:
            _, _, order, due = self._queue[0]
            if self._due.get(order) is due:
                return order
            heappop(self._queue)
        return None

    async def _go(self) -> None:
        """Start polls when they are due, as long as there are orders."""
        while self._orders:
            self._awake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._begin_next()):
                    await self._awake.wait()

    def _begin_next(self) -> float | None:
        """Start the next poll if it is due; return the seconds until the next one, None to wait for a signal."""
        order = self._next()
        if order is None or len(self._looking) >= self._places:
            return None
        now, due = self._timer(), self._due[order]
        at = due.at if due.urgent else max(due.at, self._free_at)
        if at > now:
            return at - now
        del self._due[order]
        if not order.is_watched:
            del self._orders[order.key]
        elif self._reason is not None and now < self._rest_until:
            order.failed(self._reason, self._rest_until - now)
            self._again(order, due.source)
        else:
            self._free_at = min(max(self._free_at, now) + 60 / self._settings.per_minute, now + MOST_OWED)
            self._looking[order] = asyncio.create_task(self._look(order, due.source))
        return 0.0

    async def _look(self, order: WatchedOrder, source: ChangeSource) -> None:
        """Poll an order. The source of a signal is kept until the order was read."""
        try:
            with refetching():
                found = await only(self._connector.fetch_orders([order.key]))
            order.saw(found, source)
            source = ChangeSource.POLL
        except OrdergraphError as error:
            order.failed(error, self._rest(error))
        except Exception:  # a bug of ours must not stop polling of the other orders
            log.exception("unexpected error", account=self._connector.name, order=order.key[:100])
            order.failed(OrdergraphError("Internal server error"))
        self._again(order, source)
        del self._looking[order]
        self._put(order, self._due[order])

    def _rest(self, error: OrdergraphError) -> float | None:
        """Pause for as long as the vendor or the circuit breaker requests; return the number of seconds."""
        if not isinstance(error, VendorError) or not error.retry_after:
            return None
        self._reason, self._rest_until = error, self._timer() + error.retry_after
        return error.retry_after

    def _again(self, order: WatchedOrder, source: ChangeSource) -> None:
        """Schedule the next poll, unless one was scheduled during this poll already."""
        pause = order.pause() if order.is_watched else KEPT_SECONDS
        self._ask(order, _Due(False, self._timer() + pause, source))
