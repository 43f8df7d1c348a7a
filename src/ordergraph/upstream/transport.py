"""The connections to a vendor, with limits on the size of responses."""

from __future__ import annotations

import asyncio
import functools
import ssl
import zlib
from typing import Any

import httpx

MAX_HEAD_BYTES = 192 * 1024
"""The maximum size before a response's body. h11 limits the headers, but not the number of interim responses (1xx)."""


PACKED = ("gzip", "x-gzip", "deflate")
"""The content codings that are decompressed. Requests accept only the first."""


EITHER_HEADER = 32 + zlib.MAX_WBITS
"""Makes zlib accept both gzip's header and its own."""


@functools.cache
def tls() -> ssl.SSLContext:
    """Return the TLS context that all accounts share, since loading the certificates is slow."""
    return httpx.create_ssl_context(trust_env=False)


class Transport(httpx.AsyncHTTPTransport):
    """httpx's transport, with a fix for a leak in httpcore 1.0's pool, and a limit on the data before a response.

    In httpcore, a call that is cancelled right after connecting leaves a connection in the pool forever. The number of
    connections is limited by `VendorClient`, not here.
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
    """A connection of httpcore that is closed if a call on it is cancelled before it starts.

    It is also closed if the vendor has sent more than one response: the rest would be taken for the next response.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def has_expired(self) -> bool:
        """Whether the pool should close the connection."""
        http = self._inner._connection
        told_more = http is not None and http.is_idle() and http._h11_state.trailing_data[0] != b""
        return told_more or self._inner.has_expired()

    async def handle_async_request(self, request: Any) -> Any:
        """Send a request. Called by the pool."""
        try:
            return await self._inner.handle_async_request(request)
        except BaseException:
            if ", NEW," in self._inner.info():  # connected, but never used: the pool would keep it forever
                await asyncio.shield(self._inner.aclose())
            raise


class _Stream:
    """The stream of a connection, with a limit on the bytes before the headers of a response are complete."""

    def __init__(self, inner: Any, connection: Any) -> None:
        self._inner = inner
        self._connection = connection
        self._received = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's own
        """Send a part of a request."""
        self._received = 0
        await self._inner.write(buffer, timeout)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's own
        """Receive a part of a response."""
        data: bytes = await self._inner.read(max_bytes, timeout)
        if repr(self._connection._connection._h11_state.their_state) == "SEND_RESPONSE":
            self._received += len(data)
            if self._received > MAX_HEAD_BYTES:
                raise httpx.RemoteProtocolError("The data before the response body exceeds the limit.")
        return data


def unpacked(packed: Any, chunk: bytes, most: int) -> bytes:
    """Decompress a part of a body, to at most ``most`` bytes. Data after its end are ignored."""
    return b"" if packed.eof else packed.decompress(chunk, most)
