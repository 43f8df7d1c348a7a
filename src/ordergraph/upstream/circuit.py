"""A circuit breaker: while an account's vendor fails again and again, it is left in peace.

Closed, every call passes. After too many failures in a row it opens: calls fail at once, with the error that opened
it. When the pause is over it is half open: one call is the probe, and what comes of it closes the circuit or opens it
for longer. Any answer counts as a sign of life, also a refusal.
"""

from __future__ import annotations

import time
import weakref
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import Enum

from ordergraph.domain.errors import VendorError, VendorLoginFailed, VendorTimeout, VendorUnavailable, VendorUnreachable
from ordergraph.settings import CircuitSettings

NOT_IMPLEMENTED = 501
"""A vendor that lacks an operation is not ill."""
CREDENTIAL_FAILURES = 2
CREDENTIAL_PAUSE = 30.0
"""A wrong password is tried seldom: vendors lock users out."""


class CircuitState(Enum):
    """Whether calls reach an account's vendor. A member's value is the sentence in the schema."""

    CLOSED = "Calls are sent."
    OPEN = "The vendor has failed too often in a row: until `retryAt` nothing is sent, and calls fail at once."
    HALF_OPEN = "The pause is over: one call is sent to see whether the vendor answers again."


class FailureKind(Enum):
    """What is wrong with an account's vendor. A member's value is the sentence in the schema."""

    CREDENTIALS = "It refused the account's credentials: its owner must mend them."
    TRANSPORT = "It could not be reached, broke the connection, or did not answer in time."
    SERVER = "It answered with a server error (5xx)."


def failure_kind(error: VendorError | None) -> FailureKind | None:
    """What an error says of the vendor, None for an answer."""
    if isinstance(error, VendorLoginFailed):
        return FailureKind.CREDENTIALS
    if isinstance(error, VendorUnreachable | VendorTimeout):
        return FailureKind.TRANSPORT
    if isinstance(error, VendorUnavailable) and error.status != NOT_IMPLEMENTED:
        return FailureKind.TRANSPORT if error.status is None else FailureKind.SERVER
    return None


ReportOutcome = Callable[[VendorError | None], None]
"""Takes what came of a call: its error, None for an answer."""


class Breaker:
    """The circuit breaker of one account; ``kind_of`` says which errors are failures."""

    def __init__(
        self,
        settings: CircuitSettings,
        timer: Callable[[], float] = time.monotonic,
        kind_of: Callable[[VendorError | None], FailureKind | None] = failure_kind,
    ) -> None:
        self._settings = settings
        self._timer = timer
        self._kind_of = kind_of
        self._failures = Counter[FailureKind]()
        self._error: VendorError | None = None  # what opened it; None while it is closed
        self._pauses = 0
        self._until = 0.0
        self._probed = False
        self._counted: Callable[[], VendorError | None] = lambda: None
        self._turn = 0  # grows when it opens or closes: what was sent before says nothing of the vendor now

    @property
    def state(self) -> CircuitState:
        """What becomes of a call now."""
        if self._error is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if self._timer() < self._until else CircuitState.HALF_OPEN

    @property
    def seconds(self) -> float:
        """Until a call is let through; 0 if one may be already."""
        return 0.0 if self._error is None else max(0.0, self._until - self._timer())

    @contextmanager
    def passing(self, *, always: bool = False) -> Generator[ReportOutcome]:
        """Let a call through, which tells what came of it; one that ends without (it was cancelled) says nothing.

        Raises the error that opened the circuit where the call is not to be sent; ``always`` sends it all the same,
        and its answer closes the circuit.
        """
        turn = self._turn
        probe = self._error is not None and not always
        if probe:
            self._refuse_unless_due()
            self._probed = True

        def tell(error: VendorError | None) -> None:
            if turn == self._turn:
                self._told(error, probe=probe)

        try:
            yield tell
        finally:
            if probe and turn == self._turn:  # it has told nothing: another call is to be the probe
                self._probed = False

    def _refuse_unless_due(self) -> None:
        seconds = self.seconds
        if self._error is not None and (self._probed or seconds > 0):
            refusal = self._error.again()
            refusal.nothing_done = True
            refusal.retry_after = seconds or self._settings.pause
            raise refusal

    def _told(self, error: VendorError | None, *, probe: bool) -> None:
        kind = self._kind_of(error)
        if error is None or kind is None:
            self._close()
        elif self._error is None:
            self._count(error, kind)
        elif probe:
            self._open(error, kind)

    def _count(self, error: VendorError, kind: FailureKind) -> None:
        """Calls that waited for the same login share its failure, and it counts once."""
        failure = error.__cause__ if isinstance(error.__cause__, VendorError) else error
        if failure is not self._counted():
            self._counted = weakref.ref(failure)
            self._failures[kind] += 1
            if self._has_failed_enough():
                self._open(error, kind)

    def _has_failed_enough(self) -> bool:
        credentials = self._failures[FailureKind.CREDENTIALS]
        others = self._failures.total() - credentials
        return others >= self._settings.failures or credentials >= min(CREDENTIAL_FAILURES, self._settings.failures)

    def _open(self, error: VendorError, kind: FailureKind) -> None:
        first = CREDENTIAL_PAUSE if kind is FailureKind.CREDENTIALS else self._settings.pause
        pause = min(max(first, self._settings.pause) * 2.0 ** min(self._pauses, 32), self._settings.max_pause)
        self._pauses += 1
        self._until = self._timer() + pause
        self._change(error.again())

    def _close(self) -> None:
        self._failures.clear()
        if self._error is not None:
            self._pauses = 0
            self._change(None)

    def _change(self, error: VendorError | None) -> None:
        self._error = error
        self._probed = False
        self._turn += 1
