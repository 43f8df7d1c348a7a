"""What the graph asks of a vendor: one connector for each account.

base        `Connector`: what every vendor's connector has, and what it may implement
fetching    helpers that read several objects, each with an error of its own
outcomes    by what one sees whether an in-doubt operation was done
checks      what `ordergraph check` tries
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
