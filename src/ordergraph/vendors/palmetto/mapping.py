"""Palmetto's orders as ordergraph's.

Source: "Net3 API Interface for Customer Portal". Palmetto never tells of an order again, so every view is of what
was sent, as the gateway keeps it: the status is SUBMITTED for good. What the document does not explain (a row's
``status``, ``typeOrderStatusId``, the order's ``action``) stands in the details and decides nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from functools import cache, lru_cache, partial
from typing import Any, cast

import msgspec

from ordergraph import domain
from ordergraph.domain import (
    Action,
    ActionAvailability,
    Actor,
    Address,
    Money,
    Note,
    OrderStatus,
    Origin,
    Party,
    RefusalReason,
    SubscriptionStatus,
)
from ordergraph.domain.commands import Contact
from ordergraph.ledger.placed import PlacedOrder
from ordergraph.vendors.palmetto import jsv, wire
from ordergraph.wire import decoding

NO_CURRENCY = "XXX"
EXACT = 100
"""Digits: more than a sum of Palmetto's numbers, which have 29 at the most, can come to."""
MAX_BODIES = 1000
"""Bodies that are remembered as they were read."""
LISTS = ("products", "requestedproducts", "order")
"""The three lists of a payload, in the order in which lines are shown."""
UNSUPPORTED = (Action.UPDATE_ORDER, Action.CANCEL_ORDER)
"""What people look for, and Palmetto's API lacks."""


class PalmettoList(domain.DescribedEnum):
    """Which of the lists of a payload a line stands in."""

    PRODUCTS = "`products`: products in the shortest form."
    REQUESTED_PRODUCTS = "`requestedproducts`: products asked for at a data centre."
    ORDER = "`order`: rows with prices and dates."


LIST_WORDS: Mapping[str, PalmettoList] = dict(zip(LISTS, PalmettoList, strict=True))

Row = wire.SelfServiceProduct | wire.TypeCostProductReq | wire.TypeOrderDetailInfo
note_unreadable = partial(decoding.note_unreadable, "palmetto")


@cache
def names_of(type_: type[msgspec.Struct]) -> Mapping[str, str]:
    """The fields of a message by the names that Python and, in camel case, the graph have for them."""
    return {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower(): name for name in type_.__struct_fields__}


@dataclass(frozen=True, slots=True)
class Sent:
    """An order as it was sent: typed, and in words as the text has them."""

    kept: PlacedOrder
    wire: wire.SelfServiceOrderProducts
    tree: Mapping[str, Any]


def read_kept(kept: PlacedOrder) -> Sent:
    """What was sent, out of what was kept; raise ValueError if it is no JSV object."""
    return Sent(kept, *read_body(kept.body))


@lru_cache(maxsize=MAX_BODIES)
def read_body(body: bytes) -> tuple[wire.SelfServiceOrderProducts, Mapping[str, Any]]:
    """A body, typed and in words. It never changes, and lists read the same ones again and again."""
    tree = jsv.loads(body.decode())
    if not isinstance(tree, dict):
        raise jsv.JsvError("an order is an object, which begins", 0)
    return jsv.typed(tree, wire.SelfServiceOrderProducts, lambda path, said: note_unreadable(path, said)), tree


def reference_of(order: wire.SelfServiceOrderProducts) -> str | None:
    """The caller's reference: the job's id and, without one, the correlation id."""
    return order.jobId or order.correlationId or None


class PalmettoOrder(domain.Order):
    """An order that Palmetto took; ``currency`` is the account's, since Palmetto names none."""

    __slots__ = ("currency", "sent", "wire")

    def __init__(self, origin: Origin, sent: Sent, currency: str | None) -> None:
        super().__init__(origin)
        self.sent = sent
        self.wire = sent.wire
        self.currency = currency or NO_CURRENCY

    @property
    def key(self) -> tuple[str, ...]:
        return (self.sent.kept.key,)

    @property
    def vendor_order_id(self) -> str:
        return self.sent.kept.key

    @property
    def number(self) -> str | None:
        return self.wire.jobId or None

    @property
    def client_reference(self) -> str | None:
        return reference_of(self.wire)

    @property
    def purchase_order_number(self) -> str | None:
        return self.sent.kept.about.get("purchase_order_number")

    @property
    def status(self) -> OrderStatus:
        return OrderStatus.SUBMITTED

    @property
    def placed_at(self) -> datetime:
        return self.sent.kept.placed_at

    @property
    def requested_at(self) -> datetime | None:
        begins = (row.serviceBeginDate for row in order_rows(self.wire) if row.serviceBeginDate)
        return min(begins, default=None)

    @property
    def customer(self) -> Party | None:
        return Party(self.wire.companyId) if self.wire.companyId else None

    @property
    def created_by(self) -> Actor | None:
        return Actor(self.wire.userId) if self.wire.userId else None

    @property
    def notes(self) -> Sequence[Note]:
        return [Note(text) for text in self.sent.kept.about.get("notes", ())]

    @property
    def shipping_address(self) -> Address | None:
        # free text, and nothing tells a town from a street
        located = next((one.location for one in self.wire.payload or () if one.location), "")
        lines = [line for line in located.splitlines() if line.strip()]
        return Address(lines=lines) if lines else None

    @property
    def line_items(self) -> Sequence[PalmettoLineItem]:
        return [PalmettoLineItem(self, place) for place in places_of(self.wire)]

    @property
    def total(self) -> Money | None:
        prices = [row.extendedPrice for row in order_rows(self.wire) if row.extendedPrice is not None]
        with localcontext(prec=EXACT):
            return Money(sum(prices, Decimal(0)), self.currency) if prices else None

    @property
    def available_actions(self) -> Sequence[ActionAvailability]:
        message = "Palmetto's API takes orders and nothing else: talk to your account manager there."
        return [ActionAvailability(one, False, RefusalReason.NOT_SUPPORTED, message) for one in UNSUPPORTED]

    @property
    def details(self) -> PalmettoOrderDetails:
        return PalmettoOrderDetails(self)

    @property
    def version(self) -> str:
        return decoding.version_of(self.wire)

    @property
    def subscriptions(self) -> Sequence[PalmettoSubscription]:
        """What was ordered to go on: the recurring rows."""
        return [PalmettoSubscription(line) for line in self.line_items if line.details.recurring]

    def money(self, amount: Decimal | None) -> Money | None:
        """An amount in the order's currency."""
        return None if amount is None else Money(amount, self.currency)


def order_rows(order: wire.SelfServiceOrderProducts) -> Iterator[wire.TypeOrderDetailInfo]:
    """The rows that have prices and dates, of all payloads."""
    for payload in order.payload or ():
        yield from payload.order or ()


class PalmettoOrderDetails(domain.View):
    """What only an order of Palmetto has, and what the caller said that Palmetto has no field for."""

    __slots__ = ("order", "wire")
    type_name = "Order"

    def __init__(self, order: PalmettoOrder) -> None:
        super().__init__(order.origin)
        self.order = order
        self.wire = order.wire

    @property
    def key(self) -> tuple[str, ...]:
        return self.order.key

    @property
    def raw(self) -> Any:
        """The body as it was sent, in words; there are no secrets in it."""
        return self.order.sent.tree

    @property
    def company_id(self) -> str | None:
        return self.wire.companyId

    @property
    def user_id(self) -> str | None:
        return self.wire.userId

    @property
    def action(self) -> str | None:
        return self.wire.action

    @property
    def job_id(self) -> str | None:
        return self.wire.jobId

    @property
    def correlation_id(self) -> str | None:
        return self.wire.correlationId

    @property
    def payloads(self) -> Sequence[PalmettoPayload]:
        return [PalmettoPayload(one.orgName, one.vdcId, one.location) for one in self.wire.payload or ()]

    @property
    def contact(self) -> Contact | None:
        given = self.order.sent.kept.about.get("contact")
        return Contact(**given) if given else None


@dataclass(frozen=True, slots=True)
class PalmettoPayload:
    """For which virtual data centre lines were ordered."""

    org_name: str | None
    vdc_id: str | None
    location: str | None


# -------------------------------------------------------------------------------------------- lines


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands in an order: payload and row count from 0."""

    payload: int
    list: str
    row: int

    def __str__(self) -> str:
        """The last part of the line's id."""
        return f"{self.payload + 1}-{self.list}-{self.row + 1}"


def places_of(order: wire.SelfServiceOrderProducts) -> Iterator[Place]:
    """Where the lines of an order stand."""
    for number, payload in enumerate(order.payload or ()):
        for name in LISTS:
            for row in range(len(getattr(payload, name) or ())):
                yield Place(number, name, row)


class PalmettoLineItem(domain.LineItem):
    """A row of one of the three lists."""

    __slots__ = ("order", "place", "wire")

    def __init__(self, order: PalmettoOrder, place: Place) -> None:
        super().__init__(order.origin)
        self.order = order
        self.place = place
        payload = cast("Sequence[wire.SelfServicePayload]", order.wire.payload)[place.payload]
        self.wire: Row = getattr(payload, place.list)[place.row]

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.order.key, str(self.place))

    @property
    def product_number(self) -> int | None:
        """Palmetto's id of the product."""
        return self.wire.id if isinstance(self.wire, wire.SelfServiceProduct) else self.wire.productId

    @property
    def product_id(self) -> str | None:
        return None if self.product_number is None else str(self.product_number)

    @property
    def name(self) -> str | None:
        return (self.wire.product or None) if isinstance(self.wire, wire.TypeOrderDetailInfo) else None

    @property
    def quantity(self) -> Decimal | None:
        return self.wire.quantity

    @property
    def unit_price(self) -> Money | None:
        return self.order.money(getattr(self.wire, "productPrice", None))

    @property
    def list_price(self) -> Money | None:
        return self.order.money(getattr(self.wire, "retailProductPrice", None))

    @property
    def total(self) -> Money | None:
        return self.order.money(getattr(self.wire, "extendedPrice", None))

    @property
    def details(self) -> PalmettoLineItemDetails:
        return PalmettoLineItemDetails(self)


class PalmettoLineItemDetails(domain.View):
    """What only a line of Palmetto has: attributes that are not overridden are those of the row, if it has them."""

    __slots__ = ("line",)
    type_name = "LineItem"

    def __init__(self, line: PalmettoLineItem) -> None:
        super().__init__(line.origin)
        self.line = line

    @property
    def key(self) -> tuple[str, ...]:
        return self.line.key

    @property
    def raw(self) -> Any:
        """The row as it was sent, in words."""
        place = self.line.place
        payload = member(member(self.line.order.sent.tree, "payload")[place.payload], place.list)
        return payload[place.row]

    @property
    def list(self) -> PalmettoList:
        return LIST_WORDS[self.line.place.list]

    @property
    def payload(self) -> int:
        """Which payload, counted from 1 as the ids are."""
        return self.line.place.payload + 1

    @property
    def support_cost(self) -> Money | None:
        return self.line.order.money(getattr(self.line.wire, "supportCost", None))

    @property
    def support_cost_total(self) -> Money | None:
        return self.line.order.money(getattr(self.line.wire, "supportCostTotal", None))

    def __getattr__(self, name: str) -> Any:
        """A field of the row by its name in the graph; None where the row's list has no such field."""
        if name.startswith("_"):
            raise AttributeError(name)
        row = self.line.wire
        return getattr(row, names_of(type(row)).get(name, ""), None)


def member(tree: Mapping[str, Any], name: str) -> Any:
    """A member of an object, whose names may be in any case."""
    return next(value for key, value in reversed([*tree.items()]) if key.strip().lower() == name)


# ----------------------------------------------------------------------------------------- products


class PalmettoProduct(domain.Product):
    """What an order tells of a product: Palmetto's ordering API has no catalogue."""

    __slots__ = ("line",)

    def __init__(self, line: PalmettoLineItem) -> None:
        super().__init__(line.origin)
        self.line = line

    @property
    def key(self) -> tuple[str, ...]:
        return (str(self.line.product_number),)

    @property
    def vendor_product_id(self) -> str:
        return str(self.line.product_number)

    @property
    def name(self) -> str | None:
        return self.line.name

    @property
    def sku(self) -> str:
        return str(self.line.product_number)

    @property
    def details(self) -> PalmettoProductDetails:
        return PalmettoProductDetails(self.line)


class PalmettoProductDetails(domain.View):
    """What only a product of Palmetto has, as the line that tells of it."""

    __slots__ = ("line",)
    type_name = "Product"

    def __init__(self, line: PalmettoLineItem) -> None:
        super().__init__(line.origin)
        self.line = line

    @property
    def key(self) -> tuple[str, ...]:
        return (str(self.line.product_number),)

    @property
    def raw(self) -> Any:
        """The row that tells of it, as it was sent."""
        return self.line.details.raw

    @property
    def product_category(self) -> str | None:
        return self.line.details.product_category

    @property
    def provider(self) -> str | None:
        return self.line.details.provider

    @property
    def datacenter_code(self) -> str | None:
        return self.line.details.datacenter_code

    @property
    def data_center_id(self) -> str | None:
        return self.line.details.data_center_id


def telling(lines: Sequence[PalmettoLineItem]) -> Mapping[str, PalmettoLineItem]:
    """For each product of these lines the one that tells most of it: a row with its name, else the first."""
    found: dict[str, PalmettoLineItem] = {}
    for line in lines:
        product = line.product_id
        if product is not None and (product not in found or (line.name and not found[product].name)):
            found[product] = line
    return found


# ------------------------------------------------------------------------------------ subscriptions


class PalmettoSubscription(domain.Subscription):
    """A recurring row of an order, as a contract: what it says of its dates is all that is known."""

    __slots__ = ("line", "wire")

    def __init__(self, line: PalmettoLineItem) -> None:
        super().__init__(line.origin)
        self.line = line
        self.wire = cast("wire.TypeOrderDetailInfo", line.wire)

    @property
    def key(self) -> tuple[str, ...]:
        return self.line.key

    @property
    def vendor_subscription_id(self) -> str | None:
        return None if self.wire.orderDetailId is None else str(self.wire.orderDetailId)

    @property
    def name(self) -> str | None:
        return self.line.name

    @property
    def status(self) -> SubscriptionStatus:
        return standing(self.wire.serviceBeginDate, self.wire.serviceEndDate, datetime.now(UTC))

    @property
    def starts_on(self) -> date | None:
        return self.wire.serviceBeginDate.date() if self.wire.serviceBeginDate else None

    @property
    def ends_on(self) -> date | None:
        return self.wire.serviceEndDate.date() if self.wire.serviceEndDate else None

    @property
    def items(self) -> Sequence[domain.SubscriptionItem]:
        return [domain.SubscriptionItem(self.origin, self.line.product_id, self.wire.quantity, None)]

    @property
    def order_ids(self) -> Sequence[str]:
        return self.line.order.key

    @property
    def details(self) -> PalmettoSubscriptionDetails:
        return PalmettoSubscriptionDetails(self.line)

    @property
    def version(self) -> str:
        return decoding.version_of(self.wire)


def standing(begins: datetime | None, ends: datetime | None, now: datetime) -> SubscriptionStatus:
    """Where a subscription stands by its dates; one that does not say when it begins has not begun."""
    if ends is not None and ends <= now:
        return SubscriptionStatus.EXPIRED
    return SubscriptionStatus.ACTIVE if begins is not None and begins <= now else SubscriptionStatus.PENDING


class PalmettoSubscriptionDetails(domain.View):
    """What only a subscription of Palmetto has: the line that it was ordered by."""

    __slots__ = ("line",)
    type_name = "Subscription"

    def __init__(self, line: PalmettoLineItem) -> None:
        super().__init__(line.origin)
        self.line = line

    @property
    def key(self) -> tuple[str, ...]:
        return self.line.key

    @property
    def raw(self) -> Any:
        """The row as it was sent."""
        return self.line.details.raw

    @property
    def line_item(self) -> PalmettoLineItem:
        return self.line

    @property
    def billing_start_date(self) -> datetime | None:
        return self.line.details.billing_start_date

    @property
    def price(self) -> Money | None:
        return self.line.total
