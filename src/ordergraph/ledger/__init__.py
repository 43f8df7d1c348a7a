"""The durable record of every write: what was sent, under which idempotency key, and what came of it.

Before the first byte of a change leaves, its row is on disk as SENDING; afterwards it is CONFIRMED, REJECTED or
IN_DOUBT. A row that stays SENDING beyond its lease was left by a process that has ended: nobody knows how far it
came, so it is IN_DOUBT. A key is used up from SENDING on, and free again when certainly nothing was done.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import structlog

from ordergraph.domain import View, WriteStatus
from ordergraph.errors import ActionRefused, LedgerUnavailable, UserError, UserErrorCode
from ordergraph.http import Call, before_change
from ordergraph.ledger.fingerprint import fingerprint
from ordergraph.ledger.operations import (
    KeyTaken,
    NotSent,
    Operations,
    SentCall,
    WriteOperation,
    in_doubt,
    lease,
    sent,
    told,
)
from ordergraph.ledger.store import Store

T = TypeVar("T")

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.1
"""How often to look whether another process has come to an end with an operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of a mutation: ``request`` is its input. ``seconds`` is the longest that sending it may take."""

    account: str
    mutation: str
    request: Any
    key: str | None = None
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a mutation: the object (also where something was left behind), and the reasons if not.

    ``operation`` is its record, None if nothing was about to be sent. ``preview`` is the call that was not sent,
    where it was only to be checked.
    """

    value: Any = None
    reasons: Sequence[UserError] = ()
    operation: WriteOperation | None = None
    preview: SentCall | None = None

    @property
    def status(self) -> WriteStatus:
        """What the record says of it."""
        if not self.reasons:
            return WriteStatus.CONFIRMED
        doubt = any(one.code is UserErrorCode.OUTCOME_IN_DOUBT for one in self.reasons)
        return WriteStatus.IN_DOUBT if doubt else WriteStatus.REJECTED

    @property
    def objects(self) -> Sequence[str]:
        """The global IDs of what was made or changed."""
        values = cast("tuple[Any, ...]", self.value) if isinstance(self.value, tuple) else (self.value,)
        return [one.id if isinstance(one, View) else "" for one in values] if any(values) else []


@dataclass
class _Running:
    """One use of a key that is under way in this process."""

    fingerprint: str
    settled: asyncio.Event = field(default_factory=asyncio.Event)


class Ledger:
    """The write operations of this process, and those of all others in the same database."""

    def __init__(self, store: Store) -> None:
        self.operations = Operations(store)
        self.owner = uuid.uuid4().hex
        self._running: dict[tuple[str, str], _Running] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(
        self,
        use: Use,
        do: Callable[[], Awaitable[Outcome]],
        replay: Callable[[WriteOperation], Awaitable[Outcome]],
    ) -> Outcome:
        """Do something, and once for a key.

        A repeat while the first is under way waits for it. A repeat afterwards gets ``replay(operation)`` and does
        nothing. Another request under the same key raises IDEMPOTENCY_CONFLICT.
        """
        if use.key is None:
            return await self.finish(self._recorded(use, do))
        place = (use.account, use.key)
        mine = _Running(fingerprint([use.mutation, use.request]))
        while (earlier := self._running.get(place)) is not None:
            check_same(earlier.fingerprint, mine.fingerprint)
            await earlier.settled.wait()
        self._running[place] = mine
        return await self.finish(self._once(use, place, mine, do, replay))

    async def validated(self, do: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Do everything up to the first call that would change something."""

        async def stop(call: Call) -> None:
            raise NotSent(sent(call))

        token = before_change.set(stop)
        try:
            return await do()
        except NotSent as checked:
            return Outcome(preview=checked.call)
        finally:
            before_change.reset(token)

    async def recover(self) -> Sequence[WriteOperation]:
        """Put into doubt what processes that have ended left as SENDING."""
        now = datetime.now(UTC)
        found = [in_doubt(one, now) for one in await self.operations.abandoned(now)]
        for one in found:
            await self.operations.change(one)
            log.warning("operation in doubt", account=one.account, operation=one.id, mutation=one.mutation)
        return found

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

    async def _once(
        self,
        use: Use,
        place: tuple[str, str],
        mine: _Running,
        do: Callable[[], Awaitable[Outcome]],
        replay: Callable[[WriteOperation], Awaitable[Outcome]],
    ) -> Outcome:
        try:
            while True:
                earlier = await self._earlier(use, mine)
                if earlier is not None:
                    return await replay(replace(earlier, replayed=True))
                try:
                    return await self._recorded(use, do)
                except KeyTaken:
                    continue
        finally:
            del self._running[place]
            mine.settled.set()

    async def _earlier(self, use: Use, mine: _Running) -> WriteOperation | None:
        """What has used up the key, when its process has come to an end with it, or for as long as it may take."""
        until = time.monotonic() + use.seconds
        while True:
            earlier = await self._asked(self.operations.by_key(use.account, use.key or ""))
            if earlier is None:
                return None
            check_same(earlier.fingerprint, mine.fingerprint)
            if earlier.status is not WriteStatus.SENDING or time.monotonic() > until:
                return earlier
            if earlier.lease_until < datetime.now(UTC):
                lost = in_doubt(earlier, datetime.now(UTC))
                await self._asked(self.operations.change(lost))
                return lost
            await asyncio.sleep(POLL_SECONDS)

    async def _asked(self, asking: Awaitable[T]) -> T:
        """What the database says before anything is sent; what it cannot say keeps the change unsent."""
        try:
            return await asking
        except LedgerUnavailable as error:
            raise not_recorded(error) from error

    async def _recorded(self, use: Use, do: Callable[[], Awaitable[Outcome]]) -> Outcome:
        writing = _Writing(self.operations, use, self.owner)
        token = before_change.set(writing.sending)
        try:
            outcome = await do()
        finally:
            before_change.reset(token)
        return replace(outcome, operation=await writing.settled(outcome))


class _Writing:
    """An operation under way: it is written down when its first call is about to be sent."""

    def __init__(self, operations: Operations, use: Use, owner: str) -> None:
        self._operations = operations
        self._use = use
        self._owner = owner
        self._operation: WriteOperation | None = None

    async def sending(self, call: Call) -> None:
        """Put a call on record; raise ActionRefused where that fails, so that it is not sent."""
        try:
            if self._operation is None:
                begun = self._begun(call)
                await self._operations.begin(begun)
            else:
                begun = replace(self._operation, calls=[*self._operation.calls, sent(call)])
                await self._operations.change(begun)
        except LedgerUnavailable as error:
            raise not_recorded(error) from error
        self._operation = begun

    def _begun(self, call: Call) -> WriteOperation:
        use = self._use
        return WriteOperation(
            id=uuid.uuid4().hex,
            account=use.account,
            mutation=use.mutation,
            idempotency_key=use.key,
            fingerprint=fingerprint([use.mutation, use.request]),
            request=told(use.request),
            calls=[sent(call)],
            created_at=datetime.now(UTC),
            owner=self._owner,
            lease_until=lease(use.seconds),
        )

    async def settled(self, outcome: Outcome) -> WriteOperation | None:
        """Put on record what came of it."""
        if self._operation is None:
            return None
        settled = replace(
            self._operation,
            status=outcome.status,
            reasons=outcome.reasons,
            objects=outcome.objects,
            binds=outcome.status is not WriteStatus.REJECTED,
            settled_at=datetime.now(UTC),
        )
        try:
            await self._operations.change(settled)
        except LedgerUnavailable as error:  # what it came to is known here and now; the record is put in doubt later
            log.error("outcome not recorded", operation=settled.id, status=settled.status.name, reason=error.reason)
            return self._operation
        return settled


def check_same(earlier: str, now: str) -> None:
    """Refuse another request under a key that is used."""
    if earlier != now:
        raise ActionRefused(
            UserError(
                UserErrorCode.IDEMPOTENCY_CONFLICT,
                "This idempotency key was used with another input.",
                ("input", "idempotencyKey"),
            )
        )


def not_recorded(error: LedgerUnavailable) -> ActionRefused:
    """The refusal of a change that could not be put on record, and was not sent."""
    message = f"{str(error)[0].upper()}{str(error)[1:]}, so nothing was sent. {UserErrorCode.NOT_SENT.value}"
    return ActionRefused(UserError(UserErrorCode.NOT_SENT, message, retryable=True))
