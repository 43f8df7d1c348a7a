"""The fields that an operation selects, so that a list fetches only what is needed."""

from collections.abc import Iterable, Sequence

from strawberry.types.nodes import FragmentSpread, InlineFragment, SelectedField, Selection

from ordergraph.graph.context import GraphInfo

NODES: Sequence[Sequence[str]] = (("nodes",), ("edges", "node"))


def node_fields(info: GraphInfo) -> frozenset[str]:
    """Return the names of the fields selected on the nodes of the connection that is being resolved.

    Fields that a directive skips are included.
    """
    here = [one for field in info.selected_fields for one in field.selections]
    return frozenset(one.name for path in NODES for one in _at(here, path))


def _at(selections: Iterable[Selection], path: Sequence[str]) -> list[SelectedField]:
    fields = list(_fields(selections))
    if not path:
        return fields
    return [found for one in fields if one.name == path[0] for found in _at(one.selections, path[1:])]


def _fields(selections: Iterable[Selection]) -> Iterable[SelectedField]:
    """Yield the fields of a selection set, including those in fragments."""
    for one in selections:
        if isinstance(one, FragmentSpread | InlineFragment):
            yield from _fields(one.selections)
        else:
            yield one
