"""How the conditions of the Hub's lists refer to objects."""

from collections.abc import Sequence
from typing import Any

from ordergraph.domain import Ref
from ordergraph.domain.errors import InputError
from ordergraph.graph.inputs import choices
from ordergraph.vendors.nuvias.connector import NuviasConnector


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
