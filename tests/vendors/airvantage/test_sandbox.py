"""The AirVantage sandbox: authentication, the state machine, errors, and the quirks of the documented samples."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ordergraph.sandbox import create_app, running
from ordergraph.vendors.airvantage.sandbox import CLIENT_ID, CLIENT_SECRET, AirVantageSandbox
from ordergraph.vendors.airvantage.sandbox.service import (
    NEXT,
    ORDERS,
    PASSWORD,
    STATUSES,
    TOKEN_SECONDS,
    UNBILLED,
    USERNAME,
    WITHDRAWN,
)
from tests.vendors.airvantage.laws import CONTACT, PRODUCT

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[2] / "samples" / "airvantage"
CLIENT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
Json = dict[str, Any]


class Api:
    """Calls AirVantage directly, with authentication."""

    def __init__(self, sandbox: AirVantageSandbox, http: httpx.Client) -> None:
        self.sandbox = sandbox
        self.http = http
        self.token = self.log_in(grant_type="client_credentials")["access_token"]

    def log_in(self, status: int = 200, **form: str) -> Json:
        reply = self.http.post("/airvantage/api/oauth/token", data={**CLIENT, **form})
        assert reply.status_code == status, reply.text
        return reply.json()

    def ask(self, method: str, path: str = "", expected: int = 200, body: Any = None, **query: Any) -> Json:
        headers = {"authorization": f"Bearer {self.token}"}
        url = f"/airvantage{ORDERS}{path}"
        reply = self.http.request(method, url, params=query, json=body, headers=headers)
        assert reply.status_code == expected, reply.text
        return reply.json()

    def create(self, **fields: Any) -> Json:
        body = {"deliveryContact": CONTACT, "productReferenceUid": PRODUCT, "quantity": 1, **fields}
        return self.ask("POST", body={name: value for name, value in body.items() if value is not None})

    def refusal(self, method: str, path: str = "", body: Any = None, **query: Any) -> str:
        return self.ask(method, path, 400, body, **query)["error"]


@pytest.fixture
def api() -> Iterator[Api]:
    fake = AirVantageSandbox(40, 1)
    served = running(create_app({"airvantage": lambda _orders, _seed: fake}, orders=40, seed=1))
    with served as url, httpx.Client(base_url=url, trust_env=False, verify=False) as http:
        yield Api(fake, http)


def sample(name: str) -> Json:
    return json.loads((SAMPLES / f"{name}_response.json").read_text())


def test_both_grants_and_renewal_give_a_token(api: Api) -> None:
    answer = api.log_in(grant_type="password", username=USERNAME, password=PASSWORD)
    assert set(answer) == {"access_token", "refresh_token", "expires_in"}
    assert answer["expires_in"] == TOKEN_SECONDS
    renewed = api.log_in(grant_type="refresh_token", refresh_token=answer["refresh_token"])
    assert renewed["access_token"] != answer["access_token"]
    assert (
        api.log_in(400, grant_type="refresh_token", refresh_token=answer["refresh_token"])["error"] == "invalid_grant"
    )
    query = {**CLIENT, "grant_type": "client_credentials"}
    assert api.http.get("/airvantage/api/oauth/token", params=query).json()["access_token"]


def test_the_client_may_log_in_by_basic_as_public_clients_do(api: Api) -> None:
    """AirVantage's own Go client and others send the client's ID and secret in a header, and the user's in the form."""
    url, user = "/airvantage/api/oauth/token", {"grant_type": "password", "username": USERNAME, "password": PASSWORD}
    assert api.http.post(url, data=user, auth=(CLIENT_ID, CLIENT_SECRET)).json()["access_token"]
    refused = api.http.post(url, data=user, auth=(CLIENT_ID, "x"))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_an_order_goes_to_the_contact_of_the_page_on_contacts(api: Api) -> None:
    order = api.create(deliveryContact="2c92c0f8516659d3015167fa9f393639")
    assert order["postalAddress"].startswith("John Doe\n350 5th Avenue\n103rd Floor\n")


def test_wrong_credentials_are_refused(api: Api) -> None:
    assert api.log_in(400, grant_type="password", username=USERNAME, password="x")["error"] == "invalid_grant"
    assert api.log_in(401, grant_type="client_credentials", client_secret="x")["error"] == "invalid_client"
    assert api.log_in(400, grant_type="implicit")["error"] == "unsupported_grant_type"


def test_a_parameter_that_is_sent_twice_counts_as_not_sent(api: Api) -> None:
    """A parameter must not be repeated (RFC 6749, 3.2)."""
    given = {**CLIENT, "grant_type": "client_credentials"}
    url = "/airvantage/api/oauth/token"
    assert api.http.post(url, data=given).status_code == 200
    refused = api.http.post(url, data={**given, "client_id": [CLIENT_ID, CLIENT_ID]})
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_tokens_end(api: Api) -> None:
    now = api.sandbox.tokens.monotonic()
    api.ask("GET")
    api.sandbox.tokens.monotonic = lambda: now + TOKEN_SECONDS + 60
    assert api.ask("GET", expected=401)["error"] == "invalid_token"
    api.token = api.log_in(grant_type="client_credentials")["access_token"]
    api.ask("GET")
    api.http.get("/airvantage/api/oauth/expire", params={"access_token": api.token})
    api.ask("GET", expected=401)


def test_each_answer_has_the_fields_of_its_sample(api: Api) -> None:
    created = api.create()
    uid = created["uid"]
    assert set(created) == set(sample("create"))
    assert set(api.ask("PUT", f"/{uid}", body={"quantity": 2})) == set(sample("edit"))
    assert set(api.ask("GET", f"/{uid}")) == set(sample("get"))
    page = api.ask("GET")
    assert set(page) == set(sample("find"))
    assert set(page["items"][0]) == set(sample("find")["items"][0])
    assert set(api.ask("PUT", f"/{uid}/cancel")) == set(sample("cancel"))
    other = api.create()["uid"]
    api.sandbox.advance({"order": other, "to": "SHIPPED"})
    assert set(api.ask("PUT", f"/{other}/acknowledge")) == set(sample("acknowledge"))


def without_names(order: Json) -> Json:
    """Return an order without the names of its account and product, which the samples spell in several ways."""
    return {**order, "account": order["account"]["uid"], "productReference": order["productReference"]["uid"]}


def test_the_documents_own_requests_have_the_documents_answers(api: Api) -> None:
    uid = "31343d008c4411e5aaf87792bd6f1830"
    assert without_names(api.ask("GET", f"/{uid}")) == without_names(sample("get"))
    rows = api.ask("GET", externalId="ORDER_EXT_ID")["items"]
    assert [without_names(row) for row in reversed(rows)] == [without_names(row) for row in sample("find")["items"]]
    request = json.loads((SAMPLES / "create_request.json").read_text())
    created = api.ask("POST", body=request)
    assert {name: created[name] for name in request} == request
    edited = json.loads((SAMPLES / "edit_request.json").read_text())
    assert api.ask("PUT", f"/{uid}", body=edited)["description"] == edited["description"]
    api.ask("PUT", f"/{uid}", body={"description": "My first SIM Order"})
    assert without_names(api.ask("PUT", f"/{uid}/cancel")) == without_names(sample("cancel"))
    assert api.refusal("PUT", f"/{uid}/acknowledge") == "order.invalid.status"


def test_uids_have_dashes_where_the_document_has_them(api: Api) -> None:
    created = api.create()
    uid = created["uid"]
    assert len(uid) == len(created["productReferenceUid"]) == 32
    assert created["orderId"] == f"SO-{uid[:8].upper()}"
    found = api.ask("GET", f"/{uid}")
    assert len(found["uid"]) == len(found["productReferenceUid"]) == len(found["productReference"]["uid"]) == 36
    assert len(found["accountUid"]) == len(found["createdBy"]) == len(found["deliveryContact"]) == 32
    assert api.ask("GET", f"/{found['uid']}") == found
    (row,) = api.ask("GET", orderId=created["orderId"])["items"]
    assert row["uid"] == found["uid"]
    assert row["account"]["name"] == " My account"


def test_the_list_is_paged_and_filtered(api: Api) -> None:
    whole = api.ask("GET", size=500)
    assert (whole["count"], whole["size"], whole["offset"]) == (40, 40, 0)
    pages = [api.ask("GET", size=15, offset=offset) for offset in (0, 15, 30)]
    assert [page["size"] for page in pages] == [15, 15, 10]
    assert [row for page in pages for row in page["items"]] == whole["items"]
    rows = whole["items"]
    for name in ("quantity", "type", "createdBy", "deliveryContact", "productReferenceUid"):
        wanted = rows[0][name]
        assert api.ask("GET", size=500, **{name: wanted})["items"] == [row for row in rows if row[name] == wanted]
    part = rows[0]["externalId"][-3:].lower()
    assert rows[0] in api.ask("GET", size=500, externalId=part)["items"]
    some = api.ask("GET", size=500, status="PENDING,SHIPPED")["items"]
    assert {row["status"] for row in some} == {"PENDING", "SHIPPED"}
    assert api.ask("GET", trackingNumber="1Z")["count"] > 0
    assert api.refusal("GET", size="many") == "invalid.parameter"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"quantity": None}, "order.missing.quantity"),
        ({"deliveryContact": None}, "order.missing.deliveryContact"),
        ({"productReferenceUid": None}, "order.missing.productReferenceUid"),
        ({"deliveryContact": "0" * 32}, "unknown.contact"),
        ({"productReferenceUid": "0" * 32}, "product.reference.unknown"),
        ({"productReferenceUid": WITHDRAWN}, "product.reference.not.available"),
        ({"quantity": "1"}, "invalid.parameter"),
        ({"description": 1}, "invalid.parameter"),
    ],
)
def test_what_is_wrong_is_told_by_a_code(api: Api, fields: Json, error: str) -> None:
    body = {"deliveryContact": CONTACT, "productReferenceUid": PRODUCT, "quantity": 1, **fields}
    assert api.refusal("POST", body={name: value for name, value in body.items() if value is not None}) == error
    assert api.ask("GET")["count"] == 40


def test_the_company_has_to_be_known_and_billed(api: Api) -> None:
    assert api.refusal("POST", body={}, company="0" * 32) == "order.account.unknown"
    assert api.refusal("POST", body={}, company=UNBILLED) == "order.account.not.billed"
    assert api.refusal("GET", company="0" * 32) == "order.account.unknown"
    assert api.refusal("POST", body=[]) == "invalid.json"
    assert api.refusal("GET", f"/{'0' * 32}") == "unknown.order"


@pytest.mark.parametrize("status", STATUSES)
def test_actions_belong_to_a_status(api: Api, status: str) -> None:
    def order() -> str:
        uid = api.create()["uid"]
        if status != "PENDING":
            api.sandbox.advance({"order": uid, "to": status})
        return uid

    for method, needed in (("", "PENDING"), ("/cancel", "PENDING"), ("/acknowledge", "SHIPPED")):
        path = f"/{order()}{method}"
        if status == needed:
            api.ask("PUT", path, body={})
        else:
            assert api.refusal("PUT", path, body={}) == "order.invalid.status"


@pytest.mark.parametrize(("here", "there"), list(itertools.product(STATUSES, STATUSES)))
def test_an_order_goes_its_way_only(api: Api, here: str, there: str) -> None:
    uid = api.create()["uid"]
    if here != "PENDING":
        api.sandbox.advance({"order": uid, "to": here})
    reachable = {here}
    for _ in STATUSES:
        reachable |= {step for status in reachable for step in NEXT.get(status, ())}
    reply = api.http.post("/airvantage/_control/advance", json={"order": uid, "to": there})
    assert reply.status_code == (200 if there in reachable - {here} else 409)
    found = api.ask("GET", f"/{uid}")
    assert (found["rejectionMessage"] is not None) is (found["status"] == "REJECTED")
    assert (found["shippedTs"] is not None) is (found["status"] in ("SHIPPED", "ACKNOWLEDGED"))


@pytest.mark.parametrize(
    ("command", "status"),
    [({}, 400), ({"order": "0" * 32}, 404), ({"order": 1, "by": 2}, 400), ({"expire_tokens": True}, 200)],
)
def test_commands_that_cannot_be_done(api: Api, command: Json, status: int) -> None:
    assert api.http.post("/airvantage/_control/advance", json=command).status_code == status


def test_the_seed_alone_decides() -> None:
    one, same, other = AirVantageSandbox(50, 1), AirVantageSandbox(50, 1), AirVantageSandbox(50, 2)
    assert one.orders == same.orders != other.orders
    one.reset()
    assert one.orders == same.orders
    assert {order["status"] for order in AirVantageSandbox(200, 1).orders.values()} == set(STATUSES)
