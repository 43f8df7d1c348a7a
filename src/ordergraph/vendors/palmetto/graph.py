"""What Palmetto adds to the graph: its type of account, and what only its orders, lines and the like have."""

import strawberry

from ordergraph.graph.account import Account
from ordergraph.graph.schema import VendorGraph
from ordergraph.vendors.palmetto.connector import PalmettoConnector
from ordergraph.vendors.palmetto.graph_details import (
    PalmettoLineItemDetails,
    PalmettoLineItemDetailsInput,
    PalmettoOrderDetails,
    PalmettoOrderDetailsInput,
    PalmettoProductDetails,
    PalmettoSubscriptionDetails,
)


@strawberry.type(
    description="An account at Palmetto Virtual Data Center. Palmetto takes orders and never tells of them again: "
    "its list holds what was placed by this gateway, as it was sent."
)
class PalmettoAccount(Account):
    """Read from the account's connector."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Connectors are the accounts."""
        return isinstance(value, PalmettoConnector)


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
