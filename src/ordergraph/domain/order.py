"""Orders, and the values that belong only to them."""

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
    """The customer of an order."""

    vendor_id: Annotated[str | None, "The vendor's ID of the buyer's organization."] = None
    name: Annotated[str | None, "The name of the end customer, or of the buyer's organization."] = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The user who performed an action on an order.

    ``named_in`` is set if the vendor returned only the ID. It refers to the order that has the name when it is read
    individually.
    """

    vendor_id: Annotated[str | None, "The vendor's ID of the user."] = None
    name: str | None = None
    named_in: Ref | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A free-text note on an order."""

    text: Annotated[str, "The text of the note."]
    kind: Annotated[NoteKind, "The audience of the note."] = NoteKind.GENERAL


@dataclass(frozen=True, slots=True)
class OrderProblem:
    """A problem that blocks an order."""

    code: Annotated[str, "The vendor's code of the problem. New codes may be added."]
    message: Annotated[str, "The vendor's description of the problem."]
    field: Annotated[
        Sequence[str] | None,
        "The path of the affected field in the input of `placeOrder`, starting at `input`. "
        "Null if the vendor does not report it.",
    ] = None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The cancellation of an order."""

    reason: Annotated[
        str | None, "The reason for the cancellation, as reported by the vendor. Null if it reports none."
    ] = None
    state: Annotated[CancellationState, "The state of the cancellation."] = CancellationState.CANCELLED
    note: Annotated[str | None, "The reason given by the requester."] = None
    vendor_reason: Annotated[
        str | None, "The vendor's response to the request, such as the reason for declining it."
    ] = None
    requested_at: Annotated[datetime | None, "When the cancellation was requested."] = None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A change of an order's status."""

    status: Annotated[OrderStatus, "The new status, normalized across all vendors."]
    vendor_status: Annotated[str, "The new status as reported by the vendor."]
    changed_at: Annotated[datetime | None, "When the status changed."] = None
    reason: Annotated[str | None, "The reason for the change, as reported by the vendor."] = None


class Order(View):
    """An order or a draft order."""

    __slots__ = ()
    type_name = "Order"

    vendor_order_id = Default[str | None](None, "The vendor's ID of the order.")
    number = Default[str | None](None, "The vendor's order number, as used by its staff.")
    client_reference = Default[str | None](
        None,
        "The client's reference of the order. If the vendor stores references and the caller gave none, the gateway "
        "generates one: `og-` and 16 hexadecimal digits.",
    )
    purchase_order_number = Default[str | None](None, "The buyer's purchase order number.")
    status = Default[OrderStatus](OrderStatus.UNKNOWN, "The order's status, normalized across all vendors.")
    vendor_status = Default[str | None](None, "The order's status as reported by the vendor.")

    @property
    def phase(self) -> OrderPhase:
        """The phase, a coarser view of the status."""
        return PHASES[self.status]

    @property
    def is_final(self) -> bool:
        """Whether the order has reached a final status."""
        return self.phase in FINAL_PHASES

    placed_at = Default[datetime | None](None, "When the order was placed. For a draft, when it was created.")
    requested_at = Default[datetime | None](
        None, "The requested time of delivery. If the vendor has no delivery date, the requested time of processing."
    )
    expected_at = Default[datetime | None](None, "When the vendor expects to ship the order.")
    updated_at = Default[datetime | None](
        None, "When the order's status last changed, as reported by the vendor. Vendors do not report every change."
    )
    completed_at = Default[datetime | None](
        None, "When the order was completed. Null if the vendor does not report it."
    )
    cancelled_at = Default[datetime | None](
        None, "When the order was cancelled. Null if the vendor does not report it."
    )
    status_changes = Default[Sequence[StatusChange] | None](
        None, "The status history of the order, oldest first. Null if the vendor keeps no history."
    )
    customer = Default[Party | None](None, "The customer of the order.")
    created_by = Default[Actor | None](None, "The user who placed the order.")
    notes = Default[Sequence[Note]]((), "The notes on the order.")
    shipping_address = Default[Address | None](None, "The shipping address.")
    line_items = Default[Sequence[LineItem] | None]((), "The line items of the order.")
    shipments = Default[Sequence[Shipment] | None]((), "The shipments of the order.")
    total = Default[Money | None](None, "The total amount.")
    shipping_cost = Default[Money | None](None, "The shipping cost.")
    discount = Default[Money | None](None, "The discount applied to the order.")
    problems = Default[Sequence[OrderProblem]]((), "Problems that block the order. Empty if there are none.")
    cancellation = Default[Cancellation | None](
        None, "The cancellation of the order. Null if the order was not cancelled and none was requested."
    )
    available_actions = Default[Sequence[ActionAvailability]](
        (), "The actions on the order, and whether each is available now."
    )
    details = Default[View | None](None)
    """The source of the vendor's own GraphQL type."""

    @property
    def version(self) -> str:
        """A string that changes whenever anything in the order changes."""
        raise NotImplementedError
