"""Derives GraphQL types from the structs that a vendor's JSON is decoded into: `ordergraph.wire.fields` says how these look.

    types = Derived("Verifone")

    @types.object(wire.Order, view=mapping.VerifoneOrderDetails)
    class VerifoneOrderDetails(OrderDetails):
        '''What only Verifone tells of an order.'''

        payment_details: VerifonePaymentDetails | None = field(description="How it is paid.")

Each described field of the struct becomes a field of the type; what the class has itself is computed, and replaces the
struct's field of that name. A struct inside another becomes a type of its own, named by the prefix and the struct,
unless a class was written for it before. A class may name structs in its annotations: the graph shows their types.

The source of a derived type is the struct itself or, with ``view``, an object whose ``wire`` is that struct. A struct
inside another that refers to other objects, or has a codec that takes its source, becomes a ``part`` of that view: an
object whose ``wire`` it is. How a field is read is told by its `Read`, so that it need not be called to be known.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from inspect import isawaitable
from typing import Any, NamedTuple, Optional, TypeVar, Union, cast, get_args, get_origin

import msgspec
import strawberry
from strawberry import UNSET
from strawberry.types.base import has_object_definition
from strawberry.types.field import StrawberryField

from ordergraph.wire.fields import Codec, Field, GraphName, Input, Reference, described, fields_of, struct_in
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.scalars import graph_enum

T = TypeVar("T", bound=type)
Struct = type[msgspec.Struct]


class Read(NamedTuple):
    """How a field is read: an attribute of the struct, or of the view's ``wire``, and what becomes of it.

    ``codec`` decodes it, or makes a part of it. Of a ``reference``, the object is fetched. ``whole`` fetches the object
    of a source that lacks the attribute, such as a row of a list, by its key.
    """

    attribute: str
    of_view: bool
    codec: Codec[Any] | None = None
    reference: Reference | None = None
    whole: Reference | None = None


class DerivedField(StrawberryField):
    """A field that reads an attribute of a struct."""

    @property
    def read(self) -> Read:
        """How it is read; copies of a field keep its metadata."""
        return self.metadata["read"]

    @property
    def is_basic_field(self) -> bool:
        """Whether nothing is ever fetched for it."""
        read = self.read
        return super().is_basic_field and read.reference is None and read.whole is None

    def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> Any:
        """Read it; what has to be fetched is awaited."""
        attribute, of_view, codec, reference, whole = self.metadata["read"]
        struct = source.wire if of_view else source
        if whole is not None and not hasattr(struct, attribute):
            return self._of_whole(whole, source, info)
        value = getattr(struct, attribute)
        if codec is not None and value is not None:
            each = isinstance(value, list) and not codec.of_list
            items = cast("list[Any]", value)
            value = [codec.read(one, source) for one in items] if each else codec.read(value, source)
        return value if reference is None or value is None else look_up(info, source, reference, value)

    async def _of_whole(self, whole: Reference, source: Any, info: Any) -> Any:
        found = await look_up(info, source, whole, source.key[0])
        value = None if found is None else self.get_result(found, info, [], {})
        return await value if isawaitable(value) else value


async def look_up(info: GraphInfo, source: Any, reference: Reference, key: object) -> Any:
    """The object, at the source's account, that a reference has by a key, None if there is none; of a list, each."""
    if isinstance(key, list):
        return await asyncio.gather(*(look_up(info, source, reference, one) for one in cast("list[object]", key)))
    connector = info.context.accounts[source.origin.account]
    return await info.context.loaders.load(getattr(connector, reference.fetch), str(key))


class Derived:
    """The types of one vendor, whose names begin with ``prefix``.

    ``module`` is where the types that references name are known. ``part`` makes the source of a struct inside another
    out of that struct and the source around it. ``known`` are the graph's types for those that codecs and inputs name.
    """

    def __init__(
        self,
        prefix: str,
        module: str = __name__,
        *,
        part: Callable[[Any, Any], object] | None = None,
        known: Mapping[Any, Any] | None = None,
    ) -> None:
        self._prefix = prefix
        self._module = module
        self._part = None if part is None else Codec(object, part, of_source=True)
        self._known = known or {}
        self._objects: dict[Struct, type] = {}
        self._inputs: dict[Struct, type] = {}
        self._unwritten: set[type] = set()

    def object(
        self,
        struct: Struct | None = None,
        *,
        view: type | tuple[type, ...] | None = None,
        without: Collection[str] = (),
        directives: Sequence[object] = (),
        row: Struct | None = None,
        whole: Reference | None = None,
    ) -> Callable[[T], T]:
        """A decorator: the class becomes the type of the struct, ``without`` some of its fields.

        ``view`` is the class of its sources, if they are not the struct itself. Without a struct, all is computed.
        Some sources may have a ``row`` instead, as lists tell it: for fields that it lacks, ``whole`` is fetched.
        """

        def decorate(cls: T) -> T:
            declared = self._declared(struct, cls, self._objects.get, without) if struct else ()
            own = {name: self._translated(one, self.object_of) for name, one in cls.__annotations__.items()}
            lacking = {one.name for one in declared if row is not None and not hasattr(row, one.name)}
            shown = {one.name: self._shown(one, nullable=one.name in lacking) for one in declared}
            cls.__annotations__ = {**shown, **own}
            of_view = view is not None or (struct is not None and self._is_part(struct))
            for one in declared:
                codec = one.codec or self._part_of(one)
                read = Read(one.name, of_view, codec, one.get(Reference), whole if one.name in lacking else None)
                text, name = one.description, _graph_name(one)
                setattr(cls, one.name, DerivedField(graphql_name=name, description=text, metadata={"read": read}))
            if view is not None:
                cast("Any", cls).is_type_of = _tells(view)
            text = described(cls if cls.__doc__ or struct is None else struct)
            made = strawberry.type(cls, name=cls.__name__, description=text, directives=directives)
            if struct is not None:
                self._objects[struct] = made
            return made

        return decorate

    def input(
        self, struct: Struct, *, without: Collection[str] = (), required: Collection[str] = ()
    ) -> Callable[[T], T]:
        """A decorator: the class becomes an input of the struct, ``without`` some of its fields.

        A struct may have several inputs, of which some fields are ``required`` in one alone.
        """

        def decorate(cls: T) -> T:
            declared = self._declared(struct, cls, self._inputs.get, without)
            own = {name: self._translated(one, self.input_of) for name, one in cls.__annotations__.items()}
            inputs = {one.input_name: (one, _input(one, required)) for one in declared}
            cls.__annotations__ = {**{name: self._given(*one) for name, one in inputs.items()}, **own}
            for name, (one, given) in inputs.items():
                default: Any = {} if given.required else {"default": _default(given)}
                text = given.description or one.description
                setattr(cls, name, strawberry.field(name=_graph_name(one), description=text, **default))
            text = described(cls if cls.__doc__ else struct)
            made = self._inputs[struct] = strawberry.input(cls, name=cls.__name__, description=text)
            return made

        return decorate

    def object_of(self, struct: Struct) -> type:
        """The type of a struct."""
        return self._objects.get(struct) or self._made(struct.__name__, self.object(struct))

    def input_of(self, struct: Struct) -> type:
        """The input of a struct."""
        return self._inputs.get(struct) or self._made(f"{struct.__name__}Input", self.input(struct))

    def _made(self, name: str, decorate: Callable[[type], type]) -> type:
        made = decorate(type(self._prefix + name, (), {"__module__": self._module}))
        self._unwritten.add(made)
        return made

    def _part_of(self, field: Field) -> Codec[Any] | None:
        inner = struct_in(field.type)
        return self._part if inner is not None and self._is_part(inner) else None

    def _is_part(self, struct: Struct, *around: Struct) -> bool:
        """Whether something in a struct inside another is read with the source around it."""
        if self._part is None or struct in around:
            return False
        shown = [one for one in fields_of(struct) if one.description]
        inner = [found for one in shown if one.codec is None and (found := struct_in(one.type))]
        direct = any(one.get(Reference) or (one.codec and one.codec.of_source) for one in shown)
        return direct or any(self._is_part(one, struct, *around) for one in inner)

    def _declared(
        self, struct: Struct, cls: type, made: Callable[[Struct], type | None], without: Collection[str]
    ) -> Sequence[Field]:
        """The fields of the struct that the class shows and does not have itself."""
        assert made(struct) not in self._unwritten, f"{cls.__name__} has to be written before {struct.__name__} is used"
        bases = [one.__strawberry_definition__.fields for one in cls.__bases__ if has_object_definition(one)]
        own = {*without, *cls.__annotations__, *vars(cls), *(one.python_name for fields in bases for one in fields)}
        return [one for one in fields_of(struct) if one.description and one.name not in own]

    def _shown(self, field: Field, *, nullable: bool) -> Any:
        codec, reference = field.codec, field.get(Reference)
        if reference is not None:
            one = f"{reference.type} | None"
            return f"list[{one}] | None" if _is_list(field.type) else one
        shape = self._translated(field.type if codec is None else _decoded(field.type, codec.type), self.object_of)
        return Optional[shape] if nullable else shape  # noqa: UP045  made, not written

    def _given(self, field: Field, given: Input) -> Any:
        codec = field.codec
        shape = field.type if codec is None else _decoded(field.type, codec.type)
        chosen = strawberry.ID if field.get(Reference) else given.type
        if chosen is not None:
            shape = _decoded(field.type, chosen)
        found = self._translated(shape, self.input_of)
        optional = not given.required and _default(given) is UNSET
        return Optional[_without_none(found)] if optional else _without_none(found)  # noqa: UP045  made, not written

    def _translated(self, shape: Any, of: Callable[[Struct], type]) -> Any:
        """A type with the graph's types in place of structs, and enums made known to the graph."""
        if shape in self._known:
            return self._known[shape]
        if isinstance(shape, type):
            if issubclass(shape, msgspec.Struct):
                return of(shape)
            if issubclass(shape, Enum) and not hasattr(shape, "__strawberry_definition__"):
                graph_enum(shape)
            return cast("type", shape)
        return _rebuilt(shape, lambda one: self._translated(one, of))


def _tells(view: type | tuple[type, ...]) -> Any:
    """A type's ``is_type_of``: whether it is the one of a source."""

    def is_type_of(_cls: type, value: object, _info: object) -> bool:
        return isinstance(value, view)

    return cast("Any", classmethod(is_type_of))


def _decoded(shape: Any, type_: Any) -> Any:
    """A type on the wire with another in the place of what is decoded, which may be unreadable."""
    if get_origin(shape) is list and get_origin(type_) is not list:
        return list[type_]
    of_items = _is_list(shape) and get_origin(type_) is not list
    return Optional[list[type_] if of_items else type_]  # noqa: UP045  made, not written


def _rebuilt(shape: Any, change: Callable[[Any], Any]) -> Any:
    if _is_union(shape):
        return Union[tuple(change(one) for one in get_args(shape))]  # noqa: UP007  made, not written
    if get_origin(shape) is list:
        return list[change(get_args(shape)[0])]
    return shape


def _is_list(shape: Any) -> bool:
    return get_origin(_without_none(shape)) is list


def _is_union(shape: Any) -> bool:
    return get_origin(shape) in (Union, types.UnionType)


def _without_none(shape: Any) -> Any:
    left = [one for one in get_args(shape) if one is not type(None)] if _is_union(shape) else [shape]
    return Union[tuple(left)]  # noqa: UP007  made, not written


def _input(field: Field, required: Collection[str]) -> Input:
    given = field.get(Input) or Input()
    return replace(given, required=True) if field.input_name in required else given


def _default(given: Input) -> object:
    return UNSET if given.default is msgspec.UNSET else given.default


def _graph_name(field: Field) -> str | None:
    named = field.get(GraphName)
    return named.name if named else None
