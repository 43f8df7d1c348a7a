"""Settles operations in doubt by asking the vendor, in the background and from the gateway's start on.

One empty look-up proves nothing, since a slow vendor may still do what it was asked: an operation counts as not done
when the vendor does not show it after the account's settle time. A vendor that cannot be asked leaves it in doubt until
a person settles it. Processes that share a ledger share the work: who asks holds the operation's lease meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from ordergraph.domain import WriteStatus
from ordergraph.domain.errors import LedgerUnavailable, OrdergraphError, UserError, UserErrorCode

from ordergraph.ledger import Ledger
from ordergraph.ledger.operations import Finding, WriteOperation, lease

log = structlog.get_logger(__name__)

AT_ONCE = 4
"""How many operations of an account are asked about side by side."""
FIRST_SECONDS, LAST_SECONDS = 1.0, 300.0
"""The pauses between the questions about one operation: each is twice the one before it."""
FORGET_SECONDS = 3600.0
"""How often to look for operations that are older than has to be kept."""
BATCH = 100

NOT_DONE = UserError(
    UserErrorCode.NOT_SENT,
    f"The vendor was asked afterwards, and has not done it. {UserErrorCode.NOT_SENT.value}",
    retryable=True,
)
CANNOT_ASK = "The vendor cannot be asked what became of it: look there, and settle it with settleOperation."


@dataclass(frozen=True, slots=True)
class Probe:
    """How to ask about the operations of an account: None means that it cannot be asked.

    ``settle`` is how long, in seconds, a vendor may take to do what it has not answered.
    """

    find_outcome: Callable[[WriteOperation], Awaitable[Finding | None]]
    settle: float


class Reconciler:
    """Asks about everything that is in doubt, again and again; ``keep`` is how long what is over is kept."""

    def __init__(self, ledger: Ledger, probes: Mapping[str, Probe], keep: timedelta) -> None:
        self._ledger = ledger
        self._operations = ledger.operations
        self._probes = probes
        self._keep = keep
        self._places = {name: asyncio.Semaphore(AT_ONCE) for name in probes}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._failing = False

    async def run(self) -> None:
        """Work until cancelled."""
        forgot = float("-inf")
        loop = asyncio.get_running_loop()
        await self._begin_anew()
        try:
            while True:
                self._ledger.doubtful.clear()
                await self._round()
                if loop.time() - forgot > FORGET_SECONDS:
                    forgot = loop.time()
                    await self._forget()
                await self._pause()
        finally:
            left = list(self._asking.values())
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _begin_anew(self) -> None:
        """Ask again about what could not be asked: the settings may have changed."""
        with contextlib.suppress(LedgerUnavailable):
            await self._operations.ask_again(datetime.now(UTC), [*self._probes])

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(FIRST_SECONDS, self._ledger.lease_seconds / 2)):
                await self._ledger.doubtful.wait()

    async def _round(self) -> None:
        """Begin to ask about what is due."""
        try:
            await self._ledger.recover()
            for operation in await self._operations.due(datetime.now(UTC), [*self._probes], BATCH):
                if operation.id not in self._asking:
                    self._begin(operation)
        except LedgerUnavailable as error:
            if not self._failing:  # once, not every second
                log.warning("operations not reconciled", reason=error.reason)
            self._failing = True
        else:
            self._failing = False

    def _begin(self, operation: WriteOperation) -> None:
        task = asyncio.create_task(self.ask(operation))
        self._asking[operation.id] = task
        task.add_done_callback(lambda _: self._asking.pop(operation.id, None))

    async def ask(self, operation: WriteOperation) -> None:
        """Ask about an operation, unless another process does."""
        with contextlib.suppress(LedgerUnavailable):  # `_round` says so
            async with self._places[operation.account]:
                since = time.monotonic()
                taken = await self._operations.take(operation, self._ledger.owner, lease(self._ledger.lease_seconds))
                if taken is not None:
                    self._ledger.begin_sending(taken, since)
                    await self._asked(taken, self._probes[operation.account])

    async def _asked(self, operation: WriteOperation, probe: Probe) -> None:
        begun = datetime.now(UTC)  # what is done while the question is under way may be missing in the answer
        try:
            found = await self._found(operation, probe)
        finally:
            self._ledger.end_sending(operation)
        after = judged(operation, found, probe.settle, begun)
        if await self._operations.change(after, owned=True) and after.status is not WriteStatus.IN_DOUBT:
            log.info("operation settled", account=after.account, operation=after.id, status=after.status.name)

    async def _found(self, operation: WriteOperation, probe: Probe) -> Finding | Exception | None:
        probing.set(True)  # in the context of this task alone
        try:
            return await probe.find_outcome(operation)
        except OrdergraphError as error:
            return error
        except Exception as error:  # a fault of ours must not end the asking about all others
            log.exception("unexpected error", account=operation.account, operation=operation.id)
            return error

    async def _forget(self) -> None:
        try:
            count = await self._operations.forget(datetime.now(UTC) - self._keep)
        except LedgerUnavailable:
            return
        if count:
            log.info("old operations forgotten", count=count)


def judged(
    operation: WriteOperation, found: Finding | Exception | None, settle: float, now: datetime
) -> WriteOperation:
    """What an operation in doubt has become, by what the vendor, asked at ``now``, showed of it (an error: nothing)."""
    if found is None:
        return replace(_unasked(operation), next_check_at=None, lease_until=now)
    certain = (operation.doubted_at or now) + timedelta(seconds=settle)
    if isinstance(found, Finding) and found.done:
        return operation.settled(WriteStatus.CONFIRMED, now, [one.id for one in found.objects] or operation.objects)
    if isinstance(found, Finding) and (found.final or now >= certain):
        return operation.settled(WriteStatus.REJECTED, now, operation.objects, [NOT_DONE])
    pause = timedelta(seconds=min(FIRST_SECONDS * 2 ** min(operation.checks, 30), LAST_SECONDS))
    again = min(now + pause, certain) if now < certain else now + pause
    return replace(operation, checks=operation.checks + 1, next_check_at=again, lease_until=now)


def _unasked(operation: WriteOperation) -> WriteOperation:
    """The same, saying that the vendor cannot be asked."""
    first, *rest = operation.reasons
    if first.message.endswith(CANNOT_ASK):
        return operation
    return replace(operation, reasons=[replace(first, message=f"{first.message} {CANNOT_ASK}"), *rest])
