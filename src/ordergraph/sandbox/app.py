"""A vendor's sandbox as an application: it handles and logs calls, fails on demand, and has a control API."""

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
    """Read the rules of a request body. Raises ControlError with the invalid keys and the allowed values."""
    if not isinstance(content, list):
        raise ControlError(400, "The body must be a JSON list of rules.")
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
        body.problem(key, f"is unknown; a rule has {', '.join(RULE_KEYS)}")
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
        body.problem("probability", "must be from 0 to 1")
    if rule.seconds is not None and rule.fault not in TIMED_FAULTS:
        body.problem("seconds", f"can only be used with {' and '.join(TIMED_FAULTS)}")
    if rule.fault == "slow" and rule.seconds is None:
        body.problem("seconds", "is required with slow: a number of at least 0")
    if rule.seconds is not None and rule.seconds < 0:
        body.problem("seconds", "must be a number of at least 0")


@dataclass
class Answer:
    """A response that a fault can still change."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass
class Call:
    """One call to a vendor's API, with its log entry."""

    scope: Scope
    receive: Receive
    send: Send
    body: bytes
    match: Match
    route: Route | None
    entry: dict[str, Any]

    async def answer(self, answer: Answer) -> None:
        """Send a response and log its status."""
        self.entry["status"] = answer.status
        headers = [pair for pair in answer.headers if pair[0] != b"content-length"]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await self.send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": answer.body})

    async def answer_with(self, response: Response) -> None:
        """Send a finished response and log its status."""
        await self.answer(Answer(response.status_code, response.raw_headers, bytes(response.body)))

    async def gone(self) -> None:
        """Wait until the client disconnects."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def cut(self) -> None:
        """Reset the client's TCP connection, without a response or an orderly close."""
        reset = self.scope.get("extensions", {}).get(RESET_EXTENSION)
        if reset is None:
            raise ConnectionResetError("The sandbox reset the connection.")
        reset()
        await self.gone()


class VendorApp:
    """One vendor under its prefix: the vendor's own routes, with a log, faults and the control API."""

    def __init__(self, vendor: VendorSandbox) -> None:
        self.vendor = vendor
        self.calls: deque[dict[str, Any]] = deque(maxlen=MAX_CALLS)
        self.rules: list[Rule] = []
        self.paths = list(dict.fromkeys(route.path for route in vendor.routes))
        self._ended = asyncio.Event()
        self._late: set[asyncio.Task[Answer]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
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
        """Handle a call with the vendor's own code."""
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
        """Do nothing, return 429 with Retry-After: 1."""
        response = self.vendor.error(429, "Too many requests.")
        response.headers["Retry-After"] = "1"
        await call.answer_with(response)

    async def unavailable(self, call: Call, seconds: float | None) -> None:
        """Do nothing, return 503."""
        await call.answer_with(self.vendor.error(503, "Service unavailable."))

    async def unauthorized(self, call: Call, seconds: float | None) -> None:
        """Do nothing, return 401, even if the token is valid."""
        await call.answer_with(self.vendor.error(401, "Unauthorized."))

    async def slow(self, call: Call, seconds: float | None) -> None:
        """Handle the call after `seconds`, or earlier if the rules are removed meanwhile."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)
        await call.answer(await self._do(call))

    async def times_out_before_commit(self, call: Call, seconds: float | None) -> None:
        """Do nothing, never respond."""
        await self._hang(call)

    async def times_out_after_commit(self, call: Call, seconds: float | None) -> None:
        """Handle the call, never respond. With `seconds`, it is handled after them, even if the client disconnects."""
        if seconds is None:
            await self._do(call)
        else:
            task = asyncio.create_task(self._do_later(call, seconds))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        await self._hang(call)

    async def connection_reset(self, call: Call, seconds: float | None) -> None:
        """Do nothing, reset the TCP connection."""
        await call.cut()

    async def malformed_json(self, call: Call, seconds: float | None) -> None:
        """Handle the call, return 200 with half of the body."""
        answer = await self._do(call)
        await call.answer(Answer(200, answer.headers, answer.body[: len(answer.body) // 2]))

    async def contract_drift(self, call: Call, seconds: float | None) -> None:
        """Handle the call, return an unknown field in every object and one ID of the wrong type."""
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
        """Remove the rules and release every call that waits because of one."""
        self.rules = []
        self._ended.set()
        self._ended = asyncio.Event()

    # -- the control API

    def _control(self, method: str, path: str, body: bytes) -> Response:
        try:
            if len(body) > MAX_BODY:
                raise ControlError(413, f"The request body is too large. The limit is {MAX_BODY} bytes.")
            command = CONTROLS.get((method, path.removeprefix("/_control/")))
            if command is None:
                offers = ", ".join(f"{verb} {name}" for verb, name in CONTROLS)
                raise ControlError(404, f"There is no such command. Known commands: {offers}.")
            return command(self, body)
        except ControlError as error:
            return json_response({"message": error.message}, error.status)

    def show_calls(self, body: bytes) -> Response:
        """Return the log of calls, oldest first. The status of a call without a response is null."""
        return json_response(list(self.calls))

    def forget_calls(self, body: bytes) -> Response:
        """Clear the log."""
        self.calls.clear()
        return Response(status_code=204)

    def show_faults(self, body: bytes) -> Response:
        """Return the active rules, each with its remaining number of times."""
        return json_response([rule.shown() for rule in self.rules])

    def put_faults(self, body: bytes) -> Response:
        """Replace the rules. The first rule that matches a call applies."""
        self.rules = read_rules(_control_json(body), self.paths)
        return self.show_faults(body)

    def forget_faults(self, body: bytes) -> Response:
        """Remove all rules."""
        self.end_faults()
        return Response(status_code=204)

    def advance(self, body: bytes) -> Response:
        """Pass a command to the vendor."""
        command = _control_json(body)
        if not isinstance(command, dict):
            raise ControlError(400, "The body must be a JSON object.")
        return json_response(self.vendor.advance(cast("dict[str, Any]", command)))

    def show_placements(self, body: bytes) -> Response:
        """Return the orders that were placed, for tests. Vendors whose own API returns them have no such command."""
        if not isinstance(self.vendor, SilentSandbox):
            raise ControlError(404, "This vendor has no placements. Use its own API to list the orders.")
        return json_response(self.vendor.placements())

    def reset(self, body: bytes) -> Response:
        """Reset the state, tokens, faults, log, and delayed calls."""
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
        raise ControlError(400, f"The body is not valid JSON: {error}.") from None


def _find_route(routes: Sequence[Route], scope: Scope) -> tuple[Match, Route | None, Scope]:
    """Find the route of a call. `Match.PARTIAL` is a route with the same path and another method."""
    partial: Route | None = None
    for route in routes:
        match, child = route.matches(scope)
        if match is Match.FULL:
            return match, route, child
        if match is Match.PARTIAL:
            partial = route
    return Match.PARTIAL if partial else Match.NONE, partial, {}


def create_app(vendors: Mapping[str, Callable[[int, int], VendorSandbox]], *, orders: int, seed: int) -> Starlette:
    """Return an application with all fake vendors, each under its code. `GET /livez` is its health check."""
    apps = {name: VendorApp(make(orders, seed)) for name, make in vendors.items()}

    async def livez(request: Request) -> Response:
        return json_response({"status": "ok", "vendors": list(apps)})

    app = Starlette(routes=[Route("/livez", livez), *(Mount(f"/{name}", app) for name, app in apps.items())])
    app.state.vendor_apps = apps
    return app
