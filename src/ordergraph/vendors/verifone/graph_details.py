"""What only Verifone tells of orders, lines and services, and takes of them.

Most of it is derived from `wire`: what is written here is computed, or differs.
"""

import strawberry
from strawberry import UNSET, field

from ordergraph.graph.derived import Derived
from ordergraph.graph.order import LineItemDetails, OrderDetails
from ordergraph.graph.scalars import JSON, graph_enum
from ordergraph.graph.subscription import SubscriptionDetails
from ordergraph.vendors.verifone import mapping_details, wire
from ordergraph.vendors.verifone.values import VerifoneCancelReason, VerifoneLineKind, VerifonePaymentMethod

types = Derived("Verifone")
graph_enum(VerifoneLineKind)
graph_enum(VerifonePaymentMethod)
graph_enum(VerifoneCancelReason)

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


@types.object(view=mapping_details.VerifoneLineItemDetails)
class VerifoneLineItemDetails(LineItemDetails):
    """What only Verifone tells of a line."""

    kind: VerifoneLineKind = field(description="Which part of the order it is.")
    poi: int | None = field(description="Of a device: at which place in the order its terminal stands, from 0 on.")
    serial_numbers: list[str] = field(description="The serial numbers of the devices.")
    additional_package_data: list[wire.Variable] = field(description="What sets the package up.")
    adjusted_prices: list[wire.AdjustedPrice] = field(description="The prices that were agreed on.")
    processor_parameters: VerifoneProcessorParameters | None = field(
        description="Of a service: what the processor needs."
    )
    three_ds_merchant_identifiers: wire.MerchantIdentifiers | None = field(
        name="threeDSMerchantIdentifiers", description="Of a service: the merchant as 3-D Secure knows it."
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

    payment_type: VerifonePaymentMethod = field(default=VerifonePaymentMethod.CREDIT, description="How.")
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

    reason: VerifoneCancelReason = field(default=VerifoneCancelReason.OTHER, description="Why, in Verifone's words.")
