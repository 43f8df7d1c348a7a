"""Orders, and the values that only they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ordergraph.domain.enums import FINAL_PHASES, PHASES, CancellationState, NoteKind, OrderPhase, OrderStatus
from ordergraph.domain.ids import Ref
from ordergraph.domain.line_item import LineItem
from ordergraph.domain.shipment import Shipment
from ordergraph.domain.values import ActionAvailability, Address, Money
from ordergraph.domain.view import Default, View


@dataclass(frozen=True, slots=True)
class Party:
    """For whom an order is."""

    vendor_id: Annotated[str | None, "The vendor's own ID of the buyer's organisation."] = None
    name: Annotated[str | None, "The end customer's name, or that of the buyer's organisation."] = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who did something with an order.

    ``named_in`` is set where the vendor gave the id alone: the order that tells the name when it is read
    by itself.
    """

    vendor_id: Annotated[str | None, "The vendor's own ID of the user."] = None
    name: str | None = None
    named_in: Ref | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Free text on an order."""

    text: Annotated[str, "The words."]
    kind: Annotated[NoteKind, "For whom they are."] = NoteKind.GENERAL


@dataclass(frozen=True, slots=True)
class OrderProblem:
    """Something that keeps an order from going on."""

    code: Annotated[str, "What kind of problem, in the vendor's word; new ones may appear."]
    message: Annotated[str, "What it is about, in the vendor's words."]
    field: Annotated[
        Sequence[str] | None,
        "Which field of `placeOrder` it is about, where the vendor says so: the path from `input` on.",
    ] = None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What is known of an order's cancellation."""

    reason: Annotated[str | None, "Why, in the vendor's words, where it gave any."] = None
    state: Annotated[CancellationState, "How far it is."] = CancellationState.CANCELLED
    note: Annotated[str | None, "Why, in the words of who asked for it."] = None
    vendor_reason: Annotated[str | None, "What the vendor answered, for example why it declined."] = None
    requested_at: Annotated[datetime | None, "When it was asked for."] = None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A step of an order's life."""

    status: Annotated[OrderStatus, "What it came to, in one vocabulary for all vendors."]
    vendor_status: Annotated[str, "What it came to, in the vendor's own word."]
    changed_at: Annotated[datetime | None, "When."] = None
    reason: Annotated[str | None, "Why, in the vendor's words."] = None


class Order(View):
    """An order, or a draft of one."""

    __slots__ = ()
    type_name = "Order"

    vendor_order_id = Default[str | None](None, "The vendor's own ID.")
    number = Default[str | None](None, "The number that the vendor's people know it by.")
    client_reference = Default[str | None](
        None,
        "The reference beside the vendor's own number: the caller's, or, where the vendor keeps references and the "
        "caller gave none, one that the gateway made, `og-` and 16 digits.",
    )
    purchase_order_number = Default[str | None](None, "The buyer's number.")
    status = Default[OrderStatus](OrderStatus.UNKNOWN, "Where it stands, in one vocabulary for all vendors.")
    vendor_status = Default[str | None](None, "Where it stands, in the vendor's own word.")

    @property
    def phase(self) -> OrderPhase:
        """The coarse stage."""
        return PHASES[self.status]

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.phase in FINAL_PHASES

    placed_at = Default[datetime | None](None, "When it was placed (a draft: when it was made).")
    requested_at = Default[datetime | None](
        None, "For when it was asked: to be delivered or, where the vendor knows only that, to be handled."
    )
    expected_at = Default[datetime | None](None, "When the vendor expects to ship it.")
    updated_at = Default[datetime | None](
        None, "When its status changed last, as far as the vendor keeps such times: not of every change."
    )
    completed_at = Default[datetime | None](None, "When it was done, where the vendor tells.")
    cancelled_at = Default[datetime | None](None, "When it was cancelled, where the vendor tells.")
    status_changes = Default[Sequence[StatusChange] | None](
        None, "Its life so far, the oldest step first; null where the vendor keeps no history."
    )
    customer = Default[Party | None](None, "For whom it is.")
    created_by = Default[Actor | None](None, "Who placed it.")
    notes = Default[Sequence[Note]]((), "Free texts.")
    shipping_address = Default[Address | None](None, "Where the goods go.")
    line_items = Default[Sequence[LineItem] | None]((), "What was ordered.")
    shipments = Default[Sequence[Shipment] | None]((), "Goods on their way.")
    total = Default[Money | None](None, "What it comes to.")
    shipping_cost = Default[Money | None](None, "What the shipping comes to.")
    discount = Default[Money | None](None, "What was taken off.")
    problems = Default[Sequence[OrderProblem]]((), "What keeps it from going on.")
    cancellation = Default[Cancellation | None](None, "What is known of its cancellation, if it was cancelled.")
    available_actions = Default[Sequence[ActionAvailability]]((), "What can be done with it now.")
    details = Default[View | None](None)
    """What only this vendor has: an object that its own GraphQL type is read from."""

    @property
    def version(self) -> str:
        """Changes whenever anything in the order changes."""
        raise NotImplementedError
