"""Global IDs: which object at which account."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from ordergraph.domain.errors import InputError

MAX_ID_LENGTH = 4096
"""Of a global ID: some hold a reference of 255 characters, each up to 12 when it is encoded."""


class Ref(NamedTuple):
    """Which object at which account: the content of a global ID.

    As text it is ``Type:account:key`` with every part percent-encoded, for example
    ``Order:nuvias-uk:77272`` or ``LineItem:nuvias-uk:77272:1``. Clients treat it as opaque.
    """

    type: str
    account: str
    key: tuple[str, ...]

    @property
    def joined(self) -> str:
        """The key as one text, as connectors take it."""
        return ":".join(self.key)

    def __str__(self) -> str:
        """The global ID."""
        return ":".join(quote(part, safe="") for part in (self.type, self.account, *self.key))

    @classmethod
    def parse(cls, text: str, *types: str) -> Ref:
        """Read a global ID; raise InputError if it is none, or not of one of ``types`` (if given)."""
        parts = text.split(":") if len(text) <= MAX_ID_LENGTH else []
        if len(parts) < 2 or not all(parts) or not _ID_PARTS.match(text):
            raise InputError(f"{_shortened(text)!r} is not an id of this graph")
        type_, account, *key = (unquote(part) for part in parts)
        ref = cls(type_, account, tuple(key))
        if str(ref) != text or (not key) != (type_ == "Account"):
            raise InputError(f"{_shortened(text)!r} is not an id of this graph")
        if types and type_ not in types:
            raise InputError(f"{_shortened(text)!r} is the id of a {type_}, not of a {' or '.join(types)}")
        return ref


_ID_PARTS = re.compile(r"[A-Za-z]+(:[A-Za-z0-9_.~%-]+)+\Z")


def _shortened(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
