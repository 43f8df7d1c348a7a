"""Orders that a vendor cannot list or return again. The gateway stores those that it placed, as the vendor had them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from ordergraph.domain import Order
from ordergraph.domain.commands import ALWAYS, OrderQuery, Range, fits
from ordergraph.domain.errors import ActionRefused, LedgerUnavailable, UserError, UserErrorCode
from ordergraph.domain.paging import Slice, VendorPage, Window, narrowed, order_key, seek
from ordergraph.ledger.store import Store
from ordergraph.ledger.tables import ORDERS, storable

PAGE_SIZE = 100  # at most MAX_SCAN such pages are refetched from a vendor when a condition has to be applied here
NARROW = 5
INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """An order as the vendor sent it (or accepted it) at ``retrieved_at``.

    ``key`` is the vendor's ID, ``reference`` the caller's reference. ``about`` has the values given by the caller that
    the vendor has no field for.
    """

    key: str
    placed_at: datetime
    retrieved_at: datetime
    body: bytes = field(repr=False)
    reference: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)


class PlacedOrders:
    """The stored orders of one account."""

    def __init__(self, store: Store, account: str) -> None:
        self._store = store
        self._account = account

    async def ready(self) -> None:
        """Raise ActionRefused if an order could not be stored. Called before the order is sent."""
        try:
            await self.count()
        except LedgerUnavailable as error:
            message = f"The gateway's ledger cannot store the order. {UserErrorCode.NOT_SENT.value}"
            raise ActionRefused(UserError(UserErrorCode.NOT_SENT, message, retryable=True)) from error

    async def keep(self, *orders: PlacedOrder) -> None:
        """Store orders, or newer states of them. ``about`` is kept unless the new state has one."""
        if not orders:
            return
        async with self._store.begin() as connection:
            statement = _keeping(connection.dialect.name)
            await connection.execute(statement, [self._row(order) for order in orders])

    def _row(self, order: PlacedOrder) -> dict[str, Any]:
        kept = {one.name: getattr(order, one.name) for one in fields(order)}
        return {**kept, "account": self._account}

    async def get(self, key: str) -> PlacedOrder | None:
        """Return the order with that ID, None if it is not stored."""
        if not storable(key):
            return None
        async with self._store.begin() as connection:
            found = await connection.execute(select(ORDERS).where(self._mine(), ORDERS.c.key == key))
            row = found.first()
        return None if row is None else _kept(row)

    async def by_reference(self, reference: str) -> Sequence[PlacedOrder]:
        """Return the orders with this reference."""
        if not storable(reference):
            return []
        async with self._store.begin() as connection:
            found = await connection.execute(select(ORDERS).where(self._mine(), ORDERS.c.reference == reference))
            return [_kept(row) for row in found]

    async def count(self, span: Range[datetime] = ALWAYS) -> int:
        """Return the number of orders placed in a time range."""
        async with self._store.begin() as connection:
            counted = select(func.count()).select_from(ORDERS).where(self._mine(), *_placed(span))
            return (await connection.execute(counted)).scalar_one()

    async def page(self, span: Range[datetime], *, descending: bool, offset: int, limit: int) -> Sequence[PlacedOrder]:
        """Return orders placed in a time range, sorted by that time."""
        order = [ORDERS.c.placed_at, ORDERS.c.key]
        chosen = select(ORDERS).where(self._mine(), *_placed(span))
        chosen = chosen.order_by(*(one.desc() if descending else one for one in order)).offset(offset).limit(limit)
        async with self._store.begin() as connection:
            return [_kept(row) for row in await connection.execute(chosen)]

    async def listed(
        self, query: OrderQuery, window: Window, show: Callable[[PlacedOrder], Awaitable[Order | None]]
    ) -> Slice[Order]:
        """Return a slice of the stored orders; ``show`` creates a view of one, refetched from the vendor if possible.

        Conditions are applied to the views. The time of the slice is that of its oldest view.
        """
        span = narrowed(query.placed_at, window, timedelta(microseconds=1))

        async def fetch(page: int, size: int) -> VendorPage[Order]:
            rows = await self.page(span, descending=window.descending, offset=(page - 1) * size, limit=size)
            views = [one for one in await asyncio.gather(*map(show, rows)) if one is not None]
            total = await self.count(span)
            oldest = min((one.retrieved_at for one in views), default=datetime.now(UTC))
            return VendorPage(views, -(-total // size), oldest, total, len(rows) - len(views))

        found = await seek(
            window,
            fetch,
            key=order_key,
            keep=lambda order: fits(order, query),
            narrow=NARROW,
            page_size=PAGE_SIZE,
        )
        return Slice(
            items=found.items,
            more=found.more,
            fetched_at=min((one.retrieved_at for one in found.items), default=found.fetched_at),
            total=await self.count(query.placed_at) if query.only_by_time else None,
            skipped=found.skipped,
            scanned_to=found.scanned_to,
            placed_here=True,
        )

    def _mine(self) -> ColumnElement[bool]:
        return ORDERS.c.account == self._account


def _keeping(dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Return the statement that stores an order unless a newer state of it is stored."""
    statement = INSERTS[dialect](ORDERS)
    new = statement.excluded
    said = case((new.about == {}, ORDERS.c.about), else_=new.about)
    newer = {name: new[name] for name in ("placed_at", "retrieved_at", "body", "reference")}
    return statement.on_conflict_do_update(
        index_elements=[ORDERS.c.account, ORDERS.c.key],
        set_={**newer, "about": said},
        where=ORDERS.c.retrieved_at <= new.retrieved_at,
    )


def _placed(span: Range[datetime]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if span.start is not None:
        conditions.append(ORDERS.c.placed_at >= span.start)
    if span.end is not None:
        conditions.append(ORDERS.c.placed_at < span.end)
    return conditions


def _kept(row: Any) -> PlacedOrder:
    return PlacedOrder(row.key, row.placed_at, row.retrieved_at, row.body, row.reference, row.about)
