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
    """An item of a charge. Each item is accepted or declined individually."""

    vendor_item_id: Annotated[str, "The vendor's ID of the item. Pass it to `respondToCharge`."]
    status: Annotated[ChargeItemStatus, "The item's status, normalized across all vendors."]
    vendor_status: Annotated[str | None, "The item's status as reported by the vendor."] = None
    activity: Annotated[
        str | None, "Whether the item is new or changes an agreed price, as reported by the vendor."
    ] = None
    category: Annotated[str | None, "The category of the item, as reported by the vendor."] = None
    is_blocking: Annotated[bool | None, "Whether the order is blocked until the item is accepted or declined."] = None
    price: Annotated[Money | None, "The price, excluding tax."] = None
    price_with_tax: Annotated[Money | None, "The price, including tax."] = None
    tax_rate: Annotated[Decimal | None, "The tax rate, in percent."] = None
    price_type: Annotated[
        str | None, "Whether the price is one-time, recurring or usage-based, as reported by the vendor."
    ] = None
    period: Annotated[str | None, "The billing period of a recurring price, as reported by the vendor."] = None
    unit: Annotated[str | None, "The unit of measure of a usage-based price."] = None
    note: Annotated[str | None, "The note given with the response to the item."] = None


class Charge(View):
    """An additional charge that a vendor proposes for an order, to be accepted or declined before it continues."""

    __slots__ = ()
    type_name = "Charge"

    vendor_charge_id = Default[str | None](None, "The vendor's ID of the charge.")
    order_id = Default[str | None](
        None, "The order that the charge applies to.", Reference("Order", "fetch_orders"), GraphName("order")
    )
    line_item_id = Default[str | None](None)
    """The global ID of the line item that the charge applies to."""
    status = Default[ChargeStatus](ChargeStatus.UNKNOWN, "The charge's status, normalized across all vendors.")
    vendor_status = Default[str | None](None, "The charge's status as reported by the vendor.")
    created_at = Default[datetime | None](None, "When the vendor created the charge.")
    response_due_at = Default[datetime | None](None, "The deadline for responding to the charge.")
    items = Default[Sequence[ChargeItem]]((), "The items of the charge.")
