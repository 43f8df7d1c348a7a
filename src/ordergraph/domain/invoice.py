"""Invoices and credit notes."""

from __future__ import annotations

from datetime import date, datetime

from ordergraph.domain.enums import InvoiceStatus, InvoiceType
from ordergraph.domain.values import Money
from ordergraph.domain.view import Default, View


class Invoice(View):
    """A bill, or a credit note."""

    __slots__ = ()
    type_name = "Invoice"

    vendor_invoice_id = Default[str | None](None, "The vendor's own ID.")
    reference = Default[str | None](None, "The number on the invoice.")
    type = Default[InvoiceType](InvoiceType.UNKNOWN, "Whether you owe, or are owed.")
    vendor_type = Default[str | None](None, "The vendor's own word for the type.")
    status = Default[InvoiceStatus](InvoiceStatus.UNKNOWN, "Where it stands.")
    vendor_status = Default[str | None](None, "The vendor's own word for the status.")
    issued_at = Default[datetime | None](None, "When it was written.")
    due_on = Default[date | None](None, "The day by which to pay.")
    days_overdue = Default[int | None](None, "For how many days it should have been paid.")
    purchase_order_number = Default[str | None](None, "The buyer's number of the order that it is for.")
    total = Default[Money | None](None, "What it comes to.")
    details = Default[View | None](None)
    """What only this vendor has: an object that its own GraphQL type is read from."""
