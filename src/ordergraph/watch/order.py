"""A watched order: its last known state, and what each watcher has received."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ordergraph.domain import Order
from ordergraph.domain.errors import OrdergraphError
from ordergraph.settings import WatchSettings
from ordergraph.watch.changes import Change, ChangeSource, WatchError, changed_fields
from ordergraph.watch.watcher import Watcher

HISTORY = 32
"""The number of changes of an order that are kept for watchers that resume."""
SHARE = 0.1
"""The polling interval of an order, as a fraction of the time since its last change."""
JITTER = 0.2
"""The fraction by which a polling interval may be shortened, so that not all orders are polled at the same time."""


@dataclass(slots=True)
class _Standing:
    """What a watcher has received: nothing yet unless ``begun``; ``since`` is the version that it has.

    ``error`` is the code of the last error that it was notified of.
    """

    since: str | None
    begun: bool = False
    error: str | None = None


class WatchedOrder:
    """An order and its watchers. It does not poll by itself: `saw` and `failed` report the results of polling."""

    def __init__(
        self, id_: str, key: str, settings: WatchSettings, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self.id = id_
        self.key = key
        self._settings = settings
        self._timer = timer
        self._order: Order | None = None
        self._seen_at = float("-inf")
        self._stirred_at = timer()  # when it changed, or a watcher joined
        self._history: deque[Change] = deque(maxlen=HISTORY)
        self._error: WatchError | None = None
        self._failures = 0
        self._watchers: dict[Watcher[Change], _Standing] = {}

    @property
    def is_watched(self) -> bool:
        """Whether there are watchers."""
        return bool(self._watchers)

    @property
    def is_fresh(self) -> bool:
        """Whether it was read so recently that a new watcher needs no poll."""
        seen = self._order is not None and self._error is None
        return seen and self._timer() - self._seen_at < self._settings.fastest

    def is_one_of(self, keys: Sequence[str]) -> bool:
        """Whether one of these IDs, which a vendor may write in several ways, identifies this order."""
        return self.key in keys or (self._order is not None and self._order.ref.joined in keys)

    def join(self, watcher: Watcher[Change], since: str | None) -> None:
        """Add a watcher; send it the kept changes since a version, and the current state if it is fresh."""
        standing = self._watchers[watcher] = _Standing(since)
        self._stirred_at = self._timer()
        if since is not None and since in self._versions:
            standing.begun = True
            for one in self._missed(since):
                watcher.tell(one)
        if self.is_fresh:
            self._tell(None)

    def leave(self, watcher: Watcher[Change]) -> None:
        """Remove a watcher."""
        self._watchers.pop(watcher, None)

    def pause(self) -> float:
        """Return the number of seconds until the next poll."""
        fastest, slowest = self._settings.fastest, self._settings.slowest
        quiet = max(fastest, (self._timer() - self._stirred_at) * SHARE)
        longest = min(slowest, max(quiet, fastest * 2.0 ** min(self._failures, 32)))
        told = (self._error.retry_after if self._error else None) or 0.0
        return max(longest * random.uniform(1 - JITTER, 1), told * random.uniform(1, 1 + JITTER))

    def saw(self, order: Order | None, source: ChangeSource) -> None:
        """Report the current state of the order; None if it does not exist."""
        change = self._compared(order, source)
        self._order, self._seen_at = order, self._timer()
        self._error, self._failures = None, 0
        if change is not None:
            self._stirred_at = self._timer()
            self._history.append(change)
        if order is None:
            self._history.clear()
        self._tell(change)

    def failed(self, error: OrdergraphError, retry_after: float | None = None) -> None:
        """Report that the order could not be read."""
        since = self._error.started_at if self._error else datetime.now(UTC)
        self._error = WatchError(error.code, str(error), error.retryable, retry_after, since)
        self._failures += 1
        told = Change(order_id=self.id, order=self._order, source=ChangeSource.ERROR, error=self._error)
        for watcher, standing in self._watchers.items():
            if standing.error != error.code:
                standing.error = error.code
                watcher.tell(told)
        self._let_go()

    def _compared(self, order: Order | None, source: ChangeSource) -> Change | None:
        """Return what has changed since the last poll, None if nothing."""
        before = self._order
        if before is None:
            return self._now(order)
        if order is None:
            return Change(order_id=self.id, order=None, source=source, previous_status=before.status)
        if order.version == before.version:
            return None
        fields = changed_fields(before, order)
        return Change(
            order_id=self.id, order=order, source=source, previous_status=before.status, changed_fields=fields
        )

    def _now(self, order: Order | None) -> Change:
        return Change(order_id=self.id, order=order, source=ChangeSource.INITIAL)

    def _tell(self, change: Change | None) -> None:
        """Send each watcher what is new to it, and end all watches if the order is final."""
        for watcher, standing in self._watchers.items():
            for one in self._news(standing, change):
                watcher.tell(one)
            standing.begun, standing.error = True, None
        if self._order is None or self._order.is_final:
            for watcher in self._watchers:
                watcher.end(self.id)
            self._watchers.clear()
        self._let_go()

    def _let_go(self) -> None:
        """Drop watchers that did not keep up."""
        self._watchers = {one: standing for one, standing in self._watchers.items() if not one.has_failed}

    def _news(self, standing: _Standing, change: Change | None) -> Sequence[Change]:
        """Return the changes that a watcher has not received yet."""
        missed = ([change] if change else []) if standing.begun else self._missed(standing.since)
        if missed or standing.error is None:
            return missed
        return [Change(order_id=self.id, order=self._order, source=ChangeSource.RECOVERED, changed_fields=[])]

    @property
    def _versions(self) -> list[str | None]:
        """The versions of the kept changes, oldest first."""
        return [one.version for one in self._history]

    def _missed(self, since: str | None) -> Sequence[Change]:
        """Return the changes since a version, or only the current state if they are unknown."""
        versions = self._versions
        if since is None or since not in versions:
            return [self._now(self._order)]
        return [*self._history][len(versions) - versions[::-1].index(since) :]
