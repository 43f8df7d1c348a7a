"""Authentication and authorization: API keys over HTTP and WebSocket, and scopes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

import pytest
from starlette.types import ASGIApp, Message

from ordergraph.app import create_app, settings_classes
from ordergraph.server import auth
from ordergraph.settings import Configuration, sandbox
from ordergraph.settings.callers import hashed
from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, Json, caller, gateway

READER, OLD_KEY, WRITER, SETTLER = "og_reader", "og_reader-before", "og_writer", "og_settler"
CALLERS = {
    "reader": {"keys": [READER, OLD_KEY], "accounts": ["mine"]},
    "writer": {"keys": [WRITER], "accounts": ["mine"], "scopes": ["write"]},
    "settler": {"keys": [SETTLER], "accounts": "*", "scopes": ["settle"]},
}
QUERY = "{ accounts { name } }"
MINE = {"data": {"accounts": [{"name": "mine"}]}}
CANCEL = 'mutation { cancelOrder(input: { orderId: "Order:mine:1", validateOnly: true }) { userErrors { code } } }'


@pytest.fixture(scope="module")
def fake() -> Generator[FakeVendor]:
    with serving(nuvias, orders=10) as served:
        yield served


@pytest.fixture(scope="module")
def guarded(fake: FakeVendor) -> Generator[Gateway]:
    with gateway({"mine": fake.table(), "theirs": fake.table()}, callers=CALLERS) as running:
        yield running


# ---- HTTP -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [f"Bearer {READER}", f"bearer {READER}", f"Bearer  {READER}", f"BEARER {OLD_KEY}"])
def test_who_has_a_key_gets_an_answer_to_post_and_get(guarded: Gateway, header: str) -> None:
    headers = {"authorization": header}
    assert guarded.client.post("/graphql", json={"query": QUERY}, headers=headers).json() == MINE
    assert guarded.client.get("/graphql", params={"query": QUERY}, headers=headers).json() == MINE


NO_KEYS = [
    b"",
    b"Bearer",
    b"Bearer og_wrong",
    READER.encode(),
    f"Basic {READER}".encode(),
    f"Bearer {READER} {READER}".encode(),
    f"Bearer {READER[:-1]}".encode(),
    f"Bearer {hashed(READER)}".encode(),
    b"Bearer \xff\xfe",
    b"Bearer " + b"x" * 60_000,
    b"x" * 60_000,
]


@pytest.mark.parametrize("header", [None, *NO_KEYS], ids=lambda header: repr(header)[:30])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_key_there_is_no_answer(guarded: Gateway, header: bytes | None, method: str) -> None:
    headers = [] if header is None else [(b"authorization", header)]
    how: Json = {"params": {"query": QUERY}} if method == "GET" else {"json": {"query": QUERY}}
    response = guarded.client.request(method, "/graphql", headers=headers, **how)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    (error,) = response.json()["errors"]
    request_id = response.headers["x-request-id"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED", "isRetryable": False, "requestId": request_id}
    assert "data" not in response.json()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", json.dumps([{"query": QUERY}]).encode(), b"x" * 2_000_000])
def test_without_a_key_no_body_is_looked_at(guarded: Gateway, body: bytes) -> None:
    assert guarded.client.post("/graphql", content=body).status_code == 401


@pytest.mark.parametrize(("path", "accept"), [("/livez", "*/*"), ("/readyz", "*/*"), ("/graphql", "text/html")])
def test_static_pages_are_for_everybody(guarded: Gateway, path: str, accept: str) -> None:
    assert guarded.client.get(path, headers={"accept": accept}, follow_redirects=True).status_code == 200


def test_graphiqls_page_answers_no_query(guarded: Gateway) -> None:
    for query in (QUERY, ""):
        response = guarded.client.get("/graphql", params={"query": query}, headers={"accept": "text/html"})
        assert response.status_code == 401
    response = guarded.client.get("/graphql", params={"x": QUERY}, headers={"accept": "application/json"})
    assert (response.status_code, "mine" in response.text) == (400, False)


def test_every_key_is_compared_also_after_one_was_found() -> None:
    known = auth.Keys([caller(name, **one) for name, one in CALLERS.items()], frozenset({"mine", "theirs"}))
    keys = [key for one in CALLERS.values() for key in one["keys"]]
    for token in (*keys, "wrong", "", None):
        with patch.object(auth.hmac, "compare_digest", wraps=auth.hmac.compare_digest) as compared:
            found = known.of(token)
        assert compared.call_count == len(keys)
        assert (found is not None) == (token in keys)


def test_a_hash_of_nothing_lets_nobody_in() -> None:
    assert auth.Keys([caller("careless", [""], accounts="*")], frozenset()).of(None) is None


def test_the_fake_vendors_are_for_anybody(fake: FakeVendor) -> None:
    with gateway({"mine": fake.table()}) as open_to_all:
        for headers in ({}, {"authorization": "Bearer og_wrong"}):
            answer = open_to_all.client.post("/graphql", json={"query": QUERY}, headers=headers).json()
            assert answer["data"] == MINE["data"]


# ---- Scopes -----------------------------------------------------------------------------------------


def refusals(answer: Json) -> list[tuple[Any, str]]:
    """Return the path and the message of each error about a missing scope."""
    assert {error["extensions"]["code"] for error in answer["errors"]} <= {"FORBIDDEN"}
    assert not any(error["extensions"]["isRetryable"] for error in answer["errors"])
    return [(error["path"], error["message"]) for error in answer["errors"]]


@pytest.mark.parametrize(("name", "key"), [("writer", WRITER), ("settler", SETTLER)])
def test_reading_needs_its_scope_for_each_field(guarded: Gateway, name: str, key: str) -> None:
    answer = guarded.with_key(key).ask('{ accounts { name } one: order(id: "Order:mine:1") { id } }')
    assert answer["data"] == {"accounts": None, "one": None}
    message = f"The caller `{name}` lacks the scope `read`."
    assert refusals(answer) == [(["accounts"], message), (["one"], message)]


@pytest.mark.parametrize(("name", "key"), [("reader", READER), ("settler", SETTLER)])
def test_writing_needs_its_scope_and_sends_nothing_without(
    guarded: Gateway, fake: FakeVendor, name: str, key: str
) -> None:
    fake.forget_calls()
    answer = guarded.with_key(key).ask(CANCEL.replace(", validateOnly: true", ""))
    assert refusals(answer) == [(["cancelOrder"], f"The caller `{name}` lacks the scope `write`.")]
    assert fake.calls() == []


def test_the_scope_for_writing_writes(guarded: Gateway) -> None:
    assert guarded.with_key(WRITER).get(CANCEL) == {"cancelOrder": {"userErrors": []}}


SETTLE = """mutation { settleOperation(input: { operationId: "WriteOperation:mine:1", as: REJECTED }) {
    userErrors { code } } }"""


def test_settling_has_a_scope_of_its_own(guarded: Gateway) -> None:
    assert guarded.with_key(SETTLER).get(SETTLE)["settleOperation"]["userErrors"] == [{"code": "NOT_FOUND"}]
    for name, key in (("reader", READER), ("writer", WRITER)):
        answer = guarded.with_key(key).ask(SETTLE)
        assert refusals(answer) == [(["settleOperation"], f"The caller `{name}` lacks the scope `settle`.")]


@pytest.mark.parametrize("key", [READER, WRITER, SETTLER])
def test_introspection_needs_no_more_than_a_key(guarded: Gateway, key: str) -> None:
    data = guarded.with_key(key).get("{ __typename __schema { mutationType { name } } }")
    assert data == {"__typename": "Query", "__schema": {"mutationType": {"name": "Mutation"}}}


# ---- WebSocket --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app(fake: FakeVendor) -> ASGIApp:
    configured = sandbox(settings_classes(), {"mine": fake.table(), "theirs": fake.table()})
    known = [caller(name, **one) for name, one in CALLERS.items()]
    return create_app(Configuration(configured.settings, configured.accounts, known))


class Socket:
    """A client of graphql-transport-ws."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.received: asyncio.Queue[Message] = asyncio.Queue()

    async def send(self, message: Json) -> None:
        await self.sent.put({"type": "websocket.receive", "text": json.dumps(message)})

    async def next(self) -> Any:
        """Return the next message, or the close code and reason."""
        message = await asyncio.wait_for(self.received.get(), 10)
        if message["type"] == "websocket.close":
            return (message["code"], message["reason"])
        return json.loads(message["text"])

    async def answer(self, query: str) -> Json:
        await self.send({"id": "1", "type": "subscribe", "payload": {"query": query}})
        message = await self.next()
        assert await self.next() == {"id": "1", "type": "complete"}
        return message["payload"]


@asynccontextmanager
async def connected(
    app: ASGIApp, header: str | None = None, payload: Any = None, first: str = "connection_init"
) -> AsyncGenerator[Socket]:
    """Open a connection and send its first message."""
    socket = Socket()
    headers = [(b"host", b"gateway"), *([(b"authorization", header.encode())] if header else [])]
    scope = {"type": "websocket", "path": "/graphql", "headers": headers, "query_string": b""}
    scope = {**scope, "scheme": "ws", "subprotocols": ["graphql-transport-ws"]}
    await socket.sent.put({"type": "websocket.connect"})
    served = asyncio.ensure_future(app(scope, socket.sent.get, socket.received.put))
    accepted = await asyncio.wait_for(socket.received.get(), 10)
    assert (accepted["type"], accepted["subprotocol"]) == ("websocket.accept", "graphql-transport-ws")
    await socket.send({"type": first, "id": "1", **({} if payload is None else {"payload": payload})})
    try:
        yield socket
    finally:
        await socket.sent.put({"type": "websocket.disconnect", "code": 1000})
        await served


PRESENTED: Sequence[tuple[str | None, Mapping[str, Any] | None]] = [
    (f"Bearer {READER}", None),
    (f"Bearer {READER}", {}),
    (None, {"Authorization": f"Bearer {READER}"}),
    (None, {"authorization": f"Bearer {OLD_KEY}"}),
    ("Bearer og_wrong", {"authorization": f"Bearer {READER}"}),
]


@pytest.mark.parametrize(("header", "payload"), PRESENTED)
async def test_who_has_a_key_gets_an_answer_over_a_websocket(app: ASGIApp, header: str, payload: Any) -> None:
    async with connected(app, header, payload) as socket:
        assert await socket.next() == {"type": "connection_ack"}
        for _ in range(2):
            assert await socket.answer(QUERY) == MINE
        refused = await socket.answer(CANCEL)
        assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]


REFUSED: Sequence[tuple[str | None, Any]] = [
    (None, None),
    (None, {}),
    (None, {"Authorization": "Bearer og_wrong"}),
    (None, {"Authorization": READER}),
    (None, {"Authorization": ["Bearer", READER]}),
    (None, {"Authorization": "Bearer \ud800"}),
    (f"Bearer {READER}", {"Authorization": "Bearer og_wrong"}),
    ("Bearer og_wrong", None),
]


@pytest.mark.parametrize(("header", "payload"), REFUSED)
async def test_without_a_key_a_websocket_is_closed(app: ASGIApp, header: str | None, payload: Any) -> None:
    async with connected(app, header, payload) as socket:
        code, reason = await socket.next()
        assert (code, reason.split(" (")[0]) == (4403, "Forbidden")


@pytest.mark.parametrize(
    ("query", "code"), [("{", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")]
)
async def test_what_is_no_query_is_told_over_a_websocket(app: ASGIApp, query: str, code: str) -> None:
    async with connected(app, f"Bearer {READER}") as socket:
        assert await socket.next() == {"type": "connection_ack"}
        await socket.send({"id": "1", "type": "subscribe", "payload": {"query": query}})
        told = await socket.next()
        assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", code)
        assert await socket.answer(QUERY) == MINE


async def test_nothing_is_answered_before_the_first_message(app: ASGIApp) -> None:
    async with connected(app, f"Bearer {READER}", {"query": QUERY}, "subscribe") as socket:
        code, reason = await socket.next()
        assert (code, reason.split(" (")[0]) == (4401, "Unauthorized")
