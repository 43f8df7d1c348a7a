"""Sends calls to an account's vendor: with authentication, retries, circuit breaker, rate limit and time limits."""

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
"""Of an error's body: beyond that the status alone has to do."""


BOM = b"\xef\xbb\xbf"
"""The byte order mark that servers on .NET put before JSON."""


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
"""A vendor that had less time than this (or than half of a call's) before a caller's time was over has not failed."""


class Login(Protocol):
    """How a vendor wants to be shown who calls."""

    async def headers(self, send: Callable[[Call], Awaitable[Reply]]) -> Mapping[str, str]:
        """The headers that authenticate a call; ``send`` sends a call without them."""
        ...

    def refused(self, headers: Mapping[str, str]) -> None:
        """The vendor answered 401 to these headers: do not use them again."""
        ...


COMPARED_EVERY = 10
"""In the first of so many answers, one object is compared with what is known of it: all of them would take too long."""


UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
"""What decoding may raise over a body that somebody else wrote: bad JSON, bad UTF-8, endless nesting."""


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
        written = current_request().recorder if call.method != "GET" else None
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
        end, until = time.monotonic() + self.account.timeouts.total, current_request().deadline
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
