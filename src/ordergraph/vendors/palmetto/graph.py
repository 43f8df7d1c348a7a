"""What Palmetto adds to the graph: its type of account, and what only its orders, lines and the like have.

Most of it is derived from `wire`: what is written here is computed, or differs.
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
    """An account at Palmetto, which never tells of orders again: its list is what this gateway placed, as sent."""


@strawberry.type(description="Whom the vendor may ask about the order.")
class PalmettoContact:
    """Read from `commands.Contact`."""

    name: str | None = field(description="The person.")
    email: str | None = field(description="The e-mail address.")
    phone: str | None = field(description="The telephone number.")


@types.object(wire.Order, view=mapping.PalmettoOrderDetails)
class PalmettoOrderDetails(OrderDetails):
    """What only Palmetto has of an order, and `contact`, which Palmetto has no field for: it was not told."""

    payloads: list[wire.Payload] = field(description="For which virtual data centres, in order.")
    contact: PalmettoContact | None = field(description="Whom to ask, as the gateway keeps it.")


@types.object(
    wire.OrderRow,
    wire.RequestedProduct,
    wire.Product,
    view=mapping.PalmettoLineItemDetails,
    without=("product", "product_price", "retail_product_price", "extended_price"),
)
class PalmettoLineItemDetails(LineItemDetails):
    """What only Palmetto has of a line; a field that the line's list lacks is null."""

    payload: int = field(description="In which of the order's payloads it stands, counted from 1.")
    list: PalmettoList = field(description="In which list of that payload.")
    support_cost: Money | None = field(description="What the support of one costs.")
    support_cost_total: Money | None = field(description="What the support of all costs.")


@types.object(
    wire.OrderRow,
    wire.RequestedProduct,
    wire.Product,
    view=mapping.PalmettoProductDetails,
    only=("product_category", "provider", "datacenter_code", "data_center_id"),
)
class PalmettoProductDetails(ProductDetails):
    """What only Palmetto has of a product: what the order tells of it by which it is known."""


@types.object(wire.OrderRow, view=mapping.PalmettoSubscriptionDetails, only=("billing_start_date",))
class PalmettoSubscriptionDetails(SubscriptionDetails):
    """What only Palmetto has of a subscription: the recurring line that it was ordered by."""

    line_item: LineItem = field(description="The line, with everything that was ordered.")
    price: Money | None = field(description="What the line comes to; Palmetto does not say for which time.")


@types.input(wire.Order)
class PalmettoOrderDetailsInput:
    """What only Palmetto takes of an order."""


@types.input()
class PalmettoLineItemDetailsInput:
    """What only Palmetto takes of a line: give at most one of `products`, `requestedProducts` and `order`."""

    payload: int | None = field(
        default=UNSET, description="Which of the order's payloads it is for, counted from 1; the first if left out."
    )
    products: wire.Product | None = field(
        default=UNSET, description="For the list `products`. A line that names no list goes there."
    )
    requested_products: wire.RequestedProduct | None = field(
        default=UNSET, description="For the list `requestedproducts`."
    )
    order: wire.OrderRow | None = field(
        default=UNSET, description="For the list `order`. With `requestedAt`, a line that names no list goes there."
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
"""What Palmetto adds to the graph."""
