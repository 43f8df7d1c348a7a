"""Orders and their lines: what they are and how to find them. What can be done is in `actions.py`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

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
from ordergraph.graph.inputs import AccountFilter, asked, bounded, choices, span
from ordergraph.graph.invoice import Invoice
from ordergraph.graph.node import Node, shows
from ordergraph.graph.product import Product, product_of
from ordergraph.graph.scalars import JSON, VendorCode, graph_enum
from ordergraph.graph.selection import node_fields
from ordergraph.graph.shipment import Shipment
from ordergraph.graph.subscription import Subscription
from ordergraph.graph.values import ActionAvailability, Address, DateTimeRange, Money

T = TypeVar("T")

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


@strawberry.type(description="For whom an order is.")
class Party:
    """The graph's form of `domain.Party`."""

    vendor_id: str | None = field(description="The vendor's own ID of the buyer's organisation.")
    name: str | None = field(description="The end customer's name, or that of the buyer's organisation.")


@strawberry.type(description="Somebody who did something with an order.")
class Actor:
    """The graph's form of `domain.Actor`."""

    vendor_id: str | None = field(description="The vendor's own ID of the user.")

    @field(description="The user's name. AirVantage tells it of a single order only: in a list, each costs a call.")
    @staticmethod
    async def name(root: strawberry.Parent[domain.Actor], info: GraphInfo) -> str | None:
        """By loader, where the vendor gave the ID alone."""
        if root.name is not None or root.named_in is None:
            return root.name
        connector = info.context.accounts[root.named_in.account]
        order = await info.context.loaders.load(connector.fetch_orders, root.named_in.joined)
        return order.created_by.name if order and order.created_by else None


@strawberry.type(description="Free text on an order.")
class Note:
    """The graph's form of `domain.Note`."""

    text: str = field(description="The words.")
    kind: NoteKind = field(description="For whom they are.")


@strawberry.type(description="Something that keeps an order from going on.")
class OrderProblem:
    """The graph's form of `domain.OrderProblem`."""

    code: str = field(description="What kind of problem, in the vendor's word; new ones may appear.")
    message: str = field(description="What it is about, in the vendor's words.")
    field: list[str] | None = strawberry.field(
        description="Which field of `placeOrder` it is about, where the vendor says so: the path from `input` on."
    )


@strawberry.type(description="What is known of an order's cancellation.")
class Cancellation:
    """The graph's form of `domain.Cancellation`."""

    state: CancellationState = field(description="How far it is.")
    reason: str | None = field(description="Why, in the vendor's words, where it gave any.")
    note: str | None = field(description="Why, in the words of who asked for it.")
    vendor_reason: str | None = field(description="What the vendor answered, for example why it declined.")
    requested_at: datetime | None = field(description="When it was asked for.")


@strawberry.type(description="A step of an order's life.")
class StatusChange:
    """The graph's form of `domain.StatusChange`."""

    status: OrderStatus = field(description="What it came to, in one vocabulary for all vendors.")
    vendor_status: str = field(description="What it came to, in the vendor's own word.")
    changed_at: datetime | None = field(description="When.")
    reason: str | None = field(description="Why, in the vendor's words.")


@strawberry.type(description="One line of an order.", directives=cached(SECONDS))
class LineItem(Node):
    """The graph's form of `domain.LineItem`."""

    is_type_of = shows(domain.LineItem)

    vendor: VendorCode = field(description="Whose order it is part of.")
    name: str | None = field(description="What was ordered.")
    quantity: Decimal | None = field(description="How many.")
    unit_price: Money | None = field(description="What one costs.")
    list_price: Money | None = field(description="What one would have cost without a reduction.")
    total: Money | None = field(description="What the line comes to, as the vendor adds it up.")
    children: list["LineItem"] = field(description="What belongs to the line, such as its maintenance.")
    details: LineItemDetails | None = field(description="What only this vendor tells.")
    retrieved_at: datetime = field(description="When the vendor said this.")

    @field(description="The product; null if the vendor no longer has it.", graphql_type=Product | None)
    @staticmethod
    async def product(root: strawberry.Parent[domain.LineItem], info: GraphInfo) -> domain.Product | None:
        """By loader."""
        return await product_of(info, root.origin, root.product_id)


@strawberry.type(description="An order, or a draft of one.", directives=cached(SECONDS))
class Order(Node):
    """The graph's form of `domain.Order`."""

    is_type_of = shows(domain.Order)

    vendor: VendorCode = field(description="With whom it was placed.")
    vendor_order_id: str | None = field(description="The vendor's own ID.")
    number: str | None = field(description="The number that the vendor's people know it by.")
    client_reference: str | None = field(
        description="The reference beside the vendor's own number: the caller's, or, where the vendor keeps references "
        "and the caller gave none, one that the gateway made, `og-` and 16 digits."
    )
    purchase_order_number: str | None = field(description="The buyer's number.")
    status: OrderStatus = field(description="Where it stands, in one vocabulary for all vendors.")
    vendor_status: str | None = field(description="Where it stands, in the vendor's own word.")
    phase: OrderPhase = field(description="The coarse stage; this enum never grows.")
    is_final: bool = field(description="Whether nothing more will happen to it.")
    placed_at: datetime | None = field(description="When it was placed (a draft: when it was made).")
    requested_at: datetime | None = field(
        description="For when it was asked: to be delivered or, where the vendor knows only that, to be handled."
    )
    expected_at: datetime | None = field(description="When the vendor expects to ship it.")
    updated_at: datetime | None = field(
        description="When its status changed last, as far as the vendor keeps such times: not of every change."
    )
    completed_at: datetime | None = field(description="When it was done, where the vendor tells.")
    cancelled_at: datetime | None = field(description="When it was cancelled, where the vendor tells.")
    status_changes: list[StatusChange] | None = field(
        description="Its life so far, the oldest step first; null where the vendor keeps no history."
    )
    customer: Party | None = field(description="For whom it is.")
    created_by: Actor | None = field(description="Who placed it.")
    notes: list[Note] = field(description="Free texts.")
    shipping_address: Address | None = field(description="Where the goods go.")
    line_items: list[LineItem] | None = field(description="What was ordered.")
    shipments: list[Shipment] | None = field(description="Goods on their way.")
    total: Money | None = field(description="What it comes to.")
    shipping_cost: Money | None = field(description="What the shipping comes to.")
    discount: Money | None = field(description="What was taken off.")
    problems: list[OrderProblem] = field(description="What keeps it from going on.")
    cancellation: Cancellation | None = field(description="What is known of its cancellation, if it was cancelled.")
    available_actions: list[ActionAvailability] = field(description="What can be done with it now.")
    details: OrderDetails | None = field(description="What only this vendor tells.")
    version: str = field(description="Changes whenever anything in the order changes; opaque.")
    retrieved_at: datetime = field(description="When the vendor said this.")

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

    @field(
        description="Subscriptions that it made or changed.",
        graphql_type=Connection[Subscription] | None,
        extensions=PAGED,
    )
    @staticmethod
    async def subscriptions(
        root: strawberry.Parent[domain.Order],
        info: GraphInfo,
        paging: Paging,
    ) -> Connection[domain.Subscription]:
        """By loader."""
        connector = info.context.accounts[root.origin.account]
        found = await info.context.loaders.load(connector.fetch_order_subscriptions, root.ref.joined)
        page = await within(connector, root, found or (), paging, "subscriptions")
        return Connection(page=page)

    @field(
        description="Invoices and credit notes for it. Nuvias links them by the purchase order number alone: "
        "an order without one shows none, and orders that share one share its invoices.",
        graphql_type=Connection[Invoice] | None,
        extensions=PAGED,
    )
    @staticmethod
    async def invoices(
        root: strawberry.Parent[domain.Order],
        info: GraphInfo,
        paging: Paging,
    ) -> Connection[domain.Invoice]:
        """By loader."""
        connector = info.context.accounts[root.origin.account]
        number = root.purchase_order_number
        found = await info.context.loaders.load(connector.fetch_order_invoices, number) if number else ()
        page = await within(connector, root, found or (), paging, "invoices")
        return Connection(page=page)


async def within(connector: Connector, parent: domain.View, items: Sequence[T], paging: Paging, name: str) -> Page[T]:
    """A page of a list that is here as a whole, inside an object."""

    async def read(offset: int, limit: int) -> OffsetPage[T]:
        return OffsetPage(items[offset : offset + limit], len(items), parent.retrieved_at)

    return await chained([(connector, read)], paging, tag=f"{parent.id}/{name}")


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
    if filter_ is None:
        return OrderQuery(fields=fields)
    status = choices(filter_.status, "filter.status")
    if filter_.phase is not None:
        in_phase = frozenset(one for one, phase in domain.PHASES.items() if phase in filter_.phase)
        status = in_phase if status is None else status & in_phase
    return OrderQuery(
        status=status,
        fields=fields,
        placed_at=span(filter_.placed_at, "filter.placedAt"),
        number=choices(filter_.number, "filter.number"),
        client_reference=choices(filter_.client_reference, "filter.clientReference"),
        purchase_order_number=choices(filter_.purchase_order_number, "filter.purchaseOrderNumber"),
        text=bounded(filter_.text, "filter.text"),
    )


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

    @field(
        description="An order or a draft by its ID. Null without an error: there is none for you; with an "
        "error: the vendor could not be asked.",
        graphql_type=Order | None,
        directives=cached(SECONDS),
    )
    @staticmethod
    async def order(
        info: GraphInfo, id: Annotated[strawberry.ID, strawberry.argument(description="The order's ID.")]
    ) -> domain.Order | None:
        """By loader."""
        ref = domain.Ref.parse(id, "Order")
        connector = info.context.account(ref.account)
        return None if connector is None else await info.context.loaders.load(connector.fetch_orders, ref.joined)

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
