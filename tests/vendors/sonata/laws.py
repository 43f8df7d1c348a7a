"""Sonata's data for the conformance suite."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from ordergraph.connector import Connector
from ordergraph.domain import Action, Order, OrderStatus
from ordergraph.domain.commands import Contact, LineRequest, OrderChange, OrderQuery, OrderRequest
from ordergraph.domain.errors import VendorError
from ordergraph.domain.paging import Window
from ordergraph.vendors.sonata.connector import SonataConnector
from ordergraph.vendors.sonata.sandbox import CLIENT_ID, CLIENT_SECRET
from ordergraph.vendors.sonata.sandbox.data import ELINE, OFFERINGS
from ordergraph.vendors.sonata.sandbox.life import BASE
from ordergraph.vendors.sonata.sandbox.rules import ENUMS
from tests.vendors.laws import Laws, Read, order_reading

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


async def having(connector: Connector, of: str) -> dict[str, list[str]]:
    """Return the IDs of the charges or requests of two orders that have some, by order."""
    sonata = cast("SonataConnector", connector)
    part = await sonata.list_orders(OrderQuery(), Window(200, descending=True))
    keys = [order.ref.joined for order in part.items]
    fetch = {"charge": sonata.fetch_order_charges, "cancel": sonata.fetch_cancels, "date": sonata.fetch_dates}[of]
    found: dict[str, list[str]] = {}
    for key, some in zip(keys, await fetch(keys), strict=True):
        assert not isinstance(some, VendorError)
        shown = cast("Sequence[Any]", some or ())
        ids = [one.wire.id if of == "charge" else one.id for one in shown]
        if ids and len(found) < 2:
            found[key] = ids
    return found


async def charge_reading(connector: Connector) -> tuple[str, str, Read]:
    """Return two charges."""
    (one, *_), (other, *_) = (await having(connector, "charge")).values()
    return one, other, lambda at: at.fetch_charges([one])


async def charges_reading(connector: Connector) -> tuple[str, str, Read]:
    """Return two orders with charges."""
    one, other = await having(connector, "charge")
    return one, other, lambda at: at.fetch_order_charges([one])


async def task_reading(of: str, connector: Connector) -> tuple[str, str, Read]:
    """Return two requests of a kind."""
    found = await having(connector, of)
    (order, (one, *_)), (_, (other, *_)) = found.items()
    return one, other, lambda at: tasks(at, of, order)


async def tasks_reading(of: str, connector: Connector) -> tuple[str, str, Read]:
    """Return two orders with requests of a kind."""
    one, other = await having(connector, of)
    return one, other, lambda at: tasks(at, of, one)


async def tasks(connector: Connector, of: str, order: str) -> Sequence[object]:
    """Return the requests of a kind that an order has."""
    sonata = cast("SonataConnector", connector)
    return await (sonata.fetch_cancels if of == "cancel" else sonata.fetch_dates)([order])


LAWS = Laws(
    # IDs are opaque strings, so few values are invalid.
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
    reads={
        "retrieveProductOrder": order_reading,
        "retrieveCharge": charge_reading,
        "listCharge": charges_reading,
        "retrieveCancelProductOrder": partial(task_reading, "cancel"),
        "listCancelProductOrder": partial(tasks_reading, "cancel"),
        "retrieveModifyProductOrderItemRequestedDeliveryDate": partial(task_reading, "date"),
        "listModifyProductOrderItemRequestedDeliveryDate": partial(tasks_reading, "date"),
        "retrieveHub": None,
    },
    about_parts={"unregisterListener"},
)
