"""The entities shared by all vendors. Their types are derived from `ordergraph.domain`."""

from datetime import datetime

import strawberry
from strawberry import field

from ordergraph.graph.derived import Derived
from ordergraph.graph.node import Node, later
from ordergraph.graph.scalars import VendorCode

OTHERS = {"Order": later("Order", "ordergraph.graph.order"), "Product": later("Product", "ordergraph.graph.product")}
entities = Derived("", __name__, known=OTHERS)
"""The types of the domain's views and values."""


@strawberry.type
class Entity(Node):
    """The fields common to all entities."""

    vendor: VendorCode = field(description="The vendor that the object belongs to.")
    retrieved_at: datetime = field(description="When the vendor returned this data.")
