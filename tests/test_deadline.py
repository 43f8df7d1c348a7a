"""A request has a deadline: a hanging vendor delays its own orders only, and the others arrive in time."""

import time
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from ordergraph.vendors.registry import VENDORS
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway

pytestmark = pytest.mark.slow

SECONDS = 1.5
QUERY = """{ orders(first: 20) { nodes { id vendor } pageInfo { hasNextPage endCursor }
    sources { account { name } state code retryAfter } } }"""


@pytest.fixture
def fakes() -> Generator[dict[str, FakeVendor]]:
    with ExitStack() as stack:
        yield {one.code: stack.enter_context(serving(one, orders=30)) for one in VENDORS}


@pytest.fixture
def asked(fakes: dict[str, FakeVendor], monkeypatch: pytest.MonkeyPatch) -> Generator[Gateway]:
    monkeypatch.setenv("ORDERGRAPH_LIMITS__SECONDS", str(SECONDS))
    with gateway({name: fake.table() for name, fake in fakes.items()}) as made:
        made.get(QUERY)  # authenticates and reads all facts
        yield made


def test_vendor_that_hangs_costs_its_own_orders(fakes: dict[str, FakeVendor], asked: Gateway) -> None:
    fakes["nuvias"].faults({"fault": "slow", "seconds": 30})
    began = time.monotonic()
    page = asked.get(QUERY)["orders"]
    assert SECONDS <= time.monotonic() - began < SECONDS + 2
    states = {one["account"]["name"]: one for one in page["sources"]}
    late = states.pop("nuvias")
    assert (late["state"], late["code"]) == ("FAILED", "VENDOR_TIMEOUT")
    assert late["retryAfter"] > 0
    assert all(one["state"] == "OK" for one in states.values())
    assert {one["vendor"] for one in page["nodes"]} >= {"AIRVANTAGE"}
    assert "NUVIAS" not in {one["vendor"] for one in page["nodes"]}
    fakes["nuvias"].end_faults()
    query = QUERY.replace("first: 20", "first: 100, after: $after").replace("{", "query($after: String) {", 1)
    owed = asked.get(query, after=page["pageInfo"]["endCursor"])["orders"]
    assert "NUVIAS" in {one["vendor"] for one in owed["nodes"]}


def test_change_is_not_cut_short_by_it(fakes: dict[str, FakeVendor], asked: Gateway) -> None:
    (order,) = asked.get(
        "{ orders(first: 1, filter: {vendors: [AIRVANTAGE], statuses: [SUBMITTED]}) { nodes { id } } }"
    )["orders"]["nodes"]
    fakes["airvantage"].faults({"fault": "slow", "seconds": SECONDS + 0.5, "method": "PUT"})
    done = asked.do("cancelOrder", orderId=order["id"])
    assert (done["order"]["status"], done["userErrors"]) == ("CANCELLED", [])
