"""Generated orders, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

ANCHOR = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
"""The current time of the seeded data. At every vendor, the newest seeded orders are shortly before it."""


SEEDED_DAYS = 730
NEWEST = 5
RECENT, RECENT_DAYS = 10, 7
TIE_SHARE = 0.04


class SeededSandbox:
    """A fake vendor that starts with a number of generated orders, the same for the same seed.

    Tests may replace `now`, which returns the time of changes.
    """

    def __init__(self, orders: int, seed: int) -> None:
        self._size = orders
        self._seed = seed
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)


def seeded_random(*parts: object) -> random.Random:
    """Return random numbers that depend only on these parts, in every process and on every machine."""
    return random.Random("/".join(str(part) for part in parts))


def seeded_instants(rng: random.Random, count: int) -> list[datetime]:
    """Return the times at which seeded orders were placed, oldest first, over the two years before `ANCHOR`.

    Most are in business hours. Some share a second, since real lists have ties. Whatever the count, five are within two
    and a half hours before `ANCHOR` and some more in the week before it, so that the orders of several vendors
    interleave at the top of a merged list.
    """
    newest = min(NEWEST, count)
    older = count - newest
    instants = [_business_instant(rng, RECENT_DAYS if index < RECENT else SEEDED_DAYS) for index in range(older)]
    instants.sort()
    for index in range(1, older):
        if rng.random() < TIE_SHARE:
            instants[index] = instants[index - 1]
    return instants + sorted(ANCHOR - timedelta(seconds=rng.randrange(60, 9000)) for _ in range(newest))


def _business_instant(rng: random.Random, days: int) -> datetime:
    day = ANCHOR.replace(hour=0, minute=0) - timedelta(days=rng.randrange(1, days))
    if day.weekday() >= 5 and rng.random() < 0.9:
        day -= timedelta(days=2)
    return day + timedelta(seconds=int(rng.triangular(7.5 * 3600, 19 * 3600, 11 * 3600)))
