"""AirVantage's JSON with AirVantage's spelling. Source: AirVantage API v1, "Orders", its tables and samples.

Times are milliseconds since 1970, enum words stay text. Fields may be missing: a row of the list, the
answer to an action and a single order each leave out others, and the document's own complete
representation lacks three.
"""

from __future__ import annotations

import msgspec


class Wire(msgspec.Struct, frozen=True):
    """What AirVantage sends."""


class Write(msgspec.Struct, frozen=True, omit_defaults=True):
    """What AirVantage is sent; what is None is left out."""


class Named(Wire, frozen=True):
    """A company, a product reference or a user."""

    uid: str
    name: str | None = None


class Order(Wire, frozen=True):
    """An order. The uid comes with dashes or without; ``createdByUser`` only in a single order."""

    uid: str
    acceptedTs: int | None = None
    account: Named | None = None
    accountUid: str | None = None
    createdBy: str | None = None
    createdByUser: Named | None = None
    createdTs: int | None = None
    deliveryContact: str | None = None
    description: str | None = None
    effectiveOrderTs: int | None = None
    expectedShippingTs: int | bool | None = None
    """A time in the samples, a boolean in the table of fields."""
    externalId: str | None = None
    orderId: str | None = None
    postalAddress: str | None = None
    productReference: Named | None = None
    productReferenceUid: str | None = None
    provisioned: str | None = None
    quantity: int | None = None
    rejectedTs: int | None = None
    rejectionMessage: str | None = None
    shippedTs: int | None = None
    status: str | None = None
    trackingNumber: str | None = None
    type: str | None = None


class Page(Wire, frozen=True):
    """A page of the list: ``count`` is the length of the whole list, ``size`` that of the page."""

    items: list[msgspec.Raw]
    count: int | None = None
    size: int | None = None
    offset: int | None = None


class OrderWrite(Write, frozen=True):
    """The body that makes an order, or changes one (then without the product)."""

    deliveryContact: str | None = None
    description: str | None = None
    effectiveOrderTs: int | None = None
    externalId: str | None = None
    productReferenceUid: str | None = None
    quantity: int | None = None
