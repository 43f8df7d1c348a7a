"""Exports the ledger's write operations as JSON lines, with the field names of the GraphQL schema."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

import msgspec

from ordergraph.domain import Ref
from ordergraph.domain.paging import Window
from ordergraph.graph.operation import ACTIONS, TYPE_NAME
from ordergraph.ledger.operations import OperationQuery, Operations, WriteOperation

PAGE = 200
"""The number of operations read at a time, so that a large ledger needs little memory and is not locked for long."""


async def exported(
    operations: Operations, accounts: Sequence[str] | None, query: OperationQuery
) -> AsyncGenerator[bytes]:
    """Yield a line for each operation, account by account, oldest first. ``accounts`` None means all accounts."""
    for account in await operations.accounts() if accounts is None else accounts:
        window = Window(PAGE, descending=False)
        while True:
            page = await operations.listed(account, query, window)
            for one in page.items:
                yield msgspec.json.encode(as_json(one)) + b"\n"
            if not page.more:
                break
            window = Window(PAGE, descending=False, after=page.items[-1].place)


def as_json(one: WriteOperation) -> dict[str, Any]:
    """Return an operation as a JSON object, with the name of its account."""
    action = ACTIONS.get(one.mutation[:1].upper() + one.mutation[1:])
    answer, settlement = one.response, one.settlement
    return {
        "id": str(Ref(TYPE_NAME, one.account, (one.id,))),
        "account": one.account,
        "caller": one.caller or None,
        "mutation": one.mutation,
        "action": action.name if action else None,
        "idempotencyKey": one.idempotency_key,
        "isKeyReusable": one.is_key_reusable,
        "status": one.status.name,
        "statusReason": one.status_reason,
        "objectIds": [id_ for id_ in one.objects if id_],
        "createdAt": one.created_at,
        "settledAt": one.settled_at,
        "nextCheckAt": one.next_check_at,
        "requestId": one.request_id,
        "vendorRequestId": answer.request_id if answer else None,
        "request": one.request,
        "calls": [
            {"operation": call.operation, "method": call.method, "target": call.target, "body": call.body}
            for call in one.calls
        ],
        "response": {"status": answer.status, "body": answer.body} if answer else None,
        "settlement": {"caller": settlement.caller or None, "note": settlement.note} if settlement else None,
    }
