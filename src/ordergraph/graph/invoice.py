"""Invoices and credit notes."""

from typing import Annotated

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain import InvoiceStatus, InvoiceType
from ordergraph.domain.commands import InvoiceQuery
from ordergraph.domain.paging import invoice_key
from ordergraph.graph import cursor
from ordergraph.graph.caching import SECONDS, cached
from ordergraph.graph.connection import PAGED, Connection, Paging, merged
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.entity import Entity, entities
from ordergraph.graph.inputs import AccountFilter, asked, bounded, choices, span
from ordergraph.graph.node import by_loader
from ordergraph.graph.scalars import JSON, graph_enum
from ordergraph.graph.values import DateTimeRange

graph_enum(InvoiceStatus)
graph_enum(InvoiceType)

TAG = "invoices:ISSUED_AT"


@strawberry.interface(description="What only one vendor tells of an invoice: see its own type.")
class InvoiceDetails:
    """Vendors' folders implement it."""

    raw: JSON = field(description="The invoice as the vendor sent it, without secrets.")


@entities.object(domain.Invoice, directives=cached(SECONDS))
class Invoice(Entity):
    """A bill, or a credit note."""

    details: InvoiceDetails | None = field(description="What only this vendor tells.")


@strawberry.input(description="Which invoices: conditions are ANDed, the values of one are ORed.")
class InvoiceFilter(AccountFilter):
    """Becomes a `commands.InvoiceQuery`."""

    status: list[InvoiceStatus] | None = field(default=None, description="In these statuses.")
    type: list[InvoiceType] | None = field(default=None, description="Of these kinds.")
    issued_at: DateTimeRange | None = field(default=None, description="Written in this time.")
    purchase_order_number: list[str] | None = field(default=None, description="For these orders of the buyer.")
    text: str | None = field(default=None, description="Words in the reference, as the vendor searches.")


def invoice_query(filter_: InvoiceFilter | None) -> InvoiceQuery:
    """The conditions, checked."""
    if filter_ is None:
        return InvoiceQuery()
    return InvoiceQuery(
        status=choices(filter_.status, "filter.status"),
        type=choices(filter_.type, "filter.type"),
        issued_at=span(filter_.issued_at, "filter.issuedAt"),
        purchase_order_number=choices(filter_.purchase_order_number, "filter.purchaseOrderNumber"),
        text=bounded(filter_.text, "filter.text"),
    )


async def _uncounted(_connector: Connector) -> int | None:
    return None


@strawberry.type
class InvoiceQueries:
    """Fields of the query root."""

    @field(
        description="An invoice by its ID; null if there is none for you.",
        graphql_type=Invoice | None,
        directives=cached(SECONDS),
    )
    @staticmethod
    async def invoice(
        info: GraphInfo, id: Annotated[strawberry.ID, strawberry.argument(description="The invoice's ID.")]
    ) -> object | None:
        """By loader."""
        ref = domain.Ref.parse(id, "Invoice")
        connector = info.context.account(ref.account)
        return None if connector is None else await by_loader("fetch_invoices")(info.context, connector, ref)

    @field(
        description="The invoices of all accounts, the newest first.",
        graphql_type=Connection[Invoice] | None,
        extensions=PAGED,
        directives=cached(SECONDS),
    )
    @staticmethod
    async def invoices(
        info: GraphInfo,
        paging: Paging,
        filter: Annotated[
            InvoiceFilter | None, strawberry.argument(description="Which invoices; all if left out.")
        ] = None,
    ) -> Connection[domain.Invoice]:
        """Merged by date."""
        query = invoice_query(filter)
        page = await merged(
            asked(info, filter),
            paging,
            lambda connector, window: connector.list_invoices(query, window),
            _uncounted,
            tag=TAG,
            key=invoice_key,
            decode=cursor.decode_moment_key,
            descending=True,
        )
        return Connection(page=page)
