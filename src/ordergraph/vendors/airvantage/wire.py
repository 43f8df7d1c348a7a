"""AirVantage's JSON in AirVantage's spelling. Source: AirVantage API v1, "Orders", its tables and samples.

Times are milliseconds since 1970. Enum values stay strings. Fields may be missing: a row of the list, the
response to an action and a single order each omit different fields, and even the document's complete
representation lacks three.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from ordergraph.vendors.airvantage.values import TIME
from ordergraph.wire.fields import named


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """A JSON object that AirVantage sends."""


class Named(Wire, frozen=True):
    """A company, a product reference or a user."""

    uid: str
    name: str | None = None


class Order(Wire, frozen=True):
    """An order.

    The uid has dashes in some responses and none in others. Only a single order has ``createdByUser``.
    ``expectedShippingTs`` is a time in the samples and a boolean in the table of fields.
    """

    uid: str
    accepted_at: Annotated[int | None, "When the order was accepted. Null if it was not.", TIME] = named("acceptedTs")
    account: Named | None = None
    company_id: Annotated[str | None, "AirVantage's uid of the company that the order belongs to."] = named(
        "accountUid"
    )
    created_by: str | None = None
    created_by_user: Named | None = None
    created_at: int | None = named("createdTs")
    delivery_contact: Annotated[str | None, "AirVantage's uid of the contact that the order is delivered to."] = None
    description: Annotated[str | None, "The description of the order, as free text."] = None
    effective_order_at: Annotated[int | None, "The time from which the order is processed.", TIME] = named(
        "effectiveOrderTs"
    )
    expected_shipping_at: Annotated[
        int | bool | None, "When the order is expected to ship. Null if there is no estimate.", TIME
    ] = named("expectedShippingTs")
    external_id: str | None = None
    order_id: str | None = None
    postal_address: Annotated[
        str | None, "The address of the delivery contact when the order was placed, with line breaks."
    ] = None
    product_reference: Named | None = None
    product_reference_uid: str | None = None
    provisioned: Annotated[
        str | None, "Whether the goods were provisioned, as reported by AirVantage: YES, NO or PARTIALLY."
    ] = None
    quantity: int | None = None
    rejected_at: Annotated[int | None, "When the order was rejected. Null if it was not.", TIME] = named("rejectedTs")
    rejection_message: Annotated[str | None, "The reason for the rejection. Null if the order was not rejected."] = None
    shipped_at: Annotated[int | None, "When the order was shipped. Null if it was not.", TIME] = named("shippedTs")
    status: str | None = None
    tracking_number: Annotated[
        str | None, "The tracking number as reported by AirVantage: a number, a URL, or both as `number|url`."
    ] = None
    type: Annotated[str | None, "The type of goods as reported by AirVantage: SIM, SMB, R2C or BUNDLE."] = None


class Page(Wire, frozen=True):
    """A page of the list. ``count`` is the number of orders in the whole list, ``size`` the number in the page."""

    items: list[msgspec.Raw]
    count: int | None = None
    size: int | None = None
    offset: int | None = None


class OrderWrite(Wire, frozen=True, omit_defaults=True):
    """The body that creates an order or, without the product, changes one.

    Fields that are None are omitted.
    """

    delivery_contact: Annotated[
        str | None, "AirVantage's uid of the contact to deliver to. Required to place an order."
    ] = None
    description: str | None = None
    effective_order_at: Annotated[
        int | None,
        "The time from which the order is processed. When placing an order, do not pass `requestedAt` as well.",
        TIME,
    ] = named("effectiveOrderTs")
    external_id: str | None = None
    product_reference_uid: str | None = None
    quantity: int | None = None
