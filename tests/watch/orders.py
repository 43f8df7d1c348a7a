"""Orders for the tests of watching, and a vendor that has them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain import OrderStatus, Origin
from ordergraph.domain.errors import OrdergraphError, VendorUnavailable
from ordergraph.settings import WatchSettings

ACCOUNT = "acme"


class Order(domain.Order):
    """An order with a version and a few fields."""

    __slots__ = ("_key", "number_", "state", "word")

    def __init__(self, key: str = "1", word: str = "a", state: OrderStatus = OrderStatus.IN_PROGRESS) -> None:
        super().__init__(Origin(ACCOUNT, "nuvias", datetime.now(UTC)))
        self._key, self.word, self.state = key, word, state

    @property
    def key(self) -> tuple[str, ...]:
        return (self._key,)

    @property
    def number(self) -> str | None:
        return self.word

    @property
    def status(self) -> OrderStatus:
        return self.state

    @property
    def version(self) -> str:
        return f"{self.word}-{self.state.name}"


class Account:
    """A connector that takes ``seconds`` to read an order, and records each read."""

    name = ACCOUNT

    def __init__(self, concurrency: int = 8, seconds: float = 1, **watch: Any) -> None:
        self.seconds = seconds
        self.account = SimpleNamespace(watch=WatchSettings(**watch), concurrency=concurrency)
        self.orders: dict[str, Order] = {}
        self.error: OrdergraphError | Exception | None = None
        self.calls: list[tuple[float, str]] = []
        self.looked_at: set[str] = set()
        self.most_in_flight = 0
        self.twice_at_once: list[str] = []

    @property
    def connector(self) -> Connector:
        return cast("Connector", self)

    def times(self, key: str = "1") -> list[float]:
        """Return the times at which an order was read."""
        return [at for at, one in self.calls if one == key]

    async def fetch_orders(self, keys: Sequence[str]) -> Sequence[Order | None]:
        (key,) = keys
        self.calls.append((asyncio.get_running_loop().time(), key))
        self.twice_at_once += [key] if key in self.looked_at else []
        self.looked_at.add(key)
        self.most_in_flight = max(self.most_in_flight, len(self.looked_at))
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.looked_at.discard(key)
        if self.error is not None:
            raise self.error
        return [self.orders.get(key)]


def ill(retry_after: float | None = None) -> VendorUnavailable:
    return VendorUnavailable("nuvias", ACCOUNT, "get_order", status=503, retry_after=retry_after)
