"""Behind a reverse proxy, all URLs are correct, and forwarded headers are accepted from trusted proxies only."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from urllib.parse import urljoin

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.fakes import FakeVendor
from tests.gateway import Gateway, gateway

QUERY = "{ accounts { name } }"
MINE = {"data": {"accounts": [{"name": "nuvias"}]}}
BROWSER = {"accept": "text/html"}
PREFIX = {"x-forwarded-prefix": "/api"}
SHOP = "https://shop.example:8443"


@pytest.fixture(scope="module")
def rooted(fake: FakeVendor) -> Generator[Gateway]:
    """A gateway with the configured path /shop/api."""
    with gateway({"nuvias": fake.table()}, server={"root_path": "/shop/api/"}) as running:
        yield running


@pytest.fixture(scope="module")
def distant(fake: FakeVendor) -> Generator[Gateway]:
    """A gateway whose proxy is on another machine, and to which only pages of its own host may connect."""
    server = {"trusted_proxies": ["10.0.0.0/8", "::2"]}
    with gateway({"nuvias": fake.table()}, callers={}, server=server) as running:
        yield running


@pytest.fixture(scope="module")
def near(fake: FakeVendor) -> Generator[Gateway]:
    """A gateway with the default settings: its proxy is on this machine, and pages of its own host may connect."""
    with gateway({"nuvias": fake.table()}, callers={}) as running:
        yield running


def led_to(asked: Gateway, path: str, headers: Mapping[str, str], shown: str) -> str:
    """Return the URL to which the browser is redirected when it shows ``shown`` and the gateway receives ``path``."""
    response = asked.client.get(path, headers=headers)
    assert response.is_redirect
    return urljoin(f"{SHOP}{shown}", response.headers["location"])


ENDPOINTS = ("/graphql", "/graphql/")


@pytest.mark.parametrize("headers", [{}, PREFIX], ids=["silent", "telling"])
@pytest.mark.parametrize(
    ("path", "page"),
    [
        *((path, "/graphiql") for path in ENDPOINTS),
        ("/graphiql/", "/graphiql"),
        ("/graphiql/?query=%7Ba%7D", "/graphiql?query=%7Ba%7D"),
        ("/livez/", "/livez"),
        ("/readyz/", "/readyz"),
    ],
)
def test_a_redirect_stays_behind_the_proxy(asked: Gateway, path: str, page: str, headers: Mapping[str, str]) -> None:
    assert led_to(asked, path, {**BROWSER, **headers}, f"/api{path}") == f"{SHOP}/api{page}"
    assert led_to(asked, path, BROWSER, path) == SHOP + page, "without a proxy"


@pytest.mark.parametrize("path", ENDPOINTS)
def test_the_whole_path_may_be_passed_on(asked: Gateway, rooted: Gateway, path: str) -> None:
    for running, prefix, headers in ((asked, "/api", PREFIX), (rooted, "/shop/api", {})):
        whole = prefix + path
        assert led_to(running, whole, {**BROWSER, **headers}, whole) == f"{SHOP}{prefix}/graphiql"
        assert led_to(running, prefix, headers, prefix) == f"{SHOP}{prefix}/"
        assert running.client.post(whole, json={"query": QUERY}, headers=headers).json() == MINE
        assert running.client.get(f"{prefix}/graphiql", headers=headers).status_code == 200
        assert running.client.get(f"{prefix}s/graphiql", headers=headers).status_code == 404
        address = f"{running.client.base_url}{whole}".replace("http", "ws")
        with connect(
            address, subprotocols=[Subprotocol("graphql-transport-ws")], additional_headers=headers, proxy=None
        ) as connection:
            connection.send('{"type": "connection_init"}')
            assert json.loads(connection.recv(timeout=10)) == {"type": "connection_ack"}


def test_the_landing_page_works_without_the_slash_where_the_path_is_known(asked: Gateway, rooted: Gateway) -> None:
    """A proxy that removes `/api` shows the same page at `/api` and `/api/`."""
    plain = asked.client.get("/")
    assert 'href="graphiql"' in plain.text
    assert "{base}" not in plain.text
    for running, path, prefix, headers in (
        (asked, "/", "/api", PREFIX),
        (asked, "/api/", "/api", PREFIX),
        (rooted, "/", "/shop/api", {}),
        (rooted, "/shop/api/", "/shop/api", PREFIX),
    ):
        page = running.client.get(path, headers=headers)
        assert f'href="{prefix}/graphiql"' in page.text
        assert page.text.replace(f'"{prefix}/', '"') == plain.text
        assert page.headers["etag"] != plain.headers["etag"]


HOSTILE = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "evil.example",
    "/../api",
    "/api/./x",
    "/api//x",
    '/"><script>alert(1)</script>',
    "/api?x=",
    "/api#x",
    "/a b",
    "/%2e%2e",
    "/é".encode().decode("latin-1"),
    "/graphql",
    "/static/x",
    "javascript:alert(1)",
    "/api, //evil.example",
]


@pytest.mark.parametrize("prefix", HOSTILE)
def test_a_prefix_that_is_no_path_is_ignored(asked: Gateway, prefix: str) -> None:
    headers = [(b"x-forwarded-prefix", prefix.encode("latin-1"))]
    assert asked.client.get("/", headers=headers).text == asked.client.get("/").text
    led = asked.client.get("/graphql", headers=[*headers, (b"accept", b"text/html")])
    assert led.headers["location"] == "graphiql"


def test_others_than_the_proxies_are_not_believed(asked: Gateway, distant: Gateway) -> None:
    headers = {**PREFIX, "x-request-id": "mine", "x-forwarded-host": "shop.example:8443"}
    page = distant.client.get("/", headers=headers)
    assert page.text == asked.client.get("/").text
    assert page.headers["x-request-id"] != "mine"
    assert distant.client.get("/api/graphiql", headers=PREFIX).status_code == 404
    assert not opens(distant, **headers)


def test_a_websocket_may_come_from_the_host_that_the_browser_asked(near: Gateway) -> None:
    assert opens(near, **{"x-forwarded-host": "shop.example:8443"})
    assert not opens(near)
    for other in ("shop.example", "shop.example:8443, evil.example", "shop.example:8443/", ""):
        assert not opens(near, **{"x-forwarded-host": other}), other


def opens(asked: Gateway, **headers: str) -> bool:
    """Whether a WebSocket opens for a page of SHOP."""
    address = f"{asked.client.base_url}/graphql".replace("http", "ws")
    try:
        with connect(
            address,
            subprotocols=[Subprotocol("graphql-transport-ws")],
            additional_headers=headers,
            origin=Origin(SHOP),
            proxy=None,
        ):
            return True
    except InvalidStatus:
        return False
