"""Waiting for what another thread or process does, and says to nobody."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 30.0
"""Seconds."""


def eventually(check: Callable[[], bool], what: str = "") -> None:
    """Return as soon as the check holds; raise AssertionError if it does not for a long time."""
    deadline = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}"
        time.sleep(0.01)
