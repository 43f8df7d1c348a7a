"""The fake vendors: what all sandboxes share.

A sandbox speaks one vendor's own dialect over real TCP and keeps state, so that everything can be
tried and tested without credentials. Each vendor's API lies under ``/<vendor>``; beside it, under
``/<vendor>/_control``, lies the sandbox's own API, which is neither logged nor hit by faults:

    GET, DELETE       _control/calls       what was called, in order
    GET, PUT, DELETE  _control/faults      what shall go wrong
    POST              _control/advance     move an order or a subscription along its life
    GET               _control/placements  what was placed, at a vendor that never shows it
    POST              _control/reset       start over

A vendor brings a `VendorSandbox`: its routes, its state and the form of its errors.
"""

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol, cast, runtime_checkable

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount, Route
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_BODY = 1024 * 1024
MAX_CALLS = 100_000
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
RESET_EXTENSION = "ordergraph.reset"

ANCHOR = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
"""The seeded world's present: the newest seeded orders lie shortly before it, at every vendor."""

SEEDED_DAYS = 730
NEWEST = 5
RECENT, RECENT_DAYS = 10, 7
TIE_SHARE = 0.04

Problems = dict[str, list[str]]


class ControlError(Exception):
    """A command to the control API that cannot be done, with its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class VendorSandbox(Protocol):
    """One fake vendor with state."""

    @property
    def routes(self) -> Sequence[Route]:
        """The vendor's API: one route per method and path, paths as templates (`/orders/{id}`)."""
        ...

    def reset(self) -> None:
        """Start over from the same seeded state; logins end."""
        ...

    def advance(self, command: dict[str, Any]) -> dict[str, Any]:
        """Move an object along its life; `ControlError` for a command that cannot be done."""
        ...

    def error(self, status: int, message: str) -> Response:
        """Put an error into the vendor's own form, for faults and unknown paths."""
        ...


@runtime_checkable
class SilentSandbox(Protocol):
    """A fake vendor whose own API does not show what was placed there."""

    def placements(self) -> list[dict[str, Any]]:
        """What was placed, oldest first."""
        ...


# ---- JSON -----------------------------------------------------------------------------------------


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make an answer with a JSON body."""
    return Response(msgspec.json.encode(content), status, headers, "application/json")


def decode_json(body: bytes) -> Any:
    """Read the JSON value of a body; `ValueError` when it is none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from None


class Body:
    """A JSON object from a request: hands out values of the right type, collects every problem.

    Absent and null are the same. A value of the wrong type is a problem and reads as absent.
    Problems are kept under the field's dotted path (`line_items.0.product`).
    """

    def __init__(self, fields: dict[str, Any], problems: Problems, path: str = "") -> None:
        self._fields = fields
        self._path = path
        self.problems = problems

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def problem(self, name: str, message: str) -> None:
        """Note what is wrong with a field."""
        self.problems.setdefault(self._path + name, []).append(message)

    def text(self, name: str, *, maximum: int = 255, allowed: Collection[str] = ()) -> str | None:
        """Read a string, of bounded length, or one of the allowed ones."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            return self._wrong(name, "must be a string")
        if allowed and value not in allowed:
            return self._wrong(name, f"must be one of {', '.join(allowed)}")
        if len(value) > maximum:
            return self._wrong(name, f"must have at most {maximum} characters")
        return value

    def code(self, name: str) -> str | None:
        """Read a string, or a number as one: some vendors print their codes as numbers."""
        value = self._fields.get(name)
        return str(value) if is_integer(value) else self.text(name)

    def integer(
        self, name: str, *, known: Collection[int] | None = None, low: int | None = None, high: int = 2**53
    ) -> int | None:
        """Read a whole number, of the known ones or within the bounds."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not is_integer(value):
            return self._wrong(name, "must be an integer")
        if known is not None and value not in known:
            return self._wrong(name, f"{value} is unknown")
        if (low is not None and value < low) or value > high:
            return self._wrong(name, f"must lie within {low} and {high}")
        return value

    def number(self, name: str, *, low: float | None = None, high: float = 1e12) -> Decimal | None:
        """Read a number within the bounds, exactly as written."""
        value = self._fields.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return self._wrong(name, "must be a number")
        if (low is not None and value < low) or value > high:
            return self._wrong(name, f"must lie within {low} and {high}")
        return Decimal(str(value))

    def boolean(self, name: str) -> bool | None:
        """Read true or false."""
        value = self._fields.get(name)
        if value is None or isinstance(value, bool):
            return value
        return self._wrong(name, "must be a boolean")

    def items(self, name: str) -> list[Any] | None:
        """Read an array of anything."""
        value = self._fields.get(name)
        if value is None or isinstance(value, list):
            return cast("list[Any] | None", value)
        return self._wrong(name, "must be an array")

    def child(self, name: str) -> "Body | None":
        """Read an object inside."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            return self._wrong(name, "must be an object")
        return Body(cast("dict[str, Any]", value), self.problems, f"{self._path}{name}.")

    def children(self, name: str) -> list["Body"]:
        """Read an array of objects inside; what is no object is a problem and left out."""
        found: list[Body] = []
        for index, value in enumerate(self.items(name) or []):
            if isinstance(value, dict):
                path = f"{self._path}{name}.{index}."
                found.append(Body(cast("dict[str, Any]", value), self.problems, path))
            else:
                self.problem(f"{name}.{index}", "must be an object")
        return found

    def _wrong(self, name: str, message: str) -> None:
        self.problem(name, message)


def is_integer(value: object) -> bool:
    """Whether a JSON value is a whole number (Python counts booleans among them, JSON does not)."""
    return isinstance(value, int) and not isinstance(value, bool)


# ---- Seeding --------------------------------------------------------------------------------------


def seeded_random(*parts: object) -> random.Random:
    """Random numbers that depend on these parts only, in every process and on every machine."""
    return random.Random("/".join(str(part) for part in parts))


def seeded_instants(rng: random.Random, count: int) -> list[datetime]:
    """When seeded orders were placed, oldest first, over two years before `ANCHOR`.

    Dense in business hours; some share a second, since real lists have ties. Whatever the count, five
    lie within two hours and a half of `ANCHOR` and some more in the week before it, so that the
    orders of several vendors interleave at the top of a merged list.
    """
    newest = min(NEWEST, count)
    older = count - newest
    instants = [_business_instant(rng, RECENT_DAYS if index < RECENT else SEEDED_DAYS) for index in range(older)]
    instants.sort()
    for index in range(1, older):
        if rng.random() < TIE_SHARE:
            instants[index] = instants[index - 1]
    return instants + sorted(ANCHOR - timedelta(seconds=rng.randrange(60, 9000)) for _ in range(newest))


def _business_instant(rng: random.Random, days: int) -> datetime:
    day = ANCHOR.replace(hour=0, minute=0) - timedelta(days=rng.randrange(1, days))
    if day.weekday() >= 5 and rng.random() < 0.9:
        day -= timedelta(days=2)
    return day + timedelta(seconds=int(rng.triangular(7.5 * 3600, 19 * 3600, 11 * 3600)))


# ---- Faults ---------------------------------------------------------------------------------------


@dataclass
class Rule:
    """One line of what shall go wrong; `times` is what is left of it."""

    fault: str
    method: str | None
    path: str | None
    times: int | None
    probability: float
    seed: int | None
    seconds: float | None
    draws: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.draws = random.Random(self.seed or 0)

    def hits(self, method: str, path: str) -> bool:
        """Whether this call is hit; a hit counts."""
        if self.method not in (None, method) or self.path not in (None, path):
            return False
        if self.draws.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def shown(self) -> dict[str, Any]:
        """Put the rule as the control API shows it."""
        names = ("fault", "method", "path", "times", "probability", "seed", "seconds")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


RULE_KEYS = ("fault", "method", "path", "times", "probability", "seed", "seconds")


def read_rules(content: object, paths: Collection[str]) -> list[Rule]:
    """Read the rules of a request body; `ControlError` names the key and what it may be."""
    if not isinstance(content, list):
        raise ControlError(400, "faults must be a JSON list of rules")
    problems: Problems = {}
    rules: list[Rule] = []
    for index, item in enumerate(cast("list[object]", content)):
        if isinstance(item, dict):
            rules.append(_read_rule(cast("dict[str, Any]", item), paths, problems, f"{index}."))
        else:
            problems[str(index)] = ["must be an object"]
    if problems:
        raise ControlError(400, "; ".join(f"{key} {text}" for key, texts in problems.items() for text in texts))
    return rules


def _read_rule(item: dict[str, Any], paths: Collection[str], problems: Problems, at: str) -> Rule:
    body = Body(item, problems, at)
    for key in sorted(item.keys() - set(RULE_KEYS)):
        body.problem(key, f"is unknown, a rule has {', '.join(RULE_KEYS)}")
    rule = Rule(
        fault=body.text("fault", allowed=FAULTS) or "",
        method=body.text("method", allowed=METHODS),
        path=body.text("path", allowed=paths),
        times=body.integer("times", low=1),
        probability=float(1 if (share := body.number("probability")) is None else share),
        seed=body.integer("seed"),
        seconds=None if (seconds := body.number("seconds")) is None else float(seconds),
    )
    _check_rule(rule, body)
    return rule


def _check_rule(rule: Rule, body: Body) -> None:
    if "fault" not in body:
        body.problem("fault", f"must be one of {', '.join(FAULTS)}")
    if not 0 <= rule.probability <= 1:
        body.problem("probability", "must lie within 0 and 1")
    if rule.seconds is not None and rule.fault not in TIMED_FAULTS:
        body.problem("seconds", f"belongs to {' and '.join(TIMED_FAULTS)} only")
    if rule.fault == "slow" and rule.seconds is None:
        body.problem("seconds", "must be given with slow: a number from 0 on")
    if rule.seconds is not None and rule.seconds < 0:
        body.problem("seconds", "must be a number from 0 on")


# ---- One vendor's calls ---------------------------------------------------------------------------


@dataclass
class Answer:
    """An answer on its way, so that a fault can still change it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass
class Call:
    """One call of a vendor's API, with its line in the log."""

    scope: Scope
    receive: Receive
    send: Send
    body: bytes
    match: Match
    route: Route | None
    entry: dict[str, Any]

    async def answer(self, answer: Answer) -> None:
        """Send an answer and note its status."""
        self.entry["status"] = answer.status
        headers = [pair for pair in answer.headers if pair[0] != b"content-length"]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await self.send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": answer.body})

    async def answer_with(self, response: Response) -> None:
        """Send a ready response and note its status."""
        await self.answer(Answer(response.status_code, response.raw_headers, bytes(response.body)))

    async def gone(self) -> None:
        """Wait until the client has gone away."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def cut(self) -> None:
        """Reset the client's TCP connection: it sees neither an answer nor an orderly end."""
        reset = self.scope.get("extensions", {}).get(RESET_EXTENSION)
        if reset is None:
            raise ConnectionResetError("cut off by the sandbox")
        reset()
        await self.gone()


class VendorApp:
    """One vendor under its prefix: log, faults and control API around the vendor's own routes."""

    def __init__(self, vendor: VendorSandbox) -> None:
        self.vendor = vendor
        self.calls: deque[dict[str, Any]] = deque(maxlen=MAX_CALLS)
        self.rules: list[Rule] = []
        self.paths = list(dict.fromkeys(route.path for route in vendor.routes))
        self._ended = asyncio.Event()
        self._late: set[asyncio.Task[Answer]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"].removeprefix(scope["root_path"])
        body = await _read_body(receive)
        if body is None:
            return
        if path == "/_control" or path.startswith("/_control/"):
            await self._control(scope["method"], path, body)(scope, receive, send)
        else:
            await self._serve(self._called(scope, path, receive, send, body))

    # -- the vendor's API

    def _called(self, scope: Scope, path: str, receive: Receive, send: Send, body: bytes) -> Call:
        match, route, child = _find_route(self.vendor.routes, scope)
        entry: dict[str, Any] = {
            "method": scope["method"],
            "path": route.path if route else path,
            "status": None,
        }
        self.calls.append(entry)
        return Call({**scope, **child}, receive, send, body, match, route, entry)

    async def _serve(self, call: Call) -> None:
        if len(call.body) > MAX_BODY:
            await call.answer_with(self.vendor.error(413, f"A body may have at most {MAX_BODY} bytes."))
            return
        rule = self._hit(call)
        if rule is None:
            await call.answer(await self._do(call))
        else:
            await FAULTS[rule.fault](self, call, rule.seconds)

    def _hit(self, call: Call) -> Rule | None:
        for rule in self.rules:
            if rule.hits(call.entry["method"], call.entry["path"]):
                if rule.times == 0:
                    self.rules.remove(rule)
                return rule
        return None

    async def _do(self, call: Call) -> Answer:
        """Let the vendor's own code work on a call."""
        if call.route is None or call.match is Match.PARTIAL:
            status, message = (405, "Method not allowed.") if call.route else (404, "There is nothing here.")
            refusal = self.vendor.error(status, message)
            return Answer(refusal.status_code, refusal.raw_headers, bytes(refusal.body))
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": call.body}

        async def send(message: Message) -> None:
            sent.append(message)

        try:
            await call.route.handle(call.scope, receive, send)
        except Exception:
            call.entry["status"] = 500
            raise
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], sent[0]["headers"], content)

    # -- faults

    async def rate_limited(self, call: Call, seconds: float | None) -> None:
        """Nothing done, 429, come again in a second."""
        response = self.vendor.error(429, "Too many requests.")
        response.headers["Retry-After"] = "1"
        await call.answer_with(response)

    async def unavailable(self, call: Call, seconds: float | None) -> None:
        """Nothing done, 503."""
        await call.answer_with(self.vendor.error(503, "Service unavailable."))

    async def unauthorized(self, call: Call, seconds: float | None) -> None:
        """Nothing done, 401, however good the token."""
        await call.answer_with(self.vendor.error(401, "Unauthorized."))

    async def slow(self, call: Call, seconds: float | None) -> None:
        """Work normally, later (at once when the rules are ended meanwhile)."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)
        await call.answer(await self._do(call))

    async def times_out_before_commit(self, call: Call, seconds: float | None) -> None:
        """Nothing done, never answer."""
        await self._hang(call)

    async def times_out_after_commit(self, call: Call, seconds: float | None) -> None:
        """Do it, never answer; with `seconds` it is done only then, client or no client."""
        if seconds is None:
            await self._do(call)
        else:
            task = asyncio.create_task(self._do_later(call, seconds))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        await self._hang(call)

    async def connection_reset(self, call: Call, seconds: float | None) -> None:
        """Nothing done, TCP reset."""
        await call.cut()

    async def malformed_json(self, call: Call, seconds: float | None) -> None:
        """Do it, answer 200 with half the body."""
        answer = await self._do(call)
        await call.answer(Answer(200, answer.headers, answer.body[: len(answer.body) // 2]))

    async def contract_drift(self, call: Call, seconds: float | None) -> None:
        """Do it, answer with an unknown field in every object and one id of the wrong type."""
        answer = await self._do(call)
        with contextlib.suppress(ValueError):
            answer.body = msgspec.json.encode(drifted(decode_json(answer.body)))
        await call.answer(answer)

    async def _do_later(self, call: Call, seconds: float) -> Answer:
        await asyncio.sleep(seconds)
        return await self._do(call)

    async def _hang(self, call: Call) -> None:
        gone = asyncio.create_task(call.gone())
        ended = asyncio.create_task(self._ended.wait())
        try:
            await asyncio.wait((gone, ended), return_when=asyncio.FIRST_COMPLETED)
            has_gone = gone.done()
        finally:
            gone.cancel()
            ended.cancel()
        if not has_gone:
            await call.cut()

    def end_faults(self) -> None:
        """Forget the rules and let go of every call that hangs on one."""
        self.rules = []
        self._ended.set()
        self._ended = asyncio.Event()

    # -- the control API

    def _control(self, method: str, path: str, body: bytes) -> Response:
        try:
            if len(body) > MAX_BODY:
                raise ControlError(413, f"A body may have at most {MAX_BODY} bytes.")
            command = CONTROLS.get((method, path.removeprefix("/_control/")))
            if command is None:
                offers = ", ".join(f"{verb} {name}" for verb, name in CONTROLS)
                raise ControlError(404, f"No such command; there are {offers}.")
            return command(self, body)
        except ControlError as error:
            return json_response({"message": error.message}, error.status)

    def show_calls(self, body: bytes) -> Response:
        """Every logged call, oldest first; `status` is null for one that got no answer."""
        return json_response(list(self.calls))

    def forget_calls(self, body: bytes) -> Response:
        """Empty the log."""
        self.calls.clear()
        return Response(status_code=204)

    def show_faults(self, body: bytes) -> Response:
        """Show the rules in force, with what is left of their times."""
        return json_response([rule.shown() for rule in self.rules])

    def put_faults(self, body: bytes) -> Response:
        """Replace the rules; the first one that hits a call decides."""
        self.rules = read_rules(_control_json(body), self.paths)
        return self.show_faults(body)

    def forget_faults(self, body: bytes) -> Response:
        """End all rules."""
        self.end_faults()
        return Response(status_code=204)

    def advance(self, body: bytes) -> Response:
        """Hand a command to the vendor."""
        command = _control_json(body)
        if not isinstance(command, dict):
            raise ControlError(400, "a command must be a JSON object")
        return json_response(self.vendor.advance(cast("dict[str, Any]", command)))

    def show_placements(self, body: bytes) -> Response:
        """What was placed, for tests: where the vendor's own API can be asked for it, that is the way."""
        if not isinstance(self.vendor, SilentSandbox):
            raise ControlError(404, "This vendor's own API shows what was placed.")
        return json_response(self.vendor.placements())

    def reset(self, body: bytes) -> Response:
        """Start over: state, logins, faults, log, and commits that are still to come."""
        for task in self._late:
            task.cancel()
        self.end_faults()
        self.calls.clear()
        self.vendor.reset()
        return Response(status_code=204)


FAULTS: dict[str, Callable[[VendorApp, Call, float | None], Awaitable[None]]] = {
    "rate_limited": VendorApp.rate_limited,
    "unavailable": VendorApp.unavailable,
    "slow": VendorApp.slow,
    "times_out_before_commit": VendorApp.times_out_before_commit,
    "times_out_after_commit": VendorApp.times_out_after_commit,
    "connection_reset": VendorApp.connection_reset,
    "malformed_json": VendorApp.malformed_json,
    "contract_drift": VendorApp.contract_drift,
    "unauthorized": VendorApp.unauthorized,
}
TIMED_FAULTS = ("slow", "times_out_after_commit")

CONTROLS: dict[tuple[str, str], Callable[[VendorApp, bytes], Response]] = {
    ("GET", "calls"): VendorApp.show_calls,
    ("DELETE", "calls"): VendorApp.forget_calls,
    ("GET", "faults"): VendorApp.show_faults,
    ("PUT", "faults"): VendorApp.put_faults,
    ("DELETE", "faults"): VendorApp.forget_faults,
    ("POST", "advance"): VendorApp.advance,
    ("GET", "placements"): VendorApp.show_placements,
    ("POST", "reset"): VendorApp.reset,
}


ENVELOPED = ("items", "orders")
"""What vendors call the rows of a list that stands in an envelope."""


def drifted(content: Any) -> Any:
    """Change a JSON value as an unannounced change of its contract would."""
    if isinstance(content, list):
        rows = cast("list[Any]", content)
        return [_drifted_object(row, spoil=index == 0) for index, row in enumerate(rows)]
    page = cast("dict[str, Any]", content) if isinstance(content, dict) else {}
    for rows in ENVELOPED:
        if isinstance(page.get(rows), list):
            return {**_drifted_object(page, spoil=False), rows: drifted(page[rows])}
    return _drifted_object(content, spoil=True)


def _drifted_object(content: Any, *, spoil: bool) -> Any:
    if not isinstance(content, dict):
        return content
    fields = cast("dict[str, Any]", content)
    changed = {**fields, "not_in_the_contract": True}
    if spoil and fields:
        changed["id" if "id" in fields else next(iter(fields))] = {"drifted": True}
    return changed


def _control_json(body: bytes) -> Any:
    try:
        return decode_json(body)
    except ValueError as error:
        raise ControlError(400, f"the body is not JSON: {error}") from None


def _find_route(routes: Sequence[Route], scope: Scope) -> tuple[Match, Route | None, Scope]:
    """Find the route for a call; `Match.PARTIAL` for one with this path and another method."""
    partial: Route | None = None
    for route in routes:
        match, child = route.matches(scope)
        if match is Match.FULL:
            return match, route, child
        if match is Match.PARTIAL:
            partial = route
    return Match.PARTIAL if partial else Match.NONE, partial, {}


async def _read_body(receive: Receive) -> bytes | None:
    """Read the request's body, cut off after more than is allowed; None when the client has gone."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        if len(body) <= MAX_BODY:
            body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


# ---- The application and its server ---------------------------------------------------------------


def create_app(vendors: Mapping[str, Callable[[int, int], VendorSandbox]], *, orders: int, seed: int) -> Starlette:
    """All fake vendors in one application, each under its name; `GET /livez` says that it runs."""
    apps = {name: VendorApp(make(orders, seed)) for name, make in vendors.items()}

    async def livez(request: Request) -> Response:
        return json_response({"status": "ok", "vendors": list(apps)})

    app = Starlette(routes=[Route("/livez", livez), *(Mount(f"/{name}", app) for name, app in apps.items())])
    app.state.vendor_apps = apps
    return app


class ResettableProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP protocol, with a way for the application to reset the TCP connection."""

    def on_message_begin(self) -> None:
        """Offer the reset to the request that begins."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)["extensions"] = {RESET_EXTENSION: self._reset}

    def _reset(self) -> None:
        # Closing with a linger time of zero makes the kernel send RST instead of FIN.
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class _Server(uvicorn.Server):
    def __init__(self, app: Starlette, listener: socket.socket, on_ready: Callable[[str], object]) -> None:
        config = uvicorn.Config(
            app,
            http=ResettableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )
        super().__init__(config)
        self._app = app
        self._listener = listener
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready(_base_url(self._listener))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for vendor_app in cast("dict[str, VendorApp]", self._app.state.vendor_apps).values():
            vendor_app.end_faults()
        await super().shutdown(sockets)

    def listen(self) -> None:
        self.run(sockets=[self._listener])


def serve(
    app: Starlette,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    on_ready: Callable[[str], object] = lambda url: None,
) -> None:
    """Serve a sandbox until interrupted; `on_ready` gets the base URL once it listens."""
    with contextlib.suppress(KeyboardInterrupt):
        _Server(app, _listen(host, port), on_ready).listen()


@contextlib.contextmanager
def running(app: Starlette, *, host: str = "127.0.0.1", port: int = 0) -> Generator[str]:
    """Serve a sandbox in a background thread, on a free port, for the length of the context."""
    ready = threading.Event()
    listener = _listen(host, port)
    server = _Server(app, listener, lambda url: ready.set())
    thread = threading.Thread(target=server.listen, name="sandbox", daemon=True)
    thread.start()
    try:
        if not ready.wait(timeout=30):
            raise RuntimeError("the sandbox did not start")
        yield _base_url(listener)
    finally:
        server.should_exit = True
        thread.join()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def _base_url(listener: socket.socket) -> str:
    """Where this machine reaches it: with loopback for the wildcard."""
    bound, port = cast("tuple[str, int]", listener.getsockname()[:2])
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound, bound)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
