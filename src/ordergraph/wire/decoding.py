"""Helpers for the vendors' mappings: unknown and unreadable values, each logged once, and versions."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog

from ordergraph.wire import drift

log = structlog.get_logger(__name__)

_unreadable: set[tuple[str, str]] = set()


def note_unreadable(vendor: str, kind: str, text: str) -> None:
    """Log a value that violates the vendor's contract, once for each kind. It is read as None."""
    if (vendor, kind) not in _unreadable:
        _unreadable.add((vendor, kind))
        log.warning("unreadable value", vendor=vendor, kind=kind, value=text[:100])


def look_up(vendor: str, table: Mapping[str, Any], word: str | None, unknown: Any, kind: str) -> Any:
    """Return our value for the vendor's; a value that the table lacks is ``unknown``, counted, and logged once."""
    known = table.get(word or "")
    if known is None:
        if word is not None:
            drift.note_word(vendor, kind, word)
        return unknown
    return known


def shown(raw: bytes) -> Any:
    """Return an accepted body as JSON that can be serialized again.

    Parts that no mapping reads may contain invalid JSON: a byte that is not UTF-8 is shown as U+FFFD, a number that is
    too large as a string.
    """
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return json.loads(raw.decode(errors="replace"), parse_float=_real, parse_int=_whole)


def shown_part(raw: bytes, *path: str | int) -> Any:
    """Return the part of such a body at ``path``."""
    value = shown(raw)
    for step in path:
        value = value[step]
    return value


def _real(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _whole(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:  # more digits than Python converts
        return text


def version_of(*structs: msgspec.Struct) -> str:
    """Return a short hash that changes with anything in the objects."""
    return hashlib.blake2b(b"".join(map(msgspec.json.encode, structs)), digest_size=12).hexdigest()
