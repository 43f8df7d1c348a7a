"""Verifone's data for the conformance suite."""

from __future__ import annotations

import itertools
from decimal import Decimal

from ordergraph.connector import Connector
from ordergraph.domain import Action, Order, OrderStatus
from ordergraph.domain.commands import Contact, LineRequest, OrderChange, OrderRequest
from ordergraph.sandbox.lifecycle import way
from ordergraph.vendors.verifone.sandbox import PASSWORD
from ordergraph.vendors.verifone.sandbox.data import DETAILED, DEVICES, NEXT
from ordergraph.vendors.verifone.sandbox.service import TOKEN
from tests.vendors.laws import Laws, order_reading

numbers = itertools.count(1)


async def request(connector: Connector) -> OrderRequest:
    return OrderRequest(
        lines=[LineRequest(product_id=f"Product:{connector.name}:{DEVICES[0]}", quantity=Decimal(2))],
        client_reference=f"LAW-{next(numbers)}",
        contact=Contact(name="Jane Smith"),
    )


def change(_: Order) -> OrderChange:
    return OrderChange(notes=["Ring twice."])


LAWS = Laws(
    missing=(
        "00000000-0000-4000-8000-000000000000",
        "ffffffff-ffff-4fff-8fff-ffffffffffff",
        "32c480b5-4dfb-4c53-959f-49edf45a0931",
    ),
    request=request,
    change=change,
    login=None,
    get_order=("GET", "/orders/{orderId}"),
    list_orders=("GET", "/orders"),
    commits=("POST", "/orders/hardware"),
    facts=(),
    secrets=(TOKEN, PASSWORD),
    order_words=["SUBMITTED", *(word for word in DETAILED if way(NEXT, "SUBMITTED", word))],
    advance_order=lambda order, word: {"order": order, "to": word},
    order_after={Action.SUBMIT_ORDER: OrderStatus.SUBMITTED, Action.CANCEL_ORDER: OrderStatus.CANCELLED},
    subscription_states={},
    subscription_after={},
    reads={"get_order": order_reading},
)
