"""Pages over several accounts, compared with a sorted list."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordergraph.connector import Connector
from ordergraph.domain.errors import (
    ActionRefused,
    InputError,
    UserError,
    UserErrorCode,
    VendorError,
    VendorLoginFailed,
    VendorUnavailable,
)
from ordergraph.domain.paging import Key, OffsetPage, Slice, Window, slice_whole
from ordergraph.graph import cursor
from ordergraph.graph.connection import RETRY_SECONDS, Coverage, Page, Paging, Report, SourceState, chained, merged

NOW = datetime(2026, 1, 30, tzinfo=UTC)
TAG = "things"

Item = tuple[int, str]


def down() -> VendorError:
    return VendorUnavailable("acme", "acme-uk", "list")


def unable() -> ActionRefused:
    return ActionRefused(UserError(UserErrorCode.NOT_SUPPORTED, "no such list"))


@dataclass
class Named:
    """The part of a Connector that a page needs."""

    name: str


def key(item: Item) -> Key:
    return item


def decode(tag: str, text: str) -> cursor.Place:
    return cursor.decode_place(tag, text, int)


@dataclass
class Keyset(Named):
    """An account with a list by keyset. ``scan`` limits how many items one read examines."""

    items: Sequence[Item] = ()
    error: Exception | None = None
    scan: int | None = None
    told: int | None = None

    async def read(self, window: Window) -> Slice[Item]:
        if self.error is not None:
            raise self.error
        whole = slice_whole(self.items, window, key=key, fetched_at=NOW)
        if self.scan is None or self.scan >= window.limit:
            return Slice(whole.items, whole.more, NOW, self.told)
        items = whole.items[: self.scan]
        more = whole.more or len(whole.items) > self.scan
        return Slice(items, more, NOW, self.told, scanned_to=items[-1] if more else None)


async def page_of(
    sources: Sequence[Keyset], paging: Paging, *, descending: bool = True, counts: int | None = None
) -> Page[Item]:
    async def count(_connector: Connector) -> int | None:
        return counts

    return await merged(
        cast("Sequence[Connector]", sources),
        paging,
        lambda connector, window: cast("Keyset", connector).read(window),
        count,
        tag=TAG,
        key=key,
        decode=decode,
        descending=descending,
    )


async def walk(page: Callable[[Paging], Awaitable[Page[Any]]], limit: int, *, forward: bool) -> list[Any]:
    """Read page by page to the end, as a client does. Return the items in the order of the list."""
    found: list[Any] = []
    at: str | None = None
    for _ in range(500):
        one = await page(Paging(limit, forward, at))
        assert len(one.items) == len(one.cursors) <= limit
        assert (one.has_previous if forward else one.has_next) is (at is not None)
        found = [*found, *one.items] if forward else [*one.items, *found]
        if not (one.has_next if forward else one.has_previous):
            return found
        after = one.end_cursor if forward else one.start_cursor
        assert after is not None
        assert after != at, "the page does not advance"
        at = after
    raise AssertionError("the walk does not end")


lists = st.lists(st.lists(st.integers(0, 6), max_size=15), min_size=1, max_size=4)


@settings(max_examples=100)
@given(
    values=lists,
    limit=st.integers(1, 7),
    descending=st.booleans(),
    forward=st.booleans(),
    scans=st.lists(st.none() | st.integers(1, 3), min_size=4, max_size=4),
)
def test_walk_over_merged_lists_finds_the_sorted_truth(
    *, values: list[list[int]], limit: int, descending: bool, forward: bool, scans: list[int | None]
) -> None:
    sources = [
        Keyset(f"a{number}", [(value, f"a{number}:{row}") for row, value in enumerate(one)], scan=scans[number])
        for number, one in enumerate(values)
    ]
    found = asyncio.run(walk(lambda paging: page_of(sources, paging, descending=descending), limit, forward=forward))
    assert found == sorted((item for one in sources for item in one.items), reverse=descending)


async def test_page_has_the_others_items_when_an_account_fails() -> None:
    sources = [Keyset("a", [(1, "a")]), Keyset("b", error=down()), Keyset("c", [(2, "c")])]
    page = await page_of(sources, Paging(10, True, None), counts=1)
    assert page.items == [(2, "c"), (1, "a")]
    assert page.has_next
    assert [report.state for report in page.reports] == [SourceState.OK, SourceState.FAILED, SourceState.OK]
    failed = page.reports[1]
    assert (failed.code, failed.coverage) == ("VENDOR_UNAVAILABLE", Coverage.NONE)
    assert failed.message == "The vendor `acme` (account `acme-uk`) is unavailable."
    assert await page.count() is None
    last = await page_of(sources, Paging(10, True, page.end_cursor))
    assert (last.items, last.end_cursor, last.has_next) == ([], page.end_cursor, True)
    back = await page_of(sources, Paging(10, False, None))
    assert (back.items, back.has_previous) == (page.items, True)


@settings(max_examples=150)
@given(
    values=st.lists(st.lists(st.integers(0, 6), max_size=12), min_size=2, max_size=4),
    limit=st.integers(1, 7),
    descending=st.booleans(),
    forward=st.booleans(),
    scans=st.lists(st.none() | st.integers(1, 3), min_size=4, max_size=4),
    outages=st.lists(st.sets(st.integers(0, 3), max_size=3), max_size=12),
)
def test_account_that_comes_back_adds_what_it_still_owes(
    *,
    values: list[list[int]],
    limit: int,
    descending: bool,
    forward: bool,
    scans: list[int | None],
    outages: list[set[int]],
) -> None:
    sources = [
        Keyset(f"a{number}", [(value, f"a{number}:{row}") for row, value in enumerate(one)], scan=scans[number])
        for number, one in enumerate(values)
    ]
    found: list[Item] = []
    missing = iter(outages)

    async def page(paging: Paging) -> Page[Item]:
        gone = next(missing, set[int]()) - {0}  # one of them always answers
        for number, source in enumerate(sources):
            source.error = down() if number in gone else None
        one = await page_of(sources, paging, descending=descending)
        failed = {report.connector.name for report in one.reports if report.state is SourceState.FAILED}
        assert failed == {f"a{number}" for number in gone if number < len(sources)}
        assert list(one.items) == sorted(one.items, reverse=descending)
        return one

    async def all_pages() -> None:
        at: str | None = None
        for _ in range(500):
            one = await page(Paging(limit, forward, at))
            found.extend(one.items)
            at = one.end_cursor if forward else one.start_cursor
            if not (one.has_next if forward else one.has_previous):
                return
        raise AssertionError("the walk does not end")

    asyncio.run(all_pages())
    assert sorted(found) == sorted(item for one in sources for item in one.items)


async def test_who_turns_round_sees_what_lies_before_the_page() -> None:
    lost = Keyset("b", [(4, "b"), (2, "b")], error=down())
    sources = [Keyset("a", [(5, "a"), (3, "a"), (1, "a")]), lost]
    page = await page_of(sources, Paging(2, True, None))
    assert page.items == [(5, "a"), (3, "a")]
    lost.error = None
    owed = await page_of(sources, Paging(2, True, page.end_cursor))
    assert owed.items == [(4, "b"), (2, "b")]
    before = await page_of(sources, Paging(5, False, owed.start_cursor))
    assert before.items == [(5, "a")]
    rest = await page_of(sources, Paging(2, True, owed.end_cursor))
    assert (rest.items, rest.has_next) == ([(1, "a")], False)


async def test_report_says_when_to_ask_again() -> None:
    sources = [Keyset("a"), Keyset("b", error=down()), Keyset("c", error=VendorLoginFailed("x", "c", "list"))]
    page = await page_of(sources, Paging(2, True, None))
    assert [report.retry_after for report in page.reports] == [None, RETRY_SECONDS, None]


async def test_error_is_raised_when_no_account_answers() -> None:
    sources = [Keyset("a", error=unable()), Keyset("b", error=down()), Keyset("c", error=down())]
    with pytest.raises(VendorUnavailable) as caught:
        await page_of(sources, Paging(10, True, None))
    assert caught.value is sources[1].error


async def test_account_without_such_a_list_says_so() -> None:
    page = await page_of([Keyset("a", error=unable())], Paging(10, True, None))
    assert (page.items, page.has_next, page.end_cursor) == ([], False, None)
    assert [(one.state, one.code) for one in page.reports] == [(SourceState.NOT_SUPPORTED, "NOT_SUPPORTED")]
    assert await page.count() is None


async def test_page_is_empty_when_no_account_is_asked() -> None:
    page = await page_of([], Paging(10, True, None))
    assert (page.items, page.has_next, page.has_previous, await page.count()) == ([], False, False, 0)


async def test_error_of_ours_is_not_taken_for_the_vendors() -> None:
    with pytest.raises(ZeroDivisionError):
        await page_of([Keyset("a", error=ZeroDivisionError()), Keyset("b")], Paging(10, True, None))


async def test_page_stops_where_a_truncated_account_stopped() -> None:
    sources = [Keyset("a", [(9, "a"), (5, "a"), (2, "a")], scan=1), Keyset("b", [(7, "b")])]
    page = await page_of(sources, Paging(10, True, None))
    assert (page.items, page.has_next) == ([(9, "a")], True)
    assert [one.coverage for one in page.reports] == [Coverage.TRUNCATED, Coverage.COMPLETE]
    assert page.end_cursor == cursor.encode_place(TAG, cursor.Place.behind((9, "a")))


@pytest.mark.parametrize(("told", "counts", "total"), [(3, None, 6), (None, 4, 8), (None, None, None), (0, None, 0)])
async def test_total_is_the_sum_or_nothing(told: int | None, counts: int | None, total: int | None) -> None:
    page = await page_of([Keyset("a", told=told), Keyset("b", told=told)], Paging(10, True, None), counts=counts)
    assert await page.count() == total


async def test_total_is_nothing_unless_all_tell() -> None:
    page = await page_of([Keyset("a", told=3), Keyset("b")], Paging(10, True, None))
    assert await page.count() is None


@pytest.mark.parametrize(
    ("given_", "names"),
    [
        ({"first": -1}, "first"),
        ({"first": 0}, "first"),
        ({"first": 101}, "100"),
        ({"first": 10**6}, "first"),
        ({"last": -1}, "last"),
        ({"last": 0}, "last"),
        ({"last": 101}, "last"),
        ({"first": 1, "last": 1}, "both"),
        ({"before": "x"}, "before"),
        ({"first": 1, "before": "x"}, "before"),
        ({"after": "x", "before": "y"}, "before"),
        ({"after": "x", "last": 1}, "both"),
    ],
)
def test_wrong_paging_arguments_are_refused(given_: dict[str, Any], names: str) -> None:
    with pytest.raises(InputError, match=names):
        Paging.of(**{"first": None, "after": None, "last": None, "before": None, **given_})


def test_paging_arguments_are_read() -> None:
    assert Paging.of(None, None, None, None) == Paging(20, True, None)
    assert Paging.of(100, "x", None, None) == Paging(100, True, "x")
    assert Paging.of(None, None, 1, "y") == Paging(1, False, "y")


# ---- Positional lists -------------------------------------------------------------------------------


@dataclass
class Positional(Named):
    """An account with a positional list. None stands for a row that violates the contract."""

    rows: Sequence[str | None] = ()
    tells: bool = True
    error: Exception | None = None
    reads: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    async def read(self, offset: int, limit: int) -> OffsetPage[str]:
        self.reads.append((offset, limit))
        if self.error is not None:
            raise self.error
        part = self.rows[offset : offset + limit]
        return OffsetPage(
            [row for row in part if row is not None],
            len(self.rows) if self.tells else None,
            NOW,
            [place for place, row in enumerate(part) if row is None],
        )


async def chain_of(sources: Sequence[Positional], paging: Paging) -> Page[str]:
    return await chained([(cast("Connector", one), one.read) for one in sources], paging, tag=TAG)


def states(reports: Sequence[Report]) -> list[tuple[str, SourceState]]:
    return [(report.connector.name, report.state) for report in reports]


@settings(max_examples=150)
@given(
    goods=st.lists(st.lists(st.booleans(), max_size=12), min_size=1, max_size=4),
    tells=st.lists(st.booleans(), min_size=4, max_size=4),
    limit=st.integers(1, 5),
    forward=st.booleans(),
)
def test_walk_over_chained_lists_finds_everything_once(
    *, goods: list[list[bool]], tells: list[bool], limit: int, forward: bool
) -> None:
    sources = [
        Positional(f"a{n}", [f"{n}:{row}" if good else None for row, good in enumerate(one)], tells[n])
        for n, one in enumerate(goods)
    ]
    found = asyncio.run(walk(lambda paging: chain_of(sources, paging), limit, forward=forward))
    assert found == [row for one in sources for row in one.rows if row is not None]


@settings(max_examples=60)
@given(rows=st.integers(0, 40), limit=st.integers(1, 5), tells=st.booleans(), at=st.integers(0, 60))
def test_page_before_and_after_any_cursor(*, rows: int, limit: int, tells: bool, at: int) -> None:
    source = Positional("a", [str(row) for row in range(rows)], tells)
    place = cursor.encode(TAG, "a", at)
    after = asyncio.run(chain_of([source], Paging(limit, True, place)))
    before = asyncio.run(chain_of([source], Paging(limit, False, place)))
    assert after.items == source.rows[at + 1 : at + 1 + limit]
    assert before.items == source.rows[:at][-limit:]


async def test_one_call_suffices_for_a_page_of_a_list() -> None:
    source = Positional("a", [str(row) for row in range(50)])
    page = await chain_of([source], Paging(20, True, None))
    assert source.reads == [(0, 20)]
    assert (len(page.items), page.has_next, page.has_previous) == (20, True, False)
    assert await page.count() == 50
    assert source.reads == [(0, 20)]


async def test_last_page_of_a_list_says_so() -> None:
    page = await chain_of([Positional("a", ["1", "2"])], Paging(2, True, None))
    assert (page.items, page.has_next) == (["1", "2"], False)


async def test_chain_goes_on_behind_an_account_that_fails() -> None:
    sources = [Positional("a", ["1"]), Positional("b", ["2"], error=down()), Positional("c", ["3"])]
    for forward in (True, False):
        page = await chain_of(sources, Paging(10, forward, None))
        assert page.items == ["1", "3"]
        assert (page.has_next, page.has_previous) == (forward, not forward)
        assert sorted(states(page.reports)) == [
            ("a", SourceState.OK),
            ("b", SourceState.FAILED),
            ("c", SourceState.OK),
        ]
        assert await page.count() is None


async def test_error_is_raised_when_all_of_a_chain_fail() -> None:
    for forward in (True, False):
        with pytest.raises(VendorUnavailable):
            await chain_of([Positional("a", error=down()), Positional("b", error=unable())], Paging(3, forward, None))


async def test_chain_of_nothing_is_empty() -> None:
    for sources in ([], [Positional("a"), Positional("b", error=unable())]):
        for forward in (True, False):
            page = await chain_of(sources, Paging(3, forward, None))
            assert (page.items, page.has_next, page.has_previous, page.end_cursor) == ([], False, False, None)


async def test_report_counts_the_rows_left_out_of_the_page() -> None:
    source = Positional("a", ["1", None, None, "2", None, "3"])
    page = await chain_of([source], Paging(2, True, None))
    assert page.items == ["1", "2"]
    assert page.reports[0].skipped_count == 2
    back = await chain_of([source], Paging(2, False, None))
    assert back.items == ["2", "3"]
    assert back.reports[0].skipped_count == 1


async def test_page_is_cut_short_when_a_list_is_broken_for_long() -> None:
    rows = [None] * 100 + ["1"]
    for forward, source in ((True, Positional("a", rows)), (False, Positional("a", rows[::-1]))):
        page = await chain_of([source], Paging(5, forward, None))
        assert page.items == []
        assert page.has_next if forward else page.has_previous
        assert page.reports[0].coverage is Coverage.TRUNCATED
        assert await walk(lambda paging, source=source: chain_of([source], paging), 5, forward=forward) == ["1"]


@pytest.mark.parametrize(
    "values", [("gone", 1), ("a", -1), ("a", 2**31), ("a", "1"), ("a",), ("a", 1, 1), (1, 1), (), ("", 0)]
)
async def test_cursor_of_no_place_in_the_chain_is_refused(values: tuple[Any, ...]) -> None:
    for forward in (True, False):
        with pytest.raises(InputError):
            await chain_of([Positional("a", ["1"])], Paging(3, forward, cursor.encode(TAG, *values)))


async def test_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(InputError):
        await chain_of([Positional("a", ["1"])], Paging(3, True, cursor.encode("others", "a", 0)))
    with pytest.raises(InputError):
        await page_of([Keyset("a")], Paging(3, True, cursor.encode("others", 1, "x")))


async def test_length_of_a_long_list_that_does_not_tell_it_is_found_in_few_calls() -> None:
    source = Positional("a", [str(row) for row in range(5000)], tells=False)
    page = await chain_of([source], Paging(2, False, None))
    assert page.items == ["4998", "4999"]
    assert len(source.reads) < 30


async def test_list_that_fails_halfway_is_a_failure() -> None:
    source = Positional("a", [str(row) for row in range(50)], tells=False)

    async def read(offset: int, limit: int) -> OffsetPage[str]:
        if len(source.reads) > 3:
            source.error = down()
        return await source.read(offset, limit)

    page = await chained(
        [(cast("Connector", source), read), (cast("Connector", Positional("b", ["x"])), Positional("b", ["x"]).read)],
        Paging(2, False, None),
        tag=TAG,
    )
    assert page.items == ["x"]
    assert (page.has_previous, dict(states(page.reports))["a"]) == (True, SourceState.FAILED)


async def test_total_over_a_chain_asks_those_not_read() -> None:
    sources = [Positional("a", ["1", "2"]), Positional("b", ["3"])]
    page = await chain_of(sources, Paging(1, True, None))
    assert sources[1].reads == []
    assert await page.count() == 3
