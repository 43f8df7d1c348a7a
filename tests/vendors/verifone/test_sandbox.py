"""The Verifone sandbox: authentication, rules of bodies, the state machine, the search, errors and quirks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from ordergraph.sandbox import create_app, running
from ordergraph.sandbox.lifecycle import way
from ordergraph.vendors.verifone import wire
from ordergraph.vendors.verifone.sandbox import PASSWORD, USERNAME, VerifoneSandbox, data
from ordergraph.vendors.verifone.sandbox.service import ERRORS, EXTENSIONS, MERCHANT_ORDERS, TOKEN, changed_of
from ordergraph.vendors.verifone.values import VerifonePriceModel
from ordergraph.vendors.verifone.wire_rules import STATUSES, Problems, rule_of

pytestmark = pytest.mark.slow

SAMPLE = json.loads((Path(__file__).parents[2] / "samples" / "verifone" / "order_response.json").read_text())
ORDERS = 60
WHOLE = ORDERS + len(data.DRAFTS)
NOWHERE = "00000000-0000-4000-8000-000000000000"
DRAFT = {"saveDraft": "true"}
SIMPLE = {"X-Use-Simplified-Order-Flow": "true"}
Json = dict[str, Any]


class Api:
    """Calls Verifone directly, with authentication."""

    def __init__(self, sandbox: VerifoneSandbox, http: httpx.Client) -> None:
        self.sandbox = sandbox
        self.http = http

    def ask(
        self, method: str, path: str, expected: int = 200, body: Any = None, headers: Json | None = None, **query: Any
    ) -> Json:
        url = f"/verifone/orders{path}"
        reply = self.http.request(
            method, url, params=query, json=body, headers=headers or {}, auth=(USERNAME, PASSWORD)
        )
        assert reply.status_code == expected, reply.text
        return reply.json()

    def create(self, headers: Json | None = None, **fields: Any) -> Json:
        return self.ask("POST", "/hardware", body=order(**fields), headers=headers)

    def refusal(self, body: Any, headers: Json | None = None) -> Json:
        return self.ask("POST", "/hardware", 400, body, headers)

    def advance(self, id_: str, to: str | None = None) -> Json:
        command = {"order": id_, **({"to": to} if to else {})}
        reply = self.http.post("/verifone/_control/advance", json=command)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def search(self, **query: Any) -> list[Json]:
        return self.ask("GET", "", orderType="HardwareOrder", pageSize=100, **query)["orders"]


def order(**fields: Any) -> Json:
    """Return a whole body with changed fields. None removes a field."""
    body = {
        "orderReference": "ORD-1234",
        "customerEntityUid": data.CUSTOMER,
        "packageDetails": {"basePackageBundle": {"packageBundleId": "BASE-1"}},
        "merchant": merchant(),
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


def merchant(**fields: Any) -> Json:
    device = {"packageBundleId": "T650P", "quantity": 2}
    return {"primaryContact": data.PEOPLE[0], "pois": [{"devicePackage": device}], **fields}


@pytest.fixture(scope="module")
def served() -> Iterator[Api]:
    fake = VerifoneSandbox(ORDERS, 1)
    app = create_app({"verifone": lambda _orders, _seed: fake}, orders=ORDERS, seed=1)
    with running(app) as url, httpx.Client(base_url=url, trust_env=False, verify=False) as http:
        yield Api(fake, http)


@pytest.fixture
def api(served: Api) -> Api:
    served.sandbox.reset()
    return served


# ---- Authentication ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "status"),
    [
        ({"auth": (USERNAME, PASSWORD)}, 200),
        ({"headers": {"authorization": f"Bearer {TOKEN}"}}, 200),
        ({"auth": (USERNAME, "wrong")}, 401),
        ({"headers": {"authorization": "Bearer wrong"}}, 401),
        ({"headers": {"authorization": "Digest x"}}, 401),
        ({"headers": {"authorization": "Bearer é".encode()}}, 401),
        ({}, 401),
    ],
)
def test_both_logins(api: Api, login: Json, status: int) -> None:
    reply = api.http.get("/verifone/orders", **login)
    assert reply.status_code == status
    if status == 401:
        assert (reply.json()["code"], reply.json()["title"]) == ("401", "Unauthorised")


# ---- Creating orders --------------------------------------------------------------------------------


def test_an_order_is_submitted_unless_it_is_to_be_a_draft(api: Api) -> None:
    for headers, status in (({}, "SUBMITTED"), ({"saveDraft": "false"}, "SUBMITTED"), (DRAFT, "DRAFT")):
        created = api.create(headers)
        assert created["status"] == created["internal"]["extendedDetails"]["status"] == status
        assert created["internal"]["extendedDetails"]["canCancel"] is True
        assert created == api.ask("GET", f"/{created['orderId']}")


def test_the_documents_own_order_is_there(api: Api) -> None:
    """It has all fields of the sample and those that Verifone adds. It is a draft, so it can still be changed."""
    found = api.ask("GET", f"/{SAMPLE['orderId']}")
    assert found.items() >= SAMPLE.items()
    assert set(found) - set(SAMPLE) == {"internal", "merchantCompanyEntityUid"}
    replaced = api.ask("PUT", f"/hardware/{SAMPLE['orderId']}", body={**order(), "poRef": "85219588"})
    assert (replaced["poRef"], replaced["status"]) == ("85219588", "DRAFT")
    assert api.ask("POST", f"/drafts/{SAMPLE['orderId']}")["status"] == "SUBMITTED"


def test_an_answer_has_what_was_sent_and_what_the_sample_has(api: Api) -> None:
    sent = {name: SAMPLE[name] for name in rule_of(wire.HardwareOrder).fields if name in SAMPLE}
    created = api.ask("POST", "/hardware", body=sent, headers=DRAFT)
    assert set(created) == {*SAMPLE, "internal", "merchantCompanyEntityUid"}
    assert {name: created[name] for name in sent} == sent
    assert (created["status"], created["orderType"], created["createdBy"]) == (
        "DRAFT",
        "HardwareOrder",
        "John/Jane Smith",
    )


def test_the_simplified_flow_needs_less(api: Api) -> None:
    least = {"orderReference": "1", "customerEntityUid": data.CUSTOMER, "merchant": {"primaryContact": data.PEOPLE[0]}}
    refused = api.refusal(least)
    assert refused["param"] == "packageDetails.basePackageBundle.packageBundleId"
    created = api.ask("POST", "/hardware", body=least, headers=SIMPLE)
    assert created["packageDetails"] == {
        "portfolioUid": data.PORTFOLIO,
        "basePackageBundle": {"packageBundleId": "BASE-1"},
    }


def test_a_header_is_true_or_false(api: Api) -> None:
    for name in ("saveDraft", "X-Use-Simplified-Order-Flow"):
        assert api.refusal(order(), {name: "yes"})["param"] == name
    assert api.create({"saveDraft": "True"})["status"] == "DRAFT"


PHONE = {"value": "12345", "phoneType": "WORK"}
LONG = "x" * 128
ADDRESS = data.ADDRESSES[0]


def contact(**fields: Any) -> Json:
    return {"merchant": merchant(primaryContact={**data.PEOPLE[0], **fields})}


def named(**fields: Any) -> Json:
    return contact(name={"firstName": "A", "lastName": "B", **fields})


def shipping(**fields: Any) -> Json:
    return {"merchant": merchant(shippingAddress={**ADDRESS, **fields})}


def device(**fields: Any) -> Json:
    return {"merchant": merchant(pois=[{"devicePackage": {"packageBundleId": "T650P", **fields}}])}


def service(**fields: Any) -> Json:
    base = {"packageBundleId": "BASE-1"}
    services = [{"packageBundleId": "SVC-CARE", **fields}]
    return {"packageDetails": {"basePackageBundle": base, "servicePackages": services}}


WRONG: list[tuple[Json, str]] = [
    ({"orderReference": None}, "orderReference"),
    ({"orderReference": ""}, "orderReference"),
    ({"orderReference": 1}, "orderReference"),
    ({"customerEntityUid": None}, "customerEntityUid"),
    ({"customerEntityUid": "14f5"}, "customerEntityUid"),
    ({"customerEntityUid": NOWHERE}, "customerEntityUid"),
    ({"requestedDate": "2020-01-06"}, "requestedDate"),
    ({"requestedDate": "2020-01-06T18:16:14"}, "requestedDate"),
    ({"requestedDate": "2020-13-06T18:16:14Z"}, "requestedDate"),
    ({"poRef": 1}, "poRef"),
    ({"notes": []}, "notes"),
    ({"paymentDetails": {}}, "paymentDetails.paymentType"),
    ({"paymentDetails": {"paymentType": "BARTER"}}, "paymentDetails.paymentType"),
    ({"additionalOrderData": [{}] * 101}, "additionalOrderData"),
    ({"additionalOrderData": {}}, "additionalOrderData"),
    ({"additionalOrderData": [{"variableName": "a b"}]}, "additionalOrderData[0].variableName"),
    ({"additionalOrderData": [{"variableValue": "x" * 10001}]}, "additionalOrderData[0].variableValue"),
    ({"packageDetails": {}}, "packageDetails.basePackageBundle"),
    ({"packageDetails": {"basePackageBundle": {}}}, "packageDetails.basePackageBundle.packageBundleId"),
    (
        {"packageDetails": {"basePackageBundle": {"packageBundleId": "BASE-9"}}},
        "packageDetails.basePackageBundle.packageBundleId",
    ),
    (
        {"packageDetails": {"basePackageBundle": {"packageBundleId": "BASE-1", "price": 5}}},
        "packageDetails.basePackageBundle.price",
    ),
    (
        {"packageDetails": {"basePackageBundle": {"packageBundleId": "BASE-1", "price": "5."}}},
        "packageDetails.basePackageBundle.price",
    ),
    (
        {"packageDetails": {"basePackageBundle": {"packageBundleId": "BASE-1"}, "portfolioUid": "x"}},
        "packageDetails.portfolioUid",
    ),
    (
        {"packageDetails": {"basePackageBundle": {"packageBundleId": "BASE-1"}, "servicePackages": [{}] * 101}},
        "packageDetails.servicePackages",
    ),
    (
        {"packageDetails": {"basePackageBundle": {"packageBundleId": "BASE-1"}, "deliveryPackage": {}}},
        "packageDetails.deliveryPackage.packageBundleId",
    ),
    (
        service(adjustedPrices=[{"priceModel": "DAILY_FEE"}]),
        "packageDetails.servicePackages[0].adjustedPrices[0].priceModel",
    ),
    (service(adjustedPrices=[{"price": "1,5"}]), "packageDetails.servicePackages[0].adjustedPrices[0].price"),
    (service(adjustedPrices=[{"price": "1" * 33}]), "packageDetails.servicePackages[0].adjustedPrices[0].price"),
    (service(adjustedPrices=[{}] * 51), "packageDetails.servicePackages[0].adjustedPrices"),
    (service(processorParameters={}), "packageDetails.servicePackages[0].processorParameters.processor"),
    (
        service(processorParameters={"processor": "MINE"}),
        "packageDetails.servicePackages[0].processorParameters.processor",
    ),
    (
        service(processorParameters={"processor": "NETS", "tidList": ["1", "1"]}),
        "packageDetails.servicePackages[0].processorParameters.tidList",
    ),
    (
        service(threeDSMerchantIdentifiers={"merchantId": "x" * 31, "paymentType": "AMEX"}),
        "packageDetails.servicePackages[0].threeDSMerchantIdentifiers.merchantId",
    ),
    (
        service(threeDSMerchantIdentifiers={"merchantId": "", "paymentType": "SHELLS"}),
        "packageDetails.servicePackages[0].threeDSMerchantIdentifiers.paymentType",
    ),
    (service(additionalPackageData=[{}] * 51), "packageDetails.servicePackages[0].additionalPackageData"),
    ({"merchant": None}, "merchant"),
    ({"merchant": []}, "merchant"),
    ({"merchant": {}}, "merchant.primaryContact"),
    ({"merchant": merchant(merchantName="  ")}, "merchant.merchantName"),
    ({"merchant": merchant(merchantName="x" * 101)}, "merchant.merchantName"),
    ({"merchant": merchant(requestedDateOfShipment="soon")}, "merchant.requestedDateOfShipment"),
    ({"merchant": merchant(mcc="58")}, "merchant.mcc"),
    ({"merchant": merchant(siteReferenceId="")}, "merchant.siteReferenceId"),
    ({"merchant": merchant(siteName="")}, "merchant.siteName"),
    ({"merchant": merchant(openingHours=[])}, "merchant.openingHours"),
    (
        {"merchant": merchant(openingHours=[{"day": "FUNDAY", "times": {"start": "08:00", "end": "09:00"}}])},
        "merchant.openingHours[0].day",
    ),
    (
        {"merchant": merchant(openingHours=[{"day": "MONDAY", "times": {"start": "8:00", "end": "09:00"}}])},
        "merchant.openingHours[0].times.start",
    ),
    ({"merchant": merchant(pois=[{}] * 1001)}, "merchant.pois"),
    (contact(contactType="FRIEND"), "merchant.primaryContact.contactType"),
    (contact(contactType=None), "merchant.primaryContact.contactType"),
    (contact(name=None), "merchant.primaryContact.name"),
    (named(lastName=None), "merchant.primaryContact.name.lastName"),
    (named(firstName=LONG), "merchant.primaryContact.name.firstName"),
    (named(alternateFullName="x" * 201), "merchant.primaryContact.name.alternateFullName"),
    (contact(phoneNumbers=[]), "merchant.primaryContact.phoneNumbers"),
    (contact(phoneNumbers=[PHONE, PHONE]), "merchant.primaryContact.phoneNumbers"),
    (contact(phoneNumbers=[{**PHONE, "value": "1"}]), "merchant.primaryContact.phoneNumbers[0].value"),
    (contact(phoneNumbers=[{**PHONE, "phoneType": "CAR"}]), "merchant.primaryContact.phoneNumbers[0].phoneType"),
    (contact(phoneNumbers=[{**PHONE, "isPrimary": "no"}]), "merchant.primaryContact.phoneNumbers[0].isPrimary"),
    (contact(phoneNumbers=[{**PHONE, "colour": "red"}]), "merchant.primaryContact.phoneNumbers[0].colour"),
    (contact(email="nobody"), "merchant.primaryContact.email"),
    (contact(businessTitle="x" * 101), "merchant.primaryContact.businessTitle"),
    (shipping(addressLine1=None), "merchant.shippingAddress.addressLine1"),
    (shipping(addressLine1="x" * 41), "merchant.shippingAddress.addressLine1"),
    (shipping(city="x" * 29), "merchant.shippingAddress.city"),
    (shipping(postCode="x" * 17), "merchant.shippingAddress.postCode"),
    (shipping(country="GB"), "merchant.shippingAddress.country"),
    (shipping(country="XXX"), "merchant.shippingAddress.country"),
    (shipping(countrySubdivision="x" * 36), "merchant.shippingAddress.countrySubdivision"),
    (shipping(vfiSiteId="x" * 51), "merchant.shippingAddress.vfiSiteId"),
    (shipping(governmentCountry="??"), "merchant.shippingAddress.governmentCountry"),
    (device(packageBundleId=None), "merchant.pois[0].devicePackage.packageBundleId"),
    (device(packageBundleId="T 650"), "merchant.pois[0].devicePackage.packageBundleId"),
    (device(packageBundleId="T999"), "merchant.pois[0].devicePackage.packageBundleId"),
    (device(quantity=0), "merchant.pois[0].devicePackage.quantity"),
    (device(quantity=1.5), "merchant.pois[0].devicePackage.quantity"),
    (device(quantity="1"), "merchant.pois[0].devicePackage.quantity"),
    (device(serialNumbers=["x" * 26]), "merchant.pois[0].devicePackage.serialNumbers[0]"),
    (
        {"merchant": merchant(pois=[{"additionalDevicePackages": [{"packageBundleId": "T650P"}] * 101}])},
        "merchant.pois[0].additionalDevicePackages",
    ),
]


@pytest.mark.parametrize(("fields", "param"), WRONG)
def test_what_is_wrong_is_told_by_its_path(api: Api, fields: Json, param: str) -> None:
    refused = api.refusal(order(**fields))
    assert refused["param"] == param
    assert refused["message"].startswith(f"{param} ")
    assert (refused["code"], refused["title"], refused["type"]) == ("400", "Bad Request", "INVALID_REQUEST_ERROR")
    assert refused["reversalStatus"] == "NONE"
    assert datetime.fromisoformat(refused["timestamp"]).tzinfo
    assert len(api.search()) == WHOLE


RIGHT: list[Json] = [
    {"requestedDate": "2020-01-06T18:16:14.123456789+01:00"},
    shipping(country="ZZZ"),
    device(quantity=None),
    {"paymentDetails": {"paymentType": "NET", "days": 30}},
    service(adjustedPrices=[{"priceModel": "ONE_TIME", "price": "-.5"}]),
    service(threeDSMerchantIdentifiers={"merchantId": "", "paymentType": "KLARAN_QR"}),
    {"merchant": {"primaryContact": data.PEOPLE[1], "pois": []}},
    {"notes": ""},
]


@pytest.mark.parametrize("fields", RIGHT)
def test_what_is_right_at_the_edges_is_kept(api: Api, fields: Json) -> None:
    created = api.create(None, **fields)
    for name, value in fields.items():
        assert created[name] == json.loads(json.dumps(value), object_hook=without_nulls)


def without_nulls(found: Json) -> Json:
    return {name: value for name, value in found.items() if value is not None}


def test_all_that_is_wrong_is_told_at_once(api: Api) -> None:
    refused = api.refusal(order(orderReference="", customerEntityUid=None, notes=1))
    assert refused["param"] == "customerEntityUid"
    assert set(refused["additionalProperties"]) == {"customerEntityUid", "orderReference", "notes"}
    assert all(isinstance(words["message"], str) for words in refused["additionalProperties"].values())


def test_what_only_verifone_writes_is_ignored(api: Api) -> None:
    created = api.create(None, orderId=NOWHERE, status="COMPLETED", createdBy="me", internal={}, colour="red")
    assert created["orderId"] != NOWHERE
    assert created["status"] == "SUBMITTED"
    assert "colour" not in created


def test_no_json_and_no_object_are_a_bad_request(api: Api) -> None:
    reply = api.http.post("/verifone/orders/hardware", content=b"{", auth=(USERNAME, PASSWORD))
    assert (reply.status_code, reply.json()["message"]) == (400, ERRORS[400][2])
    assert "param" not in reply.json()
    assert "param" not in api.ask("POST", "/hardware", 400, [])


def test_a_customer_of_somebody_else_is_forbidden(api: Api) -> None:
    refused = api.ask("POST", "/hardware", 403, order(customerEntityUid=data.FOREIGN_CUSTOMER))
    assert (refused["title"], refused["type"]) == ("Forbidden", "AUTHENTICATION_ERROR")
    assert "additionalProperties" not in refused


# ---- Replacing, submitting and cancelling orders ----------------------------------------------------


def test_a_draft_is_replaced_as_a_whole(api: Api) -> None:
    draft = api.create(DRAFT, notes="First", poRef="1")
    replaced = api.ask("PUT", f"/hardware/{draft['orderId']}", body=order(orderReference="NEW", poRef="2"))
    assert "notes" not in replaced
    assert (replaced["orderReference"], replaced["poRef"], replaced["status"]) == ("NEW", "2", "DRAFT")
    for name in ("orderId", "createdDate", "createdBy", "createdUserUid", "internal"):
        assert replaced[name] == draft[name]
    assert replaced["modifiedDate"] >= draft["modifiedDate"]
    refused = api.ask("PUT", f"/hardware/{draft['orderId']}", 400, order(notes=1))
    assert refused["param"] == "notes"
    assert api.ask("GET", f"/{draft['orderId']}") == replaced


@pytest.mark.parametrize("detailed", [word for word in data.DETAILED if way(data.NEXT, "DRAFT", word) is not None])
def test_each_state_allows_what_it_allows(api: Api, detailed: str) -> None:
    def made() -> str:
        id_ = api.create(DRAFT)["orderId"]
        if detailed != "DRAFT":
            api.advance(id_, detailed)
        return f"{id_}"

    status = data.DETAILED[detailed]
    found = api.ask("GET", f"/{made()}")
    details = found["internal"]["extendedDetails"]
    assert (found["status"], details["status"]) == (status, detailed)
    assert details["canCancel"] is (status in ("DRAFT", "SUBMITTED", "ONHOLD"))
    for method, path, body, allowed in (
        ("PUT", "/hardware/{}", order(), status == "DRAFT"),
        ("POST", "/drafts/{}", None, status == "DRAFT"),
        ("POST", "/{}/cancel", {"cancelReasonEnum": "OTHER"}, details["canCancel"]),
    ):
        answer = api.ask(method, path.format(made()), 200 if allowed else 400, body)
        assert allowed or answer["param"] == "status"


def test_every_state_can_be_come_to() -> None:
    assert {"DRAFT", *(word for word in data.DETAILED if way(data.NEXT, "DRAFT", word))} == set(data.DETAILED)
    assert set(data.DETAILED.values()) == set(STATUSES)
    assert not any(way(data.NEXT, word, "DRAFT") for word in data.DETAILED)
    for final in ("COMPLETED", "CANCELLED", "CANCELED_BYUSER", "DECLINED"):
        assert not any(way(data.NEXT, final, word) for word in data.DETAILED)


def test_a_submitted_draft_is_an_order(api: Api) -> None:
    draft = api.create(DRAFT)
    assert api.ask("POST", f"/drafts/{draft['orderId']}")["status"] == "SUBMITTED"


def test_a_cancellation_has_a_reason_and_is_kept(api: Api) -> None:
    id_ = api.create()["orderId"]
    for body, param in (({}, "cancelReasonEnum"), ({"cancelReasonEnum": "BORED"}, "cancelReasonEnum")):
        assert api.ask("POST", f"/{id_}/cancel", 400, body)["param"] == param
    body = {"cancelReasonEnum": "WRONG_PRODUCT", "cancelAdditionalReason": "Too small."}
    cancelled = api.ask("POST", f"/{id_}/cancel", body=body)
    assert (cancelled["status"], cancelled["internal"]["extendedDetails"]["status"]) == (
        "CANCELLED",
        "CANCELED_BYUSER",
    )
    (kept,) = cancelled["internal"]["cancellationHistory"]
    assert kept == {
        **body,
        "cancelledUserUid": data.OWN_USER,
        "cancelledBy": "John/Jane Smith",
        "cancelledDate": cancelled["modifiedDate"],
    }


def test_goods_have_a_tracking_reference_when_they_are_shipped(api: Api) -> None:
    id_ = api.create()["orderId"]
    assert api.advance(id_, "FULFILMENT_BOOKED")["internal"]["oracleOrderNumber"]
    assert "oracleShippingTrackingReference" not in api.advance(id_, "FULFILMENT_PICKED")["internal"]
    assert api.advance(id_)["internal"]["oracleShippingTrackingReference"].startswith("1Z")
    assert api.advance(id_)["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/hardware/{}"), ("GET", "/{}"), ("POST", "/drafts/{}"), ("POST", "/{}/cancel"), ("GET", "/nothing/{}")],
)
def test_what_does_not_exist_is_not_found(api: Api, method: str, path: str) -> None:
    for id_ in (NOWHERE, "x"):
        answer = api.ask(method, path.format(id_), 404, {})
        assert (answer["code"], answer["title"], answer["type"]) == ("404", "Not Found", "INVALID_REQUEST_ERROR")


# ---- Searching --------------------------------------------------------------------------------------


def test_a_search_looks_for_merchants_unless_hardware_is_asked_for(api: Api) -> None:
    assert {one["orderType"] for one in api.ask("GET", "")["orders"]} == {"MerchantOrder"}
    assert api.ask("GET", "")["metadata"]["totalItems"] == MERCHANT_ORDERS
    page = api.ask("GET", "", orderType="HardwareOrder")
    assert {one["orderType"] for one in page["orders"]} == {"HardwareOrder"}
    assert page["metadata"] == {"totalPages": 2, "pageNumber": 1, "pageSize": 50, "totalItems": WHOLE}


def test_a_search_is_paged_and_sorted(api: Api) -> None:
    whole = api.search()
    pages = [api.ask("GET", "", orderType="HardwareOrder", pageSize=25, pageNumber=page) for page in (1, 2, 3, 4)]
    assert [len(page["orders"]) for page in pages] == [25, 25, 15, 0]
    assert [one for page in pages for one in page["orders"]] == whole
    assert [one["createdDate"] for one in whole] == sorted((one["createdDate"] for one in whole), reverse=True)
    assert api.search(order="ASC") == whole[::-1]
    references = [one["orderReference"] for one in api.search(orderBy="orderReference", order="ASC")]
    assert references == sorted(references)


def test_a_search_has_conditions(api: Api) -> None:
    whole = api.search()
    one = whole[7]
    detailed = one["internal"]["extendedDetails"]
    cases: list[tuple[Json, Callable[[Json], bool]]] = [
        ({"orderReference": one["orderReference"]}, lambda row: row is one),
        ({"status": one["status"]}, lambda row: row["status"] == one["status"]),
        (
            {"detailedStatus": detailed["status"]},
            lambda row: row.get("internal", {}).get("extendedDetails", {}).get("status") == detailed["status"],
        ),
        ({"userUids": one["createdUserUid"]}, lambda row: row["createdUserUid"] == one["createdUserUid"]),
        ({"customerEntityUid": data.CUSTOMER}, lambda row: row["customerEntityUid"] == data.CUSTOMER),
        ({"customerEntityUids": ",".join(data.CUSTOMERS)}, lambda row: True),
        ({"merchantCompanyEntityUids[]": data.CUSTOMER}, lambda row: row["customerEntityUid"] == data.CUSTOMER),
        ({"merchantCompany": "donald"}, lambda row: "McDonalds" in row["merchant"].get("merchantName", "")),
        ({"startTime": one["createdDate"]}, lambda row: row["createdDate"] >= one["createdDate"]),
        ({"endTime": one["createdDate"]}, lambda row: row["createdDate"] <= one["createdDate"]),
        (
            {"startTime": one["modifiedDate"], "filterDateType": "modifiedDate"},
            lambda row: row["modifiedDate"] >= one["modifiedDate"],
        ),
    ]
    for query, passes in cases:
        found = api.search(**query)
        assert found == [row for row in whole if passes(row)], query
        assert found
    at = detailed["lastChangeTime"]
    still = api.search(lastChangeTime=at)
    assert still == [row for row in whole if changed_of(row) < at]
    assert 0 < len(still) < len(whole)


@pytest.mark.parametrize(
    "query",
    [
        {"pageSize": "101"},
        {"pageSize": "0"},
        {"pageNumber": "first"},
        {"status": "DONE"},
        {"detailedStatus": "DONE"},
        {"startTime": "2020-01-01"},
        {"order": "UP"},
        {"orderBy": "colour"},
        {"filterDateType": "birthday"},
    ],
)
def test_a_wrong_condition_is_refused(api: Api, query: Json) -> None:
    assert api.ask("GET", "", 400, **query)["param"] == next(iter(query))


# ---- Errors, extensions and the control API ---------------------------------------------------------


@pytest.mark.parametrize("status", [*ERRORS, 405, 413])
def test_every_error_has_the_form_of_the_document(api: Api, status: int) -> None:
    answer = api.sandbox.error(status, "words")
    body = json.loads(bytes(answer.body))
    assert answer.status_code == status
    assert body["code"] == str(status)
    assert set(body) == {"code", "title", "message", "timestamp", "type", "reversalStatus"}
    assert answer.headers.get("retry-after") == ("1" if status in (429, 503) else None)


@pytest.mark.parametrize("group", EXTENSIONS)
def test_an_extension_can_be_off(api: Api, group: str) -> None:
    id_ = api.create(DRAFT)["orderId"]
    left = [name for name in EXTENSIONS if name != group]
    reply = api.http.post("/verifone/_control/advance", json={"extensions": left})
    assert reply.json() == {"extensions": sorted(left)}
    calls = {
        "search": ("GET", "", None),
        "get": ("GET", f"/{id_}", None),
        "submit": ("POST", f"/drafts/{id_}", None),
        "cancel": ("POST", f"/{id_}/cancel", {"cancelReasonEnum": "OTHER"}),
    }
    for name, (method, path, body) in calls.items():
        api.ask(method, path, 404 if name == group else 200, body)
    api.sandbox.reset()
    api.ask("GET", "")


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ({}, 400),
        ({"order": NOWHERE}, 404),
        ({"order": NOWHERE, "by": 2}, 400),
        ({"extensions": ["everything"]}, 400),
        ({"extensions": "get"}, 400),
        ({"extensions": []}, 200),
    ],
)
def test_commands_that_cannot_be_done(api: Api, command: Json, status: int) -> None:
    assert api.http.post("/verifone/_control/advance", json=command).status_code == status


def test_an_order_goes_forward_only(api: Api) -> None:
    id_ = api.create()["orderId"]
    for to, status in (("BOOKED", 400), ("DRAFT", 409), ("COMPLETED", 200), ("COMPLETED", 409), (None, 409)):
        reply = api.http.post("/verifone/_control/advance", json={"order": id_, **({"to": to} if to else {})})
        assert reply.status_code == status, reply.text


def test_an_order_without_notes_of_verifone_can_go_on_as_well(api: Api) -> None:
    bare = [one for one in VerifoneSandbox(400, 1).orders.values() if "internal" not in one]
    assert {one["status"] for one in bare} > {"INPROGRESS"}
    order = next(one for one in bare if one["status"] == "INPROGRESS")
    api.sandbox.orders[order["orderId"]] = order
    assert api.advance(order["orderId"], "COMPLETED")["internal"]["extendedDetails"]["status"] == "COMPLETED"


# ---- Seeding ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 7])
def test_few_orders_are_enough(count: int) -> None:
    hardware = [one for one in VerifoneSandbox(count, 1).orders.values() if one["orderType"] == "HardwareOrder"]
    assert len(hardware) == count + len(data.DRAFTS)


def test_the_seed_alone_decides() -> None:
    one, same, other = VerifoneSandbox(50, 1), VerifoneSandbox(50, 1), VerifoneSandbox(50, 2)
    assert one.orders == same.orders != other.orders
    one.reset()
    assert one.orders == same.orders
    statuses = {detailed_of(order) for order in VerifoneSandbox(200, 1).orders.values()}
    assert statuses == {*data.DETAILED, None}


def detailed_of(order: Json) -> str | None:
    return order["internal"]["extendedDetails"]["status"] if "internal" in order else None


def test_every_seeded_order_keeps_the_rules_and_fits_the_types() -> None:
    exact = msgspec.json.Encoder(decimal_format="number")
    fields = {*rule_of(wire.HardwareOrder).fields, *wire.Order.__struct_encode_fields__}
    for order in VerifoneSandbox(300, 1).orders.values():
        problems: Problems = {}
        body = {name: value for name, value in order.items() if name in rule_of(wire.HardwareOrder).fields}
        assert rule_of(wire.HardwareOrder)(body, "", problems) == body
        assert problems == {}
        assert set(order) <= fields
        raw = msgspec.json.encode(order)
        assert json.loads(exact.encode(msgspec.json.decode(raw, type=wire.Order))) == json.loads(raw)


def test_the_seeds_have_what_is_rare() -> None:
    orders = list(VerifoneSandbox(200, 1).orders.values())
    text = json.dumps(orders)
    for model in VerifonePriceModel.__members__:
        assert model in text
    for rare in (
        '"NA "',
        '"ZZZ"',
        '".50"',
        '"-5.00"',
        '"199.999"',
        "tidList",
        "serialNumbers",
        "linkOpendByCustomerTime",
    ):
        assert rare in text, rare
    bare = [order for order in orders if "pois" not in order["merchant"]]
    lonely = [one for order in orders for poi in order["merchant"].get("pois", ()) for one in poi.values()]
    assert bare
    assert any("quantity" not in one for one in lonely if isinstance(one, dict))


def test_seeded_times_run_forward() -> None:
    for order in VerifoneSandbox(100, 1).orders.values():
        created, modified = (datetime.fromisoformat(order[name]) for name in ("createdDate", "modifiedDate"))
        assert timedelta() <= modified - created < timedelta(days=30)
