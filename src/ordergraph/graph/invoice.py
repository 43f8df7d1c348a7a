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


@strawberry.type
class InvoiceQueries:
    """Fields of the query root."""

    invoice = by_id(
        Invoice,
        "invoice",
        NODES["Invoice"],
        "An invoice by its ID; null if there is none for you.",
        directives=cached(SECONDS),
    )

    @listed(
        Invoice,
        InvoiceFilter,
        "Which invoices; all if left out.",
        "The invoices of all accounts, the newest first.",
        directives=cached(SECONDS),
    )
    @staticmethod
    async def invoices(info: GraphInfo, paging: Paging, filter: InvoiceFilter | None) -> Page[domain.Invoice]:
        """Merged by date."""
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
