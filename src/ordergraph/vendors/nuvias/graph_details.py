"""What only Nuvias UC Hub tells: of orders, lines, products, subscriptions and invoices, and beside them.

Most of it is derived from `wire` and `wire_people`: what is written here is computed, or differs.
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
"""What references name of the graph's own types."""

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

# ------------------------------------------------------------------------- what is beside orders


@strawberry.type(description="An address that an organisation has saved.")
class NuviasSavedAddress:
    """Read from `mapping_people.NuviasSavedAddress`."""

    name: str | None = field(description="What the organisation calls it.")
    address: Address | None = field(description="The place.")


ADDRESSES = Reference("NuviasSavedAddress", "fetch_addresses")


@types.object(wire_people.Organisation, view=mapping_people.NuviasOrganisation, directives=cached(HOURS))
class NuviasOrganisation(Node):
    """An organisation in the Hub's tree of resellers and customers."""

    @field(description="The addresses that it has saved.", graphql_type=list[NuviasSavedAddress] | None)
    @staticmethod
    async def addresses(root: strawberry.Parent[mapping_people.NuviasOrganisation], info: GraphInfo) -> Any:
        """By loader."""
        return await look_up(info, root, ADDRESSES, root.wire.id)


def reference_data(struct: type[wire.Wire], view: type) -> Any:
    """The type of data that other objects refer to."""
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
    """Somebody who can log in to the Hub."""


@types.object(
    wire_people.ProductGroup,
    view=mapping_people.NuviasProductGroup,
    row=wire_people.ProductGroupRow,
    whole=PRODUCT_GROUP,
    directives=cached(SECONDS),
)
class NuviasProductGroup(Node):
    """Products that the Hub's shop shows as one."""

    status: values.NuviasProductGroupStatus = field(description="Whether it is on sale.")


@types.object(
    wire_people.Feed,
    view=mapping_people.NuviasFeed,
    without=("delivery_password",),
    row=wire_people.FeedRow,
    whole=FEED,
    directives=cached(SECONDS),
)
class NuviasFeed(Node):
    """A file of products and prices that the Hub sends every day."""

    has_password: bool = field(description="FTP: whether a password is set. It is never shown.")


@types.object(wire_people.Whoami, view=mapping_people.NuviasViewer)
class NuviasViewer:
    """Whose API client the account is. Under emulation, this is the emulated user."""

    id: strawberry.ID = field(description="The ID of the user.")
    real_id: strawberry.ID | None = field(description="The ID of the user who really is at work, under emulation.")


# --------------------------------------------------------- orders, products, subscriptions, invoices


@types.object(wire.OrderHistory)
class NuviasOrderHistory:
    """An order in the history of a subscription, as it was then."""

    @field(description="Where it stood.")
    @staticmethod
    def status(root: strawberry.Parent[mapping.Piece]) -> OrderStatus:
        """In the graph's words."""
        return mapping.order_status(root.wire.vendor_status)


@types.object(wire.Order, view=mapping.NuviasOrderDetails)
class NuviasOrderDetails(OrderDetails):
    """What only Nuvias UC Hub tells of an order."""


@types.object(wire.LineItem, view=mapping.NuviasLineItemDetails)
class NuviasLineItemDetails(LineItemDetails):
    """What only Nuvias UC Hub tells of a line."""


@types.object(wire.Product, view=mapping.NuviasProductDetails)
class NuviasProductDetails(ProductDetails):
    """What only Nuvias UC Hub tells of a product."""


@types.object(wire.Subscription, view=mapping.NuviasSubscriptionDetails)
class NuviasSubscriptionDetails(SubscriptionDetails):
    """What only Nuvias UC Hub tells of a subscription."""


@types.object(wire.Invoice, view=mapping.NuviasInvoiceDetails)
class NuviasInvoiceDetails(InvoiceDetails):
    """What only Nuvias UC Hub tells of an invoice."""


DETAILS = (
    NuviasOrderDetails,
    NuviasLineItemDetails,
    NuviasProductDetails,
    NuviasSubscriptionDetails,
    NuviasInvoiceDetails,
)
"""What the shared types show as `details`."""

# -------------------------------------------------------------------------------------------- inputs


@types.input(wire.FinanceWrite)
class NuviasFinanceInput:
    """How an order is to be financed."""


@types.input(wire.DropboxOrderWrite)
class NuviasDropboxOrderInput:
    """The Dropbox team to make."""


@types.input(wire.AcronisOrderWrite)
class NuviasAcronisOrderInput:
    """The Acronis tenant to make."""


@types.input(wire.ZoomOrderWrite)
class NuviasZoomOrderInput:
    """The Zoom purchase to make."""


@types.input(wire.OrderWrite)
class NuviasOrderDetailsInput:
    """What only Nuvias UC Hub takes of an order."""

    linked_supplier_refs: list[str] | None = field(
        default=UNSET,
        description="Numbers of orders that belong to it: the only thing to change once it was submitted.",
    )


@types.input(wire.LineItemWrite)
class NuviasLineItemDetailsInput:
    """What only Nuvias UC Hub takes of a line."""

    provisioning_product: ProductRefInput | None = field(
        default=UNSET, description="How to set it up: one of the product's provisioning."
    )
    maintenance_product: ProductRefInput | None = field(
        default=UNSET, description="How to look after it: one of the product's maintenance."
    )


@types.input(wire.SubscriptionWrite)
class NuviasSubscriptionDetailsInput:
    """What only Nuvias UC Hub takes of a subscription."""
