"""Toybox: one method per operation, each with one call and one mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from ordergraph import domain
from ordergraph.connector import Connector, Fetched, ReadCheck, each
from ordergraph.domain import Requirement
from ordergraph.domain.commands import CancelRequest, Findings, OrderQuery, OrderRequest, fits, with_reference
from ordergraph.domain.errors import ActionRefused, UserError, UserErrorCode, VendorBadReply, VendorNotFound
from ordergraph.domain.paging import Slice, VendorPage, Window, order_key, seek
from ordergraph.ledger.placed import PlacedOrders
from ordergraph.settings import AccountSettings, Secret
from ordergraph.upstream.authentication import Fixed
from ordergraph.upstream.client import Reply, VendorClient
from tests.toy import mapping, request_mapping, wire
from tests.toy.mapping import ToyOrder

PATHS: Mapping[str, str] = {
    "list_orders": "GET /orders",
    "get_order": "GET /orders/{id}",
    "place_order": "POST /orders",
    "cancel_order": "POST /orders/{id}/cancel",
}
READ_CHECKS: Sequence[ReadCheck] = (ReadCheck("orders", "list_orders", lambda at: at._rows([], 1, 1)),)
PAGE_SIZE = 100
NARROW = 4  # extra rows beyond a window, for ties and for rows that a filter excludes


class ToySettings(AccountSettings):
    """An account at Toybox."""

    operations: ClassVar[Mapping[str, str]] = PATHS

    api_key: Secret = Field(description="The API key for Toybox.")


class ToyConnector(Connector):
    """One account at Toybox."""

    title = "Toybox"
    requirements: ClassVar[Sequence[Requirement]] = request_mapping.REQUIREMENTS
    read_checks: ClassVar[Sequence[ReadCheck]] = READ_CHECKS

    def __init__(self, account: ToySettings, kept: PlacedOrders) -> None:
        login = Fixed.bearer(account.api_key.get_secret_value())
        super().__init__(
            account, VendorClient(account, {**PATHS, **account.paths}, login, request_mapping.read_problem), kept
        )

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """Return the input path of a field that Toybox reports an error for."""
        return request_mapping.input_path(path)

    async def check(self) -> str:
        """Count the orders."""
        return f"can read {await self.count_orders(OrderQuery())} orders"

    async def fetch_orders(self, keys: Sequence[str]) -> Fetched[domain.Order]:
        """Return orders by ID."""
        return await each(keys, self._get)

    async def list_orders(self, query: OrderQuery, window: Window) -> Slice[domain.Order]:
        """Return orders by time. Filters that Toybox does not have are applied here."""

        async def fetch(page: int, size: int) -> VendorPage[domain.Order]:
            return await self._page(query, window, page, size)

        found = await seek(
            window, fetch, key=order_key, keep=lambda one: fits(one, query), narrow=NARROW, page_size=PAGE_SIZE
        )
        return found if window.after is None and exact(query) else replace(found, total=None)

    async def count_orders(self, query: OrderQuery) -> int | None:
        """Return how many orders match a query, or None if Toybox's filters are not exact."""
        return (await self._page(query, Window(1, descending=True), 1, 1)).total if exact(query) else None

    async def place_order(self, request: OrderRequest) -> domain.Order:
        """Place an order."""
        findings = Findings(self.name)
        body = request_mapping.order_to_wire(with_reference(request), findings)
        findings.raise_any()
        await self.check_reference(body.reference)
        return self._one(
            await self.send(self.client.build("place_order", body=body, reference=body.reference), "orders")
        )

    async def orders_by_reference(self, reference: str) -> Sequence[domain.Order]:
        """Return the orders with a reference, in their current state."""
        found = await self._rows([("reference", reference)], 1, PAGE_SIZE)
        if not found.items and found.skipped:  # the order with the reference may be the unreadable one
            raise self.client.error(VendorBadReply, "list_orders")
        return found.items

    async def cancel_order(self, order: str, request: CancelRequest) -> domain.Order:
        """Cancel an open order. Toybox does not take a reason."""
        current = await self._get(order)
        if current is None:
            message = f"The account `{self.name}` has no order {order[:100]}."
            raise ActionRefused(UserError(UserErrorCode.NOT_FOUND, message))
        offer = mapping.cancelling(current.vendor_status)
        if not offer.is_allowed:
            message = offer.message or ""
            raise ActionRefused(UserError(UserErrorCode.WRONG_STATUS, message, vendor_code=current.vendor_status))
        return self._one(await self.send(self.client.build("cancel_order", order), "orders"))

    async def _get(self, key: str) -> ToyOrder | None:
        if not request_mapping.ID.fullmatch(key):
            return None
        try:
            return await self.read("get_order", key, decode=self._one, kind="orders")
        except VendorNotFound:
            return None

    async def _page(self, query: OrderQuery, window: Window, page: int, size: int) -> VendorPage[domain.Order]:
        return await self._rows(request_mapping.orders_query(query, window), page, size)

    async def _rows(self, where: Sequence[tuple[str, str]], page: int, size: int) -> VendorPage[domain.Order]:
        def decode(reply: Reply) -> VendorPage[domain.Order]:
            found = reply.decode_list(wire.Order)
            orders = [ToyOrder(self.origin(reply.received_at), one) for one in found.items]
            total = reply.count("x-total")
            return VendorPage(orders, -(-(total or 0) // size), reply.received_at, total, found.skipped)

        asked = [*where, ("page", str(page)), ("size", str(size))]
        return await self.read("list_orders", query=asked, decode=decode, kind="orders")

    def _one(self, reply: Reply) -> ToyOrder:
        return ToyOrder(self.origin(reply.received_at), reply.decode(wire.Order))


def exact(query: OrderQuery) -> bool:
    """Whether Toybox's filters are the same as the query, so that its count is correct."""
    return query.only_by_time and query.placed_at.end is None
