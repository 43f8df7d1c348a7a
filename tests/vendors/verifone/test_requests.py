"""Our requests mapped to Verifone's, and Verifone's errors to ours, without a network."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordergraph.domain import OrderStatus
from ordergraph.domain.commands import (
    AddressRequest,
    CancelRequest,
    Contact,
    Findings,
    LineRequest,
    OrderChange,
    OrderQuery,
    OrderRequest,
    Range,
)
from ordergraph.domain.countries import ALPHA3
from ordergraph.domain.errors import UserErrorCode, VendorRejected
from ordergraph.domain.paging import Window
from ordergraph.vendors.verifone import request_mapping, wire_rules
from ordergraph.vendors.verifone.connector import VerifoneSettings
from ordergraph.vendors.verifone.request_mapping import Body, holds, merged, parts_of, read_problem
from ordergraph.vendors.verifone.sandbox.data import CUSTOMER

Json = dict[str, Any]
AT = datetime(2027, 1, 2, 3, 4, 5, 678901, UTC)
WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)
OBJECT = st.dictionaries(WORDS, JSON, max_size=4)


def request(**fields: Any) -> OrderRequest:
    least: Json = {"lines": [LineRequest(sku="T650P")], "client_reference": "R", "contact": Contact(name="A B")}
    return OrderRequest(**{**least, **fields})


def made(request: OrderRequest) -> tuple[Body, Findings]:
    findings = Findings("vf")
    return request_mapping.order_to_wire(request, CUSTOMER, True, findings), findings


# ---- Merging ----------------------------------------------------------------------------------------


def whole(value: Any) -> bool:
    """Whether an object has no null, at any depth of objects."""
    return all(map(whole, cast("Json", value).values())) if isinstance(value, dict) else value is not None


@given(OBJECT, OBJECT)
def test_laying_over_twice_is_laying_over_once(base: Json, more: Json) -> None:
    once = merged(base, more)
    assert merged(once, more) == once
    assert merged(base, {}) == base
    for name, value in more.items():
        assert (name in once) is (value is not None)
    assert {name: once[name] for name in base if name not in more} == {
        name: value for name, value in base.items() if name not in more
    }


@given(OBJECT)
def test_what_is_laid_over_nothing_has_no_nulls(more: Json) -> None:
    assert all(whole(value) for value in merged({}, more).values())


@given(OBJECT)
def test_what_an_object_has_is_found(value: Json) -> None:
    for name, item in value.items():
        assert holds(value, (name,)) is (item is not None)
        assert not holds(value, (name, "nothing at all"))


# ---- Lines ------------------------------------------------------------------------------------------


@given(st.lists(st.none() | st.integers(0, 3), max_size=12))
def test_every_line_is_one_device_and_is_found_again(groups: list[int | None]) -> None:
    lines = [
        LineRequest(sku=f"P-{index}", quantity=Decimal(index + 1), details={} if group is None else {"poi": group})
        for index, group in enumerate(groups)
    ]
    body, findings = made(request(lines=lines))
    assert findings.errors == []
    pois = body.content["merchant"].get("pois", [])
    assert len(pois) == groups.count(None) + len({one for one in groups if one is not None})
    seen: list[int] = []
    for number, poi in enumerate(pois):
        packages = [("devicePackage", poi["devicePackage"])]
        more = poi.get("additionalDevicePackages", [])
        packages += [(f"additionalDevicePackages[{index}]", one) for index, one in enumerate(more)]
        for name, package in packages:
            index = int(package["packageBundleId"].removeprefix("P-"))
            seen.append(index)
            at = f"merchant.pois[{number}].{name}"
            assert body.input_path(f"{at}.packageBundleId") == ("lineItems", str(index), "product")
            assert body.input_path(f"{at}.quantity") == ("lineItems", str(index), "quantity")
            serial = ("lineItems", str(index), "details", "verifone", "serialNumbers", "0")
            assert body.input_path(f"{at}.serialNumbers[0]") == serial
            assert body.input_path(at) == ("lineItems", str(index))
            assert package["quantity"] == index + 1
    assert sorted(seen) == list(range(len(groups)))


@pytest.mark.parametrize(
    ("quantity", "wrong"), [("1", False), ("2.0", False), ("1E+2", False), ("0", True), ("-1", True), ("1.5", True)]
)
def test_a_quantity_is_whole_and_positive(quantity: str, wrong: bool) -> None:
    _, findings = made(request(lines=[LineRequest(sku="T650P", quantity=Decimal(quantity))]))
    assert bool(findings.errors) is wrong
    assert all(one.field == ("input", "lineItems", "0", "quantity") for one in findings.errors)


def test_an_order_may_be_of_services_alone() -> None:
    body, findings = made(request(lines=[]))
    assert findings.errors == []
    assert "pois" not in body.content["merchant"]


# ---- People and places ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Jane Smith", "Jane", "Smith"),
        ("  Jane  Q. Smith ", "Jane Q.", "Smith"),
        ("Ola Åse Nordmann", "Ola Åse", "Nordmann"),
    ],
)
def test_a_name_is_parted_at_its_last_word(name: str, first: str, last: str) -> None:
    body, findings = made(request(contact=Contact(name=name)))
    assert findings.errors == []
    assert body.content["merchant"]["primaryContact"] == {
        "contactType": "BUSINESS",
        "name": {"firstName": first, "lastName": last},
    }


@given(st.lists(st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=8), max_size=6))
def test_no_line_of_an_address_is_lost(lines: list[str]) -> None:
    found = request_mapping.address_to_wire(AddressRequest(lines=lines))
    shown = [found[name] for name in ("addressLine1", "addressLine2", "addressLine3") if name in found]
    assert ", ".join(shown) == ", ".join(lines)


def test_every_country_can_be_shipped_to() -> None:
    for two in ALPHA3:
        place = AddressRequest(lines=["1"], city="A", postal_code="1", country_code=two)
        _, findings = made(request(shipping_address=place))
        assert findings.errors == [], two


# ---- Times and amounts ------------------------------------------------------------------------------


@given(st.integers(0, 10**16), st.integers(-12, 12))
def test_times_are_cut_to_the_millisecond(microseconds: int, hours: int) -> None:
    moment = (AT + timedelta(microseconds=microseconds)).astimezone(timezone(timedelta(hours=hours)))
    text = request_mapping.stamp(moment)
    assert wire_rules.is_moment(text)
    assert timedelta() <= moment - datetime.fromisoformat(text) < timedelta(milliseconds=1)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4))
def test_amounts_are_sent_as_they_are(price: Decimal) -> None:
    details = {"package_details": {"base_package_bundle": {"package_bundle_id": "B", "price": price}}}
    body, findings = made(request(details=details))
    assert findings.errors == []
    text = body.content["packageDetails"]["basePackageBundle"]["price"]
    assert isinstance(text, str)
    assert Decimal(text).as_tuple() == price.as_tuple()


# ---- Changes ----------------------------------------------------------------------------------------


def test_a_change_of_nothing_is_the_draft_itself() -> None:
    draft = {"orderReference": "R", "customerEntityUid": CUSTOMER, "notes": "x", "fromTomorrow": {"kept": [1.5, None]}}
    answer = {"orderId": "1", "status": "DRAFT", "createdBy": "me", "internal": {"a": 1}, "orderType": "HardwareOrder"}
    contact = {"primaryContact": {"contactType": "OWNER", "name": {"firstName": "A", "lastName": "B"}}}
    findings = Findings("vf")
    body = request_mapping.change_to_wire({**draft, "merchant": contact, **answer}, OrderChange(), findings)
    assert findings.errors == []
    assert body.content == {**draft, "merchant": contact}


def test_null_clears_and_what_is_needed_cannot_be_cleared() -> None:
    draft: Json = {"orderReference": "R", "customerEntityUid": CUSTOMER, "merchant": {}, "notes": "x", "poRef": "1"}
    change = OrderChange(client_reference=None, purchase_order_number=None, notes=(), shipping_address=None, lines=())
    findings = Findings("vf")
    body = request_mapping.change_to_wire(draft, change, findings)
    assert not {"orderReference", "poRef", "notes"} & body.content.keys()
    assert [(one.code, one.field) for one in findings.errors] == [
        (UserErrorCode.REQUIRED, ("input", "clientReference")),
        (UserErrorCode.REQUIRED, ("input", "contact")),
    ]


def test_a_cancellation_has_one_of_verifones_reasons() -> None:
    for details, reason in (({}, "OTHER"), ({"reason": "ORDER_LATE"}, "ORDER_LATE"), ({"reason": None}, "OTHER")):
        body = request_mapping.cancellation_to_wire(CancelRequest(reason="Why not", details=details), Findings("vf"))
        assert body.content == {"cancelReasonEnum": reason, "cancelAdditionalReason": "Why not"}
    assert request_mapping.cancellation_to_wire(CancelRequest(), Findings("vf")).content == {
        "cancelReasonEnum": "OTHER"
    }


# ---- Errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("orderReference", "clientReference"),
        ("poRef", "purchaseOrderNumber"),
        ("requestedDate", "requestedAt"),
        ("notes", "notes"),
        ("merchant.primaryContact", "contact"),
        ("merchant.primaryContact.name.lastName", "contact.name"),
        ("merchant.primaryContact.phoneNumbers[0].value", "contact.phone"),
        ("merchant.shippingAddress.country", "shippingAddress.countryCode"),
        ("merchant.pois", "lineItems"),
        ("merchant.tradingAddress.city", "details.verifone.merchant.tradingAddress.city"),
        ("packageDetails.servicePackages[2].price", "details.verifone.packageDetails.servicePackages.2.price"),
        ("cancelReasonEnum", "details.verifone.reason"),
        ("something.new", "details.verifone.something.new"),
    ],
)
def test_what_verifone_complains_of_has_a_path(path: str, expected: str) -> None:
    assert Body({}).input_path(path) == request_mapping.common_path(parts_of(path)) == tuple(expected.split("."))


def test_what_came_from_the_details_is_told_there() -> None:
    body = Body({}, {"merchant": {"shippingAddress": {"poBox": "1"}, "primaryContact": {"email": "x"}}})
    at = ("details", "verifone", "merchant")
    assert body.input_path("merchant.shippingAddress.poBox") == (*at, "shippingAddress", "poBox")
    assert body.input_path("merchant.shippingAddress.city") == (*at, "shippingAddress", "city")
    assert body.input_path("merchant.primaryContact.email") == (*at, "primaryContact", "email")
    assert body.input_path("poRef") == ("purchaseOrderNumber",)


@pytest.mark.parametrize(
    ("body", "code", "message", "fields"),
    [
        ({"code": "400", "title": "Bad Request", "message": "No.", "type": "X"}, "400", "No.", {}),
        ({"code": "400", "message": "No.", "param": "poRef"}, "400", "No.", {"poRef": ["No."]}),
        (
            {"code": "400", "message": "a x", "param": "a", "additionalProperties": {"a": {"message": "a x"}, "b": {}}},
            "400",
            "a x",
            {"a": ["a x"], "b": ["a x"]},
        ),
        ({"title": "Forbidden"}, None, "Forbidden", {}),
        ({"param": "a"}, None, None, {"a": ["a"]}),
        ({"code": 400, "param": 7, "additionalProperties": []}, "400", None, {}),
        ([], None, None, {}),
        (None, None, None, {}),
    ],
)
def test_errors_are_read(body: Any, code: str | None, message: str | None, fields: Json) -> None:
    problem = read_problem(body)
    assert (problem.code, problem.message, dict(problem.fields)) == (code, message, fields)


@given(JSON)
def test_any_error_can_be_read(body: Any) -> None:
    problem = read_problem(json.loads(json.dumps(body)))
    error = VendorRejected("verifone", "vf", "create_order", problem=problem)
    assert len(Body({}).refused(error).errors) == len(problem.fields)


# ---- Lists ------------------------------------------------------------------------------------------


def test_a_search_asks_for_what_a_window_needs() -> None:
    window = Window(10, descending=True, after=(AT, "Order:vf:1"))
    query = OrderQuery(statuses=frozenset({OrderStatus.COMPLETED}), client_references=frozenset({"R"}))
    assert request_mapping.orders_query(query, window) == [
        ("orderType", "HardwareOrder"),
        ("status", "COMPLETED"),
        ("orderReference", "R"),
        ("orderBy", "createdDate"),
        ("order", "DESC"),
        ("filterDateType", "createdDate"),
        ("endTime", "2027-01-02T03:04:05.679Z"),
    ]
    span = Range(AT - timedelta(days=1), AT + timedelta(days=1))
    found = dict(
        request_mapping.orders_query(OrderQuery(placed_at=span), Window(10, descending=False, after=(AT, "x")))
    )
    assert (found["startTime"], found["endTime"]) == ("2027-01-02T03:04:05.677Z", "2027-01-03T03:04:05.679Z")
    assert "startTime" not in dict(request_mapping.orders_query(OrderQuery(), Window(10, descending=False)))


def test_conditions_that_verifone_has_not_are_left_to_us() -> None:
    several = OrderQuery(
        statuses=frozenset({OrderStatus.COMPLETED, OrderStatus.DRAFT}), numbers=frozenset({"A", "B"}), search="x"
    )
    assert request_mapping.filters(several) == request_mapping.HARDWARE
    refined = OrderQuery(statuses=frozenset({OrderStatus.SHIPPED}))
    assert request_mapping.filters(refined) == request_mapping.HARDWARE


# ---- Settings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"username": "u", "password": "p"}, None),
        ({"auth": "bearer", "token": "t"}, None),
        ({"username": "u", "password": "p", "extensions": ["search", "get", "submit", "cancel"]}, None),
        ({}, "requires `username` and `password`"),
        ({"auth": "bearer", "username": "u", "password": "p"}, "requires `token`"),
        ({"username": "u", "password": "p", "extensions": ["list"]}, "Unknown extension list"),
        ({"username": "u", "password": "p", "customer_entity_uid": "me"}, "customer_entity_uid"),
    ],
)
def test_settings(fields: Json, wrong: str | None) -> None:
    def make() -> VerifoneSettings:
        return VerifoneSettings(name="vf", vendor="verifone", **fields)

    if wrong:
        with pytest.raises(ValueError, match=wrong):
            make()
    else:
        assert str(make().base_url) == "https://emea.gsc.verifone.cloud/oidc/order-service"
