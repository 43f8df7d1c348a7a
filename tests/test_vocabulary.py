"""Unknown data from vendors: properties are ignored, enum values become UNKNOWN. Both are counted and logged once."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from structlog.testing import capture_logs

from ordergraph.connector import Connector
from ordergraph.domain.commands import OrderQuery
from ordergraph.domain.paging import Window
from ordergraph.ledger.placed import PlacedOrder
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.upstream import client
from ordergraph.upstream.client import COMPARED_EVERY
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.vendor import Vendor
from ordergraph.wire import drift
from ordergraph.wire.drift import MAX_LENGTH, MAX_REMEMBERED, note_properties, note_word, unknown_values
from tests.between import Asked, Between, between
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway
from tests.vendors.nuvias.operations import READ
from tests.vendors.sonata.operations import placed_in

Json = dict[str, Any]

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def nothing_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start each test with empty counters, and restore those of others."""
    monkeypatch.setattr(drift, "_seen", defaultdict[str, Counter[tuple[str, str]]](Counter))


def counted(vendor: str) -> dict[tuple[str, str], int]:
    return {(one.kind, one.value): one.count for one in unknown_values(vendor)}


# ---- Counting ---------------------------------------------------------------------------------------


class Part(msgspec.Struct):
    size: int


class Thing(msgspec.Struct, rename={"kind": "@kind"}):
    id: int
    kind: str | None = None
    part: Part | None = None
    parts: list[Part | None] | None = None
    either: int | Part | None = None
    free: dict[str, Any] | None = None
    rows: list[msgspec.Raw] = []


def test_word_is_logged_once_and_counted() -> None:
    with capture_logs() as logs:
        for word in ("NEW", "NEW", "OTHER"):
            note_word("acme", "order status", word)
        note_word("other", "order status", "NEW")
    assert counted("acme") == {("order status", "NEW"): 2, ("order status", "OTHER"): 1}
    assert [(one["event"], one["vendor"], one["word"], one["log_level"]) for one in logs] == [
        ("unknown value", "acme", "NEW", "warning"),
        ("unknown value", "acme", "OTHER", "warning"),
        ("unknown value", "other", "NEW", "warning"),
    ]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b'{"id":1,"@kind":"a","part":{"size":1},"free":{"any":1},"rows":[{"any":1}]}', {}),
        (b' \n{"id":1,"new":1}', {"Thing new": 1}),
        (b'{"id":1,"kind":"a"}', {"Thing kind": 1}),
        (b'{"id":1,"part":{"size":1,"new":{"deep":1}}}', {"Part new": 1}),
        (b'{"id":1,"parts":[{"size":1,"new":1},null,{"size":2,"new":1,"newer":1}]}', {"Part new": 2, "Part newer": 1}),
        (b'{"id":1,"either":2}', {}),
        (b'{"id":1,"either":{"size":1,"new":2}}', {"Part new": 1}),
        (
            b'{"id":1,"new":"z\xe9","newer":1e400,"newest":' + b"9" * 5000 + b"}",
            {"Thing new": 1, "Thing newer": 1, "Thing newest": 1},
        ),
        (b'{"id":1,"z\xe9":1}', {}),
    ],
)
def test_properties_are_found_wherever_objects_are(raw: bytes, found: Mapping[str, int]) -> None:
    note_properties("acme", raw, Thing)
    assert {
        f"{kind.removeprefix('property of ')} {word}": count for (kind, word), count in counted("acme").items()
    } == found


def test_what_is_remembered_is_bounded() -> None:
    with capture_logs() as logs:
        for number in range(MAX_REMEMBERED + 10):
            note_word("acme", "order status", f"WORD_{number}")
        note_word("acme", "order status", "WORD_0")
        note_word("other", "order status", "x" * 10_000)
    assert len(unknown_values("acme")) == MAX_REMEMBERED
    assert counted("acme")["order status", "WORD_0"] == 2
    assert unknown_values("other")[0].value == "x" * MAX_LENGTH
    assert len(logs) == MAX_REMEMBERED + 1


# ---- Unknown properties at every vendor -------------------------------------------------------------


@dataclass(frozen=True)
class Shops:
    """A gateway with an account at each vendor, and another one with a proxy in front of each vendor."""

    plain: Gateway
    changed: Gateway
    tables: Mapping[str, Json]
    """The settings of the accounts behind the proxies."""
    kept: Mapping[str, Sequence[PlacedOrder]]
    fakes: Mapping[str, FakeVendor]
    fronts: Mapping[str, Between]
    orders: Mapping[str, str]
    """The ID of an order at each vendor. The one at Sonata has a charge and a subscription."""


@pytest.fixture(scope="module")
def all_shops() -> Generator[Shops]:
    with ExitStack() as stack:
        fakes = {one.code: stack.enter_context(serving(one, orders=60)) for one in VENDORS}
        fronts = {code: stack.enter_context(between(fake.url)) for code, fake in fakes.items()}
        fresh = {"orders": 0, "lists": 0, "products": 0, "subscriptions": 0, "invoices": 0, "administration": 0}
        tables = {code: fake.table(cache={**fresh, "reference": 0}) for code, fake in fakes.items()}
        behind = {code: {**table, "base_url": fronts[code].url} for code, table in tables.items()}
        kept = {code: fake.placed for code, fake in fakes.items() if fake.placed}
        plain, changed = (stack.enter_context(gateway(one, kept)) for one in (tables, behind))
        newest = {one.code: plain.get(NEWEST, id=f"Account:{one.code}")["orders"]["nodes"][0]["id"] for one in VENDORS}
        charged = placed_in(plain, fakes["sonata"], "vocabulary-1", "held.assessingCharge")["id"]
        cancelled = placed_in(plain, fakes["sonata"], "vocabulary-2", "inProgress")["id"]
        assert plain.do("cancelOrder", orderId=cancelled)["userErrors"] == []
        moved = placed_in(plain, fakes["sonata"], "vocabulary-3", "inProgress")["id"]
        (line, *_) = plain.get(LINES, id=moved)["order"]["lineItems"]
        date = plain.do("changeRequestedDate", lineItemId=line["id"], requestedAt="2027-03-01T00:00:00Z")
        assert date["userErrors"] == []
        yield Shops(plain, changed, behind, kept, fakes, fronts, {**newest, "sonata": charged})


NEWEST = "query($id: ID!) { orders(first: 1, filter: {accountIds: [$id]}) { nodes { id } } }"
LINES = "query($id: ID!) { order(id: $id) { lineItems { id } } }"


@pytest.fixture
def shops(all_shops: Shops) -> Generator[Shops]:
    yield all_shops
    for front in all_shops.fronts.values():
        front.well()


ORDERS = """query($id: ID!) { orders(first: 100, filter: {accountIds: [$id]}) { nodes {
    id version status vendorStatus placedAt clientReference total { amount } details { raw }
    lineItems { id name quantity details { raw } }
    statusChanges { status vendorStatus } cancellation { state } charges { id status items { status price { amount } } }
    subscriptions { nodes { id name status details { raw } } }
    shipments { id trackingNumber }
} } }"""
PRODUCTS = "query($id: ID!) { products(first: 5, filter: {accountIds: [$id]}) { nodes { id name details { raw } } } }"
INVOICES = (
    "query($id: ID!) { invoices(first: 5, filter: {accountIds: [$id]}) { nodes { id type status details { raw } } } }"
)
SUBSCRIPTIONS = """query($id: ID!) { subscriptions(first: 5, filter: {accountIds: [$id]}) { nodes {
    id name status details { raw } } } }"""
ORDER = """query($id: ID!) { order(id: $id) { id version status details { raw
    ... on SonataOrderDetails { cancelRequests { taskId state } deliveryDateRequests { taskId state } } } } }"""
NEW = "notInTheContract"
FREE = {"productConfiguration", "associatedGeographicAddress", "processorParameters", "paymentDetails"}
"""Objects that may have any content and are shown unchanged."""
DOCUMENTS: Mapping[str, Sequence[str]] = {
    "airvantage": [ORDERS],
    "nuvias": [READ, ORDERS, PRODUCTS, INVOICES, SUBSCRIPTIONS],
    "palmetto": [ORDERS],
    "sonata": [ORDERS],
    "verifone": [ORDERS],
}
KINDS: Mapping[str, str] = {
    "airvantage": "Named Order Page",
    "nuvias": """Address Country Feed Group Invoice LineItem Manufacturer Order Organisation Permission Product
        ProductGroup ProductGroupRow ShippingType Site Subscription SubscriptionProduct User UserRow Whoami""",
    "palmetto": "",  # lists no orders: they are those that were sent
    "sonata": "Cancel Charge ChargeItem Contact DeliveryDate Item Order Product StateChange Term",
    "verifone": """Address Contact DevicePackage ExtendedDetails Internal Merchant Order OrderStats PackageDetails Page
        PagingMetadata Poi ServicePackage""",
}
"""Kinds of objects that must be seen, at least."""


def with_more(value: Any) -> Any:
    """Return the same JSON with one more property in every object."""
    if isinstance(value, dict):
        parts = {key: one if key in FREE else with_more(one) for key, one in cast("Json", value).items()}
        return {**parts, NEW: {"new": 1}}
    return [with_more(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value


def without(value: Any) -> Any:
    """Return JSON without the property."""
    if isinstance(value, dict):
        return {key: without(one) for key, one in cast("Json", value).items() if key != NEW}
    return [without(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value


def raws(value: Any) -> list[Json]:
    """Return every ``raw`` in a response."""
    if isinstance(value, list):
        return [raw for one in cast("list[Any]", value) for raw in raws(one)]
    if not isinstance(value, dict):
        return []
    inner = [raw for key, one in cast("Json", value).items() if key != "raw" for raw in raws(one)]
    return [*inner, *([cast("Json", value)["raw"]] if "raw" in value else [])]


def changing(change: Callable[[Any], Any]) -> Callable[[Asked, bytes], bytes]:
    """Return a function that changes the JSON of every response except authentication."""

    def body(asked: Asked, content: bytes) -> bytes:
        is_json = asked.method == "GET" and content[:1] in (b"{", b"[")
        return msgspec.json.encode(change(json.loads(content))) if is_json else content

    return body


def asked_all(asked: Gateway, code: str) -> list[Json]:
    """Run all documents of a vendor, and read its first orders one by one."""
    account = f"Account:{code}"
    found = [asked.get(one, **({"id": account} if "$id" in one else {})) for one in DOCUMENTS[code]]
    orders = next(one["orders"]["nodes"] for one in found if "nodes" in one.get("orders", {}) and "version" in str(one))
    return [*found, *(asked.get(ORDER, id=one["id"]) for one in orders[:5])]


@pytest.mark.slow
@pytest.mark.parametrize("code", [vendor.code for vendor in VENDORS])
def test_unknown_properties_are_ignored_shown_in_raw_and_counted(shops: Shops, code: str) -> None:
    plain = asked_all(shops.plain, code)
    assert counted(code) == {}, "the sandbox sends only known properties"
    shops.fronts[code].body = changing(with_more)
    with gateway(shops.tables, shops.kept) as fresh, capture_logs() as logs:  # because the first responses are compared
        changed = asked_all(fresh, code)
    assert without(changed) == plain
    seen = counted(code)
    assert {word for _, word in seen} == ({NEW} if KINDS[code] else set())
    assert {kind.removeprefix("property of ") for kind, _ in seen} >= set(KINDS[code].split())
    logged = [(one["kind"], one["word"]) for one in logs if one["event"] == "unknown property"]
    assert sorted(logged) == sorted(seen), "each property is logged once"
    raw = raws(changed)
    assert raw
    assert all(NEW in one for one in raw) is bool(KINDS[code])


@pytest.mark.slow
@pytest.mark.parametrize("code", ["airvantage", "nuvias", "palmetto", "sonata"])
def test_login_may_answer_more_than_a_token(shops: Shops, code: str) -> None:
    """A server may add anything to its response to authentication, and nothing changes."""
    passed: list[bytes] = []

    def body(asked: Asked, content: bytes) -> bytes:
        if asked.method == "POST":
            passed.append(content)
            return msgspec.json.encode(with_more(json.loads(content)))
        return content

    shops.fronts[code].body = body
    connector = shops.fakes[code].connector(Store(MEMORY), base_url=shops.fronts[code].url)

    async def log_in() -> None:
        await connector.client.log_in()
        await connector.aclose()

    asyncio.run(log_in())
    assert len(passed) == 1
    assert counted(code) == {}


SHOWING = [vendor for vendor in VENDORS if not vendor.placements]
MOST = 0.03
"""The share of a list's time that the search for unknown properties may take."""


@pytest.mark.slow
@pytest.mark.parametrize("vendor", SHOWING, ids=lambda vendor: vendor.code)
def test_looking_for_unknown_properties_takes_little_of_a_list(monkeypatch: pytest.MonkeyPatch, vendor: Vendor) -> None:
    """The CPU time of this thread is measured, in one run, without showing the list."""
    looking: list[float] = []

    def timed(*arguments: Any) -> None:
        began = time.thread_time()
        note_properties(*arguments)
        looking.append(time.thread_time() - began)

    async def listed(connector: Connector) -> float:
        window = Window(50, descending=True)
        await connector.list_orders(OrderQuery(), window)  # without one-time work
        looking.clear()
        began = time.thread_time()
        for _ in range(COMPARED_EVERY):
            assert len((await connector.list_orders(OrderQuery(), window)).items) == 50
        taken = time.thread_time() - began
        await connector.aclose()
        return taken

    monkeypatch.setattr(client, "note_properties", timed)
    with serving(vendor, orders=60) as fake:
        fresh = {"orders": 0, "lists": 0}
        taken = asyncio.run(listed(fake.connector(Store(MEMORY), cache=fresh)))
    assert looking
    assert sum(looking) / (taken - sum(looking)) < MOST


# ---- Unknown enum values ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """An enum of a vendor: its path in a body, and the places in the graph with our value and the vendor's."""

    code: str
    kind: str
    path: Sequence[str | int]
    document: str
    ours: str
    theirs: str
    unknown: str | None = "UNKNOWN"
    also: Sequence[str | int] = ()
    """The path of another value with the same meaning."""


UNKNOWN = "query($id: ID!) { account(id: $id) { unknownValues { kind value count } } }"
ORDER_WORDS = "query($id: ID!) { order(id: $id) { status vendorStatus } }"
DETAILED = ["internal", "extendedDetails", "status"]
CASES = [
    Case("airvantage", "order status", ["status"], ORDER_WORDS, "order.status", "order.vendorStatus"),
    Case("nuvias", "order status", ["status"], ORDER_WORDS, "order.status", "order.vendorStatus"),
    Case(
        "nuvias",
        "subscription status",
        ["status"],
        '{ subscription(id: "Subscription:nuvias:1") { status vendorStatus } }',
        "subscription.status",
        "subscription.vendorStatus",
    ),
    Case(
        "nuvias",
        "invoice status",
        ["status"],
        "{ invoices(first: 1) { nodes { status vendorStatus } } }",
        "invoices.nodes.0.status",
        "invoices.nodes.0.vendorStatus",
    ),
    Case(
        "nuvias",
        "invoice type",
        ["type"],
        "{ invoices(first: 1) { nodes { type vendorType } } }",
        "invoices.nodes.0.type",
        "invoices.nodes.0.vendorType",
    ),
    Case(
        "nuvias",
        "product group status",
        ["status"],
        '{ node(id: "NuviasProductGroup:nuvias:1") { ... on NuviasProductGroup { status vendorStatus } } }',
        "node.status",
        "node.vendorStatus",
    ),
    Case("sonata", "order state", ["state"], ORDER_WORDS, "order.status", "order.vendorStatus"),
    Case(
        "sonata",
        "order state",
        ["stateChange", 0, "state"],
        "query($id: ID!) { order(id: $id) { statusChanges { status vendorStatus } } }",
        "order.statusChanges.0.status",
        "order.statusChanges.0.vendorStatus",
    ),
    Case(
        "sonata",
        "item state",
        ["productOrderItem", 0, "state"],
        """query($id: ID!) { order(id: $id) { lineItems { details {
            ... on SonataLineItemDetails { status state } } } } }""",
        "order.lineItems.0.details.status",
        "order.lineItems.0.details.state",
    ),
    Case(
        "sonata",
        "item state",
        ["productOrderItem", 0, "state"],
        "query($id: ID!) { order(id: $id) { subscriptions { nodes { status vendorStatus } } } }",
        "order.subscriptions.nodes.0.status",
        "order.subscriptions.nodes.0.vendorStatus",
    ),
    Case(
        "sonata",
        "end of term action",
        ["productOrderItem", 0, "itemTerm", 0, "endOfTermAction"],
        """query($id: ID!) { order(id: $id) { subscriptions { nodes { hasAutoRenewal } }
            lineItems { details { ... on SonataLineItemDetails { term { endOfTermAction } } } } } }""",
        "order.subscriptions.nodes.0.hasAutoRenewal",
        "order.lineItems.0.details.term.endOfTermAction",
        unknown=None,
    ),
    Case(
        "sonata",
        "charge state",
        ["state"],
        "query($id: ID!) { order(id: $id) { charges { status vendorStatus } } }",
        "order.charges.0.status",
        "order.charges.0.vendorStatus",
    ),
    Case(
        "sonata",
        "charge item state",
        ["chargeItem", 0, "state"],
        "query($id: ID!) { order(id: $id) { charges { items { status vendorStatus } } } }",
        "order.charges.0.items.0.status",
        "order.charges.0.items.0.vendorStatus",
    ),
    Case(
        "verifone",
        "order status",
        ["status"],
        "query($id: ID!) { order(id: $id) { status details { ... on VerifoneOrderDetails { status } } } }",
        "order.status",
        "order.details.status",
        also=DETAILED,
    ),
    Case("verifone", "detailed status", DETAILED, ORDER_WORDS, "order.status", "order.vendorStatus", also=["status"]),
]


def at(value: Any, path: str) -> Any:
    """Return the value at a dotted path."""
    for step in path.split("."):
        value = value[int(step) if step.isdigit() else step]
    return value


def with_word(value: Any, path: Sequence[str | int], word: str) -> Any:
    """Return the same JSON with another value at the path, in every row that has the path."""
    if not path:
        return word
    if isinstance(value, list):
        rows = cast("list[Any]", value)
        first, rest = (path[0], path[1:]) if isinstance(path[0], int) else (None, path)
        return [with_word(one, rest, word) if first in (None, index) else one for index, one in enumerate(rows)]
    if not isinstance(value, dict) or path[0] not in value:
        return cast("Any", value)
    parts = cast("dict[Any, Any]", value)
    return {**parts, path[0]: with_word(parts[path[0]], path[1:], word)}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {'.'.join(map(str, case.path))}")
def test_unknown_word_is_unknown_with_the_word_beside_and_counted(shops: Shops, case: Case) -> None:
    documents = {"id": shops.orders[case.code]} if "$id" in case.document else {}
    before = shops.plain.get(case.document, **documents)
    word = f"NEW_{case.kind}"
    paths = [case.path, *([case.also] if case.also else [])]
    shops.fronts[case.code].body = changing(
        lambda body: reduce(lambda so_far, path: with_word(so_far, path, word), paths, body)
    )
    with capture_logs() as logs:
        after = [shops.changed.get(case.document, **documents) for _ in range(2)]
    assert at(before, case.ours) != case.unknown
    for one in after:
        assert at(one, case.ours) == case.unknown
        assert at(one, case.theirs) == word
    account = shops.changed.get(UNKNOWN, id=f"Account:{case.code}")["account"]
    (told,) = [one for one in account["unknownValues"] if one["value"] == word and one["kind"] == case.kind]
    assert told["count"] == counted(case.code)[case.kind, word] >= 2
    logged = [(one["event"], one["kind"], one["word"]) for one in logs if one.get("word") == word]
    assert len(logged) == len(set(logged))
    assert ("unknown value", case.kind, word) in logged


def test_every_enum_of_every_vendor_is_tried() -> None:
    for vendor in VENDORS:
        sources = (ROOT / "src/ordergraph/vendors" / vendor.code).glob("mapping*.py")
        found = {
            kind
            for one in sources
            for kind in re.findall(r'(?:look_up|status_change)\([^)]*"([\w ]+)"\)', one.read_text())
        }
        assert found == {case.kind for case in CASES if case.code == vendor.code}, vendor.code
