"""The Hub's orders, products, subscriptions and invoices in JSON. Source: Nuvias UC "Hub API (1.1.0)".

Fields have the names that they have in the graph; ``field(name=...)`` gives the Hub's name where it differs. Times and
enum values stay text, so that one unreadable value affects only its own field. Fields may be missing, since the
document marks almost nothing as required. Fields that the Hub adds are ignored, as its document asks of clients.
Amounts of money are read exactly, as Decimal. Everything that is not about orders is in `wire_people`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import field

from ordergraph.domain.commands import AddressRequest
from ordergraph.vendors.nuvias import values
from ordergraph.wire.fields import Input, named


class Wire(msgspec.Struct, frozen=True):
    """A part of a response of the Hub."""


class Write(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a request body, or a part that requests and responses share. Fields that are None are omitted."""


class Address(Write, frozen=True):
    """A postal address. ``country_code`` is an id of ``GET /country_codes``."""

    company_name: str | None = None
    recipient_name: str | None = None
    addr_line_1: str | None = None
    addr_line_2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country_code: int | None = None


# Catalogue


class RelatedProduct(Wire, frozen=True):
    """A product related to another product."""

    product: Annotated[int | None, "The related product.", values.PRODUCT] = field(name="id")
    sku: Annotated[str | None, "The SKU of the product."] = None
    name: Annotated[str | None, "The name of the product."] = None
    price: Annotated[Decimal | None, "The price that you pay per unit.", values.MONEY] = None
    is_dovetail: Annotated[
        bool | None, "Whether Dovetail provisions the goods. Lines then require `provisioningOrganisationId`."
    ] = named("dovetail")


class ChargeCost(Wire, frozen=True):
    """The price of a charge in one currency."""

    number: Annotated[int | None, "The Hub's ID of the price."] = named("id")
    currency: str | None = None
    price: Annotated[Decimal | None, "The price per unit.", values.MONEY] = named("charge_cost_price")


class RatePlanCharge(Wire, frozen=True):
    """A charge of a rate plan.

    On a product, it has costs. On a line, it has a price.
    """

    number: Annotated[int | None, "The Hub's ID of the charge."] = named("id")
    name: Annotated[str | None, "The name of the charge."] = None
    rate_plan_number: Annotated[int | None, "On a line, the Hub's ID of the rate plan that the charge belongs to."] = (
        named("rate_plan_id")
    )
    charge_type: Annotated[str | None, "How often the charge applies, as reported by the Hub, such as `recurring`."] = (
        None
    )
    charge_model: Annotated[str | None, "How the charge is calculated, as reported by the Hub, such as `per_unit`."] = (
        None
    )
    unit_of_measure: Annotated[str | None, "The unit that is charged for, such as `User`."] = None
    price: Annotated[Decimal | None, "On a line, the price per unit.", values.MONEY] = None
    costs: Annotated[list[ChargeCost], "On a product, the prices by currency."] = field(
        name="rate_plan_charge_costs", default=[]
    )


class RatePlan(Wire, frozen=True):
    """A plan for paying a subscription over time, offered by a product or selected on a line."""

    number: Annotated[int | None, "The Hub's ID of the rate plan. Pass it as `ratePlan` when you order a line."] = (
        field(name="id")
    )
    name: Annotated[str | None, "The name of the rate plan."] = None
    line_item_number: Annotated[int | None, "On a line, the Hub's ID of the line."] = named("line_item_id")
    term_length: Annotated[int | None, "The length of the term, in months."] = None
    billing_frequency: Annotated[
        str | None, "How often the plan is billed, as reported by the Hub, such as `monthly`."
    ] = None
    renewal_term_length: Annotated[int | None, "The length of each renewal, in months."] = None
    is_default: Annotated[bool | None, "On a product, whether this is the default rate plan."] = named("default")
    min_quantity: Annotated[int | None, "On a product, the minimum quantity per order."] = None
    max_quantity: Annotated[int | None, "On a product, the maximum quantity per order."] = None
    charges: Annotated[list[RatePlanCharge], "The charges of the rate plan."] = field(
        name="rate_plan_charges", default=[]
    )


class Product(Wire, frozen=True):
    """``GET /products`` and ``GET /products/{id}``: the same shape."""

    id: int
    name: str | None = None
    product_code: str | None = None
    description: str | None = None
    detailed_description: Annotated[str | None, "The detailed description of the product."] = None
    featured_description: Annotated[str | None, "A short description of the product for advertising."] = None
    manufacturer: Annotated[int | None, "The manufacturer of the product.", values.MANUFACTURER] = named("vendor")
    product_type: Annotated[int | None, "The Hub's ID of the product type."] = named("type")
    rrp: Decimal | None = None
    price: Decimal | None = None
    thumb_url: Annotated[str | None, "The URL of a thumbnail image."] = None
    main_image_url: str | None = None
    datasheet_url: str | None = None
    guide_url: Annotated[str | None, "The URL of the user guide."] = None
    quickstart_url: Annotated[str | None, "The URL of the quick start guide."] = None
    stock: Decimal | None = None
    provisioning_products: Annotated[list[RelatedProduct], "Provisioning options for the product."] = field(
        name="provisioning", default=[]
    )
    maintenance_products: Annotated[list[RelatedProduct], "Maintenance options for the product."] = field(
        name="maintenance", default=[]
    )
    related_products: Annotated[list[RelatedProduct], "Related products."] = field(name="related_to", default=[])
    shipping_cost: Annotated[Decimal | None, "The shipping cost per unit.", values.MONEY] = None
    is_shown_in_webstore: Annotated[bool | None, "Whether the product is shown in the Hub's webstore."] = named(
        "show_in_webstore"
    )
    is_discountable: Annotated[bool | None, "Whether a discount can be given on the product."] = named("discountable")
    subscription_type: Annotated[
        str | None, "The provider of the subscription, as reported by the Hub, such as `DROPBOX`."
    ] = None
    subscription_product_type: Annotated[
        str | None, "The role of the product in a subscription, as reported by the Hub: `BASE` or `ADD_ON`."
    ] = None
    quantity_type: Annotated[str | None, "What a quantity counts, as reported by the Hub, such as `QUANTITY`."] = None
    rate_plans: Annotated[list[RatePlan], "The rate plans that the product offers."] = []
    is_shippable: Annotated[
        bool | None, "Whether the product is shipped. Orders then require a shipping address and a shipping type."
    ] = None
    is_financeable: Annotated[bool | None, "Whether the product can be financed."] = None
    weight: Annotated[Decimal | None, "The weight per unit, in `weightUnit`."] = None
    weight_unit: Annotated[str | None, "The unit of the weight, as reported by the Hub, such as `GRAMS`."] = None


# Orders and baskets


class DropboxOrderWrite(Write, frozen=True):
    """The Dropbox team of a line."""

    team_name: Annotated[str | None, "The name of the team."] = None
    admin_email: Annotated[str | None, "The email address of the team's administrator."] = None


class DropboxOrder(DropboxOrderWrite, frozen=True):
    """The Dropbox team of a line."""

    subscription: Annotated[int | None, "The Dropbox subscription.", values.SUBSCRIPTION] = named("subscription_id")


class AcronisOrderWrite(Write, frozen=True):
    """The Acronis tenant of a line."""

    tenant_name: Annotated[str | None, "The name of the tenant."] = None
    admin_email: Annotated[str | None, "The email address of the tenant's administrator."] = None


class AcronisOrder(AcronisOrderWrite, frozen=True):
    """The Acronis tenant of a line."""

    subscription: Annotated[int | None, "The Acronis subscription.", values.SUBSCRIPTION] = named("subscription_id")


class ZoomOrderWrite(Write, frozen=True):
    """The Zoom purchase of a line."""

    deal_registration_id: Annotated[str | None, "The ID of the deal registration."] = None
    deal_registration_approval_id: Annotated[str | None, "The ID of the approval of the deal registration."] = None
    end_user_name: Annotated[str | None, "The name of the contact at the end customer."] = None
    end_user_company: Annotated[str | None, "The company of the end customer."] = None
    end_user_email: Annotated[str | None, "The email address of the end customer."] = None


class ZoomOrder(ZoomOrderWrite, frozen=True):
    """The Zoom purchase of a line."""

    zoom_order_type: Annotated[str | None, "The type of purchase, as reported by the Hub, such as `MIDTERM`."] = None
    zoom_order_sub_type: Annotated[str | None, "The subtype of purchase, as reported by the Hub, such as `UPSELL`."] = (
        None
    )
    subscription: Annotated[int | None, "The Zoom subscription.", values.SUBSCRIPTION] = named("subscription_id")


class LineItem(Wire, frozen=True):
    """A line of an order or basket. ``discount`` and ``markup`` are percentages here."""

    id: int
    order: Annotated[int | None, "The order that the line belongs to, as reported by the Hub.", values.ORDER] = None
    product: int | None = None
    name: str | None = None
    quantity: int | None = None
    price: Decimal | None = None
    original_price: Decimal | None = None
    provisioning_product: Annotated[int | None, "The product that provisions the line.", values.PRODUCT] = named(
        "prov_product"
    )
    prov_product_name: str | None = None
    prov_product_price: Decimal | None = None
    provisioning_organisation: Annotated[
        int | None, "The organisation that the line is provisioned for.", values.ORGANISATION
    ] = named("prov_organisation")
    provisioning_group: Annotated[int | None, "The Dovetail group that the line is provisioned in.", values.GROUP] = (
        named("prov_group")
    )
    provisioning_site: Annotated[int | None, "The Dovetail site that the line is provisioned for.", values.SITE] = (
        named("prov_site")
    )
    maintenance_product: Annotated[int | None, "The product that maintains the line.", values.PRODUCT] = None
    maintenance_product_name: str | None = None
    maintenance_product_price: Decimal | None = None
    sub_total_for_item: Decimal | None = None
    selected_rate_plan: Annotated[int | None, "The Hub's ID of the selected rate plan."] = None
    rate_plan: Annotated[RatePlan | None, "The rate plan as it was ordered."] = named("rate_plan_details")
    dropbox: Annotated[DropboxOrder | None, "The Dropbox team, for Dropbox products."] = named("dropbox_order")
    acronis: Annotated[AcronisOrder | None, "The Acronis tenant, for Acronis products."] = named("acronis_order")
    zoom: Annotated[ZoomOrder | None, "The Zoom purchase, for Zoom products."] = named("zoom_order")
    markup_percent: Annotated[Decimal | None, "The margin added to the price, in percent."] = named("markup")
    discount_percent: Annotated[Decimal | None, "The discount that a quote grants on the line, in percent."] = named(
        "discount"
    )


class Unit(Wire, frozen=True):
    """A single device of an order.

    ``serial`` is a number in the samples.
    """

    number: Annotated[int | None, "The Hub's ID of the device."] = field(name="id")
    serial_number: Annotated[int | str | None, "The serial number of the device.", values.TEXT] = named("serial")
    product: Annotated[int | None, "The product that the device is a unit of.", values.PRODUCT] = None
    order: Annotated[int | None, "The order that the device belongs to.", values.ORDER] = None


class FinanceWrite(Write, frozen=True):
    """The financing of an order."""

    company_number: Annotated[str | None, "The registration number of the company."] = None
    company_name: Annotated[str | None, "The name of the company."] = None
    target: Annotated[
        str | None,
        "The party that is financed, as reported by the Hub: `SELF` or `CUSTOMER`.",
        Input(values.NuviasFinanceTarget, description="The party that is financed."),
    ] = None
    email_address: Annotated[str | None, "The email address of the contact."] = None
    title: Annotated[str | None, "The title of the contact, such as `Mr`."] = None
    first_name: Annotated[str | None, "The first name of the contact."] = None
    family_name: Annotated[str | None, "The family name of the contact."] = named("name")
    contact_number: Annotated[str | None, "The phone number of the contact."] = None
    term_length: Annotated[int | None, "The term of the financing, in months."] = None
    registered_address: Annotated[
        Address | None, "The registered address of the company.", values.ADDRESS, Input(AddressRequest)
    ] = None
    trading_addresses: Annotated[
        list[Address], "The trading addresses of the company.", values.ADDRESS, Input(AddressRequest)
    ] = []


class Finance(FinanceWrite, frozen=True):
    """The financing of an order."""

    is_approved: Annotated[bool | None, "Whether the financing was approved."] = named("approved")


class ShipmentItem(Wire, frozen=True):
    """Goods in a shipment. Serial numbers are numbers in the samples."""

    product: int | None = None
    name: str | None = None
    product_code: str | None = None
    quantity: int | None = None
    serial_numbers: list[int | str] = []


class Shipment(Wire, frozen=True):
    """A shipment of an order. ``date`` is a day."""

    reference: str | None = None
    tracking_number: str | None = None
    date: str | None = None
    items: list[ShipmentItem] = []


class Order(Wire, frozen=True):
    """An order or a basket. Baskets and the rows of the list of orders have no ``order_type``.

    ``discount`` is an amount of money here. There is no currency: use the one of ``whoami``.
    """

    id: int
    external_id: Annotated[int | str | None, "The ID of the order in the Hub's back office.", values.TEXT] = None
    purchase_order_number: str | None = None
    supplier_ref: str | None = None
    linked_supplier_refs: Annotated[list[str], "The numbers of orders linked to this order."] = []
    organisation: Annotated[int | None, "The organisation that the order belongs to.", values.ORGANISATION] = None
    date: str | None = None
    status: str | None = None
    parent: Annotated[int | None, "The order that this order was split off from.", values.ORDER] = named("parent_id")
    shipping_address: Address | None = None
    shipping_type: Annotated[int | None, "The shipping type of the order.", values.SHIPPING_TYPE] = None
    ship_instructions: Annotated[str | None, "Instructions for shipping the goods."] = None
    ship_cost: Decimal | None = None
    is_shipping_cost_final: Annotated[bool | None, "Whether the shipping cost is final."] = named("ship_final")
    discount: Decimal | None = None
    end_user: Annotated[str | None, "The name of the end customer."] = None
    provisioning_instructions: Annotated[str | None, "Instructions for provisioning the goods."] = None
    is_manual_approval_required: Annotated[bool | None, "Whether the order requires manual approval."] = named(
        "manual_authorisation"
    )
    total: Decimal | None = None
    is_part_shipment_allowed: Annotated[bool | None, "Whether partial shipments are allowed."] = named("part_ship")
    line_items: list[LineItem] = []
    name: Annotated[str | None, "The name of the order. If set, it is also the `clientReference`."] = None
    units: Annotated[list[Unit], "The individual devices of the order."] = []
    attention_required: str | None = None
    payment_type: Annotated[str | None, "The payment method, as reported by the Hub: `ON_ACCOUNT` or `FINANCE`."] = None
    finance: Annotated[Finance | None, "The financing of the order."] = None
    shipments: list[Shipment] = []
    order_type: Annotated[
        str | None,
        "The type of order, as reported by the Hub, such as `SALES_ORDER`. Null for drafts and for orders in lists.",
    ] = None


class LineItemWrite(Write, frozen=True):
    """A line in a request, with ``product`` or ``product_code``. The id wins, also for the other products."""

    product: int | None = None
    product_code: str | None = None
    quantity: int | None = None
    provisioning_product: int | None = named("prov_product")
    provisioning_product_code: str | None = named("prov_product_code")
    provisioning_organisation_id: Annotated[
        int | None,
        "The organisation to provision the line for. Required if a Dovetail product provisions it.",
        values.ORGANISATION,
    ] = named("prov_organisation")
    provisioning_group_id: Annotated[int | None, "The Dovetail group to provision the line in.", values.GROUP] = named(
        "prov_group"
    )
    provisioning_site_id: Annotated[int | None, "The Dovetail site to provision the line for.", values.SITE] = named(
        "prov_site"
    )
    maintenance_product: int | None = None
    maintenance_product_code: str | None = None
    rate_plan: Annotated[int | None, "The rate plan of the line: the `number` of one of the product's `ratePlans`."] = (
        named("selected_rate_plan")
    )
    dropbox: Annotated[DropboxOrderWrite | None, "The Dropbox team, for Dropbox products."] = named("dropbox_order")
    acronis: Annotated[AcronisOrderWrite | None, "The Acronis tenant, for Acronis products."] = named("acronis_order")
    zoom: Annotated[ZoomOrderWrite | None, "The Zoom purchase, for Zoom products."] = named("zoom_order")
    markup_percent: Annotated[
        Decimal | None, "The margin to add to the price, in percent. Required if `finance.target` is `CUSTOMER`."
    ] = named("markup")
    discount_percent: Annotated[
        Decimal | None, "The discount on the line, in percent. Only allowed if a quote grants it."
    ] = named("discount")


class OrderWrite(Write, frozen=True):
    """Body of ``POST /baskets``, ``PUT /baskets/{id}`` and, with ``order_type``, of ``POST /orders``."""

    purchase_order_number: str | None = None
    shipping_address: Address | None = None
    shipping_type_id: Annotated[
        int | None,
        "The shipping type: one of the account's `shippingTypes`. Required if goods are shipped.",
        values.SHIPPING_TYPE,
    ] = named("shipping_type")
    ship_instructions: Annotated[
        str | None, "Instructions for shipping the goods, up to 3500 characters. Cannot be combined with `notes`."
    ] = None
    end_user: Annotated[str | None, "The name of the end customer."] = None
    provisioning_instructions: Annotated[
        str | None, "Instructions for provisioning the goods, up to 3500 characters."
    ] = None
    is_part_shipment_allowed: Annotated[
        bool | None, "Whether partial shipments are allowed. Defaults to true for a new order."
    ] = named("part_ship")
    line_items: list[LineItemWrite] | None = None
    name: Annotated[str | None, "The name of the order. Cannot be combined with `clientReference`."] = None
    payment_type: Annotated[
        str | None, "The payment method. Defaults to `ON_ACCOUNT` for a new order.", Input(values.NuviasPaymentType)
    ] = None
    finance: Annotated[FinanceWrite | None, "The financing of the order. Required if `paymentType` is `FINANCE`."] = (
        None
    )
    order_type: str | None = None


class OrderEdit(Write, frozen=True):
    """Body of ``PUT /orders/{id}``. Nothing else can be changed in an order."""

    linked_supplier_refs: list[str]


# Subscriptions


class OriginalProduct(Write, frozen=True):
    """The product that a line of a change order replaces."""

    product: int | None = None
    name: str | None = None
    quantity: int | None = None


class ChangeLineWrite(Write, frozen=True):
    """A line of a change order."""

    product: int | None = None
    product_code: str | None = None
    quantity: int | None = None
    original_product: OriginalProduct | None = None


class ChangePreviewWrite(Write, frozen=True):
    """Body of the change preview."""

    subscription: int
    purchase_order_number: str | None = None
    line_items: list[ChangeLineWrite] = []


class ChangePreview(Wire, frozen=True):
    """The cost of a change order. ``tcv`` is the total contract value, ``rc`` the recurring charge."""

    subscription_delta: int | None = None
    subscription_new: int | None = None
    tcv_delta: Decimal | None = None
    tcv_new: Decimal | None = None
    rc_delta: Decimal | None = None
    rc_new: Decimal | None = None


class OrderHistory(Wire, frozen=True):
    """An order in the history of a subscription, as it was at the time."""

    order: Annotated[int, "The order as it is now.", values.ORDER] = field(name="id")
    order_number: Annotated[str | None, "The order number that Nuvias uses."] = named("supplier_ref")
    placed_at: Annotated[str | None, "When the order was placed.", values.TIME] = named("date")
    vendor_status: Annotated[str | None, "The order's status at the time, as reported by the Hub."] = named("status")
    total: Annotated[Decimal | None, "The total amount of the order at the time.", values.MONEY] = None
    order_type: Annotated[str | None, "The type of order, as reported by the Hub, such as `SALES_ORDER`."] = None


class SubscriptionProduct(Wire, frozen=True):
    """A product that a subscription covers, as reported by the Hub."""

    line_item_number: Annotated[int | None, "The Hub's ID of the line that ordered the product."] = named(
        "order_line_item"
    )
    product: Annotated[int | None, "The product.", values.PRODUCT] = None
    product_type: Annotated[
        str | None, "The role of the product in the subscription, as reported by the Hub: `BASE` or `ADD_ON`."
    ] = None
    quantity: Annotated[int | None, "The quantity, such as the number of seats."] = None


class Subscription(Wire, frozen=True):
    """A subscription. Only the type DROPBOX has the last three fields."""

    id: int
    name: str | None = None
    organisation: Annotated[int | None, "The organisation that the subscription belongs to.", values.ORGANISATION] = (
        None
    )
    order: Annotated[int | None, "The order that created the subscription.", values.ORDER] = None
    subscription_type: Annotated[
        str | None, "The provider of the subscription, as reported by the Hub: `DROPBOX`, `ACRONIS` or `ZOOM`."
    ] = named("type")
    start_date: str | None = None
    service_activation_date: str | None = None
    end_date: str | None = None
    auto_renewal_flag: bool | None = None
    has_pending_changes: bool | None = named("pending_change")
    source_id: Annotated[str | None, "The number of the subscription in the billing system."] = None
    status: str | None = None
    billing_frequency: str | None = None
    total_contract_value: Decimal | None = None
    history: Annotated[
        list[OrderHistory], "The orders that created and changed the subscription, as they were at the time."
    ] = field(name="order_history", default=[])
    associated_subscriptions: Annotated[
        list[int],
        "Subscriptions associated with this one. An entry is null if the subscription could not be read.",
        values.SUBSCRIPTION,
    ] = []
    products: Annotated[list[SubscriptionProduct], "The products that the subscription covers."] = []
    team_id: Annotated[str | None, "The ID of the Dropbox team. Only for Dropbox subscriptions."] = None
    admin_email: Annotated[
        str | None, "The email address of the Dropbox administrator. Only for Dropbox subscriptions."
    ] = None
    seats: Annotated[int | None, "The number of seats. Only for Dropbox subscriptions."] = named("subscriptions")


class SubscriptionWrite(Write, frozen=True):
    """Body of ``PUT /subscriptions/{id}``. ``type`` is sent back unchanged, as in the sample."""

    auto_renewal_flag: bool | None = None
    has_pending_changes: Annotated[bool | None, "Whether a change is waiting to be activated."] = named(
        "pending_change"
    )
    total_contract_value: Annotated[Decimal | None, "The total contract value, in the account's currency."] = None
    type: str | None = None


class ServiceActivation(Write, frozen=True):
    """Body of the activation of a subscription."""

    service_activation_date: str


class ChangeActivation(Write, frozen=True):
    """Body of the activation of a subscription's changes."""

    activation_date: str


# Invoices


class Invoice(Wire, frozen=True):
    """A row of ``GET /invoices``: an invoice or a credit note. It does not name its order."""

    id: int
    organisation: Annotated[int | None, "The organisation that the invoice was issued to.", values.ORGANISATION] = None
    source_system: Annotated[int | None, "The Hub's ID of the back-end system that issued the invoice."] = named(
        "source"
    )
    source_id: Annotated[int | None, "The ID of the invoice in the back-end system."] = None
    reference: str | None = None
    status: str | None = None
    date: str | None = None
    due_date: str | None = None
    purchase_order: str | None = None
    currency: str | None = None
    total: Decimal | None = None
    days_overdue: int | None = None
    type: str | None = None
