"""Every operation of AirVantage's document is reached from the graph."""

from ordergraph.vendors.airvantage.sandbox import ORDERS
from tests.fakes import FakeVendor
from tests.gateway import Gateway
from tests.vendors.airvantage.laws import CONTACT, PRODUCT

OPERATIONS = {
    ("POST", "/api/oauth/token"),
    ("POST", ORDERS),
    ("PUT", f"{ORDERS}/{{uid}}"),
    ("GET", ORDERS),
    ("GET", f"{ORDERS}/{{uid}}"),
    ("PUT", f"{ORDERS}/{{uid}}/cancel"),
    ("PUT", f"{ORDERS}/{{uid}}/acknowledge"),
}


def place(gateway: Gateway, key: str) -> str:
    placed = gateway.do(
        "placeOrder",
        accountId="Account:av",
        idempotencyKey=key,
        lineItems=[{"product": {"id": f"Product:av:{PRODUCT}"}, "quantity": 3}],
        details={"airvantage": {"deliveryContact": CONTACT}},
    )
    assert placed["userErrors"] == []
    return placed["order"]["id"]


def test_all_operations(fake: FakeVendor, asked: Gateway) -> None:
    fake.advance({"expire_tokens": True})
    asked.get("{ orders(first: 1) { nodes { id } } }")
    first, second = place(asked, "operations-1"), place(asked, "operations-2")
    assert asked.get("query($id: ID!) { order(id: $id) { id } }", id=first)["order"]["id"] == first
    changed = asked.do("updateOrder", orderId=first, notes=["Changed."])
    cancelled = asked.do("cancelOrder", orderId=first)
    fake.advance({"order": second.split(":")[-1], "to": "SHIPPED"})
    acknowledged = asked.do("acknowledgeOrder", orderId=second)
    assert [one["userErrors"] for one in (changed, cancelled, acknowledged)] == [[], [], []]
    assert cancelled["order"]["status"] == "CANCELLED"
    assert acknowledged["order"]["status"] == "COMPLETED"
    log = fake.control.get("/calls").json()
    assert {(call["method"], call["path"]) for call in log if call["status"] == 200} == OPERATIONS
