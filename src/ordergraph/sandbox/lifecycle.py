"""The status transitions of a fake vendor's objects, given as a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ordergraph.sandbox.vendor import ControlError

Following = Mapping[str, Sequence[str]]
"""The statuses that can follow each status. The first one is the default."""


def way(following: Following, here: str, there: str) -> list[str] | None:
    """Return the shortest path from one status to another; None if there is none."""
    ways = {here: list[str]()}
    queue = [here]
    for status in queue:
        for step in following.get(status, ()):
            if step not in ways:
                ways[step] = [*ways[status], step]
                queue.append(step)
    return ways.get(there)


def steps(following: Following, here: str, to: object, known: Collection[str]) -> list[str]:
    """Return the statuses that a command passes through: up to ``to``, or only the next one by default.

    Raises ControlError if there is no path to it.
    """
    if to is not None and to not in known:
        raise ControlError(400, f"`to` must be one of {', '.join(known)}.")
    found = way(following, here, str(to)) if to else list(following.get(here, ()))[:1]
    if not found:
        raise ControlError(409, f"The status cannot change from {here} to {to or 'any other'}.")
    return found
