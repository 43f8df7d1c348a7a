"""Maps ordergraph's requests to the Hub's. All functions are pure: nothing is sent.

Source: Nuvias UC "Hub API (1.1.0)", the schemas of the write bodies. Every error that can be detected before sending
is collected in a `Findings`, with its path in the input.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeVar, cast

import msgspec

from ordergraph import domain
from ordergraph.domain import OrderStatus, Requirement, commands, paging
from ordergraph.domain.errors import Problem, UserErrorCode
from ordergraph.domain.paging import Window
from ordergraph.vendors.nuvias import mapping, wire, wire_people
from ordergraph.vendors.nuvias.values import flat
from ordergraph.wire.fields import Field, Reference, fields_of, struct_in

B = TypeVar("B", bound=wire.Write)
Query = list[tuple[str, str]]
Path = tuple[str, ...]

MAX_TEXT = 3500  # ship_instructions, provisioning_instructions
HUB_ID = re.compile(r"0|[1-9][0-9]{0,17}")  # the Hub's ids are whole numbers

REQUIREMENTS: Sequence[Requirement] = (
    Requirement("lineItems", is_required=True),
    Requirement("lineItems.quantity", note="A whole number from 1 to 1000000."),
    Requirement(
        "purchaseOrderNumber", note="Invoices are linked by this number. An order without it shows no invoices."
    ),
    Requirement(
        "clientReference", note="Stored as the name of the order. The Hub has no field for your own reference."
    ),
    Requirement("shippingAddress", note="Required if goods are shipped."),
    Requirement("requestedAt", note="Added to the shipping instructions. The Hub has no field for it."),
    Requirement("contact", note="Added to the shipping instructions. The Hub has no field for it."),
    Requirement("notes", max_length=MAX_TEXT, note="Stored as the shipping instructions."),
    Requirement("details.nuvias.shippingTypeId", note="Required if goods are shipped."),
    Requirement("details.nuvias.shipInstructions", max_length=MAX_TEXT),
    Requirement("details.nuvias.provisioningInstructions", max_length=MAX_TEXT),
    Requirement("details.nuvias.paymentType", values=("ON_ACCOUNT", "FINANCE")),
    Requirement("details.nuvias.finance", note="Required if `paymentType` is FINANCE."),
    Requirement("lineItems.details.nuvias.markupPercent", note="Required if `finance.target` is CUSTOMER."),
)

# The statuses of the orders in the Hub's list of orders. Baskets (DRAFT) are in another list.
LISTED = {word: status for word, status in mapping.STATUS.items() if word != "DRAFT"}

DETAILS: Path = ("details", "nuvias")
# The fields of the Hub's bodies that come from input that all vendors share. The others are details of the same name.
COMMON: Mapping[str, Path] = {
    "purchase_order_number": ("purchaseOrderNumber",),
    "shipping_address": ("shippingAddress",),
    "line_items": ("lineItems",),
    "product": ("product",),
    "product_code": ("product", "sku"),
    "quantity": ("quantity",),
}
# The fields of an order that a change may contain.
CHANGED: Mapping[str, str] = {
    "purchase_order_number": "purchase_order_number",
    "shipping_address": "shipping_address",
    "line_items": "lines",
    "name": "client_reference",
    "ship_instructions": "notes",
}
# The bodies whose fields are at the top level of the input, by the object that an operation creates or edits.
TOP: Mapping[str, type[wire.Write]] = {
    "user": wire_people.UserWrite,
    "product_group": wire_people.ProductGroupWrite,
    "feed": wire_people.FeedWrite,
}


def input_path(operation: str, path: str) -> Path:
    """Return the path in the input of a field that the Hub rejects, such as ``line_items.0.product``."""
    adds = operation == "add_line_item"
    found: Path = ("input", "lineItem") if adds else ("input",)
    struct: type[msgspec.Struct] | None = TOP.get(
        operation.partition("_")[2], wire.LineItemWrite if adds else wire.OrderWrite
    )
    for part in path.split("."):
        if part.isdigit():
            found += (part,)
            continue
        one = next((one for one in fields_of(struct) if one.wire_name == part), None) if struct else None
        found += _step(struct, one.input_name if one else part)
        struct = struct_in(one.type) if one else None
    return found


def _step(struct: type[msgspec.Struct] | None, name: str) -> Path:
    """Return the path in the input of a field of a body, relative to that body."""
    if struct is wire.Address and name.startswith("addr_line"):
        return ("lines",)
    if struct not in (wire.OrderWrite, wire.LineItemWrite):
        return (commands.camel(name),)
    if name in COMMON:
        return COMMON[name]
    whole = name.removesuffix("_code")
    return (*DETAILS, commands.camel(whole)) if whole == name else (*DETAILS, commands.camel(whole), "sku")


def moved(problem: Problem, place: str, instead: str) -> Problem:
    """Return a problem whose field paths below ``place`` are moved below ``instead``."""
    fields = {
        instead + path.removeprefix(place) if path.startswith(place) else path: words
        for path, words in problem.fields.items()
    }
    return replace(problem, fields=fields)


class Findings(commands.Findings):
    """The errors found in one input. The Hub's ids are numbers."""

    def key(self, text: str | None, type_: str, *path: str) -> int | None:
        """Return the Hub's id of a global ID, or None with an error if it is not an ID of this account."""
        found = self.reference(text, type_, HUB_ID, *path)
        return None if found is None else int(found)


# ---- Orders -----------------------------------------------------------------------------------------


def order_to_wire(request: commands.OrderRequest, facts: mapping.Facts, findings: Findings) -> wire.OrderWrite:
    """Return the body that creates a basket or an order."""
    body = order_body(request, facts, findings)
    check_order(body, findings)
    return body


def order_body(request: commands.OrderRequest, facts: mapping.Facts, findings: Findings) -> wire.OrderWrite:
    """Return the body for a request about an order, whole or in part."""
    details = request.details
    if details.get("linked_supplier_refs") is not None:
        message = "Linked supplier references can only be set once an order has been submitted. Use updateOrder then."
        findings.add(UserErrorCode.INVALID, message, *DETAILS, "linkedSupplierRefs")
    if request.client_reference and details.get("name"):
        message = "The Hub stores one name per order. Give either clientReference or details.nuvias.name."
        findings.add(UserErrorCode.INVALID, message, "clientReference")
    check_instructions(request, findings)
    own: dict[str, Any] = {
        **hub_values(wire.OrderWrite, details, findings, *DETAILS, facts=facts),
        "purchase_order_number": request.purchase_order_number,
        "shipping_address": address_to_wire(request.shipping_address, facts, findings, "shippingAddress"),
        "ship_instructions": instructions(request, findings),
        "line_items": [
            line_to_wire(line, findings, "lineItems", str(index)) for index, line in enumerate(request.lines)
        ],
        "name": details.get("name") or request.client_reference,
    }
    return wire.OrderWrite(**own)


def hub_values(
    struct: type[msgspec.Struct],
    values: Mapping[str, Any],
    findings: Findings,
    *path: str,
    facts: mapping.Facts | None = None,
) -> dict[str, Any]:
    """Return the fields of a body that an input gives, in the Hub's format. Fields of an order need the facts."""
    given = [(one, one.input_name) for one in fields_of(struct) if one.input_name in values]
    return {
        one.name: _hub_value(one, values[name], findings, (*path, commands.camel(name)), facts) for one, name in given
    }


def _hub_value(field: Field, value: Any, findings: Findings, path: Path, facts: mapping.Facts | None) -> Any:
    """Return a value in the Hub's format: the Hub's id of an object, its spelling of an enum, its id of a country."""
    reference, inner, codec = field.get(Reference), struct_in(field.type), field.codec
    several = reference is not None or codec is None or not codec.of_list
    if several and isinstance(value, list):
        items = enumerate(cast("list[Any]", value))
        return [_hub_value(field, item, findings, (*path, str(index)), facts) for index, item in items]
    if value is None:
        return None
    if reference is not None:
        return findings.key(value, reference.type, *path)
    if isinstance(value, commands.AddressRequest) and facts is not None:
        return address_to_wire(value, facts, findings, *path)
    if inner is not None and isinstance(value, Mapping):
        told = {name: one for name, one in cast("Mapping[str, Any]", value).items() if one is not None}
        return inner(**hub_values(inner, told, findings, *path, facts=facts))
    return value if codec is None or codec.encode is None else codec.encode(value)


def instructions(request: commands.OrderRequest, findings: Findings) -> str | None:
    """Return the shipping instructions: the notes, and as text whatever the Hub has no field for."""
    given = request.details.get("ship_instructions")
    if given and request.notes:
        message = "Notes are stored as the shipping instructions. Give either notes or details.nuvias.shipInstructions."
        findings.add(UserErrorCode.INVALID, message, "notes")
    parts = [given] if given else list(request.notes)
    if request.requested_at:
        parts.append(f"Requested for: {request.requested_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    if request.contact:
        contact = (request.contact.name, request.contact.email, request.contact.phone)
        parts.append("Contact: " + ", ".join(part for part in contact if part))
    return "\n".join(parts) or None


def check_instructions(request: commands.OrderRequest, findings: Findings) -> None:
    """Check the Hub's limits on the length of texts."""
    shipping = (*DETAILS, "shipInstructions") if request.details.get("ship_instructions") else ("notes",)
    if len(instructions(request, Findings(findings.account)) or "") > MAX_TEXT:
        words = f"The shipping instructions can have at most {MAX_TEXT} characters, including contact and requestedAt."
        findings.add(UserErrorCode.TOO_LONG, words, *shipping)
    if len(request.details.get("provisioning_instructions") or "") > MAX_TEXT:
        words = f"The provisioning instructions can have at most {MAX_TEXT} characters."
        findings.add(UserErrorCode.TOO_LONG, words, *DETAILS, "provisioningInstructions")


def check_order(body: wire.OrderWrite, findings: Findings) -> None:
    """Check the rules of the document between parts of an order."""
    if body.payment_type == "FINANCE" and body.finance is None:
        findings.add(UserErrorCode.REQUIRED, "Required if paymentType is FINANCE.", *DETAILS, "finance")
    if body.finance is not None and body.finance.target == "CUSTOMER":
        for index, line in enumerate(body.line_items or ()):
            if line.markup_percent is None:
                path = ("lineItems", str(index), *DETAILS, "markupPercent")
                findings.add(UserErrorCode.REQUIRED, "Required if finance.target is CUSTOMER.", *path)


def address_to_wire(
    address: commands.AddressRequest | None, facts: mapping.Facts, findings: Findings, *path: str
) -> wire.Address | None:
    """Return an address in the Hub's format, with at most two lines and the Hub's country id."""
    if address is None:
        return None
    if len(address.lines) > 2:
        findings.add(UserErrorCode.INVALID, "The Hub accepts at most two address lines.", *path, "lines")
    country = facts.country_id(address.country_code) if address.country_code else None
    if address.country_code and country is None:
        message = f"The Hub has no country {address.country_code!r}. See NuviasAccount.countries for valid codes."
        findings.add(UserErrorCode.INVALID, message, *path, "countryCode")
    first, second = [*address.lines, None, None][:2]
    return wire.Address(
        company_name=address.company_name,
        recipient_name=address.recipient_name,
        addr_line_1=first,
        addr_line_2=second,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country_code=country,
    )


def line_to_wire(line: commands.LineRequest, findings: Findings, *path: str) -> wire.LineItemWrite:
    """Return the body of a line, with its product by the Hub's id or by SKU."""
    nested = (*path, *DETAILS)
    return msgspec.structs.replace(
        line_details_to_wire(line.details, findings, *nested),
        product=findings.key(line.product_id, "Product", *path, "product", "id"),
        product_code=line.sku,
        quantity=quantity_to_wire(line.quantity, findings, *path, "quantity"),
    )


def line_details_to_wire(details: Mapping[str, Any], findings: Findings, *path: str) -> wire.LineItemWrite:
    """Return the body of the details of a line, with products by the Hub's id or by SKU."""
    own = hub_values(wire.LineItemWrite, details, findings, *path)
    for name in ("provisioning_product", "maintenance_product"):
        product: Mapping[str, Any] = details.get(name) or {}
        own[name] = findings.key(product.get("id"), "Product", *path, commands.camel(name), "id")
        own[f"{name}_code"] = product.get("sku")
    return wire.LineItemWrite(**own)


def quantity_to_wire(quantity: Decimal, findings: Findings, *path: str) -> int | None:
    """Return a quantity as a whole number, or None with an error."""
    if quantity != quantity.to_integral_value() or not 1 <= quantity <= 1_000_000:
        findings.add(UserErrorCode.INVALID, "The quantity must be a whole number from 1 to 1000000.", *path)
        return None
    return int(quantity)


def body_of(shown: wire.Wire | wire.Write, body: type[B]) -> B:
    """Return the body that leaves an object unchanged. The Hub's PUT replaces the whole object."""
    fields: dict[str, Any] = msgspec.to_builtins(shown)
    whole = {
        name: flat(cast("list[Any]", value)) if isinstance(value, list) else value for name, value in fields.items()
    }
    return msgspec.convert(whole, body)


def write_of(order: wire.Order) -> wire.OrderWrite:
    """Return the body that leaves a basket unchanged."""
    return msgspec.structs.replace(body_of(order, wire.OrderWrite), order_type=None)


def change_to_wire(
    current: wire.Order, change: commands.OrderChange, facts: mapping.Facts, findings: Findings
) -> wire.OrderWrite:
    """Return the body of a basket after a change. Omitted fields keep their values."""
    given = _given(change)
    request = replace(commands.OrderRequest(lines=(), details=change.details), **given)
    whole = order_body(request, facts, findings)
    names = {name for name, source in CHANGED.items() if source in given}
    names |= change.details.keys() & set(wire.OrderWrite.__struct_fields__)
    body = msgspec.structs.replace(write_of(current), **{name: getattr(whole, name) for name in names})
    check_order(body, findings)
    return body


def _given(change: commands.OrderChange) -> dict[str, Any]:
    """Return the fields that a change gives, of those that all vendors share."""
    fields = {source: getattr(change, source) for source in CHANGED.values()}
    return {source: value for source, value in fields.items() if value is not commands.OMITTED}


def swap_to_wire(swap: commands.ProductSwap, findings: Findings, *path: str) -> wire.ChangeLineWrite:
    """Return a line of a change order."""
    original = wire.OriginalProduct(
        product=findings.key(swap.replaces_product_id, "Product", *path, "replaces", "productId"),
        name=swap.replaces_name,
        quantity=None
        if swap.replaces_quantity is None
        else quantity_to_wire(swap.replaces_quantity, findings, *path, "replaces", "quantity"),
    )
    return wire.ChangeLineWrite(
        product=findings.key(swap.line.product_id, "Product", *path, "product", "id"),
        product_code=swap.line.sku,
        quantity=quantity_to_wire(swap.line.quantity, findings, *path, "quantity"),
        original_product=original if original != wire.OriginalProduct() else None,
    )


# ---- Queries ----------------------------------------------------------------------------------------


def orders_query(query: commands.OrderQuery) -> Query:
    """Return the Hub's filters for a query. They match all its orders and perhaps more, since they use whole days."""
    found: Query = []
    if query.statuses is not None and OrderStatus.UNKNOWN not in query.statuses:  # no filter finds an unknown status
        found += [("status", word) for word in mapping.hub_words(LISTED, query.statuses)]
    search = query.search or _only(query.numbers) or _only(query.purchase_order_numbers)
    if search:
        found.append(("text", search))
    return found + days(query.placed_at) + from_details(query.details)


def _only(values: frozenset[str] | None) -> str | None:
    """Return the value if there is exactly one: the Hub searches for one text only."""
    return next(iter(values)) if values is not None and len(values) == 1 else None


def days(span: commands.Range[datetime]) -> Query:
    """Return ``start_date`` and ``end_date``, both inclusive, that enclose a half-open range of times."""
    found: Query = []
    if span.start is not None:
        found.append(("start_date", span.start.astimezone(UTC).date().isoformat()))
    if span.end is not None:
        end = span.end.astimezone(UTC)
        last = end - min(timedelta(microseconds=1), end - datetime.min.replace(tzinfo=UTC))
        found.append(("end_date", last.date().isoformat()))
    return found


def whole_days(span: commands.Range[datetime]) -> bool:
    """Return whether the Hub's filter by days matches exactly this range."""
    return all(moment is None or moment.astimezone(UTC).time() == time() for moment in span)


def from_details(details: Mapping[str, Any]) -> Query:
    """Return the conditions that only the Hub has. Their names and values are already the Hub's."""
    found: Query = []
    for name, value in details.items():
        values = cast("list[object]", value) if isinstance(value, list) else [value]
        found += [(name, _word(one)) for one in values if one is not None]
    return found


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def invoices_query(query: commands.InvoiceQuery) -> Query | None:
    """Return the Hub's filters for invoices, or None if no invoice at the Hub can match."""
    found: Query = []
    tables = (("status", mapping.INVOICE_STATUS, query.statuses), ("type", mapping.INVOICE_TYPE, query.types))
    for name, table, wanted in tables:
        words = mapping.hub_words(table, wanted or frozenset())
        if wanted is not None and not words:
            return None
        found += [(name, word) for word in words]
    search = query.search or _only(query.purchase_order_numbers)
    if search:
        found.append(("text", search))
    return found + days(query.issued_at) + from_details(query.details)


def exact(query: commands.OrderQuery) -> bool:
    """Return whether the Hub's filters match exactly the query, so that the Hub's count is right for it."""
    searched = query.numbers is not None or query.purchase_order_numbers is not None
    unknown = query.statuses is not None and OrderStatus.UNKNOWN in query.statuses
    return not (searched or unknown or query.client_references is not None) and whole_days(query.placed_at)


def asks_orders(query: commands.OrderQuery) -> bool:
    """Return whether a query can match submitted orders: any status in the Hub's list of orders."""
    listed = {*LISTED.values(), OrderStatus.UNKNOWN}
    return query.statuses is None or bool(query.statuses & listed)


def asks_drafts(query: commands.OrderQuery) -> bool:
    """Return whether a query asks for drafts, which it does only explicitly."""
    return query.statuses is not None and OrderStatus.DRAFT in query.statuses


def draft_wanted(basket: wire.Order, query: commands.OrderQuery) -> bool:
    """Return whether a basket meets the conditions that the Hub can only apply to orders, not to baskets."""
    details = query.details
    low, high = details.get("value_from"), details.get("value_to")
    total = basket.total or Decimal(0)
    searched = (str(basket.id), basket.supplier_ref, basket.purchase_order_number)
    return (
        (query.search is None or any(query.search.lower() in (words or "").lower() for words in searched))
        and (not details.get("payment_type") or basket.payment_type in details["payment_type"])
        and (not details.get("organisation") or basket.organisation in details["organisation"])
        and (low is None or total >= low)
        and (high is None or total <= high)
    )


def subscriptions_query(query: commands.SubscriptionQuery) -> Query | None:
    """Return the Hub's filters for subscriptions, or None if no subscription at the Hub can match."""
    found = from_details(query.details)
    if query.statuses is not None:
        words = mapping.hub_words(mapping.SUBSCRIPTION_STATUS, query.statuses)
        if not words:
            return None
        found += [("status", word) for word in words]
    if query.name:
        found.append(("name", query.name))
    return found


# ---- Changes ----------------------------------------------------------------------------------------


def order_edit(change: commands.OrderChange, state: str | None, findings: Findings) -> list[str]:
    """Return the linked references: the only field that can be changed once an order has been submitted."""
    paths: list[Path] = [("lineItems" if source == "lines" else commands.camel(source),) for source in _given(change)]
    paths += [(*DETAILS, commands.camel(name)) for name in change.details if name != "linked_supplier_refs"]
    for path in paths:
        message = f"The order is {state}. Only details.nuvias.linkedSupplierRefs can still be changed."
        findings.add(UserErrorCode.WRONG_STATUS, message, *path)
    if "linked_supplier_refs" not in change.details and not paths:
        findings.add(
            UserErrorCode.REQUIRED,
            "There is nothing to change. Give details.nuvias.linkedSupplierRefs.",
            *DETAILS,
            "linkedSupplierRefs",
        )
    return list(change.details.get("linked_supplier_refs") or ())


def line_change(line: wire.LineItem, change: commands.LineChange, findings: Findings) -> wire.LineItemWrite:
    """Return the body of a line after a change. Omitted fields keep their values."""
    details = line_details_to_wire(change.details, findings, *DETAILS)
    given = [name for name in wire.LineItemWrite.__struct_fields__ if name.removesuffix("_code") in change.details]
    changes = {name: getattr(details, name) for name in given}
    if change.quantity is not commands.OMITTED:
        changes["quantity"] = quantity_to_wire(change.quantity, findings, "quantity")
    return msgspec.structs.replace(body_of(line, wire.LineItemWrite), **changes)


# ---- Narrowed queries -------------------------------------------------------------------------------

SECOND = timedelta(seconds=1)
"""The resolution of the Hub's times."""


def narrowed(query: commands.OrderQuery, window: Window, by: Literal["date", "total"]) -> commands.OrderQuery:
    """Return the query without most items before the window. The Hub filters by days and totals."""
    if by == "date":
        return replace(query, placed_at=paging.narrowed(query.placed_at, window, SECOND))
    if window.after is None:
        return query
    name, pick = ("value_to", min) if window.descending else ("value_from", max)
    bound = query.details.get(name)
    value = window.after[0] if bound is None else pick(bound, window.after[0])
    return replace(query, details={**query.details, name: value})


def searched(query: commands.OrderQuery) -> commands.OrderQuery:
    """Return the conditions that remain to be checked. The Hub has already searched for the text, in its own way."""
    return replace(query, search=None)


def invoice_wanted(invoice: domain.Invoice, query: commands.InvoiceQuery) -> bool:
    """Return whether an invoice meets the query's conditions exactly."""
    numbers = query.purchase_order_numbers
    return (
        (query.statuses is None or invoice.status in query.statuses)
        and (query.types is None or invoice.type in query.types)
        and commands.within(invoice.issued_at, query.issued_at)
        and (numbers is None or invoice.purchase_order_number in numbers)
    )
