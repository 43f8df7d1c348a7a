"""The vendors: one folder each, and one word here."""

from __future__ import annotations

from ordergraph.vendor import Vendor
from ordergraph.vendors import airvantage, nuvias, palmetto, sonata, verifone

VENDORS: tuple[Vendor, ...] = (airvantage.vendor, nuvias.vendor, palmetto.vendor, sonata.vendor, verifone.vendor)
