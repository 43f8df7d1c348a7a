"""How an account's vendor does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated

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

    state: Annotated[HealthState, "Whether the last call was answered."] = HealthState.UNKNOWN
    since: Annotated[datetime | None, "Since when it has been so."] = None
    latency: Annotated[float | None, "How long the last answer took, in seconds."] = None
    last_error: Annotated[str | None, "What the last failure was."] = None
    failure: Annotated[FailureKind | None, "What is wrong while the last call was not answered."] = None
    circuit: Annotated[CircuitState, "Whether calls are sent, or the vendor is left in peace for a while."] = (
        CircuitState.CLOSED
    )
    retry_at: Annotated[datetime | None, "When the next call is sent, if none is before."] = None
