"""The durable record of every write operation: what was sent, with which idempotency key, and its outcome.

Before the first byte of a change is sent, its row is on disk as SENDING. Afterwards it is CONFIRMED, REJECTED or
IN_DOUBT. A process that works on a row renews its lease. If a row is still SENDING after its lease has expired, its
process has ended and the outcome is unknown: the row becomes IN_DOUBT, and the reconciler asks the vendor. A key is
used up from SENDING on, and free again if the operation was certainly not performed.
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
from ordergraph.upstream.calls import Call
from ordergraph.upstream.request_scope import current_request, request_scope

T = TypeVar("T")

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.1
"""The interval for checking whether another process has finished an operation."""
PATIENCE_SECONDS = 15.0
"""How long a repeat waits for the first request with its key, if its own request has no deadline."""
END_SECONDS = 5.0
"""How long a graceful shutdown waits for changes that are being sent."""
LEASE_SECONDS = 15.0
"""A process that has not renewed its lease for this long is considered to have ended."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """One use of a mutation: ``request`` is its input as plain values, ``told`` the input as it is recorded."""

    caller: str
    account: str
    mutation: str
    request: Any
    told: Any = None
    key: str | None = None

    @cached_property
    def fingerprint(self) -> str:
        """A hash that is equal for all uses of the mutation with this input."""
        return fingerprint([self.mutation, self.request])


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a mutation: the object (also if something was left behind), and the reasons if it failed.

    ``operation`` is its record, None if nothing was about to be sent. ``preview`` is the call that would have been sent
    if the input was only validated.
    """

    value: Any = None
    reasons: Sequence[UserError] = ()
    operation: WriteOperation | None = None
    preview: SentCall | None = None

    @property
    def status(self) -> WriteStatus:
        """The status of the operation for its record."""
        if not self.reasons:
            return WriteStatus.CONFIRMED
        doubt = any(one.code is UserErrorCode.OUTCOME_IN_DOUBT for one in self.reasons)
        return WriteStatus.IN_DOUBT if doubt else WriteStatus.REJECTED

    @property
    def objects(self) -> Sequence[str]:
        """The global IDs of the objects that were created or changed."""
        values = cast("tuple[Any, ...]", self.value) if isinstance(self.value, tuple) else (self.value,)
        return [one.id if isinstance(one, View) else "" for one in values] if any(values) else []


@dataclass
class _Running:
    """One use of a key that is in progress in this process."""

    fingerprint: str
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def ends(self, until: float) -> bool:
        """Wait for its end; return whether it ended in time."""
        try:
            async with asyncio.timeout(until - time.monotonic()):
                return await self.ended.wait()
        except TimeoutError:
            return False


Place = tuple[str, str, str]
"""The caller, the account and the key."""


class Ledger:
    """The write operations of this process and of all others that share the database."""

    def __init__(self, store: Store, lease_seconds: float = LEASE_SECONDS) -> None:
        self.operations = Operations(store)
        self.owner = uuid.uuid4().hex
        self.lease_seconds = lease_seconds
        self.doubtful = asyncio.Event()
        """Set when an operation becomes IN_DOUBT, to wake up the reconciler."""
        self._running: dict[Place, _Running] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sending: dict[str, float] = {}  # until when (time.monotonic) the lease of each is certainly held
        self._unwritten: dict[str, WriteOperation] = {}
        self._renewing: asyncio.Task[None] | None = None

    async def run(
        self,
        use: Use,
        do: Callable[[], Awaitable[Outcome]],
        replay: Callable[[WriteOperation], Awaitable[Outcome]],
    ) -> Outcome:
        """Perform a mutation, at most once for a key.

        A repeat while the first request is in progress waits for it until its own deadline, and is then refused with
        IN_PROGRESS. A later repeat returns ``replay(operation)`` and does nothing. A different request with the same
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
        """Perform a mutation up to the first call that would change something."""
        with request_scope(replace(current_request(), recorder=_Stopping())):
            try:
                return await do()
            except NotSent as checked:
                return Outcome(preview=checked.call)

    async def recover(self) -> Sequence[WriteOperation]:
        """Mark operations as IN_DOUBT that ended processes left as SENDING."""
        await self._write_later()
        found = [await self._abandoned(one) for one in await self.operations.abandoned(datetime.now(UTC))]
        return [one for one in found if one is not None]

    def remember(self, settled: WriteOperation) -> None:
        """Record the outcome of an operation when the database is available again."""
        self._unwritten[settled.id] = settled

    async def _write_later(self) -> None:
        for settled in list(self._unwritten.values()):
            await self.settle(settled)
            self._unwritten.pop(settled.id, None)

    async def _abandoned(self, operation: WriteOperation) -> WriteOperation | None:
        taken = await self.operations.take(operation, self.owner, lease(self.lease_seconds))
        if taken is None:
            return None
        lost = taken.doubted("The gateway stopped while the operation was being sent.", datetime.now(UTC))
        await self.operations.change(lost, owned=True)
        log.warning("operation in doubt", account=lost.account, operation=lost.id, mutation=lost.mutation)
        self.doubtful.set()
        return lost

    async def settle(self, settled: WriteOperation) -> WriteOperation:
        """Record an outcome. A known outcome overrides what other processes recorded meanwhile, IN_DOUBT does not."""
        operations = self.operations
        if settled.status is WriteStatus.IN_DOUBT:
            if not await operations.change(settled, owned=True):
                return await operations.by_id(settled.account, settled.id) or settled
            self.doubtful.set()
            return settled
        try:
            await operations.change(settled)
        except IntegrityError:  # it was considered not performed, and its key or reference was used again
            log.error("operation settled after its key was reused", account=settled.account, operation=settled.id)
            settled = replace(settled, binds=False)
            await operations.change(settled)
        return settled

    async def finish(self, doing: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end in a task of its own, since a caller that disconnects must not interrupt it."""
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def aclose(self) -> None:
        """Wait a moment for running operations; those that are cancelled become IN_DOUBT when their lease expires."""
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
            task.exception()  # retrieved, in case no caller is left to do so

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
                    return await replay(replace(earlier, is_replay=True))
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
        """Whether nothing was sent because another process has performed the operation with the same key meanwhile."""
        refused = bool(outcome.reasons) and outcome.operation is None
        return refused and await self._asked(self.operations.by_key(*place)) is not None

    async def _earlier(self, place: Place, mine: _Running, until: float) -> WriteOperation | None:
        """Return the operation that has used up the key, once it has ended or the time is up."""
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
        """Read the database before anything is sent; raise a refusal if it is unavailable."""
        try:
            return await asking
        except LedgerUnavailable as error:
            raise not_recorded(error) from error

    async def _recorded(self, use: Use, do: Callable[[], Awaitable[Outcome]]) -> Outcome:
        writing = _Writing(self, use)
        with request_scope(replace(current_request(), recorder=writing)):
            try:
                return await writing.settled(await do())
            finally:
                writing.end()

    def begin_sending(self, operation: WriteOperation, since: float) -> None:
        """Start to renew the lease of an operation, which was acquired after ``since`` (time.monotonic)."""
        self._sending[operation.id] = since + self.lease_seconds
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())

    def end_sending(self, operation: WriteOperation) -> None:
        """Stop renewing the lease of an operation."""
        self._sending.pop(operation.id, None)

    def holds(self, operation: WriteOperation) -> bool:
        """Whether no other process can have taken over an operation yet."""
        return time.monotonic() < self._sending.get(operation.id, 0.0)

    async def _renew(self) -> None:
        while self._sending:
            await asyncio.sleep(self.lease_seconds / 3)
            since, ids = time.monotonic(), [*self._sending]
            try:
                await self.operations.renew(self.owner, ids, lease(self.lease_seconds))
            except LedgerUnavailable as error:  # other processes will consider them abandoned, and ask the vendor
                log.warning("leases not renewed", reason=error.reason)
                continue
            now = time.monotonic()
            for id_, ends in self._sending.items():
                if id_ in ids and now < ends:  # an expired one may belong to another process
                    self._sending[id_] = since + self.lease_seconds


class _Stopping:
    """A recorder that stops before the first call that would change something."""

    async def sending(self, call: Call) -> None:
        raise NotSent(sent(call))

    def leaving(self, call: Call) -> None:
        """Never called, since nothing is sent."""

    def answered(self, call: Call, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Never called, since nothing is sent."""


class _Writing:
    """A recorder of an operation in progress. It writes the record when the first call is about to be sent."""

    def __init__(self, ledger: Ledger, use: Use) -> None:
        self._ledger = ledger
        self._use = use
        self._operation: WriteOperation | None = None

    async def sending(self, call: Call) -> None:
        """Record a call; raise ActionRefused if that fails, so that it is not sent."""
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
            if error.perhaps_kept:  # then the record must show that it was not sent
                reasons = not_recorded(error).errors
                self._ledger.remember(begun.settled(WriteStatus.REJECTED, datetime.now(UTC), (), reasons))
            raise
        self._ledger.begin_sending(begun, since)

    def leaving(self, call: Call) -> None:
        """Raise ActionRefused if another process may have taken over, because this one was suspended for too long."""
        if self._operation is not None and not self._ledger.holds(self._operation):
            raise late()

    def answered(self, call: Call, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Keep the response, which is recorded with the outcome."""
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
            request_id=current_request().id or None,
            created_at=datetime.now(UTC),
            owner=self._ledger.owner,
            lease_until=lease(self._ledger.lease_seconds),
        )

    async def settled(self, outcome: Outcome) -> Outcome:
        """Record the outcome."""
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
        except LedgerUnavailable as error:  # the outcome is known; the record is updated later
            log.error("outcome not recorded", operation=settled.id, status=settled.status.name, reason=error.reason)
            self._ledger.remember(settled)
            return operation

    def end(self) -> None:
        """Release the operation."""
        if self._operation is not None:
            self._ledger.end_sending(self._operation)


def patience() -> float:
    """Return until when (time.monotonic) a request waits for another one to finish an operation."""
    until = current_request().deadline
    return time.monotonic() + PATIENCE_SECONDS if until is None else until


def check_same(earlier: str, now: str) -> None:
    """Refuse a different request with a key that is used up."""
    if earlier != now:
        raise ActionRefused(
            UserError(
                UserErrorCode.IDEMPOTENCY_CONFLICT,
                "This idempotency key was already used with a different input.",
                ("input", "idempotencyKey"),
            )
        )


def under_way() -> UserError:
    """Return the reason why a repeat has no outcome: the first request is still in progress."""
    return UserError(UserErrorCode.IN_PROGRESS, UserErrorCode.IN_PROGRESS.value, retryable=True)


def nothing_sent(reason: UserError) -> UserError:
    """Replace OUTCOME_IN_DOUBT by NOT_SENT, since nothing was sent."""
    code, doubt = UserErrorCode.NOT_SENT, UserErrorCode.OUTCOME_IN_DOUBT
    if reason.code is not doubt:
        return reason
    return replace(reason, code=code, message=reason.message.replace(doubt.value, code.value), retryable=True)


def late() -> ActionRefused:
    """Return the refusal of a call by a process whose lease has expired, and which others may have taken over."""
    code = UserErrorCode.OUTCOME_IN_DOUBT
    return ActionRefused(UserError(code, f"The gateway was suspended for too long. {code.value}"))


def reference_taken(other: WriteOperation) -> ActionRefused:
    """Return the refusal of a reference that another order of the account has, or may get."""
    if other.objects:
        message = f"The order {other.objects[0]} already has this reference."
    else:
        message = f"The order of the operation {other.id} may already have this reference."
    return ActionRefused(UserError(UserErrorCode.INVALID, message, ("input", "clientReference")))


def reference_needed(other: WriteOperation) -> ActionRefused:
    """Return the refusal to give up a reference that is needed to find the order of an operation in doubt."""
    message = f"The operation {other.id} is not settled yet, and its order can only be found by this order's reference."
    return ActionRefused(UserError(UserErrorCode.INVALID, message, ("input", "clientReference")))


def not_recorded(error: LedgerUnavailable) -> ActionRefused:
    """Return the refusal of a change that could not be recorded, and was not sent."""
    message = f"{error} Nothing was sent to the vendor. {UserErrorCode.NOT_SENT.value}"
    return ActionRefused(UserError(UserErrorCode.NOT_SENT, message, retryable=True))
