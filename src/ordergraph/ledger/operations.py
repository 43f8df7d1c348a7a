"""The record of every use of a mutation: what was sent, and what is known to have come of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError

from ordergraph.domain import WriteStatus
from ordergraph.errors import OrdergraphError, UserError, UserErrorCode
from ordergraph.http import Call
from ordergraph.ledger.store import OPERATIONS, Store, from_microseconds, to_microseconds

SECRET = re.compile(r"passw|secret|token|credential", re.IGNORECASE)
REMOVED = "(removed)"
MAX_CONTENT = 65536
"""Of a call's body, in characters, that is kept as text."""


class KeyTaken(OrdergraphError):
    """Another process has begun to send under the same key."""


@dataclass(frozen=True, slots=True)
class SentCall:
    """A call of a vendor, without secrets."""

    operation: str
    method: str
    target: str
    body: Any


class NotSent(OrdergraphError):
    """A call was about to be sent, and was only to be checked."""

    def __init__(self, call: SentCall) -> None:
        super().__init__("checked, not sent")
        self.call = call


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOperation:
    """One use of a mutation that was sent, or was about to be.

    ``objects`` are the global IDs of what it made or changed, ``calls`` what was sent, in order, ``request`` the
    mutation's input. ``binds``: its key is used up. Until ``lease_until`` its process may still be at work on it.
    """

    id: str
    account: str
    mutation: str
    idempotency_key: str | None
    fingerprint: str
    binds: bool = True
    status: WriteStatus = WriteStatus.SENDING
    reasons: Sequence[UserError] = ()
    objects: Sequence[str] = ()
    request: Any = None
    calls: Sequence[SentCall] = ()
    created_at: datetime
    settled_at: datetime | None = None
    owner: str
    lease_until: datetime
    replayed: bool = False

    @property
    def status_reason(self) -> str | None:
        """Why it was not done, or is in doubt."""
        return "; ".join(one.message for one in self.reasons) or None


class Operations:
    """The write operations in the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, operation: WriteOperation) -> None:
        """Write it down before anything is sent; raise KeyTaken if its key is used up meanwhile."""
        try:
            async with self._store.begin() as connection:
                await connection.execute(insert(OPERATIONS).values(_row(operation)))
        except IntegrityError:
            raise KeyTaken("the key is taken") from None

    async def change(self, operation: WriteOperation) -> None:
        """Write down what has become of it."""
        values = _row(operation)
        async with self._store.begin() as connection:
            await connection.execute(update(OPERATIONS).where(OPERATIONS.c.id == operation.id).values(values))

    async def by_key(self, account: str, key: str) -> WriteOperation | None:
        """The operation that has used up a key."""
        bound = (OPERATIONS.c.account == account, OPERATIONS.c.idempotency_key == key, OPERATIONS.c.binds)
        return next(iter(await self._found(*bound)), None)

    async def by_id(self, account: str, id_: str) -> WriteOperation | None:
        """An operation of an account."""
        return next(iter(await self._found(OPERATIONS.c.account == account, OPERATIONS.c.id == id_)), None)

    async def abandoned(self, now: datetime) -> Sequence[WriteOperation]:
        """Those whose process has not come to an end with them, and is not at work on them any more."""
        late = OPERATIONS.c.lease_until < to_microseconds(now)
        return await self._found(OPERATIONS.c.status == WriteStatus.SENDING.name, late)

    async def _found(self, *conditions: ColumnElement[bool]) -> Sequence[WriteOperation]:
        async with self._store.begin() as connection:
            rows = await connection.execute(select(OPERATIONS).where(*conditions))
            return [_operation(row) for row in rows]


def in_doubt(operation: WriteOperation, now: datetime) -> WriteOperation:
    """An operation of which nobody knows how far it came."""
    code = UserErrorCode.OUTCOME_IN_DOUBT
    reason = UserError(code, f"The gateway ended while it was being sent. {code.value}")
    return replace(operation, status=WriteStatus.IN_DOUBT, reasons=[reason], settled_at=now)


def sent(call: Call) -> SentCall:
    """A call as it is kept."""
    content = (call.content or b"").decode(errors="replace")
    try:
        body: Any = without_secrets(msgspec.json.decode(content)) if content else None
    except msgspec.DecodeError:
        body = content[:MAX_CONTENT]
    return SentCall(call.operation, call.method, call.target, body)


def without_secrets(value: Any) -> Any:
    """A value in which what is named like a secret is removed."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value).items()
        return {name: REMOVED if SECRET.search(name) and one else without_secrets(one) for name, one in pairs}
    if isinstance(value, list | tuple):
        return [without_secrets(one) for one in cast("Sequence[Any]", value)]
    return value


_PLAIN = msgspec.json.Encoder(enc_hook=str, decimal_format="string")


def told(request: Any) -> Any:
    """A mutation's input as it is kept: as JSON, without secrets."""
    return without_secrets(msgspec.json.decode(_PLAIN.encode(request)))


def _row(one: WriteOperation) -> dict[str, Any]:
    return {
        "id": one.id,
        "account": one.account,
        "mutation": one.mutation,
        "idempotency_key": one.idempotency_key,
        "fingerprint": one.fingerprint,
        "binds": one.binds,
        "status": one.status.name,
        "reasons": _PLAIN.encode([_Reason.of(reason) for reason in one.reasons]),
        "objects": _PLAIN.encode(list(one.objects)),
        "request": _PLAIN.encode(one.request),
        "calls": _PLAIN.encode(list(one.calls)),
        "created_at": to_microseconds(one.created_at),
        "settled_at": None if one.settled_at is None else to_microseconds(one.settled_at),
        "owner": one.owner,
        "lease_until": to_microseconds(one.lease_until),
    }


class _Reason(msgspec.Struct, frozen=True):
    """A UserError as it is kept."""

    code: str
    message: str
    field: Sequence[str] | None = None
    vendor_code: str | None = None
    vendor_message: str | None = None
    retryable: bool = False

    @classmethod
    def of(cls, error: UserError) -> _Reason:
        return cls(
            error.code.name, error.message, error.field, error.vendor_code, error.vendor_message, error.retryable
        )

    @property
    def error(self) -> UserError:
        return UserError(
            UserErrorCode[self.code],
            self.message,
            self.field,
            self.vendor_code,
            self.vendor_message,
            self.retryable,
        )


def _operation(row: Any) -> WriteOperation:
    return WriteOperation(
        id=row.id,
        account=row.account,
        mutation=row.mutation,
        idempotency_key=row.idempotency_key,
        fingerprint=row.fingerprint,
        binds=row.binds,
        status=WriteStatus[row.status],
        reasons=[one.error for one in msgspec.json.decode(row.reasons, type=list[_Reason])],
        objects=msgspec.json.decode(row.objects),
        request=msgspec.json.decode(row.request),
        calls=msgspec.json.decode(row.calls, type=list[SentCall]),
        created_at=from_microseconds(row.created_at),
        settled_at=None if row.settled_at is None else from_microseconds(row.settled_at),
        owner=row.owner,
        lease_until=from_microseconds(row.lease_until),
    )


def lease(seconds: float) -> datetime:
    """Until when a process may be at work on an operation that it begins now."""
    return datetime.now(UTC) + timedelta(seconds=seconds)
