"""Subscriptions: orders and write operations, told when they change."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID, argument, field

from ordergraph import watch
from ordergraph.domain import OrderStatus, Ref
from ordergraph.domain.errors import InputError
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.operation import TYPE_NAME, WriteOperation
from ordergraph.graph.order import Order
from ordergraph.graph.scalars import graph_enum
from ordergraph.ledger import operations

MAX_ORDERS = 100

graph_enum(watch.ChangeSource)


@strawberry.type(description="Why the vendor does not tell at the moment how an order is.")
class WatchTrouble:
    """The graph's form of `changes.Trouble`."""

    code: str = field(description="What kind of trouble: one of the codes of errors, such as VENDOR_UNAVAILABLE.")
    message: str = field(description="What it is, in English, for people.")
    retryable: bool = field(description="Whether it may go away by itself.")
    retry_after: float | None = field(description="Seconds for which the vendor is not asked, if that is known.")
    since: datetime = field(description="When it began.")


@strawberry.type(description="What you are told of an order that you watch.")
class OrderChange:
    """The graph's form of `changes.Change`."""

    order_id: ID = field(description="Which order: the ID that you gave.")
    order: Order | None = field(
        description="The order as it was last seen. Null if there is none for you, or none any more: then this is the "
        "last that you are told of it. Null with `trouble` if it could not be read yet."
    )
    previous_status: OrderStatus | None = field(
        description="In which status it was before, the same if something else has changed; null if that is not known."
    )
    changed_fields: list[str] | None = field(
        description="Which fields of Order have changed, `details` standing for all that only the vendor has; null if "
        "that is not known. What takes a look of its own is not watched: `charges`, `subscriptions`, `invoices`."
    )
    version: str | None = field(description="The version of the order: give it as `since` to go on from here.")
    source: watch.ChangeSource = field(description="Why you are told.")
    trouble: WatchTrouble | None = field(description="Why the order cannot be read at the moment; null if it can.")


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
