"""The gateway under test and its sandboxes. gateway.js is the same for JavaScript."""

import os
from collections.abc import Generator
from contextlib import contextmanager

import httpx

URL = os.environ["GRAPHQL_URL"]
HEADERS = {"authorization": f"Bearer {os.environ['GRAPHQL_KEY']}"}

# Orders in the seeded sandboxes. The last one is in progress.
NUVIAS = "Order:nuvias:77272"
AIRVANTAGE = "Order:airvantage:6e45086758717bc5bf92cea48598d4df"
UNDER_WAY = "Order:nuvias:77270"

NUVIAS_CONTROL = f"{os.environ['SANDBOX_URL']}/nuvias/_control"


@contextmanager
def nuvias_down() -> Generator[None]:
    """Let Nuvias respond with 503 to every call within the context."""
    faults = f"{NUVIAS_CONTROL}/faults"
    httpx.put(faults, json=[{"fault": "unavailable"}]).raise_for_status()
    try:
        yield
    finally:
        httpx.delete(faults).raise_for_status()


def complete(order: str) -> None:
    """Complete an order at Nuvias."""
    command = {"order": int(order.split(":")[2]), "to": "COMPLETE"}
    httpx.post(f"{NUVIAS_CONTROL}/advance", json=command).raise_for_status()
