"""The graph's scalars, and how the domain's enums become the graph's."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, NewType, TypeVar, cast

import strawberry
from graphql import GraphQLEnumType, GraphQLEnumValue
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.scalar import ScalarDefinition

E = TypeVar("E", bound=Enum)

CurrencyCode = NewType("CurrencyCode", str)
CountryCode = NewType("CountryCode", str)
JSON = NewType("JSON", object)
VendorCode = NewType("VendorCode", str)
"""An enum in the schema, made of the registered vendors when the schema is put together."""

MAX_DECIMAL_LENGTH = 40


def words(cls: type[E], *, name: str | None = None) -> type[E]:
    """Make an enum of the graph out of a Word: its docstring and its values are the descriptions."""
    strawberry.enum(cls, name=name, description=cls.__doc__)
    definition: StrawberryEnumDefinition = cast("Any", cls).__strawberry_definition__
    for value, member in zip(definition.values, cls, strict=True):
        value.description = member.value
    return cls


def _write_decimal(value: object) -> str:
    """Plain notation, every digit: ``1E+3`` is ``1000``."""
    return format(value if isinstance(value, Decimal) else Decimal(str(value)), "f")


def _read_decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError("a Decimal is a string or a number")
    text = str(value)
    try:
        number = Decimal(text) if len(text) <= MAX_DECIMAL_LENGTH else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or abs(number.adjusted()) > MAX_DECIMAL_LENGTH:
        raise ValueError("a Decimal is a finite number of at most 40 characters")
    return number


def _write_moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError('a DateTime is ISO 8601 with a zone, such as "2026-01-30T10:30:00Z"')


def _read_day(value: object) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return date.fromisoformat(value)
    raise ValueError('a Date is ISO 8601, such as "2026-01-30"')


def _as_it_is(value: object) -> object:
    return value


def _read_code(pattern: str, what: str) -> Any:
    def read(value: object) -> str:
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        raise ValueError(what)

    return read


def _scalar(name: str, description: str, serialize: Any, parse: Any, url: str | None = None) -> ScalarDefinition:
    return ScalarDefinition(
        name=name,
        description=description,
        specified_by_url=url,
        serialize=serialize,
        parse_value=parse,
        parse_literal=None,
    )


SCALARS: Mapping[object, ScalarDefinition] = {
    Decimal: _scalar(
        "Decimal",
        'An exact number, as a string in plain notation ("12.90"). Input may be a string or a number.',
        _write_decimal,
        _read_decimal,
    ),
    datetime: _scalar(
        "DateTime",
        'A moment, ISO 8601 in UTC ("2026-01-30T10:30:00Z"). Input may have any zone, but must have one.',
        _write_moment,
        _read_moment,
        "https://scalars.graphql.org/andimarek/date-time.html",
    ),
    date: _scalar("Date", 'A day, ISO 8601 ("2026-01-30").', date.isoformat, _read_day),
    CurrencyCode: _scalar(
        "CurrencyCode",
        'A currency, ISO 4217 ("GBP"); "XXX" where neither the vendor nor the settings say which.',
        str,
        _read_code(r"[A-Z]{3}", 'a CurrencyCode is three capital letters, such as "GBP"'),
        "https://www.iso.org/iso-4217-currency-codes.html",
    ),
    CountryCode: _scalar(
        "CountryCode",
        'A country, ISO 3166-1 alpha-2 ("GB").',
        str,
        _read_code(r"[A-Z]{2}", 'a CountryCode is two capital letters, such as "GB"'),
        "https://www.iso.org/iso-3166-country-codes.html",
    ),
    JSON: _scalar("JSON", "Any JSON value, as the vendor sent it.", _as_it_is, _as_it_is),
}


def vendor_scalar(titles: Mapping[str, str]) -> ScalarDefinition:
    """The enum `Vendor`: ``titles`` maps each vendor's code to its name for people."""
    values = {code.upper(): GraphQLEnumValue(code, description=title) for code, title in titles.items()}
    enum = GraphQLEnumType("Vendor", values, description="Whose ordering API it is.")
    return ScalarDefinition(
        name="Vendor",
        description=None,
        specified_by_url=None,
        serialize=None,
        parse_value=None,
        parse_literal=None,
        implementation=cast("Any", enum),
    )
