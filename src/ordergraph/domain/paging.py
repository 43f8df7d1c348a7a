"""Reading parts of a vendor's list.

There are two kinds of lists. A list with a *keyset* (orders, invoices) continues from a key - the sort value and the
object's ID - so that no item is lost or duplicated while objects are added. All other lists continue from a position.
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
"""(the sort value, the object's global ID); comparable within one list."""

BEGINNING = datetime.min.replace(tzinfo=UTC)
"""The time at which objects without a time are sorted."""
ENDING = datetime.max.replace(tzinfo=UTC)


def order_key(order: Order) -> Key:
    """Return the key of an order in a list sorted by time, the same in every account's list and the merged one."""
    return (order.placed_at or BEGINNING, order.id)


def invoice_key(invoice: Invoice) -> Key:
    """Return the key of an invoice in a list sorted by time."""
    return (invoice.issued_at or BEGINNING, invoice.id)


@dataclass(frozen=True, slots=True)
class Window:
    """The requested part of a list with a keyset: up to ``limit`` items beyond ``after``.

    ``descending`` is the direction of reading. ``after`` is exclusive, None starts at the first item.
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
    """Return the part of a time range in which a window may have items, including the time of its key.

    ``beyond`` is added to the end, since ends of ranges are exclusive.
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

    ``more``: items follow, or may follow. ``total``: the number of items in the whole list, if the vendor reports it.
    ``skipped``: the number of items omitted because they violate the contract. ``scanned_to``: the key to continue
    from, set if reading stopped before the limit was reached. ``truncated``: the list is longer than the part that is
    ever read. ``placed_here``: the vendor has no list, and these are the orders that the gateway placed.
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
    """A part of a positional list; ``total`` is the length of the whole list, None if the vendor does not report it.

    ``left_out`` are the rows of this part, counted from 0, that violate the contract and are omitted. They keep their
    positions, so that the rows after them keep theirs.
    """

    items: Sequence[T]
    total: int | None
    fetched_at: datetime
    left_out: Sequence[int] = ()

    @property
    def skipped(self) -> int:
        """The number of omitted rows."""
        return len(self.left_out)

    @property
    def rows(self) -> int:
        """The number of rows that were read."""
        return len(self.items) + len(self.left_out)

    @property
    def places(self) -> Sequence[int]:
        """The row of each item."""
        return _places(len(self.items), self.left_out)


def _places(count: int, left_out: Sequence[int]) -> Sequence[int]:
    """Return the rows of ``count`` items, given the omitted rows."""
    gone = frozenset(left_out)
    return [row for row in range(count + len(gone)) if row not in gone] if gone else range(count)


@dataclass(frozen=True, slots=True)
class VendorPage(Generic[T]):
    """One page as returned by the vendor. ``pages``: the number of pages of the list at that size."""

    items: Sequence[T]
    pages: int
    fetched_at: datetime
    total: int | None = None
    skipped: int = 0


MAX_SCAN = 10
"""The maximum number of full pages that one reading may cost if a filter has to be applied here.

It is exceeded only until an item beyond ``after`` is found: otherwise the next reading would start at the same place.
"""


async def seek(
    window: Window,
    fetch: Callable[[int, int], Awaitable[VendorPage[T]]],
    *,
    key: Callable[[T], Key],
    keep: Callable[[T], bool],
    narrow: int,
    page_size: int,
) -> Slice[T]:
    """Read a window of a list that the vendor sorts by the key's value, with ties in any order.

    ``fetch(page, size)`` reads a page of the list, which the vendor's own filters have narrowed to begin near
    ``window.after`` (how near depends on the filter: a day for dates). The first call requests ``limit + narrow``
    items. If these are not enough, pages of ``page_size`` follow. Items with an equal value may be split across pages,
    so the last value of an unfinished reading is held back until the next pages have shown all of its items. Pages
    overlap if items are added meanwhile, so the last value is the furthest seen, whatever page it was on.
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
    """The items read so far; ``held`` are those whose value may continue on the next page."""

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
        """Whether an item beyond ``after`` was read completely, whether it matches or not."""
        return self.last is not None and self.window.holds(self.last)

    def add(self, items: Sequence[T], *, done: bool) -> None:
        keyed = {self.key(item): item for item in items}
        self.done = done
        pending = {**self.held, **keyed}
        furthest = min if self.window.descending else max
        cut = set[Any]() if done or not pending else {furthest(pending)[0]}
        if cut and keyed:
            cut.add(list(keyed)[-1][0])  # the same, unless the vendor sorts items without a value differently
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
    """Return a window of a list that was read completely."""
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
    """Merge slices that were read with the same window."""
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
    """Return the key at which the first of several readings stopped early; the items beyond it are incomplete."""
    stops = [one.scanned_to for one in slices if one.scanned_to is not None]
    return (max if window.descending else min)(stops) if stops else None


def reaches_beyond(key: Key, stop: Key, window: Window) -> bool:
    """Whether a key lies beyond another, in the direction of reading."""
    return key < stop if window.descending else key > stop


def among(items: Sequence[T], left_out: Sequence[int], begin: int, end: int) -> tuple[list[T], list[int]]:
    """Return the items in the rows from ``begin`` to ``end`` of a list, and its omitted rows, counted from there.

    ``left_out`` are the omitted rows of the list.
    """
    places = _places(len(items), left_out)
    found = [item for row, item in zip(places, items, strict=True) if begin <= row < end]
    return found, [row - begin for row in left_out if begin <= row < end]


def pages_of(offset: int, limit: int, page_size: int) -> list[tuple[int, int, int, int]]:
    """Return the vendor's pages that cover ``limit`` items from ``offset`` on.

    Each is (page number from 1, size, index of the first wanted item, end index). It is one page if a page of at most
    twice the size can cover the items, otherwise two, or more if ``limit`` exceeds the maximum page size.
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
