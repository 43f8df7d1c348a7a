"""By what one sees whether an in-doubt operation was done: the status that it leads to, and its target."""

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
"""For a mutation, how what it was to change shows whether that was done; None where it does not show."""


OUTCOMES: Outcomes = {
    "submitOrder": lambda order, _: order.status is not OrderStatus.DRAFT,
    "cancelOrder": lambda order, _: order.status in STOPPED,
    "acknowledgeOrder": lambda order, _: order.status is OrderStatus.COMPLETED,
    "approveOrder": lambda order, _: order.status not in {OrderStatus.PENDING_APPROVAL, *DENIED},
    "denyOrder": lambda order, _: order.status in DENIED,
    "resubmitOrder": lambda order, _: order.status is not OrderStatus.ACTION_REQUIRED,
}


Targets = Mapping[str, Callable[[Any, Sequence[str]], Awaitable[Fetched[Any]]]]
"""By which field of a mutation's input what it is to change is named, and how a connector reads that."""


TARGETS: Targets = {
    "orderId": lambda at, keys: at.fetch_orders(keys),
    "lineItemId": lambda at, keys: at.fetch_orders([key.partition(":")[0] for key in keys]),
    "subscriptionId": lambda at, keys: at.fetch_subscriptions(keys),
    "chargeId": lambda at, keys: at.fetch_charges(keys),
}
