"""A circuit breaker: stops calls to an account's vendor that keeps failing.

While the circuit is closed, every call is sent. After too many consecutive failures it opens: calls fail at once, with
the error that opened it. When the pause is over, it is half-open: one call is sent as a probe, and its outcome closes
the circuit or opens it for longer. Any answer counts as a success, even a rejection.
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
"""The status of a missing operation. It does not mean that the vendor is failing."""
CREDENTIAL_FAILURES = 2
CREDENTIAL_PAUSE = 30.0
"""The pause after rejected credentials. It is long, since vendors lock users out after many failed attempts."""


class CircuitState(Enum):
    """The state of an account's circuit breaker, which stops calls to a vendor that keeps failing."""

    CLOSED = "Calls are sent."
    OPEN = "The vendor has failed too many times in a row. Until `retryAt`, calls fail at once without being sent."
    HALF_OPEN = "The pause is over. One call is sent as a probe, to check whether the vendor answers again."


class FailureKind(Enum):
    """The kind of failure of an account's vendor."""

    CREDENTIALS = "The vendor rejected the account's credentials. The operator of the gateway must fix them."
    TRANSPORT = "The vendor could not be reached, closed the connection, or did not answer in time."
    SERVER = "The vendor returned a server error (5xx)."


def failure_kind(error: VendorError | None) -> FailureKind | None:
    """Return the kind of failure that an error is; None if the vendor answered."""
    if isinstance(error, VendorLoginFailed):
        return FailureKind.CREDENTIALS
    if isinstance(error, VendorUnreachable | VendorTimeout):
        return FailureKind.TRANSPORT
    if isinstance(error, VendorUnavailable) and error.status != NOT_IMPLEMENTED:
        return FailureKind.TRANSPORT if error.status is None else FailureKind.SERVER
    return None


ReportOutcome = Callable[[VendorError | None], None]
"""Receives the outcome of a call: its error, or None if it succeeded."""


class Breaker:
    """The circuit breaker of one account. ``kind_of`` returns which errors are failures."""

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
        self._error: VendorError | None = None  # the error that opened it; None while it is closed
        self._pauses = 0
        self._until = 0.0
        self._probed = False
        self._counted: Callable[[], VendorError | None] = lambda: None
        self._turn = 0  # counts openings and closings: outcomes of calls sent before the last one are ignored

    @property
    def state(self) -> CircuitState:
        """The current state."""
        if self._error is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if self._timer() < self._until else CircuitState.HALF_OPEN

    @property
    def seconds(self) -> float:
        """Seconds until the next call is sent; 0 if it can be sent now."""
        return 0.0 if self._error is None else max(0.0, self._until - self._timer())

    @contextmanager
    def passing(self, *, always: bool = False) -> Generator[ReportOutcome]:
        """Let a call pass, and yield the function that it reports its outcome to. A cancelled call reports nothing.

        Raises the error that opened the circuit if the call must not be sent. With ``always``, it is sent anyway, and
        an answer closes the circuit.
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
            if probe and turn == self._turn:  # it has reported nothing, so another call becomes the probe
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
        """Count a failure. Calls that waited for the same login share its failure, which counts once."""
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
