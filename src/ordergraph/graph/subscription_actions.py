"""What can be done to subscriptions, the inputs for it, and what a change would cost."""

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

# ------------------------------------------------------------------------------ inputs and payloads


@strawberry.input
class SubscriptionActionFields(WriteFields):
    """Which subscription to act on."""

    subscription_id: strawberry.ID = field(description="Which subscription.")


@strawberry.input
class SubscriptionDayFields(SubscriptionActionFields):
    """From which day on."""

    on: date = field(description="From which day on.")


@strawberry.type
class SubscriptionPayload(Payload):
    """What every mutation of a subscription answers."""

    subscription: Subscription | None = field(
        description="The subscription as the vendor shows it now; null if it was not done."
    )


# ---------------------------------------------------------------------------------------- mutations


def of_subscription(name: str, description: str, do: Do, **more: Any) -> Mutation:
    """A mutation of a subscription."""
    declared: dict[str, Any] = {"codes": "WRONG_STATUS, REJECTED_BY_VENDOR", "takes": SubscriptionActionFields, **more}
    target, shown = ("subscription_id", "Subscription"), ("subscription",)
    return Mutation(
        name=name, description=description, do=do, target=target, answers=SubscriptionPayload, shows=shown, **declared
    )


def subscription_actions(details: type | None) -> type:
    """The mutations of subscriptions; ``details`` is the part that only one vendor takes (a oneOf input)."""
    renews = (bool | None, "Whether it goes on after its end by itself.", UNSET)
    return mutations(
        "SubscriptionActions",
        [
            of_subscription(
                "update_subscription",
                "Change how a subscription is administered.",
                lambda at, key, values: at.update_subscription(joined(key), subscription_change(at, values)),
                codes="INVALID, WRONG_STATUS, REJECTED_BY_VENDOR",
                more={"auto_renews": renews, **of_vendors(details)},
            ),
            of_subscription(
                "activate_subscription",
                "Start a pending subscription.",
                lambda at, key, values: at.activate_subscription(joined(key), values["on"]),
                takes=SubscriptionDayFields,
            ),
            of_subscription(
                "cancel_subscription",
                "Cancel a pending subscription.",
                lambda at, key, _: at.cancel_subscription(joined(key)),
            ),
            of_subscription(
                "activate_subscription_changes",
                "Put pending changes of a subscription into force.",
                lambda at, key, values: at.activate_subscription_changes(joined(key), values["on"]),
                takes=SubscriptionDayFields,
            ),
            of_subscription(
                "cancel_subscription_changes",
                "Drop pending changes of a subscription.",
                lambda at, key, _: at.cancel_subscription_changes(joined(key)),
            ),
        ],
    )


def subscription_change(connector: Connector, values: Mapping[str, Any]) -> SubscriptionChange:
    """The change that an input asks for."""
    return SubscriptionChange(
        auto_renews=OMITTED if values.get("auto_renews") is None else values["auto_renews"],
        details=vendor_details(connector, values.get("details")),
    )


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


@entities.object(domain.SubscriptionChangePreview)
class SubscriptionChangePreview:
    """What a change of a subscription would come to. Nothing is changed by asking."""


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
