"""The web pages need no authentication, have a strict content security policy, and are cached by browsers."""

import gzip
import re
from collections.abc import Generator
from itertools import chain

import httpx
import pytest

from ordergraph.server import pages
from tests.gateway import Gateway, gateway

NAMED = re.compile(r'(?:href|src)="([^"]+)"')


@pytest.fixture(scope="module")
def asked() -> Generator[Gateway]:
    """A gateway with authentication."""
    with gateway({}, callers={}) as made:
        yield made


def links(page: httpx.Response) -> list[str]:
    return NAMED.findall(page.text)


@pytest.mark.parametrize("path", ["/", "/graphiql"])
def test_a_page_is_sent_without_a_key_and_loads_only_what_is_ours(asked: Gateway, path: str) -> None:
    page = asked.client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    policy = {
        name: rest for name, *rest in (part.split() for part in page.headers["content-security-policy"].split(";"))
    }
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == ["'none'"]
    assert ("'unsafe-inline'" in policy["style-src"]) == (path == "/graphiql"), "only Monaco adds inline styles"
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", page.text)


def test_what_the_pages_name_is_there(asked: Gateway) -> None:
    named = set(chain(links(asked.client.get("/")), links(asked.client.get("/graphiql"))))
    assert {"static/landing.js", "static/icon.svg", "graphiql", "livez", "readyz"} <= named
    assert not [one for one in named if one.startswith(("http", "//"))]
    for link in named - {"graphql"}:
        assert asked.client.get(f"/{link}").status_code == 200, link


def test_a_file_is_sent_packed_or_not_and_never_twice(asked: Gateway) -> None:
    script = next(one for one in links(asked.client.get("/graphiql")) if one.endswith(".js"))
    for path in ("/", "/static/landing.css", f"/{script}"):
        plain = asked.client.get(path, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        with asked.client.stream("GET", path, headers={"accept-encoding": "gzip"}) as packed:
            assert packed.headers["content-encoding"] == "gzip"
            assert gzip.decompress(b"".join(packed.iter_raw())) == plain.content
            assert "accept-encoding" in packed.headers["vary"].lower()
        again = asked.client.get(path, headers={"if-none-match": f'"other", {plain.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == plain.headers["etag"]
        assert asked.client.get(path, headers={"if-none-match": 'W/"other"'}).status_code == 200
        assert asked.client.head(path).status_code == 200
        assert asked.client.post(path).status_code == 405
    assert asked.client.get(f"/{script}").headers["cache-control"] == pages.KEPT
    assert asked.client.get("/graphiql/licences.md").headers["content-type"] == "text/plain; charset=utf-8"
    for path in (
        "/static/landing.html",
        "/static/..%2fpages.py",
        "/graphiql/assets/other.js",
        "/graphiql/index.html.gz",
    ):
        assert asked.client.get(path).status_code == 404, path


def test_graphiql_can_be_switched_off() -> None:
    with gateway({}, graphql={"graphiql": False}) as asked:
        landing = asked.client.get("/")
        assert landing.status_code == 200
        assert "graphiql" not in landing.text.lower()
        assert asked.client.get("/graphiql").status_code == 404
        assert asked.client.get("/graphiql/licences.md").status_code == 404
