"""What the Hub keeps beside orders: users, product groups, feeds, and the data that others refer to."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, field

from ordergraph.connector import Connector
from ordergraph.domain import DescribedEnum
from ordergraph.domain.errors import ActionRefused, UserErrorCode
from ordergraph.domain.errors import UserError as Reason
from ordergraph.graph.caching import HOURS, SECONDS, cached
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.errors import UserError
from ordergraph.graph.mutation import CODES, KEY, VALIDATE, Outcome, carried_out, paid, takes
from ordergraph.graph.node import Node, NodeFetch, by_loader
from ordergraph.graph.operation import VendorCall, WriteOperation
from ordergraph.graph.product import Product
from ordergraph.graph.scalars import CountryCode, graph_enum
from ordergraph.graph.values import Address, Money
from ordergraph.vendors.nuvias import mapping_people
from ordergraph.vendors.nuvias.connector import NuviasConnector
from ordergraph.vendors.nuvias.graph_references import lazy, look_up_all, refers, refers_all
from ordergraph.vendors.nuvias.mapping_people import NuviasProductGroupStatus

graph_enum(NuviasProductGroupStatus)

# -------------------------------------------------------------------------------- words of the inputs


@graph_enum
class NuviasLanguage(DescribedEnum):
    """The language in which the Hub speaks to a user."""

    DE = "German."
    EN = "English."
    ES = "Spanish."
    FR = "French."
    IT = "Italian."
    NL = "Dutch."


@graph_enum
class NuviasNotification(DescribedEnum):
    """What the Hub sends a user mail about."""

    BUY_PRICE_INCREASED = "A price that you pay went up."
    CHECKOUT_REQUESTED = "Somebody asks for a basket to be ordered."
    ORDER_CREATED = "An order was placed."
    ORDER_REQUIRES_MANUAL_AUTH = "An order waits for approval."
    ORDER_STATUS_CHANGED = "An order has another status."
    QUOTE_AMENDED = "A quote was changed."
    QUOTE_CREATED = "A quote was made."


@graph_enum
class NuviasSubscriptionType(DescribedEnum):
    """Whose subscriptions they are."""

    DROPBOX = "Dropbox."
    ACRONIS = "Acronis."
    ZOOM = "Zoom."


@graph_enum
class NuviasSubscriptionProductType(DescribedEnum):
    """Which part a product plays in a subscription."""

    BASE = "What the subscription is about."
    ADD_ON = "Something on top of it."


@graph_enum
class NuviasFeedColumn(DescribedEnum):
    """A column of a feed's file."""

    STOCK = "How many Nuvias has."
    MPN = "The manufacturer's part number."
    PRICE = "What you pay."
    RRP = "The recommended retail price."
    VENDOR = "The manufacturer."
    NAME = "What the product is called."
    EAN = "The barcode's number."


@graph_enum
class NuviasDeliveryMethod(DescribedEnum):
    """How a feed's file reaches you."""

    EMAIL = "By mail; needs deliveryEmail."
    FTP = "By upload; needs deliveryServer, deliveryUser and deliveryPassword."
    SITC = "Through Stock in the Channel."


@graph_enum
class NuviasDelimiter(DescribedEnum):
    """What parts the columns of a feed's file."""

    COMMA = "A comma."
    SEMI_COLON = "A semicolon."


@graph_enum
class NuviasEscapeMethod(DescribedEnum):
    """What becomes of delimiters inside a value of a feed's file."""

    ESCAPED = "They get a backslash."
    QUOTED = "The value is put in quotation marks."
    STRIPPED = "They are left out."


@graph_enum
class NuviasDeliveryProtocol(DescribedEnum):
    """How a feed's file is uploaded."""

    FTP = "FTP, in the clear."
    FTPS = "FTP over TLS."
    SFTP = "The file transfer of SSH."


# ------------------------------------------------------------------------------------ reference data


@strawberry.type(description="An address that an organisation has saved.")
class NuviasSavedAddress:
    """Read from `mapping_people.NuviasSavedAddress`."""

    name: str | None = field(description="What the organisation calls it.")
    address: Address | None = field(description="The place.")


@strawberry.type(description="An organisation in the Hub's tree of resellers and customers.", directives=cached(HOURS))
class NuviasOrganisation(Node):
    """Read from `mapping_people.NuviasOrganisation`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_people.NuviasOrganisation)

    name: str | None = field(description="What it is called.")
    linked_account: bool | None = field(description="Whether it is a linked account.")
    finance_type: str | None = field(description="How it takes part in financing, in the Hub's word such as AGENT.")
    parent: "NuviasOrganisation | None" = refers("fetch_organisations", "parent", "The organisation above it.")

    @field(description="The addresses that it has saved.", graphql_type=list[NuviasSavedAddress] | None)
    @staticmethod
    async def addresses(root: strawberry.Parent[mapping_people.NuviasOrganisation], info: GraphInfo) -> Any:
        """By loader."""
        (found,) = await look_up_all(info, root.origin, "fetch_addresses", root.key)
        return found


@strawberry.type(description="A maker of products; the Hub calls it a vendor.", directives=cached(HOURS))
class NuviasManufacturer(Node):
    """Read from `mapping_people.NuviasManufacturer`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_people.NuviasManufacturer)

    name: str | None = field(description="What it is called.")


@strawberry.type(description="A country that the Hub knows.", directives=cached(HOURS))
class NuviasCountry(Node):
    """Read from `mapping_people.NuviasCountry`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_people.NuviasCountry)

    code: CountryCode | None = field(description="The code that addresses use.")
    name: str | None = field(description="What the Hub calls it; not every Hub tells.")


@strawberry.type(description="A step of a shipping type's rates by weight.")
class NuviasShippingPrice:
    """Read from `wire.ShippingPrice`."""

    min_weight: Decimal | None = field(description="From this weight on, in the shipping type's weightUnits.")
    max_weight: Decimal | None = field(description="Up to this weight, in the shipping type's weightUnits.")
    rate: Decimal | None = field(description="The rate, as the shipping type's rateType says.")


@strawberry.type(description="A way to ship.", directives=cached(HOURS))
class NuviasShippingType(Node):
    """Read from `mapping_people.NuviasShippingType`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_people.NuviasShippingType)

    name: str | None = field(description="What it is called.")
    description: str | None = field(description="What it offers.")
    source_system: int | None = field(description="The Hub's number of the back-end system that ships.")
    min_cost: Money | None = field(description="The least that it costs.")
    max_cost: Money | None = field(description="The most that it costs.")
    free_over_cost: Money | None = field(description="Orders above this are shipped for nothing.")
    rate_type: str | None = field(description="How the cost is found, in the Hub's word such as BY_ITEM.")
    rate: Decimal | None = field(description="The rate, as rateType says.")
    country_codes: list[CountryCode] | None = field(
        description="The countries that it goes to, or does not go to: see excludeCountries. Empty is everywhere."
    )
    exclude_countries: bool | None = field(description="Whether countryCodes are those that it does not go to.")
    weight_units: str | None = field(description="The unit of the weights, in the Hub's word such as GRAMS.")
    shipping_prices: list[NuviasShippingPrice] = field(description="The rates by weight.")


@strawberry.type(description="A Dovetail group: devices that are set up alike.", directives=cached(HOURS))
class NuviasProvisioningGroup(Node):
    """Read from `mapping_people.NuviasProvisioningGroup`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_people.NuviasProvisioningGroup)

    name: str | None = field(description="What it is called.")
    service_template: int | None = field(description="The Hub's number of the template that its devices get.")
    organisation: NuviasOrganisation | None = refers("fetch_organisations", "organisation", "Whose group it is.")


@strawberry.type(description="A Dovetail site: a place where devices are.", directives=cached(HOURS))
class NuviasSite(Node):
    """Read from `mapping_people.NuviasSite`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_people.NuviasSite)

    name: str | None = field(description="What it is called.")
    address: Address | None = field(description="Where it is.")
    organisation: NuviasOrganisation | None = refers("fetch_organisations", "organisation", "Whose site it is.")


# ---------------------------------------------------------------------------------------------- users


@strawberry.type(description="An API client of a user.")
class NuviasApiClient:
    """Read from a `mapping.Piece`."""

    number: int | None = field(description="The Hub's own ID of it.")
    name: str | None = field(description="What it is called.")
    client_id: str | None = field(description="The client ID that it logs in with.")


@strawberry.type(description="Something that a user did, or that was done to one.")
class NuviasAuditLog:
    """Read from `mapping_people.NuviasAuditLog`."""

    action: str | None = field(description="What was done, in the Hub's word such as EDITED.")
    happened_at: datetime | None = field(description="When.")
    ip_address: str | None = field(description="From which IP address.")
    on: str | None = field(description="To what, in the Hub's words.")
    user: "NuviasUser | None" = refers("fetch_users", "user", "Who did it.")
    on_behalf_of: "NuviasUser | None" = refers("fetch_users", "on_behalf", "For whom it was done.")


@strawberry.type(description="Somebody who can log in to the Hub.", directives=cached(SECONDS))
class NuviasUser(Node):
    """Read from `mapping_people.NuviasUser`, or from `mapping_people.NuviasUserRow` in lists."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_people.NuviasUser | mapping_people.NuviasUserRow)

    name: str | None = field(description="The name.")
    email_address: str | None = field(description="The e-mail address, with which the user logs in.")
    active: bool | None = field(description="Whether the user may log in.")
    verified: bool | None = field(description="Whether the e-mail address was confirmed.")
    password_reset: bool | None = field(description="Whether the password has to be changed.")
    organisation: NuviasOrganisation | None = refers(
        "fetch_organisations", "organisation", "The organisation that the user belongs to."
    )
    admin: bool | None = lazy("Whether the user may do everything in the organisation.")
    two_factor: bool | None = lazy("Whether logging in needs a second factor.")
    language: str | None = lazy("The language, as in `en`.")
    timezone: str | None = lazy("The time zone, as in `Europe/London`.")
    timeout: int | None = lazy("After how many seconds without activity the user is logged out.")
    roles: list[int] | None = lazy("The Hub's numbers of the roles.")
    notifications: list[str] | None = lazy("What the user gets mail about, in the Hub's words.")
    api_clients: list[NuviasApiClient] | None = lazy("The API clients.")
    audit_logs: list[NuviasAuditLog] | None = lazy("What was done to the user.")
    actions_taken: list[NuviasAuditLog] | None = lazy("What the user did.")


@strawberry.input
class UserFields:
    """The fields of a user that can be given or left out."""

    organisation_id: strawberry.ID | None = field(
        default=UNSET,
        description="The organisation. Another one resets roles and notifications, unless they are given too.",
    )
    admin: bool | None = field(default=UNSET, description="Whether the user may do everything there.")
    two_factor: bool | None = field(default=UNSET, description="Whether logging in needs a second factor.")
    active: bool | None = field(default=UNSET, description="Whether the user may log in.")
    verified: bool | None = field(default=UNSET, description="Whether the e-mail address counts as confirmed.")
    password_reset: bool | None = field(default=UNSET, description="Whether the password has to be changed.")
    language: NuviasLanguage | None = field(default=UNSET, description="The language.")
    timezone: str | None = field(default=UNSET, description="The time zone, as in `Europe/London`.")
    timeout: int | None = field(
        default=UNSET,
        description="After how many seconds without activity the user is logged out: 86400, 43200, 28800, 14400, "
        "7200, 3600 or 1800.",
    )
    roles: list[int] | None = field(default=UNSET, description="The Hub's numbers of the roles; null takes all.")
    notifications: list[NuviasNotification] | None = field(
        default=UNSET, description="What to send mail about; null is nothing."
    )


@strawberry.input(description="What `createNuviasUser` takes.")
class CreateNuviasUserInput(UserFields):
    """Becomes a `wire.UserWrite`."""

    idempotency_key: str = field(description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)
    account_id: strawberry.ID = field(description="At which account.")
    name: str = field(description="The name.")
    email_address: str = field(description="The e-mail address: no other user may have it.")


@strawberry.input(description="What `updateNuviasUser` takes: what is left out stays.")
class UpdateNuviasUserInput(UserFields):
    """Merged with what is there."""

    user_id: strawberry.ID = field(description="Which user.")
    name: str | None = field(default=UNSET, description="The name.")
    email_address: str | None = field(default=UNSET, description="The e-mail address: no other user may have it.")
    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@strawberry.type(description="What came of `createNuviasUser`.")
class CreateNuviasUserPayload:
    """With the new user."""

    user: NuviasUser | None = field(description="The new user; null if it was not done.")
    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")
    operation: WriteOperation | None = field(
        description="The record of it; null if nothing was about to be sent, because it was refused before."
    )
    preview: VendorCall | None = field(
        description="With `validateOnly`: the first call that would have been sent; null if none would."
    )


@strawberry.type(description="What came of `updateNuviasUser`.")
class UpdateNuviasUserPayload:
    """With the changed user."""

    user: NuviasUser | None = field(description="The user as the Hub shows it now; null if it was not done.")
    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")
    operation: WriteOperation | None = field(
        description="The record of it; null if nothing was about to be sent, because it was refused before."
    )
    preview: VendorCall | None = field(
        description="With `validateOnly`: the first call that would have been sent; null if none would."
    )


# ------------------------------------------------------------------------------------- product groups


@strawberry.type(description="Products that the Hub's shop shows as one.", directives=cached(SECONDS))
class NuviasProductGroup(Node):
    """Read from `mapping_people.NuviasProductGroup`, or from `mapping_people.NuviasProductGroupRow` in lists."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_people.ProductGroupView)

    name: str | None = field(description="What it is called.")
    active: bool | None = field(description="Whether it is in use.")
    status: NuviasProductGroupStatus = field(description="Whether it is on sale.")
    vendor_status: str | None = field(description="The Hub's own word for the status.")
    product_type: int | None = field(description="The Hub's number of the type of its products.")
    manufacturer: NuviasManufacturer | None = refers("fetch_manufacturers", "vendor", "Who makes its products.")
    description: str | None = lazy("What it is.")
    detailed_description: str | None = lazy("What it is, at length.")
    subscription_type: str | None = lazy("Whose subscriptions it offers, in the Hub's word such as DROPBOX.")
    subscription_product_type: str | None = lazy(
        "Which part it plays in a subscription, in the Hub's word: BASE or ADD_ON."
    )
    grading: int | None = lazy("The Hub's number for its place among others.")
    products: list[Product | None] | None = refers_all(
        "fetch_products", "product_keys", "Its products. Null entries could not be read."
    )
    related_groups: list["NuviasProductGroup | None"] | None = refers_all(
        "fetch_product_groups", "related_group_keys", "Groups that go with it. Null entries could not be read."
    )


@strawberry.input
class ProductGroupFields:
    """The fields of a product group that can be given or left out."""

    active: bool | None = field(default=UNSET, description="Whether it is in use.")
    status: NuviasProductGroupStatus | None = field(default=UNSET, description="Whether it is on sale.")
    description: str | None = field(default=UNSET, description="What it is; null clears it.")
    detailed_description: str | None = field(default=UNSET, description="What it is, at length; null clears it.")
    product_type: int | None = field(default=UNSET, description="The Hub's number of the type of its products.")
    manufacturer_id: strawberry.ID | None = field(default=UNSET, description="Who makes its products.")
    subscription_type: NuviasSubscriptionType | None = field(
        default=UNSET, description="Whose subscriptions it offers."
    )
    subscription_product_type: NuviasSubscriptionProductType | None = field(
        default=UNSET, description="Which part it plays in a subscription."
    )
    product_ids: list[strawberry.ID] | None = field(default=UNSET, description="Its products; null takes all.")
    related_group_ids: list[strawberry.ID] | None = field(
        default=UNSET, description="Groups that go with it; null takes all."
    )
    grading: int | None = field(default=UNSET, description="The Hub's number for its place among others.")


@strawberry.input(description="What `createNuviasProductGroup` takes.")
class CreateNuviasProductGroupInput(ProductGroupFields):
    """Becomes a `wire.ProductGroupWrite`."""

    idempotency_key: str = field(description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)
    account_id: strawberry.ID = field(description="At which account.")
    name: str = field(description="What it is called.")


@strawberry.input(description="What `updateNuviasProductGroup` takes: what is left out stays.")
class UpdateNuviasProductGroupInput(ProductGroupFields):
    """Merged with what is there."""

    product_group_id: strawberry.ID = field(description="Which product group.")
    name: str | None = field(default=UNSET, description="What it is called.")
    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@strawberry.type(description="What came of `createNuviasProductGroup`.")
class CreateNuviasProductGroupPayload:
    """With the new group."""

    product_group: NuviasProductGroup | None = field(description="The new group; null if it was not done.")
    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")
    operation: WriteOperation | None = field(
        description="The record of it; null if nothing was about to be sent, because it was refused before."
    )
    preview: VendorCall | None = field(
        description="With `validateOnly`: the first call that would have been sent; null if none would."
    )


@strawberry.type(description="What came of `updateNuviasProductGroup`.")
class UpdateNuviasProductGroupPayload:
    """With the changed group."""

    product_group: NuviasProductGroup | None = field(
        description="The group as the Hub shows it now; null if it was not done."
    )
    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")
    operation: WriteOperation | None = field(
        description="The record of it; null if nothing was about to be sent, because it was refused before."
    )
    preview: VendorCall | None = field(
        description="With `validateOnly`: the first call that would have been sent; null if none would."
    )


# ---------------------------------------------------------------------------------------------- feeds


@strawberry.type(description="A file of products and prices that the Hub sends every day.", directives=cached(SECONDS))
class NuviasFeed(Node):
    """Read from `mapping_people.NuviasFeed`, or from `mapping_people.NuviasFeedRow` in lists."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_people.NuviasFeed)

    name: str | None = field(description="What it is called.")
    active: bool | None = field(description="Whether it is sent.")
    timeslot: int | None = field(description="When it is sent: minutes from midnight UTC.")
    columns: list[str] = field(description="The columns of the file, in the Hub's words, in order.")
    delivery_method: str | None = field(description="How it is delivered, in the Hub's word: EMAIL, FTP or SITC.")
    delivery_email: str | None = field(description="EMAIL: the e-mail address that gets it.")
    delivery_user: str | None = field(description="FTP: the name to log in with.")
    has_password: bool = field(description="FTP: whether a password is set. It is never shown.")
    delivery_server: str | None = field(description="FTP: the server.")
    delivery_protocol: str | None = field(description="FTP: the protocol, in the Hub's word: FTP, FTPS or SFTP.")
    delivery_port: int | None = field(description="FTP: the port.")
    sitc_confirm: bool | None = field(description="SITC: whether delivery was confirmed with Stock in the Channel.")
    sitc_filename: str | None = field(description="SITC: the name of the file.")
    last_upload_at: datetime | None = field(description="When it was last sent; null if never.")
    organisation: NuviasOrganisation | None = refers("fetch_organisations", "organisation", "Whose prices it shows.")
    show_headers: bool | None = lazy("Whether the first line names the columns.")
    show_empty_stock: bool | None = lazy("Whether products without stock are in it.")
    delimiter: str | None = lazy("What parts the columns, in the Hub's word: COMMA or SEMI_COLON.")
    escape_method: str | None = lazy(
        "What becomes of delimiters in values, in the Hub's word: ESCAPED, QUOTED or STRIPPED."
    )


@strawberry.input
class FeedFields:
    """The fields of a feed that can be given or left out."""

    active: bool | None = field(default=UNSET, description="Whether to send it; a new feed is sent unless you say no.")
    show_headers: bool | None = field(default=UNSET, description="Whether the first line names the columns.")
    show_empty_stock: bool | None = field(default=UNSET, description="Whether products without stock are in it.")
    delimiter: NuviasDelimiter | None = field(default=UNSET, description="What parts the columns.")
    escape_method: NuviasEscapeMethod | None = field(default=UNSET, description="What becomes of delimiters in values.")
    delivery_email: str | None = field(default=UNSET, description="EMAIL: who gets it.")
    delivery_user: str | None = field(default=UNSET, description="FTP: the name to log in with.")
    delivery_password: str | None = field(default=UNSET, description="FTP: the password. It can be set, never read.")
    delivery_server: str | None = field(default=UNSET, description="FTP: the server.")
    delivery_protocol: NuviasDeliveryProtocol | None = field(default=UNSET, description="FTP: the protocol.")
    delivery_port: int | None = field(default=UNSET, description="FTP: the port.")
    sitc_confirm: bool | None = field(
        default=UNSET, description="SITC: that delivery was confirmed with Stock in the Channel."
    )
    sitc_filename: str | None = field(default=UNSET, description="SITC: the name of the file; null clears it.")


@strawberry.input(description="What `createNuviasFeed` takes.")
class CreateNuviasFeedInput(FeedFields):
    """Becomes a `wire.FeedWrite`."""

    idempotency_key: str = field(description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)
    account_id: strawberry.ID = field(description="At which account.")
    organisation_id: strawberry.ID = field(description="Whose prices it shows.")
    name: str = field(description="What it is called.")
    timeslot: int = field(description="When to send it: minutes from midnight UTC, a multiple of 30 from 0 to 1410.")
    columns: list[NuviasFeedColumn] = field(description="The columns of the file, in order: at least one.")
    delivery_method: NuviasDeliveryMethod = field(description="How to deliver it.")


@strawberry.input(description="What `updateNuviasFeed` takes: what is left out stays.")
class UpdateNuviasFeedInput(FeedFields):
    """Merged with what is there."""

    feed_id: strawberry.ID = field(description="Which feed.")
    organisation_id: strawberry.ID | None = field(default=UNSET, description="Whose prices it shows.")
    name: str | None = field(default=UNSET, description="What it is called.")
    timeslot: int | None = field(
        default=UNSET, description="When to send it: minutes from midnight UTC, a multiple of 30 from 0 to 1410."
    )
    columns: list[NuviasFeedColumn] | None = field(
        default=UNSET, description="The columns of the file, in order: at least one."
    )
    delivery_method: NuviasDeliveryMethod | None = field(
        default=UNSET, description="How to deliver it. What only another way needed is dropped."
    )
    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@strawberry.type(description="What came of `createNuviasFeed`.")
class CreateNuviasFeedPayload:
    """With the new feed."""

    feed: NuviasFeed | None = field(description="The new feed; null if it was not done.")
    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")
    operation: WriteOperation | None = field(
        description="The record of it; null if nothing was about to be sent, because it was refused before."
    )
    preview: VendorCall | None = field(
        description="With `validateOnly`: the first call that would have been sent; null if none would."
    )


@strawberry.type(description="What came of `updateNuviasFeed`.")
class UpdateNuviasFeedPayload:
    """With the changed feed."""

    feed: NuviasFeed | None = field(description="The feed as the Hub shows it now; null if it was not done.")
    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")
    operation: WriteOperation | None = field(
        description="The record of it; null if nothing was about to be sent, because it was refused before."
    )
    preview: VendorCall | None = field(
        description="With `validateOnly`: the first call that would have been sent; null if none would."
    )


# ------------------------------------------------------------------------------------------ mutations

NODES: dict[str, NodeFetch] = {
    "NuviasUser": by_loader("fetch_users"),
    "NuviasProductGroup": by_loader("fetch_product_groups"),
    "NuviasFeed": by_loader("fetch_feeds"),
    "NuviasOrganisation": by_loader("fetch_organisations"),
    "NuviasManufacturer": by_loader("fetch_manufacturers"),
    "NuviasShippingType": by_loader("fetch_shipping_types"),
    "NuviasProvisioningGroup": by_loader("fetch_groups"),
    "NuviasSite": by_loader("fetch_sites"),
    "NuviasCountry": by_loader("fetch_countries"),
}
"""How to fetch again what only the Hub has."""

REASONS = CODES.format("INVALID, REQUIRED, REJECTED_BY_VENDOR, IDEMPOTENCY_CONFLICT")


async def administered(
    info: GraphInfo,
    input_: object,
    target: tuple[str, str] | str,
    do: Callable[[NuviasConnector, tuple[str, ...], dict[str, Any]], Awaitable[object]],
) -> Outcome:
    """`carried_out` at the Hub; an account at another vendor has nothing of the kind."""

    def at_hub(at: Connector, key: tuple[str, ...], values: dict[str, Any]) -> Awaitable[object]:
        if not isinstance(at, NuviasConnector):
            message = f"{at.title} (account {at.name}) has no {info.field_name}: it is for accounts at nuvias."
            raise ActionRefused(Reason(UserErrorCode.NOT_SUPPORTED, message))
        return do(at, key, values)

    return await carried_out(info, input_, target, at_hub, NODES)


@strawberry.type
class Administration:
    """Mutations of users, product groups and feeds."""

    @strawberry.mutation(
        description="Make a user of the Hub. " + REASONS,
        graphql_type=CreateNuviasUserPayload | None,
    )
    @staticmethod
    async def create_nuvias_user(
        info: GraphInfo, input: Annotated[CreateNuviasUserInput, takes(CreateNuviasUserInput)]
    ) -> object:
        """One call."""
        done = await administered(info, input, "account_id", lambda at, _, values: at.create_user(values))
        return paid(CreateNuviasUserPayload, "user", done)

    @strawberry.mutation(
        description="Change a user of the Hub: what is left out stays. " + REASONS,
        graphql_type=UpdateNuviasUserPayload | None,
    )
    @staticmethod
    async def update_nuvias_user(
        info: GraphInfo, input: Annotated[UpdateNuviasUserInput, takes(UpdateNuviasUserInput)]
    ) -> object:
        """Merged with what is there."""
        target = ("user_id", "NuviasUser")
        done = await administered(info, input, target, lambda at, key, values: at.edit_user(key[0], values))
        return paid(UpdateNuviasUserPayload, "user", done)

    @strawberry.mutation(
        description="Make a product group. " + REASONS,
        graphql_type=CreateNuviasProductGroupPayload | None,
    )
    @staticmethod
    async def create_nuvias_product_group(
        info: GraphInfo, input: Annotated[CreateNuviasProductGroupInput, takes(CreateNuviasProductGroupInput)]
    ) -> object:
        """One call."""
        done = await administered(info, input, "account_id", lambda at, _, values: at.create_product_group(values))
        return paid(CreateNuviasProductGroupPayload, "product_group", done)

    @strawberry.mutation(
        description="Change a product group: what is left out stays. " + REASONS,
        graphql_type=UpdateNuviasProductGroupPayload | None,
    )
    @staticmethod
    async def update_nuvias_product_group(
        info: GraphInfo, input: Annotated[UpdateNuviasProductGroupInput, takes(UpdateNuviasProductGroupInput)]
    ) -> object:
        """Merged with what is there."""
        target = ("product_group_id", "NuviasProductGroup")
        done = await administered(info, input, target, lambda at, key, values: at.edit_product_group(key[0], values))
        return paid(UpdateNuviasProductGroupPayload, "product_group", done)

    @strawberry.mutation(
        description="Make a feed. " + REASONS,
        graphql_type=CreateNuviasFeedPayload | None,
    )
    @staticmethod
    async def create_nuvias_feed(
        info: GraphInfo, input: Annotated[CreateNuviasFeedInput, takes(CreateNuviasFeedInput)]
    ) -> object:
        """One call."""
        done = await administered(info, input, "account_id", lambda at, _, values: at.create_feed(values))
        return paid(CreateNuviasFeedPayload, "feed", done)

    @strawberry.mutation(
        description="Change a feed: what is left out stays. " + REASONS,
        graphql_type=UpdateNuviasFeedPayload | None,
    )
    @staticmethod
    async def update_nuvias_feed(
        info: GraphInfo, input: Annotated[UpdateNuviasFeedInput, takes(UpdateNuviasFeedInput)]
    ) -> object:
        """Merged with what is there."""
        target = ("feed_id", "NuviasFeed")
        done = await administered(info, input, target, lambda at, key, values: at.edit_feed(key[0], values))
        return paid(UpdateNuviasFeedPayload, "feed", done)
