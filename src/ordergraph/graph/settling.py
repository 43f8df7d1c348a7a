"""Manual settlement of operations in doubt whose outcome cannot be read from the vendor."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain import DescribedEnum, WriteStatus, errors
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
    """How to settle an operation in doubt."""

    CONFIRMED = "The vendor has performed the operation. If it created an order, pass its ID in `vendorOrderId`."
    REJECTED = "The vendor has not performed the operation and will not. Its idempotency key can be used again."
    RETRY = "The vendor has not performed the operation. It is sent again with the same input and idempotency key."


@strawberry.input(description="The input of `settleOperation`.")
class SettleOperationInput:
    """The outcome of an operation, as clarified with the vendor."""

    operation_id: strawberry.ID = field(description="The ID of the operation. It must be IN_DOUBT.")
    settle_as: SettleAs = field(name="as", description="How to settle the operation.")
    vendor_order_id: str | None = field(
        default=UNSET, description="The vendor's ID of the order that the operation created."
    )
    note: str | None = field(
        default=UNSET, description="How you know the outcome. It is kept with the record (at most 1000 characters)."
    )


@strawberry.type(description="The payload of `settleOperation`.")
class SettleOperationPayload:
    """The operation after it was settled."""

    operation: WriteOperation | None = field(
        description="The operation in its current state. With RETRY, the new operation if something was sent."
    )
    user_errors: list[UserError] = field(
        description="The reasons why the operation was not settled, or not sent again. Empty if it was."
    )


@strawberry.type
class SettlingActions:
    """The mutation that settles an operation manually."""

    @strawberry.mutation(
        description="Settles an operation that is IN_DOUBT, after you have clarified its outcome with the vendor. The "
        "caller is recorded. User error codes: INVALID, NOT_FOUND, WRONG_STATUS, TOO_LONG, IN_PROGRESS, NOT_SENT, and "
        "with RETRY those of the mutation that is sent again.",
        graphql_type=SettleOperationPayload | None,
    )
    @staticmethod
    async def settle_operation(
        info: GraphInfo, input: Annotated[SettleOperationInput, takes(SettleOperationInput)]
    ) -> SettleOperationPayload:
        """Settle it, even if the caller disconnects."""
        try:
            return await info.context.ledger.finish(_settle(info, input))
        except ActionRefused as error:
            return _payload(None, error.errors)
        except LedgerUnavailable as error:
            refusal = f"{error} The operation was not settled. It is safe to retry."
            return _payload(None, [errors.UserError(UserErrorCode.NOT_SENT, refusal, retryable=True)])


async def _settle(info: GraphInfo, input_: SettleOperationInput) -> SettleOperationPayload:
    """Settle the operation under its lease, so that no other process settles it at the same time."""
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
    """Return the operation of the input once its lease is acquired, and since when it is held (time.monotonic).

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
        raise _refusal(UserErrorCode.TOO_LONG, f"The note may have at most {NOTE_LENGTH} characters.", "note")
    connector, key = target_of(info, values["operation_id"], TYPE_NAME, "operation_id")
    operation = await fetch_operation(info.context, connector, domain.Ref(TYPE_NAME, connector.name, key))
    if operation is None:
        raise _refusal(
            UserErrorCode.NOT_FOUND,
            f"The {TYPE_NAME} {values['operation_id']} does not exist, or you do not have access to it.",
        )
    if operation.status is not WriteStatus.IN_DOUBT:
        raise _refusal(
            UserErrorCode.WRONG_STATUS,
            f"Only operations in status IN_DOUBT can be settled. This operation is {operation.status.name}.",
        )
    if values["settle_as"] == SettleAs.RETRY.name:
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
        reason = "The operation was settled manually: the vendor has not performed it."
        after = operation.settled(WriteStatus.REJECTED, now, reasons=[errors.UserError(UserErrorCode.NOT_SENT, reason)])
    if not await record.change(after, owned=True):  # this process was suspended for too long, and its lease expired
        raise _being_asked()
    connector.cache.forget("orders", "lists", "subscriptions")
    return await _sent_again(info, after) if as_ is SettleAs.RETRY else _payload(after, ())


async def _made(
    context: Context, connector: Connector, operation: operations.WriteOperation, vendor_order_id: str | None
) -> list[str]:
    """Return the IDs of the created objects; release the operation if the vendor has no such order."""
    try:
        made = [one.id for one in await connector.settled(operation, vendor_order_id)]
        if vendor_order_id and not made:
            message = f"The account `{connector.name}` has no order {vendor_order_id[:100]}."
            raise _refusal(UserErrorCode.NOT_FOUND, message, "vendorOrderId")
        return made
    except (ActionRefused, VendorError) as error:
        given_back = replace(operation, lease_until=datetime.now(UTC), settlement=None)
        await context.ledger.operations.change(given_back, owned=True)
        raise ActionRefused(*user_errors(error, connector)) from error


def _check_whole(operation: operations.WriteOperation) -> None:
    """Refuse to send an operation again if its input had secrets, which are not recorded."""
    if REMOVED in str(operation.request):
        message = (
            "The input had a secret, which is not stored. Settle the operation as REJECTED and repeat the mutation."
        )
        raise _refusal(UserErrorCode.INVALID, message, "as")


async def _sent_again(info: GraphInfo, operation: operations.WriteOperation) -> SettleOperationPayload:
    """Perform the mutation again with the recorded input, in the name of the original caller."""
    type_ = f"{operation.mutation[0].upper()}{operation.mutation[1:]}Input"
    document = f"""mutation($input: {type_}!) {{ {operation.mutation}(input: $input) {{
        operation {{ id }} userErrors {{ code message field vendorCode vendorMessage isRetryable }}
    }} }}"""
    context = info.context.in_the_name_of(operation.caller, operation.account)
    answer = await info.schema.execute(document, {"input": operation.request}, context_value=context)
    payload = (answer.data or {}).get(operation.mutation)
    if payload is None:
        code = UserErrorCode.NOT_SENT
        told = " ".join(f"{one.message.rstrip('.')}." for one in name_errors(answer.errors or [], context.request.id))
        return _payload(operation, [errors.UserError(code, f"{told} {code.value}", retryable=True)])
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
        told["isRetryable"],
    )


def _being_asked() -> ActionRefused:
    return _refusal(
        UserErrorCode.IN_PROGRESS, "The gateway is currently checking the outcome with the vendor. Retry in a moment."
    )


def _refusal(code: UserErrorCode, message: str, field_: str = "operationId") -> ActionRefused:
    retryable = code is UserErrorCode.IN_PROGRESS
    return ActionRefused(errors.UserError(code, message, ("input", field_), retryable=retryable))
