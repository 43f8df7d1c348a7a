"""The execution of mutations.

Every mutation takes one ``input`` and returns a payload. Its ``userErrors`` is empty if and only if the action was
performed. `carried_out` validates the target and the idempotency key, records the operation in the ledger, calls the
connector and converts errors to user errors.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from dataclasses import field as dataclass_field
from typing import Annotated, Any, TypeVar, cast

import strawberry
import structlog
from strawberry import UNSET, field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain import errors
from ordergraph.domain.commands import camel
from ordergraph.domain.errors import ActionRefused, InputError, OrdergraphError, UserErrorCode, VendorError
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.errors import UserError, user_errors
from ordergraph.graph.inputs import plain, written
from ordergraph.graph.node import NODES, NodeFetch, resolve
from ordergraph.graph.operation import VendorCall
from ordergraph.graph.operation import WriteOperation as Operation
from ordergraph.ledger import Outcome, Use
from ordergraph.ledger.operations import KeyTaken, NotSent, WriteOperation
from ordergraph.upstream.request_scope import fallback

T = TypeVar("T")
Do = Callable[[Connector, tuple[str, ...], dict[str, Any]], Awaitable[Any]]
"""Performs a mutation. Takes the account, the vendor's ID in parts, and the input as plain values."""

log = structlog.get_logger(__name__)

MAX_KEY = 255
KEY = (
    "A unique key for this use of the mutation (1-255 characters). If you repeat the mutation with the same key and "
    "input, it is not performed again, and the object is returned in its current state."
)

VALIDATE = (
    "Whether to only validate the input, without sending anything. `userErrors` then lists the errors found, and "
    "`preview` is the call that would have been sent. The idempotency key is not used up. Defaults to false."
)

CODES = (
    "User error codes: {}, and those of all mutations (NOT_FOUND, NOT_SUPPORTED, NO_PERMISSION, IN_PROGRESS, NOT_SENT, "
    "OUTCOME_IN_DOUBT)."
)


async def carried_out(
    info: GraphInfo,
    input_: Any,
    target: tuple[str, str] | str,
    do: Do,
    nodes: Mapping[str, NodeFetch] = NODES,
) -> Outcome:
    """Perform a mutation and return its outcome.

    ``target`` is the input's field with the ID of the object to act on and the type of that ID, or "account_id". ``do``
    takes the account, the vendor's ID in parts, and the input as plain values. ``nodes`` has the functions that read
    the object again if the mutation is repeated with its idempotency key.
    """
    name, type_ = (target, "Account") if isinstance(target, str) else target
    action = domain.Action.__members__.get(info.python_name.upper())  # None for a vendor-specific mutation
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
        with fallback(allowed=False):  # a change must not be decided by stale data
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
        message = f"An idempotency key must have between 1 and {MAX_KEY} characters."
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
    """Return the account and the vendor's ID that the input's field ``name`` refers to; raise ActionRefused if none."""
    path = ("input", camel(name))
    try:
        ref = domain.Ref.parse(id_, type_)
    except InputError as error:
        raise ActionRefused(errors.UserError(UserErrorCode.INVALID, str(error), path)) from None
    connector = info.context.account(ref.account)
    if connector is None:
        message = f"The {type_} {id_} does not exist, or you do not have access to it."
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
    except Exception:  # a bug of ours: it is unknown how far the call came, so it must not be reported as safe to retry
        log.exception("unexpected error", account=connector.name)
        code = UserErrorCode.OUTCOME_IN_DOUBT
        return Outcome(reasons=[errors.UserError(code, f"Internal server error. {code.value}")])


def _placed(error: errors.UserError, input_: Any, target: str) -> errors.UserError:
    """Return the error with a path that exists in this input: a line item may be the only one, or not part of it.

    NOT_FOUND without a path refers to the field ``target``.
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
    """Read the object of an earlier operation again; None if that fails. For a pair, return both."""
    found = [await _read_again(info, id_, nodes) for id_ in operation.objects]
    return tuple(found) if len(found) > 1 else next(iter(found), None)


async def _read_again(info: GraphInfo, id_: str, nodes: Mapping[str, NodeFetch]) -> Any:
    try:
        return await resolve(info.context, nodes, id_) if id_ else None
    except (VendorError, InputError):
        return None


def joined(key: Sequence[str]) -> str:
    """Return the vendor's ID as a single string, as connectors expect it."""
    return ":".join(key)


def vendor_details(connector: Connector, details: Mapping[str, Any] | None, *path: str) -> Mapping[str, Any]:
    """Return the part of a oneOf input for the account's vendor; refuse that of another vendor."""
    for vendor, values in (details or {}).items():
        if vendor != connector.vendor:
            message = f"The account `{connector.name}` is at {connector.title}. Use `details.{connector.vendor}`."
            raise ActionRefused(errors.UserError(UserErrorCode.INVALID, message, ("input", *path, "details", vendor)))
        return values or {}
    return {}


@strawberry.input
class WriteFields:
    """The input fields of mutations that change an existing object."""

    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@strawberry.input
class CreateFields:
    """The input fields of mutations that create an object: without a key, a retry could create it twice."""

    idempotency_key: str = field(description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@strawberry.type
class Payload:
    """The payload fields of all mutations."""

    user_errors: list[UserError] = field(
        description="The reasons why the action was not performed. Empty if it was performed."
    )
    operation: Operation | None = field(
        description="The record of the write operation. Null if the mutation was refused before anything was sent."
    )
    preview: VendorCall | None = field(
        description="With `validateOnly`, the first call that would have been sent. Null if none would have been sent."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """The declaration of a mutation. The names of its input and its payload are derived from its name.

    ``codes`` are its user error codes, in addition to those of all mutations. ``takes`` is the base of the input,
    ``more`` has further input fields by name, each with type, description and default. ``target`` and ``do`` are those
    of `carried_out`. ``answers`` is the base of the payload, ``shows`` the payload fields for what ``do`` returns. If
    there are several, ``do`` returns a tuple.
    """

    name: str
    description: str
    codes: str
    takes: type
    target: tuple[str, str] | str
    do: Do
    answers: type[Payload]
    shows: tuple[str, ...]
    more: Mapping[str, tuple[Any, str, Any]] = dataclass_field(default_factory=dict[str, tuple[Any, str, Any]])
    nodes: Mapping[str, NodeFetch] = dataclass_field(default_factory=lambda: NODES)

    def built(self) -> Any:
        """Return the field of the mutation root."""
        title = self.name.title().replace("_", "")
        input_type: Any = asking(f"{title}Input", cast("type[Any]", self.takes), **self.more)
        payload = answer(f"{title}Payload", self.answers)

        async def resolve(info: GraphInfo, input: Any) -> object:
            done = await carried_out(info, input, self.target, self.do, self.nodes)
            shown: Any = (None,) * len(self.shows)
            if done.value is not None:
                shown = done.value if len(self.shows) > 1 else (done.value,)
            told = {"user_errors": list(done.reasons), "operation": done.operation, "preview": done.preview}
            return cast("Any", payload)(**dict(zip(self.shows, shown, strict=True)), **told)

        resolve.__annotations__["input"] = Annotated[cast("Any", self.takes), takes(input_type)]
        return strawberry.mutation(
            resolver=resolve,
            description=f"{self.description} {CODES.format(self.codes)}",
            graphql_type=cast("Any", payload) | None,
        )


def mutations(name: str, declared: Sequence[Mutation]) -> type:
    """Return a Strawberry type with these mutations as fields."""
    return strawberry.type(type(name, (), {one.name: one.built() for one in declared}))


def answer(name: str, base: type[T]) -> type[T]:
    """Return a payload type for one mutation, so that each payload can be extended individually."""
    made = type(name, (base,), {"__doc__": base.__doc__})
    return cast("type[T]", strawberry.type(made, description=f"The payload of `{_verb(name)}`."))


def _verb(name: str) -> str:
    verb = name.removesuffix("Payload").removesuffix("Input")
    return verb[0].lower() + verb[1:]


def asking(name: str, base: type[T], about: str = "", /, **more: tuple[Any, str, Any]) -> type[T]:
    """Return an input type for one mutation; ``more`` maps further fields to type, description, default.

    ``about`` is its description, if it is not the input of a mutation itself.
    """
    members: dict[str, Any] = {"__annotations__": {key: kind for key, (kind, _, _) in more.items()}}
    for key, (_, description, default) in more.items():
        given: dict[str, Any] = {} if default is ... else {"default": default}
        members[key] = field(description=description, **given)
    made = strawberry.input(type(name, (base,), members), description=about or f"The input of `{_verb(name)}`.")
    return cast("type[T]", made)


def takes(type_: Any) -> Any:
    """Return the argument `input`."""
    return strawberry.argument(graphql_type=type_, description="The input values.")


ABOUT = "Vendor-specific values. Set the field of the account's vendor."


def of_vendors(part: type | None) -> dict[str, tuple[Any, str, Any]]:
    """Return the field `details` of an input, if any vendor has vendor-specific values for it."""
    return {} if part is None else {"details": (cast("Any", part) | None, ABOUT, UNSET)}
