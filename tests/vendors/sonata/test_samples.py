"""Every field of the documented samples can be read through the graph, and every field of the request can be sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ordergraph import sandbox
from ordergraph.domain import Ref
from ordergraph.vendors.sonata.sandbox.life import BASE
from ordergraph.vendors.sonata.vendor import vendor
from tests.gateway import Gateway, Json, gateway
from tests.vendors.sonata.laws import OFFERING

SAMPLES = Path(__file__).parents[2] / "samples" / "sonata"
START = datetime.fromisoformat("2019-08-24T14:15:22Z")
Table = Mapping[str, str]
"""The path of a value in a sample (`*` is any index of a list), and its path in the graph."""


def sample(name: str) -> Json:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def told_apart(value: Any, path: str = "") -> Any:
    """Return a sample in which every string is different and times increase, so that no two values can be confused."""
    if isinstance(value, dict):
        return {name: told_apart(one, f"{path}/{name}") for name, one in cast("Json", value).items()}
    if isinstance(value, list):
        return [told_apart(one, f"{path}/{index}") for index, one in enumerate(cast("list[Any]", value))]
    if value == "string":
        return f"<{path}>"
    if isinstance(value, str) and value.startswith("2019-"):
        return (START + timedelta(minutes=sum(path.encode()))).isoformat().replace("+00:00", "Z")
    return value


def under(json_prefix: str, graph_prefix: str, names: Mapping[str, str]) -> dict[str, str]:
    """Return a table one level down."""
    return {f"{json_prefix}.{name}": f"{graph_prefix}.{path}" for name, path in names.items()}


def same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


NOTE: Table = {**same("author", "id", "source", "text"), "date": "writtenAt"}
SUB_ADDRESS: Table = {
    **same("buildingName", "levelType", "levelNumber", "privateStreetNumber", "privateStreetName"),
    "subUnit.*.subUnitNumber": "subUnits.*.number",
    "subUnit.*.subUnitType": "subUnits.*.type",
}
STREET = (
    "streetName",
    "streetNr",
    "streetNrLast",
    "streetNrLastSuffix",
    "streetNrSuffix",
    "streetSuffix",
    "streetType",
)
ADDRESS: Table = {
    **same("hasPublicSite", "id", "href", "associatedGeographicAddress", "country", "city"),
    **same(*STREET, "locality", "postcode", "postcodeExtension", "stateOrProvince"),
    "@type": "type",
    "allowsNewSite": "isNewSiteAllowed",
    **under("geographicSubAddress", "subAddress", SUB_ADDRESS),
}
CONTACT: Table = {
    **same("name", "organization", "role"),
    "emailAddress": "email",
    "number": "phone",
    "numberExtension": "phoneExtension",
    **under("postalAddress", "address", ADDRESS),
}
CHANGE: Table = {"changeDate": "changedAt", "changeReason": "reason", "state": "vendorStatus"}
TERM: Table = {
    **same("description", "name", "endOfTermAction"),
    **{f"{one}.{name}": f"{one}.{name}" for one in ("duration", "rollInterval") for name in ("amount", "units")},
}
PRODUCT: Table = {
    "href": "productHref",
    "id": "productId",
    "productOffering.href": "offeringHref",
    "productRelationship.*.href": "productRelationships.*.href",
    "productRelationship.*.id": "productRelationships.*.productId",
    "productRelationship.*.relationshipType": "productRelationships.*.relationshipType",
}
OWN: Table = {
    **same("action", "agreementName", "endCustomerName", "state", "tspRestorationPriority"),
    "billingAccount.id": "billingAccountId",
    "completionDate": "completedAt",
    "expectedCompletionDate": "expectedAt",
    "expediteAcceptedIndicator": "isExpediteAccepted",
    "expediteIndicator": "isExpedited",
    "id": "itemId",
    "relatedBuyerPON": "purchaseOrderNumber",
    "requestedCompletionDate": "requestedAt",
    "coordinatedAction.*.coordinatedActionDelay.amount": "coordinatedActions.*.delay.amount",
    "coordinatedAction.*.coordinatedActionDelay.units": "coordinatedActions.*.delay.units",
    "coordinatedAction.*.coordinationDependency": "coordinatedActions.*.dependency",
    "coordinatedAction.*.itemId": "coordinatedActions.*.itemId",
    "charge.*.id": "chargeIds.*",
    **under("itemTerm.0", "term", TERM),
    **under("requestedItemTerm", "requestedTerm", TERM),
    **under("milestone.*", "milestones.*", {"date": "reachedAt", **same("name", "note")}),
    **under("note.*", "notes.*", NOTE),
    **{f"product.{name}": path for name, path in PRODUCT.items()},
    "productOfferingQualificationItem.alternateProductOfferingProposalId": "qualificationItem.alternateProposalId",
    "productOfferingQualificationItem.id": "qualificationItem.itemId",
    "productOfferingQualificationItem.productOfferingQualificationHref": "qualificationItem.qualificationHref",
    "productOfferingQualificationItem.productOfferingQualificationId": "qualificationItem.qualificationId",
    "productOrderItemRelationship.*.id": "relationships.*.itemId",
    "productOrderItemRelationship.*.relationshipType": "relationships.*.relationshipType",
    "quoteItem.id": "quoteItem.itemId",
    "quoteItem.quoteHref": "quoteItem.quoteHref",
    "quoteItem.quoteId": "quoteItem.quoteId",
    **under("relatedContactInformation.*", "contacts.*", CONTACT),
    **under("stateChange.*", "statusChanges.*", CHANGE),
    **under("terminationError.*", "terminationErrors.*", same("code", "propertyPath", "value")),
}
ORDER: Table = {
    "externalId": "clientReference",
    "projectId": "details.projectId",
    "cancellationCharge.*.id": "details.cancellationChargeIds.*",
    "cancellationDate": "cancelledAt",
    "cancellationReason": "details.cancellationReason",
    "completionDate": "completedAt",
    "href": "details.href",
    "id": "vendorOrderId",
    "orderDate": "placedAt",
    "state": "vendorStatus",
    **under("note.*", "details.notes.*", NOTE),
    **under("relatedContactInformation.*", "details.contacts.*", CONTACT),
    **under("stateChange.*", "statusChanges.*", CHANGE),
    **under("productOrderItem.*", "lineItems.*.details", OWN),
    "productOrderItem.*.product.productConfiguration.@type": "lineItems.*.name",
    "productOrderItem.*.product.productOffering.id": "lineItems.*.product.vendorProductId",
}
# The URL of a charge is not shown, because every charge can be read through the graph.
KNOWN = {"cancellationCharge.*.href", "productOrderItem.*.charge.*.href"}


def seller(shown: Json, heard: list[Json]) -> Starlette:
    """Return a Seller that responds with a sample and records what it receives."""

    async def create(request: Request) -> JSONResponse:
        heard.append(await request.json())
        return JSONResponse(shown, 201)

    def token(_request: Request) -> JSONResponse:
        return JSONResponse({"access_token": "t"})

    def one(_request: Request) -> JSONResponse:
        return JSONResponse(shown)

    app = Starlette(
        routes=[
            Route("/oauth/token", token, methods=["POST"]),
            Route(f"{BASE}/productOrder", create, methods=["POST"]),
            Route(f"{BASE}/productOrder/{{id:path}}", one),
        ]
    )
    app.state.vendor_apps = {}
    return app


SHOWN = told_apart(sample("order_response"))
HEARD: list[Json] = []


@pytest.fixture(scope="module")
def asked() -> Iterator[Gateway]:
    with sandbox.running(seller(SHOWN, HEARD)) as url:
        account: Json = {**vendor.sandbox_account, "base_url": url}
        with gateway({"mef": account}) as made:
            yield made


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for name, item in cast("Json", value).items():
            yield from leaves(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from leaves(item, (*path, str(index)))
    else:
        yield path, value


def starred(path: tuple[str, ...]) -> str:
    return ".".join("*" if part.isdigit() else part for part in path)


def selection(paths: list[str]) -> str:
    """Return the GraphQL selection of all these paths."""
    tree: Json = {}
    for path in paths:
        at = tree
        for part in path.split("."):
            if part != "*":
                at = at.setdefault(part, {})
    return written(tree, "SonataOrderDetails")


def written(tree: Json, details: str) -> str:
    parts: list[str] = []
    for name, below in tree.items():
        inner = written(below, "SonataLineItemDetails" if name == "lineItems" else details) if below else ""
        parts.append(f"{name} {{ ... on {details} {inner} }}" if name == "details" else f"{name} {inner}")
    return "{ " + " ".join(parts) + " }"


def read(shown: Any, target: str, places: list[str]) -> Any:
    for part in target.split("."):
        shown = shown[int(places.pop(0))] if part == "*" else shown[part]
    return shown


def test_every_field_of_the_sample_of_an_order(asked: Gateway) -> None:
    query = "query($id: ID!) { order(id: $id) %s }" % selection([*ORDER.values()])  # noqa: UP031
    shown = asked.get(query, id=str(Ref("Order", "mef", (SHOWN["id"],))))["order"]
    seen: set[str] = set()
    for path, value in leaves(SHOWN):
        name = starred(path)
        if name in KNOWN or path[-2:] == ("subUnit", "0"):  # a unit that is null counts as absent
            continue
        table_name = name.replace("itemTerm.*", "itemTerm.0")
        places = [part for part in path if part.isdigit()]
        if "itemTerm.0" in table_name:
            places.pop()
        found = read(shown, ORDER[table_name], places)
        assert found == value, path
        seen.add(table_name)
    in_items = {one for one in ORDER if "productOrderItem.*" in one and "subUnit" in one}
    assert set(ORDER) - seen == in_items


def test_the_bodies_as_they_are(asked: Gateway) -> None:
    query = """query($id: ID!) { order(id: $id) { details { raw }
        lineItems { details { raw ... on SonataLineItemDetails { configuration contacts { address { subAddress {
            subUnits { number } } } } } } } } }"""
    shown = asked.get(query, id=str(Ref("Order", "mef", (SHOWN["id"],))))["order"]
    (line,) = shown["lineItems"]
    assert shown["details"]["raw"] == SHOWN
    assert line["details"]["raw"] == SHOWN["productOrderItem"][0]
    assert line["details"]["configuration"] == SHOWN["productOrderItem"][0]["product"]["productConfiguration"]
    assert line["details"]["contacts"][0]["address"]["subAddress"]["subUnits"] == []


DURATION = {"amount": 0, "units": "CALENDAR_MONTHS"}


def person(body: Json, *, units: bool) -> Json:
    """Return the input of the sample's contact."""
    address = body["postalAddress"]
    sub = address["geographicSubAddress"]
    plain = {name: value for name, value in sub.items() if name != "subUnit"}
    own = [{"type": one["subUnitType"], "number": one["subUnitNumber"]} for one in sub["subUnit"] if one]
    kept = {name: value for name, value in address.items() if name not in ("@type", "geographicSubAddress")}
    return {
        "role": body["role"],
        "name": body["name"],
        "email": body["emailAddress"],
        "phone": body["number"],
        "phoneExtension": body["numberExtension"],
        "organization": body["organization"],
        "address": {**kept, "subAddress": {**plain, **({"subUnits": own} if units else {})}},
    }


def test_every_field_of_the_sample_of_a_request_can_be_sent(asked: Gateway) -> None:
    wanted = told_apart(sample("create_request"))
    # The role and addresses that a Buyer may send, and no links.
    wanted["relatedContactInformation"][0]["role"] = "productOrderContact"
    (item,) = wanted["productOrderItem"]
    for one in (*wanted["relatedContactInformation"], *item["relatedContactInformation"]):
        one["postalAddress"]["@type"] = "FieldedAddress"
    for holder in (item["product"], item["product"]["productOffering"], item["product"]["productRelationship"][0]):
        holder.pop("href")
    for name, href in (
        ("quoteItem", "quoteHref"),
        ("productOfferingQualificationItem", "productOfferingQualificationHref"),
    ):
        item[name].pop(href)
    item["product"].pop("id")
    item["product"]["productOffering"]["id"] = OFFERING
    other = deepcopy(item)
    item["coordinatedAction"][0]["itemId"] = item["productOrderItemRelationship"][0]["id"] = "2"
    own = item["productOfferingQualificationItem"]
    contacts = [person(one, units=False) for one in item["relatedContactInformation"]]
    details = {
        "itemId": item["id"],
        "action": "ADD",
        "agreementName": item["agreementName"],
        "billingAccountId": item["billingAccount"]["id"],
        "coordinatedActions": [{"itemId": "2", "dependency": "START_TO_START", "delay": DURATION}],
        "endCustomerName": item["endCustomerName"],
        "isExpedited": False,
        "notes": [{"text": item["note"][0]["text"], "author": item["note"][0]["author"]}],
        "configuration": item["product"]["productConfiguration"],
        "productRelationships": [
            {
                "productId": item["product"]["productRelationship"][0]["id"],
                "relationshipType": item["product"]["productRelationship"][0]["relationshipType"],
            }
        ],
        "qualificationItem": {
            "alternateProposalId": own["alternateProductOfferingProposalId"],
            "itemId": own["id"],
            "qualificationId": own["productOfferingQualificationId"],
        },
        "relationships": [
            {"itemId": "2", "relationshipType": item["productOrderItemRelationship"][0]["relationshipType"]}
        ],
        "quoteItem": {"itemId": item["quoteItem"]["id"], "quoteId": item["quoteItem"]["quoteId"]},
        "purchaseOrderNumber": item["relatedBuyerPON"],
        "contacts": contacts,
        "requestedAt": item["requestedCompletionDate"],
        "requestedTerm": {
            "name": item["requestedItemTerm"]["name"],
            "description": item["requestedItemTerm"]["description"],
            "duration": DURATION,
            "rollInterval": DURATION,
            "endOfTermAction": "ROLL",
        },
        "tspRestorationPriority": item["tspRestorationPriority"],
    }
    second = {
        "configuration": {"@type": "x"},
        "requestedTerm": details["requestedTerm"],
        "requestedAt": "2027-01-01T00:00:00Z",
    }
    product = {"product": {"id": f"Product:mef:{OFFERING}"}}
    answer = asked.do(
        "placeOrder",
        accountId="Account:mef",
        idempotencyKey="sample",
        clientReference=wanted["externalId"],
        lineItems=[{**product, "details": {"sonata": details}}, {**product, "details": {"sonata": second}}],
        details={
            "sonata": {
                "projectId": wanted["projectId"],
                "contacts": [person(one, units=True) for one in wanted["relatedContactInformation"]],
                "notes": [{"text": wanted["note"][0]["text"], "author": wanted["note"][0]["author"]}],
            }
        },
    )
    assert answer["userErrors"] == []
    sent = HEARD[-1]
    check_sent(sent, wanted)
    assert other["id"] == sent["productOrderItem"][0]["id"]


def check_sent(sent: Json, wanted: Json) -> None:
    """Assert that the sample was sent, apart from generated IDs, times of notes, and required roles."""
    for holder, sample_holder in ((sent, wanted), (sent["productOrderItem"][0], wanted["productOrderItem"][0])):
        (note,), (model,) = holder["note"], sample_holder["note"]
        assert set(note) == set(model)
        assert (note["author"], note["text"], note["source"]) == (model["author"], model["text"], model["source"])
        holder["note"] = sample_holder["note"]
    item, model = sent["productOrderItem"][0], wanted["productOrderItem"][0]
    roles = [one["role"] for one in item["relatedContactInformation"]]
    assert roles[1:] == ["buyerProductOrderItemContact", "buyerImplementationContact", "buyerTechnicalContact"]
    item["relatedContactInformation"] = item["relatedContactInformation"][:1]
    moment = datetime.fromisoformat(item["requestedCompletionDate"])
    assert moment == datetime.fromisoformat(model["requestedCompletionDate"])
    item["requestedCompletionDate"] = model["requestedCompletionDate"]
    del sent["productOrderItem"][1]
    assert without_nothing(sent) == without_nothing(wanted)


def without_nothing(value: Any) -> Any:
    """Return the value without nulls, and without lists and objects that contain only nulls."""
    if isinstance(value, dict):
        found = {name: without_nothing(one) for name, one in cast("Json", value).items()}
        return {name: one for name, one in found.items() if one not in (None, [], {})}
    if isinstance(value, list):
        return [without_nothing(one) for one in cast("list[Any]", value) if one is not None]
    return value
