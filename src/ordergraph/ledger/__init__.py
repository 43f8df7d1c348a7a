"""Which mutation was sent under which idempotency key, so that a repeat does not send again.

This is the first part of the ledger: it lives in the memory of one process, so keys do not outlive a
restart and are not shared by several workers. Its interface is what the durable ledger will have.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, cast

from cachetools import TTLCache

from ordergraph.errors import ActionRefused, UserError, UserErrorCode

T = TypeVar("T")

KEEP_SECONDS = 30 * 24 * 3600
MAX_KEYS = 100_000


@dataclass
class _Running:
    """One use of a mutation that is under way."""

    fingerprint: str
    settled: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class _Done:
    """One use of a mutation that binds its key."""

    fingerprint: str
    outcome: object


class Ledger:
    """The operations by account and idempotency key."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, str], _Running] = {}
        self._done: TTLCache[tuple[str, str], _Done] = TTLCache(MAX_KEYS, KEEP_SECONDS)
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(
        self,
        account: str,
        key: str,
        request: object,
        do: Callable[[], Awaitable[tuple[T, bool]]],
        replay: Callable[[T], Awaitable[T]],
    ) -> T:
        """Do something once for a key.

        ``do`` returns the outcome and whether it binds the key: an outcome that certainly did nothing
        leaves the key free. A repeat while the first is under way waits for it. A repeat afterwards gets
        ``replay(outcome)``. Another ``request`` under the same key raises IDEMPOTENCY_CONFLICT.
        """
        mine = _Running(fingerprint(request))
        place = (account, key)
        while (earlier := self._running.get(place) or self._done.get(place)) is not None:
            if earlier.fingerprint != mine.fingerprint:
                raise ActionRefused(
                    UserError(
                        UserErrorCode.IDEMPOTENCY_CONFLICT,
                        "This idempotency key was used with another input.",
                        ("input", "idempotencyKey"),
                    )
                )
            if isinstance(earlier, _Done):
                return await replay(cast("T", earlier.outcome))
            await earlier.settled.wait()
        self._running[place] = mine
        return await self.finish(self._do(place, mine, do))

    async def finish(self, doing: Coroutine[Any, Any, T]) -> T:
        """Do something to its end, in a task of its own: a caller that goes away must not stop it halfway."""
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen: when the caller has gone, nobody else looks at it

    async def _do(self, place: tuple[str, str], mine: _Running, do: Callable[[], Awaitable[tuple[T, bool]]]) -> T:
        try:
            outcome, binds = await do()
            if binds:
                self._done[place] = _Done(mine.fingerprint, outcome)
            return outcome
        finally:
            del self._running[place]
            mine.settled.set()


def fingerprint(request: object) -> str:
    """A short text that is the same for equal requests: ``1.0`` is ``1.00``, a moment is one in any zone."""
    return hashlib.blake2b(_canonical(request).encode(), digest_size=16).hexdigest()


def _canonical(value: object) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if value is None or isinstance(value, str | bytes | bool | float):
        return ascii(value)
    if isinstance(value, int):
        return f"{value:x}"
    if isinstance(value, Decimal):
        return _canonical_decimal(value)
    if isinstance(value, datetime | date | time):
        return _canonical_time(value)
    return _canonical_collection(value)


def _canonical_decimal(value: Decimal) -> str:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return f"decimal {value}"
    text = "".join(map(str, digits))
    plain = text.rstrip("0")
    if not plain:
        return "decimal 0"
    return f"decimal {'-' * sign}{plain.lstrip('0')}e{exponent + len(text) - len(plain)}"


def _canonical_time(value: datetime | date | time) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        with suppress(OverflowError):  # at the ends of the calendar
            value = value.astimezone(UTC)
    return f"{type(value).__name__} {value.isoformat()}"


def _canonical_collection(value: object) -> str:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [one.name for one in dataclasses.fields(value)]
        return type(value).__name__ + _canonical({name: getattr(value, name) for name in names})
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return "{" + ",".join(sorted(f"{_canonical(name)}:{_canonical(one)}" for name, one in pairs)) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ",".join(sorted(_canonical(one) for one in cast("Iterable[object]", value))) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_canonical(one) for one in cast("Iterable[object]", value)) + "]"
    return type(value).__qualname__  # a sign like UNSET: its type says all there is
