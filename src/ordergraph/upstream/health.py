"""The health of an account's vendor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated

from ordergraph.upstream.circuit import CircuitState, FailureKind


class HealthState(Enum):
    """The state of an account's vendor, by the last call to it."""

    UNKNOWN = "The vendor has not been called since the gateway started."
    UP = "The vendor answered the last call."
    DOWN = "The last call failed: there was no answer, a server error, or failed authentication."


@dataclass(frozen=True, slots=True)
class Health:
    """The health of an account's vendor, by recent calls to it.

    It is measured from the calls that the gateway makes anyway; there are no separate health checks.
    """

    state: Annotated[HealthState, "The state of the vendor, by the last call."] = HealthState.UNKNOWN
    state_changed_at: Annotated[
        datetime | None, "The time since which the vendor has been in this state. Null before the first call."
    ] = None
    latency_seconds: Annotated[
        float | None, "How long the last answer took, in seconds. Null if the vendor has not answered yet."
    ] = None
    last_error: Annotated[str | None, "The message of the last failure. Null if there was none."] = None
    failure: Annotated[FailureKind | None, "The kind of failure. Null unless the state is DOWN."] = None
    circuit: Annotated[CircuitState, "The state of the circuit breaker: whether calls are sent to the vendor."] = (
        CircuitState.CLOSED
    )
    retry_at: Annotated[
        datetime | None, "The time at which the next call can be sent. Null if calls can be sent now."
    ] = None
