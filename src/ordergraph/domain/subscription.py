"""Subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from ordergraph.domain.enums import SubscriptionStatus
from ordergraph.domain.product import PRODUCT
from ordergraph.domain.values import ActionAvailability, Money
from ordergraph.domain.view import Default, Origin, View
from ordergraph.wire.fields import GraphName, Reference


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    """A product covered by a subscription."""

    origin: Origin
    product_id: Annotated[str | None, "The covered product.", *PRODUCT]
    quantity: Annotated[Decimal | None, "The quantity, such as the number of seats."]
    vendor_type: Annotated[str | None, "The role of the item as reported by the vendor, such as BASE."]


class Subscription(View):
    """A contract with a vendor that runs over a term."""

    __slots__ = ()
    type_name = "Subscription"

    vendor_subscription_id = Default[str | None](None, "The vendor's ID of the subscription.")
    name = Default[str | None](None, "The name of the subscription.")
    status = Default[SubscriptionStatus](
        SubscriptionStatus.UNKNOWN, "The subscription's status, normalized across all vendors."
    )
    vendor_status = Default[str | None](None, "The subscription's status as reported by the vendor.")
    has_auto_renewal = Default[bool | None](
        None, "Whether the subscription renews automatically at the end of its term."
    )
    has_pending_changes = Default[bool | None](None, "Whether changes are pending that have not been activated.")
    starts_on = Default[date | None](None, "The start date.")
    activated_on = Default[date | None](None, "The date on which the service was activated.")
    ends_on = Default[date | None](None, "The last day of the current term.")
    billing_frequency = Default[str | None](None, "The billing frequency as reported by the vendor.")
    total_contract_value = Default[Money | None](None, "The total value of the whole term.")
    items = Default[Sequence[SubscriptionItem]]((), "The products covered by the subscription.")
    order_ids = Default[Sequence[str]](
        (),
        "The orders that created or changed the subscription. An entry is null if the order cannot be read.",
        Reference("Order", "fetch_orders"),
        GraphName("orders"),
    )
    available_actions = Default[Sequence[ActionAvailability]](
        (), "The actions on the subscription, and whether each is available now."
    )
    details = Default[View | None](None)
    """The source of the vendor's own GraphQL type."""

    @property
    def version(self) -> str:
        """A string that changes whenever anything in the subscription changes."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SubscriptionChangePreview:
    """A preview of a subscription change: the new values, and the differences from the current ones."""

    quantity: Annotated[Decimal | None, "The number of seats after the change."]
    quantity_delta: Annotated[Decimal | None, "The change in the number of seats."]
    total_contract_value: Annotated[Money | None, "The total value of the whole term after the change."]
    total_contract_value_delta: Annotated[Money | None, "The change in the total value of the term."]
    recurring_charge: Annotated[Money | None, "The charge per billing period after the change."]
    recurring_charge_delta: Annotated[Money | None, "The change in the charge per billing period."]
