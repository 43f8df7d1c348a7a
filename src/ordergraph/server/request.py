"""What a GraphQL request says, whichever way it came."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from starlette.datastructures import QueryParams

from ordergraph.wire.nesting import MAX_DEPTH, too_deep
from ordergraph.server.responses import Refused

NAMES = ("query", "documentId", "operationName", "variables", "extensions")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of a request; ``query`` may be missing where something else names the document."""

    query: str | None
    document_id: str | None
    operation_name: str | None
    variables: Mapping[str, Any] | None
    extensions: Mapping[str, Any] | None

    @staticmethod
    def of(value: object) -> GraphQLRequest:
        """The parameters of a JSON object; raise Refused if it is none, or has one of the wrong type."""
        if not isinstance(value, dict):
            raise Refused(400, 'a request is a JSON object with a "query"')
        fields = cast("dict[str, Any]", value)
        return GraphQLRequest(
            _text(fields, "query"),
            _text(fields, "documentId"),
            _text(fields, "operationName"),
            _object(fields, "variables"),
            _object(fields, "extensions"),
        )


def from_query_string(given: QueryParams) -> GraphQLRequest:
    """The parameters of a GET; raise Refused if one of them is wrong."""
    fields: dict[str, Any] = {name: given[name] for name in NAMES if given.get(name)}
    for name in ("variables", "extensions"):
        if name in fields:
            fields[name] = decode(fields[name].encode(errors="replace"), f"`{name}` is not JSON")
    return GraphQLRequest.of(fields)


def from_body(body: bytes, most: int) -> GraphQLRequest | Sequence[GraphQLRequest]:
    """The parameters of a POST, several where it is a batch of at most so many; raise Refused if they are wrong."""
    value = decode(body, "the body is not JSON")
    if not isinstance(value, list):
        return GraphQLRequest.of(value)
    batch = cast("list[object]", value)
    if most == 1:
        raise Refused(400, "batches are switched off here: send one request at a time")
    if not 1 <= len(batch) <= most:
        raise Refused(400, f"a batch has 1 to {most} requests, not {len(batch)}")
    return [GraphQLRequest.of(one) for one in batch]


def decode(body: bytes, otherwise: str) -> object:
    """The JSON value; raise Refused where it is none, or nested too deeply."""
    try:
        value: object = json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(400, otherwise) from None
    if too_deep(body):
        raise Refused(400, f"JSON may be nested {MAX_DEPTH} levels deep, and this is nested deeper")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(400, f"`{name}` must be a string")
    return value


def _object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, dict):
        raise Refused(400, f"`{name}` must be an object")
    return cast("Mapping[str, Any] | None", value)
