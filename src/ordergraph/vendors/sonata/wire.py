"""MEF LSO Sonata's JSON with its own spelling. Source: MEF 123, Product Order Management API v10.

Each type names the schema that it is. Times are ISO 8601 texts and enum words stay text: the mapping reads
them, so that one of them that cannot be read costs its own field. What a Seller may leave out has a default,
and what has its default is not sent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec


class Wire(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sent and received."""


# -------------------------------------------------------------------------------------- what both sides write


class Note(Wire, frozen=True):
    """`Note`; the Buyer writes only with ``source`` buyer."""

    author: str | None = None
    date: str | None = None
    id: str | None = None
    source: str | None = None
    text: str | None = None


class SubUnit(Wire, frozen=True):
    """`MEFSubUnit`: FLAT 3, SUITE 12."""

    subUnitNumber: str | None = None
    subUnitType: str | None = None


class SubAddress(Wire, frozen=True):
    """`GeographicSubAddress`."""

    buildingName: str | None = None
    levelNumber: str | None = None
    levelType: str | None = None
    privateStreetName: str | None = None
    privateStreetNumber: str | None = None
    subUnit: list[SubUnit | None] | None = None
    """The document renders those inside of items as null."""


class Address(Wire, frozen=True):
    """`FieldedAddress`, here of MEF 121: ``@type``, an associated address, and in answers four fields more."""

    type: str | None = msgspec.field(default=None, name="@type")
    schemaLocation: str | None = msgspec.field(default=None, name="@schemaLocation")
    allowsNewSite: bool | None = None
    associatedGeographicAddress: Any = None
    city: str | None = None
    country: str | None = None
    geographicSubAddress: SubAddress | None = None
    hasPublicSite: bool | None = None
    href: str | None = None
    id: str | None = None
    locality: str | None = None
    postcode: str | None = None
    postcodeExtension: str | None = None
    role: str | None = None
    stateOrProvince: str | None = None
    streetName: str | None = None
    streetNr: str | None = None
    streetNrLast: str | None = None
    streetNrLastSuffix: str | None = None
    streetNrSuffix: str | None = None
    streetSuffix: str | None = None
    streetType: str | None = None


class Contact(Wire, frozen=True):
    """`RelatedContactInformation`: somebody with a role. ``number`` is that of the telephone."""

    emailAddress: str | None = None
    name: str | None = None
    number: str | None = None
    numberExtension: str | None = None
    organization: str | None = None
    postalAddress: Address | None = None
    role: str | None = None


class Duration(Wire, frozen=True):
    """`Duration`, in a `TimeUnit`."""

    amount: int | None = None
    units: str | None = None


class Term(Wire, frozen=True):
    """`MEFItemTerm`."""

    description: str | None = None
    duration: Duration | None = None
    endOfTermAction: str | None = None
    name: str | None = None
    rollInterval: Duration | None = None


class CoordinatedAction(Wire, frozen=True):
    """`MEFOrderItemCoordinatedAction`: how an item waits for another."""

    coordinatedActionDelay: Duration | None = None
    coordinationDependency: str | None = None
    itemId: str | None = None


class Reference(Wire, frozen=True):
    """`ProductOfferingRef`, `MEFProductOrderChargeRef` and the like: an id and where it can be read."""

    id: str | None = None
    href: str | None = None


class Relationship(Wire, frozen=True):
    """`ProductRelationship` (to a product in service) and `OrderItemRelationship` (to another item)."""

    id: str | None = None
    relationshipType: str | None = None
    href: str | None = None


class Product(Wire, frozen=True):
    """`MEFProductRefOrValueOrder`. Configuration and places are kept as they are: ``@type`` says what they hold."""

    href: str | None = None
    id: str | None = None
    place: Any = None
    productConfiguration: Any = None
    productOffering: Reference | None = None
    productRelationship: list[Relationship] | None = None


class QualificationItem(Wire, frozen=True):
    """`ProductOfferingQualificationItemRef`."""

    alternateProductOfferingProposalId: str | None = None
    id: str | None = None
    productOfferingQualificationHref: str | None = None
    productOfferingQualificationId: str | None = None


class QuoteItem(Wire, frozen=True):
    """`MEFQuoteItemRef`."""

    id: str | None = None
    quoteHref: str | None = None
    quoteId: str | None = None


class ItemWrite(Wire, frozen=True):
    """`MEFProductOrderItem_Create`."""

    action: str | None = None
    agreementName: str | None = None
    billingAccount: Reference | None = None
    coordinatedAction: list[CoordinatedAction] | None = None
    endCustomerName: str | None = None
    expediteIndicator: bool | None = None
    id: str | None = None
    note: list[Note] | None = None
    product: Product | None = None
    productOfferingQualificationItem: QualificationItem | None = None
    productOrderItemRelationship: list[Relationship] | None = None
    quoteItem: QuoteItem | None = None
    relatedBuyerPON: str | None = None
    relatedContactInformation: list[Contact] | None = None
    requestedCompletionDate: str | None = None
    requestedItemTerm: Term | None = None
    tspRestorationPriority: str | None = None


class OrderWrite(Wire, frozen=True):
    """`ProductOrder_Create`."""

    externalId: str | None = None
    note: list[Note] | None = None
    productOrderItem: list[ItemWrite] | None = None
    projectId: str | None = None
    relatedContactInformation: list[Contact] | None = None


# ---------------------------------------------------------------------------------------- what the Seller says


class StateChange(Wire, frozen=True):
    """`MEFProductOrderStateChange` and `MEFProductOrderItemStateChange`."""

    changeDate: str | None = None
    changeReason: str | None = None
    state: str | None = None


class Milestone(Wire, frozen=True):
    """`MEFMilestone`; which there are, the product's specification says."""

    date: str | None = None
    name: str | None = None
    note: str | None = None


class TerminationError(Wire, frozen=True):
    """`TerminationError`: why an item was rejected or failed, as in an answer 422."""

    code: str | None = None
    propertyPath: str | None = None
    value: str | None = None


class Item(ItemWrite, frozen=True):
    """`ProductOrderItem`."""

    charge: list[Reference] | None = None
    completionDate: str | None = None
    expectedCompletionDate: str | None = None
    expediteAcceptedIndicator: bool | None = None
    itemTerm: list[Term] | None = None
    """One at most, although a list."""
    milestone: list[Milestone] | None = None
    state: str | None = None
    stateChange: list[StateChange] | None = None
    terminationError: list[TerminationError] | None = None


class Row(Wire, frozen=True, kw_only=True):
    """`ProductOrder_Find`: a row of the list."""

    id: str
    cancellationDate: str | None = None
    completionDate: str | None = None
    externalId: str | None = None
    orderDate: str | None = None
    projectId: str | None = None
    state: str | None = None


class Order(Row, frozen=True, kw_only=True):
    """`ProductOrder`."""

    cancellationCharge: list[Reference] | None = None
    cancellationReason: str | None = None
    href: str | None = None
    note: list[Note] | None = None
    productOrderItem: list[Item] | None = None
    relatedContactInformation: list[Contact] | None = None
    stateChange: list[StateChange] | None = None


# ------------------------------------------------------------------------------------ changing and cancelling


class ItemUpdate(Wire, frozen=True):
    """`MEFProductOrderItem_Update`."""

    endCustomerName: str | msgspec.UnsetType | None = msgspec.UNSET
    id: str | None = None
    note: list[Note] | msgspec.UnsetType = msgspec.UNSET
    relatedBuyerPON: str | msgspec.UnsetType | None = msgspec.UNSET
    relatedContactInformation: list[Contact] | msgspec.UnsetType = msgspec.UNSET


class OrderUpdate(Wire, frozen=True):
    """`ProductOrder_Update`, a JSON merge patch (RFC 7386): null clears, what is left out stays."""

    externalId: str | msgspec.UnsetType | None = msgspec.UNSET
    note: list[Note] | msgspec.UnsetType = msgspec.UNSET
    productOrderItem: list[ItemUpdate] | msgspec.UnsetType = msgspec.UNSET
    projectId: str | msgspec.UnsetType | None = msgspec.UNSET
    relatedContactInformation: list[Contact] | msgspec.UnsetType = msgspec.UNSET


class OrderReference(Wire, frozen=True):
    """`MEFProductOrderRef`."""

    productOrderId: str | None = None
    productOrderHref: str | None = None


class ItemReference(Wire, frozen=True):
    """`MEFProductOrderItemRef`."""

    productOrderHref: str | None = None
    productOrderId: str | None = None
    productOrderItemId: str | None = None


class CancelWrite(Wire, frozen=True):
    """`CancelProductOrder_Create`. The guide's example has ``productOrder.id`` and a note; the schema has not."""

    cancellationReason: str | None = None
    cancellationReasonType: str | None = None
    productOrder: OrderReference | None = None
    relatedContactInformation: list[Contact] | None = None


class Cancel(CancelWrite, frozen=True):
    """`CancelProductOrder`; a row of its list has the id, the order, the state and the type of reason only."""

    cancellationDeniedReason: str | None = None
    charge: Reference | None = None
    href: str | None = None
    id: str | None = None
    state: str | None = None


class DeliveryDateWrite(Wire, frozen=True):
    """`MEFModifyProductOrderItemRequestedDeliveryDate_Create`."""

    expediteIndicator: bool | None = None
    productOrderItem: ItemReference | None = None
    requestedCompletionDate: str | None = None


class DeliveryDate(DeliveryDateWrite, frozen=True):
    """`MEFModifyProductOrderItemRequestedDeliveryDate`."""

    creationDate: str | None = None
    href: str | None = None
    id: str | None = None
    state: str | None = None


# --------------------------------------------------------------------------------------------------- charges


class Money(Wire, frozen=True):
    """`Money`: ``unit`` is a currency of ISO 4217."""

    unit: str | None = None
    value: Decimal | None = None


class Price(Wire, frozen=True):
    """`Price`; the tax rate is in per cent."""

    dutyFreeAmount: Money | None = None
    taxIncludedAmount: Money | None = None
    taxRate: Decimal | None = None


class ChargeItem(Wire, frozen=True):
    """`MEFProductOrderChargeItem`."""

    acceptanceIndicator: str | None = None
    activityType: str | None = None
    blocking: bool | None = None
    id: str | None = None
    note: list[Note] | None = None
    price: Price | None = None
    priceCategory: str | None = None
    priceType: str | None = None
    recurringChargePeriod: str | None = None
    state: str | None = None
    unitOfMeasure: str | None = None


class Charge(Wire, frozen=True, kw_only=True):
    """`MEFProductOrderCharge`: of an order or of an item. A row of its list has no items and no causes."""

    id: str
    cancelProductOrder: Reference | None = None
    chargeItem: list[ChargeItem] | None = None
    creationDate: str | None = None
    href: str | None = None
    modifyProductOrderItemRequestedDeliveryDate: Reference | None = None
    productOrder: OrderReference | None = None
    productOrderItem: ItemReference | None = None
    responseDueDate: str | None = None
    state: str | None = None


class ChargeItemUpdate(Wire, frozen=True):
    """`MEFProductOrderChargeItem_Update`."""

    acceptanceIndicator: str | None = None
    id: str | None = None
    note: list[Note] | None = None


class ChargeUpdate(Wire, frozen=True):
    """`MEFProductOrderCharge_Update`: all items of the charge at once."""

    chargeItem: list[ChargeItemUpdate]


# --------------------------------------------------------------------------------------------- notifications


class HubWrite(Wire, frozen=True):
    """`EventSubscriptionInput`; without a query all events are sent."""

    callback: str
    query: str | None = None


class Hub(Wire, frozen=True):
    """`EventSubscription`."""

    id: str
    callback: str | None = None
    query: str | None = None


class EventPayload(Wire, frozen=True):
    """`ProductOrderEventPayload` and its like: whose event it is, by id."""

    id: str
    buyerId: str | None = None
    href: str | None = None
    milestoneName: str | None = None
    orderItemId: str | None = None
    sellerId: str | None = None


class Event(Wire, frozen=True):
    """`ProductOrderEvent`, `CancelProductOrderEvent`, `ChargeEvent` and the delivery date's."""

    event: EventPayload
    eventType: str
    eventId: str | None = None
    eventTime: str | None = None
