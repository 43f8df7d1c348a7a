"""Calls to a vendor, and the objects of their responses."""

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
"""Encodes a body as JSON."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call to a vendor's API, ready to be sent. ``path`` is complete, ``content`` is the body.

    ``parts`` are the values of the parameters in the operation's path. ``reference`` is the reference that the call
    gives to an order that it creates or changes, by which the order can be found; ``former_reference`` is the one that
    it replaces. ``note`` is data, as JSON, that the connector needs to find out the outcome of the call later.
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
        """The path with its query string, as it is sent."""
        return f"{self.path}?{urlencode(self.query, quote_via=quote)}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Decoded(Generic[T]):
    """A wire object with the bytes that it was decoded from."""

    wire: T
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DecodedList(Generic[T]):
    """The valid items of a list. ``left_out`` has the positions of the invalid ones."""

    items: Sequence[Decoded[T]]
    left_out: Sequence[int] = ()

    @property
    def skipped(self) -> int:
        """The number of invalid items that were omitted."""
        return len(self.left_out)


class Recorder(Protocol):
    """Records calls and their responses."""

    async def sending(self, call: Call) -> None:
        """Record that a call is about to be sent. If this raises an error, the call is not sent."""
        ...

    def leaving(self, call: Call) -> None:
        """Record that the first byte of a call is being sent. If this raises an error, the call is not sent."""
        ...

    def answered(self, call: Call, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Record the response to a call."""
        ...


def id_of(wire: Any) -> str:
    """Return the ID of a wire object whose vendor names the field `id`."""
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

    ``body`` is encoded as JSON. If it is bytes, it is sent unchanged, with the Content-Type in ``headers``.
    Raises InputError for values that cannot be sent: an ID that is a relative path, or text that is invalid Unicode.
    """
    method, _, template = paths[operation].partition(" ")
    pieces = template.split("{")
    path = pieces[0]
    try:
        for part, piece in zip(parts, pieces[1:], strict=True):
            if part in ("", ".", ".."):
                raise InputError(f"{part!r} is not a valid ID.")
            path += quote(part, safe="") + piece.partition("}")[2]
        content = _content(body, form)
        for name, value in query:
            (name + value).encode()
    except UnicodeEncodeError:
        raise InputError("A text contains a lone surrogate, which is invalid Unicode.") from None
    kind = {} if form is None else {"content-type": FORM}
    return Call(operation, method, path, tuple(query), content, {**kind, **(headers or {})}, parts)


def _content(body: object, form: Mapping[str, str] | None) -> bytes | None:
    if form is not None:
        return urlencode(form).encode()
    return body if body is None or isinstance(body, bytes) else encode(body)
