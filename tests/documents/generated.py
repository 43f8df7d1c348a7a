"""The generated parts of documents: tables, and excerpts of the source.

``<!-- name -->`` begins a table and ``<!-- settings section -->`` one of settings. ``<!-- account vendor -->`` and the
other names of VENDOR_TABLES begin one of a vendor. ``<!-- code path name ... -->``
begins an excerpt: the named objects of that file (``name`` or ``Class.name``), or all of it. ``<!-- end -->`` ends
each.
"""

import ast
import asyncio
import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from ordergraph import settings
from ordergraph.cli import capabilities, check
from ordergraph.connector import ReadCheck
from ordergraph.domain.errors import UserErrorCode
from ordergraph.graph.errors import GRAPHQL_CODES
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.settings import account, gateway
from ordergraph.settings.callers import CallerSettings
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.sonata.vendor import vendor as sonata
from ordergraph.vendors.vendor import Vendor
from tests import faults, replies
from tests.clients import run as clients
from tests.documents import tables
from tests.fakes import serving
from tests.private_apis import PRIVATE_APIS
from tests.vendors.outcomes import CASES

ROOT = Path(__file__).parent.parent.parent


def generated(what: str) -> str:
    """Return the generated text for a mark."""
    kind, *names = what.split()
    if kind == "code":
        return excerpt(ROOT / names[0], names[1:])
    if kind == "settings":
        return settings_table(SECTIONS[names[0]], names[0])
    return VENDOR_TABLES[kind](BY_CODE[names[0]]) if names else TABLES[kind]()


SECTIONS: Mapping[str, type[BaseModel]] = {
    "server": settings.ServerSettings,
    "graphql": settings.GraphQLSettings,
    "limits": settings.Limits,
    "ledger": gateway.LedgerSettings,
    "callers.*": CallerSettings,
    "accounts.*": settings.AccountSettings,
    "accounts.*.timeouts": account.Timeouts,
    "accounts.*.retries": account.RetrySettings,
    "accounts.*.circuit": account.CircuitSettings,
    "accounts.*.cache": account.CacheTimes,
    "accounts.*.watch": settings.WatchSettings,
}


def settings_table(section: type[BaseModel], name: str) -> str:
    """Return the settings of a section."""
    rows = (
        f"| `{key}` | {_shown(info)} | {info.description} |"
        for key, info in section.model_fields.items()
        if key != "name" and not isinstance(info.get_default(call_default_factory=True), BaseModel)
    )
    return f"| setting of `[{name.replace('*', '<name>')}]` | default | meaning |\n|---|---|---|\n" + "\n".join(rows)


def _shown(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True)
    if info.is_required() or value is None:
        return "required" if info.is_required() else "none"
    return f"`{_toml(value.get_secret_value() if isinstance(value, SecretStr) else value)}`"


def account_table(vendor: Vendor) -> str:
    """Return the settings of a vendor's accounts that other accounts do not have, and the URLs of its API."""
    common = settings.AccountSettings.model_fields
    fields = {key: info for key, info in vendor.settings.model_fields.items() if key == "base_url" or key not in common}
    secrets = vendor.settings.secrets()
    rows = [f"| `{key}` | {_default(info)} | {_meaning(key, info, secrets)} |" for key, info in fields.items()]
    rows += [f"| `extensions` | | {_extensions(vendor)} |"] if vendor.settings.known_extensions else []
    return "| setting of the account | default | meaning |\n|---|---|---|\n" + "\n".join(rows)


def _default(info: FieldInfo) -> str:
    """Return the default of a setting, or an empty string if it has no useful one."""
    value = info.get_default(call_default_factory=True)
    if info.is_required():
        return "required"
    text = _toml(value if isinstance(value, bool) else str(value)) if value is not None else '""'
    return "" if text == '""' else f"`{text}`"


def _meaning(key: str, info: FieldInfo, secrets: Sequence[str]) -> str:
    return f"{info.description}{' Pass it as an environment variable or a file.' if key in secrets else ''}"


def _extensions(vendor: Vendor) -> str:
    return "; ".join(f"`{name}`: {gives}" for name, gives in vendor.settings.known_extensions.items())


def operations_table(vendor: Vendor) -> str:
    """Return the calls that the gateway makes at a vendor."""
    rows = (f"| `{name}` | `{path}` |" for name, path in vendor.settings.operations.items())
    return "| operation | call |\n|---|---|\n" + "\n".join(rows)


def _toml(value: object) -> str:
    """Format a value as in the settings."""
    return json.dumps(sorted(cast("frozenset[str]", value)) if isinstance(value, frozenset) else value)


def error_table() -> str:
    """Return the codes of errors that end a field or a request."""
    rows = (f"| `{code}` | {meaning} |" for code, meaning in GRAPHQL_CODES.items())
    return "| `extensions.code` | meaning |\n|---|---|\n" + "\n".join(rows)


def user_error_table() -> str:
    """Return the codes of user errors."""
    rows = (f"| `{code.name}` | {code.value} |" for code in UserErrorCode)
    return "| `userErrors.code` | meaning |\n|---|---|\n" + "\n".join(rows)


def private_table() -> str:
    """Return the private APIs of libraries that the gateway uses."""
    rows = (f"| {one.library} {one.version} | {one.what} | `{one.used_in}` | {one.reason} |" for one in PRIVATE_APIS)
    return "| library | private part | used in | reason |\n|---|---|---|---|\n" + "\n".join(rows)


def outcome_table() -> str:
    """Return who settles an in-doubt operation, according to the tests of every mutation."""
    mutations = dict.fromkeys(case.mutation for one in VENDORS for case in CASES[one.code])
    rows = (f"| `{name}` | {' | '.join(settled_by(one.code, name) for one in VENDORS)} |" for name in mutations)
    head = " | ".join(one.title for one in VENDORS)
    return f"| mutation | {head} |\n|---|{'---|' * len(VENDORS)}\n" + "\n".join(rows)


def settled_by(vendor: str, mutation: str) -> str:
    """Return who settles an in-doubt mutation at a vendor."""
    cases = [case for case in CASES[vendor] if case.mutation == mutation]
    if not any(case.asked for case in cases):
        return "a person" if cases else ""
    return "; ".join(dict.fromkeys(["the vendor", *(f"a person {one.where}" for one in cases if not one.asked)]))


BY_CODE: Mapping[str, Vendor] = {one.code: one for one in VENDORS}
VENDOR_TABLES: Mapping[str, Callable[[Vendor], str]] = {
    "account": account_table,
    "actions": tables.actions,
    "operations": operations_table,
    "requirements": tables.requirements,
    "statuses": tables.statuses,
}


def checks_table() -> str:
    """Return the checks of `ordergraph check --account` at each vendor."""
    rows = (
        f"| {vendor.title} | {one.group} | `{one.operation}` | {_when(one)} |"
        for vendor in VENDORS
        for one in vendor.connector.read_checks
    )
    return "| vendor | group | operation | tried |\n|---|---|---|---|\n" + "\n".join(rows)


def _when(one: ReadCheck) -> str:
    if one.read is None:
        return f"never: {one.reason}"
    return f"with the extension `{one.extension}`" if one.extension else "always"


def check_of_an_account() -> str:
    """Return the output of `ordergraph check --account` for a Seller that rejects charges, with fixed times."""
    with serving(sonata, orders=1) as fake:
        fake.faults({"fault": "unauthorized", "path": fake.vendor.settings.operations["listCharge"].partition(" ")[2]})
        connector = fake.connector(Store(MEMORY), extensions=["list", "cancel", "charges"])
        found = asyncio.run(check.check_groups(connector, lambda _: None))
    return f"```text\n{check.table([replace(one, seconds=0.02) for one in found])}\n```"


TABLES: Mapping[str, Callable[[], str]] = {
    "private": private_table,
    "check_of_an_account": check_of_an_account,
    "checks": checks_table,
    "capabilities": lambda: capabilities.as_markdown(VENDORS),
    "capability_meanings": tables.capability_meanings,
    "clients": clients.table,
    "errors": error_table,
    "extensions": tables.extensions,
    "limits": tables.limits,
    "outcomes": outcome_table,
    "scopes": tables.scopes,
    "user_errors": user_error_table,
    "faults_of_reads": faults.reads_table,
    "faults_of_writes": faults.writes_table,
    "bad_answers": replies.table,
}


def excerpt(path: Path, names: Sequence[str]) -> str:
    """Return the source of the named objects in a file, or of the whole file, as a block of a document."""
    source = path.read_text()
    if not names:
        return f"```{path.suffix[1:]}\n{source}```"
    module = ast.parse(source)
    parts = (textwrap.dedent(source_of(source, found(module, name.split(".")))) for name in names)
    return "```python\n" + "\n\n".join(parts) + "\n```"


def found(scope: ast.Module | ast.ClassDef, path: Sequence[str]) -> ast.stmt:
    """Return the statement that defines a name. Raises LookupError if there is none."""
    for node in scope.body:
        if path[0] in names_of(node):
            if len(path) == 1:
                return node
            if isinstance(node, ast.ClassDef):
                return found(node, path[1:])
    raise LookupError(f"there is no {'.'.join(path)}")


def names_of(node: ast.stmt) -> set[str]:
    """Return the names that a statement defines. A docstring's name is ``__doc__``."""
    if isinstance(node, ast.Expr):
        return {"__doc__"}
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def source_of(source: str, node: ast.stmt) -> str:
    """Return the lines of a statement, including decorators."""
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    first = min(one.lineno for one in (node, *decorators))
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
