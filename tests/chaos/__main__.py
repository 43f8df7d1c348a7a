"""``python -m tests.chaos``: the kill test from the command line."""

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
    """Run it; the exit code is 1 if anything is lost, doubled or not told as it is."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=main.__doc__)
    parser.add_argument("--orders", type=int, default=Plan.orders, help="how many are placed")
    parser.add_argument("--seed", type=int, default=Plan.seed, help="other numbers, other troubles")
    parser.add_argument("--workers", type=int, default=Plan.workers, help="processes of the gateway")
    parser.add_argument("--clients", type=int, default=Plan.clients, help="how many ask at once")
    parser.add_argument(
        "--ledger",
        default=Plan.ledger,
        help="the URL of an empty database, or postgresql for one made here; unless given, a file",
    )
    parser.add_argument("--accounts", nargs="+", choices=[*SHOPS, *LESS], default=Plan.shops, help="where to order")
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
    """In order, so that the gateway ends as well."""
    sys.exit(1)


@contextmanager
def _ledger(named: str) -> Generator[str]:
    """The URL of the database, which may be made for the run."""
    if named != "postgresql":
        yield named
        return
    with postgres.running() as server:
        yield server.database()


if __name__ == "__main__":
    main()
