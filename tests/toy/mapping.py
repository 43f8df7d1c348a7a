"""Toybox's objects mapped to ours: tables first, then a view for each kind of object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from ordergraph import domain
from ordergraph.domain import (
    Action,
    ActionAvailability,
    Attribute,
    Money,
    Note,
    OrderStatus,
    Origin,
    UnavailableReason,
)
from ordergraph.upstream.calls import Decoded
from ordergraph.wire import decoding
from tests.toy import wire
from tests.toy.values import TIME, look_up

STATUS: Mapping[str, OrderStatus] = {
    "open": OrderStatus.SUBMITTED,
    "sent": OrderStatus.SHIPPED,
    "done": OrderStatus.COMPLETED,
    "cancelled": OrderStatus.CANCELLED,
    "declined": OrderStatus.REJECTED,
}


def cancelling(status: str | None) -> ActionAvailability:
    """Return whether an order in this status can be cancelled at Toybox."""
    if status == "open":
        return ActionAvailability(Action.CANCEL_ORDER, True)
    message = f"Only orders in status open can be cancelled. This order is {status or 'in no status'}."
    return ActionAvailability(Action.CANCEL_ORDER, False, UnavailableReason.WRONG_STATUS, message)


class ToyOrder(domain.Order):
    """An order."""

    __slots__ = ("source", "wire")

    def __init__(self, origin: Origin, source: Decoded[wire.Order]) -> None:
        super().__init__(origin)
        self.wire = source.wire
        self.source = source

    @property
    def key(self) -> tuple[str, ...]:
        return (self.wire.id,)

    vendor_order_id = Attribute[str]("id")
    number = Attribute[str]("id")
    client_reference = Attribute[str | None]("reference")
    vendor_status = Attribute[str | None]("status")
    placed_at = Attribute("placed", TIME)

    @property
    def status(self) -> OrderStatus:
        return look_up(STATUS, self.wire.status, OrderStatus.UNKNOWN, "order status")

    @property
    def notes(self) -> Sequence[Note]:
        return [Note(self.wire.note)] if self.wire.note else []

    @property
    def line_items(self) -> Sequence[ToyLineItem]:
        return [ToyLineItem(self, number) for number in range(len(self.wire.lines))]

    @property
    def total(self) -> Money | None:
        return self.money(self.wire.total)

    @property
    def available_actions(self) -> Sequence[ActionAvailability]:
        return [cancelling(self.wire.status)]

    @property
    def details(self) -> ToyOrderDetails:
        return ToyOrderDetails(self)

    @property
    def version(self) -> str:
        return decoding.version_of(self.wire)

    def money(self, amount: Decimal | None) -> Money | None:
        """Return an amount in the order's currency."""
        return None if amount is None else Money(amount, self.wire.currency or "XXX")


class ToyLineItem(domain.LineItem):
    """A line. Toybox gives it no ID, so its number is used."""

    __slots__ = ("_number", "order", "wire")

    def __init__(self, order: ToyOrder, number: int) -> None:
        super().__init__(order.origin)
        self.order = order
        self.wire = order.wire.lines[number]
        self._number = number

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.order.key, str(self._number + 1))

    name = Attribute[str]("sku")

    @property
    def quantity(self) -> Decimal:
        return Decimal(self.wire.quantity)

    @property
    def unit_price(self) -> Money | None:
        return self.order.money(self.wire.price)


class ToyOrderDetails(domain.View):
    """Fields of an order that only Toybox has."""

    __slots__ = ("order", "wire")
    type_name = "Order"

    def __init__(self, order: ToyOrder) -> None:
        super().__init__(order.origin)
        self.order = order
        self.wire = order.wire

    @property
    def key(self) -> tuple[str, ...]:
        return self.order.key

    @property
    def raw(self) -> Any:
        return msgspec.json.decode(self.order.source.raw)
