"""Shipments: goods on their way."""

from datetime import date, datetime
from decimal import Decimal

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.graph.caching import SECONDS, cached
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.node import Node, shows
from ordergraph.graph.product import Product, product_of
from ordergraph.graph.scalars import VendorCode


@strawberry.type(description="Goods of one kind in a shipment.")
class ShipmentItem:
    """The graph's form of `domain.ShipmentItem`."""

    name: str | None = field(description="What the goods are called.")
    sku: str | None = field(description="The vendor's code of the product.")
    quantity: Decimal | None = field(description="How many.")
    serial_numbers: list[str] = field(description="The serial numbers, one for each device.")

    @field(description="The product.", graphql_type=Product | None)
    @staticmethod
    async def product(root: strawberry.Parent[domain.ShipmentItem], info: GraphInfo) -> domain.Product | None:
        """By loader."""
        return await product_of(info, root.origin, root.product_id)


@strawberry.type(description="Goods on their way to the buyer.", directives=cached(SECONDS))
class Shipment(Node):
    """The graph's form of `domain.Shipment`."""

    is_type_of = shows(domain.Shipment)

    vendor: VendorCode = field(description="Whose shipment it is.")
    reference: str | None = field(description="The vendor's number of the shipment.")
    tracking_number: str | None = field(description="The carrier's number of the parcel.")
    tracking_url: str | None = field(description="Where the carrier tells how far it has come.")
    shipped_on: date | None = field(description="The day it left.")
    items: list[ShipmentItem] = field(description="What is in it.")
    retrieved_at: datetime = field(description="When the vendor said this.")
