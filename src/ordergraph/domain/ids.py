"""Global IDs: they identify an object of an account."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from ordergraph.domain.errors import InputError

MAX_ID_LENGTH = 4096
"""The maximum length of a global ID: it may hold a reference of 255 characters, each encoded as up to 12."""


class Ref(NamedTuple):
    """The content of a global ID: it identifies an object of an account.

    Its text form is ``Type:account:key`` with every part percent-encoded, for example ``Order:nuvias-uk:77272`` or
    ``LineItem:nuvias-uk:77272:1``. Clients must treat it as opaque.
    """

    type: str
    account: str
    key: tuple[str, ...]

    @property
    def joined(self) -> str:
        """The key as a single string, as connectors expect it."""
        return ":".join(self.key)

    def __str__(self) -> str:
        """Return the global ID."""
        return ":".join(quote(part, safe="") for part in (self.type, self.account, *self.key))

    @classmethod
    def parse(cls, text: str, *types: str) -> Ref:
        """Parse a global ID; raise InputError if it is invalid, or not of one of ``types`` (if given)."""
        parts = text.split(":") if len(text) <= MAX_ID_LENGTH else []
        if len(parts) < 2 or not all(parts) or not _ID_PARTS.match(text):
            raise InputError(f"{_shortened(text)!r} is not a valid ID.")
        type_, account, *key = (unquote(part) for part in parts)
        ref = cls(type_, account, tuple(key))
        if str(ref) != text or (not key) != (type_ == "Account"):
            raise InputError(f"{_shortened(text)!r} is not a valid ID.")
        if types and type_ not in types:
            raise InputError(f"{_shortened(text)!r} is an ID of type {type_}, not of type {' or '.join(types)}.")
        return ref


_ID_PARTS = re.compile(r"[A-Za-z]+(:[A-Za-z0-9_.~%-]+)+\Z")


def _shortened(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
