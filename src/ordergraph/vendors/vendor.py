"""What the registry knows of a vendor: everything that the rest of ordergraph needs to work with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ordergraph.connector import Connector
from ordergraph.graph.schema import VendorGraph
from ordergraph.ledger.placed import PlacedOrder, PlacedOrders
from ordergraph.sandbox import VendorSandbox
from ordergraph.settings import AccountSettings


@dataclass(frozen=True, eq=False)
class Vendor:
    """A vendor's folder, described.

    ``code`` is the folder's name and the word in the settings. ``document`` names what the connector is
    built after. ``sandbox`` makes the fake vendor of so many orders from a seed; ``sandbox_account`` are
    the settings of an account that can log in there, without ``base_url``. ``placements`` is what a gateway would
    have kept of the fake vendor's orders, for a vendor that cannot show them again.
    """

    code: str
    title: str
    document: str
    settings: type[AccountSettings]
    connector: type[Connector]
    connect: Callable[[Any, PlacedOrders], Connector]
    graph: VendorGraph
    sandbox: Callable[[int, int], VendorSandbox]
    sandbox_account: Mapping[str, Any]
    placements: Callable[[int, int], Sequence[PlacedOrder]] | None = None
