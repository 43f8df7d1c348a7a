"""The values that each input type accepts: as a literal, as a variable, and inside a variable.

They are those of the GraphQL specification (3.5, Scalars): an ID is never a float. In JSON, a number with a zero
fraction counts as an integer, so an Int may be 4.0 as a variable, but not as a literal.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest

from tests.gateway import Gateway

VALUE = object()
"""Marks the place of the value."""
ON_LINE = {"lineItemId": "LineItem:nuvias:1:1", "validateOnly": True}
TO_ACCOUNT: dict[str, Any] = {
    "idempotencyKey": "k",
    "accountId": "Account:nuvias",
    "validateOnly": True,
    "lineItems": [],
}


@dataclass(frozen=True)
class Place:
    """An input that uses a type. ``type_`` is the type of the input, ``leaf`` that of a variable inside it."""

    field: str
    type_: str
    input_: Any
    leaf: str


ORDERS = "query%s { orders(first: 1, filter: %s) { totalCount } }"
UPDATE = "mutation%s { updateLineItem(input: %s) { userErrors { code } } }"
PLACE = "mutation%s { placeOrder(input: %s) { userErrors { code } } }"
ACTIVATE = "mutation%s { activateSubscription(input: %s) { userErrors { code } } }"
TO_AIRVANTAGE = "query%s { accounts { ... on AirVantageAccount { orders(first: 1, filter: %s) { totalCount } } } }"
PLACES = {
    "ID": [
        Place("query%s { node(id: %s) { id } }", "ID!", VALUE, "ID!"),
        Place("query%s { nodes(ids: %s) { id } }", "[ID!]!", [VALUE], "ID!"),
        Place("query%s { nodes(ids: %s) { id } }", "[ID!]!", VALUE, "[ID!]!"),
        Place(ORDERS, "OrderFilter", {"accountIds": [VALUE]}, "ID!"),
        Place(UPDATE, "UpdateLineItemInput!", {**ON_LINE, "lineItemId": VALUE}, "ID!"),
        Place(PLACE, "PlaceOrderInput!", {**TO_ACCOUNT, "lineItems": [{"product": {"id": VALUE}}]}, "ID!"),
    ],
    "String": [
        Place(ORDERS, "OrderFilter", {"search": VALUE}, "String"),
        Place(ORDERS, "OrderFilter", {"clientReferences": [VALUE]}, "String!"),
        Place(PLACE, "PlaceOrderInput!", {**TO_ACCOUNT, "notes": [VALUE]}, "String!"),
    ],
    "Int": [
        Place("query%s { orders(first: %s) { totalCount } }", "Int", VALUE, "Int"),
        Place(TO_AIRVANTAGE, "AirVantageOrderFilter", {"quantity": VALUE}, "Int"),
    ],
    "Boolean": [
        Place("query%s { accounts @skip(if: %s) { id } }", "Boolean!", VALUE, "Boolean!"),
        Place(UPDATE, "UpdateLineItemInput!", {**ON_LINE, "validateOnly": VALUE}, "Boolean!"),
    ],
    "Decimal": [Place(UPDATE, "UpdateLineItemInput!", {**ON_LINE, "quantity": VALUE}, "Decimal")],
    "DateTime": [Place(ORDERS, "OrderFilter", {"placedAt": {"start": VALUE}}, "DateTime")],
    "Date": [
        Place(
            ACTIVATE,
            "ActivateSubscriptionInput!",
            {"subscriptionId": "x", "validateOnly": True, "activateOn": VALUE},
            "Date!",
        )
    ],
    "CountryCode": [
        Place(PLACE, "PlaceOrderInput!", {**TO_ACCOUNT, "shippingAddress": {"countryCode": VALUE}}, "CountryCode")
    ],
    "OrderStatus": [Place(ORDERS, "OrderFilter", {"statuses": [VALUE]}, "OrderStatus!")],
    "Vendor": [Place(ORDERS, "OrderFilter", {"vendors": [VALUE]}, "Vendor!")],
}

LITERALS = {
    "ID": ('"4" 4 -4', "4.0 4e0 4.5 true FOUR {}"),
    "String": ('"4"', "4 4.0 true FOUR {}"),
    "Int": ("4", '4.0 4e0 4.5 "4" true FOUR {} 2147483648'),
    "Boolean": ("true", '1 1.0 "true" TRUE {}'),
    "Decimal": ('4 4.0 4e0 "4"', 'true FOUR {} "four"'),
    "DateTime": ('"2026-01-30T10:30:00Z"', '"2026-01-30" 4 4.0 true {}'),
    "Date": ('"2026-01-30"', '"2026-01-30T10:30:00Z" 4 4.0 true {}'),
    "CountryCode": ('"GB"', '"gb" 4 4.0 true {}'),
    "OrderStatus": ("DRAFT", '"DRAFT" 4 4.0 true NONE {}'),
    "Vendor": ("NUVIAS", '"NUVIAS" 4 4.0 true NONE {}'),
}
VARIABLES = {
    "ID": ('"4" 4 -4', "4.0 4e0 -4.0 1e30 4.5 true {}"),
    "String": ('"4"', "4 4.0 true {}"),
    "Int": ("4 4.0 4e0", '4.5 "4" true {} 2147483648 2147483648.0'),
    "Boolean": ("true", '1 1.0 "true" {}'),
    "Decimal": ('4 4.0 4e0 "4"', 'true {} "four"'),
    "DateTime": ('"2026-01-30T10:30:00Z"', '"2026-01-30" 4 4.0 true {}'),
    "Date": ('"2026-01-30"', '"2026-01-30T10:30:00Z" 4 4.0 true {}'),
    "CountryCode": ('"GB"', '"gb" 4 4.0 true {}'),
    "OrderStatus": ('"DRAFT"', '"NONE" 4 4.0 true {}'),
    "Vendor": ('"NUVIAS"', '"NONE" 4 4.0 true {}'),
}


def written(value: Any, hole: str, *, as_json: bool) -> str:
    """Return an input with ``hole`` for the value, as JSON or as a literal, in which names are not quoted."""
    if value is VALUE:
        return hole
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value).items()
        told = ((json.dumps(name) if as_json else name, written(one, hole, as_json=as_json)) for name, one in fields)
        return f"{{{', '.join(f'{name}: {one}' for name, one in told)}}}"
    if isinstance(value, list):
        return f"[{', '.join(written(one, hole, as_json=as_json) for one in cast('list[Any]', value))}]"
    return json.dumps(value)


def as_literal(place: Place, value: str) -> str:
    """Return the request with the value in the document."""
    document = place.field % ("", written(place.input_, value, as_json=False))
    return json.dumps({"query": document})


def as_variable(place: Place, value: str) -> str:
    """Return the request with a variable in place of the value."""
    document = place.field % (f"($v: {place.leaf})", written(place.input_, "$v", as_json=False))
    return f'{{"query": {json.dumps(document)}, "variables": {{"v": {value}}}}}'


def in_variable(place: Place, value: str) -> str:
    """Return the request with a variable for the whole input."""
    document = place.field % (f"($v: {place.type_})", "$v")
    whole = written(place.input_, value, as_json=True)
    return f'{{"query": {json.dumps(document)}, "variables": {{"v": {whole}}}}}'


def ways(type_: str, literals: str, variables: str) -> Iterator[tuple[str, str]]:
    """Yield every request with one of these values, and a label for messages."""
    for place in PLACES[type_]:
        for value in literals.split():
            yield f"{value} as a literal of {place}", as_literal(place, value)
        for value in variables.split():
            yield f"{value} as a variable of {place}", as_variable(place, value)
            yield f"{value} in a variable of {place}", in_variable(place, value)


def answered(asked: Gateway, request: str) -> Any:
    return asked.client.post("/graphql", content=request, headers={"content-type": "application/json"}).json()


@pytest.mark.parametrize("type_", PLACES)
def test_what_a_type_takes_is_executed(asked: Gateway, type_: str) -> None:
    for told, request in ways(type_, LITERALS[type_][0], VARIABLES[type_][0]):
        answer = answered(asked, request)
        assert "data" in answer, (told, answer)


@pytest.mark.parametrize("type_", PLACES)
def test_what_a_type_does_not_take_is_an_error_of_the_request(asked: Gateway, type_: str) -> None:
    for told, request in ways(type_, LITERALS[type_][1], VARIABLES[type_][1]):
        answer = answered(asked, request)
        assert "data" not in answer, told
        codes = {one["extensions"]["code"] for one in answer["errors"]}
        assert codes <= {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}, told
