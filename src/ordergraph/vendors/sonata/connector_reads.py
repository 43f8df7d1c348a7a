"""The reads at a Seller: orders, products, contracts, charges and requests, and the calls for them.

Source: MEF 123, Product Order Management API v10. The list has no defined order, so it is read completely, up to a
limit, and sorted here. Without the list, the orders that were placed here are kept and read again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import unquote

import msgspec
from cachetools import LRUCache
from pydantic import AnyHttpUrl, Field

from ordergraph import domain
from ordergraph.connector import Connector, Fetched, ReadCheck, each, login_check, none_there
from ordergraph.domain import Action, Requirement, errors
from ordergraph.domain.commands import Contact, OrderQuery, fits
from ordergraph.domain.errors import UserErrorCode
from ordergraph.domain.paging import BEGINNING, Slice, VendorPage, Window, order_key, seek, slice_whole
from ordergraph.ledger.placed import PlacedOrder, PlacedOrders
from ordergraph.settings import AccountSettings, Credential, Secret
from ordergraph.upstream.authentication import OAuth
from ordergraph.upstream.calls import Call, Decoded, build_call
from ordergraph.upstream.circuit import NOT_IMPLEMENTED
from ordergraph.upstream.client import UNREADABLE, Reply, VendorClient
from ordergraph.vendors.sonata import mapping, request_mapping, request_mapping_lists, wire
from ordergraph.vendors.sonata.mapping import SonataOrder, SonataProduct
from ordergraph.vendors.sonata.mapping_contracts import (
    SonataCharge,
    SonataSubscription,
    order_named_by,
    subscriptions_of,
)
from ordergraph.vendors.sonata.mapping_places import input_path
from ordergraph.vendors.sonata.request_mapping import Defaults
from ordergraph.vendors.sonata.request_mapping_lists import Query
from ordergraph.vendors.sonata.request_mapping_places import Contract

T = TypeVar("T")
K = TypeVar("K", bound=wire.Task, covariant=True)

BASE = "/mefApi/sonata/productOrderingManagement/v10"
DATE = "/modifyProductOrderItemRequestedDeliveryDate"
# Every path of the API, by MEF's name of the operation. An account may override any of them under
# [accounts.<name>.paths], such as that of the token endpoint, which MEF does not define.
PATHS: Mapping[str, str] = {
    "createToken": "POST /oauth/token",
    "createProductOrder": f"POST {BASE}/productOrder",
    "retrieveProductOrder": f"GET {BASE}/productOrder/{{id}}",
    "listProductOrder": f"GET {BASE}/productOrder",
    "patchProductOrder": f"PATCH {BASE}/productOrder/{{id}}",
    "createCancelProductOrder": f"POST {BASE}/cancelProductOrder",
    "listCancelProductOrder": f"GET {BASE}/cancelProductOrder",
    "retrieveCancelProductOrder": f"GET {BASE}/cancelProductOrder/{{id}}",
    "listCharge": f"GET {BASE}/charge",
    "retrieveCharge": f"GET {BASE}/charge/{{id}}",
    "patchCharge": f"PATCH {BASE}/charge/{{id}}",
    "createModifyProductOrderItemRequestedDeliveryDate": f"POST {BASE}{DATE}",
    "listModifyProductOrderItemRequestedDeliveryDate": f"GET {BASE}{DATE}",
    "retrieveModifyProductOrderItemRequestedDeliveryDate": f"GET {BASE}{DATE}/{{id}}",
    "registerListener": f"POST {BASE}/hub",
    "retrieveHub": f"GET {BASE}/hub/{{id}}",
    "unregisterListener": f"DELETE {BASE}/hub/{{id}}",
}
JSON = {"content-type": "application/json;charset=utf-8"}
PAGE_SIZE = 500
TOUCHED = ("orders", "lists")  # the caches that a change of an order invalidates
MAX_PAGES = 10  # the maximum number of pages read from a list
NARROW, SEARCHED = 5, 50  # the number of orders read at once if a condition requires their items
NO_ID = "ordergraph-check"
"""An ID that no object has."""
REMEMBERED = 1000
"""The number of orders for which the last read requests are remembered."""


class SonataSettings(AccountSettings):
    """An account at a Seller that speaks LSO Sonata."""

    operations: ClassVar[Mapping[str, str]] = PATHS
    known_extensions: ClassVar[Mapping[str, str]] = {
        "list": "list orders",
        "patch": "change orders",
        "cancel": "request cancellations",
        "charges": "read charges and respond to them",
        "delivery_date": "request a new date for a line item",
        "notifications": "receive notifications of changes, with `callback_url`",
    }

    base_url: AnyHttpUrl = Field(description="The base URL of the Seller's API, without `/mefApi`.")
    client_id: Credential = Field(description="The client's ID.")
    client_secret: Secret = Field(description="The client's secret.")
    scope: str = Field(default="", description="The scope of the token, if the Seller requires one.")
    contract: Contract = Field(
        default="document",
        description="The contract that the Seller implements: `document` for MEF's document with its guide, `openapi` "
        "for the published OpenAPI 10.0.0, which has a role in every address and fewer required fields.",
    )
    buyer_id: str | None = Field(default=None, description="The Buyer's ID, if the client represents several Buyers.")
    seller_id: str | None = Field(default=None, description="The Seller's ID, if the API represents several Sellers.")
    contact_name: str | None = Field(default=None, description="The name of the contact for orders that omit it.")
    contact_email: str | None = Field(default=None, description="The email address of that contact.")
    contact_phone: str | None = Field(default=None, description="The phone number of that contact.")
    billing_account: str | None = Field(default=None, description="The billing account for line items that omit it.")
    callback_url: AnyHttpUrl | None = Field(
        default=None,
        description="The public URL of this gateway's `/notifications/<account>`. The gateway appends a secret path.",
    )


@dataclass(frozen=True, slots=True)
class TaskKind(Generic[K]):
    """A kind of request that the Seller decides on: its name in operations, its type and its extension."""

    name: str
    type: type[K]
    extension: str


CANCELS = TaskKind("CancelProductOrder", wire.Cancel, "cancel")
DATES = TaskKind("ModifyProductOrderItemRequestedDeliveryDate", wire.DeliveryDate, "delivery_date")
TASKS: Mapping[str, TaskKind[wire.Task]] = {"cancelOrder": CANCELS, "changeRequestedDate": DATES}


def listing(group: str, operation: str, type_: type[msgspec.Struct], extension: str) -> ReadCheck:
    """Return the read check of a list. It reads the first row."""
    return ReadCheck(group, operation, lambda at: at._page(operation, type_, [], 0, 1, "lists"), extension)


def single(group: str, operation: str, type_: type[msgspec.Struct], extension: str | None = None) -> ReadCheck:
    """Return the read check of single objects. It reads one that does not exist."""
    return ReadCheck(group, operation, lambda at: none_there(at._one(operation, type_, NO_ID, "orders")), extension)


READ_CHECKS: Sequence[ReadCheck] = (
    login_check("createToken"),
    single("single orders", "retrieveProductOrder", wire.Order),
    listing("orders", "listProductOrder", wire.Order, "list"),
    listing("cancellations", f"list{CANCELS.name}", wire.Cancel, CANCELS.extension),
    listing("charges", "listCharge", wire.Charge, "charges"),
    listing("requested dates", f"list{DATES.name}", wire.DeliveryDate, DATES.extension),
    single("notifications", "retrieveHub", wire.Hub, "notifications"),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows read from a list. ``more`` is whether it has more rows, ``total`` its length if reported."""

    rows: Sequence[Decoded[Any]]
    received_at: datetime
    count: int
    total: int | None
    more: bool

    @property
    def skipped(self) -> int:
        """The number of rows that violate the contract."""
        return self.count - len(self.rows)


class SonataReads(Connector):
    """The reads of one account at a Seller."""

    title = "LSO Sonata"
    read_checks: ClassVar[Sequence[ReadCheck]] = READ_CHECKS
    extensions: ClassVar[Mapping[Action, str]] = {
        Action.UPDATE_ORDER: "patch",
        Action.CANCEL_ORDER: "cancel",
        Action.RESPOND_TO_CHARGE: "charges",
        Action.CHANGE_REQUESTED_DATE: "delivery_date",
    }

    def __init__(self, account: SonataSettings, kept: PlacedOrders) -> None:
        paths = {**PATHS, **account.paths}
        form = {
            "grant_type": "client_credentials",
            "client_id": account.client_id,
            "client_secret": account.client_secret.get_secret_value(),
            **({"scope": account.scope} if account.scope else {}),
        }
        login = OAuth(build_call(paths, "createToken", form=form))
        super().__init__(account, VendorClient(account, paths, login, request_mapping.read_problem), kept)
        named = (("buyerId", account.buyer_id), ("sellerId", account.seller_id))
        self.parties: Query = [(name, value) for name, value in named if value]
        self.own = account
        self.never = {one.action: one for one in map(self.availability, mapping.ORDER_ACTIONS) if not one.is_allowed}
        """The actions that this account supports for no order."""
        self._last_cancels: MutableMapping[str, Sequence[wire.Cancel]] = LRUCache(REMEMBERED)
        self._last_dates: MutableMapping[str, Sequence[wire.DeliveryDate]] = LRUCache(REMEMBERED)

    def has(self, extension: str) -> bool:
        """Return whether the account has an extension."""
        return extension in self.account.extensions

    @property
    def order_requirements(self) -> Sequence[Requirement]:
        """The account's requirements for orders, by its Seller's contract."""
        return request_mapping.requirements(self.own.contract)

    @property
    def defaults(self) -> Defaults:
        """The settings that apply if a request omits a value."""
        own = self.own
        contact = Contact(name=own.contact_name, email=own.contact_email, phone=own.contact_phone)
        return Defaults(datetime.now(UTC), contact, own.billing_account, own.contract, self.name)

    async def check(self) -> str:
        """Authenticate and, if the Seller has a list, count the orders."""
        if not self.has("list"):
            with contextlib.suppress(errors.VendorNotFound):
                await self._retrieve(NO_ID)
            return f"can read single orders; {await self.kept.count()} were placed here"
        page = await self._page("listProductOrder", wire.Order, [], 0, 1, "orders")
        return f"can read {len(page.rows) if page.total is None else page.total} orders"

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """Return the input path of a property that the Seller reports an error for."""
        return input_path(operation, path) or ("input",)

    # Calls and mappings that the operations share

    async def _list(self, operation: str, type_: type[T], query: Query, kind: str) -> Rows:
        """Return a list, up to the limit. A Seller may return smaller pages than requested."""
        pages = [await self._page(operation, type_, query, 0, PAGE_SIZE, kind)]
        step, total = pages[0].count, pages[0].total
        if step and total is not None:  # all pages at once
            offsets = range(step, min(total, step * MAX_PAGES), step)
            rest = (self._page(operation, type_, query, offset, step, kind) for offset in offsets)
            pages += await asyncio.gather(*rest)
        while total is None and pages[-1].more and pages[-1].count and len(pages) < MAX_PAGES:
            offset = sum(page.count for page in pages)
            pages.append(await self._page(operation, type_, query, offset, PAGE_SIZE, kind))
        return Rows(
            rows=[row for page in pages for row in page.rows],
            received_at=min(page.received_at for page in pages),
            count=sum(page.count for page in pages),
            total=pages[0].total,
            more=pages[-1].more,
        )

    async def _page(self, operation: str, type_: type[T], query: Query, offset: int, limit: int, kind: str) -> Rows:
        """Return a page of a list. Without a count, a full or a throttled page means that more rows follow."""

        def decode(reply: Reply) -> Rows:
            rows = reply.value(list[msgspec.Raw])
            found = reply.decode_items(type_, rows)
            for asked in [value for name, value in query if name == "productOrderId"]:
                for one in found.items:
                    reply.require(asked, order_named_by(one.wire) or asked)
            total = reply.count("x-total-count")
            throttled = reply.headers.get("x-pagination-throttled", "").lower() == "true"
            more = offset + len(rows) < total if total is not None else throttled or len(rows) >= limit
            return Rows(found.items, reply.received_at, len(rows), total, more)

        place = [("offset", str(offset)), ("limit", str(limit))]
        async with self._implemented():
            return await self.read(operation, query=[*self.parties, *query, *place], decode=decode, kind=kind)

    async def _one(self, operation: str, type_: type[T], id_: str, kind: str) -> tuple[Decoded[T], datetime]:
        """Return one object by ID."""

        def decode(reply: Reply) -> tuple[Decoded[T], datetime]:
            return reply.decode(type_), reply.received_at

        async with self._implemented():
            return await self.read(operation, id_, query=self.parties, decode=decode, kind=kind)

    def _change(
        self, operation: str, *parts: str, body: object, reference: str | None = None, note: object = None
    ) -> Call:
        """Return a call that changes something."""
        return self.client.build(
            operation, *parts, query=self.parties, body=body, headers=JSON, reference=reference, note=note
        )

    async def _send(self, call: Call) -> Reply:
        """Send a call that changes something. Cached reads are dropped, even if it fails."""
        async with self._implemented():
            return await self.send(call, *TOUCHED)

    @asynccontextmanager
    async def _implemented(self) -> AsyncGenerator[None]:
        """Raise ActionRefused if the Seller does not implement an operation. Nothing was done then."""
        try:
            yield
        except errors.VendorUnavailable as error:
            if error.status != NOT_IMPLEMENTED:
                raise
            message = (
                f"The Seller does not implement {error.operation}. Remove its extension from the account's settings."
            )
            raise refusal(UserErrorCode.NOT_SUPPORTED, message) from None

    def _order(
        self,
        source: Decoded[wire.Order],
        received_at: datetime,
        cancel: wire.Cancel | None,
        dates: Sequence[wire.DeliveryDate] = (),
    ) -> SonataOrder:
        order = SonataOrder(self.origin(received_at), source, cancel, self.never, dates)
        for line in order.line_items or ():
            if line.product_id and line.name:
                self.cache.put(("products", line.product_id), line.name, self.account.cache.products)
        return order

    # Reads

    async def fetch_orders(self, keys: Sequence[str]) -> Fetched[domain.Order]:
        """Return orders by ID."""
        return await each(keys, self._get)

    async def _get(self, key: str) -> SonataOrder | None:
        return await found_by(key, self._retrieve)

    async def _retrieve(self, key: str) -> SonataOrder:
        source, received_at = await self._one("retrieveProductOrder", wire.Order, key, "orders")
        cancel: wire.Cancel | None = None
        dates: Sequence[wire.DeliveryDate] = ()
        if self.has("cancel") and any(step.state == mapping.ASSESSING for step in source.wire.state_changes or ()):
            cancel = latest(await remembered(self._last_cancels, key, self._tasks(CANCELS, key)))
        if self.has("delivery_date") and source.wire.state == mapping.MODIFYING:
            dates = await remembered(self._last_dates, key, self._rows(DATES, key))
        return self._order(source, received_at, cancel, dates)

    async def _rows(self, task: TaskKind[K], order: str) -> Sequence[K]:
        """Return the rows of the list of requests about an order."""
        found = await self._list(f"list{task.name}", task.type, [("productOrderId", order)], "orders")
        return [row.wire for row in found.rows]

    async def _task_ids(self, task: TaskKind[wire.Task], order: str) -> list[str]:
        return [row.id for row in await self._rows(task, order) if row.id]

    async def _tasks(self, task: TaskKind[K], order: str) -> Sequence[K]:
        """Return the requests about an order, each with all its fields."""
        ids = await self._task_ids(task, order)
        whole = await asyncio.gather(*(self._one(f"retrieve{task.name}", task.type, id_, "orders") for id_ in ids))
        return [source.wire for source, _ in whole]

    async def fetch_products(self, keys: Sequence[str]) -> Fetched[domain.Product]:
        """Return product offerings. There is no catalogue, so any well-formed ID is an offering."""
        at = self.origin(datetime.now(UTC))
        return [
            SonataProduct(at, key, self.cache.peek(("products", key))) if request_mapping.ID.fullmatch(key) else None
            for key in keys
        ]

    async def fetch_subscriptions(self, keys: Sequence[str]) -> Fetched[domain.Subscription]:
        """Return contracts by the IDs of order and item."""
        return await each(keys, self._subscription)

    async def _subscription(self, key: str) -> SonataSubscription | None:
        found = await self._contracts(unquote(key.partition(":")[0]))
        return next((one for one in found if one.ref.joined == key), None)

    async def fetch_order_subscriptions(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Subscription]]:
        """Return the contracts of orders."""
        return await each(keys, self._contracts)

    async def _contracts(self, order: str) -> Sequence[SonataSubscription]:
        found = await self._get(order)
        return subscriptions_of(found) if found else ()

    async def fetch_charges(self, keys: Sequence[str]) -> Fetched[domain.Charge]:
        """Return charges by ID. Without the extension, none can be read."""
        return await each(keys, self._charge) if self.has("charges") else [None] * len(keys)

    async def _charge(self, key: str) -> SonataCharge | None:
        found = await found_by(key, lambda id_: self._one("retrieveCharge", wire.Charge, id_, "orders"))
        return found and SonataCharge(self.origin(found[1]), found[0])

    async def fetch_order_charges(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Charge]]:
        """Return the charges of orders. Without the extension, only the IDs that the order references are known."""
        return await each(keys, self._charges if self.has("charges") else self._named_charges)

    async def _charges(self, order: str) -> Sequence[domain.Charge]:
        if not request_mapping.ID.fullmatch(order):
            return ()
        rows = await self._list("listCharge", wire.Charge, [("productOrderId", order)], "orders")
        found = await asyncio.gather(*(self._charge(row.wire.id) for row in rows.rows))
        return sorted((one for one in found if one), key=lambda one: (one.created_at or BEGINNING, one.id))

    async def _named_charges(self, key: str) -> Sequence[domain.Charge]:
        order = await self._get(key)
        if order is None:
            return ()
        named = (wire.Charge(id=id_) for id_ in order.charge_ids)
        return [SonataCharge(order.origin, Decoded(charge, b"{}"), order.wire.id) for charge in named]

    async def fetch_cancels(self, keys: Sequence[str]) -> Fetched[Sequence[wire.Task]]:
        """Return the requests to cancel each order. There are none without the extension."""
        return await each(keys, partial(self._shown, CANCELS))

    async def fetch_dates(self, keys: Sequence[str]) -> Fetched[Sequence[wire.Task]]:
        """Return the requests to change the dates of each order's items. There are none without the extension."""
        return await each(keys, partial(self._shown, DATES))

    async def _shown(self, task: TaskKind[K], order: str) -> Sequence[K]:
        if not self.has(task.extension) or not request_mapping.ID.fullmatch(order):
            return ()
        return await self._tasks(task, order)

    # Lists of orders

    async def list_orders(self, query: OrderQuery, window: Window) -> Slice[domain.Order]:
        """Return a window of the whole list, sorted by time. Without a list, of the orders placed here."""
        if not self.has("list"):

            async def show(kept: PlacedOrder) -> domain.Order | None:
                """Return the current state of a kept order."""
                order = await self._again(kept)
                return order if order and request_mapping_lists.own_conditions(order, query) else None

            return await self.kept.listed(query, window, show)
        filters = request_mapping_lists.orders_query(query)
        if filters is None:
            return Slice([], more=False, fetched_at=datetime.now(UTC), total=0)
        found = await self._list("listProductOrder", wire.Order, filters, "lists")
        rows = [SonataOrder(self.origin(found.received_at), row) for row in found.rows]
        told = replace(query, purchase_order_numbers=None, search=None)  # rows lack the fields of these conditions
        passing = [row for row in rows if fits(row, told) and request_mapping_lists.own_conditions(row, told)]
        if request_mapping_lists.needs_items(query):
            return await self._searched(passing, query, window, found)
        return await self._completed(query, slice_of(passing, window, found))

    async def _searched(
        self, rows: Sequence[SonataOrder], query: OrderQuery, window: Window, found: Rows
    ) -> Slice[domain.Order]:
        """Return orders for a condition on fields that rows lack. The orders are read page by page, up to a limit."""
        beyond = slice_of(rows, Window(len(rows), window.descending, window.after), found).items

        async def fetch(page: int, size: int) -> VendorPage[domain.Order]:
            part = beyond[(page - 1) * size : page * size]
            orders = await self._details(part)
            return VendorPage(orders, -(-len(beyond) // size), found.received_at, None, len(part) - len(orders))

        searched = await seek(
            window, fetch, key=order_key, keep=lambda one: fits(one, query), narrow=NARROW, page_size=SEARCHED
        )
        return replace(searched, skipped=searched.skipped + found.skipped, truncated=found.more)

    async def _completed(self, query: OrderQuery, rows: Slice[domain.Order]) -> Slice[domain.Order]:
        """Return a page of rows, completed if the query selects fields that rows lack."""
        if query.fields is not None and query.fields <= mapping.ROW_FIELDS:
            return rows
        orders = await self._details(rows.items)
        return replace(rows, items=orders, skipped=rows.skipped + len(rows.items) - len(orders))

    async def _details(self, rows: Sequence[domain.Order]) -> list[domain.Order]:
        """Return the complete orders of rows, without those that violate the contract or no longer exist."""
        found = await self.fetch_orders([row.ref.joined for row in rows])
        for one in found:
            if isinstance(one, errors.VendorError) and not isinstance(one, errors.VendorBadReply):
                raise one
        return [one for one in found if isinstance(one, domain.Order)]

    async def _again(self, kept: PlacedOrder) -> SonataOrder | None:
        """Return the current state of a kept order, or its last known state if it cannot be read or is final."""
        try:
            source = Decoded(msgspec.json.decode(kept.body, type=wire.Order), kept.body)
        except UNREADABLE:
            return None
        if source.wire.state in mapping.FINAL:
            return self._order(source, kept.retrieved_at, None)
        try:
            order = await self._retrieve(kept.key)
        except (errors.VendorError, errors.ActionRefused):
            cancel, dates = latest(self._last_cancels.get(kept.key, ())), self._last_dates.get(kept.key, ())
            return self._order(source, kept.retrieved_at, cancel, dates)
        await self._keep(order)
        return order

    async def _keep(self, order: SonataOrder) -> None:
        """Keep the state of an order, if the Seller has no list."""
        if self.has("list"):
            return
        placed_at = order.placed_at or order.retrieved_at
        await self.kept.keep(
            PlacedOrder(order.wire.id, placed_at, order.retrieved_at, order.source.raw, order.client_reference)
        )

    async def count_orders(self, query: OrderQuery) -> int | None:
        """Return the Seller's count of the orders, or None if its filters do not match the query exactly."""
        if not self.has("list"):
            return await self.kept.count(query.placed_at) if query.only_by_time else None
        filters = request_mapping_lists.orders_query(query)
        if filters is None:
            return 0
        if not request_mapping_lists.exact(query):
            return None
        return (await self._page("listProductOrder", wire.Order, filters, 0, 1, "lists")).total


def refusal(code: UserErrorCode, message: str, vendor_code: str | None = None) -> errors.ActionRefused:
    """Return the error for an action that is refused."""
    return errors.ActionRefused(errors.UserError(code, message, vendor_code=vendor_code))


async def remembered(
    last: MutableMapping[str, Sequence[T]], order: str, reading: Awaitable[Sequence[T]]
) -> Sequence[T]:
    """Return the requests about an order, or those ``last`` read if they cannot be read now."""
    with contextlib.suppress(errors.VendorError, errors.ActionRefused):
        last[order] = await reading
    return last.get(order, ())


async def found_by(key: str, read: Callable[[str], Awaitable[T]]) -> T | None:
    """Return what ``read`` returns. None if the key is not an ID, or if the Seller has no such object."""
    if not request_mapping.ID.fullmatch(key):
        return None
    try:
        return await read(key)
    except errors.VendorNotFound:
        return None


def latest(cancels: Sequence[wire.Cancel]) -> wire.Cancel | None:
    """Return the latest request to cancel an order, preferably one that was not denied."""
    standing = [task for task in cancels if task.state not in ("rejected", "done.declined")]
    return next(iter([*standing, *reversed(cancels)]), None)


def slice_of(rows: Sequence[domain.Order], window: Window, found: Rows) -> Slice[domain.Order]:
    """Return a window of a list that was read completely."""
    return slice_whole(
        rows, window, key=order_key, fetched_at=found.received_at, skipped=found.skipped, truncated=found.more
    )
