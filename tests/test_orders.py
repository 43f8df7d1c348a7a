"""Orders end to end: GraphQL over HTTP on one side, the vendor's sandbox over TCP on the other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest

from ordergraph.graph import cursor
from ordergraph.vendors.nuvias.sandbox import CLIENT_ID, CLIENT_SECRET
from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from tests.fakes import IMPATIENT, FakeVendor, serving
from tests.gateway import Gateway, gateway
from tests.ports import free_port
from tests.waiting import eventually

pytestmark = pytest.mark.slow

Json = dict[str, Any]

MANY = 5000
FEW = 60
UK = "Account:nuvias-uk"
HASTY = "Account:hasty"
DIRECT = "Account:direct"
DEAD = "Account:dead"

PAGE = """
    query($first: Int, $after: String, $last: Int, $before: String, $filter: OrderFilter, $sort: OrderSort) {
        orders(first: $first, after: $after, last: $last, before: $before, filter: $filter, sort: $sort) {
            nodes { id placedAt }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }"""

keys = (f"key-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def big() -> Generator[FakeVendor]:
    with serving(nuvias, orders=MANY) as fake:
        yield fake


@pytest.fixture(scope="module")
def alone(big: FakeVendor) -> Generator[Gateway]:
    """A gateway with one account that has many orders."""
    with gateway({"nuvias-uk": big.table()}) as running:
        yield running


@pytest.fixture(scope="module")
def served() -> Generator[FakeVendor]:
    with serving(nuvias, orders=FEW) as fake:
        yield fake


@pytest.fixture(scope="module")
def counter(served: FakeVendor) -> Generator[Gateway]:
    """A gateway with accounts of all kinds at one vendor."""
    port = free_port()
    accounts = {
        "nuvias-uk": served.table(),
        "hasty": served.table(timeouts=IMPATIENT),
        "direct": served.table(timeouts=IMPATIENT, placement="direct"),
        "dead": served.table(base_url=f"http://127.0.0.1:{port}/nuvias"),
    }
    with gateway(accounts) as running:
        yield running


@pytest.fixture(scope="module")
def doubting() -> Generator[tuple[Gateway, FakeVendor]]:
    """A gateway that reconciles operations, and a vendor that no other test uses."""
    with serving(nuvias, orders=FEW) as fake:
        accounts = {"hasty": {}, "direct": {"placement": "direct"}}
        with gateway({name: fake.table(timeouts=IMPATIENT, **more) for name, more in accounts.items()}) as running:
            yield running, fake


@pytest.fixture
def fake(served: FakeVendor) -> FakeVendor:
    served.end_faults()
    served.forget_calls()
    return served


# ---- Reading ----------------------------------------------------------------------------------------


class Truth:
    """The state at the vendor, read without the gateway."""

    def __init__(self, fake: FakeVendor) -> None:
        self.client = httpx.Client(base_url=fake.url, timeout=30, trust_env=False, verify=False)
        form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "client_credentials"}
        token = self.client.post("/oauth/create_token", data=form).json()["access_token"]
        self.client.headers["authorization"] = f"Bearer {token}"

    def all(self, path: str) -> list[Json]:
        found: list[Json] = []
        for page in itertools.count(1):
            rows = self.client.get(path, params={"page": page}).json()
            found += rows
            if len(rows) < 1000:
                return found
        raise AssertionError

    def order(self, id_: str) -> Json:
        return cast("Json", self.client.get(f"/orders/{id_.rpartition(':')[2]}").json())


@pytest.fixture(scope="module")
def truth(big: FakeVendor) -> Generator[Truth]:
    truth = Truth(big)
    yield truth
    truth.client.close()


@pytest.fixture(scope="module")
def seeded(truth: Truth) -> list[Json]:
    return truth.all("/orders")


def ids(rows: Sequence[Json]) -> list[str]:
    ordered = sorted(rows, key=lambda row: (row["date"], f"Order:nuvias-uk:{row['id']}"), reverse=True)
    return [f"Order:nuvias-uk:{row['id']}" for row in ordered]


def walk(running: Gateway, *, forward: bool = True, size: int = 100, **variables: Any) -> list[str]:
    """Return the IDs of a whole list, in the order of its pages."""
    found: list[str] = []
    place: Json = {}
    while True:
        count = {"first": size} if forward else {"last": size}
        page = running.get(PAGE, **count, **place, **variables)["orders"]
        nodes = [node["id"] for node in page["nodes"]]
        found = [*found, *nodes] if forward else [*nodes, *found]
        info = page["pageInfo"]
        if not info["hasNextPage" if forward else "hasPreviousPage"]:
            return found
        place = {"after": info["endCursor"]} if forward else {"before": info["startCursor"]}


LINES = """{ orders(first: 50, filter: {vendors: [NUVIAS]}) {
    nodes { lineItems { product { name } } }
} }"""


def test_a_page_with_products_costs_three_calls_and_then_one(alone: Gateway, big: FakeVendor) -> None:
    login, facts = ("POST", "/oauth/create_token"), {("GET", "/whoami"), ("GET", "/country_codes")}
    big.forget_calls()
    nodes = alone.get(LINES)["orders"]["nodes"]
    names = [line["product"]["name"] for node in nodes for line in node["lineItems"]]
    assert len(nodes) == 50
    assert all(names)
    calls = [call for call in big.calls() if call != login and call not in facts]
    assert len(calls) <= 3
    big.forget_calls()
    for _ in range(5):
        assert alone.get(LINES)["orders"]["nodes"] == nodes
    assert big.calls() == [("GET", "/orders")] * 5


def test_all_pages_backward_give_each_order_once(alone: Gateway, seeded: list[Json]) -> None:
    found = walk(alone, forward=False)
    assert found[-MANY:] == ids(seeded)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("direction", ["DESC", "ASC"])
def test_all_pages_give_each_order_once_while_orders_are_placed(
    alone: Gateway, seeded: list[Json], direction: str
) -> None:
    found: list[str] = []
    placed: list[str] = []
    place: Json = {}
    for number in itertools.count():
        page = alone.get(PAGE, first=100, sort={"direction": direction}, **place)["orders"]
        found += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        place = {"after": page["pageInfo"]["endCursor"]}
        if number % 10 == 0:
            payload = alone.do("placeOrder", **order_input(UK))
            assert payload["userErrors"] == []
            placed.append(payload["order"]["id"])
    assert len(found) == len(set(found))
    known = set(ids(seeded))
    assert [one for one in found if one in known] == ids(seeded)[:: 1 if direction == "DESC" else -1]
    if direction == "ASC":  # a newly placed order is ahead of the reader
        assert set(placed) <= set(found)


def order_input(account: str, **values: Any) -> Json:
    return {
        "idempotencyKey": next(keys),
        "accountId": account,
        "lineItems": [{"product": {"sku": "222"}, "quantity": 2}],
        **values,
    }


FILTERS: list[tuple[str, Json, Callable[[Json], bool]]] = [
    ("status", {"statuses": ["PENDING_APPROVAL"]}, lambda row: row["status"] == "PENDING_AUTHORISATION"),
    ("statuses", {"statuses": ["SHIPPED", "CANCELLED"]}, lambda row: row["status"] in ("SHIPPED", "CANCELLED")),
    ("no such status", {"statuses": ["REJECTED", "ON_HOLD"]}, lambda _: False),
    ("no status", {"statuses": []}, lambda _: False),
    ("unknown status", {"statuses": ["UNKNOWN"]}, lambda _: False),
    ("unknown or failed", {"statuses": ["UNKNOWN", "FAILED"]}, lambda row: row["status"] == "FAILED"),
    ("phase", {"phases": ["UNSUCCESSFUL"]}, lambda row: row["status"] in ("CANCELLED", "FAILED")),
    (
        "phase and status",
        {"phases": ["UNSUCCESSFUL"], "statuses": ["FAILED", "SHIPPED"]},
        lambda row: row["status"] == "FAILED",
    ),
    (
        "odd times",
        {"placedAt": {"start": "2026-03-04T11:12:13.5+02:00", "end": "2026-05-06T07:08:09Z"}},
        lambda row: "2026-03-04T09:12:14" <= row["date"] < "2026-05-06T07:08:09",
    ),
    (
        "whole days",
        {"placedAt": {"start": "2026-03-04T00:00:00Z", "end": "2026-03-14T00:00:00Z"}},
        lambda row: "2026-03-04" <= row["date"] < "2026-03-14",
    ),
    (
        "the beginning of time",
        {"placedAt": {"start": "0001-01-01T00:00:00Z", "end": "2025-01-01T00:00:00Z"}},
        lambda row: row["date"] < "2025",
    ),
    (
        "the end of time",
        {"statuses": ["FAILED"], "placedAt": {"start": "2026-06-01T00:00:00Z", "end": "9999-12-31T23:59:59.999999Z"}},
        lambda row: row["date"] >= "2026-06" and row["status"] == "FAILED",
    ),
    ("no time", {"placedAt": {"start": "2026-03-04T00:00:00Z", "end": "2026-03-04T00:00:00Z"}}, lambda _: False),
    ("before time", {"placedAt": {"end": "0001-01-01T00:00:00Z"}}, lambda _: False),
    ("after time", {"placedAt": {"start": "9999-12-31T23:59:59.999999Z"}}, lambda _: False),
    ("number", {"numbers": ["SO1234600"]}, lambda row: row["supplier_ref"] == "SO1234600"),
    (
        "numbers",
        {"numbers": ["SO1234600", "SO1234700", "nonsense"]},
        lambda row: row["supplier_ref"] in ("SO1234600", "SO1234700"),
    ),
    (
        "client reference",
        {"clientReferences": ["Castle Hotels refresh"]},
        lambda row: row["name"] == "Castle Hotels refresh",
    ),
    (
        "client references",
        {"clientReferences": ["Castle Hotels new site", "Harper & Sons expansion", "x"]},
        lambda row: row["name"] in ("Castle Hotels new site", "Harper & Sons expansion"),
    ),
    ("purchase order", {"purchaseOrderNumbers": ["PO10061"]}, lambda row: row["purchase_order_number"] == "PO10061"),
    (
        "text",
        {"search": "so12346"},
        lambda row: any(
            "so12346" in str(row[name]).lower() for name in ("id", "supplier_ref", "purchase_order_number")
        ),
    ),
    (
        "all at once",
        {"search": "SO", "statuses": ["COMPLETED"], "placedAt": {"start": "2026-01-01T12:00:00Z"}},
        lambda row: row["supplier_ref"] is not None and row["status"] == "COMPLETE" and row["date"] >= "2026-01-01T12",
    ),
    ("odd text", {"search": "&per_page=1%20\x00ü"}, lambda _: False),
]


@pytest.mark.parametrize(("filter_", "keep"), [row[1:] for row in FILTERS], ids=[row[0] for row in FILTERS])
def test_a_filter_finds_what_the_vendor_has(
    alone: Gateway, seeded: list[Json], filter_: Json, keep: Callable[[Json], bool]
) -> None:
    known = {f"Order:nuvias-uk:{row['id']}" for row in seeded}
    wanted = ids([row for row in seeded if keep(row)])
    found = walk(alone, filter=filter_)
    assert [one for one in found if one in known] == wanted
    if len(wanted) < 100:
        assert [one for one in walk(alone, forward=False, size=20, filter=filter_) if one in known] == wanted


COUNT = "query($filter: OrderFilter) { orders(first: 1, filter: $filter) { totalCount sources { totalCount } } }"


def test_the_total_is_the_vendors_where_its_filters_say_the_same(counter: Gateway, fake: FakeVendor) -> None:
    fake.reset()
    truth = Truth(fake)
    rows, baskets = truth.all("/orders"), truth.all("/baskets")
    truth.client.close()
    done = sum(row["status"] == "COMPLETE" for row in rows)

    def total(account: list[str], **filter_: Any) -> int | None:
        return cast("int | None", counter.get(COUNT, filter={"accountIds": account, **filter_})["orders"]["totalCount"])

    assert total([UK]) == len(rows)
    assert total([UK], statuses=["COMPLETED"]) == done
    assert total([UK, HASTY], statuses=["COMPLETED"]) == 2 * done
    assert total([UK], statuses=["DRAFT"]) == len(baskets)
    assert total([UK], statuses=["DRAFT", "COMPLETED"]) == len(baskets) + done
    assert total([UK], placedAt={"start": "2026-01-01T00:00:00Z"}) == sum(row["date"] >= "2026-01-01" for row in rows)
    assert total([UK], placedAt={"start": "2026-01-01T00:00:01Z"}) is None
    assert total([UK], numbers=["SO1234600"]) is None
    assert total([UK], clientReferences=["nobody"]) is None
    assert total([UK, DEAD]) is None
    assert total([]) == 0


def test_drafts_appear_only_when_asked_for(counter: Gateway, fake: FakeVendor) -> None:
    fake.reset()
    truth = Truth(fake)
    rows, baskets = truth.all("/orders"), truth.all("/baskets")
    truth.client.close()
    mine = {"accountIds": [UK]}
    assert walk(counter, filter=mine) == ids(rows)
    assert walk(counter, filter={**mine, "statuses": ["DRAFT"]}) == ids(baskets)
    assert walk(counter, size=3, forward=False, filter={**mine, "phases": ["DRAFT"]}) == ids(baskets)
    both = {**mine, "phases": ["DRAFT", "UNSUCCESSFUL"]}
    stopped = [row for row in rows if row["status"] in ("CANCELLED", "FAILED")]
    assert walk(counter, size=5, filter=both) == ids([*baskets, *stopped])


SOURCES = """query($filter: OrderFilter) { orders(first: 5, filter: $filter) {
    nodes { id } totalCount pageInfo { hasNextPage }
    sources { account { name } state coverage code message totalCount skippedCount retryAfter retrievedAt }
} }"""


def test_a_dead_vendor_is_told_in_sources_and_costs_only_its_own(counter: Gateway, fake: FakeVendor) -> None:
    answer = counter.get(SOURCES, filter={"accountIds": [UK, DEAD]})["orders"]
    assert len(answer["nodes"]) == 5
    assert answer["totalCount"] is None
    assert answer["pageInfo"]["hasNextPage"]
    sources = {source["account"]["name"]: source for source in answer["sources"]}
    assert (sources["nuvias-uk"]["state"], sources["nuvias-uk"]["coverage"]) == ("OK", "COMPLETE")
    assert sources["nuvias-uk"]["retrievedAt"]
    assert (sources["dead"]["state"], sources["dead"]["coverage"]) == ("FAILED", "NONE")
    assert sources["dead"]["code"] == "VENDOR_UNAVAILABLE"
    assert "The vendor `nuvias` (account `dead`) could not be reached." in sources["dead"]["message"]


def test_an_error_is_raised_when_every_source_failed(counter: Gateway, fake: FakeVendor) -> None:
    error = counter.error(SOURCES, filter={"accountIds": [DEAD]})
    assert error["extensions"]["code"] == "VENDOR_UNAVAILABLE"
    assert error["extensions"]["account"] == "dead"
    assert error["extensions"]["isRetryable"]
    assert error["extensions"]["requestId"]


def test_contract_drift_is_counted_in_sources(counter: Gateway, fake: FakeVendor) -> None:
    fake.faults({"fault": "contract_drift", "path": "/orders", "method": "GET"})
    (source,) = counter.get(SOURCES, filter={"accountIds": [UK]})["orders"]["sources"]
    assert (source["state"], source["skippedCount"]) == ("OK", 1)


def test_facts_that_cannot_be_read_cost_only_the_fields_that_need_them(served: FakeVendor) -> None:
    served.end_faults()
    served.reset()
    query = (
        "{ orders(first: 1) { nodes { id status total { amount } shippingAddress { formattedLines countryCode } } } }"
    )
    with gateway({"nuvias-uk": served.table()}) as fresh:
        served.faults({"fault": "unavailable", "path": "/whoami"}, {"fault": "unavailable", "path": "/country_codes"})
        answer = fresh.ask(query)
        (node,) = answer["data"]["orders"]["nodes"]
        assert node["id"]
        assert node["status"]
        assert node["total"] is None
        assert node["shippingAddress"]["formattedLines"]
        assert node["shippingAddress"]["countryCode"] is None
        assert {error["path"][-1] for error in answer["errors"]} == {"total", "countryCode"}
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"VENDOR_UNAVAILABLE"}
        served.end_faults()
        eventually(lambda: "errors" not in fresh.ask(query), "they are asked for again after `circuit.pause`")
        assert fresh.get(query)["orders"]["nodes"][0]["total"]["amount"]


# ---- Order lifecycle --------------------------------------------------------------------------------


def draft(counter: Gateway, account: str = UK, **values: Any) -> Json:
    payload = counter.do("createDraftOrder", FULL, **order_input(account, **values))
    assert payload["userErrors"] == []
    return cast("Json", payload["order"])


FULL = """order {
    id status vendorStatus version number purchaseOrderNumber total { amount currency }
    lineItems { id quantity product { sku } }
    availableActions { action isAllowed reason message }
}"""


REFERENCE = "order { id clientReference }"


def refusal(payload: Json) -> tuple[str, list[str] | None, str]:
    (error,) = payload["userErrors"]
    return error["code"], error["field"], error["message"]


def advance(fake: FakeVendor, order: str, word: str) -> None:
    fake.advance({"order": int(order.rpartition(":")[2]), "to": word})


def test_an_order_from_draft_to_cancellation(counter: Gateway, fake: FakeVendor) -> None:
    made = draft(counter, purchaseOrderNumber="PO-1")
    assert (made["status"], made["vendorStatus"], made["purchaseOrderNumber"]) == ("DRAFT", "DRAFT", "PO-1")
    order = made["id"]

    line = {"product": {"sku": "222"}, "quantity": "5"}
    added = counter.do(
        "addLineItem", FULL + " lineItem { id quantity }", idempotencyKey=next(keys), orderId=order, lineItem=line
    )
    assert added["userErrors"] == []
    assert added["lineItem"]["quantity"] == "5"
    assert [one["quantity"] for one in added["order"]["lineItems"]] == ["2", "5"]
    assert added["order"]["version"] != made["version"]

    changed = counter.do("updateLineItem", FULL, lineItemId=added["lineItem"]["id"], quantity="7")
    assert [one["quantity"] for one in changed["order"]["lineItems"]] == ["2", "7"]

    removed = counter.do("removeLineItem", FULL, lineItemId=changed["order"]["lineItems"][0]["id"])
    assert [one["quantity"] for one in removed["order"]["lineItems"]] == ["7"]

    edited = counter.do(
        "updateOrder", FULL, orderId=order, ifVersion=removed["order"]["version"], purchaseOrderNumber=None
    )
    assert edited["order"]["purchaseOrderNumber"] is None
    assert [one["quantity"] for one in edited["order"]["lineItems"]] == ["7"]

    submitted = counter.do("submitOrder", FULL, orderId=order)
    assert submitted["userErrors"] == []
    assert (submitted["order"]["id"], submitted["order"]["status"]) == (order, "SUBMITTED")
    assert order not in walk(counter, filter={"accountIds": [UK], "statuses": ["DRAFT"]})

    advance(fake, order, "PROCESSING")
    cancelled = counter.do("cancelOrder", FULL, orderId=order)
    assert (cancelled["userErrors"], cancelled["order"]["status"]) == ([], "CANCELLED")
    found = counter.get("query($id: ID!) { order(id: $id) { status phase isFinal } }", id=order)["order"]
    assert found == {"status": "CANCELLED", "phase": "UNSUCCESSFUL", "isFinal": True}


@pytest.mark.parametrize("account", [UK, "Account:direct"])
def test_a_reference_comes_back_wherever_the_order_is_shown(counter: Gateway, fake: FakeVendor, account: str) -> None:
    reference = f"WEB-{next(keys)}"
    payload = counter.do("placeOrder", REFERENCE, **order_input(account, clientReference=reference))
    order = payload["order"]["id"]
    assert payload["order"]["clientReference"] == reference
    advance(fake, order, "PROCESSING")
    query = "query($id: ID!) { order(id: $id) { clientReference } }"
    assert counter.get(query, id=order)["order"] == {"clientReference": reference}
    assert walk(counter, filter={"accountIds": [account], "clientReferences": [reference]}) == [order]


def test_the_reference_of_a_draft_can_be_changed_until_it_is_submitted(counter: Gateway) -> None:
    first, second = f"WEB-{next(keys)}", f"WEB-{next(keys)}"
    order = draft(counter, clientReference=first)["id"]
    drafts = {"accountIds": [UK], "statuses": ["DRAFT"]}
    assert walk(counter, filter={**drafts, "clientReferences": [first]}) == [order]
    for given in (second, None, first):
        changed = counter.do("updateOrder", REFERENCE, orderId=order, clientReference=given)
        assert changed["order"]["clientReference"] == given
    assert walk(counter, filter={**drafts, "clientReferences": [second]}) == []
    submitted = counter.do("submitOrder", REFERENCE, orderId=order)
    assert submitted["order"]["clientReference"] == first
    assert walk(counter, filter={"accountIds": [UK], "clientReferences": [first]}) == [order]


def placed(counter: Gateway, fake: FakeVendor, word: str) -> str:
    if word == "DRAFT":
        return cast("str", draft(counter)["id"])
    payload = counter.do("placeOrder", **order_input(UK))
    assert payload["userErrors"] == []
    if word != "CREATED":
        advance(fake, payload["order"]["id"], word)
    return cast("str", payload["order"]["id"])


SUBMIT = "Only possible in status DRAFT. The order is "
CANCEL = "Only possible in status PROCESSING. The order is "
APPROVE = "Only possible in status PENDING_AUTHORISATION. The order is "
RESUBMIT = "Only possible in status ATTENTION_REQUIRED. The order is "
CONTACT = "The order has already been accepted. Ask your account manager at Nuvias to cancel it."
REFUSED = [
    ("submitOrder", "CREATED", SUBMIT + "CREATED."),
    ("submitOrder", "COMPLETE", SUBMIT + "COMPLETE."),
    ("cancelOrder", "DRAFT", CANCEL + "DRAFT."),
    ("cancelOrder", "CREATED", CANCEL + "CREATED."),
    ("cancelOrder", "ACCEPTED", CONTACT),
    ("cancelOrder", "SHIPPED", CONTACT),
    ("cancelOrder", "CANCELLED", CANCEL + "CANCELLED."),
    ("approveOrder", "DRAFT", APPROVE + "DRAFT."),
    ("approveOrder", "PROCESSING", APPROVE + "PROCESSING."),
    ("denyOrder", "CREATED", APPROVE + "CREATED."),
    ("denyOrder", "CANCELLED", APPROVE + "CANCELLED."),
    ("resubmitOrder", "PENDING_AUTHORISATION", RESUBMIT + "PENDING_AUTHORISATION."),
    ("resubmitOrder", "DRAFT", RESUBMIT + "DRAFT."),
]


@pytest.mark.parametrize(("mutation", "word", "message"), REFUSED)
def test_a_transition_is_refused_in_the_wrong_status(
    counter: Gateway, fake: FakeVendor, mutation: str, word: str, message: str
) -> None:
    order = placed(counter, fake, word)
    payload = counter.do(mutation, orderId=order)
    assert refusal(payload) == ("WRONG_STATUS", None, message)
    assert payload["order"] is None
    assert payload["userErrors"][0]["vendorCode"] == word
    assert not payload["userErrors"][0]["isRetryable"]


def test_lines_of_a_submitted_order_cannot_be_changed(counter: Gateway, fake: FakeVendor) -> None:
    order = placed(counter, fake, "PROCESSING")
    line = counter.get("query($id: ID!) { order(id: $id) { lineItems { id } } }", id=order)["order"]["lineItems"][0]
    message = SUBMIT + "PROCESSING."
    item = {"product": {"sku": "222"}}
    added = counter.do("addLineItem", idempotencyKey=next(keys), orderId=order, lineItem=item)
    assert refusal(added) == ("WRONG_STATUS", None, message)
    assert refusal(counter.do("updateLineItem", lineItemId=line["id"], quantity=3)) == ("WRONG_STATUS", None, message)
    assert refusal(counter.do("removeLineItem", lineItemId=line["id"])) == ("WRONG_STATUS", None, message)


def test_a_submitted_order_says_of_each_field_that_it_cannot_be_changed(counter: Gateway, fake: FakeVendor) -> None:
    order = placed(counter, fake, "PROCESSING")
    payload = counter.do("updateOrder", orderId=order, purchaseOrderNumber="PO-2", notes=["hello"])
    assert {(error["code"], error["field"][1]) for error in payload["userErrors"]} == {
        ("WRONG_STATUS", "purchaseOrderNumber"),
        ("WRONG_STATUS", "notes"),
    }


def test_an_update_is_refused_when_the_order_has_moved(counter: Gateway, fake: FakeVendor) -> None:
    made = draft(counter)
    assert counter.do("updateOrder", orderId=made["id"], purchaseOrderNumber="PO-3")["userErrors"] == []
    late = counter.do("updateOrder", orderId=made["id"], purchaseOrderNumber="PO-4", ifVersion=made["version"])
    code, path, message = refusal(late)
    assert (code, path) == ("CONFLICT", ["input", "ifVersion"])
    assert "It is now at version d" in message


ACTIONS: Mapping[str, Json] = {
    "submitOrder": {},
    "cancelOrder": {},
    "approveOrder": {},
    "denyOrder": {},
    "resubmitOrder": {},
    "updateOrder": {"purchaseOrderNumber": "PO-5"},
    "addLineItem": {"idempotencyKey": "unused", "lineItem": {"product": {"sku": "222"}}},
}
LINE_ACTIONS: Mapping[str, Json] = {"removeLineItem": {}, "updateLineItem": {"quantity": 2}}
WRONG_IDS = [
    ("Order:nuvias-uk:999999999", "NOT_FOUND"),
    ("Order:nuvias-uk:0", "NOT_FOUND"),
    ("Order:nuvias-uk:abc", "NOT_FOUND"),
    ("Order:nuvias-uk:..", "NOT_FOUND"),
    ("Order:nuvias-uk:%C2%B2", "NOT_FOUND"),
    ("Order:nuvias-uk:1:2", "NOT_FOUND"),
    ("Order:nuvias-uk:" + "9" * 480, "NOT_FOUND"),
    ("Order:elsewhere:1", "NOT_FOUND"),
    ("Product:nuvias-uk:1", "INVALID"),
    ("Account:nuvias-uk", "INVALID"),
    ("", "INVALID"),
    ("nonsense", "INVALID"),
    ("Order:nuvias-uk:" + "9" * 1_000_000, "INVALID"),
    ("Order:nuvias-uk:\ud800", "INVALID"),
]


@pytest.mark.parametrize("mutation", ACTIONS)
@pytest.mark.parametrize(("order", "code"), WRONG_IDS, ids=[repr(id_[:30]) for id_, _ in WRONG_IDS])
def test_an_action_on_a_wrong_id_is_a_user_error(
    counter: Gateway, fake: FakeVendor, mutation: str, order: str, code: str
) -> None:
    payload = counter.do(mutation, orderId=order, **ACTIONS[mutation])
    assert refusal(payload)[:2] in ((code, ["input", "orderId"]), ("TOO_LONG", ["input", "orderId"]))
    known = code == "NOT_FOUND" and order in ("Order:nuvias-uk:999999999", "Order:nuvias-uk:0")
    assert known or fake.calls() == []


def test_an_action_on_a_wrong_line_is_a_user_error(counter: Gateway, fake: FakeVendor) -> None:
    made = draft(counter)
    number = made["id"].rpartition(":")[2]
    for line, code in (
        (f"LineItem:nuvias-uk:{number}:999999", "NOT_FOUND"),
        (f"LineItem:nuvias-uk:{number}", "NOT_FOUND"),
        (f"LineItem:nuvias-uk:{number}:1:provisioning", "NOT_FOUND"),
        ("LineItem:nuvias-uk:999999999:1", "NOT_FOUND"),
        (made["id"], "INVALID"),
    ):
        for mutation, values in LINE_ACTIONS.items():
            payload = counter.do(mutation, FULL, lineItemId=line, **values)
            assert refusal(payload)[:2] == (code, ["input", "lineItemId"]), line


# ---- Placing orders ---------------------------------------------------------------------------------


def test_placing_takes_two_steps_and_keeps_the_id(counter: Gateway, fake: FakeVendor) -> None:
    payload = counter.do("placeOrder", **order_input(UK))
    assert payload["userErrors"] == []
    assert payload["order"]["status"] == "SUBMITTED"
    assert fake.writes() == [("POST", "/baskets"), ("POST", "/baskets/{id}/submit")]


def test_placing_directly_takes_one_step(counter: Gateway, fake: FakeVendor) -> None:
    payload = counter.do("placeOrder", **order_input(DIRECT))
    assert (payload["userErrors"], payload["order"]["status"]) == ([], "SUBMITTED")
    assert fake.writes() == [("POST", "/orders")]


@pytest.mark.parametrize("mutation", ["placeOrder", "createDraftOrder"])
def test_everything_wrong_is_told_at_once_and_nothing_is_sent(
    counter: Gateway, fake: FakeVendor, mutation: str
) -> None:
    values = order_input(
        UK,
        lineItems=[
            {"product": {"id": "Product:nuvias-uk:1"}, "quantity": "1.5"},
            {"product": {"id": "Order:nuvias-uk:1"}},
            {"product": {"id": "Product:hasty:1"}, "quantity": 0},
            {"product": {"id": "Product:nuvias-uk:%C2%B2"}, "quantity": "-1"},
        ],
        shippingAddress={"lines": ["1", "2", "3"], "countryCode": "QQ"},
        notes=["n" * 3501],
    )
    payload = counter.do(mutation, **values)
    assert {(error["code"], ".".join(error["field"])) for error in payload["userErrors"]} == {
        ("INVALID", "input.lineItems.0.quantity"),
        ("INVALID", "input.lineItems.1.product.id"),
        ("NOT_FOUND", "input.lineItems.2.product.id"),
        ("INVALID", "input.lineItems.2.quantity"),
        ("NOT_FOUND", "input.lineItems.3.product.id"),
        ("INVALID", "input.lineItems.3.quantity"),
        ("INVALID", "input.shippingAddress.lines"),
        ("INVALID", "input.shippingAddress.countryCode"),
        ("TOO_LONG", "input.notes"),
    }
    assert fake.writes() == []


def test_an_order_needs_a_line_and_a_draft_does_not(counter: Gateway, fake: FakeVendor) -> None:
    assert refusal(counter.do("placeOrder", **order_input(UK, lineItems=[])))[:2] == (
        "REQUIRED",
        ["input", "lineItems"],
    )
    assert counter.do("createDraftOrder", **order_input(UK, lineItems=[]))["userErrors"] == []


@pytest.mark.parametrize("account", [UK, DIRECT])
def test_what_the_vendor_finds_wrong_points_at_the_input(counter: Gateway, fake: FakeVendor, account: str) -> None:
    values = order_input(account, lineItems=[{"product": {"sku": "222"}}, {"product": {"sku": "no-such-sku"}}])
    payload = counter.do("placeOrder", **values)
    (error,) = payload["userErrors"]
    assert error["code"] == "REJECTED_BY_VENDOR"
    assert error["field"] == ["input", "lineItems", "1", "product", "sku"]
    assert "no-such-sku is unknown" in error["vendorMessage"]
    assert payload["order"] is None


def test_what_the_vendor_finds_wrong_with_a_new_line_points_at_that_line(counter: Gateway, fake: FakeVendor) -> None:
    order = draft(counter)["id"]
    bad = {"product": {"sku": "no-such-sku"}}
    payload = counter.do("addLineItem", idempotencyKey=next(keys), orderId=order, lineItem=bad)
    assert refusal(payload)[:2] == ("REJECTED_BY_VENDOR", ["input", "lineItem", "product", "sku"])
    wrong = {"product": {"id": "Product:elsewhere:1"}, "quantity": "0.5"}
    payload = counter.do("addLineItem", idempotencyKey=next(keys), orderId=order, lineItem=wrong)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
        ("NOT_FOUND", ["input", "lineItem", "product", "id"]),
        ("INVALID", ["input", "lineItem", "quantity"]),
    ]


def test_an_order_that_the_vendor_refuses_to_submit_is_left_as_a_draft(counter: Gateway, fake: FakeVendor) -> None:
    query = "query($f: ProductFilter) { products(first: 1, filter: $f) { nodes { id } } }"
    (product,) = counter.get(query, f={"accountIds": [UK], "search": "Voyager"})["products"]["nodes"]
    values = order_input(UK, lineItems=[{"product": product}])  # shipped, without a shipping address
    payload = counter.do("placeOrder", **values)
    assert {error["code"] for error in payload["userErrors"]} == {"REJECTED_BY_VENDOR"}
    assert ["input", "shippingAddress"] in [error["field"] for error in payload["userErrors"]]
    assert payload["order"]["status"] == "DRAFT"


# ---- Idempotency ------------------------------------------------------------------------------------


def test_a_repeat_answers_with_the_order_as_it_is_now_and_sends_nothing(counter: Gateway, fake: FakeVendor) -> None:
    values = order_input(UK)
    first = counter.do("placeOrder", **values)
    advance(fake, first["order"]["id"], "ACCEPTED")
    fake.forget_calls()
    again = counter.do("placeOrder", **values)
    assert (again["userErrors"], again["order"]["id"]) == ([], first["order"]["id"])
    assert again["order"]["vendorStatus"] == "ACCEPTED"
    assert fake.writes() == []


def test_a_repeat_of_a_new_line_answers_with_the_draft_as_it_is_now(counter: Gateway, fake: FakeVendor) -> None:
    order = draft(counter)["id"]
    values = {"idempotencyKey": next(keys), "orderId": order, "lineItem": {"product": {"sku": "222"}}}
    fields = FULL + " lineItem { id }"
    first = counter.do("addLineItem", fields, **values)
    assert counter.do("submitOrder", orderId=order)["userErrors"] == []
    again = counter.do("addLineItem", fields, **values)
    assert again["lineItem"] == first["lineItem"]
    assert again["order"]["status"] == "SUBMITTED"
    assert len(again["order"]["lineItems"]) == 2


def test_a_key_with_another_input_is_a_conflict(counter: Gateway, fake: FakeVendor) -> None:
    values = order_input(UK)
    assert counter.do("placeOrder", **values)["userErrors"] == []
    fake.forget_calls()
    other = counter.do("placeOrder", **{**values, "purchaseOrderNumber": "PO-6"})
    assert refusal(other)[:2] == ("IDEMPOTENCY_CONFLICT", ["input", "idempotencyKey"])
    assert refusal(counter.do("createDraftOrder", **values))[0] == "IDEMPOTENCY_CONFLICT"
    assert fake.calls() == []
    # idempotency keys are per account
    assert counter.do("placeOrder", **{**values, "accountId": HASTY})["userErrors"] == []


def test_a_refusal_leaves_the_key_free(counter: Gateway, fake: FakeVendor) -> None:
    values = order_input(UK, lineItems=[])
    assert refusal(counter.do("placeOrder", **values))[0] == "REQUIRED"
    assert counter.do("placeOrder", **{**values, "lineItems": order_input(UK)["lineItems"]})["userErrors"] == []


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_bounds(counter: Gateway, fake: FakeVendor, key: str) -> None:
    payload = counter.do("placeOrder", **order_input(UK, idempotencyKey=key))
    assert refusal(payload)[:2] == ("INVALID", ["input", "idempotencyKey"])


# ---- Faults at each step of placing an order: (fault, step) -> expected result ----------------------

BASKET, SUBMISSION, ORDER = "/baskets", "/baskets/{id}/submit", "/orders"
NOT_SENT, IN_DOUBT, DENIED = "NOT_SENT", "OUTCOME_IN_DOUBT", "NO_PERMISSION"
PLACING = [
    # No order exists before the submission, whatever happens to the basket.
    *((HASTY, BASKET, fault, NOT_SENT) for fault in ("unavailable", "rate_limited", "connection_reset")),
    *((HASTY, BASKET, fault, NOT_SENT) for fault in ("times_out_before_commit", "times_out_after_commit")),
    *((HASTY, BASKET, fault, NOT_SENT) for fault in ("malformed_json", "contract_drift")),
    (HASTY, BASKET, "unauthorized", DENIED),
    *((HASTY, SUBMISSION, fault, IN_DOUBT) for fault in ("times_out_before_commit", "times_out_after_commit")),
    *((HASTY, SUBMISSION, fault, IN_DOUBT) for fault in ("unavailable", "connection_reset", "malformed_json")),
    (HASTY, SUBMISSION, "contract_drift", IN_DOUBT),
    (HASTY, SUBMISSION, "rate_limited", NOT_SENT),
    (HASTY, SUBMISSION, "unauthorized", DENIED),
    *((DIRECT, ORDER, fault, IN_DOUBT) for fault in ("times_out_before_commit", "times_out_after_commit")),
    *((DIRECT, ORDER, fault, IN_DOUBT) for fault in ("unavailable", "connection_reset", "malformed_json")),
    (DIRECT, ORDER, "rate_limited", NOT_SENT),
    (DIRECT, ORDER, "unauthorized", DENIED),
]


@pytest.mark.parametrize(("account", "path", "fault", "code"), PLACING)
def test_a_fault_while_placing_is_told_truly(
    doubting: tuple[Gateway, FakeVendor], account: str, path: str, fault: str, code: str
) -> None:
    counter, fake = doubting
    fake.faults({"fault": fault, "method": "POST", "path": path})
    values = order_input(account)
    payload = counter.do("placeOrder", FULL, **values)
    (error,) = payload["userErrors"]
    assert error["code"] == code
    assert error["isRetryable"] is (code == NOT_SENT)
    assert "Do not retry it" in error["message"] if code == IN_DOUBT else "`nuvias` (account" in error["message"]
    assert (payload["order"] is not None) is (path == SUBMISSION)  # the ID is known before the commit
    fake.end_faults()
    fake.forget_calls()
    again = counter.do("placeOrder", FULL, **values)
    writes = fake.writes()
    if code == IN_DOUBT:  # the key is used: nothing is sent, and the order is returned as it is
        assert writes == []
        committed = path == SUBMISSION and fault in ("times_out_after_commit", "malformed_json", "contract_drift")
        codes = [one["code"] for one in again["userErrors"]]  # the message has more detail once the vendor was asked
        assert codes in ([[code], []] if committed else [[code]])
        if path == SUBMISSION:
            assert again["order"]["id"] == payload["order"]["id"]
            assert again["order"]["status"] == ("SUBMITTED" if committed else "DRAFT")
    else:
        assert again["userErrors"] == []
        assert again["order"]["status"] == "SUBMITTED"


@pytest.mark.parametrize("fault", ["times_out_before_commit", "unavailable", "malformed_json", "connection_reset"])
@pytest.mark.parametrize("mutation", ["updateOrder", "removeLineItem", "updateLineItem"])
def test_a_fault_of_the_look_before_a_change_is_not_in_doubt(
    counter: Gateway, fake: FakeVendor, mutation: str, fault: str
) -> None:
    made = draft(counter, HASTY)
    fake.faults({"fault": fault, "method": "GET", "path": "/baskets/{id}"})
    line = made["lineItems"][0]["id"]
    values: Mapping[str, Json] = {
        "updateOrder": {"orderId": made["id"]},
        "removeLineItem": {"lineItemId": line},
        "updateLineItem": {"lineItemId": line, "quantity": 3},
    }
    payload = counter.do(mutation, FULL, **values[mutation])
    assert refusal(payload)[0] == NOT_SENT
    assert payload["userErrors"][0]["isRetryable"]


def test_a_new_line_that_cannot_be_read_back_is_done_all_the_same(counter: Gateway, fake: FakeVendor) -> None:
    made = draft(counter, HASTY)
    fake.faults({"fault": "unavailable", "method": "GET", "path": "/baskets/{id}"})
    line = {"product": {"sku": "222"}}
    payload = counter.do(
        "addLineItem", FULL + " lineItem { id }", idempotencyKey=next(keys), orderId=made["id"], lineItem=line
    )
    assert payload == {"order": None, "lineItem": None, "userErrors": []}


@pytest.mark.parametrize("mutation", ["submitOrder", "cancelOrder"])
def test_an_action_without_an_answer_is_in_doubt(doubting: tuple[Gateway, FakeVendor], mutation: str) -> None:
    counter, fake = doubting
    order = draft(counter, HASTY)["id"]
    if mutation == "cancelOrder":
        assert counter.do("submitOrder", orderId=order)["userErrors"] == []
        advance(fake, order, "PROCESSING")
    fake.faults({"fault": "times_out_after_commit", "method": "POST"})
    payload = counter.do(mutation, orderId=order)
    assert refusal(payload)[0] == IN_DOUBT
    fake.end_faults()
    status = counter.get("query($id: ID!) { order(id: $id) { status } }", id=order)["order"]["status"]
    assert status == ("SUBMITTED" if mutation == "submitOrder" else "CANCELLED")


def test_a_dead_vendor_gets_nothing(counter: Gateway, fake: FakeVendor) -> None:
    payload = counter.do("placeOrder", **order_input(DEAD))
    code, _, message = refusal(payload)
    assert code == NOT_SENT
    assert "The vendor `nuvias` (account `dead`) could not be reached." in message


# ---- Invalid input ----------------------------------------------------------------------------------

ALIVE = "alive: accounts { name }"
LONG = "x" * 1_000_000
BAD_QUERIES: list[tuple[str, str, Json, str]] = [
    ("malformed id", "a: order(id: $s) { id }", {"s": "nonsense"}, "BAD_USER_INPUT"),
    ("empty id", "a: order(id: $s) { id }", {"s": ""}, "BAD_USER_INPUT"),
    ("long id", "a: order(id: $s) { id }", {"s": LONG}, "BAD_USER_INPUT"),
    ("half a character", "a: order(id: $s) { id }", {"s": "Order:nuvias-uk:\ud800"}, "BAD_USER_INPUT"),
    ("id of another type", "a: order(id: $s) { id }", {"s": "Product:nuvias-uk:1"}, "BAD_USER_INPUT"),
    ("node of no type", "a: node(id: $s) { id }", {"s": "Nothing:nuvias-uk:1"}, "BAD_USER_INPUT"),
    ("malformed cursor", "a: orders(after: $s) { nodes { id } }", {"s": "nonsense"}, "BAD_USER_INPUT"),
    ("long cursor", "a: orders(after: $s) { nodes { id } }", {"s": LONG}, "BAD_USER_INPUT"),
    ("cursor with half a character", "a: orders(after: $s) { nodes { id } }", {"s": "\ud800"}, "BAD_USER_INPUT"),
    ("first 0", "a: orders(first: 0) { nodes { id } }", {}, "BAD_USER_INPUT"),
    ("first -1", "a: orders(first: -1) { nodes { id } }", {}, "BAD_USER_INPUT"),
    ("first 10**6", "a: orders(first: 1000000) { nodes { id } }", {}, "BAD_USER_INPUT"),
    ("last 101", "a: orders(last: 101) { nodes { id } }", {}, "BAD_USER_INPUT"),
    ("first and last", "a: orders(first: 1, last: 1) { nodes { id } }", {}, "BAD_USER_INPUT"),
    ("before without last", "a: orders(before: $s) { nodes { id } }", {"s": "x"}, "BAD_USER_INPUT"),
    ("long text", "a: orders(filter: {search: $s}) { nodes { id } }", {"s": LONG}, "BAD_USER_INPUT"),
    (
        "text with half a character",
        "a: orders(filter: {search: $s}) { nodes { id } }",
        {"s": "\udc00"},
        "BAD_USER_INPUT",
    ),
    (
        "number with half a character",
        "a: orders(filter: {numbers: [$s]}) { nodes { id } }",
        {"s": "\udc00"},
        "BAD_USER_INPUT",
    ),
    (
        "unknown account",
        "a: orders(filter: {accountIds: [$i]}) { nodes { id } }",
        {"i": "Account:no"},
        "BAD_USER_INPUT",
    ),
    (
        "end before start",
        'a: orders(filter: {placedAt: {start: "2026-01-02T00:00:00Z", end: "2026-01-01T00:00:00Z"}}) { nodes { id } }',
        {},
        "BAD_USER_INPUT",
    ),
    ("dead vendor", "a: orders(filter: {accountIds: [$i]}) { nodes { id } }", {"i": DEAD}, "VENDOR_UNAVAILABLE"),
    ("order of a dead vendor", "a: order(id: $s) { id }", {"s": "Order:dead:1"}, "VENDOR_UNAVAILABLE"),
]


@pytest.mark.parametrize(
    ("field", "variables", "code"), [row[1:] for row in BAD_QUERIES], ids=[r[0] for r in BAD_QUERIES]
)
def test_bad_input_is_a_clear_error_and_the_rest_still_answers(
    counter: Gateway, fake: FakeVendor, field: str, variables: Json, code: str
) -> None:
    types = {"s": "ID!" if "id: $s" in field else "String!", "i": "ID!"}
    declared = ", ".join(f"${name}: {types[name]}" for name in variables)
    answer = counter.ask(f"query{f'({declared})' if declared else ''} {{ {field} {ALIVE} }}", **variables)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == code
    assert len(error["message"]) < 500
    assert answer["data"]["a"] is None
    assert len(answer["data"]["alive"]) == 4


def cursor_of(list_: str, running: Gateway) -> str:
    page = running.get(f"{{ {list_}(first: 1) {{ pageInfo {{ endCursor }} }} }}")
    return cast("str", page[list_]["pageInfo"]["endCursor"])


@pytest.mark.parametrize("list_", ["products", "subscriptions", "invoices"])
def test_a_cursor_of_another_list_is_refused(alone: Gateway, list_: str) -> None:
    error = alone.error(PAGE, first=1, after=cursor_of(list_, alone))
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "moment",
    [
        "9999-12-31T23:59:59.999999+00:00",
        "0001-01-01T00:00:00+00:00",
        "0001-01-01T00:00:00+14:00",
        "2026-01-01T00:00:00",
    ],
)
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_a_made_up_cursor_does_no_harm(alone: Gateway, moment: str, direction: str) -> None:
    made_up = cursor.encode("orders:PLACED_AT", moment, "x")
    answer = alone.ask(PAGE, first=1, after=made_up, sort={"direction": direction})
    assert all(error["extensions"]["code"] == "BAD_USER_INPUT" for error in answer.get("errors", ()))


VALIDATION = [
    ("unknown vendor", "{ orders(filter: {vendors: [NOBODY]}) { nodes { id } } }"),
    ("unknown field", "{ orders { nodes { nothing } } }"),
    ("deep query", "{ orders { nodes " + "{ subscriptions { nodes { orders " * 10 + "{ id }" + "} } }" * 10 + " } }"),
    ("many aliases", "{" + " ".join(f"a{number}: accounts {{ name }}" for number in range(100)) + "}"),
    ("many tokens", "{" + " ".join("accounts { name }" for _ in range(5000)) + "}"),
    ("an ID where there is none", "{ order { id } }"),
    ("too large a number", "{ orders(first: 99999999999) { nodes { id } } }"),
]


@pytest.mark.parametrize("query", [row[1] for row in VALIDATION], ids=[row[0] for row in VALIDATION])
def test_an_invalid_query_is_told_as_such(counter: Gateway, fake: FakeVendor, query: str) -> None:
    answer = counter.ask(query)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    assert fake.calls() == []


def test_what_is_no_graphql_is_told_as_such(counter: Gateway) -> None:
    for query in ("{", "nonsense", LONG[:1000], "query { accounts { name } } \ud800"):
        assert counter.error(query)["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


BAD_INPUTS: list[tuple[str, Json, list[str]]] = [
    ("long note", {"notes": ["short", LONG]}, ["input", "notes", "1"]),
    ("long purchase order", {"purchaseOrderNumber": LONG}, ["input", "purchaseOrderNumber"]),
    ("half a character", {"notes": ["\ud800"]}, ["input", "notes", "0"]),
    ("long city", {"shippingAddress": {"city": LONG}}, ["input", "shippingAddress", "city"]),
    ("many lines", {"lineItems": [{"product": {"sku": "222"}}] * 1001}, ["input", "lineItems"]),
    ("long key", {"idempotencyKey": LONG}, ["input", "idempotencyKey"]),
    ("unknown account", {"accountId": "Account:nobody"}, ["input", "accountId"]),
    ("malformed account", {"accountId": "nonsense"}, ["input", "accountId"]),
]


@pytest.mark.parametrize(("values", "path"), [row[1:] for row in BAD_INPUTS], ids=[row[0] for row in BAD_INPUTS])
def test_a_bad_input_of_a_mutation_is_a_user_error(
    counter: Gateway, fake: FakeVendor, values: Json, path: list[str]
) -> None:
    payload = counter.do("placeOrder", **order_input(UK, **values))
    code, field, message = refusal(payload)
    assert code in ("TOO_LONG", "INVALID", "NOT_FOUND")
    assert field == path
    assert len(message) < 300
    assert fake.calls() == []


def test_a_variable_of_the_wrong_type_is_bad_input(counter: Gateway) -> None:
    for variables in ({"id": 1.5}, {"id": ["a", "b"]}, {"id": {"a": 1}}, {}, {"id": None}):
        answer = counter.ask("query($id: ID!) { order(id: $id) { id } }", **variables)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    for moment in ("0001-01-01T00:00:00+14:00", "2026-01-01T00:00:00", "yesterday", LONG, 1, "\ud800"):
        error = counter.error(PAGE, filter={"placedAt": {"start": moment}})
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert len(error["message"]) < 500


@pytest.mark.parametrize("quantity", ["x", "NaN", "1e999", "1" * 41, True, LONG])
def test_a_quantity_that_is_no_number_is_bad_input(counter: Gateway, fake: FakeVendor, quantity: object) -> None:
    query = "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { order { id } } }"
    lines = [{"product": {"sku": "222"}, "quantity": quantity}]
    error = counter.error(query, input=order_input(UK, lineItems=lines))
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert fake.calls() == []


def test_a_body_that_is_too_large_is_refused(counter: Gateway) -> None:
    response = counter.post("{ accounts { name } }", padding="x" * 1_100_000)
    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("body", [b"{", b"", b'"x"', b"1", b"null", b'{"query": "\xff"}', b"[" * 200_000])
def test_a_body_that_is_no_request_is_refused(counter: Gateway, body: bytes) -> None:
    response = counter.client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert counter.get("{ accounts { name } }")["accounts"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("malformed_json", "VENDOR_BAD_REPLY"),
        ("contract_drift", "VENDOR_BAD_REPLY"),
        ("unavailable", "VENDOR_UNAVAILABLE"),
        ("connection_reset", "VENDOR_UNAVAILABLE"),
        ("times_out_before_commit", "VENDOR_TIMEOUT"),
        ("rate_limited", "VENDOR_RATE_LIMITED"),
        ("unauthorized", "VENDOR_LOGIN_FAILED"),
    ],
)
def test_a_fault_of_a_vendor_is_a_clear_error(counter: Gateway, fake: FakeVendor, fault: str, code: str) -> None:
    order = counter.get(PAGE, first=1, filter={"accountIds": [HASTY]})["orders"]["nodes"][0]["id"]
    fake.faults({"fault": fault, "method": "GET", "path": "/orders/{id}"})
    answer = counter.ask(f"query($id: ID!) {{ a: order(id: $id) {{ id }} {ALIVE} }}", id=order)
    (error,) = answer["errors"]
    extensions = error["extensions"]
    assert (extensions["code"], extensions["vendor"], extensions["account"]) == (code, "NUVIAS", "hasty")
    assert extensions["isRetryable"] is (code != "VENDOR_LOGIN_FAILED")
    assert extensions["retryAfter"] == (1.0 if fault == "rate_limited" else None)
    assert answer["data"]["a"] is None
    assert answer["data"]["alive"]
    assert "127.0.0.1" not in str(answer)


def test_ids_are_taken_whole(counter: Gateway, fake: FakeVendor) -> None:
    first = counter.get(PAGE, first=1, filter={"accountIds": [UK]})["orders"]["nodes"][0]["id"]
    fake.forget_calls()
    for wrong in (f"{first}:1", first.replace("uk:", "uk:0"), "Order:nuvias-uk:..", "Order:nobody:1"):
        query = "query($id: ID!) { order(id: $id) { id } node(id: $id) { id } }"
        assert counter.get(query, id=wrong) == {"order": None, "node": None}
    assert fake.calls() == []


def test_the_day_of_an_order_is_half_open(alone: Gateway, seeded: list[Json]) -> None:
    row = seeded[100]
    moment = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
    at, after = moment.isoformat(), (moment + timedelta(microseconds=1)).isoformat()
    same = ids([one for one in seeded if one["date"] == row["date"]])
    assert walk(alone, filter={"placedAt": {"start": at, "end": after}}) == same
    assert walk(alone, filter={"placedAt": {"start": at, "end": at}}) == []
