"""What belongs to one request of a client and is needed by the calls that are made in its name.

One object, made at the edge, carried by the GraphQL context and, for what runs beneath, by one context variable. It is
never changed: who wants something else for a part of the work says so with `request_scope`, which holds until its end,
or with `set_request`, which holds until the end of the task.
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
    """For how many seconds everything that a request has read may be used again."""

    seconds: float = math.inf

    def limit(self, seconds: float) -> None:
        """What was read just now may be used again for so long."""
        self.seconds = min(self.seconds, max(0.0, seconds))


@dataclass(frozen=True, slots=True)
class RequestScope:
    """A request; without one, calls are made in nobody's name and with no limits of their own.

    ``id`` goes to the vendors, into every error and into the log. ``deadline`` (time.monotonic) is until when a vendor
    may answer what is read; changes are not cut short by it. ``upstream_calls`` counts the calls made, by account:
    logins and retries as well, but not a call that another request has under way. ``max_age`` is told how long what is
    read may be used again.

    ``not_before`` (time.monotonic) is from when on a value of the cache must have been asked for. ``fallbacks`` are the
    errors for which an older value stood in; None: no older value may. ``recorder`` is told of every call that may
    change something. ``probing``: the vendor is asked for the outcome of an in-doubt operation, also while the circuit
    is open.
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
    """The request in whose name this runs."""
    return _current.get() or RequestScope()


def set_request(request: RequestScope) -> None:
    """Let this be the request from now on, until the task ends."""
    _current.set(request)


@contextmanager
def request_scope(request: RequestScope) -> Generator[RequestScope]:
    """Let this be the request inside."""
    token = _current.set(request)
    try:
        yield request
    finally:
        _current.reset(token)


@contextmanager
def fallback(*, allowed: bool = True) -> Generator[list[VendorError]]:
    """Let older values answer while the vendor is in trouble, or not; yields the errors for which they did.

    What is not allowed outside is not allowed inside either.
    """
    now, errors = current_request(), list["VendorError"]()
    with request_scope(replace(now, fallbacks=errors if allowed and now.fallbacks is not None else None)):
        yield errors


@contextmanager
def refetching() -> Generator[None]:
    """Let no value answer that was asked for before now."""
    with request_scope(replace(current_request(), not_before=time.monotonic())):
        yield


@contextmanager
def of_any_age() -> Generator[None]:
    """Let every value answer that is kept, and an older one while the vendor is in trouble; nobody is told of that."""
    with request_scope(replace(current_request(), not_before=-math.inf, fallbacks=[])):
        yield
