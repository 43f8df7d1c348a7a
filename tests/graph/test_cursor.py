"""Cursors: the gateway reads the cursors that it wrote and rejects all others."""

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ordergraph.domain.errors import InputError
from ordergraph.domain.paging import Key
from ordergraph.graph.cursor import MAX_CURSOR_LENGTH, Place, decode, decode_moment_key, encode, encode_place

moments = st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=-11))), min_value=datetime(1, 1, 2))  # noqa: DTZ001 - hypothesis wants it naive


def packed(text: str | bytes) -> str:
    raw = text if isinstance(text, bytes) else text.encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@given(st.text(max_size=50), st.lists(st.text(max_size=50) | st.integers(-(2**63), 2**63 - 1), max_size=4))
def test_values_come_back(tag: str, values: list[Any]) -> None:
    assert decode(tag, encode(tag, *values), lambda read: read) == values


@given(moments, st.text(max_size=100))
def test_key_comes_back(moment: datetime, id_: str) -> None:
    text = encode_place("orders", Place.behind((moment, id_)))
    assert decode_moment_key("orders", text) == Place.behind((moment, id_))
    assert text.isascii()


def test_beginning_of_time_comes_back() -> None:
    beginning = datetime.min.replace(tzinfo=UTC)
    assert decode_moment_key("orders", encode_place("orders", Place.behind((beginning, "x")))) == Place.behind(
        (beginning, "x")
    )


def test_cursor_holds_the_longest_id() -> None:
    key = (datetime(2026, 1, 30, tzinfo=UTC), "x" * 4096)
    assert decode_moment_key("orders", encode_place("orders", Place.behind(key))) == Place.behind(key)


keys = st.tuples(moments, st.text(max_size=100))


@given(keys, keys, st.booleans(), st.dictionaries(st.text(min_size=1, max_size=40), st.none() | keys, min_size=1))
def test_place_comes_back(key: Key, main: Key, descending: bool, lagging: dict[str, Key | None]) -> None:
    place = Place(key, main, descending, lagging)
    assert decode_moment_key("orders", encode_place("orders", place)) == place


def test_who_turns_round_goes_on_from_the_key_itself() -> None:
    key, main, late = ((datetime(2026, 1, day, tzinfo=UTC), "x") for day in (1, 2, 3))
    place = Place(key, main, True, {"a": late, "b": None})
    assert [place.of(name, descending=True) for name in "abc"] == [late, None, main]
    assert [place.of(name, descending=False) for name in "abc"] == [key] * 3


GOOD = encode_place("orders", Place.behind((datetime(2026, 1, 30, tzinfo=UTC), "Order:a:1")))
DEEP = packed("[" * 300 + "]" * 300)
BAD = [
    "",
    "=",
    "A",
    "é",
    "\ud800",
    "\0",
    GOOD + "=",
    GOOD + "A",
    GOOD[:-1],
    GOOD.lower(),
    GOOD[:3] + "\n" + GOOD[3:],
    " " + GOOD,
    "A" * (MAX_CURSOR_LENGTH + 1),
    DEEP,
    packed("null"),
    packed("7"),
    packed("{}"),
    packed("[]"),
    packed('["orders"]'),
    packed('["orders", "2026-01-30T00:00:00+00:00", "x"]'),  # spaces, unlike ours
    packed('["others","2026-01-30T00:00:00+00:00","x"]'),
    packed('["orders","2026-01-30T00:00:00","x"]'),
    packed('["orders","garbage","x"]'),
    packed('["orders","2026-01-30T00:00:00+00:00",7]'),
    packed('["orders",7,"x"]'),
    packed('["orders","2026-01-30T00:00:00+00:00","x","y"]'),
    packed('["orders","0001-01-01T00:00:00+05:00","x"]'),
    packed('["orders","9999-12-31T23:59:59-05:00","x"]'),
    packed('["orders",' + "9" * 400 + "]"),
    packed('["orders",1e999,"x"]'),
    packed('["orders",null,"x"]'),
    packed('["orders",["x"],"x"]'),
    packed(b'["orders","\xff","x"]'),
]


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        decode_moment_key("orders", text)


def refused_or_read(text: str) -> None:
    try:
        place = decode_moment_key("orders", text)
    except InputError:
        return
    for moment, id_ in (place.key, place.main, *(key for key in place.lagging.values() if key)):
        assert moment.tzinfo is UTC
        assert isinstance(id_, str)


@given(st.text(st.characters(codec=None)) | st.binary().map(packed))
def test_garbage_raises_nothing_else(text: str) -> None:
    refused_or_read(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner)
)


@given(st.lists(json_values, max_size=4))
@example(["2026-01-30T00:00:00Z", "x"])
@example(["20260130T00Z", "x"])
@example(["2026-W05-1T00:00Z", "x"])
def test_tampered_values_raise_nothing_else(values: list[Any]) -> None:
    refused_or_read(packed(json.dumps(["orders", *values], separators=(",", ":"))))


@given(st.integers(0, len(GOOD) - 1), st.characters())
def test_changed_cursor_raises_nothing_else(place: int, sign: str) -> None:
    refused_or_read(GOOD[:place] + sign + GOOD[place + 1 :])
