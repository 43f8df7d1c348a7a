"""The messages of commands: the URLs of a server that is ready, and a first query to try."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version

from ordergraph.settings import AccountSettings, Configuration
from ordergraph.settings.callers import ALL_ACCOUNTS, CallerSettings, Scope
from ordergraph.vendors.vendor import Vendor

VERSION = version("ordergraph")
FIRST_QUERY = "{ orders(first: 5) { nodes { id status placedAt } } }"
CONTROLS = "calls, faults, advance, reset"
NO_CALLERS = """No callers are configured, so every request is rejected. Create an API key with

  ordergraph keys new <name>

then add the printed section to the settings and restart the gateway."""


def gateway(url: str, configuration: Configuration, sandbox_url: str | None) -> str:
    """Return the message of a gateway that is ready. ``sandbox_url`` is the URL of its fake vendors, if it has any."""
    lines = [f"ordergraph {VERSION} is listening at {url}", ""]
    if configuration.settings.graphql.graphiql:
        lines.append(f"  GraphiQL     {url}/graphiql")
    if sandbox_url is None:
        lines += [_account(account) for account in configuration.accounts]
    else:
        lines += [_sandbox_account(account, sandbox_url) for account in configuration.accounts]
        lines += [f"  control API  {sandbox_url}/<vendor>/_control/  ({CONTROLS})"]
    lines += [_caller(caller) for caller in configuration.callers or ()]
    if configuration.callers == ():
        lines += ["", NO_CALLERS]
    return "\n".join([*lines, "", "A first query:", "", f"  {first_query(url, configuration.callers is not None)}", ""])


def first_query(url: str, with_key: bool) -> str:
    """Return a shell command that sends a first query."""
    body = json.dumps({"query": FIRST_QUERY})
    key = '-H "authorization: Bearer $KEY" ' if with_key else ""
    return f"curl -s {url}/graphql {key}-H 'content-type: application/json' -d '{body}'"


def _account(account: AccountSettings) -> str:
    return f"  account      {account.name} ({account.vendor} at {account.base_url})"


def _sandbox_account(account: AccountSettings, url: str) -> str:
    return f"  account      {account.name} (sandbox at {url}/{account.vendor})"


def _caller(caller: CallerSettings) -> str:
    return f"  caller       {caller.name} ({_listed(caller.scopes)}; accounts: {_listed(caller.accounts)})"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def key(name: str, hash_: str, accounts: Sequence[str] | None, scopes: Sequence[Scope]) -> str:
    """Return instructions for a new API key, of which ``hash_`` is the hash."""
    return f"""
This is the API key of {name}. It is shown only once. The caller sends it with every request as

    Authorization: Bearer <the key>

Add its hash to ordergraph.toml, then restart the gateway. If {name} already has a key, add the hash to `keys`: both
keys are valid until you remove the old one.

    [callers.{name}]
    keys = {json.dumps([hash_])}
    accounts = {json.dumps(accounts or [ALL_ACCOUNTS])}
    scopes = {json.dumps(scopes)}
"""


def sandbox(url: str, vendors: Sequence[Vendor]) -> str:
    """Return the message of a standalone sandbox that is ready."""
    lines = [f"ordergraph {VERSION} sandbox"]
    for vendor in vendors:
        lines += ["", vendor.title, f"  base_url     {url}/{vendor.code}"]
        lines += [f"  {key:<12} {value}" for key, value in vendor.sandbox_account.items()]
        lines += [f"  control API  {url}/{vendor.code}/_control/  ({CONTROLS})"]
    return "\n".join([*lines, ""])
