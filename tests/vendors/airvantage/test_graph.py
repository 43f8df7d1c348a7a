"""AirVantage through the graph: lists, fields that cost a call, actions and their errors."""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import pytest

from ordergraph.vendors.airvantage.sandbox.service import (
    COMPANY,
    CONTACTS,
    ORDERS,
    PASSWORD,
    UNBILLED,
    USERNAME,
    WITHDRAWN,
)
from ordergraph.vendors.airvantage.vendor import vendor
from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, Json, gateway
from tests.vendors.airvantage.conftest import ORDERS as COUNT
from tests.vendors.airvantage.laws import CONTACT, PRODUCT

LIST = ("GET", ORDERS)
GET = ("GET", f"{ORDERS}/{{uid}}")
ROWS = "{ orders(first: 100) { totalCount sources { coverage totalCount } nodes { id placedAt %s } } }"


def calls(fake: FakeVendor) -> list[tuple[str, str]]:
    return [call for call in fake.calls() if "token" not in call[1]]


def rows(gateway: Gateway, fields: str = "") -> list[Json]:
    return gateway.get(ROWS % fields)["orders"]["nodes"]


def values(**more: Any) -> Json:
    return {
        "accountId": "Account:av",
        "lineItems": [{"product": {"id": f"Product:av:{PRODUCT}"}, "quantity": 2}],
        "details": {"airvantage": {"deliveryContact": CONTACT}},
        **more,
    }


def place(gateway: Gateway, key: str, **more: Any) -> Json:
    return gateway.do("placeOrder", "order { id status }", idempotencyKey=key, **values(**more))


def test_the_list_is_sorted_counted_and_whole(asked: Gateway) -> None:
    answer = asked.get(ROWS % "")["orders"]
    assert answer["totalCount"] == len(answer["nodes"]) == COUNT
    assert answer["sources"] == [{"coverage": "COMPLETE", "totalCount": COUNT}]
    keys = [(node["placedAt"], node["id"]) for node in answer["nodes"]]
    assert keys == sorted(keys, reverse=True)


def test_a_list_beyond_the_bound_says_so_and_is_counted_by_airvantage(
    fake: FakeVendor, asked: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ordergraph.vendors.airvantage.connector.PAGE_SIZE", 5)
    fake.forget_calls()
    answer = asked.get(ROWS % "")["orders"]
    assert len(answer["nodes"]) == 50
    assert answer["totalCount"] == COUNT
    assert answer["sources"][0]["coverage"] == "TRUNCATED"
    assert calls(fake).count(LIST) >= 10


def test_the_whole_list_is_kept_for_some_seconds_and_forgotten_by_a_change(fake: FakeVendor) -> None:
    with gateway({"av": fake.table()}) as asked:
        page = "query($at: String) { orders(first: 10, after: $at) { nodes { id status } pageInfo { endCursor } } }"
        first = asked.get(page)["orders"]
        asked.get(page, at=first["pageInfo"]["endCursor"])
        assert calls(fake).count(LIST) == 1
        pending = next(one["id"] for one in first["nodes"] if one["status"] == "SUBMITTED")
        assert asked.do("cancelOrder", orderId=pending)["userErrors"] == []
        again = asked.get(page)["orders"]["nodes"]
        assert {"id": pending, "status": "CANCELLED"} in again


def test_a_list_with_all_that_a_row_has_is_one_call(fake: FakeVendor, asked: Gateway) -> None:
    fake.forget_calls()
    found = rows(
        asked,
        """number clientReference status vendorStatus requestedAt expectedAt updatedAt customer { vendorId name }
        createdBy { vendorId } notes { text } shippingAddress { formattedLines } problems { code message }
        lineItems { id name quantity product { id name } }
        shipments { id trackingNumber trackingUrl shippedOn items { name quantity product { id } } }
        details { raw ... on AirVantageOrderDetails { type provisioned acceptedAt } }""",
    )
    assert calls(fake) == [LIST]
    assert all(row["lineItems"][0]["product"]["name"] == row["lineItems"][0]["name"] for row in found)
    assert {row["customer"]["name"] for row in found} == {"My account"}
    assert {row["customer"]["vendorId"] for row in found} == {COMPANY}
    assert any(row["shipments"] and row["shipments"][0]["trackingUrl"] for row in found)
    assert any(row["problems"] for row in found)


def test_what_the_list_leaves_out_is_fetched_when_asked_for(fake: FakeVendor, asked: Gateway) -> None:
    fake.forget_calls()
    query = (
        "{ orders(first: 3) { nodes { createdBy { name } details { ... on AirVantageOrderDetails { createdAt } } } } }"
    )
    for row in asked.get(query)["orders"]["nodes"]:
        assert row["createdBy"]["name"]
        assert row["details"]["createdAt"]
    assert sorted(calls(fake)) == sorted([LIST, GET, GET, GET])


DETAILS = """query($id: ID!) { order(id: $id) { details { raw ... on AirVantageOrderDetails {
    type provisioned companyId deliveryContact postalAddress description rejectionMessage trackingNumber createdAt
    effectiveOrderAt acceptedAt rejectedAt expectedShippingAt shippedAt } } } }"""
TIMES = ("created", "effectiveOrder", "accepted", "rejected", "expectedShipping", "shipped")


@pytest.mark.parametrize("status", ["SHIPPED", "REJECTED", "PENDING"])
def test_every_field_of_an_order_is_shown(asked: Gateway, status: str) -> None:
    id_ = next(row["id"] for row in rows(asked, "vendorStatus") if row["vendorStatus"] == status)
    shown = asked.get(DETAILS, id=id_)["order"]["details"]
    raw = shown.pop("raw")
    assert shown.pop("companyId") == raw["accountUid"]
    for name in TIMES:
        stamp, text = raw[f"{name}Ts"], shown.pop(f"{name}At")
        assert (text and datetime.fromisoformat(text)) == (stamp and datetime.fromtimestamp(stamp / 1000, UTC))
    assert shown == {name: raw[name] for name in shown}


def test_an_order_is_found_by_either_form_of_its_uid(asked: Gateway) -> None:
    id_ = rows(asked)[0]["id"]
    uid = id_.split(":")[-1]
    dashed = f"Order:av:{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}"
    query = "query($id: ID!) { order(id: $id) { id createdBy { name } } }"
    assert asked.get(query, id=dashed) == asked.get(query, id=id_)
    assert asked.get(query, id=id_)["order"]["id"] == id_


def test_lines_shipments_and_products_are_nodes(fake: FakeVendor, asked: Gateway) -> None:
    row = next(one for one in rows(asked, "lineItems { id product { id name } } shipments { id }") if one["shipments"])
    line, shipment = row["lineItems"][0], row["shipments"][0]
    query = "query($id: ID!) { node(id: $id) { id __typename } }"
    for id_, kind in ((line["id"], "LineItem"), (shipment["id"], "Shipment"), (line["product"]["id"], "Product")):
        assert asked.get(query, id=id_)["node"] == {"id": id_, "__typename": kind}
    with gateway({"av": fake.table()}) as fresh:  # its cache is empty
        found = fresh.get("query($id: ID!) { product(id: $id) { name price { amount } } }", id=line["product"]["id"])
        assert found["product"] == {"name": line["product"]["name"], "price": None}
        assert fresh.get(query, id=f"Product:av:{WITHDRAWN}")["node"] is None


FILTERS: list[tuple[Json, str]] = [
    ({"statuses": ["SUBMITTED"]}, "vendorStatus"),
    ({"vendorStatuses": ["SHIPPED", "ACCEPTED_STOCK"], "statuses": ["SHIPPED"]}, "vendorStatus"),
    ({"type": "SIM"}, "details { ... on AirVantageOrderDetails { type } }"),
    ({"quantity": 100}, "lineItems { quantity }"),
    ({"productId": f"Product:av:{PRODUCT}"}, "lineItems { product { id } }"),
    ({"deliveryContact": list(CONTACTS)[1]}, "details { ... on AirVantageOrderDetails { deliveryContact } }"),
    ({"createdBy": "b270191e-44fb-460a-84c2-be03626eaa05"}, "createdBy { vendorId }"),
    ({"trackingNumberContains": "http"}, "id"),
    ({"numberContains": "so-"}, "id"),
    ({"clientReferenceContains": "-0000"}, "id"),
]


@pytest.mark.parametrize(("filter_", "fields"), FILTERS)
def test_each_filter_of_airvantage_leaves_some(asked: Gateway, filter_: Json, fields: str) -> None:
    query = f"""query($filter: AirVantageOrderFilter) {{ account(id: "Account:av") {{ ... on AirVantageAccount {{
        orders(first: 100, filter: $filter) {{ totalCount nodes {{ id }} }} }} }}
        orders(first: 100) {{ nodes {{ id {fields} }} }} }}"""
    answer = asked.get(query, filter=filter_)
    found, whole = answer["account"]["orders"], answer["orders"]["nodes"]
    ids = {node["id"] for node in found["nodes"]}
    assert ids
    assert found["totalCount"] == len(ids)
    if fields != "id":
        shown = [json.dumps({**row, "id": None}) for row in whole if row["id"] in ids]
        assert len(set(shown)) == 1
        assert len(ids) == len([row for row in whole if json.dumps({**row, "id": None}) == shown[0]])


@pytest.mark.parametrize(
    "filter_", [{"productId": "Product:other:1"}, {"createdBy": "me"}, {"numberContains": "x" * 201}]
)
def test_a_wrong_filter_is_bad_input(asked: Gateway, filter_: Json) -> None:
    query = """query($filter: AirVantageOrderFilter) { account(id: "Account:av") { ... on AirVantageAccount {
        orders(filter: $filter) { nodes { id } } } } }"""
    assert asked.error(query, filter=filter_)["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_reference_of_another_order_is_refused_before_sending(fake: FakeVendor, asked: Gateway) -> None:
    assert place(asked, "reference-1", clientReference="MINE-10")["userErrors"] == []
    assert place(asked, "reference-2", clientReference="MINE-1")["userErrors"] == []
    fake.forget_calls()
    (error,) = place(asked, "reference-3", clientReference="MINE-1")["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", ["input", "clientReference"])
    assert fake.writes() == []


def test_an_order_can_be_changed_while_it_is_pending(asked: Gateway, fake: FakeVendor) -> None:
    id_ = place(asked, "change")["order"]["id"]
    shown = "order { version notes { text } clientReference lineItems { quantity } placedAt }"
    at = "2027-01-01T00:00:00Z"
    changed = asked.do(
        "updateOrder",
        shown,
        orderId=id_,
        clientReference="CHANGED",
        lineItems=[{"product": {"id": f"Product:av:{PRODUCT}"}, "quantity": 9}],
        details={"airvantage": {"effectiveOrderAt": at}},
    )
    assert changed["userErrors"] == []
    assert changed["order"]["lineItems"] == [{"quantity": "9"}]
    assert (changed["order"]["clientReference"], changed["order"]["placedAt"]) == ("CHANGED", at)
    (error,) = asked.do("updateOrder", orderId=id_, ifVersion="old", notes=["x"])["userErrors"]
    assert error["code"] == "CONFLICT"
    fake.advance({"order": id_.split(":")[-1], "to": "SHIPPED"})
    for mutation in ("updateOrder", "cancelOrder"):
        (error,) = asked.do(mutation, orderId=id_)["userErrors"]
        assert (error["code"], error["message"]) == (
            "WRONG_STATUS",
            "Only possible in status PENDING. The order is SHIPPED.",
        )


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        (
            {"lineItems": [{"product": {"id": f"Product:av:{WITHDRAWN}"}}]},
            "product.reference.not.available",
            ["input", "lineItems", "0", "product"],
        ),
        (
            {"details": {"airvantage": {"deliveryContact": "0" * 32}}},
            "unknown.contact",
            ["input", "details", "airvantage", "deliveryContact"],
        ),
    ],
)
def test_an_error_of_airvantage_is_told_at_the_input(asked: Gateway, more: Json, code: str, field: list[str]) -> None:
    (error,) = place(asked, code, **more)["userErrors"]
    assert (error["code"], error["vendorCode"], error["field"]) == ("REJECTED_BY_VENDOR", code, field)


def test_an_unbilled_company_orders_nothing(fake: FakeVendor) -> None:
    with gateway({"av": fake.table(company=UNBILLED)}) as other:
        (error,) = place(other, "unbilled")["userErrors"]
    assert (error["code"], error["vendorCode"]) == ("REJECTED_BY_VENDOR", "order.account.not.billed")


def test_a_user_can_log_in(fake: FakeVendor) -> None:
    user = {"grant": "password", "username": USERNAME}
    with gateway({"av": fake.table(**user, password=PASSWORD), "no": fake.table(**user, password="x")}) as other:
        query = "{ orders(first: 1) { nodes { id } sources { account { name } state code } } }"
        sources = {one["account"]["name"]: one for one in other.get(query)["orders"]["sources"]}
    assert sources["av"]["state"] == "OK"
    assert sources["no"]["code"] == "VENDOR_LOGIN_FAILED"


def test_a_token_that_has_ended_is_renewed(fake: FakeVendor, asked: Gateway) -> None:
    assert rows(asked)
    fake.advance({"expire_tokens": True})
    assert rows(asked)


@pytest.fixture(scope="module")
def both() -> Generator[Gateway]:
    with (
        serving(vendor, orders=COUNT) as one,
        serving(nuvias, orders=COUNT) as other,
        gateway({"av": one.table(), "hub": other.table()}) as running,
    ):
        yield running


def test_the_orders_of_two_vendors_are_one_list(both: Gateway) -> None:
    found: list[Json] = []
    after = None
    while True:
        query = """query($after: String) { orders(first: 25, after: $after) { totalCount nodes { id vendor placedAt }
            pageInfo { hasNextPage endCursor } } }"""
        page = both.get(query, after=after)["orders"]
        assert page["totalCount"] == 2 * COUNT
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    keys = [(node["placedAt"], node["id"]) for node in found]
    assert keys == sorted(set(keys), reverse=True)
    assert len(keys) == 2 * COUNT
    assert {node["vendor"] for node in found[:8]} == {"AIRVANTAGE", "NUVIAS"}


def test_details_of_another_vendor_are_refused(asked: Gateway) -> None:
    details = {"nuvias": {"name": "x"}}
    (error,) = place(asked, "other", details=details)["userErrors"]
    assert error["field"] == ["input", "details", "nuvias"]
