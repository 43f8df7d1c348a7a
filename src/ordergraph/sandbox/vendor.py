"""The interface that a vendor's sandbox implements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from starlette.responses import Response
from starlette.routing import Route

RESET_EXTENSION = "ordergraph.reset"
Problems = dict[str, list[str]]


class ControlError(Exception):
    """A rejected command of the control API, with its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class VendorSandbox(Protocol):
    """A fake vendor with state."""

    @property
    def routes(self) -> Sequence[Route]:
        """The vendor's API: one route per method and path, paths as templates (`/orders/{id}`)."""
        ...

    def reset(self) -> None:
        """Reset to the seeded state. All tokens expire."""
        ...

    def advance(self, command: dict[str, Any]) -> dict[str, Any]:
        """Change the status of an object. Raises ControlError for a command that cannot be executed."""
        ...

    def error(self, status: int, message: str) -> Response:
        """Return an error in the vendor's format, for faults and unknown paths."""
        ...


@runtime_checkable
class SilentSandbox(Protocol):
    """A fake vendor whose own API does not return the placed orders."""

    def placements(self) -> list[dict[str, Any]]:
        """Return the placed orders, oldest first."""
        ...
