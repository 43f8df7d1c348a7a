"""The data of the fake Verifone: the status transitions of orders, the packages, and the content of seeded orders.

The relation between statuses and detailed statuses, and the packages, customers and portfolios are the sandbox's
own. The enum values are those of Verifone Order API 2.62, "Hardware Orders".
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

from ordergraph.vendors.verifone.values import VerifonePaymentMethod, VerifoneWeekday

Record = dict[str, Any]

# ---- Order lifecycle --------------------------------------------------------------------------------

# Each detailed status and the status that it belongs to. The relation is undocumented and inferred.
DETAILED: Mapping[str, str] = {
    detailed: status
    for status, words in {
        "DRAFT": "DRAFT OFFER_SENT OPENED_BY_CUSTOMER INPROGRESS_BY_CUSTOMER",
        "SUBMITTED": "SUBMITTED",
        "INPROGRESS": "INPROGRESS PENDING_THIRD_PARTY PENDING_SIGNATURE UNDER_REVIEW REQUIRES_ATTENTION "
        "INTERNAL_BOARDING FULFILMENT_BOOKED FULFILMENT_PICKED FULFILMENT_SHIPPED "
        "CANCEL_REQUESTED CANCEL_INPROGRESS CANCEL_ERROR",
        "ONHOLD": "DOCS_REQUIRED DOCS_REQUIRES_ATTENTION ONHOLD",
        "CANCELLED": "CANCELED_BYUSER CANCELLED DECLINED",
        "COMPLETED": "COMPLETED",
    }.items()
    for detailed in words.split()
}
# The next statuses for each detailed status. The first is the default.
NEXT: Mapping[str, Sequence[str]] = {
    here: words.split()
    for here, words in {
        "DRAFT": "SUBMITTED OFFER_SENT CANCELED_BYUSER",
        "OFFER_SENT": "OPENED_BY_CUSTOMER",
        "OPENED_BY_CUSTOMER": "INPROGRESS_BY_CUSTOMER",
        "INPROGRESS_BY_CUSTOMER": "SUBMITTED",
        "SUBMITTED": "INPROGRESS UNDER_REVIEW PENDING_SIGNATURE PENDING_THIRD_PARTY DOCS_REQUIRED ONHOLD "
        "CANCELED_BYUSER",
        "UNDER_REVIEW": "INPROGRESS REQUIRES_ATTENTION DECLINED",
        "REQUIRES_ATTENTION": "UNDER_REVIEW ONHOLD",
        "PENDING_SIGNATURE": "INPROGRESS DECLINED ONHOLD",
        "PENDING_THIRD_PARTY": "INPROGRESS ONHOLD",
        "DOCS_REQUIRED": "UNDER_REVIEW DOCS_REQUIRES_ATTENTION CANCELED_BYUSER",
        "DOCS_REQUIRES_ATTENTION": "UNDER_REVIEW CANCELED_BYUSER",
        "ONHOLD": "INPROGRESS CANCELED_BYUSER",
        "INPROGRESS": "FULFILMENT_BOOKED INTERNAL_BOARDING ONHOLD CANCEL_REQUESTED",
        "INTERNAL_BOARDING": "FULFILMENT_BOOKED",
        "FULFILMENT_BOOKED": "FULFILMENT_PICKED CANCEL_REQUESTED",
        "FULFILMENT_PICKED": "FULFILMENT_SHIPPED",
        "FULFILMENT_SHIPPED": "COMPLETED",
        "CANCEL_REQUESTED": "CANCEL_INPROGRESS",
        "CANCEL_INPROGRESS": "CANCELLED CANCEL_ERROR",
        "CANCEL_ERROR": "INPROGRESS",
    }.items()
}
CANCELLABLE = ("DRAFT", "SUBMITTED", "ONHOLD")
INFORMATION: Mapping[str, tuple[str, str]] = {
    "REQUIRES_ATTENTION": ("ATT-17", "The merchant's category code does not fit its name."),
    "DOCS_REQUIRED": ("DOC-01", "A certificate of incorporation is needed."),
    "DOCS_REQUIRES_ATTENTION": ("DOC-02", "The certificate of incorporation cannot be read."),
    "PENDING_SIGNATURE": ("SIG-01", "The contract waits for a signature."),
    "CANCEL_ERROR": ("CAN-09", "The goods have been handed to the carrier already."),
    "DECLINED": ("DEC-03", "The merchant was declined by the acquirer."),
    "ONHOLD": ("HLD-01", "Out of stock until next month."),
}
DRAFTS = ("DRAFT", "OFFER_SENT", "OPENED_BY_CUSTOMER", "INPROGRESS_BY_CUSTOMER", "DRAFT")
"""The seeded drafts. The last is the document's."""
NEWEST_STATUSES = (
    "SUBMITTED",
    "FULFILMENT_SHIPPED",
    "REQUIRES_ATTENTION",
    "INPROGRESS",
    "COMPLETED",
    "ONHOLD",
    "CANCEL_REQUESTED",
    "DOCS_REQUIRED",
    "CANCELED_BYUSER",
    "UNDER_REVIEW",
    "FULFILMENT_BOOKED",
    "DECLINED",
    "PENDING_SIGNATURE",
    "CANCEL_ERROR",
    "FULFILMENT_PICKED",
    "PENDING_THIRD_PARTY",
    "CANCEL_INPROGRESS",
    "DOCS_REQUIRES_ATTENTION",
    "INTERNAL_BOARDING",
    "CANCELLED",
)
OLD_STATUSES = ("COMPLETED",) * 12 + ("FULFILMENT_SHIPPED", "CANCELLED", "CANCELED_BYUSER", "DECLINED")

# ---- Products ---------------------------------------------------------------------------------------

CUSTOMER = "14f5ea24-cc4f-11e8-a8d5-f2801f1b9fd9"
FOREIGN_CUSTOMER = "24f5ea24-cc4f-11e8-a8d5-f2801f1b9fda"  # belongs to another tenant: forbidden
CUSTOMERS: Mapping[str, str] = {CUSTOMER: "McDonalds", "14f5ea24-cc4f-11e8-a8d5-f2801f1b9fe0": "Corner Coffee"}
PORTFOLIO = "5b6a1c1e-0d0e-4a57-9c53-3d2a35d0c001"
DEVICES = ("T650P", "T650C", "P630", "M440", "V400M", "CARBON-8", "E285", "UX301")
ACCESSORIES = ("BASE-CHARGER", "PAPER-ROLLS-50", "CABLE_USB-C", "SLEEVE-T650P")
BASES = ("BASE-1", "BASE-OMNI")
SERVICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "SVC-CONNECT": (("MONTHLY_FEE_PER_DEVICE", "7.50"),),
    "SVC-CARE": (("MONTHLY_FEE", "19.90"), ("ONE_TIME", "25")),
    "SVC-INSIGHT": (("YEARLY_FEE", "120.00"),),
    "SVC-BACKUP": (("QUARTERLY_FEE", "9.990"),),
    "SVC-ACQUIRE": (("AMT_PER_TRX", ".05"), ("PERC_PER_TRX", "0.19"), ("MINIMUM_AMT_PER_TRX", "0.10")),
}
DELIVERIES: Mapping[str, Sequence[tuple[str, str]]] = {
    "DELIVERY-STANDARD": (("ONE_TIME", "0"),),
    "DELIVERY-EXPRESS": (("ONE_TIME", "14.95"),),
}
BUNDLES = frozenset((*DEVICES, *ACCESSORIES, *BASES, *SERVICES, *DELIVERIES))
USERS: Mapping[str, str] = {
    "04f5ea24-cc4f-11e8-a8d5-f2801f1b9fd1": "John/Jane Smith",
    "04f5ea24-cc4f-11e8-a8d5-f2801f1b9fd2": "ola.nordmann",
    "04f5ea24-cc4f-11e8-a8d5-f2801f1b9fd3": "grace.hall",
}
OWN_USER = next(iter(USERS))
WORKDAYS = [one.name for one in VerifoneWeekday][:5]
NOTES = "Current in draft, caller got busy, callback anothertime."  # as in the document

SAMPLE_ID = "32c480b5-4dfb-4c53-959f-49edf45a0931"
SAMPLED_AT = datetime(2020, 1, 6, 18, 16, 14, 243_000, tzinfo=UTC)
SAMPLE: Record = {  # the document's values, without packages and merchant, which it does not show
    "orderReference": "ORD-1234",
    "customerEntityUid": CUSTOMER,
    "requestedDate": "2020-01-06T18:16:14.243Z",
    "poRef": "85219587",
    "notes": NOTES,
    "packageDetails": {"basePackageBundle": {"packageBundleId": "BASE-1"}},
    "merchant": {
        "merchantName": "McDonalds",
        "primaryContact": {"contactType": "BUSINESS", "name": {"firstName": "Jane", "lastName": "Smith"}},
        "pois": [{"devicePackage": {"packageBundleId": "T650P", "quantity": 2}}],
    },
}

PEOPLE: Sequence[Record] = (
    {"contactType": "BUSINESS", "name": {"firstName": "Jane", "lastName": "Smith"}},
    {
        "contactType": "OWNER",
        "name": {
            "firstName": "Ola",
            "lastName": "Nordmann",
            "prefix": "Dr",
            "middleName": "Åse",
            "suffix": "Jr",
            "alternateFullName": "Nordmann Kaffe AS",
        },
        "phoneNumbers": [
            {"value": "91234567", "phoneType": "MOBILE", "callingCode": "47", "isPrimary": True},
            {"value": "22334455", "phoneType": "WORK", "callingCode": "47", "extension": "12", "isPrimary": False},
        ],
        "email": "ola@nordmann.example",
        "businessTitle": "Owner",
    },
    {
        "contactType": "DISPUTE_HANDLING",
        "name": {"firstName": "Grace", "lastName": "Hall"},
        "phoneNumbers": [{"value": "2079460000", "phoneType": "FAX", "isPrimary": False}],
        "email": "disputes@example.com",
    },
)
ADDRESSES: Sequence[Record] = (
    {"addressLine1": "1 High Street", "city": "York", "postCode": "YO1 7HH", "country": "GBR"},
    {
        "receiverName": "Loading bay 3",
        "addressLine1": "Karl Johans gate 22",
        "addressLine2": "Inngang B",
        "addressLine3": "2. etasje",
        "poBox": "Postboks 1700",
        "city": "Oslo",
        "countrySubdivision": "Oslo",
        "postCode": "0026",
        "country": "NOR",
        "timeZone": "Europe/Oslo",
        "contact": PEOPLE[1],
        "vfiSiteId": "SITE-22",
        "storeNumber": "0042",
        "governmentOwned": True,
        "governmentCountry": "USA",
    },
    {"addressLine1": "Camp 4", "city": "Nowhere", "postCode": "0", "country": "ZZZ"},
    {
        "addressLine1": "350 5th Avenue",
        "city": "New York",
        "countrySubdivision": "NY",
        "postCode": "10118",
        "country": "USA",
    },
)


def prices(models: Sequence[tuple[str, str]]) -> list[Record]:
    """Return adjusted prices in Verifone's format."""
    return [{"priceModel": model, "price": price} for model, price in models]


def seeded_device(draw: Random, names: Sequence[str]) -> Record:
    """Return a package of devices, with or without quantity, serial numbers and data."""
    found: Record = {"packageBundleId": draw.choice(names)}
    if draw.random() < 0.8:
        found["quantity"] = draw.choice((1, 1, 2, 3, 10))
    if draw.random() < 0.3:
        count = found.get("quantity", 1)
        found["serialNumbers"] = [f"{draw.randrange(10**3)}-{draw.randrange(10**6):06d}" for _ in range(count)]
    if draw.random() < 0.2:
        found["additionalPackageData"] = [{"variableName": "MERCHANT_ID", "variableValue": "7012345"}]
    return found


def seeded_packages(draw: Random) -> Record:
    """Return the packages of an order: a base, sometimes with services and a delivery."""
    base: Record = {"packageBundleId": draw.choice(BASES)}
    found: Record = {"basePackageBundle": base}
    if draw.random() < 0.6:
        found["portfolioUid"] = PORTFOLIO
    if draw.random() < 0.7:
        base["price"] = draw.choice(("0", "49.00", "199.999", "-5.00", ".50", "1200"))
    services = draw.sample(list(SERVICES), draw.choice((0, 1, 1, 2, 4)))
    if services:
        found["servicePackages"] = [seeded_service(draw, name) for name in services]
    if draw.random() < 0.4:
        name = draw.choice(list(DELIVERIES))
        found["deliveryPackage"] = {"packageBundleId": name, "adjustedPrices": prices(DELIVERIES[name])}
    return found


def seeded_service(draw: Random, name: str) -> Record:
    """Return a service, sometimes with all fields."""
    found: Record = {"packageBundleId": name, "adjustedPrices": prices(SERVICES[name])}
    if name == "SVC-ACQUIRE":
        found["processorParameters"] = {"processor": "NETS", "tidList": ["71234567", "71234568"], "bank": {"no": 7}}
        found["threeDSMerchantIdentifiers"] = {"merchantId": "9812345678", "paymentType": "AMEX"}
    if draw.random() < 0.3:
        found["additionalPackageData"] = [{"variableName": "start_day", "variableValue": "1"}]
    return found


def seeded_merchant(draw: Random, at: str) -> Record:
    """Return a merchant, with fields from only a contact to all of them."""
    found: Record = {"primaryContact": draw.choice(PEOPLE)}
    if draw.random() < 0.85:
        found["merchantName"] = draw.choice(tuple(CUSTOMERS.values()))
        found["shippingAddress"] = draw.choice(ADDRESSES)
    if draw.random() < 0.95:
        found["pois"] = [seeded_poi(draw) for _ in range(draw.choice((1, 1, 1, 2, 3)))]
    if draw.random() < 0.3:
        found.update(
            requestedDateOfShipment=at,
            mcc="5814",
            tradingAddress=ADDRESSES[0],
            billingAddress=ADDRESSES[1],
            companyAddress=ADDRESSES[3],
            siteReferenceId="YRK-7",
            siteName="York, High Street",
            openingHours=[{"day": day, "times": {"start": "08:30", "end": "17:00"}} for day in WORKDAYS],
        )
    return found


def seeded_poi(draw: Random) -> Record:
    """Return a terminal, sometimes with additional devices."""
    found: Record = {"devicePackage": seeded_device(draw, DEVICES)}
    if draw.random() < 0.35:
        found["additionalDevicePackages"] = [seeded_device(draw, ACCESSORIES) for _ in range(draw.choice((1, 2)))]
    return found


def seeded_body(draw: Random, number: int, at: str) -> Record:
    """Return the body that a seeded order was created with."""
    found: Record = {
        "orderReference": f"ORD-{number:05d}",
        "customerEntityUid": draw.choice(list(CUSTOMERS)),
        "packageDetails": seeded_packages(draw),
        "merchant": seeded_merchant(draw, at),
    }
    if draw.random() < 0.6:
        found.update(requestedDate=at, poRef=f"8521{draw.randrange(10**4):04d}")
    if draw.random() < 0.4:
        found["notes"] = NOTES
    if draw.random() < 0.4:
        found["paymentDetails"] = {"paymentType": draw.choice(list(VerifonePaymentMethod)).name}
    if draw.random() < 0.2:
        found["additionalOrderData"] = [{"variableName": "VAT_ID", "variableValue": "NO 987 654 321 MVA"}]
    return found


def seeded_notes_of_verifone(draw: Random, number: int, at: str) -> Record:
    """Return the rare parts of ``internal`` for an order."""
    sent = {"sentDateTime": at, "template": "T650P_WELCOME", "responseReferenceId": f"MSG-{number}"}
    reminder = {
        "lastNotificationSentDateTime": at,
        "notificationCount": -1,
        "templateName": "T650P_WELCOME",
        "notifications": [sent],
    }
    signer = {
        "providerRef": f"S-{number}",
        "contact": PEOPLE[1],
        "signed": True,
        "signedDateTime": at,
        "signingLink": f"https://sign.example.com/{number}",
    }
    return {
        "oracleOrderNumber": draw.randrange(10**6, 10**7),
        "kycReportUid": "7c6a1c1e-0d0e-4a57-9c53-3d2a35d0c002",
        "tokenScopeUid": "7c6a1c1e-0d0e-4a57-9c53-3d2a35d0c003",
        "vmssApplication": {
            "visaStatus": "NA ",
            "visaMatches": 0,
            "mcdStatus": "COMPLETE",
            "mcdMatches": 2,
            "mcdTransactionReference": f"MCD-{number}",
        },
        "salesforceApplicationId": f"SF-{number}",
        "signingInformation": {
            "provider": "SIGNICAT",
            "providerRef": f"SIG-{number}",
            "signedFileUrl": f"https://sign.example.com/{number}.pdf",
            "signingRequests": [signer],
        },
        "econtractNotificationReminder": reminder,
        "draftNotificationReminder": {"notificationCount": 1, "lastNotificationSentDateTime": at},
        "notificationReminders": {"econtract": reminder, "draft": reminder, "docRequired": reminder},
        "customerOrderLink": _customer_order_link(number, at),
        "externalOnboarding": {
            "provider": "BANKAXEPT",
            "agreementId": "7c6a1c1e-0d0e-4a57-9c53-3d2a35d0c004",
            "agreementStatus": "SIGNED",
        },
    }


def _customer_order_link(number: int, at: str) -> Record:
    return {
        "orderLink": f"https://order.example.com/{number}",
        "linkInitiatorUserUid": OWN_USER,
        "linkInitiatorUsername": USERS[OWN_USER],
        "linkReceiverUserUid": "04f5ea24-cc4f-11e8-a8d5-f2801f1b9fd2",
        "linkReceiverUsername": "ola.nordmann",
        "linkSendTime": at,
        "linkOpendByCustomerTime": at,
        "customerUpdateTime": at,
    }
