"""How the outcome of an in-doubt operation is determined: from the status of the object that it changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ordergraph.connector.fetching import Fetched
from ordergraph.domain import (
    OrderStatus,
)
from ordergraph.ledger.operations import WriteOperation

STOPPED = frozenset({OrderStatus.CANCELLING, OrderStatus.CANCELLED})
DENIED = STOPPED | {OrderStatus.REJECTED, OrderStatus.FAILED}
Outcomes = Mapping[str, Callable[[Any, WriteOperation], bool | None]]
"""For each mutation, a function that returns whether its target shows that it was performed; None if unknown."""


OUTCOMES: Outcomes = {
    "submitOrder": lambda order, _: order.status is not OrderStatus.DRAFT,
    "cancelOrder": lambda order, _: order.status in STOPPED,
    "acknowledgeOrder": lambda order, _: order.status is OrderStatus.COMPLETED,
    "approveOrder": lambda order, _: order.status not in {OrderStatus.PENDING_APPROVAL, *DENIED},
    "denyOrder": lambda order, _: order.status in DENIED,
    "resubmitOrder": lambda order, _: order.status is not OrderStatus.ACTION_REQUIRED,
}


Targets = Mapping[str, Callable[[Any, Sequence[str]], Awaitable[Fetched[Any]]]]
"""The input fields that identify the target of a mutation, and how a connector reads it."""


TARGETS: Targets = {
    "orderId": lambda at, keys: at.fetch_orders(keys),
    "lineItemId": lambda at, keys: at.fetch_orders([key.partition(":")[0] for key in keys]),
    "subscriptionId": lambda at, keys: at.fetch_subscriptions(keys),
    "chargeId": lambda at, keys: at.fetch_charges(keys),
}
