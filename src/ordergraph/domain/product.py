"""Products."""

from __future__ import annotations

from decimal import Decimal

from ordergraph.domain.values import Money
from ordergraph.domain.view import Default, View
from ordergraph.wire.fields import GraphName, Reference

PRODUCT = (Reference("Product", "fetch_products"), GraphName("product"))
"""Marks a field as the vendor's ID of a product: the graph shows the product instead."""


class Product(View):
    """A product that can be ordered."""

    __slots__ = ()
    type_name = "Product"

    vendor_product_id = Default[str | None](None, "The vendor's ID of the product.")
    name = Default[str | None](None, "The vendor's name of the product.")
    sku = Default[str | None](None, "The vendor's SKU of the product.")
    description = Default[str | None](None, "The description of the product.")
    price = Default[Money | None](None, "Your price per unit.")
    list_price = Default[Money | None](None, "The recommended retail price.")
    stock = Default[Decimal | None](None, "The quantity that the vendor has in stock.")
    image_url = Default[str | None](None, "The URL of an image of the product.")
    datasheet_url = Default[str | None](None, "The URL of the data sheet.")
    details = Default[View | None](None)
    """The source of the vendor's own GraphQL type."""
