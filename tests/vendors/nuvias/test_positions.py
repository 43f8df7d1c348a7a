"""Positional lists of the Hub keep their positions when rows violate the contract."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from starlette.applications import Starlette

from ordergraph.domain.commands import ProductQuery, SubscriptionQuery
from ordergraph.ledger.placed import PlacedOrders
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.sandbox import VendorApp, create_app, read_rules, running
from ordergraph.vendors.nuvias.connector import NuviasConnector
from ordergraph.vendors.nuvias.connector_calls import NuviasSettings
from ordergraph.vendors.nuvias.vendor import vendor as nuvias


@pytest.fixture(scope="module")
def sandbox() -> Generator[tuple[str, Starlette]]:
    app = create_app({"nuvias": nuvias.sandbox}, orders=60, seed=1)
    with running(app) as url:
        yield f"{url}/nuvias", app


@asynccontextmanager
async def connected(url: str) -> AsyncGenerator[NuviasConnector]:
    """Open a new connector, whose cache is empty."""
    settings = NuviasSettings.model_validate({"name": "uk", "base_url": url, **nuvias.sandbox_account})
    connector = NuviasConnector(settings, PlacedOrders(Store(MEMORY), "uk"))
    try:
        yield connector
    finally:
        await connector.aclose()


@pytest.mark.parametrize(
    ("path", "offset", "limit", "left_out"),
    [
        ("/products", 0, 5, [0]),
        ("/products", 3, 5, []),  # one page of eight rows, of which the first is not requested
        ("/products", 23, 3, [1]),  # two pages of three rows, of which the second begins with row 24
        ("/subscriptions", 0, 3, [0]),
        ("/subscriptions", 2, 3, []),
    ],
)
async def test_rows_keep_their_positions(
    sandbox: tuple[str, Starlette], path: str, offset: int, limit: int, left_out: list[int]
) -> None:
    url, app = sandbox
    hub = cast("dict[str, VendorApp]", app.state.vendor_apps)["nuvias"]

    async def part_of(connector: NuviasConnector, begin: int, count: int) -> Any:
        if path == "/products":
            return await connector.list_products(ProductQuery(), begin, count)
        return await connector.list_subscriptions(SubscriptionQuery(), begin, count)

    async with connected(url) as connector:
        truth = [one.id for one in (await part_of(connector, 0, offset + limit)).items]
    hub.rules = read_rules([{"fault": "contract_drift", "path": path}], {path})
    try:
        async with connected(url) as connector:
            part = await part_of(connector, offset, limit)
    finally:
        hub.end_faults()
    assert list(part.left_out) == left_out
    assert [one.id for one in part.items] == [truth[offset + place] for place in part.places]
    assert part.rows == len(truth) - offset
