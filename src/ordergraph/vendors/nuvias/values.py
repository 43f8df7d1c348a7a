"""The Hub's enums and references, and the codecs of its values.

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
"""Types that the graph represents as scalars."""

# ---- References -------------------------------------------------------------------------------------

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
"""Objects that only the Hub has."""

# ---- Reading and writing ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cleared:
    """The value to send if an input is null, declared beside a field. A field without it cannot be cleared."""

    value: object = None


def moment(text: str | None) -> datetime | None:
    """Return a time of the Hub in UTC. The Hub sends some times without a zone: these are UTC."""
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return note_unreadable("time", text)


def day(text: str | None) -> date | None:
    """Return a day. The Hub may send a time instead."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return note_unreadable("day", text or "")


def number(value: int | None) -> Decimal | None:
    """Return a quantity as a decimal."""
    return None if value is None else Decimal(value)


def text(value: int | str | None) -> str | None:
    """Return an identifier as text. The Hub sends identifiers as numbers."""
    return None if value is None else str(value)


def truth(value: bool | str) -> bool:
    """Return a boolean. The Hub sends some as the string ``"true,"``."""
    return value.strip(" ,").lower() == "true" if isinstance(value, str) else value


def flat(values: Sequence[Any]) -> list[Any]:
    """Flatten a list that the Hub may nest in another list."""
    return [item for value in values for item in (cast("list[Any]", value) if isinstance(value, list) else [value])]


def unescaped(words: str) -> str:
    """Remove the backslash that the Hub puts before a number sign."""
    return words.replace("\\#", "#")


def money(amount: Decimal, source: Any) -> Money | None:
    """Return an amount in the currency next to it, or else in the account's currency."""
    own: str | None = getattr(source.wire, "currency", None)
    return Money(amount, own) if own else source.facts.money(amount)


def address(place: Any, source: Any) -> Address | None:
    """Return an address with the ISO code of its country."""
    return source.facts.address(place)


def country_codes(countries: Sequence[int], source: Any) -> list[CountryWord]:
    """Return the ISO codes of the Hub's country ids, without the ids that the Hub does not list."""
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
"""Values that the Hub expects in lower case."""

# ---- Enums ------------------------------------------------------------------------------------------


class NuviasOrderStatus(DescribedEnum):
    """An order status as reported by the Hub."""

    CREATED = "The Hub has received the order."
    PROCESSING = "The Hub has passed the order to its back-end systems. The order can still be cancelled."
    ACCEPTED = "The back-end systems have accepted the order. It can no longer be cancelled through the API."
    PART_SHIPPED = "Part of the order has been shipped."
    SHIPPED = "The whole order has been shipped."
    COMPLETE = "The order is complete."
    ATTENTION_REQUIRED = "The order is blocked and needs your attention. Use `resubmitOrder` to continue it."
    FAILED = "The order failed and will not continue."
    PENDING_AUTHORISATION = "The order is waiting for approval. Use `approveOrder` or `denyOrder`."
    CANCELLED = "The order was cancelled or denied."


class NuviasPaymentType(DescribedEnum):
    """The payment method of an order."""

    ON_ACCOUNT = "Payment on account."
    FINANCE = "Payment by financing. Requires `finance`."


class NuviasFinanceTarget(DescribedEnum):
    """The party that is financed."""

    SELF = "You are financed."
    CUSTOMER = "Your customer is financed. Every line requires `markupPercent`."


class NuviasFilteredSubscriptionType(DescribedEnum):
    """A subscription type that the Hub can filter by. The Hub cannot filter by Zoom."""

    ACRONIS = "Acronis subscriptions."
    DROPBOX = "Dropbox subscriptions."


class NuviasDaysOverdue(DescribedEnum):
    """A range of days by which an invoice is overdue. The Hub has no range for 1 to 30 days."""

    NONE = "0 days overdue."
    FROM_31_TO_60 = "31 to 60 days overdue."
    FROM_61_TO_90 = "61 to 90 days overdue."
    OVER_90 = "More than 90 days overdue."


class NuviasLanguage(DescribedEnum):
    """The language that the Hub uses for a user."""

    DE = "German."
    EN = "English."
    ES = "Spanish."
    FR = "French."
    IT = "Italian."
    NL = "Dutch."


class NuviasNotification(DescribedEnum):
    """An event that the Hub emails a user about."""

    BUY_PRICE_INCREASED = "A price that you pay was increased."
    CHECKOUT_REQUESTED = "A user requested the checkout of a basket."
    ORDER_CREATED = "An order was placed."
    ORDER_REQUIRES_MANUAL_AUTH = "An order requires approval."
    ORDER_STATUS_CHANGED = "The status of an order changed."
    QUOTE_AMENDED = "A quote was changed."
    QUOTE_CREATED = "A quote was created."


class NuviasProductGroupStatus(DescribedEnum):
    """The status of a product group."""

    DRAFT = "The product group is being prepared and is not on sale."
    LIVE = "The product group is on sale."
    UNKNOWN = "The Hub reports a status that this version does not know. See `vendorStatus`. Not allowed in inputs."


class NuviasSubscriptionType(DescribedEnum):
    """The provider of a subscription."""

    DROPBOX = "Dropbox."
    ACRONIS = "Acronis."
    ZOOM = "Zoom."


class NuviasSubscriptionProductType(DescribedEnum):
    """The role of a product in a subscription."""

    BASE = "The base product of the subscription."
    ADD_ON = "An add-on to the base product."


class NuviasFeedColumn(DescribedEnum):
    """A column of a feed's file."""

    STOCK = "The quantity that Nuvias has in stock."
    MPN = "The manufacturer's part number."
    PRICE = "The price that you pay."
    RRP = "The recommended retail price."
    VENDOR = "The manufacturer."
    NAME = "The name of the product."
    EAN = "The EAN (barcode number)."


class NuviasDeliveryMethod(DescribedEnum):
    """The delivery method of a feed's file."""

    EMAIL = "By email. Requires `deliveryEmail`."
    FTP = "By upload to a server. Requires `deliveryServer`, `deliveryUser` and `deliveryPassword`."
    SITC = "Through Stock in the Channel."


class NuviasDelimiter(DescribedEnum):
    """The column delimiter of a feed's file."""

    COMMA = "A comma."
    SEMI_COLON = "A semicolon."


class NuviasEscapeMethod(DescribedEnum):
    """How delimiters inside a value of a feed's file are handled."""

    ESCAPED = "Delimiters are escaped with a backslash."
    QUOTED = "The value is enclosed in quotation marks."
    STRIPPED = "Delimiters are removed."


class NuviasDeliveryProtocol(DescribedEnum):
    """The upload protocol of a feed's file."""

    FTP = "FTP, unencrypted."
    FTPS = "FTP over TLS."
    SFTP = "SSH File Transfer Protocol."


class NuviasOrderSortField(DescribedEnum):
    """The field to sort orders by."""

    DATE = "When the order was placed."
    TOTAL = "The total amount of the order."


class NuviasUserSortField(DescribedEnum):
    """The field to sort users by."""

    NAME = "The name of the user."
    EMAIL_ADDRESS = "The email address of the user."


class NuviasDraftSortField(DescribedEnum):
    """The field to sort drafts by."""

    NAME = "The name of the draft."
    TOTAL = "The total amount of the draft."


class NuviasProductSortField(DescribedEnum):
    """The field to sort products by."""

    POPULARITY = "The popularity of the product. Only DESC (most popular first) is supported."
    NAME = "The name of the product."
    PRICE = "The price that you pay."


class NuviasInvoiceSortField(DescribedEnum):
    """The field to sort invoices by."""

    SOURCE_ID = "The ID of the invoice in the back-end system."
    STATUS = "The status as reported by the Hub."
    DATE = "When the invoice was issued."
    PURCHASE_ORDER = "The purchase order number."
    TOTAL = "The total amount of the invoice."
    DAYS_OVERDUE = "The number of days by which the invoice is overdue."
