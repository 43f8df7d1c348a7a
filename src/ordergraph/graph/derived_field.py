"""A field of a derived type: how it is read is data, so that it need not be called to be known."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from inspect import isawaitable
from typing import Any, NamedTuple, cast

from strawberry.types.field import StrawberryField

from ordergraph.graph.context import GraphInfo
from ordergraph.wire.fields import Codec, Reference


class Read(NamedTuple):
    """How a field is read: an attribute of the struct, or of the view's ``wire``, and what becomes of it.

    ``path`` may lead through several structs; where one is missing, the field is None. ``codec`` decodes the value, or
    makes a part of it. Of a ``reference``, the object is fetched. If ``shared`` is false, the type has several structs
    and not all have the attribute: it is None then. ``whole`` fetches the object of a source that lacks the attribute,
    such as a row of a list, by its key.
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
        """How it is read; copies of a field keep its metadata."""
        return self.metadata["read"]

    @property
    def is_basic_field(self) -> bool:
        """Whether nothing is ever fetched for it."""
        return super().is_basic_field and self.read.reference is None and self.read.whole is None

    def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> Any:
        """Read it; what has to be fetched is awaited."""
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
    """A value, or each of a list's: the graph's items are never null, so what cannot be read is left out."""
    if not isinstance(value, list) or codec.of_list:
        return codec.read(value, source)
    return [found for one in cast("list[Any]", value) if (found := codec.read(one, source)) is not None]


async def look_up(info: GraphInfo, source: Any, reference: Reference, key: object) -> Any:
    """The object, at the source's account, that a reference has by a key, None if there is none; of a list, each."""
    if isinstance(key, list | tuple):
        found = (look_up(info, source, reference, one) for one in cast("Sequence[object]", key))
        return await asyncio.gather(*found, return_exceptions=True)  # an error costs its own entry
    connector = info.context.accounts[source.origin.account]
    return await info.context.loaders.load(getattr(connector, reference.fetch), str(key))
