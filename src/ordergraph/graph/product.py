"""Products: what can be ordered."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain.commands import ProductQuery
from ordergraph.domain.paging import OffsetPage
from ordergraph.graph.caching import MINUTES, cached
from ordergraph.graph.connection import PAGED, Connection, Paging, chained
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.entity import Entity, entities
from ordergraph.graph.inputs import AccountFilter, asked, bounded
from ordergraph.graph.scalars import JSON


@strawberry.interface(description="What only one vendor tells of a product: see its own type.")
class ProductDetails:
    """Vendors' folders implement it."""

    raw: JSON = field(description="The product as the vendor sent it, without secrets.")


@entities.object(domain.Product, directives=cached(MINUTES))
class Product(Entity):
    """Something that can be ordered."""

    details: ProductDetails | None = field(description="What only this vendor tells.")


@strawberry.input(description="Which products: conditions are ANDed, the values of one are ORed.")
class ProductFilter(AccountFilter):
    """Becomes a `commands.ProductQuery`."""

    text: str | None = field(default=None, description="Words in the name or the SKU, as the vendor searches.")


@strawberry.type
class ProductQueries:
    """Fields of the query root."""

    @field(
        description="A product by its ID; null if there is none for you.",
        graphql_type=Product | None,
        directives=cached(MINUTES),
    )
    @staticmethod
    async def product(
        info: GraphInfo, id: Annotated[strawberry.ID, strawberry.argument(description="The product's ID.")]
    ) -> domain.Product | None:
        """By loader."""
        ref = domain.Ref.parse(id, "Product")
        connector = info.context.account(ref.account)
        return None if connector is None else await info.context.loaders.load(connector.fetch_products, ref.joined)

    @field(
        description="The catalogues of all accounts, one behind the other, each in its vendor's order.",
        graphql_type=Connection[Product] | None,
        extensions=PAGED,
        directives=cached(MINUTES),
    )
    @staticmethod
    async def products(
        info: GraphInfo,
        paging: Paging,
        filter: Annotated[
            ProductFilter | None, strawberry.argument(description="Which products; all if left out.")
        ] = None,
    ) -> Connection[domain.Product]:
        """A chain over the accounts."""
        query = ProductQuery(text=bounded(filter.text, "filter.text") if filter else None)

        def source(connector: Connector) -> Callable[[int, int], Awaitable[OffsetPage[domain.Product]]]:
            return lambda offset, limit: connector.list_products(query, offset, limit)

        sources = [(connector, source(connector)) for connector in asked(info, filter)]
        return Connection(page=await chained(sources, paging, tag="products"))
