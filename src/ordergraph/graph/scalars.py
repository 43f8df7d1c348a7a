"""The graph's scalars, and how the domain's enums become the graph's."""

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
"""An enum in the schema, made of the registered vendors when the schema is put together."""

MAX_DECIMAL_LENGTH = 40
MAX_FLOAT_DIGITS = 15
"""So many digits of a number in JSON survive Python's float."""
MAX_EXPONENT = 1000

_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?\Z")


def graph_enum(cls: type[E], *, name: str | None = None) -> type[E]:
    """Make an enum of the graph out of a Word: its docstring and its values are the descriptions."""
    strawberry.enum(cls, name=name, description=cls.__doc__)
    definition: StrawberryEnumDefinition = cast("Any", cls).__strawberry_definition__
    for value, member in zip(definition.values, cls, strict=True):
        value.description = member.value
    return cls


def _write_decimal(value: object) -> str:
    """Plain notation, every digit: ``1E+3`` is ``1000``."""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise UnwritableNumber
    return format(number, "f")


def _read_decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise InputError("a Decimal is a string or a number")
    if isinstance(value, float) and len(Decimal(repr(value)).as_tuple().digits) > MAX_FLOAT_DIGITS:
        raise InputError(f"a number has at most {MAX_FLOAT_DIGITS} digits here: write it as a string to keep them all")
    text = str(value) if not isinstance(value, int) or abs(value) < 10**MAX_DECIMAL_LENGTH else ""
    number = Decimal(text) if len(text) <= MAX_DECIMAL_LENGTH and _DECIMAL.match(text) else None
    if number is None or abs(number.adjusted()) > MAX_DECIMAL_LENGTH:
        raise InputError(f"a Decimal is a finite number of at most {MAX_DECIMAL_LENGTH} characters")
    return number


def _read_decimal_literal(node: ValueNode, variables: object = None) -> Decimal:
    """The digits as they are written, which a float would not keep."""
    if not isinstance(node, IntValueNode | FloatValueNode | StringValueNode):
        raise InputError("a Decimal is a string or a number")
    return _read_decimal(node.value)


def _write_moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError('a DateTime is ISO 8601 with a zone, such as "2026-01-30T10:30:00Z"')
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise InputError("a DateTime lies within the years 1 to 9999") from None


def _read_day(value: object) -> date:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise InputError('a Date is ISO 8601, such as "2026-01-30"')


class _ID(GraphQLScalarType):
    """The built-in ID without graphql-core's leniency: it takes the float 4.0 for "4"."""

    reserved_types: Mapping[str, GraphQLNamedType] = {}  # so that the name of a built-in type may be used


def _read_id(value: object) -> str:
    if isinstance(value, float):
        raise InputError("an ID is a string or an integer")
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
    """A type of graphql-core, given to Strawberry as it is."""
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
        'An exact number, as a string in plain notation ("12.90"). Input may be a string or a number.',
        _write_decimal,
        _read_decimal,
        literal=_read_decimal_literal,
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
    return _of_core(GraphQLEnumType("Vendor", values, description="Whose ordering API it is."))
