"""Toybox's JSON, with its spelling. Enum values are strings, so that unknown values are accepted."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from tests.toy.values import WRAPPING


class Line(msgspec.Struct, frozen=True):
    """A line of an order. ``price`` is the price of one piece."""

    sku: str
    quantity: int
    price: Decimal | None = None


class Order(msgspec.Struct, frozen=True):
    """An order, in the list and alone."""

    id: str
    placed: datetime
    status: str | None = None
    lines: list[Line] = []
    total: Decimal | None = None
    currency: str | None = None
    reference: str | None = None
    note: str | None = None
    wrapping: Annotated[str | None, "How the order is wrapped. Null if it is not wrapped.", WRAPPING] = None


class LineWrite(msgspec.Struct, frozen=True):
    """A line of a new order."""

    sku: str
    quantity: int


class OrderWrite(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a new order. Values that are None are omitted."""

    lines: list[LineWrite]
    reference: str | None = None
    note: str | None = None
    wrapping: Annotated[str | None, "How to wrap the order. It is not wrapped if omitted.", WRAPPING] = None
