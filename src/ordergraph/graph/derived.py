"""Derives GraphQL types from classes that declare fields: structs of a vendor's JSON, views and values of the domain.

`ordergraph.wire.fields` says how a struct's fields are declared, `ordergraph.domain.view` how a view's.

    types = Derived("Verifone")

    @types.object(wire.Order, view=mapping.VerifoneOrderDetails)
    class VerifoneOrderDetails(OrderDetails):
        '''Details of an order that only Verifone has.'''

        payment_details: VerifonePaymentDetails | None = field(description="The payment method.")

Each described field of the struct becomes a field of the type, and so do those of an `INLINE` struct. Fields of the
class itself are computed, and replace the struct's fields of the same name. `READ_ONLY` fields are not part of any
input. A nested struct becomes a type of its own, named by the prefix and the struct, unless a class for it exists
already. A class may use structs in its annotations: the graph shows their types.

The source of a derived type is the struct itself or, with ``view``, an object whose ``wire`` is that struct, or one of
several. A nested struct that refers to other objects, or has a codec that takes its source, becomes a ``part`` of that
view: an object whose ``wire`` is the nested struct. `Read` describes how a field is read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import is_dataclass, replace
from enum import Enum
from typing import Any, Optional, TypeVar, cast

import msgspec
import strawberry
from strawberry import UNSET
from strawberry.types import get_object_definition, has_object_definition

from ordergraph.domain import View, described_fields
from ordergraph.graph.derived_field import DerivedField, Read
from ordergraph.graph.node import shows
from ordergraph.graph.scalars import JSON, graph_enum
from ordergraph.graph.shapes import decoded, is_list, list_of, rebuilt, without_none
from ordergraph.wire.fields import (
    READ_ONLY,
    Codec,
    Field,
    GraphName,
    Input,
    Reference,
    described,
    graph_fields,
    struct_in,
)

T = TypeVar("T", bound=type)
Struct = type[Any]
"""A class that declares fields: a struct of a vendor's JSON, or a view or a value of the domain."""


class Derived:
    """The types of one vendor. Their names begin with ``prefix``.

    ``module`` is the module in which the names of referenced types are resolved. ``part`` builds the source of a nested
    struct from that struct and the outer source. ``known`` maps the types that codecs and inputs use to the graph's.
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
        *structs: Struct,
        view: type | tuple[type, ...] | None = None,
        only: Collection[str] | None = None,
        without: Collection[str] = (),
        directives: Sequence[object] = (),
        row: Struct | None = None,
        whole: Reference | None = None,
    ) -> Callable[[T], T]:
        """Return a decorator that makes the class the type of the struct, with ``only`` or ``without`` some fields.

        ``view`` is the class of the sources, if they are not the struct itself. With several structs, the source is one
        of them, and the first that has a field declares it. Without a struct, all fields are computed. A nested struct
        is shown as its type, except with several structs or ``only``. Some sources may be a ``row`` of a list instead:
        for fields that it lacks, ``whole`` is fetched.
        """

        def decorate(cls: T) -> T:
            declared = self._declared(structs, cls, only, without)
            own = {name: self._translated(one, self.object_of) for name, one in cls.__annotations__.items()}
            lacking = {one.name for one in declared if row is not None and not hasattr(row, one.name)}
            shown = {one.name: self._shown(one, nullable=one.name in lacking) for one in declared}
            cls.__annotations__ = {**shown, **own}
            sources = view or next((one for one in structs if issubclass(one, View)), None)
            of_view = view is not None or any(map(self._is_part, structs))
            for one in declared:
                read = Read(
                    (*one.path, one.name),
                    of_view,
                    one.codec or self._part_of(one),
                    shared=all(hasattr(struct, (*one.path, one.name)[0]) for struct in structs),
                    reference=one.get(Reference),
                    whole=whole if one.name in lacking else None,
                )
                text, name = one.description, _graph_name(one)
                setattr(cls, one.name, DerivedField(graphql_name=name, description=text, metadata={"read": read}))
            if sources is not None:
                cast("Any", cls).is_type_of = shows(*sources) if isinstance(sources, tuple) else shows(sources)
            text = described(cls if cls.__doc__ or not structs else structs[0])
            made = strawberry.type(cls, name=cls.__name__, description=text, directives=directives)
            if len(structs) == 1 and only is None:
                self._keep(self._objects, structs[0], made)
            return made

        return decorate

    def input(
        self, struct: Struct | None = None, *, without: Collection[str] = (), required: Collection[str] = ()
    ) -> Callable[[T], T]:
        """Return a decorator that makes the class an input of the struct, if there is one, ``without`` some fields.

        A struct may have several inputs. ``required`` are the fields that are required only in this one.
        """

        def decorate(cls: T) -> T:
            fields = self._declared([struct] if struct else [], cls, None, without)
            inputs = {one.input_name: (one, _input(one, required)) for one in fields if READ_ONLY not in one.declared}
            own = {name: self._translated(one, self.input_of) for name, one in cls.__annotations__.items()}
            cls.__annotations__ = {**{name: self._given(*one) for name, one in inputs.items()}, **own}
            for name, (one, given) in inputs.items():
                default: Any = {} if given.required else {"default": _default(given)}
                text = given.description or one.description
                setattr(cls, name, strawberry.field(name=_graph_name(one), description=text, **default))
            text = described(cls if cls.__doc__ or struct is None else struct)
            made = strawberry.input(cls, name=cls.__name__, description=text)
            if struct is not None:
                self._keep(self._inputs, struct, made)
            return made

        return decorate

    def object_of(self, struct: Struct) -> type:
        """Return the type of a struct."""
        return self._objects.get(struct) or self._made(struct.__name__, self.object(struct))

    def input_of(self, struct: Struct) -> type:
        """Return the input of a struct."""
        return self._inputs.get(struct) or self._made(f"{struct.__name__}Input", self.input(struct))

    def _made(self, name: str, decorate: Callable[[type], type]) -> type:
        made = decorate(type(self._prefix + name, (), {"__module__": self._module}))
        self._unwritten.add(made)
        return made

    def _keep(self, made: dict[Struct, type], struct: Struct, type_: type) -> None:
        """Register the type, for nested uses of the struct."""
        late = f"{type_.__name__} must be defined before {struct.__name__} is used"
        assert made.get(struct) not in self._unwritten, late
        made[struct] = type_

    def _declared(
        self, structs: Sequence[Struct], cls: type, only: Collection[str] | None, without: Collection[str]
    ) -> Sequence[Field]:
        """Return the fields of the structs that the class shows and does not define itself."""
        bases = [get_object_definition(one, strict=True).fields for one in cls.__bases__ if has_object_definition(one)]
        own = {*without, *cls.__annotations__, *vars(cls), *(one.python_name for fields in bases for one in fields)}
        found: dict[str, Field] = {}
        for one in (one for struct in structs for one in _fields(struct) if one.name not in own):
            if only is None or one.name in only:
                found.setdefault(one.name, one)
        return list(found.values())

    def _part_of(self, field: Field) -> Codec[Any] | None:
        inner = struct_in(field.type)
        return self._part if inner is not None and self._is_part(inner) else None

    def _is_part(self, struct: Struct, *around: Struct) -> bool:
        """Whether a field of a nested struct is read with the outer source."""
        if self._part is None or struct in around:
            return False
        fields = _fields(struct)
        inner = [found for one in fields if one.codec is None and (found := struct_in(one.type))]
        direct = any(one.get(Reference) or (one.codec and one.codec.of_source) for one in fields)
        return direct or any(self._is_part(one, struct, *around) for one in inner)

    def _shown(self, field: Field, *, nullable: bool) -> Any:
        codec, reference = field.codec, field.get(Reference)
        if reference is not None:
            one = self._known.get(reference.type, f"{reference.type} | None")
            return list_of(one) if is_list(field.type) else one
        shape = self._translated(field.type if codec is None else decoded(field.type, codec.type), self.object_of)
        return Optional[shape] if nullable else shape  # noqa: UP045  made, not written

    def _given(self, field: Field, given: Input) -> Any:
        codec = field.codec
        shape = field.type if codec is None else decoded(field.type, codec.type)
        chosen = strawberry.ID if field.get(Reference) else given.type
        if chosen is not None:
            shape = decoded(field.type, chosen)
        found = self._translated(shape, self.input_of)
        optional = not given.required and _default(given) is UNSET
        return Optional[without_none(found)] if optional else without_none(found)  # noqa: UP045  made, not written

    def _translated(self, shape: Any, of: Callable[[Struct], type]) -> Any:
        """Return a type with structs replaced by the graph's types, and register its enums with the graph."""
        if shape is Any:
            return Optional[JSON]  # noqa: UP045  made, not written
        if shape in self._known:
            return self._known[shape]
        if isinstance(shape, type):
            if _declares_fields(cast("Struct", shape)):
                return of(shape)
            if issubclass(shape, Enum) and not hasattr(shape, "__strawberry_definition__"):
                graph_enum(shape)
            return cast("type", shape)
        return rebuilt(shape, lambda one: self._translated(one, of))


def _declares_fields(shape: Struct) -> bool:
    return not has_object_definition(shape) and (issubclass(shape, msgspec.Struct | View) or is_dataclass(shape))


def _fields(struct: Struct) -> Sequence[Field]:
    return described_fields(struct) if issubclass(struct, View) else graph_fields(struct)


def _input(field: Field, required: Collection[str]) -> Input:
    given = field.get(Input) or Input()
    return replace(given, required=True) if field.input_name in required else given


def _default(given: Input) -> object:
    return UNSET if given.default is msgspec.UNSET else given.default


def _graph_name(field: Field) -> str | None:
    named = field.get(GraphName)
    return named.name if named else None
