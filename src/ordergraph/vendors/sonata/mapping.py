"""Sonata's objects as ordergraph's.

Source: MEF 123, Product Order Management API v10. Tables first, then one view per kind of object with a
property for each field that Sonata has. The other direction is in ``requests.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, cast
from urllib.parse import quote

import msgspec

from ordergraph import domain, reading
from ordergraph.domain import (
    Action,
    ActionAvailability,
    Address,
    Cancellation,
    CancellationState,
    ChargeItemStatus,
    ChargeStatus,
    Money,
    Note,
    OrderProblem,
    OrderStatus,
    Origin,
    Party,
    Ref,
    RefusalReason,
    StatusChange,
    SubscriptionStatus,
)
from ordergraph.http import Decoded
from ordergraph.vendors.sonata import wire

STATUS: Mapping[str, OrderStatus] = {
    "acknowledged": OrderStatus.SUBMITTED,
    "assessingCancellation": OrderStatus.CANCELLING,
    "cancelled": OrderStatus.CANCELLED,
    "completed": OrderStatus.COMPLETED,
    "failed": OrderStatus.FAILED,
    "held.assessingCharge": OrderStatus.ACTION_REQUIRED,
    "inProgress": OrderStatus.IN_PROGRESS,
    "partial": OrderStatus.PARTIALLY_COMPLETED,
    "pending.assessingModification": OrderStatus.ON_HOLD,
    "pendingCancellation": OrderStatus.CANCELLING,
    "rejected": OrderStatus.REJECTED,
}
ITEM_STATUS: Mapping[str, OrderStatus] = {
    "acknowledged": OrderStatus.SUBMITTED,
    "cancelled": OrderStatus.CANCELLED,
    "completed": OrderStatus.COMPLETED,
    "failed": OrderStatus.FAILED,
    "held": OrderStatus.ACTION_REQUIRED,
    "inProgress": OrderStatus.IN_PROGRESS,
    "pending": OrderStatus.ON_HOLD,
    "rejected": OrderStatus.REJECTED,
    "rejected.unassessed": OrderStatus.REJECTED,
    "rejected.validated": OrderStatus.REJECTED,
}
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
CANCELLATION: Mapping[str, CancellationState] = {
    "assessingCancellation": CancellationState.REQUESTED,
    "cancelled": CancellationState.CANCELLED,
    "pendingCancellation": CancellationState.ACCEPTED,
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
ASSESSING = "assessingCancellation"
HELD = "held.assessingCharge"
IN_PROGRESS = "inProgress"
AWAITING = "awaitingResponse"
FINAL = ("cancelled", "completed", "failed", "partial", "rejected")
# The states of an order in which an action makes sense: figure 13, and R84 for charges.
ORDER_ACTIONS: Mapping[Action, frozenset[str]] = {
    Action.UPDATE_ORDER: frozenset(STATUS) - set(FINAL),
    Action.CANCEL_ORDER: frozenset({IN_PROGRESS}),
    Action.CHANGE_REQUESTED_DATE: frozenset({IN_PROGRESS}),
}
BUYER_ROLE = "productOrderContact"
# A row of the list has so much of an order, by the graph's names.
ROW_FIELDS = frozenset(
    {
        "__typename",
        "account",
        "cancelledAt",
        "clientReference",
        "completedAt",
        "id",
        "isFinal",
        "number",
        "phase",
        "placedAt",
        "retrievedAt",
        "status",
        "vendor",
        "vendorOrderId",
        "vendorStatus",
    }
)
# The properties that are times, wherever they stand.
MOMENTS = frozenset(
    {
        "cancellationDate",
        "changeDate",
        "completionDate",
        "creationDate",
        "date",
        "expectedCompletionDate",
        "requestedCompletionDate",
        "responseDueDate",
    }
)
MONTHS = {"calendarMonths": 1}
DAYS = {"calendarDays": 1}
COUNTRY_CODE_LENGTH = 2

look_up = partial(reading.look_up, "sonata")
note_unreadable = partial(reading.note_unreadable, "sonata")


def moment(text: str | None) -> datetime | None:
    """A time, aware and in UTC; what has no zone is taken as UTC."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return note_unreadable("time", text)


def money(amount: wire.Money | None) -> Money | None:
    """An amount; XXX where the Seller does not say in which currency."""
    return None if amount is None or amount.value is None else Money(amount.value, amount.unit or "XXX")


def address(source: wire.Address | None) -> Address | None:
    """A fielded address in the common form: what stands in a street, line by line."""
    if source is None:
        return None
    inside = source.geographicSubAddress or wire.SubAddress()
    number = "".join(part for part in (source.streetNr, source.streetNrSuffix) if part)
    last = "".join(part for part in (source.streetNrLast, source.streetNrLastSuffix) if part)
    street = (source.streetType, source.streetName, source.streetSuffix, f"{number}-{last}" if last else number)
    units = [joined(unit.subUnitType, unit.subUnitNumber) for unit in inside.subUnit or () if unit]
    lines = (
        inside.buildingName,
        joined(inside.levelType, inside.levelNumber),
        *units,
        joined(inside.privateStreetName, inside.privateStreetNumber),
        joined(*street),
        source.locality,
    )
    code = source.country if source.country and len(source.country) == COUNTRY_CODE_LENGTH else None
    return Address(
        lines=[line for line in lines if line],
        city=source.city,
        region=source.stateOrProvince,
        postal_code="-".join(part for part in (source.postcode, source.postcodeExtension) if part) or None,
        country=code and code.upper(),
    )


def joined(*parts: str | None) -> str | None:
    """Words in one line."""
    return " ".join(part for part in parts if part) or None


def camel(name: str) -> str:
    """A Python name in Sonata's spelling."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


class Part:
    """A part of one of Sonata's objects: an attribute is the property of that name in Sonata's spelling.

    Times are read, and parts inside are Parts as well. What a list holds as null is left out.
    """

    __slots__ = ("wire",)

    def __init__(self, source: msgspec.Struct) -> None:
        self.wire = source

    def __getattr__(self, name: str) -> Any:
        return shown(camel(name), getattr(self.wire, camel(name)))


def shown(name: str, value: Any) -> Any:
    """A value of Sonata's as the graph's details show it."""
    if isinstance(value, msgspec.Struct):
        return Part(value)
    if isinstance(value, list):
        return [shown(name, one) for one in cast("list[Any]", value) if one is not None]
    return moment(value) if name in MOMENTS else value


class Details(domain.View):
    """What only Sonata tells of an object: what is not overridden is read as a `Part` does."""

    __slots__ = ("wire",)

    def __init__(self, origin: Origin, source: msgspec.Struct) -> None:
        super().__init__(origin)
        self.wire = source

    def __getattr__(self, name: str) -> Any:
        return shown(camel(name), getattr(self.wire, camel(name)))


# --------------------------------------------------------------------------------------------------- orders


class SonataOrder(domain.Order):
    """An order, or a row of the list, which has some of its fields only.

    ``cancel`` is the latest request to cancel it, where one was read.
    """

    __slots__ = ("cancel", "source", "wire")

    def __init__(self, origin: Origin, source: Decoded[wire.Order], cancel: wire.Cancel | None = None) -> None:
        super().__init__(origin)
        self.wire = source.wire
        self.source = source
        self.cancel = cancel

    @property
    def key(self) -> tuple[str, ...]:
        return (self.wire.id,)

    @property
    def vendor_order_id(self) -> str:
        return self.wire.id

    @property
    def number(self) -> str | None:
        return self.wire.externalId

    @property
    def client_reference(self) -> str | None:
        return self.wire.externalId

    @property
    def items(self) -> Sequence[wire.Item]:
        """The items, none in a row of the list."""
        return self.wire.productOrderItem or ()

    @property
    def purchase_order_number(self) -> str | None:
        return next((item.relatedBuyerPON for item in self.items if item.relatedBuyerPON), None)

    @property
    def status(self) -> OrderStatus:
        return look_up(STATUS, self.wire.state, OrderStatus.UNKNOWN, "order state")

    @property
    def vendor_status(self) -> str | None:
        return self.wire.state

    @property
    def placed_at(self) -> datetime | None:
        return moment(self.wire.orderDate)

    @property
    def requested_at(self) -> datetime | None:
        return min((at for item in self.items if (at := moment(item.requestedCompletionDate))), default=None)

    @property
    def expected_at(self) -> datetime | None:
        return max((at for item in self.items if (at := moment(item.expectedCompletionDate))), default=None)

    @property
    def updated_at(self) -> datetime | None:
        return max((at for step in self.wire.stateChange or () if (at := moment(step.changeDate))), default=None)

    @property
    def completed_at(self) -> datetime | None:
        return moment(self.wire.completionDate)

    @property
    def cancelled_at(self) -> datetime | None:
        return moment(self.wire.cancellationDate)

    @property
    def status_changes(self) -> Sequence[StatusChange] | None:
        if self.wire.stateChange is None:
            return None
        return [status_change(STATUS, step, "order state") for step in self.wire.stateChange]

    @property
    def contact(self) -> wire.Contact | None:
        """The Buyer's contact for the order."""
        contacts = self.wire.relatedContactInformation or ()
        return next((one for one in contacts if one.role == BUYER_ROLE), None)

    @property
    def customer(self) -> Party | None:
        name = self.contact and (self.contact.organization or self.contact.name)
        return Party(name=name) if name else None

    @property
    def notes(self) -> Sequence[Note]:
        return [Note(one.text) for one in self.wire.note or () if one.text]

    @property
    def shipping_address(self) -> Address | None:
        return address(self.contact.postalAddress) if self.contact else None

    @property
    def line_items(self) -> Sequence[SonataLineItem] | None:
        if self.wire.productOrderItem is None:
            return None
        return [SonataLineItem(self, index) for index in range(len(self.items))]

    @property
    def problems(self) -> Sequence[OrderProblem]:
        held = "The Seller asks for more than was ordered: answer its charge with `respondToCharge`."
        waiting = [OrderProblem(HELD, held)] if self.wire.state == HELD else []
        return [*waiting, *(termination(one) for item in self.items for one in item.terminationError or ())]

    @property
    def cancellation(self) -> Cancellation | None:
        states = [step.state for step in self.wire.stateChange or ()]
        state = CANCELLATION.get(self.wire.state or "")
        if state is None and ASSESSING not in states:
            return None
        asked = self.cancel or wire.Cancel()
        return Cancellation(
            state=state or CancellationState.DECLINED,
            reason=self.wire.cancellationReason or asked.cancellationReasonType,
            note=asked.cancellationReason,
            vendor_reason=asked.cancellationDeniedReason,
            requested_at=self._asked_at(),
        )

    def _asked_at(self) -> datetime | None:
        asked = [step.changeDate for step in self.wire.stateChange or () if step.state == ASSESSING]
        return moment(asked[-1]) if asked else None

    @property
    def available_actions(self) -> Sequence[ActionAvailability]:
        return [order_action(action, self.wire.state) for action in ORDER_ACTIONS]

    @property
    def details(self) -> SonataOrderDetails:
        return SonataOrderDetails(self)

    @property
    def version(self) -> str:
        return reading.version_of(self.wire)

    @property
    def charge_ids(self) -> Sequence[str]:
        """The charges that the order and its items name."""
        lists = (self.wire.cancellationCharge, *(item.charge for item in self.items))
        return list(dict.fromkeys(one.id for refs in lists for one in refs or () if one.id))

    @property
    def subscriptions(self) -> Sequence[SonataSubscription]:
        """The contracts that the items make: those with a term."""
        return [
            SonataSubscription(self, index) for index, item in enumerate(self.items) if item.itemTerm and item.product
        ]


def status_change(table: Mapping[str, domain.Word], step: wire.StateChange, kind: str) -> StatusChange:
    """A step of a history."""
    status = look_up(table, step.state, OrderStatus.UNKNOWN, kind)
    return StatusChange(status, step.state or "", moment(step.changeDate), step.changeReason)


def termination(error: wire.TerminationError) -> OrderProblem:
    """Why an item ended, with the place in the input of `placeOrder`."""
    from ordergraph.vendors.sonata.requests import input_path  # noqa: PLC0415

    path = input_path("createProductOrder", error.propertyPath) if error.propertyPath else None
    return OrderProblem(error.code or "otherIssue", error.value or "", path)


def order_action(action: Action, state: str | None) -> ActionAvailability:
    """Whether Sonata accepts an action on an order in that state."""
    allowed = ORDER_ACTIONS[action]
    if state in allowed:
        return ActionAvailability(action, True)
    words = f"Only in {', '.join(sorted(allowed))}, not in {state or 'a state that the Seller does not tell'}."
    return ActionAvailability(action, False, RefusalReason.WRONG_STATUS, words)


class SonataOrderDetails(Details):
    """What only an order of Sonata has."""

    __slots__ = ("order",)
    type_name = "Order"

    def __init__(self, order: SonataOrder) -> None:
        super().__init__(order.origin, order.wire)
        self.order = order

    @property
    def key(self) -> tuple[str, ...]:
        return self.order.key

    @property
    def raw(self) -> Any:
        """The body as the Seller sent it; there are no secrets in it."""
        return msgspec.json.decode(self.order.source.raw)


class SonataLineItem(domain.LineItem):
    """An item of an order: always one product."""

    __slots__ = ("index", "order", "wire")

    def __init__(self, order: SonataOrder, index: int) -> None:
        super().__init__(order.origin)
        self.order = order
        self.index = index
        self.wire = order.items[index]

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.order.key, self.wire.id or str(self.index))

    @property
    def product_id(self) -> str | None:
        offering = self.wire.product and self.wire.product.productOffering
        return offering.id if offering else None

    @property
    def name(self) -> str | None:
        return configured(self.wire.product)

    @property
    def quantity(self) -> Decimal:
        return Decimal(1)

    @property
    def details(self) -> SonataLineItemDetails:
        return SonataLineItemDetails(self)


def configured(product: wire.Product | None) -> str | None:
    """The type of a product's configuration."""
    found = product.productConfiguration if product else None
    type_ = cast("dict[str, Any]", found).get("@type") if isinstance(found, dict) else None
    return type_ if isinstance(type_, str) else None


class SonataLineItemDetails(Details):
    """What only an item of Sonata has."""

    __slots__ = ("line",)
    type_name = "LineItem"

    def __init__(self, line: SonataLineItem) -> None:
        super().__init__(line.origin, line.wire)
        self.line = line

    @property
    def key(self) -> tuple[str, ...]:
        return self.line.key

    @property
    def raw(self) -> Any:
        """The item as the Seller sent it."""
        return msgspec.json.decode(self.line.order.source.raw)["productOrderItem"][self.line.index]

    @property
    def item_id(self) -> str | None:
        return self.line.wire.id

    @property
    def status(self) -> OrderStatus:
        return look_up(ITEM_STATUS, self.line.wire.state, OrderStatus.UNKNOWN, "item state")

    @property
    def status_changes(self) -> Sequence[StatusChange] | None:
        steps = self.line.wire.stateChange
        return None if steps is None else [status_change(ITEM_STATUS, step, "item state") for step in steps]

    @property
    def problems(self) -> Sequence[OrderProblem]:
        return [termination(one) for one in self.line.wire.terminationError or ()]

    @property
    def purchase_order_number(self) -> str | None:
        return self.line.wire.relatedBuyerPON

    @property
    def term(self) -> Part | None:
        """The only one of a list of at most one."""
        return Part(self.line.wire.itemTerm[0]) if self.line.wire.itemTerm else None

    @property
    def billing_account_id(self) -> str | None:
        return self.line.wire.billingAccount.id if self.line.wire.billingAccount else None

    @property
    def milestones(self) -> Sequence[Part]:
        return [Part(one) for one in self.line.wire.milestone or ()]

    @property
    def charge_ids(self) -> Sequence[str]:
        """The charges of the item."""
        return [one.id for one in self.line.wire.charge or () if one.id]


# ------------------------------------------------------------------------------------------------- products


class SonataProduct(domain.Product):
    """What is known of a product offering: its id, as agreed with the Seller, since there is no catalogue."""

    __slots__ = ("offering", "type")

    def __init__(self, origin: Origin, offering: str, type_: str | None = None) -> None:
        super().__init__(origin)
        self.offering = offering
        self.type = type_

    @property
    def key(self) -> tuple[str, ...]:
        return (self.offering,)

    @property
    def vendor_product_id(self) -> str:
        return self.offering

    @property
    def name(self) -> str | None:
        return self.type


# --------------------------------------------------------------------------------------------- subscriptions


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
        return RENEWS.get(self.term.endOfTermAction or "")

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
        return reading.version_of(self.wire)


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
