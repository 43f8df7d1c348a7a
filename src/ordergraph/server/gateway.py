"""Executes GraphQL requests, independent of the transport."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, cast

from graphql import ExecutionResult, GraphQLError, OperationType

from ordergraph.connector import Connector
from ordergraph.execution import Document, Execution, Incremental
from ordergraph.graph.context import Context
from ordergraph.graph.errors import name_errors
from ordergraph.ledger import Ledger
from ordergraph.server.persisted import Persisted
from ordergraph.server.request import GraphQLRequest
from ordergraph.server.responses import Json, failed
from ordergraph.settings.callers import Caller
from ordergraph.upstream.request_scope import RequestScope, set_request
from ordergraph.watch import Watches

Stream = AsyncGenerator[Json, None]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that can be executed."""

    document: Document
    params: GraphQLRequest
    kind: OperationType


class Gateway:
    """Prepares and executes operations, each in its own context.

    ``seconds`` is the time limit for the reads of an operation. If ``costs`` is true, responses include their cost by
    default.
    """

    def __init__(
        self,
        documents: Persisted,
        execution: Execution[Context],
        connectors: Mapping[str, Connector],
        ledger: Ledger,
        watches: Watches,
        seconds: float,
        *,
        costs: bool,
    ) -> None:
        self._documents = documents
        self._execution = execution
        self._connectors = connectors
        self._ledger = ledger
        self._watches = watches
        self._seconds = seconds
        self._costs = costs
        self._mutations: set[asyncio.Task[Json]] = set()

    def begin(self, caller: Caller, id_: str, *, anew: bool = False, tells_cost: bool = False) -> Context:
        """Return the context of a new request. Its ID is sent to the vendors, and added to errors and to the log.

        If ``anew`` is true, cached data are not used. If ``tells_cost`` is true, the response includes its cost.
        """
        now = time.monotonic()
        request = RequestScope(id_, deadline=now + self._seconds)
        request = replace(request, not_before=now) if anew else replace(request, fallbacks=[])
        set_request(request)
        context = Context(caller, self._connectors, self._ledger, self._watches, request)
        context.tells_cost = tells_cost
        return context

    def tells_cost(self, asked: str | None) -> bool:
        """Whether a response includes its cost, by the value of the client's header; None if it sent none."""
        return self._costs if asked is None else asked.strip() != "0"

    def prepare(self, params: GraphQLRequest) -> Operation:
        """Return the operation to execute. Raises Rejected for an invalid document, Refused if there is none."""
        document = self._documents.document(params)
        return Operation(document, params, document.kind(params.operation_name))

    async def result(self, operation: Operation, context: Context) -> Json:
        """Return the complete result of a query or a mutation. Raises Rejected for invalid variables.

        A mutation continues if the client disconnects, so that the outcome of its calls is recorded.
        """
        if operation.kind is not OperationType.MUTATION:
            return await self._result(operation, context)
        task = asyncio.create_task(self._result(operation, context))
        self._mutations.add(task)
        task.add_done_callback(self._mutations.discard)
        return await asyncio.shield(task)

    async def _result(self, operation: Operation, context: Context) -> Json:
        params = operation.params
        result = await self._execution.run(operation.document, params.operation_name, params.variables, context)
        return formatted(cast("ExecutionResult", result), context)

    async def parts(self, operation: Operation, context: Context) -> Json | Stream:
        """Return the result of a query as a stream of deferred parts, or the complete result if nothing is deferred."""
        params = operation.params
        result = await self._execution.run(
            operation.document, params.operation_name, params.variables, context, in_parts=True
        )
        return _parts(result, context) if isinstance(result, Incremental) else formatted(result, context)

    async def events(self, operation: Operation, context: Context) -> Stream:
        """Return the results of a subscription, each with its own context. Raises Rejected if it cannot start.

        If an error ends the subscription, the last result has errors without ``data``.
        """
        params = operation.params
        results = await self._execution.subscribe(
            operation.document,
            params.operation_name,
            params.variables,
            context,
            lambda: self.begin(context.caller, context.request.id, tells_cost=context.tells_cost),
        )

        async def stream() -> Stream:
            async with aclosing(results):
                try:
                    async for result, its_own in results:
                        yield formatted(result, its_own)
                except Exception as error:  # report any error to the client
                    yield {"errors": failed(error, context.request.id)}

        return stream()


async def alone(result: Json) -> Stream:
    """Return a complete result as a stream."""
    yield result


def formatted(result: ExecutionResult, context: Context) -> Json:
    """Return a result as it is sent to clients."""
    if result.errors:
        result.errors = name_errors(result.errors, context.request.id)
    return {**cast("Json", result.formatted), **cost(context)}


def cost(context: Context) -> Json:
    """Return the response's extension with the cost of an operation, if the client requested it."""
    if not context.tells_cost:
        return {}
    calls = context.request.upstream_calls
    by_account = [{"account": name, "calls": calls[name]} for name in sorted(calls)]
    return {"extensions": {"cost": {"upstreamCalls": calls.total(), "byAccount": by_account}}}


async def _parts(results: Incremental, context: Context) -> Stream:
    first = results.initial_result
    first.errors = _named(first.errors, context)
    yield cast("Json", first.formatted)
    async with aclosing(cast("AsyncGenerator[Any, None]", results.subsequent_results)) as subsequent:
        async for part in subsequent:
            for one in (*(part.incremental or ()), *(part.completed or ())):
                one.errors = _named(one.errors, context)
            yield part.formatted if part.has_next else {**part.formatted, **cost(context)}


def _named(errors: list[GraphQLError] | None, context: Context) -> list[GraphQLError] | None:
    return name_errors(errors, context.request.id) if errors else errors
