"""Palmetto's mapping: kept orders, requests and errors."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordergraph.domain import Address, Money, OrderStatus, Origin, Party, SubscriptionStatus, UnavailableReason
from ordergraph.domain.commands import AddressRequest, Contact, Findings, LineRequest, OrderRequest, camel
from ordergraph.domain.errors import ActionRefused, Problem, SettingsError
from ordergraph.ledger.placed import PlacedOrder
from ordergraph.settings import sandbox
from ordergraph.vendors.palmetto import jsv, mapping, request_mapping, wire
from ordergraph.vendors.palmetto.connector import PalmettoSettings
from ordergraph.vendors.palmetto.graph import types
from ordergraph.vendors.palmetto.sandbox.data import DATACENTER_CODES
from ordergraph.vendors.palmetto.values import PalmettoDatacenter, PalmettoList
from ordergraph.wire.fields import fields_of
from tests.vendors.palmetto.document import FIELDS

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORIGIN = Origin("vdc", "palmetto", AT)
MESSAGES = {
    "SelfServiceOrderProducts": wire.Order,
    "SelfServicePayload": wire.Payload,
    "SelfServiceProduct": wire.Product,
    "TypeCostProductReq": wire.RequestedProduct,
    "TypeOrderDetailInfo": wire.OrderRow,
}
COMMON = {"product_id", "quantity"}
"""The fields of a row that a line has at every vendor."""


def order(body: str, currency: str | None = None, **about: Any) -> mapping.PalmettoOrder:
    kept = PlacedOrder("key", AT, AT, body.encode(), about=about)
    return mapping.PalmettoOrder(ORIGIN, mapping.read_kept(kept), currency)


def rows(*texts: str) -> mapping.PalmettoOrder:
    return order(f"{{payload:[{{order:[{','.join(texts)}]}}]}}")


# ---- Wire format ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIELDS)
def test_the_wire_has_the_fields_of_the_document(name: str) -> None:
    kinds: dict[str, type] = {"string": str, "int": int, "decimal": Decimal, "bool": bool, "DateTime": datetime}
    ours = {field: kinds.get(kind) or list[MESSAGES[kind[:-2]]] for field, kind in FIELDS[name].items()}
    assert {one.wire_name: one.type for one in fields_of(MESSAGES[name])} == {
        field: kind | None for field, kind in ours.items()
    }
    assert f"Type ``{name}``" in (MESSAGES[name].__doc__ or "")


def test_every_field_of_a_row_can_be_given() -> None:
    for struct in PARTS.values():
        given_by = {one.name for one in dataclasses.fields(types.input_of(struct))}
        assert given_by | COMMON == {one.name for one in fields_of(struct)}


def test_the_graph_knows_every_datacenter() -> None:
    assert [one.name for one in PalmettoDatacenter] == list(DATACENTER_CODES)
    assert [one.name.lower() for one in PalmettoList] == list(mapping.LISTS)


# ---- Views ------------------------------------------------------------------------------------------


def test_an_order_of_nothing_shows_nothing() -> None:
    found = order("{}")
    assert (found.status, found.vendor_status, found.vendor_order_id) == (OrderStatus.SUBMITTED, None, "key")
    assert found.placed_at == AT
    assert not any((found.number, found.client_reference, found.customer, found.created_by, found.total))
    assert not any((found.requested_at, found.shipping_address, found.notes, found.purchase_order_number))
    assert list(found.line_items) == list(found.subscriptions) == list(found.details.payloads) == []
    assert found.details.contact is None
    assert found.details.raw == {}
    assert {one.reason for one in found.available_actions} == {UnavailableReason.NOT_SUPPORTED}


@pytest.mark.parametrize(
    ("body", "reference"),
    [
        ("{jobId:J,correlationId:C}", "J"),
        ("{correlationId:C}", "C"),
        ('{jobId:"",correlationId:C}', "C"),
        ('{jobId:"",correlationId:""}', None),
    ],
)
def test_the_reference_is_the_job_else_the_correlation_id(body: str, reference: str | None) -> None:
    assert order(body).client_reference == reference


def test_what_was_said_beside_the_order_is_shown() -> None:
    found = order(
        "{}", purchase_order_number="PO", notes=["a", "b"], contact={"name": "N", "email": None, "phone": "1"}
    )
    assert found.purchase_order_number == "PO"
    assert [note.text for note in found.notes] == ["a", "b"]
    assert found.details.contact == Contact(name="N", phone="1")


def test_empty_texts_are_null() -> None:
    found = order('{companyId:"",userId:"",payload:[{location:""},{location:"  \n Town \r\n\n"}]}')
    assert found.customer is found.created_by is None
    assert found.shipping_address == Address(lines=[" Town "])
    assert order("{companyId:C}").customer == Party("C")


def test_sums_are_exact_and_the_earliest_date_counts() -> None:
    big = "79228162514264337593543950335"
    found = rows(
        f"{{extendedPrice:{big},serviceBeginDate:2027-02-01}}",
        "{extendedPrice:0.0000000000000000000000000001,serviceBeginDate:2027-01-01}",
        "{serviceBeginDate:0001-01-01}",
    )
    assert found.total == Money(Decimal(f"{big}.0000000000000000000000000001"), "XXX")
    assert found.requested_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert order("{payload:[{order:[{extendedPrice:0}]}]}", "EUR").total == Money(Decimal(0), "EUR")
    assert rows("{productPrice:1}").total is None


def test_lines_of_all_lists_have_ids_of_their_own() -> None:
    body = "{payload:[{order:[{},{}],products:[{}]},{requestedproducts:[{}],products:[]},{},{order:[{}]}]}"
    found = order(body)
    places = ["1-products-1", "1-order-1", "1-order-2", "2-requestedproducts-1", "4-order-1"]
    assert [line.key for line in found.line_items] == [("key", place) for place in places]
    assert [line.details.payload for line in found.line_items] == [1, 1, 1, 2, 4]


def test_names_in_any_case_are_one_order() -> None:
    found = order("{PAYLOAD:[{Order:[{PRODUCT:P,RECURRING:TRUE}]}],JOBID:J}")
    (line,) = found.line_items
    assert (found.number, line.name, line.row.is_recurring) == ("J", "P", True)
    assert line.details.raw == {"PRODUCT": "P", "RECURRING": "TRUE"}


def test_a_field_that_the_list_lacks_is_none() -> None:
    (line,) = order("{payload:[{products:[{id:1}]}]}").line_items
    assert (line.name, line.unit_price, line.list_price, line.total) == (None,) * 4
    assert (line.details.support_cost, line.details.support_cost_total) == (None, None)


def test_only_what_recurs_is_a_subscription() -> None:
    found = rows("{recurring:True,orderDetailId:7,product:P}", "{recurring:False}", "{}")
    (one,) = found.subscriptions
    assert one.key == ("key", "1-order-1")
    assert (one.vendor_subscription_id, one.name, one.starts_on, one.ends_on) == ("7", "P", None, None)
    assert one.order_ids == ("key",)
    dated = rows("{recurring:True,serviceBeginDate:2027-01-01,serviceEndDate:2027-12-31}").subscriptions[0]
    assert (dated.starts_on, dated.ends_on) == (date(2027, 1, 1), date(2027, 12, 31))
    assert dated.version != one.version


@pytest.mark.parametrize(
    ("begins", "ends", "status"),
    [
        (None, None, SubscriptionStatus.PENDING),
        (1, None, SubscriptionStatus.PENDING),
        (0, None, SubscriptionStatus.ACTIVE),
        (-1, 1, SubscriptionStatus.ACTIVE),
        (None, 1, SubscriptionStatus.PENDING),
        (-2, 0, SubscriptionStatus.EXPIRED),
        (None, -1, SubscriptionStatus.EXPIRED),
    ],
)
def test_where_a_subscription_stands(begins: int | None, ends: int | None, status: SubscriptionStatus) -> None:
    day = timedelta(days=1)
    at = [None if days is None else AT + days * day for days in (begins, ends)]
    assert mapping.standing(at[0], at[1], AT) is status


# ---- Requests ---------------------------------------------------------------------------------------


def line(product: str = "7", quantity: str = "1", **details: Any) -> LineRequest:
    return LineRequest(sku=product, quantity=Decimal(quantity), details=details)


def sent(request: OrderRequest) -> request_mapping.Sending:
    findings = Findings("vdc")
    sending = request_mapping.order_to_wire(request, "company", "user", findings)
    findings.raise_any()
    return sending


def refused(request: OrderRequest) -> list[tuple[str, str]]:
    with pytest.raises(ActionRefused) as raised:
        sent(request)
    return [(error.code.name, ".".join(error.field or ())) for error in raised.value.errors]


def test_an_order_is_sent_compact_under_an_id_of_its_own() -> None:
    one, other = sent(OrderRequest(lines=[line()])), sent(OrderRequest(lines=[line()]))
    assert UUID(one.key).version == 4
    assert one.key != other.key
    assert one.body.decode() == (
        f"{{companyId:company,userId:user,correlationId:{one.key},payload:[{{products:[{{id:7,quantity:1}}]}}]}}"
    )


def test_details_come_before_the_account() -> None:
    details = {"company_id": "", "user_id": "u", "action": "A"}
    order_ = sent(OrderRequest(lines=[line()], details=details)).order
    assert (order_.company_id, order_.user_id, order_.action) == ("", "u", "A")


def test_a_date_sends_lines_where_dates_are() -> None:
    own = AT + timedelta(days=9)
    lines = [line(), line(order={"service_begins_at": own}), line(products={})]
    payload = (sent(OrderRequest(lines=lines, requested_at=AT)).order.payloads or [])[0]
    assert [row.service_begins_at for row in payload.order or ()] == [AT, own]
    assert len(payload.products or ()) == 1
    assert refused(OrderRequest(lines=[line(requested_products={})], requested_at=AT)) == [
        ("INVALID", "input.requestedAt")
    ]


def test_an_address_goes_where_no_location_is() -> None:
    address = AddressRequest(recipient_name="Ann", lines=["1 Main"], country_code="US")
    details = {"payloads": [{"location": "Here"}, {"org_name": "o"}, {}]}
    order_ = sent(OrderRequest(lines=[line()], shipping_address=address, details=details)).order
    assert [one.location for one in order_.payloads or ()] == ["Here", "Ann\n1 Main\nUS", "Ann\n1 Main\nUS"]


def test_everything_wrong_is_found_at_once() -> None:
    details = {"job_id": "other", "correlation_id": "x" * 256}
    lines = [line("x", "0", payload=0), line(product="1", quantity="-1")]
    found = refused(OrderRequest(lines=lines, client_reference="r", shipping_address=AddressRequest(), details=details))
    assert {path for _, path in found} == {
        "input.lineItems.0.product.sku",
        "input.lineItems.0.quantity",
        "input.lineItems.0.details.palmetto.payload",
        "input.lineItems.1.quantity",
        "input.shippingAddress",
        "input.clientReference",
        "input.details.palmetto.correlationId",
    }


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("79228162514264337593543950335", True),
        ("79228162514264337593543950336", False),
        ("-7.9228162514264337593543950335", True),
        ("7.9228162514264337593543950336", False),
        ("1e28", True),
        ("1e29", False),
        ("1e1000000", False),
        ("1e-28", True),
        ("1e-29", False),
        ("0", True),
    ],
)
def test_numbers_are_those_of_a_dotnet_decimal(number: str, fits: bool) -> None:
    assert request_mapping.fits_decimal(Decimal(number)) is fits


decimals = st.decimals(-(10**12), 10**12, places=6)
values_by_type: dict[Any, st.SearchStrategy[Any]] = {
    int | None: st.integers(-(2**31), 2**31 - 1),
    str | None: st.text(max_size=9) | st.text(' \n":,{}[]', max_size=5),
    bool | None: st.booleans(),
    Decimal | None: decimals,
    datetime | None: st.datetimes(timezones=st.just(UTC)).filter(lambda one: one != jsv.UNSET),
}
PARTS = {name: request_mapping.row_type(name) for name in mapping.LISTS}


def details_of(part: str) -> st.SearchStrategy[dict[str, Any]]:
    own = {one.name: values_by_type[one.type] for one in fields_of(PARTS[part]) if one.name not in COMMON}
    return st.fixed_dictionaries({}, optional=own)


parts = st.one_of(st.just({}), *(details_of(part).map(lambda one, part=part: {part: one}) for part in PARTS))


def one_line(number: int, quantity: Decimal, part: dict[str, Any], payload: int) -> LineRequest:
    return LineRequest(sku=str(number), quantity=quantity, details={"payload": payload, **part})


lines = st.builds(one_line, st.integers(1, 2**31 - 1), st.decimals("0.01", 10**9, places=2), parts, st.integers(1, 3))


@given(st.lists(lines, min_size=1, max_size=5))
def test_every_line_that_is_ordered_is_shown(given_lines: list[LineRequest]) -> None:
    request = OrderRequest(lines=given_lines, details={"payloads": [{}, {}, {}]})
    sending = sent(request)
    found = order(sending.body.decode())
    assert found.wire == sending.order
    assert len(found.line_items) == len(sending.lines) == len(given_lines)
    for shown in found.line_items:
        asked = given_lines[sending.lines[shown.place]]
        assert (shown.product_id, shown.quantity) == (asked.sku, asked.quantity)
        assert shown.details.payload == asked.details["payload"]
        ((_, details),) = [(name, one) for name, one in asked.details.items() if name in PARTS] or [("", {})]
        for name, value in details.items():
            assert getattr(shown.wire, name) == value
            if name in ("support_cost", "support_cost_total"):
                assert getattr(shown.details, name) == Money(value, "XXX")
        assert shown.name == (details.get("product") or None)


# ---- Errors -----------------------------------------------------------------------------------------

ERROR: dict[str, Any] = {
    "responseStatus": {
        "errorCode": "ValidationException",
        "message": "Two things, at once",
        "errors": [
            {"errorCode": "X", "fieldName": "companyId", "message": "Too long."},
            {"errorCode": "X", "fieldName": "companyId", "message": "Not yours."},
            {"errorCode": "X", "fieldName": "userId"},
            {"message": "Nameless."},
            "none",
        ],
        "meta": {},
    }
}


@pytest.mark.parametrize("body", [msgspec.json.encode(ERROR), jsv.dumps(ERROR).encode()])
def test_an_error_is_read_in_both_formats(body: bytes) -> None:
    fields = {"companyId": ["Too long.", "Not yours."], "userId": ["Two things, at once"]}
    assert request_mapping.read_problem(request_mapping.decode_problem(body)) == Problem(
        "ValidationException", "Two things, at once", fields
    )


@pytest.mark.parametrize("body", ["", "[]", "{}", "word", "{responseStatus:x}", "{responseStatus:{errors:x}}", "null"])
def test_an_error_without_words_says_nothing(body: str) -> None:
    assert request_mapping.read_problem(request_mapping.decode_problem(body.encode())) == Problem()


def test_an_error_in_another_format_cannot_be_read() -> None:
    for body in (b"<html>{</html>", b"\xff"):
        with pytest.raises(ValueError, match=r"character|codec"):
            request_mapping.decode_problem(body)


def test_each_field_of_each_list_is_found_in_the_input() -> None:
    sending = sent(OrderRequest(lines=[LineRequest(sku="7", details={part: {}}) for part in PARTS]))
    for index, (list_, message) in enumerate(PARTS.items()):
        for one in fields_of(message):
            path = sending.input_path(f"payload[0].{mapping.LISTS[list_].wire_name}[0].{one.wire_name}")
            assert path[:2] == ("lineItems", str(index))
            common = {"product_id": "product", "quantity": "quantity"}.get(one.name)
            assert path[2:] == ((common,) if common else ("details", "palmetto", camel(list_), camel(one.name)))


def test_the_sentence_names_the_rows_that_it_is_about() -> None:
    lines = [line(requested_products={"datacenter_code": code}) for code in ("ACD", "XXX", "XXX")]
    found = request_mapping.refused_fields(sent(OrderRequest(lines=lines)), Problem("A", "bad datacenterCode: XXX"))
    assert [path for path, _ in found] == [
        f"lineItems.{index}.details.palmetto.requestedProducts.datacenterCode" for index in (1, 2)
    ]
    assert list(request_mapping.refused_fields(sent(OrderRequest(lines=lines)), Problem("A", "Something else."))) == []


# ---- Settings ---------------------------------------------------------------------------------------


def test_an_account_needs_a_user() -> None:
    with pytest.raises(SettingsError) as raised:
        sandbox({"palmetto": PalmettoSettings}, {"vdc": {"vendor": "palmetto"}})
    assert re.search(r"username", str(raised.value))
    assert re.search(r"password", str(raised.value))
    table = {"vendor": "palmetto", "username": "u", "password": "p", "extensions": "list"}
    with pytest.raises(SettingsError, match="none at this vendor"):
        sandbox({"palmetto": PalmettoSettings}, {"vdc": table})
