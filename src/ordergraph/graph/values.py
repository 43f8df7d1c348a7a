"""Small values that several entities share: money, addresses, actions."""

from datetime import datetime

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.domain import RefusalReason
from ordergraph.graph.entity import entities
from ordergraph.graph.scalars import CountryCode, CurrencyCode, graph_enum

graph_enum(RefusalReason)


@entities.object(domain.Money)
class Money:
    """An exact amount of money."""

    currency: CurrencyCode = field(description="In which currency.")


@entities.object(domain.Address)
class Address:
    """A postal address."""

    formatted: list[str] = field(description="The address as it goes on a label, line by line.")
    country_code: CountryCode | None = field(description="The country.")


@entities.object(domain.ActionAvailability)
class ActionAvailability:
    """Whether an action is possible now. Advice: the vendor decides when it is done."""


@strawberry.input(description="A postal address.")
class AddressInput:
    """Becomes a `commands.AddressRequest`."""

    company_name: str | None = field(default=None, description="The company.")
    recipient_name: str | None = field(default=None, description="The person.")
    lines: list[str] = field(default_factory=list, description="House, street and the like.")
    city: str | None = field(default=None, description="The town.")
    region: str | None = field(default=None, description="The county, state or the like.")
    postal_code: str | None = field(default=None, description="The postal code.")
    country_code: CountryCode | None = field(default=None, description="The country.")


@strawberry.input(
    one_of=True, description="A product by its ID in the graph, or by the vendor's SKU: exactly one of them."
)
class ProductRefInput:
    """Which product."""

    id: strawberry.ID | None = field(default=strawberry.UNSET, description="The product's ID.")
    sku: str | None = field(
        default=strawberry.UNSET, description="The vendor's code of the product. Some vendors use one twice."
    )


@strawberry.input(description="From `start` (included) to `end` (not included); null or left out is open.")
class DateTimeRange:
    """Becomes a `commands.Range`."""

    start: datetime | None = field(default=None, description="The first moment that belongs to it.")
    end: datetime | None = field(default=None, description="The first moment that no longer does.")
