"""``python -m tests.chaos``: runs the kill test from the command line."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

import typer

from tests import postgres
from tests.chaos.run import Plan, run
from tests.chaos.shops import LESS, SHOPS


def main() -> None:
    """Run the kill test. Exits with 1 if an order is lost, duplicated, or not reported correctly."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=main.__doc__)
    parser.add_argument("--orders", type=int, default=Plan.orders, help="number of orders")
    parser.add_argument("--seed", type=int, default=Plan.seed, help="seed of the random faults")
    parser.add_argument("--workers", type=int, default=Plan.workers, help="number of gateway processes")
    parser.add_argument("--clients", type=int, default=Plan.clients, help="number of concurrent clients")
    parser.add_argument(
        "--ledger",
        default=Plan.ledger,
        help="URL of an empty database, or postgresql for a temporary one; defaults to a SQLite file",
    )
    parser.add_argument(
        "--accounts", nargs="+", choices=[*SHOPS, *LESS], default=Plan.shops, help="the accounts to use"
    )
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _leave)
    with TemporaryDirectory(prefix="ordergraph-chaos-") as folder, _ledger(given.ledger) as url:
        plan = Plan(given.orders, given.seed, given.workers, given.clients, given.accounts, url)
        report = asyncio.run(run(plan, Path(folder), typer.echo))
        if not report.passed:
            typer.echo((Path(folder) / "log").read_text()[-10000:])
    typer.echo(report.text)
    sys.exit(not report.passed)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """Exit normally, so that the gateway is stopped."""
    sys.exit(1)


@contextmanager
def _ledger(named: str) -> Generator[str]:
    """Yield the URL of the ledger database, which may be a temporary one."""
    if named != "postgresql":
        yield named
        return
    with postgres.running() as server:
        yield server.database()


if __name__ == "__main__":
    main()
