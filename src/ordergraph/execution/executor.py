"""Executes operations with graphql-core: queries and mutations, incrementally if requested, and subscriptions."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Generic, TypeAlias, TypeVar, cast

from graphql import (
    ExecutionResult,
    ExperimentalIncrementalExecutionResults,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
)
from graphql import execution as graphql_core
from graphql.execution import Executor
from graphql.execution.incremental import IncrementalExecutor
from graphql.language import FieldNode
from graphql.pyutils import Path

from ordergraph.execution.documents import Document, Rejected

C = TypeVar("C")

Incremental: TypeAlias = ExperimentalIncrementalExecutionResults
Events: TypeAlias = AsyncGenerator[tuple[ExecutionResult, C], None]
"""The results of a subscription, each with its context."""


class _Values:
    """Passes the values of variables to resolvers as a plain dictionary, which Strawberry's resolvers expect."""

    def build_resolve_info(
        self, field_def: GraphQLField, field_nodes: list[FieldNode], parent_type: GraphQLObjectType, path: Path
    ) -> GraphQLResolveInfo[Any]:
        executor = cast("Any", self)
        return GraphQLResolveInfo(
            field_nodes[0].name.value,
            field_nodes,
            cast("Any", field_def).type,
            parent_type,
            path,
            executor.schema,
            executor.fragment_definitions,
            executor.root_value,
            executor.operation,
            executor.variable_values.coerced,
            executor.context_value,
            executor.is_awaitable,
            executor.abort_signal,
            executor.async_helpers,
        )


class _AtOnce(_Values, Executor[Any]):
    """Returns a single response and ignores `@defer` and `@stream`, which are optional to support."""


class _InParts(_Values, IncrementalExecutor):
    """Delivers deferred parts later."""


class Execution(Generic[C]):
    """Executes the operations of documents against a schema.

    ``C`` is the type of the context passed to resolvers.
    """

    def __init__(self, schema: GraphQLSchema, *, suggestions: bool = True) -> None:
        self._schema = schema
        self._suggestions = suggestions

    async def run(
        self,
        document: Document,
        name: str | None,
        variables: Mapping[str, Any] | None,
        context: C,
        *,
        in_parts: bool = False,
    ) -> ExecutionResult | Incremental:
        """Return the result of a query or a mutation; raise Rejected if the variables are invalid.

        ``in_parts`` delivers deferred parts later.
        """
        executor = self._executor(_InParts if in_parts else _AtOnce, document, name, variables, context)
        result = executor.execute_operation()
        return await result if executor.is_awaitable(result) else result

    async def subscribe(
        self,
        document: Document,
        name: str | None,
        variables: Mapping[str, Any] | None,
        context: C,
        begin: Callable[[], C],
    ) -> Events[C]:
        """Return the results of a subscription, one for each event; raise Rejected if it cannot start.

        ``context`` is the context of the subscription, ``begin`` creates one for each event.
        """
        executor = self._executor(_AtOnce, document, name, variables, context)
        source: Any = cast("Any", graphql_core).create_source_event_stream(executor)
        events = await source if executor.is_awaitable(source) else source
        if isinstance(events, ExecutionResult):
            raise Rejected(events.errors or [])
        return self._results(executor, events, begin)

    async def _results(self, executor: Any, events: AsyncGenerator[Any, None], begin: Callable[[], C]) -> Events[C]:
        async with aclosing(events):
            async for event in events:
                context = begin()
                of_event = executor.build_per_event_executor(event)
                of_event.context_value = context
                result = of_event.execute_operation(serially=False)
                yield (await result if executor.is_awaitable(result) else result), context

    def _executor(
        self,
        kind: Any,
        document: Document,
        name: str | None,
        variables: Mapping[str, Any] | None,
        context: C,
    ) -> Any:
        """Return an executor, whose types graphql-core leaves partly unknown."""
        try:
            executor: Any = kind.build(
                self._schema,
                document.node,
                context_value=context,
                raw_variable_values=dict(variables or {}),
                operation_name=name or None,
                hide_suggestions=not self._suggestions,
            )
        except RecursionError:
            raise Rejected([GraphQLError("The variables are nested too deeply.")]) from None
        if isinstance(executor, list):
            raise Rejected(cast("list[GraphQLError]", executor))
        return executor
