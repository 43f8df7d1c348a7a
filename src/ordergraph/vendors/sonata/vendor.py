"""The registry entry of MEF LSO Sonata."""

from __future__ import annotations

from ordergraph.vendors.sonata.connector import SonataConnector
from ordergraph.vendors.sonata.connector_reads import SonataSettings
from ordergraph.vendors.sonata.graph import graph
from ordergraph.vendors.sonata.sandbox import CLIENT_ID, CLIENT_SECRET, SonataSandbox
from ordergraph.vendors.sonata.sandbox.data import BILLING_ACCOUNTS
from ordergraph.vendors.vendor import Vendor

vendor = Vendor(
    code="sonata",
    title="LSO Sonata",
    document="MEF 123, Product Order Management API v10",
    settings=SonataSettings,
    connector=SonataConnector,
    connect=SonataConnector,
    graph=graph,
    sandbox=SonataSandbox,
    sandbox_account={
        "vendor": "sonata",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "billing_account": BILLING_ACCOUNTS[0],
    },
)
