"""Errors in GraphQL responses and in the log."""

import asyncio
import inspect
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast
from unittest.mock import Mock

import pytest
import structlog
from graphql import ExecutionResult, GraphQLError

from ordergraph import app
from ordergraph.connector import Connector
from ordergraph.domain import errors
from ordergraph.domain.errors import (
    ActionRefused,
    InputError,
    OrdergraphError,
    Problem,
    UserError,
    UserErrorCode,
    VendorError,
    VendorRejected,
)
from ordergraph.execution import Rejected
from ordergraph.graph.context import Context
from ordergraph.graph.errors import GRAPHQL_CODES, named, user_errors
from ordergraph.ledger import Ledger
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.server.gateway import formatted
from ordergraph.server.request import GraphQLRequest
from ordergraph.server.responses import Json, rejected
from ordergraph.settings import Settings, Timeouts
from ordergraph.settings.callers import Caller, Scope
from ordergraph.upstream.request_scope import RequestScope
from ordergraph.watch import Watches

DOCUMENTS, EXECUTION = app.executing(Settings())
CALLER = Caller("me", frozenset({"a"}), frozenset(Scope))
INTERNAL = "password=hunter2 at /srv/app.py"


def subclasses(base: type[VendorError]) -> Iterator[type[VendorError]]:
    yield base
    for one in base.__subclasses__():
        yield from subclasses(one)


VENDOR_ERRORS = sorted(set(subclasses(VendorError)), key=lambda one: one.__name__)


def test_every_error_is_drawn_in_the_tree() -> None:
    tree = errors.__doc__ or ""
    kinds = inspect.getmembers(errors, lambda one: inspect.isclass(one) and issubclass(one, OrdergraphError))
    assert [name for name, _ in kinds if name not in tree] == []


def test_codes_are_either_of_errors_or_of_user_errors() -> None:
    assert not set(GRAPHQL_CODES) & set(UserErrorCode.__members__)


@pytest.mark.parametrize("kind", [InputError, ActionRefused, *VENDOR_ERRORS])
def test_every_error_has_a_code_of_the_table(kind: type[OrdergraphError]) -> None:
    assert kind.code in GRAPHQL_CODES
    assert kind.code != "INTERNAL_SERVER_ERROR"


def located(cause: Exception) -> GraphQLError:
    return GraphQLError(str(cause), path=["orders", 0], original_error=cause)


@pytest.mark.parametrize("kind", VENDOR_ERRORS)
def test_vendor_error_is_named(kind: type[VendorError]) -> None:
    problem = Problem("17", "their words", {"x": ["y"]})
    error = named(located(kind("acme", "acme-uk", "get_order", status=599, problem=problem, retry_after=3.0)), "rid")
    assert error.message == f"The vendor `acme` (account `acme-uk`) {kind.says}."
    assert error.extensions == {
        "code": kind.code,
        "isRetryable": kind.retryable,
        "vendor": "ACME",
        "account": "acme-uk",
        "retryAfter": 3.0,
        "requestId": "rid",
    }
    assert error.path == ["orders", 0]
    assert error.original_error is None


@pytest.mark.parametrize(
    "cause", [InputError("no such thing"), ActionRefused(UserError(UserErrorCode.NOT_SUPPORTED, "no such thing"))]
)
def test_callers_mistake_is_named(cause: OrdergraphError) -> None:
    for error in (located(cause), located(located(cause))):
        found = named(error, None)
        assert found.message == "no such thing"
        assert found.extensions == {"code": "BAD_USER_INPUT", "isRetryable": False, "requestId": None}


@pytest.mark.parametrize("cause", [ValueError(INTERNAL), KeyError(INTERNAL), RecursionError(INTERNAL)])
def test_unexpected_error_is_hidden(cause: Exception) -> None:
    for error in (located(cause), located(located(cause))):
        found = named(error, "rid")
        assert INTERNAL not in str(found.formatted)
        assert found.message == "Internal server error"
        assert found.extensions is not None
        assert found.extensions["code"] == "INTERNAL_SERVER_ERROR"
        assert found.original_error is None


# ---- User errors ------------------------------------------------------------------------------------


class Acme:
    def field_path(self, *path: str) -> tuple[str, ...]:
        return ("input", path[-1])


ACME = cast("Connector", Acme())


@pytest.mark.parametrize("kind", VENDOR_ERRORS)
def test_every_vendor_error_becomes_a_user_error(kind: type[VendorError]) -> None:
    (error,) = user_errors(kind("acme", "acme-uk", "place_order"), ACME)
    assert "acme-uk" in error.message
    if not kind.nothing_done:
        assert error.code is UserErrorCode.OUTCOME_IN_DOUBT
        assert not error.retryable
    else:
        assert error.code is not UserErrorCode.OUTCOME_IN_DOUBT


def test_error_of_the_connection_is_in_doubt_unless_nothing_was_done() -> None:
    error = errors.VendorTimeout("acme", "acme-uk", "place_order")
    assert user_errors(error, ACME)[0].code is UserErrorCode.OUTCOME_IN_DOUBT
    error.nothing_done = True
    (found,) = user_errors(error, ACME)
    assert found.code is UserErrorCode.NOT_SENT
    assert found.retryable


def test_every_word_of_the_vendor_about_a_field_is_a_user_error() -> None:
    problem = Problem("7", "wrong", {"sku": ["unknown", "too long"], "x": ["missing"]})
    found = user_errors(VendorRejected("acme", "acme-uk", "place_order", problem=problem), ACME)
    assert [one.field for one in found] == [("input", "sku"), ("input", "sku"), ("input", "x")]
    assert {one.code for one in found} == {UserErrorCode.REJECTED_BY_VENDOR}


# ---- Errors through the schema ----------------------------------------------------------------------


class Broken:
    """An account in which every method has a bug."""

    name = "a"
    vendor = "nuvias"
    id = "Account:a"

    async def _fail(self, *_: object) -> Any:
        raise RuntimeError(INTERNAL)

    list_orders = list_products = fetch_orders = _fail


def run(query: str, variables: Mapping[str, Any] | None = None) -> tuple[Json, list[Any]]:
    ledger = Ledger(Store(MEMORY))
    watches = Watches({}, ledger.operations, 1)
    context = Context(CALLER, {"a": cast("Connector", Broken())}, ledger, watches, RequestScope("rid"))

    async def answer() -> Json:
        try:
            result = await EXECUTION.run(
                DOCUMENTS.document(GraphQLRequest.of({"query": query})), None, variables, context
            )
        except Rejected as found:
            return {"errors": rejected(found, "rid")}
        return formatted(cast("ExecutionResult", result), context)

    with structlog.testing.capture_logs() as logs:
        result = asyncio.run(answer())
    return result, cast("list[Any]", logs)


MISTAKES: list[tuple[str, Mapping[str, Any], str]] = [
    ("{", {}, "GRAPHQL_PARSE_FAILED"),
    ("{ nope }", {}, "GRAPHQL_VALIDATION_FAILED"),
    ("{ node { id } }", {}, "GRAPHQL_VALIDATION_FAILED"),
    ('{ node(id: "x") { id } }', {}, "BAD_USER_INPUT"),
    ("{ orders(first: 0) { totalCount } }", {}, "BAD_USER_INPUT"),
    ('{ orders(after: "x") { totalCount } }', {}, "BAD_USER_INPUT"),
    ('{ orders(filter: {placedAt: {start: "x"}}) { totalCount } }', {}, "BAD_USER_INPUT"),
    ("query($a: DateTime) { orders(filter: {placedAt: {start: $a}}) { totalCount } }", {"a": "x"}, "BAD_USER_INPUT"),
    ("query($a: Int!) { orders(first: $a) { totalCount } }", {"a": "x"}, "BAD_USER_INPUT"),
    ("query($a: Int!) { orders(first: $a) { totalCount } }", {}, "BAD_USER_INPUT"),
    ("{ " + " ".join(f"a{number}: accounts {{ id }}" for number in range(31)) + " }", {}, "GRAPHQL_VALIDATION_FAILED"),
    ("{ " + "a " * 5000 + "}", {}, "GRAPHQL_VALIDATION_FAILED"),
]


@pytest.mark.parametrize(("query", "variables", "code"), MISTAKES)
def test_callers_mistakes_are_logged_without_alarm_and_without_their_words(
    query: str, variables: Mapping[str, Any], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    result, logs = run(query, variables)
    assert [one["extensions"] for one in result["errors"]] == [{"code": code, "isRetryable": False, "requestId": "rid"}]
    line = {"event": "errors in response", "log_level": "info", "request_id": "rid", "codes": [code], "accounts": []}
    assert logs == [line]
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


def test_wrong_variable_is_told_with_its_name() -> None:
    result, _ = run(*MISTAKES[7][:2])
    assert "$a" in result["errors"][0]["message"]
    assert "ISO 8601" in result["errors"][0]["message"]


@pytest.mark.parametrize(
    "query", ["{ orders { totalCount } }", "{ products { totalCount } }", '{ order(id: "Order:a:1") { id } }']
)
def test_unexpected_error_is_logged_once_and_not_shown(query: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    result, logs = run(query)
    (error,) = result["errors"]
    assert INTERNAL not in str(error)
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "isRetryable": False, "requestId": "rid"}
    assert [(one["event"], one["request_id"], str(one["exc_info"])) for one in logs] == [
        ("unexpected error", "rid", INTERNAL)
    ]
    assert INTERNAL not in caplog.text


def test_bug_in_a_mutation_before_anything_is_sent_says_so() -> None:
    """The ledger knows that nothing was sent, so the outcome is known."""
    broken: Callable[..., Any] = Broken()._fail  # pyright: ignore[reportPrivateUsage]
    Broken.cancel_order = broken  # pyright: ignore[reportAttributeAccessIssue]
    Broken.require = Mock()  # pyright: ignore[reportAttributeAccessIssue]
    Broken.account = Mock(timeouts=Timeouts())  # pyright: ignore[reportAttributeAccessIssue]
    result, logs = run(
        'mutation { cancelOrder(input: {orderId: "Order:a:1"}) { userErrors { code message isRetryable } } }'
    )
    assert "errors" not in result
    (found,) = result["data"]["cancelOrder"]["userErrors"]
    assert (found["code"], found["isRetryable"]) == ("NOT_SENT", True)
    assert INTERNAL not in found["message"]
    assert [one["event"] for one in logs] == ["unexpected error"]
