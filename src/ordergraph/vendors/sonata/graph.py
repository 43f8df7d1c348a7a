"""Sonata's part of the graph: its account type with Sonata's filters. ``graph_details.py`` has the details."""

from dataclasses import replace
from typing import Any

import strawberry
from strawberry import field

from ordergraph.domain import DescribedEnum
from ordergraph.domain.commands import OrderQuery, camel
from ordergraph.graph.account import Account
from ordergraph.graph.inputs import bounded, choices, span
from ordergraph.graph.node import shows
from ordergraph.graph.order import OrderConditions, order_query, orders_field
from ordergraph.graph.scalars import graph_enum
from ordergraph.graph.schema import VendorGraph
from ordergraph.graph.values import DateTimeRange
from ordergraph.vendors.sonata import graph_details as details
from ordergraph.vendors.sonata.connector import SonataConnector
from ordergraph.vendors.sonata.mapping import STATUS
from ordergraph.vendors.sonata.request_mapping_lists import SPANS


@graph_enum
class SonataOrderState(DescribedEnum):
    """The state of an order as reported by the Seller. Underscores replace the dots in Sonata's names."""

    ACKNOWLEDGED = "The Seller received the order and is validating it."
    ASSESSING_CANCELLATION = "A cancellation was requested. The Seller has not decided yet."
    CANCELLED = "The order was cancelled."
    COMPLETED = "All items are complete."
    FAILED = "All items failed."
    HELD_ASSESSING_CHARGE = "The order is waiting for a response to a charge."
    IN_PROGRESS = "The Seller validated the order and is processing it."
    PARTIAL = "Some items are complete and some failed."
    PENDING_ASSESSING_MODIFICATION = "A date change was requested. The Seller has not decided yet."
    PENDING_CANCELLATION = "The order is being cancelled."
    REJECTED = "The order did not pass validation."


STATE_WORDS = {word.replace(".", "").lower(): word for word in STATUS}


def state_word(state: SonataOrderState) -> str:
    """Return Sonata's name of a state."""
    return STATE_WORDS[state.name.replace("_", "").lower()]


@strawberry.input(description="Filters orders. Conditions are combined with AND, the values of one condition with OR.")
class SonataOrderFilter(OrderConditions):
    """Becomes a `commands.OrderQuery`."""

    vendor_statuses: list[SonataOrderState] | None = field(
        default=None, description="Returns only orders in these states as reported by the Seller."
    )
    project_id: str | None = field(default=None, description="Returns only orders of this project.")
    completed_at: DateTimeRange | None = field(
        default=None, description="Returns only orders that ended in this period, successfully or not."
    )
    cancelled_at: DateTimeRange | None = field(
        default=None, description="Returns only orders that were cancelled in this period."
    )
    item_requested_at: DateTimeRange | None = field(
        default=None, description="Returns only orders with an item that was requested for this period."
    )
    item_expected_at: DateTimeRange | None = field(
        default=None, description="Returns only orders with an item that the Seller expects to complete in this period."
    )


def sonata_order_query(wanted: SonataOrderFilter) -> OrderQuery:
    """Return the query of a filter. Its ``details`` are the Sonata conditions."""
    states = choices(wanted.vendor_statuses, "filter.vendorStatuses")
    ranges = {name: (getattr(wanted, name), f"filter.{camel(name)}") for name in SPANS}
    details: dict[str, Any] = {
        "project_id": bounded(wanted.project_id, "filter.projectId"),
        "state": None if states is None else frozenset(map(state_word, states)),
        **{name: span(value, path) for name, (value, path) in ranges.items() if value is not None},
    }
    return replace(order_query(wanted), details=details)


@strawberry.type(description="An account at a Seller that speaks MEF LSO Sonata.")
class SonataAccount(Account):
    """Read from the account's connector."""

    is_type_of = shows(SonataConnector)

    orders = orders_field(
        SonataOrderFilter,
        lambda _, wanted: sonata_order_query(wanted),
        "The orders of the account, with filters that only Sonata has. Without the extension "
        "`list`, returns only orders that were placed through this gateway.",
    )


graph = VendorGraph(
    types=[SonataAccount, details.SonataOrderDetails, details.SonataLineItemDetails, details.SonataSubscriptionDetails],
    order_details_input=details.SonataOrderDetailsInput,
    line_item_details_input=details.SonataLineItemDetailsInput,
    cancel_details_input=details.SonataCancelDetailsInput,
    requested_date_details_input=details.SonataRequestedDateDetailsInput,
)
"""Sonata's part of the graph."""
