"""Every operation of Verifone's is reached from the graph."""

from tests.fakes import FakeVendor
from tests.gateway import Gateway
from tests.vendors.verifone.test_graph import ordering

OPERATIONS = {
    ("POST", "/orders/hardware"),
    ("PUT", "/orders/hardware/{orderId}"),
    ("GET", "/orders"),
    ("GET", "/orders/{orderId}"),
    ("POST", "/orders/drafts/{orderId}"),
    ("POST", "/orders/{orderId}/cancel"),
}


def test_all_operations(fake: FakeVendor, asked: Gateway) -> None:
    fake.forget_calls()
    draft = asked.do("createDraftOrder", **ordering("operations-1"))["order"]["id"]
    placed = asked.do("placeOrder", **ordering("operations-2"))["order"]["id"]
    changed = asked.do("updateOrder", orderId=draft, notes=["Changed."])
    submitted = asked.do("submitOrder", orderId=draft)
    cancelled = asked.do("cancelOrder", orderId=placed, details={"verifone": {"reason": "ORDER_LATE"}})
    assert [one["userErrors"] for one in (changed, submitted, cancelled)] == [[], [], []]
    assert asked.get("{ orders(first: 1) { nodes { id } } }")
    assert asked.get("query($id: ID!) { order(id: $id) { id } }", id=draft)["order"]["id"] == draft
    assert (submitted["order"]["status"], cancelled["order"]["status"]) == ("SUBMITTED", "CANCELLED")
    log = fake.control.get("/calls").json()
    assert (
        {(call["method"], call["path"]) for call in log if call["status"] == 200}
        == OPERATIONS
        == {one for one in fake.operations if one[0] != "HEAD"}
    )


def test_what_the_document_alone_has_is_enough_to_order(fake: FakeVendor, bare: Gateway) -> None:
    fake.forget_calls()
    draft = bare.do("createDraftOrder", **ordering("document-1"))["order"]["id"]
    assert bare.do("updateOrder", orderId=draft, notes=["Changed."])["userErrors"] == []
    assert bare.do("placeOrder", **ordering("document-2"))["userErrors"] == []
    page = bare.get("{ orders(first: 10, filter: {phase: [DRAFT, OPEN]}) { nodes { id } sources { coverage } } }")
    assert len(page["orders"]["nodes"]) == 2
    assert set(fake.calls()) == {("POST", "/orders/hardware"), ("PUT", "/orders/hardware/{orderId}")}
