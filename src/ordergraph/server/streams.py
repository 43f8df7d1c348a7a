"""Answers that come piece by piece: server-sent events, and multipart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any, Protocol

from starlette.responses import Response, StreamingResponse


from ordergraph.server.responses import Json, encode
from ordergraph.server.gateway import Stream
from ordergraph.server.negotiation import EVENTS

HEARTBEAT_SECONDS = 10.0
"""Proxies end connections on which nothing happens, most after a minute or half of one."""

RETRY_MILLISECONDS = 1000
PART = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"

RESTARTING: Json = {
    "message": "the gateway restarts: connect again",
    "extensions": {"code": "SERVICE_RESTARTING", "retryable": True},
}


class Framing(Protocol):
    """How results are written on the wire."""

    media: str

    def begin(self) -> bytes:
        """What comes before everything."""
        ...

    def piece(self, result: Json) -> bytes:
        """A result."""
        ...

    def heartbeat(self) -> bytes:
        """A sign of life; empty if there is none."""
        ...

    def restarting(self) -> bytes:
        """The end before the end, after which clients connect again."""
        ...

    def end(self) -> bytes:
        """The end: there is no more."""
        ...


class EventStream:
    """Server-sent events, as GraphQL over SSE has them for distinct connections."""

    media = f"{EVENTS}; charset=utf-8"

    def begin(self) -> bytes:
        """A comment, so that the client sees at once that the stream is open."""
        return b":\n\n"

    def piece(self, result: Json) -> bytes:
        """An event `next`."""
        return b"event: next\ndata: " + encode(result) + b"\n\n"

    def heartbeat(self) -> bytes:
        """A comment."""
        return b":\n\n"

    def restarting(self) -> bytes:
        """When to connect again; without `complete`, clients do."""
        return f": {RESTARTING['message']}\nretry: {RETRY_MILLISECONDS}\n\n".encode()

    def end(self) -> bytes:
        """The event `complete`; without a line of data, browsers would pass over it."""
        return b"event: complete\ndata:\n\n"


class Multipart:
    """Parts, each followed at once by its boundary: clients know that it is whole.

    ``wrap`` makes the JSON of a part.
    """

    def __init__(self, parameters: str, boundary: str, wrap: Callable[[Json], Json]) -> None:
        self.media = f'multipart/mixed; boundary="{boundary}"; {parameters}'
        self._boundary = f"\r\n--{boundary}".encode()
        self._wrap = wrap

    def begin(self) -> bytes:
        """The first boundary."""
        return self._boundary

    def piece(self, result: Json) -> bytes:
        """A part."""
        return PART + encode(self._wrap(result)) + self._boundary

    def heartbeat(self) -> bytes:
        """Nothing: not every client expects a part without content."""
        return b""

    def restarting(self) -> bytes:
        """Nothing but the end: what is deferred comes within moments."""
        return self.end()

    def end(self) -> bytes:
        """The last boundary."""
        return b"--\r\n"


class Payloads(Multipart):
    """Parts of a subscription, as Apollo's protocol has them: results, and errors of the stream itself, are apart."""

    def __init__(self) -> None:
        super().__init__('subscriptionSpec="1.0"', "graphql", _payload)

    def heartbeat(self) -> bytes:
        """An empty object."""
        return PART + b"{}" + self._boundary

    def restarting(self) -> bytes:
        """An error of the stream, and the end."""
        extensions = {**RESTARTING["extensions"], "requestId": request_id.get()}
        ended = {"payload": None, "errors": [{**RESTARTING, "extensions": extensions}]}
        return PART + encode(ended) + self._boundary + self.end()


def _payload(result: Json) -> Json:
    return {"payload": result} if "data" in result else {"payload": None, "errors": result["errors"]}


class EarlierParts:
    """Turns deferred parts into the form of 2022, in which each names its path: what `deferSpec=20220824` asks for."""

    def __init__(self) -> None:
        self._pending: dict[str, Json] = {}

    def __call__(self, result: Json) -> Json:
        """One part."""
        self._pending |= {one["id"]: one for one in result.get("pending", ())}
        turned = {key: value for key, value in result.items() if key not in ("pending", "incremental", "completed")}
        parts = [self._part(one) for one in result.get("incremental", ())]
        parts += [self._failure(one) for one in result.get("completed", ()) if "errors" in one]
        return {**turned, "incremental": parts} if parts else turned

    def _part(self, one: Json) -> Json:
        pending = self._pending[one["id"]]
        rest = {key: value for key, value in one.items() if key not in ("id", "subPath")}
        path = [*pending["path"], *one.get("subPath", ())]
        return {**rest, **_label(pending), "path": path}

    def _failure(self, one: Json) -> Json:
        pending = self._pending[one["id"]]
        return {"data": None, "errors": one["errors"], **_label(pending), "path": pending["path"]}


def _label(pending: Json) -> Json:
    return {"label": pending["label"]} if "label" in pending else {}


def parts(parameters: Mapping[str, str]) -> Multipart:
    """How to write deferred parts for a client that names these parameters of its type."""
    if parameters.get("deferspec") == "20220824":
        return Multipart("deferSpec=20220824", "-", EarlierParts())
    return Multipart("incrementalSpec=v0.2", "-", lambda result: result)


def streamed(results: Stream, framing: Framing, draining: asyncio.Event) -> Response:
    """An answer of all results, with signs of life in between; it ends early when the gateway does."""
    headers = {"Cache-Control": "no-store", "Content-Type": framing.media, "X-Accel-Buffering": "no"}
    return StreamingResponse(_written(results, framing, draining), headers=headers)


async def _written(results: Stream, framing: Framing, draining: asyncio.Event) -> AsyncGenerator[bytes]:
    yield framing.begin()
    async with aclosing(paced(results, draining)) as paces:
        async for result in paces:
            if result is RESTARTING:
                yield framing.restarting()
                return
            yield framing.heartbeat() if result is None else framing.piece(result)
    yield framing.end()


async def paced(results: Stream, draining: asyncio.Event) -> AsyncGenerator[Json | None]:
    """All results; None whenever nothing has happened for a while; RESTARTING, and the end, when the gateway ends."""
    drained = asyncio.ensure_future(draining.wait())
    following: asyncio.Future[Any] | None = None
    try:
        while True:
            following = following or asyncio.ensure_future(anext(results, None))
            done, _ = await asyncio.wait(
                {following, drained}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if following in done:
                result, following = following.result(), None
                if result is None:
                    return
                yield result
            elif drained in done:
                yield RESTARTING
                return
            else:
                yield None
    finally:
        drained.cancel()
        if following is not None:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
        await results.aclose()
