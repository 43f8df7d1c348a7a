"""The required and the optional operations of Sonata's documentation, called through the graph."""

import time
from typing import Any
from unittest.mock import patch

from ordergraph.vendors.sonata.sandbox.data import ELINE
from ordergraph.vendors.sonata.sandbox.life import BASE
from ordergraph.vendors.sonata.sandbox.service import OPERATIONS as EVERY
from tests.fakes import FakeVendor
from tests.gateway import Gateway, gateway
from tests.vendors.sonata.laws import OFFERING

OPERATIONS = frozenset({("POST", f"{BASE}/productOrder"), ("GET", f"{BASE}/productOrder/{{id}}")})
BEYOND = frozenset(
    {("POST", "/oauth/token"), *((method, f"{BASE}{path}") for _, method, path, *_ in EVERY)} - OPERATIONS
)
ACCOUNTS: dict[str, Any] = {"sonata": {"cache": {"lists": 0}}}

TERM = {"name": "Yearly", "duration": {"amount": 12, "units": "CALENDAR_MONTHS"}, "endOfTermAction": "AUTO_RENEW"}
CONTACT = {"name": "Ann Lee", "email": "ann@acme.example", "phone": "+44 20 7946 0101"}
WANTED = "2027-01-31T00:00:00Z"


def line(account: str = "sonata", **details: Any) -> dict[str, Any]:
    own = {"configuration": {"@type": ELINE}, "requestedTerm": TERM, **details}
    return {"product": {"id": f"Product:{account}:{OFFERING}"}, "details": {"sonata": own}}


def place(gateway: Gateway, key: str, account: str = "sonata", lines: int = 2, **more: Any) -> dict[str, Any]:
    placed = gateway.do(
        "placeOrder",
        "order { id status vendorStatus clientReference lineItems { id } }",
        **{
            "accountId": f"Account:{account}",
            "idempotencyKey": key,
            "lineItems": [line(account) for _ in range(lines)],
            "contact": CONTACT,
            "requestedAt": WANTED,
            **more,
        },
    )
    assert placed["userErrors"] == [], placed
    return placed["order"]


def placed_in(gateway: Gateway, fake: FakeVendor, key: str, state: str, account: str = "sonata") -> dict[str, Any]:
    """Return a new order that the Seller has moved to a state."""
    order = place(gateway, key, account)
    fake.advance({"order": order["id"].split(":")[-1], "to": state})
    return order


ALL = """query($id: ID!) { order(id: $id) {
    status charges { id } details { ... on SonataOrderDetails {
        cancelRequests { taskId state } deliveryDateRequests { taskId state } } } } }"""


def walk(asked: Gateway, fake: FakeVendor, **settings: Any) -> None:
    """Call every operation. The settings are those of the account with notifications."""
    asked.get("{ orders(first: 1, filter: {vendors: [SONATA]}) { nodes { id } } }")
    held = placed_in(asked, fake, "operations-1", "held.assessingCharge")
    charges = asked.get(ALL, id=held["id"])["order"]["charges"]
    answered = asked.do("respondToCharge", "charge { id status }", chargeId=charges[0]["id"], accept=True)
    changed = asked.do("updateOrder", orderId=held["id"], notes=["Changed."])
    moved = asked.do("changeRequestedDate", lineItemId=held["lineItems"][0]["id"], requestedAt="2027-03-01T00:00:00Z")
    cancelled = asked.do("cancelOrder", orderId=placed_in(asked, fake, "operations-2", "inProgress")["id"])
    assert [one["userErrors"] for one in (answered, changed, moved, cancelled)] == [[], [], [], []]
    assert (moved["order"]["status"], cancelled["order"]["status"]) == ("ON_HOLD", "CANCELLING")
    for id_ in (held["id"], cancelled["order"]["id"]):
        asked.get(ALL, id=id_)
    listen(fake, **settings)


def listen(fake: FakeVendor, **settings: Any) -> None:
    """Run a gateway with notifications. It registers at startup, checks its registration, and finally unregisters."""
    account = fake.table(callback_url="http://127.0.0.1:9/notifications/sonata", **settings)
    with patch("ordergraph.vendors.sonata.connector.HUB_SECONDS", 0.05), gateway({"sonata": account}):
        until(fake, ("GET", f"{BASE}/hub/{{id}}"))


def until(fake: FakeVendor, call: tuple[str, str]) -> None:
    """Wait for a call."""
    deadline = time.monotonic() + 10
    while call not in fake.calls():
        assert time.monotonic() < deadline, call
        time.sleep(0.02)
