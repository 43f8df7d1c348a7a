"""Which mutation was sent under which idempotency key, so that a repeat does not send again.

This is the first part of the ledger: it lives in the memory of one process, so keys do not outlive a
restart and are not shared by several workers. Its interface is what the durable ledger will have.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec
from cachetools import TTLCache

from ordergraph.errors import ActionRefused, UserError, UserErrorCode

T = TypeVar("T")

KEEP_SECONDS = 30 * 24 * 3600
MAX_KEYS = 100_000


@dataclass
class Operation(Generic[T]):
    """One use of a mutation: ``outcome`` is set once it is decided and keeps its key bound."""

    fingerprint: str
    outcome: T | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)


class Ledger:
    """The operations by account and idempotency key."""

    def __init__(self) -> None:
        self._operations: TTLCache[tuple[str, str], Operation[object]] = TTLCache(MAX_KEYS, KEEP_SECONDS)

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
        fingerprint = hashlib.blake2b(msgspec.json.encode(request, enc_hook=str), digest_size=16).hexdigest()
        place = (account, key)
        while (operation := self._operations.get(place)) is not None:
            if operation.fingerprint != fingerprint:
                raise ActionRefused(
                    UserError(
                        UserErrorCode.IDEMPOTENCY_CONFLICT,
                        "This idempotency key was used with another input.",
                        ("input", "idempotencyKey"),
                    )
                )
            if operation.outcome is not None:
                return await replay(operation.outcome)  # pyright: ignore[reportArgumentType]
            await operation.settled.wait()
        mine: Operation[object] = Operation(fingerprint)
        self._operations[place] = mine
        return await asyncio.shield(asyncio.ensure_future(self._do(place, mine, do)))

    async def _do(
        self, place: tuple[str, str], mine: Operation[object], do: Callable[[], Awaitable[tuple[T, bool]]]
    ) -> T:
        """In a task of its own: a caller that goes away must not stop a mutation halfway."""
        bound = True
        try:
            outcome, bound = await do()
            mine.outcome = outcome
            return outcome
        except BaseException:
            bound = False
            raise
        finally:
            if not bound:
                self._operations.pop(place, None)
            mine.settled.set()
