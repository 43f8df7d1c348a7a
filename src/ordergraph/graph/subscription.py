"""Subscriptions: contracts with a vendor that run over time."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain import SubscriptionStatus
from ordergraph.domain.commands import SubscriptionQuery
from ordergraph.domain.paging import OffsetPage
from ordergraph.graph.caching import SECONDS, cached
from ordergraph.graph.connection import PAGED, Connection, Paging, chained
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.entity import Entity, entities
from ordergraph.graph.inputs import AccountFilter, asked, bounded, choices
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


def subscription_query(filter_: SubscriptionFilter | None) -> SubscriptionQuery:
    """The conditions, checked."""
    if filter_ is None:
        return SubscriptionQuery()
    return SubscriptionQuery(status=choices(filter_.status, "filter.status"), name=bounded(filter_.name, "filter.name"))


@strawberry.type
class SubscriptionQueries:
    """Fields of the query root."""

    @field(
        description="A subscription by its ID; null if there is none for you.",
        graphql_type=Subscription | None,
        directives=cached(SECONDS),
    )
    @staticmethod
    async def subscription(
        info: GraphInfo,
        id: Annotated[strawberry.ID, strawberry.argument(description="The subscription's ID.")],
    ) -> domain.Subscription | None:
        """By loader."""
        ref = domain.Ref.parse(id, "Subscription")
        connector = info.context.account(ref.account)
        if connector is None:
            return None
        return await info.context.loaders.load(connector.fetch_subscriptions, ref.joined)

    @field(
        description="The subscriptions of all accounts, one account behind the other.",
        graphql_type=Connection[Subscription] | None,
        extensions=PAGED,
        directives=cached(SECONDS),
    )
    @staticmethod
    async def subscriptions(
        info: GraphInfo,
        paging: Paging,
        filter: Annotated[
            SubscriptionFilter | None,
            strawberry.argument(description="Which subscriptions; all if left out."),
        ] = None,
    ) -> Connection[domain.Subscription]:
        """A chain over the accounts."""
        query = subscription_query(filter)

        def source(connector: Connector) -> Callable[[int, int], Awaitable[OffsetPage[domain.Subscription]]]:
            return lambda offset, limit: connector.list_subscriptions(query, offset, limit)

        sources = [(connector, source(connector)) for connector in asked(info, filter)]
        page = await chained(sources, paging, tag="subscriptions")
        return Connection(page=page)
