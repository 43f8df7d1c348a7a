"""Helpers that read several objects, each with an error of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar, cast

from ordergraph.domain import (
    Action,
    Order,
)
from ordergraph.domain.errors import (
    ActionRefused,
    UserError,
    UserErrorCode,
    VendorError,
    VendorNotFound,
)

T = TypeVar("T")
Fetched = Sequence[T | VendorError | None]
"""The result of a ``fetch_`` method: one entry for each key, in the same order."""


async def none_there(reading: Awaitable[object]) -> None:
    """Read an object that does not exist: a 404 with the vendor's own error code shows that the request was understood.

    A 404 without a code is raised, since it may be caused by a wrong address.
    """
    try:
        await reading
    except VendorNotFound as error:
        if error.problem.code is None:
            raise


def refused(action: Action, order: Order, code: str | None = None, words: str | None = None) -> ActionRefused:
    """Return the refusal of an action that the order's status does not allow.

    ``code`` and ``words`` are the vendor's error code and message, if it was called.
    """
    offers = {one.action: one.message for one in order.available_actions}
    return ActionRefused(
        UserError(
            UserErrorCode.WRONG_STATUS,
            offers.get(action) or "The action is not possible in the order's current status.",
            vendor_code=code or order.vendor_status,
            vendor_message=words,
        )
    )


async def each(keys: Sequence[str], fetch: Callable[[str], Awaitable[T | None]]) -> Fetched[T]:
    """Fetch keys with one call each, in parallel; the client limits how many are in flight.

    An error affects only its own key. A cancelled caller cancels the calls.
    """
    results = await asyncio.gather(*(fetch(key) for key in keys), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, VendorError):
            raise result
    return cast("Fetched[T]", results)


async def only(fetching: Awaitable[Fetched[T]]) -> T | None:
    """Return what was fetched for a single key; raise its error."""
    (found,) = await fetching
    if isinstance(found, VendorError):
        raise found
    return found


def by_key(keys: Sequence[str], found: Mapping[str, T]) -> Fetched[T]:
    """Return what was found in the order of the keys, None for missing ones."""
    return [found.get(key) for key in keys]
