"""Invoices and credit notes."""

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.domain import InvoiceStatus, InvoiceType
from ordergraph.domain.commands import InvoiceQuery
from ordergraph.domain.paging import invoice_key
from ordergraph.graph import cursor
from ordergraph.graph.caching import SECONDS, cached
from ordergraph.graph.connection import Page, Paging, listed, merged
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.entity import Entity, entities
from ordergraph.graph.inputs import AccountFilter, asked, conditions
from ordergraph.graph.node import NODES, by_id
from ordergraph.graph.scalars import JSON, graph_enum
from ordergraph.graph.values import DateTimeRange

graph_enum(InvoiceStatus)
graph_enum(InvoiceType)

TAG = "invoices:ISSUED_AT"


@strawberry.interface(description="Vendor-specific details of an invoice. See the type of the vendor.")
class InvoiceDetails:
    """Implemented by each vendor."""

    raw: JSON = field(description="The invoice as the vendor sent it, with secrets removed.")


@entities.object(domain.Invoice, directives=cached(SECONDS))
class Invoice(Entity):
    """An invoice or a credit note."""

    details: InvoiceDetails | None = field(description="Vendor-specific details of the invoice.")


@strawberry.input(
    description="Filters invoices. Conditions are combined with AND, the values of one condition with OR."
)
class InvoiceFilter(AccountFilter):
    """Becomes a `commands.InvoiceQuery`."""

    statuses: list[InvoiceStatus] | None = field(default=None, description="Returns only invoices in these statuses.")
    types: list[InvoiceType] | None = field(default=None, description="Returns only invoices of these types.")
    issued_at: DateTimeRange | None = field(
        default=None, description="Returns only invoices issued in this time range."
    )
    purchase_order_numbers: list[str] | None = field(
        default=None, description="Returns only invoices with these purchase order numbers of the buyer."
    )
    search: str | None = field(
        default=None, description="Returns only invoices whose reference matches this text, as the vendor searches."
    )


@strawberry.type
class InvoiceQueries:
    """Fields of the query root."""

    invoice = by_id(
        Invoice,
        "invoice",
        NODES["Invoice"],
        "Returns the invoice with the given ID. Null if it does not exist or you do not have access to it.",
        directives=cached(SECONDS),
    )

    @listed(
        Invoice,
        InvoiceFilter,
        "Filters the invoices. Returns all invoices if omitted.",
        "The invoices of all accounts, newest first.",
        directives=cached(SECONDS),
    )
    @staticmethod
    async def invoices(info: GraphInfo, paging: Paging, filter: InvoiceFilter | None) -> Page[domain.Invoice]:
        """Merge the accounts' invoices by date."""
        query = conditions(InvoiceQuery, filter)
        return await merged(
            asked(info, filter),
            paging,
            lambda connector, window: connector.list_invoices(query, window),
            tag=TAG,
            key=invoice_key,
            decode=cursor.decode_moment_key,
            descending=True,
        )
