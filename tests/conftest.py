"""Fixtures: the sandboxes, served over TCP, and a gateway in front of them."""

import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest

from ordergraph import app, sandbox, settings
from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from tests import fakes, postgres

ORDERS = 60
Json = dict[str, Any]

# The duration of an example depends on how busy the machine is.
hypothesis.settings.register_profile("tests", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("tests")


@pytest.fixture(autouse=True)
def faults_end_with_their_test() -> Iterator[None]:
    """Remove the faults of a test at its end, because sandboxes are shared and tests run in any order."""
    yield
    while fakes.faulty:
        with contextlib.suppress(httpx.HTTPError, RuntimeError):  # the test has stopped the sandbox
            fakes.faulty.pop().end_faults()


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    with sandbox.running(sandbox.create_app({"nuvias": nuvias.sandbox}, orders=ORDERS, seed=1)) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    """A PostgreSQL server: the one that is configured, or one started for the tests."""
    other = os.environ.get(postgres.OTHER)
    if other:
        yield postgres.Server(other)
    else:
        with postgres.running() as server:
            yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty ledger database, for each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db"
    return request.getfixturevalue("postgresql").database()


class Gateway:
    """A gateway with two accounts at the Nuvias sandbox. The account `direct` places orders without a basket."""

    def __init__(self, client: httpx.AsyncClient, hub: httpx.AsyncClient) -> None:
        self.client = client
        self.hub = hub

    async def ask(self, document: str, **variables: Any) -> Json:
        """Return the whole response to a GraphQL document."""
        response = await self.client.post("/graphql", json={"query": document, "variables": variables})
        assert response.status_code == 200, response.text
        return response.json()

    async def query(self, document: str, **variables: Any) -> Any:
        """Return the data of a response without errors."""
        answer = await self.ask(document, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def calls(self) -> list[str]:
        """Return the calls since the last look, as method and path template, without authentication and facts."""
        found = (await self.hub.get("/_control/calls")).json()
        await self.hub.delete("/_control/calls")
        facts = ("/oauth/create_token", "/whoami", "/country_codes")
        return [f"{call['method']} {call['path']}" for call in found if call["path"] not in facts]

    async def advance(self, **command: Any) -> None:
        """Move an object of the sandbox to another state."""
        response = await self.hub.post("/_control/advance", json=command)
        assert response.status_code == 200, response.text


@pytest.fixture
async def gateway(sandbox_url: str) -> AsyncIterator[Gateway]:
    account = {**nuvias.sandbox_account, "base_url": f"{sandbox_url}/nuvias"}
    accounts = {"nuvias": account, "direct": {**account, "placement": "direct"}}
    made = app.create_app(settings.sandbox(app.settings_classes(), accounts))
    async with (
        httpx.AsyncClient(base_url=f"{sandbox_url}/nuvias", verify=False) as hub,
        made.router.lifespan_context(made),
        httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://gateway") as client,
    ):
        await hub.post("/_control/reset")
        yield Gateway(client, hub)
