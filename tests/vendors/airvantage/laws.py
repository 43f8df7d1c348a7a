"""AirVantage's data for the conformance suite."""

from __future__ import annotations

from decimal import Decimal

from ordergraph.connector import Connector
from ordergraph.domain import Action, Order, OrderStatus
from ordergraph.domain.commands import LineRequest, OrderChange, OrderRequest
from ordergraph.vendors.airvantage.mapping import plain_uid
from ordergraph.vendors.airvantage.sandbox import CLIENT_ID, CLIENT_SECRET
from ordergraph.vendors.airvantage.sandbox.service import CONTACTS, ORDERS, PASSWORD, PRODUCTS, STATUSES
from tests.vendors.laws import Laws, Read, order_reading

CONTACT = next(iter(CONTACTS))
PRODUCT = next(iter(PRODUCTS))


async def request(connector: Connector) -> OrderRequest:
    return OrderRequest(
        lines=[LineRequest(product_id=f"Product:{connector.name}:{PRODUCT}", quantity=Decimal(2))],
        details={"delivery_contact": CONTACT},
    )


def change(_: Order) -> OrderChange:
    return OrderChange(notes=["Ring twice."])


async def product_reading(_: Connector) -> tuple[str, str, Read]:
    """Return two products, each known from an order."""
    one, other = [plain_uid(uid) for uid in PRODUCTS][:2]
    return one, other, lambda at: at.fetch_products([one])


LAWS = Laws(
    missing=("0" * 32, "f" * 32, "00000000-0000-0000-0000-000000000001"),
    request=request,
    change=change,
    login=("POST", "/api/oauth/token"),
    get_order=("GET", f"{ORDERS}/{{uid}}"),
    list_orders=("GET", ORDERS),
    commits=("POST", ORDERS),
    facts=(),
    secrets=(CLIENT_ID, PASSWORD, CLIENT_SECRET),
    prices=False,
    order_words=STATUSES,
    advance_order=lambda order, word: {"order": order, "to": word},
    order_after={Action.CANCEL_ORDER: OrderStatus.CANCELLED, Action.ACKNOWLEDGE_ORDER: OrderStatus.COMPLETED},
    subscription_states={},
    subscription_after={},
    reads={"get_order": order_reading, "find_orders": product_reading},
)
