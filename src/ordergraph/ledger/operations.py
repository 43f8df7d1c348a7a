"""The record of every use of a mutation: what was sent, and what is known to have come of it."""

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
"""Of a body, in characters, that is kept as text."""
STEP = 500
"""How many old operations are dropped in one transaction."""
REQUEST_IDS = ("x-request-id", "x-correlation-id", "request-id")
"""Headers in which vendors say how they call a request."""


class KeyTaken(OrdergraphError):
    """Another process has begun to send under the same key."""


class ReferenceTaken(OrdergraphError):
    """Another order was placed under the same reference, or is being placed: ``operation`` says by which."""

    def __init__(self, operation: WriteOperation) -> None:
        super().__init__("the reference is taken")
        self.operation = operation


@dataclass(frozen=True, slots=True)
class SentCall:
    """A call of a vendor, without secrets; ``parts`` and ``note`` are those of `calls.Call`."""

    operation: Annotated[str, "What it is for, as ordergraph names it."]
    method: Annotated[str, "The HTTP method."]
    target: Annotated[str, "The path with its query."]
    body: Annotated[Any, "What was sent, as JSON where it is any, as text otherwise."]
    parts: Sequence[str] = ()
    note: Any = None


@dataclass(frozen=True, slots=True)
class Response:
    """What the vendor answered to the last call, without secrets; ``request_id`` is its own word for the request."""

    status: Annotated[int, "The HTTP status."]
    request_id: str | None
    body: Annotated[Any, "What was answered, as JSON where it is any, as text otherwise."]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a person has decided of an operation in doubt."""

    caller: str
    note: Annotated[str | None, "In which words."]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a vendor shows of an operation in doubt.

    ``done``: it has done it, and ``objects`` are what it made or changed. If not, it may still do it, unless it is
    ``final`` that it will not.
    """

    done: bool
    objects: Sequence[View] = ()
    final: bool = False


class NotSent(OrdergraphError):
    """A call was about to be sent, and was only to be checked."""

    def __init__(self, call: SentCall) -> None:
        super().__init__("checked, not sent")
        self.call = call


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOperation:
    """One use of a mutation that was sent, or was about to be.

    ``objects`` are the global IDs of what it made or changed, ``calls`` what was sent, in order, ``request`` the
    mutation's input. ``binds``: its key and its reference are used up; ``superseded``: they are free, but another
    operation has used up its key since. ``former_reference`` is what its order gives up for the reference when it is
    CONFIRMED. Until ``lease_until`` the process ``owner`` is at work on it. ``doubted_at``: since when it is in doubt;
    ``checks``: how often the vendor was asked about it, which is done again at ``next_check_at`` (None: it cannot be
    asked, or need not be).
    """

    id: str
    caller: str
    account: str
    mutation: Annotated[str, "Which mutation."]
    idempotency_key: Annotated[str | None, "Under which key."]
    reference: str | None = None
    former_reference: str | None = None
    fingerprint: str
    binds: bool = True
    status: Annotated[WriteStatus, "What is known of it."] = WriteStatus.SENDING
    reasons: Sequence[UserError] = ()
    objects: Sequence[str] = ()
    request: Annotated[Any, "The mutation's input, without secrets."] = None
    calls: Annotated[Sequence[SentCall], "What was sent to the vendor, in order."] = ()
    response: Annotated[Response | None, "What the vendor answered to the last call; null if nothing."] = None
    request_id: Annotated[
        str | None,
        "The gateway's ID of the request, sent to the vendor as X-Request-ID: by it, the vendor's people "
        "find it in their logs.",
    ] = None
    created_at: Annotated[datetime, "When it was put on record, just before it was sent."]
    doubted_at: datetime | None = None
    settled_at: Annotated[datetime | None, "When it became known what came of it."] = None
    settlement: Annotated[Settlement | None, "The decision of a person, if one settled it."] = None
    next_check_at: Annotated[
        datetime | None,
        "When the gateway asks the vendor what became of it, while it is in doubt; null if the vendor "
        "cannot be asked: then a person has to look, and settles it with `settleOperation`.",
    ] = None
    checks: int = 0
    owner: str
    lease_until: datetime
    replayed: Annotated[bool, "Whether this answer is a repeat: nothing was sent for it."] = False
    superseded: bool = False

    @property
    def key_is_free(self) -> bool | None:
        """Whether its key can be used for something else; None without a key."""
        return None if self.idempotency_key is None else not (self.binds or self.superseded)

    @property
    def status_reason(self) -> str | None:
        """Why it was not done, or is in doubt."""
        return "; ".join(one.message for one in self.reasons) or None

    @property
    def place(self) -> Key:
        """Where it stands in a list by time."""
        return (self.created_at, self.id)

    @property
    def order(self) -> str | None:
        """The order that its input names; None if it names none, as when it makes one."""
        asked = cast("Mapping[str, Any]", self.request if isinstance(self.request, Mapping) else {})
        return asked.get("orderId")

    @property
    def looked_for(self) -> bool:
        """Whether it may have made an order, which is to be found by the reference."""
        return self.status in (WriteStatus.SENDING, WriteStatus.IN_DOUBT) and self.order is None

    def is_use_of(self, other: WriteOperation) -> bool:
        """Whether both have the same key of the same caller."""
        key = self.idempotency_key
        return key is not None and (key, self.caller) == (other.idempotency_key, other.caller)

    def wrote(self, body: object) -> bool | None:
        """Whether its last call has changed something; ``body`` would write it as it is now.

        It has, if that is what was sent; it has not, if it is as it was before, which is the call's note. Otherwise
        nobody knows, nor where a secret was to change, which is not on record.
        """
        last, now = self.calls[-1], _content(encode(body))
        if REMOVED in str(self.request):
            return None
        return True if now == last.body else False if now == last.note else None

    def doubted(self, reason: str, now: datetime) -> WriteOperation:
        """The same, in doubt from now on; it is asked about at once."""
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
        """The same, done or not done. What was not done leaves its key free."""
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
    """Conditions on write operations; None asks nothing."""

    status: frozenset[WriteStatus] | None = None
    mutation: frozenset[str] | None = None
    created_at: Range[datetime] = ALWAYS


class Operations:
    """The write operations in the database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.listener: Callable[[WriteOperation], None] = lambda _: None
        """Is told what this process has written down of an operation."""

    async def begin(self, operation: WriteOperation) -> None:
        """Write it down before anything is sent; raise KeyTaken or ReferenceTaken if either is used up meanwhile."""
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
                raise KeyTaken("the key is taken") from None
            await self.begin(operation)  # who had the key or the reference has given it up meanwhile
        else:
            self.listener(operation)

    async def _take_back(self, connection: AsyncConnection, operation: WriteOperation) -> None:
        """Let go of what an order's own earlier operation bound: the order was called something else meanwhile."""
        if operation.reference is None or operation.order is None:
            return
        holding = (*_holding(operation.account, operation.reference), OPERATIONS.c.status == WriteStatus.CONFIRMED)
        for row in await connection.execute(select(OPERATIONS.c.id, OPERATIONS.c.objects).where(*holding)):
            if operation.order in row.objects:
                await connection.execute(update(OPERATIONS).where(OPERATIONS.c.id == row.id).values(reference=None))

    async def change(self, operation: WriteOperation, *, owned: bool = False) -> bool:
        """Write down what has become of it; with ``owned``, only if no other process works on it meanwhile."""
        still = [OPERATIONS.c.id == operation.id, *([OPERATIONS.c.owner == operation.owner] if owned else [])]
        row = {name: value for name, value in _row(operation).items() if name != "reference"}  # it may be given up
        async with self._store.begin() as connection:
            changed = (await connection.execute(update(OPERATIONS).where(*still).values(row))).rowcount > 0
            if changed and operation.status is WriteStatus.CONFIRMED:
                await self._give_up(connection, operation)
        if changed:
            self.listener(operation)
        return changed

    async def _give_up(self, connection: AsyncConnection, operation: WriteOperation) -> None:
        """Leave the reference free that an order had before a change."""
        if operation.former_reference is not None:
            held = (
                *_holding(operation.account, operation.former_reference),
                OPERATIONS.c.status == WriteStatus.CONFIRMED,
                OPERATIONS.c.created_at < operation.created_at,
            )
            await connection.execute(update(OPERATIONS).where(*held).values(reference=None))

    async def take(self, operation: WriteOperation, owner: str, until: datetime) -> WriteOperation | None:
        """Work on one that nobody works on; None if another process was faster."""
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
        """Go on working on those that one has."""
        mine = (OPERATIONS.c.id.in_(ids), OPERATIONS.c.owner == owner)
        async with self._store.begin() as connection:
            longer = {"lease_until": until}
            await connection.execute(update(OPERATIONS).where(*mine).values(longer))

    async def by_key(self, caller: str, account: str, key: str) -> WriteOperation | None:
        """The operation that has used up a caller's key."""
        if not storable(key):
            return None
        theirs = (OPERATIONS.c.caller == caller, OPERATIONS.c.account == account)
        found = await self._found(*theirs, OPERATIONS.c.idempotency_key == key, OPERATIONS.c.binds)
        return next(iter(found), None)

    async def latest_by_key(self, caller: str, account: str, key: str) -> WriteOperation | None:
        """The operation that has used up a caller's key, else the newest that has left it free."""
        if not storable(key):
            return None
        theirs = (OPERATIONS.c.caller == caller, OPERATIONS.c.account == account, OPERATIONS.c.idempotency_key == key)
        newest = (OPERATIONS.c.binds.desc(), OPERATIONS.c.created_at.desc(), OPERATIONS.c.id.desc())
        return next(iter(await self._read(select(OPERATIONS).where(*theirs).order_by(*newest).limit(1))), None)

    async def by_reference(self, account: str, reference: str | None) -> WriteOperation | None:
        """The operation that has used up a reference."""
        if reference is None:
            return None
        return next(iter(await self._found(*_holding(account, reference))), None)

    async def by_id(self, account: str, id_: str) -> WriteOperation | None:
        """An operation of an account."""
        if not storable(id_):
            return None
        return next(iter(await self._found(OPERATIONS.c.account == account, OPERATIONS.c.id == id_)), None)

    async def abandoned(self, now: datetime) -> Sequence[WriteOperation]:
        """Those whose process has not come to an end with them, and is not at work on them any more."""
        late = OPERATIONS.c.lease_until < now
        return await self._found(OPERATIONS.c.status == WriteStatus.SENDING, late)

    async def due(self, now: datetime, accounts: Sequence[str], limit: int) -> Sequence[WriteOperation]:
        """Those in doubt about which the vendors of these accounts are to be asked, the longest due first."""
        moment = now
        free = (OPERATIONS.c.lease_until <= moment, OPERATIONS.c.next_check_at <= moment)
        chosen = select(OPERATIONS).where(*_doubtful(accounts), *free)
        return await self._read(chosen.order_by(OPERATIONS.c.next_check_at).limit(limit))

    async def ask_again(self, now: datetime, accounts: Sequence[str]) -> None:
        """Make those in doubt due about which these accounts' vendors could not be asked."""
        resting = (*_doubtful(accounts), OPERATIONS.c.next_check_at.is_(None))
        async with self._store.begin() as connection:
            due = {"next_check_at": now}
            await connection.execute(update(OPERATIONS).where(*resting).values(due))

    async def listed(self, account: str, query: OperationQuery, window: Window) -> Slice[WriteOperation]:
        """An account's operations by the time of sending."""
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
        """How many operations an account has."""
        counted = select(func.count()).select_from(OPERATIONS).where(*_asked(account, query))
        async with self._store.begin() as connection:
            return (await connection.execute(counted)).scalar_one()

    async def accounts(self) -> Sequence[str]:
        """The accounts that have operations, by name."""
        chosen = select(OPERATIONS.c.account).distinct().order_by(OPERATIONS.c.account)
        async with self._store.begin() as connection:
            return (await connection.execute(chosen)).scalars().all()

    async def forget(self, before: datetime) -> int:
        """Drop what was settled before a time, in small steps that let others write in between; return how many."""
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
"""Whether another operation has used up the key that an operation has left free."""


def _holding(account: str, reference: str) -> tuple[ColumnElement[bool], ...]:
    return (OPERATIONS.c.account == account, OPERATIONS.c.reference == reference, OPERATIONS.c.binds)


def _doubtful(accounts: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return (OPERATIONS.c.status == WriteStatus.IN_DOUBT, OPERATIONS.c.account.in_(accounts))


def _asked(account: str, query: OperationQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [OPERATIONS.c.account == account]
    if query.status is not None:
        conditions.append(OPERATIONS.c.status.in_(query.status))
    if query.mutation is not None:
        conditions.append(OPERATIONS.c.mutation.in_(query.mutation))
    if query.created_at.start is not None:
        conditions.append(OPERATIONS.c.created_at >= query.created_at.start)
    if query.created_at.end is not None:
        conditions.append(OPERATIONS.c.created_at < query.created_at.end)
    return conditions


def sent(call: Call) -> SentCall:
    """A call as it is kept."""
    body, note = _content(call.content or b""), _content(encode(call.note))
    return SentCall(call.operation, call.method, call.target, body, call.parts, note)


def answered(status: int, headers: Mapping[str, str], body: bytes) -> Response:
    """An answer as it is kept."""
    named = next((headers[name] for name in REQUEST_IDS if name in headers), None)
    return Response(status, named[:255] if named else None, _content(body))


def _content(content: bytes) -> Any:
    """A body as JSON where it is any, else as text."""
    try:
        return without_secrets(msgspec.json.decode(content)) if content else None
    except (msgspec.DecodeError, ValueError, RecursionError):
        return content.decode(errors="replace")[:MAX_CONTENT].replace("\0", "")


def without_secrets(value: Any) -> Any:
    """A value in which what is named like a secret is removed."""
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
    """Until when a process may be at work on an operation from now on."""
    return datetime.now(UTC) + timedelta(seconds=seconds)
