"""MEF LSO Sonata's JSON with its own spelling. Source: MEF 123, Product Order Management API v10.

Each type names the schema that it is. Times are ISO 8601 texts and enum words stay text, so that one that cannot be
read costs its own field. What a Seller may leave out has a default, and what has its default is not sent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import UNSET, UnsetType, field

from ordergraph.vendors.sonata import wire_parts as parts
from ordergraph.vendors.sonata.values import TIME, WORD, SonataAction, SonataCancellationReasonType
from ordergraph.vendors.sonata.wire_parts import Wire
from ordergraph.wire.fields import INLINE, READ_ONLY, GraphName, Input, named

# -------------------------------------------------------------------------------------------------- ordering


class ItemWrite(Wire, frozen=True):
    """What only Sonata takes of an item.

    Schema ``MEFProductOrderItem_Create``.
    """

    action: Annotated[
        str | None,
        "What is done with the product: add, modify or delete.",
        WORD,
        Input(SonataAction, description="What is done with the product; ADD if left out."),
    ] = None
    agreement_name: Annotated[str | None, "The agreement that it is ordered under."] = None
    billing_account: Annotated[parts.BillingAccount | None, INLINE] = None
    coordinated_actions: Annotated[list[parts.CoordinatedAction] | None, "How it waits for other items."] = None
    end_customer_name: Annotated[str | None, "For whom it is."] = None
    expedite: Annotated[bool | None, "Whether it shall be done faster than usual."] = None
    item_id: Annotated[
        str | None, "Its ID within the order.", Input(description="Its ID within the order; 1, 2, 3 if left out.")
    ] = named("id")
    notes: Annotated[list[parts.Note] | None, "Notes about it, with who wrote them and when."] = None
    product: Annotated[parts.Product | None, INLINE] = None
    qualification_item: Annotated[parts.QualificationItem | None, "The item of a qualification."] = None
    relationships: Annotated[list[parts.ItemRelationship] | None, "How it is related to other items."] = None
    quote_item: Annotated[parts.QuoteItem | None, "The item of a quote."] = None
    purchase_order_number: Annotated[
        str | None,
        "The buyer's number of the item.",
        Input(description="Your number of the item; the order's if left out."),
    ] = None
    contacts: Annotated[
        list[parts.Contact] | None,
        "Whom to ask, on both sides.",
        Input(description="Whom the Seller may ask; the order's contact for the roles that are left out."),
    ] = None
    requested_at: Annotated[
        str | None, "For when it was wanted.", TIME, Input(description="For when; the order's date if left out.")
    ] = None
    requested_term: Annotated[
        parts.Term | None, "For how long it was wanted.", Input(description="To ADD and MODIFY: for how long.")
    ] = named("requestedItemTerm")
    tsp_restoration_priority: Annotated[str | None, "The priority of restoration in the US (ATIS-0404001)."] = None


class OrderWrite(Wire, frozen=True):
    """Schema ``ProductOrder_Create``."""

    external_id: str | None = None
    notes: list[parts.Note] | None = None
    items: list[ItemWrite] | None = named("productOrderItem")
    project_id: str | None = None
    contacts: list[parts.Contact] | None = None


# ---------------------------------------------------------------------------------------- what the Seller says


class StateChange(Wire, frozen=True):
    """Schemas ``MEFProductOrderStateChange`` and ``MEFProductOrderItemStateChange``."""

    change_date: str | None = None
    change_reason: str | None = None
    state: str | None = None


class Milestone(Wire, frozen=True):
    """Something that was reached on the way to completion.

    Schema ``MEFMilestone``; which there are, the product's specification says.
    """

    reached_at: Annotated[str | None, "When it was reached.", TIME] = named("date")
    name: Annotated[str | None, "What, in a word of the product's specification."] = None
    note: Annotated[str | None, "More about it."] = None


class TerminationError(Wire, frozen=True):
    """Why an item was rejected or failed, in the Seller's form.

    Schema ``TerminationError``, as in an answer 422.
    """

    code: Annotated[str | None, "What kind of reason, such as missingProperty."] = None
    property_path: Annotated[str | None, "The JSON Pointer of the property that it is about."] = None
    value: Annotated[str | None, "The reason."] = None


class Item(ItemWrite, frozen=True):
    """What only Sonata tells of an item.

    Schema ``ProductOrderItem``.
    """

    charges: list[parts.Reference] | None = named("charge")
    completed_at: Annotated[str | None, "When it was complete.", TIME] = named("completionDate")
    expected_at: Annotated[str | None, "When the Seller expects it to be complete.", TIME] = None
    expedite_accepted: Annotated[bool | None, "Whether the Seller does so."] = named("expediteAcceptedIndicator")
    terms: list[parts.Term] | None = named("itemTerm")
    """One at most, although a list."""
    milestones: list[Milestone] | None = named("milestone")
    state: Annotated[str | None, "Where it stands, in Sonata's word."] = None
    state_changes: list[StateChange] | None = None
    termination_errors: Annotated[list[TerminationError] | None, "The same as the Seller wrote it."] = None


class Order(Wire, frozen=True, kw_only=True):
    """What only Sonata tells of an order.

    Schema ``ProductOrder``; a row of the list, ``ProductOrder_Find``, has the first seven of its properties only.
    """

    id: str
    cancellation_date: str | None = None
    completion_date: str | None = None
    external_id: str | None = None
    order_date: str | None = None
    project_id: Annotated[str | None, "The project that it belongs to."] = None
    state: str | None = None
    cancellation_charges: list[parts.Reference] | None = named("cancellationCharge")
    cancellation_reason: Annotated[str | None, "Why it was cancelled."] = None
    href: Annotated[str | None, "Where it can be read at the Seller."] = None
    notes: Annotated[list[parts.Note] | None, "The notes, with who wrote them and when."] = None
    items: list[Item] | None = named("productOrderItem")
    contacts: Annotated[list[parts.Contact] | None, "Whom to ask, on both sides."] = None
    state_changes: list[StateChange] | None = None


# ------------------------------------------------------------------------------------ changing and cancelling


class ItemUpdate(Wire, frozen=True):
    """What shall change of an item; only with `updateOrder`.

    Schema ``MEFProductOrderItem_Update``.
    """

    end_customer_name: Annotated[str | UnsetType | None, "For whom it is; null clears it."] = UNSET
    id: str | None = None
    notes: Annotated[list[parts.Note] | UnsetType, "Notes to add."] = UNSET
    purchase_order_number: Annotated[str | UnsetType | None, "Your number of the item; null clears it."] = UNSET
    contacts: Annotated[
        list[parts.Contact] | UnsetType, "New contacts: each takes the place of those with the same role."
    ] = UNSET


class OrderUpdate(Wire, frozen=True):
    """What only Sonata takes of an order.

    Schema ``ProductOrder_Update``, a JSON merge patch (RFC 7386): null clears, what is left out stays.
    """

    external_id: str | UnsetType | None = UNSET
    notes: Annotated[list[parts.Note] | UnsetType, "Notes with authors, added to the others."] = UNSET
    items: Annotated[list[ItemUpdate] | UnsetType, "What shall change of its items; only with `updateOrder`."] = field(
        name="productOrderItem", default=UNSET
    )
    project_id: Annotated[str | UnsetType | None, "The project that it belongs to; null clears it."] = UNSET
    contacts: Annotated[
        list[parts.Contact] | UnsetType,
        "Whom the Seller may ask, with addresses; in place of `contact` if productOrderContact is among them. On a "
        "change, each takes the place of those with the same role.",
    ] = UNSET


class OrderReference(Wire, frozen=True):
    """Schema ``MEFProductOrderRef``."""

    product_order_id: str | None = None
    product_order_href: str | None = None


class ItemReference(OrderReference, frozen=True):
    """Schema ``MEFProductOrderItemRef``."""

    item_id: Annotated[str | None, "Which item of the order.", READ_ONLY] = named("productOrderItemId")


class ChargeReference(Wire, frozen=True):
    """Schema ``MEFProductOrderChargeRef``, of a request."""

    charge_id: Annotated[str | None, "The Seller's own ID of the charge for it."] = named("id")
    href: str | None = None


class CancelWrite(Wire, frozen=True):
    """What only Sonata takes to cancel an order.

    Schema ``CancelProductOrder_Create``. The guide's example has ``productOrder.id`` and a note; the schema has not.
    """

    reason: Annotated[str | None, "Why it was asked for.", READ_ONLY] = named("cancellationReason")
    reason_type: Annotated[
        str | None, "What kind of reason it is: technical or commercial.", WORD, Input(SonataCancellationReasonType)
    ] = named("cancellationReasonType")
    product_order: OrderReference | None = None
    contacts: Annotated[list[parts.Contact] | None, "Whom to ask.", READ_ONLY] = None


TASK_STATES = "acknowledged, inProgress.assessingCharge, done, done.declined or rejected, in Sonata's words."


class Cancel(CancelWrite, frozen=True):
    """A request to cancel an order.

    Schema ``CancelProductOrder``; a row of its list has the id, the order, the state and the type of reason only.
    """

    denied_reason: Annotated[str | None, "Why the Seller declined."] = named("cancellationDeniedReason")
    charge: Annotated[ChargeReference | None, INLINE] = None
    href: Annotated[str | None, "Where it can be read at the Seller."] = None
    id: Annotated[str | None, "The Seller's own ID of it.", GraphName("taskId")] = None
    state: Annotated[str | None, TASK_STATES] = None


class DeliveryDateWrite(Wire, frozen=True):
    """What only Sonata takes to change an item's date.

    Schema ``MEFModifyProductOrderItemRequestedDeliveryDate_Create``.
    """

    expedite: Annotated[
        bool | None,
        "Whether it shall be done faster than usual.",
        Input(description="Whether it shall be done faster than usual; as it is if left out."),
    ] = None
    product_order_item: Annotated[ItemReference | None, INLINE] = None
    requested_at: Annotated[str | None, "For when it is wanted.", TIME, READ_ONLY] = None


class DeliveryDate(DeliveryDateWrite, frozen=True):
    """A request for another date of an item.

    Schema ``MEFModifyProductOrderItemRequestedDeliveryDate``.
    """

    created_at: Annotated[str | None, "When the Seller took the request.", TIME] = named("creationDate")
    href: Annotated[str | None, "Where it can be read at the Seller."] = None
    id: Annotated[str | None, "The Seller's own ID of it.", GraphName("taskId")] = None
    state: Annotated[str | None, TASK_STATES] = None


Task = Cancel | DeliveryDate
"""A request that the Seller decides on."""


# --------------------------------------------------------------------------------------------------- charges


class Money(Wire, frozen=True):
    """Schema ``Money``: ``unit`` is a currency of ISO 4217."""

    unit: str | None = None
    value: Decimal | None = None


class Price(Wire, frozen=True):
    """Schema ``Price``; the tax rate is in per cent."""

    duty_free_amount: Money | None = None
    tax_included_amount: Money | None = None
    tax_rate: Decimal | None = None


class ChargeItem(Wire, frozen=True):
    """Schema ``MEFProductOrderChargeItem``."""

    acceptance_indicator: str | None = None
    activity_type: str | None = None
    blocking: bool | None = None
    id: str | None = None
    notes: list[parts.Note] | None = None
    price: Price | None = None
    price_category: str | None = None
    price_type: str | None = None
    recurring_charge_period: str | None = None
    state: str | None = None
    unit_of_measure: str | None = None


class Charge(Wire, frozen=True, kw_only=True):
    """Schema ``MEFProductOrderCharge``: of an order or of an item. A row of its list has no items and no causes."""

    id: str
    cancel_product_order: parts.Reference | None = None
    items: list[ChargeItem] | None = named("chargeItem")
    creation_date: str | None = None
    href: str | None = None
    modify_product_order_item_requested_delivery_date: parts.Reference | None = None
    product_order: OrderReference | None = None
    product_order_item: ItemReference | None = None
    response_due_date: str | None = None
    state: str | None = None


class ChargeItemUpdate(Wire, frozen=True):
    """Schema ``MEFProductOrderChargeItem_Update``."""

    acceptance_indicator: str | None = None
    id: str | None = None
    notes: list[parts.Note] | None = None


class ChargeUpdate(Wire, frozen=True):
    """Schema ``MEFProductOrderCharge_Update``: all items of the charge at once."""

    items: list[ChargeItemUpdate] = field(name="chargeItem")


# --------------------------------------------------------------------------------------------- notifications


class HubWrite(Wire, frozen=True):
    """Schema ``EventSubscriptionInput``; without a query all events are sent."""

    callback: str
    query: str | None = None


class Hub(Wire, frozen=True):
    """Schema ``EventSubscription``."""

    id: str
    callback: str | None = None
    query: str | None = None


class EventPayload(Wire, frozen=True):
    """Schema ``ProductOrderEventPayload`` and its like: whose event it is, by id."""

    id: str
    buyer_id: str | None = None
    href: str | None = None
    milestone_name: str | None = None
    order_item_id: str | None = None
    seller_id: str | None = None


class Event(Wire, frozen=True):
    """Schemas ``ProductOrderEvent``, ``CancelProductOrderEvent``, ``ChargeEvent`` and the delivery date's."""

    event: EventPayload
    event_type: str
    event_id: str | None = None
    event_time: str | None = None
