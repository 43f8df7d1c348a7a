"""A field of a derived type. How it is read is data, so that it can be inspected without a call."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from inspect import isawaitable
from typing import Any, NamedTuple, cast

from strawberry.types.field import StrawberryField

from ordergraph.graph.context import GraphInfo
from ordergraph.wire.fields import Codec, Reference


class Read(NamedTuple):
    """How a field is read: an attribute of the struct, or of the view's ``wire``, and how its value is converted.

    ``path`` may lead through several structs. If one is missing, the field is None. ``codec`` decodes the value, or
    builds a part from it. For a ``reference``, the object is fetched. If ``shared`` is false, the type has several
    structs and not all have the attribute: its value is then None. ``whole`` fetches the complete object by its key if
    the source, such as a row of a list, lacks the attribute.
    """

    path: tuple[str, ...]
    of_view: bool
    codec: Codec[Any] | None = None
    shared: bool = True
    reference: Reference | None = None
    whole: Reference | None = None


class DerivedField(StrawberryField):
    """A field that reads an attribute of a struct."""

    @property
    def read(self) -> Read:
        """How the field is read. Copies of a field keep its metadata."""
        return self.metadata["read"]

    @property
    def is_basic_field(self) -> bool:
        """Whether the field never needs a fetch."""
        return super().is_basic_field and self.read.reference is None and self.read.whole is None

    def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> Any:
        """Read the field; fetched objects are awaited."""
        path, of_view, codec, shared, reference, whole = self.metadata["read"]
        value = source.wire if of_view else source
        if whole is not None and not hasattr(value, path[0]):
            return self._of_whole(whole, source, info)
        for name in path:
            if value is None:
                break
            value = getattr(value, name) if shared else getattr(value, name, None)
        if codec is not None and value is not None:
            value = _decoded(codec, value, source)
        return value if reference is None or value is None else look_up(info, source, reference, value)

    async def _of_whole(self, whole: Reference, source: Any, info: Any) -> Any:
        found = await look_up(info, source, whole, source.key[0])
        value = None if found is None else self.get_result(found, info, [], {})
        return await value if isawaitable(value) else value


def _decoded(codec: Codec[Any], value: Any, source: object) -> Any:
    """Decode a value, or each item of a list. Items that cannot be read are omitted, since items are never null."""
    if not isinstance(value, list) or codec.of_list:
        return codec.read(value, source)
    return [found for one in cast("list[Any]", value) if (found := codec.read(one, source)) is not None]


async def look_up(info: GraphInfo, source: Any, reference: Reference, key: object) -> Any:
    """Return the referenced object of the source's account by its key, None if there is none; for a list, each."""
    if isinstance(key, list | tuple):
        found = (look_up(info, source, reference, one) for one in cast("Sequence[object]", key))
        return await asyncio.gather(*found, return_exceptions=True)  # an error affects only its own entry
    connector = info.context.accounts[source.origin.account]
    return await info.context.loaders.load(getattr(connector, reference.fetch), str(key))
