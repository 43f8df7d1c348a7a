"""The seeded data of the fake Sonata: the offerings of the Seller, the products in service, and the Buyers' orders."""

import random
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ordergraph.vendors.sonata.sandbox.rules import ITEM_ROLES, ORDER_ROLE

Record = dict[str, Any]

BUYER = "acme-access"
SELLER = "kumquat-networks"
CALLBACK_SECONDS = 5

SPEC = "urn:mef:lso:spec:sonata:{}:order"
ELINE, UNI, INTERNET = SPEC.format("AccessElineOvc:1.0.0"), SPEC.format("OperatorUNI:1.0.0"), SPEC.format("IpUni:2.0.0")
# id: name, type of its configuration
OFFERINGS: Mapping[str, tuple[str, str]] = {
    "00000000-5555-0000-0000-000000000001": ("Access E-Line", ELINE),
    "00000000-5555-0000-0000-000000000002": ("Operator UNI", UNI),
    "00000000-5555-0000-0000-000000000003": ("Internet Access", INTERNET),
}
BILLING_ACCOUNTS = ("00000000-1111-0000-0000-000000000001", "00000000-1111-0000-0000-000000000002")
# what is in service at the beginning: product, offering
IN_SERVICE: Mapping[str, str] = {
    "01494079-6c79-4a25-83f7-48284196d44d": "00000000-5555-0000-0000-000000000001",
    "00000000-0000-000a-0000-000000000098": "00000000-5555-0000-0000-000000000002",
    "00000000-6666-0000-0000-000000000001": "00000000-5555-0000-0000-000000000002",
    "00000000-6666-0000-0000-000000000002": "00000000-5555-0000-0000-000000000003",
}
# Referenced by the sample orders that MEF publishes with its product specifications: MEF-LSO-Sonata-SDK,
# documentation/productSchema, the use cases of MEF 106, MEF 125.0.1 and MEF 139.
PUBLISHED_OFFERINGS = (
    "000073",  # Access E-Line OVC, and EPL EVC
    "000074",  # Subscriber UNI
    "000075",  # Operator UNI
    "000173",  # EVPL EVC
    "AdvancedInternetAccessIpUniOffering-0001",
    "BasicInternetAccessOffering-0001",
)
PUBLISHED_PRODUCTS: Mapping[str, str] = {
    "AccessEline-0001": "000073",
    "EPL": "000073",
    "EVPL": "000173",
    "NewYork_UNI": "000075",
    "Washington_UNI": "000074",
    "SellerAdvancedInternetAccessIpUniAccessLinkTrunkId-0001": "",
    "SellerAdvancedInternetAccessIpvcId-0001": "",
    "SellerExclusiveAdvancedInternetAccessId-0001": "",
    "SellerIpUniId-0001": "AdvancedInternetAccessIpUniOffering-0001",
}
ENNI = "00000000-6666-0000-0000-000000000001"
"""The product in service that new products are related to."""
QUALIFIED = {
    "id": "poqItem-001",
    "productOfferingQualificationId": "00000000-2222-0000-0000-000000000001",
    "alternateProductOfferingProposalId": "alt-1",
}
SELLER_CONTACT: Record = {
    "emailAddress": "orders@kumquat.example",
    "name": "Order desk",
    "number": "+44 20 7946 0011",
    "organization": "Kumquat Networks",
    "role": "sellerContact",
}
MILESTONES: Mapping[str, Sequence[tuple[str, str | None]]] = {
    ELINE: (("DESIGN_COMPLETE", None), ("OVC_CONFIGURED", "Turned up, not handed over yet.")),
    UNI: (("SITE_SURVEY", "Access by the yard."), ("FIBRE_LIT", None)),
    INTERNET: (("ADDRESSES_ASSIGNED", None),),
}
FAILURES = (
    ("otherIssue", "/product/productConfiguration", "The building owner denied access."),
    ("invalidValue", "/requestedItemTerm/duration", "The term does not match that of the quote."),
    ("referenceNotFound", "/quoteItem/quoteId", "The quote has expired."),
    ("missingProperty", "/product/productConfiguration/uniEp", "An end point is needed."),
    ("invalidFormat", "/tspRestorationPriority", "Not a TSP code of ATIS-0404001."),
    ("unexpectedProperty", "/product/productConfiguration/maximumFrameSize", "Cannot be chosen here."),
    ("tooManyRecords", "", "Too many orders at this site."),
)
PEOPLE = (
    ("Ann Lee", "ann.lee@acme.example", "+44 20 7946 0101"),
    ("José Núñez", "jose.nunez@acme.example", "+34 91 123 4567"),
    ("Zoë Ångström", "zoe@acme.example", "+46 8 123 456"),
    ("Kenji Sato", "sato@acme.example", "+81 3 1234 5678"),
)
CUSTOMERS = ("Blue Bottle Bakery", "Krakowskie Młyny", "Old Mill Dental", "Harbour School")
ADDRESSES: Sequence[Record] = msgspec.json.decode(
    """[
    {"@type": "FieldedAddress", "streetType": "ul.", "streetName": "Edmunda Wasilewskiego",
     "streetNr": "20", "streetNrSuffix": "14", "city": "Kraków", "stateOrProvince": "Lesser Poland",
     "postcode": "30-305", "country": "Poland",
     "geographicSubAddress": {"levelType": "floor", "levelNumber": "4",
                              "subUnit": [{"subUnitType": "FLAT", "subUnitNumber": "3"}]}},
    {"@type": "FieldedAddress", "associatedGeographicAddress": null,
     "streetNr": "350", "streetNrLast": "352", "streetNrLastSuffix": "B",
     "streetName": "5th", "streetType": "avenue", "streetSuffix": "N", "locality": "Manhattan", "city": "New York",
     "stateOrProvince": "NY", "postcode": "10118", "postcodeExtension": "0110", "country": "US",
     "geographicSubAddress": {"buildingName": "Empire State",
                              "privateStreetName": "Service Lane", "privateStreetNumber": "2"}},
    {"@type": "FieldedAddress", "streetName": "High Street", "city": "York", "country": "GB"}
    ]"""
)
ADDRESS_ANSWER: Record = {"hasPublicSite": True, "allowsNewSite": False}
TERMS: Sequence[Record] = msgspec.json.decode(
    """[
    {"name": "Yearly", "duration": {"amount": 12, "units": "calendarMonths"}, "endOfTermAction": "autoRenew"},
    {"name": "Three years, then monthly", "description": "Discounted.",
     "duration": {"amount": 36, "units": "calendarMonths"},
     "endOfTermAction": "roll", "rollInterval": {"amount": 1, "units": "calendarMonths"}},
    {"name": "Trade fair", "duration": {"amount": 10, "units": "businessDays"}, "endOfTermAction": "autoDisconnect"}
    ]"""
)
OLD_STATES = ("completed",) * 12 + ("cancelled", "rejected", "failed", "partial")
NEWEST_STATES = (
    *("acknowledged", "inProgress", "held.assessingCharge", "assessingCancellation", "pending.assessingModification"),
    *("acknowledged", "pendingCancellation", "completed", "rejected", "partial", "cancelled", "failed", "inProgress"),
)


def stamp(at: datetime) -> str:
    """Return a time in the format of Sonata's samples, with milliseconds."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def new_id(draw: random.Random) -> str:
    """Return an ID in the Seller's format."""
    return str(uuid.UUID(int=draw.getrandbits(128), version=4))


def configuration(draw: random.Random, type_: str) -> Record:
    """Return a product's configuration. Every type has its own properties. The Seller echoes unknown ones."""
    if type_ == ELINE:
        rate = {"irValue": draw.choice((20, 50.5)), "irUnits": "MBPS"}
        flow = {"envelopeRank": 1, "couplingFlag": False, "cir": rate}
        return {"@type": type_, "maximumFrameSize": 1522, "uniEp": {"bwpFlow": [flow]}, "x-buyer": {"kept": None}}
    if type_ == UNI:
        return {"@type": type_, "physicalLink": [{"connectorType": "LC", "speed": "1G"}], "tokenShare": True}
    return {"@type": type_, "ipv4Prefixes": ["192.0.2.0/29"], "routing": "static"}


def contact(draw: random.Random, role: str, *, address: bool = False) -> Record:
    """Return a contact of the Buyer."""
    name, email, number = draw.choice(PEOPLE)
    found: Record = {"emailAddress": email, "name": name, "number": number, "role": role}
    if address:
        found |= {"postalAddress": draw.choice(ADDRESSES), "organization": "Acme Access", "numberExtension": "12"}
    return found


def note(id_: str, author: str, at: datetime, text: str, source: str = "buyer") -> Record:
    """Return a note."""
    return {"id": id_, "author": author, "date": stamp(at), "source": source, "text": text}


def order_body(draw: random.Random, number: int, at: datetime, items: int) -> Record:
    """Return a Buyer's order, with a random selection of the optional properties."""
    body: Record = {
        "relatedContactInformation": [contact(draw, ORDER_ROLE, address=draw.random() < 0.6)],
        "productOrderItem": [item_body(draw, f"item-{index + 1:03}", number, at, index) for index in range(items)],
    }
    if items > 1:
        first, second = body["productOrderItem"][:2]
        delay = {"amount": draw.choice((0, 1, 7)), "units": draw.choice(("businessDays", "calendarHours"))}
        how = draw.choice(("startToStart", "startToFinish", "finishToStart", "finishToFinish"))
        first["coordinatedAction"] = [
            {"itemId": second["id"], "coordinatedActionDelay": delay, "coordinationDependency": how}
        ]
        first["productOrderItemRelationship"] = [{"id": second["id"], "relationshipType": "UNI_REFERENCE"}]
    if draw.random() < 0.9:
        body["externalId"] = f"ACME-{number:05}"
    if draw.random() < 0.5:
        body["projectId"] = draw.choice(("rollout-north", "rollout-süd"))
    if draw.random() < 0.4:
        body["note"] = [note("1", "Ann Lee", at, "Ring before you come.\nTwice.")]
    return body


def item_body(draw: random.Random, id_: str, number: int, at: datetime, index: int) -> Record:
    """Return an item, usually with the action add."""
    action = "add" if index or draw.random() < 0.7 else draw.choice(("modify", "delete"))
    offering = draw.choice(list(OFFERINGS))
    item: Record = {
        "id": id_,
        "action": action,
        "requestedCompletionDate": stamp(at + timedelta(days=draw.randrange(14, 60))),
        "relatedContactInformation": [
            contact(draw, role, address=role == "buyerTechnicalContact") for role in ITEM_ROLES
        ],
        "product": product_body(draw, action, offering),
    }
    if action != "delete":
        item |= {"requestedItemTerm": draw.choice(TERMS), "billingAccount": {"id": draw.choice(BILLING_ACCOUNTS)}}
    if draw.random() < 0.7:
        item["relatedBuyerPON"] = f"PON-{number:05}"
    return item | item_extras(draw, at)


def product_body(draw: random.Random, action: str, offering: str) -> Record:
    """Return the product to add, modify or delete."""
    if action == "add":
        known: Record = {"productRelationship": [{"id": ENNI, "relationshipType": "ENNI_REFERENCE"}]}
    else:
        product = draw.choice(list(IN_SERVICE))
        known, offering = {"id": product}, IN_SERVICE[product]
    if action == "delete":
        return known
    return known | {
        "productConfiguration": configuration(draw, OFFERINGS[offering][1]),
        "productOffering": {"id": offering},
    }


def item_extras(draw: random.Random, at: datetime) -> Record:
    """Return a random selection of an item's optional properties."""
    extras: Sequence[Record] = (
        {"endCustomerName": draw.choice(CUSTOMERS)},
        {"agreementName": "General Agreement 03/2025"},
        {"expediteIndicator": True},
        {"tspRestorationPriority": "TSP0123A5-E1"},
        {"quoteItem": {"id": "quoteItem-001", "quoteId": "00000000-4444-0000-0000-000000000001"}},
        {"productOfferingQualificationItem": QUALIFIED},
        {"note": [note("1", "Kenji Sato", at, "The rack is on the fourth floor.")]},
    )
    found: Record = {}
    for extra in extras:
        if draw.random() < 0.4:
            found |= extra
    return found


def charge_items(draw: random.Random, category: str) -> list[Record]:
    """Return the items of a charge, one for each type of price."""
    once = draw.choice((50, 99.5, 1234.56))
    price = {"dutyFreeAmount": usd(once), "taxIncludedAmount": usd(round(once * 1.08, 2)), "taxRate": 8}
    monthly, by_use = {"dutyFreeAmount": usd(20)}, {"dutyFreeAmount": usd(0.125)}
    first = charge_item(1, "new", category, price, blocking=True, priceType="nonRecurring")
    if category in ("cancellation", "expedite"):
        return [first]
    return [
        first,
        charge_item(2, "change", "connection", monthly, priceType="recurring", recurringChargePeriod="month"),
        charge_item(3, "new", "other", by_use, priceType="usageBased", unitOfMeasure="Gb"),
    ]


def charge_item(number: int, activity: str, category: str, price: Record, **more: Any) -> Record:
    """Return an item of a charge that awaits a response. By default, it is not blocking."""
    return {
        **{"id": f"charge-item-{number:03}", "activityType": activity, "blocking": False},
        **{"priceCategory": category, "price": price, "state": "awaitingResponse", **more},
    }


def usd(value: float) -> Record:
    """Return an amount."""
    return {"unit": "USD", "value": value}
