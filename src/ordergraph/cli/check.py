"""Checks the accounts and the ledger, and advises how to fix what does not work."""

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
"""The maximum length of a vendor's message in the table."""


@dataclass(frozen=True)
class Finding:
    """The result of checking an account or the ledger."""

    name: str
    works: bool
    text: str

    def __str__(self) -> str:
        return f"{'OK    ' if self.works else 'FAILED'}  {self.name}: {self.text}"


async def check_ledger(store: Store) -> Finding:
    """Check the ledger's database without changing anything."""
    try:
        return Finding("ledger", True, await store.check())
    except LedgerUnavailable as error:
        advice = f"Check {variable('ledger', 'url')} or ledger.url, and that the database is writable."
        return Finding("ledger", False, f"{store} cannot be used: {error.reason.removesuffix('.')}. {advice}")


async def check(connectors: Mapping[str, Connector]) -> Sequence[Finding]:
    """Authenticate with all accounts concurrently, and read one object from each."""
    try:
        return await asyncio.gather(*(_check(connector) for connector in connectors.values()))
    finally:
        await asyncio.gather(*(connector.aclose() for connector in connectors.values()))


@dataclass(frozen=True)
class GroupFinding:
    """The result of a read check. ``works`` is None if it was not tried."""

    check: ReadCheck
    works: bool | None
    text: str
    seconds: float = 0.0
    advice: str | None = None


async def check_groups(connector: Connector, progress: Callable[[str], None]) -> Sequence[GroupFinding]:
    """Try one read for each group of operations of an account, in turn. Reports the progress before each."""
    checks = type(connector).read_checks
    findings: list[GroupFinding] = []
    try:
        set_request(replace(current_request(), probing=True))  # try each, even if the others have opened the circuit
        for number, check in enumerate(checks, 1):
            progress(f"{number}/{len(checks)} {check.group}: {check.operation}")
            logged_in = next((one.works for one in findings if one.check.group == LOGIN), None)
            findings.append(_untried(connector, check, logged_in) or await _try(connector, check, logged_in))
    finally:
        await connector.aclose()
    return findings


def _untried(connector: Connector, check: ReadCheck, logged_in: bool | None) -> GroupFinding | None:
    """Return why a check is skipped; None if it is not. ``logged_in`` is None at a vendor without a login."""
    if check.extension is not None and check.extension not in connector.account.extensions:
        reason = f"the extension {check.extension!r} is off"
    elif check.read is None:
        reason = check.reason
    elif logged_in is False:
        reason = "authentication failed"
    else:
        return None
    return GroupFinding(check, None, f"not tried: {reason}")


async def _try(connector: Connector, check: ReadCheck, logged_in: bool | None) -> GroupFinding:
    assert check.read is not None
    began, works, advice = time.monotonic(), False, None
    try:
        skipped = getattr(await check.read(connector), "skipped", 0)
        works, text = True, f"works; {skipped} invalid rows omitted" if skipped else "works"
    except VendorError as error:
        text, advice = _answer(check, error), _advice(connector, error, logged_in=bool(logged_in))
    except ActionRefused as error:
        text = f"refused: {error}"
    return GroupFinding(check, works, text, time.monotonic() - began, advice)


def _answer(check: ReadCheck, error: VendorError) -> str:
    """Describe the vendor's answer to a failed read, with its HTTP status and error code."""
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
    """Fit a vendor's message into one line of a terminal."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:MAX_TEXT]


def table(findings: Sequence[GroupFinding]) -> str:
    """Return the findings as a table for a terminal, with advice on how to fix what does not work."""
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
    """Return each piece of advice once, with the groups that it is for."""
    groups: dict[str, list[str]] = {}
    for one in findings:
        if one.advice:
            groups.setdefault(one.advice, []).append(one.check.group)
    return [f"{', '.join(names)}: {advice}" for advice, names in groups.items()]


async def _check(connector: Connector) -> Finding:
    try:
        return Finding(connector.name, True, await connector.check())
    except VendorError as error:
        return Finding(connector.name, False, f"{_what(error).removesuffix('.')}. {_advice(connector, error)}")


def _what(error: VendorError) -> str:
    """Describe an error, with the message of the vendor or of the library that noticed it."""
    said = error.problem.message or (str(_root(error)) if isinstance(error, errors.VendorUnreachable) else "")
    status = f" ({error.status})" if error.status else ""
    return f"{error.vendor} {error.says}{status}" + (f": {said}" if said else "")


def _root(error: BaseException) -> BaseException:
    """Return the original error: a failed login is the cause of the call's error."""
    return error if error.__cause__ is None else _root(error.__cause__)


def _advice(connector: Connector, error: VendorError, *, logged_in: bool = False) -> str:
    kind = type(error)
    if isinstance(error, errors.VendorLoginFailed) and logged_in:
        kind = errors.VendorForbidden  # a 401 for a token that the vendor has just issued
    if isinstance(error, errors.VendorLoginFailed) and error.status in (404, 405, 410):
        kind = errors.VendorNotFound  # the credentials were not rejected: there is no login at this URL
    return next(ADVICE[ancestor](connector) for ancestor in kind.__mro__ if ancestor in ADVICE)


def _credentials(connector: Connector) -> str:
    keys = type(connector.account).credentials()
    names = " and ".join(variable("accounts", connector.name, key) for key in keys)
    return f"Check {names}, or the files that contain them."


def _base_url(connector: Connector) -> str:
    return f"Check accounts.{connector.name}.base_url, which is {connector.account.base_url}."


def _time(connector: Connector) -> str:
    times = connector.account.timeouts
    return (
        f"The timeouts are {times.connect:g} s to connect, {times.read:g} s to read and {times.total:g} s in total. "
        f"{_base_url(connector)} "
        f"If it is right, increase accounts.{connector.name}.timeouts."
    )


ADVICE: Mapping[type, Callable[[Connector], str]] = {
    errors.VendorUnreachable: _base_url,
    errors.VendorTimeout: _time,
    errors.VendorLoginFailed: _credentials,
    errors.VendorForbidden: lambda connector: (
        "The credentials are valid. Ask the vendor to give their user permission to read."
    ),
    errors.VendorNotFound: lambda connector: f"{_base_url(connector)} Check accounts.{connector.name}.paths, too.",
    errors.VendorRateLimited: lambda connector: (
        f"Try again later. A lower accounts.{connector.name}.concurrency may help."
    ),
    errors.VendorUnavailable: lambda connector: f"{_base_url(connector)} If it is right, try again later.",
    errors.VendorRejected: _base_url,
    errors.VendorBadReply: _base_url,
    VendorError: _base_url,
}
"""How to fix an error, by its class. The nearest base class applies."""
