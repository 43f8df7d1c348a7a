"""How long the response of an operation may be cached according to the schema: the minimum over its fields.

A field or a type of the schema has its maximum age in its ``extensions``, under MAX_AGE. A field without one has that
of its type. If neither has one, the field inherits that of its parent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
)

MAX_AGE = "max_age"


def max_age(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> int:
    """Return the maximum age in seconds for an operation of a valid document; 0 if no field has one.

    Fields that variables may skip are included.
    """
    root = schema.get_root_type(operation.operation)
    seconds = _Walk(schema, fragments).of(operation.selection_set, root)
    return 0 if math.isinf(seconds) else int(seconds)


class _Walk:
    """Visits each fragment once, however often it is used."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._known: dict[str, float] = {}

    def of(self, selected: SelectionSetNode | None, parent: GraphQLNamedType | None) -> float:
        """Return the minimum over the selected fields."""
        selections = selected.selections if selected else ()
        return min((self._selection(one, parent) for one in selections), default=math.inf)

    def _selection(self, node: SelectionNode, parent: Any) -> float:
        if isinstance(node, FieldNode):
            field = cast("Any", self._schema.get_field(parent, node.name.value))
            type_ = cast("GraphQLNamedType", get_named_type(field.type))
            told = _told(field)
            return min(_told(type_) if math.isinf(told) else told, self.of(node.selection_set, type_))
        if isinstance(node, FragmentSpreadNode):
            return self._spread(self._fragments[node.name.value], parent)
        inline = cast("InlineFragmentNode", node)
        type_ = self._schema.get_type(inline.type_condition.name.value) if inline.type_condition else parent
        return min(_narrowed(type_, parent), self.of(inline.selection_set, type_))

    def _spread(self, node: FragmentDefinitionNode, parent: GraphQLNamedType) -> float:
        name, type_ = node.name.value, self._schema.get_type(node.type_condition.name.value)
        if name not in self._known:
            self._known[name] = self.of(node.selection_set, type_)
        return min(_narrowed(type_, parent), self._known[name])


def _narrowed(type_: Any, parent: GraphQLNamedType) -> float:
    """Return the maximum age of a fragment's type if it narrows the parent type."""
    return math.inf if type_ is parent else _told(type_)


def _told(element: Any) -> float:
    return element.extensions.get(MAX_AGE, math.inf)
