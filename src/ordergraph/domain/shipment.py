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
    """Goods of one kind in a shipment."""

    origin: Origin
    product_id: Annotated[str | None, "The product.", *PRODUCT]
    name: Annotated[str | None, "What the goods are called."]
    sku: Annotated[str | None, "The vendor's code of the product."]
    quantity: Annotated[Decimal | None, "How many."]
    serial_numbers: Annotated[Sequence[str], "The serial numbers, one for each device."]


class Shipment(View):
    """Goods on their way to the buyer."""

    __slots__ = ()
    type_name = "Shipment"

    reference = Default[str | None](None, "The vendor's number of the shipment.")
    tracking_number = Default[str | None](None, "The carrier's number of the parcel.")
    tracking_url = Default[str | None](None, "Where the carrier tells how far it has come.")
    shipped_on = Default[date | None](None, "The day it left.")
    items = Default[Sequence[ShipmentItem]]((), "What is in it.")
