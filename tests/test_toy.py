"""A vendor is added with one folder and one registry entry: Toybox, defined in the tests, is fully served."""

from __future__ import annotations

import itertools
import re
from collections.abc import Generator
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, validate_schema

from ordergraph.app import build_schema
from ordergraph.graph.schema import core_schema
from ordergraph.vendors.registry import VENDORS, airvantage
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway
from tests.test_project import SOURCES
from tests.toy.sandbox import STATUSES
from tests.toy.vendor import vendor as toy

ORDERS = 30
WITH_TOY = (*VENDORS, toy)
LINE = {"product": {"sku": "KITE"}, "quantity": 3}
DETAILS = "details { raw ... on ToyOrderDetails { wrapping } }"

keys = (f"toy-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def fake() -> Generator[FakeVendor]:
    with serving(toy, orders=ORDERS) as fake:
        yield fake


@pytest.fixture(scope="module")
def asked(fake: FakeVendor) -> Generator[Gateway]:
    """A gateway with an account at Toybox and one at another vendor."""
    with (
        serving(airvantage, orders=ORDERS) as other,
        gateway({"shelf": fake.table(), "av": other.table()}, vendors=WITH_TOY) as running,
    ):
        yield running


def place(asked: Gateway, fields: str = "order { id }", **values: Any) -> Any:
    values = {"accountId": "Account:shelf", "idempotencyKey": next(keys), "lineItems": [LINE], **values}
    return asked.do("placeOrder", fields, **values)


# ---- The schema -------------------------------------------------------------------------------------


def test_schema_takes_the_vendor_in() -> None:
    schema = core_schema(build_schema(WITH_TOY))
    assert validate_schema(schema) == []
    vendors, details = schema.type_map["Vendor"], schema.type_map["OrderDetailsInput"]
    assert isinstance(vendors, GraphQLEnumType)
    assert vendors.values["TOY"].description == "Toybox"
    assert isinstance(details, GraphQLInputObjectType)
    assert details.is_one_of
    assert str(details.fields["toy"].type) == "ToyOrderDetailsInput"
    for name in ("Account", "OrderDetails"):
        interface = schema.type_map[name]
        assert isinstance(interface, GraphQLInterfaceType)
        assert f"Toy{name}" in {one.name for one in schema.get_possible_types(interface)}


def test_schema_is_what_it_was_beside_the_vendors_own() -> None:
    without, with_toy = (core_schema(build_schema(vendors)).type_map for vendors in (VENDORS, WITH_TOY))
    assert set(with_toy) - set(without) == {"ToyAccount", "ToyOrderDetails", "ToyOrderDetailsInput", "ToyWrapping"}
    assert set(without) <= set(with_toy)


def test_nothing_outside_the_tests_names_the_vendor() -> None:
    assert [path.name for path in SOURCES if re.search(r"\btoy", path.read_text(), re.IGNORECASE)] == []


# ---- The gateway ------------------------------------------------------------------------------------


def test_orders_are_merged_with_those_of_another_vendor(asked: Gateway) -> None:
    query = "{ orders(first: 100) { totalCount nodes { placedAt vendor account { __typename } } } }"
    orders = asked.get(query)["orders"]
    times = [node["placedAt"] for node in orders["nodes"]]
    assert times == sorted(times, reverse=True)
    assert orders["totalCount"] == len(times) >= 2 * ORDERS
    assert {node["account"]["__typename"] for node in orders["nodes"]} == {"ToyAccount", "AirVantageAccount"}
    assert {node["vendor"] for node in orders["nodes"][:10]} == {"TOY", "AIRVANTAGE"}  # they interleave


def test_every_status_has_a_common_word(asked: Gateway) -> None:
    query = "{ orders(filter: {vendors: TOY}, first: 100) { nodes { status vendorStatus } } }"
    nodes = asked.get(query)["orders"]["nodes"]
    assert {node["vendorStatus"] for node in nodes} == set(STATUSES)
    assert "UNKNOWN" not in {node["status"] for node in nodes}


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_list_is_read_between_two_moments(asked: Gateway, direction: str) -> None:
    query = """
        query($filter: OrderFilter, $sort: OrderSort, $after: String) {
            orders(filter: $filter, sort: $sort, first: 4, after: $after) {
                totalCount nodes { id placedAt } pageInfo { hasNextPage endCursor }
            }
        }"""
    everything = asked.get("{ orders(filter: {vendors: TOY}, first: 100) { nodes { id placedAt } } }")["orders"][
        "nodes"
    ]
    start, end = everything[15]["placedAt"], everything[3]["placedAt"]
    wanted = [one for one in everything if start <= one["placedAt"] < end]
    found: list[Any] = []
    page: Any = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        variables = {"filter": {"vendors": "TOY", "placedAt": {"start": start, "end": end}}}
        after = page["pageInfo"]["endCursor"]
        page = asked.get(query, **variables, sort={"direction": direction}, after=after)["orders"]
        assert page["totalCount"] is None  # Toybox's own count would include ended orders
        found += page["nodes"]
    assert found == (wanted if direction == "DESC" else wanted[::-1])
    counted = asked.get(query, filter={"vendors": "TOY", "placedAt": {"start": start}})["orders"]["totalCount"]
    assert counted == len([one for one in everything if start <= one["placedAt"]])


def test_order_is_placed_read_and_cancelled(asked: Gateway) -> None:
    fields = f"""order {{
        id status clientReference notes {{ text }} total {{ amount currency }} {DETAILS}
        lineItems {{ id name quantity unitPrice {{ amount }} }}
    }}"""
    placed = place(
        asked,
        fields,
        clientReference="BIRTHDAY-1",
        purchaseOrderNumber="PO-7",
        contact={"name": "Ann Lee"},
        shippingAddress={"lines": ["1 High Street"], "city": "York", "countryCode": "GB"},
        requestedAt="2026-12-24T10:00:00Z",
        notes=["Ring twice."],
        details={"toy": {"wrapping": "RIBBON"}},
    )
    assert placed["userErrors"] == []
    order = placed["order"]
    number = order["id"].removeprefix("Order:shelf:")
    assert (order["status"], order["clientReference"]) == ("SUBMITTED", "BIRTHDAY-1")
    assert order["notes"][0]["text"].split("\n") == [
        "Ring twice.",
        "Purchase order: PO-7",
        "Contact: Ann Lee",
        "Deliver to: 1 High Street, York, GB",
        "Wanted for: 2026-12-24T10:00:00+00:00",
    ]
    assert order["total"] == {"amount": "37.50", "currency": "EUR"}
    price = {"amount": "12.50"}
    assert order["lineItems"] == [
        {"id": f"LineItem:shelf:{number}:1", "name": "KITE", "quantity": "3", "unitPrice": price}
    ]
    assert order["details"]["wrapping"] == "RIBBON"
    assert order["details"]["raw"]["wrapping"] == "paper+ribbon"

    cancelled = asked.do("cancelOrder", orderId=order["id"])
    assert (cancelled["order"]["status"], cancelled["userErrors"]) == ("CANCELLED", [])
    again = asked.do("cancelOrder", orderId=order["id"])
    assert [one["code"] for one in again["userErrors"]] == ["WRONG_STATUS"]


def test_what_is_wrong_is_told_at_its_input(asked: Gateway) -> None:
    lines = [{"product": {"id": "Product:shelf:KITE"}}, {"product": {"sku": "KITE"}, "quantity": "0.5"}]
    before = place(asked, lineItems=lines, clientReference="x" * 41, notes=["x" * 1001])
    assert {".".join(one["field"]): one["code"] for one in before["userErrors"]} == {
        "input.lineItems.0.product.sku": "REQUIRED",
        "input.lineItems.1.quantity": "INVALID",
        "input.clientReference": "TOO_LONG",
        "input.notes": "TOO_LONG",
    }
    after = place(asked, lineItems=[LINE, {"product": {"sku": "DRAGON"}}])
    assert {".".join(one["field"]): one["code"] for one in after["userErrors"]} == {
        "input.lineItems.1.product.sku": "REJECTED_BY_VENDOR"
    }


def test_part_of_another_vendor_is_refused(asked: Gateway) -> None:
    refused = place(asked, details={"airvantage": {}})
    assert [one["field"] for one in refused["userErrors"]] == [["input", "details", "airvantage"]]


def test_wrong_key_is_a_login_that_failed(fake: FakeVendor) -> None:
    with gateway({"shelf": fake.table(api_key="wrong")}, vendors=WITH_TOY) as asked:
        error = asked.error('{ order(id: "Order:shelf:T000001") { id } }')
    assert error["extensions"]["code"] == "VENDOR_LOGIN_FAILED"


def test_what_cannot_be_read_by_the_sandbox_is_an_error(fake: FakeVendor) -> None:
    client = fake.control
    headers = {"authorization": f"Bearer {toy.sandbox_account['api_key']}"}
    for query in ("page=0", "size=101", "page=x", "since=yesterday", "until=2026-01-01T00:00:00"):
        assert client.get(f"{fake.url}/orders?{query}", headers=headers).status_code == 400, query
    for body in ("{", "[]", "{}", '{"lines": [{}]}'):
        assert client.post(f"{fake.url}/orders", content=body, headers=headers).status_code in (400, 422), body
