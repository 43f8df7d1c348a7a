"""The scalars of the graph, and the conversion of the domain's enums to GraphQL enums."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NewType, TypeVar, cast

import strawberry
from graphql import (
    FloatValueNode,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLID,
    GraphQLNamedType,
    GraphQLScalarType,
    IntValueNode,
    StringValueNode,
    ValueNode,
)
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.scalar import ScalarDefinition

from ordergraph.domain.errors import InputError, UnwritableNumber

E = TypeVar("E", bound=Enum)

CurrencyCode = NewType("CurrencyCode", str)
CountryCode = NewType("CountryCode", str)
JSON = NewType("JSON", object)
VendorCode = NewType("VendorCode", str)
"""An enum in the schema, created from the registered vendors when the schema is built."""

MAX_DECIMAL_LENGTH = 40
MAX_FLOAT_DIGITS = 15
"""The number of digits of a JSON number that a Python float preserves."""
MAX_EXPONENT = 1000

_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?\Z")


def graph_enum(cls: type[E], *, name: str | None = None) -> type[E]:
    """Make an enum a GraphQL enum, with its docstring and its values as descriptions."""
    strawberry.enum(cls, name=name, description=cls.__doc__)
    definition: StrawberryEnumDefinition = cast("Any", cls).__strawberry_definition__
    for value, member in zip(definition.values, cls, strict=True):
        value.description = member.value
    return cls


def _write_decimal(value: object) -> str:
    """Return plain notation with every digit: ``1E+3`` becomes ``1000``."""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise UnwritableNumber
    return format(number, "f")


def _read_decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise InputError("A Decimal must be a string or a number.")
    if isinstance(value, float) and len(Decimal(repr(value)).as_tuple().digits) > MAX_FLOAT_DIGITS:
        raise InputError(f"A JSON number may have at most {MAX_FLOAT_DIGITS} digits. Use a string for more digits.")
    text = str(value) if not isinstance(value, int) or abs(value) < 10**MAX_DECIMAL_LENGTH else ""
    number = Decimal(text) if len(text) <= MAX_DECIMAL_LENGTH and _DECIMAL.match(text) else None
    if number is None or abs(number.adjusted()) > MAX_DECIMAL_LENGTH:
        raise InputError(f"A Decimal must be a finite number of at most {MAX_DECIMAL_LENGTH} characters.")
    return number


def _read_decimal_literal(node: ValueNode, variables: object = None) -> Decimal:
    """Read the digits as written, which a float would not preserve."""
    if not isinstance(node, IntValueNode | FloatValueNode | StringValueNode):
        raise InputError("A Decimal must be a string or a number.")
    return _read_decimal(node.value)


def _write_moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError('A DateTime must be in ISO 8601 format with a time zone, such as "2026-01-30T10:30:00Z".')
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise InputError("A DateTime must be between the years 1 and 9999.") from None


def _read_day(value: object) -> date:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise InputError('A Date must be in ISO 8601 format, such as "2026-01-30".')


class _ID(GraphQLScalarType):
    """The built-in ID, stricter than graphql-core's, which accepts the float 4.0 as "4"."""

    reserved_types: Mapping[str, GraphQLNamedType] = {}  # allows the name of a built-in type


def _read_id(value: object) -> str:
    if isinstance(value, float):
        raise InputError("An ID must be a string or an integer.")
    return GraphQLID.coerce_input_value(value)


def _strict_id() -> GraphQLScalarType:
    definition = GraphQLID.to_kwargs()
    definition["coerce_input_value"] = definition["parse_value"] = _read_id
    return _ID(**definition)


def _as_it_is(value: object) -> object:
    return value


def _read_code(pattern: str, what: str) -> Any:
    def read(value: object) -> str:
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        raise InputError(what)

    return read


def _of_core(type_: GraphQLNamedType) -> ScalarDefinition:
    """Return a Strawberry scalar for a type of graphql-core."""
    return ScalarDefinition(
        name=type_.name,
        description=None,
        specified_by_url=None,
        serialize=None,
        parse_value=None,
        parse_literal=None,
        implementation=cast("Any", type_),
    )


def _scalar(
    name: str, description: str, serialize: Any, parse: Any, url: str | None = None, literal: Any = None
) -> ScalarDefinition:
    return ScalarDefinition(
        name=name,
        description=description,
        specified_by_url=url,
        serialize=serialize,
        parse_value=parse,
        parse_literal=literal,
    )


SCALARS: Mapping[object, ScalarDefinition] = {
    strawberry.ID: _of_core(_strict_id()),
    Decimal: _scalar(
        "Decimal",
        'An exact decimal number, as a string in plain notation ("12.90"). Input can be a string or a number.',
        _write_decimal,
        _read_decimal,
        literal=_read_decimal_literal,
    ),
    datetime: _scalar(
        "DateTime",
        'A date and time in ISO 8601 format, in UTC ("2026-01-30T10:30:00Z"). Input can use any time zone, but must '
        "include one.",
        _write_moment,
        _read_moment,
        "https://scalars.graphql.org/andimarek/date-time.html",
    ),
    date: _scalar("Date", 'A date in ISO 8601 format ("2026-01-30").', date.isoformat, _read_day),
    CurrencyCode: _scalar(
        "CurrencyCode",
        'An ISO 4217 currency code ("GBP"). "XXX" if neither the vendor nor the settings specify a currency.',
        str,
        _read_code(r"[A-Z]{3}", 'A CurrencyCode must be three capital letters, such as "GBP".'),
        "https://www.iso.org/iso-4217-currency-codes.html",
    ),
    CountryCode: _scalar(
        "CountryCode",
        'An ISO 3166-1 alpha-2 country code ("GB").',
        str,
        _read_code(r"[A-Z]{2}", 'A CountryCode must be two capital letters, such as "GB".'),
        "https://www.iso.org/iso-3166-country-codes.html",
    ),
    JSON: _scalar("JSON", "An arbitrary JSON value.", _as_it_is, _as_it_is),
}


def vendor_scalar(titles: Mapping[str, str]) -> ScalarDefinition:
    """Return the enum `Vendor`; ``titles`` maps each vendor's code to its display name."""
    values = {code.upper(): GraphQLEnumValue(code, description=title) for code, title in titles.items()}
    return _of_core(GraphQLEnumType("Vendor", values, description="A supported vendor."))
