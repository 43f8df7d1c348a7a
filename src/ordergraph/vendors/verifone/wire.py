"""Verifone's JSON with Verifone's spelling. Source: Verifone Order API 2.62, "Hardware Orders", and its schemas.

An answer has the fields of the request and some more, so requests and answers share these types; what is
None is left out when it is sent. Times, amounts and enum words stay text. Fields may be missing, also those
that the schemas call required: a draft's answer in the document has less than an order's. A type has the
name of its schema unless it says another.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar

import msgspec

from ordergraph.vendors.verifone import values
from ordergraph.vendors.verifone import wire_rules as rules
from ordergraph.vendors.verifone.values import AMOUNT, TIME
from ordergraph.vendors.verifone.wire_rules import PROCESSOR_PARAMETERS, Count, Needed, Text
from ordergraph.wire.fields import GraphName, Input, named


class Wire(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """What Verifone sends and is sent."""


class Name(Wire, frozen=True):
    """A person's name; in an order, the first and the last name are needed."""

    first_name: Annotated[str | None, "The first name.", Text(1, 120), Needed()] = None
    last_name: Annotated[str | None, "The last name.", Text(1, 120), Needed()] = None
    prefix: Annotated[str | None, "What stands before it, such as a title.", Text(most=120)] = None
    middle_name: Annotated[str | None, "The names between.", Text(most=120)] = None
    suffix: Annotated[str | None, "What stands behind it, such as Jr.", Text(most=120)] = None
    alternate_full_name: Annotated[str | None, "Another name, such as that of the business.", Text(most=200)] = None


class Phone(Wire, frozen=True):
    """A telephone number.

    ``phoneType`` is HOME, MOBILE, WORK, FAX or OTHER.
    """

    closed: ClassVar[bool] = True

    value: Annotated[
        str | None,
        "The number, without the country code and the extension. At least 5 characters.",
        Input(required=True),
        Text(5),
    ] = None
    phone_type: Annotated[
        str | None,
        "What it is for, in Verifone's word such as WORK.",
        Input(values.VerifonePhoneType, default=values.VerifonePhoneType.HOME),
        Needed(),
    ] = None
    calling_code: Annotated[str | None, "The country's code, such as 44."] = None
    extension: Annotated[str | None, "The extension within the company."] = None
    is_primary: Annotated[bool | None, "Whether it is the one to try first.", rules.UNSET_FLAG] = None


class Contact(Wire, frozen=True):
    """Somebody to talk to.

    Schema ``ContactType``: ``contactType`` is BUSINESS, DISPUTE_HANDLING, OWNER or PERSONAL.
    """

    contact_type: Annotated[
        str | None,
        "For what, in Verifone's word such as BUSINESS.",
        Input(values.VerifoneContactType, default=values.VerifoneContactType.BUSINESS),
        Needed(),
    ] = None
    name: Annotated[Name | None, "Who it is.", Needed()] = None
    phone_numbers: Annotated[list[Phone] | None, "The telephone numbers.", Count(1, unique=True)] = None
    email: Annotated[str | None, "The e-mail address.", rules.EMAIL] = None
    business_title: Annotated[str | None, "What the person is in the company.", Text(most=100)] = None


class Address(Wire, frozen=True):
    """An address; in an order, the first line, city, postCode and country are needed.

    Schemas ``BaseAddress`` and ``BaseAddressWithoutType``: countries are ISO 3166-1 alpha-3, or ZZZ.
    """

    receiver_name: Annotated[str | None, "Who receives the goods, if not the company or the site.", Text(1)] = None
    address_line1: Annotated[str | None, "House and street.", Text(1, 40), Needed()] = None
    address_line2: Annotated[str | None, "The second line.", Text(most=40)] = None
    address_line3: Annotated[str | None, "The third line.", Text(most=40)] = None
    po_box: Annotated[str | None, "The post-office box."] = None
    city: Annotated[str | None, "The town.", Text(1, 28), Needed()] = None
    country_subdivision: Annotated[str | None, "The county, state or the like.", Text(1, 35)] = None
    post_code: Annotated[str | None, "The postal code.", Text(1, 16), Needed()] = None
    country: Annotated[
        str | None, "The country, in three letters (ISO 3166-1), or ZZZ.", rules.COUNTRY_CODE, Needed()
    ] = None
    time_zone: Annotated[str | None, "The time zone, such as Europe/Oslo.", Text(1, 127)] = None
    contact: Annotated[Contact | None, "Whom to talk to there."] = None
    vfi_site_id: Annotated[str | None, "Verifone's own number of the place.", Text(1, 50)] = None
    store_number: Annotated[str | None, "The number of the store, or of the customer."] = None
    government_owned: Annotated[bool | None, "Whether it belongs to a government, such as an embassy."] = None
    government_country: Annotated[
        str | None, "The country of that government, in three letters (ISO 3166-1).", rules.COUNTRY_CODE
    ] = None


class OpeningPeriod(Wire, frozen=True):
    """From when to when.

    Schema ``EntityOpeningPeriod``: HH:MM.
    """

    start: Annotated[str | None, "From when on, HH:MM.", Input(required=True), rules.TIME_OF_DAY] = None
    end: Annotated[str | None, "Until when, HH:MM.", Input(required=True), rules.TIME_OF_DAY] = None


class OpeningHours(Wire, frozen=True):
    """When a site is open on a day of the week.

    Schema ``EntityOpeningHours``.
    """

    day: Annotated[str | None, "The day, such as MONDAY.", Input(values.VerifoneWeekday, required=True)] = None
    times: Annotated[OpeningPeriod | None, "From when to when.", Input(required=True)] = None


class Variable(Wire, frozen=True):
    """A value that Verifone has asked for in an integration.

    Schema ``VariableResponseType``.
    """

    variable_name: Annotated[str | None, "What it is, in Verifone's word.", Text(form=rules.VARIABLE_NAME)] = None
    variable_value: Annotated[str | None, "The value.", Text(most=10000)] = None


class DevicePackage(Wire, frozen=True):
    """Schema ``BundleAndSerialNumberAndQuantity``: one when ``quantity`` is left out."""

    package_bundle_id: Annotated[str | None, rules.BUNDLE_ID, Needed()] = None
    quantity: Annotated[int | None, rules.QUANTITY] = None
    serial_numbers: Annotated[list[str] | None, "The serial numbers, if devices are known.", Text(most=25)] = None
    additional_package_data: Annotated[list[Variable] | None, "What sets the package up.", Count(most=50)] = None


class Poi(Wire, frozen=True):
    """Schema ``HardwarePoiType``: a point of interaction, that is, a terminal and what comes with it."""

    device_package: DevicePackage | None = None
    additional_device_packages: Annotated[list[DevicePackage] | None, Count(most=100)] = None


BundleId = Annotated[str | None, "Verifone's ID of the package bundle.", Input(required=True), rules.BUNDLE_ID]


class Bundle(Wire, frozen=True):
    """The base package of an order.

    Schema ``BundleAndPrice``: the price is decimal text.
    """

    package_bundle_id: BundleId = None
    price: Annotated[str | None, "The price that was agreed on.", AMOUNT] = None


class AdjustedPrice(Wire, frozen=True):
    """A price that was agreed on.

    Schema ``AdjustedPriceType``: a fee for each period, device or transaction, or once.
    """

    price_model: Annotated[
        str | None, "How it is charged, in Verifone's word such as MONTHLY_FEE.", Input(values.VerifonePriceModel)
    ] = None
    price: Annotated[str | None, "How much: an amount, or of PERC_PER_TRX a percentage.", AMOUNT] = None


class DeliveryPackage(Wire, frozen=True):
    """How an order is delivered.

    Schema ``BundleAndPriceAndData``.
    """

    package_bundle_id: BundleId = None
    adjusted_prices: Annotated[list[AdjustedPrice] | None, "The prices that were agreed on.", Count(most=50)] = None
    additional_package_data: Annotated[list[Variable] | None, "What sets the package up.", Count(most=50)] = None


class MerchantIdentifiers(Wire, frozen=True):
    """The merchant as the 3-D Secure of a card scheme knows it.

    Schema ``ThreeDSecureMerchantIdentifiers``.
    """

    merchant_id: Annotated[
        str | None, "The merchant's ID; empty means that of the contract.", Input(required=True), rules.MERCHANT_ID
    ] = None
    payment_type: Annotated[
        str | None,
        "For which means of payment, in Verifone's word such as AMEX.",
        Input(required=True),
        Text(words=rules.PAYMENT_TYPES),
    ] = None


class ServicePackage(Wire, frozen=True):
    """A service of an order.

    Schema ``ServicePackages``. ``processorParameters`` has other fields for each ``processor``.
    """

    package_bundle_id: BundleId = None
    adjusted_prices: Annotated[list[AdjustedPrice] | None, "The prices that were agreed on.", Count(most=50)] = None
    processor_parameters: Annotated[dict[str, Any] | None, "What the processor needs.", PROCESSOR_PARAMETERS] = None
    additional_package_data: Annotated[list[Variable] | None, "What sets the package up.", Count(most=50)] = None
    three_ds_merchant_identifiers: Annotated[
        MerchantIdentifiers | None, "The merchant as 3-D Secure knows it.", GraphName("threeDSMerchantIdentifiers")
    ] = named("threeDSMerchantIdentifiers")


class PackageDetails(Wire, frozen=True):
    """The packages of a whole order. Each is a line as well."""

    portfolio_uid: Annotated[str | None, "Verifone's ID of the portfolio that they are from.", rules.UUID] = None
    base_package_bundle: Annotated[Bundle | None, "The base package.", Needed()] = None
    service_packages: Annotated[list[ServicePackage] | None, "The services.", Count(most=100)] = None
    delivery_package: Annotated[DeliveryPackage | None, "How it is delivered."] = None


class Merchant(Wire, frozen=True):
    """The merchant of an order. Its terminals are the order's lines.

    Schema ``HardwareMerchant``.
    """

    merchant_name: Annotated[str | None, "What the merchant is called.", Text(1, 100, rules.NOT_BLANK)] = None
    primary_contact: Annotated[
        Contact | None,
        "Whom to talk to.",
        Input(description="Whom to talk to, with more than `contact` takes."),
        Needed(),
    ] = None
    requested_date_of_shipment: Annotated[str | None, "When the goods shall be shipped.", TIME] = None
    mcc: Annotated[str | None, "The merchant category code (ISO 18245), 4 digits.", rules.MCC] = None
    trading_address: Annotated[Address | None, "Where the merchant trades."] = None
    shipping_address: Annotated[
        Address | None,
        "Where the goods go.",
        Input(description="What `shippingAddress` has no field for; it is laid over that."),
    ] = None
    billing_address: Annotated[Address | None, "Where the bill goes."] = None
    company_address: Annotated[Address | None, "Where the company is."] = None
    site_reference_id: Annotated[str | None, "Your number of the site.", Text(1, 100)] = None
    site_name: Annotated[str | None, "What the site is called, if not as the merchant.", Text(1)] = None
    opening_hours: Annotated[list[OpeningHours] | None, "When it is open.", Count(1)] = None
    pois: Annotated[list[Poi] | None, Count(most=1000)] = None


class ExtendedDetails(Wire, frozen=True):
    """The finer status of an order."""

    status: Annotated[str | None, "Verifone's finer word, such as FULFILMENT_BOOKED."] = None
    code: Annotated[str | None, "A code that belongs to it."] = None
    information: Annotated[str | None, "Words that belong to it."] = None
    last_change_time: Annotated[str | None, "Since when.", TIME] = None
    can_cancel: Annotated[bool | None, "Whether Verifone would let you cancel the order."] = None


class OrderStats(Wire, frozen=True):
    """How long an order has taken."""

    mins_since_created_to_last_update: Annotated[
        int | None, "Minutes from its making to the last change of its status."
    ] = None
    mins_since_last_status_update: Annotated[int | None, "Minutes since the last change of its status."] = None


class OrderCancellation(Wire, frozen=True):
    """Somebody's wish to cancel an order."""

    cancel_reason_enum: Annotated[str | None, "Why, in Verifone's word such as WRONG_PRODUCT."] = None
    cancel_additional_reason: Annotated[str | None, "Why, in somebody's own words."] = None
    cancelled_user_uid: Annotated[str | None, "Verifone's ID of who did it."] = None
    cancelled_by: Annotated[str | None, "Who did it."] = None
    cancelled_date: Annotated[str | None, "When.", TIME] = None


class VmssApplication(Wire, frozen=True):
    """What the card schemes' lists of terminated merchants say.

    One of its status words is ``NA `` with a blank behind it.
    """

    visa_status: Annotated[str | None, "How far Visa's is, in Verifone's word; one is 'NA ', with a blank."] = None
    visa_matches: Annotated[Decimal | None, "How many entries Visa's has."] = None
    mcd_status: Annotated[str | None, "How far Mastercard's is, in Verifone's word."] = None
    mcd_matches: Annotated[Decimal | None, "How many entries Mastercard's has."] = None
    mcd_transaction_reference: Annotated[str | None, "Mastercard's number of the check."] = None


class Signer(Wire, frozen=True):
    """Somebody who has to sign the contract.

    Schema ``SignersInformation``.
    """

    provider_ref: Annotated[str | None, "The signing provider's number of the signature."] = None
    contact: Annotated[Contact | None, "Who it is."] = None
    signed: Annotated[bool | None, "Whether the contract was signed."] = None
    signed_date_time: Annotated[str | None, "When.", TIME] = None
    signing_link: Annotated[str | None, "Where it is signed."] = None


class SigningInformation(Wire, frozen=True):
    """The signing of the contract."""

    provider: Annotated[str | None, "By whom: SIGNICAT, ADOBE or DOKOBIT."] = None
    provider_ref: Annotated[str | None, "The provider's number of it."] = None
    signed_file_url: Annotated[str | None, "Where the signed file is."] = None
    signing_requests: Annotated[list[Signer] | None, "Who has to sign."] = None


class Notification(Wire, frozen=True):
    """A message that was sent."""

    sent_date_time: Annotated[str | None, "When.", TIME] = None
    template: Annotated[str | None, "Which message."] = None
    response_reference_id: Annotated[str | None, "The sender's number of it."] = None


class NotificationReminder(Wire, frozen=True):
    """How somebody is reminded of something."""

    last_notification_sent_date_time: Annotated[str | None, "When it was done last.", TIME] = None
    notification_count: Annotated[int | None, "How often; -1 means that it is not wanted."] = None
    template_name: Annotated[str | None, "By which message."] = None
    notifications: Annotated[list[Notification] | None, "What was sent."] = None


class NotificationReminders(Wire, frozen=True):
    """All that somebody is reminded of."""

    econtract: Annotated[NotificationReminder | None, "The contract."] = None
    draft: Annotated[NotificationReminder | None, "The draft."] = None
    doc_required: Annotated[NotificationReminder | None, "Documents that are needed."] = None


class CustomerOrderLink(Wire, frozen=True):
    """A link by which the customer completes an order.

    The missing e of ``linkOpendByCustomerTime`` is Verifone's.
    """

    order_link: Annotated[str | None, "The link."] = None
    link_initiator_user_uid: Annotated[str | None, "Verifone's ID of who made it."] = None
    link_initiator_username: Annotated[str | None, "Who made it."] = None
    link_receiver_user_uid: Annotated[str | None, "Verifone's ID of who was sent it."] = None
    link_receiver_username: Annotated[str | None, "Who was sent it."] = None
    link_send_time: Annotated[str | None, "When it was sent.", TIME] = None
    link_opened_by_customer_time: Annotated[str | None, "When it was opened.", TIME] = named("linkOpendByCustomerTime")
    customer_update_time: Annotated[str | None, "When the customer last changed the order by it.", TIME] = None


class ExternalOnboarding(Wire, frozen=True):
    """How somebody else boards the merchant."""

    provider: Annotated[str | None, "Who does, such as BANKAXEPT."] = None
    agreement_id: Annotated[str | None, "Their number of the agreement."] = None
    agreement_status: Annotated[str | None, "How far it is, in their word."] = None


class Internal(Wire, frozen=True):
    """What Verifone notes for itself; it may change at any time, and not every tenant is shown it.

    Schema ``InternalAllocatedInformation``: "for verifone use only and is subject to change".
    """

    oracle_order_number: Annotated[Decimal | None, "The order's number at the shipper."] = None
    oracle_shipping_tracking_reference: Annotated[str | None, "The parcel's number."] = None
    kyc_report_uid: Annotated[str | None, "The report on the merchant."] = None
    token_scope_uid: Annotated[str | None, "The scope of card tokens."] = None
    extended_details: Annotated[ExtendedDetails | None, "The finer status."] = None
    order_stats: Annotated[OrderStats | None, "How long it has taken."] = None
    vmss_application: Annotated[VmssApplication | None, "The lists of terminated merchants."] = None
    salesforce_application_id: Annotated[str | None, "The application's number in Salesforce."] = None
    signing_information: Annotated[SigningInformation | None, "The signing of the contract."] = None
    econtract_notification_reminder: Annotated[NotificationReminder | None, "Of the contract."] = None
    draft_notification_reminder: Annotated[NotificationReminder | None, "Of the draft."] = None
    notification_reminders: Annotated[NotificationReminders | None, "All reminders."] = None
    customer_order_link: Annotated[CustomerOrderLink | None, "The link for the customer."] = None
    cancellation_history: Annotated[list[OrderCancellation] | None, "Who wanted to cancel it."] = None
    external_onboarding: Annotated[ExternalOnboarding | None, "How somebody else boards it."] = None


class HardwareOrder(Wire, frozen=True):
    """What only Verifone tells of an order.

    The body that makes an order, or replaces a draft. ``paymentDetails`` has a ``paymentType``, and other fields for
    each, which nobody has published.
    """

    order_reference: Annotated[str | None, Text(1), Needed()] = None
    customer_entity_uid: Annotated[
        str | None,
        "Verifone's ID of the customer that it is for.",
        Input(description="Verifone's ID of the customer, if not that of the account's settings."),
        rules.UUID,
        Needed(),
    ] = None
    requested_date: Annotated[str | None, TIME] = None
    po_ref: str | None = None
    payment_details: Annotated[dict[str, Any] | None, "How it is paid.", rules.PAYMENT_DETAILS] = None
    notes: str | None = None
    additional_order_data: Annotated[
        list[Variable] | None, "What a country or business unit asks.", Count(most=100)
    ] = None
    package_details: Annotated[
        PackageDetails | None,
        "The packages of the whole order.",
        Input(description="The packages of the whole order; in the simplified flow Verifone can choose them."),
    ] = None
    merchant: Annotated[Merchant | None, "The merchant.", Needed()] = None


class Order(HardwareOrder, frozen=True, kw_only=True):
    """What only Verifone tells of an order.

    Schema ``HardwareOrderResponse``.
    """

    order_id: str
    status: Annotated[str | None, "Verifone's coarse word; `internal.extendedDetails` has the finer one."] = None
    created_user_uid: Annotated[str | None, "Verifone's ID of who made it."] = None
    created_by: Annotated[str | None, "Who made it."] = None
    created_date: Annotated[str | None, "When it was made.", TIME] = None
    modified_user_uid: Annotated[str | None, "Verifone's ID of who changed it last."] = None
    modified_by: Annotated[str | None, "Who changed it last."] = None
    modified_date: Annotated[str | None, "When it was changed last.", TIME] = None
    order_type: Annotated[str | None, "The kind of order: HardwareOrder."] = None
    internal: Annotated[Internal | None, "What Verifone notes for itself."] = None
    merchant_company_entity_uid: Annotated[str | None, "Verifone's ID of the merchant's company."] = None


ANSWER_FIELDS = frozenset(Order.__struct_encode_fields__) - frozenset(HardwareOrder.__struct_encode_fields__)
"""What an answer has and a request has not."""


class PagingMetadata(Wire, frozen=True):
    """Pages count from 1 and have at most 100 rows."""

    total_pages: int | None = None
    page_number: int | None = None
    page_size: int | None = None
    total_items: int | None = None


class Page(Wire, frozen=True):
    """The answer to a search.

    Nobody has published it: it is read as the same API's list of batches is published (schema
    ``BatchSearchResponse``), with orders in the place of batches.
    """

    orders: list[msgspec.Raw]
    metadata: PagingMetadata | None = None


class Cancellation(Wire, frozen=True):
    """The body of a cancellation."""

    cancel_reason_enum: Annotated[str, Input(values.VerifoneCancelReason), Needed()]
    cancel_additional_reason: str | None = None
