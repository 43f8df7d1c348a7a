"""A call of a vendor, and its answer as objects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from ordergraph.domain.errors import (
    InputError,
)

T = TypeVar("T")
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


INDEX = re.compile(r"\[\d+\]")
encode = msgspec.json.Encoder(decimal_format="number").encode
"""A body as JSON."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a vendor's API, ready to be sent: ``path`` is complete, ``content`` is the body.

    ``parts`` are what filled the holes of the operation's path. ``reference`` is what an order that the call makes or
    changes has from then on, and is found again by; ``former_reference`` is what it gives up for that. ``note`` is what
    the connector wants to know of the call when it is asked for its outcome, as JSON.
    """

    operation: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    content: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    parts: tuple[str, ...] = ()
    reference: str | None = None
    former_reference: str | None = None
    note: Any = field(default=None, repr=False)

    @property
    def target(self) -> str:
        """The path with its query, as it goes over the wire."""
        return f"{self.path}?{urlencode(self.query, quote_via=quote)}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Decoded(Generic[T]):
    """A wire object with the bytes that it came from."""

    wire: T
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DecodedList(Generic[T]):
    """The items of a list that keep the contract; ``left_out`` are the places of those that do not."""

    items: Sequence[Decoded[T]]
    left_out: Sequence[int] = ()

    @property
    def skipped(self) -> int:
        """How many were left out."""
        return len(self.left_out)


class Recorder(Protocol):
    """Writes down what is sent and answered."""

    async def sending(self, call: Call) -> None:
        """A call is about to be sent; what this raises keeps it unsent."""
        ...

    def leaving(self, call: Call) -> None:
        """The first byte of a call leaves now; what this raises keeps it unsent as well."""
        ...

    def answered(self, call: Call, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """A call was answered."""
        ...


def id_of(wire: Any) -> str:
    """The id of a wire object whose vendor calls it so."""
    return str(wire.id)


def build_call(
    paths: Mapping[str, str],
    operation: str,
    *parts: str,
    query: Sequence[tuple[str, str]] = (),
    body: object = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Call:
    """Fill an operation's path template, in order, with percent-encoded parts.

    ``body`` is sent as JSON, unless it is bytes: then as it is, under the content-type in ``headers``.
    Raises InputError for what cannot be sent: an id that is a path of its own, text that is no Unicode.
    """
    method, _, template = paths[operation].partition(" ")
    pieces = template.split("{")
    path = pieces[0]
    try:
        for part, piece in zip(parts, pieces[1:], strict=True):
            if part in ("", ".", ".."):
                raise InputError(f"{part!r} is no id")
            path += quote(part, safe="") + piece.partition("}")[2]
        content = _content(body, form)
        for name, value in query:
            (name + value).encode()
    except UnicodeEncodeError:
        raise InputError("a text holds half of a character (a lone surrogate)") from None
    kind = {} if form is None else {"content-type": FORM}
    return Call(operation, method, path, tuple(query), content, {**kind, **(headers or {})}, parts)


def _content(body: object, form: Mapping[str, str] | None) -> bytes | None:
    if form is not None:
        return urlencode(form).encode()
    return body if body is None or isinstance(body, bytes) else encode(body)
