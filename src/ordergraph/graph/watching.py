"""Subscriptions: updates about orders and write operations."""

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


@entities.object(watch.WatchError)
class WatchError:
    """The reason why a watched order cannot currently be read from the vendor."""


@entities.object(watch.Change)
class OrderChange:
    """An event about a watched order."""

    order_id: ID = field(description="The ID of the order, as given in the subscription.")
    version: str | None = field(
        description="The version of the order. Pass it as `sinceVersion` to resume from here. Null if `order` is null."
    )


@strawberry.type
class Watching:
    """Fields of the subscription root."""

    @strawberry.subscription(
        description="Emits an order, and again whenever it changes. Completes when the order is final (`isFinal`), or "
        "immediately if it does not exist or you do not have access to it. If the order cannot be read from the "
        "vendor, an event with `error` is emitted, and the subscription continues.",
        graphql_type=OrderChange | None,
    )
    @staticmethod
    async def order_changed(
        info: GraphInfo,
        id: Annotated[ID, argument(description="The ID of the order.")],
        since_version: Annotated[
            str | None,
            argument(
                description="The last version of the order that you received. Emits only the changes since then, or "
                "the current order if the gateway no longer has them."
            ),
        ] = None,
    ) -> AsyncGenerator[watch.Change, None]:
        """From the account's poller."""
        refs = [Ref.parse(id, "Order")]
        return info.context.watches.orders(info.context.caller, refs, since_version)

    @strawberry.subscription(
        description="Emits events about several orders, as `orderChanged` does for one. Completes when all of them are "
        "final.",
        graphql_type=OrderChange | None,
    )
    @staticmethod
    async def orders_changed(
        info: GraphInfo, ids: Annotated[list[ID], argument(description="The IDs of the orders (at most 100).")]
    ) -> AsyncGenerator[watch.Change, None]:
        """From the accounts' pollers."""
        if len(ids) > MAX_ORDERS:
            raise InputError(f"`ids` may have at most {MAX_ORDERS} entries. It has {len(ids)}.")
        refs = [Ref.parse(id_, "Order") for id_ in dict.fromkeys(ids)]
        return info.context.watches.orders(info.context.caller, refs)

    @strawberry.subscription(
        description="Emits a write operation, and again whenever its status changes. Completes when the operation is "
        "CONFIRMED or REJECTED. Emits null and completes if it does not exist or you do not have access to it.",
        graphql_type=WriteOperation | None,
    )
    @staticmethod
    async def operation_changed(
        info: GraphInfo, id: Annotated[ID, argument(description="The ID of the operation.")]
    ) -> AsyncGenerator[operations.WriteOperation | None, None]:
        """From the ledger."""
        ref = Ref.parse(id, TYPE_NAME)
        return info.context.watches.operation(info.context.caller, ref)
