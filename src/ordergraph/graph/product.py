"""Products."""

from functools import partial

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.domain.commands import ProductQuery
from ordergraph.graph.caching import MINUTES, cached
from ordergraph.graph.connection import Page, Paging, chained, listed
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.entity import Entity, entities
from ordergraph.graph.inputs import AccountFilter, asked, conditions
from ordergraph.graph.node import NODES, by_id
from ordergraph.graph.scalars import JSON


@strawberry.interface(description="Vendor-specific details of a product. See the type of the vendor.")
class ProductDetails:
    """Implemented by each vendor."""

    raw: JSON = field(description="The product as the vendor sent it, with secrets removed.")


@entities.object(domain.Product, directives=cached(MINUTES))
class Product(Entity):
    """A product that can be ordered."""

    details: ProductDetails | None = field(description="Vendor-specific details of the product.")


@strawberry.input(
    description="Filters products. Conditions are combined with AND, the values of one condition with OR."
)
class ProductFilter(AccountFilter):
    """Becomes a `commands.ProductQuery`."""

    search: str | None = field(
        default=None, description="Returns only products whose name or SKU matches this text, as the vendor searches."
    )


@strawberry.type
class ProductQueries:
    """Fields of the query root."""

    product = by_id(
        Product,
        "product",
        NODES["Product"],
        "Returns the product with the given ID. Null if it does not exist or you do not have access to it.",
        directives=cached(MINUTES),
    )

    @listed(
        Product,
        ProductFilter,
        "Filters the products. Returns all products if omitted.",
        "The catalogs of all accounts, one account after the other, each in the vendor's own sort order.",
        directives=cached(MINUTES),
    )
    @staticmethod
    async def products(info: GraphInfo, paging: Paging, filter: ProductFilter | None) -> Page[domain.Product]:
        """Concatenated over the accounts."""
        query = conditions(ProductQuery, filter)
        sources = [(connector, partial(connector.list_products, query)) for connector in asked(info, filter)]
        return await chained(sources, paging, tag="products")
