"""One document places an order at every vendor, and the shared fields of the orders are the same."""

from collections.abc import Generator
from contextlib import ExitStack
from typing import Any

import pytest

from ordergraph.vendors.airvantage.sandbox.service import CONTACTS, PRODUCTS
from ordergraph.vendors.palmetto.sandbox.data import PRODUCTS as NUMBERS
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.sonata.sandbox.data import ELINE, OFFERINGS
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway

pytestmark = pytest.mark.slow

Json = dict[str, Any]

TEMPLATE = """
mutation($accountId: ID!, $product: ProductRefInput!, $line: LineItemDetailsInput, $details: OrderDetailsInput) {
  placeOrder(input: {
    idempotencyKey: "one form"
    accountId: $accountId
    lineItems: [{ product: $product, quantity: 1, details: $line }]
    clientReference: "FORM-2026-1"
    purchaseOrderNumber: "PO-2026-1"
    shippingAddress: {
      recipientName: "Ann Lee", companyName: "Acme", lines: ["1 High Street"], city: "York",
      postalCode: "YO1 7HH", countryCode: "GB"
    }
    contact: { name: "Ann Lee", email: "ann@acme.example", phone: "+44 1904 555123" }
    requestedAt: "2027-01-31T00:00:00Z"
    notes: ["Ring twice."]
    details: $details
  }) {
    order {
      id vendor status phase placedAt isFinal clientReference purchaseOrderNumber requestedAt
      customer { vendorId } notes { text } shippingAddress { formattedLines }
      lineItems { quantity product { vendorProductId } }
      shipments { id } charges { id } subscriptions { nodes { id } } invoices { nodes { id } }
    }
    userErrors { code message field }
  }
}"""

TERM = {"name": "Yearly", "duration": {"amount": 12, "units": "CALENDAR_MONTHS"}, "endOfTermAction": "AUTO_RENEW"}
# What differs by vendor: the product and the details.
OWN: dict[str, Json] = {
    "airvantage": {
        "product": {"id": f"Product:airvantage:{next(iter(PRODUCTS))}"},
        "details": {"airvantage": {"deliveryContact": next(iter(CONTACTS))}},
    },
    "nuvias": {
        "product": {"id": "Product:nuvias:3"},
        "details": {"nuvias": {"shippingTypeId": "NuviasShippingType:nuvias:1"}},
    },
    "palmetto": {"product": {"id": f"Product:palmetto:{next(iter(NUMBERS))}"}},
    "sonata": {
        "product": {"id": f"Product:sonata:{next(iter(OFFERINGS))}"},
        "line": {"sonata": {"configuration": {"@type": ELINE}, "requestedTerm": TERM}},
    },
    "verifone": {"product": {"id": "Product:verifone:T650P"}},
}


@pytest.fixture(scope="module")
def fakes() -> Generator[dict[str, FakeVendor]]:
    with ExitStack() as stack:
        yield {one.code: stack.enter_context(serving(one, orders=30)) for one in VENDORS}


@pytest.fixture(scope="module")
def asked(fakes: dict[str, FakeVendor]) -> Generator[Gateway]:
    with gateway({code: fake.table() for code, fake in fakes.items()}) as made:
        yield made


@pytest.mark.parametrize("code", [vendor.code for vendor in VENDORS])
def test_one_template_places_an_order_at_every_vendor(asked: Gateway, code: str) -> None:
    answer = asked.get(TEMPLATE, accountId=f"Account:{code}", **OWN[code])["placeOrder"]
    assert answer["userErrors"] == []
    order = answer["order"]
    assert (order["vendor"], order["isFinal"]) == (code.upper(), False)
    assert order["phase"] == "OPEN"
    assert order["placedAt"]
    assert order["lineItems"][0]["quantity"] == "1"
    told = str(order)
    assert "PO-2026-1" in told, "a value without a vendor field is sent in a note"
    assert "1 High Street" in told
    assert order["charges"] == []
    again = asked.get(TEMPLATE, accountId=f"Account:{code}", **OWN[code])["placeOrder"]
    assert again["order"]["id"] == order["id"]
    listed = asked.get(
        "query($account: [ID!]) { orders(first: 100, filter: {accountIds: $account}) { nodes { id } } }",
        account=[f"Account:{code}"],
    )
    assert [one["id"] for one in listed["orders"]["nodes"]].count(order["id"]) == 1


def test_what_each_needs_is_told_before_anything_is_sent(asked: Gateway, fakes: dict[str, FakeVendor]) -> None:
    requirements = """query($id: ID!) { account(id: $id) { orderRequirements { field isRequired note } } }"""
    bare = """mutation($accountId: ID!, $product: ProductRefInput!) { placeOrder(input: {
        idempotencyKey: "bare", accountId: $accountId, lineItems: [{product: $product, quantity: -1}]
    }) { order { id } userErrors { code field } } }"""
    for code, fake in fakes.items():
        told = asked.get(requirements, id=f"Account:{code}")["account"]["orderRequirements"]
        fields = {one["field"] for one in told}
        assert {"lineItems", "clientReference", "purchaseOrderNumber", "shippingAddress", "contact"} <= fields, code
        fake.forget_calls()
        answer = asked.get(bare, accountId=f"Account:{code}", product=OWN[code]["product"])["placeOrder"]
        assert answer["order"] is None
        paths = {".".join(error["field"]) for error in answer["userErrors"]}
        assert "input.lineItems.0.quantity" in paths
        assert fake.writes() == [], code


CHECKED = (
    TEMPLATE.replace("mutation(", "mutation($validateOnly: Boolean!, ")
    .replace('idempotencyKey: "one form"', 'idempotencyKey: "checked" validateOnly: $validateOnly')
    .replace('"FORM-2026-1"', '"FORM-2026-2"')
    .replace("userErrors {", "operation { id } preview { operation method target body } userErrors {")
)


@pytest.mark.parametrize("code", [vendor.code for vendor in VENDORS])
def test_an_order_can_be_checked_without_being_sent(asked: Gateway, fakes: dict[str, FakeVendor], code: str) -> None:
    fakes[code].forget_calls()
    values = {"accountId": f"Account:{code}", **OWN[code]}
    checked = asked.get(CHECKED, validateOnly=True, **values)["placeOrder"]
    assert (checked["order"], checked["operation"], checked["userErrors"]) == (None, None, [])
    assert checked["preview"]["method"] == "POST"
    assert checked["preview"]["body"]
    assert fakes[code].writes() == []
    placed = asked.get(CHECKED, validateOnly=False, **values)["placeOrder"]
    assert (placed["userErrors"], placed["preview"]) == ([], None)
    assert placed["operation"]
    assert fakes[code].writes()
    again = asked.get(CHECKED, validateOnly=False, **values)["placeOrder"]
    assert again["order"]["id"] == placed["order"]["id"]


def test_what_is_wrong_is_found_by_checking_too(asked: Gateway, fakes: dict[str, FakeVendor]) -> None:
    fakes["verifone"].forget_calls()
    done = asked.do(
        "placeOrder",
        "order { id } preview { method } operation { id }",
        accountId="Account:verifone",
        idempotencyKey="wrong",
        validateOnly=True,
        lineItems=[{"product": {"sku": "T650P"}, "quantity": "1.5"}],
    )
    assert (done["preview"], done["operation"]) == (None, None)
    assert "INVALID" in {one["code"] for one in done["userErrors"]}
    assert fakes["verifone"].calls() == []
