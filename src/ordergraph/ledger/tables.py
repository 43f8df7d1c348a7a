"""The tables of the ledger's database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.dialects import postgresql

BY_CHARACTER = postgresql.VARCHAR(4096, collation="C")
"""Sorts as SQLite and Python do, whatever the database's language: lists of several accounts are merged here."""

MAX_REFERENCE = 255
"""Characters of a reference."""

METADATA = MetaData()
SCHEMA = Table("ordergraph_schema", METADATA, Column("version", Integer, primary_key=True))
ORDERS = Table(
    "kept_orders",
    METADATA,
    Column("account", String(40), primary_key=True),
    Column("key", String(4096).with_variant(BY_CHARACTER, "postgresql"), primary_key=True),
    Column("placed_at", BigInteger, nullable=False, index=True),  # microseconds since 1970, UTC: exact and sortable
    Column("retrieved_at", BigInteger, nullable=False),
    Column("reference", String(MAX_REFERENCE), index=True),
    Column("body", LargeBinary, nullable=False),
    Column("about", LargeBinary, nullable=False),
)
OPERATIONS = Table(
    "write_operations",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("caller", String(64), nullable=False),
    Column("account", String(40), nullable=False),
    Column("mutation", String(100), nullable=False),
    Column("idempotency_key", String(255)),
    Column("reference", String(MAX_REFERENCE)),  # of the order that it makes or changes, until a change gives it up
    Column("former_reference", String(MAX_REFERENCE)),  # what its order gives up
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
    Column("settled_at", BigInteger, index=True),
    Column("settlement", LargeBinary, nullable=False),  # by a person: who, and in which words
    Column("next_check_at", BigInteger, index=True),
    Column("checks", Integer, nullable=False),
    Column("owner", String(32), nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Index("write_operations_by_age", "account", "created_at", "id"),
    Index("write_operations_by_status", "status", "lease_until"),
    Index("write_operations_by_key", "caller", "account", "idempotency_key"),
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


def storable(text: str) -> bool:
    """Whether any database takes a text: not one with NUL or half a character."""
    return "\0" not in text and text.encode(errors="ignore").decode() == text
