"""Verifone: one method per operation, each one call and one mapping.

Source: Verifone Order API 2.62, "Hardware Orders", which has creating and replacing only. Searching, reading,
submitting and cancelling are extensions: where an account has no searching, its list is what the gateway placed;
where it has no reading, an order is what Verifone last said of it.
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

# Every path of the API: an account may override any of them under [accounts.<name>.paths]. Only the first two
# are the document's.
PATHS: Mapping[str, str] = {
    "create_order": "POST /orders/hardware",
    "replace_order": "PUT /orders/hardware/{orderId}",
    "search_orders": "GET /orders",
    "get_order": "GET /orders/{orderId}",
    "submit_order": "POST /orders/drafts/{orderId}",
    "cancel_order": "POST /orders/{orderId}/cancel",
}
NO_ORDER = "00000000-0000-4000-8000-000000000000"
"""An id that no order has."""
# The credentials go with every call: there is no login to try.
READ_CHECKS: Sequence[ReadCheck] = (
    ReadCheck("orders", "search_orders", lambda at: at._page(request_mapping.HARDWARE, 1, 1), "search"),
    ReadCheck("single orders", "get_order", lambda at: none_there(at._one_now(NO_ORDER)), "get"),
    ReadCheck("placing orders", "create_order", reason="it places an order"),
)
PAGE_SIZE = 100
NARROW = 8
"""So many orders may share an instant and still be read with the first page."""
MAX_LOOKED_THROUGH = 10
"""Pages of the search that are looked through for an order, where an account can search and not read."""
TRUTH = {True: "true", False: "false"}


class VerifoneSettings(AccountSettings):
    """An account at Verifone: a user with a password, or a token that the operator makes."""

    operations: ClassVar[Mapping[str, str]] = PATHS
    known_extensions: ClassVar[Mapping[str, str]] = {
        "search": "lists of all orders",
        "get": "single orders, as they are now",
        "submit": "ordering a draft",
        "cancel": "cancelling an order",
    }

    base_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://emea.gsc.verifone.cloud/oidc/order-service"), description="where the Order API is"
    )
    auth: Literal["basic", "bearer"] = Field(default="basic", description="how to log in: by password or by token")
    username: Credential = Field(default="", description="the user, with auth = 'basic'")
    password: Secret = Field(default=SecretStr(""), description="the user's password, with auth = 'basic'")
    token: Secret = Field(default=SecretStr(""), description="the JSON web token, with auth = 'bearer'")
    customer_entity_uid: str | None = Field(
        default=None,
        pattern=f"^{request_mapping.UUID_FORM.pattern}$",
        description="Verifone's id of the customer to order for",
    )
    simplified_order_flow: bool = Field(default=True, description="whether Verifone fills in what an order leaves out")

    @model_validator(mode="after")
    def _whole_login(self) -> VerifoneSettings:
        if self.auth == "basic" and not (self.username and self.password.get_secret_value()):
            raise ValueError("auth = 'basic' needs username and password")
        if self.auth == "bearer" and not self.token.get_secret_value():
            raise ValueError("auth = 'bearer' needs token")
        return self

    @property
    def login(self) -> Fixed:
        """The headers that log in."""
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
        off = {action: one for action, one in told.items() if not one.allowed}
        self.facts = mapping.Facts(account.currency or "XXX", off)

    async def check(self) -> str:
        """Count the orders. Without searching, nothing can be asked that changes nothing."""
        if not self.searches:
            return "nothing was asked: without the extension 'search', Verifone can only be ordered from"
        page = await self._page(request_mapping.HARDWARE, 1, 1)
        return f"may read {len(page.items) if page.total is None else page.total} orders and drafts"

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """The path in our input of a field that Verifone complains of."""
        return ("input", *request_mapping.common_path(request_mapping.parts_of(path)))

    # The calls under everything

    def _view(self, source: Decoded[wire.Order], received_at: Any) -> VerifoneOrder:
        return VerifoneOrder(self.origin(received_at), source, self.facts)

    def _one(self, reply: Reply) -> VerifoneOrder:
        return self._view(reply.decode(wire.Order), reply.received_at)

    async def _written(self, call: Call) -> VerifoneOrder:
        """The order as Verifone shows it after a change."""
        order = self._one(await self.send(call, "orders"))
        await self._keep(order)
        return order

    async def _keep(self, order: VerifoneOrder) -> None:
        """Keep an order that could not be listed, or not be read again."""
        if self.keeps:
            placed = order.placed_at or order.retrieved_at
            reference = order.client_reference
            await self.kept.keep(PlacedOrder(order.key[0], placed, order.retrieved_at, order.source.raw, reference))

    def _shown(self, kept: PlacedOrder) -> VerifoneOrder:
        body = msgspec.json.decode(kept.body, type=wire.Order)
        return self._view(Decoded(body, kept.body), kept.retrieved_at)

    # Reads

    async def fetch_orders(self, keys: Sequence[str]) -> Fetched[domain.Order]:
        """Orders by id."""
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
        """An order out of the search: by its reference if that is known, else among the newest."""
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
        """A page of a search. Its envelope is nowhere documented: `wire.Page`."""

        def decode(reply: Reply) -> VendorPage[VerifoneOrder]:
            page = reply.value(wire.Page)
            found = reply.decode_items(wire.Order, page.orders)
            orders = [self._view(one, reply.received_at) for one in found.items]
            about = page.metadata or wire.PagingMetadata()
            pages = about.total_pages
            if pages is None:  # then there may be more behind a full page
                pages = number + (len(page.orders) >= size)
            return VendorPage(orders, pages, reply.received_at, about.total_items, found.skipped)

        paging = [("pageNumber", str(number)), ("pageSize", str(size))]
        return await self.read("search_orders", query=[*query, *paging], decode=decode, kind="orders")

    async def list_orders(self, query: OrderQuery, window: Window) -> Slice[domain.Order]:
        """Orders by the time of creation: Verifone's, or what was placed here. Drafts only if they are asked for."""
        asked = query if query.status is not None else replace(query, status=NO_DRAFTS)
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
        return replace(found, total=None)  # drafts are counted with the orders

    async def _now(self, kept: PlacedOrder) -> VerifoneOrder:
        """A kept order as it is now, where Verifone tells and it can still change."""
        order = self._shown(kept)
        if not self.gets or order.is_final:
            return order
        try:
            newer = await self._asked(kept.key)
        except VendorError:
            return order  # what Verifone said last, and when
        if newer is None:
            return order
        await self._keep(newer)
        return newer

    async def count_orders(self, query: OrderQuery) -> int | None:
        """How many orders a query has: all but drafts, or drafts alone, if nothing else is asked."""
        if not self.searches:
            return None
        drafts = OrderQuery(status=frozenset({OrderStatus.DRAFT}))
        if query.status == drafts.status and replace(query, status=None).only_by_time:
            return await self._count(query)
        if not (query.only_by_time and query.placed_at == OrderQuery().placed_at):
            return None
        whole, of_drafts = await self._count(query), await self._count(drafts)
        return None if whole is None or of_drafts is None else whole - of_drafts

    async def _count(self, query: OrderQuery) -> int | None:
        return (await self._page(request_mapping.filters(query), 1, 1)).total

    async def fetch_products(self, keys: Sequence[str]) -> Fetched[domain.Product]:
        """Package bundles: there is no catalogue, so one is what its id says."""
        origin = self.origin(datetime.now(UTC))
        return [VerifoneProduct(origin, key) if request_mapping.BUNDLE.fullmatch(key) else None for key in keys]

    async def fetch_order_subscriptions(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Subscription]]:
        """The services of orders that are paid for again and again."""

        async def of(key: str) -> Sequence[VerifoneSubscription]:
            order = await self._get(key)
            return order.subscriptions if order else ()

        return await each(keys, of)

    async def fetch_subscriptions(self, keys: Sequence[str]) -> Fetched[domain.Subscription]:
        """Services by order and position."""

        async def one(key: str) -> VerifoneSubscription | None:
            order, _, service = key.partition(":")
            found = await self._get(order) if service else None
            return next((one for one in (found.subscriptions if found else ()) if one.key[1] == service), None)

        return await each(keys, one)

    # Actions

    async def place_order(self, request: OrderRequest) -> domain.Order:
        """Order something."""
        return await self._create(request, draft=False)

    async def create_draft_order(self, request: OrderRequest) -> domain.Order:
        """Keep a draft at Verifone."""
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
        """Before anything is sent: refuse it if what comes of it could not be kept where it has to be."""
        if self.keeps:
            await self.kept.ready()

    async def _sent(self, body: Body, call: Call) -> VerifoneOrder:
        """What Verifone made of a body; what it says no to is told at the inputs that the body came from."""
        try:
            return await self._written(call)
        except VendorNotFound:
            raise
        except VendorRejected as error:
            if error.problem.fields and "status" not in error.problem.fields:
                raise body.refused(error) from error
            raise

    async def orders_by_reference(self, reference: str) -> Sequence[domain.Order] | None:
        """The orders with an orderReference; without searching those that are kept, and there may be others."""
        if not self.searches:
            return [self._shown(one) for one in await self.kept.by_reference(reference)] or None
        page = await self._page([*request_mapping.HARDWARE, ("orderReference", reference)], 1, PAGE_SIZE)
        orders = [order for order in page.items if order.client_reference == reference]
        if not orders and (page.pages > 1 or page.skipped):  # it may be among what cannot be read
            raise self.client.error(VendorBadReply, "search_orders")
        for order in orders:
            await self._keep(order)
        return orders

    async def target_of(self, operation: WriteOperation) -> domain.View | None:
        """The order of an operation, unless what is kept of it is from before: that tells nothing."""
        order = await super().target_of(operation)
        if not isinstance(order, VerifoneOrder) or order.retrieved_at < operation.created_at:
            return None
        await self._keep(order)
        return order

    async def settled(self, operation: WriteOperation, vendor_order_id: str | None) -> Sequence[domain.View]:
        """The order that Verifone calls so, kept from now on where it has to be."""
        found = await super().settled(operation, vendor_order_id)
        for order in found:
            await self._keep(cast("VerifoneOrder", order))
        return found

    async def update_order(self, order: str, change: OrderChange, if_version: str | None) -> domain.Order:
        """Replace a draft by itself with the change: what is left out is sent as it is."""
        await self._ready()
        current = await self._current(order)
        self.check_version(current, if_version)
        if not mapping.order_action(Action.UPDATE_ORDER, current).allowed:
            raise refused(Action.UPDATE_ORDER, current)
        findings = Findings(self.name)
        body = request_mapping.change_to_wire(request_mapping.body_of(current), change, findings)
        findings.raise_any()
        before = request_mapping.content_of(current)
        call = self.client.build("replace_order", *current.key, body=body.content, note=before)
        call = await self.renaming(call, current, body.content["orderReference"])
        return await self._act(Action.UPDATE_ORDER, body, call, order)

    async def submit_order(self, order: str) -> domain.Order:
        """Order a draft."""
        call = self.client.build("submit_order", self._uid(order))
        return await self._act(Action.SUBMIT_ORDER, Body({}), call, order)

    async def cancel_order(self, order: str, request: CancelRequest) -> domain.Order:
        """Cancel an order, with one of Verifone's reasons."""
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
        """To a wrong status, the order's own status says more, if it can be read."""
        try:
            current = await self._current(order)
        except (VendorError, ActionRefused):
            current = None
        if current is not None and not mapping.order_action(action, current).allowed:
            return refused(action, current, error.problem.code)
        if "status" not in error.problem.fields:
            return error
        words, code = error.problem.message or "Not in this status.", error.problem.code
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
    """Whether the finer status has changed since the time that a query names."""
    since = query.details.get(request_mapping.CHANGED_SINCE)
    changed = cast("VerifoneOrder", order).status_changed_at
    return since is None or (changed is not None and changed >= since)


def is_hardware(order: domain.Order) -> bool:
    """Whether it is an order of hardware: the search and the ids know other kinds as well."""
    return isinstance(order, VerifoneOrder) and order.wire.order_type in (None, "HardwareOrder")
