"""What only Sonata tells of orders, items and contracts, and takes of them."""

from collections.abc import Sequence
from datetime import datetime

import strawberry
from strawberry import UNSET, field

from ordergraph import domain
from ordergraph.domain import DescribedEnum, OrderStatus
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.order import LineItemDetails, OrderDetails, OrderProblem, StatusChange
from ordergraph.graph.scalars import JSON, graph_enum
from ordergraph.graph.subscription import SubscriptionDetails
from ordergraph.vendors.sonata import mapping, mapping_contracts
from ordergraph.vendors.sonata.connector import SonataConnector

# ---------------------------------------------------------------------------------------------- words


@graph_enum
class SonataAction(DescribedEnum):
    """What is done with a product."""

    ADD = "Install a new one."
    MODIFY = "Change one in service."
    DELETE = "Disconnect one in service."


@graph_enum
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


@graph_enum
class SonataTimeUnit(DescribedEnum):
    """In what a length of time is counted."""

    CALENDAR_MONTHS = "Months."
    CALENDAR_DAYS = "Days."
    CALENDAR_HOURS = "Hours."
    CALENDAR_MINUTES = "Minutes."
    BUSINESS_DAYS = "Working days."
    BUSINESS_HOURS = "Hours of working days."
    BUSINESS_MINUTES = "Minutes of working days."


@graph_enum
class SonataEndOfTermAction(DescribedEnum):
    """What happens when a term ends."""

    ROLL = "The contract goes on by the roll interval, again and again."
    AUTO_DISCONNECT = "The product is disconnected."
    AUTO_RENEW = "The contract is renewed for the same term."


@graph_enum
class SonataCoordinationDependency(DescribedEnum):
    """How an item waits for another."""

    START_TO_START = "Work on it starts only after work on the other has started."
    START_TO_FINISH = "Work on it starts only after the other is complete."
    FINISH_TO_START = "Work on the other starts only after it is complete."
    FINISH_TO_FINISH = "Both are completed at the same time."


@graph_enum
class SonataCancellationReasonType(DescribedEnum):
    """Why an order is cancelled."""

    TECHNICAL = "For a technical reason."
    COMMERCIAL = "For a commercial reason."


# ------------------------------------------------------------------------------- what both orders and items have


@strawberry.type(description="A flat, a berth or the like within a building.")
class SonataSubUnit:
    """Read from a `mapping.Part`."""

    type: str | None = field(description="What it is, such as FLAT.")
    number: str | None = field(description="Which one.")


@strawberry.type(description="Where something is within a property.")
class SonataSubAddress:
    """Read from a `mapping.Part`."""

    building_name: str | None = field(description="The building's name.")
    level_type: str | None = field(description="What kind of level, such as floor.")
    level_number: str | None = field(description="Which level.")
    private_street_name: str | None = field(description="A street of the property's own.")
    private_street_number: str | None = field(description="The number in that street.")
    sub_units: list[SonataSubUnit] | None = field(description="Flats and the like, from the larger to the smaller.")


@strawberry.type(description="A postal address in fields.")
class SonataAddress:
    """Read from a `mapping.Part`."""

    type: str | None = field(description="What kind of address, in Sonata's word: FieldedAddress.")
    schema_location: str | None = field(description="Where fields beyond these are described.")
    role: str | None = field(description="The role of the place.")
    id: str | None = field(description="The Seller's own ID of the address.")
    href: str | None = field(description="Where it can be read at the Seller.")
    has_public_site: bool | None = field(description="Whether there is a site at it that everybody may use.")
    allows_new_site: bool | None = field(description="Whether a site can be made there.")
    associated_geographic_address: JSON | None = field(description="An address that goes with it, as it was sent.")
    street_name: str | None = field(description="The street.")
    street_type: str | None = field(description="What kind of street, such as avenue.")
    street_suffix: str | None = field(description="What stands behind the street, such as a direction.")
    street_nr: str | None = field(description="The number, or the first of a range.")
    street_nr_suffix: str | None = field(description="What stands behind that number.")
    street_nr_last: str | None = field(description="The last number of a range.")
    street_nr_last_suffix: str | None = field(description="What stands behind that number.")
    locality: str | None = field(description="A part of the town.")
    city: str | None = field(description="The town.")
    postcode: str | None = field(description="The postal code.")
    postcode_extension: str | None = field(description="What follows the postal code.")
    state_or_province: str | None = field(description="The state or province.")
    country: str | None = field(description="The country, by name or code.")
    sub_address: SonataSubAddress | None = field(description="Where in the property.")


@strawberry.type(description="Somebody with a role in an order or an item.")
class SonataContact:
    """Read from a `mapping.Part`."""

    role: str | None = field(description="Which role, in Sonata's word such as productOrderContact.")
    name: str | None = field(description="The person, or the department.")
    email: str | None = field(description="The e-mail address.")
    phone: str | None = field(description="The telephone number.")
    phone_extension: str | None = field(description="The extension.")
    organization: str | None = field(description="The company.")
    address: SonataAddress | None = field(description="Where to find that person.")


@strawberry.type(description="A note, as Sonata keeps it.")
class SonataNote:
    """Read from a `mapping.Part`."""

    id: str | None = field(description="Its ID among the notes of the same thing.")
    author: str | None = field(description="Who wrote it.")
    source: str | None = field(description="On which side: buyer or seller.")
    written_at: datetime | None = field(description="When.")
    text: str | None = field(description="What it says.")


@strawberry.type(description="A length of time.")
class SonataDuration:
    """Read from a `mapping.Part`."""

    amount: int | None = field(description="How many units.")
    units: str | None = field(description="Which units, in Sonata's word such as calendarMonths.")


@strawberry.type(description="For how long a product is contracted, and what follows.")
class SonataTerm:
    """Read from a `mapping.Part`."""

    name: str | None = field(description="What it is called.")
    description: str | None = field(description="More about it.")
    duration: SonataDuration | None = field(description="How long it is.")
    end_of_term_action: str | None = field(description="What follows: roll, autoDisconnect or autoRenew.")
    roll_interval: SonataDuration | None = field(description="By how much it rolls.")


# ---------------------------------------------------------------------------------------------------- tasks


@strawberry.type(description="A request to cancel an order.")
class SonataCancelRequest:
    """Read from a `mapping_contracts.SonataTask`."""

    task_id: str | None = field(description="The Seller's own ID of it.")
    href: str | None = field(description="Where it can be read at the Seller.")
    state: str | None = field(
        description="acknowledged, inProgress.assessingCharge, done, done.declined or rejected, in Sonata's words."
    )
    reason: str | None = field(description="Why it was asked for.")
    reason_type: str | None = field(description="technical or commercial.")
    denied_reason: str | None = field(description="Why the Seller declined.")
    charge_id: str | None = field(description="The Seller's own ID of the charge for it.")
    contacts: list[SonataContact] | None = field(description="Whom to ask.")


@strawberry.type(description="A request for another date of an item.")
class SonataDeliveryDateRequest:
    """Read from a `mapping_contracts.SonataTask`."""

    task_id: str | None = field(description="The Seller's own ID of it.")
    href: str | None = field(description="Where it can be read at the Seller.")
    state: str | None = field(
        description="acknowledged, inProgress.assessingCharge, done, done.declined or rejected, in Sonata's words."
    )
    item_id: str | None = field(description="Which item of the order.")
    requested_at: datetime | None = field(description="For when it is wanted.")
    expedite: bool | None = field(description="Whether it shall be done faster than usual.")
    created_at: datetime | None = field(description="When the Seller took the request.")


@strawberry.type(description="What only Sonata tells of an order.")
class SonataOrderDetails(OrderDetails):
    """Read from `mapping.SonataOrderDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.SonataOrderDetails)

    href: str | None = field(description="Where it can be read at the Seller.")
    project_id: str | None = field(description="The project that it belongs to.")
    contacts: list[SonataContact] | None = field(description="Whom to ask, on both sides.")
    notes: list[SonataNote] | None = field(description="The notes, with who wrote them and when.")
    cancellation_reason: str | None = field(description="Why it was cancelled.")
    cancellation_charge_ids: list[str] = field(description="The Seller's own IDs of the charges for cancelling it.")

    @field(description="What was asked to cancel it. Needs the extension `cancel`; else there are none.")
    @staticmethod
    async def cancel_requests(
        root: strawberry.Parent[mapping.SonataOrderDetails], info: GraphInfo
    ) -> list[SonataCancelRequest] | None:
        """By loader."""
        return await tasks(root, info, "fetch_cancels")  # pyright: ignore[reportReturnType]  views are shown as such

    @field(
        description="What was asked about the dates of its items. Needs the extension `delivery_date`; else there "
        "are none."
    )
    @staticmethod
    async def delivery_date_requests(
        root: strawberry.Parent[mapping.SonataOrderDetails], info: GraphInfo
    ) -> list[SonataDeliveryDateRequest] | None:
        """By loader."""
        return await tasks(root, info, "fetch_dates")  # pyright: ignore[reportReturnType]  views are shown as such


async def tasks(root: domain.View, info: GraphInfo, fetch: str) -> Sequence[mapping_contracts.SonataTask]:
    """The tasks about an order."""
    connector = info.context.accounts[root.origin.account]
    assert isinstance(connector, SonataConnector)
    return await info.context.loaders.load(getattr(connector, fetch), root.ref.joined) or ()


# ---------------------------------------------------------------------------------------------------- items


@strawberry.type(description="How an item waits for another of the same order.")
class SonataCoordinatedAction:
    """Read from a `mapping.Part`."""

    item_id: str | None = field(description="Which item it waits for.")
    dependency: str | None = field(description="How, in Sonata's word such as startToStart.")
    delay: SonataDuration | None = field(description="How long after that.")


@strawberry.type(description="How an item is related to another of the same order.")
class SonataItemRelationship:
    """Read from a `mapping.Part`."""

    item_id: str | None = field(description="Which item.")
    relationship_type: str | None = field(description="How, in a word of the product's specification.")


@strawberry.type(description="How a product is related to one in service.")
class SonataProductRelationship:
    """Read from a `mapping.Part`."""

    product_id: str | None = field(description="The Seller's own ID of that product.")
    href: str | None = field(description="Where it can be read at the Seller.")
    relationship_type: str | None = field(description="How, in a word of the product's specification.")


@strawberry.type(description="The item of a quote that was ordered.")
class SonataQuoteItem:
    """Read from a `mapping.Part`."""

    quote_id: str | None = field(description="The Seller's own ID of the quote.")
    item_id: str | None = field(description="Which item of it.")
    quote_href: str | None = field(description="Where it can be read at the Seller.")


@strawberry.type(description="The item of a product offering qualification that was ordered.")
class SonataQualificationItem:
    """Read from a `mapping.Part`."""

    qualification_id: str | None = field(description="The Seller's own ID of the qualification.")
    item_id: str | None = field(description="Which item of it.")
    alternate_proposal_id: str | None = field(description="The alternative that was chosen.")
    qualification_href: str | None = field(description="Where it can be read at the Seller.")


@strawberry.type(description="Something that was reached on the way to completion.")
class SonataMilestone:
    """Read from a `mapping.Part`."""

    name: str | None = field(description="What, in a word of the product's specification.")
    reached_at: datetime | None = field(description="When.")
    note: str | None = field(description="More about it.")


@strawberry.type(description="Why an item was rejected or failed, in the Seller's form.")
class SonataTerminationError:
    """Read from a `mapping.Part`."""

    code: str | None = field(description="What kind of reason, such as missingProperty.")
    property_path: str | None = field(description="The JSON Pointer of the property that it is about.")
    value: str | None = field(description="The reason.")


@strawberry.type(description="What only Sonata tells of an item.")
class SonataLineItemDetails(LineItemDetails):
    """Read from `mapping.SonataLineItemDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping.SonataLineItemDetails)

    item_id: str | None = field(description="Its ID within the order.")
    action: str | None = field(description="What is done with the product: add, modify or delete.")
    state: str | None = field(description="Where it stands, in Sonata's word.")
    status: OrderStatus = field(description="Where it stands, in the vocabulary of orders.")
    status_changes: list[StatusChange] | None = field(description="Its life so far, the oldest step first.")
    problems: list[OrderProblem] = field(description="Why it was rejected or failed.")
    termination_errors: list[SonataTerminationError] | None = field(description="The same as the Seller wrote it.")
    requested_at: datetime | None = field(description="For when it was wanted.")
    expected_at: datetime | None = field(description="When the Seller expects it to be complete.")
    completed_at: datetime | None = field(description="When it was complete.")
    expedite: bool | None = field(description="Whether it shall be done faster than usual.")
    expedite_accepted: bool | None = field(description="Whether the Seller does so.")
    milestones: list[SonataMilestone] = field(description="What was reached so far.")
    product_id: str | None = field(description="The Seller's own ID of the product in service.")
    product_href: str | None = field(description="Where that product can be read at the Seller.")
    offering_href: str | None = field(description="Where the offering can be read at the Seller.")
    configuration: JSON | None = field(description="How the product shall be, word for word; @type says what is in it.")
    product_relationships: list[SonataProductRelationship] = field(description="Products in service that it needs.")
    places: JSON | None = field(
        description="Where the product is, as a list of objects; @type says what is in each. See `SonataPlaceInput`."
    )
    requested_term: SonataTerm | None = field(description="For how long it was wanted.")
    term: SonataTerm | None = field(description="For how long it was agreed.")
    end_customer_name: str | None = field(description="For whom it is.")
    purchase_order_number: str | None = field(description="The buyer's number of the item.")
    billing_account_id: str | None = field(description="The account that is billed.")
    billing_account_href: str | None = field(description="Where that account can be read at the Seller.")
    agreement_name: str | None = field(description="The agreement that it is ordered under.")
    tsp_restoration_priority: str | None = field(description="The priority of restoration in the US (ATIS-0404001).")
    contacts: list[SonataContact] | None = field(description="Whom to ask, on both sides.")
    notes: list[SonataNote] | None = field(description="The notes, with who wrote them and when.")
    coordinated_actions: list[SonataCoordinatedAction] | None = field(description="How it waits for other items.")
    relationships: list[SonataItemRelationship] | None = field(description="How it is related to other items.")
    quote_item: SonataQuoteItem | None = field(description="The item of a quote.")
    qualification_item: SonataQualificationItem | None = field(description="The item of a qualification.")
    charge_ids: list[str] = field(description="The Seller's own IDs of its charges: see `charges` of the order.")


@strawberry.type(description="What only Sonata tells of a contract.")
class SonataSubscriptionDetails(SubscriptionDetails):
    """Read from `mapping_contracts.SonataSubscriptionDetails`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, mapping_contracts.SonataSubscriptionDetails)

    term: SonataTerm = field(description="For how long, and what follows.")
    product_id: str | None = field(description="The Seller's own ID of the product in service.")
    billing_account_id: str | None = field(description="The account that is billed.")
    agreement_name: str | None = field(description="The agreement that it was ordered under.")
    end_customer_name: str | None = field(description="For whom it is.")


# --------------------------------------------------------------------------------------------------- inputs


@strawberry.input(description="A flat, a berth or the like within a building.")
class SonataSubUnitInput:
    """Becomes a `wire.SubUnit`."""

    type: str = field(description="What it is, such as FLAT.")
    number: str = field(description="Which one.")


@strawberry.input(description="Where something is within a property.")
class SonataSubAddressInput:
    """Becomes a `wire.SubAddress`."""

    building_name: str | None = field(default=UNSET, description="The building's name.")
    level_type: str | None = field(default=UNSET, description="What kind of level, such as floor.")
    level_number: str | None = field(default=UNSET, description="Which level.")
    private_street_name: str | None = field(default=UNSET, description="A street of the property's own.")
    private_street_number: str | None = field(default=UNSET, description="The number in that street.")
    sub_units: list[SonataSubUnitInput] | None = field(default=UNSET, description="Flats and the like.")


@strawberry.input(description="A postal address in fields.")
class SonataAddressInput:
    """Becomes a `wire.Address`."""

    street_name: str = field(description="The street.")
    city: str = field(description="The town.")
    country: str = field(description="The country, by name or code.")
    street_type: str | None = field(default=UNSET, description="What kind of street, such as avenue.")
    street_suffix: str | None = field(default=UNSET, description="What stands behind the street.")
    street_nr: str | None = field(default=UNSET, description="The number, or the first of a range.")
    street_nr_suffix: str | None = field(default=UNSET, description="What stands behind that number.")
    street_nr_last: str | None = field(default=UNSET, description="The last number of a range.")
    street_nr_last_suffix: str | None = field(default=UNSET, description="What stands behind that number.")
    locality: str | None = field(default=UNSET, description="A part of the town.")
    postcode: str | None = field(default=UNSET, description="The postal code.")
    postcode_extension: str | None = field(default=UNSET, description="What follows the postal code.")
    state_or_province: str | None = field(default=UNSET, description="The state or province.")
    associated_geographic_address: JSON | None = field(default=UNSET, description="An address that goes with it.")
    sub_address: SonataSubAddressInput | None = field(default=UNSET, description="Where in the property.")


@strawberry.input(
    description="A place of a product, such as the address of a UNI. `type` says which of the other fields it takes."
)
class SonataPlaceInput:
    """Becomes an entry of `wire.Product.place`."""

    type: SonataPlaceType = field(description="How the place is told.")
    role: str = field(description="The role of the place in the product's specification, such as INSTALL_LOCATION.")
    id: str | None = field(
        default=UNSET,
        description="GEOGRAPHIC_ADDRESS_REF and GEOGRAPHIC_SITE_REF: the Seller's own ID of the address or site.",
    )
    street_name: str | None = field(default=UNSET, description="FIELDED_ADDRESS: the street.")
    street_type: str | None = field(default=UNSET, description="FIELDED_ADDRESS: what kind of street, such as avenue.")
    street_suffix: str | None = field(default=UNSET, description="FIELDED_ADDRESS: a direction, such as N.")
    street_nr: str | None = field(default=UNSET, description="FIELDED_ADDRESS: the number, or the first of a range.")
    street_nr_suffix: str | None = field(default=UNSET, description="FIELDED_ADDRESS: the suffix of that number.")
    street_nr_last: str | None = field(default=UNSET, description="FIELDED_ADDRESS: the last number of a range.")
    street_nr_last_suffix: str | None = field(default=UNSET, description="FIELDED_ADDRESS: the suffix of that number.")
    sub_address: SonataSubAddressInput | None = field(
        default=UNSET, description="FIELDED_ADDRESS: where in the property."
    )
    addr_line1: str | None = field(default=UNSET, description="FORMATTED_ADDRESS: the first line.")
    addr_line2: str | None = field(default=UNSET, description="FORMATTED_ADDRESS: the second line.")
    locality: str | None = field(default=UNSET, description="Both kinds of address: a part of the town.")
    city: str | None = field(default=UNSET, description="Both kinds of address: the town.")
    postcode: str | None = field(default=UNSET, description="Both kinds of address: the postal code.")
    postcode_extension: str | None = field(
        default=UNSET, description="Both kinds of address: what follows the postal code."
    )
    state_or_province: str | None = field(default=UNSET, description="Both kinds of address: the state or province.")
    country: str | None = field(default=UNSET, description="Both kinds of address: the country, by name or code.")
    external_reference_id: str | None = field(default=UNSET, description="GEOGRAPHIC_ADDRESS_LABEL: the code.")
    external_reference_type: str | None = field(
        default=UNSET, description="GEOGRAPHIC_ADDRESS_LABEL: whose code it is, such as CLLI."
    )
    spatial_ref: str | None = field(
        default=UNSET, description="MEF_GEOGRAPHIC_POINT: the reference system, such as WGS84."
    )
    x: str | None = field(default=UNSET, description="MEF_GEOGRAPHIC_POINT: the latitude.")
    y: str | None = field(default=UNSET, description="MEF_GEOGRAPHIC_POINT: the longitude.")
    z: str | None = field(default=UNSET, description="MEF_GEOGRAPHIC_POINT: the elevation.")
    schema_location: str | None = field(
        default=UNSET, description="A JSON Schema of further properties that was agreed with the Seller, by its URI."
    )


@strawberry.input(description="Somebody to talk to.")
class SonataPersonInput:
    """Becomes a `wire.Contact` of a role that is known."""

    name: str = field(description="The person, or the department.")
    email: str = field(description="The e-mail address.")
    phone: str = field(description="The telephone number.")
    phone_extension: str | None = field(default=UNSET, description="The extension.")
    organization: str | None = field(default=UNSET, description="The company.")
    address: SonataAddressInput | None = field(default=UNSET, description="Where to find that person.")


@strawberry.input(description="Somebody with a role in an order or an item.")
class SonataContactInput(SonataPersonInput):
    """Becomes a `wire.Contact`."""

    role: str = field(
        description="Which role: productOrderContact of an order; buyerProductOrderItemContact, "
        "buyerImplementationContact, buyerTechnicalContact, buyerBillingContact, buyerFaultContact and "
        "buyerGDPRContact of an item; or what was agreed with the Seller.",
    )


@strawberry.input(description="A note with an author.")
class SonataNoteInput:
    """Becomes a `wire.Note`."""

    text: str = field(description="What it says.")
    author: str | None = field(default=UNSET, description="Who wrote it; the account's contact if left out.")


@strawberry.input(description="A length of time.")
class SonataDurationInput:
    """Becomes a `wire.Duration`."""

    amount: int = field(description="How many units.")
    units: SonataTimeUnit = field(description="Which units.")


@strawberry.input(description="For how long a product is wanted, and what shall follow.")
class SonataTermInput:
    """Becomes a `wire.Term`."""

    name: str = field(description="What it is called.")
    duration: SonataDurationInput = field(description="How long it is.")
    end_of_term_action: SonataEndOfTermAction = field(description="What follows.")
    roll_interval: SonataDurationInput | None = field(default=UNSET, description="By how much it rolls, if it does.")
    description: str | None = field(default=UNSET, description="More about it.")


@strawberry.input(description="How an item waits for another of the same order.")
class SonataCoordinatedActionInput:
    """Becomes a `wire.CoordinatedAction`."""

    item_id: str = field(description="Which item it waits for.")
    dependency: SonataCoordinationDependency = field(description="How.")
    delay: SonataDurationInput = field(description="How long after that.")


@strawberry.input(description="How an item is related to another of the same order.")
class SonataItemRelationshipInput:
    """Becomes a `wire.Relationship`."""

    item_id: str = field(description="Which item.")
    relationship_type: str = field(description="How, in a word of the product's specification.")


@strawberry.input(description="How a product is related to one in service.")
class SonataProductRelationshipInput:
    """Becomes a `wire.Relationship`."""

    product_id: str = field(description="The Seller's own ID of that product.")
    relationship_type: str = field(description="How, in a word of the product's specification.")


@strawberry.input(description="The item of a quote that is ordered.")
class SonataQuoteItemInput:
    """Becomes a `wire.QuoteItem`."""

    quote_id: str = field(description="The Seller's own ID of the quote.")
    item_id: str = field(description="Which item of it.")


@strawberry.input(description="The item of a product offering qualification that is ordered.")
class SonataQualificationItemInput:
    """Becomes a `wire.QualificationItem`."""

    qualification_id: str = field(description="The Seller's own ID of the qualification.")
    item_id: str = field(description="Which item of it.")
    alternate_proposal_id: str | None = field(default=UNSET, description="The alternative that is chosen.")


@strawberry.input(description="What shall change of an item; only with `updateOrder`.")
class SonataItemChangeInput:
    """Becomes a `wire.ItemUpdate`."""

    line_item_id: strawberry.ID = field(description="Which line of the order.")
    end_customer_name: str | None = field(default=UNSET, description="For whom it is; null clears it.")
    purchase_order_number: str | None = field(default=UNSET, description="Your number of the item; null clears it.")
    contacts: list[SonataContactInput] | None = field(
        default=UNSET, description="New contacts: each takes the place of those with the same role."
    )
    notes: list[SonataNoteInput] | None = field(default=UNSET, description="Notes to add.")


@strawberry.input(description="What only Sonata takes of an order.")
class SonataOrderDetailsInput:
    """Becomes the details of a `commands.OrderRequest` or an `OrderChange`."""

    project_id: str | None = field(default=UNSET, description="The project that it belongs to; null clears it.")
    contacts: list[SonataContactInput] | None = field(
        default=UNSET,
        description="Whom the Seller may ask, with addresses; in place of `contact` if productOrderContact is among "
        "them. On a change, each takes the place of those with the same role.",
    )
    notes: list[SonataNoteInput] | None = field(default=UNSET, description="Notes with authors, added to the others.")
    items: list[SonataItemChangeInput] | None = field(
        default=UNSET, description="What shall change of its items; only with `updateOrder`."
    )


@strawberry.input(description="What only Sonata takes of an item.")
class SonataLineItemDetailsInput:
    """Becomes the details of a `commands.LineRequest`."""

    item_id: str | None = field(default=UNSET, description="Its ID within the order; 1, 2, 3 if left out.")
    action: SonataAction | None = field(default=UNSET, description="What is done with the product; ADD if left out.")
    product_id: str | None = field(
        default=UNSET, description="To MODIFY and DELETE: the Seller's own ID of the product in service."
    )
    configuration: JSON | None = field(
        default=UNSET,
        description="To ADD and MODIFY: how the product shall be, as an object whose @type names the product's "
        "specification. It is sent as it is.",
    )
    configuration_type: str | None = field(
        default=UNSET, description="The @type of `configuration`, which a literal of GraphQL cannot hold."
    )
    product_relationships: list[SonataProductRelationshipInput] | None = field(
        default=UNSET, description="Products in service that it needs."
    )
    places: list[SonataPlaceInput] | None = field(
        default=UNSET,
        description="To ADD and MODIFY: where the product is. A product with a site, such as a UNI, needs one.",
    )
    requested_term: SonataTermInput | None = field(default=UNSET, description="To ADD and MODIFY: for how long.")
    requested_at: datetime | None = field(default=UNSET, description="For when; the order's date if left out.")
    expedite: bool | None = field(default=UNSET, description="Whether it shall be done faster than usual.")
    end_customer_name: str | None = field(default=UNSET, description="For whom it is.")
    purchase_order_number: str | None = field(
        default=UNSET, description="Your number of the item; the order's if left out."
    )
    billing_account_id: str | None = field(
        default=UNSET, description="The account that is billed; the one of the settings if left out."
    )
    agreement_name: str | None = field(default=UNSET, description="The agreement that it is ordered under.")
    tsp_restoration_priority: str | None = field(
        default=UNSET, description="The priority of restoration in the US (ATIS-0404001)."
    )
    contacts: list[SonataContactInput] | None = field(
        default=UNSET, description="Whom the Seller may ask; the order's contact for the roles that are left out."
    )
    notes: list[SonataNoteInput] | None = field(default=UNSET, description="Notes about it.")
    coordinated_actions: list[SonataCoordinatedActionInput] | None = field(
        default=UNSET, description="How it waits for other items."
    )
    relationships: list[SonataItemRelationshipInput] | None = field(
        default=UNSET, description="How it is related to other items."
    )
    quote_item: SonataQuoteItemInput | None = field(default=UNSET, description="The item of a quote.")
    qualification_item: SonataQualificationItemInput | None = field(
        default=UNSET, description="The item of a qualification."
    )


@strawberry.input(description="What only Sonata takes to cancel an order.")
class SonataCancelDetailsInput:
    """Becomes the details of a `commands.CancelRequest`."""

    reason_type: SonataCancellationReasonType | None = field(default=UNSET, description="What kind of reason it is.")
    contact: SonataPersonInput | None = field(
        default=UNSET, description="Whom the Seller may ask about it; the order's contact if left out."
    )


@strawberry.input(description="What only Sonata takes to change an item's date.")
class SonataRequestedDateDetailsInput:
    """Becomes the details of a `commands.DateRequest`."""

    expedite: bool | None = field(
        default=UNSET, description="Whether it shall be done faster than usual; as it is if left out."
    )
