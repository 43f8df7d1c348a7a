"""Maps Palmetto's orders to ordergraph's.

Source: "Net3 API Interface for Customer Portal". Palmetto's API cannot read orders, so every view is of the order as it
was sent and stored by the gateway. The status is always SUBMITTED. Values that the document does not explain (a row's
``status`` and ``typeOrderStatusId``, the order's ``action``) are in the details and have no effect here.
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
"""Digits of precision: more than a sum of Palmetto's numbers, of at most 29 digits each, can have."""
MAX_BODIES = 1000
"""The number of decoded bodies to cache."""
LISTS = {one.name: one for one in fields_of(wire.Payload) if struct_in(one.type)}
"""The three lists of a payload, in the order in which their lines are shown."""
UNSUPPORTED = (Action.UPDATE_ORDER, Action.CANCEL_ORDER)
"""Actions that callers may expect but that Palmetto's API lacks."""


PARTY = Codec(domain.Party, lambda id_: domain.Party(id_) if id_ else None)
ACTOR = Codec(domain.Actor, lambda id_: domain.Actor(id_) if id_ else None)
Row = wire.Product | wire.RequestedProduct | wire.OrderRow
note_unreadable = partial(decoding.note_unreadable, "palmetto")


@dataclass(frozen=True, slots=True)
class Sent:
    """An order as it was sent: typed, and as untyped text values."""

    kept: PlacedOrder
    wire: wire.Order
    tree: Mapping[str, Any]


def read_kept(kept: PlacedOrder) -> Sent:
    """Decode a stored order. Raise ValueError if it is not a JSV object."""
    return Sent(kept, *read_body(kept.body))


@lru_cache(maxsize=MAX_BODIES)
def read_body(body: bytes) -> tuple[wire.Order, Mapping[str, Any]]:
    """Decode a body, typed and untyped. It is cached: bodies never change, and lists read the same ones repeatedly."""
    tree = jsv.loads(body.decode())
    if not isinstance(tree, dict):
        raise jsv.JsvError("an order is an object, which begins", 0)
    return jsv.typed(tree, wire.Order, lambda path, said: note_unreadable(path, said)), tree


def reference_of(order: wire.Order) -> str | None:
    """Return the caller's reference: the job id or, without one, the correlation id."""
    return order.job_id or order.correlation_id or None


class PalmettoOrder(domain.Order):
    """An order that Palmetto accepted. ``currency`` is the account's, since Palmetto has none."""

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
        begins = (row.service_begins_at for row in order_rows(self.wire) if row.service_begins_at)
        return min(begins, default=None)

    customer = Attribute("company_id", PARTY)
    created_by = Attribute("user_id", ACTOR)

    @property
    def notes(self) -> Sequence[domain.Note]:
        return [domain.Note(text) for text in self.sent.kept.about.get("notes", ())]

    @property
    def shipping_address(self) -> domain.Address | None:
        # free text, in which a town cannot be distinguished from a street
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
        message = "Palmetto's API can only place orders. Contact your account manager at Palmetto."
        return [ActionAvailability(one, False, domain.UnavailableReason.NOT_SUPPORTED, message) for one in UNSUPPORTED]

    @property
    def details(self) -> PalmettoOrderDetails:
        return PalmettoOrderDetails(self)

    @property
    def version(self) -> str:
        return decoding.version_of(self.wire)

    @property
    def subscriptions(self) -> Sequence[PalmettoSubscription]:
        """The subscriptions of the order: its recurring rows."""
        return [PalmettoSubscription(line) for line in self.line_items if line.row.is_recurring]

    def money(self, amount: Decimal | None) -> Money | None:
        """Return an amount in the order's currency."""
        return None if amount is None else Money(amount, self.currency)


def order_rows(order: wire.Order) -> Iterator[wire.OrderRow]:
    """Return the rows with prices and dates, of all payloads."""
    for payload in order.payloads or ():
        yield from payload.order or ()


class PalmettoOrderDetails(domain.View):
    """The fields that only an order of Palmetto has, and input that Palmetto has no field for."""

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
        """The body as it was sent, untyped. It contains no secrets."""
        return self.order.sent.tree

    @property
    def payloads(self) -> Sequence[wire.Payload]:
        return self.wire.payloads or ()

    @property
    def contact(self) -> Contact | None:
        given = self.order.sent.kept.about.get("contact")
        return Contact(**given) if given else None


# ---- Lines ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """The position of a line in an order. Payload and row count from 0."""

    payload: int
    list: str
    row: int

    def __str__(self) -> str:
        """Return the last part of the line's id."""
        return f"{self.payload + 1}-{LISTS[self.list].wire_name}-{self.row + 1}"


def places_of(order: wire.Order) -> Iterator[Place]:
    """Return the positions of the lines of an order."""
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
    """A view of data that a line has: a product, a subscription, and the details of both."""

    __slots__ = ("line", "wire")

    def __init__(self, line: PalmettoLineItem) -> None:
        super().__init__(line.origin)
        self.line = line
        self.wire = line.wire

    @property
    def key(self) -> tuple[str, ...]:
        return self.line.key


class LineDetails(LineView):
    """The fields that only Palmetto has, of a line."""

    __slots__ = ()

    @property
    def raw(self) -> Any:
        """The row as it was sent, untyped."""
        place = self.line.place
        payload = member(self.line.order.sent.tree, "payload")[place.payload]
        return member(payload, LISTS[place.list].wire_name)[place.row]


class PalmettoLineItemDetails(LineDetails):
    """The fields that only a line of Palmetto has."""

    __slots__ = ()
    type_name = "LineItem"

    @property
    def list(self) -> PalmettoList:
        return PalmettoList[self.line.place.list.upper()]

    @property
    def payload(self) -> int:
        """The number of the payload, starting at 1 as in ids."""
        return self.line.place.payload + 1

    @property
    def support_cost(self) -> Money | None:
        return self.line.order.money(self.line.row.support_cost)

    @property
    def support_cost_total(self) -> Money | None:
        return self.line.order.money(self.line.row.support_cost_total)


def member(tree: Mapping[str, Any], name: str) -> Any:
    """Return a member of an object, whose names may be in any case."""
    return next(value for key, value in reversed([*tree.items()]) if key.strip().lower() == name)


# ---- Products ---------------------------------------------------------------------------------------


class PalmettoProduct(LineView, domain.Product):
    """A product as a line of an order has it. Palmetto's ordering API has no catalogue."""

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
    """The fields that only a product of Palmetto has, from the line that contains it."""

    __slots__ = ()
    type_name = "Product"

    @property
    def key(self) -> tuple[str, ...]:
        return (str(self.wire.product_id),)


def telling(lines: Sequence[PalmettoLineItem]) -> Mapping[str, PalmettoLineItem]:
    """Return for each product of these lines the line with most data: one with its name, else the first."""
    found: dict[str, PalmettoLineItem] = {}
    for line in lines:
        product = line.product_id
        if product is not None and (product not in found or (line.name and not found[product].name)):
            found[product] = line
    return found


# ---- Subscriptions ----------------------------------------------------------------------------------


class PalmettoSubscription(LineView, domain.Subscription):
    """A recurring row of an order, as a contract. Its dates are all that is known of its status."""

    __slots__ = ()

    vendor_subscription_id = Attribute("order_detail_id", ID)
    starts_on = Attribute("service_begins_at", DAY)
    ends_on = Attribute("service_ends_at", DAY)

    @property
    def name(self) -> str | None:
        return self.line.name

    @property
    def status(self) -> SubscriptionStatus:
        return standing(self.line.row.service_begins_at, self.line.row.service_ends_at, datetime.now(UTC))

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
    """Return the status of a subscription by its dates. One without a begin date is PENDING."""
    if ends is not None and ends <= now:
        return SubscriptionStatus.EXPIRED
    return SubscriptionStatus.ACTIVE if begins is not None and begins <= now else SubscriptionStatus.PENDING


class PalmettoSubscriptionDetails(LineDetails):
    """The fields that only a subscription of Palmetto has: those of the line that ordered it."""

    __slots__ = ()
    type_name = "Subscription"

    @property
    def line_item(self) -> PalmettoLineItem:
        return self.line

    @property
    def price(self) -> Money | None:
        return self.line.total
