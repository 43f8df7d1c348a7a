"""The interface between the graph and the vendors: one connector for each account.

base        `Connector`: the base class of every vendor's connector, and the methods it may implement
fetching    helpers that read several objects, each with an error of its own
outcomes    how the outcome of an in-doubt operation is determined
checks      the reads that `ordergraph check` performs
"""

from ordergraph.connector.base import Connector
from ordergraph.connector.checks import LOGIN, ReadCheck, login_check
from ordergraph.connector.fetching import Fetched, by_key, each, none_there, only, refused
from ordergraph.connector.outcomes import OUTCOMES, TARGETS, Outcomes, Targets

__all__ = [
    "LOGIN",
    "OUTCOMES",
    "TARGETS",
    "Connector",
    "Fetched",
    "Outcomes",
    "ReadCheck",
    "Targets",
    "by_key",
    "each",
    "login_check",
    "none_there",
    "only",
    "refused",
]
