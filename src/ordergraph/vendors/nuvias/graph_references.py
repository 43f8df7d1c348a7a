"""How fields of the Hub's types reach other objects: by loader, asked once for each."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

import strawberry
from strawberry import field

from ordergraph.domain import Ref
from ordergraph.domain.errors import InputError
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.inputs import choices
from ordergraph.vendors.nuvias import mapping_people
from ordergraph.vendors.nuvias.connector import NuviasConnector

# Rows of lists, and what fetches the object with all its fields.
ROWS: dict[type, str] = {
    mapping_people.NuviasUserRow: "fetch_users",
    mapping_people.NuviasProductGroupRow: "fetch_product_groups",
    mapping_people.NuviasFeedRow: "fetch_feeds",
}


def row_fetch(view: object) -> str | None:
    """What fetches the rest of a row, None for an object that has all its fields."""
    return ROWS.get(type(view))


async def look_up(info: GraphInfo, origin: Any, fetch: str, key: object) -> Any:
    """The object of that id at the account of the origin, None if there is none."""
    connector = info.context.accounts[origin.account]
    return None if key is None else await info.context.loaders.load(getattr(connector, fetch), str(key))


async def look_up_all(info: GraphInfo, origin: Any, fetch: str, keys: Sequence[str]) -> list[Any]:
    """The objects of those ids, in their order."""
    return await asyncio.gather(*(look_up(info, origin, fetch, key) for key in keys))


def refers(fetch: str, name: str, description: str) -> Any:
    """A field that shows the object whose id the Hub sends under ``name``."""

    def resolve(root: strawberry.Parent[Any], info: GraphInfo) -> Any:
        return look_up(info, root.origin, fetch, getattr(root.wire, name))

    return field(resolver=resolve, description=description)


def refers_all(fetch: str, name: str, description: str) -> Any:
    """A field that shows the objects whose ids the view has in ``name``."""

    async def resolve(root: strawberry.Parent[Any], info: GraphInfo) -> Any:
        row = row_fetch(root)
        whole = await look_up(info, root.origin, row, root.key[0]) if row else root
        return None if whole is None else await look_up_all(info, root.origin, fetch, getattr(whole, name))

    return field(resolver=resolve, description=description)


def lazy(description: str) -> Any:
    """A field that rows of a list lack: for them, and only then, the object itself is fetched."""

    def resolve(root: strawberry.Parent[Any], info: GraphInfo) -> Any:
        name, fetch = info.python_name, row_fetch(root)
        return getattr(root, name) if fetch is None else _fetched(info, root, fetch, name)

    return field(resolver=resolve, description=description)


def _fetched(info: GraphInfo, root: Any, fetch: str, name: str) -> Awaitable[Any]:
    async def load() -> Any:
        return getattr(await look_up(info, root.origin, fetch, root.key[0]), name, None)

    return load()


def hub_keys(connector: NuviasConnector, ids: Sequence[str] | None, type_: str, name: str) -> list[int]:
    """The Hub's ids in the global IDs of a filter, sorted; raise InputError for those of another account."""
    return sorted(_hub_key(connector, id_, type_, name) for id_ in some(ids, name))


def _hub_key(connector: NuviasConnector, id_: str, type_: str, name: str) -> int:
    ref = Ref.parse(id_, type_)
    if ref.account != connector.name or not ref.key[0].isdecimal():
        raise InputError(f"`{name}`: account {connector.name} has no {id_}")
    return int(ref.key[0])


def some(values: Sequence[Any] | None, name: str) -> Sequence[Any]:
    """The values of a condition; the Hub takes no condition that nothing fulfils."""
    if values is not None and not values:
        raise InputError(f"`{name}` is empty: give a value, or leave it out")
    choices(values, name)
    return values or ()
