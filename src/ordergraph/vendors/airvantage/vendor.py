"""The registry entry of Sierra Wireless AirVantage."""

from __future__ import annotations

from ordergraph.vendors.airvantage.connector import AirVantageConnector, AirVantageSettings
from ordergraph.vendors.airvantage.graph import graph
from ordergraph.vendors.airvantage.sandbox import CLIENT_ID, CLIENT_SECRET, AirVantageSandbox
from ordergraph.vendors.vendor import Vendor

vendor = Vendor(
    code="airvantage",
    title="AirVantage",
    document="AirVantage API v1, Orders",
    settings=AirVantageSettings,
    connector=AirVantageConnector,
    connect=AirVantageConnector,
    graph=graph,
    sandbox=AirVantageSandbox,
    sandbox_account={"vendor": "airvantage", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
)
