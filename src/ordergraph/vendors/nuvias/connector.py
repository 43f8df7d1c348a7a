"""Nuvias UC Hub: one method per operation, each one call and one mapping.

Source: Nuvias UC "Hub API (1.1.0)". Two things are decided here once:

* **Order or basket?** The Hub keeps both under one id ("the ID of the order will be the same as that of
  the basket"), and an id does not tell which it is at the moment. `fetch_orders` asks for the order and,
  on a 404, for the basket: an order that exists costs one call, a draft two. The global ID is the same
  before and after the submission.
* **Placing** is two steps, a basket and its submission, so that the id is known before anything is
  committed to. An account with ``placement = "direct"`` uses ``POST /orders`` instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar, cast

import msgspec
from pydantic import AnyHttpUrl, Field

from ordergraph import domain
from ordergraph.connector import (
    OUTCOMES,
    TARGETS,
    Connector,
    Fetched,
    Outcomes,
    ReadCheck,
    Targets,
    by_key,
    each,
    login_check,
    refused,
)
from ordergraph.domain import Action, Requirement, SubscriptionStatus
from ordergraph.errors import (
    ActionRefused,
    Problem,
    UserError,
    UserErrorCode,
    VendorBadReply,
    VendorConflict,
    VendorError,
    VendorNotFound,
    VendorRejected,
)
from ordergraph.http import Call, Decoded, OAuth, Reply, VendorClient, build_call
from ordergraph.ledger.kept import KeptOrders
from ordergraph.ledger.operations import Finding, WriteOperation
from ordergraph.paging import (
    BEGINNING,
    Key,
    Part,
    Slice,
    VendorPage,
    Window,
    among,
    invoice_key,
    join,
    order_key,
    pages_of,
    seek,
    slice_whole,
)
from ordergraph.requests import (
    OMITTED,
    CancelRequest,
    InvoiceQuery,
    LineChange,
    LineRequest,
    OrderChange,
    OrderQuery,
    OrderRequest,
    ProductQuery,
    ProductSwap,
    Range,
    SubscriptionChange,
    SubscriptionQuery,
    fits,
    within,
)
from ordergraph.settings import AccountSettings, Credential, Secret
from ordergraph.vendors.nuvias import mapping, requests, wire, wire_people
from ordergraph.vendors.nuvias import mapping_people as people
from ordergraph.vendors.nuvias.mapping import (
    Facts,
    NuviasInvoice,
    NuviasOrder,
    NuviasProduct,
    NuviasSubscription,
)
from ordergraph.vendors.nuvias.requests import HUB_ID, Findings, Query
from ordergraph.vendors.nuvias.values import number

T = TypeVar("T")
W = TypeVar("W", bound=msgspec.Struct)
V_co = TypeVar("V_co", covariant=True)
V = TypeVar("V", bound=domain.View)


class Maker(Protocol[V_co]):
    """Makes a view: the class of the view itself, or a function such as `draft`."""

    def __call__(self, origin: domain.Origin, source: Decoded[Any], facts: Facts, /) -> V_co:
        """Make the view."""
        ...


# Every path of the API. Some are inferred (the document prints none): an account may override any of them
# under [accounts.<name>.paths].
PATHS: Mapping[str, str] = {
    "create_token": "POST /oauth/create_token",
    "whoami": "GET /whoami",
    "list_organisations": "GET /organisations",
    "list_addresses": "GET /organisations/{id}/addresses",
    "list_users": "GET /users",
    "get_user": "GET /users/{id}",
    "create_user": "POST /users",
    "edit_user": "PUT /users/{id}",
    "list_product_groups": "GET /product_groups",
    "get_product_group": "GET /product_groups/{id}",
    "create_product_group": "POST /product_groups",
    "edit_product_group": "PUT /product_groups/{id}",
    "list_products": "GET /products",
    "get_product": "GET /products/{id}",
    "list_baskets": "GET /baskets",
    "create_basket": "POST /baskets",
    "get_basket": "GET /baskets/{id}",
    "edit_basket": "PUT /baskets/{id}",
    "submit_basket": "POST /baskets/{id}/submit",
    "add_line_item": "POST /baskets/{id}/line_items",
    "list_orders": "GET /orders",
    "create_order": "POST /orders",
    "edit_order": "PUT /orders/{id}",
    "preview_change": "POST /orders/change_preview",
    "get_order": "GET /orders/{id}",
    "cancel_order": "POST /orders/{id}/cancel",
    "approve_order": "POST /orders/{id}/approve",
    "deny_order": "POST /orders/{id}/deny",
    "resubmit_order": "POST /orders/{id}/resubmit",
    "list_subscriptions": "GET /subscriptions",
    "get_subscription": "GET /subscriptions/{id}",
    "edit_subscription": "PUT /subscriptions/{id}",
    "activate_subscription": "POST /subscriptions/{id}/activate",
    "cancel_subscription": "POST /subscriptions/{id}/cancel",
    "activate_changes": "POST /subscriptions/{id}/activate_changes",
    "cancel_changes": "POST /subscriptions/{id}/cancel_changes",
    "list_invoices": "GET /invoices",
    "list_manufacturers": "GET /vendors",
    "list_countries": "GET /country_codes",
    "list_shipping_types": "GET /shipping_types",
    "list_groups": "GET /groups",
    "list_sites": "GET /sites",
    "list_feeds": "GET /feeds",
    "create_feed": "POST /feeds",
    "get_feed": "GET /feeds/{id}",
    "edit_feed": "PUT /feeds/{id}",
}

PAGE_SIZE = 1000  # the most that the Hub gives on a page
NARROW = 20  # orders of the cursor's own day that a page is read past
PARALLEL = 8  # from so many look-ups on, one page of the list is cheaper
BASKET_PAGES = 10  # the most pages of baskets that are read for a list by date
INVOICE_PAGES = 5  # the most pages of invoices that are read instead of many look-ups
ENDING = datetime.max.replace(tzinfo=UTC)


class NuviasSettings(AccountSettings):
    """An account at the Hub: an API client of one of its users."""

    operations: ClassVar[Mapping[str, str]] = PATHS

    base_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://hub.nuvias-uc.com/api/v1"), description="where the Hub's API is"
    )
    client_id: Credential = Field(description="the API client's id, a UUID")
    client_secret: Secret = Field(description="the API client's secret")
    placement: Literal["two-step", "direct"] = Field(
        default="two-step", description="how orders are placed: basket and submission, or POST /orders"
    )


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A decoded answer, and what its headers say about the list that it is a page of."""

    value: T
    received_at: datetime
    left_out: Sequence[int] = ()
    total: int | None = None
    pages: int | None = None

    @property
    def skipped(self) -> int:
        """How many items of the list break the contract."""
        return len(self.left_out)


def one(type_: type[W]) -> Callable[[Reply], Answer[Decoded[W]]]:
    """How to read an answer that is one object."""
    return lambda reply: Answer(reply.decode(type_), reply.received_at)


def many(type_: type[W]) -> Callable[[Reply], Answer[Sequence[Decoded[W]]]]:
    """How to read an answer that is a list."""

    def read(reply: Reply) -> Answer[Sequence[Decoded[W]]]:
        found = reply.decode_list(type_)
        total, pages = reply.count("x-total-count"), reply.count("x-total-pages")
        return Answer(found.items, reply.received_at, found.left_out, total, pages)

    return read


def read_problem(body: Any) -> Problem:
    """The Hub does not document its errors: take what looks like a message, a code or field errors."""
    if not isinstance(body, dict):
        return Problem()
    said = cast("dict[str, Any]", body)
    errors = said.get("errors")
    fields: dict[str, Sequence[str]] = {}
    for name, words in cast("dict[str, Any]", errors).items() if isinstance(errors, dict) else ():
        fields[name] = [str(word) for word in (cast("list[Any]", words) if isinstance(words, list) else [words])]
    code, message = (
        said.get("code") or said.get("error"),
        said.get("message") or said.get("error_description"),
    )
    return Problem(str(code) if code else None, str(message) if message else None, fields)


def whole(group: str, operation: str, type_: type[msgspec.Struct]) -> ReadCheck:
    """The read check of a list that the Hub does not page."""
    return ReadCheck(group, operation, lambda at: at.read(operation, decode=many(type_), kind="reference"))


def paged(group: str, operation: str, type_: type[msgspec.Struct]) -> ReadCheck:
    """The read check of a list that the Hub pages: of its first row."""
    return ReadCheck(
        group, operation, lambda at: at.read(operation, query=paging(1, 1), decode=many(type_), kind="reference")
    )


READ_CHECKS: Sequence[ReadCheck] = (
    login_check("create_token"),
    ReadCheck("account", "whoami", lambda at: at.whoami()),
    whole("organisations", "list_organisations", wire_people.Organisation),
    ReadCheck("addresses", "list_addresses", lambda at: at.own_addresses()),
    whole("users", "list_users", wire_people.UserRow),
    whole("product groups", "list_product_groups", wire_people.ProductGroupRow),
    paged("products", "list_products", wire.Product),
    paged("baskets", "list_baskets", wire.Order),
    paged("orders and shipments", "list_orders", wire.Order),
    whole("subscriptions", "list_subscriptions", wire.Subscription),
    paged("invoices", "list_invoices", wire.Invoice),
    whole("manufacturers", "list_manufacturers", wire_people.Manufacturer),
    whole("countries", "list_countries", wire_people.Country),
    whole("shipping types", "list_shipping_types", wire_people.ShippingType),
    whole("provisioning groups", "list_groups", wire_people.Group),
    whole("sites", "list_sites", wire_people.Site),
    whole("feeds", "list_feeds", wire_people.FeedRow),
)


class NuviasConnector(Connector):
    """One account at the Hub."""

    title = "Nuvias UC Hub"
    requirements: ClassVar[Sequence[Requirement]] = requests.REQUIREMENTS
    outcomes: ClassVar[Outcomes] = {
        **OUTCOMES,
        "updateOrder": lambda order, operation: rewritten(order, operation),
        "updateLineItem": lambda order, operation: rewritten(order, operation),
        "removeLineItem": lambda order, operation: rewritten(order, operation),
        "updateSubscription": lambda one, operation: operation.wrote(
            requests.body_of(one.wire, wire.SubscriptionWrite)
        ),
        "activateSubscription": lambda one, _: one.status is SubscriptionStatus.ACTIVE,
        "cancelSubscription": lambda one, _: one.status is SubscriptionStatus.EXPIRED,
        "activateSubscriptionChanges": lambda one, _: not one.has_pending_changes,
        "cancelSubscriptionChanges": lambda one, _: not one.has_pending_changes,
        "updateNuviasUser": lambda one, operation: operation.wrote(requests.body_of(one.wire, wire_people.UserWrite)),
        "updateNuviasProductGroup": lambda one, operation: operation.wrote(
            requests.body_of(one.wire, wire_people.ProductGroupWrite)
        ),
        "updateNuviasFeed": lambda one, operation: operation.wrote(requests.body_of(one.wire, wire_people.FeedWrite)),
    }
    read_checks: ClassVar[Sequence[ReadCheck]] = READ_CHECKS
    targets: ClassVar[Targets] = {
        **TARGETS,
        "userId": lambda at, keys: at.fetch_users(keys),
        "productGroupId": lambda at, keys: at.fetch_product_groups(keys),
        "feedId": lambda at, keys: at.fetch_feeds(keys),
    }

    def __init__(self, account: NuviasSettings, kept: KeptOrders) -> None:
        paths = {**PATHS, **account.paths}
        login = OAuth(
            build_call(
                paths,
                "create_token",
                form={
                    "client_id": account.client_id,
                    "client_secret": account.client_secret.get_secret_value(),
                    "grant_type": "client_credentials",
                },
            )
        )
        super().__init__(account, VendorClient(account, paths, login, read_problem), kept)
        self.placement = account.placement

    async def check(self) -> str:
        """Log in and ask who we are."""
        who = await self.whoami()
        return f"{who.name} of organisation {who.organisation}, in {who.currency}"

    async def whoami(self) -> wire_people.Whoami:
        """Whom the Hub takes the account for."""
        return (await self.read("whoami", decode=one(wire_people.Whoami), kind="reference")).value.wire

    async def own_addresses(self) -> Answer[Sequence[Decoded[wire_people.SavedAddress]]]:
        """The saved addresses of the account's own organisation."""
        own = (await self.whoami()).organisation
        if own is None:
            raise self.client.error(VendorBadReply, "whoami")
        return await self.read("list_addresses", str(own), decode=many(wire_people.SavedAddress), kind="reference")

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """The path in our input of a field that the Hub complains of."""
        return requests.input_path(operation, path)

    # Facts about the account, and the calls under everything

    async def facts(self) -> Facts:
        """Currency and countries, kept for hours; a part that cannot be read holds its error."""
        money, places = await asyncio.gather(
            self.fact("whoami", decode=one(wire_people.Whoami)),
            self.fact("list_countries", decode=many(wire_people.Country)),
        )
        if isinstance(money, VendorError):
            currency: str | VendorError = self.account.currency or money
        else:
            currency = money.value.wire.currency or self.account.currency or "XXX"
        if isinstance(places, VendorError):
            return Facts(currency, places)
        return Facts(currency, {place.wire.id: place.wire.code for place in places.value if place.wire.code})

    async def _written(self, make: Maker[V], type_: type[W], call: Call, *touches: str) -> V:
        """What the Hub shows after a change."""
        reply = await self.send(call, *touches)
        return make(self.origin(reply.received_at), reply.decode(type_), await self.facts())

    async def _get(self, make: Maker[V], type_: type[W], operation: str, key: str, kind: str) -> V | None:
        """An object by id, None if the Hub has none."""
        if not HUB_ID.fullmatch(key):
            return None
        facts = asyncio.ensure_future(self.facts())  # beside the call, not after it
        try:
            answer = await self.read(operation, key, decode=one(type_), kind=kind)
            return make(self.origin(answer.received_at), answer.value, await facts)
        except VendorNotFound:
            return None
        finally:
            facts.cancel()

    async def _list(
        self,
        make: Maker[V],
        type_: type[W],
        operation: str,
        *parts: str,
        query: Sequence[tuple[str, str]] = (),
        kind: str = "reference",
    ) -> Answer[list[V]]:
        """The objects of a list, or of one page of it."""
        answer, facts = await asyncio.gather(
            self.read(operation, *parts, query=query, decode=many(type_), kind=kind), self.facts()
        )
        views = self._views(make, answer, facts)
        return Answer(views, answer.received_at, answer.left_out, answer.total, answer.pages)

    def _views(self, make: Maker[V], answer: Answer[Sequence[Decoded[W]]], facts: Facts) -> list[V]:
        origin = self.origin(answer.received_at)
        return [make(origin, item, facts) for item in answer.value]

    async def _part(
        self, make: Maker[V], type_: type[W], operation: str, query: Query, kind: str, offset: int, limit: int
    ) -> Part[V]:
        """A part of a list that the Hub pages."""
        pages = pages_of(offset, limit, PAGE_SIZE)
        answers = await asyncio.gather(
            *(
                self._list(make, type_, operation, query=[*query, *paging(page, size)], kind=kind)
                for page, size, _, _ in pages
            )
        )
        found: list[V] = []
        left_out: list[int] = []
        for answer, (_, _, begin, end) in zip(answers, pages, strict=True):
            views, gone = among(answer.value, answer.left_out, begin, end)
            left_out += [len(found) + len(left_out) + row for row in gone]
            found += views
        return Part(found, answers[0].total, answers[0].received_at, left_out)

    async def _whole(
        self, make: Maker[V], type_: type[W], operation: str, query: Query, kind: str, offset: int, limit: int
    ) -> Part[V]:
        """A part of a list that the Hub gives as a whole."""
        answer = await self._list(make, type_, operation, query=query, kind=kind)
        items, left_out = among(answer.value, answer.left_out, offset, offset + limit)
        return Part(items, len(answer.value) + answer.skipped, answer.received_at, left_out)

    async def _referenced(self, make: Maker[V], type_: type[W], operation: str, keys: Sequence[str]) -> Fetched[V]:
        """Reference data that other objects name by id, out of its whole list."""
        answer, facts = await asyncio.gather(self.fact(operation, decode=many(type_)), self.facts())
        if isinstance(answer, VendorError):
            return [answer] * len(keys)
        return by_key(keys, {view.key[0]: view for view in self._views(make, answer, facts)})

    # Orders and baskets: reads

    async def fetch_orders(self, keys: Sequence[str]) -> Fetched[domain.Order]:
        """Orders or baskets by id: see the module's docstring."""
        return await each(keys, self._order)

    async def _order(self, key: str) -> NuviasOrder | None:
        order = await self._get(NuviasOrder, wire.Order, "get_order", key, "orders")
        return order or await self._get(draft, wire.Order, "get_basket", key, "orders")

    async def list_orders(
        self, query: OrderQuery, window: Window, by: Literal["date", "total"] = "date"
    ) -> Slice[domain.Order]:
        """Orders by date (or total), and baskets where drafts are asked for."""
        slices: list[Awaitable[Slice[domain.Order]]] = []
        if requests.asks_orders(query):
            slices.append(self._list_orders(query, window, by))
        if requests.asks_drafts(query):
            slices.append(self._list_drafts(query, window, by))
        if not slices:
            return Slice([], more=False, fetched_at=datetime.now(UTC), total=0)
        return join(await asyncio.gather(*slices), window, KEYS[by])

    async def _list_orders(
        self, query: OrderQuery, window: Window, by: Literal["date", "total"]
    ) -> Slice[domain.Order]:
        filters = requests.orders_query(narrowed(query, window, by))
        rest = searched(query)
        sort = ("sort_by", ("-" if window.descending else "+") + by)

        async def fetch(page: int, size: int) -> VendorPage[domain.Order]:
            answer = await self._list(
                NuviasOrder,
                wire.Order,
                "list_orders",
                query=[*filters, sort, *paging(page, size)],
                kind="orders",
            )
            return vendor_page(answer, page, size)

        found = await seek(
            window,
            fetch,
            key=KEYS[by],
            keep=lambda order: fits(order, rest),
            narrow=NARROW,
            page_size=PAGE_SIZE,
        )
        counted = window.after is None and requests.exact(query)
        return replace(found, total=found.total if counted else None)

    async def _list_drafts(
        self, query: OrderQuery, window: Window, by: Literal["date", "total"]
    ) -> Slice[domain.Order]:
        answer = await self._baskets()
        baskets: list[domain.Order] = [*drafts_wanted(answer.value, query)]
        return slice_whole(
            baskets,
            window,
            key=KEYS[by],
            fetched_at=answer.received_at,
            skipped=answer.skipped,
            truncated=(answer.pages or 1) > BASKET_PAGES,
        )

    async def _baskets(self) -> Answer[list[NuviasOrder]]:
        """All baskets, or as many as are read of them: the Hub sorts them by name or total only."""
        return await self._pages(draft, wire.Order, "list_baskets", "orders", BASKET_PAGES)

    async def _pages(
        self, make: Maker[V], type_: type[W], operation: str, kind: str, most: int, *, all_or_first: bool = False
    ) -> Answer[list[V]]:
        """The first pages of a list, up to ``most``; ``pages`` says how many there are.

        With ``all_or_first``, a list that has more is not worth it: only the first page is read.
        """

        async def page(number: int) -> Answer[list[V]]:
            return await self._list(make, type_, operation, query=paging(number, PAGE_SIZE), kind=kind)

        first = await page(1)
        pages = first.pages or 1
        last = 1 if all_or_first and pages > most else min(pages, most)
        answers = [first, *await asyncio.gather(*(page(number) for number in range(2, last + 1)))]
        views = [view for answer in answers for view in answer.value]
        return replace(first, value=views, left_out=[row for answer in answers for row in answer.left_out])

    async def count_orders(self, query: OrderQuery) -> int | None:
        """How many orders a query has: from the Hub's own count, where its filters say the same."""
        if not requests.exact(query):
            return None
        counts = 0
        if requests.asks_orders(query):
            answer = await self._list(
                NuviasOrder,
                wire.Order,
                "list_orders",
                query=[*requests.orders_query(query), *paging(1, 1)],
                kind="orders",
            )
            if answer.total is None:
                return None
            counts += answer.total
        if requests.asks_drafts(query):
            baskets = await self._baskets()
            if (baskets.pages or 1) > BASKET_PAGES:
                return None
            counts += len(drafts_wanted(baskets.value, query))
        return counts

    async def list_drafts(self, sort: str, offset: int, limit: int) -> Part[domain.Order]:
        """Baskets in one of the Hub's orders: ``+name -name +total -total``."""
        return await self._part(draft, wire.Order, "list_baskets", [("sort_by", sort)], "orders", offset, limit)

    # Orders and baskets: actions

    async def create_draft_order(self, request: OrderRequest) -> domain.Order:
        """Make a basket."""
        return await self._create(await self._checked(request), "create_basket")

    async def place_order(self, request: OrderRequest) -> domain.Order:
        """Make a basket and submit it, or ``POST /orders`` where the account says so."""
        body = await self._checked(request, placing=True)
        if self.placement == "direct":
            return await self._create(msgspec.structs.replace(body, order_type="SALES_ORDER"), "create_order")
        try:
            basket = await self._create(body, "create_basket")
        except VendorError as error:
            error.nothing_done = True  # nothing is ordered yet: at the worst a draft was left behind
            raise
        try:
            return await self.submit_order(basket.key[0])
        except VendorError as error:
            error.left_behind = basket
            raise

    async def _checked(self, request: OrderRequest, *, placing: bool = False) -> wire.OrderWrite:
        findings = Findings(self.name)
        if placing and not request.lines:
            findings.add(UserErrorCode.REQUIRED, "An order needs at least one line.", "lineItems")
        body = requests.order_to_wire(request, await self.facts(), findings)
        findings.raise_any()
        return body

    async def _create(self, body: wire.OrderWrite, operation: str) -> NuviasOrder:
        make = NuviasOrder if operation == "create_order" else draft
        return await self._written(make, wire.Order, self.client.build(operation, body=body), *TOUCHED)

    async def update_order(self, order: str, change: OrderChange, if_version: str | None) -> domain.Order:
        """Change a basket (what is left out stays), or the linked references of an order."""
        current = await self._current(order)
        self.check_version(current, if_version)
        if not current.draft:
            return await self._edit_order(current, change)
        findings = Findings(self.name)
        body = requests.change_to_wire(current.wire, change, await self.facts(), findings)
        findings.raise_any()
        return await self._edit_basket(current, body)

    async def _edit_order(self, current: NuviasOrder, change: OrderChange) -> domain.Order:
        findings = Findings(self.name)
        refs = requests.order_edit(change, current.state, findings)
        findings.raise_any()
        body = wire.OrderEdit(linked_supplier_refs=refs)
        call = self._on("edit_order", current.key[0], body, requests.body_of(current.wire, wire.OrderEdit))
        return await self._written(NuviasOrder, wire.Order, call, *TOUCHED)

    async def _edit_basket(self, current: NuviasOrder, body: wire.OrderWrite) -> domain.Order:
        call = self._on("edit_basket", current.key[0], body, requests.write_of(current.wire))
        return await self._written(draft, wire.Order, call, *TOUCHED)

    async def add_line_item(self, order: str, line: LineRequest) -> tuple[domain.Order | None, domain.LineItem | None]:
        """Add a line. The Hub answers with the line alone, so the basket is read again."""
        findings = Findings(self.name)
        body = requests.line_to_wire(line, findings, "lineItem")
        findings.raise_any()
        call = self._on("add_line_item", order, body)
        added = await self._act(Action.ADD_LINE_ITEM, order, self.send(call, *TOUCHED))
        new = added.value(wire.LineItem)
        try:
            basket = await self._get(draft, wire.Order, "get_basket", order, "orders")
        except VendorError:
            return None, None  # the line is there; only the look at it failed
        lines = basket.line_items if basket else ()
        return basket, next((item for item in lines if item.wire.id == new.id), None)

    async def update_line_item(self, order: str, line: str, change: LineChange) -> domain.Order:
        """Change a line: the basket is put again with that line changed."""
        current, index = await self._line(order, line, Action.UPDATE_LINE_ITEM)
        findings = Findings(self.name)
        changed = requests.line_change(current.wire.line_items[index], change, findings)
        findings.raise_any()
        body = requests.write_of(current.wire)
        lines = [*(body.line_items or ())]
        lines[index] = changed
        try:
            return await self._edit_basket(current, msgspec.structs.replace(body, line_items=lines))
        except VendorRejected as error:
            error.problem = requests.moved(error.problem, f"line_items.{index}.", "")
            raise

    async def remove_line_item(self, order: str, line: str) -> domain.Order:
        """Take a line out: the basket is put again without it."""
        current, index = await self._line(order, line, Action.REMOVE_LINE_ITEM)
        body = requests.write_of(current.wire)
        lines = [*(body.line_items or ())]
        del lines[index]
        return await self._edit_basket(current, msgspec.structs.replace(body, line_items=lines))

    async def _line(self, order: str, line: str, action: Action) -> tuple[NuviasOrder, int]:
        current = await self._current(order)
        if not current.draft:
            raise refused(action, current)
        for index, item in enumerate(current.wire.line_items):
            if str(item.id) == line:
                return current, index
        raise ActionRefused(UserError(UserErrorCode.NOT_FOUND, f"order {order} has no line {line}"))

    async def submit_order(self, order: str) -> domain.Order:
        """Submit a basket; the id stays."""
        return await self._order_action(Action.SUBMIT_ORDER, "submit_basket", order)

    async def cancel_order(self, order: str, request: CancelRequest) -> domain.Order:
        """Cancel an order that is PROCESSING. The Hub takes no reason."""
        return await self._order_action(Action.CANCEL_ORDER, "cancel_order", order)

    async def approve_order(self, order: str) -> domain.Order:
        """Approve an order that is PENDING_AUTHORISATION."""
        return await self._order_action(Action.APPROVE_ORDER, "approve_order", order)

    async def deny_order(self, order: str) -> domain.Order:
        """Deny an order that is PENDING_AUTHORISATION."""
        return await self._order_action(Action.DENY_ORDER, "deny_order", order)

    async def resubmit_order(self, order: str) -> domain.Order:
        """Resubmit an order that is ATTENTION_REQUIRED."""
        return await self._order_action(Action.RESUBMIT_ORDER, "resubmit_order", order)

    async def _order_action(self, action: Action, operation: str, order: str) -> domain.Order:
        call = self._on(operation, order)
        return await self._act(action, order, self._written(NuviasOrder, wire.Order, call, *TOUCHED))

    async def _act(self, action: Action, order: str, doing: Awaitable[T]) -> T:
        """Do something to an order.

        The Hub's 404 may mean that it is a basket, or no longer one. To a 409, the order's own state says more.
        """
        try:
            return await doing
        except VendorNotFound:
            raise refused(action, await self._current(order)) from None
        except VendorConflict as error:
            try:
                current = await self._current(order)
            except (VendorError, ActionRefused):
                raise error from None
            if mapping.order_action(action, current.state).allowed:
                raise
            raise refused(action, current, words=error.problem.message) from None

    def _on(self, operation: str, key: str, body: object = None, note: object = None) -> Call:
        """The call of an operation on an object; refuse a key that cannot be an id of the Hub."""
        if not HUB_ID.fullmatch(key):
            raise ActionRefused(UserError(UserErrorCode.NOT_FOUND, f"account {self.name} has nothing with this ID"))
        return self.client.build(operation, key, body=body, note=note)

    async def outcome_of(self, operation: WriteOperation) -> Finding | None:
        """What the Hub shows of an operation in doubt. Placing is done when the basket is an order."""
        if operation.mutation != "placeOrder":
            return await super().outcome_of(operation)
        if operation.calls[0].operation == "create_order":
            return None
        submitted = next((call.parts[0] for call in operation.calls if call.operation == "submit_basket"), None)
        if submitted is None:  # at the worst, a draft was left behind
            return Finding(False, final=True)
        order = await self._order(submitted)
        if order is None:  # it may have become an order between the two looks
            raise self.client.error(VendorNotFound, "get_order")
        return Finding(not order.draft, [order])

    async def _current(self, order: str) -> NuviasOrder:
        self.cache.forget("orders")
        current = await self._order(order)
        if current is None:
            raise ActionRefused(UserError(UserErrorCode.NOT_FOUND, f"account {self.name} has no order {order}"))
        return current

    # Products

    async def fetch_products(self, keys: Sequence[str]) -> Fetched[domain.Product]:
        """Products by id: from the cache, from one page of the catalogue where many are missing, or singly."""
        missing = {key for key in keys if HUB_ID.fullmatch(key) and self.cache.peek(("products", "id", key)) is None}
        if len(missing) >= PARALLEL:
            try:
                page = await self._list(
                    NuviasProduct, wire.Product, "list_products", query=paging(1, PAGE_SIZE), kind="products"
                )
                self._keep_products(page.value)
            except VendorError as error:
                return [error if key in missing else self.cache.peek(("products", "id", key)) for key in keys]
        return await each(keys, self._product)

    async def _product(self, key: str) -> NuviasProduct | None:
        found = self.cache.peek(("products", "id", key))
        if isinstance(found, NuviasProduct):
            return found
        product = await self._get(NuviasProduct, wire.Product, "get_product", key, "products")
        if product:
            self._keep_products([product])
        return product

    def _keep_products(self, products: Sequence[NuviasProduct]) -> None:
        for product in products:
            self.cache.put(("products", "id", product.key[0]), product, self.account.cache.products)

    async def list_products(self, query: ProductQuery, offset: int, limit: int) -> Part[domain.Product]:
        """Products; the Hub sorts by popularity unless told otherwise."""
        filters = requests.from_details(query.details)
        if query.text:
            filters.append(("text", query.text))
        return await self._part(NuviasProduct, wire.Product, "list_products", filters, "products", offset, limit)

    # Subscriptions

    async def fetch_subscriptions(self, keys: Sequence[str]) -> Fetched[domain.Subscription]:
        """Subscriptions by id."""
        return await each(
            keys,
            lambda key: self._get(NuviasSubscription, wire.Subscription, "get_subscription", key, "subscriptions"),
        )

    async def fetch_order_subscriptions(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Subscription]]:
        """For each order, its subscriptions: the Hub gives all subscriptions at once."""
        try:
            answer = await self._list(NuviasSubscription, wire.Subscription, "list_subscriptions", kind="subscriptions")
        except VendorError as error:
            return [error] * len(keys)
        found: dict[str, list[domain.Subscription]] = {}
        for subscription in answer.value:
            for order in subscription.order_ids:
                found.setdefault(order, []).append(subscription)
        return [found.get(key, ()) for key in keys]

    async def list_subscriptions(self, query: SubscriptionQuery, offset: int, limit: int) -> Part[domain.Subscription]:
        """Subscriptions in the Hub's order. It prints no paging for them, so the list is read whole."""
        filters = requests.subscriptions_query(query)
        if filters is None:
            return Part([], 0, datetime.now(UTC))
        return await self._whole(
            NuviasSubscription,
            wire.Subscription,
            "list_subscriptions",
            filters,
            "subscriptions",
            offset,
            limit,
        )

    async def update_subscription(self, subscription: str, change: SubscriptionChange) -> domain.Subscription:
        """Administer a subscription; the Hub's PUT replaces all three fields, so they are merged first."""
        self.cache.forget("subscriptions")
        current = await self._get(
            NuviasSubscription, wire.Subscription, "get_subscription", subscription, "subscriptions"
        )
        if current is None:
            raise ActionRefused(
                UserError(UserErrorCode.NOT_FOUND, f"account {self.name} has no subscription {subscription}")
            )
        body = wire.SubscriptionWrite(
            auto_renewal_flag=current.wire.auto_renewal_flag if change.auto_renews is OMITTED else change.auto_renews,
            pending_change=change.details.get("pending_change", current.wire.pending_change),
            total_contract_value=change.details.get("total_contract_value", current.wire.total_contract_value),
            type=current.wire.subscription_type,
        )
        before = requests.body_of(current.wire, wire.SubscriptionWrite)
        return await self._subscription_action("edit_subscription", subscription, body, before)

    async def activate_subscription(self, subscription: str, on: date) -> domain.Subscription:
        """Start a PENDING subscription on a day."""
        body = wire.ServiceActivation(service_activation_date=midnight(on))
        return await self._subscription_action("activate_subscription", subscription, body)

    async def cancel_subscription(self, subscription: str) -> domain.Subscription:
        """Cancel a PENDING subscription."""
        return await self._subscription_action("cancel_subscription", subscription)

    async def activate_subscription_changes(self, subscription: str, on: date) -> domain.Subscription:
        """Put pending changes into force on a day."""
        body = wire.ChangeActivation(activation_date=midnight(on))
        return await self._subscription_action("activate_changes", subscription, body)

    async def cancel_subscription_changes(self, subscription: str) -> domain.Subscription:
        """Drop pending changes."""
        return await self._subscription_action("cancel_changes", subscription)

    async def _subscription_action(
        self, operation: str, subscription: str, body: object = None, note: object = None
    ) -> domain.Subscription:
        call = self._on(operation, subscription, body, note)
        return await self._written(NuviasSubscription, wire.Subscription, call, "subscriptions")

    async def preview_subscription_change(
        self, subscription: str, lines: Sequence[ProductSwap], purchase_order_number: str | None
    ) -> domain.SubscriptionChangePreview:
        """What a change order would come to. A POST, but nothing is changed by it."""
        findings = Findings(self.name)
        if not HUB_ID.fullmatch(subscription):
            findings.add(UserErrorCode.NOT_FOUND, f"account {self.name} has no such subscription", "subscriptionId")
            findings.raise_any()
        body = wire.ChangePreviewWrite(
            subscription=int(subscription),
            purchase_order_number=purchase_order_number,
            line_items=[
                requests.swap_to_wire(line, findings, "lineItems", str(index)) for index, line in enumerate(lines)
            ],
        )
        findings.raise_any()
        reply = await self.client.call(self.client.build("preview_change", body=body))
        facts, costs = await self.facts(), reply.value(wire.ChangePreview)
        return domain.SubscriptionChangePreview(
            quantity=number(costs.subscription_new),
            quantity_delta=number(costs.subscription_delta),
            total_contract_value=facts.money(costs.tcv_new),
            total_contract_value_delta=facts.money(costs.tcv_delta),
            recurring_charge=facts.money(costs.rc_new),
            recurring_charge_delta=facts.money(costs.rc_delta),
        )

    # Invoices

    async def list_invoices(self, query: InvoiceQuery, window: Window) -> Slice[domain.Invoice]:
        """Invoices and credit notes by date."""
        if requests.asks_nothing(query):
            return Slice([], more=False, fetched_at=datetime.now(UTC), total=0)
        issued = narrow_range(query.issued_at, window)
        filters = requests.invoices_query(replace(query, issued_at=issued))
        sort = ("sort_by", "-date" if window.descending else "+date")

        async def fetch(page: int, size: int) -> VendorPage[domain.Invoice]:
            answer = await self._list(
                NuviasInvoice,
                wire.Invoice,
                "list_invoices",
                query=[*filters, sort, *paging(page, size)],
                kind="invoices",
            )
            return vendor_page(answer, page, size)

        found = await seek(
            window,
            fetch,
            key=invoice_key,
            keep=lambda invoice: invoice_wanted(invoice, query),
            narrow=NARROW,
            page_size=PAGE_SIZE,
        )
        exact = window.after is None and query.purchase_order_number is None and requests.whole_days(query.issued_at)
        return replace(found, total=found.total if exact else None)

    async def list_invoices_sorted(
        self, query: InvoiceQuery, sort: str, offset: int, limit: int
    ) -> Part[domain.Invoice]:
        """Invoices in one of the Hub's orders."""
        if requests.asks_nothing(query):
            return Part([], 0, datetime.now(UTC))
        filters = [*requests.invoices_query(query), ("sort_by", sort)]
        return await self._part(NuviasInvoice, wire.Invoice, "list_invoices", filters, "invoices", offset, limit)

    async def fetch_invoices(self, keys: Sequence[str]) -> Fetched[domain.Invoice]:
        """Invoices by ``id:reference``: the Hub has no look-up by id, so it is searched by reference."""
        return await each(keys, self._invoice)

    async def _invoice(self, key: str) -> domain.Invoice | None:
        number, _, reference = key.partition(":")
        if not reference or not HUB_ID.fullmatch(number):
            return None
        found = await self._invoices_of(reference)
        return next((invoice for invoice in found if invoice.key == (number, reference)), None)

    async def _invoices_of(self, text: str) -> list[NuviasInvoice]:
        query = [("text", text), *paging(1, PAGE_SIZE)]
        return (await self._list(NuviasInvoice, wire.Invoice, "list_invoices", query=query, kind="invoices")).value

    async def fetch_order_invoices(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Invoice]]:
        """For each purchase order number, its invoices; the Hub links them by nothing else.

        Many numbers at once are found in the pages of the whole list, if these are fewer than the look-ups.
        """
        try:
            listed = await self._all_invoices(len(keys)) if len(keys) >= PARALLEL else None
        except VendorError as error:
            return [error] * len(keys)

        async def of(key: str) -> Sequence[domain.Invoice]:
            found = listed if listed is not None else await self._invoices_of(key)
            return [invoice for invoice in found if invoice.purchase_order_number == key]

        return await each(keys, of)

    async def _all_invoices(self, most: int) -> list[NuviasInvoice] | None:
        """All invoices, None if that takes more calls than ``most``."""
        most = min(most, INVOICE_PAGES)
        answer = await self._pages(NuviasInvoice, wire.Invoice, "list_invoices", "invoices", most, all_or_first=True)
        return None if (answer.pages or 1) > most else answer.value

    # What only the Hub has: people and reference data

    async def viewer(self) -> people.NuviasViewer:
        """Whose API client this is."""
        answer = await self.read("whoami", decode=one(wire_people.Whoami), kind="reference")
        return people.NuviasViewer(self.origin(answer.received_at), answer.value, await self.facts())

    async def list_users(self, query: Query, offset: int, limit: int) -> Part[people.NuviasUserRow]:
        """Users."""
        return await self._part(
            people.NuviasUserRow, wire_people.UserRow, "list_users", query, "administration", offset, limit
        )

    async def fetch_users(self, keys: Sequence[str]) -> Fetched[people.NuviasUser]:
        """Users by id, with all that the Hub tells of them."""
        return await each(
            keys, lambda key: self._get(people.NuviasUser, wire_people.User, "get_user", key, "administration")
        )

    async def create_user(self, values: Mapping[str, Any]) -> people.NuviasUser:
        """Make a user."""
        findings = Findings(self.name)
        body = requests.new_user(values, findings)
        findings.raise_any()
        call = self.client.build("create_user", body=body)
        return await self._written(people.NuviasUser, wire_people.User, call, "administration")

    async def edit_user(self, key: str, values: Mapping[str, Any]) -> people.NuviasUser:
        """Change a user: the Hub's PUT overwrites, so the rest is sent as it is."""
        current = await self._existing(people.NuviasUser, wire_people.User, "get_user", key)
        findings = Findings(self.name)
        body = requests.user_change(current, values, findings)
        findings.raise_any()
        call = self.client.build("edit_user", key, body=body, note=requests.body_of(current, wire_people.UserWrite))
        return await self._written(people.NuviasUser, wire_people.User, call, "administration")

    async def list_product_groups(self, offset: int, limit: int) -> Part[people.NuviasProductGroupRow]:
        """Product groups; the Hub gives them as a whole."""
        return await self._whole(
            people.NuviasProductGroupRow,
            wire_people.ProductGroupRow,
            "list_product_groups",
            [],
            "administration",
            offset,
            limit,
        )

    async def fetch_product_groups(self, keys: Sequence[str]) -> Fetched[people.NuviasProductGroup]:
        """Product groups by id, with all that the Hub tells of them."""
        return await each(
            keys,
            lambda key: self._get(
                people.NuviasProductGroup, wire_people.ProductGroup, "get_product_group", key, "administration"
            ),
        )

    async def create_product_group(self, values: Mapping[str, Any]) -> people.NuviasProductGroup:
        """Make a product group."""
        findings = Findings(self.name)
        body = requests.new_product_group(values, findings)
        findings.raise_any()
        call = self.client.build("create_product_group", body=body)
        return await self._written(people.NuviasProductGroup, wire_people.ProductGroup, call, "administration")

    async def edit_product_group(self, key: str, values: Mapping[str, Any]) -> people.NuviasProductGroup:
        """Change a product group: the rest is sent as it is."""
        current = await self._existing(people.NuviasProductGroup, wire_people.ProductGroup, "get_product_group", key)
        findings = Findings(self.name)
        body = requests.product_group_change(current, values, findings)
        findings.raise_any()
        note = requests.body_of(current, wire_people.ProductGroupWrite)
        call = self.client.build("edit_product_group", key, body=body, note=note)
        return await self._written(people.NuviasProductGroup, wire_people.ProductGroup, call, "administration")

    async def list_feeds(self, query: Query, offset: int, limit: int) -> Part[people.NuviasFeedRow]:
        """Feeds; the Hub gives them as a whole."""
        return await self._whole(
            people.NuviasFeedRow, wire_people.FeedRow, "list_feeds", query, "administration", offset, limit
        )

    async def fetch_feeds(self, keys: Sequence[str]) -> Fetched[people.NuviasFeed]:
        """Feeds by id, with what their files look like."""
        return await each(
            keys, lambda key: self._get(people.NuviasFeed, wire_people.Feed, "get_feed", key, "administration")
        )

    async def create_feed(self, values: Mapping[str, Any]) -> people.NuviasFeed:
        """Make a feed."""
        findings = Findings(self.name)
        body = requests.new_feed(values, findings)
        findings.raise_any()
        call = self.client.build("create_feed", body=body)
        return await self._written(people.NuviasFeed, wire_people.Feed, call, "administration")

    async def edit_feed(self, key: str, values: Mapping[str, Any]) -> people.NuviasFeed:
        """Change a feed: the rest is sent as it is, the password included."""
        current = await self._existing(people.NuviasFeed, wire_people.Feed, "get_feed", key)
        findings = Findings(self.name)
        body = requests.feed_change(current, values, findings)
        findings.raise_any()
        call = self.client.build("edit_feed", key, body=body, note=requests.body_of(current, wire_people.FeedWrite))
        return await self._written(people.NuviasFeed, wire_people.Feed, call, "administration")

    async def _existing(self, make: Maker[mapping.Details[W]], type_: type[W], operation: str, key: str) -> W:
        self.cache.forget("administration")
        found = await self._get(make, type_, operation, key, "administration")
        if found is None:
            raise ActionRefused(UserError(UserErrorCode.NOT_FOUND, f"account {self.name} has no such object"))
        return found.wire

    async def list_organisations(self) -> list[people.NuviasOrganisation]:
        """All organisations."""
        return (await self._list(people.NuviasOrganisation, wire_people.Organisation, "list_organisations")).value

    async def fetch_organisations(self, keys: Sequence[str]) -> Fetched[people.NuviasOrganisation]:
        """Organisations by id."""
        return await self._referenced(people.NuviasOrganisation, wire_people.Organisation, "list_organisations", keys)

    async def fetch_addresses(self, keys: Sequence[str]) -> Fetched[Sequence[people.NuviasSavedAddress]]:
        """For each organisation id, its saved addresses."""

        async def of(key: str) -> Sequence[people.NuviasSavedAddress]:
            answer, facts = await asyncio.gather(
                self.read("list_addresses", key, decode=many(wire_people.SavedAddress), kind="reference"), self.facts()
            )
            return [people.NuviasSavedAddress(one.wire.name, facts.address(one.wire)) for one in answer.value]

        return await each(keys, of)

    async def list_manufacturers(self) -> list[people.NuviasManufacturer]:
        """All manufacturers."""
        return (await self._list(people.NuviasManufacturer, wire_people.Manufacturer, "list_manufacturers")).value

    async def fetch_manufacturers(self, keys: Sequence[str]) -> Fetched[people.NuviasManufacturer]:
        """Manufacturers by id."""
        return await self._referenced(people.NuviasManufacturer, wire_people.Manufacturer, "list_manufacturers", keys)

    async def list_countries(self) -> list[people.NuviasCountry]:
        """All countries."""
        return (await self._list(people.NuviasCountry, wire_people.Country, "list_countries")).value

    async def fetch_countries(self, keys: Sequence[str]) -> Fetched[people.NuviasCountry]:
        """Countries by id."""
        return await self._referenced(people.NuviasCountry, wire_people.Country, "list_countries", keys)

    async def list_shipping_types(self) -> list[people.NuviasShippingType]:
        """All ways to ship."""
        return (await self._list(people.NuviasShippingType, wire_people.ShippingType, "list_shipping_types")).value

    async def fetch_shipping_types(self, keys: Sequence[str]) -> Fetched[people.NuviasShippingType]:
        """Ways to ship by id."""
        return await self._referenced(people.NuviasShippingType, wire_people.ShippingType, "list_shipping_types", keys)

    async def list_groups(self) -> list[people.NuviasProvisioningGroup]:
        """All Dovetail groups."""
        return (await self._list(people.NuviasProvisioningGroup, wire_people.Group, "list_groups")).value

    async def fetch_groups(self, keys: Sequence[str]) -> Fetched[people.NuviasProvisioningGroup]:
        """Dovetail groups by id."""
        return await self._referenced(people.NuviasProvisioningGroup, wire_people.Group, "list_groups", keys)

    async def list_sites(self) -> list[people.NuviasSite]:
        """All Dovetail sites."""
        return (await self._list(people.NuviasSite, wire_people.Site, "list_sites")).value

    async def fetch_sites(self, keys: Sequence[str]) -> Fetched[people.NuviasSite]:
        """Dovetail sites by id."""
        return await self._referenced(people.NuviasSite, wire_people.Site, "list_sites", keys)


TOUCHED = ("orders", "subscriptions", "invoices")
"""What an action on an order may change."""


def rewritten(order: NuviasOrder, operation: WriteOperation) -> bool | None:
    """Whether a basket or, of an order, its linked references have been put as an operation wanted."""
    of_order = operation.calls[-1].operation == "edit_order"
    return operation.wrote(requests.body_of(order.wire, wire.OrderEdit) if of_order else requests.write_of(order.wire))


def draft(origin: domain.Origin, source: Decoded[wire.Order], facts: Facts) -> NuviasOrder:
    """A basket as an order."""
    return NuviasOrder(origin, source, facts, draft=True)


def paging(page: int, size: int) -> Query:
    """The parameters that ask for a page."""
    return [("page", str(page)), ("per_page", str(size))]


def vendor_page(answer: Answer[list[V]], page: int, size: int) -> VendorPage[Any]:
    """A page for `seek`; without the header, a full page means that another may follow."""
    full = len(answer.value) + answer.skipped >= size
    pages = answer.pages if answer.pages is not None else page + full
    return VendorPage(answer.value, pages, answer.received_at, answer.total, answer.skipped)


def total_key(order: domain.Order) -> Key:
    """The place of an order in a list by total; the Hub's number decides, whatever the currency."""
    total = cast("NuviasOrder", order).wire.total
    return (Decimal(0) if total is None else total, order.id)


KEYS: Mapping[str, Callable[[domain.Order], Key]] = {"date": order_key, "total": total_key}


def narrowed(query: OrderQuery, window: Window, by: Literal["date", "total"]) -> OrderQuery:
    """The query without most of what lies before the window: the Hub's filters are days and totals."""
    if by == "date":
        return replace(query, placed_at=narrow_range(query.placed_at, window))
    if window.after is None:
        return query
    name, pick = ("value_to", min) if window.descending else ("value_from", max)
    bound = query.details.get(name)
    value = window.after[0] if bound is None else pick(bound, window.after[0])
    return replace(query, details={**query.details, name: value})


def narrow_range(span: Range[datetime], window: Window) -> Range[datetime]:
    """The range without most of what lies before the window."""
    if window.after is None or window.after[0] == BEGINNING or window.after[0].year == 9999:
        return span
    moment: datetime = window.after[0]
    if window.descending:
        after = moment + min(timedelta(seconds=1), ENDING - moment)
        return Range(span.start, after if span.end is None else min(span.end, after))
    return Range(moment if span.start is None else max(span.start, moment), span.end)


def searched(query: OrderQuery) -> OrderQuery:
    """What is left to check of a query: for its text, the Hub has searched in its own way."""
    return replace(query, text=None)


def drafts_wanted(baskets: Sequence[NuviasOrder], query: OrderQuery) -> list[NuviasOrder]:
    """The baskets that a query asks for."""
    rest = searched(query)
    return [one for one in baskets if fits(one, rest) and requests.draft_wanted(one.wire, query)]


def invoice_wanted(invoice: domain.Invoice, query: InvoiceQuery) -> bool:
    """The query's conditions, exactly."""
    numbers = query.purchase_order_number
    return (
        (query.status is None or invoice.status in query.status)
        and (query.type is None or invoice.type in query.type)
        and within(invoice.issued_at, query.issued_at)
        and (numbers is None or invoice.purchase_order_number in numbers)
    )


def midnight(on: date) -> str:
    """A day as the Hub's samples write it in activations."""
    return f"{on.isoformat()}T00:00:00.000Z"
