"""The fake vendors over TCP, and a gateway in front of them."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
import strawberry

from ordergraph import app, sandbox, settings
from ordergraph.vendors.nuvias import vendor as nuvias

ORDERS = 60
Json = dict[str, Any]


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    with sandbox.running(sandbox.create_app({"nuvias": nuvias.sandbox}, orders=ORDERS, seed=1)) as url:
        yield url


@pytest.fixture(scope="session")
def one_schema() -> strawberry.Schema:
    """Putting the schema together takes half a second, so the tests share one."""
    return app.build_schema()


class Gateway:
    """A gateway with two accounts at the fake Hub: `nuvias`, and `direct`, which places orders at once."""

    def __init__(self, client: httpx.AsyncClient, hub: httpx.AsyncClient) -> None:
        self.client = client
        self.hub = hub

    async def ask(self, document: str, **variables: Any) -> Json:
        """The whole answer to a GraphQL document."""
        response = await self.client.post("/graphql", json={"query": document, "variables": variables})
        assert response.status_code == 200, response.text
        return response.json()

    async def query(self, document: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = await self.ask(document, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def calls(self) -> list[str]:
        """What the Hub was asked since the last look: method and path template, without login and facts."""
        found = (await self.hub.get("/_control/calls")).json()
        await self.hub.delete("/_control/calls")
        facts = ("/oauth/create_token", "/whoami", "/country_codes")
        return [f"{call['method']} {call['path']}" for call in found if call["path"] not in facts]

    async def advance(self, **command: Any) -> None:
        """Move an object of the fake Hub along its life."""
        response = await self.hub.post("/_control/advance", json=command)
        assert response.status_code == 200, response.text


@pytest.fixture
async def gateway(
    sandbox_url: str, one_schema: strawberry.Schema, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Gateway]:
    monkeypatch.setattr(app, "build_schema", Mock(return_value=one_schema))
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
