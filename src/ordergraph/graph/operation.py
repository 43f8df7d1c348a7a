"""Write operations: the record of every use of a mutation."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Optional

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain import WriteStatus
from ordergraph.graph.account import Account
from ordergraph.graph.context import Context, GraphInfo
from ordergraph.graph.node import Node
from ordergraph.graph.scalars import JSON, words
from ordergraph.ledger import operations

if TYPE_CHECKING:
    from ordergraph.graph.order import Order

words(WriteStatus)

TYPE_NAME = "WriteOperation"
ITS_ORDER: Any = Optional[Annotated["Order", strawberry.lazy("ordergraph.graph.order")]]  # noqa: UP045 - `|` knows no Annotated


@strawberry.type(description="A call that was sent to a vendor, without secrets.")
class VendorCall:
    """The graph's form of `operations.SentCall`."""

    operation: str = field(description="What it is for, as ordergraph names it.")
    method: str = field(description="The HTTP method.")
    target: str = field(description="The path with its query.")
    body: JSON | None = field(description="What was sent, as JSON where it is any, as text otherwise.")


@strawberry.type(
    description="One use of a mutation that was sent to a vendor: the gateway's own record, written before the first "
    "byte left. What was refused before sending has none."
)
class WriteOperation(Node):
    """The graph's form of `operations.WriteOperation`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return the ledger's own."""
        return isinstance(value, operations.WriteOperation)

    mutation: str = field(description="Which mutation.")
    idempotency_key: str | None = field(description="Under which key.")
    status: WriteStatus = field(description="What is known of it.")
    status_reason: str | None = field(description="Why it was not done, or is in doubt.")
    replayed: bool = field(description="Whether this answer is a repeat: nothing was sent for it.")
    created_at: datetime = field(description="When it was put on record, just before it was sent.")
    settled_at: datetime | None = field(description="When its outcome was put on record.")
    request: JSON | None = field(description="The mutation's input, without secrets.")
    calls: list[VendorCall] = field(description="What was sent to the vendor, in order.")

    @field(description="The global ID.")
    @staticmethod
    def id(root: strawberry.Parent[operations.WriteOperation]) -> strawberry.ID:
        """Of the account and the record."""
        return strawberry.ID(str(domain.Ref(TYPE_NAME, root.account, (root.id,))))

    @field(description="With which account.", graphql_type=Account)
    @staticmethod
    def account(root: strawberry.Parent[operations.WriteOperation], info: GraphInfo) -> Connector:
        """The account of the record."""
        return info.context.accounts[root.account]

    @field(description="The IDs of what it made or changed.")
    @staticmethod
    def object_ids(root: strawberry.Parent[operations.WriteOperation]) -> list[strawberry.ID]:
        """As they were put on record."""
        return [strawberry.ID(one) for one in root.objects if one]

    @field(description="The order that it made or changed, as it is now.", graphql_type=ITS_ORDER)
    @staticmethod
    async def order(root: strawberry.Parent[operations.WriteOperation], info: GraphInfo) -> domain.Order | None:
        """By loader."""
        refs = [domain.Ref.parse(one) for one in root.objects if one]
        found = next((ref for ref in refs if ref.type == "Order"), None)
        if found is None:
            return None
        return await info.context.loaders.load(info.context.accounts[found.account].fetch_orders, found.joined)


async def fetch_operation(context: Context, connector: Connector, ref: domain.Ref) -> object | None:
    """An operation of an account by its ID."""
    return await context.ledger.operations.by_id(connector.name, ref.joined)


@strawberry.type
class OperationQueries:
    """Fields of the query root."""

    @field(
        description="A write operation by its ID; null if there is none for you.", graphql_type=WriteOperation | None
    )
    @staticmethod
    async def operation(
        info: GraphInfo, id: Annotated[strawberry.ID, strawberry.argument(description="The operation's ID.")]
    ) -> operations.WriteOperation | None:
        """Out of the ledger."""
        ref = domain.Ref.parse(id, TYPE_NAME)
        connector = info.context.account(ref.account)
        return await info.context.ledger.operations.by_id(connector.name, ref.joined) if connector else None

    @field(
        description="The write operation that has used up an idempotency key; null if the key is free.",
        graphql_type=WriteOperation | None,
    )
    @staticmethod
    async def operation_by_key(
        info: GraphInfo,
        account_id: Annotated[strawberry.ID, strawberry.argument(description="With which account.")],
        idempotency_key: Annotated[str, strawberry.argument(description="The key.")],
    ) -> operations.WriteOperation | None:
        """Out of the ledger."""
        connector = info.context.by_id(account_id)
        return await info.context.ledger.operations.by_key(connector.name, idempotency_key)
