"""Palmetto: one operation, which places an order; everything that is read is what the gateway keeps.

Source: "Net3 API Interface for Customer Portal". Palmetto answers an order with nothing, so its id is the
correlation id that is sent with it, and the order is kept, as it was sent, when Palmetto has taken it.
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

# Every path of the API: an account may override either under [accounts.<name>.paths].
PATHS: Mapping[str, str] = {
    "log_in": "POST /security/credentials",
    "order_products": "POST /products/selfservice/order",
}
READ_CHECKS: Sequence[ReadCheck] = (
    login_check("log_in"),
    ReadCheck("orders", "order_products", reason="its API has no read, and this places an order"),
)
JSV = "text/jsv"
MAX_PRODUCT_ORDERS = 200
"""In so many of the newest orders a product is looked for."""


class PalmettoSettings(AccountSettings):
    """An account at Palmetto: a user of its portal."""

    operations: ClassVar[Mapping[str, str]] = PATHS

    base_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://n3tapi.palmettovdc.com"), description="where Palmetto's API is"
    )
    username: Credential = Field(description="the user's name at the portal")
    password: Secret = Field(description="the user's password")
    company_id: str | None = Field(default=None, description="companyId of orders that name none")
    user_id: str | None = Field(default=None, description="userId of orders that name none")

    @property
    def login(self) -> Mapping[str, str]:
        """The body that asks for a session."""
        return {"username": self.username, "password": self.password.get_secret_value()}


def read_session(reply: Reply) -> tuple[str, None]:
    """The session's id; how long it lasts is not told."""
    return reply.value(wire.Session, extensible=True).session_id, None


def show_session(session: str) -> Mapping[str, str]:
    """The headers of a session: Palmetto does not say which of ServiceStack's two places it reads."""
    return {"cookie": f"ss-id={session}", "x-ss-id": session}


class PalmettoConnector(Connector):
    """One account at Palmetto."""

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
        """Log in: there is nothing that could be read."""
        await self.client.log_in()
        return "may log in; more cannot be tried without placing an order"

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """The path in our input: `place_order` has found it already, since the order that was sent tells it."""
        return ("input", *path.split("."))

    # Reads

    async def fetch_orders(self, keys: Sequence[str]) -> Fetched[domain.Order]:
        """Orders by correlation id."""
        return await each(keys, self._get)

    async def _get(self, key: str) -> PalmettoOrder | None:
        kept = await self.kept.get(key)
        return None if kept is None else await self._show(kept)

    async def _show(self, kept: PlacedOrder) -> PalmettoOrder | None:
        """A view of a kept order, None if it cannot be read; the gateway then knows its products."""
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
        """The orders that this gateway has placed, by the time of placing."""
        references = query.client_reference or query.number  # a number is a reference as well
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
        """How many this gateway has placed."""
        return await self.kept.count(query.placed_at) if query.only_by_time else None

    async def fetch_products(self, keys: Sequence[str]) -> Fetched[domain.Product]:
        """Products by number: what orders tell of them, those read lately or the newest."""
        found = {
            key: product for key in keys if isinstance(product := self.cache.peek(("products", key)), PalmettoProduct)
        }
        if missing := [key for key in keys if key not in found and request_mapping.NUMBER.fullmatch(key)]:
            found.update(await self._ordered_products(missing))
        return by_key(keys, found)

    async def _ordered_products(self, keys: Sequence[str]) -> Mapping[str, PalmettoProduct]:
        """Products in the newest orders."""
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
        """Subscriptions by the order's correlation id and the line's place."""
        return await each(keys, self._subscription)

    async def _subscription(self, key: str) -> PalmettoSubscription | None:
        order = await self._get(key.rpartition(":")[0])
        return next((one for one in order.subscriptions if one.ref.joined == key), None) if order else None

    async def fetch_order_subscriptions(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Subscription]]:
        """For each order the subscriptions in it."""
        return await each(keys, self._order_subscriptions)

    async def _order_subscriptions(self, key: str) -> Sequence[domain.Subscription]:
        order = await self._get(key)
        return order.subscriptions if order else ()

    # Actions

    async def place_order(self, request: OrderRequest) -> domain.Order:
        """Order something; a reference that another order has is refused before anything is sent."""
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
        """The kept orders with a reference: what is not kept may have been placed as well."""
        kept = await self.kept.by_reference(reference)
        return [order for one in kept if (order := await self._show(one)) is not None] or None

    async def settled(self, operation: WriteOperation, vendor_order_id: str | None) -> Sequence[domain.View]:
        """The order as it was sent, kept from now on: its id is the correlation id that was sent with it."""
        (call,) = operation.calls
        if vendor_order_id not in (None, call.note["key"]) or len(call.body) >= MAX_CONTENT:  # then it is not all there
            return []
        at, body = operation.created_at, call.body.encode()
        kept = PlacedOrder(call.note["key"], at, at, body, operation.reference, call.note["about"])
        await self.kept.keep(kept)
        return [self._order(kept)]

    @contextmanager
    def _alone(self, sending: request_mapping.Sending) -> Generator[None]:
        """Keep others from placing an order under the same reference meanwhile."""
        own = {reference for reference in (sending.key, sending.order.job_id) if reference}
        if own & self._placing:
            message = "An order with this reference is being placed at this moment."
            raise ActionRefused(UserError(UserErrorCode.INVALID, message, ("input", *reference_path(sending))))
        self._placing |= own
        try:
            yield
        finally:
            self._placing -= own

    async def _check_references(self, sending: request_mapping.Sending) -> str:
        """The order's reference; refuse one that another order has, and likewise the correlation id."""
        reference = mapping.reference_of(sending.order) or sending.key
        await self.check_reference(reference, path=reference_path(sending))
        if await self.kept.get(sending.key) is not None:
            path = ("input", *request_mapping.DETAILS, "correlationId")
            raise ActionRefused(UserError(UserErrorCode.INVALID, "Another order has this correlation id.", path))
        return reference

    async def _send_order(self, sending: request_mapping.Sending, reference: str) -> None:
        """Palmetto's answer has no body, or says nothing that is not known; an error's fields are found here."""
        note = {"key": sending.key, "about": sending.about}
        headers = {"content-type": JSV}
        call = self.client.build("order_products", body=sending.body, headers=headers, reference=reference, note=note)
        try:
            await self.send(call)
        except VendorRejected as error:
            error.problem = replace(error.problem, fields=dict(request_mapping.refused_fields(sending, error.problem)))
            raise


def reference_path(sending: request_mapping.Sending) -> request_mapping.Path:
    """Where in the input an order's reference comes from."""
    return sending.input_path("jobId" if sending.order.job_id else "correlationId")
