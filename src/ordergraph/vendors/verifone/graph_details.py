"""What only Verifone tells of orders, lines and services. The fields have the names of Verifone's own."""

from datetime import datetime
from decimal import Decimal

import strawberry
from strawberry import field

from ordergraph.graph.order import LineItemDetails, OrderDetails
from ordergraph.graph.scalars import JSON, words
from ordergraph.graph.subscription import SubscriptionDetails
from ordergraph.vendors.verifone import mapping_details
from ordergraph.vendors.verifone.mapping_details import VerifoneLineKind

words(VerifoneLineKind)

# ---------------------------------------------------------------------------------- people and places


@strawberry.type(description="A person's name.")
class VerifoneName:
    """Read from a `mapping_details.Piece`."""

    first_name: str | None = field(description="The first name.")
    last_name: str | None = field(description="The last name.")
    prefix: str | None = field(description="What stands before it, such as a title.")
    middle_name: str | None = field(description="The names between.")
    suffix: str | None = field(description="What stands behind it, such as Jr.")
    alternate_full_name: str | None = field(description="Another name, such as that of the business.")


@strawberry.type(description="A telephone number.")
class VerifonePhone:
    """Read from a `mapping_details.Piece`."""

    value: str | None = field(description="The number, without the country's code and the extension.")
    phone_type: str | None = field(description="What it is for, in Verifone's word such as WORK.")
    calling_code: str | None = field(description="The country's code, such as 44.")
    extension: str | None = field(description="The extension within the company.")
    is_primary: bool | None = field(description="Whether it is the one to try first.")


@strawberry.type(description="Somebody to talk to.")
class VerifoneContact:
    """Read from a `mapping_details.Piece`."""

    contact_type: str | None = field(description="For what, in Verifone's word such as BUSINESS.")
    name: VerifoneName | None = field(description="Who it is.")
    phone_numbers: list[VerifonePhone] | None = field(description="The telephone numbers.")
    email: str | None = field(description="The e-mail address.")
    business_title: str | None = field(description="What the person is in the company.")


@strawberry.type(description="An address with all that Verifone keeps of it.")
class VerifoneAddress:
    """Read from a `mapping_details.Piece`."""

    receiver_name: str | None = field(description="Who receives the goods, if not the company or the site.")
    address_line1: str | None = field(name="addressLine1", description="House and street.")
    address_line2: str | None = field(name="addressLine2", description="The second line.")
    address_line3: str | None = field(name="addressLine3", description="The third line.")
    po_box: str | None = field(description="The post-office box.")
    city: str | None = field(description="The town.")
    country_subdivision: str | None = field(description="The county, state or the like.")
    post_code: str | None = field(description="The postal code.")
    country: str | None = field(description="The country, in three letters (ISO 3166-1), or ZZZ.")
    time_zone: str | None = field(description="The time zone, such as Europe/Oslo.")
    contact: VerifoneContact | None = field(description="Whom to talk to there.")
    vfi_site_id: str | None = field(description="Verifone's own number of the place.")
    store_number: str | None = field(description="The number of the store, or of the customer.")
    government_owned: bool | None = field(description="Whether it is a government's, such as an embassy.")
    government_country: str | None = field(description="Which country's government.")


@strawberry.type(description="From when to when.")
class VerifoneOpeningPeriod:
    """Read from a `mapping_details.Piece`."""

    start: str | None = field(description="From when on, HH:MM.")
    end: str | None = field(description="Until when, HH:MM.")


@strawberry.type(description="When a site is open on a day of the week.")
class VerifoneOpeningHours:
    """Read from a `mapping_details.Piece`."""

    day: str | None = field(description="The day, such as MONDAY.")
    times: VerifoneOpeningPeriod | None = field(description="From when to when.")


@strawberry.type(description="The merchant of an order. Its terminals are the order's lines.")
class VerifoneMerchant:
    """Read from a `mapping_details.Piece`."""

    merchant_name: str | None = field(description="What the merchant is called.")
    primary_contact: VerifoneContact | None = field(description="Whom to talk to.")
    requested_date_of_shipment: datetime | None = field(description="When the goods shall be shipped.")
    mcc: str | None = field(description="The merchant category code (ISO 18245).")
    trading_address: VerifoneAddress | None = field(description="Where the merchant trades.")
    shipping_address: VerifoneAddress | None = field(description="Where the goods go.")
    billing_address: VerifoneAddress | None = field(description="Where the bill goes.")
    company_address: VerifoneAddress | None = field(description="Where the company is.")
    site_reference_id: str | None = field(description="Your number of the site.")
    site_name: str | None = field(description="What the site is called, if not as the merchant.")
    opening_hours: list[VerifoneOpeningHours] | None = field(description="When it is open.")


# ------------------------------------------------------------------------------------- what is ordered


@strawberry.type(description="A value that Verifone has asked for in an integration.")
class VerifoneVariable:
    """Read from a `mapping_details.Piece`."""

    variable_name: str | None = field(description="What it is, in Verifone's word.")
    variable_value: str | None = field(description="The value.")


@strawberry.type(description="A price that was agreed on.")
class VerifoneAdjustedPrice:
    """Read from a `mapping_details.Piece`."""

    price_model: str | None = field(description="How it is asked for, in Verifone's word such as MONTHLY_FEE.")
    price: Decimal | None = field(description="How much: an amount, or of PERC_PER_TRX a percentage.")


@strawberry.type(description="How an order is paid.")
class VerifonePaymentDetails:
    """Read from a `mapping_details.Worded`."""

    payment_type: str | None = field(description="Verifone's word: ACCOUNT, CREDIT, NET or EINVOICE.")
    other: JSON | None = field(description="What else there is; it depends on the word and is not documented.")


@strawberry.type(description="What a payment processor needs of a service.")
class VerifoneProcessorParameters:
    """Read from a `mapping_details.Worded`."""

    processor: str | None = field(description="Which processor, in Verifone's word such as NETS.")
    tid_list: list[str] | None = field(description="The terminal IDs that it was given.")
    other: JSON | None = field(description="What else there is; it depends on the processor and is not documented.")


@strawberry.type(description="The merchant as the 3-D Secure of a card scheme knows it.")
class VerifoneMerchantIdentifiers:
    """Read from a `mapping_details.Piece`."""

    merchant_id: str | None = field(description="The merchant's ID.")
    payment_type: str | None = field(description="For which means of payment, such as AMEX.")


@strawberry.type(description="What only Verifone tells of a line.")
class VerifoneLineItemDetails(LineItemDetails):
    """Read from `mapping_details.VerifoneLineItemDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_details.VerifoneLineItemDetails)

    kind: VerifoneLineKind = field(description="Which part of the order it is.")
    poi: int | None = field(description="Of a device: at which place in the order its terminal stands, from 0 on.")
    serial_numbers: list[str] = field(description="The serial numbers of the devices.")
    additional_package_data: list[VerifoneVariable] = field(description="What sets the package up.")
    adjusted_prices: list[VerifoneAdjustedPrice] = field(description="The prices that were agreed on.")
    processor_parameters: VerifoneProcessorParameters | None = field(
        description="Of a service: what the processor needs."
    )
    three_ds_merchant_identifiers: VerifoneMerchantIdentifiers | None = field(
        name="threeDSMerchantIdentifiers", description="Of a service: the merchant as 3-D Secure knows it."
    )


@strawberry.type(description="What only Verifone tells of a service.")
class VerifoneSubscriptionDetails(SubscriptionDetails):
    """Read from `mapping_details.VerifoneSubscriptionDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_details.VerifoneSubscriptionDetails)

    adjusted_prices: list[VerifoneAdjustedPrice] = field(description="The prices that were agreed on.")


@strawberry.type(description="The packages of a whole order. Each is a line as well.")
class VerifonePackageDetails:
    """Read from a `mapping_details.Piece`."""

    portfolio_uid: str | None = field(description="Verifone's ID of the portfolio that they are from.")


# --------------------------------------------------------------------------- what Verifone notes for itself


@strawberry.type(description="The finer status of an order.")
class VerifoneExtendedDetails:
    """Read from a `mapping_details.Piece`."""

    status: str | None = field(description="Verifone's finer word, such as FULFILMENT_BOOKED.")
    code: str | None = field(description="A code that belongs to it.")
    information: str | None = field(description="Words that belong to it.")
    last_change_time: datetime | None = field(description="Since when.")
    can_cancel: bool | None = field(description="Whether Verifone would let you cancel the order.")


@strawberry.type(description="How long an order has taken.")
class VerifoneOrderStats:
    """Read from a `mapping_details.Piece`."""

    mins_since_created_to_last_update: int | None = field(
        description="Minutes from its making to the last change of its status."
    )
    mins_since_last_status_update: int | None = field(description="Minutes since the last change of its status.")


@strawberry.type(description="Somebody's wish to cancel an order.")
class VerifoneOrderCancellation:
    """Read from a `mapping_details.Piece`."""

    cancel_reason_enum: str | None = field(description="Why, in Verifone's word such as WRONG_PRODUCT.")
    cancel_additional_reason: str | None = field(description="Why, in somebody's own words.")
    cancelled_user_uid: str | None = field(description="Verifone's ID of who did it.")
    cancelled_by: str | None = field(description="Who did it.")
    cancelled_date: datetime | None = field(description="When.")


@strawberry.type(description="What the card schemes' lists of terminated merchants say.")
class VerifoneVmssApplication:
    """Read from a `mapping_details.Piece`."""

    visa_status: str | None = field(description="How far Visa's is, in Verifone's word; one is 'NA ', with a blank.")
    visa_matches: Decimal | None = field(description="How many entries Visa's has.")
    mcd_status: str | None = field(description="How far Mastercard's is, in Verifone's word.")
    mcd_matches: Decimal | None = field(description="How many entries Mastercard's has.")
    mcd_transaction_reference: str | None = field(description="Mastercard's number of the check.")


@strawberry.type(description="Somebody who has to sign the contract.")
class VerifoneSigner:
    """Read from a `mapping_details.Piece`."""

    provider_ref: str | None = field(description="The signing provider's number of the signature.")
    contact: VerifoneContact | None = field(description="Who it is.")
    signed: bool | None = field(description="Whether the contract was signed.")
    signed_date_time: datetime | None = field(description="When.")
    signing_link: str | None = field(description="Where it is signed.")


@strawberry.type(description="The signing of the contract.")
class VerifoneSigningInformation:
    """Read from a `mapping_details.Piece`."""

    provider: str | None = field(description="By whom: SIGNICAT, ADOBE or DOKOBIT.")
    provider_ref: str | None = field(description="The provider's number of it.")
    signed_file_url: str | None = field(description="Where the signed file is.")
    signing_requests: list[VerifoneSigner] | None = field(description="Who has to sign.")


@strawberry.type(description="A message that was sent.")
class VerifoneNotification:
    """Read from a `mapping_details.Piece`."""

    sent_date_time: datetime | None = field(description="When.")
    template: str | None = field(description="Which message.")
    response_reference_id: str | None = field(description="The sender's number of it.")


@strawberry.type(description="How somebody is reminded of something.")
class VerifoneNotificationReminder:
    """Read from a `mapping_details.Piece`."""

    last_notification_sent_date_time: datetime | None = field(description="When it was done last.")
    notification_count: int | None = field(description="How often; -1 means that it is not wanted.")
    template_name: str | None = field(description="By which message.")
    notifications: list[VerifoneNotification] | None = field(description="What was sent.")


@strawberry.type(description="All that somebody is reminded of.")
class VerifoneNotificationReminders:
    """Read from a `mapping_details.Piece`."""

    econtract: VerifoneNotificationReminder | None = field(description="The contract.")
    draft: VerifoneNotificationReminder | None = field(description="The draft.")
    doc_required: VerifoneNotificationReminder | None = field(description="Documents that are needed.")


@strawberry.type(description="A link by which the customer completes an order.")
class VerifoneCustomerOrderLink:
    """Read from a `mapping_details.Piece`."""

    order_link: str | None = field(description="The link.")
    link_initiator_user_uid: str | None = field(description="Verifone's ID of who made it.")
    link_initiator_username: str | None = field(description="Who made it.")
    link_receiver_user_uid: str | None = field(description="Verifone's ID of who was sent it.")
    link_receiver_username: str | None = field(description="Who was sent it.")
    link_send_time: datetime | None = field(description="When it was sent.")
    link_opened_by_customer_time: datetime | None = field(description="When it was opened.")
    customer_update_time: datetime | None = field(description="When the customer last changed the order by it.")


@strawberry.type(description="How somebody else boards the merchant.")
class VerifoneExternalOnboarding:
    """Read from a `mapping_details.Piece`."""

    provider: str | None = field(description="Who does, such as BANKAXEPT.")
    agreement_id: str | None = field(description="Their number of the agreement.")
    agreement_status: str | None = field(description="How far it is, in their word.")


@strawberry.type(
    description="What Verifone notes for itself; it may change at any time, and not every tenant is shown it."
)
class VerifoneInternal:
    """Read from a `mapping_details.Piece`."""

    oracle_order_number: Decimal | None = field(description="The order's number at the shipper.")
    oracle_shipping_tracking_reference: str | None = field(description="The parcel's number.")
    kyc_report_uid: str | None = field(description="The report on the merchant.")
    token_scope_uid: str | None = field(description="The scope of card tokens.")
    extended_details: VerifoneExtendedDetails | None = field(description="The finer status.")
    order_stats: VerifoneOrderStats | None = field(description="How long it has taken.")
    vmss_application: VerifoneVmssApplication | None = field(description="The lists of terminated merchants.")
    salesforce_application_id: str | None = field(description="The application's number in Salesforce.")
    signing_information: VerifoneSigningInformation | None = field(description="The signing of the contract.")
    econtract_notification_reminder: VerifoneNotificationReminder | None = field(description="Of the contract.")
    draft_notification_reminder: VerifoneNotificationReminder | None = field(description="Of the draft.")
    notification_reminders: VerifoneNotificationReminders | None = field(description="All reminders.")
    customer_order_link: VerifoneCustomerOrderLink | None = field(description="The link for the customer.")
    cancellation_history: list[VerifoneOrderCancellation] | None = field(description="Who wanted to cancel it.")
    external_onboarding: VerifoneExternalOnboarding | None = field(description="How somebody else boards it.")


@strawberry.type(description="What only Verifone tells of an order.")
class VerifoneOrderDetails(OrderDetails):
    """Read from `mapping_details.VerifoneOrderDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_details.VerifoneOrderDetails)

    status: str | None = field(description="Verifone's coarse word; `internal.extendedDetails` has the finer one.")
    order_type: str | None = field(description="The kind of order: HardwareOrder.")
    customer_entity_uid: str | None = field(description="Verifone's ID of the customer that it is for.")
    merchant_company_entity_uid: str | None = field(description="Verifone's ID of the merchant's company.")
    created_user_uid: str | None = field(description="Verifone's ID of who made it.")
    created_by: str | None = field(description="Who made it.")
    created_date: datetime | None = field(description="When it was made.")
    modified_user_uid: str | None = field(description="Verifone's ID of who changed it last.")
    modified_by: str | None = field(description="Who changed it last.")
    modified_date: datetime | None = field(description="When it was changed last.")
    payment_details: VerifonePaymentDetails | None = field(description="How it is paid.")
    additional_order_data: list[VerifoneVariable] | None = field(description="What a country or business unit asks.")
    package_details: VerifonePackageDetails | None = field(description="The packages of the whole order.")
    merchant: VerifoneMerchant | None = field(description="The merchant.")
    internal: VerifoneInternal | None = field(description="What Verifone notes for itself.")
