"""What only Sonata tells of orders, items and contracts, and takes of them.

Most of it is derived from `wire`: what is written here is computed, or differs.
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
    """A request for another date of an item."""


def tasks(shown: type, fetch: str, description: str) -> Any:
    """The field of an order with the requests about it, by loader."""

    async def load(root: strawberry.Parent[mapping.SonataOrder], info: GraphInfo) -> Sequence[Any]:
        connector = info.context.accounts[root.origin.account]
        return await info.context.loaders.load(getattr(connector, fetch), root.ref.joined) or ()

    return field(load, graphql_type=list[shown] | None, description=description)


@types.object(wire.Order, view=mapping.SonataOrder)
class SonataOrderDetails(OrderDetails):
    """What only Sonata tells of an order."""

    cancellation_charge_ids: list[str] = field(description="The Seller's own IDs of the charges for cancelling it.")

    cancel_requests = tasks(
        SonataCancelRequest,
        "fetch_cancels",
        "What was asked to cancel it. Needs the extension `cancel`; else there are none.",
    )
    delivery_date_requests = tasks(
        SonataDeliveryDateRequest,
        "fetch_dates",
        "What was asked about the dates of its items. Needs the extension `delivery_date`; else there are none.",
    )


@types.object(wire.Item, view=mapping.SonataLineItem)
class SonataLineItemDetails(LineItemDetails):
    """What only Sonata tells of an item."""

    status: OrderStatus = field(description="Where it stands, in the vocabulary of orders.")
    status_changes: list[StatusChange] | None = field(description="Its life so far, the oldest step first.")
    problems: list[OrderProblem] = field(description="Why it was rejected or failed.")
    milestones: list[wire.Milestone] = field(description="What was reached so far.")
    product_relationships: list[wire_parts.ProductRelationship] = field(
        description="Products in service that it needs."
    )
    term: wire_parts.Term | None = field(description="For how long it was agreed.")
    charge_ids: list[str] = field(description="The Seller's own IDs of its charges: see `charges` of the order.")


@types.object(view=mapping_contracts.SonataSubscription)
class SonataSubscriptionDetails(SubscriptionDetails):
    """What only Sonata tells of a contract."""

    term: wire_parts.Term = field(description="For how long, and what follows.")
    product_id: str | None = field(description="The Seller's own ID of the product in service.")
    billing_account_id: str | None = field(description="The account that is billed.")
    agreement_name: str | None = field(description="The agreement that it was ordered under.")
    end_customer_name: str | None = field(description="For whom it is.")


# --------------------------------------------------------------------------------------------------- inputs


@types.input(wire.ItemUpdate)
class SonataItemChangeInput:
    """What shall change of an item; only with `updateOrder`."""

    line_item_id: strawberry.ID = field(description="Which line of the order.")


@types.input(wire.OrderUpdate)
class SonataOrderDetailsInput:
    """What only Sonata takes of an order."""


@types.input(wire.ItemWrite)
class SonataLineItemDetailsInput:
    """What only Sonata takes of an item."""

    configuration_type: str | None = field(
        default=UNSET, description="The @type of `configuration`, which a literal of GraphQL cannot hold."
    )


@types.input(wire.CancelWrite)
class SonataCancelDetailsInput:
    """What only Sonata takes to cancel an order."""

    contact: wire_parts.Person | None = field(
        default=UNSET, description="Whom the Seller may ask about it; the order's contact if left out."
    )


@types.input(wire.DeliveryDateWrite)
class SonataRequestedDateDetailsInput:
    """What only Sonata takes to change an item's date."""
