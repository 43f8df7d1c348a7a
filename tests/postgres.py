"""A PostgreSQL server for the tests, in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.ports import free_port

OTHER = "ORDERGRAPH_TEST_POSTGRESQL"
"""The variable with the URL of a server that already runs, for a user who may create databases."""
PASSWORD = "not-a-secret-of-postgresql"
SECONDS = 30.0
FAST = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200")


class Server:
    """A server on which each test has a database of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._count = count(1)

    def database(self) -> str:
        """Create a database and return its URL."""
        name = f"test_{os.getpid()}_{next(self._count)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def cut(self, database: str) -> None:
        """Close the connections of all other clients to a database."""
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )


class OwnServer(Server):
    """A server that was started by the tests and can be stopped."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        super().__init__(f"postgresql://tester:{PASSWORD}@127.0.0.1:{self.port}/postgres")
        self.folder = folder
        self._process: subprocess.Popen[Any] | None = None

    def start(self) -> None:
        """Start the server with its existing data."""
        where = ("-D", str(self.folder), "-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder))
        with (self.folder / "log").open("ab") as log:
            process = self._process = subprocess.Popen(
                [program("postgres"), *where, *FAST], stdout=log, stderr=log, cwd=self.folder, **unprivileged()
            )
        deadline = time.monotonic() + SECONDS
        while not self._answers():
            said = (self.folder / "log").read_text()
            assert process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)

    @contextmanager
    def standing_still(self) -> Generator[None]:
        """Suspend the server, so that it neither answers nor closes connections."""
        assert self._process is not None
        main = self._process.pid
        found = [main, *(int(one) for one in Path(f"/proc/{main}/task/{main}/children").read_text().split())]
        for process in found:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in found:
                os.kill(process, signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop the server immediately and close all connections."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(SECONDS)
            self._process = None


@contextmanager
def running() -> Generator[OwnServer]:
    """Run a server in a temporary folder."""
    with TemporaryDirectory(prefix="ordergraph-postgresql-") as made:
        folder = Path(made)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        data = folder / "data"
        data.mkdir(mode=0o700)
        for path in (folder, secret, data):
            if os.getuid() == 0:
                os.chown(path, *_ids())
        options = (
            "--no-sync",
            "--encoding=UTF8",
            "--locale-provider=icu",
            "--icu-locale=en-US",
            "--auth=scram-sha-256",
            "--username=tester",
        )
        subprocess.run(
            [program("initdb"), "-D", data, f"--pwfile={secret}", *options],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **unprivileged(),
        )
        server = OwnServer(data)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def program(name: str) -> str:
    """Return the path of a PostgreSQL program, or skip the test if it is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(installed[-1]) if installed else None)
    if found is None:
        pytest.skip(f"PostgreSQL is not installed: there is no {name}, and {OTHER} is not set")
    return found


def unprivileged() -> dict[str, Any]:
    """Return options that run a process as another user than root, because PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    user, group = _ids()
    return {"user": user, "group": group, "extra_groups": []}


def _ids() -> tuple[int, int]:
    names = {one.pw_name: one for one in pwd.getpwall()}
    found = names.get("postgres") or names["nobody"]
    return found.pw_uid, found.pw_gid
