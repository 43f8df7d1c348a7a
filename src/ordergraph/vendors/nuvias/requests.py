"""ordergraph's requests as the Hub's: pure functions, nothing is sent.

Source: Nuvias UC "Hub API (1.1.0)", the schemas of the write bodies. Everything that can be known to be
wrong before sending is gathered in a `Findings`, each with the path of the input.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar, cast

import msgspec

from ordergraph.domain import OrderStatus, Requirement, commands
from ordergraph.domain.commands import (
    OMITTED,
    AddressRequest,
    InvoiceQuery,
    LineChange,
    LineRequest,
    Maybe,
    OrderChange,
    OrderQuery,
    OrderRequest,
    ProductSwap,
    Range,
    SubscriptionQuery,
)
from ordergraph.domain.errors import Problem, UserErrorCode
from ordergraph.vendors.nuvias import wire
from ordergraph.vendors.nuvias.mapping import (
    INVOICE_STATUS,
    INVOICE_TYPE,
    STATUS,
    SUBSCRIPTION_STATUS,
    Facts,
    flat,
    hub_words,
)

T = TypeVar("T")
Query = list[tuple[str, str]]
Path = tuple[str, ...]

MAX_TEXT = 3500  # ship_instructions, provisioning_instructions
HUB_ID = re.compile(r"0|[1-9][0-9]{0,17}")  # the Hub's ids are whole numbers

REQUIREMENTS: Sequence[Requirement] = (
    Requirement("lineItems", required=True),
    Requirement("lineItems.quantity", note="A whole number, 1 or more."),
    Requirement("purchaseOrderNumber", note="Invoices are found by it: without one, an order shows none."),
    Requirement("clientReference", note="Kept as the order's name: the Hub has no field for a reference of yours."),
    Requirement("shippingAddress", note="Needed where goods are shipped."),
    Requirement("requestedAt", note="Told in the shipping instructions: the Hub has no field for it."),
    Requirement("contact", note="Told in the shipping instructions: the Hub has no field for it."),
    Requirement("notes", max_length=MAX_TEXT, note="Kept as the shipping instructions."),
    Requirement("details.nuvias.shippingTypeId", note="Needed where goods are shipped."),
    Requirement("details.nuvias.shipInstructions", max_length=MAX_TEXT),
    Requirement("details.nuvias.provisioningInstructions", max_length=MAX_TEXT),
    Requirement("details.nuvias.paymentType", values=("ON_ACCOUNT", "FINANCE")),
    Requirement("details.nuvias.finance", note="Needed when paymentType is FINANCE."),
    Requirement("lineItems.details.nuvias.markupPercent", note="Needed when finance.target is CUSTOMER."),
)

# The orders that the Hub lists under a word of ours. Baskets (DRAFT) are another list.
LISTED = {word: status for word, status in STATUS.items() if word != "DRAFT"}

# Names of the Hub's write bodies whose path in our input is not found by camel-casing below `details`.
INPUT_NAMES: Mapping[str, Path] = {
    "purchase_order_number": ("purchaseOrderNumber",),
    "shipping_address": ("shippingAddress",),
    "line_items": ("lineItems",),
    "product": ("product",),
    "product_code": ("product", "sku"),
    "quantity": ("quantity",),
    "shipping_type": ("details", "nuvias", "shippingTypeId"),
    "prov_product": ("details", "nuvias", "provisioningProduct"),
    "prov_product_code": ("details", "nuvias", "provisioningProduct", "sku"),
    "prov_organisation": ("details", "nuvias", "provisioningOrganisationId"),
    "prov_group": ("details", "nuvias", "provisioningGroupId"),
    "prov_site": ("details", "nuvias", "provisioningSiteId"),
    "maintenance_product": ("details", "nuvias", "maintenanceProduct"),
    "maintenance_product_code": ("details", "nuvias", "maintenanceProduct", "sku"),
    "selected_rate_plan": ("details", "nuvias", "ratePlan"),
    "dropbox_order": ("details", "nuvias", "dropbox"),
    "acronis_order": ("details", "nuvias", "acronis"),
    "zoom_order": ("details", "nuvias", "zoom"),
    "markup": ("details", "nuvias", "markupPercent"),
    "discount": ("details", "nuvias", "discountPercent"),
}
# Parts of the things above keep their place: no `details` is put before them.
INNER_NAMES: Mapping[str, str] = {"addr_line_1": "lines", "addr_line_2": "lines", "name": "familyName"}

# The fields of our inputs for users, product groups and feeds, and the Hub's names for them.
USER_FIELDS: Mapping[str, str] = {
    "name": "name",
    "email_address": "email_address",
    "organisation_id": "organisation",
    "admin": "admin",
    "two_factor": "two_factor",
    "active": "active",
    "verified": "verified",
    "password_reset": "password_reset",
    "language": "user_language",
    "timezone": "timezone",
    "timeout": "timeout",
    "roles": "roles",
    "notifications": "notification",
}
PRODUCT_GROUP_FIELDS: Mapping[str, str] = {
    "name": "name",
    "active": "active",
    "status": "status",
    "description": "description",
    "detailed_description": "detailed_description",
    "product_type": "type",
    "manufacturer_id": "vendor",
    "subscription_type": "subscription_type",
    "subscription_product_type": "subscription_product_type",
    "product_ids": "products",
    "related_group_ids": "related_product_groups",
    "grading": "grading",
}
FEED_FIELDS: Mapping[str, str] = {
    "organisation_id": "organisation",
    "name": "name",
    "active": "active",
    "timeslot": "timeslot",
    "columns": "columns",
    "show_headers": "show_headers",
    "show_empty_stock": "show_empty_stock",
    "delimiter": "delimiter",
    "escape_method": "escape_method",
    "delivery_method": "delivery_method",
    "delivery_email": "delivery_email",
    "delivery_user": "delivery_user",
    "delivery_password": "delivery_password",
    "delivery_server": "delivery_server",
    "delivery_protocol": "delivery_procotol",
    "delivery_port": "delivery_port",
    "sitc_confirm": "sitc_confirm",
    "sitc_filename": "sitc_filename",
}
# Operations whose fields stand at the top of the input.
TOP_FIELDS: Mapping[str, Mapping[str, str]] = {
    "create_user": USER_FIELDS,
    "edit_user": USER_FIELDS,
    "create_product_group": PRODUCT_GROUP_FIELDS,
    "edit_product_group": PRODUCT_GROUP_FIELDS,
    "create_feed": FEED_FIELDS,
    "edit_feed": FEED_FIELDS,
}


def input_path(operation: str, path: str) -> Path:
    """The path in our input of a field that the Hub complains of, ``line_items.0.product``."""
    fields = TOP_FIELDS.get(operation)
    if fields is not None:
        name, *rest = path.split(".")
        ours = next((ours for ours, theirs in fields.items() if theirs == name.replace("-", "_")), name)
        return ("input", camel(ours), *rest)
    found: Path = ("input", "lineItem") if operation == "add_line_item" else ("input",)
    inside = False
    for part in path.split("."):
        if part.isdigit():
            found = (*found, part)
        elif not inside:
            named = INPUT_NAMES.get(part)
            found += named or ("details", "nuvias", camel(part))
            inside = part not in ("line_items",)
        else:
            found += (INNER_NAMES.get(part, camel(part)),)
    return found


def moved(problem: Problem, place: str, instead: str) -> Problem:
    """What the Hub says about fields below ``place``, as if these were below ``instead``."""
    fields = {
        instead + path.removeprefix(place) if path.startswith(place) else path: words
        for path, words in problem.fields.items()
    }
    return replace(problem, fields=fields)


def camel(name: str) -> str:
    """``ship_instructions`` as ``shipInstructions``."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


class Findings(commands.Findings):
    """Everything found wrong with one input; the Hub's ids are numbers."""

    def key(self, text: str | None, type_: str, *path: str) -> int | None:
        """The Hub's id in a global ID of this account."""
        found = self.reference(text, type_, HUB_ID, *path)
        return None if found is None else int(found)


# ------------------------------------------------------------------------------------------- orders


def order_to_wire(request: OrderRequest, facts: Facts, findings: Findings) -> wire.OrderWrite:
    """The body that makes a basket or an order."""
    body = order_body(request, facts, findings)
    check_order(body, findings)
    return body


def order_body(request: OrderRequest, facts: Facts, findings: Findings) -> wire.OrderWrite:
    """What a request says of an order, whole or in part."""
    details = request.details
    if details.get("linked_supplier_refs") is not None:
        message = "Only an order that was submitted has linked supplier references; set them with updateOrder."
        findings.add(UserErrorCode.INVALID, message, "details", "nuvias", "linkedSupplierRefs")
    if request.client_reference and details.get("name"):
        message = "The Hub keeps one name for an order: give clientReference or details.nuvias.name."
        findings.add(UserErrorCode.INVALID, message, "clientReference")
    check_instructions(request, findings)
    return wire.OrderWrite(
        purchase_order_number=request.purchase_order_number,
        shipping_address=address_to_wire(request.shipping_address, facts, findings, "shippingAddress"),
        shipping_type=findings.key(
            details.get("shipping_type_id"), "NuviasShippingType", "details", "nuvias", "shippingTypeId"
        ),
        ship_instructions=instructions(request, findings),
        end_user=details.get("end_user"),
        provisioning_instructions=details.get("provisioning_instructions"),
        part_ship=details.get("part_ship"),
        line_items=lines_to_wire(request.lines, findings),
        name=details.get("name") or request.client_reference,
        payment_type=details.get("payment_type"),
        finance=finance_to_wire(details.get("finance"), facts, findings),
    )


def instructions(request: OrderRequest, findings: Findings) -> str | None:
    """The shipping instructions: the notes, and in words what the Hub has no field for."""
    given = request.details.get("ship_instructions")
    if given and request.notes:
        message = "Notes are kept as the shipping instructions: give notes or details.nuvias.shipInstructions."
        findings.add(UserErrorCode.INVALID, message, "notes")
    parts = [given] if given else list(request.notes)
    if request.requested_at:
        parts.append(f"Requested for: {request.requested_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    if request.contact:
        contact = (request.contact.name, request.contact.email, request.contact.phone)
        parts.append("Contact: " + ", ".join(part for part in contact if part))
    return "\n".join(parts) or None


def check_instructions(request: OrderRequest, findings: Findings) -> None:
    """The Hub's bound on texts."""
    details = ("details", "nuvias")
    shipping = (*details, "shipInstructions") if request.details.get("ship_instructions") else ("notes",)
    if len(instructions(request, Findings(findings.account)) or "") > MAX_TEXT:
        words = f"At most {MAX_TEXT} characters, with what is told there of contact and requestedAt."
        findings.add(UserErrorCode.TOO_LONG, words, *shipping)
    if len(request.details.get("provisioning_instructions") or "") > MAX_TEXT:
        words = f"At most {MAX_TEXT} characters."
        findings.add(UserErrorCode.TOO_LONG, words, *details, "provisioningInstructions")


def check_order(body: wire.OrderWrite, findings: Findings) -> None:
    """What the document says that the parts of an order need of each other."""
    if body.payment_type == "FINANCE" and body.finance is None:
        findings.add(UserErrorCode.REQUIRED, "Needed when paymentType is FINANCE.", "details", "nuvias", "finance")
    if body.finance is not None and body.finance.target == "CUSTOMER":
        for index, line in enumerate(body.line_items or ()):
            if line.markup is None:
                path = ("lineItems", str(index), "details", "nuvias", "markupPercent")
                findings.add(UserErrorCode.REQUIRED, "Needed when finance.target is CUSTOMER.", *path)


def address_to_wire(
    address: AddressRequest | None, facts: Facts, findings: Findings, *path: str
) -> wire.AddressWrite | None:
    """An address; the Hub takes two lines and its own id of the country."""
    if address is None:
        return None
    if len(address.lines) > 2:
        findings.add(UserErrorCode.INVALID, "The Hub takes at most two lines.", *path, "lines")
    country = facts.country_id(address.country_code) if address.country_code else None
    if address.country_code and country is None:
        message = f"The Hub does not deliver to {address.country_code!r}; NuviasAccount.countries has the codes."
        findings.add(UserErrorCode.INVALID, message, *path, "countryCode")
    first, second = [*address.lines, None, None][:2]
    return wire.AddressWrite(
        company_name=address.company_name,
        recipient_name=address.recipient_name,
        addr_line_1=first,
        addr_line_2=second,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country_code=country,
    )


def finance_to_wire(details: Mapping[str, Any] | None, facts: Facts, findings: Findings) -> wire.FinanceWrite | None:
    """Financing; ``family_name`` is the Hub's ``name``."""
    if details is None:
        return None
    path = ("details", "nuvias", "finance")
    places: Sequence[AddressRequest] = details.get("trading_addresses") or ()
    plain = {key: value for key, value in details.items() if not key.endswith(("address", "addresses"))}
    plain["name"] = plain.pop("family_name", None)
    plain["email_address"] = details.get("email_address")
    return msgspec.structs.replace(
        msgspec.convert(plain, wire.FinanceWrite),
        registered_address=address_to_wire(
            details.get("registered_address"), facts, findings, *path, "registeredAddress"
        ),
        trading_addresses=[
            address
            for index, place in enumerate(places)
            if (address := address_to_wire(place, facts, findings, *path, "tradingAddresses", str(index)))
        ]
        or None,
    )


def lines_to_wire(lines: Sequence[LineRequest], findings: Findings) -> list[wire.LineItemWrite]:
    """The lines of an order."""
    return [line_to_wire(line, findings, "lineItems", str(index)) for index, line in enumerate(lines)]


def line_to_wire(line: LineRequest, findings: Findings, *path: str) -> wire.LineItemWrite:
    """A line: the product by the Hub's id or by SKU."""
    nested = (*path, "details", "nuvias")
    return msgspec.structs.replace(
        line_details_to_wire(line.details, findings, *nested),
        product=findings.key(line.product_id, "Product", *path, "product", "id"),
        product_code=line.sku,
        quantity=quantity_to_wire(line.quantity, findings, *path, "quantity"),
    )


def line_details_to_wire(details: Mapping[str, Any], findings: Findings, *path: str) -> wire.LineItemWrite:
    """What only a line of the Hub has."""
    provisioning: Mapping[str, Any] = details.get("provisioning_product") or {}
    maintenance: Mapping[str, Any] = details.get("maintenance_product") or {}
    return wire.LineItemWrite(
        prov_product=findings.key(provisioning.get("id"), "Product", *path, "provisioningProduct", "id"),
        prov_product_code=provisioning.get("sku"),
        prov_organisation=findings.key(
            details.get("provisioning_organisation_id"),
            "NuviasOrganisation",
            *path,
            "provisioningOrganisationId",
        ),
        prov_group=findings.key(
            details.get("provisioning_group_id"), "NuviasProvisioningGroup", *path, "provisioningGroupId"
        ),
        prov_site=findings.key(details.get("provisioning_site_id"), "NuviasSite", *path, "provisioningSiteId"),
        maintenance_product=findings.key(maintenance.get("id"), "Product", *path, "maintenanceProduct", "id"),
        maintenance_product_code=maintenance.get("sku"),
        selected_rate_plan=details.get("rate_plan"),
        dropbox_order=_convert(details.get("dropbox"), wire.DropboxOrderWrite),
        acronis_order=_convert(details.get("acronis"), wire.AcronisOrderWrite),
        zoom_order=_convert(details.get("zoom"), wire.ZoomOrderWrite),
        markup=details.get("markup_percent"),
        discount=details.get("discount_percent"),
    )


def _convert(value: Mapping[str, Any] | None, type_: type[T]) -> T | None:
    return None if value is None else msgspec.convert(value, type_)


def quantity_to_wire(quantity: Decimal, findings: Findings, *path: str) -> int | None:
    """A quantity; the Hub counts whole things."""
    if quantity != quantity.to_integral_value() or not 1 <= quantity <= 1_000_000:
        findings.add(UserErrorCode.INVALID, "A whole number from 1 to 1000000.", *path)
        return None
    return int(quantity)


def write_of(order: wire.Order) -> wire.OrderWrite:
    """The body that would leave a basket as it is: the Hub's PUT replaces everything."""
    write = msgspec.convert(msgspec.to_builtins(order), wire.OrderWrite)
    return msgspec.structs.replace(
        write, order_type=None, line_items=[line_write_of(line) for line in order.line_items]
    )


def line_write_of(line: wire.LineItem) -> wire.LineItemWrite:
    """The body that would leave a line as it is."""
    return msgspec.convert(msgspec.to_builtins(line), wire.LineItemWrite)


def edit_of(order: wire.Order) -> wire.OrderEdit:
    """The body that would leave an order as it is."""
    return wire.OrderEdit(linked_supplier_refs=list(order.linked_supplier_refs or ()))


def subscription_write_of(subscription: wire.Subscription) -> wire.SubscriptionWrite:
    """The body that would leave a subscription as it is."""
    return msgspec.convert(msgspec.to_builtins(subscription), wire.SubscriptionWrite)


def change_to_wire(current: wire.Order, change: OrderChange, facts: Facts, findings: Findings) -> wire.OrderWrite:
    """A basket's body after a change: what the change leaves out stays."""
    details = change.details
    whole = order_body(
        OrderRequest(
            lines=_given(change.lines, ()),
            client_reference=_given(change.client_reference, None),
            purchase_order_number=_given(change.purchase_order_number, None),
            shipping_address=_given(change.shipping_address, None),
            notes=_given(change.notes, ()),
            details=details,
        ),
        facts,
        findings,
    )
    given = {
        "purchase_order_number": change.purchase_order_number is not OMITTED,
        "shipping_address": change.shipping_address is not OMITTED,
        "line_items": change.lines is not OMITTED,
        "name": change.client_reference is not OMITTED or "name" in details,
        "ship_instructions": change.notes is not OMITTED or "ship_instructions" in details,
        "shipping_type": "shipping_type_id" in details,
    } | {
        name: name in details
        for name in ("end_user", "provisioning_instructions", "part_ship", "payment_type", "finance")
    }
    changes = {name: getattr(whole, name) for name, is_given in given.items() if is_given}
    body = msgspec.structs.replace(write_of(current), **changes)
    check_order(body, findings)
    return body


def _given(value: Maybe[T], otherwise: T) -> T:
    return otherwise if value is OMITTED else value  # pyright: ignore[reportReturnType] - OMITTED is gone


def swap_to_wire(swap: ProductSwap, findings: Findings, *path: str) -> wire.ChangeLineWrite:
    """A line of a change order."""
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


# ------------------------------------------------------------------------------------------ queries


def orders_query(query: OrderQuery) -> Query:
    """The Hub's own filters for a query: at least all that the query wants, days where it names moments."""
    found: Query = []
    if query.status is not None and OrderStatus.UNKNOWN not in query.status:  # no filter finds a new word
        found += [("status", word) for word in hub_words(LISTED, query.status)]
    search = query.text or _only(query.number) or _only(query.purchase_order_number)
    if search:
        found.append(("text", search))
    return found + days(query.placed_at) + from_details(query.details)


def _only(values: frozenset[str] | None) -> str | None:
    """The Hub searches for one text, so only a single value can be handed on."""
    return next(iter(values)) if values is not None and len(values) == 1 else None


def days(span: Range[datetime]) -> Query:
    """``start_date`` and ``end_date``, both inclusive, around a half-open range of moments."""
    found: Query = []
    if span.start is not None:
        found.append(("start_date", span.start.astimezone(UTC).date().isoformat()))
    if span.end is not None:
        end = span.end.astimezone(UTC)
        last = end - min(timedelta(microseconds=1), end - datetime.min.replace(tzinfo=UTC))
        found.append(("end_date", last.date().isoformat()))
    return found


def whole_days(span: Range[datetime]) -> bool:
    """Whether the Hub's filter by days is exactly this range."""
    return all(
        moment is None or moment.astimezone(UTC).timetz().replace(tzinfo=None).isoformat() == "00:00:00"
        for moment in span
    )


def from_details(details: Mapping[str, Any]) -> Query:
    """Conditions that only the Hub has: names and values are the Hub's own already."""
    found: Query = []
    for name, value in details.items():
        values = cast("list[object]", value) if isinstance(value, list) else [value]
        found += [(name, _word(one)) for one in values if one is not None]
    return found


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def invoices_query(query: InvoiceQuery) -> Query:
    """The Hub's own filters for invoices."""
    found: Query = []
    if query.status is not None:
        found += [("status", word) for word in hub_words(INVOICE_STATUS, query.status)]
    if query.type is not None:
        found += [("type", word) for word in hub_words(INVOICE_TYPE, query.type)]
    search = query.text or _only(query.purchase_order_number)
    if search:
        found.append(("text", search))
    return found + days(query.issued_at) + from_details(query.details)


def exact(query: OrderQuery) -> bool:
    """Whether the Hub's filters are exactly the query, so that its count is the query's."""
    searched = query.number is not None or query.purchase_order_number is not None
    unknown = query.status is not None and OrderStatus.UNKNOWN in query.status
    return not (searched or unknown or query.client_reference is not None) and whole_days(query.placed_at)


def asks_orders(query: OrderQuery) -> bool:
    """Whether a query can have orders that were submitted: any status that the Hub lists."""
    listed = {*LISTED.values(), OrderStatus.UNKNOWN}
    return query.status is None or bool(query.status & listed)


def asks_drafts(query: OrderQuery) -> bool:
    """Whether a query asks for drafts: only by name."""
    return query.status is not None and OrderStatus.DRAFT in query.status


def draft_wanted(basket: wire.Order, query: OrderQuery) -> bool:
    """The conditions that the Hub applies to orders itself; its list of baskets has no filters."""
    details = query.details
    low, high = details.get("value_from"), details.get("value_to")
    total = basket.total or Decimal(0)
    searched = (str(basket.id), basket.supplier_ref, basket.purchase_order_number)
    return (
        (query.text is None or any(query.text.lower() in (words or "").lower() for words in searched))
        and (not details.get("payment_type") or basket.payment_type in details["payment_type"])
        and (not details.get("organisation") or basket.organisation in details["organisation"])
        and (low is None or total >= low)
        and (high is None or total <= high)
    )


def subscriptions_query(query: SubscriptionQuery) -> Query | None:
    """The Hub's filters for subscriptions, None if it has nothing of the kind."""
    found = from_details(query.details)
    if query.status is not None:
        words = hub_words(SUBSCRIPTION_STATUS, query.status)
        if not words:
            return None
        found += [("status", word) for word in words]
    if query.name:
        found.append(("name", query.name))
    return found


def asks_nothing(query: InvoiceQuery) -> bool:
    """Whether the Hub has no invoices of the kind."""
    return (query.status is not None and not hub_words(INVOICE_STATUS, query.status)) or (
        query.type is not None and not hub_words(INVOICE_TYPE, query.type)
    )


# ----------------------------------------------------------------------------------------- changes


def order_edit(change: OrderChange, state: str | None, findings: Findings) -> list[str]:
    """The linked references: all that can be changed once an order was submitted."""
    given = {
        "lineItems": change.lines,
        "clientReference": change.client_reference,
        "purchaseOrderNumber": change.purchase_order_number,
        "shippingAddress": change.shipping_address,
        "notes": change.notes,
    }
    paths = [(name,) for name, value in given.items() if value is not OMITTED]
    paths += [("details", "nuvias", camel(name)) for name in change.details if name != "linked_supplier_refs"]
    for path in paths:
        message = f"The order is {state}: only details.nuvias.linkedSupplierRefs can still be changed."
        findings.add(UserErrorCode.WRONG_STATUS, message, *path)
    if "linked_supplier_refs" not in change.details and not paths:
        findings.add(UserErrorCode.REQUIRED, "Nothing to change.", "details", "nuvias", "linkedSupplierRefs")
    return list(change.details.get("linked_supplier_refs") or ())


def line_change(line: wire.LineItem, change: LineChange, findings: Findings) -> wire.LineItemWrite:
    """A line's body after a change: what the change leaves out stays."""
    details = line_details_to_wire(change.details, findings, "details", "nuvias")
    changes = {name: getattr(details, name) for name, source in LINE_SOURCES.items() if source in change.details}
    if change.quantity is not OMITTED:
        changes["quantity"] = quantity_to_wire(change.quantity, findings, "quantity")
    return msgspec.structs.replace(line_write_of(line), **changes)


LINE_SOURCES: Mapping[str, str] = {
    "prov_product": "provisioning_product",
    "prov_product_code": "provisioning_product",
    "prov_organisation": "provisioning_organisation_id",
    "prov_group": "provisioning_group_id",
    "prov_site": "provisioning_site_id",
    "maintenance_product": "maintenance_product",
    "maintenance_product_code": "maintenance_product",
    "selected_rate_plan": "rate_plan",
    "dropbox_order": "dropbox",
    "acronis_order": "acronis",
    "zoom_order": "zoom",
    "markup": "markup_percent",
    "discount": "discount_percent",
}
"""Which input each field of a line's body is made from."""


# --------------------------------------------------------------- users, product groups and feeds

TIMEOUTS = (86400, 43200, 28800, 14400, 7200, 3600, 1800)
TIMESLOTS = range(0, 24 * 60, 30)

# Which fields belong to which way of delivery, and which of them it cannot do without.
DELIVERY: Mapping[str, Sequence[str]] = {
    "EMAIL": ("delivery_email",),
    "FTP": ("delivery_user", "delivery_password", "delivery_server", "delivery_procotol", "delivery_port"),
    "SITC": ("sitc_confirm", "sitc_filename"),
}
DELIVERY_NEEDS: Mapping[str, Sequence[str]] = {
    "EMAIL": ("delivery_email",),
    "FTP": ("delivery_user", "delivery_password", "delivery_server"),
    "SITC": (),
}
# What is sent where null was given to clear a field; a field that is not here cannot be cleared.
CLEARED: Mapping[str, object] = {
    "roles": [],
    "notification": [],
    "products": [],
    "related_product_groups": [],
    "description": "",
    "detailed_description": "",
    "delivery_email": None,
    "delivery_user": None,
    "delivery_password": None,
    "delivery_server": None,
    "delivery_procotol": None,
    "delivery_port": None,
    "sitc_filename": None,
}
# Fields that the Hub wants in small letters.
SMALL = frozenset({"user_language", "notification", "columns"})
# Fields that are IDs in our inputs, and of what.
KEY_TYPES: Mapping[str, str] = {
    "organisation_id": "NuviasOrganisation",
    "manufacturer_id": "NuviasManufacturer",
    "product_ids": "Product",
    "related_group_ids": "NuviasProductGroup",
}


def hub_fields(values: Mapping[str, Any], names: Mapping[str, str], findings: Findings) -> dict[str, Any]:
    """What an input gives, under the Hub's names and in its form."""
    found: dict[str, Any] = {}
    for ours, theirs in names.items():
        if ours not in values:
            continue
        value = values[ours]
        if value is None and theirs not in CLEARED:
            findings.add(UserErrorCode.REQUIRED, "It cannot be cleared: leave it out, or give a value.", camel(ours))
        elif value is None:
            found[theirs] = CLEARED[theirs]
        else:
            found[theirs] = hub_value(ours, theirs, value, findings)
    return found


def hub_value(ours: str, theirs: str, value: Any, findings: Findings) -> Any:
    """A value of an input in the Hub's form: an ID as the Hub's own, a word as the Hub spells it."""
    kind = KEY_TYPES.get(ours)
    if isinstance(value, list):
        items = cast("list[Any]", value)
        if kind is not None:
            return [findings.key(item, kind, camel(ours), str(index)) for index, item in enumerate(items)]
        return [item.lower() if theirs in SMALL else item for item in items]
    if kind is not None:
        return findings.key(value, kind, camel(ours))
    return value.lower() if theirs in SMALL else value


def new_fields(values: Mapping[str, Any], names: Mapping[str, str], findings: Findings) -> dict[str, Any]:
    """The fields of something new: null is as good as left out."""
    return hub_fields({name: value for name, value in values.items() if value is not None}, names, findings)


def new_user(values: Mapping[str, Any], findings: Findings) -> wire.UserWrite:
    """The body that makes a user."""
    body = wire.UserWrite(**new_fields(values, USER_FIELDS, findings))
    check_user(body, findings)
    return body


def user_change(current: wire.User, values: Mapping[str, Any], findings: Findings) -> wire.UserWrite:
    """A user's body after a change. Another organisation resets roles and notifications at the Hub."""
    changes = hub_fields(values, USER_FIELDS, findings)
    moved = changes.get("organisation", current.organisation) != current.organisation
    whole = wire.UserWrite(
        **{
            name: getattr(current, name)
            for name in wire.UserWrite.__struct_fields__
            if name not in ("roles", "notification")
        },
        roles=None if moved else flat(current.roles),
        notification=None if moved else flat(current.notification),
    )
    check_user(wire.UserWrite(**changes), findings)
    return msgspec.structs.replace(whole, **changes)


def user_write_of(user: wire.User) -> wire.UserWrite:
    """The body that would leave a user as it is."""
    return user_change(user, {}, Findings(""))


def check_user(body: wire.UserWrite, findings: Findings) -> None:
    """What the document says of a user's fields."""
    if body.timeout is not None and body.timeout not in TIMEOUTS:
        allowed = ", ".join(str(seconds) for seconds in TIMEOUTS)
        findings.add(UserErrorCode.INVALID, f"One of {allowed} (seconds).", "timeout")
    if body.email_address is not None and "@" not in body.email_address:
        findings.add(UserErrorCode.INVALID, "Not an e-mail address.", "emailAddress")


def new_product_group(values: Mapping[str, Any], findings: Findings) -> wire.ProductGroupWrite:
    """The body that makes a product group."""
    body = wire.ProductGroupWrite(**new_fields(values, PRODUCT_GROUP_FIELDS, findings))
    check_product_group(body, findings)
    return body


def product_group_change(
    current: wire.ProductGroup, values: Mapping[str, Any], findings: Findings
) -> wire.ProductGroupWrite:
    """A product group's body after a change."""
    changes = hub_fields(values, PRODUCT_GROUP_FIELDS, findings)
    lists = ("products", "related_product_groups")
    names = [name for name in wire.ProductGroupWrite.__struct_fields__ if name not in lists]
    whole = wire.ProductGroupWrite(
        **{name: getattr(current, name) for name in names},
        products=flat(current.products),
        related_product_groups=flat(current.related_product_groups),
    )
    check_product_group(wire.ProductGroupWrite(**changes), findings)
    return msgspec.structs.replace(whole, **changes)


def product_group_write_of(group: wire.ProductGroup) -> wire.ProductGroupWrite:
    """The body that would leave a product group as it is."""
    return product_group_change(group, {}, Findings(""))


def check_product_group(body: wire.ProductGroupWrite, findings: Findings) -> None:
    """UNKNOWN is a word of answers only."""
    if body.status == "UNKNOWN":
        findings.add(UserErrorCode.INVALID, "DRAFT or LIVE.", "status")


def new_feed(values: Mapping[str, Any], findings: Findings) -> wire.FeedWrite:
    """The body that makes a feed."""
    given = new_fields(values, FEED_FIELDS, findings)
    body = msgspec.structs.replace(wire.FeedWrite(active=True), **given)
    check_feed(body, given, findings)
    return body


def feed_change(current: wire.Feed, values: Mapping[str, Any], findings: Findings) -> wire.FeedWrite:
    """A feed's body after a change; what belongs to another way of delivery is dropped."""
    changes = hub_fields(values, FEED_FIELDS, findings)
    method = changes.get("delivery_method", current.delivery_method)
    dropped = {name for other, names in DELIVERY.items() if other != method for name in names}
    names = [name for name in wire.FeedWrite.__struct_fields__ if name not in dropped]
    body = wire.FeedWrite(**{**{name: getattr(current, name) for name in names}, **changes})
    check_feed(body, changes, findings)
    return body


def feed_write_of(feed: wire.Feed) -> wire.FeedWrite:
    """The body that would leave a feed as it is."""
    return feed_change(feed, {}, Findings(""))


def check_feed(body: wire.FeedWrite, given: Mapping[str, Any], findings: Findings) -> None:
    """What the document says of a feed's fields; ``given`` are those of the input."""
    if body.timeslot is not None and body.timeslot not in TIMESLOTS:
        findings.add(UserErrorCode.INVALID, "A multiple of 30 from 0 to 1410 (minutes from midnight UTC).", "timeslot")
    if body.columns is not None and not body.columns:
        findings.add(UserErrorCode.REQUIRED, "A feed needs at least one column.", "columns")
    ours = {theirs: camel(name) for name, theirs in FEED_FIELDS.items()}
    method = body.delivery_method or ""
    for name in DELIVERY_NEEDS.get(method, ()):
        if not getattr(body, name):
            findings.add(UserErrorCode.REQUIRED, f"Needed when deliveryMethod is {method}.", ours[name])
    for other, names in DELIVERY.items():
        for name in names:
            if other != method and given.get(name) is not None:
                message = f"Only when deliveryMethod is {other}, and it is {method}."
                findings.add(UserErrorCode.INVALID, message, ours[name])
