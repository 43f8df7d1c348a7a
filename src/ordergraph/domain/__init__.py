"""The vendor-independent entities of ordergraph: read-only views of the vendors' objects.

    order, line_item, product, subscription, shipment, charge, invoice    one entity each
        view       the base of all entities: their origin, and how their fields are read
        values     money, addresses, actions
        enums      statuses, phases, actions
        ids        global IDs

A view does not copy data. It holds the object that the vendor sent (``wire``) and converts a value when its field is
read. A value that cannot be read affects only its own field. Each vendor's ``mapping.py`` subclasses the views and
defines the fields that the vendor has. No framework is imported here.
"""

from ordergraph.domain.charge import Charge, ChargeItem
from ordergraph.domain.enums import (
    FINAL_PHASES,
    PHASES,
    Action,
    CancellationState,
    ChargeItemStatus,
    ChargeStatus,
    DescribedEnum,
    InvoiceStatus,
    InvoiceType,
    NoteKind,
    OrderPhase,
    OrderStatus,
    SubscriptionStatus,
    UnavailableReason,
    WriteStatus,
)
from ordergraph.domain.ids import MAX_ID_LENGTH, Ref
from ordergraph.domain.invoice import Invoice
from ordergraph.domain.line_item import LineItem
from ordergraph.domain.order import Actor, Cancellation, Note, Order, OrderProblem, Party, StatusChange
from ordergraph.domain.product import Product
from ordergraph.domain.shipment import Shipment, ShipmentItem
from ordergraph.domain.subscription import Subscription, SubscriptionChangePreview, SubscriptionItem
from ordergraph.domain.values import ActionAvailability, Address, Money, Requirement
from ordergraph.domain.view import Attribute, Default, Origin, View, described_fields, view_fields

__all__ = [
    "FINAL_PHASES",
    "MAX_ID_LENGTH",
    "PHASES",
    "Action",
    "ActionAvailability",
    "Actor",
    "Address",
    "Attribute",
    "Cancellation",
    "CancellationState",
    "Charge",
    "ChargeItem",
    "ChargeItemStatus",
    "ChargeStatus",
    "Default",
    "DescribedEnum",
    "Invoice",
    "InvoiceStatus",
    "InvoiceType",
    "LineItem",
    "Money",
    "Note",
    "NoteKind",
    "Order",
    "OrderPhase",
    "OrderProblem",
    "OrderStatus",
    "Origin",
    "Party",
    "Product",
    "Ref",
    "Requirement",
    "Shipment",
    "ShipmentItem",
    "StatusChange",
    "Subscription",
    "SubscriptionChangePreview",
    "SubscriptionItem",
    "SubscriptionStatus",
    "UnavailableReason",
    "View",
    "WriteStatus",
    "described_fields",
    "view_fields",
]
