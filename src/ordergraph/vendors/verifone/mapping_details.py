"""What only Verifone has of its objects, read from the wire: values, the parts of bodies, and the details.

Source: Verifone Order API 2.62, "Hardware Orders".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

from ordergraph import domain, reading
from ordergraph.domain import Word
from ordergraph.requests import camel
from ordergraph.vendors.verifone import wire

if TYPE_CHECKING:
    from ordergraph.vendors.verifone.mapping import VerifoneLineItem, VerifoneOrder, VerifoneSubscription

W = TypeVar("W", bound=wire.Wire)

# The fields of details that are times, the field that is an amount, and the names that differ in the graph.
TIMES = frozenset(
    {
        "requestedDate",
        "requestedDateOfShipment",
        "createdDate",
        "modifiedDate",
        "lastChangeTime",
        "cancelledDate",
        "signedDateTime",
        "sentDateTime",
        "lastNotificationSentDateTime",
        "linkSendTime",
        "linkOpendByCustomerTime",
        "customerUpdateTime",
    }
)
AMOUNT = "price"
WIRE_NAMES: Mapping[str, str] = {
    "three_ds_merchant_identifiers": "threeDSMerchantIdentifiers",
    "link_opened_by_customer_time": "linkOpendByCustomerTime",
}

note_unreadable = partial(reading.note_unreadable, "verifone")


class VerifoneLineKind(Word):
    """Which part of a Verifone order a line is."""

    DEVICE = "The device of a terminal."
    ADDITIONAL_DEVICE = "A further device or accessory of a terminal."
    BASE = "The base package of the order."
    SERVICE = "A service."
    DELIVERY = "How the goods are delivered."


def moment(text: str | None) -> datetime | None:
    """A time; one without a zone is not what Verifone promises, and is taken as UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return note_unreadable("time", text)


def amount(text: str | None) -> Decimal | None:
    """A decimal in text, every digit kept; ``.5`` is allowed."""
    if text is None:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return note_unreadable("amount", text)
    return found if found.is_finite() else note_unreadable("amount", text)


def their_name(name: str) -> str:
    """Verifone's name of a field."""
    return WIRE_NAMES.get(name) or camel(name)


def shown(name: str, value: Any) -> Any:
    """A value of Verifone's as the graph's: times, amounts, and objects whose fields are read the same way."""
    if isinstance(value, msgspec.Struct):
        return Piece(cast("wire.Wire", value))
    if isinstance(value, list):
        return [shown(name, item) for item in cast("list[Any]", value)]
    if name in TIMES:
        return moment(value)
    return amount(value) if name == AMOUNT else value


class Piece(Generic[W]):
    """A part of one of Verifone's objects: its attributes are those of the wire object, with our names."""

    __slots__ = ("wire",)

    def __init__(self, part: W) -> None:
        self.wire = part

    def __getattr__(self, name: str) -> Any:
        theirs = their_name(name)
        return shown(theirs, getattr(self.wire, theirs))


@dataclass(frozen=True, slots=True)
class Worded:
    """An object with a word that says what else it may hold: nobody has published the rest."""

    content: Mapping[str, Any]
    word: str

    @property
    def payment_type(self) -> str | None:
        return self._text("paymentType")

    @property
    def processor(self) -> str | None:
        return self._text("processor")

    @property
    def tid_list(self) -> list[str] | None:
        found = self.content.get("tidList")
        return [str(one) for one in cast("list[Any]", found)] if isinstance(found, list) else None

    @property
    def other(self) -> Mapping[str, Any] | None:
        """What is beside the word and the terminals."""
        rest = {name: value for name, value in self.content.items() if name not in (self.word, "tidList")}
        return rest or None

    def _text(self, name: str) -> str | None:
        found = self.content.get(name)
        return found if isinstance(found, str) else None


class VerifoneLineItemDetails(domain.View):
    """What only a line of Verifone's has; it depends on its kind."""

    __slots__ = ("line", "wire")
    type_name = "LineItem"

    def __init__(self, line: VerifoneLineItem) -> None:
        super().__init__(line.origin)
        self.line = line
        self.wire = line.ordered.part

    @property
    def key(self) -> tuple[str, ...]:
        return self.line.key

    @property
    def raw(self) -> Any:
        """The part of the order's body as Verifone sent it."""
        return reading.shown_part(self.line.order.source.raw, *self.line.ordered.path)

    @property
    def kind(self) -> VerifoneLineKind:
        return self.line.ordered.kind

    @property
    def poi(self) -> int | None:
        return self.line.ordered.poi

    @property
    def serial_numbers(self) -> Sequence[str]:
        return (self.wire.serialNumbers or ()) if isinstance(self.wire, wire.DevicePackage) else ()

    @property
    def additional_package_data(self) -> Sequence[Piece[wire.Variable]]:
        return () if isinstance(self.wire, wire.Bundle) else pieces(self.wire.additionalPackageData)

    @property
    def adjusted_prices(self) -> Sequence[Piece[wire.AdjustedPrice]]:
        part = self.wire
        return () if isinstance(part, wire.Bundle | wire.DevicePackage) else pieces(part.adjustedPrices)

    @property
    def processor_parameters(self) -> Worded | None:
        found = self.wire.processorParameters if isinstance(self.wire, wire.ServicePackage) else None
        return None if found is None else Worded(found, "processor")

    @property
    def three_ds_merchant_identifiers(self) -> Piece[wire.MerchantIdentifiers] | None:
        found = self.wire.threeDSMerchantIdentifiers if isinstance(self.wire, wire.ServicePackage) else None
        return Piece(found) if found else None


def pieces(parts: Sequence[W] | None) -> Sequence[Piece[W]]:
    """Parts of an object, none where there are none."""
    return [Piece(one) for one in parts or ()]


class VerifoneSubscriptionDetails(domain.View):
    """What only a service of Verifone's has."""

    __slots__ = ("subscription",)
    type_name = "Subscription"

    def __init__(self, subscription: VerifoneSubscription) -> None:
        super().__init__(subscription.origin)
        self.subscription = subscription

    @property
    def key(self) -> tuple[str, ...]:
        return self.subscription.key

    @property
    def raw(self) -> Any:
        """The part of the order's body as Verifone sent it."""
        one = self.subscription
        return reading.shown_part(one.order.source.raw, "packageDetails", "servicePackages", one.index)

    @property
    def adjusted_prices(self) -> Sequence[Piece[wire.AdjustedPrice]]:
        return pieces(self.subscription.service.adjustedPrices)


class VerifoneOrderDetails(domain.View):
    """What only an order of Verifone has: attributes that are not overridden are those of the wire object."""

    __slots__ = ("order", "wire")
    type_name = "Order"

    def __init__(self, order: VerifoneOrder) -> None:
        super().__init__(order.origin)
        self.order = order
        self.wire = order.wire

    def __getattr__(self, name: str) -> Any:
        theirs = their_name(name)
        return shown(theirs, getattr(self.wire, theirs))

    @property
    def key(self) -> tuple[str, ...]:
        return self.order.key

    @property
    def raw(self) -> Any:
        """The body as Verifone sent it; there are no secrets in it."""
        return reading.shown(self.order.source.raw)

    @property
    def vendor_status(self) -> str | None:
        return self.wire.status

    @property
    def payment_details(self) -> Worded | None:
        return None if self.wire.paymentDetails is None else Worded(self.wire.paymentDetails, "paymentType")
