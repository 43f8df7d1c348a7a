"""The subscriptions and the invoices of an account at the Hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from ordergraph import domain
from ordergraph.connector import Fetched, each
from ordergraph.domain.commands import OMITTED, InvoiceQuery, ProductSwap, SubscriptionChange, SubscriptionQuery
from ordergraph.domain.errors import ActionRefused, UserError, UserErrorCode, VendorError
from ordergraph.domain.paging import OffsetPage, Slice, Window, invoice_key, narrowed
from ordergraph.vendors.nuvias import request_mapping, wire
from ordergraph.vendors.nuvias.connector_calls import PAGE_SIZE, PARALLEL, HubConnector, Kind, paging
from ordergraph.vendors.nuvias.mapping import NuviasInvoice, NuviasSubscription
from ordergraph.vendors.nuvias.request_mapping import HUB_ID
from ordergraph.vendors.nuvias.values import number

INVOICE_PAGES = 5  # the maximum number of pages to read instead of many look-ups

SUBSCRIPTIONS = Kind(NuviasSubscription, wire.Subscription, "get_subscription", "subscriptions")
LISTED_SUBSCRIPTIONS = Kind(NuviasSubscription, wire.Subscription, "list_subscriptions", "subscriptions")
LISTED_INVOICES = Kind(NuviasInvoice, wire.Invoice, "list_invoices", "invoices")


class BillingConnector(HubConnector):
    """The part of an account that is about subscriptions and invoices."""

    async def fetch_subscriptions(self, keys: Sequence[str]) -> Fetched[domain.Subscription]:
        """Return subscriptions by id."""
        return await each(keys, lambda key: self.get(SUBSCRIPTIONS, key))

    async def fetch_order_subscriptions(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Subscription]]:
        """Return the subscriptions of each order. The Hub returns all subscriptions at once."""
        try:
            answer = await self.read_list(LISTED_SUBSCRIPTIONS)
        except VendorError as error:
            return [error] * len(keys)
        found: dict[str, list[domain.Subscription]] = {}
        for subscription in answer.value:
            for order in subscription.order_ids:
                found.setdefault(order, []).append(subscription)
        return [found.get(key, ()) for key in keys]

    async def list_subscriptions(
        self, query: SubscriptionQuery, offset: int, limit: int
    ) -> OffsetPage[domain.Subscription]:
        """Return subscriptions in the Hub's order. The Hub documents no paging for them, so the list is read whole."""
        filters = request_mapping.subscriptions_query(query)
        if filters is None:
            return OffsetPage([], 0, datetime.now(UTC))
        return await self.part_of_whole(LISTED_SUBSCRIPTIONS, filters, offset, limit)

    async def update_subscription(self, subscription: str, change: SubscriptionChange) -> domain.Subscription:
        """Change a subscription. The Hub's PUT replaces all three fields, so omitted ones are sent unchanged."""
        self.cache.forget("subscriptions")
        current = await self.get(SUBSCRIPTIONS, subscription)
        if current is None:
            raise self.nothing(f"no subscription {subscription}")
        body = wire.SubscriptionWrite(
            auto_renewal_flag=current.wire.auto_renewal_flag
            if change.has_auto_renewal is OMITTED
            else change.has_auto_renewal,
            has_pending_changes=change.details.get("has_pending_changes", current.wire.has_pending_changes),
            total_contract_value=change.details.get("total_contract_value", current.wire.total_contract_value),
            type=current.wire.subscription_type,
        )
        before = request_mapping.body_of(current.wire, wire.SubscriptionWrite)
        return await self._subscription_action("edit_subscription", subscription, body, before)

    async def activate_subscription(self, subscription: str, on: date) -> domain.Subscription:
        """Activate a PENDING subscription on a day."""
        body = wire.ServiceActivation(service_activation_date=midnight(on))
        return await self._subscription_action("activate_subscription", subscription, body)

    async def cancel_subscription(self, subscription: str) -> domain.Subscription:
        """Cancel a PENDING subscription."""
        return await self._subscription_action("cancel_subscription", subscription)

    async def activate_subscription_changes(self, subscription: str, on: date) -> domain.Subscription:
        """Activate pending changes on a day."""
        body = wire.ChangeActivation(activation_date=midnight(on))
        return await self._subscription_action("activate_changes", subscription, body)

    async def cancel_subscription_changes(self, subscription: str) -> domain.Subscription:
        """Cancel pending changes."""
        return await self._subscription_action("cancel_changes", subscription)

    async def _subscription_action(
        self, operation: str, subscription: str, body: object = None, note: object = None
    ) -> domain.Subscription:
        call = self.call_on(operation, subscription, body, note)
        return await self.written(SUBSCRIPTIONS, call, "subscriptions")

    async def preview_subscription_change(
        self, subscription: str, lines: Sequence[ProductSwap], purchase_order_number: str | None
    ) -> domain.SubscriptionChangePreview:
        """Return the cost of a change order. The POST changes nothing."""
        if not HUB_ID.fullmatch(subscription):
            message = f"The account `{self.name}` has no subscription with this ID."
            raise ActionRefused(UserError(UserErrorCode.NOT_FOUND, message, ("input", "subscriptionId")))
        swaps = self.checked(
            lambda findings: [
                request_mapping.swap_to_wire(line, findings, "lineItems", str(index))
                for index, line in enumerate(lines)
            ]
        )
        body = wire.ChangePreviewWrite(int(subscription), purchase_order_number, swaps)
        reply = await self.client.call(self.client.build("preview_change", body=body))
        facts, costs = await self.facts(), reply.value(wire.ChangePreview)
        return domain.SubscriptionChangePreview(
            quantity=number(costs.subscription_new),
            quantity_delta=number(costs.subscription_delta),
            total_contract_value=facts.money(costs.tcv_new),
            total_contract_value_delta=facts.money(costs.tcv_delta),
            recurring_charge=facts.money(costs.rc_new),
            recurring_charge_delta=facts.money(costs.rc_delta),
        )

    # Invoices

    async def list_invoices(self, query: InvoiceQuery, window: Window) -> Slice[domain.Invoice]:
        """Return invoices and credit notes by date."""
        issued = narrowed(query.issued_at, window, request_mapping.SECOND)
        filters = request_mapping.invoices_query(replace(query, issued_at=issued))
        if filters is None:
            return Slice([], more=False, fetched_at=datetime.now(UTC), total=0)
        found = await self.sought(
            LISTED_INVOICES,
            filters,
            "date",
            window,
            invoice_key,
            lambda invoice: request_mapping.invoice_wanted(invoice, query),
        )
        exact = query.purchase_order_numbers is None and request_mapping.whole_days(query.issued_at)
        return replace(found, total=found.total if exact and window.after is None else None)

    async def list_invoices_sorted(
        self, query: InvoiceQuery, sort: str, offset: int, limit: int
    ) -> OffsetPage[domain.Invoice]:
        """Return invoices in one of the Hub's sort orders."""
        filters = request_mapping.invoices_query(query)
        if filters is None:
            return OffsetPage([], 0, datetime.now(UTC))
        return await self.part(LISTED_INVOICES, [*filters, ("sort_by", sort)], offset, limit)

    async def fetch_invoices(self, keys: Sequence[str]) -> Fetched[domain.Invoice]:
        """Return invoices by ``id:reference``. The Hub has no look-up by id, so they are searched for by reference."""
        return await each(keys, self._invoice)

    async def _invoice(self, key: str) -> domain.Invoice | None:
        number, _, reference = key.partition(":")
        if not reference or not HUB_ID.fullmatch(number):
            return None
        found = await self._invoices_of(reference)
        return next((invoice for invoice in found if invoice.key == (number, reference)), None)

    async def _invoices_of(self, text: str) -> list[NuviasInvoice]:
        query = [("text", text), *paging(1, PAGE_SIZE)]
        return (await self.read_list(LISTED_INVOICES, query)).value

    async def fetch_order_invoices(self, keys: Sequence[str]) -> Fetched[Sequence[domain.Invoice]]:
        """Return the invoices of each purchase order number. The Hub links invoices by nothing else.

        For many numbers, the whole list is read if it has fewer pages than there are numbers.
        """
        try:
            listed = await self._all_invoices(len(keys)) if len(keys) >= PARALLEL else None
        except VendorError as error:
            return [error] * len(keys)

        async def of(key: str) -> Sequence[domain.Invoice]:
            found = listed if listed is not None else await self._invoices_of(key)
            return [invoice for invoice in found if invoice.purchase_order_number == key]

        return await each(keys, of)

    async def _all_invoices(self, most: int) -> list[NuviasInvoice] | None:
        """Return all invoices, or None if that takes more calls than ``most``."""
        most = min(most, INVOICE_PAGES)
        answer = await self.first_pages(LISTED_INVOICES, most, all_or_first=True)
        return None if (answer.pages or 1) > most else answer.value


def midnight(on: date) -> str:
    """Return a day in the format of the Hub's samples of activations."""
    return f"{on.isoformat()}T00:00:00.000Z"
