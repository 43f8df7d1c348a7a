"""What can be done to orders, and the inputs for it.

What only one vendor takes is put into the inputs when the schema is put together: `order_actions`.
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

# ------------------------------------------------------------------------------------------- inputs


@strawberry.input(description="Whom the vendor may ask about the order.")
class ContactInput:
    """Becomes a `commands.Contact`."""

    name: str | None = field(default=UNSET, description="The person.")
    email: str | None = field(default=UNSET, description="The e-mail address.")
    phone: str | None = field(default=UNSET, description="The telephone number.")


@strawberry.input
class LineItemFields:
    """What every vendor takes of a line; becomes a `commands.LineRequest`."""

    product: ProductRefInput = field(description="What to order.")
    quantity: Decimal = field(default=Decimal(1), description="How many.")


@strawberry.input
class OrderFields(CreateFields):
    """What every vendor takes of an order; becomes a `commands.OrderRequest`."""

    account_id: strawberry.ID = field(description="With which account to order.")
    client_reference: str | None = field(
        default=UNSET,
        description="Your own reference. Where the vendor keeps references, no two orders of an account may share one, "
        "and the gateway makes one if you give none: by it, it finds the order again when no answer comes.",
    )
    purchase_order_number: str | None = field(default=UNSET, description="Your purchase order number.")
    shipping_address: AddressInput | None = field(default=UNSET, description="Where the goods go.")
    contact: ContactInput | None = field(default=UNSET, description="Whom the vendor may ask.")
    requested_at: datetime | None = field(default=UNSET, description="When you would like to have it.")
    notes: list[str] | None = field(default=UNSET, description="Anything that people should know.")


@strawberry.input
class OrderChangeFields(WriteFields):
    """What every vendor lets change; becomes a `commands.OrderChange`."""

    order_id: strawberry.ID = field(description="Which order.")
    if_version: str | None = field(
        default=UNSET, description="Refuse with CONFLICT if the order is no longer at this version."
    )
    client_reference: str | None = field(default=UNSET, description="Your own reference; null clears it.")
    purchase_order_number: str | None = field(default=UNSET, description="Your number; null clears it.")
    shipping_address: AddressInput | None = field(default=UNSET, description="Where the goods go; null clears it.")
    notes: list[str] | None = field(default=UNSET, description="Anything that people should know; null clears it.")


@strawberry.input
class AddLineItemFields(CreateFields):
    """Where to add a line."""

    order_id: strawberry.ID = field(description="To which draft.")


@strawberry.input
class LineChangeFields(WriteFields):
    """What every vendor lets change in a line; becomes a `commands.LineChange`."""

    line_item_id: strawberry.ID = field(description="Which line.")
    quantity: Decimal | None = field(default=UNSET, description="How many.")


def order_request(connector: Connector, values: Mapping[str, Any]) -> OrderRequest:
    """The order that an input asks for."""
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
    """The lines that an input asks for."""
    return [line_request(connector, line, "lineItems", str(index)) for index, line in enumerate(lines)]


def line_request(connector: Connector, values: Mapping[str, Any], *path: str) -> LineRequest:
    """The line that an input asks for."""
    product = values["product"]
    return LineRequest(
        product_id=product.get("id"),
        sku=product.get("sku"),
        quantity=values["quantity"],
        details=vendor_details(connector, values.get("details"), *path),
    )


def order_change(connector: Connector, values: Mapping[str, Any]) -> OrderChange:
    """The change that an input asks for: what is left out stays, null clears."""
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
    """The change of a line that an input asks for."""
    quantity = OMITTED if values.get("quantity") is None else values["quantity"]
    return LineChange(quantity=quantity, details=vendor_details(connector, values.get("details")))


def cancel_request(connector: Connector, values: Mapping[str, Any]) -> CancelRequest:
    """Why an order is to be cancelled, as an input says."""
    return CancelRequest(reason=values.get("reason"), details=vendor_details(connector, values.get("details")))


def date_request(connector: Connector, values: Mapping[str, Any]) -> DateRequest:
    """The date that an input asks for."""
    return DateRequest(requested_at=values["requested_at"], details=vendor_details(connector, values.get("details")))


@strawberry.input
class OrderActionFields(WriteFields):
    """Which order to act on."""

    order_id: strawberry.ID = field(description="Which order.")


@strawberry.input
class LineActionFields(WriteFields):
    """Which line to act on."""

    line_item_id: strawberry.ID = field(description="Which line.")


@strawberry.input
class CancelFields(OrderActionFields):
    """Which order to cancel, and why; becomes a `commands.CancelRequest`."""

    reason: str | None = field(default=UNSET, description="Why, in your words; told to the vendors that ask.")


@strawberry.input
class RequestedDateFields(WriteFields):
    """Which line, and for when; becomes a `commands.DateRequest`."""

    line_item_id: strawberry.ID = field(description="Which line.")
    requested_at: datetime = field(description="When you would like to have it.")


# ----------------------------------------------------------------------------------------- payloads


@strawberry.type
class OrderPayload(Payload):
    """What every mutation of an order answers."""

    order: Order | None = field(
        description="The order as the vendor shows it now; null if it was not done, or cannot be read back."
    )


@strawberry.type
class LineItemPayload(OrderPayload):
    """With the new line."""

    line_item: LineItem | None = field(description="The new line; null if it cannot be read back.")


# ---------------------------------------------------------------------------------------- mutations


def of_order(name: str, description: str, codes: str, do: Do, takes: type, **more: Any) -> Mutation:
    """A mutation of an order."""
    shown: dict[str, Any] = {"answers": OrderPayload, "shows": ("order",), "target": ORDER, **more}
    return Mutation(name=name, description=description, codes=codes, takes=takes, do=do, **shown)


def of_line(name: str, description: str, codes: str, do: Do, takes: type, **more: Any) -> Mutation:
    """A mutation of a line: ``do`` gets the order's key and the line's."""
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
    ("submit_order", "Order a draft. Its ID stays the same.", "WRONG_STATUS, REJECTED_BY_VENDOR"),
    ("acknowledge_order", "Confirm that an order has arrived.", "WRONG_STATUS"),
    ("approve_order", "Approve an order that waits for approval.", "WRONG_STATUS"),
    ("deny_order", "Deny an order that waits for approval.", "WRONG_STATUS"),
    ("resubmit_order", "Send an order on after what it needed was done.", "WRONG_STATUS"),
)
"""The mutations that need nothing but the order, and are the connector's method of that name."""


@dataclass(frozen=True, slots=True)
class VendorParts:
    """The oneOf inputs with a part for each vendor; None where no vendor has a part."""

    order: type | None
    line_item: type | None
    cancel: type | None
    requested_date: type | None


def order_actions(parts: VendorParts) -> type:
    """The mutations of orders and their lines."""
    transitions = (
        of_order(name, text, codes, transition(name), OrderActionFields) for name, text, codes in TRANSITIONS
    )
    return mutations("OrderActions", [*placing(parts), *transitions, *changing_lines(parts), *ending(parts)])


def transition(name: str) -> Do:
    """What calls the connector's method of that name with the order's key."""
    return lambda at, key, _: getattr(at, name)(joined(key))


def placing(parts: VendorParts) -> Sequence[Mutation]:
    """Placing orders and drafts, and changing them."""
    line_item = asking("LineItemInput", LineItemFields, **of_vendors(parts.line_item))
    placed = {"line_items": (list[line_item], "What to order.", ...), **of_vendors(parts.order)}
    changed = {
        "line_items": (list[line_item] | None, "The lines instead of all that are there.", UNSET),
        **of_vendors(parts.order),
    }
    return (
        of_order(
            "place_order",
            "Order something.",
            "INVALID, REQUIRED, TOO_LONG, REJECTED_BY_VENDOR",
            lambda at, _, values: at.place_order(order_request(at, values)),
            OrderFields,
            target="account_id",
            more=placed,
        ),
        of_order(
            "create_draft_order",
            "Keep an order at the vendor without ordering it; it costs nothing until `submitOrder`.",
            "INVALID, REQUIRED, TOO_LONG, REJECTED_BY_VENDOR",
            lambda at, _, values: at.create_draft_order(order_request(at, values)),
            OrderFields,
            target="account_id",
            more=placed,
        ),
        of_order(
            "update_order",
            "Change an order: what is left out stays, null clears, `lineItems` replaces all lines.",
            "INVALID, WRONG_STATUS, CONFLICT, REJECTED_BY_VENDOR",
            lambda at, key, values: at.update_order(joined(key), order_change(at, values), values.get("if_version")),
            OrderChangeFields,
            more=changed,
        ),
        of_order(
            "add_line_item",
            "Add a line to a draft.",
            "INVALID, WRONG_STATUS, REJECTED_BY_VENDOR",
            lambda at, key, values: at.add_line_item(joined(key), line_request(at, values["line_item"], "lineItem")),
            AddLineItemFields,
            answers=LineItemPayload,
            shows=("order", "line_item"),
            more={"line_item": (line_item, "The new line.", ...)},
        ),
    )


def changing_lines(parts: VendorParts) -> Sequence[Mutation]:
    """Changing the lines of a draft."""
    return (
        of_line(
            "update_line_item",
            "Change a line of a draft: what is left out stays. Lines may get new IDs: read them from the payload.",
            "INVALID, WRONG_STATUS, REJECTED_BY_VENDOR",
            lambda at, key, values: at.update_line_item(key[0], key[1], line_change(at, values)),
            LineChangeFields,
            more=of_vendors(parts.line_item),
        ),
        of_line(
            "remove_line_item",
            "Take a line out of a draft. Other lines may get new IDs: read them from the payload.",
            "WRONG_STATUS, REJECTED_BY_VENDOR",
            lambda at, key, _: at.remove_line_item(key[0], key[1]),
            LineActionFields,
        ),
    )


def ending(parts: VendorParts) -> Sequence[Mutation]:
    """Cancelling, and asking for another date."""
    return (
        of_order(
            "cancel_order",
            "Cancel an order, or ask for it where the vendor decides: then it is CANCELLING, and `cancellation` says "
            "what became of it.",
            "INVALID, WRONG_STATUS, REJECTED_BY_VENDOR",
            lambda at, key, values: at.cancel_order(joined(key), cancel_request(at, values)),
            CancelFields,
            more=of_vendors(parts.cancel),
        ),
        of_line(
            "change_requested_date",
            "Ask for another date of a line. The vendor may decline: the order shows what became of it.",
            "INVALID, WRONG_STATUS, REJECTED_BY_VENDOR",
            lambda at, key, values: at.change_requested_date(key[0], key[1], date_request(at, values)),
            RequestedDateFields,
            more=of_vendors(parts.requested_date),
        ),
    )
