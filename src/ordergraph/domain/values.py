"""Small values that several entities share: money, addresses, actions, requirements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from ordergraph.domain.enums import Action, UnavailableReason
from ordergraph.domain.errors import VendorError


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in a currency (ISO 4217; ``XXX`` if the currency is unknown)."""

    amount: Annotated[Decimal, "The exact amount."]
    currency: str


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address.

    ``country`` is an ISO 3166-1 alpha-2 code, or the error that prevented reading it. Such an error affects only the
    country code.
    """

    company_name: Annotated[str | None, "The company name."] = None
    recipient_name: Annotated[str | None, "The name of the recipient."] = None
    lines: Annotated[Sequence[str], "The address lines, such as house number and street."] = ()
    city: Annotated[str | None, "The city or town."] = None
    region: Annotated[str | None, "The state, county or province."] = None
    postal_code: Annotated[str | None, "The postal code."] = None
    country: str | VendorError | None = None

    @property
    def country_code(self) -> str | None:
        """The country code; raises the error that prevented reading it."""
        if isinstance(self.country, VendorError):
            raise self.country
        return self.country

    @property
    def formatted_lines(self) -> Sequence[str]:
        """The address as printed on a label, one entry per line."""
        town = " ".join(part for part in (self.city, self.postal_code) if part)
        country = None if isinstance(self.country, VendorError) else self.country
        parts = (self.recipient_name, self.company_name, *self.lines, town, self.region, country)
        return [part for part in parts if part]


@dataclass(frozen=True, slots=True)
class ActionAvailability:
    """Whether an action is available now. The vendor has the final say when the action is performed."""

    action: Annotated[Action, "The action. It is performed by the mutation of the same name."]
    is_allowed: Annotated[bool, "Whether the action is available now."]
    reason: Annotated[
        UnavailableReason | None, "The reason why the action is not available, as a code. Null if it is available."
    ] = None
    message: Annotated[
        str | None, "The reason why the action is not available, in English. Null if it is available."
    ] = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """The requirement of an account for one input field when an order is placed.

    ``field`` is the dotted path in PlaceOrderInput. ``values`` are the allowed values, None if any value is allowed.
    """

    field: Annotated[str, "The path of the field in PlaceOrderInput, separated by dots."]
    is_required: Annotated[bool, "Whether orders without the field are refused."] = False
    max_length: Annotated[int | None, "The maximum number of characters. Null if there is no limit."] = None
    values: Annotated[Sequence[str] | None, "The allowed values. Null if any value is allowed."] = None
    note: Annotated[str | None, "When the field is required, or how the vendor uses it."] = None
