"""What AirVantage adds to the graph: its type of account, with its own filters, and its order's details."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, field

from ordergraph import domain
from ordergraph.domain import DescribedEnum
from ordergraph.domain.commands import OrderQuery
from ordergraph.domain.errors import InputError
from ordergraph.graph.account import Account
from ordergraph.graph.connection import After, Before, Connection, First, Last, Paging
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.inputs import bounded, choices
from ordergraph.graph.order import (
    Order,
    OrderConditions,
    OrderDetails,
    OrderSort,
    order_query,
    orders_page,
)
from ordergraph.graph.scalars import graph_enum
from ordergraph.graph.schema import VendorGraph
from ordergraph.vendors.airvantage import mapping, requests
from ordergraph.vendors.airvantage.connector import AirVantageConnector


@graph_enum
class AirVantageOrderStatus(DescribedEnum):
    """Where an order stands, in AirVantage's words."""

    PENDING = "Placed and not handled yet: it can still be changed and cancelled."
    ACCEPTED_STOCK = "Accepted, to be delivered from stock."
    ACCEPTED_FOUNDER = "Accepted, to be made first."
    REJECTED = "Declined; `problems` says why."
    SHIPPED = "On its way; `acknowledgeOrder` confirms that it has arrived."
    ACKNOWLEDGED = "Arrived."
    CANCELED = "Was cancelled."


@graph_enum
class AirVantageOrderType(DescribedEnum):
    """What kind of goods an order is of."""

    SIM = "SIM cards."
    SMB = "Devices for small and medium businesses."
    R2C = "Ready-to-connect modules."
    BUNDLE = "Goods with airtime."


@strawberry.type(description="What only AirVantage tells of an order.")
class AirVantageOrderDetails(OrderDetails):
    """Read from `mapping.AirVantageOrderDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.AirVantageOrderDetails)

    type: str | None = field(description="What kind of goods, in AirVantage's word: SIM, SMB, R2C or BUNDLE.")
    provisioned: str | None = field(description="Whether it was set up, in AirVantage's word: YES, NO or PARTIALLY.")
    company_id: str | None = field(description="AirVantage's uid of the company whose order it is.")
    delivery_contact: str | None = field(description="AirVantage's uid of the contact that it is delivered to.")
    postal_address: str | None = field(description="That contact's address when the order was placed, in lines.")
    description: str | None = field(description="Free text.")
    effective_order_at: datetime | None = field(description="From when on the order is handled.")
    accepted_at: datetime | None = field(description="When it was accepted.")
    rejected_at: datetime | None = field(description="When it was declined.")
    rejection_message: str | None = field(description="Why it was declined.")
    expected_shipping_at: datetime | None = field(description="When it is expected to be shipped.")
    shipped_at: datetime | None = field(description="When it was shipped.")
    tracking_number: str | None = field(description="Number, address or `number|address`, as AirVantage has it.")

    @field(description="When the order was made. AirVantage's list does not tell: there, each costs a call.")
    @staticmethod
    async def created_at(root: strawberry.Parent[mapping.AirVantageOrderDetails], info: GraphInfo) -> datetime | None:
        """By loader, where it was left out."""
        if root.created_at is not None:
            return root.created_at
        connector = info.context.accounts[root.origin.account]
        order = await info.context.loaders.load(connector.fetch_orders, root.ref.joined)
        return order.details.created_at if isinstance(order, mapping.AirVantageOrder) else None


@strawberry.input(description="What only AirVantage takes of an order.")
class AirVantageOrderDetailsInput:
    """Becomes the details of a `commands.OrderRequest`."""

    delivery_contact: str | None = field(
        default=UNSET, description="AirVantage's uid of the contact to deliver to; needed to place an order."
    )
    effective_order_at: datetime | None = field(
        default=UNSET, description="From when on to handle the order; on placing, the same as requestedAt."
    )


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
    uid = requests.uid_of(ref.joined)
    if ref.account != at.name or uid is None:
        raise InputError(f"`filter.productId`: account {at.name} has no {bounded(id_, 'filter.productId')}")
    return uid


def uid_of(text: str | None, name: str) -> str | None:
    """A uid; raise InputError if it cannot be one."""
    uid = None if text is None else requests.uid_of(text)
    if text is not None and uid is None:
        raise InputError(f"`{name}`: a uid has 32 hexadecimal digits")
    return uid


@strawberry.type(description="An account at Sierra Wireless AirVantage.")
class AirVantageAccount(Account):
    """Read from the account's connector."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Connectors are the accounts."""
        return isinstance(value, AirVantageConnector)

    @field(
        description="The orders of this account, with conditions that only AirVantage has.",
        graphql_type=Connection[Order] | None,
    )
    @staticmethod
    async def orders(
        root: strawberry.Parent[AirVantageConnector],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            AirVantageOrderFilter | None, strawberry.argument(description="Which orders; all if left out.")
        ] = None,
        sort: Annotated[OrderSort | None, strawberry.argument(description="In which order.")] = None,
    ) -> Connection[domain.Order]:
        """By the time of placing."""
        query = airvantage_order_query(root, filter or AirVantageOrderFilter())
        paging = Paging.of(first, after, last, before)
        direction = (sort or OrderSort()).direction
        return Connection(page=await orders_page([root], query, paging, direction, within=root.id))


graph = VendorGraph(
    types=[AirVantageAccount, AirVantageOrderDetails],
    order_details_input=AirVantageOrderDetailsInput,
)
"""What AirVantage adds to the graph."""
