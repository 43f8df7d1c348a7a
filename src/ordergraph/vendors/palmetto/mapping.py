"""Palmetto's orders as ordergraph's.

Source: "Net3 API Interface for Customer Portal". Palmetto never tells of an order again, so every view is of what
was sent, as the gateway keeps it: the status is SUBMITTED for good. What the document does not explain (a row's
``status``, ``typeOrderStatusId``, the order's ``action``) stands in the details and decides nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from functools import lru_cache, partial
from typing import Any, cast

from ordergraph import domain
from ordergraph.domain import Action, ActionAvailability, Attribute, Money, OrderStatus, SubscriptionStatus
from ordergraph.domain.commands import Contact
from ordergraph.ledger.placed import PlacedOrder
from ordergraph.vendors.palmetto import jsv, wire
from ordergraph.vendors.palmetto.values import DAY, ID, WORD, PalmettoList
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec, fields_of, struct_in

NO_CURRENCY = "XXX"
EXACT = 100
"""Digits: more than a sum of Palmetto's numbers, which have 29 at the most, can come to."""
MAX_BODIES = 1000
"""Bodies that are remembered as they were read."""
LISTS = {one.name: one for one in fields_of(wire.Payload) if struct_in(one.type)}
"""The three lists of a payload, in the order in which lines are shown."""
UNSUPPORTED = (Action.UPDATE_ORDER, Action.CANCEL_ORDER)
"""What people look for, and Palmetto's API lacks."""


PARTY = Codec(domain.Party, lambda id_: domain.Party(id_) if id_ else None)
ACTOR = Codec(domain.Actor, lambda id_: domain.Actor(id_) if id_ else None)
Row = wire.Product | wire.RequestedProduct | wire.OrderRow
note_unreadable = partial(decoding.note_unreadable, "palmetto")


@dataclass(frozen=True, slots=True)
class Sent:
    """An order as it was sent: typed, and in words as the text has them."""

    kept: PlacedOrder
    wire: wire.Order
    tree: Mapping[str, Any]


def read_kept(kept: PlacedOrder) -> Sent:
    """What was sent, out of what was kept; raise ValueError if it is no JSV object."""
    return Sent(kept, *read_body(kept.body))


@lru_cache(maxsize=MAX_BODIES)
def read_body(body: bytes) -> tuple[wire.Order, Mapping[str, Any]]:
    """A body, typed and in words. It never changes, and lists read the same ones again and again."""
    tree = jsv.loads(body.decode())
    if not isinstance(tree, dict):
        raise jsv.JsvError("an order is an object, which begins", 0)
    return jsv.typed(tree, wire.Order, lambda path, said: note_unreadable(path, said)), tree


def reference_of(order: wire.Order) -> str | None:
    """The caller's reference: the job's id and, without one, the correlation id."""
    return order.job_id or order.correlation_id or None


class PalmettoOrder(domain.Order):
    """An order that Palmetto took; ``currency`` is the account's, since Palmetto names none."""

    __slots__ = ("currency", "sent", "wire")

    def __init__(self, origin: domain.Origin, sent: Sent, currency: str | None) -> None:
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

    number = Attribute("job_id", WORD)

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
        begins = (row.service_begin_date for row in order_rows(self.wire) if row.service_begin_date)
        return min(begins, default=None)

    customer = Attribute("company_id", PARTY)
    created_by = Attribute("user_id", ACTOR)

    @property
    def notes(self) -> Sequence[domain.Note]:
        return [domain.Note(text) for text in self.sent.kept.about.get("notes", ())]

    @property
    def shipping_address(self) -> domain.Address | None:
        # free text, and nothing tells a town from a street
        located = next((one.location for one in self.wire.payloads or () if one.location), "")
        lines = [line for line in located.splitlines() if line.strip()]
        return domain.Address(lines=lines) if lines else None

    @property
    def line_items(self) -> Sequence[PalmettoLineItem]:
        return [PalmettoLineItem(self, place) for place in places_of(self.wire)]

    @property
    def total(self) -> Money | None:
        prices = [row.extended_price for row in order_rows(self.wire) if row.extended_price is not None]
        with localcontext(prec=EXACT):
            return Money(sum(prices, Decimal(0)), self.currency) if prices else None

    @property
    def available_actions(self) -> Sequence[ActionAvailability]:
        message = "Palmetto's API takes orders and nothing else: talk to your account manager there."
        return [ActionAvailability(one, False, domain.RefusalReason.NOT_SUPPORTED, message) for one in UNSUPPORTED]

    @property
    def details(self) -> PalmettoOrderDetails:
        return PalmettoOrderDetails(self)

    @property
    def version(self) -> str:
        return decoding.version_of(self.wire)

    @property
    def subscriptions(self) -> Sequence[PalmettoSubscription]:
        """What was ordered to go on: the recurring rows."""
        return [PalmettoSubscription(line) for line in self.line_items if line.row.recurring]

    def money(self, amount: Decimal | None) -> Money | None:
        """An amount in the order's currency."""
        return None if amount is None else Money(amount, self.currency)


def order_rows(order: wire.Order) -> Iterator[wire.OrderRow]:
    """The rows that have prices and dates, of all payloads."""
    for payload in order.payloads or ():
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
    def payloads(self) -> Sequence[wire.Payload]:
        return self.wire.payloads or ()

    @property
    def contact(self) -> Contact | None:
        given = self.order.sent.kept.about.get("contact")
        return Contact(**given) if given else None


# -------------------------------------------------------------------------------------------- lines


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands in an order: payload and row count from 0."""

    payload: int
    list: str
    row: int

    def __str__(self) -> str:
        """The last part of the line's id."""
        return f"{self.payload + 1}-{LISTS[self.list].wire_name}-{self.row + 1}"


def places_of(order: wire.Order) -> Iterator[Place]:
    """Where the lines of an order stand."""
    for number, payload in enumerate(order.payloads or ()):
        for name in LISTS:
            for row in range(len(getattr(payload, name) or ())):
                yield Place(number, name, row)


class PalmettoLineItem(domain.LineItem):
    """A row of one of the three lists."""

    __slots__ = ("order", "place", "row", "wire")

    def __init__(self, order: PalmettoOrder, place: Place) -> None:
        super().__init__(order.origin)
        self.order = order
        self.place = place
        payload = cast("Sequence[wire.Payload]", order.wire.payloads)[place.payload]
        self.wire: Row = getattr(payload, place.list)[place.row]
        self.row = self.wire if isinstance(self.wire, wire.OrderRow) else wire.OrderRow()

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.order.key, str(self.place))

    @property
    def name(self) -> str | None:
        return self.row.product or None

    product_id = Attribute("product_id", ID)
    quantity = Attribute[Decimal | None]("quantity")

    @property
    def unit_price(self) -> Money | None:
        return self.order.money(self.row.product_price)

    @property
    def list_price(self) -> Money | None:
        return self.order.money(self.row.retail_product_price)

    @property
    def total(self) -> Money | None:
        return self.order.money(self.row.extended_price)

    @property
    def details(self) -> PalmettoLineItemDetails:
        return PalmettoLineItemDetails(self)


class LineView(domain.View):
    """What is known by a line alone: a product, a subscription, and what only Palmetto has of them."""

    __slots__ = ("line", "wire")

    def __init__(self, line: PalmettoLineItem) -> None:
        super().__init__(line.origin)
        self.line = line
        self.wire = line.wire

    @property
    def key(self) -> tuple[str, ...]:
        return self.line.key


class LineDetails(LineView):
    """What only Palmetto has of it."""

    __slots__ = ()

    @property
    def raw(self) -> Any:
        """The row as it was sent, in words."""
        place = self.line.place
        payload = member(self.line.order.sent.tree, "payload")[place.payload]
        return member(payload, LISTS[place.list].wire_name)[place.row]


class PalmettoLineItemDetails(LineDetails):
    """What only a line of Palmetto has."""

    __slots__ = ()
    type_name = "LineItem"

    @property
    def list(self) -> PalmettoList:
        return PalmettoList[self.line.place.list.upper()]

    @property
    def payload(self) -> int:
        """Which payload, counted from 1 as the ids are."""
        return self.line.place.payload + 1

    @property
    def support_cost(self) -> Money | None:
        return self.line.order.money(self.line.row.support_cost)

    @property
    def support_cost_total(self) -> Money | None:
        return self.line.order.money(self.line.row.support_cost_total)


def member(tree: Mapping[str, Any], name: str) -> Any:
    """A member of an object, whose names may be in any case."""
    return next(value for key, value in reversed([*tree.items()]) if key.strip().lower() == name)


# ----------------------------------------------------------------------------------------- products


class PalmettoProduct(LineView, domain.Product):
    """What an order tells of a product: Palmetto's ordering API has no catalogue."""

    __slots__ = ()

    @property
    def key(self) -> tuple[str, ...]:
        return (str(self.wire.product_id),)

    vendor_product_id = Attribute("product_id", ID)
    sku = Attribute("product_id", ID)

    @property
    def name(self) -> str | None:
        return self.line.name

    @property
    def details(self) -> PalmettoProductDetails:
        return PalmettoProductDetails(self.line)


class PalmettoProductDetails(LineDetails):
    """What only a product of Palmetto has, as the line that tells of it."""

    __slots__ = ()
    type_name = "Product"

    @property
    def key(self) -> tuple[str, ...]:
        return (str(self.wire.product_id),)


def telling(lines: Sequence[PalmettoLineItem]) -> Mapping[str, PalmettoLineItem]:
    """For each product of these lines the one that tells most of it: a row with its name, else the first."""
    found: dict[str, PalmettoLineItem] = {}
    for line in lines:
        product = line.product_id
        if product is not None and (product not in found or (line.name and not found[product].name)):
            found[product] = line
    return found


# ------------------------------------------------------------------------------------ subscriptions


class PalmettoSubscription(LineView, domain.Subscription):
    """A recurring row of an order, as a contract: what it says of its dates is all that is known."""

    __slots__ = ()

    vendor_subscription_id = Attribute("order_detail_id", ID)
    starts_on = Attribute("service_begin_date", DAY)
    ends_on = Attribute("service_end_date", DAY)

    @property
    def name(self) -> str | None:
        return self.line.name

    @property
    def status(self) -> SubscriptionStatus:
        return standing(self.line.row.service_begin_date, self.line.row.service_end_date, datetime.now(UTC))

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


class PalmettoSubscriptionDetails(LineDetails):
    """What only a subscription of Palmetto has: the line that it was ordered by."""

    __slots__ = ()
    type_name = "Subscription"

    @property
    def line_item(self) -> PalmettoLineItem:
        return self.line

    @property
    def price(self) -> Money | None:
        return self.line.total
