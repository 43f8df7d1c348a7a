"""Toybox's part of the graph: its account type, its order details, and its additional input."""

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
    """Fields of an order that only Toybox has."""


@types.input(wire.OrderWrite)
class ToyOrderDetailsInput:
    """Input of an order that only Toybox accepts."""


graph = VendorGraph(types=[ToyAccount, ToyOrderDetails], order_details_input=ToyOrderDetailsInput)
"""Toybox's part of the graph."""
