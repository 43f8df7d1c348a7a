"""gql, with its transports over HTTP and WebSockets."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.async_transport import AsyncTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

URL = os.environ["GRAPHQL_URL"]
HEADERS = {"authorization": f"Bearer {os.environ['GRAPHQL_KEY']}"}
NUVIAS = "Order:nuvias:77272"

ORDER = gql("query ($id: ID!) { order(id: $id) { id status total { amount } placedAt } }")
CANCEL = gql("mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { userErrors { code } } }")
WATCH = gql("subscription ($id: ID!) { orderChanged(id: $id) { order { id status } } }")
MISTAKE = gql("{ nothing }")

Transport = Callable[[], AsyncTransport]


def over_httpx() -> AsyncTransport:
    return HTTPXAsyncTransport(url=URL, headers=HEADERS)


def over_aiohttp() -> AsyncTransport:
    return AIOHTTPTransport(url=URL, headers=HEADERS)


def over_a_websocket() -> AsyncTransport:
    return WebsocketsTransport(url=URL.replace("http", "ws"), init_payload=HEADERS)


async def ask(transport: Transport, document: Any, **variables: Any) -> Any:
    document.variable_values = variables
    async with Client(transport=transport(), fetch_schema_from_transport=False) as session:
        return await session.execute(document)


@pytest.mark.parametrize("transport", [over_httpx, over_aiohttp, over_a_websocket])
async def test_a_query(transport: Transport) -> None:
    assert (await ask(transport, ORDER, id=NUVIAS))["order"]["id"] == NUVIAS


@pytest.mark.parametrize("transport", [over_httpx, over_aiohttp, over_a_websocket])
async def test_a_mutation(transport: Transport) -> None:
    payload = await ask(transport, CANCEL, input={"orderId": NUVIAS, "validateOnly": True})
    assert isinstance(payload["cancelOrder"]["userErrors"], list)


@pytest.mark.parametrize("transport", [over_httpx, over_aiohttp, over_a_websocket])
async def test_a_mistake_in_a_document(transport: Transport) -> None:
    with pytest.raises(TransportQueryError, match="Cannot query field"):
        await ask(transport, MISTAKE)


async def test_a_subscription() -> None:
    WATCH.variable_values = {"id": NUVIAS}
    async with Client(transport=over_a_websocket()) as session:
        async for result in session.subscribe(WATCH):
            assert result["orderChanged"]["order"]["id"] == NUVIAS
            break


async def test_the_schema_by_introspection() -> None:
    async with Client(transport=over_httpx(), fetch_schema_from_transport=True) as session:
        assert session.client.schema
        assert session.client.schema.get_type("OrderPhase")
