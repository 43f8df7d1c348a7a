"""HTTP caching of responses and the cost of operations, over HTTP."""

from __future__ import annotations

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from ordergraph.vendors.airvantage.vendor import vendor as airvantage
from ordergraph.vendors.palmetto.vendor import vendor as palmetto
from tests.fakes import FakeVendor, serving
from tests.gateway import NO_COST, Gateway, Json, gateway
from tests.server import DRAFT

PRODUCTS = "{ products(first: 3) { nodes { id name } } }"
ORDERS = "{ orders(first: 3) { nodes { id status vendorStatus } } }"
GRAPHQL = "application/graphql-response+json"


def get(asked: Gateway, query: str, **headers: str) -> httpx.Response:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return asked.client.get("/graphql", params={"query": query}, headers={**asked.headers, **headers})


def seconds(response: httpx.Response) -> int:
    """Return the max-age of a response, which must be private."""
    found = re.fullmatch(r"private, (?:max-age=([1-9]\d*)|no-cache)", response.headers["cache-control"])
    assert found, response.headers
    return int(found[1] or 0)


def varies(response: httpx.Response) -> set[str]:
    return {name.strip().lower() for name in response.headers["vary"].split(",")}


# ---- Cache-Control ----------------------------------------------------------------------------------


def test_answer_says_how_long_it_lasts_and_what_it_depends_on(asked: Gateway) -> None:
    response = get(asked, "{ products(first: 50) { nodes { id name sku } } }")
    assert 0 < seconds(response) <= 300
    assert varies(response) >= {"accept", "authorization", "accept-encoding", "ordergraph-cost"}
    assert get(asked, "{ accounts { name } }").headers["cache-control"] == "private, max-age=300"


def test_what_the_vendor_is_asked_for_every_time_is_asked_for_by_clients_as_well(asked: Gateway) -> None:
    assert seconds(get(asked, ORDERS)) == 0
    assert seconds(get(asked, "{ products(first: 3) { nodes { id } } orders(first: 1) { totalCount } }")) == 0
    assert seconds(get(asked, "{ accounts { name health { state } } }")) == 0
    assert seconds(get(asked, "{ __schema { queryType { name } } }")) == 0


def test_what_the_ledger_shows_is_asked_for_every_time() -> None:
    with (
        serving(palmetto, orders=5) as shop,
        gateway({"palmetto": shop.table()}, {"palmetto": shop.placed}) as made,
    ):
        listed = get(made, ORDERS)
        assert listed.json()["data"]["orders"]["nodes"]
        assert seconds(listed) == 0


@pytest.mark.parametrize(("orders", "products", "told"), [(2, 7, (2, 7)), (60, 3000, (5, 300)), (0, 0, (0, 0))])
def test_answer_lasts_no_longer_than_the_settings_and_the_schema_say(
    fake: FakeVendor, orders: int, products: int, told: tuple[int, int]
) -> None:
    with gateway({"nuvias": fake.table(cache={"orders": orders, "products": products, "lists": orders})}) as made:
        assert (seconds(get(made, ORDERS)), seconds(get(made, PRODUCTS))) == told


@pytest.mark.parametrize(
    "query", ['{ order(id: "no-id") { id } }', "{ nothing }", "{", "", "mutation { settleOperation { id } }"]
)
def test_what_went_wrong_is_not_kept(asked: Gateway, query: str) -> None:
    for accept in ("application/json", GRAPHQL):
        response = get(asked, query, accept=accept)
        assert response.headers["cache-control"] == "no-store"
        assert "etag" not in response.headers
        assert "errors" in response.json()


def test_mutation_is_not_kept(asked: Gateway) -> None:
    response = asked.post('mutation { cancelOrder(input: {orderId: "Order:nuvias:1"}) { userErrors { code } } }')
    assert response.json()["data"]
    assert response.headers["cache-control"] == "no-store"


def test_batch_is_not_kept(asked: Gateway) -> None:
    response = asked.client.post("/graphql", json=[{"query": PRODUCTS}])
    assert response.headers["cache-control"] == "no-store"


# ---- ETag -------------------------------------------------------------------------------------------


def test_client_that_has_the_answer_gets_no_other(asked: Gateway) -> None:
    first = get(asked, ORDERS)
    tag = first.headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = get(asked, ORDERS, if_none_match=known)
        assert (again.status_code, again.content) == (304, b"")
        assert "content-type" not in again.headers
        assert again.headers["etag"] == tag
        assert seconds(again) == seconds(first)
        assert varies(again) >= {"accept", "authorization", "ordergraph-cost"}
    for other in ('"other"', 'W/"other"', tag.replace('"', ""), ""):
        assert get(asked, ORDERS, if_none_match=other).json() == first.json()


def test_changed_answer_has_another_tag(fake: FakeVendor, asked: Gateway) -> None:
    query = "{ orders(filter: {phases: OPEN}, first: 1) { nodes { id status vendorStatus } } }"
    first = get(asked, query)
    (order,) = first.json()["data"]["orders"]["nodes"]
    fake.advance({"order": int(order["id"].rpartition(":")[2]), "to": "COMPLETE"})
    one = f'{{ order(id: "{order["id"]}") {{ id status vendorStatus }} }}'
    assert get(asked, one).json()["data"]["order"]["status"] != order["status"]
    again = get(asked, query, if_none_match=first.headers["etag"])
    assert again.status_code == 200
    assert again.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "identity"])
def test_tag_is_the_same_however_the_answer_is_compressed(asked: Gateway, coding: str) -> None:
    query = "{ products(first: 50) { nodes { id name sku description } } }"
    url = httpx.URL("/graphql", params={"query": query})
    with asked.client.stream("GET", url, headers={"accept-encoding": coding}) as response:
        assert response.headers.get("content-encoding", "identity") == coding
        tag = response.headers["etag"]
    assert tag == get(asked, query).headers["etag"]
    assert get(asked, query, if_none_match=tag, accept_encoding=coding).status_code == 304


def test_tags_of_media_types_differ(asked: Gateway) -> None:
    plain, named = (get(asked, PRODUCTS, accept=media) for media in ("application/json", GRAPHQL))
    assert plain.json()["data"] == named.json()["data"]
    assert plain.headers["etag"] != named.headers["etag"]


def test_post_is_always_answered(asked: Gateway) -> None:
    tag = get(asked, PRODUCTS).headers["etag"]
    response = asked.client.post("/graphql", json={"query": PRODUCTS}, headers={"if-none-match": tag})
    assert response.status_code == 200
    assert "etag" not in response.headers


# ---- Cost -------------------------------------------------------------------------------------------

ASKED = {"Ordergraph-Cost": "1"}


def post(asked: Gateway, body: object) -> httpx.Response:
    return asked.client.post("/graphql", json=body, headers={**asked.headers, **ASKED})


def cost(answer: Json) -> Json:
    """Return the cost in a response, by account."""
    told = answer["extensions"]["cost"]
    by_account = {one["account"]: one["calls"] for one in told["byAccount"]}
    assert told["upstreamCalls"] == sum(by_account.values())
    return by_account


def counted(*fakes: FakeVendor) -> Json:
    """Return the calls that vendors have received since the last look."""
    seen = {fake.vendor.code: len(fake.calls()) for fake in fakes}
    for fake in fakes:
        fake.forget_calls()
    return {name: calls for name, calls in seen.items() if calls}


def test_cost_is_what_the_vendors_were_asked(fake: FakeVendor) -> None:
    query = "{ orders(first: 5) { nodes { id total { amount } lineItems { product { name } } } } }"
    with (
        serving(airvantage, orders=20) as other,
        gateway({"nuvias": fake.table(), "airvantage": other.table()}) as made,
    ):
        fake.forget_calls()
        first = cost(post(made, {"query": query}).json())
        assert first == counted(fake, other)  # including authentication
        assert first.keys() == {"nuvias", "airvantage"}
        assert cost(post(made, {"query": query}).json()) == counted(fake, other)


def test_what_is_cached_costs_nothing(asked: Gateway) -> None:
    asked.get(PRODUCTS)
    assert cost(post(asked, {"query": PRODUCTS}).json()) == {}


def test_call_that_many_wait_for_costs_the_one_who_made_it(fake: FakeVendor, asked: Gateway) -> None:
    asked.get(ORDERS)
    fake.forget_calls()
    fake.faults({"fault": "slow", "path": "/orders", "seconds": 0.5})
    begin = threading.Barrier(4)

    def ask(query: str) -> int:
        begin.wait()
        return cost(post(asked, {"query": query}).json()).get("nuvias", 0)

    with ThreadPoolExecutor(4) as pool:
        spent = sum(pool.map(ask, [ORDERS] * 4))
    fake.end_faults()
    assert {"nuvias": spent} == counted(fake)


def test_cost_of_a_mutation_and_of_each_in_a_batch(fake: FakeVendor, asked: Gateway) -> None:
    product = asked.get(PRODUCTS)["products"]["nodes"][0]["id"]
    fake.forget_calls()
    made = post(asked, {"query": DRAFT, "variables": {"product": product, "key": "cost"}}).json()
    assert made["data"]["createDraftOrder"]["order"], made
    assert cost(made) == counted(fake)
    both = post(asked, [{"query": ORDERS}, {"query": "{ accounts { name } }"}]).json()
    assert [cost(one) for one in both] == [counted(fake), {}]


def test_cost_of_what_comes_in_parts_is_in_the_last(fake: FakeVendor, asked: Gateway) -> None:
    query = "{ accounts { name } ... @defer { orders(first: 3) { nodes { id } } } }"
    fake.forget_calls()
    headers = {**ASKED, "accept": "multipart/mixed"}
    body = asked.client.post("/graphql", json={"query": query}, headers=headers).text
    parts = [json.loads(line) for line in body.splitlines() if line.startswith("{")]
    assert len(parts) > 1
    assert all("extensions" not in part for part in parts[:-1])
    assert cost(parts[-1]) == counted(fake)


def test_cost_of_each_event_of_a_subscription(fake: FakeVendor, asked: Gateway) -> None:
    """Over a WebSocket, a browser asks for the cost in its first message, because it cannot send headers."""
    order = asked.get("{ orders(filter: {phases: OPEN}, first: 1) { nodes { id } } }")["orders"]["nodes"][0]["id"]
    query = "subscription($id: ID!) { orderChanged(id: $id) { order { id invoices(first: 1) { totalCount } } } }"
    url = str(asked.client.base_url.copy_with(scheme="ws", path="/graphql"))
    fake.forget_calls()
    for named, told in ((ASKED, {"nuvias": 1}), (NO_COST, None), ({}, {})):  # the last two use the cache
        with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None) as socket:
            payload = {"query": query, "variables": {"id": order}}
            for message in ({"type": "connection_init", "payload": named}, {"type": "subscribe", "id": "1"}):
                socket.send(json.dumps({**message, **({"payload": payload} if "id" in message else {})}))
            assert json.loads(socket.recv(10))["type"] == "connection_ack"
            event = json.loads(socket.recv(10))["payload"]
            assert event["data"]["orderChanged"]["order"]["id"] == order
            assert (cost(event) if "extensions" in event else None) == told
    assert fake.calls().count(("GET", "/invoices")) == 1


def test_cost_is_told_at_the_fake_vendors_and_to_who_asks_for_it(fake: FakeVendor, asked: Gateway) -> None:
    plain = httpx.post(asked.client.base_url.join("/graphql"), json={"query": PRODUCTS}, trust_env=False)
    assert "cost" in plain.json()["extensions"]
    assert "extensions" not in get(asked, PRODUCTS, ordergraph_cost="0").json()
    known = {"web": {"keys": ["og_web"], "accounts": "*", "scopes": "read"}}
    with gateway({"nuvias": fake.table()}, callers=known) as closed:
        url, key = closed.client.base_url.join("/graphql"), {"authorization": "Bearer og_web"}
        quiet, told = (
            httpx.post(url, json={"query": PRODUCTS}, headers=headers, trust_env=False).json()
            for headers in (key, {**key, **ASKED})
        )
        assert "extensions" not in quiet
        assert cost(told) == {}
