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
    """A right of a user."""

    permission: Annotated[str, "The right, in the Hub's words such as order:view."]
    parent: Annotated[bool | None, "Whether it comes from the organisation above."] = None


class Whoami(Wire, frozen=True):
    """Whose API client the account is. Under emulation, this is the emulated user.

    ``GET /whoami``: under emulation all but ``real_*`` is about the emulated user.
    """

    user: Annotated[int, "The user.", values.USER] = field(name="id")
    name: Annotated[str | None, "The name."] = None
    organisation: Annotated[int | None, "The organisation that the user belongs to.", values.ORGANISATION] = None
    real_id: int | None = None
    real_name: Annotated[str | None, "The name of the user who really is at work, under emulation."] = None
    currency: Annotated[str | None, "The currency of all amounts.", values.CURRENCY_CODE] = None
    locale: Annotated[str | None, "The language and region, as in `en`."] = None
    timezone: Annotated[str | None, "The time zone, as in `Europe/London`."] = None
    admin: Annotated[bool | None, "Whether the user may do everything in the organisation."] = None
    root: Annotated[bool | None, "Whether the user may do everything everywhere."] = None
    modules: Annotated[list[str], "The parts of the Hub that the user may use, in the Hub's words."] = []
    permissions: Annotated[list[Permission], "The rights."] = []


class Organisation(Wire, frozen=True):
    """An organisation in the Hub's tree of resellers and customers.

    ``GET /organisations``.
    """

    id: int
    name: Annotated[str | None, "What it is called."] = None
    parent: Annotated[int | None, "The organisation above it.", values.ORGANISATION] = None
    linked_account: Annotated[bool | None, "Whether it is a linked account."] = None
    finance_type: Annotated[str | None, "How it takes part in financing, in the Hub's word such as AGENT."] = None


class SavedAddress(Address, frozen=True):
    """An address that an organisation has saved.

    ``GET /organisations/{id}/addresses``.
    """

    name: str | None = None


class ApiClient(Wire, frozen=True):
    """An API client of a user."""

    number: Annotated[int | None, "The Hub's own ID of it."] = field(name="id")
    name: Annotated[str | None, "What it is called."] = None
    client_id: Annotated[str | None, "The client ID that it logs in with."] = None


class AuditLog(Wire, frozen=True):
    """Something that a user did, or that was done to one.

    ``on`` is text that has a backslash before the sign of a number.
    """

    user: Annotated[int | None, "Who did it.", values.USER] = None
    action: Annotated[str | None, "What was done, in the Hub's word such as EDITED."] = None
    happened_at: Annotated[str | None, "When.", values.TIME] = named("timestamp")
    ip_address: Annotated[str | None, "From which IP address."] = None
    on: Annotated[str | None, "To what, in the Hub's words.", values.ESCAPED] = None
    on_behalf_of: Annotated[int | None, "For whom it was done.", values.USER] = named("on_behalf")


class UserRow(Wire, frozen=True):
    """A row of ``GET /users``: two booleans are printed as the strings ``"false,"`` and ``"true,"``."""

    id: int
    organisation: int | None = None
    name: str | None = None
    email_address: str | None = None
    password_reset: bool | str | None = None
    verified: bool | str | None = None
    disabled: bool | None = None

    @property
    def active(self) -> bool | None:
        """What a user has in the place of ``disabled``."""
        return None if self.disabled is None else not self.disabled


class UserWrite(Write, frozen=True):
    """Body of ``POST /users`` and ``PUT /users/{id}``; the PUT overwrites."""

    name: Annotated[str | None, "The name."] = None
    email_address: Annotated[str | None, "The e-mail address, with which the user logs in; no other has it."] = None
    organisation: Annotated[
        int | None,
        "The organisation that the user belongs to.",
        values.ORGANISATION,
        Input(
            name="organisation_id",
            description="The organisation. Another one resets roles and notifications, unless they are given too.",
        ),
    ] = None
    admin: Annotated[bool | None, "Whether the user may do everything in the organisation."] = None
    two_factor: Annotated[bool | None, "Whether logging in needs a second factor."] = named("two-factor")
    active: Annotated[bool | None, "Whether the user may log in."] = None
    verified: Annotated[bool | None, "Whether the e-mail address was confirmed.", values.TRUTH] = None
    password_reset: Annotated[bool | None, "Whether the password has to be changed.", values.TRUTH] = None
    language: Annotated[str | None, "The language, as in `en`.", values.SMALL, Input(values.NuviasLanguage)] = named(
        "user_language"
    )
    timezone: Annotated[str | None, "The time zone, as in `Europe/London`."] = None
    timeout: Annotated[
        int | None,
        "After how many seconds without activity the user is logged out: 86400, 43200, 28800, 14400, 7200, 3600 or "
        "1800.",
    ] = None
    roles: Annotated[
        list[int | list[int]] | None,
        "The Hub's numbers of the roles.",
        values.FLAT_NUMBERS,
        Input(description="The Hub's numbers of the roles; null takes all."),
        values.Cleared([]),
    ] = None
    notifications: Annotated[
        list[str | list[str]] | None,
        "What the user gets mail about, in the Hub's words.",
        values.FLAT_WORDS,
        Input(values.NuviasNotification, description="What to send mail about; null is nothing."),
        values.Cleared([]),
    ] = named("notification")


class User(UserWrite, frozen=True, kw_only=True):
    """Somebody who can log in to the Hub.

    ``GET /users/{id}``: roles and notifications come as lists of lists, though documented flat.
    """

    id: int
    api_clients: Annotated[list[ApiClient], "The API clients."] = []
    audit_logs: Annotated[list[AuditLog], "What was done to the user."] = []
    actions_taken: Annotated[list[AuditLog], "What the user did."] = []


# Catalogue


class ProductGroupRow(Wire, frozen=True):
    """A row of ``GET /product_groups``."""

    id: int
    name: str | None = None
    active: bool | None = None
    vendor_status: str | None = named("status")
    product_type: int | None = named("type")
    manufacturer: int | None = named("vendor")


class ProductGroupWrite(Write, frozen=True):
    """Body of ``POST /product_groups`` and ``PUT /product_groups/{id}``."""

    name: Annotated[str | None, "What it is called."] = None
    active: Annotated[bool | None, "Whether it is in use."] = None
    vendor_status: Annotated[
        str | None,
        "The Hub's own word for the status.",
        Input(values.NuviasProductGroupStatus, name="status", description="Whether it is on sale."),
    ] = named("status")
    product_type: Annotated[int | None, "The Hub's number of the type of its products."] = named("type")
    manufacturer: Annotated[
        int | None, "Who makes its products.", values.MANUFACTURER, Input(name="manufacturer_id")
    ] = named("vendor")
    description: Annotated[
        str | None, "What it is.", Input(description="What it is; null clears it."), values.Cleared("")
    ] = None
    detailed_description: Annotated[
        str | None,
        "What it is, at length.",
        Input(description="What it is, at length; null clears it."),
        values.Cleared(""),
    ] = None
    subscription_type: Annotated[
        str | None,
        "Whose subscriptions it offers, in the Hub's word such as DROPBOX.",
        Input(values.NuviasSubscriptionType, description="Whose subscriptions it offers."),
    ] = None
    subscription_product_type: Annotated[
        str | None,
        "Which part it plays in a subscription, in the Hub's word: BASE or ADD_ON.",
        Input(values.NuviasSubscriptionProductType, description="Which part it plays in a subscription."),
    ] = None
    products: Annotated[
        list[int | list[int]] | None,
        "Its products. Null entries could not be read.",
        values.FLAT_NUMBERS,
        values.PRODUCT,
        Input(name="product_ids", description="Its products; null takes all."),
        values.Cleared([]),
    ] = None
    related_groups: Annotated[
        list[int | list[int]] | None,
        "Groups that go with it. Null entries could not be read.",
        values.FLAT_NUMBERS,
        values.PRODUCT_GROUP,
        Input(name="related_group_ids", description="Groups that go with it; null takes all."),
        values.Cleared([]),
    ] = named("related_product_groups")
    grading: Annotated[int | None, "The Hub's number for its place among others."] = None


class ProductGroup(ProductGroupWrite, frozen=True, kw_only=True):
    """Products that the Hub's shop shows as one.

    ``GET /product_groups/{id}``: the two lists come as lists of lists, though documented flat.
    """

    id: int


class Manufacturer(Wire, frozen=True):
    """A maker of products; the Hub calls it a vendor.

    ``GET /vendors``.
    """

    id: int
    name: Annotated[str | None, "What it is called."] = None


class Country(Wire, frozen=True):
    """A country that the Hub knows.

    ``GET /country_codes``.
    """

    id: int
    code: Annotated[str | None, "The code that addresses use.", values.COUNTRY_CODE] = named("iso_code")
    name: Annotated[str | None, "What the Hub calls it; not every Hub tells."] = None


class ShippingPrice(Wire, frozen=True):
    """A step of a shipping type's rates by weight."""

    min_weight: Annotated[Decimal | None, "From this weight on, in the shipping type's weightUnits."] = None
    max_weight: Annotated[Decimal | None, "Up to this weight, in the shipping type's weightUnits."] = None
    rate: Annotated[Decimal | None, "The rate, as the shipping type's rateType says."] = None


class ShippingType(Wire, frozen=True):
    """A way to ship.

    ``GET /shipping_types``: empty ``countries`` is everywhere, ``exclude_countries`` inverts them.
    """

    id: int
    name: Annotated[str | None, "What it is called."] = None
    description: Annotated[str | None, "What it offers."] = None
    source_system: Annotated[int | None, "The Hub's number of the back-end system that ships."] = named("source")
    min_cost: Annotated[Decimal | None, "The least that it costs.", values.MONEY] = None
    max_cost: Annotated[Decimal | None, "The most that it costs.", values.MONEY] = None
    free_over_cost: Annotated[Decimal | None, "Orders above this are shipped for nothing.", values.MONEY] = None
    rate_type: Annotated[str | None, "How the cost is found, in the Hub's word such as BY_ITEM."] = None
    rate: Annotated[Decimal | None, "The rate, as rateType says."] = None
    country_codes: Annotated[
        list[int],
        "The countries that it goes to, or does not go to: see excludeCountries. Empty is everywhere.",
        values.COUNTRIES,
    ] = field(name="countries", default=[])
    exclude_countries: Annotated[bool | None, "Whether countryCodes are those that it does not go to."] = None
    weight_units: Annotated[str | None, "The unit of the weights, in the Hub's word such as GRAMS."] = None
    shipping_prices: Annotated[list[ShippingPrice], "The rates by weight."] = []


class Group(Wire, frozen=True):
    """A Dovetail group: devices that are set up alike.

    ``GET /groups``.
    """

    id: int
    name: Annotated[str | None, "What it is called."] = None
    organisation: Annotated[int | None, "Whose group it is.", values.ORGANISATION] = None
    service_template: Annotated[int | None, "The Hub's number of the template that its devices get."] = None


class Site(Wire, frozen=True):
    """A Dovetail site: a place where devices are.

    ``GET /sites``.
    """

    id: int
    name: Annotated[str | None, "What it is called."] = None
    organisation: Annotated[int | None, "Whose site it is.", values.ORGANISATION] = None
    address: Annotated[Address | None, "Where it is.", values.ADDRESS] = None


# Feeds


class FeedRow(Wire, frozen=True):
    """A row of ``GET /feeds``: without what the file looks like."""

    id: int
    organisation: int | None = None
    name: str | None = None
    active: bool | None = None
    timeslot: int | None = None
    columns: list[str] = []
    delivery_method: str | None = None
    delivery_email: str | None = None
    delivery_user: str | None = None
    delivery_password: str | None = None
    delivery_server: str | None = None
    delivery_protocol: str | None = named("delivery_procotol")
    delivery_port: int | None = None
    sitc_confirm: bool | None = None
    sitc_filename: str | None = None
    last_upload_at: str | None = named("last_upload")


class FeedWrite(Write, frozen=True):
    """Body of ``POST /feeds`` and ``PUT /feeds/{id}``; ``delivery_procotol`` is (sic)."""

    organisation: Annotated[
        int | None, "Whose prices it shows.", values.ORGANISATION, Input(name="organisation_id")
    ] = None
    name: Annotated[str | None, "What it is called."] = None
    active: Annotated[
        bool | None,
        "Whether it is sent.",
        Input(description="Whether to send it; a new feed is sent unless you say no."),
    ] = None
    timeslot: Annotated[int | None, "When it is sent: minutes from midnight UTC, a multiple of 30 from 0 to 1410."] = (
        None
    )
    columns: Annotated[
        list[str],
        "The columns of the file, in the Hub's words, in order.",
        values.SMALL,
        Input(values.NuviasFeedColumn, description="The columns of the file, in order: at least one."),
    ] = []
    show_headers: Annotated[bool | None, "Whether the first line names the columns."] = None
    show_empty_stock: Annotated[bool | None, "Whether products without stock are in it."] = None
    delimiter: Annotated[
        str | None, "What parts the columns, in the Hub's word: COMMA or SEMI_COLON.", Input(values.NuviasDelimiter)
    ] = None
    escape_method: Annotated[
        str | None,
        "What becomes of delimiters in values, in the Hub's word: ESCAPED, QUOTED or STRIPPED.",
        Input(values.NuviasEscapeMethod),
    ] = None
    delivery_method: Annotated[
        str | None,
        "How it is delivered, in the Hub's word: EMAIL, FTP or SITC.",
        Input(values.NuviasDeliveryMethod, description="How to deliver it. What only another way needed is dropped."),
    ] = None
    delivery_email: Annotated[str | None, "EMAIL: the e-mail address that gets it.", values.Cleared()] = None
    delivery_user: Annotated[str | None, "FTP: the name to log in with.", values.Cleared()] = None
    delivery_password: Annotated[str | None, "FTP: the password. It can be set, never read.", values.Cleared()] = None
    delivery_server: Annotated[str | None, "FTP: the server.", values.Cleared()] = None
    delivery_protocol: Annotated[
        str | None,
        "FTP: the protocol, in the Hub's word: FTP, FTPS or SFTP.",
        Input(values.NuviasDeliveryProtocol),
        values.Cleared(),
    ] = named("delivery_procotol")
    delivery_port: Annotated[int | None, "FTP: the port.", values.Cleared()] = None
    sitc_confirm: Annotated[bool | None, "SITC: whether delivery was confirmed with Stock in the Channel."] = None
    sitc_filename: Annotated[str | None, "SITC: the name of the file; null clears it.", values.Cleared()] = None


class Feed(FeedWrite, frozen=True, kw_only=True):
    """A file of products and prices that the Hub sends every day.

    ``GET /feeds/{id}``: with what the file looks like.
    """

    id: int
    last_upload_at: Annotated[str | None, "When it was last sent; null if never.", values.TIME] = named("last_upload")
