"""Maps Verifone's objects to ordergraph's.

Source: Verifone Order API 2.62, "Hardware Orders". Tables come first, then one view per kind of object with a
property for each field that Verifone has. ``request_mapping.py`` maps the other direction.

An order has two statuses: its own, and a detailed one in Verifone's internal data, which not every tenant can see.
The detailed status refines the other. If both are known, the one that is further along or requires action wins, in
the order of `PRECEDENCE`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Generic, TypeVar

import msgspec

from ordergraph import domain
from ordergraph.domain import Action, ActionAvailability, Attribute, CancellationState, Money, OrderStatus
from ordergraph.domain.countries import ALPHA2
from ordergraph.upstream.calls import Decoded
from ordergraph.vendors.verifone import mapping_details, wire
from ordergraph.vendors.verifone.mapping_details import Ordered, Part
from ordergraph.vendors.verifone.values import TIME, VerifoneLineKind, amount, moment
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec

STATUS: Mapping[str, OrderStatus] = {
    "DRAFT": OrderStatus.DRAFT,
    "SUBMITTED": OrderStatus.SUBMITTED,
    "INPROGRESS": OrderStatus.IN_PROGRESS,
    "COMPLETED": OrderStatus.COMPLETED,
    "CANCELLED": OrderStatus.CANCELLED,
    "ONHOLD": OrderStatus.ON_HOLD,
}
DETAILED_STATUS: Mapping[str, OrderStatus] = {
    word: status
    for status, words in {
        OrderStatus.DRAFT: "DRAFT OFFER_SENT OPENED_BY_CUSTOMER INPROGRESS_BY_CUSTOMER",
        OrderStatus.SUBMITTED: "SUBMITTED",
        OrderStatus.IN_PROGRESS: "INPROGRESS PENDING_THIRD_PARTY UNDER_REVIEW INTERNAL_BOARDING "
        "FULFILMENT_BOOKED FULFILMENT_PICKED",
        OrderStatus.ACTION_REQUIRED: "PENDING_SIGNATURE REQUIRES_ATTENTION CANCEL_ERROR DOCS_REQUIRED "
        "DOCS_REQUIRES_ATTENTION",
        OrderStatus.SHIPPED: "FULFILMENT_SHIPPED",
        OrderStatus.CANCELLING: "CANCEL_REQUESTED CANCEL_INPROGRESS",
        OrderStatus.CANCELLED: "CANCELED_BYUSER CANCELLED",
        OrderStatus.COMPLETED: "COMPLETED",
        OrderStatus.REJECTED: "DECLINED",
        OrderStatus.ON_HOLD: "ONHOLD",
    }.items()
    for word in words.split()
}
PRECEDENCE = (
    OrderStatus.REJECTED,
    OrderStatus.CANCELLED,
    OrderStatus.COMPLETED,
    OrderStatus.CANCELLING,
    OrderStatus.ACTION_REQUIRED,
    OrderStatus.ON_HOLD,
    OrderStatus.SHIPPED,
    OrderStatus.IN_PROGRESS,
    OrderStatus.SUBMITTED,
    OrderStatus.DRAFT,
    OrderStatus.UNKNOWN,
)
# The statuses in which Verifone accepts an action. For a cancellation, `canCancel` decides if it is reported.
ORDER_ACTIONS: Mapping[Action, Sequence[str]] = {
    Action.UPDATE_ORDER: ("DRAFT",),
    Action.SUBMIT_ORDER: ("DRAFT",),
    Action.CANCEL_ORDER: ("DRAFT", "SUBMITTED", "ONHOLD"),
}
# The message of a problem for which Verifone sends no information.
PROBLEMS: Mapping[str, str] = {
    "REQUIRES_ATTENTION": "The order requires attention.",
    "DOCS_REQUIRED": "Verifone requires documents.",
    "DOCS_REQUIRES_ATTENTION": "The documents require attention.",
    "PENDING_SIGNATURE": "The contract is waiting for a signature.",
    "CANCEL_ERROR": "The cancellation failed.",
    "DECLINED": "Verifone declined the order.",
    "ONHOLD": "Verifone has put the order on hold.",
}
CANCELLATION: Mapping[str, CancellationState] = {
    "CANCEL_REQUESTED": CancellationState.REQUESTED,
    "CANCEL_INPROGRESS": CancellationState.ACCEPTED,
    "CANCEL_ERROR": CancellationState.DECLINED,
}
# The price models that make a service a subscription: they are charged repeatedly.
RECURRING = ("MONTHLY_FEE", "MONTHLY_FEE_PER_DEVICE", "QUARTERLY_FEE", "YEARLY_FEE")
SUBSCRIPTION_STATUS: Mapping[OrderStatus, domain.SubscriptionStatus] = {
    OrderStatus.COMPLETED: domain.SubscriptionStatus.ACTIVE,
    OrderStatus.CANCELLED: domain.SubscriptionStatus.CANCELLED,
    OrderStatus.REJECTED: domain.SubscriptionStatus.CANCELLED,
    OrderStatus.UNKNOWN: domain.SubscriptionStatus.UNKNOWN,
}
SHIPMENT = "1"
"""The last part of the ID of an order's only shipment."""

P = TypeVar("P", bound=wire.Wire)

look_up = partial(decoding.look_up, "verifone")


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of the account: its currency, which Verifone does not report, and the actions that it does not support."""

    currency: str
    unavailable: Mapping[Action, ActionAvailability]

    def money(self, text: str | None) -> Money | None:
        """Return an amount in the account's currency."""
        found = amount(text)
        return None if found is None else Money(found, self.currency)


def address(place: wire.Address) -> domain.Address:
    """Return a shipping address. Three of Verifone's countries have no two-letter code, or a different one."""
    lines = (place.address_line1, place.address_line2, place.address_line3, place.po_box)
    country = "GS" if place.country == "SGC" else ALPHA2.get(place.country or "")
    return domain.Address(
        recipient_name=place.receiver_name,
        lines=[line for line in lines if line],
        city=place.city,
        region=place.country_subdivision,
        postal_code=place.post_code,
        country=country,
    )


ADDRESS = Codec(domain.Address, address)
ID = Codec(str, str.lower)
PARTY = Codec(domain.Party, lambda uid: domain.Party(uid) if uid else None)


class VerifoneOrder(domain.Order):
    """An order of hardware, or a draft of one."""

    __slots__ = ("facts", "source", "wire")

    def __init__(self, origin: domain.Origin, source: Decoded[wire.Order], facts: Facts) -> None:
        super().__init__(origin)
        self.source = source
        self.wire = source.wire
        self.facts = facts

    @property
    def key(self) -> tuple[str, ...]:
        return (self.wire.order_id.lower(),)

    vendor_order_id = Attribute("order_id", ID)
    number = Attribute[str | None]("order_reference")
    client_reference = Attribute[str | None]("order_reference")
    purchase_order_number = Attribute[str | None]("po_ref")

    @property
    def extended(self) -> wire.ExtendedDetails:
        """The detailed status with its code, information and time."""
        found = self.wire.internal.extended_details if self.wire.internal else None
        return found or wire.ExtendedDetails()

    @property
    def status(self) -> OrderStatus:
        own = look_up(STATUS, self.wire.status, OrderStatus.UNKNOWN, "order status")
        if own is OrderStatus.DRAFT or self.extended.status is None:
            return own
        finer = look_up(DETAILED_STATUS, self.extended.status, OrderStatus.UNKNOWN, "detailed status")
        return min(own, finer, key=PRECEDENCE.index)

    @property
    def vendor_status(self) -> str | None:
        return self.extended.status or self.wire.status

    placed_at = Attribute("created_at", TIME)
    requested_at = Attribute("requested_date", TIME)
    expected_at = Attribute("merchant.requested_shipping_at", TIME)
    updated_at = Attribute("modified_at", TIME)
    customer = Attribute("customer_entity_uid", PARTY)
    shipping_address = Attribute("merchant.shipping_address", ADDRESS)

    @property
    def packages(self) -> wire.PackageDetails:
        return self.wire.package_details or wire.PackageDetails()

    @property
    def status_changed_at(self) -> datetime | None:
        """When the detailed status last changed or, if Verifone does not report it, when the order last changed."""
        return moment(self.extended.last_changed_at) or self.updated_at

    @property
    def completed_at(self) -> datetime | None:
        return moment(self.extended.last_changed_at) if self.extended.status == "COMPLETED" else None

    @property
    def cancelled_at(self) -> datetime | None:
        if self.status is not OrderStatus.CANCELLED:
            return None
        return moment(self.extended.last_changed_at) or moment(self.last_cancellation.cancelled_at)

    @property
    def created_by(self) -> domain.Actor | None:
        uid, name = self.wire.created_user_uid, self.wire.created_by
        return domain.Actor(uid, name) if uid or name else None

    @property
    def notes(self) -> Sequence[domain.Note]:
        return [domain.Note(self.wire.notes)] if self.wire.notes else []

    @property
    def line_items(self) -> Sequence[VerifoneLineItem]:
        return [*device_lines(self), *package_lines(self)]

    @property
    def shipments(self) -> Sequence[VerifoneShipment]:
        tracked = self.wire.internal is not None and self.wire.internal.oracle_shipping_tracking_reference
        return (
            [VerifoneShipment(self, self.wire, SHIPMENT)]
            if tracked or self.extended.status == "FULFILMENT_SHIPPED"
            else []
        )

    @property
    def shipping_cost(self) -> Money | None:
        delivery = self.packages.delivery_package
        return self.facts.money(once(delivery.adjusted_prices)) if delivery else None

    @property
    def subscriptions(self) -> Sequence[VerifoneSubscription]:
        """The services of the order with recurring prices. A draft has no subscriptions."""
        if self.status is OrderStatus.DRAFT:
            return ()
        return [VerifoneSubscription(self, one) for one in service_parts(self) if recurring(one.part)]

    @property
    def problems(self) -> Sequence[domain.OrderProblem]:
        word = self.extended.status or self.wire.status or ""
        words = PROBLEMS.get(word)
        return [domain.OrderProblem(word, self.extended.information or words)] if words else []

    @property
    def last_cancellation(self) -> wire.OrderCancellation:
        history = (self.wire.internal.cancellation_history if self.wire.internal else None) or ()
        return history[-1] if history else wire.OrderCancellation()

    @property
    def cancellation(self) -> domain.Cancellation | None:
        state = CANCELLATION.get(self.extended.status or "")
        if state is None and self.status is not OrderStatus.CANCELLED:
            return None
        last = self.last_cancellation
        return domain.Cancellation(
            reason=last.cancel_reason_enum,
            state=state or CancellationState.CANCELLED,
            note=last.cancel_additional_reason,
            vendor_reason=self.extended.information if state is CancellationState.DECLINED else None,
            requested_at=moment(last.cancelled_at),
        )

    @property
    def available_actions(self) -> Sequence[ActionAvailability]:
        off = self.facts.unavailable
        return [off.get(action) or order_action(action, self) for action in ORDER_ACTIONS]

    @property
    def details(self) -> mapping_details.VerifoneOrderDetails:
        return mapping_details.VerifoneOrderDetails(self, self.wire, self.source.raw)

    @property
    def version(self) -> str:
        internal = self.wire.internal  # its statistics change with time
        steady = internal and msgspec.structs.replace(internal, order_stats=None)
        return decoding.version_of(msgspec.structs.replace(self.wire, internal=steady))


def order_action(action: Action, order: VerifoneOrder) -> ActionAvailability:
    """Return whether Verifone accepts an action on an order."""
    needed, status = ORDER_ACTIONS[action], order.wire.status
    told = order.extended.can_cancel if action is Action.CANCEL_ORDER else None
    if told is True or (told is None and status in needed):
        return ActionAvailability(action, True)
    now = f"The order is {status}." if status else "Verifone did not report the order's status."
    refusal = (
        "Verifone does not allow this order to be cancelled."
        if status in needed
        else f"Only possible in status {' or '.join(needed)}."
    )
    message = f"{refusal} {now}"
    return ActionAvailability(action, False, domain.UnavailableReason.WRONG_STATUS, message)


def once(prices: Sequence[wire.AdjustedPrice] | None) -> str | None:
    """Return the one-time price."""
    return next((one.price for one in prices or () if one.price_model == "ONE_TIME"), None)


def recurring(service: wire.ServicePackage) -> Sequence[wire.AdjustedPrice]:
    """Return the recurring prices of a service."""
    return [one for one in service.adjusted_prices or () if one.price_model in RECURRING]


# ---- Lines ------------------------------------------------------------------------------------------


def device_lines(order: VerifoneOrder) -> Sequence[VerifoneLineItem]:
    """Return a line for each terminal: its device, with the additional devices as children."""
    found: list[Ordered[Part]] = []
    for index, poi in enumerate((order.wire.merchant and order.wire.merchant.pois) or ()):
        at, kind = ("merchant", "pois", index), VerifoneLineKind.ADDITIONAL_DEVICE
        more = [
            Ordered(f"poi-{index}-{position}", (*at, "additionalDevicePackages", position), kind, part, index)
            for position, part in enumerate(poi.additional_device_packages or ())
        ]
        if poi.device_package is None:  # then the additional devices are lines of their own
            found += more
        else:
            path = (*at, "devicePackage")
            found.append(Ordered(f"poi-{index}", path, VerifoneLineKind.DEVICE, poi.device_package, index, more))
    return [VerifoneLineItem(order, one) for one in found]


def package_lines(order: VerifoneOrder) -> Sequence[VerifoneLineItem]:
    """Return a line for each package that applies to the whole order."""
    base, delivery = order.packages.base_package_bundle, order.packages.delivery_package
    found: list[Ordered[Part]] = [*service_parts(order)]
    if base:
        found.insert(0, Ordered("base", ("packageDetails", "basePackageBundle"), VerifoneLineKind.BASE, base))
    if delivery:
        path = ("packageDetails", "deliveryPackage")
        found.append(Ordered("delivery", path, VerifoneLineKind.DELIVERY, delivery))
    return [VerifoneLineItem(order, one) for one in found]


def service_parts(order: VerifoneOrder) -> Sequence[Ordered[wire.ServicePackage]]:
    """Return the services of an order."""
    services, path = order.packages.service_packages or (), ("packageDetails", "servicePackages")
    return [
        Ordered(f"service-{index}", (*path, index), VerifoneLineKind.SERVICE, one) for index, one in enumerate(services)
    ]


class OrderPart(domain.View, Generic[P]):
    """A part of an order: a line, a subscription or the shipment."""

    __slots__ = ("order", "place", "wire")

    def __init__(self, order: VerifoneOrder, part: P, place: str) -> None:
        super().__init__(order.origin)
        self.order = order
        self.wire = part
        self.place = place

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.order.key, self.place)


class VerifoneLineItem(OrderPart[Part], domain.LineItem):
    """A package of an order."""

    __slots__ = ("ordered",)

    def __init__(self, order: VerifoneOrder, ordered: Ordered[Part]) -> None:
        super().__init__(order, ordered.part, ordered.place)
        self.ordered = ordered

    @property
    def product_id(self) -> str | None:
        return self.wire.package_bundle_id or None

    name = Attribute[str | None]("package_bundle_id")

    @property
    def quantity(self) -> Decimal | None:
        part = self.wire
        if isinstance(part, wire.DevicePackage) and part.quantity is not None:
            return Decimal(part.quantity)
        return Decimal(1)

    @property
    def unit_price(self) -> Money | None:
        part = self.wire
        if isinstance(part, wire.Bundle):
            return self.order.facts.money(part.price)
        prices = None if isinstance(part, wire.DevicePackage) else part.adjusted_prices
        return self.order.facts.money(once(prices))

    @property
    def children(self) -> Sequence[VerifoneLineItem]:
        return [VerifoneLineItem(self.order, one) for one in self.ordered.children]

    @property
    def details(self) -> mapping_details.VerifoneLineItemDetails:
        return mapping_details.VerifoneLineItemDetails(self, self.ordered, self.order.source.raw)


# ---- Shipments, products and subscriptions ----------------------------------------------------------


class VerifoneShipment(OrderPart[wire.Order], domain.Shipment):
    """The only shipment that Verifone reports for an order."""

    __slots__ = ()

    tracking_number = Attribute[str | None]("internal.oracle_shipping_tracking_reference")

    @property
    def shipped_on(self) -> date | None:
        """The day on which the status changed to shipped. None if the current status is another."""
        extended = self.order.extended
        changed = moment(extended.last_changed_at) if extended.status == "FULFILMENT_SHIPPED" else None
        return changed.date() if changed else None

    @property
    def items(self) -> Sequence[domain.ShipmentItem]:
        """All devices of the order. Verifone does not report which of them the shipment contains."""
        lines = device_lines(self.order)
        return [shipment_item(line) for device in lines for line in (device, *device.children)]


def shipment_item(line: VerifoneLineItem) -> domain.ShipmentItem:
    """Return the devices of a line as an item of the shipment."""
    serials = line.details.serial_numbers
    return domain.ShipmentItem(line.origin, line.product_id, line.name, line.product_id, line.quantity, serials)


class VerifoneProduct(domain.Product):
    """A package bundle. Only its ID is known, because the ordering API has no catalogue."""

    __slots__ = ("wire",)

    def __init__(self, origin: domain.Origin, bundle: str) -> None:
        super().__init__(origin)
        self.wire = wire.Bundle(package_bundle_id=bundle)

    @property
    def key(self) -> tuple[str, ...]:
        return (self.name,)

    vendor_product_id = Attribute[str]("package_bundle_id")
    name = Attribute[str]("package_bundle_id")
    sku = Attribute[str]("package_bundle_id")


class VerifoneSubscription(OrderPart[wire.ServicePackage], domain.Subscription):
    """A service of an order with recurring prices. Everything known about it comes from the order."""

    __slots__ = ("path",)

    def __init__(self, order: VerifoneOrder, ordered: Ordered[wire.ServicePackage]) -> None:
        super().__init__(order, ordered.part, ordered.place)
        self.path = ordered.path

    name = Attribute[str | None]("package_bundle_id")

    @property
    def status(self) -> domain.SubscriptionStatus:
        return SUBSCRIPTION_STATUS.get(self.order.status, domain.SubscriptionStatus.PENDING)

    @property
    def vendor_status(self) -> str | None:
        return self.order.vendor_status

    @property
    def billing_frequency(self) -> str | None:
        return recurring(self.wire)[0].price_model

    @property
    def items(self) -> Sequence[domain.SubscriptionItem]:
        return [domain.SubscriptionItem(self.origin, self.wire.package_bundle_id or None, Decimal(1), None)]

    @property
    def order_ids(self) -> Sequence[str]:
        return self.order.key

    @property
    def details(self) -> mapping_details.VerifoneSubscriptionDetails:
        return mapping_details.VerifoneSubscriptionDetails(self, self.wire, self.order.source.raw, self.path)

    @property
    def version(self) -> str:
        return self.order.version
