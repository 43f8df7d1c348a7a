"""Whether the accounts and the ledger work, what an account may do, and what to do about what does not work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ordergraph.connector import LOGIN, Connector, ReadCheck
from ordergraph.domain import errors
from ordergraph.domain.errors import ActionRefused, LedgerUnavailable, VendorError
from ordergraph.ledger.store import Store
from ordergraph.settings import variable
from ordergraph.upstream.request_scope import current_request, set_request

MAX_TEXT = 300
"""How much of a vendor's words fits in a table."""


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


@dataclass(frozen=True)
class GroupFinding:
    """What came of a read check; ``works`` is None where it was not tried."""

    check: ReadCheck
    works: bool | None
    text: str
    seconds: float = 0.0
    advice: str | None = None


async def check_groups(connector: Connector, progress: Callable[[str], None]) -> Sequence[GroupFinding]:
    """Try one read for each group of operations of an account, one after the other; tell the progress before each."""
    checks = type(connector).read_checks
    findings: list[GroupFinding] = []
    try:
        set_request(replace(current_request(), probing=True))  # each is tried, whatever the circuit makes of the others
        for number, check in enumerate(checks, 1):
            progress(f"{number}/{len(checks)} {check.group}: {check.operation}")
            logged_in = next((one.works for one in findings if one.check.group == LOGIN), None)
            findings.append(_untried(connector, check, logged_in) or await _try(connector, check, logged_in))
    finally:
        await connector.aclose()
    return findings


def _untried(connector: Connector, check: ReadCheck, logged_in: bool | None) -> GroupFinding | None:
    """Why a check is not to be tried, None if it is. ``logged_in`` is None at a vendor without a login."""
    if check.extension is not None and check.extension not in connector.account.extensions:
        reason = f"the extension {check.extension!r} is off"
    elif check.read is None:
        reason = check.reason
    elif logged_in is False:
        reason = "the login failed"
    else:
        return None
    return GroupFinding(check, None, f"not tried: {reason}")


async def _try(connector: Connector, check: ReadCheck, logged_in: bool | None) -> GroupFinding:
    assert check.read is not None
    began, works, advice = time.monotonic(), False, None
    try:
        skipped = getattr(await check.read(connector), "skipped", 0)
        works, text = True, f"works; {skipped} of its rows cannot be read" if skipped else "works"
    except VendorError as error:
        text, advice = _answer(check, error), _advice(connector, error, logged_in=bool(logged_in))
    except ActionRefused as error:
        text = f"refused: {error}"
    return GroupFinding(check, works, text, time.monotonic() - began, advice)


def _answer(check: ReadCheck, error: VendorError) -> str:
    """What the vendor made of a read, with its status and its code."""
    root = _root(error)
    problem = root.problem if isinstance(root, VendorError) else error.problem
    refused = error.status is not None and 400 <= error.status < 500
    at = "" if error.operation == check.operation else f" at {error.operation}"
    codes = " ".join(str(one) for one in (error.status, problem.code) if one and str(one) != problem.message)
    words = problem.message or (
        str(root) if isinstance(error, errors.VendorUnreachable) else f"{error.vendor} {error.says}"
    )
    return _line(f"{'refused' if refused else 'failed'}{at}{f' ({codes})' if codes else ''}: {words}")


def _line(text: str) -> str:
    """A vendor's words on one line of a terminal."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:MAX_TEXT]


def table(findings: Sequence[GroupFinding]) -> str:
    """The findings for a terminal, and how to mend what does not work."""
    rows = [("group", "operation", "time", "result")]
    for one in findings:
        seconds = "" if one.works is None else f"{one.seconds:.2f} s"
        rows.append((one.check.group, one.check.operation, seconds, one.text))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]
    return "\n".join([*lines, *(f"\n{text}" for text in _advised(findings))])


def _advised(findings: Sequence[GroupFinding]) -> Sequence[str]:
    """Each advice once, with the groups that it is for."""
    groups: dict[str, list[str]] = {}
    for one in findings:
        if one.advice:
            groups.setdefault(one.advice, []).append(one.check.group)
    return [f"{', '.join(names)}: {advice}" for advice, names in groups.items()]


async def _check(connector: Connector) -> Finding:
    try:
        return Finding(connector.name, True, await connector.check())
    except VendorError as error:
        return Finding(connector.name, False, f"{_what(error)}; {_advice(connector, error)}")


def _what(error: VendorError) -> str:
    """What happened, with the words of whoever noticed."""
    said = error.problem.message or (str(_root(error)) if isinstance(error, errors.VendorUnreachable) else "")
    status = f" ({error.status})" if error.status else ""
    return f"{error.vendor} {error.says}{status}" + (f": {said}" if said else "")


def _root(error: BaseException) -> BaseException:
    """What was noticed first: an error of the login is the cause of the call's."""
    return error if error.__cause__ is None else _root(error.__cause__)


def _advice(connector: Connector, error: VendorError, *, logged_in: bool = False) -> str:
    kind = type(error)
    if isinstance(error, errors.VendorLoginFailed) and logged_in:
        kind = errors.VendorForbidden  # a 401 to a token that the vendor has just given
    if isinstance(error, errors.VendorLoginFailed) and error.status in (404, 405, 410):
        kind = errors.VendorNotFound  # no login was refused: there is none
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
    errors.VendorUnreachable: _base_url,
    errors.VendorTimeout: _time,
    errors.VendorLoginFailed: _credentials,
    errors.VendorForbidden: lambda connector: "the credentials work: ask the vendor to permit their user to read",
    errors.VendorNotFound: lambda connector: f"{_base_url(connector)}, and accounts.{connector.name}.paths",
    errors.VendorRateLimited: lambda connector: (
        f"try again later; a lower accounts.{connector.name}.concurrency may help"
    ),
    errors.VendorUnavailable: lambda connector: f"try again later; if it stays so, {_base_url(connector)}",
    errors.VendorRejected: _base_url,
    errors.VendorBadReply: _base_url,
    VendorError: _base_url,
}
"""How to mend it, by what went wrong; the nearest class counts."""
