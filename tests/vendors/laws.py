"""What the conformance suite has to know of a vendor; each vendor's folder fills it in its ``laws.py``."""

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
"""The vendors that the conformance suite runs at: all, and one that is nowhere but in the tests."""
Operation = tuple[str, str]
"""Method and path template, as the sandbox logs it and its faults take it."""
Command = Mapping[str, Any]
"""A command of the sandbox's control API."""
Read = Callable[[Connector], Awaitable[Sequence[object]]]
Reading = Callable[[Connector], Awaitable[tuple[str, str, Read]]]
"""Finds two objects of a kind: the id of one as calls name it, the other's, and how the first is read."""

GARBAGE = ("", " ", "../x", "..", ".", "ü", "²", "-1", "+1", "1 ", "01", "0x1", "1e3", "1:2", "9" * 5000, "\x00", "a/b")
"""What is no id of a vendor whose ids have a form."""


@dataclass(frozen=True, kw_only=True)
class Laws:
    """Samples of a vendor's ids and words, and what it makes of an action.

    ``garbage`` can be no id, ``missing`` are ids of the right form that nothing has. ``request`` makes an order
    that the vendor takes as it is, ``change`` something that can be changed of an order. ``facts`` are the calls
    that are made once for an account. ``secrets`` may appear nowhere. ``login`` is None where every call brings the
    credentials.
    """

    garbage: Sequence[str] = GARBAGE
    missing: Sequence[str]
    request: Callable[[Connector], Awaitable[OrderRequest]]
    change: Callable[[Order], OrderChange]
    login: Operation | None
    get_order: Operation | None
    """None where the vendor shows no order again: what is read of it is what the gateway keeps."""
    list_orders: Operation | None
    commits: Operation
    """The call by which an order is placed for good."""
    asked: bool = True
    """Whether the vendor can be asked what became of placing when no answer came."""
    answers: bool = True
    """Whether the vendor answers an order with anything that could break its contract."""
    facts: Sequence[Operation]
    secrets: Sequence[str]
    prices: bool = True
    """Whether anything of the vendor has a price."""
    order_words: Sequence[str]
    """The vendor's words for the states that a placed order can come to."""
    advance_order: Callable[[str, str], Command]
    """Brings a placed order, by id, to a state."""
    order_after: Mapping[Action, OrderStatus]
    """Where an accepted action leads to."""
    subscription_states: Mapping[str, tuple[SubscriptionStatus, Callable[[str], Command | None]]]
    """For each state a status that seeded subscriptions have, and how to get on from there, by id."""
    subscription_after: Mapping[Action, SubscriptionStatus]
    reads: Mapping[str, Reading | None]
    """Every operation that reads what its path names, and others that ask for one object; None where it is a list."""
    edits: Mapping[str, Callable[[Connector, str], Awaitable[object]]] = field(default_factory=dict[str, Any])
    """Changes of what only this vendor has, by the operation in ``reads`` that shows what they change."""
    about_parts: Set[str] = frozenset()
    """The changes that are answered with a part of what their path names, or with nothing."""


async def order_reading(connector: Connector) -> tuple[str, str, Read]:
    """Two orders."""
    part = await connector.list_orders(OrderQuery(), Window(2, descending=True))
    one, other = (order.ref.joined for order in part.items)
    return one, other, lambda at: at.fetch_orders([one])


def laws_of(vendor: Vendor) -> Laws:
    """The table in the vendor's test folder."""
    return cast("Laws", import_module(f"tests.vendors.{vendor.code}.laws").LAWS)
