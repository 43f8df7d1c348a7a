"""Maps the Hub's objects to ordergraph's.

Source: Nuvias UC "Hub API (1.1.0)". The tables come first, then one view per kind of object. Fields that only the Hub
has are read from its structs: see ``graph_details.py``. ``request_mapping.py`` maps in the other direction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar, cast

import msgspec

from ordergraph import domain
from ordergraph.domain.errors import VendorError
from ordergraph.upstream.calls import Decoded
from ordergraph.vendors.nuvias import wire
from ordergraph.vendors.nuvias.values import ADDRESS, DAY, MONEY, NUMBER, TEXT, TIME, look_up, number, text
from ordergraph.wire import decoding
from ordergraph.wire.decoding import version_of

W = TypeVar("W", bound=msgspec.Struct)


# The Hub's order statuses. A basket is "DRAFT", whatever status its body has.
STATUS: Mapping[str, domain.OrderStatus] = {
    "DRAFT": domain.OrderStatus.DRAFT,
    "CREATED": domain.OrderStatus.SUBMITTED,
    "PROCESSING": domain.OrderStatus.IN_PROGRESS,
    "ACCEPTED": domain.OrderStatus.IN_PROGRESS,
    "PART_SHIPPED": domain.OrderStatus.PARTIALLY_SHIPPED,
    "SHIPPED": domain.OrderStatus.SHIPPED,
    "COMPLETE": domain.OrderStatus.COMPLETED,
    "ATTENTION_REQUIRED": domain.OrderStatus.ACTION_REQUIRED,
    "FAILED": domain.OrderStatus.FAILED,
    "PENDING_AUTHORISATION": domain.OrderStatus.PENDING_APPROVAL,
    "CANCELLED": domain.OrderStatus.CANCELLED,
}
SUBSCRIPTION_STATUS: Mapping[str, domain.SubscriptionStatus] = {
    "ACTIVE": domain.SubscriptionStatus.ACTIVE,
    "PENDING": domain.SubscriptionStatus.PENDING,
    "EXPIRED": domain.SubscriptionStatus.EXPIRED,
}
INVOICE_STATUS: Mapping[str, domain.InvoiceStatus] = {
    "open": domain.InvoiceStatus.OPEN,
    "paid_in_full": domain.InvoiceStatus.PAID,
    "pending_approval": domain.InvoiceStatus.PENDING_APPROVAL,
    "rejected": domain.InvoiceStatus.REJECTED,
    "voided": domain.InvoiceStatus.VOIDED,
}
INVOICE_TYPE = {"invoice": domain.InvoiceType.INVOICE, "credit_note": domain.InvoiceType.CREDIT_NOTE}

# The statuses in which the Hub accepts an action, from the orders' section of the document.
ORDER_ACTIONS: Mapping[domain.Action, frozenset[str]] = {
    domain.Action.UPDATE_ORDER: frozenset(STATUS),
    domain.Action.ADD_LINE_ITEM: frozenset({"DRAFT"}),
    domain.Action.UPDATE_LINE_ITEM: frozenset({"DRAFT"}),
    domain.Action.REMOVE_LINE_ITEM: frozenset({"DRAFT"}),
    domain.Action.SUBMIT_ORDER: frozenset({"DRAFT"}),
    domain.Action.CANCEL_ORDER: frozenset({"PROCESSING"}),
    domain.Action.APPROVE_ORDER: frozenset({"PENDING_AUTHORISATION"}),
    domain.Action.DENY_ORDER: frozenset({"PENDING_AUTHORISATION"}),
    domain.Action.RESUBMIT_ORDER: frozenset({"ATTENTION_REQUIRED"}),
}
# "Once they have been ACCEPTED or beyond you must contact your account manager to cancel the order."
BEYOND_CANCELLING = frozenset({"ACCEPTED", "PART_SHIPPED", "SHIPPED", "COMPLETE"})
SECRETS = frozenset({"delivery_password"})


@dataclass(frozen=True, slots=True)
class Facts:
    """Data that applies to all objects of an account. A part that could not be read holds the error."""

    currency: str | VendorError
    countries: Mapping[int, str] | VendorError

    def money(self, amount: Decimal | None) -> domain.Money | None:
        """Return an amount in the account's currency. Raise VendorError if the currency could not be read."""
        if amount is None:
            return None
        if isinstance(self.currency, VendorError):
            raise self.currency
        return domain.Money(amount, self.currency)

    def address(self, place: wire.Address | None) -> domain.Address | None:
        """Return an address with the ISO code of its country, or with the error if the countries could not be read."""
        if place is None:
            return None
        return domain.Address(
            company_name=place.company_name,
            recipient_name=place.recipient_name,
            lines=[line for line in (place.addr_line_1, place.addr_line_2) if line],
            city=place.city,
            region=place.region,
            postal_code=place.postal_code,
            country=self.country(place.country_code),
        )

    def country(self, country: int | None) -> str | VendorError | None:
        """Return the ISO code of one of the Hub's country ids, or the error if the countries could not be read."""
        if country is None:
            return None
        return self.countries if isinstance(self.countries, VendorError) else self.countries.get(country)

    def country_code(self, country: int | None) -> str | None:
        """Return the ISO code of one of the Hub's country ids. Raise VendorError if the countries could not be read."""
        code = self.country(country)
        if isinstance(code, VendorError):
            raise code
        return code

    def country_id(self, iso_code: str) -> int | None:
        """Return the Hub's id of a country. Raise VendorError if the countries could not be read."""
        if isinstance(self.countries, VendorError):
            raise self.countries
        return next((key for key, code in self.countries.items() if code == iso_code.upper()), None)


def order_status(word: str | None) -> domain.OrderStatus:
    """Return the normalized status for a status of the Hub."""
    return look_up(STATUS, word, domain.OrderStatus.UNKNOWN, "order status")


def hub_words(table: Mapping[str, domain.DescribedEnum], wanted: frozenset[Any]) -> list[str]:
    """Return the Hub's values for normalized values."""
    return [word for word, ours in table.items() if ours in wanted]


# ---- Views ------------------------------------------------------------------------------------------


class HubView(domain.View, Generic[W]):
    """A view of one of the Hub's objects, which has an id."""

    __slots__ = ("facts", "source", "wire")

    def __init__(self, origin: domain.Origin, source: Decoded[W], facts: Facts) -> None:
        super().__init__(origin)
        self.wire = source.wire
        self.source = source
        self.facts = facts

    @property
    def key(self) -> tuple[str, ...]:
        return (str(cast("Any", self.wire).id),)


class Details(HubView[W]):
    """The fields that only the Hub has: those of its struct."""

    __slots__ = ()

    @property
    def raw(self) -> Any:
        """The body as the Hub sent it, without secrets."""
        return without_secrets(decoding.shown(self.source.raw))


def view_of(name: str, struct: type[W]) -> type[Details[W]]:
    """Return a view class of the fields of a struct. ``name`` is the name of its type in the graph."""
    return cast("type[Details[W]]", type(name, (Details,), {"__slots__": (), "type_name": name}))


NuviasOrderDetails = view_of("NuviasOrderDetails", wire.Order)
NuviasProductDetails = view_of("NuviasProductDetails", wire.Product)
NuviasSubscriptionDetails = view_of("NuviasSubscriptionDetails", wire.Subscription)
NuviasInvoiceDetails = view_of("NuviasInvoiceDetails", wire.Invoice)


class Piece:
    """A struct inside one of the Hub's objects, with the data that the whole object has."""

    __slots__ = ("facts", "origin", "wire")

    def __init__(self, part: msgspec.Struct, whole: Details[Any] | Piece) -> None:
        self.wire: Any = part
        self.origin = whole.origin
        self.facts = whole.facts


def without_secrets(value: Any) -> Any:
    """Return a JSON value without its secret keys."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: without_secrets(item) for key, item in items if key not in SECRETS}
    if isinstance(value, list):
        return [without_secrets(item) for item in cast("list[Any]", value)]
    return value


class NuviasOrder(HubView[wire.Order], domain.Order):
    """An order, or a basket (``draft``)."""

    __slots__ = ("draft",)

    def __init__(
        self, origin: domain.Origin, source: Decoded[wire.Order], facts: Facts, *, draft: bool = False
    ) -> None:
        super().__init__(origin, source, facts)
        self.draft = draft

    vendor_order_id = domain.Attribute("id", TEXT)
    number = domain.Attribute[str | None]("supplier_ref")

    @property
    def client_reference(self) -> str | None:
        return self.wire.name or text(self.wire.external_id)

    purchase_order_number = domain.Attribute[str | None]("purchase_order_number")

    @property
    def state(self) -> str | None:
        """The Hub's status. It is DRAFT for a basket, although the document's samples have another."""
        return "DRAFT" if self.draft else self.wire.status

    @property
    def status(self) -> domain.OrderStatus:
        return order_status(self.state)

    @property
    def vendor_status(self) -> str | None:
        return self.state

    placed_at = domain.Attribute("date", TIME)

    @property
    def customer(self) -> domain.Party | None:
        organisation, name = text(self.wire.organisation), self.wire.end_user
        return domain.Party(organisation, name) if organisation or name else None

    @property
    def notes(self) -> Sequence[domain.Note]:
        notes = (
            (self.wire.ship_instructions, domain.NoteKind.SHIPPING),
            (self.wire.provisioning_instructions, domain.NoteKind.PROVISIONING),
        )
        return [domain.Note(words, kind) for words, kind in notes if words]

    shipping_address = domain.Attribute("shipping_address", ADDRESS)

    @property
    def line_items(self) -> Sequence[NuviasLineItem]:
        return [NuviasLineItem(self, index) for index in range(len(self.wire.line_items))]

    @property
    def shipments(self) -> Sequence[NuviasShipment]:
        return [NuviasShipment(self, index) for index in range(len(self.wire.shipments))]

    total = domain.Attribute("total", MONEY)
    shipping_cost = domain.Attribute("ship_cost", MONEY)
    discount = domain.Attribute("discount", MONEY)

    @property
    def problems(self) -> Sequence[domain.OrderProblem]:
        words = self.wire.attention_required
        return (
            [domain.OrderProblem("ATTENTION_REQUIRED", words)]
            if words and self.status is not domain.OrderStatus.CANCELLED
            else []
        )

    @property
    def cancellation(self) -> domain.Cancellation | None:
        return (
            domain.Cancellation(self.wire.attention_required) if self.status is domain.OrderStatus.CANCELLED else None
        )

    @property
    def available_actions(self) -> Sequence[domain.ActionAvailability]:
        return [order_action(action, self.state) for action in ORDER_ACTIONS]

    @property
    def details(self) -> Details[wire.Order]:
        return NuviasOrderDetails(self.origin, self.source, self.facts)

    @property
    def version(self) -> str:
        # rows of the list lack order_type, so it is ignored
        return ("d" if self.draft else "o") + version_of(msgspec.structs.replace(self.wire, order_type=None))


def order_action(action: domain.Action, state: str | None) -> domain.ActionAvailability:
    """Return whether the Hub accepts an action on an order in a status."""
    states = ORDER_ACTIONS[action]
    if state in states:
        return domain.ActionAvailability(action, True)
    if action is domain.Action.CANCEL_ORDER and state in BEYOND_CANCELLING:
        words = "The order has already been accepted. Ask your account manager at Nuvias to cancel it."
        return domain.ActionAvailability(action, False, domain.UnavailableReason.CONTACT_VENDOR, words)
    needed = " or ".join(sorted(states))
    words = f"Only possible in status {needed}. {_standing('order', state)}"
    return domain.ActionAvailability(action, False, domain.UnavailableReason.WRONG_STATUS, words)


def _standing(what: str, status: str | None) -> str:
    return f"The {what} is {status}." if status else f"The Hub reports no status for the {what}."


class NuviasLineItem(domain.LineItem):
    """A line of an order. Its provisioning and maintenance are child lines."""

    __slots__ = ("facts", "index", "order", "wire")

    def __init__(self, order: NuviasOrder, index: int) -> None:
        super().__init__(order.origin)
        self.order = order
        self.facts = order.facts
        self.index = index
        self.wire: wire.LineItem = order.wire.line_items[index]

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.order.key, str(self.wire.id))

    product_id = domain.Attribute("product", TEXT)
    name = domain.Attribute[str | None]("name")
    quantity = domain.Attribute("quantity", NUMBER)
    unit_price = domain.Attribute("price", MONEY)
    list_price = domain.Attribute("original_price", MONEY)
    total = domain.Attribute("sub_total_for_item", MONEY)

    @property
    def children(self) -> Sequence[domain.LineItem]:
        line = self.wire
        extras = (
            Extra("provisioning", line.provisioning_product, line.prov_product_name, line.prov_product_price),
            Extra(
                "maintenance", line.maintenance_product, line.maintenance_product_name, line.maintenance_product_price
            ),
        )
        return [NuviasExtra(self, extra) for extra in extras if extra.product is not None]

    @property
    def details(self) -> NuviasLineItemDetails:
        return NuviasLineItemDetails(self)


class NuviasLineItemDetails(Details[wire.LineItem]):
    """The fields that only a line of the Hub has."""

    __slots__ = ("index",)

    def __init__(self, line: NuviasLineItem) -> None:
        super().__init__(line.origin, Decoded(line.wire, line.order.source.raw), line.facts)
        self.index = line.index

    @property
    def raw(self) -> Any:
        """The line as the Hub sent it in the order, without secrets."""
        return without_secrets(decoding.shown_part(self.source.raw, "line_items", self.index))


class Extra(NamedTuple):
    """The provisioning or maintenance of a line, which the Hub has inside the line."""

    kind: str
    product: int | None
    name: str | None
    price: Decimal | None


class NuviasExtra(domain.LineItem):
    """The provisioning or maintenance of a line, as a child line."""

    __slots__ = ("facts", "line", "wire")

    def __init__(self, line: NuviasLineItem, extra: Extra) -> None:
        super().__init__(line.origin)
        self.line = line
        self.facts = line.facts
        self.wire = extra

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.line.key, self.wire.kind)

    product_id = domain.Attribute("product", TEXT)
    name = domain.Attribute[str | None]("name")
    unit_price = domain.Attribute("price", MONEY)

    @property
    def quantity(self) -> Decimal | None:
        return self.line.quantity


class NuviasShipment(domain.Shipment):
    """A shipment. The Hub does not guarantee a reference, so the key is its position."""

    __slots__ = ("index", "order", "wire")

    def __init__(self, order: NuviasOrder, index: int) -> None:
        super().__init__(order.origin)
        self.order = order
        self.index = index
        self.wire = order.wire.shipments[index]

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.order.key, str(self.index + 1))

    reference = domain.Attribute[str | None]("reference")
    tracking_number = domain.Attribute[str | None]("tracking_number")
    shipped_on = domain.Attribute("date", DAY)

    @property
    def items(self) -> Sequence[domain.ShipmentItem]:
        return [
            domain.ShipmentItem(
                origin=self.origin,
                product_id=text(item.product),
                name=item.name,
                sku=item.product_code,
                quantity=number(item.quantity),
                serial_numbers=[str(serial) for serial in item.serial_numbers],
            )
            for item in self.wire.items
        ]


class NuviasProduct(HubView[wire.Product], domain.Product):
    """A product of the catalogue."""

    __slots__ = ()

    vendor_product_id = domain.Attribute("id", TEXT)
    name = domain.Attribute[str | None]("name")
    sku = domain.Attribute[str | None]("product_code")
    description = domain.Attribute[str | None]("description")
    price = domain.Attribute("price", MONEY)
    list_price = domain.Attribute("rrp", MONEY)
    stock = domain.Attribute[Decimal | None]("stock")
    image_url = domain.Attribute[str | None]("main_image_url")
    datasheet_url = domain.Attribute[str | None]("datasheet_url")

    @property
    def details(self) -> Details[wire.Product]:
        return NuviasProductDetails(self.origin, self.source, self.facts)


class NuviasSubscription(HubView[wire.Subscription], domain.Subscription):
    """A subscription."""

    __slots__ = ()

    vendor_subscription_id = domain.Attribute("id", TEXT)
    name = domain.Attribute[str | None]("name")

    @property
    def status(self) -> domain.SubscriptionStatus:
        return look_up(SUBSCRIPTION_STATUS, self.wire.status, domain.SubscriptionStatus.UNKNOWN, "subscription status")

    vendor_status = domain.Attribute[str | None]("status")
    has_auto_renewal = domain.Attribute[bool | None]("auto_renewal_flag")
    has_pending_changes = domain.Attribute[bool | None]("has_pending_changes")
    starts_on = domain.Attribute("start_date", DAY)
    activated_on = domain.Attribute("service_activation_date", DAY)
    ends_on = domain.Attribute("end_date", DAY)
    billing_frequency = domain.Attribute[str | None]("billing_frequency")
    total_contract_value = domain.Attribute("total_contract_value", MONEY)

    @property
    def items(self) -> Sequence[domain.SubscriptionItem]:
        return [
            domain.SubscriptionItem(self.origin, text(item.product), number(item.quantity), item.product_type)
            for item in self.wire.products
        ]

    @property
    def order_ids(self) -> Sequence[str]:
        orders = [self.wire.order, *(past.order for past in self.wire.history)]
        return list(dict.fromkeys(str(order) for order in orders if order is not None))

    @property
    def available_actions(self) -> Sequence[domain.ActionAvailability]:
        pending = self.wire.status == "PENDING"
        changed = self.wire.status == "ACTIVE" and bool(self.wire.has_pending_changes)
        waiting = f"Only possible in status PENDING. {_standing('subscription', self.wire.status)}"
        changes = "Only possible while a change is pending on an active subscription."
        return [
            domain.ActionAvailability(domain.Action.UPDATE_SUBSCRIPTION, True),
            _allowed(domain.Action.ACTIVATE_SUBSCRIPTION, pending, waiting),
            _allowed(domain.Action.CANCEL_SUBSCRIPTION, pending, waiting),
            _allowed(domain.Action.ACTIVATE_SUBSCRIPTION_CHANGES, changed, changes),
            _allowed(domain.Action.CANCEL_SUBSCRIPTION_CHANGES, changed, changes),
        ]

    @property
    def details(self) -> Details[wire.Subscription]:
        return NuviasSubscriptionDetails(self.origin, self.source, self.facts)

    @property
    def version(self) -> str:
        return version_of(self.wire)


def _allowed(action: domain.Action, allowed: bool, message: str) -> domain.ActionAvailability:
    if allowed:
        return domain.ActionAvailability(action, True)
    return domain.ActionAvailability(action, False, domain.UnavailableReason.WRONG_STATUS, message)


class NuviasInvoice(HubView[wire.Invoice], domain.Invoice):
    """An invoice or credit note. Its reference is part of its key, because the Hub cannot look it up by id."""

    __slots__ = ()

    @property
    def key(self) -> tuple[str, ...]:
        return (str(self.wire.id), self.wire.reference) if self.wire.reference else (str(self.wire.id),)

    vendor_invoice_id = domain.Attribute("id", TEXT)
    reference = domain.Attribute[str | None]("reference")

    @property
    def type(self) -> domain.InvoiceType:
        return look_up(INVOICE_TYPE, self.wire.type, domain.InvoiceType.UNKNOWN, "invoice type")

    vendor_type = domain.Attribute[str | None]("type")

    @property
    def status(self) -> domain.InvoiceStatus:
        return look_up(INVOICE_STATUS, self.wire.status, domain.InvoiceStatus.UNKNOWN, "invoice status")

    vendor_status = domain.Attribute[str | None]("status")
    issued_at = domain.Attribute("date", TIME)
    due_on = domain.Attribute("due_date", DAY)
    days_overdue = domain.Attribute[int | None]("days_overdue")
    purchase_order_number = domain.Attribute[str | None]("purchase_order")
    total = domain.Attribute("total", MONEY)

    @property
    def details(self) -> Details[wire.Invoice]:
        return NuviasInvoiceDetails(self.origin, self.source, self.facts)
