"""What a command says when it is ready: where everything is, and a first thing to try."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version

from ordergraph.settings import AccountSettings
from ordergraph.vendor import Vendor

VERSION = version("ordergraph")
FIRST_QUERY = "{ orders(first: 5) { nodes { id status placedAt } } }"
CONTROLS = "calls, faults, advance, reset"


def gateway(url: str, accounts: Sequence[AccountSettings], sandbox_url: str | None) -> str:
    """The gateway's message; ``sandbox_url`` where the fake vendors are beside it."""
    lines = [f"ordergraph {VERSION} answers at {url}", "", f"  GraphiQL     {url}/graphql"]
    if sandbox_url is None:
        lines += [_account(account) for account in accounts]
    else:
        lines += [_sandbox_account(account, sandbox_url) for account in accounts]
        lines += [f"  control API  {sandbox_url}/<vendor>/_control/  ({CONTROLS})"]
    return "\n".join([*lines, "", "A first query:", "", f"  {first_query(url)}", ""])


def first_query(url: str) -> str:
    """A line for a shell."""
    body = json.dumps({"query": FIRST_QUERY})
    return f"curl -s {url}/graphql -H 'content-type: application/json' -d '{body}'"


def _account(account: AccountSettings) -> str:
    return f"  account      {account.name} ({account.vendor} at {account.base_url})"


def _sandbox_account(account: AccountSettings, url: str) -> str:
    return f"  account      {account.name} (sandbox at {url}/{account.vendor})"


def sandbox(url: str, vendors: Sequence[Vendor]) -> str:
    """The message of the fake vendors alone."""
    lines = [f"ordergraph {VERSION} sandbox"]
    for vendor in vendors:
        lines += ["", vendor.title, f"  base_url     {url}/{vendor.code}"]
        lines += [f"  {key:<12} {value}" for key, value in vendor.sandbox_account.items()]
        lines += [f"  control API  {url}/{vendor.code}/_control/  ({CONTROLS})"]
    return "\n".join([*lines, ""])
