"""The state of a client's request that calls to vendors need.

It is one object, created at the edge, and carried by the GraphQL context and by a context variable. It is never
changed: `request_scope` replaces it within a context, and `set_request` until the end of the task.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ordergraph.domain.errors import VendorError
    from ordergraph.upstream.calls import Recorder


@dataclass(slots=True)
class MaxAge:
    """How long everything that a request has read may be cached, in seconds."""

    seconds: float = math.inf

    def limit(self, seconds: float) -> None:
        """Lower it to the time for which a value that was just read may be cached."""
        self.seconds = min(self.seconds, max(0.0, seconds))


@dataclass(frozen=True, slots=True)
class RequestScope:
    """A client's request. The default is for calls that belong to no request: it has no limits.

    ``id`` is sent to the vendors, and added to errors and to the log. ``deadline`` (time.monotonic) limits reads; it
    does not cut writes short. ``upstream_calls`` counts the calls made, by account, including logins and retries, but
    not calls of other requests that it shares. ``max_age`` collects how long the values read may be cached.

    ``not_before`` (time.monotonic) is the earliest time at which a cached value may have been requested. ``fallbacks``
    collects the errors for which stale values were returned; if it is None, stale values are not allowed. ``recorder``
    records every call that may change something. If ``probing`` is true, calls are sent even while the circuit is open,
    to reconcile an in-doubt operation or to check an account.
    """

    id: str = ""
    deadline: float | None = None
    upstream_calls: Counter[str] = field(default_factory=Counter[str])
    max_age: MaxAge = field(default_factory=MaxAge)
    not_before: float = -math.inf
    fallbacks: list[VendorError] | None = None
    recorder: Recorder | None = None
    probing: bool = False


_current: ContextVar[RequestScope | None] = ContextVar("request", default=None)


def current_request() -> RequestScope:
    """Return the current request."""
    return _current.get() or RequestScope()


def set_request(request: RequestScope) -> None:
    """Set the current request until the task ends."""
    _current.set(request)


@contextmanager
def request_scope(request: RequestScope) -> Generator[RequestScope]:
    """Set the current request within the context."""
    token = _current.set(request)
    try:
        yield request
    finally:
        _current.reset(token)


@contextmanager
def fallback(*, allowed: bool = True) -> Generator[list[VendorError]]:
    """Allow or forbid stale values within the context. Yields the errors for which stale values were returned.

    If they are forbidden outside, they cannot be allowed inside.
    """
    now, errors = current_request(), list["VendorError"]()
    with request_scope(replace(now, fallbacks=errors if allowed and now.fallbacks is not None else None)):
        yield errors


@contextmanager
def refetching() -> Generator[None]:
    """Ignore cached values that were requested before now, within the context."""
    with request_scope(replace(current_request(), not_before=time.monotonic())):
        yield


@contextmanager
def of_any_age() -> Generator[None]:
    """Allow all cached values, and stale ones while the vendor is unavailable, without reporting them."""
    with request_scope(replace(current_request(), not_before=-math.inf, fallbacks=[])):
        yield
