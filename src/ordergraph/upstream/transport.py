"""The connections to a vendor, with the limits on what it may send."""

from __future__ import annotations

import asyncio
import functools
import ssl
import zlib
from typing import Any

import httpx

MAX_HEAD_BYTES = 192 * 1024
"""Of what comes before an answer's body. h11 bounds the headers, but takes any number of interim answers (1xx)."""


PACKED = ("gzip", "x-gzip", "deflate")
"""The content codings that are unpacked; only the first is asked for."""


EITHER_HEADER = 32 + zlib.MAX_WBITS
"""Lets zlib unpack what has gzip's header and what has its own."""


@functools.cache
def tls() -> ssl.SSLContext:
    """One for all accounts: reading the certificates takes a while."""
    return httpx.create_ssl_context(trust_env=False)


class Transport(httpx.AsyncHTTPTransport):
    """httpx's transport, without the leak of httpcore 1.0's pool, and with a bound for what comes before an answer.

    In httpcore, a call cancelled right after connecting leaves a connection behind that counts for ever. The
    number of connections is bounded by `VendorClient`, not here.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        pool: Any = self._pool
        create = pool.create_connection

        def create_connection(origin: Any) -> _Connection:
            connection = create(origin)
            connect = connection._connect

            async def connected(request: Any) -> _Stream:
                return _Stream(await connect(request), connection)

            connection._connect = connected
            return _Connection(connection)

        pool.create_connection = create_connection


class _Connection:
    """A connection of httpcore that is closed when a call ends on it before it has begun.

    It is closed as well when the vendor has said more than it was asked: that would be taken for the next answer.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def has_expired(self) -> bool:
        """Whether the pool is to close it."""
        http = self._inner._connection
        told_more = http is not None and http.is_idle() and http._h11_state.trailing_data[0] != b""
        return told_more or self._inner.has_expired()

    async def handle_async_request(self, request: Any) -> Any:
        """Send a request; the pool calls this."""
        try:
            return await self._inner.handle_async_request(request)
        except BaseException:
            if ", NEW," in self._inner.info():  # connected and neither used, idle nor closed: nobody will be
                await asyncio.shield(self._inner.aclose())
            raise


class _Stream:
    """A connection's bytes, of which only so many may come before the headers of an answer are complete."""

    def __init__(self, inner: Any, connection: Any) -> None:
        self._inner = inner
        self._connection = connection
        self._received = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's own
        """Send a piece of a request; the answer is yet to come."""
        self._received = 0
        await self._inner.write(buffer, timeout)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's own
        """Receive a piece of an answer."""
        data: bytes = await self._inner.read(max_bytes, timeout)
        if repr(self._connection._connection._h11_state.their_state) == "SEND_RESPONSE":
            self._received += len(data)
            if self._received > MAX_HEAD_BYTES:
                raise httpx.RemoteProtocolError("too much comes before the answer")
        return data


def unpacked(packed: Any, chunk: bytes, most: int) -> bytes:
    """A piece of a packed body, of which at most so many bytes are made; what follows its end is ignored."""
    return b"" if packed.eof else packed.decompress(chunk, most)
