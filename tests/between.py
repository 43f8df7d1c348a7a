"""A TCP proxy between the gateway and a vendor that can replace requests and responses.

It serves one request per connection, each in its own thread.
"""

import re
import socketserver
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from typing import cast
from urllib.parse import urlsplit

HOP = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive", "host"})
"""Headers that apply to a single connection only."""


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    def about(self, other: Mapping[str, str]) -> "Asked":
        """Return the same request for other objects: the IDs in the path and the query are replaced."""
        target = self.target
        for old, new in other.items():
            target = re.sub(rf"(?<=[/=]){re.escape(old)}(?=[/?&]|\Z)", new, target)
        return replace(self, target=target)


Bytes = Iterable[bytes]
"""The pieces of a response. A generator may wait between pieces."""


class Between(socketserver.ThreadingTCPServer):
    """Passes requests on to a vendor. ``asks``, ``answer`` and ``body`` change what happens to each.

    ``asks`` returns the request to send instead. ``answer`` returns all bytes of a response, without calling the
    vendor. ``body`` returns the body that replaces the vendor's.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, vendor: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.vendor = urlsplit(vendor)
        self.over = threading.Event()
        self.well()

    @property
    def url(self) -> str:
        """The proxy's URL, with the path of the vendor."""
        return f"http://127.0.0.1:{self.server_address[1]}{self.vendor.path}"

    def well(self) -> None:
        """Pass everything on unchanged."""
        self.asks: Callable[[Asked], Asked] = lambda asked: asked
        self.answer: Callable[[Asked], Bytes | None] = lambda _: None
        self.body: Callable[[Asked, bytes], bytes] = lambda _, body: body
        self.changed: list[tuple[Asked, Asked]] = []

    def mix_up(self, other: Mapping[str, str], *methods: str) -> None:
        """Replace the IDs of objects in requests with these methods."""
        self.asks = lambda asked: asked.about(other) if asked.method in methods else asked

    def passed(self, asked: Asked) -> Bytes:
        """Call the vendor and return its response."""
        sent = self.asks(asked)
        if sent != asked:
            self.changed.append((asked, sent))
        vendor = HTTPConnection(self.vendor.hostname or "", self.vendor.port, timeout=20)
        try:
            headers = {name: value for name, value in sent.headers.items() if name not in HOP}
            vendor.request(sent.method, sent.target, sent.content, headers)
            found = vendor.getresponse()
            body = self.body(asked, found.read())
        finally:
            vendor.close()
        told = [f"{name}: {value}" for name, value in found.getheaders() if name.lower() not in HOP]
        head = [f"HTTP/1.1 {found.status} {found.reason}", *told, f"content-length: {len(body)}", "connection: close"]
        return ["\r\n".join([*head, "", ""]).encode("latin-1"), body]


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        between = cast("Between", self.server)
        asked = self._asked()
        if asked is None:
            return
        with suppress(ConnectionError):
            for piece in between.answer(asked) or between.passed(asked):
                self.wfile.write(piece)

    def _asked(self) -> Asked | None:
        method, _, rest = self.rfile.readline().decode().partition(" ")
        headers: dict[str, str] = {}
        while line := self.rfile.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        content = self.rfile.read(int(headers.get("content-length", 0)))
        return Asked(method, rest.split(" ")[0], headers, content) if rest else None


@contextmanager
def between(vendor: str) -> Generator[Between]:
    """Run the proxy in front of the vendor at this address."""
    with Between(vendor) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.over.set()
            made.shutdown()
            thread.join()
