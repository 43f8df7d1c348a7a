"""The Hub's orders, products, subscriptions and invoices in JSON. Source: Nuvias UC "Hub API (1.1.0)".

A field of the graph has the graph's name here; ``field(name=...)`` tells the Hub's spelling where it differs. Times
and enum words stay text, so that one odd value costs one field. Fields may be missing (the document marks nearly
nothing as required); fields that the Hub adds are ignored, as its document asks of clients. Numbers of money are read
exactly, as Decimal. What is not about orders is in `wire_people`.
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
    """What the Hub sends."""


class Write(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the Hub is sent, and parts of it that the Hub sends alike; what is None is left out."""


class Address(Write, frozen=True):
    """A place. ``country_code`` is an id of ``GET /country_codes``."""

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
    """A product that goes with another."""

    product: Annotated[int | None, "The product itself.", values.PRODUCT] = field(name="id")
    sku: Annotated[str | None, "Its code."] = None
    name: Annotated[str | None, "What it is called."] = None
    price: Annotated[Decimal | None, "What you pay for one.", values.MONEY] = None
    dovetail: Annotated[
        bool | None, "Whether Dovetail sets the goods up: lines then need provisioningOrganisationId."
    ] = None


class ChargeCost(Wire, frozen=True):
    """What a charge costs in one currency."""

    number: Annotated[int | None, "The Hub's own ID of it."] = named("id")
    currency: str | None = None
    price: Annotated[Decimal | None, "The price of one unit.", values.MONEY] = named("charge_cost_price")


class RatePlanCharge(Wire, frozen=True):
    """What a rate plan charges for.

    Of a product it has costs, as ordered a price.
    """

    number: Annotated[int | None, "The Hub's own ID of it."] = named("id")
    name: Annotated[str | None, "What it is called."] = None
    rate_plan_number: Annotated[int | None, "On a line: the Hub's own ID of the plan that it is part of."] = named(
        "rate_plan_id"
    )
    charge_type: Annotated[str | None, "How often, in the Hub's word such as recurring."] = None
    charge_model: Annotated[str | None, "By what, in the Hub's word such as per_unit."] = None
    unit_of_measure: Annotated[str | None, "What a unit is, such as User."] = None
    price: Annotated[Decimal | None, "On a line: the price of one unit.", values.MONEY] = None
    costs: Annotated[list[ChargeCost], "On a product: the prices, by currency."] = field(
        name="rate_plan_charge_costs", default=[]
    )


class RatePlan(Wire, frozen=True):
    """How a subscription is paid over time: offered by a product, or chosen on a line."""

    number: Annotated[int | None, "The Hub's own ID of it: `ratePlan` of a line's input."] = field(name="id")
    name: Annotated[str | None, "What it is called."] = None
    line_item_number: Annotated[int | None, "On a line: the Hub's own ID of the line."] = named("line_item_id")
    term_length: Annotated[int | None, "For how long, in months."] = None
    billing_frequency: Annotated[str | None, "How often it is billed, in the Hub's word such as monthly."] = None
    renewal_term_length: Annotated[int | None, "For how long it goes on after that, in months."] = None
    default: Annotated[bool | None, "On a product: whether it is the one that most take."] = None
    min_quantity: Annotated[int | None, "On a product: the least that can be ordered."] = None
    max_quantity: Annotated[int | None, "On a product: the most that can be ordered."] = None
    charges: Annotated[list[RatePlanCharge], "What it charges for."] = field(name="rate_plan_charges", default=[])


class Product(Wire, frozen=True):
    """``GET /products`` and ``GET /products/{id}``: the same shape."""

    id: int
    name: str | None = None
    product_code: str | None = None
    description: str | None = None
    detailed_description: Annotated[str | None, "What it is, at length."] = None
    featured_description: Annotated[str | None, "What it is, in a few lines for an advertisement."] = None
    manufacturer: Annotated[int | None, "Who makes it.", values.MANUFACTURER] = named("vendor")
    product_type: Annotated[int | None, "The Hub's number of its type."] = named("type")
    rrp: Decimal | None = None
    price: Decimal | None = None
    thumb_url: Annotated[str | None, "A small picture."] = None
    main_image_url: str | None = None
    datasheet_url: str | None = None
    guide_url: Annotated[str | None, "The user's guide."] = None
    quickstart_url: Annotated[str | None, "The guide to the first steps."] = None
    stock: Decimal | None = None
    provisioning: Annotated[list[RelatedProduct], "How it can be set up."] = []
    maintenance: Annotated[list[RelatedProduct], "How it can be looked after."] = []
    related: Annotated[list[RelatedProduct], "What goes with it."] = field(name="related_to", default=[])
    shipping_cost: Annotated[Decimal | None, "What the shipping of one costs.", values.MONEY] = None
    show_in_webstore: Annotated[bool | None, "Whether the Hub's shop shows it."] = None
    discountable: Annotated[bool | None, "Whether a discount can be given."] = None
    subscription_type: Annotated[str | None, "Whose subscription it is, in the Hub's word such as DROPBOX."] = None
    subscription_product_type: Annotated[
        str | None, "Which part it plays in a subscription, in the Hub's word: BASE or ADD_ON."
    ] = None
    quantity_type: Annotated[str | None, "What a quantity counts, in the Hub's word such as QUANTITY."] = None
    rate_plans: Annotated[list[RatePlan], "How it can be paid over time."] = []
    is_shippable: Annotated[bool | None, "Whether it is goods: orders then need an address and a way to ship."] = None
    is_financeable: Annotated[bool | None, "Whether it can be financed."] = None
    weight: Annotated[Decimal | None, "The weight of one, in weightUnit."] = None
    weight_unit: Annotated[str | None, "The unit of the weight, in the Hub's word such as GRAMS."] = None


# Orders and baskets


class DropboxOrderWrite(Write, frozen=True):
    """The Dropbox team of a line."""

    team_name: Annotated[str | None, "The team's name."] = None
    admin_email: Annotated[str | None, "The e-mail address of its administrator."] = None


class DropboxOrder(DropboxOrderWrite, frozen=True):
    """The Dropbox team of a line."""

    subscription: Annotated[int | None, "The subscription.", values.SUBSCRIPTION] = named("subscription_id")


class AcronisOrderWrite(Write, frozen=True):
    """The Acronis tenant of a line."""

    tenant_name: Annotated[str | None, "The tenant's name."] = None
    admin_email: Annotated[str | None, "The e-mail address of its administrator."] = None


class AcronisOrder(AcronisOrderWrite, frozen=True):
    """The Acronis tenant of a line."""

    subscription: Annotated[int | None, "The subscription.", values.SUBSCRIPTION] = named("subscription_id")


class ZoomOrderWrite(Write, frozen=True):
    """The Zoom purchase of a line."""

    deal_registration_id: Annotated[str | None, "The number under which the deal was registered."] = None
    deal_registration_approval_id: Annotated[str | None, "The number under which it was approved."] = None
    end_user_name: Annotated[str | None, "The end customer's contact."] = None
    end_user_company: Annotated[str | None, "The end customer's company."] = None
    end_user_email: Annotated[str | None, "The end customer's e-mail address."] = None


class ZoomOrder(ZoomOrderWrite, frozen=True):
    """The Zoom purchase of a line."""

    zoom_order_type: Annotated[str | None, "The kind of purchase, in the Hub's word such as MIDTERM."] = None
    zoom_order_sub_type: Annotated[str | None, "The finer kind, in the Hub's word such as UPSELL."] = None
    subscription: Annotated[int | None, "The subscription.", values.SUBSCRIPTION] = named("subscription_id")


class LineItem(Wire, frozen=True):
    """A line of an order or basket. ``discount`` and ``markup`` are percentages here."""

    id: int
    order: Annotated[int | None, "The order that the Hub says it belongs to.", values.ORDER] = None
    product: int | None = None
    name: str | None = None
    quantity: int | None = None
    price: Decimal | None = None
    original_price: Decimal | None = None
    provisioning_product: Annotated[int | None, "How it is set up.", values.PRODUCT] = named("prov_product")
    prov_product_name: str | None = None
    prov_product_price: Decimal | None = None
    provisioning_organisation: Annotated[int | None, "For whom it is set up.", values.ORGANISATION] = named(
        "prov_organisation"
    )
    provisioning_group: Annotated[int | None, "In which group it is set up.", values.GROUP] = named("prov_group")
    provisioning_site: Annotated[int | None, "For which place it is set up.", values.SITE] = named("prov_site")
    maintenance_product: Annotated[int | None, "How it is looked after.", values.PRODUCT] = None
    maintenance_product_name: str | None = None
    maintenance_product_price: Decimal | None = None
    sub_total_for_item: Decimal | None = None
    selected_rate_plan: Annotated[int | None, "The Hub's own ID of the rate plan that was chosen."] = None
    rate_plan: Annotated[RatePlan | None, "The rate plan, as it was ordered."] = named("rate_plan_details")
    dropbox: Annotated[DropboxOrder | None, "The Dropbox team."] = named("dropbox_order")
    acronis: Annotated[AcronisOrder | None, "The Acronis tenant."] = named("acronis_order")
    zoom: Annotated[ZoomOrder | None, "The Zoom purchase."] = named("zoom_order")
    markup_percent: Annotated[Decimal | None, "The margin on top of the price, in percent."] = named("markup")
    discount_percent: Annotated[Decimal | None, "What a quote takes off the line, in percent."] = named("discount")


class Unit(Wire, frozen=True):
    """A single device of an order.

    ``serial`` is a number in the samples.
    """

    number: Annotated[int | None, "The Hub's own ID of the device."] = field(name="id")
    serial_number: Annotated[int | str | None, "The serial number.", values.TEXT] = named("serial")
    product: Annotated[int | None, "What it is.", values.PRODUCT] = None
    order: Annotated[int | None, "The order that it belongs to.", values.ORDER] = None


class FinanceWrite(Write, frozen=True):
    """How an order is financed."""

    company_number: Annotated[str | None, "The company's number in the register."] = None
    company_name: Annotated[str | None, "The company."] = None
    target: Annotated[
        str | None,
        "Who is financed, in the Hub's word: SELF or CUSTOMER.",
        Input(values.NuviasFinanceTarget, description="Who is financed."),
    ] = None
    email_address: Annotated[str | None, "The e-mail address of the person to talk to."] = None
    title: Annotated[str | None, "How to address that person."] = None
    first_name: Annotated[str | None, "The first name of that person."] = None
    family_name: Annotated[str | None, "The family name of that person."] = named("name")
    contact_number: Annotated[str | None, "The telephone number of that person."] = None
    term_length: Annotated[int | None, "For how long, in months."] = None
    registered_address: Annotated[
        Address | None, "The company's registered address.", values.ADDRESS, Input(AddressRequest)
    ] = None
    trading_addresses: Annotated[list[Address], "Where the company trades.", values.ADDRESS, Input(AddressRequest)] = []


class Finance(FinanceWrite, frozen=True):
    """How an order is financed."""

    approved: Annotated[bool | None, "Whether the financing was approved."] = None


class ShipmentItem(Wire, frozen=True):
    """Goods in a shipment. Serial numbers are numbers in the samples."""

    product: int | None = None
    name: str | None = None
    product_code: str | None = None
    quantity: int | None = None
    serial_numbers: list[int | str] = []


class Shipment(Wire, frozen=True):
    """Goods on their way; ``date`` is a day."""

    reference: str | None = None
    tracking_number: str | None = None
    date: str | None = None
    items: list[ShipmentItem] = []


class Order(Wire, frozen=True):
    """An order, or a basket (which has no ``order_type``; nor have the rows of the list of orders).

    ``discount`` is money here; there is no currency: take that of ``whoami``.
    """

    id: int
    external_id: Annotated[int | str | None, "The ID that the Hub's back office has given it.", values.TEXT] = None
    purchase_order_number: str | None = None
    supplier_ref: str | None = None
    linked_supplier_refs: Annotated[list[str], "Numbers of orders that belong to it."] = []
    organisation: Annotated[int | None, "Whose order it is.", values.ORGANISATION] = None
    date: str | None = None
    status: str | None = None
    parent: Annotated[int | None, "The order that it was split off from.", values.ORDER] = named("parent_id")
    shipping_address: Address | None = None
    shipping_type: Annotated[int | None, "How it is shipped.", values.SHIPPING_TYPE] = None
    ship_instructions: Annotated[str | None, "For those who ship the goods."] = None
    ship_cost: Decimal | None = None
    ship_final: Annotated[bool | None, "Whether the shipping cost is final."] = None
    discount: Decimal | None = None
    end_user: Annotated[str | None, "The end customer's name."] = None
    provisioning_instructions: Annotated[str | None, "For those who set the goods up."] = None
    manual_authorisation: Annotated[bool | None, "Whether somebody has to approve it."] = None
    total: Decimal | None = None
    part_ship: Annotated[bool | None, "Whether goods may be sent in parts."] = None
    line_items: list[LineItem] = []
    name: Annotated[str | None, "What you called it: `clientReference`, where the order has a name."] = None
    units: Annotated[list[Unit], "The single devices."] = []
    attention_required: str | None = None
    payment_type: Annotated[str | None, "How it is paid, in the Hub's word: ON_ACCOUNT or FINANCE."] = None
    finance: Annotated[Finance | None, "How it is financed."] = None
    shipments: list[Shipment] = []
    order_type: Annotated[
        str | None, "The kind of order, in the Hub's word such as SALES_ORDER. Lists and drafts do not tell."
    ] = None


class LineItemWrite(Write, frozen=True):
    """A line in a request: ``product`` or ``product_code`` (the id wins), and likewise the others."""

    product: int | None = None
    product_code: str | None = None
    quantity: int | None = None
    provisioning_product: int | None = named("prov_product")
    provisioning_product_code: str | None = named("prov_product_code")
    provisioning_organisation_id: Annotated[
        int | None, "For whom to set it up; needed when a Dovetail product does it.", values.ORGANISATION
    ] = named("prov_organisation")
    provisioning_group_id: Annotated[int | None, "In which Dovetail group.", values.GROUP] = named("prov_group")
    provisioning_site_id: Annotated[int | None, "For which Dovetail site.", values.SITE] = named("prov_site")
    maintenance_product: int | None = None
    maintenance_product_code: str | None = None
    rate_plan: Annotated[int | None, "How to pay over time: the number of one of the product's ratePlans."] = named(
        "selected_rate_plan"
    )
    dropbox: Annotated[DropboxOrderWrite | None, "For products of Dropbox."] = named("dropbox_order")
    acronis: Annotated[AcronisOrderWrite | None, "For products of Acronis."] = named("acronis_order")
    zoom: Annotated[ZoomOrderWrite | None, "For products of Zoom."] = named("zoom_order")
    markup_percent: Annotated[
        Decimal | None, "The margin on top of the price, in percent. Needed when finance.target is CUSTOMER."
    ] = named("markup")
    discount_percent: Annotated[Decimal | None, "What to take off the line, in percent: only as a quote says."] = named(
        "discount"
    )


class OrderWrite(Write, frozen=True):
    """Body of ``POST /baskets``, ``PUT /baskets/{id}`` and, with ``order_type``, of ``POST /orders``."""

    purchase_order_number: str | None = None
    shipping_address: Address | None = None
    shipping_type_id: Annotated[
        int | None, "How to ship: one of the account's shippingTypes. Needed for goods.", values.SHIPPING_TYPE
    ] = named("shipping_type")
    ship_instructions: Annotated[
        str | None, "For those who ship the goods, at most 3500 characters; instead of notes."
    ] = None
    end_user: Annotated[str | None, "The end customer's name."] = None
    provisioning_instructions: Annotated[str | None, "For those who set the goods up, at most 3500 characters."] = None
    part_ship: Annotated[bool | None, "Whether goods may be sent in parts; they may unless you say no."] = None
    line_items: list[LineItemWrite] | None = None
    name: Annotated[str | None, "What you call the order; instead of clientReference."] = None
    payment_type: Annotated[str | None, "How to pay; on account if left out.", Input(values.NuviasPaymentType)] = None
    finance: Annotated[FinanceWrite | None, "Needed when paymentType is FINANCE."] = None
    order_type: str | None = None


class OrderEdit(Write, frozen=True):
    """Body of ``PUT /orders/{id}``: nothing else of an order can be changed."""

    linked_supplier_refs: list[str]


# Subscriptions


class OriginalProduct(Write, frozen=True):
    """What a line of a change order replaces."""

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
    """What a change order would come to: tcv is the total contract value, rc the recurring charge."""

    subscription_delta: int | None = None
    subscription_new: int | None = None
    tcv_delta: Decimal | None = None
    tcv_new: Decimal | None = None
    rc_delta: Decimal | None = None
    rc_new: Decimal | None = None


class OrderHistory(Wire, frozen=True):
    """An order in the history of a subscription, as it was then."""

    order: Annotated[int, "The order itself.", values.ORDER] = field(name="id")
    order_number: Annotated[str | None, "The number that the Hub's people know the order by."] = named("supplier_ref")
    placed_at: Annotated[str | None, "When it was placed.", values.TIME] = named("date")
    vendor_status: Annotated[str | None, "Where it stood, in the Hub's own word."] = named("status")
    total: Annotated[Decimal | None, "What it came to.", values.MONEY] = None
    order_type: Annotated[str | None, "The kind of order, in the Hub's word such as SALES_ORDER."] = None


class SubscriptionProduct(Wire, frozen=True):
    """A product that a subscription covers, as the Hub tells it."""

    line_item_number: Annotated[int | None, "The Hub's own ID of the line that ordered it."] = named("order_line_item")
    product: Annotated[int | None, "The product itself.", values.PRODUCT] = None
    product_type: Annotated[str | None, "The part it plays, in the Hub's word: BASE or ADD_ON."] = None
    quantity: Annotated[int | None, "How many, such as seats."] = None


class Subscription(Wire, frozen=True):
    """A subscription; the last three are the extras of the type DROPBOX."""

    id: int
    name: str | None = None
    organisation: Annotated[int | None, "Whose it is.", values.ORGANISATION] = None
    order: Annotated[int | None, "The order that made it.", values.ORDER] = None
    subscription_type: Annotated[str | None, "The kind, in the Hub's word: DROPBOX, ACRONIS or ZOOM."] = named("type")
    start_date: str | None = None
    service_activation_date: str | None = None
    end_date: str | None = None
    auto_renewal_flag: bool | None = None
    pending_change: bool | None = None
    source_id: Annotated[str | None, "Its number in the billing system."] = None
    status: str | None = None
    billing_frequency: str | None = None
    total_contract_value: Decimal | None = None
    history: Annotated[list[OrderHistory], "The orders that made and changed it, as they were."] = field(
        name="order_history", default=[]
    )
    associated_subscriptions: Annotated[
        list[int], "Subscriptions that belong to it. Null entries could not be read.", values.SUBSCRIPTION
    ] = []
    products: Annotated[list[SubscriptionProduct], "The products that it covers."] = []
    team_id: Annotated[str | None, "Dropbox: the ID of the team."] = None
    admin_email: Annotated[str | None, "Dropbox: the e-mail address of the administrator."] = None
    seats: Annotated[int | None, "Dropbox: how many seats it has."] = named("subscriptions")


class SubscriptionWrite(Write, frozen=True):
    """Body of ``PUT /subscriptions/{id}``; ``type`` is echoed, as in the sample."""

    auto_renewal_flag: bool | None = None
    pending_change: Annotated[bool | None, "Whether a change waits to be activated."] = None
    total_contract_value: Annotated[Decimal | None, "What the whole term comes to, in the account's currency."] = None
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
    organisation: Annotated[int | None, "For whom it was written.", values.ORGANISATION] = None
    source_system: Annotated[int | None, "The Hub's number of the back-end system that wrote it."] = named("source")
    source_id: Annotated[int | None, "Its number in that system."] = None
    reference: str | None = None
    status: str | None = None
    date: str | None = None
    due_date: str | None = None
    purchase_order: str | None = None
    currency: str | None = None
    total: Decimal | None = None
    days_overdue: int | None = None
    type: str | None = None
