"""Where Sonata's properties stand in our inputs: of a JSON Pointer, as errors have it, the path of the input.

Source: the schemas of MEF 123 v10, and the inputs in ``graph_details.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

OWN = "details.sonata"
"""What only Sonata takes stands there, of an order and of each line."""
LINE = "lineItems.*"
ITEM = "/productOrderItem/*"
PLACE = f"{ITEM}/product/place/*"
OWN_PLACE = f"{LINE}.{OWN}.places.*"
QUALIFIED = f"{ITEM}/productOfferingQualificationItem"
# By operation: `*` is a place in a list. What stands below a property that is not named here is below its place,
# under the same name.
PLACES: Mapping[str, Mapping[str, str]] = {
    "createProductOrder": {
        "/externalId": "clientReference",
        "/note": "notes",
        "/projectId": f"{OWN}.projectId",
        "/relatedContactInformation": "contact",
        "/relatedContactInformation/*": "contact",
        "/relatedContactInformation/*/emailAddress": "contact.email",
        "/relatedContactInformation/*/name": "contact.name",
        "/relatedContactInformation/*/number": "contact.phone",
        "/productOrderItem": "lineItems",
        ITEM: LINE,
        f"{ITEM}/action": f"{LINE}.{OWN}.action",
        f"{ITEM}/agreementName": f"{LINE}.{OWN}.agreementName",
        f"{ITEM}/billingAccount": f"{LINE}.{OWN}.billingAccountId",
        f"{ITEM}/billingAccount/id": f"{LINE}.{OWN}.billingAccountId",
        f"{ITEM}/coordinatedAction": f"{LINE}.{OWN}.coordinatedActions",
        f"{ITEM}/coordinatedAction/*/coordinatedActionDelay": f"{LINE}.{OWN}.coordinatedActions.*.delay",
        f"{ITEM}/coordinatedAction/*/coordinationDependency": f"{LINE}.{OWN}.coordinatedActions.*.dependency",
        f"{ITEM}/endCustomerName": f"{LINE}.{OWN}.endCustomerName",
        f"{ITEM}/expediteIndicator": f"{LINE}.{OWN}.expedite",
        f"{ITEM}/id": f"{LINE}.{OWN}.itemId",
        f"{ITEM}/note": f"{LINE}.{OWN}.notes",
        f"{ITEM}/product": f"{LINE}.product",
        f"{ITEM}/product/id": f"{LINE}.{OWN}.productId",
        f"{ITEM}/product/place": f"{LINE}.{OWN}.places",
        f"{PLACE}/@schemaLocation": f"{OWN_PLACE}.schemaLocation",
        f"{PLACE}/@type": f"{OWN_PLACE}.type",
        f"{PLACE}/geographicSubAddress": f"{OWN_PLACE}.subAddress",
        f"{PLACE}/geographicSubAddress/subUnit": f"{OWN_PLACE}.subAddress.subUnits",
        f"{PLACE}/geographicSubAddress/subUnit/*/subUnitNumber": f"{OWN_PLACE}.subAddress.subUnits.*.number",
        f"{PLACE}/geographicSubAddress/subUnit/*/subUnitType": f"{OWN_PLACE}.subAddress.subUnits.*.type",
        f"{ITEM}/product/productConfiguration": f"{LINE}.{OWN}.configuration",
        f"{ITEM}/product/productOffering": f"{LINE}.product",
        f"{ITEM}/product/productOffering/id": f"{LINE}.product",
        f"{ITEM}/product/productRelationship": f"{LINE}.{OWN}.productRelationships",
        f"{ITEM}/product/productRelationship/*/id": f"{LINE}.{OWN}.productRelationships.*.productId",
        QUALIFIED: f"{LINE}.{OWN}.qualificationItem",
        f"{QUALIFIED}/alternateProductOfferingProposalId": f"{LINE}.{OWN}.qualificationItem.alternateProposalId",
        f"{QUALIFIED}/id": f"{LINE}.{OWN}.qualificationItem.itemId",
        f"{QUALIFIED}/productOfferingQualificationId": f"{LINE}.{OWN}.qualificationItem.qualificationId",
        f"{ITEM}/productOrderItemRelationship": f"{LINE}.{OWN}.relationships",
        f"{ITEM}/productOrderItemRelationship/*/id": f"{LINE}.{OWN}.relationships.*.itemId",
        f"{ITEM}/quoteItem": f"{LINE}.{OWN}.quoteItem",
        f"{ITEM}/quoteItem/id": f"{LINE}.{OWN}.quoteItem.itemId",
        f"{ITEM}/relatedBuyerPON": f"{LINE}.{OWN}.purchaseOrderNumber",
        f"{ITEM}/relatedContactInformation": f"{LINE}.{OWN}.contacts",
        f"{ITEM}/relatedContactInformation/*/emailAddress": f"{LINE}.{OWN}.contacts.*.email",
        f"{ITEM}/relatedContactInformation/*/number": f"{LINE}.{OWN}.contacts.*.phone",
        f"{ITEM}/relatedContactInformation/*/postalAddress": f"{LINE}.{OWN}.contacts.*.address",
        f"{ITEM}/requestedCompletionDate": f"{LINE}.{OWN}.requestedAt",
        f"{ITEM}/requestedItemTerm": f"{LINE}.{OWN}.requestedTerm",
        f"{ITEM}/tspRestorationPriority": f"{LINE}.{OWN}.tspRestorationPriority",
    },
    "createCancelProductOrder": {
        "/cancellationReason": "reason",
        "/cancellationReasonType": f"{OWN}.reasonType",
        "/productOrder": "orderId",
        "/productOrder/productOrderId": "orderId",
        "/relatedContactInformation": f"{OWN}.contact",
        "/relatedContactInformation/*": f"{OWN}.contact",
        "/relatedContactInformation/*/emailAddress": f"{OWN}.contact.email",
        "/relatedContactInformation/*/number": f"{OWN}.contact.phone",
    },
    "createModifyProductOrderItemRequestedDeliveryDate": {
        "/expediteIndicator": f"{OWN}.expedite",
        "/productOrderItem": "lineItemId",
        "/productOrderItem/productOrderId": "lineItemId",
        "/productOrderItem/productOrderItemId": "lineItemId",
        "/requestedCompletionDate": "requestedAt",
    },
}


def input_path(operation: str, pointer: str) -> Sequence[str] | None:
    """Where the property with that JSON Pointer (RFC 6901) stands in our input; None for no pointer."""
    names = [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]
    places = [name for name in names if name.isdigit()]
    known = PLACES.get(operation, {})
    for length in range(len(names), 0, -1):
        place = known.get("".join(f"/{'*' if name.isdigit() else name}" for name in names[:length]))
        if place is not None:
            indexes = iter(places)
            path = (next(indexes) if name == "*" else name for name in place.split("."))
            return ("input", *path, *names[length:])
    return ("input", *names) if names else None
