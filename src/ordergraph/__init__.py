"""One GraphQL graph over the ordering APIs of your vendors."""

from importlib.metadata import version

__version__ = version("ordergraph")
