"""Orders and their lines: what they are and how to find them. What can be done is in `actions.py`."""

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
    """Which way a list is sorted."""

    ASC = "The smallest, or the oldest, first."
    DESC = "The largest, or the newest, first."


@strawberry.interface(description="What only one vendor tells of an order: see its own type.")
class OrderDetails:
    """Vendors' folders implement it."""

    raw: JSON = field(description="The order as the vendor sent it, without secrets.")


@strawberry.interface(description="What only one vendor tells of a line: see its own type.")
class LineItemDetails:
    """Vendors' folders implement it."""

    raw: JSON = field(description="The line as the vendor sent it, without secrets.")


@entities.object(domain.Actor)
class Actor:
    """Somebody who did something with an order."""

    @field(description="The user's name. AirVantage tells it of a single order only: in a list, each costs a call.")
    @staticmethod
    async def name(root: strawberry.Parent[domain.Actor], info: GraphInfo) -> str | None:
        """By loader, where the vendor gave the ID alone."""
        if root.name is not None or root.named_in is None:
            return root.name
        connector = info.context.accounts[root.named_in.account]
        order = await info.context.loaders.load(connector.fetch_orders, root.named_in.joined)
        return order.created_by.name if order and order.created_by else None


@entities.object(domain.OrderProblem)
class OrderProblem:
    """Something that keeps an order from going on."""


@entities.object(domain.StatusChange)
class StatusChange:
    """A step of an order's life."""


@entities.object(domain.LineItem, directives=cached(SECONDS))
class LineItem(Entity):
    """One line of an order."""

    children: list["LineItem"] = field(description="What belongs to the line, such as its maintenance.")
    details: LineItemDetails | None = field(description="What only this vendor tells.")


@entities.object(domain.ShipmentItem)
class ShipmentItem:
    """Goods of one kind in a shipment."""


@entities.object(domain.Shipment, directives=cached(SECONDS))
class Shipment(Entity):
    """Goods on their way to the buyer."""


def of_order(type_: type, description: str, fetch: str, key: Callable[[domain.Order], str | None]) -> Any:
    """A field of an order: a list of objects about it, which the connector's method ``fetch`` has by a key."""

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
    """An order, or a draft of one."""

    phase: OrderPhase = field(description="The coarse stage; this enum never grows.")
    is_final: bool = field(description="Whether nothing more will happen to it.")
    details: OrderDetails | None = field(description="What only this vendor tells.")
    version: str = field(description="Changes whenever anything in the order changes; opaque.")

    @field(description="Whose order it is.", graphql_type=Account)
    @staticmethod
    def account(root: strawberry.Parent[domain.Order], info: GraphInfo) -> Connector:
        """The account of the view."""
        return info.context.accounts[root.origin.account]

    @field(
        description="What the vendor asks beyond the order, to be accepted or declined with `respondToCharge`.",
        graphql_type=list[Charge] | None,
    )
    @staticmethod
    async def charges(root: strawberry.Parent[domain.Order], info: GraphInfo) -> Sequence[domain.Charge]:
        """By loader."""
        connector = info.context.accounts[root.origin.account]
        return await info.context.loaders.load(connector.fetch_order_charges, root.ref.joined) or ()

    subscriptions = of_order(
        Subscription,
        "Subscriptions that it made or changed.",
        "fetch_order_subscriptions",
        lambda order: order.ref.joined,
    )
    invoices = of_order(
        Invoice,
        "Invoices and credit notes for it. Nuvias links them by the purchase order number alone: "
        "an order without one shows none, and orders that share one share its invoices.",
        "fetch_order_invoices",
        lambda order: order.purchase_order_number,
    )


# ------------------------------------------------------------------------------------------ queries


@strawberry.input
class OrderConditions:
    """The conditions on orders that hold for every vendor; become a `commands.OrderQuery`."""

    status: list[OrderStatus] | None = field(
        default=None,
        description="In these statuses. Drafts appear only if DRAFT is asked for, here or by phase.",
    )
    phase: list[OrderPhase] | None = field(default=None, description="In these phases.")
    placed_at: DateTimeRange | None = field(default=None, description="Placed in this time.")
    number: list[str] | None = field(default=None, description="With these numbers of the vendor's.")
    client_reference: list[str] | None = field(default=None, description="With these references.")
    purchase_order_number: list[str] | None = field(default=None, description="With these numbers of the buyer's.")
    text: str | None = field(default=None, description="Words in the order's numbers, as the vendor searches.")


@strawberry.input(description="Which orders: conditions are ANDed, the values of one are ORed.")
class OrderFilter(OrderConditions, AccountFilter):
    """In all accounts."""


@strawberry.input(description="How a list of orders is sorted.")
class OrderSort:
    """One field and a direction; equal values are sorted by ID."""

    field: OrderSortField = strawberry.field(default=OrderSortField.PLACED_AT, description="By what.")
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Which way.")


def order_query(filter_: OrderConditions | None, fields: frozenset[str] | None = None) -> OrderQuery:
    """The conditions, checked; a phase is the statuses in it. ``fields`` are the fields that will be read."""
    found = conditions(OrderQuery, filter_, fields=fields)
    if filter_ is None or filter_.phase is None:
        return found
    in_phase = frozenset(one for one, phase in domain.PHASES.items() if phase in filter_.phase)
    return replace(found, status=in_phase if found.status is None else found.status & in_phase)


async def orders_page(
    connectors: Sequence[Connector], query: OrderQuery, paging: Paging, direction: SortDirection, within: str = ""
) -> Page[domain.Order]:
    """A page of the merged orders; ``within`` names the object whose list it is, if it is not the graph's own."""
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
    """Make the field ``orders`` of a vendor's type of account, with a filter of its own.

    ``query`` takes the account's connector and the filter, and returns the conditions.
    """
    which = strawberry.argument(graphql_type=filter_type | None, description="Which orders; all if left out.")

    async def orders(
        root: strawberry.Parent[Any],
        info: GraphInfo,
        paging: Paging,
        filter: Annotated[Any, which] = None,
        sort: Annotated[OrderSort | None, strawberry.argument(description="In which order.")] = None,
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
        "An order or a draft by its ID. Null without an error: there is none for you; with an "
        "error: the vendor could not be asked.",
        directives=cached(SECONDS),
    )

    @field(
        description="The orders of all accounts in one list. A vendor that does not answer is told in "
        "`sources` and costs only its own orders.",
        graphql_type=Connection[Order] | None,
        extensions=PAGED,
        directives=cached(SECONDS),
    )
    @staticmethod
    async def orders(
        info: GraphInfo,
        paging: Paging,
        filter: Annotated[
            OrderFilter | None, strawberry.argument(description="Which orders; all but drafts if left out.")
        ] = None,
        sort: Annotated[OrderSort | None, strawberry.argument(description="In which order.")] = None,
    ) -> Connection[domain.Order]:
        """Merged by the time of placing."""
        direction = (sort or OrderSort()).direction
        query = order_query(filter, node_fields(info))
        return Connection(page=await orders_page(asked(info, filter), query, paging, direction))
