"""What Sonata adds to the graph: its type of account, with its own filters; the rest is in ``graph_details.py``."""

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
    """Where an order stands, in Sonata's words; a dot of theirs is an underscore."""

    ACKNOWLEDGED = "Received, and being checked."
    ASSESSING_CANCELLATION = "A cancellation was asked for and is not decided."
    CANCELLED = "Was cancelled."
    COMPLETED = "All items are done."
    FAILED = "All items have failed."
    HELD_ASSESSING_CHARGE = "Waits for an answer to a charge."
    IN_PROGRESS = "Checked, and being worked on."
    PARTIAL = "Some items are done, and some have failed."
    PENDING_ASSESSING_MODIFICATION = "Another date was asked for and is not decided."
    PENDING_CANCELLATION = "Is being cancelled."
    REJECTED = "Did not pass the checks."


STATE_WORDS = {word.replace(".", "").lower(): word for word in STATUS}


def state_word(state: SonataOrderState) -> str:
    """Sonata's word."""
    return STATE_WORDS[state.name.replace("_", "").lower()]


@strawberry.input(description="Which orders: conditions are ANDed, the values of one are ORed.")
class SonataOrderFilter(OrderConditions):
    """Becomes a `commands.OrderQuery`."""

    vendor_status: list[SonataOrderState] | None = field(
        default=None, description="In these states, in Sonata's finer words."
    )
    project_id: str | None = field(default=None, description="Of this project.")
    completed_at: DateTimeRange | None = field(default=None, description="Ended in this time, well or not.")
    cancelled_at: DateTimeRange | None = field(default=None, description="Cancelled in this time.")
    item_requested_at: DateTimeRange | None = field(
        default=None, description="With an item that was wanted in this time."
    )
    item_expected_at: DateTimeRange | None = field(
        default=None, description="With an item that the Seller expects to complete in this time."
    )


def sonata_order_query(wanted: SonataOrderFilter) -> OrderQuery:
    """The conditions that all vendors have, and Sonata's own beside them."""
    states = choices(wanted.vendor_status, "filter.vendorStatus")
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
        "The orders of this account, with conditions that only Sonata has. Without the extension `list`, those that "
        "were placed here.",
    )


graph = VendorGraph(
    types=[SonataAccount, details.SonataOrderDetails, details.SonataLineItemDetails, details.SonataSubscriptionDetails],
    order_details_input=details.SonataOrderDetailsInput,
    line_item_details_input=details.SonataLineItemDetailsInput,
    cancel_details_input=details.SonataCancelDetailsInput,
    requested_date_details_input=details.SonataRequestedDateDetailsInput,
)
"""What Sonata adds to the graph."""
