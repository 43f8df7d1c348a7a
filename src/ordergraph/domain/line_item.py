"""Lines of an order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ordergraph.domain.product import PRODUCT
from ordergraph.domain.values import Money
from ordergraph.domain.view import Default, View


class LineItem(View):
    """One line of an order."""

    __slots__ = ()
    type_name = "LineItem"

    product_id = Default[str | None](None, "The product; null if the vendor no longer has it.", *PRODUCT)
    name = Default[str | None](None, "What was ordered.")
    quantity = Default[Decimal | None](None, "How many.")
    unit_price = Default[Money | None](None, "What one costs.")
    list_price = Default[Money | None](None, "What one would have cost without a reduction.")
    total = Default[Money | None](None, "What the line comes to, as the vendor adds it up.")
    details = Default[View | None](None)
    """What only this vendor has: an object that its own GraphQL type is read from."""

    @property
    def children(self) -> Sequence[LineItem]:
        """What belongs to the line, such as its maintenance."""
        return ()
