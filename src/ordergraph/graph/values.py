"""Small values that several entities share: money, addresses, actions."""

from datetime import datetime
from decimal import Decimal

import strawberry
from strawberry import field

from ordergraph.domain import Action, RefusalReason
from ordergraph.graph.scalars import CountryCode, CurrencyCode, graph_enum

graph_enum(RefusalReason)


@strawberry.type(description="An exact amount of money.")
class Money:
    """The graph's form of `domain.Money`."""

    amount: Decimal = field(description="The amount, exact.")
    currency: CurrencyCode = field(description="In which currency.")


@strawberry.type(description="A postal address.")
class Address:
    """The graph's form of `domain.Address`."""

    formatted: list[str] = field(description="The address as it goes on a label, line by line.")
    company_name: str | None = field(description="The company.")
    recipient_name: str | None = field(description="The person.")
    lines: list[str] = field(description="House, street and the like.")
    city: str | None = field(description="The town.")
    region: str | None = field(description="The county, state or the like.")
    postal_code: str | None = field(description="The postal code.")
    country_code: CountryCode | None = field(description="The country.")


@strawberry.type(description="Whether an action is possible now. Advice: the vendor decides when it is done.")
class ActionAvailability:
    """The graph's form of `domain.ActionAvailability`."""

    action: Action = field(description="Which action; the mutation of that name does it.")
    allowed: bool = field(description="Whether it is possible now.")
    reason: RefusalReason | None = field(description="Why not, for programs.")
    message: str | None = field(description="Why not, for people.")


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
