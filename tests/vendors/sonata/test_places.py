"""Places of products: all six kinds are sent and read back, and errors name the caller's field."""

from __future__ import annotations

from typing import Any

import pytest

from ordergraph.vendors.sonata.mapping_places import input_path
from ordergraph.vendors.sonata.request_mapping_places import PLACE_KINDS
from ordergraph.vendors.sonata.sandbox.data import IN_SERVICE
from ordergraph.vendors.sonata.sandbox.rules import PLACES as SCHEMAS
from ordergraph.vendors.sonata.values import SonataPlaceType
from tests.fakes import FakeVendor
from tests.gateway import Gateway, Json
from tests.vendors.sonata.operations import CONTACT, WANTED, line, place

STREET: Json = {
    "streetName": "5th",
    "streetType": "avenue",
    "streetSuffix": "N",
    "streetNr": "350",
    "streetNrSuffix": "A",
    "streetNrLast": "352",
    "streetNrLastSuffix": "B",
}
TOWN: Json = {
    "locality": "Manhattan",
    "city": "New York",
    "postcode": "10118",
    "postcodeExtension": "0110",
    "stateOrProvince": "NY",
    "country": "US",
}
INSIDE: Json = {
    "buildingName": "Empire State",
    "levelType": "floor",
    "levelNumber": "4",
    "privateStreetName": "Service Lane",
    "privateStreetNumber": "2",
}
ROLE: Json = {"role": "INSTALL_LOCATION"}
LABEL: Json = {"externalReferenceId": "NYCMNY54", "externalReferenceType": "CLLI"}
POINT: Json = {"spatialRef": "WGS84", "x": "40.7484", "y": "-73.9857", "z": "443"}
UNIT = {"type": "FLAT", "number": "3"}
SCHEMA = "https://seller.example/place.json"
# The place in the input, and at Sonata.
KINDS: dict[str, tuple[Json, Json]] = {
    "FIELDED_ADDRESS": (
        {**STREET, **TOWN, "subAddress": {**INSIDE, "subUnits": [UNIT]}, "schemaLocation": SCHEMA},
        {
            **STREET,
            **TOWN,
            "@type": "FieldedAddress",
            "@schemaLocation": SCHEMA,
            "geographicSubAddress": {**INSIDE, "subUnit": [{"subUnitType": "FLAT", "subUnitNumber": "3"}]},
        },
    ),
    "FORMATTED_ADDRESS": (
        {"addrLine1": "350 5th Avenue", "addrLine2": "Floor 4", **TOWN},
        {"@type": "FormattedAddress", "addrLine1": "350 5th Avenue", "addrLine2": "Floor 4", **TOWN},
    ),
    "GEOGRAPHIC_ADDRESS_LABEL": (LABEL, {"@type": "GeographicAddressLabel", **LABEL}),
    "GEOGRAPHIC_ADDRESS_REF": ({"id": "address-1"}, {"@type": "GeographicAddressRef", "id": "address-1"}),
    "GEOGRAPHIC_SITE_REF": ({"id": "site-1"}, {"@type": "GeographicSiteRef", "id": "site-1"}),
    "MEF_GEOGRAPHIC_POINT": (POINT, {"@type": "MEFGeographicPoint", **POINT}),
}
PLACES_OF = """query($id: ID!) { order(id: $id) {
    lineItems { details { ... on SonataLineItemDetails { action places } } } } }"""


def given(kind: str, **changes: Any) -> Json:
    """Return a place as an input. None removes a property."""
    values = {"type": kind, **ROLE, **KINDS[kind][0], **changes}
    return {name: value for name, value in values.items() if value is not None}


def shown(asked: Gateway, id_: str) -> list[Any]:
    return [one["details"]["places"] for one in asked.get(PLACES_OF, id=id_)["order"]["lineItems"]]


def refused(asked: Gateway, **details: Any) -> list[tuple[str, str]]:
    payload = asked.do(
        "placeOrder",
        accountId="Account:sonata",
        idempotencyKey=f"places-{details}"[:200],
        lineItems=[line(), line(**details)],
        contact=CONTACT,
        requestedAt=WANTED,
    )
    assert payload["order"] is None
    return [(one["code"], ".".join(one["field"][1:])) for one in payload["userErrors"]]


def test_the_kinds_are_those_of_the_schema() -> None:
    assert KINDS.keys() == PLACE_KINDS.keys() == {one.name for one in SonataPlaceType}
    assert {one.type for one in PLACE_KINDS.values()} == set(SCHEMAS)
    for kind, (written, sent) in KINDS.items():
        every = {*PLACE_KINDS[kind].needed, *PLACE_KINDS[kind].others}
        assert {*written} - {"schemaLocation"} == every
        assert sent["@type"] == PLACE_KINDS[kind].type


@pytest.mark.parametrize("kind", KINDS)
def test_a_place_of_each_kind_goes_out_and_comes_back(asked: Gateway, kind: str) -> None:
    new = line(places=[given(kind), {**given(kind), "role": "OTHER"}])
    product = next(iter(IN_SERVICE))
    changed = line(places=[given(kind)], action="MODIFY", productId=product)
    del changed["product"]["id"]
    changed["product"]["sku"] = IN_SERVICE[product]
    made = place(asked, f"places-{kind}", lineItems=[new, changed, line()])
    sent = {**KINDS[kind][1], **ROLE}
    assert shown(asked, made["id"]) == [[sent, {**sent, "role": "OTHER"}], [sent], None]
    patched = asked.do("updateOrder", orderId=made["id"], notes=["Ring twice."])
    assert patched["userErrors"] == []
    assert shown(asked, made["id"])[0][0] == sent


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, one in PLACE_KINDS.items() for name in one.needed])
def test_what_a_kind_needs_is_asked_for(fake: FakeVendor, asked: Gateway, kind: str, name: str) -> None:
    where = f"lineItems.1.details.sonata.places.1.{name}"
    assert refused(asked, places=[given(kind), given(kind, **{name: None})]) == [("REQUIRED", where)]
    assert fake.writes() == []


def test_what_a_kind_has_not_is_refused(asked: Gateway) -> None:
    where = "lineItems.1.details.sonata.places.0"
    point = given("MEF_GEOGRAPHIC_POINT", city="York")
    assert refused(asked, places=[point]) == [("INVALID", f"{where}.city")]
    site = given("GEOGRAPHIC_SITE_REF", subAddress=INSIDE, x="1")
    assert refused(asked, places=[site]) == [("INVALID", f"{where}.subAddress"), ("INVALID", f"{where}.x")]


def test_a_product_to_be_disconnected_has_no_places(asked: Gateway) -> None:
    gone = {"action": "DELETE", "productId": next(iter(IN_SERVICE)), "configuration": None, "requestedTerm": None}
    places = [given("GEOGRAPHIC_SITE_REF")]
    assert refused(asked, **gone, places=places) == [("INVALID", "lineItems.1.details.sonata.places")]


def test_what_the_seller_says_of_a_place_leads_to_the_field(asked: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ordergraph.vendors.sonata.sandbox.rules.PLACES", ("FormattedAddress",))
    found = refused(asked, places=[given("GEOGRAPHIC_SITE_REF")])
    assert ("REJECTED_BY_VENDOR", "lineItems.1.details.sonata.places.0.type") in found


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("", ""),
        ("/2", ".2"),
        ("/2/@type", ".2.type"),
        ("/2/@schemaLocation", ".2.schemaLocation"),
        ("/2/role", ".2.role"),
        ("/2/addrLine1", ".2.addrLine1"),
        ("/2/geographicSubAddress/levelType", ".2.subAddress.levelType"),
        ("/2/geographicSubAddress/subUnit/1/subUnitNumber", ".2.subAddress.subUnits.1.number"),
        ("/2/geographicSubAddress/subUnit/1/subUnitType", ".2.subAddress.subUnits.1.type"),
    ],
)
def test_a_pointer_into_a_place_is_a_path_of_the_input(pointer: str, path: str) -> None:
    found = input_path("createProductOrder", f"/productOrderItem/0/product/place{pointer}")
    assert ".".join(found or ()) == f"input.lineItems.0.details.sonata.places{path}"
