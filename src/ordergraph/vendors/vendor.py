"""The registry's entry for a vendor: everything that the rest of ordergraph needs to work with it."""

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
    """A description of a vendor's folder.

    ``code`` is the name of the folder, and the value in the settings. ``document`` is the API document that the
    connector implements. ``sandbox`` creates the fake vendor from a number of orders and a seed. ``sandbox_account``
    has the settings of an account that can authenticate there, without ``base_url``. ``placements`` returns the orders
    that a gateway would have stored of the fake vendor's, for a vendor whose API cannot read orders.
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
