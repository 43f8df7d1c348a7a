"""The sandboxes, served over TCP, with access to their control API."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx

from ordergraph.app import settings_classes
from ordergraph.connector import Connector
from ordergraph.ledger.placed import PlacedOrder, PlacedOrders
from ordergraph.ledger.store import Store
from ordergraph.sandbox import VendorApp, create_app, running
from ordergraph.settings import AccountSettings, sandbox
from ordergraph.vendors.vendor import Vendor

Json = dict[str, Any]

IMPATIENT = {"connect": 2.0, "read": 0.5, "total": 3.0}
"""Timeouts for tests in which a vendor hangs."""


PLAIN: Json = {"retries": {"attempts": 1}, "circuit": {"failures": 1000, "pause": 0.01, "max_pause": 0.01}}
"""Settings of an account that never retries a call and whose circuit breaker stays closed."""


faulty: list[FakeVendor] = []
"""The sandboxes to which a test has added faults. The faults are removed after the test (conftest.py)."""


@dataclass(frozen=True)
class FakeVendor:
    """One vendor's sandbox, served."""

    vendor: Vendor
    url: str
    control: httpx.Client
    operations: frozenset[tuple[str, str]]
    """Method and path template of every operation of the vendor."""
    placed: Sequence[PlacedOrder]
    """The orders that a gateway would have in its ledger if the vendor cannot list them."""

    def table(self, **settings: Any) -> Json:
        """Return settings for an account, for `settings.sandbox`. Faults are neither retried nor hidden by a cache."""
        extensions = sorted(self.vendor.settings.known_extensions)
        table = {**self.vendor.sandbox_account, "base_url": self.url, "extensions": extensions, **PLAIN, **settings}
        return {**table, "cache": {"stale": 0, **settings.get("cache", {})}}

    def account(self, name: str | None = None, **settings: Any) -> AccountSettings:
        name = name or self.vendor.code
        return sandbox(settings_classes([self.vendor]), {name: self.table(**settings)}).accounts[0]

    def connector(self, store: Store, name: str | None = None, **settings: Any) -> Connector:
        account = self.account(name, **settings)
        return self.vendor.connect(account, PlacedOrders(store, account.name))

    def calls(self) -> list[tuple[str, str]]:
        """Return method and path template of every call, in order."""
        log = cast("list[Json]", self.control.get("/calls").json())
        return [(entry["method"], entry["path"]) for entry in log]

    def all_answered(self) -> bool:
        """Whether no call is in progress."""
        return all(entry["status"] for entry in cast("list[Json]", self.control.get("/calls").json()))

    def writes(self) -> list[tuple[str, str]]:
        """Return the calls that could change something, without authentication and unauthenticated calls."""
        log = cast("list[Json]", self.control.get("/calls").json())
        calls = [(entry["method"], entry["path"]) for entry in log if entry["status"] != 401]
        logins = ("token", "credentials")
        return [call for call in calls if call[0] != "GET" and not any(word in call[1] for word in logins)]

    def forget_calls(self) -> None:
        assert self.control.delete("/calls").status_code == 204

    def faults(self, *rules: Json) -> None:
        response = self.control.put("/faults", json=list(rules))
        assert response.status_code == 200, response.text
        faulty.append(self)

    def end_faults(self) -> None:
        assert self.control.delete("/faults").status_code == 204

    def advance(self, command: Json) -> Json:
        response = self.control.post("/advance", json=command)
        assert response.status_code == 200, response.text
        return cast("Json", response.json())

    def reset(self) -> None:
        assert self.control.post("/reset").status_code == 204


@contextmanager
def serving(vendor: Vendor, *, orders: int, seed: int = 1) -> Generator[FakeVendor]:
    """Serve a vendor's sandbox in a background thread."""
    app = create_app({vendor.code: vendor.sandbox}, orders=orders, seed=seed)
    routes = cast("VendorApp", app.state.vendor_apps[vendor.code]).vendor.routes
    operations = frozenset((method, route.path) for route in routes for method in route.methods or ())
    with running(app) as base:
        url = f"{base}/{vendor.code}"
        with httpx.Client(base_url=f"{url}/_control", timeout=10, trust_env=False, verify=False) as control:
            placed = vendor.placements(orders, seed) if vendor.placements else ()
            yield FakeVendor(vendor, url, control, operations, placed)
