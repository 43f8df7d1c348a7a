"""Subscriptions: contracts with a vendor that run over time."""

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


@strawberry.interface(description="What only one vendor tells of a subscription: see its own type.")
class SubscriptionDetails:
    """Vendors' folders implement it."""

    raw: JSON = field(description="The subscription as the vendor sent it, without secrets.")


@entities.object(domain.SubscriptionItem)
class SubscriptionItem:
    """A product that a subscription covers."""


@entities.object(domain.Subscription, directives=cached(SECONDS))
class Subscription(Entity):
    """A contract with a vendor that runs over time."""

    details: SubscriptionDetails | None = field(description="What only this vendor tells.")
    version: str = field(description="Changes whenever anything in the subscription changes; opaque.")


@strawberry.input(description="Which subscriptions: conditions are ANDed, the values of one are ORed.")
class SubscriptionFilter(AccountFilter):
    """Becomes a `commands.SubscriptionQuery`."""

    status: list[SubscriptionStatus] | None = field(default=None, description="In these statuses.")
    name: str | None = field(default=None, description="Words in the name, as the vendor searches.")


@strawberry.type
class SubscriptionQueries:
    """Fields of the query root."""

    subscription = by_id(
        Subscription,
        "subscription",
        NODES["Subscription"],
        "A subscription by its ID; null if there is none for you.",
        directives=cached(SECONDS),
    )

    @listed(
        Subscription,
        SubscriptionFilter,
        "Which subscriptions; all if left out.",
        "The subscriptions of all accounts, one account behind the other.",
        directives=cached(SECONDS),
    )
    @staticmethod
    async def subscriptions(
        info: GraphInfo, paging: Paging, filter: SubscriptionFilter | None
    ) -> Page[domain.Subscription]:
        """A chain over the accounts."""
        query = conditions(SubscriptionQuery, filter)
        sources = [(connector, partial(connector.list_subscriptions, query)) for connector in asked(info, filter)]
        return await chained(sources, paging, tag="subscriptions")
