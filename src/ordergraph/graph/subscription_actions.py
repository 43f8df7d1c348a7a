"""What can be done to subscriptions, the inputs for it, and what a change would cost."""

from collections.abc import Awaitable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain.errors import ActionRefused, InputError
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.errors import UserError
from ordergraph.graph.inputs import plain
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
    target_of,
    vendor_details,
)
from ordergraph.graph.operation import VendorCall, WriteOperation
from ordergraph.graph.order_actions import line_request
from ordergraph.graph.subscription import Subscription
from ordergraph.graph.values import Money, ProductRefInput
from ordergraph.domain.commands import OMITTED, ProductSwap, SubscriptionChange

SUBSCRIPTION = ("subscription_id", "Subscription")

# ------------------------------------------------------------------------------ inputs and payloads


@strawberry.input
class SubscriptionActionFields:
    """Which subscription to act on."""

    subscription_id: strawberry.ID = field(description="Which subscription.")
    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@strawberry.input
class SubscriptionDayFields(SubscriptionActionFields):
    """From which day on."""

    on: date = field(description="From which day on.")


ActivateSubscriptionInput = asking("ActivateSubscriptionInput", SubscriptionDayFields)
CancelSubscriptionInput = asking("CancelSubscriptionInput", SubscriptionActionFields)
ActivateSubscriptionChangesInput = asking("ActivateSubscriptionChangesInput", SubscriptionDayFields)
CancelSubscriptionChangesInput = asking("CancelSubscriptionChangesInput", SubscriptionActionFields)


@strawberry.type
class SubscriptionPayload:
    """What every mutation of a subscription answers."""

    subscription: Subscription | None = field(
        description="The subscription as the vendor shows it now; null if it was not done."
    )
    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")
    operation: WriteOperation | None = field(
        description="The record of it; null if nothing was about to be sent, because it was refused before."
    )
    preview: VendorCall | None = field(
        description="With `validateOnly`: the first call that would have been sent; null if none would."
    )


UpdateSubscriptionPayload = answer("UpdateSubscriptionPayload", SubscriptionPayload)
ActivateSubscriptionPayload = answer("ActivateSubscriptionPayload", SubscriptionPayload)
CancelSubscriptionPayload = answer("CancelSubscriptionPayload", SubscriptionPayload)
ActivateSubscriptionChangesPayload = answer("ActivateSubscriptionChangesPayload", SubscriptionPayload)
CancelSubscriptionChangesPayload = answer("CancelSubscriptionChangesPayload", SubscriptionPayload)

# ---------------------------------------------------------------------------------------- mutations


@strawberry.type
class SubscriptionActions:
    """Mutations whose inputs are the same for all vendors."""

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
            info, input, SUBSCRIPTION, lambda at, key, values: at.activate_subscription(joined(key), values["on"])
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
        done = await carried_out(info, input, SUBSCRIPTION, lambda at, key, _: at.cancel_subscription(joined(key)))
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
            lambda at, key, values: at.activate_subscription_changes(joined(key), values["on"]),
        )
        return paid(ActivateSubscriptionChangesPayload, "subscription", done)

    @strawberry.mutation(
        description="Drop pending changes of a subscription. " + CODES.format("WRONG_STATUS, REJECTED_BY_VENDOR"),
        graphql_type=CancelSubscriptionChangesPayload | None,
    )
    @staticmethod
    async def cancel_subscription_changes(
        info: GraphInfo, input: Annotated[SubscriptionActionFields, takes(CancelSubscriptionChangesInput)]
    ) -> object:
        """One call."""
        done = await carried_out(
            info, input, SUBSCRIPTION, lambda at, key, _: at.cancel_subscription_changes(joined(key))
        )
        return paid(CancelSubscriptionChangesPayload, "subscription", done)


def subscription_actions(details: type | None) -> type:
    """The mutations whose inputs have a part for each vendor; ``details`` is that part (a oneOf input)."""
    subscription_input = asking(
        "UpdateSubscriptionInput",
        SubscriptionActionFields,
        auto_renews=(bool | None, "Whether it goes on after its end by itself.", UNSET),
        **of_vendors(details),
    )

    @strawberry.type
    class VendorSubscriptionActions:
        """Mutations that take what only one vendor has."""

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

            def do(at: Connector, key: tuple[str, ...], values: dict[str, Any]) -> Awaitable[domain.Subscription]:
                change = SubscriptionChange(
                    auto_renews=OMITTED if values.get("auto_renews") is None else values["auto_renews"],
                    details=vendor_details(at, values.get("details")),
                )
                return at.update_subscription(joined(key), change)

            return paid(UpdateSubscriptionPayload, "subscription", await carried_out(info, input, SUBSCRIPTION, do))

    return VendorSubscriptionActions


# -------------------------------------------------------------------------- what a change would cost


@strawberry.input(description="What a line of a changed subscription takes the place of.")
class ReplacedProductInput:
    """Part of a `commands.ProductSwap`."""

    product_id: strawberry.ID | None = field(default=UNSET, description="The product until now.")
    name: str | None = field(default=UNSET, description="What it was called.")
    quantity: Decimal | None = field(default=UNSET, description="How many there were.")


@strawberry.input(description="A line of a changed subscription.")
class SubscriptionChangeLineInput:
    """Becomes a `commands.ProductSwap`."""

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
        try:
            values = plain(input)
            connector, key = target_of(info, values["subscription_id"], "Subscription", "subscription_id")
            swaps = [_swap(connector, line, index) for index, line in enumerate(values["line_items"])]
            number = values.get("purchase_order_number")
            return await connector.preview_subscription_change(joined(key), swaps, number)
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
