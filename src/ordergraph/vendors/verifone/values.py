"""Verifone's enums, and the codecs of its times and amounts. Source: Verifone Order API 2.62."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial

from ordergraph.domain import DescribedEnum
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec

note_unreadable = partial(decoding.note_unreadable, "verifone")
TERMINAL_IDS = "tidList"
"""Verifone's name of the terminal IDs among the parameters of a processor."""


def moment(text: str | None) -> datetime | None:
    """Return the time in UTC. A time without a zone, which the document does not allow, is read as UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return note_unreadable("time", text)


def amount(text: str | None) -> Decimal | None:
    """Return the decimal in a string with all its digits. ``.5`` is allowed."""
    if text is None:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return note_unreadable("amount", text)
    return found if found.is_finite() else note_unreadable("amount", text)


def stamp(moment: datetime) -> str:
    """Return a time in Verifone's format, truncated to milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def digits(value: Decimal) -> str:
    """Return an amount in Verifone's format."""
    return format(value, "f")


TIME = Codec(datetime, moment, stamp)
AMOUNT = Codec(Decimal, amount, digits)


class VerifoneLineKind(DescribedEnum):
    """The part of a Verifone order that a line represents."""

    DEVICE = "The device of a terminal."
    ADDITIONAL_DEVICE = "An additional device or accessory of a terminal."
    BASE = "The base package of the order."
    SERVICE = "A service of the order."
    DELIVERY = "The delivery of the order."


class VerifoneOrderStatus(DescribedEnum):
    """The detailed status of an order as reported by Verifone."""

    DRAFT = "The order is a draft. It was not submitted."
    OFFER_SENT = "The order is a draft. A link to it was sent to the customer."
    OPENED_BY_CUSTOMER = "The order is a draft that the customer has opened."
    INPROGRESS_BY_CUSTOMER = "The order is a draft that the customer is completing."
    SUBMITTED = "The order was submitted."
    INPROGRESS = "Verifone is processing the order."
    PENDING_THIRD_PARTY = "A third party is processing the order."
    PENDING_SIGNATURE = "The contract is waiting for a signature."
    UNDER_REVIEW = "Verifone is reviewing the order."
    REQUIRES_ATTENTION = "The order has a problem that must be fixed. `problems` gives the details."
    INTERNAL_BOARDING = "Verifone is onboarding the merchant."
    FULFILMENT_BOOKED = "The order was booked with the shipper."
    FULFILMENT_PICKED = "The goods were packed."
    FULFILMENT_SHIPPED = "The goods were shipped."
    CANCEL_REQUESTED = "A cancellation was requested."
    CANCEL_INPROGRESS = "The order is being cancelled."
    CANCEL_ERROR = "The cancellation failed."
    CANCELED_BYUSER = "The order was cancelled by a user."
    COMPLETED = "The order is complete."
    CANCELLED = "The order was cancelled."
    DECLINED = "Verifone declined the order."
    ONHOLD = "Verifone has put the order on hold."
    DOCS_REQUIRED = "Verifone requires documents."
    DOCS_REQUIRES_ATTENTION = "The documents have a problem that must be fixed."


class VerifoneContactType(DescribedEnum):
    """The purpose of a contact."""

    BUSINESS = "The contact for all business matters."
    DISPUTE_HANDLING = "The contact for disputes."
    OWNER = "The owner of the business."
    PERSONAL = "A person who represents the merchant."


class VerifonePhoneType(DescribedEnum):
    """The type of a phone number."""

    HOME = "A home number."
    MOBILE = "A mobile number."
    WORK = "A work number."
    FAX = "A fax number."
    OTHER = "Another type of number."


class VerifonePriceModel(DescribedEnum):
    """How a price is charged."""

    MONTHLY_FEE = "Charged each month."
    MONTHLY_FEE_PER_DEVICE = "Charged each month for each device."
    MINIMUM_AMT_PER_TRX = "The minimum amount charged for each transaction."
    AMT_PER_TRX = "A fixed amount charged for each transaction."
    PERC_PER_TRX = "A percentage of each transaction."
    ONE_TIME = "Charged once."
    YEARLY_FEE = "Charged each year."
    QUARTERLY_FEE = "Charged each quarter."


class VerifonePaymentMethod(DescribedEnum):
    """The payment method of an order."""

    ACCOUNT = "Payment from a bank account."
    CREDIT = "Payment by credit. Verifone's default if no method is given."
    NET = "Payment by invoice within a payment term."
    EINVOICE = "Payment by electronic invoice."


class VerifoneWeekday(DescribedEnum):
    """A day of the week."""

    MONDAY = "Monday."
    TUESDAY = "Tuesday."
    WEDNESDAY = "Wednesday."
    THURSDAY = "Thursday."
    FRIDAY = "Friday."
    SATURDAY = "Saturday."
    SUNDAY = "Sunday."


class VerifoneCancelReason(DescribedEnum):
    """The reason for a cancellation."""

    ADMIN_REASON = "An administrative reason."
    RELATED_PO_CHANGES = "The related purchase order has changed."
    WRONG_PRODUCT = "The order contains the wrong product."
    ORDER_LATE = "The order takes too long."
    OTHER = "Another reason. Describe it in the `reason` argument of the mutation."
