"""What only the Hub tells of orders, lines, products, subscriptions and invoices, and takes of them."""

from datetime import datetime
from decimal import Decimal

import strawberry
from strawberry import UNSET, field

from ordergraph.domain import DescribedEnum, OrderStatus
from ordergraph.graph.invoice import InvoiceDetails
from ordergraph.graph.order import LineItemDetails, Order, OrderDetails
from ordergraph.graph.product import Product, ProductDetails
from ordergraph.graph.scalars import graph_enum
from ordergraph.graph.subscription import Subscription, SubscriptionDetails
from ordergraph.graph.values import Address, AddressInput, Money, ProductRefInput
from ordergraph.vendors.nuvias import mapping
from ordergraph.vendors.nuvias.graph_people import (
    NuviasManufacturer,
    NuviasOrganisation,
    NuviasProvisioningGroup,
    NuviasShippingType,
    NuviasSite,
)
from ordergraph.vendors.nuvias.graph_references import refers, refers_all

# -------------------------------------------------------------------------------------------- orders


@strawberry.type(description="A single device of an order.")
class NuviasUnit:
    """Read from `mapping.NuviasUnit`."""

    number: int | None = field(description="The Hub's own ID of the device.")
    serial_number: str | None = field(description="The serial number.")
    product: Product | None = refers("fetch_products", "product", "What it is.")
    order: Order | None = refers("fetch_orders", "order", "The order that it belongs to.")


@strawberry.type(description="How an order is financed.")
class NuviasFinance:
    """Read from `mapping.NuviasFinance`."""

    company_number: str | None = field(description="The company's number in the register.")
    company_name: str | None = field(description="The company.")
    target: str | None = field(description="Who is financed, in the Hub's word: SELF or CUSTOMER.")
    email_address: str | None = field(description="The e-mail address of the person to talk to.")
    title: str | None = field(description="How to address that person.")
    first_name: str | None = field(description="The first name of that person.")
    family_name: str | None = field(description="The family name of that person.")
    contact_number: str | None = field(description="The telephone number of that person.")
    term_length: int | None = field(description="For how long, in months.")
    registered_address: Address | None = field(description="The company's registered address.")
    trading_addresses: list[Address | None] | None = field(description="Where the company trades.")
    approved: bool | None = field(description="Whether the financing was approved.")


@strawberry.type(description="What only Nuvias UC Hub tells of an order.")
class NuviasOrderDetails(OrderDetails):
    """Read from `mapping.NuviasOrderDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.NuviasOrderDetails)

    name: str | None = field(description="What you called it: `clientReference`, where the order has a name.")
    external_id: str | None = field(description="The ID that the Hub's back office has given it.")
    linked_supplier_refs: list[str] = field(description="Numbers of orders that belong to it.")
    ship_instructions: str | None = field(description="For those who ship the goods.")
    provisioning_instructions: str | None = field(description="For those who set the goods up.")
    end_user: str | None = field(description="The end customer's name.")
    part_ship: bool | None = field(description="Whether goods may be sent in parts.")
    ship_final: bool | None = field(description="Whether the shipping cost is final.")
    manual_authorisation: bool | None = field(description="Whether somebody has to approve it.")
    payment_type: str | None = field(description="How it is paid, in the Hub's word: ON_ACCOUNT or FINANCE.")
    order_type: str | None = field(
        description="The kind of order, in the Hub's word such as SALES_ORDER. Lists and drafts do not tell."
    )
    finance: NuviasFinance | None = field(description="How it is financed.")
    units: list[NuviasUnit] = field(description="The single devices.")
    organisation: NuviasOrganisation | None = refers("fetch_organisations", "organisation", "Whose order it is.")
    shipping_type: NuviasShippingType | None = refers("fetch_shipping_types", "shipping_type", "How it is shipped.")
    parent: Order | None = refers("fetch_orders", "parent_id", "The order that it was split off from.")


@strawberry.type(description="What a charge costs in one currency.")
class NuviasChargeCost:
    """Read from `mapping.NuviasChargeCost`."""

    number: int | None = field(description="The Hub's own ID of it.")
    price: Money | None = field(description="The price of one unit.")


@strawberry.type(description="What a rate plan charges for.")
class NuviasRatePlanCharge:
    """Read from `mapping.NuviasRatePlanCharge`."""

    number: int | None = field(description="The Hub's own ID of it.")
    name: str | None = field(description="What it is called.")
    rate_plan_number: int | None = field(description="On a line: the Hub's own ID of the plan that it is part of.")
    charge_type: str | None = field(description="How often, in the Hub's word such as recurring.")
    charge_model: str | None = field(description="By what, in the Hub's word such as per_unit.")
    unit_of_measure: str | None = field(description="What a unit is, such as User.")
    price: Money | None = field(description="On a line: the price of one unit.")
    costs: list[NuviasChargeCost] = field(description="On a product: the prices, by currency.")


@strawberry.type(description="How a subscription is paid over time: offered by a product, or chosen on a line.")
class NuviasRatePlan:
    """Read from `mapping.NuviasRatePlan`."""

    number: int | None = field(description="The Hub's own ID of it: `ratePlan` of a line's input.")
    name: str | None = field(description="What it is called.")
    line_item_number: int | None = field(description="On a line: the Hub's own ID of the line.")
    term_length: int | None = field(description="For how long, in months.")
    billing_frequency: str | None = field(description="How often it is billed, in the Hub's word such as monthly.")
    renewal_term_length: int | None = field(description="For how long it goes on after that, in months.")
    default: bool | None = field(description="On a product: whether it is the one that most take.")
    min_quantity: int | None = field(description="On a product: the least that can be ordered.")
    max_quantity: int | None = field(description="On a product: the most that can be ordered.")
    charges: list[NuviasRatePlanCharge] = field(description="What it charges for.")


@strawberry.type(description="The Dropbox team of a line.")
class NuviasDropboxOrder:
    """Read from a `mapping.Piece`."""

    team_name: str | None = field(description="The team's name.")
    admin_email: str | None = field(description="The e-mail address of its administrator.")
    subscription: Subscription | None = refers("fetch_subscriptions", "subscription_id", "The subscription.")


@strawberry.type(description="The Acronis tenant of a line.")
class NuviasAcronisOrder:
    """Read from a `mapping.Piece`."""

    tenant_name: str | None = field(description="The tenant's name.")
    admin_email: str | None = field(description="The e-mail address of its administrator.")
    subscription: Subscription | None = refers("fetch_subscriptions", "subscription_id", "The subscription.")


@strawberry.type(description="The Zoom purchase of a line.")
class NuviasZoomOrder:
    """Read from a `mapping.Piece`."""

    deal_registration_id: str | None = field(description="The number under which the deal was registered.")
    deal_registration_approval_id: str | None = field(description="The number under which it was approved.")
    end_user_name: str | None = field(description="The end customer's contact.")
    end_user_company: str | None = field(description="The end customer's company.")
    end_user_email: str | None = field(description="The end customer's e-mail address.")
    zoom_order_type: str | None = field(description="The kind of purchase, in the Hub's word such as MIDTERM.")
    zoom_order_sub_type: str | None = field(description="The finer kind, in the Hub's word such as UPSELL.")
    subscription: Subscription | None = refers("fetch_subscriptions", "subscription_id", "The subscription.")


@strawberry.type(description="What only Nuvias UC Hub tells of a line.")
class NuviasLineItemDetails(LineItemDetails):
    """Read from `mapping.NuviasLineItemDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.NuviasLineItemDetails)

    markup_percent: Decimal | None = field(description="The margin on top of the price, in percent.")
    discount_percent: Decimal | None = field(description="What a quote takes off the line, in percent.")
    selected_rate_plan: int | None = field(description="The Hub's own ID of the rate plan that was chosen.")
    rate_plan: NuviasRatePlan | None = field(description="The rate plan, as it was ordered.")
    dropbox: NuviasDropboxOrder | None = field(description="The Dropbox team.")
    acronis: NuviasAcronisOrder | None = field(description="The Acronis tenant.")
    zoom: NuviasZoomOrder | None = field(description="The Zoom purchase.")
    order: Order | None = refers("fetch_orders", "order", "The order that the Hub says it belongs to.")
    provisioning_product: Product | None = refers("fetch_products", "prov_product", "How it is set up.")
    provisioning_organisation: NuviasOrganisation | None = refers(
        "fetch_organisations", "prov_organisation", "For whom it is set up."
    )
    provisioning_group: NuviasProvisioningGroup | None = refers(
        "fetch_groups", "prov_group", "In which group it is set up."
    )
    provisioning_site: NuviasSite | None = refers("fetch_sites", "prov_site", "For which place it is set up.")
    maintenance_product: Product | None = refers("fetch_products", "maintenance_product", "How it is looked after.")


# ------------------------------------------------------------------ products, subscriptions, invoices


@strawberry.type(description="A product that goes with another.")
class NuviasRelatedProduct:
    """Read from `mapping.NuviasRelatedProduct`."""

    sku: str | None = field(description="Its code.")
    name: str | None = field(description="What it is called.")
    price: Money | None = field(description="What you pay for one.")
    dovetail: bool | None = field(
        description="Whether Dovetail sets the goods up: lines then need provisioningOrganisationId."
    )
    product: Product | None = refers("fetch_products", "id", "The product itself.")


@strawberry.type(description="What only Nuvias UC Hub tells of a product.")
class NuviasProductDetails(ProductDetails):
    """Read from `mapping.NuviasProductDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.NuviasProductDetails)

    detailed_description: str | None = field(description="What it is, at length.")
    featured_description: str | None = field(description="What it is, in a few lines for an advertisement.")
    product_type: int | None = field(description="The Hub's number of its type.")
    thumb_url: str | None = field(description="A small picture.")
    guide_url: str | None = field(description="The user's guide.")
    quickstart_url: str | None = field(description="The guide to the first steps.")
    shipping_cost: Money | None = field(description="What the shipping of one costs.")
    show_in_webstore: bool | None = field(description="Whether the Hub's shop shows it.")
    discountable: bool | None = field(description="Whether a discount can be given.")
    subscription_type: str | None = field(description="Whose subscription it is, in the Hub's word such as DROPBOX.")
    subscription_product_type: str | None = field(
        description="Which part it plays in a subscription, in the Hub's word: BASE or ADD_ON."
    )
    quantity_type: str | None = field(description="What a quantity counts, in the Hub's word such as QUANTITY.")
    is_shippable: bool | None = field(description="Whether it is goods: orders then need an address and a way to ship.")
    is_financeable: bool | None = field(description="Whether it can be financed.")
    weight: Decimal | None = field(description="The weight of one, in weightUnit.")
    weight_unit: str | None = field(description="The unit of the weight, in the Hub's word such as GRAMS.")
    provisioning: list[NuviasRelatedProduct] = field(description="How it can be set up.")
    maintenance: list[NuviasRelatedProduct] = field(description="How it can be looked after.")
    related: list[NuviasRelatedProduct] = field(description="What goes with it.")
    rate_plans: list[NuviasRatePlan] = field(description="How it can be paid over time.")
    manufacturer: NuviasManufacturer | None = refers("fetch_manufacturers", "vendor", "Who makes it.")


@strawberry.type(description="An order in the history of a subscription, as it was then.")
class NuviasOrderHistory:
    """Read from `mapping.NuviasOrderHistory`."""

    order_number: str | None = field(description="The number that the Hub's people know the order by.")
    placed_at: datetime | None = field(description="When it was placed.")
    status: OrderStatus = field(description="Where it stood.")
    vendor_status: str | None = field(description="Where it stood, in the Hub's own word.")
    total: Money | None = field(description="What it came to.")
    order_type: str | None = field(description="The kind of order, in the Hub's word such as SALES_ORDER.")
    order: Order | None = refers("fetch_orders", "id", "The order itself.")


@strawberry.type(description="A product that a subscription covers, as the Hub tells it.")
class NuviasSubscriptionProduct:
    """Read from a `mapping.Piece`."""

    line_item_number: int | None = field(description="The Hub's own ID of the line that ordered it.")
    product_type: str | None = field(description="The part it plays, in the Hub's word: BASE or ADD_ON.")
    quantity: int | None = field(description="How many, such as seats.")
    product: Product | None = refers("fetch_products", "product", "The product itself.")


@strawberry.type(description="What only Nuvias UC Hub tells of a subscription.")
class NuviasSubscriptionDetails(SubscriptionDetails):
    """Read from `mapping.NuviasSubscriptionDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.NuviasSubscriptionDetails)

    subscription_type: str | None = field(description="The kind, in the Hub's word: DROPBOX, ACRONIS or ZOOM.")
    source_id: str | None = field(description="Its number in the billing system.")
    team_id: str | None = field(description="Dropbox: the ID of the team.")
    admin_email: str | None = field(description="Dropbox: the e-mail address of the administrator.")
    seats: int | None = field(description="Dropbox: how many seats it has.")
    history: list[NuviasOrderHistory] = field(description="The orders that made and changed it, as they were.")
    products: list[NuviasSubscriptionProduct] = field(description="The products that it covers.")
    organisation: NuviasOrganisation | None = refers("fetch_organisations", "organisation", "Whose it is.")
    order: Order | None = refers("fetch_orders", "order", "The order that made it.")
    associated_subscriptions: list[Subscription | None] | None = refers_all(
        "fetch_subscriptions", "associated_keys", "Subscriptions that belong to it. Null entries could not be read."
    )


@strawberry.type(description="What only Nuvias UC Hub tells of an invoice.")
class NuviasInvoiceDetails(InvoiceDetails):
    """Read from `mapping.NuviasInvoiceDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.NuviasInvoiceDetails)

    source_system: int | None = field(description="The Hub's number of the back-end system that wrote it.")
    source_id: int | None = field(description="Its number in that system.")
    organisation: NuviasOrganisation | None = refers("fetch_organisations", "organisation", "For whom it was written.")


# -------------------------------------------------------------------------------------------- inputs


@graph_enum
class NuviasPaymentType(DescribedEnum):
    """How an order is paid."""

    ON_ACCOUNT = "On account."
    FINANCE = "By financing; needs `finance`."


@graph_enum
class NuviasFinanceTarget(DescribedEnum):
    """Who is financed."""

    SELF = "You."
    CUSTOMER = "Your customer; every line needs markupPercent."


@strawberry.input(description="How an order is to be financed.")
class NuviasFinanceInput:
    """Becomes a `wire.FinanceWrite`."""

    company_number: str | None = field(default=UNSET, description="The company's number in the register.")
    company_name: str | None = field(default=UNSET, description="The company.")
    target: NuviasFinanceTarget | None = field(default=UNSET, description="Who is financed.")
    email_address: str | None = field(default=UNSET, description="The e-mail address of the person to talk to.")
    title: str | None = field(default=UNSET, description="How to address that person.")
    first_name: str | None = field(default=UNSET, description="The first name of that person.")
    family_name: str | None = field(default=UNSET, description="The family name of that person.")
    contact_number: str | None = field(default=UNSET, description="The telephone number of that person.")
    term_length: int | None = field(default=UNSET, description="For how long, in months.")
    registered_address: AddressInput | None = field(default=UNSET, description="The company's registered address.")
    trading_addresses: list[AddressInput] | None = field(default=UNSET, description="Where the company trades.")


@strawberry.input(description="What only Nuvias UC Hub takes of an order.")
class NuviasOrderDetailsInput:
    """Read by `requests.order_body`."""

    shipping_type_id: strawberry.ID | None = field(
        default=UNSET, description="How to ship: one of the account's shippingTypes. Needed for goods."
    )
    ship_instructions: str | None = field(
        default=UNSET, description="For those who ship the goods, at most 3500 characters; instead of notes."
    )
    provisioning_instructions: str | None = field(
        default=UNSET, description="For those who set the goods up, at most 3500 characters."
    )
    end_user: str | None = field(default=UNSET, description="The end customer's name.")
    part_ship: bool | None = field(
        default=UNSET, description="Whether goods may be sent in parts; they may unless you say no."
    )
    name: str | None = field(default=UNSET, description="What you call the order; instead of clientReference.")
    payment_type: NuviasPaymentType | None = field(default=UNSET, description="How to pay; on account if left out.")
    finance: NuviasFinanceInput | None = field(default=UNSET, description="Needed when paymentType is FINANCE.")
    linked_supplier_refs: list[str] | None = field(
        default=UNSET,
        description="Numbers of orders that belong to it: the only thing to change once it was submitted.",
    )


@strawberry.input(description="The Dropbox team to make.")
class NuviasDropboxOrderInput:
    """Becomes a `wire.DropboxOrderWrite`."""

    team_name: str | None = field(default=UNSET, description="The team's name.")
    admin_email: str | None = field(default=UNSET, description="The e-mail address of its administrator.")


@strawberry.input(description="The Acronis tenant to make.")
class NuviasAcronisOrderInput:
    """Becomes a `wire.AcronisOrderWrite`."""

    tenant_name: str | None = field(default=UNSET, description="The tenant's name.")
    admin_email: str | None = field(default=UNSET, description="The e-mail address of its administrator.")


@strawberry.input(description="The Zoom purchase to make.")
class NuviasZoomOrderInput:
    """Becomes a `wire.ZoomOrderWrite`."""

    deal_registration_id: str | None = field(default=UNSET, description="The number under which it was registered.")
    deal_registration_approval_id: str | None = field(
        default=UNSET, description="The number under which it was approved."
    )
    end_user_name: str | None = field(default=UNSET, description="The end customer's contact.")
    end_user_company: str | None = field(default=UNSET, description="The end customer's company.")
    end_user_email: str | None = field(default=UNSET, description="The end customer's e-mail address.")


@strawberry.input(description="What only Nuvias UC Hub takes of a line.")
class NuviasLineItemDetailsInput:
    """Read by `requests.line_details_to_wire`."""

    provisioning_product: ProductRefInput | None = field(
        default=UNSET, description="How to set it up: one of the product's provisioning."
    )
    provisioning_organisation_id: strawberry.ID | None = field(
        default=UNSET, description="For whom to set it up; needed when a Dovetail product does it."
    )
    provisioning_group_id: strawberry.ID | None = field(default=UNSET, description="In which Dovetail group.")
    provisioning_site_id: strawberry.ID | None = field(default=UNSET, description="For which Dovetail site.")
    maintenance_product: ProductRefInput | None = field(
        default=UNSET, description="How to look after it: one of the product's maintenance."
    )
    rate_plan: int | None = field(
        default=UNSET, description="How to pay over time: the number of one of the product's ratePlans."
    )
    dropbox: NuviasDropboxOrderInput | None = field(default=UNSET, description="For products of Dropbox.")
    acronis: NuviasAcronisOrderInput | None = field(default=UNSET, description="For products of Acronis.")
    zoom: NuviasZoomOrderInput | None = field(default=UNSET, description="For products of Zoom.")
    markup_percent: Decimal | None = field(
        default=UNSET, description="The margin on top of the price, in percent. Needed when finance.target is CUSTOMER."
    )
    discount_percent: Decimal | None = field(
        default=UNSET, description="What to take off the line, in percent: only as a quote says."
    )


@strawberry.input(description="What only Nuvias UC Hub takes of a subscription.")
class NuviasSubscriptionDetailsInput:
    """Read by `NuviasConnector.update_subscription`."""

    pending_change: bool | None = field(default=UNSET, description="Whether a change waits to be activated.")
    total_contract_value: Decimal | None = field(
        default=UNSET, description="What the whole term comes to, in the account's currency."
    )
