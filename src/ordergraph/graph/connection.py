"""Connections: pages of lists over several accounts, and what each account contributed.

`merged` makes one list with a keyset (sorted by a value and the id) out of the accounts' own; `chained`
puts positional lists one behind the other, in the order of the accounts.
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
"""When to ask again for an account that did not answer, if its vendor does not say."""
MAX_PAGE = 100
DEFAULT_PAGE = 20


@graph_enum
class SourceState(DescribedEnum):
    """How an account answered for a page of a list."""

    OK = "It answered."
    STALE = "It did not answer; what is shown is what it said at `fetchedAt`. `code` and `message` say why."
    FAILED = "It was asked and did not answer; `code` and `message` say why. What it has is missing here."
    NOT_SUPPORTED = "Its vendor has no such list."


@graph_enum
class Coverage(DescribedEnum):
    """How much of what an account has could be on the page."""

    COMPLETE = "Everything that the vendor has."
    PLACED_HERE = "What this gateway placed: the vendor cannot list its orders, or may not for this account."
    TRUNCATED = "Reading stopped at a bound; go on with `endCursor` while there is a next page, or narrow the filter."
    NONE = "Nothing."


@dataclass(frozen=True, slots=True)
class Report:
    """What one account contributed to a page."""

    connector: Connector
    state: Annotated[SourceState, "How the account answered."]
    coverage: Annotated[Coverage, "How much of what it has could be on the page."]
    code: Annotated[str | None, "The error's code, if it did not answer."] = None
    message: Annotated[str | None, "What went wrong, if it did not answer."] = None
    retry_after: Annotated[float | None, "Seconds after which asking again makes sense."] = None
    fetched_at: Annotated[datetime | None, "When the vendor said what is shown here."] = None
    total_count: Annotated[int | None, "How many items the account has in this list, if it told."] = None
    skipped_count: Annotated[int, "Items left out since they break the vendor's own contract."] = 0
    error: VendorError | LedgerUnavailable | None = None


@dataclass(frozen=True, slots=True)
class Paging:
    """The four paging arguments, checked: reading goes forward with first, backward with last."""

    limit: int
    forward: bool
    cursor: str | None

    @classmethod
    def of(cls, first: int | None, after: str | None, last: int | None, before: str | None) -> "Paging":
        """Check the arguments; raise InputError naming the one that is wrong."""
        if last is None:
            if before is not None:
                raise InputError("`before` goes with `last`")
            return cls(_count("first", DEFAULT_PAGE if first is None else first), True, after)
        if first is not None or after is not None:
            raise InputError("give `first` and `after`, or `last` and `before`, not both")
        return cls(_count("last", last), False, before)


def _count(name: str, value: int) -> int:
    if not 1 <= value <= MAX_PAGE:
        raise InputError(f"`{name}` must be from 1 to {MAX_PAGE}, not {value}")
    return value


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page as the reading found it: items in the list's order."""

    items: Sequence[T]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool
    end_cursor: str | None
    start_cursor: str | None
    reports: Sequence[Report]
    count: Callable[[], Awaitable[int | None]]


# ------------------------------------------------------------------------------------------- keyset


PAGING_ARGUMENTS: Mapping[str, tuple[Any, str]] = {
    "first": (int | None, "How many at most, from the start on: 1 to 100, 20 if neither is given."),
    "after": (str | None, "Go on behind this cursor. Goes with `first`."),
    "last": (int | None, "How many at most, from the end back: 1 to 100."),
    "before": (str | None, "Go on before this cursor. Goes with `last`."),
}


class Paged(FieldExtension):
    """Gives the field of a connection its arguments; the resolver takes them as ``paging``, a `Paging`."""

    def apply(self, field: StrawberryField) -> None:
        """Add the arguments."""
        added = [
            StrawberryArgument(name, None, StrawberryAnnotation(kind), description=text, default=None)
            for name, (kind, text) in PAGING_ARGUMENTS.items()
        ]
        field.arguments = [*added, *(one for one in field.arguments if one.python_name != "paging")]

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **given: Any) -> Any:
        """Check them."""
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
    """One list of the accounts' lists, sorted by the key.

    An account that does not answer is told in its report and costs its own items; if all of them fail,
    the error of the first is raised. ``count`` asks an account how many items it has, if its list does not tell.
    The cursors remember where such an account is to be read on from: when
    it answers again, the next page has what it still owes, which is then out of the order of the pages.
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
    """How far a page has read each account: ``starts`` is where it began, ``main`` the furthest of the pages before."""

    tag: str
    descending: bool
    main: Key | None
    starts: Mapping[str, Key | None]
    failed: frozenset[str]

    def cursor(self, key: Key) -> str:
        """The cursor of the place behind ``key``: an account that answered has nothing more before it."""
        main = self.further(self.main, key)
        reached = {
            name: start if name in self.failed else self.further(start, key) for name, start in self.starts.items()
        }
        lagging = {name: one for name, one in reached.items() if one != main}
        return cursor.encode_place(self.tag, cursor.Place(key, main, self.descending, lagging))

    def further(self, one: Key | None, other: Key) -> Key:
        """The key that comes later in the direction of reading."""
        if one is None:
            return other
        return min(one, other) if self.descending else max(one, other)


async def attempt(connector: Connector, reading: Awaitable[Slice[T]]) -> tuple[Slice[T] | None, Report]:
    """What an account answered, None if it did not, and the report of it."""
    with fallback() as errors:
        try:
            found = await reading
        except (VendorError, ActionRefused, LedgerUnavailable) as error:
            return None, failure(connector, error)
    report = Report(
        connector,
        SourceState.OK,
        _coverage(found),
        fetched_at=found.fetched_at,
        total_count=found.total,
        skipped_count=found.skipped,
    )
    return found, stale(report, errors)


def _coverage(found: Slice[Any]) -> Coverage:
    if found.truncated or found.scanned_to is not None:
        return Coverage.TRUNCATED
    return Coverage.PLACED_HERE if found.placed_here else Coverage.COMPLETE


def failure(connector: Connector, error: VendorError | ActionRefused | LedgerUnavailable) -> Report:
    """The report of an account that did not answer, or cannot."""
    if isinstance(error, ActionRefused):
        return Report(connector, SourceState.NOT_SUPPORTED, Coverage.NONE, "NOT_SUPPORTED", str(error))
    told = error.retry_after if isinstance(error, VendorError) else None
    retry_after = (told or RETRY_SECONDS) if error.retryable else None
    return Report(connector, SourceState.FAILED, Coverage.NONE, error.code, str(error), retry_after, error=error)


def stale(report: Report, errors: Sequence[VendorError]) -> Report:
    """The report of an account that answered, or for which older values stood in because of these errors."""
    if not errors:
        return report
    told = failure(report.connector, errors[0])
    return replace(report, state=SourceState.STALE, code=told.code, message=told.message, retry_after=told.retry_after)


def raise_if_all_failed(results: Sequence[tuple[object, Report]]) -> None:
    """Raise the first error if no account that was asked has answered."""
    asked = [report for _, report in results if report.state is not SourceState.NOT_SUPPORTED]
    if asked and all(report.state is SourceState.FAILED for report in asked) and asked[0].error:
        raise asked[0].error


async def _sum(
    results: Sequence[Slice[Any] | None],
    connectors: Sequence[Connector],
    count: Callable[[Connector], Awaitable[int | None]] | None,
) -> int | None:
    """The count over all accounts, None unless every one of them tells its own."""

    async def told(result: Slice[Any], connector: Connector) -> int | None:
        try:
            return await count(connector) if count and result.total is None else result.total
        except (VendorError, LedgerUnavailable):
            return None  # the page is here; only the question for the number failed

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
    """Turn what was read, in the order of reading, into the order of the list."""
    begun = paging.cursor is not None
    begin = cursors[0] if cursors else paging.cursor
    if paging.forward:
        return Page(shown, cursors, more, begun, edge, begin, reports, count)
    return Page(shown[::-1], cursors[::-1], begun, more, begin, edge, reports, count)


# ----------------------------------------------------------------------------------------- position


MAX_ROW = 2**31
MAX_READS = 10
"""How many reads of one account a page may cost, when rows that break the contract leave it short."""

Read = Callable[[int, int], Awaitable[OffsetPage[T]]]
"""Reads ``limit`` items from ``offset`` on: ``read(offset, limit)``."""


async def chained(sources: Sequence[tuple[Connector, Read[T]]], paging: Paging, *, tag: str) -> Page[T]:
    """One list of the accounts' lists, one behind the other. A cursor is an account and a position."""
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
    """Reads on from account to account, up to a limit; ``edge`` is the last row read, item or not."""

    def __init__(self, sources: Sequence[tuple[Connector, Read[T]]], start: tuple[int, int] | None) -> None:
        self.sources = sources
        self.start = start
        self.found: list[tuple[int, int, T]] = []
        self.edge = start
        self.reports: dict[str, Report] = {}
        self.stood_in: dict[str, list[VendorError]] = {}

    async def forward(self, limit: int) -> bool:
        """Find what is behind the start; whether there is more."""
        first, row = (self.start[0], self.start[1] + 1) if self.start else (0, 0)
        for index in range(first, len(self.sources)):
            ended = await self._forward(index, row if index == first else 0, limit)
            if not ended or len(self.found) >= limit:
                return not ended or index < len(self.sources) - 1 or self.failed
        return self.failed

    async def _forward(self, index: int, row: int, limit: int) -> bool:
        """Read one account's list from a row on; whether it has ended (or does not answer)."""
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
        """Find what is before the start, the last first; whether there is more."""
        last = self.start[0] if self.start else len(self.sources) - 1
        for index in range(last, -1, -1):
            end = self.start[1] if self.start and index == last else await self.length(index)
            ended = await self._backward(index, end, limit)
            if not ended or len(self.found) >= limit:
                return not ended or index > 0 or self.failed
        return self.failed

    async def _backward(self, index: int, end: int, limit: int) -> bool:
        """Read one account's list back from before a row; whether its beginning is reached."""
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
        """Whether an account has not answered."""
        return any(report.state is SourceState.FAILED for report in self.reports.values())

    async def read(self, index: int, offset: int, limit: int, *, shown: bool = True) -> OffsetPage[T] | None:
        """A part of one account's list, None if it does not answer; ``shown``: it is for the page."""
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
            fetched_at=part.fetched_at,
            total_count=part.total,
            skipped_count=(before.skipped_count if before else 0) + (part.skipped if shown else 0),
        )
        stood_in = self.stood_in.setdefault(connector.name, [])
        stood_in += errors
        self.reports[connector.name] = stale(report, stood_in)
        return part

    async def length(self, index: int) -> int:
        """How many rows an account's list has, 0 if it does not answer.

        One that does not tell is asked for single rows further and further out, then in between.
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
        """How many items all lists have, None unless every account tells."""
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


# -------------------------------------------------------------------------------------------- types


@strawberry.type(description="Where a page lies in its list (Relay).")
class PageInfo:
    """As the Relay cursor connections specification wants it."""

    has_next_page: bool = field(description="Whether something follows; true also while an account is missing.")
    has_previous_page: bool = field(description="Whether something comes before.")
    start_cursor: str | None = field(description="The first edge's cursor, for `before`.")
    end_cursor: str | None = field(description="Where to go on with `after`: the last edge's cursor, or further.")


@strawberry.type(description="An item of a list and its place in it.")
class Edge(Generic[T]):
    """As the Relay cursor connections specification wants it."""

    node: T = field(description="The item.")
    cursor: str = field(description="The item's place, for `after` and `before`.")


@entities.object(Report)
class SourceReport:
    """What one account contributed to a page of a list."""

    @field(description="Whose part of the list this is about.", graphql_type=Account)
    @staticmethod
    def account(root: strawberry.Parent[Report]) -> Connector:
        """The account."""
        return root.connector


@strawberry.type(description="A page of a list (Relay), with what each account contributed to it.")
class Connection(Generic[T]):
    """Made of a Page."""

    page: strawberry.Private[Page[Any]]

    @field(description="The items with their cursors.")
    def edges(self) -> list[Edge[T]]:
        """Pairs of item and cursor."""
        return [Edge(node=item, cursor=place) for item, place in zip(self.page.items, self.page.cursors, strict=True)]

    @field(description="The items alone.")
    def nodes(self) -> list[T]:
        """The items."""
        return list(self.page.items)

    @field(description="Where the page lies in the list.")
    def page_info(self) -> PageInfo:
        """What Relay wants to know."""
        page = self.page
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.start_cursor,
            end_cursor=page.end_cursor,
        )

    @field(
        description="How many items the whole list has; null unless every asked account tells its own number. "
        "May cost one more call to each vendor."
    )
    async def total_count(self) -> int | None:
        """The count, asked for only here."""
        return await self.page.count()

    @field(description="What each asked account contributed to this page.", graphql_type=list[SourceReport])
    def sources(self) -> list[Report]:
        """The reports, by account."""
        return list(self.page.reports)


def listed(
    type_: type, filter_: type, which: str, description: str, **more: Any
) -> Callable[[Callable[[GraphInfo, Paging, Any], Awaitable[Page[Any]]]], Any]:
    """A decorator: the function, which reads a page, becomes the field of a list; ``which`` describes its filter."""

    def decorate(read: Callable[[GraphInfo, Paging, Any], Awaitable[Page[Any]]]) -> Any:
        async def resolve(info: GraphInfo, paging: Paging, filter: Any = None) -> object:
            return Connection[Any](page=await read(info, paging, filter))

        given: Any = cast("Any", filter_) | None
        resolve.__annotations__["filter"] = Annotated[given, strawberry.argument(description=which)]
        shown: Any = cast("Any", Connection)[type_] | None
        return field(resolver=resolve, description=description, graphql_type=shown, extensions=PAGED, **more)

    return decorate
