"""One GraphQL graph over the ordering APIs of your vendors.

Public: `create_app` makes the gateway out of a configuration, `Connector` is what a vendor's folder
subclasses. Everything else may change from version to version.
"""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ordergraph.app import create_app
    from ordergraph.connector import Connector

__all__ = ["Connector", "__version__", "create_app"]
__version__ = version("ordergraph")


def __getattr__(name: str) -> Any:
    """Import what is asked for: the sandbox needs nothing of it, and would wait seconds for it."""
    if name == "create_app":
        from ordergraph.app import create_app

        return create_app
    if name == "Connector":
        from ordergraph.connector import Connector

        return Connector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
