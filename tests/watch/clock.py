"""An event loop with simulated time, so that an hour of watching takes a moment."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any


class _Selector(selectors.DefaultSelector):
    """Never waits. The time to wait is added to the time that has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found:
            assert timeout is not None, "all tasks wait forever"
            self.passed += timeout
        return found


class Clock(asyncio.SelectorEventLoop):
    """An event loop whose time starts at 0 seconds."""

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
