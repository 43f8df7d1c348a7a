"""What only Palmetto takes of orders and lines and tells of them, of products and of subscriptions.

A row's fields stand in classes of their own: a line's input and its details have the same, each under the
document's name. Where the document does not explain a field, neither do its words here.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import strawberry
from strawberry import UNSET, field

from ordergraph.domain import DescribedEnum
from ordergraph.graph.order import LineItem, LineItemDetails, OrderDetails
from ordergraph.graph.product import ProductDetails
from ordergraph.graph.scalars import graph_enum
from ordergraph.graph.subscription import SubscriptionDetails
from ordergraph.graph.values import Money
from ordergraph.vendors.palmetto import mapping
from ordergraph.vendors.palmetto.mapping import PalmettoList


@graph_enum
class PalmettoDatacenter(DescribedEnum):
    """A data centre, by the codes that Palmetto allows; it does not say more of them."""

    ACD = "Palmetto's code ACD."
    GMU = "Palmetto's code GMU."
    SPA = "Palmetto's code SPA."
    LAS = "Palmetto's code LAS."
    DEV = "Palmetto's code DEV."
    VCD = "Palmetto's code VCD."
    AWS = "Palmetto's code AWS."
    GCP = "Palmetto's code GCP."
    UAT = "Palmetto's code UAT."
    AZU = "Palmetto's code AZU."
    CNW = "Palmetto's code CNW."
    AUV = "Palmetto's code AUV."
    ATL = "Palmetto's code ATL."
    EXT = "Palmetto's code EXT."


graph_enum(PalmettoList)


# ------------------------------------------------------------------------------- a row's own fields


@dataclass
class ParentFields:
    """What the rows of `products` and of `requestedproducts` have."""

    parent_id: str | None = field(default=UNSET, description="Palmetto's ID of what it belongs to.")


@dataclass
class ServiceFields:
    """What the rows of `requestedproducts` and of `order` have."""

    service_id: int | None = field(default=UNSET, description="Palmetto's number of the service.")


@dataclass
class RequestedFields(ServiceFields, ParentFields):
    """What only the rows of `requestedproducts` have."""

    is_sla: bool | None = field(default=UNSET, description="Whether a service level is agreed.")
    self_service_id: int | None = field(default=UNSET, description="Palmetto's number of the self-service entry.")
    max_quantity: int | None = field(default=UNSET, description="The most that can be asked for.")
    increment: Decimal | None = field(default=UNSET, description="In which steps the quantity can be asked for.")


@dataclass
class RowFields(ServiceFields):
    """What only the rows of `order` have."""

    active: bool | None = field(default=UNSET, description="Whether the row is active.")
    allocation: str | None = field(default=UNSET, description="How it is allocated, in Palmetto's word.")
    customer_id: str | None = field(default=UNSET, description="Palmetto's ID of the customer.")
    data_center_id: str | None = field(default=UNSET, description="Palmetto's ID of the data centre.")
    deleted: bool | None = field(default=UNSET, description="Whether the row is deleted.")
    discount_percent: Decimal | None = field(default=UNSET, description="What is taken off the row, in percent.")
    discount_restricted: bool | None = field(default=UNSET, description="Whether nothing more may be taken off.")
    global_discount_percent: Decimal | None = field(
        default=UNSET, description="What is taken off the whole order, in percent."
    )
    is_discount_introductory: bool | None = field(
        default=UNSET, description="Whether the discount is for the beginning only."
    )
    order_detail_id: int | None = field(default=UNSET, description="Palmetto's number of the row.")
    order_id: int | None = field(default=UNSET, description="Palmetto's number of the order that the row is part of.")
    order_version: int | None = field(default=UNSET, description="The version of that order.")
    parent_order_product_id: int | None = field(
        default=UNSET, description="Palmetto's number of the row that it belongs to."
    )
    pricing_schedule_id: int | None = field(default=UNSET, description="Palmetto's number of the price list.")
    product_category: str | None = field(default=UNSET, description="What kind of product, in Palmetto's word.")
    provider: str | None = field(default=UNSET, description="Who provides it.")
    recurring: bool | None = field(
        default=UNSET, description="Whether it is paid again and again: such a row is a subscription."
    )
    service: str | None = field(default=UNSET, description="The service, in Palmetto's word.")
    service_begin_date: datetime | None = field(
        default=UNSET, description="When the service begins; `requestedAt` if left out."
    )
    service_end_date: datetime | None = field(default=UNSET, description="When the service ends.")
    service_level_percent: Decimal | None = field(default=UNSET, description="The service level, in percent.")
    service_provider_id: int | None = field(default=UNSET, description="Palmetto's number of the provider.")
    status: str | None = field(default=UNSET, description="The row's status, in a word that Palmetto does not explain.")
    type_order_status_id: int | None = field(
        default=UNSET, description="The row's status, in a number that Palmetto does not explain."
    )
    type_unit_measure_id: int | None = field(default=UNSET, description="Palmetto's number of the unit.")
    unit: str | None = field(default=UNSET, description="In which unit the quantity is.")
    variance: Decimal | None = field(default=UNSET, description="By how much the quantity may vary.")
    billing_start_date: datetime | None = field(default=UNSET, description="From when on it is billed.")
    billing_version: Decimal | None = field(default=UNSET, description="The version of the billing.")
    progress_billing: bool | None = field(default=UNSET, description="Whether it is billed as the work goes on.")
    progress_billing_start_date: datetime | None = field(default=UNSET, description="From when on that is so.")


# ------------------------------------------------------------------------------------------ outputs


@strawberry.type(description="For which virtual data centre lines were ordered.")
class PalmettoPayload:
    """Read from `mapping.PalmettoPayload`."""

    org_name: str | None = field(description="The organisation.")
    vdc_id: str | None = field(description="Palmetto's ID of the virtual data centre.")
    location: str | None = field(description="Where it is or where things go, as text.")


@strawberry.type(description="Whom the vendor may ask about the order.")
class PalmettoContact:
    """Read from `commands.Contact`."""

    name: str | None = field(description="The person.")
    email: str | None = field(description="The e-mail address.")
    phone: str | None = field(description="The telephone number.")


@strawberry.type(
    description="What only Palmetto has of an order, and `contact`, which Palmetto has no field for: it was not told."
)
class PalmettoOrderDetails(OrderDetails):
    """Read from `mapping.PalmettoOrderDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.PalmettoOrderDetails)

    company_id: str | None = field(description="Palmetto's ID of the company that orders.")
    user_id: str | None = field(description="Palmetto's ID of the user who orders.")
    action: str | None = field(description="What is asked for, in a word that Palmetto does not explain.")
    job_id: str | None = field(description="Your own number of it, as sent.")
    correlation_id: str | None = field(description="The ID of the order, made by the gateway or given by you.")
    payloads: list[PalmettoPayload] = field(description="For which virtual data centres, in order.")
    contact: PalmettoContact | None = field(description="Whom to ask, as the gateway keeps it.")


@strawberry.type(description="What only Palmetto has of a line; a field that the line's list lacks is null.")
class PalmettoLineItemDetails(RowFields, RequestedFields, LineItemDetails):
    """Read from `mapping.PalmettoLineItemDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.PalmettoLineItemDetails)

    payload: int = field(description="In which of the order's payloads it stands, counted from 1.")
    list: PalmettoList = field(description="In which list of that payload.")
    datacenter_code: str | None = field(description="In which data centre, by Palmetto's code.")
    support_cost: Money | None = field(description="What the support of one costs.")
    support_cost_total: Money | None = field(description="What the support of all costs.")


@strawberry.type(description="What only Palmetto has of a product: what the order tells of it by which it is known.")
class PalmettoProductDetails(ProductDetails):
    """Read from `mapping.PalmettoProductDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.PalmettoProductDetails)

    product_category: str | None = field(description="What kind of product, in Palmetto's word.")
    provider: str | None = field(description="Who provides it.")
    datacenter_code: str | None = field(description="The data centre that it was asked for at, by Palmetto's code.")
    data_center_id: str | None = field(description="The data centre that it was ordered for, by Palmetto's ID.")


@strawberry.type(description="What only Palmetto has of a subscription: the recurring line that it was ordered by.")
class PalmettoSubscriptionDetails(SubscriptionDetails):
    """Read from `mapping.PalmettoSubscriptionDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.PalmettoSubscriptionDetails)

    line_item: LineItem = field(description="The line, with everything that was ordered.")
    billing_start_date: datetime | None = field(description="From when on it is billed.")
    price: Money | None = field(description="What the line comes to; Palmetto does not say for which time.")


# ------------------------------------------------------------------------------------------- inputs


@strawberry.input(description="For which virtual data centre to order.")
class PalmettoPayloadInput:
    """Becomes a `wire.SelfServicePayload`."""

    org_name: str | None = field(default=UNSET, description="The organisation.")
    vdc_id: str | None = field(default=UNSET, description="Palmetto's ID of the virtual data centre.")
    location: str | None = field(
        default=UNSET, description="Where it is or where things go, as text; `shippingAddress` if left out."
    )


@strawberry.input(description="What only Palmetto takes of an order.")
class PalmettoOrderDetailsInput:
    """Becomes the details of a `commands.OrderRequest`."""

    company_id: str | None = field(
        default=UNSET, description="Palmetto's ID of the company that orders; the account's if left out."
    )
    user_id: str | None = field(
        default=UNSET, description="Palmetto's ID of the user who orders; the account's if left out."
    )
    action: str | None = field(
        default=UNSET, description="What is asked for, in a word that Palmetto has told you: its document has none."
    )
    job_id: str | None = field(default=UNSET, description="Your own number of it; the same as `clientReference`.")
    correlation_id: str | None = field(
        default=UNSET, description="The ID of the order, unlike that of every other; made if left out."
    )
    payloads: list[PalmettoPayloadInput] | None = field(
        default=UNSET, description="For which virtual data centres; one without a name if left out."
    )


@strawberry.input(description="A line of the list `products`: products in the shortest form.")
class PalmettoProductInput(ParentFields):
    """Becomes a `wire.SelfServiceProduct`."""


@strawberry.input(description="A line of the list `requestedproducts`: products asked for at a data centre.")
class PalmettoRequestedProductInput(RequestedFields):
    """Becomes a `wire.TypeCostProductReq`."""

    datacenter_code: PalmettoDatacenter | None = field(default=UNSET, description="In which data centre.")


@strawberry.input(description="A line of the list `order`: a row with prices and dates.")
class PalmettoOrderRowInput(RowFields):
    """Becomes a `wire.TypeOrderDetailInfo`."""

    product: str | None = field(default=UNSET, description="What the product is called.")
    product_price: Decimal | None = field(default=UNSET, description="What one costs.")
    retail_product_price: Decimal | None = field(default=UNSET, description="What one would cost without a reduction.")
    extended_price: Decimal | None = field(default=UNSET, description="What the row comes to.")
    support_cost: Decimal | None = field(default=UNSET, description="What the support of one costs.")
    support_cost_total: Decimal | None = field(default=UNSET, description="What the support of all costs.")


@strawberry.input(
    description="What only Palmetto takes of a line. Give the part of the list that the line is to go to, at most "
    "one; without any it goes to `products` or, with `requestedAt`, to `order`."
)
class PalmettoLineItemDetailsInput:
    """Becomes the details of a `commands.LineRequest`."""

    payload: int | None = field(
        default=UNSET, description="Which of the order's payloads it is for, counted from 1; the first if left out."
    )
    products: PalmettoProductInput | None = field(default=UNSET, description="For the list `products`.")
    requested_products: PalmettoRequestedProductInput | None = field(
        default=UNSET, description="For the list `requestedproducts`."
    )
    order: PalmettoOrderRowInput | None = field(default=UNSET, description="For the list `order`.")
