"""The ledger's database: SQLite by default, through SQLAlchemy Core."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    event,
    insert,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from ordergraph.errors import LedgerUnavailable, StartError

VERSION = 2
"""Of the tables below; a database with a newer one belongs to a newer ordergraph."""

MEMORY = "sqlite://"
"""The URL of a database that ends with its store.

It is a file all the same: a database in SQLite's memory is a single connection, on which transactions that run
side by side end each other, and it is gone when one of them is cancelled.
"""

METADATA = MetaData()
SCHEMA = Table("ordergraph_schema", METADATA, Column("version", Integer, primary_key=True))
ORDERS = Table(
    "kept_orders",
    METADATA,
    Column("account", String(40), primary_key=True),
    Column("key", String(4096), primary_key=True),
    Column("placed_at", BigInteger, nullable=False, index=True),  # microseconds since 1970, UTC: exact and sortable
    Column("retrieved_at", BigInteger, nullable=False),
    Column("reference", String(255), index=True),
    Column("body", LargeBinary, nullable=False),
    Column("about", LargeBinary, nullable=False),
)

BUSY_MILLISECONDS = 5000
"""How long one waits while another process writes."""

OPERATIONS = Table(
    "write_operations",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("caller", String(64), nullable=False),
    Column("account", String(40), nullable=False),
    Column("mutation", String(100), nullable=False),
    Column("idempotency_key", String(255)),
    Column("reference", String(255)),  # by which an order that it makes can be found again
    Column("fingerprint", String(32), nullable=False),
    Column("binds", Boolean, nullable=False),  # whether the key and the reference are used up
    Column("status", String(10), nullable=False),
    Column("reasons", LargeBinary, nullable=False),
    Column("objects", LargeBinary, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("calls", LargeBinary, nullable=False),
    Column("response", LargeBinary, nullable=False),
    Column("request_id", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("doubted_at", BigInteger),
    Column("settled_at", BigInteger),
    Column("settlement", LargeBinary, nullable=False),  # by a person: who, and in which words
    Column("next_check_at", BigInteger, index=True),
    Column("checks", Integer, nullable=False),
    Column("owner", String(32), nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Index("write_operations_by_age", "account", "created_at", "id"),
    Index("write_operations_by_status", "status", "lease_until"),
)
for _name, _columns in (
    ("write_operations_by_callers_key", ("caller", "account", "idempotency_key")),
    ("write_operations_by_reference", ("account", "reference")),
):
    Index(
        _name,
        *(OPERATIONS.c[column] for column in _columns),
        unique=True,
        sqlite_where=OPERATIONS.c.binds,
        postgresql_where=OPERATIONS.c.binds,
    )

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_microseconds(moment: datetime) -> int:
    """A time as the tables have it."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_microseconds(number: int) -> datetime:
    """A time out of the tables."""
    return EPOCH + timedelta(microseconds=number)


class Store:
    """A database, opened when it is first used.

    ``url`` is ``sqlite:///path`` (relative) or ``sqlite:////path`` (absolute), or MEMORY.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine: AsyncEngine | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self._opening = asyncio.Lock()

    async def aclose(self) -> None:
        """Close all connections."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    async def open(self) -> None:
        """Make the tables where they are missing; raise StartError for a database that cannot be used."""
        try:
            await self._opened()
        except LedgerUnavailable as error:
            raise StartError(f"the ledger at {self.url} cannot be used: {error.reason}") from error

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction; raise LedgerUnavailable where the database does not do its work."""
        engine = await self._opened()
        try:
            async with engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise  # what a caller may count on: another has written it before
        except SQLAlchemyError as error:
            raise LedgerUnavailable(_reason(error)) from error

    async def _opened(self) -> AsyncEngine:
        async with self._opening:
            if self._engine is None:
                place = self._place()
                await asyncio.to_thread(_try, place)
                engine = _engine(place)
                try:
                    await _prepare(engine)
                except BaseException:
                    await engine.dispose()
                    raise
                self._engine = engine
            return self._engine

    def _place(self) -> str:
        """The URL of the file."""
        if self.url != MEMORY:
            return self.url
        self._folder = self._folder or TemporaryDirectory(prefix="ordergraph-")
        return f"sqlite:///{self._folder.name}/ledger.db"


def _try(url: str) -> None:
    """Open the file and put it into WAL mode, which lasts; raise LedgerUnavailable for what is no database.

    Here and not in the engine, whose connections do not end in order when they fail at their very beginning.
    """
    try:
        with closing(sqlite3.connect(make_url(url).database or "", timeout=BUSY_MILLISECONDS / 1000)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as error:
        raise LedgerUnavailable(str(error)) from error


def _engine(url: str) -> AsyncEngine:
    engine = create_async_engine(make_url(re.sub(r"^sqlite:", "sqlite+aiosqlite:", url)))

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        cursor = connection.cursor()
        for pragma in ("synchronous=FULL", f"busy_timeout={BUSY_MILLISECONDS}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


async def _prepare(engine: AsyncEngine) -> None:
    try:
        async with engine.begin() as connection:
            for statement in _tables():
                await connection.execute(statement)
            version = (await connection.execute(select(SCHEMA.c.version))).scalar()
            if version is None:
                await connection.execute(insert(SCHEMA).prefix_with("OR IGNORE").values(version=VERSION))
    except SQLAlchemyError as error:
        raise LedgerUnavailable(_reason(error)) from error
    if version not in (None, VERSION):
        raise LedgerUnavailable(f"it has version {version} of the tables, and this ordergraph knows {VERSION}")


def _tables() -> Iterator[ExecutableDDLElement]:
    """What makes the tables where they are missing, also while another process does the same."""
    for table in METADATA.sorted_tables:
        yield CreateTable(table, if_not_exists=True)
        yield from (CreateIndex(index, if_not_exists=True) for index in table.indexes)


def _reason(error: SQLAlchemyError) -> str:
    """What went wrong, without the statement and its values."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]
