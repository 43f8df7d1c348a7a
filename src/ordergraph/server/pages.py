"""The pages for people: one that shows the accounts, and GraphiQL.

They hold no data, so nobody needs a key for them: what they show they ask the endpoint for, with the key of who looks.
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
"""What the landing page has in place of its `{graphiql}`, where there is GraphiQL."""

POLICY = (
    "default-src 'none'; script-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
)
LANDING = POLICY + "style-src 'self'; connect-src 'self'"
GRAPHIQL = POLICY + "style-src 'self' 'unsafe-inline'; worker-src 'self'; font-src 'self'; connect-src 'self' ws: wss:"
"""GraphiQL's editor writes styles into its page, and not every browser takes a WebSocket to this host for `'self'`."""

REVALIDATED = "no-cache"
"""Kept by the browser, which asks each time whether it is still the same."""
KEPT = "public, max-age=31536000, immutable"
"""For files whose names hold a hash of what is in them."""


@dataclass(frozen=True)
class File:
    """A file as it is sent: its content under gzip, and its headers."""

    packed: bytes
    headers: Mapping[str, str]

    async def answer(self, request: Request) -> Response:
        """The file, or 304 for who has it."""
        if has(request.headers, self.headers["ETag"].removeprefix("W/")):
            return Response(status_code=304, headers=self.headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, headers={**self.headers, "Content-Encoding": "gzip"})
        return Response(gzip.decompress(self.packed), headers=self.headers)


@dataclass(frozen=True)
class Landing:
    """The landing page, as text with marks for what is filled in."""

    text: str

    async def answer(self, request: Request) -> Response:
        """The page. Its links are relative; with a root path they begin with it, for a proxy that shows `/api` too."""
        return await _landing_at(self.text, request.scope.get("root_path") or "").answer(request)


@lru_cache(maxsize=16)
def _landing_at(text: str, root_path: str) -> File:
    """The page as it is packed once for each root path: there is one, or few."""
    filled = text.replace("{base}", f"{root_path}/" if root_path else "")
    return page(gzip.compress(filled.encode(), mtime=0), LANDING)


def routes(*, graphiql: bool) -> Sequence[BaseRoute]:
    """The landing page, and GraphiQL if it is wanted."""
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
    """What is at a path; with a slash after it, one is led there, since what a page loads lies beside it."""
    return [Route(path, answer, methods=["GET"]), Route(f"{path}/", without_slash, methods=["GET"])]


def built(folder: Path) -> dict[str, File]:
    """What GraphiQL's page loads, as Vite has built it, by path: all is packed, with a hash in its name."""
    files: dict[str, File] = {}
    for path in folder.glob("assets/*.gz"):
        files[f"/graphiql/assets/{path.stem}"] = file(path.stem, path.read_bytes(), KEPT)
    files["/graphiql/licences.md"] = file("licences.md", (folder / "licences.md.gz").read_bytes(), REVALIDATED)
    return files


def page(packed: bytes, policy: str) -> File:
    """A page that loads what its content security policy allows, and nothing else."""
    return file("page.html", packed, REVALIDATED, {"Content-Security-Policy": policy})


def file(name: str, packed: bytes, caching: str, more: Mapping[str, str] | None = None) -> File:
    """A file with the headers that all files have, and more."""
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
