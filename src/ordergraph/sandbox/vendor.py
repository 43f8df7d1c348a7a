"""What a vendor's sandbox implements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from starlette.responses import Response
from starlette.routing import Route

RESET_EXTENSION = "ordergraph.reset"
Problems = dict[str, list[str]]


class ControlError(Exception):
    """A command to the control API that cannot be done, with its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class VendorSandbox(Protocol):
    """One fake vendor with state."""

    @property
    def routes(self) -> Sequence[Route]:
        """The vendor's API: one route per method and path, paths as templates (`/orders/{id}`)."""
        ...

    def reset(self) -> None:
        """Start over from the same seeded state; logins end."""
        ...

    def advance(self, command: dict[str, Any]) -> dict[str, Any]:
        """Move an object along its life; `ControlError` for a command that cannot be done."""
        ...

    def error(self, status: int, message: str) -> Response:
        """Put an error into the vendor's own form, for faults and unknown paths."""
        ...


@runtime_checkable
class SilentSandbox(Protocol):
    """A fake vendor whose own API does not show what was placed there."""

    def placements(self) -> list[dict[str, Any]]:
        """What was placed, oldest first."""
        ...
