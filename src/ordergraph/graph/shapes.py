"""Inspection and construction of Python types, for `ordergraph.graph.derived`."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any, Optional, Union, get_args, get_origin

import msgspec


def decoded(shape: Any, type_: Any) -> Any:
    """Return a type on the wire with the decoded type in its place, nullable since a value may be unreadable."""
    if get_origin(shape) is list and get_origin(type_) is not list:
        return list[type_]
    of_items = is_list(shape) and get_origin(type_) is not list
    return Optional[list[type_] if of_items else type_]  # noqa: UP045  made, not written


def rebuilt(shape: Any, change: Callable[[Any], Any]) -> Any:
    """Return the type with its inner types changed: the members of a union, the items of a list."""
    if _is_union(shape):
        return Union[tuple(change(one) for one in get_args(shape))]  # noqa: UP007  made, not written
    if get_origin(shape) in (list, Sequence):
        return list[change(get_args(shape)[0])]
    return shape


def list_of(type_: Any) -> Any:
    """Return a nullable list of a type, which may be given by name."""
    return f"list[{type_}] | None" if isinstance(type_, str) else Optional[list[type_]]  # noqa: UP045  made, not written


def is_list(shape: Any) -> bool:
    """Whether a type is a list or a nullable list."""
    return get_origin(without_none(shape)) in (list, Sequence)


def _is_union(shape: Any) -> bool:
    return get_origin(shape) in (Union, types.UnionType)


def without_none(shape: Any) -> Any:
    """Return the type without None and UNSET."""
    nothing = (type(None), msgspec.UnsetType)
    left = [one for one in get_args(shape) if one not in nothing] if _is_union(shape) else [shape]
    return Union[tuple(left)]  # noqa: UP007  made, not written
