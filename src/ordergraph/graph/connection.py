"""Connections: pages of lists over several accounts, with a report about each account.

`merged` merges the accounts' lists into one list with a keyset (sorted by a value and the ID). `chained` concatenates
positional lists in the order of the accounts.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar, cast

import strawberry
from strawberry import field
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from ordergraph.connector import Connector
from ordergraph.domain import DescribedEnum
from ordergraph.domain.errors import ActionRefused, InputError, LedgerUnavailable, VendorError
from ordergraph.domain.paging import Key, OffsetPage, Slice, Window, first_stop, reaches_beyond
from ordergraph.graph import cursor
from ordergraph.graph.account import Account
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.entity import entities
from ordergraph.graph.scalars import graph_enum
from ordergraph.upstream.request_scope import fallback

T = TypeVar("T")

RETRY_SECONDS = 5.0
"""When to retry an account that could not be read, if its vendor does not specify it."""
MAX_PAGE = 100
DEFAULT_PAGE = 20


@graph_enum
class SourceState(DescribedEnum):
    """The state of an account's data on a page of a list."""

    OK = "The vendor responded."
    STALE = (
        "The vendor could not be read. The page shows cached data from `retrievedAt`. "
        "See `code` and `message` for the reason."
    )
    FAILED = (
        "The account could not be read, and its items are missing on the page. See `code` and `message` for the reason."
    )
    NOT_SUPPORTED = "The vendor does not support the list."


@graph_enum
class Coverage(DescribedEnum):
    """How much of an account's data the list covers."""

    COMPLETE = "All items that the vendor has."
    PLACED_BY_GATEWAY = (
        "Only orders placed through this gateway. The vendor cannot list orders, or does not allow it for this account."
    )
    TRUNCATED = (
        "Reading stopped at a limit. Continue with `endCursor` while there is a next page, or narrow the filter."
    )
    NONE = "No items."


@dataclass(frozen=True, slots=True)
class Report:
    """The contribution of one account to a page."""

    connector: Connector
    state: Annotated[SourceState, "The state of the account's data on the page."]
    coverage: Annotated[Coverage, "How much of the account's data the list covers."]
    code: Annotated[str | None, "The error code. Null if the vendor responded."] = None
    message: Annotated[str | None, "The error message. Null if the vendor responded."] = None
    retry_after: Annotated[
        float | None, "The number of seconds to wait before a retry. Null if a retry is not needed or cannot succeed."
    ] = None
    retrieved_at: Annotated[
        datetime | None, "When the data on the page was read from the vendor. Null if none was read."
    ] = None
    total_count: Annotated[int | None, "The number of items that the account has in the list. Null if unknown."] = None
    skipped_count: Annotated[int, "The number of items omitted because they violate the vendor's API contract."] = 0
    error: VendorError | LedgerUnavailable | None = None


@dataclass(frozen=True, slots=True)
class Paging:
    """The four paging arguments, validated: ``first`` reads forward, ``last`` reads backward."""

    limit: int
    forward: bool
    cursor: str | None

    @classmethod
    def of(cls, first: int | None, after: str | None, last: int | None, before: str | None) -> "Paging":
        """Validate the arguments; raise InputError that names the invalid one."""
        if last is None:
            if before is not None:
                raise InputError("`before` requires `last`.")
            return cls(_count("first", DEFAULT_PAGE if first is None else first), True, after)
        if first is not None or after is not None:
            raise InputError("Use `first` and `after`, or `last` and `before`, but not both.")
        return cls(_count("last", last), False, before)


def _count(name: str, value: int) -> int:
    if not 1 <= value <= MAX_PAGE:
        raise InputError(f"`{name}` must be between 1 and {MAX_PAGE}. It is {value}.")
    return value


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list, with its items in the list's order."""

    items: Sequence[T]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool
    end_cursor: str | None
    start_cursor: str | None
    reports: Sequence[Report]
    count: Callable[[], Awaitable[int | None]]


# ---- Keyset lists -----------------------------------------------------------------------------------


PAGING_ARGUMENTS: Mapping[str, tuple[Any, str]] = {
    "first": (
        int | None,
        "The maximum number of items to return (1-100). Defaults to 20 if neither `first` nor `last` is given.",
    ),
    "after": (str | None, "Returns items after this cursor. Use with `first`."),
    "last": (int | None, "The maximum number of items to return from the end of the list (1-100)."),
    "before": (str | None, "Returns items before this cursor. Use with `last`."),
}


class Paged(FieldExtension):
    """Adds the paging arguments to a connection field. The resolver receives them as ``paging``, a `Paging`."""

    def apply(self, field: StrawberryField) -> None:
        """Add the arguments."""
        added = [
            StrawberryArgument(name, None, StrawberryAnnotation(kind), description=text, default=None)
            for name, (kind, text) in PAGING_ARGUMENTS.items()
        ]
        field.arguments = [*added, *(one for one in field.arguments if one.python_name != "paging")]

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **given: Any) -> Any:
        """Validate the arguments and call the resolver."""
        asked = {name: given.pop(name, None) for name in PAGING_ARGUMENTS}
        return await next_(source, info, paging=Paging.of(**asked), **given)


PAGED: list[FieldExtension] = [Paged()]


async def merged(
    connectors: Sequence[Connector],
    paging: Paging,
    read: Callable[[Connector, Window], Awaitable[Slice[T]]],
    count: Callable[[Connector], Awaitable[int | None]] | None = None,
    *,
    tag: str,
    key: Callable[[T], Key],
    decode: Callable[[str, str], cursor.Place],
    descending: bool,
) -> Page[T]:
    """Merge the accounts' lists into one, sorted by the key.

    An account that cannot be read is reported, and only its own items are missing. If all accounts fail, the error of
    the first is raised. ``count`` counts the items of an account if its list does not report the number. The cursors
    remember the position at which to continue in a failed account: when it responds again, the next page has its
    missing items, which are then out of the order of the pages.
    """
    place = decode(tag, paging.cursor) if paging.cursor else None
    down = descending if paging.forward else not descending
    starts = {one.name: place.of(one.name, descending=down) if place else None for one in connectors}
    windows = {name: Window(paging.limit, down, start) for name, start in starts.items()}
    results = await asyncio.gather(*(attempt(one, read(one, windows[one.name])) for one in connectors))
    raise_if_all_failed(results)
    slices = [result for result, _ in results if result is not None]
    items = sorted((item for one in slices for item in one.items), key=key, reverse=down)
    stop = first_stop(slices, Window(paging.limit, down))
    if stop is not None:
        items = [item for item in items if not reaches_beyond(key(item), stop, Window(paging.limit, down))]
    shown = items[: paging.limit]
    failed = frozenset(one.connector.name for _, one in results if one.state is SourceState.FAILED)
    progress = _Progress(tag, down, place.main if place else None, starts, failed)
    edge = progress.cursor(key(shown[-1])) if shown else paging.cursor
    if stop is not None and len(shown) < paging.limit:
        edge = progress.cursor(stop)
    return _page(
        shown,
        [progress.cursor(key(item)) for item in shown],
        paging,
        bool(failed) or len(items) > paging.limit or any(one.more for one in slices),
        edge,
        [report for _, report in results],
        lambda: _sum([result for result, _ in results], connectors, count),
    )


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far a page has read each account: ``starts`` are the start keys, ``main`` is the furthest key so far."""

    tag: str
    descending: bool
    main: Key | None
    starts: Mapping[str, Key | None]
    failed: frozenset[str]

    def cursor(self, key: Key) -> str:
        """Return the cursor of the position after ``key``: an account that responded has no more items before it."""
        main = self.further(self.main, key)
        reached = {
            name: start if name in self.failed else self.further(start, key) for name, start in self.starts.items()
        }
        lagging = {name: one for name, one in reached.items() if one != main}
        return cursor.encode_place(self.tag, cursor.Place(key, main, self.descending, lagging))

    def further(self, one: Key | None, other: Key) -> Key:
        """Return the key that comes later in the direction of reading."""
        if one is None:
            return other
        return min(one, other) if self.descending else max(one, other)


async def attempt(connector: Connector, reading: Awaitable[Slice[T]]) -> tuple[Slice[T] | None, Report]:
    """Return what an account responded (None if it did not) and the report about it."""
    with fallback() as errors:
        try:
            found = await reading
        except (VendorError, ActionRefused, LedgerUnavailable) as error:
            return None, failure(connector, error)
    report = Report(
        connector,
        SourceState.OK,
        _coverage(found),
        retrieved_at=found.fetched_at,
        total_count=found.total,
        skipped_count=found.skipped,
    )
    return found, stale(report, errors)


def _coverage(found: Slice[Any]) -> Coverage:
    if found.truncated or found.scanned_to is not None:
        return Coverage.TRUNCATED
    return Coverage.PLACED_BY_GATEWAY if found.placed_here else Coverage.COMPLETE


def failure(connector: Connector, error: VendorError | ActionRefused | LedgerUnavailable) -> Report:
    """Return the report about an account that could not be read, or does not support the list."""
    if isinstance(error, ActionRefused):
        return Report(connector, SourceState.NOT_SUPPORTED, Coverage.NONE, "NOT_SUPPORTED", str(error))
    told = error.retry_after if isinstance(error, VendorError) else None
    retry_after = (told or RETRY_SECONDS) if error.retryable else None
    return Report(connector, SourceState.FAILED, Coverage.NONE, error.code, str(error), retry_after, error=error)


def stale(report: Report, errors: Sequence[VendorError]) -> Report:
    """Return the report of an account that responded, or that has stale data because of these errors."""
    if not errors:
        return report
    told = failure(report.connector, errors[0])
    return replace(report, state=SourceState.STALE, code=told.code, message=told.message, retry_after=told.retry_after)


def raise_if_all_failed(results: Sequence[tuple[object, Report]]) -> None:
    """Raise the first error if no account that supports the list has responded."""
    asked = [report for _, report in results if report.state is not SourceState.NOT_SUPPORTED]
    if asked and all(report.state is SourceState.FAILED for report in asked) and asked[0].error:
        raise asked[0].error


async def _sum(
    results: Sequence[Slice[Any] | None],
    connectors: Sequence[Connector],
    count: Callable[[Connector], Awaitable[int | None]] | None,
) -> int | None:
    """Return the count over all accounts, None unless every account reports its own."""

    async def told(result: Slice[Any], connector: Connector) -> int | None:
        try:
            return await count(connector) if count and result.total is None else result.total
        except (VendorError, LedgerUnavailable):
            return None  # the page itself was read; only the count failed

    if None in results:
        return None
    asked = [(result, connector) for result, connector in zip(results, connectors, strict=True) if result is not None]
    totals = await asyncio.gather(*(told(result, connector) for result, connector in asked))
    return None if None in totals else sum(total or 0 for total in totals)


def _page(
    shown: Sequence[T],
    cursors: Sequence[str],
    paging: Paging,
    more: bool,
    edge: str | None,
    reports: Sequence[Report],
    count: Callable[[], Awaitable[int | None]],
) -> Page[T]:
    """Convert what was read, in the order of reading, to a page in the order of the list."""
    begun = paging.cursor is not None
    begin = cursors[0] if cursors else paging.cursor
    if paging.forward:
        return Page(shown, cursors, more, begun, edge, begin, reports, count)
    return Page(shown[::-1], cursors[::-1], begun, more, begin, edge, reports, count)


# ---- Positional lists -------------------------------------------------------------------------------


MAX_ROW = 2**31
MAX_READS = 10
"""The maximum number of reads of one account for a page, if invalid rows leave it short."""

Read = Callable[[int, int], Awaitable[OffsetPage[T]]]
"""Reads ``limit`` items from ``offset`` on: ``read(offset, limit)``."""


async def chained(sources: Sequence[tuple[Connector, Read[T]]], paging: Paging, *, tag: str) -> Page[T]:
    """Concatenate the accounts' lists. A cursor is an account and a position."""
    names = [connector.name for connector, _ in sources]

    def place(values: list[Any]) -> tuple[int, int]:
        name, offset = values
        if not isinstance(offset, int) or not 0 <= offset < MAX_ROW:
            raise ValueError(tag)
        return names.index(name), offset

    start = cursor.decode(tag, paging.cursor, place) if paging.cursor else None
    reader = _Chain(sources, start)
    more = await (reader.forward(paging.limit) if paging.forward else reader.backward(paging.limit))
    raise_if_all_failed([(None, report) for report in reader.reports.values()])
    return _page(
        [item for _, _, item in reader.found],
        [cursor.encode(tag, names[source], offset) for source, offset, _ in reader.found],
        paging,
        more,
        cursor.encode(tag, names[reader.edge[0]], reader.edge[1]) if reader.edge else None,
        list(reader.reports.values()),
        reader.count,
    )


class _Chain(Generic[T]):
    """Reads from account to account, up to a limit. ``edge`` is the last row read, whether it is an item or not."""

    def __init__(self, sources: Sequence[tuple[Connector, Read[T]]], start: tuple[int, int] | None) -> None:
        self.sources = sources
        self.start = start
        self.found: list[tuple[int, int, T]] = []
        self.edge = start
        self.reports: dict[str, Report] = {}
        self.stood_in: dict[str, list[VendorError]] = {}

    async def forward(self, limit: int) -> bool:
        """Read what follows the start; return whether there is more."""
        first, row = (self.start[0], self.start[1] + 1) if self.start else (0, 0)
        for index in range(first, len(self.sources)):
            ended = await self._forward(index, row if index == first else 0, limit)
            if not ended or len(self.found) >= limit:
                return not ended or index < len(self.sources) - 1 or self.failed
        return self.failed

    async def _forward(self, index: int, row: int, limit: int) -> bool:
        """Read one account's list from a row; return whether it has ended (or could not be read)."""
        for _ in range(MAX_READS):
            wanted = limit - len(self.found)
            part = await self.read(index, row, wanted)
            if part is None or not part.rows:
                return True
            self.found += [(index, row + place, item) for place, item in zip(part.places, part.items, strict=True)]
            row += part.rows
            self.edge = (index, row - 1)
            if part.rows < wanted if part.total is None else row >= part.total:
                return True
            if len(self.found) >= limit:
                return False
        return self._truncated(index)

    async def backward(self, limit: int) -> bool:
        """Read what precedes the start, last item first; return whether there is more."""
        last = self.start[0] if self.start else len(self.sources) - 1
        for index in range(last, -1, -1):
            end = self.start[1] if self.start and index == last else await self.length(index)
            ended = await self._backward(index, end, limit)
            if not ended or len(self.found) >= limit:
                return not ended or index > 0 or self.failed
        return self.failed

    async def _backward(self, index: int, end: int, limit: int) -> bool:
        """Read one account's list backward from a row; return whether its beginning is reached."""
        for _ in range(MAX_READS):
            if end <= 0 or len(self.found) >= limit:
                return end <= 0
            begin = max(0, end - (limit - len(self.found)))
            part = await self.read(index, begin, end - begin)
            if part is None:
                return True
            if not part.rows and begin:  # the list has become shorter
                end = min(begin, await self.length(index))
                continue
            placed = [(index, begin + place, item) for place, item in zip(part.places, part.items, strict=True)]
            self.found += placed[::-1]
            self.edge = (index, begin)
            end = begin
        return end <= 0 or self._truncated(index)

    def _truncated(self, index: int) -> bool:
        name = self.sources[index][0].name
        self.reports[name] = replace(self.reports[name], coverage=Coverage.TRUNCATED)
        return False

    @property
    def failed(self) -> bool:
        """Whether an account could not be read."""
        return any(report.state is SourceState.FAILED for report in self.reports.values())

    async def read(self, index: int, offset: int, limit: int, *, shown: bool = True) -> OffsetPage[T] | None:
        """Return a part of one account's list, None if it cannot be read; ``shown``: it is for the page."""
        connector, read = self.sources[index]
        with fallback() as errors:
            try:
                part = await read(offset, limit)
            except (VendorError, ActionRefused, LedgerUnavailable) as error:
                self.reports[connector.name] = failure(connector, error)
                return None
        before = self.reports.get(connector.name)
        report = Report(
            connector,
            SourceState.OK,
            Coverage.COMPLETE,
            retrieved_at=part.fetched_at,
            total_count=part.total,
            skipped_count=(before.skipped_count if before else 0) + (part.skipped if shown else 0),
        )
        stood_in = self.stood_in.setdefault(connector.name, [])
        stood_in += errors
        self.reports[connector.name] = stale(report, stood_in)
        return part

    async def length(self, index: int) -> int:
        """Return the number of rows in an account's list, 0 if it cannot be read.

        If the vendor does not report it, it is found by a binary search with reads of single rows.
        """
        part = await self.read(index, 0, 1, shown=False)
        if part is None or part.total is not None or not part.rows:
            return (part.total or 0) if part else 0
        known, bound = 1, 2  # row `known - 1` is there
        while (there := await self._has(index, bound)) and bound < MAX_ROW:
            known, bound = bound + 1, bound * 2
        while known < bound and there is not None:
            middle = (known + bound) // 2
            there = await self._has(index, middle)
            known, bound = (middle + 1, bound) if there else (known, middle)
        return 0 if there is None else known

    async def _has(self, index: int, row: int) -> bool | None:
        part = await self.read(index, row, 1, shown=False)
        return None if part is None else part.rows > 0

    async def count(self) -> int | None:
        """Return the number of items in all lists, None unless every account reports its number."""
        totals: list[int] = []
        for index, (connector, _) in enumerate(self.sources):
            report = self.reports.get(connector.name)
            if report is None:
                await self.read(index, 0, 1, shown=False)
                report = self.reports[connector.name]
            if report.total_count is None:
                return None
            totals.append(report.total_count)
        return sum(totals)


# ---- Types ------------------------------------------------------------------------------------------


@strawberry.type(description="The position of a page in its list (Relay).")
class PageInfo:
    """As required by the Relay cursor connections specification."""

    has_next_page: bool = field(description="Whether more items follow. Also true if an account could not be read.")
    has_previous_page: bool = field(description="Whether there are items before the page.")
    start_cursor: str | None = field(
        description="The cursor of the first edge, or of an earlier position. Use it with `before`."
    )
    end_cursor: str | None = field(
        description="The cursor of the last edge, or of a later position. Use it with `after`."
    )


@strawberry.type(description="An item of a list and its cursor.")
class Edge(Generic[T]):
    """As required by the Relay cursor connections specification."""

    node: T = field(description="The item.")
    cursor: str = field(description="The position of the item in the list. Use it with `after` or `before`.")


@entities.object(Report)
class SourceReport:
    """The contribution of one account to a page of a list, and whether its data is complete."""

    @field(description="The account that the report is about.", graphql_type=Account)
    @staticmethod
    def account(root: strawberry.Parent[Report]) -> Connector:
        """The account."""
        return root.connector


@strawberry.type(description="A page of a list (Relay), with a report about each account.")
class Connection(Generic[T]):
    """Built from a Page."""

    page: strawberry.Private[Page[Any]]

    @field(description="The items of the page with their cursors.")
    def edges(self) -> list[Edge[T]]:
        """Pairs of item and cursor."""
        return [Edge(node=item, cursor=place) for item, place in zip(self.page.items, self.page.cursors, strict=True)]

    @field(description="The items of the page.")
    def nodes(self) -> list[T]:
        """The items."""
        return list(self.page.items)

    @field(description="The position of the page in the list.")
    def page_info(self) -> PageInfo:
        """As required by Relay."""
        page = self.page
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.start_cursor,
            end_cursor=page.end_cursor,
        )

    @field(
        description="The number of items in the whole list. Null unless every account in the list reports its number. "
        "May cost one additional call to each vendor."
    )
    async def total_count(self) -> int | None:
        """The count, which is read only if requested."""
        return await self.page.count()

    @field(
        description="A report about each account of the list: its contribution to this page, and whether it failed.",
        graphql_type=list[SourceReport],
    )
    def sources(self) -> list[Report]:
        """The reports, by account."""
        return list(self.page.reports)


def listed(
    type_: type, filter_: type, which: str, description: str, **more: Any
) -> Callable[[Callable[[GraphInfo, Paging, Any], Awaitable[Page[Any]]]], Any]:
    """Return a decorator that turns a function that reads a page into a list field; ``which`` describes its filter."""

    def decorate(read: Callable[[GraphInfo, Paging, Any], Awaitable[Page[Any]]]) -> Any:
        async def resolve(info: GraphInfo, paging: Paging, filter: Any = None) -> object:
            return Connection[Any](page=await read(info, paging, filter))

        given: Any = cast("Any", filter_) | None
        resolve.__annotations__["filter"] = Annotated[given, strawberry.argument(description=which)]
        shown: Any = cast("Any", Connection)[type_] | None
        return field(resolver=resolve, description=description, graphql_type=shown, extensions=PAGED, **more)

    return decorate
