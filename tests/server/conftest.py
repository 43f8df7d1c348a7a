"""A gateway in front of a small Nuvias sandbox."""

from collections.abc import Generator

import pytest

from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway


@pytest.fixture(scope="package")
def fake() -> Generator[FakeVendor]:
    with serving(nuvias, orders=20) as served:
        yield served


@pytest.fixture(scope="package")
def asked(fake: FakeVendor) -> Generator[Gateway]:
    """A gateway with the account `nuvias`."""
    with gateway({"nuvias": fake.table()}) as running:
        yield running
