"""The media type of a response."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordergraph.server.negotiation import EVENTS, GRAPHQL, JSON, PARTS, Accept

APOLLO = f"{PARTS};boundary=graphql;subscriptionSpec=1.0,{GRAPHQL},{JSON};q=0.9"
URQL = f"{GRAPHQL}, application/graphql+json, {JSON}, {EVENTS}, {PARTS}"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "result", "stream"),
    [
        (None, JSON, EVENTS),
        ("", JSON, EVENTS),
        ("*/*", JSON, EVENTS),
        ("application/*", JSON, None),
        (JSON, JSON, None),
        (GRAPHQL, GRAPHQL, None),
        (f"{GRAPHQL}, {JSON}", GRAPHQL, None),
        (f"{JSON}, {GRAPHQL}", GRAPHQL, None),
        (f"{GRAPHQL};q=0.5, {JSON}", JSON, None),
        (f"{GRAPHQL};q=0, {JSON};q=0.1", JSON, None),
        (f"{GRAPHQL};q=0, */*", JSON, EVENTS),
        (f"{JSON};q=0, */*", GRAPHQL, EVENTS),
        (f"*/*;q=0.1, {JSON};q=0, {GRAPHQL};q=0", EVENTS, EVENTS),
        ("application/json;charset=utf-8", JSON, None),
        ("APPLICATION/JSON ; q=1", JSON, None),
        (EVENTS, EVENTS, EVENTS),
        (PARTS, PARTS, PARTS),
        (APOLLO, GRAPHQL, PARTS),
        (URQL, GRAPHQL, EVENTS),
        (f"{EVENTS};q=0.5, {PARTS}", PARTS, PARTS),
        ("text/html", None, None),
        ("text/csv, image/*", None, None),
        ("nonsense", JSON, EVENTS),
        (BROWSER, JSON, EVENTS),
    ],
)
def test_the_best_type_that_fits(header: str | None, result: str | None, stream: str | None) -> None:
    accept = Accept(header)
    assert (accept.for_result(), accept.for_stream()) == (result, stream)


def test_parts_are_for_clients_that_name_them() -> None:
    assert Accept("*/*").for_parts() is None
    assert Accept(f"{PARTS};q=0").for_parts() is None
    named = Accept(f'{PARTS}; deferSpec=20220824; note="a, b; c", {JSON}').for_parts()
    assert named is not None
    assert named.parameters == {"deferspec": "20220824", "note": "a, b; c"}


@pytest.mark.parametrize(("header", "page"), [(BROWSER, True), ("text/html", True), (JSON, False), ("*/*", False)])
def test_a_page_is_for_browsers(header: str, page: bool) -> None:
    assert Accept(header).prefers_page() is page


@given(st.text(max_size=200))
def test_any_header_can_be_read(header: str) -> None:
    accept = Accept(header)
    assert accept.for_result() in (JSON, GRAPHQL, EVENTS, PARTS, None)
    assert accept.for_stream() in (EVENTS, PARTS, None)


QUALITIES = st.integers(0, 1000).map(lambda one: one / 1000)


@given(st.lists(st.tuples(st.sampled_from((JSON, GRAPHQL, EVENTS, PARTS, "application/*", "*/*")), QUALITIES)))
def test_what_is_chosen_is_taken(ranges: list[tuple[str, float]]) -> None:
    accept = Accept(", ".join(f"{media};q={quality:.3f}" for media, quality in ranges))
    chosen = accept.for_result()
    assert chosen is None or accept.takes(chosen)
    assert chosen is not None or not any(map(accept.takes, (JSON, GRAPHQL, EVENTS, PARTS)))


def test_a_header_without_an_end_is_read_in_moments() -> None:
    assert Accept(",".join(["text/csv"] * 10_000) + f",{JSON}").for_result() is None
    assert Accept("a/b;" + "x=y;" * 20_000).for_result() is None
