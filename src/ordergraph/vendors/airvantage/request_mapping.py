"""Maps ordergraph's requests to AirVantage's. Pure functions: nothing is sent.

Source: AirVantage API v1, "Orders". Every problem that can be detected before sending is collected in a
`Findings`, with the path of the input.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from ordergraph.domain import OrderStatus, Requirement, commands
from ordergraph.domain.commands import OMITTED, Findings, LineRequest, OrderChange, OrderQuery, OrderRequest
from ordergraph.domain.errors import Problem, UserErrorCode
from ordergraph.vendors.airvantage import wire
from ordergraph.vendors.airvantage.mapping import STATUS
from ordergraph.vendors.airvantage.values import milliseconds, plain_uid

Query = list[tuple[str, str]]
Path = tuple[str, ...]

UID = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MAX_QUANTITY = 1_000_000
DETAILS: Path = ("details", "airvantage")

REQUIREMENTS: Sequence[Requirement] = (
    Requirement("lineItems", is_required=True, note="Exactly one line. An AirVantage order has one product."),
    Requirement("lineItems.product.id", is_required=True, note="AirVantage has no catalogue and no SKUs. Use the ID."),
    Requirement("lineItems.quantity", note="A whole number, 1 or greater."),
    Requirement(
        "clientReference",
        note="Sent as `externalId`. Must be unique within the account: the gateway uses it to find the order if the "
        "response is lost. Generated if omitted.",
    ),
    Requirement("requestedAt", note="The time from which the order is processed. Defaults to now."),
    Requirement("purchaseOrderNumber", note="Added to the description. AirVantage has no field for it."),
    Requirement("contact", note="Added to the description. AirVantage has no field for it."),
    Requirement("notes", note="Sent as the description."),
    Requirement("shippingAddress", note="Added to the description. AirVantage delivers to the delivery contact."),
    Requirement(
        "details.airvantage.deliveryContact", is_required=True, note="AirVantage's uid of the delivery contact."
    ),
)

# The fields of AirVantage's bodies and their paths in our inputs.
INPUT_PATHS: Mapping[str, Path] = {
    "deliveryContact": (*DETAILS, "deliveryContact"),
    "description": ("notes",),
    "effectiveOrderTs": (*DETAILS, "effectiveOrderAt"),
    "externalId": ("clientReference",),
    "productReferenceUid": ("lineItems", "0", "product"),
    "quantity": ("lineItems", "0", "quantity"),
}
# AirVantage's error codes: the field that each concerns, and a message. AirVantage sends codes without messages.
ERRORS: Mapping[str, tuple[str | None, str]] = {
    "order.account.unknown": (None, "The company is unknown."),
    "order.account.not.billed": (None, "The company is not a billed account."),
    "product.reference.unknown": ("productReferenceUid", "The product is unknown."),
    "product.reference.not.available": ("productReferenceUid", "The product is not available to the company."),
    "unknown.contact": ("deliveryContact", "The contact is unknown."),
    "unknown.order": (None, "The order is unknown."),
    "order.invalid.status": (None, "Not possible in the order's current status."),
}
MISSING = "order.missing."
UNCLEARABLE = "This value cannot be cleared. Omit it to keep it."


def read_problem(body: Any) -> Problem:
    """Return the problem in an error body: a code with the values or fields it concerns. OAuth errors add a message."""
    said = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    code, parameters = said.get("error"), said.get("errorParameters")
    if not isinstance(code, str):
        return Problem()
    named = [str(one) for one in cast("list[Any]", parameters)] if isinstance(parameters, list) else []
    field, words = ERRORS.get(code, (None, None))
    if code.startswith(MISSING):
        field, words = code.removeprefix(MISSING), "A value is required."
    fields = [field] if field else [one for one in named if one in INPUT_PATHS]
    message = str(words or said.get("error_description") or ": ".join([code, *named]))
    return Problem(code, message, {one: [message] for one in fields})


def uid_of(key: str) -> str | None:
    """Return the uid in a key, without dashes, or None if the key is not a uid."""
    return plain_uid(key) if UID.fullmatch(key) else None


# ---- Placing orders ---------------------------------------------------------------------------------


def order_to_wire(request: OrderRequest, findings: Findings) -> wire.OrderWrite:
    """Return the body that creates an order."""
    line = only_line(request.lines, findings)
    contact = contact_to_wire(request.details.get("delivery_contact"), findings)
    if contact is None:
        message = "AirVantage delivers to a contact. Pass the uid of the contact."
        findings.add(UserErrorCode.REQUIRED, message, *INPUT_PATHS["deliveryContact"])
    return wire.OrderWrite(
        delivery_contact=contact,
        description=description(request) or None,
        effective_order_at=effective(request, findings),
        external_id=request.client_reference or None,
        product_reference_uid=product_to_wire(line, findings) if line else None,
        quantity=quantity_to_wire(line.quantity, findings) if line else None,
    )


def only_line(lines: Sequence[LineRequest], findings: Findings) -> LineRequest | None:
    """Return the only line of an order."""
    if not lines:
        findings.add(UserErrorCode.REQUIRED, "An order must have a line.", "lineItems")
        return None
    if len(lines) > 1:
        message = "An AirVantage order has one product. Place a separate order for each line."
        findings.add(UserErrorCode.INVALID, message, "lineItems", "1")
    return lines[0]


def product_to_wire(line: LineRequest, findings: Findings) -> str | None:
    """Return the uid of the product."""
    if line.sku is not None:
        message = "AirVantage has no SKUs. Pass the product's ID."
        findings.add(UserErrorCode.INVALID, message, "lineItems", "0", "product", "sku")
    found = findings.reference(line.product_id, "Product", UID, "lineItems", "0", "product", "id")
    return plain_uid(found) if found else None


def quantity_to_wire(quantity: Decimal, findings: Findings) -> int | None:
    """Return the quantity. AirVantage accepts only whole numbers."""
    if quantity != quantity.to_integral_value() or not 1 <= quantity <= MAX_QUANTITY:
        message = f"The quantity must be a whole number from 1 to {MAX_QUANTITY}."
        findings.add(UserErrorCode.INVALID, message, *INPUT_PATHS["quantity"])
        return None
    return int(quantity)


def contact_to_wire(text: str | None, findings: Findings) -> str | None:
    """Return the uid of a contact."""
    if text is not None and not UID.fullmatch(text):
        findings.add(UserErrorCode.INVALID, "A uid must have 32 hexadecimal digits.", *INPUT_PATHS["deliveryContact"])
    return text and plain_uid(text)


def effective(request: OrderRequest, findings: Findings) -> int | None:
    """Return the time from which the order is processed."""
    given = request.details.get("effective_order_at")
    if given is not None and request.requested_at is not None:
        message = "Pass only one of `requestedAt` and `details.airvantage.effectiveOrderAt`. They set the same time."
        findings.add(UserErrorCode.INVALID, message, "requestedAt")
    moment = given or request.requested_at
    return None if moment is None else milliseconds(moment)


def description(request: OrderRequest) -> str:
    """Return the notes, followed by the values that AirVantage has no field for."""
    parts = list(request.notes)
    if request.purchase_order_number:
        parts.append(f"Purchase order: {request.purchase_order_number}")
    if request.contact:
        contact = (request.contact.name, request.contact.email, request.contact.phone)
        parts.append("Contact: " + ", ".join(part for part in contact if part))
    if request.shipping_address:
        parts.append("Deliver to: " + ", ".join(request.shipping_address.formatted))
    return "\n".join(parts)


# ---- Changing orders --------------------------------------------------------------------------------


def change_to_wire(current: wire.Order, change: OrderChange, findings: Findings) -> wire.OrderWrite:
    """Return the body of an order after a change. Values that the change omits are sent unchanged."""
    check_change(change, findings)
    contact = contact_to_wire(change.details.get("delivery_contact"), findings)
    moment = change.details.get("effective_order_at")
    reference = change.client_reference
    return wire.OrderWrite(
        delivery_contact=contact or current.delivery_contact,
        description=current.description if change.notes is OMITTED else "\n".join(change.notes),
        effective_order_at=current.effective_order_at if moment is None else milliseconds(moment),
        external_id=current.external_id if reference is OMITTED else reference,
        quantity=changed_quantity(current, change, findings),
    )


def write_of(current: wire.Order) -> wire.OrderWrite:
    """Return the body that would leave an order unchanged."""
    return change_to_wire(current, OrderChange(), Findings(""))


def check_change(change: OrderChange, findings: Findings) -> None:
    """Note the values that AirVantage's edit has no field for or cannot clear."""
    told = (("purchaseOrderNumber", change.purchase_order_number), ("shippingAddress", change.shipping_address))
    for name, value in told:
        if value is not OMITTED:
            message = "AirVantage has no field for this value. It is part of the description: change `notes` instead."
            findings.add(UserErrorCode.INVALID, message, name)
    if change.client_reference is None or change.client_reference == "":
        findings.add(UserErrorCode.REQUIRED, UNCLEARABLE, "clientReference")
    for name, value in change.details.items():
        if value is None:
            findings.add(UserErrorCode.REQUIRED, UNCLEARABLE, *DETAILS, commands.camel(name))


def changed_quantity(current: wire.Order, change: OrderChange, findings: Findings) -> int | None:
    """Return the quantity after a change. The product of an order cannot be changed."""
    if change.lines is OMITTED:
        return current.quantity
    line = only_line(change.lines, findings)
    if line is None:
        return None
    known = current.product_reference.uid if current.product_reference else current.product_reference_uid
    product = product_to_wire(line, findings)
    if product and known and product != plain_uid(known):
        message = "AirVantage cannot change the product of an order. Cancel the order and place a new one."
        findings.add(UserErrorCode.INVALID, message, *INPUT_PATHS["productReferenceUid"])
    return quantity_to_wire(line.quantity, findings)


# ---- Lists ------------------------------------------------------------------------------------------


def orders_query(query: OrderQuery) -> Query | None:
    """Return AirVantage's filters, which may match more orders than the query. None if no order can match."""
    if query.purchase_order_numbers is not None:
        return None
    found = {name: str(value) for name, value in query.details.items() if value is not None}
    if query.statuses is not None and OrderStatus.UNKNOWN not in query.statuses and "status" not in found:
        words = [word for word, ours in STATUS.items() if ours in query.statuses]
        if not words:
            return None
        found["status"] = ",".join(words)
    for name, values in (("orderId", query.numbers), ("externalId", query.client_references)):
        if values is not None and len(values) == 1:
            found.setdefault(name, next(iter(values)))
    return list(found.items())


def exact(query: OrderQuery) -> bool:
    """Return whether AirVantage's filters match exactly the orders of the query, so that its count is correct."""
    open_ = (query.numbers, query.client_references, query.purchase_order_numbers, query.search)
    unknown = query.statuses is not None and OrderStatus.UNKNOWN in query.statuses
    return query.placed_at == commands.ALWAYS and all(one is None for one in open_) and not unknown
