"""Write operations: the record of every use of a mutation."""

from typing import Annotated

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain import Action, WriteStatus
from ordergraph.domain.paging import Slice, Window
from ordergraph.graph import cursor
from ordergraph.graph.account import Account
from ordergraph.graph.connection import Page, Paging, listed, merged
from ordergraph.graph.context import Context, GraphInfo
from ordergraph.graph.entity import entities
from ordergraph.graph.inputs import AccountFilter, asked, conditions
from ordergraph.graph.node import ITS_ORDER, Node, by_id, shows
from ordergraph.graph.scalars import graph_enum
from ordergraph.graph.values import DateTimeRange
from ordergraph.ledger import operations
from ordergraph.ledger.operations import OperationQuery

graph_enum(WriteStatus)

TYPE_NAME = "WriteOperation"
TAG = "operations:CREATED_AT"
ACTIONS = {"".join(part.capitalize() for part in one.name.split("_")): one for one in Action}
"""The actions by the names of their mutations, but for the first letter."""


@entities.object(operations.SentCall)
class VendorCall:
    """A call that was sent to a vendor, without secrets."""


@entities.object(operations.Response)
class VendorAnswer:
    """What a vendor answered, without secrets."""


@entities.object(operations.Settlement)
class Settlement:
    """What a person has decided of an operation that was in doubt."""

    caller: str | None = field(description="Which caller of the gateway settled it.")


@entities.object(operations.WriteOperation)
class WriteOperation(Node):
    """One use of a mutation, recorded before the call was sent to the vendor. A refused mutation has no record."""

    is_type_of = shows(operations.WriteOperation)

    key_is_free: bool | None = field(
        description="Whether the key can be used again, also with another input: true if the operation is REJECTED and "
        "no later one has used the key since; null if it had no key."
    )
    status_reason: str | None = field(description="Why it was not done, or is in doubt.")

    @field(description="The global ID.")
    @staticmethod
    def id(root: strawberry.Parent[operations.WriteOperation]) -> strawberry.ID:
        """Of the account and the record."""
        return strawberry.ID(str(domain.Ref(TYPE_NAME, root.account, (root.id,))))

    @field(description="What was to be done; null for what only one vendor has.")
    @staticmethod
    def action(root: strawberry.Parent[operations.WriteOperation]) -> Action | None:
        """By the mutation's name."""
        return ACTIONS.get(root.mutation[:1].upper() + root.mutation[1:])

    @field(description="With which account.", graphql_type=Account)
    @staticmethod
    def account(root: strawberry.Parent[operations.WriteOperation], info: GraphInfo) -> Connector:
        """The account of the record."""
        return info.context.accounts[root.account]

    @field(description="Which caller of the gateway asked for it; null where callers have no names.")
    @staticmethod
    def caller(root: strawberry.Parent[operations.WriteOperation]) -> str | None:
        """The name in the settings."""
        return root.caller or None

    @field(description="The vendor's own ID of the request, if it told one.")
    @staticmethod
    def vendor_request_id(root: strawberry.Parent[operations.WriteOperation]) -> str | None:
        """Out of the last answer."""
        return root.response.request_id if root.response else None

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


async def fetch_operation(context: Context, connector: Connector, ref: domain.Ref) -> operations.WriteOperation | None:
    """An operation of an account by its ID."""
    return await context.ledger.operations.by_id(connector.name, ref.joined)


@strawberry.input(description="Which operations: conditions are ANDed, the values of one are ORed.")
class OperationFilter(AccountFilter):
    """Becomes an `OperationQuery`."""

    status: list[WriteStatus] | None = field(default=None, description="In these statuses.")
    mutation: list[str] | None = field(default=None, description="Of these mutations, such as `placeOrder`.")
    created_at: DateTimeRange | None = field(default=None, description="Put on record in this time.")


@strawberry.type
class OperationQueries:
    """Fields of the query root."""

    operation = by_id(
        WriteOperation, "operation", fetch_operation, "A write operation by its ID; null if there is none for you."
    )

    @field(
        description="What you have sent under an idempotency key: the operation that has used the key up, or else the "
        "latest, which was REJECTED and left the key free (`keyIsFree`). Null if nothing was ever sent under it, or so "
        "long ago that it is no longer on record.",
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
        record, caller = info.context.ledger.operations, info.context.caller.name
        return await record.latest_by_key(caller, connector.name, idempotency_key)

    @listed(
        WriteOperation,
        OperationFilter,
        "Which operations; all if left out.",
        "The write operations of all accounts, the newest first: of every caller that may use the account.",
    )
    @staticmethod
    async def operations(
        info: GraphInfo, paging: Paging, filter: OperationFilter | None
    ) -> Page[operations.WriteOperation]:
        """Merged by time."""
        query, record = conditions(OperationQuery, filter), info.context.ledger.operations

        async def read(connector: Connector, window: Window) -> Slice[operations.WriteOperation]:
            return await record.listed(connector.name, query, window)

        async def count(connector: Connector) -> int | None:
            return await record.count(connector.name, query)

        return await merged(
            asked(info, filter),
            paging,
            read,
            count,
            tag=TAG,
            key=lambda one: one.place,
            decode=cursor.decode_moment_key,
            descending=True,
        )
