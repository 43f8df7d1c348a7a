"""A proxy between the gateway and a vendor that breaks connections as networks do.

It supports the part of HTTP/1.1 that both sides use: one message at a time, with a content-length or without a body.
"""

import asyncio
import random
import re
import socket
import struct
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
STALL_SECONDS = 0.8
"""The longest delay of a request, in seconds."""
REFUSAL_SECONDS = 1.0
"""The longest time without accepting connections, in seconds."""
ANSWER_SECONDS = 5.0
"""The longest wait for a response after the gateway has gone, in seconds."""
READING_SHARE = 0.3
"""The probability of a fault for a GET, relative to other requests."""


@dataclass(frozen=True)
class Side:
    """One end of a connection through the proxy."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def message(self) -> bytes | None:
        """Return the next message as it arrived, or None if the connection ends before it is complete."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            return head + await self.reader.readexactly(int(length[1]) if length else 0)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def last_message(self) -> bytes | None:
        """Return the next message after the gateway has gone, or None if it does not arrive in time."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self.message()
        except TimeoutError:
            return None

    async def send(self, content: bytes) -> None:
        """Send bytes, unless the connection has ended."""
        with suppress(ConnectionError):
            self.writer.write(content)
            await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the other end closes the connection. It sends nothing while it waits for a response."""
        with suppress(ConnectionError):
            await self.reader.read(1)

    def reset(self) -> None:
        """Close the connection with a TCP reset."""
        connection: socket.socket | None = self.writer.get_extra_info("socket")
        if connection is not None and connection.fileno() >= 0:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def close(self) -> None:
        """Close the connection normally."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


class FaultProxy:
    """Passes connections on to a vendor and breaks some. ``rates`` is the probability of each fault for a request.

    ``draws`` selects the requests that fail. ``counts`` has the number of faults of each kind. `calm` stops the faults.
    """

    def __init__(self, port: int, rates: Mapping[str, float], draws: random.Random) -> None:
        self._vendor_port = port
        self._rates: Mapping[str, float] = rates
        self._draws = draws
        self._server: asyncio.Server | None = None
        self._port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.counts: Counter[str] = Counter()

    @property
    def url(self) -> str:
        """The proxy's URL."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> "FaultProxy":
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def calm(self) -> None:
        """Pass everything on unchanged from now on."""
        self._rates = dict[str, float]()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._taken, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._run(self._serve(Side(reader, writer)))

    def _run(self, doing: Awaitable[None]) -> None:
        task = asyncio.ensure_future(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, gateway: Side) -> None:
        vendor = Side(*await asyncio.open_connection("127.0.0.1", self._vendor_port))
        try:
            while (request := await gateway.message()) is not None:
                fault = self._drawn(request)
                doing = FAULTS[fault](self, gateway, vendor, request) if fault else passed(gateway, vendor, request)
                if not await doing or self._server is None:
                    break
        finally:
            await vendor.close()
            await gateway.close()

    def _drawn(self, request: bytes) -> str | None:
        share = READING_SHARE if request.startswith(b"GET") else 1
        drawn = self._draws.random()
        for fault, rate in self._rates.items():
            drawn -= rate * share
            if drawn < 0:
                self.counts[fault] += 1
                return fault
        return None

    # Each fault returns whether the connection stays open.

    async def request_cut(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """Half of the request arrives, so the vendor does nothing."""
        await vendor.send(request[: len(request) // 2])
        gateway.reset()
        return False

    async def request_held(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """The request arrives late, even if nobody waits for the response anymore."""
        await asyncio.sleep(self._draws.uniform(0, STALL_SECONDS))
        await vendor.send(request)
        answer = await vendor.last_message()
        await gateway.send(answer or b"")
        return answer is not None

    async def answer_lost(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """The connection breaks after the request has arrived. The vendor processes the request."""
        await vendor.send(request)
        gateway.reset()
        await vendor.last_message()
        return False

    async def answer_withheld(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """The connection breaks after the vendor has responded, before the first byte of the response."""
        await vendor.send(request)
        await vendor.last_message()
        gateway.reset()
        return False

    async def answer_cut(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """The connection breaks in the middle of the response."""
        await self._half(gateway, vendor, request)
        gateway.reset()
        return False

    async def answer_halved(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """The connection is closed normally in the middle of the response."""
        await self._half(gateway, vendor, request)
        return False

    async def _half(self, gateway: Side, vendor: Side, request: bytes) -> None:
        await vendor.send(request)
        answer = await vendor.last_message() or b""
        await gateway.send(answer[: len(answer) // 2])

    async def connection_refused(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """This request passes. Then the proxy accepts no connections for a while, and open ones end."""
        if self._server is not None:
            self._close()
            self._run(self._listen_again(self._draws.uniform(0, REFUSAL_SECONDS)))
        return await passed(gateway, vendor, request)

    async def _listen_again(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._listen()


async def passed(gateway: Side, vendor: Side, request: bytes) -> bool:
    """Pass the request and the response. If the gateway closes its connection, close the vendor's."""
    await vendor.send(request)
    answering = asyncio.ensure_future(vendor.message())
    leaving = asyncio.ensure_future(gateway.gone())
    try:
        await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
        answer = answering.result() if answering.done() else None
    finally:
        answering.cancel()
        leaving.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)  # both have released the reader
    await gateway.send(answer or b"")
    return answer is not None


Fault = Callable[[FaultProxy, Side, Side, bytes], Awaitable[bool]]
FAULTS: Mapping[str, Fault] = {
    "request_cut": FaultProxy.request_cut,
    "request_held": FaultProxy.request_held,
    "answer_lost": FaultProxy.answer_lost,
    "answer_withheld": FaultProxy.answer_withheld,
    "answer_cut": FaultProxy.answer_cut,
    "answer_halved": FaultProxy.answer_halved,
    "connection_refused": FaultProxy.connection_refused,
}
