"""Stub that the next commit fills."""

import strawberry

from ordergraph.graph.account import Account
from ordergraph.graph.order import OrderDetails
from ordergraph.graph.schema import VendorGraph
from ordergraph.vendors.nuvias import mapping
from ordergraph.vendors.nuvias.connector import NuviasConnector


@strawberry.type
class NuviasAccount(Account):
    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        return isinstance(value, NuviasConnector)


@strawberry.type
class NuviasOrderDetails(OrderDetails):
    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        return isinstance(value, mapping.NuviasOrderDetails)


@strawberry.input
class NuviasOrderDetailsInput:
    end_user: str | None = strawberry.UNSET


@strawberry.input
class NuviasLineItemDetailsInput:
    rate_plan: int | None = strawberry.UNSET


@strawberry.input
class NuviasSubscriptionDetailsInput:
    pending_change: bool | None = strawberry.UNSET


graph = VendorGraph(
    types=[NuviasAccount, NuviasOrderDetails],
    order_details_input=NuviasOrderDetailsInput,
    line_item_details_input=NuviasLineItemDetailsInput,
    subscription_details_input=NuviasSubscriptionDetailsInput,
)
