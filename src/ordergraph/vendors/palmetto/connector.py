"""The connector of Palmetto: it has one operation, which places an order. Reads use orders stored by the gateway.

Source: "Net3 API Interface for Customer Portal". Palmetto's response to an order is empty. The order's id is therefore
the correlation id that is sent with it, and the gateway stores the order as it was sent once Palmetto has accepted it.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

import structlog
from pydantic import AnyHttpUrl, Field

from ordergraph import domain
from ordergraph.connector import Connector, Fetched, ReadCheck, by_key, each, login_check
from ordergraph.domain import Requirement
from ordergraph.domain.commands import ALWAYS, Findings, OrderQuery, OrderRequest, fits
from ordergraph.domain.errors import ActionRefused, UserError, UserErrorCode, VendorRejected
from ordergraph.domain.paging import Slice, Window, order_key, slice_whole
from ordergraph.ledger.operations import MAX_CONTENT, WriteOperation
from ordergraph.ledger.placed import PlacedOrder, PlacedOrders
from ordergraph.settings import AccountSettings, Credential, Secret
from ordergraph.upstream.authentication import Session
from ordergraph.upstream.calls import JSON, build_call
from ordergraph.upstream.client import Reply, VendorClient
from ordergraph.vendors.palmetto import mapping, request_mapping, wire
from ordergraph.vendors.palmetto.mapping import PalmettoOrder, PalmettoProduct, PalmettoSubscription

log = structlog.get_logger(__name__)

# Every path of the API. An account can override either of them under [accounts.<name>.paths].
PATHS: Mapping[str, str] = {
    "log_in": "POST /security/credentials",
    "order_products": "POST /products/selfservice/order",
}
READ_CHECKS: Sequence[ReadCheck] = (
    login_check("log_in"),
    ReadCheck("orders", "order_products", reason="the API has no read operation, and this one places an order"),
)
JSV = "text/jsv"
MAX_PRODUCT_ORDERS = 200
"""The number of newest orders to search for a product."""


class PalmettoSettings(AccountSettings):
    """An account at Palmetto: a user of its portal."""

    operations: ClassVar[Mapping[str, str]] = PATHS

    base_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://n3tapi.palmettovdc.com"), description="The base URL of Palmetto's API."
    )
    username: Credential = Field(description="The username of the portal user.")
    password: Secret = Field(description="The password of the portal user.")
    company_id: str | None = Field(default=None, description="The `companyId` for orders that omit it.")
    user_id: str | None = Field(default=None, description="The `userId` for orders that omit it.")

    @property
    def login(self) -> Mapping[str, str]:
        """The body of the request for a session."""
        return {"username": self.username, "password": self.password.get_secret_value()}


def read_session(reply: Reply) -> tuple[str, None]:
    """Return the session's id. Palmetto does not report its lifetime."""
    return reply.value(wire.Session, extensible=True).session_id, None


def show_session(session: str) -> Mapping[str, str]:
    """Return the headers of a session. ServiceStack has two, and Palmetto does not document which one it reads."""
    return {"cookie": f"ss-id={session}", "x-ss-id": session}


class PalmettoConnector(Connector):
    """An account at Palmetto."""

    title = "Palmetto VDC"
    requirements: ClassVar[Sequence[Requirement]] = request_mapping.REQUIREMENTS
    read_checks: ClassVar[Sequence[ReadCheck]] = READ_CHECKS

    def __init__(self, account: PalmettoSettings, kept: PlacedOrders) -> None:
        paths = {**PATHS, **account.paths}
        call = build_call(paths, "log_in", body=account.login, headers={"accept": JSON})
        login = Session(call, read_session, show_session)
        client = VendorClient(
            account, paths, login, request_mapping.read_problem, decode=request_mapping.decode_problem, accept=JSV
        )
        super().__init__(account, client, kept)
        self.company_id = account.company_id
        self.user_id = account.user_id
        self._placing: set[str] = set()

    async def check(self) -> str:
        """Authenticate. There is nothing else to check without placing an order."""
        await self.client.log_in()
        return "authenticated; nothing else can be checked without placing an order"

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """Return the path in the input. `place_order` has already mapped it, which requires the order that was sent."""
        return ("input", *path.split("."))

    # Reads

    async def fetch_orders(self, keys: Sequence[str]) -> Fetched[domain.Order]:
        """Return orders by correlation id."""
        return await each(keys, self._get)

    async def _get(self, key: str) -> PalmettoOrder | None:
        kept = await self.kept.get(key)
        return None if kept is None else await self._show(kept)

    async def _show(self, kept: PlacedOrder) -> PalmettoOrder | None:
        """Return the view of a stored order, or None if it cannot be read. Its products are cached."""
        try:
            order = self._order(kept)
        except ValueError as error:
            log.warning("unreadable order", account=self.name, order=kept.key[:100], problem=str(error)[:200])
            return None
        self._keep_products(order)
        return order

    def _order(self, kept: PlacedOrder) -> PalmettoOrder:
        return PalmettoOrder(self.origin(kept.retrieved_at), mapping.read_kept(kept), self.account.currency)

    async def list_orders(self, query: OrderQuery, window: Window) -> Slice[domain.Order]:
        """Return the orders that this gateway has placed, by the time of placing."""
        references = query.client_references or query.numbers  # a number is also a reference
        if not references:
            return await self.kept.listed(query, window, self._show)
        rows = [row for one in references for row in await self.kept.by_reference(one)]
        shown = [order for row in rows if (order := await self._show(row)) is not None]
        orders: list[domain.Order] = [order for order in shown if fits(order, query)]
        found = slice_whole(
            orders,
            window,
            key=order_key,
            fetched_at=min((one.retrieved_at for one in shown), default=datetime.now(UTC)),
            skipped=len(rows) - len(shown),
        )
        return replace(found, placed_here=True)

    async def count_orders(self, query: OrderQuery) -> int | None:
        """Return the number of orders that this gateway has placed."""
        return await self.kept.count(query.placed_at) if query.only_by_time else None

    async def fetch_products(self, keys: Sequence[str]) -> Fetched[domain.Product]:
        """Return products by number, from the orders read recently or else from the newest orders."""
        found = {
            key: product for key in keys if isinstance(product := self.cache.peek(("products", key)), PalmettoProduct)
        }
        if missing := [key for key in keys if key not in found and request_mapping.NUMBER.fullmatch(key)]:
            found.update(await self._ordered_products(missing))
        return by_key(keys, found)

    async def _ordered_products(self, keys: Sequence[str]) -> Mapping[str, PalmettoProduct]:
        """Return the products in the newest orders."""
        rows = await self.kept.page(ALWAYS, descending=True, offset=0, limit=MAX_PRODUCT_ORDERS)
        orders = [order for row in rows if (order := await self._show(row)) is not None]
        told = mapping.telling([line for order in orders for line in order.line_items])
        return {key: PalmettoProduct(told[key]) for key in keys if key in told}

    def _keep_products(self, order: PalmettoOrder) -> None:
        for key, line in mapping.telling(order.line_items).items():
            kept = self.cache.peek(("products", key))
            if not isinstance(kept, PalmettoProduct) or (line.name and not kept.name):
                self.cache.put(("products", key), PalmettoProduct(line), self.account.cache.products)

    async def fetch_subscriptions(self, keys: Sequence[str]) -> Fetched[domain.Subscription]:
        """Return subscriptions by the order's correlation id and the line's position."""
        return await each(keys, self._subscription)

    async def _subscription(self, key: str) -> PalmettoSubscription | None:
        order = await self._get(key.rpartition(":")[0])
        return next((one for one in order.subscriptions if one.ref.joined == key), None) if order else None

    async def fetch_order_subscriptions(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Subscription]]:
        """Return the subscriptions of each order."""
        return await each(keys, self._order_subscriptions)

    async def _order_subscriptions(self, key: str) -> Sequence[domain.Subscription]:
        order = await self._get(key)
        return order.subscriptions if order else ()

    # Actions

    async def place_order(self, request: OrderRequest) -> domain.Order:
        """Place an order. A reference that another order has is refused before anything is sent."""
        findings = Findings(self.name)
        sending = request_mapping.order_to_wire(request, self.company_id, self.user_id, findings)
        findings.raise_any()
        with self._alone(sending):
            reference = await self._check_references(sending)
            await self.kept.ready()
            placed_at = datetime.now(UTC)
            await self._send_order(sending, reference)
            kept = PlacedOrder(sending.key, placed_at, placed_at, sending.body, reference, sending.about)
            await self.kept.keep(kept)
        return self._order(kept)

    async def orders_by_reference(self, reference: str) -> Sequence[domain.Order] | None:
        """Return the stored orders with a reference, or None: an order may have been placed without being stored."""
        kept = await self.kept.by_reference(reference)
        return [order for one in kept if (order := await self._show(one)) is not None] or None

    async def settled(self, operation: WriteOperation, vendor_order_id: str | None) -> Sequence[domain.View]:
        """Store the order as it was sent, and return it. Its id is the correlation id that was sent with it."""
        (call,) = operation.calls
        if (
            vendor_order_id not in (None, call.note["key"]) or len(call.body) >= MAX_CONTENT
        ):  # another id, or a truncated body
            return []
        at, body = operation.created_at, call.body.encode()
        kept = PlacedOrder(call.note["key"], at, at, body, operation.reference, call.note["about"])
        await self.kept.keep(kept)
        return [self._order(kept)]

    @contextmanager
    def _alone(self, sending: request_mapping.Sending) -> Generator[None]:
        """Prevent the concurrent placing of another order with the same reference."""
        own = {reference for reference in (sending.key, sending.order.job_id) if reference}
        if own & self._placing:
            message = "Another order with this reference is being placed right now."
            raise ActionRefused(UserError(UserErrorCode.INVALID, message, ("input", *reference_path(sending))))
        self._placing |= own
        try:
            yield
        finally:
            self._placing -= own

    async def _check_references(self, sending: request_mapping.Sending) -> str:
        """Return the order's reference. Refuse a reference or correlation id that another order has."""
        reference = mapping.reference_of(sending.order) or sending.key
        await self.check_reference(reference, path=reference_path(sending))
        if await self.kept.get(sending.key) is not None:
            path = ("input", *request_mapping.DETAILS, "correlationId")
            raise ActionRefused(UserError(UserErrorCode.INVALID, "Another order has this correlation ID.", path))
        return reference

    async def _send_order(self, sending: request_mapping.Sending, reference: str) -> None:
        """Send the order. The response has no new information. The fields of an error are mapped to the input."""
        note = {"key": sending.key, "about": sending.about}
        headers = {"content-type": JSV}
        call = self.client.build("order_products", body=sending.body, headers=headers, reference=reference, note=note)
        try:
            await self.send(call)
        except VendorRejected as error:
            error.problem = replace(error.problem, fields=dict(request_mapping.refused_fields(sending, error.problem)))
            raise


def reference_path(sending: request_mapping.Sending) -> request_mapping.Path:
    """Return the path in the input that an order's reference comes from."""
    return sending.input_path("jobId" if sending.order.job_id else "correlationId")
