"""What Toybox adds to the graph: its type of account, its order's details, and what it takes beyond the others."""

import strawberry
from strawberry import UNSET, field

from ordergraph.graph.account import Account
from ordergraph.graph.order import OrderDetails
from ordergraph.graph.scalars import graph_enum
from ordergraph.graph.schema import VendorGraph
from tests.toy import mapping
from tests.toy.connector import ToyConnector
from tests.toy.mapping import ToyWrapping

graph_enum(ToyWrapping)


@strawberry.type(description="An account at Toybox.")
class ToyAccount(Account):
    """Read from the account's connector."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Connectors are the accounts."""
        return isinstance(value, ToyConnector)


@strawberry.type(description="What only Toybox tells of an order.")
class ToyOrderDetails(OrderDetails):
    """Read from `mapping.ToyOrderDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.ToyOrderDetails)

    wrapping: ToyWrapping | None = field(description="How it is wrapped; null if it is not.")


@strawberry.input(description="What only Toybox takes of an order.")
class ToyOrderDetailsInput:
    """Becomes the details of a `commands.OrderRequest`."""

    wrapping: ToyWrapping | None = field(default=UNSET, description="How to wrap it; not at all if left out.")


graph = VendorGraph(types=[ToyAccount, ToyOrderDetails], order_details_input=ToyOrderDetailsInput)
"""What Toybox adds to the graph."""
