"""The steps and data of Nuvias' sample programs, at the Nuvias sandbox and through the graph.

Sources: github.com/nuvias-uc/hub-api-sample-python (0a1ba4d5) and hub-api-sample-nodejs (08cbf6fb).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ordergraph.vendors.nuvias.sandbox import CLIENT_ID, CLIENT_SECRET
from ordergraph.vendors.nuvias.vendor import vendor
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[2] / "samples" / "nuvias"
Json = dict[str, Any]

PHONE, PROVISIONING = "2200-48820-025", "UD-SIP-SER-PRV-PH"
DELIVERY = "UK Standard Next Day Delivery"
LINE: Json = {"product_code": PHONE, "quantity": 3, "prov_product_code": PROVISIONING}


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeVendor]:
    with serving(vendor, orders=30) as made:
        yield made


@pytest.fixture(scope="module")
def asked(fake: FakeVendor) -> Iterator[Gateway]:
    with gateway({"hub": fake.table()}) as made:
        yield made


@pytest.fixture(scope="module")
def hub(fake: FakeVendor) -> Iterator[httpx.Client]:
    """A client of the Hub, authenticated as both programs do it: with the client's credentials in the form."""
    with httpx.Client(base_url=fake.url, verify=False) as client:
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        token = client.post("/oauth/create_token", data=form).raise_for_status().json()
        client.headers["authorization"] = f"{token['token_type']} {token['access_token']}"
        yield client


def get(hub: httpx.Client, path: str) -> Any:
    return hub.get(path).raise_for_status().json()


def post(hub: httpx.Client, path: str, content: Json | None = None) -> Json:
    return hub.post(path, json=content).raise_for_status().json()


def country(hub: httpx.Client) -> int:
    return next(one["id"] for one in get(hub, "/country_codes") if one["iso_code"] == "GB")


def basket_of(country_code: int, shipping_type: int) -> Json:
    """Return the basket that both programs send."""
    return {
        "purchase_order_number": "TESTORDER0001",
        "shipping_address": {
            "company_name": "Joe Bloggs Car Parts",
            "recipient_name": "Joe Bloggs",
            "addr_line_1": "2 Somewhere Street",
            "city": "Somewheretown",
            "postal_code": "SW1A 1AA",
            "country_code": country_code,
        },
        "shipping_type": shipping_type,
        "provisioning_instructions": "Use ResellerCom profile",
        "line_items": [LINE],
        "name": "API Sample Order",
    }


def goes_to(kind: Json, country_code: int) -> bool:
    """Whether a shipping type serves a country, as in the Python program. A type without countries serves all."""
    return not kind["countries"] or (country_code in kind["countries"]) != kind["exclude_countries"]


def test_the_programs_log_in(hub: httpx.Client) -> None:
    assert get(hub, "/whoami")["name"] == "Tom Jones"


def test_a_wrong_secret_is_the_error_that_the_programs_look_for(fake: FakeVendor) -> None:
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": "wrong"}
    reply = httpx.post(f"{fake.url}/oauth/create_token", data=form, trust_env=False)
    assert reply.json()["error"] == "invalid_client"


def test_both_programs_find_their_shipping_type(hub: httpx.Client) -> None:
    kinds, gb = get(hub, "/shipping_types"), country(hub)
    by_country = [one["name"] for one in kinds if goes_to(one, gb) and "UK Standard" in one["name"]]  # Python
    by_name = [one["name"] for one in kinds if one["name"] == DELIVERY]  # Node
    assert by_country == by_name == [DELIVERY]


def test_the_programs_make_their_basket_which_can_be_ordered(hub: httpx.Client) -> None:
    gb = country(hub)
    kind = next(one["id"] for one in get(hub, "/shipping_types") if one["name"] == DELIVERY)
    content = basket_of(gb, kind)
    basket = post(hub, "/baskets", content)
    assert {name: basket[name] for name in content if name not in ("line_items", "shipping_address")} == {
        name: value for name, value in content.items() if name not in ("line_items", "shipping_address")
    }
    assert content["shipping_address"].items() <= basket["shipping_address"].items()
    (line,) = basket["line_items"]
    products = {one["product_code"]: one for one in get(hub, "/products")}
    assert (line["product"], line["quantity"]) == (products[PHONE]["id"], 3)
    assert line["prov_product"] == products[PROVISIONING]["id"]
    second = post(hub, f"/baskets/{basket['id']}/line_items", LINE)
    assert second["product"] == line["product"]
    order = post(hub, f"/baskets/{basket['id']}/submit")
    assert (order["id"], order["status"], len(order["line_items"])) == (basket["id"], "CREATED", 2)
    direct = post(hub, "/orders", {**content, "order_type": "SALES_ORDER"})
    assert get(hub, f"/orders/{direct['id']}")["purchase_order_number"] == "TESTORDER0001"


def ordering(asked: Gateway, key: str) -> Json:
    """Return the programs' basket as an input of the graph."""
    query = '{ account(id: "Account:hub") { ... on NuviasAccount { shippingTypes { id name } } } }'
    kinds = asked.get(query)["account"]["shippingTypes"]
    return {
        "idempotencyKey": key,
        "accountId": "Account:hub",
        "purchaseOrderNumber": "TESTORDER0001",
        "shippingAddress": {
            "companyName": "Joe Bloggs Car Parts",
            "recipientName": "Joe Bloggs",
            "lines": ["2 Somewhere Street"],
            "city": "Somewheretown",
            "postalCode": "SW1A 1AA",
            "countryCode": "GB",
        },
        "lineItems": [
            {
                "product": {"sku": PHONE},
                "quantity": 3,
                "details": {"nuvias": {"provisioningProduct": {"sku": PROVISIONING}}},
            }
        ],
        "details": {
            "nuvias": {
                "name": "API Sample Order",
                "provisioningInstructions": "Use ResellerCom profile",
                "shippingTypeId": next(one["id"] for one in kinds if one["name"] == DELIVERY),
            }
        },
    }


SHOWN = "order { id status purchaseOrderNumber lineItems { quantity product { sku } children { product { sku } } } }"


@pytest.mark.parametrize(("mutation", "status"), [("createDraftOrder", "DRAFT"), ("placeOrder", "SUBMITTED")])
def test_the_graph_orders_what_the_programs_order(asked: Gateway, mutation: str, status: str) -> None:
    answer = asked.do(mutation, SHOWN, **ordering(asked, f"sample-{mutation}"))
    assert answer["userErrors"] == []
    order = answer["order"]
    assert (order["status"], order["purchaseOrderNumber"]) == (status, "TESTORDER0001")
    (line,) = order["lineItems"]
    assert (line["product"], line["quantity"]) == ({"sku": PHONE}, "3")
    assert line["children"] == [{"product": {"sku": PROVISIONING}}]


CODES = [PHONE, "2200-46162-025", "NEW-PH0N3", "N3W-PH0N3", "123-4567-9101"]


@pytest.mark.parametrize("code", CODES)
def test_the_products_of_nuvias_samples_are_in_the_catalogue(asked: Gateway, code: str) -> None:
    field = f'products(filter: {{search: "{code}"}}) {{ nodes {{ sku }} }}'
    answer = asked.get(f'{{ account(id: "Account:hub") {{ ... on NuviasAccount {{ {field} }} }} }}')
    assert answer["account"]["products"]["nodes"] == [{"sku": code}]


def test_the_line_of_the_document_goes_into_a_basket_by_its_codes(hub: httpx.Client) -> None:
    sample = json.loads((SAMPLES / "line_item_write_request.json").read_text())
    line = {
        name: sample[name] for name in ("product_code", "prov_product_code", "maintenance_product_code", "quantity")
    }
    basket = post(hub, "/baskets", {"name": "Order for Bob's new customer", "line_items": [line]})
    (made,) = basket["line_items"]
    assert (made["name"], made["quantity"], made["price"]) == ("A New Toaster", 10, 123.99)
    assert (made["prov_product_name"], made["maintenance_product_name"]) == ("Advanced Provisioning", "24x7 Cover")
