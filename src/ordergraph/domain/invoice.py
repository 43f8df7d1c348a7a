"""Invoices and credit notes."""

from __future__ import annotations

from datetime import date, datetime

from ordergraph.domain.enums import InvoiceStatus, InvoiceType
from ordergraph.domain.values import Money
from ordergraph.domain.view import Default, View


class Invoice(View):
    """An invoice or a credit note."""

    __slots__ = ()
    type_name = "Invoice"

    vendor_invoice_id = Default[str | None](None, "The vendor's ID of the invoice.")
    reference = Default[str | None](None, "The number on the invoice.")
    type = Default[InvoiceType](InvoiceType.UNKNOWN, "Whether it is an invoice or a credit note.")
    vendor_type = Default[str | None](None, "The type as reported by the vendor.")
    status = Default[InvoiceStatus](InvoiceStatus.UNKNOWN, "The invoice's status, normalized across all vendors.")
    vendor_status = Default[str | None](None, "The invoice's status as reported by the vendor.")
    issued_at = Default[datetime | None](None, "When the invoice was issued.")
    due_on = Default[date | None](None, "The date on which payment is due.")
    days_overdue = Default[int | None](None, "The number of days for which payment has been overdue.")
    purchase_order_number = Default[str | None](None, "The buyer's purchase order number of the invoiced order.")
    total = Default[Money | None](None, "The total amount.")
    details = Default[View | None](None)
    """The source of the vendor's own GraphQL type."""
