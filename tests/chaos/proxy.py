"""A proxy between the gateway and a vendor that breaks connections as no vendor does by itself.

It knows as much of HTTP/1.1 as both sides use: messages with a content-length or without a body, one at a time.
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
"""The longest that the bytes of a request are held back."""
REFUSAL_SECONDS = 1.0
"""The longest that no connection is taken."""
ANSWER_SECONDS = 5.0
"""The longest that is waited for an answer that nobody else waits for."""
READING_SHARE = 0.3
"""So much more seldom is a request hit that only reads."""


@dataclass(frozen=True)
class Side:
    """One end of a connection through the proxy."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def message(self) -> bytes | None:
        """The next message as it came, None when the connection has ended before it was whole."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            return head + await self.reader.readexactly(int(length[1]) if length else 0)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def last_message(self) -> bytes | None:
        """The next message, if it comes in time, when nobody else waits for it."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self.message()
        except TimeoutError:
            return None

    async def send(self, content: bytes) -> None:
        """Pass bytes on, if anybody is there to take them."""
        with suppress(ConnectionError):
            self.writer.write(content)
            await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the other end has gone away: it has nothing to say while it waits for an answer."""
        with suppress(ConnectionError):
            await self.reader.read(1)

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        connection: socket.socket | None = self.writer.get_extra_info("socket")
        if connection is not None and connection.fileno() >= 0:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def close(self) -> None:
        """End the connection in order."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


class FaultProxy:
    """Passes connections on to a vendor, and breaks some: ``rates`` is how often each fault hits a request.

    Which requests are hit depends on ``draws``. ``counts`` tells how often each fault was done; `calm` ends them.
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
        """Where it listens."""
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
        """From now on everything is passed on as it is."""
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

    # Each fault returns whether the connection can go on.

    async def request_cut(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """Half of the request arrives: the vendor does nothing."""
        await vendor.send(request[: len(request) // 2])
        gateway.reset()
        return False

    async def request_held(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """The request arrives late, also when nobody waits for its answer any more."""
        await asyncio.sleep(self._draws.uniform(0, STALL_SECONDS))
        await vendor.send(request)
        answer = await vendor.last_message()
        await gateway.send(answer or b"")
        return answer is not None

    async def answer_lost(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """The connection breaks as soon as the request is through: the vendor works on it all the same."""
        await vendor.send(request)
        gateway.reset()
        await vendor.last_message()
        return False

    async def answer_withheld(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """The vendor has answered, and the connection breaks before a byte of it."""
        await vendor.send(request)
        await vendor.last_message()
        gateway.reset()
        return False

    async def answer_cut(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """The connection breaks in the middle of the answer."""
        await self._half(gateway, vendor, request)
        gateway.reset()
        return False

    async def answer_halved(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """The connection is closed in order in the middle of the answer."""
        await self._half(gateway, vendor, request)
        return False

    async def _half(self, gateway: Side, vendor: Side, request: bytes) -> None:
        await vendor.send(request)
        answer = await vendor.last_message() or b""
        await gateway.send(answer[: len(answer) // 2])

    async def connection_refused(self, gateway: Side, vendor: Side, request: bytes) -> bool:
        """This request goes through; then nobody listens for a while, and open connections end."""
        if self._server is not None:
            self._close()
            self._run(self._listen_again(self._draws.uniform(0, REFUSAL_SECONDS)))
        return await passed(gateway, vendor, request)

    async def _listen_again(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._listen()


async def passed(gateway: Side, vendor: Side, request: bytes) -> bool:
    """Nothing happens, unless the gateway goes away: then the vendor is told so."""
    await vendor.send(request)
    answering = asyncio.ensure_future(vendor.message())
    leaving = asyncio.ensure_future(gateway.gone())
    try:
        await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
        answer = answering.result() if answering.done() else None
    finally:
        answering.cancel()
        leaving.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)  # each has let go of its reader
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
