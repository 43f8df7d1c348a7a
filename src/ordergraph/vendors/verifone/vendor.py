"""The registry entry of Verifone."""

from __future__ import annotations

from ordergraph.vendors.vendor import Vendor
from ordergraph.vendors.verifone.connector import VerifoneConnector, VerifoneSettings
from ordergraph.vendors.verifone.graph import graph
from ordergraph.vendors.verifone.sandbox import PASSWORD, USERNAME, VerifoneSandbox
from ordergraph.vendors.verifone.sandbox.data import CUSTOMER

vendor = Vendor(
    code="verifone",
    title="Verifone",
    document="Verifone Order API 2.62, Hardware Orders",
    settings=VerifoneSettings,
    connector=VerifoneConnector,
    connect=VerifoneConnector,
    graph=graph,
    sandbox=VerifoneSandbox,
    sandbox_account={
        "vendor": "verifone",
        "username": USERNAME,
        "password": PASSWORD,
        "customer_entity_uid": CUSTOMER,
        "currency": "EUR",
    },
)
