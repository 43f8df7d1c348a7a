"""Every operation of AirVantage's documentation, called through the graph."""

from ordergraph.vendors.airvantage.sandbox.service import ORDERS
from tests.fakes import FakeVendor
from tests.gateway import Gateway
from tests.vendors.airvantage.laws import CONTACT, PRODUCT

OPERATIONS = frozenset(
    {
        ("POST", ORDERS),
        ("PUT", f"{ORDERS}/{{uid}}"),
        ("GET", ORDERS),
        ("GET", f"{ORDERS}/{{uid}}"),
        ("PUT", f"{ORDERS}/{{uid}}/cancel"),
        ("PUT", f"{ORDERS}/{{uid}}/acknowledge"),
    }
)
BEYOND = frozenset({("POST", "/api/oauth/token")})
ACCOUNTS = {"airvantage": {"cache": {"lists": 0}}}


def place(gateway: Gateway, key: str) -> str:
    placed = gateway.do(
        "placeOrder",
        accountId="Account:airvantage",
        idempotencyKey=key,
        lineItems=[{"product": {"id": f"Product:airvantage:{PRODUCT}"}, "quantity": 3}],
        details={"airvantage": {"deliveryContact": CONTACT}},
    )
    assert placed["userErrors"] == []
    return placed["order"]["id"]


def walk(asked: Gateway, fake: FakeVendor) -> None:
    """Call every operation."""
    asked.get("{ orders(first: 1, filter: {vendors: [AIRVANTAGE]}) { nodes { id } } }")
    first, second = place(asked, "operations-1"), place(asked, "operations-2")
    assert asked.get("query($id: ID!) { order(id: $id) { id } }", id=first)["order"]["id"] == first
    changed = asked.do("updateOrder", orderId=first, notes=["Changed."])
    cancelled = asked.do("cancelOrder", orderId=first)
    fake.advance({"order": second.split(":")[-1], "to": "SHIPPED"})
    acknowledged = asked.do("acknowledgeOrder", orderId=second)
    assert [one["userErrors"] for one in (changed, cancelled, acknowledged)] == [[], [], []]
    assert cancelled["order"]["status"] == "CANCELLED"
    assert acknowledged["order"]["status"] == "COMPLETED"
