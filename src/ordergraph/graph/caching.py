"""Cache hints: for how long what the graph tells may be used again without asking, as `@cacheControl` in the schema.

A type or a field that says nothing is as good as what it is part of. Only what stands for itself has to say something:
the fields of the query root, and Nodes; those that do not are asked for every time.
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
"""Where Strawberry leaves its own view of a type or a field."""

Composite = GraphQLObjectType | GraphQLInterfaceType


class CacheControlScope(Enum):
    """Who may keep something."""

    PUBLIC = "Anybody, such as a CDN."
    PRIVATE = "Only the caller: it depends on the accounts that the caller may use."


graph_enum(CacheControlScope)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT, Location.INTERFACE],
    description="For how long an answer with this may be used again without asking. What the settings of an account "
    "say of its vendor's answers goes further: the Cache-Control of an answer tells the least of all.",
)
class CacheControl:
    """A hint, with the words of Apollo's directive."""

    max_age: int = strawberry.directive_field(name="maxAge")
    scope: CacheControlScope = strawberry.directive_field(name="scope")


ARGUMENTS = {"maxAge": "How many seconds; 0 asks every time.", "scope": "Who may keep it."}
"""What Strawberry cannot be told of a directive's arguments."""


def cached(seconds: int) -> Sequence[CacheControl]:
    """The directives of something that may be used again for so long; all that there is depends on the caller."""
    return [CacheControl(max_age=seconds, scope=CacheControlScope.PRIVATE)]


def tell(schema: GraphQLSchema) -> None:
    """Tell `execution.lifetime` what the hints say, and 0 for what should say something and does not."""
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
    """The schema's text, in which graphql-core shows no directives, with its hints."""
    places = sorted(_places(text, schema), reverse=True)
    for place, hint in places:
        text = f"{text[:place]} @cacheControl(maxAge: {hint}, scope: PRIVATE){text[place:]}"
    return text


def _places(text: str, schema: GraphQLSchema) -> Iterator[tuple[int, int]]:
    """Where in the text hints belong, and their seconds."""
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
    """The seconds that a type or a field was declared with."""
    declared = getattr(element.extensions.get(DEFINITION), "directives", ())
    return next((one.max_age for one in declared if isinstance(one, CacheControl)), None)
