"""The graph shows every field of an order's body: of the documented sample, and of every seeded order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from graphql import GraphQLNamedType, GraphQLObjectType, get_named_type

from ordergraph.app import build_schema
from ordergraph.graph.schema import core_schema
from ordergraph.sandbox import create_app, running
from ordergraph.vendors.verifone import wire
from ordergraph.vendors.verifone.sandbox import VerifoneSandbox
from ordergraph.vendors.verifone.vendor import vendor
from tests.gateway import Gateway, gateway

SAMPLE = json.loads((Path(__file__).parents[2] / "samples" / "verifone" / "order_response.json").read_text())
Json = dict[str, Any]
Path_ = tuple[str | int, ...]

# The fields of the graph for fields of the body that are not in `details` under the same name.
ELSEWHERE = {
    "orderId": "vendorOrderId",
    "orderReference": "clientReference",
    "poRef": "purchaseOrderNumber",
    "notes": "notes.0.text",
    "requestedDate": "requestedAt",
}
RENAMED = {
    "linkOpendByCustomerTime": "linkOpenedByCustomerAt",
    "linkSendTime": "linkSentAt",
    "customerUpdateTime": "customerUpdatedAt",
    "createdDate": "createdAt",
    "modifiedDate": "modifiedAt",
    "cancelledDate": "cancelledAt",
    "lastChangeTime": "lastChangedAt",
    "lastNotificationSentDateTime": "lastNotificationSentAt",
    "sentDateTime": "sentAt",
    "signed": "isSigned",
    "signedDateTime": "signedAt",
    "requestedDateOfShipment": "requestedShippingAt",
    "governmentOwned": "isGovernmentOwned",
    "tidList": "terminalIds",
}
# The fields of a line that every vendor has, with their paths in the graph.
LINE = {"packageBundleId": "name", "quantity": "quantity", "price": "unitPrice.amount"}
OPEN = ("paymentDetails", "processorParameters")
CLOSED = ("paymentType", "processor", "tidList")


def selection(type_: GraphQLObjectType) -> str:
    """Return a selection of all fields of a type, at every depth."""
    found: list[str] = []
    for name, one in type_.fields.items():
        below = cast("GraphQLNamedType", get_named_type(one.type))
        found.append(f"{name} {selection(below)}" if isinstance(below, GraphQLObjectType) else name)
    return "{ " + " ".join(found) + " }"


def fragment(name: str) -> str:
    type_ = core_schema(build_schema([vendor])).type_map[name]
    assert isinstance(type_, GraphQLObjectType)
    return f"... on {name} {selection(type_)}"


LINE_FIELDS = f"name quantity unitPrice {{ amount }} details {{ {fragment('VerifoneLineItemDetails')} }}"
QUERY = f"""query($id: ID!) {{ order(id: $id) {{
    vendorOrderId number clientReference purchaseOrderNumber notes {{ text }} requestedAt status vendorStatus
    details {{ {fragment("VerifoneOrderDetails")} }}
    lineItems {{ {LINE_FIELDS} children {{ {LINE_FIELDS} }} }}
}} }}"""


@pytest.fixture(scope="module")
def sandbox() -> VerifoneSandbox:
    fake = VerifoneSandbox(60, 1)
    fake.orders[SAMPLE["orderId"]] = SAMPLE
    return fake


@pytest.fixture(scope="module")
def asked(sandbox: VerifoneSandbox) -> Iterator[Gateway]:
    app = create_app({"verifone": lambda _orders, _seed: sandbox}, orders=60, seed=1)
    with running(app) as url:
        account = {**vendor.sandbox_account, "base_url": f"{url}/verifone", "extensions": ["get", "search"]}
        with gateway({"vf": account}) as made:
            yield made


def leaves(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Yield the values of a body, each with its path."""
    if isinstance(value, dict) and value:
        for name, item in cast("Json", value).items():
            yield from leaves(item, (*path, name))
    elif isinstance(value, list) and value:
        for index, item in enumerate(cast("list[Any]", value)):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


def at(value: Any, path: Path_) -> Any:
    for step in path:
        value = value[int(step) if isinstance(value, list) else step]
    return value


def place(body: Json, path: Path_) -> Path_:
    """Return the path in the graph of a value in the body."""
    if path[:2] == ("merchant", "pois"):
        return device_place(path[2:])
    if path[0] == "packageDetails" and path[1] != "portfolioUid":
        return package_place(body, path[1:])
    if path[0] in ELSEWHERE:
        return tuple(str(ELSEWHERE[str(path[0])]).split("."))
    return ("details", *opened(path))


def opened(path: Path_) -> Path_:
    """Return the path with `other` inserted before properties that are not documented."""
    for index, step in enumerate(path[:-1]):
        if step in OPEN and path[index + 1] not in CLOSED:
            return (*path[: index + 1], "other", *path[index + 1 :])
    return tuple(RENAMED.get(str(step), step) for step in path)


def device_place(path: Path_) -> Path_:
    poi, kind, *rest = path
    if kind == "devicePackage":
        return ("lineItems", poi, *line_place(tuple(rest)))
    return ("lineItems", poi, "children", rest[0], *line_place(tuple(rest[1:])))


def package_place(body: Json, path: Path_) -> Path_:
    devices = len(body["merchant"].get("pois", ()))
    services = len(body["packageDetails"].get("servicePackages", ()))
    name, *rest = path
    if name == "servicePackages":
        return ("lineItems", devices + 1 + int(rest[0]), *line_place(tuple(rest[1:])))
    position = devices if name == "basePackageBundle" else devices + 1 + services
    return ("lineItems", position, *line_place(tuple(rest)))


def line_place(rest: Path_) -> Path_:
    if len(rest) == 1 and rest[0] in LINE:
        return tuple(LINE[str(rest[0])].split("."))
    return ("details", *opened(rest))


def same(path: Path_, theirs: Any, ours: Any) -> bool:
    """Whether two values are equal, with times compared as instants and amounts as numbers."""
    if str(path[-1]).endswith(("Date", "Time", "DateOfShipment")):
        return datetime.fromisoformat(theirs) == datetime.fromisoformat(ours)
    if isinstance(ours, str) and not isinstance(theirs, bool) and re.fullmatch(r"-?\d*(\.\d+)?", str(theirs)):
        return ours == str(theirs) or Decimal(ours) == Decimal(str(theirs))
    return theirs == ours


def check(asked: Gateway, body: Json) -> int:
    shown = asked.get(QUERY, id=f"Order:vf:{body['orderId']}")["order"]
    assert shown["details"]["raw"] == body
    count = 0
    for path, value in leaves(body):
        where = place(body, path)
        assert same(path, value, at(shown, where)), (path, value, where)
        count += 1
    return count


def test_every_field_of_the_sample_is_shown(asked: Gateway) -> None:
    assert check(asked, SAMPLE) == 21


def test_every_field_of_every_seeded_order_is_shown(asked: Gateway, sandbox: VerifoneSandbox) -> None:
    hardware = [one for one in sandbox.orders.values() if one["orderType"] == "HardwareOrder" and one is not SAMPLE]
    assert sum(check(asked, body) for body in hardware) > 2000


def test_the_seeded_orders_have_every_field(sandbox: VerifoneSandbox) -> None:
    found = {".".join(str(step) for step in path if isinstance(step, str)) for one in sandbox.orders.values()
             for path, _ in leaves(one)}  # fmt: skip
    names = {name for path in found for name in path.split(".")}
    for type_ in vars(wire).values():
        if isinstance(type_, type) and issubclass(type_, wire.HardwareOrder | wire.Internal | wire.Merchant):
            assert set(type_.__struct_encode_fields__) <= names, type_


def test_the_sample_reads_as_the_document_says(asked: Gateway) -> None:
    shown = asked.get(QUERY, id=f"Order:vf:{SAMPLE['orderId']}")["order"]
    assert (shown["status"], shown["vendorStatus"], shown["number"]) == ("DRAFT", "DRAFT", "ORD-1234")
    assert shown["notes"] == [{"text": "Current in draft, caller got busy, callback anothertime."}]
    assert [(line["name"], line["quantity"]) for line in shown["lineItems"]] == [("T650P", "2"), ("BASE-1", "1")]
