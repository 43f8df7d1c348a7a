"""What goes back to a client: results and errors as JSON."""

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

log = structlog.get_logger(__name__)

Json = dict[str, Any]

LOGGED = 200
"""Characters of a message, which may quote the client."""
PARTIAL = 294
UNPROCESSABLE = 422


class Refused(Exception):
    """A request that is not GraphQL, or cannot be answered over HTTP, with its status and our code."""

    def __init__(
        self, status: int, message: str, code: str = "BAD_USER_INPUT", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers

    def errors(self) -> Sequence[Json]:
        """It in the form of GraphQL's errors, none of which goes away by itself, and in the log."""
        log.info("request refused", status=self.status, code=self.code, message=str(self)[:LOGGED])
        extensions = {"code": self.code, "retryable": False, "requestId": request_id.get()}
        return [{"message": str(self), "extensions": extensions}]

    def response(self) -> Response:
        """It as an answer, and in the log."""
        return json_response({"errors": self.errors()}, self.status, JSON, self.headers)


def json_response(
    content: object, status: int = 200, media: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer with a JSON body, not to be kept unless somebody says more."""
    headers = {"Cache-Control": "no-store", **(headers or {})}
    return Response(encode(content), status, headers, f"{media}; charset=utf-8")


def encode(content: object) -> bytes:
    """JSON in ASCII: whatever text a client sent goes back in one piece."""
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()


def rejected(found: Rejected, request_id: str | None) -> Sequence[Json]:
    """Why a document was not executed, in GraphQL's form."""
    return [cast("Json", error.formatted) for error in name_errors(found.errors, request_id)]


def failed(error: Exception, request_id: str | None) -> Sequence[Json]:
    """What ended a stream, in GraphQL's form."""
    raised = error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
    return [cast("Json", one.formatted) for one in name_errors([raised], request_id)]


def status_of_rejected(found: Rejected, media: str, statuses: str) -> int:
    """The HTTP status of what was not executed: clients of plain JSON look for errors in the body alone."""
    if media != GRAPHQL:
        return 200
    return UNPROCESSABLE if statuses == "2026" and not found.malformed else 400


def status_of_result(result: Mapping[str, Any], media: str, statuses: str) -> int:
    """The HTTP status of what was executed."""
    partial = media == GRAPHQL and "errors" in result and result.get("data") is not None
    return PARTIAL if partial and statuses == "2026" else 200


async def http_error(_request: Request, error: Exception) -> Response:
    """The errors of the framework, as an unknown path, and what nobody expected, in our form."""
    if isinstance(error, HTTPException):
        return Refused(error.status_code, error.detail, headers=error.headers).response()
    log.error("unexpected error", exc_info=error)
    return Refused(500, "Internal server error", "INTERNAL_SERVER_ERROR").response()
