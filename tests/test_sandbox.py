import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ordergraph.sandbox import (
    ANCHOR,
    FAULTS,
    MAX_BODY,
    Body,
    ControlError,
    Problems,
    VendorApp,
    create_app,
    decode_json,
    drifted,
    json_response,
    running,
    seeded_instants,
    seeded_random,
)
from tests.waiting import eventually

pytestmark = pytest.mark.slow

PATIENCE = 5.0
IMPATIENCE = 0.15


class Notebook:
    """A minimal vendor: a list of notes."""

    notes: list[dict[str, Any]]

    def __init__(self, orders: int, seed: int) -> None:
        self.routes = [
            Route("/notes", self._list, methods=["GET"]),
            Route("/notes", self._write, methods=["POST"]),
            Route("/notes/{id}", self._read, methods=["GET"]),
            Route("/plain", self._plain, methods=["GET"]),
            Route("/broken", self._break, methods=["GET"]),
        ]
        self._size = orders
        self.reset()

    def reset(self) -> None:
        self.notes = [{"id": number, "text": f"note {number}"} for number in range(self._size)]

    def advance(self, command: dict[str, Any]) -> dict[str, Any]:
        if "note" not in command:
            raise ControlError(400, "note is needed")
        number: int = command["note"]
        return self.notes[number]

    def error(self, status: int, message: str) -> Response:
        return json_response({"oops": message}, status)

    async def _list(self, request: Request) -> Response:
        return json_response(self.notes)

    async def _write(self, request: Request) -> Response:
        note = {"id": len(self.notes), "text": (await request.json())["text"]}
        self.notes.append(note)
        return json_response(note, 201)

    async def _read(self, request: Request) -> Response:
        return json_response(self.notes[int(request.path_params["id"])])

    async def _plain(self, request: Request) -> Response:
        return Response("plain", media_type="text/plain")

    async def _break(self, request: Request) -> Response:
        raise RuntimeError("a bug in the fake")


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    app = create_app({"notes": Notebook, "other": Notebook}, orders=3, seed=1)
    with running(app) as url:
        yield url


@pytest.fixture(scope="module")
def connection(base_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{base_url}/notes", timeout=PATIENCE, verify=False) as client:
        yield client


@pytest.fixture
def client(connection: httpx.Client) -> httpx.Client:
    assert connection.post("/_control/reset").status_code == 204
    return connection


def set_faults(client: httpx.Client, *rules: dict[str, Any]) -> None:
    response = client.put("/_control/faults", json=list(rules))
    assert response.status_code == 200, response.text


def calls(client: httpx.Client) -> list[tuple[str, str, int | None]]:
    log = cast("list[dict[str, Any]]", client.get("/_control/calls").json())
    assert all(set(entry) == {"method", "path", "status"} for entry in log)
    return [(entry["method"], entry["path"], entry["status"]) for entry in log]


def texts(client: httpx.Client) -> list[str]:
    return [note["text"] for note in client.get("/notes").json()]


# ---- The application --------------------------------------------------------------------------------


def test_livez_answers(base_url: str) -> None:
    response = httpx.get(f"{base_url}/livez")
    assert response.status_code == 200
    assert response.json()["vendors"] == ["notes", "other"]


def test_vendors_are_apart(base_url: str, client: httpx.Client) -> None:
    client.post("/notes", json={"text": "mine"})
    assert len(httpx.get(f"{base_url}/other/notes").json()) == 3
    assert len(client.get("/notes").json()) == 4


def test_unknown_vendor_is_not_found(base_url: str) -> None:
    assert httpx.get(f"{base_url}/nobody/notes").status_code == 404


def test_running_stops_with_hanging_call() -> None:
    app = create_app({"notes": Notebook}, orders=1, seed=1)
    with running(app) as url, httpx.Client(base_url=f"{url}/notes", verify=False) as client:
        set_faults(client, {"fault": "times_out_before_commit"})
        address = httpx.URL(url)
        connection = socket.create_connection((address.host, address.port or 0))
        connection.sendall(b"GET /notes/notes HTTP/1.1\r\nHost: sandbox\r\n\r\n")
        eventually(lambda: calls(client) == [("GET", "/notes", None)])
    with connection, pytest.raises(ConnectionResetError):
        connection.recv(1)


async def test_connection_reset_without_tcp_is_raised() -> None:
    app = create_app({"notes": Notebook}, orders=1, seed=1)
    vendor_app = cast("VendorApp", app.state.vendor_apps["notes"])
    vendor_app.put_faults(b'[{"fault": "connection_reset"}]')

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/notes") as client:
        with pytest.raises(ConnectionResetError):
            await client.get("/notes")


SERVE = """
from ordergraph.sandbox import create_app, serve
serve(create_app({}, orders=0, seed=1), on_ready=lambda url: print(url, flush=True))
"""


def test_serve_tells_its_url_and_ends_quietly_when_interrupted() -> None:
    process = subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/livez").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=PATIENCE) == ("", "")
    assert process.returncode == 0


# ---- The call log -----------------------------------------------------------------------------------


def test_calls_are_logged_in_order_with_templates(client: httpx.Client) -> None:
    client.get("/notes/1?verbose=1")
    client.post("/notes", json={"text": "new"})
    client.get("/nowhere/5")
    client.delete("/notes/1")
    assert calls(client) == [
        ("GET", "/notes/{id}", 200),
        ("POST", "/notes", 201),
        ("GET", "/nowhere/5", 404),
        ("DELETE", "/notes/{id}", 405),
    ]


def test_calls_are_forgotten_on_delete(client: httpx.Client) -> None:
    client.get("/notes")
    assert client.delete("/_control/calls").status_code == 204
    assert calls(client) == []


def test_unknown_path_has_the_vendors_error(client: httpx.Client) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert set(response.json()) == {"oops"}


def test_bug_in_a_fake_is_loud(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    assert httpx.get(f"{client.base_url}broken").status_code == 500  # the connection is closed afterwards
    eventually(lambda: "a bug in the fake" in caplog.text)
    assert calls(client) == [("GET", "/broken", 500)]


# ---- Faults -----------------------------------------------------------------------------------------


def test_rate_limited_does_nothing_and_says_when(client: httpx.Client) -> None:
    set_faults(client, {"fault": "rate_limited", "times": 1})
    response = client.post("/notes", json={"text": "lost"})
    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
    assert set(response.json()) == {"oops"}
    assert "lost" not in texts(client)


@pytest.mark.parametrize(("fault", "status"), [("unavailable", 503), ("unauthorized", 401)])
def test_refusing_faults_do_nothing(client: httpx.Client, fault: str, status: int) -> None:
    set_faults(client, {"fault": fault, "times": 1})
    response = client.post("/notes", json={"text": "lost"})
    assert (response.status_code, set(response.json())) == (status, {"oops"})
    assert "lost" not in texts(client)
    assert calls(client)[0] == ("POST", "/notes", status)


def test_slow_works_after_its_seconds(client: httpx.Client) -> None:
    set_faults(client, {"fault": "slow", "seconds": 0.1, "times": 1})
    start = time.monotonic()
    assert client.post("/notes", json={"text": "late"}).status_code == 201
    assert time.monotonic() - start >= 0.1
    assert "late" in texts(client)


def test_times_out_before_commit_does_nothing(client: httpx.Client) -> None:
    set_faults(client, {"fault": "times_out_before_commit", "method": "POST"})
    with pytest.raises(httpx.ReadTimeout):
        client.post("/notes", json={"text": "lost"}, timeout=IMPATIENCE)
    assert "lost" not in texts(client)
    assert calls(client)[0] == ("POST", "/notes", None)


def test_times_out_after_commit_has_done_it(client: httpx.Client) -> None:
    set_faults(client, {"fault": "times_out_after_commit", "method": "POST"})
    with pytest.raises(httpx.ReadTimeout):
        client.post("/notes", json={"text": "done"}, timeout=IMPATIENCE)
    assert "done" in texts(client)
    assert calls(client)[0] == ("POST", "/notes", None)


def test_times_out_after_commit_with_seconds_commits_late(client: httpx.Client) -> None:
    set_faults(client, {"fault": "times_out_after_commit", "method": "POST", "seconds": 0.4})
    with pytest.raises(httpx.ReadTimeout):
        client.post("/notes", json={"text": "late"}, timeout=0.1)
    assert "late" not in texts(client)
    eventually(lambda: "late" in texts(client))
    assert calls(client)[0] == ("POST", "/notes", None)


def test_reset_drops_a_late_commit(client: httpx.Client) -> None:
    set_faults(client, {"fault": "times_out_after_commit", "method": "POST", "seconds": 0.3})
    with pytest.raises(httpx.ReadTimeout):
        client.post("/notes", json={"text": "late"}, timeout=0.1)
    client.post("/_control/reset")
    set_faults(client, {"fault": "slow", "seconds": 0.3, "times": 1})
    assert "late" not in texts(client)


def test_connection_reset_is_a_real_one(base_url: str, client: httpx.Client) -> None:
    set_faults(client, {"fault": "connection_reset", "times": 1})
    address = httpx.URL(base_url)
    with socket.create_connection((address.host, address.port or 0)) as connection:
        connection.sendall(
            b"POST /notes/notes HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 15\r\n\r\n" + b'{"text":"lost"}'
        )
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert calls(client) == [("POST", "/notes", None)]
    assert "lost" not in texts(client)


def test_malformed_json_is_cut_in_the_middle(client: httpx.Client) -> None:
    set_faults(client, {"fault": "malformed_json", "times": 1})
    response = client.post("/notes", json={"text": "done"})
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert "done" in texts(client)


def test_contract_drift_changes_a_list(client: httpx.Client) -> None:
    set_faults(client, {"fault": "contract_drift"})
    first, second, _ = client.get("/notes").json()
    assert first["id"] == {"drifted": True}
    assert second["id"] == 1
    assert all("not_in_the_contract" in row for row in (first, second))


def test_contract_drift_changes_one_object(client: httpx.Client) -> None:
    set_faults(client, {"fault": "contract_drift", "path": "/notes/{id}"})
    note = client.get("/notes/1").json()
    assert note == {"id": {"drifted": True}, "text": "note 1", "not_in_the_contract": True}


@pytest.mark.parametrize(
    ("content", "changed"),
    [
        ([], []),
        ([1, 2], [1, 2]),
        ("text", "text"),
        ({"token": "abc"}, {"token": {"drifted": True}, "not_in_the_contract": True}),
        (
            {"items": [{"id": 1}], "count": 1},
            {
                "items": [{"id": {"drifted": True}, "not_in_the_contract": True}],
                "count": 1,
                "not_in_the_contract": True,
            },
        ),
    ],
)
def test_drifted(content: object, changed: object) -> None:
    assert drifted(content) == changed


def test_contract_drift_leaves_alone_what_is_no_json(client: httpx.Client) -> None:
    set_faults(client, {"fault": "contract_drift"})
    assert client.get("/plain").text == "plain"


def test_rules_match_method_and_template(client: httpx.Client) -> None:
    set_faults(client, {"fault": "unavailable", "method": "GET", "path": "/notes/{id}"})
    assert client.get("/notes/1").status_code == 503
    assert client.get("/notes").status_code == 200
    assert client.post("/notes", json={"text": "x"}).status_code == 201


def test_times_run_out_and_the_next_rule_follows(client: httpx.Client) -> None:
    set_faults(client, {"fault": "unavailable", "times": 2}, {"fault": "rate_limited", "times": 1})
    assert client.get("/_control/faults").json()[0]["times"] == 2
    assert [client.get("/notes").status_code for _ in range(4)] == [503, 503, 429, 200]
    assert client.get("/_control/faults").json() == []


def test_probability_is_drawn_from_the_seed(client: httpx.Client) -> None:
    def statuses(seed: int) -> list[int]:
        set_faults(client, {"fault": "unavailable", "probability": 0.5, "seed": seed})
        return [client.get("/notes").status_code for _ in range(20)]

    assert statuses(7) == statuses(7) != statuses(8)
    assert set(statuses(7)) == {200, 503}


def test_faults_are_shown_and_replaced_and_ended(client: httpx.Client) -> None:
    rule = {
        "fault": "slow",
        "method": "GET",
        "path": "/notes",
        "times": 3,
        "probability": 0.0,
        "seconds": 2.5,
    }
    set_faults(client, {**rule, "seed": 4})
    assert client.get("/_control/faults").json() == [{**rule, "seed": 4}]
    set_faults(client, {"fault": "unavailable"})
    assert client.get("/_control/faults").json() == [{"fault": "unavailable", "probability": 1.0}]
    assert client.delete("/_control/faults").status_code == 204
    assert client.get("/_control/faults").json() == []
    assert client.get("/notes").status_code == 200


def test_ending_the_faults_lets_go_of_a_hanging_call(base_url: str, client: httpx.Client) -> None:
    set_faults(client, {"fault": "times_out_before_commit"})
    address = httpx.URL(base_url)
    with socket.create_connection((address.host, address.port or 0)) as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(b"GET /notes/notes HTTP/1.1\r\nHost: sandbox\r\n\r\n")
        eventually(lambda: calls(client) == [("GET", "/notes", None)])
        client.delete("/_control/faults")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"fault": "slow"}, ["list"]),
        (["slow"], ["0", "object"]),
        ([{"times": 1}], ["0.fault", *FAULTS]),
        ([{"fault": "earthquake"}], ["0.fault", *FAULTS]),
        (
            [{"fault": "unavailable"}, {"fault": "unavailable", "method": "BREW"}],
            ["1.method", "GET", "PATCH"],
        ),
        ([{"fault": "unavailable", "path": "/notes/1"}], ["0.path", "/notes/{id}"]),
        ([{"fault": "unavailable", "times": 0}], ["0.times", "1"]),
        ([{"fault": "unavailable", "times": True}], ["0.times", "integer"]),
        ([{"fault": "unavailable", "probability": 2}], ["0.probability", "0", "1"]),
        ([{"fault": "unavailable", "seed": "x"}], ["0.seed", "integer"]),
        ([{"fault": "unavailable", "seconds": 1}], ["0.seconds", "slow", "times_out_after_commit"]),
        ([{"fault": "slow"}], ["0.seconds"]),
        ([{"fault": "slow", "seconds": -1}], ["0.seconds", "0"]),
        ([{"fault": "unavailable", "when": "now"}], ["0.when", "probability"]),
    ],
)
def test_bad_rule_is_refused_with_key_and_allowed_values(client: httpx.Client, rules: object, words: list[str]) -> None:
    response = client.put("/_control/faults", json=rules)
    assert response.status_code == 400
    assert all(word in response.json()["message"] for word in words)
    assert client.get("/_control/faults").json() == []


# ---- The control API --------------------------------------------------------------------------------


def test_control_is_neither_logged_nor_hit(client: httpx.Client) -> None:
    set_faults(client, {"fault": "unavailable"})
    assert client.post("/_control/advance", json={"note": 1}).json() == {"id": 1, "text": "note 1"}
    assert calls(client) == []


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "/_control/advance", b"{", 400),
        ("POST", "/_control/advance", b"[]", 400),
        ("POST", "/_control/advance", b"{}", 400),
        ("PUT", "/_control/faults", b"nonsense", 400),
        ("GET", "/_control/nothing", b"", 404),
        ("GET", "/_control/placements", b"", 404),  # its own API shows them
        ("GET", "/_control", b"", 404),
        ("PATCH", "/_control/faults", b"[]", 404),
        ("PUT", "/_control/faults", b" " * (MAX_BODY + 1), 413),
    ],
)
def test_control_errors_are_messages(client: httpx.Client, method: str, path: str, content: bytes, status: int) -> None:
    response = client.request(method, path, content=content)
    assert response.status_code == status
    assert set(response.json()) == {"message"}


def test_reset_starts_over(client: httpx.Client) -> None:
    client.post("/notes", json={"text": "gone soon"})
    set_faults(client, {"fault": "unavailable"})
    assert client.post("/_control/reset").status_code == 204
    assert calls(client) == []
    assert client.get("/notes").status_code == 200
    assert len(texts(client)) == 3


def test_body_over_the_limit_is_refused(client: httpx.Client) -> None:
    response = client.post("/notes", content=b" " * (3 * MAX_BODY))
    assert response.status_code == 413
    assert calls(client) == [("POST", "/notes", 413)]
    assert client.get("/notes").status_code == 200


def test_client_that_leaves_in_the_middle_of_a_body_does_nothing(base_url: str, client: httpx.Client) -> None:
    address = httpx.URL(base_url)
    with socket.create_connection((address.host, address.port or 0)) as connection:
        connection.sendall(b"POST /notes/notes HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 90\r\n\r\n{")
    assert len(texts(client)) == 3


# ---- JSON parsing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"{", b"NaN", b'"\xff"', b"[" * 100_000])
def test_decode_json_refuses_with_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_json(content)


def test_body_collects_every_problem_under_dotted_paths() -> None:
    problems: Problems = {}
    body = Body(
        {
            "text": 1,
            "long": "xx",
            "word": "no",
            "count": 1.5,
            "flag": 1,
            "sum": True,
            "much": 9,
            "inner": [],
            "rows": [{"n": 0}, 2],
        },
        problems,
    )
    assert body.text("text") is None
    assert body.text("long", maximum=1) is None
    assert body.text("word", allowed=("yes",)) is None
    assert body.integer("count") is None
    assert body.boolean("flag") is None
    assert body.number("sum") is None
    assert body.number("much", high=8) is None
    assert body.child("inner") is None
    assert body.children("inner") == []
    assert body.items("text") is None
    (row,) = body.children("rows")
    assert row.integer("n", low=1) is None
    assert row.integer("n", known=(1, 2)) is None
    assert list(problems) == [
        "text",
        "long",
        "word",
        "count",
        "flag",
        "sum",
        "much",
        "inner",
        "rows.1",
        "rows.0.n",
    ]
    assert len(problems["rows.0.n"]) == 2


# ---- Seeding ----------------------------------------------------------------------------------------


def test_seeded_instants_are_ordered_tied_and_near_the_anchor() -> None:
    instants = seeded_instants(seeded_random("a", 1), 2000)
    assert instants == sorted(instants)
    assert instants == seeded_instants(seeded_random("a", 1), 2000)
    assert instants != seeded_instants(seeded_random("a", 2), 2000)
    assert len(set(instants)) < 2000
    assert ANCHOR - timedelta(days=734) < instants[0]
    assert ANCHOR - timedelta(hours=3) < instants[-5] <= instants[-1] < ANCHOR
    assert ANCHOR - timedelta(days=9) < instants[-15] < ANCHOR - timedelta(hours=20)
    in_business_hours = [at for at in instants if 7 <= at.hour < 19]
    assert len(in_business_hours) > 1950


@pytest.mark.parametrize("count", [0, 1, 4])
def test_seeded_instants_of_few(count: int) -> None:
    assert len(seeded_instants(seeded_random("a"), count)) == count
