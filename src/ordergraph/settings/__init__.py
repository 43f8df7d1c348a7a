"""The settings and how they are loaded.

account, gateway    the sections of the configuration file, with their limits and defaults
callers             the callers, their API keys and their scopes
loading             reads the file and the environment, and combines them
environment         the environment variables; nothing else reads them
problems            describes what is wrong, and where
"""

from ordergraph.settings.account import AccountSettings, CircuitSettings, RetrySettings, Timeouts, WatchSettings
from ordergraph.settings.base import ENV_PREFIX, Credential, Secret
from ordergraph.settings.environment import Launch, environment_without_accounts, hand_over, handed_over, variable
from ordergraph.settings.gateway import (
    Configuration,
    GraphQLSettings,
    Limits,
    ServerSettings,
    Settings,
    clean_root_path,
)
from ordergraph.settings.loading import check_name, load, load_common, sandbox

__all__ = [
    "ENV_PREFIX",
    "AccountSettings",
    "CircuitSettings",
    "Configuration",
    "Credential",
    "GraphQLSettings",
    "Launch",
    "Limits",
    "RetrySettings",
    "Secret",
    "ServerSettings",
    "Settings",
    "Timeouts",
    "WatchSettings",
    "check_name",
    "clean_root_path",
    "environment_without_accounts",
    "hand_over",
    "handed_over",
    "load",
    "load_common",
    "sandbox",
    "variable",
]
