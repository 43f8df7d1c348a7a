"""Products."""

from __future__ import annotations

from decimal import Decimal

from ordergraph.domain.values import Money
from ordergraph.domain.view import Default, View
from ordergraph.wire.fields import GraphName, Reference

PRODUCT = (Reference("Product", "fetch_products"), GraphName("product"))
"""Declared of a vendor's id of a product: the graph shows the product itself."""


class Product(View):
    """Something that can be ordered."""

    __slots__ = ()
    type_name = "Product"

    vendor_product_id = Default[str | None](None, "The vendor's own ID.")
    name = Default[str | None](None, "What the vendor calls it.")
    sku = Default[str | None](None, "The vendor's code of it.")
    description = Default[str | None](None, "What it is.")
    price = Default[Money | None](None, "What you pay for one.")
    list_price = Default[Money | None](None, "The recommended retail price.")
    stock = Default[Decimal | None](None, "How many the vendor has.")
    image_url = Default[str | None](None, "A picture.")
    datasheet_url = Default[str | None](None, "The data sheet.")
    details = Default[View | None](None)
    """What only this vendor has: an object that its own GraphQL type is read from."""
