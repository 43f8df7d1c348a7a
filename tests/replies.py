"""Invalid responses from a vendor and their effects, for the generated table in the docs. `test_replies` checks it.

Each replaces the vendor's response to a read of one order. Palmetto's orders are read from the gateway's ledger, so
there it replaces the response to authentication.
"""

import asyncio
import gzip
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

from ordergraph.app import settings_classes
from ordergraph.connector import Connector, only
from ordergraph.domain.commands import OrderQuery
from ordergraph.domain.errors import VendorError, VendorRejected
from ordergraph.domain.paging import Window
from ordergraph.ledger.placed import PlacedOrders
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.settings import sandbox
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.vendor import Vendor
from tests.between import Asked, Between, Bytes

Json = dict[str, Any]

PATIENT: Json = {"connect": 20.0, "read": 20.0, "total": 20.0}
HASTY: Json = {"connect": 2.0, "read": 0.5, "total": 2.5}
SETTINGS: Json = {"retries": {"attempts": 2}, "circuit": {"failures": 1000}, "cache": {"stale": 0}}
AT_ONCE = 4
"""The number of concurrent calls. With more of them, a busy machine would look like a slow vendor."""
MEGABYTE = 1024 * 1024


Give = Callable[[bytes, threading.Event], Bytes]
"""Turns the body that the vendor would send into a response. The event is set when the test is over."""


@dataclass(frozen=True)
class Seen:
    """The effect of a response: the error code, or None if it is accepted, and whether the call is retried."""

    code: str | None
    again: bool = False


TAKEN, BAD, LATE = Seen(None), Seen("VENDOR_BAD_REPLY"), Seen("VENDOR_TIMEOUT")
BROKEN, SILENT = Seen("VENDOR_UNAVAILABLE", again=True), Seen("VENDOR_TIMEOUT", again=True)


@dataclass(frozen=True)
class Answer:
    """An invalid response, its effect, and the mechanism that limits it.

    ``waits``: it uses the whole timeout. ``of_order``: it makes no sense as a response to authentication.
    """

    meaning: str
    seen: Seen
    give: Give
    bound: str = ""
    waits: bool = False
    of_order: bool = False


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return a whole response."""
    length, kind = f"content-length: {len(body)}", "content-type: application/json"
    return "\r\n".join([f"HTTP/1.1 {status}", kind, length, *headers, "connection: close", "", ""]).encode() + body


def with_body(make: Callable[[bytes], bytes], *headers: str) -> Give:
    """Return a response with another body."""
    return lambda good, _: [answer(make(good), *headers)]


def for_ever(first: bytes, piece: bytes, seconds: float, over: threading.Event) -> Bytes:
    """Yield a first piece, and then the same piece again and again until the connection closes."""
    yield first
    while not over.wait(seconds):
        yield piece


def with_new(body: bytes, value: bytes) -> bytes:
    """Return a JSON object with one more member, before the others."""
    return body.replace(b"{", b'{"new":' + value + b",", 1)


READ, TOTAL = "`timeouts.read`", "`timeouts.total`"
BYTES = "64 MiB, compressed and decompressed"
HEADERS, HEAD = "100 KiB of headers", "192 KiB before the response"
LEVELS = "100 levels"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
ZIPPED = gzip.compress(b" " * 80 * MEGABYTE)

ANSWERS: Sequence[Answer] = (
    Answer("HTML with 200", BAD, with_body(lambda _: b"<!doctype html><title>Welcome</title>")),
    Answer("a redirect to a login page", BAD, lambda _, __: [answer(b"", "location: /login", status="302 Found")]),
    Answer("204 without a body", BAD, lambda _, __: [b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"]),
    Answer("half of a JSON body", BAD, with_body(lambda good: good[: len(good) // 2])),
    Answer("a body shorter than its `Content-Length`", BROKEN, lambda good, _: [answer(good)[: -len(good) // 2]]),
    Answer("JSON in UTF-16", BAD, with_body(lambda good: good.decode().encode("utf-16"))),
    Answer("JSON with `NaN`", BAD, with_body(lambda good: with_new(good, b"NaN"))),
    Answer(
        "a duplicate key: the last one is used", TAKEN, with_body(lambda good: with_new(with_new(good, b"1"), b"2"))
    ),
    Answer("a byte order mark before the JSON", TAKEN, with_body(lambda good: b"\xef\xbb\xbf" + good)),
    Answer("Latin-1 in a field that is not read", TAKEN, with_body(lambda good: with_new(good, b'"z\xe9"'))),
    Answer("`1e400` in a field that is not read", TAKEN, with_body(lambda good: with_new(good, b"1e400"))),
    Answer(
        "an order that is nested 100 levels deep",
        TAKEN,
        with_body(lambda good: with_new(good, b"[" * 99 + b"]" * 99)),
        LEVELS,
        of_order=True,
    ),
    Answer(
        "an order that is nested 101 levels deep",
        BAD,
        with_body(lambda good: with_new(good, b"[" * 100 + b"]" * 100)),
        LEVELS,
        of_order=True,
    ),
    Answer("a million levels of nesting", BAD, with_body(lambda good: with_new(good, b"[" * 1_000_000)), LEVELS),
    Answer("80 MB", BAD, with_body(lambda _: b" " * 80 * MEGABYTE), BYTES),
    Answer("80 MB in 80 kB of gzip", BAD, with_body(lambda _: ZIPPED, "content-encoding: gzip"), BYTES),
    Answer("gzip in gzip", BAD, with_body(lambda _: gzip.compress(ZIPPED), "content-encoding: gzip, gzip")),
    Answer(
        "80 MB after the end of the gzip data",
        BAD,
        with_body(lambda good: gzip.compress(good) + b" " * 80 * MEGABYTE, "content-encoding: gzip"),
        BYTES,
    ),
    Answer("incomplete gzip data", BAD, with_body(lambda good: gzip.compress(good)[:-10], "content-encoding: gzip")),
    Answer("an encoding that was not requested", BAD, with_body(lambda good: good, "content-encoding: br")),
    Answer(
        "endless headers",
        BROKEN,
        lambda _, over: for_ever(b"HTTP/1.1 200 OK\r\n", b"x-more: " + b"x" * 8000 + b"\r\n", 0.0, over),
        HEADERS,
    ),
    Answer("two different `Content-Length` headers", BROKEN, with_body(lambda good: good, "content-length: 7")),
    Answer("endless `100 Continue` responses", BROKEN, lambda _, __: repeat(INTERIM * 100), HEAD),
    Answer(
        "a `100 Continue` response every 0.1 seconds",
        LATE,
        lambda _, over: for_ever(b"", INTERIM, 0.1, over),
        TOTAL,
        waits=True,
    ),
    Answer(
        "one byte every 0.1 seconds",
        LATE,
        lambda good, over: for_ever(answer(good * 1000)[: -len(good) * 1000], b" ", 0.1, over),
        TOTAL,
        waits=True,
    ),
    Answer("no data", SILENT, lambda _, over: for_ever(b"", b"", 60.0, over), READ, waits=True),
)


@dataclass(frozen=True)
class Measured:
    """The effect of a response, and the seconds that it took."""

    seen: Seen
    seconds: float


class Trial:
    """A vendor that gives an invalid response to one call. Each response has a path of its own."""

    def __init__(self, front: Between, vendor: Vendor, order: str | None) -> None:
        self.vendor = vendor
        self.order = order
        self.asked: Counter[int] = Counter()
        self._front = front
        self._good = b""
        front.asks = lambda asked: Asked(asked.method, self._parts(asked)[1], asked.headers, asked.content)
        front.answer = self._answer
        front.body = self._kept

    def url(self, number: int) -> str:
        """The URL at which the vendor gives one of the responses."""
        return self._front.url.removesuffix(self._front.vendor.path) + f"/{number}{self._front.vendor.path}"

    def _parts(self, asked: Asked) -> tuple[int | None, str]:
        number, slash, rest = asked.target[1:].partition("/")
        return (int(number), slash + rest) if number.isdigit() else (None, asked.target)

    def _is_it(self, asked: Asked) -> bool:
        path = asked.target.partition("?")[0]
        return path.endswith("/credentials") if self.order is None else path.endswith(f"/{self.order}")

    def _kept(self, asked: Asked, content: bytes) -> bytes:
        if self._is_it(asked):
            self._good = content
        return content

    def _answer(self, asked: Asked) -> Bytes | None:
        number, _ = self._parts(asked)
        if number is None or not self._is_it(asked):
            return None
        self.asked[number] += 1
        return ANSWERS[number].give(self._good, self._front.over)

    async def measured(self, number: int, connector: Connector) -> Measured:
        """Measure the effect of a response."""
        if self.order is not None:
            await connector.client.log_in()
        began, code = time.monotonic(), None
        try:
            await ask(connector, self.order)
        except VendorError as error:
            code = error.code
        assert self.asked[number]
        return Measured(Seen(code, again=self.asked[number] > 1), time.monotonic() - began)


async def ask(connector: Connector, order: str | None) -> None:
    """Make the call. Raise VendorError if its response is not accepted."""
    if order is not None:
        assert await only(connector.fetch_orders([order]))
        return
    with suppress(VendorRejected):  # rejects the empty order, but authenticates
        await connector.client.call(connector.client.build("order_products", headers={"content-type": "text/jsv"}))


@asynccontextmanager
async def connected(vendor: Vendor, table: Json) -> AsyncGenerator[Connector]:
    """Open a connector with these settings."""
    (account,) = sandbox(settings_classes([vendor]), {vendor.code: table}).accounts
    store = Store(MEMORY)
    connector = vendor.connect(account, PlacedOrders(store, account.name))
    try:
        yield connector
    finally:
        await connector.aclose()
        await store.aclose()


@asynccontextmanager
async def trial(vendor: Vendor, front: Between, table: Json) -> AsyncGenerator[Trial]:
    """Set up a vendor's trial, once the valid response is known."""
    async with connected(vendor, {**table, "base_url": front.url}) as connector:
        shown = not vendor.placements
        orders = await connector.list_orders(OrderQuery(), Window(1, descending=True)) if shown else None
        made = Trial(front, vendor, orders.items[0].key[0] if orders else None)
        await ask(connector, made.order)
        yield made


def settings(trial: Trial, number: int, table: Json) -> Json:
    """Return the settings of an account that receives one of the responses."""
    return {**table, "base_url": trial.url(number), "timeouts": HASTY if ANSWERS[number].waits else PATIENT}


async def tried(vendor: Vendor, front: Between, table: Json) -> Mapping[str, Measured]:
    """Measure the effect of every response at a vendor, by meaning."""
    places = asyncio.Semaphore(AT_ONCE)
    async with trial(vendor, front, table) as made:

        async def one(number: int) -> Measured:
            async with places, connected(vendor, settings(made, number, table)) as connector:
                return await made.measured(number, connector)

        async def all_of(*, waits: bool) -> Mapping[str, Measured]:
            fitting = [one.waits is waits and (made.order is not None or not one.of_order) for one in ANSWERS]
            numbers = [number for number, fits in enumerate(fitting) if fits]
            found = await asyncio.gather(*map(one, numbers))
            return {ANSWERS[number].meaning: what for number, what in zip(numbers, found, strict=True)}

        return {**await all_of(waits=False), **await all_of(waits=True)}


async def peaks(vendor: str, order: str | None, tables: Mapping[str, Json]) -> Mapping[str, int]:
    """Return the peak growth of this process in bytes, for each response."""
    (found,) = [one for one in VENDORS if one.code == vendor]
    grown: dict[str, int] = {}
    for meaning, table in tables.items():
        async with connected(found, table) as connector:
            await connector.client.log_in()
            before = memory("VmRSS")
            reset_peak()
            with suppress(VendorError):
                await ask(connector, order)
            grown[meaning] = memory("VmHWM") - before
    return grown


def reset_peak() -> None:
    """Reset Linux's record of this process's peak memory."""
    Path("/proc/self/clear_refs").write_text("5")


def memory(name: str) -> int:
    """Return a memory figure of this process from Linux, in bytes."""
    (line,) = [one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith(name)]
    return int(line.split()[1]) * 1024


def table() -> str:
    """Return the table of the effects of all responses, which are the same at every vendor."""
    rows = ["| response of the vendor | `extensions.code` | retried | limit |", "|---|---|---|---|"]
    for one in ANSWERS:
        code = f"`{one.seen.code}`" if one.seen.code else "none: the response is used"
        rows.append(f"| {one.meaning} | {code} | {'yes' if one.seen.again else 'no'} | {one.bound} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(asyncio.run(peaks(**json.loads(sys.stdin.read())))))
