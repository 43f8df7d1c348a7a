"""Derived fields that need more than the struct: the source around it, a reference, or the object of a row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Annotated, Any, cast

import msgspec
import strawberry

from ordergraph.graph.derived import Derived
from ordergraph.graph.derived_field import Read
from ordergraph.wire.fields import (
    Codec,
    Input,
    Reference,
)

Json = dict[str, Any]


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """What the vendor sends."""


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
    """The account of the shops. It fetches owners and whole shops."""

    async def fetch_owners(self, keys: Sequence[str]) -> Sequence[ShopOwner | None]:
        return [None if key == "9" else ShopOwner(name=f"owner {key}") for key in keys]

    async def fetch_shops(self, keys: Sequence[str]) -> Sequence[ShopView]:
        return [ShopView(WHOLE) for _ in keys]


class Loader:
    """Loads keys one after the other."""

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
    assert fields["open"] == Read(("open",), of_view=True)
    assert fields["owners"] == Read(("owners",), of_view=True, codec=FLAT, reference=OWNER, whole=SHOP)
    assert fields["shelf"].codec is None, "a struct without a context is used directly"
    assert fields["goods"].codec is not None
    assert fields["goods"].codec.of_source
    goods = {one.python_name: one for one in cast("Any", shops.object_of(Goods)).__strawberry_definition__.fields}
    assert goods["price"].read == Read(("price",), of_view=True, codec=PRICE)
    assert goods["maker"].read == Read(("maker",), of_view=True, reference=OWNER)
