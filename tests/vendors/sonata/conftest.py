"""A Sonata sandbox, and a gateway with two accounts there: one with every extension, one with none.

The accounts are at a Seller of either kind. All requests and responses are checked against the published OpenAPI.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from ordergraph.vendors.sonata.sandbox import SonataSandbox
from ordergraph.vendors.sonata.sandbox.service import OPENAPI_CLIENT_ID
from ordergraph.vendors.sonata.vendor import vendor
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway
from tests.vendors.sonata.openapi import Inspector

ORDERS = 40
OPENAPI = {"client_id": OPENAPI_CLIENT_ID, "contract": "openapi"}
"""The settings of an account at the Seller that implements the published OpenAPI."""


@pytest.fixture(scope="package", autouse=True)
def inspector() -> Generator[Inspector]:
    made = Inspector()
    start = SonataSandbox.__init__

    def __init__(self: SonataSandbox, *given: Any, **named: Any) -> None:
        start(self, *given, **named)
        self.routes = [made.route(one) for one in self.routes]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SonataSandbox, "__init__", __init__)
        yield made


@pytest.fixture(autouse=True)
def _inspected(inspector: Inspector) -> Generator[None]:
    yield
    found, inspector.violations = inspector.violations, []
    assert found == []


@pytest.fixture(scope="module")
def served() -> Generator[FakeVendor]:
    with serving(vendor, orders=ORDERS) as fake:
        yield fake


@pytest.fixture
def fake(served: FakeVendor) -> FakeVendor:
    served.reset()
    return served


@pytest.fixture(scope="module", params=["document", pytest.param("openapi", marks=pytest.mark.slow)])
def contract(request: pytest.FixtureRequest) -> str:
    """The contract that the account's Seller implements."""
    return request.param


@pytest.fixture(scope="module")
def running(served: FakeVendor, contract: str) -> Generator[Gateway]:
    own = OPENAPI if contract == "openapi" else {}
    accounts = {"sonata": served.table(cache={"lists": 0}, **own), "bare": served.table(extensions=[], **own)}
    with gateway(accounts) as made:
        yield made


@pytest.fixture
def asked(fake: FakeVendor, running: Gateway) -> Gateway:
    """The gateway, which has to authenticate again because the reset ended its tokens."""
    running.get('{ orders(first: 1, filter: { accountIds: ["Account:sonata"] }) { nodes { id } } }')
    running.get('{ order(id: "Order:bare:none") { id } }')
    fake.forget_calls()
    return running
