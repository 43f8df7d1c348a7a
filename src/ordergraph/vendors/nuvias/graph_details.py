"""Types that only Nuvias UC Hub has: details of the shared types, and objects of its own.

Most fields are derived from `wire` and `wire_people`. The fields written here are computed, or differ.
"""

from typing import Any

import strawberry
from strawberry import UNSET, field

from ordergraph import domain
from ordergraph.domain import OrderStatus
from ordergraph.domain.commands import AddressRequest
from ordergraph.graph.caching import HOURS, SECONDS, cached
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.derived import Derived
from ordergraph.graph.derived_field import look_up
from ordergraph.graph.invoice import InvoiceDetails
from ordergraph.graph.node import Node
from ordergraph.graph.order import LineItemDetails, Order, OrderDetails
from ordergraph.graph.product import Product, ProductDetails
from ordergraph.graph.scalars import CountryCode, CurrencyCode, graph_enum
from ordergraph.graph.subscription import Subscription, SubscriptionDetails
from ordergraph.graph.values import Address, AddressInput, Money, ProductRefInput
from ordergraph.vendors.nuvias import mapping, mapping_people, values, wire, wire_people
from ordergraph.vendors.nuvias.values import FEED, PRODUCT_GROUP, USER, CountryWord, CurrencyWord
from ordergraph.wire.fields import Reference

REFERRED_TO = (Order, Product, Subscription)
"""Shared types of the graph that references name."""

types = Derived(
    "Nuvias",
    __name__,
    part=mapping.Piece,
    known={
        domain.Address: Address,
        domain.Money: Money,
        AddressRequest: AddressInput,
        CountryWord: CountryCode,
        CurrencyWord: CurrencyCode,
    },
)
graph_enum(values.NuviasProductGroupStatus)

# ---- Hub-specific objects ---------------------------------------------------------------------------


@strawberry.type(description="A saved address of an organisation.")
class NuviasSavedAddress:
    """Read from `mapping_people.NuviasSavedAddress`."""

    name: str | None = field(description="The name under which the organisation saved the address.")
    address: Address | None = field(description="The address.")


ADDRESSES = Reference("NuviasSavedAddress", "fetch_addresses")


@types.object(wire_people.Organisation, view=mapping_people.NuviasOrganisation, directives=cached(HOURS))
class NuviasOrganisation(Node):
    """An organisation in the Hub's tree of resellers and customers."""

    @field(description="The saved addresses of the organisation.", graphql_type=list[NuviasSavedAddress] | None)
    @staticmethod
    async def addresses(root: strawberry.Parent[mapping_people.NuviasOrganisation], info: GraphInfo) -> Any:
        """Read by a loader."""
        return await look_up(info, root, ADDRESSES, root.wire.id)


def reference_data(struct: type[wire.Wire], view: type) -> Any:
    """Return the type of reference data that other objects refer to."""
    made = type(view.__name__, (Node,), {"__module__": __name__})
    return types.object(struct, view=view, directives=cached(HOURS))(made)


NuviasManufacturer = reference_data(wire_people.Manufacturer, mapping_people.NuviasManufacturer)
NuviasCountry = reference_data(wire_people.Country, mapping_people.NuviasCountry)
NuviasShippingType = reference_data(wire_people.ShippingType, mapping_people.NuviasShippingType)
NuviasProvisioningGroup = reference_data(wire_people.Group, mapping_people.NuviasProvisioningGroup)
NuviasSite = reference_data(wire_people.Site, mapping_people.NuviasSite)


@types.object(
    wire_people.User,
    view=mapping_people.NuviasUser,
    row=wire_people.UserRow,
    whole=USER,
    directives=cached(SECONDS),
)
class NuviasUser(Node):
    """A user of the Hub."""


@types.object(
    wire_people.ProductGroup,
    view=mapping_people.NuviasProductGroup,
    row=wire_people.ProductGroupRow,
    whole=PRODUCT_GROUP,
    directives=cached(SECONDS),
)
class NuviasProductGroup(Node):
    """A group of products that the Hub's webstore shows as one."""

    status: values.NuviasProductGroupStatus = field(description="The status of the product group.")


@types.object(
    wire_people.Feed,
    view=mapping_people.NuviasFeed,
    without=("delivery_password",),
    row=wire_people.FeedRow,
    whole=FEED,
    directives=cached(SECONDS),
)
class NuviasFeed(Node):
    """A file of products and prices that the Hub delivers every day."""

    has_password: bool = field(
        description="Whether a password is set for delivery method `FTP`. The password itself is never returned."
    )


@types.object(wire_people.Whoami, view=mapping_people.NuviasViewer)
class NuviasViewer:
    """The user whose API client the account uses. Under emulation, this is the emulated user."""

    id: strawberry.ID = field(description="The ID of the user.")
    real_id: strawberry.ID | None = field(description="Under emulation, the ID of the emulating user.")


# ---- Orders, products, subscriptions and invoices ---------------------------------------------------


@types.object(wire.OrderHistory)
class NuviasOrderHistory:
    """An order in the history of a subscription, as it was at the time."""

    @field(description="The order's status at the time, normalized across all vendors.")
    @staticmethod
    def status(root: strawberry.Parent[mapping.Piece]) -> OrderStatus:
        """Converted to the graph's status."""
        return mapping.order_status(root.wire.vendor_status)


@types.object(wire.Order, view=mapping.NuviasOrderDetails)
class NuviasOrderDetails(OrderDetails):
    """The fields of an order that only Nuvias UC Hub has."""


@types.object(wire.LineItem, view=mapping.NuviasLineItemDetails)
class NuviasLineItemDetails(LineItemDetails):
    """The fields of a line item that only Nuvias UC Hub has."""


@types.object(wire.Product, view=mapping.NuviasProductDetails)
class NuviasProductDetails(ProductDetails):
    """The fields of a product that only Nuvias UC Hub has."""


@types.object(wire.Subscription, view=mapping.NuviasSubscriptionDetails)
class NuviasSubscriptionDetails(SubscriptionDetails):
    """The fields of a subscription that only Nuvias UC Hub has."""


@types.object(wire.Invoice, view=mapping.NuviasInvoiceDetails)
class NuviasInvoiceDetails(InvoiceDetails):
    """The fields of an invoice that only Nuvias UC Hub has."""


DETAILS = (
    NuviasOrderDetails,
    NuviasLineItemDetails,
    NuviasProductDetails,
    NuviasSubscriptionDetails,
    NuviasInvoiceDetails,
)
"""The types of `details` in the shared types."""

# ---- Inputs -----------------------------------------------------------------------------------------


@types.input(wire.FinanceWrite)
class NuviasFinanceInput:
    """The financing of an order."""


@types.input(wire.DropboxOrderWrite)
class NuviasDropboxOrderInput:
    """The Dropbox team to create."""


@types.input(wire.AcronisOrderWrite)
class NuviasAcronisOrderInput:
    """The Acronis tenant to create."""


@types.input(wire.ZoomOrderWrite)
class NuviasZoomOrderInput:
    """The Zoom purchase to make."""


@types.input(wire.OrderWrite)
class NuviasOrderDetailsInput:
    """The fields of an order that only Nuvias UC Hub accepts."""

    linked_supplier_refs: list[str] | None = field(
        default=UNSET,
        description="The numbers of orders to link to this order. This is the only field that can be "
        "changed once the order has been submitted.",
    )


@types.input(wire.LineItemWrite)
class NuviasLineItemDetailsInput:
    """The fields of a line item that only Nuvias UC Hub accepts."""

    provisioning_product: ProductRefInput | None = field(
        default=UNSET, description="The product that provisions the line: one of the product's `provisioningProducts`."
    )
    maintenance_product: ProductRefInput | None = field(
        default=UNSET, description="The product that maintains the line: one of the product's `maintenanceProducts`."
    )


@types.input(wire.SubscriptionWrite)
class NuviasSubscriptionDetailsInput:
    """The fields of a subscription that only Nuvias UC Hub accepts."""
