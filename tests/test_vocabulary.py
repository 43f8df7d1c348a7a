"""What vendors send that is not known: properties are ignored, words are UNKNOWN, and both are counted and logged once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from structlog.testing import capture_logs

from ordergraph import vocabulary
from ordergraph.vendors import VENDORS
from ordergraph.vocabulary import MAX_LENGTH, MAX_REMEMBERED, note_properties, note_word, unknown_words
from tests.between import Asked, Between, between
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway
from tests.vendors.nuvias.operations import READ
from tests.vendors.sonata.operations import placed_in

Json = dict[str, Any]

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def nothing_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with nothing seen, and leaves what others have seen."""
    seen = type(vocabulary._seen)(vocabulary._seen.default_factory)
    monkeypatch.setattr(vocabulary, "_seen", seen)


def counted(vendor: str) -> dict[tuple[str, str], int]:
    return {(one.kind, one.word): one.count for one in unknown_words(vendor)}


# ---- Counting -------------------------------------------------------------------------------------


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
        ("unknown word", "acme", "NEW", "warning"),
        ("unknown word", "acme", "OTHER", "warning"),
        ("unknown word", "other", "NEW", "warning"),
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
    assert len(unknown_words("acme")) == MAX_REMEMBERED
    assert counted("acme")["order status", "WORD_0"] == 2
    assert unknown_words("other")[0].word == "x" * MAX_LENGTH
    assert len(logs) == MAX_REMEMBERED + 1


# ---- At every vendor ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shops:
    """A gateway with an account at each vendor, another one beside it, and what stands in front of each vendor."""

    plain: Gateway
    changed: Gateway
    fakes: Mapping[str, FakeVendor]
    fronts: Mapping[str, Between]


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
        placed_in(plain, fakes["sonata"], "vocabulary-1", "held.assessingCharge")
        cancelled = placed_in(plain, fakes["sonata"], "vocabulary-2", "inProgress")["id"]
        assert plain.do("cancelOrder", orderId=cancelled)["userErrors"] == []
        moved = placed_in(plain, fakes["sonata"], "vocabulary-3", "inProgress")["id"]
        (line, *_) = plain.get(LINES, id=moved)["order"]["lineItems"]
        date = plain.do("changeRequestedDate", lineItemId=line["id"], requestedAt="2027-03-01T00:00:00Z")
        assert date["userErrors"] == []
        yield Shops(plain, changed, fakes, fronts)


LINES = "query($id: ID!) { order(id: $id) { lineItems { id } } }"


@pytest.fixture
def shops(all_shops: Shops) -> Generator[Shops]:
    yield all_shops
    for front in all_shops.fronts.values():
        front.well()


ORDERS = """query($id: ID!) { orders(first: 100, filter: {accountId: [$id]}) { nodes {
    id version status vendorStatus placedAt clientReference total { amount } details { raw }
    lineItems { id name quantity details { raw } }
    statusChanges { status vendorStatus } cancellation { state } charges { id status items { status price { amount } } }
    subscriptions { nodes { id name status details { raw } } }
    shipments { id trackingNumber }
} } }"""
PRODUCTS = "query($id: ID!) { products(first: 5, filter: {accountId: [$id]}) { nodes { id name details { raw } } } }"
INVOICES = (
    "query($id: ID!) { invoices(first: 5, filter: {accountId: [$id]}) { nodes { id type status details { raw } } } }"
)
SUBSCRIPTIONS = """query($id: ID!) { subscriptions(first: 5, filter: {accountId: [$id]}) { nodes {
    id name status details { raw } } } }"""
ORDER = """query($id: ID!) { order(id: $id) { id version status details { raw
    ... on SonataOrderDetails { cancelRequests { taskId state } deliveryDateRequests { taskId state } } } } }"""
NEW = "notInTheContract"
FREE = {"productConfiguration", "associatedGeographicAddress", "processorParameters", "paymentDetails"}
"""Objects that hold whatever the vendor likes, and are shown as they are."""
DOCUMENTS: Mapping[str, Sequence[str]] = {
    "airvantage": [ORDERS],
    "nuvias": [READ, ORDERS, PRODUCTS, INVOICES, SUBSCRIPTIONS],
    "palmetto": [ORDERS],
    "sonata": [ORDERS],
    "verifone": [ORDERS],
}
KINDS: Mapping[str, set[str]] = {
    "airvantage": set(),
    "nuvias": set(),
    "palmetto": set(),
    "sonata": set(),
    "verifone": set(),
}
"""Every kind of object in what is read."""


def with_more(value: Any) -> Any:
    """The same JSON with one property more in every object."""
    if isinstance(value, dict):
        parts = {key: one if key in FREE else with_more(one) for key, one in cast("Json", value).items()}
        return {**parts, NEW: {"new": 1}}
    return [with_more(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value


def without(value: Any) -> Any:
    """JSON without the property."""
    if isinstance(value, dict):
        return {key: without(one) for key, one in cast("Json", value).items() if key != NEW}
    return [without(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value


def raws(value: Any) -> list[Json]:
    """Every ``raw`` in an answer."""
    if isinstance(value, list):
        return [raw for one in cast("list[Any]", value) for raw in raws(one)]
    if not isinstance(value, dict):
        return []
    inner = [raw for key, one in cast("Json", value).items() if key != "raw" for raw in raws(one)]
    return [*inner, *([cast("Json", value)["raw"]] if "raw" in value else [])]


def changing(change: Callable[[Any], Any]) -> Callable[[Asked, bytes], bytes]:
    """Changes the JSON of every answer but a login's."""

    def body(asked: Asked, content: bytes) -> bytes:
        is_json = asked.method == "GET" and content[:1] in (b"{", b"[")
        return msgspec.json.encode(change(json.loads(content))) if is_json else content

    return body


def asked_all(asked: Gateway, code: str) -> list[Json]:
    """All documents of a vendor, and each of its orders alone."""
    account = f"Account:{code}"
    found = [asked.get(one, **({"id": account} if "$id" in one else {})) for one in DOCUMENTS[code]]
    orders = next(one["orders"]["nodes"] for one in found if "nodes" in one.get("orders", {}) and "version" in str(one))
    return [*found, *(asked.get(ORDER, id=one["id"]) for one in orders[:5])]


@pytest.mark.slow
@pytest.mark.parametrize("code", [vendor.code for vendor in VENDORS])
def test_unknown_properties_are_ignored_shown_in_raw_and_counted(shops: Shops, code: str) -> None:
    plain = asked_all(shops.plain, code)
    assert counted(code) == {}, "all that the sandbox sends is known"
    shops.fronts[code].body = changing(with_more)
    with capture_logs() as logs:
        changed = asked_all(shops.changed, code)
    assert without(changed) == plain
    shown = raws(changed)
    assert shown
    kinds = {kind.removeprefix("property of ") for kind, word in counted(code)}
    print(code, sorted(kinds), sum(NEW in one for one in shown), len(shown))
    assert {word for _, word in counted(code)} <= {NEW}
