"""Palmetto Virtual Data Center: products for virtual data centres, ordered by self-service."""

from __future__ import annotations

from ordergraph.vendor import Vendor
from ordergraph.vendors.palmetto.connector import PalmettoConnector, PalmettoSettings
from ordergraph.vendors.palmetto.graph import graph
from ordergraph.vendors.palmetto.sandbox import PASSWORD, USERNAME, PalmettoSandbox, placements

vendor = Vendor(
    code="palmetto",
    title="Palmetto VDC",
    document="Net3 API Interface for Customer Portal",
    settings=PalmettoSettings,
    connector=PalmettoConnector,
    connect=PalmettoConnector,
    graph=graph,
    sandbox=PalmettoSandbox,
    sandbox_account={"vendor": "palmetto", "username": USERNAME, "password": PASSWORD},
    placements=placements,
)
