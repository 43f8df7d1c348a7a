"""Palmetto's messages with Palmetto's spelling. Source: "Net3 API Interface for Customer Portal", ServiceStack.

The names of the types are those of the document; those of the fields are as they are sent, camelCase, and
read without regard to case. Every field may be left out. What nobody explains (``action``, ``status``,
``typeOrderStatusId``) stays as it is.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec


class Wire(msgspec.Struct, frozen=True, omit_defaults=True):
    """What Palmetto sends and is sent; what is None is left out."""


class SelfServiceProduct(Wire, frozen=True):
    """A product, in the shortest form; ``id`` is the product's."""

    id: int | None = None
    quantity: Decimal | None = None
    parentId: str | None = None


class TypeCostProductReq(Wire, frozen=True):
    """A product that is asked for at a data centre."""

    productId: int | None = None
    serviceId: int | None = None
    quantity: Decimal | None = None
    datacenterCode: str | None = None
    isSLA: bool | None = None
    selfServiceId: int | None = None
    maxQuantity: int | None = None
    increment: Decimal | None = None
    parentId: str | None = None


class TypeOrderDetailInfo(Wire, frozen=True):
    """A row of an order, with prices and dates."""

    active: bool | None = None
    allocation: str | None = None
    customerId: str | None = None
    dataCenterId: str | None = None
    deleted: bool | None = None
    discountPercent: Decimal | None = None
    discountRestricted: bool | None = None
    extendedPrice: Decimal | None = None
    globalDiscountPercent: Decimal | None = None
    isDiscountIntroductory: bool | None = None
    orderDetailId: int | None = None
    orderId: int | None = None
    orderVersion: int | None = None
    parentOrderProductId: int | None = None
    pricingScheduleId: int | None = None
    product: str | None = None
    productCategory: str | None = None
    productId: int | None = None
    productPrice: Decimal | None = None
    provider: str | None = None
    quantity: Decimal | None = None
    recurring: bool | None = None
    retailProductPrice: Decimal | None = None
    service: str | None = None
    serviceBeginDate: datetime | None = None
    serviceEndDate: datetime | None = None
    serviceId: int | None = None
    serviceLevelPercent: Decimal | None = None
    serviceProviderId: int | None = None
    status: str | None = None
    typeOrderStatusId: int | None = None
    typeUnitMeasureId: int | None = None
    unit: str | None = None
    variance: Decimal | None = None
    supportCost: Decimal | None = None
    supportCostTotal: Decimal | None = None
    billingStartDate: datetime | None = None
    billingVersion: Decimal | None = None
    progressBilling: bool | None = None
    progressBillingStartDate: datetime | None = None


class SelfServicePayload(Wire, frozen=True):
    """What is ordered for one virtual data centre, in three lists; nobody says how they relate."""

    orgName: str | None = None
    vdcId: str | None = None
    location: str | None = None
    products: list[SelfServiceProduct] | None = None
    requestedproducts: list[TypeCostProductReq] | None = None
    order: list[TypeOrderDetailInfo] | None = None


class SelfServiceOrderProducts(Wire, frozen=True):
    """An order, as it is sent."""

    companyId: str | None = None
    userId: str | None = None
    action: str | None = None
    jobId: str | None = None
    correlationId: str | None = None
    payload: list[SelfServicePayload] | None = None


class Session(msgspec.Struct, frozen=True):
    """The answer of the login; the id goes into a header."""

    sessionId: Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]+\Z")]

    def __repr__(self) -> str:
        return "Session(...)"
