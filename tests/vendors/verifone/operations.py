"""Every operation of Verifone's documentation and its extensions, called through the graph."""

from typing import Any

from tests.fakes import FakeVendor
from tests.gateway import Gateway

OPERATIONS = frozenset({("POST", "/orders/hardware"), ("PUT", "/orders/hardware/{orderId}")})
BEYOND = frozenset(
    {
        ("GET", "/orders"),
        ("GET", "/orders/{orderId}"),
        ("POST", "/orders/drafts/{orderId}"),
        ("POST", "/orders/{orderId}/cancel"),
    }
)
ACCOUNTS = {"verifone": {"cache": {"orders": 0}}}


def ordering(reference: str) -> dict[str, Any]:
    """Return the input that every vendor accepts."""
    return {
        "accountId": "Account:verifone",
        "idempotencyKey": reference,
        "clientReference": reference,
        "contact": {"name": "Jane Smith"},
        "lineItems": [{"product": {"sku": "T650P"}, "quantity": 2}],
    }


def walk(asked: Gateway, _fake: FakeVendor) -> None:
    """Call every operation."""
    draft = asked.do("createDraftOrder", **ordering("operations-1"))["order"]["id"]
    placed = asked.do("placeOrder", **ordering("operations-2"))["order"]["id"]
    changed = asked.do("updateOrder", orderId=draft, notes=["Changed."])
    submitted = asked.do("submitOrder", orderId=draft)
    cancelled = asked.do("cancelOrder", orderId=placed, details={"verifone": {"reason": "ORDER_LATE"}})
    assert [one["userErrors"] for one in (changed, submitted, cancelled)] == [[], [], []]
    assert asked.get("{ orders(first: 1, filter: {vendors: [VERIFONE]}) { nodes { id } } }")
    assert asked.get("query($id: ID!) { order(id: $id) { id } }", id=draft)["order"]["id"] == draft
    assert (submitted["order"]["status"], cancelled["order"]["status"]) == ("SUBMITTED", "CANCELLED")
