"""Answers GraphQL requests, whatever they came over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from graphql import ExecutionResult, GraphQLError, OperationType

from ordergraph.upstream.cache import let_older_stand_in, lifetime, not_before
from ordergraph.settings.callers import Caller
from ordergraph.connector import Connector
from ordergraph.execution import Document, Execution, Incremental
from ordergraph.graph.context import Context
from ordergraph.graph.errors import name_errors

from ordergraph.ledger import Ledger
from ordergraph.server.responses import Json, failed
from ordergraph.server.request import GraphQLRequest
from ordergraph.server.persisted import Persisted
from ordergraph.watch import Watches

Stream = AsyncGenerator[Json, None]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that can be executed."""

    document: Document
    params: GraphQLRequest
    kind: OperationType


class Gateway:
    """Prepares operations and executes them, each in a context of its own.

    ``seconds`` is what the vendors get for what one of them reads; ``costs``: answers say what they cost, unless who
    asks says otherwise.
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
        """The context of a request that begins now; its id goes to the vendors, into every error and into the log.

        ``anew``: nothing that was read before is good enough for it. ``tells_cost``: its answer says what it cost.
        """
        request_id.set(id_)
        deadline.set(time.monotonic() + self._seconds)
        if anew:
            not_before.set(time.monotonic())
        else:
            let_older_stand_in()
        context = Context(caller, self._connectors, self._ledger, self._watches, id_)
        context.tells_cost = tells_cost
        upstream_calls.set(context.upstream_calls)
        lifetime.set(context.lifetime)
        return context

    def tells_cost(self, asked: str | None) -> bool:
        """Whether answers say what they cost, to who asks for it in these words, or in none."""
        return self._costs if asked is None else asked.strip() != "0"

    def prepare(self, params: GraphQLRequest) -> Operation:
        """What is to be executed; raise Rejected for a document that is wrong, Refused if there is none."""
        document = self._documents.document(params)
        return Operation(document, params, document.kind(params.operation_name))

    async def result(self, operation: Operation, context: Context) -> Json:
        """The result of a query or a mutation in one piece; raise Rejected if the variables do not fit.

        A mutation goes on when who asked is gone: what began to be sent has to have its outcome recorded.
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
        """The result of a query whose deferred parts come later, or all of it if nothing is deferred."""
        params = operation.params
        result = await self._execution.run(
            operation.document, params.operation_name, params.variables, context, in_parts=True
        )
        return _parts(result, context) if isinstance(result, Incremental) else formatted(result, context)

    async def events(self, operation: Operation, context: Context) -> Stream:
        """The results of a subscription, each with a context of its own; raise Rejected if it cannot begin.

        What ends it is the last one: errors without ``data``.
        """
        params = operation.params
        results = await self._execution.subscribe(
            operation.document,
            params.operation_name,
            params.variables,
            context,
            lambda: self.begin(context.caller, context.request_id, tells_cost=context.tells_cost),
        )

        async def stream() -> Stream:
            async with aclosing(results):
                try:
                    async for result, its_own in results:
                        yield formatted(result, its_own)
                except Exception as error:  # whatever it is, the client is told
                    yield {"errors": failed(error, context.request_id)}

        return stream()


async def alone(result: Json) -> Stream:
    """A result in one piece, as a stream."""
    yield result


def formatted(result: ExecutionResult, context: Context) -> Json:
    """A result as clients see it."""
    if result.errors:
        result.errors = name_errors(result.errors, context.request_id)
    return {**cast("Json", result.formatted), **cost(context)}


def cost(context: Context) -> Json:
    """What an operation has cost, as an answer says it to who wants to know."""
    if not context.tells_cost:
        return {}
    calls = context.upstream_calls
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
    return name_errors(errors, context.request_id) if errors else errors
