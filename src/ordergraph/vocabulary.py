"""What a vendor sends that ordergraph does not know: the words of its enums, and the properties of its objects.

Neither is an error: an unknown word reads as UNKNOWN, and an unknown property is ignored. Both can mean that the
vendor's contract has changed, so each is logged when it is first seen, and counted, by vendor, in this process.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import msgspec
import structlog
from msgspec import inspect

log = structlog.get_logger(__name__)

MAX_REMEMBERED = 1000
"""How many words are remembered for each vendor; further ones are neither logged nor counted."""
MAX_LENGTH = 100
"""How much of a long word is remembered."""

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_array = msgspec.json.Decoder(list[msgspec.Raw])
_seen = defaultdict[str, Counter[tuple[str, str]]](Counter)


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word of an enum or the name of a property. ``kind`` tells which enum or object it belongs to."""

    kind: str
    word: str
    count: int


def unknown_words(vendor: str) -> Sequence[UnknownWord]:
    """Every word that a vendor has sent and that is not known, in the order in which they were first seen."""
    return [UnknownWord(kind, word, count) for (kind, word), count in _seen[vendor].items()]


def note_word(vendor: str, kind: str, word: str) -> None:
    """Count an unknown word of an enum, and log it when it is first seen."""
    _note("unknown word", vendor, kind, word)


def note_properties(vendor: str, raw: bytes, type_: type) -> None:
    """Count the properties in some JSON that its type lacks, nested objects included; log each when it is first seen.

    ``raw`` has been decoded as ``type_`` before: what that has not read may still be no good JSON, and is not compared.
    """
    known = _properties(type_)
    if known is not None:
        _compare(vendor, raw.lstrip(), type_.__name__, known)


Properties = Mapping[str, "type | None"]
"""The properties of an object; for each, the type of the objects that are in it, if any."""


def _compare(vendor: str, raw: bytes, name: str, known: Properties) -> None:
    try:
        found = _object.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    for key, value in found.items():
        if key not in known:
            _note("unknown property", vendor, f"property of {name}", key)
        elif (inner := known[key]) is not None:
            _compare_all(vendor, bytes(value), inner)


def _compare_all(vendor: str, raw: bytes, type_: type) -> None:
    """Compare an object, or all objects in a list."""
    if raw[:1] == b"{":
        note_properties(vendor, raw, type_)
    elif raw[:1] == b"[":
        for item in _array.decode(raw):
            _compare_all(vendor, bytes(item), type_)


@cache
def _properties(type_: type) -> Properties | None:
    """What is known of an object; None for what is no object of ours."""
    found = inspect.type_info(type_)
    if not isinstance(found, inspect.StructType):
        return None
    return {one.encode_name: _struct_in(one.type) for one in found.fields}


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
