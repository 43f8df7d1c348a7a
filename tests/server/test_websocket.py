"""GraphQL over WebSocket, with a minimal client over TCP: an invalid message costs as little as possible."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from socket import SHUT_RDWR
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.fakes import FakeVendor
from tests.gateway import NO_COST, Gateway, gateway
from tests.server import DRAFT

PROTOCOL = "graphql-transport-ws"
QUERY = "{ accounts { name } }"
MINE = {"data": {"accounts": [{"name": "nuvias"}]}}
ELSEWHERE = "https://shop.example"


class Socket:
    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, **message: Any) -> None:
        self.connection.send(json.dumps(message))

    def next(self) -> Any:
        return json.loads(self.connection.recv(timeout=10))

    def closed(self) -> tuple[int, str]:
        """Return the close code and the reason."""
        with pytest.raises(ConnectionClosed) as found:
            self.connection.recv(timeout=10)
        assert found.value.rcvd
        return found.value.rcvd.code, found.value.rcvd.reason

    def ask(self, id_: str, **payload: Any) -> None:
        self.send(type="subscribe", id=id_, payload=payload)

    def works(self) -> bool:
        self.ask("works", query=QUERY)
        found = [self.next(), self.next()]
        return found == [
            {"id": "works", "type": "next", "payload": MINE},
            {"id": "works", "type": "complete"},
        ]


@contextmanager
def opened(
    asked: Gateway, protocols: Sequence[str] | None = (PROTOCOL,), origin: str | None = None
) -> Generator[Socket]:
    url = str(asked.client.base_url).replace("http", "ws") + "/graphql"
    named = None if protocols is None else [Subprotocol(one) for one in protocols]
    headers = {**NO_COST, **({"origin": origin} if origin else {})}
    with connect(url, subprotocols=named, additional_headers=headers, proxy=None) as connection:
        yield Socket(connection)


@contextmanager
def begun(asked: Gateway) -> Generator[Socket]:
    with opened(asked) as socket:
        socket.send(type="connection_init")
        assert socket.next() == {"type": "connection_ack"}
        yield socket


def test_queries_and_mutations_are_answered(asked: Gateway) -> None:
    with begun(asked) as socket:
        assert socket.works()
        socket.send(type="ping", payload={"any": 1})
        assert socket.next() == {"type": "pong"}
        cancel = (
            'mutation M { cancelOrder(input: {orderId: "Order:nuvias:1", validateOnly: true}) { userErrors { code } } }'
        )
        socket.ask("1", query=f"query Q {QUERY} {cancel}", operationName="M", variables={}, extensions={})
        assert "cancelOrder" in socket.next()["payload"]["data"]
        assert socket.next() == {"id": "1", "type": "complete"}


WRONG: Sequence[tuple[dict[str, Any], str]] = [
    ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": "query($a: Int!) { orders(first: $a) { totalCount } }"}, "BAD_USER_INPUT"),
    ({"query": f"query A {QUERY} query B {QUERY}"}, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": QUERY, "operationName": "C"}, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": "subscription { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": ""}, "BAD_USER_INPUT"),
    ({"query": None}, "BAD_USER_INPUT"),
    ({"query": 1}, "BAD_USER_INPUT"),
    ({"query": QUERY, "variables": []}, "BAD_USER_INPUT"),
    ({}, "BAD_USER_INPUT"),
]


@pytest.mark.parametrize(("payload", "code"), WRONG)
def test_what_is_wrong_ends_its_operation_and_nothing_else(asked: Gateway, payload: dict[str, Any], code: str) -> None:
    with begun(asked) as socket:
        socket.ask("1", **payload)
        told = socket.next()
        assert (told["id"], told["type"]) == ("1", "error")
        assert [one["extensions"]["code"] for one in told["payload"]] == [code]
        assert socket.works()
        socket.ask("1", query=QUERY)  # its ID is free again
        assert socket.next()["payload"] == MINE


MESSAGES = [b"1", b"null", b'"x"', b"[]", b"{}", b'{"type": 1}', b'{"type": "start", "id": "1"}', b"{", b"[" * 100_000]
DEEP = b'{"type": "ping", "payload": {"a": ' + b"[" * 99 + b"]" * 99 + b"}}"
MORE_MESSAGES = [
    DEEP,
    b'{"type": "subscribe"}',
    b'{"type": "subscribe", "id": 1, "payload": {}}',
    b'{"type": "complete"}',
]


@pytest.mark.parametrize("message", MESSAGES + MORE_MESSAGES, ids=lambda one: repr(one[:40]))
def test_what_the_protocol_does_not_know_is_told_before_the_end(asked: Gateway, message: bytes) -> None:
    with begun(asked) as socket:
        socket.connection.send(message.decode())
        code, reason = socket.closed()
        assert code == 4400
        assert reason


def test_bytes_are_no_message(asked: Gateway) -> None:
    with begun(asked) as socket:
        socket.connection.send(b"{}")
        assert socket.closed()[0] == 4400


def test_a_message_has_a_limit(asked: Gateway) -> None:
    with begun(asked) as socket:
        socket.connection.send("x" * 20_000_000)
        assert socket.closed()[0] == 1009


def test_the_protocol_is_kept(asked: Gateway) -> None:
    with opened(asked) as socket:
        socket.ask("1", query=QUERY)
        code, reason = socket.closed()
        assert (code, reason.startswith("Unauthorized")) == (4401, True)
    with begun(asked) as socket:
        socket.send(type="connection_init")
        assert socket.closed()[0] == 4429
    with opened(asked) as socket:
        socket.send(type="connection_init", payload="x")
        assert socket.closed()[0] == 4400


@pytest.mark.parametrize("protocols", [["graphql-ws"], ["graphql-ws", "soap"], None])
def test_older_protocols_are_not_spoken(asked: Gateway, protocols: list[str] | None) -> None:
    with opened(asked, protocols) as socket:
        assert socket.connection.subprotocol is None
        code, reason = socket.closed()
        assert (code, PROTOCOL in reason) == (4406, True)


def test_the_newest_protocol_is_chosen(asked: Gateway) -> None:
    with opened(asked, ["graphql-ws", PROTOCOL]) as socket:
        assert socket.connection.subprotocol == PROTOCOL


def test_pages_elsewhere_connect_where_the_settings_say(fake: FakeVendor, asked: Gateway) -> None:
    here = str(asked.client.base_url)
    for origin in (None, here, ELSEWHERE):  # the sandbox accepts every origin
        with opened(asked, origin=origin):
            pass
    with gateway({"nuvias": fake.table()}, callers={}, graphql={"origins": [ELSEWHERE]}) as guarded:
        with opened(guarded, origin=ELSEWHERE), opened(guarded, origin=str(guarded.client.base_url)):
            pass
        for origin in ("https://other.example", "null", "nonsense"):
            with pytest.raises(InvalidStatus) as found, opened(guarded, origin=origin):
                pass
            assert found.value.response.status_code == 403


def test_a_connection_has_a_limit_of_operations(asked: Gateway) -> None:
    order = asked.get("{ orders(first: 1, filter: {phases: [OPEN]}) { nodes { id } } }")["orders"]["nodes"][0]["id"]
    query = f'subscription {{ orderChanged(id: "{order}") {{ version }} }}'
    with begun(asked) as socket:
        for number in range(101):
            socket.ask(str(number), query=query)
        told = [socket.next() for _ in range(101)]
        (refused,) = (one for one in told if one["type"] == "error")
        assert refused["id"] == "100"
        assert "have 100 at" in refused["payload"][0]["message"]


def test_who_is_gone_leaves_nothing_behind(asked: Gateway) -> None:
    with begun(asked) as socket:
        for number in range(20):
            socket.ask(str(number), query="{ orders { nodes { lineItems { product { name } } } } }")
        socket.connection.socket.shutdown(SHUT_RDWR)
    assert asked.get(QUERY) == MINE["data"]


FOUND = 'query($key: String!) { operationByKey(accountId: "Account:nuvias", idempotencyKey: $key) { status } }'


@pytest.mark.parametrize("leaving", ["complete", "close"])
def test_a_mutation_goes_on_when_who_sent_it_is_gone(asked: Gateway, fake: FakeVendor, leaving: str) -> None:
    product = asked.get("{ products(first: 1) { nodes { id } } }")["products"]["nodes"][0]["id"]
    fake.forget_calls()
    fake.faults({"fault": "slow", "seconds": 0.3, "method": "POST"})
    try:
        with begun(asked) as socket:
            socket.ask("1", query=DRAFT, variables={"product": product, "key": leaving})
            until(lambda: bool(fake.writes()))  # the vendor has the call
            if leaving == "complete":
                socket.send(type="complete", id="1")
                assert socket.works()
        confirmed = {"operationByKey": {"status": "CONFIRMED"}}
        until(lambda: asked.get(FOUND, key=leaving) == confirmed)
    finally:
        fake.end_faults()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
