"""Verifone's JSON in Verifone's spelling. Source: Verifone Order API 2.62, "Hardware Orders", and its schemas.

A response has all fields of the request and more, so requests and responses share these types. Fields that are
None are not sent. Times, amounts and enum values stay strings. Any field may be missing, even those that the
schemas require: the document's response for a draft has fewer fields than that for an order. Each type has the
name of its schema unless its docstring names another.
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
    """A JSON object that Verifone sends or receives."""


class Name(Wire, frozen=True):
    """A person's name. An order requires the first and the last name."""

    first_name: Annotated[str | None, "The first name.", Text(1, 120), Needed()] = None
    last_name: Annotated[str | None, "The last name.", Text(1, 120), Needed()] = None
    prefix: Annotated[str | None, "The prefix, such as a title.", Text(most=120)] = None
    middle_name: Annotated[str | None, "The middle names.", Text(most=120)] = None
    suffix: Annotated[str | None, "The suffix, such as Jr.", Text(most=120)] = None
    alternate_full_name: Annotated[str | None, "Another name, such as that of the business.", Text(most=200)] = None


class Phone(Wire, frozen=True):
    """A phone number.

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
        "The type of the number, such as WORK.",
        Input(values.VerifonePhoneType, default=values.VerifonePhoneType.HOME),
        Needed(),
    ] = None
    calling_code: Annotated[str | None, "The country calling code, such as 44."] = None
    extension: Annotated[str | None, "The extension."] = None
    is_primary: Annotated[bool | None, "Whether this is the primary number.", rules.UNSET_FLAG] = None


class Contact(Wire, frozen=True):
    """A contact person.

    Schema ``ContactType``: ``contactType`` is BUSINESS, DISPUTE_HANDLING, OWNER or PERSONAL.
    """

    contact_type: Annotated[
        str | None,
        "The purpose of the contact, such as BUSINESS.",
        Input(values.VerifoneContactType, default=values.VerifoneContactType.BUSINESS),
        Needed(),
    ] = None
    name: Annotated[Name | None, "The name of the person.", Needed()] = None
    phone_numbers: Annotated[list[Phone] | None, "The phone numbers.", Count(1, unique=True)] = None
    email: Annotated[str | None, "The email address.", rules.EMAIL] = None
    business_title: Annotated[str | None, "The person's position in the company.", Text(most=100)] = None


class Address(Wire, frozen=True):
    """An address. An order requires `addressLine1`, `city`, `postCode` and `country`.

    Schemas ``BaseAddress`` and ``BaseAddressWithoutType``: countries are ISO 3166-1 alpha-3, or ZZZ.
    """

    receiver_name: Annotated[str | None, "The recipient, if it is not the company or the site.", Text(1)] = None
    address_line1: Annotated[str | None, "The first line: house and street.", Text(1, 40), Needed()] = None
    address_line2: Annotated[str | None, "The second line.", Text(most=40)] = None
    address_line3: Annotated[str | None, "The third line.", Text(most=40)] = None
    po_box: Annotated[str | None, "The PO box."] = None
    city: Annotated[str | None, "The city.", Text(1, 28), Needed()] = None
    country_subdivision: Annotated[str | None, "The state, province or county.", Text(1, 35)] = None
    post_code: Annotated[str | None, "The postal code.", Text(1, 16), Needed()] = None
    country: Annotated[
        str | None, "The three-letter country code (ISO 3166-1 alpha-3), or ZZZ.", rules.COUNTRY_CODE, Needed()
    ] = None
    time_zone: Annotated[str | None, "The time zone, such as Europe/Oslo.", Text(1, 127)] = None
    contact: Annotated[Contact | None, "The contact person at this address."] = None
    vfi_site_id: Annotated[str | None, "Verifone's ID of the site.", Text(1, 50)] = None
    store_number: Annotated[str | None, "The number of the store or of the customer."] = None
    is_government_owned: Annotated[bool | None, "Whether the site belongs to a government, such as an embassy."] = (
        named("governmentOwned")
    )
    government_country: Annotated[
        str | None, "The three-letter country code (ISO 3166-1 alpha-3) of that government.", rules.COUNTRY_CODE
    ] = None


class OpeningPeriod(Wire, frozen=True):
    """A period within a day.

    Schema ``EntityOpeningPeriod``. Times are HH:MM.
    """

    start: Annotated[str | None, "The start time, as HH:MM.", Input(required=True), rules.TIME_OF_DAY] = None
    end: Annotated[str | None, "The end time, as HH:MM.", Input(required=True), rules.TIME_OF_DAY] = None


class OpeningHours(Wire, frozen=True):
    """The opening hours of a site on one day of the week.

    Schema ``EntityOpeningHours``.
    """

    day: Annotated[str | None, "The day of the week, such as MONDAY.", Input(values.VerifoneWeekday, required=True)] = (
        None
    )
    times: Annotated[OpeningPeriod | None, "The hours on that day.", Input(required=True)] = None


class Variable(Wire, frozen=True):
    """A named value that Verifone requested for an integration.

    Schema ``VariableResponseType``.
    """

    variable_name: Annotated[
        str | None, "The name that Verifone defined for the value.", Text(form=rules.VARIABLE_NAME)
    ] = None
    variable_value: Annotated[str | None, "The value.", Text(most=10000)] = None


class DevicePackage(Wire, frozen=True):
    """Schema ``BundleAndSerialNumberAndQuantity``. Without ``quantity``, the quantity is 1."""

    package_bundle_id: Annotated[str | None, rules.BUNDLE_ID, Needed()] = None
    quantity: Annotated[int | None, rules.QUANTITY] = None
    serial_numbers: Annotated[list[str] | None, "The serial numbers, if the devices are known.", Text(most=25)] = None
    additional_package_data: Annotated[
        list[Variable] | None, "The configuration values of the package.", Count(most=50)
    ] = None


class Poi(Wire, frozen=True):
    """Schema ``HardwarePoiType``: a point of interaction, that is, a terminal with its additional devices."""

    device_package: DevicePackage | None = None
    additional_device_packages: Annotated[list[DevicePackage] | None, Count(most=100)] = None


BundleId = Annotated[str | None, "Verifone's ID of the package bundle.", Input(required=True), rules.BUNDLE_ID]


class Bundle(Wire, frozen=True):
    """The base package of an order.

    Schema ``BundleAndPrice``. The price is a decimal string.
    """

    package_bundle_id: BundleId = None
    price: Annotated[str | None, "The agreed price.", AMOUNT] = None


class AdjustedPrice(Wire, frozen=True):
    """An agreed price.

    Schema ``AdjustedPriceType``: a fee per period, device or transaction, or a one-time fee.
    """

    price_model: Annotated[
        str | None, "How the price is charged, such as MONTHLY_FEE.", Input(values.VerifonePriceModel)
    ] = None
    price: Annotated[str | None, "The amount, or the percentage if `priceModel` is PERC_PER_TRX.", AMOUNT] = None


class DeliveryPackage(Wire, frozen=True):
    """The delivery of an order.

    Schema ``BundleAndPriceAndData``.
    """

    package_bundle_id: BundleId = None
    adjusted_prices: Annotated[list[AdjustedPrice] | None, "The agreed prices.", Count(most=50)] = None
    additional_package_data: Annotated[
        list[Variable] | None, "The configuration values of the package.", Count(most=50)
    ] = None


class MerchantIdentifiers(Wire, frozen=True):
    """The merchant's identifiers for the 3-D Secure of a card scheme.

    Schema ``ThreeDSecureMerchantIdentifiers``.
    """

    merchant_id: Annotated[
        str | None,
        "The merchant's ID. An empty string stands for the ID in the contract.",
        Input(required=True),
        rules.MERCHANT_ID,
    ] = None
    payment_type: Annotated[
        str | None,
        "The payment type that the ID is for, such as AMEX.",
        Input(required=True),
        Text(words=rules.PAYMENT_TYPES),
    ] = None


class ServicePackage(Wire, frozen=True):
    """A service of an order.

    Schema ``ServicePackages``. The fields of ``processorParameters`` depend on the ``processor``.
    """

    package_bundle_id: BundleId = None
    adjusted_prices: Annotated[list[AdjustedPrice] | None, "The agreed prices.", Count(most=50)] = None
    processor_parameters: Annotated[
        dict[str, Any] | None, "The parameters that the payment processor requires.", PROCESSOR_PARAMETERS
    ] = None
    additional_package_data: Annotated[
        list[Variable] | None, "The configuration values of the package.", Count(most=50)
    ] = None
    three_ds_merchant_identifiers: Annotated[
        MerchantIdentifiers | None,
        "The merchant's identifiers for 3-D Secure.",
        GraphName("threeDSMerchantIdentifiers"),
    ] = named("threeDSMerchantIdentifiers")


class PackageDetails(Wire, frozen=True):
    """The packages that apply to the whole order. Each is also a line of the order."""

    portfolio_uid: Annotated[str | None, "Verifone's ID of the portfolio that the packages are from.", rules.UUID] = (
        None
    )
    base_package_bundle: Annotated[Bundle | None, "The base package.", Needed()] = None
    service_packages: Annotated[list[ServicePackage] | None, "The services.", Count(most=100)] = None
    delivery_package: Annotated[DeliveryPackage | None, "The delivery."] = None


class Merchant(Wire, frozen=True):
    """The merchant of an order. Its terminals are the lines of the order.

    Schema ``HardwareMerchant``.
    """

    merchant_name: Annotated[str | None, "The name of the merchant.", Text(1, 100, rules.NOT_BLANK)] = None
    primary_contact: Annotated[
        Contact | None,
        "The primary contact.",
        Input(description="The primary contact. Use it for values that `contact` has no field for."),
        Needed(),
    ] = None
    requested_shipping_at: Annotated[str | None, "When the goods should be shipped.", TIME] = named(
        "requestedDateOfShipment"
    )
    mcc: Annotated[str | None, "The merchant category code (ISO 18245) of 4 digits.", rules.MCC] = None
    trading_address: Annotated[Address | None, "The address at which the merchant trades."] = None
    shipping_address: Annotated[
        Address | None,
        "The shipping address.",
        Input(description="The shipping address. Its values are merged into `shippingAddress` and take precedence."),
    ] = None
    billing_address: Annotated[Address | None, "The billing address."] = None
    company_address: Annotated[Address | None, "The company's address."] = None
    site_reference_id: Annotated[str | None, "Your reference for the site.", Text(1, 100)] = None
    site_name: Annotated[str | None, "The name of the site, if it differs from the merchant's.", Text(1)] = None
    opening_hours: Annotated[list[OpeningHours] | None, "The opening hours.", Count(1)] = None
    pois: Annotated[list[Poi] | None, Count(most=1000)] = None


class ExtendedDetails(Wire, frozen=True):
    """The detailed status of an order."""

    status: Annotated[str | None, "The detailed status as reported by Verifone, such as FULFILMENT_BOOKED."] = None
    code: Annotated[str | None, "Verifone's code for the reason of the status."] = None
    information: Annotated[str | None, "Verifone's explanation of the status."] = None
    last_changed_at: Annotated[str | None, "When the detailed status last changed.", TIME] = named("lastChangeTime")
    can_cancel: Annotated[bool | None, "Whether Verifone allows the order to be cancelled."] = None


class OrderStats(Wire, frozen=True):
    """Statistics about the duration of an order."""

    mins_since_created_to_last_update: Annotated[
        int | None, "The minutes between the creation of the order and the last change of its status."
    ] = None
    mins_since_last_status_update: Annotated[int | None, "The minutes since the last change of the order's status."] = (
        None
    )


class OrderCancellation(Wire, frozen=True):
    """A request to cancel an order."""

    cancel_reason_enum: Annotated[str | None, "The reason as reported by Verifone, such as WRONG_PRODUCT."] = None
    cancel_additional_reason: Annotated[str | None, "The reason as free text."] = None
    cancelled_user_uid: Annotated[str | None, "Verifone's ID of the user who requested the cancellation."] = None
    cancelled_by: Annotated[str | None, "The name of the user who requested the cancellation."] = None
    cancelled_at: Annotated[str | None, "When the cancellation was requested.", TIME] = named("cancelledDate")


class VmssApplication(Wire, frozen=True):
    """The checks of the merchant against the card schemes' lists of terminated merchants.

    One of its status values is ``NA `` with a trailing space.
    """

    visa_status: Annotated[
        str | None, "The status of Visa's check as reported by Verifone. One value is 'NA ', with a trailing space."
    ] = None
    visa_matches: Annotated[Decimal | None, "The number of matches in Visa's list."] = None
    mcd_status: Annotated[str | None, "The status of Mastercard's check as reported by Verifone."] = None
    mcd_matches: Annotated[Decimal | None, "The number of matches in Mastercard's list."] = None
    mcd_transaction_reference: Annotated[str | None, "Mastercard's reference for the check."] = None


class Signer(Wire, frozen=True):
    """A person who has to sign the contract.

    Schema ``SignersInformation``.
    """

    provider_ref: Annotated[str | None, "The signing provider's reference for the signature."] = None
    contact: Annotated[Contact | None, "The signer's contact details."] = None
    is_signed: Annotated[bool | None, "Whether the person has signed."] = named("signed")
    signed_at: Annotated[str | None, "When the person signed.", TIME] = named("signedDateTime")
    signing_link: Annotated[str | None, "The URL for signing the contract."] = None


class SigningInformation(Wire, frozen=True):
    """The signing of the contract."""

    provider: Annotated[str | None, "The signing provider: SIGNICAT, ADOBE or DOKOBIT."] = None
    provider_ref: Annotated[str | None, "The provider's reference for the signing."] = None
    signed_file_url: Annotated[str | None, "The URL of the signed file."] = None
    signing_requests: Annotated[list[Signer] | None, "The persons who have to sign."] = None


class Notification(Wire, frozen=True):
    """A notification that was sent."""

    sent_at: Annotated[str | None, "When the notification was sent.", TIME] = named("sentDateTime")
    template: Annotated[str | None, "The template of the notification."] = None
    response_reference_id: Annotated[str | None, "The sending service's reference for the notification."] = None


class NotificationReminder(Wire, frozen=True):
    """A reminder and the notifications sent for it."""

    last_notification_sent_at: Annotated[str | None, "When the last notification was sent.", TIME] = named(
        "lastNotificationSentDateTime"
    )
    notification_count: Annotated[
        int | None, "The number of notifications. -1 means that no notifications are wanted."
    ] = None
    template_name: Annotated[str | None, "The template of the notifications."] = None
    notifications: Annotated[list[Notification] | None, "The notifications that were sent."] = None


class NotificationReminders(Wire, frozen=True):
    """All reminders of an order."""

    econtract: Annotated[NotificationReminder | None, "The reminder about the contract."] = None
    draft: Annotated[NotificationReminder | None, "The reminder about the draft."] = None
    doc_required: Annotated[NotificationReminder | None, "The reminder about required documents."] = None


class CustomerOrderLink(Wire, frozen=True):
    """A link that the customer uses to complete an order.

    ``linkOpendByCustomerTime`` is Verifone's spelling.
    """

    order_link: Annotated[str | None, "The URL of the link."] = None
    link_initiator_user_uid: Annotated[str | None, "Verifone's ID of the user who created the link."] = None
    link_initiator_username: Annotated[str | None, "The name of the user who created the link."] = None
    link_receiver_user_uid: Annotated[str | None, "Verifone's ID of the user who received the link."] = None
    link_receiver_username: Annotated[str | None, "The name of the user who received the link."] = None
    link_sent_at: Annotated[str | None, "When the link was sent.", TIME] = named("linkSendTime")
    link_opened_by_customer_at: Annotated[str | None, "When the customer opened the link.", TIME] = named(
        "linkOpendByCustomerTime"
    )
    customer_updated_at: Annotated[str | None, "When the customer last changed the order using the link.", TIME] = (
        named("customerUpdateTime")
    )


class ExternalOnboarding(Wire, frozen=True):
    """The onboarding of the merchant by an external provider."""

    provider: Annotated[str | None, "The provider, such as BANKAXEPT."] = None
    agreement_id: Annotated[str | None, "The provider's ID of the agreement."] = None
    agreement_status: Annotated[str | None, "The status of the agreement as reported by the provider."] = None


class Internal(Wire, frozen=True):
    """Data for Verifone's internal use. It may change at any time, and Verifone does not show it to every tenant.

    Schema ``InternalAllocatedInformation``: "for verifone use only and is subject to change".
    """

    oracle_order_number: Annotated[Decimal | None, "The order number at the shipper."] = None
    oracle_shipping_tracking_reference: Annotated[str | None, "The tracking number of the shipment."] = None
    kyc_report_uid: Annotated[str | None, "Verifone's ID of the know-your-customer report on the merchant."] = None
    token_scope_uid: Annotated[str | None, "Verifone's ID of the scope of card tokens."] = None
    extended_details: Annotated[ExtendedDetails | None, "The detailed status."] = None
    order_stats: Annotated[OrderStats | None, "Statistics about the duration of the order."] = None
    vmss_application: Annotated[VmssApplication | None, "The checks against the lists of terminated merchants."] = None
    salesforce_application_id: Annotated[str | None, "The ID of the application in Salesforce."] = None
    signing_information: Annotated[SigningInformation | None, "The signing of the contract."] = None
    econtract_notification_reminder: Annotated[NotificationReminder | None, "The reminder about the contract."] = None
    draft_notification_reminder: Annotated[NotificationReminder | None, "The reminder about the draft."] = None
    notification_reminders: Annotated[NotificationReminders | None, "All reminders."] = None
    customer_order_link: Annotated[
        CustomerOrderLink | None, "The link that the customer uses to complete the order."
    ] = None
    cancellation_history: Annotated[list[OrderCancellation] | None, "The requests to cancel the order."] = None
    external_onboarding: Annotated[
        ExternalOnboarding | None, "The onboarding of the merchant by an external provider."
    ] = None


class HardwareOrder(Wire, frozen=True):
    """The fields of an order that only Verifone has.

    The body that creates an order or replaces a draft. ``paymentDetails`` has a ``paymentType``. Its other fields
    depend on that type and are unpublished.
    """

    order_reference: Annotated[str | None, Text(1), Needed()] = None
    customer_entity_uid: Annotated[
        str | None,
        "Verifone's ID of the customer that the order is for.",
        Input(description="Verifone's ID of the customer that the order is for. Defaults to the account's setting."),
        rules.UUID,
        Needed(),
    ] = None
    requested_date: Annotated[str | None, TIME] = None
    po_ref: str | None = None
    payment_details: Annotated[dict[str, Any] | None, "The payment details.", rules.PAYMENT_DETAILS] = None
    notes: str | None = None
    additional_order_data: Annotated[
        list[Variable] | None, "Additional values that a country or business unit requires.", Count(most=100)
    ] = None
    package_details: Annotated[
        PackageDetails | None,
        "The packages that apply to the whole order.",
        Input(
            description="The packages that apply to the whole order. In the simplified order flow, Verifone can select "
            "them if they are omitted."
        ),
    ] = None
    merchant: Annotated[Merchant | None, "The merchant.", Needed()] = None


class Order(HardwareOrder, frozen=True, kw_only=True):
    """The fields of an order that only Verifone has.

    Schema ``HardwareOrderResponse``.
    """

    order_id: str
    status: Annotated[
        str | None, "The status as reported by Verifone. `internal.extendedDetails` has the detailed status."
    ] = None
    created_user_uid: Annotated[str | None, "Verifone's ID of the user who created the order."] = None
    created_by: Annotated[str | None, "The name of the user who created the order."] = None
    created_at: Annotated[str | None, "When the order was created.", TIME] = named("createdDate")
    modified_user_uid: Annotated[str | None, "Verifone's ID of the user who last changed the order."] = None
    modified_by: Annotated[str | None, "The name of the user who last changed the order."] = None
    modified_at: Annotated[str | None, "When the order was last changed.", TIME] = named("modifiedDate")
    order_type: Annotated[str | None, "The type of the order: HardwareOrder."] = None
    internal: Annotated[
        Internal | None, "Data for Verifone's internal use. Null if Verifone does not show it to the account."
    ] = None
    merchant_company_entity_uid: Annotated[str | None, "Verifone's ID of the merchant's company."] = None


ANSWER_FIELDS = frozenset(Order.__struct_encode_fields__) - frozenset(HardwareOrder.__struct_encode_fields__)
"""The fields that only a response has."""


class PagingMetadata(Wire, frozen=True):
    """The metadata of a page. Page numbers start at 1. A page has at most 100 rows."""

    total_pages: int | None = None
    page_number: int | None = None
    page_size: int | None = None
    total_items: int | None = None


class Page(Wire, frozen=True):
    """The response to a search.

    Its schema is unpublished. It is read like the published list of batches of the same API (schema
    ``BatchSearchResponse``), with orders instead of batches.
    """

    orders: list[msgspec.Raw]
    metadata: PagingMetadata | None = None


class Cancellation(Wire, frozen=True):
    """The body of a cancellation."""

    cancel_reason_enum: Annotated[str, Input(values.VerifoneCancelReason), Needed()]
    cancel_additional_reason: str | None = None
