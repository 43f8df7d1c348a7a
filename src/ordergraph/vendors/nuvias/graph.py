"""The Hub's part of the graph: its account type with the lists that only the Hub has."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.domain import DescribedEnum, InvoiceStatus, InvoiceType, OrderStatus, Ref, SubscriptionStatus
from ordergraph.domain.commands import InvoiceQuery, OrderQuery, ProductQuery, Range, SubscriptionQuery
from ordergraph.domain.errors import InputError
from ordergraph.domain.paging import OffsetPage
from ordergraph.graph import cursor
from ordergraph.graph.account import Account
from ordergraph.graph.connection import PAGED, Connection, Paging, chained, merged
from ordergraph.graph.inputs import bounded, choices
from ordergraph.graph.invoice import Invoice
from ordergraph.graph.node import shows
from ordergraph.graph.order import Order, OrderConditions, SortDirection, order_query
from ordergraph.graph.product import Product
from ordergraph.graph.scalars import graph_enum
from ordergraph.graph.schema import VendorGraph
from ordergraph.graph.subscription import Subscription
from ordergraph.vendors.nuvias import connector_people as own
from ordergraph.vendors.nuvias import graph_details as shown
from ordergraph.vendors.nuvias import graph_people, mapping, request_mapping, values
from ordergraph.vendors.nuvias import mapping_people as people
from ordergraph.vendors.nuvias.connector import KEYS, NuviasConnector
from ordergraph.vendors.nuvias.connector_calls import Kind

T = TypeVar("T")
Query = request_mapping.Query
Root = strawberry.Parent[NuviasConnector]

for word in (values.NuviasOrderStatus, values.NuviasFilteredSubscriptionType, values.NuviasDaysOverdue):
    graph_enum(word)

# ---- Enums and sorting ------------------------------------------------------------------------------

DAYS_OVERDUE: Mapping[values.NuviasDaysOverdue, str] = {
    values.NuviasDaysOverdue.NONE: "0",
    values.NuviasDaysOverdue.FROM_31_TO_60: "31-60",
    values.NuviasDaysOverdue.FROM_61_TO_90: "61-90",
    values.NuviasDaysOverdue.OVER_90: "90+",
}


def sorting(first: DescribedEnum, direction: SortDirection, what: str) -> Any:
    """Return the sort input of a list, with the given field and direction as its defaults."""
    fields = graph_enum(type(first))
    members: dict[str, Any] = {
        "__annotations__": {"field": fields, "direction": SortDirection},
        "field": field(default=first, description="The field to sort by."),
        "direction": field(default=direction, description="The direction to sort in."),
    }
    description = f"The sort order of a list of {what}."
    return strawberry.input(type(fields.__name__.removesuffix("Field"), (), members), description=description)


NuviasOrderSort = sorting(values.NuviasOrderSortField.DATE, SortDirection.DESC, "orders")
NuviasUserSort = sorting(values.NuviasUserSortField.NAME, SortDirection.ASC, "users")
NuviasDraftSort = sorting(values.NuviasDraftSortField.NAME, SortDirection.ASC, "drafts")
NuviasProductSort = sorting(values.NuviasProductSortField.POPULARITY, SortDirection.DESC, "products")
NuviasInvoiceSort = sorting(values.NuviasInvoiceSortField.DATE, SortDirection.DESC, "invoices")


def sort_by(sort: Any, otherwise: Any) -> str:
    """Return the Hub's ``sort_by`` value, ``+name`` or ``-name``. Raise InputError if the Hub cannot sort so."""
    chosen = sort or otherwise()
    if chosen.field is values.NuviasProductSortField.POPULARITY and chosen.direction is SortDirection.ASC:
        raise InputError("`sort` by POPULARITY requires the direction DESC (most popular first).")
    return ("+" if chosen.direction is SortDirection.ASC else "-") + chosen.field.name.lower()


# ---- Filters ----------------------------------------------------------------------------------------


@strawberry.input(description="Filters users. Conditions are combined with AND, the values of one condition with OR.")
class NuviasUserFilter:
    """Converted to query parameters of the Hub."""

    search: str | None = field(
        default=None, description="Returns only users whose name or email address matches this text."
    )
    organisation_ids: list[strawberry.ID] | None = field(
        default=None, description="Returns only users of these organisations."
    )
    is_active: bool | None = field(
        default=None, description="Returns only users who can log in (true) or who cannot (false)."
    )
    is_verified: bool | None = field(
        default=None, description="Returns only users whose email address has been confirmed (true) or has not (false)."
    )
    is_password_reset_required: bool | None = field(
        default=None, description="Returns only users who have to change their password (true) or who do not (false)."
    )


@strawberry.input(description="Filters feeds. Conditions are combined with AND, the values of one condition with OR.")
class NuviasFeedFilter:
    """Converted to query parameters of the Hub."""

    name: str | None = field(default=None, description="Returns only feeds whose name matches this text.")
    organisation_ids: list[strawberry.ID] | None = field(
        default=None, description="Returns only feeds of these organisations."
    )


@strawberry.input(description="Filters orders. Conditions are combined with AND, the values of one condition with OR.")
class NuviasOrderFilter(OrderConditions):
    """Converted to a `commands.OrderQuery`."""

    vendor_statuses: list[values.NuviasOrderStatus] | None = field(
        default=None,
        description="Returns only orders in these statuses of the Hub, which are finer than `status`. "
        "Excludes drafts, which have none of them.",
    )
    payment_types: list[values.NuviasPaymentType] | None = field(
        default=None, description="Returns only orders with these payment methods."
    )
    min_total: Decimal | None = field(
        default=None, description="Returns only orders with a total of at least this amount."
    )
    max_total: Decimal | None = field(
        default=None, description="Returns only orders with a total of at most this amount."
    )
    organisation_ids: list[strawberry.ID] | None = field(
        default=None, description="Returns only orders of these organisations."
    )


@strawberry.input(
    description="Filters products. Conditions are combined with AND, the values of one condition with OR."
)
class NuviasProductFilter:
    """Converted to a `commands.ProductQuery`."""

    search: str | None = field(default=None, description="Returns only products whose name or SKU matches this text.")
    manufacturer_ids: list[strawberry.ID] | None = field(
        default=None, description="Returns only products of these manufacturers."
    )
    has_no_manufacturer: bool = field(
        default=False,
        description="Whether to return only products without a manufacturer. With `manufacturerId`, returns both.",
    )
    product_types: list[int] | None = field(
        default=None, description="Returns only products of these types, by the Hub's IDs of the types."
    )
    has_no_product_type: bool = field(
        default=False, description="Whether to return only products without a type. With `productType`, returns both."
    )


@strawberry.input(
    description="Filters subscriptions. Conditions are combined with AND, the values of one condition with OR."
)
class NuviasSubscriptionFilter:
    """Converted to a `commands.SubscriptionQuery`."""

    name: str | None = field(default=None, description="Returns only subscriptions whose name matches this text.")
    statuses: list[SubscriptionStatus] | None = field(
        default=None, description="Returns only subscriptions in these statuses."
    )
    organisation_ids: list[strawberry.ID] | None = field(
        default=None, description="Returns only subscriptions of these organisations."
    )
    types: list[values.NuviasFilteredSubscriptionType] | None = field(
        default=None, description="Returns only subscriptions of these types."
    )


@strawberry.input(
    description="Filters invoices. Conditions are combined with AND, the values of one condition with OR."
)
class NuviasInvoiceFilter:
    """Converted to a `commands.InvoiceQuery`."""

    search: str | None = field(
        default=None, description="Returns only invoices whose reference or purchase order number matches this text."
    )
    statuses: list[InvoiceStatus] | None = field(default=None, description="Returns only invoices in these statuses.")
    types: list[InvoiceType] | None = field(default=None, description="Returns only invoices of these types.")
    organisation_ids: list[strawberry.ID] | None = field(
        default=None, description="Returns only invoices of these organisations."
    )
    days_overdue_ranges: list[values.NuviasDaysOverdue] | None = field(
        default=None, description="Returns only invoices that are overdue by these numbers of days."
    )
    min_issued_on: date | None = field(
        default=None, description="Returns only invoices issued on or after this day (UTC)."
    )
    max_issued_on: date | None = field(
        default=None, description="Returns only invoices issued on or before this day (UTC)."
    )
    min_total: Decimal | None = field(
        default=None, description="Returns only invoices with a total of at least this amount."
    )
    max_total: Decimal | None = field(
        default=None, description="Returns only invoices with a total of at most this amount."
    )


def hub_keys(at: NuviasConnector, ids: Sequence[str] | None, type_: str, name: str) -> list[int]:
    """Return the Hub's ids of the global IDs in a filter, sorted. Raise InputError for an ID of another account."""

    def key(id_: str) -> int:
        ref = Ref.parse(id_, type_)
        if ref.account != at.name or not ref.key[0].isdecimal():
            raise InputError(f"`{name}`: The account `{at.name}` has no {id_}.")
        return int(ref.key[0])

    return sorted(key(id_) for id_ in some(ids, name))


def some(given: Sequence[Any] | None, name: str) -> Sequence[Any]:
    """Return the values of a condition. Raise InputError for an empty list, since the Hub cannot filter by no value."""
    if given is not None and not given:
        raise InputError(f"`{name}` must not be empty. Give at least one value, or omit it.")
    choices(given, name)
    return given or ()


def organisations_of(at: NuviasConnector, ids: Sequence[str] | None) -> list[int]:
    """Return the Hub's ids of the organisations in a filter."""
    return hub_keys(at, ids, "NuviasOrganisation", "filter.organisationIds")


def user_query(at: NuviasConnector, wanted: NuviasUserFilter) -> Query:
    """Return the Hub's query parameters for a filter of users."""
    details = {
        "text": bounded(wanted.search, "filter.search"),
        "organisation": organisations_of(at, wanted.organisation_ids),
        "disabled": None if wanted.is_active is None else not wanted.is_active,
        "verified": wanted.is_verified,
        "password_reset": wanted.is_password_reset_required,
    }
    return request_mapping.from_details(details)


def feed_query(at: NuviasConnector, wanted: NuviasFeedFilter) -> Query:
    """Return the Hub's query parameters for a filter of feeds."""
    organisations = organisations_of(at, wanted.organisation_ids)
    return request_mapping.from_details({"name": bounded(wanted.name, "filter.name"), "organisation": organisations})


def nuvias_order_query(at: NuviasConnector, wanted: NuviasOrderFilter) -> OrderQuery:
    """Return the query for a filter of orders: the conditions of all vendors and those of the Hub."""
    query = order_query(wanted)
    details: dict[str, Any] = {
        "payment_type": [one.name for one in some(wanted.payment_types, "filter.paymentTypes")],
        "organisation": organisations_of(at, wanted.organisation_ids),
        "value_from": wanted.min_total,
        "value_to": wanted.max_total,
    }
    status = query.statuses
    if wanted.vendor_statuses is not None:
        asked = [one.name for one in some(wanted.vendor_statuses, "filter.vendorStatuses")]
        details["status"] = [word for word in asked if status is None or mapping.STATUS[word] in status]
        status = None if details["status"] else frozenset[OrderStatus]()  # the Hub's statuses cover both conditions
    return replace(query, statuses=status, details=details)


def product_query(at: NuviasConnector, wanted: NuviasProductFilter, sort: str) -> ProductQuery:
    """Return the query for a filter of products. The Hub uses -1 for "none"."""
    makers = hub_keys(at, wanted.manufacturer_ids, "NuviasManufacturer", "filter.manufacturerIds")
    types = [*some(wanted.product_types, "filter.productTypes")]
    makers += [-1] * wanted.has_no_manufacturer
    types += [-1] * wanted.has_no_product_type
    details = {"vendor": makers, "type": types, "sort_by": sort}
    return ProductQuery(search=bounded(wanted.search, "filter.search"), details=details)


def nuvias_subscription_query(at: NuviasConnector, wanted: NuviasSubscriptionFilter) -> SubscriptionQuery:
    """Return the query for a filter of subscriptions. The Hub's parameter for the type is ``vendor``."""
    return SubscriptionQuery(
        statuses=choices(wanted.statuses, "filter.statuses"),
        name=bounded(wanted.name, "filter.name"),
        details={
            "organisation": organisations_of(at, wanted.organisation_ids),
            "vendor": [one.name for one in some(wanted.types, "filter.types")],
        },
    )


def nuvias_invoice_query(at: NuviasConnector, wanted: NuviasInvoiceFilter) -> InvoiceQuery:
    """Return the query for a filter of invoices, in whole days as in the Hub."""
    return InvoiceQuery(
        statuses=choices(wanted.statuses, "filter.statuses"),
        types=choices(wanted.types, "filter.types"),
        issued_at=Range(
            None if wanted.min_issued_on is None else midnight(wanted.min_issued_on),
            None if wanted.max_issued_on is None else midnight(wanted.max_issued_on) + timedelta(days=1),
        ),
        search=bounded(wanted.search, "filter.search"),
        details={
            "organisation": organisations_of(at, wanted.organisation_ids),
            "days_overdue": [DAYS_OVERDUE[one] for one in some(wanted.days_overdue_ranges, "filter.daysOverdueRanges")],
            "value_from": wanted.min_total,
            "value_to": wanted.max_total,
        },
    )


def midnight(day: date) -> datetime:
    """Return the start of a day in UTC."""
    return datetime.combine(day, time(), UTC)


# ---- Account ----------------------------------------------------------------------------------------


async def listed(
    at: NuviasConnector,
    name: str,
    query: Sequence[object],
    paging: Paging,
    read: Callable[[int, int], Awaitable[OffsetPage[T]]],
) -> Connection[T]:
    """Return a page of one of the Hub's positional lists. Its cursors are only valid for the same query."""
    words = hashlib.blake2b(msgspec.json.encode(query), digest_size=8).hexdigest()
    return Connection(page=await chained([(at, read)], paging, tag=f"{at.id}/{name}:{words}"))


def whole(type_: Any, kind: Kind[Any], description: str) -> Any:
    """Return a field that has all items of a short list of the Hub."""

    async def resolve(root: Root) -> list[Any]:
        return (await root.read_list(kind)).value

    return field(resolver=resolve, description=description, graphql_type=list[type_] | None)


def paged(type_: Any, description: str) -> Any:
    """Return a field that has a paged list."""
    return field(description=description, graphql_type=Connection[type_] | None, extensions=PAGED)


def which(what: str) -> Any:
    """Return the argument `filter`."""
    return strawberry.argument(description=f"Filters the {what}. Returns all {what} if omitted.")


def in_order(type_: Any, otherwise: str) -> Any:
    """Return the argument `sort`."""
    return strawberry.argument(graphql_type=type_ | None, description=f"The sort order. Defaults to {otherwise}.")


DECODERS: Mapping[str, Callable[[str, str], cursor.Place]] = {
    "date": cursor.decode_moment_key,
    "total": cursor.decode_number_key,
}


@strawberry.type(description="An account at Nuvias UC Hub.")
class NuviasAccount(Account):
    """Read from the account's connector."""

    is_type_of = shows(NuviasConnector)

    @field(description="The user whose API client the account uses.", graphql_type=shown.NuviasViewer | None)
    @staticmethod
    async def viewer(root: Root) -> people.NuviasViewer:
        """Takes one call, which is cached."""
        return await root.viewer()

    organisations = whole(shown.NuviasOrganisation, own.ORGANISATIONS, "The organisations that the account can access.")
    manufacturers = whole(shown.NuviasManufacturer, own.MANUFACTURERS, "The manufacturers of products.")
    shipping_types = whole(shown.NuviasShippingType, own.SHIPPING_TYPES, "The shipping types.")
    countries = whole(shown.NuviasCountry, own.COUNTRIES, "The countries that addresses can be in.")
    provisioning_groups = whole(shown.NuviasProvisioningGroup, own.GROUPS, "The Dovetail groups.")
    sites = whole(shown.NuviasSite, own.SITES, "The Dovetail sites.")

    @paged(shown.NuviasUser, "The users of the Hub.")
    @staticmethod
    async def users(
        root: Root,
        paging: Paging,
        filter: Annotated[NuviasUserFilter | None, which("users")] = None,
        sort: Annotated[object, in_order(NuviasUserSort, "ascending by name")] = None,
    ) -> object:
        """Read a list that the Hub returns in pages."""
        query = [*user_query(root, filter or NuviasUserFilter()), ("sort_by", sort_by(sort, NuviasUserSort))]
        return await listed(root, "users", query, paging, partial(root.part, own.USER_ROWS, query))

    @paged(shown.NuviasProductGroup, "The product groups.")
    @staticmethod
    async def product_groups(root: Root, paging: Paging) -> object:
        """Read a list that the Hub returns whole."""
        read = partial(root.part_of_whole, own.PRODUCT_GROUP_ROWS, [])
        return await listed(root, "productGroups", [], paging, read)

    @paged(shown.NuviasFeed, "The feeds.")
    @staticmethod
    async def feeds(
        root: Root, paging: Paging, filter: Annotated[NuviasFeedFilter | None, which("feeds")] = None
    ) -> object:
        """Read a list that the Hub returns whole."""
        query = feed_query(root, filter or NuviasFeedFilter())
        return await listed(root, "feeds", query, paging, partial(root.part_of_whole, own.FEED_ROWS, query))

    @paged(Order, "The drafts of your own organisation. The Hub calls them baskets.")
    @staticmethod
    async def drafts(
        root: Root, paging: Paging, sort: Annotated[object, in_order(NuviasDraftSort, "ascending by name")] = None
    ) -> object:
        """Read a list that the Hub returns in pages."""
        by = sort_by(sort, NuviasDraftSort)
        return await listed(root, "drafts", [by], paging, partial(root.list_drafts, by))

    @field(
        description="The orders of the account, with filters and sort orders that only the Hub has.",
        graphql_type=Connection[Order] | None,
        extensions=PAGED,
    )
    @staticmethod
    async def orders(
        root: strawberry.Parent[NuviasConnector],
        paging: Paging,
        filter: Annotated[
            NuviasOrderFilter | None,
            strawberry.argument(description="Filters the orders. Returns all orders except drafts if omitted."),
        ] = None,
        sort: Annotated[object, in_order(NuviasOrderSort, "newest first")] = None,
    ) -> Connection[domain.Order]:
        """A keyset list, sorted by date or by total."""
        query = nuvias_order_query(root, filter or NuviasOrderFilter())
        direction, name = sort_by(sort, NuviasOrderSort)[0], sort_by(sort, NuviasOrderSort)[1:]
        by: Literal["date", "total"] = "total" if name == "total" else "date"
        page = await merged(
            [root],
            paging,
            lambda _, window: root.list_orders(query, window, by),
            lambda _: root.count_orders(query),
            tag=f"{root.id}/orders:{by}",
            key=KEYS[by],
            decode=DECODERS[by],
            descending=direction == "-",
        )
        return Connection(page=page)

    @paged(Product, "The products, with filters and sort orders that only the Hub has.")
    @staticmethod
    async def products(
        root: Root,
        paging: Paging,
        filter: Annotated[NuviasProductFilter | None, which("products")] = None,
        sort: Annotated[object, in_order(NuviasProductSort, "most popular first")] = None,
    ) -> object:
        """Read a list that the Hub returns in pages."""
        query = product_query(root, filter or NuviasProductFilter(), sort_by(sort, NuviasProductSort))
        told = [query.search, *request_mapping.from_details(query.details)]
        return await listed(root, "products", told, paging, partial(root.list_products, query))

    @paged(Subscription, "The subscriptions, with filters that only the Hub has.")
    @staticmethod
    async def subscriptions(
        root: Root, paging: Paging, filter: Annotated[NuviasSubscriptionFilter | None, which("subscriptions")] = None
    ) -> object:
        """Read a list that the Hub returns whole."""
        query = nuvias_subscription_query(root, filter or NuviasSubscriptionFilter())
        told = request_mapping.subscriptions_query(query) or []
        return await listed(root, "subscriptions", told, paging, partial(root.list_subscriptions, query))

    @paged(Invoice, "The invoices and credit notes, with filters and sort orders that only the Hub has.")
    @staticmethod
    async def invoices(
        root: Root,
        paging: Paging,
        filter: Annotated[NuviasInvoiceFilter | None, which("invoices")] = None,
        sort: Annotated[object, in_order(NuviasInvoiceSort, "newest first")] = None,
    ) -> object:
        """Read a list that the Hub returns in pages."""
        query, by = nuvias_invoice_query(root, filter or NuviasInvoiceFilter()), sort_by(sort, NuviasInvoiceSort)
        told = [by, *(request_mapping.invoices_query(query) or [])]
        return await listed(root, "invoices", told, paging, partial(root.list_invoices_sorted, query, by))


graph = VendorGraph(
    types=[NuviasAccount, *shown.DETAILS],
    order_details_input=shown.NuviasOrderDetailsInput,
    line_item_details_input=shown.NuviasLineItemDetailsInput,
    subscription_details_input=shown.NuviasSubscriptionDetailsInput,
    nodes=graph_people.NODES,
    mutations=[graph_people.Administration],
)
"""The Hub's part of the graph."""
