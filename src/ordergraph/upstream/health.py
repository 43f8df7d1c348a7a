"""How an account's vendor does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ordergraph.upstream.circuit import CircuitState, FailureKind


class HealthState(Enum):
    """How an account's vendor has answered lately. A member's value is the sentence in the schema."""

    UNKNOWN = "Not asked since the gateway started."
    UP = "The last call was answered."
    DOWN = "The last call was not answered, or the login failed."


@dataclass(frozen=True, slots=True)
class Health:
    """How an account's vendor has answered lately. ``latency`` is that of the last answer, in seconds.

    ``failure`` is what is wrong while it is down; ``retry_at`` is when a call is let through again, if none is now.
    """

    state: HealthState = HealthState.UNKNOWN
    since: datetime | None = None
    latency: float | None = None
    last_error: str | None = None
    failure: FailureKind | None = None
    circuit: CircuitState = CircuitState.CLOSED
    retry_at: datetime | None = None
