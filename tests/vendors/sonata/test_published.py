"""The sample orders of MEF: a Seller accepts them as published, and `placeOrder` can express all of their content."""

from __future__ import annotations

import copy
from collections.abc import Generator
from datetime import datetime
from typing import Any

import httpx
import pytest

from ordergraph.vendors.sonata.sandbox import CLIENT_ID, CLIENT_SECRET
from ordergraph.vendors.sonata.sandbox.life import BASE
from ordergraph.vendors.sonata.sandbox.service import OPENAPI_CLIENT_ID
from tests.fakes import FakeVendor
from tests.gateway import Gateway, gateway
from tests.vendors.sonata.conftest import OPENAPI
from tests.vendors.sonata.published import ORDERS

Json = dict[str, Any]
PLACE_TYPES = {"FieldedAddress": "FIELDED_ADDRESS", "GeographicAddressRef": "GEOGRAPHIC_ADDRESS_REF"}
RAW = "query($id: ID!) { order(id: $id) { details { raw } } }"


@pytest.fixture(scope="module")
def seller(served: FakeVendor) -> Generator[Gateway]:
    """A gateway at the Seller that implements the OpenAPI. The accounts' settings add nothing to an order."""
    table = served.table(**OPENAPI, billing_account=None)
    with gateway({"ethernet": table, "internet": table}) as made:  # both kinds of samples use the same reference
        yield made


def posted(fake: FakeVendor, client: str, body: Json) -> httpx.Response:
    """Post a body unchanged, and return the response."""
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": CLIENT_SECRET}
    with httpx.Client(trust_env=False, verify=False) as http:
        token = http.post(f"{fake.url}/oauth/token", data=form).json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        return http.post(f"{fake.url}{BASE}/productOrder", json=body, headers=headers)


def known(body: Json) -> Json:
    """Return the part of a sample that the contract has."""
    found = copy.deepcopy(body)
    found.pop("requestedCompletionDate", None)
    for item in found["productOrderItem"]:
        item.get("billingAccount", {}).pop("billingContact", None)
    return found


def person(contact: Json) -> Json:
    names = {"emailAddress": "email", "number": "phone", "numberExtension": "phoneExtension"}
    return {names.get(name, name): value for name, value in contact.items()}


def place(sample: Json) -> Json:
    return {"type": PLACE_TYPES[sample["@type"]], **{name: value for name, value in sample.items() if name != "@type"}}


def term(sample: Json) -> Json:
    assert (sample["duration"]["units"], sample["endOfTermAction"]) == ("calendarMonths", "autoRenew")
    return {**sample, "duration": {"amount": 12, "units": "CALENDAR_MONTHS"}, "endOfTermAction": "AUTO_RENEW"}


def related(samples: list[Json], name: str) -> list[Json]:
    return [{name: one["id"], "relationshipType": one["relationshipType"]} for one in samples]


def line(item: Json) -> Json:
    """Return the line of `placeOrder` for an item of a sample. A deletion does not send the offering."""
    product = item["product"]
    details: Json = {
        "itemId": item["id"],
        "action": item["action"].upper(),
        "productId": product.get("id"),
        "configuration": product.get("productConfiguration"),
        "productRelationships": related(product.get("productRelationship", []), "productId"),
        "places": [place(one) for one in product.get("place", ())],
        "contacts": [person(one) for one in item.get("relatedContactInformation", ())],
        "relationships": related(item.get("productOrderItemRelationship", []), "itemId"),
        "requestedAt": item.get("requestedCompletionDate"),
        "requestedTerm": term(item["requestedItemTerm"]) if "requestedItemTerm" in item else None,
        "billingAccountId": item.get("billingAccount", {}).get("id"),
        "agreementName": item.get("agreementName"),
        "isExpedited": item.get("expediteIndicator"),
    }
    given = {name: value for name, value in details.items() if value not in (None, [])}
    return {
        "product": {"sku": product.get("productOffering", product)["id"]},
        "details": {"sonata": given},
    }


def sent(raw: Json, sample: Json) -> Json:
    """Return the part of the Seller's order that the sample has, with times in milliseconds."""
    found = {name: raw[name] for name in sample}
    found["relatedContactInformation"] = raw["relatedContactInformation"][:-1]  # the Seller adds the last one
    found["productOrderItem"] = [
        {name: one[name] for name in model}
        for one, model in zip(raw["productOrderItem"], sample["productOrderItem"], strict=True)
    ]
    for item, model in zip(found["productOrderItem"], sample["productOrderItem"], strict=True):
        if "requestedCompletionDate" in item:
            at = datetime.fromisoformat(item["requestedCompletionDate"])
            assert at == datetime.fromisoformat(model["requestedCompletionDate"])
            item["requestedCompletionDate"] = model["requestedCompletionDate"]
    return found


def test_ten_are_known() -> None:
    actions = [item["action"] for order in ORDERS.values() for item in order["productOrderItem"]]
    assert (len(ORDERS), set(actions)) == (10, {"add", "modify", "delete"})
    assert {one["@type"] for order in ORDERS.values() for item in order["productOrderItem"]
            for one in item["product"].get("place", ())} == set(PLACE_TYPES)  # fmt: skip


@pytest.mark.parametrize("name", ORDERS)
def test_the_sandbox_takes_it_as_it_is_published(fake: FakeVendor, name: str) -> None:
    reply = posted(fake, OPENAPI_CLIENT_ID, ORDERS[name])
    assert reply.status_code == 201, reply.text
    assert sent(reply.json(), known(ORDERS[name])) == known(ORDERS[name])
    assert "requestedCompletionDate" not in reply.json()


@pytest.mark.parametrize("name", ORDERS)
def test_a_seller_by_the_document_refuses_it(fake: FakeVendor, name: str) -> None:
    reply = posted(fake, CLIENT_ID, ORDERS[name])
    assert reply.status_code == 422
    assert {one["code"] for one in reply.json()} <= {"missingProperty", "unexpectedProperty", "invalidValue"}


@pytest.mark.parametrize("name", ORDERS)
def test_it_can_be_placed(fake: FakeVendor, seller: Gateway, name: str) -> None:
    sample = known(ORDERS[name])
    answer = seller.do(
        "placeOrder",
        accountId="Account:internet" if name.startswith("ip/") else "Account:ethernet",
        idempotencyKey=name,
        clientReference=sample["externalId"],
        lineItems=[line(item) for item in sample["productOrderItem"]],
        details={
            "sonata": {
                "projectId": sample["projectId"],
                "contacts": [person(one) for one in sample["relatedContactInformation"]],
            }
        },
    )
    assert answer["userErrors"] == []
    raw = seller.get(RAW, id=answer["order"]["id"])["order"]["details"]["raw"]
    assert sent(raw, sample) == sample
    for item, model in zip(raw["productOrderItem"], sample["productOrderItem"], strict=True):
        assert item["product"].keys() == model["product"].keys()
        assert ("relatedContactInformation" in item) is ("relatedContactInformation" in model)
    fake.advance({"order": raw["id"], "to": "completed"})
    shown = seller.get("query($id: ID!) { order(id: $id) { status } }", id=answer["order"]["id"])
    assert shown["order"]["status"] == "COMPLETED"
