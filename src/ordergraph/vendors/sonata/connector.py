"""Sonata: one method per operation, each one call and one mapping.

Source: MEF 123, Product Order Management API v10. A Seller need only create and retrieve orders: the other
operations are extensions, which an account's settings switch on. What is read is in ``connector_reads.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import ClassVar, cast

import msgspec
import structlog
from msgspec import UNSET

from ordergraph import domain
from ordergraph.connector import OUTCOMES, Outcomes, refused
from ordergraph.domain import Action, ChargeStatus, commands, errors
from ordergraph.domain.errors import UserErrorCode
from ordergraph.ledger.operations import Finding, WriteOperation
from ordergraph.ledger.placed import PlacedOrders
from ordergraph.upstream.client import BOM, UNREADABLE, Reply
from ordergraph.vendors.sonata import connector_reads as reads
from ordergraph.vendors.sonata import mapping, request_mapping, wire
from ordergraph.vendors.sonata.connector_reads import TaskKind, refusal
from ordergraph.vendors.sonata.mapping import SonataLineItem, SonataOrder
from ordergraph.vendors.sonata.mapping_contracts import SonataCharge, order_named_by

log = structlog.get_logger(__name__)

LISTENER = "mefApi/sonata/productOrderingNotification/v10/listener/"
RETRY_SECONDS = 5.0
HUB_SECONDS = 300.0
"""How often to look whether the Seller still sends notifications."""
SECONDS_TO_END = 2.0


def shows_patch(now: SonataOrder | SonataCharge, operation: WriteOperation) -> bool | None:
    """Whether the patch that an operation sent is there now; None where that cannot be told."""
    return operation.wrote(request_mapping.patched(now.wire, operation.calls[-1].body))


class SonataConnector(reads.SonataReads):
    """One account at a Seller."""

    outcomes: ClassVar[Outcomes] = {
        **OUTCOMES,
        "updateOrder": shows_patch,
        "respondToCharge": shows_patch,
        "changeRequestedDate": lambda _order, _operation: False,  # told by the requests: `find_outcome`
    }

    def __init__(self, account: reads.SonataSettings, kept: PlacedOrders) -> None:
        super().__init__(account, kept)
        self.notification_token = _token(account) if self.has("notifications") else None
        self._hub: str | None = None
        self._listening: asyncio.Task[None] | None = None
        self._refreshing: set[asyncio.Task[None]] = set()

    # Actions

    async def place_order(self, request: commands.OrderRequest) -> domain.Order:
        """Order something; a reference that another order has is refused before anything is sent."""
        findings = commands.Findings(self.name)
        body = request_mapping.order_to_wire(commands.with_reference(request), self.defaults, findings)
        findings.raise_any()
        await self.check_reference(body.external_id)
        if not self.has("list"):
            await self.kept.ready()
        call = self._change("createProductOrder", body=body, reference=body.external_id)
        order = self._read_order(await self._send(call))
        await self._keep(order)
        return order

    def _read_order(self, reply: Reply, before: SonataOrder | None = None) -> SonataOrder:
        """The order of an answer; the requests about it are as they were ``before``."""
        cancel, dates = (before.cancel, before.dates) if before else (None, ())
        return self._order(reply.decode(wire.Order), reply.received_at, cancel, dates)

    async def orders_by_reference(self, reference: str) -> Sequence[domain.Order] | None:
        """The orders with an externalId; without a list those that are kept, and there may be others."""
        if not self.has("list"):
            now = [await self._again(kept) for kept in await self.kept.by_reference(reference)]
            return [order for order in now if order is not None and order.client_reference == reference] or None
        found = await self._list("listProductOrder", wire.Order, [("externalId", reference)], "orders")
        rows = [row for row in found.rows if row.wire.external_id == reference]
        if not rows and (found.more or found.skipped):  # it may be among what cannot be read
            raise self.client.error(errors.VendorBadReply, "listProductOrder")
        return [SonataOrder(self.origin(found.received_at), row) for row in rows]

    async def outcome_of(self, operation: WriteOperation) -> Finding | None:
        """What the Seller shows of an operation in doubt. What it was asked for, it may have declined already."""
        found, task = await super().outcome_of(operation), reads.TASKS.get(operation.mutation)
        if found is None or found.done or task is None:
            return found
        (call,) = operation.calls
        tasks = await self._shown(task, cast("SonataOrder", found.objects[0]).wire.id)
        new = [one for one in tasks if one.id not in call.note and request_mapping.is_for(one, call.body)]
        return replace(found, done=bool(new))

    async def settled(self, operation: WriteOperation, vendor_order_id: str | None) -> Sequence[domain.View]:
        """The order that the Seller calls so, kept from now on where it has to be."""
        found = await super().settled(operation, vendor_order_id)
        for order in found:
            await self._keep(cast("SonataOrder", order))
        return found

    async def update_order(self, order: str, change: commands.OrderChange, if_version: str | None) -> domain.Order:
        """Change a few things of an order that is not over."""
        current = await self._current(order, Action.UPDATE_ORDER)
        self.check_version(current, if_version)
        findings = commands.Findings(self.name)
        patch = request_mapping.change_to_wire(current, change, self.defaults, findings)
        findings.raise_any()
        call = self._change("patchProductOrder", order, body=patch, note=request_mapping.patched(current.wire, patch))
        if patch.external_id is not UNSET:
            call = await self.renaming(call, current, patch.external_id)
        changed = self._read_order(await self._asked(Action.UPDATE_ORDER, order, self._send(call)), current)
        await self._keep(changed)
        return changed

    async def cancel_order(self, order: str, request: commands.CancelRequest) -> domain.Order:
        """Ask for an order to be cancelled: until the Seller has decided, it is CANCELLING."""
        current = await self._current(order, Action.CANCEL_ORDER)
        body = request_mapping.cancel_to_wire(current, request, self.own.contract)
        return await self._ask(Action.CANCEL_ORDER, reads.CANCELS, order, body)

    async def change_requested_date(self, order: str, line: str, request: commands.DateRequest) -> domain.Order:
        """Ask for another date of an item."""
        current = await self._current(order, Action.CHANGE_REQUESTED_DATE)
        lines = [SonataLineItem(current, index) for index in range(len(current.items))]
        item = next((one.wire for one in lines if one.key[-1] == line), None)
        if item is None:
            raise refusal(UserErrorCode.NOT_FOUND, f"Order {order[:100]} has no line {line[:100]}.")
        if item.state != mapping.IN_PROGRESS:
            message = f"Only of an item in inProgress, not in {item.state}."
            raise refusal(UserErrorCode.WRONG_STATUS, message, item.state)
        body = request_mapping.date_to_ask(current, item, request)
        return await self._ask(Action.CHANGE_REQUESTED_DATE, reads.DATES, order, body)

    async def respond_to_charge(self, charge: str, answer: commands.ChargeAnswer) -> domain.Charge:
        """Accept or decline the items of a charge, all at once."""
        self.cache.forget(*reads.TOUCHED)
        current = await self._charge(charge)
        if current is None:
            raise refusal(UserErrorCode.NOT_FOUND, f"account {self.name} has no charge {charge[:100]}")
        if current.status is not ChargeStatus.AWAITING_RESPONSE:
            message = f"Only in awaitingResponse, not in {current.vendor_status}."
            raise refusal(UserErrorCode.WRONG_STATUS, message, current.vendor_status)
        findings = commands.Findings(self.name)
        body = request_mapping.answer_to_wire(current.wire, answer, self.defaults, findings)
        findings.raise_any()
        note = request_mapping.patched(current.wire, body)
        reply = await self._send(self._change("patchCharge", charge, body=body, note=note))
        return SonataCharge(self.origin(reply.received_at), reply.decode(wire.Charge))

    async def _current(self, order: str, action: Action) -> SonataOrder:
        """The order as it is now, in a state in which the action makes sense."""
        self.cache.forget(*reads.TOUCHED)
        current = await self._get(order)
        if current is None:
            raise self.no_order(order)
        self.require(action)
        if not mapping.order_action(action, current.vendor_status).allowed:
            raise refused(action, current)
        return current

    async def _asked(self, action: Action, order: str, asking: Awaitable[Reply]) -> Reply:
        """What the Seller answers; where it refuses, and the order's state has changed meanwhile, that says more."""
        try:
            return await asking
        except errors.VendorRejected as error:
            self.cache.forget(*reads.TOUCHED)
            with contextlib.suppress(errors.VendorError):
                current = await self._get(order)
                if current and not mapping.order_action(action, current.vendor_status).allowed:
                    raise refused(action, current, error.problem.code) from None
            raise

    async def _ask(self, action: Action, task: TaskKind[wire.Task], order: str, body: object) -> SonataOrder:
        """Send a request that the Seller decides on; that the order cannot be read then is no sign of a refusal."""
        call = self._change(f"create{task.name}", body=body, note=await self._task_ids(task, order))
        await self._asked(action, order, self._send(call))
        try:
            return await self._retrieve(order)
        except errors.VendorError as error:
            error.nothing_done = False
            raise

    # Notifications

    async def start(self) -> None:
        """Ask to be told of changes."""
        if self.notification_token is not None and self.own.callback_url is not None:
            callback = f"{str(self.own.callback_url).rstrip('/')}/{self.notification_token}"
            self._listening = asyncio.create_task(self._listen(callback))

    async def _listen(self, callback: str) -> None:
        """Register, and do so again whenever the Seller has forgotten it; a second failure in a row is told."""
        failures = 0
        while True:
            try:
                if self._hub is None or not await self._knows(self._hub):
                    reply = await self._send(self._change("registerListener", body=wire.HubWrite(callback)))
                    self._hub = reply.value(wire.Hub).id
                failures = 0
            except (errors.VendorError, errors.ActionRefused) as error:
                failures += 1
                if failures == 2:
                    log.warning("not registered for notifications", account=self.name, problem=str(error))
            await asyncio.sleep(RETRY_SECONDS if failures == 1 else HUB_SECONDS)

    async def _knows(self, hub: str) -> bool:
        """Whether the Seller still has the registration."""
        try:
            await self.client.call(self.client.build("retrieveHub", hub, query=self.parties))
        except errors.VendorNotFound:
            return False
        return True

    async def aclose(self) -> None:
        """Ask to be told no more, if that goes quickly, and let go of all connections."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._refreshing:  # the ledger is not to be left in the middle of something
            await asyncio.wait(self._refreshing, timeout=SECONDS_TO_END)
        if self._hub is not None:
            with contextlib.suppress(errors.VendorError, errors.ActionRefused, TimeoutError):
                async with asyncio.timeout(SECONDS_TO_END):
                    await self._send(self._change("unregisterListener", self._hub, body=None))
            self._hub = None
        await super().aclose()

    async def notified(self, path: str, body: bytes) -> str | None:
        """Something has changed: what was read is forgotten, and a kept order read again."""
        event = path.removeprefix(LISTENER)
        if event == path:
            raise errors.InputError(f"account {self.name} takes no notifications at {path[:100]}")
        try:
            told = msgspec.json.decode(body.removeprefix(BOM), type=wire.Event)
        except UNREADABLE as error:
            raise errors.InputError(f"no notification: {error}") from None
        self.cache.forget(*reads.TOUCHED)
        if not self.has("list"):
            task = asyncio.create_task(self._refresh(event, told.event.id))
            self._refreshing.add(task)
            task.add_done_callback(self._refreshing.discard)
        return told.event.id if event.startswith("product") else None

    async def _refresh(self, event: str, id_: str) -> None:
        """Read a kept order again that a notification is about: by its id, or by that of a charge or a task."""
        with contextlib.suppress(errors.VendorError, errors.ActionRefused, errors.LedgerUnavailable):
            order = await self._order_of(event, id_)
            kept = await self.kept.get(order) if order else None
            if kept is not None:
                await self._again(kept)

    async def _order_of(self, event: str, id_: str) -> str | None:
        if not request_mapping.ID.fullmatch(id_):
            return None
        if event.startswith("charge"):
            charge = await self._charge(id_)
            return charge.order_id if charge else None
        task = next((one for one in reads.TASKS.values() if event.lower().startswith(one.name.lower())), None)
        if task is None:
            return id_
        source, _ = await self._one(f"retrieve{task.name}", task.type, id_, "orders")
        return order_named_by(source.wire)


def _token(account: reads.SonataSettings) -> str:
    """A secret that every process of the gateway can tell, and only who has the account's own secret besides."""
    return hmac.new(account.client_secret.get_secret_value().encode(), account.name.encode(), "sha256").hexdigest()
