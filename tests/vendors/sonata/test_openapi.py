"""The checks against the published OpenAPI detect violations and cover every operation."""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import pytest

from tests.fakes import FakeVendor
from tests.gateway import Gateway
from tests.vendors.sonata.conftest import OPENAPI
from tests.vendors.sonata.openapi import MEDIA_TYPE, SAMPLES, Contract, Inspector, of_document, published
from tests.vendors.sonata.operations import CONTACT, WANTED, line, place, walk

Json = dict[str, Any]

ORDER = {"$ref": "#/components/schemas/ProductOrder"}
ADDRESS = {"streetName": "High Street", "city": "York", "country": "GB"}


def body(**product: Any) -> Json:
    contact = {"name": "Ann Lee", "emailAddress": "ann@acme.example", "number": "+44 1", "role": "productOrderContact"}
    item = {"id": "1", "action": "add", "product": {"productConfiguration": {"@type": "x"}, **product}}
    address = {"@type": "FieldedAddress", **ADDRESS, "role": "productOrderContact"}
    return {"relatedContactInformation": [{**contact, "postalAddress": address}], "productOrderItem": [item]}


def without(value: Json, *path: str | int) -> Json:
    found: Any = copy.deepcopy(value)
    at = found
    for part in path[:-1]:
        at = at[part]
    del at[path[-1]]
    return found


def requested(contract: Contract, content: Any, path: str = "/productOrder", method: str = "POST") -> list[str]:
    return list(contract.request(method, path, [], msgspec.json.encode(content)))


SITE = {"@type": "GeographicSiteRef", "role": "INSTALL_LOCATION", "id": "1"}
ROLE = ("relatedContactInformation", 0, "postalAddress", "role")


def test_what_keeps_it_is_good() -> None:
    assert requested(published(), body(place=[SITE])) == []
    assert requested(published(), {"externalId": None}, "/productOrder/{id}", "PATCH") == []
    assert requested(of_document(), without(body(place=[SITE]), *ROLE)) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (without(body(), *ROLE), "$.relatedContactInformation[0].postalAddress: 'role' is a required property"),
        (without(body(), "productOrderItem", 0, "id"), "$.productOrderItem[0]: 'id' is a required property"),
        (body(place=[without(SITE, "id")]), "$.productOrderItem[0].product.place[0]: 'id' is a required property"),
        (body(place=[without(SITE, "role")]), "$.productOrderItem[0].product.place[0]: 'role' is a required property"),
        (body(id=5), "$.productOrderItem[0].product.id: 5 is not of type 'string'"),
        ({**body(), "externalId": None}, "$.externalId: None for not nullable"),
        ({**body(), "productOrderItem": []}, "$.productOrderItem: [] should be non-empty"),
    ],
)
def test_a_request_that_breaks_it_is_found(content: Json, problem: str) -> None:
    assert problem in requested(published(), content)


@pytest.mark.parametrize("kind", ["Place", ""])
def test_a_place_is_of_one_of_the_kinds(kind: str) -> None:
    assert requested(published(), body(place=[{**SITE, "@type": kind}]))


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        (("limit", '"many"'), "$: 'many' is not of type 'integer'"),
        (("state", "lost"), "'lost' is not one of"),
        (("orderDate.gt", "yesterday"), "$: 'yesterday' is not a 'date-time'"),
        (("orderDate", "2027-01-31"), "the parameter orderDate"),
    ],
)
def test_a_parameter_that_breaks_it_is_found(query: tuple[str, str], problem: str) -> None:
    (found,) = published().request("GET", "/productOrder", [query], b"")
    assert problem in found


def test_a_response_that_breaks_it_is_found() -> None:
    shown = json.loads((SAMPLES / "order_response.json").read_text())
    made = msgspec.json.encode({**shown, "state": "lost"})

    def answered(status: int, media_type: str, content: bytes) -> list[str]:
        return list(published().response("POST", "/productOrder", status, media_type, content))

    assert any(one.startswith("$.state: 'lost' is not one of") for one in answered(201, MEDIA_TYPE, made))
    assert answered(200, MEDIA_TYPE, made) == ["the status 200"]
    assert answered(201, "application/json", made) == ["the media type application/json"]
    assert answered(422, MEDIA_TYPE, b'[{"reason": "x"}]') == ["$[0]: 'code' is a required property"]


def test_the_document_differs_from_it_in_two_things() -> None:
    for name, schema in (("order_response", ORDER), ("create_request", {"$ref": f"{ORDER['$ref']}_Create"})):
        sample = json.loads((SAMPLES / f"{name}.json").read_text())
        words = {one.partition(": ")[2] for one in published().problems(schema, sample)}
        null = {"None for not nullable", "None is not of type 'object'"}
        assert words == {"'role' is a required property", *null}
        assert list(of_document().problems(schema, sample)) == []


def test_every_operation_is_read_along(fake: FakeVendor, asked: Gateway, inspector: Inspector, contract: str) -> None:
    before = inspector.requests.copy(), inspector.responses.copy()
    walk(asked, fake, **(OPENAPI if contract == "openapi" else {}))
    every = {f"{method} {path}" for method, path in published().operations}
    for counted, earlier in zip((inspector.requests, inspector.responses), before, strict=True):
        new = counted - earlier
        assert {variant for variant, _ in new} == {contract}
        assert {name for _, name in new} == every


def test_an_address_has_the_role_of_its_contact(asked: Gateway, contract: str) -> None:
    people = [
        {**CONTACT, "role": role, "address": ADDRESS}
        for role in ("buyerTechnicalContact", "orderItemServiceSiteContact")
    ]
    own = people[:1] if contract == "document" else people  # MEF 123 has a closed list of roles
    checked = asked.do(
        "placeOrder",
        "preview { body }",
        accountId="Account:sonata",
        idempotencyKey="roles-1",
        validateOnly=True,
        lineItems=[line(contacts=own)],
        contact=CONTACT,
        requestedAt=WANTED,
        shippingAddress={"lines": ["1 High Street"], "city": "York", "countryCode": "GB"},
    )
    assert checked["userErrors"] == []
    sent = checked["preview"]["body"]
    contacts = [*sent["relatedContactInformation"], *sent["productOrderItem"][0]["relatedContactInformation"]]
    placed = [one for one in contacts if "postalAddress" in one]
    assert len(placed) == len(contacts)
    for one in placed:
        assert one["postalAddress"].get("role") == (one["role"] if contract == "openapi" else None)


def test_a_changed_and_a_cancelling_contact_have_it_too(fake: FakeVendor, asked: Gateway, contract: str) -> None:
    made = place(asked, "roles-2", shippingAddress={"lines": ["1 High Street"], "city": "York", "countryCode": "GB"})
    changed = asked.do("updateOrder", "preview { body }", orderId=made["id"], validateOnly=True, shippingAddress={
        "lines": ["2 High Street"], "city": "York", "countryCode": "GB"})  # fmt: skip
    fake.advance({"order": made["id"].split(":")[-1], "to": "inProgress"})
    cancelled = asked.do("cancelOrder", "preview { body }", orderId=made["id"], validateOnly=True)
    for payload, role in ((changed, "productOrderContact"), (cancelled, "cancelProductOrderContact")):
        assert payload["userErrors"] == []
        (address,) = [
            one["postalAddress"]
            for one in payload["preview"]["body"]["relatedContactInformation"]
            if one["role"] == role
        ]
        assert address.get("role") == (role if contract == "openapi" else None)
