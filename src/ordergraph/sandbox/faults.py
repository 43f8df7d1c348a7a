"""The rules by which calls fail, and answers that break the contract."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, cast

from ordergraph.sandbox.app import FAULTS, METHODS, TIMED_FAULTS
from ordergraph.sandbox.bodies import Body
from ordergraph.sandbox.vendor import ControlError, Problems


@dataclass
class Rule:
    """One line of what shall go wrong; `times` is what is left of it."""

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
        """Whether this call is hit; a hit counts."""
        if self.method not in (None, method) or self.path not in (None, path):
            return False
        if self.draws.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def shown(self) -> dict[str, Any]:
        """Put the rule as the control API shows it."""
        names = ("fault", "method", "path", "times", "probability", "seed", "seconds")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


RULE_KEYS = ("fault", "method", "path", "times", "probability", "seed", "seconds")


def read_rules(content: object, paths: Collection[str]) -> list[Rule]:
    """Read the rules of a request body; `ControlError` names the key and what it may be."""
    if not isinstance(content, list):
        raise ControlError(400, "faults must be a JSON list of rules")
    problems: Problems = {}
    rules: list[Rule] = []
    for index, item in enumerate(cast("list[object]", content)):
        if isinstance(item, dict):
            rules.append(_read_rule(cast("dict[str, Any]", item), paths, problems, f"{index}."))
        else:
            problems[str(index)] = ["must be an object"]
    if problems:
        raise ControlError(400, "; ".join(f"{key} {text}" for key, texts in problems.items() for text in texts))
    return rules


def _read_rule(item: dict[str, Any], paths: Collection[str], problems: Problems, at: str) -> Rule:
    body = Body(item, problems, at)
    for key in sorted(item.keys() - set(RULE_KEYS)):
        body.problem(key, f"is unknown, a rule has {', '.join(RULE_KEYS)}")
    rule = Rule(
        fault=body.text("fault", allowed=FAULTS) or "",
        method=body.text("method", allowed=METHODS),
        path=body.text("path", allowed=paths),
        times=body.integer("times", low=1),
        probability=float(1 if (share := body.number("probability")) is None else share),
        seed=body.integer("seed"),
        seconds=None if (seconds := body.number("seconds")) is None else float(seconds),
    )
    _check_rule(rule, body)
    return rule


def _check_rule(rule: Rule, body: Body) -> None:
    if "fault" not in body:
        body.problem("fault", f"must be one of {', '.join(FAULTS)}")
    if not 0 <= rule.probability <= 1:
        body.problem("probability", "must lie within 0 and 1")
    if rule.seconds is not None and rule.fault not in TIMED_FAULTS:
        body.problem("seconds", f"belongs to {' and '.join(TIMED_FAULTS)} only")
    if rule.fault == "slow" and rule.seconds is None:
        body.problem("seconds", "must be given with slow: a number from 0 on")
    if rule.seconds is not None and rule.seconds < 0:
        body.problem("seconds", "must be a number from 0 on")


ENVELOPED = ("items", "orders")
"""What vendors call the rows of a list that stands in an envelope."""


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
