"""The tables of the ledger's database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Enum,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
)
from sqlalchemy.dialects import postgresql

from ordergraph.domain import WriteStatus

BY_CHARACTER = postgresql.VARCHAR(4096, collation="C")
"""Sorts as SQLite and Python do, whatever the database's locale, since the lists of several accounts are merged."""

MAX_REFERENCE = 255
"""The maximum number of characters of a reference."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Time(TypeDecorator[datetime]):
    """A time, stored as microseconds since 1970 in UTC: exact and sortable in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the number to store."""
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the stored time."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """A value, stored as JSON in bytes, so that every database accepts any character. None is stored as ``null``."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes:
        """Return the bytes to store."""
        return msgspec.json.encode(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the stored value, as lists and dictionaries."""
        return msgspec.json.decode(value)


METADATA = MetaData()
SCHEMA = Table("ordergraph_schema", METADATA, Column("version", Integer, primary_key=True))
ORDERS = Table(
    "kept_orders",
    METADATA,
    Column("account", String(40), primary_key=True),
    Column("key", String(4096).with_variant(BY_CHARACTER, "postgresql"), primary_key=True),
    Column("placed_at", Time, nullable=False, index=True),
    Column("retrieved_at", Time, nullable=False),
    Column("reference", String(MAX_REFERENCE), index=True),
    Column("body", LargeBinary, nullable=False),
    Column("about", Json, nullable=False),
)
OPERATIONS = Table(
    "write_operations",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("caller", String(64), nullable=False),
    Column("account", String(40), nullable=False),
    Column("mutation", String(100), nullable=False),
    Column("idempotency_key", String(255)),
    Column("reference", String(MAX_REFERENCE)),  # of the order that it creates or changes, until a change releases it
    Column("former_reference", String(MAX_REFERENCE)),  # the reference that its order gives up
    Column("fingerprint", String(32), nullable=False),
    Column("binds", Boolean, nullable=False),  # whether the key and the reference are used up
    Column("status", Enum(WriteStatus, native_enum=False, length=10), nullable=False),
    Column("reasons", Json, nullable=False),
    Column("objects", Json, nullable=False),
    Column("request", Json, nullable=False),
    Column("calls", Json, nullable=False),
    Column("response", Json, nullable=False),
    Column("request_id", String(64)),
    Column("created_at", Time, nullable=False),
    Column("doubted_at", Time),
    Column("settled_at", Time, index=True),
    Column("settlement", Json, nullable=False),  # manual: the caller and the note
    Column("next_check_at", Time, index=True),
    Column("checks", Integer, nullable=False),
    Column("owner", String(32), nullable=False),
    Column("lease_until", Time, nullable=False),
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


def storable(text: str) -> bool:
    """Whether every database accepts a text: it must not contain NUL or a lone surrogate."""
    return "\0" not in text and text.encode(errors="ignore").decode() == text
