"""Cursors: where to go on in a list, as text that clients treat as opaque.

A cursor names its list, so that one of another list is refused. It is not secret and not signed: all that
a made-up cursor can do is to start reading somewhere else in the same list.
"""

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar, cast

import msgspec

from ordergraph.errors import InputError
from ordergraph.paging import Key

T = TypeVar("T")

MAX_CURSOR_LENGTH = 8192
"""Of a cursor: it may hold a global ID."""
MAX_EXPONENT = 40


def encode(tag: str, *values: object) -> str:
    """The cursor of a place in the list that ``tag`` names; values are text or whole numbers."""
    return base64.urlsafe_b64encode(msgspec.json.encode([tag, *values])).decode().rstrip("=")


def decode(tag: str, text: str, read: Callable[[list[Any]], T]) -> T:
    """The place that a cursor names: ``read`` makes it of the values, and may raise ValueError."""
    refusal = InputError("this is not a cursor of this list: use endCursor or startCursor of its pageInfo")
    if len(text) > MAX_CURSOR_LENGTH:
        raise refusal
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = msgspec.json.decode(raw, type=list[str | int])
        if not values or values[0] != tag or encode(*cast("list[Any]", values)) != text:
            raise refusal
        return read(values[1:])
    except (
        binascii.Error,
        msgspec.DecodeError,
        UnicodeError,
        ValueError,
        TypeError,
        IndexError,
        InvalidOperation,
        OverflowError,
    ):
        raise refusal from None


def encode_key(tag: str, key: Key) -> str:
    """The cursor of an object in a list with a keyset."""
    value, id_ = key
    text = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
    return encode(tag, text, id_)


def decode_moment_key(tag: str, text: str) -> Key:
    """The key of an object in a list by time."""

    def read(values: list[Any]) -> Key:
        moment, id_ = values
        parsed = datetime.fromisoformat(moment)
        if parsed.tzinfo is None or not isinstance(id_, str):
            raise ValueError(text)
        return (parsed.astimezone(UTC), id_)

    return decode(tag, text, read)


def decode_number_key(tag: str, text: str) -> Key:
    """The key of an object in a list by an amount."""

    def read(values: list[Any]) -> Key:
        amount, id_ = values
        number = Decimal(amount)
        if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT or not isinstance(id_, str):
            raise ValueError(text)
        return (number, id_)

    return decode(tag, text, read)
