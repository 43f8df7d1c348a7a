"""Verifone's part of the graph: its account type, its filters, and the details that only Verifone has.

Most types are derived from `wire`. Fields declared here are computed or differ from it.
"""

from dataclasses import replace
from typing import Any

import strawberry
from strawberry import UNSET, field

from ordergraph.domain.commands import OrderQuery
from ordergraph.domain.errors import InputError
from ordergraph.graph.account import Account
from ordergraph.graph.derived import Derived
from ordergraph.graph.inputs import bounded, span
from ordergraph.graph.order import LineItemDetails, OrderConditions, OrderDetails, order_query, orders_field
from ordergraph.graph.scalars import JSON, graph_enum
from ordergraph.graph.schema import VendorGraph
from ordergraph.graph.subscription import SubscriptionDetails
from ordergraph.graph.values import DateTimeRange
from ordergraph.vendors.verifone import mapping_details, request_mapping, values, wire
from ordergraph.vendors.verifone.connector import VerifoneConnector
from ordergraph.vendors.verifone.values import stamp

types = Derived("Verifone")
graph_enum(values.VerifoneCancelReason)
graph_enum(values.VerifoneLineKind)
graph_enum(values.VerifonePaymentMethod)
graph_enum(values.VerifoneOrderStatus)

# ---- Objects ----------------------------------------------------------------------------------------


@strawberry.type(description="The payment details of an order.")
class VerifonePaymentDetails:
    """Read from a `mapping_details.Worded`."""

    payment_type: str | None = field(
        description="The payment method as reported by Verifone: ACCOUNT, CREDIT, NET or EINVOICE."
    )
    other: JSON | None = field(
        description="Additional fields. They depend on the payment method and are undocumented. Null if there are none."
    )


@strawberry.type(description="The parameters that a payment processor requires for a service.")
class VerifoneProcessorParameters:
    """Read from a `mapping_details.Worded`."""

    processor: str | None = field(description="The processor as reported by Verifone, such as NETS.")
    terminal_ids: list[str] | None = field(description="The terminal IDs issued by the processor.")
    other: JSON | None = field(
        description="Additional fields. They depend on the processor and are undocumented. Null if there are none."
    )


@types.object(wire.PackageDetails, without=("base_package_bundle", "service_packages", "delivery_package"))
class VerifonePackageDetails:
    """The packages that apply to the whole order. Each is also a line of the order."""


@types.object(wire.Order, view=mapping_details.VerifoneOrderDetails)
class VerifoneOrderDetails(OrderDetails):
    """The fields of an order that only Verifone has."""

    payment_details: VerifonePaymentDetails | None = field(description="The payment details. Null if there are none.")


@types.object(
    wire.ServicePackage,
    wire.DeliveryPackage,
    wire.DevicePackage,
    wire.Bundle,
    view=mapping_details.VerifoneLineItemDetails,
    only=("three_ds_merchant_identifiers",),
)
class VerifoneLineItemDetails(LineItemDetails):
    """The fields of a line item that only Verifone has."""

    kind: values.VerifoneLineKind = field(description="The part of the order that the line represents.")
    poi: int | None = field(
        description="The position of the device's terminal in the order, starting at 0. Null for lines without devices."
    )
    serial_numbers: list[str] = field(description="The serial numbers of the devices. Empty if Verifone reports none.")
    additional_package_data: list[wire.Variable] = field(description="The configuration values of the package.")
    adjusted_prices: list[wire.AdjustedPrice] = field(description="The agreed prices.")
    processor_parameters: VerifoneProcessorParameters | None = field(
        description="The parameters for the payment processor of a service. Null if the line has none."
    )


@types.object(view=mapping_details.VerifoneSubscriptionDetails)
class VerifoneSubscriptionDetails(SubscriptionDetails):
    """The fields of a subscription that only Verifone has."""

    adjusted_prices: list[wire.AdjustedPrice] = field(description="The agreed prices.")


# ---- Inputs -----------------------------------------------------------------------------------------


@strawberry.input(description="The parameters that a payment processor requires for a service.")
class VerifoneProcessorParametersInput:
    """A part of the request body."""

    processor: str = field(description="The processor as Verifone names it, such as NETS.")
    terminal_ids: list[str] | None = field(default=UNSET, description="The terminal IDs issued by the processor.")
    other: JSON | None = field(
        default=UNSET, description="An object with additional fields that the processor requires."
    )


@types.input(wire.ServicePackage)
class VerifoneServicePackageInput:
    """A service to order."""

    processor_parameters: VerifoneProcessorParametersInput | None = field(
        default=UNSET, description="The parameters that the payment processor requires."
    )


@types.input(wire.PackageDetails)
class VerifonePackageDetailsInput:
    """The packages that apply to the whole order. Each becomes a line of the order."""


@strawberry.input(description="The payment details of an order.")
class VerifonePaymentDetailsInput:
    """A part of the request body."""

    payment_type: values.VerifonePaymentMethod = field(
        default=values.VerifonePaymentMethod.CREDIT, description="The payment method. Defaults to CREDIT."
    )
    other: JSON | None = field(
        default=UNSET, description="An object with additional fields that the payment method requires."
    )


@types.input(wire.HardwareOrder)
class VerifoneOrderDetailsInput:
    """The fields of an order that only Verifone accepts."""

    payment_details: VerifonePaymentDetailsInput | None = field(default=UNSET, description="The payment details.")
    is_simplified_order_flow: bool | None = field(
        default=UNSET,
        description="Whether Verifone fills in values that the order omits. Only used to place an order or create a "
        "draft. Defaults to the account's setting.",
    )


@types.input(wire.DevicePackage)
class VerifoneLineItemDetailsInput:
    """The fields of a line item that only Verifone accepts. The line item is a device."""

    poi: int | None = field(
        default=UNSET,
        description="Groups lines into terminals. Lines with the same number form one terminal: the first is its "
        "device, the others are additional devices. A line without a number is a terminal of its own.",
    )


@strawberry.input(description="The fields of a cancellation that only Verifone accepts.")
class VerifoneCancelDetailsInput:
    """Becomes the details of a `commands.CancelRequest`."""

    reason: values.VerifoneCancelReason = field(
        default=values.VerifoneCancelReason.OTHER,
        description="The reason for the cancellation. Defaults to OTHER.",
    )


# ---- Account ----------------------------------------------------------------------------------------


@strawberry.input(description="Filters orders. Conditions are combined with AND, the values of one condition with OR.")
class VerifoneOrderFilter(OrderConditions):
    """Becomes a `commands.OrderQuery`."""

    vendor_status: values.VerifoneOrderStatus | None = field(
        default=None, description="Returns only orders in this detailed status."
    )
    customer_entity_uid: str | None = field(
        default=None, description="Returns only orders of the customer with this Verifone ID."
    )
    merchant_company: str | None = field(
        default=None, description="Returns only orders of merchants whose name contains this text."
    )
    created_by: str | None = field(
        default=None, description="Returns only orders created by the user with this Verifone ID."
    )
    status_changed_at: DateTimeRange | None = field(
        default=None,
        description="Returns only orders whose detailed status last changed in this time range. Use a range without a "
        "start to find orders that are stuck. Verifone cannot search by the start: the gateway reads all orders that "
        "match the other conditions.",
    )


def verifone_order_query(at: VerifoneConnector, wanted: VerifoneOrderFilter) -> OrderQuery:
    """Return the query of a filter. Its ``details`` are the Verifone conditions, keyed by Verifone's parameters."""
    query = order_query(wanted)
    changed = span(wanted.status_changed_at, "filter.statusChangedAt")
    details: dict[str, Any] = {
        "detailedStatus": wanted.vendor_status.name if wanted.vendor_status else None,
        "customerEntityUid": uuid_of(wanted.customer_entity_uid, "filter.customerEntityUid"),
        "merchantCompany": bounded(wanted.merchant_company, "filter.merchantCompany"),
        "userUids": uuid_of(wanted.created_by, "filter.createdBy"),
        request_mapping.CHANGED_SINCE: changed.start,
        "lastChangeTime": stamp(changed.end) if changed.end else None,
    }
    if any(details.values()) and not at.searches:
        raise InputError(
            f"`filter`: These conditions require the extension 'search', which the account `{at.name}` does not have."
        )
    return replace(query, details={name: value for name, value in details.items() if value is not None})


def uuid_of(text: str | None, name: str) -> str | None:
    """Return a UUID. Raise InputError for any other text."""
    uid = None if text is None else request_mapping.uuid_of(text)
    if text is not None and uid is None:
        raise InputError(f"`{name}`: A Verifone ID must be a UUID.")
    return uid


@types.object(view=VerifoneConnector)
class VerifoneAccount(Account):
    """An account at Verifone."""

    orders = orders_field(
        VerifoneOrderFilter,
        verifone_order_query,
        "The orders of the account, with filters that only Verifone has.",
    )


graph = VendorGraph(
    types=[VerifoneAccount, VerifoneOrderDetails, VerifoneLineItemDetails, VerifoneSubscriptionDetails],
    order_details_input=VerifoneOrderDetailsInput,
    line_item_details_input=VerifoneLineItemDetailsInput,
    cancel_details_input=VerifoneCancelDetailsInput,
)
"""Verifone's part of the graph."""
