"""The events sent to watchers: how an order has changed, and what triggered the event."""

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
    """The trigger of an event about a watched order."""

    INITIAL = "The subscription has started. The event has the current order."
    POLL = "The gateway polled the vendor, and the order has changed."
    NOTIFICATION = "The vendor sent a notification, and the order has changed."
    GATEWAY = "A mutation was sent through this gateway, and the order has changed."
    ERROR = (
        "The order cannot be read from the vendor. See `error`. The gateway keeps polling, and the subscription "
        "continues."
    )
    RECOVERED = "The order can be read from the vendor again, and it is unchanged."


@dataclass(frozen=True, slots=True)
class WatchError:
    """The reason why an order cannot currently be read."""

    code: Annotated[str, "The error code, such as VENDOR_UNAVAILABLE."]
    message: Annotated[str, "A description of the error, in English."]
    is_retryable: Annotated[bool, "Whether retrying may succeed."]
    retry_after: Annotated[float | None, "The number of seconds until the vendor is polled again. Null if unknown."]
    started_at: Annotated[datetime, "When the failures began."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An event about an order. ``order`` is its last known state, None if it was never read or does not exist.

    ``changed_fields`` is None if it is unknown what has changed.
    """

    order_id: str
    order: Annotated[
        Order | None,
        "The last known state of the order. Null if the order does not exist (any more) or you do not have access to "
        "it: this is then the last event about it. Also null, with `error`, if the order has not been read yet.",
    ]
    source: Annotated[ChangeSource, "The trigger of the event."]
    previous_status: Annotated[
        OrderStatus | None,
        "The previous status of the order. Equal to the current one if only other fields changed. Null if unknown.",
    ] = None
    changed_fields: Annotated[
        Sequence[str] | None,
        "The names of the changed fields of Order. `details` stands for all vendor-specific fields. Null if unknown. "
        "The fields `charges`, `subscriptions` and `invoices` are not watched, since they need separate calls.",
    ] = None
    error: Annotated[
        WatchError | None, "The reason why the order cannot currently be read. Null if it can be read."
    ] = None

    @property
    def version(self) -> str | None:
        """The version of the order."""
        return self.order.version if self.order else None


@cache
def fields_of(cls: type[View]) -> Sequence[str]:
    """Return the vendor-independent fields that can change, without those for identity and time of retrieval."""
    entity = next(one for one in cls.__mro__ if one.__module__.startswith(f"{domain.__name__}."))
    return sorted({*view_fields(entity)} - {"key", "ref", "id", "vendor", "retrieved_at", "version"})


ORDER_FIELDS = fields_of(Order)


def changed_fields(before: Order, after: Order) -> list[str]:
    """Return the names of the fields that differ, as in the graph."""
    return [camel(name) for name in ORDER_FIELDS if _shown(before, name) != _shown(after, name)]


def _shown(view: View, name: str) -> Any:
    """Return a property in a comparable form. Vendor-specific details are compared as the vendor sent them."""
    try:
        value = getattr(view, name)
        return _plain(value.raw if name == "details" and value is not None else value)
    except VendorError as error:
        return str(error)


def _plain(value: Any) -> Any:
    """Return a value in a comparable form, since views and errors do not define equality."""
    if isinstance(value, View):
        return [value.id, *(_shown(value, name) for name in fields_of(type(value)))]
    if isinstance(value, Origin):  # it has the time at which the view was read
        return None
    if isinstance(value, VendorError):
        return str(value)
    if dataclasses.is_dataclass(value):
        return [_plain(getattr(value, one.name)) for one in dataclasses.fields(value)]
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast("Sequence[Any]", value)]
    return value
