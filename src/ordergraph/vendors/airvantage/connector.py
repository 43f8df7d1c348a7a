"""The connector for AirVantage: one method per operation, each with one call and one mapping.

Source: AirVantage API v1, "Orders". AirVantage's list has no defined order and no date filters, so it is read
completely, up to a limit, and sorted here. Errors are identified by their code, not by the HTTP status.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, model_validator

from ordergraph import domain
from ordergraph.connector import OUTCOMES, Connector, Fetched, Outcomes, ReadCheck, each, login_check, refused
from ordergraph.domain import Action, Requirement, commands
from ordergraph.domain.commands import Findings, OrderChange, OrderQuery, OrderRequest, fits
from ordergraph.domain.errors import ActionRefused, VendorBadReply, VendorError, VendorNotFound, VendorRejected
from ordergraph.domain.paging import Slice, Window, order_key, slice_whole
from ordergraph.ledger.placed import PlacedOrders
from ordergraph.settings import AccountSettings, Credential, Secret
from ordergraph.upstream.authentication import OAuth
from ordergraph.upstream.calls import Call, Decoded, build_call
from ordergraph.upstream.client import Reply, VendorClient
from ordergraph.vendors.airvantage import mapping, request_mapping, wire
from ordergraph.vendors.airvantage.mapping import AirVantageOrder, AirVantageProduct
from ordergraph.vendors.airvantage.request_mapping import Query
from ordergraph.vendors.airvantage.values import plain_uid

# Every path of the API. An account may override any of them under [accounts.<name>.paths]. The document prints
# the path of edit_order without the uid, so it could not identify the order.
PATHS: Mapping[str, str] = {
    "create_token": "POST /api/oauth/token",
    "create_order": "POST /accounts/ui/api/v1/orders",
    "edit_order": "PUT /accounts/ui/api/v1/orders/{uid}",
    "find_orders": "GET /accounts/ui/api/v1/orders",
    "get_order": "GET /accounts/ui/api/v1/orders/{uid}",
    "cancel_order": "PUT /accounts/ui/api/v1/orders/{uid}/cancel",
    "acknowledge_order": "PUT /accounts/ui/api/v1/orders/{uid}/acknowledge",
}
READ_CHECKS: Sequence[ReadCheck] = (
    login_check("create_token"),
    ReadCheck("orders", "find_orders", lambda at: at._page([], 0, 1)),
)

PAGE_SIZE = 500
TOUCHED = ("orders", "lists")  # the caches that a change of an order invalidates
MAX_PAGES = 10  # the maximum number of pages read from the list


class AirVantageSettings(AccountSettings):
    """An account at AirVantage: an API client that acts for itself or on behalf of a user."""

    operations: ClassVar[Mapping[str, str]] = PATHS

    base_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://na.airvantage.net"), description="The base URL of AirVantage's API."
    )
    grant: Literal["client_credentials", "password"] = Field(
        default="client_credentials",
        description="The OAuth grant: `client_credentials` for the API client itself, `password` for a user.",
    )
    client_id: Credential = Field(description="The API client's ID.")
    client_secret: Secret = Field(description="The API client's secret.")
    username: Credential = Field(default="", description="The username, with `grant = 'password'`.")
    password: Secret = Field(default=SecretStr(""), description="The user's password, with `grant = 'password'`.")
    company: str | None = Field(
        default=None,
        pattern=f"^({request_mapping.UID.pattern})$",
        description="The uid of the company. Defaults to the company of the API client or user.",
    )

    @model_validator(mode="after")
    def _whole_grant(self) -> AirVantageSettings:
        if self.grant == "password" and not (self.username and self.password.get_secret_value()):
            raise ValueError("`grant = 'password'` requires `username` and `password`.")
        return self

    @property
    def login(self) -> Mapping[str, str]:
        """The form of the token request."""
        client = {"client_id": self.client_id, "client_secret": self.client_secret.get_secret_value()}
        if self.grant == "client_credentials":
            return {"grant_type": self.grant, **client}
        user = {"username": self.username, "password": self.password.get_secret_value()}
        return {"grant_type": self.grant, **client, **user}


class AirVantageConnector(Connector):
    """One account at AirVantage."""

    title = "AirVantage"
    requirements: ClassVar[Sequence[Requirement]] = request_mapping.REQUIREMENTS
    outcomes: ClassVar[Outcomes] = {
        **OUTCOMES,
        "updateOrder": lambda order, operation: operation.wrote(request_mapping.write_of(order.wire)),
    }
    read_checks: ClassVar[Sequence[ReadCheck]] = READ_CHECKS

    def __init__(self, account: AirVantageSettings, kept: PlacedOrders) -> None:
        paths = {**PATHS, **account.paths}
        login = OAuth(build_call(paths, "create_token", form=account.login))
        client = VendorClient(
            account, paths, login, request_mapping.read_problem, identify=lambda one: plain_uid(one.uid)
        )
        super().__init__(account, client, kept)
        self.company: Query = [("company", account.company)] if account.company else []

    async def check(self) -> str:
        """Authenticate and count the orders."""
        page = await self._page([], 0, 1)
        names = {order.customer.name for order in page.items if order.customer and order.customer.name}
        company = f" of {names.pop()}" if names else ""
        return f"can read {len(page.items) if page.total is None else page.total} orders{company}"

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """Return the input path of a field that AirVantage reports an error for."""
        return ("input", *request_mapping.INPUT_PATHS.get(path, (*request_mapping.DETAILS, path)))

    # Calls and mappings that the operations share

    async def _written(self, call: Call) -> AirVantageOrder:
        """Send a change and return the changed order. Cached reads are dropped, even if the change fails."""
        return self._one(await self.send(call, *TOUCHED))

    def _one(self, reply: Reply) -> AirVantageOrder:
        return self._order(reply.decode(wire.Order), reply.received_at)

    def _order(self, source: Decoded[wire.Order], received_at: datetime) -> AirVantageOrder:
        return AirVantageOrder(self.origin(received_at), source)

    async def _page(
        self, filters: Query, offset: int, size: int, kind: str = "lists", product: str | None = None
    ) -> Slice[AirVantageOrder]:
        """Return a page of the list. With ``product``, every order in it must be of that product."""

        def decode(reply: Reply) -> Slice[AirVantageOrder]:
            page = reply.value(wire.Page)
            found = reply.decode_items(wire.Order, page.items)
            orders = [self._order(one, reply.received_at) for one in found.items]
            for one in orders if product else ():
                reply.require(product or "", one.product.key[0] if one.product else "")
            more = page.count is None or offset + len(page.items) < page.count
            return Slice(orders, more, reply.received_at, page.count, found.skipped)

        query = [*self.company, *filters, ("offset", str(offset)), ("size", str(size))]
        page = await self.read("find_orders", query=query, decode=decode, kind=kind)
        self._keep_products(page.items)
        return page

    async def _whole(self, filters: Query, kind: str = "lists") -> Slice[AirVantageOrder]:
        """Return the list, up to the limit. AirVantage may return smaller pages than requested."""
        first = await self._page(filters, 0, PAGE_SIZE, kind)
        step = len(first.items) + first.skipped
        end = min(first.total or 0, step * MAX_PAGES)
        offsets = range(step, end, step) if step else ()
        pages = [first, *await asyncio.gather(*(self._page(filters, offset, step, kind) for offset in offsets))]
        orders = [order for page in pages for order in page.items]
        skipped = sum(page.skipped for page in pages)
        rows = len(orders) + skipped
        longer = rows >= PAGE_SIZE if first.total is None else rows < first.total
        fetched_at = min(page.fetched_at for page in pages)
        return Slice(orders, longer, fetched_at, first.total, skipped, truncated=longer)

    # Reads

    async def fetch_orders(self, keys: Sequence[str]) -> Fetched[domain.Order]:
        """Return orders by uid, with or without dashes."""
        return await each(keys, self._get)

    async def _get(self, key: str) -> AirVantageOrder | None:
        uid = request_mapping.uid_of(key)
        if uid is None:
            return None
        try:
            order = await self.read("get_order", uid, query=[], decode=self._one, kind="orders")
        except VendorRejected as error:
            if is_unknown(error):
                return None
            raise
        self._keep_products([order])
        return order

    async def list_orders(self, query: OrderQuery, window: Window) -> Slice[domain.Order]:
        """Return a window of the whole list, sorted by time."""
        filters = request_mapping.orders_query(query)
        if filters is None:
            return Slice([], more=False, fetched_at=datetime.now(UTC), total=0)
        found = await self._whole(filters)
        orders: list[domain.Order] = [order for order in found.items if fits(order, query)]
        return slice_whole(
            orders, window, key=order_key, fetched_at=found.fetched_at, skipped=found.skipped, truncated=found.truncated
        )

    async def count_orders(self, query: OrderQuery) -> int | None:
        """Return AirVantage's count of the orders, or None if its filters do not match the query exactly."""
        filters = request_mapping.orders_query(query)
        if filters is None:
            return 0
        return (await self._page(filters, 0, 1)).total if request_mapping.exact(query) else None

    async def fetch_products(self, keys: Sequence[str]) -> Fetched[domain.Product]:
        """Return products by uid, as described by orders: a cached product, or that of an order found for the uid."""
        return await each(keys, self._product)

    async def _product(self, key: str) -> AirVantageProduct | None:
        uid = request_mapping.uid_of(key)
        if uid is None:
            return None
        kept = self.cache.peek(("products", uid))
        if isinstance(kept, AirVantageProduct):
            return kept
        page = await self._page([("productReferenceUid", uid)], 0, 1, kind="products", product=uid)
        return page.items[0].product if page.items else None

    def _keep_products(self, orders: Sequence[AirVantageOrder]) -> None:
        seen: set[str] = set()
        for order in orders:
            uid = order.wire.product_reference_uid
            if uid not in seen and (product := order.product) and product.name:
                seen.add(uid or "")
                self.cache.put(("products", product.key[0]), product, self.account.cache.products)

    # Actions

    async def place_order(self, request: OrderRequest) -> domain.Order:
        """Place an order. A reference that another order has is rejected before anything is sent."""
        findings = Findings(self.name)
        body = request_mapping.order_to_wire(commands.with_reference(request), findings)
        findings.raise_any()
        await self.check_reference(body.external_id)
        call = self.client.build("create_order", query=self.company, body=body, reference=body.external_id)
        return await self._written(call)

    async def orders_by_reference(self, reference: str) -> Sequence[domain.Order]:
        """Return the orders with this externalId. AirVantage's filter matches every externalId that contains it."""
        found = await self._whole([("externalId", reference)], "orders")
        orders = [order for order in found.items if order.client_reference == reference]
        if not orders and (found.truncated or found.skipped):  # it may be among the orders that could not be read
            raise self.client.error(VendorBadReply, "find_orders")
        return orders

    async def update_order(self, order: str, change: OrderChange, if_version: str | None) -> domain.Order:
        """Change a PENDING order. Values that the change omits are sent unchanged."""
        current = await self._current(order)
        self.check_version(current, if_version)
        if not mapping.order_action(Action.UPDATE_ORDER, current.vendor_status).is_allowed:
            raise refused(Action.UPDATE_ORDER, current)
        findings = Findings(self.name)
        body = request_mapping.change_to_wire(current.wire, change, findings)
        findings.raise_any()
        call = self.client.build("edit_order", *current.key, body=body, note=request_mapping.write_of(current.wire))
        return await self._act(Action.UPDATE_ORDER, await self.renaming(call, current, body.external_id), order)

    async def cancel_order(self, order: str, request: commands.CancelRequest) -> domain.Order:
        """Cancel a PENDING order. AirVantage accepts no reason."""
        return await self._act(Action.CANCEL_ORDER, self._on("cancel_order", order), order)

    async def acknowledge_order(self, order: str) -> domain.Order:
        """Acknowledge a SHIPPED order."""
        return await self._act(Action.ACKNOWLEDGE_ORDER, self._on("acknowledge_order", order), order)

    def _on(self, operation: str, order: str) -> Call:
        uid = request_mapping.uid_of(order)
        if uid is None:
            raise self.no_order(order)
        return self.client.build(operation, uid, query=self.company)

    async def _act(self, action: Action, call: Call, order: str) -> AirVantageOrder:
        try:
            return await self._written(call)
        except VendorRejected as error:
            if is_unknown(error):
                raise self.no_order(order) from None
            if error.problem.code != "order.invalid.status":
                raise
            raise await self._refusal(action, order, error) from None

    async def _refusal(self, action: Action, order: str, error: VendorRejected) -> Exception:
        """Return the error to raise: if the order's status is the reason, one that names the status."""
        try:
            current = await self._current(order)
        except (VendorError, ActionRefused):
            return error
        allowed = mapping.order_action(action, current.vendor_status).is_allowed
        return error if allowed else refused(action, current, error.problem.code)

    async def _current(self, order: str) -> AirVantageOrder:
        self.cache.forget(*TOUCHED)
        current = await self._get(order)
        if current is None:
            raise self.no_order(order)
        return current


def is_unknown(error: VendorRejected) -> bool:
    """Return whether the error means that AirVantage has no such order."""
    return isinstance(error, VendorNotFound) or error.problem.code == "unknown.order"
