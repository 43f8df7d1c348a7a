"""What Toybox adds to the graph: its type of account, its order's details, and what it takes beyond the others."""

from ordergraph.graph.account import Account
from ordergraph.graph.derived import Derived
from ordergraph.graph.order import OrderDetails
from ordergraph.graph.schema import VendorGraph
from tests.toy import mapping, wire
from tests.toy.connector import ToyConnector

types = Derived("Toy")


@types.object(view=ToyConnector)
class ToyAccount(Account):
    """An account at Toybox."""


@types.object(wire.Order, view=mapping.ToyOrderDetails)
class ToyOrderDetails(OrderDetails):
    """What only Toybox tells of an order."""


@types.input(wire.OrderWrite)
class ToyOrderDetailsInput:
    """What only Toybox takes of an order."""


graph = VendorGraph(types=[ToyAccount, ToyOrderDetails], order_details_input=ToyOrderDetailsInput)
"""What Toybox adds to the graph."""
