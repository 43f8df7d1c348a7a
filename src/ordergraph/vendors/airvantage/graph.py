"""AirVantage's part of the graph: its account type with AirVantage's filters, and its order details."""

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
    """The fields of an order that only AirVantage has."""

    @field(
        description="When the order was created. AirVantage's order list omits this time, so selecting it in a list "
        "costs one more request for each order."
    )
    @staticmethod
    async def created_at(root: strawberry.Parent[mapping.AirVantageOrderDetails], info: GraphInfo) -> datetime | None:
        """Load the order if its source lacks the time."""
        if root.created_at is not None:
            return root.created_at
        connector = info.context.accounts[root.origin.account]
        order = await info.context.loaders.load(connector.fetch_orders, root.ref.joined)
        return order.details.created_at if isinstance(order, mapping.AirVantageOrder) else None


@types.input(wire.OrderWrite)
class AirVantageOrderDetailsInput:
    """The fields of an order that only AirVantage accepts."""


@strawberry.input(description="Filters orders. Conditions are combined with AND, the values of one condition with OR.")
class AirVantageOrderFilter(OrderConditions):
    """Becomes a `commands.OrderQuery`."""

    vendor_statuses: list[AirVantageOrderStatus] | None = field(
        default=None, description="Returns only orders in these statuses as reported by AirVantage."
    )
    type: AirVantageOrderType | None = field(default=None, description="Returns only orders of this type of goods.")
    number_contains: str | None = field(
        default=None, description="Returns only orders whose number contains this text."
    )
    client_reference_contains: str | None = field(
        default=None, description="Returns only orders whose client reference contains this text."
    )
    tracking_number_contains: str | None = field(
        default=None, description="Returns only orders whose tracking number contains this text."
    )
    product_id: strawberry.ID | None = field(default=None, description="Returns only orders of this product.")
    quantity: int | None = field(default=None, description="Returns only orders with exactly this quantity.")
    delivery_contact: str | None = field(
        default=None, description="Returns only orders delivered to the contact with this AirVantage uid."
    )
    created_by: str | None = field(
        default=None, description="Returns only orders placed by the user with this AirVantage uid."
    )


def airvantage_order_query(at: AirVantageConnector, wanted: AirVantageOrderFilter) -> OrderQuery:
    """Return the query of a filter. Its ``details`` are the AirVantage conditions, keyed by AirVantage's parameters."""
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
    status = choices(wanted.vendor_statuses, "filter.vendorStatuses")
    if status is not None:
        named = [one.name for one in AirVantageOrderStatus if one in status]
        asked = [word for word in named if query.statuses is None or mapping.STATUS[word] in query.statuses]
        query = replace(query, statuses=frozenset(mapping.STATUS[word] for word in asked))
        details["status"] = ",".join(asked) or None
    return replace(query, details=details)


def product_of(at: AirVantageConnector, id_: str | None) -> str | None:
    """Return the uid in a product's ID. Raise InputError if the ID is not one of this account."""
    if id_ is None:
        return None
    ref = domain.Ref.parse(id_, "Product")
    uid = request_mapping.uid_of(ref.joined)
    if ref.account != at.name or uid is None:
        raise InputError(
            f"`filter.productId`: The account `{at.name}` has no product {bounded(id_, 'filter.productId')}."
        )
    return uid


def uid_of(text: str | None, name: str) -> str | None:
    """Return a uid. Raise InputError for any other text."""
    uid = None if text is None else request_mapping.uid_of(text)
    if text is not None and uid is None:
        raise InputError(f"`{name}`: A uid must have 32 hexadecimal digits.")
    return uid


@types.object(view=AirVantageConnector)
class AirVantageAccount(Account):
    """An account at Sierra Wireless AirVantage."""

    orders = orders_field(
        AirVantageOrderFilter,
        airvantage_order_query,
        "The orders of the account, with filters that only AirVantage has.",
    )


graph = VendorGraph(types=[AirVantageAccount, AirVantageOrderDetails], order_details_input=AirVantageOrderDetailsInput)
"""AirVantage's part of the graph."""
