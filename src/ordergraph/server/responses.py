"""Responses to clients: results and errors as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import structlog
from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ordergraph.execution import Rejected
from ordergraph.graph.errors import name_errors
from ordergraph.server.negotiation import GRAPHQL, JSON
from ordergraph.upstream.request_scope import current_request

log = structlog.get_logger(__name__)

Json = dict[str, Any]

LOGGED = 200
"""The number of characters of a message that are logged. The message may quote the client."""
PARTIAL = 294
UNPROCESSABLE = 422


class Refused(Exception):
    """A request that is rejected before execution, with its HTTP status and error code."""

    def __init__(
        self, status: int, message: str, code: str = "BAD_USER_INPUT", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers

    def errors(self) -> Sequence[Json]:
        """Log the rejection, and return it in the format of GraphQL errors. Retrying does not help."""
        log.info("request rejected", status=self.status, code=self.code, message=str(self)[:LOGGED])
        extensions = {"code": self.code, "isRetryable": False, "requestId": current_request().id}
        return [{"message": str(self), "extensions": extensions}]

    def response(self) -> Response:
        """Log the rejection, and return it as a response."""
        return json_response({"errors": self.errors()}, self.status, JSON, self.headers)


def json_response(
    content: object, status: int = 200, media: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a response with a JSON body, which must not be cached unless ``headers`` say otherwise."""
    headers = {"Cache-Control": "no-store", **(headers or {})}
    return Response(encode(content), status, headers, f"{media}; charset=utf-8")


def encode(content: object) -> bytes:
    """Encode JSON in ASCII, so that any text that a client sent can be returned, even invalid Unicode."""
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()


def rejected(found: Rejected, request_id: str | None) -> Sequence[Json]:
    """Return the errors of a document that was not executed, in the format of GraphQL."""
    return [cast("Json", error.formatted) for error in name_errors(found.errors, request_id)]


def failed(error: Exception, request_id: str | None) -> Sequence[Json]:
    """Return the error that ended a stream, in the format of GraphQL."""
    raised = error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
    return [cast("Json", one.formatted) for one in name_errors([raised], request_id)]


def status_of_rejected(found: Rejected, media: str, statuses: str) -> int:
    """Return the HTTP status of a rejected document. Clients that accept only JSON expect 200 with errors."""
    if media != GRAPHQL:
        return 200
    return UNPROCESSABLE if statuses == "2026" and not found.malformed else 400


def status_of_result(result: Mapping[str, Any], media: str, statuses: str) -> int:
    """Return the HTTP status of an executed operation."""
    partial = media == GRAPHQL and "errors" in result and result.get("data") is not None
    return PARTIAL if partial and statuses == "2026" else 200


async def http_error(_request: Request, error: Exception) -> Response:
    """Return errors of the framework, such as an unknown path, and unexpected errors in the format of GraphQL."""
    if isinstance(error, HTTPException):
        return Refused(error.status_code, error.detail, headers=error.headers).response()
    log.error("unexpected error", exc_info=error)
    return Refused(500, "Internal server error", "INTERNAL_SERVER_ERROR").response()
