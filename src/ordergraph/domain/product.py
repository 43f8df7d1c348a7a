"""Products."""

from __future__ import annotations

from decimal import Decimal

from ordergraph.domain.values import Money
from ordergraph.domain.view import Default, View


class Product(View):
    """Something that can be ordered."""

    __slots__ = ()
    type_name = "Product"

    vendor_product_id = Default[str | None](None)
    name = Default[str | None](None)
    sku = Default[str | None](None)
    description = Default[str | None](None)
    price = Default[Money | None](None)
    list_price = Default[Money | None](None)
    stock = Default[Decimal | None](None)
    image_url = Default[str | None](None)
    datasheet_url = Default[str | None](None)
    details = Default[View | None](None)
    """What only this vendor has: an object that its own GraphQL type is read from."""
