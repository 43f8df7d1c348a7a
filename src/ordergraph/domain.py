"""What ordergraph talks about, in its own words: read-only views over the vendors' objects.

A view never copies. It holds what the vendor sent (the wire object) and turns a value into ours when
somebody reads the property; a value that cannot be turned costs its own field and nothing else. Each
vendor's ``mapping.py`` subclasses the views and overrides what that vendor has; the defaults here
("nothing", "empty") stand for what a vendor lacks.

No framework is imported here. The sentences beside enum members are what the schema shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple
from urllib.parse import quote, unquote

from ordergraph.errors import InputError, VendorError

MAX_ID_LENGTH = 4096
"""Of a global ID: some hold a reference of 255 characters, each up to 12 when it is encoded."""

# ---------------------------------------------------------------------------------------------- ids


class Ref(NamedTuple):
    """Which object at which account: the content of a global ID.

    As text it is ``Type:account:key`` with every part percent-encoded, for example
    ``Order:nuvias-uk:77272`` or ``LineItem:nuvias-uk:77272:1``. Clients treat it as opaque.
    """

    type: str
    account: str
    key: tuple[str, ...]

    @property
    def joined(self) -> str:
        """The key as one text, as connectors take it."""
        return ":".join(self.key)

    def __str__(self) -> str:
        """The global ID."""
        return ":".join(quote(part, safe="") for part in (self.type, self.account, *self.key))

    @classmethod
    def parse(cls, text: str, *types: str) -> Ref:
        """Read a global ID; raise InputError if it is none, or not of one of ``types`` (if given)."""
        parts = text.split(":") if len(text) <= MAX_ID_LENGTH else []
        if len(parts) < 2 or not all(parts) or not _ID_PARTS.match(text):
            raise InputError(f"{_shortened(text)!r} is not an id of this graph")
        type_, account, *key = (unquote(part) for part in parts)
        ref = cls(type_, account, tuple(key))
        if str(ref) != text or (not key) != (type_ == "Account"):
            raise InputError(f"{_shortened(text)!r} is not an id of this graph")
        if types and type_ not in types:
            raise InputError(f"{_shortened(text)!r} is the id of a {type_}, not of a {' or '.join(types)}")
        return ref


_ID_PARTS = re.compile(r"[A-Za-z]+(:[A-Za-z0-9_.~%-]+)+\Z")


def _shortened(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[:limit] + "…"


# -------------------------------------------------------------------------------------------- words


class Word(Enum):
    """An enum of the graph: a member's name is the word, its value the sentence shown in the schema."""


class OrderStatus(Word):
    """Where an order stands, in one vocabulary for all vendors."""

    DRAFT = "Kept at the vendor but not ordered: it costs nothing until it is submitted."
    SUBMITTED = "The vendor has received the order and has not begun to work on it."
    PENDING_APPROVAL = "Waits for somebody to approve it, for example because of its value."
    IN_PROGRESS = "The vendor works on the order."
    ON_HOLD = "The vendor has paused the order."
    ACTION_REQUIRED = "Does not go on until you do something; `problems` says what."
    PARTIALLY_SHIPPED = "Some of the goods are on their way."
    SHIPPED = "All goods are on their way."
    COMPLETED = "Done: everything was delivered or provided."
    PARTIALLY_COMPLETED = "Done in part: some of the lines failed or were cancelled."
    CANCELLING = "A cancellation was asked for and is not decided yet."
    CANCELLED = "Was cancelled; nothing more will happen."
    REJECTED = "The vendor declined the order."
    FAILED = "Broke off at the vendor and will not go on."
    UNKNOWN = "The vendor used a word that this version does not know; `vendorStatus` has it."


class OrderPhase(Word):
    """The coarse stage of an order. This enum never grows: code against it where that suffices."""

    DRAFT = "Not ordered yet."
    OPEN = "Under way; nothing to do for you."
    NEEDS_ACTION = "Waits for you: an approval or an answer."
    DONE = "Ended well, at least in part."
    STOPPED = "Ended without delivery: cancelled, rejected or failed."
    UNKNOWN = "The vendor's word is not known."


PHASES: Mapping[OrderStatus, OrderPhase] = {
    OrderStatus.DRAFT: OrderPhase.DRAFT,
    OrderStatus.SUBMITTED: OrderPhase.OPEN,
    OrderStatus.PENDING_APPROVAL: OrderPhase.NEEDS_ACTION,
    OrderStatus.IN_PROGRESS: OrderPhase.OPEN,
    OrderStatus.ON_HOLD: OrderPhase.OPEN,
    OrderStatus.ACTION_REQUIRED: OrderPhase.NEEDS_ACTION,
    OrderStatus.PARTIALLY_SHIPPED: OrderPhase.OPEN,
    OrderStatus.SHIPPED: OrderPhase.OPEN,
    OrderStatus.COMPLETED: OrderPhase.DONE,
    OrderStatus.PARTIALLY_COMPLETED: OrderPhase.DONE,
    OrderStatus.CANCELLING: OrderPhase.OPEN,
    OrderStatus.CANCELLED: OrderPhase.STOPPED,
    OrderStatus.REJECTED: OrderPhase.STOPPED,
    OrderStatus.FAILED: OrderPhase.STOPPED,
    OrderStatus.UNKNOWN: OrderPhase.UNKNOWN,
}
FINAL_PHASES = frozenset({OrderPhase.DONE, OrderPhase.STOPPED})


class SubscriptionStatus(Word):
    """Where a subscription stands."""

    PENDING = "Ordered and not activated yet."
    ACTIVE = "Runs and is billed."
    EXPIRED = "Ended."
    CANCELLED = "Was cancelled before it ran."
    UNKNOWN = "The vendor used a word that this version does not know; `vendorStatus` has it."


class InvoiceStatus(Word):
    """Where an invoice stands."""

    OPEN = "Not paid, or not fully."
    PAID = "Paid in full."
    PENDING_APPROVAL = "Not released yet."
    REJECTED = "Was not released."
    VOIDED = "No longer counts."
    UNKNOWN = "The vendor used a word that this version does not know; `vendorStatus` has it."


class InvoiceType(Word):
    """What kind of bill it is."""

    INVOICE = "You owe the vendor."
    CREDIT_NOTE = "The vendor owes you."
    UNKNOWN = "The vendor used a word that this version does not know; `vendorType` has it."


class ChargeStatus(Word):
    """Where a charge that a vendor asks for stands."""

    AWAITING_RESPONSE = "Waits for you: accept or decline it with `respondToCharge`."
    ANSWERED = "Was answered, each item for itself."
    WITHDRAWN = "The vendor no longer asks for it."
    TIMED_OUT = "Was not answered in time."
    UNKNOWN = "The vendor used a word that this version does not know; `vendorStatus` has it."


class ChargeItemStatus(Word):
    """Where a part of a charge stands."""

    AWAITING_RESPONSE = "Waits for you."
    ACCEPTED = "You accepted it."
    DECLINED = "You declined it."
    WITHDRAWN = "The vendor no longer asks for it."
    UNKNOWN = "The vendor used a word that this version does not know; `vendorStatus` has it."


class CancellationState(Word):
    """Where the cancellation of an order stands."""

    REQUESTED = "Asked for; the vendor has not decided."
    ACCEPTED = "The vendor agreed; the order is being taken down."
    DECLINED = "The vendor declined; the order goes on."
    CANCELLED = "The order is cancelled."


class WriteStatus(Word):
    """What is known of a write operation."""

    SENDING = "Under way: it has been sent, or will be in a moment, and no answer has come yet."
    CONFIRMED = "The vendor has done it."
    REJECTED = "It was not done: the vendor said no, or certainly never got it."
    IN_DOUBT = "It may or may not have been done: no clear answer came. Do not send it again under another key."


class NoteKind(Word):
    """For whom a note was written."""

    GENERAL = "For everybody."
    SHIPPING = "For those who ship the goods."
    PROVISIONING = "For those who set the goods up."


class Action(Word):
    """Something that can be done through the graph; the mutation of that name does it."""

    PLACE_ORDER = "Order something."
    CREATE_DRAFT_ORDER = "Prepare an order at the vendor without ordering it."
    UPDATE_ORDER = "Change an order."
    ADD_LINE_ITEM = "Add a line to a draft."
    UPDATE_LINE_ITEM = "Change a line of a draft."
    REMOVE_LINE_ITEM = "Take a line out of a draft."
    SUBMIT_ORDER = "Order a draft."
    CANCEL_ORDER = "Cancel an order."
    ACKNOWLEDGE_ORDER = "Confirm that an order has arrived."
    APPROVE_ORDER = "Approve an order that waits for approval."
    DENY_ORDER = "Deny an order that waits for approval."
    RESUBMIT_ORDER = "Send an order on after what it needed was done."
    RESPOND_TO_CHARGE = "Accept or decline a charge that the vendor asks for."
    CHANGE_REQUESTED_DATE = "Ask for another date of a line."
    UPDATE_SUBSCRIPTION = "Change how a subscription is administered, such as its renewal."
    ACTIVATE_SUBSCRIPTION = "Start a pending subscription."
    CANCEL_SUBSCRIPTION = "Cancel a pending subscription."
    ACTIVATE_SUBSCRIPTION_CHANGES = "Put pending changes of a subscription into force."
    CANCEL_SUBSCRIPTION_CHANGES = "Drop pending changes of a subscription."
    PREVIEW_SUBSCRIPTION_CHANGE = "Ask what a change of a subscription would cost."
    LIST_ORDERS = "Read the list of orders."
    LIST_PRODUCTS = "Read the catalogue."
    LIST_SUBSCRIPTIONS = "Read the list of subscriptions."
    LIST_INVOICES = "Read the list of invoices."


class RefusalReason(Word):
    """Why an action is not possible."""

    NOT_SUPPORTED = "The vendor's API has no such action."
    EXTENSION_OFF = "Not every tenant of the vendor has it, and it is not switched on for this account."
    WRONG_STATUS = "Not in the present status."
    NO_PERMISSION = "The account's user may not do it."
    CONTACT_VENDOR = "Too late for the API: talk to your account manager at the vendor."
    UNKNOWN = "The vendor says no, and not why."


# ------------------------------------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in a currency (ISO 4217; ``XXX`` where nobody says which)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address.

    ``country`` is ISO 3166-1 alpha-2, or the error that kept it from being known, which costs only the
    country code.
    """

    company_name: str | None = None
    recipient_name: str | None = None
    lines: Sequence[str] = ()
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | VendorError | None = None

    @property
    def country_code(self) -> str | None:
        """The country; raises what kept it from being known."""
        if isinstance(self.country, VendorError):
            raise self.country
        return self.country

    @property
    def formatted(self) -> Sequence[str]:
        """The address as it goes on a label, one line each."""
        town = " ".join(part for part in (self.city, self.postal_code) if part)
        country = None if isinstance(self.country, VendorError) else self.country
        parts = (self.recipient_name, self.company_name, *self.lines, town, self.region, country)
        return [part for part in parts if part]


@dataclass(frozen=True, slots=True)
class Party:
    """Who an order is for: the buyer's organisation at the vendor and the end customer."""

    vendor_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who did something with an order.

    ``named_in`` is set where the vendor gave the id alone: the order that tells the name when it is read
    by itself.
    """

    vendor_id: str | None = None
    name: str | None = None
    named_in: Ref | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Free text on an order."""

    text: str
    kind: NoteKind = NoteKind.GENERAL


@dataclass(frozen=True, slots=True)
class OrderProblem:
    """Something that keeps an order from going on.

    ``field`` is the path of the input that it is about, where the vendor says so.
    """

    code: str
    message: str
    field: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What is known of an order's cancellation.

    ``reason`` and ``note`` are why it was asked for: the vendor's word for the reason and free text;
    ``vendor_reason`` is what the vendor answered.
    """

    reason: str | None = None
    state: CancellationState = CancellationState.CANCELLED
    note: str | None = None
    vendor_reason: str | None = None
    requested_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A step of an order's life, as the vendor keeps it."""

    status: OrderStatus
    vendor_status: str
    changed_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ActionAvailability:
    """Whether an action is possible now; advice, since the vendor decides when it is done."""

    action: Action
    allowed: bool
    reason: RefusalReason | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an account expects of one input field when an order is placed.

    ``field`` is the dotted path in PlaceOrderInput; ``values`` the allowed words, None for anything.
    """

    field: str
    required: bool = False
    max_length: int | None = None
    values: Sequence[str] | None = None
    note: str | None = None


# -------------------------------------------------------------------------------------------- views


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose object a view shows and when its vendor said so."""

    account: str
    vendor: str
    retrieved_at: datetime


class View:
    """Base of all views: an object of one account."""

    __slots__ = ("origin",)
    type_name = "View"

    def __init__(self, origin: Origin) -> None:
        self.origin = origin

    @property
    def key(self) -> tuple[str, ...]:
        """The vendor's own id, in parts."""
        raise NotImplementedError

    @property
    def ref(self) -> Ref:
        """Which object this is."""
        return Ref(self.type_name, self.origin.account, self.key)

    @property
    def id(self) -> str:
        """The global ID."""
        return str(self.ref)

    @property
    def vendor(self) -> str:
        """The vendor's code."""
        return self.origin.vendor

    @property
    def retrieved_at(self) -> datetime:
        """When the vendor said this."""
        return self.origin.retrieved_at


class Order(View):
    """An order, or a draft of one."""

    __slots__ = ()
    type_name = "Order"

    @property
    def vendor_order_id(self) -> str | None:
        return None

    @property
    def number(self) -> str | None:
        return None

    @property
    def client_reference(self) -> str | None:
        return None

    @property
    def purchase_order_number(self) -> str | None:
        return None

    @property
    def status(self) -> OrderStatus:
        return OrderStatus.UNKNOWN

    @property
    def vendor_status(self) -> str | None:
        return None

    @property
    def phase(self) -> OrderPhase:
        return PHASES[self.status]

    @property
    def is_final(self) -> bool:
        return self.phase in FINAL_PHASES

    @property
    def placed_at(self) -> datetime | None:
        return None

    @property
    def requested_at(self) -> datetime | None:
        return None

    @property
    def expected_at(self) -> datetime | None:
        return None

    @property
    def updated_at(self) -> datetime | None:
        return None

    @property
    def completed_at(self) -> datetime | None:
        return None

    @property
    def cancelled_at(self) -> datetime | None:
        return None

    @property
    def status_changes(self) -> Sequence[StatusChange] | None:
        """The order's life so far, the oldest first; None where the vendor keeps no history."""
        return None

    @property
    def customer(self) -> Party | None:
        return None

    @property
    def created_by(self) -> Actor | None:
        return None

    @property
    def notes(self) -> Sequence[Note]:
        return ()

    @property
    def shipping_address(self) -> Address | None:
        return None

    @property
    def line_items(self) -> Sequence[LineItem] | None:
        return ()

    @property
    def shipments(self) -> Sequence[Shipment] | None:
        return ()

    @property
    def total(self) -> Money | None:
        return None

    @property
    def shipping_cost(self) -> Money | None:
        return None

    @property
    def discount(self) -> Money | None:
        return None

    @property
    def problems(self) -> Sequence[OrderProblem]:
        return ()

    @property
    def cancellation(self) -> Cancellation | None:
        return None

    @property
    def available_actions(self) -> Sequence[ActionAvailability]:
        return ()

    @property
    def details(self) -> View | None:
        """What only this vendor has: an object that its own GraphQL type is read from."""
        return None

    @property
    def version(self) -> str:
        """Changes whenever anything in the order changes."""
        raise NotImplementedError


class LineItem(View):
    """One line of an order."""

    __slots__ = ()
    type_name = "LineItem"

    @property
    def product_id(self) -> str | None:
        """The vendor's id of the product; the graph shows the product itself."""
        return None

    @property
    def name(self) -> str | None:
        return None

    @property
    def quantity(self) -> Decimal | None:
        return None

    @property
    def unit_price(self) -> Money | None:
        return None

    @property
    def list_price(self) -> Money | None:
        return None

    @property
    def total(self) -> Money | None:
        return None

    @property
    def children(self) -> Sequence[LineItem]:
        return ()

    @property
    def details(self) -> View | None:
        """What only this vendor has: an object that its own GraphQL type is read from."""
        return None


class Product(View):
    """Something that can be ordered."""

    __slots__ = ()
    type_name = "Product"

    @property
    def vendor_product_id(self) -> str | None:
        return None

    @property
    def name(self) -> str | None:
        return None

    @property
    def sku(self) -> str | None:
        return None

    @property
    def description(self) -> str | None:
        return None

    @property
    def price(self) -> Money | None:
        return None

    @property
    def list_price(self) -> Money | None:
        return None

    @property
    def stock(self) -> Decimal | None:
        return None

    @property
    def image_url(self) -> str | None:
        return None

    @property
    def datasheet_url(self) -> str | None:
        return None

    @property
    def details(self) -> View | None:
        """What only this vendor has: an object that its own GraphQL type is read from."""
        return None


class Subscription(View):
    """A contract with a vendor that runs over time."""

    __slots__ = ()
    type_name = "Subscription"

    @property
    def vendor_subscription_id(self) -> str | None:
        return None

    @property
    def name(self) -> str | None:
        return None

    @property
    def status(self) -> SubscriptionStatus:
        return SubscriptionStatus.UNKNOWN

    @property
    def vendor_status(self) -> str | None:
        return None

    @property
    def auto_renews(self) -> bool | None:
        return None

    @property
    def has_pending_changes(self) -> bool | None:
        return None

    @property
    def starts_on(self) -> date | None:
        return None

    @property
    def activated_on(self) -> date | None:
        return None

    @property
    def ends_on(self) -> date | None:
        return None

    @property
    def billing_frequency(self) -> str | None:
        return None

    @property
    def total_contract_value(self) -> Money | None:
        return None

    @property
    def items(self) -> Sequence[SubscriptionItem]:
        return ()

    @property
    def order_ids(self) -> Sequence[str]:
        """The vendor's ids of the orders that made and changed it; the graph shows the orders."""
        return ()

    @property
    def available_actions(self) -> Sequence[ActionAvailability]:
        return ()

    @property
    def details(self) -> View | None:
        """What only this vendor has: an object that its own GraphQL type is read from."""
        return None

    @property
    def version(self) -> str:
        """Changes whenever anything in the subscription changes."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    """A product that a subscription covers."""

    origin: Origin
    product_id: str | None
    quantity: Decimal | None
    vendor_type: str | None


class Shipment(View):
    """Goods on their way."""

    __slots__ = ()
    type_name = "Shipment"

    @property
    def reference(self) -> str | None:
        return None

    @property
    def tracking_number(self) -> str | None:
        return None

    @property
    def tracking_url(self) -> str | None:
        return None

    @property
    def shipped_on(self) -> date | None:
        return None

    @property
    def items(self) -> Sequence[ShipmentItem]:
        return ()


@dataclass(frozen=True, slots=True)
class ShipmentItem:
    """Goods of one kind in a shipment."""

    origin: Origin
    product_id: str | None
    name: str | None
    sku: str | None
    quantity: Decimal | None
    serial_numbers: Sequence[str]


class Charge(View):
    """Money that a vendor asks for beyond what was ordered, before it goes on."""

    __slots__ = ()
    type_name = "Charge"

    @property
    def vendor_charge_id(self) -> str | None:
        return None

    @property
    def order_id(self) -> str | None:
        """The vendor's id of the order that it is for; the graph shows the order."""
        return None

    @property
    def line_item_id(self) -> str | None:
        """The global ID of the line that it is for."""
        return None

    @property
    def status(self) -> ChargeStatus:
        return ChargeStatus.UNKNOWN

    @property
    def vendor_status(self) -> str | None:
        return None

    @property
    def created_at(self) -> datetime | None:
        return None

    @property
    def response_due_at(self) -> datetime | None:
        return None

    @property
    def items(self) -> Sequence[ChargeItem]:
        return ()


@dataclass(frozen=True, slots=True)
class ChargeItem:
    """A part of a charge, answered for itself. ``category``, ``price_type`` and ``period`` are the vendor's words."""

    vendor_item_id: str
    status: ChargeItemStatus
    vendor_status: str | None = None
    activity: str | None = None
    category: str | None = None
    blocking: bool | None = None
    price: Money | None = None
    price_with_tax: Money | None = None
    tax_rate: Decimal | None = None
    price_type: str | None = None
    period: str | None = None
    unit: str | None = None
    note: str | None = None


class Invoice(View):
    """A bill or a credit note."""

    __slots__ = ()
    type_name = "Invoice"

    @property
    def vendor_invoice_id(self) -> str | None:
        return None

    @property
    def reference(self) -> str | None:
        return None

    @property
    def type(self) -> InvoiceType:
        return InvoiceType.UNKNOWN

    @property
    def vendor_type(self) -> str | None:
        return None

    @property
    def status(self) -> InvoiceStatus:
        return InvoiceStatus.UNKNOWN

    @property
    def vendor_status(self) -> str | None:
        return None

    @property
    def issued_at(self) -> datetime | None:
        return None

    @property
    def due_on(self) -> date | None:
        return None

    @property
    def days_overdue(self) -> int | None:
        return None

    @property
    def purchase_order_number(self) -> str | None:
        return None

    @property
    def total(self) -> Money | None:
        return None

    @property
    def details(self) -> View | None:
        """What only this vendor has: an object that its own GraphQL type is read from."""
        return None


@dataclass(frozen=True, slots=True)
class SubscriptionChangePreview:
    """What a change of a subscription would come to: the new figures, and by how much they differ."""

    quantity: Decimal | None
    quantity_delta: Decimal | None
    total_contract_value: Money | None
    total_contract_value_delta: Money | None
    recurring_charge: Money | None
    recurring_charge_delta: Money | None
