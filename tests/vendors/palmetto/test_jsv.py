"""JSV: writing, reading, and round trips."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordergraph.vendors.palmetto import jsv, wire
from ordergraph.wire.fields import fields_of

SAMPLES = Path(__file__).parents[2] / "samples/palmetto"
SAMPLE = (SAMPLES / "order_request.jsv").read_text().strip()
UNTYPED = {"String": "word", "0": "0", "False": "False", "0001-01-01": "0001-01-01"}


def told(value: Any) -> jsv.Tree:
    """Return what JSV can express of a value: text without types. None is absent, and a list of one None is empty."""
    if isinstance(value, dict):
        return {name: told(one) for name, one in cast("dict[str, Any]", value).items() if one is not None}
    if isinstance(value, list):
        return [] if value == [None] else [told(one) for one in cast("list[Any]", value)]
    return None if value is None else jsv.plain(value)


words = st.text(st.characters(codec="utf-8"), max_size=12) | st.text(' \t\r\n":,{}[]a', max_size=8)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.decimals(-(10**20), 10**20)
leaves = st.none() | st.booleans() | numbers | words | st.uuids() | st.dates() | st.datetimes(timezones=st.just(UTC))
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4))


@given(values)
def test_what_is_written_reads_back_as_far_as_jsv_can_say(value: Any) -> None:
    assert jsv.loads(jsv.dumps(value)) == told(value)


@given(values)
def test_what_was_read_is_written_as_it_was(value: Any) -> None:
    text = jsv.dumps(value)
    assert jsv.dumps(jsv.loads(text)) == text


@given(st.text(st.sampled_from('{}[]:," \n"ab0'), max_size=40), st.booleans())
def test_any_text_is_jsv_or_tells_where_it_is_not(text: str, layout: bool) -> None:
    found = read_or_error(text, layout)
    if isinstance(found, jsv.JsvError):
        assert 0 <= found.position <= len(text)
        assert str(found).endswith(f"at character {found.position}")
    else:
        assert jsv.loads(jsv.dumps(found)) == told(found)


def read_or_error(text: str, layout: bool) -> jsv.Tree | jsv.JsvError:
    try:
        return jsv.loads(text, layout=layout)
    except jsv.JsvError as error:
        return error


def struct_of(type_: type[Any], **lists: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    moments = st.datetimes(timezones=st.just(UTC)).filter(lambda one: one != jsv.UNSET)
    by_type: dict[Any, st.SearchStrategy[Any]] = {
        int | None: st.integers(-(10**18), 10**18),
        str | None: words,
        bool | None: st.booleans(),
        Decimal | None: st.decimals(-(10**9), 10**9, places=4),
        datetime | None: moments,
    }
    fields = {one.name: lists[one.name] if one.name in lists else by_type[one.type] for one in fields_of(type_)}
    return st.builds(type_, **{name: st.none() | one for name, one in fields.items()})


payloads = struct_of(
    wire.Payload,
    products=st.lists(struct_of(wire.Product), max_size=2),
    requested_products=st.lists(struct_of(wire.RequestedProduct), max_size=2),
    order=st.lists(struct_of(wire.OrderRow), max_size=1),
)
orders = struct_of(wire.Order, payloads=st.lists(payloads, max_size=2))


def no_note(path: str, message: str) -> None:
    raise AssertionError(f"{path} {message}")


@given(orders)
def test_an_order_survives_with_its_types(order: wire.Order) -> None:
    assert jsv.typed(jsv.loads(jsv.dumps(order)), wire.Order, no_note) == order


# ---- Writing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Me, Junior", '"Me, Junior"'),
        ('2" x 1"', '"2"" x 1"""'),
        ("plain words", "plain words"),
        (" 1", " 1"),
        ("", '""'),
        ("a:b", '"a:b"'),
        ("{", '"{"'),
        ("]", '"]"'),
        ("a\rb", '"a\rb"'),
        ("a\nb", '"a\nb"'),
        ("a\tb\\c'd/é", "a\tb\\c'd/é"),
        (None, ""),
        (True, "True"),
        (False, "False"),
        (0, "0"),
        (-12, "-12"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (1e-07, "0.0000001"),
        (UUID("5f0c7a1e-64d2-4a0c-9a3b-8e2d7c415f90"), "5f0c7a1e64d24a0c9a3b8e2d7c415f90"),
        (date(2020, 1, 2), "2020-01-02"),
        (datetime(2020, 1, 2, tzinfo=UTC), "2020-01-02"),
        (datetime(2020, 1, 1, 10, 0, 0, tzinfo=UTC), '"2020-01-01T10:00:00Z"'),
        (datetime(2020, 1, 1, 10, 0, 0, 120, tzinfo=UTC), '"2020-01-01T10:00:00.0001200Z"'),
        (datetime(2020, 1, 1, 10, tzinfo=timezone(timedelta(hours=10))), "2020-01-01"),
        (jsv.UNSET, "0001-01-01"),
        ({}, "{}"),
        ([], "[]"),
        ([None], "[]"),
        ([None, None], "[,]"),
        ({"a": None, "b": [1, {"c": ""}]}, '{b:[1,{c:""}]}'),
        ({"a:b": 1, "": 2}, '{"a:b":1,"":2}'),
        (wire.Product(product_id=1, parent_id="x,y"), '{id:1,parentId:"x,y"}'),
    ],
)
def test_a_value_is_written_exactly_so(value: object, text: str) -> None:
    assert jsv.dumps(value) == text


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def test_what_cannot_be_written() -> None:
    for value in (float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity"), deep(jsv.MAX_DEPTH + 1)):
        with pytest.raises(ValueError, match=r"is no number|levels deep"):
            jsv.dumps({"a": value} if not isinstance(value, list) else value)
    with pytest.raises(TypeError, match="JSV has no object"):
        jsv.dumps([object()])


# ---- Reading ----------------------------------------------------------------------------------------


def test_the_document_s_sample_is_read_and_written() -> None:
    found = jsv.loads(SAMPLE)
    assert isinstance(found, dict)
    assert found["companyId"] == "String"
    assert found["payload"][0]["order"][0]["serviceBeginDate"] == "0001-01-01"
    assert jsv.dumps(found) == SAMPLE


def test_the_sample_is_read_as_the_document_prints_it() -> None:
    opened = re.sub(r"([{\[,])", r"\1\n\t\t", SAMPLE.replace(":", ": "))
    printed = re.sub(r"([}\]])", r"\n\t\1", opened)
    assert jsv.loads(printed, layout=True) == jsv.loads(SAMPLE)
    assert jsv.loads(f"\r\n {SAMPLE} \n", layout=True) == jsv.loads(SAMPLE)


PRINTED = """{
companyId: String,
payload:
[
{
location: Greenville, SC
}
]
}"""


def test_the_layout_of_the_document_is_none_of_the_words() -> None:
    assert jsv.loads(PRINTED.replace(", SC", " SC"), layout=True) == {
        "companyId": "String",
        "payload": [{"location": "Greenville SC"}],
    }
    with pytest.raises(jsv.JsvError) as raised:  # a comma in a string needs quotes
        jsv.loads(PRINTED, layout=True)
    assert PRINTED[raised.value.position :].startswith("SC")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("word", "word"),
        ('""', ""),
        ("[]", []),
        ("[,]", [None, None]),
        ('[a,"",]', ["a", "", None]),
        ("{a:,b:1}", {"a": None, "b": "1"}),
        ("{A: 1}", {"A": " 1"}),
        ("{at:10:30}", {"at": "10:30"}),
        ('{"a""b":"c""d"}', {'a"b': 'c"d'}),
        ("{a:1,a:2}", {"a": "2"}),
    ],
)
def test_a_text_is_read_exactly_so(text: str, value: object) -> None:
    assert jsv.loads(text) == value


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("{a:1", 0, "never closed"),
        ("[1,[2]", 0, "never closed"),
        ('{a:"b', 3, "quote is never closed"),
        ('{a:"b""', 3, "quote is never closed"),
        ("{a:1}}", 5, "nothing may follow"),
        ("a,b", 1, "nothing may follow"),
        ("{a}", 1, "a name and a colon are missing"),
        ("{:1}", 1, "a name and a colon are missing"),
        ("{,}", 1, "a name and a colon are missing"),
        ("{a:1,}", 5, "a name and a colon are missing"),
        ("[1}", 2, "expected ',' or ']', not '}'"),
        ("[a[1]]", 2, "expected ',' or ']', not '['"),
        ('{a:b"c"}', 4, "expected ',' or '}', not '\"'"),
        ("[" * (jsv.MAX_DEPTH + 1), jsv.MAX_DEPTH, "levels deep"),
    ],
)
def test_a_broken_text_tells_where(text: str, position: int, words: str) -> None:
    with pytest.raises(jsv.JsvError, match=re.escape(words)) as raised:
        jsv.loads(text)
    assert raised.value.position == position


def test_the_deepest_that_may_be_written_is_read() -> None:
    value = deep(jsv.MAX_DEPTH)
    assert jsv.loads(jsv.dumps(value)) == value


@pytest.mark.parametrize("unit", ['"', '""', "[", "{a:", "a", ",", '{a:"', "[a,", "\n"])
def test_reading_takes_linear_time(unit: str) -> None:
    for form in ("{}", "[{}]", '{{a:"{}'):
        short, long = (seconds_to_read(form.format(unit * count)) for count in (25_000, 100_000))
        assert long < max(10 * short, 0.1)  # four times, or 16 times if it were quadratic


def seconds_to_read(text: str) -> float:
    def once() -> float:
        started = time.thread_time()  # CPU time of this thread, however busy the machine is
        read_or_error(text, layout=True)
        return time.thread_time() - started

    return min(once() for _ in range(3))


# ---- Types ------------------------------------------------------------------------------------------


def typed_field(name: str, text: str) -> tuple[object, list[tuple[str, str]]]:
    notes: list[tuple[str, str]] = []
    row = jsv.typed({name: text}, wire.OrderRow, lambda path, said: notes.append((path, said)), "order[0]")
    (read,) = [getattr(row, one.name) for one in fields_of(wire.OrderRow) if one.wire_name == name]
    return read, notes


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("active", "True", True),
        ("active", "false", False),
        ("active", "TRUE", True),
        ("orderId", "-7", -7),
        ("productPrice", "1.50", Decimal("1.50")),
        ("productPrice", "1e2", Decimal(100)),
        ("product", "0", "0"),
        ("product", "", ""),
        ("serviceBeginDate", "0001-01-01", None),
        ("serviceBeginDate", "0001-01-01T00:00:00Z", None),
        ("serviceBeginDate", "2020-01-02", datetime(2020, 1, 2, tzinfo=UTC)),
        ("serviceBeginDate", "2020-01-02T03:04:05", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("serviceBeginDate", "2020-01-02T03:04:05.1234567Z", datetime(2020, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)),
        ("serviceBeginDate", "2020-01-02T03:04:05+02:00", datetime(2020, 1, 2, 1, 4, 5, tzinfo=UTC)),
    ],
)
def test_a_word_is_typed_by_its_field(name: str, text: str, value: object) -> None:
    assert typed_field(name, text) == (value, [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("active", "yes"),
        ("orderId", "1.5"),
        ("orderId", "9" * 20),
        ("orderId", "²"),
        ("productPrice", "a lot"),
        ("productPrice", "NaN"),
        ("productPrice", "9" * 5000),
        ("serviceBeginDate", "2020-02-30"),
        ("serviceBeginDate", "0001-01-01T00:00:00+10:00"),
        ("serviceBeginDate", "soon"),
    ],
)
def test_a_word_that_is_not_what_its_field_says_costs_the_field(name: str, text: str) -> None:
    value, notes = typed_field(name, text)
    assert value is None
    assert [path for path, _ in notes] == [f"order[0].{name}"]


def test_names_are_read_without_case_and_unknown_ones_left_out() -> None:
    tree = {"COMPANYID": "C", "PayLoad": [{"RequestedProducts": [{" datacentercode ": "ACD"}]}], "more": {"x": "1"}}
    found = jsv.typed(tree, wire.Order, no_note)
    asked = wire.RequestedProduct(datacenter_code="ACD")
    assert found == wire.Order(company_id="C", payloads=[wire.Payload(requested_products=[asked])])


def test_what_has_another_shape_costs_its_field() -> None:
    notes: list[tuple[str, str]] = []
    tree = {"companyId": ["C"], "payload": [{"order": "none"}, "word", None]}
    found = jsv.typed(tree, wire.Order, lambda path, said: notes.append((path, said)))
    assert found == wire.Order(payloads=[wire.Payload()] * 3)
    assert notes == [
        ("companyId", "must be a single value"),
        ("payload[0].order", "must be a list"),
        ("payload[1]", "must be an object"),
    ]
    assert jsv.typed({"id": UUID(int=1).hex}, Guid, no_note) == Guid(UUID(int=1))


class Guid(wire.Wire, frozen=True):
    id: UUID | None = None
