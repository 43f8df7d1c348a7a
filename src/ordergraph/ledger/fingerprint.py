"""Hashes of requests, to compare two requests with the same idempotency key."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import cast


def fingerprint(request: object) -> str:
    """Return a hash that is the same for equal requests: ``1.0`` equals ``1.00``, times are equal in any time zone."""
    return hashlib.blake2b(_canonical(request).encode(), digest_size=16).hexdigest()


def _canonical(value: object) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if value is None or isinstance(value, str | bytes | bool | float):
        return ascii(value)
    if isinstance(value, int):
        return f"{value:x}"
    if isinstance(value, Decimal):
        return _canonical_decimal(value)
    if isinstance(value, datetime | date | time):
        return _canonical_time(value)
    return _canonical_collection(value)


def _canonical_decimal(value: Decimal) -> str:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return f"decimal {value}"
    text = "".join(map(str, digits))
    plain = text.rstrip("0")
    if not plain:
        return "decimal 0"
    return f"decimal {'-' * sign}{plain.lstrip('0')}e{exponent + len(text) - len(plain)}"


def _canonical_time(value: datetime | date | time) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        with suppress(OverflowError):  # at the ends of the calendar
            value = value.astimezone(UTC)
    return f"{type(value).__name__} {value.isoformat()}"


def _canonical_collection(value: object) -> str:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [one.name for one in dataclasses.fields(value)]
        return type(value).__name__ + _canonical({name: getattr(value, name) for name in names})
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return "{" + ",".join(sorted(f"{_canonical(name)}:{_canonical(one)}" for name, one in pairs)) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ",".join(sorted(_canonical(one) for one in cast("Iterable[object]", value))) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_canonical(one) for one in cast("Iterable[object]", value)) + "]"
    return type(value).__qualname__  # a sentinel such as UNSET: its type identifies it
