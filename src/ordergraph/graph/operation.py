"""Write operations: the records of all uses of mutations."""

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
"""The actions by the names of their mutations, with a capital first letter."""


@entities.object(operations.SentCall)
class VendorCall:
    """A call to a vendor's API, with secrets removed."""


@entities.object(operations.Response)
class VendorResponse:
    """The response of a vendor to a call, with secrets removed."""


@entities.object(operations.Settlement)
class Settlement:
    """The manual settlement of an operation whose outcome was unknown."""

    caller: str | None = field(description="The name of the caller that settled the operation.")


@entities.object(operations.WriteOperation)
class WriteOperation(Node):
    """One use of a mutation, recorded before the call is sent to the vendor. Refused mutations are not recorded."""

    is_type_of = shows(operations.WriteOperation)

    is_key_reusable: bool | None = field(
        description="Whether the idempotency key can be used again, even with a different input. True if the operation "
        "is REJECTED and no later operation has used the key. Null if the operation has no key."
    )
    status_reason: str | None = field(
        description="The reason why the operation was not performed or is in doubt. Null otherwise."
    )

    @field(description="The global ID of the operation.")
    @staticmethod
    def id(root: strawberry.Parent[operations.WriteOperation]) -> strawberry.ID:
        """Of the account and the record."""
        return strawberry.ID(str(domain.Ref(TYPE_NAME, root.account, (root.id,))))

    @field(description="The action of the operation. Null for vendor-specific mutations.")
    @staticmethod
    def action(root: strawberry.Parent[operations.WriteOperation]) -> Action | None:
        """By the mutation's name."""
        return ACTIONS.get(root.mutation[:1].upper() + root.mutation[1:])

    @field(description="The account that the operation belongs to.", graphql_type=Account)
    @staticmethod
    def account(root: strawberry.Parent[operations.WriteOperation], info: GraphInfo) -> Connector:
        """The account of the record."""
        return info.context.accounts[root.account]

    @field(description="The name of the caller that used the mutation. Null if callers are anonymous.")
    @staticmethod
    def caller(root: strawberry.Parent[operations.WriteOperation]) -> str | None:
        """The name in the settings."""
        return root.caller or None

    @field(description="The vendor's ID of the request. Null if it returned none.")
    @staticmethod
    def vendor_request_id(root: strawberry.Parent[operations.WriteOperation]) -> str | None:
        """From the last response."""
        return root.response.request_id if root.response else None

    @field(description="The IDs of the objects that the operation created or changed.")
    @staticmethod
    def object_ids(root: strawberry.Parent[operations.WriteOperation]) -> list[strawberry.ID]:
        """As recorded."""
        return [strawberry.ID(one) for one in root.objects if one]

    @field(
        description="The order that the operation created or changed, in its current state. Null if there is none.",
        graphql_type=ITS_ORDER,
    )
    @staticmethod
    async def order(root: strawberry.Parent[operations.WriteOperation], info: GraphInfo) -> domain.Order | None:
        """By loader."""
        refs = [domain.Ref.parse(one) for one in root.objects if one]
        found = next((ref for ref in refs if ref.type == "Order"), None)
        if found is None:
            return None
        return await info.context.loaders.load(info.context.accounts[found.account].fetch_orders, found.joined)


async def fetch_operation(context: Context, connector: Connector, ref: domain.Ref) -> operations.WriteOperation | None:
    """Fetch an operation of an account by its ID."""
    return await context.ledger.operations.by_id(connector.name, ref.joined)


@strawberry.input(
    description="Filters write operations. Conditions are combined with AND, the values of one condition with OR."
)
class OperationFilter(AccountFilter):
    """Becomes an `OperationQuery`."""

    statuses: list[WriteStatus] | None = field(default=None, description="Returns only operations in these statuses.")
    mutations: list[str] | None = field(
        default=None, description="Returns only operations of these mutations, such as `placeOrder`."
    )
    created_at: DateTimeRange | None = field(
        default=None, description="Returns only operations recorded in this time range."
    )


@strawberry.type
class OperationQueries:
    """Fields of the query root."""

    operation = by_id(
        WriteOperation,
        "operation",
        fetch_operation,
        "Returns the write operation with the given ID. Null if it does not exist or you do not have access to it.",
    )

    @field(
        description="Returns your write operation with the given idempotency key: the operation that has used up the "
        "key, otherwise the latest one, which was REJECTED and left the key reusable (`isKeyReusable`). Null if you "
        "have sent nothing with the key, or if the record has been deleted after its retention period.",
        graphql_type=WriteOperation | None,
    )
    @staticmethod
    async def operation_by_key(
        info: GraphInfo,
        account_id: Annotated[strawberry.ID, strawberry.argument(description="The ID of the account.")],
        idempotency_key: Annotated[str, strawberry.argument(description="The idempotency key.")],
    ) -> operations.WriteOperation | None:
        """From the ledger."""
        connector = info.context.by_id(account_id)
        record, caller = info.context.ledger.operations, info.context.caller.name
        return await record.latest_by_key(caller, connector.name, idempotency_key)

    @listed(
        WriteOperation,
        OperationFilter,
        "Filters the operations. Returns all operations if omitted.",
        "The write operations of all accounts, newest first, including those of other callers of the same accounts.",
    )
    @staticmethod
    async def operations(
        info: GraphInfo, paging: Paging, filter: OperationFilter | None
    ) -> Page[operations.WriteOperation]:
        """Merge the accounts' operations by time."""
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
