"""Retries of failed calls, with back-off.

A call is retried only if the vendor certainly did nothing (a GET changes nothing) and a retry may succeed. Each account
has a retry budget: every call adds a share of a retry to it, and every retry takes one. So a failing vendor gets few
more calls than a healthy one.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager

import stamina
import structlog
from stamina.instrumentation import set_on_retry_hooks

from ordergraph.domain.errors import VendorError, VendorLoginFailed, VendorRateLimited
from ordergraph.settings import RetrySettings
from ordergraph.upstream.circuit import Breaker, CircuitState, failure_kind

log = structlog.get_logger(__name__)

set_on_retry_hooks(())  # retries are logged here instead

RESERVE = 10.0
"""The maximum of a retry budget."""
FIRST_WAIT = 0.2
LONGEST_WAIT = 5.0


class Retries:
    """The retries of one account. Calls are retried only while its circuit is closed."""

    def __init__(self, settings: RetrySettings, breaker: Breaker, timer: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._breaker = breaker
        self._timer = timer
        self._budget = RESERVE

    def until(self, end: float) -> AsyncIterator[AbstractContextManager[None]]:
        """Return the attempts of one call, each a context in which to send it. No back-off goes beyond ``end``."""
        self._budget = min(RESERVE, self._budget + self._settings.share)
        attempts = 0

        def again(error: Exception) -> bool | float:
            nonlocal attempts
            attempts += 1
            if not isinstance(error, VendorError) or not self._may_help(error, attempts):
                return False
            wait = (error.retry_after or 0.0) + _back_off(attempts)
            if self._timer() + wait >= end or self._budget < 1:
                return False
            self._budget -= 1
            log.debug(
                "retrying vendor call",
                account=error.account,
                operation=error.operation,
                problem=error.code,
                seconds=wait,
            )
            return wait

        return aiter(stamina.retry_context(on=again, attempts=None, timeout=None))

    def _may_help(self, error: VendorError, attempts: int) -> bool:
        failed = failure_kind(error) is not None and not isinstance(error, VendorLoginFailed)
        return (
            error.nothing_done
            and (failed or isinstance(error, VendorRateLimited))
            and attempts < self._settings.attempts
            and self._breaker.state is CircuitState.CLOSED
        )


def _back_off(attempts: int) -> float:
    """Return the back-off after a number of attempts, in seconds: exponential, with jitter."""
    longest = min(FIRST_WAIT * 2.0 ** (attempts - 1), LONGEST_WAIT)
    return random.uniform(longest / 2, longest)
