"""Orders and their line items: types and queries. The mutations are in `order_actions.py`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, cast

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain import CancellationState, NoteKind, OrderPhase, OrderStatus
from ordergraph.domain.commands import OrderQuery, OrderSortField
from ordergraph.domain.paging import OffsetPage, order_key
from ordergraph.graph import cursor
from ordergraph.graph.account import Account
from ordergraph.graph.caching import SECONDS, cached
from ordergraph.graph.charge import Charge
from ordergraph.graph.connection import PAGED, Connection, Page, Paging, chained, merged
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.entity import Entity, entities
from ordergraph.graph.inputs import AccountFilter, asked, conditions
from ordergraph.graph.invoice import Invoice
from ordergraph.graph.node import NODES, by_id
from ordergraph.graph.scalars import JSON, graph_enum
from ordergraph.graph.selection import node_fields
from ordergraph.graph.subscription import Subscription
from ordergraph.graph.values import DateTimeRange

graph_enum(OrderStatus)
graph_enum(OrderPhase)
graph_enum(NoteKind)
graph_enum(CancellationState)
graph_enum(OrderSortField)


@graph_enum
class SortDirection(domain.DescribedEnum):
    """The direction in which a list is sorted."""

    ASC = "Ascending: the smallest or oldest value first."
    DESC = "Descending: the largest or newest value first."


@strawberry.interface(description="Vendor-specific details of an order. See the type of the vendor.")
class OrderDetails:
    """Implemented by each vendor."""

    raw: JSON = field(description="The order as the vendor sent it, with secrets removed.")


@strawberry.interface(description="Vendor-specific details of a line item. See the type of the vendor.")
class LineItemDetails:
    """Implemented by each vendor."""

    raw: JSON = field(description="The line item as the vendor sent it, with secrets removed.")


@entities.object(domain.Actor)
class Actor:
    """The user who performed an action on an order."""

    @field(
        description="The name of the user. AirVantage returns it only for a single order: in a list, each name costs "
        "one call."
    )
    @staticmethod
    async def name(root: strawberry.Parent[domain.Actor], info: GraphInfo) -> str | None:
        """By loader, if the vendor returned only the ID."""
        if root.name is not None or root.named_in is None:
            return root.name
        connector = info.context.accounts[root.named_in.account]
        order = await info.context.loaders.load(connector.fetch_orders, root.named_in.joined)
        return order.created_by.name if order and order.created_by else None


@entities.object(domain.OrderProblem)
class OrderProblem:
    """A problem that blocks an order."""


@entities.object(domain.StatusChange)
class StatusChange:
    """A change of an order's status."""


@entities.object(domain.LineItem, directives=cached(SECONDS))
class LineItem(Entity):
    """A line item of an order."""

    children: list["LineItem"] = field(description="The line items that belong to this one, such as its maintenance.")
    details: LineItemDetails | None = field(description="Vendor-specific details of the line item.")


@entities.object(domain.ShipmentItem)
class ShipmentItem:
    """An item of a shipment."""


@entities.object(domain.Shipment, directives=cached(SECONDS))
class Shipment(Entity):
    """A shipment of goods to the buyer."""


def of_order(type_: type, description: str, fetch: str, key: Callable[[domain.Order], str | None]) -> Any:
    """Return a field of an order: a list of related objects, which the connector's method ``fetch`` reads by a key."""

    async def resolve(root: strawberry.Parent[domain.Order], info: GraphInfo, paging: Paging) -> object:
        connector, found_by = info.context.accounts[root.origin.account], key(root)
        found = await info.context.loaders.load(getattr(connector, fetch), found_by) if found_by else None
        items = cast("Sequence[object]", found or ())

        async def read(offset: int, limit: int) -> OffsetPage[object]:
            return OffsetPage(items[offset : offset + limit], len(items), root.retrieved_at)

        return Connection[Any](page=await chained([(connector, read)], paging, tag=f"{root.id}/{info.field_name}"))

    shown: Any = cast("Any", Connection)[type_] | None
    return field(resolver=resolve, description=description, graphql_type=shown, extensions=PAGED)


@entities.object(domain.Order, directives=cached(SECONDS))
class Order(Entity):
    """An order or a draft order."""

    phase: OrderPhase = field(description="The phase of the order, a coarser view of its status.")
    is_final: bool = field(description="Whether the order has reached a final status.")
    details: OrderDetails | None = field(description="Vendor-specific details of the order.")
    version: str = field(description="An opaque string that changes whenever anything in the order changes.")

    @field(description="The account that the order belongs to.", graphql_type=Account)
    @staticmethod
    def account(root: strawberry.Parent[domain.Order], info: GraphInfo) -> Connector:
        """The account of the view."""
        return info.context.accounts[root.origin.account]

    @field(
        description="Additional charges that the vendor proposes. Accept or decline them with `respondToCharge`.",
        graphql_type=list[Charge] | None,
    )
    @staticmethod
    async def charges(root: strawberry.Parent[domain.Order], info: GraphInfo) -> Sequence[domain.Charge]:
        """By loader."""
        connector = info.context.accounts[root.origin.account]
        return await info.context.loaders.load(connector.fetch_order_charges, root.ref.joined) or ()

    subscriptions = of_order(
        Subscription,
        "The subscriptions that the order created or changed.",
        "fetch_order_subscriptions",
        lambda order: order.ref.joined,
    )
    invoices = of_order(
        Invoice,
        "The invoices and credit notes for the order. Nuvias links them only by the purchase order number: "
        "an order without one has none, and orders with the same number have the same invoices.",
        "fetch_order_invoices",
        lambda order: order.purchase_order_number,
    )


# ---- Queries ----------------------------------------------------------------------------------------


@strawberry.input
class OrderConditions:
    """The vendor-independent conditions on orders. Becomes a `commands.OrderQuery`."""

    statuses: list[OrderStatus] | None = field(
        default=None,
        description="Returns only orders in these statuses. Drafts are included only if DRAFT is requested, here or by "
        "`phase`.",
    )
    phases: list[OrderPhase] | None = field(default=None, description="Returns only orders in these phases.")
    placed_at: DateTimeRange | None = field(default=None, description="Returns only orders placed in this time range.")
    numbers: list[str] | None = field(
        default=None, description="Returns only orders with these order numbers of the vendor."
    )
    client_references: list[str] | None = field(
        default=None, description="Returns only orders with these client references."
    )
    purchase_order_numbers: list[str] | None = field(
        default=None, description="Returns only orders with these purchase order numbers of the buyer."
    )
    search: str | None = field(
        default=None, description="Returns only orders whose numbers match this text, as the vendor searches."
    )


@strawberry.input(description="Filters orders. Conditions are combined with AND, the values of one condition with OR.")
class OrderFilter(OrderConditions, AccountFilter):
    """Orders of all accounts."""


@strawberry.input(description="The sort order of a list of orders.")
class OrderSort:
    """One field and a direction. Orders with equal values are sorted by ID."""

    field: OrderSortField = strawberry.field(
        default=OrderSortField.PLACED_AT, description="The field to sort by. Defaults to PLACED_AT."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction to sort in. Defaults to DESC."
    )


SORT = "The sort order. Defaults to the newest orders first."


def order_query(filter_: OrderConditions | None, fields: frozenset[str] | None = None) -> OrderQuery:
    """Return the validated conditions; a phase becomes its statuses. ``fields`` are the fields that will be read."""
    found = conditions(OrderQuery, filter_, fields=fields)
    if filter_ is None or filter_.phases is None:
        return found
    in_phase = frozenset(one for one, phase in domain.PHASES.items() if phase in filter_.phases)
    return replace(found, statuses=in_phase if found.statuses is None else found.statuses & in_phase)


async def orders_page(
    connectors: Sequence[Connector], query: OrderQuery, paging: Paging, direction: SortDirection, within: str = ""
) -> Page[domain.Order]:
    """Return a page of the merged orders; ``within`` is the ID of the object that the list belongs to, if any."""
    return await merged(
        connectors,
        paging,
        lambda connector, window: connector.list_orders(query, window),
        lambda connector: connector.count_orders(query),
        tag=f"{within}/orders:PLACED_AT" if within else "orders:PLACED_AT",
        key=order_key,
        decode=cursor.decode_moment_key,
        descending=direction is SortDirection.DESC,
    )


def orders_field(filter_type: Any, query: Callable[[Any, Any], OrderQuery], description: str) -> Any:
    """Return the field ``orders`` of a vendor's account type, with a filter of its own.

    ``query`` takes the account's connector and the filter, and returns the conditions.
    """
    which = strawberry.argument(
        graphql_type=filter_type | None, description="Filters the orders. Returns all orders except drafts if omitted."
    )

    async def orders(
        root: strawberry.Parent[Any],
        info: GraphInfo,
        paging: Paging,
        filter: Annotated[Any, which] = None,
        sort: Annotated[OrderSort | None, strawberry.argument(description=SORT)] = None,
    ) -> Connection[domain.Order]:
        wanted = replace(query(root, filter or filter_type()), fields=node_fields(info))
        direction = (sort or OrderSort()).direction
        return Connection(page=await orders_page([root], wanted, paging, direction, within=root.id))

    return field(orders, description=description, graphql_type=Connection[Order] | None, extensions=PAGED)


@strawberry.type
class OrderQueries:
    """Fields of the query root."""

    order = by_id(
        Order,
        "order",
        NODES["Order"],
        "Returns the order or draft with the given ID. Null without an error if it does not exist or you do not have "
        "access to it. Null with an error if the vendor could not be read.",
        directives=cached(SECONDS),
    )

    @field(
        description="The orders of all accounts in one list. If an account cannot be read, only its own orders are "
        "missing, and `sources` reports the error.",
        graphql_type=Connection[Order] | None,
        extensions=PAGED,
        directives=cached(SECONDS),
    )
    @staticmethod
    async def orders(
        info: GraphInfo,
        paging: Paging,
        filter: Annotated[
            OrderFilter | None,
            strawberry.argument(description="Filters the orders. Returns all orders except drafts if omitted."),
        ] = None,
        sort: Annotated[OrderSort | None, strawberry.argument(description=SORT)] = None,
    ) -> Connection[domain.Order]:
        """Merged by the time at which orders were placed."""
        direction = (sort or OrderSort()).direction
        query = order_query(filter, node_fields(info))
        return Connection(page=await orders_page(asked(info, filter), query, paging, direction))
