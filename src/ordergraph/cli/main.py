"""The command line: ``ordergraph serve | sandbox | keys | schema | vendors | check | ledger export``.

Exit codes: 0 success, 1 failure, 2 invalid settings or arguments.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from ordergraph import __version__
from ordergraph.app import build_schema, configure, connect, create_app, executing, placements, store_of
from ordergraph.cli import banner, capabilities, sandbox_process
from ordergraph.cli.check import Finding, check_groups, check_ledger, table
from ordergraph.cli.check import check as check_accounts
from ordergraph.cli.export import exported
from ordergraph.domain import WriteStatus
from ordergraph.domain.commands import Range
from ordergraph.domain.errors import LedgerUnavailable, SettingsError, StartError
from ordergraph.graph.schema import possible_types, printed
from ordergraph.ledger.operations import OperationQuery, Operations
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.sandbox import create_app as create_sandbox
from ordergraph.sandbox import serve as serve_sandbox
from ordergraph.server import logs, process
from ordergraph.settings import Configuration, Launch, check_name, hand_over, load_common
from ordergraph.settings.callers import Scope, hashed, new_key
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.vendor import Vendor

ORDERS = 5000
SEED = 7
SCHEMA, POSSIBLE_TYPES = Path("schema.graphql"), Path("possibleTypes.json")
TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]

cli = typer.Typer(
    name="ordergraph",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Config = Annotated[
    Path | None,
    typer.Option(help="Configuration file. Defaults to ordergraph.toml in this directory or in /etc/ordergraph."),
]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free port.")]


def main() -> None:
    """Run a command. Errors are printed as messages, without a traceback."""
    try:
        cli(prog_name="ordergraph")
    except SettingsError as error:
        _fail(error, 2)
    except StartError as error:
        _fail(error, 1)


def _fail(error: Exception, code: int) -> None:
    typer.echo(f"ordergraph: {error}", err=True)
    sys.exit(code)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ordergraph {__version__}")
        raise typer.Exit


@cli.callback()
def ordergraph(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """One GraphQL graph over the ordering APIs of your vendors."""


# ---- serve ------------------------------------------------------------------------------------------


@cli.command()
def serve(
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Use fake vendors, with one account each and without credentials.")
    ] = False,
    orders: Annotated[
        int | None, typer.Option(min=0, help="Number of orders at each fake vendor.", show_default=str(ORDERS))
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed for the generated orders.", show_default=str(SEED))] = None,
    sandbox_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the fake vendors.", show_default="PORT + 1")
    ] = None,
    config: Config = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Number of worker processes.")] = 1,
) -> None:
    """Run the gateway."""
    if sandbox and config is not None:
        raise SettingsError("--sandbox and --config cannot be combined. The sandbox has its own accounts.")
    if not sandbox and (orders, seed, sandbox_port) != (None, None, None):
        raise SettingsError("--orders, --seed and --sandbox-port require --sandbox.")
    with process.signals_end_quietly(), process.bind(host, port) as listener:
        if sandbox:
            beside = _port_beside(port) if sandbox_port is None else sandbox_port
            size = (ORDERS if orders is None else orders, SEED if seed is None else seed)
            with (
                sandbox_process.running(VENDORS, host, beside, *size) as url,
                TemporaryDirectory(prefix="ordergraph-") as kept,
            ):
                ledger = f"sqlite:///{kept}/ledger.db"
                launch = Launch(None, url, process.url_of(listener), ledger, *size)
                _serve(launch, listener, workers)
        else:
            _serve(Launch(config=config, url=process.url_of(listener)), listener, workers)


def _port_beside(port: int) -> int:
    """Return the port after the gateway's; 0 (any free port) if that is 0, too."""
    return port + 1 if 0 < port < 65535 else 0


def _serve(launch: Launch, listener: socket.socket, workers: int) -> None:
    configuration = configure(launch)
    settings = configuration.settings
    logs.configure(settings)
    message = banner.gateway(process.url_of(listener), configuration, launch.sandbox)

    def greet() -> None:
        typer.echo(message)

    if workers == 1:
        process.serve_here(create_app(configuration, kept=placements(launch)), settings, listener, greet)
    else:
        if settings.graphql.trusted:
            executing(settings)  # report invalid documents once, here, and not in each worker
        hand_over(launch)
        process.serve_with_workers("ordergraph.app:worker_app", settings, listener, workers, greet)


# ---- sandbox ----------------------------------------------------------------------------------------


@cli.command()
def sandbox(
    vendor: Annotated[
        list[str] | None, typer.Option(help="Run only this vendor; can be repeated.", show_default="all")
    ] = None,
    orders: Annotated[int, typer.Option(min=0, help="Number of orders at each vendor.")] = ORDERS,
    seed: Annotated[int, typer.Option(help="Seed for the generated orders.")] = SEED,
    host: Host = "127.0.0.1",
    port: Port = 9000,
) -> None:
    """Run only the fake vendors, each under /<vendor>, with a control API that makes them fail."""
    chosen = _chosen(vendor)
    app = create_sandbox({one.code: one.sandbox for one in chosen}, orders=orders, seed=seed)

    def greet(url: str) -> None:
        typer.echo(banner.sandbox(url, chosen))

    with process.signals_end_quietly():
        try:
            serve_sandbox(app, host=host, port=port, on_ready=greet)
        except OSError as error:
            raise process.cannot_listen(host, port, error, "--port") from None


def _chosen(names: Sequence[str] | None) -> Sequence[Vendor]:
    known = {vendor.code: vendor for vendor in VENDORS}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise SettingsError(f"Unknown vendor {', '.join(unknown)}. Known vendors: {', '.join(known)}.")
    return [known[name] for name in dict.fromkeys(names)] if names else VENDORS


# ---- keys -------------------------------------------------------------------------------------------

keys = typer.Typer(no_args_is_help=True)
cli.add_typer(keys, name="keys", help="Manage the API keys of callers.")


@keys.callback()
def about_keys() -> None:
    """Manage the API keys of callers."""


@keys.command()
def new(
    name: Annotated[str, typer.Argument(help="The caller's name in the settings.")],
    scope: Annotated[
        list[Scope] | None, typer.Option(help="Permission of the caller; can be repeated.", show_default="read")
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option(help="Account that the caller can use; can be repeated.", show_default="all")
    ] = None,
) -> None:
    """Create an API key, and show what to add to the settings.

    The key goes to stdout, the rest to stderr. The key is not stored anywhere: if it is lost, create another.
    """
    check_name("callers", name)
    for one in account or ():
        check_name("accounts", one)
    key = new_key()
    typer.echo(key)
    typer.echo(banner.key(name, hashed(key), account, scope or [Scope.READ]), err=True)


# ---- schema, vendors, check -------------------------------------------------------------------------


@cli.command()
def schema(
    write: Annotated[bool, typer.Option("--write", help="Write the schema to the file.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Fail if the file is not up to date.")] = False,
    possible: Annotated[
        bool, typer.Option("--possible-types", help="The types of each interface and union as JSON, for client caches.")
    ] = False,
    path: Annotated[
        Path | None, typer.Option(help="Path of the file.", show_default=f"{SCHEMA}, {POSSIBLE_TYPES}")
    ] = None,
) -> None:
    """Print the schema (SDL), write it to a file, or check that a file is up to date."""
    made = build_schema()
    text = json.dumps(possible_types(made), indent=2) + "\n" if possible else printed(made)
    path = path or (POSSIBLE_TYPES if possible else SCHEMA)
    if write:
        path.write_text(text, encoding="utf-8")
    elif check:
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            command = f"ordergraph schema {'--possible-types ' * possible}--write"
            raise StartError(f"{path} is not up to date. Update it with `{command}`.")
    else:
        typer.echo(text, nl=False)


@cli.command()
def vendors(
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a Markdown table.")] = False,
) -> None:
    """Show the capabilities of each vendor."""
    if json:
        typer.echo(capabilities.as_json(VENDORS))
    else:
        typer.echo(capabilities.as_markdown(VENDORS) if markdown else capabilities.as_text(VENDORS))


@cli.command()
def check(
    config: Config = None,
    account: Annotated[
        str | None, typer.Option(help="Check only this account, with one read for each group of operations.")
    ] = None,
) -> None:
    """Check the accounts, the ledger and the trusted documents.

    Authenticates with every account and reads one object. Shows what is wrong and how to fix it. With --account, shows
    a table of what the account can read. Nothing is changed at the vendors.
    """
    configuration = configure(Launch(config=config))
    logs.configure(configuration.settings)
    if account is None:
        _check_all(configuration)
    else:
        _check_account(configuration, account)


def _check_all(configuration: Configuration) -> None:
    executing(configuration.settings)  # check that the trusted documents are valid for the schema
    findings = asyncio.run(_findings(configuration))
    for finding in findings:
        typer.echo(str(finding))
    if not all(finding.works for finding in findings):
        raise typer.Exit(1)


def _check_account(configuration: Configuration, name: str) -> None:
    connectors = connect(configuration, Store(MEMORY))
    if name not in connectors:
        raise SettingsError(f"Unknown account {name}. Known accounts: {', '.join(sorted(connectors))}.")
    findings = asyncio.run(check_groups(connectors[name], lambda text: typer.echo(text, err=True)))
    typer.echo(table(findings))
    if any(one.works is False for one in findings):
        raise typer.Exit(1)


async def _findings(configuration: Configuration) -> Sequence[Finding]:
    ledger = await check_ledger(store_of(configuration.settings))
    return [*await check_accounts(connect(configuration, Store(MEMORY))), ledger]


# ---- ledger -----------------------------------------------------------------------------------------


ledger = typer.Typer(no_args_is_help=True, help="Read the ledger, the record of all writes that were sent.")
cli.add_typer(ledger, name="ledger")
STATUSES = tuple(one.name for one in WriteStatus)


def _time(text: str) -> Any:
    """Return an option that takes a time."""
    help_ = f"{text}: 2026-11-30, or 2026-11-30T12:00:00Z."
    return typer.Option(formats=TIMES, metavar="TIME", help=help_)


@ledger.callback()
def ledger_commands() -> None:
    """Keep `export` a subcommand even though it is the only one."""


@ledger.command()
def export(
    config: Config = None,
    account: Annotated[
        list[str] | None, typer.Option(help="Only operations of this account; can be repeated.", show_default="all")
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Only operations in this status, {', '.join(STATUSES)}; can be repeated.", show_default="all"
        ),
    ] = None,
    since: Annotated[datetime | None, _time("Only operations sent at this time or later")] = None,
    until: Annotated[datetime | None, _time("Only operations sent before this time")] = None,
) -> None:
    """Write the operations to stdout as JSON, one per line, without secrets. The gateway can keep running.

    The lines are grouped by account, oldest operation first. The fields are those of `WriteOperation` in the graph.
    The settings of accounts are not read, so their secrets are not needed.
    """
    query = OperationQuery(statuses=_statuses(status), created_at=Range(_utc(since), _utc(until)))
    try:
        asyncio.run(_export(store_of(load_common(config)), account, query))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _export(store: Store, accounts: Sequence[str] | None, query: OperationQuery) -> None:
    try:
        await store.open_existing()
        async with aclosing(exported(Operations(store), accounts or None, query)) as lines:
            async for line in lines:
                sys.stdout.buffer.write(line)
    except LedgerUnavailable as error:
        raise StartError(f"The ledger at {store} cannot be used: {error.reason.removesuffix('.')}.") from error
    finally:
        await store.aclose()


def _statuses(names: Sequence[str] | None) -> frozenset[WriteStatus] | None:
    unknown = [name for name in names or () if name not in STATUSES]
    if unknown:
        raise SettingsError(f"Unknown status {', '.join(unknown)}. Known statuses: {', '.join(STATUSES)}.")
    return frozenset(WriteStatus[name] for name in names) if names else None


def _utc(moment: datetime | None) -> datetime | None:
    """Return a time with its zone; a time without one is in UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
