"""Waits for another thread or process that sends no event."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 30.0
"""Seconds."""


def eventually(check: Callable[[], bool], what: str = "") -> None:
    """Return as soon as the check holds. Raise AssertionError if it does not in time."""
    deadline = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}"
        time.sleep(0.01)
