"""Maps Sonata's contracts and charges to ordergraph's. Source: MEF 123, Product Order Management API v10."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from ordergraph import domain
from ordergraph.domain import Attribute, ChargeItemStatus, ChargeStatus, Money, Origin, Ref, SubscriptionStatus
from ordergraph.upstream.calls import Decoded
from ordergraph.vendors.sonata import wire, wire_parts
from ordergraph.vendors.sonata.mapping import SonataLineItem, SonataOrder, look_up
from ordergraph.vendors.sonata.values import TIME, moment, note_unreadable
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec

CHARGE_STATUS: Mapping[str, ChargeStatus] = {
    "awaitingResponse": ChargeStatus.AWAITING_RESPONSE,
    "completed": ChargeStatus.RESPONDED,
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
    "completed": SubscriptionStatus.ACTIVE,
    **dict.fromkeys(("acknowledged", "held", "inProgress", "pending"), SubscriptionStatus.PENDING),
    **dict.fromkeys(("cancelled", "failed"), SubscriptionStatus.CANCELLED),
    **dict.fromkeys(("rejected", "rejected.unassessed", "rejected.validated"), SubscriptionStatus.CANCELLED),
}
RENEWS: Mapping[str, bool] = {"autoDisconnect": False, "autoRenew": True, "roll": True}
MONTHS = {"calendarMonths": 1}
DAYS = {"calendarDays": 1}


def day(text: str | None) -> date | None:
    """Return the date (UTC) of a time."""
    at = moment(text)
    return at.date() if at else None


DAY = Codec(date, day)


def subscriptions_of(order: SonataOrder) -> Sequence[SonataSubscription]:
    """Return the contracts of an order: one for each item with a term."""
    return [SonataSubscription(line) for line in order.line_items or () if line.term]


class SonataSubscription(domain.Subscription):
    """The contract that an item creates: a product in service for a term."""

    __slots__ = ("line", "wire")

    def __init__(self, line: SonataLineItem) -> None:
        super().__init__(line.origin)
        self.line = line
        self.wire = line.wire

    @property
    def key(self) -> tuple[str, ...]:
        # IDs are arbitrary strings. They are encoded because a colon separates them.
        order, item = self.line.key
        return (quote(order, safe=""), quote(item, safe=""))

    @property
    def term(self) -> wire_parts.Term:
        """The agreed term."""
        return self.line.term or wire_parts.Term()

    vendor_subscription_id = Attribute[str | None]("product.product_id")

    @property
    def name(self) -> str | None:
        return self.term.name

    @property
    def status(self) -> SubscriptionStatus:
        status = look_up(SUBSCRIPTION, self.wire.state, SubscriptionStatus.UNKNOWN, "item state")
        over = self.ends_on is not None and self.ends_on < self.origin.retrieved_at.date() and not self.has_auto_renewal
        return SubscriptionStatus.EXPIRED if status is SubscriptionStatus.ACTIVE and over else status

    vendor_status = Attribute[str | None]("state")

    @property
    def has_auto_renewal(self) -> bool | None:
        return look_up(RENEWS, self.term.end_of_term_action, None, "end of term action")

    @property
    def starts_on(self) -> date | None:
        return self.activated_on or day(self.wire.expected_at)

    activated_on = Attribute("completed_at", DAY)

    @property
    def ends_on(self) -> date | None:
        return after(self.starts_on, self.term.duration)

    @property
    def items(self) -> Sequence[domain.SubscriptionItem]:
        line = self.line
        return [domain.SubscriptionItem(self.origin, line.product_id, line.quantity, line.name)]

    @property
    def order_ids(self) -> Sequence[str]:
        return [self.line.order.wire.id]

    @property
    def details(self) -> SonataSubscription:
        return self

    @property
    def raw(self) -> Any:
        """The item that creates the contract, as the Seller sent it."""
        return self.line.raw

    product_id = Attribute[str | None]("product.product_id")
    billing_account_id = Attribute[str | None]("billing_account.billing_account_id")
    agreement_name = Attribute[str | None]("agreement_name")
    end_customer_name = Attribute[str | None]("end_customer_name")

    @property
    def version(self) -> str:
        return decoding.version_of(self.wire)


def after(start: date | None, duration: wire_parts.Duration | None) -> date | None:
    """Return the day on which a term ends. None for terms in business days, hours or minutes."""
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
    """Return the same day ``count`` months later, or the last day of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return first.replace(day=min(start.day, (following - first).days))


class SonataCharge(domain.Charge):
    """A charge for an order or an item."""

    __slots__ = ("order_key", "source", "wire")

    def __init__(self, origin: Origin, source: Decoded[wire.Charge], order_key: str | None = None) -> None:
        super().__init__(origin)
        self.wire = source.wire
        self.source = source
        self.order_key = order_key

    @property
    def key(self) -> tuple[str, ...]:
        return (self.wire.id,)

    vendor_charge_id = Attribute[str]("id")

    @property
    def order_id(self) -> str | None:
        return order_named_by(self.wire) or self.order_key

    @property
    def line_item_id(self) -> str | None:
        about = self.wire.product_order_item
        if about is None or not about.product_order_id or not about.item_id:
            return None
        return str(Ref("LineItem", self.origin.account, (about.product_order_id, about.item_id)))

    @property
    def status(self) -> ChargeStatus:
        return look_up(CHARGE_STATUS, self.wire.state, ChargeStatus.UNKNOWN, "charge state")

    vendor_status = Attribute[str | None]("state")
    created_at = Attribute("creation_date", TIME)
    response_due_at = Attribute("response_due_date", TIME)

    @property
    def items(self) -> Sequence[domain.ChargeItem]:
        return [charge_item(item) for item in self.wire.items or ()]


def order_named_by(one: object) -> str | None:
    """Return the ID of the order that a charge or a request concerns. None if it does not name one."""
    about = getattr(one, "product_order", None) or getattr(one, "product_order_item", None)
    return about.product_order_id if about else None


def money(amount: wire.Money | None) -> Money | None:
    """Return an amount. Its currency is XXX if the Seller does not report one."""
    return None if amount is None or amount.value is None else Money(amount.value, amount.unit or "XXX")


def charge_item(item: wire.ChargeItem) -> domain.ChargeItem:
    """Return an item of a charge."""
    price = item.price or wire.Price()
    return domain.ChargeItem(
        vendor_item_id=item.id or "",
        status=look_up(CHARGE_ITEM_STATUS, item.state, ChargeItemStatus.UNKNOWN, "charge item state"),
        vendor_status=item.state,
        activity=item.activity_type,
        category=item.price_category,
        is_blocking=item.blocking,
        price=money(price.duty_free_amount),
        price_with_tax=money(price.tax_included_amount),
        tax_rate=price.tax_rate,
        price_type=item.price_type,
        period=item.recurring_charge_period,
        unit=item.unit_of_measure,
        note="\n".join(note.text for note in item.notes or () if note.text) or None,
    )
