"""The connector for Sonata: one method per operation, each with one call and one mapping.

Source: MEF 123, Product Order Management API v10. Every Seller can create and retrieve orders. The other operations
are extensions, which are enabled in the account's settings. ``connector_reads.py`` contains the reads.
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
"""The interval at which the registration for notifications is verified."""
SECONDS_TO_END = 2.0


def shows_patch(now: SonataOrder | SonataCharge, operation: WriteOperation) -> bool | None:
    """Return whether the patch that an operation sent is now in effect. None if that cannot be determined."""
    return operation.wrote(request_mapping.patched(now.wire, operation.calls[-1].body))


class SonataConnector(reads.SonataReads):
    """One account at a Seller."""

    outcomes: ClassVar[Outcomes] = {
        **OUTCOMES,
        "updateOrder": shows_patch,
        "respondToCharge": shows_patch,
        "changeRequestedDate": lambda _order, _operation: False,  # `outcome_of` decides by the requests
    }

    def __init__(self, account: reads.SonataSettings, kept: PlacedOrders) -> None:
        super().__init__(account, kept)
        self.notification_token = _token(account) if self.has("notifications") else None
        self._hub: str | None = None
        self._listening: asyncio.Task[None] | None = None
        self._refreshing: set[asyncio.Task[None]] = set()

    # Actions

    async def place_order(self, request: commands.OrderRequest) -> domain.Order:
        """Place an order. A reference that another order has is rejected before anything is sent."""
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
        """Return the order in a response. The requests about it are taken from ``before``."""
        cancel, dates = (before.cancel, before.dates) if before else (None, ())
        return self._order(reply.decode(wire.Order), reply.received_at, cancel, dates)

    async def orders_by_reference(self, reference: str) -> Sequence[domain.Order] | None:
        """Return the orders with an externalId.

        Without a list, only kept orders are found: None if there are none, because others may exist.
        """
        if not self.has("list"):
            now = [await self._again(kept) for kept in await self.kept.by_reference(reference)]
            return [order for order in now if order is not None and order.client_reference == reference] or None
        found = await self._list("listProductOrder", wire.Order, [("externalId", reference)], "orders")
        rows = [row for row in found.rows if row.wire.external_id == reference]
        if not rows and (found.more or found.skipped):  # it may be among the orders that could not be read
            raise self.client.error(errors.VendorBadReply, "listProductOrder")
        return [SonataOrder(self.origin(found.received_at), row) for row in rows]

    async def outcome_of(self, operation: WriteOperation) -> Finding | None:
        """Return the outcome of an in-doubt operation. A request that the Seller declined was received too."""
        found, task = await super().outcome_of(operation), reads.TASKS.get(operation.mutation)
        if found is None or found.done or task is None:
            return found
        (call,) = operation.calls
        tasks = await self._shown(task, cast("SonataOrder", found.objects[0]).wire.id)
        new = [one for one in tasks if one.id not in call.note and request_mapping.is_for(one, call.body)]
        return replace(found, done=bool(new))

    async def settled(self, operation: WriteOperation, vendor_order_id: str | None) -> Sequence[domain.View]:
        """Return the order with this vendor ID, and keep it if necessary."""
        found = await super().settled(operation, vendor_order_id)
        for order in found:
            await self._keep(cast("SonataOrder", order))
        return found

    async def update_order(self, order: str, change: commands.OrderChange, if_version: str | None) -> domain.Order:
        """Change an order that is not in a final state. Only a few values can be changed."""
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
        """Request the cancellation of an order. It is CANCELLING until the Seller has decided."""
        current = await self._current(order, Action.CANCEL_ORDER)
        body = request_mapping.cancel_to_wire(current, request, self.own.contract)
        return await self._ask(Action.CANCEL_ORDER, reads.CANCELS, order, body)

    async def change_requested_date(self, order: str, line: str, request: commands.DateRequest) -> domain.Order:
        """Request another date for an item."""
        current = await self._current(order, Action.CHANGE_REQUESTED_DATE)
        lines = [SonataLineItem(current, index) for index in range(len(current.items))]
        item = next((one.wire for one in lines if one.key[-1] == line), None)
        if item is None:
            raise refusal(UserErrorCode.NOT_FOUND, f"The order {order[:100]} has no line {line[:100]}.")
        if item.state != mapping.IN_PROGRESS:
            message = f"Only possible for items in status {mapping.IN_PROGRESS}. The item is {item.state}."
            raise refusal(UserErrorCode.WRONG_STATUS, message, item.state)
        body = request_mapping.date_to_ask(current, item, request)
        return await self._ask(Action.CHANGE_REQUESTED_DATE, reads.DATES, order, body)

    async def respond_to_charge(self, charge: str, answer: commands.ChargeAnswer) -> domain.Charge:
        """Accept or decline all items of a charge at once."""
        self.cache.forget(*reads.TOUCHED)
        current = await self._charge(charge)
        if current is None:
            raise refusal(UserErrorCode.NOT_FOUND, f"The account `{self.name}` has no charge {charge[:100]}.")
        if current.status is not ChargeStatus.AWAITING_RESPONSE:
            message = f"Only possible in status awaitingResponse. The charge is {current.vendor_status}."
            raise refusal(UserErrorCode.WRONG_STATUS, message, current.vendor_status)
        findings = commands.Findings(self.name)
        body = request_mapping.answer_to_wire(current.wire, answer, self.defaults, findings)
        findings.raise_any()
        note = request_mapping.patched(current.wire, body)
        reply = await self._send(self._change("patchCharge", charge, body=body, note=note))
        return SonataCharge(self.origin(reply.received_at), reply.decode(wire.Charge))

    async def _current(self, order: str, action: Action) -> SonataOrder:
        """Return the current order. Raise ActionRefused if its state does not allow the action."""
        self.cache.forget(*reads.TOUCHED)
        current = await self._get(order)
        if current is None:
            raise self.no_order(order)
        self.require(action)
        if not mapping.order_action(action, current.vendor_status).is_allowed:
            raise refused(action, current)
        return current

    async def _asked(self, action: Action, order: str, asking: Awaitable[Reply]) -> Reply:
        """Return the Seller's response. If it is a rejection because of the order's state, raise that instead."""
        try:
            return await asking
        except errors.VendorRejected as error:
            self.cache.forget(*reads.TOUCHED)
            with contextlib.suppress(errors.VendorError):
                current = await self._get(order)
                if current and not mapping.order_action(action, current.vendor_status).is_allowed:
                    raise refused(action, current, error.problem.code) from None
            raise

    async def _ask(self, action: Action, task: TaskKind[wire.Task], order: str, body: object) -> SonataOrder:
        """Send a request that the Seller decides on. If only the following read fails, the request was sent."""
        call = self._change(f"create{task.name}", body=body, note=await self._task_ids(task, order))
        await self._asked(action, order, self._send(call))
        try:
            return await self._retrieve(order)
        except errors.VendorError as error:
            error.nothing_done = False
            raise

    # Notifications

    async def start(self) -> None:
        """Register for notifications."""
        if self.notification_token is not None and self.own.callback_url is not None:
            callback = f"{str(self.own.callback_url).rstrip('/')}/{self.notification_token}"
            self._listening = asyncio.create_task(self._listen(callback))

    async def _listen(self, callback: str) -> None:
        """Register, and register again if the Seller drops the registration. The second failure in a row is logged."""
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
                    log.warning("notification registration failed", account=self.name, problem=str(error))
            await asyncio.sleep(RETRY_SECONDS if failures == 1 else HUB_SECONDS)

    async def _knows(self, hub: str) -> bool:
        """Return whether the Seller still has the registration."""
        try:
            await self.client.call(self.client.build("retrieveHub", hub, query=self.parties))
        except errors.VendorNotFound:
            return False
        return True

    async def aclose(self) -> None:
        """Unregister from notifications, within a time limit, and close all connections."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._refreshing:  # let writes to the ledger complete
            await asyncio.wait(self._refreshing, timeout=SECONDS_TO_END)
        if self._hub is not None:
            with contextlib.suppress(errors.VendorError, errors.ActionRefused, TimeoutError):
                async with asyncio.timeout(SECONDS_TO_END):
                    await self._send(self._change("unregisterListener", self._hub, body=None))
            self._hub = None
        await super().aclose()

    async def notified(self, path: str, body: bytes) -> str | None:
        """Process a notification: drop the cached reads and, without a list, read a kept order again.

        Return the ID of the order if the notification names one. Raise InputError if it is not a valid notification.
        """
        event = path.removeprefix(LISTENER)
        if event == path:
            raise errors.InputError(f"The account `{self.name}` does not accept notifications at {path[:100]}.")
        try:
            told = msgspec.json.decode(body.removeprefix(BOM), type=wire.Event)
        except UNREADABLE as error:
            raise errors.InputError(f"The body is not a valid notification: {error}") from None
        self.cache.forget(*reads.TOUCHED)
        if not self.has("list"):
            task = asyncio.create_task(self._refresh(event, told.event.id))
            self._refreshing.add(task)
            task.add_done_callback(self._refreshing.discard)
        return told.event.id if event.startswith("product") else None

    async def _refresh(self, event: str, id_: str) -> None:
        """Read the kept order that a notification concerns. ``id_`` is the ID of the order, a charge or a request."""
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
    """Return a secret that every process of the gateway can derive from the account's secret."""
    return hmac.new(account.client_secret.get_secret_value().encode(), account.name.encode(), "sha256").hexdigest()
