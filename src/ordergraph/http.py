"""The one place where ordergraph speaks HTTP to a vendor.

A connector names an operation of its path table and gives the parts; `VendorClient` logs in, bounds
time, size and the number of calls in flight, sends, and turns everything that can go wrong into one
error of the tree in ``errors.py``. What it returns is decoded by type, item by item, so that an item
that breaks the vendor's contract costs that item and not the list.
"""

from __future__ import annotations

import asyncio
import email.utils
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec
import structlog

from ordergraph.errors import (
    Problem,
    VendorBadReply,
    VendorConflict,
    VendorError,
    VendorForbidden,
    VendorLoginFailed,
    VendorNotFound,
    VendorRateLimited,
    VendorRejected,
    VendorTimeout,
    VendorUnavailable,
    VendorUnreachable,
)
from ordergraph.settings import AccountSettings

T = TypeVar("T")

log = structlog.get_logger(__name__)

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the caller's request in whose name the vendor is called; sent along as X-Request-ID."""

MAX_REPLY_BYTES = 64 * 1024 * 1024
TOKEN_MARGIN = 30.0
"""Seconds before its end at which a token is no longer used."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")

STATUS_ERRORS: Mapping[int, type[VendorError]] = {
    401: VendorLoginFailed,
    403: VendorForbidden,
    404: VendorNotFound,
    409: VendorConflict,
    410: VendorNotFound,
    429: VendorRateLimited,
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a vendor's API, ready to be sent: ``path`` is complete, ``body`` is JSON or a form."""

    operation: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    json: bytes | None = None
    form: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def target(self) -> str:
        """The path with its query, as it goes over the wire."""
        return f"{self.path}?{urlencode(self.query, quote_via=quote)}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Decoded(Generic[T]):
    """A wire object with the bytes that it came from."""

    wire: T
    raw: bytes


@dataclass(frozen=True, slots=True)
class DecodedList(Generic[T]):
    """The items of a list that keep the contract, and how many do not."""

    items: Sequence[Decoded[T]]
    skipped: int


class HealthState(Enum):
    """How an account's vendor has answered lately. A member's value is the sentence in the schema."""

    UNKNOWN = "Not asked since the gateway started."
    UP = "The last call was answered."
    DOWN = "The last call was not answered, or the login failed."


@dataclass(frozen=True, slots=True)
class Health:
    """How an account's vendor has answered lately. ``latency`` is that of the last answer, in seconds."""

    state: HealthState = HealthState.UNKNOWN
    since: datetime | None = None
    latency: float | None = None
    last_error: str | None = None


class Login(Protocol):
    """How a vendor wants to be shown who calls."""

    async def headers(self, send: Callable[[Call], Awaitable[Reply]]) -> Mapping[str, str]:
        """The headers that authenticate a call; ``send`` sends a call without them."""
        ...

    def refused(self, headers: Mapping[str, str]) -> None:
        """The vendor answered 401 to these headers: do not use them again."""
        ...


class _Token(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: float = 3600.0


class ClientCredentials:
    """OAuth 2.0 client credentials, sent in the form body (RFC 6749, 2.3.1 and 4.4).

    The token is kept until shortly before its end. However many calls need a new one, it is asked for
    once, in a task of its own: a call that is cancelled meanwhile takes nothing from the others.
    """

    def __init__(self, call: Call, timer: Callable[[], float] = time.monotonic) -> None:
        self._call = call
        self._timer = timer
        self._token: str | None = None
        self._expires = 0.0
        self._renewal: asyncio.Task[str] | None = None

    async def headers(self, send: Callable[[Call], Awaitable[Reply]]) -> Mapping[str, str]:
        """The Authorization header, with a token that is fresh."""
        token = self._token
        if token is None or self._timer() >= self._expires:
            if self._renewal is None or self._renewal.done():
                self._renewal = asyncio.create_task(self._renew(send))
            token = await asyncio.shield(self._renewal)
        return {"authorization": f"Bearer {token}"}

    def refused(self, headers: Mapping[str, str]) -> None:
        """Forget the token, unless it has been renewed already."""
        if headers.get("authorization") == f"Bearer {self._token}":
            self._token = None

    async def _renew(self, send: Callable[[Call], Awaitable[Reply]]) -> str:
        try:
            token = (await send(self._call)).decode(_Token).wire
        except VendorRejected as error:  # 400 {"error": "invalid_client"}, or no such endpoint
            raise VendorLoginFailed(error.vendor, error.account, error.operation, status=error.status) from error
        except VendorError as error:
            error.nothing_done = True  # of the call that needed the token, nothing was sent
            raise
        self._token = token.access_token
        self._expires = self._timer() + max(token.expires_in - TOKEN_MARGIN, token.expires_in / 2)
        return self._token


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer of a vendor."""

    client: VendorClient
    call: Call
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received_at: datetime

    def decode(self, type_: type[T]) -> Decoded[T]:
        """The body as one object of that type."""
        try:
            return Decoded(msgspec.json.decode(self.body, type=type_), self.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self.client.drifted(self.call.operation, error)
            raise self.client.error(VendorBadReply, self.call.operation) from error

    def decode_list(self, type_: type[T]) -> DecodedList[T]:
        """The body as a list of objects of that type; items that break the contract are left out."""
        try:
            raws = msgspec.json.decode(self.body, type=list[msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self.client.drifted(self.call.operation, error)
            raise self.client.error(VendorBadReply, self.call.operation) from error
        decoder = msgspec.json.Decoder(type_)
        items: list[Decoded[T]] = []
        for raw in raws:
            try:
                items.append(Decoded(decoder.decode(raw), bytes(raw)))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                self.client.drifted(self.call.operation, error)
        return DecodedList(items, len(raws) - len(items))

    def count(self, header: str) -> int | None:
        """A header that holds a number, None if it is not there or holds none."""
        text = self.headers.get(header, "")
        return int(text) if text.isascii() and text.isdigit() else None


class VendorClient:
    """Calls the API of one vendor with one account's credentials.

    ``paths`` maps an operation's name to its method and path template, ``GET /orders/{id}``.
    ``read_problem`` turns the JSON of an error body into a Problem.
    """

    def __init__(
        self,
        account: AccountSettings,
        paths: Mapping[str, str],
        login: Login,
        read_problem: Callable[[Any], Problem],
    ) -> None:
        self.account = account
        self.health = Health()
        self._paths = paths
        self._login = login
        self._read_problem = read_problem
        self._places = asyncio.Semaphore(account.concurrency)
        self._drifts: set[tuple[str, str]] = set()
        timeouts = account.timeouts
        self._http = httpx.AsyncClient(
            base_url=str(account.base_url).rstrip("/"),
            timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect),
            limits=httpx.Limits(max_connections=account.concurrency, keepalive_expiry=30.0),
            headers={"accept": "application/json", "user-agent": "ordergraph"},
            follow_redirects=False,
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    def build(
        self,
        operation: str,
        *parts: str,
        query: Sequence[tuple[str, str]] = (),
        body: object = None,
    ) -> Call:
        """The call of an operation, not sent: ``parts`` fill the path's holes in order."""
        return build_call(self._paths, operation, *parts, query=query, body=body)

    async def call(self, call: Call) -> Reply:
        """Send a call, logged in, and return its answer; raise a VendorError for anything else.

        A 401 makes the login new and sends once more: a vendor that does not know the caller has done
        nothing.
        """
        try:
            async with asyncio.timeout(self.account.timeouts.total):
                headers = await self._login.headers(self._send)
                try:
                    return await self._send(call, headers)
                except VendorLoginFailed:
                    self._login.refused(headers)
                return await self._send(call, await self._login.headers(self._send))
        except TimeoutError as error:
            raise self._failed(VendorTimeout, call.operation) from error

    def error(self, kind: type[VendorError], operation: str, **facts: Any) -> VendorError:
        """An error of this vendor and account. A GET changes nothing, however it ends."""
        error = kind(self.account.vendor, self.account.name, operation, **facts)
        error.nothing_done = kind.nothing_done or self._paths[operation].startswith("GET ")
        return error

    def drifted(self, operation: str, error: Exception) -> None:
        """Log that the vendor broke its contract, once for each operation and place in the body."""
        place = str(error).rpartition(" - at ")[2]
        if (operation, place) not in self._drifts and len(self._drifts) < 1000:
            self._drifts.add((operation, place))
            log.warning(
                "contract drift",
                vendor=self.account.vendor,
                account=self.account.name,
                operation=operation,
                path=place.strip("`"),
                problem=str(error)[:200],
            )

    async def _send(self, call: Call, headers: Mapping[str, str] | None = None) -> Reply:
        started = time.monotonic()
        async with self._places, self._translated(call), self._stream(call, headers or {}) as response:
            body = await self._read(call, response)
            if response.is_success:
                self._answered(time.monotonic() - started)
                return Reply(self, call, response.headers, body, datetime.now(UTC))
            raise self._refusal(call, response, body)

    @asynccontextmanager
    async def _stream(self, call: Call, headers: Mapping[str, str]) -> AsyncGenerator[httpx.Response]:
        content_type = {"content-type": "application/json"} if call.json is not None else {}
        ids = {"x-request-id": rid} if (rid := request_id.get()) else {}
        async with self._http.stream(
            call.method,
            call.target,
            content=call.json,
            data=call.form,
            headers={**headers, **content_type, **ids},
        ) as response:
            yield response

    async def _read(self, call: Call, response: httpx.Response) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > MAX_REPLY_BYTES:
                raise self.error(VendorBadReply, call.operation, status=response.status_code)
            chunks.append(chunk)
        return b"".join(chunks)

    @asynccontextmanager
    async def _translated(self, call: Call) -> AsyncGenerator[None]:
        """Turn what httpx raises into errors of our tree. This is the only place that knows both."""
        try:
            yield
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
        ) as error:
            raise self._failed(VendorUnreachable, call.operation) from error
        except httpx.TimeoutException as error:
            raise self._failed(VendorTimeout, call.operation) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failed(VendorUnavailable, call.operation) from error

    def _refusal(self, call: Call, response: httpx.Response, body: bytes) -> VendorError:
        status = response.status_code
        if status >= 500:
            kind: type[VendorError] = VendorUnavailable
        elif status < 400:  # a redirect or another answer that no contract here has
            kind = VendorBadReply
        else:
            kind = STATUS_ERRORS.get(status, VendorRejected)
        facts = {
            "status": status,
            "problem": self._problem(body),
            "retry_after": read_retry_after(response.headers.get("retry-after")),
        }
        if kind in (VendorUnavailable, VendorLoginFailed):
            return self._failed(kind, call.operation, **facts)
        return self.error(kind, call.operation, **facts)

    def _problem(self, body: bytes) -> Problem:
        try:
            return self._read_problem(msgspec.json.decode(body))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Problem()  # the Hub does not say what its errors look like, so any text is possible

    def _answered(self, latency: float) -> None:
        since = self.health.since if self.health.state is HealthState.UP else datetime.now(UTC)
        self.health = Health(HealthState.UP, since, latency, self.health.last_error)

    def _failed(self, kind: type[VendorError], operation: str, **facts: Any) -> VendorError:
        error = self.error(kind, operation, **facts)
        since = self.health.since if self.health.state is HealthState.DOWN else datetime.now(UTC)
        self.health = Health(HealthState.DOWN, since, self.health.latency, str(error))
        return error


def build_call(
    paths: Mapping[str, str],
    operation: str,
    *parts: str,
    query: Sequence[tuple[str, str]] = (),
    body: object = None,
    form: Mapping[str, str] | None = None,
) -> Call:
    """Fill an operation's path template, in order, with percent-encoded parts."""
    method, _, template = paths[operation].partition(" ")
    pieces = template.split("{")
    path = pieces[0]
    for part, piece in zip(parts, pieces[1:], strict=True):
        path += quote(part, safe="") + piece.partition("}")[2]
    json = None if body is None else _ENCODER.encode(body)
    return Call(operation, method, path, tuple(query), json, form)


def read_retry_after(text: str | None, now: Callable[[], float] = time.time) -> float | None:
    """Seconds from a Retry-After header: a number, or a date (RFC 9110, 10.2.3); at most a day."""
    if not text:
        return None
    if text.strip().isdigit():
        return min(float(text), 86400.0)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return min(max(moment.timestamp() - now(), 0.0), 86400.0)
