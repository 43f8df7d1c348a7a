"""How a fake vendor's objects move from status to status, where the statuses that may follow are a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ordergraph.sandbox.vendor import ControlError

Following = Mapping[str, Sequence[str]]
"""The statuses that may follow each; the first is where an object goes unless it is told otherwise."""


def way(following: Following, here: str, there: str) -> list[str] | None:
    """The fewest statuses that lead from one to another; None if nothing does."""
    ways = {here: list[str]()}
    queue = [here]
    for status in queue:
        for step in following.get(status, ()):
            if step not in ways:
                ways[step] = [*ways[status], step]
                queue.append(step)
    return ways.get(there)


def steps(following: Following, here: str, to: object, known: Collection[str]) -> list[str]:
    """The statuses that a command leads through: up to ``to``, or the next; `ControlError` if nothing leads there."""
    if to is not None and to not in known:
        raise ControlError(400, f"to must be one of {', '.join(known)}")
    found = way(following, here, str(to)) if to else list(following.get(here, ()))[:1]
    if not found:
        raise ControlError(409, f"there is no way from {here} to {to or 'anything further'}")
    return found
