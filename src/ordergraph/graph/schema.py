"""Builds the schema from the core and the parts of each vendor."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

import strawberry
from graphql import GraphQLInputObjectType, GraphQLSchema, is_abstract_type, print_schema
from strawberry.schema.config import StrawberryConfig

from ordergraph.connector import Connector
from ordergraph.domain import Ref
from ordergraph.domain.errors import InputError
from ordergraph.graph import caching, scopes
from ordergraph.graph.account import Account
from ordergraph.graph.caching import HOURS, MINUTES, cached
from ordergraph.graph.charge import ChargeActions
from ordergraph.graph.context import Context, GraphInfo
from ordergraph.graph.invoice import InvoiceQueries
from ordergraph.graph.node import NODES, Node, NodeFetch, resolve
from ordergraph.graph.operation import TYPE_NAME, OperationQueries, fetch_operation
from ordergraph.graph.order import OrderQueries
from ordergraph.graph.order_actions import VendorParts, order_actions
from ordergraph.graph.product import ProductQueries
from ordergraph.graph.scalars import SCALARS, VendorCode, vendor_scalar
from ordergraph.graph.settling import SettlingActions
from ordergraph.graph.subscription import SubscriptionQueries
from ordergraph.graph.subscription_actions import PreviewQueries, subscription_actions
from ordergraph.graph.watching import Watching

MAX_NODES = 100


@dataclass(frozen=True)
class VendorGraph:
    """The parts of the graph that a vendor adds.

    ``types`` implement interfaces such as Account and OrderDetails. The inputs become the vendor's fields of the oneOf
    inputs ``details``. ``nodes`` maps the names of the vendor's own Node types to their fetch functions. ``mutations``
    are Strawberry types whose fields are added to the mutation root.
    """

    types: Sequence[type]
    order_details_input: type
    line_item_details_input: type | None = None
    cancel_details_input: type | None = None
    requested_date_details_input: type | None = None
    subscription_details_input: type | None = None
    nodes: Mapping[str, NodeFetch] = field(default_factory=dict[str, NodeFetch])
    mutations: Sequence[type] = ()


def build(titles: Mapping[str, str], graphs: Mapping[str, VendorGraph]) -> strawberry.Schema:
    """Build the schema for these vendors; ``titles`` and ``graphs`` are keyed by the vendor's code."""
    own = {name: of_vendor(code, fetch) for code, graph in graphs.items() for name, fetch in graph.nodes.items()}
    nodes = {**NODES, TYPE_NAME: fetch_operation, **own}
    parts = VendorParts(
        order=one_of("OrderDetailsInput", graphs, "order_details_input"),
        line_item=one_of("LineItemDetailsInput", graphs, "line_item_details_input"),
        cancel=one_of("CancelDetailsInput", graphs, "cancel_details_input"),
        requested_date=one_of("RequestedDateDetailsInput", graphs, "requested_date_details_input"),
    )
    subscriptions = subscription_actions(one_of("SubscriptionDetailsInput", graphs, "subscription_details_input"))
    queries = (
        node_queries(nodes),
        AccountQueries,
        OrderQueries,
        ProductQueries,
        SubscriptionQueries,
        InvoiceQueries,
        PreviewQueries,
        OperationQueries,
    )
    core = (order_actions(parts), ChargeActions, subscriptions, SettlingActions)
    mutations = (*core, *(one for graph in graphs.values() for one in graph.mutations))
    schema = strawberry.Schema(
        query=root("Query", "The root type of all queries.", queries),
        mutation=root("Mutation", "The root type of all mutations.", mutations),
        subscription=root("SubscriptionRoot", "The root type of all subscriptions.", (Watching,)),
        types=[one for graph in graphs.values() for one in graph.types],
        config=StrawberryConfig(
            scalar_map={**SCALARS, VendorCode: vendor_scalar(titles)}, enable_experimental_incremental_execution=True
        ),
    )
    for type_ in core_schema(schema).type_map.values():
        if isinstance(type_, GraphQLInputObjectType) and type_.name in ONE_OFS:
            type_.is_one_of = True  # Strawberry enforces oneOf itself and does not pass it to graphql-core
    scopes.guard(core_schema(schema))
    caching.tell(core_schema(schema))
    return schema


ONE_OFS = {
    "ProductRefInput",
    "OrderDetailsInput",
    "LineItemDetailsInput",
    "CancelDetailsInput",
    "RequestedDateDetailsInput",
    "SubscriptionDetailsInput",
}


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """Return the schema of graphql-core, which Strawberry's schema holds in a private attribute."""
    return cast("Any", schema)._schema


def printed(schema: strawberry.Schema) -> str:
    """Return the schema's text, with its ``schema {}`` block, since the type Subscription is not a root type."""
    core = core_schema(schema)
    return caching.with_hints(print_schema(core), core) + "\n"


def possible_types(schema: strawberry.Schema) -> dict[str, list[str]]:
    """Return the type names of each interface, which client caches cannot derive from responses."""
    core = core_schema(schema)
    return {
        name: sorted(one.name for one in core.get_possible_types(type_))
        for name, type_ in sorted(core.type_map.items())
        if is_abstract_type(type_)
    }


def root(name: str, description: str, parts: Sequence[type]) -> type:
    """Return a root type with the fields of all parts."""
    return strawberry.type(type(name, tuple(parts), {}), description=description)


def one_of(name: str, graphs: Mapping[str, VendorGraph], part: str) -> type | None:
    """Return a oneOf input with a field for each vendor with vendor-specific values, None if there is none."""
    members = {code: type_ for code, graph in graphs.items() if (type_ := getattr(graph, part)) is not None}
    if not members:
        return None
    namespace: dict[str, Any] = {"__annotations__": {code: type_ | None for code, type_ in members.items()}}
    for code in members:
        namespace[code] = strawberry.field(default=strawberry.UNSET, description=f"The values for accounts at {code}.")
    description = "Vendor-specific values. Set exactly one field, that of the account's vendor."
    return strawberry.input(type(name, (), namespace), one_of=True, description=description)


def of_vendor(code: str, fetch: NodeFetch) -> NodeFetch:
    """Return a fetch function for vendor-specific objects; it finds none for accounts at other vendors."""

    async def guarded(context: Context, connector: Connector, ref: Ref) -> object | None:
        return await fetch(context, connector, ref) if connector.vendor == code else None

    return guarded


def node_queries(nodes: Mapping[str, NodeFetch]) -> type:
    """Return the fields of the query root that fetch any kind of Node."""

    @strawberry.type
    class NodeQueries:
        """Objects of any type by ID."""

        @strawberry.field(
            description="Returns the object with the given ID. Null if it does not exist or you do not have access to "
            "it.",
            graphql_type=Node | None,
            directives=cached(HOURS),
        )
        @staticmethod
        async def node(
            info: GraphInfo,
            id: Annotated[strawberry.ID, strawberry.argument(description="The global ID of the object.")],
        ) -> object | None:
            """By the type in the ID."""
            return await resolve(info.context, nodes, id)

        @strawberry.field(
            description="Returns the objects with the given IDs, in the same order. An entry is null if the object "
            "does not exist or you do not have access to it.",
            graphql_type=list[Node | None] | None,
            directives=cached(HOURS),
        )
        @staticmethod
        async def nodes(
            info: GraphInfo,
            ids: Annotated[
                list[strawberry.ID], strawberry.argument(description="The global IDs of the objects (at most 100).")
            ],
        ) -> Sequence[object | None]:
            """Fetched individually and batched by the loaders. An error affects only its own entry."""
            if len(ids) > MAX_NODES:
                raise InputError(f"`ids` may have at most {MAX_NODES} entries. It has {len(ids)}.")
            found = (resolve(info.context, nodes, id_) for id_ in ids)
            return await asyncio.gather(*found, return_exceptions=True)

    return NodeQueries


@strawberry.type
class AccountQueries:
    """The accounts of the caller."""

    @strawberry.field(
        description="The accounts that you have access to, sorted by name.",
        graphql_type=list[Account] | None,
        directives=cached(MINUTES),
    )
    @staticmethod
    def accounts(info: GraphInfo) -> list[Connector]:
        """All of the context."""
        return sorted(info.context.accounts.values(), key=lambda connector: connector.name)

    @strawberry.field(
        description="Returns the account with the given ID. Null if it does not exist or you do not have access to it.",
        graphql_type=Account | None,
        directives=cached(MINUTES),
    )
    @staticmethod
    def account(
        info: GraphInfo,
        id: Annotated[strawberry.ID, strawberry.argument(description="The ID of the account.")],
    ) -> Connector | None:
        """By name."""
        return info.context.account(Ref.parse(id, "Account").account)
