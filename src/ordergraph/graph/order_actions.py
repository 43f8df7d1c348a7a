"""The mutations of orders, and their inputs.

Vendor-specific inputs are added when the schema is built: see `order_actions`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry import UNSET, field

from ordergraph.connector import Connector
from ordergraph.domain.commands import (
    OMITTED,
    CancelRequest,
    Contact,
    DateRequest,
    LineChange,
    LineRequest,
    OrderChange,
    OrderRequest,
)
from ordergraph.graph.mutation import (
    CreateFields,
    Do,
    Mutation,
    Payload,
    WriteFields,
    asking,
    joined,
    mutations,
    of_vendors,
    vendor_details,
)
from ordergraph.graph.order import LineItem, Order
from ordergraph.graph.values import AddressInput, ProductRefInput

ORDER = ("order_id", "Order")
LINE = ("line_item_id", "LineItem")

# ---- Inputs -----------------------------------------------------------------------------------------


@strawberry.input(description="The person whom the vendor may contact about the order.")
class ContactInput:
    """Becomes a `commands.Contact`."""

    name: str | None = field(default=UNSET, description="The name of the person.")
    email: str | None = field(default=UNSET, description="The email address.")
    phone: str | None = field(default=UNSET, description="The phone number.")


@strawberry.input
class LineItemFields:
    """The vendor-independent fields of a line item. Becomes a `commands.LineRequest`."""

    product: ProductRefInput = field(description="The product to order.")
    quantity: Decimal = field(default=Decimal(1), description="The quantity to order. Defaults to 1.")


@strawberry.input
class OrderFields(CreateFields):
    """The vendor-independent fields of an order. Becomes a `commands.OrderRequest`."""

    account_id: strawberry.ID = field(description="The ID of the account to order with.")
    client_reference: str | None = field(
        default=UNSET,
        description="Your own reference for the order. If the vendor stores references, it must be unique among the "
        "orders of the account, and the gateway generates one if omitted. The gateway uses it to find the order if the "
        "vendor's response is lost.",
    )
    purchase_order_number: str | None = field(default=UNSET, description="Your purchase order number.")
    shipping_address: AddressInput | None = field(default=UNSET, description="The shipping address.")
    contact: ContactInput | None = field(
        default=UNSET, description="The person whom the vendor may contact about the order."
    )
    requested_at: datetime | None = field(
        default=UNSET,
        description="When you want the order to be delivered. If the vendor has no delivery date, when you want it to "
        "be processed.",
    )
    notes: list[str] | None = field(default=UNSET, description="Free-text notes on the order.")


@strawberry.input
class OrderChangeFields(WriteFields):
    """The vendor-independent fields of an order that can be changed. Becomes a `commands.OrderChange`."""

    order_id: strawberry.ID = field(description="The ID of the order.")
    if_version: str | None = field(
        default=UNSET,
        description="The expected version of the order. The update fails with CONFLICT if the order has a different "
        "version.",
    )
    client_reference: str | None = field(default=UNSET, description="Your own reference. Null clears it.")
    purchase_order_number: str | None = field(default=UNSET, description="Your purchase order number. Null clears it.")
    shipping_address: AddressInput | None = field(default=UNSET, description="The shipping address. Null clears it.")
    notes: list[str] | None = field(default=UNSET, description="Free-text notes on the order. Null clears them.")


@strawberry.input
class AddLineItemFields(CreateFields):
    """The draft to add a line item to."""

    order_id: strawberry.ID = field(description="The ID of the draft to add the line item to.")


@strawberry.input
class LineChangeFields(WriteFields):
    """The vendor-independent fields of a line item that can be changed. Becomes a `commands.LineChange`."""

    line_item_id: strawberry.ID = field(description="The ID of the line item.")
    quantity: Decimal | None = field(default=UNSET, description="The new quantity. Unchanged if omitted.")


def order_request(connector: Connector, values: Mapping[str, Any]) -> OrderRequest:
    """Return the order that an input describes."""
    contact = values.get("contact")
    return OrderRequest(
        lines=line_requests(connector, values["line_items"]),
        client_reference=values.get("client_reference"),
        purchase_order_number=values.get("purchase_order_number"),
        shipping_address=values.get("shipping_address"),
        contact=Contact(**contact) if contact else None,
        requested_at=values.get("requested_at"),
        notes=values.get("notes") or (),
        details=vendor_details(connector, values.get("details")),
    )


def line_requests(connector: Connector, lines: Sequence[Mapping[str, Any]]) -> list[LineRequest]:
    """Return the line items that an input describes."""
    return [line_request(connector, line, "lineItems", str(index)) for index, line in enumerate(lines)]


def line_request(connector: Connector, values: Mapping[str, Any], *path: str) -> LineRequest:
    """Return the line item that an input describes."""
    product = values["product"]
    return LineRequest(
        product_id=product.get("id"),
        sku=product.get("sku"),
        quantity=values["quantity"],
        details=vendor_details(connector, values.get("details"), *path),
    )


def order_change(connector: Connector, values: Mapping[str, Any]) -> OrderChange:
    """Return the change that an input describes: omitted fields remain unchanged, null clears."""
    lines = values.get("line_items", OMITTED)
    return OrderChange(
        lines=lines if lines is OMITTED else line_requests(connector, lines or ()),
        client_reference=values.get("client_reference", OMITTED),
        purchase_order_number=values.get("purchase_order_number", OMITTED),
        shipping_address=values.get("shipping_address", OMITTED),
        notes=(values["notes"] or ()) if "notes" in values else OMITTED,
        details=vendor_details(connector, values.get("details")),
    )


def line_change(connector: Connector, values: Mapping[str, Any]) -> LineChange:
    """Return the change of a line item that an input describes."""
    quantity = OMITTED if values.get("quantity") is None else values["quantity"]
    return LineChange(quantity=quantity, details=vendor_details(connector, values.get("details")))


def cancel_request(connector: Connector, values: Mapping[str, Any]) -> CancelRequest:
    """Return the cancellation that an input describes."""
    return CancelRequest(reason=values.get("reason"), details=vendor_details(connector, values.get("details")))


def date_request(connector: Connector, values: Mapping[str, Any]) -> DateRequest:
    """Return the requested date that an input describes."""
    return DateRequest(requested_at=values["requested_at"], details=vendor_details(connector, values.get("details")))


@strawberry.input
class OrderActionFields(WriteFields):
    """The order to act on."""

    order_id: strawberry.ID = field(description="The ID of the order.")


@strawberry.input
class LineActionFields(WriteFields):
    """The line item to act on."""

    line_item_id: strawberry.ID = field(description="The ID of the line item.")


@strawberry.input
class CancelFields(OrderActionFields):
    """The order to cancel, and the reason. Becomes a `commands.CancelRequest`."""

    reason: str | None = field(
        default=UNSET, description="The reason for the cancellation. It is sent to vendors that accept one."
    )


@strawberry.input
class RequestedDateFields(WriteFields):
    """The line item, and its new date. Becomes a `commands.DateRequest`."""

    line_item_id: strawberry.ID = field(description="The ID of the line item.")
    requested_at: datetime = field(description="The new requested date.")


# ---- Payloads ---------------------------------------------------------------------------------------


@strawberry.type
class OrderPayload(Payload):
    """The payload fields of all mutations of orders."""

    order: Order | None = field(
        description="The order in its current state. "
        "Null if the action was not performed, or if the order cannot be read."
    )


@strawberry.type
class LineItemPayload(OrderPayload):
    """The payload with the new line item."""

    line_item: LineItem | None = field(description="The new line item. Null if it was not added, or cannot be read.")


# ---- Mutations --------------------------------------------------------------------------------------


def of_order(name: str, description: str, codes: str, do: Do, takes: type, **more: Any) -> Mutation:
    """Declare a mutation of an order."""
    shown: dict[str, Any] = {"answers": OrderPayload, "shows": ("order",), "target": ORDER, **more}
    return Mutation(name=name, description=description, codes=codes, takes=takes, do=do, **shown)


def of_line(name: str, description: str, codes: str, do: Do, takes: type, **more: Any) -> Mutation:
    """Declare a mutation of a line item; ``do`` takes the keys of the order and the line item."""
    return of_order(
        name,
        description,
        codes,
        lambda at, key, values: do(at, (key[0], joined(key[1:])), values),
        takes,
        target=LINE,
        **more,
    )


TRANSITIONS = (
    ("submit_order", "Submits a draft. Its ID does not change.", "WRONG_STATUS, REJECTED_BY_VENDOR"),
    ("acknowledge_order", "Confirms receipt of an order.", "WRONG_STATUS"),
    ("approve_order", "Approves an order that requires approval.", "WRONG_STATUS"),
    ("deny_order", "Denies an order that requires approval.", "WRONG_STATUS"),
    ("resubmit_order", "Resumes an order after the required action was taken.", "WRONG_STATUS"),
)
"""The mutations that take only the order. Each calls the connector's method of the same name."""


@dataclass(frozen=True, slots=True)
class VendorParts:
    """The oneOf inputs with a field for each vendor; None if no vendor has one."""

    order: type | None
    line_item: type | None
    cancel: type | None
    requested_date: type | None


def order_actions(parts: VendorParts) -> type:
    """Return the mutations of orders and their line items."""
    transitions = (
        of_order(name, text, codes, transition(name), OrderActionFields) for name, text, codes in TRANSITIONS
    )
    return mutations("OrderActions", [*placing(parts), *transitions, *changing_lines(parts), *ending(parts)])


def transition(name: str) -> Do:
    """Return a function that calls the connector's method of that name with the order's key."""
    return lambda at, key, _: getattr(at, name)(joined(key))


def placing(parts: VendorParts) -> Sequence[Mutation]:
    """Return the mutations that place and change orders and drafts."""
    line_item = asking("LineItemInput", LineItemFields, "A line item to order.", **of_vendors(parts.line_item))
    placed = {"line_items": (list[line_item], "The line items to order.", ...), **of_vendors(parts.order)}
    changed = {
        "line_items": (list[line_item] | None, "The new line items. They replace all existing ones.", UNSET),
        **of_vendors(parts.order),
    }
    return (
        of_order(
            "place_order",
            "Places an order.",
            "INVALID, REQUIRED, TOO_LONG, REJECTED_BY_VENDOR",
            lambda at, _, values: at.place_order(order_request(at, values)),
            OrderFields,
            target="account_id",
            more=placed,
        ),
        of_order(
            "create_draft_order",
            "Creates a draft order at the vendor. It incurs no cost until it is submitted with `submitOrder`.",
            "INVALID, REQUIRED, TOO_LONG, REJECTED_BY_VENDOR",
            lambda at, _, values: at.create_draft_order(order_request(at, values)),
            OrderFields,
            target="account_id",
            more=placed,
        ),
        of_order(
            "update_order",
            "Updates an order. Omitted fields remain unchanged, null clears a field, and `lineItems` replaces all line "
            "items.",
            "INVALID, WRONG_STATUS, CONFLICT, REJECTED_BY_VENDOR",
            lambda at, key, values: at.update_order(joined(key), order_change(at, values), values.get("if_version")),
            OrderChangeFields,
            more=changed,
        ),
        of_order(
            "add_line_item",
            "Adds a line item to a draft.",
            "INVALID, WRONG_STATUS, REJECTED_BY_VENDOR",
            lambda at, key, values: at.add_line_item(joined(key), line_request(at, values["line_item"], "lineItem")),
            AddLineItemFields,
            answers=LineItemPayload,
            shows=("order", "line_item"),
            more={"line_item": (line_item, "The line item to add.", ...)},
        ),
    )


def changing_lines(parts: VendorParts) -> Sequence[Mutation]:
    """Return the mutations that change the line items of a draft."""
    return (
        of_line(
            "update_line_item",
            "Updates a line item of a draft. Omitted fields remain unchanged. The IDs of line items may change: read "
            "the new ones from the payload.",
            "INVALID, WRONG_STATUS, REJECTED_BY_VENDOR",
            lambda at, key, values: at.update_line_item(key[0], key[1], line_change(at, values)),
            LineChangeFields,
            more=of_vendors(parts.line_item),
        ),
        of_line(
            "remove_line_item",
            "Removes a line item from a draft. The IDs of other line items may change: read the new ones from the "
            "payload.",
            "WRONG_STATUS, REJECTED_BY_VENDOR",
            lambda at, key, _: at.remove_line_item(key[0], key[1]),
            LineActionFields,
        ),
    )


def ending(parts: VendorParts) -> Sequence[Mutation]:
    """Return the mutations that cancel an order or request another date."""
    return (
        of_order(
            "cancel_order",
            "Cancels an order, or requests its cancellation if the vendor decides about it. The order is then "
            "CANCELLING, and `cancellation` shows the vendor's decision.",
            "INVALID, WRONG_STATUS, REJECTED_BY_VENDOR",
            lambda at, key, values: at.cancel_order(joined(key), cancel_request(at, values)),
            CancelFields,
            more=of_vendors(parts.cancel),
        ),
        of_line(
            "change_requested_date",
            "Requests a new date for a line item. The vendor may decline the request: the order shows its decision.",
            "INVALID, WRONG_STATUS, REJECTED_BY_VENDOR",
            lambda at, key, values: at.change_requested_date(key[0], key[1], date_request(at, values)),
            RequestedDateFields,
            more=of_vendors(parts.requested_date),
        ),
    )
