"""Streamed responses, over TCP: each part is sent immediately, and the end is marked."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ordergraph.server import streams
from ordergraph.server.gateway import Stream
from ordergraph.server.http import CompressMiddleware
from ordergraph.server.responses import Json
from ordergraph.server.streams import EventStream, Framing, Multipart, Payloads, parts, streamed

FRAMINGS: dict[str, Framing] = {"events": EventStream(), "payloads": Payloads(), "parts": parts({})}


class Producer:
    """Yields results on command, and ends on None. Reports when it is closed."""

    def __init__(self) -> None:
        self.results: asyncio.Queue[Json | None] = asyncio.Queue()
        self.draining = asyncio.Event()
        self.closed = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def stream(self) -> Stream:
        try:
            while (result := await self.results.get()) is not None:
                yield result
        finally:
            self.closed.set()

    def tell(self, *results: Json | None) -> None:
        assert self.loop is not None
        for result in results:
            self.loop.call_soon_threadsafe(self.results.put_nowait, result)

    def drain(self) -> None:
        assert self.loop is not None
        self.loop.call_soon_threadsafe(self.draining.set)

    async def answer(self, request: Request) -> Response:
        self.loop = asyncio.get_running_loop()
        return streamed(self.stream(), FRAMINGS[request.path_params["framing"]], self.draining)


@contextmanager
def serving(producer: Producer) -> Generator[str]:
    app = Starlette(routes=[Route("/{framing}", producer.answer)], middleware=[Middleware(CompressMiddleware)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def opened(framing: str, encoding: str = "identity") -> Generator[tuple[Producer, httpx.Response, Iterator[str]]]:
    producer = Producer()
    with (
        serving(producer) as url,
        httpx.Client(trust_env=False, timeout=10, verify=False) as client,
        client.stream("GET", f"{url}/{framing}", headers={"accept-encoding": encoding}) as response,
    ):
        try:
            yield producer, response, response.iter_text()
        finally:
            producer.tell(None)


def until(texts: Iterator[str], wanted: str) -> str:
    """Return what arrives up to some text. The client's timeout limits the wait."""
    found = ""
    while wanted not in found:
        found += next(texts)
    return found


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br", "zstd"])
@pytest.mark.parametrize("framing", FRAMINGS)
def test_each_piece_arrives_before_the_next_is_made(framing: str, encoding: str) -> None:
    with opened(framing, encoding) as (producer, response, texts):
        assert response.headers.get("content-encoding", "identity") == encoding
        assert response.headers["cache-control"] == "no-store"
        for number in range(3):
            producer.tell({"data": {"number": number}})
            assert f'"number":{number}' in until(texts, "}}")
        producer.tell(None)
        assert "".join(texts).endswith("event: complete\ndata:\n\n" if framing == "events" else "--\r\n")


def test_events_are_framed_with_line_feeds_alone() -> None:
    with opened("events") as (producer, response, texts):
        producer.tell({"data": {"text": "one\r\ntwo\u2028"}}, None)
        body = "".join(texts)
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "\r" not in body
        assert json.loads(body.split("data: ")[1].split("\n")[0]) == {"data": {"text": "one\r\ntwo\u2028"}}


@pytest.mark.parametrize(("framing", "sign"), [("events", ":\n\n:\n\n"), ("payloads", "\r\n\r\n{}")])
def test_there_are_signs_of_life(framing: str, sign: str) -> None:
    with patch.object(streams, "HEARTBEAT_SECONDS", 0.05), opened(framing) as (producer, _, texts):
        assert sign in until(texts, sign)
        producer.tell({"data": 1})
        until(texts, '"data":1')
        assert sign.strip() in until(texts, sign.strip())


def test_a_stream_that_fails_says_why() -> None:
    errors = [{"message": "too slow"}]
    with opened("payloads") as (producer, _, texts):
        producer.tell({"data": 1}, {"errors": errors}, None)
        bodies = [json.loads(part.split("\r\n\r\n")[1]) for part in "".join(texts).split("\r\n--graphql")[1:-1]]
        assert bodies == [{"payload": {"data": 1}}, {"payload": None, "errors": errors}]


@pytest.mark.parametrize(
    ("framing", "told"), [("events", "retry: 1000"), ("payloads", '"code":"SERVICE_RESTARTING"'), ("parts", "--\r\n")]
)
def test_a_drain_tells_clients_to_connect_again(framing: str, told: str) -> None:
    with opened(framing) as (producer, _, texts):
        producer.tell({"data": 1})
        until(texts, '"data":1')
        producer.drain()
        rest = "".join(texts)  # until the end
        assert told in rest
        assert "complete" not in rest
        assert producer.closed.wait(10)


@pytest.mark.parametrize("framing", FRAMINGS)
def test_who_goes_away_ends_the_stream(framing: str) -> None:
    with opened(framing) as (producer, response, texts):
        producer.tell({"data": 1})
        until(texts, '"data":1')
        response.close()
        assert producer.closed.wait(10)


def test_the_form_of_2022_names_paths() -> None:
    turned = streams.EarlierParts()
    assert turned({"data": {}, "pending": [{"id": "0", "path": ["a"], "label": "x"}], "hasNext": True}) == {
        "data": {},
        "hasNext": True,
    }
    later: Any = {
        "pending": [{"id": "1", "path": ["b"]}],
        "incremental": [
            {"id": "0", "subPath": [1], "data": {"c": 1}, "errors": [{"message": "m"}]},
            {"id": "1", "items": [2]},
        ],
        "completed": [{"id": "0"}, {"id": "1", "errors": [{"message": "n"}]}],
        "hasNext": False,
    }
    assert turned(later) == {
        "incremental": [
            {"data": {"c": 1}, "errors": [{"message": "m"}], "label": "x", "path": ["a", 1]},
            {"items": [2], "path": ["b"]},
            {"data": None, "errors": [{"message": "n"}], "path": ["b"]},
        ],
        "hasNext": False,
    }


def test_every_framing_is_tested() -> None:
    assert {type(one) for one in FRAMINGS.values()} == {EventStream, Payloads, Multipart}
