"""The fields of orders, items and contracts that only Sonata has or accepts.

Most types are derived from `wire`. Fields declared here are computed or differ from it.
"""

from collections.abc import Sequence
from typing import Any

import strawberry
from strawberry import UNSET, field

from ordergraph.domain import OrderStatus
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.derived import Derived
from ordergraph.graph.order import LineItemDetails, OrderDetails, OrderProblem, StatusChange
from ordergraph.graph.subscription import SubscriptionDetails
from ordergraph.vendors.sonata import mapping, mapping_contracts, wire, wire_parts

types = Derived("Sonata")


@types.object(wire.Cancel)
class SonataCancelRequest:
    """A request to cancel an order."""


@types.object(wire.DeliveryDate)
class SonataDeliveryDateRequest:
    """A request to change the requested date of an item."""


def tasks(shown: type, fetch: str, description: str) -> Any:
    """Return the field for the requests about an order. It uses a loader."""

    async def load(root: strawberry.Parent[mapping.SonataOrder], info: GraphInfo) -> Sequence[Any]:
        connector = info.context.accounts[root.origin.account]
        return await info.context.loaders.load(getattr(connector, fetch), root.ref.joined) or ()

    return field(load, graphql_type=list[shown] | None, description=description)


@types.object(wire.Order, view=mapping.SonataOrder)
class SonataOrderDetails(OrderDetails):
    """The fields of an order that only Sonata has."""

    cancellation_charge_ids: list[str] = field(description="The Seller's IDs of the charges for cancelling the order.")

    cancel_requests = tasks(
        SonataCancelRequest,
        "fetch_cancels",
        "The requests to cancel the order. Always empty without the extension `cancel`.",
    )
    delivery_date_requests = tasks(
        SonataDeliveryDateRequest,
        "fetch_dates",
        "The requests to change the dates of the order's items. Always empty without the extension `delivery_date`.",
    )


@types.object(wire.Item, view=mapping.SonataLineItem)
class SonataLineItemDetails(LineItemDetails):
    """The fields of a line item that only Sonata has."""

    status: OrderStatus = field(description="The status of the item, normalized to the statuses of orders.")
    status_changes: list[StatusChange] | None = field(
        description="The history of the item's status, oldest change first. Null if the Seller does not report it."
    )
    problems: list[OrderProblem] = field(
        description="The reasons why the item was rejected or failed. Empty if there are none."
    )
    milestones: list[wire.Milestone] = field(description="The milestones that the item has reached.")
    product_relationships: list[wire_parts.ProductRelationship] = field(
        description="The products in service that the item requires."
    )
    term: wire_parts.Term | None = field(description="The agreed contract term. Null if there is none.")
    charge_ids: list[str] = field(
        description="The Seller's IDs of the item's charges. For the charges, see `charges` of the order."
    )


@types.object(view=mapping_contracts.SonataSubscription)
class SonataSubscriptionDetails(SubscriptionDetails):
    """The fields of a subscription that only Sonata has."""

    term: wire_parts.Term = field(description="The contract term, and what happens when it ends.")
    product_id: str | None = field(description="The Seller's ID of the product in service.")
    billing_account_id: str | None = field(description="The ID of the billing account.")
    agreement_name: str | None = field(description="The agreement under which the product was ordered.")
    end_customer_name: str | None = field(description="The name of the end customer.")


# ---- Inputs -----------------------------------------------------------------------------------------


@types.input(wire.ItemUpdate)
class SonataItemChangeInput:
    """Changes to an item. Only used with `updateOrder`."""

    line_item_id: strawberry.ID = field(description="The ID of the order line to change.")


@types.input(wire.OrderUpdate)
class SonataOrderDetailsInput:
    """The fields of an order that only Sonata accepts."""


@types.input(wire.ItemWrite)
class SonataLineItemDetailsInput:
    """The fields of a line item that only Sonata accepts."""

    configuration_type: str | None = field(
        default=UNSET,
        description="The `@type` of `configuration`. Use it if `configuration` is a GraphQL literal, which cannot "
        "contain the name `@type`.",
    )


@types.input(wire.CancelWrite)
class SonataCancelDetailsInput:
    """The fields of a cancellation that only Sonata accepts."""

    contact: wire_parts.Person | None = field(
        default=UNSET, description="The contact for the cancellation. Defaults to the contact of the order."
    )


@types.input(wire.DeliveryDateWrite)
class SonataRequestedDateDetailsInput:
    """The fields of a date change that only Sonata accepts."""
