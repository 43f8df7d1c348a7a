"""The only operation of Palmetto's documentation, called through the graph."""

from ordergraph.vendors.palmetto import jsv
from ordergraph.vendors.palmetto.sandbox.service import LOGIN, ORDER
from tests.fakes import FakeVendor
from tests.gateway import Gateway
from tests.vendors.palmetto.laws import PRODUCT

OPERATIONS = frozenset({("POST", ORDER)})
BEYOND = frozenset({("POST", LOGIN)})
ACCOUNTS = {"palmetto": {"currency": "USD"}}


def walk(asked: Gateway, fake: FakeVendor) -> None:
    """Place an order. The graph must show what Palmetto received."""
    placed = asked.do(
        "placeOrder",
        "order { vendorOrderId details { raw } }",
        accountId="Account:palmetto",
        idempotencyKey="operations",
        lineItems=[{"product": {"id": f"Product:palmetto:{PRODUCT}"}, "quantity": "2.5"}],
    )
    assert placed["userErrors"] == []
    (read,) = fake.control.get("/placements").json()[-1:]
    assert read["key"] == placed["order"]["vendorOrderId"]
    assert read["contentType"] == "text/jsv"
    assert jsv.loads(read["body"]) == placed["order"]["details"]["raw"]
