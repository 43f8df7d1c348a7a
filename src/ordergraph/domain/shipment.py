"""Shipments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from ordergraph.domain.product import PRODUCT
from ordergraph.domain.view import Default, Origin, View


@dataclass(frozen=True, slots=True)
class ShipmentItem:
    """An item of a shipment."""

    origin: Origin
    product_id: Annotated[str | None, "The shipped product.", *PRODUCT]
    name: Annotated[str | None, "The name of the item."]
    sku: Annotated[str | None, "The vendor's SKU of the product."]
    quantity: Annotated[Decimal | None, "The shipped quantity."]
    serial_numbers: Annotated[Sequence[str], "The serial numbers of the devices, one per device."]


class Shipment(View):
    """A shipment of goods to the buyer."""

    __slots__ = ()
    type_name = "Shipment"

    reference = Default[str | None](None, "The vendor's shipment number.")
    tracking_number = Default[str | None](None, "The carrier's tracking number.")
    tracking_url = Default[str | None](None, "The URL of the carrier's tracking page.")
    shipped_on = Default[date | None](None, "The date on which the goods were shipped.")
    items = Default[Sequence[ShipmentItem]]((), "The items in the shipment.")
