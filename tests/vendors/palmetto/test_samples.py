"""The graph shows every field of the documented sample, and of an order in which every value differs."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from ordergraph.ledger.placed import PlacedOrder
from ordergraph.vendors.palmetto import jsv
from ordergraph.vendors.palmetto.sandbox.data import DATACENTER_CODES
from ordergraph.vendors.palmetto.vendor import vendor
from tests.fakes import serving
from tests.gateway import Gateway, Json, gateway
from tests.vendors.palmetto.document import FIELDS, WIRE_NAMES

SAMPLE = (Path(__file__).parents[2] / "samples/palmetto/order_request.jsv").read_text().strip()
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Table = Mapping[str, str | tuple[str, ...]]
"""The path of a field in the request, and its paths in the graph (`*` is any index of a list)."""


def distinct(type_: str = "SelfServiceOrderProducts", start: int = 1) -> Json:
    """Return a message with a different value in every field."""
    values: Json = {}
    for number, (name, kind) in enumerate(FIELDS[type_].items(), start):
        if kind.endswith("[]"):
            values[name] = [distinct(kind[:-2], start + 100 * (place + 1)) for place in range(2)]
        elif name == "datacenterCode":
            values[name] = DATACENTER_CODES[number % len(DATACENTER_CODES)]
        else:
            values[name] = {
                "string": f"{name}, {number}",
                "int": number,
                "decimal": Decimal(number) + Decimal("0.50"),
                "bool": number % 2 == 0,
                "DateTime": AT + number * DAY + timedelta(microseconds=number),
            }[kind]
    return values


BODIES = {"sample": SAMPLE, "distinct": jsv.dumps({**distinct(), "correlationId": "distinct"})}
KEYS = {"sample": "String", "distinct": "distinct"}

DETAILS = "lineItems.*.details"
ROW_FIELDS = (
    "isActive allocation customerId dataCenterId isDeleted discountPercent isDiscountRestricted globalDiscountPercent "
    "isDiscountIntroductory orderDetailId orderId orderVersion parentOrderProductId pricingScheduleId productCategory "
    "provider isRecurring service serviceBeginsAt serviceEndsAt serviceId serviceLevelPercent serviceProviderId status "
    "typeOrderStatusId typeUnitMeasureId unit variance billingStartsAt billingVersion hasProgressBilling "
    "progressBillingStartsAt"
)
ROW_DETAILS = ROW_FIELDS.split()
ORDER: Table = {
    "companyId": ("customer.vendorId", "details.companyId"),
    "userId": ("createdBy.vendorId", "details.userId"),
    "action": "details.action",
    "jobId": ("number", "clientReference", "details.jobId"),
    "correlationId": ("vendorOrderId", "details.correlationId"),
    "payload.*.orgName": "details.payloads.*.orgName",
    "payload.*.vdcId": "details.payloads.*.vdcId",
    "payload.*.location": "details.payloads.*.location",
}
LINES: Mapping[str, Table] = {
    "products": {
        "id": "lineItems.*.product.vendorProductId",
        "quantity": "lineItems.*.quantity",
        "parentId": f"{DETAILS}.parentId",
    },
    "requestedproducts": {
        "productId": "lineItems.*.product.vendorProductId",
        "quantity": "lineItems.*.quantity",
        "isSLA": f"{DETAILS}.isSla",
        **{
            name: f"{DETAILS}.{name}"
            for name in ("serviceId", "datacenterCode", "selfServiceId", "maxQuantity", "increment", "parentId")
        },
    },
    "order": {
        "product": "lineItems.*.name",
        "productId": "lineItems.*.product.vendorProductId",
        "quantity": "lineItems.*.quantity",
        "productPrice": "lineItems.*.unitPrice.amount",
        "retailProductPrice": "lineItems.*.listPrice.amount",
        "extendedPrice": "lineItems.*.total.amount",
        "supportCost": f"{DETAILS}.supportCost.amount",
        "supportCostTotal": f"{DETAILS}.supportCostTotal.amount",
        **{WIRE_NAMES.get(name, name): f"{DETAILS}.{name}" for name in ROW_DETAILS},
    },
}
QUERY = """query($id: ID!) { order(id: $id) {
    vendorOrderId number clientReference customer { vendorId } createdBy { vendorId } status vendorStatus
    requestedAt shippingAddress { lines formattedLines } total { amount currency } placedAt retrievedAt version
    availableActions { action isAllowed reason message }
    lineItems { id name quantity product { vendorProductId } unitPrice { amount } listPrice { amount }
        total { amount } details { raw ... on PalmettoLineItemDetails { payload list parentId serviceId isSla
        selfServiceId maxQuantity increment datacenterCode supportCost { amount } supportCostTotal { amount }
        ROW_FIELDS } } }
    subscriptions(first: 10) { nodes { id vendorSubscriptionId name status startsOn endsOn
        items { quantity product { vendorProductId } } orders { id }
        details { raw ... on PalmettoSubscriptionDetails { lineItem { id } billingStartsAt price { amount } } } } }
    details { raw ... on PalmettoOrderDetails { companyId userId action jobId correlationId
        payloads { orgName vdcId location } contact { name } } } } }""".replace("ROW_FIELDS", ROW_FIELDS)


@pytest.fixture(scope="module")
def shown() -> Generator[Mapping[str, Json]]:
    """Yield the orders as the graph shows them."""
    kept = [PlacedOrder(KEYS[name], AT, AT, body.encode()) for name, body in BODIES.items()]
    with serving(vendor, orders=0) as fake, gateway({"vdc": fake.table(currency="USD")}, {"vdc": kept}) as running:
        yield {name: read(running, key) for name, key in KEYS.items()}


def read(running: Gateway, key: str) -> Json:
    return cast("Json", running.get(QUERY, id=f"Order:vdc:{key}")["order"])


def at(value: Any, path: str, index: int | None = None) -> Any:
    """Return the value at a path. `*` stands for an index of a list."""
    for part in path.split("."):
        value = value[index] if part == "*" else None if value is None else value[part]
    return value


def in_graph(sent: str, kind: str) -> object:
    """Return a sent value as the graph shows values of that type."""
    if kind == "DateTime":
        moment = jsv.read_moment(sent)
        return None if moment is None else moment.isoformat().replace("+00:00", "Z")
    if kind == "bool":
        return sent == "True"
    return int(sent) if kind == "int" else sent


def lines_of(tree: Json) -> Iterator[tuple[str, Json]]:
    for payload in tree["payload"]:
        for name in LINES:
            for row in payload[name]:
                yield name, row


@pytest.mark.parametrize("name", BODIES)
def test_every_field_of_an_order_is_shown(shown: Mapping[str, Json], name: str) -> None:
    tree = cast("Json", jsv.loads(BODIES[name]))
    assert set(tree) | {f"payload.*.{one}" for one in tree["payload"][0]} - {
        f"payload.*.{one}" for one in LINES
    } == set(ORDER) | {"payload"}
    for sent, paths in ORDER.items():
        for index in range(len(tree["payload"])):
            for path in (paths,) if isinstance(paths, str) else paths:
                assert at(shown[name], path, index) == at(tree, sent, index), (sent, path)
    assert shown[name]["details"]["raw"] == tree


@pytest.mark.parametrize("name", BODIES)
def test_every_field_of_a_line_is_shown(shown: Mapping[str, Json], name: str) -> None:
    lines = list(lines_of(cast("Json", jsv.loads(BODIES[name]))))
    assert len(lines) == len(shown[name]["lineItems"])
    types = {
        "products": "SelfServiceProduct",
        "requestedproducts": "TypeCostProductReq",
        "order": "TypeOrderDetailInfo",
    }
    for index, (list_, row) in enumerate(lines):
        kinds = FIELDS[types[list_]]
        assert set(row) == set(LINES[list_]) == set(kinds)
        line = shown[name]["lineItems"][index]
        for sent, path in LINES[list_].items():
            assert isinstance(path, str)
            as_text = path.endswith("vendorProductId")  # IDs are strings in the graph
            assert at(shown[name], path, index) == in_graph(row[sent], "string" if as_text else kinds[sent]), sent
        own = {str(path).removeprefix(f"{DETAILS}.").removesuffix(".amount") for path in LINES[list_].values()}
        lacked = set(line["details"]) - own - {"raw", "payload", "list"}
        assert {line["details"][name] for name in lacked} == {None}
        assert line["details"]["raw"] == row
        assert line["details"]["list"] == {"requestedproducts": "REQUESTED_PRODUCTS"}.get(list_, list_.upper())


def test_an_order_is_summed_up(shown: Mapping[str, Json]) -> None:
    order = shown["distinct"]
    tree = cast("Json", jsv.loads(BODIES["distinct"]))
    rows = [row for list_, row in lines_of(tree) if list_ == "order"]
    assert order["total"] == {"amount": str(sum(Decimal(row["extendedPrice"]) for row in rows)), "currency": "USD"}
    assert order["requestedAt"] == min(row["serviceBeginDate"] for row in rows).replace("0Z", "Z")
    assert order["shippingAddress"]["lines"] == [tree["payload"][0]["location"]]
    assert (order["status"], order["vendorStatus"]) == ("SUBMITTED", None)
    assert order["placedAt"] == order["retrievedAt"] == "2026-11-20T12:00:00Z"
    assert [line["details"]["payload"] for line in order["lineItems"]] == [1] * 6 + [2] * 6
    assert {(one["action"], one["reason"]) for one in order["availableActions"]} == {
        ("UPDATE_ORDER", "NOT_SUPPORTED"),
        ("CANCEL_ORDER", "NOT_SUPPORTED"),
    }


def test_what_recurs_is_a_subscription(shown: Mapping[str, Json]) -> None:
    assert shown["sample"]["subscriptions"]["nodes"] == []
    order = shown["distinct"]
    recurring = [line for line in order["lineItems"] if line["details"]["isRecurring"]]
    found = order["subscriptions"]["nodes"]
    assert [one["details"]["lineItem"]["id"] for one in found] == [line["id"] for line in recurring] != []
    for one, line in zip(found, recurring, strict=True):
        details = line["details"]
        assert one["vendorSubscriptionId"] == str(details["orderDetailId"])
        assert one["name"] == line["name"]
        assert one["startsOn"] == details["serviceBeginsAt"][:10]
        assert one["endsOn"] == details["serviceEndsAt"][:10]
        assert one["items"] == [{"quantity": line["quantity"], "product": line["product"]}]
        assert one["orders"] == [{"id": "Order:vdc:distinct"}]
        assert one["details"]["billingStartsAt"] == details["billingStartsAt"]
        assert one["details"]["price"] == line["total"]
        assert one["details"]["raw"] == details["raw"]


def test_the_sample_is_a_template_of_defaults(shown: Mapping[str, Json]) -> None:
    assert shown["sample"]["requestedAt"] is None
    assert shown["sample"]["total"] == {"amount": "0", "currency": "USD"}
    assert shown["sample"]["version"] != shown["distinct"]["version"]
