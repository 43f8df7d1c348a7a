"""One GraphQL graph over the ordering APIs of your vendors.

Public: `create_app` makes the gateway from a configuration, and `Connector` is the base class of the vendors'
connectors. Everything else may change in any version.
"""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ordergraph.app import create_app
    from ordergraph.connector import Connector

__all__ = ["Connector", "__version__", "create_app"]
__version__ = version("ordergraph")


def __getattr__(name: str) -> Any:
    """Import on first use. The sandbox needs none of it, and would start seconds later."""
    if name == "create_app":
        from ordergraph.app import create_app

        return create_app
    if name == "Connector":
        from ordergraph.connector import Connector

        return Connector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
