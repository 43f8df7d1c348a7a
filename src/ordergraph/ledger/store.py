"""The ledger's database: SQLite by default, PostgreSQL by URL, through SQLAlchemy Core."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event, update
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ordergraph.domain.errors import LedgerUnavailable, StartError
from ordergraph.ledger.tables import SCHEMA
from ordergraph.ledger.upgrades import VERSION, check_not_newer, upgrade, version
from ordergraph.upstream.request_scope import current_request

MEMORY = "sqlite://"
"""The URL of a temporary database that is deleted with its store.

It is stored in a file nevertheless: an in-memory database of SQLite has a single connection, on which concurrent
transactions end each other, and it is lost when one of them is cancelled.
"""

BUSY_SECONDS = 3.0
"""How long to wait while another process writes, or PostgreSQL does not respond. A request must not hang on it."""
START_SECONDS = 30.0
"""The same at startup, while another process may upgrade the tables."""
CONNECTIONS = 10
"""The maximum number of concurrent connections of one process to the database."""
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
BROKEN_FILE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}


class Store:
    """A database, opened when it is first used.

    ``url`` is ``sqlite:///path`` (relative) or ``sqlite:////path`` (absolute), MEMORY, or
    ``postgresql://user@host/database``; ``password`` is for PostgreSQL, where it is not in the URL.
    """

    def __init__(self, url: str, password: str = "") -> None:
        given = make_url(url)
        self._url = given.set(password=password) if password else given
        self._engine: AsyncEngine | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self._opening = asyncio.Lock()

    def __str__(self) -> str:
        """Its URL, without the password and the connection options."""
        return self._url.set(query={}).render_as_string(hide_password=True)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    async def open(self) -> None:
        """Create or upgrade the tables; raise StartError if the database cannot be used."""
        try:
            await self._opened()
        except LedgerUnavailable as error:
            raise StartError(f"The ledger at {self} cannot be used: {error.reason}") from error

    async def open_existing(self) -> None:
        """Open the database; also raise StartError if the gateway has not created the tables of this version yet."""
        try:
            found = await self._existing_version()
        except LedgerUnavailable as error:
            raise StartError(f"The ledger at {self} cannot be used: {error.reason}") from error
        if found != VERSION:
            there = "is empty" if found is None else f"has version {found} of the tables"
            raise StartError(
                f"The ledger at {self} {there}. Start the gateway first, which brings the tables to version {VERSION}."
            )
        await self.open()

    async def check(self) -> str:
        """Return a description of the database without changing it; raise LedgerUnavailable if it cannot be used."""
        found = await self._existing_version()
        if found is None:
            await self._try_to_make()
            return f"{self} is empty. The gateway creates the tables when it starts."
        check_not_newer(found)
        await self._try_to_write()
        if found < VERSION:
            return f"{self} has version {found}. The gateway upgrades it to version {VERSION} when it starts."
        return f"{self} works and has version {found}."

    async def _existing_version(self) -> int | None:
        if (file := self._file()) is not None and not file.exists():
            return None
        async with self._passing() as connection:
            return await version(connection)

    async def _try_to_make(self) -> None:
        file = self._file()
        if file is None:
            async with self._passing() as connection:  # and never committed
                await upgrade(connection)
        elif not os.access(file.parent, os.W_OK):
            raise LedgerUnavailable(f"the directory {file.parent} does not exist or is not writable")

    async def _try_to_write(self) -> None:
        async with self._passing() as connection:  # and never committed
            await connection.execute(update(SCHEMA).values(version=SCHEMA.c.version))

    @asynccontextmanager
    async def _passing(self) -> AsyncGenerator[AsyncConnection]:
        """Yield a separate connection, on which nothing is committed."""
        place = self._place()
        if place.get_backend_name() == "sqlite":
            await asyncio.to_thread(_try, place, "schema_version")
        engine = _engine(place, BUSY_SECONDS)
        try:
            async with engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise LedgerUnavailable(_reason(error)) from error
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[AsyncConnection]:
        """Yield a transaction; raise LedgerUnavailable if the database is unavailable.

        Data that is read here may change at any moment, so the response must not be cached.
        """
        current_request().max_age.limit(0.0)
        engine = await self._opened()
        done = False
        try:
            async with _patience(engine), engine.begin() as connection:
                yield connection
                done = True  # except for the commit
        except IntegrityError:
            raise  # for the caller: another process was faster
        except SQLAlchemyError as error:
            raise LedgerUnavailable(_reason(error), perhaps_kept=done) from error
        except TimeoutError as error:
            raise LedgerUnavailable("the database timed out", perhaps_kept=done) from error

    async def _opened(self) -> AsyncEngine:
        async with self._opening:
            if self._engine is None:
                place = self._place()
                await _prepare(place)
                self._engine = _engine(place, BUSY_SECONDS)
            return self._engine

    def _place(self) -> URL:
        """Return the URL of the database."""
        if self._url.render_as_string() != MEMORY:
            return self._url
        self._folder = self._folder or TemporaryDirectory(prefix="ordergraph-")
        return make_url(f"sqlite:///{self._folder.name}/ledger.db")

    def _file(self) -> Path | None:
        """Return the file of an SQLite database, None for PostgreSQL."""
        place = self._place()
        return Path(place.database or "") if place.get_backend_name() == "sqlite" else None


async def _prepare(place: URL) -> None:
    """Create or upgrade the tables, on a separate connection with a longer timeout."""
    if place.get_backend_name() == "sqlite":
        await asyncio.to_thread(_try, place, "journal_mode=WAL")  # which is persistent
    engine = _engine(place, START_SECONDS)
    try:
        async with engine.begin() as connection:
            await upgrade(connection)
    except SQLAlchemyError as error:
        raise LedgerUnavailable(_reason(error)) from error
    finally:
        await engine.dispose()


def _try(place: URL, pragma: str) -> None:
    """Open the file; raise LedgerUnavailable if it is not a database.

    This is done here because connections of the engine are not closed properly if they fail when opened.
    """
    try:
        with closing(sqlite3.connect(place.database or "", timeout=BUSY_SECONDS)) as connection:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error as error:
        raise LedgerUnavailable(str(error)) from error


@asynccontextmanager
async def _patience(engine: AsyncEngine) -> AsyncGenerator[None]:
    """Raise TimeoutError if PostgreSQL does not respond at all.

    There are two timeouts, since after the first the driver waits for PostgreSQL to confirm that the statement was
    stopped. SQLite has its own timeout. It works in a thread that cannot be stopped.
    """
    if engine.dialect.name == "sqlite":
        yield
        return
    async with asyncio.timeout(BUSY_SECONDS + 2), asyncio.timeout(BUSY_SECONDS + 1):
        yield


def _engine(place: URL, seconds: float) -> AsyncEngine:
    """Return an engine with that statement timeout, and with commits that are on disk."""
    kind = place.get_backend_name()
    postgresql = kind == "postgresql"
    engine = create_async_engine(
        place.set(drivername=DRIVERS[kind]),
        hide_parameters=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=postgresql,
        **(
            {"isolation_level": "READ COMMITTED", "connect_args": {"connect_timeout": BUSY_SECONDS}}
            if postgresql
            else {}
        ),
    )
    milliseconds = int(seconds * 1000)
    if postgresql:
        settings = ["SET synchronous_commit = on", f"SET statement_timeout = {milliseconds}"]
    else:
        settings = ["PRAGMA synchronous = FULL", f"PRAGMA busy_timeout = {milliseconds}"]

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        cursor = connection.cursor()
        for statement in settings:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    event.listen(engine.sync_engine, "handle_error", _drop_broken)
    return engine


def _drop_broken(context: ExceptionContext) -> None:
    """Reopen an SQLite file after it was found broken, since it may have been repaired or replaced."""
    code = getattr(context.original_exception, "sqlite_errorcode", 0)
    if code & 0xFF in BROKEN_FILE:
        context.is_disconnect = True


def _reason(error: SQLAlchemyError) -> str:
    """Return the reason of an error, without the statement and its values."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]
