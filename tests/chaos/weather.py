"""The sandboxes of the kill test, and their faults."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import httpx

from ordergraph.sandbox import VendorApp, create_app, running
from tests.chaos.shops import Placed, Shop, placed

Json = dict[str, Any]

LATE_SECONDS = 2.0
"""The seconds after which a delayed order is placed, later than the first look-ups."""
SLOW_SECONDS = 0.7
PLACING: Mapping[str, float] = {
    "times_out_after_commit": 0.06,
    "times_out_before_commit": 0.05,
    "connection_reset": 0.05,
    "unavailable": 0.05,
    "rate_limited": 0.05,
    "slow": 0.06,
}
"""The probability of each fault for a call that places an order."""
LATE = 0.06
"""The probability that an order is placed after the timeout."""
ANY: Mapping[str, float] = {
    "times_out_before_commit": 0.01,
    "connection_reset": 0.02,
    "unavailable": 0.02,
    "rate_limited": 0.02,
    "slow": 0.02,
}
"""The probability of each fault for all other calls, including authentication."""
TIMES = 10**9
"""The initial count of each rule. The rest shows how often the fault was used."""
ORDERS = 10


class Weather:
    """All sandboxes of a run, in a thread of this process, so that the run can read their state."""

    def __init__(self, apps: Mapping[str, VendorApp], url: str, client: httpx.Client) -> None:
        self._apps = apps
        self.url = url
        self._client = client
        self._before = {code: {one.id for one in self._all(code)} for code in apps}

    def begin(self, shops: Sequence[Shop], draws: random.Random) -> None:
        """Start the faults."""
        for code in self._apps:
            paths = dict.fromkeys(path for shop in shops if shop.code == code for path in shop.placing)
            rules = [*_placing(paths), *({"fault": fault, "probability": share} for fault, share in ANY.items())]
            for rule in rules:
                rule |= {"times": TIMES, "seed": draws.getrandbits(32)}
                if rule["fault"] == "slow":
                    rule["seconds"] = SLOW_SECONDS
            self._client.put(f"/{code}/_control/faults", json=rules).raise_for_status()

    def counts(self) -> Counter[str]:
        """Return how often each fault was used."""
        found: Counter[str] = Counter()
        for code in self._apps:
            for rule in cast("list[Json]", self._client.get(f"/{code}/_control/faults").json()):
                late = rule["fault"] == "times_out_after_commit" and "seconds" in rule
                found[f"{rule['fault']} (late)" if late else rule["fault"]] += TIMES - rule["times"]
        return found

    def calls(self) -> Counter[str]:
        """Return the number of calls to vendors, by method."""
        return Counter(call["method"] for app in self._apps.values() for call in list(app.calls))

    def end(self) -> None:
        """End the faults. Delayed orders are still placed."""
        for code in self._apps:
            self._client.delete(f"/{code}/_control/faults").raise_for_status()

    def placed(self) -> list[Placed]:
        """Return the orders that were placed during the run."""
        return [one for code in self._apps for one in self._all(code) if one.id not in self._before[code]]

    def _all(self, code: str) -> Iterator[Placed]:
        return placed(code, self._apps[code].vendor)


def _placing(paths: Iterable[str]) -> Iterator[Json]:
    for path in paths:
        for fault, share in PLACING.items():
            yield {"fault": fault, "probability": share, "method": "POST", "path": path}
        late = {"fault": "times_out_after_commit", "probability": LATE, "seconds": LATE_SECONDS}
        yield {**late, "method": "POST", "path": path}


@contextmanager
def weather(shops: Sequence[Shop], seed: int) -> Generator[Weather]:
    """Serve the sandboxes of these shops' vendors."""
    vendors = {shop.code: shop.vendor.sandbox for shop in shops}
    app = create_app(vendors, orders=ORDERS, seed=seed)
    with running(app) as url, httpx.Client(base_url=url, timeout=10, trust_env=False, verify=False) as client:
        yield Weather(cast("Mapping[str, VendorApp]", app.state.vendor_apps), url, client)
