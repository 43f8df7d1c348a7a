"""The Hub's users, organisations, product groups, feeds and reference data in JSON.

Source: Nuvias UC "Hub API (1.1.0)", its schemas and samples. Declared as in `wire`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import field

from ordergraph.vendors.nuvias import values
from ordergraph.vendors.nuvias.wire import Address, Wire, Write
from ordergraph.wire.fields import Input, named

# Accounts and people


class Permission(Wire, frozen=True):
    """A permission of a user."""

    permission: Annotated[str, "The permission, as reported by the Hub, such as `order:view`."]
    is_inherited: Annotated[bool | None, "Whether the permission is inherited from the parent organisation."] = named(
        "parent"
    )


class Whoami(Wire, frozen=True):
    """The user whose API client the account uses. Under emulation, this is the emulated user.

    ``GET /whoami``. Under emulation, all fields but ``real_*`` are about the emulated user.
    """

    user: Annotated[int, "The user.", values.USER] = field(name="id")
    name: Annotated[str | None, "The name of the user."] = None
    organisation: Annotated[int | None, "The organisation that the user belongs to.", values.ORGANISATION] = None
    real_id: int | None = None
    real_name: Annotated[str | None, "Under emulation, the name of the emulating user."] = None
    currency: Annotated[str | None, "The currency of all amounts.", values.CURRENCY_CODE] = None
    locale: Annotated[str | None, "The language and region, such as `en`."] = None
    timezone: Annotated[str | None, "The time zone, such as `Europe/London`."] = None
    is_admin: Annotated[bool | None, "Whether the user has full access to the organisation."] = named("admin")
    is_root: Annotated[bool | None, "Whether the user has full access to the whole Hub."] = named("root")
    modules: Annotated[list[str], "The modules that the user can access, as reported by the Hub."] = []
    permissions: Annotated[list[Permission], "The permissions of the user."] = []


class Organisation(Wire, frozen=True):
    """An organisation in the Hub's tree of resellers and customers.

    ``GET /organisations``.
    """

    id: int
    name: Annotated[str | None, "The name of the organisation."] = None
    parent: Annotated[int | None, "The parent organisation.", values.ORGANISATION] = None
    is_linked_account: Annotated[bool | None, "Whether the organisation is a linked account."] = named("linked_account")
    finance_type: Annotated[
        str | None, "The organisation's role in financing, as reported by the Hub, such as `AGENT`."
    ] = None


class SavedAddress(Address, frozen=True):
    """An address that an organisation has saved.

    ``GET /organisations/{id}/addresses``.
    """

    name: str | None = None


class ApiClient(Wire, frozen=True):
    """An API client of a user."""

    number: Annotated[int | None, "The Hub's ID of the API client."] = field(name="id")
    name: Annotated[str | None, "The name of the API client."] = None
    client_id: Annotated[str | None, "The client ID that the API client authenticates with."] = None


class AuditLog(Wire, frozen=True):
    """An entry of an audit log: an action by a user, or on a user.

    ``on`` is text with a backslash before each number sign.
    """

    user: Annotated[int | None, "The user who performed the action.", values.USER] = None
    action: Annotated[str | None, "The action, as reported by the Hub, such as `EDITED`."] = None
    performed_at: Annotated[str | None, "When the action was performed.", values.TIME] = named("timestamp")
    ip_address: Annotated[str | None, "The IP address that the action came from."] = None
    target: Annotated[str | None, "The target of the action, as described by the Hub.", values.ESCAPED] = named("on")
    on_behalf_of: Annotated[int | None, "The user on whose behalf the action was performed.", values.USER] = named(
        "on_behalf"
    )


class UserRow(Wire, frozen=True):
    """A row of ``GET /users``. Two booleans are sent as the strings ``"false,"`` and ``"true,"``."""

    id: int
    organisation: int | None = None
    name: str | None = None
    email_address: str | None = None
    is_password_reset_required: bool | str | None = named("password_reset")
    is_verified: bool | str | None = named("verified")
    disabled: bool | None = None

    @property
    def is_active(self) -> bool | None:
        """Return the opposite of ``disabled``, which is what a single user has."""
        return None if self.disabled is None else not self.disabled


class UserWrite(Write, frozen=True):
    """Body of ``POST /users`` and ``PUT /users/{id}``. The PUT replaces the whole user."""

    name: Annotated[str | None, "The name of the user."] = None
    email_address: Annotated[
        str | None, "The email address that the user logs in with. It must be unique among users."
    ] = None
    organisation: Annotated[
        int | None,
        "The organisation that the user belongs to.",
        values.ORGANISATION,
        Input(
            name="organisation_id",
            description="The organisation that the user belongs to. A change resets roles and notifications "
            "unless you also pass them.",
        ),
    ] = None
    is_admin: Annotated[bool | None, "Whether the user has full access to the organisation."] = named("admin")
    has_two_factor: Annotated[bool | None, "Whether the user needs a second factor to log in."] = named("two-factor")
    is_active: Annotated[bool | None, "Whether the user can log in."] = named("active")
    is_verified: Annotated[bool | None, "Whether the email address has been confirmed.", values.TRUTH] = named(
        "verified"
    )
    is_password_reset_required: Annotated[bool | None, "Whether the user has to change the password.", values.TRUTH] = (
        named("password_reset")
    )
    language: Annotated[
        str | None,
        "The language of the user, such as `en`.",
        values.SMALL,
        Input(values.NuviasLanguage, description="The language of the user."),
    ] = named("user_language")
    timezone: Annotated[str | None, "The time zone, such as `Europe/London`."] = None
    timeout: Annotated[
        int | None,
        "The time of inactivity after which the user is logged out, in seconds: 86400, 43200, "
        "28800, 14400, 7200, 3600 or 1800.",
    ] = None
    roles: Annotated[
        list[int | list[int]] | None,
        "The Hub's IDs of the user's roles.",
        values.FLAT_NUMBERS,
        Input(description="The Hub's IDs of the user's roles. Null removes all roles."),
        values.Cleared([]),
    ] = None
    notifications: Annotated[
        list[str | list[str]] | None,
        "The events that the user is emailed about, as reported by the Hub.",
        values.FLAT_WORDS,
        Input(
            values.NuviasNotification,
            description="The events to email the user about. Null turns off all notifications.",
        ),
        values.Cleared([]),
    ] = named("notification")


class User(UserWrite, frozen=True, kw_only=True):
    """A user of the Hub.

    ``GET /users/{id}``. Roles and notifications come as lists of lists, although the document has flat lists.
    """

    id: int
    api_clients: Annotated[list[ApiClient], "The API clients of the user."] = []
    audit_logs: Annotated[list[AuditLog], "The actions that were performed on the user."] = []
    performed_actions: Annotated[list[AuditLog], "The actions that the user performed."] = field(
        name="actions_taken", default=[]
    )


# Catalogue


class ProductGroupRow(Wire, frozen=True):
    """A row of ``GET /product_groups``."""

    id: int
    name: str | None = None
    is_active: bool | None = named("active")
    vendor_status: str | None = named("status")
    product_type: int | None = named("type")
    manufacturer: int | None = named("vendor")


class ProductGroupWrite(Write, frozen=True):
    """Body of ``POST /product_groups`` and ``PUT /product_groups/{id}``."""

    name: Annotated[str | None, "The name of the product group."] = None
    is_active: Annotated[bool | None, "Whether the product group is active."] = named("active")
    vendor_status: Annotated[
        str | None,
        "The status as reported by the Hub.",
        Input(values.NuviasProductGroupStatus, name="status", description="The status of the product group."),
    ] = named("status")
    product_type: Annotated[int | None, "The Hub's ID of the type of the group's products."] = named("type")
    manufacturer: Annotated[
        int | None, "The manufacturer of the group's products.", values.MANUFACTURER, Input(name="manufacturer_id")
    ] = named("vendor")
    description: Annotated[
        str | None,
        "The description of the product group.",
        Input(description="The description of the product group. Null clears it."),
        values.Cleared(""),
    ] = None
    detailed_description: Annotated[
        str | None,
        "The detailed description of the product group.",
        Input(description="The detailed description of the product group. Null clears it."),
        values.Cleared(""),
    ] = None
    subscription_type: Annotated[
        str | None,
        "The provider of the subscriptions that the group offers, as reported by the Hub, such as `DROPBOX`.",
        Input(values.NuviasSubscriptionType, description="The provider of the subscriptions that the group offers."),
    ] = None
    subscription_product_type: Annotated[
        str | None,
        "The role of the group in a subscription, as reported by the Hub: `BASE` or `ADD_ON`.",
        Input(values.NuviasSubscriptionProductType, description="The role of the group in a subscription."),
    ] = None
    products: Annotated[
        list[int | list[int]] | None,
        "The products in the group. An entry is null if the product could not be read.",
        values.FLAT_NUMBERS,
        values.PRODUCT,
        Input(name="product_ids", description="The products in the group. Null removes all products."),
        values.Cleared([]),
    ] = None
    related_groups: Annotated[
        list[int | list[int]] | None,
        "Related product groups. An entry is null if the group could not be read.",
        values.FLAT_NUMBERS,
        values.PRODUCT_GROUP,
        Input(name="related_group_ids", description="Related product groups. Null removes all related groups."),
        values.Cleared([]),
    ] = named("related_product_groups")
    grading: Annotated[int | None, "The Hub's number for the position of the group among other groups."] = None


class ProductGroup(ProductGroupWrite, frozen=True, kw_only=True):
    """A group of products that the Hub's webstore shows as one.

    ``GET /product_groups/{id}``. The two lists come as lists of lists, although the document has flat lists.
    """

    id: int


class Manufacturer(Wire, frozen=True):
    """A manufacturer of products. The Hub calls it a vendor.

    ``GET /vendors``.
    """

    id: int
    name: Annotated[str | None, "The name of the manufacturer."] = None


class Country(Wire, frozen=True):
    """A country that addresses can be in.

    ``GET /country_codes``.
    """

    id: int
    code: Annotated[str | None, "The ISO code of the country, as addresses use it.", values.COUNTRY_CODE] = named(
        "iso_code"
    )
    name: Annotated[str | None, "The name of the country. Null if the Hub does not report it."] = None


class ShippingPrice(Wire, frozen=True):
    """The rate of a shipping type for a range of weights."""

    min_weight: Annotated[Decimal | None, "The minimum weight, in the shipping type's `weightUnits`."] = None
    max_weight: Annotated[Decimal | None, "The maximum weight, in the shipping type's `weightUnits`."] = None
    rate: Annotated[Decimal | None, "The rate. The shipping type's `rateType` determines how it applies."] = None


class ShippingType(Wire, frozen=True):
    """A way of shipping goods.

    ``GET /shipping_types``. Empty ``countries`` means all countries; ``exclude_countries`` inverts the list.
    """

    id: int
    name: Annotated[str | None, "The name of the shipping type."] = None
    description: Annotated[str | None, "The description of the shipping type."] = None
    source_system: Annotated[int | None, "The Hub's ID of the back-end system that ships the goods."] = named("source")
    min_cost: Annotated[Decimal | None, "The minimum shipping cost.", values.MONEY] = None
    max_cost: Annotated[Decimal | None, "The maximum shipping cost.", values.MONEY] = None
    free_over_cost: Annotated[Decimal | None, "The order value above which shipping is free.", values.MONEY] = None
    rate_type: Annotated[str | None, "How the cost is calculated, as reported by the Hub, such as `BY_ITEM`."] = None
    rate: Annotated[Decimal | None, "The rate. `rateType` determines how it applies."] = None
    country_codes: Annotated[
        list[int],
        "The countries that the shipping type serves, or does not serve if `excludeCountries` "
        "is true. Empty if it serves all countries.",
        values.COUNTRIES,
    ] = field(name="countries", default=[])
    has_excluded_countries: Annotated[
        bool | None, "Whether `countryCodes` are the countries that the shipping type does not serve."
    ] = named("exclude_countries")
    weight_unit: Annotated[str | None, "The unit of the weights, as reported by the Hub, such as `GRAMS`."] = named(
        "weight_units"
    )
    shipping_prices: Annotated[list[ShippingPrice], "The rates by weight."] = []


class Group(Wire, frozen=True):
    """A Dovetail group: devices that are provisioned alike.

    ``GET /groups``.
    """

    id: int
    name: Annotated[str | None, "The name of the group."] = None
    organisation: Annotated[int | None, "The organisation that the group belongs to.", values.ORGANISATION] = None
    service_template: Annotated[int | None, "The Hub's ID of the service template for the group's devices."] = None


class Site(Wire, frozen=True):
    """A Dovetail site: a location of devices.

    ``GET /sites``.
    """

    id: int
    name: Annotated[str | None, "The name of the site."] = None
    organisation: Annotated[int | None, "The organisation that the site belongs to.", values.ORGANISATION] = None
    address: Annotated[Address | None, "The address of the site.", values.ADDRESS] = None


# Feeds


class FeedRow(Wire, frozen=True):
    """A row of ``GET /feeds``. It lacks the format of the file."""

    id: int
    organisation: int | None = None
    name: str | None = None
    is_active: bool | None = named("active")
    timeslot: int | None = None
    columns: list[str] = []
    delivery_method: str | None = None
    delivery_email: str | None = None
    delivery_user: str | None = None
    delivery_password: str | None = None
    delivery_server: str | None = None
    delivery_protocol: str | None = named("delivery_procotol")
    delivery_port: int | None = None
    is_sitc_confirmed: bool | None = named("sitc_confirm")
    sitc_filename: str | None = None
    last_upload_at: str | None = named("last_upload")


class FeedWrite(Write, frozen=True):
    """Body of ``POST /feeds`` and ``PUT /feeds/{id}``. ``delivery_procotol`` is the Hub's spelling."""

    organisation: Annotated[
        int | None,
        "The organisation whose prices the feed contains.",
        values.ORGANISATION,
        Input(name="organisation_id"),
    ] = None
    name: Annotated[str | None, "The name of the feed."] = None
    is_active: Annotated[
        bool | None,
        "Whether the feed is sent.",
        Input(description="Whether the feed is sent. Defaults to true for a new feed."),
    ] = named("active")
    timeslot: Annotated[
        int | None, "When the feed is sent, in minutes after midnight UTC. A multiple of 30 from 0 to 1410."
    ] = None
    columns: Annotated[
        list[str],
        "The columns of the file in order, as reported by the Hub.",
        values.SMALL,
        Input(values.NuviasFeedColumn, description="The columns of the file, in order. At least one is required."),
    ] = []
    has_headers: Annotated[bool | None, "Whether the first line of the file contains the column names."] = named(
        "show_headers"
    )
    has_empty_stock: Annotated[bool | None, "Whether products without stock are included."] = named("show_empty_stock")
    delimiter: Annotated[
        str | None,
        "The column delimiter of the file, as reported by the Hub: `COMMA` or `SEMI_COLON`.",
        Input(values.NuviasDelimiter, description="The column delimiter of the file."),
    ] = None
    escape_method: Annotated[
        str | None,
        "How delimiters inside values are handled, as reported by the Hub: `ESCAPED`, `QUOTED` or `STRIPPED`.",
        Input(values.NuviasEscapeMethod, description="How delimiters inside values are handled."),
    ] = None
    delivery_method: Annotated[
        str | None,
        "The delivery method, as reported by the Hub: `EMAIL`, `FTP` or `SITC`.",
        Input(values.NuviasDeliveryMethod, description="The delivery method. Fields of the other methods are cleared."),
    ] = None
    delivery_email: Annotated[
        str | None, "The email address that receives the feed. Only for delivery method `EMAIL`.", values.Cleared()
    ] = None
    delivery_user: Annotated[
        str | None, "The user name on the server. Only for delivery method `FTP`.", values.Cleared()
    ] = None
    delivery_password: Annotated[
        str | None,
        "The password on the server. It can be set but never read. Only for delivery method `FTP`.",
        values.Cleared(),
    ] = None
    delivery_server: Annotated[
        str | None, "The server that the file is uploaded to. Only for delivery method `FTP`.", values.Cleared()
    ] = None
    delivery_protocol: Annotated[
        str | None,
        "The upload protocol, as reported by the Hub: `FTP`, `FTPS` or `SFTP`. Only for delivery method `FTP`.",
        Input(values.NuviasDeliveryProtocol, description="The upload protocol. Only for delivery method `FTP`."),
        values.Cleared(),
    ] = named("delivery_procotol")
    delivery_port: Annotated[
        int | None, "The port of the server. Only for delivery method `FTP`.", values.Cleared()
    ] = None
    is_sitc_confirmed: Annotated[
        bool | None, "Whether delivery was confirmed with Stock in the Channel. Only for delivery method `SITC`."
    ] = named("sitc_confirm")
    sitc_filename: Annotated[
        str | None,
        "The name of the file. Only for delivery method `SITC`.",
        Input(description="The name of the file. Null clears it. Only for delivery method `SITC`."),
        values.Cleared(),
    ] = None


class Feed(FeedWrite, frozen=True, kw_only=True):
    """A file of products and prices that the Hub delivers every day.

    ``GET /feeds/{id}``. It has the format of the file.
    """

    id: int
    last_upload_at: Annotated[str | None, "When the feed was last sent. Null if it was never sent.", values.TIME] = (
        named("last_upload")
    )
