"""Every error has a request ID: in the body, in a response header, and in the log."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import structlog
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Close
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from ordergraph.server import logs
from ordergraph.server.endpoint import GraphQLEndpoint
from ordergraph.settings.callers import hashed
from tests.fakes import FakeVendor
from tests.gateway import gateway
from tests.test_cli import PATIENCE, started

pytestmark = pytest.mark.slow

Json = dict[str, Any]

KEY = "a key for request ids"
ID = "X-Request-ID"
MADE = re.compile(r"[0-9a-f]{32}")
QUERY = "{ accounts { name } }"
MUTATION = 'mutation { cancelOrder(input: {orderId: "Order:hub:1"}) { userErrors { code } } }'
WATCH = 'subscription { orderChanged(id: "Order:hub:1") { version } }'
LOST = 'subscription { orderChanged(id: "Product:hub:1") { version } }'
ORDER = '{ order(id: "Order:hub:1") { id } }'
JSON = {"content-type": "application/json"}
MANIFEST = {"good": QUERY}
ELSEWHERE = Origin("https://elsewhere.example")

SETTINGS = f"""
log_format = "json"
access_log = true
[graphql]
trusted = "documents.json"
origins = ["https://shop.example"]
[limits]
body_bytes = 2048
[callers.web]
keys = ["{hashed(KEY)}"]
accounts = ["*"]
scopes = ["read"]
[accounts.hub]
vendor = "nuvias"
client_id = "00000000-0000-0000-0000-000000000000"
base_url = "http://127.0.0.1:1/nuvias"
retries.attempts = 1
"""


@dataclass
class Logged:
    """A gateway in a process of its own, and its log."""

    url: str
    file: Path

    def lines(self, id_: str) -> list[Json]:
        """Return the lines with a request ID, once there is one besides the access log's."""
        deadline = time.monotonic() + PATIENCE
        while True:
            whole = self.file.read_text().rpartition("\n")[0].splitlines()
            found = [line for line in map(json.loads, whole) if line.get("request_id") == id_]
            if any(line["logger"] != "uvicorn.access" for line in found):
                return found
            assert time.monotonic() < deadline, f"no line with {id_} among {whole}"
            time.sleep(0.01)

    def told(self, id_: str) -> Json:
        """Return the line that describes what was wrong with a request."""
        (line,) = (line for line in self.lines(id_) if line["logger"].startswith("ordergraph."))
        return line


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Generator[Logged]:
    folder = tmp_path_factory.mktemp("logged")
    (folder / "ordergraph.toml").write_text(SETTINGS)
    (folder / "documents.json").write_text(json.dumps(MANIFEST))
    secret = {"ORDERGRAPH_ACCOUNTS__HUB__CLIENT_SECRET": "no secret"}
    with (folder / "log").open("w") as log:
        words = ("serve", "--port", "0")
        with started(*words, until="curl", cwd=folder, environment=secret, stderr=log) as running:
            yield Logged(running.url, folder / "log")


def post(body: object, **headers: str) -> Callable[[httpx.Client], httpx.Response]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda client: client.post("/graphql", content=content, headers={**JSON, **named})


def asked(method: str, path: str, **options: Any) -> Callable[[httpx.Client], httpx.Response]:
    return lambda client: client.request(method, path, **options)


def persisted(hash_: object, **more: object) -> Json:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_}}, **more}


REFUSED = {
    "no key": (post({"query": QUERY}, authorization=""), 401),
    "a wrong key": (post({"query": QUERY}, authorization="Bearer nobody's"), 401),
    "no JSON": (post(b"{"), 400),
    "no request": (post({}), 400),
    "wrong variables": (post({"query": QUERY, "variables": []}), 400),
    "a long batch": (post([{"query": QUERY}] * 11), 400),
    "another type": (post(b"{}", content_type="text/plain"), 415),
    "a compressed body": (post(b"{}", content_encoding="gzip"), 415),
    "too large": (post(b"x" * 4000), 413),
    "too large, in chunks": (asked("POST", "/graphql", content=iter([b"x" * 4000]), headers=JSON), 413),
    "no such type": (post({"query": QUERY}, accept="text/csv"), 406),
    "a watch without a stream": (post({"query": WATCH}, accept="application/json"), 406),
    "another method": (asked("PUT", "/graphql"), 405),
    "a mutation by GET": (asked("GET", "/graphql", params={"query": MUTATION}), 405),
    "wrong variables of a GET": (asked("GET", "/graphql", params={"query": QUERY, "variables": "{"}), 400),
    "a wrong hash": (post(persisted("0" * 64, query=QUERY)), 400),
    "a hash of another form": (post(persisted(1)), 400),
    "an unknown hash": (post(persisted("0" * 64)), 200),
    "an unknown document": (post({"documentId": "nothing"}), 404),
    "an unknown path": (asked("GET", "/nowhere"), 404),
    "another method of a page": (asked("POST", "/livez"), 405),
    "an unknown notification": (asked("POST", "/notifications/hub/secret/event"), 404),
}
FAILED = {
    "no GraphQL": ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    "a field that is not there": ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    "a wrong variable": ({"query": "query($a: Int!) { orders(first: $a) { totalCount } }"}, "BAD_USER_INPUT"),
    "a missing scope": ({"query": MUTATION}, "FORBIDDEN"),
    "a vendor that is away": ({"query": ORDER}, "VENDOR_UNAVAILABLE"),
}


@pytest.fixture
def client(logged: Logged) -> Generator[httpx.Client]:
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=logged.url, headers=headers, timeout=PATIENCE, trust_env=False, verify=False) as client:
        yield client


def id_of(response: httpx.Response, error: Json) -> str:
    """Return the request ID of the only error of a response, which must equal the one in the header."""
    id_ = error["extensions"]["requestId"]
    assert MADE.fullmatch(id_)
    assert response.headers.get_list(ID) == [id_]
    return cast("str", id_)


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_request_is_found_in_the_log(logged: Logged, client: httpx.Client, case: str) -> None:
    send, status = REFUSED[case]
    response = send(client)
    assert response.status_code == status
    (error,) = response.json()["errors"]
    line = logged.told(id_of(response, error))
    expected = {"event": "request rejected", "level": "info", "status": status, "code": error["extensions"]["code"]}
    assert expected.items() <= line.items()
    assert line["message"] == error["message"]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", "multipart/mixed"])
@pytest.mark.parametrize("case", FAILED)
def test_an_error_of_an_answer_is_found_in_the_log(
    logged: Logged, client: httpx.Client, case: str, accept: str
) -> None:
    body, code = FAILED[case]
    response = post(body, accept=accept)(client)
    text = re.search(r"^(?:data: )?(\{.*\})\r?$", response.text, re.MULTILINE)
    assert text, response.text
    (error,) = json.loads(text[1])["errors"]
    line = logged.told(id_of(response, error))
    assert {"event": "errors in response", "level": "info", "codes": [code]}.items() <= line.items()
    assert "Order:" not in json.dumps(line)


def test_a_watch_that_fails_has_the_id_of_its_request(logged: Logged, client: httpx.Client) -> None:
    response = post({"query": LOST}, accept="text/event-stream")(client)
    text = re.search(r"^data: (\{.*\})$", response.text, re.MULTILINE)
    assert text, response.text
    (error,) = json.loads(text[1])["errors"]
    assert logged.told(id_of(response, error))["codes"] == [error["extensions"]["code"]]


def test_each_request_of_a_batch_has_an_id_with_its_number(logged: Logged, client: httpx.Client) -> None:
    response = post([{"query": QUERY}, {"query": "{"}, {"query": None}, {"query": WATCH}])(client)
    id_ = response.headers[ID]
    for number, answer in enumerate(response.json()[1:], 2):
        assert answer["errors"][0]["extensions"]["requestId"] == f"{id_}-{number}"
        assert logged.told(f"{id_}-{number}")


def test_the_access_log_has_the_id_and_who_asked_the_proxy(logged: Logged, client: httpx.Client) -> None:
    response = client.get("/nowhere", headers={"x-forwarded-for": "198.51.100.1, 203.0.113.7"})
    (access,) = (line for line in logged.lines(response.headers[ID]) if line["logger"] == "uvicorn.access")
    assert access["event"] == '203.0.113.7:0 - "GET /nowhere HTTP/1.1" 404'


@pytest.mark.parametrize("path", ["/", "/graphiql", "/livez", "/graphql?query={accounts{name}}", "/static/landing.js"])
def test_an_answer_without_errors_has_an_id(client: httpx.Client, path: str) -> None:
    ids = {client.get(path).headers[ID] for _ in range(2)}
    assert len(ids) == 2
    assert all(map(MADE.fullmatch, ids))


def test_pages_elsewhere_can_read_it(client: httpx.Client) -> None:
    response = post(b"{", origin="https://shop.example")(client)
    assert ID in response.headers["access-control-expose-headers"].split(", ")


def test_the_id_of_a_proxy_is_taken_if_it_is_one(logged: Logged, client: httpx.Client) -> None:
    response = post(b"{", X_Request_ID="proxy-0123.4567_89")(client)
    assert response.headers[ID] == "proxy-0123.4567_89"
    assert logged.told("proxy-0123.4567_89")
    for other in ("", "x" * 49, "a b", "a\tb", '"a"', "é".encode().decode("latin-1"), "<script>", "a;b"):
        assert MADE.fullmatch(client.get("/livez", headers=[(ID.encode(), other.encode("latin-1"))]).headers[ID])


# ---- Internal errors --------------------------------------------------------------------------------


def test_a_fault_of_ours_has_the_id_in_its_answer_and_its_traceback(
    fake: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(GraphQLEndpoint, "_params", broken)
    with gateway({"nuvias": fake.table()}) as running, structlog.testing.capture_logs([logs.with_request_id]) as found:
        response = running.client.post("/graphql", json={"query": QUERY}, headers={"origin": ELSEWHERE})
    assert response.status_code == 500
    (error,) = response.json()["errors"]
    assert error["message"] == "Internal server error"
    id_ = id_of(response, error)
    unexpected, refused = found
    assert unexpected["event"] == "unexpected error"
    assert str(unexpected["exc_info"]) == "password=hunter2"
    assert (unexpected["log_level"], refused["status"]) == ("error", 500)
    assert {unexpected["request_id"], refused["request_id"]} == {id_}
    assert response.headers["access-control-allow-origin"] == "*"


# ---- WebSockets -------------------------------------------------------------------------------------

PROTOCOL = Subprotocol("graphql-transport-ws")


def socket(
    logged: Logged,
    path: str = "/graphql",
    *,
    key: str = KEY,
    protocol: Subprotocol | None = PROTOCOL,
    origin: Origin | None = None,
) -> ClientConnection:
    url = logged.url.replace("http", "ws") + path
    protocols, headers = [protocol] if protocol else None, {"authorization": f"Bearer {key}"}
    return connect(url, subprotocols=protocols, additional_headers=headers, origin=origin, proxy=None)


def opening_id(connection: ClientConnection) -> str:
    """Return the ID in the header of the response that opened a connection."""
    assert connection.response
    return connection.response.headers[ID]


def test_each_operation_of_a_websocket_has_an_id_with_its_number(logged: Logged) -> None:
    with socket(logged) as connection:
        id_ = opening_id(connection)
        assert MADE.fullmatch(id_)
        connection.send('{"type": "connection_init"}')
        assert json.loads(connection.recv(timeout=PATIENCE)) == {"type": "connection_ack"}
        payloads = [{"query": "{"}, {"query": None}, persisted("0" * 64), {"query": ORDER}, {"query": LOST}]
        for number, payload in enumerate(payloads, 1):
            connection.send(json.dumps({"type": "subscribe", "id": "x", "payload": payload}))
            told = json.loads(connection.recv(timeout=PATIENCE))
            (error,) = told["payload"] if told["type"] == "error" else told["payload"]["errors"]
            assert error["extensions"]["requestId"] == f"{id_}-{number}"
            assert logged.told(f"{id_}-{number}")
            if told["type"] == "next":
                assert json.loads(connection.recv(timeout=PATIENCE))["type"] in ("complete", "error")


def end_of(connection: ClientConnection) -> Close:
    """Read until the gateway closes the connection, and return the close frame."""
    with suppress(ConnectionClosed):
        while connection.recv(timeout=PATIENCE):
            pass
    end = connection.protocol.close_rcvd
    assert end
    return end


ENDS = {
    "no message": (["{"], 4400),
    "a long word": ([json.dumps({"type": "é" * 200})], 4400),
    "no surrogate": ([json.dumps({"type": "\ud800"})], 4400),
    "an operation too early": (['{"type": "subscribe", "id": "1", "payload": {}}'], 4401),
    "two beginnings": (['{"type": "connection_init"}'] * 2, 4429),
}


@pytest.mark.parametrize("case", ENDS)
def test_a_websocket_that_is_closed_says_its_id(logged: Logged, case: str) -> None:
    messages, code = ENDS[case]
    with socket(logged) as connection:
        for message in messages:
            connection.send(message)
        end = end_of(connection)
    assert end.code == code
    assert len(end.reason.encode()) <= 123
    id_ = opening_id(connection)
    assert end.reason.endswith(f" (request ID {id_})")
    assert {"event": "connection closed", "level": "info", "code": code}.items() <= logged.told(id_).items()


def test_a_rejected_websocket_has_a_request_id(logged: Logged) -> None:
    with socket(logged, key="") as connection:
        connection.send('{"type": "connection_init"}')
        assert end_of(connection).code == 4403
    assert logged.told(opening_id(connection))["code"] == 4403
    with socket(logged, protocol=None) as connection:
        assert end_of(connection).code == 4406
    assert logged.told(opening_id(connection))["code"] == 4406


@pytest.mark.parametrize(("path", "origin", "status"), [("/graphql", ELSEWHERE, 403), ("/nowhere", None, 404)])
def test_a_websocket_not_opened_says_its_id(
    logged: Logged, client: httpx.Client, path: str, origin: Origin | None, status: int
) -> None:
    with pytest.raises(InvalidStatus) as found, socket(logged, path, origin=origin):
        pass
    response = found.value.response
    assert response.status_code == status
    (error,) = json.loads(response.body)["errors"]
    assert error["extensions"]["requestId"] == response.headers[ID]
    assert logged.told(response.headers[ID])["status"] == status
    assert logged.told(client.get("/nowhere").headers[ID])  # by now, all earlier lines are written
    assert {line["level"] for line in logged.lines(response.headers[ID])} == {"info"}
