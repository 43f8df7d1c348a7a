"""Maps Sonata's objects to ordergraph's.

Source: MEF 123, Product Order Management API v10. Tables come first, then one view per kind of object. Details that
only Sonata has are read from `wire` unchanged, or computed by the same view. ``request_mapping.py`` maps the other
direction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, cast

from ordergraph import domain
from ordergraph.domain import Action, Attribute, OrderStatus
from ordergraph.upstream.calls import Decoded
from ordergraph.vendors.sonata import wire, wire_parts
from ordergraph.vendors.sonata.mapping_places import input_path
from ordergraph.vendors.sonata.values import TIME, moment
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec

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
CANCELLATION: Mapping[str, domain.CancellationState] = {
    "assessingCancellation": domain.CancellationState.REQUESTED,
    "cancelled": domain.CancellationState.CANCELLED,
    "pendingCancellation": domain.CancellationState.ACCEPTED,
}
ASSESSING = "assessingCancellation"
HELD = "held.assessingCharge"
IN_PROGRESS = "inProgress"
MODIFYING = "pending.assessingModification"
FINAL = ("cancelled", "completed", "failed", "partial", "rejected")
# The order states in which an action is possible: figure 13, and R84 for charges.
ORDER_ACTIONS: Mapping[Action, frozenset[str]] = {
    Action.UPDATE_ORDER: frozenset(STATUS) - set(FINAL),
    Action.CANCEL_ORDER: frozenset({IN_PROGRESS}),
    Action.CHANGE_REQUESTED_DATE: frozenset({IN_PROGRESS}),
    Action.RESPOND_TO_CHARGE: frozenset({HELD}),  # and in any state if a request about the order waits for its charge
}
ASSESSING_CHARGE = "inProgress.assessingCharge"
BUYER_ROLE = "productOrderContact"
# The fields of an order that a row of the list provides, by their names in the graph.
ROW_FIELDS = frozenset(
    (
        *("__typename", "account", "id", "retrievedAt", "vendor", "vendorOrderId"),
        *("clientReference", "number", "placedAt", "completedAt", "cancelledAt"),
        *("status", "vendorStatus", "phase", "isFinal", "charges", "subscriptions"),
    )
)
COUNTRY_CODE_LENGTH = 2

look_up = partial(decoding.look_up, "sonata")


def address(source: wire_parts.Address | None) -> domain.Address | None:
    """Return a fielded address in the common form, with building, units and street as lines."""
    if source is None:
        return None
    inside = source.sub_address or wire_parts.SubAddress()
    number = "".join(part for part in (source.street_nr, source.street_nr_suffix) if part)
    last = "".join(part for part in (source.street_nr_last, source.street_nr_last_suffix) if part)
    street = (source.street_type, source.street_name, source.street_suffix, f"{number}-{last}" if last else number)
    units = [joined(unit.type, unit.number) for unit in inside.sub_units or () if unit]
    lines = (
        inside.building_name,
        joined(inside.level_type, inside.level_number),
        *units,
        joined(inside.private_street_name, inside.private_street_number),
        joined(*street),
        source.locality,
    )
    code = source.country if source.country and len(source.country) == COUNTRY_CODE_LENGTH else None
    return domain.Address(
        lines=[line for line in lines if line],
        city=source.city,
        region=source.state_or_province,
        postal_code="-".join(part for part in (source.postcode, source.postcode_extension) if part) or None,
        country=code and code.upper(),
    )


def joined(*parts: str | None) -> str | None:
    """Return the parts that are not empty, joined by spaces. None if there are none."""
    return " ".join(part for part in parts if part) or None


def history(table: Mapping[str, OrderStatus], kind: str) -> Codec[Sequence[domain.StatusChange]]:
    """Return the codec of a history, with the normalized status of each state."""

    def step(source: wire.StateChange) -> domain.StatusChange:
        status = look_up(table, source.state, OrderStatus.UNKNOWN, kind)
        return domain.StatusChange(status, source.state or "", moment(source.change_date), source.change_reason)

    return Codec(Sequence[domain.StatusChange], lambda steps: list(map(step, steps)))


def configured(product: wire_parts.Product) -> str | None:
    """Return the type of a product's configuration."""
    found = product.configuration
    type_ = cast("dict[str, Any]", found).get("@type") if isinstance(found, dict) else None
    return type_ if isinstance(type_, str) else None


CONFIGURED = Codec(str, configured)


class SonataOrder(domain.Order):
    """An order, or a row of the list, which has only some of its fields.

    ``cancel`` is the latest request to cancel the order and ``dates`` are the requests to change dates, if they were
    read. ``never`` are the actions that the account does not support.
    """

    __slots__ = ("cancel", "dates", "never", "source", "wire")

    def __init__(
        self,
        origin: domain.Origin,
        source: Decoded[wire.Order],
        cancel: wire.Cancel | None = None,
        never: Mapping[Action, domain.ActionAvailability] = MappingProxyType({}),
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

    vendor_order_id = Attribute[str]("id")
    number = Attribute[str | None]("external_id")
    client_reference = Attribute[str | None]("external_id")

    @property
    def items(self) -> Sequence[wire.Item]:
        """The items. Empty for a row of the list."""
        return self.wire.items or ()

    @property
    def purchase_order_number(self) -> str | None:
        return next((item.purchase_order_number for item in self.items if item.purchase_order_number), None)

    @property
    def status(self) -> OrderStatus:
        return look_up(STATUS, self.wire.state, OrderStatus.UNKNOWN, "order state")

    vendor_status = Attribute[str | None]("state")
    placed_at = Attribute("order_date", TIME)

    @property
    def requested_at(self) -> datetime | None:
        return min((at for item in self.items if (at := moment(item.requested_at))), default=None)

    @property
    def expected_at(self) -> datetime | None:
        return max((at for item in self.items if (at := moment(item.expected_at))), default=None)

    @property
    def updated_at(self) -> datetime | None:
        return max((at for step in self.wire.state_changes or () if (at := moment(step.change_date))), default=None)

    completed_at = Attribute("completion_date", TIME)
    cancelled_at = Attribute("cancellation_date", TIME)

    status_changes = Attribute("state_changes", history(STATUS, "order state"))

    @property
    def contact(self) -> wire_parts.Contact | None:
        """The Buyer's contact for the order, None if there is none."""
        contacts = self.wire.contacts or ()
        return next((one for one in contacts if one.role == BUYER_ROLE), None)

    @property
    def customer(self) -> domain.Party | None:
        name = self.contact and (self.contact.organization or self.contact.name)
        return domain.Party(name=name) if name else None

    @property
    def notes(self) -> Sequence[domain.Note]:
        return [domain.Note(one.text) for one in self.wire.notes or () if one.text]

    @property
    def shipping_address(self) -> domain.Address | None:
        return address(self.contact.address) if self.contact else None

    @property
    def line_items(self) -> Sequence[SonataLineItem] | None:
        if self.wire.items is None:
            return None
        return [SonataLineItem(self, index) for index in range(len(self.items))]

    @property
    def problems(self) -> Sequence[domain.OrderProblem]:
        held = "The Seller requests an additional charge. Accept or decline it with `respondToCharge`."
        waiting = [domain.OrderProblem(HELD, held)] if self.wire.state == HELD else []
        return [*waiting, *(termination(one) for item in self.items for one in item.termination_errors or ())]

    @property
    def cancellation(self) -> domain.Cancellation | None:
        asked_at = [step.change_date for step in self.wire.state_changes or () if step.state == ASSESSING]
        state = CANCELLATION.get(self.wire.state or "")
        if state is None and not asked_at:
            return None
        asked = self.cancel or wire.Cancel()
        return domain.Cancellation(
            state=state or domain.CancellationState.DECLINED,
            reason=self.wire.cancellation_reason or asked.reason_type,
            note=asked.reason,
            vendor_reason=asked.denied_reason,
            requested_at=moment(asked_at[-1]) if asked_at else None,
        )

    @property
    def available_actions(self) -> Sequence[domain.ActionAvailability]:
        return [self.never.get(action) or self._available(action) for action in ORDER_ACTIONS]

    def _available(self, action: Action) -> domain.ActionAvailability:
        waits = action is Action.RESPOND_TO_CHARGE and any(task.state == ASSESSING_CHARGE for task in self.tasks)
        return domain.ActionAvailability(action, True) if waits else order_action(action, self.wire.state)

    @property
    def tasks(self) -> Sequence[wire.Task]:
        """The requests about the order, if they were read."""
        return (*((self.cancel,) if self.cancel else ()), *self.dates)

    @property
    def details(self) -> SonataOrder:
        return self

    @property
    def raw(self) -> Any:
        """The body as the Seller sent it. It contains no secrets."""
        return decoding.shown(self.source.raw)

    @property
    def cancellation_charge_ids(self) -> Sequence[str]:
        return ids_of(self.wire.cancellation_charges)

    @property
    def version(self) -> str:
        # Requests change independently of the order. In a final state they no longer change and need not be read.
        return decoding.version_of(self.wire, *(() if self.is_final else self.tasks))

    @property
    def charge_ids(self) -> Sequence[str]:
        """The IDs of the charges that the order and its items reference."""
        lists = (self.wire.cancellation_charges, *(item.charges for item in self.items))
        return list(dict.fromkeys(id_ for references in lists for id_ in ids_of(references)))


def termination(error: wire.TerminationError) -> domain.OrderProblem:
    """Return the reason why an item ended, with the path in the input of `placeOrder`."""
    path = input_path("createProductOrder", error.property_path) if error.property_path else None
    return domain.OrderProblem(error.code or "otherIssue", error.value or "", path)


def order_action(action: Action, state: str | None) -> domain.ActionAvailability:
    """Return whether Sonata accepts an action on an order in this state."""
    allowed = ORDER_ACTIONS[action]
    if state in allowed:
        return domain.ActionAvailability(action, True)
    now = f"The order is {state}." if state else "The Seller did not report the order's status."
    message = f"Only possible in status {', '.join(sorted(allowed))}. {now}"
    return domain.ActionAvailability(action, False, domain.UnavailableReason.WRONG_STATUS, message)


def ids_of(references: Sequence[wire_parts.Reference] | None) -> list[str]:
    """Return the IDs of charges."""
    return [one.id for one in references or () if one.id]


class SonataLineItem(domain.LineItem):
    """An item of an order. It always has exactly one product."""

    __slots__ = ("index", "order", "wire")

    def __init__(self, order: SonataOrder, index: int) -> None:
        super().__init__(order.origin)
        self.order = order
        self.index = index
        self.wire = order.items[index]

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.order.key, self.wire.item_id or str(self.index))

    product_id = Attribute[str | None]("product.offering.offering_id")

    name = Attribute("product", CONFIGURED)

    @property
    def quantity(self) -> Decimal:
        return Decimal(1)

    @property
    def term(self) -> wire_parts.Term | None:
        """The agreed term, None if there is none. The list has at most one."""
        return self.wire.terms[0] if self.wire.terms else None

    @property
    def raw(self) -> Any:
        """The item as the Seller sent it."""
        return decoding.shown_part(self.order.source.raw, "productOrderItem", self.index)

    @property
    def details(self) -> SonataLineItem:
        return self

    @property
    def status(self) -> OrderStatus:
        return look_up(ITEM_STATUS, self.wire.state, OrderStatus.UNKNOWN, "item state")

    status_changes = Attribute("state_changes", history(ITEM_STATUS, "item state"))

    @property
    def problems(self) -> Sequence[domain.OrderProblem]:
        return [termination(one) for one in self.wire.termination_errors or ()]

    @property
    def product_relationships(self) -> Sequence[wire_parts.ProductRelationship]:
        product = self.wire.product
        return (product.product_relationships if product else None) or ()

    @property
    def milestones(self) -> Sequence[wire.Milestone]:
        return self.wire.milestones or ()

    @property
    def charge_ids(self) -> Sequence[str]:
        return ids_of(self.wire.charges)


class SonataProduct(domain.Product):
    """A product offering. There is no catalogue: only its ID is known, as agreed with the Seller."""

    __slots__ = ("offering", "type")

    def __init__(self, origin: domain.Origin, offering: str, type_: str | None = None) -> None:
        super().__init__(origin)
        self.offering = offering
        self.type = type_

    @property
    def key(self) -> tuple[str, ...]:
        return (self.offering,)

    @property
    def vendor_product_id(self) -> str:
        return self.offering

    sku = vendor_product_id

    @property
    def name(self) -> str | None:
        return self.type
