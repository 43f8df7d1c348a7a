"""Watching: clients are notified when orders and write operations change.

Each order is polled once, however many clients watch it. The polling interval is short after a change and grows while
nothing changes, within the account's polling quota. A notification of the vendor, or a mutation through this process,
triggers a poll at once. Polling stops when the order is final, or when no client watches it. Recent changes are kept
for a while, so that a client can resume after a disconnect.

If a vendor fails, polling backs off for as long as the vendor requests, or exponentially, and watchers are notified.
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
from ordergraph.watch.changes import Change, ChangeSource, WatchError
from ordergraph.watch.polling import Rounds
from ordergraph.watch.watcher import Watcher

__all__ = ["Change", "ChangeSource", "WatchError", "Watches"]

FASTEST, SLOWEST = 0.5, 10.0
"""The polling interval for an operation, in seconds: another process may settle it."""


class Watches:
    """All watches of this process; ``limit`` is the maximum number of objects that one caller may watch."""

    def __init__(self, connectors: Mapping[str, Connector], operations: Operations, limit: int) -> None:
        self._rounds = {name: Rounds(one) for name, one in connectors.items()}
        self._operations = operations
        self._limit = limit
        self._counts = Counter[str]()
        self._listeners: dict[str, set[asyncio.Event]] = {}
        operations.listener = self._written

    async def orders(self, caller: Caller, refs: Sequence[Ref], since: str | None = None) -> AsyncGenerator[Change]:
        """Yield the changes of some orders until all are final; ``since`` is the last version that the caller has.

        For an order that does not exist or that the caller has no access to, the only change has no order. Raises
        TooManyWatches and SlowConsumer.
        """
        watcher = Watcher[Change]({str(ref) for ref in refs})
        theirs = [ref for ref in refs if ref.account in caller.accounts and ref.account in self._rounds]
        with self._counted(caller, len(refs)):
            try:
                for ref in refs:
                    if ref in theirs:
                        self._rounds[ref.account].join(ref, watcher, since)
                    else:
                        watcher.tell(Change(order_id=str(ref), order=None, source=ChangeSource.INITIAL))
                        watcher.end(str(ref))
                async with aclosing(watcher.news()) as news:
                    async for one in news:
                        yield one
            finally:
                for ref in theirs:
                    self._rounds[ref.account].leave(ref, watcher)

    async def operation(self, caller: Caller, ref: Ref) -> AsyncGenerator[WriteOperation | None]:
        """Yield a write operation, and again whenever its status changes, until it is settled; None if there is none.

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
        """Poll an order of an account at once if it is watched; None polls all watched orders."""
        self._rounds[account].look(None if key is None else [key], source)

    async def aclose(self) -> None:
        """Stop polling."""
        await asyncio.gather(*(one.aclose() for one in self._rounds.values()))

    def _written(self, operation: WriteOperation) -> None:
        """Handle an operation that this process has recorded."""
        for written in self._listeners.get(operation.id, ()):
            written.set()
        if operation.status is not WriteStatus.SENDING and operation.account in self._rounds:
            self._rounds[operation.account].look(orders_of(operation), ChangeSource.GATEWAY)

    @contextmanager
    def _listening(self, ref: Ref, written: asyncio.Event) -> Generator[None]:
        """Set ``written`` when this process records a change of an operation."""
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
        """Count the watches of a caller; raise TooManyWatches if it exceeds the limit."""
        if self._counts[caller.name] + count > self._limit:
            raise TooManyWatches(self._limit)
        self._counts[caller.name] += count
        try:
            yield
        finally:
            self._counts[caller.name] -= count


def orders_of(operation: WriteOperation) -> list[str] | None:
    """Return the orders that an operation may have changed; None if unknown, because it was about a charge."""
    asked: Mapping[str, Any] = operation.request or {}
    if "chargeId" in asked:
        return None
    named = [asked.get("orderId"), asked.get("lineItemId"), *operation.objects]
    refs = [Ref.parse(one) for one in named if one]
    lines = [ref.key[0] for ref in refs if ref.type == "LineItem"]
    return [*lines, *(ref.joined for ref in refs if ref.type == "Order")]
