"""Converts errors to GraphQL: to the `extensions` of an error, or to the user errors of a payload."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import strawberry
import structlog
from graphql import GraphQLError

from ordergraph.connector import Connector
from ordergraph.domain import errors
from ordergraph.domain.errors import (
    ActionRefused,
    InputError,
    LedgerUnavailable,
    OrdergraphError,
    UserErrorCode,
    VendorConflict,
    VendorError,
    VendorForbidden,
    VendorLoginFailed,
    VendorNotFound,
    VendorRejected,
)
from ordergraph.graph.scalars import graph_enum

log = structlog.get_logger(__name__)

graph_enum(UserErrorCode)

GRAPHQL_CODES = {
    "UNAUTHENTICATED": "The API key is missing or invalid. The HTTP status is 401.",
    "FORBIDDEN": "The API key lacks a scope, or the origin of the page is not allowed. See the message.",
    "BAD_USER_INPUT": "An argument or a variable is invalid. See the message for details.",
    "GRAPHQL_PARSE_FAILED": "The document is not valid GraphQL.",
    "GRAPHQL_VALIDATION_FAILED": "The document is not valid against the schema, or exceeds a limit.",
    "PERSISTED_QUERY_NOT_FOUND": "The hash of the document is unknown. Send the request again with the document.",
    "PERSISTED_QUERY_NOT_SUPPORTED": "Persisted queries are disabled. Send the document.",
    "PERSISTED_QUERY_NOT_IN_LIST": "The operator's list of documents has no document with this name.",
    "QUERY_NOT_IN_SAFELIST": "Only documents on the operator's list are executed. This one is not on the list.",
    "SERVICE_RESTARTING": "The gateway is restarting and closes its streams. Reconnect.",
    "INTERNAL_SERVER_ERROR": "An error in ordergraph. Use `requestId` to find it in the log.",
    "LEDGER_UNAVAILABLE": "The gateway's own database is currently unavailable.",
    "TOO_MANY_WATCHES": "You have reached the maximum number of watched orders and operations.",
    "SLOW_CONSUMER": "The client read events too slowly, and the subscription has ended.",
    "VENDOR_UNAVAILABLE": "The vendor cannot be reached, or responds with a server error.",
    "VENDOR_TIMEOUT": "The request to the vendor timed out.",
    "VENDOR_RATE_LIMITED": "The vendor's rate limit is exceeded. Retry after `retryAfter` seconds.",
    "VENDOR_LOGIN_FAILED": "The account's credentials do not work. The owner of the account must fix them.",
    "VENDOR_FORBIDDEN": "The account's user does not have permission to read this at the vendor.",
    "VENDOR_REJECTED": "The vendor refused a request that should be valid.",
    "VENDOR_BAD_REPLY": "The vendor's response violates its own API contract.",
}
"""The codes of errors in `errors`, with their meaning. None of them is a UserErrorCode."""


@strawberry.type(description="A reason why a mutation was not performed. An empty list means that it was.")
class UserError:
    """The graph's form of `errors.UserError`."""

    code: UserErrorCode = strawberry.field(description="The code of the error. It is stable and intended for programs.")
    message: str = strawberry.field(description="A description of the error and what to do about it, in English.")
    field: list[str] | None = strawberry.field(
        description="The path of the invalid value, starting at `input`, such as "
        '`["input", "lineItems", "0", "quantity"]`. Null if the error is not about a single value.'
    )
    vendor_code: str | None = strawberry.field(
        description="The error code or status reported by the vendor. Null if it reports none."
    )
    vendor_message: str | None = strawberry.field(description="The error message of the vendor. Null if it sent none.")
    retryable: bool = strawberry.field(name="isRetryable", description="Whether retrying the same input may succeed.")


def user_errors(error: OrdergraphError, connector: Connector) -> Sequence[errors.UserError]:
    """Return the user errors for the payload of a mutation that failed with an error."""
    if isinstance(error, ActionRefused):
        return error.errors
    if isinstance(error, VendorRejected):
        return list(_vendor_said(error, connector))
    if isinstance(error, LedgerUnavailable):  # the vendor may have performed it, and the gateway could not store it
        code = UserErrorCode.OUTCOME_IN_DOUBT
        return [errors.UserError(code, f"{error} {code.value}")]
    if not isinstance(error, VendorError):
        return [errors.UserError(UserErrorCode.INVALID, str(error), ("input",))]
    if isinstance(error, VendorForbidden | VendorLoginFailed):
        return [_user_error(UserErrorCode.NO_PERMISSION, error)]
    if error.nothing_done:
        return [_user_error(UserErrorCode.NOT_SENT, error)]
    return [_user_error(UserErrorCode.OUTCOME_IN_DOUBT, error)]


def _vendor_said(error: VendorRejected, connector: Connector) -> Iterable[errors.UserError]:
    if isinstance(error, VendorNotFound):
        code = UserErrorCode.NOT_FOUND
    else:
        conflict = isinstance(error, VendorConflict)
        code = UserErrorCode.WRONG_STATUS if conflict else UserErrorCode.REJECTED_BY_VENDOR
    for path, sentences in error.problem.fields.items():
        for sentence in sentences:
            yield _user_error(code, error, connector.field_path(error.operation, path), path, sentence)
    if not error.problem.fields:
        yield _user_error(code, error)


def _user_error(
    code: UserErrorCode,
    error: VendorError,
    path: Sequence[str] | None = None,
    vendor_path: str | None = None,
    words: str | None = None,
) -> errors.UserError:
    said = words or error.problem.message
    refusal = isinstance(error, VendorRejected)
    told = f"{vendor_path}: {said}" if vendor_path else said
    return errors.UserError(
        code=code,
        message=told if refusal and told else f"{error} {code.value}",
        field=path,
        vendor_code=error.problem.code,
        vendor_message=said,
        retryable=code is UserErrorCode.NOT_SENT,
    )


def name_errors(found: Iterable[GraphQLError], request_id: str | None) -> list[GraphQLError]:
    """Return the errors as clients see them, and log them with the request ID."""
    errors = list(found)
    _log_unexpected(errors, request_id)
    answered = [named(error, request_id) for error in errors]
    _log_expected(answered, request_id)
    return answered


def named(error: GraphQLError, request_id: str | None) -> GraphQLError:
    """Return the error as clients see it."""
    cause = cause_of(error)
    extensions: dict[str, Any]
    if isinstance(cause, OrdergraphError) and cause.code in GRAPHQL_CODES:
        # for an invalid literal or variable, GraphQL's own message also has the position
        message = error.message if isinstance(cause, InputError) else str(cause)
        extensions = _extensions(cause)
    elif cause is None or isinstance(cause, GraphQLError):
        message, extensions = error.message, {"code": _graphql_code(error), "isRetryable": False}
    else:
        message, extensions = "Internal server error", {"code": "INTERNAL_SERVER_ERROR", "isRetryable": False}
    extensions["requestId"] = request_id
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def cause_of(error: GraphQLError) -> BaseException | None:
    """Return the original exception, None (or a GraphQLError) if GraphQL itself raised the error."""
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _log_unexpected(found: Iterable[GraphQLError], request_id: str | None) -> None:
    """Log bugs of ordergraph. All other errors are caused by the caller or a vendor."""
    for error in found:
        cause = cause_of(error)
        if cause is not None and not isinstance(cause, GraphQLError | OrdergraphError):
            log.error("unexpected error", request_id=request_id, path=error.path, exc_info=cause)


def _log_expected(answered: Iterable[GraphQLError], request_id: str | None) -> None:
    """Log one line for all other errors of a response, without their messages, which may quote an order."""
    told = [cast("dict[str, Any]", error.extensions) for error in answered]
    codes = sorted({one["code"] for one in told} - {"INTERNAL_SERVER_ERROR"})
    accounts = sorted({one["account"] for one in told if "account" in one})
    if codes:
        log.info("errors in response", request_id=request_id, codes=codes, accounts=accounts)


def _extensions(cause: OrdergraphError) -> dict[str, Any]:
    found: dict[str, Any] = {"code": cause.code, "isRetryable": cause.retryable}
    if isinstance(cause, VendorError):
        found |= {"vendor": cause.vendor.upper(), "account": cause.account, "retryAfter": cause.retry_after}
    return found


def _graphql_code(error: GraphQLError) -> str:
    if error.message.startswith("Syntax Error: Document contains more than"):
        return "GRAPHQL_VALIDATION_FAILED"  # it is larger than allowed
    if error.message.startswith("Syntax Error"):
        return "GRAPHQL_PARSE_FAILED"
    if error.path or error.message.startswith("Variable "):
        return "BAD_USER_INPUT"
    return "GRAPHQL_VALIDATION_FAILED"
