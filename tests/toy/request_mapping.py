"""Our requests mapped to Toybox's. All functions are pure, and all errors of a request are found at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from ordergraph.domain import Requirement
from ordergraph.domain.commands import Findings, LineRequest, OrderQuery, OrderRequest
from ordergraph.domain.errors import Problem, UserErrorCode
from ordergraph.domain.paging import Window
from tests.toy import wire
from tests.toy.values import WRAPPINGS

ID = re.compile(r"T[0-9]{6}")
MAX_REFERENCE, MAX_NOTE = 40, 1000
WRAPPING_WORDS: Mapping[str, str] = {ours.name: word for word, ours in WRAPPINGS.items()}

REQUIREMENTS: Sequence[Requirement] = (
    Requirement("lineItems", is_required=True),
    Requirement("lineItems.product.sku", is_required=True, note="Toybox has no catalogue and no product IDs."),
    Requirement("lineItems.quantity", note="A whole number from 1 to 99."),
    Requirement("clientReference", max_length=MAX_REFERENCE, note="Defaults to a value that the gateway generates."),
    Requirement("notes", max_length=MAX_NOTE, note="Followed by the values without a field."),
    Requirement("purchaseOrderNumber", note="Added to the note. Toybox has no field for it."),
    Requirement("shippingAddress", note="Added to the note. Toybox has no field for it."),
    Requirement("contact", note="Added to the note. Toybox has no field for it."),
    Requirement("requestedAt", note="Added to the note. Toybox has no field for it."),
)

# The parts of Toybox's field paths, and their paths in our input.
INPUT_PATHS: Mapping[str, Sequence[str]] = {
    "lines": ("lineItems",),
    "sku": ("product", "sku"),
    "reference": ("clientReference",),
    "note": ("notes",),
    "wrapping": ("details", "toy", "wrapping"),
}


def input_path(path: str) -> Sequence[str]:
    """Return the input path of a field that Toybox reports an error for, such as ``lines.0.sku``."""
    return ("input", *(step for part in path.split(".") for step in INPUT_PATHS.get(part, (part,))))


def read_problem(body: Any) -> Problem:
    """Return the problem in the body of an error."""
    said = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    return Problem(said.get("code"), said.get("message"), said.get("fields") or {})


def order_to_wire(request: OrderRequest, findings: Findings) -> wire.OrderWrite:
    """Return the body of a new order."""
    if not request.lines:
        findings.add(UserErrorCode.REQUIRED, "An order needs at least one line.", "lineItems")
    reference, note = request.client_reference or "", "\n".join(told(request))
    for name, text, most in (("clientReference", reference, MAX_REFERENCE), ("notes", note, MAX_NOTE)):
        if len(text) > most:
            findings.add(UserErrorCode.TOO_LONG, f"At most {most} characters are allowed, not {len(text)}.", name)
    return wire.OrderWrite(
        lines=[line_to_wire(line, findings, "lineItems", str(n)) for n, line in enumerate(request.lines)],
        reference=reference or None,
        note=note or None,
        wrapping=WRAPPING_WORDS.get(request.details.get("wrapping") or ""),
    )


def line_to_wire(line: LineRequest, findings: Findings, *path: str) -> wire.LineWrite:
    """Return a line. Toybox sells whole pieces, by SKU."""
    if line.sku is None:
        findings.add(UserErrorCode.REQUIRED, "Toybox has no product IDs. Set the SKU.", *path, "product", "sku")
    if line.quantity != line.quantity.to_integral_value() or not 1 <= line.quantity <= 99:
        findings.add(UserErrorCode.INVALID, "The quantity must be a whole number from 1 to 99.", *path, "quantity")
        return wire.LineWrite(line.sku or "", 0)
    return wire.LineWrite(line.sku or "", int(line.quantity))


def told(request: OrderRequest) -> Sequence[str]:
    """Return the notes, followed by the values that Toybox has no field for."""
    contact, address, when = request.contact, request.shipping_address, request.requested_at
    people = (contact.name, contact.email, contact.phone) if contact else ()
    more = {
        "Purchase order": request.purchase_order_number,
        "Contact": ", ".join(part for part in people if part),
        "Deliver to": ", ".join(address.formatted) if address else None,
        "Wanted for": when.isoformat() if when else None,
    }
    return [*request.notes, *(f"{name}: {words}" for name, words in more.items() if words)]


def orders_query(query: OrderQuery, window: Window) -> Sequence[tuple[str, str]]:
    """Return the part of the list to read. It includes the query's end, because `until` is inclusive at Toybox."""
    since, until = query.placed_at
    if window.after is not None and window.descending:
        until = min(until or window.after[0], window.after[0])
    elif window.after is not None:
        since = max(since or window.after[0], window.after[0])
    bounds = [(name, at.isoformat()) for name, at in (("since", since), ("until", until)) if at is not None]
    return [*bounds, ("sort", "newest" if window.descending else "oldest")]
