"""The parameters of GraphQL requests, independent of the transport."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from starlette.datastructures import QueryParams

from ordergraph.server.responses import Refused
from ordergraph.wire.nesting import MAX_DEPTH, too_deep

NAMES = ("query", "documentId", "operationName", "variables", "extensions")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of a request. ``query`` may be None if another parameter names the document."""

    query: str | None
    document_id: str | None
    operation_name: str | None
    variables: Mapping[str, Any] | None
    extensions: Mapping[str, Any] | None

    @staticmethod
    def of(value: object) -> GraphQLRequest:
        """Read the parameters from a JSON value. Raises Refused if it is not an object, or one has the wrong type."""
        if not isinstance(value, dict):
            raise Refused(400, 'A GraphQL request must be a JSON object with a "query".')
        fields = cast("dict[str, Any]", value)
        return GraphQLRequest(
            _text(fields, "query"),
            _text(fields, "documentId"),
            _text(fields, "operationName"),
            _object(fields, "variables"),
            _object(fields, "extensions"),
        )


def from_query_string(given: QueryParams) -> GraphQLRequest:
    """Read the parameters of a GET request. Raises Refused if one is invalid."""
    fields: dict[str, Any] = {name: given[name] for name in NAMES if given.get(name)}
    for name in ("variables", "extensions"):
        if name in fields:
            fields[name] = decode(fields[name].encode(errors="replace"), f"`{name}` is not valid JSON.")
    return GraphQLRequest.of(fields)


def from_body(body: bytes, most: int) -> GraphQLRequest | Sequence[GraphQLRequest]:
    """Read the parameters of a POST request, or of each request of a batch with at most ``most`` requests.

    Raises Refused if they are invalid.
    """
    value = decode(body, "The request body is not valid JSON.")
    if not isinstance(value, list):
        return GraphQLRequest.of(value)
    batch = cast("list[object]", value)
    if most == 1:
        raise Refused(400, "Batching is turned off. Send one request at a time.")
    if not 1 <= len(batch) <= most:
        raise Refused(400, f"A batch must have 1 to {most} requests. This one has {len(batch)}.")
    return [GraphQLRequest.of(one) for one in batch]


def decode(body: bytes, otherwise: str) -> object:
    """Return the JSON value of a body. Raises Refused if it is invalid, with ``otherwise``, or too deeply nested."""
    try:
        value: object = json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(400, otherwise) from None
    if too_deep(body):
        raise Refused(400, f"The JSON is nested too deeply. The limit is {MAX_DEPTH} levels.")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(400, f"`{name}` must be a string.")
    return value


def _object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, dict):
        raise Refused(400, f"`{name}` must be an object.")
    return cast("Mapping[str, Any] | None", value)
