"""Palmetto's part of the graph: its account type, and details of the shared types.

Most fields are derived from `wire`. The fields written here are computed, or differ.
"""

import strawberry
from strawberry import UNSET, field

from ordergraph.graph.account import Account
from ordergraph.graph.derived import Derived
from ordergraph.graph.order import LineItem, LineItemDetails, OrderDetails
from ordergraph.graph.product import ProductDetails
from ordergraph.graph.scalars import graph_enum
from ordergraph.graph.schema import VendorGraph
from ordergraph.graph.subscription import SubscriptionDetails
from ordergraph.graph.values import Money
from ordergraph.vendors.palmetto import mapping, wire
from ordergraph.vendors.palmetto.connector import PalmettoConnector
from ordergraph.vendors.palmetto.values import PalmettoList

types = Derived("Palmetto")
graph_enum(PalmettoList)


@types.object(view=PalmettoConnector)
class PalmettoAccount(Account):
    """An account at Palmetto VDC. Its orders are those placed by this gateway: Palmetto's API cannot read orders."""


@strawberry.type(description="The contact for questions about an order.")
class PalmettoContact:
    """Read from `commands.Contact`."""

    name: str | None = field(description="The name of the contact.")
    email: str | None = field(description="The email address of the contact.")
    phone: str | None = field(description="The phone number of the contact.")


@types.object(wire.Order, view=mapping.PalmettoOrderDetails)
class PalmettoOrderDetails(OrderDetails):
    """The fields of an order that only Palmetto VDC has."""

    payloads: list[wire.Payload] = field(
        description="The virtual data centres that the order is for, in the order in which they were sent."
    )
    contact: PalmettoContact | None = field(
        description="The contact for questions about the order. Null if none was given. Only the gateway "
        "stores it: Palmetto has no field for it."
    )


@types.object(
    wire.OrderRow,
    wire.RequestedProduct,
    wire.Product,
    view=mapping.PalmettoLineItemDetails,
    without=("product", "product_price", "retail_product_price", "extended_price"),
)
class PalmettoLineItemDetails(LineItemDetails):
    """The fields of a line item that only Palmetto VDC has. A field is null if the line's list does not have it."""

    payload: int = field(description="The position of the line's payload in the order, starting at 1.")
    list: PalmettoList = field(description="The list of the payload that contains the line.")
    support_cost: Money | None = field(description="The support cost per unit.")
    support_cost_total: Money | None = field(description="The total support cost of the line.")


@types.object(
    wire.OrderRow,
    wire.RequestedProduct,
    wire.Product,
    view=mapping.PalmettoProductDetails,
    only=("product_category", "provider", "datacenter_code", "data_center_id"),
)
class PalmettoProductDetails(ProductDetails):
    """The fields of a product that only Palmetto VDC has, taken from a line item that ordered it."""


@types.object(wire.OrderRow, view=mapping.PalmettoSubscriptionDetails, only=("billing_starts_at",))
class PalmettoSubscriptionDetails(SubscriptionDetails):
    """The fields of a subscription that only Palmetto VDC has, taken from the recurring line item that ordered it."""

    line_item: LineItem = field(description="The line item that ordered the subscription.")
    price: Money | None = field(
        description="The total amount of the line item. Palmetto does not specify the billing period."
    )


@types.input(wire.Order)
class PalmettoOrderDetailsInput:
    """The fields of an order that only Palmetto VDC accepts."""


@types.input()
class PalmettoLineItemDetailsInput:
    """Line item fields that only Palmetto VDC accepts. Give at most one of `products`, `requestedProducts`, `order`."""

    payload: int | None = field(
        default=UNSET,
        description="The position of the line's payload in the order, starting at 1. Defaults to the first payload.",
    )
    products: wire.Product | None = field(
        default=UNSET,
        description="Puts the line in the list `products`. This list is the default if `requestedAt` is omitted.",
    )
    requested_products: wire.RequestedProduct | None = field(
        default=UNSET, description="Puts the line in the list `requestedproducts`."
    )
    order: wire.OrderRow | None = field(
        default=UNSET,
        description="Puts the line in the list `order`. This list is the default if `requestedAt` is given.",
    )


graph = VendorGraph(
    types=[
        PalmettoAccount,
        PalmettoOrderDetails,
        PalmettoLineItemDetails,
        PalmettoProductDetails,
        PalmettoSubscriptionDetails,
    ],
    order_details_input=PalmettoOrderDetailsInput,
    line_item_details_input=PalmettoLineItemDetailsInput,
)
"""Palmetto's part of the graph."""
