"""The rules that make calls fail, and responses that break the contract."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, cast


@dataclass
class Rule:
    """A rule that makes calls fail. `times` is how often it still applies."""

    fault: str
    method: str | None
    path: str | None
    times: int | None
    probability: float
    seed: int | None
    seconds: float | None
    draws: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.draws = random.Random(self.seed or 0)

    def hits(self, method: str, path: str) -> bool:
        """Whether the rule applies to this call. If so, this decrements `times`."""
        if self.method not in (None, method) or self.path not in (None, path):
            return False
        if self.draws.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def shown(self) -> dict[str, Any]:
        """Return the rule as the control API shows it."""
        names = ("fault", "method", "path", "times", "probability", "seed", "seconds")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


ENVELOPED = ("items", "orders")
"""The vendors' names for the rows of a list in an envelope."""


def drifted(content: Any) -> Any:
    """Change a JSON value as an unannounced change of its contract would."""
    if isinstance(content, list):
        rows = cast("list[Any]", content)
        return [_drifted_object(row, spoil=index == 0) for index, row in enumerate(rows)]
    page = cast("dict[str, Any]", content) if isinstance(content, dict) else {}
    for rows in ENVELOPED:
        if isinstance(page.get(rows), list):
            return {**_drifted_object(page, spoil=False), rows: drifted(page[rows])}
    return _drifted_object(content, spoil=True)


def _drifted_object(content: Any, *, spoil: bool) -> Any:
    if not isinstance(content, dict):
        return content
    fields = cast("dict[str, Any]", content)
    changed = {**fields, "not_in_the_contract": True}
    if spoil and fields:
        changed["id" if "id" in fields else next(iter(fields))] = {"drifted": True}
    return changed
