"""Lines of an order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ordergraph.domain.values import Money
from ordergraph.domain.view import Default, View


class LineItem(View):
    """One line of an order."""

    __slots__ = ()
    type_name = "LineItem"

    product_id = Default[str | None](None)
    """The vendor's id of the product; the graph shows the product itself."""
    name = Default[str | None](None)
    quantity = Default[Decimal | None](None)
    unit_price = Default[Money | None](None)
    list_price = Default[Money | None](None)
    total = Default[Money | None](None)
    details = Default[View | None](None)
    """What only this vendor has: an object that its own GraphQL type is read from."""

    @property
    def children(self) -> Sequence[LineItem]:
        """What belongs to the line, such as its maintenance."""
        return ()
