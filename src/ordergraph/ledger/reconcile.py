"""Reconciliation: settles operations in doubt by asking the vendor, in the background from the gateway's start on.

A single empty lookup proves nothing, since a slow vendor may still perform the request. An operation counts as not
performed if the vendor does not show it after the account's settle time. If the vendor cannot be asked, the operation
remains in doubt until it is settled manually. Processes that share a ledger share the work: the process that asks holds
the operation's lease meanwhile.
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
from ordergraph.upstream.request_scope import current_request, set_request

log = structlog.get_logger(__name__)

AT_ONCE = 4
"""The number of operations of an account that are checked concurrently."""
FIRST_SECONDS, LAST_SECONDS = 1.0, 300.0
"""The first and the longest pause between checks of one operation. The pause doubles with each check."""
FORGET_SECONDS = 3600.0
"""The interval for deleting operations that have exceeded the retention period."""
BATCH = 100

NOT_DONE = UserError(
    UserErrorCode.NOT_SENT,
    f"The gateway checked the outcome with the vendor. {UserErrorCode.NOT_SENT.value}",
    retryable=True,
)
CANNOT_ASK = (
    "The gateway cannot check the outcome with the vendor. Clarify it with the vendor, then use `settleOperation`."
)


@dataclass(frozen=True, slots=True)
class Probe:
    """How to check the outcome of an account's operations: None means that the vendor cannot be asked.

    ``settle`` is the time in seconds that a vendor may take to perform a request that it has not responded to.
    """

    find_outcome: Callable[[WriteOperation], Awaitable[Finding | None]]
    settle: float


class Reconciler:
    """Checks all operations in doubt periodically; ``keep`` is the retention period of settled operations."""

    def __init__(self, ledger: Ledger, probes: Mapping[str, Probe], keep: timedelta) -> None:
        self._ledger = ledger
        self._operations = ledger.operations
        self._probes = probes
        self._keep = keep
        self._places = {name: asyncio.Semaphore(AT_ONCE) for name in probes}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._failing = False

    async def run(self) -> None:
        """Run until cancelled."""
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
        """Recheck operations that could not be checked, since the settings may have changed."""
        with contextlib.suppress(LedgerUnavailable):
            await self._operations.ask_again(datetime.now(UTC), [*self._probes])

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(FIRST_SECONDS, self._ledger.lease_seconds / 2)):
                await self._ledger.doubtful.wait()

    async def _round(self) -> None:
        """Start the checks that are due."""
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
        """Check an operation, unless another process does."""
        with contextlib.suppress(LedgerUnavailable):  # `_round` logs it
            async with self._places[operation.account]:
                since = time.monotonic()
                taken = await self._operations.take(operation, self._ledger.owner, lease(self._ledger.lease_seconds))
                if taken is not None:
                    self._ledger.begin_sending(taken, since)
                    await self._asked(taken, self._probes[operation.account])

    async def _asked(self, operation: WriteOperation, probe: Probe) -> None:
        begun = datetime.now(UTC)  # changes during the check may be missing in the response
        try:
            found = await self._found(operation, probe)
        finally:
            self._ledger.end_sending(operation)
        after = judged(operation, found, probe.settle, begun)
        if await self._operations.change(after, owned=True) and after.status is not WriteStatus.IN_DOUBT:
            log.info("operation settled", account=after.account, operation=after.id, status=after.status.name)

    async def _found(self, operation: WriteOperation, probe: Probe) -> Finding | Exception | None:
        set_request(replace(current_request(), probing=True))  # in the context of this task alone
        try:
            return await probe.find_outcome(operation)
        except OrdergraphError as error:
            return error
        except Exception as error:  # a bug of ours must not stop the checks of other operations
            log.exception("unexpected error", account=operation.account, operation=operation.id)
            return error

    async def _forget(self) -> None:
        try:
            count = await self._operations.forget(datetime.now(UTC) - self._keep)
        except LedgerUnavailable:
            return
        if count:
            log.info("old operations deleted", count=count)


def judged(
    operation: WriteOperation, found: Finding | Exception | None, settle: float, now: datetime
) -> WriteOperation:
    """Return an operation in doubt updated by what the vendor, asked at ``now``, showed of it (an error: nothing)."""
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
    """Return the operation with the reason that the vendor cannot be asked."""
    first, *rest = operation.reasons
    if first.message.endswith(CANNOT_ASK):
        return operation
    return replace(operation, reasons=[replace(first, message=f"{first.message} {CANNOT_ASK}"), *rest])
