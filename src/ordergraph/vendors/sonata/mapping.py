"""Sonata's objects as ordergraph's.

Source: MEF 123, Product Order Management API v10. Tables first, then one view per kind of object with a
property for each field that Sonata has. The other direction is in ``requests.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, cast

import msgspec

from ordergraph import domain
from ordergraph.domain import (
    Action,
    ActionAvailability,
    Address,
    Cancellation,
    CancellationState,
    Note,
    OrderProblem,
    OrderStatus,
    Origin,
    Party,
    RefusalReason,
    StatusChange,
)
from ordergraph.domain.commands import camel
from ordergraph.upstream.calls import Decoded
from ordergraph.vendors.sonata import wire
from ordergraph.vendors.sonata.mapping_places import input_path
from ordergraph.wire import decoding

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
CANCELLATION: Mapping[str, CancellationState] = {
    "assessingCancellation": CancellationState.REQUESTED,
    "cancelled": CancellationState.CANCELLED,
    "pendingCancellation": CancellationState.ACCEPTED,
}
ASSESSING = "assessingCancellation"
HELD = "held.assessingCharge"
IN_PROGRESS = "inProgress"
MODIFYING = "pending.assessingModification"
AWAITING = "awaitingResponse"
FINAL = ("cancelled", "completed", "failed", "partial", "rejected")
# The states of an order in which an action makes sense: figure 13, and R84 for charges.
ORDER_ACTIONS: Mapping[Action, frozenset[str]] = {
    Action.UPDATE_ORDER: frozenset(STATUS) - set(FINAL),
    Action.CANCEL_ORDER: frozenset({IN_PROGRESS}),
    Action.CHANGE_REQUESTED_DATE: frozenset({IN_PROGRESS}),
    Action.RESPOND_TO_CHARGE: frozenset({HELD}),  # and wherever a task of the order waits for its charge
}
ASSESSING_CHARGE = "inProgress.assessingCharge"
BUYER_ROLE = "productOrderContact"
# A row of the list has so much of an order, by the graph's names.
ROW_FIELDS = frozenset(
    {
        "__typename",
        "account",
        "cancelledAt",
        "charges",
        "clientReference",
        "completedAt",
        "id",
        "isFinal",
        "number",
        "phase",
        "placedAt",
        "retrievedAt",
        "status",
        "subscriptions",
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
# The graph's names of properties, by the type that has them, where they are not Sonata's own.
NAMES: Mapping[str, Mapping[str, str]] = {
    "Address": {"sub_address": "geographicSubAddress"},
    "Cancel": {
        "contacts": "relatedContactInformation",
        "denied_reason": "cancellationDeniedReason",
        "reason": "cancellationReason",
        "reason_type": "cancellationReasonType",
    },
    "Contact": {
        "address": "postalAddress",
        "email": "emailAddress",
        "phone": "number",
        "phone_extension": "numberExtension",
    },
    "CoordinatedAction": {"delay": "coordinatedActionDelay", "dependency": "coordinationDependency"},
    "DeliveryDate": {
        "created_at": "creationDate",
        "expedite": "expediteIndicator",
        "requested_at": "requestedCompletionDate",
    },
    "Item": {
        "completed_at": "completionDate",
        "contacts": "relatedContactInformation",
        "coordinated_actions": "coordinatedAction",
        "expected_at": "expectedCompletionDate",
        "expedite": "expediteIndicator",
        "expedite_accepted": "expediteAcceptedIndicator",
        "item_id": "id",
        "milestones": "milestone",
        "notes": "note",
        "purchase_order_number": "relatedBuyerPON",
        "qualification_item": "productOfferingQualificationItem",
        "relationships": "productOrderItemRelationship",
        "requested_at": "requestedCompletionDate",
        "requested_term": "requestedItemTerm",
        "termination_errors": "terminationError",
    },
    "Milestone": {"reached_at": "date"},
    "Note": {"written_at": "date"},
    "Order": {"contacts": "relatedContactInformation", "notes": "note"},
    "QualificationItem": {
        "alternate_proposal_id": "alternateProductOfferingProposalId",
        "item_id": "id",
        "qualification_href": "productOfferingQualificationHref",
        "qualification_id": "productOfferingQualificationId",
    },
    "QuoteItem": {"item_id": "id"},
    "Relationship": {"item_id": "id", "product_id": "id"},
    "SubAddress": {"sub_units": "subUnit"},
    "SubUnit": {"number": "subUnitNumber", "type": "subUnitType"},
}
COUNTRY_CODE_LENGTH = 2

look_up = partial(decoding.look_up, "sonata")
note_unreadable = partial(decoding.note_unreadable, "sonata")


def moment(text: str | None) -> datetime | None:
    """A time, aware and in UTC; what has no zone is taken as UTC."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return note_unreadable("time", text)


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


class Part:
    """A part of one of Sonata's objects: an attribute is the property of that name, in the graph's or Sonata's words.

    Times are read, and parts inside are Parts as well. What a list holds as null is left out.
    """

    __slots__ = ("wire",)

    def __init__(self, source: msgspec.Struct) -> None:
        self.wire = source

    def __getattr__(self, name: str) -> Any:
        return property_of(self.wire, name)


def property_of(source: msgspec.Struct, name: str) -> Any:
    """A property of one of Sonata's objects, by its name in the graph."""
    own = NAMES.get(type(source).__name__, {}).get(name) or camel(name)
    return shown(own, getattr(source, own))


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
        return property_of(self.wire, name)


# --------------------------------------------------------------------------------------------------- orders


class SonataOrder(domain.Order):
    """An order, or a row of the list, which has some of its fields only.

    ``cancel`` is the latest request to cancel it and ``dates`` those for other dates, where they were read; ``never``
    are the actions that the account has not at all.
    """

    __slots__ = ("cancel", "dates", "never", "source", "wire")

    def __init__(
        self,
        origin: Origin,
        source: Decoded[wire.Order],
        cancel: wire.Cancel | None = None,
        never: Mapping[Action, ActionAvailability] = MappingProxyType({}),
        dates: Sequence[wire.DeliveryDate] = (),
    ) -> None:
        super().__init__(origin)
        self.wire = source.wire
        self.source = source
        self.cancel = cancel
        self.dates = dates
        self.never = never

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
        return [self.never.get(action) or self._available(action) for action in ORDER_ACTIONS]

    def _available(self, action: Action) -> ActionAvailability:
        if action is Action.RESPOND_TO_CHARGE and self.waits_for_charge:
            return ActionAvailability(action, True)
        return order_action(action, self.wire.state)

    @property
    def waits_for_charge(self) -> bool:
        """Whether a request about it waits for the answer to a charge."""
        return any(task.state == ASSESSING_CHARGE for task in self.tasks)

    @property
    def tasks(self) -> Sequence[wire.Cancel | wire.DeliveryDate]:
        """The requests about it, where they were read."""
        return (*((self.cancel,) if self.cancel else ()), *self.dates)

    @property
    def details(self) -> SonataOrderDetails:
        return SonataOrderDetails(self)

    @property
    def version(self) -> str:
        # a request goes on by itself; about an order that is over, none does, and none need be read
        return decoding.version_of(self.wire, *(() if self.is_final else self.tasks))

    @property
    def charge_ids(self) -> Sequence[str]:
        """The charges that the order and its items name."""
        lists = (self.wire.cancellationCharge, *(item.charge for item in self.items))
        return list(dict.fromkeys(one.id for refs in lists for one in refs or () if one.id))


def status_change(table: Mapping[str, domain.DescribedEnum], step: wire.StateChange, kind: str) -> StatusChange:
    """A step of a history."""
    status = look_up(table, step.state, OrderStatus.UNKNOWN, kind)
    return StatusChange(status, step.state or "", moment(step.changeDate), step.changeReason)


def termination(error: wire.TerminationError) -> OrderProblem:
    """Why an item ended, with the place in the input of `placeOrder`."""
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
        return decoding.shown(self.order.source.raw)

    @property
    def cancellation_charge_ids(self) -> Sequence[str]:
        return [one.id for one in self.order.wire.cancellationCharge or () if one.id]


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
        return decoding.shown(self.line.order.source.raw)["productOrderItem"][self.line.index]

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
    def term(self) -> Part | None:
        """The only one of a list of at most one."""
        return Part(self.line.wire.itemTerm[0]) if self.line.wire.itemTerm else None

    @property
    def billing_account_id(self) -> str | None:
        return self.line.wire.billingAccount.id if self.line.wire.billingAccount else None

    @property
    def billing_account_href(self) -> str | None:
        return self.line.wire.billingAccount.href if self.line.wire.billingAccount else None

    @property
    def ordered(self) -> wire.Product:
        """The product as it was ordered."""
        return self.line.wire.product or wire.Product()

    @property
    def product_id(self) -> str | None:
        """The id of the product in service."""
        return self.ordered.id

    @property
    def product_href(self) -> str | None:
        return self.ordered.href

    @property
    def offering_href(self) -> str | None:
        return self.ordered.productOffering.href if self.ordered.productOffering else None

    @property
    def configuration(self) -> Any:
        """The configuration, word for word."""
        return self.ordered.productConfiguration

    @property
    def product_relationships(self) -> Sequence[Part]:
        return [Part(one) for one in self.ordered.productRelationship or ()]

    @property
    def places(self) -> Any:
        """The places of the product, word for word."""
        return self.ordered.place

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
    def sku(self) -> str:
        return self.offering

    @property
    def name(self) -> str | None:
        return self.type
