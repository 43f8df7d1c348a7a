"""The headers of all responses: none is sent twice, and none lists a value twice."""

from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from typing import cast

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.gateway import Gateway, gateway

pytestmark = pytest.mark.slow

ENCODINGS = ("gzip", "br", "zstd", "gzip, deflate, br, zstd", "identity")
MEDIA = ("application/json", "application/graphql-response+json", "text/event-stream", "multipart/mixed", "text/html")
LISTS = ("vary", "cache-control", "access-control-expose-headers", "content-encoding")
"""Headers with a list of values, in which no value may be repeated."""

LONG = "{ __schema { types { name description } } }"
QUERIES = ("", LONG, "{ __typename }", "{ nonsense }", "{ __typename ... @defer { accounts { id } } }")


@pytest.fixture(scope="module")
def asked() -> Generator[Gateway]:
    """A gateway without authentication that allows all origins."""
    with gateway({}) as made:
        yield made


@pytest.fixture(scope="module")
def closed() -> Generator[Gateway]:
    """A gateway with authentication that allows one origin."""
    with gateway({}, callers={}, graphql={"origins": ["https://shop.example"]}) as made:
        yield made


def repeated(headers: httpx.Headers) -> list[str]:
    """Return the headers that are sent twice, and those that list a value twice."""
    fields = Counter(name.lower() for name, _ in headers.multi_items())
    found = [name for name, times in fields.items() if times > 1 and name != "set-cookie"]
    for name in LISTS:
        values = Counter(value.strip().lower() for value in headers.get(name, "").split(",") if value.strip())
        found += [f"{name}: {value}" for value, times in values.items() if times > 1]
    return found


def paths(made: Gateway) -> Iterator[str]:
    """Yield every path of the gateway, and an unknown one."""
    for route in cast("Starlette", made.server.config.app).routes:
        if isinstance(route, Route):
            yield route.path.replace("{account}/{token}/{path:path}", "nuvias/x/y")
    yield "/nowhere"


def answers(made: Gateway) -> Iterator[httpx.Response]:
    """Yield responses for each path and encoding, for conditional requests, and for GraphQL in each media type."""
    client = made.client
    for encoding in ENCODINGS:
        headers: Mapping[str, str] = {"accept-encoding": encoding, "origin": "https://shop.example"}
        for path in paths(made):
            first = client.get(path, headers=headers)
            yield first
            yield client.head(path, headers=headers)
            yield client.post(path, headers=headers)
            yield client.get(path, headers={**headers, "if-none-match": first.headers.get("etag", '"none"')})
        for media in MEDIA:
            for query in QUERIES:
                yield client.get("/graphql", params={"query": query}, headers={**headers, "accept": media})
                yield client.post("/graphql", json={"query": query}, headers={**headers, "accept": media})
        preflight = {**headers, "access-control-request-method": "POST"}
        yield client.options("/graphql", headers=preflight)


@pytest.mark.parametrize("which", ["asked", "closed"])
def test_no_header_is_sent_twice_and_none_lists_a_value_twice(which: str, request: pytest.FixtureRequest) -> None:
    seen: set[tuple[int, str]] = set()
    for answer in answers(request.getfixturevalue(which)):
        assert repeated(answer.headers) == [], (answer.request, answer.request.headers, answer.headers)
        seen.add((answer.status_code, answer.headers.get("content-encoding", "")))
    assert {(200, "gzip"), (200, ""), (304, ""), (404, ""), (405, "")} <= seen
    assert ((200, "zstd") in seen) == (which == "asked"), "without a key, GraphQL responses are too short"


def test_what_is_compressed_or_may_be_says_that_it_varies_by_encoding(asked: Gateway) -> None:
    for path in ("/", "/graphiql", "/static/icon.svg", f"/graphql?query={LONG}"):
        for encoding in ENCODINGS:
            answer = asked.client.get(path, headers={"accept-encoding": encoding})
            assert "accept-encoding" in answer.headers["vary"].lower().split(", "), (path, encoding)
            assert answer.headers.get("content-encoding", "identity") in ("identity", *encoding.split(", "))
