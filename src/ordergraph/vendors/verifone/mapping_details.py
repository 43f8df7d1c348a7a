"""What only Verifone has of its objects, read from the wire: values, the parts of bodies, and the details.

Source: Verifone Order API 2.62, "Hardware Orders".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from ordergraph import domain
from ordergraph.vendors.verifone import wire
from ordergraph.vendors.verifone.values import VerifoneLineKind
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec

W = TypeVar("W", bound=wire.Wire)
Part = wire.DevicePackage | wire.Bundle | wire.ServicePackage | wire.DeliveryPackage
"""What becomes a line of an order."""
P = TypeVar("P", bound=Part, covariant=True)


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


@dataclass(frozen=True, slots=True)
class Ordered(Generic[P]):
    """A part of an order that is a line: where it stands in the body, and what it is.

    ``place`` is the line's own part of its id: the body is replaced as a whole, so that positions are all that
    a part is known by. ``path`` leads to it in the body.
    """

    place: str
    path: Sequence[str | int]
    kind: VerifoneLineKind
    part: P
    poi: int | None = None
    children: Sequence[Ordered[Part]] = ()


class Details(domain.View, Generic[W]):
    """What only Verifone has of an object: the struct, and where it stands in the order's body."""

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
        """The part of the order's body as Verifone sent it; there are no secrets in it."""
        return decoding.shown_part(self.body, *self.path)


class VerifoneOrderDetails(Details[wire.Order]):
    """What only an order of Verifone has."""

    __slots__ = ()
    type_name = "Order"

    vendor_status = domain.Attribute[str | None]("status")
    payment_details = domain.Attribute("payment_details", Codec(Worded, lambda found: Worded(found, "paymentType")))


class VerifoneLineItemDetails(Details[Part]):
    """What only a line of Verifone's has; it depends on its kind."""

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
    """What only a service of Verifone's has."""

    __slots__ = ()
    type_name = "Subscription"

    @property
    def adjusted_prices(self) -> Sequence[wire.AdjustedPrice]:
        return self.wire.adjusted_prices or ()
