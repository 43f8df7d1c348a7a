"""The sandbox of a gateway: one child process that all workers share. It ends when the gateway ends."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import IO, cast

from ordergraph.domain.errors import StartError
from ordergraph.server.process import end_this_process
from ordergraph.settings import environment_without_accounts
from ordergraph.vendors.vendor import Vendor

END_SECONDS = 5.0


@contextmanager
def running(vendors: Sequence[Vendor], host: str, port: int, orders: int, seed: int) -> Generator[str]:
    """Run the fake vendors within the context, and yield their base URL.

    The child process prints its URL to its stdout when it is ready. It ends when its stdin is closed, so it never
    outlives this process. It has its own session: otherwise Ctrl-C would stop it while requests are still running. If
    the child ends unexpectedly, this process ends too.
    """
    child = subprocess.Popen(
        _command(vendors, host, port, orders, seed),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment_without_accounts(),
        start_new_session=True,
    )
    try:
        url = _first_line(child)
        with _watched(child):
            yield url
    finally:
        _end(child)


@contextmanager
def _watched(child: subprocess.Popen[bytes]) -> Generator[None]:
    """End this process if the child ends before the context does."""
    left = threading.Event()

    def watch() -> None:
        child.wait()
        if not left.is_set():
            end_this_process()

    threading.Thread(target=watch, name="sandbox-watch", daemon=True).start()
    try:
        yield
    finally:
        left.set()
        if child.poll() is not None:
            raise StartError(
                f"The sandbox ended unexpectedly with exit code {child.returncode}, so the gateway stopped."
            )


def _command(vendors: Sequence[Vendor], host: str, port: int, orders: int, seed: int) -> list[str]:
    factories = [f"{one.code}={one.sandbox.__module__}:{one.sandbox.__qualname__}" for one in vendors]
    return [sys.executable, "-m", "ordergraph.cli.sandbox_child", host, str(port), str(orders), str(seed), *factories]


def _first_line(child: subprocess.Popen[bytes]) -> str:
    line = cast("IO[bytes]", child.stdout).readline()
    if not line and child.wait() > 0:
        sys.exit(1)  # the child has printed the reason to stderr, which it shares with this process
    return line.decode().strip()


def _end(child: subprocess.Popen[bytes]) -> None:
    cast("IO[bytes]", child.stdin).close()
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    cast("IO[bytes]", child.stdout).close()
