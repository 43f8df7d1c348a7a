"""The Hub's objects as ordergraph's.

Source: Nuvias UC "Hub API (1.1.0)". Tables first, then one view per kind of object with a property for
each field that the Hub has. The other direction is in ``requests.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Generic, TypeVar, cast

import msgspec

from ordergraph import domain
from ordergraph.domain import (
    Action,
    ActionAvailability,
    Address,
    Cancellation,
    InvoiceStatus,
    InvoiceType,
    Money,
    Note,
    NoteKind,
    OrderProblem,
    OrderStatus,
    Origin,
    Party,
    RefusalReason,
    SubscriptionStatus,
)
from ordergraph.domain.errors import VendorError
from ordergraph.upstream.calls import Decoded
from ordergraph.vendors.nuvias import wire
from ordergraph.wire import decoding
from ordergraph.wire.decoding import version_of

W = TypeVar("W", bound=msgspec.Struct)


# Order states of the Hub; "DRAFT" is a basket, whatever word its body prints.
STATUS: Mapping[str, OrderStatus] = {
    "DRAFT": OrderStatus.DRAFT,
    "CREATED": OrderStatus.SUBMITTED,
    "PROCESSING": OrderStatus.IN_PROGRESS,
    "ACCEPTED": OrderStatus.IN_PROGRESS,
    "PART_SHIPPED": OrderStatus.PARTIALLY_SHIPPED,
    "SHIPPED": OrderStatus.SHIPPED,
    "COMPLETE": OrderStatus.COMPLETED,
    "ATTENTION_REQUIRED": OrderStatus.ACTION_REQUIRED,
    "FAILED": OrderStatus.FAILED,
    "PENDING_AUTHORISATION": OrderStatus.PENDING_APPROVAL,
    "CANCELLED": OrderStatus.CANCELLED,
}
SUBSCRIPTION_STATUS: Mapping[str, SubscriptionStatus] = {
    "ACTIVE": SubscriptionStatus.ACTIVE,
    "PENDING": SubscriptionStatus.PENDING,
    "EXPIRED": SubscriptionStatus.EXPIRED,
}
INVOICE_STATUS: Mapping[str, InvoiceStatus] = {
    "open": InvoiceStatus.OPEN,
    "paid_in_full": InvoiceStatus.PAID,
    "pending_approval": InvoiceStatus.PENDING_APPROVAL,
    "rejected": InvoiceStatus.REJECTED,
    "voided": InvoiceStatus.VOIDED,
}
INVOICE_TYPE: Mapping[str, InvoiceType] = {
    "invoice": InvoiceType.INVOICE,
    "credit_note": InvoiceType.CREDIT_NOTE,
}

# The states in which the Hub accepts an action: the orders' section of the document.
ORDER_ACTIONS: Mapping[Action, frozenset[str]] = {
    Action.UPDATE_ORDER: frozenset(STATUS),
    Action.ADD_LINE_ITEM: frozenset({"DRAFT"}),
    Action.UPDATE_LINE_ITEM: frozenset({"DRAFT"}),
    Action.REMOVE_LINE_ITEM: frozenset({"DRAFT"}),
    Action.SUBMIT_ORDER: frozenset({"DRAFT"}),
    Action.CANCEL_ORDER: frozenset({"PROCESSING"}),
    Action.APPROVE_ORDER: frozenset({"PENDING_AUTHORISATION"}),
    Action.DENY_ORDER: frozenset({"PENDING_AUTHORISATION"}),
    Action.RESUBMIT_ORDER: frozenset({"ATTENTION_REQUIRED"}),
}
# "Once they have been ACCEPTED or beyond you must contact your account manager to cancel the order."
BEYOND_CANCELLING = frozenset({"ACCEPTED", "PART_SHIPPED", "SHIPPED", "COMPLETE"})
SECRETS = frozenset({"delivery_password"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the Hub says once for all objects of an account; a part that failed holds the error."""

    currency: str | VendorError
    countries: Mapping[int, str] | VendorError

    def money(self, amount: Decimal | None) -> Money | None:
        """An amount in the account's currency; raise if the currency could not be read."""
        if amount is None:
            return None
        if isinstance(self.currency, VendorError):
            raise self.currency
        return Money(amount, self.currency)

    def address(self, place: wire.Address | None) -> Address | None:
        """An address with its country's ISO code, or with the error if the countries could not be read."""
        if place is None:
            return None
        return Address(
            company_name=place.company_name,
            recipient_name=place.recipient_name,
            lines=[line for line in (place.addr_line_1, place.addr_line_2) if line],
            city=place.city,
            region=place.region,
            postal_code=place.postal_code,
            country=self.country(place.country_code),
        )

    def country(self, country: int | None) -> str | VendorError | None:
        """The ISO code of one of the Hub's country ids, or the error that kept the codes from being known."""
        if country is None:
            return None
        return self.countries if isinstance(self.countries, VendorError) else self.countries.get(country)

    def country_code(self, country: int | None) -> str | None:
        """The ISO code of one of the Hub's country ids; raise if the countries could not be read."""
        code = self.country(country)
        if isinstance(code, VendorError):
            raise code
        return code

    def country_id(self, iso_code: str) -> int | None:
        """The Hub's id of a country."""
        if isinstance(self.countries, VendorError):
            raise self.countries
        return next((key for key, code in self.countries.items() if code == iso_code.upper()), None)


# ------------------------------------------------------------------------------------------- values


note_unreadable = partial(decoding.note_unreadable, "nuvias")
look_up = partial(decoding.look_up, "nuvias")


def moment(text: str | None) -> datetime | None:
    """A time of the Hub, which writes some without a zone: these are UTC."""
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return note_unreadable("time", text)


def day(text: str | None) -> date | None:
    """A day, also where the Hub sends a time."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return note_unreadable("day", text or "")


def number(value: int | None) -> Decimal | None:
    """A quantity."""
    return None if value is None else Decimal(value)


def text(value: int | str | None) -> str | None:
    """An identifier that the Hub sends as a number."""
    return None if value is None else str(value)


def truth(value: bool | str | None) -> bool | None:
    """A boolean, also where the Hub prints it as ``"true,"``."""
    return value.strip(" ,").lower() == "true" if isinstance(value, str) else value


def flat(values: Sequence[Any]) -> list[Any]:
    """A list, also where the Hub nests it into another."""
    return [item for value in values for item in (cast("list[Any]", value) if isinstance(value, list) else [value])]


def hub_words(table: Mapping[str, domain.DescribedEnum], wanted: frozenset[Any]) -> list[str]:
    """The Hub's words for ours."""
    return [word for word, ours in table.items() if ours in wanted]


# -------------------------------------------------------------------------------------------- views


class HubView(domain.View, Generic[W]):
    """A view over one of the Hub's objects, which has an id."""

    __slots__ = ("facts", "source", "wire")

    def __init__(self, origin: Origin, source: Decoded[W], facts: Facts) -> None:
        super().__init__(origin)
        self.wire = source.wire
        self.source = source
        self.facts = facts

    @property
    def key(self) -> tuple[str, ...]:
        return (str(cast("Any", self.wire).id),)


class Details(HubView[W]):
    """What only the Hub has: attributes that are not overridden are those of the wire object."""

    __slots__ = ()

    @property
    def raw(self) -> Any:
        """The body as the Hub sent it, without secrets."""
        return without_secrets(decoding.shown(self.source.raw))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wire, name)


class Piece(Generic[W]):
    """A part of one of the Hub's objects: attributes that are not overridden are those of the wire object."""

    __slots__ = ("facts", "origin", "wire")

    def __init__(self, part: W, whole: Details[Any] | Piece[Any]) -> None:
        self.wire = part
        self.origin = whole.origin
        self.facts = whole.facts

    @property
    def number(self) -> int | None:
        """The Hub's own id of the part, which is not one of the graph's; None if it has none."""
        return getattr(self.wire, "id", None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wire, name)


def without_secrets(value: Any) -> Any:
    """A JSON object without the values of secret keys."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: without_secrets(item) for key, item in items if key not in SECRETS}
    if isinstance(value, list):
        return [without_secrets(item) for item in cast("list[Any]", value)]
    return value


class NuviasOrder(HubView[wire.Order], domain.Order):
    """An order, or a basket (``draft``)."""

    __slots__ = ("draft",)

    def __init__(self, origin: Origin, source: Decoded[wire.Order], facts: Facts, *, draft: bool = False) -> None:
        super().__init__(origin, source, facts)
        self.draft = draft

    @property
    def vendor_order_id(self) -> str:
        return str(self.wire.id)

    @property
    def number(self) -> str | None:
        return self.wire.supplier_ref

    @property
    def client_reference(self) -> str | None:
        return self.wire.name or text(self.wire.external_id)

    @property
    def purchase_order_number(self) -> str | None:
        return self.wire.purchase_order_number

    @property
    def state(self) -> str | None:
        """The Hub's word; that of a basket is DRAFT, although the document's samples print another."""
        return "DRAFT" if self.draft else self.wire.status

    @property
    def status(self) -> OrderStatus:
        return look_up(STATUS, self.state, OrderStatus.UNKNOWN, "order status")

    @property
    def vendor_status(self) -> str | None:
        return self.state

    @property
    def placed_at(self) -> datetime | None:
        return moment(self.wire.date)

    @property
    def customer(self) -> Party | None:
        organisation, name = text(self.wire.organisation), self.wire.end_user
        return Party(organisation, name) if organisation or name else None

    @property
    def notes(self) -> Sequence[Note]:
        notes = (
            (self.wire.ship_instructions, NoteKind.SHIPPING),
            (self.wire.provisioning_instructions, NoteKind.PROVISIONING),
        )
        return [Note(words, kind) for words, kind in notes if words]

    @property
    def shipping_address(self) -> Address | None:
        return self.facts.address(self.wire.shipping_address)

    @property
    def line_items(self) -> Sequence[NuviasLineItem]:
        return [NuviasLineItem(self, index) for index in range(len(self.wire.line_items))]

    @property
    def shipments(self) -> Sequence[NuviasShipment]:
        return [NuviasShipment(self, index) for index in range(len(self.wire.shipments))]

    @property
    def total(self) -> Money | None:
        return self.facts.money(self.wire.total)

    @property
    def shipping_cost(self) -> Money | None:
        return self.facts.money(self.wire.ship_cost)

    @property
    def discount(self) -> Money | None:
        return self.facts.money(self.wire.discount)

    @property
    def problems(self) -> Sequence[OrderProblem]:
        words = self.wire.attention_required
        return [OrderProblem("ATTENTION_REQUIRED", words)] if words and self.status is not OrderStatus.CANCELLED else []

    @property
    def cancellation(self) -> Cancellation | None:
        return Cancellation(self.wire.attention_required) if self.status is OrderStatus.CANCELLED else None

    @property
    def available_actions(self) -> Sequence[ActionAvailability]:
        return [order_action(action, self.state) for action in ORDER_ACTIONS]

    @property
    def details(self) -> NuviasOrderDetails:
        return NuviasOrderDetails(self.origin, self.source, self.facts)

    @property
    def version(self) -> str:
        # rows of the list lack order_type, so it must not count
        return ("d" if self.draft else "o") + version_of(msgspec.structs.replace(self.wire, order_type=None))


def order_action(action: Action, state: str | None) -> ActionAvailability:
    """Whether the Hub accepts an action on an order in that state."""
    states = ORDER_ACTIONS[action]
    if state in states:
        return ActionAvailability(action, True)
    if action is Action.CANCEL_ORDER and state in BEYOND_CANCELLING:
        words = "The order has been accepted: ask your account manager at Nuvias to cancel it."
        return ActionAvailability(action, False, RefusalReason.CONTACT_VENDOR, words)
    needed = " or ".join(sorted(states))
    words = f"Only in {needed}, not in {state or 'a state that the Hub does not tell'}."
    return ActionAvailability(action, False, RefusalReason.WRONG_STATUS, words)


class NuviasOrderDetails(Details[wire.Order]):
    """What only an order of the Hub has."""

    type_name = "Order"

    @property
    def external_id(self) -> str | None:
        return text(self.wire.external_id)

    @property
    def units(self) -> list[NuviasUnit]:
        return [NuviasUnit(unit, self) for unit in self.wire.units]

    @property
    def finance(self) -> NuviasFinance | None:
        return NuviasFinance(self.wire.finance, self) if self.wire.finance else None


class NuviasUnit(Piece[wire.Unit]):
    """A single device of an order."""

    @property
    def serial_number(self) -> str | None:
        return text(self.wire.serial)


class NuviasFinance(Piece[wire.Finance]):
    """How an order is financed."""

    @property
    def family_name(self) -> str | None:
        return self.wire.name

    @property
    def registered_address(self) -> Address | None:
        return self.facts.address(self.wire.registered_address)

    @property
    def trading_addresses(self) -> list[Address | None]:
        return [self.facts.address(place) for place in self.wire.trading_addresses]


class NuviasLineItem(domain.LineItem):
    """A line of an order; its provisioning and its maintenance are lines below it."""

    __slots__ = ("index", "order", "wire")

    def __init__(self, order: NuviasOrder, index: int) -> None:
        super().__init__(order.origin)
        self.order = order
        self.index = index
        self.wire: wire.LineItem = order.wire.line_items[index]

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.order.key, str(self.wire.id))

    @property
    def product_id(self) -> str | None:
        return text(self.wire.product)

    @property
    def name(self) -> str | None:
        return self.wire.name

    @property
    def quantity(self) -> Decimal | None:
        return number(self.wire.quantity)

    @property
    def unit_price(self) -> Money | None:
        return self.order.facts.money(self.wire.price)

    @property
    def list_price(self) -> Money | None:
        return self.order.facts.money(self.wire.original_price)

    @property
    def total(self) -> Money | None:
        return self.order.facts.money(self.wire.sub_total_for_item)

    @property
    def children(self) -> Sequence[domain.LineItem]:
        line = self.wire
        extras = (
            ("provisioning", line.prov_product, line.prov_product_name, line.prov_product_price),
            (
                "maintenance",
                line.maintenance_product,
                line.maintenance_product_name,
                line.maintenance_product_price,
            ),
        )
        return [NuviasExtra(self, *extra) for extra in extras if extra[1] is not None]

    @property
    def details(self) -> NuviasLineItemDetails:
        return NuviasLineItemDetails(self)


class NuviasLineItemDetails(Details[wire.LineItem]):
    """What only a line of the Hub has."""

    __slots__ = ("index",)
    type_name = "LineItem"

    def __init__(self, line: NuviasLineItem) -> None:
        super().__init__(line.origin, Decoded(line.wire, line.order.source.raw), line.order.facts)
        self.index = line.index

    @property
    def raw(self) -> Any:
        """The line as the Hub sent it in the order, without secrets."""
        return without_secrets(decoding.shown_part(self.source.raw, "line_items", self.index))

    @property
    def markup_percent(self) -> Decimal | None:
        return self.wire.markup

    @property
    def discount_percent(self) -> Decimal | None:
        return self.wire.discount

    @property
    def rate_plan(self) -> NuviasRatePlan | None:
        return NuviasRatePlan(self.wire.rate_plan_details, self) if self.wire.rate_plan_details else None

    @property
    def dropbox(self) -> Piece[wire.DropboxOrder] | None:
        return Piece(self.wire.dropbox_order, self) if self.wire.dropbox_order else None

    @property
    def acronis(self) -> Piece[wire.AcronisOrder] | None:
        return Piece(self.wire.acronis_order, self) if self.wire.acronis_order else None

    @property
    def zoom(self) -> Piece[wire.ZoomOrder] | None:
        return Piece(self.wire.zoom_order, self) if self.wire.zoom_order else None


class NuviasRatePlan(Piece[wire.RatePlan]):
    """A rate plan: one that a product offers, or the one that a line was ordered with."""

    @property
    def line_item_number(self) -> int | None:
        return self.wire.line_item_id

    @property
    def charges(self) -> list[NuviasRatePlanCharge]:
        return [NuviasRatePlanCharge(charge, self) for charge in self.wire.rate_plan_charges]


class NuviasRatePlanCharge(Piece[wire.RatePlanCharge]):
    """What a rate plan charges for."""

    @property
    def rate_plan_number(self) -> int | None:
        return self.wire.rate_plan_id

    @property
    def price(self) -> Money | None:
        return self.facts.money(self.wire.price)

    @property
    def costs(self) -> list[NuviasChargeCost]:
        return [NuviasChargeCost(cost, self) for cost in self.wire.rate_plan_charge_costs]


class NuviasChargeCost(Piece[wire.ChargeCost]):
    """What a charge costs in one currency."""

    @property
    def price(self) -> Money | None:
        if self.wire.charge_cost_price is not None and self.wire.currency:
            return Money(self.wire.charge_cost_price, self.wire.currency)
        return self.facts.money(self.wire.charge_cost_price)


class NuviasExtra(domain.LineItem):
    """The provisioning or maintenance of a line, which the Hub keeps inside the line."""

    __slots__ = ("kind", "line", "price", "product", "title")

    def __init__(
        self, line: NuviasLineItem, kind: str, product: int | None, title: str | None, price: Decimal | None
    ) -> None:
        super().__init__(line.origin)
        self.line = line
        self.kind = kind
        self.product = product
        self.title = title
        self.price = price

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.line.key, self.kind)

    @property
    def product_id(self) -> str | None:
        return text(self.product)

    @property
    def name(self) -> str | None:
        return self.title

    @property
    def quantity(self) -> Decimal | None:
        return self.line.quantity

    @property
    def unit_price(self) -> Money | None:
        return self.line.order.facts.money(self.price)


class NuviasShipment(domain.Shipment):
    """Goods on their way. The Hub gives it a reference, but does not promise one."""

    __slots__ = ("index", "order", "wire")

    def __init__(self, order: NuviasOrder, index: int) -> None:
        super().__init__(order.origin)
        self.order = order
        self.index = index
        self.wire = order.wire.shipments[index]

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.order.key, str(self.index + 1))

    @property
    def reference(self) -> str | None:
        return self.wire.reference

    @property
    def tracking_number(self) -> str | None:
        return self.wire.tracking_number

    @property
    def shipped_on(self) -> date | None:
        return day(self.wire.date)

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

    @property
    def vendor_product_id(self) -> str:
        return str(self.wire.id)

    @property
    def name(self) -> str | None:
        return self.wire.name

    @property
    def sku(self) -> str | None:
        return self.wire.product_code

    @property
    def description(self) -> str | None:
        return self.wire.description

    @property
    def price(self) -> Money | None:
        return self.facts.money(self.wire.price)

    @property
    def list_price(self) -> Money | None:
        return self.facts.money(self.wire.rrp)

    @property
    def stock(self) -> Decimal | None:
        return self.wire.stock

    @property
    def image_url(self) -> str | None:
        return self.wire.main_image_url

    @property
    def datasheet_url(self) -> str | None:
        return self.wire.datasheet_url

    @property
    def details(self) -> NuviasProductDetails:
        return NuviasProductDetails(self.origin, self.source, self.facts)


class NuviasProductDetails(Details[wire.Product]):
    """What only a product of the Hub has."""

    type_name = "Product"

    @property
    def product_type(self) -> int | None:
        return self.wire.type

    @property
    def shipping_cost(self) -> Money | None:
        return self.facts.money(self.wire.shipping_cost)

    @property
    def provisioning(self) -> list[NuviasRelatedProduct]:
        return [NuviasRelatedProduct(product, self) for product in self.wire.provisioning]

    @property
    def maintenance(self) -> list[NuviasRelatedProduct]:
        return [NuviasRelatedProduct(product, self) for product in self.wire.maintenance]

    @property
    def related(self) -> list[NuviasRelatedProduct]:
        return [NuviasRelatedProduct(product, self) for product in self.wire.related_to]

    @property
    def rate_plans(self) -> list[NuviasRatePlan]:
        return [NuviasRatePlan(plan, self) for plan in self.wire.rate_plans]


class NuviasRelatedProduct(Piece[wire.RelatedProduct]):
    """A product that goes with another, as that other tells it."""

    @property
    def price(self) -> Money | None:
        return self.facts.money(self.wire.price)


class NuviasSubscription(HubView[wire.Subscription], domain.Subscription):
    """A subscription."""

    __slots__ = ()

    @property
    def vendor_subscription_id(self) -> str:
        return str(self.wire.id)

    @property
    def name(self) -> str | None:
        return self.wire.name

    @property
    def status(self) -> SubscriptionStatus:
        return look_up(SUBSCRIPTION_STATUS, self.wire.status, SubscriptionStatus.UNKNOWN, "subscription status")

    @property
    def vendor_status(self) -> str | None:
        return self.wire.status

    @property
    def auto_renews(self) -> bool | None:
        return self.wire.auto_renewal_flag

    @property
    def has_pending_changes(self) -> bool | None:
        return self.wire.pending_change

    @property
    def starts_on(self) -> date | None:
        return day(self.wire.start_date)

    @property
    def activated_on(self) -> date | None:
        return day(self.wire.service_activation_date)

    @property
    def ends_on(self) -> date | None:
        return day(self.wire.end_date)

    @property
    def billing_frequency(self) -> str | None:
        return self.wire.billing_frequency

    @property
    def total_contract_value(self) -> Money | None:
        return self.facts.money(self.wire.total_contract_value)

    @property
    def items(self) -> Sequence[domain.SubscriptionItem]:
        return [
            domain.SubscriptionItem(self.origin, text(item.product), number(item.quantity), item.product_type)
            for item in self.wire.products
        ]

    @property
    def order_ids(self) -> Sequence[str]:
        orders = [self.wire.order, *(past.id for past in self.wire.order_history)]
        return list(dict.fromkeys(str(order) for order in orders if order is not None))

    @property
    def available_actions(self) -> Sequence[ActionAvailability]:
        pending = self.wire.status == "PENDING"
        changed = self.wire.status == "ACTIVE" and bool(self.wire.pending_change)
        state = f"not in {self.wire.status}."
        changes = "Only while a change is pending on an active subscription."
        return [
            ActionAvailability(Action.UPDATE_SUBSCRIPTION, True),
            _allowed(Action.ACTIVATE_SUBSCRIPTION, pending, f"Only in PENDING, {state}"),
            _allowed(Action.CANCEL_SUBSCRIPTION, pending, f"Only in PENDING, {state}"),
            _allowed(Action.ACTIVATE_SUBSCRIPTION_CHANGES, changed, changes),
            _allowed(Action.CANCEL_SUBSCRIPTION_CHANGES, changed, changes),
        ]

    @property
    def details(self) -> NuviasSubscriptionDetails:
        return NuviasSubscriptionDetails(self.origin, self.source, self.facts)

    @property
    def version(self) -> str:
        return version_of(self.wire)


def _allowed(action: Action, allowed: bool, message: str) -> ActionAvailability:
    if allowed:
        return ActionAvailability(action, True)
    return ActionAvailability(action, False, RefusalReason.WRONG_STATUS, message)


class NuviasSubscriptionDetails(Details[wire.Subscription]):
    """What only a subscription of the Hub has."""

    type_name = "Subscription"

    @property
    def subscription_type(self) -> str | None:
        return self.wire.type

    @property
    def seats(self) -> int | None:
        return self.wire.subscriptions

    @property
    def history(self) -> list[NuviasOrderHistory]:
        return [NuviasOrderHistory(past, self) for past in self.wire.order_history]

    @property
    def associated_keys(self) -> list[str]:
        return [str(key) for key in self.wire.associated_subscriptions]

    @property
    def products(self) -> list[NuviasSubscriptionProduct]:
        return [NuviasSubscriptionProduct(product, self) for product in self.wire.products]


class NuviasSubscriptionProduct(Piece[wire.SubscriptionProduct]):
    """A product that a subscription covers."""

    @property
    def line_item_number(self) -> int | None:
        return self.wire.order_line_item


class NuviasOrderHistory(Piece[wire.OrderHistory]):
    """An order in the history of a subscription."""

    @property
    def order_number(self) -> str | None:
        return self.wire.supplier_ref

    @property
    def placed_at(self) -> datetime | None:
        return moment(self.wire.date)

    @property
    def status(self) -> OrderStatus:
        return look_up(STATUS, self.wire.status, OrderStatus.UNKNOWN, "order status")

    @property
    def vendor_status(self) -> str | None:
        return self.wire.status

    @property
    def total(self) -> Money | None:
        return self.facts.money(self.wire.total)


class NuviasInvoice(HubView[wire.Invoice], domain.Invoice):
    """An invoice or credit note. Its reference is part of its key: only by that can it be found again."""

    __slots__ = ()

    @property
    def key(self) -> tuple[str, ...]:
        return (str(self.wire.id), self.wire.reference) if self.wire.reference else (str(self.wire.id),)

    @property
    def vendor_invoice_id(self) -> str:
        return str(self.wire.id)

    @property
    def reference(self) -> str | None:
        return self.wire.reference

    @property
    def type(self) -> InvoiceType:
        return look_up(INVOICE_TYPE, self.wire.type, InvoiceType.UNKNOWN, "invoice type")

    @property
    def vendor_type(self) -> str | None:
        return self.wire.type

    @property
    def status(self) -> InvoiceStatus:
        return look_up(INVOICE_STATUS, self.wire.status, InvoiceStatus.UNKNOWN, "invoice status")

    @property
    def vendor_status(self) -> str | None:
        return self.wire.status

    @property
    def issued_at(self) -> datetime | None:
        return moment(self.wire.date)

    @property
    def due_on(self) -> date | None:
        return day(self.wire.due_date)

    @property
    def days_overdue(self) -> int | None:
        return self.wire.days_overdue

    @property
    def purchase_order_number(self) -> str | None:
        return self.wire.purchase_order

    @property
    def total(self) -> Money | None:
        if self.wire.total is not None and self.wire.currency:
            return Money(self.wire.total, self.wire.currency)
        return self.facts.money(self.wire.total)

    @property
    def details(self) -> NuviasInvoiceDetails:
        return NuviasInvoiceDetails(self.origin, self.source, self.facts)


class NuviasInvoiceDetails(Details[wire.Invoice]):
    """What only an invoice of the Hub has."""

    type_name = "Invoice"

    @property
    def source_system(self) -> int | None:
        return self.wire.source
