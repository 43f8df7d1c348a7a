"""The registry's entry for Nuvias UC Hub."""

from __future__ import annotations

from ordergraph.vendors.nuvias.connector import NuviasConnector
from ordergraph.vendors.nuvias.connector_calls import NuviasSettings
from ordergraph.vendors.nuvias.graph import graph
from ordergraph.vendors.nuvias.sandbox import CLIENT_ID, CLIENT_SECRET, NuviasSandbox
from ordergraph.vendors.vendor import Vendor

vendor = Vendor(
    code="nuvias",
    title="Nuvias UC Hub",
    document="Hub API 1.1.0",
    settings=NuviasSettings,
    connector=NuviasConnector,
    connect=NuviasConnector,
    graph=graph,
    sandbox=NuviasSandbox,
    sandbox_account={"vendor": "nuvias", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
)
