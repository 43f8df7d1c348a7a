"""The lifetime of a response, as the schema defines it."""

import math
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from ordergraph import app
from ordergraph.execution.max_age import MAX_AGE, max_age
from ordergraph.graph.schema import core_schema

SDL = """
    type Query { order: Order product: Product old: Product node: Node page: Page clock: Int }
    interface Node { id: ID }
    type Order implements Node { id: ID money: Money products: [Product] health: Health }
    type Product implements Node { id: ID money: Money maker: Order }
    type Page { orders: [Order!]! count: Int }
    type Money { amount: Int }
    type Health { state: Int }
"""
TOLD = {"Order": 5, "Product": 300, "Query.node": 3600, "Query.old": 60, "Query.page": 9, "Order.health": 0}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return told()


def told() -> GraphQLSchema:
    made = build_schema(SDL)
    for name, seconds in TOLD.items():
        type_, _, field = name.partition(".")
        element: Any = made.type_map[type_]
        (element.fields[field] if field else element).extensions[MAX_AGE] = seconds
    return made


def of(schema: GraphQLSchema, text: str) -> int:
    document = parse(text)
    assert not validate(schema, document)
    (operation,) = (one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    fragments = [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
    return max_age(schema, operation, {one.name.value: one for one in fragments})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("{ product { id } }", 300),
        ("{ product { id money { amount } } }", 300),
        ("{ product { id } order { id } }", 5),
        ("{ product { maker { id } } }", 5),
        ("{ old { id } }", 60),
        ("{ old { ... { id } } }", 60),
        ("{ old { ... on Product { id } } }", 60),
        ("{ page { count } }", 9),
        ("{ page { orders { id } } }", 5),
        ("{ order { health { state } } }", 0),
        ("{ node { id } }", 3600),
        ("{ node { ... on Product { id } } }", 300),
        ("{ node { ... on Product { id } ...Two } } fragment Two on Order { id }", 5),
        ("{ old { ...One } node { ...One } } fragment One on Product { id }", 60),
        ("{ node { ...One } product { ...One } } fragment One on Product { id }", 300),
        ("query($no: Boolean!) { product { id } order @skip(if: $no) { id } }", 5),
        ("{ clock }", 0),
        ("{ __typename }", 0),
        ("{ __typename product { __typename } __schema { types { name } } }", 300),
    ],
)
def test_answer_lasts_as_long_as_the_least_of_it(schema: GraphQLSchema, text: str, seconds: int) -> None:
    assert of(schema, text) == seconds


@dataclass(frozen=True)
class Part:
    """A field as text, and its lifetime."""

    text: str
    seconds: float


def _field(name: str, seconds: float, parts: list[Part], shape: int) -> Part:
    """Return a field with its selection, in one of several notations."""
    inner = " ".join(f"a{place}: {part.text}" for place, part in enumerate(parts))
    inner = {0: inner, 1: f"... {{ {inner} }}", 2: f"id ... @include(if: true) {{ {inner} }}"}[shape]
    return Part(f"{name} {{ {inner} }}", min([seconds, *(part.seconds for part in parts)]))


IDS = st.just(Part("id", math.inf))
MONEY = st.just(Part("money { amount }", math.inf))
HEALTH = st.just(Part("health { state }", 0))


def fields(name: str, seconds: float, parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
    return st.builds(
        _field, st.just(name), st.just(seconds), st.lists(parts, min_size=1, max_size=3), st.integers(0, 2)
    )


PRODUCTS = st.deferred(lambda: IDS | MONEY | fields("maker", 5, ORDERS))
ORDERS = st.deferred(lambda: IDS | MONEY | HEALTH | fields("products", 300, PRODUCTS))
ROOTS = fields("order", 5, ORDERS) | fields("product", 300, PRODUCTS) | fields("old", 60, PRODUCTS)
SCHEMA = told()


@settings(max_examples=50)
@given(st.lists(ROOTS, min_size=1, max_size=4))
def test_answer_lasts_no_longer_than_any_part_of_it(parts: list[Part]) -> None:
    text = " ".join(f"b{place}: {part.text}" for place, part in enumerate(parts))
    assert of(SCHEMA, f"{{ {text} }}") == min(part.seconds for part in parts)


def test_fragments_that_use_each_other_often_are_looked_at_once(schema: GraphQLSchema) -> None:
    many = " ".join(f"fragment F{n} on Order {{ ...F{n + 1} ...F{n + 1} }}" for n in range(100))
    assert of(schema, f"{{ order {{ ...F0 }} }} {many} fragment F100 on Order {{ id }}") == 5


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ('{ product(id: "x") { name price { amount } details { raw } } }', 300),
        ("{ orders { nodes { id lineItems { product { name } } } pageInfo { hasNextPage } } }", 5),
        ("{ accounts { name capabilities { action } } }", 300),
        ("{ accounts { health { state } } }", 0),
        ('{ node(id: "x") { ... on Product { name } } }', 300),
        ('{ node(id: "x") { ... on NuviasCountry { name } } }', 3600),
        ('{ node(id: "x") { ... on NuviasAccount { countries { name } } } }', 300),
        ('{ node(id: "x") { ... on WriteOperation { status } } }', 0),
        ("{ operations { nodes { status } } }", 0),
        ("mutation { settleOperation(input: {operationId: 1, as: CONFIRMED}) { operation { id } } }", 0),
    ],
)
def test_hints_of_our_schema(text: str, seconds: int) -> None:
    assert of(core_schema(app.build_schema()), text) == seconds
