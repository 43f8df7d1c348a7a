"""What a vendor sends that ordergraph does not know: the words of its enums, and the properties of its objects.

Neither is an error: an unknown word reads as UNKNOWN, and an unknown property is ignored. Both can mean that the
vendor's contract has changed, so each is logged when it is first seen, and counted, by vendor, in this process.
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
"""How many words are remembered for each vendor; further ones are neither logged nor counted."""
MAX_LENGTH = 100
"""How much of a long word is remembered."""

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_seen = defaultdict[str, Counter[tuple[str, str]]](Counter)


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word of an enum or the name of a property. ``kind`` tells which enum or object it belongs to."""

    kind: Annotated[str, "What it is: a word such as `order status`, or a `property of Order`."]
    word: Annotated[str, "The word, or the property's name; at most 100 characters of it."]
    count: Annotated[
        int, "How often it was seen since the gateway process started. Properties are looked for in a sample."
    ]


def unknown_words(vendor: str) -> Sequence[UnknownWord]:
    """Every word that a vendor has sent and that is not known, in the order in which they were first seen."""
    return [UnknownWord(kind, word, count) for (kind, word), count in _seen[vendor].items()]


def note_word(vendor: str, kind: str, word: str) -> None:
    """Count an unknown word of an enum, and log it when it is first seen."""
    _note("unknown word", vendor, kind, word)


def note_properties(vendor: str, raw: bytes, type_: type) -> None:
    """Count the properties in some JSON that its type lacks, nested objects included; log each when it is first seen.

    ``raw`` has been decoded as ``type_`` before. What that has not read may still be no good JSON, and is skipped.
    """
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        found = _object.decode(raw)  # the rows of a list that it holds stay undecoded
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
    """Compare the names of an object's properties; return those that hold objects of ours, with the types."""
    known, inner = _properties(type_)
    for name in found.keys() - known:
        _note("unknown property", vendor, f"property of {type_.__name__}", name)
    return ((name, part) for name, part in inner if name in found)


@cache
def _properties(type_: type) -> tuple[Set[str], Sequence[tuple[str, type]]]:
    """The names of an object's properties, and of those that hold objects of ours the types."""
    fields = cast("inspect.StructType", inspect.type_info(type_)).fields
    inner = [(one.encode_name, part) for one in fields if (part := _struct_in(one.type))]
    return {one.encode_name for one in fields}, inner


def _struct_in(found: inspect.Type) -> type | None:
    """The type of the objects that a value has or is: alone, in a list, or beside null."""
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
