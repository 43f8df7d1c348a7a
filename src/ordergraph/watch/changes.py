"""What watchers are told: how an order has changed, and why they are told."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any, cast

from ordergraph import domain
from ordergraph.domain import DescribedEnum, Order, OrderStatus, Origin, View, view_fields
from ordergraph.domain.commands import camel
from ordergraph.domain.errors import VendorError


class ChangeSource(DescribedEnum):
    """Why you are told."""

    FIRST = "You have begun to watch: the order as it is now."
    POLL = "The gateway has looked by itself, and the order has changed."
    NOTIFICATION = "The vendor said that something has happened, and the order has changed."
    GATEWAY = "A mutation was sent through this gateway, and the order has changed."
    TROUBLE = "The vendor does not tell how the order is: see `trouble`. The gateway goes on looking, and you watch on."
    RECOVERED = "The vendor tells again how the order is, and it is unchanged."


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an order cannot be read at the moment; ``since`` when, and for how many seconds it is not tried again."""

    code: Annotated[str, "What kind of trouble: one of the codes of errors, such as VENDOR_UNAVAILABLE."]
    message: Annotated[str, "What it is, in English, for people."]
    retryable: Annotated[bool, "Whether it may go away by itself."]
    retry_after: Annotated[float | None, "Seconds for which the vendor is not asked, if that is known."]
    since: Annotated[datetime, "When it began."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is told of an order: as it was last seen, None if it was never seen, or if there is none.

    ``changed_fields`` is None where it is not known what has changed.
    """

    order_id: str
    order: Annotated[
        Order | None,
        "The order as it was last seen. Null if there is none for you, or none any more: then this is the "
        "last that you are told of it. Null with `trouble` if it could not be read yet.",
    ]
    source: Annotated[ChangeSource, "Why you are told."]
    previous_status: Annotated[
        OrderStatus | None,
        "In which status it was before, the same if something else has changed; null if that is not known.",
    ] = None
    changed_fields: Annotated[
        Sequence[str] | None,
        "Which fields of Order have changed, `details` standing for all that only the vendor has; null if "
        "that is not known. What takes a look of its own is not watched: `charges`, `subscriptions`, `invoices`.",
    ] = None
    trouble: Annotated[Trouble | None, "Why the order cannot be read at the moment; null if it can."] = None

    @property
    def version(self) -> str | None:
        """The order's."""
        return self.order.version if self.order else None


@cache
def fields_of(cls: type[View]) -> Sequence[str]:
    """The fields that can change, whatever the vendor: not who and whose it is, nor when it was read."""
    entity = next(one for one in cls.__mro__ if one.__module__.startswith(f"{domain.__name__}."))
    return sorted({*view_fields(entity)} - {"key", "ref", "id", "vendor", "retrieved_at", "version"})


ORDER_FIELDS = fields_of(Order)


def changed_fields(before: Order, after: Order) -> list[str]:
    """The names of the fields that differ, as they are in the graph."""
    return [camel(name) for name in ORDER_FIELDS if _shown(before, name) != _shown(after, name)]


def _shown(view: View, name: str) -> Any:
    """A property as it can be compared. What only one vendor has is compared as the vendor sent it."""
    try:
        value = getattr(view, name)
        return _plain(value.raw if name == "details" and value is not None else value)
    except VendorError as error:
        return str(error)


def _plain(value: Any) -> Any:
    """A value as it can be compared: views and errors know no equality."""
    if isinstance(value, View):
        return [value.id, *(_shown(value, name) for name in fields_of(type(value)))]
    if isinstance(value, Origin):  # it tells when the view was read
        return None
    if isinstance(value, VendorError):
        return str(value)
    if dataclasses.is_dataclass(value):
        return [_plain(getattr(value, one.name)) for one in dataclasses.fields(value)]
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast("Sequence[Any]", value)]
    return value
