"""What a command says when it is ready: where everything is, and a first thing to try."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version

from ordergraph.settings.callers import ALL_ACCOUNTS, CallerSettings, Scope
from ordergraph.settings import AccountSettings, Configuration
from ordergraph.vendors.vendor import Vendor

VERSION = version("ordergraph")
FIRST_QUERY = "{ orders(first: 5) { nodes { id status placedAt } } }"
CONTROLS = "calls, faults, advance, reset"
NO_CALLERS = """Nobody can ask yet, since there is no caller: make a key with

  ordergraph keys new <name>

write what it says into the settings, and start again."""


def gateway(url: str, configuration: Configuration, sandbox_url: str | None) -> str:
    """The gateway's message; ``sandbox_url`` where the fake vendors are beside it."""
    lines = [f"ordergraph {VERSION} answers at {url}", ""]
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
    """A line for a shell."""
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
    """What to do with a key that was made, of which this is the hash."""
    return f"""
This is the key of {name}. It is shown this once: give it to who asks, to be sent with every request as

    Authorization: Bearer <the key>

and write its hash into ordergraph.toml (if {name} is there, add it to its keys: both are good until you take the
old one out), then start the gateway anew:

    [callers.{name}]
    keys = {json.dumps([hash_])}
    accounts = {json.dumps(accounts or [ALL_ACCOUNTS])}
    scopes = {json.dumps(scopes)}
"""


def sandbox(url: str, vendors: Sequence[Vendor]) -> str:
    """The message of the fake vendors alone."""
    lines = [f"ordergraph {VERSION} sandbox"]
    for vendor in vendors:
        lines += ["", vendor.title, f"  base_url     {url}/{vendor.code}"]
        lines += [f"  {key:<12} {value}" for key, value in vendor.sandbox_account.items()]
        lines += [f"  control API  {url}/{vendor.code}/_control/  ({CONTROLS})"]
    return "\n".join([*lines, ""])
