"""What is read at a Seller: orders, products, contracts, charges and requests, and the calls for it.

Source: MEF 123, Product Order Management API v10. The list promises no order, so it is read whole, up to a bound, and
sorted here; without it, the orders that were placed here are kept and asked for again.
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
# Every path of the API, by MEF's name of the operation: an account may override any of them under
# [accounts.<name>.paths], such as that of the login, which is the Seller's own.
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
TOUCHED = ("orders", "lists")  # what a change of an order makes stale
MAX_PAGES = 10  # the most pages that are read of a list
NARROW, SEARCHED = 5, 50  # orders that are completed at once where a condition needs their items
NO_ID = "ordergraph-check"
"""An id that no object has."""
REMEMBERED = 1000
"""Of how many orders it is remembered what was last read of the requests about them."""


class SonataSettings(AccountSettings):
    """An account at a Seller that speaks LSO Sonata."""

    operations: ClassVar[Mapping[str, str]] = PATHS
    known_extensions: ClassVar[Mapping[str, str]] = {
        "list": "list orders",
        "patch": "change orders",
        "cancel": "ask for orders to be cancelled",
        "charges": "read charges and answer them",
        "delivery_date": "ask for another date of an item",
        "notifications": "be told of changes, with callback_url",
    }

    base_url: AnyHttpUrl = Field(description="where the Seller's API is, without /mefApi")
    client_id: Credential = Field(description="the client's id")
    client_secret: Secret = Field(description="the client's secret")
    scope: str = Field(default="", description="the scope of the token, if the Seller wants one")
    contract: Contract = Field(
        default="document",
        description="what the Seller is built after: MEF's document with its guide, or the published OpenAPI 10.0.0, "
        "which has a role in every address and asks for less",
    )
    buyer_id: str | None = Field(default=None, description="in whose name, where the client stands for several Buyers")
    seller_id: str | None = Field(default=None, description="of whom, where the API stands for several Sellers")
    contact_name: str | None = Field(default=None, description="whom the Seller may ask, where an order names nobody")
    contact_email: str | None = Field(default=None, description="the e-mail address of that contact")
    contact_phone: str | None = Field(default=None, description="the telephone number of that contact")
    billing_account: str | None = Field(default=None, description="the account that is billed, if a line names none")
    callback_url: AnyHttpUrl | None = Field(
        default=None,
        description="this gateway's /notifications/<account>, as the Seller reaches it; a secret path is added",
    )


@dataclass(frozen=True, slots=True)
class TaskKind(Generic[K]):
    """A kind of request that the Seller decides on: what it is called in operations, and the extension that it is."""

    name: str
    type: type[K]
    extension: str


CANCELS = TaskKind("CancelProductOrder", wire.Cancel, "cancel")
DATES = TaskKind("ModifyProductOrderItemRequestedDeliveryDate", wire.DeliveryDate, "delivery_date")
TASKS: Mapping[str, TaskKind[wire.Task]] = {"cancelOrder": CANCELS, "changeRequestedDate": DATES}


def listing(group: str, operation: str, type_: type[msgspec.Struct], extension: str) -> ReadCheck:
    """The read check of a list: of its first row."""
    return ReadCheck(group, operation, lambda at: at._page(operation, type_, [], 0, 1, "lists"), extension)


def single(group: str, operation: str, type_: type[msgspec.Struct], extension: str | None = None) -> ReadCheck:
    """The read check of single objects: of one that does not exist."""
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
    """What was read of a list: ``more`` tells that it is longer, ``total`` how long, where the Seller says."""

    rows: Sequence[Decoded[Any]]
    received_at: datetime
    count: int
    total: int | None
    more: bool

    @property
    def skipped(self) -> int:
        """How many rows break the contract."""
        return self.count - len(self.rows)


class SonataReads(Connector):
    """One account at a Seller, as far as it is read."""

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
        self.never = {one.action: one for one in map(self.availability, mapping.ORDER_ACTIONS) if not one.allowed}
        """What this account cannot do with any order."""
        self._last_cancels: MutableMapping[str, Sequence[wire.Cancel]] = LRUCache(REMEMBERED)
        self._last_dates: MutableMapping[str, Sequence[wire.DeliveryDate]] = LRUCache(REMEMBERED)

    def has(self, extension: str) -> bool:
        """Whether the account's Seller has these operations."""
        return extension in self.account.extensions

    @property
    def order_requirements(self) -> Sequence[Requirement]:
        """What the account asks of an order, by what its Seller is built after."""
        return request_mapping.requirements(self.own.contract)

    @property
    def defaults(self) -> Defaults:
        """What the settings give where a request does not."""
        own = self.own
        contact = Contact(name=own.contact_name, email=own.contact_email, phone=own.contact_phone)
        return Defaults(datetime.now(UTC), contact, own.billing_account, own.contract, self.name)

    async def check(self) -> str:
        """Log in, and count the orders where there is a list."""
        if not self.has("list"):
            with contextlib.suppress(errors.VendorNotFound):
                await self._retrieve(NO_ID)
            return f"may retrieve orders; {await self.kept.count()} were placed here"
        page = await self._page("listProductOrder", wire.Order, [], 0, 1, "orders")
        return f"may read {len(page.rows) if page.total is None else page.total} orders"

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """The path in our input of a property that the Seller complains of."""
        return input_path(operation, path) or ("input",)

    # The calls under everything

    async def _list(self, operation: str, type_: type[T], query: Query, kind: str) -> Rows:
        """A list, or as much as is read of it. A Seller may give smaller pages than are asked for."""
        pages = [await self._page(operation, type_, query, 0, PAGE_SIZE, kind)]
        step, total = pages[0].count, pages[0].total
        if step and total is not None:  # all at once
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
        """A page of a list; without a count, a full page or one that was cut says that more follows."""

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
        """One object by id."""

        def decode(reply: Reply) -> tuple[Decoded[T], datetime]:
            return reply.decode(type_), reply.received_at

        async with self._implemented():
            return await self.read(operation, id_, query=self.parties, decode=decode, kind=kind)

    def _change(
        self, operation: str, *parts: str, body: object, reference: str | None = None, note: object = None
    ) -> Call:
        """A call that changes something."""
        return self.client.build(
            operation, *parts, query=self.parties, body=body, headers=JSON, reference=reference, note=note
        )

    async def _send(self, call: Call) -> Reply:
        """Send a call that changes something; what was read before is forgotten, also on failure."""
        async with self._implemented():
            return await self.send(call, *TOUCHED)

    @asynccontextmanager
    async def _implemented(self) -> AsyncGenerator[None]:
        """Say what a Seller means that has an operation not: nothing was done, and nothing will be."""
        try:
            yield
        except errors.VendorUnavailable as error:
            if error.status != NOT_IMPLEMENTED:
                raise
            message = f"The Seller has no {error.operation}: switch its extension off in the account's settings."
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
        """Orders by id."""
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
        """The requests about an order as their list has them."""
        found = await self._list(f"list{task.name}", task.type, [("productOrderId", order)], "orders")
        return [row.wire for row in found.rows]

    async def _task_ids(self, task: TaskKind[wire.Task], order: str) -> list[str]:
        return [row.id for row in await self._rows(task, order) if row.id]

    async def _tasks(self, task: TaskKind[K], order: str) -> Sequence[K]:
        """The requests about an order, each as a whole."""
        ids = await self._task_ids(task, order)
        whole = await asyncio.gather(*(self._one(f"retrieve{task.name}", task.type, id_, "orders") for id_ in ids))
        return [source.wire for source, _ in whole]

    async def fetch_products(self, keys: Sequence[str]) -> Fetched[domain.Product]:
        """Product offerings: any id is one, since there is no catalogue that could say otherwise."""
        at = self.origin(datetime.now(UTC))
        return [
            SonataProduct(at, key, self.cache.peek(("products", key))) if request_mapping.ID.fullmatch(key) else None
            for key in keys
        ]

    async def fetch_subscriptions(self, keys: Sequence[str]) -> Fetched[domain.Subscription]:
        """Contracts by the ids of order and item."""
        return await each(keys, self._subscription)

    async def _subscription(self, key: str) -> SonataSubscription | None:
        found = await self._contracts(unquote(key.partition(":")[0]))
        return next((one for one in found if one.ref.joined == key), None)

    async def fetch_order_subscriptions(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Subscription]]:
        """The contracts that orders make."""
        return await each(keys, self._contracts)

    async def _contracts(self, order: str) -> Sequence[SonataSubscription]:
        found = await self._get(order)
        return subscriptions_of(found) if found else ()

    async def fetch_charges(self, keys: Sequence[str]) -> Fetched[domain.Charge]:
        """Charges by id; without the extension, none can be read."""
        return await each(keys, self._charge) if self.has("charges") else [None] * len(keys)

    async def _charge(self, key: str) -> SonataCharge | None:
        found = await found_by(key, lambda id_: self._one("retrieveCharge", wire.Charge, id_, "orders"))
        return found and SonataCharge(self.origin(found[1]), found[0])

    async def fetch_order_charges(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Charge]]:
        """The charges of orders; without the extension, the ids alone that the order names."""
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
        """For each order id, the requests to cancel it; none without the extension."""
        return await each(keys, partial(self._shown, CANCELS))

    async def fetch_dates(self, keys: Sequence[str]) -> Fetched[Sequence[wire.Task]]:
        """For each order id, the requests for another date of its items; none without the extension."""
        return await each(keys, partial(self._shown, DATES))

    async def _shown(self, task: TaskKind[K], order: str) -> Sequence[K]:
        if not self.has(task.extension) or not request_mapping.ID.fullmatch(order):
            return ()
        return await self._tasks(task, order)

    # Lists of orders

    async def list_orders(self, query: OrderQuery, window: Window) -> Slice[domain.Order]:
        """Orders by time, out of the whole list; without a list, those that were placed here."""
        if not self.has("list"):

            async def show(kept: PlacedOrder) -> domain.Order | None:
                """A kept order, asked for again unless it is over."""
                order = await self._again(kept)
                return order if order and request_mapping_lists.own_conditions(order, query) else None

            return await self.kept.listed(query, window, show)
        filters = request_mapping_lists.orders_query(query)
        if filters is None:
            return Slice([], more=False, fetched_at=datetime.now(UTC), total=0)
        found = await self._list("listProductOrder", wire.Order, filters, "lists")
        rows = [SonataOrder(self.origin(found.received_at), row) for row in found.rows]
        told = replace(query, purchase_order_number=None, text=None)  # a row does not tell the rest
        passing = [row for row in rows if fits(row, told) and request_mapping_lists.own_conditions(row, told)]
        if request_mapping_lists.needs_items(query):
            return await self._searched(passing, query, window, found)
        return await self._completed(query, slice_of(passing, window, found))

    async def _searched(
        self, rows: Sequence[SonataOrder], query: OrderQuery, window: Window, found: Rows
    ) -> Slice[domain.Order]:
        """Orders with a condition that rows do not tell: completed one after the other, up to a bound."""
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
        """A page of rows, with everything that is asked of them."""
        if query.fields is not None and query.fields <= mapping.ROW_FIELDS:
            return rows
        orders = await self._details(rows.items)
        return replace(rows, items=orders, skipped=rows.skipped + len(rows.items) - len(orders))

    async def _details(self, rows: Sequence[domain.Order]) -> list[domain.Order]:
        """The orders of rows: one that breaks the contract or has gone is left out."""
        found = await self.fetch_orders([row.ref.joined for row in rows])
        for one in found:
            if isinstance(one, errors.VendorError) and not isinstance(one, errors.VendorBadReply):
                raise one
        return [one for one in found if isinstance(one, domain.Order)]

    async def _again(self, kept: PlacedOrder) -> SonataOrder | None:
        """A kept order as it is now; as it was when the Seller does not answer."""
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
        """Keep an order as it is now, where the Seller has no list."""
        if self.has("list"):
            return
        placed_at = order.placed_at or order.retrieved_at
        await self.kept.keep(
            PlacedOrder(order.wire.id, placed_at, order.retrieved_at, order.source.raw, order.client_reference)
        )

    async def count_orders(self, query: OrderQuery) -> int | None:
        """How many orders a query has: the Seller's own count, where its filters say the same."""
        if not self.has("list"):
            return await self.kept.count(query.placed_at) if query.only_by_time else None
        filters = request_mapping_lists.orders_query(query)
        if filters is None:
            return 0
        if not request_mapping_lists.exact(query):
            return None
        return (await self._page("listProductOrder", wire.Order, filters, 0, 1, "lists")).total


def refusal(code: UserErrorCode, message: str, vendor_code: str | None = None) -> errors.ActionRefused:
    """An action that is not done, and why."""
    return errors.ActionRefused(errors.UserError(code, message, vendor_code=vendor_code))


async def remembered(
    last: MutableMapping[str, Sequence[T]], order: str, reading: Awaitable[Sequence[T]]
) -> Sequence[T]:
    """The requests about an order, as they were ``last`` read if they cannot be read now."""
    with contextlib.suppress(errors.VendorError, errors.ActionRefused):
        last[order] = await reading
    return last.get(order, ())


async def found_by(key: str, read: Callable[[str], Awaitable[T]]) -> T | None:
    """What is read by an id; None where it is no id, or where the Seller has nothing of that id."""
    if not request_mapping.ID.fullmatch(key):
        return None
    try:
        return await read(key)
    except errors.VendorNotFound:
        return None


def latest(cancels: Sequence[wire.Cancel]) -> wire.Cancel | None:
    """The latest request to cancel an order; one that is not denied comes first."""
    standing = [task for task in cancels if task.state not in ("rejected", "done.declined")]
    return next(iter([*standing, *reversed(cancels)]), None)


def slice_of(rows: Sequence[domain.Order], window: Window, found: Rows) -> Slice[domain.Order]:
    """A window of the list that is here as a whole."""
    return slice_whole(
        rows, window, key=order_key, fetched_at=found.received_at, skipped=found.skipped, truncated=found.more
    )
