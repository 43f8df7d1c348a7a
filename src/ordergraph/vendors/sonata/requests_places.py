"""Places: the addresses of contacts, and where products are. Source: the place schemas of MEF 123 v10."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from ordergraph.domain.commands import camel
from ordergraph.domain.errors import UserErrorCode
from ordergraph.vendors.sonata import wire

Json = Mapping[str, Any]
Say = Callable[..., None]
"""Notes what is wrong: a code, a sentence, and the rest of the path."""

COMMON = ("type", "role", "schema_location")
"""What every place has."""
TOWN = ("city", "country", "locality", "postcode", "postcodeExtension", "stateOrProvince")
STREET = (
    *("streetName", "streetType", "streetSuffix"),
    *("streetNr", "streetNrSuffix", "streetNrLast", "streetNrLastSuffix"),
)


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """A schema of places: Sonata's name of it, the properties that it needs, and the others that it has."""

    type: str
    needed: Sequence[str]
    others: Sequence[str] = ()


# By the name in the graph; the properties have the same names there.
PLACE_KINDS: Mapping[str, PlaceKind] = {
    "FIELDED_ADDRESS": PlaceKind("FieldedAddress", ("streetName", "city", "country"), (*STREET, *TOWN, "subAddress")),
    "FORMATTED_ADDRESS": PlaceKind("FormattedAddress", ("addrLine1", "city", "country"), ("addrLine2", *TOWN)),
    "GEOGRAPHIC_ADDRESS_LABEL": PlaceKind("GeographicAddressLabel", ("externalReferenceId", "externalReferenceType")),
    "GEOGRAPHIC_ADDRESS_REF": PlaceKind("GeographicAddressRef", ("id",)),
    "GEOGRAPHIC_SITE_REF": PlaceKind("GeographicSiteRef", ("id",)),
    "MEF_GEOGRAPHIC_POINT": PlaceKind("MEFGeographicPoint", ("spatialRef", "x", "y"), ("z",)),
}


def place_to_wire(values: Json) -> Json:
    """A place of a product; its type says which properties it has."""
    sub = sub_address_to_wire(values.get("sub_address"))
    found = {
        "@type": PLACE_KINDS[values["type"]].type,
        "@schemaLocation": values.get("schema_location"),
        "role": values["role"],
        **properties(values),
        "subAddress": None,
        "geographicSubAddress": None if sub is None else msgspec.to_builtins(sub),
    }
    return {name: value for name, value in found.items() if value is not None}


def properties(values: Json) -> Json:
    """What is given of a place beside what every place has."""
    return {camel(name): value for name, value in values.items() if name not in COMMON and value is not None}


def check_places(places: Sequence[Json] | None, say: Say) -> None:
    """Each place has what its type needs, and nothing that its type has no property for."""
    for index, one in enumerate(places or ()):
        kind, given = PLACE_KINDS[one["type"]], properties(one)
        for name in kind.needed:
            if not given.get(name):
                say(UserErrorCode.REQUIRED, f"A {kind.type} needs it.", "places", str(index), name)
        for name in given:
            if name not in (*kind.needed, *kind.others):
                say(UserErrorCode.INVALID, f"A {kind.type} has no {name}.", "places", str(index), name)


def sub_address_to_wire(values: Json | None) -> wire.SubAddress | None:
    """What is inside of a building."""
    if values is None:
        return None
    units = cast("Sequence[Json]", values.get("sub_units") or ())
    plain = {camel(name): value for name, value in values.items() if name != "sub_units"}
    return wire.SubAddress(subUnit=[wire.SubUnit(one["number"], one["type"]) for one in units] or None, **plain)
