"""Sends calls to an account's vendor, with authentication, retries, circuit breaker, concurrency limit and timeouts."""

from __future__ import annotations

import asyncio
import email.utils
import math
import time
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar, get_origin

import httpx
import msgspec
import structlog

from ordergraph.domain.errors import (
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
from ordergraph.upstream.calls import INDEX, JSON, Call, Decoded, DecodedList, Recorder, build_call, id_of
from ordergraph.upstream.circuit import Breaker, ReportOutcome, failure_kind
from ordergraph.upstream.health import Health, HealthState
from ordergraph.upstream.request_scope import current_request
from ordergraph.upstream.retries import Retries
from ordergraph.upstream.transport import EITHER_HEADER, PACKED, Transport, tls, unpacked
from ordergraph.wire.drift import note_properties
from ordergraph.wire.nesting import MAX_DEPTH, too_deep

T = TypeVar("T")

log = structlog.get_logger(__name__)
MAX_REPLY_BYTES = 64 * 1024 * 1024
MAX_PROBLEM_BYTES = 1024 * 1024
"""The maximum size of an error's body that is read. Of a larger one, only the status is used."""


BOM = b"\xef\xbb\xbf"
"""The byte order mark that .NET servers send before JSON."""


MAX_RETRY_AFTER = 86400.0
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
"""If a deadline leaves the vendor less time than this (or half of its timeout), a timeout is not a failure."""


class Login(Protocol):
    """The authentication scheme of a vendor."""

    async def headers(self, send: Callable[[Call], Awaitable[Reply]]) -> Mapping[str, str]:
        """Return the headers that authenticate a call. ``send`` sends a call without them."""
        ...

    def refused(self, headers: Mapping[str, str]) -> None:
        """Note that the vendor answered 401 to these headers, so that they are not used again."""
        ...


COMPARED_EVERY = 10
"""One in this many responses is checked for unknown properties, in one object. Checking all would take too long."""


UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
"""The errors of decoding a body from outside: invalid JSON, invalid UTF-8, excessive nesting."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful response of a vendor."""

    client: VendorClient
    call: Call
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received_at: datetime

    def value(self, type_: type[T], *, extensible: bool = False) -> T:
        """Return the body as a value of a type: the envelope of a list, or an object without an ID in the path.

        ``extensible`` is for responses that may have any other properties, such as a token's (RFC 6749: 5.1).
        """
        found = self._checked(lambda: msgspec.json.decode(self.body, type=type_))
        if not extensible and issubclass(get_origin(type_) or type_, msgspec.Struct):
            self._compare([self.body], type_)
        return found

    def decode(self, type_: type[T]) -> Decoded[T]:
        """Return the body as one object of a type. If the path of the call names an object, it must be that one."""
        found = self._checked(lambda: _whole(msgspec.json.Decoder(type_), self.body))
        if self.call.parts:
            self.require(self.call.parts[0], self.client.identify(found.wire))
        self._compare([found.raw], type_)
        return found

    def require(self, asked: str, answered: str) -> None:
        """Raise VendorBadReply, and log it, if the response is about another object than the requested one."""
        if asked != answered:
            raise self.client.mistaken(self.call.operation, asked, answered)

    def decode_list(self, type_: type[T]) -> DecodedList[T]:
        """Return the body as a list of objects of a type. Invalid items are omitted."""
        return self.decode_items(type_, self.value(list[msgspec.Raw]))

    def decode_items(self, type_: type[T], raws: Sequence[msgspec.Raw]) -> DecodedList[T]:
        """Return the items of a list within the body. Invalid items are omitted."""
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
        """Look for unknown properties in one of the objects, in one of COMPARED_EVERY responses."""
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
        """Return the number in a header; None if the header is missing or is not a number."""
        text = self.headers.get(header, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _whole(decoder: msgspec.json.Decoder[T], raw: bytes) -> Decoded[T]:
    """Return an object with its bytes. Raises ValueError if it is nested too deeply to be shown as raw JSON."""
    wire = decoder.decode(raw)
    if too_deep(raw):
        raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
    return Decoded(wire, raw)


@dataclass(slots=True)
class _Progress:
    """The progress of an attempt, and the recorder of the call.

    ``begun`` is whether a call that changes something may have reached the vendor. ``since`` is when the call was sent,
    after it has waited for one of the concurrent calls to finish.
    """

    recorder: Recorder | None = None
    begun: bool = False
    since: float = field(default_factory=time.monotonic)

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        """Receive an event of httpx."""
        if event.endswith("send_request_headers.started"):
            self.begun = True


class VendorClient:
    """Calls the API of one vendor with one account's credentials.

    ``paths`` maps an operation's name to its method and path template, ``GET /orders/{id}``. ``read_problem`` converts
    an error's body, decoded by ``decode``, to a Problem; ``decode`` raises ValueError for an invalid body. ``accept``
    is the Accept header. ``identify`` returns the ID of a wire object, in the form that paths use.
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
            transport=Transport(
                verify=tls(), trust_env=False, limits=httpx.Limits(max_connections=None, keepalive_expiry=30.0)
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
        """The health of the vendor, with the current state of the circuit breaker."""
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
        """Return the call of an operation, without sending it. ``parts`` fill the path's parameters, in order."""
        call = build_call(self._paths, operation, *parts, query=query, body=body, headers=headers)
        return replace(call, reference=reference, note=note)

    async def call(self, call: Call) -> Reply:
        """Send an authenticated call and return its response. Raises a VendorError for anything else.

        It is retried if the vendor certainly did nothing, as `Retries` defines, until its deadline.
        """
        written = current_request().recorder if call.method != "GET" else None
        if written is not None:
            await written.sending(call)
        end = self._end_of(call)
        async for attempt in self._retries.until(end):
            with attempt:
                return await self._attempt(call, end, written)
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(self, call: Call, end: float, written: Recorder | None) -> Reply:
        """Send a call once, if the circuit breaker allows it."""
        progress = _Progress(written)
        with self._breaker.passing(always=current_request().probing) as tell:
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
        """Authenticate with the vendor and do nothing else. This checks accounts at which nothing can be read."""
        with self._breaker.passing(always=True) as tell:
            try:
                await self._login.headers(self._log_in)
            except VendorError as error:
                self._note(error, tell)
                raise
            self._note(None, tell)

    def _end_of(self, call: Call) -> float:
        """Return the deadline of a call (time.monotonic): by the account's timeout, or the request if it is earlier."""
        end, until = time.monotonic() + self.account.timeouts.total, current_request().deadline
        return end if until is None or call.method != "GET" else min(end, until)

    async def _logged_in(self, call: Call, progress: _Progress) -> Reply:
        """Send an authenticated call. After a 401, authenticate and send it once more, since the vendor did nothing."""
        headers = await self._login.headers(self._log_in)
        try:
            return await self._send(call, headers, progress)
        except VendorLoginFailed:
            self._login.refused(headers)
            progress.begun = False
        return await self._send(call, await self._login.headers(self._log_in), progress)

    async def _log_in(self, call: Call) -> Reply:
        """Send a call that authenticates. It has its own timeout, since several calls may wait for it."""
        try:
            async with asyncio.timeout(self.account.timeouts.total):
                return await self._send(call)
        except TimeoutError as error:
            raise self.error(VendorTimeout, call.operation) from error

    def error(self, kind: type[VendorError], operation: str, **facts: Any) -> VendorError:
        """Return an error of this vendor and account. A GET has certainly changed nothing, whatever the error."""
        error = kind(self.account.vendor, self.account.name, operation, **facts)
        error.nothing_done = kind.nothing_done or self._paths[operation].startswith("GET ")
        return error

    def turn(self, operation: str, type_: type) -> int:
        """Return how many responses of an operation have been decoded as this type before."""
        self._turns[operation, type_] += 1
        return self._turns[operation, type_] - 1

    def drifted(self, operation: str, error: Exception) -> None:
        """Log that the vendor broke its contract, once for each operation and path in the body."""
        place = str(error).rpartition(" - at ")[2] if " - at " in str(error) else "$"
        place = INDEX.sub("[...]", place)
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
        """Log a response about another object than the requested one, and return the error for it."""
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
        """Send a call as it is. The progress of a GET is not traced, since its outcome does not matter."""
        progress = progress or _Progress()
        progress.since = math.inf
        async with self._places, self._translated(call):
            started = progress.since = time.monotonic()
            if progress.recorder is not None:
                progress.recorder.leaving(call)
            current_request().upstream_calls[self.account.name] += 1
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
        ids = {"x-request-id": rid} if (rid := current_request().id) else {}
        async with self._http.stream(
            call.method,
            call.target,
            content=call.content,
            headers={**content_type, **call.headers, **headers, **ids},
            extensions=None if call.method == "GET" else {"trace": progress.trace},
        ) as response:
            yield response

    async def _read(self, response: httpx.Response, limit: int) -> bytes | None:
        """Return the body without a byte order mark; None if it exceeds the limit or cannot be decompressed.

        The limit applies both to the compressed and to the decompressed size. The body is decompressed here, since
        httpx decompresses each chunk completely, however large it becomes.
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
                part = chunk if packed is None else unpacked(packed, chunk, limit + 1 - size)
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
        """Convert errors of httpx to our own. This is the only place that knows both."""
        try:
            yield
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
        ) as error:
            raise self.error(VendorUnreachable, call.operation) from error
        except httpx.InvalidURL as error:  # too long for any server; never sent
            raise self.error(VendorRejected, call.operation) from error
        except httpx.TimeoutException as error:
            raise self.error(VendorTimeout, call.operation) from error
        except httpx.HTTPError as error:
            raise self.error(VendorUnavailable, call.operation) from error

    def _refusal(self, call: Call, response: httpx.Response, body: bytes) -> VendorError:
        status = response.status_code
        if status >= 500:
            kind: type[VendorError] = VendorUnavailable
        elif status < 400:  # a redirect, or another status that no contract here has
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
            return Problem()  # the Hub does not document its errors, so any text is possible

    def _note(self, error: VendorError | None, tell: ReportOutcome) -> None:
        """Update the health, and report to the circuit breaker. A rejection counts as an answer."""
        failure = failure_kind(error)
        state = HealthState.UP if failure is None else HealthState.DOWN
        since = self._health.state_changed_at if self._health.state is state else datetime.now(UTC)
        last_error = self._health.last_error if failure is None else str(error)
        self._health = Health(state, since, self._latency, last_error, failure)
        tell(error)


def read_retry_after(text: str | None, now: Callable[[], float] = time.time) -> float | None:
    """Return the seconds of a Retry-After header, a number or a date (RFC 9110, 10.2.3), limited to a day."""
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_RETRY_AFTER)
    try:
        moment = email.utils.parsedate_to_datetime(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)
