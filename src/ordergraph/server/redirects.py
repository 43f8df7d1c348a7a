"""Redirects, all to relative URLs. These also work behind a proxy, whatever its path and scheme."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse


def to_page_beside(request: Request, page: str) -> RedirectResponse:
    """Redirect from `x` or `x/` to a page next to `x`."""
    return RedirectResponse(_beside(request, page), 303)


async def without_slash(request: Request) -> RedirectResponse:
    """Redirect from `x/` to `x`."""
    page = request.scope["path"].rstrip("/").rpartition("/")[2]
    return RedirectResponse(_beside(request, page) + _query(request), 307)


def with_slash(request: Request) -> RedirectResponse:
    """Redirect from `x` to `x/`."""
    folder = request.scope["path"].rpartition("/")[2]
    return RedirectResponse(f"{folder}/{_query(request)}", 307)


def _beside(request: Request, page: str) -> str:
    return f"../{page}" if request.scope["path"].endswith("/") else page


def _query(request: Request) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return f"?{query}" if query else ""
