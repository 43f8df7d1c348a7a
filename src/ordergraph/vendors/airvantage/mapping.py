"""Maps AirVantage's objects to ordergraph's.

Source: AirVantage API v1, "Orders". Tables come first, then one view per kind of object. ``request_mapping.py`` maps
the other direction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec

from ordergraph import domain
from ordergraph.domain import Action, ActionAvailability, Attribute, OrderStatus
from ordergraph.upstream.calls import Decoded
from ordergraph.vendors.airvantage import wire
from ordergraph.vendors.airvantage.values import DAY, TIME, moment, plain_uid
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec

STATUS: Mapping[str, OrderStatus] = {
    "PENDING": OrderStatus.SUBMITTED,
    "ACCEPTED_STOCK": OrderStatus.IN_PROGRESS,
    "ACCEPTED_FOUNDER": OrderStatus.IN_PROGRESS,
    "REJECTED": OrderStatus.REJECTED,
    "SHIPPED": OrderStatus.SHIPPED,
    "ACKNOWLEDGED": OrderStatus.COMPLETED,
    "CANCELED": OrderStatus.CANCELLED,
}
# The status in which AirVantage accepts an action, from the sections of the document.
ORDER_ACTIONS: Mapping[Action, str] = {
    Action.UPDATE_ORDER: "PENDING",
    Action.CANCEL_ORDER: "PENDING",
    Action.ACKNOWLEDGE_ORDER: "SHIPPED",
}
# Fields that some responses omit or format differently although the order has not changed.
UNSTEADY: Mapping[str, None] = dict.fromkeys(
    ("account", "created_by_user", "created_at", "product_reference", "product_reference_uid")
)
LINE = "1"
"""The last part of the ID of an order's only line and of its only shipment."""
URL = re.compile(r"https?://")

look_up = partial(decoding.look_up, "airvantage")


def tracking(text: str) -> tuple[str | None, str | None]:
    """Return the number and the URL in a tracking number: ``number``, ``url`` or ``number|url``."""
    first, _, second = text.partition("|")
    number, url = ("", first) if URL.match(first) else (first, second)
    return number.strip() or None, url.strip() or None


TRACKING_NUMBER = Codec(str, lambda text: tracking(text)[0])
TRACKING_URL = Codec(str, lambda text: tracking(text)[1])
UID = Codec(str, plain_uid)


class AirVantageOrder(domain.Order):
    """An order of one product."""

    __slots__ = ("source", "wire")

    def __init__(self, origin: domain.Origin, source: Decoded[wire.Order]) -> None:
        super().__init__(origin)
        self.wire = source.wire
        self.source = source

    @property
    def key(self) -> tuple[str, ...]:
        return (plain_uid(self.wire.uid),)

    vendor_order_id = Attribute("uid", UID)
    number = Attribute[str | None]("order_id")
    client_reference = Attribute[str | None]("external_id")

    @property
    def status(self) -> OrderStatus:
        return look_up(STATUS, self.wire.status, OrderStatus.UNKNOWN, "order status")

    vendor_status = Attribute[str | None]("status")

    placed_at = Attribute("effective_order_at", TIME)  # rows of the list have no createdTs; this is the same everywhere
    requested_at = Attribute("effective_order_at", TIME)
    expected_at = Attribute("expected_shipping_at", TIME)

    @property
    def updated_at(self) -> datetime | None:
        changes = (self.wire.accepted_at, self.wire.rejected_at, self.wire.shipped_at)
        return max((time for change in changes if (time := moment(change))), default=None)

    @property
    def customer(self) -> domain.Party | None:
        account = self.wire.account
        uid, name = account.uid if account else self.wire.company_id, account.name if account else None
        return domain.Party(uid, name and name.strip()) if uid or name else None

    @property
    def created_by(self) -> domain.Actor | None:
        user = self.wire.created_by_user
        if user is not None:
            return domain.Actor(plain_uid(user.uid), user.name)
        return domain.Actor(plain_uid(self.wire.created_by), named_in=self.ref) if self.wire.created_by else None

    @property
    def notes(self) -> Sequence[domain.Note]:
        return [domain.Note(self.wire.description)] if self.wire.description else []

    @property
    def shipping_address(self) -> domain.Address | None:
        # The lines have no guaranteed order, so city and region cannot be distinguished.
        lines = [line for line in (self.wire.postal_address or "").split("\n") if line.strip()]
        return domain.Address(lines=lines) if lines else None

    @property
    def line_items(self) -> Sequence[AirVantageLineItem]:
        return [AirVantageLineItem(self)]

    @property
    def shipments(self) -> Sequence[AirVantageShipment]:
        gone = self.wire.shipped_at is not None or self.wire.tracking_number
        return [AirVantageShipment(self)] if gone else []

    @property
    def problems(self) -> Sequence[domain.OrderProblem]:
        words = self.wire.rejection_message
        return [domain.OrderProblem("REJECTED", words)] if words else []

    @property
    def cancellation(self) -> domain.Cancellation | None:
        return domain.Cancellation() if self.status is OrderStatus.CANCELLED else None

    @property
    def available_actions(self) -> Sequence[ActionAvailability]:
        return [order_action(action, self.wire.status) for action in ORDER_ACTIONS]

    @property
    def details(self) -> AirVantageOrderDetails:
        return AirVantageOrderDetails(self)

    @property
    def version(self) -> str:
        steady = msgspec.structs.replace(self.wire, uid=plain_uid(self.wire.uid), **UNSTEADY)
        return decoding.version_of(steady)

    @property
    def product(self) -> AirVantageProduct | None:
        """The ordered product, with the name if the order includes it."""
        named = self.wire.product_reference
        uid = named.uid if named else self.wire.product_reference_uid
        return AirVantageProduct(self.origin, wire.Named(uid, named.name if named else None)) if uid else None


def order_action(action: Action, status: str | None) -> ActionAvailability:
    """Return whether AirVantage accepts an action on an order in this status."""
    needed = ORDER_ACTIONS[action]
    if status == needed:
        return ActionAvailability(action, True)
    now = f"The order is {status}." if status else "AirVantage did not report the order's status."
    message = f"Only possible in status {needed}. {now}"
    return ActionAvailability(action, False, domain.UnavailableReason.WRONG_STATUS, message)


class OrderPart(domain.View):
    """A part that AirVantage reports only within the order: its details, its only line or its only shipment."""

    __slots__ = ("order", "wire")

    def __init__(self, order: AirVantageOrder) -> None:
        super().__init__(order.origin)
        self.order = order
        self.wire = order.wire

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.order.key, LINE)


class AirVantageOrderDetails(OrderPart):
    """The AirVantage-specific details of an order."""

    __slots__ = ()
    type_name = "Order"

    @property
    def key(self) -> tuple[str, ...]:
        return self.order.key

    @property
    def raw(self) -> Any:
        """The body as AirVantage sent it. It contains no secrets."""
        return decoding.shown(self.order.source.raw)

    created_at = Attribute("created_at", TIME)


class AirVantageLineItem(OrderPart, domain.LineItem):
    """The only line of an order. Product and quantity are fields of the order itself."""

    __slots__ = ()

    @property
    def product_id(self) -> str | None:
        product = self.order.product
        return product.key[0] if product else None

    name = Attribute[str | None]("product_reference.name")
    quantity = Attribute("quantity", Codec(Decimal, Decimal))


class AirVantageShipment(OrderPart, domain.Shipment):
    """The only shipment of an order."""

    __slots__ = ()

    tracking_number = Attribute("tracking_number", TRACKING_NUMBER)
    tracking_url = Attribute("tracking_number", TRACKING_URL)
    shipped_on = Attribute("shipped_at", DAY)

    @property
    def items(self) -> Sequence[domain.ShipmentItem]:
        (line,) = self.order.line_items
        return [domain.ShipmentItem(self.origin, line.product_id, line.name, None, line.quantity, ())]


class AirVantageProduct(domain.Product):
    """A product as orders describe it. AirVantage's ordering API has no catalogue."""

    __slots__ = ("wire",)

    def __init__(self, origin: domain.Origin, reference: wire.Named) -> None:
        super().__init__(origin)
        self.wire = reference

    @property
    def key(self) -> tuple[str, ...]:
        return (plain_uid(self.wire.uid),)

    vendor_product_id = Attribute("uid", UID)
    name = Attribute[str | None]("name")
