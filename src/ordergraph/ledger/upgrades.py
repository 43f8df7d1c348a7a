"""The version of the ledger's tables. A database of an older ordergraph is upgraded once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import insert, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from ordergraph.domain.errors import LedgerUnavailable
from ordergraph.ledger.tables import METADATA, SCHEMA

TO_2 = (  # only SQLite had version 1; 'null' and [] are how an absent value is kept
    "DROP INDEX write_operations_by_key",
    "DROP INDEX ix_write_operations_account",
    "DROP INDEX ix_write_operations_status",
    "ALTER TABLE write_operations ADD COLUMN caller VARCHAR(64) NOT NULL DEFAULT ''",
    "ALTER TABLE write_operations ADD COLUMN reference VARCHAR(255)",
    "ALTER TABLE write_operations ADD COLUMN response BLOB NOT NULL DEFAULT x'6e756c6c'",
    "ALTER TABLE write_operations ADD COLUMN request_id VARCHAR(64)",
    "ALTER TABLE write_operations ADD COLUMN doubted_at BIGINT",
    "ALTER TABLE write_operations ADD COLUMN settlement BLOB NOT NULL DEFAULT x'6e756c6c'",
    "ALTER TABLE write_operations ADD COLUMN next_check_at BIGINT",
    "ALTER TABLE write_operations ADD COLUMN checks INTEGER NOT NULL DEFAULT 0",
    "UPDATE write_operations SET doubted_at = settled_at, next_check_at = settled_at, settled_at = NULL "
    "WHERE status = 'IN_DOUBT'",
    "CREATE INDEX write_operations_by_age ON write_operations (account, created_at, id)",
    "CREATE INDEX write_operations_by_status ON write_operations (status, lease_until)",
    "CREATE INDEX ix_write_operations_settled_at ON write_operations (settled_at)",
    "CREATE INDEX ix_write_operations_next_check_at ON write_operations (next_check_at)",
    "CREATE UNIQUE INDEX write_operations_by_callers_key ON write_operations (caller, account, idempotency_key) "
    "WHERE binds",
    "CREATE UNIQUE INDEX write_operations_by_reference ON write_operations (account, reference) WHERE binds",
)
TO_3 = (
    "ALTER TABLE write_operations ADD COLUMN former_reference VARCHAR(255)",
    "CREATE INDEX write_operations_by_key ON write_operations (caller, account, idempotency_key)",
)
UPGRADES: Sequence[Sequence[str]] = (TO_2, TO_3)
"""The statements that upgrade version 1 to 2, 2 to 3 and so on. Released upgrades must not be changed."""
VERSION = len(UPGRADES) + 1
"""The version of the tables. A database with a newer one belongs to a newer ordergraph."""

LOCKS = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(7310583022)"}
"""The statements that prevent concurrent upgrades until the transaction ends."""


async def version(connection: AsyncConnection) -> int | None:
    """Return the version of the existing tables, None if there are none."""
    if not await connection.run_sync(lambda one: inspect(one).has_table(SCHEMA.name)):
        return None
    return (await connection.execute(select(SCHEMA.c.version))).scalar()


async def upgrade(connection: AsyncConnection) -> None:
    """Create the tables, or upgrade older ones; several processes may do so at the same time.

    Raises LedgerUnavailable for tables of a newer ordergraph.
    """
    if await version(connection) == VERSION:
        return
    await connection.exec_driver_sql(LOCKS[connection.dialect.name])
    found = await version(connection)  # another process may have been faster
    if found is None:
        for statement in _tables():
            await connection.execute(statement)
        await connection.execute(insert(SCHEMA).values(version=VERSION))
        return
    check_not_newer(found)
    for statement in (one for step in UPGRADES[found - 1 :] for one in step):
        await connection.exec_driver_sql(statement)
    await connection.execute(update(SCHEMA).values(version=VERSION))


def check_not_newer(found: int) -> None:
    """Raise LedgerUnavailable for tables of a newer ordergraph."""
    if found > VERSION:
        raise LedgerUnavailable(
            f"its tables have version {found}, and this ordergraph supports at most version {VERSION}"
        )


def _tables() -> Iterator[ExecutableDDLElement]:
    """Yield the statements that create the missing tables."""
    for table in METADATA.sorted_tables:
        yield CreateTable(table, if_not_exists=True)
        yield from (CreateIndex(index, if_not_exists=True) for index in table.indexes)
