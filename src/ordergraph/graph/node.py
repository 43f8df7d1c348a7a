"""Objects that can be refetched by their ID (Relay's Node)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, ForwardRef, Optional, cast

import strawberry
from strawberry import field

from ordergraph.connector import Connector
from ordergraph.domain import Order, Ref
from ordergraph.graph.context import Context, GraphInfo

NodeFetch = Callable[[Context, Connector, Ref], Awaitable[object | None]]
"""Fetches the object of a Ref whose account is known."""


@strawberry.interface(description="An object that can be refetched with `node(id:)`.")
class Node:
    """Relay's Node."""

    id: strawberry.ID = field(
        description="The global ID of the object. It is opaque, permanent and unique across all vendors."
    )


def shows(*views: type) -> Any:
    """Return ``is_type_of`` for a type with sources of these classes, since resolvers return views, not the type."""

    def is_type_of(_cls: type, value: object, _info: object) -> bool:
        return isinstance(value, views)

    return cast("Any", classmethod(is_type_of))


def later(name: str, module: str) -> Any:
    """Return a nullable type defined in a higher module, since objects refer to each other but modules must not."""
    return Optional[Annotated[cast("Any", ForwardRef(name)), strawberry.lazy(module)]]  # noqa: UP045


ITS_ORDER = later("Order", "ordergraph.graph.order")


def by_loader(method: str) -> NodeFetch:
    """Return a function that fetches objects with the connector's method of that name."""

    async def fetch(context: Context, connector: Connector, ref: Ref) -> object | None:
        return await context.loaders.load(getattr(connector, method), ref.joined)

    return fetch


async def _account(_context: Context, connector: Connector, _ref: Ref) -> object:
    return connector


async def _line_item(context: Context, connector: Connector, ref: Ref) -> object | None:
    order = await _order_of(context, connector, ref)
    lines = list(order.line_items or ()) if order else []
    return _find(ref, [*lines, *(child for line in lines for child in line.children)])


async def _shipment(context: Context, connector: Connector, ref: Ref) -> object | None:
    order = await _order_of(context, connector, ref)
    return _find(ref, list(order.shipments or ()) if order else [])


async def _order_of(context: Context, connector: Connector, ref: Ref) -> Order | None:
    return await context.loaders.load(connector.fetch_orders, ref.key[0])


def _find(ref: Ref, found: list[Any]) -> object | None:
    return next((one for one in found if one.ref == ref), None)


NODES: Mapping[str, NodeFetch] = {
    "Account": _account,
    "Order": by_loader("fetch_orders"),
    "LineItem": _line_item,
    "Product": by_loader("fetch_products"),
    "Subscription": by_loader("fetch_subscriptions"),
    "Shipment": _shipment,
    "Invoice": by_loader("fetch_invoices"),
    "Charge": by_loader("fetch_charges"),
}
"""The node types of the core. Vendors add their own."""


def by_id(type_: type, noun: str, fetch: NodeFetch, description: str, **more: Any) -> Any:
    """Return a field of the query root that fetches an object of a type by its ID."""

    async def resolve_one(
        info: GraphInfo, id: Annotated[strawberry.ID, strawberry.argument(description=f"The ID of the {noun}.")]
    ) -> object | None:
        ref = Ref.parse(id, type_.__name__)
        connector = info.context.account(ref.account)
        return None if connector is None else await fetch(info.context, connector, ref)

    shown = cast("Any", type_) | None
    return field(resolver=resolve_one, description=description, graphql_type=shown, **more)


async def resolve(context: Context, nodes: Mapping[str, NodeFetch], id_: str) -> object | None:
    """Return the object of a global ID, None if the caller has no such object; raise InputError for an invalid ID."""
    ref = Ref.parse(id_, *nodes)
    connector = context.account(ref.account)
    return None if connector is None else await nodes[ref.type](context, connector, ref)
