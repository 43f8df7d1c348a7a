"""Maps ordergraph's conditions for orders to Sonata's filters. Other conditions are applied here.

Source: the parameters of `listProductOrder` in MEF 123 v10.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ordergraph.domain import OrderStatus
from ordergraph.domain.commands import ALWAYS, OrderQuery, Range, within
from ordergraph.vendors.sonata import wire
from ordergraph.vendors.sonata.mapping import STATUS, SonataOrder
from ordergraph.vendors.sonata.values import moment

Query = list[tuple[str, str]]

MICROSECOND = timedelta(microseconds=1)
# The time conditions that only Sonata has, and Sonata's parameters for them.
SPANS: Mapping[str, str] = {
    "completed_at": "completionDate",
    "cancelled_at": "cancellationDate",
    "item_requested_at": "itemRequestedCompletionDate",
    "item_expected_at": "itemExpectedCompletionDate",
}


def orders_query(query: OrderQuery) -> Query | None:
    """Return Sonata's filters, which may match more orders than the query. None if no order can match."""
    found = {"projectId": query.details.get("project_id"), **spans(query)}
    states = states_of(query)
    if states is not None and not states:
        return None
    if states is not None and len(states) == 1:
        found["state"] = next(iter(states))
    references = reference_of(query)
    if references is not None and len(references) == 1:
        found["externalId"] = next(iter(references))
    return [(name, value) for name, value in found.items() if value is not None]


def states_of(query: OrderQuery) -> frozenset[str] | None:
    """Return the states that a query allows. None if it allows any, including unknown states."""
    own: frozenset[str] | None = query.details.get("state")
    if query.statuses is None or OrderStatus.UNKNOWN in query.statuses:
        return own
    states = frozenset(state for state, ours in STATUS.items() if ours in query.statuses)
    return states if own is None else states & own


def reference_of(query: OrderQuery) -> frozenset[str] | None:
    """Return the references that a query allows. Number and reference are the same here."""
    if query.numbers is None or query.client_references is None:
        return query.client_references if query.numbers is None else query.numbers
    return query.numbers & query.client_references


def spans(query: OrderQuery) -> Mapping[str, str]:
    """Return the time filters of a query. Sonata's ranges exclude both ends, ours only the end."""
    ranges = {"orderDate": query.placed_at, **{own: query.details.get(name) for name, own in SPANS.items()}}
    found: dict[str, str] = {}
    for name, span in ranges.items():
        if span is not None and span.start is not None:
            found[f"{name}.gt"] = (span.start.astimezone(UTC) - MICROSECOND).isoformat().replace("+00:00", "Z")
        if span is not None and span.end is not None:
            found[f"{name}.lt"] = span.end.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return found


def own_conditions(order: SonataOrder, query: OrderQuery) -> bool:
    """Return whether an order, as far as it was read, meets the conditions that only Sonata has."""
    project, states = query.details.get("project_id"), query.details.get("state")
    return (
        (project is None or order.wire.project_id == project)
        and (states is None or order.wire.state in states)
        and within(order.completed_at, query.details.get("completed_at") or ALWAYS)
        and within(order.cancelled_at, query.details.get("cancelled_at") or ALWAYS)
        and (order.wire.items is None or any(item_within(item, query) for item in order.items))
    )


def item_within(item: wire.Item, query: OrderQuery) -> bool:
    """Return whether an item has the dates of the query."""
    requested: Range[datetime] = query.details.get("item_requested_at") or ALWAYS
    expected: Range[datetime] = query.details.get("item_expected_at") or ALWAYS
    return within(moment(item.requested_at), requested) and within(moment(item.expected_at), expected)


def exact(query: OrderQuery) -> bool:
    """Return whether Sonata's filters match exactly the orders of the query, so that its count is correct."""
    states, references = states_of(query), reference_of(query)
    return (
        not needs_items(query)
        and (query.statuses is None or OrderStatus.UNKNOWN not in query.statuses)
        and (states is None or len(states) == 1)
        and (references is None or len(references) == 1)
    )


def needs_items(query: OrderQuery) -> bool:
    """Return whether a condition concerns fields that rows of the list do not have."""
    return query.purchase_order_numbers is not None or query.search is not None
