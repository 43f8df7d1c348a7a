"""What Sonata's orders and items are made of: notes, contacts, places, terms, products.

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
    "expedite": "expediteIndicator",
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
"""What Sonata spells otherwise than in our camel case, alike in all schemas; other spellings stand beside the field."""


def spelled(name: str) -> str:
    """Sonata's name of a property."""
    return SPELLED.get(name) or camel(name)


class Wire(msgspec.Struct, frozen=True, omit_defaults=True, rename=spelled):
    """What is sent and received."""


class Note(Wire, frozen=True):
    """A note with its author.

    Schema ``Note``; the Buyer writes only with ``source`` buyer.
    """

    author: Annotated[
        str | None, "Who wrote it.", Input(description="Who wrote it; the account's contact if left out.")
    ] = None
    written_at: Annotated[str | None, "When it was written.", TIME, READ_ONLY] = named("date")
    id: Annotated[str | None, "Its ID among the notes of the same thing.", READ_ONLY] = None
    source: Annotated[str | None, "Which side wrote it: buyer or seller.", READ_ONLY] = None
    text: Annotated[str | None, "What it says.", REQUIRED] = None


class SubUnit(Wire, frozen=True):
    """A flat, a berth or the like within a building.

    Schema ``MEFSubUnit``: FLAT 3, SUITE 12.
    """

    number: Annotated[str | None, "Which one.", REQUIRED] = named("subUnitNumber")
    type: Annotated[str | None, "What it is, such as FLAT.", REQUIRED] = named("subUnitType")


SUB_UNIT = Codec(SubUnit, lambda unit: unit)
"""Read as it is; the document renders the units inside of items as null, and these are left out."""


class SubAddress(Wire, frozen=True):
    """Where something is within a property.

    Schema ``GeographicSubAddress``.
    """

    building_name: Annotated[str | None, "The building's name."] = None
    level_number: Annotated[str | None, "Which level."] = None
    level_type: Annotated[str | None, "What kind of level, such as floor."] = None
    private_street_name: Annotated[str | None, "A street of the property's own."] = None
    private_street_number: Annotated[str | None, "The number in that street."] = None
    sub_units: Annotated[
        list[SubUnit | None] | None, "Flats and the like, from the larger to the smaller.", SUB_UNIT
    ] = named("subUnit")


class Address(Wire, frozen=True):
    """A postal address in fields.

    Schema ``FieldedAddress``, here of MEF 121: ``@type``, an associated address, and in answers four fields more.
    """

    type: Annotated[str | None, "What kind of address, in Sonata's word: FieldedAddress.", READ_ONLY] = named("@type")
    schema_location: Annotated[str | None, "Where fields beyond these are described.", READ_ONLY] = named(
        "@schemaLocation"
    )
    allows_new_site: Annotated[bool | None, "Whether a site can be made there.", READ_ONLY] = None
    associated_geographic_address: Annotated[Any, "An address that goes with it, as it is sent."] = None
    city: Annotated[str | None, "The town.", REQUIRED] = None
    country: Annotated[str | None, "The country, by name or code.", REQUIRED] = None
    sub_address: Annotated[SubAddress | None, "Where in the property."] = None
    has_public_site: Annotated[bool | None, "Whether there is a site at it that everybody may use.", READ_ONLY] = None
    href: Annotated[str | None, "Where it can be read at the Seller.", READ_ONLY] = None
    id: Annotated[str | None, "The Seller's own ID of the address.", READ_ONLY] = None
    locality: Annotated[str | None, "A part of the town."] = None
    postcode: Annotated[str | None, "The postal code."] = None
    postcode_extension: Annotated[str | None, "What follows the postal code."] = None
    role: Annotated[str | None, "The role of the place.", READ_ONLY] = None
    state_or_province: Annotated[str | None, "The state or province."] = None
    street_name: Annotated[str | None, "The street.", REQUIRED] = None
    street_nr: Annotated[str | None, "The number, or the first of a range."] = None
    street_nr_last: Annotated[str | None, "The last number of a range."] = None
    street_nr_last_suffix: Annotated[str | None, "The suffix of the last number."] = None
    street_nr_suffix: Annotated[str | None, "The suffix of the number."] = None
    street_suffix: Annotated[str | None, "What follows the street, such as a direction."] = None
    street_type: Annotated[str | None, "What kind of street, such as avenue."] = None


class Place(Wire, frozen=True):
    """A place of a product, such as the address of a UNI. `type` says which of the other fields it takes.

    Schema ``RelatedPlaceRefOrValue``, of all six kinds. It is only written: what is read is shown as it is.
    """

    type: Annotated[str | None, "How the place is told.", Input(values.SonataPlaceType, required=True)] = named("@type")
    role: Annotated[
        str | None, "The role of the place in the product's specification, such as INSTALL_LOCATION.", REQUIRED
    ] = None
    id: Annotated[
        str | None, "GEOGRAPHIC_ADDRESS_REF and GEOGRAPHIC_SITE_REF: the Seller's own ID of the address or site."
    ] = None
    street_name: Annotated[str | None, "FIELDED_ADDRESS: the street."] = None
    street_type: Annotated[str | None, "FIELDED_ADDRESS: what kind of street, such as avenue."] = None
    street_suffix: Annotated[str | None, "FIELDED_ADDRESS: a direction, such as N."] = None
    street_nr: Annotated[str | None, "FIELDED_ADDRESS: the number, or the first of a range."] = None
    street_nr_suffix: Annotated[str | None, "FIELDED_ADDRESS: the suffix of that number."] = None
    street_nr_last: Annotated[str | None, "FIELDED_ADDRESS: the last number of a range."] = None
    street_nr_last_suffix: Annotated[str | None, "FIELDED_ADDRESS: the suffix of that number."] = None
    sub_address: Annotated[SubAddress | None, "FIELDED_ADDRESS: where in the property."] = None
    addr_line1: Annotated[str | None, "FORMATTED_ADDRESS: the first line."] = None
    addr_line2: Annotated[str | None, "FORMATTED_ADDRESS: the second line."] = None
    locality: Annotated[str | None, "Both kinds of address: a part of the town."] = None
    city: Annotated[str | None, "Both kinds of address: the town."] = None
    postcode: Annotated[str | None, "Both kinds of address: the postal code."] = None
    postcode_extension: Annotated[str | None, "Both kinds of address: what follows the postal code."] = None
    state_or_province: Annotated[str | None, "Both kinds of address: the state or province."] = None
    country: Annotated[str | None, "Both kinds of address: the country, by name or code."] = None
    external_reference_id: Annotated[str | None, "GEOGRAPHIC_ADDRESS_LABEL: the code."] = None
    external_reference_type: Annotated[str | None, "GEOGRAPHIC_ADDRESS_LABEL: whose code it is, such as CLLI."] = None
    spatial_ref: Annotated[str | None, "MEF_GEOGRAPHIC_POINT: the reference system, such as WGS84."] = None
    x: Annotated[str | None, "MEF_GEOGRAPHIC_POINT: the latitude."] = None
    y: Annotated[str | None, "MEF_GEOGRAPHIC_POINT: the longitude."] = None
    z: Annotated[str | None, "MEF_GEOGRAPHIC_POINT: the elevation."] = None
    schema_location: Annotated[
        str | None, "A JSON Schema of further properties that was agreed with the Seller, by its URI."
    ] = named("@schemaLocation")


class Person(Wire, frozen=True):
    """Somebody to talk to.

    Schema ``RelatedContactInformation`` without the role.
    """

    email: Annotated[str | None, "The e-mail address.", REQUIRED] = named("emailAddress")
    name: Annotated[str | None, "The person, or the department.", REQUIRED] = None
    phone: Annotated[str | None, "The telephone number.", REQUIRED] = named("number")
    phone_extension: Annotated[str | None, "The extension."] = named("numberExtension")
    organization: Annotated[str | None, "The company."] = None
    address: Annotated[Address | None, "Where to find that person."] = named("postalAddress")


class Contact(Person, frozen=True):
    """Somebody with a role in an order or an item.

    Schema ``RelatedContactInformation``.
    """

    role: Annotated[
        str | None,
        "Which role, in Sonata's word such as productOrderContact.",
        Input(
            required=True,
            description="Which role: productOrderContact of an order; buyerProductOrderItemContact, "
            "buyerImplementationContact, buyerTechnicalContact, buyerBillingContact, buyerFaultContact and "
            "buyerGDPRContact of an item; or what was agreed with the Seller.",
        ),
    ] = None


class Duration(Wire, frozen=True):
    """A length of time.

    Schema ``Duration``, in a ``TimeUnit``.
    """

    amount: Annotated[int | None, "How many units.", REQUIRED] = None
    units: Annotated[
        str | None, "Which units, such as calendar months.", WORD, Input(values.SonataTimeUnit, required=True)
    ] = None


class Term(Wire, frozen=True):
    """For how long a product is contracted, and what follows.

    Schema ``MEFItemTerm``.
    """

    description: Annotated[str | None, "More about it."] = None
    duration: Annotated[Duration | None, "How long it is.", REQUIRED] = None
    end_of_term_action: Annotated[
        str | None,
        "What follows: roll, autoDisconnect or autoRenew.",
        WORD,
        Input(values.SonataEndOfTermAction, required=True),
    ] = None
    name: Annotated[str | None, "What it is called.", REQUIRED] = None
    roll_interval: Annotated[Duration | None, "By how much it rolls, if it does."] = None


class CoordinatedAction(Wire, frozen=True):
    """How an item waits for another of the same order.

    Schema ``MEFOrderItemCoordinatedAction``.
    """

    delay: Annotated[Duration | None, "How long after that.", REQUIRED] = named("coordinatedActionDelay")
    dependency: Annotated[
        str | None, "How, such as from start to start.", WORD, Input(values.SonataCoordinationDependency, required=True)
    ] = named("coordinationDependency")
    item_id: Annotated[str | None, "Which item it waits for.", REQUIRED] = None


class Reference(Wire, frozen=True):
    """Schema ``MEFProductOrderChargeRef`` and the like: an id and where it can be read."""

    id: str | None = None
    href: str | None = None


class BillingAccount(Wire, frozen=True):
    """Schema ``MEFBillingAccountRef``."""

    billing_account_id: Annotated[
        str | None,
        "The account that is billed.",
        Input(description="The account that is billed; the one of the settings if left out."),
    ] = named("id")
    billing_account_href: Annotated[str | None, "Where that account can be read at the Seller.", READ_ONLY] = named(
        "href"
    )


class Offering(Wire, frozen=True):
    """Schema ``ProductOfferingRef``."""

    offering_id: str | None = named("id")
    offering_href: Annotated[str | None, "Where the offering can be read at the Seller.", READ_ONLY] = named("href")


class ProductRelationship(Wire, frozen=True):
    """How a product is related to one in service.

    Schema ``ProductRelationship``.
    """

    product_id: Annotated[str | None, "The Seller's own ID of that product.", REQUIRED] = named("id")
    relationship_type: Annotated[str | None, "How, in a word of the product's specification.", REQUIRED] = None
    href: Annotated[str | None, "Where it can be read at the Seller.", READ_ONLY] = None


class ItemRelationship(Wire, frozen=True):
    """How an item is related to another of the same order.

    Schema ``OrderItemRelationship``.
    """

    item_id: Annotated[str | None, "Which item.", REQUIRED] = named("id")
    relationship_type: Annotated[str | None, "How, in a word of the product's specification.", REQUIRED] = None


class Product(Wire, frozen=True):
    """Schema ``MEFProductRefOrValueOrder``. ``@type`` says what the configuration and each place hold."""

    product_href: Annotated[str | None, "Where that product can be read at the Seller.", READ_ONLY] = named("href")
    product_id: Annotated[
        str | None,
        "The Seller's own ID of the product in service.",
        Input(description="To MODIFY and DELETE: the Seller's own ID of the product in service."),
    ] = named("id")
    places: Annotated[
        Any,
        "Where the product is, as a list of objects; @type says what is in each. See `SonataPlaceInput`.",
        Input(
            list[Place],
            description="To ADD and MODIFY: where the product is. A product with a site, such as a UNI, needs one.",
        ),
    ] = named("place")
    configuration: Annotated[
        Any,
        "How the product shall be, word for word; @type says what is in it.",
        Input(
            description="To ADD and MODIFY: how the product shall be, as an object whose @type names the product's "
            "specification. It is sent as it is."
        ),
    ] = named("productConfiguration")
    offering: Annotated[Offering | None, INLINE] = named("productOffering")
    product_relationships: Annotated[list[ProductRelationship] | None, "Products in service that it needs."] = None


class QualificationItem(Wire, frozen=True):
    """The item of a product offering qualification that is ordered.

    Schema ``ProductOfferingQualificationItemRef``.
    """

    alternate_proposal_id: Annotated[str | None, "The alternative that is chosen."] = None
    item_id: Annotated[str | None, "Which item of it.", REQUIRED] = named("id")
    qualification_href: Annotated[str | None, "Where it can be read at the Seller.", READ_ONLY] = None
    qualification_id: Annotated[str | None, "The Seller's own ID of the qualification.", REQUIRED] = None


class QuoteItem(Wire, frozen=True):
    """The item of a quote that is ordered.

    Schema ``MEFQuoteItemRef``.
    """

    item_id: Annotated[str | None, "Which item of it.", REQUIRED] = named("id")
    quote_href: Annotated[str | None, "Where it can be read at the Seller.", READ_ONLY] = None
    quote_id: Annotated[str | None, "The Seller's own ID of the quote.", REQUIRED] = None
