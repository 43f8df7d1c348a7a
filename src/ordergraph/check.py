"""Whether the accounts and the ledger work, and what to do about those that do not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ordergraph.connector import Connector
from ordergraph.errors import (
    LedgerUnavailable,
    VendorBadReply,
    VendorError,
    VendorForbidden,
    VendorLoginFailed,
    VendorNotFound,
    VendorRateLimited,
    VendorRejected,
    VendorTimeout,
    VendorUnavailable,
    VendorUnreachable,
)
from ordergraph.ledger.store import Store
from ordergraph.settings import variable


@dataclass(frozen=True)
class Finding:
    """What was found of an account, or of the ledger."""

    name: str
    works: bool
    text: str

    def __str__(self) -> str:
        return f"{'OK    ' if self.works else 'FAILED'}  {self.name}: {self.text}"


async def check_ledger(store: Store) -> Finding:
    """Look at the ledger's database; nothing is made or changed there."""
    try:
        return Finding("ledger", True, await store.check())
    except LedgerUnavailable as error:
        advice = f"check {variable('ledger', 'url')} or ledger.url, and that the database can be written"
        return Finding("ledger", False, f"{store} cannot be used: {error.reason}; {advice}")


async def check(connectors: Mapping[str, Connector]) -> Sequence[Finding]:
    """Log in to all accounts at once and read one thing from each."""
    try:
        return await asyncio.gather(*(_check(connector) for connector in connectors.values()))
    finally:
        await asyncio.gather(*(connector.aclose() for connector in connectors.values()))


async def _check(connector: Connector) -> Finding:
    try:
        return Finding(connector.name, True, await connector.check())
    except VendorError as error:
        return Finding(connector.name, False, f"{_what(error)}; {_advice(connector, error)}")


def _what(error: VendorError) -> str:
    """What happened, with the words of whoever noticed."""
    said = error.problem.message or (str(_root(error)) if isinstance(error, VendorUnreachable) else "")
    status = f" ({error.status})" if error.status else ""
    return f"{error.vendor} {error.says}{status}" + (f": {said}" if said else "")


def _root(error: BaseException) -> BaseException:
    """What was noticed first: an error of the login is the cause of the call's."""
    return error if error.__cause__ is None else _root(error.__cause__)


def _advice(connector: Connector, error: VendorError) -> str:
    kind = type(error)
    if isinstance(error, VendorLoginFailed) and error.status in (404, 405, 410):
        kind = VendorNotFound  # no login was refused: there is none
    return next(ADVICE[ancestor](connector) for ancestor in kind.__mro__ if ancestor in ADVICE)


def _credentials(connector: Connector) -> str:
    keys = type(connector.account).credentials()
    names = " and ".join(variable("accounts", connector.name, key) for key in keys)
    return f"check {names}, or the files that hold them"


def _base_url(connector: Connector) -> str:
    return f"check accounts.{connector.name}.base_url, which is {connector.account.base_url}"


def _time(connector: Connector) -> str:
    times = connector.account.timeouts
    return (
        f"it has {times.connect:g} s to connect, {times.read:g} s to go on and {times.total:g} s in all: "
        f"{_base_url(connector)}, "
        f"or give accounts.{connector.name}.timeouts more"
    )


ADVICE: Mapping[type, Callable[[Connector], str]] = {
    VendorUnreachable: _base_url,
    VendorTimeout: _time,
    VendorLoginFailed: _credentials,
    VendorForbidden: lambda connector: "the credentials work: ask the vendor to permit their user to read",
    VendorNotFound: lambda connector: f"{_base_url(connector)}, and accounts.{connector.name}.paths",
    VendorRateLimited: lambda connector: f"try again later; a lower accounts.{connector.name}.concurrency may help",
    VendorUnavailable: lambda connector: f"try again later; if it stays so, {_base_url(connector)}",
    VendorRejected: _base_url,
    VendorBadReply: _base_url,
    VendorError: _base_url,
}
"""How to mend it, by what went wrong; the nearest class counts."""
