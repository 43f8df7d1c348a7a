"""Verifone through the graph: placing orders, errors by input, drafts, cancellation, lists, extensions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ordergraph import sandbox
from ordergraph.vendors.verifone.sandbox import data
from ordergraph.vendors.verifone.sandbox.service import EXTENSIONS, TOKEN
from ordergraph.vendors.verifone.values import VerifoneCancelReason, VerifonePriceModel, VerifoneWeekday
from ordergraph.vendors.verifone.vendor import vendor
from tests.fakes import FakeVendor
from tests.gateway import Gateway, Json, gateway
from tests.vendors.verifone.conftest import ORDERS

SHOWN = "order { id status vendorStatus version details { raw } availableActions { action isAllowed reason } }"
ROWS = "{ orders(first: 100%s) { totalCount sources { coverage } nodes { id status vendorStatus placedAt } } }"
OFF = {"action": "SUBMIT_ORDER", "isAllowed": False, "reason": "EXTENSION_DISABLED"}


def ordering(reference: str, **more: Any) -> Json:
    """Return the input that every vendor accepts, with the details that Verifone needs."""
    form = {
        "accountId": "Account:vf",
        "idempotencyKey": reference,
        "clientReference": reference,
        "contact": {"name": "Jane Smith", "email": "jane@example.com", "phone": "020 7946 0000"},
        "lineItems": [{"product": {"sku": "T650P"}, "quantity": 2}],
        **more,
    }
    return {name: value for name, value in form.items() if value is not None}


def errors(payload: Json) -> dict[tuple[str, ...], str]:
    """Return the code of each error, by the path of its input."""
    return {tuple(error["field"]): error["code"] for error in payload["userErrors"]}


def raw(payload: Json) -> Json:
    assert payload["userErrors"] == []
    return payload["order"]["details"]["raw"]


def uuid(id_: str) -> str:
    return id_.split(":")[-1]


# ---- Placing orders ---------------------------------------------------------------------------------


def test_the_common_form_becomes_a_body(asked: Gateway) -> None:
    body = raw(
        asked.do(
            "placeOrder",
            SHOWN,
            **ordering(
                "FORM-1",
                purchaseOrderNumber="PO-7",
                requestedAt="2027-01-02T03:04:05.678901+01:00",
                notes=["Ring twice.", "Beware of the dog."],
                shippingAddress={
                    "companyName": "Nordmann Kaffe",
                    "recipientName": "Ola Nordmann",
                    "lines": ["Karl Johans gate 22", "", "Inngang B", "2. etasje", "Til høyre"],
                    "city": "Oslo",
                    "region": "Oslo",
                    "postalCode": "0026",
                    "countryCode": "NO",
                },
                lineItems=[
                    {"product": {"id": "Product:vf:T650P"}, "quantity": "2"},
                    {"product": {"sku": "M440"}},
                ],
            ),
        )
    )
    assert body["orderReference"] == "FORM-1"
    assert body["customerEntityUid"] == data.CUSTOMER
    assert (body["poRef"], body["notes"]) == ("PO-7", "Ring twice.\nBeware of the dog.")
    assert body["requestedDate"] == "2027-01-02T02:04:05.678Z"
    assert body["merchant"] == {
        "primaryContact": {
            "contactType": "BUSINESS",
            "name": {"firstName": "Jane", "lastName": "Smith"},
            "phoneNumbers": [{"value": "020 7946 0000", "phoneType": "WORK", "isPrimary": True}],
            "email": "jane@example.com",
        },
        "shippingAddress": {
            "receiverName": "Ola Nordmann, Nordmann Kaffe",
            "addressLine1": "Karl Johans gate 22",
            "addressLine2": "Inngang B",
            "addressLine3": "2. etasje, Til høyre",
            "city": "Oslo",
            "countrySubdivision": "Oslo",
            "postCode": "0026",
            "country": "NOR",
        },
        "pois": [
            {"devicePackage": {"packageBundleId": "T650P", "quantity": 2}},
            {"devicePackage": {"packageBundleId": "M440", "quantity": 1}},
        ],
    }
    assert "paymentDetails" not in body


NAME = {
    "firstName": "Ola",
    "lastName": "Nordmann",
    "prefix": "Dr",
    "middleName": "Åse",
    "suffix": "Jr",
    "alternateFullName": "Nordmann Kaffe AS",
}
CONTACT = {
    "contactType": "OWNER",
    "name": NAME,
    "phoneNumbers": [
        {"value": "91234567", "phoneType": "MOBILE", "callingCode": "47", "extension": "1", "isPrimary": True}
    ],
    "email": "ola@nordmann.example",
    "businessTitle": "Owner",
}
PLACE = {
    "receiverName": "Ola",
    "addressLine1": "Karl Johans gate 22",
    "addressLine2": "Inngang B",
    "addressLine3": "2. etasje",
    "poBox": "Postboks 1700",
    "city": "Oslo",
    "countrySubdivision": "Oslo",
    "postCode": "0026",
    "country": "NOR",
    "timeZone": "Europe/Oslo",
    "contact": CONTACT,
    "vfiSiteId": "SITE-22",
    "storeNumber": "0042",
    "isGovernmentOwned": False,
    "governmentCountry": "USA",
}
VARIABLES = [{"variableName": "VAT_ID", "variableValue": "NO 987 654 321 MVA"}]
PRICES = [{"priceModel": model, "price": "1.50"} for model in VerifonePriceModel.__members__]
DETAILS: Json = {
    "customerEntityUid": list(data.CUSTOMERS)[1],
    "paymentDetails": {"paymentType": "NET", "other": {"days": 30, "terms": {"early": True}}},
    "additionalOrderData": VARIABLES,
    "packageDetails": {
        "portfolioUid": data.PORTFOLIO,
        "basePackageBundle": {"packageBundleId": "BASE-OMNI", "price": "-0.50"},
        "servicePackages": [
            {
                "packageBundleId": "SVC-ACQUIRE",
                "adjustedPrices": PRICES,
                "processorParameters": {"processor": "NETS", "terminalIds": ["1", "2"], "other": {"bank": {"no": 7}}},
                "additionalPackageData": VARIABLES,
                "threeDSMerchantIdentifiers": {"merchantId": "98", "paymentType": "AMEX"},
            }
        ],
        "deliveryPackage": {
            "packageBundleId": "DELIVERY-EXPRESS",
            "adjustedPrices": PRICES[5:6],
            "additionalPackageData": VARIABLES,
        },
    },
    "merchant": {
        "merchantName": "McDonalds",
        "primaryContact": CONTACT,
        "requestedShippingAt": "2027-02-01T00:00:00Z",
        "mcc": "5814",
        "tradingAddress": PLACE,
        "shippingAddress": PLACE,
        "billingAddress": PLACE,
        "companyAddress": PLACE,
        "siteReferenceId": "YRK-7",
        "siteName": "York",
        "openingHours": [
            {"day": day, "times": {"start": "08:30", "end": "17:00"}} for day in VerifoneWeekday.__members__
        ],
    },
}


def beside(found: Json) -> Json:
    """Return a details object of a body with the content of `other` merged into it."""
    other = found.get("other", {})
    return {**other, **{name: value for name, value in found.items() if name != "other"}}


def test_every_field_of_the_body_can_be_given(asked: Gateway) -> None:
    line = {"serialNumbers": ["123-456-789"], "additionalPackageData": VARIABLES}
    body = raw(
        asked.do(
            "placeOrder",
            SHOWN,
            **ordering(
                "EVERYTHING-1",
                contact=None,
                lineItems=[{"product": {"sku": "T650P"}, "details": {"verifone": line}}],
                details={"verifone": DETAILS},
            ),
        )
    )
    (service,) = DETAILS["packageDetails"]["servicePackages"]
    place = {**PLACE, "governmentOwned": PLACE["isGovernmentOwned"]}
    del place["isGovernmentOwned"]
    processor = beside(service["processorParameters"])
    processor["tidList"] = processor.pop("terminalIds")
    merchant = {name: place if value is PLACE else value for name, value in DETAILS["merchant"].items()}
    del merchant["requestedShippingAt"]
    expected = {
        **DETAILS,
        "paymentDetails": beside(DETAILS["paymentDetails"]),
        "packageDetails": {
            **DETAILS["packageDetails"],
            "servicePackages": [{**service, "processorParameters": processor}],
        },
        "merchant": {
            **merchant,
            "requestedDateOfShipment": "2027-02-01T00:00:00.000Z",
            "pois": [{"devicePackage": {"packageBundleId": "T650P", "quantity": 1, **line}}],
        },
    }
    assert {name: body[name] for name in expected} == expected


def test_lines_of_one_terminal_go_together(asked: Gateway) -> None:
    def line(sku: str, poi: int | None = None) -> Json:
        return {"product": {"sku": sku}, **({} if poi is None else {"details": {"verifone": {"poi": poi}}})}

    lines = [line("T650P", 7), line("M440"), line("PAPER-ROLLS-50", 7), line("E285"), line("SLEEVE-T650P", 7)]
    shown = "order { lineItems { id name details { ... on VerifoneLineItemDetails { kind poi } } children { name } } }"
    order = asked.do("placeOrder", shown, **ordering("TERMINALS-1", lineItems=lines))["order"]
    kinds = [(one["name"], one["details"]["poi"], len(one["children"])) for one in order["lineItems"]]
    assert kinds == [("T650P", 0, 2), ("M440", 1, 0), ("E285", 2, 0), ("BASE-1", None, 0)]
    assert [one["name"] for one in order["lineItems"][0]["children"]] == ["PAPER-ROLLS-50", "SLEEVE-T650P"]
    first = order["lineItems"][0]["id"]
    query = "query($id: ID!) { node(id: $id) { id ... on LineItem { name product { id sku } } } }"
    for id_, name in ((first, "T650P"), (f"{first}-1", "SLEEVE-T650P")):
        found = asked.get(query, id=id_)["node"]
        assert found == {"id": id_, "name": name, "product": {"id": f"Product:vf:{name}", "sku": name}}


def test_the_simplified_flow_is_a_setting_and_an_input(fake: FakeVendor, asked: Gateway) -> None:
    strict = {"details": {"verifone": {"isSimplifiedOrderFlow": False}}}
    missing = {("input", "details", "verifone", "packageDetails", "basePackageBundle"): "REQUIRED"}
    fake.forget_calls()
    assert errors(asked.do("placeOrder", **ordering("FLOW-1", **strict))) == missing
    with gateway({"vf": fake.table(simplified_order_flow=False)}) as other:
        assert errors(other.do("placeOrder", **ordering("FLOW-2"))) == missing
        assert fake.calls() == []
        simple = {"details": {"verifone": {"isSimplifiedOrderFlow": True}}}
        assert other.do("placeOrder", **ordering("FLOW-3", **simple))["userErrors"] == []


LONG = "x" * 200
AT = ("input", "details", "verifone")
WRONG: list[tuple[Json, dict[tuple[str, ...], str]]] = [
    ({"clientReference": None}, {("input", "clientReference"): "REQUIRED"}),
    ({"clientReference": ""}, {("input", "clientReference"): "INVALID"}),
    ({"contact": None}, {("input", "contact"): "REQUIRED"}),
    ({"contact": {"email": "jane@example.com"}}, {("input", "contact", "name"): "REQUIRED"}),
    ({"contact": {"name": "Jane"}}, {("input", "contact", "name"): "REQUIRED"}),
    ({"contact": {"name": f"Jane {LONG}"}}, {("input", "contact", "name"): "TOO_LONG"}),
    ({"contact": {"name": "A B", "email": "nobody"}}, {("input", "contact", "email"): "INVALID"}),
    ({"contact": {"name": "A B", "phone": "1"}}, {("input", "contact", "phone"): "INVALID"}),
    (
        {"shippingAddress": {"countryCode": "XX"}},
        {
            ("input", "shippingAddress", "lines", "0"): "REQUIRED",
            ("input", "shippingAddress", "city"): "REQUIRED",
            ("input", "shippingAddress", "postalCode"): "REQUIRED",
            ("input", "shippingAddress", "countryCode"): "INVALID",
        },
    ),
    (
        {
            "shippingAddress": {
                "lines": ["a", LONG],
                "city": LONG,
                "region": LONG,
                "postalCode": LONG,
                "countryCode": "GB",
            }
        },
        {
            ("input", "shippingAddress", "lines", "1"): "TOO_LONG",
            ("input", "shippingAddress", "city"): "TOO_LONG",
            ("input", "shippingAddress", "region"): "TOO_LONG",
            ("input", "shippingAddress", "postalCode"): "TOO_LONG",
        },
    ),
    (
        {"lineItems": [{"product": {"sku": "T650P"}}, {"product": {"sku": "T 650"}, "quantity": "0.5"}]},
        {("input", "lineItems", "1", "product"): "INVALID", ("input", "lineItems", "1", "quantity"): "INVALID"},
    ),
    ({"lineItems": [{"product": {"id": "Product:vg:T650P"}}]}, {("input", "lineItems", "0", "product"): "NOT_FOUND"}),
    (
        {"lineItems": [{"product": {"sku": "T650P"}, "quantity": 0}]},
        {("input", "lineItems", "0", "quantity"): "INVALID"},
    ),
    (
        {"lineItems": [{"product": {"sku": "T650P"}, "details": {"verifone": {"serialNumbers": ["1", LONG]}}}]},
        {("input", "lineItems", "0", *AT[1:], "serialNumbers", "1"): "TOO_LONG"},
    ),
    ({"details": {"verifone": {"customerEntityUid": "me"}}}, {(*AT, "customerEntityUid"): "INVALID"}),
    (
        {"details": {"verifone": {"paymentDetails": {"paymentType": "NET", "other": [1]}}}},
        {(*AT, "paymentDetails", "other"): "INVALID"},
    ),
    (
        {"details": {"verifone": {"merchant": {"mcc": "1", "tradingAddress": {"city": "York"}}}}},
        {
            (*AT, "merchant", "mcc"): "INVALID",
            (*AT, "merchant", "tradingAddress", "addressLine1"): "REQUIRED",
            (*AT, "merchant", "tradingAddress", "postCode"): "REQUIRED",
            (*AT, "merchant", "tradingAddress", "country"): "REQUIRED",
        },
    ),
    (
        {"contact": None, "details": {"verifone": {"merchant": {"primaryContact": {"name": {"firstName": "A"}}}}}},
        {(*AT, "merchant", "primaryContact", "name", "lastName"): "REQUIRED"},
    ),
    (
        {"details": {"verifone": {"packageDetails": {"servicePackages": [{"packageBundleId": "a b"}]}}}},
        {
            (*AT, "packageDetails", "basePackageBundle"): "REQUIRED",
            (*AT, "packageDetails", "servicePackages", "0", "packageBundleId"): "INVALID",
        },
    ),
]


@pytest.mark.parametrize(("more", "expected"), WRONG)
@pytest.mark.parametrize("mutation", ["placeOrder", "createDraftOrder"])
def test_what_is_wrong_is_told_at_once_and_before_sending(
    fake: FakeVendor, asked: Gateway, mutation: str, more: Json, expected: dict[tuple[str, ...], str]
) -> None:
    fake.forget_calls()
    assert errors(asked.do(mutation, **ordering("WRONG", **more))) == expected
    assert fake.calls() == []


def test_what_verifone_refuses_is_told_at_the_inputs(asked: Gateway) -> None:
    def device(sku: str) -> Json:
        return {"product": {"sku": sku}, "details": {"verifone": {"poi": 1}}}

    lines = [device("T650P"), {"product": {"sku": "NO-1"}}, device("NO-2")]
    base = {"packageDetails": {"basePackageBundle": {"packageBundleId": "NO-3"}}}
    payload = asked.do("placeOrder", **ordering("REFUSED-1", lineItems=lines, details={"verifone": base}))
    assert errors(payload) == {
        ("input", "lineItems", "1", "product"): "REJECTED_BY_VENDOR",
        ("input", "lineItems", "2", "product"): "REJECTED_BY_VENDOR",
        (*AT, "packageDetails", "basePackageBundle", "packageBundleId"): "REJECTED_BY_VENDOR",
    }
    for error in payload["userErrors"]:
        assert error["vendorCode"] == "400"
        assert error["message"] == error["vendorMessage"]
        assert "is not among the packages of the customer" in error["message"]


def test_a_customer_has_to_be_known_and_allowed(fake: FakeVendor, asked: Gateway) -> None:
    unknown = {"details": {"verifone": {"customerEntityUid": "00000000-0000-4000-8000-000000000000"}}}
    assert errors(asked.do("placeOrder", **ordering("CUSTOMER-1", **unknown))) == {
        (*AT, "customerEntityUid"): "REJECTED_BY_VENDOR"
    }
    foreign = {"details": {"verifone": {"customerEntityUid": data.FOREIGN_CUSTOMER}}}
    (error,) = asked.do("placeOrder", **ordering("CUSTOMER-2", **foreign))["userErrors"]
    assert error["code"] == "NO_PERMISSION"
    with gateway({"vf": fake.table(customer_entity_uid=None)}) as other:
        assert errors(other.do("placeOrder", **ordering("CUSTOMER-3"))) == {(*AT, "customerEntityUid"): "REQUIRED"}


def test_a_reference_of_another_order_is_refused_before_sending(fake: FakeVendor, asked: Gateway) -> None:
    assert asked.do("placeOrder", **ordering("MINE-10"))["userErrors"] == []
    assert asked.do("placeOrder", **ordering("MINE-1"))["userErrors"] == []
    fake.forget_calls()
    taken = ordering("MINE-1", idempotencyKey="another")
    assert errors(asked.do("createDraftOrder", **taken)) == {("input", "clientReference"): "INVALID"}
    assert fake.writes() == []


# ---- Drafts -----------------------------------------------------------------------------------------


def test_a_draft_is_changed_and_keeps_what_is_left_out(asked: Gateway) -> None:
    details = {"verifone": {**DETAILS, "isSimplifiedOrderFlow": True}}
    draft = asked.do("createDraftOrder", SHOWN, **ordering("DRAFT-1", purchaseOrderNumber="1", details=details))
    id_, before = draft["order"]["id"], raw(draft)
    changed = raw(
        asked.do(
            "updateOrder",
            SHOWN,
            orderId=id_,
            ifVersion=draft["order"]["version"],
            clientReference="DRAFT-2",
            purchaseOrderNumber=None,
            notes=["Changed."],
            lineItems=[{"product": {"sku": "M440"}, "quantity": 3}],
            details={"verifone": {"paymentDetails": None, "merchant": {"mcc": "5812", "siteName": None}}},
        )
    )
    expected = {name: value for name, value in before.items() if name not in ("poRef", "paymentDetails")}
    expected |= {"orderReference": "DRAFT-2", "notes": "Changed.", "modifiedDate": changed["modifiedDate"]}
    merchant = {name: value for name, value in before["merchant"].items() if name != "siteName"}
    pois = [{"devicePackage": {"packageBundleId": "M440", "quantity": 3}}]
    assert changed == {**expected, "merchant": {**merchant, "mcc": "5812", "pois": pois}}


def test_a_new_address_takes_the_place_of_the_old(asked: Gateway) -> None:
    merchant = {"merchant": {"shippingAddress": PLACE}}
    draft = asked.do("createDraftOrder", **ordering("ADDRESS-1", details={"verifone": merchant}))["order"]["id"]
    place = {"lines": ["1 High Street"], "city": "York", "postalCode": "YO1 7HH", "countryCode": "GB"}
    body = raw(asked.do("updateOrder", SHOWN, orderId=draft, shippingAddress=place))
    assert body["merchant"]["shippingAddress"] == data.ADDRESSES[0]
    assert "shippingAddress" not in raw(asked.do("updateOrder", SHOWN, orderId=draft, shippingAddress=None))["merchant"]


def test_what_is_wrong_with_a_change_is_told_before_sending(fake: FakeVendor, asked: Gateway) -> None:
    id_ = asked.do("createDraftOrder", **ordering("CHANGE-1"))["order"]["id"]
    assert asked.do("placeOrder", **ordering("CHANGE-2"))["userErrors"] == []
    fake.forget_calls()
    cases: list[tuple[Json, dict[tuple[str, ...], str]]] = [
        ({"clientReference": None}, {("input", "clientReference"): "REQUIRED"}),
        ({"clientReference": "CHANGE-2"}, {("input", "clientReference"): "INVALID"}),
        ({"lineItems": [{"product": {"sku": "a b"}}]}, {("input", "lineItems", "0", "product"): "INVALID"}),
        ({"details": {"verifone": {"merchant": {"mcc": "1"}}}}, {(*AT, "merchant", "mcc"): "INVALID"}),
        ({"ifVersion": "old"}, {("input", "ifVersion"): "CONFLICT"}),
    ]
    for change, expected in cases:
        assert errors(asked.do("updateOrder", orderId=id_, **change)) == expected
    assert fake.writes() == []


def test_drafts_are_listed_when_they_are_asked_for(asked: Gateway) -> None:
    assert asked.get(ROWS % "")["orders"]["totalCount"] == ORDERS
    drafts = asked.get(ROWS % ", filter: {statuses: [DRAFT]}")["orders"]
    assert drafts["totalCount"] == len(drafts["nodes"]) == len(data.DRAFTS)
    assert {one["vendorStatus"] for one in drafts["nodes"]} == set(data.DRAFTS)
    both = asked.get(ROWS % ", filter: {phases: [DRAFT, COMPLETED]}")["orders"]
    assert both["totalCount"] is None
    assert {one["status"] for one in both["nodes"]} == {"DRAFT", "COMPLETED"}


# ---- Cancellation -----------------------------------------------------------------------------------


def test_a_cancellation_tells_why(asked: Gateway) -> None:
    shown = "order { status vendorStatus cancelledAt cancellation { state reason note requestedAt vendorReason } }"
    for reason in [*VerifoneCancelReason.__members__, None]:
        id_ = asked.do("placeOrder", **ordering(f"CANCEL-{reason}"))["order"]["id"]
        details = {"details": {"verifone": {"reason": reason}}} if reason else {}
        payload = asked.do("cancelOrder", shown, orderId=id_, reason="Too small.", **details)
        assert payload["userErrors"] == []
        order = payload["order"]
        assert (order["status"], order["vendorStatus"]) == ("CANCELLED", "CANCELED_BYUSER")
        assert order["cancellation"] == {
            "state": "CANCELLED",
            "reason": reason or "OTHER",
            "note": "Too small.",
            "requestedAt": order["cancelledAt"],
            "vendorReason": None,
        }


def test_it_can_be_too_late_to_cancel(fake: FakeVendor, asked: Gateway) -> None:
    id_ = asked.do("placeOrder", **ordering("LATE-1"))["order"]["id"]
    fake.advance({"order": uuid(id_), "to": "FULFILMENT_PICKED"})
    (error,) = asked.do("cancelOrder", orderId=id_)["userErrors"]
    words = "Only possible in status DRAFT or SUBMITTED or ONHOLD. The order is INPROGRESS."
    assert (error["code"], error["message"]) == ("WRONG_STATUS", words)
    for mutation in ("updateOrder", "submitOrder"):
        (error,) = asked.do(mutation, orderId=id_)["userErrors"]
        assert (error["code"], error["message"]) == (
            "WRONG_STATUS",
            "Only possible in status DRAFT. The order is INPROGRESS.",
        )


@pytest.mark.parametrize(
    ("detailed", "status", "state", "vendor_reason"),
    [
        ("CANCEL_REQUESTED", "CANCELLING", "REQUESTED", None),
        ("CANCEL_INPROGRESS", "CANCELLING", "ACCEPTED", None),
        ("CANCEL_ERROR", "ACTION_REQUIRED", "DECLINED", data.INFORMATION["CANCEL_ERROR"][1]),
        ("CANCELLED", "CANCELLED", "CANCELLED", None),
    ],
)
def test_a_cancellation_has_a_state(
    fake: FakeVendor, asked: Gateway, detailed: str, status: str, state: str, vendor_reason: str | None
) -> None:
    id_ = asked.do("placeOrder", **ordering(f"STATE-{detailed}"))["order"]["id"]
    fake.advance({"order": uuid(id_), "to": detailed})
    query = "query($id: ID!) { order(id: $id) { status problems { code } cancellation { state reason vendorReason } } }"
    order = asked.get(query, id=id_)["order"]
    assert order["status"] == status
    assert order["cancellation"] == {"state": state, "reason": "ADMIN_REASON", "vendorReason": vendor_reason}
    assert order["problems"] == ([{"code": detailed}] if detailed == "CANCEL_ERROR" else [])


# ---- Lists ------------------------------------------------------------------------------------------

FILTERS: list[tuple[str, str]] = [
    ("vendorStatus: REQUIRES_ATTENTION", "vendorStatus"),
    (f'customerEntityUid: "{data.CUSTOMER}"', "customer { vendorId }"),
    ('merchantCompany: "donald"', "details { ... on VerifoneOrderDetails { merchant { merchantName } } }"),
    ('createdBy: "04F5EA24-CC4F-11E8-A8D5-F2801F1B9FD2"', "createdBy { vendorId name }"),
    ("statuses: [SHIPPED]", "status"),
    ('numbers: ["ORD-00007"]', "number"),
    ('clientReferences: ["ORD-00007"]', "clientReference"),
    ('statusChangedAt: {start: "2026-11-20T00:00:00Z"}', ""),
    ('statusChangedAt: {end: "2026-11-20T00:00:00Z"}', ""),
    ('placedAt: {start: "2026-11-20T00:00:00Z"}', ""),
]


@pytest.mark.parametrize(("filter_", "field"), FILTERS)
def test_each_filter_leaves_some(asked: Gateway, filter_: str, field: str) -> None:
    query = f"""{{ account(id: "Account:vf") {{ ... on VerifoneAccount {{
        orders(first: 100, filter: {{{filter_}}}) {{ nodes {{ id }} }} }} }}
        orders(first: 100) {{ nodes {{ id {field} }} }} }}"""
    answer = asked.get(query)
    ids = {node["id"] for node in answer["account"]["orders"]["nodes"]}
    assert 0 < len(ids) < ORDERS
    if field:
        shown = [{**row, "id": None} for row in answer["orders"]["nodes"] if row["id"] in ids]
        assert all(one == shown[0] for one in shown)
        assert len([row for row in answer["orders"]["nodes"] if {**row, "id": None} == shown[0]]) == len(ids)


@pytest.mark.parametrize("name", ["start", "end"])
def test_orders_are_found_by_when_their_status_changed(asked: Gateway, name: str) -> None:
    shown = "id updatedAt details { ... on VerifoneOrderDetails { internal { extendedDetails { lastChangedAt } } } }"
    moment = "2026-11-18T00:00:00Z"
    query = f"""{{ account(id: "Account:vf") {{ ... on VerifoneAccount {{
        orders(first: 100, filter: {{statusChangedAt: {{{name}: "{moment}"}}}}) {{ nodes {{ id }} }} }} }}
        orders(first: 100) {{ nodes {{ {shown} }} }} }}"""
    answer = asked.get(query)

    def changed_at(order: dict[str, Any]) -> str:
        internal = order["details"]["internal"]
        return internal["extendedDetails"]["lastChangedAt"] if internal else order["updatedAt"]

    since = name == "start"
    expected = [one["id"] for one in answer["orders"]["nodes"] if (changed_at(one) >= moment) == since]
    assert [one["id"] for one in answer["account"]["orders"]["nodes"]] == expected
    assert 0 < len(expected) < ORDERS


@pytest.mark.parametrize("filter_", ['customerEntityUid: "me"', 'createdBy: "me"', f'merchantCompany: "{LONG}x"'])
def test_a_wrong_filter_is_bad_input(asked: Gateway, filter_: str) -> None:
    query = f"""{{ account(id: "Account:vf") {{ ... on VerifoneAccount {{
        orders(filter: {{{filter_}}}) {{ nodes {{ id }} }} }} }} }}"""
    assert asked.error(query)["extensions"]["code"] == "BAD_USER_INPUT"


def test_merchants_orders_are_not_shown(fake: FakeVendor, asked: Gateway) -> None:
    account = vendor.sandbox_account
    reply = httpx.get(f"{fake.url}/orders", auth=(account["username"], account["password"]), trust_env=False)
    found = reply.json()["orders"]
    assert {one["orderType"] for one in found} == {"MerchantOrder"}
    query = "query($id: ID!) { order(id: $id) { id } }"
    assert asked.get(query, id=f"Order:vf:{found[0]['orderId']}") == {"order": None}


def test_an_order_is_found_by_either_form_of_its_id(asked: Gateway) -> None:
    id_ = asked.get(ROWS % "")["orders"]["nodes"][0]["id"]
    query = "query($id: ID!) { order(id: $id) { id } }"
    account = id_.rpartition(":")[0]
    assert asked.get(query, id=f"{account}:{uuid(id_).upper()}") == {"order": {"id": id_}}


SUBSCRIPTION = "id name status billingFrequency items { product { id } quantity } orders { id }"


def test_services_that_are_paid_again_are_subscriptions(fake: FakeVendor, asked: Gateway) -> None:
    services = [
        {"packageBundleId": name, "adjustedPrices": [{"priceModel": model, "price": "7.50"}]}
        for name, model in (("SVC-CARE", "MONTHLY_FEE"), ("SVC-ACQUIRE", "AMT_PER_TRX"), ("SVC-INSIGHT", "YEARLY_FEE"))
    ]
    packages = {"basePackageBundle": {"packageBundleId": "BASE-1"}, "servicePackages": services}
    shown = f"order {{ id subscriptions(first: 5) {{ nodes {{ {SUBSCRIPTION} }} }} }}"
    details = {"verifone": {"packageDetails": packages}}
    order = asked.do("createDraftOrder", shown, **ordering("SERVICES-1", details=details))["order"]
    assert order["subscriptions"]["nodes"] == []  # nothing is ordered yet
    order = asked.do("submitOrder", shown, orderId=order["id"])["order"]
    found = order["subscriptions"]["nodes"]
    assert [(one["name"], one["billingFrequency"], one["status"]) for one in found] == [
        ("SVC-CARE", "MONTHLY_FEE", "PENDING"),
        ("SVC-INSIGHT", "YEARLY_FEE", "PENDING"),
    ]
    assert all(one["orders"] == [{"id": order["id"]}] for one in found)
    fake.advance({"order": uuid(order["id"]), "to": "COMPLETED"})
    query = f"query($id: ID!) {{ subscription(id: $id) {{ {SUBSCRIPTION} }} node(id: $id) {{ id }} }}"
    assert asked.get(query, id=found[1]["id"])["subscription"] == {**found[1], "status": "ACTIVE"}
    for nothing in ("service-1", "service-9", "base"):
        assert asked.get(query, id=f"{found[0]['id'].rpartition(':')[0]}:{nothing}")["subscription"] is None


def test_a_shipment_has_all_devices(fake: FakeVendor, asked: Gateway) -> None:
    line = {"product": {"sku": "T650P"}, "quantity": 2, "details": {"verifone": {"serialNumbers": ["1", "2"]}}}
    id_ = asked.do("placeOrder", **ordering("SHIPPED-1", lineItems=[line]))["order"]["id"]
    shown = """query($id: ID!) { order(id: $id) { status shipments { id trackingNumber shippedOn
        items { name sku quantity serialNumbers product { id } } } } }"""
    fake.advance({"order": uuid(id_), "to": "FULFILMENT_PICKED"})
    assert asked.get(shown, id=id_)["order"]["shipments"] == []
    body = fake.advance({"order": uuid(id_)})
    order = asked.get(shown, id=id_)["order"]
    (shipment,) = order["shipments"]
    assert order["status"] == "SHIPPED"
    assert shipment["trackingNumber"] == body["internal"]["oracleShippingTrackingReference"]
    assert shipment["shippedOn"] == body["internal"]["extendedDetails"]["lastChangeTime"][:10]
    product = {"id": "Product:vf:T650P"}
    expected = {"name": "T650P", "sku": "T650P", "quantity": "2", "serialNumbers": ["1", "2"], "product": product}
    assert shipment["items"] == [expected]
    assert asked.get("query($id: ID!) { node(id: $id) { id } }", id=shipment["id"])["node"] == {"id": shipment["id"]}


# ---- Authentication and extensions ------------------------------------------------------------------


def test_a_token_logs_in_as_well(fake: FakeVendor) -> None:
    with gateway({"vf": fake.table(auth="bearer", token=TOKEN), "no": fake.table(password="wrong")}) as other:
        query = "{ orders(first: 1) { nodes { id } sources { account { name } state code } } }"
        sources = {one["account"]["name"]: one for one in other.get(query)["orders"]["sources"]}
    assert sources["vf"]["state"] == "OK"
    assert sources["no"]["code"] == "VENDOR_LOGIN_FAILED"


def test_what_an_account_lacks_is_refused_without_a_call(fake: FakeVendor, bare: Gateway) -> None:
    draft = bare.do("createDraftOrder", SHOWN, **ordering("BARE-1"))["order"]
    fake.forget_calls()
    assert OFF in draft["availableActions"]
    for mutation in ("submitOrder", "cancelOrder"):
        (error,) = bare.do(mutation, orderId=draft["id"])["userErrors"]
        assert error["code"] == "NOT_SUPPORTED"
        assert "extension" in error["message"]
    assert fake.calls() == []
    shown = bare.get('{ account(id: "Account:vf") { capabilities { action isSupported } } }')["account"]
    lacking = {one["action"] for one in shown["capabilities"] if not one["isSupported"]}
    assert {"SUBMIT_ORDER", "CANCEL_ORDER"} <= lacking
    assert not {"PLACE_ORDER", "CREATE_DRAFT_ORDER", "UPDATE_ORDER", "LIST_ORDERS"} & lacking


def test_without_extensions_an_order_is_what_verifone_last_said(fake: FakeVendor, bare: Gateway) -> None:
    placed = bare.do("placeOrder", "order { id retrievedAt }", **ordering("KEPT-1"))["order"]
    fake.advance({"order": uuid(placed["id"]), "to": "COMPLETED"})
    fake.forget_calls()
    query = "query($id: ID!) { order(id: $id) { id retrievedAt status } }"
    assert bare.get(query, id=placed["id"])["order"] == {**placed, "status": "SUBMITTED"}
    page = bare.get(ROWS % "")["orders"]
    assert (page["sources"], [one["id"] for one in page["nodes"]]) == (
        [{"coverage": "PLACED_BY_GATEWAY"}],
        [placed["id"]],
    )
    (error,) = bare.do("placeOrder", **ordering("KEPT-1", idempotencyKey="KEPT-2"))["userErrors"]
    assert error["field"] == ["input", "clientReference"]
    assert fake.calls() == []
    assert bare.get(query, id="Order:vf:00000000-0000-4000-8000-000000000000") == {"order": None}
    filtered = """{ account(id: "Account:vf") { ... on VerifoneAccount {
        orders(filter: {vendorStatus: DRAFT}) { nodes { id } } } } }"""
    assert bare.error(filtered)["extensions"]["code"] == "BAD_USER_INPUT"


def test_what_the_document_alone_has_is_enough_to_order(fake: FakeVendor, bare: Gateway) -> None:
    fake.forget_calls()
    draft = bare.do("createDraftOrder", **ordering("document-1"))["order"]["id"]
    assert bare.do("updateOrder", orderId=draft, notes=["Changed."])["userErrors"] == []
    assert bare.do("placeOrder", **ordering("document-2"))["userErrors"] == []
    page = bare.get("{ orders(first: 10, filter: {phases: [DRAFT, OPEN]}) { nodes { id } sources { coverage } } }")
    assert len(page["orders"]["nodes"]) == 2
    assert set(fake.calls()) == {("POST", "/orders/hardware"), ("PUT", "/orders/hardware/{orderId}")}


def test_a_wrong_status_that_only_verifone_knows_of_is_told_in_its_words(fake: FakeVendor) -> None:
    with gateway({"vf": fake.table(extensions=["cancel", "submit"], cache={"orders": 0})}) as made:
        id_ = made.do("createDraftOrder", **ordering("UNSEEN-1"))["order"]["id"]
        fake.advance({"order": uuid(id_), "to": "FULFILMENT_BOOKED"})
        for mutation in ("cancelOrder", "submitOrder", "updateOrder"):
            (error,) = made.do(mutation, orderId=id_)["userErrors"]
            assert (error["code"], error["vendorCode"], error["field"]) == ("WRONG_STATUS", "400", None)
            assert error["message"] == error["vendorMessage"]
            assert error["message"].endswith("not INPROGRESS")
        (error,) = made.do("cancelOrder", orderId="Order:vf:00000000-0000-4000-8000-000000000000")["userErrors"]
        assert error["code"] == "NOT_FOUND"


@pytest.fixture
def reading(fake: FakeVendor) -> Iterator[Gateway]:
    """A gateway that can read single orders and has no list."""
    with gateway({"vf": fake.table(extensions=["get"], cache={"orders": 0})}) as made:
        yield made


def test_with_reading_alone_what_was_placed_here_is_listed_as_it_is_now(fake: FakeVendor, reading: Gateway) -> None:
    ids = [reading.do("placeOrder", **ordering(f"NOW-{number}"))["order"]["id"] for number in range(3)]
    draft = reading.do("createDraftOrder", **ordering("NOW-3"))["order"]["id"]
    fake.advance({"order": uuid(ids[1]), "to": "COMPLETED"})
    page = reading.get(ROWS % "")["orders"]
    assert page["sources"] == [{"coverage": "PLACED_BY_GATEWAY"}]
    assert {one["id"]: one["status"] for one in page["nodes"]} == {
        ids[0]: "SUBMITTED",
        ids[1]: "COMPLETED",
        ids[2]: "SUBMITTED",
    }
    fake.forget_calls()
    assert [one["id"] for one in reading.get(ROWS % ", filter: {statuses: [COMPLETED]}")["orders"]["nodes"]] == [ids[1]]
    assert fake.calls().count(("GET", "/orders/{orderId}")) == 3  # final orders are not read again
    assert [one["id"] for one in reading.get(ROWS % ", filter: {statuses: [DRAFT]}")["orders"]["nodes"]] == [draft]
    fake.faults({"fault": "unavailable"})
    assert {one["id"] for one in reading.get(ROWS % "")["orders"]["nodes"]} == set(ids)
    fake.faults()


@pytest.fixture
def searching(fake: FakeVendor) -> Iterator[Gateway]:
    """A gateway that has a list and cannot read single orders."""
    fake.advance({"extensions": [name for name in EXTENSIONS if name != "get"]})
    with gateway({"vf": fake.table(extensions=["search", "cancel"], cache={"orders": 0})}) as made:
        yield made


def test_with_the_search_alone_orders_are_looked_for_in_it(fake: FakeVendor, searching: Gateway) -> None:
    placed = searching.do("placeOrder", **ordering("LOOK-1"))["order"]["id"]
    fake.advance({"order": uuid(placed), "to": "FULFILMENT_BOOKED"})
    query = "query($id: ID!) { order(id: $id) { id vendorStatus } }"
    assert searching.get(query, id=placed)["order"] == {"id": placed, "vendorStatus": "FULFILMENT_BOOKED"}
    oldest = searching.get("{ orders(last: 1) { nodes { id vendorStatus } } }")["orders"]["nodes"][0]
    assert searching.get(query, id=oldest["id"])["order"] == oldest
    assert searching.get(query, id="Order:vf:00000000-0000-4000-8000-000000000000") == {"order": None}


async def uncounted(request: Request) -> JSONResponse:
    """Return only the orders of a search, because no other property of its envelope is documented."""
    number, size = (int(request.query_params[name]) for name in ("pageNumber", "pageSize"))
    ids = [f"00000000-0000-4000-8000-{index:012d}" for index in range(150)]
    rows = [{"orderId": id_, "status": "COMPLETED", "createdDate": "2026-01-01T00:00:00Z"} for id_ in ids]
    return JSONResponse({"orders": [*rows[(number - 1) * size : number * size], {"no": "order"}]})


def test_a_search_that_does_not_count_is_read_to_its_end() -> None:
    app = Starlette(routes=[Route("/verifone/orders", uncounted)])
    app.state.vendor_apps = {}
    with sandbox.running(app) as url:
        account = {**vendor.sandbox_account, "base_url": f"{url}/verifone", "extensions": ["search"]}
        with gateway({"vf": account}) as made:
            query = """query($after: String) { orders(first: 100, after: $after) { totalCount nodes { id }
                sources { skippedCount } pageInfo { hasNextPage endCursor } } }"""
            first = made.get(query)["orders"]
            second = made.get(query, after=first["pageInfo"]["endCursor"])["orders"]
    assert first["totalCount"] is None
    assert first["sources"][0]["skippedCount"] > 0
    ids = {one["id"] for page in (first, second) for one in page["nodes"]}
    assert (len(ids), second["pageInfo"]["hasNextPage"]) == (150, False)
