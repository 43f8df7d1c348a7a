"""One GraphQL graph over the ordering APIs of your vendors.

Public: `create_app` makes the gateway out of a configuration, `Connector` is what a vendor's folder
subclasses. Everything else may change from version to version.
"""

from importlib.metadata import version

from ordergraph.app import create_app
from ordergraph.connector import Connector

__all__ = ["Connector", "__version__", "create_app"]
__version__ = version("ordergraph")
