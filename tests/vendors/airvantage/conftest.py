"""An AirVantage sandbox, and a gateway with an account there."""

from collections.abc import Generator

import pytest

from ordergraph.vendors.airvantage.vendor import vendor
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
    with gateway({"av": served.table(cache={"lists": 0})}) as made:
        yield made


@pytest.fixture
def asked(fake: FakeVendor, running: Gateway) -> Gateway:
    """The gateway, which has to authenticate again because the reset ended its token."""
    running.get("{ orders(first: 1) { nodes { id } } }")
    fake.forget_calls()
    return running
