"""Small values that several entities share: money, addresses, actions, requirements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ordergraph.domain.enums import Action, RefusalReason
from ordergraph.domain.errors import VendorError


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in a currency (ISO 4217; ``XXX`` where nobody says which)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address.

    ``country`` is ISO 3166-1 alpha-2, or the error that kept it from being known, which costs only the
    country code.
    """

    company_name: str | None = None
    recipient_name: str | None = None
    lines: Sequence[str] = ()
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
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

    action: Action
    allowed: bool
    reason: RefusalReason | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an account expects of one input field when an order is placed.

    ``field`` is the dotted path in PlaceOrderInput; ``values`` the allowed words, None for anything.
    """

    field: str
    required: bool = False
    max_length: int | None = None
    values: Sequence[str] | None = None
    note: str | None = None
