"""The one place where ordergraph speaks HTTP to a vendor.

A connector names an operation of its path table and gives the parts; `VendorClient` logs in, bounds
time, size and the number of calls in flight, sends, and turns everything that can go wrong into one
error of the tree in ``errors.py``. What it returns is decoded by type, item by item, so that an item
that breaks the vendor's contract costs that item and not the list.
"""

from __future__ import annotations

import asyncio
import base64
import email.utils
import functools
import math
import re
import ssl
import time
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Generic, Protocol, TypeVar, get_origin
from urllib.parse import quote, urlencode

import httpx
import msgspec
import structlog

from ordergraph.upstream.circuit import Breaker, CircuitState, FailureKind, ReportOutcome, failure_kind
from ordergraph.domain.errors import (
    InputError,
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
from ordergraph.wire.nesting import MAX_DEPTH, too_deep
from ordergraph.upstream.retries import Retries
from ordergraph.settings import AccountSettings
from ordergraph.wire.drift import note_properties

T = TypeVar("T")

log = structlog.get_logger(__name__)

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the caller's request in whose name the vendor is called; sent along as X-Request-ID."""

deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""Until when (time.monotonic) a vendor may answer what the caller's request reads; changes are not cut short by it."""

recorder: ContextVar[Recorder | None] = ContextVar("recorder", default=None)
"""Who is told of every call that may change something."""

upstream_calls: ContextVar[Counter[str] | None] = ContextVar("upstream_calls", default=None)
"""Counts the calls that the caller's request makes, by account: logins and repetitions as well.

Who waits for a call that another request has under way has made none.
"""

probing: ContextVar[bool] = ContextVar("probing", default=False)
"""Whether the vendor is asked for the outcome of a change that is in doubt: also while the circuit is open."""

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
COMPARED_EVERY = 10
"""In the first of so many answers, one object is compared with what is known of it: all of them would take too long."""
MAX_REPLY_BYTES = 64 * 1024 * 1024
MAX_PROBLEM_BYTES = 1024 * 1024
"""Of an error's body: beyond that the status alone has to do."""
MAX_HEAD_BYTES = 192 * 1024
"""Of what comes before an answer's body. h11 bounds the headers, but takes any number of interim answers (1xx)."""
BOM = b"\xef\xbb\xbf"
"""The byte order mark that servers on .NET put before JSON."""
PACKED = ("gzip", "x-gzip", "deflate")
"""The content codings that are unpacked; only the first is asked for."""
EITHER_HEADER = 32 + zlib.MAX_WBITS
"""Lets zlib unpack what has gzip's header and what has its own."""
TOKEN_SECONDS = 3600.0
"""How long a token is used whose end the vendor does not tell."""
TOKEN_MARGIN = 30.0
"""Seconds before its end at which a token is no longer used."""

_INDEX = re.compile(r"\[\d+\]")
MAX_RETRY_AFTER = 86400.0

encode = msgspec.json.Encoder(decimal_format="number").encode
"""A body as JSON."""

UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
"""What decoding may raise over a body that somebody else wrote: bad JSON, bad UTF-8, endless nesting."""

STATUS_ERRORS: Mapping[int, type[VendorError]] = {
    401: VendorLoginFailed,
    403: VendorForbidden,
    404: VendorNotFound,
    408: VendorTimeout,
    409: VendorConflict,
    410: VendorNotFound,
    429: VendorRateLimited,
}


FAIR_SECONDS = 1.0
"""A vendor that had less time than this (or than half of a call's) before a caller's time was over has not failed."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a vendor's API, ready to be sent: ``path`` is complete, ``content`` is the body.

    ``parts`` are what filled the holes of the operation's path. ``reference`` is what an order that the call makes or
    changes has from then on, and is found again by; ``former_reference`` is what it gives up for that. ``note`` is what
    the connector wants to know of the call when it is asked for its outcome, as JSON.
    """

    operation: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    content: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    parts: tuple[str, ...] = ()
    reference: str | None = None
    former_reference: str | None = None
    note: Any = field(default=None, repr=False)

    @property
    def target(self) -> str:
        """The path with its query, as it goes over the wire."""
        return f"{self.path}?{urlencode(self.query, quote_via=quote)}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Decoded(Generic[T]):
    """A wire object with the bytes that it came from."""

    wire: T
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DecodedList(Generic[T]):
    """The items of a list that keep the contract; ``left_out`` are the places of those that do not."""

    items: Sequence[Decoded[T]]
    left_out: Sequence[int] = ()

    @property
    def skipped(self) -> int:
        """How many were left out."""
        return len(self.left_out)


class HealthState(Enum):
    """How an account's vendor has answered lately. A member's value is the sentence in the schema."""

    UNKNOWN = "Not asked since the gateway started."
    UP = "The last call was answered."
    DOWN = "The last call was not answered, or the login failed."


@dataclass(frozen=True, slots=True)
class Health:
    """How an account's vendor has answered lately. ``latency`` is that of the last answer, in seconds.

    ``failure`` is what is wrong while it is down; ``retry_at`` is when a call is let through again, if none is now.
    """

    state: HealthState = HealthState.UNKNOWN
    since: datetime | None = None
    latency: float | None = None
    last_error: str | None = None
    failure: FailureKind | None = None
    circuit: CircuitState = CircuitState.CLOSED
    retry_at: datetime | None = None


class Recorder(Protocol):
    """Writes down what is sent and answered."""

    async def sending(self, call: Call) -> None:
        """A call is about to be sent; what this raises keeps it unsent."""
        ...

    def leaving(self, call: Call) -> None:
        """The first byte of a call leaves now; what this raises keeps it unsent as well."""
        ...

    def answered(self, call: Call, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """A call was answered."""
        ...


class Login(Protocol):
    """How a vendor wants to be shown who calls."""

    async def headers(self, send: Callable[[Call], Awaitable[Reply]]) -> Mapping[str, str]:
        """The headers that authenticate a call; ``send`` sends a call without them."""
        ...

    def refused(self, headers: Mapping[str, str]) -> None:
        """The vendor answered 401 to these headers: do not use them again."""
        ...


class _Token(msgspec.Struct, frozen=True):
    access_token: Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]+\Z")]
    expires_in: float | None = None

    def __repr__(self) -> str:
        return "_Token(...)"


class Fixed:
    """Headers that never change: HTTP Basic, or a token that somebody made."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    @classmethod
    def basic(cls, username: str, password: str) -> Fixed:
        """HTTP Basic (RFC 7617), in UTF-8."""
        pair = base64.b64encode(f"{username}:{password}".encode()).decode()
        return cls({"authorization": f"Basic {pair}"})

    @classmethod
    def bearer(cls, token: str) -> Fixed:
        """A Bearer token (RFC 6750)."""
        return cls({"authorization": f"Bearer {token}"})

    async def headers(self, send: Callable[[Call], Awaitable[Reply]]) -> Mapping[str, str]:
        """The headers."""
        return self._headers

    def refused(self, headers: Mapping[str, str]) -> None:
        """Nothing else can be tried."""


class Session:
    """A token that is asked for by a call, and asked for anew when it ends or is refused.

    ``read`` takes the token out of the call's answer, and the seconds that it lasts (None: not told, so that it
    is used until it is refused); ``show`` makes the headers of it. However many calls need a new one, it is asked
    for once, in a task of its own: a call that is cancelled meanwhile takes nothing from the others.
    """

    def __init__(
        self,
        call: Call,
        read: Callable[[Reply], tuple[str, float | None]],
        show: Callable[[str], Mapping[str, str]],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._call = call
        self._read = read
        self._show = show
        self._timer = timer
        self._token: str | None = None
        self._expires = 0.0
        self._renewal: asyncio.Task[str] | None = None

    async def headers(self, send: Callable[[Call], Awaitable[Reply]]) -> Mapping[str, str]:
        """The headers, with a token that is fresh."""
        token = self._token
        if token is None or self._timer() >= self._expires:
            if self._renewal is None or self._renewal.done():
                self._renewal = asyncio.create_task(self._renew(send))
                self._renewal.add_done_callback(self._renewed)
            try:
                token = await asyncio.shield(self._renewal)
            except VendorError as error:
                raise error.again() from error  # each caller may add to its own
        return self._show(token)

    def _renewed(self, task: asyncio.Task[str]) -> None:
        """Let go of a task that has ended: its text shows the token."""
        _seen(task)
        if self._renewal is task:
            self._renewal = None

    def refused(self, headers: Mapping[str, str]) -> None:
        """Forget the token, unless it has been renewed already."""
        if self._token is not None and headers == self._show(self._token):
            self._token = None

    async def _renew(self, send: Callable[[Call], Awaitable[Reply]]) -> str:
        try:
            token, seconds = self._read(await send(self._call))
        except VendorRejected as error:  # 400 {"error": "invalid_client"}, or no such endpoint
            raise VendorLoginFailed(error.vendor, error.account, error.operation, status=error.status) from error
        except VendorError as error:
            error.nothing_done = True  # of the call that needed the token, nothing was sent
            raise
        self._token = token
        self._expires = math.inf if seconds is None else self._timer() + max(seconds - TOKEN_MARGIN, seconds / 2)
        return token


class OAuth(Session):
    """An OAuth 2.0 token, asked for with credentials in the form body (RFC 6749: 2.3.1, 4.3 and 4.4)."""

    def __init__(self, call: Call, timer: Callable[[], float] = time.monotonic) -> None:
        super().__init__(call, _read_token, lambda token: {"authorization": f"Bearer {token}"}, timer)


def _read_token(reply: Reply) -> tuple[str, float]:
    token = reply.value(_Token, extensible=True)
    return token.access_token, TOKEN_SECONDS if token.expires_in is None else token.expires_in


def _seen(task: asyncio.Task[Any]) -> None:
    """Look at a task's error: when every caller has gone, nobody else does."""
    if not task.cancelled():
        task.exception()


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer of a vendor."""

    client: VendorClient
    call: Call
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received_at: datetime

    def value(self, type_: type[T], *, extensible: bool = False) -> T:
        """The body as a value of that type: the envelope of a list, or what has no id of its own in the path.

        ``extensible`` is for answers that may hold anything else, such as a token's (RFC 6749: 5.1).
        """
        found = self._checked(lambda: msgspec.json.decode(self.body, type=type_))
        if not extensible and issubclass(get_origin(type_) or type_, msgspec.Struct):
            self._compare([self.body], type_)
        return found

    def decode(self, type_: type[T]) -> Decoded[T]:
        """The body as one object of that type: the one that the path of the call names, if it names one."""
        found = self._checked(lambda: _whole(msgspec.json.Decoder(type_), self.body))
        if self.call.parts:
            self.require(self.call.parts[0], self.client.identify(found.wire))
        self._compare([found.raw], type_)
        return found

    def require(self, asked: str, answered: str) -> None:
        """Raise VendorBadReply, and log it, if the answer is about another object than the one asked for."""
        if asked != answered:
            raise self.client.mistaken(self.call.operation, asked, answered)

    def decode_list(self, type_: type[T]) -> DecodedList[T]:
        """The body as a list of objects of that type; items that break the contract are left out."""
        return self.decode_items(type_, self.value(list[msgspec.Raw]))

    def decode_items(self, type_: type[T], raws: Sequence[msgspec.Raw]) -> DecodedList[T]:
        """The items of a list that stands somewhere in the body."""
        decoder = msgspec.json.Decoder(type_)
        items: list[Decoded[T]] = []
        left_out: list[int] = []
        for place, raw in enumerate(raws):
            try:
                items.append(_whole(decoder, bytes(raw)))
            except UNREADABLE as error:
                self.client.drifted(self.call.operation, error)
                left_out.append(place)
        self._compare([one.raw for one in items], type_)
        return DecodedList(items, left_out)

    def _compare(self, raws: Sequence[bytes], type_: type) -> None:
        """Look for unknown properties in one of the objects, if it is this answer's turn."""
        turn, rest = divmod(self.client.turn(self.call.operation, type_), COMPARED_EVERY)
        if raws and not rest:
            note_properties(self.client.account.vendor, raws[turn % len(raws)], type_)

    def _checked(self, decode: Callable[[], T]) -> T:
        try:
            return decode()
        except UNREADABLE as error:
            self.client.drifted(self.call.operation, error)
            raise self.client.error(VendorBadReply, self.call.operation) from error

    def count(self, header: str) -> int | None:
        """A header that holds a number, None if it is not there or holds none."""
        text = self.headers.get(header, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _whole(decoder: msgspec.json.Decoder[T], raw: bytes) -> Decoded[T]:
    """An object with its bytes; raise ValueError if it is nested too deep to be shown as a whole."""
    wire = decoder.decode(raw)
    if too_deep(raw):
        raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
    return Decoded(wire, raw)


def id_of(wire: Any) -> str:
    """The id of a wire object whose vendor calls it so."""
    return str(wire.id)


@dataclass(slots=True)
class _Progress:
    """How far an attempt has come, and who writes that down.

    ``begun``: whether a call that changes something may have reached the vendor. ``since``: from when on the vendor
    has been at work on it; while it waits for a place, it is not.
    """

    recorder: Recorder | None = None
    begun: bool = False
    since: float = field(default_factory=time.monotonic)

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        """What httpx tells while it works."""
        if event.endswith("send_request_headers.started"):
            self.begun = True


@functools.cache
def _tls() -> ssl.SSLContext:
    """One for all accounts: reading the certificates takes a while."""
    return httpx.create_ssl_context(trust_env=False)


class _Transport(httpx.AsyncHTTPTransport):
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


class VendorClient:
    """Calls the API of one vendor with one account's credentials.

    ``paths`` maps an operation's name to its method and path template, ``GET /orders/{id}``.
    ``read_problem`` turns an error's body, decoded by ``decode``, into a Problem; `decode` raises ValueError for
    what it cannot read. ``accept`` is what answers are asked in. ``identify`` tells the id of a wire object, in the
    form in which paths name it.
    """

    def __init__(
        self,
        account: AccountSettings,
        paths: Mapping[str, str],
        login: Login,
        read_problem: Callable[[Any], Problem],
        *,
        decode: Callable[[bytes], Any] = msgspec.json.decode,
        accept: str = JSON,
        identify: Callable[[Any], str] = id_of,
    ) -> None:
        self.account = account
        self.identify = identify
        self._health = Health()
        self._breaker = Breaker(account.circuit)
        self._retries = Retries(account.retries, self._breaker)
        self._paths = paths
        self._login = login
        self._read_problem = read_problem
        self._decode = decode
        self._places = asyncio.Semaphore(account.concurrency)
        self._drifts: set[tuple[str, str]] = set()
        self._turns = Counter[tuple[str, type]]()
        self._latency: float | None = None
        timeouts = account.timeouts
        self._http = httpx.AsyncClient(
            base_url=str(account.base_url).rstrip("/"),
            timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect),
            transport=_Transport(
                verify=_tls(), trust_env=False, limits=httpx.Limits(max_connections=None, keepalive_expiry=30.0)
            ),
            headers={"accept": accept, "accept-encoding": "gzip", "user-agent": "ordergraph"},
            follow_redirects=False,
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    @property
    def health(self) -> Health:
        """How the vendor has answered lately, and whether calls reach it now."""
        seconds = self._breaker.seconds
        retry_at = datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None
        return replace(self._health, circuit=self._breaker.state, retry_at=retry_at)

    def build(
        self,
        operation: str,
        *parts: str,
        query: Sequence[tuple[str, str]] = (),
        body: object = None,
        headers: Mapping[str, str] | None = None,
        reference: str | None = None,
        note: object = None,
    ) -> Call:
        """The call of an operation, not sent: ``parts`` fill the path's holes in order."""
        call = build_call(self._paths, operation, *parts, query=query, body=body, headers=headers)
        return replace(call, reference=reference, note=note)

    async def call(self, call: Call) -> Reply:
        """Send a call, logged in, and return its answer; raise a VendorError for anything else.

        It is sent again where the vendor certainly did nothing, as `Retries` says, and as long as its time lasts.
        """
        written = recorder.get() if call.method != "GET" else None
        if written is not None:
            await written.sending(call)
        end = self._end_of(call)
        async for attempt in self._retries.until(end):
            with attempt:
                return await self._attempt(call, end, written)
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(self, call: Call, end: float, written: Recorder | None) -> Reply:
        """Send a call once, if the circuit lets it pass."""
        progress = _Progress(written)
        with self._breaker.passing(always=probing.get()) as tell:
            try:
                async with asyncio.timeout(max(0.0, end - time.monotonic())):
                    reply = await self._logged_in(call, progress)
            except TimeoutError as error:
                late = self.error(VendorTimeout, call.operation)
                late.nothing_done = late.nothing_done or not progress.begun
                if time.monotonic() - progress.since >= min(FAIR_SECONDS, self.account.timeouts.total / 2):
                    self._note(late, tell)
                raise late from error
            except VendorError as error:
                self._note(error, tell)
                raise
            self._note(None, tell)
            return reply

    async def log_in(self) -> None:
        """Log in and do nothing else: all that can be tried where nothing can be read."""
        with self._breaker.passing(always=True) as tell:
            try:
                await self._login.headers(self._log_in)
            except VendorError as error:
                self._note(error, tell)
                raise
            self._note(None, tell)

    def _end_of(self, call: Call) -> float:
        """Until when (time.monotonic) a call may take with everything: as the account says, or the request."""
        end, until = time.monotonic() + self.account.timeouts.total, deadline.get()
        return end if until is None or call.method != "GET" else min(end, until)

    async def _logged_in(self, call: Call, progress: _Progress) -> Reply:
        """A 401 makes the login new and sends once more: a vendor that does not know the caller has done nothing."""
        headers = await self._login.headers(self._log_in)
        try:
            return await self._send(call, headers, progress)
        except VendorLoginFailed:
            self._login.refused(headers)
            progress.begun = False
        return await self._send(call, await self._login.headers(self._log_in), progress)

    async def _log_in(self, call: Call) -> Reply:
        """Send a call of the login. Its time is its own: it is not that of one caller."""
        try:
            async with asyncio.timeout(self.account.timeouts.total):
                return await self._send(call)
        except TimeoutError as error:
            raise self.error(VendorTimeout, call.operation) from error

    def error(self, kind: type[VendorError], operation: str, **facts: Any) -> VendorError:
        """An error of this vendor and account. A GET changes nothing, however it ends."""
        error = kind(self.account.vendor, self.account.name, operation, **facts)
        error.nothing_done = kind.nothing_done or self._paths[operation].startswith("GET ")
        return error

    def turn(self, operation: str, type_: type) -> int:
        """How many answers to an operation have been decoded as that type before."""
        self._turns[operation, type_] += 1
        return self._turns[operation, type_] - 1

    def drifted(self, operation: str, error: Exception) -> None:
        """Log that the vendor broke its contract, once for each operation and place in the body."""
        place = str(error).rpartition(" - at ")[2] if " - at " in str(error) else "$"
        place = _INDEX.sub("[...]", place)
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

    def mistaken(self, operation: str, asked: str, answered: str) -> VendorError:
        """The error of an answer about another object than the one asked for; each is logged."""
        log.warning(
            "answer about another object",
            vendor=self.account.vendor,
            account=self.account.name,
            operation=operation,
            asked=asked[:100],
            answered=answered[:100],
        )
        return self.error(VendorBadReply, operation)

    async def _send(
        self, call: Call, headers: Mapping[str, str] | None = None, progress: _Progress | None = None
    ) -> Reply:
        """Send a call as it is. The progress of a GET is not traced: what became of it, nobody asks."""
        progress = progress or _Progress()
        progress.since = math.inf
        async with self._places, self._translated(call):
            started = progress.since = time.monotonic()
            if progress.recorder is not None:
                progress.recorder.leaving(call)
            if (counted := upstream_calls.get()) is not None:
                counted[self.account.name] += 1
            async with self._stream(call, headers or {}, progress) as response:
                limit = MAX_REPLY_BYTES if response.is_success else MAX_PROBLEM_BYTES
                body = await self._read(response, limit)
                self._latency = time.monotonic() - started
                if progress.recorder is not None:
                    progress.recorder.answered(call, response.status_code, response.headers, body or b"")
                if not response.is_success:
                    raise self._refusal(call, response, body or b"")
                if body is None:
                    raise self.error(VendorBadReply, call.operation, status=response.status_code)
                return Reply(self, call, response.headers, body, datetime.now(UTC))

    @asynccontextmanager
    async def _stream(
        self, call: Call, headers: Mapping[str, str], progress: _Progress
    ) -> AsyncGenerator[httpx.Response]:
        content_type = {} if call.method == "GET" else {"content-type": JSON}
        ids = {"x-request-id": rid} if (rid := request_id.get()) else {}
        async with self._http.stream(
            call.method,
            call.target,
            content=call.content,
            headers={**content_type, **call.headers, **headers, **ids},
            extensions=None if call.method == "GET" else {"trace": progress.trace},
        ) as response:
            yield response

    async def _read(self, response: httpx.Response, limit: int) -> bytes | None:
        """The body without a byte order mark; None if it is larger than that, packed or not, or cannot be unpacked.

        It is unpacked here, since httpx unpacks each piece whole, however large it becomes.
        """
        coding = response.headers.get("content-encoding", "").lower()
        packed = zlib.decompressobj(EITHER_HEADER) if coding in PACKED else None
        if packed is None and coding not in ("", "identity"):
            return None
        chunks: list[bytes] = []
        received = size = 0
        async for chunk in response.aiter_raw():
            received += len(chunk)
            try:
                part = chunk if packed is None else _unpacked(packed, chunk, limit + 1 - size)
            except zlib.error:
                return None
            size += len(part)
            if max(received, size) > limit:
                return None
            chunks.append(part)
        if packed is not None and received and not packed.eof:
            return None
        return b"".join(chunks).removeprefix(BOM)

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
            raise self.error(VendorUnreachable, call.operation) from error
        except httpx.InvalidURL as error:  # longer than any server takes; never sent
            raise self.error(VendorRejected, call.operation) from error
        except httpx.TimeoutException as error:
            raise self.error(VendorTimeout, call.operation) from error
        except httpx.HTTPError as error:
            raise self.error(VendorUnavailable, call.operation) from error

    def _refusal(self, call: Call, response: httpx.Response, body: bytes) -> VendorError:
        status = response.status_code
        if status >= 500:
            kind: type[VendorError] = VendorUnavailable
        elif status < 400:  # a redirect or another answer that no contract here has
            kind = VendorBadReply
        else:
            kind = STATUS_ERRORS.get(status, VendorRejected)
        return self.error(
            kind,
            call.operation,
            status=status,
            problem=self._problem(body),
            retry_after=read_retry_after(response.headers.get("retry-after")),
        )

    def _problem(self, body: bytes) -> Problem:
        try:
            return self._read_problem(self._decode(body))
        except UNREADABLE:
            return Problem()  # the Hub does not say what its errors look like, so any text is possible

    def _note(self, error: VendorError | None, tell: ReportOutcome) -> None:
        """Keep the health, and tell the circuit breaker; a refusal is an answer as well."""
        failure = failure_kind(error)
        state = HealthState.UP if failure is None else HealthState.DOWN
        since = self._health.since if self._health.state is state else datetime.now(UTC)
        last_error = self._health.last_error if failure is None else str(error)
        self._health = Health(state, since, self._latency, last_error, failure)
        tell(error)


def build_call(
    paths: Mapping[str, str],
    operation: str,
    *parts: str,
    query: Sequence[tuple[str, str]] = (),
    body: object = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Call:
    """Fill an operation's path template, in order, with percent-encoded parts.

    ``body`` is sent as JSON, unless it is bytes: then as it is, under the content-type in ``headers``.
    Raises InputError for what cannot be sent: an id that is a path of its own, text that is no Unicode.
    """
    method, _, template = paths[operation].partition(" ")
    pieces = template.split("{")
    path = pieces[0]
    try:
        for part, piece in zip(parts, pieces[1:], strict=True):
            if part in ("", ".", ".."):
                raise InputError(f"{part!r} is no id")
            path += quote(part, safe="") + piece.partition("}")[2]
        content = _content(body, form)
        for name, value in query:
            (name + value).encode()
    except UnicodeEncodeError:
        raise InputError("a text holds half of a character (a lone surrogate)") from None
    kind = {} if form is None else {"content-type": FORM}
    return Call(operation, method, path, tuple(query), content, {**kind, **(headers or {})}, parts)


def _content(body: object, form: Mapping[str, str] | None) -> bytes | None:
    if form is not None:
        return urlencode(form).encode()
    return body if body is None or isinstance(body, bytes) else encode(body)


def _unpacked(packed: Any, chunk: bytes, most: int) -> bytes:
    """A piece of a packed body, of which at most so many bytes are made; what follows its end is ignored."""
    return b"" if packed.eof else packed.decompress(chunk, most)


def read_retry_after(text: str | None, now: Callable[[], float] = time.time) -> float | None:
    """Seconds from a Retry-After header: a number, or a date (RFC 9110, 10.2.3); at most a day."""
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_RETRY_AFTER)
    try:
        moment = email.utils.parsedate_to_datetime(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)
