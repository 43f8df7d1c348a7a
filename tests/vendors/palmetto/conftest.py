"""A Palmetto sandbox, and a gateway whose account has placed the seeded orders."""

from collections.abc import Generator

import pytest

from ordergraph.vendors.palmetto.vendor import vendor
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
    table = served.table(company_id="C-1", user_id="u-1", currency="USD")
    with gateway({"vdc": table}, {"vdc": served.placed}) as made:
        yield made


@pytest.fixture
def asked(fake: FakeVendor, running: Gateway) -> Gateway:
    """The gateway, after the reset ended its session and cleared the call log."""
    fake.forget_calls()
    return running
