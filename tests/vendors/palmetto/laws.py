"""Palmetto's data for the conformance suite."""

from __future__ import annotations

from decimal import Decimal

from ordergraph.connector import Connector
from ordergraph.domain import Order
from ordergraph.domain.commands import LineRequest, OrderChange, OrderRequest
from ordergraph.vendors.palmetto.sandbox import PASSWORD, USERNAME
from ordergraph.vendors.palmetto.sandbox.data import PRODUCTS
from ordergraph.vendors.palmetto.sandbox.service import LOGIN, ORDER
from tests.vendors.laws import Laws

PRODUCT = next(iter(PRODUCTS))


async def request(connector: Connector) -> OrderRequest:
    return OrderRequest(
        lines=[LineRequest(product_id=f"Product:{connector.name}:{PRODUCT}", quantity=Decimal(2))],
        details={"payloads": [{"org_name": "acme", "vdc_id": "vdc-1"}]},
    )


def change(_: Order) -> OrderChange:
    return OrderChange(notes=["Palmetto has no such action."])


LAWS = Laws(
    missing=(
        "00000000-0000-4000-8000-000000000000",
        "00000000-0000-4000-8000-000000000001",
        "00000000-0000-4000-8000-000000000002",
    ),
    request=request,
    change=change,
    login=("POST", LOGIN),
    get_order=None,
    list_orders=None,
    commits=("POST", ORDER),
    asked=False,
    answers=False,
    facts=(),
    secrets=(USERNAME, PASSWORD),
    order_words=(),
    advance_order=lambda order, word: {"order": order, "to": word},
    order_after={},
    subscription_states={},
    subscription_after={},
    reads={},
)
