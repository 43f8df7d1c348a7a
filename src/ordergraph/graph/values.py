"""Values shared by several entities: money, addresses, actions."""

from datetime import datetime

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.domain import UnavailableReason
from ordergraph.graph.entity import entities
from ordergraph.graph.scalars import CountryCode, CurrencyCode, graph_enum

graph_enum(UnavailableReason)


@entities.object(domain.Money)
class Money:
    """An exact amount of money in a currency."""

    currency: CurrencyCode = field(description="The currency of the amount.")


@entities.object(domain.Address)
class Address:
    """A postal address."""

    formatted_lines: list[str] = field(description="The address as printed on a label, one entry per line.")
    country_code: CountryCode | None = field(description="The country code.")


@entities.object(domain.ActionAvailability)
class ActionAvailability:
    """Whether an action is available now. The vendor has the final say when the action is performed."""


@strawberry.input(description="A postal address.")
class AddressInput:
    """Becomes a `commands.AddressRequest`."""

    company_name: str | None = field(default=None, description="The company name.")
    recipient_name: str | None = field(default=None, description="The name of the recipient.")
    lines: list[str] = field(default_factory=list, description="The address lines, such as house number and street.")
    city: str | None = field(default=None, description="The city or town.")
    region: str | None = field(default=None, description="The state, county or province.")
    postal_code: str | None = field(default=None, description="The postal code.")
    country_code: CountryCode | None = field(default=None, description="The country code.")


@strawberry.input(
    one_of=True, description="Identifies a product, either by its ID in the graph or by the vendor's SKU."
)
class ProductRefInput:
    """Identifies a product."""

    id: strawberry.ID | None = field(default=strawberry.UNSET, description="The ID of the product.")
    sku: str | None = field(
        default=strawberry.UNSET,
        description="The vendor's SKU of the product. At some vendors, several products share a SKU.",
    )


@strawberry.input(description="A range of time. Null or omitted bounds are unbounded.")
class DateTimeRange:
    """Becomes a `commands.Range`."""

    start: datetime | None = field(default=None, description="The start of the range (inclusive).")
    end: datetime | None = field(default=None, description="The end of the range (exclusive).")
