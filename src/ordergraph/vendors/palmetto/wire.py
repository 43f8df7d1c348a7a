"""Palmetto's messages in Palmetto's spelling. Source: "Net3 API Interface for Customer Portal", ServiceStack.

Fields are sent in camelCase and read case-insensitively. Every field can be omitted. Values that the document does not
explain (``action``, ``status``, ``typeOrderStatusId``) are passed on unchanged. Descriptions here add nothing to what
the document explains.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from ordergraph.vendors.palmetto.values import PalmettoDatacenter
from ordergraph.wire.fields import Input, named


class Wire(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A part of a message to or from Palmetto. Fields that are None are omitted."""


class Product(Wire, frozen=True):
    """A line item in the list `products`, in the shortest form.

    Type ``SelfServiceProduct``.
    """

    product_id: int | None = named("id")
    quantity: Decimal | None = None
    parent_id: Annotated[str | None, "Palmetto's ID of the object that the product belongs to."] = None


class RequestedProduct(Wire, frozen=True):
    """A line item in the list `requestedproducts`: a product requested at a data centre.

    Type ``TypeCostProductReq``.
    """

    product_id: int | None = None
    service_id: Annotated[int | None, "Palmetto's ID of the service."] = None
    quantity: Decimal | None = None
    datacenter_code: Annotated[str | None, "The data centre, by Palmetto's code.", Input(PalmettoDatacenter)] = None
    is_sla: Annotated[bool | None, "Whether a service level is agreed."] = named("isSLA")
    self_service_id: Annotated[int | None, "Palmetto's ID of the self-service entry."] = None
    max_quantity: Annotated[int | None, "The maximum quantity that can be requested."] = None
    increment: Annotated[Decimal | None, "The increment in which the quantity can be requested."] = None
    parent_id: Annotated[str | None, "Palmetto's ID of the object that the product belongs to."] = None


class OrderRow(Wire, frozen=True):
    """A line item in the list `order`: a row with prices and dates.

    Type ``TypeOrderDetailInfo``.
    """

    is_active: Annotated[bool | None, "Whether the row is active."] = named("active")
    allocation: Annotated[str | None, "How the row is allocated, in Palmetto's terms."] = None
    customer_id: Annotated[str | None, "Palmetto's ID of the customer."] = None
    data_center_id: Annotated[str | None, "Palmetto's ID of the data centre."] = None
    is_deleted: Annotated[bool | None, "Whether the row is deleted."] = named("deleted")
    discount_percent: Annotated[Decimal | None, "The discount on the row, in percent."] = None
    is_discount_restricted: Annotated[bool | None, "Whether further discounts are excluded."] = named(
        "discountRestricted"
    )
    extended_price: Annotated[Decimal | None, "The total amount of the row."] = None
    global_discount_percent: Annotated[Decimal | None, "The discount on the whole order, in percent."] = None
    is_discount_introductory: Annotated[bool | None, "Whether the discount is introductory."] = None
    order_detail_id: Annotated[int | None, "Palmetto's ID of the row."] = None
    order_id: Annotated[int | None, "Palmetto's ID of the order that the row belongs to."] = None
    order_version: Annotated[int | None, "The version of the order that the row belongs to."] = None
    parent_order_product_id: Annotated[int | None, "Palmetto's ID of the parent row."] = None
    pricing_schedule_id: Annotated[int | None, "Palmetto's ID of the price list."] = None
    product: Annotated[str | None, "The name of the product."] = None
    product_category: Annotated[str | None, "The category of the product, in Palmetto's terms."] = None
    product_id: int | None = None
    product_price: Annotated[Decimal | None, "The price per unit."] = None
    provider: Annotated[str | None, "The provider of the product."] = None
    quantity: Decimal | None = None
    is_recurring: Annotated[
        bool | None, "Whether the row is charged repeatedly. A recurring row is a subscription."
    ] = named("recurring")
    retail_product_price: Annotated[Decimal | None, "The price per unit before discounts."] = None
    service: Annotated[str | None, "The service, in Palmetto's terms."] = None
    service_begins_at: Annotated[
        datetime | None,
        "When the service begins.",
        Input(description="When the service begins. Defaults to `requestedAt`."),
    ] = named("serviceBeginDate")
    service_ends_at: Annotated[datetime | None, "When the service ends."] = named("serviceEndDate")
    service_id: Annotated[int | None, "Palmetto's ID of the service."] = None
    service_level_percent: Annotated[Decimal | None, "The service level, in percent."] = None
    service_provider_id: Annotated[int | None, "Palmetto's ID of the provider."] = None
    status: Annotated[str | None, "The status of the row. Palmetto does not document the values."] = None
    type_order_status_id: Annotated[
        int | None, "The status of the row as a number. Palmetto does not document the values."
    ] = None
    type_unit_measure_id: Annotated[int | None, "Palmetto's ID of the unit of measure."] = None
    unit: Annotated[str | None, "The unit of the quantity."] = None
    variance: Annotated[Decimal | None, "The amount by which the quantity may vary."] = None
    support_cost: Annotated[Decimal | None, "The support cost per unit."] = None
    support_cost_total: Annotated[Decimal | None, "The total support cost of the row."] = None
    billing_starts_at: Annotated[datetime | None, "When billing starts."] = named("billingStartDate")
    billing_version: Annotated[Decimal | None, "The version of the billing."] = None
    has_progress_billing: Annotated[bool | None, "Whether the row is billed as the work progresses."] = named(
        "progressBilling"
    )
    progress_billing_starts_at: Annotated[datetime | None, "When progress billing starts."] = named(
        "progressBillingStartDate"
    )


class Payload(Wire, frozen=True):
    """A virtual data centre that lines are ordered for.

    Type ``SelfServicePayload``. Line items are in three lists. The document does not explain how they relate.
    """

    org_name: Annotated[str | None, "The name of the organisation."] = None
    vdc_id: Annotated[str | None, "Palmetto's ID of the virtual data centre."] = None
    location: Annotated[
        str | None,
        "The location of the virtual data centre or the destination of goods, as text.",
        Input(
            description="The location of the virtual data centre or the destination of goods, as text. "
            "Defaults to `shippingAddress`."
        ),
    ] = None
    products: list[Product] | None = None
    requested_products: list[RequestedProduct] | None = named("requestedproducts")
    order: list[OrderRow] | None = None


class Order(Wire, frozen=True):
    """An order as it is sent.

    Type ``SelfServiceOrderProducts``.
    """

    company_id: Annotated[
        str | None,
        "Palmetto's ID of the company that places the order.",
        Input(description="Palmetto's ID of the company that places the order. Defaults to the account's company."),
    ] = None
    user_id: Annotated[
        str | None,
        "Palmetto's ID of the user who places the order.",
        Input(description="Palmetto's ID of the user who places the order. Defaults to the account's user."),
    ] = None
    action: Annotated[
        str | None,
        "The requested action. Palmetto does not document the values.",
        Input(
            description="The requested action. Palmetto does not document the values. Ask Palmetto which value to use."
        ),
    ] = None
    job_id: Annotated[
        str | None,
        "Your own number for the order, as it was sent.",
        Input(description="Your own number for the order. The same as `clientReference`."),
    ] = None
    correlation_id: Annotated[
        str | None,
        "The ID of the order, generated by the gateway or given by you.",
        Input(description="The ID of the order. It must be unique. Generated if omitted."),
    ] = None
    payloads: Annotated[
        list[Payload] | None, "The virtual data centres that the order is for. Defaults to one without a name."
    ] = named("payload")


class Session(msgspec.Struct, frozen=True, rename="camel"):
    """The response to authentication. The id is sent in a header."""

    session_id: Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]+\Z")]

    def __repr__(self) -> str:
        return "Session(...)"
