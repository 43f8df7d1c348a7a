"""A gateway with sandboxes, and a browser."""

from collections.abc import Generator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from ordergraph.vendors.registry import VENDORS
from tests.browser import pages
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway

KEY = "a key for the browser"


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """A browser for one module. No event loop can run in this thread while it is open."""
    if pages.CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with pages.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def fakes() -> Generator[dict[str, FakeVendor]]:
    with ExitStack() as stack:
        yield {one.code: stack.enter_context(serving(one, orders=30, seed=3)) for one in VENDORS}


@pytest.fixture(scope="module")
def asked(fakes: dict[str, FakeVendor]) -> Generator[Gateway]:
    """A gateway without authentication."""
    kept = {code: fake.placed for code, fake in fakes.items()}
    with gateway({code: fake.table(watch={"fastest": 0.2}) for code, fake in fakes.items()}, kept) as made:
        yield made


@pytest.fixture(scope="module")
def guarded(fakes: dict[str, FakeVendor]) -> Generator[Gateway]:
    """A gateway that requires an API key."""
    callers = {"web": {"keys": [KEY], "accounts": ["*"], "scopes": ["read", "write"]}}
    with gateway({code: fake.table() for code, fake in fakes.items()}, callers=callers) as made:
        yield made


@pytest.fixture
def url(asked: Gateway) -> str:
    return str(asked.client.base_url).rstrip("/")


@pytest.fixture(scope="module")
def guarded_url(guarded: Gateway) -> str:
    return str(guarded.client.base_url).rstrip("/")
