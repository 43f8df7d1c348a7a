"""The mutations of the core: everything that can be done to orders and subscriptions.

Every mutation takes one ``input`` and answers with a payload whose ``userErrors`` is empty exactly when
the action was done. `carried_out` is the one way through: it checks the key, asks the ledger, calls the
connector and turns what went wrong into user errors. What only one vendor takes is put into the inputs
when the schema is put together (`order_actions`).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar, cast

import strawberry
from strawberry import UNSET, field

from ordergraph import domain, errors
from ordergraph.connector import Connector
from ordergraph.errors import ActionRefused, InputError, OrdergraphError, UserErrorCode, VendorError
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.errors import UserError, user_errors
from ordergraph.graph.inputs import plain
from ordergraph.graph.order import LineItem, Order
from ordergraph.graph.subscription import Subscription
from ordergraph.graph.values import AddressInput, Money, ProductRefInput
from ordergraph.requests import (
    OMITTED,
    Contact,
    LineChange,
    LineRequest,
    OrderChange,
    OrderRequest,
    ProductSwap,
    SubscriptionChange,
)

T = TypeVar("T")

MAX_KEY = 255
KEY = (
    "Your own word for this use of the mutation, 1 to 255 characters: sent again with the same input, it does "
    "not act again but answers with the object as it is now. This version remembers keys while the gateway "
    "process runs."
)


# ------------------------------------------------------------------------------------ the way through


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a mutation: the object (also where something was left behind), and the reasons if not."""

    value: Any = None
    reasons: Sequence[errors.UserError] = ()

    @property
    def binds(self) -> bool:
        """Whether the idempotency key is used up: something was done, or may have been."""
        return not self.reasons or any(one.code is UserErrorCode.OUTCOME_IN_DOUBT for one in self.reasons)


async def carried_out(
    info: GraphInfo,
    input_: Any,
    target: tuple[str, str] | str,
    do: Callable[[Connector, tuple[str, ...], dict[str, Any]], Awaitable[Any]],
) -> Outcome:
    """Do what a mutation asks.

    ``target`` is the input's field that names what to act on and the type of that ID, or "account_id".
    ``do`` gets the account, the vendor's id in parts, and the input as plain values.
    """
    name, type_ = (target, "Account") if isinstance(target, str) else target
    try:
        values: dict[str, Any] = plain(input_)
        connector, key = _target(info, values[name], type_, name)
    except ActionRefused as error:
        return Outcome(reasons=error.errors)
    except InputError as error:
        return Outcome(reasons=[errors.UserError(UserErrorCode.INVALID, str(error), ("input",))])

    async def attempt() -> tuple[Outcome, bool]:
        outcome = await _attempt(connector, lambda: do(connector, key, values))
        return outcome, outcome.binds

    async def replay(outcome: Outcome) -> Outcome:
        return Outcome(await _as_it_is_now(info, outcome.value), outcome.reasons)

    try:
        return await _once(info, connector, values.get("idempotency_key"), values, attempt, replay)
    except ActionRefused as error:
        return Outcome(reasons=error.errors)
    finally:
        info.context.loaders.forget()


def _target(info: GraphInfo, id_: str, type_: str, name: str) -> tuple[Connector, tuple[str, ...]]:
    path = ("input", _camel(name))
    try:
        ref = domain.Ref.parse(id_, type_)
    except InputError as error:
        raise ActionRefused(errors.UserError(UserErrorCode.INVALID, str(error), path)) from None
    connector = info.context.account(ref.account)
    if connector is None:
        message = f"There is no {type_} {id_} for you."
        raise ActionRefused(errors.UserError(UserErrorCode.NOT_FOUND, message, path))
    return connector, ref.key


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


async def _attempt(connector: Connector, do: Callable[[], Awaitable[Any]]) -> Outcome:
    try:
        return Outcome(await do())
    except OrdergraphError as error:
        left = error.left_behind if isinstance(error, VendorError) else None
        return Outcome(left, user_errors(error, connector))


async def _once(
    info: GraphInfo,
    connector: Connector,
    key: str | None,
    values: Mapping[str, Any],
    attempt: Callable[[], Awaitable[tuple[Outcome, bool]]],
    replay: Callable[[Outcome], Awaitable[Outcome]],
) -> Outcome:
    if key is None:
        return (await attempt())[0]
    if not 1 <= len(key) <= MAX_KEY:
        message = f"A key has 1 to {MAX_KEY} characters."
        raise ActionRefused(errors.UserError(UserErrorCode.INVALID, message, ("input", "idempotencyKey")))
    request = {"mutation": info.field_name, **values}
    return await info.context.ledger.run(connector.name, key, request, attempt, replay)


async def _as_it_is_now(info: GraphInfo, value: Any) -> Any:
    """The order or subscription of an earlier outcome, read again; as it was if that fails."""
    connector = info.context.account(value.origin.account) if isinstance(value, domain.View) else None
    try:
        if connector is not None and isinstance(value, domain.Order):
            return await info.context.loaders.load(connector.fetch_orders, value.key[0]) or value
        if connector is not None and isinstance(value, domain.Subscription):
            return await info.context.loaders.load(connector.fetch_subscriptions, value.key[0]) or value
    except VendorError:
        pass
    return value


def vendor_details(connector: Connector, details: Mapping[str, Any] | None, *path: str) -> Mapping[str, Any]:
    """The part of a oneOf that is the account's vendor's; refuse that of another vendor."""
    for vendor, values in (details or {}).items():
        if vendor != connector.vendor:
            message = (
                f"The account {connector.name} is at {connector.title}: give `details.{connector.vendor}`."
            )
            raise ActionRefused(
                errors.UserError(UserErrorCode.INVALID, message, ("input", *path, "details", vendor))
            )
        return values or {}
    return {}


# ----------------------------------------------------------------------------------- inputs, as written


@strawberry.input(description="Whom the vendor may ask about the order.")
class ContactInput:
    """Becomes a `requests.Contact`."""

    name: str | None = field(default=UNSET, description="The person.")
    email: str | None = field(default=UNSET, description="The e-mail address.")
    phone: str | None = field(default=UNSET, description="The telephone number.")


@strawberry.input
class LineItemFields:
    """What every vendor takes of a line; becomes a `requests.LineRequest`."""

    product: ProductRefInput = field(description="What to order.")
    quantity: Decimal = field(default=Decimal(1), description="How many.")


@strawberry.input
class OrderFields:
    """What every vendor takes of an order; becomes a `requests.OrderRequest`."""

    idempotency_key: str = field(description=KEY)
    account_id: strawberry.ID = field(description="With which account to order.")
    client_reference: str | None = field(default=UNSET, description="Your own reference.")
    purchase_order_number: str | None = field(default=UNSET, description="Your purchase order number.")
    shipping_address: AddressInput | None = field(default=UNSET, description="Where the goods go.")
    contact: ContactInput | None = field(default=UNSET, description="Whom the vendor may ask.")
    requested_at: datetime | None = field(default=UNSET, description="When you would like to have it.")
    notes: list[str] | None = field(default=UNSET, description="Anything that people should know.")


@strawberry.input
class OrderChangeFields:
    """What every vendor lets change; becomes a `requests.OrderChange`."""

    order_id: strawberry.ID = field(description="Which order.")
    if_version: str | None = field(
        default=UNSET, description="Refuse with CONFLICT if the order is no longer at this version."
    )
    client_reference: str | None = field(default=UNSET, description="Your own reference; null clears it.")
    purchase_order_number: str | None = field(default=UNSET, description="Your number; null clears it.")
    shipping_address: AddressInput | None = field(
        default=UNSET, description="Where the goods go; null clears it."
    )
    notes: list[str] | None = field(
        default=UNSET, description="Anything that people should know; null clears it."
    )
    idempotency_key: str | None = field(default=UNSET, description=KEY)


@strawberry.input
class AddLineItemFields:
    """Where to add a line."""

    idempotency_key: str = field(description=KEY)
    order_id: strawberry.ID = field(description="To which draft.")


@strawberry.input
class LineChangeFields:
    """What every vendor lets change in a line; becomes a `requests.LineChange`."""

    line_item_id: strawberry.ID = field(description="Which line.")
    quantity: Decimal | None = field(default=UNSET, description="How many.")
    idempotency_key: str | None = field(default=UNSET, description=KEY)


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


# ----------------------------------------------------------------------------------------- payloads


@strawberry.type
class OrderPayload:
    """What every mutation of an order answers."""

    order: Order | None = field(
        description="The order as the vendor shows it now; null if it was not done, or cannot be read back."
    )
    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")


@strawberry.type
class SubscriptionPayload:
    """What every mutation of a subscription answers."""

    subscription: Subscription | None = field(
        description="The subscription as the vendor shows it now; null if it was not done."
    )
    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")


def answer(name: str, base: type[T]) -> type[T]:
    """A payload type of its own for each mutation, so that one can grow without the others."""
    made = type(name, (base,), {"__doc__": base.__doc__})
    return cast("type[T]", strawberry.type(made, description=f"What came of `{_verb(name)}`."))


def _verb(name: str) -> str:
    verb = name.removesuffix("Payload").removesuffix("Input")
    return verb[0].lower() + verb[1:]


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
ApproveOrderPayload = answer("ApproveOrderPayload", OrderPayload)
DenyOrderPayload = answer("DenyOrderPayload", OrderPayload)
ResubmitOrderPayload = answer("ResubmitOrderPayload", OrderPayload)
UpdateSubscriptionPayload = answer("UpdateSubscriptionPayload", SubscriptionPayload)
ActivateSubscriptionPayload = answer("ActivateSubscriptionPayload", SubscriptionPayload)
CancelSubscriptionPayload = answer("CancelSubscriptionPayload", SubscriptionPayload)
ActivateSubscriptionChangesPayload = answer("ActivateSubscriptionChangesPayload", SubscriptionPayload)
CancelSubscriptionChangesPayload = answer("CancelSubscriptionChangesPayload", SubscriptionPayload)


def paid(type_: type[T], name: str, outcome: Outcome) -> T:
    """A payload of an outcome."""
    return type_(**{name: outcome.value, "user_errors": list(outcome.reasons)})


# ----------------------------------------------------------- actions whose inputs no vendor adds to


@strawberry.input
class OrderActionFields:
    """Which order to act on."""

    order_id: strawberry.ID = field(description="Which order.")
    idempotency_key: str | None = field(default=UNSET, description=KEY)


@strawberry.input
class SubscriptionActionFields:
    """Which subscription to act on."""

    subscription_id: strawberry.ID = field(description="Which subscription.")
    idempotency_key: str | None = field(default=UNSET, description=KEY)


@strawberry.input
class SubscriptionDayFields(SubscriptionActionFields):
    """From which day on."""

    on: date = field(description="From which day on.")


@strawberry.input(description="Which line to take out.")
class RemoveLineItemInput:
    """Which line to act on."""

    line_item_id: strawberry.ID = field(description="Which line.")
    idempotency_key: str | None = field(default=UNSET, description=KEY)


def asking(name: str, base: type[T], **more: tuple[Any, str, Any]) -> type[T]:
    """An input type of its own for a mutation: ``more`` maps further fields to type, description, default."""
    members: dict[str, Any] = {"__annotations__": {key: kind for key, (kind, _, _) in more.items()}}
    for key, (_, description, default) in more.items():
        members[key] = (
            field(description=description)
            if default is ...
            else field(description=description, default=default)
        )
    made = strawberry.input(type(name, (base,), members), description=f"What `{_verb(name)}` takes.")
    return cast("type[T]", made)


SubmitOrderInput = asking("SubmitOrderInput", OrderActionFields)
CancelOrderInput = asking("CancelOrderInput", OrderActionFields)
ApproveOrderInput = asking("ApproveOrderInput", OrderActionFields)
DenyOrderInput = asking("DenyOrderInput", OrderActionFields)
ResubmitOrderInput = asking("ResubmitOrderInput", OrderActionFields)
ActivateSubscriptionInput = asking("ActivateSubscriptionInput", SubscriptionDayFields)
CancelSubscriptionInput = asking("CancelSubscriptionInput", SubscriptionActionFields)
ActivateSubscriptionChangesInput = asking("ActivateSubscriptionChangesInput", SubscriptionDayFields)
CancelSubscriptionChangesInput = asking("CancelSubscriptionChangesInput", SubscriptionActionFields)

ORDER = ("order_id", "Order")
SUBSCRIPTION = ("subscription_id", "Subscription")
LINE = ("line_item_id", "LineItem")


def takes(type_: Any) -> Any:
    """The argument `input` of a mutation."""
    return strawberry.argument(graphql_type=type_, description="Everything that the mutation takes.")


CODES = "User errors: {}, and those of every mutation (NOT_FOUND, NOT_SUPPORTED, NO_PERMISSION, NOT_SENT, OUTCOME_IN_DOUBT)."


@strawberry.type
class Actions:
    """Mutations of orders and subscriptions whose inputs are the same for all vendors."""

    @strawberry.mutation(
        description="Order a draft. Its ID stays the same. "
        + CODES.format("WRONG_STATUS, REJECTED_BY_VENDOR"),
        graphql_type=SubmitOrderPayload | None,
    )
    @staticmethod
    async def submit_order(
        info: GraphInfo, input: Annotated[OrderActionFields, takes(SubmitOrderInput)]
    ) -> object:
        """One call."""
        done = await carried_out(info, input, ORDER, lambda at, key, _: at.submit_order(key[0]))
        return paid(SubmitOrderPayload, "order", done)

    @strawberry.mutation(
        description="Cancel an order. " + CODES.format("WRONG_STATUS, REJECTED_BY_VENDOR"),
        graphql_type=CancelOrderPayload | None,
    )
    @staticmethod
    async def cancel_order(
        info: GraphInfo, input: Annotated[OrderActionFields, takes(CancelOrderInput)]
    ) -> object:
        """One call."""
        done = await carried_out(info, input, ORDER, lambda at, key, _: at.cancel_order(key[0]))
        return paid(CancelOrderPayload, "order", done)

    @strawberry.mutation(
        description="Approve an order that waits for approval. " + CODES.format("WRONG_STATUS"),
        graphql_type=ApproveOrderPayload | None,
    )
    @staticmethod
    async def approve_order(
        info: GraphInfo, input: Annotated[OrderActionFields, takes(ApproveOrderInput)]
    ) -> object:
        """One call."""
        done = await carried_out(info, input, ORDER, lambda at, key, _: at.approve_order(key[0]))
        return paid(ApproveOrderPayload, "order", done)

    @strawberry.mutation(
        description="Deny an order that waits for approval. " + CODES.format("WRONG_STATUS"),
        graphql_type=DenyOrderPayload | None,
    )
    @staticmethod
    async def deny_order(
        info: GraphInfo, input: Annotated[OrderActionFields, takes(DenyOrderInput)]
    ) -> object:
        """One call."""
        done = await carried_out(info, input, ORDER, lambda at, key, _: at.deny_order(key[0]))
        return paid(DenyOrderPayload, "order", done)

    @strawberry.mutation(
        description="Send an order on after what it needed was done. " + CODES.format("WRONG_STATUS"),
        graphql_type=ResubmitOrderPayload | None,
    )
    @staticmethod
    async def resubmit_order(
        info: GraphInfo, input: Annotated[OrderActionFields, takes(ResubmitOrderInput)]
    ) -> object:
        """One call."""
        done = await carried_out(info, input, ORDER, lambda at, key, _: at.resubmit_order(key[0]))
        return paid(ResubmitOrderPayload, "order", done)

    @strawberry.mutation(
        description="Take a line out of a draft. Other lines may get new IDs: read them from the payload. "
        + CODES.format("WRONG_STATUS, REJECTED_BY_VENDOR"),
        graphql_type=RemoveLineItemPayload | None,
    )
    @staticmethod
    async def remove_line_item(info: GraphInfo, input: RemoveLineItemInput) -> object:
        """One call, after a look at the draft."""
        done = await carried_out(
            info, input, LINE, lambda at, key, _: at.remove_line_item(key[0], ":".join(key[1:]))
        )
        return paid(RemoveLineItemPayload, "order", done)

    @strawberry.mutation(
        description="Start a pending subscription. " + CODES.format("WRONG_STATUS, REJECTED_BY_VENDOR"),
        graphql_type=ActivateSubscriptionPayload | None,
    )
    @staticmethod
    async def activate_subscription(
        info: GraphInfo, input: Annotated[SubscriptionDayFields, takes(ActivateSubscriptionInput)]
    ) -> object:
        """One call."""
        done = await carried_out(
            info, input, SUBSCRIPTION, lambda at, key, values: at.activate_subscription(key[0], values["on"])
        )
        return paid(ActivateSubscriptionPayload, "subscription", done)

    @strawberry.mutation(
        description="Cancel a pending subscription. " + CODES.format("WRONG_STATUS, REJECTED_BY_VENDOR"),
        graphql_type=CancelSubscriptionPayload | None,
    )
    @staticmethod
    async def cancel_subscription(
        info: GraphInfo, input: Annotated[SubscriptionActionFields, takes(CancelSubscriptionInput)]
    ) -> object:
        """One call."""
        done = await carried_out(info, input, SUBSCRIPTION, lambda at, key, _: at.cancel_subscription(key[0]))
        return paid(CancelSubscriptionPayload, "subscription", done)

    @strawberry.mutation(
        description="Put pending changes of a subscription into force. "
        + CODES.format("WRONG_STATUS, REJECTED_BY_VENDOR"),
        graphql_type=ActivateSubscriptionChangesPayload | None,
    )
    @staticmethod
    async def activate_subscription_changes(
        info: GraphInfo, input: Annotated[SubscriptionDayFields, takes(ActivateSubscriptionChangesInput)]
    ) -> object:
        """One call."""
        done = await carried_out(
            info,
            input,
            SUBSCRIPTION,
            lambda at, key, values: at.activate_subscription_changes(key[0], values["on"]),
        )
        return paid(ActivateSubscriptionChangesPayload, "subscription", done)

    @strawberry.mutation(
        description="Drop pending changes of a subscription. "
        + CODES.format("WRONG_STATUS, REJECTED_BY_VENDOR"),
        graphql_type=CancelSubscriptionChangesPayload | None,
    )
    @staticmethod
    async def cancel_subscription_changes(
        info: GraphInfo, input: Annotated[SubscriptionActionFields, takes(CancelSubscriptionChangesInput)]
    ) -> object:
        """One call."""
        done = await carried_out(
            info, input, SUBSCRIPTION, lambda at, key, _: at.cancel_subscription_changes(key[0])
        )
        return paid(CancelSubscriptionChangesPayload, "subscription", done)


# ----------------------------------------------------- actions whose inputs the vendors have a part in


def order_actions(order_details: Any, line_details: Any, subscription_details: Any) -> type:
    """The mutations whose inputs have a part for each vendor; the arguments are those parts (oneOf inputs)."""
    about = "What only one vendor takes: the part of the account's vendor."
    line_item = asking("LineItemInput", LineItemFields, details=(line_details | None, about, UNSET))
    lines = "What to order."
    placing = {"line_items": (list[line_item], lines, ...), "details": (order_details | None, about, UNSET)}
    place_order_input = asking("PlaceOrderInput", OrderFields, **placing)
    draft_input = asking("CreateDraftOrderInput", OrderFields, **placing)
    update_input = asking(
        "UpdateOrderInput",
        OrderChangeFields,
        line_items=(list[line_item] | None, "The lines instead of all that are there.", UNSET),
        details=(order_details | None, about, UNSET),
    )
    add_line_input = asking(
        "AddLineItemInput", AddLineItemFields, line_item=(line_item, "The new line.", ...)
    )
    line_change_input = asking(
        "UpdateLineItemInput", LineChangeFields, details=(line_details | None, about, UNSET)
    )
    subscription_input = asking(
        "UpdateSubscriptionInput",
        SubscriptionActionFields,
        auto_renews=(bool | None, "Whether it goes on after its end by itself.", UNSET),
        details=(subscription_details | None, about, UNSET),
    )

    @strawberry.type
    class OrderActions:
        """Mutations that take what only one vendor has."""

        @strawberry.mutation(
            description="Order something. " + CODES.format("INVALID, REQUIRED, TOO_LONG, REJECTED_BY_VENDOR"),
            graphql_type=PlaceOrderPayload | None,
        )
        @staticmethod
        async def place_order(
            info: GraphInfo, input: Annotated[OrderFields, takes(place_order_input)]
        ) -> object:
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
        async def create_draft_order(
            info: GraphInfo, input: Annotated[OrderFields, takes(draft_input)]
        ) -> object:
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
        async def update_order(
            info: GraphInfo, input: Annotated[OrderChangeFields, takes(update_input)]
        ) -> object:
            """Merged with what is there."""
            done = await carried_out(
                info,
                input,
                ORDER,
                lambda at, key, values: at.update_order(
                    key[0], order_change(at, values), values.get("if_version")
                ),
            )
            return paid(UpdateOrderPayload, "order", done)

        @strawberry.mutation(
            description="Add a line to a draft. " + CODES.format("INVALID, WRONG_STATUS, REJECTED_BY_VENDOR"),
            graphql_type=AddLineItemPayload | None,
        )
        @staticmethod
        async def add_line_item(
            info: GraphInfo, input: Annotated[AddLineItemFields, takes(add_line_input)]
        ) -> object:
            """One line."""
            done = await carried_out(
                info,
                input,
                ORDER,
                lambda at, key, values: at.add_line_item(
                    key[0], line_request(at, values["line_item"], "lineItem")
                ),
            )
            order, line = done.value or (None, None)
            return AddLineItemPayload(order=order, line_item=line, user_errors=list(done.reasons))  # pyright: ignore[reportArgumentType]

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
                return at.update_line_item(key[0], ":".join(key[1:]), change)

            return paid(UpdateLineItemPayload, "order", await carried_out(info, input, LINE, do))

        @strawberry.mutation(
            description="Change how a subscription is administered. "
            + CODES.format("INVALID, WRONG_STATUS, REJECTED_BY_VENDOR"),
            graphql_type=UpdateSubscriptionPayload | None,
        )
        @staticmethod
        async def update_subscription(
            info: GraphInfo, input: Annotated[SubscriptionActionFields, takes(subscription_input)]
        ) -> object:
            """Merged with what is there."""

            def do(
                at: Connector, key: tuple[str, ...], values: dict[str, Any]
            ) -> Awaitable[domain.Subscription]:
                change = SubscriptionChange(
                    auto_renews=OMITTED if values.get("auto_renews") is None else values["auto_renews"],
                    details=vendor_details(at, values.get("details")),
                )
                return at.update_subscription(key[0], change)

            return paid(
                UpdateSubscriptionPayload, "subscription", await carried_out(info, input, SUBSCRIPTION, do)
            )

    return OrderActions


# -------------------------------------------------------------------------- what a change would cost


@strawberry.input(description="What a line of a changed subscription takes the place of.")
class ReplacedProductInput:
    """Part of a `requests.ProductSwap`."""

    product_id: strawberry.ID | None = field(default=UNSET, description="The product until now.")
    name: str | None = field(default=UNSET, description="What it was called.")
    quantity: Decimal | None = field(default=UNSET, description="How many there were.")


@strawberry.input(description="A line of a changed subscription.")
class SubscriptionChangeLineInput:
    """Becomes a `requests.ProductSwap`."""

    product: ProductRefInput = field(description="What it is to have.")
    quantity: Decimal = field(default=Decimal(1), description="How many.")
    replaces: ReplacedProductInput | None = field(default=UNSET, description="What that takes the place of.")


@strawberry.input(description="A change of a subscription to be priced.")
class SubscriptionChangePreviewInput:
    """What `subscriptionChangePreview` takes."""

    subscription_id: strawberry.ID = field(description="Which subscription.")
    line_items: list[SubscriptionChangeLineInput] = field(description="What it is to have.")
    purchase_order_number: str | None = field(default=UNSET, description="Your number for the change.")


@strawberry.type(description="What a change of a subscription would come to. Nothing is changed by asking.")
class SubscriptionChangePreview:
    """The graph's form of `domain.SubscriptionChangePreview`."""

    quantity: Decimal | None = field(description="How many seats it would have.")
    quantity_delta: Decimal | None = field(description="How many more that is.")
    total_contract_value: Money | None = field(description="What the whole term would come to.")
    total_contract_value_delta: Money | None = field(description="How much more that is.")
    recurring_charge: Money | None = field(description="What each period would cost.")
    recurring_charge_delta: Money | None = field(description="How much more that is.")


@strawberry.type
class PreviewQueries:
    """Fields of the query root."""

    @field(
        description="What a change of a subscription would cost; nothing is changed. A wrong input is an "
        "error with the code BAD_USER_INPUT.",
        graphql_type=SubscriptionChangePreview | None,
    )
    @staticmethod
    async def subscription_change_preview(
        info: GraphInfo,
        input: Annotated[SubscriptionChangePreviewInput, takes(SubscriptionChangePreviewInput)],
    ) -> domain.SubscriptionChangePreview:
        """Asks the vendor."""
        values = plain(input)
        try:
            connector, key = _target(info, values["subscription_id"], "Subscription", "subscription_id")
            swaps = [_swap(connector, line, index) for index, line in enumerate(values["line_items"])]
            number = values.get("purchase_order_number")
            return await connector.preview_subscription_change(key[0], swaps, number)
        except ActionRefused as error:
            raise InputError(str(error)) from None


def _swap(connector: Connector, line: Mapping[str, Any], index: int) -> ProductSwap:
    replaced: Mapping[str, Any] = line.get("replaces") or {}
    return ProductSwap(
        line=line_request(connector, line, "lineItems", str(index)),
        replaces_product_id=replaced.get("product_id"),
        replaces_name=replaced.get("name"),
        replaces_quantity=replaced.get("quantity"),
    )
