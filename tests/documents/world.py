"""The gateways and sandboxes for examples, all over TCP."""

import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from types import TracebackType
from typing import Any, Self, cast

import httpx
import uvicorn

from ordergraph import app, sandbox, settings
from ordergraph.ledger.placed import PlacedOrder
from ordergraph.vendors.registry import VENDORS

ORDERS, SEED = 5000, 7
READS = ("GET", "HEAD")
LOGINS = ("token", "credentials")
"""Path segments of calls that only authenticate."""


class World:
    """The sandboxes, seeded as by `make serve`. All documents share them, because seeding takes seconds."""

    def __init__(self, orders: int = ORDERS) -> None:
        self._orders = orders
        self._app = sandbox.create_app({one.code: one.sandbox for one in VENDORS}, orders=orders, seed=SEED)
        self._running: AbstractContextManager[str] = sandbox.running(self._app)

    def __enter__(self) -> Self:
        """Start serving."""
        self.url = self._running.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self._running.__exit__(kind, error, trace)

    @contextmanager
    def gateway(self, controlled: Sequence[str]) -> Generator[str]:
        """Yield the URL of a new gateway. At the end, the sandboxes are reset.

        ``controlled`` are the vendors whose state is changed through their control API.
        """
        served = app.create_app(app.configure(self._launch), kept=self._placements)
        server = uvicorn.Server(uvicorn.Config(served, port=0, log_config=None, ws="websockets-sansio"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            while not server.started:
                thread.join(0.01)
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            self._clean(controlled)

    @property
    def _launch(self) -> settings.Launch:
        return settings.Launch(sandbox=self.url, orders=self._orders, seed=SEED)

    @cached_property
    def _placements(self) -> Mapping[str, Sequence[PlacedOrder]]:
        return app.placements(self._launch)

    def _clean(self, controlled: Sequence[str]) -> None:
        """Reset the sandboxes that were changed, and clear the call log of the others."""
        with httpx.Client(base_url=self.url, timeout=60, verify=False) as client:
            for name, vendor in cast("Mapping[str, sandbox.VendorApp]", self._app.state.vendor_apps).items():
                if name in controlled or any(map(_changes, vendor.calls)):
                    client.post(f"/{name}/_control/reset").raise_for_status()
                client.delete(f"/{name}/_control/calls").raise_for_status()


def _changes(call: Mapping[str, Any]) -> bool:
    return call["method"] not in READS and not any(word in call["path"].lower() for word in LOGINS)
