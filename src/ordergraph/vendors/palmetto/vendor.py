"""The registry's entry for Palmetto Virtual Data Center."""

from __future__ import annotations

from collections.abc import Sequence

from ordergraph.ledger.placed import PlacedOrder
from ordergraph.vendors.palmetto.connector import PalmettoConnector, PalmettoSettings
from ordergraph.vendors.palmetto.graph import graph
from ordergraph.vendors.palmetto.sandbox import PASSWORD, USERNAME, PalmettoSandbox
from ordergraph.vendors.vendor import Vendor


def placements(orders: int, seed: int) -> Sequence[PlacedOrder]:
    """Return the orders that a gateway would have stored for the seeded orders, which Palmetto's API cannot read."""
    placed = PalmettoSandbox(orders, seed).placed
    return [
        PlacedOrder(one.key, one.at, one.at, one.body.encode(), one.content.get("jobId") or one.key)
        for one in placed
        if one.key
    ]


vendor = Vendor(
    code="palmetto",
    title="Palmetto VDC",
    document="Net3 API Interface for Customer Portal",
    settings=PalmettoSettings,
    connector=PalmettoConnector,
    connect=PalmettoConnector,
    graph=graph,
    sandbox=PalmettoSandbox,
    sandbox_account={"vendor": "palmetto", "username": USERNAME, "password": PASSWORD, "currency": "USD"},
    placements=placements,
)
