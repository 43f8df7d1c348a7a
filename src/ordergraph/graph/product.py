"""Products: what can be ordered."""

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

    product = by_id(
        Product,
        "product",
        NODES["Product"],
        "A product by its ID; null if there is none for you.",
        directives=cached(MINUTES),
    )

    @listed(
        Product,
        ProductFilter,
        "Which products; all if left out.",
        "The catalogues of all accounts, one behind the other, each in its vendor's order.",
        directives=cached(MINUTES),
    )
    @staticmethod
    async def products(info: GraphInfo, paging: Paging, filter: ProductFilter | None) -> Page[domain.Product]:
        """A chain over the accounts."""
        query = conditions(ProductQuery, filter)
        sources = [(connector, partial(connector.list_products, query)) for connector in asked(info, filter)]
        return await chained(sources, paging, tag="products")
