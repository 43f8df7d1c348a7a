"""Small values that several entities share: money, addresses, actions, requirements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from ordergraph.domain.enums import Action, RefusalReason
from ordergraph.domain.errors import VendorError


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in a currency (ISO 4217; ``XXX`` where nobody says which)."""

    amount: Annotated[Decimal, "The amount, exact."]
    currency: str


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address.

    ``country`` is ISO 3166-1 alpha-2, or the error that kept it from being known, which costs only the
    country code.
    """

    company_name: Annotated[str | None, "The company."] = None
    recipient_name: Annotated[str | None, "The person."] = None
    lines: Annotated[Sequence[str], "House, street and the like."] = ()
    city: Annotated[str | None, "The town."] = None
    region: Annotated[str | None, "The county, state or the like."] = None
    postal_code: Annotated[str | None, "The postal code."] = None
    country: str | VendorError | None = None

    @property
    def country_code(self) -> str | None:
        """The country; raises what kept it from being known."""
        if isinstance(self.country, VendorError):
            raise self.country
        return self.country

    @property
    def formatted(self) -> Sequence[str]:
        """The address as it goes on a label, one line each."""
        town = " ".join(part for part in (self.city, self.postal_code) if part)
        country = None if isinstance(self.country, VendorError) else self.country
        parts = (self.recipient_name, self.company_name, *self.lines, town, self.region, country)
        return [part for part in parts if part]


@dataclass(frozen=True, slots=True)
class ActionAvailability:
    """Whether an action is possible now; advice, since the vendor decides when it is done."""

    action: Annotated[Action, "Which action; the mutation of that name does it."]
    allowed: Annotated[bool, "Whether it is possible now."]
    reason: Annotated[RefusalReason | None, "Why not, for programs."] = None
    message: Annotated[str | None, "Why not, for people."] = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an account expects of one input field when an order is placed.

    ``field`` is the dotted path in PlaceOrderInput; ``values`` the allowed words, None for anything.
    """

    field: Annotated[str, "The path in PlaceOrderInput, with dots."]
    required: Annotated[bool, "Whether an order without it is refused."] = False
    max_length: Annotated[int | None, "The most characters it may have."] = None
    values: Annotated[Sequence[str] | None, "The words that are allowed, null for any."] = None
    note: Annotated[str | None, "When it is needed, or what becomes of it at the vendor."] = None
