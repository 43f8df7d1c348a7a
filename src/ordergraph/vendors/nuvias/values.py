"""The Hub's enums, what its ids refer to, and how its values are read and written.

Source: Nuvias UC "Hub API (1.1.0)".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NewType, cast

from ordergraph.domain import Address, DescribedEnum, Money
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec, Reference

note_unreadable = partial(decoding.note_unreadable, "nuvias")
look_up = partial(decoding.look_up, "nuvias")

CurrencyWord = NewType("CurrencyWord", str)
CountryWord = NewType("CountryWord", str)
"""What the graph has a scalar for."""

# ----------------------------------------------------------------------------------------- references

ORDER = Reference("Order", "fetch_orders")
PRODUCT = Reference("Product", "fetch_products")
SUBSCRIPTION = Reference("Subscription", "fetch_subscriptions")
USER = Reference("NuviasUser", "fetch_users")
PRODUCT_GROUP = Reference("NuviasProductGroup", "fetch_product_groups")
FEED = Reference("NuviasFeed", "fetch_feeds")
ORGANISATION = Reference("NuviasOrganisation", "fetch_organisations")
MANUFACTURER = Reference("NuviasManufacturer", "fetch_manufacturers")
SHIPPING_TYPE = Reference("NuviasShippingType", "fetch_shipping_types")
GROUP = Reference("NuviasProvisioningGroup", "fetch_groups")
SITE = Reference("NuviasSite", "fetch_sites")
COUNTRY = Reference("NuviasCountry", "fetch_countries")
OWN_NODES = (USER, PRODUCT_GROUP, FEED, ORGANISATION, MANUFACTURER, SHIPPING_TYPE, GROUP, SITE, COUNTRY)
"""What only the Hub has."""

# ------------------------------------------------------------------------------------ reading, writing


@dataclass(frozen=True, slots=True)
class Cleared:
    """What is sent where an input has null, declared beside a field. One without it cannot be cleared."""

    value: object = None


def moment(text: str | None) -> datetime | None:
    """A time of the Hub, which writes some without a zone: these are UTC."""
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return note_unreadable("time", text)


def day(text: str | None) -> date | None:
    """A day, also where the Hub sends a time."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return note_unreadable("day", text or "")


def number(value: int | None) -> Decimal | None:
    """A quantity."""
    return None if value is None else Decimal(value)


def text(value: int | str | None) -> str | None:
    """An identifier that the Hub sends as a number."""
    return None if value is None else str(value)


def truth(value: bool | str) -> bool:
    """A boolean, also where the Hub prints it as ``"true,"``."""
    return value.strip(" ,").lower() == "true" if isinstance(value, str) else value


def flat(values: Sequence[Any]) -> list[Any]:
    """A list, also where the Hub nests it into another."""
    return [item for value in values for item in (cast("list[Any]", value) if isinstance(value, list) else [value])]


def unescaped(words: str) -> str:
    """Text in which the Hub has put a backslash before the sign of a number."""
    return words.replace("\\#", "#")


def money(amount: Decimal, source: Any) -> Money | None:
    """An amount in the currency that stands beside it, or else in the account's."""
    own: str | None = getattr(source.wire, "currency", None)
    return Money(amount, own) if own else source.facts.money(amount)


def address(place: Any, source: Any) -> Address | None:
    """An address with the country's code."""
    return source.facts.address(place)


def country_codes(countries: Sequence[int], source: Any) -> list[CountryWord]:
    """The codes of the Hub's ids of countries, without those that it does not explain."""
    codes = [source.facts.country_code(country) for country in countries]
    return [code for code in codes if code]


TIME = Codec(datetime, moment)
DAY = Codec(date, day)
NUMBER = Codec(Decimal, number)
TEXT = Codec(str, text)
TRUTH = Codec(bool, truth)
ESCAPED = Codec(str, unescaped)
FLAT_NUMBERS = Codec(list[int], flat)
FLAT_WORDS = Codec(list[str], flat, lambda words: [word.lower() for word in words])
MONEY = Codec(Money, money, of_source=True)
ADDRESS = Codec(Address, address, of_source=True)
COUNTRIES = Codec(list[CountryWord], country_codes, of_source=True)
CURRENCY_CODE = Codec(cast("Any", CurrencyWord), str)
COUNTRY_CODE = Codec(cast("Any", CountryWord), str)
SMALL = Codec(str, str, str.lower)
"""Words that the Hub wants in small letters."""

# ---------------------------------------------------------------------------------------------- words


class NuviasOrderStatus(DescribedEnum):
    """Where an order stands, in the Hub's words."""

    CREATED = "The Hub has received it."
    PROCESSING = "Handed to the back-end systems; it can still be cancelled."
    ACCEPTED = "The back-end systems have taken it; it can no longer be cancelled here."
    PART_SHIPPED = "Some of the goods are on their way."
    SHIPPED = "All goods are on their way."
    COMPLETE = "Done."
    ATTENTION_REQUIRED = "Waits for you; `resubmitOrder` sends it on."
    FAILED = "Broke off and will not go on."
    PENDING_AUTHORISATION = "Waits for `approveOrder` or `denyOrder`."
    CANCELLED = "Was cancelled or denied."


class NuviasPaymentType(DescribedEnum):
    """How an order is paid."""

    ON_ACCOUNT = "On account."
    FINANCE = "By financing; needs `finance`."


class NuviasFinanceTarget(DescribedEnum):
    """Who is financed."""

    SELF = "You."
    CUSTOMER = "Your customer; every line needs markupPercent."


class NuviasFilteredSubscriptionType(DescribedEnum):
    """The kinds of subscription that the Hub can filter by; it has no word for Zoom's there."""

    ACRONIS = "Acronis."
    DROPBOX = "Dropbox."


class NuviasDaysOverdue(DescribedEnum):
    """For how many days an invoice should have been paid. The Hub has no group for 1 to 30 days."""

    NONE = "0 days."
    FROM_31_TO_60 = "31 to 60 days."
    FROM_61_TO_90 = "61 to 90 days."
    OVER_90 = "More than 90 days."


class NuviasLanguage(DescribedEnum):
    """The language in which the Hub speaks to a user."""

    DE = "German."
    EN = "English."
    ES = "Spanish."
    FR = "French."
    IT = "Italian."
    NL = "Dutch."


class NuviasNotification(DescribedEnum):
    """What the Hub sends a user mail about."""

    BUY_PRICE_INCREASED = "A price that you pay went up."
    CHECKOUT_REQUESTED = "Somebody asks for a basket to be ordered."
    ORDER_CREATED = "An order was placed."
    ORDER_REQUIRES_MANUAL_AUTH = "An order waits for approval."
    ORDER_STATUS_CHANGED = "An order has another status."
    QUOTE_AMENDED = "A quote was changed."
    QUOTE_CREATED = "A quote was made."


class NuviasProductGroupStatus(DescribedEnum):
    """Whether a product group is on sale."""

    DRAFT = "Being prepared."
    LIVE = "On sale."
    UNKNOWN = "The Hub used a word that this version does not know; `vendorStatus` has it. Not for inputs."


class NuviasSubscriptionType(DescribedEnum):
    """Whose subscriptions they are."""

    DROPBOX = "Dropbox."
    ACRONIS = "Acronis."
    ZOOM = "Zoom."


class NuviasSubscriptionProductType(DescribedEnum):
    """Which part a product plays in a subscription."""

    BASE = "What the subscription is about."
    ADD_ON = "Something on top of it."


class NuviasFeedColumn(DescribedEnum):
    """A column of a feed's file."""

    STOCK = "How many Nuvias has."
    MPN = "The manufacturer's part number."
    PRICE = "What you pay."
    RRP = "The recommended retail price."
    VENDOR = "The manufacturer."
    NAME = "What the product is called."
    EAN = "The barcode's number."


class NuviasDeliveryMethod(DescribedEnum):
    """How a feed's file reaches you."""

    EMAIL = "By mail; needs deliveryEmail."
    FTP = "By upload; needs deliveryServer, deliveryUser and deliveryPassword."
    SITC = "Through Stock in the Channel."


class NuviasDelimiter(DescribedEnum):
    """What parts the columns of a feed's file."""

    COMMA = "A comma."
    SEMI_COLON = "A semicolon."


class NuviasEscapeMethod(DescribedEnum):
    """What becomes of delimiters inside a value of a feed's file."""

    ESCAPED = "They get a backslash."
    QUOTED = "The value is put in quotation marks."
    STRIPPED = "They are left out."


class NuviasDeliveryProtocol(DescribedEnum):
    """How a feed's file is uploaded."""

    FTP = "FTP, in the clear."
    FTPS = "FTP over TLS."
    SFTP = "The file transfer of SSH."


class NuviasOrderSortField(DescribedEnum):
    """What a list of orders is sorted by."""

    DATE = "The time when the order was placed."
    TOTAL = "What it comes to."


class NuviasUserSortField(DescribedEnum):
    """What a list of users is sorted by."""

    NAME = "The name."
    EMAIL_ADDRESS = "The e-mail address."


class NuviasDraftSortField(DescribedEnum):
    """What a list of drafts is sorted by."""

    NAME = "The name."
    TOTAL = "What it comes to."


class NuviasProductSortField(DescribedEnum):
    """What a list of products is sorted by."""

    POPULARITY = "How popular it is: only the most popular first (DESC)."
    NAME = "The name."
    PRICE = "What you pay."


class NuviasInvoiceSortField(DescribedEnum):
    """What a list of invoices is sorted by."""

    SOURCE_ID = "The number in the back-end system."
    STATUS = "The Hub's word for the status."
    DATE = "When it was written."
    PURCHASE_ORDER = "The buyer's number."
    TOTAL = "What it comes to."
    DAYS_OVERDUE = "For how many days it should have been paid."
