"""Watching: orders and write operations, told to whoever watches when they change.

However many watch an order, one poller looks at it: soon after something has happened to it, and the more rarely the
longer nothing has, within its account's quota of looks. A notification of the vendor or a mutation through this process
has it look at once. It stops when the order is final, or when nobody watches. What was told is kept for a while, so
that who was cut off can go on where they were.

A vendor in trouble is left in peace for as long as it says, or longer each time, and those who watch are told.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import aclosing, contextmanager, suppress
from typing import Any

from ordergraph.connector import Connector
from ordergraph.domain import Ref, WriteStatus
from ordergraph.domain.errors import TooManyWatches
from ordergraph.ledger.operations import Operations, WriteOperation
from ordergraph.settings.callers import Caller
from ordergraph.watch.changes import Change, ChangeSource, Trouble
from ordergraph.watch.polling import Rounds
from ordergraph.watch.watcher import Watcher

__all__ = ["Change", "ChangeSource", "Trouble", "Watches"]

FASTEST, SLOWEST = 0.5, 10.0
"""Seconds between two looks at an operation: another process may settle it."""


class Watches:
    """All that is watched in this process; ``limit`` is how much one caller may watch at once."""

    def __init__(self, connectors: Mapping[str, Connector], operations: Operations, limit: int) -> None:
        self._rounds = {name: Rounds(one) for name, one in connectors.items()}
        self._operations = operations
        self._limit = limit
        self._counts = Counter[str]()
        self._listeners: dict[str, set[asyncio.Event]] = {}
        operations.listener = self._written

    async def orders(self, caller: Caller, refs: Sequence[Ref], since: str | None = None) -> AsyncGenerator[Change]:
        """The changes of some orders, until all are final; ``since`` is the version of which the caller knows.

        Of an order that does not exist for the caller, None is told, as the only thing. Raises TooManyWatches and
        SlowConsumer.
        """
        watcher = Watcher[Change]({str(ref) for ref in refs})
        theirs = [ref for ref in refs if ref.account in caller.accounts and ref.account in self._rounds]
        with self._counted(caller, len(refs)):
            try:
                for ref in refs:
                    if ref in theirs:
                        self._rounds[ref.account].join(ref, watcher, since)
                    else:
                        watcher.tell(Change(order_id=str(ref), order=None, source=ChangeSource.FIRST))
                        watcher.end(str(ref))
                async with aclosing(watcher.news()) as news:
                    async for one in news:
                        yield one
            finally:
                for ref in theirs:
                    self._rounds[ref.account].leave(ref, watcher)

    async def operation(self, caller: Caller, ref: Ref) -> AsyncGenerator[WriteOperation | None]:
        """A write operation, and again whenever its status changes, until it is settled; None if there is none.

        Raises TooManyWatches and LedgerUnavailable.
        """
        written, told, pause = asyncio.Event(), None, FASTEST
        with self._counted(caller, 1), self._listening(ref, written):
            while True:
                written.clear()
                known = ref.account in caller.accounts
                found = await self._operations.by_id(ref.account, ref.joined) if known else None
                if found is None or (found.status, found.status_reason) != told:
                    yield found
                    told, pause = found and (found.status, found.status_reason), FASTEST
                if found is None or found.settled_at is not None:
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await written.wait()
                pause = min(pause * 1.5, SLOWEST)

    def look(self, account: str, key: str | None, source: ChangeSource) -> None:
        """Look at once at an order of an account, if somebody watches it; None is at all of them."""
        self._rounds[account].look(None if key is None else [key], source)

    async def aclose(self) -> None:
        """Look no more."""
        await asyncio.gather(*(one.aclose() for one in self._rounds.values()))

    def _written(self, operation: WriteOperation) -> None:
        """Something has been put on record by this process."""
        for written in self._listeners.get(operation.id, ()):
            written.set()
        if operation.status is not WriteStatus.SENDING and operation.account in self._rounds:
            self._rounds[operation.account].look(orders_of(operation), ChangeSource.GATEWAY)

    @contextmanager
    def _listening(self, ref: Ref, written: asyncio.Event) -> Generator[None]:
        """Set ``written`` when something of an operation is put on record."""
        events = self._listeners.setdefault(ref.joined, set())
        events.add(written)
        try:
            yield
        finally:
            events.discard(written)
            if not events:
                self._listeners.pop(ref.joined, None)

    @contextmanager
    def _counted(self, caller: Caller, count: int) -> Generator[None]:
        """Count what a caller watches; raise TooManyWatches for more than it may."""
        if self._counts[caller.name] + count > self._limit:
            raise TooManyWatches(self._limit)
        self._counts[caller.name] += count
        try:
            yield
        finally:
            self._counts[caller.name] -= count


def orders_of(operation: WriteOperation) -> list[str] | None:
    """The orders that an operation may have changed; None where it does not say which: it was about a charge."""
    asked: Mapping[str, Any] = operation.request or {}
    if "chargeId" in asked:
        return None
    named = [asked.get("orderId"), asked.get("lineItemId"), *operation.objects]
    refs = [Ref.parse(one) for one in named if one]
    lines = [ref.key[0] for ref in refs if ref.type == "LineItem"]
    return [*lines, *(ref.joined for ref in refs if ref.type == "Order")]
