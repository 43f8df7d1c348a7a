"""The merged list of orders, compared with a sorted list: 2,000 orders over five accounts, one at each vendor."""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette

from ordergraph.sandbox import create_app, running
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.vendor import Vendor
from tests.gateway import Gateway, gateway
from tests.vendors.airvantage.laws import CONTACT, PRODUCT

pytestmark = pytest.mark.slow

ORDERS = 400
SEED = 3
INSERTS_EVERY = 4

PAGE = """
query($first: Int, $after: String, $last: Int, $before: String, $sort: OrderSort) {
  orders(first: $first, after: $after, last: $last, before: $before, sort: $sort) {
    nodes { id placedAt }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    sources { account { name } state coverage code retryAfter }
  }
}"""

Json = dict[str, Any]


class Key(NamedTuple):
    """The position of an order in the list."""

    placed_at: datetime
    id: str


class World:
    """A gateway with an account at each vendor. Vendors can be stopped and restarted."""

    def __init__(self, asked: Gateway, apps: dict[str, Starlette], bases: dict[str, str], served: dict[str, ExitStack]):
        self.asked = asked
        self.apps = apps
        self.bases = bases
        self.served = served
        self.inserted = 0

    @contextmanager
    def without(self, vendor: str) -> Generator[None]:
        """Stop the vendor's sandbox, and restart it with the same state and address."""
        self.served[vendor].close()
        yield
        self.served[vendor].enter_context(running(self.apps[vendor], port=urlsplit(self.bases[vendor]).port or 0))

    def insert(self, at: datetime) -> Key:
        """Place an order that is sorted at this time, which AirVantage lets the buyer set as the effective time."""
        self.inserted += 1
        placed = self.asked.do(
            "placeOrder",
            "order { id placedAt }",
            accountId="Account:airvantage",
            idempotencyKey=f"oracle-{self.inserted}",
            lineItems=[{"product": {"id": f"Product:airvantage:{PRODUCT}"}}],
            details={"airvantage": {"deliveryContact": CONTACT, "effectiveOrderAt": at.isoformat()}},
        )
        assert placed["userErrors"] == []
        return key_of(placed["order"])


def key_of(order: Json) -> Key:
    return Key(datetime.fromisoformat(order["placedAt"]), order["id"])


def account(vendor: Vendor, base: str) -> Json:
    return {
        **vendor.sandbox_account,
        "base_url": f"{base}/{vendor.code}",
        "extensions": sorted(vendor.settings.known_extensions),
        "cache": {"lists": 0, "stale": 0},  # so that a stopped vendor is noticed immediately
        "circuit": {"pause": 0.01, "max_pause": 0.01},  # and a restarted vendor is called immediately
    }


@pytest.fixture(scope="module")
def world() -> Generator[World]:
    with ExitStack() as stack:
        served = {vendor.code: stack.enter_context(ExitStack()) for vendor in VENDORS}
        apps = {one.code: create_app({one.code: one.sandbox}, orders=ORDERS, seed=SEED) for one in VENDORS}
        bases = {code: served[code].enter_context(running(app)) for code, app in apps.items()}
        kept = {one.code: one.placements(ORDERS, SEED) for one in VENDORS if one.placements}
        accounts = {one.code: account(one, bases[one.code]) for one in VENDORS}
        yield World(stack.enter_context(gateway(accounts, kept)), apps, bases, served)


class Walk:
    """A client that pages through all orders."""

    def __init__(self, asked: Gateway, *, direction: str, forward: bool, sizes: random.Random) -> None:
        self.asked = asked
        self.direction = direction
        self.forward = forward
        self.sizes = sizes
        self.cursor: str | None = None
        self.found: list[Key] = []
        self.sources: list[Json] = []
        self.more = True

    @property
    def descending(self) -> bool:
        """Whether the walk goes from newest to oldest."""
        return (self.direction == "DESC") is self.forward

    def step(self) -> Sequence[Key]:
        """Return the next page, in reading order."""
        names = ("first", "after") if self.forward else ("last", "before")
        arguments = {names[0]: self.sizes.randint(1, 100), names[1]: self.cursor}
        page = self.asked.get(PAGE, **arguments, sort={"direction": self.direction})["orders"]
        info = page["pageInfo"]
        self.cursor = info["endCursor" if self.forward else "startCursor"]
        self.more = info["hasNextPage" if self.forward else "hasPreviousPage"]
        self.sources = page["sources"]
        nodes = page["nodes"] if self.forward else page["nodes"][::-1]
        keys = [key_of(node) for node in nodes]
        assert keys == sorted(keys, reverse=self.descending), "each page is sorted"
        self.found += keys
        return keys

    def beyond(self, key: Key) -> bool:
        """Whether the walk has not reached this position yet."""
        return not self.found or (key < self.found[-1] if self.descending else key > self.found[-1])


def everything(asked: Gateway) -> list[Key]:
    """Return the orders of all accounts, read one account at a time, without merging."""
    query = """query($account: [ID!], $after: String) {
        orders(first: 100, after: $after, filter: {accountIds: $account}) {
            nodes { id placedAt } pageInfo { hasNextPage endCursor } } }"""
    found: list[Key] = []
    for vendor in VENDORS:
        at: str | None = None
        more = True
        while more:
            page = asked.get(query, account=[f"Account:{vendor.code}"], after=at)["orders"]
            found += map(key_of, page["nodes"])
            at, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return found


WALKS = [("DESC", True), ("DESC", False), ("ASC", True), ("ASC", False)]


@pytest.mark.parametrize(("direction", "forward"), WALKS)
def test_pages_are_the_sorted_truth_while_orders_are_placed(world: World, direction: str, forward: bool) -> None:
    chance = random.Random(f"{direction} {forward}")
    before = everything(world.asked)
    assert len(set(before)) == len(before) >= ORDERS * len(VENDORS)
    span = (min(before).placed_at, max(before).placed_at)
    walk = Walk(world.asked, direction=direction, forward=forward, sizes=chance)
    expected = set(before)
    pages = 0
    while walk.more:
        walk.step()
        pages += 1
        assert all(one["state"] == "OK" for one in walk.sources)
        if pages % INSERTS_EVERY == 0:
            at = span[0] + timedelta(seconds=chance.randrange(int((span[1] - span[0]).total_seconds())))
            key = world.insert(at)
            if walk.beyond(key):
                expected.add(key)
    assert world.inserted
    assert all(one > other if walk.descending else one < other for one, other in pairwise(walk.found))
    assert walk.found == sorted(expected, reverse=walk.descending)


@pytest.mark.parametrize("vendor", [vendor.code for vendor in VENDORS])
def test_vendor_that_is_killed_and_brought_back_is_neither_doubled_nor_missing(world: World, vendor: str) -> None:
    expected = everything(world.asked)
    walk = Walk(world.asked, direction="DESC", forward=True, sizes=random.Random(vendor))
    for _ in range(5):
        walk.step()
    with world.without(vendor):
        for _ in range(5):
            walk.step()
            check_sources(walk, vendor)
    while walk.more:
        walk.step()
        assert all(one["state"] == "OK" for one in walk.sources)
    assert sorted(walk.found) == sorted(expected)


def test_client_that_goes_on_until_only_the_dead_vendor_is_left_is_told_when_to_ask_again(world: World) -> None:
    expected = everything(world.asked)
    walk = Walk(world.asked, direction="ASC", forward=True, sizes=random.Random(1))
    with world.without("nuvias"):
        page: Sequence[Key] = walk.step()
        while page:
            page = walk.step()
        at = walk.cursor
        assert not walk.step()
        assert (walk.cursor, walk.more) == (at, True)
        (failed,) = [one for one in walk.sources if one["state"] == "FAILED"]
        assert (failed["account"]["name"], failed["code"], failed["coverage"]) == (
            "nuvias",
            "VENDOR_UNAVAILABLE",
            "NONE",
        )
        assert failed["retryAfter"] > 0
    while walk.more:
        walk.step()
    assert sorted(walk.found) == sorted(expected)


def check_sources(walk: Walk, gone: str) -> None:
    """Assert that the stopped vendor is reported as missing, unless its orders are in the ledger."""
    states = {one["account"]["name"]: one for one in walk.sources}
    if states[gone]["coverage"] != "PLACED_BY_GATEWAY":
        assert states[gone]["state"] == "FAILED"
    assert all(one["state"] == "OK" for name, one in states.items() if name != gone)
