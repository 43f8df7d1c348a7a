"""Subscriptions: contracts with a vendor that run over a term."""

from functools import partial

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.domain import SubscriptionStatus
from ordergraph.domain.commands import SubscriptionQuery
from ordergraph.graph.caching import SECONDS, cached
from ordergraph.graph.connection import Page, Paging, chained, listed
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.entity import Entity, entities
from ordergraph.graph.inputs import AccountFilter, asked, conditions
from ordergraph.graph.node import NODES, by_id
from ordergraph.graph.scalars import JSON, graph_enum

graph_enum(SubscriptionStatus)


@strawberry.interface(description="Vendor-specific details of a subscription. See the type of the vendor.")
class SubscriptionDetails:
    """Implemented by each vendor."""

    raw: JSON = field(description="The subscription as the vendor sent it, with secrets removed.")


@entities.object(domain.SubscriptionItem)
class SubscriptionItem:
    """A product covered by a subscription."""


@entities.object(domain.Subscription, directives=cached(SECONDS))
class Subscription(Entity):
    """A contract with a vendor that runs over a term."""

    details: SubscriptionDetails | None = field(description="Vendor-specific details of the subscription.")
    version: str = field(description="An opaque string that changes whenever anything in the subscription changes.")


@strawberry.input(
    description="Filters subscriptions. Conditions are combined with AND, the values of one condition with OR."
)
class SubscriptionFilter(AccountFilter):
    """Becomes a `commands.SubscriptionQuery`."""

    statuses: list[SubscriptionStatus] | None = field(
        default=None, description="Returns only subscriptions in these statuses."
    )
    name: str | None = field(
        default=None, description="Returns only subscriptions whose name matches this text, as the vendor searches."
    )


@strawberry.type
class SubscriptionQueries:
    """Fields of the query root."""

    subscription = by_id(
        Subscription,
        "subscription",
        NODES["Subscription"],
        "Returns the subscription with the given ID. Null if it does not exist or you do not have access to it.",
        directives=cached(SECONDS),
    )

    @listed(
        Subscription,
        SubscriptionFilter,
        "Filters the subscriptions. Returns all subscriptions if omitted.",
        "The subscriptions of all accounts, one account after the other.",
        directives=cached(SECONDS),
    )
    @staticmethod
    async def subscriptions(
        info: GraphInfo, paging: Paging, filter: SubscriptionFilter | None
    ) -> Page[domain.Subscription]:
        """Concatenated over the accounts."""
        query = conditions(SubscriptionQuery, filter)
        sources = [(connector, partial(connector.list_subscriptions, query)) for connector in asked(info, filter)]
        return await chained(sources, paging, tag="subscriptions")
