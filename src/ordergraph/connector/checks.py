"""The reads that `ordergraph check` tries, one for each group of operations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ReadCheck:
    """A harmless read that shows whether an account may use a group of a vendor's operations.

    ``read`` takes the connector and sends one GET, or logs in; it is None where nothing can be read, and ``reason``
    says why. It is not tried where the account lacks ``extension``.
    """

    group: str
    operation: str
    read: Callable[[Any], Awaitable[object]] | None = None
    extension: str | None = None
    reason: str | None = None


LOGIN = "login"
"""The group of the read check that only logs in, where a vendor has a login."""


def login_check(operation: str) -> ReadCheck:
    """The read check of a vendor with a login of its own."""
    return ReadCheck(LOGIN, operation, lambda at: at.client.log_in())
