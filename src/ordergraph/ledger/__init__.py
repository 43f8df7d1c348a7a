"""The durable record of every write: what was sent, under which idempotency key, and what came of it.

Before the first byte of a change leaves, its row is on disk as SENDING; afterwards it is CONFIRMED, REJECTED or
IN_DOUBT. While a process is at work on a row, it renews its lease; a row that stays SENDING beyond its lease was
left by a process that has ended: nobody knows how far it came, so it is IN_DOUBT, and the reconciler asks the vendor.
A key is used up from SENDING on, and free again when certainly nothing was done.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy.exc import IntegrityError

from ordergraph.domain import View, WriteStatus
from ordergraph.domain.errors import ActionRefused, LedgerUnavailable, UserError, UserErrorCode
from ordergraph.upstream.calls import Call
from ordergraph.ledger.fingerprint import fingerprint
from ordergraph.ledger.operations import (
    KeyTaken,
    NotSent,
    Operations,
    ReferenceTaken,
    SentCall,
    WriteOperation,
    answered,
    lease,
    sent,
    without_secrets,
)
from ordergraph.ledger.store import Store

T = TypeVar("T")

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.1
"""How often to look whether another process has come to an end with an operation."""
PATIENCE_SECONDS = 15.0
"""How long a repeat waits for the first, where its request has no deadline."""
END_SECONDS = 5.0
"""How long the end of the gateway waits for changes that are being sent."""
LEASE_SECONDS = 15.0
"""After so long without a sign of life, a process is taken to have ended."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """One use of a mutation: ``request`` is its input as plain values, ``told`` as it is kept."""

    caller: str
    account: str
    mutation: str
    request: Any
    told: Any = None
    key: str | None = None

    @cached_property
    def fingerprint(self) -> str:
        """The same for every use of the mutation with this input."""
        return fingerprint([self.mutation, self.request])


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
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def ends(self, until: float) -> bool:
        """Wait for its end; whether that came in time."""
        try:
            async with asyncio.timeout(until - time.monotonic()):
                return await self.ended.wait()
        except TimeoutError:
            return False


Place = tuple[str, str, str]
"""The caller, the account and the key."""


class Ledger:
    """The write operations of this process, and those of all others in the same database."""

    def __init__(self, store: Store, lease_seconds: float = LEASE_SECONDS) -> None:
        self.operations = Operations(store)
        self.owner = uuid.uuid4().hex
        self.lease_seconds = lease_seconds
        self.doubtful = asyncio.Event()
        """Set when an operation has come into doubt: the reconciler need not wait."""
        self._running: dict[Place, _Running] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sending: dict[str, float] = {}  # until when (time.monotonic) the lease of each surely holds
        self._unwritten: dict[str, WriteOperation] = {}
        self._renewing: asyncio.Task[None] | None = None

    async def run(
        self,
        use: Use,
        do: Callable[[], Awaitable[Outcome]],
        replay: Callable[[WriteOperation], Awaitable[Outcome]],
    ) -> Outcome:
        """Do something, and once for a key.

        A repeat while the first is under way waits for it, as long as its request may take: then it is refused with
        IN_PROGRESS. A repeat afterwards gets ``replay(operation)`` and does nothing. Another request under the same
        key raises IDEMPOTENCY_CONFLICT.
        """
        if use.key is None:
            return await self.finish(self._recorded(use, do))
        place, until = (use.caller, use.account, use.key), patience()
        mine = _Running(use.fingerprint)
        while (earlier := self._running.get(place)) is not None:
            check_same(earlier.fingerprint, mine.fingerprint)
            if not await earlier.ends(until):
                return Outcome(reasons=[under_way()], operation=await self._asked(self.operations.by_key(*place)))
        self._running[place] = mine
        return await self.finish(self._once(use, place, mine, until, do, replay))

    async def validated(self, do: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Do everything up to the first call that would change something."""
        token = recorder.set(_Stopping())
        try:
            return await do()
        except NotSent as checked:
            return Outcome(preview=checked.call)
        finally:
            recorder.reset(token)

    async def recover(self) -> Sequence[WriteOperation]:
        """Put into doubt what processes that have ended left as SENDING."""
        await self._write_later()
        found = [await self._abandoned(one) for one in await self.operations.abandoned(datetime.now(UTC))]
        return [one for one in found if one is not None]

    def remember(self, settled: WriteOperation) -> None:
        """Write down what came of an operation when the database works again."""
        self._unwritten[settled.id] = settled

    async def _write_later(self) -> None:
        for settled in list(self._unwritten.values()):
            await self.settle(settled)
            self._unwritten.pop(settled.id, None)

    async def _abandoned(self, operation: WriteOperation) -> WriteOperation | None:
        taken = await self.operations.take(operation, self.owner, lease(self.lease_seconds))
        if taken is None:
            return None
        lost = taken.doubted("The gateway ended while it was being sent.", datetime.now(UTC))
        await self.operations.change(lost, owned=True)
        log.warning("operation in doubt", account=lost.account, operation=lost.id, mutation=lost.mutation)
        self.doubtful.set()
        return lost

    async def settle(self, settled: WriteOperation) -> WriteOperation:
        """A clear answer counts, whatever others made of the row meanwhile; a doubt does not."""
        operations = self.operations
        if settled.status is WriteStatus.IN_DOUBT:
            if not await operations.change(settled, owned=True):
                return await operations.by_id(settled.account, settled.id) or settled
            self.doubtful.set()
            return settled
        try:
            await operations.change(settled)
        except IntegrityError:  # it was taken for not done, and its key or reference used again
            log.error("operation done after it was given up", account=settled.account, operation=settled.id)
            settled = replace(settled, binds=False)
            await operations.change(settled)
        return settled

    async def finish(self, doing: Coroutine[Any, Any, T]) -> T:
        """Do something to its end, in a task of its own: a caller that goes away must not stop it halfway."""
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def aclose(self) -> None:
        """Wait a moment for what is being done; what is broken off then is in doubt when its lease has ended."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=END_SECONDS)
        with contextlib.suppress(LedgerUnavailable):
            await self._write_later()
        left = [*self._tasks, *([self._renewing] if self._renewing else [])]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen: when the caller has gone, nobody else looks at it

    async def _once(
        self,
        use: Use,
        place: Place,
        mine: _Running,
        until: float,
        do: Callable[[], Awaitable[Outcome]],
        replay: Callable[[WriteOperation], Awaitable[Outcome]],
    ) -> Outcome:
        try:
            while True:
                earlier = await self._earlier(place, mine, until)
                if earlier is not None and earlier.status is WriteStatus.SENDING:
                    return Outcome(reasons=[under_way()], operation=earlier)
                if earlier is not None:
                    return await replay(replace(earlier, replayed=True))
                try:
                    outcome = await self._recorded(use, do)
                except KeyTaken:
                    continue
                if not await self._overtaken(place, outcome):
                    return outcome
        finally:
            del self._running[place]
            mine.ended.set()

    async def _overtaken(self, place: Place, outcome: Outcome) -> bool:
        """Whether nothing was sent because of what another process has made under the same key meanwhile."""
        refused = bool(outcome.reasons) and outcome.operation is None
        return refused and await self._asked(self.operations.by_key(*place)) is not None

    async def _earlier(self, place: Place, mine: _Running, until: float) -> WriteOperation | None:
        """What has used up the key, when its process has come to an end with it, or for as long as it may take."""
        while True:
            earlier = await self._asked(self.operations.by_key(*place))
            if earlier is None:
                return None
            check_same(earlier.fingerprint, mine.fingerprint)
            if earlier.status is not WriteStatus.SENDING or time.monotonic() > until:
                return earlier
            if earlier.lease_until < datetime.now(UTC):
                await self._asked(self._abandoned(earlier))
            else:
                await asyncio.sleep(POLL_SECONDS)

    async def _asked(self, asking: Awaitable[T]) -> T:
        """What the database says before anything is sent; what it cannot say keeps the change unsent."""
        try:
            return await asking
        except LedgerUnavailable as error:
            raise not_recorded(error) from error

    async def _recorded(self, use: Use, do: Callable[[], Awaitable[Outcome]]) -> Outcome:
        writing = _Writing(self, use)
        token = recorder.set(writing)
        try:
            return await writing.settled(await do())
        finally:
            recorder.reset(token)
            writing.end()

    def begin_sending(self, operation: WriteOperation, since: float) -> None:
        """Renew the lease of an operation, which was taken after ``since`` (time.monotonic), from now on."""
        self._sending[operation.id] = since + self.lease_seconds
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())

    def end_sending(self, operation: WriteOperation) -> None:
        """Renew its lease no more."""
        self._sending.pop(operation.id, None)

    def holds(self, operation: WriteOperation) -> bool:
        """Whether no other process can have taken an operation over yet."""
        return time.monotonic() < self._sending.get(operation.id, 0.0)

    async def _renew(self) -> None:
        while self._sending:
            await asyncio.sleep(self.lease_seconds / 3)
            since, ids = time.monotonic(), [*self._sending]
            try:
                await self.operations.renew(self.owner, ids, lease(self.lease_seconds))
            except LedgerUnavailable as error:  # then others take them for left behind, and ask the vendor
                log.warning("leases not renewed", reason=error.reason)
                continue
            now = time.monotonic()
            for id_, ends in self._sending.items():
                if id_ in ids and now < ends:  # what had ended by then may be another's
                    self._sending[id_] = since + self.lease_seconds


class _Stopping:
    """Stops before the first call that would change something."""

    async def sending(self, call: Call) -> None:
        raise NotSent(sent(call))

    def leaving(self, call: Call) -> None:
        """Never: nothing is sent."""

    def answered(self, call: Call, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Never: nothing is sent."""


class _Writing:
    """An operation under way: it is written down when its first call is about to be sent."""

    def __init__(self, ledger: Ledger, use: Use) -> None:
        self._ledger = ledger
        self._use = use
        self._operation: WriteOperation | None = None

    async def sending(self, call: Call) -> None:
        """Put a call on record; raise ActionRefused where that fails, so that it is not sent."""
        operations, since = self._ledger.operations, time.monotonic()
        try:
            if self._operation is None:
                begun = self._begun(call)
                await self._begin(begun, since)
            else:
                begun = replace(self._operation, calls=[*self._operation.calls, sent(call)])
                begun = replace(begun, lease_until=lease(self._ledger.lease_seconds))
                if not await operations.change(begun, owned=True):
                    raise late()
                self._ledger.begin_sending(begun, since)
        except ReferenceTaken as error:
            raise reference_taken(error.operation) from None
        except LedgerUnavailable as error:
            raise not_recorded(error) from error
        self._operation = begun

    async def _begin(self, begun: WriteOperation, since: float) -> None:
        holder = await self._ledger.operations.by_reference(begun.account, begun.former_reference)
        if holder is not None and holder.looked_for:
            raise reference_needed(holder)
        try:
            await self._ledger.operations.begin(begun)
        except LedgerUnavailable as error:
            if error.perhaps_kept:  # then the record has to say that it was not sent
                reasons = not_recorded(error).errors
                self._ledger.remember(begun.settled(WriteStatus.REJECTED, datetime.now(UTC), (), reasons))
            raise
        self._ledger.begin_sending(begun, since)

    def leaving(self, call: Call) -> None:
        """Raise ActionRefused where another process may have taken over: this one has stood still for too long."""
        if self._operation is not None and not self._ledger.holds(self._operation):
            raise late()

    def answered(self, call: Call, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Remember the answer: it is written down with the outcome."""
        if self._operation is not None:
            self._operation = replace(self._operation, response=answered(status, headers, body))

    def _begun(self, call: Call) -> WriteOperation:
        use = self._use
        return WriteOperation(
            id=uuid.uuid4().hex,
            caller=use.caller,
            account=use.account,
            mutation=use.mutation,
            idempotency_key=use.key,
            reference=call.reference,
            former_reference=call.former_reference,
            fingerprint=use.fingerprint,
            request=without_secrets(use.told),
            calls=[sent(call)],
            request_id=request_id.get(),
            created_at=datetime.now(UTC),
            owner=self._ledger.owner,
            lease_until=lease(self._ledger.lease_seconds),
        )

    async def settled(self, outcome: Outcome) -> Outcome:
        """Put on record what came of it."""
        if self._operation is None:
            return replace(outcome, reasons=[nothing_sent(reason) for reason in outcome.reasons])
        return replace(outcome, operation=await self._put_down(self._operation, outcome))

    async def _put_down(self, operation: WriteOperation, outcome: Outcome) -> WriteOperation:
        now = datetime.now(UTC)
        if outcome.status is WriteStatus.IN_DOUBT:
            settled = replace(operation.doubted("", now), reasons=outcome.reasons, objects=outcome.objects)
        else:
            settled = operation.settled(outcome.status, now, outcome.objects, outcome.reasons)
        try:
            return await self._ledger.settle(settled)
        except LedgerUnavailable as error:  # what it came to is known here and now; the record is made good later
            log.error("outcome not recorded", operation=settled.id, status=settled.status.name, reason=error.reason)
            self._ledger.remember(settled)
            return operation

    def end(self) -> None:
        """The process has come to an end with it."""
        if self._operation is not None:
            self._ledger.end_sending(self._operation)


def patience() -> float:
    """Until when (time.monotonic) who asks waits for others to be done with an operation."""
    until = deadline.get()
    return time.monotonic() + PATIENCE_SECONDS if until is None else until


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


def under_way() -> UserError:
    """Why a repeat has no outcome: the first has none yet."""
    return UserError(UserErrorCode.IN_PROGRESS, UserErrorCode.IN_PROGRESS.value, retryable=True)


def nothing_sent(reason: UserError) -> UserError:
    """A doubt about what was never sent is none."""
    code, doubt = UserErrorCode.NOT_SENT, UserErrorCode.OUTCOME_IN_DOUBT
    if reason.code is not doubt:
        return reason
    return replace(reason, code=code, message=reason.message.replace(doubt.value, code.value), retryable=True)


def late() -> ActionRefused:
    """The refusal of a call by a process that was taken to have ended, and that others have taken over from."""
    code = UserErrorCode.OUTCOME_IN_DOUBT
    return ActionRefused(UserError(code, f"The gateway stood still for too long. {code.value}"))


def reference_taken(other: WriteOperation) -> ActionRefused:
    """The refusal of a reference that another order of the account has, or is about to have."""
    by = f"Order {other.objects[0]} has" if other.objects else f"An order of operation {other.id} may have"
    message = f"{by} this reference already."
    return ActionRefused(UserError(UserErrorCode.INVALID, message, ("input", "clientReference")))


def reference_needed(other: WriteOperation) -> ActionRefused:
    """The refusal to give up a reference by which another operation, whose outcome is unknown, finds its order."""
    message = f"Operation {other.id} is not settled yet, and finds its order by this order's reference."
    return ActionRefused(UserError(UserErrorCode.INVALID, message, ("input", "clientReference")))


def not_recorded(error: LedgerUnavailable) -> ActionRefused:
    """The refusal of a change that could not be put on record, and was not sent."""
    message = f"{str(error)[0].upper()}{str(error)[1:]}, so nothing was sent. {UserErrorCode.NOT_SENT.value}"
    return ActionRefused(UserError(UserErrorCode.NOT_SENT, message, retryable=True))
