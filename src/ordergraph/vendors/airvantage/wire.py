"""AirVantage's JSON with AirVantage's spelling. Source: AirVantage API v1, "Orders", its tables and samples.

Times are milliseconds since 1970, enum words stay text. Fields may be missing: a row of the list, the
answer to an action and a single order each leave out others, and the document's own complete
representation lacks three.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from ordergraph.vendors.airvantage.values import TIME
from ordergraph.wire.fields import named


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """What AirVantage sends."""


class Named(Wire, frozen=True):
    """A company, a product reference or a user."""

    uid: str
    name: str | None = None


class Order(Wire, frozen=True):
    """An order.

    The uid comes with dashes or without; ``createdByUser`` only in a single order. ``expectedShippingTs`` is a
    time in the samples and a boolean in the table of fields.
    """

    uid: str
    accepted_at: Annotated[int | None, "When it was accepted.", TIME] = named("acceptedTs")
    account: Named | None = None
    company_id: Annotated[str | None, "AirVantage's uid of the company whose order it is."] = named("accountUid")
    created_by: str | None = None
    created_by_user: Named | None = None
    created_at: int | None = named("createdTs")
    delivery_contact: Annotated[str | None, "AirVantage's uid of the contact that it is delivered to."] = None
    description: Annotated[str | None, "Free text."] = None
    effective_order_at: Annotated[int | None, "From when on the order is handled.", TIME] = named("effectiveOrderTs")
    expected_shipping_at: Annotated[int | bool | None, "When it is expected to be shipped.", TIME] = named(
        "expectedShippingTs"
    )
    external_id: str | None = None
    order_id: str | None = None
    postal_address: Annotated[str | None, "That contact's address when the order was placed, in lines."] = None
    product_reference: Named | None = None
    product_reference_uid: str | None = None
    provisioned: Annotated[str | None, "Whether it was set up, in AirVantage's word: YES, NO or PARTIALLY."] = None
    quantity: int | None = None
    rejected_at: Annotated[int | None, "When it was declined.", TIME] = named("rejectedTs")
    rejection_message: Annotated[str | None, "Why it was declined."] = None
    shipped_at: Annotated[int | None, "When it was shipped.", TIME] = named("shippedTs")
    status: str | None = None
    tracking_number: Annotated[str | None, "Number, address or `number|address`, as AirVantage has it."] = None
    type: Annotated[str | None, "What kind of goods, in AirVantage's word: SIM, SMB, R2C or BUNDLE."] = None


class Page(Wire, frozen=True):
    """A page of the list: ``count`` is the length of the whole list, ``size`` that of the page."""

    items: list[msgspec.Raw]
    count: int | None = None
    size: int | None = None
    offset: int | None = None


class OrderWrite(Wire, frozen=True, omit_defaults=True):
    """The body that makes an order, or changes one (then without the product).

    What is None is left out.
    """

    delivery_contact: Annotated[
        str | None, "AirVantage's uid of the contact to deliver to; needed to place an order."
    ] = None
    description: str | None = None
    effective_order_at: Annotated[
        int | None, "From when on to handle the order; on placing, the same as requestedAt.", TIME
    ] = named("effectiveOrderTs")
    external_id: str | None = None
    product_reference_uid: str | None = None
    quantity: int | None = None
