"""Watches a gateway: subscriptions over one WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import Any, cast

from gql import Client, GraphQLRequest
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from tests.gateway import Gateway, Json

PATIENCE = 10.0
"""The seconds within which all that a test waits for has to arrive."""
WHAT = "orderId order { id status } previousStatus changedFields version source error { code isRetryable retryAfter }"
ONE = f"subscription($id: ID!, $since: String) {{ orderChanged(id: $id, sinceVersion: $since) {{ {WHAT} }} }}"
SEVERAL = f"subscription($ids: [ID!]!) {{ ordersChanged(ids: $ids) {{ {WHAT} }} }}"
OPERATION = "subscription($id: ID!) { operationChanged(id: $id) { id status } }"


class Watching:
    """A subscription: the values of its only field, one by one."""

    def __init__(self, results: AsyncGenerator[Json]) -> None:
        self._results = results

    async def next(self) -> Any:
        """Return the next value. Raises GraphQL's errors as TransportQueryError."""
        async with asyncio.timeout(PATIENCE):
            (found,) = (await anext(self._results)).values()
            return found

    async def rest(self) -> list[Any]:
        """Return all values until the end."""
        async with asyncio.timeout(PATIENCE):
            return [one for result in [result async for result in self._results] for one in result.values()]

    async def code(self) -> str:
        """Return the code of the error that comes next."""
        try:
            raise AssertionError(await self.next())
        except TransportQueryError as error:
            (found,) = cast("list[Json]", error.errors)
            return found["extensions"]["code"]


class Session:
    """A WebSocket."""

    def __init__(self, session: AsyncClientSession) -> None:
        self._session = session

    @asynccontextmanager
    async def watch(self, document: str, **variables: Any) -> AsyncGenerator[Watching]:
        """Subscribe, and end the subscription when the context ends."""
        request = GraphQLRequest(document, variable_values=variables)
        async with aclosing(self._session.subscribe(request)) as results:
            yield Watching(results)


@asynccontextmanager
async def session(asked: Gateway) -> AsyncGenerator[Session]:
    """Connect to a gateway, with the API key of `asked`."""
    url = str(asked.client.base_url.join("/graphql")).replace("http", "ws", 1)
    transport = WebsocketsTransport(
        url, init_payload=dict(asked.headers), subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
    )
    async with Client(transport=transport) as connected:
        yield Session(cast("AsyncClientSession", connected))
