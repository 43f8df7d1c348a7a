"""The mutations of subscriptions, their inputs, and the preview of a change."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain.commands import OMITTED, ProductSwap, SubscriptionChange
from ordergraph.domain.errors import ActionRefused, InputError
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.entity import entities
from ordergraph.graph.inputs import plain
from ordergraph.graph.mutation import (
    Do,
    Mutation,
    Payload,
    WriteFields,
    joined,
    mutations,
    of_vendors,
    takes,
    target_of,
    vendor_details,
)
from ordergraph.graph.order_actions import line_request
from ordergraph.graph.subscription import Subscription
from ordergraph.graph.values import ProductRefInput

# ---- Inputs and payloads ----------------------------------------------------------------------------


@strawberry.input
class SubscriptionActionFields(WriteFields):
    """The subscription to act on."""

    subscription_id: strawberry.ID = field(description="The ID of the subscription.")


@strawberry.input
class SubscriptionDayFields(SubscriptionActionFields):
    """The subscription to act on, and the effective date."""

    activate_on: date = field(description="The date from which the activation is effective.")


@strawberry.type
class SubscriptionPayload(Payload):
    """The payload fields of all mutations of subscriptions."""

    subscription: Subscription | None = field(
        description="The subscription in its current state. Null if the action was not performed, or if the "
        "subscription cannot be read."
    )


# ---- Mutations --------------------------------------------------------------------------------------


def of_subscription(name: str, description: str, do: Do, **more: Any) -> Mutation:
    """Declare a mutation of a subscription."""
    declared: dict[str, Any] = {"codes": "WRONG_STATUS, REJECTED_BY_VENDOR", "takes": SubscriptionActionFields, **more}
    target, shown = ("subscription_id", "Subscription"), ("subscription",)
    return Mutation(
        name=name, description=description, do=do, target=target, answers=SubscriptionPayload, shows=shown, **declared
    )


def subscription_actions(details: type | None) -> type:
    """Return the mutations of subscriptions; ``details`` is the oneOf input with vendor-specific values."""
    renews = (
        bool | None,
        "Whether the subscription renews automatically at the end of its term. Unchanged if omitted.",
        UNSET,
    )
    return mutations(
        "SubscriptionActions",
        [
            of_subscription(
                "update_subscription",
                "Updates the settings of a subscription.",
                lambda at, key, values: at.update_subscription(joined(key), subscription_change(at, values)),
                codes="INVALID, WRONG_STATUS, REJECTED_BY_VENDOR",
                more={"has_auto_renewal": renews, **of_vendors(details)},
            ),
            of_subscription(
                "activate_subscription",
                "Activates a pending subscription.",
                lambda at, key, values: at.activate_subscription(joined(key), values["activate_on"]),
                takes=SubscriptionDayFields,
            ),
            of_subscription(
                "cancel_subscription",
                "Cancels a pending subscription.",
                lambda at, key, _: at.cancel_subscription(joined(key)),
            ),
            of_subscription(
                "activate_subscription_changes",
                "Activates the pending changes of a subscription.",
                lambda at, key, values: at.activate_subscription_changes(joined(key), values["activate_on"]),
                takes=SubscriptionDayFields,
            ),
            of_subscription(
                "cancel_subscription_changes",
                "Cancels the pending changes of a subscription.",
                lambda at, key, _: at.cancel_subscription_changes(joined(key)),
            ),
        ],
    )


def subscription_change(connector: Connector, values: Mapping[str, Any]) -> SubscriptionChange:
    """Return the change that an input describes."""
    return SubscriptionChange(
        has_auto_renewal=OMITTED if values.get("has_auto_renewal") is None else values["has_auto_renewal"],
        details=vendor_details(connector, values.get("details")),
    )


# ---- Preview of a change ----------------------------------------------------------------------------


@strawberry.input(description="The product that a line item of a changed subscription replaces.")
class ReplacedProductInput:
    """Part of a `commands.ProductSwap`."""

    product_id: strawberry.ID | None = field(default=UNSET, description="The ID of the replaced product.")
    name: str | None = field(default=UNSET, description="The name of the replaced product.")
    quantity: Decimal | None = field(default=UNSET, description="The quantity of the replaced product.")


@strawberry.input(description="A line item of a changed subscription.")
class SubscriptionChangeLineItemInput:
    """Becomes a `commands.ProductSwap`."""

    product: ProductRefInput = field(description="The product after the change.")
    quantity: Decimal = field(default=Decimal(1), description="The quantity after the change. Defaults to 1.")
    replaces: ReplacedProductInput | None = field(default=UNSET, description="The product that this one replaces.")


@strawberry.input(description="The input of `subscriptionChangePreview`: a subscription change to preview.")
class SubscriptionChangePreviewInput:
    """The subscription, and its line items after the change."""

    subscription_id: strawberry.ID = field(description="The ID of the subscription.")
    line_items: list[SubscriptionChangeLineItemInput] = field(description="The line items after the change.")
    purchase_order_number: str | None = field(default=UNSET, description="Your purchase order number for the change.")


@entities.object(domain.SubscriptionChangePreview)
class SubscriptionChangePreview:
    """A preview of the cost of a subscription change. The subscription is not changed."""


@strawberry.type
class PreviewQueries:
    """Fields of the query root."""

    @field(
        description="Previews the cost of a subscription change, without changing the subscription. Invalid input is "
        "reported as an error with the code BAD_USER_INPUT.",
        graphql_type=SubscriptionChangePreview | None,
    )
    @staticmethod
    async def subscription_change_preview(
        info: GraphInfo,
        input: Annotated[SubscriptionChangePreviewInput, takes(SubscriptionChangePreviewInput)],
    ) -> domain.SubscriptionChangePreview:
        """Previewed by the vendor."""
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
