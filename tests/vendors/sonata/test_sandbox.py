"""The Sonata sandbox: authentication, rules and pointers, state machines, optional operations, notifications."""

from __future__ import annotations

import copy
import itertools
import json
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest

from ordergraph.sandbox import create_app, running
from ordergraph.sandbox.lifecycle import way
from ordergraph.vendors.sonata import wire
from ordergraph.vendors.sonata.sandbox import CLIENT_ID, CLIENT_SECRET, SonataSandbox
from ordergraph.vendors.sonata.sandbox.data import BILLING_ACCOUNTS, BUYER, ELINE, IN_SERVICE, OFFERINGS, SELLER
from ordergraph.vendors.sonata.sandbox.http import MAX_PAGE, PAGE
from ordergraph.vendors.sonata.sandbox.life import BASE, FINAL, FINAL_ITEM, NEXT
from ordergraph.vendors.sonata.sandbox.rules import ENUMS, FIELDS, ITEM_ROLES, form_problems
from ordergraph.vendors.sonata.sandbox.service import (
    EVENTS,
    EXTENSIONS,
    LISTENER,
    OPENAPI_CLIENT_ID,
    OPERATIONS,
    TOKEN_SECONDS,
)
from tests.vendors.sonata.openapi import notifications

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[2] / "samples" / "sonata"
STATES = ENUMS["OrderState"]
MAX_REASON = 255
DATE = "/modifyProductOrderItemRequestedDeliveryDate"
Json = dict[str, Any]


def sample(name: str) -> Json:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def contact(role: str) -> Json:
    return {"name": "Ann Lee", "emailAddress": "ann@acme.example", "number": "+44 1", "role": role}


def add(id_: str = "1", **fields: Any) -> Json:
    item: Json = {
        "id": id_,
        "action": "add",
        "requestedCompletionDate": "2027-01-31T00:00:00Z",
        "billingAccount": {"id": BILLING_ACCOUNTS[0]},
        "relatedContactInformation": [contact(role) for role in ITEM_ROLES],
        "product": {
            "productConfiguration": {"@type": ELINE, "a": {"b": [1, None, "ü"]}, "c": 1.5},
            "productOffering": {"id": next(iter(OFFERINGS))},
        },
        "requestedItemTerm": {
            "name": "Yearly",
            "duration": {"amount": 12, "units": "calendarMonths"},
            "endOfTermAction": "autoRenew",
        },
    }
    return {**item, **fields}


def on_product(action: str, **product: Any) -> Json:
    item = add(action=action, product={"id": next(iter(IN_SERVICE)), **product})
    if action == "delete":
        del item["requestedItemTerm"]
    return item


def order(*items: Json, **fields: Any) -> Json:
    body: Json = {
        "externalId": "A-1",
        "relatedContactInformation": [contact("productOrderContact")],
        "productOrderItem": list(items or [add("1"), add("2"), add("3")]),
    }
    return {**body, **fields}


def changed(body: Json, path: str, value: Any) -> Json:
    """Return a body with another value at a JSON Pointer, or without it if the value is None."""
    body = copy.deepcopy(body)
    *way_there, last = path.strip("/").split("/")
    at: Any = body
    for part in way_there:
        at = at[int(part) if part.isdigit() else part]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return body


class Api:
    """Calls Sonata directly, with authentication."""

    def __init__(self, sandbox: SonataSandbox, http: httpx.Client) -> None:
        self.sandbox = sandbox
        self.http = http
        self.token = self.log_in()["access_token"]

    def log_in(self, status: int = 200, **form: str) -> Json:
        whole = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **form}
        reply = self.http.post("/sonata/oauth/token", data=whole)
        assert reply.status_code == status, reply.text
        return reply.json()

    def send(self, method: str, path: str, body: Any = None, /, **query: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        return self.http.request(method, f"/sonata{BASE}{path}", params=query, json=body, headers=headers)

    def ask(self, method: str, path: str, expected: int = 200, body: Any = None, /, **query: Any) -> Any:
        reply = self.send(method, path, body, **query)
        assert reply.status_code == expected, reply.text
        if reply.status_code == 204:
            return None
        assert reply.headers["content-type"] == "application/json;charset=utf-8"
        return reply.json()

    def refusal(self, method: str, path: str, status: int, body: Any = None, /, **query: Any) -> str:
        error = self.ask(method, path, status, body, **query)
        assert error["reason"]
        assert len(error["reason"]) <= MAX_REASON
        return error["code"]

    def problems(self, path: str, body: Any) -> list[tuple[str, str]]:
        """Return the problems in a 422 response."""
        return [(one["code"], one["propertyPath"]) for one in self.ask("POST", path, 422, body) if one["reason"]]

    def create(self, *items: Json, **fields: Any) -> Json:
        return valid("Order", self.ask("POST", "/productOrder", 201, order(*items, **fields)))

    def get(self, id_: str) -> Json:
        return valid("Order", self.ask("GET", f"/productOrder/{id_}"))

    def advance(self, status: int = 200, **command: Any) -> Json:
        reply = self.http.post("/sonata/_control/advance", json=command)
        assert reply.status_code == status, reply.text
        return reply.json()

    def made(self, state: str) -> Json:
        """Create an order and move it to a state."""
        made = self.create()
        if state != "acknowledged":
            self.advance(order=made["id"], to=state)
        return self.get(made["id"])

    def task(self, kind: str, id_: str) -> Json:
        (row,) = self.ask("GET", kind, productOrderId=id_)
        return self.ask("GET", f"{kind}/{row['id']}")

    def charge(self, id_: str) -> Json:
        return valid("Charge", self.task("/charge", id_))

    def answer(self, charge: Json, word: str, blocking: str | None = None) -> Json:
        words = {True: blocking or word, False: word}
        items = [{"id": one["id"], "acceptanceIndicator": words[one["blocking"]]} for one in charge["chargeItem"]]
        return valid("Charge", self.ask("PATCH", f"/charge/{charge['id']}", 200, {"chargeItem": items}))


def valid(kind: str, body: Any) -> Any:
    """Assert that a body complies with the tables of MEF 123, and return it."""
    assert form_problems(kind, body) == []
    return body


@pytest.fixture(scope="module")
def served() -> Iterator[Api]:
    fake = SonataSandbox(40, 1)
    app = create_app({"sonata": lambda _orders, _seed: fake}, orders=40, seed=1)
    with running(app) as url, httpx.Client(base_url=url, trust_env=False, verify=False) as http:
        yield Api(fake, http)


@pytest.fixture
def api(served: Api) -> Api:
    served.sandbox.reset()
    return Api(served.sandbox, served.http)


# ---- Authentication ---------------------------------------------------------------------------------


def test_client_credentials_give_a_token(api: Api) -> None:
    assert set(api.log_in()) == {"access_token", "token_type", "expires_in"}
    assert api.log_in(401, client_secret="x")["error"] == "invalid_client"
    assert api.log_in(400, grant_type="password")["error"] == "unsupported_grant_type"


def test_tokens_end(api: Api) -> None:
    now = api.sandbox.tokens.monotonic
    api.sandbox.tokens.monotonic = lambda: now() + TOKEN_SECONDS + 60
    assert api.refusal("GET", "/productOrder", 401) == "invalidCredentials"
    api.sandbox.tokens.monotonic = now
    api.ask("GET", "/productOrder")
    api.advance(expire_tokens=True)
    assert api.refusal("GET", "/productOrder", 401) == "invalidCredentials"
    bare = api.http.get(f"/sonata{BASE}/productOrder")
    assert (bare.status_code, bare.json()["code"]) == (401, "missingCredentials")


def test_a_token_is_for_the_operations_of_its_scope(api: Api) -> None:
    api.token = api.log_in(scope="listProductOrder retrieveHub")["access_token"]
    api.ask("GET", "/productOrder")
    assert api.refusal("POST", "/productOrder", 403, order()) == "accessDenied"
    api.token = api.log_in(scope="default")["access_token"]
    api.ask("POST", "/productOrder", 201, order())


def test_only_in_the_name_of_the_own_parties(api: Api) -> None:
    api.ask("GET", "/productOrder", buyerId=BUYER, sellerId=SELLER)
    assert api.refusal("GET", "/productOrder", 403, buyerId="other") == "forbiddenRequester"
    assert api.refusal("POST", "/productOrder", 403, order(), sellerId="other") == "forbiddenRequester"


# ---- Orders -----------------------------------------------------------------------------------------


def test_the_tables_have_the_fields_of_the_samples() -> None:
    def names(kind: str, body: Any) -> None:
        fields = FIELDS[kind]
        assert set(body) == set(fields)
        for name, value in body.items():
            inner = fields[name][1].strip("[]")
            parts = cast("list[Any]", value) if isinstance(value, list) else [value]
            for part in parts:
                if inner in FIELDS and part is not None:
                    names(inner, part)

    made, shown = sample("create_request"), sample("order_response")
    for body in (made, shown):  # the two relationships share a type in the document, but differ here
        for item in body["productOrderItem"]:
            assert set(item["productOrderItemRelationship"][0]) == {"id", "relationshipType"}
            item["billingAccount"]["href"] = "the shape of a reference"
            item["product"]["place"] = []  # not in the document
    names("OrderCreate", made)
    names("Order", shown)
    msgspec.convert(shown, wire.Order)


def test_a_new_order_is_what_was_sent_and_what_the_seller_adds(api: Api) -> None:
    sent = order(note=[{"id": "1", "author": "A", "date": "2026-11-20T10:00:00Z", "source": "buyer", "text": "x"}])
    address = {"@type": "FieldedAddress", "city": "York", "country": "GB", "streetName": "High Street"}
    sent["relatedContactInformation"][0]["postalAddress"] = address | {"associatedGeographicAddress": None}
    made = valid("Order", api.ask("POST", "/productOrder", 201, sent))
    assert made == api.get(made["id"])
    assert made["state"] == "acknowledged"
    assert [one["state"] for one in made["stateChange"]] == ["acknowledged"]
    assert [one["role"] for one in made["relatedContactInformation"]] == ["productOrderContact", "sellerContact"]
    shown = made["relatedContactInformation"][0]["postalAddress"]
    assert {**shown, **address} == shown
    assert set(shown) - set(address) == {"allowsNewSite", "hasPublicSite", "href", "id", "associatedGeographicAddress"}
    for before, after in zip(sent["productOrderItem"], made["productOrderItem"], strict=True):
        assert {**after, **before} == after
        assert (after["state"], after["expediteIndicator"]) == ("acknowledged", False)
    assert {**made, **{name: sent[name] for name in ("externalId", "note")}} == made


LATE = ("invalidFormat", "/note/0/date")


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("/relatedContactInformation", None, {("missingProperty", "/relatedContactInformation")}),
        ("/productOrderItem", [], {("missingProperty", "/productOrderItem")}),
        ("/relatedContactInformation/0/role", "boss", None),
        ("/relatedContactInformation/0/number", None, None),
        ("/note", [{"id": "1", "author": "A", "date": "yesterday", "source": "buyer", "text": "x"}], {LATE}),
        ("/surprise", 1, {("unexpectedProperty", "/surprise")}),
        ("/productOrderItem/1/id", "1", {("invalidValue", f"/productOrderItem/{i}/id") for i in (0, 1)}),
        ("/productOrderItem/0/action", "install", {("invalidValue", "/productOrderItem/0/action")}),
        ("/productOrderItem/2/requestedCompletionDate", None, None),
        ("/productOrderItem/0/requestedCompletionDate", "2027-01-31", None),
        ("/productOrderItem/0/billingAccount", None, None),
        ("/productOrderItem/0/billingAccount/id", "x", None),
        ("/productOrderItem/0/product/productConfiguration", None, None),
        ("/productOrderItem/0/product/productConfiguration/@type", None, None),
        ("/productOrderItem/0/product/productOffering", None, None),
        ("/productOrderItem/0/product/productOffering/id", "x", None),
        ("/productOrderItem/0/product/id", "x", None),
        ("/productOrderItem/0/requestedItemTerm", None, None),
        ("/productOrderItem/0/requestedItemTerm/duration/units", "calendarWeeks", None),
        ("/productOrderItem/0/requestedItemTerm/duration/amount", -1, None),
    ],
)
def test_what_breaks_a_rule_is_told_with_its_place(
    api: Api, path: str, value: Any, expected: set[tuple[str, str]] | None
) -> None:
    found = api.problems("/productOrder", changed(order(), path, value))
    assert path in {where for _, where in found} if expected is None else expected <= set(found)
    assert {code for code, _ in found} <= set(ENUMS["ErrorCode"])
    assert len(api.sandbox.life.orders) == 40


RELATED = {"coordinatedActionDelay": {"amount": 1, "units": "businessDays"}, "coordinationDependency": "startToStart"}
SELLERS_NOTE = {"id": "1", "author": "A", "date": "2026-11-20T10:00:00Z", "source": "seller", "text": "x"}


@pytest.mark.parametrize(
    ("item", "code", "path"),
    [
        (add(requestedItemTerm={**add()["requestedItemTerm"], "endOfTermAction": "roll"}), "missingProperty",
         "/requestedItemTerm/rollInterval"),
        (add(coordinatedAction=[{**RELATED, "itemId": "9"}]), "referenceNotFound", "/coordinatedAction/0/itemId"),
        (add(coordinatedAction=[{**RELATED, "itemId": "1"}]), "invalidValue", "/coordinatedAction/0/itemId"),
        (add(productOrderItemRelationship=[{"id": "9", "relationshipType": "R"}]), "referenceNotFound",
         "/productOrderItemRelationship/0/id"),
        (add(relatedContactInformation=[contact(role) for role in ITEM_ROLES[1:]]), "missingProperty",
         "/relatedContactInformation"),
        (add(note=[SELLERS_NOTE]), "invalidValue", "/note/0/source"),
        (add(relatedContactInformation=[*add()["relatedContactInformation"],
                                        {**contact("buyerFaultContact"), "postalAddress": {
                                            "@type": "GeographicSiteRef", "city": "a", "country": "b",
                                            "streetName": "c"}}]), "invalidValue",
         "/relatedContactInformation/3/postalAddress/@type"),
        (on_product("modify"), "missingProperty", "/product/productConfiguration"),
        (on_product("modify", id="x", productConfiguration={"@type": ELINE}), "referenceNotFound", "/product/id"),
        (on_product("modify", productConfiguration={"@type": ELINE}, productOffering={"id": "x"}), "invalidValue",
         "/product/productOffering/id"),
        (on_product("delete", id=None), "missingProperty", "/product/id"),
        (on_product("delete", productConfiguration={"@type": ELINE}), "unexpectedProperty",
         "/product/productConfiguration"),
        (on_product("delete") | {"requestedItemTerm": add()["requestedItemTerm"]}, "unexpectedProperty",
         "/requestedItemTerm"),
    ],
)  # fmt: skip
def test_the_rules_of_items(api: Api, item: Json, code: str, path: str) -> None:
    assert api.problems("/productOrder", order(item)) == [(code, f"/productOrderItem/0{path}")]


def test_products_in_service_are_changed_and_disconnected(api: Api) -> None:
    change = on_product("modify", productConfiguration={"@type": ELINE}, productOffering={"id": next(iter(OFFERINGS))})
    del change["billingAccount"]
    api.create(change)
    gone = api.create(on_product("delete"))
    api.advance(order=gone["id"], to="completed")
    assert api.problems("/productOrder", order(change)) == [("referenceNotFound", "/productOrderItem/0/product/id")]
    made = api.create(add())
    api.advance(order=made["id"], to="completed")
    product = api.get(made["id"])["productOrderItem"][0]["product"]["id"]
    api.create(on_product("delete", id=product))


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"x"', {"productOrderItem": {}}, {"externalId": 1}, {"productOrderItem": [None]}]
)
def test_what_is_no_order_is_refused_whole(api: Api, body: Any) -> None:
    if isinstance(body, bytes):
        url, headers = f"/sonata{BASE}/productOrder", {"authorization": f"Bearer {api.token}"}
        reply = api.http.post(url, content=body, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (400, "invalidBody")
    else:
        assert api.refusal("POST", "/productOrder", 400, body) == "invalidBody"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/productOrderItem/0/expediteIndicator", "yes"),
        ("/productOrderItem/0/requestedItemTerm/duration/amount", 1.5),
        ("/productOrderItem/0/product/productConfiguration", "x"),
        ("/productOrderItem/0/requestedCompletionDate", 5),
    ],
)
def test_a_value_of_the_wrong_type_is_no_body(api: Api, path: str, value: Any) -> None:
    assert api.refusal("POST", "/productOrder", 400, changed(order(), path, value)) == "invalidBody"


@pytest.mark.parametrize("path", ["/productOrder", "/cancelProductOrder", "/charge", DATE, "/hub"])
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    assert api.refusal("GET", f"{path}/nothing", 404) == "notFound"


# ---- State machine ----------------------------------------------------------------------------------


def test_the_seed_alone_decides() -> None:
    one, same, other = SonataSandbox(60, 1), SonataSandbox(60, 1), SonataSandbox(60, 2)
    assert one.life.orders == same.life.orders != other.life.orders
    one.reset()
    assert one.life.orders == same.life.orders


def test_the_seed_has_everything_and_keeps_the_tables() -> None:
    life = SonataSandbox(200, 1).life
    assert {one["state"] for one in life.orders.values()} == set(STATES)
    items = [item for one in life.orders.values() for item in one["productOrderItem"]]
    assert {item["state"] for item in items} == set(ENUMS["ItemState"])
    assert {item["action"] for item in items} == set(ENUMS["Action"])
    assert {one["state"] for one in life.charges.values()} >= {"awaitingResponse", "completed", "withdrawnBySeller"}
    assert {one["state"] for one in life.cancels.values()} >= {"acknowledged", "done", "rejected"}
    assert {one["state"] for one in life.dates.values()} >= {"acknowledged", "done"}
    for kind, things in (("Order", life.orders), ("Charge", life.charges), ("Cancel", life.cancels)):
        for thing in things.values():
            valid(kind, thing)
    for one in life.orders.values():
        check_presence(one)
    for task in life.dates.values():
        valid("DeliveryDate", task)


def check_presence(one: Json) -> None:
    """Assert tables 10 and 11, and the rules R24 to R29 and R45 to R49."""
    state = one["state"]
    assert one["stateChange"][-1]["state"] == state
    assert one["stateChange"][0]["state"] == "acknowledged"
    for before, after in itertools.pairwise(one["stateChange"]):
        assert after["state"] in NEXT[before["state"]]
    assert ("completionDate" in one) is (state in FINAL)
    assert ("cancellationDate" in one) is ("cancellationReason" in one) is (state == "cancelled")
    assert "cancellationCharge" not in one or state in ("cancelled", "pendingCancellation")
    for item in one["productOrderItem"]:
        check_item_presence(item)
    states = {item["state"] for item in one["productOrderItem"]}
    if state in ("completed", "failed", "acknowledged"):
        assert states == {state}
    if state == "partial":
        assert states == {"completed", "failed"}


def check_item_presence(item: Json) -> None:
    state = item["state"]
    assert item["stateChange"][-1]["state"] == state
    assert ("expectedCompletionDate" in item) is (state in ("inProgress", "held", "pending", "completed"))
    assert ("completionDate" in item) is (state == "completed")
    assert ("terminationError" in item) is (state in ("failed", "rejected"))
    assert "charge" not in item or state not in ("acknowledged", "rejected")
    assert not item["expediteAcceptedIndicator"] or item["expediteIndicator"]
    assert len(item.get("itemTerm", [])) <= 1
    assert (state == "held") <= ("charge" in item)


@pytest.mark.parametrize(("here", "there"), list(itertools.product(STATES, STATES)))
def test_an_order_goes_its_way_only(api: Api, here: str, there: str) -> None:
    made = api.made(here)
    check_presence(made)
    possible = here != there and way(NEXT, here, there) is not None
    api.advance(200 if possible else 409, order=made["id"], to=there)
    after = api.get(made["id"])
    check_presence(after)
    assert after["state"] == (there if possible else here)


def test_without_a_state_an_order_goes_on(api: Api) -> None:
    made = api.create(add())
    states = [api.advance(order=made["id"])["state"] for _ in range(2)]
    assert states == ["inProgress", "completed"]
    api.advance(409, order=made["id"])
    assert [one["name"] for one in api.get(made["id"])["productOrderItem"][0]["milestone"]]


def test_an_order_of_one_item_is_never_partial(api: Api) -> None:
    made = api.create(add())
    api.advance(order=made["id"], to="inProgress")
    api.advance(409, order=made["id"], to="partial")


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ({}, 400),
        ({"order": "nothing"}, 404),
        ({"order": "nothing", "by": 2}, 400),
        ({"charge": "nothing", "to": "timeout"}, 404),
        ({"extensions": ["all"]}, 400),
    ],
)
def test_commands_that_cannot_be_done(api: Api, command: Json, status: int) -> None:
    api.advance(status, **command)


def test_offerings_and_products_are_added(api: Api) -> None:
    new = changed(order(add()), "/productOrderItem/0/product/productOffering/id", "100-G")
    gone = order(on_product("delete", id="Leeds_UNI"))
    at = "/productOrderItem/0/product"
    assert api.problems("/productOrder", new) == [("referenceNotFound", f"{at}/productOffering/id")]
    assert api.problems("/productOrder", gone) == [("referenceNotFound", f"{at}/id")]
    api.advance(404, product="Leeds_UNI", offering="100-G")
    api.advance(offering="100-G")
    api.advance(product="Leeds_UNI", offering="100-G")
    for body in (new, gone):
        api.ask("POST", "/productOrder", 201, body)
    api.sandbox.reset()
    api.token = api.log_in()["access_token"]
    assert api.problems("/productOrder", new) == [("referenceNotFound", f"{at}/productOffering/id")]


@pytest.fixture
def openapi(api: Api) -> Api:
    """The Seller that implements the published OpenAPI."""
    api.token = api.log_in(client_id=OPENAPI_CLIENT_ID)["access_token"]
    return api


ADDRESS = {"@type": "FieldedAddress", "city": "York", "country": "GB", "streetName": "High Street"}


def test_by_the_openapi_an_address_has_a_role(openapi: Api) -> None:
    at = "/relatedContactInformation/0/postalAddress"
    sent = changed(order(), at, ADDRESS)
    assert openapi.problems("/productOrder", sent) == [("missingProperty", f"{at}/role")]
    sent = changed(order(), at, {**ADDRESS, "role": "office"})
    made = openapi.ask("POST", "/productOrder", 201, sent)
    assert made["relatedContactInformation"][0]["postalAddress"] == {**ADDRESS, "role": "office"}
    bare = {"relatedContactInformation": [sent["relatedContactInformation"][0] | {"postalAddress": ADDRESS}]}
    assert openapi.refusal("PATCH", f"/productOrder/{made['id']}", 400, bare) == "invalidBody"
    openapi.token = openapi.log_in()["access_token"]
    shown = openapi.get(made["id"])["relatedContactInformation"][0]["postalAddress"]
    assert "role" not in shown
    assert shown["hasPublicSite"] is True
    assert ("unexpectedProperty", f"{at}/role") in openapi.problems("/productOrder", sent)


def test_by_the_openapi_what_is_not_known_is_ignored(openapi: Api) -> None:
    sent = order(add(surprise=1), surprise={"a": 1})
    made = openapi.ask("POST", "/productOrder", 201, sent)
    assert "surprise" not in made
    assert "surprise" not in made["productOrderItem"][0]
    assert made["productOrderItem"][0]["product"]["productConfiguration"]["a"] == {"b": [1, None, "ü"]}
    path = f"/productOrder/{made['id']}"
    after = openapi.ask("PATCH", path, 200, {"state": "completed", "projectId": "p"})
    assert (after["state"], after["projectId"]) == ("acknowledged", "p")
    assert openapi.refusal("PATCH", path, 400, {"state": "completed"}) == "invalidBody"


def test_by_the_openapi_little_is_needed(openapi: Api) -> None:
    bare = {"id": "1", "action": "add", "product": {"productConfiguration": {"@type": ELINE}}}
    gone = {"id": "2", "action": "delete", "product": {"id": next(iter(IN_SERVICE))}}
    people = [contact("productOrderContact"), contact("billingContact")]
    made = openapi.ask("POST", "/productOrder", 201, order(bare, gone, relatedContactInformation=people))
    openapi.advance(order=made["id"], to="completed")
    shown = openapi.ask("GET", f"/productOrder/{made['id']}")
    assert [item["state"] for item in shown["productOrderItem"]] == ["completed", "completed"]
    assert all(item["expectedCompletionDate"] for item in shown["productOrderItem"])


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("/relatedContactInformation/0/role", "boss", "missingProperty"),
        ("/productOrderItem/0/product/productConfiguration", None, "missingProperty"),
        ("/productOrderItem/0/product/id", "x", "unexpectedProperty"),
        ("/productOrderItem/0/product/productOffering/id", "x", "referenceNotFound"),
        ("/productOrderItem/0/billingAccount/id", "x", "referenceNotFound"),
        ("/productOrderItem/0/product/place", [{"@type": "GeographicSiteRef", "id": "1"}], "missingProperty"),
        ("/productOrderItem/0/product/place", [{"@type": "Place", "role": "r"}], "invalidValue"),
        ("/productOrderItem/0/product/place", [{"role": "r"}], "missingProperty"),
    ],
)
def test_by_the_openapi_what_it_needs_is_needed(openapi: Api, path: str, value: Any, code: str) -> None:
    ((found, where),) = openapi.problems("/productOrder", changed(order(), path, value))
    assert found == code
    assert where.startswith(path.removesuffix("/0/role"))


def test_commands_name_an_item_that_is_there(api: Api) -> None:
    made = api.made("inProgress")["id"]
    api.advance(404, milestone_of=made, item="9")
    api.advance(400, revise=made, expected="soon")
    api.advance(409, charge_item=api.create()["id"])
    api.advance(400, order=made, to="nowhere")


# ---- Optional operations ----------------------------------------------------------------------------


def test_what_a_seller_has_not_answers_501(api: Api) -> None:
    api.advance(extensions=[])
    for name, method, path, group, _, _ in OPERATIONS:
        reply = api.send(method, path.replace("{id}", "1"), {} if method in ("POST", "PATCH") else None)
        assert (reply.status_code == 501) is bool(group), name
        if group:
            assert reply.json()["code"] == "notImplemented"
    assert {group for *_, group, _, _ in OPERATIONS} == {"", *EXTENSIONS}
    api.advance(extensions=["list"])
    api.ask("GET", "/productOrder")


def test_the_list_is_filtered_and_paged(api: Api) -> None:
    reply = api.send("GET", "/productOrder", limit=20)
    assert (reply.headers["x-total-count"], reply.headers["x-result-count"]) == ("40", "20")
    assert "x-pagination-throttled" not in reply.headers
    rows = [row for offset in (0, 20) for row in api.ask("GET", "/productOrder", limit=20, offset=offset)]
    assert rows == api.ask("GET", "/productOrder", limit=1000)
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    for row in rows:
        valid("OrderRow", row)
    for name in ("state", "externalId", "projectId"):
        (wanted,) = {row[name] for row in rows[:1] if name in row} or {"none"}
        assert api.ask("GET", "/productOrder", **{name: wanted}) == [row for row in rows if row.get(name) == wanted]
    at = sorted(row["orderDate"] for row in rows)[10]
    after, before = (api.ask("GET", "/productOrder", **{f"orderDate.{end}": at}) for end in ("gt", "lt"))
    assert (len(before), len(after)) == (10, 29)
    assert api.ask("GET", "/productOrder", **{"cancellationDate.gt": "2020-01-01T00:00:00Z"}) == [
        row for row in rows if "cancellationDate" in row
    ]
    assert api.ask("GET", "/productOrder", **{"itemRequestedCompletionDate.lt": "2020-01-01T00:00:00Z"}) == []
    assert api.ask("GET", "/productOrder", **{"itemExpectedCompletionDate.gt": "2020-01-01T00:00:00Z"})
    for query in ({"state": "x"}, {"limit": "many"}, {"orderDate.gt": "soon"}):
        assert api.refusal("GET", "/productOrder", 400, **query) == "invalidQuery"
    assert api.refusal("GET", "/productOrder", 400, state="") == "missingQueryValue"


def test_a_page_that_is_too_large_is_cut_and_says_so(api: Api) -> None:
    for _ in range(MAX_PAGE):
        api.sandbox.life.acknowledge(order(add()), api.sandbox.now())
    reply = api.send("GET", "/productOrder", limit=1000)
    assert reply.headers["x-pagination-throttled"] == "true"
    assert len(reply.json()) == MAX_PAGE
    assert len(api.ask("GET", "/productOrder")) == PAGE


def test_a_patch_changes_what_it_names(api: Api) -> None:
    made = api.made("inProgress")
    mine = {"id": "1", "author": "A", "date": "2026-11-20T10:00:00Z", "source": "buyer", "text": "x"}
    people = [{**made["relatedContactInformation"][0], "name": "Zoë"}, made["relatedContactInformation"][1]]
    body = {
        "externalId": None,
        "projectId": "p",
        "note": [mine],
        "relatedContactInformation": people,
        "productOrderItem": [{"id": "2", "endCustomerName": "E", "relatedBuyerPON": "P"}],
    }
    after = valid("Order", api.ask("PATCH", f"/productOrder/{made['id']}", 200, body))
    assert after == api.get(made["id"])
    assert "externalId" not in after
    assert (after["projectId"], after["note"], after["relatedContactInformation"]) == ("p", [mine], people)
    assert [item.get("endCustomerName") for item in after["productOrderItem"]] == [None, "E", None]
    assert after["productOrderItem"][1]["relatedBuyerPON"] == "P"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"productOrderItem": [{"id": "1"}]}, 400),
        ({"state": "completed"}, 400),
        ({"projectId": 1}, 400),
        ({"productOrderItem": [{"id": "9", "endCustomerName": "E"}]}, 409),
        ({"note": [SELLERS_NOTE]}, 409),
        ({"relatedContactInformation": [{"role": "productOrderContact"}]}, 400),
        ({"relatedContactInformation": [contact("productOrderContact")]}, 409),
        ({"productOrderItem": [{"id": "1", "relatedContactInformation": [contact("buyerFaultContact")]}]}, 409),
    ],
)
def test_a_patch_that_is_none(api: Api, body: Json, status: int) -> None:
    made = api.create()
    assert (
        api.refusal("PATCH", f"/productOrder/{made['id']}", status, body)
        == {400: "invalidBody", 409: "conflict"}[status]
    )
    assert api.get(made["id"]) == made


def test_notes_are_only_added(api: Api) -> None:
    mine = {"id": "1", "author": "A", "date": "2026-11-20T10:00:00Z", "source": "buyer", "text": "x"}
    made = api.create(note=[mine])
    path = f"/productOrder/{made['id']}"
    assert api.refusal("PATCH", path, 409, {"note": [{**mine, "text": "y"}]}) == "conflict"
    assert api.refusal("PATCH", path, 409, {"note": None}) == "conflict"
    api.ask("PATCH", path, 200, {"note": [mine, {**mine, "id": "2"}]})


@pytest.mark.parametrize("state", STATES)
def test_what_is_over_is_not_patched(api: Api, state: str) -> None:
    path = f"/productOrder/{api.made(state)['id']}"
    api.ask("PATCH", path, 409 if state in FINAL else 200, {"projectId": "p"})


# ---- Cancellation requests --------------------------------------------------------------------------


def cancel_body(id_: str, **fields: Any) -> Json:
    body: Json = {
        "productOrder": {"productOrderId": id_},
        "cancellationReason": "Moved.",
        "cancellationReasonType": "commercial",
        "relatedContactInformation": [contact("cancelProductOrderContact")],
    }
    return {**body, **fields}


def cancelled(api: Api) -> tuple[str, Json]:
    made = api.made("inProgress")["id"]
    return made, valid("Cancel", api.ask("POST", "/cancelProductOrder", 201, cancel_body(made)))


def test_a_cancellation_is_granted(api: Api) -> None:
    made, task = cancelled(api)
    assert task["state"] == "acknowledged"
    assert {**task, "cancellationReason": "Moved."} == task
    assert task["relatedContactInformation"][-1]["role"] == "cancelProductOrderSellerContact"
    assert api.get(made)["state"] == "assessingCancellation"
    assert {item["state"] for item in api.get(made)["productOrderItem"]} == {"pending"}
    api.advance(cancel=task["id"], to="done")
    assert api.get(made)["state"] == "pendingCancellation"
    assert api.task("/cancelProductOrder", made)["state"] == "done"
    after = api.advance(order=made)
    check_presence(after)
    assert (after["state"], after["cancellationReason"]) == ("cancelled", "Moved.")
    assert {item["state"] for item in after["productOrderItem"]} == {"cancelled"}


def test_a_cancellation_is_not_granted(api: Api) -> None:
    made, task = cancelled(api)
    after = api.advance(cancel=task["id"], to="rejected")
    assert after["cancellationDeniedReason"]
    assert api.get(made)["state"] == "inProgress"
    assert {item["state"] for item in api.get(made)["productOrderItem"]} == {"inProgress"}
    api.advance(409, cancel=task["id"], to="done")


@pytest.mark.parametrize(("word", "state"), [("accepted", "done"), ("rejected", "done.declined")])
def test_a_cancellation_may_cost(api: Api, word: str, state: str) -> None:
    made, task = cancelled(api)
    api.advance(cancel=task["id"], to="inProgress.assessingCharge")
    charge = api.charge(made)
    assert charge["cancelProductOrder"]["id"] == task["id"]
    assert charge["productOrder"]["productOrderId"] == made
    assert api.task("/cancelProductOrder", made)["charge"]["id"] == charge["id"]
    api.answer(charge, word)
    assert api.task("/cancelProductOrder", made)["state"] == state
    after = api.get(made)
    assert after["state"] == ("pendingCancellation" if state == "done" else "inProgress")
    assert after.get("cancellationCharge", [{}])[0].get("id") == (charge["id"] if state == "done" else None)


def test_cancelling_keeps_the_rules(api: Api) -> None:
    path, where = "/cancelProductOrder", "/productOrder/productOrderId"
    assert api.problems(path, cancel_body("x")) == [("referenceNotFound", where)]
    made = api.create()["id"]
    assert api.problems(path, cancel_body(made)) == [("otherIssue", where)]
    api.advance(order=made)
    bare = cancel_body(made, relatedContactInformation=[contact("boss")])
    assert ("missingProperty", "/relatedContactInformation") in api.problems(path, bare)
    guide = cancel_body(made, productOrder={"id": made}, note=[])  # follows the guide's example, not the schema
    assert set(api.problems(path, guide)) == {
        ("unexpectedProperty", "/note"),
        ("unexpectedProperty", "/productOrder/id"),
        ("missingProperty", where),
    }
    api.ask("POST", path, 201, cancel_body(made))
    for query in ({"state": "acknowledged"}, {"cancellationReasonType": "commercial"}, {"productOrderId": made}):
        rows = api.ask("GET", path, **query)
        assert made in [valid("CancelRow", row)["productOrder"]["productOrderId"] for row in rows]
    assert api.ask("GET", path, productOrderId="x") == []


# ---- Charges ----------------------------------------------------------------------------------------


def test_an_item_is_held_until_its_charge_is_answered(api: Api) -> None:
    made = api.made("held.assessingCharge")
    charge = api.charge(made["id"])
    assert charge["productOrderItem"]["productOrderItemId"] == "1"
    assert made["productOrderItem"][0]["charge"][0]["id"] == charge["id"]
    assert {one["priceType"] for one in charge["chargeItem"]} == set(ENUMS["PriceType"])
    after = api.answer(charge, "rejected", blocking="accepted")
    assert after["state"] == "completed"
    assert [one["state"] for one in after["chargeItem"]] == ["acceptedByBuyer", "declinedByBuyer", "declinedByBuyer"]
    assert api.get(made["id"])["state"] == "inProgress"
    assert api.get(made["id"])["productOrderItem"][0]["charge"]


@pytest.mark.parametrize("related", [True, False])
def test_what_blocks_and_is_declined_fails(api: Api, related: bool) -> None:
    relation = {"productOrderItemRelationship": [{"id": "1", "relationshipType": "R"}]} if related else {}
    made = api.create(add("1"), add("2", **relation))["id"]
    api.advance(order=made, to="held.assessingCharge")
    api.answer(api.charge(made), "rejected")
    after = api.get(made)
    check_presence(after)
    assert [item["state"] for item in after["productOrderItem"]] == ["failed", "failed" if related else "inProgress"]
    assert after["state"] == ("failed" if related else "inProgress")
    if not related:
        api.advance(409, order=made, to="completed")
        assert api.advance(order=made, to="partial")["state"] == "partial"


@pytest.mark.parametrize(("to", "state"), [("withdrawnBySeller", "inProgress"), ("timeout", "failed")])
def test_a_charge_is_withdrawn_or_late(api: Api, to: str, state: str) -> None:
    made = api.made("inProgress")["id"]
    charge = valid("Charge", api.advance(charge_item=made, item="2"))
    assert api.advance(charge=charge["id"], to=to)["state"] == to
    item = api.get(made)["productOrderItem"][1]
    assert item["state"] == state
    assert "charge" not in item
    api.advance(409, charge=charge["id"], to=to)


def test_a_charge_is_answered_once_and_whole(api: Api) -> None:
    made = api.made("held.assessingCharge")["id"]
    charge = api.charge(made)
    path = f"/charge/{charge['id']}"
    one = {"id": charge["chargeItem"][0]["id"], "acceptanceIndicator": "accepted"}
    assert api.refusal("PATCH", path, 409, {"chargeItem": [one]}) == "conflict"
    wrong: list[Json] = [
        {},
        {"chargeItem": []},
        {"chargeItem": [{**one, "acceptanceIndicator": "maybe"}]},
        {"state": "x"},
    ]
    for body in wrong:
        assert api.refusal("PATCH", path, 400, body) == "invalidBody"
    api.answer(charge, "accepted")
    assert api.refusal("PATCH", path, 409, {"chargeItem": [one]}) == "conflict"
    rows = api.ask("GET", "/charge", productOrderId=made, productOrderItemId="1")
    assert [valid("ChargeRow", row)["id"] for row in rows] == [charge["id"]]
    assert api.ask("GET", "/charge", productOrderId=made, productOrderItemId="2") == []
    assert api.ask("GET", "/charge", productOrderId=made, **{"creationDate.lt": "2020-01-01T00:00:00Z"}) == []


# ---- Delivery dates ---------------------------------------------------------------------------------


def date_body(id_: str, **fields: Any) -> Json:
    return {"productOrderItem": {"productOrderId": id_, "productOrderItemId": "2"}, **fields}


@pytest.mark.parametrize("state", ["done", "rejected"])
def test_another_date(api: Api, state: str) -> None:
    made = api.made("inProgress")["id"]
    wanted = "2027-03-01T00:00:00Z"
    body = date_body(made, requestedCompletionDate=wanted, expediteIndicator=True)
    task = valid("DeliveryDate", api.ask("POST", DATE, 201, body))
    assert {**task, **body} == task
    before = api.get(made)
    assert before["state"] == "pending.assessingModification"
    assert [item["state"] for item in before["productOrderItem"]] == ["inProgress", "pending", "inProgress"]
    api.advance(delivery_date=task["id"], to=state)
    after = api.get(made)
    item = after["productOrderItem"][1]
    assert after["state"] == item["state"] == "inProgress"
    assert (item["requestedCompletionDate"] == wanted) is (state == "done")
    assert item["expediteAcceptedIndicator"] is (state == "done")
    assert [one["source"] for one in item.get("note", [])] == (["seller"] if state == "done" else [])


@pytest.mark.parametrize(("word", "state"), [("accepted", "done"), ("rejected", "done.declined")])
def test_another_date_may_cost(api: Api, word: str, state: str) -> None:
    made = api.made("inProgress")["id"]
    task = api.ask("POST", DATE, 201, date_body(made, expediteIndicator=True))
    api.advance(delivery_date=task["id"], to="inProgress.assessingCharge")
    charge = api.charge(made)
    assert charge["modifyProductOrderItemRequestedDeliveryDate"]["id"] == task["id"]
    assert api.get(made)["productOrderItem"][1]["charge"]
    api.answer(charge, word)
    assert api.task(DATE, made)["state"] == state
    after = api.get(made)["productOrderItem"][1]
    assert (after["state"], after["expediteIndicator"]) == ("inProgress", state == "done")
    assert ("charge" in after) is (state == "done")


def test_a_request_for_another_date_keeps_the_rules(api: Api) -> None:
    made = api.create()["id"]
    item = "/productOrderItem/productOrderItemId"
    soon = {"requestedCompletionDate": "2027-03-01T00:00:00Z"}
    assert api.problems(DATE, date_body(made)) == [("missingProperty", "/requestedCompletionDate")]
    assert api.problems(DATE, date_body("x", **soon)) == [("referenceNotFound", "/productOrderItem/productOrderId")]
    assert api.problems(DATE, date_body(made, **soon)) == [("otherIssue", item)]
    unknown: Sequence[Json] = [{"productOrderId": made, "productOrderItemId": "9"}]
    assert api.problems(DATE, {"productOrderItem": unknown[0], **soon}) == [("referenceNotFound", item)]
    api.advance(order=made)
    api.ask("POST", DATE, 201, date_body(made, **soon))
    for query in ({"state": "acknowledged"}, {"expediteIndicator": "false"}, {"productOrderId": made}):
        assert made in [one["productOrderItem"]["productOrderId"] for one in api.ask("GET", DATE, **query)]
    assert api.ask("GET", DATE, productOrderId=made, **{"requestedCompletionDate.gt": "2028-01-01T00:00:00Z"}) == []


# ---- Notifications ----------------------------------------------------------------------------------


class Listener:
    """A Buyer's endpoint for notifications."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Json]] = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                heard.append((self.path, json.loads(body)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def valid_event(path: str, body: Json) -> None:
    """Assert that a notification complies with the tables and with the published OpenAPI of the Buyer's endpoint."""
    valid("Event", body)
    operation = path[path.index("/listener/") :]
    assert list(notifications().request("POST", operation, [], msgspec.json.encode(body))) == []


def test_listeners_are_told_what_they_asked_for(api: Api, listener: Listener) -> None:
    hub = api.ask("POST", "/hub", 201, {"callback": f"{listener.url}/x"}, buyerId=BUYER)
    few = {"callback": listener.url, "query": "eventType=chargeCreateEvent,productOrderStateChangeEvent"}
    other = api.ask("POST", "/hub", 201, few)
    assert api.ask("GET", f"/hub/{hub['id']}") == valid("Hub", hub)
    made = api.create()["id"]  # no notification is sent for an acknowledged order
    api.advance(order=made, to="held.assessingCharge")
    log = api.advance(notifications=True)["notifications"]
    assert {one["status"] for one in log} == {204}
    events = [body["eventType"] for path, body in listener.heard if path.startswith("/x")]
    item, whole = "productOrderItemStateChangeEvent", "productOrderStateChangeEvent"
    assert events == [item, item, item, whole, item, whole, "chargeCreateEvent"]
    assert [body["eventType"] for path, body in listener.heard if not path.startswith("/x")] == [
        whole,
        whole,
        "chargeCreateEvent",
    ]
    for path, body in listener.heard:
        valid_event(path, body)
        assert path.removeprefix("/x") == f"{LISTENER}/{body['eventType']}"
        assert body["event"].get("buyerId") == (BUYER if path.startswith("/x") else None)
        assert ("orderItemId" in body["event"]) is (body["eventType"] == item)
    api.ask("DELETE", f"/hub/{hub['id']}", 204)
    assert api.refusal("GET", f"/hub/{hub['id']}", 404) == "notFound"
    api.ask("DELETE", f"/hub/{other['id']}", 204)
    api.advance(order=made, to="completed")
    assert len(api.advance(notifications=True)["notifications"]) == len(log)


def test_every_event_happens(api: Api, listener: Listener) -> None:
    api.ask("POST", "/hub", 201, {"callback": listener.url, "query": ""})
    made, task = cancelled(api)
    api.advance(cancel=task["id"], to="inProgress.assessingCharge")
    api.advance(charge=api.charge(made)["id"], to="timeout")
    api.answer(api.advance(charge_item=made), "accepted")
    api.ask("POST", DATE, 201, date_body(made, expediteIndicator=True))
    api.advance(order=made, to="inProgress")
    api.advance(milestone_of=made, name="CABLE_LAID")
    api.advance(revise=made, expected="2027-05-01T00:00:00Z")
    api.advance(order=made, to="completed")
    api.advance(notifications=True)
    assert {body["eventType"] for _, body in listener.heard} == set(EVENTS)
    for path, body in listener.heard:
        valid_event(path, body)
    milestones = [body["event"].get("milestoneName") for _, body in listener.heard]
    assert "CABLE_LAID" in milestones


def test_a_listener_is_of_known_events_and_may_be_deaf(api: Api) -> None:
    assert api.refusal("POST", "/hub", 400, {"query": "x"}) == "invalidBody"
    assert api.refusal("POST", "/hub", 400, {"callback": "http://x", "query": "eventType=x"}) == "invalidBody"
    both = "eventType=chargeCreateEvent&eventType=productOrderItemExpectedCompletionDateSetEvent"
    api.ask("POST", "/hub", 201, {"callback": "http://127.0.0.1:1", "query": both})
    api.advance(order=api.create()["id"], to="held.assessingCharge")
    assert [one["status"] for one in api.advance(notifications=True)["notifications"]] == [None]


def test_errors_have_sonatas_form(api: Api) -> None:
    for status, code in {404: "notFound", 409: "conflict", 501: "notImplemented", 503: "internalError"}.items():
        body = json.loads(bytes(api.sandbox.error(status, "x").body))
        assert body == {"code": code, "reason": "x"}
    assert json.loads(bytes(api.sandbox.error(429, "x").body)) == {"reason": "x"}
    assert isinstance(json.loads(bytes(api.sandbox.error(422, "x").body)), list)
    assert set(FINAL_ITEM) < set(ENUMS["ItemState"])
