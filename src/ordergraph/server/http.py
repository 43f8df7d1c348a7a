"""GraphQL over HTTP, and the pages beside it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, cast

import strawberry
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from ordergraph.cache import let_older_stand_in, not_before
from ordergraph.connector import Connector
from ordergraph.errors import InputError
from ordergraph.graph.context import Context
from ordergraph.http import deadline, request_id
from ordergraph.ledger import Ledger
from ordergraph.settings import Limits

NEW = ("no-cache", "no-store", "max-age=0")
"""What a request's Cache-Control says when the vendors are to be asked anew."""


def routes(
    schema: strawberry.Schema, connectors: Mapping[str, Connector], ledger: Ledger, limits: Limits
) -> Sequence[BaseRoute]:
    """All that the gateway answers to."""
    endpoint = GraphQLEndpoint(schema, connectors, ledger, limits.seconds)
    return [
        Route("/", to_graphiql, methods=["GET"]),
        Route("/livez", livez, methods=["GET"]),
        Route("/readyz", livez, methods=["GET"]),
        Route("/graphql", BodyLimit(endpoint, limits.body_bytes)),
        Route(
            "/notifications/{account}/{path:path}",
            BodyLimit(Notifications(connectors), limits.body_bytes),
            methods=["POST"],
        ),
    ]


async def to_graphiql(_request: Request) -> Response:
    """The page to look around with."""
    return RedirectResponse("/graphql")


async def livez(_request: Request) -> Response:
    """The process answers. A vendor that is down does not make the gateway unfit: it serves the others."""
    return JSONResponse({"status": "ok"})


class GraphQLEndpoint(GraphQL[Context, None]):
    """Strawberry's endpoint with our context."""

    def __init__(
        self, schema: strawberry.Schema, connectors: Mapping[str, Connector], ledger: Ledger, seconds: float
    ) -> None:
        super().__init__(schema, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])
        self.seconds = seconds
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
        """Make a context for each request; its id goes to the vendors and into every error."""
        id_ = uuid.uuid4().hex
        request_id.set(id_)
        deadline.set(time.monotonic() + self.seconds)
        if wants_it_new(request.headers):
            not_before.set(time.monotonic())
        else:
            let_older_stand_in()
        return Context(self.connectors, self.ledger, id_)


def wants_it_new(headers: Headers) -> bool:
    """Whether a request asks not to be answered from caches (RFC 9111, 5.2.1)."""
    directives = {one.strip().lower() for one in ",".join(headers.getlist("cache-control")).split(",")}
    return not directives.isdisjoint(NEW)


class Notifications:
    """Takes what vendors send by themselves to an account's address."""

    def __init__(self, connectors: Mapping[str, Connector]) -> None:
        self.connectors = connectors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """204, or 404 for what is no address of a notification."""
        request = Request(scope, receive)
        connector = self.connectors.get(request.path_params["account"])
        response = Response(status_code=204)
        try:
            if connector is None:
                raise InputError("there is no such account")
            await connector.notified(request.path_params["path"], await request.body())
        except InputError as error:
            response = error_response(404, str(error), error.code)
        await response(scope, receive, send)


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


def error_response(status: int, message: str, code: str) -> Response:
    """An error before GraphQL begins, in GraphQL's form."""
    return JSONResponse({"errors": [{"message": message, "extensions": {"code": code}}]}, status)
