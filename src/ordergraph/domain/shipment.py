"""Shipments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ordergraph.domain.view import Default, Origin, View


@dataclass(frozen=True, slots=True)
class ShipmentItem:
    """Goods of one kind in a shipment."""

    origin: Origin
    product_id: str | None
    name: str | None
    sku: str | None
    quantity: Decimal | None
    serial_numbers: Sequence[str]


class Shipment(View):
    """Goods on their way."""

    __slots__ = ()
    type_name = "Shipment"

    reference = Default[str | None](None)
    tracking_number = Default[str | None](None)
    tracking_url = Default[str | None](None)
    shipped_on = Default[date | None](None)
    items = Default[Sequence[ShipmentItem]](())
