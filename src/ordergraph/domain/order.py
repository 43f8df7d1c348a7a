"""Orders, and the values that only they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ordergraph.domain.enums import FINAL_PHASES, PHASES, CancellationState, NoteKind, OrderPhase, OrderStatus
from ordergraph.domain.ids import Ref
from ordergraph.domain.line_item import LineItem
from ordergraph.domain.shipment import Shipment
from ordergraph.domain.values import ActionAvailability, Address, Money
from ordergraph.domain.view import Default, View


@dataclass(frozen=True, slots=True)
class Party:
    """Who an order is for: the buyer's organisation at the vendor and the end customer."""

    vendor_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who did something with an order.

    ``named_in`` is set where the vendor gave the id alone: the order that tells the name when it is read
    by itself.
    """

    vendor_id: str | None = None
    name: str | None = None
    named_in: Ref | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Free text on an order."""

    text: str
    kind: NoteKind = NoteKind.GENERAL


@dataclass(frozen=True, slots=True)
class OrderProblem:
    """Something that keeps an order from going on.

    ``field`` is the path of the input that it is about, where the vendor says so.
    """

    code: str
    message: str
    field: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What is known of an order's cancellation.

    ``reason`` and ``note`` are why it was asked for: the vendor's word for the reason and free text;
    ``vendor_reason`` is what the vendor answered.
    """

    reason: str | None = None
    state: CancellationState = CancellationState.CANCELLED
    note: str | None = None
    vendor_reason: str | None = None
    requested_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A step of an order's life, as the vendor keeps it."""

    status: OrderStatus
    vendor_status: str
    changed_at: datetime | None = None
    reason: str | None = None


class Order(View):
    """An order, or a draft of one."""

    __slots__ = ()
    type_name = "Order"

    vendor_order_id = Default[str | None](None)
    number = Default[str | None](None)
    client_reference = Default[str | None](None)
    purchase_order_number = Default[str | None](None)
    status = Default[OrderStatus](OrderStatus.UNKNOWN)
    vendor_status = Default[str | None](None)

    @property
    def phase(self) -> OrderPhase:
        """The coarse stage."""
        return PHASES[self.status]

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.phase in FINAL_PHASES

    placed_at = Default[datetime | None](None)
    requested_at = Default[datetime | None](None)
    expected_at = Default[datetime | None](None)
    updated_at = Default[datetime | None](None)
    completed_at = Default[datetime | None](None)
    cancelled_at = Default[datetime | None](None)
    status_changes = Default[Sequence[StatusChange] | None](None)
    """The order's life so far, the oldest first; None where the vendor keeps no history."""
    customer = Default[Party | None](None)
    created_by = Default[Actor | None](None)
    notes = Default[Sequence[Note]](())
    shipping_address = Default[Address | None](None)
    line_items = Default[Sequence[LineItem] | None](())
    shipments = Default[Sequence[Shipment] | None](())
    total = Default[Money | None](None)
    shipping_cost = Default[Money | None](None)
    discount = Default[Money | None](None)
    problems = Default[Sequence[OrderProblem]](())
    cancellation = Default[Cancellation | None](None)
    available_actions = Default[Sequence[ActionAvailability]](())
    details = Default[View | None](None)
    """What only this vendor has: an object that its own GraphQL type is read from."""

    @property
    def version(self) -> str:
        """Changes whenever anything in the order changes."""
        raise NotImplementedError
