"""The private APIs of libraries that the gateway uses, each with a reason and a check that it still exists.

Private is what a library does not document, or documents as internal. `tests/test_private_apis.py` fails if one of them
goes away, if a library has another version than the one checked, and if the source uses one that is not listed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

import h11
import httpcore
import httpx
import strawberry
from graphql import GraphQLSchema
from graphql import execution as graphql_core
from graphql.execution import Executor
from graphql.execution.incremental import IncrementalExecutor
from httpcore._async.http11 import AsyncHTTP11Connection
from strawberry.types.field import StrawberryField

from ordergraph.graph.derived_field import DerivedField


@dataclass(frozen=True, slots=True)
class PrivateApi:
    """A private API of a library: the module that uses it, the reason, and a check that it exists."""

    library: str
    version: str
    what: str
    used_in: str
    reason: str
    is_there: Callable[[], bool]


class _Colour(Enum):
    RED = "Like blood."


@strawberry.type
class _Query:
    colour: int


def _has_core_schema() -> bool:
    return isinstance(cast("Any", strawberry.Schema(_Query))._schema, GraphQLSchema)


def _has_enum_values() -> bool:
    definition = cast("Any", strawberry.enum(_Colour)).__strawberry_definition__
    return [value.name for value in definition.values] == ["RED"] and hasattr(definition.values[0], "description")


def _reads_by_get_result() -> bool:
    return DerivedField.get_result is not StrawberryField.get_result and callable(StrawberryField.get_result)


def _has_executors() -> bool:
    names = ("build", "build_resolve_info", "execute_operation", "build_per_event_executor")
    return all(callable(getattr(kind, name, None)) for kind in (Executor, IncrementalExecutor) for name in names)


def _has_event_streams() -> bool:
    return callable(getattr(graphql_core, "create_source_event_stream", None))


def _has_pool() -> bool:
    pool: Any = cast("Any", httpx.AsyncHTTPTransport())._pool
    connection = pool.create_connection(httpcore.Origin(b"http", b"example.com", 80))
    return callable(connection._connect) and connection._connection is None and ", NEW," not in connection.info()


def _has_state_of_h11() -> bool:
    connection: Any = AsyncHTTP11Connection(
        httpcore.Origin(b"http", b"example.com", 80), cast("Any", httpcore.AsyncMockStream([]))
    )
    state: h11.Connection = connection._h11_state
    return state.trailing_data == (b"", False) and ", NEW," in connection.info()


PRIVATE_APIS = (
    PrivateApi(
        "strawberry-graphql",
        "0.341",
        "`Schema._schema`",
        "graph/schema.py",
        "Validation, execution and printing need graphql-core's schema, which Strawberry does not expose.",
        _has_core_schema,
    ),
    PrivateApi(
        "strawberry-graphql",
        "0.341",
        "`__strawberry_definition__` of enums",
        "graph/scalars.py",
        "An enum's values get their descriptions from the domain's enums.",
        _has_enum_values,
    ),
    PrivateApi(
        "strawberry-graphql",
        "0.341",
        "`StrawberryField.get_result`",
        "graph/derived_field.py",
        "A derived field reads an attribute of a struct and decodes it.",
        _reads_by_get_result,
    ),
    PrivateApi(
        "graphql-core",
        "3.3",
        "`Executor`, `IncrementalExecutor`",
        "execution/executor.py",
        "Documents are parsed and validated once; resolvers get coerced variables as a plain dictionary.",
        _has_executors,
    ),
    PrivateApi(
        "graphql-core",
        "3.3",
        "`create_source_event_stream(executor)`",
        "execution/executor.py",
        "Each event of a subscription has a context of its own.",
        _has_event_streams,
    ),
    PrivateApi(
        "httpcore",
        "1.0",
        "`create_connection` of the pool, `_connect` and `_connection` of a connection",
        "upstream/transport.py",
        "A call that is cancelled right after connecting would leave a connection open.",
        _has_pool,
    ),
    PrivateApi(
        "httpcore",
        "1.0",
        "`_h11_state` of a connection",
        "upstream/transport.py",
        "Data that a vendor sends after a response, or endlessly before one, must not reach the next call.",
        _has_state_of_h11,
    ),
)
