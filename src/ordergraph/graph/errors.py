"""The one place where errors become GraphQL: `extensions` of an error, or user errors of a payload."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import strawberry
import structlog
from graphql import GraphQLError

from ordergraph.domain import errors
from ordergraph.connector import Connector
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
    "UNAUTHENTICATED": "There is no key with the request, or one that nobody has; the HTTP status is 401.",
    "FORBIDDEN": "Your key lacks a scope, or pages of this origin may not connect: the message says which.",
    "BAD_USER_INPUT": "An argument or a variable is wrong; the message says how.",
    "GRAPHQL_PARSE_FAILED": "The document is not GraphQL.",
    "GRAPHQL_VALIDATION_FAILED": "The document does not fit the schema, or is larger than allowed.",
    "PERSISTED_QUERY_NOT_FOUND": "No document of this hash is known here: send its text along once.",
    "PERSISTED_QUERY_NOT_SUPPORTED": "Hashes instead of documents are switched off here: send the text.",
    "PERSISTED_QUERY_NOT_IN_LIST": "No document of this name is on the operator's list.",
    "QUERY_NOT_IN_SAFELIST": "Only documents on the operator's list are executed here, and this is none of them.",
    "SERVICE_RESTARTING": "The gateway restarts, and ends its streams: connect again.",
    "INTERNAL_SERVER_ERROR": "A fault of ordergraph; `requestId` finds it in the log.",
    "LEDGER_UNAVAILABLE": "The gateway's own database does not work at the moment.",
    "TOO_MANY_WATCHES": "You watch as many orders and operations at once as you may.",
    "SLOW_CONSUMER": "You have not taken what you were told for too long, and the subscription has ended.",
    "VENDOR_UNAVAILABLE": "The vendor cannot be reached, or answers with a server error.",
    "VENDOR_TIMEOUT": "The vendor did not answer in time.",
    "VENDOR_RATE_LIMITED": "The vendor takes no more calls; `retryAfter` says for how long.",
    "VENDOR_LOGIN_FAILED": "The account's credentials do not work: its owner must mend them.",
    "VENDOR_FORBIDDEN": "The account's user may not read this at the vendor.",
    "VENDOR_REJECTED": "The vendor refused a request that should be right.",
    "VENDOR_BAD_REPLY": "The vendor's answer breaks its own contract.",
}
"""Every code of an error in `errors`, and what it means; none of them is a UserErrorCode."""


@strawberry.type(description="Why a mutation was not done. An empty list means that it was.")
class UserError:
    """The graph's form of `errors.UserError`."""

    code: UserErrorCode = strawberry.field(description="What kind of reason; stable, for programs.")
    message: str = strawberry.field(description="What is wrong and what to do, in English, for people.")
    field: list[str] | None = strawberry.field(
        description='The path of the input that is wrong, from `input` on: `["input", "lineItems", "0", "quantity"]`.'
    )
    vendor_code: str | None = strawberry.field(description="The vendor's own code or state, where it gave one.")
    vendor_message: str | None = strawberry.field(description="The vendor's own words, where it gave any.")
    retryable: bool = strawberry.field(description="Whether the same input may succeed later.")


def user_errors(error: OrdergraphError, connector: Connector) -> Sequence[errors.UserError]:
    """What kept a mutation from being done, for the payload."""
    if isinstance(error, ActionRefused):
        return error.errors
    if isinstance(error, VendorRejected):
        return list(_vendor_said(error, connector))
    if isinstance(error, LedgerUnavailable):  # the vendor may have done it, and the gateway could not keep it
        code = UserErrorCode.OUTCOME_IN_DOUBT
        return [errors.UserError(code, f"{error}. {code.value}")]
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
        message=told if refusal and told else f"{error}. {code.value}",
        field=path,
        vendor_code=error.problem.code,
        vendor_message=said,
        retryable=code is UserErrorCode.NOT_SENT,
    )


def name_errors(found: Iterable[GraphQLError], request_id: str | None) -> list[GraphQLError]:
    """The errors as clients see them; the log has them too, with the request id."""
    errors = list(found)
    _log_unexpected(errors, request_id)
    answered = [named(error, request_id) for error in errors]
    _log_expected(answered, request_id)
    return answered


def named(error: GraphQLError, request_id: str | None) -> GraphQLError:
    """The error as clients see it."""
    cause = cause_of(error)
    extensions: dict[str, Any]
    if isinstance(cause, OrdergraphError) and cause.code in GRAPHQL_CODES:
        # of a wrong literal or variable, GraphQL's own message also says where it is
        message = error.message if isinstance(cause, InputError) else str(cause)
        extensions = _extensions(cause)
    elif cause is None or isinstance(cause, GraphQLError):
        message, extensions = error.message, {"code": _graphql_code(error), "retryable": False}
    else:
        message, extensions = "Internal server error", {"code": "INTERNAL_SERVER_ERROR", "retryable": False}
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
    """What was raised in the first place, None (or a GraphQLError) where GraphQL itself complains."""
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _log_unexpected(found: Iterable[GraphQLError], request_id: str | None) -> None:
    """Log the errors that we must mend; the others are the caller's or a vendor's."""
    for error in found:
        cause = cause_of(error)
        if cause is not None and not isinstance(cause, GraphQLError | OrdergraphError):
            log.error("unexpected error", request_id=request_id, path=error.path, exc_info=cause)


def _log_expected(answered: Iterable[GraphQLError], request_id: str | None) -> None:
    """One line for the errors of an answer that are not ours, without their messages: these may quote an order."""
    told = [cast("dict[str, Any]", error.extensions) for error in answered]
    codes = sorted({one["code"] for one in told} - {"INTERNAL_SERVER_ERROR"})
    accounts = sorted({one["account"] for one in told if "account" in one})
    if codes:
        log.info("errors in answer", request_id=request_id, codes=codes, accounts=accounts)


def _extensions(cause: OrdergraphError) -> dict[str, Any]:
    found: dict[str, Any] = {"code": cause.code, "retryable": cause.retryable}
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
