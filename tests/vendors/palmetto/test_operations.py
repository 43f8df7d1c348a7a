"""Both operations of Palmetto are reached from the graph, in the document's dialect."""

from ordergraph.vendors.palmetto import jsv
from ordergraph.vendors.palmetto.sandbox import LOGIN, ORDER
from tests.fakes import FakeVendor
from tests.gateway import Gateway
from tests.vendors.palmetto.test_graph import place

OPERATIONS = {("POST", LOGIN), ("POST", ORDER)}


def test_all_operations(fake: FakeVendor, asked: Gateway) -> None:
    fake.advance({"expire_sessions": True})
    placed = place(asked, "operations")
    assert placed["userErrors"] == []
    log = fake.control.get("/calls").json()
    done = {(call["method"], call["path"]) for call in log if call["status"] in (200, 204)}
    assert done == OPERATIONS
    assert [call["status"] for call in log if call["path"] == ORDER].count(204) == 1
    (order,) = fake.control.get("/placements").json()[-1:]
    assert order["key"] == placed["order"]["vendorOrderId"]
    assert jsv.loads(order["body"]) == placed["order"]["details"]["raw"]
