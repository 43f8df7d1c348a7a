"""The Hub's JSON with the Hub's spelling. Source: Nuvias UC "Hub API (1.1.0)", its schemas and samples.

Times stay text and enum words stay text here: turning them is the mapping's work, so that one odd value
costs one field. Fields may be missing (the document marks nearly nothing as required); fields that the
Hub adds are ignored, as its document asks of clients. Numbers of money are read exactly, as Decimal.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Wire(msgspec.Struct, frozen=True):
    """What the Hub sends."""


class Write(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the Hub is sent; what is None is left out."""


# Accounts and people


class Permission(Wire, frozen=True):
    """One right of the authenticated user."""

    permission: str
    parent: bool | None = None


class Whoami(Wire, frozen=True):
    """``GET /whoami``: under emulation all but ``real_*`` is about the emulated user."""

    id: int
    name: str | None = None
    organisation: int | None = None
    real_id: int | None = None
    real_name: str | None = None
    currency: str | None = None
    locale: str | None = None
    timezone: str | None = None
    admin: bool | None = None
    root: bool | None = None
    modules: list[str] = []
    permissions: list[Permission] = []


class Organisation(Wire, frozen=True):
    """``GET /organisations``."""

    id: int
    name: str | None = None
    parent: int | None = None
    linked_account: bool | None = None
    finance_type: str | None = None


class Address(Wire, frozen=True):
    """A place. ``country_code`` is an id of ``GET /country_codes``; ``name`` only on saved addresses."""

    name: str | None = None
    company_name: str | None = None
    recipient_name: str | None = None
    addr_line_1: str | None = None
    addr_line_2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country_code: int | None = None


class ApiClient(Wire, frozen=True):
    """An API client of a user."""

    id: int
    name: str | None = None
    client_id: str | None = None


class AuditLog(Wire, frozen=True):
    """Who did what to whom: ``on`` is text that has a backslash before the sign of a number."""

    user: int | None = None
    action: str | None = None
    timestamp: str | None = None
    ip_address: str | None = None
    on: str | None = None
    on_behalf: int | None = None


class UserRow(Wire, frozen=True):
    """A row of ``GET /users``: two booleans are printed as the strings ``"false,"`` and ``"true,"``."""

    id: int
    organisation: int | None = None
    name: str | None = None
    email_address: str | None = None
    password_reset: bool | str | None = None
    verified: bool | str | None = None
    disabled: bool | None = None


class User(Wire, frozen=True, rename={"two_factor": "two-factor"}):
    """``GET /users/{id}``: roles and notifications come as lists of lists, though documented flat."""

    id: int
    name: str | None = None
    email_address: str | None = None
    organisation: int | None = None
    admin: bool | None = None
    two_factor: bool | None = None
    active: bool | None = None
    verified: bool | None = None
    password_reset: bool | None = None
    user_language: str | None = None
    timezone: str | None = None
    timeout: int | None = None
    roles: list[int | list[int]] = []
    notification: list[str | list[str]] = []
    api_clients: list[ApiClient] = []
    audit_logs: list[AuditLog] = []
    actions_taken: list[AuditLog] = []


class UserWrite(Write, frozen=True, rename={"two_factor": "two-factor"}):
    """Body of ``POST /users`` and ``PUT /users/{id}``; the PUT overwrites."""

    name: str | None = None
    email_address: str | None = None
    organisation: int | None = None
    admin: bool | None = None
    two_factor: bool | None = None
    active: bool | None = None
    verified: bool | None = None
    password_reset: bool | None = None
    user_language: str | None = None
    timezone: str | None = None
    timeout: int | None = None
    roles: list[int] | None = None
    notification: list[str] | None = None


# Catalogue


class ProductGroupRow(Wire, frozen=True):
    """A row of ``GET /product_groups``."""

    id: int
    name: str | None = None
    active: bool | None = None
    status: str | None = None
    type: int | None = None
    vendor: int | None = None


class ProductGroup(ProductGroupRow, frozen=True):
    """``GET /product_groups/{id}``: the two lists come as lists of lists, though documented flat."""

    description: str | None = None
    detailed_description: str | None = None
    subscription_type: str | None = None
    subscription_product_type: str | None = None
    products: list[int | list[int]] = []
    related_product_groups: list[int | list[int]] = []
    grading: int | None = None


class ProductGroupWrite(Write, frozen=True):
    """Body of ``POST /product_groups`` and ``PUT /product_groups/{id}``."""

    name: str | None = None
    active: bool | None = None
    status: str | None = None
    description: str | None = None
    detailed_description: str | None = None
    type: int | None = None
    vendor: int | None = None
    subscription_type: str | None = None
    subscription_product_type: str | None = None
    products: list[int] | None = None
    related_product_groups: list[int] | None = None
    grading: int | None = None


class RelatedProduct(Wire, frozen=True):
    """A provisioning, maintenance or otherwise related product."""

    id: int
    sku: str | None = None
    name: str | None = None
    price: Decimal | None = None
    dovetail: bool | None = None


class ChargeCost(Wire, frozen=True):
    """A price of a rate plan's charge in one currency."""

    id: int | None = None
    currency: str | None = None
    charge_cost_price: Decimal | None = None


class RatePlanCharge(Wire, frozen=True):
    """A charge of a rate plan: of a product (with costs), or as ordered (with ``price``)."""

    id: int | None = None
    name: str | None = None
    rate_plan_id: int | None = None
    charge_type: str | None = None
    charge_model: str | None = None
    price: Decimal | None = None
    rate_plan_charge_costs: list[ChargeCost] = []
    unit_of_measure: str | None = None


class RatePlan(Wire, frozen=True):
    """A rate plan: of a product, or as ordered (with ``line_item_id``). Lengths are in months."""

    id: int
    name: str | None = None
    line_item_id: int | None = None
    term_length: int | None = None
    billing_frequency: str | None = None
    renewal_term_length: int | None = None
    default: bool | None = None
    min_quantity: int | None = None
    max_quantity: int | None = None
    rate_plan_charges: list[RatePlanCharge] = []


class Product(Wire, frozen=True):
    """``GET /products`` and ``GET /products/{id}``: the same shape."""

    id: int
    name: str | None = None
    product_code: str | None = None
    description: str | None = None
    detailed_description: str | None = None
    featured_description: str | None = None
    vendor: int | None = None
    type: int | None = None
    rrp: Decimal | None = None
    price: Decimal | None = None
    thumb_url: str | None = None
    main_image_url: str | None = None
    datasheet_url: str | None = None
    guide_url: str | None = None
    quickstart_url: str | None = None
    stock: Decimal | None = None
    provisioning: list[RelatedProduct] = []
    maintenance: list[RelatedProduct] = []
    related_to: list[RelatedProduct] = []
    shipping_cost: Decimal | None = None
    show_in_webstore: bool | None = None
    discountable: bool | None = None
    subscription_type: str | None = None
    subscription_product_type: str | None = None
    quantity_type: str | None = None
    rate_plans: list[RatePlan] = []
    is_shippable: bool | None = None
    is_financeable: bool | None = None
    weight_unit: str | None = None
    weight: Decimal | None = None


class Manufacturer(Wire, frozen=True):
    """``GET /vendors``: whose products the Hub sells. Ordergraph calls them manufacturers."""

    id: int
    name: str | None = None


class Country(Wire, frozen=True):
    """``GET /country_codes``."""

    id: int
    iso_code: str | None = None
    name: str | None = None


class ShippingPrice(Wire, frozen=True):
    """A step of a shipping type's rates by weight."""

    min_weight: Decimal | None = None
    max_weight: Decimal | None = None
    rate: Decimal | None = None


class ShippingType(Wire, frozen=True):
    """``GET /shipping_types``: empty ``countries`` is everywhere, ``exclude_countries`` inverts them."""

    id: int
    name: str | None = None
    description: str | None = None
    source: int | None = None
    min_cost: Decimal | None = None
    max_cost: Decimal | None = None
    free_over_cost: Decimal | None = None
    rate_type: str | None = None
    rate: Decimal | None = None
    countries: list[int] = []
    exclude_countries: bool | None = None
    weight_units: str | None = None
    shipping_prices: list[ShippingPrice] = []


class Group(Wire, frozen=True):
    """``GET /groups``: a Dovetail group of devices."""

    id: int
    name: str | None = None
    organisation: int | None = None
    service_template: int | None = None


class Site(Wire, frozen=True):
    """``GET /sites``: a Dovetail site, a physical place of devices."""

    id: int
    name: str | None = None
    organisation: int | None = None
    address: Address | None = None


# Orders and baskets


class DropboxOrder(Wire, frozen=True):
    """Parameters of a Dropbox team; ``subscription_id`` only in answers."""

    team_name: str | None = None
    admin_email: str | None = None
    subscription_id: int | None = None


class AcronisOrder(Wire, frozen=True):
    """Parameters of an Acronis tenant; ``subscription_id`` only in answers."""

    tenant_name: str | None = None
    admin_email: str | None = None
    subscription_id: int | None = None


class ZoomOrder(Wire, frozen=True):
    """Parameters of a Zoom purchase; the last three only in answers."""

    deal_registration_id: str | None = None
    deal_registration_approval_id: str | None = None
    end_user_name: str | None = None
    end_user_company: str | None = None
    end_user_email: str | None = None
    subscription_id: int | None = None
    zoom_order_type: str | None = None
    zoom_order_sub_type: str | None = None


class LineItem(Wire, frozen=True):
    """A line of an order or basket. ``discount`` and ``markup`` are percentages here."""

    id: int
    order: int | None = None
    product: int | None = None
    name: str | None = None
    quantity: int | None = None
    price: Decimal | None = None
    original_price: Decimal | None = None
    prov_product: int | None = None
    prov_product_name: str | None = None
    prov_product_price: Decimal | None = None
    prov_organisation: int | None = None
    prov_group: int | None = None
    prov_site: int | None = None
    maintenance_product: int | None = None
    maintenance_product_name: str | None = None
    maintenance_product_price: Decimal | None = None
    sub_total_for_item: Decimal | None = None
    selected_rate_plan: int | None = None
    rate_plan_details: RatePlan | None = None
    dropbox_order: DropboxOrder | None = None
    acronis_order: AcronisOrder | None = None
    zoom_order: ZoomOrder | None = None
    markup: Decimal | None = None
    discount: Decimal | None = None


class Unit(Wire, frozen=True):
    """A single device of an order. ``serial`` is a number in the samples."""

    id: int
    order: int | None = None
    product: int | None = None
    serial: int | str | None = None


class Finance(Wire, frozen=True):
    """How an order is financed; ``name`` is the family name, ``approved`` only in answers."""

    company_number: str | None = None
    company_name: str | None = None
    target: str | None = None
    email_address: str | None = None
    title: str | None = None
    first_name: str | None = None
    name: str | None = None
    contact_number: str | None = None
    term_length: int | None = None
    registered_address: Address | None = None
    trading_addresses: list[Address] = []
    approved: bool | None = None


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
    external_id: int | str | None = None
    purchase_order_number: str | None = None
    supplier_ref: str | None = None
    linked_supplier_refs: list[str] = []
    organisation: int | None = None
    date: str | None = None
    status: str | None = None
    parent_id: int | None = None
    shipping_address: Address | None = None
    shipping_type: int | None = None
    ship_instructions: str | None = None
    ship_cost: Decimal | None = None
    ship_final: bool | None = None
    discount: Decimal | None = None
    end_user: str | None = None
    provisioning_instructions: str | None = None
    manual_authorisation: bool | None = None
    total: Decimal | None = None
    part_ship: bool | None = None
    line_items: list[LineItem] = []
    name: str | None = None
    units: list[Unit] = []
    attention_required: str | None = None
    payment_type: str | None = None
    finance: Finance | None = None
    shipments: list[Shipment] = []
    order_type: str | None = None


class AddressWrite(Write, frozen=True):
    """An address in a request."""

    company_name: str | None = None
    recipient_name: str | None = None
    addr_line_1: str | None = None
    addr_line_2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country_code: int | None = None


class FinanceWrite(Write, frozen=True):
    """Financing in a request."""

    company_number: str | None = None
    company_name: str | None = None
    target: str | None = None
    email_address: str | None = None
    title: str | None = None
    first_name: str | None = None
    name: str | None = None
    contact_number: str | None = None
    term_length: int | None = None
    registered_address: AddressWrite | None = None
    trading_addresses: list[AddressWrite] | None = None


class DropboxOrderWrite(Write, frozen=True):
    """Parameters of a Dropbox team in a request."""

    team_name: str | None = None
    admin_email: str | None = None


class AcronisOrderWrite(Write, frozen=True):
    """Parameters of an Acronis tenant in a request."""

    tenant_name: str | None = None
    admin_email: str | None = None


class ZoomOrderWrite(Write, frozen=True):
    """Parameters of a Zoom purchase in a request."""

    deal_registration_id: str | None = None
    deal_registration_approval_id: str | None = None
    end_user_name: str | None = None
    end_user_company: str | None = None
    end_user_email: str | None = None


class LineItemWrite(Write, frozen=True):
    """A line in a request: ``product`` or ``product_code`` (the id wins), and likewise the others."""

    product: int | None = None
    product_code: str | None = None
    quantity: int | None = None
    prov_product: int | None = None
    prov_product_code: str | None = None
    prov_organisation: int | None = None
    prov_group: int | None = None
    prov_site: int | None = None
    maintenance_product: int | None = None
    maintenance_product_code: str | None = None
    selected_rate_plan: int | None = None
    dropbox_order: DropboxOrderWrite | None = None
    acronis_order: AcronisOrderWrite | None = None
    zoom_order: ZoomOrderWrite | None = None
    markup: Decimal | None = None
    discount: Decimal | None = None


class OrderWrite(Write, frozen=True):
    """Body of ``POST /baskets``, ``PUT /baskets/{id}`` and, with ``order_type``, of ``POST /orders``."""

    purchase_order_number: str | None = None
    shipping_address: AddressWrite | None = None
    shipping_type: int | None = None
    ship_instructions: str | None = None
    end_user: str | None = None
    provisioning_instructions: str | None = None
    part_ship: bool | None = None
    line_items: list[LineItemWrite] | None = None
    name: str | None = None
    payment_type: str | None = None
    finance: FinanceWrite | None = None
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
    """An order in the history of a subscription."""

    id: int
    supplier_ref: str | None = None
    date: str | None = None
    status: str | None = None
    total: Decimal | None = None
    order_type: str | None = None


class SubscriptionProduct(Wire, frozen=True):
    """A product that a subscription covers."""

    order_line_item: int | None = None
    product: int | None = None
    product_type: str | None = None
    quantity: int | None = None


class Subscription(Wire, frozen=True):
    """A subscription; the last three are the extras of the type DROPBOX."""

    id: int
    name: str | None = None
    organisation: int | None = None
    order: int | None = None
    type: str | None = None
    start_date: str | None = None
    service_activation_date: str | None = None
    end_date: str | None = None
    auto_renewal_flag: bool | None = None
    pending_change: bool | None = None
    source_id: str | None = None
    status: str | None = None
    billing_frequency: str | None = None
    total_contract_value: Decimal | None = None
    order_history: list[OrderHistory] = []
    associated_subscriptions: list[int] = []
    products: list[SubscriptionProduct] = []
    team_id: str | None = None
    admin_email: str | None = None
    subscriptions: int | None = None


class SubscriptionWrite(Write, frozen=True):
    """Body of ``PUT /subscriptions/{id}``; ``type`` is echoed, as in the sample."""

    auto_renewal_flag: bool | None = None
    pending_change: bool | None = None
    total_contract_value: Decimal | None = None
    type: str | None = None


class ServiceActivation(Write, frozen=True):
    """Body of the activation of a subscription."""

    service_activation_date: str


class ChangeActivation(Write, frozen=True):
    """Body of the activation of a subscription's changes."""

    activation_date: str


# Invoices and feeds


class Invoice(Wire, frozen=True):
    """A row of ``GET /invoices``: an invoice or a credit note. It does not name its order."""

    id: int
    organisation: int | None = None
    source: int | None = None
    source_id: int | None = None
    reference: str | None = None
    status: str | None = None
    date: str | None = None
    due_date: str | None = None
    purchase_order: str | None = None
    currency: str | None = None
    total: Decimal | None = None
    days_overdue: int | None = None
    type: str | None = None


class FeedRow(Wire, frozen=True):
    """A row of ``GET /feeds``, by ``delivery_method`` EMAIL, FTP or SITC; ``delivery_procotol`` is (sic)."""

    id: int
    organisation: int | None = None
    name: str | None = None
    active: bool | None = None
    timeslot: int | None = None
    columns: list[str] = []
    delivery_method: str | None = None
    delivery_email: str | None = None
    delivery_user: str | None = None
    delivery_password: str | None = None
    delivery_server: str | None = None
    delivery_procotol: str | None = None
    delivery_port: int | None = None
    sitc_confirm: bool | None = None
    sitc_filename: str | None = None
    last_upload: str | None = None


class Feed(FeedRow, frozen=True):
    """``GET /feeds/{id}``: with what the file looks like."""

    show_headers: bool | None = None
    delimiter: str | None = None
    escape_method: str | None = None
    show_empty_stock: bool | None = None


class FeedWrite(Write, frozen=True):
    """Body of ``POST /feeds`` and ``PUT /feeds/{id}``."""

    delivery_email: str | None = None
    show_headers: bool | None = None
    delimiter: str | None = None
    escape_method: str | None = None
    organisation: int | None = None
    name: str | None = None
    active: bool | None = None
    timeslot: int | None = None
    show_empty_stock: bool | None = None
    columns: list[str] | None = None
    delivery_method: str | None = None
    delivery_user: str | None = None
    delivery_password: str | None = None
    delivery_server: str | None = None
    delivery_procotol: str | None = None
    delivery_port: int | None = None
    sitc_confirm: bool | None = None
    sitc_filename: str | None = None
