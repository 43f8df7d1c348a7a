"""Streamed responses: server-sent events and multipart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any, Protocol

from starlette.responses import Response, StreamingResponse

from ordergraph.server.gateway import Stream
from ordergraph.server.negotiation import EVENTS
from ordergraph.server.responses import Json, encode
from ordergraph.upstream.request_scope import current_request

HEARTBEAT_SECONDS = 10.0
"""The interval of heartbeats. Proxies close idle connections, most of them after 30 or 60 seconds."""

RETRY_MILLISECONDS = 1000
PART = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"

RESTARTING: Json = {
    "message": "The gateway is restarting. Connect again.",
    "extensions": {"code": "SERVICE_RESTARTING", "isRetryable": True},
}


class Framing(Protocol):
    """How results are encoded in a stream."""

    media: str

    def begin(self) -> bytes:
        """Return the start of the stream."""
        ...

    def piece(self, result: Json) -> bytes:
        """Return a result."""
        ...

    def heartbeat(self) -> bytes:
        """Return a heartbeat; empty if the format has none."""
        ...

    def restarting(self) -> bytes:
        """Return the end of a stream that the gateway stops early, after which clients reconnect."""
        ...

    def end(self) -> bytes:
        """Return the end of a completed stream."""
        ...


class EventStream:
    """Server-sent events, in the distinct connections mode of GraphQL over SSE."""

    media = f"{EVENTS}; charset=utf-8"

    def begin(self) -> bytes:
        """Return a comment, so that the client sees at once that the stream is open."""
        return b":\n\n"

    def piece(self, result: Json) -> bytes:
        """Return an event `next`."""
        return b"event: next\ndata: " + encode(result) + b"\n\n"

    def heartbeat(self) -> bytes:
        """Return a comment."""
        return b":\n\n"

    def restarting(self) -> bytes:
        """Return the delay before reconnecting. Without the event `complete`, clients reconnect."""
        return f": {RESTARTING['message']}\nretry: {RETRY_MILLISECONDS}\n\n".encode()

    def end(self) -> bytes:
        """Return the event `complete`. It needs a data line, since browsers ignore events without one."""
        return b"event: complete\ndata:\n\n"


class Multipart:
    """Multipart, with each part followed by its boundary at once, so that clients know that it is complete.

    ``wrap`` makes the JSON of a part.
    """

    def __init__(self, parameters: str, boundary: str, wrap: Callable[[Json], Json]) -> None:
        self.media = f'multipart/mixed; boundary="{boundary}"; {parameters}'
        self._boundary = f"\r\n--{boundary}".encode()
        self._wrap = wrap

    def begin(self) -> bytes:
        """Return the first boundary."""
        return self._boundary

    def piece(self, result: Json) -> bytes:
        """Return a part."""
        return PART + encode(self._wrap(result)) + self._boundary

    def heartbeat(self) -> bytes:
        """Return nothing, since not every client expects an empty part."""
        return b""

    def restarting(self) -> bytes:
        """Return only the end."""
        return self.end()

    def end(self) -> bytes:
        """Return the last boundary."""
        return b"--\r\n"


class Payloads(Multipart):
    """Parts of a subscription in Apollo's protocol, which separates results from errors of the stream itself."""

    def __init__(self) -> None:
        super().__init__('subscriptionSpec="1.0"', "graphql", _payload)

    def heartbeat(self) -> bytes:
        """Return an empty object."""
        return PART + b"{}" + self._boundary

    def restarting(self) -> bytes:
        """Return an error of the stream, and the end."""
        extensions = {**RESTARTING["extensions"], "requestId": current_request().id}
        ended = {"payload": None, "errors": [{**RESTARTING, "extensions": extensions}]}
        return PART + encode(ended) + self._boundary + self.end()


def _payload(result: Json) -> Json:
    return {"payload": result} if "data" in result else {"payload": None, "errors": result["errors"]}


class EarlierParts:
    """Converts deferred parts to the format of 2022 (`deferSpec=20220824`), in which each part has its path."""

    def __init__(self) -> None:
        self._pending: dict[str, Json] = {}

    def __call__(self, result: Json) -> Json:
        """Return one part."""
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
    """Return the encoding of deferred parts for a client that accepts a type with these parameters."""
    if parameters.get("deferspec") == "20220824":
        return Multipart("deferSpec=20220824", "-", EarlierParts())
    return Multipart("incrementalSpec=v0.2", "-", lambda result: result)


def streamed(results: Stream, framing: Framing, draining: asyncio.Event) -> Response:
    """Return a response that streams all results, with heartbeats. It ends early if the gateway shuts down."""
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
    """Yield all results, None for each heartbeat, and RESTARTING at the end if the gateway shuts down."""
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
