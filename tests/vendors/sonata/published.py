"""The sample orders that MEF publishes with its product specifications, with a few properties per configuration.

Source: MEF-GIT/MEF-LSO-Sonata-SDK as of 2026-11-28, documentation/productSchema. Each sample names its file. Properties
that `ProductOrder_Create` does not have are kept, because people copy the samples: ``billingContact`` of a billing
account and ``requestedCompletionDate`` of a whole order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

ETHERNET = "carrierEthernet/operatorEthernet/MEF 106 resources"
OLDER = "carrierEthernet/MEF 106 resources"
SUBSCRIBER = "carrierEthernet/subscriberEthernet/MEF 125.0.1 resources/requests"
INTERNET = "ip/internetAccess/MEF 139 resources/requests"

ELINE = "urn:mef:lso:spec:sonata:access-eline-ovc:v5.0.0:all"
OPERATOR_UNI = "urn:mef:lso:spec:sonata:carrier-ethernet-operator-uni:v5.0.0:all"
EPL = "urn:mef:lso:spec:cantata-sonata:epl-evc:v1.0.0:all"
EVPL = "urn:mef:lso:spec:cantata-sonata:evpl-evc:v1.0.0:all"
SUBSCRIBER_UNI = "urn:mef:lso:spec:sonata:carrier-ethernet-subscriber-uni:v1.0.0:all"
BASIC_INTERNET = "urn:mef:lso:spec:cantata-sonata:basic-internet-access:v0.3.0:all"
IP_UNI = "urn:mef:lso:spec:cantata-sonata:ip-uni:v0.3.0:all"


def contact(role: str, name: str, email: str, **more: str) -> Json:
    return {"number": "+12-345-678-90", "emailAddress": email, "role": role, "name": name, **more}


BUYER, OLD_BUYER = "john.example@buyer.example.com", "john.example@example.com"
MAIN: Json = {
    "number": "12-345-6789",
    "role": "productOrderContact",
    "organization": "Buyer Co.",
    "name": "John Example",
    "numberExtension": "1234",
}
PEOPLE = [
    contact(
        "buyerProductOrderItemContact",
        "Buyer Product Order Item Contact",
        "Buyer.ProductOrderItemContact@example.com",
    ),
    contact("buyerImplementationContact", "Buyer Implementation Contact", "Buyer.ImplementationContact@example.com"),
    contact("buyerTechnicalContact", "Buyer Technical Contact ", "Buyer.TechnicalContact@example.com"),
]
SITE = contact("orderItemServiceSiteContact", "Buyer Technical Contact ", "Buyer.ItemServiceSiteContact@example.com")
BILLING = contact("billingContact", "Bill Contact", "bill.contact@example.com", organization="Example Company")
ACCOUNT: Json = {"id": "00000000-1111-0000-0000-000000000001"}
WITH_CONTACT: Json = {
    **ACCOUNT,
    "billingContact": contact(
        "billingContact", "Bill Contact", "bill@mef.com", organization="MEF", numberExtension="string"
    ),
}
TERM: Json = {
    "duration": {"amount": 12, "units": "calendarMonths"},
    "endOfTermAction": "autoRenew",
    "name": "yearly subscription",
}


def order(number: str, project: str, *items: Json, email: str = BUYER, **more: Any) -> Json:
    return {
        "externalId": f"BuyerOrder-{number}",
        "projectId": f"BuyerProject{project}",
        "relatedContactInformation": [{**MAIN, "emailAddress": email}],
        "productOrderItem": list(items),
        **more,
    }


def item(number: str, action: str, product: Json, *, site: bool = False, **more: Any) -> Json:
    return {
        "action": action,
        "expediteIndicator": False,
        "id": number,
        "relatedContactInformation": [*PEOPLE, *([SITE] if site else []), BILLING],
        "billingAccount": ACCOUNT,
        "agreementName": "Buyer-Seller General Agreement 03/2021",
        "requestedCompletionDate": "2021-11-04T23:00:00Z",
        "product": product,
        **more,
    }


def gone(number: str, product: str, **more: Any) -> Json:
    return {"id": number, "action": "delete", "product": {"id": product}, **more}


def eline(eir: int, vlans: list[int]) -> Json:
    flow = {"cir": {"irValue": 0, "irUnits": "MBPS"}, "eir": {"irValue": eir, "irUnits": "MBPS"}, "couplingFlag": True}
    end = {"mapType": "FORM_U", "ovcEndPointMapFormU": vlans}
    per_class = [{"classOfServiceName": "low", "bwpFlow": flow}]
    return {
        "@type": ELINE,
        "maximumFrameSize": 1526,
        "listOfClassOfServiceNames": ["low"],
        "carrierEthernetSls": [{"startTime": "2021-09-01T00:00:00Z", "slsCosNameEntry": [{"thresholdC": 0.5}]}],
        "uniEp": {"ovcEndPointMap": end, "ingressBandwidthProfilePerClassOfServiceName": per_class},
        "enniEp": {"identifier": "SP1_ENNI-EP1", "egressBwpPerEgressEquivalenceClassName": []},
    }


TO_ENNI: Json = {"relationshipType": "CONNECTS_TO_ENNI", "id": "SP1_ENNI"}
TO_UNI: Json = {"relationshipType": "CONNECTS_TO_UNI", "id": "NewYork_UNI"}


def changed_eline(eir: int, vlans: list[int]) -> Json:
    return {
        "id": "AccessEline-0001",
        "productOffering": {"id": "000073"},
        "productConfiguration": eline(eir, vlans),
        "productRelationship": [TO_ENNI, TO_UNI],
    }


def subscriber_uni(town: str, vlans: int) -> Json:
    link = {"id": f"UniPhysicalLink_{town}-1", "physicalLink": "1000BASE_T", "uniConnectorType": "RJ45"}
    return {
        "productOffering": {"id": "000074"},
        "place": [{"@type": "GeographicAddressRef", "id": f"{town}Address-id-1", "role": "INSTALL_LOCATION"}],
        "productConfiguration": {
            "@type": SUBSCRIBER_UNI,
            "listOfPhyLinks": [link],
            "virtualFrameMap": [],
            "l2cpPeering": {},
            "maximumNumberOfCtagVlanIdsPerEndPoint": vlans,
        },
    }


def evc(type_: str) -> Json:
    return {
        "@type": type_,
        "listOfCosNames": ["low"],
        "maximumFrameSize": 1522,
        "evcEndPointA": {"identifier": "NewYork_UNI-EP1", "colorMap": {"mapType": "DEI"}},
        "evcEndPointZ": {"identifier": "Washington_UNI-EP1", "colorMap": {"mapType": "DEI"}},
    }


WASHINGTON_LATER = {"requestedCompletionDate": "2021-11-25T23:00:00Z", "requestedItemTerm": TERM}
ORDERS: Mapping[str, Json] = {
    f"{ETHERNET}/UseCase5Request.json": order(
        "00001",
        "X",
        item(
            "item-001",
            "add",
            {
                "productOffering": {"id": "000073"},
                "productConfiguration": eline(70, [1, 2]),
                "productRelationship": [TO_ENNI],
            },
            productOrderItemRelationship=[{"relationshipType": "CONNECTS_TO_UNI", "id": "item-002"}],
        ),
        item(
            "item-002",
            "add",
            {
                "productOffering": {"id": "000075"},
                "productConfiguration": {"@type": OPERATOR_UNI, "defaultCeVlanId": 4094, "linkAggregation": "NONE"},
                "place": [
                    {
                        "role": "INSTALL_LOCATION",
                        "country": "United States",
                        "streetType": "st.",
                        "city": "New York",
                        "streetNr": "20",
                        "postcode": "10279",
                        "streetName": "Example",
                        "stateOrProvince": "New York",
                        "@type": "FieldedAddress",
                    }
                ],
            },
            site=True,
            requestedCompletionDate="2021-11-25T23:00:00Z",
        ),
        email=OLD_BUYER,
        requestedCompletionDate="2020-11-04T23:00:00Z",
    ),
    f"{OLDER}/UseCase8Request.json": order(
        "00002",
        "X",
        item("item-001", "modify", changed_eline(100, [1, 2])),
        email=OLD_BUYER,
        requestedCompletionDate="2020-12-04T23:00:00Z",
    ),
    f"{OLDER}/UseCase9Request.json": order(
        "00003",
        "X",
        item("item-001", "modify", changed_eline(100, [1, 2, 3])),
        email=OLD_BUYER,
        requestedCompletionDate="2020-12-14T23:00:00Z",
    ),
    f"{OLDER}/UseCase10Request.json": order(
        "00004",
        "X",
        gone("item-001", "AccessEline-0001"),
        gone("item-002", "NewYork_UNI"),
        email=OLD_BUYER,
        requestedCompletionDate="2021-10-14T23:00:00Z",
    ),
    f"{SUBSCRIBER}/Use Case 5 Product Order - new EPL.json": order(
        "00005",
        "5",
        item(
            "item-001",
            "add",
            {"productOffering": {"id": "000073"}, "productConfiguration": evc(EPL)},
            productOrderItemRelationship=[
                {"relationshipType": "CONNECTS_TO_UNI_A", "id": "item-002"},
                {"relationshipType": "CONNECTS_TO_UNI_Z", "id": "item-003"},
            ],
            requestedItemTerm=TERM,
            billingAccount=WITH_CONTACT,
        ),
        *(
            item(number, "add", subscriber_uni(town, vlans), site=True, billingAccount=WITH_CONTACT, **WASHINGTON_LATER)
            for number, town, vlans in (("item-002", "NewYork", 10), ("item-003", "Washington", 4094))
        ),
    ),
    f"{SUBSCRIBER}/Use Case 9 Product Order \u2013 EVPL - VLAN change at the UNI.json": order(
        "00009",
        "9",
        item(
            "item-001",
            "modify",
            {
                "id": "EVPL",
                "productRelationship": [{"relationshipType": "CONNECTS_TO_UNI_A", "id": "NewYor_UNI"}],
                "productOffering": {"id": "000173"},
                "productConfiguration": evc(EVPL),
            },
            billingAccount=WITH_CONTACT,
        ),
    ),
    f"{SUBSCRIBER}/Use Case 12 Product Order \u2013 EPL - decommission.json": order(
        "000012",
        "12",
        *(
            gone(number, product, requestedCompletionDate="2023-11-04T23:00:00Z")
            for number, product in (("item-001", "EPL"), ("item-002", "NewYork_UNI"), ("item-003", "Washington_UNI"))
        ),
    ),
    f"{INTERNET}/Use Case 6 Product Order - Basic Internet Access.json": order(
        "00006",
        "6",
        item(
            "item-00001",
            "add",
            {
                "productOffering": {"id": "BasicInternetAccessOffering-0001"},
                "productConfiguration": {
                    "@type": BASIC_INTERNET,
                    "ipvc": {"mtu": 1500, "ipvcEndPoint": {"egressClassOfServiceMap": None}},
                    "ipUniAccessLinkTrunk": {"ethernetLinkAggregation": None, "ethernetLinkOam": "DISABLED"},
                },
            },
            requestedItemTerm={**TERM, "name": "Yearly subscription"},
            billingAccount=WITH_CONTACT,
            requestedCompletionDate="2023-06-28T22:00:00Z",
        ),
    ),
    f"{INTERNET}/Use Case 9  Product Order - Advanced Internet Access - delete.json": order(
        "00009",
        "9",
        gone("item-00001", "SellerAdvancedInternetAccessIpvcId-0001"),
        item(
            "item-00002",
            "modify",
            {
                "id": "SellerIpUniId-0001",
                "productOffering": {"id": "AdvancedInternetAccessIpUniOffering-0001"},
                "productConfiguration": {
                    "@type": IP_UNI,
                    "managementType": "SUBSCRIBER_MANAGED",
                    "egressBandwidthProfileEnvelope": None,
                    "routingProtocols": {"bgp": None, "static": {"staticIpEntry": [{"administrativeDistance": 10}]}},
                },
            },
            requestedItemTerm={**TERM, "name": "Yearly subscription"},
            billingAccount=WITH_CONTACT,
            requestedCompletionDate="2023-06-28T22:00:00Z",
        ),
    ),
    f"{INTERNET}/Use Case 10 Product Order - Exclusive Advanced Internet Access - delete.json": order(
        "00010",
        "10",
        gone("item-00001", "SellerExclusiveAdvancedInternetAccessId-0001"),
        gone("item-00002", "SellerAdvancedInternetAccessIpUniAccessLinkTrunkId-0001"),
    ),
}
