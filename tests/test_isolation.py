"""A caller sees and changes only its own accounts. Objects of other accounts look as if they did not exist.

Every place in the schema that takes an ID is tested with every kind of ID that another caller can see. The same request
is then sent with IDs of an account that does not exist. Both responses must be equal to the byte, and the other
caller's vendor must not be called.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from ordergraph.app import build_schema
from ordergraph.domain import Ref
from ordergraph.graph.schema import core_schema
from ordergraph.vendors.registry import VENDORS
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, Json, gateway
from tests.test_one_form import OWN, TEMPLATE

pytestmark = pytest.mark.slow

THEIRS, NOBODYS = "theirs", "nobody"  # of equal length, so that documents have the same length with either
ME, BESIDE_ME, OTHER = "og_me", "og_beside-me", "og_other"
WORD = "word"
"""The value of every string in an input, and so the idempotency key of all callers."""
CODES = [vendor.code for vendor in VENDORS]
SCHEMA = core_schema(build_schema())
assert SCHEMA.query_type is not None
assert SCHEMA.mutation_type is not None
assert SCHEMA.subscription_type is not None
ROOTS = (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type)

WORLD = """{
    accounts { id }
    orders(first: 100) { nodes { id lineItems { id } shipments { id } charges { id } subscriptions { nodes { id } } } }
    drafts: orders(first: 1, filter: { statuses: [DRAFT] }) { nodes { id lineItems { id } } }
    products(first: 100) { nodes { id } }
    invoices(first: 1) { nodes { id } }
    operations(first: 100) { nodes { id } }
    account(id: "Account:%s-nuvias") { ... on NuviasAccount {
        organisations { id } manufacturers { id } shippingTypes { id } countries { id } provisioningGroups { id }
        sites { id } users(first: 1) { nodes { id } } productGroups(first: 1) { nodes { id } } feeds { nodes { id } }
    } }
}"""
"""Reads an ID of every type."""


@dataclass(frozen=True)
class World:
    """A gateway with two callers. Each has an account at every vendor."""

    asked: Gateway
    mine: dict[str, FakeVendor]
    theirs: dict[str, FakeVendor]

    @cached_property
    def ids(self) -> dict[str, list[str]]:
        """All IDs that the callers can see, by account prefix."""
        return {
            whose: ids_in(self.asked.with_key(key).get(WORLD % whose)) for whose, key in (("mine", ME), (THEIRS, OTHER))
        }

    def id_of(self, whose: str, type_: str, code: str) -> str:
        """Return an ID of this type, at this vendor if possible."""
        found = [one for one in self.ids[whose] if Ref.parse(one).type == type_]
        assert found, f"no caller has a {type_}: query one in WORLD"
        return next((one for one in found if Ref.parse(one).account.endswith(f"-{code}")), found[0])

    def answers(self, documents: Sequence[str]) -> tuple[str, str]:
        """Return the responses for the other caller's IDs and for nonexistent ones, with account names unified."""
        first, second = (
            "".join(self.asked.with_key(ME).whole(one.replace(THEIRS, whose)) for one in documents)
            for whose in (THEIRS, NOBODYS)
        )
        return masked(first).replace(THEIRS, NOBODYS), masked(second)

    def forget_calls(self) -> None:
        for fake in self.theirs.values():
            fake.forget_calls()

    def calls(self) -> dict[str, list[tuple[str, str]]]:
        """Return the calls that the other caller's vendors received."""
        return {code: calls for code, fake in self.theirs.items() if (calls := fake.calls())}


def ids_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        found = cast("Json", value)
        return [id_ for key, one in found.items() for id_ in ([one] if key == "id" else ids_in(one))]
    return [id_ for one in cast("list[Any]", value) for id_ in ids_in(one)] if isinstance(value, list) else []


def masked(text: str) -> str:
    return re.sub(r'"requestId": ?"\w+"', '"requestId": ""', text)


def place(asked: Gateway, whose: str, code: str) -> str:
    """Place an order with an account and return its ID."""
    values = json.loads(json.dumps(OWN[code]).replace(f":{code}:", f":{whose}-{code}:"))
    document = TEMPLATE.replace('"one form"', json.dumps(WORD))
    return asked.get(document, accountId=f"Account:{whose}-{code}", **values)["placeOrder"]["order"]["id"]


@pytest.fixture(scope="module")
def world() -> Generator[World]:
    with ExitStack() as stack:
        mine, theirs = ({one.code: stack.enter_context(serving(one, orders=10)) for one in VENDORS} for _ in range(2))
        accounts = {f"mine-{code}": fake.table() for code, fake in mine.items()}
        accounts |= {f"{THEIRS}-{code}": fake.table() for code, fake in theirs.items()}
        scopes = ["read", "write", "settle"]
        my_accounts = [f"mine-{code}" for code in CODES]
        callers: dict[str, Json] = {
            "me": {"keys": [ME], "accounts": my_accounts, "scopes": scopes},
            "beside-me": {"keys": [BESIDE_ME], "accounts": my_accounts, "scopes": scopes},
            "other": {"keys": [OTHER], "accounts": [f"{THEIRS}-{code}" for code in CODES], "scopes": scopes},
        }
        asked = stack.enter_context(gateway(accounts, callers=callers))
        for whose, key, fakes in (("mine", ME, mine), (THEIRS, OTHER, theirs)):
            made = {code: place(asked.with_key(key), whose, code) for code in CODES}
            fakes["sonata"].advance({"order": Ref.parse(made["sonata"]).joined, "to": "held.assessingCharge"})
        yield World(asked, mine, theirs)


# ---- Arguments and input fields that take an ID -----------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A place that takes an ID: an argument of a field, and the path inside the argument."""

    owner: str
    field: str
    route: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join((self.owner, self.field, *self.route))

    @property
    def code(self) -> str:
        """The vendor to use. Most places are tested at Nuvias."""
        told = str(self).lower()
        return next((code for code in CODES if code in told), "nuvias")


def named_type(type_: Any) -> Any:
    return cast("Any", get_named_type(type_))


def routes(type_: Any, seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, ...]]:
    """Yield the paths to the IDs inside an input."""
    named = named_type(type_)
    if named.name == "ID":
        yield ()
    if isinstance(named, GraphQLInputObjectType) and named.name not in seen:
        for name, field in named.fields.items():
            yield from ((name, *route) for route in routes(field.type, seen | {named.name}))


def places() -> Iterator[Place]:
    """Yield every place in the schema that takes an ID."""
    for owner in SCHEMA.type_map.values():
        if isinstance(owner, GraphQLObjectType):
            for name, field in owner.fields.items():
                for argument, one in field.args.items():
                    yield from (Place(owner.name, name, (argument, *route)) for route in routes(one.type))


PLACES = list(places())
NODES = [one.name for one in SCHEMA.get_possible_types(SCHEMA.type_map["Node"]) if not one.name.endswith("Account")]  # pyright: ignore[reportArgumentType]
MINE = {
    "accountId": "Account",
    "orderId": "Order",
    "lineItemId": "LineItem",
    "subscriptionId": "Subscription",
    "chargeId": "Charge",
    "operationId": "WriteOperation",
    "organisationId": "NuviasOrganisation",
    "userId": "NuviasUser",
    "manufacturerId": "NuviasManufacturer",
    "productGroupId": "NuviasProductGroup",
    "feedId": "NuviasFeed",
}
"""The types of required IDs other than the tested one."""
SCALARS = {
    "String": json.dumps(WORD),
    "Int": "1",
    "Float": "1",
    "Boolean": "true",
    "Decimal": '"1"',
    "DateTime": '"2027-01-31T00:00:00Z"',
    "Date": '"2027-01-31"',
    "CountryCode": '"GB"',
    "CurrencyCode": '"GBP"',
}


@dataclass(frozen=True)
class Writer:
    """Writes documents that test IDs at one place, with as few other values as possible."""

    world: World
    place: Place

    def documents(self, tried: Sequence[str]) -> Sequence[str]:
        """Return documents with one field per ID. A subscription can have one field only."""
        owner = SCHEMA.type_map[self.place.owner]
        assert isinstance(owner, GraphQLObjectType)
        field = owner.fields[self.place.field]
        each = [f"{self.place.field}{self.arguments(field, id_)} {selection(field)}" for id_ in tried]
        if owner is SCHEMA.subscription_type:
            return [f"subscription {{ {one} }}" for one in each]
        asked = " ".join(f"_{number}: {one}" for number, one in enumerate(each))
        if owner is SCHEMA.query_type:
            return [f"{{ {asked} }}"]
        if owner is SCHEMA.mutation_type:
            return [f"mutation {{ {asked} }}"]
        account = f"Account:mine-{self.place.code}"
        assert owner.name.endswith("Account"), f"no document reaches {self.place}"
        return [f'{{ account(id: "{account}") {{ ... on {owner.name} {{ {asked} }} }} }}']

    def arguments(self, field: GraphQLField, tried: str) -> str:
        first, *rest = self.place.route
        parts = [
            f"{name}: {self.value(one.type, name, tried, rest if name == first else None)}"
            for name, one in cast("dict[str, Any]", field.args).items()
            if name == first or is_required_argument(one)
        ]
        return f"({', '.join(parts)})"

    def value(self, type_: Any, name: str, tried: str, route: Sequence[str] | None) -> str:
        """Return a value. With ``route``, it contains the tested ID."""
        inner = getattr(type_, "of_type", None)
        if isinstance(type_, GraphQLNonNull):
            return self.value(inner, name, tried, route)
        if isinstance(type_, GraphQLList):
            return f"[{self.value(inner, name, tried, route)}]"
        if isinstance(type_, GraphQLInputObjectType):
            return self.object(type_, tried, route)
        if isinstance(type_, GraphQLEnumType):
            return next(iter(type_.values))
        if type_.name == "ID":
            return json.dumps(self.mine(name) if route is None else tried)
        return SCALARS[type_.name]

    def object(self, type_: GraphQLInputObjectType, tried: str, route: Sequence[str] | None) -> str:
        first, *rest = route or (None,)
        names = [name for name, one in type_.fields.items() if name == first or is_required_input_field(one)]
        if type_.is_one_of and not names:
            names = [name for name, one in type_.fields.items() if named_type(one.type).name != "ID"][:1]
        if "validateOnly" in type_.fields:
            names.append("validateOnly")
        parts = (
            f"{name}: {self.value(type_.fields[name].type, name, tried, rest if name == first else None)}"
            for name in names
        )
        return f"{{ {', '.join(parts)} }}"

    def mine(self, name: str) -> str:
        assert name in MINE, f"{self.place}: add the type of {name} to MINE"
        return self.world.id_of("mine", MINE[name], self.place.code)


def selection(field: Any) -> str:
    """Return a selection of fields of the field's type."""
    named = named_type(field.type)
    if named.name.endswith("Connection"):
        return "{ totalCount nodes { id } sources { account { id } state code message } pageInfo { hasNextPage } }"
    if named.name.endswith("Payload"):
        errors = "userErrors { code message field vendorCode vendorMessage isRetryable }"
        made = [name for name, one in named.fields.items() if "id" in getattr(named_type(one.type), "fields", {})]
        return f"{{ {errors} {' '.join(f'{name} {{ id }}' for name in made)} }}"
    leaves = [name for name, one in named.fields.items() if is_leaf_type(named_type(one.type))]
    return f"{{ {' '.join(leaves)} }}"


@pytest.mark.parametrize("tried_at", PLACES, ids=str)
def test_ids_of_other_callers_look_nonexistent(world: World, tried_at: Place) -> None:
    tried = [world.id_of(THEIRS, kind, tried_at.code) for kind in ("Account", *NODES)]
    documents = Writer(world, tried_at).documents(tried)
    world.forget_calls()
    told, told_of_nobody = world.answers(documents)
    assert told == told_of_nobody, documents
    assert world.calls() == {}
    codes = set(re.findall(r'"code": ?"(\w+)"', told))
    assert not codes & {"INTERNAL_SERVER_ERROR", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}, (documents, told)
    assert told.count("is an ID of type") < len(tried), "no tested ID has the right type"


# ---- Lists ------------------------------------------------------------------------------------------


QUERIES = SCHEMA.query_type.fields
LISTS = [name for name, one in QUERIES.items() if not any(map(is_required_argument, one.args.values()))]
CONNECTIONS = [name for name in LISTS if "after" in QUERIES[name].args]


def test_every_field_of_a_root_is_tried() -> None:
    for root in ROOTS:
        lists = LISTS if root is SCHEMA.query_type else ()
        assert {one.field for one in PLACES if one.owner == root.name} | set(lists) == set(root.fields)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_nothing_of_others(world: World, name: str) -> None:
    world.forget_calls()
    answer = world.asked.with_key(ME).post(f"{{ {name} {selection(QUERIES[name])} }}").text
    assert "mine" in answer
    assert THEIRS not in answer
    assert world.calls() == {}


def test_a_count_is_of_ones_own(world: World) -> None:
    for key in (ME, OTHER):
        found = world.asked.with_key(key).get("{ operations(first: 100) { totalCount nodes { id } } }")["operations"]
        assert found["totalCount"] == len(found["nodes"]) > 0


# ---- Cursors ----------------------------------------------------------------------------------------


NAMELESS = {"operations"}
"""The lists whose cursors contain no account."""


def cursors(world: World, name: str) -> set[str]:
    """Return cursors of the other caller's pages. One of its accounts fails, so that cursors contain it."""
    asking = f"{{ {name}(%s: 2) {{ edges {{ cursor }} pageInfo {{ startCursor endCursor }} }} }}"
    world.theirs["nuvias"].faults({"fault": "unavailable"})
    found = [world.asked.with_key(OTHER).ask(asking % way)["data"][name] for way in ("first", "last")]
    world.theirs["nuvias"].end_faults()
    found += [world.asked.with_key(OTHER).get(asking % way)[name] for way in ("first", "last")]
    ends = {end for one in found if one for end in one["pageInfo"].values() if end}
    return ends | {edge["cursor"] for one in found if one for edge in one["edges"]}


def nobodys(cursor: str) -> str:
    """Return the same cursor for accounts that do not exist."""
    text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    return base64.urlsafe_b64encode(text.replace(THEIRS.encode(), NOBODYS.encode())).decode().rstrip("=")


@pytest.mark.parametrize("name", CONNECTIONS)
def test_cursors_of_other_callers_look_nonexistent(world: World, name: str) -> None:
    found = cursors(world, name)
    assert found
    assert name in NAMELESS or any(nobodys(one) != one for one in found), "no cursor contains an account"
    world.forget_calls()
    for cursor in sorted(found):
        for count, way in (("first", "after"), ("last", "before")):
            page = "totalCount nodes { id } sources { account { id } state message } pageInfo { hasNextPage }"
            told, of_nobody = (
                masked(world.asked.with_key(ME).post(f'{{ {name}({count}: 5, {way}: "{one}") {{ {page} }} }}').text)
                for one in (cursor, nobodys(cursor))
            )
            assert told == of_nobody
            assert THEIRS not in told
    assert world.calls() == {}


# ---- Idempotency keys and operations ----------------------------------------------------------------

BY_KEY = """query($account: ID!, $key: String!) {
    operationByKey(accountId: $account, idempotencyKey: $key) { id caller idempotencyKey } }"""


def draft(asked: Gateway, number: str, key: str) -> Json:
    return asked.do(
        "createDraftOrder",
        "order { id purchaseOrderNumber } operation { id caller isReplay }",
        accountId="Account:mine-nuvias",
        idempotencyKey=key,
        purchaseOrderNumber=number,
        lineItems=[{"product": {"id": "Product:mine-nuvias:3"}}],
    )


def test_two_callers_of_an_account_have_each_their_own_keys(world: World) -> None:
    me, beside_me = (world.asked.with_key(key) for key in (ME, BESIDE_ME))
    first, second = draft(me, "PO-1", "shared"), draft(beside_me, "PO-2", "shared")
    assert (first["userErrors"], second["userErrors"]) == ([], [])
    assert first["order"]["id"] != second["order"]["id"]
    for asked, name, made in ((me, "me", first), (beside_me, "beside-me", second)):
        found = asked.get(BY_KEY, account="Account:mine-nuvias", key="shared")["operationByKey"]
        assert found == {"id": made["operation"]["id"], "caller": name, "idempotencyKey": "shared"}
        again = draft(asked, made["order"]["purchaseOrderNumber"], "shared")
        assert (again["order"], again["operation"]["isReplay"]) == (made["order"], True)
    assert [one["code"] for one in draft(beside_me, "PO-1", "shared")["userErrors"]] == ["IDEMPOTENCY_CONFLICT"]


def test_a_key_that_only_another_caller_has_used_is_free(world: World) -> None:
    made = draft(world.asked.with_key(ME), "PO-3", "only mine")
    assert made["userErrors"] == []
    asked = world.asked.with_key(BESIDE_ME)
    assert asked.get(BY_KEY, account="Account:mine-nuvias", key="only mine")["operationByKey"] is None


def test_what_another_caller_was_refused_is_not_named_by_the_key(world: World) -> None:
    me, beside_me = (world.asked.with_key(key) for key in (ME, BESIDE_ME))
    world.mine["nuvias"].faults({"fault": "rate_limited", "method": "POST", "path": "/baskets"})
    refused = draft(me, "PO-5", "refused")
    world.mine["nuvias"].end_faults()
    assert [one["code"] for one in refused["userErrors"]] == ["NOT_SENT"]
    mine = me.get(BY_KEY, account="Account:mine-nuvias", key="refused")["operationByKey"]
    assert mine == {"id": refused["operation"]["id"], "caller": "me", "idempotencyKey": "refused"}
    assert beside_me.get(BY_KEY, account="Account:mine-nuvias", key="refused")["operationByKey"] is None
    assert draft(beside_me, "PO-6", "refused")["userErrors"] == []
    seen = "query($id: ID!) { operation(id: $id) { isKeyReusable } }"
    assert me.get(seen, id=refused["operation"]["id"])["operation"] == {"isKeyReusable": True}


def test_an_operation_is_seen_by_every_caller_of_its_account_and_by_nobody_else(world: World) -> None:
    id_ = draft(world.asked.with_key(ME), "PO-4", "seen")["operation"]["id"]
    seeing = """query($id: ID!) { operation(id: $id) { id } node(id: $id) { id }
        operations(first: 100) { nodes { id } } }"""
    for key in (ME, BESIDE_ME):
        seen = world.asked.with_key(key).get(seeing, id=id_)
        assert (seen["operation"], seen["node"]) == ({"id": id_}, {"id": id_})
        assert {"id": id_} in seen["operations"]["nodes"]
    seen = world.asked.with_key(OTHER).get(seeing, id=id_)
    assert (seen["operation"], seen["node"]) == (None, None)
    assert {"id": id_} not in seen["operations"]["nodes"]
