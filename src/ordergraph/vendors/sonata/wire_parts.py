"""The parts of Sonata's orders and items: notes, contacts, places, terms and products.

Source: MEF 123, Product Order Management API v10.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from ordergraph.domain.commands import camel
from ordergraph.vendors.sonata import values
from ordergraph.vendors.sonata.values import TIME, WORD
from ordergraph.wire.fields import INLINE, READ_ONLY, Codec, Input, named

REQUIRED = Input(required=True)
SPELLED = {
    "alternate_proposal_id": "alternateProductOfferingProposalId",
    "contacts": "relatedContactInformation",
    "coordinated_actions": "coordinatedAction",
    "expected_at": "expectedCompletionDate",
    "is_expedited": "expediteIndicator",
    "notes": "note",
    "product_relationships": "productRelationship",
    "purchase_order_number": "relatedBuyerPON",
    "qualification_href": "productOfferingQualificationHref",
    "qualification_id": "productOfferingQualificationId",
    "qualification_item": "productOfferingQualificationItem",
    "relationships": "productOrderItemRelationship",
    "requested_at": "requestedCompletionDate",
    "state_changes": "stateChange",
    "sub_address": "geographicSubAddress",
    "termination_errors": "terminationError",
}
"""Names that all schemas spell differently from our camel case. Other spellings are declared with the field."""


def spelled(name: str) -> str:
    """Return Sonata's name of a property."""
    return SPELLED.get(name) or camel(name)


class Wire(msgspec.Struct, frozen=True, omit_defaults=True, rename=spelled):
    """A JSON object that is sent or received."""


class Note(Wire, frozen=True):
    """A note with its author.

    Schema ``Note``. The Buyer's notes must have ``source`` buyer.
    """

    author: Annotated[
        str | None,
        "The author.",
        Input(description="The author. Defaults to the contact in the account's settings, or to the account's name."),
    ] = None
    written_at: Annotated[str | None, "When the note was written.", TIME, READ_ONLY] = named("date")
    id: Annotated[str | None, "The ID of the note among the notes about the same object.", READ_ONLY] = None
    source: Annotated[str | None, "The party that wrote the note: buyer or seller.", READ_ONLY] = None
    text: Annotated[str | None, "The text of the note.", REQUIRED] = None


class SubUnit(Wire, frozen=True):
    """A unit within a building, such as a flat.

    Schema ``MEFSubUnit``: FLAT 3, SUITE 12.
    """

    number: Annotated[str | None, "The number of the unit.", REQUIRED] = named("subUnitNumber")
    type: Annotated[str | None, "The type of the unit, such as FLAT.", REQUIRED] = named("subUnitType")


SUB_UNIT = Codec(SubUnit, lambda unit: unit)
"""Read unchanged. Nulls, which the document shows for the units within items, are dropped."""


class SubAddress(Wire, frozen=True):
    """A location within a property.

    Schema ``GeographicSubAddress``.
    """

    building_name: Annotated[str | None, "The name of the building."] = None
    level_number: Annotated[str | None, "The number of the level."] = None
    level_type: Annotated[str | None, "The type of the level, such as floor."] = None
    private_street_name: Annotated[str | None, "The name of a private street within the property."] = None
    private_street_number: Annotated[str | None, "The number in the private street."] = None
    sub_units: Annotated[list[SubUnit | None] | None, "The units, from larger to smaller.", SUB_UNIT] = named("subUnit")


class Address(Wire, frozen=True):
    """A postal address in separate fields.

    Schema ``FieldedAddress`` of MEF 121: with ``@type``, an associated address and, in responses, four more fields.
    """

    type: Annotated[str | None, "The type of the address as reported by the Seller: FieldedAddress.", READ_ONLY] = (
        named("@type")
    )
    schema_location: Annotated[str | None, "The URI of a JSON Schema that describes additional fields.", READ_ONLY] = (
        named("@schemaLocation")
    )
    is_new_site_allowed: Annotated[bool | None, "Whether a site can be created at the address.", READ_ONLY] = named(
        "allowsNewSite"
    )
    associated_geographic_address: Annotated[Any, "An associated address, as JSON."] = None
    city: Annotated[str | None, "The city.", REQUIRED] = None
    country: Annotated[str | None, "The country, by name or code.", REQUIRED] = None
    sub_address: Annotated[SubAddress | None, "The location within the property."] = None
    has_public_site: Annotated[bool | None, "Whether there is a public site at the address.", READ_ONLY] = None
    href: Annotated[str | None, "The URL of the address at the Seller.", READ_ONLY] = None
    id: Annotated[str | None, "The Seller's ID of the address.", READ_ONLY] = None
    locality: Annotated[str | None, "A part of the city."] = None
    postcode: Annotated[str | None, "The postal code."] = None
    postcode_extension: Annotated[str | None, "The extension of the postal code."] = None
    role: Annotated[str | None, "The role of the place.", READ_ONLY] = None
    state_or_province: Annotated[str | None, "The state or province."] = None
    street_name: Annotated[str | None, "The name of the street.", REQUIRED] = None
    street_nr: Annotated[str | None, "The street number, or the first number of a range."] = None
    street_nr_last: Annotated[str | None, "The last street number of a range."] = None
    street_nr_last_suffix: Annotated[str | None, "The suffix of the last street number."] = None
    street_nr_suffix: Annotated[str | None, "The suffix of the street number."] = None
    street_suffix: Annotated[str | None, "The suffix of the street, such as a direction."] = None
    street_type: Annotated[str | None, "The type of the street, such as avenue."] = None


class Place(Wire, frozen=True):
    """A place of a product, such as the address of a UNI. `type` determines which of the other fields are allowed.

    Schema ``RelatedPlaceRefOrValue``, with all six types. It is only written: places that are read are shown unchanged.
    """

    type: Annotated[str | None, "The type of the place.", Input(values.SonataPlaceType, required=True)] = named("@type")
    role: Annotated[
        str | None, "The role of the place in the product's specification, such as INSTALL_LOCATION.", REQUIRED
    ] = None
    id: Annotated[
        str | None, "GEOGRAPHIC_ADDRESS_REF and GEOGRAPHIC_SITE_REF: the Seller's ID of the address or site."
    ] = None
    street_name: Annotated[str | None, "FIELDED_ADDRESS: the name of the street."] = None
    street_type: Annotated[str | None, "FIELDED_ADDRESS: the type of the street, such as avenue."] = None
    street_suffix: Annotated[str | None, "FIELDED_ADDRESS: the suffix of the street, such as the direction N."] = None
    street_nr: Annotated[str | None, "FIELDED_ADDRESS: the street number, or the first number of a range."] = None
    street_nr_suffix: Annotated[str | None, "FIELDED_ADDRESS: the suffix of that number."] = None
    street_nr_last: Annotated[str | None, "FIELDED_ADDRESS: the last street number of a range."] = None
    street_nr_last_suffix: Annotated[str | None, "FIELDED_ADDRESS: the suffix of the last number."] = None
    sub_address: Annotated[SubAddress | None, "FIELDED_ADDRESS: the location within the property."] = None
    addr_line1: Annotated[str | None, "FORMATTED_ADDRESS: the first line."] = None
    addr_line2: Annotated[str | None, "FORMATTED_ADDRESS: the second line."] = None
    locality: Annotated[str | None, "Both types of address: a part of the city."] = None
    city: Annotated[str | None, "Both types of address: the city."] = None
    postcode: Annotated[str | None, "Both types of address: the postal code."] = None
    postcode_extension: Annotated[str | None, "Both types of address: the extension of the postal code."] = None
    state_or_province: Annotated[str | None, "Both types of address: the state or province."] = None
    country: Annotated[str | None, "Both types of address: the country, by name or code."] = None
    external_reference_id: Annotated[str | None, "GEOGRAPHIC_ADDRESS_LABEL: the code."] = None
    external_reference_type: Annotated[str | None, "GEOGRAPHIC_ADDRESS_LABEL: the type of the code, such as CLLI."] = (
        None
    )
    spatial_ref: Annotated[str | None, "MEF_GEOGRAPHIC_POINT: the reference system, such as WGS84."] = None
    x: Annotated[str | None, "MEF_GEOGRAPHIC_POINT: the latitude."] = None
    y: Annotated[str | None, "MEF_GEOGRAPHIC_POINT: the longitude."] = None
    z: Annotated[str | None, "MEF_GEOGRAPHIC_POINT: the elevation."] = None
    schema_location: Annotated[
        str | None, "The URI of a JSON Schema, agreed with the Seller, that describes additional properties."
    ] = named("@schemaLocation")


class Person(Wire, frozen=True):
    """A contact person or department.

    Schema ``RelatedContactInformation`` without the role.
    """

    email: Annotated[str | None, "The email address.", REQUIRED] = named("emailAddress")
    name: Annotated[str | None, "The name of the person or department.", REQUIRED] = None
    phone: Annotated[str | None, "The phone number.", REQUIRED] = named("number")
    phone_extension: Annotated[str | None, "The phone extension."] = named("numberExtension")
    organization: Annotated[str | None, "The company."] = None
    address: Annotated[Address | None, "The postal address."] = named("postalAddress")


class Contact(Person, frozen=True):
    """A contact with a role in an order or an item.

    Schema ``RelatedContactInformation``.
    """

    role: Annotated[
        str | None,
        "The role as reported by the Seller, such as productOrderContact.",
        Input(
            required=True,
            description="The role. For an order: productOrderContact. For an item: buyerProductOrderItemContact, "
            "buyerImplementationContact, buyerTechnicalContact, buyerBillingContact, buyerFaultContact or "
            "buyerGDPRContact. Other roles can be agreed with the Seller.",
        ),
    ] = None


class Duration(Wire, frozen=True):
    """A duration.

    Schema ``Duration``, in a ``TimeUnit``.
    """

    amount: Annotated[int | None, "The number of units.", REQUIRED] = None
    units: Annotated[
        str | None, "The unit, such as calendar months.", WORD, Input(values.SonataTimeUnit, required=True)
    ] = None


class Term(Wire, frozen=True):
    """The contract term of a product, and what happens when it ends.

    Schema ``MEFItemTerm``.
    """

    description: Annotated[str | None, "A description of the term."] = None
    duration: Annotated[Duration | None, "The length of the term.", REQUIRED] = None
    end_of_term_action: Annotated[
        str | None,
        "What happens when the term ends: roll, autoDisconnect or autoRenew.",
        WORD,
        Input(values.SonataEndOfTermAction, required=True),
    ] = None
    name: Annotated[str | None, "The name of the term.", REQUIRED] = None
    roll_interval: Annotated[Duration | None, "The duration of each extension, if the term rolls."] = None


class CoordinatedAction(Wire, frozen=True):
    """The dependency of an item on the timing of another item in the same order.

    Schema ``MEFOrderItemCoordinatedAction``.
    """

    delay: Annotated[Duration | None, "The delay after the other item.", REQUIRED] = named("coordinatedActionDelay")
    dependency: Annotated[
        str | None,
        "The type of dependency, such as startToStart.",
        WORD,
        Input(values.SonataCoordinationDependency, required=True),
    ] = named("coordinationDependency")
    item_id: Annotated[str | None, "The ID of the other item.", REQUIRED] = None


class Reference(Wire, frozen=True):
    """Schema ``MEFProductOrderChargeRef`` and similar: an ID and a URL."""

    id: str | None = None
    href: str | None = None


class BillingAccount(Wire, frozen=True):
    """Schema ``MEFBillingAccountRef``."""

    billing_account_id: Annotated[
        str | None,
        "The ID of the billing account.",
        Input(description="The ID of the billing account. Defaults to that in the account's settings."),
    ] = named("id")
    billing_account_href: Annotated[str | None, "The URL of the billing account at the Seller.", READ_ONLY] = named(
        "href"
    )


class Offering(Wire, frozen=True):
    """Schema ``ProductOfferingRef``."""

    offering_id: str | None = named("id")
    offering_href: Annotated[str | None, "The URL of the product offering at the Seller.", READ_ONLY] = named("href")


class ProductRelationship(Wire, frozen=True):
    """A relationship of a product to a product in service.

    Schema ``ProductRelationship``.
    """

    product_id: Annotated[str | None, "The Seller's ID of the product in service.", REQUIRED] = named("id")
    relationship_type: Annotated[
        str | None, "The type of relationship, as defined in the product's specification.", REQUIRED
    ] = None
    href: Annotated[str | None, "The URL of the product in service at the Seller.", READ_ONLY] = None


class ItemRelationship(Wire, frozen=True):
    """A relationship of an item to another item in the same order.

    Schema ``OrderItemRelationship``.
    """

    item_id: Annotated[str | None, "The ID of the other item.", REQUIRED] = named("id")
    relationship_type: Annotated[
        str | None, "The type of relationship, as defined in the product's specification.", REQUIRED
    ] = None


class Product(Wire, frozen=True):
    """Schema ``MEFProductRefOrValueOrder``. ``@type`` determines the content of the configuration and of each place."""

    product_href: Annotated[str | None, "The URL of the product in service at the Seller.", READ_ONLY] = named("href")
    product_id: Annotated[
        str | None,
        "The Seller's ID of the product in service.",
        Input(
            description="The Seller's ID of the product in service. Only for MODIFY and DELETE, where it is required."
        ),
    ] = named("id")
    places: Annotated[
        Any,
        "The places of the product, as a list of objects. `@type` determines their fields: see `SonataPlaceInput`.",
        Input(
            list[Place],
            description="The places of the product. Only for ADD and MODIFY. A product with a site, such as a UNI, "
            "requires one.",
        ),
    ] = named("place")
    configuration: Annotated[
        Any,
        "The configuration of the product, unchanged. `@type` determines its fields.",
        Input(
            description="The configuration of the product, as an object whose `@type` names the product's "
            "specification. Only for ADD and MODIFY, where this or `configurationType` is required. It is sent "
            "unchanged."
        ),
    ] = named("productConfiguration")
    offering: Annotated[Offering | None, INLINE] = named("productOffering")
    product_relationships: Annotated[
        list[ProductRelationship] | None, "The products in service that the product requires."
    ] = None


class QualificationItem(Wire, frozen=True):
    """The item of a product offering qualification that is ordered.

    Schema ``ProductOfferingQualificationItemRef``.
    """

    alternate_proposal_id: Annotated[str | None, "The ID of the selected alternative proposal."] = None
    item_id: Annotated[str | None, "The ID of the item within the qualification.", REQUIRED] = named("id")
    qualification_href: Annotated[str | None, "The URL of the qualification at the Seller.", READ_ONLY] = None
    qualification_id: Annotated[str | None, "The Seller's ID of the qualification.", REQUIRED] = None


class QuoteItem(Wire, frozen=True):
    """The item of a quote that is ordered.

    Schema ``MEFQuoteItemRef``.
    """

    item_id: Annotated[str | None, "The ID of the item within the quote.", REQUIRED] = named("id")
    quote_href: Annotated[str | None, "The URL of the quote at the Seller.", READ_ONLY] = None
    quote_id: Annotated[str | None, "The Seller's ID of the quote.", REQUIRED] = None
