"""What only Verifone has of its objects, read from the wire: values, the parts of bodies, and the details.

Source: Verifone Order API 2.62, "Hardware Orders".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ordergraph import domain
from ordergraph.vendors.verifone import wire
from ordergraph.vendors.verifone.values import VerifoneLineKind
from ordergraph.wire import decoding

if TYPE_CHECKING:
    from ordergraph.vendors.verifone.mapping import VerifoneLineItem, VerifoneOrder, VerifoneSubscription


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
        return decoding.shown_part(self.line.order.source.raw, *self.line.ordered.path)

    @property
    def kind(self) -> VerifoneLineKind:
        return self.line.ordered.kind

    @property
    def poi(self) -> int | None:
        return self.line.ordered.poi

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

    @property
    def three_ds_merchant_identifiers(self) -> wire.MerchantIdentifiers | None:
        return self.wire.three_ds_merchant_identifiers if isinstance(self.wire, wire.ServicePackage) else None


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
        return decoding.shown_part(one.order.source.raw, "packageDetails", "servicePackages", one.index)

    @property
    def adjusted_prices(self) -> Sequence[wire.AdjustedPrice]:
        return self.subscription.service.adjusted_prices or ()


class VerifoneOrderDetails(domain.View):
    """What only an order of Verifone has."""

    __slots__ = ("order", "wire")
    type_name = "Order"

    def __init__(self, order: VerifoneOrder) -> None:
        super().__init__(order.origin)
        self.order = order
        self.wire = order.wire

    @property
    def key(self) -> tuple[str, ...]:
        return self.order.key

    @property
    def raw(self) -> Any:
        """The body as Verifone sent it; there are no secrets in it."""
        return decoding.shown(self.order.source.raw)

    @property
    def vendor_status(self) -> str | None:
        return self.wire.status

    @property
    def payment_details(self) -> Worded | None:
        return None if self.wire.payment_details is None else Worded(self.wire.payment_details, "paymentType")
