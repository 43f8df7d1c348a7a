"""What Verifone adds to the graph: its type of account, its filters, and what only it tells and takes.

Most of it is derived from `wire`: what is written here is computed, or differs.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET, field

from ordergraph.domain.commands import OrderQuery
from ordergraph.domain.errors import InputError
from ordergraph.graph.account import Account
from ordergraph.graph.derived import Derived
from ordergraph.graph.inputs import bounded
from ordergraph.graph.order import LineItemDetails, OrderConditions, OrderDetails, order_query, orders_field
from ordergraph.graph.scalars import JSON, graph_enum
from ordergraph.graph.schema import VendorGraph
from ordergraph.graph.subscription import SubscriptionDetails
from ordergraph.vendors.verifone import mapping_details, request_mapping, values, wire
from ordergraph.vendors.verifone.connector import VerifoneConnector
from ordergraph.vendors.verifone.values import stamp

types = Derived("Verifone")
graph_enum(values.VerifoneCancelReason)
graph_enum(values.VerifoneLineKind)
graph_enum(values.VerifonePaymentMethod)
graph_enum(values.VerifoneOrderStatus)

# ------------------------------------------------------------------------------------------ objects


@strawberry.type(description="How an order is paid.")
class VerifonePaymentDetails:
    """Read from a `mapping_details.Worded`."""

    payment_type: str | None = field(description="Verifone's word: ACCOUNT, CREDIT, NET or EINVOICE.")
    other: JSON | None = field(description="What else there is; it depends on the word and is not documented.")


@strawberry.type(description="What a payment processor needs of a service.")
class VerifoneProcessorParameters:
    """Read from a `mapping_details.Worded`."""

    processor: str | None = field(description="Which processor, in Verifone's word such as NETS.")
    tid_list: list[str] | None = field(description="The terminal IDs that it was given.")
    other: JSON | None = field(description="What else there is; it depends on the processor and is not documented.")


@types.object(wire.PackageDetails, without=("base_package_bundle", "service_packages", "delivery_package"))
class VerifonePackageDetails:
    """The packages of a whole order. Each is a line as well."""


@types.object(wire.Order, view=mapping_details.VerifoneOrderDetails)
class VerifoneOrderDetails(OrderDetails):
    """What only Verifone tells of an order."""

    payment_details: VerifonePaymentDetails | None = field(description="How it is paid.")


@types.object(
    wire.ServicePackage,
    wire.DeliveryPackage,
    wire.DevicePackage,
    wire.Bundle,
    view=mapping_details.VerifoneLineItemDetails,
    only=("three_ds_merchant_identifiers",),
)
class VerifoneLineItemDetails(LineItemDetails):
    """What only Verifone tells of a line."""

    kind: values.VerifoneLineKind = field(description="Which part of the order it is.")
    poi: int | None = field(description="Of a device: at which place in the order its terminal stands, from 0 on.")
    serial_numbers: list[str] = field(description="The serial numbers of the devices.")
    additional_package_data: list[wire.Variable] = field(description="What sets the package up.")
    adjusted_prices: list[wire.AdjustedPrice] = field(description="The prices that were agreed on.")
    processor_parameters: VerifoneProcessorParameters | None = field(
        description="Of a service: what the processor needs."
    )


@types.object(view=mapping_details.VerifoneSubscriptionDetails)
class VerifoneSubscriptionDetails(SubscriptionDetails):
    """What only Verifone tells of a service."""

    adjusted_prices: list[wire.AdjustedPrice] = field(description="The prices that were agreed on.")


# ------------------------------------------------------------------------------------------- inputs


@strawberry.input(description="What a payment processor needs of a service.")
class VerifoneProcessorParametersInput:
    """Part of a body."""

    processor: str = field(description="Which processor, in Verifone's word such as NETS.")
    tid_list: list[str] | None = field(default=UNSET, description="The terminal IDs that it has given you.")
    other: JSON | None = field(default=UNSET, description="An object with what else the processor needs.")


@types.input(wire.ServicePackage)
class VerifoneServicePackageInput:
    """A service of an order."""

    processor_parameters: VerifoneProcessorParametersInput | None = field(
        default=UNSET, description="What the processor needs."
    )


@types.input(wire.PackageDetails)
class VerifonePackageDetailsInput:
    """The packages of a whole order. Each becomes a line of it."""


@strawberry.input(description="How an order is paid.")
class VerifonePaymentDetailsInput:
    """Part of a body."""

    payment_type: values.VerifonePaymentMethod = field(default=values.VerifonePaymentMethod.CREDIT, description="How.")
    other: JSON | None = field(default=UNSET, description="An object with what else that needs.")


@types.input(wire.HardwareOrder)
class VerifoneOrderDetailsInput:
    """What only Verifone takes of an order."""

    payment_details: VerifonePaymentDetailsInput | None = field(default=UNSET, description="How it is paid.")
    simplified_order_flow: bool | None = field(
        default=UNSET,
        description="On placing: whether Verifone fills in what is left out; by default as in the account's settings.",
    )


@types.input(wire.DevicePackage)
class VerifoneLineItemDetailsInput:
    """What only Verifone takes of a line, which is a device."""

    poi: int | None = field(
        default=UNSET,
        description="Lines with the same number make one terminal: the first is its device, the others come along. "
        "A line without is a terminal of its own.",
    )


@strawberry.input(description="What only Verifone takes of a cancellation.")
class VerifoneCancelDetailsInput:
    """Becomes the details of a `commands.CancelRequest`."""

    reason: values.VerifoneCancelReason = field(
        default=values.VerifoneCancelReason.OTHER, description="Why, in Verifone's words."
    )


# ------------------------------------------------------------------------------------------ account


@strawberry.input(description="Which orders: conditions are ANDed, the values of one are ORed.")
class VerifoneOrderFilter(OrderConditions):
    """Becomes a `commands.OrderQuery`."""

    vendor_status: values.VerifoneOrderStatus | None = field(
        default=None, description="In this of Verifone's finer statuses."
    )
    customer_entity_uid: str | None = field(default=None, description="Of the customer with this ID of Verifone's.")
    merchant_company: str | None = field(default=None, description="Of a merchant with this in its name.")
    created_by: str | None = field(default=None, description="Made by the user with this ID of Verifone's.")
    changed_since: datetime | None = field(
        default=None,
        description="Whose finer status has changed since then. Verifone cannot search for it: the gateway reads all "
        "orders that meet the other conditions.",
    )
    unchanged_since: datetime | None = field(
        default=None, description="Whose finer status last changed before then, such as orders that are stuck."
    )


def verifone_order_query(at: VerifoneConnector, wanted: VerifoneOrderFilter) -> OrderQuery:
    """The conditions that all vendors have, and Verifone's own beside them, by its parameters."""
    query = order_query(wanted)
    details: dict[str, Any] = {
        "detailedStatus": wanted.vendor_status.name if wanted.vendor_status else None,
        "customerEntityUid": uuid_of(wanted.customer_entity_uid, "filter.customerEntityUid"),
        "merchantCompany": bounded(wanted.merchant_company, "filter.merchantCompany"),
        "userUids": uuid_of(wanted.created_by, "filter.createdBy"),
        request_mapping.CHANGED_SINCE: wanted.changed_since,
        "lastChangeTime": stamp(wanted.unchanged_since) if wanted.unchanged_since else None,
    }
    if any(details.values()) and not at.searches:
        raise InputError(f"`filter`: account {at.name} has no extension 'search', which these conditions need")
    return replace(query, details={name: value for name, value in details.items() if value is not None})


def uuid_of(text: str | None, name: str) -> str | None:
    """A UUID; raise InputError if it cannot be one."""
    uid = None if text is None else request_mapping.uuid_of(text)
    if text is not None and uid is None:
        raise InputError(f"`{name}`: an ID of Verifone's is a UUID")
    return uid


@types.object(view=VerifoneConnector)
class VerifoneAccount(Account):
    """An account at Verifone."""

    orders = orders_field(
        VerifoneOrderFilter, verifone_order_query, "The orders of this account, with conditions that only Verifone has."
    )


graph = VendorGraph(
    types=[VerifoneAccount, VerifoneOrderDetails, VerifoneLineItemDetails, VerifoneSubscriptionDetails],
    order_details_input=VerifoneOrderDetailsInput,
    line_item_details_input=VerifoneLineItemDetailsInput,
    cancel_details_input=VerifoneCancelDetailsInput,
)
"""What Verifone adds to the graph."""
