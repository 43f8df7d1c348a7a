"""Charges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from ordergraph.domain.enums import ChargeItemStatus, ChargeStatus
from ordergraph.domain.values import Money
from ordergraph.domain.view import Default, View
from ordergraph.wire.fields import GraphName, Reference


@dataclass(frozen=True, slots=True)
class ChargeItem:
    """A part of a charge, accepted or declined for itself."""

    vendor_item_id: Annotated[str, "The vendor's own ID of the part, as `respondToCharge` takes it."]
    status: Annotated[ChargeItemStatus, "Where it stands."]
    vendor_status: Annotated[str | None, "Where it stands, in the vendor's own word."] = None
    activity: Annotated[str | None, "Whether it is new or a change of an agreed price, in the vendor's word."] = None
    category: Annotated[str | None, "What it is for, in the vendor's word."] = None
    blocking: Annotated[bool | None, "Whether the order waits for the answer."] = None
    price: Annotated[Money | None, "What it comes to, without tax."] = None
    price_with_tax: Annotated[Money | None, "What it comes to, with tax."] = None
    tax_rate: Annotated[Decimal | None, "The tax, in percent."] = None
    price_type: Annotated[str | None, "Once, again and again or by use, in the vendor's word."] = None
    period: Annotated[str | None, "How often it comes, in the vendor's word."] = None
    unit: Annotated[str | None, "What is counted, where it goes by use."] = None
    note: Annotated[str | None, "What was said to it."] = None


class Charge(View):
    """Money that a vendor asks for beyond what was ordered, before it goes on."""

    __slots__ = ()
    type_name = "Charge"

    vendor_charge_id = Default[str | None](None, "The vendor's own ID.")
    order_id = Default[str | None](
        None, "The order that it is for.", Reference("Order", "fetch_orders"), GraphName("order")
    )
    line_item_id = Default[str | None](None)
    """The global ID of the line that it is for."""
    status = Default[ChargeStatus](ChargeStatus.UNKNOWN, "Where it stands.")
    vendor_status = Default[str | None](None, "Where it stands, in the vendor's own word.")
    created_at = Default[datetime | None](None, "When the vendor asked.")
    response_due_at = Default[datetime | None](None, "Until when you must answer.")
    items = Default[Sequence[ChargeItem]]((), "What it is made of.")
