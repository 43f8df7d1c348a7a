"""The records of all uses of mutations: what was sent, and the outcome."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, cast

import msgspec
from sqlalchemy import ColumnElement, RowMapping, and_, delete, exists, func, insert, not_, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ordergraph.domain import View, WriteStatus
from ordergraph.domain.commands import ALWAYS, Range
from ordergraph.domain.errors import OrdergraphError, UserError, UserErrorCode
from ordergraph.domain.paging import Key, Slice, Window
from ordergraph.ledger.store import Store
from ordergraph.ledger.tables import OPERATIONS, storable
from ordergraph.upstream.calls import Call, encode

SECRET = re.compile(r"passw|secret|token|credential", re.IGNORECASE)
REMOVED = "(removed)"
MAX_CONTENT = 1024 * 1024
"""The maximum number of characters of a body that are kept as text."""
STEP = 500
"""The number of old operations that are deleted in one transaction."""
REQUEST_IDS = ("x-request-id", "x-correlation-id", "request-id")
"""The headers in which vendors return their ID of a request."""


class KeyTaken(OrdergraphError):
    """Another process has started to send with the same key."""


class ReferenceTaken(OrdergraphError):
    """Another order was placed with the same reference, or is being placed, by ``operation``."""

    def __init__(self, operation: WriteOperation) -> None:
        super().__init__("The reference is already used.")
        self.operation = operation


@dataclass(frozen=True, slots=True)
class SentCall:
    """A call to a vendor, without secrets; ``parts`` and ``note`` are those of `calls.Call`."""

    operation: Annotated[str, "The name of the vendor operation, as defined by ordergraph."]
    method: Annotated[str, "The HTTP method."]
    target: Annotated[str, "The path and query of the URL."]
    body: Annotated[Any, "The request body: JSON if possible, otherwise a string."]
    parts: Sequence[str] = ()
    note: Any = None


@dataclass(frozen=True, slots=True)
class Response:
    """The vendor's response to the last call, without secrets; ``request_id`` is the vendor's ID of the request."""

    status: Annotated[int, "The HTTP status code."]
    request_id: str | None
    body: Annotated[Any, "The response body: JSON if possible, otherwise a string."]


@dataclass(frozen=True, slots=True)
class Settlement:
    """The manual settlement of an operation in doubt."""

    caller: str
    note: Annotated[str | None, "The note given with the settlement."]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a vendor shows of an operation in doubt.

    ``done``: the vendor has performed it, and ``objects`` are the created or changed objects. Otherwise the vendor may
    still perform it, unless the finding is ``final``.
    """

    done: bool
    objects: Sequence[View] = ()
    final: bool = False


class NotSent(OrdergraphError):
    """A call was about to be sent, but the input was only to be validated."""

    def __init__(self, call: SentCall) -> None:
        super().__init__("The call was validated and not sent.")
        self.call = call


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOperation:
    """One use of a mutation that was sent, or was about to be sent.

    ``objects`` are the global IDs of the objects that it created or changed, ``calls`` the calls in order, ``request``
    the mutation's input. ``binds``: its key and its reference are used up. ``superseded``: they are free, but another
    operation has used up the key since. ``former_reference`` is the reference that its order gives up when it is
    CONFIRMED. Until ``lease_until`` the process ``owner`` works on it. ``doubted_at``: since when it is in doubt.
    ``checks``: how often the vendor was asked about it; the next time is ``next_check_at`` (None: it cannot be asked,
    or there is no need to).
    """

    id: str
    caller: str
    account: str
    mutation: Annotated[str, "The name of the mutation."]
    idempotency_key: Annotated[str | None, "The idempotency key. Null if none was given."]
    reference: str | None = None
    former_reference: str | None = None
    fingerprint: str
    binds: bool = True
    status: Annotated[WriteStatus, "The status of the operation."] = WriteStatus.SENDING
    reasons: Sequence[UserError] = ()
    objects: Sequence[str] = ()
    request: Annotated[Any, "The input of the mutation, with secrets removed."] = None
    calls: Annotated[Sequence[SentCall], "The calls to the vendor, in order."] = ()
    response: Annotated[Response | None, "The vendor's response to the last call. Null if there was none."] = None
    request_id: Annotated[
        str | None,
        "The gateway's ID of the request. It is sent to the vendor as X-Request-ID, so that the vendor can find the "
        "request in its logs.",
    ] = None
    created_at: Annotated[datetime, "When the operation was recorded, just before it was sent."]
    doubted_at: datetime | None = None
    settled_at: Annotated[datetime | None, "When the outcome became known. Null until then."] = None
    settlement: Annotated[Settlement | None, "The manual settlement. Null if it was not settled manually."] = None
    next_check_at: Annotated[
        datetime | None,
        "When the gateway next asks the vendor about the outcome of an operation in doubt. Null if it is not in doubt, "
        "or if the vendor cannot be asked: clarify the outcome with the vendor, then use `settleOperation`.",
    ] = None
    checks: int = 0
    owner: str
    lease_until: datetime
    is_replay: Annotated[
        bool, "Whether this response is the replay of an earlier operation, for which nothing was sent."
    ] = False
    superseded: bool = False

    @property
    def is_key_reusable(self) -> bool | None:
        """Whether its key can be used again; None without a key."""
        return None if self.idempotency_key is None else not (self.binds or self.superseded)

    @property
    def status_reason(self) -> str | None:
        """The reason why it was not performed, or is in doubt."""
        return " ".join(one.message for one in self.reasons) or None

    @property
    def place(self) -> Key:
        """Its position in a list sorted by time."""
        return (self.created_at, self.id)

    @property
    def order(self) -> str | None:
        """The ID of the order in its input; None if there is none, for example if it creates one."""
        asked = cast("Mapping[str, Any]", self.request if isinstance(self.request, Mapping) else {})
        return asked.get("orderId")

    @property
    def looked_for(self) -> bool:
        """Whether it may have created an order, which must be found by its reference."""
        return self.status in (WriteStatus.SENDING, WriteStatus.IN_DOUBT) and self.order is None

    def is_use_of(self, other: WriteOperation) -> bool:
        """Whether both have the same key of the same caller."""
        key = self.idempotency_key
        return key is not None and (key, self.caller) == (other.idempotency_key, other.caller)

    def wrote(self, body: object) -> bool | None:
        """Return whether its last call took effect; ``body`` is the current state in the form of a request.

        It did if the current state is what was sent. It did not if the state is the one before, which is the call's
        note. Otherwise the outcome is unknown (None), as for the change of a secret, which is not recorded.
        """
        last, now = self.calls[-1], _content(encode(body))
        if REMOVED in str(self.request):
            return None
        return True if now == last.body else False if now == last.note else None

    def doubted(self, reason: str, now: datetime) -> WriteOperation:
        """Return the operation as IN_DOUBT from now on; the vendor is asked about it at once."""
        code = UserErrorCode.OUTCOME_IN_DOUBT
        return replace(
            self,
            status=WriteStatus.IN_DOUBT,
            reasons=[UserError(code, f"{reason} {code.value}")],
            doubted_at=now,
            next_check_at=now,
            lease_until=now,
        )

    def settled(
        self, status: WriteStatus, now: datetime, objects: Sequence[str] = (), reasons: Sequence[UserError] = ()
    ) -> WriteOperation:
        """Return the operation as settled. If it was not performed, its key is free."""
        return replace(
            self,
            status=status,
            objects=objects,
            reasons=reasons,
            binds=status is not WriteStatus.REJECTED,
            settled_at=now,
            next_check_at=None,
            lease_until=now,
        )


@dataclass(frozen=True, slots=True)
class OperationQuery:
    """Conditions on write operations; None means any."""

    statuses: frozenset[WriteStatus] | None = None
    mutations: frozenset[str] | None = None
    created_at: Range[datetime] = ALWAYS


class Operations:
    """The write operations in the database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.listener: Callable[[WriteOperation], None] = lambda _: None
        """Called with every operation that this process records."""

    async def begin(self, operation: WriteOperation) -> None:
        """Record an operation before anything is sent; raise KeyTaken or ReferenceTaken if either is used up."""
        try:
            async with self._store.begin() as connection:
                await self._take_back(connection, operation)
                await connection.execute(insert(OPERATIONS).values(_row(operation)))
        except IntegrityError:
            found = await self.by_reference(operation.account, operation.reference)
            if found is not None and not found.is_use_of(operation):
                raise ReferenceTaken(found) from None
            key = operation.idempotency_key
            if key is not None and await self.by_key(operation.caller, operation.account, key):
                raise KeyTaken("The idempotency key is already used.") from None
            await self.begin(operation)  # the key or the reference has been released meanwhile
        else:
            self.listener(operation)

    async def _take_back(self, connection: AsyncConnection, operation: WriteOperation) -> None:
        """Release the reference from an earlier operation of the same order, whose reference has changed meanwhile."""
        if operation.reference is None or operation.order is None:
            return
        holding = (*_holding(operation.account, operation.reference), OPERATIONS.c.status == WriteStatus.CONFIRMED)
        for row in await connection.execute(select(OPERATIONS.c.id, OPERATIONS.c.objects).where(*holding)):
            if operation.order in row.objects:
                await connection.execute(update(OPERATIONS).where(OPERATIONS.c.id == row.id).values(reference=None))

    async def change(self, operation: WriteOperation, *, owned: bool = False) -> bool:
        """Update the record; with ``owned``, only if no other process has taken over. Return whether it was updated."""
        still = [OPERATIONS.c.id == operation.id, *([OPERATIONS.c.owner == operation.owner] if owned else [])]
        row = {
            name: value for name, value in _row(operation).items() if name != "reference"
        }  # it may have been released
        async with self._store.begin() as connection:
            changed = (await connection.execute(update(OPERATIONS).where(*still).values(row))).rowcount > 0
            if changed and operation.status is WriteStatus.CONFIRMED:
                await self._give_up(connection, operation)
        if changed:
            self.listener(operation)
        return changed

    async def _give_up(self, connection: AsyncConnection, operation: WriteOperation) -> None:
        """Release the reference that an order had before a change."""
        if operation.former_reference is not None:
            held = (
                *_holding(operation.account, operation.former_reference),
                OPERATIONS.c.status == WriteStatus.CONFIRMED,
                OPERATIONS.c.created_at < operation.created_at,
            )
            await connection.execute(update(OPERATIONS).where(*held).values(reference=None))

    async def take(self, operation: WriteOperation, owner: str, until: datetime) -> WriteOperation | None:
        """Acquire the lease of an operation that no process works on; None if another process was faster."""
        mine = replace(operation, owner=owner, lease_until=until)
        untouched = (
            OPERATIONS.c.id == operation.id,
            OPERATIONS.c.status == operation.status,
            OPERATIONS.c.owner == operation.owner,
            OPERATIONS.c.lease_until == operation.lease_until,
        )
        lease = {"owner": owner, "lease_until": until}
        async with self._store.begin() as connection:
            taken = await connection.execute(update(OPERATIONS).where(*untouched).values(lease))
            return mine if taken.rowcount else None

    async def renew(self, owner: str, ids: Sequence[str], until: datetime) -> None:
        """Renew the leases that ``owner`` holds."""
        mine = (OPERATIONS.c.id.in_(ids), OPERATIONS.c.owner == owner)
        async with self._store.begin() as connection:
            longer = {"lease_until": until}
            await connection.execute(update(OPERATIONS).where(*mine).values(longer))

    async def by_key(self, caller: str, account: str, key: str) -> WriteOperation | None:
        """Return the operation that has used up a caller's key."""
        if not storable(key):
            return None
        theirs = (OPERATIONS.c.caller == caller, OPERATIONS.c.account == account)
        found = await self._found(*theirs, OPERATIONS.c.idempotency_key == key, OPERATIONS.c.binds)
        return next(iter(found), None)

    async def latest_by_key(self, caller: str, account: str, key: str) -> WriteOperation | None:
        """Return the operation that has used up a caller's key, otherwise the newest one that has left it free."""
        if not storable(key):
            return None
        theirs = (OPERATIONS.c.caller == caller, OPERATIONS.c.account == account, OPERATIONS.c.idempotency_key == key)
        newest = (OPERATIONS.c.binds.desc(), OPERATIONS.c.created_at.desc(), OPERATIONS.c.id.desc())
        return next(iter(await self._read(select(OPERATIONS).where(*theirs).order_by(*newest).limit(1))), None)

    async def by_reference(self, account: str, reference: str | None) -> WriteOperation | None:
        """Return the operation that has used up a reference."""
        if reference is None:
            return None
        return next(iter(await self._found(*_holding(account, reference))), None)

    async def by_id(self, account: str, id_: str) -> WriteOperation | None:
        """Return an operation of an account by its ID."""
        if not storable(id_):
            return None
        return next(iter(await self._found(OPERATIONS.c.account == account, OPERATIONS.c.id == id_)), None)

    async def abandoned(self, now: datetime) -> Sequence[WriteOperation]:
        """Return the operations that are still SENDING although their lease has expired."""
        late = OPERATIONS.c.lease_until < now
        return await self._found(OPERATIONS.c.status == WriteStatus.SENDING, late)

    async def due(self, now: datetime, accounts: Sequence[str], limit: int) -> Sequence[WriteOperation]:
        """Return the operations of these accounts in doubt for which the next check is due, longest due first."""
        moment = now
        free = (OPERATIONS.c.lease_until <= moment, OPERATIONS.c.next_check_at <= moment)
        chosen = select(OPERATIONS).where(*_doubtful(accounts), *free)
        return await self._read(chosen.order_by(OPERATIONS.c.next_check_at).limit(limit))

    async def ask_again(self, now: datetime, accounts: Sequence[str]) -> None:
        """Schedule a check of operations in doubt for which the vendors of these accounts could not be asked."""
        resting = (*_doubtful(accounts), OPERATIONS.c.next_check_at.is_(None))
        async with self._store.begin() as connection:
            due = {"next_check_at": now}
            await connection.execute(update(OPERATIONS).where(*resting).values(due))

    async def listed(self, account: str, query: OperationQuery, window: Window) -> Slice[WriteOperation]:
        """Return an account's operations, sorted by the time at which they were sent."""
        chosen = select(OPERATIONS).where(*_asked(account, query))
        keys = (OPERATIONS.c.created_at, OPERATIONS.c.id)
        if window.after is not None:
            moment, id_ = window.after
            after = tuple_(moment, id_, types=[one.type for one in keys])
            chosen = chosen.where(tuple_(*keys) < after if window.descending else tuple_(*keys) > after)
        chosen = chosen.order_by(*(one.desc() if window.descending else one for one in keys))
        found = await self._read(chosen.limit(window.limit + 1))
        return Slice(found[: window.limit], more=len(found) > window.limit, fetched_at=datetime.now(UTC))

    async def count(self, account: str, query: OperationQuery) -> int:
        """Return the number of an account's operations that match a query."""
        counted = select(func.count()).select_from(OPERATIONS).where(*_asked(account, query))
        async with self._store.begin() as connection:
            return (await connection.execute(counted)).scalar_one()

    async def accounts(self) -> Sequence[str]:
        """Return the accounts that have operations, sorted by name."""
        chosen = select(OPERATIONS.c.account).distinct().order_by(OPERATIONS.c.account)
        async with self._store.begin() as connection:
            return (await connection.execute(chosen)).scalars().all()

    async def forget(self, before: datetime) -> int:
        """Delete operations settled before a time, in small steps that let others write in between; return how many."""
        old = OPERATIONS.c.settled_at < before
        over = OPERATIONS.c.status.in_([WriteStatus.CONFIRMED, WriteStatus.REJECTED])
        some = select(OPERATIONS.c.id).where(old, over).limit(STEP).scalar_subquery()
        count = 0
        while True:
            async with self._store.begin() as connection:
                dropped = (await connection.execute(delete(OPERATIONS).where(OPERATIONS.c.id.in_(some)))).rowcount
            count += dropped
            if dropped < STEP:
                return count

    async def _found(self, *conditions: ColumnElement[bool]) -> Sequence[WriteOperation]:
        return await self._read(select(OPERATIONS).where(*conditions))

    async def _read(self, chosen: Any) -> Sequence[WriteOperation]:
        async with self._store.begin() as connection:
            found = await connection.execute(chosen.add_columns(SUPERSEDED))
            return [_operation(row) for row in found.mappings()]


_LATER = OPERATIONS.alias()
SUPERSEDED = and_(
    not_(OPERATIONS.c.binds),
    exists().where(
        _LATER.c.caller == OPERATIONS.c.caller,
        _LATER.c.account == OPERATIONS.c.account,
        _LATER.c.idempotency_key == OPERATIONS.c.idempotency_key,
        _LATER.c.binds,
    ),
).label("superseded")
"""Whether another operation has used up the key that this one has left free."""


def _holding(account: str, reference: str) -> tuple[ColumnElement[bool], ...]:
    return (OPERATIONS.c.account == account, OPERATIONS.c.reference == reference, OPERATIONS.c.binds)


def _doubtful(accounts: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return (OPERATIONS.c.status == WriteStatus.IN_DOUBT, OPERATIONS.c.account.in_(accounts))


def _asked(account: str, query: OperationQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [OPERATIONS.c.account == account]
    if query.statuses is not None:
        conditions.append(OPERATIONS.c.status.in_(query.statuses))
    if query.mutations is not None:
        conditions.append(OPERATIONS.c.mutation.in_(query.mutations))
    if query.created_at.start is not None:
        conditions.append(OPERATIONS.c.created_at >= query.created_at.start)
    if query.created_at.end is not None:
        conditions.append(OPERATIONS.c.created_at < query.created_at.end)
    return conditions


def sent(call: Call) -> SentCall:
    """Return a call as it is recorded."""
    body, note = _content(call.content or b""), _content(encode(call.note))
    return SentCall(call.operation, call.method, call.target, body, call.parts, note)


def answered(status: int, headers: Mapping[str, str], body: bytes) -> Response:
    """Return a response as it is recorded."""
    named = next((headers[name] for name in REQUEST_IDS if name in headers), None)
    return Response(status, named[:255] if named else None, _content(body))


def _content(content: bytes) -> Any:
    """Return a body as JSON if possible, otherwise as text."""
    try:
        return without_secrets(msgspec.json.decode(content)) if content else None
    except (msgspec.DecodeError, ValueError, RecursionError):
        return content.decode(errors="replace")[:MAX_CONTENT].replace("\0", "")


def without_secrets(value: Any) -> Any:
    """Return a value in which everything that is named like a secret is removed."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value).items()
        return {name: REMOVED if SECRET.search(name) and one else without_secrets(one) for name, one in pairs}
    if isinstance(value, list | tuple):
        return [without_secrets(one) for one in cast("Sequence[Any]", value)]
    return value


def _row(one: WriteOperation) -> dict[str, Any]:
    kept = {column.name: getattr(one, column.name) for column in OPERATIONS.columns}
    return {**kept, "reasons": [{**asdict(reason), "code": reason.code.name} for reason in one.reasons]}


def _operation(row: RowMapping) -> WriteOperation:
    values: dict[str, Any] = {**row}
    values["reasons"] = [_reason(**kept) for kept in values["reasons"]]
    read = {name: msgspec.convert(values[name], type_) for name, type_ in DECODED.items()}
    return WriteOperation(**{**values, **read})


def _reason(code: str, **more: Any) -> UserError:
    return UserError(UserErrorCode[code], **more)


DECODED = {"calls": list[SentCall], "response": Response | None, "settlement": Settlement | None}
"""The columns whose JSON is more than lists and dictionaries."""


def lease(seconds: float) -> datetime:
    """Return the end of a lease of that length that starts now."""
    return datetime.now(UTC) + timedelta(seconds=seconds)
