"""gql, with its transports over HTTP and WebSockets."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.async_transport import AsyncTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

URL = os.environ["GRAPHQL_URL"]
HEADERS = {"authorization": f"Bearer {os.environ['GRAPHQL_KEY']}"}
SANDBOX = os.environ["SANDBOX_URL"]
NUVIAS = "Order:nuvias:77272"
UNDER_WAY = "Order:nuvias:77270"

ORDER = gql("query ($id: ID!) { order(id: $id) { id status total { amount } placedAt } }")
CANCEL = gql("mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { userErrors { code } } }")
WATCH = gql("subscription ($id: ID!) { orderChanged(id: $id) { order { id status } } }")
MISTAKE = gql("{ nothing }")

Transport = Callable[[], AsyncTransport]


def httpx_transport() -> AsyncTransport:
    return HTTPXAsyncTransport(url=URL, headers=HEADERS)


def aiohttp_transport() -> AsyncTransport:
    return AIOHTTPTransport(url=URL, headers=HEADERS)


def websocket_transport() -> AsyncTransport:
    return WebsocketsTransport(url=URL.replace("http", "ws"), init_payload=HEADERS)


TRANSPORTS = {"HTTPX": httpx_transport, "AIOHTTP": aiohttp_transport, "WebSocket": websocket_transport}
each_transport = pytest.mark.parametrize("transport", TRANSPORTS.values(), ids=TRANSPORTS)


async def ask(transport: Transport, document: Any, **variables: Any) -> Any:
    document.variable_values = variables
    async with Client(transport=transport(), fetch_schema_from_transport=False) as session:
        return await session.execute(document)


@each_transport
async def test_a_query(transport: Transport) -> None:
    assert (await ask(transport, ORDER, id=NUVIAS))["order"]["id"] == NUVIAS


@each_transport
async def test_a_mutation(transport: Transport) -> None:
    payload = await ask(transport, CANCEL, input={"orderId": NUVIAS, "validateOnly": True})
    assert isinstance(payload["cancelOrder"]["userErrors"], list)


@each_transport
async def test_a_mistake_in_a_document(transport: Transport) -> None:
    with pytest.raises(TransportQueryError, match="Cannot query field"):
        await ask(transport, MISTAKE)


async def test_a_subscription_until_the_order_is_final() -> None:
    WATCH.variable_values = {"id": UNDER_WAY}
    statuses: list[str] = []
    async with Client(transport=websocket_transport()) as session, httpx.AsyncClient(base_url=SANDBOX) as sandbox:
        async for result in session.subscribe(WATCH):
            if not statuses:
                command = {"order": int(UNDER_WAY.split(":")[2]), "to": "COMPLETE"}
                (await sandbox.post("/nuvias/_control/advance", json=command)).raise_for_status()
            statuses.append(result["orderChanged"]["order"]["status"])
    assert statuses == ["IN_PROGRESS", "COMPLETED"]


async def test_the_schema_by_introspection() -> None:
    async with Client(transport=httpx_transport(), fetch_schema_from_transport=True) as session:
        assert session.client.schema
        assert session.client.schema.get_type("OrderPhase")
