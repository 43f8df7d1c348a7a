"""Failing vendors over HTTP: retries, the circuit breaker, shared calls, stale data, and what callers see."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from ordergraph.sandbox import create_app, running
from ordergraph.upstream.retries import RESERVE
from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from ordergraph.vendors.registry import VENDORS
from tests.fakes import IMPATIENT, FakeVendor, serving
from tests.gateway import Gateway, Json, gateway
from tests.ports import free_port

pytestmark = pytest.mark.slow

SETTLED = 30.0
"""The seconds after which a test stops waiting."""

LIST = """query($first: Int = 5) { orders(first: $first) { nodes { id status retrievedAt }
    sources { account { name } state coverage code message retryAfter retrievedAt } } }"""
ORDER = "query($id: ID!) { order(id: $id) { id status retrievedAt } }"
HEALTH = '{ account(id: "Account:nuvias") { health { state failure circuit retryAt lastError } } }'


@pytest.fixture(scope="module")
def served() -> Generator[FakeVendor]:
    with serving(nuvias, orders=60) as fake:
        yield fake


@pytest.fixture
def fake(served: FakeVendor) -> FakeVendor:
    served.reset()
    return served


@contextmanager
def asked(fake: FakeVendor, **settings: Any) -> Generator[Gateway]:
    """A gateway that has authenticated and knows the facts of its account."""
    with gateway({"nuvias": fake.table(**settings)}) as made:
        made.get("{ orders(first: 1) { nodes { total { amount } } } }")
        fake.forget_calls()
        yield made


def reads(fake: FakeVendor, path: str = "/orders") -> int:
    return fake.calls().count(("GET", path))


def ids(asked: Gateway, first: int) -> Sequence[str]:
    return [one["id"] for one in asked.get(LIST, first=first)["orders"]["nodes"]]


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SETTLED
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


# ---- Retries ----------------------------------------------------------------------------------------

THRICE = {"retries": {"attempts": 3}}


@pytest.mark.parametrize("fault", ["unavailable", "connection_reset", "times_out_before_commit", "rate_limited"])
def test_read_is_sent_again_when_it_fails(fake: FakeVendor, fault: str) -> None:
    with asked(fake, **THRICE, timeouts={"connect": 2.0, "read": 1.0, "total": 10.0}) as made:
        fake.faults({"fault": fault, "path": "/orders", "times": 2})
        assert made.get(LIST)["orders"]["sources"][0]["state"] == "OK"
    assert reads(fake) == 3


@pytest.mark.parametrize("fault", ["malformed_json", "unauthorized"])
def test_read_is_not_sent_again_when_it_was_answered(fake: FakeVendor, fault: str) -> None:
    with asked(fake, **THRICE) as made:
        fake.faults({"fault": fault, "path": "/orders"})
        made.error(LIST)
    assert reads(fake) == (2 if fault == "unauthorized" else 1)  # one of them had an expired token


def test_retry_after_is_waited_for_within_the_time_of_the_request(
    fake: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asked(fake, **THRICE) as made:
        fake.faults({"fault": "rate_limited", "path": "/orders", "times": 1})
        began = time.monotonic()
        made.get(LIST)
        assert time.monotonic() - began >= 1.0
    assert reads(fake) == 2
    monkeypatch.setenv("ORDERGRAPH_LIMITS__SECONDS", "0.9")
    with asked(fake, **THRICE) as made:
        fake.faults({"fault": "rate_limited", "path": "/orders", "times": 1})
        error = made.error(LIST)["extensions"]
        assert (error["code"], error["retryAfter"]) == ("VENDOR_RATE_LIMITED", 1.0)
    assert reads(fake) == 1


def test_vendor_that_is_ill_gets_few_more_calls_than_one_that_is_well(fake: FakeVendor) -> None:
    calls, share = 40, 0.2
    with asked(fake, retries={"attempts": 3, "share": share}) as made:
        fake.faults({"fault": "unavailable", "path": "/orders"})
        for first in range(1, calls + 1):
            made.error(LIST, first=first)
        assert calls + RESERVE <= reads(fake) <= calls * (1 + share) + RESERVE
        fake.forget_calls()
        made.error(LIST, first=99)  # the budget is used up
        assert reads(fake) == 1


CANCEL = "/orders/{id}/cancel"


@pytest.fixture
def order(fake: FakeVendor) -> str:
    """Place an order that can be cancelled, and return its ID."""
    with asked(fake) as made:
        found = made.get("{ orders(first: 60, filter: {statuses: [IN_PROGRESS]}) { nodes { id vendorStatus } } }")
        return next(one["id"] for one in found["orders"]["nodes"] if one["vendorStatus"] == "PROCESSING")


def test_change_that_was_turned_away_is_sent_again_and_recorded_once(fake: FakeVendor, order: str) -> None:
    with asked(fake, **THRICE) as made:
        fake.faults({"fault": "rate_limited", "path": CANCEL, "times": 1})
        done = made.do("cancelOrder", "order { status } operation { status calls { operation } }", orderId=order)
    assert done["order"]["status"] == "CANCELLED"
    assert (done["operation"]["status"], len(done["operation"]["calls"])) == ("CONFIRMED", 1)
    assert len(fake.writes()) == 2


@pytest.mark.parametrize("fault", ["unavailable", "connection_reset", "times_out_before_commit"])
def test_change_that_may_have_been_done_is_sent_once(fake: FakeVendor, order: str, fault: str) -> None:
    with asked(fake, **THRICE, timeouts={"connect": 2.0, "read": 1.0, "total": 10.0}) as made:
        fake.faults({"fault": fault, "path": CANCEL})
        done = made.do("cancelOrder", orderId=order)
        assert [one["code"] for one in done["userErrors"]] == ["OUTCOME_IN_DOUBT"]
        fake.end_faults()
    assert len(fake.writes()) == 1


def test_login_is_tried_again_when_it_fails_also_for_a_change(fake: FakeVendor, order: str) -> None:
    fake.reset()
    with gateway({"nuvias": fake.table(**THRICE)}) as made:
        fake.faults({"fault": "unavailable", "path": "/oauth/create_token", "times": 2})
        assert made.do("cancelOrder", orderId=order)["userErrors"] == []
    assert fake.calls().count(("POST", "/oauth/create_token")) == 3


# ---- The circuit breaker ----------------------------------------------------------------------------

PAUSE = 3.0
LONG = 14.0
"""Seconds until the fault ends, of the 15 that a request has."""


def health(made: Gateway) -> Json:
    return made.get(HEALTH)["account"]["health"]


def test_circuit_opens_lets_one_call_probe_and_closes(fake: FakeVendor) -> None:
    with asked(fake, circuit={"failures": 5, "pause": PAUSE}, concurrency=100) as made:
        orders = ids(made, 50)
        fake.forget_calls()
        assert health(made) == {
            "state": "UP",
            "failure": None,
            "circuit": "CLOSED",
            "retryAt": None,
            "lastError": None,
        }
        fake.faults({"fault": "unavailable"})
        for id_ in orders[:5]:
            assert made.error(ORDER, id=id_)["extensions"]["code"] == "VENDOR_UNAVAILABLE"
        down = health(made)
        assert (down["state"], down["failure"], down["circuit"]) == ("DOWN", "SERVER", "OPEN")
        assert datetime.fromisoformat(down["retryAt"]) > datetime.now(UTC)
        for id_ in orders[5:10]:
            assert made.error(ORDER, id=id_)["extensions"]["code"] == "VENDOR_UNAVAILABLE"
        assert len(fake.calls()) == 5
        until(lambda: health(made)["circuit"] == "HALF_OPEN")
        fake.faults({"fault": "slow", "seconds": LONG})
        fake.forget_calls()
        answers = asyncio.run(at_once(made, fake, orders))
        shown = [one for one in answers if "errors" not in one]
        assert (len(shown), len(fake.calls())) == (1, 1)
        errors = [one["errors"][0]["extensions"] for one in answers if "errors" in one]
        assert {(one["code"], one["account"], one["isRetryable"]) for one in errors} == {
            ("VENDOR_UNAVAILABLE", "nuvias", True)
        }
        assert all(one["retryAfter"] > 0 for one in errors)
        assert health(made)["circuit"] == "CLOSED"
        assert made.get(ORDER, id=orders[0])["order"]["id"] == orders[0]


async def at_once(made: Gateway, fake: FakeVendor, orders: Sequence[str]) -> Sequence[Json]:
    """Read each order concurrently. The vendor answers only when all other requests have completed."""
    async with client_of(made) as client:
        asking = [asyncio.create_task(post(client, ORDER, id=id_)) for id_ in orders]
        await asyncio.to_thread(until, lambda: sum(one.done() for one in asking) == len(orders) - 1)
        fake.end_faults()
        return [(await one).json() for one in asking]


def client_of(made: Gateway) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(base_url=made.client.base_url, timeout=30, trust_env=False, limits=limits, verify=False)


async def post(client: httpx.AsyncClient, query: str, **variables: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": query, "variables": variables})


def test_change_while_the_circuit_is_open_is_not_sent_and_can_be_repeated(fake: FakeVendor, order: str) -> None:
    with asked(fake, circuit={"failures": 2, "pause": PAUSE}) as made:
        fake.faults({"fault": "unavailable"})
        for _ in range(2):
            made.error(ORDER, id=order)
        fake.forget_calls()
        (refused,) = made.do("cancelOrder", orderId=order, idempotencyKey="cancel-it")["userErrors"]
        assert (refused["code"], refused["isRetryable"]) == ("NOT_SENT", True)
        assert fake.calls() == []
        checked = made.do("cancelOrder", "preview { target }", orderId=order, validateOnly=True)
        assert checked["preview"]["target"].endswith("/cancel")
        fake.end_faults()
        until(lambda: not made.do("cancelOrder", orderId=order, idempotencyKey="cancel-it")["userErrors"])
        assert fake.writes() == [("POST", CANCEL)]


def test_wrong_password_is_not_tried_again_and_again(fake: FakeVendor) -> None:
    with gateway({"nuvias": fake.table(circuit={})}) as made:
        fake.faults({"fault": "unauthorized", "path": "/oauth/create_token"})
        for _ in range(10):
            assert made.error(LIST)["extensions"]["code"] == "VENDOR_LOGIN_FAILED"
        assert len(fake.calls()) == 2
        assert (health(made)["failure"], health(made)["circuit"]) == ("CREDENTIALS", "OPEN")


# ---- Shared calls -----------------------------------------------------------------------------------


@pytest.mark.parametrize("leaves", [False, True])
def test_many_identical_reads_make_one_call_also_when_the_first_caller_goes_away(
    fake: FakeVendor, *, leaves: bool
) -> None:
    with asked(fake) as made:
        fake.faults({"fault": "slow", "seconds": LONG, "path": "/orders"})
        answers = asyncio.run(many(made, fake, leaves=leaves))
    assert len(answers) == 200 - leaves
    assert all(len(one["data"]["orders"]["nodes"]) == 5 for one in answers)
    assert reads(fake) == 1


async def many(made: Gateway, fake: FakeVendor, *, leaves: bool) -> Sequence[Json]:
    async with client_of(made) as client:
        first = asyncio.create_task(post(client, LIST))
        await asyncio.to_thread(until, lambda: reads(fake) == 1)
        others = [asyncio.create_task(post(client, LIST)) for _ in range(199)]
        await asyncio.to_thread(until, lambda: made.under_way == 200)
        await asyncio.to_thread(health, made)  # the vendor answers once all callers wait
        if leaves:
            first.cancel()
        fake.end_faults()
        answers = await asyncio.gather(first, *others, return_exceptions=True)
    return [one.json() for one in answers if isinstance(one, httpx.Response)]


# ---- Caches -----------------------------------------------------------------------------------------

NO_CACHE = {"cache-control": "no-cache"}
KEPT = {"cache": {"orders": 60.0, "stale": 60.0}}


@pytest.mark.parametrize("said", ["no-cache", "no-store", "Max-Age=0", "private, no-cache"])
def test_caller_who_wants_no_cache_asks_the_vendor_for_all(fake: FakeVendor, said: str) -> None:
    with asked(fake, **KEPT) as made:
        before = [made.get(LIST) for _ in range(3)]
        assert (reads(fake), before[0]) == (1, before[2])
        made.client.headers["cache-control"] = said
        new = made.get(LIST)
        assert reads(fake) == 2
        del made.client.headers["cache-control"]
        assert made.get(LIST) == new
        assert reads(fake) == 2, "the new value is cached for others"


def source(made: Gateway) -> tuple[Json, Sequence[Json]]:
    answer = made.ask(LIST)
    if "errors" in answer:
        return {"state": "ALL FAILED", "code": answer["errors"][0]["extensions"]["code"]}, []
    return answer["data"]["orders"]["sources"][0], answer["data"]["orders"]["nodes"]


@pytest.mark.parametrize("seconds", [0.0, 0.05])
def test_older_list_stands_in_for_a_vendor_in_trouble_until_a_mutation(
    fake: FakeVendor, order: str, seconds: float
) -> None:
    with asked(fake, cache={"orders": seconds, "stale": 60.0}) as made:
        fresh, nodes = source(made)
        assert fresh["state"] == "OK"
        time.sleep(seconds)
        fake.faults({"fault": "unavailable", "path": "/orders"}, {"fault": "unavailable", "path": "/orders/{id}"})
        stale, shown = source(made)
        assert (stale["state"], stale["coverage"], stale["code"]) == ("STALE", "COMPLETE", "VENDOR_UNAVAILABLE")
        assert "nuvias" in stale["message"]
        assert stale["retryAfter"] > 0
        assert stale["retrievedAt"] == fresh["retrievedAt"]
        assert shown == nodes
        made.client.headers.update(NO_CACHE)
        assert source(made)[0]["state"] == "ALL FAILED"
        del made.client.headers["cache-control"]
        assert source(made)[0]["state"] == "STALE"
        made.do("cancelOrder", "order { id }", orderId=order)
        assert source(made)[0]["state"] == "ALL FAILED"


def test_older_order_stands_in_and_says_from_when_it_is(fake: FakeVendor) -> None:
    with asked(fake, cache={"stale": 60.0}) as made:
        (id_,) = ids(made, 1)
        fresh = made.get(ORDER, id=id_)
        for fault in ("connection_reset", "rate_limited"):
            fake.faults({"fault": fault})
            assert made.get(ORDER, id=id_) == fresh
        fake.faults({"fault": "unauthorized"})
        assert made.error(ORDER, id=id_)["extensions"]["code"] == "VENDOR_LOGIN_FAILED"


def test_stale_data_does_not_decide_a_change(fake: FakeVendor) -> None:
    with asked(fake, cache={"subscriptions": 0.0, "stale": 60.0}) as made:
        (one,) = made.get("{ subscriptions(first: 1) { nodes { id } } }")["subscriptions"]["nodes"]
        made.get("query($id: ID!) { subscription(id: $id) { id } }", id=one["id"])
        fake.faults({"fault": "unavailable", "method": "GET"})
        done = made.do("updateSubscription", "subscription { id }", subscriptionId=one["id"], hasAutoRenewal=True)
        assert [error["code"] for error in done["userErrors"]] == ["NOT_SENT"]
    assert fake.writes() == []


def test_chained_list_is_stale_too(fake: FakeVendor) -> None:
    query = "{ products(first: 3) { nodes { id } sources { state code retrievedAt } } }"
    with asked(fake, cache={"products": 0.0, "stale": 60.0}) as made:
        fresh = made.get(query)["products"]
        fake.faults({"fault": "unavailable"})
        stale = made.get(query)["products"]
        assert stale["nodes"] == fresh["nodes"]
        (told,) = stale["sources"]
        assert told == {**fresh["sources"][0], "state": "STALE", "code": "VENDOR_UNAVAILABLE"}


def test_page_that_is_stale_in_part_says_so(fake: FakeVendor) -> None:
    query = "{ products(last: 3) { nodes { id } sources { state code } } }"
    with asked(fake, cache={"products": 0.0, "stale": 60.0}) as made:
        fresh = made.get(query)["products"]
        fake.faults({"fault": "unavailable", "path": "/products", "times": 1})  # the length of the list
        fake.forget_calls()
        partly = made.get(query)["products"]
        assert reads(fake, "/products") == 2
        assert partly == {**fresh, "sources": [{"state": "STALE", "code": "VENDOR_UNAVAILABLE"}]}
        assert made.get(query)["products"] == fresh


def test_mutation_that_failed_midway_leaves_nothing_old_behind(fake: FakeVendor, order: str) -> None:
    listed = "{ orders(first: 60) { nodes { id status } } }"
    with asked(fake, **KEPT, timeouts=IMPATIENT) as made:
        shown = {one["id"]: one["status"] for one in made.get(listed)["orders"]["nodes"]}
        assert (shown[order], made.get(ORDER, id=order)["order"]["status"]) == ("IN_PROGRESS", "IN_PROGRESS")
        fake.faults({"fault": "times_out_after_commit", "path": CANCEL})
        done = made.do("cancelOrder", "order { id }", orderId=order)
        assert [error["code"] for error in done["userErrors"]] == ["OUTCOME_IN_DOUBT"]
        assert made.get(ORDER, id=order)["order"]["status"] == "CANCELLED"
        shown = {one["id"]: one["status"] for one in made.get(listed)["orders"]["nodes"]}
        assert shown[order] == "CANCELLED"


# ---- Five vendors -----------------------------------------------------------------------------------


def dead_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def test_five_vendors_of_which_one_is_dead_and_one_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = 3.0
    monkeypatch.setenv("ORDERGRAPH_LIMITS__SECONDS", str(seconds))
    with ExitStack() as stack:
        fakes = {one.code: stack.enter_context(serving(one, orders=20)) for one in VENDORS}
        real: Mapping[str, Json] = {"retries": {}, "circuit": {}}
        tables = {name: fake.table(**real) for name, fake in fakes.items()}
        tables["verifone"]["base_url"] = f"http://127.0.0.1:{dead_port()}"
        kept = {name: fake.placed for name, fake in fakes.items() if fake.placed}
        made = stack.enter_context(gateway(tables, kept))
        fakes["airvantage"].faults({"fault": "slow", "seconds": 10})
        began = time.monotonic()
        page = made.get(LIST, first=60)["orders"]
        assert time.monotonic() - began < 2 * seconds
        sources = {one["account"]["name"]: one for one in page["sources"]}
        failed = {name: one["code"] for name, one in sources.items() if one["state"] == "FAILED"}
        assert failed == {"verifone": "VENDOR_UNAVAILABLE", "airvantage": "VENDOR_TIMEOUT"}
        for name in failed:
            assert name in sources[name]["message"]
        assert {one["id"].split(":")[1] for one in page["nodes"]} == {"nuvias", "palmetto", "sonata"}
        assert all(sources[name]["state"] == "OK" for name in ("nuvias", "palmetto", "sonata"))


def test_gateway_starts_with_every_vendor_down_and_heals(monkeypatch: pytest.MonkeyPatch) -> None:
    apps = {one.code: create_app({one.code: one.sandbox}, orders=5, seed=1) for one in VENDORS}
    bases = {code: f"http://127.0.0.1:{free_port()}" for code in apps}
    tables = {
        one.code: {
            **one.sandbox_account,
            "base_url": f"{bases[one.code]}/{one.code}",
            "extensions": sorted(one.settings.known_extensions),
        }
        for one in VENDORS
    }
    with ExitStack() as stack, gateway(tables) as made:
        page = made.ask("{ orders { sources { account { name } state code message } } }")["data"]["orders"]
        down = {one["account"]["name"]: one for one in page["sources"] if one["state"] != "OK"}
        assert set(down) == set(apps) - {"palmetto"}  # its orders are in the ledger
        assert all(one["code"] == "VENDOR_UNAVAILABLE" and name in one["message"] for name, one in down.items())
        alone = made.error('{ orders(filter: {accountIds: ["Account:nuvias"]}) { nodes { id } } }')["extensions"]
        assert (alone["code"], alone["account"]) == ("VENDOR_UNAVAILABLE", "nuvias")
        for code, app in apps.items():
            stack.enter_context(running(app, port=urlsplit(bases[code]).port or 0))

        def healed() -> bool:
            sources = made.get("{ orders { sources { state } } }")["orders"]["sources"]
            return all(one["state"] == "OK" for one in sources)

        until(healed)
