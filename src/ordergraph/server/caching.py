"""Tells clients what they may keep of an answer: Cache-Control and ETag (RFC 9110, 9111)."""

from __future__ import annotations

import hashlib
import re

from starlette.datastructures import Headers
from starlette.responses import Response

from ordergraph.server.responses import Json, encode

COST = "Ordergraph-Cost"
"""By this header a client asks what its operation cost."""
VARY = f"Accept, Authorization, {COST}"
"""What an answer depends on, beside the URL."""

_TAG = re.compile(r'"[^"]*"')


def keepable(response: Response, result: Json, seconds: float, request: Headers) -> Response:
    """An answer that may be used again for so long, by who asked alone; 304 where the client has it already.

    Whoever keeps it asks with its tag when the time is over, or every time if there is none. The tag is a weak one: it
    stands for the data, whatever they cost and however they are compressed (RFC 9110, 8.8.3, 13.1.2 and 15.4.5).
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
    """Whether a client says that it has what a tag, in its quotes, stands for."""
    known = ",".join(request.getlist("if-none-match"))
    return known.strip() == "*" or tag in _TAG.findall(known)
