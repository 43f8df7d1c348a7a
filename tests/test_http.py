"""The vendor client, over TCP."""

import asyncio
import email.utils
import gc
import gzip
import logging
import socket
import threading
import time
import traceback
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast
from urllib.parse import unquote

import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ordergraph.domain.errors import (
    ActionRefused,
    InputError,
    Problem,
    UserError,
    UserErrorCode,
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
from ordergraph.sandbox import json_response, running
from ordergraph.settings import AccountSettings, Timeouts
from ordergraph.upstream import client as upstream_client
from ordergraph.upstream.authentication import OAuth
from ordergraph.upstream.calls import Call, Decoded, build_call
from ordergraph.upstream.circuit import CircuitState, FailureKind
from ordergraph.upstream.client import Reply, VendorClient, read_retry_after
from ordergraph.upstream.health import HealthState
from ordergraph.upstream.request_scope import current_request, set_request
from ordergraph.vendors.nuvias.connector_calls import read_problem
from tests.fakes import PLAIN

SECRET = "s3cr3t-of-the-client"
TOKEN = "t0k3n-of-the-vendor"
PATIENCE = 10.0
TEMPLATES: Mapping[str, str] = {
    "token": "POST /token",
    "read": "GET /echo",
    "read_one": "GET /things/{id}",
    "read_part": "GET /things/{id}/parts/{part}",
    "write": "POST /echo",
    "wait": "GET /wait",
    "wait_write": "POST /wait",
    "redirect": "GET /redirect",
}


class Thing(msgspec.Struct, frozen=True):
    id: int
    price: Decimal | None = None
    parts: tuple[int, ...] = ()


@dataclass
class Seen:
    """A call as the vendor received it."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Acme:
    """A vendor whose responses are set by the test. It runs in the server's thread."""

    url: str

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.logins = 0
        self.login_answer: Callable[[int], Response] = lambda number: json_response(
            {"access_token": f"{TOKEN}-{number}", "expires_in": 3600}
        )
        self.login_gate = threading.Event()
        self.login_gate.set()
        self.login_begun = threading.Semaphore(0)
        self.answer: Callable[[], Response] = lambda: json_response({"id": 1})
        self.refused: set[str] = set()
        self.gate = threading.Event()
        self.begun = threading.Semaphore(0)
        self.waiting = 0
        self.most_waiting = 0
        methods = ["GET", "POST"]
        self.app = Starlette(
            routes=[
                Route("/token", self._log_in, methods=["POST"]),
                Route("/api/v1/token", self._log_in, methods=["POST"]),
                Route("/wait", self._wait, methods=methods),
                Route("/redirect", self._redirect),
                Route("/{rest:path}", self._echo, methods=methods),
            ]
        )

    async def _log_in(self, request: Request) -> Response:
        self.logins += 1
        number = self.logins
        self.seen.append(await _seen(request))
        self.login_begun.release()
        await asyncio.to_thread(self.login_gate.wait, PATIENCE)
        return self.login_answer(number)

    async def _echo(self, request: Request) -> Response:
        self.seen.append(await _seen(request))
        if request.headers["authorization"].removeprefix("Bearer ") in self.refused:
            return json_response({"error": "invalid_token"}, 401)
        return self.answer()

    async def _redirect(self, _request: Request) -> Response:
        return RedirectResponse("/echo", 302)

    async def _wait(self, request: Request) -> Response:
        self.seen.append(await _seen(request))
        self.waiting += 1
        self.most_waiting = max(self.waiting, self.most_waiting)
        self.begun.release()
        await asyncio.to_thread(self.gate.wait, PATIENCE)
        self.waiting -= 1
        return json_response({"id": 2})

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.seen]


async def _seen(request: Request) -> Seen:
    return Seen(
        request.method,
        request.scope["raw_path"].decode(),
        request.scope["query_string"].decode(),
        dict(request.headers),
        await request.body(),
    )


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Front(Starlette):
    """One server for all tests. Each test has its own vendor behind it."""

    url: str
    acme: Acme

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.acme.app(scope, receive, send)


@pytest.fixture(scope="module")
def front() -> Generator[Front]:
    app = Front()
    app.state.vendor_apps = {}
    with running(app) as app.url:
        yield app


@pytest.fixture
def acme(front: Front) -> Generator[Acme]:
    front.acme = Acme()
    front.acme.url = front.url
    yield front.acme
    front.acme.gate.set()
    front.acme.login_gate.set()


def account(url: str, **more: Any) -> AccountSettings:
    return AccountSettings.model_validate({"name": "acme-uk", "vendor": "acme", "base_url": url, **PLAIN, **more})


def login(clock: Callable[[], float] = time.monotonic) -> OAuth:
    return OAuth(build_call(TEMPLATES, "token", form={"client_secret": SECRET, "client_id": "us"}), clock)


@asynccontextmanager
async def client_of(
    acme: Acme | str, clock: Callable[[], float] = time.monotonic, timeouts: Timeouts | None = None, **more: Any
) -> AsyncGenerator[VendorClient]:
    url = acme if isinstance(acme, str) else acme.url
    patience = timeouts or Timeouts(connect=PATIENCE, read=PATIENCE, total=PATIENCE)
    client = VendorClient(account(url, timeouts=patience, **more), TEMPLATES, login(clock), read_problem)
    try:
        yield client
    finally:
        await client.aclose()


async def read(client: VendorClient) -> Reply:
    return await client.call(client.build("read"))


async def write(client: VendorClient) -> Reply:
    return await client.call(client.build("write", body={"a": 1}))


async def failing(calling: Awaitable[object]) -> VendorError:
    with pytest.raises(VendorError) as caught:
        await calling
    return caught.value


async def until(semaphore: threading.Semaphore) -> None:
    assert await asyncio.to_thread(semaphore.acquire, timeout=PATIENCE)


# ---- Counting ---------------------------------------------------------------------------------------


async def test_calls_are_counted_for_who_makes_them_with_login_and_repetition(acme: Acme) -> None:
    counted: Counter[str] = Counter()
    async with client_of(acme) as client:
        await read(client)
        set_request(replace(current_request(), upstream_calls=counted))
        await read(client)
        assert counted == {"acme-uk": 1}
        acme.refused.add(f"{TOKEN}-1")
        await read(client)  # 401, authentication, retry
    assert counted == {"acme-uk": 4}
    assert len(acme.seen) == 6


# ---- Authentication ---------------------------------------------------------------------------------


async def test_token_is_fetched_once_for_many_callers(acme: Acme) -> None:
    async with client_of(acme) as client:
        await asyncio.gather(*(read(client) for _ in range(50)))
    assert acme.logins == 1
    assert {one.headers["authorization"] for one in acme.seen[1:]} == {f"Bearer {TOKEN}-1"}
    assert b"client_secret" in acme.seen[0].body
    assert "authorization" not in acme.seen[0].headers


async def test_token_is_kept_until_half_a_minute_before_its_end(acme: Acme) -> None:
    clock = Clock()
    async with client_of(acme, clock) as client:
        await read(client)
        clock.now += 3569.9
        await read(client)
        assert acme.logins == 1
        clock.now += 0.2
        await read(client)
    assert acme.logins == 2


@pytest.mark.parametrize(("expires_in", "kept"), [(10, 5), (40, 20), (None, 3570), (-5, 0), (0, 0)])
async def test_token_of_a_short_life_is_used_for_half_of_it(acme: Acme, expires_in: int | None, kept: float) -> None:
    clock = Clock()
    acme.login_answer = lambda _: json_response({"access_token": TOKEN, "expires_in": expires_in, "more": [1]})
    async with client_of(acme, clock) as client:
        await read(client)
        clock.now += max(kept - 0.1, 0)
        await read(client)
        assert acme.logins == (1 if kept else 2)
        clock.now += 0.2
        await read(client)
        assert acme.logins == (2 if kept else 3)


async def test_refused_token_is_renewed_once_for_all_and_calls_are_repeated_once(acme: Acme) -> None:
    async with client_of(acme, concurrency=50) as client:
        await read(client)
        acme.refused.add(f"{TOKEN}-1")
        replies = await asyncio.gather(*(write(client) for _ in range(50)))
    assert acme.logins == 2
    assert len(replies) == 50
    with_new = [one for one in acme.seen if one.headers.get("authorization") == f"Bearer {TOKEN}-2"]
    assert len(with_new) == 50


async def test_login_has_failed_when_a_fresh_token_is_refused(acme: Acme) -> None:
    acme.refused |= {f"{TOKEN}-{number}" for number in range(10)}
    async with client_of(acme) as client:
        error = await failing(write(client))
        assert type(error) is VendorLoginFailed
        assert error.nothing_done
        assert acme.paths == ["/token", "/echo", "/token", "/echo"]
        assert client.health.state is HealthState.DOWN


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_login_has_failed_when_the_credentials_are_refused(acme: Acme, status: int) -> None:
    acme.login_answer = lambda _: json_response({"error": "invalid_client"}, status)
    async with client_of(acme) as client:
        error = await failing(write(client))
        assert type(error) is (VendorForbidden if status == 403 else VendorLoginFailed)
        assert error.status == status
        assert error.nothing_done
        assert acme.paths == ["/token"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda: json_response({}, 503), VendorUnavailable),
        (lambda: json_response({}, 429), VendorRateLimited),
        (lambda: Response(b"<html>", 200), VendorBadReply),
        (lambda: json_response({"access_token": 1}), VendorBadReply),
        (lambda: json_response({"access_token": f"{TOKEN}\n"}), VendorBadReply),
        (lambda: json_response({"access_token": f"{TOKEN} é"}), VendorBadReply),
        (lambda: json_response({"access_token": ""}), VendorBadReply),
    ],
)
async def test_write_has_done_nothing_when_the_login_does_not_work(
    acme: Acme, answer: Callable[[], Response], kind: type[VendorError]
) -> None:
    acme.login_answer = lambda _: answer()
    async with client_of(acme) as client:
        error = await failing(write(client))
        assert type(error) is kind
        assert error.nothing_done
        acme.login_answer = lambda _: json_response({"access_token": TOKEN})
        await write(client)


async def test_renewal_goes_on_when_the_caller_who_began_it_is_cancelled(acme: Acme) -> None:
    acme.login_gate.clear()
    async with client_of(acme) as client:
        first = asyncio.create_task(read(client))
        await until(acme.login_begun)
        others = [asyncio.create_task(read(client)) for _ in range(5)]
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        acme.login_gate.set()
        await asyncio.gather(*others)
    assert acme.logins == 1


async def test_failed_renewal_is_not_shared_between_its_callers(acme: Acme) -> None:
    acme.login_answer = lambda _: json_response({}, 503)
    async with client_of(acme) as client:
        errors = await asyncio.gather(*(failing(read(client)) for _ in range(3)))
    assert acme.logins == 1
    assert len({id(error) for error in errors}) == 3


async def test_failed_renewal_is_quiet_when_everybody_has_gone(acme: Acme) -> None:
    complaints: list[Mapping[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    acme.login_answer = lambda _: json_response({}, 503)
    acme.login_gate.clear()
    async with client_of(acme) as client:
        gone = asyncio.create_task(read(client))
        await until(acme.login_begun)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        acme.login_gate.set()
        await failing(read(client))
        del gone
    gc.collect()
    assert not complaints


async def test_endless_login_ends_for_all_when_its_time_is_over(acme: Acme) -> None:
    acme.login_gate.clear()
    async with client_of(acme, timeouts=Timeouts(connect=5, read=PATIENCE, total=1.0)) as client:
        error = await failing(write(client))
        assert type(error) is VendorTimeout
        assert error.nothing_done
        await failing(write(client))
        acme.login_gate.set()
        await write(client)


# ---- Responses --------------------------------------------------------------------------------------

STATUSES = [
    (400, VendorRejected, True),
    (401, VendorLoginFailed, True),
    (402, VendorRejected, True),
    (403, VendorForbidden, True),
    (404, VendorNotFound, True),
    (408, VendorTimeout, False),
    (409, VendorConflict, True),
    (410, VendorNotFound, True),
    (418, VendorRejected, True),
    (422, VendorRejected, True),
    (429, VendorRateLimited, True),
    (301, VendorBadReply, False),
    (302, VendorBadReply, False),
    (304, VendorBadReply, False),
    (500, VendorUnavailable, False),
    (502, VendorUnavailable, False),
    (503, VendorUnavailable, False),
    (504, VendorUnavailable, False),
    (599, VendorUnavailable, False),
]


@pytest.mark.parametrize(("status", "kind", "nothing_done"), STATUSES)
async def test_every_status_is_one_error(acme: Acme, status: int, kind: type[VendorError], nothing_done: bool) -> None:
    acme.answer = lambda: Response(b"", status)
    async with client_of(acme) as client:
        error = await failing(write(client))
        assert type(error) is kind
        assert error.status == status
        assert error.nothing_done is nothing_done
        assert error.retry_after is None
        assert error.problem == Problem()
        assert (await failing(read(client))).nothing_done


async def test_no_content_is_an_answer_that_cannot_be_decoded(acme: Acme) -> None:
    acme.answer = lambda: Response(status_code=204)
    async with client_of(acme) as client:
        reply = await write(client)
        assert reply.body == b""
        for decode in (reply.decode, reply.decode_list):
            with pytest.raises(VendorBadReply):
                decode(Thing)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 0.0), (" 12 ", 12.0), ("999999999", 86400.0), ("soon", None), ("-5", None), ("²", None)],
)
async def test_retry_after_is_read(acme: Acme, header: str, seconds: float | None) -> None:
    response = json_response({}, 429)
    response.raw_headers.append((b"retry-after", header.encode("latin-1")))
    acme.answer = lambda: response
    async with client_of(acme) as client:
        assert (await failing(read(client))).retry_after == seconds


def test_retry_after_may_be_a_date() -> None:
    now = 1_700_000_000.0
    later = email.utils.formatdate(now + 90, usegmt=True)
    assert read_retry_after(later, lambda: now) == 90
    assert read_retry_after(later.replace("GMT", "-0000"), lambda: now) == 90
    assert read_retry_after(later, lambda: now + 1000) == 0
    assert read_retry_after(later, lambda: 0.0) == 86400
    assert read_retry_after("Fri, 31 Dec 9999 23:59:59 -0900", lambda: now) in (86400, None)


@given(st.text() | st.text(alphabet="0123456789 :,+-JanFMonGT", max_size=40) | st.none())
def test_retry_after_is_none_or_sensible_whatever_is_sent(text: str | None) -> None:
    seconds = read_retry_after(text)
    assert seconds is None or 0 <= seconds <= 86400


async def test_problem_is_what_the_error_body_says(acme: Acme) -> None:
    body = {"message": "no such product", "code": 17, "errors": {"line_items.0.product": ["unknown", 1]}}
    acme.answer = lambda: json_response(body, 422)
    async with client_of(acme) as client:
        problem = (await failing(write(client))).problem
    assert problem == Problem("17", "no such product", {"line_items.0.product": ["unknown", "1"]})


DEEP = b"[" * 100_000
NO_JSON = [b"", b"<html>Bad Gateway</html>", b'{"id":', b"\xff\xfe{", b'{"id": "\xff"}', DEEP, b"\xef\xbb\xbf[", b"nul"]


@pytest.mark.parametrize("body", [*NO_JSON, b"null", b"17", b"[]", b'{"errors": [1], "message": {}}', b'"\xf0\x9f"'])
async def test_error_body_may_be_anything(acme: Acme, body: bytes) -> None:
    acme.answer = lambda: Response(body, 422)
    async with client_of(acme) as client:
        assert type(await failing(write(client))) is VendorRejected


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_problem_of_the_hub_is_read_from_any_json(body: Any) -> None:
    assert isinstance(read_problem(body), Problem)
    assert isinstance(read_problem({"errors": body, "message": body, "code": body}), Problem)


@pytest.mark.parametrize(
    "body", [*NO_JSON, b"null", b"[]", b'{"id": "1"}', b'{"id": 1e999}', b'{"id": %s}' % (b"9" * 5000)]
)
async def test_wrong_body_is_a_bad_reply(acme: Acme, body: bytes) -> None:
    acme.answer = lambda: Response(body, 200)
    async with client_of(acme) as client:
        reply = await write(client)
        with pytest.raises(VendorBadReply) as caught:
            reply.decode(Thing)
        assert not caught.value.nothing_done
        assert client.health.state is HealthState.UP


@pytest.mark.parametrize("body", [*NO_JSON, b"null", b"{}", b'{"id": 1}', b"[1", b'"text"'])
async def test_wrong_list_is_a_bad_reply(acme: Acme, body: bytes) -> None:
    acme.answer = lambda: Response(body, 200)
    async with client_of(acme) as client:
        reply = await read(client)
        with pytest.raises(VendorBadReply):
            reply.decode_list(Thing)


async def test_an_item_that_is_nested_too_deeply_is_never_taken(acme: Acme) -> None:
    acme.answer = lambda: Response(b'[{"id": 1, "x": ' + b"[" * 100 + b"]" * 100 + b'}, {"id": 2}]', 200)
    async with client_of(acme) as client:
        found = (await read(client)).decode_list(Thing)
        assert ([one.wire.id for one in found.items], found.left_out) == ([2], [0])


@pytest.mark.parametrize("packed", [False, True])
async def test_body_beyond_the_limit_is_a_bad_reply(
    acme: Acme, monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    monkeypatch.setattr(upstream_client, "MAX_REPLY_BYTES", 1000)
    async with client_of(acme, concurrency=1) as client:
        for size, fits in ((1000, True), (1001, False), (5_000_000, False), (10, True)):
            body = b" " * (size - 8) + b'{"id":1}'
            headers = {"content-encoding": "gzip"} if packed else {}
            answer = Response(gzip.compress(body) if packed else body, 200, headers)
            acme.answer = lambda answer=answer: answer
            if fits:
                assert (await read(client)).decode(Thing).wire == Thing(1)
            else:
                assert type(await failing(write(client))) is VendorBadReply


async def test_error_body_beyond_the_limit_leaves_the_status(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream_client, "MAX_PROBLEM_BYTES", 1000)
    acme.answer = lambda: json_response({"message": "x" * 2000}, 409)
    async with client_of(acme) as client:
        error = await failing(write(client))
    assert type(error) is VendorConflict
    assert error.problem == Problem()


async def test_body_that_cannot_be_unpacked_is_a_bad_reply(acme: Acme) -> None:
    acme.answer = lambda: Response(b"not gzip", 200, {"content-encoding": "gzip"})
    async with client_of(acme) as client:
        error = await failing(write(client))
    assert type(error) is VendorBadReply
    assert not error.nothing_done


async def test_redirects_are_not_followed(acme: Acme) -> None:
    async with client_of(acme) as client:
        error = await failing(client.call(client.build("redirect")))
    assert (type(error), error.status) == (VendorBadReply, 302)
    assert "/echo" not in acme.paths


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", "deflate"])
async def test_packed_body_is_unpacked(acme: Acme, coding: str) -> None:
    pack = zlib.compress if coding == "deflate" else gzip.compress
    acme.answer = lambda: Response(pack(b'\xef\xbb\xbf{"id": 7}'), 200, {"content-encoding": coding})
    async with client_of(acme) as client:
        assert (await read(client)).decode(Thing).wire == Thing(7)
    assert acme.seen[-1].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "gzip"])
async def test_error_that_cannot_be_unpacked_leaves_the_status(acme: Acme, coding: str) -> None:
    acme.answer = lambda: Response(b'{"message": "no"}', 409, {"content-encoding": coding})
    async with client_of(acme) as client:
        error = await failing(write(client))
    assert (type(error), error.problem) == (VendorConflict, Problem())


async def test_byte_order_mark_is_accepted(acme: Acme) -> None:
    mark = b"\xef\xbb\xbf"
    acme.login_answer = lambda _: Response(mark + b'{"access_token": "t"}')
    async with client_of(acme) as client:
        acme.answer = lambda: Response(mark + b'{"id": 1}')
        assert (await read(client)).decode(Thing) == Decoded(Thing(1), b'{"id": 1}')
        acme.answer = lambda: Response(mark + b'[{"id": 1}]')
        assert (await read(client)).decode_list(Thing).items == [Decoded(Thing(1), b'{"id": 1}')]
        acme.answer = lambda: Response(mark + b'{"message": "no such product"}', 422)
        assert (await failing(write(client))).problem.message == "no such product"
        acme.answer = lambda: Response(mark + mark + b'{"id": 1}')
        with pytest.raises(VendorBadReply):
            (await read(client)).decode(Thing)


# ---- Decoding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "kind"), [("7", None), ("8", VendorBadReply), ("07", VendorBadReply)])
async def test_object_is_the_one_that_the_path_names(acme: Acme, asked: str, kind: type[VendorError] | None) -> None:
    acme.answer = lambda: json_response({"id": 7})
    async with client_of(acme) as client:
        reply = await client.call(client.build("read_one", asked))
        with structlog.testing.capture_logs() as logs:
            if kind is None:
                assert reply.decode(Thing).wire == Thing(7)
            else:
                with pytest.raises(kind):
                    reply.decode(Thing)
    told = [(one["event"], one["account"], one["operation"], one["asked"], one["answered"]) for one in logs]
    assert told == ([("answer about another object", "acme-uk", "read_one", asked, "7")] if kind else [])


async def test_object_that_is_nested_too_deep_costs_itself(acme: Acme) -> None:
    def thing(levels: int, text: bytes = b"") -> bytes:
        return b'{"id": %d, "text": "%s", "more": %s%s}' % (levels, text, b"[" * (levels - 1), b"]" * (levels - 1))

    things = [thing(3), thing(100), thing(101), thing(99, b'[[[\\"{{{' * 50)]
    acme.answer = lambda: Response(b"[" + b",".join(things) + b"]")
    async with client_of(acme) as client:
        found = (await read(client)).decode_list(Thing)
        assert [one.wire.id for one in found.items] == [3, 100, 99]
        assert found.left_out == [2]


async def test_items_that_break_the_contract_are_left_out_and_counted(acme: Acme) -> None:
    acme.answer = lambda: Response(
        b'[{"id": 1, "new": {"a": []}}, {"id": "2"}, null, {"id": 3, "parts": [1, "x"]}, 4, {}, '
        b'{"id": 5, "price": 12.90}, {"id": 6, "price": 0.1000000000000000055}, {"id": "\xff"}]'
    )
    async with client_of(acme) as client:
        found = (await read(client)).decode_list(Thing)
    assert [one.wire for one in found.items] == [
        Thing(1),
        Thing(5, Decimal("12.90")),
        Thing(6, Decimal("0.1000000000000000055")),
    ]
    assert found.items[1].raw == b'{"id": 5, "price": 12.90}'
    assert found.skipped == 6
    assert str(found.items[1].wire.price) == "12.90"


async def test_drift_is_logged_once_for_each_place(acme: Acme) -> None:
    rows: list[Any] = [{"id": 1, "parts": [1, "x"]}, {"id": 1, "parts": ["y"]}, {"id": "2"}, {"id": []}, {}, 7]
    async with client_of(acme) as client:
        with structlog.testing.capture_logs() as logs:
            for _ in range(3):
                acme.answer = lambda: json_response(rows)
                (await read(client)).decode_list(Thing)
            for body in (b'{"id": 1', b'{"id": 1, ', b"<html>"):
                acme.answer = lambda body=body: Response(body)
                with pytest.raises(VendorBadReply):
                    (await read(client)).decode(Thing)
    assert [(one["event"], one["path"]) for one in logs] == [
        ("contract drift", "$.parts[...]"),
        ("contract drift", "$.id"),
        ("contract drift", "$"),
    ]
    assert {one["account"] for one in logs} == {"acme-uk"}


async def test_log_of_drifts_is_bounded(acme: Acme) -> None:
    async with client_of(acme) as client:
        with structlog.testing.capture_logs() as logs:
            for number in range(1100):
                client.drifted("read", ValueError(f"wrong - at `$.field{number}`"))
    assert len(logs) == 1000


async def test_headers_that_count_are_read(acme: Acme) -> None:
    values = {"a": "12", "b": "x", "c": "-1", "d": "9" * 5000, "e": ""}
    acme.answer = lambda: json_response([], headers=values)
    async with client_of(acme) as client:
        reply = await read(client)
        assert [reply.count(name) for name in (*"abcde", "f")] == [12, None, None, None, None, None]


# ---- Requests ---------------------------------------------------------------------------------------


async def test_query_is_encoded(acme: Acme) -> None:
    query = [("sort_by", "+date"), ("text", "größe & 100% = ☃ #?/"), ("a", ""), ("a", "2")]
    async with client_of(acme) as client:
        call = client.build("read", query=query)
        await client.call(call)
    sent = acme.seen[-1].query
    assert sent == "sort_by=%2Bdate&text=gr%C3%B6%C3%9Fe%20%26%20100%25%20%3D%20%E2%98%83%20%23%3F%2F&a=&a=2"
    assert call.target == f"/echo?{sent}"


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
@pytest.mark.parametrize(
    "part", ["7", "a/b", "../x", "..%2fx", "a b", "ä☃", "?x=1", "#f", "%2e%2e", "a;b", "\t", "\0", "..."]
)
async def test_part_of_a_path_stays_one_part(acme: Acme, part: str, prefix: str) -> None:
    async with client_of(acme.url + prefix) as client:
        await client.call(client.build("read_part", part, "9"))
    sent = acme.seen[-1]
    assert sent.query == ""
    assert sent.path.startswith(f"{prefix}/things/")
    assert sent.path.endswith("/parts/9")
    inside = sent.path.removeprefix(f"{prefix}/things/").removesuffix("/parts/9")
    assert "/" not in inside
    assert unquote(inside) == part


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_part_that_would_change_the_path_is_refused(part: str) -> None:
    with pytest.raises(InputError):
        build_call(TEMPLATES, "read_part", part, "9")


def test_text_that_is_no_unicode_is_refused() -> None:
    half = "\ud800"
    for asked in (
        lambda: build_call(TEMPLATES, "read_one", half),
        lambda: build_call(TEMPLATES, "read", query=[("text", half)]),
        lambda: build_call(TEMPLATES, "write", body={"text": half}),
    ):
        with pytest.raises(InputError):
            asked()


async def test_query_longer_than_any_url_is_refused_and_says_nothing_of_the_vendor(acme: Acme) -> None:
    async with client_of(acme) as client:
        error = await failing(client.call(client.build("read", query=[("text", "ä" * 30_000)])))
        assert type(error) is VendorRejected
        assert error.nothing_done
        assert client.health.state is not HealthState.DOWN


async def test_body_is_json_with_exact_numbers(acme: Acme) -> None:
    async with client_of(acme) as client:
        await client.call(client.build("write", body={"price": Decimal("12.90"), "name": "ä"}))
    assert acme.seen[-1].body == '{"price":12.90,"name":"ä"}'.encode()
    assert acme.seen[-1].headers["content-type"] == "application/json"


async def test_request_id_is_sent_along(acme: Acme) -> None:
    async def in_the_name_of(id_: str) -> None:
        set_request(replace(current_request(), id=id_))
        await read(client)

    async with client_of(acme) as client:
        await read(client)
        await asyncio.create_task(in_the_name_of("abc"))
        await asyncio.create_task(in_the_name_of(""))
    assert [one.headers.get("x-request-id") for one in acme.seen[1:]] == [None, "abc", None]


async def test_proxies_of_the_environment_are_not_used(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    async with client_of(acme) as client:
        await read(client)


# ---- Connections ------------------------------------------------------------------------------------

Serving = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(serve: Serving) -> AsyncGenerator[str]:
    """Run a server whose output is written by ``serve``."""

    tasks: set[asyncio.Task[Any]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(cast("asyncio.Task[Any]", asyncio.current_task()))
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*tasks)


async def token_then(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes | None) -> None:
    """Return a token. Answer the next call with these bytes, or reset the connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    body = b'{"access_token":"t"}'
    if head.startswith(b"POST /token"):
        await reader.readuntil(b"us")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")
    if answer is None:
        reset(writer)
    else:
        writer.write(answer)
        await writer.drain()


def reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    writer.transport.abort()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[1,2,\r\n",
        b"HTTP/1.1 200",
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ],
)
async def test_broken_connection_leaves_a_write_in_doubt(answer: bytes | None) -> None:
    async with raw_server(lambda r, w: token_then(r, w, answer)) as url, client_of(url) as client:
        error = await failing(write(client))
        assert type(error) is VendorUnavailable
        assert not error.nothing_done
        assert client.health.state is HealthState.DOWN
        assert (await failing(read(client))).nothing_done


async def test_reset_in_the_middle_of_an_answer_leaves_a_write_in_doubt() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await token_then(reader, writer, b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
        reset(writer)

    async with raw_server(serve) as url, client_of(url) as client:
        error = await failing(write(client))
    assert type(error) is VendorUnavailable
    assert not error.nothing_done


async def test_answer_that_nobody_asked_for_is_not_taken_for_the_next() -> None:
    calls = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        own, strange = (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n" + b'{"id":%3d}' % id_ for id_ in (calls, 999))
        await token_then(reader, writer, own + strange)
        await reader.read()  # until the gateway closes the connection

    async with raw_server(serve) as url, client_of(url) as client:
        for call in (1, 2, 3):
            assert (await read(client)).decode(Thing).wire == Thing(call)


async def test_vendor_that_refuses_connections_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refused
        async with client_of(f"http://127.0.0.1:{taken.getsockname()[1]}") as client:
            error = await failing(write(client))
            assert type(error) is VendorUnreachable
            assert error.nothing_done
            assert client.health.state is HealthState.DOWN


async def test_vendor_whose_name_does_not_exist_is_unreachable() -> None:
    async with client_of("http://vendor.invalid") as client:
        assert type(await failing(write(client))) is VendorUnreachable


@contextmanager
def full_backlog() -> Generator[str]:
    """Run a server that neither accepts nor refuses connections."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for one in waiting:
            one.close()


async def test_connection_that_takes_too_long_is_unreachable() -> None:
    with full_backlog() as url:
        async with client_of(url, timeouts=Timeouts(connect=0.1, read=PATIENCE, total=PATIENCE)) as client:
            error = await failing(write(client))
    assert type(error) is VendorUnreachable
    assert error.nothing_done


async def test_nothing_is_done_when_the_time_is_over_before_the_connection() -> None:
    with full_backlog() as url:
        async with client_of(url, timeouts=Timeouts(connect=PATIENCE, read=PATIENCE, total=0.1)) as client:
            error = await failing(write(client))
    assert type(error) is VendorTimeout
    assert error.nothing_done


@pytest.mark.parametrize(("read_", "total"), [(0.5, PATIENCE), (PATIENCE, 0.8)])
async def test_write_is_in_doubt_when_no_answer_comes_in_time(acme: Acme, read_: float, total: float) -> None:
    async with client_of(acme, timeouts=Timeouts(connect=PATIENCE, read=read_, total=total)) as client:
        await read(client)
        error = await failing(client.call(client.build("wait_write")))
        assert type(error) is VendorTimeout
        assert not error.nothing_done
        assert (await failing(client.call(client.build("wait")))).nothing_done
        assert client.health.state is HealthState.DOWN


async def test_answer_that_drips_ends_with_the_total_time() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await token_then(reader, writer, b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    patience = Timeouts(connect=PATIENCE, read=PATIENCE, total=0.3)
    async with raw_server(serve) as url, client_of(url, timeouts=patience) as client:
        error = await failing(write(client))
    assert type(error) is VendorTimeout
    assert not error.nothing_done


# ---- Concurrency ------------------------------------------------------------------------------------


async def test_calls_in_flight_are_bounded(acme: Acme) -> None:
    async with client_of(acme, concurrency=3) as client:
        calls = [asyncio.create_task(client.call(client.build("wait"))) for _ in range(20)]
        for _ in range(3):
            await until(acme.begun)
        acme.gate.set()
        await asyncio.gather(*calls)
    assert acme.most_waiting == 3


async def test_nothing_is_done_when_the_time_is_over_before_a_place_is_free(acme: Acme) -> None:
    async with client_of(acme, concurrency=1) as client:
        await read(client)
        first = asyncio.create_task(client.call(client.build("wait_write")))
        await until(acme.begun)
        client.account = account(acme.url, timeouts=Timeouts(connect=5, read=5, total=0.3))
        second = await failing(write(client))
        assert type(second) is VendorTimeout
        assert second.nothing_done
        assert acme.paths == ["/token", "/echo", "/wait"]
        acme.gate.set()
        await first


async def test_latency_is_the_vendors_and_not_the_queues(acme: Acme) -> None:
    async with client_of(acme, concurrency=1) as client:
        await read(client)
        waiting = asyncio.create_task(client.call(client.build("wait")))
        await until(acme.begun)
        queued = asyncio.create_task(read(client))
        await asyncio.sleep(0.3)
        acme.gate.set()
        await asyncio.gather(waiting, queued)
        assert client.health.latency_seconds is not None
        assert client.health.latency_seconds < 0.25


async def test_cancelled_calls_leak_neither_places_nor_connections(acme: Acme) -> None:
    async with client_of(acme, concurrency=4) as client:
        await read(client)
        for number in range(100):
            calls = [asyncio.create_task(client.call(client.build("wait"))) for _ in range(6)]
            for _ in range(number % 25):
                await asyncio.sleep(0)
            if number % 10 == 0:
                await until(acme.begun)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        acme.gate.set()
        while acme.begun.acquire(blocking=False):
            pass
        acme.gate.clear()
        calls = [asyncio.create_task(client.call(client.build("wait"))) for _ in range(8)]
        for _ in range(4):  # all four slots are free
            await until(acme.begun)
        acme.gate.set()
        await asyncio.gather(*calls)


# ---- Retries and the circuit breaker ----------------------------------------------------------------

OPENS: Mapping[str, Any] = {"circuit": {"failures": 2, "pause": 60.0}}


class CountingRecorder:
    """A recorder that counts the calls."""

    def __init__(self) -> None:
        self.sent: list[Call] = []

    async def sending(self, call: Call) -> None:
        self.sent.append(call)

    def leaving(self, call: Call) -> None:
        pass

    def answered(self, call: Call, status: int, headers: Mapping[str, str], body: bytes) -> None:
        pass


async def eventually(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - time, which sets no event
        await asyncio.sleep(0.01)


class StalledRecorder(CountingRecorder):
    """A recorder in a process that lost its lease between recording a call and sending it."""

    def leaving(self, call: Call) -> None:
        raise ActionRefused(UserError(UserErrorCode.OUTCOME_IN_DOUBT, "The gateway stood still for too long."))


async def test_nothing_leaves_a_process_that_was_given_up_after_putting_it_on_record(acme: Acme) -> None:
    records = StalledRecorder()
    set_request(replace(current_request(), recorder=records))
    async with client_of(acme) as client:
        with pytest.raises(ActionRefused):
            await client.call(client.build("write"))
        await client.call(client.build("read"))
    assert [call.operation for call in records.sent] == ["write"]
    assert [one.method for one in acme.seen if one.path.endswith("/echo")] == ["GET"]


async def test_change_is_sent_again_when_no_connection_was_made_and_recorded_once(acme: Acme) -> None:
    records = CountingRecorder()
    set_request(replace(current_request(), recorder=records))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refused
        port = taken.getsockname()[1]
        async with client_of(f"http://127.0.0.1:{port}", retries={"attempts": 10}) as client:
            writing = asyncio.create_task(client.call(client.build("write")))
            await eventually(lambda: client.health.state is HealthState.DOWN)
            taken.close()
            late = Front()
            late.acme, late.state.vendor_apps = acme, {}
            with running(late, port=port):
                await writing
    assert acme.paths == ["/token", "/echo"]
    assert len(records.sent) == 1


async def test_retry_that_would_end_too_late_is_not_waited_for(acme: Acme) -> None:
    acme.answer = lambda: json_response({}, 429, {"retry-after": "5"})
    async with client_of(
        acme, timeouts=Timeouts(connect=1, read=1, total=2), retries={"attempts": 3, "share": 0.2}
    ) as client:
        error = await failing(read(client))
    assert (type(error), error.retry_after) == (VendorRateLimited, 5)
    assert acme.paths == ["/token", "/echo"]


async def test_vendor_that_lacks_an_operation_is_not_ill(acme: Acme) -> None:
    acme.answer = lambda: json_response({}, 501)
    async with client_of(acme, **OPENS, retries={"attempts": 3}) as client:
        for _ in range(5):
            assert (await failing(read(client))).status == 501
        assert client.health.circuit is CircuitState.CLOSED
    assert acme.paths == ["/token", *["/echo"] * 5]


async def test_call_that_only_waited_for_its_turn_says_nothing_of_the_vendor(acme: Acme) -> None:
    async with client_of(acme, concurrency=1, **OPENS) as client:
        await read(client)
        waiting = asyncio.create_task(client.call(client.build("wait")))
        await until(acme.begun)
        queued = [asyncio.create_task(in_time(read(client), 0.2)) for _ in range(5)]
        errors = await asyncio.gather(*queued, return_exceptions=True)
        assert {type(error) for error in errors} == {VendorTimeout}
        assert (client.health.circuit, client.health.state) == (CircuitState.CLOSED, HealthState.UP)
        acme.gate.set()
        await waiting


async def in_time(reading: Awaitable[Reply], seconds: float) -> Reply:
    set_request(replace(current_request(), deadline=time.monotonic() + seconds))
    return await reading


async def test_vendor_that_answers_nothing_opens_the_circuit_also_where_requests_end_sooner(acme: Acme) -> None:
    async with client_of(acme, **OPENS) as client:
        await read(client)
        for _ in range(2):
            await asyncio.gather(in_time(client.call(client.build("wait")), 1.5), return_exceptions=True)
        assert (client.health.circuit, client.health.failure) == (CircuitState.OPEN, FailureKind.TRANSPORT)


async def test_question_after_an_outcome_passes_an_open_circuit_and_closes_it(acme: Acme) -> None:
    acme.answer = lambda: json_response({}, 503)
    async with client_of(acme, **OPENS) as client:
        for _ in range(2):
            await failing(read(client))
        seen = len(acme.seen)
        refusal = await failing(write(client))
        assert (refusal.status, refusal.nothing_done, len(acme.seen)) == (503, True, seen)
        assert refusal.retry_after is not None
        assert 50 < refusal.retry_after <= 60
        acme.answer = lambda: json_response({"id": 1})
        set_request(replace(current_request(), probing=True))
        await read(client)
        assert client.health.circuit is CircuitState.CLOSED
        set_request(replace(current_request(), probing=False))
        await write(client)


async def test_probe_that_is_cancelled_leaves_its_turn_to_another(acme: Acme) -> None:
    acme.answer = lambda: json_response({}, 503)
    async with client_of(acme, circuit={"failures": 1, "pause": 0.01, "max_pause": 0.01}) as client:
        await failing(read(client))
        await eventually(lambda: client.health.circuit is CircuitState.HALF_OPEN)
        probe = asyncio.create_task(client.call(client.build("wait")))
        await until(acme.begun)
        assert type(await failing(read(client))) is VendorUnavailable
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        acme.answer = lambda: json_response({"id": 1})
        await read(client)
        assert client.health.circuit is CircuitState.CLOSED


# ---- Health -----------------------------------------------------------------------------------------


async def test_health_follows_the_answers(acme: Acme) -> None:
    async with client_of(acme) as client:
        assert client.health.state is HealthState.UNKNOWN
        await read(client)
        up = client.health
        assert up.state is HealthState.UP
        assert up.state_changed_at is not None
        assert up.state_changed_at.tzinfo is not None
        assert up.latency_seconds is not None
        assert up.last_error is None
        await read(client)
        assert client.health.state_changed_at == up.state_changed_at
        acme.answer = lambda: json_response({}, 404)
        await failing(read(client))
        assert (client.health.state, client.health.state_changed_at) == (HealthState.UP, up.state_changed_at)
        acme.answer = lambda: json_response({}, 503)
        await failing(read(client))
        down = client.health
        assert down.state is HealthState.DOWN
        assert down.state_changed_at is not None
        assert down.state_changed_at >= up.state_changed_at
        assert down.last_error == "The vendor `acme` (account `acme-uk`) is unavailable."
        await failing(read(client))
        assert client.health.state_changed_at == down.state_changed_at
        acme.answer = lambda: json_response({}, 422)
        await failing(read(client))
        assert client.health.state is HealthState.UP
        assert client.health.last_error == down.last_error


async def test_token_that_has_ended_early_is_no_failure(acme: Acme) -> None:
    async with client_of(acme) as client:
        await read(client)
        up = client.health
        acme.refused.add(f"{TOKEN}-1")
        await read(client)
        assert (client.health.state, client.health.state_changed_at, client.health.last_error) == (
            up.state,
            up.state_changed_at,
            None,
        )


async def test_account_is_down_while_its_login_is_refused(acme: Acme) -> None:
    acme.login_answer = lambda _: json_response({"error": "invalid_client"}, 400)
    async with client_of(acme) as client:
        await failing(read(client))
        down = client.health
        assert down.state is HealthState.DOWN
        await failing(read(client))
        assert client.health.state_changed_at == down.state_changed_at


# ---- Secrets ----------------------------------------------------------------------------------------


def shown(error: BaseException) -> str:
    """Return all that a log or a debugger without locals shows of an error."""
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in chain:
        chain.append(one)
        one = one.__cause__ or one.__context__
    texts = [f"{one!r} {one} {one.args!r} {vars(one)!r}" for one in chain]
    return "\n".join([*traceback.format_exception(error), *texts])


FAILURES: Sequence[Callable[[Acme], None]] = [
    lambda acme: setattr(acme, "answer", lambda: json_response({"error": TOKEN.upper()}, 500)),
    lambda acme: acme.refused.update(f"{TOKEN}-{number}" for number in range(9)),
    lambda acme: setattr(acme, "login_answer", lambda _: json_response({"error": "invalid_client"}, 400)),  # pyright: ignore[reportUnknownLambdaType]
    lambda acme: setattr(acme, "login_answer", lambda _: json_response({"access_token": f"{TOKEN}\r\nx: y"})),  # pyright: ignore[reportUnknownLambdaType]
    lambda acme: setattr(acme, "login_answer", lambda _: json_response({"access_token": f"{TOKEN}é"})),  # pyright: ignore[reportUnknownLambdaType]
    lambda acme: setattr(acme, "login_answer", lambda _: json_response({"access_token": [TOKEN]})),  # pyright: ignore[reportUnknownLambdaType]
    lambda acme: setattr(acme, "login_answer", lambda _: Response(b'{"access_token": "%s' % TOKEN.encode())),  # pyright: ignore[reportUnknownLambdaType]
    lambda acme: setattr(acme, "login_answer", lambda _: json_response({"access_token": TOKEN, "expires_in": TOKEN})),  # pyright: ignore[reportUnknownLambdaType]
]


@pytest.mark.parametrize("fail", FAILURES)
async def test_secrets_are_shown_nowhere_when_a_call_fails(
    acme: Acme, fail: Callable[[Acme], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fail(acme)
    async with client_of(acme) as client:
        with structlog.testing.capture_logs() as logs:
            error = await failing(write(client))
        text = "\n".join([shown(error), repr(logs), caplog.text, repr(client), repr(vars(client)), repr(client.health)])
    assert "acme-uk" in text
    assert SECRET not in text
    assert TOKEN not in text


async def test_secrets_are_shown_nowhere_when_all_is_well(acme: Acme, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    credentials = login()
    call = build_call(TEMPLATES, "token", form={"client_secret": SECRET})
    body = build_call(TEMPLATES, "write", body={"password": SECRET})
    async with client_of(acme) as client:
        reply = await write(client)
        text = repr([reply, call, body, credentials, client, reply.decode(Thing)]) + caplog.text
    assert SECRET not in text
    assert TOKEN not in text


def test_error_made_again_is_the_same_and_another() -> None:
    error = VendorRejected("acme", "acme-uk", "read", status=418, problem=Problem("1"), retry_after=2.0)
    error.nothing_done = False
    error.left_behind = object()
    again = error.again()
    assert again is not error
    assert (type(again), str(again), vars(again)) == (VendorRejected, str(error), vars(error))
