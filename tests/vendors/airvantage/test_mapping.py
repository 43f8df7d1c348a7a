"""AirVantage's objects mapped to ours, and our requests to AirVantage's, without a network."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from ordergraph.domain import Action, Actor, OrderStatus, Origin, Party
from ordergraph.domain.commands import (
    AddressRequest,
    Contact,
    Findings,
    LineRequest,
    OrderChange,
    OrderQuery,
    OrderRequest,
    Range,
    fits,
)
from ordergraph.domain.errors import UserErrorCode
from ordergraph.upstream.calls import Decoded
from ordergraph.vendors.airvantage import mapping, request_mapping, wire
from ordergraph.vendors.airvantage.connector import AirVantageSettings
from ordergraph.vendors.airvantage.values import TIME
from ordergraph.wire.fields import fields_of

SAMPLES = Path(__file__).parents[2] / "samples" / "airvantage"
ORIGIN = Origin("av", "airvantage", datetime(2026, 11, 21, tzinfo=UTC))
ORDERS = ("create", "edit", "get", "cancel", "acknowledge")
UID = "31343d008c4411e5aaf87792bd6f1830"
CONTACT = "2c92c0f8516cc19e0151874a1e48200d"
PRODUCT = "8019b1ee4a8e57408fb3ca38ac0ccf4a"
AT = datetime(2015, 11, 6, 15, 49, 27, 838000, UTC)
Json = dict[str, Any]


def sample(name: str) -> Json:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def order(**fields: Any) -> mapping.AirVantageOrder:
    raw = json.dumps({**sample("get_response"), **fields}).encode()
    return mapping.AirVantageOrder(ORIGIN, Decoded(msgspec.json.decode(raw, type=wire.Order), raw))


def every_sample() -> list[Json]:
    single = [sample(f"{name}_response") for name in ORDERS]
    return [*single, *sample("find_response")["items"], sample("order_complete_representation")]


def test_every_field_of_the_samples_is_declared_under_its_name() -> None:
    names = {one.wire_name for one in fields_of(wire.Order)}
    assert names == {name for body in every_sample() for name in body}
    assert {one.name: one.wire_name for one in fields_of(wire.Order)}["company_id"] == "accountUid"


def test_every_time_of_the_wire_is_declared_as_one() -> None:
    for struct in (wire.Order, wire.OrderWrite):
        times = {one.wire_name for one in fields_of(struct) if one.codec is TIME}
        named = {one.wire_name for one in fields_of(struct) if one.description and one.wire_name.endswith("Ts")}
        assert times == named


@pytest.mark.parametrize("body", every_sample(), ids=lambda body: body["status"])
def test_a_sample_reads_as_one_order_whatever_the_answer(body: Json) -> None:
    raw = json.dumps(body).encode()
    found = mapping.AirVantageOrder(ORIGIN, Decoded(msgspec.json.decode(raw, type=wire.Order), raw))
    assert found.key == (body["uid"].replace("-", ""),)
    assert found.number == "SO-" + found.key[0][:8].upper()
    assert found.client_reference == body["externalId"]
    assert found.vendor_status == body["status"]
    assert found.status is mapping.STATUS[body["status"]]
    assert found.placed_at == datetime.fromtimestamp(body["effectiveOrderTs"] / 1000, UTC)
    assert found.customer == Party(body["accountUid"], body["account"]["name"].strip())
    assert [note.text for note in found.notes] == [body["description"]]
    assert found.shipping_address is not None
    assert found.shipping_address.formatted_lines == body["postalAddress"].split("\n")
    (line,) = found.line_items
    assert line.quantity == body["quantity"]
    assert line.name == body["productReference"]["name"]
    assert line.product_id == body["productReferenceUid"].replace("-", "")
    assert found.details.raw == body
    assert not found.problems


def test_both_forms_of_a_uid_are_one_order() -> None:
    one, other = order(), order(uid=UID)
    assert one.id == other.id == f"Order:av:{UID}"
    assert request_mapping.uid_of("31343D00-8C44-11E5-AAF8-7792BD6F1830") == UID
    assert request_mapping.uid_of("31343d00-8c4411e5aaf87792bd6f1830") is None


def test_the_version_is_the_same_in_every_answer_and_changes_with_the_order() -> None:
    row = order(createdTs=None, createdByUser=None, account={"uid": "x", "name": " My account"}, uid=UID)
    assert row.version == order().version
    for change in ({"status": "CANCELED"}, {"quantity": 99}, {"description": "Other"}, {"shippedTs": 1}):
        assert order(**change).version != order().version


def test_who_placed_it_is_named_by_the_order_alone() -> None:
    user = "b270191e44fb460a84c2be03626eaa05"
    assert order().created_by == Actor(user, "Paul Durand")
    row = order(createdByUser=None)
    assert row.created_by == Actor(user, named_in=row.ref)
    assert order(createdByUser=None, createdBy=None).created_by is None


def test_times_are_of_the_right_events() -> None:
    found = order(acceptedTs=1446824977838, shippedTs=1446824987838, expectedShippingTs=1446824987000)
    assert found.placed_at == found.requested_at == AT
    assert found.updated_at == AT + timedelta(seconds=20)
    assert found.expected_at == datetime(2015, 11, 6, 15, 49, 47, tzinfo=UTC)
    assert order(expectedShippingTs=True).expected_at is None
    assert order().updated_at is None
    assert order(effectiveOrderTs=144682500000).placed_at == datetime(1974, 8, 2, 13, 35, tzinfo=UTC)


def test_a_time_beyond_all_calendars_reads_as_none_and_is_logged() -> None:
    with capture_logs() as logs:
        assert order(effectiveOrderTs=10**18).placed_at is None
        assert order(effectiveOrderTs=10**18).placed_at is None
    assert [entry["event"] for entry in logs] in ([], ["unreadable value"])  # once per process


@pytest.mark.parametrize(
    ("text", "number", "url"),
    [
        ("123", "123", None),
        ("https://track.example/123", None, "https://track.example/123"),
        ("123|http://track.example/123", "123", "http://track.example/123"),
        ("myTrackingUrl", "myTrackingUrl", None),
        ("|", None, None),
    ],
)
def test_a_tracking_number_is_number_url_or_both(text: str, number: str | None, url: str | None) -> None:
    (shipment,) = order(trackingNumber=text, shippedTs=1446824987838).shipments
    assert (shipment.tracking_number, shipment.tracking_url) == (number, url)
    assert shipment.shipped_on == date(2015, 11, 6)
    (item,) = shipment.items
    assert item.quantity == 100


def test_what_is_not_shipped_has_no_shipment() -> None:
    assert order().shipments == []
    assert len(order(trackingNumber="1").shipments) == 1


def test_a_rejection_is_a_problem() -> None:
    found = order(status="REJECTED", rejectionMessage="No credit.")
    assert [(one.code, one.message) for one in found.problems] == [("REJECTED", "No credit.")]
    assert found.status is OrderStatus.REJECTED
    assert found.cancellation is None
    assert order(status="CANCELED").cancellation is not None


@pytest.mark.parametrize("status", [*mapping.STATUS, "TELEPORTED", None])
def test_actions_are_allowed_in_their_status_only(status: str | None) -> None:
    allowed = {one.action for one in order(status=status).available_actions if one.is_allowed}
    assert allowed == {
        "PENDING": {Action.UPDATE_ORDER, Action.CANCEL_ORDER},
        "SHIPPED": {Action.ACKNOWLEDGE_ORDER},
    }.get(status or "", set())
    assert (order(status=status).status is OrderStatus.UNKNOWN) is (status not in mapping.STATUS)


# ---- Requests ---------------------------------------------------------------------------------------


def asked(**fields: Any) -> OrderRequest:
    lines = [LineRequest(product_id=f"Product:av:{PRODUCT}", quantity=Decimal(100))]
    values: Json = {"lines": lines, "details": {"delivery_contact": CONTACT}, **fields}
    return OrderRequest(**values)


def written(request: OrderRequest) -> Json:
    findings = Findings("av")
    body = request_mapping.order_to_wire(request, findings)
    assert findings.errors == []
    return json.loads(msgspec.json.encode(body))


def test_the_documents_request_can_be_made() -> None:
    request = asked(client_reference="ORDER_EXT_ID", notes=["My first Order"])
    assert written(request) == sample("create_request")


def test_what_has_no_field_is_told_in_the_description() -> None:
    address = AddressRequest(recipient_name="Ann", lines=["1 Mill Lane"], city="York", country_code="GB")
    contact = Contact(name="Ann", phone="0123")
    request = asked(notes=["Hello"], purchase_order_number="PO-1", contact=contact, shipping_address=address)
    told = ["Hello", "Purchase order: PO-1", "Contact: Ann, 0123", "Deliver to: Ann, 1 Mill Lane, York, GB"]
    assert written(request)["description"] == "\n".join(told)
    assert written(asked(requested_at=AT))["effectiveOrderTs"] == 1446824967838


WRONG: list[tuple[Json, dict[str, UserErrorCode]]] = [
    ({"lines": []}, {"lineItems": UserErrorCode.REQUIRED}),
    ({"details": {}}, {"details.airvantage.deliveryContact": UserErrorCode.REQUIRED}),
    ({"details": {"delivery_contact": "me"}}, {"details.airvantage.deliveryContact": UserErrorCode.INVALID}),
    ({"lines": [LineRequest(sku="A")]}, {"lineItems.0.product.sku": UserErrorCode.INVALID}),
    ({"lines": [LineRequest(product_id="Product:av:1")]}, {"lineItems.0.product.id": UserErrorCode.NOT_FOUND}),
    (
        {"lines": [LineRequest(product_id=f"Product:av:{PRODUCT}", quantity=Decimal("1.5"))] * 2},
        {"lineItems.1": UserErrorCode.INVALID, "lineItems.0.quantity": UserErrorCode.INVALID},
    ),
    (
        {"requested_at": AT, "details": {"delivery_contact": CONTACT, "effective_order_at": AT}},
        {"requestedAt": UserErrorCode.INVALID},
    ),
]


@pytest.mark.parametrize(("fields", "errors"), WRONG)
def test_everything_wrong_is_found_before_sending(fields: Json, errors: dict[str, UserErrorCode]) -> None:
    findings = Findings("av")
    request_mapping.order_to_wire(asked(**fields), findings)
    assert {".".join(tuple(one.field or ())[1:]): one.code for one in findings.errors} == errors


def test_a_change_keeps_what_it_leaves_out() -> None:
    findings = Findings("av")
    current = order(productReferenceUid=PRODUCT, productReference=None).wire
    line = LineRequest(product_id=f"Product:av:{PRODUCT}", quantity=Decimal(7))
    body = request_mapping.change_to_wire(current, OrderChange(lines=[line]), findings)
    assert findings.errors == []
    assert json.loads(msgspec.json.encode(body)) == {
        "deliveryContact": CONTACT,
        "description": "My first SIM Order",
        "effectiveOrderTs": 1446824967838,
        "externalId": "ORDER_EXT_ID",
        "quantity": 7,
    }
    assert request_mapping.change_to_wire(current, OrderChange(notes=()), findings).description == ""


def test_a_change_that_is_none_of_airvantages_is_refused() -> None:
    findings = Findings("av")
    change = OrderChange(
        lines=[LineRequest(product_id=f"Product:av:{UID}")],
        client_reference=None,
        purchase_order_number="PO-1",
        shipping_address=None,
        details={"delivery_contact": None, "effective_order_at": None},
    )
    request_mapping.change_to_wire(order().wire, change, findings)
    assert {".".join(tuple(one.field or ())[1:]) for one in findings.errors} == {
        "lineItems.0.product",
        "clientReference",
        "purchaseOrderNumber",
        "shippingAddress",
        "details.airvantage.deliveryContact",
        "details.airvantage.effectiveOrderAt",
    }


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        (OrderQuery(), []),
        (OrderQuery(statuses=frozenset({OrderStatus.IN_PROGRESS})), [("status", "ACCEPTED_STOCK,ACCEPTED_FOUNDER")]),
        (OrderQuery(statuses=frozenset({OrderStatus.DRAFT})), None),
        (OrderQuery(statuses=frozenset({OrderStatus.UNKNOWN})), []),
        (OrderQuery(purchase_order_numbers=frozenset({"PO"})), None),
        (OrderQuery(numbers=frozenset({"SO-1"})), [("orderId", "SO-1")]),
        (OrderQuery(client_references=frozenset({"a", "b"})), []),
    ],
)
def test_a_query_is_narrowed_by_what_airvantage_can(query: OrderQuery, filters: list[tuple[str, str]] | None) -> None:
    assert request_mapping.orders_query(query) == filters


def test_the_rest_of_a_query_is_applied_here() -> None:
    found = order()
    assert fits(found, OrderQuery(search="ext_id", placed_at=Range(AT, AT + timedelta(seconds=1))))
    assert not fits(found, OrderQuery(client_references=frozenset({"ORDER_EXT"})))
    assert not fits(found, OrderQuery(placed_at=Range(None, AT)))
    assert not fits(order(effectiveOrderTs=None), OrderQuery(placed_at=Range(None, AT)))


# ---- Errors and settings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code", "fields"),
    [
        ({"error": "order.missing.quantity"}, "order.missing.quantity", ["quantity"]),
        ({"error": "unknown.contact", "errorParameters": ["x"]}, "unknown.contact", ["deliveryContact"]),
        ({"error": "something.new", "errorParameters": ["externalId", 5]}, "something.new", ["externalId"]),
        ({"error": "invalid_grant", "error_description": "no"}, "invalid_grant", []),
        ({"error": 5}, None, []),
        (["error"], None, []),
        (None, None, []),
    ],
)
def test_a_problem_is_told_by_its_code(body: Any, code: str | None, fields: list[str]) -> None:
    problem = request_mapping.read_problem(body)
    assert problem.code == code
    assert list(problem.fields) == fields
    assert (problem.message is None) is (code is None)


ACCOUNT: Json = {"name": "av", "vendor": "airvantage", "client_id": "me", "client_secret": "hush"}


def test_a_password_grant_needs_a_user() -> None:
    with pytest.raises(ValueError, match="requires `username` and `password`"):
        AirVantageSettings.model_validate({**ACCOUNT, "grant": "password"})
    user = {"grant": "password", "username": "ann", "password": "pass"}
    account = AirVantageSettings.model_validate({**ACCOUNT, **user})
    assert dict(account.login) == {
        "grant_type": "password",
        "client_id": "me",
        "client_secret": "hush",
        "username": "ann",
        "password": "pass",
    }
    assert AirVantageSettings.secrets() == ["client_secret", "password"]
    with pytest.raises(ValueError, match="company"):
        AirVantageSettings.model_validate({**ACCOUNT, "company": "acme"})
