"""Declarations of a vendor's fields, on the structs that the vendor's JSON is decoded into.

    class Phone(Wire, frozen=True):
        '''A telephone number.

        Schema ``Phone`` of the vendor's document.
        '''

        value: Annotated[str | None, "The number, without the country code.", Input(required=True)] = None
        verified_at: Annotated[str | None, "When it was verified.", TIME] = None
        internal_code: str | None = None

The name is the graph's, in snake case. The vendor's spelling is set by the struct's ``rename``, or by
``msgspec.field(name=...)``. The string is the description in the schema: a field without one is not in the graph. It
may be followed by a `Codec`, a `Reference`, an `Input`, a `GraphName`, `READ_ONLY` and `INLINE`. The first paragraph of
the docstring is the description of the type.

`ordergraph.graph.derived` creates GraphQL types from such structs. No framework is imported here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from inspect import cleandoc
from typing import Any, Generic, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec

M = TypeVar("M")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """Converts a value on the wire to a value of the graph's ``type``, and back.

    For a list, each item is converted, unless ``type`` is a list itself; an item that cannot be read is omitted.
    ``decode`` returns None for a value that cannot be read, so that only its own field is affected. With ``of_source``
    it also takes the source: the view that has the struct, for data that the struct lacks, such as the account's
    currency. ``encode`` is omitted if the value is never written.
    """

    type: type[T]
    decode: Callable[[Any], T | None] | Callable[[Any, Any], T | None]
    encode: Callable[[T], Any] | None = None
    of_source: bool = False

    @property
    def of_list(self) -> bool:
        """Whether it decodes a list as a whole."""
        return get_origin(self.type) is list

    def read(self, value: Any, source: object) -> T | None:
        """Decode a value of a source."""
        decode = cast("Callable[..., T | None]", self.decode)
        return decode(value, source) if self.of_source else decode(value)


@dataclass(frozen=True, slots=True)
class Reference:
    """The vendor's ID of another object, or a list of IDs: the graph shows the object, an input takes its global ID.

    ``type`` is the name of its type in the graph, ``fetch`` the connector's method that fetches it by its ID.
    """

    type: str
    fetch: str


@dataclass(frozen=True, slots=True)
class Input:
    """The differences of a field in the input of its object from the field that is read.

    ``type`` is another type, such as an enum for a field that the vendor may return with any value. ``default`` is the
    value if omitted. ``description`` and ``name`` replace the field's own.
    """

    type: Any = None
    required: bool = False
    default: object = msgspec.UNSET
    description: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class GraphName:
    """The name in the graph, if it is not the field's name in camel case."""

    name: str


class Mark(Enum):
    """Further properties of a field."""

    READ_ONLY = "The field is in no input: the vendor sets it, or the input has it elsewhere."
    INLINE = "The graph shows the fields of this struct in its place."


READ_ONLY, INLINE = Mark.READ_ONLY, Mark.INLINE


def named(wire_name: str) -> Any:
    """Declare a field that the vendor spells differently and may omit; it is then None."""
    return msgspec.field(name=wire_name, default=None)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a struct. ``type`` is its type on the wire, without annotations.

    ``path`` leads to the struct through `INLINE` structs.
    """

    name: str
    wire_name: str
    type: Any
    description: str | None
    declared: tuple[Any, ...]
    path: tuple[str, ...] = ()

    @property
    def codec(self) -> Codec[Any] | None:
        """The codec of the field, None if its value is the same in the graph."""
        return cast("Codec[Any] | None", self.get(Codec))

    @property
    def input_name(self) -> str:
        """The name of the field in an input."""
        given = self.get(Input)
        return (given.name if given else None) or self.name

    def get(self, kind: type[M]) -> M | None:
        """Return the annotation of that kind, None if there is none."""
        return next((one for one in self.declared if isinstance(one, kind)), None)


@cache
def fields_of(struct: type[Any]) -> tuple[Field, ...]:
    """Return the fields of a struct or a dataclass, in order of declaration."""
    hints = get_type_hints(struct, include_extras=True)
    if issubclass(struct, msgspec.Struct):
        return tuple(_field(one.name, one.encode_name, hints[one.name]) for one in msgspec.structs.fields(struct))
    return tuple(_field(one.name, one.name, hints[one.name]) for one in dataclasses.fields(struct))


def graph_fields(struct: type[Any]) -> tuple[Field, ...]:
    """Return the fields of a struct that the graph shows: those with a description, and those of `INLINE` fields."""
    found: list[Field] = []
    for one in fields_of(struct):
        inner = struct_in(one.type) if INLINE in one.declared else None
        if inner is not None:
            found += [replace(below, path=(one.name, *below.path)) for below in graph_fields(inner)]
        elif one.description:
            found.append(one)
    return tuple(found)


def _field(name: str, wire_name: str, hint: Any) -> Field:
    declared = cast("tuple[Any, ...]", getattr(hint, "__metadata__", ()))
    text = next((one for one in declared if isinstance(one, str)), None)
    return Field(name, wire_name, hint.__origin__ if declared else hint, text, declared)


def described(struct: type) -> str:
    """Return the first paragraph of a class's docstring, as one line."""
    first, *_ = cleandoc(struct.__doc__ or "").split("\n\n")
    return " ".join(first.split())


def struct_in(type_: Any) -> type[msgspec.Struct] | None:
    """Return the struct in a type such as ``list[Phone] | None``, None if there is none."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return type_
    return next((found for one in get_args(type_) if (found := struct_in(one))), None)


def encode(struct: type[msgspec.Struct], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a struct's fields as the vendor expects them; values of other fields are omitted."""
    found: dict[str, Any] = {}
    for one in fields_of(struct):
        inner = struct_in(one.type) if INLINE in one.declared else None
        if inner is not None:
            below = encode(inner, values)
            if any(value is not None for value in below.values()):
                found[one.wire_name] = below
        elif one.input_name in values:
            found[one.wire_name] = _encoded(one, values[one.input_name])
    return found


def _encoded(field: Field, value: Any) -> Any:
    codec = field.codec
    if isinstance(value, list) and not (codec and codec.of_list):
        return [_encoded(field, one) for one in cast("list[Any]", value)]
    inner = struct_in(field.type)
    if inner is not None and isinstance(value, Mapping):
        return encode(inner, cast("Mapping[str, Any]", value))
    return cast("Any", value) if codec is None or codec.encode is None or value is None else codec.encode(value)
