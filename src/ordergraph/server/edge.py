"""The edge of the gateway: applies the headers of reverse proxies, and gives each request an ID for the log."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from typing import Any, cast

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ordergraph.server.redirects import with_slash
from ordergraph.server.responses import http_error
from ordergraph.settings import clean_root_path
from ordergraph.upstream.request_scope import RequestScope, set_request

REQUEST_ID = "X-Request-ID"
KNOWN_ID = re.compile(r"[A-Za-z0-9._-]{1,48}")
"""The form of IDs that are accepted from a proxy. The length leaves room for the number of an operation."""
HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
MAPPED = "::ffff:"
"""The prefix of IPv4 addresses if the gateway also listens on IPv6."""
STARTS = ("http.response.start", "websocket.accept", "websocket.http.response.start")


class Edge:
    """The outermost layer. Behind it, nothing needs to know whether there is a proxy.

    The headers of ``trusted`` proxies (addresses or networks) set the client's address and scheme, the host, the
    request ID and, unless ``root_path`` is set, the path that the proxy serves the gateway under. These headers are
    ignored from any other client. Every response has the request ID in a header.
    """

    def __init__(self, app: ASGIApp, trusted: Collection[str], root_path: str) -> None:
        self._proxied = ProxyHeadersMiddleware(cast("Any", app), sorted(trusted))
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the request ID and the proxy's information to the scope, which the access log reads too."""
        if scope["type"] == "lifespan":
            return await self._proxied(cast("Any", scope), cast("Any", receive), cast("Any", send))
        said = self._said(scope)
        id_ = known_id(said) or uuid.uuid4().hex
        scope["request_id"] = id_
        set_request(RequestScope(id_))
        set_host(scope, said)
        set_root_path(scope, self._root_path or forwarded_prefix(said))

        async def identified(message: Message) -> None:
            if message["type"] in STARTS:
                message.setdefault("headers", [])
                MutableHeaders(scope=message)[REQUEST_ID] = id_
            await send(message)

        if scope["type"] == "http" and scope["path"] == scope.get("root_path"):
            return await with_slash(Request(scope))(scope, receive, identified)
        return await self._proxied(cast("Any", scope), cast("Any", receive), cast("Any", identified))

    def _said(self, scope: Scope) -> Headers:
        """Return the headers of a request from a trusted proxy; no headers for any other request."""
        if scope.get("client") is None:
            return Headers()
        host, port = scope["client"]
        host = host.removeprefix(MAPPED)
        scope["client"] = (host, port)
        return Headers(scope=scope) if host in self._proxied.trusted_hosts else Headers()


def said_last(headers: Headers, name: str) -> str:
    """Return the last value of a header, which the nearest proxy has added."""
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()


def known_id(headers: Headers) -> str | None:
    """Return the proxy's ID of the request; None if there is none, or it has an invalid form."""
    id_ = said_last(headers, REQUEST_ID)
    return id_ if KNOWN_ID.fullmatch(id_) else None


def forwarded_prefix(headers: Headers) -> str:
    """Return the path that the proxy serves the gateway under; empty if there is none, or it is invalid."""
    try:
        return clean_root_path(said_last(headers, "x-forwarded-prefix"))
    except ValueError:
        return ""


def set_host(scope: Scope, said: Headers) -> None:
    """Replace the host by the one that the browser requested, which origins are compared with."""
    host = said_last(said, "x-forwarded-host")
    if HOST.fullmatch(host):
        others = [one for one in scope["headers"] if one[0] != b"host"]
        scope["headers"] = [(b"host", host.encode()), *others]


def set_root_path(scope: Scope, prefix: str) -> None:
    """Set the path as ASGI defines it, including the prefix. Some proxies remove the prefix, others do not."""
    if not prefix:
        return
    path = scope["path"]
    if path != prefix and not path.startswith(f"{prefix}/"):
        scope["path"] = prefix + path
        scope["raw_path"] = prefix.encode() + (scope.get("raw_path") or path.encode())
    scope["root_path"] = prefix


class Faults:
    """The innermost layer. Returns 500 for unexpected errors, so that the other layers can still add their headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, and return 500 if it fails before the response has started."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            return await self.app(scope, receive, noting)
        except Exception as error:
            if started:
                raise  # the server logs it and closes the connection
            response = await http_error(Request(scope), error)
        return await response(scope, receive, send)
