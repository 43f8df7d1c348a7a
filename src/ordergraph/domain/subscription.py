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
    """A product that a subscription covers."""

    origin: Origin
    product_id: Annotated[str | None, "The product.", *PRODUCT]
    quantity: Annotated[Decimal | None, "How many, such as seats."]
    vendor_type: Annotated[str | None, "The vendor's word for the part it plays, such as BASE."]


class Subscription(View):
    """A contract with a vendor that runs over time."""

    __slots__ = ()
    type_name = "Subscription"

    vendor_subscription_id = Default[str | None](None, "The vendor's own ID.")
    name = Default[str | None](None, "What it is called.")
    status = Default[SubscriptionStatus](SubscriptionStatus.UNKNOWN, "Where it stands.")
    vendor_status = Default[str | None](None, "The vendor's own word for the status.")
    auto_renews = Default[bool | None](None, "Whether it goes on after its end by itself.")
    has_pending_changes = Default[bool | None](None, "Whether a change waits to be activated.")
    starts_on = Default[date | None](None, "The first day.")
    activated_on = Default[date | None](None, "The day the service was activated.")
    ends_on = Default[date | None](None, "The last day of the present term.")
    billing_frequency = Default[str | None](None, "How often it is billed, in the vendor's word.")
    total_contract_value = Default[Money | None](None, "What the whole term comes to.")
    items = Default[Sequence[SubscriptionItem]]((), "The products that it covers.")
    order_ids = Default[Sequence[str]](
        (),
        "The orders that made and changed it. Null entries could not be read.",
        Reference("Order", "fetch_orders"),
        GraphName("orders"),
    )
    available_actions = Default[Sequence[ActionAvailability]]((), "What can be done with it now.")
    details = Default[View | None](None)
    """What only this vendor has: an object that its own GraphQL type is read from."""

    @property
    def version(self) -> str:
        """Changes whenever anything in the subscription changes."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SubscriptionChangePreview:
    """What a change of a subscription would come to: the new figures, and by how much they differ."""

    quantity: Annotated[Decimal | None, "How many seats it would have."]
    quantity_delta: Annotated[Decimal | None, "How many more that is."]
    total_contract_value: Annotated[Money | None, "What the whole term would come to."]
    total_contract_value_delta: Annotated[Money | None, "How much more that is."]
    recurring_charge: Annotated[Money | None, "What each period would cost."]
    recurring_charge_delta: Annotated[Money | None, "How much more that is."]
