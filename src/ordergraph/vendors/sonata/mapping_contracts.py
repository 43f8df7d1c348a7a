"""Sonata's contracts, charges and tasks as ordergraph's. Source: MEF 123, Product Order Management API v10."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast
from urllib.parse import quote

from ordergraph import domain
from ordergraph.domain import ChargeItemStatus, ChargeStatus, Money, Origin, Ref, SubscriptionStatus
from ordergraph.upstream.calls import Decoded
from ordergraph.vendors.sonata import wire
from ordergraph.vendors.sonata.mapping import (
    Details,
    Part,
    SonataLineItem,
    SonataOrder,
    look_up,
    moment,
    note_unreadable,
)
from ordergraph.wire import decoding

CHARGE_STATUS: Mapping[str, ChargeStatus] = {
    "awaitingResponse": ChargeStatus.AWAITING_RESPONSE,
    "completed": ChargeStatus.ANSWERED,
    "timeout": ChargeStatus.TIMED_OUT,
    "withdrawnBySeller": ChargeStatus.WITHDRAWN,
}
CHARGE_ITEM_STATUS: Mapping[str, ChargeItemStatus] = {
    "acceptedByBuyer": ChargeItemStatus.ACCEPTED,
    "awaitingResponse": ChargeItemStatus.AWAITING_RESPONSE,
    "declinedByBuyer": ChargeItemStatus.DECLINED,
    "withdrawnBySeller": ChargeItemStatus.WITHDRAWN,
}
SUBSCRIPTION: Mapping[str, SubscriptionStatus] = {
    "acknowledged": SubscriptionStatus.PENDING,
    "cancelled": SubscriptionStatus.CANCELLED,
    "completed": SubscriptionStatus.ACTIVE,
    "failed": SubscriptionStatus.CANCELLED,
    "held": SubscriptionStatus.PENDING,
    "inProgress": SubscriptionStatus.PENDING,
    "pending": SubscriptionStatus.PENDING,
    "rejected": SubscriptionStatus.CANCELLED,
    "rejected.unassessed": SubscriptionStatus.CANCELLED,
    "rejected.validated": SubscriptionStatus.CANCELLED,
}
RENEWS: Mapping[str, bool] = {"autoDisconnect": False, "autoRenew": True, "roll": True}
MONTHS = {"calendarMonths": 1}
DAYS = {"calendarDays": 1}

# --------------------------------------------------------------------------------------------- subscriptions


def subscriptions_of(order: SonataOrder) -> Sequence[SonataSubscription]:
    """The contracts that an order's items make: those with a term."""
    return [SonataSubscription(order, index) for index, item in enumerate(order.items) if item.itemTerm]


class SonataSubscription(domain.Subscription):
    """The contract that an item makes: the product in service, for a term."""

    __slots__ = ("index", "order", "wire")

    def __init__(self, order: SonataOrder, index: int) -> None:
        super().__init__(order.origin)
        self.order = order
        self.index = index
        self.wire = order.items[index]

    @property
    def key(self) -> tuple[str, ...]:
        # ids are any text, so that only when they are encoded a colon parts them
        return (quote(self.order.wire.id, safe=""), quote(self.wire.id or str(self.index), safe=""))

    @property
    def term(self) -> wire.Term:
        """The agreed term."""
        return self.wire.itemTerm[0] if self.wire.itemTerm else wire.Term()

    @property
    def vendor_subscription_id(self) -> str | None:
        return self.wire.product.id if self.wire.product else None

    @property
    def name(self) -> str | None:
        return self.term.name

    @property
    def status(self) -> SubscriptionStatus:
        status = look_up(SUBSCRIPTION, self.wire.state, SubscriptionStatus.UNKNOWN, "item state")
        over = self.ends_on is not None and self.ends_on < self.origin.retrieved_at.date() and not self.auto_renews
        return SubscriptionStatus.EXPIRED if status is SubscriptionStatus.ACTIVE and over else status

    @property
    def vendor_status(self) -> str | None:
        return self.wire.state

    @property
    def auto_renews(self) -> bool | None:
        return look_up(RENEWS, self.term.endOfTermAction, None, "end of term action")

    @property
    def starts_on(self) -> date | None:
        at = moment(self.wire.completionDate) or moment(self.wire.expectedCompletionDate)
        return at.date() if at else None

    @property
    def activated_on(self) -> date | None:
        at = moment(self.wire.completionDate)
        return at.date() if at else None

    @property
    def ends_on(self) -> date | None:
        return after(self.starts_on, self.term.duration)

    @property
    def items(self) -> Sequence[domain.SubscriptionItem]:
        line = SonataLineItem(self.order, self.index)
        return [domain.SubscriptionItem(self.origin, line.product_id, line.quantity, line.name)]

    @property
    def order_ids(self) -> Sequence[str]:
        return [self.order.wire.id]

    @property
    def details(self) -> SonataSubscriptionDetails:
        return SonataSubscriptionDetails(self)

    @property
    def version(self) -> str:
        return decoding.version_of(self.wire)


def after(start: date | None, duration: wire.Duration | None) -> date | None:
    """The day on which a term that began ends; None for one that is counted in business days or hours."""
    if start is None or duration is None or duration.amount is None:
        return None
    try:
        if duration.units in DAYS:
            return start + timedelta(days=duration.amount)
        if duration.units in MONTHS:
            return months_after(start, duration.amount)
    except (ValueError, OverflowError):
        return note_unreadable("duration", str(duration.amount))
    return None


def months_after(start: date, count: int) -> date:
    """The same day so many months on, or the last one of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return first.replace(day=min(start.day, (following - first).days))


class SonataSubscriptionDetails(Details):
    """What only a contract of Sonata has."""

    __slots__ = ("subscription",)
    type_name = "Subscription"

    def __init__(self, subscription: SonataSubscription) -> None:
        super().__init__(subscription.origin, subscription.wire)
        self.subscription = subscription

    @property
    def key(self) -> tuple[str, ...]:
        return self.subscription.key

    @property
    def raw(self) -> Any:
        """The item that makes it."""
        return SonataLineItem(self.subscription.order, self.subscription.index).details.raw

    @property
    def term(self) -> Part:
        """The agreed term."""
        return Part(self.subscription.term)

    @property
    def product_id(self) -> str | None:
        """The id of the product in the Seller's inventory."""
        return self.subscription.vendor_subscription_id

    @property
    def billing_account_id(self) -> str | None:
        account = self.subscription.wire.billingAccount
        return account.id if account else None


# --------------------------------------------------------------------------------------------------- charges


class SonataCharge(domain.Charge):
    """A charge of an order or of an item."""

    __slots__ = ("order_key", "source", "wire")

    def __init__(self, origin: Origin, source: Decoded[wire.Charge], order_key: str | None = None) -> None:
        super().__init__(origin)
        self.wire = source.wire
        self.source = source
        self.order_key = order_key

    @property
    def key(self) -> tuple[str, ...]:
        return (self.wire.id,)

    @property
    def vendor_charge_id(self) -> str:
        return self.wire.id

    @property
    def order_id(self) -> str | None:
        about = self.wire.productOrder or self.wire.productOrderItem
        return about.productOrderId if about else self.order_key

    @property
    def line_item_id(self) -> str | None:
        about = self.wire.productOrderItem
        if about is None or not about.productOrderId or not about.productOrderItemId:
            return None
        return str(Ref("LineItem", self.origin.account, (about.productOrderId, about.productOrderItemId)))

    @property
    def status(self) -> ChargeStatus:
        return look_up(CHARGE_STATUS, self.wire.state, ChargeStatus.UNKNOWN, "charge state")

    @property
    def vendor_status(self) -> str | None:
        return self.wire.state

    @property
    def created_at(self) -> datetime | None:
        return moment(self.wire.creationDate)

    @property
    def response_due_at(self) -> datetime | None:
        return moment(self.wire.responseDueDate)

    @property
    def items(self) -> Sequence[domain.ChargeItem]:
        return [charge_item(item) for item in self.wire.chargeItem or ()]


def money(amount: wire.Money | None) -> Money | None:
    """An amount; XXX where the Seller does not say in which currency."""
    return None if amount is None or amount.value is None else Money(amount.value, amount.unit or "XXX")


def charge_item(item: wire.ChargeItem) -> domain.ChargeItem:
    """A part of a charge."""
    price = item.price or wire.Price()
    return domain.ChargeItem(
        vendor_item_id=item.id or "",
        status=look_up(CHARGE_ITEM_STATUS, item.state, ChargeItemStatus.UNKNOWN, "charge item state"),
        vendor_status=item.state,
        activity=item.activityType,
        category=item.priceCategory,
        blocking=item.blocking,
        price=money(price.dutyFreeAmount),
        price_with_tax=money(price.taxIncludedAmount),
        tax_rate=price.taxRate,
        price_type=item.priceType,
        period=item.recurringChargePeriod,
        unit=item.unitOfMeasure,
        note="\n".join(note.text for note in item.note or () if note.text) or None,
    )


# ----------------------------------------------------------------------------------------------------- tasks


class SonataTask(Details):
    """A request to cancel an order, or for another date of an item, as the Seller decides on it."""

    __slots__ = ()

    @property
    def task_id(self) -> str | None:
        """The Seller's id of it."""
        return cast("wire.Cancel | wire.DeliveryDate", self.wire).id

    @property
    def charge_id(self) -> str | None:
        """The charge for it, of a request to cancel."""
        charge = getattr(self.wire, "charge", None)
        return charge.id if charge else None

    @property
    def item_id(self) -> str | None:
        """The item that another date is asked for."""
        about = getattr(self.wire, "productOrderItem", None)
        return about.productOrderItemId if about else None
