"""What AirVantage adds to the graph: its type of account, with its own filters, and its order's details."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.domain.commands import OrderQuery
from ordergraph.domain.errors import InputError
from ordergraph.graph.account import Account
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.derived import Derived
from ordergraph.graph.inputs import bounded, choices
from ordergraph.graph.order import OrderConditions, OrderDetails, order_query, orders_field
from ordergraph.graph.scalars import graph_enum
from ordergraph.graph.schema import VendorGraph
from ordergraph.vendors.airvantage import mapping, request_mapping, wire
from ordergraph.vendors.airvantage.connector import AirVantageConnector
from ordergraph.vendors.airvantage.values import AirVantageOrderStatus, AirVantageOrderType

types = Derived("AirVantage")
graph_enum(AirVantageOrderStatus)
graph_enum(AirVantageOrderType)


@types.object(wire.Order, view=mapping.AirVantageOrderDetails)
class AirVantageOrderDetails(OrderDetails):
    """What only AirVantage tells of an order."""

    @field(description="When the order was made. AirVantage's list does not tell: there, each costs a call.")
    @staticmethod
    async def created_at(root: strawberry.Parent[mapping.AirVantageOrderDetails], info: GraphInfo) -> datetime | None:
        """By loader, where it was left out."""
        if root.created_at is not None:
            return root.created_at
        connector = info.context.accounts[root.origin.account]
        order = await info.context.loaders.load(connector.fetch_orders, root.ref.joined)
        return order.details.created_at if isinstance(order, mapping.AirVantageOrder) else None


@types.input(wire.OrderWrite)
class AirVantageOrderDetailsInput:
    """What only AirVantage takes of an order."""


@strawberry.input(description="Which orders: conditions are ANDed, the values of one are ORed.")
class AirVantageOrderFilter(OrderConditions):
    """Becomes a `commands.OrderQuery`."""

    vendor_status: list[AirVantageOrderStatus] | None = field(
        default=None, description="In these statuses, in AirVantage's finer words."
    )
    type: AirVantageOrderType | None = field(default=None, description="Of this kind of goods.")
    number_contains: str | None = field(default=None, description="With this in their number.")
    client_reference_contains: str | None = field(default=None, description="With this in their reference.")
    tracking_number_contains: str | None = field(default=None, description="With this in their tracking number.")
    product_id: strawberry.ID | None = field(default=None, description="Of this product.")
    quantity: int | None = field(default=None, description="Of this many.")
    delivery_contact: str | None = field(default=None, description="Delivered to the contact with this uid.")
    created_by: str | None = field(default=None, description="Placed by the user with this uid.")


def airvantage_order_query(at: AirVantageConnector, wanted: AirVantageOrderFilter) -> OrderQuery:
    """The conditions that all vendors have, and AirVantage's own beside them, by its parameters."""
    query = order_query(wanted)
    details: dict[str, Any] = {
        "orderId": bounded(wanted.number_contains, "filter.numberContains"),
        "externalId": bounded(wanted.client_reference_contains, "filter.clientReferenceContains"),
        "trackingNumber": bounded(wanted.tracking_number_contains, "filter.trackingNumberContains"),
        "productReferenceUid": product_of(at, wanted.product_id),
        "quantity": wanted.quantity,
        "deliveryContact": uid_of(wanted.delivery_contact, "filter.deliveryContact"),
        "createdBy": uid_of(wanted.created_by, "filter.createdBy"),
        "type": wanted.type.name if wanted.type else None,
    }
    status = choices(wanted.vendor_status, "filter.vendorStatus")
    if status is not None:
        named = [one.name for one in AirVantageOrderStatus if one in status]
        asked = [word for word in named if query.status is None or mapping.STATUS[word] in query.status]
        query = replace(query, status=frozenset(mapping.STATUS[word] for word in asked))
        details["status"] = ",".join(asked) or None
    return replace(query, details=details)


def product_of(at: AirVantageConnector, id_: str | None) -> str | None:
    """The uid in a product's ID; raise InputError if the account cannot have it."""
    if id_ is None:
        return None
    ref = domain.Ref.parse(id_, "Product")
    uid = request_mapping.uid_of(ref.joined)
    if ref.account != at.name or uid is None:
        raise InputError(f"`filter.productId`: account {at.name} has no {bounded(id_, 'filter.productId')}")
    return uid


def uid_of(text: str | None, name: str) -> str | None:
    """A uid; raise InputError if it cannot be one."""
    uid = None if text is None else request_mapping.uid_of(text)
    if text is not None and uid is None:
        raise InputError(f"`{name}`: a uid has 32 hexadecimal digits")
    return uid


@types.object(view=AirVantageConnector)
class AirVantageAccount(Account):
    """An account at Sierra Wireless AirVantage."""

    orders = orders_field(
        AirVantageOrderFilter,
        airvantage_order_query,
        "The orders of this account, with conditions that only AirVantage has.",
    )


graph = VendorGraph(types=[AirVantageAccount, AirVantageOrderDetails], order_details_input=AirVantageOrderDetailsInput)
"""What AirVantage adds to the graph."""
