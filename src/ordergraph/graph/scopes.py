"""The scopes that the fields of the root types require."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLField, GraphQLResolveInfo, GraphQLSchema

from ordergraph.graph.context import Context
from ordergraph.settings.callers import Scope

SETTLING = frozenset({"settleOperation"})
"""The mutations that settle operations in doubt. They require the scope `settle` instead of `write`."""


def guard(schema: GraphQLSchema) -> None:
    """Make each field of the root types refuse callers without its scope. Introspection requires none."""
    if schema.query_type is not None:
        for field in schema.query_type.fields.values():
            _require(Scope.READ, field)
    if schema.mutation_type is not None:
        for name, field in schema.mutation_type.fields.items():
            _require(Scope.SETTLE if name in SETTLING else Scope.WRITE, field)
    if schema.subscription_type is not None:
        for field in schema.subscription_type.fields.values():
            field.subscribe = _guarded(Scope.READ, field.subscribe)


def _require(scope: Scope, field: GraphQLField) -> None:
    field.resolve = _guarded(scope, field.resolve)


def _guarded(scope: Scope, resolve: Callable[..., Any] | None) -> Callable[..., Any]:
    assert resolve is not None, "a field of a root type must have a resolver"

    def guarded(source: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> Any:
        info.context.require(scope)
        return resolve(source, info, **arguments)

    return guarded
