"""Subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ordergraph.domain.enums import SubscriptionStatus
from ordergraph.domain.values import ActionAvailability, Money
from ordergraph.domain.view import Default, Origin, View


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    """A product that a subscription covers."""

    origin: Origin
    product_id: str | None
    quantity: Decimal | None
    vendor_type: str | None


class Subscription(View):
    """A contract with a vendor that runs over time."""

    __slots__ = ()
    type_name = "Subscription"

    vendor_subscription_id = Default[str | None](None)
    name = Default[str | None](None)
    status = Default[SubscriptionStatus](SubscriptionStatus.UNKNOWN)
    vendor_status = Default[str | None](None)
    auto_renews = Default[bool | None](None)
    has_pending_changes = Default[bool | None](None)
    starts_on = Default[date | None](None)
    activated_on = Default[date | None](None)
    ends_on = Default[date | None](None)
    billing_frequency = Default[str | None](None)
    total_contract_value = Default[Money | None](None)
    items = Default[Sequence[SubscriptionItem]](())
    order_ids = Default[Sequence[str]](())
    """The vendor's ids of the orders that made and changed it; the graph shows the orders."""
    available_actions = Default[Sequence[ActionAvailability]](())
    details = Default[View | None](None)
    """What only this vendor has: an object that its own GraphQL type is read from."""

    @property
    def version(self) -> str:
        """Changes whenever anything in the subscription changes."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SubscriptionChangePreview:
    """What a change of a subscription would come to: the new figures, and by how much they differ."""

    quantity: Decimal | None
    quantity_delta: Decimal | None
    total_contract_value: Money | None
    total_contract_value_delta: Money | None
    recurring_charge: Money | None
    recurring_charge_delta: Money | None
