"""Tells clients what they may keep of an answer: Cache-Control and ETag (RFC 9110, 9111)."""

from __future__ import annotations

import hashlib
import re

from starlette.datastructures import Headers
from starlette.responses import Response

COST = "Ordergraph-Cost"
"""By this header a client asks what its operation cost."""
VARY = f"Accept, Authorization, {COST}"
"""What an answer depends on, beside the URL."""
NO_STORE = "no-store"

_TAG = re.compile(r'"[^"]*"')


def keepable(response: Response, seconds: float) -> Response:
    """An answer with how long it may be used again, and its tag.

    Whoever keeps it asks with the tag when the time is over, at once if there is none. The tag is a weak one: it stands
    for what is said, however it is compressed.
    """
    seen = bytes(response.body) + response.headers["content-type"].encode()
    response.headers["Cache-Control"] = f"private, max-age={int(seconds)}" if seconds >= 1 else "private, no-cache"
    response.headers["ETag"] = f'W/"{hashlib.blake2b(seen, digest_size=16).hexdigest()}"'
    response.headers["Vary"] = VARY
    return response


def not_modified(response: Response, request: Headers) -> Response:
    """An answer, or 304 where the client has it already (RFC 9110, 13.1.2 and 15.4.5)."""
    known = ",".join(request.getlist("if-none-match"))
    tag = response.headers["ETag"].removeprefix("W/")
    if known.strip() != "*" and tag not in _TAG.findall(known):
        return response
    kept = {name: response.headers[name] for name in ("Cache-Control", "ETag", "Vary")}
    return Response(status_code=304, headers=kept)
