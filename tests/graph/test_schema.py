"""The schema as a whole: its snapshot, its root types and its conventions."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
    validate_schema,
)

from ordergraph import app, domain
from ordergraph.graph.schema import core_schema, printed
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.vendor import Vendor

SNAPSHOT = Path(__file__).parent.parent.parent / "schema.graphql"
SCHEMA = core_schema(app.build_schema())
TYPES = {
    name: type_
    for name, type_ in SCHEMA.type_map.items()
    if not is_introspection_type(type_) and not is_specified_scalar_type(type_)
}
ENTITIES = (
    domain.Order,
    domain.LineItem,
    domain.Product,
    domain.Subscription,
    domain.Charge,
    domain.Shipment,
    domain.Invoice,
)
# Fields that the graph replaces by an object: the vendor's ID becomes the object itself.
SHOWN_OTHERWISE = {"key", "ref", "origin", "product_id", "order_id", "order_ids"}


def test_snapshot_is_current_when_printed() -> None:
    assert SNAPSHOT.read_text() == printed(app.build_schema()), "run `ordergraph schema --write`"


def test_snapshot_has_the_same_roots_when_built_back() -> None:
    built = build_schema(SNAPSHOT.read_text())
    assert not validate_schema(built)
    assert str(built.query_type) == "Query"
    assert str(built.mutation_type) == "Mutation"
    assert str(built.subscription_type) == "SubscriptionRoot"
    assert isinstance(built.type_map["Subscription"], GraphQLObjectType)


def described() -> Iterator[tuple[str, str | None]]:
    for name, type_ in TYPES.items():
        yield name, type_.description
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in type_.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument_name, argument in field.args.items():
                    yield f"{name}.{field_name}({argument_name})", argument.description
        if isinstance(type_, GraphQLInputObjectType):
            for field_name, input_field in type_.fields.items():
                yield f"{name}.{field_name}", input_field.description
        if isinstance(type_, GraphQLEnumType):
            for value_name, value in type_.values.items():
                yield f"{name}.{value_name}", value.description


def test_everything_has_a_description() -> None:
    assert [place for place, text in described() if not text] == []


def test_every_root_field_is_nullable() -> None:
    for root in (SCHEMA.query_type, SCHEMA.mutation_type):
        assert root is not None
        assert [name for name, field in root.fields.items() if isinstance(field.type, GraphQLNonNull)] == []


def test_every_mutation_takes_one_input_and_answers_with_user_errors() -> None:
    assert SCHEMA.mutation_type is not None
    for name, field in SCHEMA.mutation_type.fields.items():
        assert list(field.args) == ["input"], name
        payload = field.type
        assert isinstance(payload, GraphQLObjectType), name
        assert payload.name == f"{name[0].upper()}{name[1:]}Payload"
        assert str(payload.fields["userErrors"].type) == "[UserError!]!"


def test_every_connection_has_all_four_arguments() -> None:
    for name, type_ in TYPES.items():
        if isinstance(type_, GraphQLObjectType):
            for field_name, field in type_.fields.items():
                if str(field.type).rstrip("!").endswith("Connection"):
                    assert {"first", "after", "last", "before"} <= set(field.args), f"{name}.{field_name}"


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.__name__)
def test_graph_shows_every_property_of_the_domain(entity: type[domain.View]) -> None:
    declared = {*domain.view_fields(entity)} - SHOWN_OTHERWISE
    shown = {snake(name) for name in fields_of(SCHEMA.type_map[entity.__name__])}
    assert declared <= shown
    relations = {"product", "account", "order", "orders", "invoices", "subscriptions", "charges"}
    assert shown - declared <= relations


def fields_of(type_: GraphQLNamedType) -> set[str]:
    assert isinstance(type_, GraphQLObjectType)
    return set(type_.fields)


def snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), name)


def test_vendor_enum_is_the_registry() -> None:
    vendors = SCHEMA.type_map["Vendor"]
    assert isinstance(vendors, GraphQLEnumType)
    assert list(vendors.values) == [one.code.upper() for one in VENDORS]


def test_one_of_inputs_have_a_part_for_each_vendor_that_takes_one() -> None:
    graphs = {one.code: one.graph for one in VENDORS}
    parts = {
        "OrderDetailsInput": list(graphs),
        "LineItemDetailsInput": [code for code, graph in graphs.items() if graph.line_item_details_input],
        "SubscriptionDetailsInput": [code for code, graph in graphs.items() if graph.subscription_details_input],
    }
    for name, codes in parts.items():
        type_ = SCHEMA.type_map[name]
        assert isinstance(type_, GraphQLInputObjectType)
        assert type_.is_one_of
        assert list(type_.fields) == codes


def test_interfaces_that_vendors_implement_have_a_type_for_each() -> None:
    for name in ("Account", "OrderDetails"):
        interface = SCHEMA.type_map[name]
        assert isinstance(interface, GraphQLInterfaceType)
        assert len(SCHEMA.get_possible_types(interface)) == len(VENDORS)


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.code)
def test_requirements_name_fields_of_the_input(vendor: Vendor) -> None:
    for requirement in vendor.connector.requirements:
        type_ = SCHEMA.type_map["PlaceOrderInput"]
        for name in requirement.field.split("."):
            assert isinstance(type_, GraphQLInputObjectType), requirement.field
            assert name in type_.fields, requirement.field
            type_ = SCHEMA.type_map[str(type_.fields[name].type).strip("[]!")]
