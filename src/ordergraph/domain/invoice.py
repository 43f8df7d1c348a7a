"""Invoices and credit notes."""

from __future__ import annotations

from datetime import date, datetime

from ordergraph.domain.enums import InvoiceStatus, InvoiceType
from ordergraph.domain.values import Money
from ordergraph.domain.view import Default, View


class Invoice(View):
    """A bill or a credit note."""

    __slots__ = ()
    type_name = "Invoice"

    vendor_invoice_id = Default[str | None](None)
    reference = Default[str | None](None)
    type = Default[InvoiceType](InvoiceType.UNKNOWN)
    vendor_type = Default[str | None](None)
    status = Default[InvoiceStatus](InvoiceStatus.UNKNOWN)
    vendor_status = Default[str | None](None)
    issued_at = Default[datetime | None](None)
    due_on = Default[date | None](None)
    days_overdue = Default[int | None](None)
    purchase_order_number = Default[str | None](None)
    total = Default[Money | None](None)
    details = Default[View | None](None)
    """What only this vendor has: an object that its own GraphQL type is read from."""
