"""The HTTP routes of the gateway: GraphQL, pages, health checks and notifications."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from hmac import compare_digest

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from starlette_compress import CompressMiddleware, add_compress_type

from ordergraph.connector import Connector
from ordergraph.domain.errors import InputError, Unauthenticated
from ordergraph.server import pages
from ordergraph.server.auth import Callers, bearer
from ordergraph.server.edge import REQUEST_ID, Edge, Faults
from ordergraph.server.endpoint import GraphQLEndpoint, is_page
from ordergraph.server.gateway import Gateway
from ordergraph.server.responses import Refused
from ordergraph.server.websocket import WebSocketEndpoint
from ordergraph.settings import ServerSettings, Settings
from ordergraph.settings.callers import NOBODY
from ordergraph.watch import ChangeSource, Watches

add_compress_type("multipart/mixed", streaming=True)  # otherwise it would hold back all parts until the last one
ENDPOINTS = ("/graphql", "/graphql/")
EXPOSED = ("ETag", "Retry-After", REQUEST_ID)


def middleware(settings: ServerSettings, origins: Collection[str]) -> Sequence[Middleware]:
    """Return the middleware around all routes: the edge, and CORS for pages of these origins."""
    edge, faults = Middleware(Edge, settings.trusted_proxies, settings.root_path), Middleware(Faults)
    if not origins:
        return [edge, faults]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["*"],
        expose_headers=EXPOSED,
        max_age=600,
    )
    return [edge, cors, faults]


def routes(
    gateway: Gateway,
    callers: Callers,
    connectors: Mapping[str, Connector],
    watches: Watches,
    settings: Settings,
    origins: Collection[str],
    draining: asyncio.Event,
) -> Sequence[BaseRoute]:
    """Return all routes of the gateway. Pages of ``origins`` may open WebSockets. ``draining`` ends streams."""
    endpoint = GraphQLEndpoint(gateway, settings.graphql, draining)
    sockets = WebSocketEndpoint(gateway, callers, origins)
    most = settings.limits.body_bytes
    # Only GraphQL responses are compressed here: the pages are compressed already, and set their own Vary header.
    graphql = CompressMiddleware(Guard(BodyLimit(endpoint, most), callers))
    return [
        *pages.routes(graphiql=settings.graphql.graphiql),
        *pages.at("/livez", livez),
        *pages.at("/readyz", livez),
        *(Route(path, graphql) for path in ENDPOINTS),
        *(WebSocketRoute(path, Guard(sockets, callers)) for path in ENDPOINTS),
        WebSocketRoute("/{path:path}", nowhere),
        Route(
            "/notifications/{account}/{token}/{path:path}",
            BodyLimit(Notifications(connectors, watches), most),
            methods=["POST"],
        ),
    ]


async def nowhere(websocket: WebSocket) -> None:
    """Return 404 to a WebSocket."""
    await websocket.send_denial_response(Refused(404, "Not Found").response())


async def livez(_request: Request) -> Response:
    """Return 200 while the process runs. It stays healthy if a vendor is down, since it still serves the others."""
    return JSONResponse({"status": "ok"})


class Guard:
    """Authenticates requests before their body is read, and adds the caller to the scope.

    A GET without a query needs no authentication, since it executes nothing: it leads to GraphiQL's static page. On a
    WebSocket, the token may come with the first message.
    """

    def __init__(self, app: ASGIApp, callers: Callers) -> None:
        self.app = app
        self.callers = callers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Return 401 if the caller cannot be authenticated."""
        caller = self.callers.of(bearer(Headers(scope=scope).get("authorization")))
        if caller is None and scope["type"] == "http" and not is_page(Request(scope)):
            error = Unauthenticated()
            refused = Refused(401, str(error), error.code, {"WWW-Authenticate": "Bearer"})
            return await refused.response()(scope, receive, send)
        scope["caller"] = caller or NOBODY
        return await self.app(scope, receive, send)


class Notifications:
    """Receives the notifications that vendors send to an account's URL."""

    def __init__(self, connectors: Mapping[str, Connector], watches: Watches) -> None:
        self.connectors = connectors
        self.watches = watches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Return 204, or 404 for an unknown URL. The response does not reveal which accounts exist."""
        request = Request(scope, receive)
        connector = self.connectors.get(request.path_params["account"])
        response = Response(status_code=204)
        try:
            if connector is None or not _is_from_vendor(connector, request.path_params["token"]):
                raise InputError("There is no such notification URL.")
            order = await connector.notified(request.path_params["path"], await request.body())
            self.watches.look(connector.name, order, ChangeSource.NOTIFICATION)
        except InputError as error:
            response = Refused(404, str(error), error.code).response()
        await response(scope, receive, send)


def _is_from_vendor(connector: Connector, presented: str) -> bool:
    token = connector.notification_token
    return token is not None and compare_digest(token.encode(), presented.encode(errors="replace"))


class BodyLimit:
    """Rejects bodies over a size, with or without a Content-Length."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body up to the limit, then pass it on in one piece."""
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
                refused = Refused(413, f"The request body is too large. The limit is {self.limit} bytes.")
                return await refused.response()(scope, receive, send)
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        return await self.app(scope, replay, send)
