"""Who asks: callers are known by what they present. Another way to know them is another class of `Callers`."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Protocol

from ordergraph.settings.callers import Caller, CallerSettings, Scope, hashed
from ordergraph.settings import Configuration


class Callers(Protocol):
    """Knows callers by their tokens."""

    def of(self, token: str | None) -> Caller | None:
        """The caller that a token is of; None if it is nobody's, or missing."""
        ...


class Keys:
    """The callers of the settings, by their keys. ``accounts`` are all that there are."""

    def __init__(self, settings: Sequence[CallerSettings], accounts: frozenset[str]) -> None:
        self._known = [(key, one.caller(accounts)) for one in settings for key in one.keys]

    def of(self, token: str | None) -> Caller | None:
        """Compared with every key, also after one was found: how long it takes tells nothing."""
        presented = hashed(token or "")
        found = [caller for key, caller in self._known if hmac.compare_digest(key, presented)]
        return found[0] if token and found else None


class Anybody:
    """Takes whoever asks for one caller, who may do everything."""

    def __init__(self, name: str, accounts: frozenset[str]) -> None:
        self._caller = Caller(name, accounts, frozenset(Scope))

    def of(self, token: str | None) -> Caller:
        """The one caller, whatever is presented."""
        return self._caller


def callers_of(configuration: Configuration) -> Callers:
    """The callers that the settings name; at the fake vendors, anybody."""
    accounts = frozenset(account.name for account in configuration.accounts)
    if configuration.callers is None:
        return Anybody("sandbox", accounts)
    return Keys(configuration.callers, accounts)


def bearer(value: object) -> str | None:
    """The token in the value of an Authorization header, None if there is none that we could know."""
    scheme, _, token = value.partition(" ") if isinstance(value, str) else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else None
