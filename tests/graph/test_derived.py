"""GraphQL types that are derived from a vendor's structs."""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, cast

import hypothesis
import msgspec
import pytest
import strawberry
from hypothesis import strategies as st
from strawberry.schema.config import StrawberryConfig

from ordergraph.domain import DescribedEnum
from ordergraph.graph.derived import Derived
from ordergraph.graph.derived_field import Read
from ordergraph.graph.inputs import plain
from ordergraph.graph.scalars import SCALARS
from ordergraph.wire.fields import (
    INLINE,
    READ_ONLY,
    Codec,
    GraphName,
    Input,
    encode,
    fields_of,
    graph_fields,
)

Json = dict[str, Any]


def day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return datetime.date(1970, 1, 1)


DAY = Codec(datetime.date, day, datetime.date.isoformat)
AMOUNT = Codec(Decimal, Decimal, str)


class Colour(DescribedEnum):
    """A colour."""

    RED = "Like blood."
    BLUE = "Like the sky."


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """What the vendor sends."""


class Part(Wire, frozen=True):
    """A part of a thing.

    Schema ``Part``, which no user of the graph needs to know.
    """

    part_number: Annotated[str | None, "Its number.", Input(required=True)] = None
    colour: Annotated[str | None, "Its colour.", Input(Colour, default=Colour.RED, description="Which colour.")] = None


class Maker(Wire, frozen=True):
    """Who made a thing."""

    maker_id: Annotated[str | None, "Who made it."] = msgspec.field(name="id", default=None)
    maker_href: Annotated[str | None, "Where to read about that.", READ_ONLY] = msgspec.field(name="href", default=None)


class Origin(Wire, frozen=True):
    """Where a thing is from."""

    country: Annotated[str | None, "In which country it was made."] = None
    maker: Annotated[Maker | None, INLINE] = None


class Thing(Wire, frozen=True):
    """A thing."""

    thing_name: Annotated[str | None, "What it is called."] = None
    made: Annotated[str | None, "When it was made.", DAY] = None
    seen: Annotated[list[str], "When it was seen.", DAY] = []
    prices: Annotated[list[str] | None, "What it costs.", AMOUNT] = None
    part: Annotated[Part | None, "Its main part."] = None
    parts: Annotated[list[Part], "Its parts."] = []
    id_of_it: Annotated[int | None, "Its number.", GraphName("ID")] = msgspec.field(name="idd", default=None)
    secret: str | None = None
    origin: Annotated[Origin | None, INLINE] = None
    settings: Annotated[Any, "Whatever the vendor likes."] = None
    label: Annotated[str | msgspec.UnsetType | None, "What is written on it."] = msgspec.UNSET


class Box(Wire, frozen=True):
    """Something else that is sold."""

    made: Annotated[str | None, "When it was packed.", DAY] = None
    size: Annotated[int | None, "How large it is."] = None


@dataclass
class View:
    """What a connector returns: the struct and computed values."""

    wire: Thing | Box
    computed: str = "computed"


types = Derived("Toy")


@types.object(Thing, view=View, without=("prices", "label"))
class ToyThing:
    """A thing at the vendor."""

    computed: str = strawberry.field(description="Not on the wire.")


@types.input(Thing, without=("parts",))
class ToyThingInput:
    """What the vendor takes of a thing."""

    more: int | None = strawberry.field(default=strawberry.UNSET, description="Not on the wire.")


@types.object(Thing, Box, view=View, only=("thing_name", "made", "size"))
class ToyGood:
    """A thing or a box."""


@types.input()
class ToyChoiceInput:
    """One of two."""

    thing: Thing | None = strawberry.field(default=strawberry.UNSET, description="A thing.")
    box: Box | None = strawberry.field(default=strawberry.UNSET, description="A box.")


ORIGIN = Origin("GB", Maker("m", "/m"))
SOURCE = Thing(
    "x", "2026-11-28", ["2026-11-01", "no day"], None, Part("1", "red"), [Part("2")], 7, "hidden", ORIGIN, {"a": 1}
)


@strawberry.type
class Query:
    """The root."""

    @strawberry.field(graphql_type=ToyThing)
    @staticmethod
    def thing() -> View:
        return View(SOURCE)

    @strawberry.field(graphql_type=list[ToyGood])
    @staticmethod
    def goods() -> list[View]:
        return [View(SOURCE), View(Box("2026-11-29", 5))]

    @strawberry.field
    @staticmethod
    def chosen(choice: ToyChoiceInput) -> str:
        return json.dumps(plain(choice), default=str)

    @strawberry.field
    @staticmethod
    def sent(thing: ToyThingInput) -> str:
        return json.dumps(encode(Thing, cast("Mapping[str, Any]", plain(thing))))


schema = strawberry.Schema(Query, config=StrawberryConfig(scalar_map=SCALARS))
SDL = '''
"""A thing at the vendor."""
type ToyThing {
  """What it is called."""
  thingName: String

  """When it was made."""
  made: Date

  """When it was seen."""
  seen: [Date!]!

  """Its main part."""
  part: ToyPart

  """Its parts."""
  parts: [ToyPart!]!

  """Its number."""
  ID: Int

  """In which country it was made."""
  country: String

  """Who made it."""
  makerId: String

  """Where to read about that."""
  makerHref: String

  """Whatever the vendor likes."""
  settings: JSON

  """Not on the wire."""
  computed: String!
}
'''
PART_INPUT = '''
"""A part of a thing."""
input ToyPartInput {
  """Its number."""
  partNumber: String!

  """Which colour."""
  colour: Colour! = RED
}
'''
THING_INPUT = '''
"""What the vendor takes of a thing."""
input ToyThingInput {
  """What it is called."""
  thingName: String

  """When it was made."""
  made: Date

  """When it was seen."""
  seen: [Date!]

  """What it costs."""
  prices: [Decimal!]

  """Its main part."""
  part: ToyPartInput

  """Its number."""
  ID: Int

  """In which country it was made."""
  country: String

  """Who made it."""
  makerId: String

  """Whatever the vendor likes."""
  settings: JSON

  """What is written on it."""
  label: String

  """Not on the wire."""
  more: Int
}
'''


def test_types_and_inputs_are_read_off_the_struct() -> None:
    printed = str(schema)
    for one in (SDL, PART_INPUT, THING_INPUT):
        assert one.strip() in printed
    assert "secret" not in printed


def ask(query: str) -> Json:
    result = schema.execute_sync(query)
    assert result.errors is None, result.errors
    return cast("Json", result.data)


def test_values_are_read_by_their_codec_and_one_that_cannot_be_costs_itself() -> None:
    more = "computed country makerId makerHref settings"
    found = ask(f"{{ thing {{ thingName made seen part {{ partNumber colour }} parts {{ partNumber }} ID {more} }} }}")
    assert found["thing"] == {
        "thingName": "x",
        "made": "2026-11-28",
        "seen": ["2026-11-01", "1970-01-01"],
        "part": {"partNumber": "1", "colour": "red"},
        "parts": [{"partNumber": "2"}],
        "ID": 7,
        "computed": "computed",
        "country": "GB",
        "makerId": "m",
        "makerHref": "/m",
        "settings": {"a": 1},
    }


def test_what_an_input_takes_is_written_as_the_vendor_spells_it() -> None:
    given = 'thingName: "y", made: "2026-11-28", prices: ["1.50"], part: { partNumber: "1" }, ID: 3, makerId: "m"'
    sent = ask(f"{{ sent(thing: {{ {given} }}) }}")["sent"]
    assert json.loads(sent) == {
        "thingName": "y",
        "made": "2026-11-28",
        "prices": ["1.50"],
        "part": {"partNumber": "1", "colour": "RED"},
        "idd": 3,
        "origin": {"maker": {"id": "m"}},
    }


def test_what_one_of_several_structs_lacks_reads_as_none() -> None:
    assert ask("{ goods { thingName made size } }")["goods"] == [
        {"thingName": "x", "made": "2026-11-28", "size": None},
        {"thingName": None, "made": "2026-11-29", "size": 5},
    ]
    fields = {one.python_name: one for one in cast("Any", ToyGood).__strawberry_definition__.fields}
    assert {name: (one.read.shared, one.description) for name, one in fields.items()} == {
        "thing_name": (False, "What it is called."),
        "made": (True, "When it was made."),  # as in the first struct
        "size": (False, "How large it is."),
    }
    assert types.object_of(Box) is not ToyGood  # a box inside another object is shown completely


def test_an_input_without_a_struct_takes_the_inputs_of_structs() -> None:
    given = 'thing: { thingName: "y" }, box: { size: 5, made: "2026-11-29" }'
    assert json.loads(ask(f"{{ chosen(choice: {{ {given} }}) }}")["chosen"]) == {
        "thing": {"thing_name": "y"},
        "box": {"size": 5, "made": "2026-11-29"},
    }
    assert "input ToyBoxInput {" in str(schema)


def test_what_is_inside_is_left_out_where_nothing_of_it_is_given() -> None:
    assert encode(Thing, {"maker_id": None, "country": None}) == {}
    assert encode(Thing, {"maker_id": None, "country": "GB"}) == {"origin": {"country": "GB"}}


def test_how_a_field_is_read_is_told() -> None:
    fields = {one.python_name: one for one in cast("Any", ToyThing).__strawberry_definition__.fields}
    assert fields["made"].read == Read(("made",), of_view=True, codec=DAY)
    part = {one.python_name: one for one in cast("Any", types.object_of(Part)).__strawberry_definition__.fields}
    assert part["part_number"].read == Read(("part_number",), of_view=False, codec=None)
    assert fields["maker_id"].read == Read(
        (
            "origin",
            "maker",
            "maker_id",
        ),
        of_view=True,
        codec=None,
    )


def test_what_is_inside_of_nothing_is_nothing() -> None:
    maker = {one.python_name: one for one in cast("Any", ToyThing).__strawberry_definition__.fields}["maker_id"]
    for origin in (None, Origin(), Origin("GB", Maker())):
        assert maker.get_result(View(Thing(origin=origin)), None, [], {}) is None


def test_an_item_of_a_list_that_cannot_be_read_is_left_out() -> None:
    derived = Derived("Many")
    whole = Codec(int, lambda text: int(text) if text.isdigit() else None)
    numbers = msgspec.defstruct("Numbers", [("numbers", Annotated[list[str] | None, "Some numbers.", whole], None)])
    (field,) = cast("Any", derived.object_of(numbers)).__strawberry_definition__.fields
    assert field.get_result(numbers(["1", "x", "2"]), None, [], {}) == [1, 2]


def test_a_class_that_comes_too_late_is_refused() -> None:
    with pytest.raises(AssertionError, match="ToyPart must be defined before Part is used"):
        types.object(Part)(type("ToyPart", (), {}))


def test_a_new_field_is_one_line() -> None:
    more = msgspec.defstruct(
        "Thing", [("colour_of_it", Annotated[str | None, "Its colour."], None)], bases=(Thing,), rename="camel"
    )
    derived = Derived("More").object(more)(type("MoreThing", (), {"__doc__": "A thing."}))
    names = [one.python_name for one in cast("Any", derived).__strawberry_definition__.fields]
    assert names == [*(one.name for one in graph_fields(Thing)), "colour_of_it"]


@hypothesis.given(
    st.builds(Thing, thing_name=st.none() | st.text(), made=st.dates().map(str), id_of_it=st.none() | st.integers())
)
def test_encoding_gives_back_what_was_decoded(thing: Thing) -> None:
    values = {
        one.name: DAY.read(value, None) if one.get(Codec) is DAY and isinstance(value, str) else value
        for one in fields_of(Thing)
        if (value := getattr(thing, one.name)) is not None and one.name in ("thing_name", "made", "id_of_it")
    }
    read = msgspec.convert(encode(Thing, values), Thing)
    assert (read.thing_name, read.made, read.id_of_it) == (thing.thing_name, thing.made, thing.id_of_it)
