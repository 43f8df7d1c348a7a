"""What an installed ordergraph has to do: run the README's first query, serve its pages, and match the lock file."""

import json
import re
from collections.abc import Sequence

import httpx

from tests.documents import ROOT
from tests.gateway import NO_COST
from tests.install.packages import pins

LIST = "import importlib.metadata as m; print(*(f'{one.name}=={one.version}' for one in m.distributions()))"
"""A program that prints the packages that are installed where it runs."""
PAGES = ("/", "/graphiql")


def check_first_query(client: httpx.Client) -> None:
    """Assert that the README's first query gets the response that the README shows."""
    text = (ROOT / "README.md").read_text()
    query, answer = re.findall(r"^```(?:graphql|json)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[:2]
    reply = client.post("/graphql", json={"query": query}, headers=NO_COST)
    assert reply.json() == json.loads(answer)


def check_pages(client: httpx.Client) -> None:
    """Assert that the pages exist, with every file that they refer to."""
    for page in PAGES:
        reply = client.get(page, headers={"accept": "text/html"})
        assert reply.status_code == 200, page
        names = set(re.findall(r'(?:src|href)="([^"#:]+\.\w+)"', reply.text))
        assert len(names) >= 3, reply.text
        for name in names:
            file = client.get(f"/{name}")
            assert file.status_code == 200, name
            assert file.content, name


def check_locked(listed: str, *others: str) -> None:
    """Assert that the output of LIST is requirements.lock and ordergraph. ``others`` may be installed too."""
    named = {f"{pin.name}=={pin.version}" for pin in pins(ROOT / "requirements.lock")}
    unnamed = _normalized(listed.split()) - named
    assert {pin.partition("==")[0] for pin in unnamed} - set(others) == {"ordergraph"}


def _normalized(pins: Sequence[str]) -> set[str]:
    return {re.sub(r"[-_.]+(?=.*==)", "-", pin.lower()) for pin in pins}
