"""The way through for every mutation.

Every mutation takes one ``input`` and answers with a payload whose ``userErrors`` is empty exactly when
the action was done. `carried_out` checks the target and the key, asks the ledger, calls the connector and
turns what went wrong into user errors.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar, cast

import strawberry
import structlog
from strawberry import UNSET, field

from ordergraph import domain

from ordergraph.domain import errors
from ordergraph.upstream.cache import standing_in
from ordergraph.connector import Connector
from ordergraph.domain.errors import ActionRefused, InputError, OrdergraphError, UserErrorCode, VendorError
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.errors import user_errors
from ordergraph.graph.inputs import plain, written
from ordergraph.graph.node import NODES, NodeFetch, resolve
from ordergraph.ledger import Outcome, Use
from ordergraph.ledger.operations import KeyTaken, NotSent, WriteOperation
from ordergraph.domain.commands import camel

T = TypeVar("T")

log = structlog.get_logger(__name__)

MAX_KEY = 255
KEY = (
    "Your own word for this use of the mutation, 1 to 255 characters: sent again with the same input, it does "
    "not act again but answers with the object as it is now."
)

VALIDATE = (
    "Check everything that can be checked and send nothing: `userErrors` has what is wrong, `preview` what would have "
    "been sent. The key is not used up."
)

CODES = (
    "User errors: {}, and those of every mutation (NOT_FOUND, NOT_SUPPORTED, NO_PERMISSION, IN_PROGRESS, NOT_SENT, "
    "OUTCOME_IN_DOUBT)."
)


async def carried_out(
    info: GraphInfo,
    input_: Any,
    target: tuple[str, str] | str,
    do: Callable[[Connector, tuple[str, ...], dict[str, Any]], Awaitable[Any]],
    nodes: Mapping[str, NodeFetch] = NODES,
) -> Outcome:
    """Do what a mutation asks.

    ``target`` is the input's field that names what to act on and the type of that ID, or "account_id".
    ``do`` gets the account, the vendor's id in parts, and the input as plain values. ``nodes`` says how to
    read the object again when the mutation is repeated under its key.
    """
    name, type_ = (target, "Account") if isinstance(target, str) else target
    action = domain.Action.__members__.get(info.python_name.upper())  # what only one vendor has is none of these
    try:
        values: dict[str, Any] = plain(input_)
        validate_only = bool(values.pop("validate_only", False))
        connector, key = target_of(info, values[name], type_, name)
        if action is not None:
            connector.require(action)
    except ActionRefused as error:
        return Outcome(reasons=error.errors)

    async def attempt() -> Outcome:
        outcome = await _attempt(connector, lambda: do(connector, key, values))
        return replace(outcome, reasons=[_placed(reason, input_, name) for reason in outcome.reasons])

    async def replay(operation: WriteOperation) -> Outcome:
        return Outcome(await _as_it_is_now(info, operation, nodes), operation.reasons, operation)

    try:
        with standing_in(allowed=False):  # what a change is decided by must be true
            if validate_only:
                return await info.context.ledger.validated(attempt)
            use = _use(info, connector, values, input_)
            return await info.context.ledger.run(use, attempt, replay)
    except ActionRefused as error:
        return Outcome(reasons=error.errors)
    finally:
        info.context.loaders.forget()


def _use(info: GraphInfo, connector: Connector, values: Mapping[str, Any], input_: Any) -> Use:
    key = values.get("idempotency_key")
    if key is not None and not 1 <= len(key) <= MAX_KEY:
        message = f"A key has 1 to {MAX_KEY} characters."
        raise ActionRefused(errors.UserError(UserErrorCode.INVALID, message, ("input", "idempotencyKey")))
    return Use(
        caller=info.context.caller.name,
        account=connector.name,
        mutation=info.field_name,
        request={name: value for name, value in values.items() if name != "idempotency_key"},
        told=written(input_),
        key=key,
    )


def target_of(info: GraphInfo, id_: str, type_: str, name: str) -> tuple[Connector, tuple[str, ...]]:
    """The account and the vendor's id that an input's field ``name`` points to; raise ActionRefused if none."""
    path = ("input", camel(name))
    try:
        ref = domain.Ref.parse(id_, type_)
    except InputError as error:
        raise ActionRefused(errors.UserError(UserErrorCode.INVALID, str(error), path)) from None
    connector = info.context.account(ref.account)
    if connector is None:
        message = f"There is no {type_} {id_} for you."
        raise ActionRefused(errors.UserError(UserErrorCode.NOT_FOUND, message, path))
    return connector, ref.key


async def _attempt(connector: Connector, do: Callable[[], Awaitable[Any]]) -> Outcome:
    try:
        return Outcome(await do())
    except (KeyTaken, NotSent):
        raise
    except OrdergraphError as error:
        left = error.left_behind if isinstance(error, VendorError) else None
        return Outcome(left, user_errors(error, connector))
    except Exception:  # a fault of ours, and nobody knows how far it came: not a word that it can be sent again
        log.exception("unexpected error", account=connector.name)
        code = UserErrorCode.OUTCOME_IN_DOUBT
        return Outcome(reasons=[errors.UserError(code, f"Internal server error. {code.value}")])


def _placed(error: errors.UserError, input_: Any, target: str) -> errors.UserError:
    """The error with a path that this input has: a line may be the only one, or what is wrong not in it.

    What was not found is, unless told otherwise, what the field ``target`` points to.
    """
    if error.field is None and error.code is UserErrorCode.NOT_FOUND:
        return replace(error, field=("input", camel(target)))
    if error.field is None or len(error.field) < 2:
        return error
    names = {camel(one.name) for one in fields(input_)}
    if error.field[1] in names:
        return error
    return replace(error, field=("input", "lineItem", *error.field[1:]) if "lineItem" in names else None)


async def _as_it_is_now(info: GraphInfo, operation: WriteOperation, nodes: Mapping[str, NodeFetch]) -> Any:
    """The object of an earlier operation, read again; None if that fails. Of a pair, both."""
    found = [await _read_again(info, id_, nodes) for id_ in operation.objects]
    return tuple(found) if len(found) > 1 else next(iter(found), None)


async def _read_again(info: GraphInfo, id_: str, nodes: Mapping[str, NodeFetch]) -> Any:
    try:
        return await resolve(info.context, nodes, id_) if id_ else None
    except (VendorError, InputError):
        return None


def joined(key: Sequence[str]) -> str:
    """The vendor's id as one text, as connectors take it."""
    return ":".join(key)


def vendor_details(connector: Connector, details: Mapping[str, Any] | None, *path: str) -> Mapping[str, Any]:
    """The part of a oneOf that is the account's vendor's; refuse that of another vendor."""
    for vendor, values in (details or {}).items():
        if vendor != connector.vendor:
            message = f"The account {connector.name} is at {connector.title}: give `details.{connector.vendor}`."
            raise ActionRefused(errors.UserError(UserErrorCode.INVALID, message, ("input", *path, "details", vendor)))
        return values or {}
    return {}


def answer(name: str, base: type[T]) -> type[T]:
    """A payload type of its own for each mutation, so that one can grow without the others."""
    made = type(name, (base,), {"__doc__": base.__doc__})
    return cast("type[T]", strawberry.type(made, description=f"What came of `{_verb(name)}`."))


def _verb(name: str) -> str:
    verb = name.removesuffix("Payload").removesuffix("Input")
    return verb[0].lower() + verb[1:]


def paid(type_: type[T], name: str, outcome: Outcome, **more: Any) -> T:
    """A payload of an outcome."""
    told = {"user_errors": list(outcome.reasons), "operation": outcome.operation, "preview": outcome.preview}
    return type_(**{name: outcome.value, **told, **more})


def asking(name: str, base: type[T], **more: tuple[Any, str, Any]) -> type[T]:
    """An input type of its own for a mutation: ``more`` maps further fields to type, description, default."""
    members: dict[str, Any] = {"__annotations__": {key: kind for key, (kind, _, _) in more.items()}}
    for key, (_, description, default) in more.items():
        members[key] = (
            field(description=description) if default is ... else field(description=description, default=default)
        )
    made = strawberry.input(type(name, (base,), members), description=f"What `{_verb(name)}` takes.")
    return cast("type[T]", made)


def takes(type_: Any) -> Any:
    """The argument `input` of a mutation."""
    return strawberry.argument(graphql_type=type_, description="Everything that the mutation takes.")


ABOUT = "What only one vendor takes: the part of the account's vendor."


def of_vendors(part: type | None) -> dict[str, tuple[Any, str, Any]]:
    """The field `details` of an input, if any vendor has a part of it."""
    return {} if part is None else {"details": (cast("Any", part) | None, ABOUT, UNSET)}
