"""A fake Sonata, and a gateway with accounts there: one with every extension, one with none."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from ordergraph.vendors.sonata.vendor import vendor
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway

ORDERS = 40


@pytest.fixture(scope="module")
def served() -> Generator[FakeVendor]:
    with serving(vendor, orders=ORDERS) as fake:
        yield fake


@pytest.fixture
def fake(served: FakeVendor) -> FakeVendor:
    served.reset()
    return served


@pytest.fixture(scope="module")
def running(served: FakeVendor) -> Generator[Gateway]:
    with gateway({"sonata": served.table(cache={"lists": 0}), "bare": served.table(extensions=[])}) as made:
        yield made


@pytest.fixture
def asked(fake: FakeVendor, running: Gateway) -> Gateway:
    """The gateway, logged in anew: the reset ended its tokens."""
    running.get('{ orders(first: 1, filter: { accountId: ["Account:sonata"] }) { nodes { id } } }')
    running.get('{ order(id: "Order:bare:none") { id } }')
    fake.forget_calls()
    return running
