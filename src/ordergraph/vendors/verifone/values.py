"""Verifone's enums, and how its times and amounts are read and written. Source: Verifone Order API 2.62."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial

from ordergraph.domain import DescribedEnum
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec

note_unreadable = partial(decoding.note_unreadable, "verifone")


def moment(text: str | None) -> datetime | None:
    """A time; one without a zone is not what Verifone promises, and is taken as UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return note_unreadable("time", text)


def amount(text: str | None) -> Decimal | None:
    """A decimal in text, every digit kept; ``.5`` is allowed."""
    if text is None:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return note_unreadable("amount", text)
    return found if found.is_finite() else note_unreadable("amount", text)


def stamp(moment: datetime) -> str:
    """A time as Verifone writes it; what is finer than a millisecond is cut off."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def digits(value: Decimal) -> str:
    """An amount as Verifone writes it."""
    return format(value, "f")


TIME = Codec(datetime, moment, stamp)
AMOUNT = Codec(Decimal, amount, digits)


class VerifoneLineKind(DescribedEnum):
    """Which part of a Verifone order a line is."""

    DEVICE = "The device of a terminal."
    ADDITIONAL_DEVICE = "A further device or accessory of a terminal."
    BASE = "The base package of the order."
    SERVICE = "A service."
    DELIVERY = "How the goods are delivered."


class VerifoneOrderStatus(DescribedEnum):
    """Where an order stands, in Verifone's finer words."""

    DRAFT = "Kept, and not ordered."
    OFFER_SENT = "A draft that the customer was sent a link to."
    OPENED_BY_CUSTOMER = "A draft that the customer has opened."
    INPROGRESS_BY_CUSTOMER = "A draft that the customer works on."
    SUBMITTED = "Ordered."
    INPROGRESS = "Verifone works on it."
    PENDING_THIRD_PARTY = "Somebody else works on it."
    PENDING_SIGNATURE = "The contract waits for a signature."
    UNDER_REVIEW = "Verifone looks it over."
    REQUIRES_ATTENTION = "Something has to be mended; `problems` says what."
    INTERNAL_BOARDING = "Verifone sets the merchant up."
    FULFILMENT_BOOKED = "The shipper knows of it."
    FULFILMENT_PICKED = "The goods are packed."
    FULFILMENT_SHIPPED = "The goods are on their way."
    CANCEL_REQUESTED = "Somebody wants it cancelled."
    CANCEL_INPROGRESS = "It is being cancelled."
    CANCEL_ERROR = "It could not be cancelled."
    CANCELED_BYUSER = "Was cancelled by a user."
    COMPLETED = "Done."
    CANCELLED = "Was cancelled."
    DECLINED = "Verifone declined it."
    ONHOLD = "Verifone has paused it."
    DOCS_REQUIRED = "Verifone needs documents."
    DOCS_REQUIRES_ATTENTION = "The documents are not as they should be."


class VerifoneContactType(DescribedEnum):
    """For what somebody can be talked to."""

    BUSINESS = "Everything."
    DISPUTE_HANDLING = "Disputes."
    OWNER = "The owner."
    PERSONAL = "Somebody who stands for the merchant."


class VerifonePhoneType(DescribedEnum):
    """What a telephone number is for."""

    HOME = "At home."
    MOBILE = "On the way."
    WORK = "At work."
    FAX = "Facsimile."
    OTHER = "Something else."


class VerifonePriceModel(DescribedEnum):
    """How a price is asked for."""

    MONTHLY_FEE = "Each month."
    MONTHLY_FEE_PER_DEVICE = "Each month, for each device."
    MINIMUM_AMT_PER_TRX = "At least so much for each transaction."
    AMT_PER_TRX = "So much for each transaction."
    PERC_PER_TRX = "So many percent of each transaction."
    ONE_TIME = "Once."
    YEARLY_FEE = "Each year."
    QUARTERLY_FEE = "Each quarter."


class VerifonePaymentMethod(DescribedEnum):
    """How an order is paid."""

    ACCOUNT = "From a bank account."
    CREDIT = "By credit; what Verifone takes if nothing is said."
    NET = "By invoice, within a time."
    EINVOICE = "By electronic invoice."


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
    """Why an order is cancelled."""

    ADMIN_REASON = "For reasons of administration."
    RELATED_PO_CHANGES = "The purchase order has changed."
    WRONG_PRODUCT = "It is the wrong product."
    ORDER_LATE = "It takes too long."
    OTHER = "Another reason; `reason` of the mutation says which."
