"""A Verifone sandbox, and a gateway with two accounts there: one with all extensions, one with none."""

from collections.abc import Generator, Iterator

import pytest

from ordergraph.vendors.verifone.vendor import vendor
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway

ORDERS = 60


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
    with gateway({"vf": served.table(cache={"orders": 0})}) as made:
        yield made


@pytest.fixture
def asked(fake: FakeVendor, running: Gateway) -> Gateway:
    """The gateway, with the sandbox reset."""
    return running


@pytest.fixture
def bare(fake: FakeVendor) -> Iterator[Gateway]:
    """A gateway whose tenant has only the two documented operations."""
    fake.advance({"extensions": []})
    with gateway({"vf": fake.table(extensions=[], cache={"orders": 0})}) as made:
        yield made
