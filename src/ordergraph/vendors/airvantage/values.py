"""AirVantage's enums, and how its times and uids are read and written. Source: AirVantage API v1, "Orders"."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

from ordergraph.domain import DescribedEnum
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

note_unreadable = partial(decoding.note_unreadable, "airvantage")


def moment(milliseconds: int | bool | None) -> datetime | None:
    """A time; the document types one of them as a boolean, which says nothing."""
    if milliseconds is None or isinstance(milliseconds, bool):
        return None
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return note_unreadable("time", str(milliseconds))


def milliseconds(moment: datetime) -> int:
    """A time as AirVantage writes it."""
    return round((moment.astimezone(UTC) - EPOCH).total_seconds() * 1000)


def day(milliseconds: int) -> date | None:
    """The day of a time."""
    found = moment(milliseconds)
    return found and found.date()


def plain_uid(uid: str) -> str:
    """A uid in the one form that ids of the graph have: AirVantage writes them with dashes or without."""
    return uid.replace("-", "").lower()


TIME = Codec(datetime, moment, milliseconds)
DAY = Codec(date, day)


class AirVantageOrderStatus(DescribedEnum):
    """Where an order stands, in AirVantage's words."""

    PENDING = "Placed and not handled yet: it can still be changed and cancelled."
    ACCEPTED_STOCK = "Accepted, to be delivered from stock."
    ACCEPTED_FOUNDER = "Accepted, to be made first."
    REJECTED = "Declined; `problems` says why."
    SHIPPED = "On its way; `acknowledgeOrder` confirms that it has arrived."
    ACKNOWLEDGED = "Arrived."
    CANCELED = "Was cancelled."


class AirVantageOrderType(DescribedEnum):
    """What kind of goods an order is of."""

    SIM = "SIM cards."
    SMB = "Devices for small and medium businesses."
    R2C = "Ready-to-connect modules."
    BUNDLE = "Goods with airtime."
