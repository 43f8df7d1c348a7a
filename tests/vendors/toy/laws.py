"""Toybox's data for the conformance suite."""

from __future__ import annotations

from decimal import Decimal

from ordergraph.connector import Connector
from ordergraph.domain import Action, Order, OrderStatus
from ordergraph.domain.commands import LineRequest, OrderChange, OrderRequest
from tests.toy.sandbox import API_KEY, STATUSES
from tests.vendors.laws import Laws, order_reading


async def request(_: Connector) -> OrderRequest:
    return OrderRequest(lines=[LineRequest(sku="KITE", quantity=Decimal(2))])


def change(_: Order) -> OrderChange:
    return OrderChange()


LAWS = Laws(
    missing=("T999999", "T999998", "T999997"),
    request=request,
    change=change,
    login=None,
    get_order=("GET", "/orders/{id}"),
    list_orders=("GET", "/orders"),
    commits=("POST", "/orders"),
    facts=(),
    secrets=(API_KEY,),
    order_words=STATUSES,
    advance_order=lambda order, word: {"order": order, "to": word},
    order_after={Action.CANCEL_ORDER: OrderStatus.CANCELLED},
    subscription_states={},
    subscription_after={},
    reads={"get_order": order_reading},
)
