"""Verifone-specific details of orders, lines and subscriptions, read from the wire.

Source: Verifone Order API 2.62, "Hardware Orders".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from ordergraph import domain
from ordergraph.vendors.verifone import wire
from ordergraph.vendors.verifone.values import TERMINAL_IDS, VerifoneLineKind
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec

W = TypeVar("W", bound=wire.Wire)
Part = wire.DevicePackage | wire.Bundle | wire.ServicePackage | wire.DeliveryPackage
"""A part of the body that becomes a line of an order."""
P = TypeVar("P", bound=Part, covariant=True)


@dataclass(frozen=True, slots=True)
class Worded:
    """An object in which the field ``word`` determines the other fields, which are unpublished."""

    content: Mapping[str, Any]
    word: str

    @property
    def payment_type(self) -> str | None:
        return self._text("paymentType")

    @property
    def processor(self) -> str | None:
        return self._text("processor")

    @property
    def terminal_ids(self) -> list[str] | None:
        found = self.content.get(TERMINAL_IDS)
        return [str(one) for one in cast("list[Any]", found)] if isinstance(found, list) else None

    @property
    def other(self) -> Mapping[str, Any] | None:
        """The fields beside ``word`` and the terminal IDs. None if there are none."""
        rest = {name: value for name, value in self.content.items() if name not in (self.word, TERMINAL_IDS)}
        return rest or None

    def _text(self, name: str) -> str | None:
        found = self.content.get(name)
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class Ordered(Generic[P]):
    """A part of an order that is a line, with its kind and its position in the body.

    ``place`` is the last part of the line's ID. It is a position, because parts have no IDs of their own. ``path`` is
    the path of the part in the body.
    """

    place: str
    path: Sequence[str | int]
    kind: VerifoneLineKind
    part: P
    poi: int | None = None
    children: Sequence[Ordered[Part]] = ()


class Details(domain.View, Generic[W]):
    """The Verifone-specific details of an object: the struct and its path in the order's body."""

    __slots__ = ("body", "path", "view", "wire")

    def __init__(self, view: domain.View, part: W, body: bytes, path: Sequence[str | int] = ()) -> None:
        super().__init__(view.origin)
        self.view = view
        self.wire = part
        self.body = body
        self.path = path

    @property
    def key(self) -> tuple[str, ...]:
        return self.view.key

    @property
    def raw(self) -> Any:
        """The part of the order's body as Verifone sent it. It contains no secrets."""
        return decoding.shown_part(self.body, *self.path)


class VerifoneOrderDetails(Details[wire.Order]):
    """The Verifone-specific details of an order."""

    __slots__ = ()
    type_name = "Order"

    vendor_status = domain.Attribute[str | None]("status")
    payment_details = domain.Attribute("payment_details", Codec(Worded, lambda found: Worded(found, "paymentType")))


class VerifoneLineItemDetails(Details[Part]):
    """The Verifone-specific details of a line. They depend on the kind of line."""

    __slots__ = ("kind", "poi")
    type_name = "LineItem"

    def __init__(self, view: domain.View, ordered: Ordered[Part], body: bytes) -> None:
        super().__init__(view, ordered.part, body, ordered.path)
        self.kind = ordered.kind
        self.poi = ordered.poi

    @property
    def serial_numbers(self) -> Sequence[str]:
        return (self.wire.serial_numbers or ()) if isinstance(self.wire, wire.DevicePackage) else ()

    @property
    def additional_package_data(self) -> Sequence[wire.Variable]:
        return () if isinstance(self.wire, wire.Bundle) else self.wire.additional_package_data or ()

    @property
    def adjusted_prices(self) -> Sequence[wire.AdjustedPrice]:
        part = self.wire
        return () if isinstance(part, wire.Bundle | wire.DevicePackage) else part.adjusted_prices or ()

    @property
    def processor_parameters(self) -> Worded | None:
        found = self.wire.processor_parameters if isinstance(self.wire, wire.ServicePackage) else None
        return None if found is None else Worded(found, "processor")


class VerifoneSubscriptionDetails(Details[wire.ServicePackage]):
    """The Verifone-specific details of a subscription."""

    __slots__ = ()
    type_name = "Subscription"

    @property
    def adjusted_prices(self) -> Sequence[wire.AdjustedPrice]:
        return self.wire.adjusted_prices or ()
