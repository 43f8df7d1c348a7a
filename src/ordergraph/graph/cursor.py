"""Cursors: positions in a list, as strings that clients treat as opaque.

A cursor names its list, so a cursor of another list is refused. It is neither secret nor signed: a forged cursor can
only start reading at another position of the same list.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar, cast

import msgspec

from ordergraph.domain.errors import InputError
from ordergraph.domain.paging import Key

T = TypeVar("T")

MAX_CURSOR_LENGTH = 32768
"""The maximum length of a cursor: it may hold a global ID for each account."""
MAX_EXPONENT = 40
DESCENDING, ASCENDING = ">", "<"
DIRECTIONS = {DESCENDING: True, ASCENDING: False}


def encode(tag: str, *values: object) -> str:
    """Return the cursor of a position in the list named ``tag``; values are strings or integers."""
    return base64.urlsafe_b64encode(msgspec.json.encode([tag, *values])).decode().rstrip("=")


def decode(tag: str, text: str, read: Callable[[list[Any]], T]) -> T:
    """Return the position of a cursor; ``read`` converts the values and may raise ValueError."""
    refusal = InputError("The cursor does not belong to this list. Use `endCursor` or `startCursor` of its `pageInfo`.")
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
        KeyError,
        InvalidOperation,
        OverflowError,
    ):
        raise refusal from None


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a merged list: after the object with ``key``.

    To continue in the same direction, ``main`` is the furthest key read so far, and ``lagging`` has the keys from which
    to continue in accounts that lag behind because they could not be read (None: from the beginning). To read in the
    opposite direction, continue from ``key`` in every account.
    """

    key: Key
    main: Key
    descending: bool
    lagging: Mapping[str, Key | None]

    @classmethod
    def behind(cls, key: Key) -> "Place":
        """Return a position with no lagging account: both directions continue from the same key."""
        return cls(key, key, True, {})

    def of(self, account: str, *, descending: bool) -> Key | None:
        """Return the key from which to continue reading in an account."""
        return self.lagging.get(account, self.main) if descending == self.descending else self.key


def encode_place(tag: str, place: Place) -> str:
    """Return the cursor of a position in a merged list."""
    if place.main == place.key and not place.lagging:
        return encode(tag, *_written(place.key))
    lagging = [part for account, key in place.lagging.items() for part in (account, *_written(key))]
    direction = DESCENDING if place.descending else ASCENDING
    return encode(tag, *_written(place.key), direction, *_written(place.main), *lagging)


def _written(key: Key | None) -> tuple[str, str]:
    if key is None:
        return ("", "")
    value, id_ = key
    return (value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value), id_)


def decode_moment_key(tag: str, text: str) -> Place:
    """Return the position of an object in a list sorted by time."""
    return decode_place(tag, text, _moment)


def decode_number_key(tag: str, text: str) -> Place:
    """Return the position of an object in a list sorted by an amount."""
    return decode_place(tag, text, _number)


def decode_place(tag: str, text: str, read: Callable[[str], Any]) -> Place:
    """Return the position of a cursor; ``read`` parses the sort value and may raise ValueError."""
    return decode(tag, text, lambda values: _place(values, read))


def _place(values: list[Any], read: Callable[[str], Any]) -> Place:
    def key(value: Any, id_: Any) -> Key:
        if not isinstance(value, str) or not isinstance(id_, str):
            raise ValueError(value)
        return (read(value), id_)

    own, rest = key(*values[:2]), values[2:]
    if not rest:
        return Place.behind(own)
    descending, main, rest = DIRECTIONS[rest[0]], key(*rest[1:3]), rest[3:]
    triples = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    lagging = {account: key(value, id_) if value or id_ else None for account, value, id_ in triples}
    return Place(own, main, descending, lagging)


def _moment(text: str) -> datetime:
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(text)
    return parsed.astimezone(UTC)


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError(text)
    return number
