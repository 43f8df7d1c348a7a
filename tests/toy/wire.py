"""Toybox's JSON with Toybox's spelling. Words of enums stay text, so that a new one breaks nothing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from tests.toy.values import WRAPPING


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
    wrapping: Annotated[str | None, "How it is wrapped; null if it is not.", WRAPPING] = None


class LineWrite(msgspec.Struct, frozen=True):
    """A line of a new order."""

    sku: str
    quantity: int


class OrderWrite(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body that makes an order; what is None is left out."""

    lines: list[LineWrite]
    reference: str | None = None
    note: str | None = None
    wrapping: Annotated[str | None, "How to wrap it; not at all if left out.", WRAPPING] = None
