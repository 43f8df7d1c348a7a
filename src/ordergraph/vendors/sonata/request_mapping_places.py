"""Contacts and places as Sonata's: whom to talk to, with addresses, and where products are.

Source: the contact and place schemas of MEF 123 v10.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec

from ordergraph.domain.commands import AddressRequest, Findings, camel
from ordergraph.domain.errors import UserErrorCode
from ordergraph.vendors.sonata.wire_parts import Address, Contact, Place, Wire
from ordergraph.wire.fields import encode

W = TypeVar("W", bound=Wire)
Json = Mapping[str, Any]
Contract = Literal["document", "openapi"]
"""What a Seller is built after: the document with the rules of its guide, or the published OpenAPI alone."""
Say = Callable[..., None]
"""Notes what is wrong: a code, a sentence, and the rest of the path."""

FIELDED = "FieldedAddress"
COMMON = ("type", "role", "schema_location")
"""What every place has."""
TOWN = ("city", "country", "locality", "postcode", "postcodeExtension", "stateOrProvince")
STREET = (
    *("streetName", "streetType", "streetSuffix"),
    *("streetNr", "streetNrSuffix", "streetNrLast", "streetNrLastSuffix"),
)


def made(struct: type[W], values: Json) -> W:
    """A struct of values by the graph's names; an empty list is the same as none."""
    given = {name: value for name, value in values.items() if value != []}
    return msgspec.convert(encode(struct, given), struct)


# ------------------------------------------------------------------------------------------------- contacts


def contact_to_wire(values: Json, contract: Contract, role: str | None = None) -> Contact:
    """A contact of the details."""
    address = values.get("address")
    placed = {**address, "type": FIELDED} if address else None
    return with_role(made(Contact, {"role": role, **values, "address": placed}), contract)


def contacts_to_wire(values: Sequence[Json] | None, contract: Contract, but: str | None = None) -> list[Contact]:
    """The contacts of the details, but the one with a role that is found otherwise."""
    return [contact_to_wire(one, contract) for one in values or () if one["role"] != but]


def with_role(contact: Contact, contract: Contract, role: str | None = None) -> Contact:
    """A contact, with another role if one is given. In the OpenAPI, its address is a place, and has the role too."""
    role = role or contact.role
    address = contact.address
    if address is not None:
        address = msgspec.structs.replace(address, role=role if contract == "openapi" else None)
    return msgspec.structs.replace(contact, role=role, address=address)


def as_sent(contact: Contact) -> Contact:
    """A contact without what only the Seller adds to its address."""
    if contact.address is None:
        return contact
    bare = msgspec.structs.replace(contact.address, allows_new_site=None, has_public_site=None, href=None, id=None)
    return msgspec.structs.replace(contact, address=bare)


def shipped(contact: Contact, address: AddressRequest | None) -> tuple[Contact, Sequence[str]]:
    """The contact with an address to ship to, and in words what of it has no field."""
    if address is None:
        return contact, ()
    place = Address(
        type=FIELDED,
        city=address.city,
        country=address.country_code,
        postcode=address.postal_code,
        state_or_province=address.region,
        street_name=", ".join(address.lines) or None,
    )
    if contact.address is not None or not (place.city and place.country and place.street_name):
        return contact, ship_to(*address.formatted)
    company = address.company_name if contact.organization is None else None
    placed = msgspec.structs.replace(contact, address=place, organization=contact.organization or company)
    person = address.recipient_name if address.recipient_name != contact.name else None
    return placed, ship_to(person, None if company else address.company_name)


def ship_to(*parts: str | None) -> Sequence[str]:
    """A note of what has no field, none if nothing is left."""
    said = ", ".join(part for part in parts if part)
    return [f"Ship to: {said}"] if said else ()


def moved(contact: Contact, address: AddressRequest | None, findings: Findings) -> Contact:
    """The contact with another address, or none."""
    placed, left = shipped(msgspec.structs.replace(contact, address=None), address)
    if left:
        message = "Sonata keeps a line, a town and a country with the contact: give these, and nobody's name."
        findings.add(UserErrorCode.INVALID, message, "shippingAddress")
    return placed


# --------------------------------------------------------------------------------------------------- places


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """A schema of places: Sonata's name of it, the properties that it needs, and the others that it has."""

    type: str
    needed: Sequence[str]
    others: Sequence[str] = ()


# By the name in the graph; the properties have the same names there.
PLACE_KINDS: Mapping[str, PlaceKind] = {
    "FIELDED_ADDRESS": PlaceKind(FIELDED, ("streetName", "city", "country"), (*STREET, *TOWN, "subAddress")),
    "FORMATTED_ADDRESS": PlaceKind("FormattedAddress", ("addrLine1", "city", "country"), ("addrLine2", *TOWN)),
    "GEOGRAPHIC_ADDRESS_LABEL": PlaceKind("GeographicAddressLabel", ("externalReferenceId", "externalReferenceType")),
    "GEOGRAPHIC_ADDRESS_REF": PlaceKind("GeographicAddressRef", ("id",)),
    "GEOGRAPHIC_SITE_REF": PlaceKind("GeographicSiteRef", ("id",)),
    "MEF_GEOGRAPHIC_POINT": PlaceKind("MEFGeographicPoint", ("spatialRef", "x", "y"), ("z",)),
}


def place_to_wire(values: Json) -> Place:
    """A place of a product; its type says which properties it has."""
    return made(Place, {**values, "type": PLACE_KINDS[values["type"]].type})


def check_places(places: Sequence[Json] | None, say: Say) -> None:
    """Each place has what its type needs, and nothing that its type has no property for."""
    for index, one in enumerate(places or ()):
        kind = PLACE_KINDS[one["type"]]
        given = {camel(name): value for name, value in one.items() if name not in COMMON and value is not None}
        for name in kind.needed:
            if not given.get(name):
                say(UserErrorCode.REQUIRED, f"A {kind.type} needs it.", "places", str(index), name)
        for name in given:
            if name not in (*kind.needed, *kind.others):
                say(UserErrorCode.INVALID, f"A {kind.type} has no {name}.", "places", str(index), name)
