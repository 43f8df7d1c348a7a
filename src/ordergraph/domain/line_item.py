"""Line items of an order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ordergraph.domain.product import PRODUCT
from ordergraph.domain.values import Money
from ordergraph.domain.view import Default, View


class LineItem(View):
    """A line item of an order."""

    __slots__ = ()
    type_name = "LineItem"

    product_id = Default[str | None](None, "The ordered product. Null if the vendor no longer offers it.", *PRODUCT)
    name = Default[str | None](None, "The name of the ordered product or service.")
    quantity = Default[Decimal | None](None, "The ordered quantity.")
    unit_price = Default[Money | None](None, "The price per unit.")
    list_price = Default[Money | None](None, "The price per unit before discounts.")
    total = Default[Money | None](None, "The total of the line item, as calculated by the vendor.")
    details = Default[View | None](None)
    """The source of the vendor's own GraphQL type."""

    @property
    def children(self) -> Sequence[LineItem]:
        """The line items that belong to this one, such as its maintenance."""
        return ()
