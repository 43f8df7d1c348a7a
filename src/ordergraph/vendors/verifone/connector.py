"""The connector for Verifone: one method per operation, each with one call and one mapping.

Source: Verifone Order API 2.62, "Hardware Orders", which covers only creating and replacing orders. Searching,
reading, submitting and cancelling are extensions. Without searching, the account's list contains the orders that the
gateway placed. Without reading, an order is as Verifone last returned it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, cast

import msgspec
from pydantic import AnyHttpUrl, Field, SecretStr, model_validator

from ordergraph import domain
from ordergraph.connector import OUTCOMES, Connector, Fetched, Outcomes, ReadCheck, each, none_there, refused
from ordergraph.domain import Action, OrderStatus, Requirement, errors
from ordergraph.domain.commands import CancelRequest, Findings, OrderChange, OrderQuery, OrderRequest, fits
from ordergraph.domain.errors import ActionRefused, VendorBadReply, VendorError, VendorNotFound, VendorRejected
from ordergraph.domain.paging import Slice, VendorPage, Window, order_key, seek
from ordergraph.ledger.operations import WriteOperation
from ordergraph.ledger.placed import PlacedOrder, PlacedOrders
from ordergraph.settings import AccountSettings, Credential, Secret
from ordergraph.upstream.authentication import Fixed
from ordergraph.upstream.calls import Call, Decoded
from ordergraph.upstream.client import Reply, VendorClient
from ordergraph.vendors.verifone import mapping, request_mapping, wire
from ordergraph.vendors.verifone.mapping import VerifoneOrder, VerifoneProduct, VerifoneSubscription
from ordergraph.vendors.verifone.request_mapping import Body, Query, uuid_of

# Every path of the API. An account may override any of them under [accounts.<name>.paths]. Only the first two are
# in the document.
PATHS: Mapping[str, str] = {
    "create_order": "POST /orders/hardware",
    "replace_order": "PUT /orders/hardware/{orderId}",
    "search_orders": "GET /orders",
    "get_order": "GET /orders/{orderId}",
    "submit_order": "POST /orders/drafts/{orderId}",
    "cancel_order": "POST /orders/{orderId}/cancel",
}
NO_ORDER = "00000000-0000-4000-8000-000000000000"
"""An ID that no order has."""
# Every call carries the credentials, so there is no authentication to check separately.
READ_CHECKS: Sequence[ReadCheck] = (
    ReadCheck("orders", "search_orders", lambda at: at._page(request_mapping.HARDWARE, 1, 1), "search"),
    ReadCheck("single orders", "get_order", lambda at: none_there(at._one_now(NO_ORDER)), "get"),
    ReadCheck("placing orders", "create_order", reason="it would place an order"),
)
PAGE_SIZE = 100
NARROW = 8
"""The number of orders with the same creation time that are still read with the first page."""
MAX_LOOKED_THROUGH = 10
"""The maximum number of pages searched for an order, for an account that can search but not read."""
TRUTH = {True: "true", False: "false"}


class VerifoneSettings(AccountSettings):
    """An account at Verifone: a user with a password, or a token that the operator creates."""

    operations: ClassVar[Mapping[str, str]] = PATHS
    known_extensions: ClassVar[Mapping[str, str]] = {
        "search": "list all orders",
        "get": "read single orders",
        "submit": "submit drafts",
        "cancel": "cancel orders",
    }

    base_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://emea.gsc.verifone.cloud/oidc/order-service"),
        description="The base URL of the Order API.",
    )
    auth: Literal["basic", "bearer"] = Field(
        default="basic", description="The authentication method: `basic` with a password, `bearer` with a token."
    )
    username: Credential = Field(default="", description="The username, with `auth = 'basic'`.")
    password: Secret = Field(default=SecretStr(""), description="The user's password, with `auth = 'basic'`.")
    token: Secret = Field(default=SecretStr(""), description="The JSON Web Token, with `auth = 'bearer'`.")
    customer_entity_uid: str | None = Field(
        default=None,
        pattern=f"^{request_mapping.UUID_FORM.pattern}$",
        description="Verifone's ID of the customer to order for.",
    )
    simplified_order_flow: bool = Field(
        default=True, description="Whether Verifone fills in values that an order omits."
    )

    @model_validator(mode="after")
    def _whole_login(self) -> VerifoneSettings:
        if self.auth == "basic" and not (self.username and self.password.get_secret_value()):
            raise ValueError("`auth = 'basic'` requires `username` and `password`.")
        if self.auth == "bearer" and not self.token.get_secret_value():
            raise ValueError("`auth = 'bearer'` requires `token`.")
        return self

    @property
    def login(self) -> Fixed:
        """The headers for authentication."""
        if self.auth == "bearer":
            return Fixed.bearer(self.token.get_secret_value())
        return Fixed.basic(self.username, self.password.get_secret_value())


class VerifoneConnector(Connector):
    """One account at Verifone."""

    title = "Verifone"
    requirements: ClassVar[Sequence[Requirement]] = request_mapping.REQUIREMENTS
    extensions: ClassVar[Mapping[Action, str]] = {Action.SUBMIT_ORDER: "submit", Action.CANCEL_ORDER: "cancel"}
    outcomes: ClassVar[Outcomes] = {
        **OUTCOMES,
        "updateOrder": lambda order, operation: operation.wrote(request_mapping.content_of(order)),
    }
    read_checks: ClassVar[Sequence[ReadCheck]] = READ_CHECKS

    def __init__(self, account: VerifoneSettings, kept: PlacedOrders) -> None:
        paths = {**PATHS, **account.paths}
        client = VendorClient(
            account, paths, account.login, request_mapping.read_problem, identify=lambda one: one.order_id.lower()
        )
        super().__init__(account, client, kept)
        self.customer = account.customer_entity_uid
        self.simplified = account.simplified_order_flow
        self.searches = "search" in account.extensions
        self.gets = "get" in account.extensions
        self.keeps = not (self.searches and self.gets)
        told = {action: self.availability(action) for action in mapping.ORDER_ACTIONS}
        off = {action: one for action, one in told.items() if not one.is_allowed}
        self.facts = mapping.Facts(account.currency or "XXX", off)

    async def check(self) -> str:
        """Count the orders. Without the extension 'search', no request is sent."""
        if not self.searches:
            return "no request was sent: listing orders requires the extension 'search'"
        page = await self._page(request_mapping.HARDWARE, 1, 1)
        return f"can read {len(page.items) if page.total is None else page.total} orders and drafts"

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """Return the input path of a field that Verifone reports an error for."""
        return ("input", *request_mapping.common_path(request_mapping.parts_of(path)))

    # Calls and mappings that the operations share

    def _view(self, source: Decoded[wire.Order], received_at: Any) -> VerifoneOrder:
        return VerifoneOrder(self.origin(received_at), source, self.facts)

    def _one(self, reply: Reply) -> VerifoneOrder:
        return self._view(reply.decode(wire.Order), reply.received_at)

    async def _written(self, call: Call) -> VerifoneOrder:
        """Send a change and return the changed order."""
        order = self._one(await self.send(call, "orders"))
        await self._keep(order)
        return order

    async def _keep(self, order: VerifoneOrder) -> None:
        """Keep an order if the account cannot list orders or cannot read them again."""
        if self.keeps:
            placed = order.placed_at or order.retrieved_at
            reference = order.client_reference
            await self.kept.keep(PlacedOrder(order.key[0], placed, order.retrieved_at, order.source.raw, reference))

    def _shown(self, kept: PlacedOrder) -> VerifoneOrder:
        body = msgspec.json.decode(kept.body, type=wire.Order)
        return self._view(Decoded(body, kept.body), kept.retrieved_at)

    # Reads

    async def fetch_orders(self, keys: Sequence[str]) -> Fetched[domain.Order]:
        """Return orders by ID."""
        return await each(keys, self._get)

    async def _get(self, key: str) -> VerifoneOrder | None:
        uid = uuid_of(key)
        if uid is None:
            return None
        if self.gets:
            return await self._asked(uid)
        kept = await self.kept.get(uid)
        if self.searches:
            return await self._searched(uid, kept)
        return self._shown(kept) if kept else None

    async def _asked(self, uid: str) -> VerifoneOrder | None:
        try:
            order = await self._one_now(uid)
        except VendorNotFound:
            return None
        return order if is_hardware(order) else None

    async def _one_now(self, uid: str) -> VerifoneOrder:
        return await self.read("get_order", uid, decode=self._one, kind="orders")

    async def _searched(self, uid: str, kept: PlacedOrder | None) -> VerifoneOrder | None:
        """Search for an order: by its reference if it is known, else among the newest orders."""
        named = [("orderReference", kept.reference)] if kept and kept.reference else []
        for number in range(1, MAX_LOOKED_THROUGH + 1):
            page = await self._page([*request_mapping.HARDWARE, *named], number, PAGE_SIZE)
            for order in page.items:
                if order.key == (uid,):
                    return order
            if number >= page.pages:
                break
        return self._shown(kept) if kept else None

    async def _page(self, query: Query, number: int, size: int) -> VendorPage[VerifoneOrder]:
        """Return a page of a search. The envelope is undocumented: see `wire.Page`."""

        def decode(reply: Reply) -> VendorPage[VerifoneOrder]:
            page = reply.value(wire.Page)
            found = reply.decode_items(wire.Order, page.orders)
            orders = [self._view(one, reply.received_at) for one in found.items]
            about = page.metadata or wire.PagingMetadata()
            pages = about.total_pages
            if pages is None:  # then a full page may be followed by another
                pages = number + (len(page.orders) >= size)
            return VendorPage(orders, pages, reply.received_at, about.total_items, found.skipped)

        paging = [("pageNumber", str(number)), ("pageSize", str(size))]
        return await self.read("search_orders", query=[*query, *paging], decode=decode, kind="orders")

    async def list_orders(self, query: OrderQuery, window: Window) -> Slice[domain.Order]:
        """Return orders by time of creation: Verifone's, or those placed here. Drafts only if the query names them."""
        asked = query if query.statuses is not None else replace(query, statuses=NO_DRAFTS)
        if not self.searches:
            return await self.kept.listed(asked, window, self._now)
        search = request_mapping.orders_query(query, window)

        async def fetch(page: int, size: int) -> VendorPage[domain.Order]:
            return cast("VendorPage[domain.Order]", await self._page(search, page, size))

        found = await seek(
            window,
            fetch,
            key=order_key,
            keep=lambda order: is_hardware(order) and fits(order, asked) and has_changed(order, asked),
            narrow=NARROW,
            page_size=PAGE_SIZE,
        )
        return replace(found, total=None)  # Verifone's total includes drafts

    async def _now(self, kept: PlacedOrder) -> VerifoneOrder:
        """Return the current state of a kept order, if it can be read and can still change."""
        order = self._shown(kept)
        if not self.gets or order.is_final:
            return order
        try:
            newer = await self._asked(kept.key)
        except VendorError:
            return order  # the last known state, with its time
        if newer is None:
            return order
        await self._keep(newer)
        return newer

    async def count_orders(self, query: OrderQuery) -> int | None:
        """Return the number of orders, without drafts, or of drafts. None if the query has other conditions."""
        if not self.searches:
            return None
        drafts = OrderQuery(statuses=frozenset({OrderStatus.DRAFT}))
        if query.statuses == drafts.statuses and replace(query, statuses=None).only_by_time:
            return await self._count(query)
        if not (query.only_by_time and query.placed_at == OrderQuery().placed_at):
            return None
        whole, of_drafts = await self._count(query), await self._count(drafts)
        return None if whole is None or of_drafts is None else whole - of_drafts

    async def _count(self, query: OrderQuery) -> int | None:
        return (await self._page(request_mapping.filters(query), 1, 1)).total

    async def fetch_products(self, keys: Sequence[str]) -> Fetched[domain.Product]:
        """Return package bundles. There is no catalogue, so any well-formed ID is a bundle."""
        origin = self.origin(datetime.now(UTC))
        return [VerifoneProduct(origin, key) if request_mapping.BUNDLE.fullmatch(key) else None for key in keys]

    async def fetch_order_subscriptions(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Subscription]]:
        """Return the services of orders with recurring prices."""

        async def of(key: str) -> Sequence[VerifoneSubscription]:
            order = await self._get(key)
            return order.subscriptions if order else ()

        return await each(keys, of)

    async def fetch_subscriptions(self, keys: Sequence[str]) -> Fetched[domain.Subscription]:
        """Return services by order and position."""

        async def one(key: str) -> VerifoneSubscription | None:
            order, _, service = key.partition(":")
            found = await self._get(order) if service else None
            return next((one for one in (found.subscriptions if found else ()) if one.key[1] == service), None)

        return await each(keys, one)

    # Actions

    async def place_order(self, request: OrderRequest) -> domain.Order:
        """Place an order."""
        return await self._create(request, draft=False)

    async def create_draft_order(self, request: OrderRequest) -> domain.Order:
        """Save a draft at Verifone."""
        return await self._create(request, draft=True)

    async def _create(self, request: OrderRequest, *, draft: bool) -> domain.Order:
        given = request.details.get(request_mapping.FLOW)
        simplified = self.simplified if given is None else bool(given)
        findings = Findings(self.name)
        body = request_mapping.order_to_wire(request, self.customer, simplified, findings)
        findings.raise_any()
        await self._ready()
        reference = body.content["orderReference"]
        await self.check_reference(reference)
        flags = {"saveDraft": TRUTH[draft], "X-Use-Simplified-Order-Flow": TRUTH[simplified]}
        call = self.client.build("create_order", body=body.content, headers=flags, reference=reference)
        return await self._sent(body, call)

    async def _ready(self) -> None:
        """Raise an error, before anything is sent, if the order has to be kept and cannot be."""
        if self.keeps:
            await self.kept.ready()

    async def _sent(self, body: Body, call: Call) -> VerifoneOrder:
        """Send a body and return the order. Verifone's rejections are reported at the inputs they came from."""
        try:
            return await self._written(call)
        except VendorNotFound:
            raise
        except VendorRejected as error:
            if error.problem.fields and "status" not in error.problem.fields:
                raise body.refused(error) from error
            raise

    async def orders_by_reference(self, reference: str) -> Sequence[domain.Order] | None:
        """Return the orders with an orderReference.

        Without searching, only kept orders are found: None if there are none, because others may exist.
        """
        if not self.searches:
            return [self._shown(one) for one in await self.kept.by_reference(reference)] or None
        page = await self._page([*request_mapping.HARDWARE, ("orderReference", reference)], 1, PAGE_SIZE)
        orders = [order for order in page.items if order.client_reference == reference]
        if not orders and (page.pages > 1 or page.skipped):  # it may be among the orders that could not be read
            raise self.client.error(VendorBadReply, "search_orders")
        for order in orders:
            await self._keep(order)
        return orders

    async def target_of(self, operation: WriteOperation) -> domain.View | None:
        """Return the order of an operation. None if the only known state of the order is older than the operation."""
        order = await super().target_of(operation)
        if not isinstance(order, VerifoneOrder) or order.retrieved_at < operation.created_at:
            return None
        await self._keep(order)
        return order

    async def settled(self, operation: WriteOperation, vendor_order_id: str | None) -> Sequence[domain.View]:
        """Return the order with this vendor ID, and keep it if necessary."""
        found = await super().settled(operation, vendor_order_id)
        for order in found:
            await self._keep(cast("VerifoneOrder", order))
        return found

    async def update_order(self, order: str, change: OrderChange, if_version: str | None) -> domain.Order:
        """Change a draft by replacing it. Values that the change omits are sent unchanged."""
        await self._ready()
        current = await self._current(order)
        self.check_version(current, if_version)
        if not mapping.order_action(Action.UPDATE_ORDER, current).is_allowed:
            raise refused(Action.UPDATE_ORDER, current)
        findings = Findings(self.name)
        body = request_mapping.change_to_wire(request_mapping.body_of(current), change, findings)
        findings.raise_any()
        before = request_mapping.content_of(current)
        call = self.client.build("replace_order", *current.key, body=body.content, note=before)
        call = await self.renaming(call, current, body.content["orderReference"])
        return await self._act(Action.UPDATE_ORDER, body, call, order)

    async def submit_order(self, order: str) -> domain.Order:
        """Submit a draft."""
        call = self.client.build("submit_order", self._uid(order))
        return await self._act(Action.SUBMIT_ORDER, Body({}), call, order)

    async def cancel_order(self, order: str, request: CancelRequest) -> domain.Order:
        """Cancel an order with one of Verifone's reasons."""
        uid = self._uid(order)
        findings = Findings(self.name)
        body = request_mapping.cancellation_to_wire(request, findings)
        findings.raise_any()
        call = self.client.build("cancel_order", uid, body=body.content)
        return await self._act(Action.CANCEL_ORDER, body, call, order)

    async def _act(self, action: Action, body: Body, call: Call, order: str) -> VerifoneOrder:
        await self._ready()
        try:
            return await self._sent(body, call)
        except VendorNotFound:
            raise self.no_order(order) from None
        except VendorRejected as error:
            raise await self._refusal(action, order, error) from None

    async def _refusal(self, action: Action, order: str, error: VendorRejected) -> Exception:
        """Return the error to raise: if the order's status is the reason and can be read, one that names the status."""
        try:
            current = await self._current(order)
        except (VendorError, ActionRefused):
            current = None
        if current is not None and not mapping.order_action(action, current).is_allowed:
            return refused(action, current, error.problem.code)
        if "status" not in error.problem.fields:
            return error
        words, code = error.problem.message or "Not possible in the order's current status.", error.problem.code
        return ActionRefused(
            errors.UserError(errors.UserErrorCode.WRONG_STATUS, words, vendor_code=code, vendor_message=words)
        )

    async def _current(self, order: str) -> VerifoneOrder:
        self.cache.forget("orders")
        current = await self._get(order)
        if current is None:
            raise self.no_order(order)
        return current

    def _uid(self, order: str) -> str:
        uid = uuid_of(order)
        if uid is None:
            raise self.no_order(order)
        return uid


NO_DRAFTS = frozenset(OrderStatus) - {OrderStatus.DRAFT}


def has_changed(order: domain.Order, query: OrderQuery) -> bool:
    """Return whether the detailed status changed at or after the time that a query names."""
    since = query.details.get(request_mapping.CHANGED_SINCE)
    changed = cast("VerifoneOrder", order).status_changed_at
    return since is None or (changed is not None and changed >= since)


def is_hardware(order: domain.Order) -> bool:
    """Return whether an order is a hardware order. Searching and reading also return other types."""
    return isinstance(order, VerifoneOrder) and order.wire.order_type in (None, "HardwareOrder")
