"""Scalars: exact numbers, and times with a time zone."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLScalarType, parse_value
from hypothesis import given
from hypothesis import strategies as st

from ordergraph import app
from ordergraph.domain.errors import InputError, UnwritableNumber
from ordergraph.graph.schema import core_schema

TYPES = core_schema(app.build_schema()).type_map


def scalar(name: str) -> GraphQLScalarType:
    type_ = TYPES[name]
    assert isinstance(type_, GraphQLScalarType)
    return type_


EARLY = datetime(1, 1, 2)  # noqa: DTZ001 - hypothesis wants it naive
DECIMAL, MOMENT, DAY = scalar("Decimal"), scalar("DateTime"), scalar("Date")


@given(st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: abs(number.adjusted()) <= 1000))
def test_decimal_is_written_exactly_and_plainly(number: Decimal) -> None:
    text = DECIMAL.serialize(number)
    assert isinstance(text, str)
    assert "E" not in text.upper()
    assert Decimal(text) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [("12.90", "12.90"), ("1E+3", "1000"), ("1E-7", "0.0000001"), ("0", "0"), ("0.00", "0.00"), ("-1.50", "-1.50")],
)
def test_decimal_keeps_its_scale(number: str, text: str) -> None:
    assert DECIMAL.serialize(Decimal(number)) == text


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+999999999", "1E-999999999"])
def test_decimal_that_cannot_be_written_out_is_an_error(number: str) -> None:
    with pytest.raises(UnwritableNumber, match="cannot be represented"):
        DECIMAL.serialize(Decimal(number))


@pytest.mark.parametrize(
    ("value", "number"),
    [("12.90", "12.90"), (12, "12"), (0.1, "0.1"), (-1.5, "-1.5"), ("1e3", "1E+3"), ("+7", "7"), ("-0.0", "-0.0")],
)
def test_decimal_is_read(value: object, number: str) -> None:
    read = DECIMAL.parse_value(value)
    assert (read, str(read)) == (Decimal(number), number)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " 1",
        "1 ",
        "1_000",
        "1,5",
        "\u0661",
        "\uff10",
        "NaN",
        "Infinity",
        "1e",
        "0x1",
        "1" * 41,
        "1e41",
        "1e-41",
        "1e999999999999999999999",
        10**41,
        pytest.param(10**5000, id="long"),
        -(10**41),
        float("nan"),
        float("inf"),
        0.1 + 0.2,
        True,
        None,
        [],
        {},
        "\ud800",
    ],
)
def test_value_that_is_no_decimal_is_refused(value: object) -> None:
    with pytest.raises(InputError):
        DECIMAL.parse_value(value)


@pytest.mark.parametrize("text", ["0.12345678901234567890123456", "12345678901234567890.12", "100", '"12.90"', "-1"])
def test_decimal_keeps_all_digits_of_a_literal(text: str) -> None:
    assert DECIMAL.parse_literal(parse_value(text)) == Decimal(text.strip('"'))


@pytest.mark.parametrize("text", ["true", "[1]", "{a: 1}", "A", '"x"'])
def test_literal_that_is_no_decimal_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        DECIMAL.parse_literal(parse_value(text))


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=9, minutes=30))]), min_value=EARLY))
def test_moment_comes_back_in_utc(moment: datetime) -> None:
    text = MOMENT.serialize(moment)
    assert isinstance(text, str)
    assert text.endswith("Z")
    assert MOMENT.parse_value(text) == moment


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2026-01-30",
        "2026-01-30T10:30:00",
        "30.1.2026",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        1769769000,
        True,
        None,
        "\ud800",
    ],
)
def test_value_that_is_no_moment_is_refused(value: object) -> None:
    with pytest.raises(InputError):
        MOMENT.parse_value(value)


@given(st.dates())
def test_day_comes_back(day: date) -> None:
    assert DAY.parse_value(DAY.serialize(day)) == day


@pytest.mark.parametrize(
    "value", ["", "2026-1-3", "2026-02-30", "20260130", "2026-01-30T00:00:00Z", "\uff12026-01-30", 7, None]
)
def test_value_that_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(InputError):
        DAY.parse_value(value)


@pytest.mark.parametrize(("name", "good"), [("CurrencyCode", "GBP"), ("CountryCode", "GB")])
def test_code_is_capital_letters(name: str, good: str) -> None:
    type_ = scalar(name)
    assert type_.parse_value(good) == good
    bad: list[Any] = ["", good.lower(), f"{good}\n", f"{good}X", "ÄÖÜ"[: len(good)], 7, None]
    for value in bad:
        with pytest.raises(InputError):
            type_.parse_value(value)
