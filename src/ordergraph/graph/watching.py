"""Subscriptions: orders and write operations, told when they change."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry
from strawberry import ID, argument, field

from ordergraph import watch
from ordergraph.domain import Ref
from ordergraph.domain.errors import InputError
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.entity import entities
from ordergraph.graph.operation import TYPE_NAME, WriteOperation
from ordergraph.graph.scalars import graph_enum
from ordergraph.ledger import operations

MAX_ORDERS = 100

graph_enum(watch.ChangeSource)


@entities.object(watch.Trouble)
class WatchTrouble:
    """Why the vendor does not tell at the moment how an order is."""


@entities.object(watch.Change)
class OrderChange:
    """What you are told of an order that you watch."""

    order_id: ID = field(description="Which order: the ID that you gave.")
    version: str | None = field(description="The version of the order: give it as `since` to go on from here.")


@strawberry.type
class Watching:
    """Fields of the subscription root."""

    @strawberry.subscription(
        description="An order, and again whenever it has changed. Ends when it is final (`isFinal`), and at once if "
        "there is no such order for you. If the vendor does not answer you are told so, and watch on.",
        graphql_type=OrderChange | None,
    )
    @staticmethod
    async def order_changed(
        info: GraphInfo,
        id: Annotated[ID, argument(description="The order's ID.")],
        since: Annotated[
            str | None,
            argument(
                description="The version that you know: you are told only what has happened since. If the gateway has "
                "forgotten that already, you are told how the order is now."
            ),
        ] = None,
    ) -> AsyncGenerator[watch.Change, None]:
        """By the account's poller."""
        refs = [Ref.parse(id, "Order")]
        return info.context.watches.orders(info.context.caller, refs, since)

    @strawberry.subscription(
        description="Several orders, at most 100, as `orderChanged` tells of one: ends when all of them are final.",
        graphql_type=OrderChange | None,
    )
    @staticmethod
    async def orders_changed(
        info: GraphInfo, ids: Annotated[list[ID], argument(description="The orders' IDs.")]
    ) -> AsyncGenerator[watch.Change, None]:
        """By the accounts' pollers."""
        if len(ids) > MAX_ORDERS:
            raise InputError(f"`ids` may have at most {MAX_ORDERS} entries, not {len(ids)}")
        refs = [Ref.parse(id_, "Order") for id_ in dict.fromkeys(ids)]
        return info.context.watches.orders(info.context.caller, refs)

    @strawberry.subscription(
        description="A write operation, and again whenever its status has changed. Ends when it is CONFIRMED or "
        "REJECTED; null, and the end at once, if there is none for you.",
        graphql_type=WriteOperation | None,
    )
    @staticmethod
    async def operation_changed(
        info: GraphInfo, id: Annotated[ID, argument(description="The operation's ID.")]
    ) -> AsyncGenerator[operations.WriteOperation | None, None]:
        """Out of the ledger."""
        ref = Ref.parse(id, TYPE_NAME)
        return info.context.watches.operation(info.context.caller, ref)
