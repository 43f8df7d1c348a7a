"""Settling by a person what no vendor can be asked about."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, field

from ordergraph import domain

from ordergraph.domain import errors
from ordergraph.connector import Connector
from ordergraph.domain import DescribedEnum, WriteStatus
from ordergraph.domain.errors import ActionRefused, LedgerUnavailable, UserErrorCode, VendorError
from ordergraph.graph.context import Context, GraphInfo
from ordergraph.graph.errors import UserError, name_errors, user_errors
from ordergraph.graph.inputs import plain
from ordergraph.graph.mutation import takes, target_of
from ordergraph.graph.operation import TYPE_NAME, WriteOperation, fetch_operation
from ordergraph.graph.scalars import graph_enum
from ordergraph.ledger import POLL_SECONDS, operations, patience
from ordergraph.ledger.operations import REMOVED, lease

NOTE_LENGTH = 1000


@graph_enum
class SettleAs(DescribedEnum):
    """What a person has found out about an operation in doubt."""

    CONFIRMED = "The vendor has done it; `vendorOrderId` names the order, if it made one."
    REJECTED = "The vendor has not done it and will not: the key is free again."
    SEND_AGAIN = "The vendor has not done it and is to do it now: the same input is sent again, under the same key."


@strawberry.input(description="What `settleOperation` takes.")
class SettleOperationInput:
    """What a person knows of an operation."""

    operation_id: strawberry.ID = field(description="Which operation; it must be IN_DOUBT.")
    settle_as: SettleAs = field(name="as", description="What became of it.")
    vendor_order_id: str | None = field(default=UNSET, description="The vendor's ID of the order that it made.")
    note: str | None = field(
        default=UNSET, description="How you know, for those who ask later; at most 1000 characters."
    )


@strawberry.type(description="What came of `settleOperation`.")
class SettleOperationPayload:
    """The operation afterwards."""

    operation: WriteOperation | None = field(
        description="The operation as it is now; with SEND_AGAIN the new one, if something was sent."
    )
    user_errors: list[UserError] = field(description="Why it was not settled, or not sent again; empty if it was.")


@strawberry.type
class SettlingActions:
    """The mutation for people who have asked the vendor."""

    @strawberry.mutation(
        description="Say what became of an operation that is IN_DOUBT, after asking the vendor's people. It is on "
        "record who said so. User errors: INVALID, NOT_FOUND, WRONG_STATUS, and with SEND_AGAIN those of the mutation "
        "that is sent again.",
        graphql_type=SettleOperationPayload | None,
    )
    @staticmethod
    async def settle_operation(
        info: GraphInfo, input: Annotated[SettleOperationInput, takes(SettleOperationInput)]
    ) -> SettleOperationPayload:
        """To its end, also when who asked goes away."""
        try:
            return await info.context.ledger.finish(_settle(info, input))
        except ActionRefused as error:
            return _payload(None, error.errors)
        except LedgerUnavailable as error:
            refusal = f"{error}, so nothing was settled. {UserErrorCode.NOT_SENT.value}"
            return _payload(None, [errors.UserError(UserErrorCode.NOT_SENT, refusal, retryable=True)])


async def _settle(info: GraphInfo, input_: SettleOperationInput) -> SettleOperationPayload:
    """Under the operation's lease, so that nobody else settles it meanwhile."""
    values: dict[str, Any] = plain(input_)
    ledger = info.context.ledger
    connector, held, since = await _held(info, values)
    ledger.begin_sending(held, since)
    try:
        settled_by = operations.Settlement(info.context.caller.name, values.get("note"))
        decided = replace(held, settlement=settled_by)
        return await _settled(info, connector, decided, input_.settle_as, values.get("vendor_order_id"))
    finally:
        ledger.end_sending(held)


def _payload(operation: Any, reasons: Any) -> SettleOperationPayload:
    return SettleOperationPayload(operation=operation, user_errors=list(reasons))


async def _held(info: GraphInfo, values: Mapping[str, Any]) -> tuple[Connector, operations.WriteOperation, float]:
    """The operation that the input names, once nobody else works on it, and since when (time.monotonic).

    Raises ActionRefused if it cannot be settled.
    """
    ledger, until = info.context.ledger, patience()
    while True:
        connector, operation = await _in_doubt(info, values)
        since = time.monotonic()
        if operation.lease_until <= datetime.now(UTC):
            taken = await ledger.operations.take(operation, ledger.owner, lease(ledger.lease_seconds))
            if taken is not None:
                return connector, taken, since
        if time.monotonic() > until:
            raise _being_asked()
        await asyncio.sleep(POLL_SECONDS)


async def _in_doubt(info: GraphInfo, values: Mapping[str, Any]) -> tuple[Connector, operations.WriteOperation]:
    if len(values.get("note") or "") > NOTE_LENGTH:
        raise _refusal(UserErrorCode.TOO_LONG, f"At most {NOTE_LENGTH} characters.", "note")
    connector, key = target_of(info, values["operation_id"], TYPE_NAME, "operation_id")
    operation = await fetch_operation(info.context, connector, domain.Ref(TYPE_NAME, connector.name, key))
    if operation is None:
        raise _refusal(UserErrorCode.NOT_FOUND, f"There is no {TYPE_NAME} {values['operation_id']} for you.")
    if operation.status is not WriteStatus.IN_DOUBT:
        raise _refusal(UserErrorCode.WRONG_STATUS, f"It is {operation.status.name}, not in doubt.")
    if values["settle_as"] == SettleAs.SEND_AGAIN.name:
        _check_whole(operation)
    return connector, operation


async def _settled(
    info: GraphInfo,
    connector: Connector,
    operation: operations.WriteOperation,
    as_: SettleAs,
    vendor_order_id: str | None,
) -> SettleOperationPayload:
    record, now = info.context.ledger.operations, datetime.now(UTC)
    if as_ is SettleAs.CONFIRMED:
        made = await _made(info.context, connector, operation, vendor_order_id)
        after = operation.settled(WriteStatus.CONFIRMED, now, made or operation.objects)
    else:
        reason = "Settled by a person: the vendor has not done it."
        after = operation.settled(WriteStatus.REJECTED, now, reasons=[errors.UserError(UserErrorCode.NOT_SENT, reason)])
    if not await record.change(after, owned=True):  # this process stood still for too long
        raise _being_asked()
    connector.cache.forget("orders", "lists", "subscriptions")
    return await _sent_again(info, after) if as_ is SettleAs.SEND_AGAIN else _payload(after, ())


async def _made(
    context: Context, connector: Connector, operation: operations.WriteOperation, vendor_order_id: str | None
) -> list[str]:
    """The IDs of what a person says was made; give the operation back if the vendor has no such order."""
    try:
        made = [one.id for one in await connector.settled(operation, vendor_order_id)]
        if vendor_order_id and not made:
            message = f"Account {connector.name} has no order {vendor_order_id[:100]}."
            raise _refusal(UserErrorCode.NOT_FOUND, message, "vendorOrderId")
        return made
    except (ActionRefused, VendorError) as error:
        given_back = replace(operation, lease_until=datetime.now(UTC), settlement=None)
        await context.ledger.operations.change(given_back, owned=True)
        raise ActionRefused(*user_errors(error, connector)) from error


def _check_whole(operation: operations.WriteOperation) -> None:
    """Refuse to send again what is not on record as it was: secrets are not."""
    if REMOVED in str(operation.request):
        message = "Its input held a secret, which is not kept: settle it as REJECTED and use the mutation anew."
        raise _refusal(UserErrorCode.INVALID, message, "as")


async def _sent_again(info: GraphInfo, operation: operations.WriteOperation) -> SettleOperationPayload:
    """Use the mutation once more with the input on record, in the name of the caller that used it first."""
    type_ = f"{operation.mutation[0].upper()}{operation.mutation[1:]}Input"
    document = f"""mutation($input: {type_}!) {{ {operation.mutation}(input: $input) {{
        operation {{ id }} userErrors {{ code message field vendorCode vendorMessage retryable }}
    }} }}"""
    context = info.context.in_the_name_of(operation.caller, operation.account)
    answer = await info.schema.execute(document, {"input": operation.request}, context_value=context)
    payload = (answer.data or {}).get(operation.mutation)
    if payload is None:
        code = UserErrorCode.NOT_SENT
        told = "; ".join(one.message for one in name_errors(answer.errors or [], context.request_id))
        return _payload(operation, [errors.UserError(code, f"{told}. {code.value}", retryable=True)])
    again = domain.Ref.parse(payload["operation"]["id"], TYPE_NAME) if payload["operation"] else None
    connector = info.context.accounts[operation.account]
    now = await fetch_operation(info.context, connector, again) if again else operation
    return _payload(now, [_reason(one) for one in payload["userErrors"]])


def _reason(told: Mapping[str, Any]) -> errors.UserError:
    return errors.UserError(
        UserErrorCode[told["code"]],
        told["message"],
        told["field"],
        told["vendorCode"],
        told["vendorMessage"],
        told["retryable"],
    )


def _being_asked() -> ActionRefused:
    return _refusal(UserErrorCode.IN_PROGRESS, "The vendor is being asked about it at this moment: try again.")


def _refusal(code: UserErrorCode, message: str, field_: str = "operationId") -> ActionRefused:
    retryable = code is UserErrorCode.IN_PROGRESS
    return ActionRefused(errors.UserError(code, message, ("input", field_), retryable=retryable))
