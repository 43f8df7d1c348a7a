"""gql, with its transports for HTTP and WebSocket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.async_transport import AsyncTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.clients.given import AIRVANTAGE, HEADERS, NUVIAS, UNDER_WAY, URL, complete, nuvias_down

ORDER = gql("query ($id: ID!) { order(id: $id) { id status total { amount } placedAt } }")
TWO = gql("query ($down: ID!, $up: ID!) { down: order(id: $down) { id } up: order(id: $up) { id } }")
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


async def test_partial_data_with_errors() -> None:
    with nuvias_down(), pytest.raises(TransportQueryError) as caught:
        await ask(httpx_transport, TWO, down=NUVIAS, up=AIRVANTAGE)
    assert caught.value.data == {"down": None, "up": {"id": AIRVANTAGE}}
    assert [error["extensions"]["code"] for error in caught.value.errors or ()] == ["VENDOR_UNAVAILABLE"]


async def test_a_subscription_until_the_order_is_final() -> None:
    WATCH.variable_values = {"id": UNDER_WAY}
    statuses: list[str] = []
    async with Client(transport=websocket_transport()) as session:
        async for result in session.subscribe(WATCH):
            if not statuses:
                complete(UNDER_WAY)
            statuses.append(result["orderChanged"]["order"]["status"])
    assert statuses == ["IN_PROGRESS", "COMPLETED"]


async def test_the_schema_by_introspection() -> None:
    async with Client(transport=httpx_transport(), fetch_schema_from_transport=True) as session:
        assert session.client.schema
        assert session.client.schema.get_type("OrderPhase")
