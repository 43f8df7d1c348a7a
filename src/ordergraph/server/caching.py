"""HTTP caching of responses by clients: Cache-Control and ETag (RFC 9110, 9111)."""

from __future__ import annotations

import hashlib
import re

from starlette.datastructures import Headers
from starlette.responses import Response

from ordergraph.server.responses import Json, encode

COST = "Ordergraph-Cost"
"""The header with which a client requests the cost of its operation."""
VARY = f"Accept, Authorization, {COST}"
"""The request headers that a response depends on."""

_TAG = re.compile(r'"[^"]*"')


def keepable(response: Response, result: Json, seconds: float, request: Headers) -> Response:
    """Return a response that only this client may cache, for ``seconds``; 304 if the client has it already.

    After that time, or on every use if it is 0, the client must revalidate the response with its tag. The tag is weak:
    it depends on the data, not on their cost or compression (RFC 9110, 8.8.3, 13.1.2 and 15.4.5).
    """
    said = encode(result["data"]) if "extensions" in result else bytes(response.body)
    tag = f'"{hashlib.blake2b(said + response.headers["content-type"].encode(), digest_size=16).hexdigest()}"'
    cached = f"private, max-age={int(seconds)}" if seconds >= 1 else "private, no-cache"
    headers = {"Cache-Control": cached, "ETag": f"W/{tag}", "Vary": VARY}
    if has(request, tag):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def has(request: Headers, tag: str) -> bool:
    """Whether If-None-Match contains a tag, given with its quotes."""
    known = ",".join(request.getlist("if-none-match"))
    return known.strip() == "*" or tag in _TAG.findall(known)
