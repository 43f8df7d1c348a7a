"""Charges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ordergraph.domain.enums import ChargeItemStatus, ChargeStatus
from ordergraph.domain.values import Money
from ordergraph.domain.view import Default, View


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


class Charge(View):
    """Money that a vendor asks for beyond what was ordered, before it goes on."""

    __slots__ = ()
    type_name = "Charge"

    vendor_charge_id = Default[str | None](None)
    order_id = Default[str | None](None)
    """The vendor's id of the order that it is for; the graph shows the order."""
    line_item_id = Default[str | None](None)
    """The global ID of the line that it is for."""
    status = Default[ChargeStatus](ChargeStatus.UNKNOWN)
    vendor_status = Default[str | None](None)
    created_at = Default[datetime | None](None)
    response_due_at = Default[datetime | None](None)
    items = Default[Sequence[ChargeItem]](())
