"""The connector of Nuvias UC Hub: one method per operation, each with one call and one mapping.

Source: Nuvias UC "Hub API (1.1.0)". Two decisions are made here:

* **Order or basket?** The Hub uses one id for both ("the ID of the order will be the same as that of the
  basket"), and the id does not show which of them currently exists. `fetch_orders` requests the order and,
  after a 404, the basket. An order costs one call, a draft two. The global ID stays the same when a draft is
  submitted.
* **Placing an order** takes two steps, creating a basket and submitting it, so that the id is known before
  anything is ordered. An account with ``placement = "direct"`` uses ``POST /orders`` instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeVar, cast

import msgspec

from ordergraph import domain
from ordergraph.connector import OUTCOMES, TARGETS, Fetched, Outcomes, ReadCheck, Targets, each, login_check, refused
from ordergraph.domain import Action, Requirement, SubscriptionStatus, commands, errors
from ordergraph.domain.commands import fits
from ordergraph.domain.paging import Key, OffsetPage, Slice, Window, join, order_key, slice_whole
from ordergraph.ledger.operations import Finding, WriteOperation
from ordergraph.ledger.placed import PlacedOrders
from ordergraph.upstream.authentication import OAuth
from ordergraph.upstream.calls import Decoded, build_call
from ordergraph.upstream.client import VendorClient
from ordergraph.vendors.nuvias import connector_calls as calls
from ordergraph.vendors.nuvias import connector_people as own
from ordergraph.vendors.nuvias import mapping, request_mapping, wire, wire_people
from ordergraph.vendors.nuvias.connector_billing import LISTED_INVOICES, LISTED_SUBSCRIPTIONS, BillingConnector
from ordergraph.vendors.nuvias.connector_people import PeopleConnector
from ordergraph.vendors.nuvias.mapping import Facts, NuviasOrder, NuviasProduct
from ordergraph.vendors.nuvias.request_mapping import HUB_ID, Findings

T = TypeVar("T")
By = Literal["date", "total"]

BASKET_PAGES = 10  # the maximum number of pages of baskets to read for a list of orders


def draft(origin: domain.Origin, source: Decoded[wire.Order], facts: Facts) -> NuviasOrder:
    """Return the view of a basket as an order."""
    return NuviasOrder(origin, source, facts, draft=True)


ORDERS = calls.Kind(NuviasOrder, wire.Order, "get_order", "orders")
LISTED_ORDERS = calls.Kind(NuviasOrder, wire.Order, "list_orders", "orders")
BASKETS = calls.Kind(draft, wire.Order, "get_basket", "orders")
LISTED_BASKETS = calls.Kind(draft, wire.Order, "list_baskets", "orders")
PRODUCTS = calls.Kind(NuviasProduct, wire.Product, "get_product", "products")
LISTED_PRODUCTS = calls.Kind(NuviasProduct, wire.Product, "list_products", "products")

FIRST_ROW = calls.paging(1, 1)
READ_CHECKS: Sequence[ReadCheck] = (
    login_check("create_token"),
    ReadCheck("account", "whoami", lambda at: at.whoami()),
    calls.list_check("organisations", own.ORGANISATIONS),
    ReadCheck("addresses", "list_addresses", lambda at: at.own_addresses()),
    calls.list_check("users", own.USER_ROWS),
    calls.list_check("product groups", own.PRODUCT_GROUP_ROWS),
    calls.list_check("products", LISTED_PRODUCTS, *FIRST_ROW),
    calls.list_check("baskets", LISTED_BASKETS, *FIRST_ROW),
    calls.list_check("orders and shipments", LISTED_ORDERS, *FIRST_ROW),
    calls.list_check("subscriptions", LISTED_SUBSCRIPTIONS),
    calls.list_check("invoices", LISTED_INVOICES, *FIRST_ROW),
    calls.list_check("manufacturers", own.MANUFACTURERS),
    calls.list_check("countries", own.COUNTRIES),
    calls.list_check("shipping types", own.SHIPPING_TYPES),
    calls.list_check("provisioning groups", own.GROUPS),
    calls.list_check("sites", own.SITES),
    calls.list_check("feeds", own.FEED_ROWS),
)


def left_as(body: type[wire.Write]) -> Callable[[Any, WriteOperation], bool | None]:
    """Return the check of a PUT's outcome: whether the object is as the operation wrote it."""
    return lambda one, operation: operation.wrote(request_mapping.body_of(one.wire, body))


TOUCHED = ("orders", "subscriptions", "invoices")
"""The cache groups that an action on an order may change."""


def rewritten(order: NuviasOrder, operation: WriteOperation) -> bool | None:
    """Return whether a basket, or an order's linked references, are as an operation wrote them."""
    of_order = operation.calls[-1].operation == "edit_order"
    return operation.wrote(
        request_mapping.body_of(order.wire, wire.OrderEdit) if of_order else request_mapping.write_of(order.wire)
    )


def total_key(order: domain.Order) -> Key:
    """Return the position of an order in a list by total. Only the number counts, not the currency."""
    total = cast("NuviasOrder", order).wire.total
    return (Decimal(0) if total is None else total, order.id)


KEYS: Mapping[str, Callable[[domain.Order], Key]] = {"date": order_key, "total": total_key}


class NuviasConnector(BillingConnector, PeopleConnector):
    """An account at the Hub."""

    title = "Nuvias UC Hub"
    requirements: ClassVar[Sequence[Requirement]] = request_mapping.REQUIREMENTS
    outcomes: ClassVar[Outcomes] = {
        **OUTCOMES,
        **dict.fromkeys(("updateOrder", "updateLineItem", "removeLineItem"), rewritten),
        "updateSubscription": left_as(wire.SubscriptionWrite),
        "activateSubscription": lambda one, _: one.status is SubscriptionStatus.ACTIVE,
        "cancelSubscription": lambda one, _: one.status is SubscriptionStatus.EXPIRED,
        "activateSubscriptionChanges": lambda one, _: not one.has_pending_changes,
        "cancelSubscriptionChanges": lambda one, _: not one.has_pending_changes,
        "updateNuviasUser": left_as(wire_people.UserWrite),
        "updateNuviasProductGroup": left_as(wire_people.ProductGroupWrite),
        "updateNuviasFeed": left_as(wire_people.FeedWrite),
    }
    read_checks: ClassVar[Sequence[ReadCheck]] = READ_CHECKS
    targets: ClassVar[Targets] = {
        **TARGETS,
        "userId": lambda at, keys: at.fetch_users(keys),
        "productGroupId": lambda at, keys: at.fetch_product_groups(keys),
        "feedId": lambda at, keys: at.fetch_feeds(keys),
    }

    def __init__(self, account: calls.NuviasSettings, kept: PlacedOrders) -> None:
        paths = {**calls.PATHS, **account.paths}
        form = {
            "client_id": account.client_id,
            "client_secret": account.client_secret.get_secret_value(),
            "grant_type": "client_credentials",
        }
        login = OAuth(build_call(paths, "create_token", form=form))
        super().__init__(account, VendorClient(account, paths, login, calls.read_problem), kept)
        self.placement = account.placement

    async def check(self) -> str:
        """Authenticate and return a description of the user."""
        who = await self.whoami()
        return f"{who.name} of organisation {who.organisation}, in {who.currency}"

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """Return the path in the input of a field that the Hub rejects."""
        return request_mapping.input_path(operation, path)

    # Orders and baskets: reads

    async def fetch_orders(self, keys: Sequence[str]) -> Fetched[domain.Order]:
        """Return orders or baskets by id. See the module's docstring."""
        return await each(keys, self._order)

    async def _order(self, key: str) -> NuviasOrder | None:
        order = await self.get(ORDERS, key)
        return order or await self.get(BASKETS, key)

    async def list_orders(self, query: commands.OrderQuery, window: Window, by: By = "date") -> Slice[domain.Order]:
        """Return orders by date or total, with baskets if the query asks for drafts."""
        slices: list[Awaitable[Slice[domain.Order]]] = []
        if request_mapping.asks_orders(query):
            slices.append(self._list_orders(query, window, by))
        if request_mapping.asks_drafts(query):
            slices.append(self._list_drafts(query, window, by))
        if not slices:
            return Slice([], more=False, fetched_at=datetime.now(UTC), total=0)
        return join(await asyncio.gather(*slices), window, KEYS[by])

    async def _list_orders(self, query: commands.OrderQuery, window: Window, by: By) -> Slice[domain.Order]:
        filters = request_mapping.orders_query(request_mapping.narrowed(query, window, by))
        found = await self.sought(
            LISTED_ORDERS,
            filters,
            by,
            window,
            KEYS[by],
            lambda order: fits(order, request_mapping.searched(query)),
        )
        counted = window.after is None and request_mapping.exact(query)
        return replace(found, total=found.total if counted else None)

    async def _list_drafts(self, query: commands.OrderQuery, window: Window, by: By) -> Slice[domain.Order]:
        answer = await self._baskets(query)
        return slice_whole(
            answer.value,
            window,
            key=KEYS[by],
            fetched_at=answer.received_at,
            skipped=answer.skipped,
            truncated=(answer.pages or 1) > BASKET_PAGES,
        )

    async def _baskets(self, query: commands.OrderQuery) -> calls.Answer[Sequence[domain.Order]]:
        """Return the baskets that match a query, from the first pages. The Hub sorts baskets by name or total only."""
        answer, rest = await self.first_pages(LISTED_BASKETS, BASKET_PAGES), request_mapping.searched(query)
        wanted = [one for one in answer.value if fits(one, rest) and request_mapping.draft_wanted(one.wire, query)]
        return calls.Answer(wanted, answer.received_at, answer.left_out, pages=answer.pages)

    async def count_orders(self, query: commands.OrderQuery) -> int | None:
        """Return the Hub's count of the orders that match, or None if the Hub's filters differ from the query."""
        if not request_mapping.exact(query):
            return None
        counts = 0
        if request_mapping.asks_orders(query):
            answer = await self.read_list(LISTED_ORDERS, [*request_mapping.orders_query(query), *FIRST_ROW])
            if answer.total is None:
                return None
            counts += answer.total
        if request_mapping.asks_drafts(query):
            baskets = await self._baskets(query)
            if (baskets.pages or 1) > BASKET_PAGES:
                return None
            counts += len(baskets.value)
        return counts

    async def list_drafts(self, sort: str, offset: int, limit: int) -> OffsetPage[domain.Order]:
        """Return baskets in one of the Hub's sort orders: ``+name -name +total -total``."""
        return await self.part(LISTED_BASKETS, [("sort_by", sort)], offset, limit)

    # Orders and baskets: actions

    async def create_draft_order(self, request: commands.OrderRequest) -> domain.Order:
        """Create a basket."""
        return await self._create(await self._body(request), "create_basket")

    async def place_order(self, request: commands.OrderRequest) -> domain.Order:
        """Create a basket and submit it, or use ``POST /orders`` if the account's settings say so."""
        body = await self._body(request, placing=True)
        if self.placement == "direct":
            return await self._create(msgspec.structs.replace(body, order_type="SALES_ORDER"), "create_order")
        try:
            basket = await self._create(body, "create_basket")
        except errors.VendorError as error:
            error.nothing_done = True  # nothing is ordered yet: at worst, a draft is left behind
            raise
        try:
            return await self.submit_order(basket.key[0])
        except errors.VendorError as error:
            error.left_behind = basket
            raise

    async def _body(self, request: commands.OrderRequest, *, placing: bool = False) -> wire.OrderWrite:
        facts = await self.facts()

        def body(findings: Findings) -> wire.OrderWrite:
            if placing and not request.lines:
                findings.add(errors.UserErrorCode.REQUIRED, "An order needs at least one line item.", "lineItems")
            return request_mapping.order_to_wire(request, facts, findings)

        return self.checked(body)

    async def _create(self, body: wire.OrderWrite, operation: str) -> NuviasOrder:
        kind = ORDERS if operation == "create_order" else BASKETS
        return await self.written(kind, self.client.build(operation, body=body), *TOUCHED)

    async def update_order(self, order: str, change: commands.OrderChange, if_version: str | None) -> domain.Order:
        """Change a basket, or the linked references of an order. Omitted fields keep their values."""
        current = await self._current(order)
        self.check_version(current, if_version)
        if not current.draft:
            return await self._edit_order(current, change)
        facts, old = await self.facts(), current.wire
        body = self.checked(lambda findings: request_mapping.change_to_wire(old, change, facts, findings))
        return await self._edit_basket(current, body)

    async def _edit_order(self, current: NuviasOrder, change: commands.OrderChange) -> domain.Order:
        refs = self.checked(lambda findings: request_mapping.order_edit(change, current.state, findings))
        body = wire.OrderEdit(linked_supplier_refs=refs)
        call = self.call_on("edit_order", current.key[0], body, request_mapping.body_of(current.wire, wire.OrderEdit))
        return await self.written(ORDERS, call, *TOUCHED)

    async def _edit_basket(self, current: NuviasOrder, body: wire.OrderWrite) -> domain.Order:
        call = self.call_on("edit_basket", current.key[0], body, request_mapping.write_of(current.wire))
        return await self.written(BASKETS, call, *TOUCHED)

    async def add_line_item(
        self, order: str, line: commands.LineRequest
    ) -> tuple[domain.Order | None, domain.LineItem | None]:
        """Add a line. The Hub returns only the line, so the basket is read again."""
        body = self.checked(lambda findings: request_mapping.line_to_wire(line, findings, "lineItem"))
        call = self.call_on("add_line_item", order, body)
        added = await self._act(Action.ADD_LINE_ITEM, order, self.send(call, *TOUCHED))
        new = added.value(wire.LineItem)
        try:
            basket = await self.get(BASKETS, order)
        except errors.VendorError:
            return None, None  # the line was added; only reading the basket failed
        lines = basket.line_items if basket else ()
        return basket, next((item for item in lines if item.wire.id == new.id), None)

    async def update_line_item(self, order: str, line: str, change: commands.LineChange) -> domain.Order:
        """Change a line with a PUT of the whole basket."""
        current, index = await self._line(order, line, Action.UPDATE_LINE_ITEM)
        old = current.wire.line_items[index]
        changed = self.checked(lambda findings: request_mapping.line_change(old, change, findings))
        try:
            return await self._put_line(current, index, [changed])
        except errors.VendorRejected as error:
            error.problem = request_mapping.moved(error.problem, f"line_items.{index}.", "")
            raise

    async def remove_line_item(self, order: str, line: str) -> domain.Order:
        """Remove a line with a PUT of the whole basket."""
        current, index = await self._line(order, line, Action.REMOVE_LINE_ITEM)
        return await self._put_line(current, index, [])

    async def _put_line(self, current: NuviasOrder, index: int, instead: Sequence[wire.LineItemWrite]) -> domain.Order:
        body = request_mapping.write_of(current.wire)
        lines = [*(body.line_items or ())]
        lines[index : index + 1] = instead
        return await self._edit_basket(current, msgspec.structs.replace(body, line_items=lines))

    async def _line(self, order: str, line: str, action: Action) -> tuple[NuviasOrder, int]:
        current = await self._current(order)
        if not current.draft:
            raise refused(action, current)
        for index, item in enumerate(current.wire.line_items):
            if str(item.id) == line:
                return current, index
        reason = errors.UserError(errors.UserErrorCode.NOT_FOUND, f"The order {order} has no line item {line}.")
        raise errors.ActionRefused(reason)

    async def submit_order(self, order: str) -> domain.Order:
        """Submit a basket. The order has the same id."""
        return await self._order_action(Action.SUBMIT_ORDER, "submit_basket", order)

    async def cancel_order(self, order: str, request: commands.CancelRequest) -> domain.Order:
        """Cancel an order that is PROCESSING. The Hub accepts no reason."""
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
        call = self.call_on(operation, order)
        return await self._act(action, order, self.written(ORDERS, call, *TOUCHED))

    async def _act(self, action: Action, order: str, doing: Awaitable[T]) -> T:
        """Perform an action on an order.

        A 404 may mean that the order is a basket, or no longer one. After a 409, the order's status explains more.
        """
        try:
            return await doing
        except errors.VendorNotFound:
            raise refused(action, await self._current(order)) from None
        except errors.VendorConflict as error:
            try:
                current = await self._current(order)
            except (errors.VendorError, errors.ActionRefused):
                raise error from None
            if mapping.order_action(action, current.state).is_allowed:
                raise
            raise refused(action, current, words=error.problem.message) from None

    async def outcome_of(self, operation: WriteOperation) -> Finding | None:
        """Return what the Hub shows of an in-doubt operation. Placing is done once the basket has become an order."""
        if operation.mutation != "placeOrder":
            return await super().outcome_of(operation)
        if operation.calls[0].operation == "create_order":
            return None
        submitted = next((call.parts[0] for call in operation.calls if call.operation == "submit_basket"), None)
        if submitted is None:  # at worst, a draft is left behind
            return Finding(False, final=True)
        order = await self._order(submitted)
        if order is None:  # it may have become an order between the two reads
            raise self.client.error(errors.VendorNotFound, "get_order")
        return Finding(not order.draft, [order])

    async def _current(self, order: str) -> NuviasOrder:
        self.cache.forget("orders")
        current = await self._order(order)
        if current is None:
            raise self.nothing(f"no order {order}")
        return current

    # Products

    async def fetch_products(self, keys: Sequence[str]) -> Fetched[domain.Product]:
        """Return products by id: from the cache, one by one, or from one page of the catalogue if many are missing."""
        missing = {key for key in keys if HUB_ID.fullmatch(key) and self.cache.peek(("products", "id", key)) is None}
        if len(missing) >= calls.PARALLEL:
            try:
                page = await self.read_list(LISTED_PRODUCTS, calls.paging(1, calls.PAGE_SIZE))
                self._keep_products(page.value)
            except errors.VendorError as error:
                return [error if key in missing else self.cache.peek(("products", "id", key)) for key in keys]
        return await each(keys, self._product)

    async def _product(self, key: str) -> NuviasProduct | None:
        found = self.cache.peek(("products", "id", key))
        if isinstance(found, NuviasProduct):
            return found
        product = await self.get(PRODUCTS, key)
        if product:
            self._keep_products([product])
        return product

    def _keep_products(self, products: Sequence[NuviasProduct]) -> None:
        for product in products:
            self.cache.put(("products", "id", product.key[0]), product, self.account.cache.products)

    async def list_products(self, query: commands.ProductQuery, offset: int, limit: int) -> OffsetPage[domain.Product]:
        """Return products. The Hub sorts by popularity by default."""
        filters = request_mapping.from_details(query.details)
        if query.search:
            filters.append(("text", query.search))
        return await self.part(LISTED_PRODUCTS, filters, offset, limit)
