"""The base of every entity: a read-only view of what the vendor sent."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast, get_args, overload

from ordergraph.domain.ids import Ref
from ordergraph.wire.fields import Codec, Field

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Origin:
    """The account that a view's object belongs to, and when its vendor returned it."""

    account: str
    vendor: str
    retrieved_at: datetime


class Default(Generic[T_co]):
    """A field of a view that a vendor may lack, with its default value.

    A vendor that has the field overrides it: by an `Attribute` if it is read from ``wire`` as it is, otherwise by a
    property. The graph shows the field if it has a description. Its type is the one in brackets, as in
    ``Default[str | None](None, "The name.")``. ``declared`` takes what `ordergraph.wire.fields` allows beside a
    description.
    """

    def __init__(self, value: T_co, description: str | None = None, *declared: object) -> None:
        self._value = value
        self.description = description
        self.declared = declared

    def __get__(self, view: View | None, owner: type | None = None) -> T_co:
        return self._value


class Attribute(Generic[T_co]):
    """A field of a view that is an attribute of its ``wire``, decoded if it has a codec.

    ``path`` may lead through several objects, as in ``internal.status``. The value is None if one of them is missing.
    """

    @overload
    def __init__(self: Attribute[T | None], path: str, codec: Codec[T]) -> None: ...
    @overload
    def __init__(self, path: str) -> None: ...
    def __init__(self, path: str, codec: Codec[Any] | None = None) -> None:
        self.path = tuple(path.split("."))
        self.codec = codec

    def __get__(self, view: View | None, owner: type | None = None) -> T_co:
        value: Any = getattr(view, "wire")  # noqa: B009  views of some vendors have none
        for name in self.path:
            if value is None:
                break
            value = getattr(value, name)
        return cast("Any", value) if self.codec is None or value is None else cast("T_co", self.codec.read(value, view))


class View:
    """Base of all views: an object of one account."""

    __slots__ = ("origin",)
    type_name = "View"

    def __init__(self, origin: Origin) -> None:
        self.origin = origin

    @property
    def key(self) -> tuple[str, ...]:
        """The vendor's ID, in parts."""
        raise NotImplementedError

    @property
    def ref(self) -> Ref:
        """The reference to this object."""
        return Ref(self.type_name, self.origin.account, self.key)

    @property
    def id(self) -> str:
        """The global ID."""
        return str(self.ref)

    @property
    def vendor(self) -> str:
        """The vendor's code."""
        return self.origin.vendor

    @property
    def retrieved_at(self) -> datetime:
        """When the vendor returned this data."""
        return self.origin.retrieved_at


def described_fields(view: type[View]) -> Sequence[Field]:
    """Return the fields of a view class that are declared with a description, in order of declaration."""
    found: list[Field] = []
    for name, one in vars(view).items():
        default: Any = one
        if isinstance(one, Default) and default.description:
            # Python sets ``__orig_class__`` on an instance of a class that is subscripted with a type
            type_ = get_args(default.__orig_class__)[0]
            found.append(Field(name, name, type_, default.description, default.declared))
    return found


def view_fields(view: type[View]) -> Sequence[str]:
    """Return the names of all fields and properties of a view class."""
    kinds: Any = (property, Default, Attribute)
    return [name for name in dir(view) if name[0] != "_" and isinstance(inspect.getattr_static(view, name), kinds)]
