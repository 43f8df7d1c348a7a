"""Reading a part of a vendor's list.

Two kinds of list exist. A list with a *keyset* (orders, invoices) goes on from a key - the value that
it is sorted by, and the object's id - so that nothing is lost or doubled while objects are added. All
other lists go on from a position.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Key = tuple[Any, str]
"""(the value sorted by, the object's global ID); comparable within one list."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is asked of a list with a keyset: up to ``limit`` items beyond ``after``.

    ``descending`` is the direction of reading; ``after`` is exclusive, None starts at the first item.
    """

    limit: int
    descending: bool
    after: Key | None = None

    def holds(self, key: Key) -> bool:
        """Whether an item lies beyond ``after``."""
        if self.after is None:
            return True
        return key < self.after if self.descending else key > self.after


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """A part of one account's list, in the order of reading.

    ``more``: items follow, or may. ``total``: how many the whole list has, where the vendor says.
    ``skipped``: items left out because they break the contract. ``scanned_to``: set where reading
    stopped at a bound before the limit was reached; go on from there.
    """

    items: Sequence[T]
    more: bool
    fetched_at: datetime
    total: int | None = None
    skipped: int = 0
    scanned_to: Key | None = None


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """A part of a positional list; ``total`` is the length of the whole list, None where not told."""

    items: Sequence[T]
    total: int | None
    fetched_at: datetime
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class VendorPage(Generic[T]):
    """One page as the vendor gave it. ``pages``: how many pages the list has at that size."""

    items: Sequence[T]
    pages: int
    fetched_at: datetime
    total: int | None = None
    skipped: int = 0


MAX_SCAN = 10
"""How many full pages one reading may cost, when a filter has to be applied here."""


async def seek(
    window: Window,
    fetch: Callable[[int, int], Awaitable[VendorPage[T]]],
    *,
    key: Callable[[T], Key],
    keep: Callable[[T], bool],
    narrow: int,
    page_size: int,
) -> Slice[T]:
    """Read a window out of a list that the vendor sorts by the key's value, ties in any order.

    ``fetch(page, size)`` asks for a page of the list, already narrowed by the vendor's own filters to
    begin near ``window.after`` (how near depends on the filter: a day for dates). The first call asks
    for ``limit + narrow`` items; if these do not suffice, pages of ``page_size`` follow. Items with an
    equal value may be cut apart by a page's end, so the last value of an unfinished reading is held
    back until the next page has shown all of its items.
    """
    size = min(window.limit + 1 + narrow, page_size)
    reading = _Reading(window, key, keep)
    page = await fetch(1, size)
    reading.add(page.items, done=page.pages <= 1)
    total, skipped = page.total, page.skipped
    if not reading.enough and page.pages > 1:
        reading, number, skipped = _Reading(window, key, keep), 0, 0
        while not reading.enough and number < MAX_SCAN:
            number += 1
            page = await fetch(number, page_size)
            reading.add(page.items, done=number >= page.pages)
            skipped += page.skipped
            if number >= page.pages:
                break
    return reading.result(page.fetched_at, total, skipped)


class _Reading(Generic[T]):
    """The items gathered so far; ``held`` are those whose value may go on on the next page."""

    def __init__(self, window: Window, key: Callable[[T], Key], keep: Callable[[T], bool]) -> None:
        self.window = window
        self.key = key
        self.keep = keep
        self.items: dict[Key, T] = {}
        self.held: dict[Key, T] = {}
        self.done = False
        self.last: Key | None = None

    @property
    def enough(self) -> bool:
        return self.done or len(self.items) > self.window.limit

    def add(self, items: Sequence[T], *, done: bool) -> None:
        keyed = {self.key(item): item for item in items}
        self.done = done
        pending = {**self.held, **keyed}
        boundary = None if done or not keyed else list(keyed)[-1][0]
        self.held = {key: item for key, item in pending.items() if key[0] == boundary}
        settled = {key: item for key, item in pending.items() if key[0] != boundary}
        if settled:
            self.last = (min if self.window.descending else max)(settled)
        self.items.update({k: i for k, i in settled.items() if self.window.holds(k) and self.keep(i)})

    def result(self, fetched_at: datetime, total: int | None, skipped: int) -> Slice[T]:
        ordered = sorted(self.items, reverse=self.window.descending)
        chosen = ordered[: self.window.limit]
        return Slice(
            items=[self.items[key] for key in chosen],
            more=len(ordered) > self.window.limit or not self.done,
            fetched_at=fetched_at,
            total=total,
            skipped=skipped,
            scanned_to=self.last if not self.enough else None,
        )


def slice_whole(
    items: Sequence[T],
    window: Window,
    *,
    key: Callable[[T], Key],
    fetched_at: datetime,
    skipped: int = 0,
) -> Slice[T]:
    """Read a window out of a list that is here as a whole."""
    kept = {key(item): item for item in items}
    ordered = sorted((k for k in kept if window.holds(k)), reverse=window.descending)
    return Slice(
        items=[kept[k] for k in ordered[: window.limit]],
        more=len(ordered) > window.limit,
        fetched_at=fetched_at,
        total=len(kept),
        skipped=skipped,
    )


def join(slices: Sequence[Slice[T]], window: Window, key: Callable[[T], Key]) -> Slice[T]:
    """Make one slice of several that were read with the same window."""
    items = sorted((item for one in slices for item in one.items), key=key, reverse=window.descending)
    totals = [one.total for one in slices]
    return Slice(
        items=items[: window.limit],
        more=len(items) > window.limit or any(one.more for one in slices),
        fetched_at=min(one.fetched_at for one in slices),
        total=None if None in totals else sum(total or 0 for total in totals),
        skipped=sum(one.skipped for one in slices),
    )


def pages_of(offset: int, limit: int, page_size: int) -> list[tuple[int, int, int, int]]:
    """The vendor's pages that cover ``limit`` items from ``offset`` on.

    Each is (page from 1, size, first item wanted on it, end of those). One page where one can cover it.
    """
    for size in range(limit, min(2 * limit, page_size) + 1):
        first = offset // size
        if offset + limit <= (first + 1) * size:
            begin = offset - first * size
            return [(first + 1, size, begin, begin + limit)]
    first = offset // limit
    begin = offset - first * limit
    return [(first + 1, limit, begin, limit), (first + 2, limit, 0, begin)]
