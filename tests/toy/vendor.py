"""Toybox's entry for the registry."""

from __future__ import annotations

from ordergraph.vendors.vendor import Vendor
from tests.toy.connector import ToyConnector, ToySettings
from tests.toy.graph import graph
from tests.toy.sandbox import API_KEY, ToySandbox

vendor = Vendor(
    code="toy",
    title="Toybox",
    document="Toybox API, invented for tests",
    settings=ToySettings,
    connector=ToyConnector,
    connect=ToyConnector,
    graph=graph,
    sandbox=ToySandbox,
    sandbox_account={"vendor": "toy", "api_key": API_KEY},
)
