"""Sonata: one method per operation, each one call and one mapping.

Source: MEF 123, Product Order Management API v10. A Seller need only create and retrieve orders: the other
operations are extensions, which an account's settings switch on. The list promises no order, so it is read
whole, up to a bound, and sorted here; without it, the orders that were placed here are kept and asked for again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import AsyncGenerator, Awaitable, Mapping, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar, cast
from urllib.parse import unquote

import msgspec
import structlog
from cachetools import LRUCache
from msgspec import UNSET
from pydantic import AnyHttpUrl, Field

from ordergraph import domain
from ordergraph.connector import (
    OUTCOMES,
    Connector,
    Fetched,
    Outcomes,
    ReadCheck,
    each,
    login_check,
    none_there,
    refused,
)
from ordergraph.domain import Action, ActionAvailability, ChargeStatus, Requirement
from ordergraph.domain.commands import (
    CancelRequest,
    ChargeAnswer,
    Contact,
    DateRequest,
    Findings,
    OrderChange,
    OrderQuery,
    OrderRequest,
    fits,
    with_reference,
)
from ordergraph.domain.errors import (
    ActionRefused,
    InputError,
    LedgerUnavailable,
    UserError,
    UserErrorCode,
    VendorBadReply,
    VendorError,
    VendorNotFound,
    VendorRejected,
    VendorUnavailable,
)
from ordergraph.domain.paging import BEGINNING, Slice, VendorPage, Window, order_key, seek, slice_whole
from ordergraph.ledger.operations import Finding, WriteOperation
from ordergraph.ledger.placed import PlacedOrder, PlacedOrders
from ordergraph.settings import AccountSettings, Credential, Secret
from ordergraph.upstream.authentication import OAuth
from ordergraph.upstream.calls import Call, Decoded, build_call
from ordergraph.upstream.circuit import NOT_IMPLEMENTED
from ordergraph.upstream.client import BOM, UNREADABLE, Reply, VendorClient
from ordergraph.vendors.sonata import mapping, requests, wire
from ordergraph.vendors.sonata.mapping import SonataLineItem, SonataOrder, SonataProduct
from ordergraph.vendors.sonata.mapping_contracts import SonataCharge, SonataSubscription, SonataTask, subscriptions_of
from ordergraph.vendors.sonata.mapping_places import input_path
from ordergraph.vendors.sonata.requests import Contract, Defaults, Query

T = TypeVar("T")

log = structlog.get_logger(__name__)

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
LISTENER = "mefApi/sonata/productOrderingNotification/v10/listener/"
NO_ID = "ordergraph-check"
"""An id that no object has."""
REMEMBERED = 1000
"""Of how many orders it is remembered what was last read of the requests about them."""
RETRY_SECONDS = 5.0
HUB_SECONDS = 300.0
"""How often to look whether the Seller still sends notifications."""
SECONDS_TO_END = 2.0


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
class Task:
    """A kind of request that the Seller decides on: what it is called in operations, and the extension that it is."""

    name: str
    type: type[wire.Cancel] | type[wire.DeliveryDate]
    extension: str


CANCELS = Task("CancelProductOrder", wire.Cancel, "cancel")
DATES = Task("ModifyProductOrderItemRequestedDeliveryDate", wire.DeliveryDate, "delivery_date")
TASKS: Mapping[str, Task] = {"cancelOrder": CANCELS, "changeRequestedDate": DATES}


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


class SonataConnector(Connector):
    """One account at a Seller."""

    title = "LSO Sonata"
    read_checks: ClassVar[Sequence[ReadCheck]] = READ_CHECKS
    extensions: ClassVar[Mapping[Action, str]] = {
        Action.UPDATE_ORDER: "patch",
        Action.CANCEL_ORDER: "cancel",
        Action.RESPOND_TO_CHARGE: "charges",
        Action.CHANGE_REQUESTED_DATE: "delivery_date",
    }
    outcomes: ClassVar[Outcomes] = {
        **OUTCOMES,
        "updateOrder": lambda order, operation: operation.wrote(repatched(order, operation)),
        "respondToCharge": lambda charge, operation: operation.wrote(repatched(charge, operation)),
        "changeRequestedDate": lambda _order, _operation: False,  # told by the requests: `find_outcome`
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
        super().__init__(account, VendorClient(account, paths, login, requests.read_problem), kept)
        named = (("buyerId", account.buyer_id), ("sellerId", account.seller_id))
        self.parties: Query = [(name, value) for name, value in named if value]
        self.own = account
        self.never = self._never()
        self.notification_token = _token(account) if self.has("notifications") else None
        self._hub: str | None = None
        self._listening: asyncio.Task[None] | None = None
        self._refreshing: set[asyncio.Task[None]] = set()
        self._last_cancels: MutableMapping[str, wire.Cancel | None] = LRUCache(REMEMBERED)
        self._last_dates: MutableMapping[str, Sequence[wire.DeliveryDate]] = LRUCache(REMEMBERED)

    def _never(self) -> Mapping[Action, ActionAvailability]:
        """What this account cannot do with any order."""
        found = [self.availability(action) for action in mapping.ORDER_ACTIONS]
        return {one.action: one for one in found if not one.allowed}

    def has(self, extension: str) -> bool:
        """Whether the account's Seller has these operations."""
        return extension in self.account.extensions

    @property
    def order_requirements(self) -> Sequence[Requirement]:
        """What the account asks of an order, by what its Seller is built after."""
        return requests.requirements(self.own.contract)

    @property
    def defaults(self) -> Defaults:
        """What the settings give where a request does not."""
        own = self.own
        contact = Contact(name=own.contact_name, email=own.contact_email, phone=own.contact_phone)
        return Defaults(datetime.now(UTC), contact, own.billing_account, own.contract, self.name)

    async def check(self) -> str:
        """Log in, and count the orders where there is a list."""
        if not self.has("list"):
            with contextlib.suppress(VendorNotFound):
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

    async def _change(
        self, operation: str, *parts: str, body: object, reference: str | None = None, note: object = None
    ) -> Reply:
        """A call that changes something; what was read before is forgotten, also on failure."""
        return await self._sent(self._changing(operation, *parts, body=body, reference=reference, note=note))

    def _changing(
        self, operation: str, *parts: str, body: object, reference: str | None = None, note: object = None
    ) -> Call:
        return self.client.build(
            operation, *parts, query=self.parties, body=body, headers=JSON, reference=reference, note=note
        )

    async def _sent(self, call: Call) -> Reply:
        async with self._implemented():
            return await self.send(call, *TOUCHED)

    @asynccontextmanager
    async def _implemented(self) -> AsyncGenerator[None]:
        """Say what a Seller means that has an operation not: nothing was done, and nothing will be."""
        try:
            yield
        except VendorUnavailable as error:
            if error.status != NOT_IMPLEMENTED:
                raise
            message = f"The Seller has no {error.operation}: switch its extension off in the account's settings."
            raise ActionRefused(UserError(UserErrorCode.NOT_SUPPORTED, message)) from None

    def _order(
        self,
        source: Decoded[wire.Order],
        received_at: datetime,
        cancel: wire.Cancel | None,
        dates: Sequence[wire.DeliveryDate] = (),
    ) -> SonataOrder:
        order = SonataOrder(self.origin(received_at), source, cancel, self.never, dates)
        for item in order.items:
            offering = item.product.productOffering if item.product else None
            if offering and offering.id and (type_ := mapping.configured(item.product)):
                self.cache.put(("products", offering.id), type_, self.account.cache.products)
        return order

    # Reads

    async def fetch_orders(self, keys: Sequence[str]) -> Fetched[domain.Order]:
        """Orders by id."""
        return await each(keys, self._get)

    async def _get(self, key: str) -> SonataOrder | None:
        if not requests.ID.fullmatch(key):
            return None
        try:
            return await self._retrieve(key)
        except VendorNotFound:
            return None

    async def _retrieve(self, key: str) -> SonataOrder:
        source, received_at = await self._one("retrieveProductOrder", wire.Order, key, "orders")
        steps = source.wire.stateChange or ()
        asked = self.has("cancel") and any(step.state == mapping.ASSESSING for step in steps)
        moving = self.has("delivery_date") and source.wire.state == mapping.MODIFYING
        cancel, dates = await self._cancel_of(key) if asked else None, await self._dates_of(key) if moving else ()
        return self._order(source, received_at, cancel, dates)

    async def _dates_of(self, order: str) -> Sequence[wire.DeliveryDate]:
        """The requests for another date, as they were last read if they cannot be read now."""
        try:
            name = "listModifyProductOrderItemRequestedDeliveryDate"
            found = [one.wire for one in await self._tasks_of(name, wire.DeliveryDate, order)]
        except (VendorError, ActionRefused):
            return self._last_dates.get(order, ())
        self._last_dates[order] = found
        return found

    async def _cancel_of(self, order: str) -> wire.Cancel | None:
        """The latest request to cancel an order, as it was last read if it cannot be read now."""
        try:
            tasks = await self._tasks_of("listCancelProductOrder", wire.Cancel, order)
            ids = [one.wire.id for one in tasks if one.wire.id]
            found = [await self._one("retrieveCancelProductOrder", wire.Cancel, id_, "orders") for id_ in ids]
        except (VendorError, ActionRefused):
            return self._last_cancels.get(order)
        open_ = [task.wire for task, _ in found if task.wire.state not in ("rejected", "done.declined")]
        denied = [task.wire for task, _ in found]
        latest = next(iter([*open_, *denied[::-1]]), None)
        self._last_cancels[order] = latest
        return latest

    async def _tasks_of(self, operation: str, type_: type[T], order: str) -> Sequence[Decoded[T]]:
        return (await self._list(operation, type_, [("productOrderId", order)], "orders")).rows

    async def fetch_products(self, keys: Sequence[str]) -> Fetched[domain.Product]:
        """Product offerings: any id is one, since there is no catalogue that could say otherwise."""
        at = self.origin(datetime.now(UTC))
        return [
            SonataProduct(at, key, self.cache.peek(("products", key))) if requests.ID.fullmatch(key) else None
            for key in keys
        ]

    async def fetch_subscriptions(self, keys: Sequence[str]) -> Fetched[domain.Subscription]:
        """Contracts by the ids of order and item."""
        return await each(keys, self._subscription)

    async def _subscription(self, key: str) -> SonataSubscription | None:
        order = await self._get(unquote(key.partition(":")[0]))
        found = subscriptions_of(order) if order else ()
        return next((one for one in found if one.ref.joined == key), None)

    async def fetch_order_subscriptions(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Subscription]]:
        """The contracts that orders make."""

        async def contracts(key: str) -> Sequence[domain.Subscription]:
            order = await self._get(key)
            return subscriptions_of(order) if order else ()

        return await each(keys, contracts)

    async def fetch_charges(self, keys: Sequence[str]) -> Fetched[domain.Charge]:
        """Charges by id; without the extension, none can be read."""
        return await each(keys, self._charge) if self.has("charges") else [None] * len(keys)

    async def _charge(self, key: str) -> SonataCharge | None:
        if not requests.ID.fullmatch(key):
            return None
        try:
            source, received_at = await self._one("retrieveCharge", wire.Charge, key, "orders")
        except VendorNotFound:
            return None
        return SonataCharge(self.origin(received_at), source)

    async def fetch_order_charges(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Charge]]:
        """The charges of orders; without the extension, the ids alone that the order names."""
        return await each(keys, self._charges if self.has("charges") else self._named_charges)

    async def _charges(self, order: str) -> Sequence[domain.Charge]:
        if not requests.ID.fullmatch(order):
            return ()
        rows = await self._list("listCharge", wire.Charge, [("productOrderId", order)], "orders")
        found = await asyncio.gather(*(self._charge(row.wire.id) for row in rows.rows))
        return sorted((one for one in found if one), key=lambda one: (one.created_at or BEGINNING, one.id))

    async def _named_charges(self, key: str) -> Sequence[domain.Charge]:
        order = await self._get(key)
        if order is None:
            return ()
        return [
            SonataCharge(order.origin, Decoded(wire.Charge(id=id_), b"{}"), order.wire.id) for id_ in order.charge_ids
        ]

    async def fetch_cancels(self, keys: Sequence[str]) -> Fetched[Sequence[SonataTask]]:
        """For each order id, the requests to cancel it; none without the extension."""
        return await each(keys, self._cancels)

    async def _cancels(self, order: str) -> Sequence[SonataTask]:
        return await self._shown(CANCELS, order)

    async def fetch_dates(self, keys: Sequence[str]) -> Fetched[Sequence[SonataTask]]:
        """For each order id, the requests for another date of its items; none without the extension."""
        return await each(keys, self._dates)

    async def _dates(self, order: str) -> Sequence[SonataTask]:
        return await self._shown(DATES, order)

    async def _task_ids(self, task: Task, order: str) -> list[str]:
        rows = await self._tasks_of(f"list{task.name}", task.type, order)
        return [row.wire.id for row in rows if row.wire.id]

    async def _shown(self, task: Task, order: str) -> Sequence[SonataTask]:
        if not self.has(task.extension) or not requests.ID.fullmatch(order):
            return ()
        ids = await self._task_ids(task, order)
        whole = await asyncio.gather(*(self._one(f"retrieve{task.name}", task.type, id_, "orders") for id_ in ids))
        return [SonataTask(self.origin(received_at), task.wire) for task, received_at in whole]

    # Lists of orders

    async def list_orders(self, query: OrderQuery, window: Window) -> Slice[domain.Order]:
        """Orders by time, out of the whole list; without a list, those that were placed here."""
        if not self.has("list"):
            return await self.kept.listed(query, window, self._refreshed(query))
        filters = requests.orders_query(query)
        if filters is None:
            return Slice([], more=False, fetched_at=datetime.now(UTC), total=0)
        found = await self._list("listProductOrder", wire.Order, filters, "lists")
        rows = [SonataOrder(self.origin(found.received_at), row) for row in found.rows]
        told = replace(query, purchase_order_number=None, text=None)  # a row does not tell the rest
        passing = [row for row in rows if fits(row, told) and requests.own_conditions(row, told)]
        if requests.needs_items(query):
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
        return Slice(
            items=searched.items,
            more=searched.more,
            fetched_at=searched.fetched_at,
            skipped=searched.skipped + found.skipped,
            scanned_to=searched.scanned_to,
            truncated=found.more,
        )

    async def _completed(self, query: OrderQuery, rows: Slice[domain.Order]) -> Slice[domain.Order]:
        """A page of rows, with everything that is asked of them."""
        if query.fields is not None and query.fields <= mapping.ROW_FIELDS:
            return rows
        orders = await self._details(rows.items)
        return Slice(
            items=orders,
            more=rows.more,
            fetched_at=rows.fetched_at,
            total=rows.total,
            skipped=rows.skipped + len(rows.items) - len(orders),
            truncated=rows.truncated,
        )

    async def _details(self, rows: Sequence[domain.Order]) -> list[domain.Order]:
        """The orders of rows: one that breaks the contract or has gone is left out."""
        found = await self.fetch_orders([row.ref.joined for row in rows])
        for one in found:
            if isinstance(one, VendorError) and not isinstance(one, VendorBadReply):
                raise one
        return [one for one in found if isinstance(one, domain.Order)]

    def _refreshed(self, query: OrderQuery) -> Any:
        """What makes an order of a kept one: asked for again, unless it is over."""

        async def show(kept: PlacedOrder) -> domain.Order | None:
            order = await self._again(kept)
            return order if order and requests.own_conditions(order, query) else None

        return show

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
        except (VendorError, ActionRefused):
            cancel, dates = self._last_cancels.get(kept.key), self._last_dates.get(kept.key, ())
            return self._order(source, kept.retrieved_at, cancel, dates)
        await self._keep(order)
        return order

    async def _keep(self, order: SonataOrder) -> None:
        """Keep an order as it is now."""
        placed_at = order.placed_at or order.retrieved_at
        await self.kept.keep(
            PlacedOrder(order.wire.id, placed_at, order.retrieved_at, order.source.raw, order.client_reference)
        )

    async def count_orders(self, query: OrderQuery) -> int | None:
        """How many orders a query has: the Seller's own count, where its filters say the same."""
        if not self.has("list"):
            return await self.kept.count(query.placed_at) if query.only_by_time else None
        filters = requests.orders_query(query)
        if filters is None:
            return 0
        if not requests.exact(query):
            return None
        return (await self._page("listProductOrder", wire.Order, filters, 0, 1, "lists")).total

    # Actions

    async def place_order(self, request: OrderRequest) -> domain.Order:
        """Order something; a reference that another order has is refused before anything is sent."""
        findings = Findings(self.name)
        body = requests.order_to_wire(with_reference(request), self.defaults, findings)
        findings.raise_any()
        await self.check_reference(body.externalId)
        if not self.has("list"):
            await self.kept.ready()
        order = self._read_order(await self._change("createProductOrder", body=body, reference=body.externalId))
        if not self.has("list"):
            await self._keep(order)
        return order

    def _read_order(self, reply: Reply, before: SonataOrder | None = None) -> SonataOrder:
        """The order of an answer; the requests about it are as they were ``before``."""
        cancel, dates = (before.cancel, before.dates) if before else (None, ())
        return self._order(reply.decode(wire.Order), reply.received_at, cancel, dates)

    async def orders_by_reference(self, reference: str) -> Sequence[domain.Order] | None:
        """The orders with an externalId; without a list those that are kept, and there may be others."""
        if not self.has("list"):
            now = [await self._again(kept) for kept in await self.kept.by_reference(reference)]
            return [order for order in now if order is not None and order.client_reference == reference] or None
        found = await self._list("listProductOrder", wire.Order, [("externalId", reference)], "orders")
        rows = [row for row in found.rows if row.wire.externalId == reference]
        if not rows and (found.more or found.skipped):  # it may be among what cannot be read
            raise self.client.error(VendorBadReply, "listProductOrder")
        return [SonataOrder(self.origin(found.received_at), row) for row in rows]

    async def outcome_of(self, operation: WriteOperation) -> Finding | None:
        """What the Seller shows of an operation in doubt. What it was asked for, it may have declined already."""
        found, task = await super().outcome_of(operation), TASKS.get(operation.mutation)
        if found is None or found.done or task is None:
            return found
        (call,) = operation.calls
        tasks = await self._shown(task, cast("SonataOrder", found.objects[0]).wire.id)
        new = [one for one in tasks if one.task_id not in call.note and requests.is_for(one.wire, call.body)]
        return replace(found, done=bool(new))

    async def settled(self, operation: WriteOperation, vendor_order_id: str | None) -> Sequence[domain.View]:
        """The order that the Seller calls so, kept from now on where it has to be."""
        found = await super().settled(operation, vendor_order_id)
        for order in () if self.has("list") else found:
            await self._keep(cast("SonataOrder", order))
        return found

    async def update_order(self, order: str, change: OrderChange, if_version: str | None) -> domain.Order:
        """Change a few things of an order that is not over."""
        current = await self._current(order, Action.UPDATE_ORDER)
        self.check_version(current, if_version)
        findings = Findings(self.name)
        patch = requests.change_to_wire(current, change, self.defaults, findings)
        findings.raise_any()
        call = self._changing("patchProductOrder", order, body=patch, note=requests.patched(current.wire, patch))
        if patch.externalId is not UNSET:
            call = await self.renaming(call, current, patch.externalId)
        changed = self._read_order(await self._asked(Action.UPDATE_ORDER, order, self._sent(call)), current)
        if not self.has("list"):
            await self._keep(changed)
        return changed

    async def cancel_order(self, order: str, request: CancelRequest) -> domain.Order:
        """Ask for an order to be cancelled: until the Seller has decided, it is CANCELLING."""
        current = await self._current(order, Action.CANCEL_ORDER)
        body = requests.cancel_to_wire(current, request, self.own.contract)
        sending = self._change("createCancelProductOrder", body=body, note=await self._task_ids(CANCELS, order))
        await self._asked(Action.CANCEL_ORDER, order, sending)
        return await self._afterwards(order)

    async def change_requested_date(self, order: str, line: str, request: DateRequest) -> domain.Order:
        """Ask for another date of an item."""
        current = await self._current(order, Action.CHANGE_REQUESTED_DATE)
        lines = [SonataLineItem(current, index) for index in range(len(current.items))]
        item = next((one.wire for one in lines if one.key[-1] == line), None)
        if item is None:
            raise ActionRefused(UserError(UserErrorCode.NOT_FOUND, f"Order {order[:100]} has no line {line[:100]}."))
        if item.state != mapping.IN_PROGRESS:
            message = f"Only of an item in inProgress, not in {item.state}."
            raise ActionRefused(UserError(UserErrorCode.WRONG_STATUS, message, vendor_code=item.state))
        body = requests.date_to_ask(current, item, request)
        operation = "createModifyProductOrderItemRequestedDeliveryDate"
        sending = self._change(operation, body=body, note=await self._task_ids(DATES, order))
        await self._asked(Action.CHANGE_REQUESTED_DATE, order, sending)
        return await self._afterwards(order)

    async def respond_to_charge(self, charge: str, answer: ChargeAnswer) -> domain.Charge:
        """Accept or decline the items of a charge, all at once."""
        self.cache.forget(*TOUCHED)
        current = await self._charge(charge)
        if current is None:
            message = f"account {self.name} has no charge {charge[:100]}"
            raise ActionRefused(UserError(UserErrorCode.NOT_FOUND, message))
        if current.status is not ChargeStatus.AWAITING_RESPONSE:
            message = f"Only in awaitingResponse, not in {current.vendor_status}."
            raise ActionRefused(UserError(UserErrorCode.WRONG_STATUS, message, vendor_code=current.vendor_status))
        findings = Findings(self.name)
        body = requests.answer_to_wire(current.wire, answer, self.defaults, findings)
        findings.raise_any()
        reply = await self._change("patchCharge", charge, body=body, note=requests.patched(current.wire, body))
        return SonataCharge(self.origin(reply.received_at), reply.decode(wire.Charge))

    async def _current(self, order: str, action: Action) -> SonataOrder:
        """The order as it is now, in a state in which the action makes sense."""
        self.cache.forget(*TOUCHED)
        current = await self._get(order)
        if current is None:
            raise self.no_order(order)
        self.require(action)
        if not mapping.order_action(action, current.vendor_status).allowed:
            raise refused(action, current)
        return current

    async def _asked(self, action: Action, order: str, asking: Awaitable[Reply]) -> Reply:
        """What the Seller answers; where it refuses, and the order's state has changed meanwhile, that says more."""
        try:
            return await asking
        except VendorRejected as error:
            self.cache.forget(*TOUCHED)
            with contextlib.suppress(VendorError):
                current = await self._get(order)
                if current and not mapping.order_action(action, current.vendor_status).allowed:
                    raise refused(action, current, error.problem.code) from None
            raise

    async def _afterwards(self, order: str) -> SonataOrder:
        """The order after the Seller has taken a request; that it cannot be read does not mean nothing was done."""
        try:
            return await self._retrieve(order)
        except VendorError as error:
            error.nothing_done = False
            raise

    # Notifications

    async def start(self) -> None:
        """Ask to be told of changes."""
        if self.notification_token is not None and self.own.callback_url is not None:
            callback = f"{str(self.own.callback_url).rstrip('/')}/{self.notification_token}"
            self._listening = asyncio.create_task(self._listen(callback))

    async def _listen(self, callback: str) -> None:
        """Register, and do so again whenever the Seller has forgotten it; a second failure in a row is told."""
        failures = 0
        while True:
            try:
                if self._hub is None or not await self._knows(self._hub):
                    reply = await self._change("registerListener", body=wire.HubWrite(callback))
                    self._hub = reply.value(wire.Hub).id
                failures = 0
            except (VendorError, ActionRefused) as error:
                failures += 1
                if failures == 2:
                    log.warning("not registered for notifications", account=self.name, problem=str(error))
            await asyncio.sleep(RETRY_SECONDS if failures == 1 else HUB_SECONDS)

    async def _knows(self, hub: str) -> bool:
        """Whether the Seller still has the registration."""
        try:
            await self.client.call(self.client.build("retrieveHub", hub, query=self.parties))
        except VendorNotFound:
            return False
        return True

    async def aclose(self) -> None:
        """Ask to be told no more, if that goes quickly, and let go of all connections."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._refreshing:  # the ledger is not to be left in the middle of something
            await asyncio.wait(self._refreshing, timeout=SECONDS_TO_END)
        if self._hub is not None:
            with contextlib.suppress(VendorError, ActionRefused, TimeoutError):
                async with asyncio.timeout(SECONDS_TO_END):
                    await self._change("unregisterListener", self._hub, body=None)
            self._hub = None
        await super().aclose()

    async def notified(self, path: str, body: bytes) -> str | None:
        """Something has changed: what was read is forgotten, and a kept order read again."""
        event = path.removeprefix(LISTENER)
        if event == path:
            raise InputError(f"account {self.name} takes no notifications at {path[:100]}")
        try:
            told = msgspec.json.decode(body.removeprefix(BOM), type=wire.Event)
        except UNREADABLE as error:
            raise InputError(f"no notification: {error}") from None
        self.cache.forget(*TOUCHED)
        if not self.has("list"):
            task = asyncio.create_task(self._refresh(event, told.event.id))
            self._refreshing.add(task)
            task.add_done_callback(self._refreshing.discard)
        return told.event.id if event.startswith("product") else None

    async def _refresh(self, event: str, id_: str) -> None:
        """Read a kept order again that a notification is about: by its id, or by that of a charge or a task."""
        with contextlib.suppress(VendorError, ActionRefused, LedgerUnavailable):
            order = await self._order_of(event, id_)
            kept = await self.kept.get(order) if order else None
            if kept is not None:
                await self._again(kept)

    async def _order_of(self, event: str, id_: str) -> str | None:
        if not requests.ID.fullmatch(id_):
            return None
        if event.startswith("charge"):
            charge = await self._charge(id_)
            return charge.order_id if charge else None
        if event.startswith("cancel"):
            cancel, _ = await self._one("retrieveCancelProductOrder", wire.Cancel, id_, "orders")
            return cancel.wire.productOrder.productOrderId if cancel.wire.productOrder else None
        if event.startswith("modify"):
            name = "retrieveModifyProductOrderItemRequestedDeliveryDate"
            date, _ = await self._one(name, wire.DeliveryDate, id_, "orders")
            return date.wire.productOrderItem.productOrderId if date.wire.productOrderItem else None
        return id_


def order_named_by(one: Any) -> str | None:
    """Which order a charge or a request is about, None if it does not say."""
    about = getattr(one, "productOrder", None) or getattr(one, "productOrderItem", None)
    return about.productOrderId if about else None


def repatched(now: SonataOrder | SonataCharge, operation: WriteOperation) -> Mapping[str, Any]:
    """What is there now in the fields of the patch that an operation sent."""
    return requests.patched(now.wire, operation.calls[-1].body)


def _token(account: SonataSettings) -> str:
    """A secret that every process of the gateway can tell, and only who has the account's own secret besides."""
    return hmac.new(account.client_secret.get_secret_value().encode(), account.name.encode(), "sha256").hexdigest()


def slice_of(rows: Sequence[domain.Order], window: Window, found: Rows) -> Slice[domain.Order]:
    """A window of the list that is here as a whole."""
    return slice_whole(
        rows,
        window,
        key=order_key,
        fetched_at=found.received_at,
        skipped=found.skipped,
        truncated=found.more,
    )
