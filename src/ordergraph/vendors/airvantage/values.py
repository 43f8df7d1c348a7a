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
    """Return the time, or None for a boolean: the document declares one of the times as a boolean."""
    if milliseconds is None or isinstance(milliseconds, bool):
        return None
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return note_unreadable("time", str(milliseconds))


def milliseconds(moment: datetime) -> int:
    """Return a time in AirVantage's format."""
    return round((moment.astimezone(UTC) - EPOCH).total_seconds() * 1000)


def day(milliseconds: int) -> date | None:
    """Return the date (UTC) of a time."""
    found = moment(milliseconds)
    return found and found.date()


def plain_uid(uid: str) -> str:
    """Return a uid without dashes, the form that IDs in the graph use. AirVantage sends both forms."""
    return uid.replace("-", "").lower()


TIME = Codec(datetime, moment, milliseconds)
DAY = Codec(date, day)


class AirVantageOrderStatus(DescribedEnum):
    """The status of an order as reported by AirVantage."""

    PENDING = "The order was placed and is not processed yet. It can still be changed and cancelled."
    ACCEPTED_STOCK = "The order was accepted and will be delivered from stock."
    ACCEPTED_FOUNDER = "The order was accepted. The goods have to be manufactured first."
    REJECTED = "The order was rejected. `problems` gives the reason."
    SHIPPED = "The order was shipped. Confirm its arrival with `acknowledgeOrder`."
    ACKNOWLEDGED = "The arrival of the order was confirmed."
    CANCELED = "The order was cancelled."


class AirVantageOrderType(DescribedEnum):
    """The type of goods in an order."""

    SIM = "SIM cards."
    SMB = "Devices for small and medium businesses."
    R2C = "Ready-to-Connect modules."
    BUNDLE = "Goods bundled with airtime."
