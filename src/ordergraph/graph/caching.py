"""Cache hints: how long data of the graph may be cached, as `@cacheControl` in the schema.

A type or field without a hint inherits that of its parent. Only the fields of the query root, and Nodes, need a hint of
their own. Without one, they are not cached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, cast

import strawberry
from graphql import (
    FieldDefinitionNode,
    GraphQLDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    parse,
)
from strawberry.schema_directive import Location

from ordergraph.execution.max_age import MAX_AGE
from ordergraph.graph.scalars import graph_enum

NEVER = 0
SECONDS = 5
MINUTES = 300
HOURS = 3600

DEFINITION = "strawberry-definition"
"""The extension under which Strawberry stores its own definition of a type or a field."""

Composite = GraphQLObjectType | GraphQLInterfaceType


class CacheControlScope(Enum):
    """Who may cache a response."""

    PUBLIC = "Any cache, such as a CDN."
    PRIVATE = "Only the caller, because the response depends on the caller's accounts."


graph_enum(CacheControlScope)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT, Location.INTERFACE],
    description="How long a response with this type or field may be cached. The cache settings of an account may "
    "shorten this. The Cache-Control header of a response has the smallest value that applies.",
)
class CacheControl:
    """A cache hint, with the arguments of Apollo's directive."""

    max_age: int = strawberry.directive_field(name="maxAge")
    scope: CacheControlScope = strawberry.directive_field(name="scope")


ARGUMENTS = {"maxAge": "The maximum age in seconds. 0 disables caching.", "scope": "Who may cache the response."}
"""The descriptions of the directive's arguments, which Strawberry does not support."""


def cached(seconds: int) -> Sequence[CacheControl]:
    """Return the directives of a type or field that may be cached for this long. All data depends on the caller."""
    return [CacheControl(max_age=seconds, scope=CacheControlScope.PRIVATE)]


def tell(schema: GraphQLSchema) -> None:
    """Pass the hints to `execution.max_age`, and 0 for fields that need a hint and have none."""
    directive = cast("GraphQLDirective", schema.get_directive("cacheControl"))
    for name, argument in directive.args.items():
        argument.description = ARGUMENTS[name]
    node = schema.type_map["Node"]
    for type_ in _composites(schema):
        told = [hint for one in (type_, *type_.interfaces) if (hint := _hint(one)) is not None]
        if told or type_ is node or node in type_.interfaces:
            type_.extensions[MAX_AGE] = told[0] if told else NEVER
        for field in type_.fields.values():
            hint = NEVER if type_ is schema.query_type and _hint(field) is None else _hint(field)
            if hint is not None:
                field.extensions[MAX_AGE] = hint


def with_hints(text: str, schema: GraphQLSchema) -> str:
    """Return the schema's text with its cache hints, since graphql-core prints no directives."""
    places = sorted(_places(text, schema), reverse=True)
    for place, hint in places:
        text = f"{text[:place]} @cacheControl(maxAge: {hint}, scope: PRIVATE){text[place:]}"
    return text


def _places(text: str, schema: GraphQLSchema) -> Iterator[tuple[int, int]]:
    """Yield the positions of the hints in the text, and their seconds."""
    for node in parse(text).definitions:
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            type_ = cast("Composite", schema.type_map[node.name.value])
            if (hint := _hint(type_)) is not None:
                yield _end(node.interfaces[-1] if node.interfaces else node.name), hint
            for field in cast("Sequence[FieldDefinitionNode]", node.fields):
                if (hint := _hint(type_.fields[field.name.value])) is not None:
                    yield _end(field.type), hint


def _end(node: Any) -> int:
    return node.loc.end


def _composites(schema: GraphQLSchema) -> Iterator[Composite]:
    return (one for one in schema.type_map.values() if isinstance(one, Composite))


def _hint(element: Any) -> int | None:
    """Return the seconds that a type or a field was declared with."""
    declared = getattr(element.extensions.get(DEFINITION), "directives", ())
    return next((one.max_age for one in declared if isinstance(one, CacheControl)), None)
