"""Reading a part of a vendor's list.

Two kinds of list exist. A list with a *keyset* (orders, invoices) goes on from a key - the value that
it is sorted by, and the object's id - so that nothing is lost or doubled while objects are added. All
other lists go on from a position.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from ordergraph.domain import Invoice, Order
from ordergraph.domain.commands import Range

T = TypeVar("T")

Key = tuple[Any, str]
"""(the value sorted by, the object's global ID); comparable within one list."""

BEGINNING = datetime.min.replace(tzinfo=UTC)
"""Where objects without a time are put."""
ENDING = datetime.max.replace(tzinfo=UTC)


def order_key(order: Order) -> Key:
    """The place of an order in a list by time: every account's list and the merged one agree on it."""
    return (order.placed_at or BEGINNING, order.id)


def invoice_key(invoice: Invoice) -> Key:
    """The place of an invoice in a list by time."""
    return (invoice.issued_at or BEGINNING, invoice.id)


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


def narrowed(span: Range[datetime], window: Window, beyond: timedelta = timedelta()) -> Range[datetime]:
    """The range of times that a window may still have something in; the instant of its key belongs to it.

    ``beyond`` is added to an end, which does not belong to a range.
    """
    if window.after is None or window.after[0] == BEGINNING:
        return span
    moment: datetime = window.after[0]
    if not window.descending:
        return Range(moment if span.start is None else max(span.start, moment), span.end)
    end = moment + min(beyond, ENDING - moment)
    return Range(span.start, end if span.end is None else min(span.end, end))


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """A part of one account's list, in the order of reading.

    ``more``: items follow, or may. ``total``: how many the whole list has, where the vendor says.
    ``skipped``: items left out because they break the contract. ``scanned_to``: set where reading
    stopped at a bound before the limit was reached; go on from there. ``truncated``: the list is longer
    than is ever read of it. ``placed_here``: the vendor has no list; these are what the gateway placed.
    """

    items: Sequence[T]
    more: bool
    fetched_at: datetime
    total: int | None = None
    skipped: int = 0
    scanned_to: Key | None = None
    truncated: bool = False
    placed_here: bool = False


@dataclass(frozen=True, slots=True)
class OffsetPage(Generic[T]):
    """A part of a positional list; ``total`` is the length of the whole list, None where not told.

    ``left_out`` are the rows of this part, counted from 0, that break the contract and are no items: they
    keep their positions, so that the rows behind them keep theirs.
    """

    items: Sequence[T]
    total: int | None
    fetched_at: datetime
    left_out: Sequence[int] = ()

    @property
    def skipped(self) -> int:
        """How many rows were left out."""
        return len(self.left_out)

    @property
    def rows(self) -> int:
        """How many rows of the list were read."""
        return len(self.items) + len(self.left_out)

    @property
    def places(self) -> Sequence[int]:
        """The row of each item."""
        return _places(len(self.items), self.left_out)


def _places(count: int, left_out: Sequence[int]) -> Sequence[int]:
    """The rows of so many items between those left out."""
    gone = frozenset(left_out)
    return [row for row in range(count + len(gone)) if row not in gone] if gone else range(count)


@dataclass(frozen=True, slots=True)
class VendorPage(Generic[T]):
    """One page as the vendor gave it. ``pages``: how many pages the list has at that size."""

    items: Sequence[T]
    pages: int
    fetched_at: datetime
    total: int | None = None
    skipped: int = 0


MAX_SCAN = 10
"""How many full pages one reading may cost, when a filter has to be applied here.

More only until it has come to something beyond ``after``: a reading that does not would begin the next one
at the same place."""


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
    back until the next pages have shown all of its items. Pages overlap when items are added meanwhile, so
    the last value is the furthest seen, whatever page it was on.
    """
    size = min(window.limit + 1 + narrow, page_size)
    reading = _Reading(window, key, keep)
    page = await fetch(1, size)
    reading.add(page.items, done=page.pages <= 1)
    total, skipped = page.total, page.skipped
    if not reading.enough and page.pages > 1:
        reading, number, skipped = _Reading(window, key, keep), 0, 0
        while not reading.enough and (number < MAX_SCAN or not reading.advanced):
            number += 1
            page = await fetch(number, page_size)
            ended = number >= page.pages or not (page.items or page.skipped)
            reading.add(page.items, done=ended)
            skipped += page.skipped
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

    @property
    def advanced(self) -> bool:
        """Whether something beyond ``after`` is settled, wanted or not."""
        return self.last is not None and self.window.holds(self.last)

    def add(self, items: Sequence[T], *, done: bool) -> None:
        keyed = {self.key(item): item for item in items}
        self.done = done
        pending = {**self.held, **keyed}
        furthest = min if self.window.descending else max
        cut = set[Any]() if done or not pending else {furthest(pending)[0]}
        if cut and keyed:
            cut.add(list(keyed)[-1][0])  # the same, unless the vendor sorts what has no value elsewhere
        self.held = {key: item for key, item in pending.items() if key[0] in cut}
        settled = {key: item for key, item in pending.items() if key[0] not in cut}
        if settled:
            self.last = furthest(settled if self.last is None else [*settled, self.last])
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
    truncated: bool = False,
) -> Slice[T]:
    """Read a window out of a list that is here as a whole."""
    kept = {key(item): item for item in items}
    ordered = sorted((k for k in kept if window.holds(k)), reverse=window.descending)
    return Slice(
        items=[kept[k] for k in ordered[: window.limit]],
        more=len(ordered) > window.limit,
        fetched_at=fetched_at,
        total=None if truncated else len(kept),
        skipped=skipped,
        truncated=truncated,
    )


def join(slices: Sequence[Slice[T]], window: Window, key: Callable[[T], Key]) -> Slice[T]:
    """Make one slice of several that were read with the same window."""
    items = sorted((item for one in slices for item in one.items), key=key, reverse=window.descending)
    stop = first_stop(slices, window)
    if stop is not None:
        items = [item for item in items if not reaches_beyond(key(item), stop, window)]
    totals = [one.total for one in slices]
    return Slice(
        items=items[: window.limit],
        more=len(items) > window.limit or any(one.more for one in slices),
        fetched_at=min(one.fetched_at for one in slices),
        total=None if None in totals else sum(total or 0 for total in totals),
        skipped=sum(one.skipped for one in slices),
        scanned_to=stop if len(items) < window.limit else None,
        truncated=any(one.truncated for one in slices),
    )


def first_stop(slices: Sequence[Slice[Any]], window: Window) -> Key | None:
    """Where the first of several readings stopped at its bound; beyond it, not all is known."""
    stops = [one.scanned_to for one in slices if one.scanned_to is not None]
    return (max if window.descending else min)(stops) if stops else None


def reaches_beyond(key: Key, stop: Key, window: Window) -> bool:
    """Whether a key lies beyond another, in the direction of reading."""
    return key < stop if window.descending else key > stop


def among(items: Sequence[T], left_out: Sequence[int], begin: int, end: int) -> tuple[list[T], list[int]]:
    """The items in the rows from ``begin`` to ``end`` of a list, and its rows left out, counted from there.

    ``left_out`` are the rows of the list that are not among its items.
    """
    places = _places(len(items), left_out)
    found = [item for row, item in zip(places, items, strict=True) if begin <= row < end]
    return found, [row - begin for row in left_out if begin <= row < end]


def pages_of(offset: int, limit: int, page_size: int) -> list[tuple[int, int, int, int]]:
    """The vendor's pages that cover ``limit`` items from ``offset`` on.

    Each is (page from 1, size, first item wanted on it, end of those). One page where one of at most twice
    the size can cover it; two otherwise, and more only where ``limit`` is larger than a page may be.
    """
    end = offset + limit
    for size in range(max(limit, 1), min(2 * limit, page_size) + 1):
        first = offset // size
        if end <= (first + 1) * size:
            return [(first + 1, size, offset - first * size, end - first * size)]
    size = min(limit, page_size)
    return [
        (page + 1, size, max(offset - page * size, 0), min(end - page * size, size))
        for page in (range(offset // size, (end - 1) // size + 1) if limit > 0 else ())
    ]
