"""Sonata's enums, and how its times and words are read and written. Source: MEF 123 v10."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from ordergraph.domain import DescribedEnum
from ordergraph.domain.commands import camel
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec

note_unreadable = partial(decoding.note_unreadable, "sonata")


def moment(text: str | None) -> datetime | None:
    """A time, aware and in UTC; what has no zone is taken as UTC."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return note_unreadable("time", text)


def written(at: datetime) -> str:
    """A time as Sonata writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def word(name: str) -> str:
    """Sonata's word for one of our enums' names."""
    return camel(name.lower())


TIME = Codec(datetime, moment, written)
WORD = Codec(str, str, word)
"""Read as it is, since the Seller may answer with any word; written from the name of an enum."""


class SonataAction(DescribedEnum):
    """What is done with a product."""

    ADD = "Install a new one."
    MODIFY = "Change one in service."
    DELETE = "Disconnect one in service."


class SonataPlaceType(DescribedEnum):
    """How a place is told, in the words of MEF."""

    FIELDED_ADDRESS = "An address in fields: streetName, city and country are needed."
    FORMATTED_ADDRESS = "An address in lines: addrLine1, city and country are needed."
    GEOGRAPHIC_ADDRESS_LABEL = (
        "A code of an address, such as a CLLI code: externalReferenceId and externalReferenceType are needed."
    )
    GEOGRAPHIC_ADDRESS_REF = "An address that the Seller has validated: its id is needed."
    GEOGRAPHIC_SITE_REF = "A site that the Seller knows: its id is needed."
    MEF_GEOGRAPHIC_POINT = "A point: spatialRef, x and y are needed."


class SonataTimeUnit(DescribedEnum):
    """In what a length of time is counted."""

    CALENDAR_MONTHS = "Months."
    CALENDAR_DAYS = "Days."
    CALENDAR_HOURS = "Hours."
    CALENDAR_MINUTES = "Minutes."
    BUSINESS_DAYS = "Working days."
    BUSINESS_HOURS = "Hours of working days."
    BUSINESS_MINUTES = "Minutes of working days."


class SonataEndOfTermAction(DescribedEnum):
    """What happens when a term ends."""

    ROLL = "The contract goes on by the roll interval, again and again."
    AUTO_DISCONNECT = "The product is disconnected."
    AUTO_RENEW = "The contract is renewed for the same term."


class SonataCoordinationDependency(DescribedEnum):
    """How an item waits for another."""

    START_TO_START = "Work on it starts only after work on the other has started."
    START_TO_FINISH = "Work on it starts only after the other is complete."
    FINISH_TO_START = "Work on the other starts only after it is complete."
    FINISH_TO_FINISH = "Both are completed at the same time."


class SonataCancellationReasonType(DescribedEnum):
    """Why an order is cancelled."""

    TECHNICAL = "For a technical reason."
    COMMERCIAL = "For a commercial reason."
