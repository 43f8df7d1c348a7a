"""The web pages: the landing page, which shows the accounts, and GraphiQL.

The pages are static, so they need no authentication. They query the endpoint, with the API key that the user enters.
"""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ordergraph.server.caching import has
from ordergraph.server.redirects import without_slash

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}

STATIC = Path(__file__).parent / "static"
LINK = '<a class="button" href="{base}graphiql">Open GraphiQL</a>'
"""Replaces `{graphiql}` in the landing page if GraphiQL is on."""

POLICY = (
    "default-src 'none'; script-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
)
LANDING = POLICY + "style-src 'self'; connect-src 'self'"
GRAPHIQL = POLICY + "style-src 'self' 'unsafe-inline'; worker-src 'self'; font-src 'self'; connect-src 'self' ws: wss:"
"""GraphiQL's editor adds inline styles, and not every browser treats a WebSocket to this host as `'self'`."""

REVALIDATED = "no-cache"
"""The browser caches the file, and revalidates it on each use."""
KEPT = "public, max-age=31536000, immutable"
"""For files whose names contain a hash of their content."""


@dataclass(frozen=True)
class File:
    """A static file: its content, compressed with gzip, and its headers."""

    packed: bytes
    headers: Mapping[str, str]

    async def answer(self, request: Request) -> Response:
        """Return the file, or 304 if the client has it."""
        if has(request.headers, self.headers["ETag"].removeprefix("W/")):
            return Response(status_code=304, headers=self.headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, headers={**self.headers, "Content-Encoding": "gzip"})
        return Response(gzip.decompress(self.packed), headers=self.headers)


@dataclass(frozen=True)
class Landing:
    """The landing page, as a template."""

    text: str

    async def answer(self, request: Request) -> Response:
        """Return the page. Its links are relative; with a root path, they start with it, so that `/api` works too."""
        return await _landing_at(self.text, request.scope.get("root_path") or "").answer(request)


@lru_cache(maxsize=16)
def _landing_at(text: str, root_path: str) -> File:
    """Return the page for a root path. It is compressed once for each, of which there are few."""
    filled = text.replace("{base}", f"{root_path}/" if root_path else "")
    return page(gzip.compress(filled.encode(), mtime=0), LANDING)


def routes(*, graphiql: bool) -> Sequence[BaseRoute]:
    """Return the routes of the landing page, and of GraphiQL if it is on."""
    text = (STATIC / "landing.html").read_text().replace("{graphiql}", LINK if graphiql else "")
    files = {
        f"/static/{name}": file(name, gzip.compress((STATIC / name).read_bytes()), REVALIDATED)
        for name in ("landing.css", "landing.js", "icon.svg")
    }
    found = [Route("/", Landing(text).answer, methods=["GET"])]
    if graphiql:
        files |= built(STATIC / "graphiql")
        found += at("/graphiql", page((STATIC / "graphiql" / "index.html.gz").read_bytes(), GRAPHIQL).answer)
    return found + [Route(path, one.answer, methods=["GET"]) for path, one in files.items()]


def at(path: str, answer: Callable[[Request], Awaitable[Response]]) -> Sequence[Route]:
    """Return the routes of a path. With a trailing slash it redirects, so that relative URLs of the page work."""
    return [Route(path, answer, methods=["GET"]), Route(f"{path}/", without_slash, methods=["GET"])]


def built(folder: Path) -> dict[str, File]:
    """Return the files of GraphiQL by path, as built by Vite: compressed, and with a hash in their names."""
    files: dict[str, File] = {}
    for path in folder.glob("assets/*.gz"):
        files[f"/graphiql/assets/{path.stem}"] = file(path.stem, path.read_bytes(), KEPT)
    files["/graphiql/licences.md"] = file("licences.md", (folder / "licences.md.gz").read_bytes(), REVALIDATED)
    return files


def page(packed: bytes, policy: str) -> File:
    """Return an HTML page with its content security policy."""
    return file("page.html", packed, REVALIDATED, {"Content-Security-Policy": policy})


def file(name: str, packed: bytes, caching: str, more: Mapping[str, str] | None = None) -> File:
    """Return a file with the headers that all files have, and ``more``."""
    return File(
        packed,
        {
            "Content-Type": TYPES[Path(name).suffix],
            "Cache-Control": caching,
            "ETag": f'W/"{sha256(packed).hexdigest()[:32]}"',
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            **(more or {}),
        },
    )
