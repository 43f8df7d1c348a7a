"""An event loop whose time passes at once, so that an hour of watching takes a moment."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any


class _Selector(selectors.DefaultSelector):
    """Does not wait: what was to be waited is the time that has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found:
            assert timeout is not None, "everybody waits for ever"
            self.passed += timeout
        return found


class Clock(asyncio.SelectorEventLoop):
    """Time is counted in seconds from 0."""

    def __init__(self) -> None:
        self._passing = _Selector()
        self.complaints: list[Mapping[str, Any]] = []
        super().__init__(self._passing)

    def time(self) -> float:
        return self._passing.passed

    def get_debug(self) -> bool:
        return False

    def default_exception_handler(self, context: Mapping[str, Any]) -> None:
        self.complaints.append(context)
