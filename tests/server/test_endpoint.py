"""GraphQL over HTTP: requests and responses."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from typing import Any, cast
from unittest.mock import Mock

import httpx
import pytest
import structlog

from ordergraph.graph.context import Context
from ordergraph.vendors.nuvias.connector import NuviasConnector
from tests.fakes import FakeVendor
from tests.gateway import Gateway, Json, gateway

QUERY = "{ accounts { name } }"
MINE = {"data": {"accounts": [{"name": "nuvias"}]}}
GRAPHQL = "application/graphql-response+json"
WRONG = ("{", "{ nothing }", "query($a: Int!) { orders(first: $a) { totalCount } }")
MUTATION = 'mutation { cancelOrder(input: {orderId: "Order:nuvias:1", validateOnly: true}) { userErrors { code } } }'
SUBSCRIPTION = 'subscription { orderChanged(id: "Order:nuvias:1") { version } }'


def sent(asked: Gateway, body: object, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return asked.client.post("/graphql", content=content, headers=named)


def told(response: httpx.Response) -> Json:
    """Return the only error of a response, which is always JSON."""
    assert response.headers["content-type"].startswith(("application/json", GRAPHQL))
    (error,) = response.json()["errors"]
    assert isinstance(error["message"], str)
    assert error["extensions"]["code"]
    return cast("Json", error)


# ---- Requests ---------------------------------------------------------------------------------------

BODIES = [
    b"",
    b"{",
    b'"x"',
    b"1",
    b"null",
    b"true",
    b"[]",
    b"[1]",
    b'[{"query": 1}]',
    b"{}",
    b'{"query": null}',
    b'{"query": ""}',
    b'{"query": 1}',
    b'{"query": ["{ a }"]}',
    b'{"query": "{ accounts { name } }", "variables": []}',
    b'{"query": "{ accounts { name } }", "variables": "x"}',
    b'{"query": "{ accounts { name } }", "operationName": 1}',
    b'{"query": "{ accounts { name } }", "extensions": 1}',
    b'{"query": "{ accounts { name } }", "variables": {"a": NaN}}',
    b'{"query": "\xff"}',
    '{"query": "{ accounts { name } }"}'.encode("utf-16"),
    b"[" * 10_000,
    b"[" * 200_000,
    b'{"a":' * 10_000,
    b'{"query": "{ accounts { name } }", "variables": {"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}}",
    b'{"query": "{ accounts { name } }", "variables": {"a":' + b"[" * 99 + b"]" * 99 + b"}}",
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:50]))
def test_an_invalid_request_is_rejected(asked: Gateway, body: bytes) -> None:
    response = sent(asked, body)
    assert response.status_code == 400, response.text
    errors = response.json()
    (error,) = errors["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_document_that_is_nested_too_deeply_is_told_so(asked: Gateway) -> None:
    for opening in ("{a", "{a(b:[", "{a(b:{c:"):
        response = sent(asked, {"query": opening * 1000}, accept=GRAPHQL)
        assert response.status_code == 400, response.text
        assert response.json()["errors"]


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/graphql", "application/x-www-form-urlencoded", "application/json; charset=latin-1"],
)
def test_other_bodies_are_not_taken(asked: Gateway, content_type: str) -> None:
    response = asked.client.post(
        "/graphql", content=json.dumps({"query": QUERY}), headers={"content-type": content_type}
    )
    assert response.status_code == 415
    assert response.headers["accept"].startswith("application/json")
    told(response)


def test_a_compressed_body_is_not_taken(asked: Gateway) -> None:
    response = sent(asked, {"query": QUERY}, content_encoding="gzip")
    assert (response.status_code, response.headers["accept-encoding"]) == (415, "identity")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "QUERY"])
def test_other_methods_are_not_taken(asked: Gateway, method: str) -> None:
    response = asked.client.request(method, "/graphql", json={"query": QUERY})
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, POST")
    told(response)


def test_a_get_asks_and_changes_nothing(asked: Gateway, fake: FakeVendor) -> None:
    named = {"query": "query A($a: Int) { orders(first: $a) { totalCount } } query B { accounts { name } }"}
    assert asked.client.get("/graphql", params={**named, "operationName": "B"}).json() == MINE
    params = {**named, "operationName": "A", "variables": '{"a": 1}', "extensions": "{}"}
    assert asked.client.get("/graphql", params=params).json()["data"]["orders"]["totalCount"] == 20
    fake.forget_calls()
    response = asked.client.get("/graphql", params={"query": MUTATION.replace(", validateOnly: true", "")})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert fake.calls() == []
    for wrong in ({"variables": "{"}, {"variables": "[]"}, {"extensions": "1"}):
        assert asked.client.get("/graphql", params={"query": QUERY, **wrong}).status_code == 400


def test_a_head_is_a_get_without_a_body(asked: Gateway) -> None:
    response = asked.client.head("/graphql", params={"query": QUERY})
    assert (response.status_code, response.content) == (200, b"")


# ---- Responses --------------------------------------------------------------------------------------


def test_an_answer_has_the_type_that_is_asked_for(asked: Gateway) -> None:
    for accept in ("*/*", "application/json", GRAPHQL):
        response = sent(asked, {"query": QUERY}, accept=accept)
        expected = GRAPHQL if accept == GRAPHQL else "application/json"
        assert response.headers["content-type"] == f"{expected}; charset=utf-8"
        assert response.json() == MINE
        assert "Accept" in response.headers["vary"]
    refused = sent(asked, {"query": QUERY}, accept="text/csv")
    assert refused.status_code == 406
    assert "application/json" in told(refused)["message"]


@pytest.mark.parametrize("query", WRONG)
def test_what_is_not_executed_is_200_only_for_plain_json(asked: Gateway, query: str) -> None:
    for accept, status in (("application/json", 200), ("*/*", 200), (GRAPHQL, 400)):
        response = sent(asked, {"query": query}, accept=accept)
        assert response.status_code == status
        assert "data" not in response.json()
        told(response)


def test_the_statuses_of_2026_tell_more(fake: FakeVendor) -> None:
    with gateway({"nuvias": fake.table()}, graphql={"statuses": "2026"}) as running:
        statuses = [sent(running, {"query": query}, accept=GRAPHQL).status_code for query in WRONG]
        assert statuses == [400, 422, 422]
        partial = {"query": '{ accounts { name } node(id: "x") { id } }'}
        assert sent(running, partial, accept=GRAPHQL).status_code == 294
        assert sent(running, partial, accept="application/json").status_code == 200
        assert sent(running, {"query": QUERY}, accept=GRAPHQL).status_code == 200


def test_what_lies_beside_graphql_answers_errors_in_json_too(asked: Gateway) -> None:
    for method, path, status in (("GET", "/nowhere", 404), ("POST", "/livez", 405), ("POST", "/notifications/x", 404)):
        response = asked.client.request(method, path)
        assert response.status_code == status
        told(response)
    assert "GET" in asked.client.post("/livez").headers["allow"]


def test_one_wrong_id_costs_its_own_field(asked: Gateway) -> None:
    answer = asked.ask('{ accounts { name } node(id: "x") { id } order(id: "Order:nuvias:nope") { id } }')
    assert answer["data"] == {**MINE["data"], "node": None, "order": None}
    assert [error["path"] for error in answer["errors"]] == [["node"]]


def test_a_wrong_cursor_is_told_in_words(asked: Gateway) -> None:
    for cursor in ("x", "YQ==", "a" * 1001, "%%%"):
        error = asked.error("query($after: String) { orders(first: 1, after: $after) { totalCount } }", after=cursor)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert "cursor" in error["message"]
        assert "padding" not in error["message"]


def test_wrong_queries_are_not_logged(asked: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for query in WRONG:
        sent(asked, {"query": query})
    sent(asked, b"[" * 10_000)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


# ---- Batches ----------------------------------------------------------------------------------------


def test_a_batch_has_an_answer_for_each(asked: Gateway) -> None:
    batch = [{"query": QUERY}, {"query": "{"}, {"query": None}, {"query": SUBSCRIPTION}, {"query": QUERY}]
    answers = sent(asked, batch).json()
    assert (answers[0], answers[4]) == (MINE, MINE)
    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers[1:4]]
    assert codes == ["GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT", "BAD_USER_INPUT"]


def test_a_batch_has_a_limit(asked: Gateway, fake: FakeVendor) -> None:
    assert len(sent(asked, [{"query": QUERY}] * 10).json()) == 10
    refused = sent(asked, [{"query": QUERY}] * 11)
    assert refused.status_code == 400
    assert "1 to 10" in told(refused)["message"]
    with gateway({"nuvias": fake.table()}, graphql={"batch": 1}) as running:
        assert sent(running, [{"query": QUERY}]).status_code == 400


# ---- Deferred fragments -----------------------------------------------------------------------------

DEFERRED = (
    '{ orders(first: 2) { nodes { __typename ... @defer(label: "late") { number lineItems { product { name } } } } } }'
)
PARTS = "multipart/mixed"


def pieces(response: httpx.Response) -> list[Json]:
    """Return the JSON of the parts of a multipart body."""
    found = re.search(r'boundary="([^"]+)"', response.headers["content-type"])
    assert found
    first, *parts, last = response.text.split(f"\r\n--{found[1]}")
    assert (first, last) == ("", "--\r\n")
    return [cast("Json", json.loads(part.split("\r\n\r\n", 1)[1])) for part in parts]


def merged(parts: list[Json]) -> Json:
    """Merge the parts, as a client does."""
    data, pending = parts[0]["data"], {one["id"]: one["path"] for one in parts[0]["pending"]}
    for part in parts[1:]:
        pending |= {one["id"]: one["path"] for one in part.get("pending", ())}
        for one in part.get("incremental", ()):
            target: Any = data
            for step in (*pending[one["id"]], *one.get("subPath", ())):
                target = target[step]
            target.update(one["data"])
    return cast("Json", data)


def test_deferred_parts_come_later(asked: Gateway) -> None:
    response = sent(asked, {"query": DEFERRED}, accept=f"{PARTS}, {GRAPHQL}, application/json")
    assert response.headers["content-type"].startswith("multipart/mixed")
    parts = pieces(response)
    assert set(parts[0]["data"]["orders"]["nodes"][0]) == {"__typename"}
    assert [part["hasNext"] for part in parts] == [True] * (len(parts) - 1) + [False]
    assert merged(parts) == asked.get(DEFERRED)


def test_clients_of_2022_get_the_form_of_2022(asked: Gateway) -> None:
    response = sent(asked, {"query": DEFERRED}, accept=f"{PARTS};deferSpec=20220824, application/json")
    assert "deferSpec=20220824" in response.headers["content-type"]
    first, *rest = pieces(response)
    assert set(first) == {"data", "hasNext"}
    late = sorted((one for part in rest for one in part.get("incremental", ())), key=lambda one: one["path"])
    assert [(one["path"], one["label"]) for one in late] == [(["orders", "nodes", at], "late") for at in (0, 1)]
    whole = asked.get(DEFERRED)["orders"]["nodes"]
    assert [{"__typename": "Order", **one["data"]} for one in late] == whole


@pytest.mark.parametrize("accept", ["application/json", GRAPHQL, "*/*", f"{PARTS};q=0, application/json"])
def test_clients_that_take_only_json_get_all_at_once(asked: Gateway, accept: str) -> None:
    response = sent(asked, {"query": DEFERRED}, accept=accept)
    assert "json" in response.headers["content-type"]
    nodes = response.json()["data"]["orders"]["nodes"]
    assert all(set(node) == {"__typename", "number", "lineItems"} for node in nodes)


@pytest.mark.parametrize("spec", ["", ";deferSpec=20220824"])
def test_deferred_errors_hide_what_others_hide(asked: Gateway, monkeypatch: pytest.MonkeyPatch, spec: str) -> None:
    async def broken(*_: object) -> Any:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(NuviasConnector, "fetch_products", broken)
    with structlog.testing.capture_logs() as logs:
        response = sent(asked, {"query": DEFERRED}, accept=f"{PARTS}{spec}, application/json")
    assert {one["event"] for one in logs} == {"unexpected error"}
    assert "hunter2" not in response.text
    late = [
        error for part in pieces(response) for one in part.get("incremental", ()) for error in one.get("errors", ())
    ]
    assert late
    assert {error["extensions"]["code"] for error in late} == {"INTERNAL_SERVER_ERROR"}
    assert all(error["extensions"]["requestId"] for error in late)


# ---- Streams ----------------------------------------------------------------------------------------

URQL = f"{GRAPHQL}, application/graphql+json, application/json, text/event-stream, multipart/mixed"


def test_a_query_is_json_for_clients_that_merely_list_streams(asked: Gateway) -> None:
    response = sent(asked, {"query": QUERY}, accept=URQL)
    assert response.headers["content-type"].startswith(GRAPHQL)
    assert response.json() == MINE


def test_a_query_is_a_stream_for_clients_that_take_nothing_else(asked: Gateway) -> None:
    response = sent(asked, {"query": QUERY}, accept="text/event-stream")
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    answer = json.dumps(MINE, separators=(",", ":"))
    assert response.text == f":\n\nevent: next\ndata: {answer}\n\nevent: complete\ndata:\n\n"
    assert pieces(sent(asked, {"query": QUERY}, accept=PARTS)) == [MINE]


def test_a_mistake_is_a_stream_for_clients_that_take_nothing_else(asked: Gateway) -> None:
    for query in ("{ nothing }", "subscription { nothing }"):
        response = sent(asked, {"query": query}, accept="text/event-stream")
        assert response.status_code == 200
        _, following, end = response.text.removesuffix("\n\n").split("\n\n")
        assert following.startswith('event: next\ndata: {"errors":[{"message":"Cannot query field')
        assert end == "event: complete\ndata:"


def test_a_subscription_is_not_answered_in_one_piece(asked: Gateway) -> None:
    refused = sent(asked, {"query": SUBSCRIPTION}, accept=f"application/json, {GRAPHQL}")
    assert refused.status_code == 406
    assert "text/event-stream" in told(refused)["message"]


def test_a_subscription_has_one_context_and_each_event_its_own(asked: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Mock(wraps=Context)
    monkeypatch.setattr("ordergraph.server.gateway.Context", made)
    events = sent(asked, {"query": SUBSCRIPTION}, accept="text/event-stream").text
    assert events.count("event: next") == 1
    assert made.call_count == 2
    assert len({call.args[-1].id for call in made.call_args_list}) == 1, "all results have the request ID"


# ---- Settings ---------------------------------------------------------------------------------------


def test_introspection_and_suggestions_can_be_off(fake: FakeVendor, asked: Gateway) -> None:
    introspection = "{ __schema { queryType { name } } }"
    assert asked.get(introspection)["__schema"] == {"queryType": {"name": "Query"}}
    with gateway({"nuvias": fake.table()}, graphql={"introspection": False, "suggestions": False}) as running:
        for query in (introspection, '{ __type(name: "Order") { name } }'):
            answer = running.ask(query)
            assert {one["extensions"]["code"] for one in answer["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
            assert "data" not in answer
        assert running.get("{ __typename }") == {"__typename": "Query"}
        for query in ("{ account_s { name } }", "{ accounts { name_ } }", "{ orders(first_: 1) { totalCount } }"):
            assert "Did you mean" not in running.error(query)["message"]


def test_suggestions_are_on_unless_switched_off(asked: Gateway) -> None:
    assert "Did you mean" in asked.error("{ account_s { name } }")["message"]


ELSEWHERE = "https://shop.example"
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}


@pytest.mark.parametrize(
    ("callers", "origins", "allowed"),
    [(None, [], "*"), ({}, [], None), ({}, [ELSEWHERE], ELSEWHERE), (None, ["https://other.example"], None)],
)
def test_pages_elsewhere_ask_where_the_settings_say(
    fake: FakeVendor, callers: Mapping[str, Any] | None, origins: list[str], allowed: str | None
) -> None:
    with gateway({"nuvias": fake.table()}, callers=callers, graphql={"origins": origins}) as running:
        preflight = running.client.options("/graphql", headers={"origin": ELSEWHERE, **PREFLIGHT})
        answer = running.client.get("/graphql", params={"query": QUERY}, headers={"origin": ELSEWHERE})
        for response in (preflight, answer):
            assert response.headers.get("access-control-allow-origin") == allowed
        assert (preflight.status_code == 200) is (allowed is not None)
