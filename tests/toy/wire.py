"""Toybox's JSON with Toybox's spelling. Words of enums stay text, so that a new one breaks nothing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec


class Line(msgspec.Struct, frozen=True):
    """A line of an order; ``price`` is that of one piece."""

    sku: str
    quantity: int
    price: Decimal | None = None


class Order(msgspec.Struct, frozen=True):
    """An order, the same in the list and alone."""

    id: str
    placed: datetime
    status: str | None = None
    lines: list[Line] = []
    total: Decimal | None = None
    currency: str | None = None
    reference: str | None = None
    note: str | None = None
    wrapping: str | None = None


class LineWrite(msgspec.Struct, frozen=True):
    """A line of a new order."""

    sku: str
    quantity: int


class OrderWrite(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body that makes an order; what is None is left out."""

    lines: list[LineWrite]
    reference: str | None = None
    note: str | None = None
    wrapping: str | None = None
