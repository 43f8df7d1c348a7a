"""The vendors that this gateway supports. Each has a folder under `ordergraph.vendors` and an entry here."""

from __future__ import annotations

from ordergraph.vendors.airvantage.vendor import vendor as airvantage
from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from ordergraph.vendors.palmetto.vendor import vendor as palmetto
from ordergraph.vendors.sonata.vendor import vendor as sonata
from ordergraph.vendors.vendor import Vendor
from ordergraph.vendors.verifone.vendor import vendor as verifone

VENDORS: tuple[Vendor, ...] = (airvantage, nuvias, palmetto, sonata, verifone)
