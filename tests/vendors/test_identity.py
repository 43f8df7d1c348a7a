"""A vendor's response must be about the requested object. Another object is a bad reply and is never cached."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain import Action
from ordergraph.domain.commands import SubscriptionQuery
from ordergraph.domain.errors import VendorBadReply, VendorError
from ordergraph.ledger.placed import PlacedOrders
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from ordergraph.vendors.vendor import Vendor
from tests.between import Asked, Between, between
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, Json, gateway
from tests.vendors.laws import COVERED, Laws, Reading, laws_of
from tests.vendors.test_conformance import ACT, ACT_ON_SUBSCRIPTION, order_in, order_states

pytestmark = pytest.mark.slow

KEPT_LONG = dict.fromkeys(
    ("orders", "lists", "products", "subscriptions", "invoices", "administration", "reference"), 60.0
)
WRITING = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module", params=COVERED, ids=lambda vendor: vendor.code)
def served(request: pytest.FixtureRequest) -> Generator[FakeVendor]:
    with serving(cast("Vendor", request.param), orders=60) as fake:
        yield fake


@pytest.fixture(scope="module")
def front(served: FakeVendor) -> Generator[Between]:
    with between(served.url) as made:
        yield made


@pytest.fixture
async def connect(served: FakeVendor, front: Between) -> AsyncGenerator[Callable[..., Connector]]:
    """Create connectors that call the vendor through the proxy."""
    front.well()
    store = Store(MEMORY)
    await PlacedOrders(store, served.vendor.code).keep(*served.placed)
    made: list[Connector] = []

    def make(**settings: Any) -> Connector:
        made.append(served.connector(store, **{"base_url": front.url, **settings}))
        return made[-1]

    yield make
    for connector in made:
        await connector.aclose()
    await store.aclose()


def shown(found: object) -> object:
    """Return the comparable part of a result."""
    if isinstance(found, list | tuple):
        return [shown(one) for one in cast("list[object]", found)]
    return cast("Any", found).wire if isinstance(found, domain.View) else found


READS = [
    pytest.param(vendor, reading, id=f"{vendor.code}-{name}")
    for vendor in COVERED
    for name, reading in laws_of(vendor).reads.items()
    if reading is not None
]


@pytest.mark.parametrize(("served", "reading"), READS, indirect=["served"], scope="module")
async def test_answer_about_another_object_is_a_bad_reply_and_not_kept(
    front: Between, connect: Callable[..., Connector], reading: Reading
) -> None:
    asked, other, read = await reading(connect())
    good = shown(await read(connect()))
    connector = connect(cache=KEPT_LONG)
    front.mix_up({asked: other}, "GET")
    for _ in range(2):  # each read is logged
        with capture_logs() as logs:
            (found,) = await read(connector)
        assert type(found) is VendorBadReply, shown(found)
        told = [entry for entry in logs if entry["event"] == "answer about another object"]
        assert {(entry["log_level"], entry["account"], entry["asked"]) for entry in told} == {
            ("warning", connector.name, asked)
        }
    assert front.changed
    front.well()
    assert shown(await read(connector)) == good


def templates(vendor: Vendor, methods: tuple[str, ...]) -> dict[str, str]:
    """Return the operations of a vendor whose path names an object."""
    found = {name: template.partition(" ") for name, template in vendor.settings.operations.items()}
    return {name: path for name, (method, _, path) in found.items() if method in methods and "{" in path}


@pytest.mark.parametrize("vendor", COVERED, ids=lambda vendor: vendor.code)
def test_every_read_of_one_object_is_covered(vendor: Vendor) -> None:
    assert set(templates(vendor, ("GET",))) <= set(laws_of(vendor).reads)


async def test_changes_answered_with_another_object_are_in_doubt(
    served: FakeVendor, front: Between, connect: Callable[..., Connector]
) -> None:
    """Covers every change whose path names an object, unless its response is about something else."""
    laws, connector = laws_of(served.vendor), connect()
    hit: set[str] = set()
    words = {action: word for word in order_states(served.vendor) for action in await offers(served, connector, word)}
    for action, word in words.items():
        order = await order_in(served, connector, laws, word)
        hit |= await renamed(front, served, lambda a=action, o=order: ACT[a](connector, o, laws))
    for action in filter(connector.supports, ACT_ON_SUBSCRIPTION):
        key = await subscription(served, connector, laws, action)
        hit |= await renamed(front, served, lambda a=action, k=key: ACT_ON_SUBSCRIPTION[a](connector, k))
    for reading, edit in laws.edits.items():
        key, _, _ = await cast("Reading", laws.reads[reading])(connector)
        hit |= await renamed(front, served, lambda e=edit, k=key: e(connector, k))
    assert hit == set(templates(served.vendor, WRITING)) - laws.about_parts


async def offers(served: FakeVendor, connector: Connector, word: str) -> list[Action]:
    """Return the actions that are possible with an order in that state."""
    order = await order_in(served, connector, laws_of(served.vendor), word)
    return [one.action for one in order.available_actions if one.is_allowed and one.action in ACT]


async def subscription(served: FakeVendor, connector: Connector, laws: Laws, action: Action) -> str:
    """Return a subscription that permits an action."""
    served.reset()
    for status, command_of in laws.subscription_states.values():
        query = SubscriptionQuery(statuses=frozenset({status}))
        key = (await connector.list_subscriptions(query, 0, 1)).items[0].ref.joined
        if command := command_of(key):
            served.advance(dict(command))
        connector.cache.forget("subscriptions")
        (found,) = await connector.fetch_subscriptions([key])
        assert isinstance(found, domain.Subscription)
        if any(offer.action is action and offer.is_allowed for offer in found.available_actions):
            return key
    raise AssertionError(f"no subscription for {action}")


async def renamed(front: Between, served: FakeVendor, act: Callable[[], Awaitable[object]]) -> set[str]:
    """Make a change whose responses have another ID. Return the operations that got such a response."""
    hit: set[str] = set()
    laws = laws_of(served.vendor)

    def body(asked: Asked, content: bytes) -> bytes:
        if asked.method not in WRITING or not content:
            return content
        target = asked.target.removeprefix(front.vendor.path).partition("?")[0]
        found: Json = json.loads(content)
        ids = [name for name, value in found.items() if plain(value) in map(plain, target.split("/"))]
        if not ids:
            return content
        hit.update(operations(served, asked.method, target))
        return json.dumps({**found, **{name: type(found[name])(laws.missing[1]) for name in ids}}).encode()

    front.body = body
    error = await failure(act())
    front.well()
    hit -= laws.about_parts
    assert type(error) is (VendorBadReply if hit else type(None)), error
    assert error is None or not error.nothing_done
    return hit


def plain(value: object) -> str:
    """Return an ID without its formatting."""
    return str(value).replace("-", "").lower()


def operations(served: FakeVendor, method: str, target: str) -> set[str]:
    """Return the operations that match a request."""
    paths = {
        name: re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))
        for name, path in templates(served.vendor, (method,)).items()
    }
    return {name for name, path in paths.items() if re.fullmatch(path, target)}


async def failure(acting: Awaitable[object]) -> VendorError | None:
    """Return the error of a change, or None."""
    try:
        await acting
    except VendorError as error:
        return error
    return None


CANCEL = """mutation($input: CancelOrderInput!) { cancelOrder(input: $input) {
    order { id } operation { id status } userErrors { code } } }"""
OPERATION = "query($id: ID!) { operation(id: $id) { status nextCheckAt } }"
OPEN = "{ orders(first: 50, filter: {statuses: [IN_PROGRESS]}) { nodes { id availableActions { action isAllowed } } } }"


def settled(asked: Gateway, operation: str) -> str:
    """Return the final status of an in-doubt operation."""
    until = time.monotonic() + 30
    while True:
        found = asked.get(OPERATION, id=operation)["operation"]
        if found["nextCheckAt"] is None:
            return str(found["status"])
        assert time.monotonic() < until, found
        time.sleep(0.05)


def test_node_is_what_was_asked_for_and_a_mixed_up_change_is_settled_by_the_right_order() -> None:
    with serving(nuvias, orders=60) as fake, between(fake.url) as front:
        table = fake.table(base_url=front.url, settle=1.0)
        with gateway({"nuvias": table}) as asked:
            can = [
                one["id"]
                for one in asked.get(OPEN)["orders"]["nodes"]
                if {"action": "CANCEL_ORDER", "isAllowed": True} in one["availableActions"]
            ]
            one, other = can[:2]
            front.mix_up({one.rpartition(":")[2]: other.rpartition(":")[2]}, "GET")
            error = asked.error("query($id: ID!) { node(id: $id) { id } }", id=one)
            assert error["extensions"]["code"] == "VENDOR_BAD_REPLY"
            front.mix_up({one.rpartition(":")[2]: other.rpartition(":")[2]}, "POST")
            payload = asked.get(CANCEL, input={"orderId": one, "idempotencyKey": "mixed up"})["cancelOrder"]
            assert payload["order"] is None
            assert [error["code"] for error in payload["userErrors"]] == ["OUTCOME_IN_DOUBT"]
            front.well()
            assert settled(asked, payload["operation"]["id"]) == "REJECTED"
            assert asked.get("query($id: ID!) { node(id: $id) { id } }", id=one)["node"]["id"] == one
