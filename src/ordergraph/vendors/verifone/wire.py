"""Verifone's JSON with Verifone's spelling. Source: Verifone Order API 2.62, "Hardware Orders", and its schemas.

An answer has the fields of the request and some more, so requests and answers share these types; what is
None is left out when it is sent. Times, amounts and enum words stay text. Fields may be missing, also those
that the schemas call required: a draft's answer in the document has less than an order's.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec


class Wire(msgspec.Struct, frozen=True, omit_defaults=True):
    """What Verifone sends and is sent."""


# People and places


class Name(Wire, frozen=True):
    """Schema ``Name``; first and last name are required of a request."""

    firstName: str | None = None
    lastName: str | None = None
    prefix: str | None = None
    middleName: str | None = None
    suffix: str | None = None
    alternateFullName: str | None = None


class Phone(Wire, frozen=True):
    """Schema ``Phone``: ``phoneType`` is HOME, MOBILE, WORK, FAX or OTHER."""

    value: str | None = None
    phoneType: str | None = None
    callingCode: str | None = None
    extension: str | None = None
    isPrimary: bool | None = None


class Contact(Wire, frozen=True):
    """Schema ``ContactType``: ``contactType`` is BUSINESS, DISPUTE_HANDLING, OWNER or PERSONAL."""

    contactType: str | None = None
    name: Name | None = None
    phoneNumbers: list[Phone] | None = None
    email: str | None = None
    businessTitle: str | None = None


class Address(Wire, frozen=True):
    """Schemas ``BaseAddress`` and ``BaseAddressWithoutType``: countries are ISO 3166-1 alpha-3, or ZZZ."""

    receiverName: str | None = None
    addressLine1: str | None = None
    addressLine2: str | None = None
    addressLine3: str | None = None
    poBox: str | None = None
    city: str | None = None
    countrySubdivision: str | None = None
    postCode: str | None = None
    country: str | None = None
    timeZone: str | None = None
    contact: Contact | None = None
    vfiSiteId: str | None = None
    storeNumber: str | None = None
    governmentOwned: bool | None = None
    governmentCountry: str | None = None


class OpeningPeriod(Wire, frozen=True):
    """Schema ``EntityOpeningPeriod``: HH:MM."""

    start: str | None = None
    end: str | None = None


class OpeningHours(Wire, frozen=True):
    """Schema ``EntityOpeningHours``."""

    day: str | None = None
    times: OpeningPeriod | None = None


# What is ordered


class Variable(Wire, frozen=True):
    """Schema ``VariableResponseType``: a value that Verifone has defined for an integration."""

    variableName: str | None = None
    variableValue: str | None = None


class DevicePackage(Wire, frozen=True):
    """Schema ``BundleAndSerialNumberAndQuantity``: one when ``quantity`` is left out."""

    packageBundleId: str | None = None
    quantity: int | None = None
    serialNumbers: list[str] | None = None
    additionalPackageData: list[Variable] | None = None


class Poi(Wire, frozen=True):
    """Schema ``HardwarePoiType``: a point of interaction, that is, a terminal and what comes with it."""

    devicePackage: DevicePackage | None = None
    additionalDevicePackages: list[DevicePackage] | None = None


class Bundle(Wire, frozen=True):
    """Schema ``BundleAndPrice``: the price is decimal text."""

    packageBundleId: str | None = None
    price: str | None = None


class AdjustedPrice(Wire, frozen=True):
    """Schema ``AdjustedPriceType``: a fee for each period, device or transaction, or once."""

    priceModel: str | None = None
    price: str | None = None


class DeliveryPackage(Wire, frozen=True):
    """Schema ``BundleAndPriceAndData``."""

    packageBundleId: str | None = None
    adjustedPrices: list[AdjustedPrice] | None = None
    additionalPackageData: list[Variable] | None = None


class MerchantIdentifiers(Wire, frozen=True):
    """Schema ``ThreeDSecureMerchantIdentifiers``."""

    merchantId: str | None = None
    paymentType: str | None = None


class ServicePackage(Wire, frozen=True):
    """Schema ``ServicePackages``. ``processorParameters`` has other fields for each ``processor``."""

    packageBundleId: str | None = None
    adjustedPrices: list[AdjustedPrice] | None = None
    processorParameters: dict[str, Any] | None = None
    additionalPackageData: list[Variable] | None = None
    threeDSMerchantIdentifiers: MerchantIdentifiers | None = None


class PackageDetails(Wire, frozen=True):
    """Schema ``PackageDetails``."""

    portfolioUid: str | None = None
    basePackageBundle: Bundle | None = None
    servicePackages: list[ServicePackage] | None = None
    deliveryPackage: DeliveryPackage | None = None


class Merchant(Wire, frozen=True):
    """Schema ``HardwareMerchant``."""

    merchantName: str | None = None
    primaryContact: Contact | None = None
    requestedDateOfShipment: str | None = None
    mcc: str | None = None
    tradingAddress: Address | None = None
    shippingAddress: Address | None = None
    billingAddress: Address | None = None
    companyAddress: Address | None = None
    siteReferenceId: str | None = None
    siteName: str | None = None
    openingHours: list[OpeningHours] | None = None
    pois: list[Poi] | None = None


# What Verifone notes for itself


class ExtendedDetails(Wire, frozen=True):
    """Schema ``ExtendedDetails``: the finer status."""

    status: str | None = None
    code: str | None = None
    information: str | None = None
    lastChangeTime: str | None = None
    canCancel: bool | None = None


class OrderStats(Wire, frozen=True):
    """Schema ``OrderStats``."""

    minsSinceCreatedToLastUpdate: int | None = None
    minsSinceLastStatusUpdate: int | None = None


class OrderCancellation(Wire, frozen=True):
    """Schema ``OrderCancellation``."""

    cancelReasonEnum: str | None = None
    cancelAdditionalReason: str | None = None
    cancelledUserUid: str | None = None
    cancelledBy: str | None = None
    cancelledDate: str | None = None


class VmssApplication(Wire, frozen=True):
    """Schema ``VmssApplication``: one of its status words is ``NA `` with a blank behind it."""

    visaStatus: str | None = None
    visaMatches: Decimal | None = None
    mcdStatus: str | None = None
    mcdMatches: Decimal | None = None
    mcdTransactionReference: str | None = None


class Signer(Wire, frozen=True):
    """Schema ``SignersInformation``."""

    providerRef: str | None = None
    contact: Contact | None = None
    signed: bool | None = None
    signedDateTime: str | None = None
    signingLink: str | None = None


class SigningInformation(Wire, frozen=True):
    """Schema ``SigningInformation``."""

    provider: str | None = None
    providerRef: str | None = None
    signedFileUrl: str | None = None
    signingRequests: list[Signer] | None = None


class Notification(Wire, frozen=True):
    """Schema ``Notification``."""

    sentDateTime: str | None = None
    template: str | None = None
    responseReferenceId: str | None = None


class NotificationReminder(Wire, frozen=True):
    """Schema ``NotificationReminder``."""

    lastNotificationSentDateTime: str | None = None
    notificationCount: int | None = None
    templateName: str | None = None
    notifications: list[Notification] | None = None


class NotificationReminders(Wire, frozen=True):
    """Schema ``NotificationReminders``."""

    econtract: NotificationReminder | None = None
    draft: NotificationReminder | None = None
    docRequired: NotificationReminder | None = None


class CustomerOrderLink(Wire, frozen=True):
    """Schema ``CustomerOrderLink``; the missing e of ``linkOpendByCustomerTime`` is Verifone's."""

    orderLink: str | None = None
    linkInitiatorUserUid: str | None = None
    linkInitiatorUsername: str | None = None
    linkReceiverUserUid: str | None = None
    linkReceiverUsername: str | None = None
    linkSendTime: str | None = None
    linkOpendByCustomerTime: str | None = None
    customerUpdateTime: str | None = None


class ExternalOnboarding(Wire, frozen=True):
    """Schema ``ExternalOnboarding``."""

    provider: str | None = None
    agreementId: str | None = None
    agreementStatus: str | None = None


class Internal(Wire, frozen=True):
    """Schema ``InternalAllocatedInformation``: "for verifone use only and is subject to change"."""

    oracleOrderNumber: Decimal | None = None
    oracleShippingTrackingReference: str | None = None
    kycReportUid: str | None = None
    tokenScopeUid: str | None = None
    extendedDetails: ExtendedDetails | None = None
    orderStats: OrderStats | None = None
    vmssApplication: VmssApplication | None = None
    salesforceApplicationId: str | None = None
    signingInformation: SigningInformation | None = None
    econtractNotificationReminder: NotificationReminder | None = None
    draftNotificationReminder: NotificationReminder | None = None
    notificationReminders: NotificationReminders | None = None
    customerOrderLink: CustomerOrderLink | None = None
    cancellationHistory: list[OrderCancellation] | None = None
    externalOnboarding: ExternalOnboarding | None = None


# Orders


class HardwareOrder(Wire, frozen=True):
    """Schema ``HardwareOrder``: the body that makes an order, or replaces a draft.

    ``paymentDetails`` has a ``paymentType``, and other fields for each, which nobody has published.
    """

    orderReference: str | None = None
    customerEntityUid: str | None = None
    requestedDate: str | None = None
    poRef: str | None = None
    paymentDetails: dict[str, Any] | None = None
    notes: str | None = None
    additionalOrderData: list[Variable] | None = None
    packageDetails: PackageDetails | None = None
    merchant: Merchant | None = None


class Order(HardwareOrder, frozen=True, kw_only=True):
    """Schema ``HardwareOrderResponse``."""

    orderId: str
    status: str | None = None
    createdUserUid: str | None = None
    createdBy: str | None = None
    createdDate: str | None = None
    modifiedUserUid: str | None = None
    modifiedBy: str | None = None
    modifiedDate: str | None = None
    orderType: str | None = None
    internal: Internal | None = None
    merchantCompanyEntityUid: str | None = None


ANSWER_FIELDS = frozenset(Order.__struct_fields__) - frozenset(HardwareOrder.__struct_fields__)
"""What an answer has and a request has not."""


class PagingMetadata(Wire, frozen=True):
    """Schema ``PagingMetadata``: pages count from 1 and have at most 100 rows."""

    totalPages: int | None = None
    pageNumber: int | None = None
    pageSize: int | None = None
    totalItems: int | None = None


class Page(Wire, frozen=True):
    """The answer to a search.

    Nobody has published it: it is read as the same API's list of batches is published (schema
    ``BatchSearchResponse``), with orders in the place of batches.
    """

    orders: list[msgspec.Raw]
    metadata: PagingMetadata | None = None


class Cancellation(Wire, frozen=True):
    """The body of a cancellation."""

    cancelReasonEnum: str
    cancelAdditionalReason: str | None = None
