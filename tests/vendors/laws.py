"""The data about a vendor that the conformance suite needs. Each vendor's folder defines it in its ``laws.py``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, cast

from ordergraph.connector import Connector
from ordergraph.domain import Action, Order, OrderStatus, SubscriptionStatus
from ordergraph.domain.commands import OrderChange, OrderQuery, OrderRequest
from ordergraph.domain.paging import Window
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.vendor import Vendor
from tests.toy.vendor import vendor as toy

COVERED = (*VENDORS, toy)
"""The vendors that the conformance suite covers: all real ones, and one that exists only in the tests."""
Operation = tuple[str, str]
"""Method and path template, as in the sandbox's log and faults."""
Command = Mapping[str, Any]
"""A command of the sandbox's control API."""
Read = Callable[[Connector], Awaitable[Sequence[object]]]
Reading = Callable[[Connector], Awaitable[tuple[str, str, Read]]]
"""Returns the ID of an object as calls use it, the ID of another object, and a function that reads the first."""

GARBAGE = ("", " ", "../x", "..", ".", "ü", "²", "-1", "+1", "1 ", "01", "0x1", "1e3", "1:2", "9" * 5000, "\x00", "a/b")
"""Values that are no IDs at a vendor whose IDs have a format."""


@dataclass(frozen=True, kw_only=True)
class Laws:
    """Samples of a vendor's IDs and statuses, and the results of actions.

    ``garbage`` are invalid IDs, ``missing`` are valid IDs of no object. ``request`` returns an order that the vendor
    accepts, ``change`` a valid change of an order. ``facts`` are the calls that are made once for an account.
    ``secrets`` must not appear anywhere. ``login`` is None if every call sends the credentials.
    """

    garbage: Sequence[str] = GARBAGE
    missing: Sequence[str]
    request: Callable[[Connector], Awaitable[OrderRequest]]
    change: Callable[[Order], OrderChange]
    login: Operation | None
    get_order: Operation | None
    """None if the vendor cannot show orders. They are then read from the ledger."""
    list_orders: Operation | None
    commits: Operation
    """The call that places an order finally."""
    asked: bool = True
    """Whether the vendor can be asked for the outcome of an order whose response was lost."""
    answers: bool = True
    """Whether the vendor's response to an order has content that can violate its contract."""
    facts: Sequence[Operation]
    secrets: Sequence[str]
    prices: bool = True
    """Whether any object of the vendor has a price."""
    order_words: Sequence[str]
    """The vendor statuses that a placed order can reach."""
    advance_order: Callable[[str, str], Command]
    """Returns the command that moves a placed order, by ID, to a status."""
    order_after: Mapping[Action, OrderStatus]
    """The status after an accepted action."""
    subscription_states: Mapping[str, tuple[SubscriptionStatus, Callable[[str], Command | None]]]
    """For each state, a status of seeded subscriptions, and the command that leads from there to the state, by ID."""
    subscription_after: Mapping[Action, SubscriptionStatus]
    reads: Mapping[str, Reading | None]
    """Every operation that reads the object in its path, and others that read one object. None for lists."""
    edits: Mapping[str, Callable[[Connector, str], Awaitable[object]]] = field(default_factory=dict[str, Any])
    """Changes that only this vendor has, by the operation in ``reads`` that shows the changed object."""
    about_parts: Set[str] = frozenset()
    """Changes whose response is a part of the object in their path, or empty."""


async def order_reading(connector: Connector) -> tuple[str, str, Read]:
    """Return two orders."""
    part = await connector.list_orders(OrderQuery(), Window(2, descending=True))
    one, other = (order.ref.joined for order in part.items)
    return one, other, lambda at: at.fetch_orders([one])


def laws_of(vendor: Vendor) -> Laws:
    """Return the data in the vendor's test folder."""
    return cast("Laws", import_module(f"tests.vendors.{vendor.code}.laws").LAWS)
