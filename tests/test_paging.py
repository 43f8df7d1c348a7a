"""Reading parts of vendors' lists, compared with a sorted list."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordergraph.domain import paging
from ordergraph.domain.paging import (
    Key,
    OffsetPage,
    Slice,
    VendorPage,
    Window,
    among,
    join,
    pages_of,
    seek,
    slice_whole,
)

NOW = datetime(2026, 1, 30, tzinfo=UTC)
DAY = 4  # values per "day", by which the vendor filters

Item = tuple[int, str]


def key(item: Item) -> Key:
    return item


@dataclass
class Vendor:
    """Sorts by value with ties in any order, filters by day, and pages."""

    items: list[Item]
    seed: int = 0
    empty_first: bool = False
    calls: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    grow: Callable[["Vendor"], None] = lambda _: None

    def fetch(self, window: Window) -> Callable[[int, int], "asyncio.Future[VendorPage[Item]]"]:
        ties = {item: Random(f"{self.seed}/{item}").random() for item in self.items}

        async def page(number: int, size: int) -> VendorPage[Item]:
            self.calls.append((number, size))
            for item in self.items:
                ties.setdefault(item, Random(f"{self.seed}/{item}").random())
            near = [item for item in self.items if self.near(item, window)]
            near.sort(key=lambda item: (item[0], ties[item]), reverse=window.descending)
            self.grow(self)
            rows = near[(number - 1) * size : number * size]
            return VendorPage(rows, -(-len(near) // size), NOW, len(near))

        return page  # pyright: ignore[reportReturnType]

    @staticmethod
    def near(item: Item, window: Window) -> bool:
        if window.after is None:
            return True
        day = window.after[0] // DAY
        return item[0] // DAY <= day if window.descending else item[0] // DAY >= day


async def walk(vendor: Vendor, window: Window, keep: Callable[[Item], bool], narrow: int, page_size: int) -> list[Item]:
    """Read window by window to the end, as a client does."""
    found: list[Item] = []
    while True:
        part = await seek(window, vendor.fetch(window), key=key, keep=keep, narrow=narrow, page_size=page_size)
        assert len(part.items) <= window.limit
        assert list(part.items) == sorted(part.items, reverse=window.descending)
        found += part.items
        if not part.more:
            assert part.scanned_to is None
            return found
        after = part.scanned_to or part.items[-1]
        assert window.holds(after), "the window does not advance"
        window = Window(window.limit, window.descending, after)


items_of = st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abcdefgh")), max_size=60, unique=True)
sizes = {"limit": st.integers(1, 6), "narrow": st.integers(0, 3), "page_size": st.integers(1, 9)}


@settings(max_examples=150)
@given(items=items_of, seed=st.integers(0, 9), descending=st.booleans(), odd=st.booleans(), **sizes)
def test_walk_finds_everything_once(
    *, items: list[Item], seed: int, descending: bool, odd: bool, limit: int, narrow: int, page_size: int
) -> None:
    def keep(item: Item) -> bool:
        return not odd or item[1] in "aceg"

    found = asyncio.run(walk(Vendor(items, seed), Window(limit, descending), keep, narrow, page_size))
    assert found == sorted(filter(keep, items), reverse=descending)


@settings(max_examples=80)
@given(
    items=items_of,
    seed=st.integers(0, 9),
    start=st.tuples(st.integers(-1, 13), st.sampled_from("adh")),
    descending=st.booleans(),
    **sizes,
)
def test_window_begins_anywhere(
    *, items: list[Item], seed: int, start: Item, descending: bool, limit: int, narrow: int, page_size: int
) -> None:
    window = Window(limit, descending, start)
    found = asyncio.run(walk(Vendor(items, seed), window, lambda _: True, narrow, page_size))
    assert found == sorted(filter(window.holds, items), reverse=descending)


@settings(max_examples=80)
@given(items=items_of, seed=st.integers(0, 9), burst=st.integers(1, 12), **sizes)
def test_walk_finds_what_was_there_when_new_items_come_in_at_the_top(
    *, items: list[Item], seed: int, burst: int, limit: int, narrow: int, page_size: int
) -> None:
    arriving = [(12 + number // 3, f"new{number:03}") for number in range(60)]

    def grow(vendor: Vendor) -> None:
        for _ in range(burst):
            if arriving:
                vendor.items.insert(0, arriving.pop(0))

    present = list(items)
    vendor = Vendor(items, seed, grow=grow)
    found = asyncio.run(walk(vendor, Window(limit, True), lambda _: True, narrow, page_size))
    assert len(set(found)) == len(found)
    assert [item for item in found if item in present] == sorted(present, reverse=True)


@settings(max_examples=50)
@given(items=items_of, seed=st.integers(0, 9), descending=st.booleans(), page_size=st.integers(1, 4))
def test_walk_ends_when_the_bound_stops_each_reading(
    *, items: list[Item], seed: int, descending: bool, page_size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "MAX_SCAN", 1)
        rare = walk(Vendor(items, seed), Window(3, descending), lambda item: item[1] == "a", 0, page_size)
        found = asyncio.run(rare)
    assert found == sorted((item for item in items if item[1] == "a"), reverse=descending)


async def test_bound_holds_when_the_filter_finds_nothing() -> None:
    vendor = Vendor([(number, "a") for number in range(100)])
    window = Window(1, descending=True)
    part = await seek(window, vendor.fetch(window), key=key, keep=lambda _: False, narrow=0, page_size=5)
    assert len(vendor.calls) == 1 + paging.MAX_SCAN
    assert (part.items, part.more, part.scanned_to) == ([], True, (51, "a"))


async def test_one_call_suffices_where_the_page_holds_the_window() -> None:
    vendor = Vendor([(number, "a") for number in range(100)])
    window = Window(5, descending=True)
    part = await seek(window, vendor.fetch(window), key=key, keep=lambda _: True, narrow=2, page_size=50)
    assert vendor.calls == [(1, 8)]
    assert (len(part.items), part.more, part.total) == (5, True, 100)


def pages(*answers: VendorPage[Item]) -> Callable[[int, int], "asyncio.Future[VendorPage[Item]]"]:
    async def page(number: int, _size: int) -> VendorPage[Item]:
        return answers[number] if number < len(answers) else answers[-1]

    return page  # pyright: ignore[reportReturnType]


async def test_broken_page_does_not_settle_a_tie() -> None:
    """The whole second page violates the contract, and the tie continues after it."""
    first = VendorPage([(3, "a"), (2, "a")], 4, NOW)
    broken: VendorPage[Item] = VendorPage([], 4, NOW, skipped=2)
    rest = VendorPage([(2, "c"), (1, "a")], 4, NOW)
    last: VendorPage[Item] = VendorPage([], 4, NOW)
    fetch = pages(VendorPage([(3, "a")], 8, NOW), first, broken, rest, last)
    part = await seek(Window(3, True), fetch, key=key, keep=lambda _: True, narrow=0, page_size=2)
    assert (part.items, part.skipped) == ([(3, "a"), (2, "c"), (2, "a")], 2)


async def test_list_ends_with_an_empty_page_whatever_the_vendor_counts() -> None:
    fetch = pages(VendorPage([(3, "a")], 10**9, NOW), VendorPage([(3, "a")], 10**9, NOW), VendorPage([], 10**9, NOW))
    part = await seek(Window(3, True, (3, "b")), fetch, key=key, keep=lambda _: True, narrow=0, page_size=2)
    assert (part.items, part.more) == ([(3, "a")], False)


# ---- Lists in memory --------------------------------------------------------------------------------


@given(
    items=items_of,
    limit=st.integers(1, 9),
    descending=st.booleans(),
    after=st.none() | st.tuples(st.integers(0, 12), st.just("d")),
)
def test_slice_of_a_whole_list(*, items: list[Item], limit: int, descending: bool, after: Item | None) -> None:
    window = Window(limit, descending, after)
    part = slice_whole(items, window, key=key, fetched_at=NOW)
    truth = sorted(filter(window.holds, items), reverse=descending)
    assert (list(part.items), part.more, part.total) == (truth[:limit], len(truth) > limit, len(items))


@given(parts=st.lists(items_of, min_size=1, max_size=3), limit=st.integers(1, 9), descending=st.booleans())
def test_joined_slices_are_a_slice_of_the_joined_lists(
    *, parts: list[list[Item]], limit: int, descending: bool
) -> None:
    named = [[(value, f"{number}{name}") for value, name in part] for number, part in enumerate(parts)]
    window = Window(limit, descending)
    found = join([slice_whole(part, window, key=key, fetched_at=NOW) for part in named], window, key)
    truth = sorted((item for part in named for item in part), reverse=descending)
    assert (list(found.items), found.more, found.total) == (truth[:limit], len(truth) > limit, len(truth))


def test_joined_slices_stop_where_the_first_of_them_stopped() -> None:
    stopped = Slice([(9, "a")], more=True, fetched_at=NOW, scanned_to=(5, "x"), skipped=1)
    whole = Slice([(8, "b"), (5, "x"), (5, "w"), (1, "c")], more=False, fetched_at=NOW, total=4, skipped=2)
    found = join([stopped, whole], Window(10, True), key)
    assert found.items == [(9, "a"), (8, "b"), (5, "x")]
    assert (found.more, found.scanned_to, found.total, found.skipped) == (True, (5, "x"), None, 3)
    full = join([stopped, whole], Window(2, True), key)
    assert (full.items, full.more, full.scanned_to) == ([(9, "a"), (8, "b")], True, None)


# ---- Positions --------------------------------------------------------------------------------------


@given(offset=st.integers(0, 5000), limit=st.integers(0, 120), page_size=st.sampled_from([1, 7, 50, 100, 1000]))
def test_pages_cover_exactly_the_range(*, offset: int, limit: int, page_size: int) -> None:
    found = pages_of(offset, limit, page_size)
    rows = [(page - 1) * size + row for page, size, begin, end in found for row in range(begin, end)]
    assert rows == list(range(offset, offset + limit))
    assert all(size <= page_size and begin < end <= size for _, size, begin, end in found)
    if limit and any(offset % size + limit <= size for size in range(limit, min(2 * limit, page_size) + 1)):
        assert len(found) == 1
    if limit <= page_size:
        assert len(found) <= 2


@given(flags=st.lists(st.booleans(), max_size=30), begin=st.integers(0, 35), size=st.integers(0, 35))
def test_rows_keep_their_places_when_some_are_left_out(*, flags: Sequence[bool], begin: int, size: int) -> None:
    items = [row for row, good in enumerate(flags) if good]
    left_out = [row for row, good in enumerate(flags) if not good]
    found, gone = among(items, left_out, begin, begin + size)
    part = OffsetPage(found, None, NOW, gone)
    assert [begin + place for place in part.places] == found
    assert found == [row for row in items if begin <= row < begin + size]
    assert part.rows == len(flags[begin : begin + size])
    assert part.skipped == part.rows - len(found)
