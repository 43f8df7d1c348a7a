"""The naming rules of the schema. CONTRIBUTING.md lists them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
from graphql import (
    GraphQLSchema,
    build_schema,
    is_input_object_type,
    is_interface_type,
    is_object_type,
)

from tests.documents.generated import ROOT

BOOLEAN_PREFIXES = ("is", "has", "can")
COMMANDS = ("validateOnly", "accept")
"""Booleans of inputs that are instructions. They begin with a verb."""
COLLECTIVE = ("children", "Data", "history", "History")
"""Plurals without an s, at the end of a name."""
RANGE = "DateTimeRange"
VERBS = (
    *("accept", "acknowledge", "activate", "add", "approve", "cancel", "change", "create", "deny", "place", "remove"),
    *("respond", "resubmit", "settle", "submit", "update"),
)


@dataclass(frozen=True)
class Named:
    """A field or an argument."""

    place: str
    name: str
    type: str
    of_list: bool
    of_input: bool = False


def fields(schema: GraphQLSchema) -> Iterator[Named]:
    """All fields and arguments of a schema."""
    for type_name, one in schema.type_map.items():
        if type_name.startswith("__"):
            continue
        if is_object_type(one) or is_interface_type(one):
            for name, field in one.fields.items():
                yield named(type_name, name, field.type)
                for argument, given in field.args.items():
                    yield named(f"{type_name}.{name}", argument, given.type, of_input=True)
        elif is_input_object_type(one):
            for name, given in one.fields.items():
                yield named(type_name, name, given.type, of_input=True)


def named(place: str, name: str, type_: object, *, of_input: bool = False) -> Named:
    """A field or argument with the name of its innermost type."""
    text = str(type_)
    return Named(f"{place}.{name}", name, text.strip("[]!"), text.startswith("["), of_input)


def is_prefixed(name: str) -> bool:
    """Whether a name begins with one of the prefixes of Booleans, as a word."""
    return any(name.startswith(one) and name[len(one) : len(one) + 1].isupper() for one in BOOLEAN_PREFIXES)


def breaks_boolean_rule(one: Named) -> bool:
    """Booleans begin with is, has or can; no other field does. Instructions in inputs are exempt."""
    if one.type == "Boolean":
        return not is_prefixed(one.name) and not (one.of_input and one.name in COMMANDS)
    return is_prefixed(one.name)


def breaks_time_rule(one: Named) -> bool:
    """Times end with At, and nothing else does. The ends of a range are named start and end."""
    timed = one.type in ("DateTime", RANGE)
    return timed != one.name.endswith("At") and not one.place.startswith(f"{RANGE}.")


def breaks_date_rule(one: Named) -> bool:
    """Dates end with On, and nothing else does."""
    return (one.type == "Date") != one.name.endswith("On")


def breaks_plural_rule(one: Named) -> bool:
    """Lists have a plural name. `field` of an error is a path, as in other APIs."""
    path = one.name == "field" and one.type == "String"
    return one.of_list and not one.name.endswith(("s", *COLLECTIVE)) and not path


def breaks_connection_rule(one: Named) -> bool:
    """Connections have a plural name."""
    return one.type.endswith("Connection") and not one.name.endswith("s")


def breaks_mutation_rule(one: Named) -> bool:
    """Mutations begin with a verb."""
    return one.place == f"Mutation.{one.name}" and not one.name.startswith(VERBS)


def breaks_id_rule(one: Named) -> bool:
    """Global IDs are named `id`, or end with Id or Ids."""
    return one.type == "ID" and one.name not in ("id", "ids") and not one.name.endswith(("Id", "Ids"))


RULES: Mapping[str, Callable[[Named], bool]] = {
    rule.__name__: rule
    for rule in (
        breaks_boolean_rule,
        breaks_time_rule,
        breaks_date_rule,
        breaks_plural_rule,
        breaks_connection_rule,
        breaks_mutation_rule,
        breaks_id_rule,
    )
}


@pytest.mark.parametrize("rule", RULES)
def test_the_schema_follows_the_rule(rule: str) -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text())
    assert [one.place for one in fields(schema) if RULES[rule](one)] == []


WRONG: Mapping[str, str] = {
    "breaks_boolean_rule": "isActive: String active: Boolean",
    "breaks_time_rule": "created: DateTime createdAt: String",
    "breaks_date_rule": "dueDate: Date dueOn: DateTime",
    "breaks_plural_rule": "item: [String!]! formatted: [String]",
    "breaks_connection_rule": "orderList: OrderConnection allOrder: OrderConnection!",
    "breaks_mutation_rule": "orderCancellation: String newOrder: String",
    "breaks_id_rule": "order: ID identifiers: [ID!]",
}


@pytest.mark.parametrize("rule", RULES)
def test_a_name_that_breaks_the_rule_is_found(rule: str) -> None:
    types = "scalar DateTime scalar Date type OrderConnection { nodes: [String] }"
    schema = build_schema(f"{types} type Query {{ node: String }} type Mutation {{ {WRONG[rule]} }}")
    assert len([one for one in fields(schema) if RULES[rule](one)]) == 2
