"""GraphQL over HTTP, and the pages beside it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from hmac import compare_digest
from typing import Any, cast

import strawberry
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import UNSET
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.types.unset import UnsetType

from ordergraph.cache import let_older_stand_in, not_before
from ordergraph.callers import NOBODY, Caller
from ordergraph.connector import Connector
from ordergraph.errors import InputError, Unauthenticated
from ordergraph.graph.context import Context
from ordergraph.http import deadline, request_id
from ordergraph.ledger import Ledger
from ordergraph.server import pages
from ordergraph.server.auth import Callers, bearer
from ordergraph.settings import Limits

NEW = ("no-cache", "no-store", "max-age=0")
"""What a request's Cache-Control says when the vendors are to be asked anew."""


def routes(
    schema: strawberry.Schema, callers: Callers, connectors: Mapping[str, Connector], ledger: Ledger, limits: Limits
) -> Sequence[BaseRoute]:
    """All that the gateway answers to."""
    endpoint = GraphQLEndpoint(schema, callers, connectors, ledger, limits.seconds)
    return [
        *pages.routes(graphiql=True),
        Route("/livez", livez, methods=["GET"]),
        Route("/readyz", livez, methods=["GET"]),
        Route("/graphql", Guard(BodyLimit(endpoint, limits.body_bytes), callers)),
        WebSocketRoute("/graphql", Guard(endpoint, callers)),
        Route(
            "/notifications/{account}/{token}/{path:path}",
            BodyLimit(Notifications(connectors), limits.body_bytes),
            methods=["POST"],
        ),
    ]


async def livez(_request: Request) -> Response:
    """The process answers. A vendor that is down does not make the gateway unfit: it serves the others."""
    return JSONResponse({"status": "ok"})


class GraphQLEndpoint(GraphQL[Context, None]):
    """Strawberry's endpoint with our context."""

    def __init__(
        self,
        schema: strawberry.Schema,
        callers: Callers,
        connectors: Mapping[str, Connector],
        ledger: Ledger,
        seconds: float,
    ) -> None:
        super().__init__(schema, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])
        self.graphql_transport_ws_handler_class = WebSocketOperations
        self.seconds = seconds
        self.callers = callers
        self.connectors = connectors
        self.ledger = ledger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in JSON also where GraphQL does not begin."""
        try:
            await super().__call__(scope, receive, send)
        except InputError as error:
            await error_response(400, str(error), error.code)(scope, receive, send)

    def parse_json(self, data: str | bytes) -> Any:
        """Read the body; raise InputError for what is no JSON, or no request."""
        try:
            value: object = json.loads(data)
        except (ValueError, RecursionError):
            raise InputError("the body is not JSON") from None
        if not isinstance(value, dict | list):
            raise InputError('a request is a JSON object with a "query"')
        return cast("Any", value)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """Make a context for each request, for whom the guard has let in.

        A browser opens every WebSocket with `no-cache`, and means nothing by it.
        """
        anew = isinstance(request, Request) and wants_it_new(request.headers)
        return self.begun(request.scope["caller"], anew=anew)

    def begun(self, caller: Caller, *, anew: bool = False) -> Context:
        """The context of a request that begins now; its id goes to the vendors and into every error.

        ``anew``: nothing that was read before is good enough for it.
        """
        id_ = uuid.uuid4().hex
        request_id.set(id_)
        deadline.set(time.monotonic() + self.seconds)
        if anew:
            not_before.set(time.monotonic())
        else:
            let_older_stand_in()
        return Context(caller, self.connectors, self.ledger, id_)

    async def on_ws_connect(self, context: Context) -> UnsetType:
        """Let in, over a WebSocket, who has said who they are with the connection or with its first message."""
        params = context.connection_params
        token = bearer(params.get("Authorization", params.get("authorization")))
        caller = self.callers.of(token) if token else context.caller
        if caller is None or caller is NOBODY:
            raise ConnectionRejectionError
        context.caller = caller  # for the contexts of the operations to come
        return UNSET


class WebSocketOperations(BaseGraphQLTransportWSHandler[Context, None]):
    """Over a WebSocket, every operation is a request with a context of its own."""

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Begin it for the connection's caller."""
        self.context = cast("GraphQLEndpoint", self.view).begun(self.context.caller)
        await super().run_operation(operation)


class Guard:
    """Lets in only callers that are known, before anything of a request's body is read; the scope says who it is.

    Nobody in particular gets what is static, which is GraphiQL's page: a GET without a query. Over a WebSocket the
    token may come with the first message.
    """

    def __init__(self, app: ASGIApp, callers: Callers) -> None:
        self.app = app
        self.callers = callers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """401 for who is not known."""
        connection = HTTPConnection(scope)
        caller = self.callers.of(bearer(connection.headers.get("authorization")))
        if caller is None and scope["type"] == "http" and not is_page(connection):
            error = Unauthenticated()
            refusal = error_response(401, str(error), error.code, {"WWW-Authenticate": "Bearer"})
            return await refusal(scope, receive, send)
        scope["caller"] = caller or NOBODY
        return await self.app(scope, receive, send)


def is_page(request: HTTPConnection) -> bool:
    """Whether no GraphQL is in a request."""
    return request.scope["method"] == "GET" and "query" not in request.query_params


def wants_it_new(headers: Headers) -> bool:
    """Whether a request asks not to be answered from caches (RFC 9111, 5.2.1)."""
    directives = {one.strip().lower() for one in ",".join(headers.getlist("cache-control")).split(",")}
    return not directives.isdisjoint(NEW)


class Notifications:
    """Takes what vendors send by themselves to an account's address."""

    def __init__(self, connectors: Mapping[str, Connector]) -> None:
        self.connectors = connectors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """204, or 404 for what is no address of a notification; which account there is, it does not tell."""
        request = Request(scope, receive)
        connector = self.connectors.get(request.path_params["account"])
        response = Response(status_code=204)
        try:
            if connector is None or not _is_from_vendor(connector, request.path_params["token"]):
                raise InputError("there is no such address")
            await connector.notified(request.path_params["path"], await request.body())
        except InputError as error:
            response = error_response(404, str(error), error.code)
        await response(scope, receive, send)


def _is_from_vendor(connector: Connector, presented: str) -> bool:
    token = connector.notification_token
    return token is not None and compare_digest(token.encode(), presented.encode(errors="replace"))


class BodyLimit:
    """Refuses bodies over a size, whether or not they say their length."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body within the limit, then hand it on in one piece."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self.limit:
                refusal = error_response(413, f"a request may have at most {self.limit} bytes", "BAD_USER_INPUT")
                return await refusal(scope, receive, send)
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        return await self.app(scope, replay, send)


def error_response(status: int, message: str, code: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error before GraphQL begins, in GraphQL's form; none of them goes away by itself."""
    extensions = {"code": code, "retryable": False}
    return JSONResponse({"errors": [{"message": message, "extensions": extensions}]}, status, headers)
