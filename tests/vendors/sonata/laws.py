"""Sonata's table for the conformance suite."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ordergraph.connector import Connector
from ordergraph.domain import Action, Order, OrderStatus
from ordergraph.requests import Contact, LineRequest, OrderChange, OrderRequest
from ordergraph.vendors.sonata.sandbox import CLIENT_ID, CLIENT_SECRET
from ordergraph.vendors.sonata.sandbox_data import ELINE, OFFERINGS
from ordergraph.vendors.sonata.sandbox_life import BASE
from ordergraph.vendors.sonata.sandbox_rules import ENUMS
from tests.vendors.laws import Laws

OFFERING = next(iter(OFFERINGS))
WANTED = datetime(2027, 1, 31, tzinfo=UTC)
TERM: dict[str, Any] = {
    "name": "Yearly",
    "duration": {"amount": 12, "units": "CALENDAR_MONTHS"},
    "end_of_term_action": "AUTO_RENEW",
}


def line(connector: Connector) -> LineRequest:
    return LineRequest(
        product_id=f"Product:{connector.name}:{OFFERING}",
        details={"configuration": {"@type": ELINE}, "requested_term": TERM},
    )


async def request(connector: Connector) -> OrderRequest:
    return OrderRequest(
        lines=[line(connector), line(connector)],
        contact=Contact(name="Ann Lee", email="ann@acme.example", phone="+44 20 7946 0101"),
        requested_at=WANTED,
    )


def change(_: Order) -> OrderChange:
    return OrderChange(notes=["Ring twice."])


LAWS = Laws(
    # ids are opaque texts: little can be told to be none
    garbage=("", " ", ".", "..", "1 ", "9" * 5000, "\x00", "a b"),
    missing=("0" * 32, "f" * 32, "00000000-0000-4000-8000-000000000001"),
    request=request,
    change=change,
    login=("POST", "/oauth/token"),
    get_order=("GET", f"{BASE}/productOrder/{{id}}"),
    list_orders=("GET", f"{BASE}/productOrder"),
    commits=("POST", f"{BASE}/productOrder"),
    facts=(),
    secrets=(CLIENT_ID, CLIENT_SECRET),
    prices=False,
    order_words=ENUMS["OrderState"],
    advance_order=lambda order, word: {"order": order, "to": word},
    order_after={Action.CANCEL_ORDER: OrderStatus.CANCELLING, Action.CHANGE_REQUESTED_DATE: OrderStatus.ON_HOLD},
    subscription_states={},
    subscription_after={},
)
