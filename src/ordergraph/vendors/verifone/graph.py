"""What Verifone adds to the graph: its type of account, its filters, and what only it takes."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.domain.commands import OrderQuery
from ordergraph.domain.errors import InputError
from ordergraph.graph.account import Account
from ordergraph.graph.connection import After, Before, Connection, First, Last, Paging
from ordergraph.graph.inputs import bounded
from ordergraph.graph.order import Order, OrderConditions, OrderSort, order_query, orders_page
from ordergraph.graph.scalars import graph_enum
from ordergraph.graph.schema import VendorGraph
from ordergraph.vendors.verifone import requests
from ordergraph.vendors.verifone.connector import VerifoneConnector
from ordergraph.vendors.verifone.graph_details import (
    VerifoneCancelDetailsInput,
    VerifoneLineItemDetails,
    VerifoneLineItemDetailsInput,
    VerifoneOrderDetails,
    VerifoneOrderDetailsInput,
    VerifoneSubscriptionDetails,
)
from ordergraph.vendors.verifone.values import VerifoneOrderStatus, stamp

graph_enum(VerifoneOrderStatus)


@strawberry.input(description="Which orders: conditions are ANDed, the values of one are ORed.")
class VerifoneOrderFilter(OrderConditions):
    """Becomes a `commands.OrderQuery`."""

    vendor_status: VerifoneOrderStatus | None = field(default=None, description="In this of Verifone's finer statuses.")
    customer_entity_uid: str | None = field(default=None, description="Of the customer with this ID of Verifone's.")
    merchant_company: str | None = field(default=None, description="Of a merchant with this in its name.")
    created_by: str | None = field(default=None, description="Made by the user with this ID of Verifone's.")
    changed_since: datetime | None = field(
        default=None,
        description="Whose finer status has changed since then. Verifone cannot search for it: the gateway reads all "
        "orders that meet the other conditions.",
    )
    unchanged_since: datetime | None = field(
        default=None, description="Whose finer status last changed before then, such as orders that are stuck."
    )


def verifone_order_query(at: VerifoneConnector, wanted: VerifoneOrderFilter) -> OrderQuery:
    """The conditions that all vendors have, and Verifone's own beside them, by its parameters."""
    query = order_query(wanted)
    details: dict[str, Any] = {
        "detailedStatus": wanted.vendor_status.name if wanted.vendor_status else None,
        "customerEntityUid": uuid_of(wanted.customer_entity_uid, "filter.customerEntityUid"),
        "merchantCompany": bounded(wanted.merchant_company, "filter.merchantCompany"),
        "userUids": uuid_of(wanted.created_by, "filter.createdBy"),
        requests.CHANGED_SINCE: wanted.changed_since,
        "lastChangeTime": stamp(wanted.unchanged_since) if wanted.unchanged_since else None,
    }
    if any(details.values()) and not at.searches:
        raise InputError(f"`filter`: account {at.name} has no extension 'search', which these conditions need")
    return replace(query, details={name: value for name, value in details.items() if value is not None})


def uuid_of(text: str | None, name: str) -> str | None:
    """A UUID; raise InputError if it cannot be one."""
    uid = None if text is None else requests.uuid_of(text)
    if text is not None and uid is None:
        raise InputError(f"`{name}`: an ID of Verifone's is a UUID")
    return uid


@strawberry.type(description="An account at Verifone.")
class VerifoneAccount(Account):
    """Read from the account's connector."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Connectors are the accounts."""
        return isinstance(value, VerifoneConnector)

    @field(
        description="The orders of this account, with conditions that only Verifone has.",
        graphql_type=Connection[Order] | None,
    )
    @staticmethod
    async def orders(
        root: strawberry.Parent[VerifoneConnector],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            VerifoneOrderFilter | None, strawberry.argument(description="Which orders; all if left out.")
        ] = None,
        sort: Annotated[OrderSort | None, strawberry.argument(description="In which order.")] = None,
    ) -> Connection[domain.Order]:
        """By the time of making."""
        query = verifone_order_query(root, filter or VerifoneOrderFilter())
        paging = Paging.of(first, after, last, before)
        direction = (sort or OrderSort()).direction
        return Connection(page=await orders_page([root], query, paging, direction, within=root.id))


graph = VendorGraph(
    types=[VerifoneAccount, VerifoneOrderDetails, VerifoneLineItemDetails, VerifoneSubscriptionDetails],
    order_details_input=VerifoneOrderDetailsInput,
    line_item_details_input=VerifoneLineItemDetailsInput,
    cancel_details_input=VerifoneCancelDetailsInput,
)
"""What Verifone adds to the graph."""
