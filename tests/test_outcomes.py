"""Changes whose response is lost: the gateway asks the vendor for the outcome, for every vendor and mutation."""

from __future__ import annotations

import re
import threading
from collections.abc import Generator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from ordergraph.app import build_schema
from ordergraph.domain import Action
from ordergraph.domain.commands import CancelRequest
from ordergraph.graph.schema import core_schema
from ordergraph.ledger.operations import SentCall, WriteOperation
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.vendors.airvantage.sandbox.service import ORDERS
from ordergraph.vendors.registry import VENDORS, airvantage, nuvias, palmetto, sonata, verifone
from ordergraph.vendors.sonata.mapping import SonataOrder
from ordergraph.vendors.sonata.sandbox.life import BASE
from ordergraph.vendors.vendor import Vendor
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway
from tests.test_cli import AS_CALLER, CALLER, started
from tests.vendors.laws import laws_of
from tests.vendors.outcomes import (
    ACCOUNTS,
    CASES,
    Case,
    at_airvantage,
    at_palmetto,
    at_sonata,
    at_verifone,
    basket,
    fixed,
    key,
    sonata_order,
)
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow

Json = dict[str, Any]
QUICK = {"connect": 2.0, "read": 1.0, "total": 3.0}
SETTLE = 3.0
LATE = 1.8
"""The delay with which the vendor executes the call. The first look-up, right after the timeout, finds nothing."""
FAULTS: dict[str, Json] = {
    "done": {"fault": "times_out_after_commit"},
    "not done": {"fault": "times_out_before_commit"},
    "done late": {"fault": "times_out_after_commit", "seconds": LATE},
}
OPERATION = "id status statusReason objectIds nextCheckAt createdAt settledAt order { id clientReference status }"
CANNOT = "cannot be asked"


@pytest.fixture(scope="module", params=VENDORS, ids=lambda vendor: vendor.code)
def served(request: pytest.FixtureRequest) -> Generator[FakeVendor]:
    with serving(request.param, orders=20) as fake:
        yield fake


@pytest.fixture(scope="module")
def asked(served: FakeVendor) -> Generator[Gateway]:
    accounts = ACCOUNTS[served.vendor.code]
    tables = {
        name: served.table(**{"timeouts": QUICK, "settle": SETTLE, "concurrency": 64, **more})
        for name, more in accounts.items()
    }
    with gateway(tables) as running:
        yield running


def lose(asked: Gateway, fake: FakeVendor, case: Case, fault: Json) -> Json:
    """Run a mutation whose response is lost, and return its operation."""
    with ThreadPoolExecutor(1) as pool:
        return losing(pool, asked, fake, case, fault).result()


def losing(pool: Executor, asked: Gateway, fake: FakeVendor, case: Case, fault: Json) -> Future[Json]:
    """Do the same in the background, and return once the vendor has the call."""
    values = case.prepare(asked, fake)
    method, path = case.call
    fake.faults({**fault, "method": method, "path": path, "times": 1})

    def use() -> Json:
        keyed = {"idempotencyKey": key(), **values}
        answer = asked.do(case.mutation, f"operation {{ {OPERATION} }}", **keyed)
        assert [one["code"] for one in answer["userErrors"]] == ["OUTCOME_IN_DOUBT"], (case, answer)
        if case.mutation == "placeOrder":
            listed(asked, values["accountId"])  # caches the list, which must be invalidated
        return answer["operation"]

    used = pool.submit(use)
    eventually(lambda: used.done() or fake.control.get("/faults").json() == [], f"{case} reaches the vendor")
    return used


def listed(asked: Gateway, account: str) -> set[str]:
    query = "query($ids: [ID!]) { orders(first: 60, filter: {accountIds: $ids}) { nodes { id } } }"
    return {one["id"] for one in asked.get(query, ids=[account])["orders"]["nodes"]}


def shown(asked: Gateway, operation: Json) -> Json:
    return asked.get(f"query($id: ID!) {{ operation(id: $id) {{ {OPERATION} }} }}", id=operation["id"])["operation"]


def settled(asked: Gateway, operation: Json) -> Json:
    """Return the operation once it is settled, or once the gateway no longer checks it."""

    def done() -> bool:
        now = shown(asked, operation)
        return now["status"] != "IN_DOUBT" or now["nextCheckAt"] is None

    eventually(done, f"{operation['id']} is settled")
    return shown(asked, operation)


def mutations(vendor: Vendor) -> set[str]:
    """Return all mutations that the graph supports at a vendor."""
    found: set[str] = set()
    root = core_schema(build_schema()).mutation_type
    for name in root.fields if root else ():
        action = Action.__members__.get(re.sub("([A-Z])", r"_\1", name).upper())
        own = action is None and vendor.title.split()[0] in name
        if own or (action is not None and vendor.connector.supports(action)):
            found.add(name)
    return found


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.code)
def test_every_mutation_has_a_case(vendor: Vendor) -> None:
    assert {case.mutation for case in CASES[vendor.code]} == mutations(vendor)


def told(case: Case, operation: Json) -> str:
    """Return the operation's final status, or CANNOT if only a person can settle it."""
    if operation["status"] != "IN_DOUBT":
        return operation["status"]
    return CANNOT if operation["statusReason"].endswith("then use `settleOperation`.") else "IN_DOUBT"


@pytest.mark.parametrize("fault", FAULTS)
def test_lost_answer_is_settled_by_asking(served: FakeVendor, asked: Gateway, fault: str) -> None:
    cases = CASES[served.vendor.code]
    with ThreadPoolExecutor(len(cases)) as pool:
        lost = [one.result() for one in [losing(pool, asked, served, case, FAULTS[fault]) for case in cases]]
    found = [settled(asked, one) for one in lost]
    become = "REJECTED" if fault == "not done" else "CONFIRMED"
    names = [f"{case.mutation} {case.call}" for case in cases]
    expected = [become if case.asked else CANNOT for case in cases]
    assert list(zip(names, [told(*one) for one in zip(cases, found, strict=True)], strict=True)) == list(
        zip(names, expected, strict=True)
    )
    for case, operation in zip(cases, found, strict=True):
        if operation["status"] == "CONFIRMED":
            check_objects(asked, case, operation)


def check_objects(asked: Gateway, case: Case, operation: Json) -> None:
    """Assert that the recorded objects exist: an order by its ID, and in the list once it is settled."""
    (id_,) = operation["objectIds"]
    if not id_.startswith("Order:"):
        assert asked.get("query($id: ID!) { node(id: $id) { id } }", id=id_)["node"] == {"id": id_}
        return
    assert operation["order"]["id"] == id_
    if case.mutation == "placeOrder":
        assert id_ in listed(asked, f"Account:{id_.split(':')[1]}"), case


def only_at(vendor: Vendor) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("served", [vendor], indirect=True, ids=[vendor.code], scope="module")


@only_at(nuvias)
def test_change_that_somebody_else_has_changed_again_is_left_to_a_person(served: FakeVendor, asked: Gateway) -> None:
    draft = basket(asked)["id"]
    path = ("PUT", "/baskets/{id}")
    values = {"orderId": draft, "purchaseOrderNumber": "MINE"}
    lost = lose(asked, served, Case("updateOrder", path, lambda _, __: values), FAULTS["not done"])
    assert asked.do("updateOrder", orderId=draft, purchaseOrderNumber="THEIRS")["userErrors"] == []
    found = settled(asked, lost)
    assert (found["status"], found["nextCheckAt"]) == ("IN_DOUBT", None)


@only_at(sonata)
def test_cancellation_that_was_rejected_before_is_another_one(served: FakeVendor, asked: Gateway) -> None:
    order = sonata_order(asked, served)["id"]
    fields = "order { details { ... on SonataOrderDetails { cancelRequests { taskId } } } }"
    (request,) = asked.do("cancelOrder", fields, orderId=order)["order"]["details"]["cancelRequests"]
    served.advance({"cancel": request["taskId"], "to": "rejected"})
    case = Case("cancelOrder", ("POST", f"{BASE}/cancelProductOrder"), lambda _, __: {"orderId": order})
    assert settled(asked, lose(asked, served, case, FAULTS["not done"]))["status"] == "REJECTED"
    assert settled(asked, lose(asked, served, case, FAULTS["done"]))["status"] == "CONFIRMED"


@only_at(sonata)
async def test_cancellation_that_is_rejected_at_once_was_asked_for(served: FakeVendor) -> None:
    store = Store(MEMORY)
    connector = served.connector(store)
    try:
        order = (await connector.place_order(await laws_of(served.vendor).request(connector))).ref.joined
        served.advance({"order": order, "to": "inProgress"})
        asked = cast("SonataOrder", await connector.cancel_order(order, CancelRequest()))
        task = asked.cancel.id if asked.cancel else None
        served.advance({"cancel": task, "to": "rejected"})
        found = [await connector.find_outcome(cancelling(asked.id, before)) for before in ([], [task])]
        assert [one.done if one else None for one in found] == [True, False]
    finally:
        await connector.aclose()
        await store.aclose()


def cancelling(order: str, before: list[str | None]) -> WriteOperation:
    """Return an in-doubt operation on an order that had these requests before."""
    now = datetime.now(UTC)
    return WriteOperation(
        id="1",
        caller="",
        account="sonata",
        mutation="cancelOrder",
        idempotency_key=None,
        fingerprint="",
        request={"orderId": order},
        calls=[SentCall("createCancelProductOrder", "POST", "", {}, (), before)],
        created_at=now,
        owner="",
        lease_until=now,
    )


# ---- References -------------------------------------------------------------------------------------


@only_at(airvantage)
def test_reference_that_contains_another_is_another(served: FakeVendor, asked: Gateway) -> None:
    short, call = key(), ("POST", ORDERS)
    longer = asked.do("placeOrder", idempotencyKey=key(), **at_airvantage(clientReference=f"{short}-longer"))
    assert longer["userErrors"] == []
    case = Case("placeOrder", call, lambda _, __: at_airvantage(clientReference=short))
    assert settled(asked, lose(asked, served, case, FAULTS["not done"]))["status"] == "REJECTED"
    found = settled(asked, lose(asked, served, case, FAULTS["done"]))
    assert (found["status"], found["order"]["clientReference"]) == ("CONFIRMED", short)


def test_reference_that_the_gateway_makes_is_shown_and_unique() -> None:
    with (
        serving(airvantage, orders=5) as av,
        serving(sonata, orders=5) as mef,
        gateway({"airvantage": av.table(), "sonata": mef.table()}) as asked,
    ):
        inputs = [at_airvantage(), at_airvantage(), at_sonata(), at_sonata()]
        orders = [
            asked.do("placeOrder", "order { clientReference }", idempotencyKey=key(), **values)["order"]
            for values in inputs
        ]
    references = [order["clientReference"] for order in orders]
    assert len(set(references)) == 4
    assert all(re.fullmatch("og-[0-9a-f]{16}", reference) for reference in references)


UPDATES = {
    "airvantage": ("PUT", f"{ORDERS}/{{uid}}"),
    "sonata": ("PATCH", f"{BASE}/productOrder/{{id}}"),
    "verifone": ("PUT", "/orders/hardware/{orderId}"),
}


def named(asked: Gateway, vendor: str, reference: str, account: str) -> Json:
    """Create an order with a reference, in a status that permits changes."""
    values = {
        "airvantage": lambda: at_airvantage(account, clientReference=reference),
        "sonata": lambda: at_sonata(account, clientReference=reference),
        "verifone": lambda: {**at_verifone(account), "clientReference": reference},
    }[vendor]()
    mutation = "createDraftOrder" if vendor == "verifone" else "placeOrder"
    return asked.do(mutation, "order { id clientReference }", **{**values, "idempotencyKey": key()})


def order_of(answer: Json) -> str:
    """Return the ID of the created order."""
    assert answer["userErrors"] == []
    return answer["order"]["id"]


def taken(answer: Json) -> bool:
    """Whether an order was rejected because of its reference."""
    told = [(one["code"], one["field"]) for one in answer["userErrors"]]
    assert told in ([], [("INVALID", ["input", "clientReference"])])
    return told != []


@pytest.mark.parametrize(
    ("served", "account"),
    [
        (airvantage, "airvantage"),
        (sonata, "sonata"),
        (sonata, "unlisted"),
        (verifone, "verifone"),
        (verifone, "unlisted"),
        (verifone, "blind"),
    ],
    indirect=["served"],
    scope="module",
)
def test_a_reference_that_an_order_gives_up_is_free_for_another(
    served: FakeVendor, asked: Gateway, account: str
) -> None:
    vendor, old, new = served.vendor.code, key(), key()
    order = order_of(named(asked, vendor, old, account))
    for reference in (new, old, new):
        changed = asked.do("updateOrder", "order { clientReference }", orderId=order, clientReference=reference)
        assert (changed["userErrors"], changed["order"]) == ([], {"clientReference": reference})
    assert taken(named(asked, vendor, new, account))
    other = named(asked, vendor, old, account)
    assert (taken(other), other["order"]["clientReference"]) == (False, old)
    assert taken(asked.do("updateOrder", orderId=order, clientReference=old))


@pytest.mark.parametrize("served", [airvantage, sonata, verifone], indirect=True, scope="module")
def test_both_references_of_a_change_in_doubt_are_safe(served: FakeVendor, asked: Gateway) -> None:
    vendor = served.vendor.code
    for fault, become in (("not done", "REJECTED"), ("done", "CONFIRMED")):
        old, new = key(), key()
        order = order_of(named(asked, vendor, old, vendor))
        case = Case("updateOrder", UPDATES[vendor], fixed(orderId=order, clientReference=new))
        lost = lose(asked, served, case, FAULTS[fault])
        if become == "REJECTED":  # known only after the settle time
            assert taken(named(asked, vendor, old, vendor))
            assert taken(named(asked, vendor, new, vendor))
        assert settled(asked, lost)["status"] == become
        kept, free = (old, new) if become == "REJECTED" else (new, old)
        assert taken(named(asked, vendor, kept, vendor))
        assert not taken(named(asked, vendor, free, vendor))


@only_at(sonata)
def test_a_reference_that_an_order_drops_is_free(served: FakeVendor, asked: Gateway) -> None:
    for account in ("sonata", "unlisted"):
        reference = key()
        order = order_of(named(asked, "sonata", reference, account))
        dropped = asked.do("updateOrder", "order { clientReference }", orderId=order, clientReference=None)
        assert (dropped["userErrors"], dropped["order"]) == ([], {"clientReference": None})
        assert not taken(named(asked, "sonata", reference, account))


@only_at(airvantage)
def test_a_reference_that_is_too_long_is_refused(served: FakeVendor, asked: Gateway) -> None:
    order = order_of(named(asked, "airvantage", key(), "airvantage"))
    served.forget_calls()
    for answer in (
        named(asked, "airvantage", "x" * 256, "airvantage"),
        asked.do("updateOrder", orderId=order, clientReference="x" * 256),
    ):
        (error,) = answer["userErrors"]
        assert (error["code"], error["field"]) == ("TOO_LONG", ["input", "clientReference"])
    assert served.writes() == []


DOCUMENT = """mutation($input: PlaceOrderInput!) { placeOrder(input: $input) {
    order { id } userErrors { code field message } } }"""


def test_one_reference_under_two_keys_at_two_processes_is_one_order(tmp_path: Path) -> None:
    with serving(airvantage, orders=5) as av:
        (tmp_path / "ordergraph.toml").write_text(
            f'[accounts.airvantage]\nvendor = "airvantage"\nbase_url = "{av.url}"\n'
            f'client_id = "{airvantage.sandbox_account["client_id"]}"\n{CALLER}'
        )
        secret = str(airvantage.sandbox_account["client_secret"])
        secrets = {"ORDERGRAPH_ACCOUNTS__AIRVANTAGE__CLIENT_SECRET": secret}
        (method, path) = CASES["airvantage"][0].call
        av.faults({"fault": "slow", "seconds": 1.0, "method": method, "path": path})
        answers: list[Json] = []
        with (
            started("serve", "--port", "0", until="curl", cwd=tmp_path, environment=secrets) as one,
            started("serve", "--port", "0", until="curl", cwd=tmp_path, environment=secrets) as two,
        ):

            def place(url: str) -> None:
                values = at_airvantage(idempotencyKey=key(), clientReference="ONE-FOR-TWO")
                body = {"query": DOCUMENT, "variables": {"input": values}}
                answer = httpx.post(f"{url}/graphql", json=body, headers=AS_CALLER, timeout=PATIENCE).json()
                answers.append(answer["data"]["placeOrder"])

            threads = [threading.Thread(target=place, args=(running.url,)) for running in (one, two)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert av.writes().count((method, path)) == 1
    done, refused = sorted(answers, key=lambda answer: len(answer["userErrors"]))
    assert (done["userErrors"], bool(done["order"])) == ([], True)
    assert [(one["code"], one["field"]) for one in refused["userErrors"]] == [("INVALID", ["input", "clientReference"])]


# ---- Settlement by a person -------------------------------------------------------------------------

PAYLOAD = f"operation {{ {OPERATION} isReplay settlement {{ note }} }}"


@pytest.fixture(scope="module")
def portal() -> Generator[FakeVendor]:
    with serving(palmetto, orders=3) as fake:
        yield fake


@pytest.fixture(scope="module")
def seller() -> Generator[FakeVendor]:
    with serving(sonata, orders=3) as fake:
        yield fake


@pytest.fixture(scope="module")
def desk(portal: FakeVendor, seller: FakeVendor) -> Generator[Gateway]:
    """A gateway with two vendors whose outcomes cannot be looked up. `sonata` is the same Seller with look-ups."""
    quick = {"timeouts": QUICK, "settle": SETTLE}
    unlisted = seller.table(**{**quick, "extensions": ["patch"]})
    accounts = {"palmetto": portal.table(**quick), "sonata": seller.table(**quick), "unlisted": unlisted}
    with gateway(accounts) as running:
        yield running


def doubted(desk: Gateway, fake: FakeVendor, fault: str = "done", **values: Any) -> Json:
    """Return an in-doubt order that the gateway no longer checks."""
    case = next(one for one in CASES[fake.vendor.code] if not one.asked)
    lost = lose(desk, fake, Case("placeOrder", case.call, lambda _, __: values, asked=False), FAULTS[fault])
    return settled(desk, lost)


def settle(desk: Gateway, operation: Json, as_: str, **more: Any) -> Json:
    return desk.do("settleOperation", PAYLOAD, operationId=operation["id"], **{"as": as_}, **more)


def test_order_that_a_person_confirms_is_kept_as_it_was_sent(desk: Gateway, portal: FakeVendor) -> None:
    said = {"notes": ['Ring twice.\n"Now", {she} said: [ü]'], "purchaseOrderNumber": "PO-7", "clientReference": key()}
    operation = doubted(desk, portal, **at_palmetto(**said))
    assert operation["order"] is None
    answer = settle(desk, operation, "CONFIRMED", note="They told me on the phone.")
    assert answer["userErrors"] == []
    now = answer["operation"]
    assert (now["status"], now["settlement"]) == ("CONFIRMED", {"note": "They told me on the phone."})
    query = """query($id: ID!) {
        order(id: $id) { clientReference purchaseOrderNumber notes { text } lineItems { quantity } vendorOrderId }
        orders(filter: {vendors: [PALMETTO]}, first: 10) { nodes { id } } }"""
    found = desk.get(query, id=now["order"]["id"])
    order = found["order"]
    assert (order["clientReference"], order["purchaseOrderNumber"]) == (said["clientReference"], "PO-7")
    assert [one["text"] for one in order["notes"]] == said["notes"]
    assert order["lineItems"] == [{"quantity": "1"}]
    assert now["order"]["id"] in {one["id"] for one in found["orders"]["nodes"]}
    (read,) = portal.control.get("/placements").json()[-1:]
    assert read["key"] == order["vendorOrderId"]
    again = settle(desk, operation, "REJECTED")
    assert [one["code"] for one in again["userErrors"]] == ["WRONG_STATUS"]


def test_order_that_is_not_the_one_that_was_sent_is_not_found(desk: Gateway, portal: FakeVendor) -> None:
    operation = doubted(desk, portal, **at_palmetto())
    refused = settle(desk, operation, "CONFIRMED", vendorOrderId="another")
    (error,) = refused["userErrors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "vendorOrderId"])
    assert shown(desk, operation)["status"] == "IN_DOUBT"
    assert settle(desk, operation, "CONFIRMED")["userErrors"] == []


BY_KEY = f"""query($account: ID!, $key: String!) {{
    operationByKey(accountId: $account, idempotencyKey: $key) {{ {OPERATION} isKeyReusable }} }}"""


def by_key(asked: Gateway, values: Json) -> tuple[str, str, bool] | None:
    """Return the ID and the status of a key's operation, and whether the key is free."""
    found = asked.get(BY_KEY, account=values["accountId"], key=values["idempotencyKey"])["operationByKey"]
    return found and (found["id"], found["status"], found["isKeyReusable"])


def free_keys(asked: Gateway, values: Json) -> dict[str, bool]:
    """Return whether the key is free, for each listed operation of the key."""
    query = """query($account: [ID!]) { operations(first: 100, filter: {accountIds: $account}) {
        nodes { id idempotencyKey isKeyReusable } } }"""
    found = asked.get(query, account=[values["accountId"]])["operations"]["nodes"]
    return {one["id"]: one["isKeyReusable"] for one in found if one["idempotencyKey"] == values["idempotencyKey"]}


@only_at(airvantage)
def test_a_key_names_its_operation_also_when_it_was_not_done(served: FakeVendor, asked: Gateway) -> None:
    values: Json = {**at_airvantage(), "idempotencyKey": key()}
    nothing: Json = {**values, "lineItems": []}
    assert asked.do("placeOrder", **nothing)["userErrors"] != []
    assert by_key(asked, values) is None  # nothing was sent
    case = Case("placeOrder", CASES["airvantage"][0].call, fixed(**values))
    lost = lose(asked, served, case, FAULTS["not done"])
    assert by_key(asked, values) == (lost["id"], "IN_DOUBT", False)
    assert settled(asked, lost)["status"] == "REJECTED"
    assert by_key(asked, values) == (lost["id"], "REJECTED", True)
    method, path = case.call
    served.faults({"fault": "rate_limited", "method": method, "path": path})
    refused = asked.do("placeOrder", "operation { id }", **{**values, "notes": ["At once."]})
    served.end_faults()
    assert [one["code"] for one in refused["userErrors"]] == ["NOT_SENT"]
    assert by_key(asked, values) == (refused["operation"]["id"], "REJECTED", True)
    placed = asked.do("placeOrder", "operation { id isKeyReusable }", **values)["operation"]
    assert placed["isKeyReusable"] is False
    assert by_key(asked, values) == (placed["id"], "CONFIRMED", False)
    ids = (lost["id"], refused["operation"]["id"], placed["id"])
    assert free_keys(asked, values) == dict.fromkeys(ids, False)


def test_an_operation_without_a_key_has_none_that_is_free(desk: Gateway, seller: FakeVendor) -> None:
    order = order_of(named(desk, "sonata", key(), "sonata"))
    changed = desk.do(
        "updateOrder", "operation { idempotencyKey isKeyReusable }", orderId=order, purchaseOrderNumber="P"
    )
    assert changed["operation"] == {"idempotencyKey": None, "isKeyReusable": None}


def place_at(vendor: str, **more: Any) -> Json:
    return at_palmetto(**more) if vendor == "palmetto" else at_sonata("unlisted", **more)


@pytest.mark.parametrize("vendor", ["palmetto", "sonata"])
def test_what_a_person_rejects_leaves_its_key_free(
    desk: Gateway, portal: FakeVendor, seller: FakeVendor, vendor: str
) -> None:
    fake = portal if vendor == "palmetto" else seller
    values = {**place_at(vendor, clientReference=key()), "idempotencyKey": key()}
    operation = doubted(desk, fake, "not done", **values)
    repeated = desk.do("placeOrder", PAYLOAD, **values)
    assert [one["code"] for one in repeated["userErrors"]] == ["OUTCOME_IN_DOUBT"]
    answer = settle(desk, operation, "REJECTED")
    assert (answer["userErrors"], answer["operation"]["status"]) == ([], "REJECTED")
    assert by_key(desk, values) == (operation["id"], "REJECTED", True)
    placed = desk.do("placeOrder", PAYLOAD, **values)
    assert by_key(desk, values) == (placed["operation"]["id"], "CONFIRMED", False)
    assert (placed["userErrors"], placed["operation"]["status"]) == ([], "CONFIRMED")
    assert placed["operation"]["id"] != operation["id"]


@pytest.mark.parametrize("vendor", ["palmetto", "sonata"])
def test_what_a_person_sends_again_is_a_new_operation_under_the_same_key(
    desk: Gateway, portal: FakeVendor, seller: FakeVendor, vendor: str
) -> None:
    fake = portal if vendor == "palmetto" else seller
    reference = key()
    values = {**place_at(vendor, clientReference=reference), "idempotencyKey": key()}
    operation = doubted(desk, fake, "not done", **values)
    before = len(fake.writes())
    answer = settle(desk, operation, "RETRY", note="They have never seen it.")
    now = answer["operation"]
    assert (answer["userErrors"], now["status"]) == ([], "CONFIRMED")
    assert now["id"] != operation["id"]
    assert now["order"]["clientReference"] == reference
    assert len(fake.writes()) == before + 1
    assert shown(desk, operation)["status"] == "REJECTED"
    assert by_key(desk, values) == (now["id"], "CONFIRMED", False)
    repeated = desk.do("placeOrder", PAYLOAD, **values)
    assert (repeated["operation"]["id"], repeated["operation"]["isReplay"]) == (now["id"], True)
    assert len(fake.writes()) == before + 1


def test_order_that_the_vendor_calls_so_is_kept(desk: Gateway, seller: FakeVendor) -> None:
    reference = key()
    operation = doubted(desk, seller, **at_sonata("unlisted", clientReference=reference))
    query = """query($reference: [String!]) { orders(first: 5, filter: {
        accountIds: ["Account:sonata"], clientReferences: $reference }) { nodes { vendorOrderId } } }"""
    (there,) = desk.get(query, reference=[reference])["orders"]["nodes"]
    unknown = settle(desk, operation, "CONFIRMED", vendorOrderId="0" * 32)
    assert [(one["code"], one["field"][-1]) for one in unknown["userErrors"]] == [("NOT_FOUND", "vendorOrderId")]
    answer = settle(desk, operation, "CONFIRMED", **there)
    assert (answer["userErrors"], answer["operation"]["order"]["clientReference"]) == ([], reference)
    kept = desk.get('{ orders(first: 20, filter: {accountIds: ["Account:unlisted"]}) { nodes { id } } }')["orders"]
    assert answer["operation"]["order"]["id"] in {one["id"] for one in kept["nodes"]}


def test_vendor_that_does_not_answer_leaves_it_in_doubt(desk: Gateway, seller: FakeVendor) -> None:
    operation = doubted(desk, seller, **at_sonata("unlisted"))
    seller.faults({"fault": "unavailable", "method": "GET"})
    refused = settle(desk, operation, "CONFIRMED", vendorOrderId="0" * 32)
    seller.end_faults()
    (error,) = refused["userErrors"]
    assert (error["code"], error["isRetryable"]) == ("NOT_SENT", True)
    assert shown(desk, operation)["status"] == "IN_DOUBT"
    assert settle(desk, operation, "REJECTED")["userErrors"] == []
