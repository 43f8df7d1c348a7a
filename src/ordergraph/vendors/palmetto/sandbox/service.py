"""The fake Palmetto: the dialect of the "Net3 API Interface for Customer Portal", a ServiceStack service.

Like the vendor, it accepts orders and cannot read them. Only the control API shows what was placed
(`GET _control/placements`). Where the document says nothing, the sandbox behaves like ServiceStack: case-insensitive
names, bodies in JSV, JSON or a form, and the format of the response by suffix, ``?format=`` or Accept.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast, get_args
from urllib.parse import parse_qsl
from uuid import uuid4

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ordergraph.sandbox import (
    Body,
    ControlError,
    Problems,
    SeededSandbox,
    decode_json,
    json_response,
    seeded_instants,
    seeded_random,
)
from ordergraph.vendors.palmetto import jsv, wire
from ordergraph.vendors.palmetto.sandbox.data import DATACENTER_CODES, MAX_DECIMAL, MAX_INT, Record, seeded
from ordergraph.wire.fields import Field, fields_of, struct_in

Struct = type[msgspec.Struct]

USERNAME = "portal-api@acme-freight.example"
PASSWORD = "sandbox-password-not-a-secret"
SESSION_SECONDS = 20 * 60

LOGIN = "/security/credentials"
ORDER = "/products/selfservice/order"
# The paths of the order operation and the format of each. None if the headers decide.
PATHS: Mapping[str, str | None] = {
    ORDER: None,
    f"{ORDER}.jsv": "jsv",
    f"{ORDER}.json": "json",
    "/jsv/reply/SelfServiceOrderProducts": "jsv",
    "/json/reply/SelfServiceOrderProducts": "json",
}
MEDIA = {"jsv": "text/jsv", "json": "application/json"}
FORM = "application/x-www-form-urlencoded"
# ServiceStack's error codes by status.
ERROR_CODES: Mapping[int, str] = {
    400: "ArgumentException",
    401: "AuthenticationException",
    403: "UnauthorizedAccessException",
    404: "NotFound",
    405: "NotSupportedException",
    409: "OptimisticConcurrencyException",
    413: "RequestEntityTooLarge",
    429: "TooManyRequests",
    500: "Exception",
    503: "ServiceUnavailable",
}


class Refusal(Exception):
    """A request that Palmetto rejects. ``problems`` has the errors of single fields."""

    def __init__(self, status: int, code: str, message: str, problems: Sequence[Record] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.status_body: Record = {"responseStatus": {"errorCode": code, "message": message, "errors": problems}}


def problem(field: str, code: str, message: str) -> Record:
    """Return the error of one field."""
    return {"errorCode": code, "fieldName": field, "message": message}


@dataclass(frozen=True)
class Placement:
    """An order that Palmetto accepted: its time, its content, and the content type of its body."""

    at: datetime
    content: Record
    media: str = MEDIA["jsv"]

    @property
    def key(self) -> str | None:
        """The caller's correlation id."""
        return self.content.get("correlationId")

    @property
    def body(self) -> str:
        """The order as compact JSV."""
        return jsv.dumps(self.content)


class PalmettoSandbox(SeededSandbox):
    """Palmetto with one user: `USERNAME`, `PASSWORD`.

    A test can replace `monotonic`, the clock that ends sessions.
    """

    def __init__(self, orders: int, seed: int) -> None:
        super().__init__(orders, seed)
        self.monotonic: Callable[[], float] = time.monotonic
        self.routes = [
            answering(LOGIN, None, self._login),
            *(answering(path, fixed, self._order) for path, fixed in PATHS.items()),
        ]
        self.reset()

    def reset(self) -> None:
        """Start over with the same orders, no session and the default response."""
        self._random = seeded_random("palmetto", self._size, self._seed)
        self._sessions: dict[str, float] = {}
        self.echoes = False
        self.refusal: Refusal | None = None
        self.placed: list[Placement] = []
        for index, at in enumerate(seeded_instants(self._random, self._size)):
            content = seeded(self._random, at, index + 1, self._size - 1 - index)
            self.placed.append(Placement(at, content))

    def placements(self) -> list[Record]:
        """Return all orders, oldest first: when and how each was placed, its correlation id, and its body as JSV."""
        return [
            {"key": one.key, "placedAt": one.at.isoformat(), "contentType": one.media, "body": one.body}
            for one in self.placed
        ]

    def error(self, status: int, message: str) -> Response:
        """Return an error in Palmetto's format. A caller without a session gets no message."""
        if status == 401:
            return unauthenticated()
        return answer(Refusal(status, ERROR_CODES.get(status, "Exception"), message).status_body, "json", status)

    # -- authentication

    async def _login(self, request: Request, fixed: str | None, format_: str) -> Response:
        given = read_body(await request.body(), content_type(request), "json")
        names = {name.lower(): value for name, value in given.items()}
        if (names.get("username"), names.get("password")) != (USERNAME, PASSWORD):
            raise Refusal(401, ERROR_CODES[401], "Invalid UserName or Password")
        session = uuid4().hex[:20]  # authentication does not change the seeded data
        self._sessions[session] = self.monotonic() + SESSION_SECONDS
        return answer({"sessionId": session, "responseStatus": {}}, format_)

    def _knows(self, request: Request) -> bool:
        """Return whether the caller has a session, in any of ServiceStack's three places. Each use extends it."""
        for session in self.sessions_of(request):
            if session and self._sessions.get(session, 0) > self.monotonic():
                self._sessions[session] = self.monotonic() + SESSION_SECONDS
                return True
        return False

    def sessions_of(self, request: Request) -> Sequence[str | None]:
        """Return the session id of a request in each of these places."""
        return request.headers.get("x-ss-id"), request.cookies.get("ss-id"), request.query_params.get("sessionId")

    # -- orders

    async def _order(self, request: Request, fixed: str | None, format_: str) -> Response:
        if not self._knows(request):
            return unauthenticated()
        content = Reader().message(await self._given(request, fixed), wire.Order)
        refusal, self.refusal = self.refusal, None
        if refusal is not None:
            raise refusal
        self.placed.append(Placement(self.now(), content, content_type(request)))
        if not self.echoes:
            return Response(status_code=204)
        echoed = {name: content.get(name) for name in ("correlationId", "jobId")}
        return answer({**echoed, "responseStatus": {}}, format_)

    async def _given(self, request: Request, fixed: str | None) -> Record:
        """Return the fields of the body, and those of the query that the body lacks."""
        body = read_body(await request.body(), content_type(request), fixed or "json")
        names = {name.lower() for name in body}
        query = {name: value for name, value in request.query_params.items() if name.lower() not in names}
        return {**form_fields(query), **body}

    # -- the control API

    def advance(self, command: dict[str, Any]) -> dict[str, Any]:
        """End all sessions, choose the response to orders, or reject the next order."""
        problems: Problems = {}
        body = Body(command, problems)
        done: Record = {}
        if body.boolean("expire_sessions"):
            self._sessions.clear()
            done["expired"] = True
        if answers := body.text("answer", allowed=("nothing", "echo")):
            self.echoes = answers == "echo"
            done["answer"] = answers
        if refuse := body.child("refuse"):
            self.refusal = read_refusal(refuse)
            done["refused"] = True
        if problems:
            raise ControlError(400, f"{problems}")
        if not done or command.keys() - {"expire_sessions", "answer", "refuse"}:
            raise ControlError(400, COMMANDS)
        return done


COMMANDS = (
    'a command is {"expire_sessions": true}, {"answer": "nothing" or "echo"} or {"refuse": {"status": 409, '
    '"errorCode"?: ..., "message"?: ..., "fieldName"?: ...}}; orders have no states here'
)


def read_refusal(body: Body) -> Refusal:
    """Return how to reject the next order."""
    status = body.integer("status", known=tuple(ERROR_CODES)) or 400
    code = body.text("errorCode") or ERROR_CODES[status]
    message = body.text("message") or "Refused by the control API."
    name = body.text("fieldName")
    return Refusal(status, code, message, [problem(name, code, message)] if name else ())


# ---- Formats ----------------------------------------------------------------------------------------


def answering(
    path: str, fixed: str | None, operation: Callable[[Request, str | None, str], Awaitable[Response]]
) -> Route:
    """Return an endpoint. Its operation gets the format of the path and of the response, and may raise `Refusal`."""

    async def endpoint(request: Request) -> Response:
        format_ = format_of(request, fixed)
        try:
            return await operation(request, fixed, format_)
        except Refusal as refusal:
            return answer(refusal.status_body, format_, refusal.status)

    return Route(path, endpoint, methods=["POST"])


def unauthenticated() -> Response:
    """Return the response to a caller without a session."""
    return Response(status_code=401, headers={"WWW-Authenticate": 'credentials realm="/security/credentials"'})


def answer(content: Record, format_: str, status: int = 200) -> Response:
    """Return a response in the requested format."""
    if format_ == "json":
        return json_response(content, status)
    return Response(jsv.dumps(content), status, media_type=MEDIA["jsv"])


def content_type(request: Request) -> str:
    """Return the content type of the request, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def format_of(request: Request, fixed: str | None) -> str:
    """Return the format of the response, by path, ``?format=`` or Accept. It is JSON if they name none."""
    named = fixed or request.query_params.get("format", "").lower()
    if named in MEDIA:
        return named
    accepted = [part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")]
    return next((name for part in accepted for name, media in MEDIA.items() if media == part), "json")


def read_body(content: bytes, type_: str, fixed: str) -> Record:
    """Return the fields of a body. Without a content type, it has the format of the path."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise unreadable(error) from None
    if type_ == FORM:
        return form_fields(dict(parse_qsl(text, keep_blank_values=True)))
    formats = {media: name for name, media in MEDIA.items()}
    format_ = formats.get(type_, None if type_ else fixed)
    if format_ is None:
        raise Refusal(405, ERROR_CODES[405], f"ContentType not supported '{type_}'")
    if not text.strip():
        return {}
    found = read_text(text, format_)
    if not isinstance(found, dict):
        raise Refusal(400, "SerializationException", "Type definitions should start with a '{'")
    return cast("Record", found)


def read_text(text: str, format_: str) -> Any:
    """Return the value of a text. Text with layout is accepted too."""
    try:
        return decode_json(text.encode()) if format_ == "json" else jsv.loads(text, layout=True)
    except ValueError as error:
        raise unreadable(error) from None


def unreadable(error: Exception) -> Refusal:
    """Return the rejection of a body that cannot be read at all."""
    return Refusal(400, "SerializationException", f"Unable to bind to request 'SelfServiceOrderProducts': {error}")


def form_fields(given: Mapping[str, str]) -> Record:
    """Return the fields of a form or a query. A value that is not a single value is JSV text."""
    complex_ = {one.wire_name for one in fields_of(wire.Order) if struct_in(one.type)}
    return {name: read_text(text, "jsv") if name.lower() in complex_ else text for name, text in given.items()}


# ---- Reading ----------------------------------------------------------------------------------------


class Reader:
    """Reads a message by the types of its fields. A rejection has all the errors of the message."""

    def __init__(self) -> None:
        self.problems: list[Record] = []

    def message(self, given: Any, struct: Struct) -> Record:
        """Read a whole message."""
        content = self.fields(given, struct, "")
        if len(self.problems) == 1 and self.problems[0]["errorCode"] == ERROR_CODES[400]:
            raise Refusal(400, ERROR_CODES[400], self.problems[0]["message"])
        if self.problems:
            raise Refusal(400, "RequestBindingException", "Unable to bind to request", self.problems)
        return content

    def fields(self, given: Any, struct: Struct, path: str) -> Record:
        """Read an object. Names are case-insensitive; unknown names are ignored."""
        if not isinstance(given, dict):
            self.wrong(path, "must be an object")
            return {}
        fields = {one.wire_name.lower(): one for one in fields_of(struct)}
        content: Record = {}
        for key, value in cast("Record", given).items():
            field = fields.get(key.strip().lower())
            if field is not None and value is not None:
                at = f"{path}.{field.wire_name}" if path else field.wire_name
                content[field.wire_name] = self.value(value, field, at)
        code = content.get("datacenterCode")
        if code and code.upper() not in DATACENTER_CODES:
            self.wrong(f"{path}.datacenterCode", f"bad datacenterCode: {code}", ERROR_CODES[400])
        return content

    def value(self, value: Any, field: Field, path: str) -> Any:
        """Read a value of the field's type."""
        struct = struct_in(field.type)
        if struct is not None:
            return self.items(value, struct, path)
        kind, read = KINDS[get_args(field.type)[0]]
        if isinstance(value, dict | list):
            return self.wrong(path, f"must be of type {kind}")
        text = value if isinstance(value, str) else jsv.plain(value)
        try:
            return read(text)
        except (ValueError, OverflowError):
            return self.wrong(path, f"{text[:50]!r} is not of type {kind}")

    def items(self, value: Any, struct: Struct, path: str) -> list[Record]:
        """Read a list of objects."""
        if not isinstance(value, list):
            self.wrong(path, "must be a list")
            return []
        return [self.fields(one, struct, f"{path}[{i}]") for i, one in enumerate(cast("list[Any]", value))]

    def wrong(self, path: str, message: str, code: str = "SerializationException") -> None:
        """Note an error."""
        self.problems.append(problem(path, code, message))


def read_int(text: str) -> int:
    """Read an Int32 of .NET."""
    number = jsv.read_integer(text)
    if abs(number) > MAX_INT:
        raise ValueError("too large")
    return number


def read_decimal(text: str) -> Decimal:
    """Read a Decimal of .NET."""
    number = jsv.read_decimal(text)
    if abs(number) > MAX_DECIMAL:
        raise ValueError("too large")
    return number


def read_moment(text: str) -> datetime:
    """Read a time. The default of .NET's DateTime is valid here."""
    return jsv.read_moment(text) or jsv.UNSET


# .NET's name of each type, and how to read it.
KINDS: Mapping[type, tuple[str, Callable[[str], Any]]] = {
    str: ("string", str),
    int: ("int", read_int),
    Decimal: ("decimal", read_decimal),
    bool: ("bool", jsv.read_boolean),
    datetime: ("DateTime", read_moment),
}
