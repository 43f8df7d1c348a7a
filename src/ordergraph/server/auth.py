"""Authentication: finds the caller of a request by its token. Another scheme is another implementation of `Callers`."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Protocol

from ordergraph.settings import Configuration
from ordergraph.settings.callers import Caller, CallerSettings, Scope, hashed


class Callers(Protocol):
    """Authenticates callers by their tokens."""

    def of(self, token: str | None) -> Caller | None:
        """Return the caller that a token belongs to; None if the token is unknown or missing."""
        ...


class Keys:
    """The callers of the settings, by their API keys. ``accounts`` are all accounts of the gateway."""

    def __init__(self, settings: Sequence[CallerSettings], accounts: frozenset[str]) -> None:
        self._known = [(key, one.caller(accounts)) for one in settings for key in one.keys]

    def of(self, token: str | None) -> Caller | None:
        """Return the caller of a key. Always compares with every key, so that the time taken reveals nothing."""
        presented = hashed(token or "")
        found = [caller for key, caller in self._known if hmac.compare_digest(key, presented)]
        return found[0] if token and found else None


class Anybody:
    """Treats every request as from one caller, who has all permissions."""

    def __init__(self, name: str, accounts: frozenset[str]) -> None:
        self._caller = Caller(name, accounts, frozenset(Scope))

    def of(self, token: str | None) -> Caller:
        """Return the one caller, whatever the token."""
        return self._caller


def callers_of(configuration: Configuration) -> Callers:
    """Return the callers of the settings; with the fake vendors, one caller for all requests."""
    accounts = frozenset(account.name for account in configuration.accounts)
    if configuration.callers is None:
        return Anybody("sandbox", accounts)
    return Keys(configuration.callers, accounts)


def bearer(value: object) -> str | None:
    """Return the token of an Authorization header; None if it has no Bearer token."""
    scheme, _, token = value.partition(" ") if isinstance(value, str) else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else None
