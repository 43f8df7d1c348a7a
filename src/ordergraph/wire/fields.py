"""How a field of a vendor is declared: once, on the struct that the vendor's JSON is decoded into.

    class Phone(Wire, frozen=True):
        '''A telephone number.

        Schema ``Phone`` of the vendor's document.
        '''

        value: Annotated[str | None, "The number, without the country code.", Input(required=True)] = None
        verified_at: Annotated[str | None, "When it was verified.", TIME] = None
        internal_code: str | None = None

The name is the graph's, in snake case; the struct's ``rename``, or ``msgspec.field(name=...)``, tells the vendor's
spelling. The text is the description that users of the graph read: a field without one is not in the graph. Beside it
may stand a `Codec`, a `Reference`, an `Input`, a `GraphName`, `READ_ONLY` and `INLINE`. The first paragraph of the
docstring describes the type.

`ordergraph.graph.derived` makes GraphQL types of such structs. No framework is imported here.
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
    """How a value on the wire becomes one of the graph's ``type``, and back.

    Of a list, each item does, unless ``type`` is a list itself; an item that cannot be read is left out. ``decode``
    returns None for what cannot be read, so that it costs its own field and nothing else. With ``of_source`` it takes
    the source as well: the view that has the struct, which knows what the struct does not, such as the account's
    currency. ``encode`` is left out where the value is never written.
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
        """A value of a source."""
        decode = cast("Callable[..., T | None]", self.decode)
        return decode(value, source) if self.of_source else decode(value)


@dataclass(frozen=True, slots=True)
class Reference:
    """The vendor's id of another object, or a list of ids: the graph shows the object, an input takes its global ID.

    ``type`` is the name of its type in the graph, ``fetch`` the method of the connector that has it by its id.
    """

    type: str
    fetch: str


@dataclass(frozen=True, slots=True)
class Input:
    """What a field is in the input of its object, where it differs from what is read.

    ``type`` is another type, such as an enum where the vendor may answer with any word; ``default`` is the value if it
    is left out; ``description`` and ``name`` replace the field's own.
    """

    type: Any = None
    required: bool = False
    default: object = msgspec.UNSET
    description: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class GraphName:
    """The name in the graph, where it is not the field's in camel case."""

    name: str


class Mark(Enum):
    """What else is declared of a field."""

    READ_ONLY = "It is in no input: the vendor sets it, or the input has it elsewhere."
    INLINE = "The graph shows the fields of this struct in its place."


READ_ONLY, INLINE = Mark.READ_ONLY, Mark.INLINE


def named(wire_name: str) -> Any:
    """A field that the vendor spells otherwise and may leave out: it is None then."""
    return msgspec.field(name=wire_name, default=None)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a struct. ``type`` is its type on the wire, without what is declared beside it.

    ``path`` leads to the struct through those that are `INLINE`.
    """

    name: str
    wire_name: str
    type: Any
    description: str | None
    declared: tuple[Any, ...]
    path: tuple[str, ...] = ()

    @property
    def codec(self) -> Codec[Any] | None:
        """How it is read and written, None for what is the same in the graph."""
        return cast("Codec[Any] | None", self.get(Codec))

    @property
    def input_name(self) -> str:
        """What it is called in an input."""
        given = self.get(Input)
        return (given.name if given else None) or self.name

    def get(self, kind: type[M]) -> M | None:
        """What is declared of that kind, None if nothing is."""
        return next((one for one in self.declared if isinstance(one, kind)), None)


@cache
def fields_of(struct: type[Any]) -> tuple[Field, ...]:
    """The fields of a struct, or of a dataclass, in their order."""
    hints = get_type_hints(struct, include_extras=True)
    if issubclass(struct, msgspec.Struct):
        return tuple(_field(one.name, one.encode_name, hints[one.name]) for one in msgspec.structs.fields(struct))
    return tuple(_field(one.name, one.name, hints[one.name]) for one in dataclasses.fields(struct))


def graph_fields(struct: type[Any]) -> tuple[Field, ...]:
    """The fields of a struct that the graph shows: they are described, or inside a field that is `INLINE`."""
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
    """The first paragraph of a class's docstring, as one line."""
    first, *_ = cleandoc(struct.__doc__ or "").split("\n\n")
    return " ".join(first.split())


def struct_in(type_: Any) -> type[msgspec.Struct] | None:
    """The struct in a type such as ``list[Phone] | None``, None if there is none."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return type_
    return next((found for one in get_args(type_) if (found := struct_in(one))), None)


def encode(struct: type[msgspec.Struct], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a struct's fields as the vendor spells and writes them; what the struct does not have is left out."""
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
