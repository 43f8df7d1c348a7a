"""Objects that can be fetched again by their ID alone (Relay's Node)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, ForwardRef, Optional, cast

import strawberry
from strawberry import field

from ordergraph.connector import Connector
from ordergraph.domain import Order, Ref
from ordergraph.graph.context import Context, GraphInfo

NodeFetch = Callable[[Context, Connector, Ref], Awaitable[object | None]]
"""Fetches the object of a Ref whose account is known."""


@strawberry.interface(description="An object that can be fetched again with `node(id:)`.")
class Node:
    """Relay's Node."""

    id: strawberry.ID = field(description="The global ID: unique over all vendors, opaque, permanent.")


def shows(*views: type) -> Any:
    """A type's ``is_type_of``: its sources are of these classes, since resolvers return views and not the type."""

    def is_type_of(_cls: type, value: object, _info: object) -> bool:
        return isinstance(value, views)

    return cast("Any", classmethod(is_type_of))


def later(name: str, module: str) -> Any:
    """A nullable type that a module further up defines: objects refer to each other both ways, modules one way."""
    return Optional[Annotated[cast("Any", ForwardRef(name)), strawberry.lazy(module)]]  # noqa: UP045


ITS_ORDER = later("Order", "ordergraph.graph.order")


def by_loader(method: str) -> NodeFetch:
    """How to fetch a kind of object: by the connector's method of that name."""

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
"""The kinds of object of the core; a vendor's folder adds its own."""


def by_id(type_: type, noun: str, fetch: NodeFetch, description: str, **more: Any) -> Any:
    """A field of the query root: an object of a type by its ID."""

    async def resolve_one(
        info: GraphInfo, id: Annotated[strawberry.ID, strawberry.argument(description=f"The {noun}'s ID.")]
    ) -> object | None:
        ref = Ref.parse(id, type_.__name__)
        connector = info.context.account(ref.account)
        return None if connector is None else await fetch(info.context, connector, ref)

    shown = cast("Any", type_) | None
    return field(resolver=resolve_one, description=description, graphql_type=shown, **more)


async def resolve(context: Context, nodes: Mapping[str, NodeFetch], id_: str) -> object | None:
    """The object of a global ID, None if there is none for this caller; raise InputError for what is no ID."""
    ref = Ref.parse(id_, *nodes)
    connector = context.account(ref.account)
    return None if connector is None else await nodes[ref.type](context, connector, ref)
