"""Unknown enum values and properties in the data of a vendor.

Neither is an error: an unknown value is read as UNKNOWN, and an unknown property is ignored. Both can mean that the
vendor's API has changed, so each is logged when it is first seen, and counted by vendor in this process.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, cast

import msgspec
import structlog
from msgspec import inspect

log = structlog.get_logger(__name__)

MAX_REMEMBERED = 1000
"""The maximum number of values remembered for each vendor. Further ones are neither logged nor counted."""
MAX_LENGTH = 100
"""The number of characters of a value that are remembered."""

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_seen = defaultdict[str, Counter[tuple[str, str]]](Counter)


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """An enum value or the name of a property. ``kind`` is the enum or object that it belongs to."""

    kind: Annotated[str, "The enum or object that it belongs to, such as `order status` or `property of Order`."]
    value: Annotated[str, "The enum value or the property name (at most the first 100 characters)."]
    count: Annotated[
        int,
        "The number of occurrences since the gateway process started. Properties are counted in a sample of responses.",
    ]


def unknown_values(vendor: str) -> Sequence[UnknownValue]:
    """Return the unknown values and properties of a vendor, in the order in which they were first seen."""
    return [UnknownValue(kind, word, count) for (kind, word), count in _seen[vendor].items()]


def note_word(vendor: str, kind: str, word: str) -> None:
    """Count an unknown enum value, and log it when it is first seen."""
    _note("unknown value", vendor, kind, word)


def note_properties(vendor: str, raw: bytes, type_: type) -> None:
    """Count the properties in some JSON that its type lacks, nested objects included; log each when it is first seen.

    ``raw`` has been decoded as ``type_`` before. Parts that were not read may still be invalid JSON, and are skipped.
    """
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        found = _object.decode(raw)  # the rows of a nested list remain undecoded
        for name, part in _compare_names(vendor, found, type_):
            _compare(vendor, msgspec.json.decode(found[name]), part)


def _compare(vendor: str, value: Any, type_: type) -> None:
    """Compare an object, or all objects in a list."""
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        for name, part in _compare_names(vendor, found, type_):
            _compare(vendor, found[name], part)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            _compare(vendor, item, type_)


def _compare_names(vendor: str, found: Mapping[str, object], type_: type) -> Iterator[tuple[str, type]]:
    """Compare the names of an object's properties; yield those with known object types, with the types."""
    known, inner = _properties(type_)
    for name in found.keys() - known:
        _note("unknown property", vendor, f"property of {type_.__name__}", name)
    return ((name, part) for name, part in inner if name in found)


@cache
def _properties(type_: type) -> tuple[Set[str], Sequence[tuple[str, type]]]:
    """Return the names of an object's properties, and the types of those with known object types."""
    fields = cast("inspect.StructType", inspect.type_info(type_)).fields
    inner = [(one.encode_name, part) for one in fields if (part := _struct_in(one.type))]
    return {one.encode_name for one in fields}, inner


def _struct_in(found: inspect.Type) -> type | None:
    """Return the object type of a value: directly, as list item, or in a union."""
    if isinstance(found, inspect.StructType):
        return found.cls
    if isinstance(found, inspect.ListType):
        return _struct_in(found.item_type)
    if isinstance(found, inspect.UnionType):
        return next((inner for one in found.types if (inner := _struct_in(one))), None)
    return None


def _note(event: str, vendor: str, kind: str, word: str) -> None:
    seen, key = _seen[vendor], (kind, word[:MAX_LENGTH])
    if key not in seen:
        if len(seen) >= MAX_REMEMBERED:
            return
        log.warning(event, vendor=vendor, kind=kind, word=key[1])
    seen[key] += 1
