"""Palmetto's messages with Palmetto's spelling. Source: "Net3 API Interface for Customer Portal", ServiceStack.

Fields are sent in camelCase and read without regard to case. Every field may be left out. What nobody explains
(``action``, ``status``, ``typeOrderStatusId``) stays as it is; where the document does not explain a field,
neither do its words here.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from ordergraph.vendors.palmetto.values import PalmettoDatacenter
from ordergraph.wire.fields import Input, named


class Wire(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """What Palmetto sends and is sent; what is None is left out."""


class Product(Wire, frozen=True):
    """A line of the list `products`: products in the shortest form.

    Type ``SelfServiceProduct``.
    """

    product_id: int | None = named("id")
    quantity: Decimal | None = None
    parent_id: Annotated[str | None, "Palmetto's ID of what it belongs to."] = None


class RequestedProduct(Wire, frozen=True):
    """A line of the list `requestedproducts`: products asked for at a data centre.

    Type ``TypeCostProductReq``.
    """

    product_id: int | None = None
    service_id: Annotated[int | None, "Palmetto's number of the service."] = None
    quantity: Decimal | None = None
    datacenter_code: Annotated[str | None, "In which data centre, by Palmetto's code.", Input(PalmettoDatacenter)] = (
        None
    )
    is_sla: Annotated[bool | None, "Whether a service level is agreed."] = named("isSLA")
    self_service_id: Annotated[int | None, "Palmetto's number of the self-service entry."] = None
    max_quantity: Annotated[int | None, "The most that can be asked for."] = None
    increment: Annotated[Decimal | None, "In which steps the quantity can be asked for."] = None
    parent_id: Annotated[str | None, "Palmetto's ID of what it belongs to."] = None


class OrderRow(Wire, frozen=True):
    """A line of the list `order`: a row with prices and dates.

    Type ``TypeOrderDetailInfo``.
    """

    active: Annotated[bool | None, "Whether the row is active."] = None
    allocation: Annotated[str | None, "How it is allocated, in Palmetto's word."] = None
    customer_id: Annotated[str | None, "Palmetto's ID of the customer."] = None
    data_center_id: Annotated[str | None, "Palmetto's ID of the data centre."] = None
    deleted: Annotated[bool | None, "Whether the row is deleted."] = None
    discount_percent: Annotated[Decimal | None, "What is taken off the row, in percent."] = None
    discount_restricted: Annotated[bool | None, "Whether nothing more may be taken off."] = None
    extended_price: Annotated[Decimal | None, "What the row comes to."] = None
    global_discount_percent: Annotated[Decimal | None, "What is taken off the whole order, in percent."] = None
    is_discount_introductory: Annotated[bool | None, "Whether the discount is for the beginning only."] = None
    order_detail_id: Annotated[int | None, "Palmetto's number of the row."] = None
    order_id: Annotated[int | None, "Palmetto's number of the order that the row is part of."] = None
    order_version: Annotated[int | None, "The version of that order."] = None
    parent_order_product_id: Annotated[int | None, "Palmetto's number of the row that it belongs to."] = None
    pricing_schedule_id: Annotated[int | None, "Palmetto's number of the price list."] = None
    product: Annotated[str | None, "What the product is called."] = None
    product_category: Annotated[str | None, "What kind of product, in Palmetto's word."] = None
    product_id: int | None = None
    product_price: Annotated[Decimal | None, "What one costs."] = None
    provider: Annotated[str | None, "Who provides it."] = None
    quantity: Decimal | None = None
    recurring: Annotated[bool | None, "Whether it is paid again and again: such a row is a subscription."] = None
    retail_product_price: Annotated[Decimal | None, "What one would cost without a reduction."] = None
    service: Annotated[str | None, "The service, in Palmetto's word."] = None
    service_begin_date: Annotated[
        datetime | None,
        "When the service begins.",
        Input(description="When the service begins; `requestedAt` if left out."),
    ] = None
    service_end_date: Annotated[datetime | None, "When the service ends."] = None
    service_id: Annotated[int | None, "Palmetto's number of the service."] = None
    service_level_percent: Annotated[Decimal | None, "The service level, in percent."] = None
    service_provider_id: Annotated[int | None, "Palmetto's number of the provider."] = None
    status: Annotated[str | None, "The row's status, in a word that Palmetto does not explain."] = None
    type_order_status_id: Annotated[int | None, "The row's status, in a number that Palmetto does not explain."] = None
    type_unit_measure_id: Annotated[int | None, "Palmetto's number of the unit."] = None
    unit: Annotated[str | None, "In which unit the quantity is."] = None
    variance: Annotated[Decimal | None, "By how much the quantity may vary."] = None
    support_cost: Annotated[Decimal | None, "What the support of one costs."] = None
    support_cost_total: Annotated[Decimal | None, "What the support of all costs."] = None
    billing_start_date: Annotated[datetime | None, "From when on it is billed."] = None
    billing_version: Annotated[Decimal | None, "The version of the billing."] = None
    progress_billing: Annotated[bool | None, "Whether it is billed as the work goes on."] = None
    progress_billing_start_date: Annotated[datetime | None, "From when on that is so."] = None


class Payload(Wire, frozen=True):
    """A virtual data centre that lines are ordered for.

    Type ``SelfServicePayload``: what is ordered stands in three lists; nobody says how they relate.
    """

    org_name: Annotated[str | None, "The organisation."] = None
    vdc_id: Annotated[str | None, "Palmetto's ID of the virtual data centre."] = None
    location: Annotated[
        str | None,
        "Where it is or where things go, as text.",
        Input(description="Where it is or where things go, as text; `shippingAddress` if left out."),
    ] = None
    products: list[Product] | None = None
    requested_products: list[RequestedProduct] | None = named("requestedproducts")
    order: list[OrderRow] | None = None


class Order(Wire, frozen=True):
    """An order, as it is sent.

    Type ``SelfServiceOrderProducts``.
    """

    company_id: Annotated[
        str | None,
        "Palmetto's ID of the company that orders.",
        Input(description="Palmetto's ID of the company that orders; the account's if left out."),
    ] = None
    user_id: Annotated[
        str | None,
        "Palmetto's ID of the user who orders.",
        Input(description="Palmetto's ID of the user who orders; the account's if left out."),
    ] = None
    action: Annotated[
        str | None,
        "What is asked for, in a word that Palmetto does not explain.",
        Input(description="What is asked for, in a word that Palmetto has told you: its document has none."),
    ] = None
    job_id: Annotated[
        str | None,
        "Your own number of it, as sent.",
        Input(description="Your own number of it; the same as `clientReference`."),
    ] = None
    correlation_id: Annotated[
        str | None,
        "The ID of the order, made by the gateway or given by you.",
        Input(description="The ID of the order, unlike that of every other; made if left out."),
    ] = None
    payloads: Annotated[list[Payload] | None, "For which virtual data centres; one without a name if left out."] = (
        named("payload")
    )


class Session(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of the login; the id goes into a header."""

    session_id: Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]+\Z")]

    def __repr__(self) -> str:
        return "Session(...)"
