"""Graceful shutdown with watching clients: they are told to reconnect, and the gateway does not wait for them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.test_cli import Running, ask, gateway
from tests.waiting import PATIENCE

pytestmark = pytest.mark.slow

ORDER = "{ orders(first: 1, filter: {phases: [OPEN]}) { nodes { id } } }"
WATCH = "subscription($id: ID!) { orderChanged(id: $id) { source order { id } } }"


def until(texts: Iterator[str], wanted: str) -> str:
    found = ""
    while wanted not in found:
        found += next(texts)
    return found


def watch(connection: ClientConnection, order: str) -> None:
    """Watch an order over a WebSocket."""
    connection.send(json.dumps({"type": "connection_init"}))
    assert json.loads(connection.recv(timeout=PATIENCE)) == {"type": "connection_ack"}
    payload = {"query": WATCH, "variables": {"id": order}}
    connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
    assert json.loads(connection.recv(timeout=PATIENCE))["payload"]["data"]["orderChanged"]["source"] == "INITIAL"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_who_watches_is_told_to_connect_again(workers: str) -> None:
    with gateway("--sandbox", "--orders", "20", "--workers", workers) as running:
        told(running)


def told(running: Running) -> None:
    order = ask(running.url, ORDER)["data"]["orders"]["nodes"][0]["id"]
    body = {"query": WATCH, "variables": {"id": order}}
    address, protocol = f"{running.url.replace('http', 'ws')}/graphql", Subprotocol("graphql-transport-ws")
    with (
        httpx.Client(base_url=running.url, timeout=PATIENCE, trust_env=False, verify=False) as client,
        connect(address, subprotocols=[protocol], proxy=None) as socket,
    ):
        headers = [{"accept": accept} for accept in ("text/event-stream", 'multipart/mixed;subscriptionSpec="1.0"')]
        opened = [client.build_request("POST", "/graphql", json=body, headers=one) for one in headers]
        responses = [client.send(one, stream=True) for one in opened]
        texts = [one.iter_text() for one in responses]
        for one in texts:
            until(one, "INITIAL")
        watch(socket, order)
        running.process.terminate()
        events, parts = ("".join(one) for one in texts)
        assert "retry: 1000" in events
        assert "event: complete" not in events
        assert '"code":"SERVICE_RESTARTING"' in parts
        with pytest.raises(ConnectionClosed) as found:
            socket.recv(timeout=PATIENCE)
        assert found.value.rcvd
        assert found.value.rcvd.code == 1012  # service restart
        assert running.process.wait(PATIENCE) == 0
