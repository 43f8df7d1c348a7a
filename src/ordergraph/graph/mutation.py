"""The way through for every mutation.

Every mutation takes one ``input`` and answers with a payload whose ``userErrors`` is empty exactly when
the action was done. `carried_out` checks the target and the key, asks the ledger, calls the connector and
turns what went wrong into user errors.
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
"""What a mutation does: with the account, the vendor's id in parts, and the input as plain values."""

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
    do: Do,
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
        with fallback(allowed=False):  # what a change is decided by must be true
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


@strawberry.input
class WriteFields:
    """What the input of every mutation has."""

    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@strawberry.input
class CreateFields:
    """What the input of every mutation has that makes something: without a key, it could be made twice."""

    idempotency_key: str = field(description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@strawberry.type
class Payload:
    """What every mutation answers."""

    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")
    operation: Operation | None = field(
        description="The record of it; null if nothing was about to be sent, because it was refused before."
    )
    preview: VendorCall | None = field(
        description="With `validateOnly`: the first call that would have been sent; null if none would."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A mutation, declared: the names of its input and of its payload follow from its own.

    ``codes`` are its user errors beside those of every mutation. ``takes`` is what callers fill in, ``more`` what only
    the schema knows: further fields by name, each with type, description and default. ``target`` and ``do`` are those
    of `carried_out`. ``answers`` is the base of the payload, ``shows`` the field of it that shows what ``do`` returns;
    if that is several fields, ``do`` returns a tuple.
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
        """The field of the mutation root."""
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
    """A Strawberry type whose fields are these mutations."""
    return strawberry.type(type(name, (), {one.name: one.built() for one in declared}))


def answer(name: str, base: type[T]) -> type[T]:
    """A payload type of its own for each mutation, so that one can grow without the others."""
    made = type(name, (base,), {"__doc__": base.__doc__})
    return cast("type[T]", strawberry.type(made, description=f"What came of `{_verb(name)}`."))


def _verb(name: str) -> str:
    verb = name.removesuffix("Payload").removesuffix("Input")
    return verb[0].lower() + verb[1:]


def asking(name: str, base: type[T], **more: tuple[Any, str, Any]) -> type[T]:
    """An input type of its own for a mutation: ``more`` maps further fields to type, description, default."""
    members: dict[str, Any] = {"__annotations__": {key: kind for key, (kind, _, _) in more.items()}}
    for key, (_, description, default) in more.items():
        given: dict[str, Any] = {} if default is ... else {"default": default}
        members[key] = field(description=description, **given)
    made = strawberry.input(type(name, (base,), members), description=f"What `{_verb(name)}` takes.")
    return cast("type[T]", made)


def takes(type_: Any) -> Any:
    """The argument `input` of a mutation."""
    return strawberry.argument(graphql_type=type_, description="Everything that the mutation takes.")


ABOUT = "What only one vendor takes: the part of the account's vendor."


def of_vendors(part: type | None) -> dict[str, tuple[Any, str, Any]]:
    """The field `details` of an input, if any vendor has a part of it."""
    return {} if part is None else {"details": (cast("Any", part) | None, ABOUT, UNSET)}
