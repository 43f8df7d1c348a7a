"""Maps contacts, with their addresses, and the places of products to Sonata's.

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
"""The contract that a Seller implements: the document with the rules of its guide, or only the published OpenAPI."""
Say = Callable[..., None]
"""Notes a problem: a code, a message, and the rest of the path."""

FIELDED = "FieldedAddress"
COMMON = ("type", "role", "schema_location")
"""The properties that every place has."""
TOWN = ("city", "country", "locality", "postcode", "postcodeExtension", "stateOrProvince")
STREET = (
    *("streetName", "streetType", "streetSuffix"),
    *("streetNr", "streetNrSuffix", "streetNrLast", "streetNrLastSuffix"),
)


def made(struct: type[W], values: Json) -> W:
    """Return a struct of values, which have their names in the graph. An empty list counts as omitted."""
    given = {name: value for name, value in values.items() if value != []}
    return msgspec.convert(encode(struct, given), struct)


# ---- Contacts ---------------------------------------------------------------------------------------


def contact_to_wire(values: Json, contract: Contract, role: str | None = None) -> Contact:
    """Return a contact in the details."""
    address = values.get("address")
    placed = {**address, "type": FIELDED} if address else None
    return with_role(made(Contact, {"role": role, **values, "address": placed}), contract)


def contacts_to_wire(values: Sequence[Json] | None, contract: Contract, but: str | None = None) -> list[Contact]:
    """Return the contacts in the details, except those with the role ``but``."""
    return [contact_to_wire(one, contract) for one in values or () if one["role"] != but]


def with_role(contact: Contact, contract: Contract, role: str | None = None) -> Contact:
    """Return a contact, with another role if one is given. In the OpenAPI, its address has the role too."""
    role = role or contact.role
    address = contact.address
    if address is not None:
        address = msgspec.structs.replace(address, role=role if contract == "openapi" else None)
    return msgspec.structs.replace(contact, role=role, address=address)


def as_sent(contact: Contact) -> Contact:
    """Return a contact without the values that the Seller adds to its address."""
    if contact.address is None:
        return contact
    bare = msgspec.structs.replace(contact.address, is_new_site_allowed=None, has_public_site=None, href=None, id=None)
    return msgspec.structs.replace(contact, address=bare)


def shipped(contact: Contact, address: AddressRequest | None) -> tuple[Contact, Sequence[str]]:
    """Return the contact with a shipping address, and notes with the values that have no field."""
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
    """Return a note of the values that have no field. Empty if there are none."""
    said = ", ".join(part for part in parts if part)
    return [f"Ship to: {said}"] if said else ()


def moved(contact: Contact, address: AddressRequest | None, findings: Findings) -> Contact:
    """Return the contact with another address, or without one."""
    placed, left = shipped(msgspec.structs.replace(contact, address=None), address)
    if left:
        message = "Sonata stores the address with the contact. Pass a line, a city and a country, and no names."
        findings.add(UserErrorCode.INVALID, message, "shippingAddress")
    return placed


# ---- Places -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """A schema of places: Sonata's name of it, its required properties and its optional ones."""

    type: str
    needed: Sequence[str]
    others: Sequence[str] = ()


# By their names in the graph. The properties have the same names in the graph and in Sonata.
PLACE_KINDS: Mapping[str, PlaceKind] = {
    "FIELDED_ADDRESS": PlaceKind(FIELDED, ("streetName", "city", "country"), (*STREET, *TOWN, "subAddress")),
    "FORMATTED_ADDRESS": PlaceKind("FormattedAddress", ("addrLine1", "city", "country"), ("addrLine2", *TOWN)),
    "GEOGRAPHIC_ADDRESS_LABEL": PlaceKind("GeographicAddressLabel", ("externalReferenceId", "externalReferenceType")),
    "GEOGRAPHIC_ADDRESS_REF": PlaceKind("GeographicAddressRef", ("id",)),
    "GEOGRAPHIC_SITE_REF": PlaceKind("GeographicSiteRef", ("id",)),
    "MEF_GEOGRAPHIC_POINT": PlaceKind("MEFGeographicPoint", ("spatialRef", "x", "y"), ("z",)),
}


def place_to_wire(values: Json) -> Place:
    """Return a place of a product. Its type determines its properties."""
    return made(Place, {**values, "type": PLACE_KINDS[values["type"]].type})


def check_places(places: Sequence[Json] | None, say: Say) -> None:
    """Note every property that a place lacks, and every one that its type does not have."""
    for index, one in enumerate(places or ()):
        kind = PLACE_KINDS[one["type"]]
        given = {camel(name): value for name, value in one.items() if name not in COMMON and value is not None}
        for name in kind.needed:
            if not given.get(name):
                say(UserErrorCode.REQUIRED, f"A {kind.type} requires {name}.", "places", str(index), name)
        for name in given:
            if name not in (*kind.needed, *kind.others):
                say(UserErrorCode.INVALID, f"A {kind.type} has no {name}.", "places", str(index), name)
