"""What can be done to orders, and the inputs for it.

What only one vendor takes is put into the inputs when the schema is put together: `order_actions`.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.errors import UserError
from ordergraph.graph.mutation import (
    CODES,
    KEY,
    VALIDATE,
    answer,
    asking,
    carried_out,
    joined,
    of_vendors,
    paid,
    takes,
    vendor_details,
)
from ordergraph.graph.operation import VendorCall, WriteOperation
from ordergraph.graph.order import LineItem, Order
from ordergraph.graph.values import AddressInput, ProductRefInput
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
class OrderFields:
    """What every vendor takes of an order; becomes a `commands.OrderRequest`."""

    idempotency_key: str = field(description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)
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
class OrderChangeFields:
    """What every vendor lets change; becomes a `commands.OrderChange`."""

    order_id: strawberry.ID = field(description="Which order.")
    if_version: str | None = field(
        default=UNSET, description="Refuse with CONFLICT if the order is no longer at this version."
    )
    client_reference: str | None = field(default=UNSET, description="Your own reference; null clears it.")
    purchase_order_number: str | None = field(default=UNSET, description="Your number; null clears it.")
    shipping_address: AddressInput | None = field(default=UNSET, description="Where the goods go; null clears it.")
    notes: list[str] | None = field(default=UNSET, description="Anything that people should know; null clears it.")
    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@strawberry.input
class AddLineItemFields:
    """Where to add a line."""

    idempotency_key: str = field(description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)
    order_id: strawberry.ID = field(description="To which draft.")


@strawberry.input
class LineChangeFields:
    """What every vendor lets change in a line; becomes a `commands.LineChange`."""

    line_item_id: strawberry.ID = field(description="Which line.")
    quantity: Decimal | None = field(default=UNSET, description="How many.")
    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


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


@strawberry.input
class OrderActionFields:
    """Which order to act on."""

    order_id: strawberry.ID = field(description="Which order.")
    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@strawberry.input(description="Which line to take out.")
class RemoveLineItemInput:
    """Which line to act on."""

    line_item_id: strawberry.ID = field(description="Which line.")
    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@strawberry.input
class CancelFields(OrderActionFields):
    """Which order to cancel, and why; becomes a `commands.CancelRequest`."""

    reason: str | None = field(default=UNSET, description="Why, in your words; told to the vendors that ask.")


@strawberry.input
class RequestedDateFields:
    """Which line, and for when; becomes a `commands.DateRequest`."""

    line_item_id: strawberry.ID = field(description="Which line.")
    requested_at: datetime = field(description="When you would like to have it.")
    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


SubmitOrderInput = asking("SubmitOrderInput", OrderActionFields)
AcknowledgeOrderInput = asking("AcknowledgeOrderInput", OrderActionFields)
ApproveOrderInput = asking("ApproveOrderInput", OrderActionFields)
DenyOrderInput = asking("DenyOrderInput", OrderActionFields)
ResubmitOrderInput = asking("ResubmitOrderInput", OrderActionFields)

# ----------------------------------------------------------------------------------------- payloads


@strawberry.type
class OrderPayload:
    """What every mutation of an order answers."""

    order: Order | None = field(
        description="The order as the vendor shows it now; null if it was not done, or cannot be read back."
    )
    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")
    operation: WriteOperation | None = field(
        description="The record of it; null if nothing was about to be sent, because it was refused before."
    )
    preview: VendorCall | None = field(
        description="With `validateOnly`: the first call that would have been sent; null if none would."
    )


@strawberry.type(description="What came of `addLineItem`.")
class AddLineItemPayload(OrderPayload):
    """With the new line."""

    line_item: LineItem | None = field(description="The new line; null if it cannot be read back.")


PlaceOrderPayload = answer("PlaceOrderPayload", OrderPayload)
CreateDraftOrderPayload = answer("CreateDraftOrderPayload", OrderPayload)
UpdateOrderPayload = answer("UpdateOrderPayload", OrderPayload)
UpdateLineItemPayload = answer("UpdateLineItemPayload", OrderPayload)
RemoveLineItemPayload = answer("RemoveLineItemPayload", OrderPayload)
SubmitOrderPayload = answer("SubmitOrderPayload", OrderPayload)
CancelOrderPayload = answer("CancelOrderPayload", OrderPayload)
AcknowledgeOrderPayload = answer("AcknowledgeOrderPayload", OrderPayload)
ApproveOrderPayload = answer("ApproveOrderPayload", OrderPayload)
DenyOrderPayload = answer("DenyOrderPayload", OrderPayload)
ResubmitOrderPayload = answer("ResubmitOrderPayload", OrderPayload)
ChangeRequestedDatePayload = answer("ChangeRequestedDatePayload", OrderPayload)

# ---------------------------------------------------------------------------------------- mutations


@strawberry.type
class OrderActions:
    """Mutations whose inputs are the same for all vendors."""

    @strawberry.mutation(
        description="Order a draft. Its ID stays the same. " + CODES.format("WRONG_STATUS, REJECTED_BY_VENDOR"),
        graphql_type=SubmitOrderPayload | None,
    )
    @staticmethod
    async def submit_order(info: GraphInfo, input: Annotated[OrderActionFields, takes(SubmitOrderInput)]) -> object:
        """One call."""
        done = await carried_out(info, input, ORDER, lambda at, key, _: at.submit_order(joined(key)))
        return paid(SubmitOrderPayload, "order", done)

    @strawberry.mutation(
        description="Confirm that an order has arrived. " + CODES.format("WRONG_STATUS"),
        graphql_type=AcknowledgeOrderPayload | None,
    )
    @staticmethod
    async def acknowledge_order(
        info: GraphInfo, input: Annotated[OrderActionFields, takes(AcknowledgeOrderInput)]
    ) -> object:
        """One call."""
        done = await carried_out(info, input, ORDER, lambda at, key, _: at.acknowledge_order(joined(key)))
        return paid(AcknowledgeOrderPayload, "order", done)

    @strawberry.mutation(
        description="Approve an order that waits for approval. " + CODES.format("WRONG_STATUS"),
        graphql_type=ApproveOrderPayload | None,
    )
    @staticmethod
    async def approve_order(info: GraphInfo, input: Annotated[OrderActionFields, takes(ApproveOrderInput)]) -> object:
        """One call."""
        done = await carried_out(info, input, ORDER, lambda at, key, _: at.approve_order(joined(key)))
        return paid(ApproveOrderPayload, "order", done)

    @strawberry.mutation(
        description="Deny an order that waits for approval. " + CODES.format("WRONG_STATUS"),
        graphql_type=DenyOrderPayload | None,
    )
    @staticmethod
    async def deny_order(info: GraphInfo, input: Annotated[OrderActionFields, takes(DenyOrderInput)]) -> object:
        """One call."""
        done = await carried_out(info, input, ORDER, lambda at, key, _: at.deny_order(joined(key)))
        return paid(DenyOrderPayload, "order", done)

    @strawberry.mutation(
        description="Send an order on after what it needed was done. " + CODES.format("WRONG_STATUS"),
        graphql_type=ResubmitOrderPayload | None,
    )
    @staticmethod
    async def resubmit_order(info: GraphInfo, input: Annotated[OrderActionFields, takes(ResubmitOrderInput)]) -> object:
        """One call."""
        done = await carried_out(info, input, ORDER, lambda at, key, _: at.resubmit_order(joined(key)))
        return paid(ResubmitOrderPayload, "order", done)

    @strawberry.mutation(
        description="Take a line out of a draft. Other lines may get new IDs: read them from the payload. "
        + CODES.format("WRONG_STATUS, REJECTED_BY_VENDOR"),
        graphql_type=RemoveLineItemPayload | None,
    )
    @staticmethod
    async def remove_line_item(
        info: GraphInfo, input: Annotated[RemoveLineItemInput, takes(RemoveLineItemInput)]
    ) -> object:
        """One call, after a look at the draft."""
        done = await carried_out(info, input, LINE, lambda at, key, _: at.remove_line_item(key[0], joined(key[1:])))
        return paid(RemoveLineItemPayload, "order", done)


@dataclass(frozen=True, slots=True)
class VendorParts:
    """The oneOf inputs with a part for each vendor; None where no vendor has a part."""

    order: type | None
    line_item: type | None
    cancel: type | None
    requested_date: type | None


def order_actions(parts: VendorParts) -> Sequence[type]:
    """The mutations whose inputs have a part for each vendor."""
    return placing_actions(parts), ending_actions(parts)


def ending_actions(parts: VendorParts) -> type:
    """Cancelling, and asking for another date."""
    cancel_input = asking("CancelOrderInput", CancelFields, **of_vendors(parts.cancel))
    date_input = asking("ChangeRequestedDateInput", RequestedDateFields, **of_vendors(parts.requested_date))

    @strawberry.type
    class EndingActions:
        """Mutations of orders under way."""

        @strawberry.mutation(
            description="Cancel an order, or ask for it where the vendor decides: then it is CANCELLING, and "
            "`cancellation` says what became of it. " + CODES.format("INVALID, WRONG_STATUS, REJECTED_BY_VENDOR"),
            graphql_type=CancelOrderPayload | None,
        )
        @staticmethod
        async def cancel_order(info: GraphInfo, input: Annotated[CancelFields, takes(cancel_input)]) -> object:
            """One call."""

            def do(at: Connector, key: tuple[str, ...], values: dict[str, Any]) -> Awaitable[domain.Order]:
                details = vendor_details(at, values.get("details"))
                return at.cancel_order(joined(key), CancelRequest(reason=values.get("reason"), details=details))

            return paid(CancelOrderPayload, "order", await carried_out(info, input, ORDER, do))

        @strawberry.mutation(
            description="Ask for another date of a line. The vendor may decline: the order shows what became of it. "
            + CODES.format("INVALID, WRONG_STATUS, REJECTED_BY_VENDOR"),
            graphql_type=ChangeRequestedDatePayload | None,
        )
        @staticmethod
        async def change_requested_date(
            info: GraphInfo, input: Annotated[RequestedDateFields, takes(date_input)]
        ) -> object:
            """One call."""

            def do(at: Connector, key: tuple[str, ...], values: dict[str, Any]) -> Awaitable[domain.Order]:
                request = DateRequest(
                    requested_at=values["requested_at"], details=vendor_details(at, values.get("details"))
                )
                return at.change_requested_date(key[0], joined(key[1:]), request)

            return paid(ChangeRequestedDatePayload, "order", await carried_out(info, input, LINE, do))

    return EndingActions


def placing_actions(parts: VendorParts) -> type:
    """Placing and changing orders and their lines."""
    line_item = asking("LineItemInput", LineItemFields, **of_vendors(parts.line_item))
    placing = {"line_items": (list[line_item], "What to order.", ...), **of_vendors(parts.order)}
    place_order_input = asking("PlaceOrderInput", OrderFields, **placing)
    draft_input = asking("CreateDraftOrderInput", OrderFields, **placing)
    update_input = asking(
        "UpdateOrderInput",
        OrderChangeFields,
        line_items=(list[line_item] | None, "The lines instead of all that are there.", UNSET),
        **of_vendors(parts.order),
    )
    add_line_input = asking("AddLineItemInput", AddLineItemFields, line_item=(line_item, "The new line.", ...))
    line_change_input = asking("UpdateLineItemInput", LineChangeFields, **of_vendors(parts.line_item))

    @strawberry.type
    class VendorOrderActions:
        """Mutations that take what only one vendor has."""

        @strawberry.mutation(
            description="Order something. " + CODES.format("INVALID, REQUIRED, TOO_LONG, REJECTED_BY_VENDOR"),
            graphql_type=PlaceOrderPayload | None,
        )
        @staticmethod
        async def place_order(info: GraphInfo, input: Annotated[OrderFields, takes(place_order_input)]) -> object:
            """As the account's vendor places orders."""
            done = await carried_out(
                info, input, "account_id", lambda at, _, values: at.place_order(order_request(at, values))
            )
            return paid(PlaceOrderPayload, "order", done)

        @strawberry.mutation(
            description="Keep an order at the vendor without ordering it; it costs nothing until `submitOrder`. "
            + CODES.format("INVALID, REQUIRED, TOO_LONG, REJECTED_BY_VENDOR"),
            graphql_type=CreateDraftOrderPayload | None,
        )
        @staticmethod
        async def create_draft_order(info: GraphInfo, input: Annotated[OrderFields, takes(draft_input)]) -> object:
            """The same input as placing."""
            done = await carried_out(
                info,
                input,
                "account_id",
                lambda at, _, values: at.create_draft_order(order_request(at, values)),
            )
            return paid(CreateDraftOrderPayload, "order", done)

        @strawberry.mutation(
            description="Change an order: what is left out stays, null clears, `lineItems` replaces all lines. "
            + CODES.format("INVALID, WRONG_STATUS, CONFLICT, REJECTED_BY_VENDOR"),
            graphql_type=UpdateOrderPayload | None,
        )
        @staticmethod
        async def update_order(info: GraphInfo, input: Annotated[OrderChangeFields, takes(update_input)]) -> object:
            """Merged with what is there."""
            done = await carried_out(
                info,
                input,
                ORDER,
                lambda at, key, values: at.update_order(
                    joined(key), order_change(at, values), values.get("if_version")
                ),
            )
            return paid(UpdateOrderPayload, "order", done)

        @strawberry.mutation(
            description="Add a line to a draft. " + CODES.format("INVALID, WRONG_STATUS, REJECTED_BY_VENDOR"),
            graphql_type=AddLineItemPayload | None,
        )
        @staticmethod
        async def add_line_item(info: GraphInfo, input: Annotated[AddLineItemFields, takes(add_line_input)]) -> object:
            """One line."""
            done = await carried_out(
                info,
                input,
                ORDER,
                lambda at, key, values: at.add_line_item(
                    joined(key), line_request(at, values["line_item"], "lineItem")
                ),
            )
            order, line = done.value or (None, None)
            return paid(AddLineItemPayload, "order", replace(done, value=order), line_item=line)

        @strawberry.mutation(
            description="Change a line of a draft: what is left out stays. Lines may get new IDs: read them from "
            "the payload. " + CODES.format("INVALID, WRONG_STATUS, REJECTED_BY_VENDOR"),
            graphql_type=UpdateLineItemPayload | None,
        )
        @staticmethod
        async def update_line_item(
            info: GraphInfo, input: Annotated[LineChangeFields, takes(line_change_input)]
        ) -> object:
            """Merged with what is there."""

            def do(at: Connector, key: tuple[str, ...], values: dict[str, Any]) -> Awaitable[domain.Order]:
                change = LineChange(
                    quantity=OMITTED if values.get("quantity") is None else values["quantity"],
                    details=vendor_details(at, values.get("details")),
                )
                return at.update_line_item(key[0], joined(key[1:]), change)

            return paid(UpdateLineItemPayload, "order", await carried_out(info, input, LINE, do))

    return VendorOrderActions
