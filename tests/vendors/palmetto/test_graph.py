"""Palmetto through the graph: placing orders, kept orders, errors by input, sessions, and the merged list."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.requests import Request

from ordergraph.domain.errors import VendorTimeout
from ordergraph.ledger.placed import PlacedOrder
from ordergraph.ledger.store import Store
from ordergraph.vendors.airvantage.vendor import vendor as airvantage
from ordergraph.vendors.palmetto import jsv
from ordergraph.vendors.palmetto.connector import PalmettoConnector
from ordergraph.vendors.palmetto.sandbox import PalmettoSandbox
from ordergraph.vendors.palmetto.sandbox.service import LOGIN, ORDER
from ordergraph.vendors.palmetto.vendor import vendor as palmetto
from tests.fakes import IMPATIENT, FakeVendor, serving
from tests.gateway import Gateway, Json, gateway
from tests.vendors.palmetto.conftest import ORDERS as COUNT
from tests.vendors.palmetto.document import WIRE_NAMES
from tests.vendors.palmetto.laws import request

SHOWN = """order { id status vendorStatus vendorOrderId number clientReference purchaseOrderNumber placedAt requestedAt
    retrievedAt version notes { text } shippingAddress { formattedLines } customer { vendorId } createdBy { vendorId }
    total { amount currency } lineItems { id name quantity product { id } details { raw } }
    details { raw ... on PalmettoOrderDetails { contact { name email phone }
        payloads { orgName vdcId location } } } }"""
LINE: Json = {"product": {"id": "Product:vdc:1101"}, "quantity": 2}


def values(**more: Any) -> Json:
    return {"accountId": "Account:vdc", "lineItems": [LINE], **more}


def place(at: Gateway, key: str, **more: Any) -> Json:
    return at.do("placeOrder", SHOWN, idempotencyKey=key, **values(**more))


def placed(fake: FakeVendor) -> list[Json]:
    """Return the orders that Palmetto received, as they were sent, newest last."""
    found = fake.control.get("/placements").json()
    return [cast("Json", jsv.loads(one["body"])) for one in found]


def row(order: Json, list_: str = "products") -> Json:
    return order["payload"][0][list_][0]


def errors(at: Gateway, key: str, **more: Any) -> list[tuple[str, str]]:
    """Return code and input path of each user error."""
    found = place(at, key, **more)
    assert found["order"] is None
    return [(one["code"], ".".join(one["field"][1:])) for one in found["userErrors"]]


# ---- Placing orders ---------------------------------------------------------------------------------


def test_the_least_that_can_be_ordered(fake: FakeVendor, asked: Gateway) -> None:
    answer = place(asked, "least")
    assert answer["userErrors"] == []
    order = answer["order"]
    key = order["vendorOrderId"]
    assert placed(fake)[-1] == {
        "companyId": "C-1",
        "userId": "u-1",
        "correlationId": key,
        "payload": [{"products": [{"id": "1101", "quantity": "2"}]}],
    }
    assert order["id"] == f"Order:vdc:{key}"
    assert (order["status"], order["vendorStatus"], order["number"]) == ("SUBMITTED", None, None)
    assert order["clientReference"] == key
    assert order["placedAt"] == order["retrievedAt"]
    assert (order["customer"], order["createdBy"]) == ({"vendorId": "C-1"}, {"vendorId": "u-1"})
    assert (order["total"], order["requestedAt"], order["shippingAddress"]) == (None, None, None)


COMMON: Json = {
    "clientReference": "REF-1",
    "purchaseOrderNumber": "PO-1",
    "shippingAddress": {
        "companyName": 'Acme "Freight", Inc.',
        "lines": ["1 Main Street"],
        "city": "Greenville",
        "region": "SC",
        "postalCode": "29601",
        "countryCode": "US",
    },
    "contact": {"name": "Ann Lee", "email": "ann@example.com"},
    "requestedAt": "2027-02-03T04:05:06Z",
    "notes": ["Ring twice: please.", "Mind the dog."],
}


def test_the_common_form_is_told_or_kept(fake: FakeVendor, asked: Gateway) -> None:
    answer = place(asked, "common", **COMMON)
    assert answer["userErrors"] == []
    order, sent = answer["order"], placed(fake)[-1]
    assert sent["jobId"] == order["number"] == order["clientReference"] == "REF-1"
    label = ['Acme "Freight", Inc.', "1 Main Street", "Greenville 29601", "SC", "US"]
    assert sent["payload"][0]["location"] == "\n".join(label)
    assert order["shippingAddress"]["formattedLines"] == label
    assert row(sent, "order") == {"productId": "1101", "quantity": "2", "serviceBeginDate": "2027-02-03T04:05:06Z"}
    assert order["requestedAt"] == COMMON["requestedAt"]
    assert order["purchaseOrderNumber"] == "PO-1"
    assert [note["text"] for note in order["notes"]] == COMMON["notes"]
    assert order["details"]["contact"] == {"name": "Ann Lee", "email": "ann@example.com", "phone": None}
    assert not any(words in jsv.dumps(sent) for words in ("PO-1", "Ann", "dog"))  # there is no field for them
    for query in ("query($id: ID!) { order(id: $id) %s }", "query($id: ID!) { node(id: $id) { ... on Order %s } }"):
        again = asked.get(query.replace("%s", SHOWN.removeprefix("order ")), id=order["id"])
        assert next(iter(again.values())) == order
    (found,) = asked.get('{ orders(filter: { purchaseOrderNumbers: ["PO-1"] }) { nodes { id } } }')["orders"]["nodes"]
    assert found["id"] == order["id"]


ROW: Json = {
    "isActive": True,
    "allocation": "Reserved",
    "customerId": "C",
    "dataCenterId": "ATL",
    "isDeleted": False,
    "discountPercent": "12.5",
    "isDiscountRestricted": False,
    "extendedPrice": "12.50",
    "globalDiscountPercent": 0,
    "isDiscountIntroductory": True,
    "orderDetailId": 7,
    "orderId": 8,
    "orderVersion": 9,
    "parentOrderProductId": 10,
    "pricingScheduleId": 11,
    "product": "vCPU, fast",
    "productCategory": "Compute",
    "productPrice": "7.1400",
    "provider": "Palmetto",
    "isRecurring": True,
    "retailProductPrice": "8",
    "service": "IaaS",
    "serviceBeginsAt": "2027-01-01T00:00:00Z",
    "serviceEndsAt": "2028-01-01T00:00:00Z",
    "serviceId": 12,
    "serviceLevelPercent": "99.9",
    "serviceProviderId": 13,
    "status": "New",
    "typeOrderStatusId": 14,
    "typeUnitMeasureId": 15,
    "unit": "Core",
    "variance": "0.5",
    "supportCost": "1.20",
    "supportCostTotal": "2.40",
    "billingStartsAt": "2027-01-02T10:30:00.5Z",
    "billingVersion": "1.1",
    "hasProgressBilling": False,
    "progressBillingStartsAt": "2027-01-03T00:00:00Z",
}
REQUESTED: Json = {
    "serviceId": 1,
    "datacenterCode": "GMU",
    "isSla": True,
    "selfServiceId": 2,
    "maxQuantity": 3,
    "increment": "0.5",
    "parentId": "vdc: 1",
}


def line(product: int, **details: Any) -> Json:
    return {"product": {"sku": str(product)}, "quantity": "1.5", "details": {"palmetto": details}}


def test_everything_that_palmetto_takes_can_be_given(fake: FakeVendor, asked: Gateway) -> None:
    payloads = [{"orgName": "acme", "vdcId": "vdc-1", "location": "Cage 7"}, {"vdcId": "vdc-2"}]
    names = {"companyId": "C-9", "userId": "u-9", "action": "Upgrade", "jobId": "J-9", "correlationId": "mine/9"}
    answer = place(
        asked,
        "everything",
        lineItems=[
            line(1, order=ROW),
            line(2, payload=2, requestedProducts=REQUESTED),
            line(3, products={"parentId": "p"}),
            line(4, payload=2),
            line(5, payload=1, order={}),
        ],
        details={"palmetto": {**names, "payloads": payloads}},
        shippingAddress={"lines": ["1 Main Street"]},
    )
    assert answer["userErrors"] == []
    sent = placed(fake)[-1]
    assert {name: sent[name] for name in names} == names
    first, second = sent["payload"]
    assert [first["location"], second["location"]] == ["Cage 7", "1 Main Street"]
    assert first["products"] == [{"id": "3", "quantity": "1.5", "parentId": "p"}]
    assert second["products"] == [{"id": "4", "quantity": "1.5"}]
    assert first["order"][1] == {"productId": "5", "quantity": "1.5"}
    asked_for = {name: jsv.plain(value) for name, value in REQUESTED.items()}
    asked_for["isSLA"] = asked_for.pop("isSla")
    assert second["requestedproducts"] == [{"productId": "2", "quantity": "1.5", **asked_for}]
    whole = {WIRE_NAMES.get(name, name): jsv.plain(value) for name, value in ROW.items()}
    for name in ("serviceBeginDate", "serviceEndDate", "progressBillingStartDate"):
        whole[name] = whole[name][:10]
    whole["billingStartDate"] = "2027-01-02T10:30:00.5000000Z"
    assert first["order"][0] == {"productId": "1", "quantity": "1.5", **whole}
    assert answer["order"]["id"] == "Order:vdc:mine%2F9"
    assert answer["order"]["total"] == {"amount": "12.50", "currency": "USD"}
    assert [one["product"] for one in answer["order"]["lineItems"]] == [
        {"id": f"Product:vdc:{number}"} for number in (3, 1, 5, 4, 2)
    ]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"lineItems": []}, [("REQUIRED", "lineItems")]),
        (
            {"lineItems": [line(0), {**LINE, "quantity": 0}, {"product": {"id": "Product:av:1"}}]},
            [
                ("INVALID", "lineItems.0.product.sku"),
                ("INVALID", "lineItems.1.quantity"),
                ("NOT_FOUND", "lineItems.2.product.id"),
            ],
        ),
        ({"lineItems": [line(2**31)]}, [("INVALID", "lineItems.0.product.sku")]),
        ({"lineItems": [{"product": {"sku": "vCPU"}}]}, [("INVALID", "lineItems.0.product.sku")]),
        ({"lineItems": [{"product": {"id": f"Product:vdc:{2**31}"}}]}, [("INVALID", "lineItems.0.product.id")]),
        ({"lineItems": [{**LINE, "quantity": "1e30"}]}, [("INVALID", "lineItems.0.quantity")]),
        ({"lineItems": [{**LINE, "quantity": f"0.{'0' * 28}1"}]}, [("INVALID", "lineItems.0.quantity")]),
        (
            {"lineItems": [line(1, order={"productPrice": "1e30", "variance": "-1e30"})]},
            [
                ("INVALID", "lineItems.0.details.palmetto.order.productPrice"),
                ("INVALID", "lineItems.0.details.palmetto.order.variance"),
            ],
        ),
        ({"lineItems": [line(1, payload=2)]}, [("INVALID", "lineItems.0.details.palmetto.payload")]),
        (
            {"lineItems": [line(1, products={}, requestedProducts={})]},
            [("INVALID", "lineItems.0.details.palmetto.requestedProducts")],
        ),
        (
            {"lineItems": [line(1, products={})], "requestedAt": "2027-01-01T00:00:00Z"},
            [("INVALID", "requestedAt")],
        ),
        ({"clientReference": "x" * 256}, [("TOO_LONG", "clientReference")]),
        ({"details": {"palmetto": {"jobId": "x" * 256}}}, [("TOO_LONG", "details.palmetto.jobId")]),
        ({"details": {"palmetto": {"correlationId": ""}}}, [("INVALID", "details.palmetto.correlationId")]),
        ({"details": {"palmetto": {"correlationId": "x" * 256}}}, [("TOO_LONG", "details.palmetto.correlationId")]),
        ({"clientReference": "a", "details": {"palmetto": {"jobId": "b"}}}, [("INVALID", "clientReference")]),
        ({"shippingAddress": {}}, [("INVALID", "shippingAddress")]),
        (
            {"shippingAddress": {"city": "X"}, "details": {"palmetto": {"payloads": [{"location": "Y"}]}}},
            [("INVALID", "shippingAddress")],
        ),
        ({"details": {"airvantage": {}}}, [("INVALID", "details.airvantage")]),
    ],
)
def test_what_is_wrong_is_told_at_once_and_nothing_is_sent(
    fake: FakeVendor, asked: Gateway, more: Json, found: list[tuple[str, str]]
) -> None:
    assert sorted(errors(asked, "wrong", **more)) == sorted(found)
    assert fake.calls() == []


def test_a_reference_belongs_to_one_order(fake: FakeVendor, asked: Gateway) -> None:
    own = {"palmetto": {"correlationId": "own-1"}}
    assert place(asked, "one", clientReference="same-1", details=own)["userErrors"] == []
    fake.forget_calls()
    assert errors(asked, "two", clientReference="same-1") == [("INVALID", "clientReference")]
    assert errors(asked, "three", details={"palmetto": {"jobId": "same-1"}}) == [("INVALID", "details.palmetto.jobId")]
    assert errors(asked, "four", details=own) == [("INVALID", "details.palmetto.correlationId")]
    assert fake.calls() == []
    assert place(asked, "five", clientReference="same-10")["userErrors"] == []


def test_two_orders_under_one_reference_at_once_are_one(fake: FakeVendor, asked: Gateway) -> None:
    fake.faults({"fault": "slow", "seconds": 0.3, "method": "POST", "path": ORDER})
    answers: list[Json] = []
    before = len(placed(fake))

    def order(number: int) -> None:
        answers.append(place(asked, f"at-once-{number}", clientReference="at-once"))

    threads = [threading.Thread(target=order, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [bool(one["order"]) for one in answers].count(True) == 1
    assert len(placed(fake)) == before + 1


def test_a_repeat_sends_nothing(fake: FakeVendor, asked: Gateway) -> None:
    first = place(asked, "repeat", clientReference="repeat")
    before = len(placed(fake))
    assert place(asked, "repeat", clientReference="repeat") == first
    assert len(placed(fake)) == before


# ---- Errors -----------------------------------------------------------------------------------------


def refuse(fake: FakeVendor, **how: Any) -> None:
    fake.advance({"refuse": how})


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("companyId", "details.palmetto.companyId"),
        ("payload[1].vdcId", "details.palmetto.payloads.1.vdcId"),
        ("Payload[0].Products[0].Id", "lineItems.1.product"),
        ("payload[0].order[0].quantity", "lineItems.0.quantity"),
        ("payload[0].order[0].productId", "lineItems.0.product"),
        ("payload[0].order[0].serviceBeginDate", "lineItems.0.details.palmetto.order.serviceBeginsAt"),
        ("payload[1].requestedproducts[0].isSLA", "lineItems.2.details.palmetto.requestedProducts.isSla"),
        ("payload[1].products[0].parentId", "lineItems.3.details.palmetto.products.parentId"),
        ("payload[7].products[0].parentId", "details.palmetto.payloads.7.products.0.parentId"),
    ],
)
def test_a_field_that_palmetto_complains_of_is_found_in_the_input(
    fake: FakeVendor, asked: Gateway, field: str, path: str
) -> None:
    refuse(fake, fieldName=field, message="Not so.")
    lines = [line(1, order={}), line(2), line(3, payload=2, requestedProducts={}), line(4, payload=2)]
    found = place(asked, field, lineItems=lines, details={"palmetto": {"payloads": [{}, {}]}})
    (error,) = found["userErrors"]
    assert (error["code"], error["vendorCode"]) == ("REJECTED_BY_VENDOR", "ArgumentException")
    assert error["vendorMessage"] == "Not so."
    assert error["field"] == ["input", *path.split(".")]


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("jobId", "clientReference"),
        ("payload[0].location", "shippingAddress"),
        ("payload[0].order[0].serviceBeginDate", "requestedAt"),
        ("payload[0].order[1].serviceBeginDate", "lineItems.1.details.palmetto.order.serviceBeginsAt"),
    ],
)
def test_a_field_that_the_common_form_has_become_is_found_there(
    fake: FakeVendor, asked: Gateway, field: str, path: str
) -> None:
    refuse(fake, fieldName=field, message="Not so.")
    lines = [LINE, line(2, order={"serviceBeginsAt": "2027-01-01T00:00:00Z"})]
    (error,) = place(asked, field, **{**COMMON, "clientReference": f"of {field}", "lineItems": lines})["userErrors"]
    assert error["field"] == ["input", *path.split(".")]


def test_a_sentence_that_names_a_field_finds_it(fake: FakeVendor, asked: Gateway) -> None:
    refuse(fake, message="bad datacenterCode: GMU")
    lines = [line(1, requestedProducts={"datacenterCode": "ACD"}), line(2, requestedProducts=REQUESTED)]
    (error,) = place(asked, "sentence", lineItems=lines)["userErrors"]
    assert error["field"] == ["input", "lineItems", "1", "details", "palmetto", "requestedProducts", "datacenterCode"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "REJECTED_BY_VENDOR"),
        (403, "NO_PERMISSION"),
        (404, "NOT_FOUND"),
        (405, "REJECTED_BY_VENDOR"),
        (409, "WRONG_STATUS"),
        (413, "REJECTED_BY_VENDOR"),
        (429, "NOT_SENT"),
        (500, "OUTCOME_IN_DOUBT"),
        (503, "OUTCOME_IN_DOUBT"),
    ],
)
def test_what_palmetto_refuses_is_not_kept(fake: FakeVendor, asked: Gateway, status: int, code: str) -> None:
    refuse(fake, status=status, message="No.")
    answer = place(asked, f"status-{status}", clientReference=f"status-{status}")
    assert answer["order"] is None
    (error,) = answer["userErrors"]
    assert error["code"] == code
    found = asked.get(
        "query($r: String!) { orders(filter: { clientReferences: [$r] }) { nodes { id } } }", r=f"status-{status}"
    )
    assert found["orders"]["nodes"] == []
    if code != "OUTCOME_IN_DOUBT":  # nothing was done: the same idempotency key and reference are free
        assert place(asked, f"status-{status}", clientReference=f"status-{status}")["userErrors"] == []


def test_an_answer_that_is_lost_leaves_the_order_in_doubt(fake: FakeVendor) -> None:
    with gateway({"vdc": fake.table(timeouts=IMPATIENT)}) as hasty:
        fake.faults({"fault": "times_out_after_commit", "method": "POST", "path": ORDER})
        before = len(placed(fake))
        (error,) = place(hasty, "lost")["userErrors"]
        assert error["code"] == "OUTCOME_IN_DOUBT"
        assert len(placed(fake)) == before + 1
        fake.end_faults()
        (again,) = place(hasty, "lost")["userErrors"]
        assert again["code"] == "OUTCOME_IN_DOUBT"
        assert len(placed(fake)) == before + 1
        assert hasty.get("{ orders { nodes { id } } }")["orders"]["nodes"] == []


def test_an_answer_with_words_is_taken_as_well(fake: FakeVendor, asked: Gateway) -> None:
    fake.advance({"answer": "echo"})
    assert place(asked, "echo")["userErrors"] == []


def test_a_session_that_has_lapsed_is_renewed(fake: FakeVendor, asked: Gateway) -> None:
    assert place(asked, "session-1")["userErrors"] == []
    fake.advance({"expire_sessions": True})
    fake.forget_calls()
    assert place(asked, "session-2")["userErrors"] == []
    assert fake.calls() == [("POST", ORDER), ("POST", LOGIN), ("POST", ORDER)]


class ByCookie(PalmettoSandbox):
    """A Palmetto sandbox that reads only the session's cookie, as ServiceStack documents it."""

    def sessions_of(self, request: Request) -> Sequence[str | None]:
        return (request.cookies.get("ss-id"),)


class ByHeader(PalmettoSandbox):
    """A Palmetto sandbox that reads only the header."""

    def sessions_of(self, request: Request) -> Sequence[str | None]:
        return (request.headers.get("x-ss-id"),)


@pytest.mark.parametrize("sandbox", [ByCookie, ByHeader])
def test_the_session_is_where_palmetto_may_look_for_it(sandbox: type[PalmettoSandbox]) -> None:
    with serving(replace(palmetto, sandbox=sandbox), orders=0) as fake, gateway({"vdc": fake.table()}) as asked:
        assert place(asked, "session-1")["userErrors"] == []


def test_wrong_credentials_are_told(fake: FakeVendor) -> None:
    with gateway({"vdc": fake.table(password="wrong")}) as other:
        (error,) = place(other, "wrong")["userErrors"]
        assert error["code"] == "NO_PERMISSION"
        assert other.get("{ orders { sources { state coverage } } }")["orders"]["sources"] == [
            {"state": "OK", "coverage": "PLACED_BY_GATEWAY"}
        ]


async def test_a_hanging_palmetto_is_not_kept_by_a_connector(fake: FakeVendor, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/ledger.db")
    connector = cast("PalmettoConnector", fake.connector(store, timeouts=IMPATIENT))
    fake.faults({"fault": "times_out_before_commit", "method": "POST", "path": ORDER})
    with pytest.raises(VendorTimeout) as raised:
        await connector.place_order(await request(connector))
    assert not raised.value.nothing_done
    assert await connector.kept.count() == 0
    await asyncio.gather(connector.aclose(), store.aclose())


# ---- Reading ----------------------------------------------------------------------------------------

ROWS = "{ orders(first: 100) { totalCount sources { coverage totalCount skippedCount } nodes { id placedAt %s } } }"


@pytest.fixture
def seeded(fake: FakeVendor) -> Generator[Gateway]:
    with gateway({"vdc": fake.table()}, {"vdc": fake.placed}) as made:
        yield made


def test_what_was_placed_before_is_listed_without_a_call(fake: FakeVendor, seeded: Gateway) -> None:
    fake.forget_calls()
    answer = seeded.get(ROWS % "status currency: total { currency } lineItems { product { id name } }")["orders"]
    assert answer["totalCount"] == len(answer["nodes"]) == COUNT
    assert answer["sources"] == [{"coverage": "PLACED_BY_GATEWAY", "totalCount": COUNT, "skippedCount": 0}]
    keys = [(node["placedAt"], node["id"]) for node in answer["nodes"]]
    assert keys == sorted(keys, reverse=True)
    assert {node["status"] for node in answer["nodes"]} == {"SUBMITTED"}
    assert {node["currency"]["currency"] for node in answer["nodes"] if node["currency"]} == {"USD"}
    assert fake.calls() == []


def test_every_line_subscription_and_product_is_a_node(seeded: Gateway) -> None:
    found = seeded.get(ROWS % "lineItems { id product { id } } subscriptions(first: 9) { nodes { id status } }")
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }"
    rows = found["orders"]["nodes"]
    lines = [line for node in rows for line in node["lineItems"]]
    subscriptions = [one for node in rows for one in node["subscriptions"]["nodes"]]
    assert {one["status"] for one in subscriptions} == {"PENDING", "ACTIVE", "EXPIRED"}
    for kind, ids in (
        ("LineItem", [line["id"] for line in lines]),
        ("Subscription", [one["id"] for one in subscriptions]),
        ("Product", [line["product"]["id"] for line in lines]),
    ):
        assert seeded.get(query, ids=ids[:100])["nodes"] == [{"id": id_, "__typename": kind} for id_ in ids[:100]]
    missing = ["LineItem:vdc:x:1-order-1", "Subscription:vdc:x:1-order-1", "Product:vdc:999", "Order:vdc:x"]
    assert seeded.get(query, ids=[*missing, lines[0]["id"] + "1"])["nodes"] == [None] * 5


def test_a_product_is_known_by_the_row_that_tells_most_of_it(fake: FakeVendor) -> None:
    at = datetime.fromisoformat("2026-11-20T12:00:00Z")
    bodies = (
        "{payload:[{products:[{id:7}],order:[{productId:7,product:Seven,provider:P,productCategory:C,dataCenterId:D}],"
        "requestedproducts:[{productId:8,datacenterCode:ACD}]}]}",
        "{payload:[{products:[{id:7},{quantity:1}]}]}",
    )
    kept = [PlacedOrder(str(number), at, at, body.encode()) for number, body in enumerate(bodies)]
    query = """{ one: product(id: "Product:vdc:7") { ...P } other: product(id: "Product:vdc:8") { ...P } }
        fragment P on Product { name sku vendorProductId price { amount } details { raw
            ... on PalmettoProductDetails { productCategory provider datacenterCode dataCenterId } } }"""
    with gateway({"vdc": fake.table(cache={"products": 0})}, {"vdc": kept}) as made:
        found = made.get(query)
        assert made.get('{ order(id: "Order:vdc:1") { lineItems { product { name } } } }')["order"]["lineItems"] == [
            {"product": {"name": "Seven"}},
            {"product": None},
        ]
    assert found["one"]["details"].pop("raw")["product"] == "Seven"
    assert found["one"] == {
        "name": "Seven",
        "sku": "7",
        "vendorProductId": "7",
        "price": None,
        "details": {"productCategory": "C", "provider": "P", "datacenterCode": None, "dataCenterId": "D"},
    }
    assert found["other"]["name"] is None
    assert found["other"]["details"]["datacenterCode"] == "ACD"


def test_an_order_that_cannot_be_read_costs_itself(fake: FakeVendor) -> None:
    at = datetime.fromisoformat("2026-11-20T12:00:00Z")
    bodies = {"a": b"{", "b": b"word", "c": b"\xff", "d": b"{payload:[{order:[{active:maybe,unit:U}]}]}"}
    kept = [PlacedOrder(key, at, at, body) for key, body in bodies.items()]
    with gateway({"vdc": fake.table()}, {"vdc": kept}) as made:
        answer = made.get(ROWS % "lineItems { details { ... on PalmettoLineItemDetails { isActive unit } } }")["orders"]
        assert made.get('{ order(id: "Order:vdc:a") { id } }')["order"] is None
    assert [node["id"] for node in answer["nodes"]] == ["Order:vdc:d"]
    assert answer["nodes"][0]["lineItems"] == [{"details": {"isActive": None, "unit": "U"}}]
    assert answer["sources"][0]["skippedCount"] == 3


FILTERS: list[tuple[Json, str]] = [
    ({"numbers": ["JOB-00060", "JOB-00001"]}, "number"),
    ({"clientReferences": ["JOB-00060"]}, "clientReference"),
    ({"search": "job-0005"}, "number"),
    ({"placedAt": {"start": "2026-11-20T00:00:00Z"}}, "placedAt"),
    ({"statuses": ["SUBMITTED"]}, "status"),
]


@pytest.mark.parametrize(("filter_", "field"), FILTERS)
def test_filters_are_applied_here(seeded: Gateway, filter_: Json, field: str) -> None:
    query = ROWS.replace("(first: 100)", "(first: 100, filter: $f)").replace("{", "query($f: OrderFilter) {", 1) % field
    answer = seeded.get(query, f=filter_)["orders"]
    found = answer["nodes"]
    assert found
    assert answer["sources"][0]["coverage"] == "PLACED_BY_GATEWAY"
    (wanted,) = filter_.values()
    assert all(not isinstance(wanted, list) or node[field] in wanted for node in found)
    assert (
        len(found) == {"number": 2, "clientReference": 1, "status": COUNT}.get(field, len(found)) or "search" in filter_
    )
    assert seeded.get(query, f={"statuses": ["COMPLETED"]})["orders"]["nodes"] == []


def test_the_orders_of_two_vendors_are_one_list(fake: FakeVendor) -> None:
    with (
        serving(airvantage, orders=COUNT) as other,
        gateway({"av": other.table(), "vdc": fake.table()}, {"vdc": fake.placed}) as both,
    ):
        page = both.get("{ orders(first: 10) { totalCount nodes { id vendor placedAt } } }")["orders"]
    assert page["totalCount"] == 2 * COUNT
    assert {node["vendor"] for node in page["nodes"]} == {"AIRVANTAGE", "PALMETTO"}
    keys = [(node["placedAt"], node["id"]) for node in page["nodes"]]
    assert keys == sorted(keys, reverse=True)


def test_only_placing_is_supported(asked: Gateway, fake: FakeVendor) -> None:
    query = '{ account(id: "Account:vdc") { __typename capabilities { action isSupported reason } } }'
    account = asked.get(query)["account"]
    assert account["__typename"] == "PalmettoAccount"
    supported = {one["action"] for one in account["capabilities"] if one["isSupported"]}
    assert supported == {"PLACE_ORDER", "LIST_ORDERS"}
    assert all(one["reason"] for one in account["capabilities"] if not one["isSupported"])
    (error,) = asked.do("cancelOrder", orderId=f"Order:vdc:{fake.placed[0].key}")["userErrors"]
    assert error["code"] == "NOT_SUPPORTED"
    assert "Palmetto" in error["message"]


def test_requirements_say_what_becomes_of_each_common_field(asked: Gateway) -> None:
    query = '{ account(id: "Account:vdc") { orderRequirements { field isRequired maxLength values note } } }'
    found = {one["field"]: one for one in asked.get(query)["account"]["orderRequirements"]}
    assert {*COMMON, "lineItems"} <= set(found)
    assert all(one["note"] for one in found.values())


def test_amounts_keep_their_digits(asked: Gateway) -> None:
    price = "12345678901234567890.123456789"
    order = place(asked, "digits", lineItems=[line(1, order={"extendedPrice": price, "productPrice": "0.10"})])["order"]
    assert order["total"]["amount"] == price
    assert Decimal(order["lineItems"][0]["details"]["raw"]["productPrice"]) == Decimal("0.10")
