"""Connected objects in the graph: an order's invoices, subscriptions and products, and their lists."""

import itertools
from collections.abc import Generator
from typing import Any, cast

import pytest

from ordergraph.domain import Action
from ordergraph.vendors.nuvias.connector_calls import PARALLEL
from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, Json, gateway

ORDERS = 400
FACTS = {("POST", "/oauth/create_token"), ("GET", "/whoami"), ("GET", "/country_codes")}

# The first query in the documentation, verbatim.
FIRST = """
{ accounts { name vendor }
  orders(first: 5, sort: {field: PLACED_AT, direction: DESC}) {
    totalCount
    pageInfo { hasNextPage endCursor }
    sources { account { name } state coverage }
    nodes { id number status vendorStatus phase isFinal placedAt total { amount currency }
      lineItems { name quantity unitPrice { amount currency } product { id name sku } }
      shipments { trackingNumber shippedOn items { name quantity serialNumbers } }
      invoices(first: 3) { nodes { reference status total { amount } } }
      subscriptions(first: 3) { nodes { name status hasAutoRenewal endsOn } }
      availableActions { action isAllowed reason message }
      details { raw } } } }
"""


@pytest.fixture(scope="module")
def fake() -> Generator[FakeVendor]:
    with serving(nuvias, orders=ORDERS) as served:
        yield served


@pytest.fixture(scope="module")
def asked(fake: FakeVendor) -> Generator[Gateway]:
    with gateway({"nuvias": fake.table(), "other": fake.table()}) as running:
        yield running


@pytest.fixture(scope="module")
def fresh(fake: FakeVendor) -> Generator[Gateway]:
    """A gateway without caches."""
    nothing = dict.fromkeys(("orders", "products", "subscriptions", "invoices"), 0)
    with gateway({"nuvias": fake.table(cache=nothing)}) as running:
        yield running


def calls(fake: FakeVendor) -> list[tuple[str, str]]:
    return [call for call in fake.calls() if call not in FACTS]


def test_the_first_query_shows_a_world_that_is_alive(fresh: Gateway) -> None:
    data = fresh.get(FIRST)
    assert data["accounts"] == [{"name": "nuvias", "vendor": "NUVIAS"}]
    orders = data["orders"]
    assert orders["totalCount"] == ORDERS
    assert orders["pageInfo"]["hasNextPage"]
    assert orders["sources"] == [{"account": {"name": "nuvias"}, "state": "OK", "coverage": "COMPLETE"}]
    nodes = orders["nodes"]
    assert len(nodes) == 5
    assert [node["placedAt"] for node in nodes] == sorted((node["placedAt"] for node in nodes), reverse=True)
    assert len({node["status"] for node in nodes}) > 2
    assert all(line["product"]["name"] == line["name"] for node in nodes for line in node["lineItems"])
    for relation in ("invoices", "subscriptions"):
        assert any(node[relation]["nodes"] for node in nodes)
    assert any(shipment["trackingNumber"] for node in nodes for shipment in node["shipments"])
    assert any(
        entry == {"action": "CANCEL_ORDER", "isAllowed": True, "reason": None, "message": None}
        for node in nodes
        for entry in node["availableActions"]
    )
    assert all(f"Order:nuvias:{node['details']['raw']['id']}" == node["id"] for node in nodes)


BILLED = """query($first: Int!) { orders(first: $first, filter: {statuses: [COMPLETED]}) {
    nodes { purchaseOrderNumber invoices(first: 100) { totalCount nodes { purchaseOrderNumber } } }
} }"""


@pytest.mark.parametrize("first", [PARALLEL - 1, 40])
def test_invoices_are_found_by_the_purchase_order_number(fresh: Gateway, fake: FakeVendor, first: int) -> None:
    fake.forget_calls()
    nodes = fresh.get(BILLED, first=first)["orders"]["nodes"]
    assert len(nodes) == first
    assert any(node["invoices"]["nodes"] for node in nodes)
    for node in nodes:
        numbers = [invoice["purchaseOrderNumber"] for invoice in node["invoices"]["nodes"]]
        assert numbers == [node["purchaseOrderNumber"]] * node["invoices"]["totalCount"]
    looked_up = calls(fake).count(("GET", "/invoices"))
    named = len({node["purchaseOrderNumber"] for node in nodes} - {None})
    assert looked_up == (named if named < PARALLEL else 1), "more than a few are read from one page of all invoices"


def test_many_invoices_and_few_orders_are_looked_up_singly(fresh: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ordergraph.vendors.nuvias.connector_calls.PAGE_SIZE", 10)
    nodes = fresh.get(BILLED, first=PARALLEL + 2)["orders"]["nodes"]
    assert any(node["invoices"]["nodes"] for node in nodes)


def test_invoices_cost_an_error_each_when_their_list_cannot_be_read(fresh: Gateway, fake: FakeVendor) -> None:
    fake.faults({"fault": "unavailable", "path": "/invoices"})
    try:
        answer = fresh.ask(BILLED, first=20)
    finally:
        fake.end_faults()
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"VENDOR_UNAVAILABLE"}
    nodes = answer["data"]["orders"]["nodes"]
    assert len(nodes) == 20
    assert all((node["invoices"] is None) == (node["purchaseOrderNumber"] is not None) for node in nodes)


def test_subscriptions_and_orders_point_at_each_other(fresh: Gateway, fake: FakeVendor) -> None:
    fake.forget_calls()
    query = """{ orders(first: 100) {
        nodes { id subscriptions { nodes { id status items { quantity product { name } } orders { id } } } }
    } }"""
    nodes = fresh.get(query)["orders"]["nodes"]
    pairs = [(node["id"], found) for node in nodes for found in node["subscriptions"]["nodes"]]
    assert len(pairs) > 5
    assert all({"id": order} in found["orders"] for order, found in pairs)
    assert all(item["product"]["name"] for _, found in pairs for item in found["items"])
    assert calls(fake).count(("GET", "/subscriptions")) == 1


def test_subscriptions_cost_an_error_each_when_they_cannot_be_read(fresh: Gateway, fake: FakeVendor) -> None:
    fake.faults({"fault": "unavailable", "path": "/subscriptions"})
    try:
        answer = fresh.ask("{ orders(first: 3) { nodes { id subscriptions { nodes { id } } } } }")
    finally:
        fake.end_faults()
    assert len(answer["errors"]) == 3
    assert all(node["id"] and node["subscriptions"] is None for node in answer["data"]["orders"]["nodes"])


WALK = """query($first: Int, $after: String, $last: Int, $before: String) {
    found: %s(first: $first, after: $after, last: $last, before: $before) {
        totalCount nodes { id } sources { account { name } totalCount }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}"""


def walk(running: Gateway, name: str, *, forward: bool) -> tuple[list[str], Json]:
    found: list[str] = []
    place: Json = {}
    for _ in itertools.count():
        page = running.get(WALK % name, **({"first": 60} if forward else {"last": 60}), **place)["found"]
        nodes = [node["id"] for node in page["nodes"]]
        found = [*found, *nodes] if forward else [*nodes, *found]
        info = page["pageInfo"]
        if not info["hasNextPage" if forward else "hasPreviousPage"]:
            return found, page
        place = {"after": info["endCursor"]} if forward else {"before": info["startCursor"]}
    raise AssertionError


@pytest.mark.parametrize("name", ["orders", "invoices", "products", "subscriptions"])
def test_every_list_is_walked_to_both_ends(asked: Gateway, name: str) -> None:
    forward, _ = walk(asked, name, forward=True)
    backward, _ = walk(asked, name, forward=False)
    assert forward == backward
    assert len(forward) == len(set(forward)) > 60
    accounts = {id_.split(":")[1] for id_ in forward}
    assert accounts == {"nuvias", "other"}
    counted = asked.get(f"{{ {name}(first: 1) {{ totalCount }} }}")[name]["totalCount"]
    assert counted == len(forward)


NODES = {
    "Order": "{ orders(first: 1) { nodes { id } } }",
    "LineItem": "{ orders(first: 1) { nodes { lineItems { id } } } }",
    "Product": "{ products(first: 1) { nodes { id } } }",
    "Subscription": "{ subscriptions(first: 1) { nodes { id } } }",
    "Shipment": "{ orders(first: 1, filter: {statuses: [SHIPPED]}) { nodes { shipments { id } } } }",
    "Invoice": "{ invoices(first: 1) { nodes { id } } }",
    "NuviasAccount": "{ accounts { id } }",
}


def first_id(value: Any) -> str:
    """Return the first ID in a response, at any depth."""
    if isinstance(value, dict):
        found = cast("Json", value)
        return found["id"] if "id" in found else first_id(next(iter(found.values())))
    return first_id(cast("list[Any]", value)[0])


@pytest.mark.parametrize("name", NODES)
def test_every_kind_of_object_is_fetched_again_by_its_id(asked: Gateway, name: str) -> None:
    id_ = first_id(asked.get(NODES[name]))
    assert asked.get("query($id: ID!) { node(id: $id) { __typename id } }", id=id_)["node"] == {
        "__typename": name,
        "id": id_,
    }


@pytest.mark.parametrize("name", ["order", "product", "subscription", "invoice"])
def test_an_object_is_null_where_there_is_none(asked: Gateway, name: str) -> None:
    kind = name.title()
    document = f"query($id: ID!) {{ {name}(id: $id) {{ id }} }}"
    for id_ in (f"{kind}:nuvias:99999999", f"{kind}:nuvias:99999999:INV99", f"{kind}:nowhere:1"):
        assert asked.get(document, id=id_) == {name: None}


def test_a_look_up_asks_for_one_object(fresh: Gateway, fake: FakeVendor) -> None:
    id_ = first_id(fresh.get("{ subscriptions(first: 1) { nodes { id } } }"))
    reference = fresh.get("{ invoices(first: 1) { nodes { id reference } } }")["invoices"]["nodes"][0]
    fake.forget_calls()
    shown = fresh.get(
        "query($id: ID!, $invoice: ID!) { subscription(id: $id) { id } invoice(id: $invoice) { reference } }",
        id=id_,
        invoice=reference["id"],
    )
    assert shown == {"subscription": {"id": id_}, "invoice": {"reference": reference["reference"]}}
    assert sorted(calls(fake)) == [("GET", "/invoices"), ("GET", "/subscriptions/{id}")]


def test_an_account_tells_what_it_can_and_how_it_is(asked: Gateway) -> None:
    document = """{ account(id: "Account:nuvias") { id name vendor
        capabilities { action isSupported reason }
        health { state stateChangedAt latencySeconds lastError }
        orderRequirements { field isRequired maxLength values note } } }"""
    asked.get("{ orders(first: 1) { nodes { id } } }")
    account = asked.get(document)["account"]
    assert {entry["action"] for entry in account["capabilities"]} == {action.name for action in Action}
    assert all(entry["isSupported"] is (entry["reason"] is None) for entry in account["capabilities"])
    missing = [entry["action"] for entry in account["capabilities"] if not entry["isSupported"]]
    assert missing == ["ACKNOWLEDGE_ORDER", "RESPOND_TO_CHARGE", "CHANGE_REQUESTED_DATE"]
    assert account["health"]["state"] == "UP"
    assert 0 < account["health"]["latencySeconds"] < 30
    assert {"field": "lineItems", "isRequired": True, "maxLength": None, "values": None, "note": None} in account[
        "orderRequirements"
    ]
    assert asked.get('{ account(id: "Account:nowhere") { id } }') == {"account": None}


def test_the_pages_beside_the_graph(asked: Gateway) -> None:
    assert asked.client.get("/livez").json() == {"status": "ok"}
    page = asked.client.get("/", headers={"accept": "text/html"}, follow_redirects=True)
    assert page.status_code == 200
    assert "GraphiQL" in page.text
