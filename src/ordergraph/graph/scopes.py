"""The scopes that the fields of the root types require."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema, OperationType

from ordergraph.graph.context import Context
from ordergraph.settings.callers import Scope

SETTLING = frozenset({"settleOperation"})
"""The mutations that settle operations in doubt. They require the scope `settle` instead of `write`."""


def scope_of(operation: OperationType, field: str) -> Scope:
    """Return the scope that a field of the root type of an operation requires."""
    if operation is not OperationType.MUTATION:
        return Scope.READ
    return Scope.SETTLE if field in SETTLING else Scope.WRITE


def guard(schema: GraphQLSchema) -> None:
    """Make each field of the root types refuse callers without its scope. Introspection requires none."""
    for operation in OperationType:
        root = schema.get_root_type(operation)
        for name, field in root.fields.items() if root else ():
            scope = scope_of(operation, name)
            if operation is OperationType.SUBSCRIPTION:
                field.subscribe = _guarded(scope, field.subscribe)
            else:
                field.resolve = _guarded(scope, field.resolve)


def _guarded(scope: Scope, resolve: Callable[..., Any] | None) -> Callable[..., Any]:
    assert resolve is not None, "a field of a root type must have a resolver"

    def guarded(source: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> Any:
        info.context.require(scope)
        return resolve(source, info, **arguments)

    return guarded
