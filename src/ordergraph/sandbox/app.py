"""A vendor's sandbox as an application: it answers calls, notes them, fails on demand, and has the control API."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount, Route
from starlette.types import Message, Receive, Scope, Send

from ordergraph.sandbox.bodies import MAX_BODY, Body, decode_json, json_response, read_body
from ordergraph.sandbox.faults import Rule, drifted
from ordergraph.sandbox.vendor import RESET_EXTENSION, ControlError, Problems, SilentSandbox, VendorSandbox

MAX_CALLS = 100_000
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
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
        body = await read_body(receive)
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


def create_app(vendors: Mapping[str, Callable[[int, int], VendorSandbox]], *, orders: int, seed: int) -> Starlette:
    """All fake vendors in one application, each under its name; `GET /livez` says that it runs."""
    apps = {name: VendorApp(make(orders, seed)) for name, make in vendors.items()}

    async def livez(request: Request) -> Response:
        return json_response({"status": "ok", "vendors": list(apps)})

    app = Starlette(routes=[Route("/livez", livez), *(Mount(f"/{name}", app) for name, app in apps.items())])
    app.state.vendor_apps = apps
    return app
