"""The graph reaches every documented operation and extension of all five vendors."""

from collections.abc import Generator
from contextlib import ExitStack
from importlib import import_module
from typing import Any

import pytest

from ordergraph.vendors.registry import VENDORS
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway

pytestmark = pytest.mark.slow

DOCUMENTED = {"airvantage": 6, "nuvias": 46, "palmetto": 1, "sonata": 2, "verifone": 2}
"""The number of operations in each vendor's documentation. That of Nuvias includes authentication."""


def operations(code: str) -> Any:
    """Return the vendor's module, with its OPERATIONS, what is BEYOND them, the ACCOUNTS needed, and a `walk`."""
    return import_module(f"tests.vendors.{code}.operations")


@pytest.fixture
def fakes() -> Generator[dict[str, FakeVendor]]:
    with ExitStack() as stack:
        yield {one.code: stack.enter_context(serving(one, orders=60)) for one in VENDORS}


@pytest.fixture
def asked(fakes: dict[str, FakeVendor]) -> Generator[Gateway]:
    accounts = {
        name: fakes[one.code].table(**settings)
        for one in VENDORS
        for name, settings in operations(one.code).ACCOUNTS.items()
    }
    with gateway(accounts) as made:
        yield made


def test_every_operation_of_every_vendor_is_reached(fakes: dict[str, FakeVendor], asked: Gateway) -> None:
    documented = {one.code: operations(one.code).OPERATIONS for one in VENDORS}
    assert {code: len(found) for code, found in documented.items()} == DOCUMENTED
    assert sum(DOCUMENTED.values()) == 57
    for code, fake in fakes.items():
        operations(code).walk(asked, fake)
    for code, fake in fakes.items():
        log = fake.control.get("/calls").json()
        done = {(call["method"], call["path"]) for call in log if 200 <= call["status"] < 300}
        assert done == documented[code] | operations(code).BEYOND, code
