"""The reads that `ordergraph check` performs, one for each group of operations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ReadCheck:
    """A harmless read that shows whether an account has permission for a group of a vendor's operations.

    ``read`` takes the connector and sends one GET, or authenticates. It is None if nothing can be read, and ``reason``
    has the reason. The check is skipped if the account lacks ``extension``.
    """

    group: str
    operation: str
    read: Callable[[Any], Awaitable[object]] | None = None
    extension: str | None = None
    reason: str | None = None


LOGIN = "login"
"""The group of the read check that only authenticates, for vendors with a separate authentication call."""


def login_check(operation: str) -> ReadCheck:
    """Return the read check that authenticates with the vendor."""
    return ReadCheck(LOGIN, operation, lambda at: at.client.log_in())
