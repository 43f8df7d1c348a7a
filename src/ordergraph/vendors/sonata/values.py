"""Sonata's enums, and the codecs of its times and enum values. Source: MEF 123 v10."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from ordergraph.domain import DescribedEnum
from ordergraph.domain.commands import camel
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec

note_unreadable = partial(decoding.note_unreadable, "sonata")


def moment(text: str | None) -> datetime | None:
    """Return the time in UTC. A time without a zone is read as UTC."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return note_unreadable("time", text)


def written(at: datetime) -> str:
    """Return a time in Sonata's format."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def word(name: str) -> str:
    """Return Sonata's enum value for the name of one of our enum members."""
    return camel(name.lower())


TIME = Codec(datetime, moment, written)
WORD = Codec(str, str, word)
"""An enum value: read unchanged, because the Seller may send any value, and written from the name of an enum member."""


class SonataAction(DescribedEnum):
    """The action on a product."""

    ADD = "Installs a new product."
    MODIFY = "Changes a product in service."
    DELETE = "Disconnects a product in service."


class SonataPlaceType(DescribedEnum):
    """The way in which a place is specified, by MEF's place types."""

    FIELDED_ADDRESS = "An address in separate fields. Requires streetName, city and country."
    FORMATTED_ADDRESS = "An address in lines. Requires addrLine1, city and country."
    GEOGRAPHIC_ADDRESS_LABEL = (
        "The code of an address, such as a CLLI code. Requires externalReferenceId and externalReferenceType."
    )
    GEOGRAPHIC_ADDRESS_REF = "An address that the Seller has validated. Requires id."
    GEOGRAPHIC_SITE_REF = "A site that the Seller knows. Requires id."
    MEF_GEOGRAPHIC_POINT = "A point. Requires spatialRef, x and y."


class SonataTimeUnit(DescribedEnum):
    """The unit of a duration."""

    CALENDAR_MONTHS = "Calendar months."
    CALENDAR_DAYS = "Calendar days."
    CALENDAR_HOURS = "Calendar hours."
    CALENDAR_MINUTES = "Calendar minutes."
    BUSINESS_DAYS = "Business days."
    BUSINESS_HOURS = "Hours of business days."
    BUSINESS_MINUTES = "Minutes of business days."


class SonataEndOfTermAction(DescribedEnum):
    """What happens at the end of a contract term."""

    ROLL = "The contract is extended by the roll interval, repeatedly."
    AUTO_DISCONNECT = "The product is disconnected."
    AUTO_RENEW = "The contract is renewed for the same term."


class SonataCoordinationDependency(DescribedEnum):
    """How the timing of an item depends on another item."""

    START_TO_START = "Work on this item starts only after work on the other item has started."
    START_TO_FINISH = "Work on this item starts only after the other item is complete."
    FINISH_TO_START = "Work on the other item starts only after this item is complete."
    FINISH_TO_FINISH = "Both items are completed at the same time."


class SonataCancellationReasonType(DescribedEnum):
    """The type of reason for a cancellation."""

    TECHNICAL = "A technical reason."
    COMMERCIAL = "A commercial reason."
