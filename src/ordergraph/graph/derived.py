"""Derives GraphQL types from the structs that a vendor's JSON is decoded into: `ordergraph.wire.fields` says how these look.

    types = Derived("Verifone")

    @types.object(wire.Order, view=mapping.VerifoneOrderDetails)
    class VerifoneOrderDetails(OrderDetails):
        '''What only Verifone tells of an order.'''

        payment_details: VerifonePaymentDetails | None = field(description="How it is paid.")

Each described field of the struct becomes a field of the type, and so do those of a struct that is `INLINE`; what the
class has itself is computed, and replaces the struct's field of that name. What is `READ_ONLY` is in no input. A struct
inside another becomes a type of its own, named by the prefix and the struct, unless a class was written for it before.
A class may name structs in its annotations: the graph shows their types.

The source of a derived type is the struct itself or, with ``view``, an object whose ``wire`` is that struct. How a
field is read is told by its `Read`, so that it need not be called to be known.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, Optional, TypeVar, Union, cast, get_args, get_origin

import msgspec
import strawberry
from strawberry import UNSET
from strawberry.types.base import has_object_definition
from strawberry.types.field import StrawberryField

from ordergraph.wire.fields import READ_ONLY, Codec, Field, GraphName, Input, described, graph_fields
from ordergraph.graph.scalars import JSON, graph_enum

T = TypeVar("T", bound=type)
Struct = type[msgspec.Struct]


class Read(NamedTuple):
    """How a field is read: an attribute of the struct, or of the view's ``wire``, and what decodes it.

    The attribute may lead through several structs, as in ``product.offering.href``; where one is missing, it is None.
    """

    attribute: str
    of_view: bool
    codec: Codec[Any] | None


class DerivedField(StrawberryField):
    """A field that reads an attribute of a struct."""

    @property
    def read(self) -> Read:
        """How it is read; copies of a field keep its metadata."""
        return self.metadata["read"]

    def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> Any:
        """Read it."""
        _, of_view, codec = self.metadata["read"]
        value = source.wire if of_view else source
        for name in self.metadata["path"]:
            if value is None:
                break
            value = getattr(value, name)
        if codec is None or value is None:
            return value
        if isinstance(value, list):  # whose items are never null in the graph
            return [found for one in cast("list[Any]", value) if (found := codec.decode(one)) is not None]
        return codec.decode(value)


class Derived:
    """The types of one vendor, whose names begin with ``prefix``."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._objects: dict[Struct, type] = {}
        self._inputs: dict[Struct, type] = {}

    def object(
        self,
        struct: Struct | None = None,
        *,
        view: type | None = None,
        without: Collection[str] = (),
        directives: Sequence[object] = (),
    ) -> Callable[[T], T]:
        """A decorator: the class becomes the type of the struct, ``without`` some of its fields.

        ``view`` is the class of its sources, if they are not the struct itself. Without a struct, all is computed.
        """

        def decorate(cls: T) -> T:
            declared = self._declared(struct, cls, self._objects, without)
            own = {name: self._translated(one, self.object_of) for name, one in cls.__annotations__.items()}
            cls.__annotations__ = {**{one.name: self._shown(one) for one in declared}, **own}
            for one in declared:
                path = (*one.path, one.name)
                metadata = {"read": Read(".".join(path), view is not None, one.codec), "path": path}
                text, name = one.description, _graph_name(one)
                setattr(cls, one.name, DerivedField(graphql_name=name, description=text, metadata=metadata))
            if view is not None:
                cast("Any", cls).is_type_of = _tells(view)
            text = described(cls if cls.__doc__ or struct is None else struct)
            made = strawberry.type(cls, name=cls.__name__, description=text, directives=directives)
            if struct is not None:
                self._objects[struct] = made
            return made

        return decorate

    def input(self, struct: Struct, *, without: Collection[str] = ()) -> Callable[[T], T]:
        """A decorator: the class becomes the input of the struct, ``without`` some of its fields."""

        def decorate(cls: T) -> T:
            fields = self._declared(struct, cls, self._inputs, without)
            declared = [one for one in fields if READ_ONLY not in one.declared]
            own = {name: self._translated(one, self.input_of) for name, one in cls.__annotations__.items()}
            cls.__annotations__ = {**{one.name: self._given(one) for one in declared}, **own}
            for one in declared:
                given = one.get(Input) or Input()
                default: Any = {} if given.required else {"default": _default(given)}
                text = given.description or one.description
                setattr(cls, one.name, strawberry.field(name=_graph_name(one), description=text, **default))
            text = described(cls if cls.__doc__ else struct)
            made = self._inputs[struct] = strawberry.input(cls, name=cls.__name__, description=text)
            return made

        return decorate

    def object_of(self, struct: Struct) -> type:
        """The type of a struct."""
        return self._objects.get(struct) or self.object(struct)(type(self._prefix + struct.__name__, (), {}))

    def input_of(self, struct: Struct) -> type:
        """The input of a struct."""
        return self._inputs.get(struct) or self.input(struct)(type(f"{self._prefix}{struct.__name__}Input", (), {}))

    def _declared(
        self, struct: Struct | None, cls: type, made: Mapping[Struct, type], without: Collection[str]
    ) -> Sequence[Field]:
        """The fields of the struct that the class shows and does not have itself."""
        if struct is None:
            return ()
        assert struct not in made, f"{cls.__name__} has to be written before {struct.__name__} is used"
        bases = [one.__strawberry_definition__.fields for one in cls.__bases__ if has_object_definition(one)]
        own = {*without, *cls.__annotations__, *vars(cls), *(one.python_name for fields in bases for one in fields)}
        return [one for one in graph_fields(struct) if one.name not in own]

    def _shown(self, field: Field) -> Any:
        codec = field.codec
        return self._translated(field.type if codec is None else _decoded(field.type, codec.type), self.object_of)

    def _given(self, field: Field) -> Any:
        given, codec = field.get(Input) or Input(), field.codec
        shape = field.type if codec is None else _decoded(field.type, codec.type)
        if given.type is not None:
            shape = _decoded(field.type, given.type)
        found = self._translated(shape, self.input_of)
        optional = not given.required and _default(given) is UNSET
        return Optional[_without_none(found)] if optional else _without_none(found)  # noqa: UP045  made, not written

    def _translated(self, shape: Any, of: Callable[[Struct], type]) -> Any:
        """A type with the graph's types in place of structs, and enums made known to the graph."""
        if shape is Any:
            return Optional[JSON]  # noqa: UP045  made, not written
        if isinstance(shape, type):
            if issubclass(shape, msgspec.Struct):
                return of(shape)
            if issubclass(shape, Enum) and not hasattr(shape, "__strawberry_definition__"):
                graph_enum(shape)
            return cast("type", shape)
        return _rebuilt(shape, lambda one: self._translated(one, of))


def _tells(view: type) -> Any:
    """A type's ``is_type_of``: whether it is the one of a source."""

    def is_type_of(_cls: type, value: object, _info: object) -> bool:
        return isinstance(value, view)

    return cast("Any", classmethod(is_type_of))


def _decoded(shape: Any, type_: Any) -> Any:
    """A type on the wire with another in the place of what is decoded, which may be unreadable."""
    if get_origin(shape) is list:
        return list[type_]
    return Optional[list[type_] if get_origin(_without_none(shape)) is list else type_]  # noqa: UP045  made, not written


def _rebuilt(shape: Any, change: Callable[[Any], Any]) -> Any:
    if _is_union(shape):
        return Union[tuple(change(one) for one in get_args(shape))]  # noqa: UP007  made, not written
    if get_origin(shape) is list:
        return list[change(get_args(shape)[0])]
    return shape


def _is_union(shape: Any) -> bool:
    return get_origin(shape) in (Union, types.UnionType)


def _without_none(shape: Any) -> Any:
    nothing = (type(None), msgspec.UnsetType)
    left = [one for one in get_args(shape) if one not in nothing] if _is_union(shape) else [shape]
    return Union[tuple(left)]  # noqa: UP007  made, not written


def _default(given: Input) -> object:
    return UNSET if given.default is msgspec.UNSET else given.default


def _graph_name(field: Field) -> str | None:
    named = field.get(GraphName)
    return named.name if named else None
