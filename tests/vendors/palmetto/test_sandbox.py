"""The Palmetto sandbox: sessions, the three formats of a body, the formats of a response, errors, and its storage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from ordergraph.sandbox import create_app, running
from ordergraph.vendors.palmetto import jsv, wire
from ordergraph.vendors.palmetto.sandbox import PASSWORD, USERNAME, PalmettoSandbox
from ordergraph.vendors.palmetto.sandbox.data import DATACENTER_CODES
from ordergraph.vendors.palmetto.sandbox.service import FORM, LOGIN, ORDER, PATHS, SESSION_SECONDS
from tests.vendors.palmetto.document import FIELDS

pytestmark = pytest.mark.slow

PRINTED = (Path(__file__).parents[2] / "samples/palmetto/order_request.jsv").read_text().strip()
# "The placeholders shown need to be replaced with actual values", and this one has a fixed set of values.
SAMPLE = PRINTED.replace("datacenterCode:String", "datacenterCode:ACD")
USER = {"username": USERNAME, "password": PASSWORD}
Json = dict[str, Any]
JSV = {"content-type": "text/jsv"}


class Api:
    """Calls Palmetto directly, with authentication."""

    def __init__(self, sandbox: PalmettoSandbox, http: httpx.Client) -> None:
        self.sandbox = sandbox
        self.http = http
        self.session = {"x-ss-id": self.log_in().json()["sessionId"]}

    def log_in(self, status: int = 200, **options: Any) -> httpx.Response:
        reply = self.http.post(f"/palmetto{LOGIN}", **(options or {"json": USER}))
        assert reply.status_code == status, reply.text
        return reply

    def order(
        self, body: str | Json = "{}", status: int = 204, path: str = ORDER, query: Json | None = None, **headers: str
    ) -> httpx.Response:
        """Place an order. Text is JSV unless a header says otherwise, and an object is JSON."""
        content = body.encode() if isinstance(body, str) else httpx.Request("POST", "http://x", json=body).content
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = "text/jsv" if isinstance(body, str) else "application/json"
        merged = {**self.session, "content-type": kind, **named}
        reply = self.http.post(f"/palmetto{path}", content=content, params=query, headers=merged)
        assert reply.status_code == status, reply.text
        return reply

    def refusal(self, body: str | Json, **options: Any) -> Json:
        return self.order(body, 400, **options).json()["responseStatus"]

    def control(self, command: Json, status: int = 200) -> Json:
        reply = self.http.post("/palmetto/_control/advance", json=command)
        assert reply.status_code == status, reply.text
        return reply.json()

    @property
    def last(self) -> Json:
        """Return the last order that Palmetto received."""
        return self.sandbox.placed[-1].content


@pytest.fixture
def api() -> Iterator[Api]:
    app = create_app({"palmetto": PalmettoSandbox}, orders=30, seed=1)
    sandbox = app.state.vendor_apps["palmetto"].vendor
    with running(app) as base, httpx.Client(base_url=base, trust_env=False, verify=False) as http:
        yield Api(sandbox, http)


# ---- Authentication ---------------------------------------------------------------------------------


def test_a_session_is_given_for_name_and_password(api: Api) -> None:
    assert set(api.log_in().json()) == {"sessionId", "responseStatus"}
    assert api.log_in(data=USER).json()["sessionId"]
    reply = api.log_in(content=jsv.dumps({"UserName": USERNAME, "Password": PASSWORD}), headers=JSV)
    assert reply.json()["sessionId"]
    found = jsv.loads(api.log_in(json=USER, headers={"accept": "text/jsv"}).text)
    assert isinstance(found, dict)
    assert found["sessionId"]


@pytest.mark.parametrize("given", [{}, {**USER, "password": "no"}, {"username": USERNAME}, {**USER, "username": None}])
def test_wrong_credentials_are_refused_in_words(api: Api, given: Json) -> None:
    status = api.log_in(401, json=given).json()["responseStatus"]
    assert status["errorCode"] == "AuthenticationException"


def test_a_login_that_cannot_be_read(api: Api) -> None:
    assert api.log_in(400, content=b"{", headers=JSV).json()["responseStatus"]["errorCode"] == "SerializationException"


def test_a_session_is_taken_from_header_cookie_and_query(api: Api) -> None:
    session = api.session["x-ss-id"]
    places: tuple[Json, ...] = (
        {"headers": {"x-ss-id": session}},
        {"headers": {"cookie": f"ss-id={session}"}},
        {"params": {"sessionId": session}},
    )
    for options in places:
        assert api.http.post(f"/palmetto{ORDER}", **options).status_code == 204


def test_without_a_session_there_is_an_empty_401(api: Api) -> None:
    before = len(api.sandbox.placed)
    for headers in ({}, {"x-ss-id": "0" * 20}, {"authorization": "Basic YTpi"}):
        reply = api.http.post(f"/palmetto{ORDER}", content=SAMPLE, headers={**JSV, **headers})
        assert (reply.status_code, reply.content) == (401, b"")
        assert reply.headers["www-authenticate"]
    assert len(api.sandbox.placed) == before


def test_a_session_lapses(api: Api) -> None:
    start = api.sandbox.monotonic()
    api.sandbox.monotonic = lambda: start + SESSION_SECONDS - 1
    api.order()
    api.sandbox.monotonic = lambda: start + 2 * SESSION_SECONDS - 10
    api.order()  # the use has prolonged the session
    api.sandbox.monotonic = lambda: start + 4 * SESSION_SECONDS
    api.order(status=401)
    api.session = {"x-ss-id": api.log_in().json()["sessionId"]}
    api.order()
    assert api.control({"expire_sessions": True}) == {"expired": True}
    api.order(status=401)


# ---- Orders -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_an_order_is_taken_on_each_path(api: Api, path: str) -> None:
    assert api.order(SAMPLE, path=path).content == b""
    assert api.last["companyId"] == "String"
    assert api.last["payload"][0]["requestedproducts"][0]["isSLA"] is False


def test_the_sample_is_taken_as_it_is_printed(api: Api) -> None:
    printed = re.sub(r"([{\[,])", r"\1\n\t", SAMPLE.replace(":", ": "))
    api.order(printed)
    laid_out = api.last
    api.order(SAMPLE)
    assert api.last == laid_out
    row = api.last["payload"][0]["order"][0]
    assert set(row) == set(FIELDS["TypeOrderDetailInfo"])
    assert row["billingStartDate"] == jsv.UNSET


ASKED: Json = {
    "companyId": "C, 1",
    "payload": [
        {"vdcId": "v", "products": [{"id": 7, "quantity": 1.5}], "order": [{"active": True, "product": 'a "b"'}]}
    ],
}
READ: Json = {
    "companyId": "C, 1",
    "payload": [
        {
            "vdcId": "v",
            "products": [{"id": 7, "quantity": Decimal("1.5")}],
            "order": [{"active": True, "product": 'a "b"'}],
        }
    ],
}


def test_jsv_json_and_forms_say_the_same(api: Api) -> None:
    api.order(jsv.dumps(ASKED))
    assert api.last == READ
    api.order(ASKED)
    assert api.last == READ
    form = {"companyId": "C, 1", "payload": jsv.dumps(ASKED["payload"])}
    api.http.post(f"/palmetto{ORDER}", data=form, headers=api.session)
    assert api.last == READ
    api.order("", query=form)
    assert api.last == READ
    api.order({"companyId": "of the body"}, query=form)
    assert api.last == {**READ, "companyId": "of the body"}
    api.order(jsv.dumps(ASKED), path="/jsv/reply/SelfServiceOrderProducts", content_type="")
    assert api.last == READ


def test_names_are_read_without_case_and_unknown_ones_left_out(api: Api) -> None:
    api.order("{COMPANYID:C,Payload:[{REQUESTEDPRODUCTS:[{DatacenterCode:acd,IsSla:true}]}],more:{x:1}}")
    asked = {"datacenterCode": "acd", "isSLA": True}
    assert api.last == {"companyId": "C", "payload": [{"requestedproducts": [asked]}]}


def test_everything_may_be_left_out(api: Api) -> None:
    for body in ("{}", "", "{payload:[]}", "{payload:[{}]}", "{companyId:,payload:}"):
        api.order(body)


def test_an_order_is_taken_twice(api: Api) -> None:
    before = len(api.sandbox.placed)
    api.order("{correlationId:same}")
    api.order("{correlationId:same}")
    assert len(api.sandbox.placed) == before + 2


# ---- Responses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "accept", "format_"),
    [
        (ORDER, None, "*/*", "json"),
        (ORDER, None, "text/jsv", "jsv"),
        (ORDER, None, "text/html, text/jsv;q=0.9, application/json", "jsv"),
        (ORDER, None, "application/json", "json"),
        (ORDER, {"format": "jsv"}, "application/json", "jsv"),
        (ORDER, {"format": "json"}, "text/jsv", "json"),
        (f"{ORDER}.jsv", None, "application/json", "jsv"),
        (f"{ORDER}.json", None, "text/jsv", "json"),
        ("/jsv/reply/SelfServiceOrderProducts", None, "application/json", "jsv"),
        ("/json/reply/SelfServiceOrderProducts", None, "text/jsv", "json"),
    ],
)
def test_the_format_of_an_answer(api: Api, path: str, query: Json | None, accept: str, format_: str) -> None:
    reply = api.order("{payload:x}", 400, path=path, query=query, accept=accept)
    assert reply.headers["content-type"].startswith({"jsv": "text/jsv", "json": "application/json"}[format_])
    found = cast("Json", jsv.loads(reply.text) if format_ == "jsv" else reply.json())
    assert found["responseStatus"]["errors"][0]["fieldName"] == "payload"


def test_an_answer_may_echo(api: Api) -> None:
    api.control({"answer": "echo"})
    body = "{correlationId:c-1,jobId:j-1}"
    assert api.order(body, 200).json() == {"correlationId": "c-1", "jobId": "j-1", "responseStatus": {}}
    assert api.order(body, 200, accept="text/jsv").text == "{correlationId:c-1,jobId:j-1,responseStatus:{}}"
    api.control({"answer": "nothing"})
    assert api.order(body).content == b""


@pytest.mark.parametrize(
    ("body", "code", "fields"),
    [
        ("{", "SerializationException", []),
        ("[1]", "SerializationException", []),
        ('{companyId:"x}', "SerializationException", []),
        ("{companyId:[a]}", "RequestBindingException", ["companyId"]),
        ("{payload:{}}", "RequestBindingException", ["payload"]),
        ("{payload:[x]}", "RequestBindingException", ["payload[0]"]),
        (
            "{payload:[{products:[{id:x},{id:1.5,quantity:many}]}]}",
            "RequestBindingException",
            ["payload[0].products[0].id", "payload[0].products[1].id", "payload[0].products[1].quantity"],
        ),
        ("{payload:[{products:[{id:2147483648}]}]}", "RequestBindingException", ["payload[0].products[0].id"]),
        ("{payload:[{order:[{active:maybe}]}]}", "RequestBindingException", ["payload[0].order[0].active"]),
        (
            "{payload:[{order:[{serviceBeginDate:soon,productPrice:" + "9" * 30 + "}]}]}",
            "RequestBindingException",
            ["payload[0].order[0].serviceBeginDate", "payload[0].order[0].productPrice"],
        ),
    ],
)
def test_what_is_wrong_is_told(api: Api, body: str, code: str, fields: list[str]) -> None:
    before = len(api.sandbox.placed)
    found = api.refusal(body)
    assert found["errorCode"] == code
    assert [one["fieldName"] for one in found["errors"]] == fields
    assert len(api.sandbox.placed) == before


def test_a_datacenter_has_one_of_the_codes(api: Api) -> None:
    for code in DATACENTER_CODES:
        api.order(f"{{payload:[{{requestedproducts:[{{datacenterCode:{code}}}]}}]}}")
    body = "{payload:[{requestedproducts:[{datacenterCode:XXX}]}]}"
    found = api.refusal(body)
    assert (found["errorCode"], found["message"]) == ("ArgumentException", "bad datacenterCode: XXX")
    assert api.order(body, 400, accept="text/jsv").text == (
        '{responseStatus:{errorCode:ArgumentException,message:"bad datacenterCode: XXX",errors:[]}}'
    )
    assert api.refusal(PRINTED)["message"] == "bad datacenterCode: String"


def test_a_body_in_another_format_is_not_supported(api: Api) -> None:
    for kind in ("application/xml", "text/csv"):
        reply = api.order("<a/>", 405, content_type=kind)
        assert reply.json()["responseStatus"]["errorCode"] == "NotSupportedException"
    for content, kind in ((b"\xff", "text/jsv"), (b"payload=x{", FORM), (b"{", "application/json")):
        reply = api.http.post(f"/palmetto{ORDER}", content=content, headers={**api.session, "content-type": kind})
        assert (reply.status_code, reply.json()["responseStatus"]["errorCode"]) == (400, "SerializationException")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 500])
def test_the_next_order_can_be_refused(api: Api, status: int) -> None:
    api.control({"refuse": {"status": status, "message": "No.", "fieldName": "companyId"}})
    found = api.order("{}", status).json()["responseStatus"]
    assert (found["message"], found["errors"][0]["fieldName"]) == ("No.", "companyId")
    api.order("{}")


def test_unknown_paths_and_methods(api: Api) -> None:
    reply = api.http.get(f"/palmetto{ORDER}", headers=api.session)
    assert (reply.status_code, reply.json()["responseStatus"]["errorCode"]) == (405, "NotSupportedException")
    reply = api.http.post("/palmetto/products/selfservice", headers=api.session)
    assert (reply.status_code, reply.json()["responseStatus"]["errorCode"]) == (404, "NotFound")


@pytest.mark.parametrize(
    "command",
    [{}, {"order": "x"}, {"expire_sessions": 1}, {"answer": "loud"}, {"refuse": {"status": 200}}, {"more": 1}],
)
def test_commands_that_cannot_be_done(api: Api, command: Json) -> None:
    api.control(command, 400)


# ---- Seeding ----------------------------------------------------------------------------------------


def refuse(path: str, message: str) -> None:
    raise AssertionError(f"{path} {message}")


def test_seeded_orders_hold_what_the_document_knows(api: Api) -> None:
    placed = PalmettoSandbox(200, 1).placements()
    seen: set[str] = set()
    for one in placed:
        tree = jsv.loads(one["body"])
        order = jsv.typed(tree, wire.Order, refuse)
        assert isinstance(tree, dict)
        assert order.correlation_id == one["key"]
        assert jsv.dumps(tree) == one["body"]
        seen |= names_of(tree)
        api.order(one["body"])
    assert seen == {name for fields in FIELDS.values() for name in fields}
    assert len({one["key"] for one in placed}) == len(placed) == 200


def names_of(tree: Any) -> set[str]:
    if isinstance(tree, dict):
        members = cast("Json", tree)
        return set(members).union(*map(names_of, members.values()))
    return set[str]().union(*map(names_of, cast("list[Any]", tree))) if isinstance(tree, list) else set()


def test_the_seed_alone_decides() -> None:
    one, same, other = PalmettoSandbox(50, 1), PalmettoSandbox(50, 1), PalmettoSandbox(50, 2)
    assert one.placements() == same.placements() != other.placements()
    one.reset()
    assert one.placements() == same.placements()
    times = [placed.at for placed in one.placed]
    assert times == sorted(times)
