"""ordergraph's requests as AirVantage's: pure functions, nothing is sent.

Source: AirVantage API v1, "Orders". Everything that can be known to be wrong before sending is gathered in
a `Findings`, each with the path of the input.
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
    Requirement("lineItems", required=True, note="One line: an order of AirVantage is of one product."),
    Requirement("lineItems.product.id", required=True, note="AirVantage has no catalogue and no SKUs."),
    Requirement("lineItems.quantity", note="A whole number, 1 or more."),
    Requirement(
        "clientReference",
        note="Kept as externalId, by which the order is found again when no answer comes; no two orders of an account "
        "may share one. Made by the gateway if left out.",
    ),
    Requirement("requestedAt", note="The time from which on the order is handled; now if left out."),
    Requirement("purchaseOrderNumber", note="Told in the description: AirVantage has no field for it."),
    Requirement("contact", note="Told in the description: AirVantage has no field for it."),
    Requirement("notes", note="Kept as the description."),
    Requirement("shippingAddress", note="Told in the description: AirVantage delivers to a contact that it knows."),
    Requirement("details.airvantage.deliveryContact", required=True, note="The uid of a contact of AirVantage."),
)

# The fields of AirVantage's bodies, and where they stand in our inputs.
INPUT_PATHS: Mapping[str, Path] = {
    "deliveryContact": (*DETAILS, "deliveryContact"),
    "description": ("notes",),
    "effectiveOrderTs": (*DETAILS, "effectiveOrderAt"),
    "externalId": ("clientReference",),
    "productReferenceUid": ("lineItems", "0", "product"),
    "quantity": ("lineItems", "0", "quantity"),
}
# AirVantage's errors: the field that each is about, and what it means. There are codes only, no words.
ERRORS: Mapping[str, tuple[str | None, str]] = {
    "order.account.unknown": (None, "The company is unknown."),
    "order.account.not.billed": (None, "The company is not a billed account."),
    "product.reference.unknown": ("productReferenceUid", "The product is unknown."),
    "product.reference.not.available": ("productReferenceUid", "The product is not available to the company."),
    "unknown.contact": ("deliveryContact", "The contact is unknown."),
    "unknown.order": (None, "The order is unknown."),
    "order.invalid.status": (None, "Not in the order's present status."),
}
MISSING = "order.missing."


def read_problem(body: Any) -> Problem:
    """What an error's body says: a code, and the values or fields that it is about; OAuth's has words instead."""
    said = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    code, parameters = said.get("error"), said.get("errorParameters")
    if not isinstance(code, str):
        return Problem()
    named = [str(one) for one in cast("list[Any]", parameters)] if isinstance(parameters, list) else []
    field, words = ERRORS.get(code, (None, None))
    if code.startswith(MISSING):
        field, words = code.removeprefix(MISSING), "The value is missing."
    fields = [field] if field else [one for one in named if one in INPUT_PATHS]
    message = str(words or said.get("error_description") or ": ".join([code, *named]))
    return Problem(code, message, {one: [message] for one in fields})


def uid_of(key: str) -> str | None:
    """The uid in a key, in its plain form; None if it cannot be one."""
    return plain_uid(key) if UID.fullmatch(key) else None


# ------------------------------------------------------------------------------------------- placing


def order_to_wire(request: OrderRequest, findings: Findings) -> wire.OrderWrite:
    """The body that makes an order."""
    line = only_line(request.lines, findings)
    contact = contact_to_wire(request.details.get("delivery_contact"), findings)
    if contact is None:
        message = "AirVantage delivers to a contact: give its uid."
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
    """The line of an order, which is of one product."""
    if not lines:
        findings.add(UserErrorCode.REQUIRED, "An order needs a line.", "lineItems")
        return None
    if len(lines) > 1:
        message = "An order of AirVantage is of one product: place an order for each line."
        findings.add(UserErrorCode.INVALID, message, "lineItems", "1")
    return lines[0]


def product_to_wire(line: LineRequest, findings: Findings) -> str | None:
    """The product by its uid."""
    if line.sku is not None:
        message = "AirVantage has no SKUs: give the product's ID."
        findings.add(UserErrorCode.INVALID, message, "lineItems", "0", "product", "sku")
    found = findings.reference(line.product_id, "Product", UID, "lineItems", "0", "product", "id")
    return plain_uid(found) if found else None


def quantity_to_wire(quantity: Decimal, findings: Findings) -> int | None:
    """A quantity; AirVantage counts whole things."""
    if quantity != quantity.to_integral_value() or not 1 <= quantity <= MAX_QUANTITY:
        message = f"A whole number from 1 to {MAX_QUANTITY}."
        findings.add(UserErrorCode.INVALID, message, *INPUT_PATHS["quantity"])
        return None
    return int(quantity)


def contact_to_wire(text: str | None, findings: Findings) -> str | None:
    """The uid of a contact."""
    if text is not None and not UID.fullmatch(text):
        findings.add(UserErrorCode.INVALID, "A uid has 32 hexadecimal digits.", *INPUT_PATHS["deliveryContact"])
    return text and plain_uid(text)


def effective(request: OrderRequest, findings: Findings) -> int | None:
    """From when on the order is handled."""
    given = request.details.get("effective_order_at")
    if given is not None and request.requested_at is not None:
        message = "AirVantage has one such time: give requestedAt or details.airvantage.effectiveOrderAt."
        findings.add(UserErrorCode.INVALID, message, "requestedAt")
    moment = given or request.requested_at
    return None if moment is None else milliseconds(moment)


def description(request: OrderRequest) -> str:
    """The notes, and in words what AirVantage has no field for."""
    parts = list(request.notes)
    if request.purchase_order_number:
        parts.append(f"Purchase order: {request.purchase_order_number}")
    if request.contact:
        contact = (request.contact.name, request.contact.email, request.contact.phone)
        parts.append("Contact: " + ", ".join(part for part in contact if part))
    if request.shipping_address:
        parts.append("Deliver to: " + ", ".join(request.shipping_address.formatted))
    return "\n".join(parts)


# ---------------------------------------------------------------------------------------- changing


def change_to_wire(current: wire.Order, change: OrderChange, findings: Findings) -> wire.OrderWrite:
    """An order's body after a change: what the change leaves out stays, and is sent as it is."""
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
    """The body that would leave an order as it is."""
    return change_to_wire(current, OrderChange(), Findings(""))


def check_change(change: OrderChange, findings: Findings) -> None:
    """What AirVantage's edit has no field for, and what it cannot clear."""
    told = (("purchaseOrderNumber", change.purchase_order_number), ("shippingAddress", change.shipping_address))
    for name, value in told:
        if value is not OMITTED:
            message = "AirVantage has no field for it: it was told in the description, change the notes."
            findings.add(UserErrorCode.INVALID, message, name)
    if change.client_reference is None or change.client_reference == "":
        findings.add(UserErrorCode.REQUIRED, "It cannot be cleared: leave it out.", "clientReference")
    for name, value in change.details.items():
        if value is None:
            findings.add(UserErrorCode.REQUIRED, "It cannot be cleared: leave it out.", *DETAILS, commands.camel(name))


def changed_quantity(current: wire.Order, change: OrderChange, findings: Findings) -> int | None:
    """The quantity; the product of an order cannot be changed."""
    if change.lines is OMITTED:
        return current.quantity
    line = only_line(change.lines, findings)
    if line is None:
        return None
    known = current.product_reference.uid if current.product_reference else current.product_reference_uid
    product = product_to_wire(line, findings)
    if product and known and product != plain_uid(known):
        message = "AirVantage cannot change the product of an order: cancel it and place another."
        findings.add(UserErrorCode.INVALID, message, *INPUT_PATHS["productReferenceUid"])
    return quantity_to_wire(line.quantity, findings)


# ------------------------------------------------------------------------------------------- lists


def orders_query(query: OrderQuery) -> Query | None:
    """AirVantage's filters for orders, coarser than the query; None if it has nothing of the kind."""
    if query.purchase_order_number is not None:
        return None
    found = {name: str(value) for name, value in query.details.items() if value is not None}
    if query.status is not None and OrderStatus.UNKNOWN not in query.status and "status" not in found:
        words = [word for word, ours in STATUS.items() if ours in query.status]
        if not words:
            return None
        found["status"] = ",".join(words)
    for name, values in (("orderId", query.number), ("externalId", query.client_reference)):
        if values is not None and len(values) == 1:
            found.setdefault(name, next(iter(values)))
    return list(found.items())


def exact(query: OrderQuery) -> bool:
    """Whether AirVantage's filters say the same as the query, so that its count is ours."""
    open_ = (query.number, query.client_reference, query.purchase_order_number, query.text)
    unknown = query.status is not None and OrderStatus.UNKNOWN in query.status
    return query.placed_at == commands.ALWAYS and all(one is None for one in open_) and not unknown
