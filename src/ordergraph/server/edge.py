"""The edge of the gateway: what a reverse proxy says about a request, and the id by which the log knows it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from typing import Any, cast

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


from ordergraph.server.responses import http_error
from ordergraph.server.redirects import with_slash
from ordergraph.settings import clean_root_path

REQUEST_ID = "X-Request-ID"
KNOWN_ID = re.compile(r"[A-Za-z0-9._-]{1,48}")
"""An id that is taken from a proxy; there is room for the number of an operation in it."""
HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
MAPPED = "::ffff:"
"""An IPv4 address begins with this where the gateway listens on IPv6 as well."""
STARTS = ("http.response.start", "websocket.accept", "websocket.http.response.start")


class Edge:
    """The outermost layer: nothing behind it need know whether there is a proxy.

    The headers of ``trusted`` proxies, addresses or networks, give the client's address and scheme, the host, the path
    that the proxy serves the gateway under unless ``root_path`` is set, and the request id. Other headers of this kind
    are ignored. Every response has the request id in a header.
    """

    def __init__(self, app: ASGIApp, trusted: Collection[str], root_path: str) -> None:
        self._proxied = ProxyHeadersMiddleware(cast("Any", app), sorted(trusted))
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put what is known of the request into the scope, which the access log reads as well."""
        if scope["type"] == "lifespan":
            return await self._proxied(cast("Any", scope), cast("Any", receive), cast("Any", send))
        said = self._said(scope)
        id_ = known_id(said) or uuid.uuid4().hex
        scope["request_id"] = id_
        request_id.set(id_)
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
        """The headers of a request, none if they are not of a proxy that is trusted."""
        if scope.get("client") is None:
            return Headers()
        host, port = scope["client"]
        host = host.removeprefix(MAPPED)
        scope["client"] = (host, port)
        return Headers(scope=scope) if host in self._proxied.trusted_hosts else Headers()


def said_last(headers: Headers, name: str) -> str:
    """The last value of a header: what the proxy itself has added."""
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()


def known_id(headers: Headers) -> str | None:
    """The proxy's id of the request, None if it has given none that fits."""
    id_ = said_last(headers, REQUEST_ID)
    return id_ if KNOWN_ID.fullmatch(id_) else None


def forwarded_prefix(headers: Headers) -> str:
    """The path that the proxy serves the gateway under; what is no such path is as if it were not there."""
    try:
        return clean_root_path(said_last(headers, "x-forwarded-prefix"))
    except ValueError:
        return ""


def set_host(scope: Scope, said: Headers) -> None:
    """Replace the host by the one that the browser has asked, with which origins are compared."""
    host = said_last(said, "x-forwarded-host")
    if HOST.fullmatch(host):
        others = [one for one in scope["headers"] if one[0] != b"host"]
        scope["headers"] = [(b"host", host.encode()), *others]


def set_root_path(scope: Scope, prefix: str) -> None:
    """Complete the path as ASGI has it, with the prefix: some proxies take it off, others do not."""
    if not prefix:
        return
    path = scope["path"]
    if path != prefix and not path.startswith(f"{prefix}/"):
        scope["path"] = prefix + path
        scope["raw_path"] = prefix.encode() + (scope.get("raw_path") or path.encode())
    scope["root_path"] = prefix


class Faults:
    """The innermost layer: answers 500 to what nobody expected, early enough for the headers of the other layers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and answer if nothing was answered yet."""
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
                raise  # the server logs it and ends the connection
            response = await http_error(Request(scope), error)
        return await response(scope, receive, send)
