"""Toybox's objects as ordergraph's: tables first, then a view per kind of object, a property per field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec
from ordergraph.upstream.calls import Decoded

from ordergraph import domain
from ordergraph.domain import Action, ActionAvailability, DescribedEnum, Money, Note, OrderStatus, Origin, RefusalReason
from ordergraph.wire import decoding
from tests.toy import wire

STATUS: Mapping[str, OrderStatus] = {
    "open": OrderStatus.SUBMITTED,
    "sent": OrderStatus.SHIPPED,
    "done": OrderStatus.COMPLETED,
    "cancelled": OrderStatus.CANCELLED,
    "declined": OrderStatus.REJECTED,
}


class ToyWrapping(DescribedEnum):
    """How an order is wrapped."""

    PAPER = "In paper with stars."
    RIBBON = "In paper, with a ribbon."


WRAPPING: Mapping[str, ToyWrapping] = {"paper": ToyWrapping.PAPER, "paper+ribbon": ToyWrapping.RIBBON}

look_up = partial(decoding.look_up, "toy")


def cancelling(status: str | None) -> ActionAvailability:
    """Whether Toybox cancels an order in that status."""
    if status == "open":
        return ActionAvailability(Action.CANCEL_ORDER, True)
    message = f"Only an open order can be cancelled, not one that is {status or 'in no status'}."
    return ActionAvailability(Action.CANCEL_ORDER, False, RefusalReason.WRONG_STATUS, message)


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

    @property
    def vendor_order_id(self) -> str:
        return self.wire.id

    @property
    def number(self) -> str:
        return self.wire.id

    @property
    def client_reference(self) -> str | None:
        return self.wire.reference

    @property
    def status(self) -> OrderStatus:
        return look_up(STATUS, self.wire.status, OrderStatus.UNKNOWN, "order status")

    @property
    def vendor_status(self) -> str | None:
        return self.wire.status

    @property
    def placed_at(self) -> datetime:
        return self.wire.placed.astimezone(UTC)

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
        """An amount in the order's currency."""
        return None if amount is None else Money(amount, self.wire.currency or "XXX")


class ToyLineItem(domain.LineItem):
    """A line; it has no id of its own, so that its number stands for it."""

    __slots__ = ("_number", "order", "wire")

    def __init__(self, order: ToyOrder, number: int) -> None:
        super().__init__(order.origin)
        self.order = order
        self.wire = order.wire.lines[number]
        self._number = number

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.order.key, str(self._number + 1))

    @property
    def name(self) -> str:
        return self.wire.sku

    @property
    def quantity(self) -> Decimal:
        return Decimal(self.wire.quantity)

    @property
    def unit_price(self) -> Money | None:
        return self.order.money(self.wire.price)


class ToyOrderDetails(domain.View):
    """What only an order of Toybox has."""

    __slots__ = ("order",)
    type_name = "Order"

    def __init__(self, order: ToyOrder) -> None:
        super().__init__(order.origin)
        self.order = order

    @property
    def key(self) -> tuple[str, ...]:
        return self.order.key

    @property
    def raw(self) -> Any:
        return msgspec.json.decode(self.order.source.raw)

    @property
    def wrapping(self) -> ToyWrapping | None:
        return look_up(WRAPPING, self.order.wire.wrapping, None, "wrapping")
