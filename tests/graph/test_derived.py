"""Types that are derived from the structs of a vendor."""

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Annotated, Any, cast

import hypothesis
import msgspec
import pytest
import strawberry
from hypothesis import strategies as st

from ordergraph.domain import DescribedEnum
from ordergraph.graph.derived import Derived, Read
from ordergraph.graph.inputs import plain
from ordergraph.wire.fields import Codec, GraphName, Input, Reference, encode, fields_of

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


@dataclass
class View:
    """What a connector gives: the struct, and what is computed."""

    wire: Thing
    computed: str = "computed"


types = Derived("Toy")


@types.object(Thing, view=View, without=("prices",))
class ToyThing:
    """A thing at the vendor."""

    computed: str = strawberry.field(description="Not on the wire.")


@types.input(Thing, without=("parts",))
class ToyThingInput:
    """What the vendor takes of a thing."""

    more: int | None = strawberry.field(default=strawberry.UNSET, description="Not on the wire.")


SOURCE = Thing("x", "2026-11-28", ["2026-11-01", "no day"], None, Part("1", "red"), [Part("2"), Part("3")], 7, "hidden")


@strawberry.type
class Query:
    """The root."""

    @strawberry.field(graphql_type=ToyThing)
    @staticmethod
    def thing() -> View:
        return View(SOURCE)

    @strawberry.field
    @staticmethod
    def sent(thing: ToyThingInput) -> str:
        return json.dumps(encode(Thing, cast("Mapping[str, Any]", plain(thing))))


schema = strawberry.Schema(Query)
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
    found = ask("{ thing { thingName made seen part { partNumber colour } parts { partNumber } ID computed } }")
    assert found["thing"] == {
        "thingName": "x",
        "made": "2026-11-28",
        "seen": ["2026-11-01", "1970-01-01"],
        "part": {"partNumber": "1", "colour": "red"},
        "parts": [{"partNumber": "2"}, {"partNumber": "3"}],
        "ID": 7,
        "computed": "computed",
    }


def test_what_an_input_takes_is_written_as_the_vendor_spells_it() -> None:
    given = 'thingName: "y", made: "2026-11-28", prices: ["1.50"], part: { partNumber: "1" }, ID: 3'
    sent = ask(f"{{ sent(thing: {{ {given} }}) }}")["sent"]
    assert json.loads(sent) == {
        "thingName": "y",
        "made": "2026-11-28",
        "prices": ["1.50"],
        "part": {"partNumber": "1", "colour": "RED"},
        "idd": 3,
    }


def test_how_a_field_is_read_is_told() -> None:
    fields = {one.python_name: one for one in cast("Any", ToyThing).__strawberry_definition__.fields}
    assert fields["made"].read == Read("made", of_view=True, codec=DAY)
    part = {one.python_name: one for one in cast("Any", types.object_of(Part)).__strawberry_definition__.fields}
    assert part["part_number"].read == Read("part_number", of_view=False, codec=None)


def test_a_class_that_comes_too_late_is_refused() -> None:
    with pytest.raises(AssertionError, match="ToyPart has to be written before Part is used"):
        types.object(Part)(type("ToyPart", (), {}))


def test_a_new_field_is_one_line() -> None:
    more = msgspec.defstruct(
        "Thing", [("colour_of_it", Annotated[str | None, "Its colour."], None)], bases=(Thing,), rename="camel"
    )
    derived = Derived("More").object(more)(type("MoreThing", (), {"__doc__": "A thing."}))
    names = [one.python_name for one in cast("Any", derived).__strawberry_definition__.fields]
    assert names == [*(one.name for one in fields_of(Thing) if one.description), "colour_of_it"]


@hypothesis.given(
    st.builds(Thing, thing_name=st.none() | st.text(), made=st.dates().map(str), id_of_it=st.none() | st.integers())
)
def test_encoding_gives_back_what_was_decoded(thing: Thing) -> None:
    values = {
        one.name: DAY.decode(value) if one.get(Codec) is DAY and isinstance(value, str) else value
        for one in fields_of(Thing)
        if (value := getattr(thing, one.name)) is not None and one.name in ("thing_name", "made", "id_of_it")
    }
    read = msgspec.convert(encode(Thing, values), Thing)
    assert (read.thing_name, read.made, read.id_of_it) == (thing.thing_name, thing.made, thing.id_of_it)


# ---------------------------------------------------------- what needs more than the struct: the source around it


@dataclass(frozen=True)
class Price:
    """An amount in the currency of a shop, which does not stand beside the amount."""

    amount: Decimal
    currency: str


@strawberry.type(description="An amount.")
class ShownPrice:
    """The graph's form of a `Price`."""

    amount: Decimal = strawberry.field(description="How much.")
    currency: str = strawberry.field(description="In which currency.")


def priced(amount: Decimal, source: Any) -> Price:
    return Price(amount, source.currency)


def flat(values: list[list[int]]) -> list[int]:
    return [item for value in values for item in value]


PRICE = Codec(Price, priced, of_source=True)
FLAT = Codec(list[int], flat)
OWNER = Reference("ShopOwner", "fetch_owners")
SHOP = Reference("Shop", "fetch_shops")


class Goods(Wire, frozen=True):
    """Something for sale."""

    price: Annotated[Decimal | None, "What it costs.", PRICE] = None
    maker: Annotated[int | None, "Who made it.", OWNER] = msgspec.field(name="madeBy", default=None)


class Box(Wire, frozen=True):
    """A box of goods."""

    inside: Annotated[list[Goods], "What is in it."] = []


class Shelf(Wire, frozen=True):
    """A shelf, which needs nothing of the shop."""

    height: Annotated[int | None, "How high it is."] = None


class Row(Wire, frozen=True):
    """A shop as a list tells it."""

    id: int
    closed: bool = False

    @property
    def open(self) -> bool:
        """What a shop has itself."""
        return not self.closed


class Shop(Wire, frozen=True):
    """A shop."""

    id: int
    open: Annotated[bool, "Whether it is open."] = True
    owners: Annotated[list[list[int]], "Whose it is.", FLAT, OWNER] = []
    numbers: Annotated[list[list[int]], "Its numbers.", FLAT] = []
    goods: Annotated[Goods | None, "What it sells most."] = None
    boxes: Annotated[list[Box], "What it has in stock."] = []
    shelf: Annotated[Shelf | None, "Its shelf."] = None


class ShopWrite(Wire, frozen=True):
    """What is sent of a shop."""

    shop_name: Annotated[str | None, "What it is called."] = None
    owner_ids: Annotated[list[int] | None, "Whose it is.", OWNER] = None
    goods_id: Annotated[int | None, "What it sells most.", Reference("Goods", "fetch_goods")] = None
    price: Annotated[Decimal | None, "What it costs.", Input(Price)] = None


@strawberry.input(description="An amount.")
class PriceInput:
    """The graph's input for a `Price`."""

    amount: Decimal = strawberry.field(description="How much.")


@dataclass
class ShopView:
    """A shop, or a row of the list of shops."""

    wire: Shop | Row
    currency: str = "GBP"
    origin: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(account="toy"))

    @property
    def key(self) -> tuple[str, ...]:
        """Its own id."""
        return (str(self.wire.id),)


class Piece:
    """A struct inside a shop."""

    def __init__(self, wire: Any, around: Any) -> None:
        self.wire, self.currency, self.origin = wire, around.currency, around.origin


shops = Derived("Shop", __name__, part=Piece, known={Price: ShownPrice})
orders = Derived("Shop", __name__, known={Price: PriceInput})


@strawberry.type(description="Who owns shops.")
class ShopOwner:
    """Fetched by its key."""

    name: str = strawberry.field(description="What the owner is called.")


@shops.object(Shop, view=ShopView, row=Row, whole=SHOP)
class ToyShop:
    """A shop."""


@orders.input(ShopWrite, required=("shop_name",))
class CreateShopInput:
    """What makes a shop."""


@orders.input(ShopWrite, without=("price",))
class UpdateShopInput:
    """What changes a shop."""


class Owners:
    """The account of the shops: it fetches owners, and whole shops."""

    async def fetch_owners(self, keys: Sequence[str]) -> Sequence[ShopOwner | None]:
        return [None if key == "9" else ShopOwner(name=f"owner {key}") for key in keys]

    async def fetch_shops(self, keys: Sequence[str]) -> Sequence[ShopView]:
        return [ShopView(WHOLE) for _ in keys]


class Loader:
    """Loads one key after the other."""

    async def load(self, fetch: Any, key: str) -> Any:
        return (await fetch([key]))[0]


WHOLE = Shop(
    id=5,
    owners=[[1, 9]],
    numbers=[[7], [8]],
    goods=Goods(Decimal("1.5"), 2),
    boxes=[Box([Goods(Decimal(2)), Goods()])],
    shelf=Shelf(3),
)


@strawberry.type
class ShopQuery:
    """The root."""

    @strawberry.field(graphql_type=ToyShop)
    @staticmethod
    def shop(row: bool = False) -> ShopView:
        return ShopView(Row(5, closed=True) if row else WHOLE)

    @strawberry.field
    @staticmethod
    def sent(made: CreateShopInput, changed: UpdateShopInput) -> bool:
        return bool(made and changed)


shop_schema = strawberry.Schema(ShopQuery)
SHOP_SDL = """
type ToyShop {
  open: Boolean!
  owners: [ShopOwner]
  numbers: [Int!]
  goods: ShopGoods
  boxes: [ShopBox!]
  shelf: ShopShelf
}
type ShopGoods {
  price: ShownPrice
  maker: ShopOwner
}
input CreateShopInput {
  shopName: String!
  ownerIds: [ID!]
  goodsId: ID
  price: PriceInput
}
input UpdateShopInput {
  shopName: String
  ownerIds: [ID!]
  goodsId: ID
}
"""


async def ask_shop(query: str) -> Json:
    context = SimpleNamespace(accounts={"toy": Owners()}, loaders=Loader())
    result = await shop_schema.execute(query, context_value=cast("Any", context))
    assert result.errors is None, result.errors
    return cast("Json", result.data)["shop"]


def test_references_and_what_rows_lack_are_in_the_schema() -> None:
    bare = re.sub(r'^ *""".*"""\n', "", str(shop_schema), flags=re.MULTILINE).replace("\n\n", "\n")
    for one in SHOP_SDL.strip().split("}\n"):
        assert one.strip().removesuffix("}").strip() in bare, one


async def test_a_reference_shows_the_object_of_the_account() -> None:
    found = await ask_shop("{ shop { owners { name } numbers goods { maker { name } } } }")
    assert found == {
        "owners": [{"name": "owner 1"}, None],
        "numbers": [7, 8],
        "goods": {"maker": {"name": "owner 2"}},
    }


async def test_a_part_is_read_with_what_is_known_around_it() -> None:
    shown = "price { amount currency }"
    found = await ask_shop(f"{{ shop {{ goods {{ {shown} }} boxes {{ inside {{ {shown} }} }} shelf {{ height }} }} }}")
    assert found["goods"] == {"price": {"amount": "1.5", "currency": "GBP"}}
    assert found["boxes"] == [{"inside": [{"price": {"amount": "2", "currency": "GBP"}}, {"price": None}]}]
    assert found["shelf"] == {"height": 3}


async def test_what_a_row_lacks_is_fetched_with_the_whole() -> None:
    found = await ask_shop("{ shop(row: true) { open owners { name } numbers shelf { height } } }")
    assert found == {
        "open": False,
        "owners": [{"name": "owner 1"}, None],
        "numbers": [7, 8],
        "shelf": {"height": 3},
    }


def test_what_a_field_needs_is_told() -> None:
    fields = {one.python_name: one.read for one in cast("Any", ToyShop).__strawberry_definition__.fields}
    assert fields["open"] == Read("open", of_view=True)
    assert fields["owners"] == Read("owners", of_view=True, codec=FLAT, reference=OWNER, whole=SHOP)
    assert fields["shelf"].codec is None, "a struct that needs nothing around it is shown as it is"
    assert fields["goods"].codec is not None
    assert fields["goods"].codec.of_source
    goods = {one.python_name: one for one in cast("Any", shops.object_of(Goods)).__strawberry_definition__.fields}
    assert goods["price"].read == Read("price", of_view=True, codec=PRICE)
    assert goods["maker"].read == Read("maker", of_view=True, reference=OWNER)
